"""Reading by index along one axis: gather and its kin.

Everywhere an index that is out of range, or negative, raises an IndexError: nothing is clamped and nothing is wrapped.
"""

from __future__ import annotations

import math
import operator

import numpy as np

from .. import kernels
from ..declare import composite, primitive
from ..op import Sample, keep
from ..tensor import Tensor
from .broadcasting import expand
from .indexing import put_back
from .shape import axis_of, clone, rearranged, reshape

_ALL = slice(None)


def indices(index, size, dim, name):
    """`index` as an array of integers that all lie between 0 and `size`."""
    index = index.data if isinstance(index, Tensor) else np.asarray(index)
    if index.dtype.kind not in "iu":
        if index.size:
            raise TypeError(f"{name}: index holds {index.dtype}, not integers. Convert it: index.long().")
        index = index.astype(np.int64)
    if index.dtype == np.int64:  # as unsigned numbers the negative ones are the largest: one pass
        outside = index.size and np.maximum.reduce(index.view(np.uint64), None) >= size
    else:
        outside = index.size and (index.min() < 0 or index.max() >= size)
    if outside:
        wrong = index[(index < 0) | (index >= size)].flat[0]
        raise IndexError(f"{name}: index {wrong} is out of range for dim {dim} with size {size} (0 to {size - 1}).")
    return index


def grid(index, dim):
    """The index that names, for each place of `index`, the element there but for axis dim, where `index` says which."""
    return tuple(
        index if axis == dim else np.arange(n).reshape([n if i == axis else 1 for i in range(index.ndim)])
        for axis, n in enumerate(index.shape)
    )


def check_fit(index, x, dim, name, what="x"):
    """Checks that `index` has the axes of x and is, but along dim, no longer."""
    too_long = any(n > m for axis, (n, m) in enumerate(zip(index.shape, x.shape, strict=False)) if axis != dim)
    if index.ndim != x.ndim or too_long:
        raise ValueError(
            f"{name}: index of shape {index.shape} does not fit {what} of shape {tuple(x.shape)}. It needs as many "
            f"axes and, but for dim {dim}, lengths no greater."
        )


# ---------------------------------------------------------------------------------------------------------------------
# One index for each element
# ---------------------------------------------------------------------------------------------------------------------
def _gather_reference(x, dim, index):
    if not x.ndim:
        return np.full(index.shape, x)
    return rearranged(x, index.shape, lambda *i: (*i[: dim % x.ndim], index[i], *i[dim % x.ndim + 1 :]))


@primitive(reference=_gather_reference)
def gather(x, dim, index):
    """Along axis dim the element that index says, for each place of index: out[i][j] = x[index[i][j]][j] for dim 0.

    x: (*), index: (*) of integers -> the shape of index.  But for axis dim, index may be shorter than x.

    >>> import autograd
    >>> x = autograd.tensor([[1, 2], [3, 4]])
    >>> autograd.gather(x, 1, autograd.tensor([[0, 0], [1, 0]]))
    tensor([[1, 1],
            [4, 3]])
    """
    dim = axis_of(dim, x.ndim)
    if _by_kernel(x, index):
        check_fit(index, x, dim, "gather")
        out = kernels.scatter.gather(_cut_others(x, index.shape, dim), dim, index)
        if out is not None:
            return out
    index = indices(index, x.shape[dim] if x.ndim else 1, dim, "gather")
    if not x.ndim or not index.ndim:
        return x.reshape(-1)[index.reshape(-1)].reshape(index.shape)
    check_fit(index, x, dim, "gather")
    return np.take_along_axis(_cut_others(x, index.shape, dim), index, dim)


_SMALL = 1 << 13  # elements below which NumPy serves


def _by_kernel(x, index):
    """Whether a kernel reads x at the index."""
    large = isinstance(index, np.ndarray) and index.dtype == np.int64 and index.size >= _SMALL
    return large and x.ndim > 0 and x.itemsize in (4, 8) and x.size > 0


