"""How many elements lie in each of several intervals, in one and in more dimensions."""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..errors import describe
from ..op import Sample
from ..tensor import to_array, wrap


class HistogramAndEdges(NamedTuple):
    """What `histogram` and `histogramdd` return."""

    hist: Any
    bin_edges: Any


def _histc_by_loop(x, bins=100, min=0, max=0):
    low, high = (x.min(), x.max()) if min == max == 0 and x.size else (min, max)
    if low == high:
        low, high = low - 1, high + 1
    out = np.zeros(bins, x.dtype)
    for value in x.ravel():
        if low <= value <= high:
            place = int((value - low) / (high - low) * bins)
            out[place if place < bins else bins - 1] += 1
    return out


@primitive(reference=_histc_by_loop)
def histc(x, bins=100, min=0, max=0):
    """How many elements lie in each of `bins` equal intervals from `min` to `max`.  x: (*) -> (bins,)

    With min and max both 0 the interval is that of the elements. Elements outside are not counted. The counts have the
    dtype of x. Has no gradient.
    """
    if bins < 1:
        raise ValueError(f"histc: {bins} bins can hold nothing. Give 1 or more.")
    low, high = (x.min(), x.max()) if min == max == 0 and x.size else (min, max)
    if not np.isfinite(low) or not np.isfinite(high) or low > high:
        raise ValueError(f"histc: there is no interval from {low} to {high}. Give finite min < max.")
    if low == high:
        low, high = low - 1, high + 1
    return np.histogram(x, bins, (float(low), float(high)))[0].astype(x.dtype)


@histc.samples
def _(draw):
    yield Sample(draw(50), 7)
    yield Sample(draw(5, 4), bins=4, min=-1, max=1)
    yield Sample(draw(1), 5)
    yield Sample(draw(0), bins=3)
    yield Sample(draw(30), 5, -2.0, 0.5)
    yield Sample(draw(), 3)


@histc.errors
def _(draw):
    yield Sample(draw(3), min=2, max=1), ValueError, "no interval from 2 to 1"
    yield Sample(draw(3), bins=0), ValueError, "0 bins"


# ---------------------------------------------------------------------------------------------------------------------
# With the edges of the intervals
# ---------------------------------------------------------------------------------------------------------------------
def _edges(bins: Any, name: str) -> Any:
    """A number of bins, or their edges as an array."""
    if hasattr(bins, "__index__") and not getattr(bins, "ndim", 0):
        bins = int(bins)
        if bins < 1:
            raise ValueError(f"{name}: {bins} bins can hold nothing. Give 1 or more.")
        return bins
    edges = to_array(bins)
    if edges.ndim != 1 or edges.size < 2 or not (np.diff(edges) >= 0).all():
        raise ValueError(
            f"{name}: the edges of bins are two or more numbers in ascending order, not {describe(edges)}."
        )
    return edges


def _interval(range: Any, name: str) -> tuple[float, float] | None:
    if range is None:
        return None
    low, high = (float(end) for end in range)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(f"{name}: there is no interval from {low} to {high}. Give finite ends in ascending order.")
    return low, high


def _check_floats(x: np.ndarray, name: str) -> None:
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: takes floating-point numbers, not {describe(x)}. Convert them: x.float().")
    if not np.isfinite(x).all():
        raise ValueError(f"{name}: NaN and infinite elements lie in no interval. Take them out first.")


def _histogram_by_loop(x, bins, range=None, weight=None, density=False):
    values = x.ravel().tolist()
    weights = [1.0] * len(values) if weight is None else weight.ravel().tolist()
    if np.ndim(bins):
        edges = [float(edge) for edge in bins]
    else:
        low, high = range or ((min(values), max(values)) if values else (0.0, 1.0))
        if low == high:
            low, high = low - 0.5, high + 0.5
        edges = [low + (high - low) * k / bins for k in np.arange(bins + 1)]
    hist = [
        math.fsum(w for v, w in zip(values, weights, strict=True) if a <= v and (v < b or (v == b and b == edges[-1])))
        for a, b in itertools.pairwise(edges)
    ]
    if density:
        total = math.fsum(hist)
        hist = [h / total / (b - a) for h, (a, b) in zip(hist, itertools.pairwise(edges), strict=True)]
    return np.array(hist), np.array(edges)


@primitive(reference=_histogram_by_loop)
def histogram(x, bins, range=None, weight=None, density=False):
    """How many elements lie in each of several intervals, and the edges of those.  x: (*) -> (K), (K + 1)

    bins: a number of equal intervals, or their edges. range: (low, high) for a number of bins; that of the elements
    unless given. weight: (*) what each element counts, 1 unless given. density: divide by the sum and the widths, so
    that the integral is 1. Elements outside are not counted; the last interval includes its end. Has no gradient.

    >>> import autograd
    >>> autograd.histogram(autograd.tensor([1.0, 2.0, 1.0]), bins=4, range=(0.0, 3.0))
    HistogramAndEdges(hist=tensor([0., 2., 1., 0.]), bin_edges=tensor([0.0000, 0.7500, 1.5000, 2.2500, 3.0000]))
    """
    _check_floats(x, "histogram")
    edges, interval = _edges(bins, "histogram"), _interval(range, "histogram")
    if weight is not None and weight.shape != x.shape:
        raise ValueError(f"histogram: needs a weight for each element: {weight.shape} for {x.shape}.")
    hist, edges = np.histogram(x, edges, interval, density, weight)
    return HistogramAndEdges(hist.astype(x.dtype), edges.astype(x.dtype))


