"""Diagonals and triangles of matrices."""

from __future__ import annotations

import operator

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from .shape import axes_of, clone, rearranged, reshape


def _diagonal_reference(x, offset=0, dim1=0, dim2=1):
    dim1, dim2 = dim1 % x.ndim, dim2 % x.ndim
    rest = [n for i, n in enumerate(x.shape) if i not in (dim1, dim2)]
    length = max(0, min(x.shape[dim1] + min(offset, 0), x.shape[dim2] - max(offset, 0)))

    def source(*i):
        place, others = i[-1], iter(i[:-1])
        return tuple(
            place - min(offset, 0) if axis == dim1 else place + max(offset, 0) if axis == dim2 else next(others)
            for axis in range(x.ndim)
        )

    return rearranged(x, (*rest, length), source)


@primitive(view=True, reference=_diagonal_reference)
def diagonal(x, offset=0, dim1=0, dim2=1):
    """The diagonals in the planes of two axes, as the last axis; `offset` above the main one.  x: (*) -> (*)

    A view: `x.diagonal().fill_(1)` writes into x.
    """
    if x.ndim < 2:
        raise ValueError(f"diagonal: needs two axes or more, and the shape is {x.shape}.")
    dim1, dim2 = axes_of((dim1, dim2), x.ndim)
    out = np.diagonal(x, operator.index(offset), dim1, dim2)
    if x.flags.writeable:  # NumPy gives a read-only view
        out.flags.writeable = True
    return out


def _diagonal_gradient(g, x_shape, offset, dim1, dim2):
    dim1, dim2 = axes_of((dim1, dim2), len(x_shape))
    return put_diagonal(g, x_shape, offset, dim1, dim2)


diagonal.gradient(x=_diagonal_gradient)


@diagonal.samples
def _(draw):
    yield Sample(draw(3, 3))
    yield Sample(draw(3, 4), 1)
    yield Sample(draw(3, 4), -2)
    yield Sample(draw(3, 4), 7)
    yield Sample(draw(2, 3, 4), 0, 1, 2)
    yield Sample(draw(2, 3, 4), offset=-1, dim1=-1, dim2=0)
    yield Sample(draw(0, 3))


@diagonal.errors
def _(draw):
    yield Sample(draw(3)), ValueError, "two axes or more"
    yield Sample(draw(3, 3), 0, 1, 1), ValueError, "twice"


def _put_reference(x, shape, offset, dim1, dim2):
    out = np.zeros(shape, x.dtype)
    for i in np.ndindex(*x.shape):
        place, others = i[-1], iter(i[:-1])
        at = tuple(
            place - min(offset, 0) if axis == dim1 else place + max(offset, 0) if axis == dim2 else next(others)
            for axis in range(len(shape))
        )
        out[at] = x[i]
    return out


@primitive(method=False, reference=_put_reference)
def put_diagonal(x, shape, offset, dim1, dim2):
    """Zeros of a shape, with the last axis of x along a diagonal: what `diagonal` would read is x.  x: (*) -> shape"""
    out = np.zeros(shape, x.dtype)
    view = np.diagonal(out, operator.index(offset), dim1, dim2)
    view.flags.writeable = True
    view[...] = x
    return out


put_diagonal.gradient(x=lambda g, offset, dim1, dim2: diagonal(g, offset, dim1, dim2))


@put_diagonal.samples
def _(draw):
    yield Sample(draw(3), (3, 4), 1, 0, 1)
    yield Sample(draw(3, 2), (3, 2, 2), 0, 2, 1)
    yield Sample(draw(0), (2, 0), 0, 0, 1)
    yield Sample(draw(4), (4, 4), 0, 0, 1)
    yield Sample(draw(2), (3, 3), -1, 0, 1)
    yield Sample(draw(4, 2), (2, 4, 3), 0, 2, 0)


