"""What is found by rank: the median and other quantiles, the k-th smallest, the most frequent."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from .comparison import where
from .extremes import (
    distinct_samples,
    empty_or_wrong,
    errors_along,
    index_along,
    refuse_nothing,
    samples_along,
    share_evenly,
    to_place,
    values_at,
)
from .indexing import internal
from .reduction import by_loop, is_number, values_of
from .shape import axis_of, movedim
from .sorting import order_of, sort


def _first_equal(x: np.ndarray, value: np.ndarray, axis: int) -> np.ndarray:
    """The first place of `value` in each row; a NaN equals a NaN."""
    equal = (x == value) | ~(is_number(x) | is_number(value))
    return np.argmax(equal, axis, keepdims=True) if x.size else np.zeros(value.shape, np.int64)


def _of_rank(x: np.ndarray, rank: int, axis: int) -> np.ndarray:
    """The place of the element that has `rank` (from 0) among those of its row in order."""
    return _first_equal(x, np.take(np.partition(x, rank, axis), [rank], axis), axis)


# ---------------------------------------------------------------------------------------------------------------------
# The median
# ---------------------------------------------------------------------------------------------------------------------
def _place_of_median(x: np.ndarray, axis: int, skip_nan: bool) -> np.ndarray:
    middle = _of_rank(x, (x.shape[axis] - 1) // 2, axis)
    unknown = ~is_number(x)
    if not unknown.any():
        return middle
    if skip_nan:
        number = np.add.reduce(~unknown, axis, np.int64, keepdims=True)
        ranks = np.maximum(number - 1, 0) // 2
        return _first_equal(x, np.take_along_axis(np.sort(x, axis), ranks, axis), axis)
    return np.where(unknown.any(axis, keepdims=True), np.argmax(unknown, axis, keepdims=True), middle)


def _median_ops(name: str, skip_nan: bool) -> tuple[Any, Any]:
    """The median of all elements, and that along an axis with indices."""

    def of_all(x):
        refuse_nothing(name, x, tuple(range(x.ndim)))
        flat = x.reshape(-1)
        return flat[_place_of_median(flat, 0, skip_nan)[0]]

    def along(x, dim, keepdim):
        axis = axis_of(dim, x.ndim)
        if not x.ndim:
            return values_at(x, np.zeros((), np.int64), axis, keepdim)
        refuse_nothing(name, x, (axis,))
        return values_at(x, _place_of_median(x, axis, skip_nan), axis, keepdim)

    overall, with_indices = internal(of_all, name), internal(along, name)
    overall.gradient(x=lambda g, x, out: share_evenly(g, x, out, None, False))
    with_indices.gradient(x=to_place)
    return overall.call, with_indices.call


_median_of_all, _median_along = _median_ops("median", False)
_nanmedian_of_all, _nanmedian_along = _median_ops("nanmedian", True)


def _median_by_loop(x, dim=None, keepdim=False):
    def middle(v: list[float]) -> float:
        known = [e for e in v if e == e]
        return sorted(known)[(len(known) - 1) // 2] if known else math.nan

    values = by_loop(middle, x, dim, keepdim and dim is not None)
    if dim is None:
        return values
    return [values, by_loop(lambda v: v.index(middle(v)), x, dim, keepdim)]


@composite(reference=_median_by_loop)
def median(x, dim=None, keepdim=False):
    """The median of all elements; along axis `dim`, the medians and their indices.

    x: (*) -> (), or with dim: values, indices: (*) without the axis. Of an even number of elements the lower one of
    the two in the middle, as in PyTorch; `quantile(x, 0.5)` is their mean. NaN if there is a NaN.

    >>> import autograd
    >>> autograd.median(autograd.Tensor([4.0, 1.0, 3.0, 2.0]))
    tensor(2.)
    """
    return _median_of_all(x) if dim is None else _median_along(x, dim, keepdim)


@composite(reference=_median_by_loop)
def nanmedian(x, dim=None, keepdim=False):
    """The median of what is not NaN, of all elements or, with indices, along axis `dim`.

    x: (*) -> (), or with dim: values, indices: (*) without the axis. NaN where all are NaN.
    """
    return _nanmedian_of_all(x) if dim is None else _nanmedian_along(x, dim, keepdim)


for _op in (median, nanmedian):
    _op.samples(distinct_samples)
    _op.errors(empty_or_wrong)


# ---------------------------------------------------------------------------------------------------------------------
# The k-th smallest, the most frequent
# ---------------------------------------------------------------------------------------------------------------------
def _kth_by_loop(x, k, dim=-1, keepdim=False):
    def kth(v: list[float]) -> float:
        return sorted(v)[k - 1]

    return [by_loop(kth, x, dim, keepdim), by_loop(lambda v: v.index(kth(v)), x, dim, keepdim)]


@primitive(reference=_kth_by_loop)
def kthvalue(x, k, dim=-1, keepdim=False):
    """The k-th smallest elements (k from 1) along axis `dim`, and their indices.

    x: (*) -> values, indices: (*) without the axis. ValueError if there are fewer than k.

    >>> import autograd
    >>> values, indices = autograd.kthvalue(autograd.Tensor([3.0, 1.0, 2.0]), 2)
    >>> values, indices
    (tensor(2.), tensor(2))
    """
    axis = axis_of(dim, x.ndim)
    length = x.shape[axis] if x.ndim else 1
    if not 1 <= k <= length:
        raise ValueError(f"kthvalue: k is {k}, and along dim {dim} of shape {x.shape} it must be from 1 to {length}.")
    places = _of_rank(x, k - 1, axis) if x.ndim else np.zeros((), np.int64)
    return values_at(x, places, axis, keepdim)


kthvalue.gradient(x=to_place)


@kthvalue.samples
def _(draw):
    for sample in samples_along(draw):
        yield Sample(sample.args[0], 1, *sample.args[1:], **sample.kwargs)
    yield Sample(draw.distinct(3, 4), 3)
    yield Sample(draw.distinct(3, 4), 4, dim=1, keepdim=True)


@kthvalue.errors
def _(draw):
    yield Sample(draw(3, 4), 5), ValueError, "from 1 to 4"
    yield Sample(draw(3, 4), 0, 0), ValueError, "from 1 to 3"


def _mode_by_loop(x, dim=-1, keepdim=False):
    def most(v: list[float]) -> float:
        return sorted(v, key=lambda e: (-v.count(e), e))[0]

    return [
        by_loop(most, x, dim, keepdim),
        by_loop(lambda v: len(v) - 1 - v[::-1].index(most(v)), x, dim, keepdim),
    ]


@primitive(reference=_mode_by_loop)
def mode(x, dim=-1, keepdim=False):
    """The most frequent elements along axis `dim`, and the index of the last of them.

    x: (*) -> values, indices: (*) without the axis. The smallest one where several are equally frequent.
    """
    axis = axis_of(dim, x.ndim)
    if not x.ndim:
        return values_at(x, np.zeros((), np.int64), axis, keepdim)
    refuse_nothing("mode", x, (axis,))
    order = np.moveaxis(order_of(x, axis), axis, -1)
    ordered = np.take_along_axis(np.moveaxis(x, axis, -1), order, -1)
    numbers = np.arange(x.shape[axis])
    new = np.ones(ordered.shape, bool)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    length_so_far = numbers - np.maximum.accumulate(np.where(new, numbers, 0), -1)
    if not x.size:
        last = np.zeros((*ordered.shape[:-1], 1), np.int64)
    else:
        last = np.take_along_axis(order, np.argmax(length_so_far, -1, keepdims=True), -1)
    return values_at(x, np.moveaxis(last, -1, axis), axis, keepdim)


mode.gradient(x=to_place)


@mode.samples
def _(draw):
    yield Sample(draw.integers(12))
    yield Sample(draw.integers(3, 8), 1)
    yield Sample(draw.integers(8, 3), dim=-2, keepdim=True)
    yield Sample(draw.distinct(1, 3), 0)
    yield Sample(draw())
    yield Sample(draw(2, 0, 3), 2)


mode.errors(errors_along)


# ---------------------------------------------------------------------------------------------------------------------
# Quantiles
# ---------------------------------------------------------------------------------------------------------------------
_INTERPOLATIONS = ("linear", "lower", "higher", "nearest", "midpoint")


def _between(position: np.ndarray, interpolation: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ranks on both sides of a position, and the weight of the upper one."""
    low, high = np.floor(position).astype(np.int64), np.ceil(position).astype(np.int64)
    if interpolation == "lower":
        high = low
    elif interpolation == "higher":
        low = high
    elif interpolation == "nearest":
        low = high = np.rint(position).astype(np.int64)
    if interpolation == "midpoint":
        return low, high, np.where(low == high, 0.0, 0.5)
    return low, high, np.where(low == high, 0.0, position - low)


