"""Reading and writing by index along one axis: gather, scatter and their kin.

Everywhere an index that is out of range, or negative, raises an IndexError: nothing is clamped and nothing is wrapped.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..declare import composite, primitive
from ..op import Sample, keep
from ..tensor import Tensor
from .diagonal import diagonal as _diagonal
from .diagonal import put_diagonal
from .indexing import put_back, write_at
from .joining import cat
from .shape import axis_of, expand, rearranged, reshape

_ALL = slice(None)


def indices(index, size, dim, name):
    """`index` as an array of integers that all lie between 0 and `size`."""
    index = index.data if isinstance(index, Tensor) else np.asarray(index)
    if index.dtype.kind not in "iu":
        if index.size:
            raise TypeError(f"{name}: index holds {index.dtype}, not integers. Convert it: index.long().")
        index = index.astype(np.int64)
    if index.size and (index.min() < 0 or index.max() >= size):
        wrong = index[(index < 0) | (index >= size)].flat[0]
        raise IndexError(f"{name}: index {wrong} is out of range for dim {dim} with size {size} (0 to {size - 1}).")
    return index


def _grid(index, dim):
    """The index that names, for each place of `index`, the element there but for axis dim, where `index` says which."""
    return tuple(
        index if axis == dim else np.arange(n).reshape([n if i == axis else 1 for i in range(index.ndim)])
        for axis, n in enumerate(index.shape)
    )


def _fits(index, x, dim, name, what="x"):
    """Checks that `index` has the axes of x and is, but along dim, no longer."""
    too_long = any(n > m for axis, (n, m) in enumerate(zip(index.shape, x.shape, strict=False)) if axis != dim)
    if index.ndim != x.ndim or too_long:
        raise ValueError(
            f"{name}: index of shape {index.shape} does not fit {what} of shape {tuple(x.shape)}. It needs as many "
            f"axes and, but for dim {dim}, lengths no greater."
        )


def _cut(x, shape):
    """The front part of x."""
    return x if tuple(x.shape) == tuple(shape) else x[tuple([slice(n) for n in shape])]


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
    index = indices(index, x.shape[dim] if x.ndim else 1, dim, "gather")
    if not x.ndim or not index.ndim:
        return x.reshape(-1)[index.reshape(-1)].reshape(index.shape)
    _fits(index, x, dim, "gather")
    return np.take_along_axis(_cut_others(x, index.shape, dim), index, dim)


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
        return put_back(x, _grid(index, axis_of(dim, len(shape))), shape)
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


def _placed(x, dim, index, src, name):
    """dim, index and src of a scatter, checked and of one shape."""
    dim = axis_of(dim, x.ndim)
    index = indices(index, x.shape[dim] if x.ndim else 1, dim, name)
    if isinstance(src, (Tensor, np.ndarray)) and src.ndim:
        _fits(index, src, None, name, "src")
        src = _cut(src, index.shape)
    _fits(index, x, dim, name)
    return dim, index, src


def _scatter_reference(x, dim, index, src, reduce=None):
    out = x.copy()
    for i in np.ndindex(*index.shape):
        at = list(i)
        if at:
            at[dim] = index[i]
        value = src if np.ndim(src) == 0 else src[i]
        out[tuple(at)] = (
            value if reduce is None else out[tuple(at)] + value if reduce == "add" else out[tuple(at)] * value
        )
    return out


@composite(in_place=True, reference=_scatter_reference)
def scatter(x, dim, index, src=None, reduce=None, value=None):
    """x with src written where index says along axis dim: out[index[i][j]][j] = src[i][j] for dim 0.

    x: (*), index: (*) of integers, src: (*) or a number -> (*).  Where an element is written several times, the last
    wins. reduce: "add" or "multiply" combines with what is there.
    """
    src = value if src is None else src
    if src is None:
        raise TypeError("scatter: needs src, a tensor or a number.")
    if reduce is not None:
        if reduce not in ("add", "multiply"):
            raise ValueError(f"scatter: reduce is 'add' or 'multiply', not {reduce!r}. See scatter_reduce.")
        src = src if isinstance(src, Tensor) else Tensor(np.full(np.shape(index), src, x.dtype))
        return scatter_reduce(x, dim, index, src, "sum" if reduce == "add" else "prod")
    dim, index, src = _placed(x, dim, index, src, "scatter")
    return write_at(x, src, _grid(index, dim) if x.ndim else ())


@scatter.samples
def _(draw):
    yield Sample(draw(3, 4), 0, np.array([[0, 2, 1, 0], [2, 2, 2, 2]]), draw(2, 4))
    yield Sample(draw(3, 4), 1, np.array([[3, 3], [0, 1]]), draw(3, 3))
    yield Sample(draw(5), -1, np.array([0, 0, 4]), 2.5)
    yield Sample(draw(5), 0, np.array([1, 1, 4]), draw(3), "add")
    yield Sample(draw(5), 0, np.array([1, 1, 4]), draw(3), "multiply")
    yield Sample(draw(), 0, np.array(0), draw())


@scatter.errors
def _(draw):
    yield Sample(draw(3), 0, np.array([3]), draw(1)), IndexError, "index 3 is out of range"
    yield Sample(draw(3), 0, np.array([0, 1]), draw(1)), ValueError, "does not fit src"
    yield Sample(draw(3), 0, np.array([0])), TypeError, "needs src"


@composite(in_place=True, reference=lambda x, dim, index, src: _scatter_reference(x, dim, index, src, "add"))
def scatter_add(x, dim, index, src):
    """x with src added where index says along axis dim.  x: (*), index: (*) of integers, src: (*) -> (*)

    An element that is named several times receives all of them.
    """
    dim, index, src = _placed(x, dim, index, src, "scatter_add")
    return x + scatter_zeros(src, dim, index, tuple(x.shape))


@scatter_add.samples
def _(draw):
    yield Sample(draw(3, 4), 0, np.array([[0, 2, 1, 0], [2, 2, 2, 2]]), draw(2, 4))
    yield Sample(draw(3, 4), -1, np.array([[3, 3], [0, 1]]), draw(3, 3))
    yield Sample(draw(3), 0, np.zeros(0, np.int64), draw(2))


@scatter_add.errors
def _(draw):
    yield Sample(draw(3), 0, np.array([-1]), draw(1)), IndexError, "index -1 is out of range"


def _reduce_reference(x, dim, index, src, reduce, include_self=True):
    groups = {i: [float(x[i])] if include_self else [] for i in np.ndindex(*x.shape)}
    for i in np.ndindex(*index.shape):
        at = list(i)
        at[dim] = int(index[i])
        groups[tuple(at)].append(float(src[i]))
    functions: dict[str, Any] = {
        "sum": math.fsum,
        "prod": math.prod,
        "mean": lambda v: math.fsum(v) / len(v),
        "amax": max,
        "amin": min,
    }
    out = x.copy()
    for i, values in groups.items():
        if values:
            out[i] = functions[reduce](values)
    return out


@composite(in_place=True, reference=_reduce_reference)
def scatter_reduce(x, dim, index, src, reduce, include_self=True):
    """x with src combined into it where index says along axis dim.  x: (*), index: (*) of integers, src: (*) -> (*)

    reduce: "sum", "prod", "mean", "amax" or "amin" of all that arrive at an element, and, with include_self, of what is
    there. The gradient of an extreme value is shared among those that have it.
    """
    dim, index, src = _placed(x, dim, index, src, "scatter_reduce")
    shape = tuple(x.shape)
    key = _grid(index, dim) if shape else ()
    if reduce in ("amax", "amin"):
        return scatter_extreme(x, src, key, reduce == "amax", include_self)
    if reduce == "prod":
        return _scatter_product(x, src, key, include_self)
    if reduce not in ("sum", "mean"):
        raise ValueError(f"scatter_reduce: reduce is 'sum', 'prod', 'mean', 'amax' or 'amin', not {reduce!r}.")
    total = (x if include_self else write_at(x, 0, key)) + scatter_zeros(src, dim, index, shape)
    if reduce == "sum":
        return total
    arrived = scatter_zeros(np.ones(index.shape, np.int64), dim, index, shape) + bool(include_self)
    return total / np.maximum(arrived, 1).astype(x.dtype)


def _scatter_product(x, src, key, include_self):
    """The product of each element's group, as one table of groups filled up with ones."""
    shape, elements = tuple(x.shape), math.prod(x.shape)
    places = np.arange(elements).reshape(shape)[key].ravel()
    order = np.argsort(places, kind="stable")
    arrived = np.bincount(places, minlength=elements)
    nth = np.arange(places.size) - np.repeat(np.cumsum(arrived) - arrived, arrived)  # its number within the group
    table = np.full((elements, int(arrived.max(initial=0)) + 1), elements + places.size)  # the one behind all elements
    table[places[order], nth + 1] = elements + order
    own = np.arange(elements)
    table[:, 0] = own if include_self else np.where(arrived > 0, table[:, 0], own)
    one = np.ones(1, x.dtype)
    return reshape(cat([reshape(x, elements), reshape(src, places.size), one])[table].prod(-1), shape)


