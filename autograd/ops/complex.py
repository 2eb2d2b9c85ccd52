"""Complex numbers: their parts, conjugates and angles.

The gradients are PyTorch's: g times the conjugate of the derivative. What reads the parts of a tensor shares
its memory, so that a write in place to one is seen in the other, as in PyTorch.
"""

from __future__ import annotations

import cmath
import math

import numpy as np

from ..declare import composite, primitive
from ..errors import describe
from ..op import Sample
from ..tensor import attach_method
from .comparison import where
from .elementwise import cos, sin
from .references import PAIRS, SHAPES, each
from .shape import transpose

_as_strided = np.lib.stride_tricks.as_strided


def _real_and_complex(draw):
    yield Sample(draw(3, 4))
    yield Sample(draw())
    yield Sample(draw(2, 0))
    yield Sample(draw.complex(3, 4))
    yield Sample(draw.complex())
    yield Sample(draw.complex(2, 1, 3))


def _complex_alone(draw):
    for shape in SHAPES:
        yield Sample(draw.complex(*shape))
    yield Sample(draw.complex(4)[::-2])


# ---------------------------------------------------------------------------------------------------------------------
# Conjugates
# ---------------------------------------------------------------------------------------------------------------------
@primitive(
    conjugates=True,
    in_place=True,
    numpy=(np.conjugate,),
    aliases=("conj_physical",),
    reference=lambda x: x.real - 1j * x.imag,
)
def conj(x):
    """The complex conjugate of each element; a real one is its own.  x: (*) -> (*)"""
    return np.conjugate(x)


conj.gradient(x=lambda g: g.conj())
conj.samples(_real_and_complex)


@composite(reference=lambda x: np.conjugate(np.swapaxes(x, -1, -2)))
def adjoint(x):
    """Each matrix in the last two axes conjugated and transposed; the same as x.mH.  x: (*, M, N) -> (*, N, M)

    ValueError if there are fewer than two axes.
    """
    if x.ndim < 2:
        raise ValueError(f"adjoint: needs matrices in the last two axes, and the shape is {tuple(x.shape)}.")
    return conj(transpose(x, -2, -1))


@adjoint.samples
def _(draw):
    yield Sample(draw(2, 3))
    yield Sample(draw(2, 3, 4))
    yield Sample(draw(1, 1))
    yield Sample(draw(2, 0))
    yield Sample(draw(3, 2, 1, 4))
    yield Sample(draw.complex(2, 3))
    yield Sample(draw.complex(2, 2, 3))


@adjoint.errors
def _(draw):
    yield Sample(draw(3)), ValueError, "the shape is (3,)"


# ---------------------------------------------------------------------------------------------------------------------
# Parts
# ---------------------------------------------------------------------------------------------------------------------
@primitive(view=True, method=False, reference=lambda x: (x + np.conjugate(x)) / 2)
def real(x):
    """The real part of each element, sharing memory.  x: (*) -> (*)

    >>> import autograd
    >>> z = autograd.tensor([1 + 2j, 3 - 1j])
    >>> z.real[0] = 5.0
    >>> z
    tensor([5.0000+2.0000j, 3.0000-1.0000j], dtype=complex64)
    """
    return np.real(x)[...]


real.gradient(x=lambda g: g * 1.0)
real.samples(_real_and_complex)


@primitive(view=True, method=False, reference=lambda x: ((x - np.conjugate(x)) / 2j).real)
def imag(x):
    """The imaginary part of each element, sharing memory; 0 of a real one.  x: (*) -> (*)"""
    return np.imag(x)[...] if x.dtype.kind == "c" else np.zeros_like(x)


imag.gradient(x=lambda g: g * 1j)


@imag.samples
def _(draw):
    yield from _real_and_complex(draw)
    yield Sample(draw.complex(2, 0))
    yield Sample(draw.complex(4))


@primitive(
    view=True,
    conjugates=True,
    numpy=(),
    reference=lambda x: np.stack([np.real(x), np.imag(x)], -1).reshape(*x.shape, 2),
)
def view_as_real(x):
    """Complex numbers as pairs (real part, imaginary part) along a new last axis, sharing memory.  x: (*) -> (*, 2)

    TypeError if x is not complex.

    >>> import autograd
    >>> autograd.view_as_real(autograd.tensor([1 + 2j, 3 - 1j]))
    tensor([[ 1.,  2.],
            [ 3., -1.]])
    """
    if x.dtype.kind != "c":
        raise TypeError(f"view_as_real: takes complex numbers, not {describe(x)}.")
    part = np.asarray(x).real
    return _as_strided(part, (*x.shape, 2), (*part.strides, part.itemsize))


@primitive(view=True, conjugates=True, reference=lambda x: x[..., 0] + 1j * x[..., 1])
def view_as_complex(x):
    """Pairs (real part, imaginary part) along the last axis as complex numbers.  x: (*, 2) -> (*)

    Shares memory with x if the numbers of each pair are neighbours in it, and copies otherwise, where PyTorch raises.
    ValueError if the last axis has another length than 2. TypeError if x is not float32 or float64.

    >>> import autograd
    >>> autograd.view_as_complex(autograd.tensor([[1.0, 2.0], [3.0, -1.0]]))
    tensor([1.0000+2.0000j, 3.0000-1.0000j], dtype=complex64)
    """
    if x.dtype.char not in "fd":
        raise TypeError(f"view_as_complex: takes pairs of float32 or float64, not {describe(x)}.")
    if not x.ndim or x.shape[-1] != 2:
        raise ValueError(f"view_as_complex: the last axis has length 2, which shape {x.shape} has not.")
    if x.strides[-1] != x.itemsize:
        x = np.ascontiguousarray(x)
    return x.view(np.result_type(x, np.complex64))[..., 0]


