"""NumPy's functions inside `vmap`: of all examples at once where an adapter can, or of one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from .batched import Batched, deepest
from .numpy_protocol import is_to_write, loaded_adapters
from .op import ufuncs
from .stand_in import HandOver
from .tensor import Tensor
from .trees import flatten

_VALUE_FREE = {np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj}


def _hollow(value: Any) -> Any:
    """An array without memory of its own that has the shape and dtype of the stand-in."""
    return np.broadcast_to(np.zeros((), value.dtype), value.shape) if isinstance(value, Batched) else value


def _is_floating(value: Any) -> bool:
    return isinstance(value, (Tensor, Batched)) and value.dtype.kind in "fc"


def _array_ufunc(self: Batched, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    call = ufuncs.get(ufunc) if method == "__call__" and not kwargs else None
    if call is not None:
        return call(*inputs)
    return _by_numpy(self, ufunc if method == "__call__" else getattr(ufunc, method), inputs, kwargs)


def _array_function(self: Batched, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    if function in _VALUE_FREE:
        return function(*(_hollow(arg) for arg in args), **kwargs)
    if function not in loaded_adapters().adapters and len(args) < 3 and kwargs.keys() <= {"axis", "keepdims"}:
        call = ufuncs.get(function)
        if call is not None:
            return call(*args, **kwargs)
    return _by_numpy(self, function, args, kwargs)


def _by_numpy(self: Batched, function: Any, args: Any, kwargs: Any) -> Any:
    """What NumPy's function gives, with NumPy's defaults: of all examples at once, or of one after the other."""
    if is_to_write(function, args, kwargs):
        self.refuse(f"np.{function.__name__}, which writes into one of its arguments,")
    adapter = None if isinstance(function, np.ufunc) and kwargs else loaded_adapters().adapters.get(function)
    if adapter is not None and any(_is_floating(value) for value in flatten((args, kwargs))[0]):
        try:
            result = adapter(*args, **kwargs)
        except HandOver:  # it asks for values
            result = NotImplemented
        if result is not NotImplemented:
            return result
    return (deepest((args, kwargs)) or self.level).one_by_one(function, args, kwargs)


for _name, _method in (("__array_ufunc__", _array_ufunc), ("__array_function__", _array_function)):
    setattr(Batched, _name, _method)
