"""The factorization P L D L' of symmetric matrices that need not be definite (Bunch and Kaufman, 1977)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from .diagonal import diag_embed
from .gathering import take_along_dim
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
from .linalg_solve import inv_ex, solve, solve_triangular
from .matmul import conjugate
from .reduction import values_of


class Factors(NamedTuple):
    """What `linalg.ldl_factor` returns."""

    LD: Any
    pivots: Any


class FactorsAndInfo(NamedTuple):
    """What `linalg.ldl_factor_ex` returns."""

    LD: Any
    pivots: Any
    info: Any


# ---------------------------------------------------------------------------------------------------------------------
# LAPACK's packed form
# ---------------------------------------------------------------------------------------------------------------------
def _factored(name: str, A: np.ndarray, hermitian: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    check_square(name, A)
    dtype = float_dtype(A)
    factor = from_scipy("get_lapack_funcs")("hetrf" if hermitian and dtype.kind == "c" else "sytrf", dtype=dtype)
    LD = np.zeros(A.shape, dtype)
    pivots = np.zeros(A.shape[:-1], np.int32)
    info = np.zeros(A.shape[:-2], np.int32)
    if LD.size:
        infos = info.reshape(-1)
        rows = pivots.reshape(-1, A.shape[-1])
        for i, (matrix, out) in enumerate(zip(flat(A), flat(LD), strict=True)):
            packed, rows[i], infos[i] = factor(np.asarray(matrix, dtype), lower=1)
            out[...] = np.tril(packed)
    return LD, pivots, info


class _Places(NamedTuple):
    """Where in the packed form things lie."""

    source: np.ndarray  # (*, N, N): the row from which each element of L comes
    below: np.ndarray  # (*, N, N): what belongs to L
    beside: np.ndarray  # (*, N, N): what belongs to the blocks of D of two rows, below its diagonal
    swaps: np.ndarray  # (*, N, N): the permutation


def _places(pivots: np.ndarray, dtype: np.dtype) -> _Places:
    """Reads the pivots: positive for a block of one row, a pair of equal negative ones for a block of two."""
    n = pivots.shape[-1]
    shape = (*pivots.shape, n)
    source = np.broadcast_to(np.arange(n)[:, None], shape).copy()
    below = np.broadcast_to(np.tri(n, k=-1, dtype=bool), shape).copy()
    beside = np.zeros(shape, bool)
    order = np.broadcast_to(np.arange(n), pivots.shape).copy()
    for at in np.ndindex(*pivots.shape[:-1]):
        i = 0
        while i < n:
            pivot = int(pivots[at][i])
            row = i if pivot > 0 else i + 1
            pair, swapped = [row, abs(pivot) - 1], [abs(pivot) - 1, row]
            source[at][pair, :i] = source[at][swapped, :i]
            order[at][pair] = order[at][swapped]
            if pivot < 0:
                below[at][i + 1, i] = False
                beside[at][i + 1, i] = True
            i = row + 1
    return _Places(source, below, beside, np.eye(n, dtype=dtype)[order])


def _turned(x: Any, hermitian: Any) -> Any:
    return adjoint_of(x) if hermitian else x.mT


def _parts(LD: Any, places: _Places, hermitian: Any) -> tuple[Any, Any]:
    """L, with ones on its diagonal, and D, with blocks of one or two rows."""
    L = take_along_dim(LD, places.source, -2) * places.below + np.eye(LD.shape[-1], dtype=LD.dtype)
    beside = LD * places.beside
    diagonal = LD.diagonal(0, -2, -1)
    if hermitian:
        diagonal = (diagonal + conjugate(diagonal)) / 2
    return L, diag_embed(diagonal) + beside + _turned(beside, hermitian)


def _by_packed(g: Any, LD: Any, pivots: Any, hermitian: Any) -> Any:
    """The gradient by the matrix.  Of M = L^-1 dA L'^-1 the blocks are dD, and what is below, over D, is L^-1 dL."""
    places = _places(values_of(pivots), LD.dtype)
    L, D = _parts(LD, places, hermitian)
    adjoint = adjoint_of(L)
    by_l = take_along_dim(g, places.source, -2) * places.below
    by_m = (adjoint @ by_l @ adjoint_of(inv_ex(D)[0])) * places.below
    by_m = by_m + g * places.beside + diag_embed(g.diagonal(0, -2, -1))
    found = solve_triangular(adjoint, by_m, True, True, True)
    found = solve_triangular(adjoint_of(_turned(L, hermitian)), found, False, False, True)
    found = places.swaps.mT @ found @ places.swaps
    return absorb_matrices((found + _turned(found, hermitian)) / 2, g)


