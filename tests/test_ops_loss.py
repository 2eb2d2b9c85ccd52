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
