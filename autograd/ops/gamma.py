"""The gamma function and its relatives, element by element."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import primitive
from ..inplace import apart, check_writable, write
from ..modes import modes
from ..op import BEHIND_SELECTION, Sample
from ..tensor import Tensor, attach_method
from .indexing import internal
from .references import each
from .special import by_scipy, in_double


@primitive(elementwise=True, domain=(0.2, 4.0), aliases=("special.gammaln",), reference=each(math.lgamma))
def lgamma(x):
    """The logarithm of the absolute value of the gamma function, infinite at 0, -1, -2, ...  x: (*) -> (*)"""
    from scipy import special

    return in_double(lambda x: np.where(np.isinf(x), np.inf, special.gammaln(x)), x)


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


@primitive(
    elementwise=True,
    domain=(0.4, 4.0),
    aliases=("special.digamma", "special.psi"),
    reference=each(lambda a: _polygamma_by_sum(0, a)),
)
def digamma(x):
    """The derivative of `lgamma`: minus infinity at 0, NaN at -1, -2, ...  x: (*) -> (*)"""
    return by_scipy("digamma", x)


digamma.gradient(x=lambda g, x: g * polygamma(1, x), absorbing=BEHIND_SELECTION)


@primitive(
    elementwise=True,
    method=False,
    domain=(0.4, 4.0),
    aliases=("special.polygamma",),
    reference=lambda n, x: each(lambda a: _polygamma_by_sum(n, a))(x),
)
def polygamma(n, x):
    """The derivative of `digamma` of order n, 0 or more.  x: (*) -> (*)"""
    from scipy import special

    if not isinstance(n, (int, np.integer)) or n < 0:
        raise ValueError(f"polygamma: n must be an integer that is not negative, not {n!r}.")
    return in_double(lambda x: np.where(x == -np.inf, np.nan, special.polygamma(n, x)), x)


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


def _polygamma_method(self: Tensor, n: int) -> Tensor:
    """The derivative of `digamma` of order n, 0 or more.  x: (*) -> (*)"""
    return polygamma(n, self)


def _polygamma_in_place(self: Tensor, n: int) -> Tensor:
    """`polygamma`, written into the tensor itself."""
    check_writable(self, "polygamma_")
    value = apart(self, self.data) if modes.recording and self.node is not None else self
    return write(self, polygamma(n, value), "polygamma_")


attach_method("polygamma", _polygamma_method)
attach_method("polygamma_", _polygamma_in_place)


def _order_of(name: str, p: Any) -> int:
    if not isinstance(p, (int, np.integer)) or p < 1:
        raise ValueError(f"{name}: p must be an integer of at least 1, not {p!r}.")
    return int(p)


@primitive(
    elementwise=True,
    domain=(2.2, 6.0),
    aliases=("special.multigammaln",),
    reference=lambda x, p: each(
        lambda a: p * (p - 1) / 4 * math.log(math.pi) + math.fsum(math.lgamma(a - j / 2) for j in range(p))
    )(x),
)
def mvlgamma(x, p):
    """The logarithm of the multivariate gamma function of dimension p.  x: (*) -> (*)

    p: an integer of at least 1. The function is defined for x > (p - 1) / 2; elsewhere the sum of the logarithms of
    |gamma(x - j / 2)| for j below p is what it is.
    """
    from scipy import special

    p = _order_of("mvlgamma", p)
    constant = p * (p - 1) / 4 * math.log(math.pi)
    return in_double(lambda x: constant + sum(special.gammaln(x - j / 2) for j in range(p)), x)


def _mvlgamma_gradient(g, x, p):
    slope = digamma(x)
    for j in range(1, p):
        slope = slope + digamma(x - j / 2)
    return g * slope


mvlgamma.gradient(x=_mvlgamma_gradient, absorbing=BEHIND_SELECTION)


@mvlgamma.samples
def _(draw):
    for p in (1, 2, 3, 5):
        yield Sample(draw(3, 4), p)
    yield Sample(draw(), p=2)
    yield Sample(draw(0), 3)


@mvlgamma.errors
def _(draw):
    yield Sample(draw(3), 0), ValueError, "at least 1"
    yield Sample(draw(3), 1.5), ValueError, "at least 1"


# ---------------------------------------------------------------------------------------------------------------------
# The zeta function of Hurwitz
# ---------------------------------------------------------------------------------------------------------------------
_TERMS = 30  # that are added up, before the formula of Euler and Maclaurin takes the rest


def _zeta_derivative_in_double(x: np.ndarray, y: np.ndarray, order: int) -> np.ndarray:
    """The derivative of zeta(x, y) by x of the given order.

    Each term is a power series in a small addition to x, cut off after `order`.
    """
    from scipy import special

    x, y = np.broadcast_arrays(x, y)
    total = np.zeros(x.shape)
    for k in range(_TERMS):
        total += (k + y) ** -x * (-np.log(k + y)) ** order
    w = y + _TERMS
    power = [w**-x * (-np.log(w)) ** k / math.factorial(k) for k in range(order + 1)]
    reciprocal = [(-1) ** k / (x - 1) ** (k + 1) for k in range(order + 1)]

    def times(a: Any, b: Any) -> Any:
        return [sum(a[i] * b[k - i] for i in range(k + 1)) for k in range(order + 1)]

    def rising(i: int) -> Any:
        return [x + i, np.ones_like(x), *[np.zeros_like(x)] * order][: order + 1]

    rest = w * times(power, reciprocal)[order] + power[order] / 2
    bernoulli = special.bernoulli(24)
    product = rising(0)
    for j in range(1, 13):
        rest = rest + bernoulli[2 * j] / math.factorial(2 * j) * times(product, power)[order] * w ** (1 - 2 * j)
        product = times(times(product, rising(2 * j - 1)), rising(2 * j))
    out = total + math.factorial(order) * rest
    return np.where((x > 1) & (y > 0), np.where(np.isinf(x) | np.isinf(y), 0.0, out), np.nan)


def _zeta_derivative_forward(x, y, order):
    """The derivative of `zeta` by its first argument, of the given order."""
    return in_double(lambda x, y: _zeta_derivative_in_double(x, y, order), x, y)


def _zeta_any(x, y, order):
    return zeta(x, y) if order == 0 else _zeta_derivative.call(x, y, order)


def _zeta_slope(g, x, y, order):
    # The derivative by y is -x zeta(x + 1, y), and this its derivative by x.
    return -(g * (x * _zeta_any(x + 1, y, order) + order * _zeta_any(x + 1, y, order - 1)))


_zeta_derivative = internal(_zeta_derivative_forward, "special.zeta_derivative")
_zeta_derivative.gradient(
    x=lambda g, x, y, order: g * _zeta_derivative.call(x, y, order + 1), y=_zeta_slope, absorbing=True
)


def _zeta_by_sum(x: float, q: float) -> float:
    """The sum of (k + q)**-x over k, its tail by Euler and Maclaurin."""
    end = q + 200
    head = math.fsum((k + q) ** -x for k in range(200))
    tail = end ** (1 - x) / (x - 1) + end**-x / 2 + x * end ** (-x - 1) / 12
    return head + tail - x * (x + 1) * (x + 2) * end ** (-x - 3) / 720


@primitive(elementwise=True, namespace="special", domain=(1.5, 5.0), reference=each(_zeta_by_sum))
def zeta(x, y):
    """The zeta function of Hurwitz: the sum of (k + y)**-x over k = 0, 1, ...  x, y: (*) -> (*)

    x: above 1; at 1 the result is infinite, below it is NaN. With y = 1 it is the zeta function of Riemann.

    >>> import autograd
    >>> autograd.special.zeta(autograd.tensor(2.0), 1.0) * 6
    tensor(9.8696)
    """
    return by_scipy("zeta", x, y)


zeta.gradient(
    x=lambda g, x, y: g * _zeta_derivative.call(x, y, 1),
    y=lambda g, x, y: -(g * (x * zeta(x + 1, y))),
)
