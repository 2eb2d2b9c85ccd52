"""Systems of linear equations, inverses, and both for tensors of more axes."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..op import Sample, keep
from .broadcasting import expand
from .diagonal import tril, triu
from .linalg_matrices import (
    LinAlgError,
    absorb_matrices,
    adjoint_of,
    check_batches,
    check_matrices,
    check_rows,
    check_square,
    flat,
    float_dtype,
    from_scipy,
    singular,
    solve_triangles,
)
from .matmul import conjugate
from .shape import axes_of

_LEAST = "linalg.lstsq and linalg.pinv give the solution of least norm; or add a small multiple of the identity."


class SolutionAndInfo(NamedTuple):
    """What `linalg.solve_ex` returns."""

    result: Any
    info: Any


class InverseAndInfo(NamedTuple):
    """What `linalg.inv_ex` returns."""

    inverse: Any
    info: Any


class SolutionAndCoefficients(NamedTuple):
    """What `triangular_solve` returns."""

    solution: Any
    cloned_coefficient: Any


# ---------------------------------------------------------------------------------------------------------------------
# Systems
# ---------------------------------------------------------------------------------------------------------------------
def of_vectors(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether the right sides are vectors: one, or as many as there are matrices."""
    return len(b) == 1 or b == a[:-1]


def _check_system(name: str, A: np.ndarray, B: np.ndarray, left: bool) -> bool:
    """Raises where the shapes do not fit.  Whether the right sides are vectors."""
    check_square(name, A)
    vectors = of_vectors(A.shape, B.shape)
    if vectors and not left:
        raise ValueError(f"{name}: with left=False B is a matrix, and has shape {B.shape}. Give B[None].")
    if vectors:
        B = B[..., None]
    check_matrices(name, B)
    if left:
        check_rows(name, A, B)
    elif A.shape[-1] != B.shape[-1]:
        raise ValueError(f"{name}: numbers of columns differ: {A.shape} has {A.shape[-1]}, {B.shape} {B.shape[-1]}.")
    check_batches(name, A.shape, B.shape)
    return vectors


def _solved(A: np.ndarray, B: np.ndarray, left: bool, vectors: bool) -> np.ndarray:
    """The solution; LinAlgError where a matrix is singular."""
    if vectors:
        return np.linalg.solve(A, B[..., None])[..., 0]
    return np.linalg.solve(A, B) if left else np.ascontiguousarray(np.linalg.solve(A.mT, B.mT).mT)


def _solve_reference(A, B, left=True):
    inverse = np.linalg.inv(A)
    if not left:
        return np.matmul(B, inverse)
    if of_vectors(A.shape, B.shape):
        return np.einsum("...ij,...j->...i", inverse, B)
    return np.matmul(inverse, B)


@primitive(namespace="linalg", conjugates=True, reference=_solve_reference)
def solve(A, B, left=True):
    """The solution X of A X = B, or with `left=False` of X A = B.  A: (*, N, N), B: (*, N, K) or (*, N) -> as B

    B is a vector for each matrix if its shape is (N,) or that of A without the last axis. Batches broadcast.
    LinAlgError, a ValueError, if a matrix is singular.

    >>> import autograd
    >>> a = autograd.Tensor([[2.0, 0.0], [0.0, 4.0]])
    >>> autograd.linalg.solve(a, autograd.Tensor([1.0, 1.0]))
    tensor([0.5000, 0.2500])
    """
    vectors = _check_system("linalg.solve", A, B, left)
    if A.ndim == B.ndim == 2 and len(A) >= _LARGE and left and not vectors and B.size:
        return _with_factors(A, B)
    try:
        return keep(_solved(A, B, left, vectors), factors=None, swaps=None)
    except LinAlgError:
        raise singular("linalg.solve", A, _LEAST) from None


_LARGE = 64  # rows from which on it pays to keep the factors of a matrix for its gradient


def _with_factors(A: np.ndarray, B: np.ndarray) -> keep:
    """The solution, and the factors of the transpose of A: LAPACK reads the rows of A as columns."""
    dtype = float_dtype(A, B)
    getrf, getrs = from_scipy("get_lapack_funcs")(("getrf", "getrs"), dtype=dtype)
    factors, swaps, info = getrf(A.astype(dtype, copy=False).T)
    if info > 0:
        raise singular("linalg.solve", A, _LEAST)
    out = getrs(factors, swaps, B.astype(dtype, copy=False), trans=1)[0]
    return keep(np.ascontiguousarray(out), factors=factors, swaps=swaps)


