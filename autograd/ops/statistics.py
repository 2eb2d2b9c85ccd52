"""Variance, standard deviation, and sums of exponentials."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..arrays import folded
from ..declare import composite, primitive
from ..op import Sample
from .axes import axes_of
from .comparison import where
from .elementwise import exp
from .reduction import (
    absorb,
    add_up,
    by_loop,
    count,
    mean,
    mean_dtype,
    reduced_axes,
    reduction_samples,
    restore,
    samples_of_nothing,
    spread,
    values_of,
    wide,
    without,
    wrong_dims,
)


# ---------------------------------------------------------------------------------------------------------------------
# Variance and standard deviation
# ---------------------------------------------------------------------------------------------------------------------
def _settle(dim: Any, correction: Any, unbiased: Any) -> tuple[Any, Any]:
    """dim and correction, with PyTorch's older spellings understood: var(unbiased=False), var(False)."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is not None:
        correction = 1 if unbiased else 0
    return dim, 1 if correction is None else correction


def _freedom(shape: tuple[int, ...], dim: Any, correction: Any) -> float:
    """What the sum of squares is divided by."""
    left = count(shape, reduced_axes(dim, len(shape))) - float(correction)
    return left if left > 0 else 0.0


def _variance(x: np.ndarray, dim: Any, correction: Any, keepdim: bool) -> np.ndarray:
    axes = reduced_axes(dim, x.ndim)
    work = wide(mean_dtype(x.dtype, None))
    x = x.astype(work, copy=False)
    center = add_up(x, axes, True) / count(x.shape, axes)
    squares = folded("squares", x, axes, keepdim, center)
    if squares is not None:
        return squares / _freedom(x.shape, dim, correction)
    apart = x - center
    if work.kind == "c":
        return add_up(apart.real**2 + apart.imag**2, axes, keepdim) / _freedom(x.shape, dim, correction)
    return add_up(np.multiply(apart, apart, out=np.asarray(apart)), axes, keepdim) / _freedom(x.shape, dim, correction)


def _back(x: np.ndarray, out: Any) -> np.ndarray:
    """The result of a computation in float32 as float16, if that is what x is."""
    return out.astype(x.dtype) if x.dtype.char == "e" else out


def _var_by_loop(x, dim=None, correction=1, keepdim=False, unbiased=None):
    dim, correction = _settle(dim, correction, unbiased)

    def variance(v: list[float]) -> float:
        if len(v) <= correction:
            return math.nan
        center = math.fsum(v) / len(v)
        return math.fsum((e - center) ** 2 for e in v) / (len(v) - correction)

    return by_loop(variance, x, dim, keepdim)


@primitive(reference=_var_by_loop)
def var(x, dim=None, correction=1, keepdim=False, unbiased=None):
    """The variance over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes

    correction: the sum of squared distances from the mean of n elements is divided by n - correction; 1 (unbiased)
    unless given, as in PyTorch, where NumPy's default is 0. `unbiased=False` is another spelling of 0. The variance of
    too few elements is NaN.

    >>> import autograd
    >>> x = autograd.Tensor([1.0, 2.0, 3.0, 4.0])
    >>> autograd.var(x), autograd.var(x, correction=0)
    (tensor(1.6667), tensor(1.2500))
    """
    dim, correction = _settle(dim, correction, unbiased)
    return _back(x, _variance(x, dim, correction, keepdim))


