"""Several tensors as one, and one as several: cat, stack, split, unbind.

Parts are views, as in PyTorch: a write in place to a part is a write to the whole.
"""

from __future__ import annotations

import math
import operator

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from ..tensor import Tensor
from .shape import axis_of, rearranged, reshape

_ALL = slice(None)


def _at(dim, part):
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
    numpy=(np.concatenate,),
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
        gradients.append(g[_at(dim, slice(place, end))] if wanted else None)
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


@primitive(sequence="tensors", sticky=True, method=False, numpy=(np.stack,), reference=_stack_reference)
def stack(tensors, dim=0):
    """The tensors side by side along a new axis at place dim.  tensors: (*) each -> (*)"""
    _joinable(tensors, "stack")
    for x in tensors[1:]:
        if x.shape != tensors[0].shape:
            raise ValueError(
                f"stack: shapes {tensors[0].shape} and {x.shape} differ. Make them equal, or use cat, which joins "
                f"along an axis that is there."
            )
    at = _at(axis_of(dim, tensors[0].ndim + 1), None)
    return np.concatenate([x[at] for x in tensors], operator.index(dim))


@stack.gradients("tensors")
def _(g, dim, needed):
    dim = axis_of(dim, g.ndim)
    return tuple(g[_at(dim, i)] if wanted else None for i, wanted in enumerate(needed))


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


@composite(method=False, numpy=(np.atleast_1d,))
def atleast_1d(*tensors):
    """Each tensor with at least one axis.  tensors: (*) each -> (*), a tuple for several"""
    return _one(tensors)


@composite(method=False, numpy=(np.atleast_2d,))
def atleast_2d(*tensors):
    """Each tensor with at least two axes, new ones in front.  tensors: (*) each -> (*), a tuple for several"""
    return _two(tensors)


@composite(method=False, numpy=(np.atleast_3d,))
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


@composite(method=False, numpy=(np.hstack,))
def hstack(tensors):
    """Vectors end to end, all else side by side along the second axis.  tensors: (*) each -> (*)"""
    parts = [atleast_1d(x) for x in tensors]
    _joinable(parts, "hstack")
    return cat(parts, 0 if parts[0].ndim == 1 else 1)


@composite(method=False, aliases=("row_stack",), numpy=(np.vstack,))
def vstack(tensors):
    """On top of each other along the first axis; vectors are rows.  tensors: (*) each -> (*)"""
    return cat([atleast_2d(x) for x in tensors], 0)


@composite(method=False, numpy=(np.dstack,))
def dstack(tensors):
    """Behind each other along the third axis.  tensors: (*) each -> (*)"""
    return cat([atleast_3d(x) for x in tensors], 2)


@composite(method=False, numpy=(np.column_stack,))
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


# ---------------------------------------------------------------------------------------------------------------------
# Splitting
# ---------------------------------------------------------------------------------------------------------------------
def _parts(x, dim, ends):
    """The slices of x that end at `ends` along axis dim."""
    starts = [0, *ends[:-1]]
    return tuple(x[_at(dim, slice(start, max(start, end)))] for start, end in zip(starts, ends, strict=True))


def _split_ends(length, size, name):
    """Where parts of one size, or of a list of sizes, end."""
    if isinstance(size, (list, tuple)):
        sizes = [operator.index(n) for n in size]
        if sum(sizes) != length or any(n < 0 for n in sizes):
            raise ValueError(f"{name}: sizes {sizes} must be 0 or more and add up to {length}, the length of the axis")
        return [sum(sizes[: i + 1]) for i in range(len(sizes))]
    size = operator.index(size)
    if size < 0 or (size == 0 and length):
        raise ValueError(f"{name}: parts of size {size} do not make up an axis of length {length}")
    return [min(end, length) for end in range(size, length + size, size)] if length else [0]


def _rejoin(g, dim):
    return cat(list(g), dim)


def _split_reference(x, split_size_or_sections, dim=0):
    ends = _split_ends(x.shape[dim], split_size_or_sections, "split")
    dim %= x.ndim
    parts = []
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        shape = (*x.shape[:dim], end - start, *x.shape[dim + 1 :])
        parts.append(rearranged(x, shape, lambda *i, start=start: (*i[:dim], i[dim] + start, *i[dim + 1 :])))
    return tuple(parts)


