"""Logic on truth values and on the bits of integers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..declare import primitive
from ..errors import describe
from ..op import Sample
from .references import PAIRS, each


# ---------------------------------------------------------------------------------------------------------------------
# Logic on truth values, where 0 is false and all else true
# ---------------------------------------------------------------------------------------------------------------------
@primitive(elementwise=True, numpy=(np.logical_and,), reference=each(lambda a, b: bool(a) and bool(b), bool))
def logical_and(x, y):
    """Whether both x and y are true, for each element.  x, y: (*) -> bool (*)"""
    return np.logical_and(x, y)


@primitive(elementwise=True, numpy=(np.logical_or,), reference=each(lambda a, b: bool(a) or bool(b), bool))
def logical_or(x, y):
    """Whether x or y is true, for each element.  x, y: (*) -> bool (*)"""
    return np.logical_or(x, y)


@primitive(elementwise=True, numpy=(np.logical_xor,), reference=each(lambda a, b: bool(a) != bool(b), bool))
def logical_xor(x, y):
    """Whether exactly one of x and y is true, for each element.  x, y: (*) -> bool (*)"""
    return np.logical_xor(x, y)


@primitive(elementwise=True, numpy=(np.logical_not,), reference=each(lambda a: not a, bool))
def logical_not(x):
    """Whether x is false, for each element.  x: (*) -> bool (*)"""
    return np.logical_not(x)


@logical_not.samples
def _(draw):
    yield Sample(draw.booleans(3, 4))
    yield Sample(draw.integers(5, high=2))
    yield Sample(np.array([0.0, -0.0, 1.0, np.nan]))
    yield Sample(draw.booleans())
    yield Sample(draw.booleans(2, 0))
    yield Sample(draw(2, 1, 3))


# ---------------------------------------------------------------------------------------------------------------------
# Bits of integers, and truth values
# ---------------------------------------------------------------------------------------------------------------------
def _on_bits(name: str, ufunc: np.ufunc, *operands: Any) -> np.ndarray:
    try:
        return ufunc(*operands)
    except TypeError:
        given = " and ".join(map(describe, operands))
        raise TypeError(f"{name}: works on integers and booleans, not on {given}. Compare first: x > 0.") from None


@primitive(
    elementwise=True,
    operators=("__and__", "__rand__"),
    numpy=(np.bitwise_and,),
    reference=each(operator.and_, int),
)
def bitwise_and(x, y):
    """The bits that are set in both x and y; for booleans their logical and.  x, y: integer or bool (*) -> (*)"""
    return _on_bits("bitwise_and", np.bitwise_and, x, y)


@primitive(elementwise=True, operators=("__or__", "__ror__"), numpy=(np.bitwise_or,), reference=each(operator.or_, int))
def bitwise_or(x, y):
    """The bits that are set in x or y; for booleans their logical or.  x, y: integer or bool (*) -> (*)"""
    return _on_bits("bitwise_or", np.bitwise_or, x, y)


@primitive(
    elementwise=True, operators=("__xor__", "__rxor__"), numpy=(np.bitwise_xor,), reference=each(operator.xor, int)
)
def bitwise_xor(x, y):
    """The bits that are set in exactly one of x and y.  x, y: integer or bool (*) -> (*)"""
    return _on_bits("bitwise_xor", np.bitwise_xor, x, y)


def _not(x: np.ndarray) -> np.ndarray:
    return each(operator.not_, bool)(x) if x.dtype.kind == "b" else each(lambda a: -a - 1, int)(x)


@primitive(elementwise=True, operators=("__invert__",), numpy=(np.bitwise_not,), reference=_not)
def bitwise_not(x):
    """All bits reversed; for booleans their logical not.  x: integer or bool (*) -> (*)"""
    return _on_bits("bitwise_not", np.bitwise_not, x)


@primitive(
    elementwise=True,
    operators=("__lshift__", "__rlshift__"),
    numpy=(np.left_shift,),
    reference=each(operator.lshift, int),
)
def bitwise_left_shift(x, y):
    """x 2**y, by moving its bits y places up.  x, y: integer (*) -> (*)"""
    return _on_bits("bitwise_left_shift", np.left_shift, x, y)


@primitive(
    elementwise=True,
    operators=("__rshift__", "__rrshift__"),
    numpy=(np.right_shift,),
    reference=each(operator.rshift, int),
)
def bitwise_right_shift(x, y):
    """x / 2**y rounded down, by moving its bits y places down.  x, y: integer (*) -> (*)"""
    return _on_bits("bitwise_right_shift", np.right_shift, x, y)


def _integers(draw: Any) -> Any:
    for x, y in PAIRS:
        yield Sample(draw.integers(*x, high=100), draw.integers(*y, high=9))
    yield Sample(draw.integers(4, high=100), 3)


def _integers_and_booleans(draw: Any) -> Any:
    yield from _integers(draw)
    for x, y in PAIRS[:3]:
        yield Sample(draw.booleans(*x), draw.booleans(*y))


def _floats_are_refused(draw: Any) -> Any:
    yield Sample(draw(3), draw(3)), TypeError, "not on float64(3,)"


for _op in (bitwise_and, bitwise_or, bitwise_xor, logical_and, logical_or, logical_xor):
    _op.samples(_integers_and_booleans)
for _op in (bitwise_left_shift, bitwise_right_shift):
    _op.samples(_integers)
for _op in (bitwise_and, bitwise_or, bitwise_xor, bitwise_left_shift, bitwise_right_shift):
    _op.errors(_floats_are_refused)


@bitwise_not.samples
def _(draw):
    yield Sample(draw.integers(3, 4, low=-5))
    yield Sample(draw.booleans(3, 4))
    yield Sample(draw.booleans())
    yield Sample(draw.integers(0))
    yield Sample(draw.integers(2, 1, 3, low=-100, high=100))
    yield Sample(np.array([0, 1, -7], np.int8))