def _quantile(name: str, x: Any, q: Any, dim: Any, keepdim: bool, interpolation: str, skip_nan: bool) -> Any:
    levels = np.asarray(values_of(q), np.float64)
    if levels.ndim > 1 or not ((levels >= 0) & (levels <= 1)).all():
        raise ValueError(f"{name}: q is {levels.tolist()} and must be a number from 0 to 1, or a list of such.")
    if interpolation not in _INTERPOLATIONS:
        raise ValueError(f"{name}: interpolation is {interpolation!r} and must be one of {', '.join(_INTERPOLATIONS)}.")
    ndim, shape = x.ndim, tuple(x.shape)
    axis = 0 if dim is None else axis_of(dim, ndim, name)
    rows = x.reshape((values_of(x).size,)) if dim is None or not ndim else movedim(x, axis, -1)
    refuse_nothing(name, values_of(rows), (rows.ndim - 1,))
    known = is_number(values_of(rows))
    number = known.sum(-1, keepdims=True) if skip_nan else np.full((*rows.shape[:-1], 1), rows.shape[-1])
    low, high, weight = _between(levels.reshape(-1) * np.maximum(number - 1, 0), interpolation)
    ordered = sort(rows, -1)[0]
    below, above = (ordered[index_along(ranks, rows.ndim - 1)] for ranks in (low, high))
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)
    # Where the weight is 0, an infinite element above must not count.
    out = where(weight == 0, below, below + (above - below) * weight.astype(dtype))
    if not skip_nan and not known.all():
        out = where(known.all(-1, keepdims=True), out, dtype.type(np.nan))
    if keepdim:
        kept = [1] * ndim if dim is None else [1 if i == axis else n for i, n in enumerate(shape)]
    else:
        kept = [] if dim is None else [n for i, n in enumerate(shape) if i != axis]
    out = movedim(out, -1, 0)
    return out.reshape((*levels.shape, *kept))


