"""Sums, products, extremes and running sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from ..tensor import Tensor, wrap
from .adapting import adapts, as_tensor, axes_of, flat, values_of


def reduce_over(operation: Any, a: Tensor, axis: Any, keepdims: Any, **settings: Any) -> Tensor:
    """The operation over the axes; over none for (), where PyTorch and its followers take all."""
    if axis == () and a.ndim:
        return operation(ag.unsqueeze(a, -1), -1, **settings)
    axis = None if axis is None else axes_of(axis, a.ndim)
    return operation(a, axis, keepdim=bool(keepdims), **settings)


def selected(a: Tensor, where: Any, neutral: Any) -> Tensor:
    """The tensor with the neutral element where `where` is false."""
    return a if where is True else ag.where(values_of(where), a, np.asarray(neutral, a.dtype))


def counted(a: Tensor, axis: Any, keepdims: Any, where: Any) -> Any:
    """How many elements each element of the result of a reduction is made of."""
    if where is True:
        return np.prod([a.shape[i] for i in axes_of(axis, a.ndim)], dtype=np.int64)
    return np.sum(np.broadcast_to(values_of(where), a.shape), axis=axis, keepdims=bool(keepdims))


def _total(operation: Any, name: str) -> Any:
    def total(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = 0,
        where: Any = True,
    ) -> Any:
        found = reduce_over(operation, selected(as_tensor(a), where, 0), axis, keepdims, dtype=dtype)
        return found if type(initial) is int and initial == 0 else (found + initial).astype(found.dtype)

    adapts(name)(total)
    return total


_total(ag.sum, "sum")
_total(ag.nansum, "nansum")


@adapts("prod")
def _prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = 1,
    where: Any = True,
) -> Any:
    product = reduce_over(ag.prod, selected(as_tensor(a), where, 1), axis, keepdims, dtype=dtype)
    return product if type(initial) is int and initial == 1 else (product * initial).astype(product.dtype)


@adapts("mean")
def _mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    a = as_tensor(a)
    if where is True:
        return reduce_over(ag.mean, a, axis, keepdims, dtype=dtype)
    total = reduce_over(ag.sum, selected(a, where, 0), axis, keepdims, dtype=dtype)
    return (total / np.asarray(counted(a, axis, keepdims, where))).astype(total.dtype)


def _extreme(operation: Any, pair: Any, name: str) -> Any:
    def extreme(
        a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None, where: Any = True
    ) -> Any:
        a = as_tensor(a)
        if initial is None and where is not True:
            raise ValueError(f"np.{name}: where needs initial, the result where it selects nothing.")
        if a.numel() == 0:
            options = {} if initial is None else {"initial": values_of(initial)}
            return wrap(np.asarray(getattr(np, name)(a.data, axis=axis, keepdims=keepdims, **options)))
        if where is not True:
            a = ag.where(values_of(where), a, initial)
        result = reduce_over(operation, a, axis, keepdims)
        return result if initial is None else pair(result, initial)

    adapts(name, f"a{name}")(extreme)
    return extreme


_max = _extreme(ag.amax, ag.maximum, "max")
_min = _extreme(ag.amin, ag.minimum, "min")


@adapts("ptp")
def _ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    return _max(a, axis, keepdims=keepdims) - _min(a, axis, keepdims=keepdims)


# ---------------------------------------------------------------------------------------------------------------------
# Running sums
# ---------------------------------------------------------------------------------------------------------------------
@adapts("cumsum")
def _cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    a = as_tensor(a)
    return ag.cumsum(flat(a), 0, dtype) if axis is None else ag.cumsum(a, axis, dtype)


@adapts("cumprod")
def _cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    a = as_tensor(a)
    return ag.cumprod(flat(a), 0, dtype) if axis is None else ag.cumprod(a, axis, dtype)


def _cumulative(operation: Any, first: int, x: Any, axis: Any, dtype: Any, include_initial: bool) -> Any:
    x = as_tensor(x)
    if axis is None:
        if x.ndim != 1:
            raise ValueError(f"np.cumulative_{operation.__name__[3:]}: name an axis of a tensor of shape {x.shape}.")
        axis = 0
    out = operation(x, axis, dtype)
    if not include_initial:
        return out
    shape = list(out.shape)
    shape[axis] = 1
    return ag.cat([np.full(shape, first, out.dtype), out], axis)


@adapts("cumulative_sum")
def _cumulative_sum(
    x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False
) -> Any:
    return _cumulative(ag.cumsum, 0, x, axis, dtype, include_initial)


@adapts("cumulative_prod")
def _cumulative_prod(
    x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False
) -> Any:
    return _cumulative(ag.cumprod, 1, x, axis, dtype, include_initial)


# ---------------------------------------------------------------------------------------------------------------------
# Without what is NaN
# ---------------------------------------------------------------------------------------------------------------------
def without_nan(a: Any, where: Any = True) -> tuple[Tensor, np.ndarray]:
    """The tensor, and which elements count."""
    a = as_tensor(a)
    counts = ~np.isnan(a.data)
    return a, counts if where is True else counts & values_of(where)


@adapts("nanprod")
def _nanprod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = 1,
    where: Any = True,
) -> Any:
    a, counts = without_nan(a)
    return _prod(ag.where(counts, a, np.ones((), a.dtype)), axis, dtype, None, keepdims, initial, where)


@adapts("nancumsum")
def _nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    a, counts = without_nan(a)
    return _cumsum(ag.where(counts, a, np.zeros((), a.dtype)), axis, dtype)


@adapts("nancumprod")
def _nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    a, counts = without_nan(a)
    return _cumprod(ag.where(counts, a, np.ones((), a.dtype)), axis, dtype)


@adapts("nanmean")
def _nanmean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    return reduce_over(ag.nanmean, selected(as_tensor(a), where, np.nan), axis, keepdims, dtype=dtype)


def _nan_extreme(name: str, extreme: Any, worst: float) -> Any:
    def nan_extreme(
        a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None, where: Any = True
    ) -> Any:
        a, counts = without_nan(a, where)
        start = worst if initial is None else initial
        result = extreme(a, axis, None, keepdims, start, counts)
        nothing = ~np.any(counts, axis=axis, keepdims=bool(keepdims))
        if initial is None and np.any(nothing):
            return ag.where(nothing, np.asarray(np.nan, result.dtype), result)
        return result

    return adapts(name)(nan_extreme)


_nanmax = _nan_extreme("nanmax", _max, -np.inf)
_nanmin = _nan_extreme("nanmin", _min, np.inf)
