"""What all operations on matrices share: adjoints, checks of shapes, the error for singular ones, triangles."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..modes import modes
from ..op import functions
from ..walk import has_nan
from .comparison import masked_fill
from .matmul import conjugate
from .reduction import values_of

LinAlgError = np.linalg.LinAlgError  # a ValueError
functions["linalg.LinAlgError"] = LinAlgError


def adjoint_of(x: Any) -> Any:
    """The conjugate transposes.  x: (*, M, N) -> (*, N, M)"""
    return conjugate(x).mT


def absorb_matrices(gradient: Any, *incoming: Any) -> Any:
    """`gradient`, with 0 for a matrix that NaN has come into where all that comes in, of any result, is 0."""
    if modes.strict_nan or not has_nan(values_of(gradient)):
        return gradient
    batch = gradient.ndim - 2
    alive = np.zeros(gradient.shape[:batch], bool)
    for part in incoming:
        if part is not None:
            values = values_of(part)
            alive |= np.any(values, tuple(range(batch, values.ndim)))
    return masked_fill(gradient, ~alive[..., None, None], 0)


def check_matrices(name: str, *arrays: Any) -> None:
    """Raises where one of the arrays has no two axes, or a dtype that LAPACK does not know."""
    for x in arrays:
        if x.ndim < 2:
            raise ValueError(f"{name}: needs matrices in the last two axes, and the shape is {tuple(x.shape)}.")
        if x.dtype.char == "e":
            raise TypeError(f"{name}: LAPACK does not know float16. Convert to float32 first: x.astype('float32').")


def check_square(name: str, x: Any) -> None:
    """Raises where the matrices are not square."""
    check_matrices(name, x)
    if x.shape[-1] != x.shape[-2]:
        raise ValueError(
            f"{name}: needs square matrices, and the last two axes of {tuple(x.shape)} are {x.shape[-2]} and "
            f"{x.shape[-1]} long."
        )


def check_rows(name: str, a: Any, b: Any, what: str = "rows") -> None:
    """Raises where b, of matrices, does not have as many rows as a."""
    if a.shape[-2] != b.shape[-2]:
        raise ValueError(
            f"{name}: numbers of rows differ: {tuple(a.shape)} has {a.shape[-2]} and {tuple(b.shape)} has "
            f"{b.shape[-2]} {what}."
        )
    check_batches(name, a.shape, b.shape)


def check_batches(name: str, a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    """The shape of all axes but the last two, broadcast."""
    try:
        return np.broadcast_shapes(tuple(a[:-2]), tuple(b[:-2]))
    except ValueError:
        raise ValueError(
            f"{name}: the axes before the last two do not broadcast: {tuple(a)} and {tuple(b)}. Make them equal or 1."
        ) from None


def name_matrix(x: np.ndarray, i: int) -> str:
    """Matrix i of those in x, in words."""
    which = "the matrix" if x.ndim == 2 else f"matrix {i} of the batch"
    return f"{which}, {x.shape[-2:]},"


def flat(x: np.ndarray) -> np.ndarray:
    """All axes but the last two as one."""
    return x.reshape(math.prod(x.shape[:-2]), *x.shape[-2:])


def singular(name: str, x: np.ndarray, advice: str, i: int | None = None) -> LinAlgError:
    """The error for matrix i of x, or the first that is singular."""
    return LinAlgError(f"{name}: {name_matrix(x, first_singular(x) if i is None else i)} is singular. {advice}")


def first_singular(x: np.ndarray) -> int:
    """The number of the first matrix that can not be inverted."""
    for i, matrix in enumerate(flat(x)):
        try:
            np.linalg.inv(matrix)
        except LinAlgError:
            return i
    return 0


def float_dtype(*arrays: np.ndarray) -> np.dtype:
    """The dtype that LAPACK computes in."""
    dtype = np.result_type(*arrays)
    return dtype if dtype.kind in "fc" else np.dtype(np.float64)


def from_scipy(name: str) -> Any:
    """A function of scipy.linalg, whose copy of BLAS gets to know the number of threads when it is loaded."""
    loaded = "scipy.linalg" in sys.modules
    import scipy.linalg

    threads = sys.modules.get("autograd.kernels.threads")  # where set_num_threads has been called, there it is
    if not loaded and threads is not None:
        threads.tell_blas()
    return getattr(scipy.linalg, name)


def solve_triangles(a: np.ndarray, b: np.ndarray, upper: bool, unit: bool = False) -> np.ndarray:
    """The solutions of triangular systems; nothing is read of the other triangle.  a: (*, N, N), b: (*, N, K)"""
    dtype = float_dtype(a, b)
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    n, k = b.shape[-2:]
    out = np.empty((*batch, n, k), dtype)
    out[...] = b
    number = math.prod(batch)
    if not out.size:
        return out
    a = a.astype(dtype, copy=False)
    if number > n:
        return _substituted(a, out, upper, unit)
    # In Fortran's order these are the transposes: X' A' = B', with the other triangle.
    trsm = from_scipy("get_blas_funcs")("trsm", dtype=dtype)
    systems = flat(np.broadcast_to(a, (*batch, n, n))) if number > 1 else a.reshape(1, n, n)
    for system, x in zip(systems, flat(out), strict=True):
        x[...] = trsm(1, system.T, x.T, side=1, lower=upper, diag=unit).T
    return out


def _substituted(a: np.ndarray, x: np.ndarray, upper: bool, unit: bool) -> np.ndarray:
    """The same row by row, for all of many small systems at once; x, the right sides, becomes the solution."""
    n = x.shape[-2]
    for i in range(n - 1, -1, -1) if upper else range(n):
        known = slice(i + 1, n) if upper else slice(0, i)
        row = x[..., i : i + 1, :]
        if known.start < known.stop:
            row -= a[..., i : i + 1, known] @ x[..., known, :]
        if not unit:
            row /= a[..., i : i + 1, i : i + 1]
    return x
