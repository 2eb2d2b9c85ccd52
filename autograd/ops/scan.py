"""Running sums, products and extremes along an axis."""

from __future__ import annotations

import itertools
import math
import operator
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite, primitive
from ..op import Sample
from .comparison import where
from .elementwise import exp, log_of_sum
from .extremes import ValuesAndIndices, index_along
from .indexing import put_back
from .joining import cat
from .prod import in_range
from .reduction import mean_dtype, total_dtype, values_of, wide
from .shape import axis_of


def part(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """x[start:stop] along the axis."""
    return x[(slice(None),) * axis + (slice(start, stop),)]


def _by_accumulate(function: Any) -> Any:
    """Python's accumulate along an axis: the oracle of the tests."""

    def reference(x, dim, dtype=None):
        if not x.ndim:
            return x
        rows = np.moveaxis(x, dim, -1)
        out = np.empty(rows.shape)
        for i in np.ndindex(*rows.shape[:-1]):
            out[i] = list(itertools.accumulate(rows[i].tolist(), function))
        return np.moveaxis(out, -1, dim)

    return reference


def scan_samples(draw: Any) -> Any:
    """What every scan is tested with."""
    yield Sample(draw(), 0)
    yield Sample(draw(5), dim=0)
    yield Sample(draw(3, 4), 1)
    yield Sample(draw(3, 4), dim=-2)
    yield Sample(draw(2, 3, 4), dim=1)
    yield Sample(draw(3, 1), dim=1)
    yield Sample(draw(2, 0, 3), dim=1)
    yield Sample(draw(2, 0, 3), dim=2)


def wrong_dim(draw: Any) -> Any:
    yield Sample(draw(2, 3), dim=2), IndexError, "dim 2 is out of range"


def _accumulate(ufunc: np.ufunc, x: np.ndarray, dim: Any, dtype: Any) -> np.ndarray:
    axis = axis_of(dim, x.ndim)
    want = total_dtype(x.dtype) if dtype is None else np.dtype(dtype)
    if not x.ndim:
        return x.astype(want)
    if x.size >= _SMALL and want == x.dtype and want.char in "fd" and ufunc in _BY_KERNEL:
        return kernels.scan.scan(_BY_KERNEL[ufunc], x, axis)
    return ufunc.accumulate(x, axis, wide(want)).astype(want, copy=False)


_SMALL = 1 << 14  # elements below which NumPy serves
_BY_KERNEL = {np.add: "sum", np.multiply: "product"}


# ---------------------------------------------------------------------------------------------------------------------
# Sums and products
# ---------------------------------------------------------------------------------------------------------------------
@primitive(in_place=True, sticky=True, reference=_by_accumulate(operator.add))
def cumsum(x, dim, dtype=None):
    """The sum of each element and all before it along axis `dim`.  x: (*) -> (*)

    dtype: that of the sums; by default integers and booleans are summed in int64.

    >>> import autograd
    >>> autograd.cumsum(autograd.Tensor([1.0, 2.0, 3.0]), dim=0)
    tensor([1., 3., 6.])
    """
    return _accumulate(np.add, x, dim, dtype)


def sum_after(g: Any, dim: Any) -> Any:
    """The sum of each element and all after it."""
    if not g.ndim:
        return g
    axis = axis_of(dim, g.ndim)
    if type(g) is np.ndarray and g.size >= _SMALL and g.dtype.char in "fd":
        return kernels.scan.scan("sum", g, axis, backwards=True)
    backwards = (slice(None),) * axis + (slice(None, None, -1),)
    return cumsum(g[backwards], dim)[backwards]


cumsum.gradient(x=lambda g, dim: sum_after(g, dim))


@cumsum.samples
def _(draw):
    yield from scan_samples(draw)
    yield Sample(draw.integers(3, 4), dim=1)
    yield Sample(draw.integers(3, 4), dim=0, dtype=np.float64)


@primitive(in_place=True, reference=_by_accumulate(operator.mul))
def cumprod(x, dim, dtype=None):
    """The product of each element and all before it along axis `dim`.  x: (*) -> (*)

    dtype: that of the products; by default integers and booleans are multiplied in int64. The gradient is right with
    zeros among the elements.

    >>> import autograd
    >>> autograd.cumprod(autograd.Tensor([1.0, 2.0, 3.0]), dim=0)
    tensor([1., 2., 6.])
    """
    return _accumulate(np.multiply, x, dim, dtype)


def discounted(g: Any, decay: Any, axis: int) -> Any:
    """h with h[i] = g[i] + decay[i] h[i + 1] along the axis; the last element of decay plays no part.

    By doubling: after the step of length s, h[i] holds the terms of the next 2 s elements. Needs no division, so that
    zeros do no harm.
    """
    length = g.shape[axis]
    step = 1
    while step < length:
        reached = part(g, axis, step, None) * part(decay, axis, None, length - step)
        g = cat([part(g, axis, None, length - step) + reached, part(g, axis, length - step, None)], axis)
        if 2 * step < length:
            decay = part(decay, axis, step, None) * part(decay, axis, None, decay.shape[axis] - step)
        step *= 2
    return g


def _cumprod_gradient(g, x, out, dim):
    if not x.ndim:
        return g
    axis = axis_of(dim, x.ndim)
    if not x.shape[axis]:
        return g
    products = values_of(out)
    if in_range(products):
        return sum_after(g * out, dim) / x
    before = cat([np.ones_like(part(products, axis, 0, 1)), part(out, axis, None, -1)], axis)
    following = cat([part(x, axis, 1, None), np.ones_like(part(products, axis, 0, 1))], axis)
    return before * discounted(g, following, axis)


cumprod.gradient(x=_cumprod_gradient)


@cumprod.samples
def _(draw):
    yield from scan_samples(draw)
    yield Sample(draw.integers(3, 4), dim=1)
    yield Sample(np.array([2.0, 0.0, 3.0, 0.0, 1.5, -1.0, 0.5]), dim=0)
    yield Sample(np.array([[2.0, 0.0, 3.0], [0.0, 1.5, -1.0]]), dim=1)
    yield Sample(np.concatenate([draw(40, low=0.5, high=1.5), np.zeros(1), draw(9)]), dim=0)


# ---------------------------------------------------------------------------------------------------------------------
# Logarithms of sums of exponentials
# ---------------------------------------------------------------------------------------------------------------------
def _logaddexp(a: float, b: float) -> float:
    top = max(a, b)
    return top if math.isinf(top) else top + math.log(math.exp(a - top) + math.exp(b - top))


@primitive(reference=_by_accumulate(_logaddexp))
def logcumsumexp(x, dim):
    """The logarithm of the sum of the exponentials of each element and all before it along `dim`.  x: (*) -> (*)"""
    work = wide(mean_dtype(x.dtype, None))
    if work.kind == "c":
        out = np.array(x)
        rows = np.moveaxis(out, axis_of(dim, x.ndim), 0) if x.ndim else out[None]
        for i in range(1, len(rows)):
            rows[i] = log_of_sum(rows[i - 1], rows[i])
        return out
    out = _accumulate(np.logaddexp, x.astype(work, copy=False), dim, work)
    return out.astype(x.dtype) if x.dtype.char == "e" else out


def _fraction(part: Any, whole: Any) -> Any:
    """exp(part - whole) for part <= whole, also where both are infinite: 1 if they are +inf, 0 if they are -inf."""
    values, total = values_of(part), values_of(whole)
    infinite = np.isinf(total) & (values == total)
    if not infinite.any():
        return exp(part - whole)
    return exp(where(infinite, np.where(values > 0, values.dtype.type(0), values), part - whole))


def _logcumsumexp_gradient(g, x, out, dim):
    if not x.ndim:
        return g
    axis = axis_of(dim, x.ndim)
    if not x.shape[axis]:
        return g
    # exp(x[i]) times the sum of g[k] / exp(out[k]) over k >= i, with fractions that are at most 1 all the way.
    decay = _fraction(part(out, axis, None, -1), part(out, axis, 1, None))
    decay = cat([decay, np.ones_like(part(values_of(out), axis, 0, 1))], axis)
    return discounted(g, decay, axis) * _fraction(x, out)


logcumsumexp.gradient(x=_logcumsumexp_gradient)


@logcumsumexp.samples
def _(draw):
    yield from scan_samples(draw)
    yield Sample(draw(3, 4) * 300.0, dim=1)
    yield Sample(draw(2, 50), dim=1)
    yield Sample(draw.integers(3, 4), dim=0)


# ---------------------------------------------------------------------------------------------------------------------
# Extremes
# ---------------------------------------------------------------------------------------------------------------------
def _running(ufunc: np.ufunc, x: np.ndarray, dim: Any) -> ValuesAndIndices:
    axis = axis_of(dim, x.ndim)
    if not x.ndim:
        return ValuesAndIndices(x.copy(), np.zeros((), np.int64))
    values = ufunc.accumulate(x, axis)
    numbers = np.arange(x.shape[axis]).reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    places = np.where((x == values) | (x != x), numbers, 0)
    return ValuesAndIndices(values, np.maximum.accumulate(places, axis))


def _running_gradient(g, out, x_shape, dim):
    if not x_shape:
        return g[0]
    return put_back(g[0], index_along(values_of(out[1]), axis_of(dim, len(x_shape))), x_shape)


def _running_by_loop(better: Any) -> Any:
    def reference(x, dim):
        if not x.ndim:
            return [x, 0]
        rows = np.moveaxis(x, dim, -1)
        values, places = np.empty(rows.shape, x.dtype), np.empty(rows.shape, np.int64)
        for row in np.ndindex(*rows.shape[:-1]):
            best = 0
            for i, value in enumerate(rows[row]):
                best = i if better(value, rows[row][best]) else best
                values[(*row, i)], places[(*row, i)] = rows[row][best], best
        return [np.moveaxis(values, -1, dim), np.moveaxis(places, -1, dim)]

    return reference


@primitive(reference=_running_by_loop(operator.ge))
def cummax(x, dim):
    """The largest of each element and all before it along axis `dim`, and its index.  x: (*) -> values, indices: (*)

    The last one of several equal ones; from a NaN on all are NaN. The gradient goes to the element at the index.
    """
    return _running(np.maximum, x, dim)


@primitive(reference=_running_by_loop(operator.le))
def cummin(x, dim):
    """The smallest of each element and all before it along axis `dim`, and its index.  x: (*) -> values, indices: (*)

    The last one of several equal ones; from a NaN on all are NaN. The gradient goes to the element at the index.
    """
    return _running(np.minimum, x, dim)


def _distinct_scans(draw: Any) -> Any:
    yield from scan_samples(draw.distinct)
    yield Sample(draw.integers(3, 6), dim=1)


for _op in (cummax, cummin):
    _op.gradient(x=_running_gradient)
    _op.samples(_distinct_scans)
for _op in (cumsum, cumprod, logcumsumexp, cummax, cummin):
    _op.errors(wrong_dim)


# ---------------------------------------------------------------------------------------------------------------------
# Differences
# ---------------------------------------------------------------------------------------------------------------------
def _diff_by_loop(x, n=1, dim=-1, prepend=None, append=None):
    x = np.concatenate([e for e in (prepend, x, append) if e is not None], dim)
    for _ in range(n):
        x = np.take(x, range(1, x.shape[dim]), dim) - np.take(x, range(x.shape[dim] - 1), dim)
    return x


@composite(reference=_diff_by_loop)
def diff(x, n=1, dim=-1, prepend=None, append=None):
    """The difference of each two neighbours along axis `dim`, taken n times.  x: (..., K, ...) -> (..., K - n, ...)

    prepend, append: joined to x before.

    >>> import autograd
    >>> autograd.diff(autograd.Tensor([1.0, 4.0, 9.0]))
    tensor([3., 5.])
    """
    if not x.ndim:
        raise ValueError("diff: needs an axis to take differences along, and the tensor has none.")
    if n < 0:
        raise ValueError(f"diff: n is how many times differences are taken, 0 or more, not {n}.")
    axis = axis_of(dim, x.ndim, "diff")
    if prepend is not None or append is not None:
        x = cat([e for e in (prepend, x, append) if e is not None], axis)
    for _ in range(n):
        if not x.shape[axis]:
            break
        x = part(x, axis, 1, None) - part(x, axis, None, -1)
    return x


@diff.samples
def _(draw):
    yield Sample(draw(5))
    yield Sample(draw(3, 4), 2)
    yield Sample(draw(3, 4), dim=0)
    yield Sample(draw(3, 4), n=1, dim=-1, prepend=draw(3, 1), append=draw(3, 2))
    yield Sample(draw(1))
    yield Sample(draw.integers(3, 4))


@diff.errors
def _(draw):
    yield Sample(draw()), ValueError, "needs an axis"
    yield Sample(draw(3), -1), ValueError, "not -1"