@primitive(view=True, aliases=("split_with_sizes",), reference=_split_reference)
def split(x, split_size_or_sections, dim=0):
    """Parts of one size along an axis, the last maybe smaller; or of the sizes in a list.  x: (*) -> a tuple of (*)

    >>> import autograd
    >>> [part.shape for part in autograd.zeros(5, 2).split(2)]
    [(2, 2), (2, 2), (1, 2)]
    """
    dim = axis_of(dim, x.ndim)
    return _parts(x, dim, _split_ends(_axis_length(x, dim, "split"), split_size_or_sections, "split"))


split.gradient(x=_rejoin)


def _axis_length(x, dim, name):
    if not x.ndim:
        raise ValueError(f"{name}: a tensor without axes has no parts.")
    return x.shape[dim]


@split.samples
def _(draw):
    yield Sample(draw(5, 2), 2)
    yield Sample(draw(5, 2), [1, 0, 4])
    yield Sample(draw(2, 4), 2, 1)
    yield Sample(draw(2, 4), 3, dim=-1)
    yield Sample(draw(2, 4), (3, 1), -1)
    yield Sample(draw(0, 2), 3)
    yield Sample(draw(3), 7)


@split.errors
def _(draw):
    yield Sample(draw(5), [1, 2]), ValueError, "add up to 5"
    yield Sample(draw(5), 0), ValueError, "size 0"
    yield Sample(draw(), 1), ValueError, "without axes"


def _sections(length, indices_or_sections):
    if isinstance(indices_or_sections, Tensor):
        indices_or_sections = indices_or_sections.tolist()
    if isinstance(indices_or_sections, (list, tuple, np.ndarray)):
        return [*(_clip(i, length) for i in indices_or_sections), length]
    sections = operator.index(indices_or_sections)
    if sections < 1:
        raise ValueError(f"tensor_split: needs 1 part or more, not {sections}")
    small, larger = divmod(length, sections)
    return [small * (i + 1) + min(i + 1, larger) for i in range(sections)]


def _clip(index, length):
    index = operator.index(index)
    return min(max(index + length if index < 0 else index, 0), length)


@primitive(
    view=True,
    numpy=(np.array_split,),
    reference=lambda x, indices_or_sections, dim=0: tuple(np.array_split(x, indices_or_sections, dim)),
)
def tensor_split(x, indices_or_sections, dim=0):
    """Parts of nearly equal size along an axis, or the parts between given places.  x: (*) -> a tuple of (*)"""
    dim = axis_of(dim, x.ndim)
    return _parts(x, dim, _sections(_axis_length(x, dim, "tensor_split"), indices_or_sections))


tensor_split.gradient(x=lambda g, x_shape, dim, indices_or_sections: _place_parts(g, x_shape, dim, indices_or_sections))


def _place_parts(g, shape, dim, indices_or_sections):
    """The parts side by side.  Given places may go backwards; parts then overlap or leave out elements."""
    ends = _sections(shape[dim], indices_or_sections)
    if ends == sorted(ends):
        return cat(list(g), dim)
    dim %= len(shape)
    total = 0
    for start, part in zip([0, *ends[:-1]], g, strict=True):
        length = part.shape[dim]
        ends_of = [(*shape[:dim], n, *shape[dim + 1 :]) for n in (start, shape[dim] - start - length)]
        total = total + cat([np.zeros(ends_of[0], part.dtype), part, np.zeros(ends_of[1], part.dtype)], dim)
    return total


@tensor_split.samples
def _(draw):
    yield Sample(draw(5, 2), 2)
    yield Sample(draw(5, 2), 7)
    yield Sample(draw(5, 2), (1, 3))
    yield Sample(draw(5, 2), (3, 1))
    yield Sample(draw(2, 5), (1, -1), dim=1)
    yield Sample(draw(0, 2), 2)


@tensor_split.errors
def _(draw):
    yield Sample(draw(5), 0), ValueError, "1 part or more"