def _slope(g: Any, x: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    """g (x - mean) / freedom, for g of the reduced shape."""
    freedom = _freedom(x.shape, dim, correction)
    scaled = g / freedom if freedom else g * math.nan
    return restore(scaled, x.shape, dim, keepdim) * (x - mean(x, dim, True))


def _var_gradient(g, x, dim, correction, keepdim, unbiased):
    dim, correction = _settle(dim, correction, unbiased)
    return absorb(_slope(g * 2.0, x, dim, correction, keepdim), spread(g, x.shape, dim, keepdim))


var.gradient(x=_var_gradient)


def _std_by_loop(x, dim=None, correction=1, keepdim=False, unbiased=None):
    return np.sqrt(_var_by_loop(x, dim, correction, keepdim, unbiased))


@primitive(reference=_std_by_loop)
def std(x, dim=None, correction=1, keepdim=False, unbiased=None):
    """The standard deviation over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes

    correction: as in `var`. Where all elements are equal the gradient is 0.

    >>> import autograd
    >>> x = autograd.Tensor([2.0, 2.0], requires_grad=True)
    >>> autograd.std(x).backward()
    >>> x.grad
    tensor([0., 0.])
    """
    dim, correction = _settle(dim, correction, unbiased)
    return _back(x, np.sqrt(_variance(x, dim, correction, keepdim)))


def _std_gradient(g, x, out, dim, correction, keepdim, unbiased):
    dim, correction = _settle(dim, correction, unbiased)
    positive = out + (values_of(out) == 0)  # at 0 the distances from the mean are 0, whatever they are divided by
    return absorb(_slope(g / positive, x, dim, correction, keepdim), spread(g, x.shape, dim, keepdim))


std.gradient(x=_std_gradient)


@composite(reference=lambda x, *args, **kw: [_var_by_loop(x, *args, **kw), by_loop(_mean_of, x, *_dims(*args, **kw))])
def var_mean(x, dim=None, correction=1, keepdim=False, unbiased=None):
    """The variance and the mean: `(var(x, ...), mean(x, ...))`.  x: (*) -> two of (*) without the axes"""
    dim, correction = _settle(dim, correction, unbiased)
    dim = None if dim is None else axes_of(dim, x.ndim, "var_mean")
    return var(x, dim, correction, keepdim), mean(x, dim, keepdim)


@composite(reference=lambda x, *args, **kw: [_std_by_loop(x, *args, **kw), by_loop(_mean_of, x, *_dims(*args, **kw))])
def std_mean(x, dim=None, correction=1, keepdim=False, unbiased=None):
    """The standard deviation and the mean: `(std(x, ...), mean(x, ...))`.  x: (*) -> two of (*) without the axes"""
    dim, correction = _settle(dim, correction, unbiased)
    dim = None if dim is None else axes_of(dim, x.ndim, "std_mean")
    return std(x, dim, correction, keepdim), mean(x, dim, keepdim)


def _mean_of(v: list[float]) -> float:
    return math.fsum(v) / len(v) if v else math.nan


def _dims(dim: Any = None, correction: Any = 1, keepdim: bool = False, unbiased: Any = None) -> tuple[Any, bool]:
    return _settle(dim, correction, unbiased)[0], keepdim


def _variance_samples(draw: Any) -> Any:
    yield Sample(draw(5))
    yield Sample(draw(3, 4))
    yield Sample(draw(3, 4), 1)
    yield Sample(draw(3, 4), -2, 0, True)
    yield Sample(draw(2, 3, 4), dim=(0, -1), correction=2)
    yield Sample(draw(2, 3), unbiased=False)
    yield Sample(draw(2, 3), dim=1, unbiased=True, keepdim=True)
    yield Sample(draw(2, 0, 3), dim=2)
    yield Sample(draw(), correction=0)


for _op in (var, std, var_mean, std_mean):
    _op.samples(_variance_samples)
for _op in (var, std):
    _op.errors(wrong_dims)


# ---------------------------------------------------------------------------------------------------------------------
# logsumexp
# ---------------------------------------------------------------------------------------------------------------------
def _logsumexp_by_loop(x, dim=None, keepdim=False):
    def log_of_sum(v: list[float]) -> float:
        top = max(v, default=-math.inf)
        if math.isinf(top):
            return top
        return top + math.log(math.fsum(math.exp(e - top) for e in v))

    return by_loop(log_of_sum, x, dim, keepdim)


@primitive(aliases=("special.logsumexp",), reference=_logsumexp_by_loop)
def logsumexp(x, dim=None, keepdim=False):
    """The logarithm of the sum of exponentials, without overflow.  x: (*) -> (*) without the axes

    dim, keepdim: as in `sum`. Where all elements are -inf it is -inf and the gradient 0; where some are +inf it is
    +inf and they share the gradient.

    >>> import autograd
    >>> autograd.logsumexp(autograd.Tensor([100.0, 100.0]))
    tensor(100.6931)
    """
    axes = reduced_axes(dim, x.ndim)
    if x.size >= 1 << 14 and x.dtype.char in "fd" and len(axes) == 1:
        out = kernels.softmax.logsumexp(x, axes[0])
        return np.expand_dims(out, axes[0]) if keepdim else out
    work = wide(mean_dtype(x.dtype, None))
    x_wide = x.astype(work, copy=False)
    top = np.maximum.reduce(x_wide, axes, keepdims=True, initial=-np.inf)
    base = np.where(np.isfinite(top), top, work.type(0))
    out = np.log(add_up(np.exp(x_wide - base), axes, True)) + base
    return _back(x, out if keepdim else out.reshape(without(x.shape, axes)))


def _logsumexp_gradient(g, x, out, dim, keepdim):
    below = x - restore(out, x.shape, dim, keepdim)
    values, total = values_of(x), values_of(restore(out, x.shape, dim, keepdim))
    infinite = np.isinf(total)
    if infinite.any():
        # There x - out is NaN. The largest elements share the gradient if they are +inf; none has one if they are -inf.
        largest = values == np.inf
        number = np.add.reduce(largest, reduced_axes(dim, x.ndim), x.dtype, keepdims=True)
        share = np.where(largest, -np.log(number), x.dtype.type(-np.inf)).astype(x.dtype)
        below = where(np.broadcast_to(infinite, x.shape), share, below)
    return absorb(restore(g, x.shape, dim, keepdim) * exp(below), spread(g, x.shape, dim, keepdim))


logsumexp.gradient(x=_logsumexp_gradient)


@logsumexp.samples
def _(draw):
    yield from reduction_samples(draw)
    yield from samples_of_nothing(draw)
    yield Sample(draw(3, 4) * 500.0, dim=1)
    yield Sample(draw.integers(3, 4), dim=0)


logsumexp.errors(wrong_dims)
