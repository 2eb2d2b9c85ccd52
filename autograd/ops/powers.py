"""Powers and roots, element by element."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import primitive
from ..inplace import apart, check_writable, write
from ..op import BEHIND_SELECTION, Sample, functions, ufuncs
from ..tensor import Tensor
from .comparison import flat, where
from .elementwise import log
from .references import PAIRS, each


def _power(x: Any, y: Any) -> Any:
    """NumPy has fast ways for the exponents -1, 0, 0.5, 1 and 2; others cost 10 to 200 times as much as a product."""
    if type(y) in (int, float):
        if y == 3:
            return x * x * x
        if y == 4:
            x = x * x
            return x * x
    return x**y


def _pow_by_base(g: Any, x: Any, y: Any) -> Any:
    if type(y) in (int, float):
        if y == 2:
            return g * (x + x)
        if y == 3:
            return g * (x * x * 3)
        if y == 1:
            return g
        return flat(g) if y == 0 else g * (_power(x, y - 1) * y)
    # x**0 is constant, though 0 * x**-1 is not 0 at x = 0.
    return where(y == 0, 0, g * (y * x ** (y - 1)))


def _pow_by_exponent(g: Any, x: Any, y: Any, out: Any) -> Any:
    if type(x) in (int, float):
        logarithm = math.log(x) if x > 0 else -math.inf if x == 0 else math.nan
        return g * (out * logarithm) if x else where(y >= 0, 0, g * (out * logarithm))
    # 0**y is constant for y > 0, though 0 * log(0) is not 0.
    return where((x == 0) & (y >= 0), 0, g * (out * log(x)))


@primitive(
    elementwise=True,
    domain=(0.2, 2.0),
    operators=("__pow__", "__rpow__"),
    aliases=("power",),
    numpy=(np.power,),
    reference=each(lambda a, b: math.pow(a, b)),
)
def pow(x, y):
    """x to the power of y.  x, y: (*) -> (*)

    0**0 is 1; a negative base with a fractional exponent gives NaN. The gradient is finite wherever the derivative is:
    that of x**2 at 0, and that of 0**y by y. ValueError for an integer with a negative integer exponent.

    >>> import autograd
    >>> x = autograd.tensor([0.0, 3.0], requires_grad=True)
    >>> (x ** 2).sum().backward()
    >>> x.grad
    tensor([0., 6.])
    """
    return _power(x, y)


pow.gradient(x=_pow_by_base, y=_pow_by_exponent)


@pow.samples
def _(draw):
    for x, y in PAIRS:
        yield Sample(draw(*x), draw(*y, low=-2.0, high=3.0))
    for exponent in (0, 1, 2, 3, 4, 5, -1, -2, 0.5, -0.5, 1.5, 2.0):
        yield Sample(draw(2, 3), exponent)
    yield Sample(draw.away(3, 4, low=-2.0, high=2.0), 3)
    yield Sample(draw.away(3, 4, low=-2.0, high=2.0), draw.integers(4, low=-2, high=4).astype(np.int8))
    yield Sample(2.0, draw(3, 2, low=-2.0))
    yield Sample(3, draw(3))
    yield Sample(draw.integers(4), 2)
    yield Sample(draw.integers(4), draw.integers(4))


@pow.errors
def _(draw):
    yield Sample(draw.integers(3), -1), ValueError, "negative integer powers"
    yield Sample(draw(2, 3), draw(4)), ValueError, "do not broadcast"


def float_power(x: Any, y: Any) -> Any:
    """x to the power of y, in float64 whatever the dtypes are.  x, y: (*) -> float64 (*)

    >>> import autograd
    >>> autograd.float_power(autograd.tensor([2, 3]), -1)
    tensor([0.5000, 0.3333], dtype=float64)
    """
    return pow(_in_float64(x), _in_float64(y))


def _in_float64(value: Any) -> Any:
    if not hasattr(value, "dtype"):
        return value if isinstance(value, complex) else float(value)
    return value * np.float64(1)


def float_power_(self: Tensor, y: Any) -> Tensor:
    """`float_power`, written into the tensor itself in its own dtype."""
    check_writable(self, "float_power_")
    base = self if self.node is None else apart(self, self.data)  # the gradient may need what is overwritten
    return write(self, float_power(base, y if y is not self else base), "float_power_")


functions[float_power.__name__] = ufuncs[np.float_power] = float_power
for _method in (float_power, float_power_):
    setattr(Tensor, _method.__name__, _method)


@primitive(elementwise=True, numpy=(np.square,), reference=each(lambda a: a * a))
def square(x):
    """The square of each element.  x: (*) -> (*)"""
    return np.square(x)


square.gradient(x=lambda g, x: g * (x + x), absorbing=BEHIND_SELECTION)


@primitive(elementwise=True, domain=(0.1, 3.0), numpy=(np.sqrt,), reference=each(math.sqrt))
def sqrt(x):
    """The square root of each element; NaN for negative ones.  x: (*) -> (*)"""
    return np.sqrt(x)


sqrt.gradient(x=lambda g, out: g / (out + out))


@primitive(elementwise=True, domain=(0.2, 3.0), reference=each(lambda a: a**-0.5))
def rsqrt(x):
    """1 / sqrt(x) for each element.  x: (*) -> (*)"""
    out = np.sqrt(x)
    return np.true_divide(1, out, out=out if isinstance(out, np.ndarray) else None)


rsqrt.gradient(x=lambda g, out: g * (out * out * out * -0.5), absorbing=BEHIND_SELECTION)