@composite
def chunk(x, chunks, dim=0):
    """At most `chunks` parts of equal size along axis dim, the last maybe smaller.  x: (*) -> a tuple of (*)"""
    dim = axis_of(dim, x.ndim, "chunk")
    if chunks < 1:
        raise ValueError(f"chunk: needs 1 part or more, not {chunks}.")
    length = _axis_length(x, dim, "chunk")
    return split(x, -(-length // chunks), dim) if length else split(x, [0] * chunks, dim)


@chunk.samples
def _(draw):
    yield Sample(draw(5, 2), 3)
    yield Sample(draw(5, 2), 4)
    yield Sample(draw(2, 6), chunks=2, dim=-1)
    yield Sample(draw(0, 2), 2)
    yield Sample(draw(7), 7)
    yield Sample(draw(4, 3), 2, 0)
    yield Sample(draw(2, 5, 3), chunks=3, dim=1)


@primitive(view=True, aliases=("unstack",), reference=lambda x, dim=0: _unbind_reference(x, dim))
def unbind(x, dim=0):
    """The slices along an axis, without that axis.  x: (*) -> a tuple of (*)

    The way to loop over an axis, as `for x_t in x.unbind(1)`: the gradient takes one pass for all slices, where one of
    x[:, t] at a time would take a pass over the whole for each.
    """
    dim = axis_of(dim, x.ndim)
    return tuple(x[_at(dim, i)] for i in range(_axis_length(x, dim, "unbind")))


unbind.gradient(x=lambda g, dim: stack(list(g), dim))


def _unbind_reference(x, dim):
    dim %= x.ndim
    shape = (*x.shape[:dim], *x.shape[dim + 1 :])
    return tuple(rearranged(x, shape, lambda *i, k=k: (*i[:dim], k, *i[dim:])) for k in range(x.shape[dim]))


@unbind.samples
def _(draw):
    yield Sample(draw(3))
    yield Sample(draw(3, 2))
    yield Sample(draw(3, 2), 1)
    yield Sample(draw(2, 3, 2), dim=-1)
    yield Sample(draw(2, 0))
    yield Sample(draw(1, 4), 0)


@unbind.errors
def _(draw):
    yield Sample(draw()), ValueError, "without axes"


@composite(numpy=(np.hsplit,))
def hsplit(x, indices_or_sections):
    """`tensor_split` along the second axis; of a vector, along its only one.  x: (*) -> a tuple of (*)"""
    return tensor_split(x, indices_or_sections, 0 if x.ndim == 1 else 1)


@composite(numpy=(np.vsplit,))
def vsplit(x, indices_or_sections):
    """`tensor_split` along the first axis.  x: (M, N, *) -> a tuple of (*)"""
    return tensor_split(x, indices_or_sections, 0)


@composite(numpy=(np.dsplit,))
def dsplit(x, indices_or_sections):
    """`tensor_split` along the third axis.  x: (L, M, N, *) -> a tuple of (*)"""
    return tensor_split(x, indices_or_sections, 2)


@hsplit.samples
def _(draw):
    yield Sample(draw(2, 4), 2)
    yield Sample(draw(4), (1, 3))
    yield Sample(draw(6), 3)
    yield Sample(draw(2, 5, 2), (1, 3))
    yield Sample(draw(3, 4), [0, 2])
    yield Sample(draw(0, 2), 2)


@vsplit.samples
def _(draw):
    yield Sample(draw(4, 2), 2)
    yield Sample(draw(4, 2, 3), (1,))
    yield Sample(draw(6, 1), 3)
    yield Sample(draw(5, 2), (1, 3))
    yield Sample(draw(3, 4), [0, 2])
    yield Sample(draw(2, 0), 2)


@dsplit.samples
def _(draw):
    yield Sample(draw(2, 2, 4), 2)
    yield Sample(draw(2, 2, 4), (1, 2))
    yield Sample(draw(1, 2, 6), 3)
    yield Sample(draw(2, 1, 5), (1, 3))
    yield Sample(draw(1, 1, 4, 2), [0, 2])
    yield Sample(draw(0, 2, 2), 2)