def _cut_others(x, shape, dim):
    return x[tuple([_ALL if axis == dim else slice(n) for axis, n in enumerate(shape)])]


@primitive(method=False, reference=lambda x, dim, index, shape: _spread_reference(x, dim, index, shape))
def scatter_zeros(x, dim, index, shape):
    """Zeros of a shape, with each element of x added where index says along axis dim: the transpose of gather.

    x: (*), index: (*) of integers -> shape
    """
    out = np.zeros(shape, x.dtype)
    index = np.asarray(index)
    if index.ndim and len(shape):
        dim = axis_of(dim, len(shape))
        others_fit = index.shape[:dim] == tuple(shape[:dim]) and index.shape[dim + 1 :] == tuple(shape[dim + 1 :])
        if others_fit and _by_kernel(out, index) and x.dtype.char in "fd" and x.shape == index.shape:
            kernels.scatter.scatter_add(out, dim, index, x)
            return out
        return put_back(x, grid(index, dim), shape)
    np.add.at(out.reshape(-1), index.reshape(-1), x.reshape(-1))
    return out


def _spread_reference(x, dim, index, shape):
    out = np.zeros(shape, x.dtype)
    for i in np.ndindex(*index.shape):
        at = list(i)
        if out.ndim:
            at[dim] = index[i]
        out[tuple(at)] += x[i]
    return out


gather.gradient(x=lambda g, dim, index, x_shape: scatter_zeros(g, dim, index, x_shape))
scatter_zeros.gradient(x=lambda g, dim, index: gather(g, dim, index))


@gather.samples
def _(draw):
    yield Sample(draw(3, 4), 0, np.array([[0, 2, 1, 0], [2, 2, 2, 2]]))
    yield Sample(draw(3, 4), 1, np.array([[3, 3], [0, 1]]))
    yield Sample(draw(3, 4), dim=-1, index=np.array([[1], [0], [1]]))
    yield Sample(draw(2, 3, 4), 1, draw.integers(2, 5, 3, low=0, high=3))
    yield Sample(draw(5), 0, np.array([0, 0, 4]))
    yield Sample(draw(), 0, np.array(0))
    yield Sample(draw(3, 4), 0, np.zeros((0, 4), np.int64))


@gather.errors
def _(draw):
    yield Sample(draw(3), 0, np.array([3])), IndexError, "index 3 is out of range for dim 0 with size 3"
    yield Sample(draw(3), 0, np.array([-1])), IndexError, "index -1 is out of range"
    yield Sample(draw(3, 2), 0, np.array([0])), ValueError, "as many axes"
    yield Sample(draw(3), 0, np.array([0.0])), TypeError, "not integers"


@scatter_zeros.samples
def _(draw):
    yield Sample(draw(2, 4), 0, np.array([[0, 2, 1, 0], [2, 2, 2, 2]]), (3, 4))
    yield Sample(draw(3), 0, np.array([1, 1, 0]), (2,))
    yield Sample(draw(), 0, np.array(0), ())
    yield Sample(draw(2, 3), 1, np.array([[0, 1, 1], [4, 0, 4]]), (2, 5))
    yield Sample(draw(0), 0, np.zeros(0, np.int64), (3,))
    yield Sample(draw(1, 2), -1, np.array([[1, 0]]), (1, 2))


@composite(aliases=("take_along_axis",))
def take_along_dim(x, index, dim=None):
    """`gather` with broadcasting between x and index, as of what argsort gives.  x: (*), index: (*) -> (*)

    Negative indices count from the end. Without dim, both are taken as one row.
    """
    index = index.data if isinstance(index, Tensor) else np.asarray(index)
    if dim is None:
        x, index, dim = reshape(x, math.prod(x.shape)), index.reshape(-1), 0
    dim = axis_of(dim, x.ndim, "take_along_dim")
    if index.ndim != x.ndim:
        raise ValueError(
            f"take_along_dim: index of shape {index.shape} and x of shape {tuple(x.shape)} differ in axes."
        )
    others = np.broadcast_shapes(with_length(x.shape, dim, 1), with_length(index.shape, dim, 1))
    index = np.broadcast_to(
        np.where(index < 0, index + x.shape[dim], index), with_length(others, dim, index.shape[dim])
    )
    return gather(expand(x, with_length(others, dim, x.shape[dim])), dim, index)


