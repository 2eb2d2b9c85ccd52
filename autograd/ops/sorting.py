"""Sorting, and what is found by it.

NaN counts as the largest of all, as in NumPy and PyTorch. Gradients go to the elements that were chosen.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .. import kernels
from ..arrays import dense_copy
from ..declare import composite, primitive
from ..op import Sample, ufuncs
from ..walk import has_nan
from .extremes import ValuesAndIndices, place_along
from .gathering import gather
from .reduction import values_of
from .references import each
from .shape import axis_of


# ---------------------------------------------------------------------------------------------------------------------
# All elements in order
# ---------------------------------------------------------------------------------------------------------------------
def order_of(x: np.ndarray, axis: int, descending: bool = False, stable: bool = True) -> np.ndarray:
    """Indices that sort x along the axis."""
    packed = _packed(x, axis, descending)
    if packed is not None:
        packed.sort(axis)
        packed &= 0xFFFFFFFF
        return packed
    kind: Any = "stable" if stable else None
    if not descending:
        return np.argsort(x, axis, kind=kind)
    # Backwards from the end, so that equal elements keep their order.
    return x.shape[axis] - 1 - np.flip(np.argsort(np.flip(x, axis), axis, kind=kind), axis)


def _packed(x: np.ndarray, axis: int, descending: bool) -> np.ndarray | None:
    """Each element of at most 32 bits and, below it, its place along the axis, as one integer of 64 bits.

    NumPy sorts such integers by vectors, ten times as fast as it finds the order of elements; and no two are equal, so
    that equal elements keep their order. None for what does not fit.
    """
    if x.size < 256 or x.itemsize > 4 or x.dtype.kind not in "fiu" or x.dtype.char == "I":
        return None
    if x.dtype.kind == "f":
        x = x.astype(np.float32, copy=False) + np.float32(0)  # no -0
        if has_nan(x):
            x[x != x] = np.nan  # one of them, above infinity
        keys = x.view(np.int32)
        keys ^= (keys >> 31) & 0x7FFFFFFF  # negative numbers in the order of negative integers
    else:
        keys = x.astype(np.int32)
    packed = (~keys if descending else keys).astype(np.int64)
    packed <<= 32
    packed |= np.arange(x.shape[axis]).reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    return packed


def _taken(x: np.ndarray, places: np.ndarray, axis: int) -> ValuesAndIndices:
    return ValuesAndIndices(gather(x, axis, places), places)


def _taken_gradient(g, out, x_shape, dim):
    if not x_shape:
        return g[0]
    axis = axis_of(dim, len(x_shape))
    return place_along(g[0], values_of(out[1]), axis, x_shape[axis])


def _rows_by(choose: Any, x: np.ndarray, dim: int) -> list[np.ndarray]:
    """Values and indices of each row along an axis by a function of a list of numbers: the oracle of the tests."""
    if not x.ndim:
        return [x, np.zeros((), np.int64)]
    rows = np.moveaxis(x, dim, -1)
    places = np.zeros((*rows.shape[:-1], len(choose([0.0] * x.shape[dim]))), np.int64)
    for i in np.ndindex(*rows.shape[:-1]):
        places[i] = choose(rows[i].tolist())
    places = np.moveaxis(places, -1, dim)
    return [np.take_along_axis(x, places, dim), places]


def _sorted_by_loop(x, dim=-1, descending=False, stable=False):
    def places(row: list[float]) -> list[int]:
        return sorted(range(len(row)), key=row.__getitem__, reverse=descending)

    return _rows_by(places, x, dim)


@primitive(in_place=False, reference=_sorted_by_loop)
def sort(x, dim=-1, descending=False, stable=False):
    """The elements in order along axis `dim`, and the indices that they had.  x: (*) -> values, indices: (*)

    descending: from the largest to the smallest. Equal elements keep their order whatever `stable` says, so that the
    same data is always sorted alike.

    >>> import autograd
    >>> values, indices = autograd.sort(autograd.Tensor([3.0, 1.0, 2.0]))
    >>> values, indices
    (tensor([1., 2., 3.]), tensor([1, 2, 0]))
    """
    axis = axis_of(dim, x.ndim)
    if not x.ndim:
        return ValuesAndIndices(x.copy(), np.zeros((), np.int64))
    return _taken(x, order_of(x, axis, descending), axis)


sort.gradient(x=_taken_gradient)


def _sorting_samples(draw: Any) -> Any:
    yield Sample(draw())
    yield Sample(draw.distinct(5))
    yield Sample(draw.distinct(3, 4))
    yield Sample(draw.distinct(3, 4), 0)
    yield Sample(draw.distinct(2, 3, 4), dim=-2, descending=True)
    yield Sample(draw.integers(2, 8), descending=True, stable=True)
    yield Sample(draw.integers(8, 2), dim=0, stable=True)
    yield Sample(draw(0))
    yield Sample(draw(2, 0, 3), dim=1)
    yield Sample(draw(2, 0, 3), dim=2)


sort.samples(_sorting_samples)


def _argsorted_by_loop(x, dim=-1, descending=False, stable=False):
    return _sorted_by_loop(x, dim, descending, stable)[1]


@primitive(reference=_argsorted_by_loop)
def argsort(x, dim=-1, descending=False, stable=False):
    """The indices that sort x along axis `dim`.  x: (*) -> (*) int64

    descending: from the largest to the smallest. Equal elements keep their order whatever `stable` says.
    """
    axis = axis_of(dim, x.ndim)
    return order_of(x, axis, descending) if x.ndim else np.zeros((), np.int64)


argsort.samples(_sorting_samples)


@composite(reference=lambda x: _sorted_by_loop(x, 0)[0])
def msort(x):
    """The elements in order along the first axis.  x: (N, *) -> (N, *)"""
    return sort(x, 0)[0]


@msort.samples
def _(draw):
    yield Sample(draw.distinct(5))
    yield Sample(draw.distinct(4, 3))
    yield Sample(draw(0, 3))
    yield Sample(draw.integers(5, 2))
    yield Sample(draw.distinct(3, 2, 4))
    yield Sample(draw.distinct(1, 3))


# ---------------------------------------------------------------------------------------------------------------------
# The k largest
# ---------------------------------------------------------------------------------------------------------------------
def _top_by_loop(x, k, dim=-1, largest=True, sorted=True):
    def places(row: list[float]) -> list[int]:
        order = list(range(len(row)))
        order.sort(key=row.__getitem__, reverse=largest)
        return order[:k]

    if not x.ndim:
        return [x.reshape(1)[:k].reshape(()), np.zeros((), np.int64)]
    return _rows_by(places, x, dim)


@primitive(reference=_top_by_loop)
def topk(x, k, dim=-1, largest=True, sorted=True):
    """The k largest (or smallest) elements along axis `dim`, in order, and their indices.

    x: (..., K, ...) -> values, indices: (..., k, ...). Of equal elements the first are taken. They are in order
    whatever `sorted` says. ValueError if there are fewer than k.

    >>> import autograd
    >>> values, indices = autograd.topk(autograd.Tensor([3.0, 1.0, 4.0, 1.0, 5.0]), 2)
    >>> values, indices
    (tensor([5., 4.]), tensor([4, 2]))
    """
    axis = axis_of(dim, x.ndim)
    length = x.shape[axis] if x.ndim else 1
    if not 0 <= k <= length:
        raise ValueError(f"topk: {k} elements are asked for along an axis of length {length}, shape {x.shape}.")
    if not x.ndim:
        return ValuesAndIndices(x.copy(), np.zeros((), np.int64))
    if 0 < k <= _FEW and x.size >= 1 << 13 and x.dtype.char in "fd":
        return _few_of_many(x, k, axis, largest)
    return _taken(x, _top_places(x, k, axis, largest), axis)


_FEW = 32  # elements up to which a kernel keeps those found so far in order


def _few_of_many(x: np.ndarray, k: int, axis: int, largest: bool) -> ValuesAndIndices:
    rows = x if axis == x.ndim - 1 else dense_copy(x.swapaxes(axis, -1))
    found = kernels.topk.topk(rows.reshape(-1, x.shape[axis]), k, largest)
    return ValuesAndIndices(*(part.reshape(*rows.shape[:-1], k).swapaxes(axis, -1) for part in found))


def _top_places(x: np.ndarray, k: int, axis: int, largest: bool) -> np.ndarray:
    length = x.shape[axis]
    first_k = (slice(None),) * axis + (slice(k),)
    if length < 256 or 4 * k > length or not k:
        return order_of(x, axis, largest)[first_k]
    at = length - k if largest else k - 1
    edge = np.take(np.partition(x, at, axis), [at], axis)  # the last value that is among the k
    beyond = ((x > edge) | ((x != x) & (edge == edge))) if largest else x < edge
    equal = (x == edge) | ((x != x) & (edge != edge))
    free = k - np.add.reduce(beyond, axis, np.int64, keepdims=True)
    chosen = beyond | (equal & (np.add.accumulate(equal, axis, np.int64) <= free))
    moved = np.moveaxis(chosen, axis, -1)
    places = np.moveaxis(np.nonzero(moved)[-1].reshape(*moved.shape[:-1], k), -1, axis)
    order = order_of(np.take_along_axis(x, places, axis), axis, largest)
    return np.take_along_axis(places, order, axis)


topk.gradient(x=_taken_gradient)


@topk.samples
def _(draw):
    yield Sample(draw.distinct(5), 2)
    yield Sample(draw.distinct(3, 4), 1)
    yield Sample(draw.distinct(3, 4), 3, 0, False)
    yield Sample(draw.distinct(2, 3, 4), 2, dim=1, largest=False, sorted=False)
    yield Sample(draw.distinct(3, 4), 0)
    yield Sample(draw(), 1)
    yield Sample(draw.integers(3, 8), 5)
    yield Sample(draw.integers(2, 300), 7, largest=False)
    yield Sample(draw.integers(300, 2), 7, dim=0)
    yield Sample(draw.distinct(2, 300), 3)


@topk.errors
def _(draw):
    yield Sample(draw(3, 4), 5), ValueError, "axis of length 4"
    yield Sample(draw(3, 4), 1, dim=2), IndexError, "dim 2 is out of range"


# ---------------------------------------------------------------------------------------------------------------------
# Where values belong in what is sorted
# ---------------------------------------------------------------------------------------------------------------------
def _side(right: bool, side: str | None) -> Any:
    if side not in (None, "left", "right"):
        raise ValueError(f"side is {side!r} and must be 'left' or 'right'")
    return side or ("right" if right else "left")


def _insertion_by_loop(x, values, out_int32=False, right=False, side=None, sorter=None):
    after = operator.le if right or side == "right" else operator.lt
    values = np.asarray(values)
    out = np.zeros(values.shape, np.int64)
    for i in np.ndindex(*values.shape):
        row = x if x.ndim == 1 else x[i[:-1]]
        order = None if sorter is None else sorter if x.ndim == 1 else sorter[i[:-1]]
        row = row if order is None else row[order]
        out[i] = len([e for e in row.tolist() if after(e, values[i])])
    return out


@primitive(reference=_insertion_by_loop)
def searchsorted(x, values, out_int32=False, right=False, side=None, sorter=None):
    """Where each of `values` would be inserted in the sorted x.  x: (..., K), values: (..., M) -> (..., M) int64

    With one row x the values may have any shape; else row by row. right (or side="right"): after equal elements, not
    before. sorter: indices that sort x. out_int32: the result is int32.

    >>> import autograd
    >>> autograd.searchsorted(autograd.Tensor([1.0, 3.0, 5.0]), autograd.Tensor([3.0, 4.0]))
    tensor([1, 2])
    """
    side = _side(right, side)
    values = np.asarray(values)
    if not x.ndim:
        raise ValueError("searchsorted: the sorted tensor has no axis.")
    if x.ndim == 1:
        out = np.asarray(np.searchsorted(x, values, side, sorter))
    else:
        if values.shape[:-1] != x.shape[:-1]:
            raise ValueError(
                f"searchsorted: all axes but the last must be equal: sorted {x.shape}, values {values.shape}."
            )
        out = np.empty(values.shape, np.int64)
        for i in np.ndindex(*x.shape[:-1]):
            out[i] = np.searchsorted(x[i], values[i], side, None if sorter is None else sorter[i])
    return out.astype(np.int32) if out_int32 else out


@searchsorted.samples
def _(draw):
    yield Sample(np.sort(draw(6)), draw(2, 3))
    yield Sample(np.arange(5.0), np.array([0.0, 1.0, 2.5, 4.0, 9.0]))
    yield Sample(np.arange(5.0), np.array([0.0, 1.0, 2.5, 4.0, 9.0]), right=True)
    yield Sample(np.arange(5.0), np.array([0.0, 1.0]), side="right", out_int32=True)
    yield Sample(np.sort(draw(2, 3, 6)), draw(2, 3, 4))
    yield Sample(np.array([3, 1, 2]), np.array([1, 2, 5]), sorter=np.array([1, 2, 0]))
    yield Sample(np.arange(4), 2)
    yield Sample(draw(0), draw(3))


@searchsorted.errors
def _(draw):
    yield Sample(draw(2, 5), draw(3, 5)), ValueError, "all axes but the last"
    yield Sample(draw(5), draw(5), side="middle"), ValueError, "'left' or 'right'"


@composite(reference=lambda x, boundaries, **kwargs: _insertion_by_loop(boundaries, x, **kwargs))
def bucketize(x, boundaries, out_int32=False, right=False):
    """The number of the interval between sorted `boundaries` that each element lies in.  x: (*) -> (*) int64

    boundaries: (K,). Intervals are closed on the right; with `right` on the left.
    """
    return searchsorted(boundaries, x, out_int32, right)


@bucketize.samples
def _(draw):
    yield Sample(draw(3, 4), np.array([-1.0, 0.0, 1.0]))
    yield Sample(np.array([-1.0, 0.0, 0.5]), np.array([-1.0, 0.0, 1.0]))
    yield Sample(np.array([-1.0, 0.0, 0.5]), np.array([-1.0, 0.0, 1.0]), right=True)
    yield Sample(draw.integers(5), np.array([1, 3]), out_int32=True)
    yield Sample(draw(0), np.array([1.0]))
    yield Sample(draw(2, 1, 3), np.array([-1.0, -1.0, 1.5]))
    yield Sample(draw(), np.zeros(0))


def _digitize_by_loop(x, bins, right=False):
    ends = bins.tolist()
    if len(ends) > 1 and ends[0] > ends[-1]:
        return each(lambda a: sum(a <= b if right else a < b for b in ends), int)(x)
    return each(lambda a: sum(b < a if right else b <= a for b in ends), int)(x)


@primitive(method=False, reference=_digitize_by_loop)
def digitize(x, bins, right=False):
    """The number of the bin that each element lies in, by NumPy's name and rules.  x: (*), bins: (K) -> int64 (*)

    bins: the edges, ascending or descending. Bins are closed on the left; with `right` on the right, the other way
    round than `bucketize`. 0 is below the first edge, K above the last. ValueError if the edges are not in order.

    >>> import autograd
    >>> autograd.digitize(autograd.tensor([0.5, 1.0, 7.0]), autograd.tensor([0.0, 1.0, 2.0]))
    tensor([1, 2, 3])
    """
    bins = np.asarray(bins)
    steps = np.diff(bins)
    if bins.ndim != 1 or not ((steps >= 0).all() or (steps <= 0).all()):
        raise ValueError(f"digitize: the edges of bins are a vector in order, which {bins.shape} values are not.")
    return np.digitize(x, bins, right)


@digitize.samples
def _(draw):
    yield Sample(draw(3, 4), np.array([-1.0, 0.0, 1.0]))
    yield Sample(np.array([-1.0, 0.0, 0.5]), np.array([-1.0, 0.0, 1.0]))
    yield Sample(np.array([-1.0, 0.0, 0.5]), np.array([-1.0, 0.0, 1.0]), right=True)
    yield Sample(np.array([-1.0, 0.0, 0.5]), np.array([1.0, 0.0, -1.0]))
    yield Sample(np.array([-1.0, 0.0, 0.5]), np.array([1.0, 0.0, -1.0]), True)
    yield Sample(draw.integers(5), np.array([1, 3]))
    yield Sample(draw(0), np.array([1.0]))
    yield Sample(draw(), np.array([-1.0, -1.0, 1.5]))


@digitize.errors
def _(draw):
    yield Sample(draw(3), np.array([0.0, 2.0, 1.0])), ValueError, "in order"


def _numpy_argsort(a, axis=-1, kind=None, order=None, *, stable=None):
    return argsort(a.reshape(-1) if axis is None else a, -1 if axis is None else axis)


ufuncs[np.argsort] = _numpy_argsort