@histogram.samples
def _(draw):
    yield Sample(draw(50), 7)
    yield Sample(draw(5, 4), 4, range=(-1.0, 1.0))
    yield Sample(draw(30), np.array([-2.0, -0.5, 0.0, 1.5]))
    yield Sample(draw(30), 5, weight=draw(30, low=0.5, high=2.0))
    yield Sample(draw(30), 5, range=(-2.0, 2.0), weight=draw(30, low=0.5, high=2.0), density=True)
    yield Sample(draw(30), np.array([-1.5, 0.0, 1.0]), density=True)
    yield Sample(np.array([1.5, 1.5]), 3)
    yield Sample(draw(0), 3)
    yield Sample(draw(), 2)


@histogram.errors
def _(draw):
    yield Sample(draw.integers(3), 2), TypeError, "floating-point"
    yield Sample(draw(3), 0), ValueError, "0 bins"
    yield Sample(draw(3), np.array([1.0, 0.0])), ValueError, "ascending"
    yield Sample(draw(3), 2, range=(1.0, 0.0)), ValueError, "no interval from 1.0 to 0.0"
    yield Sample(draw(3), 2, weight=draw(4)), ValueError, "a weight for each"
    yield Sample(np.array([1.0, np.nan]), 2), ValueError, "lie in no interval"


def _histogramdd_by_loop(x, bins, range=None, weight=None, density=False):
    points = x.reshape(-1, x.shape[-1])
    count = points.shape[1]
    bins = [bins] * count if isinstance(bins, int) else bins
    ends = [None] * count if range is None else list(zip(range[::2], range[1::2], strict=True))
    edges = [_histogram_by_loop(points[:, k], bins[k], ends[k])[1] for k in np.arange(count)]
    hist = np.zeros([len(e) - 1 for e in edges])
    weights = np.ones(len(points)) if weight is None else weight.ravel()
    for point, w in zip(points, weights, strict=True):
        place = []
        for value, e in zip(point, edges, strict=True):
            fits = [
                k for k in np.arange(len(e) - 1) if e[k] <= value and (value < e[k + 1] or value == e[k + 1] == e[-1])
            ]
            place += fits[:1]
        if len(place) == count:
            hist[tuple(place)] += w
    if density:
        for axis, e in enumerate(edges):
            hist = hist / np.diff(e).reshape([-1 if i == axis else 1 for i in np.arange(count)])
        hist = hist / weights.sum()
    return (hist,)


@composite(method=False, reference=_histogramdd_by_loop)
def histogramdd(x, bins, range=None, weight=None, density=False):
    """How many points lie in each cell of a grid, and the edges of the grid.  x: (*, D) -> (K1, ..., KD), D of (K + 1)

    bins: a number of intervals for all axes, or a number or the edges for each. range: low and high of each axis, one
    after another: (low1, high1, low2, high2, ...). weight, density: as in `histogram`. Has no gradient.

    >>> import autograd
    >>> points = autograd.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])
    >>> autograd.histogramdd(points, bins=[2, 2]).hist
    tensor([[0., 1.],
            [1., 1.]])
    """
    points = to_array(x)
    _check_floats(points, "histogramdd")
    if points.ndim < 2:
        raise ValueError(
            f"histogramdd: points lie along the last of two axes or more, and the shape is {points.shape}."
        )
    count = points.shape[-1]
    several = isinstance(bins, (list, tuple))
    if several and len(bins) != count:
        raise ValueError(f"histogramdd: {len(bins)} bins are given for points of {count} coordinates.")
    edges = [_edges(each, "histogramdd") for each in bins] if several else [_edges(bins, "histogramdd")] * count
    intervals: Any = None
    if range is not None:
        if len(range) != 2 * count:
            raise ValueError(f"histogramdd: range has a low and a high end for each of {count} coordinates.")
        intervals = [_interval(ends, "histogramdd") for ends in zip(range[::2], range[1::2], strict=True)]
    weights = None
    if weight is not None:
        weights = to_array(weight)
        if weights.shape != points.shape[:-1]:
            raise ValueError(f"histogramdd: needs a weight for each point: {weights.shape} for {points.shape[:-1]}.")
        weights = weights.ravel()
    with np.errstate(all="ignore"):  # the density of no points at all is NaN
        hist, found = np.histogramdd(points.reshape(-1, count), edges, intervals, density, weights)
    return HistogramAndEdges(wrap(hist.astype(points.dtype)), tuple([wrap(e.astype(points.dtype)) for e in found]))


@histogramdd.samples
def _(draw):
    yield Sample(draw(20, 2), [3, 4])
    yield Sample(draw(20, 2), 3)
    yield Sample(draw(4, 5, 3), [2, 3, 2], range=(-2.0, 2.0, -1.0, 1.0, 0.0, 2.0))
    yield Sample(draw(20, 2), [2, 3], weight=draw(20, low=0.5, high=2.0))
    yield Sample(draw(20, 1), [5], density=True)
    yield Sample(draw(20, 2), [np.array([-2.0, 0.5, 2.0]), np.array([-2.0, -1.0, 2.0])])
    yield Sample(draw(20, 2), [2, 2], range=(-2.0, 2.0, -2.0, 2.0), weight=draw(20, low=0.5, high=2.0), density=True)


@histogramdd.errors
def _(draw):
    yield Sample(draw(3), 2), ValueError, "the shape is (3,)"
    yield Sample(draw(3, 2), [2]), ValueError, "1 bins are given for points of 2"
    yield Sample(draw(3, 2), 2, range=(0.0, 1.0)), ValueError, "for each of 2 coordinates"
    yield Sample(draw(3, 2), 2, weight=draw(2)), ValueError, "a weight for each point"
    yield Sample(draw.integers(3, 2), 2), TypeError, "floating-point"
