"""Sums, means, products and truth over axes, and what all reductions share."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arrays import folded
from ..declare import primitive
from ..modes import modes
from ..op import Sample, keep
from ..tensor import Tensor
from ..walk import absorb_zero
from .shape import axis_of


# ---------------------------------------------------------------------------------------------------------------------
# What all reductions share
# ---------------------------------------------------------------------------------------------------------------------
def reduced_axes(dim: Any, ndim: int) -> tuple[int, ...]:
    """The axes that `dim` means, counted from the first: all of them for None and, as in PyTorch, for ()."""
    if dim is None:
        return tuple(range(ndim))
    if type(dim) is int and 0 <= dim < ndim:
        return (dim,)
    return _reduced_axes(tuple(dim) if isinstance(dim, (tuple, list)) else (dim,), ndim)


@functools.lru_cache(maxsize=512)
def _reduced_axes(dims: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    axes = sorted(axis_of(dim, ndim) for dim in dims)
    if len(set(axes)) < len(axes):
        raise ValueError(f"dim {dims} names an axis twice")
    return tuple(axes) if ndim and axes else tuple(range(ndim))


def with_ones(shape: Sequence[int], axes: Sequence[int]) -> tuple[int, ...]:
    """`shape` with length 1 in place of each of the axes."""
    return tuple([1 if i in axes else length for i, length in enumerate(shape)])


def without(shape: Sequence[int], axes: Sequence[int]) -> tuple[int, ...]:
    """`shape` without the axes."""
    return tuple([length for i, length in enumerate(shape) if i not in axes])


def count(shape: Sequence[int], axes: Sequence[int]) -> int:
    """How many elements a reduction over the axes makes one of."""
    return math.prod([shape[i] for i in axes])


def restore(g: Any, shape: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    """`g`, of the shape that a reduction of `shape` gave, with the reduced axes back as axes of length 1."""
    if keepdim or not shape:
        return g
    return g.reshape(with_ones(shape, reduced_axes(dim, len(shape))))


def spread(g: Any, shape: tuple[int, ...], dim: Any = None, keepdim: bool = False) -> Any:
    """`g`, of the shape that a reduction of `shape` gave, repeated over the reduced axes (as a view)."""
    if isinstance(g, Tensor):
        return restore(g, shape, dim, keepdim).expand(shape)
    if g.size == 1:  # no loop over axes: a tenth of the time of broadcast_to
        view: Any = np.ndarray(shape, g.dtype, g, 0, (0,) * len(shape))
        view.flags.writeable = False
        return view
    return np.broadcast_to(restore(g, shape, dim, keepdim), shape)


def absorb(gradient: Any, incoming: Any) -> Any:
    """`gradient`, with 0 for each NaN where the incoming gradient, of the same shape, is exactly 0."""
    return gradient if modes.strict_nan else absorb_zero(gradient, incoming)


def values_of(x: Any) -> np.ndarray:
    """The array under a tensor, or the array itself: for masks, through which no gradient goes."""
    return x.data if isinstance(x, Tensor) else x


def total_dtype(dtype: np.dtype) -> np.dtype:
    """The dtype of a sum: int64 for integers and booleans, else that of the elements."""
    return np.dtype(np.int64) if dtype.kind in "biu" else dtype


def wide(dtype: np.dtype) -> np.dtype:
    """The dtype to compute in: float32 for float16."""
    return np.dtype(np.float32) if dtype.char == "e" else dtype


_add: Any = np.add.reduce  # by position: names take a tenth of the time of a small sum
_BLOCK = 512  # rows that are added one after another before the sums of blocks are


def add_up(x: np.ndarray, axes: tuple[int, ...], keepdim: Any, dtype: Any = None) -> np.ndarray:
    """The sum over the axes.

    float16 is summed in float32. Over long leading axes NumPy adds one row after another, so that the sum of 20 million
    ones in float32 is 16 million; here the rows of a block are summed first, then the sums of the blocks.
    """
    if dtype is None and x.size <= 4 * _BLOCK and x.dtype.char in "fd":
        return _add(x, axes, None, None, keepdim)
    want = total_dtype(x.dtype) if dtype is None else np.dtype(dtype)
    work = wide(want)
    if work == x.dtype:
        out = folded("sum", x, axes, keepdim)
        if out is not None:
            return out if work == want else out.astype(want)
    leading = 0 < len(axes) < x.ndim and axes[-1] == len(axes) - 1
    if leading and x.size > 4 * _BLOCK and work.kind in "fc" and count(x.shape, axes) > 4 * _BLOCK:
        rows, rest = count(x.shape, axes), x.shape[len(axes) :]
        blocks = rows // _BLOCK
        flat = x.reshape(rows, *rest)
        heads = flat[: blocks * _BLOCK].reshape(blocks, _BLOCK, *rest)
        out = np.add.reduce(np.add.reduce(heads, 1, work), 0)
        out += np.add.reduce(flat[blocks * _BLOCK :], 0, work)
        if keepdim:
            out = out.reshape(with_ones(x.shape, axes))
    else:
        out = np.add.reduce(x, axes, work, keepdims=keepdim)
    return out if work == want else out.astype(want)


def by_loop(function: Any, x: np.ndarray, dim: Any = None, keepdim: bool = False) -> np.ndarray:
    """`function` of a list of numbers, for each of the places that a reduction leaves: the oracle of the tests."""
    axes = reduced_axes(dim, x.ndim)
    out = np.empty(with_ones(x.shape, axes), object)
    for place in np.ndindex(*out.shape):
        out[place] = function(x[tuple(slice(None) if i in axes else k for i, k in enumerate(place))].ravel().tolist())
    out = out if keepdim else out.reshape(without(x.shape, axes))
    return np.array(out.tolist()).reshape(out.shape)


def reduction_samples(draw: Any) -> Any:
    """What every reduction over one or several axes is tested with."""
    yield Sample(draw())
    yield Sample(draw(), dim=-1)
    yield Sample(draw(5))
    yield Sample(draw(3, 4))
    yield Sample(draw(3, 4), 1)
    yield Sample(draw(3, 4), dim=-2, keepdim=True)
    yield Sample(draw(2, 3, 4), dim=(0, -1))
    yield Sample(draw(2, 3, 4), dim=[1, 0], keepdim=True)
    yield Sample(draw(2, 3), keepdim=True)
    yield Sample(draw(2, 0, 3), dim=2)


def samples_of_nothing(draw: Any) -> Any:
    """Reductions of no elements at all, where those have a value."""
    yield Sample(draw(0))
    yield Sample(draw(2, 0, 3), dim=1)
    yield Sample(draw(2, 0, 3), dim=(0, 1), keepdim=True)


def wrong_dims(draw: Any) -> Any:
    """Dims that no reduction takes."""
    yield Sample(draw(2, 3), dim=2), IndexError, "dim 2 is out of range"
    yield Sample(draw(2, 3), dim=(0, -2)), ValueError, "names an axis twice"


# ---------------------------------------------------------------------------------------------------------------------
# Sums and means
# ---------------------------------------------------------------------------------------------------------------------
def _sum_by_loop(x, dim=None, keepdim=False, dtype=None):
    return by_loop(math.fsum, x, dim, keepdim)


@primitive(sticky=True, reference=_sum_by_loop)
def sum(x, dim=None, keepdim=False, dtype=None):
    """The sum over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes

    dim: an axis, several, or None for all. keepdim: they stay, with length 1. dtype: that of the sum; by default
    integers and booleans are summed in int64.

    >>> import autograd
    >>> autograd.sum(autograd.Tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    tensor([4., 6.])
    """
    return add_up(x, reduced_axes(dim, x.ndim), keepdim, dtype)


sum.gradient(x=lambda g, x_shape, dim, keepdim: spread(g, x_shape, dim, keepdim))


@sum.samples
def _(draw):
    yield from reduction_samples(draw)
    yield from samples_of_nothing(draw)
    yield Sample(draw.integers(3, 4), dim=0, dtype=np.float64)
    yield Sample(draw.integers(3, 4), dim=0)
    yield Sample(draw(2100, 2), dim=0)
    yield Sample(draw(30, 80, 2), dim=(0, 1), keepdim=True)


def _mean_by_loop(x, dim=None, keepdim=False, dtype=None):
    return by_loop(lambda v: math.fsum(v) / len(v) if v else math.nan, x, dim, keepdim)


@primitive(sticky=True, reference=_mean_by_loop)
def mean(x, dim=None, keepdim=False, dtype=None):
    """The mean over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes

    dim, keepdim: as in `sum`. The mean of nothing is NaN; that of integers is float64.

    >>> import autograd
    >>> autograd.mean(autograd.Tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
    tensor([1.5000, 3.5000])
    """
    axes = reduced_axes(dim, x.ndim)
    if dtype is None and x.dtype.char in "fd":
        return add_up(x, axes, keepdim) / count(x.shape, axes)
    want = mean_dtype(x.dtype, dtype)
    out = add_up(x, axes, keepdim, wide(want)) / count(x.shape, axes)
    return out if out.dtype == want else out.astype(want)


def mean_dtype(dtype: np.dtype, wanted: Any) -> np.dtype:
    """The dtype of a mean: that of the elements, float64 for integers, or the one that is wanted."""
    want = np.dtype(wanted) if wanted is not None else dtype if dtype.kind in "fc" else np.dtype(np.float64)
    if want.kind not in "fc":
        raise TypeError(f"a mean can not be {want}: give a floating-point dtype")
    return want


def _mean_gradient(g, x_shape, dim, keepdim):
    return spread(g / count(x_shape, reduced_axes(dim, len(x_shape))), x_shape, dim, keepdim)


mean.gradient(x=_mean_gradient)


@mean.samples
def _(draw):
    yield from reduction_samples(draw)
    yield from samples_of_nothing(draw)
    yield Sample(draw.integers(3, 4), dim=0)


@mean.errors
def _(draw):
    yield from wrong_dims(draw)
    yield Sample(draw(3), dtype="int64"), TypeError, "floating-point dtype"


def _with_nan(x: np.ndarray) -> np.ndarray:
    """x with a NaN in about every third place."""
    return np.where(np.arange(x.size).reshape(x.shape) % 3 == 1, np.nan, x)


def _nan_samples(draw: Any) -> Any:
    for sample in (*reduction_samples(draw), *samples_of_nothing(draw)):
        yield sample
        yield Sample(_with_nan(sample.args[0]), *sample.args[1:], **sample.kwargs)
    yield Sample(draw.integers(3, 4), dim=0)


def _numbers(values: list[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]


def _nansum_by_loop(x, dim=None, keepdim=False, dtype=None):
    return by_loop(lambda v: math.fsum(_numbers(v)), x, dim, keepdim)


def is_number(x: np.ndarray) -> np.ndarray:
    """Where x is not NaN."""
    return x == x


@primitive(reference=_nansum_by_loop)
def nansum(x, dim=None, keepdim=False, dtype=None):
    """The sum of what is not NaN, over all elements or over the axes `dim`.  x: (*) -> (*) without the axes

    dim, keepdim, dtype: as in `sum`.
    """
    valid = is_number(x)
    return keep(add_up(np.where(valid, x, x.dtype.type(0)), reduced_axes(dim, x.ndim), keepdim, dtype), valid=valid)


nansum.gradient(x=lambda g, valid, x_shape, dim, keepdim: spread(g, x_shape, dim, keepdim) * valid)
nansum.samples(_nan_samples)


def _nanmean_by_loop(x, dim=None, keepdim=False, dtype=None):
    return by_loop(lambda v: math.fsum(_numbers(v)) / len(_numbers(v)) if _numbers(v) else math.nan, x, dim, keepdim)


@primitive(reference=_nanmean_by_loop)
def nanmean(x, dim=None, keepdim=False, dtype=None):
    """The mean of what is not NaN, over all elements or over the axes `dim`.  x: (*) -> (*) without the axes

    dim, keepdim: as in `sum`. The mean of nothing is NaN.
    """
    axes = reduced_axes(dim, x.ndim)
    want = mean_dtype(x.dtype, dtype)
    valid = is_number(x)
    number = np.asarray(np.add.reduce(valid, axes, np.int64, keepdims=keepdim)).astype(wide(want))
    out = (add_up(np.where(valid, x, x.dtype.type(0)), axes, keepdim, wide(want)) / number).astype(want)
    return keep(out, valid=valid, number=number)


def _nanmean_gradient(g, valid, number, x_shape, dim, keepdim):
    return spread(g / np.maximum(number, 1).astype(g.dtype), x_shape, dim, keepdim) * valid


nanmean.gradient(x=_nanmean_gradient)
nanmean.samples(_nan_samples)


def _trace_by_loop(x):
    return math.fsum(x[i, i] for i in range(min(x.shape)))


@primitive(reference=_trace_by_loop)
def trace(x):
    """The sum of the diagonal of a matrix.  x: (M, N) -> ()"""
    if x.ndim != 2:
        raise ValueError(f"trace: takes a matrix, and the shape is {x.shape}. Sum x.diagonal(0, -2, -1) for a batch.")
    return add_up(np.diagonal(x), (0,), False)


trace.gradient(x=lambda g, x_shape: g * np.eye(*x_shape, dtype=g.dtype))


@trace.samples
def _(draw):
    yield Sample(draw(3, 3))
    yield Sample(draw(2, 4))
    yield Sample(draw(4, 2))
    yield Sample(draw(1, 1))
    yield Sample(draw(0, 3))
    yield Sample(draw.integers(3, 3))


@trace.errors
def _(draw):
    yield Sample(draw(2, 3, 3)), ValueError, "takes a matrix"


# ---------------------------------------------------------------------------------------------------------------------
# Truth
# ---------------------------------------------------------------------------------------------------------------------
def _truth_samples(draw: Any) -> Any:
    yield Sample(draw.booleans())
    yield Sample(draw.booleans(3, 4))
    yield Sample(draw.booleans(3, 4), dim=1)
    yield Sample(draw.booleans(2, 3, 4), dim=(0, -1), keepdim=True)
    yield Sample(draw.integers(3, 4, high=2), dim=-2)
    yield Sample(np.rint(draw(2, 3)), dim=0)
    yield Sample(draw.booleans(0))
    yield Sample(draw.booleans(2, 0), dim=1)


def _loop_over(function: Any) -> Any:
    def reference(x, dim=None, keepdim=False):
        return by_loop(function, x, dim, keepdim)

    return reference


@primitive(numpy=(np.all,), reference=_loop_over(lambda v: 0 not in v))
def all(x, dim=None, keepdim=False):
    """Whether all elements are true (not 0), over all or over the axes `dim`.  x: (*) -> (*) bool, without the axes"""
    return np.logical_and.reduce(x, reduced_axes(dim, x.ndim), keepdims=keepdim)


@primitive(numpy=(np.any,), reference=_loop_over(lambda v: len([e for e in v if e]) > 0))
def any(x, dim=None, keepdim=False):
    """Whether any element is true (not 0), over all or over the axes `dim`.  x: (*) -> (*) bool, without the axes"""
    return np.logical_or.reduce(x, reduced_axes(dim, x.ndim), keepdims=keepdim)


@primitive(numpy=(np.count_nonzero,), reference=_loop_over(lambda v: len([e for e in v if e])))
def count_nonzero(x, dim=None, keepdim=False):
    """How many elements are not 0, in all or over the axes `dim`.  x: (*) -> (*) int64, without the axes"""
    return np.asarray(np.count_nonzero(x, reduced_axes(dim, x.ndim), keepdims=keepdim), np.int64)


for _op in (sum, nansum, nanmean, all, any, count_nonzero):
    _op.errors(wrong_dims)
for _op in (all, any, count_nonzero):
    _op.samples(_truth_samples)
