"""Norms and conditions of vectors and matrices against PyTorch, at 0 and at equal values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.linalg_oracle import agree, draw, regular

ARRAYS: list[Sequence[Any]] = [
    (draw(4),),
    (draw(3, 4),),
    (draw(2, 3, 4),),
    (draw(2, 1, 3, 3),),
    (draw(3, 4, complex=True),),
    (draw(2, 3, 3, complex=True),),
]
MATRICES = ARRAYS[1:]
SQUARE: list[Sequence[Any]] = [
    (regular(3, 3),),
    (regular(2, 3, 3),),
    (regular(1, 1),),
    (regular(3, 3, complex=True),),
    (regular(2, 2, seed=5),),
]
ORDERS = (2, 1, 3, 0.5, -1, -2, 2.5, math.inf, -math.inf)


def two_norms(m: Any, a: Any, p: Any) -> Any:
    """The condition: PyTorch's own can not be differentiated by these norms."""
    return m.linalg.matrix_norm(a, p) * m.linalg.matrix_norm(m.linalg.inv(a), p)


CASES: dict[str, tuple[Callable[..., Any], list[Sequence[Any]]]] = {
    **{f"vector_norm {p}": (lambda m, a, p=p: m.linalg.vector_norm(a, p), ARRAYS) for p in ORDERS},
    **{f"vector_norm {p} along": (lambda m, a, p=p: m.linalg.vector_norm(a, p, -1, True), ARRAYS) for p in ORDERS},
    **{f"vector_norm {p} in two": (lambda m, a, p=p: m.linalg.vector_norm(a, p, (0, -1)), MATRICES) for p in ORDERS},
    **{
        f"matrix_norm {p}": (lambda m, a, p=p: m.linalg.matrix_norm(a, p), MATRICES)
        for p in ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf)
    },
    **{
        f"matrix_norm {p} kept": (lambda m, a, p=p: m.linalg.matrix_norm(a, p, (-1, 0), True), MATRICES)
        for p in ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf)
    },
    "vector_norm 0": (lambda m, a: [m.linalg.vector_norm(a, 0, -1).detach(), a * 2], ARRAYS),
    "norm": (lambda m, a: m.linalg.norm(a), ARRAYS),
    "norm 3": (lambda m, a: m.linalg.norm(a, 3, dim=0), ARRAYS),
    "norm nuc": (lambda m, a: m.linalg.norm(a, "nuc", dim=(-1, -2), keepdim=True), MATRICES),
    "norm of a vector or matrix": (lambda m, a: m.linalg.norm(a, 1), [*ARRAYS[:2], ARRAYS[4]]),
    "norm in two": (lambda m, a: m.linalg.norm(a, dim=(0, 1)), MATRICES),
    "root norm nuc": (lambda m, a: m.norm(a, "nuc", dim=(-2, -1)), MATRICES),
    "root norm 3": (lambda m, a: a.norm(3, -1), ARRAYS),
    "root norm 1": (lambda m, a: a.norm(1), ARRAYS),
    **{f"cond {p}": (lambda m, a, p=p: m.linalg.cond(a, p), SQUARE) for p in (None, 2, -2)},
    **{
        f"cond {p}": (lambda m, a, p=p: m.linalg.cond(a, p) if m is ag else two_norms(m, a, p), SQUARE)
        for p in ("fro", "nuc", 1, -1, math.inf, -math.inf)
    },
    "cond of any": (lambda m, a: m.linalg.cond(a), MATRICES),
}


