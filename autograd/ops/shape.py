"""The same elements in another shape, or with their axes in another order.

What PyTorch returns as a view of the input is a view here too, and what it copies is a copy: code that writes in place
behaves alike.
"""

from __future__ import annotations

import math
import operator

import numpy as np

from ..arrays import dense_copy, reshaped
from ..declare import composite, primitive
from ..op import Sample
from ..tensor import Tensor
from .axes import axes_of as axes_of
from .axes import axis_of as axis_of
from .axes import rearranged as rearranged


def _refilled(x, shape):
    """The elements of x, in row-major order, in `shape`."""
    elements = [x[i] for i in np.ndindex(*x.shape)]
    out = np.empty(shape, x.dtype)
    for i, element in zip(np.ndindex(*shape), elements, strict=True):
        out[i] = element
    return out


# ---------------------------------------------------------------------------------------------------------------------
# Another shape
# ---------------------------------------------------------------------------------------------------------------------
def _settled(shape, x_shape):
    """`shape` with its -1, if there is one, worked out."""
    known = [operator.index(n) for n in shape]
    size = math.prod(x_shape)
    if known.count(-1) > 1 or any(n < -1 for n in known):
        raise ValueError(f"a shape has lengths of 0 or more and at most one -1, not {tuple(known)}")
    if -1 in known:
        rest = -math.prod(known)
        if rest == 0 or size % rest:
            raise ValueError(f"the {size} elements of shape {x_shape} do not fill shape {tuple(known)}")
        known[known.index(-1)] = size // rest
    elif math.prod(known) != size:
        raise ValueError(f"shape {x_shape} has {size} elements, and shape {tuple(known)} would have {math.prod(known)}")
    return tuple(known)


def _reshape_reference(x, *shape):
    return _refilled(x, _settled(shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape, x.shape))


@primitive(view=True, sticky=True, reference=_reshape_reference)
def reshape(x, *shape):
    """The elements in another shape; one length may be -1 and is worked out.  x: (*) -> shape

    Shares memory with x where the layout allows it, and copies otherwise.

    >>> import autograd
    >>> autograd.tensor([[1, 2, 3], [4, 5, 6]]).reshape(3, -1)
    tensor([[1, 2],
            [3, 4],
            [5, 6]])
    """
    return reshaped(x, _settled(shape, x.shape))


def _shaped_back(g, x_shape):
    return reshaped(g, x_shape) if type(g) is np.ndarray else g.reshape(x_shape)


reshape.gradient(x=_shaped_back)


@reshape.samples
def _(draw):
    yield Sample(draw(2, 6), 3, 4)
    yield Sample(draw(2, 6), (4, -1))
    yield Sample(draw(4, 3).T, -1)
    yield Sample(draw(), 1, 1)
    yield Sample(draw(1))
    yield Sample(draw(0, 3), 3, 0)


@reshape.errors
def _(draw):
    yield Sample(draw(2, 3), 4), ValueError, "shape (2, 3) has 6 elements"
    yield Sample(draw(2, 3), -1, 4), ValueError, "do not fill shape (-1, 4)"
    yield Sample(draw(2, 3), -1, -1), ValueError, "at most one -1"


@composite
def reshape_as(x, other):
    """The elements of x in the shape of another tensor.  x: (*), other: (**) -> (**)"""
    return reshape(x, other.shape)


@reshape_as.samples
def _(draw):
    yield Sample(draw(2, 3), draw(3, 2))
    yield Sample(draw(6), draw(2, 3))
    yield Sample(draw(2, 3, 2), draw(4, 3))
    yield Sample(draw(), draw(1, 1))
    yield Sample(draw(0, 2), draw(4, 0))
    yield Sample(draw(4, 1), draw(4))


@primitive(view=True, sticky=True, reference=_reshape_reference)
def view(x, *shape):
    """The elements in another shape, always sharing memory.  x: (*) -> shape

    Raises where the layout of x would need a copy. `x.view(dtype)` reads the same bytes as elements of another dtype
    of the same size.
    """
    if len(shape) == 1 and not isinstance(shape[0], (int, np.integer)) and not hasattr(shape[0], "__index__"):
        dtype = np.dtype(shape[0])
        if dtype.itemsize != x.dtype.itemsize:
            raise TypeError(f"view: {x.dtype} elements can not be read as {dtype}, which differs in size")
        return x.view(dtype)
    out = x.reshape(_settled(shape, x.shape))
    if out.size and not np.may_share_memory(out, x):
        raise ValueError(
            f"view: a tensor of shape {x.shape} that is not laid out row by row (a transpose or a slice) has no view "
            f"of shape {out.shape}. Use x.reshape(...), which copies where it must."
        )
    return out