def _adjoint_solved(g: np.ndarray, factors: np.ndarray, swaps: np.ndarray) -> np.ndarray:
    """The solution of A^H y = g, given what `_with_factors` kept of A."""
    getrs = from_scipy("get_lapack_funcs")("getrs", dtype=factors.dtype)
    return conjugate(getrs(factors, swaps, conjugate(g).astype(factors.dtype, copy=False))[0])


def _system_gradients(solver: Any, g: Any, A: Any, X: Any, left: Any, vectors: bool) -> tuple[Any, Any]:
    """The gradients by A and by B.  B's is the solution of the adjoint system with g on the right."""
    if vectors:
        g, X = g[..., None], X[..., None]
    by_b = absorb_matrices(solver(adjoint_of(A), g, left), g)
    by_a = absorb_matrices(-(by_b @ adjoint_of(X)) if left else -(adjoint_of(X) @ by_b), by_b)
    return by_a, by_b[..., 0] if vectors else by_b


@solve.gradients("A", "B")
def _(g, A, B_shape, out, left, factors, swaps):
    if factors is not None and isinstance(g, np.ndarray):
        by_b = absorb_matrices(_adjoint_solved(g, factors, swaps), g)
        return absorb_matrices(-(by_b @ adjoint_of(out)), by_b), by_b
    return _system_gradients(solve, g, A, out, left, of_vectors(A.shape, B_shape))


def _systems(draw):
    eye = np.eye(3) * 4
    yield Sample(draw(3, 3) + eye, draw(3, 2))
    yield Sample(draw(3, 3) + eye, draw(3))
    yield Sample(draw(2, 3, 3) + eye, draw(2, 3))
    yield Sample(draw(2, 3, 3) + eye, draw(3))
    yield Sample(draw(2, 3, 3) + eye, draw(3, 2))
    yield Sample(draw(3, 3) + eye, draw(2, 3, 2))
    yield Sample(draw(2, 1, 3, 3) + eye, draw(4, 3, 2))
    yield Sample(draw(3, 3) + eye, draw(2, 3), left=False)
    yield Sample(draw(2, 3, 3) + eye, draw(1, 4, 3), left=False)
    yield Sample(draw(0, 0), draw(0, 2))
    yield Sample(draw(0, 3, 3), draw(0, 3, 2))
    yield Sample(draw(3, 3) + eye, draw(3, 0))
    yield Sample(draw.complex(3, 3) + eye, draw.complex(3, 2))
    yield Sample(draw(2, 3, 3) + eye, draw.complex(2, 3))
    yield Sample(draw.complex(3, 3) + eye, draw.complex(2, 3), left=False)


def _wrong_systems(draw):
    yield Sample(draw(3, 4), draw(3, 2)), ValueError, "needs square matrices"
    yield Sample(draw(3, 3), draw(4, 2)), ValueError, "(3, 3) has 3 and (4, 2) has 4 rows"
    yield Sample(draw(2, 3, 3), draw(4, 3, 2)), ValueError, "do not broadcast: (2, 3, 3) and (4, 3, 2)"
    yield Sample(draw(3, 3), draw(3), left=False), ValueError, "B is a matrix"
    yield Sample(draw(3, 3), draw(2, 4), left=False), ValueError, "numbers of columns differ"
    yield Sample(draw(3), draw(3)), ValueError, "last two axes"
    yield Sample(np.ones((3, 3), np.float16), draw(3)), TypeError, "float16"


solve.samples(_systems)


@solve.errors
def _(draw):
    yield from _wrong_systems(draw)
    yield Sample(np.ones((3, 3)), draw(3)), ValueError, "the matrix, (3, 3), is singular"
    batch = np.stack([np.eye(3), np.eye(3), np.ones((3, 3))])
    yield Sample(batch, draw(3, 3)), ValueError, "matrix 2 of the batch, (3, 3), is singular"


def _zero_pivots(A: np.ndarray) -> np.ndarray:
    """For each matrix the number of the first pivot that is 0, counted from 1; 0 if there is none.  (*) of int32"""
    info = np.zeros(A.shape[:-2], np.int32)
    getrf = from_scipy("get_lapack_funcs")("getrf", dtype=float_dtype(A))
    for i, matrix in enumerate(flat(A)):
        info.reshape(-1)[i] = getrf(matrix)[2] if matrix.size else 0
    return info


