"""Powers and the exponential of matrices, products of many, and products of vectors."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from .axes import axes_of, axis_of
from .comparison import where
from .diagonal import diagonal
from .joining import cat
from .linalg_matrices import absorb_matrices, adjoint_of, check_square, float_dtype, from_scipy
from .linalg_solve import inv
from .matmul import conjugate
from .products import chain_matmul, cross
from .reduction import values_of
from .shape import clone


# ---------------------------------------------------------------------------------------------------------------------
# Powers
# ---------------------------------------------------------------------------------------------------------------------
def _by_multiplying(x, n):
    factor = x if n >= 0 else np.linalg.inv(x)
    out = np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)
    for _ in range(abs(n)):
        out = out @ factor
    return out


@composite(aliases=("linalg.matrix_power",), reference=_by_multiplying)
def matrix_power(x, n):
    """Square matrices multiplied n times; of negative n, their inverses.  x: (*, N, N) -> (*, N, N)

    n: an int. With 0 it is the identity, also for singular matrices, and its gradient 0. LinAlgError, a ValueError, if
    n is negative and a matrix is singular.
    """
    check_square("matrix_power", x)
    try:
        n = operator.index(n)
    except TypeError:
        raise TypeError(f"matrix_power: n is an int, not {n!r}.") from None
    if n == 0:
        shape = tuple(x.shape)
        return where(np.zeros(shape, bool), x, np.broadcast_to(np.eye(shape[-1], dtype=x.dtype), shape))
    if n < 0:
        x, n = inv(x), -n
    out = None
    while True:
        if n & 1:
            out = x if out is None else out @ x
        n >>= 1
        if not n:
            return clone(out) if out is x else out
        x = x @ x


@matrix_power.samples
def _(draw):
    eye = 2 * np.eye(3)
    for n in (0, 1, 2, 3, 5, 6, -1, -2):
        yield Sample(draw(3, 3) + eye, n)
    yield Sample(draw(2, 3, 3), 4)
    yield Sample(np.ones((2, 2)), 0)
    yield Sample(draw(0, 0), 3)
    yield Sample(draw(0, 2, 2), -1)
    yield Sample(draw.complex(3, 3) + 3 * eye, -3)
    yield Sample(draw.complex(2, 2, 2), n=3)


@matrix_power.errors
def _(draw):
    yield Sample(draw(3, 4), 2), ValueError, "needs square matrices"
    yield Sample(draw(3, 3), 0.5), TypeError, "n is an int, not 0.5"


# ---------------------------------------------------------------------------------------------------------------------
# The exponential
# ---------------------------------------------------------------------------------------------------------------------
def _by_series(x):
    """The sum of x^k / k!, of a 2^12th, squared twelve times."""
    x = x / 4096
    out = term = np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)
    for k in range(1, 12):
        term = term @ x / k
        out = out + term
    for _ in range(12):
        out = out @ out
    return out


@primitive(conjugates=True, aliases=("linalg.matrix_exp",), reference=_by_series)
def matrix_exp(x):
    """The exponential of square matrices: the sum of x^k / k!.  x: (*, N, N) -> (*, N, N)

    By Pade's approximation with scaling and squaring (Al-Mohy and Higham, 2009).
    """
    check_square("matrix_exp", x)
    if not x.size:
        return np.zeros(x.shape, float_dtype(x))
    return from_scipy("expm")(x.astype(float_dtype(x), copy=False))


def _exp_gradient(g: Any, x: Any) -> Any:
    """The corner of the exponential of [[x^H, g], [0, x^H]] (Najfeld and Havel, 1995)."""
    n = x.shape[-1]
    if not x.size:
        return g * 1
    scale = np.abs(values_of(g)).max((-2, -1), keepdims=True)  # the result is linear in g, which must not rule the norm
    scale = np.where((scale > 0) & (scale < np.inf), scale, scale.dtype.type(1))
    adjoint = adjoint_of(x)
    upper = cat([adjoint, g / scale], -1)
    lower = cat([np.zeros(tuple(x.shape), upper.dtype), adjoint], -1)
    return absorb_matrices(matrix_exp(cat([upper, lower], -2))[..., :n, n:] * scale, g)


matrix_exp.gradient(x=_exp_gradient)


@matrix_exp.samples
def _(draw):
    yield Sample(draw(3, 3))
    yield Sample(draw(2, 3, 3))
    yield Sample(np.zeros((2, 2)))
    yield Sample(np.array([[0.0, 1.0], [0.0, 0.0]]))
    yield Sample(draw(2, 1, 1, 1))
    yield Sample(draw(0, 0))
    yield Sample(draw(0, 2, 2))
    yield Sample(draw.complex(3, 3))
    yield Sample(draw.complex(2, 2, 2))


matrix_exp.errors(lambda draw: [(Sample(draw(3, 4)), ValueError, "needs square matrices")])


# ---------------------------------------------------------------------------------------------------------------------
# Products
# ---------------------------------------------------------------------------------------------------------------------
@composite(namespace="linalg", reference=lambda tensors: functools.reduce(np.dot, tensors))
def multi_dot(tensors):
    """The product of several matrices, in the order that takes the fewest steps.  [(M, K), ..., (L, N)] -> (M, N)

    The first may be a vector, taken for a row, and the last, taken for a column: the result has no axis for them.
    """
    tensors = list(tensors)
    if len(tensors) < 2:
        raise ValueError(f"linalg.multi_dot: takes two matrices or more, not {len(tensors)}.")
    row, column = tensors[0].ndim == 1, tensors[-1].ndim == 1
    if row:
        tensors[0] = tensors[0][None]
    if column:
        tensors[-1] = tensors[-1][:, None]
    for i, x in enumerate(tensors):
        if x.ndim != 2:
            raise ValueError(f"linalg.multi_dot: takes matrices, and number {i} has shape {tuple(x.shape)}.")
        if i and tensors[i - 1].shape[1] != x.shape[0]:
            raise ValueError(
                f"linalg.multi_dot: inner sizes differ: {tuple(tensors[i - 1].shape)} @ {tuple(x.shape)}, numbers "
                f"{i - 1} and {i}."
            )
    out = chain_matmul(*tensors)
    if row and column:
        return out[0, 0]
    return out[0] if row else out[:, 0] if column else out


@multi_dot.samples
def _(draw):
    yield Sample([draw(2, 3), draw(3, 4)])
    yield Sample([draw(2, 3), draw(3, 4), draw(4, 1), draw(1, 5)])
    yield Sample([draw(3), draw(3, 4), draw(4, 2)])
    yield Sample([draw(2, 3), draw(3, 4), draw(4)])
    yield Sample([draw(3), draw(3, 4), draw(4)])
    yield Sample([draw(3), draw(3)])
    yield Sample([draw(0, 3), draw(3, 0), draw(0, 2)])
    yield Sample([draw.complex(2, 3), draw.complex(3, 2), draw.complex(2)])


@multi_dot.errors
def _(draw):
    yield Sample([draw(2, 3)]), ValueError, "two matrices or more"
    yield Sample([draw(2, 3), draw(2, 3)]), ValueError, "inner sizes differ"
    yield Sample([draw(2, 3), draw(3), draw(3, 2)]), ValueError, "number 1 has shape (3,)"


def _vecdot_reference(x, y, dim=-1):
    x, y = np.broadcast_arrays(x, y)
    return np.einsum("...i,...i->...", np.moveaxis(x, dim, -1).conj(), np.moveaxis(y, dim, -1))


@composite(namespace="linalg", reference=_vecdot_reference)
def vecdot(x, y, dim=-1):
    """The sums of products along an axis, with the complex conjugate of x.  x, y: (*) -> (*) without the axis"""
    return (conjugate(x) * y).sum(axis_of(dim, max(x.ndim, y.ndim), "linalg.vecdot"))


@vecdot.samples
def _(draw):
    yield Sample(draw(4), draw(4))
    yield Sample(draw(2, 3), draw(2, 3))
    yield Sample(draw(2, 3), draw(2, 3), 0)
    yield Sample(draw(2, 1, 3), draw(4, 3), dim=-1)
    yield Sample(draw(2, 0), draw(2, 0))
    yield Sample(draw.complex(2, 3), draw.complex(3))


@composite(
    namespace="linalg",
    name="diagonal",
    reference=lambda A, offset=0, dim1=-2, dim2=-1: np.diagonal(A, offset, dim1, dim2),
)
def matrix_diagonal(A, offset=0, dim1=-2, dim2=-1):
    """The diagonals of matrices, as the last axis; `offset` above the main one.  A: (*, M, N) -> (*, K)

    A view, of the last two axes by default: otherwise as `diagonal`.
    """
    return diagonal(A, offset, *axes_of((dim1, dim2), A.ndim, "linalg.diagonal"))


@matrix_diagonal.samples
def _(draw):
    yield Sample(draw(3, 3))
    yield Sample(draw(2, 3, 4))
    yield Sample(draw(2, 3, 4), 1)
    yield Sample(draw(2, 3, 4), offset=-1, dim1=0, dim2=2)
    yield Sample(draw(0, 3))
    yield Sample(draw.complex(2, 3, 3))


def _cross_reference(x, y, dim=-1):
    x, y = np.broadcast_arrays(x, y)
    return np.cross(x, y, axis=dim)


@composite(namespace="linalg", name="cross", reference=_cross_reference)
def vector_product(x, y, dim=-1):
    """The vector product of vectors of 3 elements along axis `dim`.  x, y: (..., 3, ...) -> (..., 3, ...)"""
    for z in (x, y):
        if z.shape[axis_of(dim, z.ndim, "linalg.cross")] != 3:
            raise ValueError(
                f"linalg.cross: both must have 3 elements along dim {dim}: {tuple(x.shape)} and {tuple(y.shape)}."
            )
    return cross(x, y, dim)


@vector_product.samples
def _(draw):
    yield Sample(draw(3), draw(3))
    yield Sample(draw(3, 3), draw(3, 3))
    yield Sample(draw(3, 4), draw(3, 4), dim=0)
    yield Sample(draw(2, 3, 4), draw(2, 3, 4), dim=-2)
    yield Sample(draw(2, 4, 3), draw(4, 3))
    yield Sample(draw(0, 3), draw(0, 3))
    yield Sample(draw.complex(2, 3), draw.complex(2, 3))


vector_product.errors(lambda draw: [(Sample(draw(4), draw(4)), ValueError, "3 elements along dim -1")])
