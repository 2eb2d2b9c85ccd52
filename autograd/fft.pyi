"""Written by `python -m autograd.stubs`; do not edit."""

import builtins
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

def fft(x: Any, n: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The discrete Fourier transform along an axis, X[k] = sum of x[j] exp(-2 pi i j k / n).  x: (*) -> complex (*)"""
def fft2(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The discrete Fourier transform over two axes.  x: (..., H, W) -> complex (..., H, W)"""
def fftfreq(n: Any, d: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """The frequencies of the results of `fft`, in cycles per unit of time.  -> (n,)"""
def fftn(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The discrete Fourier transform over several axes, by default all.  x: (*) -> complex (*)"""
def fftshift(x: Any, dim: Any = ..., **names: Any) -> Tensor:
    """Moves the zero frequency, which is the first, to the middle of each axis.  x: (*) -> (*)"""
def hfft(x: Any, n: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The real `fft` of a signal that is Hermitian, of which x is the first half.  x: (*, n // 2 + 1) -> (*, n)"""
def hfft2(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The real `fft2` of a signal that is Hermitian, of which x is half.  x: (..., H, W // 2 + 1) -> (..., H, W)"""
def hfftn(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The real `fftn` of a signal that is Hermitian, of which x is half.  x: (*) -> (*)"""
def ifft(x: Any, n: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The inverse of `fft`, x[j] = 1/n times the sum of X[k] exp(2 pi i j k / n).  x: (*) -> complex (*)"""
def ifft2(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The inverse of `fft2`.  x: (..., H, W) -> complex (..., H, W)"""
def ifftn(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The inverse of `fftn`.  x: (*) -> complex (*)"""
def ifftshift(x: Any, dim: Any = ..., **names: Any) -> Tensor:
    """The inverse of `fftshift`: moves what is in the middle of each axis to its start.  x: (*) -> (*)"""
def ihfft(x: Any, n: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The inverse of `hfft`: the first half of the `ifft` of a real spectrum.  x: (*, n) -> complex (*, n // 2 + 1)"""
def ihfft2(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The inverse of `hfft2`.  x: (..., H, W) -> complex (..., H, W // 2 + 1)"""
def ihfftn(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The inverse of `hfftn`.  x: (*) -> complex (*)"""
def irfft(x: Any, n: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The inverse of `rfft`: a real signal from the first half of its spectrum.  x: (*, n // 2 + 1) -> (*, n)"""
def irfft2(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The inverse of `rfft2`.  x: (..., H, W // 2 + 1) -> (..., H, W)"""
def irfftn(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The inverse of `rfftn`: a real signal from half of its spectrum.  x: (*) -> (*)"""
def rfft(x: Any, n: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The first half of the `fft` of a real signal.  x: (*, n) -> complex (*, n // 2 + 1)"""
def rfft2(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The half of the `fft2` of a real signal: that of the last axis.  x: (..., H, W) -> complex (..., H, W // 2 + 1)"""
def rfftfreq(n: Any, d: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """The frequencies of the results of `rfft`, in cycles per unit of time.  -> (n // 2 + 1,)"""
def rfftn(x: Any, s: Any = ..., dim: Any = ..., norm: Any = ..., **names: Any) -> Tensor:
    """The half of the `fftn` of a real signal: that of the last of the axes.  x: (*) -> complex (*)"""
