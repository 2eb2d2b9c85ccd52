"""Dtypes and what is known of them, and the constants."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..tensor import Tensor
from .arguments import array, checked_device

bool = np.dtype("bool")
int8, int16, int32, int64 = (np.dtype(name) for name in ("int8", "int16", "int32", "int64"))
uint8, uint16, uint32, uint64 = (np.dtype(name) for name in ("uint8", "uint16", "uint32", "uint64"))
float32, float64 = np.dtype("float32"), np.dtype("float64")
complex64, complex128 = np.dtype("complex64"), np.dtype("complex128")

e = math.e
inf = math.inf
nan = math.nan
pi = math.pi
newaxis = None


class FloatInfo(NamedTuple):
    """What `finfo` returns."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype


class IntegerInfo(NamedTuple):
    """What `iinfo` returns."""

    bits: int
    max: int
    min: int
    dtype: np.dtype


def _dtype(type: Any) -> np.dtype:
    return type.dtype if isinstance(type, (Tensor, np.ndarray, np.generic)) else np.dtype(type)


def finfo(type: Any, /) -> FloatInfo:
    """The limits of a floating-point dtype, as Python numbers; of complex ones, those of their parts."""
    dtype = _dtype(type)
    if dtype.kind not in "fc":
        raise TypeError(f"finfo: {dtype} is no floating-point dtype. Use iinfo.")
    info = np.finfo(dtype)
    low, high = float(info.min), float(info.max)
    return FloatInfo(info.bits, float(info.eps), high, low, float(info.smallest_normal), info.dtype)


def iinfo(type: Any, /) -> IntegerInfo:
    """The limits of an integer dtype, as Python numbers."""
    dtype = _dtype(type)
    if dtype.kind not in "iu":
        raise TypeError(f"iinfo: {dtype} is no integer dtype. Use finfo.")
    info = np.iinfo(dtype)
    return IntegerInfo(info.bits, info.max, info.min, dtype)


def isdtype(dtype: Any, kind: Any) -> Any:
    """Whether a dtype is another one, or of a kind: "bool", "signed integer", "unsigned integer", "integral",
    "real floating", "complex floating", "numeric", or any of a tuple of these."""
    return np.isdtype(dtype, kind)


def can_cast(from_: Any, to: Any, /) -> Any:
    """Whether promotion, which stays among truth values, among integers, or among floats, leads to the other dtype."""
    one, other = _dtype(from_), _dtype(to)
    families = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 2}
    return families[one.kind] == families[other.kind] and np.result_type(one, other) == other


def result_type(*arrays_and_dtypes: Any) -> np.dtype:
    """The dtype of an operation between arrays, dtypes and Python numbers."""
    given = [value.data if isinstance(value, Tensor) else value for value in arrays_and_dtypes]
    if not given or all(isinstance(value, (int, float, complex)) for value in given):
        raise ValueError("result_type: give at least one array or dtype.")
    return np.result_type(*[value.dtype if isinstance(value, np.ndarray) else value for value in given])


def astype(x: Any, dtype: Any, /, *, copy: Any = True, device: Any = None) -> Tensor:
    """The array in another dtype.  Complex numbers are not made real: use `real`."""
    checked_device(device, "astype")
    x = array(x, "astype")
    if x.dtype.kind == "c" and np.dtype(dtype).kind != "c":
        raise TypeError(f"astype: {x.dtype} to {np.dtype(dtype)} would lose the imaginary parts. Use real(x) first.")
    convert: Any = np.astype
    return convert(x, dtype, copy=copy)