@pytest.mark.parametrize(
    ("call", "arrays"),
    [
        pytest.param(call, arrays, id=f"{name}-{i}")
        for name, (call, all_) in CASES.items()
        for i, arrays in enumerate(all_)
    ],
)
def test_values_gradients_and_second_derivatives_are_pytorchs(call: Callable[..., Any], arrays: Sequence[Any]):
    torch = pytest.importorskip("torch")
    agree(lambda *x: call(ag, *x), lambda *x: call(torch, *x), arrays)


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("complex", [False, True])
def test_gradients_at_0_are_pytorchs_and_0(p: float, complex: bool):
    torch = pytest.importorskip("torch")
    for values in (np.zeros(3), np.array([0.0, 0.0, 2.0, 2.0]), np.array([0.0, -3.0])):
        a = values * (1j if complex else 1)
        x, t = Tensor(a, requires_grad=True), torch.tensor(a, requires_grad=True)
        have = ag.grad(ag.linalg.vector_norm(x, p), x)[0].data
        np.testing.assert_array_equal(have[values == 0], 0)
        if p not in (-1, -2, -math.inf):  # there PyTorch has 0 everywhere, or NaN
            want = torch.autograd.grad(torch.linalg.vector_norm(t, p), t)[0].numpy()
            np.testing.assert_allclose(have, want, rtol=1e-12)


def test_norms_of_matrices_of_zeros_have_finite_gradients():
    for p in ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf):
        x = Tensor(np.zeros((3, 3)), requires_grad=True)
        (g,) = ag.grad(ag.linalg.matrix_norm(x, p), x)
        assert np.isfinite(g.data).all(), p
        y = Tensor(np.eye(3) * 2, requires_grad=True)
        (g,) = ag.grad(ag.linalg.matrix_norm(y, p), y)
        assert np.isfinite(g.data).all(), p


def test_equal_singular_values_share_the_gradient_of_a_spectral_norm():
    torch = pytest.importorskip("torch")
    a = np.diag([2.0, 2.0, 1.0])
    x, t = Tensor(a, requires_grad=True), torch.tensor(a, requires_grad=True)
    ag.linalg.matrix_norm(x, 2).backward()
    torch.linalg.matrix_norm(t, 2).backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.data, t.grad.numpy(), atol=1e-15)
    np.testing.assert_allclose(x.grad.data, np.diag([0.5, 0.5, 0.0]), atol=1e-15)


def test_second_derivative_of_a_nuclear_norm_at_equal_values():
    """PyTorch gives NaN."""
    x = Tensor(np.eye(3) * 2, requires_grad=True)
    v = draw(3, 3)
    (g,) = ag.grad(ag.linalg.matrix_norm(x, "nuc"), x, create_graph=True)
    (h,) = ag.grad((g * v).sum(), x)
    np.testing.assert_allclose(h.data, (v - v.T) / 4, atol=1e-12)


def test_norms_of_nothing():
    torch = pytest.importorskip("torch")
    for shape in ((0, 3), (3, 0), (0, 0), (2, 0, 3)):
        for p in ("fro", "nuc", 1, 2, math.inf):
            have = ag.linalg.matrix_norm(Tensor(np.zeros(shape)), p).data
            np.testing.assert_array_equal(have, torch.linalg.matrix_norm(torch.zeros(shape), p).numpy())


def test_conditions_of_singular_matrices_are_infinite():
    a = np.stack([np.ones((2, 2)), np.eye(2)])
    for p in (None, "fro", "nuc", 1, -1, 2, math.inf):
        x = Tensor(a, requires_grad=True)
        c = ag.linalg.cond(x, p)
        assert (c.data[0] > 1e15, np.isfinite(c.data[1])) == (True, True), p
        (g,) = ag.grad(c[1], x)
        assert np.isfinite(g.data).all(), p
    assert ag.linalg.cond(Tensor(np.zeros((2, 2)))).item() == math.inf


def test_dtype_of_the_computation():
    x = Tensor(np.full(4, 3e19, np.float32), requires_grad=True)
    out = ag.linalg.norm(x, dtype=np.float64)
    assert out.dtype == np.float64
    assert ag.linalg.matrix_norm(x.reshape(2, 2), "nuc", dtype=ag.float64).dtype == np.float64
    np.testing.assert_allclose(out.data, 6e19, rtol=1e-6)