def _view_gradient(g, x_shape, shape):
    if g.shape != x_shape:
        return g.reshape(x_shape)
    if len(shape) == 1 and not hasattr(shape[0], "__index__"):
        raise RuntimeError("view: what the bytes mean as another dtype has no gradient. Use x.to(dtype) to convert.")
    return g


view.gradient(x=_view_gradient)


@view.samples
def _(draw):
    yield Sample(draw(2, 6), 2, 3, 2)
    yield Sample(draw(2, 6), (2, 2, 1, -1))
    yield Sample(draw(), 1)
    yield Sample(draw(0, 3), 3, 0)
    yield Sample(draw(6), -1, 2)
    yield Sample(draw(2, 3), 2, 1, 3)
    yield Sample(draw(4), (2, 2))


@view.errors
def _(draw):
    yield Sample(draw(2, 3).T, 6), ValueError, "Use x.reshape"


@composite
def view_as(x, other):
    """A view of x in the shape of another tensor.  x: (*), other: (**) -> (**)"""
    return view(x, other.shape)


@view_as.samples
def _(draw):
    yield Sample(draw(6, 2), draw(2, 3, 2))
    yield Sample(draw(6), draw(2, 3))
    yield Sample(draw(2, 4), draw(2, 2, 2))
    yield Sample(draw(), draw(1, 1))
    yield Sample(draw(0, 2), draw(4, 0))
    yield Sample(draw(4, 1), draw(4))


@composite
def ravel(x):
    """All elements along one axis, row by row.  x: (*) -> (elements)"""
    return reshape(x, math.prod(x.shape))


@ravel.samples
def _(draw):
    yield Sample(draw(2, 3))
    yield Sample(draw(2, 3).T)
    yield Sample(draw())
    yield Sample(draw(2, 0))
    yield Sample(draw(2, 3, 4))
    yield Sample(draw(1))
    yield Sample(draw(3))


def _flat_reference(x, start_dim=0, end_dim=-1):
    start, end = start_dim % max(x.ndim, 1), end_dim % max(x.ndim, 1)
    return _refilled(x, (*x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :]))


@primitive(view=True, sticky=True, reference=_flat_reference)
def flatten(x, start_dim=0, end_dim=-1):
    """Joins the axes from start_dim to end_dim into one.  x: (*) -> (*)"""
    start, end = axis_of(start_dim, x.ndim), axis_of(end_dim, x.ndim)
    if start > end:
        raise ValueError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim} in shape {x.shape}")
    return x.reshape((*x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :]))


flatten.gradient(x=lambda g, x_shape: g.reshape(x_shape))


@flatten.samples
def _(draw):
    yield Sample(draw(2, 3, 4))
    yield Sample(draw(2, 3, 4), 1)
    yield Sample(draw(2, 3, 4), start_dim=0, end_dim=-2)
    yield Sample(draw(2, 3, 4), 1, 1)
    yield Sample(draw())
    yield Sample(draw(2, 0, 3), 1)


@flatten.errors
def _(draw):
    yield Sample(draw(2, 3), 1, 0), ValueError, "comes after end_dim"
    yield Sample(draw(2, 3), 2), IndexError, "out of range"


@composite
def unflatten(x, dim, sizes):
    """Axis `dim` split into several axes of lengths `sizes`, one of which may be -1.  x: (*) -> (*)"""
    dim = axis_of(dim, x.ndim, "unflatten")
    sizes = _settled(sizes, (x.shape[dim],))
    return reshape(x, (*x.shape[:dim], *sizes, *x.shape[dim + 1 :]))


@unflatten.samples
def _(draw):
    yield Sample(draw(2, 6), 1, (3, 2))
    yield Sample(draw(6, 2), dim=-2, sizes=(2, -1, 1))
    yield Sample(draw(0, 2), 0, (3, 0))
    yield Sample(draw(6), 0, (2, 3))
    yield Sample(draw(2, 4, 3), 1, (-1, 2))
    yield Sample(draw(4), 0, (4,))


