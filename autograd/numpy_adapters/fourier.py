"""`np.fft`, by the operations of `autograd.fft`, which differ in the names of some parameters."""

from __future__ import annotations

from typing import Any

from .. import fft
from .adapting import adapts, as_tensor


def _along_one(name: str) -> None:
    @adapts(f"fft.{name}")
    def transform(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
        return getattr(fft, name)(as_tensor(a), n, axis, norm)


def _along_several(name: str, default: Any) -> None:
    @adapts(f"fft.{name}")
    def transform(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        a = as_tensor(a)
        if s is not None and axes is None:
            axes = tuple(range(-len(s), 0))
        return getattr(fft, name)(a, s, axes, norm)


for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    _along_one(_name)
for _name in ("fft2", "ifft2", "rfft2", "irfft2"):
    _along_several(_name, (-2, -1))
for _name in ("fftn", "ifftn", "rfftn", "irfftn"):
    _along_several(_name, None)


@adapts("fft.fftshift")
def _fftshift(x: Any, axes: Any = None) -> Any:
    return fft.fftshift(as_tensor(x), axes)


@adapts("fft.ifftshift")
def _ifftshift(x: Any, axes: Any = None) -> Any:
    return fft.ifftshift(as_tensor(x), axes)
