"""Variances, averages, quantiles and correlations."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from ..arguments import MISSING
from ..tensor import Tensor
from .adapting import adapts, as_tensor, axes_of, values_of
from .reductions import counted, reduce_over, selected, without_nan


def _variance(a: Any, axis: Any, dtype: Any, correction: Any, keepdims: Any, where: Any, mean: Any) -> Tensor:
    a = as_tensor(a)
    if dtype is not None:
        a = a.astype(dtype)
    if where is True and mean is None and axis != () and a.dtype != np.float16:
        return reduce_over(ag.var, a, axis, keepdims, correction=correction)
    wide = a.float() if a.dtype == np.float16 else a
    n = np.asarray(counted(a, axis, True, where))
    if mean is None:
        mean = reduce_over(ag.sum, selected(wide, where, 0), axis, True) / n.astype(wide.data.real.dtype)
    deviation = wide - mean
    squares = ag.abs(deviation) ** 2 if wide.is_complex() else deviation * deviation
    divisor = np.maximum(counted(a, axis, keepdims, where) - correction, 0).astype(squares.dtype)
    return (reduce_over(ag.sum, selected(squares, where, 0), axis, keepdims) / np.asarray(divisor)).astype(
        a.data.real.dtype
    )


def _root(variance: Tensor) -> Tensor:
    """The square root, with the gradient 0 where all elements are equal."""
    equal = variance.data == 0
    if not equal.any():
        return ag.sqrt(variance)
    return ag.where(equal, variance, ag.sqrt(ag.where(equal, np.ones((), variance.dtype), variance)))


def _correction_of(ddof: Any, correction: Any, name: str) -> Any:
    if correction is MISSING or correction is None:
        return ddof
    if ddof != 0:
        raise ValueError(f"np.{name}: ddof and correction are the same thing. Give one of them.")
    return correction


@adapts("var")
def _var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = MISSING,
) -> Any:
    return _variance(a, axis, dtype, _correction_of(ddof, correction, "var"), keepdims, where, mean)


@adapts("std")
def _std(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = MISSING,
) -> Any:
    return _root(_variance(a, axis, dtype, _correction_of(ddof, correction, "std"), keepdims, where, mean))


@adapts("nanvar")
def _nanvar(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = MISSING,
) -> Any:
    a, counts = without_nan(a, where)
    ddof = _correction_of(ddof, correction, "nanvar")
    result = _variance(a, axis, dtype, ddof, keepdims, counts, mean)
    few = np.asarray(counted(a, axis, keepdims, counts) <= ddof)
    return ag.where(few, np.asarray(np.nan, result.dtype), result) if few.any() else result


@adapts("nanstd")
def _nanstd(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = MISSING,
) -> Any:
    ddof = _correction_of(ddof, correction, "nanstd")
    return _root(_nanvar(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean))


@adapts("average")
def _average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    a = as_tensor(a)
    if weights is None:
        mean = reduce_over(ag.mean, a, axis, keepdims)
        total: Any = np.full(mean.shape, float(counted(a, axis, keepdims, True)), mean.dtype)
    else:
        w = as_tensor(weights)
        if w.shape != a.shape:
            if axis is None:
                raise TypeError(
                    f"np.average: weights of shape {w.shape} for a tensor of shape {a.shape}. Name the axis that they "
                    f"belong to."
                )
            axes = axes_of(axis, a.ndim)
            if w.shape != tuple(a.shape[i] for i in axes):
                raise ValueError(f"np.average: weights of shape {w.shape} for axes {axes} of {a.shape} do not match.")
            w = ag.permute(w, *np.argsort(axes).tolist())
            w = w.reshape([n if i in axes else 1 for i, n in enumerate(a.shape)])
        w = ag.broadcast_to(w, a.shape)
        total = reduce_over(ag.sum, w, axis, keepdims)
        if np.any(total.data == 0):
            raise ZeroDivisionError("np.average: the weights add up to zero.")
        mean = reduce_over(ag.sum, a * w, axis, keepdims) / total
    return (mean, as_tensor(total)) if returned else mean


# ---------------------------------------------------------------------------------------------------------------------
# Quantiles
# ---------------------------------------------------------------------------------------------------------------------
_METHODS = {"linear", "lower", "higher", "midpoint", "nearest"}


def _quantile_of(operation: Any, scale: float) -> Any:
    def quantile(
        a: Any,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: Any = False,
        *,
        weights: Any = None,
    ) -> Any:
        if weights is not None or method not in _METHODS or (isinstance(q, Tensor) and q.requires_grad):
            return NotImplemented
        a = as_tensor(a)
        if not isinstance(q, (int, float)):  # NumPy: an array of fractions takes part in promotion
            a = a.astype(np.result_type(a.dtype, np.asarray(values_of(q)).dtype))
        q = np.asarray(values_of(q))
        axes = axes_of(axis, a.ndim)
        kept = [n for i, n in enumerate(a.shape) if i not in axes]
        rows = ag.movedim(a, axes, tuple(range(-len(axes), 0))).reshape(*kept, -1) if axes else ag.unsqueeze(a, -1)
        result = operation(rows, np.ravel(q) * np.asarray(scale, np.result_type(q, 0.0)), -1, False, method)
        if keepdims:
            kept = [1 if i in axes else n for i, n in enumerate(a.shape)]
        return result.reshape(*q.shape, *kept)

    return quantile


adapts("quantile")(_quantile_of(ag.quantile, 1.0))
adapts("percentile")(_quantile_of(ag.quantile, 0.01))
adapts("nanquantile")(_quantile_of(ag.nanquantile, 1.0))
adapts("nanpercentile")(_quantile_of(ag.nanquantile, 0.01))


def _median_of(quantile: Any) -> Any:
    def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
        return quantile(a, 0.5, axis, keepdims=keepdims)

    return median


adapts("median")(_median_of(_quantile_of(ag.quantile, 1.0)))
adapts("nanmedian")(_median_of(_quantile_of(ag.nanquantile, 1.0)))


# ---------------------------------------------------------------------------------------------------------------------
# Correlations
# ---------------------------------------------------------------------------------------------------------------------
def _variables(m: Any, y: Any, rowvar: bool, dtype: Any) -> Tensor:
    """The variables of one or two tensors, one a row."""
    parts = [as_tensor(part) for part in (m, y) if part is not None]
    parts = [part.T if part.ndim == 2 and not rowvar else ag.atleast_2d(part) for part in parts]
    x = ag.cat(parts, 0) if len(parts) > 1 else parts[0]
    return x.astype(np.result_type(x.dtype, np.float64) if dtype is None else dtype)


@adapts("cov")
def _cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    x = _variables(m, y, rowvar, dtype)
    if ddof is not None and ddof != int(ddof):
        raise ValueError(f"np.cov: ddof is an integer, not {ddof}.")
    if fweights is not None:
        given = np.asarray(values_of(fweights))
        fweights = given.astype(np.int64)
        if np.any(fweights != given):
            raise TypeError("np.cov: fweights are integers.")
    if aweights is not None:
        aweights = as_tensor(aweights).astype(x.data.real.dtype)
    return ag.cov(x, (0 if bias else 1) if ddof is None else ddof, fweights, aweights)


@adapts("corrcoef")
def _corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    return ag.corrcoef(_variables(x, y, rowvar, dtype))
