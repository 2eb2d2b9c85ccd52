"""Factors of matrices by elimination: P L U, for all matrices."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from ..tensor import Tensor
from .diagonal import tril, triu
from .joining import cat
from .linalg_matrices import (
    absorb_matrices,
    adjoint_of,
    check_matrices,
    check_rows,
    check_square,
    flat,
    float_dtype,
    from_scipy,
    singular,
)
from .linalg_solve import solve_triangular
from .reduction import values_of


class Factors(NamedTuple):
    """What `linalg.lu_factor` returns: L below the diagonal and U in one matrix, and the rows that were swapped."""

    LU: Any
    pivots: Any


class FactorsAndInfo(NamedTuple):
    """What `linalg.lu_factor_ex` returns."""

    LU: Any
    pivots: Any
    info: Any


class Unpacked(NamedTuple):
    """What `linalg.lu` and `lu_unpack` return."""

    P: Any
    L: Any
    U: Any


# ---------------------------------------------------------------------------------------------------------------------
# On arrays
# ---------------------------------------------------------------------------------------------------------------------
def _factored(name: str, A: np.ndarray, pivot: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """L and U in one matrix; the row that each row was swapped with, from 1; the first pivot that is 0, from 1."""
    check_matrices(name, A)
    *batch, m, n = A.shape
    k = min(m, n)
    out = np.array(A, float_dtype(A), order="C")
    pivots = np.broadcast_to(np.arange(1, k + 1, dtype=np.int32), (*batch, k)).copy()
    info = np.zeros(tuple(batch), np.int32)
    if not out.size:
        return out, pivots, info
    if not pivot:
        for i in range(k):
            out[..., i + 1 :, i] /= out[..., i : i + 1, i]
            out[..., i + 1 :, i + 1 :] -= out[..., i + 1 :, i : i + 1] * out[..., i : i + 1, i + 1 :]
        zero = np.diagonal(out, 0, -2, -1) == 0
        return out, pivots, np.where(zero.any(-1), zero.argmax(-1) + 1, 0).astype(np.int32)
    getrf = from_scipy("get_lapack_funcs")("getrf", dtype=out.dtype)
    swaps, infos = pivots.reshape(-1, k), info.reshape(-1)
    for i, matrix in enumerate(flat(out)):
        matrix[...], rows, infos[i] = getrf(matrix)
        swaps[i] = rows + 1
    return out, pivots, info


def _order(pivots: np.ndarray, m: int) -> np.ndarray:
    """The order of the rows after all swaps.  pivots: (*, K), from 1 -> (*, M)"""
    order = np.broadcast_to(np.arange(m), (*pivots.shape[:-1], m)).copy()
    if pivots.size and order.size <= m * m:  # few matrices: one after another, else all of them at once
        for rows, swaps in zip(order.reshape(-1, m), pivots.reshape(-1, pivots.shape[-1]).tolist(), strict=True):
            found = rows.tolist()
            for i, other in enumerate(swaps):
                found[i], found[other - 1] = found[other - 1], found[i]
            rows[...] = found
        return order
    for i in range(pivots.shape[-1]):
        other = pivots[..., i : i + 1] - 1
        chosen = np.take_along_axis(order, other, -1)
        np.put_along_axis(order, other, order[..., i : i + 1], -1)
        order[..., i : i + 1] = chosen
    return order


def _permutation(pivots: np.ndarray, m: int, dtype: Any) -> np.ndarray:
    """The matrices P with A = P L U."""
    return np.ascontiguousarray(np.eye(m, dtype=dtype)[_order(pivots, m)].mT)


# ---------------------------------------------------------------------------------------------------------------------
# Gradients
# ---------------------------------------------------------------------------------------------------------------------
def _parts(LU: Any) -> tuple[Any, Any]:
    """L: (*, M, K), with ones on its diagonal, and U: (*, K, N)."""
    m, n = LU.shape[-2:]
    k = min(m, n)
    below, above = (LU[..., :k], LU) if m > n else (LU[..., :k], LU[..., :k, :])
    return tril(below, -1) + np.eye(m, k, dtype=LU.dtype), triu(above[..., :k, :])


def _by_factors(gL: Any, gU: Any, P: Any, L: Any, U: Any) -> Any:
    """The gradient by P L U.  What L takes of a change is below the diagonal, what U takes on and above it."""
    m, n = L.shape[-2], U.shape[-1]
    k = min(m, n)
    L1, U1 = L[..., :k, :], U[..., :k]
    lower, upper = adjoint_of(L1) @ gL[..., :k, :], gU[..., :k] @ adjoint_of(U1)
    if n > m:
        lower = lower - gU[..., k:] @ adjoint_of(U[..., k:])
    elif m > n:
        upper = upper - adjoint_of(L[..., k:, :]) @ gL[..., k:, :]
    found = solve_triangular(adjoint_of(U1), tril(lower, -1) + triu(upper), False, False)
    if n > m:
        found = cat([found, gU[..., k:]], -1)
    found = solve_triangular(adjoint_of(L1), found, True, True, True)
    if m > n:
        found = cat([found, solve_triangular(adjoint_of(U1), gL[..., k:, :], False, False)], -2)
    return absorb_matrices(P @ found, gL, gU)


def _by_packed(g: Any, LU: Any, pivots: Any) -> Any:
    gL = tril(g[..., : min(g.shape[-2:])], -1)
    P = _permutation(values_of(pivots), g.shape[-2], g.dtype)
    return _by_factors(gL, triu(g[..., : min(g.shape[-2:]), :]), P, *_parts(LU))


# ---------------------------------------------------------------------------------------------------------------------
# Factors
# ---------------------------------------------------------------------------------------------------------------------
def _by_elimination(A, pivot=True):
    """One matrix after another, row by row."""
    k = min(A.shape[-2:])
    out, pivots = A.copy(), np.zeros((*A.shape[:-2], k), int)
    for at in np.ndindex(*A.shape[:-2]):
        for i in range(k):
            best = i + int(np.argmax(np.abs(out[at][i:, i].real) + np.abs(out[at][i:, i].imag))) if pivot else i
            out[at][[i, best]] = out[at][[best, i]]
            pivots[at][i] = best + 1
            for j in range(i + 1, A.shape[-2]):
                out[at][j, i] /= out[at][i, i]
                out[at][j, i + 1 :] -= out[at][j, i] * out[at][i, i + 1 :]
    return out, pivots


@primitive(namespace="linalg", conjugates=True, reference=_by_elimination)
def lu_factor(A, pivot=True):
    """A as P L U, both factors in one matrix.  A: (*, M, N) -> (LU: (*, M, N), pivots: (*, min(M, N)))

    LU: U on and above the diagonal, L, whose diagonal is ones, below. pivots: which row each one was swapped with, in
    turn and from 1, int32. pivot: whether to swap rows; without, it may divide by 0. `lu_unpack` takes it apart.
    LinAlgError, a ValueError, if U has a 0 on the diagonal.
    """
    out, pivots, info = _factored("linalg.lu_factor", A, pivot)
    if info.any():
        i = int(np.argmax(info.reshape(-1) != 0))
        raise singular(
            "linalg.lu_factor",
            A,
            f"U has a 0 at {info.reshape(-1)[i]} on its diagonal: linalg.lu_factor_ex takes it.",
            i,
        )
    return Factors(out, pivots)


lu_factor.gradient(A=lambda g, out: _by_packed(g[0], out[0], out[1]))


def _any(draw):
    yield Sample(draw(3, 3))
    yield Sample(draw(2, 3, 3))
    yield Sample(draw(3, 5))
    yield Sample(draw(5, 3))
    yield Sample(draw(2, 1, 2, 4))
    yield Sample(draw(0, 0))
    yield Sample(draw(2, 0, 3))
    yield Sample(draw.complex(3, 3))
    yield Sample(draw.complex(4, 3))
    yield Sample(draw(3, 3) + 4 * np.eye(3), pivot=False)
    yield Sample(draw(2, 3, 2) + 4 * np.eye(3, 2), pivot=False)


lu_factor.samples(_any)


@lu_factor.errors
def _(draw):
    yield Sample(draw(3)), ValueError, "last two axes"
    yield Sample(np.stack([np.eye(2), np.ones((2, 2))])), ValueError, "matrix 1 of the batch, (2, 2), is singular"


@primitive(
    namespace="linalg",
    conjugates=True,
    reference=lambda A, pivot=True, check_errors=False: (*_by_elimination(A, pivot), np.zeros(A.shape[:-2])),
)
def lu_factor_ex(A, pivot=True, check_errors=False):
    """As `linalg.lu_factor`, with an info rather than an error.  A -> (LU: as A, pivots, info: (*))

    info: where, from 1, U has the first 0 on its diagonal; 0 if nowhere. int32. check_errors: raise after all.
    """
    out, pivots, info = _factored("linalg.lu_factor_ex", A, pivot)
    if check_errors and info.any():
        i = int(np.argmax(info.reshape(-1) != 0))
        raise singular("linalg.lu_factor_ex", A, "Leave check_errors=False to get the factors.", i)
    return FactorsAndInfo(out, pivots, info)


lu_factor_ex.gradient(A=lambda g, out: _by_packed(g[0], out[0], out[1]))
lu_factor_ex.samples(_any)


@lu_factor_ex.errors
def _(draw):
    yield Sample(draw(3)), ValueError, "last two axes"
    yield Sample(np.zeros((3, 3)), check_errors=True), ValueError, "is singular"


def _unpacked_reference(A, pivot=True):
    packed, pivots = _by_elimination(A, pivot)
    return _taken_apart(packed, pivots, pivot)


def _taken_apart(packed, pivots, pivot=True):
    m, n = packed.shape[-2:]
    k = min(m, n)
    order = np.tile(np.arange(m), (*packed.shape[:-2], 1))
    for at in np.ndindex(*packed.shape[:-2]):
        for i in range(k):
            other = pivots[at][i] - 1
            order[at][i], order[at][other] = order[at][other], order[at][i]
    P = np.zeros((*packed.shape[:-2], m, m))
    for at in np.ndindex(*order.shape):
        P[(*at[:-1], order[at], at[-1])] = 1
    L = np.tril(packed[..., :k], -1) + np.eye(m, k)
    return P if pivot else np.zeros(0), L, np.triu(packed[..., :k, :])


@primitive(namespace="linalg", conjugates=True, reference=_unpacked_reference)
def lu(A, pivot=True):
    """A as the product of a permutation P, a lower and an upper triangular matrix.  A: (*, M, N) -> (P, L, U)

    P: (*, M, M), empty without `pivot`; L: (*, M, K), with ones on its diagonal; U: (*, K, N); K = min(M, N).
    """
    out, pivots, _ = _factored("linalg.lu", A, pivot)
    P = _permutation(pivots, A.shape[-2], out.dtype) if pivot else np.zeros(0, out.dtype)
    return Unpacked(P, *_parts(out))


@lu.gradients("A")
def _(g, out, pivot):
    P, L, U = out
    return (_by_factors(g[1], g[2], P if pivot else np.eye(L.shape[-2], dtype=L.dtype), L, U),)


lu.samples(_any)
lu.errors(lambda draw: [(Sample(draw(3)), ValueError, "last two axes")])


@composite(
    name="lu",
    method=True,
    reference=lambda A, pivot=True, get_infos=False: (
        _by_elimination(A, pivot) + ((np.zeros(A.shape[:-2]),) if get_infos else ())
    ),
)
def packed_lu(A, pivot=True, get_infos=False):
    """As `linalg.lu_factor`, under an older name.  A: (*, M, N) -> (LU, pivots)

    get_infos: return also what `linalg.lu_factor_ex` tells, rather than raise.
    """
    return tuple(lu_factor_ex(A, pivot)) if get_infos else tuple(lu_factor(A, pivot))


@packed_lu.samples
def _(draw):
    yield Sample(draw(3, 3))
    yield Sample(draw(2, 3, 4))
    yield Sample(draw(3, 2), get_infos=True)
    yield Sample(draw.complex(3, 3))
    yield Sample(draw(3, 3) + 4 * np.eye(3), pivot=False)


# ---------------------------------------------------------------------------------------------------------------------
# With the factors
# ---------------------------------------------------------------------------------------------------------------------
def _as_given(array: np.ndarray, like: Any) -> Any:
    """A tensor where tensors were given."""
    return Tensor(array) if isinstance(like, Tensor) else array


def _unpack_reference(LU_data, LU_pivots, unpack_data=True, unpack_pivots=True):
    P, L, U = _taken_apart(LU_data, LU_pivots, unpack_pivots)
    return (P, L, U) if unpack_data else (P, np.zeros(0), np.zeros(0))


@composite(method=False, reference=_unpack_reference)
def lu_unpack(LU_data, LU_pivots, unpack_data=True, unpack_pivots=True):
    """The matrices P, L and U of `linalg.lu_factor`.  LU_data: (*, M, N), LU_pivots: (*, K) -> (P, L, U)

    unpack_data, unpack_pivots: with False, L and U, or P, are empty.
    """
    check_matrices("lu_unpack", LU_data)
    pivots = values_of(LU_pivots)
    if pivots.shape != (*LU_data.shape[:-2], min(LU_data.shape[-2:])):
        raise ValueError(f"lu_unpack: LU_pivots {pivots.shape} do not belong to LU_data {tuple(LU_data.shape)}.")
    nothing = _as_given(np.zeros(0, LU_data.dtype), LU_data)
    P = _as_given(_permutation(pivots, LU_data.shape[-2], LU_data.dtype), LU_data) if unpack_pivots else nothing
    return Unpacked(P, *(_parts(LU_data) if unpack_data else (nothing, nothing)))


@lu_unpack.samples
def _(draw):
    yield Sample(draw(3, 3), np.array([2, 3, 3], np.int32))
    yield Sample(draw(2, 3, 3), np.array([[1, 2, 3], [3, 3, 3]], np.int32))
    yield Sample(draw(3, 2), np.array([2, 3], np.int32))
    yield Sample(draw(2, 3), np.array([2, 2], np.int32), unpack_pivots=False)
    yield Sample(draw(2, 2), np.array([1, 2], np.int32), unpack_data=False)
    yield Sample(draw.complex(3, 3), np.array([3, 2, 3], np.int32))
    yield Sample(draw(0, 0), np.zeros(0, np.int32))


@lu_unpack.errors
def _(draw):
    yield Sample(draw(3, 3), np.array([1, 2])), ValueError, "do not belong to"


def _solve_reference(LU, pivots, B, left=True, adjoint=False):
    P, L, U = _taken_apart(LU, pivots)
    A = P @ L @ U
    inverse = np.linalg.inv(A.conj().mT if adjoint else A)
    return inverse @ B if left else B @ inverse


@composite(namespace="linalg", name="lu_solve", reference=_solve_reference)
def solve_with_factors(LU, pivots, B, left=True, adjoint=False):
    """The solution X of A X = B, or with `left=False` of X A = B, given `linalg.lu_factor` of A.  B: (*, N, K) -> as B

    adjoint: take the conjugate transpose of A.
    """
    check_square("linalg.lu_solve", LU)
    check_matrices("linalg.lu_solve", B)
    check_rows("linalg.lu_solve", LU, B if left else B.mT, "rows" if left else "columns")
    P, L, U = lu_unpack(LU, pivots)
    if adjoint:
        L, U = adjoint_of(L), adjoint_of(U)
    if left and not adjoint:
        return solve_triangular(U, solve_triangular(L, P.mT @ B, False, True, True), True)
    if left:
        return P @ solve_triangular(L, solve_triangular(U, B, False), True, True, True)
    if adjoint:
        return solve_triangular(U, solve_triangular(L, B @ P, True, False, True), False, False)
    return solve_triangular(L, solve_triangular(U, B, True, False), False, False, True) @ P.mT


def _pivoted(draw):
    eye = 4 * np.eye(3)
    for left in (True, False):
        for adjoint in (True, False):
            B = draw(3, 2) if left else draw(2, 3)
            yield Sample(draw(3, 3) + eye, np.array([2, 3, 3], np.int32), B, left, adjoint)
            B = draw.complex(3, 2) if left else draw.complex(2, 3)
            yield Sample(draw.complex(3, 3) + eye, np.array([3, 2, 3], np.int32), B, left=left, adjoint=adjoint)
    yield Sample(draw(2, 3, 3) + eye, np.array([[1, 2, 3], [2, 2, 3]], np.int32), draw(3, 1))
    yield Sample(draw(0, 0), np.zeros(0, np.int32), draw(0, 2))


solve_with_factors.samples(_pivoted)


@solve_with_factors.errors
def _(draw):
    yield Sample(draw(3, 3), np.arange(1, 4), draw(2, 2)), ValueError, "(3, 3) has 3 and (2, 2) has 2 rows"
    yield Sample(draw(3, 4), np.arange(1, 4), draw(3, 2)), ValueError, "needs square matrices"


@composite(
    name="lu_solve", method=True, reference=lambda x, LU_data, LU_pivots: _solve_reference(LU_data, LU_pivots, x)
)
def older_lu_solve(x, LU_data, LU_pivots):
    """As `linalg.lu_solve`, with the right sides first.  x: (*, N, K), LU_data: (*, N, N), LU_pivots: (*, N) -> as x"""
    return solve_with_factors(LU_data, LU_pivots, x)


@older_lu_solve.samples
def _(draw):
    for sample in _pivoted(draw):
        if len(sample.args) == 3 and not sample.kwargs:
            yield Sample(sample.args[2], sample.args[0], sample.args[1])
    yield Sample(draw.complex(3, 2), draw.complex(3, 3) + 4 * np.eye(3), np.array([3, 2, 3], np.int32))
