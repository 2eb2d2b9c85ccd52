"""Pooling: the largest element, or the mean, of each of many windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from autograd.tensor import Tensor

from .. import functional as F
from ..module import Module

Sizes = int | Sequence[int]


class _MaxPool(Module):
    operation: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, x: Tensor) -> Any:
        """The largest elements, and where they are if return_indices."""
        return type(self).operation(
            x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxPool1D(_MaxPool):
    """The largest element of each window along the last axis.  x: (N, C, W) or (C, W).  See `MaxPool2D`."""

    operation = staticmethod(F.max_pool1d)


class MaxPool2D(_MaxPool):
    """The largest element of each window over the last two axes.  x: (N, C, H, W) or (C, H, W) -> (N, C, OH, OW)

    kernel_size: the size of the window: one whole number, or one for each axis, as all of these.
    stride: how far windows are apart; the size of the window unless given.
    padding: on both sides, with what is never the largest; at most half the window.
    dilation: how far the elements of a window are apart.
    return_indices: give the places of the largest elements too, counted over H W.
    ceil_mode: keep a last window that reaches beyond the end.

    >>> import autograd, nn
    >>> nn.MaxPool2D(2)(autograd.arange(16.0).reshape(1, 4, 4)).tolist()
    [[[5.0, 7.0], [13.0, 15.0]]]
    """

    operation = staticmethod(F.max_pool2d)


class MaxPool3D(_MaxPool):
    """The largest element of each window over the last three axes.  x: (N, C, D, H, W).  See `MaxPool2D`."""

    operation = staticmethod(F.max_pool3d)


class _AvgPool(Module):
    operation: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, x: Tensor) -> Tensor:
        """The means."""
        return type(self).operation(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1D(_AvgPool):
    """The mean of each window along the last axis.  x: (N, C, W) or (C, W).  See `AvgPool2D`."""

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)

    def forward(self, x: Tensor) -> Tensor:
        """The means."""
        return F.avg_pool1d(x, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)


class AvgPool2D(_AvgPool):
    """The mean of each window over the last two axes.  x: (N, C, H, W) or (C, H, W) -> (N, C, OH, OW)

    count_include_pad: whether the zeros of the padding count.
    divisor_override: divide by this number instead of by the number of elements.
    The other arguments are those of `MaxPool2D`.
    """

    operation = staticmethod(F.avg_pool2d)


class AvgPool3D(_AvgPool):
    """The mean of each window over the last three axes.  x: (N, C, D, H, W).  See `AvgPool2D`."""

    operation = staticmethod(F.avg_pool3d)


class _LPPool(Module):
    operation: ClassVar[Callable[..., Any]]

    def __init__(
        self, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, x: Tensor) -> Tensor:
        """The roots of the sums of powers."""
        return type(self).operation(x, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1D(_LPPool):
    """(sum of x^p)^(1/p) over each window along the last axis.  x: (N, C, W) or (C, W).  See `LPPool2D`."""

    operation = staticmethod(F.lp_pool1d)


class LPPool2D(_LPPool):
    """(sum of x^p)^(1/p) over each window over the last two axes.  x: (N, C, H, W) or (C, H, W) -> (N, C, OH, OW)

    norm_type: p: 1 gives sums, a large one comes near the largest element.
    The other arguments are those of `MaxPool2D`.
    """

    operation = staticmethod(F.lp_pool2d)


class LPPool3D(_LPPool):
    """(sum of x^p)^(1/p) over each window over the last three axes.  x: (N, C, D, H, W).  See `LPPool2D`."""

    operation = staticmethod(F.lp_pool3d)


class _MaxUnpool(Module):
    operation: ClassVar[Callable[..., Any]]

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding

    def forward(self, x: Tensor, indices: Tensor | None = None, output_size: Sequence[int] | None = None) -> Tensor:
        """The elements back at their places."""
        if indices is None:
            raise TypeError(
                f"{type(self).__name__}: takes two tensors, the pooled elements and their indices: unpool(*pool(x)), "
                f"with return_indices=True in the pooling layer."
            )
        return type(self).operation(x, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1D(_MaxUnpool):
    """Puts the largest elements back to where they were.  x, indices: (N, C, W) or (C, W).  See `MaxUnpool2D`."""

    operation = staticmethod(F.max_unpool1d)


class MaxUnpool2D(_MaxUnpool):
    """Puts the largest elements back to where they were, among zeros.  x, indices: (N, C, H, W) -> (N, C, OH, OW)

    kernel_size, stride, padding: those of the `MaxPool2D` that gave x and, with return_indices=True, the indices.
    The call takes output_size, the size of what was pooled, where the windows leave it open.
    """

    operation = staticmethod(F.max_unpool2d)


class MaxUnpool3D(_MaxUnpool):
    """Puts the largest elements back to where they were.  x, indices: (N, C, D, H, W).  See `MaxUnpool2D`."""

    operation = staticmethod(F.max_unpool3d)


class _Adaptive(Module):
    operation: ClassVar[Callable[..., Any]]

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, x: Tensor) -> Any:
        """One element for each part of the input."""
        return type(self).operation(x, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1D(_Adaptive):
    """The mean of each of `output_size` equal parts.  x: (N, C, W) or (C, W) -> (N, C, output_size)"""

    operation = staticmethod(F.adaptive_avg_pool1d)


class AdaptiveAvgPool2D(_Adaptive):
    """The mean of each of `output_size` equal parts, whatever the input size.  x: (N, C, H, W) -> (N, C, OH, OW)

    output_size: one whole number, or one for each axis, where None keeps the size.
    """

    operation = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveAvgPool3D(_Adaptive):
    """The mean of each of `output_size` equal parts.  x: (N, C, D, H, W) -> (N, C, OD, OH, OW)"""

    operation = staticmethod(F.adaptive_avg_pool3d)


class _AdaptiveMax(_Adaptive):
    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, x: Tensor) -> Any:
        """The largest element of each part, and where they are if return_indices."""
        return type(self).operation(x, self.output_size, self.return_indices)


class AdaptiveMaxPool1D(_AdaptiveMax):
    """The largest element of each of `output_size` equal parts.  x: (N, C, W) or (C, W) -> (N, C, output_size)"""

    operation = staticmethod(F.adaptive_max_pool1d)


class AdaptiveMaxPool2D(_AdaptiveMax):
    """The largest element of each of `output_size` equal parts.  x: (N, C, H, W) -> (N, C, OH, OW)"""

    operation = staticmethod(F.adaptive_max_pool2d)


class AdaptiveMaxPool3D(_AdaptiveMax):
    """The largest element of each of `output_size` equal parts.  x: (N, C, D, H, W) -> (N, C, OD, OH, OW)"""

    operation = staticmethod(F.adaptive_max_pool3d)


class _FractionalMaxPool(Module):
    operation: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        output_size: int | Sequence[int] | None = None,
        output_ratio: float | Sequence[float] | None = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:
        super().__init__()
        if (output_size is None) == (output_ratio is None):
            raise ValueError(f"{type(self).__name__}: give either output_size or output_ratio, and not both.")
        self.kernel_size, self.output_size, self.output_ratio = kernel_size, output_size, output_ratio
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)

    def forward(self, x: Tensor) -> Any:
        """The largest elements, and with return_indices their places."""
        return type(self).operation(
            x, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples
        )


class FractionalMaxPool2D(_FractionalMaxPool):
    """The largest element of windows whose steps differ at random.  x: (N, C, H, W) -> (N, C, OH, OW)

    output_size, or output_ratio below 1: of the output. return_indices: also the places of the largest elements.
    _random_samples: (N, C, 2), what decides about the steps, from 0 to 1; else it is drawn at each call.

    Graham: Fractional max-pooling (2014).
    """

    operation = staticmethod(F.fractional_max_pool2d)


class FractionalMaxPool3D(_FractionalMaxPool):
    """The largest element of windows whose steps differ at random.  x: (N, C, D, H, W).  See `FractionalMaxPool2D`."""

    operation = staticmethod(F.fractional_max_pool3d)


class _Global(Module):
    """One number for each channel."""

    axes: ClassVar[tuple[int, ...]]

    def __init__(self, keepdim: bool = False) -> None:
        super().__init__()
        self.keepdim = keepdim

    def _check(self, x: Tensor) -> None:
        if x.ndim < len(self.axes) + 1:
            raise ValueError(
                f"{type(self).__name__}: the input has shape {x.shape}. It must have an axis of channels and "
                f"{len(self.axes)} more behind it."
            )

    def extra_repr(self) -> str:
        return "keepdim=True" if self.keepdim else ""


class _GlobalAvg(_Global):
    def forward(self, x: Tensor) -> Tensor:
        """The means."""
        self._check(x)
        return x.mean(self.axes, keepdim=self.keepdim)


class _GlobalMax(_Global):
    def forward(self, x: Tensor) -> Tensor:
        """The largest elements."""
        self._check(x)
        return x.amax(self.axes, keepdim=self.keepdim)


class GlobalAvgPool1D(_GlobalAvg):
    """The mean of each channel.  x: (N, C, W) -> (N, C), or (N, C, 1) with keepdim"""

    axes = (-1,)


class GlobalAvgPool2D(_GlobalAvg):
    """The mean of each channel.  x: (N, C, H, W) -> (N, C), or (N, C, 1, 1) with keepdim"""

    axes = (-2, -1)


class GlobalMaxPool1D(_GlobalMax):
    """The largest element of each channel.  x: (N, C, W) -> (N, C), or (N, C, 1) with keepdim"""

    axes = (-1,)


class GlobalMaxPool2D(_GlobalMax):
    """The largest element of each channel.  x: (N, C, H, W) -> (N, C), or (N, C, 1, 1) with keepdim"""

    axes = (-2, -1)


FractionalMaxPool2d, FractionalMaxPool3d = FractionalMaxPool2D, FractionalMaxPool3D
MaxPool1d, MaxPool2d, MaxPool3d = MaxPool1D, MaxPool2D, MaxPool3D
AvgPool1d, AvgPool2d, AvgPool3d = AvgPool1D, AvgPool2D, AvgPool3D
AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d = AdaptiveAvgPool1D, AdaptiveAvgPool2D, AdaptiveAvgPool3D
AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d = AdaptiveMaxPool1D, AdaptiveMaxPool2D, AdaptiveMaxPool3D
LPPool1d, LPPool2d, LPPool3d = LPPool1D, LPPool2D, LPPool3D
MaxUnpool1d, MaxUnpool2d, MaxUnpool3d = MaxUnpool1D, MaxUnpool2D, MaxUnpool3D