@composite
def diag_embed(x, offset=0, dim1=-2, dim2=-1):
    """Matrices with the last axis of x on a diagonal, zeros elsewhere.  x: (*, N) -> (*, N + |offset|, N + |offset|)"""
    if not x.ndim:
        raise ValueError("diag_embed: needs at least one axis.")
    dim1, dim2 = axes_of((dim1, dim2), x.ndim + 1, "diag_embed")
    others = iter(x.shape[:-1])
    size = x.shape[-1] + abs(offset)
    shape = tuple([size if axis in (dim1, dim2) else next(others) for axis in range(x.ndim + 1)])
    return put_diagonal(x, shape, offset, dim1, dim2)


@diag_embed.samples
def _(draw):
    yield Sample(draw(3))
    yield Sample(draw(2, 3))
    yield Sample(draw(2, 3), 1)
    yield Sample(draw(2, 3), offset=-2, dim1=0, dim2=2)
    yield Sample(draw(2, 3), 1, -1, 0)
    yield Sample(draw(2), -1)


@composite
def diag(x, diagonal=0):
    """A matrix with a vector as its diagonal, or the diagonal of a matrix.  x: (N) -> (N, N), or (M, N) -> (K)"""
    if x.ndim == 1:
        return diag_embed(x, diagonal)
    if x.ndim == 2:
        return clone(_diagonal(x, diagonal))
    raise ValueError(f"diag: takes a vector or a matrix, not shape {x.shape}. Use diagonal or diag_embed.")


_diagonal = diagonal


@diag.samples
def _(draw):
    yield Sample(draw(3))
    yield Sample(draw(2), 1)
    yield Sample(draw(3, 4))
    yield Sample(draw(3, 4), diagonal=-1)
    yield Sample(draw(1))
    yield Sample(draw(4, 2), -1)
    yield Sample(draw(0))


@diag.errors
def _(draw):
    yield Sample(draw(2, 2, 2)), ValueError, "vector or a matrix"


@composite
def diagflat(x, offset=0):
    """All elements on the diagonal of a matrix.  x: (*) -> (M, M)"""
    return diag_embed(reshape(x, -1), offset)


@diagflat.samples
def _(draw):
    yield Sample(draw(2, 2))
    yield Sample(draw(), 1)
    yield Sample(draw(), 1)
    yield Sample(draw(3), -2)
    yield Sample(draw(2, 1, 2))
    yield Sample(draw(0))


def _triangle_reference(keep):
    def reference(x, diagonal=0):
        out = np.zeros_like(x)
        for i in np.ndindex(*x.shape):
            if keep(i[-1] - i[-2], diagonal):
                out[i] = x[i]
        return out

    return reference


def _check_matrices(x, name):
    if x.ndim < 2:
        raise ValueError(f"{name}: needs matrices in the last two axes, and the shape is {x.shape}.")


@primitive(in_place=True, reference=_triangle_reference(lambda place, diagonal: place <= diagonal))
def tril(x, diagonal=0):
    """The matrices with zeros above a diagonal, counted upwards from the main one.  x: (*, M, N) -> (*, M, N)"""
    _check_matrices(x, "tril")
    return np.tril(x, diagonal)


@primitive(in_place=True, reference=_triangle_reference(lambda place, diagonal: place >= diagonal))
def triu(x, diagonal=0):
    """The matrices with zeros below a diagonal, counted upwards from the main one.  x: (*, M, N) -> (*, M, N)"""
    _check_matrices(x, "triu")
    return np.triu(x, diagonal)


tril.gradient(x=lambda g, diagonal: tril(g, diagonal))
triu.gradient(x=lambda g, diagonal: triu(g, diagonal))


def _matrices(draw):
    yield Sample(draw(3, 3))
    yield Sample(draw(3, 4), 1)
    yield Sample(draw(2, 4, 3), diagonal=-1)
    yield Sample(draw(2, 2), 5)
    yield Sample(draw(0, 3))
    yield Sample(draw(4, 2, 2, 5), -2)


def _vectors(draw):
    yield Sample(draw(3)), ValueError, "last two axes"


tril.samples(_matrices)
triu.samples(_matrices)
tril.errors(_vectors)
triu.errors(_vectors)
