"""The Cholesky factorization of Hermitian positive-definite matrices, and what is solved with it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from .diagonal import tril
from .linalg_matrices import (
    LinAlgError,
    absorb_matrices,
    adjoint_of,
    check_matrices,
    check_rows,
    check_square,
    flat,
    float_dtype,
    from_scipy,
    name_matrix,
)
from .linalg_solve import solve_triangular


class FactorAndInfo(NamedTuple):
    """What `linalg.cholesky_ex` returns."""

    L: Any
    info: Any


def _orders(A: np.ndarray, upper: bool) -> np.ndarray:
    """For each matrix the order of the first leading minor that is not positive; 0 if all are.  (*) of int32"""
    potrf = from_scipy("get_lapack_funcs")("potrf", dtype=float_dtype(A))
    info = np.zeros(A.shape[:-2], np.int32)
    for i, matrix in enumerate(flat(A)):
        info.reshape(-1)[i] = potrf(matrix, lower=not upper)[1] if matrix.size else 0
    return info


def _not_positive(name: str, A: np.ndarray, info: np.ndarray) -> LinAlgError:
    i = int(np.argmax(info.reshape(-1) != 0))
    return LinAlgError(
        f"{name}: {name_matrix(A, i)} is not positive-definite: its leading minor of order {info.reshape(-1)[i]} is "
        f"not positive. Add a small multiple of the identity, as in A + 1e-6 * eye({A.shape[-1]})."
    )


def _factor(name: str, A: np.ndarray, upper: bool, check: bool) -> tuple[np.ndarray, np.ndarray]:
    """The factors, and which of them do not exist."""
    check_square(name, A)
    try:
        return np.linalg.cholesky(A, upper=bool(upper)), np.zeros(A.shape[:-2], np.int32)
    except LinAlgError:
        info = _orders(A, upper)
    if check:
        raise _not_positive(name, A, info)
    bad = (info != 0)[..., None, None]
    factors = np.linalg.cholesky(np.where(bad, np.eye(A.shape[-1], dtype=A.dtype), A), upper=bool(upper))
    return np.where(bad, np.nan, factors), info


def _by_rows(A, upper=False):
    """Row after row, as one does it by hand."""
    A = A.conj().mT if upper else A
    L = np.zeros_like(A)
    for i in range(A.shape[-1]):
        for j in range(i + 1):
            rest = A[..., i, j] - (L[..., i, :j] * L[..., j, :j].conj()).sum(-1)
            L[..., i, j] = np.sqrt(rest) if i == j else rest / L[..., j, j]
    return L.conj().mT if upper else L


@primitive(namespace="linalg", conjugates=True, hermitian="A", aliases=("cholesky",), reference=_by_rows)
def cholesky(A, upper=False):
    """The lower triangular L with L L^H = A, for Hermitian positive-definite A.  A: (*, N, N) -> (*, N, N)

    upper: the factor L^H instead. Only one triangle of A is read: the lower one, or the upper one; the gradient is
    Hermitian. LinAlgError, a ValueError, if a matrix is not positive-definite.

    >>> import autograd
    >>> autograd.linalg.cholesky(autograd.Tensor([[4.0, 2.0], [2.0, 5.0]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    return _factor("linalg.cholesky", A, upper, True)[0]


def _cholesky_gradient(g: Any, L: Any, upper: Any) -> Any:
    """The derivative of the factor, turned around (Murray, Differentiation of the Cholesky decomposition, 2016)."""
    if upper:
        g, L = adjoint_of(g), adjoint_of(L)
    half = tril(adjoint_of(L) @ g)
    half = (half + adjoint_of(tril(half, -1))) / 2
    inner = solve_triangular(L, half, False, False)
    return absorb_matrices(solve_triangular(adjoint_of(L), inner, True), g)


cholesky.gradient(A=lambda g, out, upper: _cholesky_gradient(g, out, upper))


def _positive(draw, *shape: int, complex: bool = False) -> np.ndarray:
    x = draw.complex(*shape) if complex else draw(*shape)
    return x @ x.conj().mT + 2 * np.eye(shape[-1])


def _positives(draw):
    yield Sample(_positive(draw, 3, 3))
    yield Sample(_positive(draw, 3, 3), True)
    yield Sample(_positive(draw, 2, 3, 3))
    yield Sample(_positive(draw, 2, 1, 4, 4), upper=True)
    yield Sample(_positive(draw, 1, 1))
    yield Sample(draw(0, 0))
    yield Sample(draw(0, 2, 2))
    yield Sample(_positive(draw, 3, 3, complex=True))
    yield Sample(_positive(draw, 2, 2, 2, complex=True), upper=True)


cholesky.samples(_positives)


def _wrong(draw):
    yield Sample(draw(3, 4)), ValueError, "needs square matrices"


@cholesky.errors
def _(draw):
    yield from _wrong(draw)
    bad = np.stack([np.eye(3), np.diag([1.0, -1.0, 1.0])])
    yield (
        Sample(bad),
        ValueError,
        "matrix 1 of the batch, (3, 3), is not positive-definite: its leading minor of order 2",
    )


@primitive(
    namespace="linalg",
    conjugates=True,
    hermitian="A",
    reference=lambda A, upper=False, check_errors=False: (_by_rows(A, upper), np.zeros(A.shape[:-2])),
)
def cholesky_ex(A, upper=False, check_errors=False):
    """As `linalg.cholesky`, with NaN rather than an error where A is not positive-definite.  A -> (L: as A, info: (*))

    info: the order of the first leading minor that is not positive; 0 where all is well. int32.
    check_errors: raise after all.
    """
    return FactorAndInfo(*_factor("linalg.cholesky_ex", A, upper, check_errors))


cholesky_ex.gradient(A=lambda g, out, upper: _cholesky_gradient(g[0], out[0], upper))
cholesky_ex.samples(_positives)


@cholesky_ex.errors
def _(draw):
    yield from _wrong(draw)
    yield Sample(-np.eye(3), check_errors=True), ValueError, "leading minor of order 1"


# ---------------------------------------------------------------------------------------------------------------------
# With the factor
# ---------------------------------------------------------------------------------------------------------------------
def _product(L, upper):
    L = np.triu(L).conj().mT if upper else np.tril(L)
    return L @ L.conj().mT


@composite(reference=lambda x, L, upper=False: np.linalg.inv(_product(L, upper)) @ x)
def cholesky_solve(x, L, upper=False):
    """The solution X of A X = x, given the Cholesky factor L of A.  x: (*, N, K), L: (*, N, N) -> (*, N, K)

    upper: whether the factor is the upper one, L^H. Of L one triangle is read.
    """
    check_square("cholesky_solve", L)
    check_matrices("cholesky_solve", x)
    check_rows("cholesky_solve", L, x)
    if upper:
        return solve_triangular(L, solve_triangular(adjoint_of(L), x, False), True)
    return solve_triangular(adjoint_of(L), solve_triangular(L, x, False), True)


@cholesky_solve.samples
def _(draw):
    eye = 4 * np.eye(3)
    yield Sample(draw(3, 2), draw(3, 3) + eye)
    yield Sample(draw(3, 2), draw(3, 3) + eye, True)
    yield Sample(draw(2, 3, 2), draw(3, 3) + eye)
    yield Sample(draw(3, 1), draw(2, 3, 3) + eye, upper=True)
    yield Sample(draw(0, 2), draw(0, 0))
    yield Sample(draw.complex(3, 2), draw.complex(3, 3) + eye)
    yield Sample(draw.complex(3, 2), draw.complex(3, 3) + eye, upper=True)


@cholesky_solve.errors
def _(draw):
    yield Sample(draw(3, 2), draw(3, 4)), ValueError, "needs square matrices"
    yield Sample(draw(2, 2), draw(3, 3)), ValueError, "(3, 3) has 3 and (2, 2) has 2 rows"


@composite(reference=lambda L, upper=False: np.linalg.inv(_product(L, upper)))
def cholesky_inverse(L, upper=False):
    """The inverse of A, given its Cholesky factor.  L: (*, N, N) -> (*, N, N)

    upper: whether the factor is the upper one, L^H. Of L one triangle is read.
    """
    check_square("cholesky_inverse", L)
    eye = np.broadcast_to(np.eye(L.shape[-1], dtype=L.dtype), tuple(L.shape))
    inverse = solve_triangular(L, eye, bool(upper))
    return inverse @ adjoint_of(inverse) if upper else adjoint_of(inverse) @ inverse


@cholesky_inverse.samples
def _(draw):
    eye = 4 * np.eye(3)
    yield Sample(draw(3, 3) + eye)
    yield Sample(draw(3, 3) + eye, True)
    yield Sample(draw(2, 3, 3) + eye)
    yield Sample(draw(0, 0))
    yield Sample(draw.complex(3, 3) + eye)
    yield Sample(draw.complex(2, 3, 3) + eye, upper=True)


@cholesky_inverse.errors
def _(draw):
    yield Sample(draw(3, 4)), ValueError, "needs square matrices"