def with_length(shape, dim, length):
    return (*shape[:dim], length, *shape[dim + 1 :])


@take_along_dim.samples
def _(draw):
    yield Sample(draw(3, 4), np.array([[0, 3], [1, 1], [2, -1]]), 1)
    yield Sample(draw(3, 4), np.array([[2]]), dim=0)
    yield Sample(draw(1, 4), np.array([[0, 1], [2, 3]]), 1)
    yield Sample(draw(2, 3), np.array([5, 0]))
    yield Sample(draw(5), np.array([4, 4, 0]), 0)
    yield Sample(draw(2, 3, 4), np.array([[[0, 3]]]), -1)
    yield Sample(draw(2, 3), np.zeros((2, 0), np.int64), 1)


# ---------------------------------------------------------------------------------------------------------------------
# One index for each slice
# ---------------------------------------------------------------------------------------------------------------------
def slices_along(x, dim, index, name):
    """The index that names slices along axis dim."""
    dim = axis_of(dim, x.ndim, name)
    index = indices(index, x.shape[dim] if x.ndim else 1, dim, name)
    if index.ndim > 1:
        raise ValueError(f"{name}: index is a vector, not of shape {index.shape}.")
    return dim, index.reshape(-1)


def _select_reference(x, dim, index):
    dim %= max(x.ndim, 1)
    index = np.asarray(index, int).reshape(-1)
    return rearranged(x, with_length(x.shape, dim, index.size), lambda *i: (*i[:dim], index[i[dim]], *i[dim + 1 :]))


@primitive(reference=_select_reference)
def index_select(x, dim, index):
    """The slices along axis dim that index names, in its order.  x: (*), index: (N) of integers -> (*)

    Rows of an embedding table are `index_select(table, 0, words)`; the gradient adds up by a compiled kernel.
    """
    dim, index = slices_along(x, dim, index, "index_select")
    if not x.ndim:
        raise ValueError("index_select: a tensor without axes has no slices.")
    out = None
    large = index.size * x.size >= _SMALL * x.shape[dim] > 0
    if large and dim == x.ndim - 1 > 0 and index.dtype == np.int64 and x.itemsize in (4, 8):
        out = kernels.scatter.gather(x, dim, index)
    return keep(x.take(index, dim) if out is None else out, places=index)


def _select_gradient(g, places, x_shape, dim):
    dim = axis_of(dim, len(x_shape))
    if dim == len(x_shape) - 1 > 0 and isinstance(g, np.ndarray) and g.size >= _SMALL and g.dtype.char in "fd":
        out = np.zeros(x_shape, g.dtype)
        kernels.scatter.scatter_add(out, dim, places.astype(np.int64, copy=False), g)
        return out
    return put_back(g, (_ALL,) * dim + (places,), x_shape)


index_select.gradient(x=_select_gradient)


@index_select.samples
def _(draw):
    yield Sample(draw(3, 4), 0, np.array([2, 0, 2]))
    yield Sample(draw(3, 4), 1, np.array([3, 3]))
    yield Sample(draw(2, 3, 4), dim=-2, index=np.array([1]))
    yield Sample(draw(3), 0, [0, 0])
    yield Sample(draw(3, 2), 0, np.zeros(0, np.int64))
    yield Sample(draw(300, 3), 0, draw.integers(500, low=0, high=300))
    yield Sample(draw(3, 300), 1, draw.integers(400, low=0, high=300))


