"""Floating-point numbers taken apart and put together: mantissas, exponents, neighbours."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..declare import primitive
from ..errors import describe
from ..op import BEHIND_SELECTION, Sample
from .comparison import flat, gate
from .references import PAIRS, each

_LN2 = math.log(2.0)


class MantissaAndExponent(NamedTuple):
    """What `frexp` returns."""

    mantissa: Any
    exponent: Any


@primitive(
    numpy=(np.frexp,),
    reference=lambda x: (each(lambda a: math.frexp(a)[0])(x), each(lambda a: math.frexp(a)[1], int)(x)),
)
def frexp(x):
    """Each element as mantissa * 2**exponent, with 0.5 <= |mantissa| < 1.  x: (*) -> two of (*)

    The exponents are int32; 0 has mantissa and exponent 0. The gradient is that of a division by a constant power
    of 2. TypeError for what is no floating-point number.

    >>> import autograd
    >>> autograd.frexp(autograd.tensor([3.0, -0.25]))
    MantissaAndExponent(mantissa=tensor([ 0.7500, -0.5000]), exponent=tensor([ 2, -1], dtype=int32))
    """
    if x.dtype.kind != "f":
        raise TypeError(f"frexp: takes real floating-point numbers, not {describe(x)}. Convert it: x.float().")
    mantissa, exponent = np.frexp(x)
    return MantissaAndExponent(mantissa, exponent.astype(np.int32, copy=False))


frexp.gradient(x=lambda g, out: ldexp(g[0], -out[1]))


@frexp.samples
def _(draw):
    yield Sample(draw.away(3, 4, points=(-1.0, -0.5, 0.0, 0.5, 1.0)))
    yield Sample(draw.away(5, points=(1024.0, 2048.0, 4096.0), low=1000.0, high=5000.0))
    yield Sample(draw(4, low=-0.24, high=-0.13))
    yield Sample(draw(low=5.0, high=7.0))
    yield Sample(draw(2, 1, 3, low=0.6, high=0.9))
    yield Sample(draw(2, 0))


@frexp.errors
def _(draw):
    yield Sample(draw.integers(3)), TypeError, "floating-point"


def _ldexp_by_loop(x: Any, y: Any) -> Any:
    return each(lambda a, b: a * math.pow(2.0, b))(x, y)


@primitive(elementwise=True, numpy=(np.ldexp,), reference=_ldexp_by_loop)
def ldexp(x, y):
    """x 2**y.  x, y: (*) -> (*)

    Integer y leave the dtype of a floating-point x as it is, and lead to no overflow on the way.

    >>> import autograd
    >>> autograd.ldexp(autograd.tensor([1.5, 3.0]), autograd.tensor([2, -1]))
    tensor([6.0000, 1.5000])
    """
    if np.result_type(y).kind in "iub" and np.result_type(x).kind != "c":
        return np.ldexp(x, np.clip(y, -(1 << 30), 1 << 30).astype(np.int32))
    return x * np.exp2(y)


ldexp.gradient(x=lambda g, y: ldexp(g, y), y=lambda g, out: g * (out * _LN2), absorbing=BEHIND_SELECTION)


@ldexp.samples
def _(draw):
    for x, y in PAIRS:
        yield Sample(draw(*x), draw.integers(*y, high=6))
    for x, y in PAIRS[:5]:
        yield Sample(draw(*x), draw(*y))
    yield Sample(draw(3), 3)
    yield Sample(1.5, draw.integers(3))


@ldexp.errors
def _(draw):
    yield Sample(draw(2, 3), draw.integers(4)), ValueError, "do not broadcast"


@primitive(elementwise=True, numpy=(np.nextafter,), reference=each(math.nextafter))
def nextafter(x, y):
    """The number of the dtype that comes next after x in the direction of y.  x, y: (*) -> (*)

    It is x where they are equal. The gradient by x is, as in PyTorch, 1 but where they are equal; that by y is 0.

    >>> import autograd
    >>> autograd.nextafter(autograd.tensor(1.0), 2.0).item() - 1.0
    1.1920928955078125e-07
    """
    return np.nextafter(x, y)


nextafter.gradient(x=lambda g, x, y: gate(g, x != y), y=flat, absorbing=False)


@nextafter.samples
def _(draw):
    for x, y in PAIRS:
        yield Sample(draw(*x), draw(*y))
    yield Sample(np.array([0.0, -0.0, 1.0, -2.5]), np.array([1.0, -1.0, np.inf, -np.inf]))


@nextafter.errors
def _(draw):
    yield Sample(draw(2, 3), draw(4)), ValueError, "do not broadcast"
