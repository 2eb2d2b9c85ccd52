"""Special functions, element by element.  Most are SciPy's, which is imported when the first of them runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import primitive
from ..op import BEHIND_SELECTION, Sample
from .comparison import gate
from .elementwise import exp
from .loops import gradient_by_loop, large
from .references import each


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


def _scipy(name: str, x: np.ndarray) -> np.ndarray:
    """The function of scipy.special, in the dtype of x; in float64 for integers."""
    from scipy import special

    dtype = x.dtype if x.dtype.kind in "fc" else np.dtype(np.float64)
    return getattr(special, name)(x if x.dtype.kind in "fc" else x.astype(dtype)).astype(dtype, copy=False)


_LOOP = 4096  # elements from which on a loop is worth it: SciPy takes 20 ns for each


@primitive(elementwise=True, reference=each(math.erf))
def erf(x):
    """The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.  x: (*) -> (*)"""
    if large(x, size=_LOOP):
        return kernels.activations.erf(x)
    return _scipy("erf", x)


erf.gradient(x=lambda g, x: g * (exp(-(x * x)) * (2 / math.sqrt(math.pi))), absorbing=BEHIND_SELECTION)
gradient_by_loop(erf, lambda x: (kernels.activations.erf_gradient, (x, 2 / math.sqrt(math.pi))), "x", size=_LOOP)


@primitive(elementwise=True, reference=each(math.erfc))
def erfc(x):
    """1 - erf(x), exact also where it is tiny.  x: (*) -> (*)"""
    if large(x, size=_LOOP):
        return kernels.activations.erfc(x)
    return _scipy("erfc", x)


erfc.gradient(x=lambda g, x: g * (exp(-(x * x)) * (-2 / math.sqrt(math.pi))), absorbing=BEHIND_SELECTION)
gradient_by_loop(erfc, lambda x: (kernels.activations.erf_gradient, (x, -2 / math.sqrt(math.pi))), "x", size=_LOOP)


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
