"""Pooling: the largest element or the mean of each of many windows.

The places of the largest elements are found once; from then on pooling is a gathering of elements, and its gradient
puts elements back. Means are linear in the input. So each comes with the primitive that is its gradient, and the
gradient of that is pooling again.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite, primitive
from ..op import Sample, keep
from .pool_places import pool_gather, pool_scatter
from .pool_windows import Window, plan_for, shape_after, window_for
from .windows import Geometry, as_array, has_kernel, windows_of


# ---------------------------------------------------------------------------------------------------------------------
# The largest elements
# ---------------------------------------------------------------------------------------------------------------------
def _max_by_numpy(x: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """x: (N, C, *size) -> the largest elements and their places, both (N, C, *places)"""
    axes, size = len(window.kernel), x.shape[2:]
    padding = window.padding_for(size)
    if x.dtype.kind == "f":
        least: Any = -np.inf
    else:
        least = np.iinfo(x.dtype).min if x.dtype.kind in "iu" else False
    padded = np.pad(x, [(0, 0), (0, 0), *padding], constant_values=least)
    geometry = Geometry(window.stride, ((0, 0),) * axes, window.dilation, 1)
    seen = windows_of(padded, window.kernel, geometry)
    seen = seen.reshape(*seen.shape[: 2 + axes], math.prod(window.kernel))
    best = seen.argmax(-1)
    out = np.take_along_axis(seen, best[..., None], -1)[..., 0]
    flat = np.zeros_like(best)
    outside = np.zeros(best.shape, bool)
    for axis, tap in enumerate(np.unravel_index(best, window.kernel)):
        first = np.arange(best.shape[2 + axis]) * window.stride[axis] - window.padding[axis]
        place = tap * window.dilation[axis] + first.reshape(-1, *(1,) * (axes - axis - 1))
        outside |= (place < 0) | (place >= size[axis])
        flat = flat * size[axis] + place
    return out, np.where(outside, -1, flat)


def _largest(x: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """The largest element of each window, and marks: int64 places, or uint8 for `kernels.pool`."""
    axes = len(window.kernel)
    if x.dtype == np.float16:
        out, marks = _largest(x.astype(np.float32), window)
        return out.astype(np.float16), marks
    if has_kernel(x.dtype):
        places, plan, boxes = plan_for(window, x.shape[x.ndim - axes :])
        if plan is not None:
            return kernels.pool.max_pool(x, plan, shape_after(x.shape, places))
        if boxes is not None:
            return kernels.boxes.max_pool(x, boxes, shape_after(x.shape, places))
    out, marks = _max_by_numpy(x[None] if x.ndim == axes + 1 else x, window)
    return (out[0], marks[0]) if x.ndim == axes + 1 else (out, marks)


def _indices(marks: np.ndarray, window: Window, shape: tuple[int, ...]) -> np.ndarray:
    """The places of the largest elements of an input of that shape, counted over the axes that are pooled."""
    if marks.dtype != np.uint8:
        return marks
    places, plan, _ = plan_for(window, shape[len(shape) - len(window.kernel) :])
    return kernels.pool.places_of(marks, plan, shape_after(shape, places))


@primitive(method=False)
def max_pool(x, window):
    """The largest element of each window: what `max_pool1d`, `max_pool2d` and `max_pool3d` call.

    x: (N, C, *size) or (C, *size) -> (N, C, *places) or (C, *places)
    """
    out, marks = _largest(x, window)
    return keep(out, marks=marks)


@primitive(method=False)
def max_pool_gradient(x, marks, shape, window):
    """The gradient of `max_pool` by its input, from x, the gradient of its result, and what `max_pool` has marked.

    x: (N, C, *places) or (C, *places) -> (N, C, *size) or (C, *size), which is `shape`
    """
    if marks.dtype != np.uint8:
        return pool_scatter(x, marks, shape, len(window.kernel))
    _, plan, _ = plan_for(window, tuple(shape[len(shape) - len(window.kernel) :]))
    return kernels.pool.max_pool_gradient(x if has_kernel(x.dtype) else x.astype(np.float32), marks, plan, shape)


max_pool.gradient(x=lambda g, marks, x_shape, window: max_pool_gradient(g, marks, x_shape, window))
max_pool_gradient.gradient(
    x=lambda g, marks, shape, window: pool_gather(g, _indices(marks, window, shape), len(window.kernel))
)


@primitive(method=False)
def max_pool_with_indices(x, window):
    """What `max_pool` gives, and the places of the largest elements, counted over all of size.

    x: (N, C, *size) or (C, *size) -> (N, C, *places) or (C, *places), and int64 indices of that shape
    """
    out, marks = _largest(x, window)
    indices = _indices(marks, window, x.shape)
    return keep((out, indices), indices=indices, axes=len(window.kernel))


max_pool_with_indices.gradient(x=lambda g, indices, x_shape, axes: pool_scatter(g[0], indices, x_shape, axes))


def check_ordered(op: str, x: Any) -> None:
    """Raises if x has complex numbers, of which none is the largest."""
    if x.dtype.kind == "c":
        raise TypeError(f"{op}: complex numbers have no order. Pool x.abs(), or x.real and x.imag.")


def _max_pool(axes: int, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices):
    op, x = f"max_pool{axes}d", as_array(x)
    check_ordered(op, x)
    window = window_for(op, x, kernel_size, stride, padding, dilation, ceil_mode=bool(ceil_mode))
    return max_pool_with_indices(x, window) if return_indices else max_pool(x, window)


@composite(method=False)
def max_pool1d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest element of each window along the last axis.

    x: (N, C, W) or (C, W) -> (N, C, OW) or (C, OW). The options are those of `max_pool2d`.
    """
    return _max_pool(1, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@composite(method=False)
def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest element of each window of the last two axes; NaN where there is one in the window.

    x: (N, C, H, W) or (C, H, W) -> (N, C, OH, OW) or (C, OH, OW)
    with OH = (H + 2 padding - dilation (KH - 1) - 1) // stride + 1, and OW alike.
    kernel_size, stride, padding, dilation: one integer, or one for each axis. The stride is the size of the window
    unless given; padding never wins.
    ceil_mode: the last window may reach beyond the input. return_indices: also the places of the largest elements,
    counted over H W.

    >>> import autograd as ag
    >>> ag.max_pool2d(ag.tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2).tolist()
    [[[4.0]]]
    """
    return _max_pool(2, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@composite(method=False)
def max_pool3d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest element of each window of the last three axes.

    x: (N, C, D, H, W) or (C, D, H, W) -> (N, C, OD, OH, OW) or (C, OD, OH, OW). The options are those of `max_pool2d`.
    """
    return _max_pool(3, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


# ---------------------------------------------------------------------------------------------------------------------
# Means
# ---------------------------------------------------------------------------------------------------------------------
def _taps(window: Window, places: Sequence[int]) -> list[tuple[Any, ...]]:
    """The index of the padded input's elements that each tap of the window covers."""
    ends = [(n - 1) * s + 1 for n, s in zip(places, window.stride, strict=True)]
    return [
        (..., *(slice(k, k + end, s) for k, end, s in zip(tap, ends, window.stride, strict=True)))
        for tap in product(*map(range, window.kernel))
    ]


def float_of(dtype: np.dtype) -> np.dtype:
    """The dtype that means are summed up in."""
    return np.result_type(dtype, np.float32) if dtype == np.float16 else np.result_type(dtype, np.float16)


@functools.lru_cache(maxsize=256)
def _factors(window: Window, size: tuple[int, ...], dtype: np.dtype) -> tuple[np.ndarray, float | None]:
    """1 / the divisors of the windows, and their value if it is the same for all.  -> (*places)"""
    factors = np.asarray(1 / window.divisors(size), dtype)
    return factors, float(factors.flat[0]) if (factors == factors.flat[0]).all() else None


@primitive(method=False)
def avg_pool(x, window):
    """The mean of each window: what `avg_pool1d`, `avg_pool2d` and `avg_pool3d` call.

    x: (N, C, *size) or (C, *size) -> (N, C, *places) or (C, *places)
    """
    axes = len(window.kernel)
    size = x.shape[x.ndim - axes :]
    if has_kernel(x.dtype):
        places, plan, boxes = plan_for(window, size)
        pool = kernels.boxes.sums if plan is None else kernels.pool.avg_pool
        return pool(x, _factors(window, size, x.dtype)[0], plan or boxes, shape_after(x.shape, places))
    places = window.places(size)
    padded = np.pad(x, [(0, 0)] * (x.ndim - axes) + list(window.padding_for(size)))
    total = np.zeros(shape_after(x.shape, places), float_of(x.dtype))
    for tap in _taps(window, places):
        total += padded[tap]
    out = total / window.divisors(size)
    return out.astype(x.dtype if x.dtype.kind in "fc" else out.dtype, copy=False)


@primitive(method=False)
def avg_pool_gradient(x, shape, window):
    """The gradient of `avg_pool` by its input, from x, the gradient of its result.

    x: (N, C, *places) or (C, *places) -> (N, C, *size) or (C, *size), which is `shape`
    """
    axes = len(window.kernel)
    size = tuple(shape[len(shape) - axes :])
    if has_kernel(x.dtype):
        _, plan, boxes = plan_for(window, size)
        factors, same = _factors(window, size, x.dtype)
        if plan is None:
            return kernels.boxes.spread(x * factors, boxes, shape)
        if same is None:
            return kernels.pool.avg_pool_gradient(x * factors, 1.0, plan, shape)
        return kernels.pool.avg_pool_gradient(x, same, plan, shape)
    padding = window.padding_for(size)
    padded = [n + before + after for n, (before, after) in zip(size, padding, strict=True)]
    out = np.zeros((*shape[: len(shape) - axes], *padded), float_of(x.dtype))
    shares = x / window.divisors(size)
    for tap in _taps(window, window.places(size)):
        out[tap] += shares
    inner: list[Any] = [slice(before, before + n) for n, (before, _) in zip(size, padding, strict=True)]
    return out[(..., *inner)].astype(x.dtype, copy=False)


avg_pool.gradient(x=lambda g, x_shape, window: avg_pool_gradient(g, x_shape, window))
avg_pool_gradient.gradient(x=lambda g, window: avg_pool(g, window))


def _avg_pool(axes: int, x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override: Any):
    op, x = f"avg_pool{axes}d", as_array(x)
    if divisor_override is not None and (not isinstance(divisor_override, (int, np.integer)) or divisor_override == 0):
        raise ValueError(f"{op}: divisor_override must be an integer other than 0, not {divisor_override!r}.")
    divisor = None if divisor_override is None else int(divisor_override)
    more = {"ceil_mode": bool(ceil_mode), "count_include_pad": bool(count_include_pad), "divisor_override": divisor}
    window = window_for(op, x, kernel_size, stride, padding, **more)
    return avg_pool(x, window)


@composite(method=False)
def avg_pool1d(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of each window along the last axis.

    x: (N, C, W) or (C, W) -> (N, C, OW) or (C, OW). The options are those of `avg_pool2d`.
    """
    return _avg_pool(1, x, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


@composite(method=False)
def avg_pool2d(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    """The mean of each window of the last two axes.

    x: (N, C, H, W) or (C, H, W) -> (N, C, OH, OW) or (C, OH, OW)
    with OH = (H + 2 padding - KH) // stride + 1, and OW alike.
    kernel_size, stride, padding: one integer, or one for each axis. The stride is the size of the window unless given.
    ceil_mode: the last window may reach beyond the input. count_include_pad: whether the zeros of the padding count as
    elements. divisor_override: what to divide each sum by instead.

    >>> import autograd as ag
    >>> ag.avg_pool2d(ag.tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2).tolist()
    [[[2.5]]]
    """
    return _avg_pool(2, x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


@composite(method=False)
def avg_pool3d(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    """The mean of each window of the last three axes.

    x: (N, C, D, H, W) or (C, D, H, W) -> (N, C, OD, OH, OW) or (C, OD, OH, OW). The options are those of `avg_pool2d`.
    """
    return _avg_pool(3, x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


# ---------------------------------------------------------------------------------------------------------------------
# Oracles and samples
# ---------------------------------------------------------------------------------------------------------------------
def _by_loop(reduce: Any) -> Any:
    """Pooling of one window after the other; `reduce` gets the elements that lie within the input, and their places."""

    def pool(x, window):
        axes = len(window.kernel)
        size = x.shape[x.ndim - axes :]
        numbers = np.arange(math.prod(size)).reshape(size)
        flat = x.reshape(-1, *size)
        places = window.places(size)
        out = np.empty((len(flat), *places))
        for plane, at in product(range(len(flat)), product(*map(range, places))):
            steps = zip(at, window.stride, window.padding, window.dilation, window.kernel, size, strict=True)
            within = [[r for r in (i * s - p + k * d for k in range(n)) if 0 <= r < m] for i, s, p, d, n, m in steps]
            out[(plane, *at)] = reduce(flat[plane][np.ix_(*within)], numbers[np.ix_(*within)], window)
        return out.reshape(*x.shape[: x.ndim - axes], *places)

    return pool


def _max_by_loop(x, window):
    out = _by_loop(lambda seen, numbers, window: seen.max())(x, window)
    return out, _by_loop(lambda seen, numbers, window: numbers.flat[seen.argmax()])(x, window).astype(np.int64)


def _mean_by_loop(x, window):
    count = window.count_include_pad and any(window.padding) and math.prod(window.kernel)  # no ceil_mode in these
    divisor = window.divisor_override or count
    return _by_loop(lambda seen, numbers, window: seen.sum() / (divisor or seen.size))(x, window)


max_pool.op.reference = lambda x, window: _max_by_loop(x, window)[0]
max_pool_with_indices.op.reference = _max_by_loop
avg_pool.op.reference = _mean_by_loop

_WINDOWS = [
    ((2, 3, 6, 6), Window((2, 2), (2, 2), (0, 0), (1, 1))),
    ((2, 3, 7, 6), Window((3, 2), (2, 1), (1, 1), (1, 1))),
    ((3, 5, 4), Window((2, 3), (1, 1), (1, 0), (1, 1))),
    ((2, 3, 7), Window((3,), (2,), (1,), (1,))),
    ((2, 2, 4, 3, 5), Window((2, 2, 3), (2, 1, 2), (1, 0, 1), (1, 1, 1))),
    ((0, 2, 4, 4), Window((2, 2), (2, 2), (0, 0), (1, 1))),
]


@max_pool_with_indices.samples
@max_pool.samples
def _(draw):
    for shape, window in _WINDOWS:
        yield Sample(draw.distinct(*shape), window)
    yield Sample(draw.distinct(2, 9, 11), Window((3, 4), (5, 6), (1, 2), (1, 1)))
    yield Sample(draw.distinct(2, 9, 13), Window((2, 3), (1, 5), (0, 0), (2, 2)))
    yield Sample(draw.distinct(2, 2, 7, 6), Window((2, 3), (1, 2), (1, 1), (2, 1)))
    yield Sample(draw.distinct(1, 2, 5, 5), Window((2, 2), (2, 2), (0, 0), (1, 1), ceil_mode=True))


@max_pool_gradient.samples
def _(draw):
    window = Window((2, 2), (2, 2), (0, 0), (1, 1))
    yield Sample(draw(2, 3, 2, 2), draw.integers(2, 3, 2, 2, low=-1, high=16), (2, 3, 4, 4), window)
    yield Sample(draw(2, 3), draw.integers(2, 3, low=0, high=6), (2, 6), Window((2,), (2,), (0,), (1,)))


@avg_pool.samples
def _(draw):
    for shape, window in _WINDOWS:
        yield Sample(draw(*shape), window)
    yield Sample(draw(2, 9, 11), Window((3, 4), (5, 6), (1, 2), (1, 1)))
    yield Sample(draw(2, 2, 5, 6), Window((3, 3), (2, 2), (1, 1), (1, 1), count_include_pad=False))
    yield Sample(draw(2, 2, 5, 6), Window((2, 3), (2, 2), (1, 1), (1, 1), divisor_override=5))
    yield Sample(draw(1, 2, 5, 5), Window((2, 2), (2, 2), (0, 0), (1, 1), ceil_mode=True))


@avg_pool_gradient.samples
def _(draw):
    for shape, window in [*_WINDOWS, ((2, 9, 11), Window((3, 4), (5, 6), (1, 2), (1, 1)))]:
        axes = len(window.kernel)
        yield Sample(draw(*shape[: len(shape) - axes], *window.places(shape[len(shape) - axes :])), shape, window)


def declare_samples(pools: Sequence[Any], make: Any) -> None:
    """The same samples for one, two and three axes."""
    for axes, pool in enumerate(pools, 1):
        pool.samples(lambda draw, axes=axes: make(draw, (5, 6, 4)[:axes]))


def _max_samples(draw, size):
    yield Sample(draw.distinct(2, 3, *size), 2)
    yield Sample(draw.distinct(3, *size), 3, stride=2, padding=1)
    yield Sample(draw.distinct(2, 1, *size), 2, 1, 1, 2, True)
    yield Sample(draw.distinct(2, 1, *size), 2, 3, return_indices=True)
    yield Sample(draw.distinct(0, 3, *size), 2)


def _avg_samples(draw, size):
    yield Sample(draw(2, 3, *size), 2)
    yield Sample(draw(3, *size), 3, stride=2, padding=1)
    yield Sample(draw(2, 1, *size), 2, 3, 1, True, False)
    yield Sample(draw(2, 1, *size), 3, padding=1, count_include_pad=False)
    yield Sample(draw(0, 3, *size), 2)


declare_samples((max_pool1d, max_pool2d, max_pool3d), _max_samples)
declare_samples((avg_pool1d, avg_pool2d, avg_pool3d), _avg_samples)


def _pool_errors(draw):
    yield Sample(draw(4, 4), 2), ValueError, "x.unsqueeze(1)"
    yield Sample(draw(2, 3, 4, 4), 5), ValueError, "does not fit"
    yield Sample(draw(2, 3, 4, 4), 2, padding=2), ValueError, "at most half"
    yield Sample(draw(2, 3, 4, 4), (2, 2, 2)), ValueError, "2 integers"
    yield Sample(draw(2, 3, 4, 4), 2, 0), ValueError, "at least 1"
    yield Sample(draw(2, 3, 0, 4), 2), ValueError, "Only N may be 0"


max_pool2d.errors(_pool_errors)
avg_pool2d.errors(_pool_errors)
