"""Copies of a tensor with one part replaced: a slice, several, a diagonal."""

from __future__ import annotations

import operator

import numpy as np

from ..declare import composite
from ..op import Sample
from .diagonal import diagonal as _diagonal
from .diagonal import put_diagonal
from .indexing import write_at
from .shape import axis_of

_ALL = slice(None)


def _replaced(x, src, key, name):
    want = np.broadcast_to(np.empty((), bool), tuple(x.shape))[key].shape
    if tuple(src.shape) != want:
        raise ValueError(f"{name}: the part has shape {want}, and src {tuple(src.shape)}.")
    return write_at(x, src, key)


@composite
def select_scatter(x, src, dim, index):
    """A copy of x with one slice along axis dim replaced by src.  x, src: (*) -> (*)"""
    dim = axis_of(dim, x.ndim, "select_scatter")
    return _replaced(x, src, (_ALL,) * dim + (operator.index(index), Ellipsis), "select_scatter")


@select_scatter.samples
def _(draw):
    yield Sample(draw(3, 4), draw(4), 0, 1)
    yield Sample(draw(3, 4), draw(3), dim=-1, index=-1)
    yield Sample(draw(5), draw(), 0, -1)
    yield Sample(draw(2, 3, 4), draw(2, 4), 1, 2)
    yield Sample(draw(2, 3, 4), draw(2, 3), -1, 0)
    yield Sample(draw(1, 3), draw(3), dim=0, index=0)


@composite
def slice_scatter(x, src, dim=0, start=None, end=None, step=1):
    """A copy of x with the slices start:end:step along axis dim replaced by src.  x, src: (*) -> (*)"""
    dim = axis_of(dim, x.ndim, "slice_scatter")
    return _replaced(x, src, (_ALL,) * dim + (slice(start, end, step),), "slice_scatter")


@slice_scatter.samples
def _(draw):
    yield Sample(draw(5, 2), draw(2, 2), 0, 1, 3)
    yield Sample(draw(2, 5), draw(2, 3), dim=1, step=2)
    yield Sample(draw(3), draw(3))
    yield Sample(draw(2, 3, 4), draw(2, 1, 4), 1, -1)
    yield Sample(draw(5), draw(0), 0, 2, 2)
    yield Sample(draw(4, 3), draw(2, 3), dim=-2, start=1, end=4, step=2)


@slice_scatter.errors
def _(draw):
    yield Sample(draw(5), draw(2), 0, 1, 4), ValueError, "the part has shape (3,)"


@composite
def diagonal_scatter(x, src, offset=0, dim1=0, dim2=1):
    """A copy of x with a diagonal replaced by src.  x, src: (*) -> (*)"""
    dim1, dim2 = axis_of(dim1, x.ndim, "diagonal_scatter"), axis_of(dim2, x.ndim, "diagonal_scatter")
    change = src - _diagonal(x, offset, dim1, dim2)
    return x + put_diagonal(change, tuple(x.shape), offset, dim1, dim2)


@diagonal_scatter.samples
def _(draw):
    yield Sample(draw(3, 4), draw(3))
    yield Sample(draw(2, 3, 3), draw(2, 2), 1, 1, 2)
    yield Sample(draw(3, 3), draw(2), -1)
    yield Sample(draw(4, 2), draw(2))
    yield Sample(draw(2, 3, 4), draw(3, 2), 0, 0, -1)
    yield Sample(draw(2, 2), draw(1), 1)
    yield Sample(draw(0, 2), draw(0))
