"""Several tensors as one: cat, stack and their kin."""

from __future__ import annotations

import math
import operator

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from ..tensor import Tensor
from .shape import axis_of, reshape

_ALL = slice(None)


def at_part(dim, part):
    """The index of a part along axis `dim`."""
    return (_ALL,) * dim + (part, Ellipsis)


# ---------------------------------------------------------------------------------------------------------------------
# Joining
# ---------------------------------------------------------------------------------------------------------------------
def _joinable(tensors, name):
    if not tensors:
        raise ValueError(f"{name}: needs at least one tensor, and the list is empty.")


def _cat_reference(tensors, dim=0):
    tensors = [x for x in tensors if x.shape != (0,)] or tensors[:1]
    dim %= tensors[0].ndim
    out = np.empty(
        [sum(x.shape[dim] for x in tensors) if i == dim else n for i, n in enumerate(tensors[0].shape)],
        np.result_type(*tensors),
    )
    place = 0
    for x in tensors:
        for i in np.ndindex(*x.shape):
            out[(*i[:dim], i[dim] + place, *i[dim + 1 :])] = x[i]
        place += x.shape[dim]
    return out


def _cat_with_care(tensors, dim):
    """The same where there are tensors to leave out, or something to complain of."""
    _joinable(tensors, "cat")
    parts = [x for x in tensors if x.shape != (0,)] or tensors[:1]
    if not all(x.ndim for x in parts):
        raise ValueError("cat: tensors without axes can not be joined. Use stack, which makes a new axis.")
    dim = axis_of(dim, parts[0].ndim)
    shape = parts[0].shape
    for x in parts[1:]:
        if x.ndim != len(shape) or x.shape[:dim] != shape[:dim] or x.shape[dim + 1 :] != shape[dim + 1 :]:
            raise ValueError(
                f"cat: shapes {shape} and {x.shape} differ in another axis than dim {dim}. Reshape one, or choose "
                f"another dim."
            )
    return np.concatenate(parts, dim, dtype=np.result_type(*tensors))


@primitive(
    sequence="tensors",
    sticky=True,
    method=False,
    aliases=("concat", "concatenate"),
    reference=_cat_reference,
)
def cat(tensors, dim=0):
    """The tensors one after another along an axis that is there.  tensors: (*) each, equal but for axis dim -> (*)

    Tensors of shape (0,) are left out, so that a loop may begin with `tensor([])`.

    >>> import autograd
    >>> autograd.cat([autograd.tensor([1, 2]), autograd.tensor([3])])
    tensor([1, 2, 3])
    """
    try:
        return np.concatenate(tensors, dim)
    except (TypeError, ValueError):
        return _cat_with_care(tensors, dim)


@cat.gradients("tensors")
def _(g, tensors_shape, dim, needed):
    dim = axis_of(dim, g.ndim)
    gradients = []
    place = 0
    for shape, wanted in zip(tensors_shape, needed, strict=True):
        if shape == (0,) and g.ndim != 1:
            gradients.append(g.reshape(-1)[:0] if wanted else None)
            continue
        end = place + shape[dim]
        gradients.append(g[at_part(dim, slice(place, end))] if wanted else None)
        place = end
    return tuple(gradients)


@cat.samples
def _(draw):
    yield Sample([draw(2, 3), draw(1, 3)])
    yield Sample([draw(2, 3), draw(2, 1), draw(2, 2)], 1)
    yield Sample([draw(2, 3), draw(2, 3)], dim=-1)
    yield Sample([draw(3)])
    yield Sample([draw(0), draw(2, 3), draw(2, 3)])
    yield Sample([draw(0), draw(3)])
    yield Sample([draw(2, 0), draw(2, 3)], 1)


@cat.errors
def _(draw):
    yield Sample([draw(2, 3), draw(2, 4)]), ValueError, "shapes (2, 3) and (2, 4) differ"
    yield Sample([draw(2, 3), draw(3)]), ValueError, "differ in another axis"
    yield Sample([draw(), draw()]), ValueError, "Use stack"
    yield Sample([]), ValueError, "empty"
    yield Sample([draw(2)], 1), IndexError, "out of range"


def _stack_reference(tensors, dim=0):
    dim %= tensors[0].ndim + 1
    out = np.empty((*tensors[0].shape[:dim], len(tensors), *tensors[0].shape[dim:]), np.result_type(*tensors))
    for k, x in enumerate(tensors):
        for i in np.ndindex(*x.shape):
            out[(*i[:dim], k, *i[dim:])] = x[i]
    return out


