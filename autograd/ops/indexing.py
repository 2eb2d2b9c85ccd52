"""`x[index]` and `x[index] = value`, with all that NumPy takes as an index.

Indices are made *plain* first: a tuple of slices, None, Ellipsis, ints and integer or boolean arrays of our own. The
gradient of reading is adding up at the same index, and the other way round; both directions are operations here, so
that higher derivatives come by themselves.
"""

from __future__ import annotations

import math
import operator
from typing import Any, NamedTuple

import numpy as np

from .. import kernels
from ..calls import make_call
from ..declare import primitive
from ..graph import mark_written
from ..inplace import attach, base_of, check_writable, write
from ..modes import modes
from ..op import Op, Sample, keep
from ..tensor import Tensor, link_view, wrap
from .broadcasting import expand

_FULL = slice(None)


# ---------------------------------------------------------------------------------------------------------------------
# Plain indices
# ---------------------------------------------------------------------------------------------------------------------
def plain(index):
    """The index as a tuple without tensors, lists and NumPy's scalars, that nobody else can change."""
    if type(index) is not tuple:
        part = _plain_part(index)
        # With the Ellipsis, one element is an array without axes, which is a view, rather than a number.
        return (part,) if part is Ellipsis or type(part) is _ndarray else (part, Ellipsis)
    parts = tuple([_plain_part(part) for part in index])
    for part in parts:
        if part is Ellipsis or type(part) is _ndarray:
            return parts
    return (*parts, Ellipsis)


_ndarray = np.ndarray
_ENDS = (int, type(None))


def _plain_part(part):
    kind = type(part)
    if kind is int or part is None or part is Ellipsis:
        return part
    if kind is slice:
        if type(part.start) in _ENDS and type(part.stop) in _ENDS and type(part.step) in _ENDS:
            return part
        return slice(*[None if end is None else operator.index(end) for end in (part.start, part.stop, part.step)])
    if kind is bool:
        return np.array(part)
    if isinstance(part, np.integer):
        return int(part)
    if isinstance(part, Tensor):
        array = part.data
    elif isinstance(part, (np.ndarray, np.bool_)):
        array = np.asarray(part)
    elif isinstance(part, (list, range)):
        array = np.asarray(_nested(part))
        if not array.size and array.dtype.kind == "f":
            array = array.astype(np.intp)
    elif hasattr(part, "__index__"):
        return operator.index(part)
    else:
        raise IndexError(f"an index can not be {part!r}. Use ints, slices, None, ..., or integer or boolean arrays")
    if array.dtype.kind not in "iub":
        raise IndexError(f"an index array must hold integers or booleans, not {array.dtype}. Convert it with x.long()")
    if not array.ndim and array.dtype.kind != "b":
        return int(array)
    # A copy: whoever has made the array may change it before the gradient is computed.
    return array.copy() if modes.recording else array


def _nested(part):
    return [_nested(item) if isinstance(item, (list, tuple, range)) else getattr(item, "data", item) for item in part]


def repeats(key):
    """Whether the index may name an element twice."""
    return any(isinstance(part, np.ndarray) and part.dtype.kind != "b" for part in key)


# ---------------------------------------------------------------------------------------------------------------------
# Reading
# ---------------------------------------------------------------------------------------------------------------------
@primitive(view=True, reference=lambda x, index: np.asarray(x[index]))
def getitem(x, index):
    """The elements at an index; the same as x[index].  x: (*) -> (*)

    index: ints, slices (steps may be negative), None, Ellipsis, integer arrays, lists and tensors, boolean masks, and
    tuples of those, with the meaning that they have in NumPy. Slices and ints give a view, arrays a copy. Where an
    element is read several times, its gradient is the sum.
    IndexError where an index is out of range: nothing is clamped.

    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> x[[0, 0, 2]].sum().backward()
    >>> x.grad
    tensor([2., 0., 1.])
    """
    key = plain(index)
    return keep(x[key], key=key)


