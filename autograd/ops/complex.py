"""Parts and conjugates of complex numbers.  The gradients are PyTorch's: g times the conjugate of the derivative."""

from __future__ import annotations

import numpy as np

from ..declare import primitive
from ..op import Sample
from ..tensor import attach_method


def _real_and_complex(draw):
    yield Sample(draw(3, 4))
    yield Sample(draw())
    yield Sample(draw(2, 0))
    yield Sample(draw.complex(3, 4))
    yield Sample(draw.complex())


@primitive(conjugates=True, numpy=(np.conjugate,), aliases=("conj_physical",), reference=lambda x: x.real - 1j * x.imag)
def conj(x):
    """The complex conjugate of each element; a real one is its own.  x: (*) -> (*)"""
    return np.conjugate(x)


conj.gradient(x=lambda g: g.conj())
conj.samples(_real_and_complex)


@primitive(method=False, numpy=(np.real,), reference=lambda x: (x + np.conjugate(x)) / 2)
def real(x):
    """The real part of each element.  x: (*) -> (*)"""
    return np.real(x).copy()


real.gradient(x=lambda g: g * 1.0)
real.samples(_real_and_complex)


@primitive(method=False, numpy=(np.imag,), reference=lambda x: ((x - np.conjugate(x)) / 2j).real)
def imag(x):
    """The imaginary part of each element; 0 of a real one.  x: (*) -> (*)"""
    return np.imag(x).copy()


imag.gradient(x=lambda g: g * 1j)
imag.samples(_real_and_complex)

attach_method("real", property(real, doc="The real part of each element."))
attach_method("imag", property(imag, doc="The imaginary part of each element; 0 of a real one."))
