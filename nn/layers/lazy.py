"""PyTorch's names for layers that infer the size of their input at the first call.

The layers themselves do so where the size is left out: `nn.LazyLinear(64)` is `nn.Dense(64)`, and
`nn.LazyConv2d(32, 3)` is `nn.Conv2D(32, kernel_size=3)`. As in PyTorch, they are ordinary layers from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from numpy.typing import DTypeLike

from ..module import Module
from .convolution import Conv1D, Conv2D, Conv3D, ConvTranspose1D, ConvTranspose2D, ConvTranspose3D, Sizes
from .dense import Dense
from .normalization import (
    BatchNorm1D,
    BatchNorm2D,
    BatchNorm3D,
    InstanceNorm1D,
    InstanceNorm2D,
    InstanceNorm3D,
)


class _Lazy(Module):
    """Becomes an ordinary layer once the size of the input is known."""

    becomes: ClassVar[Any]

    def infer_from(self, size: int) -> None:
        """The first call has told the input size."""
        super().infer_from(size)  # type: ignore[misc]
        self.__class__ = self.becomes

    def infer_sizes(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        super().infer_sizes(shapes)
        self.__class__ = self.becomes


class LazyLinear(_Lazy, Dense):
    """`Dense(out_features)`: the size of the input is inferred at the first call."""

    becomes = Dense

    def __init__(
        self, out_features: int, bias: bool = True, device: Any = None, dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(out_features, bias=bias, dtype=dtype, device=device)


class _LazyConv(_Lazy):
    def __init__(
        self,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        options = (stride, padding, dilation, groups, bias, padding_mode, dtype, device)
        super().__init__(None, out_channels, kernel_size, *options)  # type: ignore[call-arg]


class LazyConv1D(_LazyConv, Conv1D):
    """`Conv1D(out_channels, kernel_size=...)`: the channels of the input are inferred at the first call."""

    becomes = Conv1D


class LazyConv2D(_LazyConv, Conv2D):
    """`Conv2D(out_channels, kernel_size=...)`: the channels of the input are inferred at the first call."""

    becomes = Conv2D


class LazyConv3D(_LazyConv, Conv3D):
    """`Conv3D(out_channels, kernel_size=...)`: the channels of the input are inferred at the first call."""

    becomes = Conv3D


class _LazyConvTranspose(_Lazy):
    def __init__(
        self,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        options = (stride, padding, output_padding, groups, bias, dilation, padding_mode, dtype, device)
        super().__init__(None, out_channels, kernel_size, *options)  # type: ignore[call-arg]


class LazyConvTranspose1D(_LazyConvTranspose, ConvTranspose1D):
    """`ConvTranspose1D(out_channels, kernel_size=...)`: the channels of the input are inferred at the first call."""

    becomes = ConvTranspose1D


class LazyConvTranspose2D(_LazyConvTranspose, ConvTranspose2D):
    """`ConvTranspose2D(out_channels, kernel_size=...)`: the channels of the input are inferred at the first call."""

    becomes = ConvTranspose2D


class LazyConvTranspose3D(_LazyConvTranspose, ConvTranspose3D):
    """`ConvTranspose3D(out_channels, kernel_size=...)`: the channels of the input are inferred at the first call."""

    becomes = ConvTranspose3D


class _LazyNorm(_Lazy):
    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        options = (eps, momentum, affine, track_running_stats, dtype, device)
        super().__init__(None, *options, bias=bias)  # type: ignore[call-arg]


class LazyBatchNorm1D(_LazyNorm, BatchNorm1D):
    """`BatchNorm1D()`: the channels are inferred at the first call."""

    becomes = BatchNorm1D


class LazyBatchNorm2D(_LazyNorm, BatchNorm2D):
    """`BatchNorm2D()`: the channels are inferred at the first call."""

    becomes = BatchNorm2D


class LazyBatchNorm3D(_LazyNorm, BatchNorm3D):
    """`BatchNorm3D()`: the channels are inferred at the first call."""

    becomes = BatchNorm3D


class LazyInstanceNorm1D(_LazyNorm, InstanceNorm1D):
    """`InstanceNorm1D(affine=True, track_running_stats=True)`: the channels are inferred at the first call."""

    becomes = InstanceNorm1D


class LazyInstanceNorm2D(_LazyNorm, InstanceNorm2D):
    """`InstanceNorm2D(affine=True, track_running_stats=True)`: the channels are inferred at the first call."""

    becomes = InstanceNorm2D


class LazyInstanceNorm3D(_LazyNorm, InstanceNorm3D):
    """`InstanceNorm3D(affine=True, track_running_stats=True)`: the channels are inferred at the first call."""

    becomes = InstanceNorm3D


LazyConv1d, LazyConv2d, LazyConv3d = LazyConv1D, LazyConv2D, LazyConv3D
LazyConvTranspose1d, LazyConvTranspose2d = LazyConvTranspose1D, LazyConvTranspose2D
LazyConvTranspose3d = LazyConvTranspose3D
LazyBatchNorm1d, LazyBatchNorm2d, LazyBatchNorm3d = LazyBatchNorm1D, LazyBatchNorm2D, LazyBatchNorm3D
LazyInstanceNorm1d, LazyInstanceNorm2d, LazyInstanceNorm3d = LazyInstanceNorm1D, LazyInstanceNorm2D, LazyInstanceNorm3D