def _unsqueezable(dim, ndim):
    dim = operator.index(dim)
    if not -ndim - 1 <= dim <= ndim:
        raise IndexError(f"unsqueeze: dim {dim} is out of range: with {ndim} axes it goes from {-ndim - 1} to {ndim}")
    return dim % (ndim + 1)


@primitive(
    view=True,
    sticky=True,
    reference=lambda x, dim=None: _refilled(x, _squeezed(x.shape, dim)),
)
def squeeze(x, dim=None):
    """Without the axes of length 1: all of them, or those among `dim` (an int or several).  x: (*) -> (*)"""
    return x.reshape(_squeezed(x.shape, dim))


squeeze.gradient(x=lambda g, x_shape: g.reshape(x_shape))


def _squeezed(shape, dim):
    among = range(len(shape)) if dim is None else axes_of(dim, len(shape))
    return tuple(n for i, n in enumerate(shape) if n != 1 or i not in among)


@squeeze.samples
def _(draw):
    yield Sample(draw(1, 3, 1))
    yield Sample(draw(1, 3, 1), 0)
    yield Sample(draw(1, 3, 1), dim=-1)
    yield Sample(draw(1, 3, 1), (0, 2))
    yield Sample(draw(1, 3, 1), 1)
    yield Sample(draw())
    yield Sample(draw(1, 0))


@primitive(
    view=True,
    sticky=True,
    aliases=("expand_dims",),
    reference=lambda x, dim: _refilled(x, (*x.shape[: dim % (x.ndim + 1)], 1, *x.shape[dim % (x.ndim + 1) :])),
)
def unsqueeze(x, dim):
    """With one more axis, of length 1, at place `dim`.  x: (*) -> (*)"""
    dim = _unsqueezable(dim, x.ndim)
    return x.reshape((*x.shape[:dim], 1, *x.shape[dim:]))


unsqueeze.gradient(x=lambda g, x_shape: g.reshape(x_shape))


@unsqueeze.samples
def _(draw):
    yield Sample(draw(2, 3), 0)
    yield Sample(draw(2, 3), 1)
    yield Sample(draw(2, 3), dim=-1)
    yield Sample(draw(), 0)
    yield Sample(draw(0, 3), -3)
    yield Sample(draw(4), 1)


@unsqueeze.errors
def _(draw):
    yield Sample(draw(2, 3), 3), IndexError, "out of range"


# ---------------------------------------------------------------------------------------------------------------------
# Another order of axes
# ---------------------------------------------------------------------------------------------------------------------
def _order(dims, ndim):
    if not dims and ndim:
        return tuple(range(ndim))[::-1]
    order = axes_of(dims, ndim) if dims else ()
    if len(order) != ndim:
        raise ValueError(f"dims {tuple(dims)} do not name each of the {ndim} axes once")
    return order


def _permute_reference(x, *dims):
    dims = dims[0] if len(dims) == 1 and isinstance(dims[0], tuple) else dims
    order = [d % x.ndim for d in dims] if dims else list(range(x.ndim))[::-1]
    return rearranged(
        x, tuple(x.shape[d] for d in order), lambda *i: tuple(i[order.index(axis)] for axis in range(x.ndim))
    )


@primitive(view=True, sticky=True, reference=_permute_reference)
def permute(x, *dims):
    """The axes in the order `dims`; without dims, in reverse.  Shares memory.  x: (*) -> (*)

    >>> import autograd
    >>> autograd.zeros(2, 3, 4).permute(2, 0, 1).shape
    (4, 2, 3)
    """
    return x.transpose(_order(dims, x.ndim))


def _permute_gradient(g, dims):
    order = _order(dims, g.ndim)
    return permute(g, *(order.index(axis) for axis in range(g.ndim)))


permute.gradient(x=_permute_gradient)


@permute.samples
def _(draw):
    yield Sample(draw(2, 3, 4), 2, 0, 1)
    yield Sample(draw(2, 3, 4), (1, 0, -1))
    yield Sample(draw(2, 3))
    yield Sample(draw())
    yield Sample(draw(2, 0, 3), 1, 2, 0)
    yield Sample(draw(2, 1, 3), -1, 0, 1)


@permute.errors
def _(draw):
    yield Sample(draw(2, 3), 0), ValueError, "name each of the 2 axes once"
    yield Sample(draw(2, 3), 0, 2), IndexError, "out of range"


