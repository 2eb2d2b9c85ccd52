"""Writing by index along one axis: scatter and its kin.  Each gives a new tensor, and `name_` writes in place.

An index that is out of range, or negative, raises an IndexError. Where an element is written several times, the last
value wins and has the gradient.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..declare import composite, primitive
from ..op import Sample, keep
from ..tensor import Tensor
from .broadcasting import expand
from .gathering import (
    as_mask,
    check_fit,
    from_the_front,
    grid,
    indices,
    scatter_zeros,
    slices_along,
    with_length,
)
from .indexing import plain, put_back, write_at
from .joining import cat
from .references import apart
from .shape import axis_of, reshape

_ALL = slice(None)


def _cut(x, shape):
    """The front part of x."""
    return x if tuple(x.shape) == tuple(shape) else x[tuple([slice(n) for n in shape])]


# ---------------------------------------------------------------------------------------------------------------------
# One index for each element
# ---------------------------------------------------------------------------------------------------------------------
def _placed(x, dim, index, src, name):
    """dim, index and src of a scatter, checked and of one shape."""
    dim = axis_of(dim, x.ndim, name)
    index = indices(index, x.shape[dim] if x.ndim else 1, dim, name)
    if isinstance(src, (Tensor, np.ndarray)) and src.ndim:
        check_fit(index, src, None, name, "src")
        src = _cut(src, index.shape)
    check_fit(index, x, dim, name)
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
        dim = axis_of(dim, x.ndim, "scatter")
        return scatter_reduce(x, dim, index, src, "sum" if reduce == "add" else "prod")
    dim, index, src = _placed(x, dim, index, src, "scatter")
    return write_at(x, src, grid(index, dim) if x.ndim else ())


@scatter.samples
def _(draw):
    yield Sample(draw(3, 4), 0, np.array([[0, 2, 1, 0], [2, 2, 2, 2]]), draw(2, 4))
    yield Sample(draw(3, 4), 1, np.array([[3, 3], [0, 1]]), draw(3, 3))
    yield Sample(draw(5), -1, np.array([0, 0, 4]), 2.5)
    yield Sample(draw(5), 0, np.array([1, 1, 4]), draw(3), reduce="add")
    yield Sample(draw(5), 0, np.array([1, 1, 4]), draw(3), reduce="multiply")
    yield Sample(draw(), 0, np.array(0), draw())
    yield Sample(draw(3, 4), 1, np.array([[3, 0], [0, 1], [2, 3]]), draw(3, 2))
    yield Sample(draw(3, 4), 0, np.array([[2, 1, 0, 0]]), draw(1, 4))
    yield Sample(draw(2, 2, 3), 2, np.array([[[1, 2]]]), draw(1, 1, 2))


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
    yield Sample(draw(4), 0, np.array([1, 1, 1]), draw(3))
    yield Sample(draw(2, 3, 2), 1, draw.integers(2, 4, 2, high=3), draw(2, 4, 2))
    yield Sample(draw(), 0, np.array(0), draw())


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
    key = grid(index, dim) if shape else ()
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
    # As argsort(kind="stable"), in a fifth of the time: the second key makes all of them differ.
    order = np.sort(places * places.size + np.arange(places.size)) % max(1, places.size)
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
    yield Sample(*apart(draw, (4,), (3,)), (np.array([0, 2, 2]),), True, True)
    yield Sample(*apart(draw, (4,), (3,)), (np.array([0, 2, 2]),), False, False)
    yield Sample(*apart(draw, (4,), (3,)), (np.array([1, 1, 3]),), True, False)
    yield Sample(*apart(draw, (4,), (3,)), (np.array([3, 0, 3]),), False, True)
    yield Sample(*apart(draw, (4,), (3,)), (np.array([2, 1, 0]),), True, True)
    yield Sample(*apart(draw, (4,), (3,)), (np.array([0, 0, 0]),), False, False)


@scatter_reduce.samples
def _(draw):
    index = np.array([[0, 2, 1, 0], [2, 2, 2, 2]])
    for reduce in ("sum", "prod", "mean", "amax", "amin"):
        for include_self in (True, False):
            x, src = apart(draw, (3, 4), (2, 4))
            yield Sample(x, 0, index, src, reduce, include_self=include_self)
    with_zeros = np.array([0.0, 1.5, 2.0])
    yield Sample(with_zeros, 0, np.array([0, 1, 1, 0]), np.array([2.0, 0.0, 3.0, 0.5]), "prod")


@scatter_reduce.errors
def _(draw):
    yield Sample(draw(3), 0, np.array([0]), draw(1), "max"), ValueError, "'amax'"
    yield Sample(draw(3), 0, np.array([3]), draw(1), "sum"), IndexError, "index 3 is out of range"


# ---------------------------------------------------------------------------------------------------------------------
# One index for each slice
# ---------------------------------------------------------------------------------------------------------------------
def _parts_fit(x, dim, index, source, name):
    want = with_length(tuple(x.shape), dim, index.size)
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
    dim, index = slices_along(x, dim, index, "index_add")
    _parts_fit(x, dim, index, source, "index_add")
    return x + put_back(source if alpha == 1 else source * alpha, (_ALL,) * dim + (index,), tuple(x.shape))


@composite(
    in_place=True,
    reference=lambda x, dim, index, source: _written_reference(x, dim, index, source, lambda have, more: more),
)
def index_copy(x, dim, index, source):
    """x with the slices that index names replaced by those of source.  x, source: (*), index: (N) -> (*)"""
    dim, index = slices_along(x, dim, index, "index_copy")
    _parts_fit(x, dim, index, source, "index_copy")
    return write_at(x, source, (_ALL,) * dim + (index,))


def _two_slices(draw):
    yield Sample(draw(3, 4), 0, np.array([2, 0, 2]), draw(3, 4))
    yield Sample(draw(3, 4), 1, np.array([1]), draw(3, 1))
    yield Sample(draw(2, 3, 4), dim=-1, index=np.array([3, 3, 0]), source=draw(2, 3, 3))
    yield Sample(draw(5), 0, np.array([4, 0]), draw(2))
    yield Sample(draw(2, 4), 1, np.array([3, 1, 0]), draw(2, 3))
    yield Sample(draw(3, 2), 0, np.zeros(0, np.int64), draw(0, 2))
    yield Sample(draw(2, 3), -2, np.array([1, 0]), draw(2, 3))


def _wrong_slices(draw):
    yield Sample(draw(3, 4), 0, np.array([3]), draw(1, 4)), IndexError, "index 3 is out of range"
    yield Sample(draw(3, 4), 0, np.array([1]), draw(4)), ValueError, "have shape (1, 4)"


index_copy.samples(_two_slices)
index_add.errors(_wrong_slices)
index_copy.errors(_wrong_slices)


@index_add.samples
def _(draw):
    yield from _two_slices(draw)
    yield Sample(draw(3, 2), 0, np.array([2, 2]), draw(2, 2), alpha=0.5)


def _fill_reference(x, dim, index, value):
    out = x.copy()
    np.moveaxis(out, dim, 0)[list(index)] = value
    return out


@composite(in_place=True, reference=_fill_reference)
def index_fill(x, dim, index, value):
    """x with one value in the slices that index names.  x: (*), index: (N) of integers -> (*)"""
    dim, index = slices_along(x, dim, index, "index_fill")
    if isinstance(value, Tensor) and value.ndim:
        raise ValueError(f"index_fill: takes one value, not a tensor of shape {value.shape}. Use index_copy.")
    return write_at(x, value, (_ALL,) * dim + (index,))


@index_fill.samples
def _(draw):
    yield Sample(draw(3, 4), 0, np.array([2, 0, 2]), 1.5)
    yield Sample(draw(3, 4), -1, np.array([1]), draw())
    yield Sample(draw(5), 0, np.array([0, 4]), -1.0)
    yield Sample(draw(2, 3, 2), 1, np.array([0, 2, 2]), 0.5)
    yield Sample(draw(3, 2), 0, np.zeros(0, np.int64), 1.0)
    yield Sample(draw(3), -1, np.array([1]), draw())


@composite(in_place=True)
def index_reduce(x, dim, index, source, reduce, include_self=True):
    """x with the slices of source combined into those that index names.  x, source: (*), index: (N) -> (*)

    reduce: "prod", "mean", "amax" or "amin", as in scatter_reduce.
    """
    dim, index = slices_along(x, dim, index, "index_reduce")
    _parts_fit(x, dim, index, source, "index_reduce")
    index = index.reshape([-1 if axis == dim else 1 for axis in range(x.ndim)])
    return scatter_reduce(x, dim, np.broadcast_to(index, source.shape), source, reduce, include_self)


@index_reduce.samples
def _(draw):
    for reduce in ("prod", "mean", "amax", "amin"):
        x, src = apart(draw, (3, 2), (3, 2))
        yield Sample(x, 0, np.array([2, 0, 2]), src, reduce)
        x, src = apart(draw, (2, 3), (2, 2))
        yield Sample(x, -1, np.array([1, 1]), src, reduce, include_self=False)


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
    yield Sample(draw(5), (np.array([1, 1, 4]),), draw(), accumulate=True)
    yield Sample(draw(2, 3), (np.array([[0], [1]]), np.array([2, 0])), draw(2, 2))


@composite(in_place=True)
def put(x, index, source, accumulate=False):
    """x with source at places counted row by row; with accumulate, added there.  x: (*), index, source: (**) -> (*)"""
    size = math.prod(x.shape)
    return reshape(index_put(reshape(x, size), (from_the_front(index, size, "put"),), source, accumulate), x.shape)


@put.samples
def _(draw):
    yield Sample(draw(2, 3), np.array([0, 5]), draw(2))
    yield Sample(draw(2, 3), np.array([[1, 5], [1, 0]]), draw(2, 2), True)
    yield Sample(draw(4), np.array([3]), draw(1))
    yield Sample(draw(2, 3), np.array([-1, 0]), draw(2))
    yield Sample(draw(5), np.zeros(0, np.int64), draw(0))
    yield Sample(draw(2, 2), np.array([0, 0, 3]), draw(3), accumulate=True)


# ---------------------------------------------------------------------------------------------------------------------
# By a mask
# ---------------------------------------------------------------------------------------------------------------------
@composite(in_place=True)
def masked_scatter(x, mask, source):
    """x with the first elements of source, row by row, where mask is True.  x, mask: (*), source: (**) -> (*)"""
    mask = np.broadcast_to(as_mask(mask, "masked_scatter"), tuple(x.shape))
    count, given = int(mask.sum()), math.prod(source.shape)
    if given < count:
        raise ValueError(f"masked_scatter: the mask has {count} True and source only {given} elements.")
    return write_at(x, reshape(source, given)[:count], (mask,))


@masked_scatter.samples
def _(draw):
    yield Sample(draw(2, 3), np.array([[True, False, True], [False, False, True]]), draw(2, 2))
    yield Sample(draw(2, 3), np.array([True, False, False]), draw(2))
    yield Sample(draw(4), np.array([True, True, False, True]), draw(3))
    yield Sample(draw(2, 2), np.zeros((2, 2), bool), draw(1))
    yield Sample(draw(2, 3), np.array([[True], [False]]), draw(2, 3))
    yield Sample(draw(), np.array(True), draw(1))


@masked_scatter.errors
def _(draw):
    yield Sample(draw(3), np.array([True, True, True]), draw(2)), ValueError, "3 True and source only 2"
