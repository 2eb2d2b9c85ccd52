"""Exponentials, logarithms, trigonometry and rounding, element by element."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import primitive
from ..op import BEHIND_SELECTION, Sample
from .comparison import flat, gate, where
from .loops import gradient_by_loop, large
from .references import PAIRS, around, each

# ---------------------------------------------------------------------------------------------------------------------
# Exponentials and logarithms
# ---------------------------------------------------------------------------------------------------------------------
_ONE_PASS = 65536  # elements from which on a loop is faster than a single pass of NumPy
_LN2, _LN10 = math.log(2.0), math.log(10.0)


@primitive(elementwise=True, numpy=(np.exp,), reference=each(math.exp))
def exp(x):
    """e to the power of each element.  x: (*) -> (*)"""
    if large(x, size=_ONE_PASS):
        return kernels.activations.exp(x)
    return np.exp(x)


exp.gradient(x=lambda g, out: g * out, absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, numpy=(np.exp2,), aliases=("special.exp2",), reference=each(math.exp2))
def exp2(x):
    """2 to the power of each element.  x: (*) -> (*)"""
    return np.exp2(x)


exp2.gradient(x=lambda g, out: g * (out * _LN2), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, numpy=(np.expm1,), aliases=("special.expm1",), reference=each(math.expm1))
def expm1(x):
    """e**x - 1, exact also near x = 0.  x: (*) -> (*)"""
    return np.expm1(x)


expm1.gradient(x=lambda g, x: g * exp(x), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, domain=(0.1, 3.0), numpy=(np.log,), reference=each(math.log))
def log(x):
    """The natural logarithm of each element; minus infinity at 0, NaN below.  x: (*) -> (*)

    >>> import autograd
    >>> autograd.log(autograd.tensor([1.0, 0.0, -1.0]))
    tensor([  0., -inf,  nan])
    """
    if large(x, size=_ONE_PASS):
        return kernels.activations.log(x)
    return np.log(x)


log.gradient(x=lambda g, x: g / x, absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, domain=(0.1, 3.0), numpy=(np.log2,), reference=each(math.log2))
def log2(x):
    """The logarithm to base 2 of each element.  x: (*) -> (*)"""
    return np.log2(x)


log2.gradient(x=lambda g, x: g / (x * _LN2), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, domain=(0.1, 3.0), numpy=(np.log10,), reference=each(math.log10))
def log10(x):
    """The logarithm to base 10 of each element.  x: (*) -> (*)"""
    return np.log10(x)


log10.gradient(x=lambda g, x: g / (x * _LN10), absorbing=BEHIND_SELECTION)


@primitive(
    elementwise=True, domain=(-0.8, 3.0), numpy=(np.log1p,), aliases=("special.log1p",), reference=each(math.log1p)
)
def log1p(x):
    """log(1 + x), exact also near x = 0.  x: (*) -> (*)"""
    return np.log1p(x)


log1p.gradient(x=lambda g, x: g / (1 + x), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, aliases=("special.expit",), reference=each(lambda a: 0.5 * math.tanh(a / 2) + 0.5))
def sigmoid(x):
    """1 / (1 + exp(-x)) for each element, which is between 0 and 1.  x: (*) -> (*)"""
    if large(x):
        return kernels.activations.sigmoid(x)
    out = np.exp(np.negative(x if x.dtype.kind in "fc" else x.astype(np.float64)))
    return np.true_divide(1, np.add(out, 1))


sigmoid.gradient(x=lambda g, out: g * (out * (1 - out)), absorbing=BEHIND_SELECTION)
gradient_by_loop(sigmoid, "sigmoid_gradient", "out")


@primitive(elementwise=True, numpy=(np.logaddexp,), reference=each(lambda a, b: math.log(math.exp(a) + math.exp(b))))
def logaddexp(x, y):
    """log(exp(x) + exp(y)), also where the exponentials leave the range of the numbers.  x, y: (*) -> (*)"""
    if np.iscomplexobj(x) or np.iscomplexobj(y):
        return log_of_sum(x, y)
    return np.logaddexp(x, y)


def log_of_sum(x: Any, y: Any) -> np.ndarray:
    """log(exp(x) + exp(y)) of complex arrays, where NumPy has none."""
    first = np.real(x) >= np.real(y)
    larger = np.where(first, x, y)
    return larger + np.log1p(np.exp(np.where(first, y, x) - larger))


logaddexp.gradient(
    x=lambda g, x, y: g * sigmoid(x - y), y=lambda g, x, y: g * sigmoid(y - x), absorbing=BEHIND_SELECTION
)


@primitive(elementwise=True, numpy=(np.logaddexp2,), reference=each(lambda a, b: math.log2(2**a + 2**b)))
def logaddexp2(x, y):
    """log2(2**x + 2**y), also where the powers leave the range of the numbers.  x, y: (*) -> (*)"""
    return np.logaddexp2(x, y)


logaddexp2.gradient(
    x=lambda g, x, y: g * sigmoid((x - y) * _LN2),
    y=lambda g, x, y: g * sigmoid((y - x) * _LN2),
    absorbing=BEHIND_SELECTION,
)


@primitive(
    elementwise=True,
    domain=(0.1, 3.0),
    aliases=("special.xlogy",),
    reference=each(lambda a, b: a * math.log(b) if a else 0.0),
)
def xlogy(x, y):
    """x log(y), and 0 where x = 0, even if y is 0 or negative.  x, y: (*) -> (*)

    Its gradient by y is 0 where x = 0, and so is that by x where in addition y <= 0.
    """
    return np.where(np.equal(x, 0) & ~np.isnan(y), 0, x * _log(y))


def _log(y: Any) -> Any:
    """The logarithm; of a Python number as a Python number, which leaves the dtype to the other factor."""
    return log(y) if hasattr(y, "dtype") else float(np.log(y))


xlogy.gradient(
    x=lambda g, x, y: where((x == 0) & (y <= 0), 0, g * _log(y)),
    y=lambda g, x, y: where(x == 0, 0, g * (x / y)),
)


# ---------------------------------------------------------------------------------------------------------------------
# Trigonometry
# ---------------------------------------------------------------------------------------------------------------------
@primitive(elementwise=True, numpy=(np.sin,), reference=each(math.sin))
def sin(x):
    """The sine of each element, an angle in radians.  x: (*) -> (*)"""
    return np.sin(x)


sin.gradient(x=lambda g, x: g * cos(x), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, numpy=(np.cos,), reference=each(math.cos))
def cos(x):
    """The cosine of each element, an angle in radians.  x: (*) -> (*)"""
    return np.cos(x)


cos.gradient(x=lambda g, x: -(g * sin(x)), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, domain=(-1.2, 1.2), numpy=(np.tan,), reference=each(math.tan))
def tan(x):
    """The tangent of each element, an angle in radians.  x: (*) -> (*)"""
    return np.tan(x)


tan.gradient(x=lambda g, out: g * (1 + out * out), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, domain=(-0.9, 0.9), aliases=("arcsin",), numpy=(np.arcsin,), reference=each(math.asin))
def asin(x):
    """The angle in radians, from -pi/2 to pi/2, whose sine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    return np.arcsin(x)


