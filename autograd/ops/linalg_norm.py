"""Norms of vectors and matrices under the names of `linalg`, and the condition of a matrix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import composite
from ..modes import modes
from ..op import Sample
from ..tensor import Tensor
from .axes import axes_of
from .comparison import masked_fill
from .extremes import amax, amin
from .linalg_matrices import check_matrices, check_square
from .linalg_solve import inv_ex
from .linalg_svd import svd, svdvals
from .norms import norm
from .reduction import values_of
from .shape import movedim


def _vector_reference(x, ord=2, dim=None, keepdim=False, dtype=None):
    x = x if dtype is None else x.astype(dtype)
    return np.linalg.vector_norm(x, ord=ord, axis=dim, keepdims=keepdim)


@composite(namespace="linalg", reference=_vector_reference)
def vector_norm(x, ord=2, dim=None, keepdim=False, dtype=None):
    """(sum of |x|^ord)^(1/ord) of all elements, or over the axes `dim`.  x: (*) -> (*) without the axes

    ord: a number; inf and -inf are the largest and the smallest |x|, 0 the number of elements that are not 0. Where the
    norm is 0 so is the gradient; equal extremes share it evenly.
    """
    if isinstance(ord, str):
        raise ValueError(f"linalg.vector_norm: ord is {ord!r}. Give a number, inf or -inf.")
    if dim is not None:
        dim = axes_of(dim, x.ndim, "linalg.vector_norm")
    return norm(x, ord, dim, keepdim, dtype)


@vector_norm.samples
def _(draw):
    for ord in (2, 1, 3, 0, 0.5, -1, 2.5, math.inf, -math.inf):
        yield Sample(draw.distinct(3, 4, low=0.1, high=2.0) * np.array([1.0, -1.0, -1.0, 1.0]), ord, 1)
    yield Sample(draw.away(2, 3, 2))
    yield Sample(draw.away(2, 3, 2), 3, (0, -1), True)
    yield Sample(draw.away(3), dim=0, keepdim=True)
    yield Sample(draw.away())
    yield Sample(draw(2, 0, 3), dim=1)
    yield Sample(draw.complex(3, 4), 1)
    yield Sample(draw.complex(3, 4), 3, dim=0)


vector_norm.errors(lambda draw: [(Sample(draw(3), "fro"), ValueError, "Give a number")])

_ORDERS = (1, -1, 2, -2, math.inf, -math.inf)


def _singular_values(A: Any) -> Any:
    """The singular values; with the vectors that their gradient takes, where one is to come."""
    recorded = isinstance(A, Tensor) and A.requires_grad and modes.recording
    return svd(A, False)[1] if recorded else svdvals(A)


def _extreme(values: Any, order: float, dim: int) -> Any:
    """The largest or the smallest along an axis; the largest of nothing is 0."""
    if order > 0:
        return amax(values, dim, True) if values.shape[dim] else norm(values, math.inf, dim, True)
    if not values.shape[dim]:
        raise ValueError(f"linalg.matrix_norm: the smallest of no elements is undefined, with ord={order}.")
    return amin(values, dim, True)


def _squeezed(x: Any, axes: tuple[int, ...]) -> Any:
    """Without the axes, which have length 1."""
    return x.reshape(tuple(length for i, length in enumerate(x.shape) if i not in axes))


@composite(
    namespace="linalg",
    reference=lambda A, ord="fro", dim=(-2, -1), keepdim=False, dtype=None: np.linalg.norm(
        A, ord, tuple(dim), keepdims=keepdim
    ),
)
def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, dtype=None):
    """The norm of matrices, in the axes `dim`.  A: (*) -> (*) without the axes

    ord: "fro", the root of the sum of squares; "nuc", the sum of the singular values; 2 and -2, the largest and the
    smallest of them; inf and -inf, the largest and the smallest sum of |A| along a row; 1 and -1, along a column.
    """
    check_matrices("linalg.matrix_norm", A)
    if not isinstance(dim, (tuple, list)) or len(dim) != 2:
        raise ValueError(f"linalg.matrix_norm: dim names two axes, and is {dim}.")
    rows, columns = axes = axes_of(tuple(dim), A.ndim, "linalg.matrix_norm")
    if dtype is not None:
        A = A.astype(dtype)
    if ord == "fro":
        return norm(A, 2, axes, keepdim)
    if ord == "nuc":
        return norm(A, "nuc", axes, keepdim)
    if isinstance(ord, str) or ord not in _ORDERS:
        raise ValueError(f"linalg.matrix_norm: ord is {ord!r}. Give 'fro', 'nuc', 1, -1, 2, -2, inf or -inf.")
    if abs(ord) == 2:
        out = _extreme(_singular_values(movedim(A, axes, (-2, -1))), ord, -1)[..., 0]
        kept = tuple(1 if i in axes else length for i, length in enumerate(A.shape))
        return out.reshape(kept) if keepdim else out
    summed, other = (rows, columns) if abs(ord) == 1 else (columns, rows)
    out = _extreme(norm(A, 1, summed, True), ord, other)
    return out if keepdim else _squeezed(out, axes)


@matrix_norm.samples
def _(draw):
    for ord in ("fro", "nuc", *_ORDERS):
        yield Sample(draw.away(3, 4), ord)
        yield Sample(draw.away(3, 2, 3), ord, (0, 2), True)
    yield Sample(draw.away(2, 3, 3), 1, dim=(2, 0))
    yield Sample(draw.away(2, 3, 3), 2, dim=(-1, 0))
    yield Sample(draw(0, 3), "nuc")
    yield Sample(draw(2, 0, 3))
    yield Sample(draw.complex(3, 3), 1)
    yield Sample(draw.complex(3, 3), 2)
    yield Sample(draw.complex(2, 3, 4), "nuc")


@matrix_norm.errors
def _(draw):
    yield Sample(draw(3)), ValueError, "last two axes"
    yield Sample(draw(3, 3), 3), ValueError, "Give 'fro'"
    yield Sample(draw(3, 3), "two"), ValueError, "Give 'fro'"
    yield Sample(draw(3, 3), "fro", 0), ValueError, "names two axes"
    yield Sample(draw(3, 0), -1), ValueError, "no elements"


@composite(
    name="norm",
    namespace="linalg",
    reference=lambda A, ord=None, dim=None, keepdim=False, dtype=None: np.linalg.norm(A, ord, dim, keepdims=keepdim),
)
def any_norm(A, ord=None, dim=None, keepdim=False, dtype=None):
    """The norm of all elements, of vectors along one axis `dim`, or of matrices in two.  A: (*) -> (*) without the axes

    ord: as of `linalg.vector_norm` along one axis, as of `linalg.matrix_norm` in two; None is the root of the sum of
    squares, over any axes. Without `dim`, a given ord takes a vector or a matrix.
    """
    if dim is not None:
        axes = axes_of(dim, A.ndim, "linalg.norm")
        if len(axes) == 1 and not isinstance(ord, str):
            return vector_norm(A, 2 if ord is None else ord, axes, keepdim, dtype)
        if len(axes) != 2 and ord is not None:
            raise ValueError(f"linalg.norm: ord={ord!r} takes one axis or two, and dim is {dim}.")
        return vector_norm(A, 2, axes, keepdim, dtype) if ord is None else matrix_norm(A, ord, axes, keepdim, dtype)
    if ord is None:
        return vector_norm(A, 2, None, keepdim, dtype)
    if A.ndim not in (1, 2):
        raise ValueError(
            f"linalg.norm: without dim, ord={ord!r} takes a vector or a matrix, and the shape is {tuple(A.shape)}."
        )
    return vector_norm(A, ord, 0, keepdim, dtype) if A.ndim == 1 else matrix_norm(A, ord, (0, 1), keepdim, dtype)


@any_norm.samples
def _(draw):
    yield Sample(draw.away(3, 4))
    yield Sample(draw.away(4), 3)
    yield Sample(draw.away(3, 4), 1)
    yield Sample(draw.away(3, 4), "nuc", keepdim=True)
    yield Sample(draw.away(2, 3, 4), 2, (0, 1))
    yield Sample(draw.away(2, 3, 4), dim=(0, 1), keepdim=True)
    yield Sample(draw.away(2, 3, 4), math.inf, dim=1)
    yield Sample(draw.away())
    yield Sample(draw(0))
    yield Sample(draw.complex(3, 4))
    yield Sample(draw.complex(3, 4), -math.inf, 0)


@any_norm.errors
def _(draw):
    yield Sample(draw(2, 3, 4), 2), ValueError, "takes a vector or a matrix"
    yield Sample(draw(2, 3, 4), 2, (0, 1, 2)), ValueError, "one axis or two"


def _cond_reference(A, p=None):
    if A.shape[-2:] == (0, 0):
        return np.zeros(A.shape[:-2])
    return np.linalg.cond(A, p)


@composite(namespace="linalg", reference=_cond_reference)
def cond(A, p=None):
    """How much a relative error grows when equations are solved: |A| |A^-1|.  A: (*, M, N) -> (*)

    p: the norm; None, or 2, the largest singular value over the smallest, of matrices of any shape; -2 the other way
    round; "fro", "nuc", inf, -inf, 1, -1 of square ones, as in `linalg.matrix_norm`. Infinite for singular matrices.
    """
    check_matrices("linalg.cond", A)
    if p in (None, 2, -2):
        if not min(A.shape[-2:]):
            return svdvals(A).sum(-1)
        values = _singular_values(A)
        most, least = values[..., 0], values[..., -1]
        zero = values_of(least) == 0
        if p == -2:
            return least / masked_fill(most, values_of(most) == 0, 1)
        return masked_fill(most / masked_fill(least, zero, 1), zero, math.inf)
    check_square("linalg.cond", A)
    if not A.shape[-1]:
        return norm(A, 2, (-2, -1))
    inverse, info = inv_ex(A)
    bad = values_of(info) != 0
    safe = masked_fill(inverse, bad[..., None, None], 0)
    return masked_fill(matrix_norm(A, p) * matrix_norm(safe, p), bad, math.inf)


@cond.samples
def _(draw):
    for p in (None, 2, -2, "fro", "nuc", math.inf, -math.inf, 1, -1):
        yield Sample(draw(3, 3) + 4 * np.eye(3), p)
    yield Sample(draw(2, 4, 3))
    yield Sample(draw(2, 3, 3) + 4 * np.eye(3), p=1)
    yield Sample(draw(0, 0))
    yield Sample(draw(2, 0, 0), 1)
    yield Sample(draw.complex(3, 3), 1)


@cond.errors
def _(draw):
    yield Sample(draw(3, 4), 1), ValueError, "needs square matrices"
