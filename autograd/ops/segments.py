"""Reductions of neighbouring slices: segments of an axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample
from ..tensor import to_array
from .broadcasting import expand
from .scattering import scatter_reduce
from .shape import axis_of, reshape

_STARTS = {"sum": 0.0, "mean": 0.0, "max": -math.inf, "min": math.inf, "prod": 1.0}
_SCATTERS = {"sum": "sum", "mean": "sum", "max": "amax", "min": "amin", "prod": "prod"}


def _lengths(x: Any, lengths: Any, offsets: Any, axis: int, unsafe: bool) -> tuple[np.ndarray, np.ndarray]:
    """Where the segments of each row begin, and how long they are.  (*, S) each"""
    if (lengths is None) == (offsets is None):
        raise ValueError("segment_reduce: takes lengths or offsets, one of the two.")
    given = to_array(lengths if offsets is None else offsets)
    if given.dtype.kind not in "iu":
        raise TypeError(f"segment_reduce: lengths and offsets are integers, not {given.dtype}. Convert them: x.long().")
    if given.ndim != axis + 1 or given.shape[:-1] != tuple(x.shape[:axis]):
        raise ValueError(
            f"segment_reduce: along dim {axis} of shape {tuple(x.shape)} there are segments for each of the axes "
            f"before: lengths or offsets have shape {(*x.shape[:axis], 'S')}, not {given.shape}."
        )
    if offsets is None:
        ends = np.cumsum(given, -1)
        starts = ends - given
        if not unsafe and ((given < 0).any() or (ends[..., -1:] != x.shape[axis]).any()):
            raise ValueError(f"segment_reduce: lengths are 0 or more and add up to {x.shape[axis]} slices.")
        return starts, given
    if not unsafe and given.size and ((np.diff(given) < 0).any() or given.min() < 0 or given.max() > x.shape[axis]):
        raise ValueError(f"segment_reduce: offsets ascend from 0 or more to at most {x.shape[axis]}.")
    return given[..., :-1], np.diff(given)


def _segments_by_loop(data, reduce, lengths=None, indices=None, offsets=None, axis=0, unsafe=False, initial=None):
    if lengths is None:
        offsets = np.asarray(offsets)
        starts, lengths = offsets[..., :-1], np.diff(offsets)
    else:
        lengths = np.asarray(lengths)
        starts = np.cumsum(lengths, -1) - lengths
    out = np.empty((*lengths.shape, *data.shape[axis + 1 :]))
    fold: Any = {"max": np.fmax, "min": np.fmin, "prod": np.multiply}.get(reduce, np.add)
    for place in np.ndindex(*lengths.shape):
        total = np.full(data.shape[axis + 1 :], _STARTS[reduce] if initial is None else initial)
        for k in range(int(starts[place]), int(starts[place] + lengths[place])):
            total = fold(total, data[(*place[:-1], k)])
        if reduce == "mean" and (lengths[place] or initial is None):
            total = total / lengths[place]
        out[place] = total
    return out


@composite(method=False, reference=_segments_by_loop)
def segment_reduce(data, reduce, lengths=None, indices=None, offsets=None, axis=0, unsafe=False, initial=None):
    """The sum, mean, maximum, minimum or product of each segment along an axis.  data: (*, N, **) -> (*, S, **)

    reduce: "sum", "mean", "max", "min" or "prod". lengths: int (*, S), how many slices each segment has, N in all.
    offsets: or else int (*, S + 1), where each segment begins, and the last one ends. initial: what an empty segment
    has and all others begin with: by default 0, NaN of a mean, minus infinity of a maximum, infinity of a minimum, 1.
    unsafe: lengths and offsets are not checked. The gradient of an extreme is shared among equal elements.
    Indices of single slices, which PyTorch names too, are served by neither: use scatter_reduce.

    >>> import autograd
    >>> data = autograd.tensor([1.0, 2.0, 3.0, 4.0])
    >>> autograd.segment_reduce(data, "sum", lengths=autograd.tensor([1, 3]))
    tensor([1., 9.])
    """
    if reduce not in _STARTS:
        raise ValueError(f"segment_reduce: reduce is 'sum', 'mean', 'max', 'min' or 'prod', not {reduce!r}.")
    if indices is not None:
        raise ValueError("segment_reduce: takes lengths or offsets, and no indices. Use scatter_reduce.")
    if data.dtype.kind != "f":
        raise TypeError(f"segment_reduce: takes floating-point numbers, not {data.dtype}. Convert them: data.float().")
    axis = axis_of(axis, data.ndim, "segment_reduce")
    starts, counts = _lengths(data, lengths, offsets, axis, unsafe)
    outer, inner, size = math.prod(counts.shape[:-1]), math.prod(data.shape[axis + 1 :]), counts.shape[-1]
    flat = counts.ravel()
    # The rows of all segments, one after another, and the number of the segment of each.
    first = (starts + np.arange(outer).reshape((*counts.shape[:-1], 1)) * data.shape[axis]).ravel()
    rows = np.arange(int(flat.sum())) - np.repeat(np.cumsum(flat) - flat, flat) + np.repeat(first, flat)
    number = np.repeat(np.arange(flat.size), flat)
    values = reshape(data, (outer * data.shape[axis], inner))[rows]
    begin = np.full((outer * size, inner), _STARTS[reduce] if initial is None else initial, data.dtype)
    out = scatter_reduce(
        expand(begin, begin.shape), 0, np.broadcast_to(number[:, None], (len(rows), inner)), values, _SCATTERS[reduce]
    )
    if reduce == "mean":
        divisor = np.where(flat > 0, flat, 1 if initial is not None else 0)[:, None]
        out = out / divisor.astype(data.dtype)
    return reshape(out, (*counts.shape, *data.shape[axis + 1 :]))


@segment_reduce.samples
def _(draw):
    for reduce in _STARTS:
        yield Sample(draw.distinct(6), reduce, lengths=np.array([2, 0, 3, 1]), initial=0.5)
        yield Sample(draw.distinct(5, 2), reduce, lengths=np.array([1, 4]))
        yield Sample(draw.distinct(7), reduce, offsets=np.array([0, 2, 5, 7]))
        yield Sample(draw.distinct(2, 4, 3), reduce, lengths=np.array([[1, 3], [2, 2]]), axis=1)
    yield Sample(draw(4), "sum", lengths=np.array([4, 0]), unsafe=True)
    yield Sample(draw(0), "prod", lengths=np.array([0, 0]))
    yield Sample(np.array([0.0, 2.0, 3.0, 0.0]), "prod", lengths=np.array([3, 1]))


@segment_reduce.errors
def _(draw):
    yield Sample(draw(4), "median", lengths=np.array([4])), ValueError, "not 'median'"
    yield Sample(draw(4), "sum"), ValueError, "one of the two"
    yield Sample(draw(4), "sum", lengths=np.array([3])), ValueError, "add up to 4 slices"
    yield Sample(draw(4), "sum", lengths=np.array([4.0])), TypeError, "are integers"
    yield Sample(draw(4), "sum", offsets=np.array([0, 5])), ValueError, "at most 4"
    yield Sample(draw(4, 2), "sum", lengths=np.array([1, 1]), axis=1), ValueError, "for each of the axes"
    yield Sample(draw.integers(4), "sum", lengths=np.array([4])), TypeError, "floating-point"
