"""Softmax and its logarithm."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite, primitive
from ..modes import modes
from ..op import Sample
from .activation import floating
from .comparison import where
from .elementwise import exp
from .shape import axis_of


def _prepared(name: str, x: np.ndarray, dim: Any, dtype: Any) -> tuple[np.ndarray, int]:
    """The input in the dtype of the result, and the axis."""
    x = floating(x) if dtype is None else x.astype(dtype, copy=False)
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: the result is not of {x.dtype}. Give a floating-point dtype.")
    return x, axis_of(dim, x.ndim)


def _shifted(x: np.ndarray, axis: int) -> np.ndarray:
    """x less its largest element along the axis, so that no exponential is infinite."""
    return x - np.maximum.reduce(x, axis, keepdims=True) if x.ndim else x - x


def _sum(x: Any, axis: int) -> Any:
    return x.sum(axis, keepdims=True) if x.ndim else x


SMALL = 1 << 13  # elements below which NumPy serves: it takes 15 us there, a kernel 5, which has to be compiled first


def _large(x: Any) -> bool:
    """Whether a kernel serves."""
    return type(x) is np.ndarray and x.size >= SMALL and x.dtype.char in "fd"


def _absorb(d: Any, g: Any, dim: int) -> Any:
    """0 for rows whose incoming gradient is 0 throughout, also where the row of d is NaN.

    A row that is masked from end to end, all minus infinity, has the softmax NaN; the mask that then takes it away must
    take its gradient away too.
    """
    values: Any = d if isinstance(d, (np.ndarray, np.generic)) else d.data
    # Such a row is NaN throughout, so that its first element tells.
    first = values[(slice(None),) * axis_of(dim, values.ndim) + (slice(1),)] if values.ndim else values
    if modes.strict_nan or not np.isnan(first).any():
        return d
    incoming = g if isinstance(g, (np.ndarray, np.generic)) else g.data
    return where(np.all(incoming == 0, dim if incoming.ndim else None, keepdims=True), 0, d)


def _softmax_reference(x: Any, dim: int, dtype: Any = None, sign: int = 1) -> Any:
    from scipy.special import softmax as by_scipy

    return by_scipy(sign * x, dim if x.ndim else None) if x.size else np.zeros(x.shape)


@primitive(aliases=("special.softmax",), reference=_softmax_reference)
def softmax(x, dim, dtype=None):
    """exp(x) divided by its sum along `dim`: positive numbers whose sum is 1.  x: (*) -> (*)

    dtype: that to compute in and of the result; x is converted first. Where all of a row are minus infinity its result
    is NaN.

    >>> import autograd
    >>> autograd.softmax(autograd.tensor([1000.0, 1000.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    x, axis = _prepared("softmax", x, dim, dtype)
    if not x.size:
        return x.copy()
    if _large(x):
        return kernels.softmax.softmax(x, axis)
    out = np.asarray(np.exp(_shifted(x, axis)))
    return np.divide(out, _sum(out, axis), out=out)


def _softmax_gradient(g, out, dim):
    if _large(g) and g.dtype == out.dtype:
        return _absorb(kernels.softmax.softmax_gradient(g, out, axis_of(dim, g.ndim)), g, dim)
    return _absorb(out * (g - _sum(g * out, dim)), g, dim)


softmax.gradient(x=_softmax_gradient)


@primitive(aliases=("special.log_softmax",), reference=lambda x, dim, dtype=None: np.log(_softmax_reference(x, dim)))
def log_softmax(x, dim, dtype=None):
    """log(softmax(x, dim)), also where the softmax rounds to 0.  x: (*) -> (*)

    dtype: that to compute in and of the result; x is converted first. Where all of a row are minus infinity its result
    is NaN.
    """
    x, axis = _prepared("log_softmax", x, dim, dtype)
    if not x.size:
        return x.copy()
    if _large(x):
        return kernels.softmax.log_softmax(x, axis)
    shifted = np.asarray(_shifted(x, axis))
    return np.subtract(shifted, np.log(_sum(np.exp(shifted), axis)), out=shifted)


def _log_softmax_gradient(g, out, dim):
    if _large(g) and g.dtype == out.dtype:
        return _absorb(kernels.softmax.log_softmax_gradient(g, out, axis_of(dim, g.ndim)), g, dim)
    return _absorb(g - exp(out) * _sum(g, dim), g, dim)


log_softmax.gradient(x=_log_softmax_gradient)


@composite(reference=lambda x, dim, dtype=None: _softmax_reference(x, dim, sign=-1))
def softmin(x, dim, dtype=None):
    """softmax(-x, dim): the smallest element gets the largest share.  x: (*) -> (*)"""
    return softmax(-x, axis_of(dim, x.ndim, "softmin"), dtype)


def _rows(draw: Any) -> Any:
    yield Sample(draw(3, 4), 1)
    yield Sample(draw(3, 4), dim=0)
    yield Sample(draw(2, 3, 4), dim=-2)
    yield Sample(draw(5), -1)
    yield Sample(draw(), 0)
    yield Sample(draw(2, 0), 1)
    yield Sample(draw(0, 3), dim=1)
    yield Sample(draw(3, 1), 1)
    yield Sample(draw(3, 4, low=-800.0, high=800.0), 1)


def _wrong_rows(draw: Any) -> Any:
    yield Sample(draw(2, 3), 2), IndexError, "dim 2 is out of range"
    yield Sample(draw(2, 3)), TypeError, "needs dim"
    yield Sample(draw(2, 3), 1, dtype="int64"), TypeError, "floating-point dtype"


for _op in (softmax, log_softmax):
    _op.errors(_wrong_rows)
softmax.samples(_rows)
softmin.samples(_rows)


@log_softmax.samples
def _(draw):
    yield from list(_rows(draw))[:-1]
    yield Sample(draw(3, 4, low=-300.0, high=300.0), 1)
