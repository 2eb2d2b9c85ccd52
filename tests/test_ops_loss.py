"""Losses against PyTorch, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from tests.torch_oracle import compare, normal


def uniform(*shape: int, low: float = 0.05, high: float = 0.95, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(low, high, shape)


def signs(*shape: int) -> np.ndarray:
    return np.where(normal(*shape, seed=5) < 0, -1.0, 1.0)


REDUCTIONS = ("mean", "sum", "none")


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("mse_loss", {}),
        ("l1_loss", {}),
        ("smooth_l1_loss", {}),
        ("smooth_l1_loss", {"beta": 0.4}),
        ("smooth_l1_loss", {"beta": 0.0}),
        ("huber_loss", {}),
        ("huber_loss", {"delta": 0.4}),
        ("kl_div", {"log_target": True}),
        ("poisson_nll_loss", {}),
    ],
)
def test_differences_equal_pytorch(name: str, options: dict[str, Any], reduction: str) -> None:
    for shape in ((4, 5), (7,), (2, 3, 2), ()):
        compare(name, {"x": normal(*shape), "target": normal(*shape, seed=1)}, reduction=reduction, **options)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
def test_weighted_differences_equal_pytorch(name: str, reduction: str) -> None:
    torch = pytest.importorskip("torch")

    weight = uniform(4, 5)
    for dtype in (np.float32, np.float64):
        x, target = normal(4, 5).astype(dtype), normal(4, 5, seed=1).astype(dtype)
        have = getattr(ag, name)(ag.Tensor(x), ag.Tensor(target), reduction=reduction, weight=weight.astype(dtype))
        other = [torch.tensor(a) for a in (x, target, weight.astype(dtype))]
        want = getattr(torch.nn.functional, name)(*other[:2], reduction=reduction, weight=other[2])
        np.testing.assert_allclose(have.data, want.numpy(), rtol=1e-5 if dtype == np.float32 else 1e-10)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_cross_entropy_equals_pytorch(reduction: str) -> None:
    x, target = uniform(4, 5), uniform(4, 5, seed=2)
    compare("binary_cross_entropy", {"x": x, "target": target}, reduction=reduction)


def test_binary_cross_entropy_of_certainty_equals_pytorch() -> None:
    torch = pytest.importorskip("torch")

    x, target = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
    ours, theirs = ag.Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    have = ag.binary_cross_entropy(ours, ag.Tensor(target), reduction="none")
    want = torch.nn.functional.binary_cross_entropy(theirs, torch.tensor(target), reduction="none")
    assert have.tolist() == want.tolist() == [0, 0, 100, 100]
    have.sum().backward()
    want.sum().backward()
    np.testing.assert_allclose(ours.grad.data, theirs.grad.numpy(), rtol=1e-7)  # PyTorch's 1e-12 is a float32


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_cross_entropy_with_weights_equals_pytorch(reduction: str) -> None:
    torch = pytest.importorskip("torch")

    x, target, weight, pos_weight = normal(4, 5) * 30, uniform(4, 5), uniform(5), uniform(5, high=3.0)
    compare("binary_cross_entropy_with_logits", {"x": x, "target": target}, reduction=reduction)
    for name, first in (("binary_cross_entropy_with_logits", x), ("binary_cross_entropy", uniform(4, 5, seed=3))):
        options = {"pos_weight": pos_weight} if "logits" in name else {}
        ours = ag.Tensor(first, requires_grad=True)
        have = getattr(ag, name)(ours, ag.Tensor(target), weight=weight, reduction=reduction, **options)
        theirs = torch.tensor(first, requires_grad=True)
        others = {key: torch.tensor(value) for key, value in options.items()}
        want = getattr(torch.nn.functional, name)(
            theirs, torch.tensor(target), weight=torch.tensor(weight), reduction=reduction, **others
        )
        np.testing.assert_allclose(have.data, want.detach().numpy(), rtol=1e-10)
        have.sum().backward()
        want.sum().backward()
        np.testing.assert_allclose(ours.grad.data, theirs.grad.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("reduction", ["batchmean", *REDUCTIONS])
def test_divergence_equals_pytorch(reduction: str) -> None:
    compare("kl_div", {"x": normal(4, 5), "target": uniform(4, 5)}, reduction=reduction)


def test_the_divergence_of_what_is_impossible_on_both_sides_is_zero() -> None:
    x = ag.tensor([-np.inf, 0.0], requires_grad=True)
    loss = ag.kl_div(x, ag.tensor([0.0, 1.0]), reduction="sum")
    loss.backward()
    assert loss.item() == 0
    assert x.grad.tolist() == [0.0, -1.0]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("full", [False, True])
def test_likelihoods_equal_pytorch(reduction: str, full: bool) -> None:
    counts = np.array([[0.0, 1.0, 2.0], [5.0, 0.5, 9.0]])
    options = {"full": full, "reduction": reduction}

    def constant_target(x: Any, target: Any, **given: Any) -> Any:
        torch = pytest.importorskip("torch")

        return torch.nn.functional.poisson_nll_loss(x, target.detach(), **given)

    compare("poisson_nll_loss", {"x": normal(2, 3), "target": counts}, constant_target, **options)
    compare("poisson_nll_loss", {"x": uniform(2, 3), "target": counts}, constant_target, log_input=False, **options)
    for shape in ((4, 5), (4, 1), (4,)):
        var = uniform(*shape)
        var.flat[0] = 1e-9
        compare("gaussian_nll_loss", {"x": normal(4, 5), "target": normal(4, 5, seed=1), "var": var}, **options)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_margins_equal_pytorch(reduction: str) -> None:
    def constant_last(name: str) -> Any:
        torch = pytest.importorskip("torch")

        return lambda *given, **o: getattr(torch.nn.functional, name)(*given[:-1], given[-1].detach(), **o)

    options = {"reduction": reduction}
    for margin in (0.5, 1.0):
        if margin == 1.0:
            compare(
                "soft_margin_loss",
                {"x": normal(4, 5), "target": signs(4, 5)},
                constant_last("soft_margin_loss"),
                **options,
            )
        for name, arrays in (
            ("hinge_embedding_loss", {"x": normal(4, 5), "target": signs(4, 5)}),
            ("margin_ranking_loss", {"x": normal(4, 5), "y": normal(4, 5, seed=1), "target": signs(4, 5)}),
            ("cosine_embedding_loss", {"x": normal(4, 5), "y": normal(4, 5, seed=1), "target": signs(4)}),
            ("cosine_embedding_loss", {"x": normal(5), "y": normal(5, seed=1), "target": np.array(-1.0)}),
        ):
            compare(name, arrays, constant_last(name), margin=margin, **options)
        triplet = {"anchor": normal(4, 5), "positive": normal(4, 5, seed=1), "negative": normal(4, 5, seed=2)}
        for swap in (False, True):
            compare("triplet_margin_loss", triplet, margin=margin, swap=swap, **options)
            compare("triplet_margin_loss", triplet, margin=margin, swap=swap, p=3.0, **options)
            compare("triplet_margin_with_distance_loss", triplet, margin=margin, swap=swap, **options)


def test_integer_targets_leave_the_dtype() -> None:
    x = ag.tensor([0.5, 1.0], requires_grad=True)
    for name in ("mse_loss", "l1_loss", "huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"):
        assert getattr(ag, name)(x, ag.tensor([0, 1])).dtype == np.float32
        assert getattr(ag, name)(x, ag.tensor([False, True])).dtype == np.float32


# --- Classes ---------------------------------------------------------------------------------------------------------
def scores(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores (N, C, ...) or (C,), and a class for each."""
    axis = min(1, len(shape) - 1)
    rng = np.random.default_rng(3)
    return normal(*shape) * 3, rng.integers(0, shape[axis], shape[:axis] + shape[axis + 1 :])


