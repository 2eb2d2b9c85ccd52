"""`np.fft`, by the operations of `autograd.fft`, which differ in the names of some parameters."""

from __future__ import annotations

from typing import Any

from .. import fft
from .. import functions as ag
from .adapting import adapts, as_tensor, axes_of


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


def _shifted(x: Any, axes: Any, sign: int) -> Any:
    x = as_tensor(x)
    places = axes_of(axes, x.ndim)
    half = [x.shape[i] // 2 if sign > 0 else -(x.shape[i] // 2) for i in places]
    return ag.roll(x, tuple(half), tuple(places)) if places else x


@adapts("fft.fftshift")
def _fftshift(x: Any, axes: Any = None) -> Any:
    return _shifted(x, axes, 1)


@adapts("fft.ifftshift")
def _ifftshift(x: Any, axes: Any = None) -> Any:
    return _shifted(x, axes, -1)
