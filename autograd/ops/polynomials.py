"""Orthogonal polynomials of a degree that may differ from element to element.

SciPy has their values. The derivative of each is a polynomial of a lower degree, of the same family or of one with a
further parameter, so that there are derivatives of every order. A polynomial of negative degree is 0, as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..declare import composite, primitive
from ..errors import describe
from ..op import BEHIND_SELECTION, Sample
from ..tensor import get_default_dtype
from .indexing import internal
from .references import each
from .special import in_double


def _degrees(name: str, n: Any) -> np.ndarray:
    """The degrees as whole numbers."""
    degrees = np.asarray(n)
    if degrees.dtype.kind in "biu":
        return degrees.astype(np.int64)
    if degrees.dtype.kind != "f":
        raise TypeError(f"{name}: the degree n is {describe(n)}. Give integers.")
    whole = degrees.astype(np.int64) if np.isfinite(degrees).all() else None
    if whole is None or not np.array_equal(whole, degrees):
        raise ValueError(f"{name}: the degree n is a whole number, and {describe(n)} holds others. Give integers.")
    return whole


def _evaluated(name: str, scipy_name: str, x: Any, n: Any, *parameters: float) -> np.ndarray:
    """The polynomial of scipy.special, 0 where the degree is negative, in the dtype of x."""
    from scipy import special

    degrees = _degrees(name, n)
    if not hasattr(x, "dtype"):
        x = np.asarray(x, get_default_dtype())  # a number, beside the degrees as the only array
    function = getattr(special, scipy_name)

    def value(x: np.ndarray) -> np.ndarray:
        out = function(np.maximum(degrees, 0), *parameters, x)
        # SciPy has NaN at infinity, where the leading term decides; that of Laguerre is (-x)^n / n!.
        lead = -x if "laguerre" in scipy_name else x
        out = np.where(np.isinf(x), np.sign(lead) ** np.maximum(degrees, 0) * np.inf, out)
        return np.where(degrees > 0, out, np.where(degrees < 0, 0.0, 1.0))

    return in_double(value, x)


# ---------------------------------------------------------------------------------------------------------------------
# Families with a parameter, of which the derivatives are
# ---------------------------------------------------------------------------------------------------------------------
def _gegenbauer_forward(x, n, alpha):
    """The polynomial of Gegenbauer of degree n and parameter alpha."""
    return _evaluated("gegenbauer_polynomial", "eval_gegenbauer", x, n, alpha)


def _laguerre_forward(x, n, alpha):
    """The generalized polynomial of Laguerre of degree n and parameter alpha."""
    return _evaluated("laguerre_polynomial", "eval_genlaguerre", x, n, alpha)


_gegenbauer = internal(_gegenbauer_forward, "special.gegenbauer_polynomial")
_gegenbauer.gradient(
    x=lambda g, x, n, alpha: g * (2 * alpha * _gegenbauer.call(x, _below(n), alpha + 1)), absorbing=BEHIND_SELECTION
)
_laguerre = internal(_laguerre_forward, "special.generalized_laguerre_polynomial")
_laguerre.gradient(x=lambda g, x, n, alpha: -(g * _laguerre.call(x, _below(n), alpha + 1)), absorbing=BEHIND_SELECTION)


def _below(n: Any) -> Any:
    """The degree of the derivative; that of 0 is negative and gives 0."""
    return np.maximum(_degrees("polynomial", n), 0) - 1


def _factor(n: Any, x: Any) -> Any:
    """The degree as a factor, in the dtype of x; none below 0."""
    factor = np.maximum(_degrees("polynomial", n), 0)
    return factor.astype(x.dtype) if x.dtype.kind == "f" else factor


# ---------------------------------------------------------------------------------------------------------------------
# Oracles: the three-term recurrences
# ---------------------------------------------------------------------------------------------------------------------
def _by_recurrence(first: Callable[[float], float], step: Callable[..., float]) -> Callable[..., Any]:
    """p(0) = 1, p(1) = first(x), p(k + 1) = step(k, x, p(k), p(k - 1))."""

    def value(x: float, n: float) -> float:
        before, now = 1.0, first(x)
        if n < 1:
            return float(n == 0)
        for k in range(1, int(n)):
            before, now = now, step(k, x, now, before)
        return now

    return each(value)


def _chebyshev(first: Callable[[float], float]) -> Callable[..., Any]:
    return _by_recurrence(first, lambda k, x, now, before: 2 * x * now - before)


def _shifted(first: Callable[[float], float]) -> Callable[..., Any]:
    by_recurrence = _chebyshev(first)
    return lambda x, n: by_recurrence(2 * np.asarray(x) - 1, n)


# ---------------------------------------------------------------------------------------------------------------------
# The polynomials
# ---------------------------------------------------------------------------------------------------------------------
_FACTS: dict[str, Any] = {"elementwise": True, "namespace": "special"}


@primitive(**_FACTS, reference=_chebyshev(lambda x: x))
def chebyshev_polynomial_t(x, n):
    """The Chebyshev polynomial of the first kind of degree n, cos(n t) where x = cos(t).  x, n: (*) -> (*)

    n: whole numbers, one or an array; ValueError for fractions. For negative ones the result is 0.

    >>> import autograd
    >>> autograd.special.chebyshev_polynomial_t(autograd.tensor(0.5), autograd.arange(4))
    tensor([ 1.0000,  0.5000, -0.5000, -1.0000])
    """
    return _evaluated("special.chebyshev_polynomial_t", "eval_chebyt", x, n)


@primitive(**_FACTS, reference=_chebyshev(lambda x: 2 * x))
def chebyshev_polynomial_u(x, n):
    """The Chebyshev polynomial of the second kind of degree n, sin((n + 1) t) / sin(t) at cos(t).  x, n: (*) -> (*)

    n: as in `special.chebyshev_polynomial_t`.
    """
    return _evaluated("special.chebyshev_polynomial_u", "eval_chebyu", x, n)


chebyshev_polynomial_t.gradient(
    x=lambda g, x, n: g * (_factor(n, x) * chebyshev_polynomial_u(x, _below(n))), absorbing=BEHIND_SELECTION
)
chebyshev_polynomial_u.gradient(
    x=lambda g, x, n: g * (2 * _gegenbauer.call(x, _below(n), 2)), absorbing=BEHIND_SELECTION
)


@primitive(
    **_FACTS, domain=(-1.5, 1.5), reference=_by_recurrence(lambda x: 2 * x, lambda k, x, p, q: 2 * (x * p - k * q))
)
def hermite_polynomial_h(x, n):
    """The polynomial of Hermite of degree n as physicists have it, orthogonal under exp(-x^2).  x, n: (*) -> (*)

    n: as in `special.chebyshev_polynomial_t`.
    """
    return _evaluated("special.hermite_polynomial_h", "eval_hermite", x, n)


hermite_polynomial_h.gradient(
    x=lambda g, x, n: g * (2 * _factor(n, x) * hermite_polynomial_h(x, _below(n))), absorbing=BEHIND_SELECTION
)


@primitive(**_FACTS, reference=_by_recurrence(lambda x: x, lambda k, x, p, q: x * p - k * q))
def hermite_polynomial_he(x, n):
    """The polynomial of Hermite of degree n as statisticians have it, orthogonal under exp(-x^2 / 2).  x, n: (*) -> (*)

    n: as in `special.chebyshev_polynomial_t`.
    """
    return _evaluated("special.hermite_polynomial_he", "eval_hermitenorm", x, n)


hermite_polynomial_he.gradient(
    x=lambda g, x, n: g * (_factor(n, x) * hermite_polynomial_he(x, _below(n))), absorbing=BEHIND_SELECTION
)


@primitive(
    **_FACTS, reference=_by_recurrence(lambda x: 1 - x, lambda k, x, p, q: ((2 * k + 1 - x) * p - k * q) / (k + 1))
)
def laguerre_polynomial_l(x, n):
    """The polynomial of Laguerre of degree n, orthogonal under exp(-x) above 0.  x, n: (*) -> (*)

    n: as in `special.chebyshev_polynomial_t`.
    """
    return _evaluated("special.laguerre_polynomial_l", "eval_laguerre", x, n)


laguerre_polynomial_l.gradient(x=lambda g, x, n: -(g * _laguerre.call(x, _below(n), 1)), absorbing=BEHIND_SELECTION)


@primitive(**_FACTS, reference=_by_recurrence(lambda x: x, lambda k, x, p, q: ((2 * k + 1) * x * p - k * q) / (k + 1)))
def legendre_polynomial_p(x, n):
    """The polynomial of Legendre of degree n, orthogonal between -1 and 1.  x, n: (*) -> (*)

    n: as in `special.chebyshev_polynomial_t`.
    """
    return _evaluated("special.legendre_polynomial_p", "eval_legendre", x, n)


legendre_polynomial_p.gradient(x=lambda g, x, n: g * _gegenbauer.call(x, _below(n), 1.5), absorbing=BEHIND_SELECTION)


# ---------------------------------------------------------------------------------------------------------------------
# Those that follow from others
# ---------------------------------------------------------------------------------------------------------------------
@composite(namespace="special", reference=_chebyshev(lambda x: 2 * x - 1))
def chebyshev_polynomial_v(x, n):
    """The Chebyshev polynomial of the third kind, cos((n + 1/2) t) / cos(t/2) with x = cos(t).  x, n: (*) -> (*)

    n: as in `special.chebyshev_polynomial_t`.
    """
    return chebyshev_polynomial_u(x, n) - chebyshev_polynomial_u(x, n - 1)


@composite(namespace="special", reference=_chebyshev(lambda x: 2 * x + 1))
def chebyshev_polynomial_w(x, n):
    """The Chebyshev polynomial of the fourth kind, sin((n + 1/2) t) / sin(t/2) with x = cos(t).  x, n: (*) -> (*)

    n: as in `special.chebyshev_polynomial_t`.
    """
    return chebyshev_polynomial_u(x, n) + chebyshev_polynomial_u(x, n - 1)


@composite(namespace="special", reference=_shifted(lambda x: x))
def shifted_chebyshev_polynomial_t(x, n):
    """`chebyshev_polynomial_t` of 2 x - 1, for x between 0 and 1.  x, n: (*) -> (*)"""
    return chebyshev_polynomial_t(2 * x - 1, n)


@composite(namespace="special", reference=_shifted(lambda x: 2 * x))
def shifted_chebyshev_polynomial_u(x, n):
    """`chebyshev_polynomial_u` of 2 x - 1, for x between 0 and 1.  x, n: (*) -> (*)"""
    return chebyshev_polynomial_u(2 * x - 1, n)


@composite(namespace="special", reference=_shifted(lambda x: 2 * x - 1))
def shifted_chebyshev_polynomial_v(x, n):
    """`chebyshev_polynomial_v` of 2 x - 1, for x between 0 and 1.  x, n: (*) -> (*)"""
    return chebyshev_polynomial_v(2 * x - 1, n)


@composite(namespace="special", reference=_shifted(lambda x: 2 * x + 1))
def shifted_chebyshev_polynomial_w(x, n):
    """`chebyshev_polynomial_w` of 2 x - 1, for x between 0 and 1.  x, n: (*) -> (*)"""
    return chebyshev_polynomial_w(2 * x - 1, n)


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
def _samples(draw):
    yield Sample(draw(3, 4), 0)
    yield Sample(draw(3, 4), 1)
    yield Sample(draw(3, 4), 5)
    yield Sample(draw(3, 1), draw.integers(4, high=8))
    yield Sample(draw(), 3)
    yield Sample(draw(0), 2)
    yield Sample(draw(3), np.array([-1, 2, 7]))
    yield Sample(np.array([-1.0, 0.0, 1.0]), 6)


def _wrong_degree(draw):
    yield Sample(draw(3), 1.5), ValueError, "whole number"
    yield Sample(draw(3), np.array([1.0, np.nan, 2.0])), ValueError, "whole number"
    yield Sample(draw(3), "two"), TypeError, "Give integers"
    yield Sample(draw(3), draw.integers(4)), ValueError, "broadcast"


for _op in (
    chebyshev_polynomial_t,
    chebyshev_polynomial_u,
    hermite_polynomial_h,
    hermite_polynomial_he,
    laguerre_polynomial_l,
    legendre_polynomial_p,
):
    _op.samples(_samples)
    _op.errors(_wrong_degree)
for _op in (
    chebyshev_polynomial_v,
    chebyshev_polynomial_w,
    shifted_chebyshev_polynomial_t,
    shifted_chebyshev_polynomial_u,
    shifted_chebyshev_polynomial_v,
    shifted_chebyshev_polynomial_w,
):
    _op.samples(_samples)