def _quantile_reference(function: Any) -> Any:
    def reference(x, q, dim=None, keepdim=False, interpolation="linear"):
        return function(x, q, dim, keepdims=keepdim, method=interpolation)

    return reference


@composite(reference=_quantile_reference(np.quantile))
def quantile(x, q, dim=None, keepdim=False, interpolation="linear"):
    """The value that a share q of all elements, or of those along axis `dim`, lies below.

    x: (*), q: a number from 0 to 1, or (Q,) -> (*) without the axis, after an axis for several q. interpolation:
    between the two elements nearest by rank: "linear", "lower", "higher", "nearest" or "midpoint". NaN if there is a
    NaN. ValueError if there is no element.

    >>> import autograd
    >>> autograd.quantile(autograd.Tensor([1.0, 2.0, 3.0, 4.0]), 0.5)
    tensor(2.5000)
    """
    return _quantile("quantile", x, q, dim, keepdim, interpolation, False)


@composite(reference=_quantile_reference(np.nanquantile))
def nanquantile(x, q, dim=None, keepdim=False, interpolation="linear"):
    """As `quantile`, of what is not NaN.  x: (*), q: () or (Q,) -> (*) without the axis, after an axis for several q"""
    return _quantile("nanquantile", x, q, dim, keepdim, interpolation, True)


@composite(
    method=False,
    reference=lambda x, q, dim=None, keepdim=False, interpolation="linear": np.percentile(
        x, q, dim, keepdims=keepdim, method=interpolation
    ),
)
def percentile(x, q, dim=None, keepdim=False, interpolation="linear"):
    """`quantile`, with q from 0 to 100: NumPy's name.  x: (*) -> (*) without the axis, after an axis for several q

    >>> import autograd
    >>> autograd.percentile(autograd.tensor([1.0, 2.0, 3.0, 4.0]), 25)
    tensor(1.7500)
    """
    levels = np.asarray(values_of(q), np.float64) / 100
    if not ((levels >= 0) & (levels <= 1)).all():
        raise ValueError(f"percentile: q is {(levels * 100).tolist()} and must be from 0 to 100, or a list of such.")
    return _quantile("percentile", x, levels, dim, keepdim, interpolation, False)


@percentile.samples
def _(draw):
    yield Sample(draw.distinct(5), 30)
    yield Sample(draw.distinct(3, 4), 50.0)
    yield Sample(draw.distinct(3, 4), 25, 1, True)
    yield Sample(draw.distinct(3, 4), [0, 60, 100], dim=-2)
    yield Sample(draw.distinct(2, 3, 4), [10, 60], dim=1, keepdim=True)
    yield Sample(draw.distinct(3, 6), 33, 1, interpolation="nearest")
    yield Sample(draw(2, 0, 3), 50, dim=0)


@percentile.errors
def _(draw):
    yield Sample(draw(3), 101), ValueError, "from 0 to 100"
    yield Sample(draw(3), 50, interpolation="cubic"), ValueError, "'cubic'"


def _quantile_samples(draw: Any) -> Any:
    yield Sample(draw.distinct(5), 0.3)
    yield Sample(draw.distinct(3, 4), 0.5)
    yield Sample(draw.distinct(3, 4), 0.25, 1, True)
    yield Sample(draw.distinct(3, 4), [0.0, 0.6, 1.0], dim=-2)
    yield Sample(draw.distinct(2, 3, 4), [0.1, 0.6], dim=1, keepdim=True)
    for interpolation in _INTERPOLATIONS:
        yield Sample(draw.distinct(3, 6), 0.3, 1, interpolation=interpolation)
    yield Sample(draw.distinct(3, 6), [0.3, 0.52], 1, interpolation="nearest")
    yield Sample(draw(2, 0, 3), 0.5, dim=0)


for _op in (quantile, nanquantile):
    _op.samples(_quantile_samples)


@quantile.errors
def _(draw):
    yield Sample(draw(3), 1.5), ValueError, "from 0 to 1"
    yield Sample(draw(3), 0.5, interpolation="cubic"), ValueError, "'cubic'"
    yield Sample(draw(3), 0.5, dim=1), IndexError, "quantile: dim 1 is out of range"
    yield Sample(draw(0), 0.5), ValueError, "no element"