@primitive(
    view=True,
    sticky=True,
    aliases=("swapaxes", "swapdims"),
    reference=lambda x, dim0, dim1: _permute_reference(x, *_swapped(dim0, dim1, x.ndim)) if x.ndim else x,
)
def transpose(x, dim0, dim1):
    """Two axes in each other's place.  Shares memory.  x: (*) -> (*)"""
    first, second = axis_of(dim0, x.ndim), axis_of(dim1, x.ndim)
    return x.swapaxes(first, second) if x.ndim else x[...]


transpose.gradient(x=lambda g, dim0, dim1: transpose(g, dim0, dim1))


def _swapped(dim0, dim1, ndim):
    order = list(range(ndim))
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return order


@transpose.samples
def _(draw):
    yield Sample(draw(2, 3, 4), 0, 1)
    yield Sample(draw(2, 3, 4), -1, 0)
    yield Sample(draw(2, 3), dim0=1, dim1=1)
    yield Sample(draw(), 0, -1)
    yield Sample(draw(0, 3), 0, 1)
    yield Sample(draw(2, 3, 4), 1, -1)


@transpose.errors
def _(draw):
    yield Sample(draw(2, 3), 0, 2), IndexError, "out of range"
    yield Sample(draw(), 1, 0), IndexError, "out of range"


def _moved(source, destination, ndim):
    source, destination = axes_of(source, ndim, "movedim"), axes_of(destination, ndim, "movedim")
    if len(source) != len(destination):
        raise ValueError(f"movedim: {len(source)} axes can not move to {len(destination)} places.")
    order = [axis for axis in range(ndim) if axis not in source]
    for place, axis in sorted(zip(destination, source, strict=True)):
        order.insert(place, axis)
    return order


@composite(aliases=("moveaxis",))
def movedim(x, source, destination):
    """Axes `source` (an int or several) at the places `destination`, the others in their order.  x: (*) -> (*)"""
    return permute(x, *_moved(source, destination, x.ndim))


@movedim.samples
def _(draw):
    yield Sample(draw(2, 3, 4), 0, -1)
    yield Sample(draw(2, 3, 4), (0, 1), (2, 0))
    yield Sample(draw(2, 3, 4), source=-1, destination=0)
    yield Sample(draw(3), 0, 0)
    yield Sample(draw(2, 3, 4, 5), (0, -1), (-2, 0))
    yield Sample(draw(2, 0, 3), 1, 2)


@composite
def t(x):
    """The transpose of a matrix; vectors stay as they are.  x: (M, N) -> (N, M)"""
    if x.ndim > 2:
        raise ValueError(f"t: takes a matrix, and shape {x.shape} has {x.ndim} axes. Use x.mT or x.permute(...).")
    return permute(x)


@t.samples
def _(draw):
    yield Sample(draw(2, 3))
    yield Sample(draw(3))
    yield Sample(draw())
    yield Sample(draw(1, 4))
    yield Sample(draw(0, 2))
    yield Sample(draw(3, 3))


def _matrix_transpose(x):
    if x.ndim < 2:
        raise ValueError(f"mT: needs matrices in the last two axes, and the shape is {x.shape}.")
    return transpose(x, -2, -1)


# ---------------------------------------------------------------------------------------------------------------------
# Copies
# ---------------------------------------------------------------------------------------------------------------------
@primitive(sticky=True, reference=lambda x: rearranged(x, x.shape, lambda *i: i))
def clone(x):
    """A copy with memory of its own, through which gradients pass.  x: (*) -> (*)"""
    return dense_copy(x)


clone.gradient(x=lambda g: g)


@clone.samples
def _(draw):
    yield Sample(draw(2, 3))
    yield Sample(draw(3, 2).T)
    yield Sample(draw())
    yield Sample(draw(0, 2))
    yield Sample(draw(2, 1, 3))
    yield Sample(draw(1))
    yield Sample(draw.integers(3))


for _name, _property in {
    "T": property(lambda x: permute(x), doc="The tensor with its axes in reverse order.  Shares memory."),
    "mT": property(_matrix_transpose, doc="Each matrix transposed.  Shares memory."),
    "H": property(lambda x: t(x).conj(), doc="The conjugate transpose of a matrix."),
    "mH": property(lambda x: _matrix_transpose(x).conj(), doc="Each matrix conjugate transposed."),
}.items():
    setattr(Tensor, _name, _property)