def compare_weighted(name: str, x: np.ndarray, target: np.ndarray, weight: np.ndarray, **options: Any) -> None:
    torch = pytest.importorskip("torch")
    for dtype, tolerance in ((np.float64, 1e-10), (np.float32, 1e-5)):
        ours = ag.Tensor(x.astype(dtype), requires_grad=True)
        theirs = torch.tensor(x.astype(dtype), requires_grad=True)
        goal = target.astype(dtype) if target.dtype.kind == "f" else target
        have = getattr(ag, name)(ours, ag.Tensor(goal), weight=weight.astype(dtype), **options)
        want = getattr(torch.nn.functional, name)(
            theirs, torch.tensor(goal), weight=torch.tensor(weight.astype(dtype)), **options
        )
        np.testing.assert_allclose(have.data, want.detach().numpy(), rtol=tolerance, atol=tolerance)
        have.sum().backward()
        want.sum().backward()
        np.testing.assert_allclose(ours.grad.data, theirs.grad.numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(5,), (6, 5), (4, 5, 3), (2, 5, 3, 2)])
def test_class_losses_equal_pytorch(shape: tuple[int, ...], reduction: str) -> None:
    x, target = scores(*shape)
    weight = uniform(5)
    for name, options in (
        ("nll_loss", {}),
        ("cross_entropy", {}),
        ("cross_entropy", {"label_smoothing": 0.2}),
    ):
        for ignore_index in (-100, 1):
            given = {"reduction": reduction, "ignore_index": ignore_index, **options}
            if len(shape) == 1 and target == ignore_index:
                continue
            compare(name, {"x": x, "target": target}, **given)
            compare_weighted(name, x, target, weight, **given)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(5,), (6, 5), (4, 5, 3)])
