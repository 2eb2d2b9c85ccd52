"""Kernels that move over arrays: how they move, and convolution and its gradients on arrays.

float32 and float64 are convolved by compiled kernels, other dtypes by NumPy.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from .. import kernels
from ..stand_in import StandIn
from ..tensor import Tensor, to_array


class _Winograd:
    """Whether convolutions may use Winograd's algorithm."""

    allowed = os.environ.get("DEFINERUN_WINOGRAD", "1") != "0"


_winograd = _Winograd()


def set_winograd(allowed: bool) -> None:
    """Allows (the default) or forbids Winograd's algorithm for float32 convolutions of 3x3 with stride 1.

    It takes a quarter of the multiplications, and rounds a little more: the error is about twice that of a direct sum
    (root mean square, relative to float64: 1e-6 against 6e-7 at 128 channels). DEFINERUN_WINOGRAD=0 in the environment
    forbids it from the start. float64 never uses it.
    """
    _winograd.allowed = bool(allowed)


def is_winograd_allowed() -> bool:
    """Whether convolutions may use Winograd's algorithm; see `set_winograd`."""
    return _winograd.allowed


ONE_PASS = 32768  # elements from which a kernel sums up in less time than NumPy
AXES = {1: "N, C, W", 2: "N, C, H, W", 3: "N, C, D, H, W"}  # of what is convolved or pooled


class Geometry(NamedTuple):
    """How a kernel moves over its input: one number for each axis, and for padding one pair."""

    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    groups: int

    def output_size(self, size: Sequence[int], kernel: Sequence[int]) -> tuple[int, ...]:
        """The number of places where the kernel fits, along each axis."""
        return tuple(
            (n + before + after - d * (k - 1) - 1) // s + 1
            for n, k, s, (before, after), d in zip(size, kernel, self.stride, self.padding, self.dilation, strict=True)
        )

    def with_height(self) -> Geometry:
        """For the last axis, the same for two axes of which the first has length 1."""
        return Geometry((1, *self.stride), ((0, 0), *self.padding), (1, *self.dilation), self.groups)

    def of_planes(self) -> Geometry:
        """For three axes, what holds for the last two."""
        return Geometry(self.stride[1:], self.padding[1:], self.dilation[1:], self.groups)

    def uneven_padding(self) -> tuple[tuple[int, int], ...] | None:
        """What is left of the padding without what is the same on both sides; None if that is nothing."""
        if all(before == after for before, after in self.padding):
            return None
        return tuple((before - min(before, after), after - min(before, after)) for before, after in self.padding)

    def for_kernel(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], int]:
        """Stride, padding, dilation and groups, with the padding that is the same on both sides."""
        return self.stride, tuple(min(pair) for pair in self.padding), self.dilation, self.groups


def per_axis(op: str, name: str, value: Any, axes: int, least: int) -> tuple[int, ...]:
    """An option given as one integer, or as one for each axis, as a tuple of integers that are not below `least`."""
    if not isinstance(value, (tuple, list)):
        value = (value,) * axes
    elif len(value) == 1:
        value = tuple(value) * axes
    if len(value) != axes or not all(isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in value):
        raise ValueError(f"{op}: {name} must be an integer or {axes} integers, not {value!r}.")
    if any(v < least for v in value):
        raise ValueError(f"{op}: {name} must be at least {least}, not {value!r}.")
    return tuple(map(int, value))


def as_array(x: Any) -> Any:
    """Tensors and arrays as they are, lists and numbers as arrays."""
    return x if isinstance(x, (Tensor, np.ndarray, StandIn)) else to_array(x)


def check_layout(op: str, shape: tuple[int, ...], axes: int) -> None:
    """Raises unless `shape` has so many axes behind that of channels, with or without a batch."""
    if len(shape) not in (axes + 1, axes + 2):
        hint = "add the axis of channels with x.unsqueeze(1)" if len(shape) == axes else "reshape it"
        raise ValueError(f"{op}: the input has shape {shape}. It must be ({AXES[axes]}) or without N: {hint}.")


