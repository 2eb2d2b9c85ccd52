"""Comparisons, kinds of numbers, and selection by a mask."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..declare import primitive
from ..errors import describe
from ..op import Sample, functions
from ..tensor import Tensor, get_default_dtype
from .creation import as_tensor
from .references import PAIRS, each, pairs_apart

# ---------------------------------------------------------------------------------------------------------------------
# Selection
# ---------------------------------------------------------------------------------------------------------------------
_BITS = {1: np.int8, 2: np.int16, 4: np.int32, 8: np.int64}
_LARGE = 4096  # elements from which on selecting by bits is faster than np.where


def select(condition: Any, x: Any, y: Any) -> np.ndarray:
    """x where `condition` holds, else y; arrays or numbers.

    np.where branches on each element, and a mask without a pattern makes it wait for most of them. Large arrays are
    selected by their bits instead, which takes a tenth of the time.
    """
    dtype = np.result_type(x, y)
    bits = _BITS.get(dtype.itemsize)
    if bits is None or np.size(condition) < _LARGE or dtype.hasobject or not dtype.isnative:
        return np.where(condition, x, y)
    truth = condition.view(np.int8)
    if _is_zero(y):
        return np.bitwise_and(_as_bits(x, dtype, bits), -truth).view(dtype)
    if _is_zero(x):
        return np.bitwise_and(_as_bits(y, dtype, bits), truth - 1).view(dtype)
    y = _as_bits(y, dtype, bits)
    out = np.bitwise_and(np.bitwise_xor(_as_bits(x, dtype, bits), y), -truth)
    return np.bitwise_xor(out, y).view(dtype)


def _is_zero(value: Any) -> bool:
    return type(value) in (int, float) and value == 0 and math.copysign(1, value) > 0


def _as_bits(value: Any, dtype: np.dtype, bits: Any) -> np.ndarray:
    return np.asarray(value, dtype).view(bits)


def _mask(name: str, mask: Any) -> Any:
    """The mask, which must be of truth values: a number in its place is mostly an argument in the wrong place."""
    if isinstance(mask, (bool, np.bool_)) or (isinstance(mask, np.ndarray) and mask.dtype.kind == "b"):
        return mask
    mask = np.asarray(mask)
    if mask.dtype.kind != "b":
        raise TypeError(f"{name}: the mask is {describe(mask)} and must be boolean. Compare it: mask != 0.")
    return mask


def _where_reference(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None:
        return tuple(np.argwhere(condition).T) if np.ndim(condition) else (np.zeros(int(condition), int),)
    return each(lambda c, a, b: a if c else b)(condition, x, y)


@primitive(elementwise=True, in_place=False, method=False, reference=_where_reference)
def where(condition, x=None, y=None):
    """x where `condition` holds, else y.  condition: bool (*), x, y: (*) -> (*)

    The gradient goes to the one that was taken: what was not taken has gradient 0, even where it is NaN or infinite,
    or where its own derivative is. With `condition` alone: the indices of the elements that are not 0, one array for
    each axis. As a method: `x.where(condition, y)`. TypeError if the condition is not boolean.

    >>> import autograd
    >>> x = autograd.tensor([-1.0, 4.0], requires_grad=True)
    >>> autograd.where(x > 0, x.sqrt(), x).sum().backward()
    >>> x.grad
    tensor([1.0000, 0.2500])
    """
    if x is None or y is None:
        if x is not y:
            raise TypeError("where: takes a condition alone, or a condition and two values to choose from.")
        return np.nonzero(np.atleast_1d(condition))
    condition = _mask("where", condition)
    if type(x) in (int, float) and type(y) in (int, float) and float in (type(x), type(y)):
        x = get_default_dtype().type(x)
    return select(condition, x, y)


where.gradient(
    x=lambda g, condition: gate(g, condition), y=lambda g, condition: where(condition, 0, g), absorbing=False
)


def _where_method(self: Tensor, condition: Any, y: Any) -> Tensor:
    """This tensor where `condition` holds, else y."""
    return where(condition, self, y)


@where.samples
def _(draw):
    for x, y in PAIRS:
        yield Sample(draw.booleans(*np.broadcast_shapes(x, y)), draw(*x), draw(*y))
    yield Sample(draw.booleans(3, 1), draw(4), draw(2, 3, 4))
    yield Sample(draw.booleans(3), draw(2, 3), 0.0)
    yield Sample(draw.booleans(3), -1.5, draw(3))
    yield Sample(draw.booleans(60, 70), draw(60, 70), draw(70))
    yield Sample(draw.booleans(5000), draw(5000), 0.0)
    yield Sample(draw.booleans(5000), 0, draw(5000))
    yield Sample(draw.booleans(3), draw.integers(3), draw.integers(3))
    yield Sample(draw.booleans(3, 4))
    yield Sample(draw.booleans())


@where.errors
def _(draw):
    yield Sample(draw(3), draw(3), draw(3)), TypeError, "must be boolean"
    yield Sample(draw.booleans(3), draw(4), draw(3)), ValueError, "do not broadcast"
    yield Sample(draw.booleans(3), draw(3)), TypeError, "two values"


def gate(g: Any, mask: Any) -> Any:
    """g where `mask` holds, else 0, for gradient rules: a product with the mask would be NaN where g is infinite."""
    if isinstance(g, np.ndarray) and not isinstance(mask, Tensor):
        return select(mask, g, 0)
    return where(mask, g, 0)


def flat(g: Any) -> Any:
    """The gradient of what is constant between its jumps: 0, whatever g is."""
    return np.zeros(g.shape, g.dtype) if isinstance(g, (np.ndarray, np.generic)) else masked_fill(g, True, 0)


@primitive(elementwise=True, reference=lambda x, mask, value: each(lambda a, m, v: v if m else a)(x, mask, value))
def masked_fill(x, mask, value):
    """x with `value` in the places where `mask` holds.  x, mask, value: (*) -> (*)

    mask: bool. The result has the dtype of x. TypeError if the mask is not boolean, or if x holds integers and the
    value is a fraction.
    """
    mask = _mask("masked_fill", mask)
    if _RANK[np.result_type(value).kind] > max(_RANK[x.dtype.kind], 1):
        raise TypeError(
            f"masked_fill: {describe(value)} does not fit into a tensor of {x.dtype}. Convert the tensor first."
        )
    return select(mask, np.asarray(value, x.dtype), x)


_RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}  # of kinds of numbers, each of which can hold those before it


masked_fill.gradient(x=lambda g, mask: where(mask, 0, g), value=lambda g, mask: gate(g, mask), absorbing=False)


@masked_fill.samples
def _(draw):
    yield Sample(draw(3, 4), draw.booleans(3, 4), -1.5)
    yield Sample(draw(3, 4), draw.booleans(4), draw())
    yield Sample(draw(3, 4), draw.booleans(3, 1), 0)
    yield Sample(draw(4), draw.booleans(3, 4), 2.0)
    yield Sample(draw(), draw.booleans(), 1.0)
    yield Sample(draw(2, 0), draw.booleans(1, 1), 1.0)
    yield Sample(draw(3, 4), draw.booleans(3, 4), draw(4))
    yield Sample(draw.integers(3, 4), draw.booleans(3, 4), 9)
    yield Sample(draw(80, 70), draw.booleans(80, 1), 0.5)


@masked_fill.errors
def _(draw):
    yield Sample(draw(3), draw(3), 0.0), TypeError, "must be boolean"
    yield Sample(draw.integers(3), draw.booleans(3), 0.5), TypeError, "does not fit into a tensor of int64"
    yield Sample(draw(3), draw.booleans(4), 0.5), ValueError, "do not broadcast"


# ---------------------------------------------------------------------------------------------------------------------
# Comparison
# ---------------------------------------------------------------------------------------------------------------------
_COMPARE: dict[str, Any] = {"elementwise": True, "in_place": False}
_RELATION: dict[str, Any] = {"elementwise": True}  # `x.lt_(y)` writes 1 and 0, as in PyTorch


@primitive(**_RELATION, numpy=(np.equal,), reference=each(operator.eq, bool))
def eq(x, y):
    """Whether x and y are equal, for each element; NaN equals nothing.  x, y: (*) -> bool (*)"""
    return np.equal(x, y)


@primitive(**_RELATION, aliases=("not_equal",), numpy=(np.not_equal,), reference=each(operator.ne, bool))
def ne(x, y):
    """Whether x and y differ, for each element.  x, y: (*) -> bool (*)"""
    return np.not_equal(x, y)


@primitive(**_RELATION, operators=("__lt__",), aliases=("less",), numpy=(np.less,), reference=each(operator.lt, bool))
def lt(x, y):
    """Whether x < y, for each element.  x, y: (*) -> bool (*)"""
    return np.less(x, y)


@primitive(
    **_RELATION,
    operators=("__le__",),
    aliases=("less_equal",),
    numpy=(np.less_equal,),
    reference=each(operator.le, bool),
)
def le(x, y):
    """Whether x <= y, for each element.  x, y: (*) -> bool (*)"""
    return np.less_equal(x, y)


@primitive(
    **_RELATION, operators=("__gt__",), aliases=("greater",), numpy=(np.greater,), reference=each(operator.gt, bool)
)
def gt(x, y):
    """Whether x > y, for each element.  x, y: (*) -> bool (*)"""
    return np.greater(x, y)


@primitive(
    **_RELATION,
    operators=("__ge__",),
    aliases=("greater_equal",),
    numpy=(np.greater_equal,),
    reference=each(operator.ge, bool),
)
def ge(x, y):
    """Whether x >= y, for each element.  x, y: (*) -> bool (*)"""
    return np.greater_equal(x, y)


def _samples_with_ties(draw: Any) -> Any:
    yield from pairs_apart(draw)
    yield Sample(draw.integers(3, 4), draw.integers(3, 4))
    yield Sample(draw.integers(3, 4), draw.integers(4))
    yield Sample(np.array([0.0, -0.0, np.inf, np.nan]), np.array([0.0, 0.0, np.inf, np.nan]))


for _op in (eq, ne, lt, le, gt, ge):
    _op.samples(_samples_with_ties)


@lt.errors
def _(draw):
    yield Sample(draw(3), draw(4)), ValueError, "do not broadcast"
    yield Sample(draw(3), "three"), TypeError, "Give tensors, arrays or numbers"


# `tensor == None` and `tensor == "mean"` are questions that programs ask, and the answer is no.
def _eq_operator(self: Tensor, other: Any) -> Any:
    try:
        return eq(self, other)
    except TypeError:
        return NotImplemented


def _ne_operator(self: Tensor, other: Any) -> Any:
    try:
        return ne(self, other)
    except TypeError:
        return NotImplemented


for _name, _method in {"__eq__": _eq_operator, "__ne__": _ne_operator, "where": _where_method}.items():
    setattr(Tensor, _name, _method)


def _close(a: float, b: float, rtol: float, atol: float, equal_nan: bool) -> bool:
    if math.isnan(a) or math.isnan(b):
        return equal_nan and math.isnan(a) and math.isnan(b)
    return a == b or (not math.isinf(a) and abs(a - b) <= atol + rtol * abs(b) < math.inf)


@primitive(
    **_COMPARE,
    numpy=(np.isclose,),
    reference=lambda x, y, rtol=1e-5, atol=1e-8, equal_nan=False: each(_close, bool)(x, y, rtol, atol, equal_nan),
)
def isclose(x, y, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether |x - y| <= atol + rtol |y|, for each element.  x, y: (*) -> bool (*)

    Equal infinities are close; NaN is close to NaN only with `equal_nan`.
    """
    return np.isclose(x, y, rtol, atol, equal_nan)