@primitive(
    method=False, reference=lambda x, src, key, largest, include_self: _extreme(x, src, key, largest, include_self)
)
def scatter_extreme(x, src, key, largest, include_self):
    """x with the largest, or smallest, of what arrives at an index.  x: (*), src: (*) -> (*)"""
    out = _extreme(x, src, key, largest, include_self)
    touched = np.zeros(x.shape, bool)
    touched[key] = True
    of_x = (x == out) & (~touched | bool(include_self))
    of_src = src == out[key]
    having = put_back(of_src.astype(np.int64), key, x.shape) + of_x
    return keep(out, of_x=of_x / np.maximum(having, 1), of_src=of_src / np.maximum(having, 1)[key], at=key)


def _extreme(x, src, key, largest, include_self):
    out = x.copy()
    if not include_self:
        lowest = np.array(-np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min, x.dtype)
        highest = np.array(np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).max, x.dtype)
        out[key] = lowest if largest else highest
    (np.maximum if largest else np.minimum).at(out, key, src)
    return out


scatter_extreme.gradient(
    x=lambda g, of_x: g * of_x.astype(g.dtype),
    src=lambda g, of_src, at: g[at] * of_src.astype(g.dtype),
)


@scatter_extreme.samples
def _(draw):
    values = draw.distinct(7)
    yield Sample(values[:4], values[4:], (np.array([0, 2, 2]),), True, True)
    yield Sample(values[:4], values[4:], (np.array([0, 2, 2]),), False, False)


