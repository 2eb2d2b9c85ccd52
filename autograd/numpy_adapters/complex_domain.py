"""`np.emath`: complex numbers come of real ones outside the domain of a function."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import functions as ag
from ..tensor import Tensor
from .adapting import adapts, as_tensor


def _widened(x: Any, outside: Any) -> Tensor:
    """The argument, complex if one of its elements lies outside."""
    x = as_tensor(x)
    if x.is_complex() or not np.any(outside(x.data)):
        return x
    return x.astype(np.result_type(x.dtype, np.complex64))


def _below_zero(x: np.ndarray) -> Any:
    return x < 0


def _beyond_one(x: np.ndarray) -> Any:
    return np.abs(x) > 1


@adapts("emath.sqrt")
def _sqrt(x: Any) -> Any:
    return ag.sqrt(_widened(x, _below_zero))


@adapts("emath.log")
def log(x: Any) -> Any:
    return ag.log(_widened(x, _below_zero))


@adapts("emath.log2")
def _log2(x: Any) -> Any:
    return log(x) / math.log(2.0)


@adapts("emath.log10")
def _log10(x: Any) -> Any:
    return log(x) / math.log(10.0)


@adapts("emath.logn")
def _logn(n: Any, x: Any) -> Any:
    return log(x) / log(n)


@adapts("emath.power")
def _power(x: Any, p: Any) -> Any:
    return _widened(x, _below_zero) ** as_tensor(p)


@adapts("emath.arccos")
def _arccos(x: Any) -> Any:
    return ag.acos(_widened(x, _beyond_one))


@adapts("emath.arcsin")
def _arcsin(x: Any) -> Any:
    return ag.asin(_widened(x, _beyond_one))


@adapts("emath.arctanh")
def _arctanh(x: Any) -> Any:
    return ag.atanh(_widened(x, _beyond_one))