# ---------------------------------------------------------------------------------------------------------------------
# Operations
# ---------------------------------------------------------------------------------------------------------------------
def _unpacked(LD, pivots, hermitian=False):
    """The matrix that has these factors, block after block from the last."""
    n = LD.shape[-1]
    turn = (lambda x: x.conj().T) if hermitian else (lambda x: x.T)
    out = np.zeros_like(LD)
    for at in np.ndindex(*LD.shape[:-2]):
        A, starts, i = np.zeros_like(LD[at]), [], 0
        while i < n:
            starts.append(i)
            i += 1 if pivots[at][i] > 0 else 2
        for i in reversed(starts):
            size = 1 if pivots[at][i] > 0 else 2
            block = np.tril(LD[at][i : i + size, i : i + size])
            if hermitian:
                block = block - 1j * np.diag(np.diag(block).imag) if block.dtype.kind == "c" else block
            L = np.eye(n, dtype=LD.dtype)
            L[i + size :, i : i + size] = LD[at][i + size :, i : i + size]
            A[i : i + size, i : i + size] = block + turn(np.tril(block, -1))
            A = L @ A @ turn(L)
            row, other = i + size - 1, abs(pivots[at][i]) - 1
            A[[row, other]] = A[[other, row]]
            A[:, [row, other]] = A[:, [other, row]]
        out[at] = A
    return out


@primitive(namespace="linalg", conjugates=True, hermitian="A")
def ldl_factor(A, hermitian=False):
    """A as P L D L^T P^T, packed as LAPACK does.  A: (*, N, N), symmetric -> (LD: (*, N, N), pivots: (*, N))

    D has blocks of one and of two rows, L ones on its diagonal. Only the lower triangle of A is read.
    hermitian: of complex matrices, take A to be Hermitian, and L^H for L^T. pivots: positive for a block of one row,
    a pair of equal negative numbers for one of two, from 1, int32. Unlike PyTorch's, it has a gradient.
    LinAlgError, a ValueError, if D has a 0 on its diagonal.
    """
    LD, pivots, info = _factored("linalg.ldl_factor", A, hermitian)
    if info.any():
        i = int(np.argmax(info.reshape(-1) != 0))
        raise singular("linalg.ldl_factor", A, "linalg.ldl_factor_ex gives its factors.", i)
    return Factors(LD, pivots)


ldl_factor.gradient(A=lambda g, out, hermitian: _by_packed(g[0], out[0], out[1], hermitian))


def _indefinite(draw, *shape: int, complex: bool = False) -> np.ndarray:
    """Hermitian matrices, most with blocks of two rows."""
    x = draw.complex(*shape) if complex else draw(*shape)
    x = x + x.conj().mT
    i = np.arange(shape[-1])
    x[..., i, i] *= 0.05
    return x


@ldl_factor.samples
def _(draw):
    yield Sample(_indefinite(draw, 3, 3))
    yield Sample(_indefinite(draw, 5, 5))
    yield Sample(_indefinite(draw, 2, 4, 4))
    yield Sample(_indefinite(draw, 4, 4), True)
    yield Sample(np.diag([1.0, -2.0, 3.0]))
    yield Sample(draw(0, 0))
    yield Sample(_indefinite(draw, 4, 4, complex=True), hermitian=True)
    yield Sample(_indefinite(draw, 2, 3, 3, complex=True), True)