@scatter_reduce.samples
def _(draw):
    index = np.array([[0, 2, 1, 0], [2, 2, 2, 2]])
    for reduce in ("sum", "prod", "mean", "amax", "amin"):
        for include_self in (True, False):
            values = draw.distinct(20)
            yield Sample(values[:12].reshape(3, 4), 0, index, values[12:].reshape(2, 4), reduce, include_self)
    with_zeros = np.array([0.0, 1.5, 2.0])
    yield Sample(with_zeros, 0, np.array([0, 1, 1, 0]), np.array([2.0, 0.0, 3.0, 0.5]), "prod")


@scatter_reduce.errors
def _(draw):
    yield Sample(draw(3), 0, np.array([0]), draw(1), "max"), ValueError, "'amax'"
    yield Sample(draw(3), 0, np.array([3]), draw(1), "sum"), IndexError, "index 3 is out of range"


@composite(numpy=(np.take_along_axis,), aliases=("take_along_axis",))
def take_along_dim(x, index, dim=None):
    """`gather` with broadcasting between x and index, as of what argsort gives.  x: (*), index: (*) -> (*)

    Negative indices count from the end. Without dim, both are taken as one row.
    """
    index = index.data if isinstance(index, Tensor) else np.asarray(index)
    if dim is None:
        x, index, dim = reshape(x, math.prod(x.shape)), index.reshape(-1), 0
    dim = axis_of(dim, x.ndim)
    if index.ndim != x.ndim:
        raise ValueError(
            f"take_along_dim: index of shape {index.shape} and x of shape {tuple(x.shape)} differ in axes."
        )
    others = np.broadcast_shapes(_with(x.shape, dim, 1), _with(index.shape, dim, 1))
    index = np.broadcast_to(np.where(index < 0, index + x.shape[dim], index), _with(others, dim, index.shape[dim]))
    return gather(expand(x, _with(others, dim, x.shape[dim])), dim, index)