@index_select.errors
def _(draw):
    yield Sample(draw(3, 2), 1, np.array([0, 2])), IndexError, "index 2 is out of range for dim 1 with size 2"
    yield Sample(draw(3, 2), 0, np.array([-1])), IndexError, "index -1 is out of range"
    yield Sample(draw(3, 2), 0, np.array([0.5])), TypeError, "not integers"


@composite
def narrow(x, dim, start, length):
    """`length` slices along axis dim, from start on.  A view.  x: (*) -> (*)"""
    dim = axis_of(dim, x.ndim, "narrow")
    start, length = operator.index(start), operator.index(length)
    size = x.shape[dim]
    start = start + size if start < 0 else start
    if length < 0 or not 0 <= start <= size - length:
        raise IndexError(f"narrow: {length} slices from {start} on do not lie in dim {dim} with size {size}.")
    return x[(_ALL,) * dim + (slice(start, start + length),)]


@narrow.samples
def _(draw):
    yield Sample(draw(5, 2), 0, 1, 3)
    yield Sample(draw(2, 5), dim=-1, start=-2, length=2)
    yield Sample(draw(2, 5), 1, 5, 0)
    yield Sample(draw(3, 4), 1, 0, 4)
    yield Sample(draw(2, 3, 4), -2, 1, 1)
    yield Sample(draw(5), 0, 2, 0)


@narrow.errors
def _(draw):
    yield Sample(draw(5), 0, 3, 3), IndexError, "3 slices from 3 on do not lie in dim 0 with size 5"


@composite
def select(x, dim, index):
    """One slice along axis dim, without that axis.  A view.  x: (*) -> (*)"""
    dim = axis_of(dim, x.ndim, "select")
    return x[(_ALL,) * dim + (operator.index(index), Ellipsis)]


@select.samples
def _(draw):
    yield Sample(draw(3, 4), 0, 1)
    yield Sample(draw(3, 4), dim=-1, index=-1)
    yield Sample(draw(3), 0, 2)
    yield Sample(draw(2, 3, 4), 1, 2)
    yield Sample(draw(2, 3, 4), -2, -3)
    yield Sample(draw(4, 0), 0, 1)


# ---------------------------------------------------------------------------------------------------------------------
# Places counted row by row
# ---------------------------------------------------------------------------------------------------------------------
@composite
def take(x, index):
    """The elements at places counted row by row; negative ones from the end.  x: (*), index: (**) -> (**)"""
    size = math.prod(x.shape)
    return reshape(x, size)[from_the_front(index, size, "take")]


def from_the_front(index, size, name):
    """Places counted row by row, negative ones from the end."""
    index = index.data if isinstance(index, Tensor) else np.asarray(index)
    return indices(np.where(index < 0, index + size, index), size, 0, name)


@take.samples
def _(draw):
    yield Sample(draw(2, 3), np.array([[0, 5], [5, -1]]))
    yield Sample(draw(3), np.zeros(0, np.int64))
    yield Sample(draw(), np.array([0, 0]))
    yield Sample(draw(2, 3, 2), np.array([11, 0, 3]))
    yield Sample(draw(4), np.array(2))
    yield Sample(draw(2, 3), np.array([[0], [0], [5]]))


@take.errors
def _(draw):
    yield Sample(draw(2, 3), np.array([6])), IndexError, "index 6 is out of range for dim 0 with size 6"


# ---------------------------------------------------------------------------------------------------------------------
# By a mask
# ---------------------------------------------------------------------------------------------------------------------
def as_mask(mask, name):
    mask = mask.data if isinstance(mask, Tensor) else np.asarray(mask)
    if mask.dtype.kind != "b":
        raise TypeError(f"{name}: the mask holds {mask.dtype}, not booleans. Compare, or convert it: mask.bool().")
    return mask


@composite
def masked_select(x, mask):
    """The elements where mask is True, as one row; x and mask broadcast.  x, mask: (*) -> (N)"""
    mask = as_mask(mask, "masked_select")
    shape = np.broadcast_shapes(tuple(x.shape), mask.shape)
    return expand(x, shape)[np.broadcast_to(mask, shape)]


