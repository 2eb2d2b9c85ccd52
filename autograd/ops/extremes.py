"""The largest and the smallest, and where they are.

`amax`, `amin` and, without a dim, `max` and `min` share the gradient evenly among equal extremes. With a dim, `max` and
`min` return indices too, and the gradient goes to the element at the index. So does PyTorch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import kernels
from ..arrays import SMALL_COPY, SMALL_FOLD, dense_copy, folded, summed
from ..declare import composite, primitive
from ..op import Sample
from ..tensor import Tensor
from .arithmetic import maximum, minimum
from .indexing import internal, put_back
from .reduction import by_loop, count, is_number, reduced_axes, restore, values_of, with_ones, without
from .shape import axes_of, axis_of


class ValuesAndIndices(NamedTuple):
    """What reductions return that also say where."""

    values: Any
    indices: Any


class MinAndMax(NamedTuple):
    """What `aminmax` returns."""

    min: Any
    max: Any


def refuse_nothing(name: str, x: np.ndarray, axes: tuple[int, ...]) -> None:
    """Raises where there is no element to choose."""
    if not count(x.shape, axes) and count(x.shape, [i for i in range(x.ndim) if i not in axes]):
        along = f" along {axes if len(axes) > 1 else axes[0]}" if x.ndim and len(axes) < x.ndim else ""
        raise ValueError(f"{name}: shape {x.shape} has no element{along} to choose from. Make sure it is not empty.")


# ---------------------------------------------------------------------------------------------------------------------
# Values alone
# ---------------------------------------------------------------------------------------------------------------------
def share_evenly(g: Any, x: Any, out: Any, dim: Any, keepdim: bool) -> Any:
    """The gradient of a reduction that chooses elements of x: shared among those that equal the chosen one."""
    values, chosen = values_of(x), values_of(restore(out, x.shape, dim, keepdim))
    if type(g) is np.ndarray and x.size >= SMALL_FOLD and g.dtype == x.dtype and not np.isnan(chosen).any():
        shares = (values == chosen).astype(g.dtype)
        shares *= restore(g, x.shape, dim, keepdim) / summed(shares, reduced_axes(dim, x.ndim), True)
        return shares
    equal = values == chosen
    if not is_number(chosen).all():
        equal |= ~(is_number(values) | is_number(chosen))
    number = np.add.reduce(equal, reduced_axes(dim, x.ndim), np.int64, keepdims=True)
    return restore(g, x.shape, dim, keepdim) * (equal / number).astype(g.dtype)


def _amax_by_loop(x, dim=None, keepdim=False):
    return by_loop(lambda v: sorted(v)[-1], x, dim, keepdim)


@primitive(reference=_amax_by_loop)
def amax(x, dim=None, keepdim=False):
    """The largest element of all, or over the axes `dim`.  x: (*) -> (*) without the axes

    NaN if there is a NaN. Equal largest elements share the gradient evenly. ValueError if there is no element.
    """
    axes = reduced_axes(dim, x.ndim)
    refuse_nothing("amax", x, axes)
    out = folded("max", x, axes, keepdim)
    return np.maximum.reduce(x, axes, keepdims=keepdim) if out is None else out


amax.gradient(x=share_evenly)


def _amin_by_loop(x, dim=None, keepdim=False):
    return by_loop(lambda v: sorted(v)[0], x, dim, keepdim)


@primitive(reference=_amin_by_loop)
def amin(x, dim=None, keepdim=False):
    """The smallest element of all, or over the axes `dim`.  x: (*) -> (*) without the axes

    NaN if there is a NaN. Equal smallest elements share the gradient evenly. ValueError if there is no element.
    """
    axes = reduced_axes(dim, x.ndim)
    refuse_nothing("amin", x, axes)
    out = folded("min", x, axes, keepdim)
    return np.minimum.reduce(x, axes, keepdims=keepdim) if out is None else out


amin.gradient(x=share_evenly)


@composite(
    reference=lambda x, dim=None, keepdim=False: [_amin_by_loop(x, dim, keepdim), _amax_by_loop(x, dim, keepdim)]
)
def aminmax(x, dim=None, keepdim=False):
    """The smallest and the largest element, as `(min, max)`.  x: (*) -> two of (*) without the axes"""
    dim = None if dim is None else axes_of(dim, x.ndim, "aminmax")
    return MinAndMax(amin(x, dim, keepdim), amax(x, dim, keepdim))


def distinct_samples(draw: Any) -> Any:
    """What reductions that choose elements are tested with: no two elements near each other."""
    yield Sample(draw.distinct())
    yield Sample(draw.distinct(), dim=-1)
    yield Sample(draw.distinct(5))
    yield Sample(draw.distinct(3, 4))
    yield Sample(draw.distinct(3, 4), 1)
    yield Sample(draw.distinct(3, 4), dim=-2, keepdim=True)
    yield Sample(draw.distinct(2, 3, 4), dim=1)
    yield Sample(draw.distinct(2, 0, 3), dim=2)
    yield Sample(draw.integers(3, 4), dim=0)


def _several_axes(draw: Any) -> Any:
    yield from distinct_samples(draw)
    yield Sample(draw.distinct(2, 3, 4), dim=(0, -1))
    yield Sample(draw.distinct(2, 3, 4), dim=[1, 0], keepdim=True)


def empty_or_wrong(draw: Any) -> Any:
    """Arguments that no reduction that chooses elements takes."""
    yield Sample(draw(2, 3), dim=2), IndexError, "dim 2 is out of range"
    yield Sample(draw(0)), ValueError, "no element"
    yield Sample(draw(2, 0, 3), dim=1), ValueError, "no element along 1"


for _op in (amax, amin, aminmax):
    _op.samples(_several_axes)
for _op in (amax, amin):
    _op.errors(empty_or_wrong)


# ---------------------------------------------------------------------------------------------------------------------
# Indices
# ---------------------------------------------------------------------------------------------------------------------
def _first(choose: Any) -> Any:
    def reference(x, dim=None, keepdim=False):
        return by_loop(lambda v: v.index(choose(v)), x, dim, keepdim)

    return reference


def _place_of(name: str, find: Any, x: np.ndarray, dim: Any, keepdim: bool) -> np.ndarray:
    if dim is None:
        refuse_nothing(name, x, tuple(range(x.ndim)))
        return np.asarray(find(x)).reshape((1,) * x.ndim if keepdim else ())
    axis = axis_of(dim, x.ndim)
    if not x.ndim:
        return np.zeros((), np.int64)
    refuse_nothing(name, x, (axis,))
    if not x.size:  # NumPy refuses it, though there is nothing to be found
        return np.zeros(with_ones(x.shape, (axis,)) if keepdim else without(x.shape, (axis,)), np.int64)
    if axis < x.ndim - 1 and x.size >= SMALL_COPY:  # NumPy looks along the last axis by vectors, and only there
        places = find(dense_copy(np.moveaxis(x, axis, -1)), -1)
        return np.expand_dims(places, axis) if keepdim else places
    return find(x, axis, keepdims=keepdim)


@primitive(numpy=(np.argmax,), reference=_first(lambda v: sorted(v)[-1]))
def argmax(x, dim=None, keepdim=False):
    """The index of the first largest element, of all (flattened) or along axis `dim`.  x: (*) -> (*) int64

    A NaN counts as largest. ValueError if there is no element.
    """
    return _place_of("argmax", np.argmax, x, dim, keepdim)


@primitive(numpy=(np.argmin,), reference=_first(lambda v: sorted(v)[0]))
def argmin(x, dim=None, keepdim=False):
    """The index of the first smallest element, of all (flattened) or along axis `dim`.  x: (*) -> (*) int64

    A NaN counts as smallest. ValueError if there is no element.
    """
    return _place_of("argmin", np.argmin, x, dim, keepdim)


for _op in (argmax, argmin):
    _op.samples(distinct_samples)
    _op.errors(empty_or_wrong)


# ---------------------------------------------------------------------------------------------------------------------
# Values and indices
# ---------------------------------------------------------------------------------------------------------------------
def values_at(x: np.ndarray, places: np.ndarray, axis: int, keepdim: bool) -> ValuesAndIndices:
    """The elements at `places`, which have length 1 along the axis, and the places."""
    if not x.ndim:
        return ValuesAndIndices(x.copy(), places.reshape(()))
    values = np.take_along_axis(x, places, axis)
    return ValuesAndIndices(values, places) if keepdim else ValuesAndIndices(values.squeeze(axis), places.squeeze(axis))


def index_along(places: np.ndarray, axis: int) -> tuple[np.ndarray, ...]:
    """The index by which x[index] is np.take_along_axis(x, places, axis)."""
    numbers = np.ogrid[tuple(slice(n) for n in places.shape)]
    return (*numbers[:axis], places, *numbers[axis + 1 :])


def place_along(g: Any, places: np.ndarray, axis: int, length: int) -> Any:
    """Zeros with `length` along the axis, and g at the places, of which none comes twice."""
    shape = tuple(length if i == axis else n for i, n in enumerate(g.shape))
    if isinstance(g, Tensor):
        return put_back(g, index_along(places, axis), shape)
    out = np.zeros(shape, g.dtype)
    if g.size >= 1 << 13 and g.dtype.char in "fd" and places.dtype == np.int64:
        kernels.scatter.scatter_add(out, axis, places, g)
    else:
        np.put_along_axis(out, places, g, axis)
    return out


def to_place(g: Any, out: Any, x_shape: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    """The gradient of `values_at`: zero but at the chosen places."""
    if not x_shape:
        return g[0]
    axis = axis_of(dim, len(x_shape))
    places = values_of(out[1]).reshape(with_ones(x_shape, (axis,)))
    return place_along(restore(g[0], x_shape, axis, keepdim), places, axis, x_shape[axis])


def _with_place(choose: Any) -> Any:
    def reference(x, dim, keepdim=False):
        return [by_loop(choose, x, dim, keepdim), _first(choose)(x, dim, keepdim)]

    return reference


def _max_along(x, dim, keepdim):
    axis = axis_of(dim, x.ndim)
    return values_at(x, _place_of("max", np.argmax, x, axis, True), axis, keepdim)


def _min_along(x, dim, keepdim):
    axis = axis_of(dim, x.ndim)
    return values_at(x, _place_of("min", np.argmin, x, axis, True), axis, keepdim)


_max_and_place, _min_and_place = internal(_max_along, "max"), internal(_min_along, "min")
_max_and_place.gradient(x=to_place)
_min_and_place.gradient(x=to_place)


def samples_along(draw: Any) -> Any:
    """What is tested of operations that return values and indices along one axis."""
    yield Sample(draw.distinct(), 0)
    yield Sample(draw.distinct(5), dim=0)
    yield Sample(draw.distinct(3, 4), 1)
    yield Sample(draw.distinct(3, 4), dim=-2, keepdim=True)
    yield Sample(draw.distinct(2, 3, 4), dim=1)
    yield Sample(draw.distinct(2, 0, 3), dim=2)
    yield Sample(draw.integers(3, 4), dim=0)


def errors_along(draw: Any) -> Any:
    yield Sample(draw(2, 3), dim=2), IndexError, "dim 2 is out of range"
    yield Sample(draw(2, 0, 3), dim=1), ValueError, "no element along 1"


def _choose(name: str, x: Any, dim: Any, keepdim: bool, pairwise: Any, overall: Any, along: Any) -> Any:
    if dim is None:
        return overall(x, None, keepdim)
    if isinstance(dim, (tuple, list)):
        raise TypeError(f"{name}: returns indices, which are of one axis, and dim is {dim}. Use a{name} for several.")
    if isinstance(dim, Tensor) or np.ndim(dim):
        return pairwise(x, dim)
    return along(x, dim, keepdim)


@composite(reference=lambda x, dim=None, keepdim=False: _reference_of(x, dim, keepdim, lambda v: sorted(v)[-1]))
def max(x, dim=None, keepdim=False):
    """The largest element; along axis `dim`, the largest elements and their indices.

    x: (*) -> (), or with dim: values, indices: (*) without the axis. With a tensor in place of `dim`: the larger one
    of each pair, as `maximum`. NaN if there is a NaN. Use `amax` for several axes.

    >>> import autograd
    >>> values, indices = autograd.max(autograd.Tensor([[1.0, 5.0], [7.0, 3.0]]), dim=1)
    >>> values, indices
    (tensor([5., 7.]), tensor([1, 0]))
    """
    return _choose("max", x, dim, keepdim, maximum, amax, _max_and_place.call)


@composite(reference=lambda x, dim=None, keepdim=False: _reference_of(x, dim, keepdim, lambda v: sorted(v)[0]))
def min(x, dim=None, keepdim=False):
    """The smallest element; along axis `dim`, the smallest elements and their indices.

    x: (*) -> (), or with dim: values, indices: (*) without the axis. With a tensor in place of `dim`: the smaller one
    of each pair, as `minimum`. NaN if there is a NaN. Use `amin` for several axes.
    """
    return _choose("min", x, dim, keepdim, minimum, amin, _min_and_place.call)


def _reference_of(x: np.ndarray, dim: Any, keepdim: bool, choose: Any) -> Any:
    if isinstance(dim, np.ndarray):
        return np.array([choose(pair) for pair in zip(x.ravel(), dim.ravel(), strict=True)]).reshape(x.shape)
    return by_loop(choose, x, dim, keepdim) if dim is None else _with_place(choose)(x, dim, keepdim)


def _all_forms(draw: Any) -> Any:
    yield from distinct_samples(draw)
    both = draw.distinct(2, 3, 4)
    yield Sample(both[0], both[1])


for _op in (max, min):
    _op.samples(_all_forms)


@max.errors
def _(draw):
    yield from empty_or_wrong(draw)
    yield Sample(draw(2, 3), dim=(0, 1)), TypeError, "Use amax"


@min.errors
def _(draw):
    yield from empty_or_wrong(draw)
    yield Sample(draw(2, 3), dim=(0, 1)), TypeError, "Use amin"
