"""Reductions: sums, extremes, truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor, wrap
from .arguments import array

_np: Any = np  # its stubs do not know tensors


def all(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Whether all elements are true."""
    return _np.all(array(x, "all"), axis=axis, keepdims=keepdims)


def any(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Whether some element is true."""
    return _np.any(array(x, "any"), axis=axis, keepdims=keepdims)


def count_nonzero(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """How many elements are not zero."""
    return wrap(np.asarray(np.count_nonzero(array(x, "count_nonzero").data, axis=axis, keepdims=keepdims)))


def cumulative_prod(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Tensor:
    """The product of each element with all before it."""
    return _np.cumulative_prod(array(x, "cumulative_prod"), axis=axis, dtype=dtype, include_initial=include_initial)


def cumulative_sum(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Tensor:
    """The sum of each element and all before it."""
    return _np.cumulative_sum(array(x, "cumulative_sum"), axis=axis, dtype=dtype, include_initial=include_initial)


def diff(x: Any, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Tensor:
    """The differences between neighbours, n times."""
    options = {"prepend": prepend, "append": append}
    given = {key: array(value, "diff") for key, value in options.items() if value is not None}
    return _np.diff(array(x, "diff"), n, axis, **given)


def max(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The greatest element."""
    return _np.max(array(x, "max"), axis=axis, keepdims=keepdims)


def mean(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The mean."""
    return _np.mean(array(x, "mean"), axis=axis, keepdims=keepdims)


def min(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The least element."""
    return _np.min(array(x, "min"), axis=axis, keepdims=keepdims)


def prod(x: Any, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """The product."""
    return _np.prod(array(x, "prod"), axis=axis, dtype=dtype, keepdims=keepdims)


def std(x: Any, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """The standard deviation, with the number of elements minus `correction` as divisor."""
    return _np.std(array(x, "std"), axis=axis, ddof=correction, keepdims=keepdims)


def sum(x: Any, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """The sum."""
    return _np.sum(array(x, "sum"), axis=axis, dtype=dtype, keepdims=keepdims)


def var(x: Any, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """The variance, with the number of elements minus `correction` as divisor."""
    return _np.var(array(x, "var"), axis=axis, ddof=correction, keepdims=keepdims)
