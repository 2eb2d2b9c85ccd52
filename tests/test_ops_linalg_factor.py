"""Factorizations of matrices against PyTorch: Cholesky, LU, LDL, QR."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.linalg_oracle import agree, draw, positive

POSITIVE: list[Sequence[Any]] = [
    (positive(3, 3),),
    (positive(2, 3, 3, seed=1),),
    (positive(1, 1, seed=2),),
    (positive(2, 1, 4, 4, seed=3),),
    (positive(3, 3, complex=True),),
    (positive(2, 4, 4, complex=True),),
    (np.zeros((0, 0)),),
    (np.zeros((0, 3, 3)),),
]
FACTORS: list[Sequence[Any]] = [
    (draw(3, 2), np.linalg.cholesky(positive(3, 3))),
    (draw(2, 3, 2), np.linalg.cholesky(positive(2, 3, 3))),
    (draw(3, 2), np.linalg.cholesky(positive(2, 3, 3))),
    (draw(1, 1), np.linalg.cholesky(positive(1, 1))),
    (draw(3, 2, complex=True), np.linalg.cholesky(positive(3, 3, complex=True))),
    (draw(2, 4, 1, complex=True), np.linalg.cholesky(positive(2, 4, 4, complex=True))),
]

CASES: dict[str, tuple[Callable[..., Any], list[Sequence[Any]]]] = {
    "linalg.cholesky": (lambda m, a: m.linalg.cholesky(a), POSITIVE),
    "linalg.cholesky upper": (lambda m, a: m.linalg.cholesky(a, upper=True), POSITIVE),
    "cholesky": (lambda m, a: m.cholesky(a), POSITIVE[:5]),
    "cholesky upper": (lambda m, a: a.cholesky(True), POSITIVE[:5]),
    "cholesky_ex": (lambda m, a: m.linalg.cholesky_ex(a), POSITIVE),
    "cholesky_solve": (lambda m, b, l: m.cholesky_solve(b, m.tril(l)), FACTORS),
    "cholesky_solve upper": (lambda m, b, l: b.cholesky_solve(m.triu(l.mT), upper=True), FACTORS),
    "cholesky_inverse": (lambda m, b, l: m.cholesky_inverse(m.tril(l)), FACTORS),
    "cholesky_inverse upper": (lambda m, b, l: m.cholesky_inverse(m.triu(l.mT), upper=True), FACTORS),
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


# ---------------------------------------------------------------------------------------------------------------------
# Cholesky
# ---------------------------------------------------------------------------------------------------------------------
def test_one_triangle_is_read():
    a = positive(3, 3)
    for upper in (False, True):
        other = np.where(np.tri(3, k=-1).T if not upper else np.tri(3, k=-1), np.nan, a)
        np.testing.assert_allclose(
            ag.linalg.cholesky(Tensor(other), upper=upper).data, np.linalg.cholesky(a, upper=upper)
        )


def test_what_is_not_positive_definite_is_named():
    torch = pytest.importorskip("torch")
    a = np.stack([np.eye(3) * 4, np.diag([1.0, 1.0, -1.0]), np.diag([1.0, 0.0, 1.0])])
    with pytest.raises(ag.linalg.LinAlgError, match=r"linalg\.cholesky: matrix 1 of the batch, \(3, 3\), is not") as e:
        ag.linalg.cholesky(Tensor(a))
    assert "leading minor of order 3" in str(e.value)
    x = Tensor(a, requires_grad=True)
    factor, info = ag.linalg.cholesky_ex(x)
    assert info.tolist() == torch.linalg.cholesky_ex(torch.tensor(a)).info.tolist() == [0, 3, 2]
    np.testing.assert_array_equal(factor.data[0], np.eye(3) * 2)
    assert np.isnan(factor.data[1:]).all()
    factor[0].sum().backward()
    assert x.grad is not None
    assert np.isfinite(x.grad.data).all()
