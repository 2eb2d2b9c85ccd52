"""Bessel functions and the function of Airy.

SciPy has their values. The derivative of a Bessel function is a sum of Bessel functions of neighbouring orders: one
operation stands for the derivatives of all of them, to any order. It sums in float64, since neighbours nearly cancel
where the argument is large.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..declare import primitive
from ..op import BEHIND_SELECTION, Sample
from .indexing import internal
from .references import each
from .special import in_double

# ---------------------------------------------------------------------------------------------------------------------
# Values and derivatives in float64.  n: the order of the function, 0 or more
# ---------------------------------------------------------------------------------------------------------------------
_LARGE = 50.0  # from here on the recurrence goes upwards without loss, and asymptotic series have 16 digits


def _upwards(first: np.ndarray, second: np.ndarray, n: int, x: np.ndarray) -> np.ndarray:
    """The function of order n from those of orders 0 and 1."""
    for k in range(1, n):
        first, second = second, 2 * k / x * second - first
    return second


def _j(n: int, x: np.ndarray) -> np.ndarray:
    from scipy import special

    if n < 2:
        out = (special.j0, special.j1)[n](x)
    else:
        out = np.where(np.abs(x) < _LARGE, special.jv(n, x), _upwards(special.j0(x), special.j1(x), n, x))
    return np.where(np.isinf(x), 0.0, out)


def _y(n: int, x: np.ndarray) -> np.ndarray:
    from scipy import special

    out = (special.y0, special.y1)[n](x) if n < 2 else special.yn(n, x)
    return np.where(x == np.inf, 0.0, out)


def _i(n: int, x: np.ndarray) -> np.ndarray:
    from scipy import special

    out = (special.i0, special.i1)[n](x) if n < 2 else special.iv(n, x)
    return np.where(np.isinf(x), np.inf * np.sign(x) ** n, out)


def _k(n: int, x: np.ndarray) -> np.ndarray:
    from scipy import special

    return (special.k0, special.k1)[n](x) if n < 2 else special.kn(n, x)


def _scaled_i(n: int, x: np.ndarray) -> np.ndarray:
    from scipy import special

    return (special.i0e, special.i1e)[n](x) if n < 2 else special.ive(n, x)


def _scaled_k(n: int, x: np.ndarray) -> np.ndarray:
    from scipy import special

    return (special.k0e, special.k1e)[n](x) if n < 2 else special.kve(n, x)


_VALUES = {"j": _j, "y": _y, "i": _i, "k": _k, "scaled_i": _scaled_i, "scaled_k": _scaled_k}
_Weights = dict[int, float]  # what a sum of functions has of each order


def _neighbours(kind: str, n: int, order: int) -> _Weights:
    """The derivative of the function of order n, as a sum of functions of the same kind.

    2 J'(n) = J(n-1) - J(n+1), and so for Y; 2 I'(n) = I(n-1) + I(n+1); 2 K'(n) = -K(n-1) - K(n+1).
    """
    weights: _Weights = {}
    for k in range(order + 1):
        at = n - order + 2 * k
        weight = math.comb(order, k) / 2**order
        if kind in "jy":
            weight *= (-1) ** (k + (at if at < 0 else 0))
        elif kind == "k":
            weight *= (-1) ** order
        weights[abs(at)] = weights.get(abs(at), 0.0) + weight
    return weights


def _sum(kind: str, weights: _Weights, x: np.ndarray) -> np.ndarray:
    value = _VALUES[kind]
    weights = {n: weight for n, weight in weights.items() if weight}
    out: Any = sum(weight * value(n, x) for n, weight in weights.items())
    if kind.endswith(("y", "k")):
        # All are infinite at 0, and that of the highest order most.
        top = max(weights)
        out = np.where(x == 0, weights[top] * value(top, x), out)
    return out


def _scaled(kind: str, n: int, order: int, x: np.ndarray) -> np.ndarray:
    """The derivative of exp(-|x|) I(n) or of exp(x) K(n)."""
    plain, sign = ("i", -1) if kind == "scaled_i" else ("k", 1)
    weights: _Weights = {}
    for j in range(order + 1):
        for at, weight in _neighbours(plain, n, j).items():
            weights[at] = weights.get(at, 0.0) + math.comb(order, j) * sign ** (order - j) * weight
    far = x >= _LARGE
    out = np.array(_sum(kind, weights, x))
    if not far.any():
        return out
    # Where x is large these cancel, so that the asymptotic series is differentiated term by term:
    # exp(x) K(n) = sqrt(pi / 2x) (1 + (4n^2 - 1) / 8x + (4n^2 - 1)(4n^2 - 9) / (2! (8x)^2) + ...), and signs alternate
    # in that of I.
    inverse = 1 / x[far]
    total, term = np.zeros_like(inverse), 1.0
    for k in range(20):
        slope = math.prod(-(k + 0.5 + i) for i in range(order))
        total += (-1) ** (k * (kind == "scaled_i")) * term * slope * inverse**k
        term *= (4 * n * n - (2 * k + 1) ** 2) / (8 * (k + 1))
    scale = math.sqrt(math.pi / 2) if kind == "scaled_k" else 1 / math.sqrt(2 * math.pi)
    out[far] = scale * total * inverse ** (order + 0.5)
    return out


def _derivative_in_double(x: np.ndarray, kind: str, n: int, order: int) -> np.ndarray:
    if kind == "scaled_i" and order:
        # Even or odd, with a kink at 0 where the slope counts as 0.
        return _scaled(kind, n, order, np.abs(x)) * (np.sign(x) if (n + order) % 2 else 1.0)
    if kind == "scaled_k" and order:
        return _scaled(kind, n, order, x)
    return _sum(kind, _neighbours(kind, n, order), x) if order else _VALUES[kind](n, x)


def _derivative_forward(x, kind, n, order):
    """The derivative, of an order of its own, of the Bessel function of one kind and of order n."""
    return in_double(lambda x: _derivative_in_double(x, kind, n, order), x)


_derivative = internal(_derivative_forward, "special.bessel_derivative")
_derivative.gradient(
    x=lambda g, x, kind, n, order: g * _derivative.call(x, kind, n, order + 1), absorbing=BEHIND_SELECTION
)


# ---------------------------------------------------------------------------------------------------------------------
# Oracles: integrals, by the trapezoidal rule, which is exact where all derivatives agree at both ends
# ---------------------------------------------------------------------------------------------------------------------
_ANGLES = np.linspace(0.0, 2 * math.pi, 400, endpoint=False)
_HEIGHTS = np.linspace(0.0, 12.0, 4001)


def _j_integral(n: int, x: float) -> float:
    return float(np.mean(np.cos(n * _ANGLES - x * np.sin(_ANGLES))))


def _y_integral(n: int, x: float) -> float:
    from scipy.integrate import quad

    wave = quad(lambda t: math.sin(x * math.sin(t) - n * t), 0, math.pi, epsabs=1e-13)[0]
    fall = quad(
        lambda t: (math.exp(n * t) + (-1) ** n * math.exp(-n * t)) * math.exp(-x * math.sinh(t)), 0, 8, epsabs=1e-13
    )[0]
    return (wave - fall) / math.pi


def _i_integral(n: int, x: float, scaled: bool = False) -> float:
    return float(np.mean(np.exp(x * np.cos(_ANGLES) - scaled * abs(x)) * np.cos(n * _ANGLES)))


def _k_integral(n: int, x: float, scaled: bool = False) -> float:
    values = np.exp(x * (scaled - np.cosh(_HEIGHTS))) * np.cosh(n * _HEIGHTS)
    return float((values.sum() - values[0] / 2) * _HEIGHTS[1])


# ---------------------------------------------------------------------------------------------------------------------
# The operations
# ---------------------------------------------------------------------------------------------------------------------
def _facts(integral: Callable[..., float], n: int, *options: Any, low: float = -4.0, root: bool = False) -> Any:
    facts = {"elementwise": True, "domain": (low, 6.0), "reference": each(lambda a: integral(n, a, *options))}
    return facts if root else facts | {"namespace": "special"}


def _declare_gradient(op: Any, kind: str, n: int) -> None:
    op.gradient(x=lambda g, x: g * _derivative.call(x, kind, n, 1), absorbing=BEHIND_SELECTION)


def _value(kind: str, n: int, x: np.ndarray) -> np.ndarray:
    return in_double(lambda x: _VALUES[kind](n, x), x)


@primitive(**_facts(_j_integral, 0))
def bessel_j0(x):
    """The Bessel function of the first kind, of order 0.  x: (*) -> (*)"""
    return _value("j", 0, x)


@primitive(**_facts(_j_integral, 1))
def bessel_j1(x):
    """The Bessel function of the first kind, of order 1.  x: (*) -> (*)"""
    return _value("j", 1, x)


@primitive(**_facts(_y_integral, 0, low=0.2))
def bessel_y0(x):
    """The Bessel function of the second kind, of order 0: minus infinity at 0, NaN below.  x: (*) -> (*)"""
    return _value("y", 0, x)


@primitive(**_facts(_y_integral, 1, low=0.2))
def bessel_y1(x):
    """The Bessel function of the second kind, of order 1: minus infinity at 0, NaN below.  x: (*) -> (*)"""
    return _value("y", 1, x)


@primitive(**_facts(_i_integral, 0, root=True), aliases=("special.i0", "special.modified_bessel_i0"), numpy=(np.i0,))
def i0(x):
    """The modified Bessel function of the first kind, of order 0.  x: (*) -> (*)"""
    return _value("i", 0, x)


@primitive(**_facts(_i_integral, 1), aliases=("special.modified_bessel_i1",))
def i1(x):
    """The modified Bessel function of the first kind, of order 1.  x: (*) -> (*)"""
    return _value("i", 1, x)


@primitive(**_facts(_i_integral, 0, True))
def i0e(x):
    """exp(-|x|) i0(x), which is finite where i0 is not.  x: (*) -> (*)

    Its gradient at 0, where it has a kink, is 0.
    """
    return _value("scaled_i", 0, x)


@primitive(**_facts(_i_integral, 1, True))
def i1e(x):
    """exp(-|x|) i1(x), which is finite where i1 is not.  x: (*) -> (*)"""
    return _value("scaled_i", 1, x)


@primitive(**_facts(_k_integral, 0, low=0.2))
def modified_bessel_k0(x):
    """The modified Bessel function of the second kind, of order 0: infinite at 0, NaN below.  x: (*) -> (*)"""
    return _value("k", 0, x)


@primitive(**_facts(_k_integral, 1, low=0.2))
def modified_bessel_k1(x):
    """The modified Bessel function of the second kind, of order 1: infinite at 0, NaN below.  x: (*) -> (*)"""
    return _value("k", 1, x)


@primitive(**_facts(_k_integral, 0, True, low=0.2))
def scaled_modified_bessel_k0(x):
    """exp(x) modified_bessel_k0(x), which is above 0 where that rounds to 0.  x: (*) -> (*)"""
    return _value("scaled_k", 0, x)


@primitive(**_facts(_k_integral, 1, True, low=0.2))
def scaled_modified_bessel_k1(x):
    """exp(x) modified_bessel_k1(x), which is above 0 where that rounds to 0.  x: (*) -> (*)"""
    return _value("scaled_k", 1, x)


for _op, _kind, _n in (
    (bessel_j0, "j", 0),
    (bessel_j1, "j", 1),
    (bessel_y0, "y", 0),
    (bessel_y1, "y", 1),
    (i0, "i", 0),
    (i1, "i", 1),
    (i0e, "scaled_i", 0),
    (i1e, "scaled_i", 1),
    (modified_bessel_k0, "k", 0),
    (modified_bessel_k1, "k", 1),
    (scaled_modified_bessel_k0, "scaled_k", 0),
    (scaled_modified_bessel_k1, "scaled_k", 1),
):
    _declare_gradient(_op, _kind, _n)


@i0e.samples
def _(draw):
    for shape in ((), (5,), (3, 4), (0,), (2, 0, 3)):
        yield Sample(draw.away(*shape))
    yield Sample(draw(3, 4, low=30.0, high=90.0))
    yield Sample(draw(5, low=-400.0, high=-100.0))


@scaled_modified_bessel_k1.samples
def _(draw):
    for shape in ((), (5,), (3, 4), (0,), (2, 0, 3)):
        yield Sample(draw(*shape))
    yield Sample(draw(3, 4, low=30.0, high=90.0))


# ---------------------------------------------------------------------------------------------------------------------
# The function of Airy
# ---------------------------------------------------------------------------------------------------------------------
_FAR = -1e6  # below, SciPy has none
_VANISHED = 200.0  # above, all derivatives are below the smallest number, and SciPy has NaN from 1e10 or so


def _airy(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The function and its derivative in float64."""
    from scipy import special

    value, slope = special.airy(np.clip(x, _FAR, _VANISHED))[:2]
    value, slope = np.where(np.isnan(x), x, value), np.where(np.isnan(x), x, slope)
    far = x < _FAR
    if far.any():
        # Abramowitz and Stegun, 10.4.60 and 10.4.62; the terms left out are below 1e-18.
        root = np.sqrt(np.abs(np.where(far, x, _FAR)))
        phase = 2 / 3 * root**3
        wave, turned = np.sin(phase + math.pi / 4), np.cos(phase + math.pi / 4)
        value = np.where(far, (wave - turned * (5 / 72) / phase) / np.sqrt(math.pi * root), value)
        slope = np.where(far, (-turned + wave * (7 / 72) / phase) * np.sqrt(root / math.pi), slope)
    return np.where(np.isinf(x), 0.0, value), np.where(x == np.inf, 0.0, slope)


