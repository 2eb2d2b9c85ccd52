"""Derivatives and integrals of what is sampled along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample, functions
from ..tensor import Tensor
from .joining import cat
from .scan import part
from .shape import axes_of, axis_of, reshape


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives
# ---------------------------------------------------------------------------------------------------------------------
def _is_number(value: Any) -> bool:
    return not isinstance(value, (list, tuple)) and not getattr(value, "ndim", 0)


def _spacings(spacing: Any, count: int) -> list[Any]:
    """For each of `count` axes a step, or the places along it."""
    if _is_number(spacing):
        return [spacing] * count
    if isinstance(spacing, (list, tuple)) and len(spacing) == count:
        return list(spacing)
    given = f"{len(spacing)} of them" if isinstance(spacing, (list, tuple)) else "one tensor"
    raise ValueError(
        f"gradient: spacing is a number, or a list with a number or a vector of places for each of {count} axes, "
        f"not {given}."
    )


def _placed(x: Any, places: Any, axis: int) -> Any:
    """The distances between neighbours along the axis, shaped so that they broadcast with x."""
    if places.ndim != 1 or places.shape[0] != x.shape[axis]:
        raise ValueError(
            f"gradient: the places along dim {axis} are a vector of {x.shape[axis]} numbers, not of shape "
            f"{tuple(places.shape)}."
        )
    steps = part(places, 0, 1, None) - part(places, 0, None, -1)
    return reshape(steps, [-1 if i == axis else 1 for i in range(x.ndim)])


def _slope(x: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    """The derivative along one axis: central differences inside, one-sided ones at the edges."""

    def at(start: int | None, stop: int | None) -> Any:
        return part(x, axis, start, stop)

    if _is_number(spacing):
        inside = (at(2, None) - at(None, -2)) / (2 * spacing)
        if edge_order == 1:
            first, last = (at(1, 2) - at(0, 1)) / spacing, (at(-1, None) - at(-2, -1)) / spacing
        else:
            first = (at(1, 2) * 4 - at(0, 1) * 3 - at(2, 3)) / (2 * spacing)
            last = (at(-1, None) * 3 - at(-2, -1) * 4 + at(-3, -2)) / (2 * spacing)
        return cat([first, inside, last], axis)
    steps = _placed(x, spacing, axis)

    def step(start: int | None, stop: int | None) -> Any:
        return part(steps, axis, start, stop)

    slopes = (at(1, None) - at(None, -1)) / steps  # between neighbours
    # That at a place is the mean of the slopes on either side, each with the length of the other side as its weight.
    left, right = part(slopes, axis, None, -1), part(slopes, axis, 1, None)
    before, after = step(None, -1), step(1, None)
    inside = (left * after + right * before) / (before + after)
    first, last = part(slopes, axis, 0, 1), part(slopes, axis, -1, None)
    if edge_order == 2:
        bend = (part(slopes, axis, 1, 2) - first) / (step(0, 1) + step(1, 2))
        first = first - bend * step(0, 1)
        bend = (last - part(slopes, axis, -2, -1)) / (step(-2, -1) + step(-1, None))
        last = last + bend * step(-1, None)
    return cat([first, inside, last], axis)


def _gradient_reference(x, spacing=1, dim=None, edge_order=1):
    dims = range(x.ndim) if dim is None else dim if isinstance(dim, (tuple, list)) else [dim]
    spacings = list(spacing) if isinstance(spacing, (tuple, list)) else [spacing] * len(dims)
    return [np.gradient(x, s, axis=d, edge_order=edge_order) for s, d in zip(spacings, dims, strict=True)]


@composite(method=False, reference=_gradient_reference)
def gradient(x, spacing=1, dim=None, edge_order=1):
    """The derivative of a sampled function along each axis, by central differences.  x: (*) -> a tuple of (*)

    spacing: the step between samples, a step for each axis, or for each axis the vector of its places, by which one can
    differentiate too. dim: the axis or axes; all unless given. edge_order: 1 for the slope to the only neighbour at the
    edges, 2 for that of the parabola through three samples, both exact to that order. ValueError where an axis has no
    more than edge_order samples.
    Source: B. Fornberg, Generation of finite difference formulas on arbitrarily spaced grids, 1988.

    >>> import autograd
    >>> autograd.gradient(autograd.tensor([1.0, 4.0, 9.0, 16.0]))
    (tensor([3., 4., 6., 7.]),)
    >>> autograd.gradient(autograd.tensor([1.0, 4.0, 9.0, 16.0]), spacing=2.0, edge_order=2)
    (tensor([1., 2., 3., 4.]),)
    """
    dims = tuple(range(x.ndim)) if dim is None else axes_of(dim, x.ndim, "gradient")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order is 1 or 2, not {edge_order!r}.")
    if not x.ndim:
        raise ValueError("gradient: needs an axis to differentiate along, and the tensor has none.")
    for axis in dims:
        if x.shape[axis] <= edge_order:
            raise ValueError(
                f"gradient: dim {axis} of shape {tuple(x.shape)} has {x.shape[axis]} samples, and edge_order "
                f"{edge_order} needs {edge_order + 1}."
            )
    if x.dtype.kind in "biu":
        x = x * 1.0
    return tuple([_slope(x, axis, s, edge_order) for axis, s in zip(dims, _spacings(spacing, len(dims)), strict=True)])


@gradient.samples
def _(draw):
    yield Sample(draw(5))
    yield Sample(draw(3, 4))
    yield Sample(draw(3, 4), spacing=0.5)
    yield Sample(draw(3, 4), spacing=[0.5, 2.0], edge_order=2)
    yield Sample(draw(3, 4), dim=-1)
    yield Sample(draw(3, 4, 5), spacing=2.0, dim=(2, 0), edge_order=2)
    yield Sample(draw(6), spacing=[np.cumsum(draw(6, low=0.5, high=1.5))])
    yield Sample(draw(6, 3), spacing=[np.cumsum(draw(6, low=0.5, high=1.5))], dim=0, edge_order=2)
    yield Sample(draw(3, 4), spacing=[np.cumsum(draw(n, low=0.5, high=1.5)) for n in (3, 4)])
    yield Sample(draw(2))
    yield Sample(draw(0, 3), dim=1)


@gradient.errors
def _(draw):
    yield Sample(draw(3), edge_order=3), ValueError, "edge_order is 1 or 2"
    yield Sample(draw(2, 1)), ValueError, "dim 1 of shape (2, 1) has 1 samples"
    yield Sample(draw(2), edge_order=2), ValueError, "needs 3"
    yield Sample(draw(3, 3), spacing=[1.0]), ValueError, "for each of 2 axes"
    yield Sample(draw(3), spacing=[draw(4)]), ValueError, "a vector of 3 numbers"
    yield Sample(draw()), ValueError, "needs an axis"


# ---------------------------------------------------------------------------------------------------------------------
# Integrals
# ---------------------------------------------------------------------------------------------------------------------
def _widths(y: Any, x: Any, axis: int, name: str) -> Any:
    """The distances between the places x along the axis, of as many axes as y."""
    x = x if isinstance(x, (Tensor, np.ndarray)) else Tensor(x)
    if x.ndim == 1:
        x = reshape(x, [-1 if i == axis else 1 for i in range(y.ndim)])
    elif x.ndim < y.ndim:
        x = reshape(x, (1,) * (y.ndim - x.ndim) + tuple(x.shape))
    place = axis - y.ndim
    if x.shape[place] != y.shape[axis]:
        raise ValueError(
            f"{name}: the places x of shape {tuple(x.shape)} and the values y of shape {tuple(y.shape)} differ along "
            f"dim {axis}."
        )
    return part(x, place + x.ndim, 1, None) - part(x, place + x.ndim, None, -1)


def _areas(y: Any, x: Any, dx: Any, dim: int, name: str) -> tuple[Any, int]:
    """Twice the area of each trapezoid, and the axis."""
    if not y.ndim:
        raise ValueError(f"{name}: needs an axis to integrate along, and the tensor has none.")
    if x is not None and dx is not None:
        raise ValueError(f"{name}: takes the places x or the step dx, not both.")
    axis = axis_of(dim, y.ndim, name)
    if y.dtype.kind in "biu":
        y = y * 1.0
    sums = part(y, axis, 1, None) + part(y, axis, None, -1)
    width = (1.0 if dx is None else dx) if x is None else _widths(y, x, axis, name)
    return sums * width, axis


def _trapezoid_reference(y, x=None, dx=None, dim=-1):
    if x is not None and x.ndim > 1:
        y, x = np.broadcast_arrays(y, x)
        return np.vectorize(lambda i: float(i))(np.trapezoid(y, x, axis=dim))
    return np.trapezoid(y, x, 1.0 if dx is None else dx, dim)


@composite(method=False, reference=_trapezoid_reference)
def trapezoid(y, x=None, dx=None, dim=-1):
    """The integral of samples along axis `dim` by the trapezoidal rule.  y: (..., N, ...) -> (...)

    x: the places of the samples, (N) or in a shape that broadcasts with y. dx: or else the step between them, 1 unless
    given. One sample, or none, gives 0. ValueError if both are given.

    >>> import autograd
    >>> y = autograd.tensor([1.0, 5.0, 10.0])
    >>> autograd.trapezoid(y), autograd.trapezoid(y, autograd.tensor([1.0, 3.0, 6.0]))
    (tensor(10.5000), tensor(28.5000))
    """
    areas, axis = _areas(y, x, dx, dim, "trapezoid")
    return areas.sum(axis) / 2


def _cumulative_reference(y, x=None, dx=None, dim=-1):
    from scipy.integrate import cumulative_trapezoid as by_scipy

    axis = dim if dim < 0 else dim - y.ndim
    if x is not None:
        if x.ndim == 1:
            x = x.reshape([-1 if i == axis else 1 for i in range(-y.ndim, 0)])
        y, x = np.broadcast_arrays(y, x)
    if y.shape[axis] < 2:
        return np.zeros([max(n - 1, 0) if i == axis else n for i, n in zip(range(-y.ndim, 0), y.shape, strict=True)])
    return by_scipy(y, x, 1.0 if dx is None else dx, axis)


@composite(method=False, reference=_cumulative_reference)
def cumulative_trapezoid(y, x=None, dx=None, dim=-1):
    """The integral up to each sample but the first, by the trapezoidal rule.  y: (..., N, ...) -> (..., N - 1, ...)

    x, dx: as in `trapezoid`, which gives the last of these.

    >>> import autograd
    >>> autograd.cumulative_trapezoid(autograd.tensor([1.0, 5.0, 10.0]))
    tensor([ 3.0000, 10.5000])
    """
    areas, axis = _areas(y, x, dx, dim, "cumulative_trapezoid")
    return areas.cumsum(axis) / 2


def _integral_samples(draw: Any) -> Any:
    yield Sample(draw(5))
    yield Sample(draw(3, 4))
    yield Sample(draw(3, 4), dx=0.5)
    yield Sample(draw(3, 4), dim=0)
    yield Sample(draw(3, 4), draw(4))
    yield Sample(draw(3, 4), draw(3), dim=0)
    yield Sample(draw(2, 3, 4), draw(2, 3, 4), dim=1)
    yield Sample(draw(2, 3, 4), draw(3, 4), dim=-2)
    yield Sample(draw(3, 4), draw(3, 1), dim=0)
    yield Sample(draw(3, 1))
    yield Sample(draw(0, 3))
    yield Sample(draw.integers(4), dx=2)


def _wrong_integrals(draw: Any) -> Any:
    yield Sample(draw()), ValueError, "needs an axis"
    yield Sample(draw(3), draw(3), dx=2.0), ValueError, "not both"
    yield Sample(draw(3), draw(4)), ValueError, "differ along dim 0"
    yield Sample(draw(3), dim=1), IndexError, "out of range"


for _op in (trapezoid, cumulative_trapezoid):
    _op.samples(_integral_samples)
    _op.errors(_wrong_integrals)

functions["trapz"] = trapezoid  # PyTorch's older name
