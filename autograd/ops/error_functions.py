"""The error function, the normal distribution, and what belongs to them, element by element."""

from __future__ import annotations

import math

import numpy as np

from .. import kernels
from ..declare import primitive
from ..op import BEHIND_SELECTION, Sample
from .comparison import where
from .elementwise import exp
from .indexing import internal
from .loops import gradient_by_loop, large
from .references import each
from .special import by_scipy, in_double


def _scipy(name: str, x: np.ndarray) -> np.ndarray:
    """The function of scipy.special, in the dtype of x; in float64 for integers."""
    from scipy import special

    dtype = x.dtype if x.dtype.kind in "fc" else np.dtype(np.float64)
    return getattr(special, name)(x if x.dtype.kind in "fc" else x.astype(dtype)).astype(dtype, copy=False)


_LOOP = 4096  # elements from which on a loop is worth it: SciPy takes 20 ns for each


@primitive(elementwise=True, aliases=("special.erf",), reference=each(math.erf))
def erf(x):
    """The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.  x: (*) -> (*)"""
    if large(x, size=_LOOP):
        return kernels.activations.erf(x)
    return _scipy("erf", x)


erf.gradient(x=lambda g, x: g * (exp(-(x * x)) * (2 / math.sqrt(math.pi))), absorbing=BEHIND_SELECTION)
gradient_by_loop(erf, lambda x: (kernels.activations.erf_gradient, (x, 2 / math.sqrt(math.pi))), "x", size=_LOOP)


@primitive(elementwise=True, aliases=("special.erfc",), reference=each(math.erfc))
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


@primitive(elementwise=True, domain=(-0.9, 0.9), aliases=("special.erfinv",), reference=each(_erfinv_by_bisection))
def erfinv(x):
    """The number whose error function is the element; infinite at -1 and 1.  x: (*) -> (*)"""
    return _scipy("erfinv", x)


erfinv.gradient(x=lambda g, out: g * (exp(out * out) * (math.sqrt(math.pi) / 2)), absorbing=BEHIND_SELECTION)


# ---------------------------------------------------------------------------------------------------------------------
# The scaled complement
# ---------------------------------------------------------------------------------------------------------------------
_FAR = 12.0  # from here on the asymptotic series has 16 digits


def _erfcx_derivative_in_double(x: np.ndarray, order: int) -> np.ndarray:
    from scipy import special

    # y' = 2 x y - 2 / sqrt(pi), and from there on y(n+1) = 2 x y(n) + 2 n y(n-1).
    before, value = np.zeros_like(x), special.erfcx(x)
    for n in range(order):
        before, value = value, 2 * x * value + (2 * n * before if n else -2 / math.sqrt(math.pi))
    # Where x is large these cancel, so that the asymptotic series 1/x - 1/(2 x^3) + 3/(4 x^5) - ... is differentiated.
    far = x >= _FAR
    if not far.any():
        return value
    inverse = 1 / x[far]
    total, term = np.zeros_like(inverse), 1.0
    for k in range(20):
        total += term * math.prod(-(2 * k + 1 + i) for i in range(order)) * inverse ** (2 * k)
        term *= -(2 * k + 1) / 2
    out = np.array(value)
    out[far] = total * inverse ** (order + 1) / math.sqrt(math.pi)
    return out


def _erfcx_derivative_forward(x, order):
    """The derivative of `erfcx` of the given order."""
    return in_double(lambda x: _erfcx_derivative_in_double(x, order), x)


_erfcx_derivative = internal(_erfcx_derivative_forward, "special.erfcx_derivative")
_erfcx_derivative.gradient(x=lambda g, x, order: g * _erfcx_derivative.call(x, order + 1), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, namespace="special", reference=each(lambda a: math.exp(a * a) * math.erfc(a)))
def erfcx(x):
    """exp(x^2) erfc(x), which is above 0 where erfc rounds to 0.  x: (*) -> (*)"""
    return by_scipy("erfcx", x)


erfcx.gradient(x=lambda g, x: g * _erfcx_derivative.call(x, 1), absorbing=BEHIND_SELECTION)


# ---------------------------------------------------------------------------------------------------------------------
# The normal distribution
# ---------------------------------------------------------------------------------------------------------------------
_ROOT_2 = math.sqrt(2.0)
_ROOT_2_PI = math.sqrt(2 * math.pi)


@primitive(
    elementwise=True, namespace="special", domain=(-4.0, 4.0), reference=each(lambda a: math.erfc(-a / _ROOT_2) / 2)
)
def ndtr(x):
    """The probability that a standard normal variable is below x.  x: (*) -> (*)"""
    return by_scipy("ndtr", x)


ndtr.gradient(x=lambda g, x: g * (exp(x * x * -0.5) * (1 / _ROOT_2_PI)), absorbing=BEHIND_SELECTION)


@primitive(
    elementwise=True,
    namespace="special",
    domain=(-6.0, 6.0),
    reference=each(
        lambda a: math.log(math.erfc(-a / _ROOT_2) / 2) if a < 0 else math.log1p(-math.erfc(a / _ROOT_2) / 2)
    ),
)
def log_ndtr(x):
    """log(ndtr(x)), also where ndtr rounds to 0 or to 1.  x: (*) -> (*)

    >>> import autograd
    >>> autograd.special.log_ndtr(autograd.tensor([0.0, -100.0]))
    tensor([-6.9315e-01, -5.0055e+03])
    """
    return by_scipy("log_ndtr", x)


def _hazard_forward(x):
    """The normal density by the probability of being below x, which is the derivative of `log_ndtr`."""
    from scipy import special

    return in_double(lambda x: math.sqrt(2 / math.pi) / special.erfcx(x * (-1 / _ROOT_2)), x)


def _hazard_gradient(g, x, out):
    # -h (h + x): where x is far below 0, h is nearly -x, and the derivative of erfcx says what is left of the sum.
    below = x < 0
    slope = _erfcx_derivative.call(where(below, x, 0) * (-1 / _ROOT_2), 1)
    return g * where(below, out * (out * slope) * (math.sqrt(math.pi) / 2), -out * (out + x))


_hazard = internal(_hazard_forward, "special.log_ndtr_derivative")
_hazard.gradient(x=_hazard_gradient, absorbing=True)
log_ndtr.gradient(x=lambda g, x: g * _hazard.call(x), absorbing=BEHIND_SELECTION)


@log_ndtr.samples
def _(draw):
    yield from (Sample(draw(*shape)) for shape in ((), (5,), (3, 4), (0,), (2, 0, 3)))
    yield Sample(draw(4, low=-7.0, high=-5.0))


def _quantile(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)


@primitive(elementwise=True, namespace="special", domain=(0.05, 0.95), reference=each(_quantile))
def ndtri(x):
    """The inverse of `ndtr`: minus infinity at 0, infinity at 1, NaN outside.  x: (*) -> (*)"""
    return by_scipy("ndtri", x)


ndtri.gradient(x=lambda g, out: g * (exp(out * out * 0.5) * _ROOT_2_PI), absorbing=BEHIND_SELECTION)
