"""One tensor as several: split, chunk, unbind.

Parts are views, as in PyTorch: a write in place to a part is a write to the whole.
"""

from __future__ import annotations

import operator

import numpy as np

from ..declare import composite, primitive
from ..op import Sample, functions
from ..tensor import Tensor, attach_method
from .joining import at_part, cat, stack
from .shape import axis_of, rearranged


def _parts(x, dim, ends):
    """The slices of x that end at `ends` along axis dim."""
    starts = [0, *ends[:-1]]
    return tuple(x[at_part(dim, slice(start, max(start, end)))] for start, end in zip(starts, ends, strict=True))


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


# PyTorch has names for splits whose parts must not be written to in place. These can be.
functions["unsafe_split"] = functions["unsafe_split_with_sizes"] = split
functions["unsafe_chunk"] = chunk
for _name in ("unsafe_split", "unsafe_split_with_sizes", "unsafe_chunk"):
    attach_method(_name, functions[_name])


@primitive(view=True, aliases=("unstack",), reference=lambda x, dim=0: _unbind_reference(x, dim))
def unbind(x, dim=0):
    """The slices along an axis, without that axis.  x: (*) -> a tuple of (*)

    The way to loop over an axis, as `for x_t in x.unbind(1)`: the gradient takes one pass for all slices, where one of
    x[:, t] at a time would take a pass over the whole for each.
    """
    dim = axis_of(dim, x.ndim)
    return tuple(x[at_part(dim, i)] for i in range(_axis_length(x, dim, "unbind")))


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


def _even_split(name, x, indices_or_sections, dim, least):
    if x.ndim < least:
        raise ValueError(f"{name}: needs {least} axes or more, and the shape is {tuple(x.shape)}.")
    if not np.ndim(indices_or_sections) and indices_or_sections > 0 and x.shape[dim] % indices_or_sections:
        raise ValueError(
            f"{name}: dim {dim} of {tuple(x.shape)} can not be split into {indices_or_sections} equal parts. "
            f"tensor_split makes parts of nearly equal size."
        )
    return tensor_split(x, indices_or_sections, dim)


@composite
def hsplit(x, indices_or_sections):
    """Equal parts along the second axis, or of a vector along its only one.  x: (*) -> a tuple of (*)

    indices_or_sections: how many parts, or the places to split at, as in `tensor_split`.
    """
    return _even_split("hsplit", x, indices_or_sections, 0 if x.ndim == 1 else 1, 1)


@composite
def vsplit(x, indices_or_sections):
    """Equal parts along the first axis, or those between given places.  x: (M, N, *) -> a tuple of (*)"""
    return _even_split("vsplit", x, indices_or_sections, 0, 2)


@composite
def dsplit(x, indices_or_sections):
    """Equal parts along the third axis, or those between given places.  x: (L, M, N, *) -> a tuple of (*)"""
    return _even_split("dsplit", x, indices_or_sections, 2, 3)


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


for _op, _least in ((hsplit, 1), (vsplit, 2), (dsplit, 3)):

    @_op.errors
    def _(draw, least=_least, name=_op.__name__):
        yield Sample(draw(*[3] * (least - 1)), 3), ValueError, f"{name}: needs {least} axes"
        yield Sample(draw(*[4] * max(least, 2)), 3), ValueError, "into 3 equal parts"