# (1 - x)(1 + x) rather than 1 - x^2, which loses digits near 1.
asin.gradient(x=lambda g, x: g / ((1 - x) * (1 + x)) ** 0.5)


@primitive(elementwise=True, domain=(-0.9, 0.9), aliases=("arccos",), numpy=(np.arccos,), reference=each(math.acos))
def acos(x):
    """The angle in radians, from 0 to pi, whose cosine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    return np.arccos(x)


acos.gradient(x=lambda g, x: -g / ((1 - x) * (1 + x)) ** 0.5)


@primitive(elementwise=True, aliases=("arctan",), numpy=(np.arctan,), reference=each(math.atan))
def atan(x):
    """The angle in radians, from -pi/2 to pi/2, whose tangent is the element.  x: (*) -> (*)"""
    return np.arctan(x)


atan.gradient(x=lambda g, x: g / (1 + x * x), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, aliases=("arctan2",), numpy=(np.arctan2,), reference=each(math.atan2))
def atan2(x, y):
    """The angle in radians, from -pi to pi, of the point whose height is x and whose width is y.  x, y: (*) -> (*)

    At x = y = 0 the angle is 0, and so is its gradient.
    """
    return np.arctan2(x, y)


def _atan2_slope(g: Any, numerator: Any, x: Any, y: Any) -> Any:
    """g numerator / (x^2 + y^2), also where the squares leave the range of the numbers."""
    radius = hypot(x, y)
    radius = where(radius == 0, 1, radius)
    return g * (numerator / radius / radius)


atan2.gradient(x=lambda g, x, y: _atan2_slope(g, y, x, y), y=lambda g, x, y: _atan2_slope(-g, x, x, y))


@atan2.samples
def _(draw):
    for x, y in PAIRS:
        yield Sample(draw.away(*x), draw.away(*y))
    yield Sample(draw.away(4), 0.0)
    yield Sample(0.0, draw.away(4))


@primitive(elementwise=True, numpy=(np.hypot,), reference=each(math.hypot))
def hypot(x, y):
    """sqrt(x^2 + y^2), also where the squares leave the range of the numbers.  x, y: (*) -> (*)

    Its gradient at x = y = 0 is 0.
    """
    return np.hypot(x, y)


hypot.gradient(
    x=lambda g, x, out: g * (x / where(out == 0, 1, out)),
    y=lambda g, y, out: g * (y / where(out == 0, 1, out)),
)


@primitive(elementwise=True, numpy=(np.sinh,), reference=each(math.sinh))
def sinh(x):
    """The hyperbolic sine of each element.  x: (*) -> (*)"""
    return np.sinh(x)


sinh.gradient(x=lambda g, x: g * cosh(x), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, numpy=(np.cosh,), reference=each(math.cosh))
def cosh(x):
    """The hyperbolic cosine of each element.  x: (*) -> (*)"""
    return np.cosh(x)


cosh.gradient(x=lambda g, x: g * sinh(x), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, numpy=(np.tanh,), reference=each(math.tanh))
def tanh(x):
    """The hyperbolic tangent of each element, which is between -1 and 1.  x: (*) -> (*)"""
    return np.tanh(x)


tanh.gradient(x=lambda g, out: g * (1 - out * out), absorbing=BEHIND_SELECTION)
gradient_by_loop(tanh, "tanh_gradient", "out")


@primitive(elementwise=True, aliases=("arcsinh",), numpy=(np.arcsinh,), reference=each(math.asinh))
def asinh(x):
    """The number whose hyperbolic sine is the element.  x: (*) -> (*)"""
    return np.arcsinh(x)


asinh.gradient(
    x=lambda g, x: g / (hypot(x, 1) if x.dtype.kind != "c" else (x * x + 1) ** 0.5), absorbing=BEHIND_SELECTION
)


@primitive(elementwise=True, domain=(1.2, 4.0), aliases=("arccosh",), numpy=(np.arccosh,), reference=each(math.acosh))
def acosh(x):
    """The positive number whose hyperbolic cosine is the element; NaN below 1.  x: (*) -> (*)"""
    return np.arccosh(x)


acosh.gradient(x=lambda g, x: g / ((x - 1) ** 0.5 * (x + 1) ** 0.5))


@primitive(elementwise=True, domain=(-0.9, 0.9), aliases=("arctanh",), numpy=(np.arctanh,), reference=each(math.atanh))
def atanh(x):
    """The number whose hyperbolic tangent is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    return np.arctanh(x)


