"""Views by steps in memory: windows along an axis, and any strides."""

from __future__ import annotations

import math
import operator
from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..graph import owner_of
from ..op import Sample, keep
from ..tensor import Tensor, attach_method
from .indexing import internal, write_at
from .reduction import values_of
from .shape import axis_of, reshape

_strided_view = np.lib.stride_tricks.as_strided


# ---------------------------------------------------------------------------------------------------------------------
# Windows along an axis
# ---------------------------------------------------------------------------------------------------------------------
def _windows(x: np.ndarray, axis: int, size: int, step: int) -> np.ndarray:
    if not x.ndim:
        x = x.reshape(1)[:size]
        return x if size <= 1 else _strided_view(x, (size,), (0,), writeable=False)
    count = (x.shape[axis] - size) // step + 1
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :], size)
    strides = (*x.strides[:axis], x.strides[axis] * step, *x.strides[axis + 1 :], x.strides[axis])
    # Windows that overlap have an element several times: to write to one place would write to others.
    return _strided_view(x, shape, strides, writeable=x.flags.writeable and step >= size)


def _windows_reference(x, dimension, size, step):
    if not x.ndim:
        return x.reshape(1)[:size]
    rows = np.moveaxis(x, dimension, -1)
    starts = range(0, rows.shape[-1] - size + 1, step)
    parts = [rows[..., start : start + size] for start in starts]
    return np.moveaxis(np.stack(parts, -2), -2, dimension % x.ndim)


@primitive(view=True, method=False, reference=_windows_reference)
def unfold_axis(x, dimension, size, step):
    """All windows of `size` elements along an axis, `step` apart.  x: (..., N, ...) -> (..., W, ..., size)

    As a method it is `x.unfold`, as in PyTorch. The windows are counted along the axis, and lie along a new last one;
    what is left at the end is left out. A view, which is read-only where windows overlap. The gradient of an element is
    the sum over its windows.
    ValueError if the axis is shorter than a window, or if step is less than 1.

    >>> import autograd
    >>> autograd.arange(5).unfold(0, 3, 2)
    tensor([[0, 1, 2],
            [2, 3, 4]])
    """
    axis, size, step = axis_of(dimension, x.ndim), operator.index(size), operator.index(step)
    length = x.shape[axis] if x.ndim else 1
    if size < 0 or size > length:
        raise ValueError(f"unfold: windows of {size} do not fit into dim {axis} of shape {x.shape}")
    if step < 1:
        raise ValueError(f"unfold: a step is 1 or more, not {step}")
    return _windows(x, axis, size, step)


def _add_windows(g, dimension, size, step, shape):
    """Zeros of a shape with each window added where it was taken from."""
    if not shape:
        return np.asarray(g.sum())
    out = np.zeros(shape, g.dtype)
    axis = axis_of(dimension, len(shape))
    count = g.shape[axis]
    if step >= size and out.flags.writeable:
        _windows(out, axis, size, step)[...] = g
        return out
    before = (slice(None),) * axis
    for k in range(size):  # the elements number k of all windows lie apart
        out[(*before, slice(k, k + (count - 1) * step + 1, step))] += g[..., k]
    return out


_add = internal(_add_windows, "unfold_gradient")
_add.gradient(g=lambda g, dimension, size, step: unfold_axis(g, dimension, size, step))
unfold_axis.gradient(x=lambda g, dimension, size, step, x_shape: _add.call(g, dimension, size, step, x_shape))


@unfold_axis.samples
def _(draw):
    yield Sample(draw(7), 0, 3, 1)
    yield Sample(draw(7), 0, 3, 2)
    yield Sample(draw(7), 0, 2, 3)
    yield Sample(draw(3, 8), dimension=-1, size=4, step=2)
    yield Sample(draw(6, 2, 3), 0, 2, 2)
    yield Sample(draw(2, 5, 3), 1, 5, 1)
    yield Sample(draw(), 0, 1, 1)
    yield Sample(draw(0, 4), 1, 3, 1)
    yield Sample(draw(5), 0, 0, 1)


@unfold_axis.errors
def _(draw):
    yield Sample(draw(3), 0, 4, 1), ValueError, "unfold: windows of 4 do not fit into dim 0 of shape (3,)"
    yield Sample(draw(3), 0, 2, 0), ValueError, "a step is 1 or more"
    yield Sample(draw(3), 1, 2, 1), IndexError, "dim 1 is out of range"


attach_method("unfold", unfold_axis)


