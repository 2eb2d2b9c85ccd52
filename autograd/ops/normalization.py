"""Normalization: elements less their mean, divided by their standard deviation, over the batch or over features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite
from ..fused import fused
from ..graph import mark_written
from ..inplace import check_writable
from ..op import Sample, keep
from ..tensor import Tensor
from .pooling import avg_pool2d
from .powers import rsqrt
from .reduction import values_of
from .tiling import pad
from .windows import as_array, has_kernel


def _standardized(x: Any, axes: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    """x with mean 0 and variance 1 over the axes; and what these were, with the axes as axes of length 1."""
    mean = x.mean(axes, keepdims=True)
    centred = x - mean
    var = (centred * centred).mean(axes, keepdims=True)
    return centred * rsqrt(var + eps), mean, var


def _scaled(out: Any, weight: Any, bias: Any, shape: Sequence[int]) -> Any:
    """out * weight + bias, both of them optional and given the shape before."""
    if weight is not None:
        out = out * weight.reshape(shape)
    return out if bias is None else out + bias.reshape(shape)


def _check_floating(op: str, x: Any) -> None:
    if x.dtype.kind != "f":
        raise TypeError(f"{op}: the input must have a floating-point dtype, not {x.dtype}. Use x.float().")


# ---------------------------------------------------------------------------------------------------------------------
# Over the last axes
# ---------------------------------------------------------------------------------------------------------------------
def _check_layer(op: str, x: Any, normalized_shape: Any, **given: Any) -> tuple[int, ...]:
    shape = (normalized_shape,) if isinstance(normalized_shape, (int, np.integer)) else tuple(normalized_shape)
    _check_floating(op, x)
    if not shape or x.shape[max(0, x.ndim - len(shape)) :] != shape:
        raise ValueError(f"{op}: the input has shape {x.shape}, which does not end in normalized_shape={shape}.")
    for name, value in given.items():
        if value is not None and value.shape != shape:
            raise ValueError(f"{op}: the {name} has shape {value.shape}. It must be normalized_shape={shape}.")
    return shape


@fused(method=False)
def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """(x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance over the last axes.

    x: (*, *normalized_shape), weight, bias: normalized_shape -> the shape of x
    normalized_shape: an integer, for the last axis, or the lengths of the last axes. The variance is that of the
    elements themselves (divided by their number).
    Source: Ba et al. 2016.
    """
    x = as_array(x)
    shape = _check_layer("layer_norm", x, normalized_shape, weight=weight, bias=bias)
    out, _, _ = _standardized(x, tuple(range(x.ndim - len(shape), x.ndim)), eps)
    return _scaled(out, weight, bias, shape)


def _fits_kernel(x: np.ndarray, *given: np.ndarray | None) -> bool:
    return bool(has_kernel(x.dtype) and x.size and all(v is None or v.dtype == x.dtype for v in given))


@layer_norm.kernel
def _(x, normalized_shape, weight, bias, eps):
    shape = _check_layer("layer_norm", x, normalized_shape, weight=weight, bias=bias)
    if not _fits_kernel(x, weight, bias):
        return NotImplemented
    weight, bias = (v if v is None else v.reshape(-1) for v in (weight, bias))
    out, mean, rstd = kernels.norm.layer_norm(x.reshape(-1, math.prod(shape)), weight, bias, eps)
    return keep(out.reshape(x.shape), mean=mean, rstd=rstd, shape=shape)


@layer_norm.backward("x", "weight", "bias")
def _(g, x, weight, mean, rstd, shape):
    rows = len(mean), math.prod(shape)
    flat = None if weight is None else weight.reshape(-1)
    gx, gweight, gbias = kernels.norm.layer_norm_gradient(g.reshape(rows), x.reshape(rows), mean, rstd, flat)
    return gx.reshape(x.shape), gweight.reshape(shape), gbias.reshape(shape)


@composite(method=False)
def rms_norm(x, normalized_shape, weight=None, eps=None):
    """x / sqrt(mean of x ** 2 + eps) * weight, with the mean over the last axes.

    x: (*, *normalized_shape), weight: normalized_shape -> the shape of x
    eps: the rounding error of the dtype unless given. Source: Zhang and Sennrich 2019.
    """
    x = as_array(x)
    shape = _check_layer("rms_norm", x, normalized_shape, weight=weight)
    eps = float(np.finfo(x.dtype).eps) if eps is None else eps
    mean = (x * x).mean(tuple(range(x.ndim - len(shape), x.ndim)), keepdims=True)
    return _scaled(x * rsqrt(mean + eps), weight, None, shape)


# ---------------------------------------------------------------------------------------------------------------------
# Over the batch
# ---------------------------------------------------------------------------------------------------------------------
def _check_channels(op: str, x: Any, **given: Any) -> tuple[int, ...]:
    """The shape with which one number for each channel broadcasts."""
    _check_floating(op, x)
    if x.ndim < 2:
        raise ValueError(f"{op}: the input has shape {x.shape}. It must be (N, C) or (N, C, *).")
    for name, value in given.items():
        if value is not None and value.shape != (x.shape[1],):
            raise ValueError(
                f"{op}: the {name} has shape {value.shape}, and the input {x.shape} has {x.shape[1]} channels "
                f"(axis 1). It must be ({x.shape[1]},)."
            )
    return (x.shape[1], *(1,) * (x.ndim - 2))


@fused(method=False)
def standardize_channels(x, weight, bias, eps):
    """Each channel with mean 0 and variance 1 over all else, times weight, plus bias: what `batch_norm` learns with.

    x: (N, C, *), weight, bias: (C,) or None -> the shape of x, and of each channel the mean and the variance, (C,)
    """
    shape = _check_channels("standardize_channels", x, weight=weight, bias=bias)
    out, mean, var = _standardized(x, (0, *range(2, x.ndim)), eps)
    return _scaled(out, weight, bias, shape), mean.reshape(-1), var.reshape(-1)


def _as_planes(x: np.ndarray) -> np.ndarray:
    """(N, C) as it is, (N, C, *) -> (N, C, L)"""
    return x if x.ndim == 2 else x.reshape(*x.shape[:2], -1)


@standardize_channels.kernel
def _(x, weight, bias, eps):
    _check_channels("standardize_channels", x, weight=weight, bias=bias)
    if not _fits_kernel(x, weight, bias):
        return NotImplemented
    out, mean, var, rstd = kernels.norm.batch_norm(_as_planes(x), weight, bias, eps)
    return keep((out.reshape(x.shape), mean, var), mean=mean, rstd=rstd)


@standardize_channels.backward("x", "weight", "bias")
def _(g, x, weight, mean, rstd):
    g, of_mean, of_var = g
    planes = _as_planes(x)
    gx, gweight, gbias = kernels.norm.batch_norm_gradient(g.reshape(planes.shape), planes, mean, rstd, weight)
    if of_mean.any() or of_var.any():
        shape = (-1, *(1,) * (planes.ndim - 2))
        count = x.size // len(mean)
        gx += (of_mean.reshape(shape) + 2 * of_var.reshape(shape) * (planes - mean.reshape(shape))) / count
    return gx.reshape(x.shape), gweight, gbias


@fused(method=False)
def scale_channels(x, mean, var, weight, bias, eps):
    """(x - mean) / sqrt(var + eps) * weight + bias by channel: what `batch_norm` does once it has learnt.

    x: (N, C, *), mean, var: (C,), constants, weight, bias: (C,) or None -> the shape of x
    """
    given = {"running mean": mean, "running variance": var, "weight": weight, "bias": bias}
    shape = _check_channels("scale_channels", x, **given)
    scale = 1 / np.sqrt(values_of(var) + eps)
    out = (x - values_of(mean).reshape(shape)) * scale.reshape(shape)
    return _scaled(out, weight, bias, shape)


@scale_channels.kernel
def _(x, mean, var, weight, bias, eps):
    if not _fits_kernel(x, mean, var, weight, bias):
        return NotImplemented
    return kernels.norm.batch_norm_inference(_as_planes(x), mean, var, weight, bias, eps).reshape(x.shape)


@scale_channels.backward("x", "weight", "bias")
def _(g, x, mean, var, weight, eps):
    planes = _as_planes(x)
    rstd = 1 / np.sqrt(var + eps)
    gx, gweight, gbias = kernels.norm.batch_norm_gradient(g.reshape(planes.shape), planes, mean, rstd, weight, False)
    return gx.reshape(x.shape), gweight, gbias


@composite(method=False)
def batch_norm(x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """(x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel.

    x: (N, C) or (N, C, *), running_mean, running_var, weight, bias: (C,) -> the shape of x
    training: True takes mean and variance over the batch, and moves the running ones, where there are any, by
    `momentum` towards them, in place; the running variance towards the unbiased one. False takes the running ones.
    ValueError in training if channels have one element each, which has no variance.
    Source: Ioffe and Szegedy 2015.
    """
    x = as_array(x)
    running_mean, running_var = (s if s is None else as_array(s) for s in (running_mean, running_var))
    given = {"running mean": running_mean, "running variance": running_var, "weight": weight, "bias": bias}
    _check_channels("batch_norm", x, **given)
    if training:
        count = math.prod(x.shape) // max(1, x.shape[1])
        if count == 1:
            raise ValueError(
                f"batch_norm: in training a channel needs more than one element to have a variance, and the input "
                f"{x.shape} has one of each. Use a larger batch (drop_last=True in the loader), or eval()."
            )
        out, mean, var = standardize_channels(x, weight, bias, eps)
        if count:
            _move("batch_norm", running_mean, values_of(mean), momentum)
            _move("batch_norm", running_var, values_of(var) * (count / (count - 1)), momentum)
        return out
    if running_mean is None or running_var is None:
        raise ValueError("batch_norm: without training=True it needs a running mean and a running variance.")
    return scale_channels(x, values_of(running_mean), values_of(running_var), weight, bias, eps)


def _move(op: str, running: Any, value: np.ndarray, momentum: float) -> None:
    """Moves a running statistic towards a value, in place and outside the graph."""
    if running is None:
        return
    if isinstance(running, Tensor):
        check_writable(running, op)
    buffer = values_of(running)
    buffer += (momentum * (value - buffer)).astype(buffer.dtype, copy=False)
    mark_written(buffer, op)


# ---------------------------------------------------------------------------------------------------------------------
# Over groups of channels, of each image by itself
# ---------------------------------------------------------------------------------------------------------------------
@composite(method=False)
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    """(x - mean) / sqrt(variance + eps) * weight + bias, over each group of channels of each image.

    x: (N, C, *), weight, bias: (C,) -> the shape of x
    num_groups: how many groups the channels are split into. Source: Wu and He 2018.
    """
    x = as_array(x)
    shape = _check_channels("group_norm", x, weight=weight, bias=bias)
    if num_groups < 1 or x.shape[1] % num_groups:
        raise ValueError(
            f"group_norm: {x.shape[1]} channels, of the input {x.shape}, can not be split into "
            f"num_groups={num_groups}. Choose a divisor."
        )
    return _scaled(_over_groups("group_norm", x, num_groups, eps), weight, bias, shape)


def _over_groups(op: str, x: Any, groups: int, eps: float) -> Any:
    size = math.prod(x.shape[1:]) // max(1, groups)
    if size == 1 and x.shape[0]:
        raise ValueError(
            f"{op}: the input {x.shape} has one element in each group, which has no variance. Use fewer groups."
        )
    return layer_norm(x.reshape((x.shape[0], groups, size)), (size,), None, None, eps).reshape(x.shape)


@composite(method=False)
def instance_norm(
    x, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    """(x - mean) / sqrt(variance + eps) * weight + bias, over each channel of each image.

    x: (N, C, *), running_mean, running_var, weight, bias: (C,) -> the shape of x
    use_input_stats: False takes the running mean and variance. True moves them, where there are any, by `momentum`
    towards the mean over the batch of those that were used, in place. Source: Ulyanov et al. 2016.
    """
    if not use_input_stats:
        return batch_norm(x, running_mean, running_var, weight, bias, False, momentum, eps)
    x = as_array(x)
    given = {"running mean": running_mean, "running variance": running_var, "weight": weight, "bias": bias}
    shape = _check_channels("instance_norm", x, **given)
    if math.prod(x.shape[2:]) == 1:
        raise ValueError(
            f"instance_norm: the input {x.shape} has one element in each channel, which has no variance. It must be "
            f"(N, C, *) with more than one element in *."
        )
    out = _scaled(_over_groups("instance_norm", x, x.shape[1], eps), weight, bias, shape)
    if running_mean is not None or running_var is not None:
        rows = values_of(x).reshape(x.shape[0], x.shape[1], -1)
        _move("instance_norm", running_mean, rows.mean(-1).mean(0), momentum)
        _move("instance_norm", running_var, rows.var(-1, ddof=1).mean(0), momentum)
    return out


@composite(method=False)
def local_response_norm(x, size, alpha=1e-4, beta=0.75, k=1.0):
    """x / (k + alpha * mean of x ** 2 over `size` neighbouring channels) ** beta.  x: (N, C, *) -> the same

    Channels beyond the first and the last count as 0. Source: Krizhevsky et al. 2012.
    """
    x = as_array(x)
    _check_floating("local_response_norm", x)
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


@standardize_channels.samples
def _(draw):
    yield Sample(draw(6, 3), draw(3), draw(3), 1e-5)
    yield Sample(draw(4, 3, 5), None, None, 0.1)
    yield Sample(draw(2, 3, 4, 5), draw(3), None, 1e-5)
    yield Sample(draw(2, 1, 4, 5), None, draw(1), 1e-5)
    yield Sample(draw(2, 3, 2, 2, 2), draw(3), draw(3), 1e-5)


@scale_channels.samples
def _(draw):
    mean, var = draw(3), draw(3, low=0.5)
    yield Sample(draw(6, 3), mean, var, draw(3), draw(3), 1e-5)
    yield Sample(draw(4, 3, 5), mean, var, None, None, 0.1)
    yield Sample(draw(2, 3, 4, 5), mean, var, draw(3), None, 1e-5)
    yield Sample(draw(0, 3, 2), mean, var, None, draw(3), 1e-5)


@batch_norm.samples
def _(draw):
    means, variances = [0.5, -1.0, 0.0], [1.0, 0.25, 4.0]
    for shape in ((6, 3), (2, 3, 4), (2, 3, 4, 5), (0, 3, 2)):
        yield Sample(draw(*shape), None, None, draw(3), draw(3), True)
        yield Sample(draw(*shape), None, None, training=True, eps=0.1)
        yield Sample(draw(*shape), means, variances, draw(3), draw(3))
    yield Sample(draw(2, 3, 4), means, variances)


@group_norm.samples
def _(draw):
    yield Sample(draw(2, 6, 3), 3, draw(6), draw(6))
    yield Sample(draw(2, 6, 3, 2), 1)
    yield Sample(draw(2, 6), 2, draw(6), None, 0.1)
    yield Sample(draw(2, 4, 3), 4, None, draw(4))
    yield Sample(draw(0, 4, 3), 2)


@instance_norm.samples
def _(draw):
    yield Sample(draw(2, 3, 4), None, None, draw(3), draw(3))
    yield Sample(draw(2, 3, 2, 2), eps=0.1)
    yield Sample(draw(2, 3, 4), [0.5, -1.0, 0.0], [1.0, 0.25, 4.0], draw(3), draw(3), False)


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


@batch_norm.errors
def _(draw):
    yield Sample(draw(1, 3), None, None, training=True), ValueError, "drop_last=True"
    yield Sample(draw(4, 3), None, None), ValueError, "running mean"
    yield Sample(draw(3), None, None, training=True), ValueError, "(N, C)"
    yield Sample(draw(4, 3), draw(4), draw(3)), ValueError, "has 3 channels"


@group_norm.errors
def _(draw):
    yield Sample(draw(2, 4, 3), 3), ValueError, "Choose a divisor"
    yield Sample(draw(2, 4), 4), ValueError, "fewer groups"


@instance_norm.errors
def _(draw):
    yield Sample(draw(2, 4, 1)), ValueError, "one element in each channel"
