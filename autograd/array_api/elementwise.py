"""Functions of each element.

They are NumPy's, which follow the standard in name and meaning, and reach tensors by NumPy's protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..tensor import Tensor
from .arguments import array, operands


def _unary(name: str, what: str) -> Callable[..., Tensor]:
    run = getattr(np, name)

    def function(x: Any, /) -> Tensor:
        result: Tensor = run(array(x, name))
        return result

    function.__name__ = function.__qualname__ = name
    function.__doc__ = what
    return function


def _binary(name: str, what: str) -> Callable[..., Tensor]:
    run = getattr(np, name)

    def function(x1: Any, x2: Any, /) -> Tensor:
        result: Tensor = run(*operands(x1, x2, name))
        return result

    function.__name__ = function.__qualname__ = name
    function.__doc__ = what
    return function


abs = _unary("abs", "The absolute value.")
acos = _unary("acos", "The inverse cosine.")
acosh = _unary("acosh", "The inverse hyperbolic cosine.")
asin = _unary("asin", "The inverse sine.")
asinh = _unary("asinh", "The inverse hyperbolic sine.")
atan = _unary("atan", "The inverse tangent.")
atanh = _unary("atanh", "The inverse hyperbolic tangent.")
bitwise_invert = _unary("bitwise_invert", "Every bit turned.")
ceil = _unary("ceil", "The smallest whole number that is not less.")
conj = _unary("conj", "The complex conjugate.")
cos = _unary("cos", "The cosine.")
cosh = _unary("cosh", "The hyperbolic cosine.")
exp = _unary("exp", "e to the power of x.")
expm1 = _unary("expm1", "exp(x) - 1, exact for small x.")
floor = _unary("floor", "The largest whole number that is not greater.")
imag = _unary("imag", "The imaginary part.")
isfinite = _unary("isfinite", "Whether x is neither infinite nor NaN.")
isinf = _unary("isinf", "Whether x is infinite.")
isnan = _unary("isnan", "Whether x is NaN.")
log = _unary("log", "The natural logarithm.")
log10 = _unary("log10", "The logarithm to base 10.")
log1p = _unary("log1p", "log(1 + x), exact for small x.")
log2 = _unary("log2", "The logarithm to base 2.")
logical_not = _unary("logical_not", "Whether x is false.")
negative = _unary("negative", "-x.")
positive = _unary("positive", "+x.")
real = _unary("real", "The real part.")
reciprocal = _unary("reciprocal", "1 / x.")
round = _unary("round", "The nearest whole number; of two, the even one.")
sign = _unary("sign", "-1, 0 or 1; of a complex number, x / abs(x).")
signbit = _unary("signbit", "Whether the sign is negative, also that of zero.")
sin = _unary("sin", "The sine.")
sinh = _unary("sinh", "The hyperbolic sine.")
sqrt = _unary("sqrt", "The square root.")
square = _unary("square", "x * x.")
tan = _unary("tan", "The tangent.")
tanh = _unary("tanh", "The hyperbolic tangent.")
trunc = _unary("trunc", "x without what is behind the point.")

add = _binary("add", "x1 + x2.")
atan2 = _binary("atan2", "The angle of the point (x2, x1).")
bitwise_and = _binary("bitwise_and", "x1 & x2.")
bitwise_left_shift = _binary("bitwise_left_shift", "x1 << x2.")
bitwise_or = _binary("bitwise_or", "x1 | x2.")
bitwise_right_shift = _binary("bitwise_right_shift", "x1 >> x2.")
bitwise_xor = _binary("bitwise_xor", "x1 ^ x2.")
copysign = _binary("copysign", "The size of x1 with the sign of x2.")
divide = _binary("divide", "x1 / x2.")
equal = _binary("equal", "x1 == x2.")
floor_divide = _binary("floor_divide", "x1 // x2.")
greater = _binary("greater", "x1 > x2.")
greater_equal = _binary("greater_equal", "x1 >= x2.")
hypot = _binary("hypot", "The square root of x1 * x1 + x2 * x2.")
less = _binary("less", "x1 < x2.")
less_equal = _binary("less_equal", "x1 <= x2.")
logaddexp = _binary("logaddexp", "log(exp(x1) + exp(x2)).")
logical_and = _binary("logical_and", "Whether both are true.")
logical_or = _binary("logical_or", "Whether one of them is true.")
logical_xor = _binary("logical_xor", "Whether exactly one of them is true.")
maximum = _binary("maximum", "The greater one.")
minimum = _binary("minimum", "The lesser one.")
multiply = _binary("multiply", "x1 * x2.")
nextafter = _binary("nextafter", "The next number from x1 towards x2 that the dtype has.")
not_equal = _binary("not_equal", "x1 != x2.")
pow = _binary("pow", "x1 ** x2.")
remainder = _binary("remainder", "x1 % x2, with the sign of x2.")
subtract = _binary("subtract", "x1 - x2.")


def clip(x: Any, /, min: Any = None, max: Any = None) -> Tensor:
    """x between two bounds, each of them a number, an array or None."""
    x = array(x, "clip")
    if x.dtype.kind not in "iuf":
        raise TypeError(f"clip: takes real numbers, not {x.dtype}.")
    dtype = x.dtype
    for bound, pick in ((min, np.maximum), (max, np.minimum)):
        if bound is not None:
            x, bound = operands(x, bound, "clip")
            x = pick(x, bound)
    return x if x.dtype == dtype else x.astype(dtype)
