"""The same elements in another order: flipped, turned, rolled.  All of these copy, as in PyTorch."""

from __future__ import annotations

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from .shape import axes_of, axis_of, clone, movedim, rearranged, transpose


def _flip_reference(x, *dims):
    dims = dims[0] if len(dims) == 1 and isinstance(dims[0], tuple) else dims
    axes = [d % max(x.ndim, 1) for d in dims] if dims else list(range(x.ndim))
    return rearranged(x, x.shape, lambda *i: tuple(x.shape[a] - 1 - k if a in axes else k for a, k in enumerate(i)))


@primitive(sticky=True, reference=_flip_reference)
def flip(x, *dims):
    """The elements in reverse order along axes `dims`; without dims, along all.  A copy.  x: (*) -> (*)"""
    return np.flip(x, axes_of(dims, x.ndim) if dims and x.ndim else None).copy()


flip.gradient(x=lambda g, dims: flip(g, *dims))


@flip.samples
def _(draw):
    yield Sample(draw(2, 3), 0)
    yield Sample(draw(2, 3, 2), (0, -1))
    yield Sample(draw(2, 3))
    yield Sample(draw())
    yield Sample(draw(0, 3), 1)
    yield Sample(draw(2, 3), -1)
    yield Sample(draw(2, 3), (0,))
    yield Sample(draw(2, 3), (-1, 0))
    yield Sample(draw(4), (0,))
    yield Sample(draw(2, 1, 3), (1, 2))


@composite
def fliplr(x):
    """Left and right exchanged: the second axis in reverse order.  x: (M, N, *) -> (M, N, *)"""
    return flip(x, 1)


@fliplr.samples
def _(draw):
    yield Sample(draw(2, 3))
    yield Sample(draw(2, 3, 2))
    yield Sample(draw(3, 1))
    yield Sample(draw(2, 3, 4))
    yield Sample(draw(2, 0))
    yield Sample(draw(1, 5))


@composite
def flipud(x):
    """Up and down exchanged: the first axis in reverse order.  x: (M, *) -> (M, *)"""
    return flip(x, 0)


@flipud.samples
def _(draw):
    yield Sample(draw(2, 3))
    yield Sample(draw(3))
    yield Sample(draw(1, 3))
    yield Sample(draw(2, 3, 4))
    yield Sample(draw(0, 2))
    yield Sample(draw(5))


@composite
def rot90(x, k=1, dims=(0, 1)):
    """Turned by k quarter turns in the plane of two axes, from the first towards the second.  x: (*) -> (*)"""
    first, second = axes_of(dims, x.ndim, "rot90")
    k %= 4
    if k == 0:
        return clone(x)
    if k == 2:
        return flip(x, first, second)
    return flip(transpose(x, first, second), first if k == 1 else second)


@rot90.samples
def _(draw):
    for k in range(-1, 4):
        yield Sample(draw(2, 3), k)
    yield Sample(draw(2, 3, 4), 1, (1, 2))
    yield Sample(draw(2, 3, 4), k=3, dims=(-1, 0))


def _roll_reference(x, shifts, dims=None):
    if dims is None:
        return np.array([x.flat[(i - shifts) % x.size] for i in range(x.size)], x.dtype).reshape(x.shape)
    shifts, dims = np.atleast_1d(shifts), np.atleast_1d(dims) % x.ndim
    total = [int(shifts[dims == axis].sum()) for axis in range(x.ndim)]
    return rearranged(x, x.shape, lambda *i: tuple((k - s) % n for k, s, n in zip(i, total, x.shape, strict=True)))


def _rolled_axis(x, axis, start=0):
    order = [i for i in range(x.ndim) if i != axis % x.ndim]
    start = start + x.ndim if start < 0 else start
    order.insert(start - (axis % x.ndim < start), axis % x.ndim)
    return np.transpose(x, order)


@composite(method=False, reference=_rolled_axis)
def rollaxis(x, axis, start=0):
    """One axis moved in front of axis `start`, or behind all with start = axes: NumPy's older `movedim`.  x: (*) -> (*)

    >>> import autograd
    >>> autograd.rollaxis(autograd.zeros(2, 3, 4), 2).shape
    (4, 2, 3)
    """
    axis = axis_of(axis, x.ndim, "rollaxis")
    if not -x.ndim <= start <= x.ndim:
        raise IndexError(f"rollaxis: start {start} is out of range: it goes from {-x.ndim} to {x.ndim}.")
    start = start + x.ndim if start < 0 else start
    return movedim(x, axis, start - (axis < start))


@rollaxis.samples
def _(draw):
    yield Sample(draw(2, 3, 4), 2)
    yield Sample(draw(2, 3, 4), 0, 3)
    yield Sample(draw(2, 3, 4), 0, 2)
    yield Sample(draw(2, 3, 4), -1, 1)
    yield Sample(draw(2, 3, 4), 1, start=-1)
    yield Sample(draw(2, 0), 1)
    yield Sample(draw(3), 0)


@rollaxis.errors
def _(draw):
    yield Sample(draw(2, 3), 2), IndexError, "dim 2 is out of range"
    yield Sample(draw(2, 3), 0, 3), IndexError, "start 3 is out of range"


@primitive(sticky=True, reference=_roll_reference)
def roll(x, shifts, dims=None):
    """The elements shifted along `dims`; those pushed out at the end come in at the front.  x: (*) -> (*)

    shifts, dims: an int, or several of equal number. Without dims, all elements are rolled as one row.
    ValueError if their numbers differ.
    """
    by = shifts if isinstance(shifts, (tuple, list)) else (shifts,)
    if not all(hasattr(n, "__index__") for n in by):
        raise TypeError(f"roll: shifts are ints, not {shifts!r}")
    if dims is None and len(by) == 1:
        return np.roll(x, by[0])
    along = () if dims is None else dims if isinstance(dims, (tuple, list)) else (dims,)
    if len(by) != len(along):
        raise ValueError(f"roll: {len(by)} shifts for {len(along)} dims. Give one shift for each of the dims")
    axes = tuple([axis_of(dim, x.ndim) for dim in along])
    return np.roll(x, tuple(by), axes) if x.ndim else x.copy()


def _roll_gradient(g, shifts, dims):
    return roll(g, tuple(-s for s in shifts) if isinstance(shifts, (tuple, list)) else -shifts, dims)


roll.gradient(x=_roll_gradient)


@roll.samples
def _(draw):
    yield Sample(draw(5), 2)
    yield Sample(draw(2, 3), 1)
    yield Sample(draw(2, 3), -1, 1)
    yield Sample(draw(2, 3), (1, 2), (0, 1))
    yield Sample(draw(2, 3), shifts=(1, 1), dims=(-1, -1))
    yield Sample(draw(0, 3), 1, 0)


@roll.errors
def _(draw):
    yield Sample(draw(2, 3), 1, 5), IndexError, "dim 5 is out of range"
    yield Sample(draw(2, 3), (1, 2), 0), ValueError, "2 shifts for 1 dims"
    yield Sample(draw(2, 3), (1, 2)), ValueError, "2 shifts for 0 dims"
    yield Sample(draw(), 1, 1), IndexError, "dim 1 is out of range"
    yield Sample(draw(2, 3), 0.5, 0), TypeError, "shifts are ints"
