"""Normalization: elements less their mean, divided by their standard deviation, each sample by itself.

Over the batch: `batch_normalization`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite
from ..fused import fused
from ..op import Sample, keep
from .pooling import avg_pool2d
from .powers import rsqrt
from .tiling import pad
from .windows import as_array


def standardized(x: Any, axes: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    """x with mean 0 and variance 1 over the axes; and what these were, with the axes as axes of length 1."""
    mean = x.mean(axes, keepdims=True)
    centred = x - mean
    var = (centred * centred).mean(axes, keepdims=True)
    return centred * rsqrt(var + eps), mean, var


def scaled(out: Any, weight: Any, bias: Any, shape: Sequence[int]) -> Any:
    """out * weight + bias, both of them optional and given the shape before."""
    if weight is not None:
        out = out * weight.reshape(shape)
    return out if bias is None else out + bias.reshape(shape)


def check_floating(op: str, x: Any) -> None:
    if x.dtype.kind != "f":
        raise TypeError(f"{op}: the input must have a floating-point dtype, not {x.dtype}. Use x.float().")


def check_channels(op: str, x: Any, **given: Any) -> tuple[int, ...]:
    """The shape with which one number for each channel broadcasts."""
    check_floating(op, x)
    shape = x.shape
    if len(shape) < 2:
        raise ValueError(f"{op}: the input has shape {shape}. It must be (N, C) or (N, C, *).")
    channels = shape[1]
    for name, value in given.items():
        if value is not None and value.shape != (channels,):
            raise ValueError(
                f"{op}: the {name.replace('_', ' ')} has shape {value.shape}, and the input {shape} has {channels} "
                f"channels (axis 1). It must be ({channels},)."
            )
    return (channels, *(1,) * (len(shape) - 2))


def fits_kernel(x: np.ndarray, shape: tuple[int, ...], *given: np.ndarray | None) -> bool:
    """Whether a kernel takes x, and weights and the like, which it wants to have the same dtype and this shape."""
    dtype = x.dtype
    if dtype.char not in "fd" or not x.size:
        return False
    for value in given:  # noqa: SIM110  (a generator takes as long as all the rest)
        if value is not None and (value.dtype != dtype or value.shape != shape):
            return False
    return True


# ---------------------------------------------------------------------------------------------------------------------
# Over the last axes
# ---------------------------------------------------------------------------------------------------------------------
def _check_layer(op: str, x: Any, normalized_shape: Any, weight: Any = None, bias: Any = None) -> tuple[int, ...]:
    shape = (normalized_shape,) if isinstance(normalized_shape, (int, np.integer)) else tuple(normalized_shape)
    check_floating(op, x)
    if not shape or x.shape[max(0, x.ndim - len(shape)) :] != shape:
        raise ValueError(f"{op}: the input has shape {x.shape}, which does not end in normalized_shape={shape}.")
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and value.shape != shape:
            raise ValueError(f"{op}: the {name} has shape {value.shape}. It must be normalized_shape={shape}.")
    return shape


def _row(value: np.ndarray | None) -> np.ndarray | None:
    return value if value is None or value.ndim == 1 else value.reshape(-1)


@fused(method=False)
def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """(x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance over the last axes.

    x: (*, *normalized_shape), weight, bias: normalized_shape -> the shape of x
    normalized_shape: an integer, for the last axis, or the lengths of the last axes. The variance is that of the
    elements themselves (divided by their number).
    Source: Ba et al. 2016.
    """
    x = as_array(x)
    shape = _check_layer("layer_norm", x, normalized_shape, weight, bias)
    out, _, _ = standardized(x, tuple(range(x.ndim - len(shape), x.ndim)), eps)
    return scaled(out, weight, bias, shape)


@layer_norm.kernel
def _(x, normalized_shape, weight, bias, eps):
    shape = _check_layer("layer_norm", x, normalized_shape, weight, bias)
    if not fits_kernel(x, shape, weight, bias):
        return NotImplemented
    out, statistics = kernels.layer_norm.layer_norm(x, math.prod(shape), _row(weight), _row(bias), eps)
    return keep(out, statistics=statistics, shape=shape)


@layer_norm.backward("x", "weight", "bias")
def _(g, x, weight, statistics, shape):
    gx, gweight, gbias = kernels.layer_norm.layer_norm_gradient(g, x, statistics, _row(weight))
    return gx, gweight.reshape(shape), gbias.reshape(shape)


@fused(method=False)
def rms_norm(x, normalized_shape, weight=None, eps=None):
    """x / sqrt(mean of x ** 2 + eps) * weight, with the mean over the last axes.

    x: (*, *normalized_shape), weight: normalized_shape -> the shape of x
    eps: the rounding error of the dtype unless given. Source: Zhang and Sennrich 2019.
    """
    x = as_array(x)
    shape = _check_layer("rms_norm", x, normalized_shape, weight)
    eps = float(np.finfo(x.dtype).eps) if eps is None else eps
    mean = (x * x).mean(tuple(range(x.ndim - len(shape), x.ndim)), keepdims=True)
    return scaled(x * rsqrt(mean + eps), weight, None, shape)


@rms_norm.kernel
def _(x, normalized_shape, weight, eps):
    shape = _check_layer("rms_norm", x, normalized_shape, weight)
    if not fits_kernel(x, shape, weight):
        return NotImplemented
    eps = float(np.finfo(x.dtype).eps) if eps is None else eps
    out, statistics = kernels.layer_norm.layer_norm(x, math.prod(shape), _row(weight), None, eps, False)
    return keep(out, statistics=statistics, shape=shape)


@rms_norm.backward("x", "weight")
def _(g, x, weight, statistics, shape):
    gx, gweight, _ = kernels.layer_norm.layer_norm_gradient(g, x, statistics, _row(weight), False)
    return gx, gweight.reshape(shape)


# ---------------------------------------------------------------------------------------------------------------------
# Over groups of channels, of each image by itself
# ---------------------------------------------------------------------------------------------------------------------
_SHORTEST = 8  # elements of a channel, below which the kernel, which takes channel by channel, does not pay


@fused(method=False)
def standardize_groups(x, num_groups, weight, bias, eps):
    """Each group of channels of each sample with mean 0 and variance 1, times weight, plus bias: see `group_norm`.

    x: (N, C, *), weight, bias: (C,) or None -> the shape of x
    """
    shape = check_channels("standardize_groups", x, weight=weight, bias=bias)
    size = math.prod(x.shape[1:]) // max(1, num_groups)
    out = layer_norm(x.reshape((x.shape[0], num_groups, size)), (size,), None, None, eps).reshape(x.shape)
    return scaled(out, weight, bias, shape)


@standardize_groups.kernel
def _(x, num_groups, weight, bias, eps):
    if not fits_kernel(x, x.shape[1:2], weight, bias) or x.size < _SHORTEST * x.shape[0] * x.shape[1]:
        return NotImplemented
    out, mean, rstd = kernels.norm.group_norm(x, num_groups, weight, bias, eps)
    return keep(out, mean=mean, rstd=rstd)


@standardize_groups.backward("x", "weight", "bias")
def _(g, x, num_groups, weight, mean, rstd):
    return kernels.norm.group_norm_gradient(g, x, num_groups, mean, rstd, weight)


@composite(method=False)
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    """(x - mean) / sqrt(variance + eps) * weight + bias, over each group of channels of each image.

    x: (N, C, *), weight, bias: (C,) -> the shape of x
    num_groups: how many groups the channels are split into. Source: Wu and He 2018.
    """
    x = as_array(x)
    check_channels("group_norm", x, weight=weight, bias=bias)
    if not isinstance(num_groups, (int, np.integer)) or isinstance(num_groups, bool):
        raise TypeError(f"group_norm: num_groups must be a whole number, not {num_groups!r}.")
    if num_groups < 1 or x.shape[1] % num_groups:
        raise ValueError(
            f"group_norm: {x.shape[1]} channels, of the input {x.shape}, can not be split into "
            f"num_groups={num_groups}. Choose a divisor."
        )
    if math.prod(x.shape[1:]) == num_groups and x.shape[0]:
        raise ValueError(
            f"group_norm: the input {x.shape} has one element in each group, which has no variance. Use fewer groups."
        )
    return standardize_groups(x, num_groups, weight, bias, eps)


@composite(method=False)
def local_response_norm(x, size, alpha=1e-4, beta=0.75, k=1.0):
    """x / (k + alpha * mean of x ** 2 over `size` neighbouring channels) ** beta.  x: (N, C, *) -> the same

    Channels beyond the first and the last count as 0. Source: Krizhevsky et al. 2012.
    """
    x = as_array(x)
    check_floating("local_response_norm", x)
    if not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size < 1:
        raise ValueError(f"local_response_norm: size must be a whole number above 0, not {size!r}.")
    if x.ndim < 3:
        raise ValueError(f"local_response_norm: the input has shape {x.shape}. It must be (N, C, *).")
    rows = (x * x).reshape((x.shape[0], 1, x.shape[1], math.prod(x.shape[2:])))
    mean = avg_pool2d(pad(rows, (0, 0, size // 2, (size - 1) // 2)), (size, 1), 1)
    return x / (k + alpha * mean.reshape(x.shape)) ** beta


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
@layer_norm.samples
def _(draw):
    yield Sample(draw(4, 5), 5)
    yield Sample(draw(4, 5), (5,), draw(5), draw(5))
    yield Sample(draw(2, 3, 4), (3, 4), draw(3, 4))
    yield Sample(draw(2, 3, 4), [4], bias=draw(4), eps=0.1)
    yield Sample(draw(7), 7, draw(7), draw(7))
    yield Sample(draw(0, 5), 5, draw(5), draw(5))
    yield Sample(draw(3, 1), 1)
    yield Sample(draw(3, 5, low=30.0, high=31.0), 5)


@rms_norm.samples
def _(draw):
    yield Sample(draw(4, 5), 5)
    yield Sample(draw(2, 3, 4), (3, 4), draw(3, 4))
    yield Sample(draw(7), 7, eps=0.1)
    yield Sample(draw(0, 5), 5, draw(5))


@standardize_groups.samples
def _(draw):
    yield Sample(draw(2, 6, 3), 3, draw(6), draw(6), 1e-5)
    yield Sample(draw(2, 6, 3, 4), 2, draw(6), draw(6), 1e-5)
    yield Sample(draw(2, 4, 9), 4, None, draw(4), 0.1)
    yield Sample(draw(3, 4, 2, 2, 3), 1, draw(4), None, 1e-5)
    yield Sample(draw(0, 4, 9), 2, None, None, 1e-5)


@group_norm.samples
def _(draw):
    yield Sample(draw(2, 6, 3), 3, draw(6), draw(6))
    yield Sample(draw(2, 6, 3, 2), 1)
    yield Sample(draw(2, 6), 2, draw(6), None, 0.1)
    yield Sample(draw(2, 4, 3), 4, None, draw(4))
    yield Sample(draw(0, 4, 3), 2)


@local_response_norm.samples
def _(draw):
    yield Sample(draw(2, 5, 3), 3, 0.5)
    yield Sample(draw(2, 5, 3, 2), 2, 0.5, 0.5, 2.0)
    yield Sample(draw(1, 2, 3), 5)


@layer_norm.errors
def _(draw):
    yield Sample(draw(4, 5), 4), ValueError, "does not end in normalized_shape=(4,)"
    yield Sample(draw(5), (4, 5)), ValueError, "does not end in"
    yield Sample(draw(4, 5), 5, draw(4)), ValueError, "the weight has shape (4,)"
    yield Sample(draw.integers(4, 5), 5), TypeError, "x.float()"


@group_norm.errors
def _(draw):
    yield Sample(draw(2, 4, 3), 3), ValueError, "Choose a divisor"
    yield Sample(draw(2, 4), 4), ValueError, "fewer groups"
