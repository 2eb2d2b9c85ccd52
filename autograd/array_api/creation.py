"""New arrays.  Floats get the default dtype (float32, unless `autograd.set_default_dtype` says otherwise)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dlpack
from .. import functions as ag
from ..tensor import Tensor, to_array, wrap
from .arguments import array, checked_device, default_float, dtype_of_number

_np: Any = np  # its stubs do not know tensors


def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: Any = None) -> Tensor:
    """Anything as an array: a tensor stays in the graph, an array of NumPy shares its memory, all else is copied.

    copy: True always copies, False raises where a copy is needed.
    """
    checked_device(device, "asarray")
    if isinstance(obj, Tensor):
        other = dtype is not None and obj.dtype != np.dtype(dtype)
        if other and copy is False:
            raise ValueError(f"asarray: {obj.dtype} to {np.dtype(dtype)} takes a copy. Leave copy=False out.")
        return obj.astype(dtype) if other else ag.clone(obj) if copy else obj
    if not isinstance(obj, (np.ndarray, np.generic)) and hasattr(obj, "__dlpack__") and not hasattr(obj, "__array__"):
        return asarray(dlpack.from_dlpack(obj), dtype=dtype, copy=copy)
    if _holds_tensors(obj):
        return asarray(ag.stack([asarray(part) for part in obj]), dtype=dtype)
    made = to_array(obj, dtype)
    shares = isinstance(obj, np.ndarray) and np.may_share_memory(made, obj)
    if copy is False and not shares:
        raise ValueError(f"asarray: {type(obj).__name__} can not become an array without a copy. Leave copy=False out.")
    return wrap(made.copy() if copy and shares else made)


def _holds_tensors(obj: Any) -> bool:
    return isinstance(obj, (list, tuple)) and any(isinstance(part, Tensor) or _holds_tensors(part) for part in obj)


def from_dlpack(x: Any, /, *, device: Any = None, copy: Any = None) -> Tensor:
    """An array that shares the memory of one of another library."""
    return dlpack.from_dlpack(x, copy=copy, device=device)


def arange(start: Any, /, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Numbers from start (0 if only one bound is given) up to, not including, stop."""
    checked_device(device, "arange")
    if stop is None:
        start, stop = 0, start
    if dtype is None and any(isinstance(value, float) for value in (start, stop, step)):
        dtype = default_float()
    return wrap(_np.arange(start, stop, step, dtype))


def linspace(
    start: Any, stop: Any, /, num: int, *, dtype: Any = None, device: Any = None, endpoint: bool = True
) -> Tensor:
    """Evenly spaced numbers from start to stop."""
    checked_device(device, "linspace")
    if dtype is None:
        given = [value.dtype if isinstance(value, Tensor) else dtype_of_number(value) for value in (start, stop)]
        dtype = np.result_type(default_float(), *[kind for kind in given if kind.kind in "fc"])
    made = _np.linspace(start, stop, num, dtype=dtype, endpoint=endpoint)
    return made if isinstance(made, Tensor) else wrap(made)


def empty(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of any values."""
    checked_device(device, "empty")
    return wrap(np.empty(shape, default_float() if dtype is None else dtype))


def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of zeros."""
    checked_device(device, "zeros")
    return wrap(np.zeros(shape, default_float() if dtype is None else dtype))


def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of ones."""
    checked_device(device, "ones")
    return wrap(np.ones(shape, default_float() if dtype is None else dtype))


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of one value."""
    checked_device(device, "full")
    if isinstance(fill_value, Tensor):  # the standard asks for numbers; a tensor may carry a gradient
        whole = ag.broadcast_to(fill_value, (shape,) if isinstance(shape, int) else tuple(shape))
        return ag.clone(whole if dtype is None else whole.astype(dtype))
    return wrap(np.full(shape, fill_value, dtype_of_number(fill_value) if dtype is None else dtype))


def empty_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of any values, in the shape of another."""
    checked_device(device, "empty_like")
    return wrap(np.empty_like(array(x, "empty_like").data, dtype))


def zeros_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of zeros, in the shape of another."""
    checked_device(device, "zeros_like")
    return wrap(np.zeros_like(array(x, "zeros_like").data, dtype))


def ones_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of ones, in the shape of another."""
    checked_device(device, "ones_like")
    return wrap(np.ones_like(array(x, "ones_like").data, dtype))


def full_like(x: Any, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of one value, in the shape of another."""
    x = array(x, "full_like")
    return full(x.shape, fill_value, dtype=x.dtype if dtype is None else dtype, device=device)


def eye(n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None) -> Tensor:
    """Ones on the k-th diagonal and zeros elsewhere."""
    checked_device(device, "eye")
    return wrap(np.eye(n_rows, n_cols, k, default_float() if dtype is None else dtype))


def meshgrid(*arrays: Any, indexing: Any = "xy") -> tuple[Tensor, ...]:
    """The coordinates of all points of a grid."""
    given = [array(x, "meshgrid") for x in arrays]
    if len({x.dtype for x in given}) > 1:
        raise ValueError(f"meshgrid: the arrays differ in dtype: {[str(x.dtype) for x in given]}.")
    return tuple(_np.meshgrid(*given, indexing=indexing))


def tril(x: Any, /, *, k: int = 0) -> Tensor:
    """The lower triangles of matrices."""
    return _np.tril(_matrices(x, "tril"), k)


def triu(x: Any, /, *, k: int = 0) -> Tensor:
    """The upper triangles of matrices."""
    return _np.triu(_matrices(x, "triu"), k)


def _matrices(x: Any, name: str) -> Any:
    x = array(x, name)
    if x.ndim < 2:
        raise ValueError(f"{name}: takes matrices, and {x.shape} has {x.ndim} axes.")
    return x