def _with(shape, dim, length):
    return (*shape[:dim], length, *shape[dim + 1 :])


@take_along_dim.samples
def _(draw):
    yield Sample(draw(3, 4), np.array([[0, 3], [1, 1], [2, -1]]), 1)
    yield Sample(draw(3, 4), np.array([[2]]), dim=0)
    yield Sample(draw(1, 4), np.array([[0, 1], [2, 3]]), 1)
    yield Sample(draw(2, 3), np.array([5, 0]))


# ---------------------------------------------------------------------------------------------------------------------
# One index for each slice
# ---------------------------------------------------------------------------------------------------------------------
def _slices(x, dim, index, name):
    """The index that names slices along axis dim."""
    dim = axis_of(dim, x.ndim)
    index = indices(index, x.shape[dim] if x.ndim else 1, dim, name)
    if index.ndim > 1:
        raise ValueError(f"{name}: index is a vector, not of shape {index.shape}.")
    return dim, index.reshape(-1)


def _select_reference(x, dim, index):
    dim %= max(x.ndim, 1)
    index = np.asarray(index, int).reshape(-1)
    return rearranged(x, _with(x.shape, dim, index.size), lambda *i: (*i[:dim], index[i[dim]], *i[dim + 1 :]))


@primitive(reference=_select_reference)
def index_select(x, dim, index):
    """The slices along axis dim that index names, in its order.  x: (*), index: (N) of integers -> (*)

    Rows of an embedding table are `index_select(table, 0, words)`; the gradient adds up by a compiled kernel.
    """
    dim, index = _slices(x, dim, index, "index_select")
    if not x.ndim:
        raise ValueError("index_select: a tensor without axes has no slices.")
    return keep(x.take(index, dim), key=(_ALL,) * dim + (index,))


index_select.gradient(x=lambda g, key, x_shape: put_back(g, key, x_shape))


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


def _parts_fit(x, dim, index, source, name):
    want = _with(tuple(x.shape), dim, index.size)
    if tuple(source.shape) != want:
        raise ValueError(f"{name}: the slices that index names have shape {want}, and source {tuple(source.shape)}.")


def _written_reference(x, dim, index, source, combine):
    out = x.copy()
    out_first, source_first = np.moveaxis(out, dim, 0), np.moveaxis(source, dim, 0)
    for k, i in enumerate(index):
        out_first[i] = combine(out_first[i], source_first[k])
    return out


@composite(
    in_place=True,
    reference=lambda x, dim, index, source, alpha=1: _written_reference(
        x, dim, index, source, lambda have, more: have + alpha * more
    ),
)
def index_add(x, dim, index, source, alpha=1):
    """x with alpha times the slices of source added to those that index names.  x, source: (*), index: (N) -> (*)"""
    dim, index = _slices(x, dim, index, "index_add")
    _parts_fit(x, dim, index, source, "index_add")
    return x + put_back(source if alpha == 1 else source * alpha, (_ALL,) * dim + (index,), tuple(x.shape))


