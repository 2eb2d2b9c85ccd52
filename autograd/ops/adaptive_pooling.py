"""Pooling to a fixed size: windows that cover the input evenly, however large it is."""

from __future__ import annotations

import functools
import math
from itertools import product
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite, primitive
from ..op import Sample, keep
from .pool_places import pool_scatter
from .pool_windows import Window, check_axes, shape_after
from .pooling import avg_pool, check_ordered, declare_samples, float_of, max_pool, max_pool_with_indices
from .reduction import mean
from .windows import as_array, has_kernel, per_axis


def _even_part(i: int, size: int, parts: int) -> slice:
    """Part i of `parts` that cover `size` elements; neighbours share elements where it does not come out even."""
    return slice(i * size // parts, -(-(i + 1) * size // parts))


@functools.lru_cache(maxsize=256)
def _boxes(size: tuple[int, ...], output_size: tuple[int, ...], dtype: np.dtype) -> tuple[Any, np.ndarray]:
    """The parts as the kernels take them, and 1 / the number of elements of each: (*output_size)."""
    parts = [[_even_part(i, n, wanted) for i in range(wanted)] for n, wanted in zip(size, output_size, strict=True)]
    begins, ends = (tuple(tuple(getattr(part, end) for part in axis) for axis in parts) for end in ("start", "stop"))
    counts = np.ones(())
    for axis in parts:
        counts = np.multiply.outer(counts, [part.stop - part.start for part in axis])
    return kernels.boxes.boxes_of(size, begins, ends), np.asarray(1 / counts, dtype)


def _even_window(size: tuple[int, ...], output_size: tuple[int, ...]) -> Window | None:
    """The window that gives as many parts, where they are all of one size."""
    if any(wanted < 1 or n % wanted for n, wanted in zip(size, output_size, strict=True)):
        return None
    kernel = tuple(n // wanted for n, wanted in zip(size, output_size, strict=True))
    return Window(kernel, kernel, (0,) * len(size), (1,) * len(size))


@primitive(method=False)
def adaptive_max_pool(x, output_size):
    """The largest element of each of `output_size` windows that cover the input evenly, and its place.

    x: (*, *size) -> (*, *output_size), and int64 indices of that shape
    """
    axes = len(output_size)
    shape = shape_after(x.shape, output_size)
    size = x.shape[x.ndim - axes :]
    if has_kernel(x.dtype):
        out, indices = kernels.boxes.max_pool(x, _boxes(size, output_size, x.dtype)[0], shape)
        return keep((out, indices), indices=indices, axes=axes)
    out, indices = np.empty(shape, x.dtype), np.empty(shape, np.int64)
    numbers = np.arange(math.prod(size)).reshape(size)
    for at in product(*map(range, output_size)):
        part: tuple[Any, ...] = tuple(_even_part(*axis) for axis in zip(at, size, output_size, strict=True))
        box = x[(..., *part)]
        seen = box.reshape(*x.shape[: x.ndim - axes], math.prod(box.shape[x.ndim - axes :]))
        best = seen.argmax(-1)
        place: tuple[Any, ...] = (..., *at)
        out[place] = np.take_along_axis(seen, best[..., None], -1)[..., 0]
        indices[place] = numbers[part].reshape(-1)[best]
    return keep((out, indices), indices=indices, axes=axes)


adaptive_max_pool.gradient(x=lambda g, indices, x_shape, axes: pool_scatter(g[0], indices, x_shape, axes))


@primitive(method=False)
def adaptive_avg_pool(x, output_size):
    """The mean of each of `output_size` windows that cover the input evenly.  x: (*, *size) -> (*, *output_size)"""
    axes = len(output_size)
    if has_kernel(x.dtype):
        boxes, factors = _boxes(x.shape[x.ndim - axes :], output_size, x.dtype)
        return kernels.boxes.sums(x, factors, boxes, shape_after(x.shape, output_size))
    # The mean over a box is the mean along one axis of the means along the others.
    out = x.astype(float_of(x.dtype))
    for axis, parts in enumerate(output_size, x.ndim - axes):
        pieces = [_along(axis, _even_part(i, x.shape[axis], parts)) for i in range(parts)]
        shape = (*out.shape[:axis], 0, *out.shape[axis + 1 :])
        means = [out[piece].mean(axis, keepdims=True) for piece in pieces]
        out = np.concatenate([np.empty(shape, out.dtype), *means], axis)
    return out.astype(x.dtype if x.dtype.kind in "fc" else out.dtype, copy=False)


@primitive(method=False)
def adaptive_avg_pool_gradient(x, shape, axes):
    """The gradient of `adaptive_avg_pool` over the last `axes` axes by its input, from x, the gradient of its result.

    x: (*, *output_size) -> (*, *size), which is `shape`
    """
    if has_kernel(x.dtype):
        boxes, factors = _boxes(tuple(shape[len(shape) - axes :]), x.shape[x.ndim - axes :], x.dtype)
        return kernels.boxes.spread(x * factors, boxes, shape)
    out = x.astype(float_of(x.dtype))
    for axis in range(x.ndim - axes, x.ndim):
        spread = np.zeros((*out.shape[:axis], shape[axis], *out.shape[axis + 1 :]), out.dtype)
        for i in range(x.shape[axis]):
            part = _even_part(i, shape[axis], x.shape[axis])
            spread[_along(axis, part)] += out[_along(axis, slice(i, i + 1))] / (part.stop - part.start)
        out = spread
    return out.astype(x.dtype, copy=False)


def _along(axis: int, part: slice) -> tuple[slice, ...]:
    return (*(slice(None),) * axis, part)


adaptive_avg_pool.gradient(x=lambda g, x_shape, output_size: adaptive_avg_pool_gradient(g, x_shape, len(output_size)))
adaptive_avg_pool_gradient.gradient(x=lambda g, x_shape, axes: adaptive_avg_pool(g, tuple(x_shape[-axes:])))


def _output_size(op: str, x: Any, output_size: object) -> tuple[int, ...]:
    axes = int(op[-2])
    check_axes(op, x.shape, axes)
    given = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * axes
    if len(given) == axes:
        given = [n if wanted is None else wanted for n, wanted in zip(x.shape[-axes:], given, strict=True)]
    return per_axis(op, "output_size", given, axes, 0)


def _adaptive_avg_pool(axes: int, x, output_size):
    x = as_array(x)
    wanted = _output_size(f"adaptive_avg_pool{axes}d", x, output_size)
    if wanted == (1,) * axes and x.dtype.kind == "f":
        return mean(x, tuple(range(-axes, 0)), keepdim=True)
    window = _even_window(x.shape[-axes:], wanted)
    return adaptive_avg_pool(x, wanted) if window is None else avg_pool(x, window)


@composite(method=False)
def adaptive_avg_pool1d(x, output_size):
    """The means of `output_size` windows that cover the last axis evenly.  x: (N, C, W) -> (N, C, output_size)"""
    return _adaptive_avg_pool(1, x, output_size)


@composite(method=False)
def adaptive_avg_pool2d(x, output_size):
    """The means of `output_size` windows that cover the last two axes evenly; 1 is the mean of each channel.

    x: (N, C, H, W) or (C, H, W) -> (N, C, OH, OW) or (C, OH, OW)
    output_size: OH and OW, or one integer for both; None leaves an axis as it is.
    """
    return _adaptive_avg_pool(2, x, output_size)


@composite(method=False)
def adaptive_avg_pool3d(x, output_size):
    """The means of `output_size` windows that cover the last three axes evenly.

    x: (N, C, D, H, W) or (C, D, H, W) -> (N, C, OD, OH, OW) or (C, OD, OH, OW)
    """
    return _adaptive_avg_pool(3, x, output_size)


def _adaptive_max_pool(axes: int, x, output_size, return_indices):
    x = as_array(x)
    check_ordered(f"adaptive_max_pool{axes}d", x)
    wanted = _output_size(f"adaptive_max_pool{axes}d", x, output_size)
    window = _even_window(x.shape[-axes:], wanted)
    if window is not None:
        return max_pool_with_indices(x, window) if return_indices else max_pool(x, window)
    out, indices = adaptive_max_pool(x, wanted)
    return (out, indices) if return_indices else out


@composite(method=False)
def adaptive_max_pool1d(x, output_size, return_indices=False):
    """The largest elements of `output_size` windows that cover the last axis evenly.

    x: (N, C, W) or (C, W) -> (N, C, output_size) or (C, output_size)
    """
    return _adaptive_max_pool(1, x, output_size, return_indices)


@composite(method=False)
def adaptive_max_pool2d(x, output_size, return_indices=False):
    """The largest elements of `output_size` windows that cover the last two axes evenly.

    x: (N, C, H, W) or (C, H, W) -> (N, C, OH, OW) or (C, OH, OW)
    output_size: OH and OW, or one integer for both; None leaves an axis as it is.
    return_indices: also the places of the largest elements, counted over H W.
    """
    return _adaptive_max_pool(2, x, output_size, return_indices)


@composite(method=False)
def adaptive_max_pool3d(x, output_size, return_indices=False):
    """The largest elements of `output_size` windows that cover the last three axes evenly.

    x: (N, C, D, H, W) or (C, D, H, W) -> (N, C, OD, OH, OW) or (C, OD, OH, OW)
    """
    return _adaptive_max_pool(3, x, output_size, return_indices)


# ---------------------------------------------------------------------------------------------------------------------
# Oracles and samples
# ---------------------------------------------------------------------------------------------------------------------
def _adaptive_parts(x, output_size):
    size = x.shape[x.ndim - len(output_size) :]
    for at in product(*map(range, output_size)):
        ends = [
            (math.floor(i * n / parts), math.ceil((i + 1) * n / parts))
            for i, n, parts in zip(at, size, output_size, strict=True)
        ]
        yield at, tuple(slice(*pair) for pair in ends)


def _adaptive_by_loop(reduce: Any) -> Any:
    def pool(x, output_size):
        axes = tuple(range(x.ndim - len(output_size), x.ndim))
        out = np.empty((*x.shape[: x.ndim - len(output_size)], *output_size))
        for at, part in _adaptive_parts(x, output_size):
            out[(..., *at)] = reduce(x[(..., *part)], axes)
        return out

    return pool


def _adaptive_max_by_loop(x, output_size):
    out = _adaptive_by_loop(lambda seen, axes: seen.max(axes))(x, output_size)
    size = x.shape[x.ndim - len(output_size) :]
    numbers = np.broadcast_to(np.arange(math.prod(size)).reshape(size), x.shape)
    indices = np.empty(out.shape, np.int64)
    for at, part in _adaptive_parts(x, output_size):
        hit = x[(..., *part)] == out[(..., *at)][(..., *(None,) * len(size))]
        indices[(..., *at)] = np.where(hit, numbers[(..., *part)], -1).max(tuple(range(x.ndim - len(size), x.ndim)))
    return out, indices


adaptive_max_pool.op.reference = _adaptive_max_by_loop
adaptive_avg_pool.op.reference = _adaptive_by_loop(lambda seen, axes: seen.mean(axes))

_ADAPTIVE: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((2, 3, 6, 8), (3, 2)),
    ((2, 3, 7, 5), (3, 4)),
    ((2, 3, 5, 4), (1, 1)),
    ((3, 4, 4), (5, 6)),
]
_ADAPTIVE += [((2, 3, 7), (3,)), ((2, 2, 3, 4, 5), (2, 3, 2)), ((0, 3, 5, 4), (2, 2)), ((2, 3, 5, 4), (0, 2))]


@adaptive_avg_pool.samples
def _(draw):
    for shape, output_size in _ADAPTIVE:
        yield Sample(draw(*shape), output_size)


@adaptive_max_pool.samples
def _(draw):
    for shape, output_size in _ADAPTIVE:
        yield Sample(draw.distinct(*shape), output_size)


@adaptive_avg_pool_gradient.samples
def _(draw):
    for shape, output_size in _ADAPTIVE:
        axes = len(output_size)
        yield Sample(draw(*shape[: len(shape) - axes], *output_size), shape, axes)


def _adaptive_samples(draw, size):
    yield Sample(draw.distinct(2, 3, *size), 2)
    yield Sample(draw.distinct(3, *size), (3,) * len(size))
    yield Sample(draw.distinct(2, 3, *size), (None, 2, 4)[: len(size)])


declare_samples((adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d), _adaptive_samples)
declare_samples((adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d), _adaptive_samples)


@adaptive_avg_pool2d.errors
def _(draw):
    yield Sample(draw(2, 3, 4, 4), (2, 2, 2)), ValueError, "2 integers"
    yield Sample(draw(2, 3, 4, 4), -1), ValueError, "at least 0"
