"""The incomplete gamma functions, with their derivatives by both arguments.

P(a, x) is the integral of the density p(t) = t^(a-1) exp(-t) / gamma(a) from 0 to x. SciPy has its values. By x its
derivative is p(x). By a it is the integral of p(t) (log t - digamma(a)), and each further derivative multiplies p by
another polynomial in log t - digamma(a) and the polygamma functions. The integral from 0 to infinity is 0, so that the
part below x or the part above may be taken: the one where the first polynomial has one sign, so that nothing cancels.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..declare import primitive
from .comparison import where
from .elementwise import log
from .gamma import digamma, polygamma
from .indexing import internal
from .references import each
from .special import by_scipy, in_double


def _polynomials(first: Any, others: Any, order: int) -> Any:
    """By how much the density is multiplied in its derivative by a: 1, y, y^2 + z1, y^3 + 3 y z1 + z2, ...

    first: y = log t - digamma(a); others: z_k = -polygamma(k, a).
    """
    factors = [first, *others]
    values: list[Any] = [1.0]
    for m in range(order):
        values.append(sum(math.comb(m, i) * values[m - i] * factors[i] for i in range(m + 1)))
    return values[order]


# ---------------------------------------------------------------------------------------------------------------------
# The density
# ---------------------------------------------------------------------------------------------------------------------
def _density_forward(a, x):
    """The density of the gamma distribution of shape a at x."""
    from scipy import special

    def density(a: np.ndarray, x: np.ndarray) -> np.ndarray:
        out = np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))
        return np.where((x < 0) | (a <= 0), np.nan, np.where(np.isinf(x), 0.0, out))

    return in_double(density, a, x)


_density = internal(_density_forward, "special.gamma_density")
_density.gradient(
    a=lambda g, a, x, out: g * (out * (log(x) - digamma(a))),
    x=lambda g, a, x, out: g * (out * ((a - 1) / where((x == 0) & (a == 1), 1, x) - 1)),
    absorbing=True,
)


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives by the first argument
# ---------------------------------------------------------------------------------------------------------------------
_BLOCK = 4096  # elements at a time, each of which takes 72 nodes
_DROP = 45.0  # where the density has fallen by this in its logarithm, the rest is left out


@functools.cache
def _nodes() -> tuple[np.ndarray, np.ndarray]:
    """Those of Gauss and Legendre between 0 and 1, and their weights."""
    nodes, weights = np.polynomial.legendre.leggauss(72)
    return (nodes + 1) / 2, weights / 2


def _reach(a: np.ndarray, x: np.ndarray, below: np.ndarray) -> np.ndarray:
    """How far from log(x) the density has to be integrated, down or up.

    The root of a convex function, by the method of Newton from the far side, from where it goes straight to it.
    """
    end = np.where(below, (_DROP + x) / a, np.log((100 + 2 * a) / x + 2))
    sign = np.where(below, -1.0, 1.0)
    for _ in range(40):
        grown = x * np.exp(sign * end)
        drop = grown - x - a * sign * end - _DROP
        end = end - np.where(np.abs(drop) > 1e-6 * _DROP, drop / (sign * (grown - a)), 0.0)
    return end


def _integral(a: np.ndarray, x: np.ndarray, order: int) -> np.ndarray:
    """The derivative of P(a, x) by a of the given order, for one axis of finite numbers above 0."""
    from scipy import special

    center = special.digamma(a)
    others = [-special.polygamma(k, a)[:, None] for k in range(1, order)]
    below = np.log(x) <= center
    sign = np.where(below, -1.0, 1.0)
    end = _reach(a, x, below)
    # The density varies most near x below, and near the far end above: there a panel of its own.
    split = np.minimum(12.0, end / 2)
    split = np.where(below, split, end - split)
    nodes, weights = _nodes()
    total = np.zeros_like(a)
    for start, stop in ((np.zeros_like(end), split), (split, end)):
        at = np.log(x)[:, None] + sign[:, None] * (start[:, None] + (stop - start)[:, None] * nodes)
        exponent = a[:, None] * at - np.exp(at) - special.gammaln(a)[:, None]
        values = np.exp(exponent) * _polynomials(at - center[:, None], others, order)
        total += (values @ weights) * (stop - start)
    return np.where(below, total, -total)


def _derivative_in_double(a: np.ndarray, x: np.ndarray, order: int) -> np.ndarray:
    a, x = np.broadcast_arrays(a, x)
    out = np.full(a.shape, np.nan)
    out[(a > 0) & ((x == 0) | (x == np.inf))] = 0.0
    inside = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    a, x = a[inside], x[inside]
    blocks = [slice(i, i + _BLOCK) for i in range(0, a.size, _BLOCK)]
    out[inside] = np.concatenate([*[_integral(a[block], x[block], order) for block in blocks], []])
    return out


def _derivative_forward(a, x, order):
    """The derivative of `igamma` by its first argument, of the given order."""
    return in_double(lambda a, x: _derivative_in_double(a, x, order), a, x)


def _derivative_by_x(g, a, x, order):
    others = [-polygamma(k, a) for k in range(1, order)]
    return g * (_density.call(a, x) * _polynomials(log(x) - digamma(a), others, order))


_derivative = internal(_derivative_forward, "special.gammainc_derivative")
_derivative.gradient(a=lambda g, a, x, order: g * _derivative.call(a, x, order + 1), x=_derivative_by_x, absorbing=True)


# ---------------------------------------------------------------------------------------------------------------------
# The operations
# ---------------------------------------------------------------------------------------------------------------------
def _by_series(complement: bool) -> Callable[..., Any]:
    """The power series of P: x^a exp(-x) times the sum of x^k / gamma(a + k + 1)."""

    def value(a: float, x: float) -> float:
        terms = (math.exp((a + k) * math.log(x) - x - math.lgamma(a + k + 1)) for k in range(120)) if x else [0.0]
        total = math.fsum(terms)
        return 1 - total if complement else total

    return each(value)


@primitive(elementwise=True, domain=(0.3, 5.0), aliases=("special.gammainc",), reference=_by_series(False))
def igamma(x, y):
    """The regularized lower incomplete gamma function P(x, y), from 0 at y = 0 to 1.  x, y: (*) -> (*)

    x: the exponent, above 0 (0 is a limit). y: where the integral of t^(x-1) exp(-t) / gamma(x) ends, 0 or more. NaN
    elsewhere. It has gradients by both; that by x is integrated numerically, to about 1e-12.
    """
    return by_scipy("gammainc", x, y)


@primitive(elementwise=True, domain=(0.3, 5.0), aliases=("special.gammaincc",), reference=_by_series(True))
def igammac(x, y):
    """The regularized upper incomplete gamma function 1 - igamma(x, y), exact where it is tiny.  x, y: (*) -> (*)"""
    return by_scipy("gammaincc", x, y)


igamma.gradient(x=lambda g, x, y: g * _derivative.call(x, y, 1), y=lambda g, x, y: g * _density.call(x, y))
igammac.gradient(x=lambda g, x, y: -(g * _derivative.call(x, y, 1)), y=lambda g, x, y: -(g * _density.call(x, y)))
