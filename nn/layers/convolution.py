"""Convolution: the same small dense layer at every place of an image, a signal or a volume."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from numpy.typing import DTypeLike

from autograd.ops.convolution import convolve_and_relu
from autograd.tensor import Tensor

from .. import functional as F
from ..pairs import takes_relu
from ..parameter import Parameter
from .dense import draw_as_pytorch, sizes_of
from .weighted import Weighted, check_input

_LAYOUTS = {1: "(N, C, W)", 2: "(N, C, H, W)", 3: "(N, C, D, H, W)"}
Sizes = int | Sequence[int]


def per_axis(name: str, what: str, value: Sizes, axes: int) -> tuple[int, ...]:
    """One number for each axis, from one for all or one for each."""
    values = tuple(value) if isinstance(value, Sequence) else (value,) * axes
    if len(values) != axes or not all(hasattr(v, "__index__") for v in values):
        raise ValueError(f"{name}: {what} is {value!r}. Give one whole number, or {axes} of them.")
    return tuple(v.__index__() for v in values)


class _Convolution(Weighted):
    """What convolutions and transposed convolutions share."""

    size_attribute = "in_channels"
    axes: ClassVar[int]
    operation: ClassVar[Callable[..., Tensor]]
    weight: Parameter
    bias: Parameter | None

    def _set_up(
        self,
        channels: tuple[int | None, int | None, int | None],
        kernel_size: Sizes | None,
        stride: Sizes,
        dilation: Sizes,
        groups: int,
        padding_mode: str,
    ) -> None:
        name, axes = type(self).__name__, self.axes
        if kernel_size is None:
            raise TypeError(
                f"{name}: kernel_size is missing. Write {name}(3, 32, 5) for 3 channels in and 32 out, or "
                f"{name}(32, kernel_size=5) to infer the channels of the input."
            )
        first, out, given = channels
        self.in_channels, self.out_channels = sizes_of(name, "channels", first, out, given)
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, axes)
        self.stride = per_axis(name, "stride", stride, axes)
        self.dilation = per_axis(name, "dilation", dilation, axes)
        self.groups = groups
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(
                f"{name}: padding_mode is {padding_mode!r}. Give one of zeros, reflect, replicate, circular."
            )
        self.padding_mode = padding_mode
        for key, value in (("in_channels", self.in_channels), ("out_channels", self.out_channels)):
            if groups < 1 or (value is not None and value % groups):
                raise ValueError(f"{name}: {key}={value} can not be split into groups={groups}. Choose a divisor.")

    def reset_parameters(self) -> None:
        draw_as_pytorch(self.weight, self.bias)

    def check(self, x: Tensor) -> None:
        """Raises unless x has the dtype, axes and channels that the weights want; infers the channels."""
        axes = self.axes
        check_input(self, x, self.weight.dtype)
        if x.ndim in (axes + 1, axes + 2) and x.shape[-axes - 1] == self.in_channels:
            return
        name, layout = type(self).__name__, _LAYOUTS[axes]
        channels = "" if self.in_channels is None else f" with {self.in_channels} channels"
        text = f"{name}: the input has shape {x.shape}, and this layer takes {layout}{channels}."
        if x.ndim == axes or (x.ndim == axes + 1 and self.in_channels == 1):
            raise ValueError(f"{text} Add the axis of channels with x.unsqueeze(1).")
        if x.ndim not in (axes + 1, axes + 2):
            raise ValueError(f"{text} Reshape the input.")
        if self.in_channels is None:
            self.infer_from(x.shape[-axes - 1])
        elif x.shape[-1] == self.in_channels:
            order = (0, x.ndim - 1, *range(1, x.ndim - 1)) if x.ndim == axes + 2 else (x.ndim - 1, *range(x.ndim - 1))
            raise ValueError(f"{text} The channels are its last axis: did you mean x.permute{order}?")
        else:
            raise ValueError(f"{text} Give the layer in_channels={x.shape[-axes - 1]}, or pass another input.")

    def _sizes(self) -> str:
        text = f"{self.out_channels}" if self.in_channels is None else f"{self.in_channels}, {self.out_channels}"
        return f"{text}, kernel_size={self.kernel_size}, stride={self.stride}"


@takes_relu
class _Conv(_Convolution):
    """Slides kernels over the last axes of the input."""

    def __init__(
        self,
        first: int | None = None,
        /,
        out_channels: int | None = None,
        kernel_size: Sizes | None = None,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        dtype: DTypeLike | None = None,
        device: Any = None,
        *,
        in_channels: int | None = None,
    ) -> None:
        super().__init__()
        self._set_up((first, out_channels, in_channels), kernel_size, stride, dilation, groups, padding_mode)
        name = type(self).__name__
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(f"{name}: padding is {padding!r}. Give whole numbers, 'same' or 'valid'.")
            if padding == "same" and self.stride != (1,) * self.axes:
                raise ValueError(f"{name}: padding='same' needs stride 1, and the stride is {self.stride}.")
            self.padding: tuple[int, ...] | str = padding
        else:
            self.padding = per_axis(name, "padding", padding, self.axes)
        self.declare({"weight": True, "bias": bias}, dtype, device)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        assert self.in_channels is not None
        if self.in_channels % self.groups:
            raise ValueError(
                f"{type(self).__name__}: in_channels={self.in_channels} can not be split into groups={self.groups}. "
                f"Choose a divisor."
            )
        weight = (self.out_channels, self.in_channels // self.groups, *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)}

    def size_in(self, shapes: Mapping[str, tuple[int, ...]]) -> int:
        return shapes["weight"][1] * self.groups

    def forward(self, x: Tensor) -> Tensor:
        """What the kernels find at each place."""
        return self._run(type(self).operation, x)

    def forward_relu(self, x: Tensor) -> Tensor:
        """What the kernels find at each place, or 0 where that is below."""
        return self._run(convolve_and_relu, x)

    def _run(self, operation: Callable[..., Tensor], x: Tensor) -> Tensor:
        self.check(x)
        padding: tuple[int, ...] | str | int = self.padding
        if self.padding_mode != "zeros":
            x = F.pad(x, self._padding_of_both_sides(), self.padding_mode)
            padding = 0
        return operation(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _padding_of_both_sides(self) -> tuple[int, ...]:
        """As `pad` takes it: from the last axis to the first, before and behind."""
        sides: list[tuple[int, int]] = []
        for i, (k, d) in enumerate(zip(self.kernel_size, self.dilation, strict=True)):
            if isinstance(self.padding, str):
                total = d * (k - 1) if self.padding == "same" else 0
                sides.append((total // 2, total - total // 2))
            else:
                sides.append((self.padding[i], self.padding[i]))
        return tuple(n for pair in reversed(sides) for n in pair)

    def extra_repr(self) -> str:
        none = (0,) * self.axes, (1,) * self.axes
        text = self._sizes()
        if self.padding != none[0]:
            text += f", padding={self.padding!r}"
        if self.dilation != none[1]:
            text += f", dilation={self.dilation}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        return text if self.padding_mode == "zeros" else f"{text}, padding_mode={self.padding_mode}"


class Conv1D(_Conv):
    """Slides kernels along the last axis.  x: (N, C, W) or (C, W) -> (N, O, OW) or (O, OW)

    The arguments are those of `Conv2D`.
    """

    axes = 1
    operation = staticmethod(F.conv1d)


class Conv2D(_Conv):
    """Slides kernels over the last two axes.  x: (N, C, H, W) or (C, H, W) -> (N, O, OH, OW) or (O, OH, OW)

    in_channels: C. `Conv2D(32, kernel_size=3)` leaves it out: the first call infers it.
    out_channels: O.
    kernel_size, stride, dilation: one whole number, or one for each axis.
    padding: numbers likewise, or "same" (the size stays; stride 1 only) or "valid" (none).
    groups: input and output channels are split into this many groups that do not see each other.
    padding_mode: "zeros", "reflect", "replicate" or "circular".

    Parameters: weight (O, C / groups, KH, KW) and bias (O,), drawn uniformly up to 1 / sqrt(C / groups KH KW), as in
    PyTorch.

    >>> import autograd, nn
    >>> nn.Conv2D(3, 32, 3, padding="same")(autograd.zeros(8, 3, 28, 28)).shape
    (8, 32, 28, 28)
    """

    axes = 2
    operation = staticmethod(F.conv2d)


class Conv3D(_Conv):
    """Slides kernels over the last three axes.  x: (N, C, D, H, W) or without N -> (N, O, OD, OH, OW)

    The arguments are those of `Conv2D`.
    """

    axes = 3
    operation = staticmethod(F.conv3d)


class _ConvTranspose(_Convolution):
    """The transpose of a convolution: each input element adds a kernel to the output."""

    def __init__(
        self,
        first: int | None = None,
        /,
        out_channels: int | None = None,
        kernel_size: Sizes | None = None,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        dtype: DTypeLike | None = None,
        device: Any = None,
        *,
        in_channels: int | None = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if padding_mode != "zeros":
            raise ValueError(f"{name}: padding_mode is {padding_mode!r}, and only zeros is possible here.")
        self._set_up((first, out_channels, in_channels), kernel_size, stride, dilation, groups, padding_mode)
        self.padding = per_axis(name, "padding", padding, self.axes)
        self.output_padding = per_axis(name, "output_padding", output_padding, self.axes)
        self.declare({"weight": True, "bias": bias}, dtype, device)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        assert self.in_channels is not None
        weight = (self.in_channels, self.out_channels // self.groups, *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)}

    def size_in(self, shapes: Mapping[str, tuple[int, ...]]) -> int:
        return shapes["weight"][0]

    def forward(self, x: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """The sum of all kernels.

        output_size: the size of the result over its last axes, where the stride leaves a choice.
        """
        self.check(x)
        extra = self.output_padding if output_size is None else self._extra_for(x, tuple(output_size)[-self.axes :])
        return type(self).operation(
            x, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation
        )

    def _extra_for(self, x: Tensor, wanted: tuple[int, ...]) -> tuple[int, ...]:
        least = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(
                x.shape[-self.axes :], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        ]
        extra = tuple(w - n for w, n in zip(wanted, least, strict=True))
        if any(not 0 <= e < max(s, d) for e, s, d in zip(extra, self.stride, self.dilation, strict=True)):
            most = tuple(n + s - 1 for n, s in zip(least, self.stride, strict=True))
            raise ValueError(
                f"{type(self).__name__}: output_size is {wanted}. For an input of shape {x.shape} it can be from "
                f"{tuple(least)} to {most}."
            )
        return extra

    def extra_repr(self) -> str:
        text = self._sizes()
        if self.padding != (0,) * self.axes:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self.axes:
            text += f", dilation={self.dilation}"
        if self.output_padding != (0,) * self.axes:
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        return text if self.bias is not None else f"{text}, bias=False"


class ConvTranspose1D(_ConvTranspose):
    """The transpose of `Conv1D`.  x: (N, C, W) or (C, W) -> (N, O, OW) or (O, OW).  See `ConvTranspose2D`."""

    axes = 1
    operation = staticmethod(F.conv_transpose1d)


class ConvTranspose2D(_ConvTranspose):
    """The transpose of `Conv2D`: enlarges.  x: (N, C, H, W) or (C, H, W) -> (N, O, OH, OW) or (O, OH, OW)

    output_padding: added to the size of the output on one side, where the stride leaves a choice.
    The other arguments are those of `Conv2D`.

    Parameters: weight (C, O / groups, KH, KW) and bias (O,).
    """

    axes = 2
    operation = staticmethod(F.conv_transpose2d)


class ConvTranspose3D(_ConvTranspose):
    """The transpose of `Conv3D`.  x: (N, C, D, H, W) or without N -> (N, O, OD, OH, OW).  See `ConvTranspose2D`."""

    axes = 3
    operation = staticmethod(F.conv_transpose3d)


Conv1d, Conv2d, Conv3d = Conv1D, Conv2D, Conv3D
ConvTranspose1d, ConvTranspose2d, ConvTranspose3d = ConvTranspose1D, ConvTranspose2D, ConvTranspose3D
