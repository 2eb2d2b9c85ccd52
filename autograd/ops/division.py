"""Quotients, remainders and common divisors, element by element with broadcasting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import composite, primitive
from ..errors import describe
from ..op import BEHIND_SELECTION, Sample
from .comparison import flat
from .references import PAIRS, each


def _divisors(draw: Any, away_from_steps: bool = False) -> Any:
    """x and y with y away from 0 and, where the result jumps, x / y away from integers."""
    for x_shape, y_shape in PAIRS:
        y = draw.away(*y_shape, low=-2.0, high=2.0)
        if not away_from_steps:
            yield Sample(draw(*x_shape), y)
            continue
        whole = draw.integers(*np.broadcast_shapes(x_shape, y_shape), low=-3, high=4)
        yield Sample(np.asarray((whole + draw(*whole.shape, low=0.2, high=0.8)) * y), y)
    yield Sample(draw.away(4, points=(-1.5, 0.0, 1.5)), 1.5)
    yield Sample(7.3, draw(3, low=2.5, high=3.5))
    yield Sample(draw.integers(5, low=-9, high=10), draw.integers(5, low=1, high=4))


def _jumping_divisors(draw: Any) -> Any:
    yield from _divisors(draw, away_from_steps=True)


def _no_division_by_zero(name: str, out: np.ndarray, y: Any) -> np.ndarray:
    """`out`, unless integers were divided by 0: NumPy gives 0 for that, which is wrong without a word."""
    if out.dtype.kind in "iub" and not np.all(y):
        raise ZeroDivisionError(
            f"{name}: an integer was divided by 0. Divide floating-point numbers to get inf or nan."
        )
    return out


def _zero_division_errors(draw: Any) -> Any:
    yield Sample(draw.integers(3), np.array([1, 0, 2])), ZeroDivisionError, "divided by 0"
    yield Sample(draw(2, 3), draw(4)), ValueError, "do not broadcast"


@primitive(
    elementwise=True,
    operators=("__truediv__", "__rtruediv__"),
    numpy=(np.true_divide,),
    reference=each(lambda a, b: a / b),
)
def true_divide(x, y):
    """The quotient x / y.  x, y: (*) -> (*), of floating-point numbers also where x and y are integers"""
    return np.true_divide(x, y)


# By y it is -(x / y) / y rather than -x / y^2: y^2 leaves the range of the numbers long before y does. The quotient is
# computed again rather than kept, so that it can be written to: `y = x / s; y += b`.
true_divide.gradient(x=lambda g, y: g / y, y=lambda g, x, y: -(g * (x / y)) / y, absorbing=BEHIND_SELECTION)


@composite(
    elementwise=True,
    aliases=("divide",),
    reference=lambda x, y, rounding_mode=None: each(
        lambda a, b: {None: a / b, "floor": math.floor(a / b), "trunc": math.trunc(a / b)}[rounding_mode]
    )(x, y),
)
def div(x, y, rounding_mode=None):
    """The quotient x / y.  x, y: (*) -> (*)

    rounding_mode: None, or "floor" or "trunc" for the quotient rounded down or towards 0, which is constant between
    its jumps and has gradient 0.

    >>> import autograd
    >>> autograd.div(autograd.tensor([-7.0, 7.0]), 2.0, rounding_mode="trunc")
    tensor([-3.,  3.])
    """
    if rounding_mode is None:
        return true_divide(x, y)
    if rounding_mode == "floor":
        return floor_divide(x, y)
    if rounding_mode == "trunc":
        return truncated_divide(x, y)
    raise ValueError(f"div: rounding_mode must be None, 'floor' or 'trunc', not {rounding_mode!r}.")


@primitive(
    elementwise=True,
    operators=("__floordiv__", "__rfloordiv__"),
    numpy=(np.floor_divide,),
    reference=each(lambda a, b: a // b),
)
def floor_divide(x, y):
    """The quotient x / y rounded down.  x, y: (*) -> (*)

    Its gradient is 0. ZeroDivisionError if an integer is divided by 0.
    """
    return _no_division_by_zero("floor_divide", np.floor_divide(x, y), y)


floor_divide.gradient(x=flat, y=flat)


@primitive(elementwise=True, method=False, reference=each(lambda a, b: math.trunc(a / b)))
def truncated_divide(x, y):
    """The quotient x / y rounded towards 0: `div(x, y, rounding_mode="trunc")`.  x, y: (*) -> (*)

    Its gradient is 0. ZeroDivisionError if an integer is divided by 0.
    """
    if np.result_type(x, y).kind in "fc":
        return np.trunc(np.true_divide(x, y))
    whole = np.floor_divide(np.subtract(x, np.fmod(x, y)), y)  # exact, where a quotient of large integers is not
    return _no_division_by_zero("truncated_divide", whole, y)


truncated_divide.gradient(x=flat, y=flat)


@primitive(
    elementwise=True,
    operators=("__mod__", "__rmod__"),
    aliases=("mod",),
    numpy=(np.remainder,),
    reference=each(lambda a, b: a - b * math.floor(a / b)),
)
def remainder(x, y):
    """x - y floor(x / y): what is left after dividing, with the sign of y.  x, y: (*) -> (*)

    ZeroDivisionError if an integer is divided by 0.
    """
    return _no_division_by_zero("remainder", np.remainder(x, y), y)


remainder.gradient(x=lambda g: g, y=lambda g, x, y: -g * floor_divide(x, y), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, numpy=(np.fmod,), reference=each(math.fmod))
def fmod(x, y):
    """x - y trunc(x / y): what is left after dividing, with the sign of x.  x, y: (*) -> (*)

    ZeroDivisionError if an integer is divided by 0.
    """
    return _no_division_by_zero("fmod", np.fmod(x, y), y)


fmod.gradient(x=lambda g: g, y=lambda g, x, y: -g * truncated_divide(x, y), absorbing=BEHIND_SELECTION)

true_divide.samples(_divisors)
for _op in (floor_divide, truncated_divide, remainder, fmod):
    _op.samples(_jumping_divisors)
    _op.errors(_zero_division_errors)


@div.samples
def _(draw):
    yield from _divisors(draw)
    for case in _divisors(draw, away_from_steps=True):
        yield Sample(*case.args, rounding_mode="floor")
        yield Sample(*case.args, rounding_mode="trunc")


@div.errors
def _(draw):
    yield Sample(draw(3), draw(3), rounding_mode="up"), ValueError, "rounding_mode must be"


@primitive(elementwise=True, domain=(0.2, 2.0), numpy=(np.reciprocal,), reference=each(lambda a: 1 / a))
def reciprocal(x):
    """1 / x for each element.  x: (*) -> (*), of floating-point numbers also where x are integers"""
    return np.true_divide(1, x)


reciprocal.gradient(x=lambda g, out: -(g * out) * out, absorbing=BEHIND_SELECTION)


# ---------------------------------------------------------------------------------------------------------------------
# Common divisors and multiples of integers
# ---------------------------------------------------------------------------------------------------------------------
def _of_integers(name: str, ufunc: np.ufunc, x: Any, y: Any) -> np.ndarray:
    if np.result_type(x, y).kind not in "iu":
        raise TypeError(f"{name}: takes integers, not {describe(x)} and {describe(y)}. Convert them: x.long().")
    return ufunc(x, y)


@primitive(elementwise=True, numpy=(np.gcd,), reference=each(math.gcd, int))
def gcd(x, y):
    """The greatest common divisor of x and y, for each element; 0 of 0 and 0.  x, y: integer (*) -> (*)

    >>> import autograd
    >>> autograd.gcd(autograd.tensor([5, 10, 15]), 10)
    tensor([ 5, 10,  5])
    """
    return _of_integers("gcd", np.gcd, x, y)


@primitive(elementwise=True, numpy=(np.lcm,), reference=each(math.lcm, int))
def lcm(x, y):
    """The least common multiple of x and y, for each element; 0 where one is 0.  x, y: integer (*) -> (*)

    >>> import autograd
    >>> autograd.lcm(autograd.tensor([5, 10, 15]), 10)
    tensor([10, 10, 30])
    """
    return _of_integers("lcm", np.lcm, x, y)


def _whole_numbers(draw: Any) -> Any:
    for x, y in PAIRS:
        yield Sample(draw.integers(*x, low=-30, high=31), draw.integers(*y, low=-12, high=13))
    yield Sample(draw.integers(5, low=0, high=60), 12)
    yield Sample(np.array([0, 0, 7], np.int32), np.array([0, 4, 0], np.int32))


def _fractions_are_refused(draw: Any) -> Any:
    yield Sample(draw(3), draw.integers(3)), TypeError, "takes integers, not float64(3,)"
    yield Sample(draw.integers(2, 3), draw.integers(4)), ValueError, "do not broadcast"


for _op in (gcd, lcm):
    _op.samples(_whole_numbers)
    _op.errors(_fractions_are_refused)
