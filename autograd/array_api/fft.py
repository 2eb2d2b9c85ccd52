"""Fourier transforms of the standard."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor, wrap
from .arguments import array, checked_device, default_float

_np: Any = np  # its stubs do not know tensors


def fft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Any = "backward") -> Tensor:
    """The transform along an axis."""
    return _np.fft.fft(array(x, "fft"), n, axis, norm)


def ifft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Any = "backward") -> Tensor:
    """The inverse transform along an axis."""
    return _np.fft.ifft(array(x, "ifft"), n, axis, norm)


def fftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: Any = "backward") -> Tensor:
    """The transform along several axes."""
    return _np.fft.fftn(array(x, "fftn"), s, _named(s, axes), norm)


def ifftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: Any = "backward") -> Tensor:
    """The inverse transform along several axes."""
    return _np.fft.ifftn(array(x, "ifftn"), s, _named(s, axes), norm)


def rfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Any = "backward") -> Tensor:
    """The transform of real numbers along an axis."""
    return _np.fft.rfft(array(x, "rfft"), n, axis, norm)


def irfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Any = "backward") -> Tensor:
    """The inverse of `rfft`."""
    return _np.fft.irfft(array(x, "irfft"), n, axis, norm)


def rfftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: Any = "backward") -> Tensor:
    """The transform of real numbers along several axes."""
    return _np.fft.rfftn(array(x, "rfftn"), s, _named(s, axes), norm)


def irfftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: Any = "backward") -> Tensor:
    """The inverse of `rfftn`."""
    return _np.fft.irfftn(array(x, "irfftn"), s, _named(s, axes), norm)


def hfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Any = "backward") -> Tensor:
    """The transform of what has conjugate symmetry."""
    return _np.fft.hfft(array(x, "hfft"), n, axis, norm)


def ihfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Any = "backward") -> Tensor:
    """The inverse of `hfft`."""
    return _np.fft.ihfft(array(x, "ihfft"), n, axis, norm)


def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """The frequencies of `fft`."""
    checked_device(device, "fftfreq")
    return wrap(np.fft.fftfreq(n, d).astype(default_float() if dtype is None else dtype))


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """The frequencies of `rfft`."""
    checked_device(device, "rfftfreq")
    return wrap(np.fft.rfftfreq(n, d).astype(default_float() if dtype is None else dtype))


def fftshift(x: Any, /, *, axes: Any = None) -> Tensor:
    """The frequency zero in the middle."""
    return _np.fft.fftshift(array(x, "fftshift"), axes)


def ifftshift(x: Any, /, *, axes: Any = None) -> Tensor:
    """The inverse of `fftshift`."""
    return _np.fft.ifftshift(array(x, "ifftshift"), axes)


def _named(s: Any, axes: Any) -> Any:
    """The axes that lengths without axes belong to: the last ones."""
    return tuple(range(-len(s), 0)) if axes is None and s is not None else axes


__all__ = [
    "fft",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfftn",
    "rfft",
    "rfftfreq",
    "rfftn",
]
