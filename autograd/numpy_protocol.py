"""NumPy's functions on tensors: `np.exp(t)` is `autograd.exp(t)`.

A function that an operation has named (`@primitive(numpy=(np.exp,))`) goes to that operation. Any other one runs on the
arrays under the tensors, if none of them requires a gradient; else it would cut the graph, and is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .graph import mark_written
from .op import ufuncs
from .tensor import Tensor, attach_method


def _arrays(value: Any, name: str) -> Any:
    """Arguments with arrays in place of tensors."""
    if isinstance(value, Tensor):
        if value.node is not None:
            raise TypeError(
                f"np.{name}: has no gradient here, and a tensor of shape {value.shape} requires one. "
                f"Use an operation of autograd, or pass x.detach()."
            )
        return value.data
    if isinstance(value, (list, tuple)):
        return type(value)(_arrays(item, name) for item in value)
    if isinstance(value, dict):
        return {key: _arrays(item, name) for key, item in value.items()}
    return value


def _array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    call = ufuncs.get(ufunc) if method == "__call__" and not kwargs else None
    if call is not None:
        return call(*inputs)
    written = kwargs.get("out", ())
    if method == "at":
        written = inputs[:1]
    arrays = _arrays(inputs, ufunc.__name__)
    others = _arrays(kwargs, ufunc.__name__)
    result = getattr(ufunc, method)(*arrays, **others)
    _note_writes(written, ufunc.__name__)
    return result


def _note_writes(written: Any, name: str) -> None:
    """What was recorded before and needs the old values must not take the new ones for them."""
    for value in written if isinstance(written, tuple) else (written,):
        array = value.data if isinstance(value, Tensor) else value
        if isinstance(array, np.ndarray):
            mark_written(array, f"np.{name}")


# These look at shapes and dtypes, never at values.
_VALUE_FREE = {
    np.shape,
    np.ndim,
    np.size,
    np.result_type,
    np.can_cast,
    np.iscomplexobj,
    np.isrealobj,
    np.shares_memory,
    np.may_share_memory,
    np.zeros_like,
    np.ones_like,
    np.empty_like,
    np.full_like,
    np.array_repr,
    np.array_str,
}


# These write to their first argument.
_WRITING = {np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis}


def _array_function(self: Tensor, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    call = ufuncs.get(function)
    if call is not None and "out" not in kwargs:
        return call(*args, **kwargs)
    if function in _VALUE_FREE:
        args = tuple(arg.data if isinstance(arg, Tensor) else arg for arg in args)
    result = function(*_arrays(args, function.__name__), **_arrays(kwargs, function.__name__))
    _note_writes(kwargs.get("out", args[:1] if function in _WRITING else ()), function.__name__)
    return result


attach_method("__array_ufunc__", _array_ufunc)
attach_method("__array_function__", _array_function)
