"""NumPy's functions on tensors: unmodified NumPy code becomes differentiable.

    np.linalg.solve(a, np.exp(t)).sum()     is a tensor, in the graph

A function finds an adapter (`numpy_adapters/`), which has NumPy's own parameters and defaults (`np.var` divides by n,
`np.sum` takes `initial` and `where`), or the operation that has named it (`@primitive(numpy=(np.exp,))`). What has
neither, and all that works on integers and booleans alone, runs in NumPy on the arrays under the tensors. If a gradient
is required that would cut the graph, and is refused. What no gradient passes anyhow (shapes, indices, truth values)
runs on the arrays always. Arrays in the result become tensors.

`out=` and `where=` work as in NumPy. A tensor that is written to takes its place in the graph, as after `x.add_(y)`;
an array can not, so that a result which requires a gradient is not written to it: `array += tensor` changes the array
if the tensor requires no gradient, and is refused if it does. Use `array = array + tensor`. Elements that `where`
leaves out of a result without `out` are 0, which NumPy leaves undefined.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from . import functions as ag
from .graph import mark_written
from .inplace import apart, check_writable, write
from .modes import modes
from .op import ufuncs
from .tensor import Tensor, attach_method, wrap

_LIBRARIES = (Tensor, np.ndarray, np.generic, int, float, complex, bool, list, tuple)

# What looks at shapes and dtypes, or gives indices and truth values: no gradient passes these.
_NO_GRADIENT_NAMES = """
    all allclose any argmax argmin argpartition argsort argwhere array2string array_equal array_equiv array_repr
    array_str can_cast common_type count_nonzero diag_indices_from digitize empty_like flatnonzero isclose iscomplex
    iscomplexobj isin isneginf isposinf isreal isrealobj lexsort may_share_memory min_scalar_type nanargmax nanargmin
    ndim nonzero ones_like ravel_multi_index result_type searchsorted shape shares_memory size tril_indices_from
    triu_indices_from unravel_index zeros_like