@composite(
    in_place=True,
    reference=lambda x, dim, index, source: _written_reference(x, dim, index, source, lambda have, more: more),
)
def index_copy(x, dim, index, source):
    """x with the slices that index names replaced by those of source.  x, source: (*), index: (N) -> (*)"""
    dim, index = _slices(x, dim, index, "index_copy")
    _parts_fit(x, dim, index, source, "index_copy")
    return write_at(x, source, (_ALL,) * dim + (index,))


def _two_slices(draw):
    yield Sample(draw(3, 4), 0, np.array([2, 0, 2]), draw(3, 4))
    yield Sample(draw(3, 4), 1, np.array([1]), draw(3, 1))
    yield Sample(draw(2, 3, 4), dim=-1, index=np.array([3, 3, 0]), source=draw(2, 3, 3))


def _wrong_slices(draw):
    yield Sample(draw(3, 4), 0, np.array([3]), draw(1, 4)), IndexError, "index 3 is out of range"
    yield Sample(draw(3, 4), 0, np.array([1]), draw(4)), ValueError, "have shape (1, 4)"


index_copy.samples(_two_slices)
index_add.errors(_wrong_slices)
index_copy.errors(_wrong_slices)


@index_add.samples
def _(draw):
    yield from _two_slices(draw)
    yield Sample(draw(3, 2), 0, np.array([2, 2]), draw(2, 2), 0.5)


def _fill_reference(x, dim, index, value):
    out = x.copy()
    np.moveaxis(out, dim, 0)[list(index)] = value
    return out


@composite(in_place=True, reference=_fill_reference)
def index_fill(x, dim, index, value):
    """x with one value in the slices that index names.  x: (*), index: (N) of integers -> (*)"""
    dim, index = _slices(x, dim, index, "index_fill")
    if isinstance(value, Tensor) and value.ndim:
        raise ValueError(f"index_fill: takes one value, not a tensor of shape {value.shape}. Use index_copy.")
    return write_at(x, value, (_ALL,) * dim + (index,))


@index_fill.samples
def _(draw):
    yield Sample(draw(3, 4), 0, np.array([2, 0, 2]), 1.5)
    yield Sample(draw(3, 4), -1, np.array([1]), draw())


@composite(in_place=True)
def index_reduce(x, dim, index, source, reduce, include_self=True):
    """x with the slices of source combined into those that index names.  x, source: (*), index: (N) -> (*)

    reduce: "prod", "mean", "amax" or "amin", as in scatter_reduce.
    """
    dim, index = _slices(x, dim, index, "index_reduce")
    _parts_fit(x, dim, index, source, "index_reduce")
    index = index.reshape([-1 if axis == dim else 1 for axis in range(x.ndim)])
    return scatter_reduce(x, dim, np.broadcast_to(index, source.shape), source, reduce, include_self)


@index_reduce.samples
def _(draw):
    for reduce in ("prod", "mean", "amax", "amin"):
        values = draw.distinct(12)
        yield Sample(values[:6].reshape(3, 2), 0, np.array([2, 0, 2]), values[6:].reshape(3, 2), reduce)


@composite
def narrow(x, dim, start, length):
    """`length` slices along axis dim, from start on.  A view.  x: (*) -> (*)"""
    dim = axis_of(dim, x.ndim)
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


@narrow.errors
def _(draw):
    yield Sample(draw(5), 0, 3, 3), IndexError, "3 slices from 3 on do not lie in dim 0 with size 5"


@composite
def select(x, dim, index):
    """One slice along axis dim, without that axis.  A view.  x: (*) -> (*)"""
    dim = axis_of(dim, x.ndim)
    return x[(_ALL,) * dim + (operator.index(index), Ellipsis)]


