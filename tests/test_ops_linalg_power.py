"""Powers, exponentials and products of matrices against PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.linalg_oracle import agree, draw, regular

SQUARE: list[Sequence[Any]] = [
    (draw(3, 3),),
    (draw(2, 3, 3, seed=1),),
    (draw(1, 1, seed=2),),
    (draw(2, 1, 4, 4, seed=3),),
    (draw(3, 3, complex=True),),
    (draw(2, 4, 4, complex=True),),
    (np.zeros((0, 0)),),
    (np.zeros((0, 3, 3)),),
]
REGULAR: list[Sequence[Any]] = [
    (regular(3, 3),),
    (regular(2, 3, 3),),
    (regular(1, 1),),
    (regular(3, 3, complex=True),),
    (regular(2, 2, 2, complex=True),),
]
CHAINS: list[Sequence[Any]] = [
    (draw(2, 3), draw(3, 4), draw(4, 2)),
    (draw(3), draw(3, 4), draw(4, 2)),
    (draw(2, 3), draw(3, 4), draw(4)),
    (draw(3), draw(3, 4), draw(4)),
    (draw(1, 5), draw(5, 2), draw(2, 6)),
    (draw(2, 3, complex=True), draw(3, 4, complex=True), draw(4, complex=True)),
]
VECTORS: list[Sequence[Any]] = [
    (draw(3), draw(3)),
    (draw(2, 3), draw(2, 3)),
    (draw(3, 3), draw(3, 3)),
    (draw(4, 2, 3), draw(1, 2, 3)),
    (draw(2, 3, complex=True), draw(2, 3, complex=True)),
    (np.zeros((0, 3)), np.zeros((0, 3))),
]
CASES: dict[str, tuple[Callable[..., Any], list[Sequence[Any]]]] = {
    "matrix_exp": (lambda m, a: m.matrix_exp(a), SQUARE),
    "linalg.matrix_exp": (lambda m, a: m.linalg.matrix_exp(a), SQUARE),
    "matrix_exp method": (lambda m, a: a.matrix_exp(), SQUARE[:5]),
    "matrix_exp of large": (lambda m, a: m.matrix_exp(a * 5), SQUARE[:5]),
    "matrix_exp of nilpotent": (lambda m, a: m.matrix_exp(m.triu(a, 1)), SQUARE[:5]),
    **{f"matrix_power {n}": (lambda m, a, n=n: m.linalg.matrix_power(a, n), SQUARE) for n in (0, 1, 2, 3, 7, 10)},
    **{f"matrix_power {n}": (lambda m, a, n=n: m.matrix_power(a, n), REGULAR) for n in (-1, -2, -5)},
    "matrix_power method": (lambda m, a: a.matrix_power(3), SQUARE[:5]),
    "multi_dot": (lambda m, a, b, c: m.linalg.multi_dot([a, b, c]), CHAINS),
    "multi_dot of two": (lambda m, a, b, c: m.linalg.multi_dot((a, b)), CHAINS),
    "vecdot": (lambda m, a, b: m.linalg.vecdot(a, b), VECTORS),
    "vecdot along": (lambda m, a, b: m.linalg.vecdot(a, b, dim=0), VECTORS),
    "linalg.cross": (lambda m, a, b: m.linalg.cross(a, b), VECTORS),
    "cross": (lambda m, a, b: m.cross(a, b), VECTORS),
    "linalg.matmul": (lambda m, a, b: m.linalg.matmul(a, b.mT), VECTORS[1:]),
    "linalg.diagonal": (lambda m, a: m.linalg.diagonal(a, offset=1), SQUARE[:6]),
    "linalg.diagonal of others": (lambda m, a: m.linalg.diagonal(a, dim1=0, dim2=1), SQUARE[:6]),
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


def test_a_singular_matrix_to_the_power_0_is_the_identity_and_has_a_gradient():
    x = Tensor(np.full((2, 2), np.nan), requires_grad=True)
    out = ag.linalg.matrix_power(x, 0)
    out.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(out.data, np.eye(2))
    np.testing.assert_array_equal(x.grad.data, np.zeros((2, 2)))
    with pytest.raises(ag.linalg.LinAlgError, match="is singular"):
        ag.linalg.matrix_power(Tensor(np.ones((2, 2))), -1)


def test_the_gradient_of_an_exponential_is_precise_for_gradients_of_any_size():
    a = draw(4, 4)
    want = None
    for scale in (1.0, 1e-30, 1e30):
        x = Tensor(a, requires_grad=True)
        (g,) = ag.grad(ag.matrix_exp(x), x, Tensor(draw(4, 4, seed=1) * scale))
        want = g.data if want is None else want
        np.testing.assert_allclose(g.data / scale, want, rtol=1e-12)
    x = Tensor(np.stack([a, a * np.inf]), requires_grad=True)
    (g,) = ag.grad(ag.matrix_exp(x)[0].sum(), x)
    assert np.isfinite(g.data).all()


def test_a_diagonal_is_a_view():
    x = Tensor(np.zeros((2, 3, 3)))
    ag.linalg.diagonal(x).fill_(1.0)
    assert (x.data == np.eye(3)).all()