def internal(forward, name):
    """An operation that only gradients use, without a public name."""
    op = Op(forward, name=name)
    op.call = make_call(op)
    return op


def _put_back_forward(g, key, shape):
    """Zeros of `shape` with g added at an index."""
    out = np.zeros(shape, g.dtype)
    if repeats(key):
        accumulate(out, key, g)
    else:
        out[key] = g
    return out


_put_back = internal(_put_back_forward, "getitem_gradient")
_put_back.gradient(g=lambda g, key: g[key])
put_back = _put_back.call

getitem.gradient(x=lambda g, key, x_shape: put_back(g, key, x_shape))


@getitem.samples
def _(draw):
    yield Sample(draw(4), 1)
    yield Sample(draw(3, 4), -1)
    yield Sample(draw(3, 4), (1, 2))
    yield Sample(draw(5, 4), slice(3, None, -2))
    yield Sample(draw(3, 4), (slice(None), slice(1, 3)))
    yield Sample(draw(3, 4), (Ellipsis, None, 0))
    yield Sample(draw(3), None)
    yield Sample(draw(), ())
    yield Sample(draw(3), slice(2, 2))
    yield Sample(draw(4, 3), [0, 2, 2, -1])
    yield Sample(draw(4, 3), np.array([[0, 1], [1, 1]]))
    yield Sample(draw(4, 3), [])
    yield Sample(draw(3, 4), (np.array([0, 2, 0]), np.array([1, 1, 1])))
    yield Sample(draw(3, 4), (slice(None), np.array([3, 0, 3])))
    yield Sample(draw(2, 3, 4), (Ellipsis, np.array([[1], [1]]), slice(0, 2)))
    yield Sample(draw(2, 3, 4), (np.array([1, 1]), slice(None), np.array([0, 2])))
    yield Sample(draw(2, 3, 4), (0, slice(None), np.array([0, 2, 2])))
    yield Sample(draw(2, 3, 4), (slice(1), None, np.array([0, 2]), -1))
    yield Sample(draw(3, 2), np.array([[True, False], [True, True], [False, False]]))
    yield Sample(draw(3, 2), np.array([True, False, True]))
    yield Sample(draw(3, 2), np.zeros(3, bool))
    yield Sample(draw(3, 2), (slice(None), np.array([False, True])))
    yield Sample(draw(3, 2, 2), (np.array([True, False, True]), np.array([1, 0])))
    yield Sample(draw(3), True)
    yield Sample(draw(3), (False, slice(None)))
    yield Sample(draw(0, 3), (slice(None), np.array([1, 1])))


@getitem.errors
def _(draw):
    yield Sample(draw(3), 5), IndexError, "index 5 is out of bounds for axis 0 with size 3"
    yield Sample(draw(3, 2), (0, [1, 2])), IndexError, "index 2 is out of bounds for axis 1 with size 2"
    yield Sample(draw(3), (0, 0)), IndexError, "too many indices"
    yield Sample(draw(3), [0.0, 1.0]), IndexError, "integers or booleans"
    yield Sample(draw(3), "a"), IndexError, "can not be 'a'"
    yield Sample(draw(3), np.array([True, False])), IndexError, "boolean"


# ---------------------------------------------------------------------------------------------------------------------
# Adding up
# ---------------------------------------------------------------------------------------------------------------------
_SMALL = 1024  # elements up to which NumPy (10 us) is quick enough not to load a kernel for


def add_rows(table, rows, values):
    """table[rows[i]] += values[i] for every i, in this order.  table: (M, D), rows: (N), values: (N, D)"""
    if table.shape[1] == 1:  # NumPy has a fast loop for this case alone
        np.add.at(table.reshape(-1), rows, values.reshape(-1))
    elif values.size <= _SMALL or table.dtype.char not in "fd" or table.dtype != values.dtype:
        np.add.at(table, rows, values)
    else:
        kernels.scatter.add_rows(table, rows, values)