@primitive(sequence="tensors", sticky=True, method=False, reference=_stack_reference)
def stack(tensors, dim=0):
    """The tensors side by side along a new axis at place dim.  tensors: (*) each -> (*)"""
    _joinable(tensors, "stack")
    for x in tensors[1:]:
        if x.shape != tensors[0].shape:
            raise ValueError(
                f"stack: shapes {tensors[0].shape} and {x.shape} differ. Make them equal, or use cat, which joins "
                f"along an axis that is there."
            )
    at = at_part(axis_of(dim, tensors[0].ndim + 1), None)
    return np.concatenate([x[at] for x in tensors], operator.index(dim))


@stack.gradients("tensors")
def _(g, dim, needed):
    dim = axis_of(dim, g.ndim)
    return tuple(g[at_part(dim, i)] if wanted else None for i, wanted in enumerate(needed))


@stack.samples
def _(draw):
    yield Sample([draw(2, 3), draw(2, 3)])
    yield Sample([draw(2, 3), draw(2, 3), draw(2, 3)], 1)
    yield Sample([draw(2, 3), draw(2, 3)], dim=-1)
    yield Sample([draw(), draw(), draw()])
    yield Sample([draw(0, 2), draw(0, 2)], 1)
    yield Sample([draw(2, 3, 4), draw(2, 3, 4)], -2)


@stack.errors
def _(draw):
    yield Sample([draw(2, 3), draw(3)]), ValueError, "shapes (2, 3) and (3,) differ"
    yield Sample([]), ValueError, "empty"
    yield Sample([draw(2)], 2), IndexError, "out of range"


def _at_least(axes):
    def single(x):
        shape = x.shape
        if axes == 3 and len(shape) == 2:
            return reshape(x, (*shape, 1))
        if axes == 3 and len(shape) < 2:
            return reshape(x, (1, math.prod(shape), 1))
        return reshape(x, (1,) * (axes - len(shape)) + shape) if len(shape) < axes else x[...]

    def all_of(tensors):
        if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
            tensors = tensors[0]
        elif len(tensors) == 1:
            return single(_tensor(tensors[0]))
        return tuple(single(_tensor(x)) for x in tensors)

    return all_of


def _tensor(x):
    return x if isinstance(x, (Tensor, np.ndarray)) else Tensor(x)


_one, _two, _three = map(_at_least, (1, 2, 3))


@composite(method=False)
def atleast_1d(*tensors):
    """Each tensor with at least one axis.  tensors: (*) each -> (*), a tuple for several"""
    return _one(tensors)


@composite(method=False)
def atleast_2d(*tensors):
    """Each tensor with at least two axes, new ones in front.  tensors: (*) each -> (*), a tuple for several"""
    return _two(tensors)


@composite(method=False)
def atleast_3d(*tensors):
    """Each tensor with at least three axes: (N) becomes (1, N, 1), (M, N) becomes (M, N, 1).  tensors: (*) -> (*)"""
    return _three(tensors)


def _one_or_several(draw):
    yield Sample(draw())
    yield Sample(draw(2))
    yield Sample(draw(2, 3), draw())
    yield Sample(draw(2, 3, 4))
    yield Sample(draw(2, 0))
    yield Sample([draw(), draw(1)])


atleast_1d.samples(_one_or_several)
atleast_2d.samples(_one_or_several)
atleast_3d.samples(_one_or_several)


@composite(method=False)
def hstack(tensors):
    """Vectors end to end, all else side by side along the second axis.  tensors: (*) each -> (*)"""
    parts = [atleast_1d(x) for x in tensors]
    _joinable(parts, "hstack")
    return cat(parts, 0 if parts[0].ndim == 1 else 1)


@composite(method=False, aliases=("row_stack",))
def vstack(tensors):
    """On top of each other along the first axis; vectors are rows.  tensors: (*) each -> (*)"""
    return cat([atleast_2d(x) for x in tensors], 0)


@composite(method=False)
def dstack(tensors):
    """Behind each other along the third axis.  tensors: (*) each -> (*)"""
    return cat([atleast_3d(x) for x in tensors], 2)


@composite(method=False)
def column_stack(tensors):
    """Side by side along the second axis; vectors are columns.  tensors: (*) each -> (*)"""
    parts = [atleast_1d(x) for x in tensors]
    return cat([reshape(x, (x.shape[0], 1)) if x.ndim == 1 else x for x in parts], 1)


def _stackable(draw):
    yield Sample([draw(3), draw(3)])
    yield Sample([draw(2, 3), draw(2, 3)])
    yield Sample([draw(), draw()])
    yield Sample([draw(2, 3, 2), draw(2, 3, 2)])
    yield Sample([draw(2, 2), draw(2, 2), draw(2, 2)])
    yield Sample([draw(1)])
    yield Sample([draw(0, 2), draw(0, 2)])


for _stacking in (hstack, vstack, dstack, column_stack):
    _stacking.samples(_stackable)