def test_cross_entropy_with_probabilities_equals_pytorch(shape: tuple[int, ...], reduction: str) -> None:
    x, target = normal(*shape), uniform(*shape)
    for smoothing in (0.0, 0.3):
        compare("cross_entropy", {"x": x, "target": target}, reduction=reduction, label_smoothing=smoothing)
        compare_weighted("cross_entropy", x, target, uniform(5), reduction=reduction, label_smoothing=smoothing)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_class_margins_equal_pytorch(reduction: str) -> None:
    for shape in ((5,), (6, 5)):
        x, target = scores(*shape)
        for options in ({}, {"p": 2}, {"margin": 0.3}):
            compare("multi_margin_loss", {"x": x, "target": target}, reduction=reduction, **options)
            compare_weighted("multi_margin_loss", x, target, uniform(5), reduction=reduction, **options)
        several = np.broadcast_to(np.array([3, 0, -1, 4, 0]), shape).copy()
        compare("multilabel_margin_loss", {"x": x, "target": several}, reduction=reduction)
        several = np.broadcast_to(np.array([3, 0, 1, 4, 2]), shape).copy()
        compare("multilabel_margin_loss", {"x": x, "target": several}, reduction=reduction)
        chosen = (uniform(*shape) < 0.5).astype(float)
        compare_weighted("multilabel_soft_margin_loss", x, chosen, uniform(5), reduction=reduction)
        compare("multilabel_soft_margin_loss", {"x": x, "target": chosen}, reduction=reduction)


def test_ignored_rows_have_no_gradient_whatever_they_hold() -> None:
    x = ag.tensor([[1.0, 2.0], [np.nan, np.inf], [-np.inf, -np.inf]], requires_grad=True)
    loss = ag.cross_entropy(x, ag.tensor([0, -100, -100]))
    loss.backward()
    assert loss.item() == pytest.approx(np.log1p(np.e))
    assert x.grad.tolist()[1:] == [[0, 0], [0, 0]]
    assert np.isnan(ag.cross_entropy(x, ag.tensor([-100, -100, -100])).item())


def test_cross_entropy_does_not_overflow() -> None:
    x = ag.tensor([[1e4, 0.0, -1e4]], requires_grad=True)
    loss = ag.cross_entropy(x, ag.tensor([2]))
    loss.backward()
    assert loss.item() == 2e4
    assert x.grad.tolist() == [[1, 0, -1]]
    half = ag.cross_entropy(ag.tensor([[100.0, 0.0]]).half(), ag.tensor([0]))
    assert half.dtype == np.float16
    assert half.item() == 0


def test_one_class_dtype_is_as_good_as_another() -> None:
    x, target = scores(6, 5)
    expected = ag.cross_entropy(ag.Tensor(x), target).item()
    for dtype in (np.uint8, np.int32, np.int8):
        assert ag.cross_entropy(ag.Tensor(x), ag.Tensor(target.astype(dtype))).item() == expected
    assert ag.cross_entropy(ag.Tensor(x), target.tolist()).item() == expected
