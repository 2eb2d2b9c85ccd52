"""Exponentials, logarithms, trigonometry, rounding and special functions, element by element."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import primitive
from ..op import BEHIND_SELECTION, Sample
from .comparison import flat, gate, where
from .references import PAIRS, around, each

# ---------------------------------------------------------------------------------------------------------------------
# Exponentials and logarithms
# ---------------------------------------------------------------------------------------------------------------------
_LN2, _LN10 = math.log(2.0), math.log(10.0)


@primitive(elementwise=True, numpy=(np.exp,), reference=each(math.exp))
def exp(x):
    """e to the power of each element.  x: (*) -> (*)"""
    return np.exp(x)


exp.gradient(x=lambda g, out: g * out, absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, numpy=(np.exp2,), reference=each(math.exp2))
def exp2(x):
    """2 to the power of each element.  x: (*) -> (*)"""
    return np.exp2(x)


exp2.gradient(x=lambda g, out: g * (out * _LN2), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, numpy=(np.expm1,), reference=each(math.expm1))
def expm1(x):
    """e**x - 1, exact also near x = 0.  x: (*) -> (*)"""
    return np.expm1(x)


expm1.gradient(x=lambda g, x: g * exp(x), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, domain=(0.1, 3.0), numpy=(np.log,), reference=each(math.log))
def log(x):
    """The natural logarithm of each element; minus infinity at 0, NaN below.  x: (*) -> (*)

    >>> import autograd
    >>> autograd.log(autograd.tensor([1.0, 0.0, -1.0]))
    tensor([0., -inf, nan])
    """
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


@primitive(elementwise=True, domain=(-0.8, 3.0), numpy=(np.log1p,), reference=each(math.log1p))
def log1p(x):
    """log(1 + x), exact also near x = 0.  x: (*) -> (*)"""
    return np.log1p(x)


log1p.gradient(x=lambda g, x: g / (1 + x), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, reference=each(lambda a: 0.5 * math.tanh(a / 2) + 0.5))
def sigmoid(x):
    """1 / (1 + exp(-x)) for each element, which is between 0 and 1.  x: (*) -> (*)"""
    out = np.exp(np.negative(x if x.dtype.kind in "fc" else x.astype(np.float64)))
    return np.true_divide(1, np.add(out, 1))


sigmoid.gradient(x=lambda g, out: g * (out * (1 - out)), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, numpy=(np.logaddexp,), reference=each(lambda a, b: math.log(math.exp(a) + math.exp(b))))
def logaddexp(x, y):
    """log(exp(x) + exp(y)), also where the exponentials leave the range of the numbers.  x, y: (*) -> (*)"""
    return np.logaddexp(x, y)


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


@primitive(elementwise=True, domain=(0.1, 3.0), reference=each(lambda a, b: a * math.log(b) if a else 0.0))
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


@primitive(
    elementwise=True,
    domain=(0.05, 0.95),
    reference=lambda x, eps=None: each(lambda a: math.log(a / (1 - a)))(x if eps is None else np.clip(x, eps, 1 - eps)),
)
def logit(x, eps=None):
    """log(x / (1 - x)), the inverse of `sigmoid`.  x: (*) -> (*)

    eps: x is first brought between eps and 1 - eps, and has gradient 0 outside. Without it the result is infinite at 0
    and 1, and NaN outside.
    """
    if eps is not None:
        x = np.clip(x, eps, 1 - eps)
    return np.log(x / (1 - x))


def _logit_gradient(g: Any, x: Any, eps: float | None) -> Any:
    slope = g / (x * (1 - x))
    return slope if eps is None else gate(slope, (x >= eps) & (x <= 1 - eps))


logit.gradient(x=_logit_gradient)


@logit.samples
def _(draw):
    yield from (Sample(draw(*shape)) for shape in ((), (5,), (3, 4), (0,), (2, 1, 3)))
    yield Sample(draw.away(3, 4, points=(0.25, 0.75), low=0.05, high=0.95), eps=0.25)


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


@primitive(elementwise=True, aliases=("arcsinh",), numpy=(np.arcsinh,), reference=each(math.asinh))
def asinh(x):
    """The number whose hyperbolic sine is the element.  x: (*) -> (*)"""
    return np.arcsinh(x)


asinh.gradient(x=lambda g, x: g / hypot(x, 1), absorbing=BEHIND_SELECTION)


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


@primitive(
    elementwise=True, numpy=(np.sinc,), reference=each(lambda a: math.sin(math.pi * a) / (math.pi * a) if a else 1.0)
)
def sinc(x):
    """sin(pi x) / (pi x), and 1 at x = 0.  x: (*) -> (*)"""
    return np.sinc(x)


sinc.gradient(x=lambda g, x: g * sinc_derivative(x, 1), absorbing=BEHIND_SELECTION)


def _sinc_by_integral(x: float, order: int) -> float:
    """sinc(x) is the mean of cos(pi x u) over u from 0 to 1: its derivatives are integrals of smooth functions."""
    from scipy.integrate import quad

    return quad(lambda u: (math.pi * u) ** order * math.cos(math.pi * x * u + order * math.pi / 2), 0, 1, epsabs=1e-12)[
        0
    ]


@primitive(elementwise=True, method=False, reference=lambda x, order: each(_sinc_by_integral)(x, order))
def sinc_derivative(x, order):
    """The derivative of `sinc` of the given order, 1 or more.  x: (*) -> (*)"""
    t = np.pi * (x if x.dtype.kind in "fc" else x.astype(np.float64))
    # By its power series near 0, and outside by s_n = (sin(t + n pi/2) - n s_(n-1)) / t, which loses digits near 0.
    near = np.clip(t, -2 - order, 2 + order)
    first = (order + 1) // 2
    series = np.zeros_like(t)
    for k in range(first + 16 + 2 * order, first - 1, -1):
        m = 2 * k - order
        series += (-1) ** k * near**m / ((2 * k + 1) * math.factorial(m))
    far = np.where(np.abs(t) < 2 + order, 2 + order, t)
    s = np.sin(far) / far
    for n in range(1, order + 1):
        s = (np.sin(far + n * (math.pi / 2)) - n * s) / far
    return (np.where(np.abs(t) < 2 + order, series, s) * np.pi**order).astype(t.dtype, copy=False)


sinc_derivative.gradient(x=lambda g, x, order: g * sinc_derivative(x, order + 1), absorbing=BEHIND_SELECTION)


@sinc.samples
def _(draw):
    yield from (Sample(draw(*shape)) for shape in ((), (5,), (3, 4), (0,), (2, 0, 3)))
    yield Sample(np.array([0.0, 1.0, -2.0, 1e-3, -1e-9]))


@sinc_derivative.samples
def _(draw):
    for order in (1, 2, 3):
        yield Sample(draw(3, 4, low=-4.0, high=4.0), order)
        yield Sample(np.array([0.0, 1.0, 1e-3, -1e-9]), order)
    yield Sample(draw(), 1)
    yield Sample(draw(0), 1)


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


@primitive(elementwise=True, aliases=("fix",), numpy=(np.trunc, np.fix), reference=each(math.trunc))
def trunc(x):
    """Each element without what stands after its decimal point.  x: (*) -> (*)

    Its gradient is 0.
    """
    return np.trunc(x)


_round = round


@primitive(elementwise=True, numpy=(np.round,), reference=lambda x, decimals=0: each(lambda a: _round(a, decimals))(x))
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


@primitive(elementwise=True, numpy=(np.nan_to_num,), reference=_nan_to_num_reference)
def nan_to_num(x, nan=0.0, posinf=None, neginf=None):
    """Each element, with other numbers in place of NaN and the infinities.  x: (*) -> (*)

    nan, posinf, neginf: what takes their place; by default 0, the largest and the smallest number of the dtype. The
    gradient is 0 in these places.
    """
    return np.nan_to_num(x, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)


nan_to_num.gradient(x=lambda g, x: gate(g, x - x == 0), absorbing=False)


@nan_to_num.samples
def _(draw):
    yield from (Sample(draw(*shape)) for shape in ((), (3, 4), (0,)))
    yield Sample(draw(2, 3), nan=1.0, posinf=2.0, neginf=-3.0)


# ---------------------------------------------------------------------------------------------------------------------
# Special functions, which SciPy has.  It is imported when the first of them runs.
# ---------------------------------------------------------------------------------------------------------------------
def _scipy(name: str, x: np.ndarray) -> np.ndarray:
    """The function of scipy.special, in the dtype of x; in float64 for integers."""
    from scipy import special

    dtype = x.dtype if x.dtype.kind in "fc" else np.dtype(np.float64)
    return getattr(special, name)(x if x.dtype.kind in "fc" else x.astype(dtype)).astype(dtype, copy=False)


@primitive(elementwise=True, reference=each(math.erf))
def erf(x):
    """The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.  x: (*) -> (*)"""
    return _scipy("erf", x)


erf.gradient(x=lambda g, x: g * (exp(-(x * x)) * (2 / math.sqrt(math.pi))), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, reference=each(math.erfc))
def erfc(x):
    """1 - erf(x), exact also where it is tiny.  x: (*) -> (*)"""
    return _scipy("erfc", x)


erfc.gradient(x=lambda g, x: g * (exp(-(x * x)) * (-2 / math.sqrt(math.pi))), absorbing=BEHIND_SELECTION)


def _erfinv_by_bisection(y: float) -> float:
    low, high = -6.0, 6.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erf(middle) < y else (low, middle)
    return (low + high) / 2


@primitive(elementwise=True, domain=(-0.9, 0.9), reference=each(_erfinv_by_bisection))
def erfinv(x):
    """The number whose error function is the element; infinite at -1 and 1.  x: (*) -> (*)"""
    return _scipy("erfinv", x)


erfinv.gradient(x=lambda g, out: g * (exp(out * out) * (math.sqrt(math.pi) / 2)), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, domain=(0.2, 4.0), reference=each(math.lgamma))
def lgamma(x):
    """The logarithm of the absolute value of the gamma function.  x: (*) -> (*)"""
    return _scipy("gammaln", x)


lgamma.gradient(x=lambda g, x: g * digamma(x), absorbing=BEHIND_SELECTION)


def _polygamma_by_sum(order: int, x: float) -> float:
    """The sum of (-1)**(n+1) n! / (x + k)**(n+1) over k, its tail by Euler and Maclaurin; for n = 0 less log terms."""
    n, steps = order, 40
    end = x + steps
    if n == 0:
        head = -math.fsum(1 / (x + k) for k in range(steps))
        return head + math.log(end) - 1 / (2 * end) - 1 / (12 * end**2) + 1 / (120 * end**4)
    head = math.fsum((x + k) ** -(n + 1) for k in range(steps))
    tail = end**-n / n + end ** -(n + 1) / 2 + (n + 1) * end ** -(n + 2) / 12
    tail -= (n + 1) * (n + 2) * (n + 3) * end ** -(n + 4) / 720
    return (-1) ** (n + 1) * math.factorial(n) * (head + tail)


@primitive(elementwise=True, domain=(0.4, 4.0), reference=each(lambda a: _polygamma_by_sum(0, a)))
def digamma(x):
    """The derivative of `lgamma`.  x: (*) -> (*)"""
    return _scipy("digamma", x)


digamma.gradient(x=lambda g, x: g * polygamma(1, x), absorbing=BEHIND_SELECTION)


@primitive(
    elementwise=True, method=False, domain=(0.4, 4.0), reference=lambda n, x: each(lambda a: _polygamma_by_sum(n, a))(x)
)
def polygamma(n, x):
    """The derivative of `digamma` of order n, 0 or more.  x: (*) -> (*)"""
    from scipy import special

    if not isinstance(n, (int, np.integer)) or n < 0:
        raise ValueError(f"polygamma: n must be an integer that is not negative, not {n!r}.")
    return special.polygamma(n, x).astype(x.dtype if x.dtype.kind == "f" else np.float64, copy=False)


polygamma.gradient(x=lambda g, n, x: g * polygamma(n + 1, x), absorbing=BEHIND_SELECTION)


@polygamma.samples
def _(draw):
    for n in range(4):
        yield Sample(n, draw(3, 4))
    yield Sample(1, draw())
    yield Sample(1, draw(0))


@polygamma.errors
def _(draw):
    yield Sample(-1, draw(3)), ValueError, "not negative"
