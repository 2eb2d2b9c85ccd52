"""Normalization: values are shifted and scaled to mean 0 and variance 1, over the batch or within a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeGuard

import numpy as np
from numpy.typing import DTypeLike

from autograd.modes import modes
from autograd.tensor import Tensor, wrap

from .. import functional as F
from .. import init
from ..mistakes import check_device
from ..module import Module
from ..pairs import takes_relu
from ..parameter import Parameter
from .weighted import Weighted, check_input


class _OverBatch(Weighted):
    """What batch and instance normalization share."""

    size_attribute = "num_features"
    ndims: ClassVar[tuple[int, ...]]
    layout: ClassVar[str]
    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int | None = None,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: DTypeLike | None = None,
        device: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if num_features is not None:
            _check_whole(name, "num_features", num_features)
        if momentum is not None and not (_is_number(momentum) and 0 <= momentum <= 1):
            raise ValueError(
                f"{name}: momentum is {momentum!r}. Give a number from 0 to 1, or None for the mean of all batches."
            )
        _check_eps(name, eps)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.declare(
            {"weight": affine, "bias": affine and bias},
            dtype,
            device,
            {"running_mean": track_running_stats, "running_var": track_running_stats},
        )
        self.register_buffer("num_batches_tracked", wrap(np.zeros((), np.int64)) if track_running_stats else None)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        assert self.num_features is not None
        return dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (self.num_features,))

    def size_in(self, shapes: Mapping[str, tuple[int, ...]]) -> int:
        return next(iter(shapes.values()))[0]

    def reset_running_stats(self) -> None:
        """Forgets what was seen: mean 0 and variance 1."""
        if self.running_mean is not None and self.running_var is not None:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
        counted = self._buffers.get("num_batches_tracked")
        if counted is not None:
            init.zeros_(counted)

    def reset_parameters(self) -> None:
        self.reset_running_stats()
        _reset(self.weight, self.bias)

    def check(self, x: Tensor) -> None:
        """Raises unless x has the axes, channels and dtype of this layer; infers the channels."""
        known = self.weight if self.weight is not None else self.running_mean
        check_input(self, x, None if known is None else known.dtype)
        name = type(self).__name__
        if x.ndim not in self.ndims:
            raise ValueError(f"{name}: the input has shape {x.shape}, and this layer takes {self.layout}.")
        channels = x.shape[self.channel_axis(x)]
        if self.num_features is None:
            self.infer_from(channels)
        elif channels != self.num_features:
            raise ValueError(
                f"{name}: the input {x.shape} has {channels} channels, and this layer has num_features="
                f"{self.num_features}. Use {name}({channels}), or {name}() to infer it."
            )

    def channel_axis(self, x: Tensor) -> int:
        """Which axis has the channels."""
        return 1

    def extra_repr(self) -> str:
        size = "" if self.num_features is None else f"{self.num_features}, "
        text = f"{size}eps={self.eps}, momentum={self.momentum}"
        if not self.affine:
            text += ", affine=False"
        return text if self.track_running_stats else f"{text}, track_running_stats=False"


@takes_relu
class _BatchNorm(_OverBatch):
    def forward(self, x: Tensor) -> Tensor:
        """The normalized values."""
        return self._run(x, None)

    def forward_relu(self, x: Tensor) -> Tensor:
        """The normalized values, or 0 where they are below."""
        return self._run(x, "relu")

    def _run(self, x: Tensor, activation: str | None) -> Tensor:
        self.check(x)
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training:
            tracked = self.num_batches_tracked
            if tracked is not None:
                if not modes.repeating:
                    np.add(tracked.data, 1, out=tracked.data)
                if self.momentum is None:  # the mean over all batches so far
                    momentum = 1.0 / int(tracked.data)
        by_batch = self.training or self.running_mean is None
        keep = not self.training or self.track_running_stats
        return F.batch_norm(
            x,
            self.running_mean if keep else None,
            self.running_var if keep else None,
            self.weight,
            self.bias,
            by_batch,
            momentum,
            self.eps,
            activation,
        )


class BatchNorm1D(_BatchNorm):
    """Normalizes each channel over the batch.  x: (N, C) or (N, C, W) -> the same shape.  See `BatchNorm2D`."""

    ndims, layout = (2, 3), "(N, C) or (N, C, W)"


class BatchNorm2D(_BatchNorm):
    """Normalizes each channel over the batch and all pixels.  x: (N, C, H, W) -> (N, C, H, W)

    (x - mean) / sqrt(variance + eps) * weight + bias. In training mode mean and variance are those of the batch, and
    running means of both are kept, which take their place in evaluation mode.

    num_features: C. `BatchNorm2D()` leaves it out: the first call infers it.
    momentum: how much a new batch counts in the running means; None for the mean over all batches so far.
    affine: whether weight and bias are there and learned; bias: False leaves out the bias.
    track_running_stats: False normalizes by the batch in evaluation mode too.

    Parameters: weight (C,), ones, and bias (C,), zeros. Buffers: running_mean, running_var (C,), num_batches_tracked.

    Ioffe and Szegedy: Batch normalization: accelerating deep network training (2015).
    """

    ndims, layout = (4,), "(N, C, H, W)"


class BatchNorm3D(_BatchNorm):
    """Normalizes each channel over the batch and all places.  x: (N, C, D, H, W).  See `BatchNorm2D`."""

    ndims, layout = (5,), "(N, C, D, H, W)"


class SyncBatchNorm(_BatchNorm):
    """`BatchNorm` for any number of axes, whose batch is spread over processes.  x: (N, C, *) -> (N, C, *)

    There is one process, so that the batch is the whole batch. process_group: accepted, and without effect.
    """

    ndims, layout = (2, 3, 4, 5), "(N, C, *)"

    def __init__(
        self,
        num_features: int | None = None,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype, device, bias=bias)
        self.process_group = process_group

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:
        """The module with every batch normalization in it as one of this class, with the same parameters."""
        if isinstance(module, _BatchNorm) and not isinstance(module, SyncBatchNorm):
            settings = module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats
            made = cls(*settings, process_group)
            made._parameters.update(module._parameters)
            made._buffers.update(module._buffers)
            return made.train(module.training)
        for name, child in list(module.named_children()):
            module.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return module


class _InstanceNorm(_OverBatch):
    def __init__(
        self,
        num_features: int | None = None,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        dtype: DTypeLike | None = None,
        device: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype, device, bias=bias)

    def channel_axis(self, x: Tensor) -> int:
        return x.ndim - self.ndims[-1] + 1  # 0 where there is no batch axis

    def forward(self, x: Tensor) -> Tensor:
        """The normalized values."""
        self.check(x)
        single = x.ndim != self.ndims[-1]
        batch = x.unsqueeze(0) if single else x
        out = F.instance_norm(
            batch,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum,
            self.eps,
        )
        return out.squeeze(0) if single else out


class InstanceNorm1D(_InstanceNorm):
    """Normalizes each channel of each sample.  x: (N, C, W) or (C, W) -> the same shape.  See `InstanceNorm2D`."""

    ndims, layout = (2, 3), "(N, C, W) or (C, W)"


class InstanceNorm2D(_InstanceNorm):
    """Normalizes each channel of each sample over its pixels.  x: (N, C, H, W) or (C, H, W) -> the same shape

    The arguments are those of `BatchNorm2D`; unless asked for, there is nothing to learn and nothing is kept.

    Ulyanov, Vedaldi and Lempitsky: Instance normalization: the missing ingredient for fast stylization (2016).
    """

    ndims, layout = (3, 4), "(N, C, H, W) or (C, H, W)"


class InstanceNorm3D(_InstanceNorm):
    """Normalizes each channel of each sample.  x: (N, C, D, H, W) or (C, D, H, W).  See `InstanceNorm2D`."""

    ndims, layout = (4, 5), "(N, C, D, H, W) or (C, D, H, W)"


class LayerNorm(Module):
    """Normalizes over the last axes, each sample by itself.  x: (*, *normalized_shape) -> the same shape

    (x - mean) / sqrt(variance + eps) * weight + bias.

    normalized_shape: the sizes of the last axes, or of the last one.
    elementwise_affine: whether weight and bias, of this shape, are there and learned.

    Ba, Kiros and Hinton: Layer normalization (2016).
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        dtype: DTypeLike | None = None,
        device: Any = None,
    ) -> None:
        super().__init__()
        check_device("LayerNorm", device)
        _check_eps("LayerNorm", eps)
        self.normalized_shape = _as_shape("LayerNorm", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.register_parameter("weight", _ones(self.normalized_shape, dtype) if elementwise_affine else None)
        self.register_parameter("bias", _zeros(self.normalized_shape, dtype) if elementwise_affine and bias else None)

    def reset_parameters(self) -> None:
        """Weight 1 and bias 0."""
        _reset(self.weight, self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """The normalized values."""
        check_input(self, x, None if self.weight is None else self.weight.dtype)
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class RMSNorm(Module):
    """Divides by the root of the mean square over the last axes.  x: (*, *normalized_shape) -> the same shape

    eps: added to the mean square; None for the smallest step of the dtype.

    Zhang and Sennrich: Root mean square layer normalization (2019).
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        dtype: DTypeLike | None = None,
        device: Any = None,
    ) -> None:
        super().__init__()
        check_device("RMSNorm", device)
        if eps is not None:
            _check_eps("RMSNorm", eps)
        self.normalized_shape = _as_shape("RMSNorm", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.register_parameter("weight", _ones(self.normalized_shape, dtype) if elementwise_affine else None)

    def reset_parameters(self) -> None:
        """Weight 1."""
        _reset(self.weight, None)

    def forward(self, x: Tensor) -> Tensor:
        """The normalized values."""
        check_input(self, x, None if self.weight is None else self.weight.dtype)
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """Normalizes groups of channels, each sample by itself.  x: (N, C, *) -> (N, C, *)

    num_groups: into how many groups the channels are split.
    num_channels: C.
    affine: whether weight and bias (C,) are there and learned; bias: False leaves out the bias.

    Wu and He: Group normalization (2018).
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        dtype: DTypeLike | None = None,
        device: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        check_device("GroupNorm", device)
        _check_whole("GroupNorm", "num_groups", num_groups, 1)
        _check_whole("GroupNorm", "num_channels", num_channels)
        _check_eps("GroupNorm", eps)
        if num_channels % num_groups:
            raise ValueError(f"GroupNorm: {num_channels} channels can not be split into num_groups={num_groups}.")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.register_parameter("weight", _ones((num_channels,), dtype) if affine else None)
        self.register_parameter("bias", _zeros((num_channels,), dtype) if affine and bias else None)

    def reset_parameters(self) -> None:
        """Weight 1 and bias 0."""
        _reset(self.weight, self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """The normalized values."""
        check_input(self, x, None if self.weight is None else self.weight.dtype)
        if x.ndim > 1 and x.shape[1] != self.num_channels:
            raise ValueError(
                f"GroupNorm: the input {x.shape} has {x.shape[1]} channels, and this layer has num_channels="
                f"{self.num_channels}. Use GroupNorm({self.num_groups}, {x.shape[1]})."
            )
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class CrossMapLRN2D(Module):
    """`LocalResponseNorm` as Torch had it: over an odd number of channels.  x: (N, C, H, W) -> (N, C, H, W)

    x / (k + alpha / size * the sum of squares of neighbouring channels) ** beta. size: of the neighbourhood, rounded
    down to an odd number. PyTorch's never lets go of the first channel, which it counts for all others too; the two
    agree on the first size // 2 + 1 channels.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x: Tensor) -> Tensor:
        """The scaled values."""
        if x.ndim != 4:
            raise ValueError(f"CrossMapLRN2D: the input has shape {x.shape}, and this layer takes (N, C, H, W).")
        seen = 2 * int((self.size - 1) / 2 + 1) - 1
        return F.local_response_norm(x, seen, self.alpha * seen / self.size, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class LocalResponseNorm(Module):
    """x / (k + alpha * mean of the squares of the `size` neighbouring channels)^beta.  x: (N, C, *) -> (N, C, *)

    Krizhevsky, Sutskever and Hinton: ImageNet classification with deep convolutional neural networks (2012).
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        _check_whole("LocalResponseNorm", "size", size, 1)
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x: Tensor) -> Tensor:
        """The normalized values."""
        return F.local_response_norm(x, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _check_whole(layer: str, name: str, value: object, least: int = 0) -> None:
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{layer}: {name} is {value!r}. Give a whole number from {least} on.")


def _check_eps(layer: str, eps: object) -> None:
    if not (_is_number(eps) and eps >= 0):
        raise ValueError(f"{layer}: eps is {eps!r}. Give a small number that is not below 0, such as 1e-5.")


def _as_shape(layer: str, value: int | Sequence[int]) -> tuple[int, ...]:
    shape = tuple(value) if isinstance(value, Sequence) else (value,)
    if not shape:
        raise ValueError(f"{layer}: normalized_shape is {value!r}. Give the sizes of one axis or more.")
    for size in shape:
        _check_whole(layer, "normalized_shape", size)
    return shape


def _ones(shape: tuple[int, ...], dtype: DTypeLike | None) -> Parameter:
    parameter = _zeros(shape, dtype)
    init.ones_(parameter)
    return parameter


def _zeros(shape: tuple[int, ...], dtype: DTypeLike | None) -> Parameter:
    return Parameter(init.empty(shape, dtype))


def _reset(weight: Parameter | None, bias: Parameter | None) -> None:
    if weight is not None:
        init.ones_(weight)
    if bias is not None:
        init.zeros_(bias)


BatchNorm1d, BatchNorm2d, BatchNorm3d = BatchNorm1D, BatchNorm2D, BatchNorm3D
InstanceNorm1d, InstanceNorm2d, InstanceNorm3d = InstanceNorm1D, InstanceNorm2D, InstanceNorm3D
CrossMapLRN2d = CrossMapLRN2D
