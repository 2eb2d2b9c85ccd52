"""Connectionist temporal classification, against PyTorch and at its edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from tests.torch_oracle import close, compare, normal


def some(time: int, batch: int, classes: int, most: int, blank: int = 0) -> tuple[Any, ...]:
    """Scores, padded labels, how much of each sequence and of its labels counts."""
    rng = np.random.default_rng(time + batch + classes + most + blank)
    labels = rng.integers(0, classes - 1, (batch, most))
    counts = rng.integers(0, most + 1, batch)
    steps = rng.integers(min(2 * most, time), time + 1, batch)
    return normal(time, batch, classes), labels + (labels >= blank), steps, counts


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("rows", [True, False])
@pytest.mark.parametrize("size", [(7, 3, 4, 3), (20, 5, 6, 8, 2), (50, 4, 9, 12, 8), (1, 2, 3, 1), (30, 1, 2, 6, 1)])
def test_behind_log_softmax_it_equals_pytorch(size: tuple[int, ...], rows: bool, reduction: str) -> None:
    torch = pytest.importorskip("torch")
    scores, labels, steps, counts = some(*size)
    if not rows:
        labels = np.concatenate([row[:count] for row, count in zip(labels, counts, strict=True)])
    options = {"blank": size[4] if len(size) > 4 else 0, "reduction": reduction, "zero_infinity": True}

    def theirs(x: Any) -> Any:
        lengths = torch.tensor(steps), torch.tensor(counts)
        return torch.nn.functional.ctc_loss(x.log_softmax(-1), torch.tensor(labels), *lengths, **options)

    compare(lambda x: ag.ctc_loss(x.log_softmax(-1), labels, steps, counts, **options), {"x": scores}, theirs)


def test_one_sequence_equals_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for reduction in ("none", "mean", "sum"):

        def theirs(x: Any, reduction: str = reduction) -> Any:
            lengths = torch.tensor(9), torch.tensor(3)
            labels = torch.tensor([1, 1, 2])
            return torch.nn.functional.ctc_loss(x.log_softmax(-1), labels, *lengths, reduction=reduction)

        def ours(x: Any, reduction: str = reduction) -> Any:
            return ag.ctc_loss(x.log_softmax(-1), ag.tensor([1, 1, 2]), 9, 3, reduction=reduction)

        compare(ours, {"x": normal(9, 4)}, theirs)


def test_the_layer_equals_the_function() -> None:
    scores, labels, steps, counts = some(12, 3, 5, 4, 2)
    x = ag.Tensor(scores).log_softmax(-1)
    for options in ({}, {"reduction": "sum"}, {"zero_infinity": True}):
        layer = nn.CTCLoss(blank=2, **options)
        want = ag.ctc_loss(x, labels, steps, counts, blank=2, **options)
        close(layer(x, ag.Tensor(labels), ag.Tensor(steps), ag.Tensor(counts)).data, want.data, 1e-12, "CTCLoss")
    assert repr(nn.CTCLoss(blank=2)) == "CTCLoss()"
    assert not nn.CTCLoss().state_dict()


def test_what_can_not_be_aligned_has_an_infinite_loss_and_no_gradient() -> None:
    # Two equal labels need a blank between them: three steps of time.
    x = ag.Tensor(normal(3, 2, 3), requires_grad=True)
    losses = ag.ctc_loss(x.log_softmax(-1), np.array([[1, 1], [1, 2]]), (2, 2), (2, 2), reduction="none")
    assert losses.data[0] == np.inf
    assert np.isfinite(losses.data[1])
    losses.sum().backward()
    assert not x.grad.data[:, 0].any()
    assert x.grad.data[:2, 1].any()
    assert np.isfinite(x.grad.data).all()


def test_probabilities_of_zero() -> None:
    x = ag.tensor([[[0.0, -np.inf, -np.inf]], [[-np.inf, 0.0, -np.inf]], [[-np.inf, -0.5, -0.5]]], requires_grad=True)
    loss = ag.ctc_loss(x, ag.tensor([[1]]), (2,), (1,), reduction="sum")
    assert loss.item() == 0
    loss.backward()
    np.testing.assert_array_equal(x.grad.data[:, 0], [[-1, 0, 0], [0, -1, 0], [0, 0, 0]])
    x.grad = None
    ag.ctc_loss(x, ag.tensor([[1]]), (3,), (1,), reduction="sum").backward()
    np.testing.assert_allclose(x.grad.data[:, 0], [[-1, 0, 0], [0, -1, 0], [0, -1, 0]], atol=1e-7)


def test_long_sequences_keep_their_digits() -> None:
    scores, labels, steps, counts = some(2000, 2, 30, 100)
    single = ag.Tensor(scores.astype(np.float32)).log_softmax(-1).data
    have = ag.ctc_loss(ag.Tensor(single), labels, steps, counts, reduction="none")
    want = ag.ctc_loss(ag.Tensor(single.astype(np.float64)), labels, steps, counts, reduction="none")
    np.testing.assert_allclose(have.data, want.data, rtol=1e-7)


def test_it_is_the_same_on_one_thread() -> None:
    scores, labels, steps, counts = some(60, 8, 12, 20)
    threads, results = ag.get_num_threads(), []
    try:
        for count in (1, 2):
            ag.set_num_threads(count)
            x = ag.Tensor(scores, requires_grad=True)
            loss = ag.ctc_loss(x.log_softmax(-1), labels, steps, counts)
            loss.backward()
            results.append((loss.data, x.grad.data))
    finally:
        ag.set_num_threads(threads)
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)
