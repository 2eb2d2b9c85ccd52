"""Tensors stretched to a common shape, without a copy."""

from __future__ import annotations

import operator

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from .creation import broadcast_shapes
from .shape import rearranged, reshape


def _broadcast_reference(x, *shape):
    shape = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
    added = len(shape) - x.ndim
    shape = tuple(x.shape[i - added] if n == -1 else n for i, n in enumerate(shape))
    return rearranged(x, shape, lambda *i: tuple(k if n > 1 else 0 for k, n in zip(i[added:], x.shape, strict=True)))


@primitive(view=True, sticky=True, reference=_broadcast_reference)
def expand(x, *sizes):
    """Axes of length 1 stretched to `sizes` without a copy; -1 keeps a length, new axes come in front.  x: (*) -> sizes

    The result is read-only, since many of its elements are one in memory: use `.clone()` before writing to it.
    """
    sizes = tuple([operator.index(n) for n in sizes])
    added = len(sizes) - x.ndim
    if added < 0 or -1 in sizes[:added]:
        raise ValueError(f"expand: shape {x.shape} can not become {sizes}. New axes need a length and come in front.")
    shape = tuple(x.shape[i - added] if n == -1 else n for i, n in enumerate(sizes))
    if any(n != m != 1 for n, m in zip(shape[added:], x.shape, strict=True)):
        raise ValueError(
            f"expand: shape {x.shape} can not become {shape}. Counted from the last, only axes of length 1 stretch."
        )
    if not x.flags.c_contiguous:
        return np.broadcast_to(x, shape)
    strides = tuple([0 if m == 1 else step for m, step in zip(x.shape, x.strides, strict=True)])
    out = np.ndarray(shape, x.dtype, x, 0, (0,) * added + strides)  # half the time of broadcast_to
    out.flags.writeable = False
    return out


expand.gradient(x=lambda g: g)  # the walk sums over the axes that were stretched


@expand.samples
def _(draw):
    yield Sample(draw(3, 1), 3, 4)
    yield Sample(draw(3, 1), (2, -1, 4))
    yield Sample(draw(3), 2, 3)
    yield Sample(draw(), 2, 2)
    yield Sample(draw())
    yield Sample(draw(1, 3), 0, 3)


@expand.errors
def _(draw):
    yield Sample(draw(2, 3), 2, 4), ValueError, "only axes of length 1 stretch"
    yield Sample(draw(2, 3), 3), ValueError, "come in front"


@composite
def expand_as(x, other):
    """x stretched to the shape of another tensor.  x: (*), other: (**) -> (**)"""
    return expand(x, other.shape)


@expand_as.samples
def _(draw):
    yield Sample(draw(3, 1), draw(2, 3, 4))
    yield Sample(draw(), draw(2, 2))
    yield Sample(draw(3), draw(2, 3))
    yield Sample(draw(2, 1, 3), draw(2, 4, 3))
    yield Sample(draw(1), draw(0))
    yield Sample(draw(2, 3), draw(2, 3))


@composite
def broadcast_to(x, shape):
    """x stretched to `shape` by the rules of broadcasting, without a copy.  x: (*) -> shape"""
    return expand(x, tuple(shape))


@broadcast_to.samples
def _(draw):
    yield Sample(draw(3, 1), (2, 3, 4))
    yield Sample(draw(), (2,))
    yield Sample(draw(3), (3,))
    yield Sample(draw(1, 3), (0, 3))
    yield Sample(draw(2, 1, 1), (2, 4, 3))
    yield Sample(draw(1), (1, 1, 2))


@composite(method=False)
def broadcast_tensors(*tensors):
    """All tensors stretched to their common shape.  tensors: (*) each -> a tuple of (*)"""
    tensors = tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    shape = broadcast_shapes(*(t.shape for t in tensors))
    return tuple(expand(t, shape) for t in tensors)


@broadcast_tensors.samples
def _(draw):
    yield Sample(draw(3, 1), draw(4))
    yield Sample(draw(2), draw())
    yield Sample(draw(2, 1), draw(1, 3), draw(3))
    yield Sample(draw(0, 1), draw(4))
    yield Sample(draw(), draw())
    yield Sample(draw(2, 3))
    yield Sample(draw(2, 1, 3), draw(4, 1))


@composite
def sum_to_size(x, *size):
    """Sums over the axes that broadcasting would stretch, so that `size` is left.  x: (*) -> size"""
    size = tuple(size[0]) if len(size) == 1 and isinstance(size[0], (tuple, list)) else size
    added = x.ndim - len(size)
    if added < 0 or any(n not in (1, m) for n, m in zip(size, x.shape[added:], strict=True)):
        raise ValueError(f"sum_to_size: shape {x.shape} does not come from {size} by broadcasting.")
    dims = tuple(i for i in range(x.ndim) if i < added or (size[i - added] == 1 and x.shape[i] != 1))
    return reshape(x.sum(dims), size) if dims else reshape(x, size)


@sum_to_size.samples
def _(draw):
    yield Sample(draw(2, 3, 4), 3, 1)
    yield Sample(draw(2, 3), (2, 3))
    yield Sample(draw(2, 3), ())
    yield Sample(draw(2, 1, 4), 1, 1, 4)
    yield Sample(draw(4, 3), (1,))
    yield Sample(draw(0, 3), 3)