def _with_info(name: str, A: np.ndarray, compute: Any, check: bool) -> tuple[np.ndarray, np.ndarray]:
    """What `compute` makes of A, with NaN for singular matrices, and which they are."""
    try:
        return compute(A), np.zeros(A.shape[:-2], np.int32)
    except LinAlgError:
        if check:
            raise singular(name, A, _LEAST) from None
    info = _zero_pivots(A)
    bad = (info != 0)[..., None, None]
    return np.where(bad, np.nan, compute(np.where(bad, np.eye(A.shape[-1], dtype=A.dtype), A))), info


@primitive(
    namespace="linalg",
    conjugates=True,
    reference=lambda A, B, left=True: (_solve_reference(A, B, left), np.zeros(A.shape[:-2])),
)
def solve_ex(A, B, left=True, check_errors=False):
    """As `linalg.solve`, with NaN rather than an error for a singular matrix.  A, B -> (result: as B, info: (*))

    info: the number, from 1, of the first pivot that is 0; 0 where the matrix is not singular. int32.
    check_errors: raise for a singular matrix after all.
    """
    vectors = _check_system("linalg.solve_ex", A, B, left)
    B = B[..., None] if vectors else B
    out, info = _with_info("linalg.solve_ex", A, lambda good: _solved(good, B, left, False), check_errors)
    return SolutionAndInfo(out[..., 0] if vectors else out, info)


@solve_ex.gradients("A", "B")
def _(g, A, B_shape, out, left):
    return _system_gradients(lambda *system: solve_ex(*system)[0], g[0], A, out[0], left, of_vectors(A.shape, B_shape))


solve_ex.samples(_systems)


@solve_ex.errors
def _(draw):
    yield from _wrong_systems(draw)
    yield Sample(np.ones((3, 3)), draw(3), True, True), ValueError, "is singular"


# ---------------------------------------------------------------------------------------------------------------------
# Inverses
# ---------------------------------------------------------------------------------------------------------------------
def _inverse_reference(A, check_errors=False):
    return np.linalg.solve(A, np.broadcast_to(np.eye(A.shape[-1]), A.shape)) if A.size else A.copy()


@primitive(namespace="linalg", conjugates=True, aliases=("inverse",), reference=_inverse_reference)
def inv(A):
    """The inverse of square matrices.  A: (*, N, N) -> (*, N, N)

    LinAlgError, a ValueError, if a matrix is singular. To solve equations `linalg.solve` is quicker and more precise.
    """
    check_square("linalg.inv", A)
    try:
        return np.linalg.inv(A)
    except LinAlgError:
        raise singular("linalg.inv", A, _LEAST) from None


def _by_inverse(g: Any, inverse: Any) -> Any:
    """The gradient by a matrix, given that by its inverse."""
    adjoint = adjoint_of(inverse)
    return absorb_matrices(-(adjoint @ g @ adjoint), g)


inv.gradient(A=lambda g, out: _by_inverse(g, out))


def _invertible(draw):
    eye = np.eye(3) * 4
    yield Sample(draw(3, 3) + eye)
    yield Sample(draw(2, 3, 3) + eye)
    yield Sample(draw(2, 1, 2, 2) + eye[:2, :2])
    yield Sample(draw(1, 1) + 4)
    yield Sample(draw(0, 0))
    yield Sample(draw(0, 2, 2))
    yield Sample(draw.complex(3, 3) + eye)
    yield Sample(draw.complex(2, 3, 3) + eye)


inv.samples(_invertible)


@inv.errors
def _(draw):
    yield Sample(draw(3, 4)), ValueError, "needs square matrices"
    yield Sample(draw(3)), ValueError, "last two axes"
    yield Sample(np.zeros((2, 3, 3))), ValueError, "matrix 0 of the batch, (3, 3), is singular"


@primitive(
    namespace="linalg",
    conjugates=True,
    reference=lambda A, check_errors=False: (_inverse_reference(A), np.zeros(A.shape[:-2])),
)
def inv_ex(A, check_errors=False):
    """As `linalg.inv`, with NaN rather than an error for a singular matrix.  A -> (inverse: (*, N, N), info: (*))

    info: the number, from 1, of the first pivot that is 0; 0 where the matrix is not singular. int32.
    check_errors: raise for a singular matrix after all.
    """
    check_square("linalg.inv_ex", A)
    return InverseAndInfo(*_with_info("linalg.inv_ex", A, np.linalg.inv, check_errors))


inv_ex.gradient(A=lambda g, out: _by_inverse(g[0], out[0]))
inv_ex.samples(_invertible)