@select.samples
def _(draw):
    yield Sample(draw(3, 4), 0, 1)
    yield Sample(draw(3, 4), dim=-1, index=-1)
    yield Sample(draw(3), 0, 2)


# ---------------------------------------------------------------------------------------------------------------------
# Any index
# ---------------------------------------------------------------------------------------------------------------------
def _index_put_reference(x, indices, values, accumulate=False):
    out = x.copy()
    (np.add.at if accumulate else operator.setitem)(out, tuple(indices), values)
    return out


@composite(in_place=True, reference=_index_put_reference)
def index_put(x, indices, values, accumulate=False):
    """x with values at an index, as by x[indices] = values; with accumulate, added there.  x: (*) -> (*)

    indices: a tuple of what may stand between the brackets of x[...].
    """
    from .indexing import plain

    key = plain(tuple(indices) if isinstance(indices, (tuple, list)) else indices)
    if not accumulate:
        return write_at(x, values, key)
    shape = np.broadcast_to(np.empty((), bool), tuple(x.shape))[key].shape
    values = values if isinstance(values, (Tensor, np.ndarray)) else np.asarray(values, x.dtype)
    return x + put_back(expand(values, shape), key, tuple(x.shape))


@index_put.samples
def _(draw):
    yield Sample(draw(3, 4), (np.array([0, 2, 0]), np.array([1, 1, 1])), draw(3))
    yield Sample(draw(3, 4), (np.array([0, 2, 0]), np.array([1, 1, 1])), draw(3), True)
    yield Sample(draw(3, 4), (np.array([True, False, True]),), draw(4), True)
    yield Sample(draw(3, 4), (np.array([2, 2]),), draw())


@composite
def take(x, index):
    """The elements at places counted row by row; negative ones from the end.  x: (*), index: (**) -> (**)"""
    size = math.prod(x.shape)
    return reshape(x, size)[_from_the_front(index, size, "take")]


def _from_the_front(index, size, name):
    """Places counted row by row, negative ones from the end."""
    index = index.data if isinstance(index, Tensor) else np.asarray(index)
    return indices(np.where(index < 0, index + size, index), size, 0, name)


@take.samples
def _(draw):
    yield Sample(draw(2, 3), np.array([[0, 5], [5, -1]]))
    yield Sample(draw(3), np.zeros(0, np.int64))


@take.errors
def _(draw):
    yield Sample(draw(2, 3), np.array([6])), IndexError, "index 6 is out of range for dim 0 with size 6"


@composite(in_place=True)
def put(x, index, source, accumulate=False):
    """x with source at places counted row by row; with accumulate, added there.  x: (*), index, source: (**) -> (*)"""
    size = math.prod(x.shape)
    return reshape(index_put(reshape(x, size), (_from_the_front(index, size, "put"),), source, accumulate), x.shape)


@put.samples
def _(draw):
    yield Sample(draw(2, 3), np.array([0, 5]), draw(2))
    yield Sample(draw(2, 3), np.array([[1, 5], [1, 0]]), draw(2, 2), True)


# ---------------------------------------------------------------------------------------------------------------------
# By a mask
# ---------------------------------------------------------------------------------------------------------------------
def _mask(mask, name):
    mask = mask.data if isinstance(mask, Tensor) else np.asarray(mask)
    if mask.dtype.kind != "b":
        raise TypeError(f"{name}: the mask holds {mask.dtype}, not booleans. Compare, or convert it: mask.bool().")
    return mask


@composite
def masked_select(x, mask):
    """The elements where mask is True, as one row; x and mask broadcast.  x, mask: (*) -> (N)"""
    mask = _mask(mask, "masked_select")
    shape = np.broadcast_shapes(tuple(x.shape), mask.shape)
    return expand(x, shape)[np.broadcast_to(mask, shape)]


