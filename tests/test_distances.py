"""Distances of all pairs of rows: where formulas lose digits, or have no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from tests.torch_oracle import compare

SHAPES = [((3, 4), (2, 4)), ((30, 40), (50, 40)), ((2, 1, 3, 4), (5, 6, 4)), ((4, 1), (9, 1)), ((1, 70), (3, 70))]


def gradient(x: ag.Tensor) -> np.ndarray:
    assert x.grad is not None
    return x.grad.numpy()


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("shapes", SHAPES)
def test_cdist_equals_pytorch(shapes: tuple[tuple[int, ...], ...], p: float) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    arrays = {name: rng.standard_normal(shape) for name, shape in zip("xy", shapes, strict=True)}

    def theirs(x: Any, y: Any) -> Any:
        return torch.cdist(x, y, p, compute_mode="donot_use_mm_for_euclid_dist")

    compare(lambda x, y: ag.cdist(x, y, p), arrays, theirs)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_pdist_equals_pytorch(p: float) -> None:
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).standard_normal((20, 6))
    compare(lambda x: ag.pdist(x, p), {"x": x}, lambda x: torch.nn.functional.pdist(x, p))


def test_rows_that_are_close_together_and_far_from_0_keep_their_digits() -> None:
    x = np.array([[10_000.0, 0.0], [10_001.0, 1.0]], np.float32)
    np.testing.assert_allclose(np.asarray(ag.cdist(x, x)), np.sqrt(np.array([[0, 2], [2, 0]], np.float32)), rtol=1e-6)


@pytest.mark.parametrize("p", [1.0, 2.0])
def test_equal_rows_have_a_gradient_of_0(p: float) -> None:
    x = ag.tensor([[1.0, 2.0], [1.0, 2.0]], requires_grad=True)
    (ag.cdist(x, x, p).sum() + ag.pdist(x, p).sum()).backward()
    np.testing.assert_array_equal(gradient(x), np.zeros((2, 2), np.float32))


@pytest.mark.parametrize("p", [1.0, 2.0])
def test_a_pair_that_is_masked_out_leaves_no_nan(p: float) -> None:
    x = ag.tensor([[1.0, 2.0], [np.inf, np.nan]], requires_grad=True)
    y = ag.tensor([[4.0, 6.0], [0.0, 2.0]], requires_grad=True)
    out = ag.cdist(x, y, p)
    ag.where(np.array([[True, False], [False, False]]), out, 0.0).sum().backward()
    slope = np.array([-3.0, -4.0], np.float32) / (5 if p == 2 else np.array([3, 4], np.float32))
    nothing = np.zeros(2, np.float32)
    np.testing.assert_allclose(gradient(x), np.stack([slope, nothing]), rtol=1e-6)
    np.testing.assert_allclose(gradient(y), np.stack([-slope, nothing]), rtol=1e-6)


def test_gradients_where_squares_overflow() -> None:
    x = ag.tensor([[3e30, 4e30], [3e-38, 4e-38]], requires_grad=True)
    out = ag.cdist(x, np.zeros((1, 2), np.float32))
    np.testing.assert_allclose(out.detach().numpy(), np.array([[5e30], [5e-38]]), rtol=1e-6)
    (out * 100.0).sum().backward()
    np.testing.assert_allclose(gradient(x), np.array([[60.0, 80.0], [60.0, 80.0]]), rtol=1e-6)
