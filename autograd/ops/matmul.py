"""Products of matrices and vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import primitive
from ..kernels.crossover import ELEMENTS, choose
from ..op import Sample

# ---------------------------------------------------------------------------------------------------------------------
# On arrays
# ---------------------------------------------------------------------------------------------------------------------
_OWN = "fd"  # dtypes that kernels serve
_SINGLE, _DOUBLE = np.dtype(np.float32), np.dtype(np.float64)


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The matrix product of arrays of 2 or more axes, by whatever serves it best (`kernels.crossover`).

    Naming `kernels.gemm` imports Numba: not for what NumPy computes anyway.
    """
    *batch, m, k = a.shape
    n = b.shape[-1]
    if a.dtype.char in _OWN and a.dtype == b.dtype and k == b.shape[-2]:
        if batch and b.ndim == 2 and a.flags.c_contiguous:  # one tall product rather than many
            return flat_product(a.reshape(math.prod(batch) * m, k), b).reshape(*batch, m, n)
        if b.ndim == 3 and b.strides[0] == 0 and len(b) > 1 and a.ndim == 3 and len(a) == len(b):
            return product(a, b[0])  # one matrix, expanded, as the weights are of which vmap seeks gradients
        count = math.prod(np.broadcast_shapes(tuple(batch), b.shape[:-2])) if batch or b.ndim > 2 else 1
        way = choose(count, m, k, n, a.itemsize)
        if way == "tiles":
            return kernels.gemm.packed_matmul(a, b)
        if way == "vectors":
            return kernels.gemm.product(a, b)
        return np.multiply(a, b) if way == "outer" else np.matmul(a, b)
    if a.dtype.char == b.dtype.char == "e":  # no BLAS for float16, and sums of many float16 lose digits
        return product(a.astype(np.float32), b.astype(np.float32)).astype(np.float16)
    return np.matmul(a, b)


def flat_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """`product` of two matrices whose sizes fit, without looking at what else they might be."""
    dtype = a.dtype
    if (dtype is _SINGLE or dtype is _DOUBLE) and b.dtype is dtype:
        m, k = a.shape
        n = b.shape[1]
        if m * k * n <= ELEMENTS:  # all that `choose` would say of these
            return a.dot(b)
        way = choose(1, m, k, n, dtype.itemsize)
        if way == "blas":
            return a.dot(b)
        if way == "tiles":
            return kernels.gemm.packed_matmul(a, b)
    return product(a, b)


