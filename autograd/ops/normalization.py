"""Normalization: elements less their mean, divided by their standard deviation, over the batch or over features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..declare import composite
from ..fused import fused
from ..graph import mark_written
from ..inplace import check_writable
from ..op import Sample
from ..tensor import Tensor, to_array
from .pooling import avg_pool2d
from .powers import rsqrt
from .tiling import pad


def _array(x: Any) -> Any:
    return x if isinstance(x, (Tensor, np.ndarray)) else to_array(x)


def _values(x: Any) -> np.ndarray:
    return x.data if isinstance(x, Tensor) else x


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
    x = _array(x)
    shape = _check_layer("layer_norm", x, normalized_shape, weight=weight, bias=bias)
    out, _, _ = _standardized(x, tuple(range(x.ndim - len(shape), x.ndim)), eps)
    return _scaled(out, weight, bias, shape)


@composite(method=False)
def rms_norm(x, normalized_shape, weight=None, eps=None):
    """x / sqrt(mean of x ** 2 + eps) * weight, with the mean over the last axes.

    x: (*, *normalized_shape), weight: normalized_shape -> the shape of x
    eps: the rounding error of the dtype unless given. Source: Zhang and Sennrich 2019.
    """
    x = _array(x)
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


@composite(method=False)
def batch_norm(x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """(x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel.

    x: (N, C) or (N, C, *), running_mean, running_var, weight, bias: (C,) -> the shape of x
    training: True takes mean and variance over the batch, and moves the running ones, where there are any, by
    `momentum` towards them, in place; the running variance towards the unbiased one. False takes the running ones.
    ValueError in training if channels have one element each, which has no variance.
    Source: Ioffe and Szegedy 2015.
    """
    x = _array(x)
    running_mean, running_var = (s if s is None else _array(s) for s in (running_mean, running_var))
    given = {"running mean": running_mean, "running variance": running_var, "weight": weight, "bias": bias}
    shape = _check_channels("batch_norm", x, **given)
    if training:
        count = math.prod(x.shape) // max(1, x.shape[1])
        if count == 1:
            raise ValueError(
                f"batch_norm: in training a channel needs more than one element to have a variance, and the input "
                f"{x.shape} has one of each. Use a larger batch (drop_last=True in the loader), or eval()."
            )
        out, mean, var = standardize_channels(x, weight, bias, eps)
        if count:
            _move("batch_norm", running_mean, _values(mean), momentum)
            _move("batch_norm", running_var, _values(var) * (count / (count - 1)), momentum)
        return out
    if running_mean is None or running_var is None:
        raise ValueError("batch_norm: without training=True it needs a running mean and a running variance.")
    mean, var = _values(running_mean), _values(running_var)
    scale = 1 / np.sqrt(var + eps) if weight is None else weight * (1 / np.sqrt(var + eps))
    shift = -mean * scale if bias is None else bias - mean * scale
    return x * scale.reshape(shape) + shift.reshape(shape)


def _move(op: str, running: Any, value: np.ndarray, momentum: float) -> None:
    """Moves a running statistic towards a value, in place and outside the graph."""
    if running is None:
        return
    if isinstance(running, Tensor):
        check_writable(running, op)
    buffer = _values(running)
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
    x = _array(x)
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
    x = _array(x)
    given = {"running mean": running_mean, "running variance": running_var, "weight": weight, "bias": bias}
    shape = _check_channels("instance_norm", x, **given)
    if math.prod(x.shape[2:]) == 1:
        raise ValueError(
            f"instance_norm: the input {x.shape} has one element in each channel, which has no variance. It must be "
            f"(N, C, *) with more than one element in *."
        )
    out = _scaled(_over_groups("instance_norm", x, x.shape[1], eps), weight, bias, shape)
    if running_mean is not None or running_var is not None:
        rows = _values(x).reshape(x.shape[0], x.shape[1], -1)
        _move("instance_norm", running_mean, rows.mean(-1).mean(0), momentum)
        _move("instance_norm", running_var, rows.var(-1, ddof=1).mean(0), momentum)
    return out


@composite(method=False)
def local_response_norm(x, size, alpha=1e-4, beta=0.75, k=1.0):
    """x / (k + alpha * mean of x ** 2 over `size` neighbouring channels) ** beta.  x: (N, C, *) -> the same

    Channels beyond the first and the last count as 0. Source: Krizhevsky et al. 2012.
    """
    x = _array(x)
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
