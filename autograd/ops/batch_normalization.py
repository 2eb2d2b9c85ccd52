"""Normalization of each channel, over the batch or of each image, with running statistics."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite
from ..fused import fused
from ..graph import mark_all_written
from ..inplace import check_writable
from ..modes import modes
from ..op import Sample, keep
from ..tensor import Tensor
from .activation import relu
from .normalization import check_channels, fits_kernel, scaled, standardize_groups, standardized
from .reduction import values_of
from .windows import as_array


def _writable(op: str, statistic: Any) -> np.ndarray | None:
    """The array of a running statistic; an error if it may not be written to."""
    if not isinstance(statistic, Tensor):
        return statistic
    if statistic.node is not None or statistic.sharing is not None or not statistic.data.flags.writeable:
        check_writable(statistic, op)
    return statistic.data


class Running:
    """A running mean and variance, either of them optional, which one forward moves and no derivative."""

    __slots__ = ("mean", "momentum", "moved", "var")

    def __init__(self, op: str, mean: Any, var: Any, momentum: float) -> None:
        if not isinstance(momentum, (int, float, np.number)):
            raise TypeError(f"{op}: momentum must be a number, not {momentum!r}.")
        self.mean = _writable(op, mean)
        self.var = _writable(op, var)
        self.momentum = momentum
        self.moved = False
        if modes.level is not None and not (self.mean is None and self.var is None):
            raise RuntimeError(
                f"vmap: {op} would move running statistics that are one for all examples. Call eval(), or leave them "
                f"away: track_running_stats=False, func.replace_all_batch_norm_modules_(model)."
            )
        if modes.repeating:  # they were moved the first time
            self.mean = self.var = None

    def fits(self, dtype: np.dtype) -> bool:
        """Whether a kernel can move both where they are."""
        mean, var = self.mean, self.var
        if mean is None or var is None or mean.dtype != dtype or var.dtype != dtype:
            return False
        return mean.flags.carray and var.flags.carray

    def move(self, mean: np.ndarray, var: np.ndarray) -> None:
        """Towards the mean and the unbiased variance of what was just seen."""
        for buffer, value in ((self.mean, mean), (self.var, var)):
            if buffer is not None and not self.moved:
                buffer += (self.momentum * (value - buffer)).astype(buffer.dtype, copy=False)
        self.note()

    def note(self) -> None:
        """That they were moved."""
        if not self.moved:
            mark_all_written([a for a in (self.mean, self.var) if a is not None], "batch_norm")
        self.moved = True


@fused(method=False)
def standardize_channels(x, weight, bias, eps, running=None, activation=None):
    """Each channel with mean 0 and variance 1 over all else, times weight, plus bias: what `batch_norm` learns with.

    x: (N, C, *), weight, bias: (C,) or None -> the shape of x
    running: the `Running` statistics to move. activation: None or "relu".
    """
    shape = check_channels("standardize_channels", x, weight=weight, bias=bias)
    out, mean, var = standardized(x, (0, *range(2, x.ndim)), eps)
    count = math.prod(x.shape) // max(1, x.shape[1])
    if running is not None and count:
        unbiased = values_of(var) * (count / max(1, count - 1))
        running.move(values_of(mean).reshape(-1), unbiased.reshape(-1))
    out = scaled(out, weight, bias, shape)
    return out if activation is None else relu(out)


@standardize_channels.kernel
def _(x, weight, bias, eps, running, activation):
    if x.ndim < 2 or not fits_kernel(x, x.shape[1:2], weight, bias):
        return NotImplemented
    if running is None:
        out, mean, rstd = kernels.norm.batch_norm(x, weight, bias, eps, activation=activation)
    elif running.fits(x.dtype):
        out, mean, rstd = kernels.norm.batch_norm(
            x, weight, bias, eps, running.mean, running.var, True, running.momentum, activation
        )
        running.note()
    else:
        seen = np.zeros((2, x.shape[1]), x.dtype)
        out, mean, rstd = kernels.norm.batch_norm(x, weight, bias, eps, seen[0], seen[1], True, 1.0, activation)
        running.move(seen[0], seen[1])
    return keep(out, mean=mean, rstd=rstd)


@standardize_channels.backward("x", "weight", "bias")
def _(g, x, weight, bias, mean, rstd, activation):
    return kernels.norm.batch_norm_gradient(g, x, mean, rstd, weight, bias, True, activation)


@fused(method=False)
def scale_channels(x, mean, var, weight, bias, eps, activation=None):
    """(x - mean) / sqrt(var + eps) * weight + bias by channel: what `batch_norm` does once it has learnt.

    x: (N, C, *), mean, var: (C,), constants, weight, bias: (C,) or None -> the shape of x
    """
    given = {"running_mean": mean, "running_variance": var, "weight": weight, "bias": bias}
    shape = check_channels("scale_channels", x, **given)
    scale = 1 / np.sqrt(values_of(var) + eps)
    out = scaled((x - values_of(mean).reshape(shape)) * scale.reshape(shape), weight, bias, shape)
    return out if activation is None else relu(out)


@scale_channels.kernel
def _(x, mean, var, weight, bias, eps, activation):
    if x.ndim < 2 or not fits_kernel(x, x.shape[1:2], mean, var, weight, bias):
        return NotImplemented
    mean, var = np.ascontiguousarray(mean), np.ascontiguousarray(var)
    out, mean64, rstd = kernels.norm.batch_norm(x, weight, bias, eps, mean, var, False, 0.0, activation)
    return keep(out, mean64=mean64, rstd=rstd)


@scale_channels.backward("x", "weight", "bias")
def _(g, x, weight, bias, mean64, rstd, activation):
    return kernels.norm.batch_norm_gradient(g, x, mean64, rstd, weight, bias, False, activation)


@composite(method=False)
def batch_norm(
    x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5, activation=None
):
    """(x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel.

    x: (N, C) or (N, C, *), running_mean, running_var, weight, bias: (C,) -> the shape of x
    training: True takes mean and variance over the batch, and moves the running ones, where there are any, by
    `momentum` towards them, in place; the running variance towards the unbiased one. False takes the running ones.
    activation: "relu" sets what is below 0 to 0, in the same pass over memory.
    ValueError in training if channels have one element each, which has no variance.
    Source: Ioffe and Szegedy 2015.
    """
    x = as_array(x)
    running_mean, running_var = (s if s is None else as_array(s) for s in (running_mean, running_var))
    shape = x.shape
    own = shape[1:2]
    for value in (running_mean, running_var, weight, bias):
        if value is not None and value.shape != own:
            own = ()  # and so explained below
    if len(own) != 1 or x.dtype.kind != "f":
        check_channels(
            "batch_norm", x, running_mean=running_mean, running_variance=running_var, weight=weight, bias=bias
        )
    if activation is not None and activation != "relu":
        raise ValueError(f"batch_norm: activation must be None or 'relu', not {activation!r}.")
    if not training:
        if running_mean is None or running_var is None:
            raise ValueError("batch_norm: without training=True it needs a running mean and a running variance.")
        return scale_channels(x, values_of(running_mean), values_of(running_var), weight, bias, eps, activation)
    if math.prod(shape) == shape[1] > 0:
        raise ValueError(
            f"batch_norm: in training a channel needs more than one element to have a variance, and the input "
            f"{shape} has one of each. Use a larger batch (drop_last=True in the loader), or eval() with running "
            f"statistics."
        )
    running = None
    if running_mean is not None or running_var is not None:
        running = Running("batch_norm", running_mean, running_var, momentum)
    return standardize_channels(x, weight, bias, eps, running, activation)


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
    running_mean, running_var = (s if s is None else as_array(s) for s in (running_mean, running_var))
    check_channels(
        "instance_norm", x, running_mean=running_mean, running_variance=running_var, weight=weight, bias=bias
    )
    if math.prod(x.shape[2:]) == 1:
        raise ValueError(
            f"instance_norm: the input {x.shape} has one element in each channel, which has no variance. It must be "
            f"(N, C, *) with more than one element in *."
        )
    out = standardize_groups(x, x.shape[1], weight, bias, eps)
    if running_mean is not None or running_var is not None:
        rows = values_of(x).reshape(x.shape[0], x.shape[1], -1)
        running = Running("instance_norm", running_mean, running_var, momentum)
        running.move(rows.mean(-1).mean(0), rows.var(-1, ddof=1).mean(0))
    return out


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
@standardize_channels.samples
def _(draw):
    yield Sample(draw(6, 3), draw(3), draw(3), 1e-5)
    yield Sample(draw(4, 3, 5), None, None, 0.1)
    yield Sample(draw(2, 3, 4, 5), draw(3), None, 1e-5)
    yield Sample(draw(2, 1, 4, 5), None, draw(1), 1e-5)
    yield Sample(draw(2, 3, 2, 2, 2), draw(3), draw(3), 1e-5)
    yield Sample(draw(4, 3, 5), draw(3), draw(3), 1e-5, None, "relu")
    yield Sample(draw(7, 3), draw(3), draw(3), 1e-5, activation="relu")


@scale_channels.samples
def _(draw):
    mean, var = draw(3), draw(3, low=0.5)
    yield Sample(draw(6, 3), mean, var, draw(3), draw(3), 1e-5)
    yield Sample(draw(4, 3, 5), mean, var, None, None, 0.1)
    yield Sample(draw(2, 3, 4, 5), mean, var, draw(3), None, 1e-5)
    yield Sample(draw(0, 3, 2), mean, var, None, draw(3), 1e-5)
    yield Sample(draw(4, 3, 5), mean, var, draw(3), draw(3), 1e-5, "relu")


@batch_norm.samples
def _(draw):
    means, variances = [0.5, -1.0, 0.0], [1.0, 0.25, 4.0]
    for shape in ((6, 3), (2, 3, 4), (2, 3, 4, 5), (0, 3, 2)):
        yield Sample(draw(*shape), None, None, draw(3), draw(3), True)
        yield Sample(draw(*shape), None, None, training=True, eps=0.1)
        yield Sample(draw(*shape), means, variances, draw(3), draw(3))
    yield Sample(draw(2, 3, 4), means, variances)
    yield Sample(draw(2, 3, 4), None, None, draw(3), draw(3), True, activation="relu")


@instance_norm.samples
def _(draw):
    yield Sample(draw(2, 3, 4), None, None, draw(3), draw(3))
    yield Sample(draw(2, 3, 2, 2), eps=0.1)
    yield Sample(draw(2, 3, 4), [0.5, -1.0, 0.0], [1.0, 0.25, 4.0], draw(3), draw(3), False)


@batch_norm.errors
def _(draw):
    yield Sample(draw(1, 3), None, None, training=True), ValueError, "drop_last=True"
    yield Sample(draw(4, 3), None, None), ValueError, "running mean"
    yield Sample(draw(3), None, None, training=True), ValueError, "(N, C)"
    yield Sample(draw(4, 3), draw(4), draw(3)), ValueError, "has 3 channels"
    yield Sample(draw(4, 3), None, None, training=True, activation="gelu"), ValueError, "None or 'relu'"


@instance_norm.errors
def _(draw):
    yield Sample(draw(2, 4, 1)), ValueError, "one element in each channel"