def accumulate(out, key, values):
    """Adds `values` at an index of `out`; where it names an element several times, the element receives them all."""
    key = _spelled_out(key, out.ndim)
    first = 0
    while first < len(key) and _is_full(key[first]):
        first += 1
    last = first
    while last < len(key) and isinstance(key[last], (int, np.ndarray)):
        last += 1
    arrays = key[first:last]
    if not arrays or not all(map(_is_full, key[last:])) or any(_is_flag(part) for part in arrays):
        # Any index at all: through the place of each element in memory.
        places = np.arange(out.size).reshape(out.shape)[key]
        add_rows(out.reshape(-1, 1), places.ravel(), np.ascontiguousarray(values).reshape(-1, 1))
        return
    # The arrays stand side by side and all other axes are taken whole: rows of a table, once the arrays come first.
    # The joint axes of the arrays stand where the arrays did, so what comes before them can go behind in `values` too.
    table = np.moveaxis(out, range(first), range(-first, 0))
    values = np.moveaxis(values, range(first), range(-first, 0))
    lengths, width = table.shape[: len(arrays)], math.prod(table.shape[len(arrays) :])
    rows = _row_numbers(arrays, lengths)
    values = np.ascontiguousarray(values).reshape(rows.size, width)
    sums = table if table.flags.c_contiguous else np.zeros(table.shape, table.dtype)
    add_rows(sums.reshape(math.prod(lengths), width), rows, values)
    if sums is not table:
        table += sums


def _is_full(part):
    return type(part) is slice and part == _FULL


def _is_flag(part):
    """A single True or False, which adds an axis."""
    return isinstance(part, np.ndarray) and part.dtype.kind == "b"


def _spelled_out(key, ndim):
    """The index with integer arrays in place of masks, and slices in place of the Ellipsis."""
    parts: list[Any] = []
    for part in key:
        if isinstance(part, np.ndarray) and part.dtype.kind == "b" and part.ndim:
            parts += part.nonzero()
        else:
            parts.append(part)
    used = sum(part is not None and part is not Ellipsis and not _is_flag(part) for part in parts)
    whole = [_FULL] * (ndim - used)
    for i, part in enumerate(parts):
        if part is Ellipsis:
            return (*parts[:i], *whole, *parts[i + 1 :])
    return (*parts, *whole)


def _row_numbers(indices, lengths):
    """One number for each place of a table, from an index for each of its axes."""
    indices = np.broadcast_arrays(*indices)
    rows = np.zeros(indices[0].shape, np.int64)
    for index, length in zip(indices, lengths, strict=True):
        index = index.astype(np.int64, copy=False)
        rows *= length
        rows += np.where(index < 0, index + length, index)
    return rows.ravel()


# ---------------------------------------------------------------------------------------------------------------------
# Writing
# ---------------------------------------------------------------------------------------------------------------------
def setitem(x, index, value):
    """Writes into x in place: x[index] = value.  The graph of x, of what it is a view of, and of its views follows.

    value: a number, or what broadcasts to the shape of x[index]. Where an element is named several times the last value
    wins, and has the gradient.
    """
    _put_into(x, index, value, "setitem")


def _put_into(x, index, value, name):
    memory = x.data
    node = None
    try:
        key = plain(index)
        part = None if any(isinstance(part, np.ndarray) for part in key) else memory[key]
        if isinstance(value, Tensor):
            if part is not None and _is_there_already(value, x, part):
                return  # the end of x[i] += v: the view has been written to, and x with it
            node = value.node
            if node is not None and value.data.ndim:
                value = _without_leading_ones(value, memory[key].ndim)
                node = value.node
            value = value.data
        elif type(value) not in (int, float, bool, complex):
            value = np.asarray(value)
        check_writable(x, name, part)
        _check_dtype(value, memory, node)
        lost = _assign(memory, key, value, node is not None)
    except IndexError as error:
        raise IndexError(f"{name}: {error}. The tensor has shape {memory.shape}.") from None
    except ValueError as error:
        if str(error).startswith(name):
            raise
        raise ValueError(
            f"{name}: a value of shape {np.shape(value)} does not broadcast to {memory[key].shape}, the shape of the "
            f"elements that the index names in a tensor of shape {memory.shape}."
        ) from None
    mark_written(memory, name)
    if modes.recording and not (node is None and x.node is None and base_of(x).node is None):
        attach(x, _write_at_node(x.node, node, memory, value, key, lost))