@isclose.samples
def _(draw):
    x = draw(3, 4)
    special = np.array([np.inf, -np.inf, np.inf, np.nan, np.nan, 0.0])
    for y in (x, x + 1e-6, x + 1e-9, x[0], x[:, :1]):
        yield Sample(x, y)
    yield Sample(x, x + 0.01, rtol=0.0, atol=0.02)
    yield Sample(special, special[::-1].copy())
    yield Sample(special, special, equal_nan=True)
    yield Sample(draw(), draw())
    yield Sample(draw(0), draw(0))


def allclose(x: Any, y: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements of x and y are close, as `isclose` has it.  x, y: (*) -> one bool

    >>> import autograd
    >>> autograd.allclose(autograd.tensor([1.0, 2.0]), autograd.tensor([1.0, 2.000001]))
    True
    """
    return bool(isclose(as_tensor(x), y, rtol, atol, equal_nan).data.all())


def equal(x: Any, y: Any) -> bool:
    """Whether x and y have the same shape and equal elements.  x, y: (*) -> one bool

    >>> import autograd
    >>> autograd.equal(autograd.tensor([1.0, 2.0]), autograd.tensor([1.0, 3.0]))
    False
    """
    return bool(np.array_equal(as_tensor(x).data, as_tensor(y).data))


for _function in (allclose, equal):
    functions[_function.__name__] = _function
    setattr(Tensor, _function.__name__, _function)


# ---------------------------------------------------------------------------------------------------------------------
# What kind of number
# ---------------------------------------------------------------------------------------------------------------------
@primitive(**_COMPARE, numpy=(np.isnan,), reference=each(math.isnan, bool))
def isnan(x):
    """Whether each element is NaN.  x: (*) -> bool (*)"""
    return np.isnan(x)


@primitive(**_COMPARE, numpy=(np.isinf,), reference=each(math.isinf, bool))
def isinf(x):
    """Whether each element is infinite.  x: (*) -> bool (*)"""
    return np.isinf(x)


@primitive(**_COMPARE, numpy=(np.isfinite,), reference=each(math.isfinite, bool))
def isfinite(x):
    """Whether each element is neither infinite nor NaN.  x: (*) -> bool (*)"""
    return np.isfinite(x)


@primitive(**_COMPARE, numpy=(np.isposinf,), reference=each(lambda a: a == math.inf, bool))
def isposinf(x):
    """Whether each element is plus infinity.  x: (*) -> bool (*)"""
    return np.equal(x, np.inf)


@primitive(**_COMPARE, numpy=(np.isneginf,), reference=each(lambda a: a == -math.inf, bool))
def isneginf(x):
    """Whether each element is minus infinity.  x: (*) -> bool (*)"""
    return np.equal(x, -np.inf)


@primitive(**_COMPARE, numpy=(np.signbit,), reference=each(lambda a: math.copysign(1, a) < 0, bool))
def signbit(x):
    """Whether each element has a minus sign, as -0.0 has.  x: (*) -> bool (*)"""
    return np.signbit(x) if x.dtype.kind == "f" else np.less(x, 0)


def _special_values(draw: Any) -> Any:
    yield Sample(np.array([0.0, -0.0, 1.5, -2.5, np.inf, -np.inf, np.nan]))
    yield Sample(np.array(np.inf))
    yield Sample(draw(2, 3))
    yield Sample(draw(0))
    yield Sample(draw.integers(3, low=-2))
    yield Sample(np.array([[np.inf, 0.0], [-np.inf, np.nan]]))
    yield Sample(draw(2, 1, 3))


for _op in (isnan, isinf, isfinite, isposinf, isneginf, signbit):
    _op.samples(_special_values)