@masked_select.samples
def _(draw):
    yield Sample(draw(2, 3), np.array([[True, False, True], [False, False, True]]))
    yield Sample(draw(2, 3), np.array([True, False, True]))
    yield Sample(draw(3), np.array([[True, False, True], [False, False, True]]))
    yield Sample(draw(3), np.zeros(3, bool))


@masked_select.errors
def _(draw):
    yield Sample(draw(3), np.array([1, 0, 1])), TypeError, "not booleans"


@composite(in_place=True)
def masked_scatter(x, mask, source):
    """x with the first elements of source, row by row, where mask is True.  x, mask: (*), source: (**) -> (*)"""
    mask = np.broadcast_to(_mask(mask, "masked_scatter"), tuple(x.shape))
    count, given = int(mask.sum()), math.prod(source.shape)
    if given < count:
        raise ValueError(f"masked_scatter: the mask has {count} True and source only {given} elements.")
    return write_at(x, reshape(source, given)[:count], (mask,))


@masked_scatter.samples
def _(draw):
    yield Sample(draw(2, 3), np.array([[True, False, True], [False, False, True]]), draw(2, 2))
    yield Sample(draw(2, 3), np.array([True, False, False]), draw(2))


@masked_scatter.errors
def _(draw):
    yield Sample(draw(3), np.array([True, True, True]), draw(2)), ValueError, "3 True and source only 2"


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


@composite(numpy=(np.argwhere,))
def argwhere(x):
    """Where the elements differ from 0, one place a row.  x: (*) -> (N, axes)"""
    return nonzero(x)


@argwhere.samples
def _(draw):
    yield Sample(draw.integers(3, 4, low=-1, high=2))


# ---------------------------------------------------------------------------------------------------------------------
# A part replaced, as a copy
# ---------------------------------------------------------------------------------------------------------------------
def _replaced(x, src, key, name):
    want = np.broadcast_to(np.empty((), bool), tuple(x.shape))[key].shape
    if tuple(src.shape) != want:
        raise ValueError(f"{name}: the part has shape {want}, and src {tuple(src.shape)}.")
    return write_at(x, src, key)


@composite
def select_scatter(x, src, dim, index):
    """A copy of x with one slice along axis dim replaced by src.  x, src: (*) -> (*)"""
    dim = axis_of(dim, x.ndim)
    return _replaced(x, src, (_ALL,) * dim + (operator.index(index), Ellipsis), "select_scatter")


@select_scatter.samples
def _(draw):
    yield Sample(draw(3, 4), draw(4), 0, 1)
    yield Sample(draw(3, 4), draw(3), dim=-1, index=-1)


@composite
def slice_scatter(x, src, dim=0, start=None, end=None, step=1):
    """A copy of x with the slices start:end:step along axis dim replaced by src.  x, src: (*) -> (*)"""
    dim = axis_of(dim, x.ndim)
    return _replaced(x, src, (_ALL,) * dim + (slice(start, end, step),), "slice_scatter")


@slice_scatter.samples
def _(draw):
    yield Sample(draw(5, 2), draw(2, 2), 0, 1, 3)
    yield Sample(draw(2, 5), draw(2, 3), dim=1, step=2)
    yield Sample(draw(3), draw(3))


@slice_scatter.errors
def _(draw):
    yield Sample(draw(5), draw(2), 0, 1, 4), ValueError, "the part has shape (3,)"


@composite
def diagonal_scatter(x, src, offset=0, dim1=0, dim2=1):
    """A copy of x with a diagonal replaced by src.  x, src: (*) -> (*)"""
    dim1, dim2 = axis_of(dim1, x.ndim), axis_of(dim2, x.ndim)
    change = src - _diagonal(x, offset, dim1, dim2)
    return x + put_diagonal(change, tuple(x.shape), offset, dim1, dim2)


@diagonal_scatter.samples
def _(draw):
    yield Sample(draw(3, 4), draw(3))
    yield Sample(draw(2, 3, 3), draw(2, 2), 1, 1, 2)