def _airy_derivative_in_double(x: np.ndarray, order: int) -> np.ndarray:
    """p Ai + q Ai' with the polynomials p and q that follow from Ai'' = x Ai."""
    p, q = np.polynomial.Polynomial([1.0]), np.polynomial.Polynomial([0.0])
    for _ in range(order):
        p, q = p.deriv() + np.polynomial.Polynomial([0.0, 1.0]) * q, p + q.deriv()
    value, slope = _airy(x)
    if not order:
        return value
    return np.where(x > _VANISHED, 0.0, p(x) * value + q(x) * slope)


def _airy_derivative_forward(x, order):
    """The derivative of `airy_ai` of the given order."""
    return in_double(lambda x: _airy_derivative_in_double(x, order), x)


_airy_derivative = internal(_airy_derivative_forward, "special.airy_derivative")
_airy_derivative.gradient(x=lambda g, x, order: g * _airy_derivative.call(x, order + 1), absorbing=True)


def _airy_by_series(x: float) -> float:
    """The power series at 0, of which every third term follows from y'' = x y."""
    total = 0.0
    for start, power in ((3 ** (-2 / 3) / math.gamma(2 / 3), 0), (-(3 ** (-1 / 3)) / math.gamma(1 / 3), 1)):
        term = start * x**power
        for k in range(power, 200, 3):
            total += term
            term *= x**3 / ((k + 2) * (k + 3))
    return total


@primitive(elementwise=True, namespace="special", domain=(-5.0, 3.0), reference=each(_airy_by_series))
def airy_ai(x):
    """The function of Airy, the solution of y'' = x y that goes to 0 for large x.  x: (*) -> (*)"""
    return in_double(lambda x: _airy_derivative_in_double(x, 0), x)


airy_ai.gradient(x=lambda g, x: g * _airy_derivative.call(x, 1), absorbing=True)  # NaN at -inf, where it is 0