@masked_select.samples
def _(draw):
    yield Sample(draw(2, 3), np.array([[True, False, True], [False, False, True]]))
    yield Sample(draw(2, 3), np.array([True, False, True]))
    yield Sample(draw(3), np.array([[True, False, True], [False, False, True]]))
    yield Sample(draw(3), np.zeros(3, bool))
    yield Sample(draw(2, 3), draw.booleans(2, 1))
    yield Sample(draw(), np.array([True, False, True]))
    yield Sample(draw(0, 3), draw.booleans(3))


@masked_select.errors
def _(draw):
    yield Sample(draw(3), np.array([1, 0, 1])), TypeError, "not booleans"


@primitive(reference=lambda x, as_tuple=False: _nonzero_reference(x, as_tuple))
def nonzero(x, as_tuple=False):
    """Where the elements differ from 0, one place a row; as_tuple: one vector for each axis.  x: (*) -> (N, axes)"""
    if as_tuple:
        return tuple([places.astype(np.int64, copy=False) for places in np.atleast_1d(x).nonzero()])
    return np.argwhere(x).astype(np.int64, copy=False)


def _nonzero_reference(x, as_tuple):
    places = [i for i in np.ndindex(*x.shape) if x[i] != 0]
    table = np.array(places, np.int64).reshape(len(places), x.ndim)
    return tuple(table.T) if as_tuple else table


@nonzero.samples
def _(draw):
    yield Sample(draw.integers(3, 4, low=-1, high=2))
    yield Sample(draw.integers(3, 4, low=-1, high=2), as_tuple=True)
    yield Sample(draw(2, 2))
    yield Sample(np.array(1.0))
    yield Sample(draw(0, 2))
    yield Sample(draw.integers(2, 2, 3, high=2), as_tuple=True)


@composite(numpy=(np.argwhere,))
def argwhere(x):
    """Where the elements differ from 0, one place a row.  x: (*) -> (N, axes)"""
    return nonzero(x)


@argwhere.samples
def _(draw):
    yield Sample(draw.integers(3, 4, low=-1, high=2))
    yield Sample(draw.integers(5, low=0, high=2))
    yield Sample(np.array(1.0))
    yield Sample(draw(2, 2))
    yield Sample(draw.integers(2, 2, 2, high=2))
    yield Sample(draw(0, 2))


@primitive(method=False, reference=lambda x: np.array([i for i, a in enumerate(x.ravel()) if a], np.int64))
def flatnonzero(x):
    """Where the elements differ from 0, counted row by row: NumPy's name.  x: (*) -> int64 (N)

    >>> import autograd
    >>> autograd.flatnonzero(autograd.tensor([[0, 5], [7, 0]]))
    tensor([1, 2])
    """
    return np.flatnonzero(x).astype(np.int64, copy=False)


@flatnonzero.samples
def _(draw):
    yield Sample(draw.integers(3, 4, low=-1, high=2))
    yield Sample(draw.booleans(5))
    yield Sample(draw(2, 2))
    yield Sample(np.array(1.0))
    yield Sample(draw(0, 2))
    yield Sample(np.array([0.0, -0.0, np.nan]))


@composite
def narrow_copy(x, dim, start, length):
    """A copy of `narrow(x, dim, start, length)`.  x: (*) -> (*)"""
    return clone(narrow(x, axis_of(dim, x.ndim, "narrow_copy"), start, length))


@narrow_copy.samples
def _(draw):
    yield Sample(draw(5, 2), 0, 1, 3)
    yield Sample(draw(2, 5), dim=-1, start=-2, length=2)
    yield Sample(draw(2, 5), 1, 5, 0)
    yield Sample(draw(3, 4), 1, 0, 4)
    yield Sample(draw(2, 3, 4), -2, 1, 1)
    yield Sample(draw(5), 0, 2, 0)
