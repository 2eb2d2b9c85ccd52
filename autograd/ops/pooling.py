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
from typing import Any, NamedTuple

import numpy as np

from .. import kernels
from ..declare import composite, primitive
from ..op import Sample, keep
from ..tensor import Tensor
from .comparison import where
from .windows import Geometry, as_array, check_layout, has_kernel, hashable, per_axis, windows_of


class Window(NamedTuple):
    """A window and how it moves: one number for each axis that is pooled over, the last ones of the input."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: int | None = None

    def places(self, size: Sequence[int]) -> tuple[int, ...]:
        """How many windows there are along each axis."""
        found = []
        for n, k, s, p, d in zip(size, self.kernel, self.stride, self.padding, self.dilation, strict=True):
            room = n + 2 * p - d * (k - 1) - 1
            places = (room + (s - 1 if self.ceil_mode else 0)) // s + 1
            if self.ceil_mode and (places - 1) * s >= n + p:
                places -= 1  # the last window would begin in the padding behind the input
            found.append(places)
        return tuple(found)

    def padding_for(self, size: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """The padding on both sides that the windows reach into."""
        ends = [
            (places - 1) * s + d * (k - 1) + 1 - p - n
            for places, n, k, s, p, d in zip(
                self.places(size), size, self.kernel, self.stride, self.padding, self.dilation, strict=True
            )
        ]
        return tuple((p, max(p, end)) for p, end in zip(self.padding, ends, strict=True))

    def divisors(self, size: Sequence[int]) -> np.ndarray:
        """By what the sum over each window is divided.  -> (*places)"""
        if self.divisor_override is not None:
            return np.full(self.places(size), self.divisor_override)
        counts = np.ones(())
        for n, places, k, s, p in zip(size, self.places(size), self.kernel, self.stride, self.padding, strict=True):
            first = np.arange(places) * s - p
            last = np.minimum(first + k, n + p)
            if not self.count_include_pad:
                first, last = np.maximum(first, 0), np.minimum(last, n)
            counts = np.multiply.outer(counts, np.maximum(last - first, 1))
        return counts


def window_for(op: str, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any = 1, **more: Any) -> Window:
    """The options, checked against each other and against the input."""
    options = (hashable(option) for option in (kernel_size, stride, padding, dilation))
    return _window(op, x.shape, *options, **more)


@functools.lru_cache(maxsize=1024)
def _window(
    op: str, shape: tuple[int, ...], kernel_size: Any, stride: Any, padding: Any, dilation: Any, **more: Any
) -> Window:
    axes = int(op[-2])
    check_axes(op, shape, axes)
    kernel = per_axis(op, "kernel_size", kernel_size, axes, 1)
    empty = stride is None or stride == ()
    window = Window(
        kernel,
        kernel if empty else per_axis(op, "stride", stride, axes, 1),
        per_axis(op, "padding", padding, axes, 0),
        per_axis(op, "dilation", dilation, axes, 1),
        **more,
    )
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, window.dilation, strict=True)]
    if any(2 * p > r for p, r in zip(window.padding, reach, strict=True)):
        raise ValueError(
            f"{op}: padding={padding!r} must be at most half of what the window reaches over, {tuple(reach)}. Use "
            f"pad() before."
        )
    if min(window.places(shape[-axes:])) < 1:
        raise ValueError(
            f"{op}: the window reaches over {tuple(reach)} elements and does not fit into the input {shape} with "
            f"padding={padding!r}. Give a larger input or a smaller window."
        )
    return window


def check_axes(op: str, shape: tuple[int, ...], axes: int) -> None:
    """Raises unless `shape` is that of images with so many axes, with or without a batch."""
    check_layout(op, shape, axes)
    if 0 in shape[-axes - 1 :]:
        raise ValueError(f"{op}: the input has shape {shape}. Only N may be 0.")


def as_images(x: np.ndarray, axes: int) -> np.ndarray:
    """(N, C, *size) or (C, *size), the size of one, two or three axes -> (N, C, *size), of two or three"""
    if x.ndim == axes + 1:
        x = x[None]
    return x[:, :, None] if axes == 1 else x


def _pairs(values: tuple[int, ...], first: int) -> tuple[int, ...]:
    """Options as the kernels take them: for one axis, `first` stands for the one that was added."""
    return values if len(values) == 2 else (first, *values)


# ---------------------------------------------------------------------------------------------------------------------
# Elements by their place
# ---------------------------------------------------------------------------------------------------------------------
@primitive(method=False)
def pool_gather(x, indices, axes):
    """The elements at the places that pooling over the last `axes` axes has chosen.

    x: (*, *size), indices: (*, *places), counted over all of size -> (*, *places). A place of -1 gives 0.
    """
    lead = x.shape[: x.ndim - axes]
    flat = x.reshape(*lead, math.prod(x.shape[x.ndim - axes :]))
    places = indices.reshape(*lead, math.prod(indices.shape[len(lead) :]))
    out = np.take_along_axis(flat, np.maximum(places, 0), -1)
    if places.size and places.min() < 0:
        out = np.where(places < 0, out.dtype.type(0), out)
    return out.reshape(indices.shape)


@primitive(method=False)
def pool_scatter(x, indices, shape, axes):
    """Adds the elements of x to zeros at the places that pooling over the last `axes` axes has chosen.

    x, indices: (*, *places) -> (*, *size), which is `shape`. What has the place -1 is left out.
    """
    lead, size = math.prod(shape[: len(shape) - axes]), math.prod(shape[len(shape) - axes :])
    places = math.prod(x.shape[x.ndim - axes :])
    if has_kernel(x.dtype):
        flat = (lead, 1, 1, places)
        out = kernels.pool.max_pool2d_gradient(x.reshape(flat), indices.reshape(flat), (lead, 1, 1, size))
        return out.reshape(shape)
    # One element more for what is left out.
    out = np.zeros((lead, size + 1), x.dtype)
    np.add.at(out, (np.arange(lead)[:, None], indices.reshape(lead, places)), x.reshape(lead, places))
    return out[:, :size].reshape(shape)


pool_gather.gradient(x=lambda g, indices, x_shape, axes: pool_scatter(g, indices, x_shape, axes))
pool_scatter.gradient(x=lambda g, indices, axes: pool_gather(g, indices, axes))


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


@primitive(method=False)
def max_pool(x, window):
    """The largest element of each window and its place: what `max_pool1d`, `max_pool2d` and `max_pool3d` call.

    x: (N, C, *size) or (C, *size) -> (N, C, *places) or (C, *places), and int64 indices of that shape
    """
    axes = len(window.kernel)
    images = as_images(x, axes)
    if axes < 3 and (has_kernel(x.dtype) or x.dtype == np.float16):
        images = images if has_kernel(x.dtype) else images.astype(np.float32)
        options = (window.kernel, 1), (window.stride, 1), (window.padding, 0), (window.dilation, 1)
        out, indices = kernels.pool.max_pool2d(images, *(_pairs(*option) for option in options), window.ceil_mode)
    else:
        out, indices = _max_by_numpy(x[None] if x.ndim == axes + 1 else x, window)
    if images is x:
        return keep((out, indices), indices=indices, axes=axes)
    shape = (*x.shape[: x.ndim - axes], *window.places(x.shape[x.ndim - axes :]))
    out, indices = out.reshape(shape).astype(x.dtype, copy=False), indices.reshape(shape)
    return keep((out, indices), indices=indices, axes=axes)


max_pool.gradient(x=lambda g, indices, x_shape, axes: pool_scatter(g[0], indices, x_shape, axes))


def _max_pool(axes: int, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices):
    op, x = f"max_pool{axes}d", as_array(x)
    window = window_for(op, x, kernel_size, stride, padding, dilation, ceil_mode=bool(ceil_mode))
    out, indices = max_pool(x, window)
    return (out, indices) if return_indices else out


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


def _kernel_options(window: Window) -> tuple[Any, ...]:
    options = (window.kernel, 1), (window.stride, 1), (window.padding, 0)
    numbers = window.ceil_mode, window.count_include_pad, window.divisor_override
    return *(_pairs(*option) for option in options), *numbers


def float_of(dtype: np.dtype) -> np.dtype:
    """The dtype that means are summed up in."""
    return np.result_type(dtype, np.float32) if dtype == np.float16 else np.result_type(dtype, np.float16)


@primitive(method=False)
def avg_pool(x, window):
    """The mean of each window: what `avg_pool1d`, `avg_pool2d` and `avg_pool3d` call.

    x: (N, C, *size) or (C, *size) -> (N, C, *places) or (C, *places)
    """
    axes = len(window.kernel)
    size = x.shape[x.ndim - axes :]
    places = window.places(size)
    shape = (*x.shape[: x.ndim - axes], *places)
    if axes < 3 and has_kernel(x.dtype):
        return kernels.pool.avg_pool2d(as_images(x, axes), *_kernel_options(window)).reshape(shape)
    padded = np.pad(x, [(0, 0)] * (x.ndim - axes) + list(window.padding_for(size)))
    total = np.zeros(shape, float_of(x.dtype))
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
    if axes < 3 and has_kernel(x.dtype):
        images = as_images(x, axes)
        wide = (*images.shape[:2], *(size if axes == 2 else (1, *size)))
        return kernels.pool.avg_pool2d_gradient(images, wide, *_kernel_options(window)).reshape(shape)
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


@composite(method=False)
def lp_pool1d(x, norm_type, kernel_size, stride=None, ceil_mode=False):
    """(sum of x ** norm_type) ** (1 / norm_type) over each window along the last axis.  x: (N, C, W) -> (N, C, OW)"""
    return _lp_pool(1, x, norm_type, kernel_size, stride, ceil_mode)


@composite(method=False)
def lp_pool2d(x, norm_type, kernel_size, stride=None, ceil_mode=False):
    """(sum of x ** norm_type) ** (1 / norm_type) over each window.  x: (N, C, H, W) -> (N, C, OH, OW)

    A window whose sum is 0 or negative gives 0, with gradient 0.
    """
    return _lp_pool(2, x, norm_type, kernel_size, stride, ceil_mode)


def _lp_pool(axes: int, x, norm_type, kernel_size, stride, ceil_mode):
    # A window that reaches beyond the input counts as if it were full.
    op, x = f"lp_pool{axes}d", as_array(x)
    more = {"ceil_mode": bool(ceil_mode), "count_include_pad": False}
    window = window_for(op, x, kernel_size, stride, 0, **more)
    size = math.prod(window.kernel)
    mean = avg_pool(x**norm_type, window)
    nothing = mean.data <= 0 if isinstance(mean, Tensor) else mean <= 0  # where the root has no finite derivative
    return where(nothing, 0.0, (where(nothing, 1.0, mean) * size) ** (1.0 / norm_type))


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


max_pool.op.reference = _max_by_loop
avg_pool.op.reference = _mean_by_loop

_WINDOWS = [
    ((2, 3, 6, 6), Window((2, 2), (2, 2), (0, 0), (1, 1))),
    ((2, 3, 7, 6), Window((3, 2), (2, 1), (1, 1), (1, 1))),
    ((3, 5, 4), Window((2, 3), (1, 1), (1, 0), (1, 1))),
    ((2, 3, 7), Window((3,), (2,), (1,), (1,))),
    ((2, 2, 4, 3, 5), Window((2, 2, 3), (2, 1, 2), (1, 0, 1), (1, 1, 1))),
    ((0, 2, 4, 4), Window((2, 2), (2, 2), (0, 0), (1, 1))),
]


@max_pool.samples
def _(draw):
    for shape, window in _WINDOWS:
        yield Sample(draw.distinct(*shape), window)
    yield Sample(draw.distinct(2, 2, 7, 6), Window((2, 3), (1, 2), (1, 1), (2, 1)))
    yield Sample(draw.distinct(1, 2, 5, 5), Window((2, 2), (2, 2), (0, 0), (1, 1), ceil_mode=True))


@avg_pool.samples
def _(draw):
    for shape, window in _WINDOWS:
        yield Sample(draw(*shape), window)
    yield Sample(draw(2, 2, 5, 6), Window((3, 3), (2, 2), (1, 1), (1, 1), count_include_pad=False))
    yield Sample(draw(2, 2, 5, 6), Window((2, 3), (2, 2), (1, 1), (1, 1), divisor_override=5))
    yield Sample(draw(1, 2, 5, 5), Window((2, 2), (2, 2), (0, 0), (1, 1), ceil_mode=True))


@avg_pool_gradient.samples
def _(draw):
    for shape, window in _WINDOWS:
        axes = len(window.kernel)
        yield Sample(draw(*shape[: len(shape) - axes], *window.places(shape[len(shape) - axes :])), shape, window)


@pool_gather.samples
def _(draw):
    yield Sample(draw(2, 3, 4, 5), draw.integers(2, 3, 2, 2, low=-1, high=20), 2)
    yield Sample(draw(3, 6), draw.integers(3, 4, low=0, high=6), 1)
    yield Sample(draw(0, 6), draw.integers(0, 4, low=0, high=6), 1)


@pool_scatter.samples
def _(draw):
    yield Sample(draw(2, 3, 2, 2), draw.integers(2, 3, 2, 2, low=-1, high=20), (2, 3, 4, 5), 2)
    yield Sample(draw(3, 9), draw.integers(3, 9, low=0, high=6), (3, 6), 1)
    yield Sample(draw(0, 4), draw.integers(0, 4, low=0, high=6), (0, 6), 1)


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


def _lp_samples(draw, size):
    yield Sample(draw(2, 3, *size, low=0.2), 2, 2)
    yield Sample(draw(3, *size, low=0.2), 3, 3, stride=2)
    yield Sample(draw(2, 3, *size, low=0.2), 1.5, 2, 3, True)


declare_samples((lp_pool1d, lp_pool2d), _lp_samples)


def _pool_errors(draw):
    yield Sample(draw(4, 4), 2), ValueError, "x.unsqueeze(1)"
    yield Sample(draw(2, 3, 4, 4), 5), ValueError, "does not fit"
    yield Sample(draw(2, 3, 4, 4), 2, padding=2), ValueError, "at most half"
    yield Sample(draw(2, 3, 4, 4), (2, 2, 2)), ValueError, "2 integers"
    yield Sample(draw(2, 3, 4, 4), 2, 0), ValueError, "at least 1"
    yield Sample(draw(2, 3, 0, 4), 2), ValueError, "Only N may be 0"


max_pool2d.errors(_pool_errors)
avg_pool2d.errors(_pool_errors)
