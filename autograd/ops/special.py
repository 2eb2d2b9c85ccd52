"""Special functions, element by element.  Most are SciPy's, which is imported when the first of them runs.

They stand in several rooms: gamma.py, error_functions.py, bessel.py, polynomials.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..declare import primitive
from ..op import BEHIND_SELECTION, Sample
from .comparison import gate, where
from .elementwise import log, log1p, sin
from .indexing import internal
from .references import PAIRS, each


def in_double(function: Callable[..., Any], *arguments: Any) -> np.ndarray:
    """A function of real numbers, computed in float64, in the dtype that NumPy promotes the arguments to."""
    dtype = np.result_type(*arguments)
    if dtype.kind == "c":
        raise TypeError(f"takes real numbers, not {dtype}. Give the real part")
    dtype = dtype if dtype.kind == "f" else np.dtype(np.float64)
    out = function(*[np.asarray(argument, np.float64) for argument in arguments])
    return np.asarray(out).astype(dtype, copy=False)


def by_scipy(name: str, *arguments: Any) -> np.ndarray:
    """The function of scipy.special, computed in float64."""
    from scipy import special

    return in_double(getattr(special, name), *arguments)


@primitive(
    elementwise=True,
    domain=(0.05, 0.95),
    aliases=("special.logit",),
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
# sin(x) / x
# ---------------------------------------------------------------------------------------------------------------------
def _quotient(t: np.ndarray, order: int) -> np.ndarray:
    """The derivative of sin(t) / t of the given order, in float64 or complex128."""
    # By its power series near 0, and outside by s_n = (sin(t + n pi/2) - n s_(n-1)) / t, which loses digits near 0.
    is_near = np.abs(t) < 2 + order
    near = np.where(is_near, t, 0)
    first = (order + 1) // 2
    series, square = np.zeros_like(t), near * near
    for k in range(first + 16 + 2 * order, first - 1, -1):
        series = series * square + (-1) ** k / ((2 * k + 1) * math.factorial(2 * k - order))
    if order % 2:
        series = series * near
    far = np.where(is_near, 2 + order, t)
    s = np.sin(far) / far
    for n in range(1, order + 1):
        s = (np.sin(far + n * (math.pi / 2)) - n * s) / far
    return np.where(is_near, series, np.where(np.isinf(t), 0.0, s))


def _quotient_by_integral(t: float, order: int) -> float:
    """sin(t) / t is the mean of cos(t u) over u from 0 to 1: its derivatives are integrals of smooth functions."""
    from scipy.integrate import quad

    return quad(lambda u: u**order * math.cos(t * u + order * math.pi / 2), 0, 1, epsabs=1e-12)[0]


@primitive(
    elementwise=True,
    aliases=("special.sinc",),
    reference=each(lambda a: math.sin(math.pi * a) / (math.pi * a) if a else 1.0),
)
def sinc(x):
    """sin(pi x) / (pi x), and 1 at x = 0.  x: (*) -> (*)"""
    return np.sinc(x)


sinc.gradient(x=lambda g, x: g * sinc_derivative(x, 1), absorbing=BEHIND_SELECTION)


@primitive(
    elementwise=True,
    method=False,
    reference=lambda x, order: math.pi**order * each(_quotient_by_integral)(math.pi * x, order),
)
def sinc_derivative(x, order):
    """The derivative of `sinc` of the given order, 1 or more.  x: (*) -> (*)"""
    if x.dtype.kind == "c":
        return (_quotient(np.pi * x.astype(np.complex128), order) * np.pi**order).astype(x.dtype, copy=False)
    return in_double(lambda x: _quotient(np.pi * x, order) * np.pi**order, x)


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


@primitive(elementwise=True, namespace="special", reference=each(lambda a: math.sin(a) / a if a else 1.0))
def spherical_bessel_j0(x):
    """sin(x) / x, and 1 at x = 0: the spherical Bessel function of the first kind, of order 0.  x: (*) -> (*)"""
    return in_double(lambda x: _quotient(x, 0), x)


def _quotient_forward(x, order):
    """The derivative of `spherical_bessel_j0` of the given order."""
    return in_double(lambda x: _quotient(x, order), x)


_quotient_derivative = internal(_quotient_forward, "special.spherical_bessel_j0_derivative")
spherical_bessel_j0.gradient(x=lambda g, x: g * _quotient_derivative.call(x, 1), absorbing=BEHIND_SELECTION)
_quotient_derivative.gradient(
    x=lambda g, x, order: g * _quotient_derivative.call(x, order + 1), absorbing=BEHIND_SELECTION
)


@spherical_bessel_j0.samples
def _(draw):
    yield from (Sample(draw(*shape, low=-12.0, high=12.0)) for shape in ((), (5,), (3, 4), (0,), (2, 0, 3)))
    yield Sample(np.array([0.0, 1.0, -2.0, 1e-3, -1e-9]))


# ---------------------------------------------------------------------------------------------------------------------
# Entropy
# ---------------------------------------------------------------------------------------------------------------------
@primitive(
    elementwise=True,
    namespace="special",
    domain=(0.1, 3.0),
    reference=each(lambda a: -a * math.log(a) if a > 0 else -math.inf if a < 0 else 0.0),
)
def entr(x):
    """-x log(x), the share of a probability in the entropy: 0 at 0, minus infinity below.  x: (*) -> (*)

    >>> import autograd
    >>> autograd.special.entr(autograd.tensor([0.5, 0.5, 0.0])).sum()
    tensor(0.6931)
    """
    return by_scipy("entr", x)


entr.gradient(x=lambda g, x: -(g * (log(x) + 1)))


@primitive(elementwise=True, namespace="special", reference=each(lambda a: -2 * math.sin(a / 2) ** 2))
def cosm1(x):
    """cos(x) - 1, without the loss of digits near 0.  x: (*) -> (*)

    >>> import autograd
    >>> autograd.special.cosm1(autograd.tensor(1e-4))
    tensor(-5.0000e-09)
    """
    return by_scipy("cosm1", x)


cosm1.gradient(x=lambda g, x: -(g * sin(x)))


@primitive(
    elementwise=True,
    namespace="special",
    domain=(-0.8, 3.0),
    reference=each(lambda a, b: a * math.log1p(b) if a else 0.0),
)
def xlog1py(x, y):
    """x log(1 + y), and 0 where x = 0, even if y <= -1.  x, y: (*) -> (*)

    Its gradient by y is 0 where x = 0, and so is that by x where in addition y <= -1.
    """
    return np.where(np.equal(x, 0) & ~np.isnan(y), 0, x * _log1p(y))


def _log1p(y: Any) -> Any:
    """The logarithm; of a Python number as a Python number, which leaves the dtype to the other factor."""
    return log1p(y) if hasattr(y, "dtype") else float(np.log1p(y))


xlog1py.gradient(
    x=lambda g, x, y: where((x == 0) & (y <= -1), 0, g * _log1p(y)),
    y=lambda g, x, y: where(x == 0, 0, g * (x / (y + 1))),
)


@xlog1py.samples
def _(draw):
    for x, y in PAIRS:
        yield Sample(draw(*x), draw(*y))
    yield Sample(draw(4), 0.5)
    yield Sample(2.0, draw(4))
    yield Sample(0.0, draw(3))