def _write_at_node(node, value_node, memory, value, key, lost):
    if node is None and value_node is None:
        return None
    parents = (node, value_node)
    return _write_at.record(parents, _write_at.needed_inputs(parents), (memory, value, key), memory, {"lost": lost})


def _without_leading_ones(value, ndim):
    """Without the axes of length 1 that NumPy lets pass in front."""
    extra = value.ndim - ndim
    return value.reshape(value.shape[extra:]) if extra > 0 and set(value.shape[:extra]) == {1} else value


def _is_there_already(value, x, part):
    """Whether the value is a view of the very part of x that it is to be written to."""
    data = value.data
    return (
        value.sharing is not None
        and (value.node is not None or x.node is None)  # a view made without recording cuts the graph
        and base_of(value) is base_of(x)
        and part.dtype == data.dtype
        and part.shape == data.shape
        and part.strides == data.strides
        and part.__array_interface__["data"] == data.__array_interface__["data"]
    )


def _check_dtype(value, memory, node):
    want = memory.dtype.kind
    have = value.dtype.kind if isinstance(value, np.ndarray) else np.min_scalar_type(value).kind
    if node is not None and want not in "fc":
        raise TypeError(
            f"in place: a value that requires a gradient can not be written into a tensor of {memory.dtype}, which "
            f"carries none. Make the tensor a floating-point one: x.float()."
        )
    if have not in "biufc":
        raise TypeError(f"in place: can not write {have!r} values. Give numbers, arrays or tensors.")
    if (want in "biu" and have in "fc") or (want == "f" and have == "c"):
        raise TypeError(
            f"in place: {np.asarray(value).dtype} values can not be written into a tensor of {memory.dtype} without "
            f"loss. Convert one of them with .to(dtype)."
        )


def _assign(memory, key, value, wanted):
    """memory[key] = value.  Returns which elements were lost to a later one, or None if none were or `wanted` is False.

    Which one wins is left open by NumPy: it depends on strides. Here the last does, in the order of rows.
    """
    single = np.ndim(value) == 0
    repeated = _repeated(key, memory.shape) if repeats(key) and not (single and not wanted) else None
    if repeated is None or single:
        memory[key] = value
        return None if repeated is None else repeated.lost
    shape = np.broadcast_to(np.empty((), bool), memory.shape)[key].shape
    value = np.broadcast_to(value, shape)
    before, joint = shape[: repeated.axis], shape[repeated.axis : repeated.axis + repeated.axes]
    value = value.reshape(*before, math.prod(joint), *shape[repeated.axis + repeated.axes :])
    memory[repeated.key] = value.take(repeated.winners, repeated.axis)
    return repeated.lost


class _Repeated(NamedTuple):
    """An index that names an element several times: what to write instead, and where its arrays stand in the result."""

    key: tuple[Any, ...]  # the same index without all but the last of them
    winners: np.ndarray  # the numbers of those last ones
    lost: np.ndarray  # the others, as a mask that broadcasts to the shape of the result
    axis: int  # the first of the joint axes of the arrays in the result
    axes: int  # how many those are


