"""Sums, products, signs and bounds, element by element with broadcasting."""

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
# Sign and size
# ---------------------------------------------------------------------------------------------------------------------
@primitive(
    elementwise=True,
    operators=("__abs__",),
    aliases=("absolute",),
    numpy=(np.absolute, np.fabs),
    reference=each(lambda a: math.hypot(a.real, a.imag)),
)
def abs(x):
    """The absolute value of each element.  x: (*) -> (*), real also where x is complex

    Its gradient at 0 is 0.
    """
    return np.absolute(x)


abs.gradient(x=lambda g, x: g * sign(x), absorbing=BEHIND_SELECTION)


def _direction(x):
    if x.dtype.kind == "c":
        return each(lambda a: a / math.hypot(a.real, a.imag), complex)(x)
    return each(lambda a: (a > 0) - (a < 0))(x)


@primitive(elementwise=True, aliases=("sgn",), numpy=(np.sign,), reference=_direction, conjugates=True)
def sign(x):
    """-1, 0 or 1: the sign of each element; of a complex one its direction x / |x|.  x: (*) -> (*)

    Its gradient is 0; that of a direction is the part of g across it, divided by |x|.
    """
    return np.sign(x)


def _turn(g, x, out):
    if out.dtype.kind != "c":
        return flat(g)
    size = abs(x)
    return gate(g - out * (g * out.conj()).real, size > 0) / (size + (size == 0))


sign.gradient(x=_turn)


def _real_and_complex(draw):
    yield from around(0.0)(draw)
    yield Sample(draw.complex(2, 3))
    yield Sample(draw.complex())


abs.samples(_real_and_complex)
sign.samples(_real_and_complex)


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


@primitive(elementwise=True, aliases=("clip",), reference=_clamp_reference)
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
    yield Sample(draw(2, 1, 3), draw(4, 1), draw.away(3), value=2.5)


for _op in (addcmul, addcdiv):
    _op.samples(_three)