"""
_NO_GRADIENT = {getattr(np, name) for name in _NO_GRADIENT_NAMES.split()} | {np.linalg.matrix_rank, np.einsum_path}

# These write to their first argument.
_WRITING = {np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis}


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, (list, tuple)):
        return value
    return value.values() if isinstance(value, dict) else ()


def _tensors_in(value: Any) -> Iterator[Tensor]:
    """The tensors among arguments, also in lists."""
    if isinstance(value, Tensor):
        yield value
    for member in _members(value):
        yield from _tensors_in(member)


def _is_floating(*values: Any) -> bool:
    """Whether a tensor among the arguments could carry a gradient."""
    return any(tensor.dtype.kind in "fc" for tensor in _tensors_in(values))


def _arrays(value: Any, name: str, check: bool = True) -> Any:
    """Arguments with arrays in place of tensors."""
    if isinstance(value, Tensor):
        if check and value.node is not None and modes.recording:
            raise TypeError(
                f"np.{name}: has no gradient here, and a tensor of shape {value.shape} requires one. "
                f"Use an operation of autograd, or pass x.detach()."
            )
        return value.data
    if isinstance(value, dict):
        return {key: _arrays(item, name, check) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(_arrays(item, name, check) for item in value)
    return value


def _wrapped(result: Any, known: dict[int, Any]) -> Any:
    """What NumPy returned, with tensors in place of arrays; an array that came in as a tensor leaves as that tensor."""
    if id(result) in known:
        return known[id(result)]
    if isinstance(result, (np.ndarray, np.generic)):
        array = np.asarray(result)
        return wrap(array) if array.dtype.kind in "biufc" else result
    if isinstance(result, (list, tuple)):
        members = [_wrapped(member, known) for member in result]
        return type(result)(*members) if hasattr(result, "_fields") else type(result)(members)
    return result


def _in_numpy(function: Callable[..., Any], name: str, args: Any, kwargs: Any, check: bool = True) -> Any:
    """The function on arrays, its result as tensors."""
    known: dict[int, Any] = {id(tensor.data): tensor for tensor in _tensors_in((args, kwargs))}
    if kwargs.get("out") is not None:  # an array that was written to stays the array that it is
        known |= {id(array): array for array in (kwargs["out"], *_members(kwargs["out"])) if type(array) is np.ndarray}
    result = function(*_arrays(args, name, check), **_arrays(kwargs, name, check))
    return _wrapped(result, known)


def _note_writes(written: Any, name: str) -> None:
    """What was recorded before and needs the old values must not take the new ones for them."""
    for value in written if isinstance(written, tuple) else (written,):
        array = value.data if isinstance(value, Tensor) else value
        if isinstance(array, np.ndarray):
            mark_written(array, f"np.{name}")


def old_values(value: Any, memory: np.ndarray) -> Any:
    """A tensor whose memory is about to be overwritten, with memory of its own; all else as it is."""
    kept = apart(value, memory)
    return wrap(kept) if isinstance(value, Tensor) and not isinstance(kept, Tensor) else kept


def deliver(result: Any, out: Any, where: Any, name: str) -> Any:
    """The result, or what it has been written to: all of `out`, or the elements where `where` is true."""
    if out is None or out is Ellipsis:
        return result if where is True else ag.where(where, result, np.zeros((), result.dtype))
    if not isinstance(out, (Tensor, np.ndarray)):
        raise TypeError(f"np.{name}: out takes a tensor or an array, not {type(out).__name__}.")
    if isinstance(out, Tensor):
        check_writable(out, f"np.{name}")
        if where is not True:
            result = ag.where(where, result, old_values(out, out.data))
        if result.shape != out.shape:
            result = ag.broadcast_to(result, out.shape)
        return write(out, result, f"np.{name}")
    if result.node is not None and modes.recording:
        raise TypeError(
            f"np.{name}: the result requires a gradient, which the array of shape {out.shape} that it is to be written "
            f"to can not carry. Leave out away (a = a + t instead of a += t), or give a tensor."
        )
    np.copyto(out, result.data, where=_arrays(where, name), casting="same_kind")
    mark_written(out, f"np.{name}")
    return out


@functools.cache
def _place_of_out(function: Any) -> int | None:
    """The position of the parameter `out`, where it has one."""
    # NumPy names the arguments of universal functions and their methods before it hands them over.
    if isinstance(function, np.ufunc) or not hasattr(function, "__name__") or hasattr(function, "__self__"):
        return None
    parameters = inspect.signature(function).parameters
    by_name = "out" not in parameters or parameters["out"].kind is inspect.Parameter.KEYWORD_ONLY
    return None if by_name else list(parameters).index("out")


def is_to_write(function: Any, args: Any, kwargs: dict[str, Any]) -> bool:
    """Whether the function of NumPy is to write into one of its arguments."""
    if function in _WRITING or kwargs.get("out") is not None or getattr(function, "__name__", "") == "at":
        return True
    place = _place_of_out(function) if len(args) > 2 else None
    return place is not None and len(args) > place and args[place] is not None


def loaded_adapters() -> Any:
    """Hundreds of short functions, loaded when the first NumPy function meets a tensor."""
    return importlib.import_module("autograd.numpy_adapters")


# ---------------------------------------------------------------------------------------------------------------------
# Universal functions
# ---------------------------------------------------------------------------------------------------------------------
def _array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    for value in inputs:
        if not isinstance(value, _LIBRARIES) and hasattr(value, "__array_ufunc__"):
            return NotImplemented  # the other library may know what to do with a tensor
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    if _is_floating(inputs, kwargs.get("out")):
        if method == "__call__":
            result = _call_ufunc(ufunc, inputs, kwargs)
        else:
            run = getattr(loaded_adapters().ufunc_methods, method)
            result = run(ufunc, *inputs, **{key: value for key, value in kwargs.items() if key != "out"})
            if result is not NotImplemented and method != "at":
                result = deliver(result, kwargs.get("out", (None,))[0], True, name)
        if result is not NotImplemented:
            return result
    dtype = kwargs.get("dtype")
    passes = dtype is None or np.dtype(dtype).kind in "fc"  # else the result is one of integers or truth values
    result = _in_numpy(getattr(ufunc, method), name, inputs, kwargs, check=passes)
    _note_writes(inputs[:1] if method == "at" else kwargs.get("out", ()), name)
    if ufunc.nout == 1 and isinstance(kwargs.get("out"), tuple):
        return kwargs["out"][0]
    return result


def _call_ufunc(
    ufunc: np.ufunc,
    inputs: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """The operation that stands for the ufunc; NotImplemented where there is none."""
    call = ufuncs.get(ufunc)
    if not kwargs and call is not None:
        return call(*inputs)
    call = loaded_adapters().adapters.get(ufunc, call)
    dtype = kwargs.get("dtype")
    if call is None or kwargs.keys() - {"out", "where", "dtype", "casting", "order", "subok", "axis", "keepdims"}:
        return NotImplemented
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        return NotImplemented
    settings = {key: kwargs[key] for key in ("axis", "keepdims") if key in kwargs}
    inputs = tuple([np.asarray(value) if isinstance(value, (list, tuple)) else value for value in inputs])
    if dtype is not None:
        dtype = np.dtype(dtype)
        inputs = tuple([_cast(value, dtype, kwargs.get("casting", "same_kind"), ufunc) for value in inputs])
    outs = kwargs.get("out", (None,) * ufunc.nout)
    for out in outs:
        if isinstance(out, Tensor) and modes.recording:  # rules may need what is about to be overwritten
            inputs = tuple([old_values(value, out.data) for value in inputs])
    result = call(*inputs, **settings)
    where = kwargs.get("where", True)
    if ufunc.nout == 1:
        return deliver(result, outs[0], where, ufunc.__name__)
    return tuple([deliver(r, out, where, ufunc.__name__) for r, out in zip(result, outs, strict=True)])


def _cast(value: Any, dtype: np.dtype, casting: Any, ufunc: np.ufunc) -> Any:
    """An input of a ufunc in the dtype that it is to compute in."""
    have = getattr(value, "dtype", None)
    if have is None:
        return dtype.type(value)
    if not np.can_cast(have, dtype, casting):
        raise TypeError(f"np.{ufunc.__name__}: can not compute in {dtype} with {have} inputs by casting={casting!r}.")
    return value.astype(dtype)


# ---------------------------------------------------------------------------------------------------------------------
# All other functions
# ---------------------------------------------------------------------------------------------------------------------
def _array_function(self: Tensor, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    if not all(issubclass(kind, _LIBRARIES) for kind in types):
        return NotImplemented
    name = function.__name__
    if any(hasattr(kind, "mask") for kind in types):
        raise TypeError(f"np.{name}: a masked array would lose its mask. Fill it first: array.filled(value).")
    if function in _NO_GRADIENT:
        result = _in_numpy(function, name, args, kwargs, check=False)
        _note_writes(kwargs.get("out", ()), name)
        return result
    if _is_floating(args, kwargs):
        call = loaded_adapters().adapters.get(function) or ufuncs.get(function)
        try:
            result = NotImplemented if call is None else call(*args, **kwargs)
        except (IndexError, TypeError, ValueError):
            if any(tensor.numel() for tensor in _tensors_in((args, kwargs))):
                raise
            # NumPy may know what comes of nothing, and no gradient can get lost.
            result = _in_numpy(function, name, args, kwargs, check=False)
        if result is not NotImplemented:
            return result
    result = _in_numpy(function, name, args, kwargs)
    _note_writes(kwargs.get("out", args[:1] if function in _WRITING else ()), name)
    return result


attach_method("__array_ufunc__", _array_ufunc)
attach_method("__array_function__", _array_function)