@inv_ex.errors
def _(draw):
    yield Sample(draw(3, 4)), ValueError, "needs square matrices"
    yield Sample(np.zeros((3, 3)), check_errors=True), ValueError, "is singular"


def _tensorinv_reference(A, ind=2):
    return np.linalg.tensorinv(A, ind)


@composite(namespace="linalg", reference=_tensorinv_reference)
def tensorinv(A, ind=2):
    """The inverse of A as a map between tensors.  A: (I, J) with as many elements in the axes I as in J -> (J, I)

    ind: how many of the first axes are I. `tensordot(tensorinv(A), B, ind)` solves tensordot(A, X) = B.
    """
    if ind <= 0:
        raise ValueError(f"linalg.tensorinv: ind is {ind}. It must be positive.")
    first, last = tuple(A.shape[:ind]), tuple(A.shape[ind:])
    rows, columns = math.prod(first), math.prod(last)
    if rows != columns:
        raise ValueError(
            f"linalg.tensorinv: the first {ind} axes of {tuple(A.shape)} have {rows} elements and the others {columns}."
        )
    return inv(A.reshape((rows, columns))).reshape((*last, *first))


def _wide_eye(*shape: int) -> np.ndarray:
    return np.eye(math.prod(shape) if shape else 1) * 4


@tensorinv.samples
def _(draw):
    yield Sample(draw(2, 3, 6) + _wide_eye(6).reshape(2, 3, 6))
    yield Sample(draw(6, 2, 3) + _wide_eye(6).reshape(6, 2, 3), ind=1)
    yield Sample(draw(4, 4) + _wide_eye(4), 1)
    yield Sample(draw(2, 2, 2, 2) + _wide_eye(4).reshape(2, 2, 2, 2))
    yield Sample(draw.complex(2, 2, 4) + _wide_eye(4).reshape(2, 2, 4))


@tensorinv.errors
def _(draw):
    yield Sample(draw(2, 3, 5)), ValueError, "have 6 elements and the others 5"
    yield Sample(draw(2, 2), 0), ValueError, "must be positive"


@composite(namespace="linalg", reference=lambda A, B, dims=None: np.linalg.tensorsolve(A, B, dims))
def tensorsolve(A, B, dims=None):
    """X with tensordot(A, X, X.ndim) = B.  A: (*B, *X) with as many elements in B as in X, B: (*) -> X

    dims: axes of A that are moved to its end first.
    """
    if dims is not None:
        moved = axes_of(dims, A.ndim, "linalg.tensorsolve")
        A = A.permute((*[i for i in range(A.ndim) if i not in moved], *moved))
    shape = tuple(A.shape[B.ndim :])
    count = math.prod(shape)
    if math.prod(A.shape[: B.ndim]) != count or math.prod(B.shape) != count:
        raise ValueError(
            f"linalg.tensorsolve: A {tuple(A.shape)} must have, in the axes that B {tuple(B.shape)} stands for and in "
            f"the others, as many elements as B."
        )
    return solve(A.reshape((count, count)), B.reshape((count,))).reshape(shape)


@tensorsolve.samples
def _(draw):
    yield Sample(draw(2, 3, 6) + _wide_eye(6).reshape(2, 3, 6), draw(2, 3))
    yield Sample(draw(6, 2, 3) + _wide_eye(6).reshape(6, 2, 3), draw(6))
    yield Sample(draw(2, 2, 2, 2) + _wide_eye(4).reshape(2, 2, 2, 2), draw(2, 2))
    yield Sample(np.moveaxis(draw(2, 3, 6) + _wide_eye(6).reshape(2, 3, 6), -1, 0), draw(2, 3), dims=(0,))
    yield Sample(draw.complex(2, 2, 4) + _wide_eye(4).reshape(2, 2, 4), draw.complex(2, 2))


@tensorsolve.errors
def _(draw):
    yield Sample(draw(2, 3, 5), draw(2, 3)), ValueError, "as many elements as B"


# ---------------------------------------------------------------------------------------------------------------------
# Triangular systems
# ---------------------------------------------------------------------------------------------------------------------
def _triangular_reference(A, B, upper, left=True, unitriangular=False):
    T = np.triu(A) if upper else np.tril(A)
    if unitriangular:
        diagonal = np.arange(T.shape[-1])
        T[..., diagonal, diagonal] = 1
    if not T.size:
        return np.zeros(np.broadcast_shapes(A.shape[:-2], B.shape[:-2]) + B.shape[-2:])
    return _solve_reference(T, B, left)