# ---------------------------------------------------------------------------------------------------------------------
# Any steps
# ---------------------------------------------------------------------------------------------------------------------
class Layout(NamedTuple):
    """Which elements of a stretch of memory make an array.  Steps and the offset in elements."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    def ends(self) -> tuple[int, int]:
        """The first element that is used, and the one behind the last."""
        if 0 in self.shape:
            return self.offset, self.offset
        reach = [(n - 1) * step for n, step in zip(self.shape, self.strides, strict=True)]
        return self.offset + sum(min(r, 0) for r in reach), self.offset + sum(max(r, 0) for r in reach) + 1

    def places(self) -> np.ndarray:
        """The number of each element within the stretch."""
        places = np.full(self.shape, self.offset, np.int64)
        for axis, (n, step) in enumerate(zip(self.shape, self.strides, strict=True)):
            places += (np.arange(n) * step).reshape([-1 if i == axis else 1 for i in range(len(self.shape))])
        return places

    def overlaps(self) -> bool:
        """Whether an element is used twice."""
        reach = 0
        for step, n in sorted((abs(step), n) for n, step in zip(self.shape, self.strides, strict=True) if n > 1):
            if step <= reach:
                return self._names_one_twice()
            reach += step * (n - 1)
        return False

    def _names_one_twice(self) -> bool:
        first, end = self.ends()
        used = math.prod(self.shape)
        if used > end - first:
            return True
        marks = np.zeros(end - first, bool)
        self._replace(offset=self.offset - first).of_row(marks)[...] = True
        return bool(np.count_nonzero(marks) < used)

    def of_row(self, row: np.ndarray) -> np.ndarray:
        """The elements of a stretch of memory, as a view."""
        steps = [step * row.itemsize for step in self.strides]
        return (
            _strided_view(row[self.offset :], self.shape, steps) if 0 not in self.shape else row[:0].reshape(self.shape)
        )


def _memory(x: np.ndarray) -> tuple[np.ndarray, Layout]:
    """All of the memory that x lies in, as one row, and where in it x lies."""
    owner = owner_of(x)
    row = owner if owner.flags.c_contiguous else owner.T
    if not row.flags.c_contiguous or owner.nbytes % x.itemsize:
        row = x = np.ascontiguousarray(x)  # memory with gaps, of a buffer that was made elsewhere
    row = np.ndarray((row.nbytes // x.itemsize,), x.dtype, row) if row.size else np.empty(0, x.dtype)
    offset = (x.ctypes.data - row.ctypes.data) // x.itemsize if x.size else 0
    return row, Layout(x.shape, tuple([step // x.itemsize for step in x.strides]), offset)


def storage_offset(x: Tensor) -> int:
    """The place of the first element of a tensor in the memory that it lies in, counted in elements."""
    return _memory(x.data)[1].offset


def _layout(row: np.ndarray, size: Any, stride: Any, offset: int, name: str) -> Layout:
    layout = Layout(tuple(map(operator.index, size)), tuple(map(operator.index, stride)), operator.index(offset))
    if len(layout.shape) != len(layout.strides) or any(n < 0 for n in layout.shape):
        raise ValueError(f"{name}: needs a length of 0 or more and a stride for each axis, not {size} and {stride}.")
    first, end = layout.ends()
    if 0 not in layout.shape and (first < 0 or end > row.size):
        raise ValueError(
            f"{name}: size {layout.shape}, stride {layout.strides} and offset {layout.offset} reach from element "
            f"{first} to {end - 1} of a memory of {row.size}."
        )
    return layout


def _as_strided_reference(x, size, stride, storage_offset=None):
    places = Layout(tuple(size), tuple(stride), storage_offset or 0).places()
    return np.array([x.ravel()[i] for i in places.ravel()], x.dtype).reshape(size)


@primitive(view=True, layout_matters=True, reference=_as_strided_reference)
def as_strided(x, size, stride, storage_offset=None):
    """A view of the memory of x: element (i, j) is that at offset + i stride[0] + j stride[1].  x: (*) -> size

    stride: steps between neighbours along each axis, in elements. storage_offset: the place of the first one; that of x
    unless given. Both count in memory, whatever the shape of x is: `x.t()` and `x` give the same. The gradient of
    an element is the sum over the places where it stands. The result is read-only if an element stands in several.
    ValueError if it would reach beyond the memory.

    >>> import autograd
    >>> autograd.arange(5).as_strided((3, 3), (1, 1))
    tensor([[0, 1, 2],
            [1, 2, 3],
            [2, 3, 4]])
    """
    row, source = _memory(x)
    target = _layout(row, size, stride, source.offset if storage_offset is None else storage_offset, "as_strided")
    out = target.of_row(row)
    if target.overlaps():
        out.flags.writeable = False
    return keep(out, source=source, target=target)


def _gather_forward(row, layout):
    return layout.of_row(row).copy()


def _add_forward(g, layout, count):
    """A row of zeros with each element of g added at its place."""
    row = np.zeros(count, g.dtype)
    if layout.overlaps():
        np.add.at(row, layout.places(), g)
    else:
        layout.of_row(row)[...] = g
    return row


_gather = internal(_gather_forward, "as_strided_gradient")
_add_up = internal(_add_forward, "as_strided_gradient")
_gather.gradient(row=lambda g, layout, row_shape: _add_up.call(g, layout, row_shape[0]))
_add_up.gradient(g=lambda g, layout: _gather.call(g, layout))


def _as_strided_gradient(g, source, target):
    ends = [*source.ends(), *target.ends()]
    first, count = min(ends), max(ends) - min(ends)
    source, target = (layout._replace(offset=layout.offset - first) for layout in (source, target))
    found = _gather.call(_add_up.call(g, target, count), source)
    if source.overlaps():  # x has an element several times: they share the gradient
        found = found / _gather_forward(_add_forward(np.ones(source.shape, g.dtype), source, count), source)
    return found


as_strided.gradient(x=_as_strided_gradient)


@as_strided.samples
def _(draw):
    yield Sample(draw(6), (2, 3), (3, 1))
    yield Sample(draw(6), (3, 2), (1, 3))
    yield Sample(draw(5), (3, 3), (1, 1))
    yield Sample(draw(2, 3), (2, 2), (2, 1), 1)
    yield Sample(draw(2, 4), size=(2, 3, 2), stride=(4, 1, 0), storage_offset=1)
    yield Sample(draw(), (3,), (0,))
    yield Sample(draw(4), (0, 2), (1, 1))
    yield Sample(draw(4), (), (), 2)


@as_strided.errors
def _(draw):
    yield Sample(draw(4), (3, 2), (2, 1)), ValueError, "reach from element 0 to 5 of a memory of 4"
    yield Sample(draw(4), (2,), (2, 1)), ValueError, "a stride for each axis"
    yield Sample(draw(4), (2,), (1,), -1), ValueError, "from element -1"


def _as_strided_scatter_reference(x, src, size, stride, storage_offset=None):
    out = x.copy()
    places = Layout(tuple(size), tuple(stride), storage_offset or 0).places()
    for i in np.ndindex(*size):
        out.reshape(-1)[places[i]] = src[i]
    return out


@composite(layout_matters=True, reference=_as_strided_scatter_reference)
def as_strided_scatter(x, src, size, stride, storage_offset=None):
    """A copy of x with src in place of `as_strided(x, size, stride, storage_offset)`.  x: (*), src: size -> (*)

    Where an element stands several times, the last of src wins.
    """
    row, source = _memory(values_of(x))
    offset = source.offset if storage_offset is None else storage_offset
    target = _layout(row, size, stride, offset, "as_strided_scatter")
    if tuple(src.shape) != target.shape:
        raise ValueError(f"as_strided_scatter: the part has shape {target.shape}, and src {tuple(src.shape)}.")
    number = np.full(row.size, -1)  # of the element of x at each place in memory
    number[source.places()] = np.arange(math.prod(x.shape)).reshape(x.shape)
    key = number[target.places()].ravel()
    inside = np.flatnonzero(key >= 0)
    values = reshape(src, math.prod(target.shape))[inside]
    return reshape(write_at(reshape(x, math.prod(x.shape)), values, (key[inside],)), tuple(x.shape))


@as_strided_scatter.samples
def _(draw):
    yield Sample(draw(6), draw(2, 3), (2, 3), (3, 1))
    yield Sample(draw(6), draw(2, 2), (2, 2), (1, 3), 1)
    yield Sample(draw(2, 3), draw(2), (2,), (4,))
    yield Sample(draw(3, 3), draw(3), size=(3,), stride=(4,), storage_offset=0)
    yield Sample(draw(4), draw(), (), (), 2)
    yield Sample(draw(4), draw(0), (0,), (1,))


@as_strided_scatter.errors
def _(draw):
    yield Sample(draw(4), draw(2), (3,), (1,)), ValueError, "the part has shape (3,), and src (2,)"
    yield Sample(draw(4), draw(2), (2,), (4,)), ValueError, "to 4 of a memory of 4"


attach_method("storage_offset", storage_offset)