view_as_real.gradient(x=lambda g: view_as_complex(g))
view_as_complex.gradient(x=lambda g: view_as_real(g))
view_as_real.samples(_complex_alone)


@view_as_real.errors
def _(draw):
    yield Sample(draw(3)), TypeError, "not float64(3,)"


@view_as_complex.samples
def _(draw):
    for shape in SHAPES:
        yield Sample(draw(*shape, 2))
    yield Sample(draw(3, 4)[:, 1:3])


@view_as_complex.errors
def _(draw):
    yield Sample(draw(3)), ValueError, "shape (3,) has not"
    yield Sample(draw.integers(2)), TypeError, "float32 or float64"


# ---------------------------------------------------------------------------------------------------------------------
# From parts
# ---------------------------------------------------------------------------------------------------------------------
@primitive(method=False, conjugates=True, reference=lambda real, imag: np.add(real, np.multiply(1j, imag)))
def complex(real, imag):
    """Complex numbers of real and imaginary parts.  real, imag: (*) of one dtype -> (*)

    float32 give complex64, float64 complex128. TypeError for anything else.

    >>> import autograd
    >>> autograd.complex(autograd.tensor([1.0, 2.0]), autograd.tensor([0.0, -1.0]))
    tensor([1.0000+0.0000j, 2.0000-1.0000j], dtype=complex64)
    """
    dtype = np.result_type(real, imag)
    if dtype.char not in "fd":
        raise TypeError(f"complex: takes float32 or float64, not {describe(real)} and {describe(imag)}.")
    out = np.empty(np.broadcast_shapes(np.shape(real), np.shape(imag)), np.result_type(dtype, np.complex64))
    out.real, out.imag = real, imag
    return out


complex.gradient(real=lambda g: _real_part(g), imag=lambda g: _imaginary_part(g))


def _real_part(g):
    return real(g)


def _imaginary_part(g):
    return imag(g)


@complex.samples
def _(draw):
    for x, y in PAIRS:
        yield Sample(draw(*x), draw(*y))


@complex.errors
def _(draw):
    yield Sample(draw.integers(3), draw.integers(3)), TypeError, "float32 or float64"
    yield Sample(draw(3), draw(4)), ValueError, "complex"


def _polar_by_loop(abs, angle):
    return np.vectorize(cmath.rect, otypes=[np.complex128])(abs, angle)


@composite(method=False, reference=_polar_by_loop)
def polar(abs, angle):
    """Complex numbers of absolute values and angles in radians.  abs, angle: (*) of one dtype -> (*)

    >>> import autograd
    >>> autograd.polar(autograd.tensor([2.0]), autograd.tensor([0.0]))
    tensor([2.0000+0.0000j], dtype=complex64)
    """
    return complex(abs * cos(angle), abs * sin(angle))


@polar.samples
def _(draw):
    for x, y in PAIRS:
        yield Sample(draw(*x, low=0.1), draw(*y, low=-7.0, high=7.0))


def _angle_by_loop(x):
    return each(cmath.phase)(x) if x.dtype.kind == "c" else each(lambda a: a if a != a else math.pi * (a < 0))(x)


@primitive(reference=_angle_by_loop)
def angle(x):
    """The angle of each complex number with the positive real axis, in radians.  x: (*) -> real (*)

    Of a real number it is 0, or pi where it is negative, and the gradient is 0. The gradient at 0 is 0.

    >>> import autograd
    >>> autograd.angle(autograd.tensor([1j, -1 + 0j]))
    tensor([1.5708, 3.1416])
    """
    if x.dtype.kind == "c":
        return np.arctan2(x.imag, x.real)
    kind = x.dtype if x.dtype.kind == "f" else np.result_type(x, np.float32)
    return np.where(x < 0, kind.type(math.pi), np.where(x != x, x, 0).astype(kind))


def _angle_gradient(g, x):
    if x.dtype.kind != "c":
        return where(np.ones(x.shape, bool), g * 0.0, 0)
    return where(x == 0, 0, g * 1j / x.conj())


angle.gradient(x=_angle_gradient)


@angle.samples
def _(draw):
    for shape in SHAPES:
        yield Sample(draw.away(*shape))
    yield Sample(draw.complex(3, 4))
    yield Sample(draw.complex())
    yield Sample(np.array([0.5j, 1j, -1j, -1 + 0.5j]))
    yield Sample(draw.integers(4, low=-3, high=3))


@primitive(numpy=(np.isreal,), reference=lambda x: each(lambda a: a.imag == 0, bool)(x))
def isreal(x):
    """Whether the imaginary part of each element is 0, as it is of real tensors.  x: (*) -> bool (*)"""
    return np.equal(np.imag(x), 0) if x.dtype.kind == "c" else np.ones(x.shape, bool)


@isreal.samples
def _(draw):
    yield Sample(draw(3, 4))
    yield Sample(draw.complex(3, 4))
    yield Sample(np.array([1 + 0j, 1j, 0j, 2 - 1j]))
    yield Sample(draw.integers(3))
    yield Sample(draw())
    yield Sample(draw.complex(2, 0))


attach_method("real", property(real, doc="The real part of each element, sharing memory."))
attach_method("imag", property(imag, doc="The imaginary part of each element, sharing memory; 0 of a real one."))