def _with_vectors(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The product of arrays of which one at least is a vector."""
    if max(x.size, y.size) <= ELEMENTS or not x.ndim or not y.ndim:
        return np.matmul(x, y)
    out = product(x if x.ndim > 1 else x[None], y if y.ndim > 1 else y[:, None])
    out = out if x.ndim > 1 else out[..., 0, :]
    return out if y.ndim > 1 else out[..., 0]


def times(a: Any, b: Any) -> Any:
    """The product of two arrays, or of two tensors."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return flat_product(a, b) if a.ndim == b.ndim == 2 else product(a, b)
    return matmul(a, b)


def _check(name: str, a: Any, b: Any) -> None:
    """Raises where the shapes of a product do not fit."""
    if not a.ndim or not b.ndim:
        raise ValueError(
            f"{name}: {a.shape} @ {b.shape} has an operand without axes. Multiply by a number with *, or reshape it."
        )
    inner, other = a.shape[-1], b.shape[-2 if b.ndim > 1 else 0]
    if inner != other:
        hint = "Transpose or reshape one of them."
        if b.ndim > 1 and b.shape[-1] == inner:
            hint = "Dense weights are (out, in): did you mean x @ w.T?"
            if b.ndim > 2:
                hint = "Did you mean x @ y.mT?"
        elif a.ndim > 1 and a.shape[-2] == other:
            hint = f"Did you mean x.{'T' if a.ndim == 2 else 'mT'} @ y?"
        raise ValueError(f"{name}: inner sizes differ: {a.shape} @ {b.shape} has {inner} against {other}. {hint}")
    for m, n in zip(a.shape[-3::-1], b.shape[-3::-1], strict=False):
        if m != n and 1 not in (m, n):
            raise ValueError(
                f"{name}: the axes before the last two do not broadcast: {a.shape} @ {b.shape} has {m} against {n}. "
                f"Make them equal or 1."
            )


# ---------------------------------------------------------------------------------------------------------------------
# matmul
# ---------------------------------------------------------------------------------------------------------------------
@primitive(
    conjugates=True,
    sticky=True,
    operators=("__matmul__", "__rmatmul__"),
    aliases=("linalg.matmul",),
    numpy=(np.matmul,),
    reference=lambda x, y: _by_einsum(x, y),
)
def matmul(x, y):
    """Matrix product over the last two axes.  x: (..., M, K), y: (..., K, N) -> (..., M, N)

    The axes before are broadcast. A vector stands for a row on the left and a column on the right, and its axis is
    left out of the result. ValueError if the inner sizes differ.

    >>> import autograd
    >>> x = autograd.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x @ x
    tensor([[ 7., 10.],
            [15., 22.]])
    """
    try:
        if x.ndim == 2 and y.ndim == 2 and x.shape[1] == y.shape[0]:
            return flat_product(x, y)
        if x.ndim > 1 and y.ndim > 1:
            return product(x, y)
        return _with_vectors(x, y)
    except (ValueError, TypeError, AttributeError):
        x, y = np.asarray(x), np.asarray(y)
        _check("matmul", x, y)
        raise


def _by_einsum(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    left = "k" if x.ndim == 1 else "...mk"
    right = "k" if y.ndim == 1 else "...kn"
    out = "..." + ("m" if x.ndim > 1 else "") + ("n" if y.ndim > 1 else "")
    return np.einsum(f"{left},{right}->{out}", x, y)


def as_rows(x: Any) -> Any:
    """All axes but the last as one.  x: (..., D) -> (N, D)"""
    return x if x.ndim == 2 else x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


def conjugate(x: Any) -> Any:
    """The complex conjugate; a real x is its own."""
    return x.conj() if x.dtype.kind == "c" else x


def _by_left(g: Any, y: Any, x_shape: tuple[int, ...]) -> Any:
    y = conjugate(y)
    if y.ndim == 1:
        return g[..., None] * y if len(x_shape) > 1 else g * y
    if len(x_shape) == 1:  # g: (..., N), y: (..., K, N)
        return times(y, g[..., None])[..., 0]
    return times(g, y.mT)


def _by_right(g: Any, x: Any, y_shape: tuple[int, ...]) -> Any:
    x = conjugate(x)
    if x.ndim == 1:
        return x[:, None] * g[..., None, :] if len(y_shape) > 1 else g * x
    if len(y_shape) == 1:
        g = g[..., None]  # (..., M, 1)
    if len(y_shape) <= 2 and x.ndim > 2:  # one matrix for the whole batch: one product, rather than a batch and its sum
        x, g = as_rows(x), as_rows(g)
    result = times(x.mT, g)
    return result[..., 0] if len(y_shape) == 1 else result


matmul.gradient(x=_by_left, y=_by_right)


@matmul.samples
def _(draw):
    yield Sample(draw(3, 4), draw(4, 2))
    yield Sample(draw(4), draw(4))
    yield Sample(draw(3, 4), draw(4))
    yield Sample(draw(4), draw(4, 3))
    yield Sample(draw(2, 3, 4), draw(4, 5))
    yield Sample(draw(3, 4), draw(2, 4, 5))
    yield Sample(draw(2, 1, 3, 4), draw(5, 4, 2))
    yield Sample(draw(2, 3, 4), draw(1, 4, 2))
    yield Sample(draw(4), draw(2, 4, 3))
    yield Sample(draw(2, 3, 4), draw(4))
    yield Sample(draw(0, 4), draw(4, 2))
    yield Sample(draw(3, 0), draw(0, 2))
    yield Sample(draw(2, 0, 3), draw(3, 2))


@matmul.errors
def _(draw):
    yield Sample(draw(32, 784), draw(128, 784)), ValueError, "did you mean x @ w.T"
    yield Sample(draw(3, 4), draw(5, 6)), ValueError, "has 4 against 5"
    yield Sample(draw(2, 3, 4), draw(3, 4, 5)), ValueError, "2 against 3"
    yield Sample(draw(3, 4), draw()), ValueError, "without axes"
