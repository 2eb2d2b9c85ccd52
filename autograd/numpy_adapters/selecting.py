"""Elements picked by index, condition or order, and put in their place."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import functions as ag
from ..inplace import check_writable, write
from ..numpy_protocol import old_values
from ..tensor import Tensor
from .adapting import adapts, as_tensor, as_tensors, at_axis, axis_of, flat, values_of


@adapts("take")
def _take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    a = as_tensor(a)
    if axis is None:
        a, axis = flat(a), 0
    axis = axis_of(axis, a.ndim)
    index = np.asarray(values_of(indices))
    length = a.shape[axis]
    if mode == "wrap":
        index = index % length
    elif mode == "clip":
        index = np.clip(index, 0, length - 1)
    elif np.any((index < -length) | (index >= length)):
        raise IndexError(f"np.take: an index is out of range for axis {axis} of length {length}.")
    if not index.ndim:
        return ag.select(a, axis, int(index))
    return a[at_axis(axis, a.ndim, index.astype(np.intp, copy=False))]


@adapts("take_along_axis")
def _take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    return ag.take_along_dim(as_tensor(arr), values_of(indices), axis)


@adapts("compress")
def _compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    kept = np.flatnonzero(values_of(condition))
    return _take(a, kept, axis)


@adapts("extract")
def _extract(condition: Any, arr: Any) -> Any:
    return flat(as_tensor(arr))[np.flatnonzero(values_of(condition))]


@adapts("where")
def _where(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    if x is None and y is None:
        return ag.nonzero(as_tensor(condition), as_tuple=True)
    condition = values_of(condition)
    return ag.where(np.asarray(condition).astype(bool), *[_operand(value) for value in (x, y)])


def _operand(value: Any) -> Any:
    """Numbers stay numbers, which do not change the dtype of a tensor."""
    return value if type(value) in (int, float, complex, bool) else as_tensor(value)


@adapts("select")
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ValueError(f"np.select: {len(condlist)} conditions for {len(choicelist)} choices.")
    result = _operand(default)
    for condition, choice in zip(reversed(list(condlist)), reversed(list(choicelist)), strict=True):
        result = ag.where(values_of(condition), _operand(choice), result)
    return result


@adapts("choose")
def _choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    index = np.asarray(values_of(a))
    stacked = ag.stack(list(ag.broadcast_tensors(*[*as_tensors(choices), as_tensor(np.zeros(index.shape, bool))]))[:-1])
    choose: Any = np.choose
    places = choose(index, list(np.arange(stacked.numel()).reshape(stacked.shape)), mode=mode)
    return flat(stacked)[places]


@adapts("piecewise")
def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    x = as_tensor(x)
    conditions = values_of(condlist)
    if np.ndim(conditions) == x.ndim and not (isinstance(conditions, (list, tuple)) and x.ndim == 0):
        conditions = [conditions]
    conditions = [np.broadcast_to(np.asarray(c, bool), x.shape) for c in conditions]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(conditions, axis=0))
    elif len(funclist) != len(conditions):
        raise ValueError(f"np.piecewise: {len(conditions)} conditions for {len(funclist)} functions.")
    result = ag.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        if not callable(function):
            result = ag.where(condition, as_tensor(function).astype(x.dtype), result)
        elif condition.any():
            values = as_tensor(function(x[condition], *args, **kw)).astype(x.dtype)
            result = ag.index_put(result, np.nonzero(condition), values)
    return result


@adapts("unique")
def _unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    ar = as_tensor(ar)
    unique: Any = np.unique  # its overloads know no options in variables
    found = unique(ar.data, True, return_inverse, return_counts, axis, equal_nan=equal_nan)
    first = found[1]
    values = flat(ar)[first] if axis is None else ar[at_axis(axis, ar.ndim, first)]
    rest = [as_tensor(part) for part in found[1 if return_index else 2 :]]
    return (values, *rest) if rest else values


class UniqueAllResult(NamedTuple):
    """What `unique_all` returns."""

    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class UniqueCountsResult(NamedTuple):
    """What `unique_counts` returns."""

    values: Any
    counts: Any


class UniqueInverseResult(NamedTuple):
    """What `unique_inverse` returns."""

    values: Any
    inverse_indices: Any


@adapts("unique_all")
def _unique_all(x: Any, /) -> Any:
    x = as_tensor(x)
    values, first, inverse, counts = _unique(x, True, True, True, equal_nan=False)
    return UniqueAllResult(values, first, inverse.reshape(x.shape), counts)


@adapts("unique_counts")
def _unique_counts(x: Any, /) -> Any:
    return UniqueCountsResult(*_unique(x, return_counts=True, equal_nan=False))


@adapts("unique_inverse")
def _unique_inverse(x: Any, /) -> Any:
    found = _unique_all(x)
    return UniqueInverseResult(found.values, found.inverse_indices)


@adapts("unique_values")
def _unique_values(x: Any, /) -> Any:
    return _unique(x, equal_nan=False)


@adapts("union1d")
def _union1d(ar1: Any, ar2: Any) -> Any:
    return _unique(np.concatenate([as_tensor(ar1), as_tensor(ar2)], axis=None))


@adapts("trim_zeros")
def _trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    filt = as_tensor(filt)
    if filt.ndim != 1 or axis is not None:
        return NotImplemented
    full = np.flatnonzero(filt.data)
    if not full.size:
        return filt[:0]
    start = int(full[0]) if "f" in trim.lower() else 0
    return filt[start : int(full[-1]) + 1 if "b" in trim.lower() else len(filt)]


# ---------------------------------------------------------------------------------------------------------------------
# In order
# ---------------------------------------------------------------------------------------------------------------------
@adapts("sort")
def _sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    a = as_tensor(a)
    if axis is None:
        a, axis = flat(a), -1
    if a.is_complex():
        return _take_along_axis(a, np.argsort(a.data, axis, stable=True), axis)
    return ag.sort(a, axis)[0]


@adapts("sort_complex")
def _sort_complex(a: Any) -> Any:
    a = as_tensor(a)
    return _sort(a if a.is_complex() else a.astype(np.complex128))


@adapts("partition")
def _partition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    a = as_tensor(a)
    if axis is None:
        a, axis = flat(a), -1
    return _take_along_axis(a, np.argpartition(a.data, values_of(kth), axis), axis)


# ---------------------------------------------------------------------------------------------------------------------
# Written to: the first argument takes its new place in the graph
# ---------------------------------------------------------------------------------------------------------------------
def _target(value: Any, name: str) -> Any:
    """The tensor to write to; None for an array, which NumPy writes to."""
    if not isinstance(value, Tensor):
        return None
    check_writable(value, f"np.{name}")
    return old_values(value, value.data)


def _cast_to(value: Any, dst: Tensor, name: str, casting: Any = "unsafe") -> Any:
    value = as_tensor(value)
    if not np.can_cast(value.dtype, dst.dtype, casting):
        raise TypeError(f"np.{name}: can not write {value.dtype} to a tensor of {dst.dtype} by casting={casting!r}.")
    return value.astype(dst.dtype)


@adapts("copyto")
def _copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> Any:
    before = _target(dst, "copyto")
    if before is None:
        return NotImplemented
    if type(src) in (int, float, complex, bool):
        src = dst.dtype.type(src)
    src = ag.broadcast_to(_cast_to(src, dst, "copyto", casting), dst.shape)
    write(dst, src if where is True else ag.where(values_of(where), src, before), "np.copyto")
    return None


@adapts("putmask")
def _putmask(a: Any, /, mask: Any, values: Any) -> Any:
    before = _target(a, "putmask")
    if before is None:
        return NotImplemented
    mask = np.broadcast_to(np.asarray(values_of(mask), bool), a.shape)
    values = flat(_cast_to(values, a, "putmask"))
    spread = values[np.arange(a.numel()).reshape(a.shape) % max(values.numel(), 1)]
    write(a, ag.where(mask, spread, before), "np.putmask")
    return None


@adapts("place")
def _place(arr: Any, mask: Any, vals: Any) -> Any:
    before = _target(arr, "place")
    if before is None:
        return NotImplemented
    mask = np.broadcast_to(np.asarray(values_of(mask), bool), arr.shape)
    values = flat(_cast_to(vals, arr, "place"))
    if mask.any():
        nth = (np.cumsum(mask).reshape(mask.shape) - 1) % max(values.numel(), 1)
        write(arr, ag.where(mask, values[np.maximum(nth, 0)], before), "np.place")
    return None


@adapts("put")
def _put(a: Any, ind: Any, v: Any, mode: str = "raise") -> Any:
    before = _target(a, "put")
    if before is None:
        return NotImplemented
    places = np.arange(a.numel())
    index = np.ravel(np.take(places, values_of(ind), mode=mode))  # type: ignore[call-overload]
    values = flat(_cast_to(v, a, "put"))
    if index.size:
        last = np.full(a.numel(), -1)
        last[index] = np.arange(index.size) % values.numel()
        last = last.reshape(a.shape)
        write(a, ag.where(last >= 0, values[np.maximum(last, 0)], before), "np.put")
    return None


@adapts("put_along_axis")
def _put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> Any:
    before = _target(arr, "put_along_axis")
    if before is None:
        return NotImplemented
    index = values_of(indices)
    values = ag.broadcast_to(_cast_to(values, arr, "put_along_axis"), index.shape)
    last = np.full(arr.shape, -1)
    np.put_along_axis(last, index, np.arange(index.size).reshape(index.shape), axis)
    write(arr, ag.where(last >= 0, flat(values)[np.maximum(last, 0)], before), "np.put_along_axis")
    return None


@adapts("fill_diagonal")
def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> Any:
    before = _target(a, "fill_diagonal")
    if before is None:
        return NotImplemented
    values = flat(_cast_to(val, a, "fill_diagonal"))
    mask = np.zeros(a.shape, bool)
    np.fill_diagonal(mask, True, wrap)
    nth = (np.cumsum(mask).reshape(mask.shape) - 1) % values.numel()
    write(a, ag.where(mask, values[np.maximum(nth, 0)], before), "np.fill_diagonal")
    return None
