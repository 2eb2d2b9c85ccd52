"""Several tensors as one, and one as several."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from ..tensor import Tensor
from .adapting import adapts, as_tensor, as_tensors, flat, values_of


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
    return ag.append(as_tensor(arr), as_tensor(values), axis)


@adapts("insert")
def _insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    return ag.insert(as_tensor(arr), values_of(obj), as_tensor(values), axis)


@adapts("delete")
def _delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    return ag.delete(as_tensor(arr), values_of(obj), axis)


@adapts("meshgrid")
def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    tensors = [flat(as_tensor(x)) for x in xi]
    if not tensors:
        return ()
    grids = ag.meshgrid(*tensors, indexing=indexing)
    if sparse:  # each along its own axis alone
        axes = list(range(len(grids)))
        places = [1, 0, *axes[2:]] if indexing == "xy" and len(grids) > 1 else axes
        alone = [[-1 if i == place else 1 for i in axes] for place in places]
        grids = tuple(t.reshape(shape) for t, shape in zip(tensors, alone, strict=True))
    return tuple(ag.clone(grid) if copy else grid for grid in grids)


# ---------------------------------------------------------------------------------------------------------------------
# Split
# ---------------------------------------------------------------------------------------------------------------------
def _parts(operation: Any, ary: Any, sections: Any, *axis: int) -> list[Tensor]:
    sections = np.asarray(values_of(sections))
    return list(operation(as_tensor(ary), sections.tolist() if sections.ndim else int(sections), *axis))


@adapts("array_split")
def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    return _parts(ag.tensor_split, ary, indices_or_sections, axis)


@adapts("split")
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    if np.ndim(values_of(indices_or_sections)) == 0 and np.shape(ary)[axis] % indices_or_sections:
        raise ValueError(
            f"np.split: axis {axis} of {np.shape(ary)} can not be split into {indices_or_sections} equal parts."
        )
    return _array_split(ary, indices_or_sections, axis)


@adapts("vsplit")
def _vsplit(ary: Any, indices_or_sections: Any) -> Any:
    return _parts(ag.vsplit, ary, indices_or_sections)


@adapts("hsplit")
def _hsplit(ary: Any, indices_or_sections: Any) -> Any:
    return _parts(ag.hsplit, ary, indices_or_sections)


@adapts("dsplit")
def _dsplit(ary: Any, indices_or_sections: Any) -> Any:
    return _parts(ag.dsplit, ary, indices_or_sections)


@adapts("unstack")
def _unstack(x: Any, /, *, axis: int = 0) -> Any:
    return tuple(ag.unbind(as_tensor(x), axis))
