"""Sums, means, products and truth over axes, and what all reductions share."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..declare import primitive
from ..op import Sample

# ---------------------------------------------------------------------------------------------------------------------
# What all reductions share
# ---------------------------------------------------------------------------------------------------------------------
Dims = int | Sequence[int] | None


def axes_of(name: str, dim: Dims, ndim: int) -> tuple[int, ...]:
    """The axes that `dim` means, counted from the first: all of them for None and for ().

    As in PyTorch, a tensor without axes may be reduced over axis 0 or -1.
    """
    if dim is None:
        return tuple(range(ndim))
    if type(dim) is int and 0 <= dim < ndim:
        return (dim,)
    return _axes_of(name, tuple(map(_as_int, dim)) if isinstance(dim, (tuple, list)) else (_as_int(dim),), ndim)


def _as_int(axis: Any) -> int:
    return axis.__index__()


@functools.lru_cache(maxsize=512)
def _axes_of(name: str, dims: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    if not dims:
        return tuple(range(ndim))
    size = max(ndim, 1)
    for axis in dims:
        if not -size <= axis < size:
            raise IndexError(
                f"{name}: dim {axis} is out of range for a tensor of {ndim} axes. Give one from {-size} to {size - 1}."
            )
    found = tuple(axis % size for axis in dims)
    if len(set(found)) < len(found):
        raise ValueError(f"{name}: dim {dims} names an axis twice. Name each axis once.")
    return tuple(sorted(found)) if ndim else ()


def axis_of(name: str, dim: Any, ndim: int) -> int:
    """The one axis that `dim` means, counted from the first."""
    if isinstance(dim, (tuple, list)):
        raise TypeError(f"{name}: works along one axis, not along {tuple(dim)}. Give an int as dim.")
    axes = axes_of(name, dim, ndim)
    return axes[0] if axes else 0


def with_axes(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """`shape` with length 1 in place of each of the axes."""
    return tuple(1 if i in axes else length for i, length in enumerate(shape))


def restore(g: Any, shape: tuple[int, ...], dim: Dims, keepdim: bool) -> Any:
    """`g`, of the shape that a reduction of `shape` gave, with the reduced axes back as axes of length 1."""
    if keepdim or not shape:
        return g
    return g.reshape(with_axes(shape, axes_of("sum", dim, len(shape))))


def spread(g: Any, shape: tuple[int, ...], dim: Dims = None, keepdim: bool = False) -> Any:
    """`g`, of the shape that a reduction of `shape` gave, repeated over the reduced axes (as a view)."""
    if isinstance(g, (np.ndarray, np.generic)):
        if g.size == 1:  # no loop over axes: a tenth of the time of broadcast_to
            view: Any = np.ndarray(shape, g.dtype, g, 0, (0,) * len(shape))
            view.flags.writeable = False
            return view
        return np.broadcast_to(restore(g, shape, dim, keepdim), shape)
    return restore(g, shape, dim, keepdim).expand(shape)


def count(shape: tuple[int, ...], axes: tuple[int, ...]) -> int:
    """How many elements a reduction over the axes makes one of."""
    return math.prod([shape[i] for i in axes])


def total_dtype(dtype: np.dtype) -> np.dtype:
    """The dtype of a sum: int64 for integers and booleans, else that of the elements."""
    return np.dtype(np.int64) if dtype.kind in "biu" and dtype.itemsize < 8 else dtype


_BLOCK = 512  # addends that are summed one after another before the block sums are summed


def add_up(x: np.ndarray, axes: tuple[int, ...], keepdim: bool, dtype: Any) -> np.ndarray:
    """The sum over the axes.

    float16 is summed in float32. Over long leading axes NumPy adds one row after another, so that in float32 the sum
    of 20 million ones is 16 million; here blocks of rows are summed first.
    """
    want = total_dtype(x.dtype) if dtype is None else np.dtype(dtype)
    work = np.dtype(np.float32) if want.char == "e" else want
    leading = axes == tuple(range(len(axes))) and len(axes) < x.ndim
    if leading and want.kind in "fc" and x.flags.c_contiguous:
        rows, rest = count(x.shape, axes), x.shape[len(axes) :]
        if rows > 4 * _BLOCK:
            blocks = rows // _BLOCK
            flat = x.reshape(rows, *rest)
            head = flat[: blocks * _BLOCK].reshape(blocks, _BLOCK, *rest)
            out = np.add.reduce(np.add.reduce(head, 1, work), 0) + np.add.reduce(flat[blocks * _BLOCK :], 0, work)
            out = out.reshape(with_axes(x.shape, axes)) if keepdim else out
            return out if work == want else out.astype(want)
    out = np.add.reduce(x, axes, work, None, keepdim)
    return out if work == want else out.astype(want)


# ---------------------------------------------------------------------------------------------------------------------
# Sums and means
# ---------------------------------------------------------------------------------------------------------------------
@primitive(
    sticky=True,
    numpy=(np.sum,),
    reference=lambda x, dim=None, keepdim=False, dtype=None: _by_loop(math.fsum, x, dim, keepdim),
)
def sum(x, dim=None, keepdim=False, dtype=None):
    """The sum over all elements, or over the axes `dim`.  x: (*) -> () or (*) without the axes

    dim: an axis, several, or None for all. keepdim: they stay, with length 1. dtype: that of the sum; integers and
    booleans are summed in int64.

    >>> import autograd
    >>> autograd.sum(autograd.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    tensor([4., 6.])
    """
    return add_up(x, axes_of("sum", dim, x.ndim), keepdim, dtype)


sum.gradient(x=lambda g, x_shape, dim, keepdim: spread(g, x_shape, dim, keepdim))


@primitive(
    sticky=True,
    numpy=(np.mean,),
    reference=lambda x, dim=None, keepdim=False, dtype=None: _by_loop(
        lambda v: math.fsum(v) / len(v) if v else math.nan, x, dim, keepdim
    ),
)
def mean(x, dim=None, keepdim=False, dtype=None):
    """The mean over all elements, or over the axes `dim`.  x: (*) -> () or (*) without the axes

    The mean of nothing is NaN, that of integers float64.
    """
    return _mean(x, axes_of("mean", dim, x.ndim), keepdim, dtype)


def _mean(x: np.ndarray, axes: tuple[int, ...], keepdim: bool, dtype: Any) -> np.ndarray:
    want = np.dtype(dtype or (x.dtype if x.dtype.kind in "fc" else np.float64))
    if want.kind not in "fc":
        raise TypeError(f"mean: a mean is no {want}. Give a floating-point dtype.")
    work = np.float32 if want.char == "e" else want
    out = add_up(x, axes, keepdim, work) / count(x.shape, axes)
    return out if out.dtype == want else out.astype(want)


mean.gradient(
    x=lambda g, x_shape, dim, keepdim: spread(
        g / count(x_shape, axes_of("mean", dim, len(x_shape))), x_shape, dim, keepdim
    )
)


def _by_loop(function: Any, x: np.ndarray, dim: Dims, keepdim: bool) -> np.ndarray:
    """The reduction of a list of numbers, for each of the places that are left: the oracle of the tests."""
    axes = axes_of("sum", dim, x.ndim)
    out = np.empty(with_axes(x.shape, axes), object)
    for place in np.ndindex(*out.shape):
        where = tuple(slice(None) if i in axes else k for i, k in enumerate(place))
        out[place] = function(x[where].ravel().tolist())
    shape = out.shape if keepdim else tuple(length for i, length in enumerate(x.shape) if i not in axes)
    return out.reshape(shape).astype(float)


def _reduction_samples(draw: Any) -> Any:
    yield Sample(draw())
    yield Sample(draw(), dim=0)
    yield Sample(draw(5))
    yield Sample(draw(3, 4))
    yield Sample(draw(3, 4), 1)
    yield Sample(draw(3, 4), dim=-2, keepdim=True)
    yield Sample(draw(2, 3, 4), dim=(0, -1))
    yield Sample(draw(2, 3, 4), dim=(1, 0), keepdim=True)
    yield Sample(draw(2, 0, 3), dim=2)


def _with_nothing(draw: Any) -> Any:
    """Reductions of no elements at all."""
    yield Sample(draw(0))
    yield Sample(draw(2, 0, 3), dim=1)
    yield Sample(draw(2, 0, 3), dim=(0, 1), keepdim=True)


def _wrong_dims(draw: Any) -> Any:
    yield Sample(draw(2, 3), dim=2), IndexError, "dim 2 is out of range"
    yield Sample(draw(2, 3), dim=(0, -2)), ValueError, "names an axis twice"


for _op in (sum, mean):
    _op.errors(_wrong_dims)


@sum.samples
def _(draw):
    yield from _reduction_samples(draw)
    yield from _with_nothing(draw)
    yield Sample(draw(3, 4), dim=0, dtype=np.float64)
    yield Sample(draw.integers(3, 4), dim=0)
    yield Sample(draw(2100, 2), dim=0)


@mean.samples
def _(draw):
    yield from _reduction_samples(draw)
    yield from _with_nothing(draw)
    yield Sample(draw.integers(3, 4), dim=0)