@primitive(namespace="linalg", conjugates=True, reference=_triangular_reference)
def solve_triangular(A, B, upper, left=True, unitriangular=False):
    """The solution X of A X = B for triangular A, or with `left=False` of X A = B.  A: (*, N, N), B: (*, N, K) -> as B

    upper: whether the upper triangle is read, or the lower.
    unitriangular: take the diagonal to be ones. A zero on the diagonal makes results infinite or NaN, and no error.
    """
    check_square("linalg.solve_triangular", A)
    check_matrices("linalg.solve_triangular", B)
    if not left:
        if A.shape[-1] != B.shape[-1]:
            raise ValueError(
                f"linalg.solve_triangular: numbers of columns differ: {A.shape} has {A.shape[-1]}, {B.shape} "
                f"{B.shape[-1]}."
            )
        check_batches("linalg.solve_triangular", A.shape, B.shape)
        return np.ascontiguousarray(solve_triangles(A.mT, B.mT, not upper, unitriangular).mT)
    check_rows("linalg.solve_triangular", A, B)
    return solve_triangles(A, B, upper, unitriangular)


@solve_triangular.gradients("A", "B")
def _(g, A, out, upper, left, unitriangular, needed):
    by_b = solve_triangular(adjoint_of(A), g, not upper, left, unitriangular)
    if not needed[0]:
        return None, by_b
    by_a = -(by_b @ adjoint_of(out)) if left else -(adjoint_of(out) @ by_b)
    off = int(bool(unitriangular))
    return triu(by_a, off) if upper else tril(by_a, -off), by_b


@solve_triangular.samples
def _(draw):
    eye = np.eye(3) * 4
    yield Sample(draw(3, 3) + eye, draw(3, 2), True)
    yield Sample(draw(3, 3) + eye, draw(3, 2), upper=False)
    yield Sample(draw(3, 3) + eye, draw(2, 3), upper=False, left=False)
    yield Sample(draw(3, 3), draw(3, 2), upper=True, unitriangular=True)
    yield Sample(draw(3, 3), draw(2, 3), upper=False, left=False, unitriangular=True)
    yield Sample(draw(2, 3, 3) + eye, draw(3, 2), upper=True)
    yield Sample(draw(5, 3, 3) + eye, draw(5, 3, 2), upper=True)
    yield Sample(draw(3, 3) + eye, draw(5, 3, 2), upper=False)
    yield Sample(draw(0, 0), draw(0, 2), upper=True)
    yield Sample(draw(0, 2, 2), draw(2, 2), upper=True)
    yield Sample(draw.complex(3, 3) + eye, draw.complex(3, 2), upper=True)
    yield Sample(draw.complex(4, 3, 3) + eye, draw(4, 2, 3), upper=False, left=False)


@solve_triangular.errors
def _(draw):
    yield Sample(draw(3, 4), draw(3, 2), True), ValueError, "needs square matrices"
    yield Sample(draw(3, 3), draw(2, 2), True), ValueError, "has 3 and (2, 2) has 2 rows"
    yield Sample(draw(3, 3), draw(2, 2), True, False), ValueError, "numbers of columns differ"
    yield Sample(draw(3, 3), draw(3), True), ValueError, "last two axes"


def _legacy_reference(x, A, upper=True, transpose=False, unitriangular=False):
    A = A.mT if transpose else A
    return _triangular_reference(A, x, upper != transpose, True, unitriangular), A.mT if transpose else A


@composite(method=True, reference=_legacy_reference)
def triangular_solve(x, A, upper=True, transpose=False, unitriangular=False):
    """As `linalg.solve_triangular`, under an older name.  x: (*, N, K), A: (*, N, N) -> (solution: as x, A)

    transpose: solve with the transpose of A.
    """
    solution = solve_triangular(A.mT if transpose else A, x, upper != transpose, True, unitriangular)
    return SolutionAndCoefficients(solution, expand(A, (*solution.shape[:-2], *A.shape[-2:])) * 1)


@triangular_solve.samples
def _(draw):
    eye = np.eye(3) * 4
    yield Sample(draw(3, 2), draw(3, 3) + eye)
    yield Sample(draw(3, 2), draw(3, 3) + eye, False)
    yield Sample(draw(2, 3, 2), draw(2, 3, 3) + eye, upper=False, transpose=True)
    yield Sample(draw(3, 2), draw(3, 3), unitriangular=True)
    yield Sample(draw.complex(3, 2), draw.complex(3, 3) + eye, transpose=True)