@ldl_factor.errors
def _(draw):
    yield Sample(draw(3, 4)), ValueError, "needs square matrices"
    yield Sample(np.stack([np.eye(2), np.zeros((2, 2))])), ValueError, "matrix 1 of the batch, (2, 2), is singular"


@primitive(namespace="linalg", conjugates=True, hermitian="A")
def ldl_factor_ex(A, hermitian=False, check_errors=False):
    """As `linalg.ldl_factor`, with an info rather than an error.  A -> (LD: as A, pivots: (*, N), info: (*))

    info: where, from 1, D has a block that is 0; 0 if nowhere. int32. check_errors: raise after all.
    """
    LD, pivots, info = _factored("linalg.ldl_factor_ex", A, hermitian)
    if check_errors and info.any():
        i = int(np.argmax(info.reshape(-1) != 0))
        raise singular("linalg.ldl_factor_ex", A, "Leave check_errors=False to get its factors.", i)
    return FactorsAndInfo(LD, pivots, info)


ldl_factor_ex.gradient(A=lambda g, out, hermitian: _by_packed(g[0], out[0], out[1], hermitian))


@ldl_factor_ex.samples
def _(draw):
    yield Sample(_indefinite(draw, 3, 3))
    yield Sample(_indefinite(draw, 2, 4, 4), check_errors=True)
    yield Sample(np.zeros((2, 2), int))
    yield Sample(draw(0, 2, 2))
    yield Sample(_indefinite(draw, 4, 4, complex=True), hermitian=True)


ldl_factor_ex.errors(
    lambda draw: [(Sample(np.zeros((2, 2)), check_errors=True), ValueError, "the matrix, (2, 2), is singular")]
)


def _solve_reference(LD, pivots, B, hermitian=False):
    A = _unpacked(LD, pivots, hermitian)
    return np.linalg.inv(A) @ B


@composite(namespace="linalg", reference=_solve_reference)
def ldl_solve(LD, pivots, B, hermitian=False):
    """The solution X of A X = B, given `linalg.ldl_factor` of A.  LD: (*, N, N), pivots: (*, N), B: (*, N, K) -> as B

    hermitian: what was given to `linalg.ldl_factor`.
    """
    check_square("linalg.ldl_solve", LD)
    check_matrices("linalg.ldl_solve", B)
    check_rows("linalg.ldl_solve", LD, B)
    if tuple(pivots.shape) != tuple(LD.shape[:-1]):
        raise ValueError(f"linalg.ldl_solve: pivots {tuple(pivots.shape)} do not belong to LD {tuple(LD.shape)}.")
    places = _places(values_of(pivots), LD.dtype)
    L, D = _parts(LD, places, hermitian)
    X = solve(D, solve_triangular(L, places.swaps @ B, False, True, True))
    return places.swaps.mT @ solve_triangular(_turned(L, hermitian), X, True, True, True)


def _packed(draw, n: int, pivots: list[int], k: int, complex: bool = False) -> tuple[Any, ...]:
    LD = np.tril(draw.complex(n, n) if complex else draw(n, n)) + 3 * np.eye(n)
    return LD, np.array(pivots, np.int32), draw.complex(n, k) if complex else draw(n, k)


@ldl_solve.samples
def _(draw):
    yield Sample(*_packed(draw, 3, [1, 2, 3], 2))
    yield Sample(*_packed(draw, 3, [3, 3, 3], 1))
    yield Sample(*_packed(draw, 4, [-3, -3, 4, 4], 2))
    yield Sample(*_packed(draw, 4, [2, -4, -4, 4], 2), hermitian=True)
    yield Sample(*_packed(draw, 3, [-2, -2, 3], 2, complex=True))
    yield Sample(*_packed(draw, 4, [-3, -3, 3, 4], 2, complex=True), True)
    yield Sample(draw(0, 0), np.zeros(0, np.int32), draw(0, 2))


@ldl_solve.errors
def _(draw):
    yield Sample(draw(3, 3), np.arange(1, 4), draw(2, 2)), ValueError, "(3, 3) has 3 and (2, 2) has 2 rows"
    yield Sample(draw(3, 3), np.arange(1, 3), draw(3, 2)), ValueError, "do not belong to"
