"""Several tensors as one, and one as several."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from .. import functions as ag
from ..tensor import Tensor
from .adapting import adapts, as_tensor, as_tensors, at_axis, axis_of, flat, values_of


def cast(tensors: list[Tensor], dtype: Any, casting: Any = "same_kind") -> list[Tensor]:
    """The tensors in a dtype that was asked for, or in the one that holds them all."""
    if dtype is None:
        dtype = np.result_type(*[t.data for t in tensors])
    for t in tensors:
        if not np.can_cast(t.dtype, dtype, casting):
            raise TypeError(f"np.concatenate: can not cast {t.dtype} to {dtype} by casting={casting!r}.")
    return [t if t.dtype == dtype else t.astype(dtype) for t in tensors]


@adapts("concatenate")
def _concatenate(
    arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    tensors = cast(as_tensors(arrays), dtype, casting)
    if axis is None:
        tensors, axis = [flat(t) for t in tensors], 0
    if any(not t.ndim for t in tensors):
        raise ValueError("np.concatenate: tensors without axes can not be joined. Use np.stack.")
    return ag.cat(tensors, axis)


@adapts("stack")
def _stack(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    return ag.stack(cast(as_tensors(arrays), dtype, casting), axis)


def _stacked(name: str, operation: Any) -> None:
    @adapts(name)
    def stacked(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
        return operation(cast(as_tensors(tup), dtype, casting))


_stacked("vstack", ag.vstack)
_stacked("hstack", ag.hstack)


@adapts("dstack")
def _dstack(tup: Any) -> Any:
    return ag.dstack(cast(as_tensors(tup), None))


@adapts("column_stack")
def _column_stack(tup: Any) -> Any:
    return ag.column_stack(cast(as_tensors(tup), None))


@adapts("block")
def _block(arrays: Any) -> Any:
    depth = _depth(arrays)
    ndim = max(depth, _most_axes(arrays))

    def joined(part: Any, level: int) -> Any:
        if isinstance(part, list):
            return _concatenate([joined(member, level + 1) for member in part], level - depth)
        part = as_tensor(part)
        return part.reshape((1,) * (ndim - part.ndim) + part.shape)

    return joined(arrays, 0)


def _depth(arrays: Any) -> int:
    if not isinstance(arrays, list):
        return 0
    depths = {_depth(member) for member in arrays}
    if len(depths) != 1:
        raise ValueError("np.block: the lists are not all nested to the same depth.")
    return 1 + depths.pop()


def _most_axes(arrays: Any) -> int:
    return max(map(_most_axes, arrays)) if isinstance(arrays, list) else as_tensor(arrays).ndim


@adapts("append")
def _append(arr: Any, values: Any, axis: Any = None) -> Any:
    arr, values = as_tensor(arr), as_tensor(values)
    return _concatenate([flat(arr), flat(values)]) if axis is None else _concatenate([arr, values], axis)


@adapts("insert")
def _insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    arr = as_tensor(arr)
    values = as_tensor(values).astype(arr.dtype)
    # Which of all elements comes to each place is found by inserting their numbers.
    numbers = np.arange(arr.numel() + values.numel())
    order = np.insert(
        numbers[: arr.numel()].reshape(arr.shape),
        values_of(obj),
        numbers[arr.numel() :].reshape(values.shape),
        axis,
    )
    return ag.cat([flat(arr), flat(values)])[order]


@adapts("delete")
def _delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    arr = as_tensor(arr)
    if axis is None:
        arr, axis = flat(arr), 0
    kept = np.delete(np.arange(arr.shape[axis]), values_of(obj))
    return arr[at_axis(axis, arr.ndim, kept)]


@adapts("meshgrid")
def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    if indexing not in ("xy", "ij"):
        raise ValueError(f"np.meshgrid: indexing {indexing!r}. Use 'xy' or 'ij'.")
    tensors = [flat(as_tensor(x)) for x in xi]
    order = list(range(len(tensors)))
    if indexing == "xy" and len(tensors) > 1:
        order[:2] = [1, 0]
    grids = [t.reshape([-1 if order[i] == axis else 1 for axis in range(len(tensors))]) for i, t in enumerate(tensors)]
    if sparse:
        return tuple(grids)
    whole = np.broadcast_shapes(*[grid.shape for grid in grids]) if grids else ()
    grids = [ag.broadcast_to(grid, whole) for grid in grids]
    return tuple(ag.clone(grid) if copy else grid for grid in grids)


# ---------------------------------------------------------------------------------------------------------------------
# Split
# ---------------------------------------------------------------------------------------------------------------------
def _split_at(ary: Any, sections: Any, axis: int, even: bool) -> list[Tensor]:
    ary = as_tensor(ary)
    sections = values_of(sections)
    axis = axis_of(axis, ary.ndim)
    length = ary.shape[axis]
    if np.ndim(sections) == 0:
        count = int(sections)
        if count <= 0 or (even and length % count):
            raise ValueError(f"np.split: axis {axis} of length {length} can not be split into {count} equal parts.")
        small, more = divmod(length, count)
        bounds = np.cumsum([0] + [small + 1] * more + [small] * (count - more)).tolist()
    else:
        bounds = [0, *np.asarray(sections).tolist(), length]
    return [ary[at_axis(axis, ary.ndim, slice(a, b))] for a, b in itertools.pairwise(bounds)]


@adapts("array_split")
def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    return _split_at(ary, indices_or_sections, axis, False)


@adapts("split")
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    return _split_at(ary, indices_or_sections, axis, True)


@adapts("vsplit")
def _vsplit(ary: Any, indices_or_sections: Any) -> Any:
    return _split_at(ary, indices_or_sections, 0, True)


@adapts("hsplit")
def _hsplit(ary: Any, indices_or_sections: Any) -> Any:
    return _split_at(ary, indices_or_sections, 1 if as_tensor(ary).ndim > 1 else 0, True)


@adapts("dsplit")
def _dsplit(ary: Any, indices_or_sections: Any) -> Any:
    return _split_at(ary, indices_or_sections, 2, True)


@adapts("unstack")
def _unstack(x: Any, /, *, axis: int = 0) -> Any:
    return tuple(ag.unbind(as_tensor(x), axis))
