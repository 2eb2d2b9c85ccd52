"""Padding: more elements around the last axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from autograd.tensor import Tensor

from .. import functional as F
from ..module import Module


class _Pad(Module):
    """Adds elements around the last axes."""

    axes: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        self.padding = tuple(padding) if isinstance(padding, Sequence) else (padding,) * (2 * self.axes)
        if len(self.padding) != 2 * self.axes:
            raise ValueError(
                f"{type(self).__name__}: padding is {padding!r}. Give one whole number, or {2 * self.axes} of them: "
                f"before and behind, from the last axis on."
            )

    def forward(self, x: Tensor) -> Tensor:
        """x with more elements."""
        return F.pad(x, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPad(_Pad):
    mode = "constant"

    def __init__(self, padding: int | Sequence[int], value: float = 0.0) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        """x with more elements."""
        return F.pad(x, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1D(_ConstantPad):
    """`value` around the last axis.  x: (*, W).  See `ConstantPad2D`."""

    axes = 1


class ConstantPad2D(_ConstantPad):
    """`value` around the last two axes.  x: (*, H, W)

    padding: how many elements: one number, or (left, right, top, bottom). Negative numbers take elements away.
    """

    axes = 2


class ConstantPad3D(_ConstantPad):
    """`value` around the last three axes.  x: (*, D, H, W).  See `ConstantPad2D`."""

    axes = 3


class _ZeroPad(_Pad):
    mode = "constant"


class ZeroPad1D(_ZeroPad):
    """Zeros around the last axis.  x: (*, W).  See `ConstantPad2D`."""

    axes = 1


class ZeroPad2D(_ZeroPad):
    """Zeros around the last two axes.  x: (*, H, W).  See `ConstantPad2D`."""

    axes = 2


class ZeroPad3D(_ZeroPad):
    """Zeros around the last three axes.  x: (*, D, H, W).  See `ConstantPad2D`."""

    axes = 3


class ReflectionPad1D(_Pad):
    """What is inside, mirrored at the edge, around the last axis.  x: (N, C, W) or (C, W).  See `ConstantPad2D`."""

    axes, mode = 1, "reflect"


class ReflectionPad2D(_Pad):
    """What is inside, mirrored at the edges, around the last two axes.  x: (N, C, H, W) or (C, H, W)"""

    axes, mode = 2, "reflect"


class ReflectionPad3D(_Pad):
    """What is inside, mirrored at the edges, around the last three axes.  x: (N, C, D, H, W) or (C, D, H, W)"""

    axes, mode = 3, "reflect"


class ReplicationPad1D(_Pad):
    """The element at the edge, again, around the last axis.  x: (N, C, W) or (C, W).  See `ConstantPad2D`."""

    axes, mode = 1, "replicate"


class ReplicationPad2D(_Pad):
    """The elements at the edges, again, around the last two axes.  x: (N, C, H, W) or (C, H, W)"""

    axes, mode = 2, "replicate"


class ReplicationPad3D(_Pad):
    """The elements at the edges, again, around the last three axes.  x: (N, C, D, H, W) or (C, D, H, W)"""

    axes, mode = 3, "replicate"


class CircularPad1D(_Pad):
    """What is at the other end, around the last axis.  x: (N, C, W) or (C, W).  See `ConstantPad2D`."""

    axes, mode = 1, "circular"


class CircularPad2D(_Pad):
    """What is at the other end, around the last two axes.  x: (N, C, H, W) or (C, H, W)"""

    axes, mode = 2, "circular"


class CircularPad3D(_Pad):
    """What is at the other end, around the last three axes.  x: (N, C, D, H, W) or (C, D, H, W)"""

    axes, mode = 3, "circular"


ConstantPad1d, ConstantPad2d, ConstantPad3d = ConstantPad1D, ConstantPad2D, ConstantPad3D
ZeroPad1d, ZeroPad2d, ZeroPad3d = ZeroPad1D, ZeroPad2D, ZeroPad3D
ReflectionPad1d, ReflectionPad2d, ReflectionPad3d = ReflectionPad1D, ReflectionPad2D, ReflectionPad3D
ReplicationPad1d, ReplicationPad2d, ReplicationPad3d = ReplicationPad1D, ReplicationPad2D, ReplicationPad3D
CircularPad1d, CircularPad2d, CircularPad3d = CircularPad1D, CircularPad2D, CircularPad3D