def hashable(value: Any) -> Any:
    """An option that may be a list, as what a cache can look up."""
    return tuple(value) if isinstance(value, list) else value


def geometry_of(
    op: str, kernel: Sequence[int], stride: object, padding: object, dilation: object, groups: object, axes: int
) -> Geometry:
    strides = per_axis(op, "stride", stride, axes, 1)
    dilations = per_axis(op, "dilation", dilation, axes, 1)
    if not isinstance(groups, (int, np.integer)) or groups < 1:
        raise ValueError(f"{op}: groups must be an integer above 0, not {groups!r}.")
    if padding == "valid":
        pairs = ((0, 0),) * axes
    elif padding == "same":
        if any(s != 1 for s in strides):
            raise ValueError(f"{op}: padding='same' keeps the size only for stride=1, not for stride={stride!r}.")
        totals = [d * (k - 1) for k, d in zip(kernel, dilations, strict=False)]
        pairs = tuple((total // 2, total - total // 2) for total in totals)
    elif isinstance(padding, str):
        raise ValueError(f"{op}: padding must be 'same', 'valid', an integer or {axes} integers, not {padding!r}.")
    else:
        pairs = tuple((p, p) for p in per_axis(op, "padding", padding, axes, 0))
    return Geometry(strides, pairs, dilations, int(groups))


# ---------------------------------------------------------------------------------------------------------------------
# On arrays
# ---------------------------------------------------------------------------------------------------------------------
def common(x: np.ndarray, y: np.ndarray, z: np.ndarray | None = None) -> tuple[Any, Any, Any, np.dtype]:
    """All in the dtype to compute in, and the dtype of the result.  float16 is summed up in float32."""
    dtype = np.result_type(x, y) if z is None else np.result_type(x, y, z)
    work = np.dtype(np.float32) if dtype == np.float16 else dtype
    a, b, c = (v if v is None or v.dtype == work else v.astype(work) for v in (x, y, z))
    return a, b, c, dtype


def windows_of(x: np.ndarray, kernel: Sequence[int], geometry: Geometry) -> np.ndarray:
    """The padded input under the kernel at each of its places.  (N, C, *size) -> (N, C, *places, *kernel), a view"""
    axes = len(kernel)
    if any(pair != (0, 0) for pair in geometry.padding):
        x = np.pad(x, [(0, 0), (0, 0), *geometry.padding])
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, geometry.dilation, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(x, reach, tuple(range(2, 2 + axes)))
    steps = [slice(None, None, s) for s in (*geometry.stride, *geometry.dilation)]
    return windows[(slice(None), slice(None), *steps)]


def _numpy_convolve(x: np.ndarray, weight: np.ndarray, geometry: Geometry) -> np.ndarray:
    """x: (N, C, *size), weight: (O, C / groups, *kernel) -> (N, O, *places)"""
    axes = weight.ndim - 2
    windows = np.split(windows_of(x, weight.shape[2:], geometry), geometry.groups, axis=1)
    weights = np.split(weight, geometry.groups)
    summed = [1, *range(2 + axes, 2 + 2 * axes)], [1, *range(2, 2 + axes)]
    return np.concatenate(
        [np.moveaxis(np.tensordot(a, w, summed), -1, 1) for a, w in zip(windows, weights, strict=True)], axis=1
    )


def _numpy_weight_gradient(g: np.ndarray, x: np.ndarray, kernel: Sequence[int], geometry: Geometry) -> np.ndarray:
    """g: (N, O, *places), x: (N, C, *size) -> (O, C / groups, *kernel)"""
    places = [0, *range(2, g.ndim)]
    windows = np.split(windows_of(x, kernel, geometry), geometry.groups, axis=1)
    gradients = np.split(g, geometry.groups, axis=1)
    return np.concatenate([np.tensordot(d, a, (places, places)) for a, d in zip(windows, gradients, strict=True)])


def _numpy_input_gradient(g: np.ndarray, weight: np.ndarray, shape: Sequence[int], geometry: Geometry) -> np.ndarray:
    """g: (N, O, *places), weight: (O, C / groups, *kernel) -> (N, C, *size), which is `shape`"""
    kernel = weight.shape[2:]
    padded = [n + before + after for n, (before, after) in zip(shape[2:], geometry.padding, strict=True)]
    out = np.zeros((*shape[:2], *padded), g.dtype)
    channels = weight.shape[1]
    pairs = zip(np.split(g, geometry.groups, axis=1), np.split(weight, geometry.groups), strict=True)
    for group, (d, w) in enumerate(pairs):
        part = out[:, group * channels : (group + 1) * channels]
        for tap in product(*map(range, kernel)):
            reached: list[Any] = [
                slice(k * dilation, k * dilation + places * stride, stride)
                for k, dilation, stride, places in zip(
                    tap, geometry.dilation, geometry.stride, g.shape[2:], strict=True
                )
            ]
            reached = [slice(r.start, min(r.stop, n), r.step) for r, n in zip(reached, padded, strict=True)]
            place: tuple[Any, ...] = (..., *tap)
            at_tap = w[place]  # (O, C / groups)
            part[(..., *reached)] += np.moveaxis(np.tensordot(d, at_tap, (1, 0)), -1, 1)
    inner: list[Any] = [slice(before, before + n) for n, (before, _) in zip(shape[2:], geometry.padding, strict=True)]
    return out[(..., *inner)]


def bias_gradient(g: np.ndarray) -> np.ndarray:
    """(N, O, *places) -> (O,)"""
    if g.dtype.char in "fd" and g.size >= ONE_PASS:
        return kernels.conv_bias.channel_sums(g)
    return g.sum((0, *range(2, g.ndim)))


def relu_and_bias_gradient(g: np.ndarray, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Back through a ReLU with this result, and the gradient by the bias before it."""
    if g.dtype == out.dtype and g.dtype.char in "fd" and g.size >= ONE_PASS:
        return kernels.conv_bias.relu_gradient_and_sums(g, out)
    g = np.where(out > 0, g, g.dtype.type(0))
    return g, bias_gradient(g)


# The kernels know two axes, and the same padding on both sides. One axis is two of which the first has length 1; of
# three, the taps along the first become channels.
def has_kernel(dtype: np.dtype) -> bool:
    return dtype.char in "fd"


def convolve(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, geometry: Geometry, floor: float = -np.inf
) -> np.ndarray:
    """x: (N, C, *size), weight: (O, C / groups, *kernel), bias: (O,) or None -> (N, O, *places)

    Where the result is less than `floor`, that stands in its place.
    """
    axes = weight.ndim - 2
    if not has_kernel(x.dtype):
        out = _numpy_convolve(x, weight, geometry)
        out = out if bias is None else out + bias.reshape(-1, *(1,) * axes)
        return out if floor == -np.inf else np.maximum(out, floor)
    if axes == 1:
        return convolve(x[:, :, None], weight[:, :, None], bias, geometry.with_height(), floor)[:, :, 0]
    if axes == 3:
        planes = _depth_as_channels(x, weight.shape[2], geometry)
        out = convolve(planes, weight.reshape(len(weight), -1, *weight.shape[3:]), bias, geometry.of_planes(), floor)
        return _split_depth(out, len(x))
    size = geometry.output_size(x.shape[2:], weight.shape[2:])
    x, geometry = _pad_unevenly(x, geometry)
    return kernels.conv.conv2d(x, weight, bias, size, *geometry.for_kernel(), _winograd.allowed, floor)


def convolve_weight_gradient(g: np.ndarray, x: np.ndarray, kernel: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """g: (N, O, *places), x: (N, C, *size) -> (O, C / groups, *kernel)"""
    if not has_kernel(x.dtype):
        return _numpy_weight_gradient(g, x, kernel, geometry)
    if len(kernel) == 1:
        return convolve_weight_gradient(g[:, :, None], x[:, :, None], (1, *kernel), geometry.with_height())[:, :, 0]
    if len(kernel) == 3:
        planes = _depth_as_channels(x, kernel[0], geometry)
        merged = g.swapaxes(1, 2).reshape(-1, g.shape[1], *g.shape[3:])
        out = convolve_weight_gradient(merged, planes, kernel[1:], geometry.of_planes())
        return out.reshape(len(out), -1, *kernel)
    x, geometry = _pad_unevenly(x, geometry)
    shape = (g.shape[1], x.shape[1] // geometry.groups, *kernel)
    return kernels.conv.conv2d_weight_gradient(g, x, shape, *geometry.for_kernel(), _winograd.allowed)


def convolve_input_gradient(
    g: np.ndarray, weight: np.ndarray, shape: tuple[int, ...], geometry: Geometry
) -> np.ndarray:
    """g: (N, O, *places), weight: (O, C / groups, *kernel) -> (N, C, *size), which is `shape`"""
    axes = weight.ndim - 2
    if not has_kernel(g.dtype):
        return _numpy_input_gradient(g, weight, shape, geometry)
    if axes == 1:
        shape = (*shape[:2], 1, *shape[2:])
        return convolve_input_gradient(g[:, :, None], weight[:, :, None], shape, geometry.with_height())[:, :, 0]
    if axes == 3:
        batch, channels, depth, *size = shape
        taps, places = weight.shape[2], g.shape[2]
        merged = g.swapaxes(1, 2).reshape(-1, g.shape[1], *g.shape[3:])
        flat = weight.reshape(len(weight), -1, *weight.shape[3:])
        planes = convolve_input_gradient(merged, flat, (batch * places, channels * taps, *size), geometry.of_planes())
        planes = planes.reshape(batch, places, channels, taps, *size)
        before, after = geometry.padding[0]
        out = np.zeros((batch, channels, before + depth + after, *size), g.dtype)
        for tap, reached in enumerate(_reach_of_taps(taps, places, geometry)):
            out[:, :, reached] += planes[:, :, :, tap].swapaxes(1, 2)
        return out[:, :, before : before + depth]
    rest = geometry.uneven_padding()
    if rest is None:
        return kernels.conv.conv2d_input_gradient(g, weight, shape, *geometry.for_kernel(), _winograd.allowed)
    padded = tuple(n + before + after for n, (before, after) in zip(shape[2:], rest, strict=True))
    shape_of_padded = (*shape[:2], *padded)
    out = kernels.conv.conv2d_input_gradient(g, weight, shape_of_padded, *geometry.for_kernel(), _winograd.allowed)
    (top, _), (left, _) = rest
    return out[:, :, top : top + shape[2], left : left + shape[3]]


def _pad_unevenly(x: np.ndarray, geometry: Geometry) -> tuple[np.ndarray, Geometry]:
    """The input with that padding which is not the same on both sides."""
    rest = geometry.uneven_padding()
    return (x if rest is None else np.pad(x, [(0, 0), (0, 0), *rest])), geometry


def _reach_of_taps(taps: int, places: int, geometry: Geometry) -> list[slice]:
    """The elements along the first axis, padding among them, that each tap of the kernel covers."""
    step, dilation = geometry.stride[0], geometry.dilation[0]
    return [slice(k * dilation, k * dilation + (places - 1) * step + 1, step) for k in range(taps)]


def _depth_as_channels(x: np.ndarray, taps: int, geometry: Geometry) -> np.ndarray:
    """(N, C, D, H, W) -> (N * OD, C * KD, H, W): what the kernel sees at each place along D."""
    x = np.pad(x, [(0, 0), (0, 0), geometry.padding[0], (0, 0), (0, 0)])
    places = (x.shape[2] - geometry.dilation[0] * (taps - 1) - 1) // geometry.stride[0] + 1
    seen = np.stack([x[:, :, reached] for reached in _reach_of_taps(taps, places, geometry)], axis=2)
    return seen.transpose(0, 3, 1, 2, 4, 5).reshape(len(x) * places, x.shape[1] * taps, *x.shape[3:])


def _split_depth(out: np.ndarray, batch: int) -> np.ndarray:
    """(N * OD, O, OH, OW) -> (N, O, OD, OH, OW)"""
    return out.reshape(batch, len(out) // max(1, batch), *out.shape[1:]).swapaxes(1, 2)