def _repeated(key, shape):
    """None if no element is named twice."""
    key = _spelled_out(key, len(shape))
    if any(map(_is_flag, key)):
        key = np.unravel_index(np.arange(math.prod(shape)).reshape(shape)[key], shape)
    parts = [i for i, part in enumerate(key) if isinstance(part, (int, np.ndarray))]
    axes = [sum(part is not None for part in key[:i]) for i in parts]
    arrays = np.broadcast_arrays(*(key[i] for i in parts))
    rows = _row_numbers(arrays, [shape[axis] for axis in axes])
    order = np.arange(rows.size)
    elements = math.prod([shape[axis] for axis in axes])
    if elements <= 8 * rows.size:
        last = np.empty(elements, np.intp)
        last[rows] = order
        lost = last[rows] != order
    else:
        lost = np.ones(rows.size, bool)
        lost[rows.size - 1 - np.unique(rows[::-1], return_index=True)[1]] = False
    if not lost.any():
        return None
    winners = np.flatnonzero(~lost)
    unique = list(key)
    for i, array in zip(parts, arrays, strict=True):
        unique[i] = array.ravel()[winners]
    together = parts[-1] - parts[0] == len(parts) - 1
    axis = parts[0] if together else 0
    behind = len(key) - parts[-1] - 1 if together else len(key) - len(parts)
    lost = lost.reshape(arrays[0].shape + (1,) * behind)
    return _Repeated(tuple(unique), winners, lost, axis, arrays[0].ndim)


def _clear_forward(g, key):
    """g with zeros at an index."""
    out = np.array(g)
    out[key] = 0
    return out


def _drop_forward(g, lost):
    """g with zeros where `lost`."""
    return np.where(lost, g.dtype.type(0), g)


def _write_at_forward(x, value, key):
    """A copy of x with `value` at an index."""
    _check_dtype(value, x, None)
    out = x.copy()
    return keep(out, lost=_assign(out, key, value, True))


_clear = internal(_clear_forward, "setitem_gradient")
_clear.gradient(g=lambda g, key: _clear.call(g, key))
_drop = internal(_drop_forward, "setitem_gradient")
_drop.gradient(g=lambda g, lost: _drop.call(g, lost))


def _of_value(g, key, lost):
    return g[key] if lost is None else _drop.call(g[key], lost)


_write_at = internal(_write_at_forward, "setitem")
_write_at.gradient(x=lambda g, key: _clear.call(g, key), value=_of_value)
write_at = _write_at.call


def copy_(x, source):
    """Writes the values of `source`, which broadcasts to the shape of x and is cast to its dtype, into x."""
    check_writable(x, "copy_")
    source = source if isinstance(source, Tensor) else Tensor(source)
    if source.dtype != x.dtype:
        source = source.astype(x.dtype)
    return write(x, expand(source, x.shape), "copy_")


def fill_(x, value):
    """Writes one value, a number or a tensor without axes, into all of x."""
    if isinstance(value, Tensor) and value.ndim:
        raise ValueError(f"fill_: takes one value, not a tensor of shape {value.shape}. Use x.copy_(value).")
    _put_into(x, Ellipsis, value, "fill_")
    return x


def zero_(x):
    """Writes 0 into all of x."""
    _put_into(x, Ellipsis, 0, "zero_")
    return x


def _getitem(self, index) -> Tensor:
    """The elements at an index; see `getitem`, of which this is the short way for the operator."""
    try:
        key = plain(index)
        out = self.data[key]
    except Exception:
        return getitem(self, index)  # which says what is wrong
    part = wrap(out)
    if self.node is not None and modes.recording:
        part.node = _op.record((self.node,), (True,), (self.data, index), out, {"key": key})
    for kind in map(type, key):
        if kind is _ndarray:
            return part
    link_view(part, self)
    return part


_op = getitem.op
_methods = {"__getitem__": _getitem, "__setitem__": setitem, "copy_": copy_, "fill_": fill_, "zero_": zero_}
for _name, _method in _methods.items():
    setattr(Tensor, _name, _method)