atanh.gradient(x=lambda g, x: g / ((1 - x) * (1 + x)), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, numpy=(np.deg2rad, np.radians), reference=each(math.radians))
def deg2rad(x):
    """Angles in degrees as angles in radians.  x: (*) -> (*)"""
    return np.deg2rad(x)


deg2rad.gradient(x=lambda g: g * (math.pi / 180))


@primitive(elementwise=True, numpy=(np.rad2deg, np.degrees), reference=each(math.degrees))
def rad2deg(x):
    """Angles in radians as angles in degrees.  x: (*) -> (*)"""
    return np.rad2deg(x)


rad2deg.gradient(x=lambda g: g * (180 / math.pi))


# ---------------------------------------------------------------------------------------------------------------------
# Rounding.  The results are constant between their jumps: the gradient is 0.
# ---------------------------------------------------------------------------------------------------------------------
_WHOLE = (-2.0, -1.0, 0.0, 1.0, 2.0)
_HALVES = (-1.5, -0.5, 0.5, 1.5)


@primitive(elementwise=True, numpy=(np.ceil,), reference=each(math.ceil))
def ceil(x):
    """The smallest integer that is not below, for each element.  x: (*) -> (*)

    Its gradient is 0.
    """
    return np.ceil(x)


@primitive(elementwise=True, numpy=(np.floor,), reference=each(math.floor))
def floor(x):
    """The largest integer that is not above, for each element.  x: (*) -> (*)

    Its gradient is 0.
    """
    return np.floor(x)


