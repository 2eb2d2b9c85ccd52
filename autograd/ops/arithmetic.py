"""Sums, products, quotients, signs and bounds, element by element with broadcasting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import composite, primitive
from ..op import BEHIND_SELECTION, Sample
from .comparison import flat, gate, where
from .references import PAIRS, apart, around, each, pairs_apart


# ---------------------------------------------------------------------------------------------------------------------
# Sums and products
# ---------------------------------------------------------------------------------------------------------------------
@primitive(
    elementwise=True,
    sticky=True,
    operators=("__add__", "__radd__"),
    numpy=(np.add,),
    reference=each(lambda a, b: a + b),
)
def add(x, y):
    """The sum x + y.  x, y: (*) -> (*)"""
    return x + y


add.gradient(x=lambda g: g, y=lambda g: g)


@primitive(
    elementwise=True,
    sticky=True,
    operators=("__sub__", "__rsub__"),
    aliases=("subtract",),
    numpy=(np.subtract,),
    reference=each(lambda a, b: a - b),
)
def sub(x, y):
    """The difference x - y.  x, y: (*) -> (*)"""
    return x - y


sub.gradient(x=lambda g: g, y=lambda g: -g)


@primitive(
    elementwise=True,
    sticky=True,
    operators=("__mul__", "__rmul__"),
    aliases=("multiply",),
    numpy=(np.multiply,),
    reference=each(lambda a, b: a * b),
)
def mul(x, y):
    """The product x y.  x, y: (*) -> (*)"""
    return x * y


mul.gradient(x=lambda g, y: g * y, y=lambda g, x: g * x, absorbing=BEHIND_SELECTION)


@primitive(
    elementwise=True,
    sticky=True,
    operators=("__neg__",),
    aliases=("negative",),
    numpy=(np.negative,),
    reference=each(lambda a: -a),
)
def neg(x):
    """The negative of each element.  x: (*) -> (*)"""
    return np.negative(x)


neg.gradient(x=lambda g: -g)


@primitive(
    elementwise=True, sticky=True, in_place=False, operators=("__pos__",), numpy=(np.positive,), reference=each(float)
)
def positive(x):
    """Each element as it is.  x: (*) -> (*)"""
    return np.positive(x)


positive.gradient(x=lambda g: g)


def _broadcast_errors(draw: Any) -> Any:
    yield Sample(draw(2, 3), draw(4)), ValueError, "shapes (2, 3) and (4,) do not broadcast"
    yield Sample(draw(2), "two"), TypeError, "Give tensors, arrays or numbers"


for _op in (add, sub, mul):
    _op.errors(_broadcast_errors)


# ---------------------------------------------------------------------------------------------------------------------
# Quotients and remainders
# ---------------------------------------------------------------------------------------------------------------------
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
# Sign and size
# ---------------------------------------------------------------------------------------------------------------------
@primitive(
    elementwise=True,
    operators=("__abs__",),
    aliases=("absolute",),
    numpy=(np.absolute, np.fabs),
    reference=each(math.fabs),
)
def abs(x):
    """The absolute value of each element.  x: (*) -> (*), real also where x is complex

    Its gradient at 0 is 0.
    """
    return np.absolute(x)


abs.gradient(x=lambda g, x: g * sign(x), absorbing=BEHIND_SELECTION)
abs.samples(around(0.0))


@primitive(elementwise=True, aliases=("sgn",), numpy=(np.sign,), reference=each(lambda a: (a > 0) - (a < 0)))
def sign(x):
    """-1, 0 or 1: the sign of each element; of a complex one its direction x / |x|.  x: (*) -> (*)

    Its gradient is 0.
    """
    return np.sign(x)


sign.gradient(x=flat)
sign.samples(around(0.0))


@primitive(elementwise=True, numpy=(np.copysign,), reference=each(math.copysign))
def copysign(x, y):
    """The size of x with the sign of y.  x, y: (*) -> (*)"""
    return np.copysign(x, y)


copysign.gradient(x=lambda g, x, out: g * (sign(x) * sign(out)), y=flat, absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, numpy=(np.heaviside,), reference=each(lambda a, b: b if a == 0 else float(a > 0)))
def heaviside(x, values):
    """0 where x < 0, `values` where x = 0, 1 where x > 0.  x, values: (*) -> (*)"""
    return np.heaviside(x, values)


heaviside.gradient(x=flat, values=lambda g, x: gate(g, x == 0), absorbing=False)


@copysign.samples
def _(draw):
    for x, y in PAIRS:
        yield Sample(draw.away(*x), draw.away(*y))
    yield Sample(draw.away(4), -1.0)


@heaviside.samples
def _(draw):
    for x, y in PAIRS:
        yield Sample(draw.away(*x), draw(*y))
    yield Sample(draw.away(4), 0.5)


# ---------------------------------------------------------------------------------------------------------------------
# The larger and the smaller
# ---------------------------------------------------------------------------------------------------------------------
def _share(g: Any, x: Any, y: Any) -> Any:
    """The part of g that belongs to x where the larger of x and y is taken: half of it where they are equal."""
    return where(x < y, 0, where(x == y, g / 2, g))


@primitive(elementwise=True, numpy=(np.maximum,), reference=each(max))
def maximum(x, y):
    """The larger of x and y, for each element; NaN if one of them is.  x, y: (*) -> (*)

    Where they are equal each gets half of the gradient.
    """
    return np.maximum(x, y)


maximum.gradient(x=lambda g, x, y: _share(g, x, y), y=lambda g, x, y: _share(g, y, x), absorbing=False)


@primitive(elementwise=True, numpy=(np.minimum,), reference=each(min))
def minimum(x, y):
    """The smaller of x and y, for each element; NaN if one of them is.  x, y: (*) -> (*)

    Where they are equal each gets half of the gradient.
    """
    return np.minimum(x, y)


minimum.gradient(x=lambda g, x, y: _share(g, y, x), y=lambda g, x, y: _share(g, x, y), absorbing=False)


# Of fmax and fmin one input gets the whole gradient: x where they are equal, and never a NaN.
@primitive(elementwise=True, numpy=(np.fmax,), reference=each(max))
def fmax(x, y):
    """The larger of x and y, for each element; the other one if one is NaN.  x, y: (*) -> (*)"""
    return np.fmax(x, y)


fmax.gradient(
    x=lambda g, x, y: gate(g, (x >= y) | (y != y)), y=lambda g, x, y: where((x >= y) | (y != y), 0, g), absorbing=False
)


@primitive(elementwise=True, numpy=(np.fmin,), reference=each(min))
def fmin(x, y):
    """The smaller of x and y, for each element; the other one if one is NaN.  x, y: (*) -> (*)"""
    return np.fmin(x, y)


fmin.gradient(
    x=lambda g, x, y: gate(g, (x <= y) | (y != y)), y=lambda g, x, y: where((x <= y) | (y != y), 0, g), absorbing=False
)

for _op in (maximum, minimum, fmax, fmin):
    _op.samples(pairs_apart)
    _op.errors(_broadcast_errors)


def _within(low: Any, x: Any, high: Any) -> Any:
    """Where x lies between the bounds, themselves included; None is no bound."""
    if low is None:
        return x <= high
    return x >= low if high is None else (x >= low) & (x <= high)


def _clamp_by_min(g: Any, x: Any, min: Any, max: Any) -> Any:
    below = x < min
    return gate(g, below if max is None else below & (min < max))


def _clamp_by_max(g: Any, x: Any, min: Any, max: Any) -> Any:
    above = x > max
    return gate(g, above if min is None else above | (max < min))


def _clamp_reference(x: Any, min: Any = None, max: Any = None) -> Any:
    low = -math.inf if min is None else min
    return each(lambda a, b, c: c if a > c else c if b > c else b if a < b else a)(
        x, low, math.inf if max is None else max
    )


@primitive(elementwise=True, aliases=("clip",), numpy=(np.clip,), reference=_clamp_reference)
def clamp(x, min=None, max=None):
    """Each element, or the nearer bound where it lies outside.  x, min, max: (*) -> (*)

    min, max: numbers or tensors; None is no bound. Where min > max the result is max. The gradient passes between the
    bounds and at them, and goes to the bound outside. ValueError if both bounds are None.

    >>> import autograd
    >>> autograd.clamp(autograd.tensor([-2.0, 0.5, 2.0]), -1, 1)
    tensor([-1.0000,  0.5000,  1.0000])
    """
    if min is None and max is None:
        raise ValueError("clamp: needs min or max, and both are None.")
    if min is None:
        return np.minimum(x, max)
    return np.maximum(x, min) if max is None else np.clip(x, min, max)


clamp.gradient(
    x=lambda g, x, min, max: gate(g, _within(min, x, max)), min=_clamp_by_min, max=_clamp_by_max, absorbing=False
)


@clamp.samples
def _(draw):
    for shape in ((), (5,), (3, 4), (2, 0)):
        yield Sample(draw.away(*shape, points=(-0.5, 0.7)), -0.5, 0.7)
    yield Sample(draw.away(3, 4, points=(0.5,)), min=0.5)
    yield Sample(draw.away(3, 4, points=(0.5,)), max=0.5)
    yield Sample(draw.away(3, 4, points=(0.5,)), 0.5, None)
    yield Sample(*apart(draw, (3, 4), (4,), (3, 1)))
    yield Sample(*apart(draw, (4,), (3, 4), (3, 1)))
    yield Sample(*apart(draw, (3, 4), (4,)))
    yield Sample(draw.away(3, 4, points=(0.5, 1.0)), 1.0, 0.5)
    yield Sample(draw.integers(6), 1, 3)


@clamp.errors
def _(draw):
    yield Sample(draw(3)), ValueError, "both are None"
    yield Sample(draw(2, 3), draw(4)), ValueError, "do not broadcast"


@primitive(elementwise=True, reference=each(max))
def clamp_min(x, min):
    """Each element, or `min` where it is below.  x, min: (*) -> (*)"""
    return np.maximum(x, min)


clamp_min.gradient(x=lambda g, x, min: gate(g, x >= min), min=lambda g, x, min: gate(g, x < min), absorbing=False)


@primitive(elementwise=True, reference=each(lambda a, b: b if a > b else a))
def clamp_max(x, max):
    """Each element, or `max` where it is above.  x, max: (*) -> (*)"""
    return np.minimum(x, max)


clamp_max.gradient(x=lambda g, x, max: gate(g, x <= max), max=lambda g, x, max: gate(g, x > max), absorbing=False)

for _op in (clamp_min, clamp_max):
    _op.samples(pairs_apart)


# ---------------------------------------------------------------------------------------------------------------------
# Three and more at once
# ---------------------------------------------------------------------------------------------------------------------
@primitive(elementwise=True, reference=each(lambda a, b, w: (1 - w) * a + w * b))
def lerp(x, end, weight):
    """x + weight (end - x): the point between x, at weight 0, and `end`, at weight 1.  x, end, weight: (*) -> (*)

    Exactly x at weight 0, and exactly `end` at weight 1.
    """
    way = end - x
    late = np.greater_equal(weight, 0.5)
    out = x + weight * way
    return np.where(late, end - (1 - weight) * way, out) if np.any(late) else out


lerp.gradient(
    x=lambda g, weight: g * (1 - weight),
    end=lambda g, weight: g * weight,
    weight=lambda g, x, end: g * (end - x),
    absorbing=BEHIND_SELECTION,
)


@lerp.samples
def _(draw):
    yield Sample(draw(3, 4), draw(3, 4), 0.3)
    yield Sample(draw(3, 4), draw(4), 0.8)
    yield Sample(draw(3, 4), draw(4), draw(3, 1, low=0.0, high=1.0))
    yield Sample(draw(), draw(), draw())
    yield Sample(draw(0), draw(0), 0.5)
    yield Sample(draw(2, 3), 1.0, draw(3))


@composite(elementwise=True, reference=lambda x, a, b, value=1: each(lambda p, q, r: p + value * q * r)(x, a, b))
def addcmul(x, tensor1, tensor2, value=1):
    """x + value tensor1 tensor2.  x, tensor1, tensor2: (*) -> (*)"""
    product = tensor1 * tensor2
    return x + (product if value == 1 else product * value)


@composite(elementwise=True, reference=lambda x, a, b, value=1: each(lambda p, q, r: p + value * q / r)(x, a, b))
def addcdiv(x, tensor1, tensor2, value=1):
    """x + value tensor1 / tensor2.  x, tensor1, tensor2: (*) -> (*)"""
    quotient = tensor1 / tensor2
    return x + (quotient if value == 1 else quotient * value)


def _three(draw: Any) -> Any:
    yield Sample(draw(3, 4), draw(3, 4), draw.away(3, 4))
    yield Sample(draw(3, 4), draw(4), draw.away(3, 1), value=0.5)
    yield Sample(draw(3), draw(2, 3), draw.away(), value=-2)
    yield Sample(draw(), draw(), draw.away())
    yield Sample(draw(0), draw(0), draw.away(0))


for _op in (addcmul, addcdiv):
    _op.samples(_three)
