"""Layers that give images another size."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.tensor import Tensor

from .. import functional as F
from ..module import Module


class Upsample(Module):
    """The same images with another size.  x: (N, C, *size) -> (N, C, *places), with one, two or three axes of size

    size, or scale_factor, mode, align_corners, recompute_scale_factor: those of `nn.functional.interpolate`.

    >>> import autograd, nn
    >>> nn.Upsample(scale_factor=2, mode="bilinear")(autograd.zeros(1, 3, 4, 4)).shape
    (1, 3, 8, 8)
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        if isinstance(scale_factor, Sequence):
            self.scale_factor: float | tuple[float, ...] | None = tuple(float(factor) for factor in scale_factor)
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None
        self.mode, self.align_corners, self.recompute_scale_factor = mode, align_corners, recompute_scale_factor

    def forward(self, x: Tensor) -> Tensor:
        """The images with another size."""
        return F.interpolate(
            x, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )

    def extra_repr(self) -> str:
        size = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{size}, mode={self.mode!r}"


class UpsamplingNearest2D(Upsample):
    """Images with another size, by the nearest pixel.  x: (N, C, H, W) -> (N, C, OH, OW).  See `Upsample`."""

    def __init__(
        self, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
    ) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2D(Upsample):
    """Images with another size, bilinearly, corners aligned.  x: (N, C, H, W) -> (N, C, OH, OW).  See `Upsample`."""

    def __init__(
        self, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
    ) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)


UpsamplingNearest2d, UpsamplingBilinear2d = UpsamplingNearest2D, UpsamplingBilinear2D