@primitive(elementwise=True, aliases=("fix",), numpy=(np.trunc,), reference=each(math.trunc))
def trunc(x):
    """Each element without what stands after its decimal point.  x: (*) -> (*)

    Its gradient is 0.
    """
    return np.trunc(x)


_round = round


@primitive(
    elementwise=True,
    aliases=("special.round",),
    reference=lambda x, decimals=0: each(lambda a: _round(a, decimals))(x),
)
def round(x, decimals=0):
    """The nearest number with so many decimals, for each element; halves go to the even neighbour.  x: (*) -> (*)

    decimals: may be negative, for tens and hundreds. The gradient is 0.
    """
    return np.round(x, decimals)


for _op, _points in ((ceil, _WHOLE), (floor, _WHOLE), (trunc, _WHOLE)):
    _op.gradient(x=flat)
    _op.samples(around(*_points, low=-2.4, high=2.4))
round.gradient(x=flat)


@round.samples
def _(draw):
    yield from around(*_HALVES)(draw)
    yield Sample(draw.away(5, points=[k / 10 for k in range(-20, 21)]) * 0 + 0.123456, decimals=2)
    yield Sample(np.array([123.0, 268.0, -731.0]), decimals=-1)
    yield Sample(draw.integers(4))


@primitive(elementwise=True, reference=each(lambda a: math.fmod(a, 1.0)))
def frac(x):
    """What stands after the decimal point of each element, with its sign.  x: (*) -> (*)"""
    return np.subtract(x, np.trunc(x))


frac.gradient(x=lambda g: g)
frac.samples(around(*_WHOLE, low=-2.4, high=2.4))


def _nan_to_num_reference(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    large = float(np.finfo(x.dtype).max)
    high = large if posinf is None else posinf
    low = -large if neginf is None else neginf
    return each(lambda a: nan if math.isnan(a) else a if math.isfinite(a) else high if a > 0 else low)(x)


@primitive(elementwise=True, reference=_nan_to_num_reference)
def nan_to_num(x, nan=0.0, posinf=None, neginf=None):
    """Each element, with other numbers in place of NaN and the infinities.  x: (*) -> (*)

    nan, posinf, neginf: what takes their place; by default 0, the largest and the smallest number of the dtype. The
    gradient is 0 in these places.
    """
    return np.nan_to_num(x, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)


nan_to_num.gradient(x=lambda g, x: gate(g, x - x == 0), absorbing=False)


@nan_to_num.samples
def _(draw):
    yield from (Sample(draw(*shape)) for shape in ((), (3, 4), (0,), (2, 1, 3), (5,)))
    yield Sample(draw(2, 3), nan=1.0, posinf=2.0, neginf=-3.0)
