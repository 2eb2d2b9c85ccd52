"""What universal functions can be asked for beside a call: `np.add.reduce`, `accumulate`, `reduceat`, `outer`, `at`."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .. import functions as ag
from ..inplace import check_writable, write
from ..numpy_protocol import old_values
from ..tensor import Tensor
from .adapting import adapters, as_tensor, at_axis, axis_of, values_of

_REDUCTIONS = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}


def reduce(
    ufunc: Any,
    a: Any,
    axis: Any = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """The function between all elements along an axis."""
    a = as_tensor(a)
    named = _REDUCTIONS.get(ufunc)
    if ufunc.nin != 2 or (where is not True and named is None):
        return NotImplemented
    if dtype is not None:
        a = a.astype(dtype)
    if named is not None:
        options = {} if initial is None else {"initial": initial}
        return adapters[named](a, axis=axis, keepdims=keepdims, where=where, **options)
    if ufunc is np.logaddexp:
        result = ag.logsumexp(a, axis, keepdim=bool(keepdims))
        return result if initial is None else ag.logaddexp(result, initial)
    if ufunc in (np.logical_and, np.logical_or, np.logical_xor) or not isinstance(axis, int):
        return NotImplemented
    parts = list(ag.unbind(a, axis)) if initial is None else [as_tensor(initial), *ag.unbind(a, axis)]
    if not parts:
        return NotImplemented
    result = functools.reduce(ufunc, parts)
    return ag.unsqueeze(result, axis_of(axis, a.ndim)) if keepdims else result


def accumulate(ufunc: Any, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """The function between each element along an axis and all before it."""
    a = as_tensor(array)
    if ufunc.nin != 2:
        return NotImplemented
    if dtype is not None:
        a = a.astype(dtype)
    if ufunc is np.add:
        return ag.cumsum(a, axis)
    if ufunc is np.multiply:
        return ag.cumprod(a, axis)
    if ufunc in (np.maximum, np.minimum):
        return (ag.cummax if ufunc is np.maximum else ag.cummin)(a, axis)[0]
    if ufunc is np.logaddexp:
        return ag.logcumsumexp(a, axis)
    parts = list(ag.unbind(a, axis))
    for i in range(1, len(parts)):
        parts[i] = ufunc(parts[i - 1], parts[i])
    return ag.stack(parts, axis) if parts else a


def reduceat(ufunc: Any, array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """The function between the elements of each of several stretches along an axis."""
    a = as_tensor(array)
    axis = axis_of(axis, a.ndim)
    starts = np.asarray(values_of(indices)).tolist()
    if np.any(np.asarray(starts) >= a.shape[axis]) or np.any(np.asarray(starts) < 0):
        raise IndexError(f"np.{ufunc.__name__}.reduceat: an index is out of range for length {a.shape[axis]}.")
    parts = []
    for i, start in enumerate(starts):
        end = starts[i + 1] if i + 1 < len(starts) else a.shape[axis]
        parts.append(reduce(ufunc, a[at_axis(axis, a.ndim, slice(start, max(end, start + 1)))], axis, dtype))
        if parts[-1] is NotImplemented:
            return NotImplemented
    return ag.stack(parts, axis)


def outer(ufunc: Any, A: Any, B: Any, /, **kwargs: Any) -> Any:
    """The function between every element of one and every element of the other."""
    a, b = as_tensor(A), as_tensor(B)
    return ufunc(a.reshape(a.shape + (1,) * b.ndim), b, **kwargs)


def at(ufunc: Any, a: Any, indices: Any, b: Any = None, /) -> Any:
    """The function written to some elements, once for each time that an element is named."""
    if not isinstance(a, Tensor) or ufunc not in (np.add, np.subtract):
        return NotImplemented
    check_writable(a, f"np.{ufunc.__name__}.at")
    # Each place that is named is found by numbering the elements.
    places = np.arange(a.numel()).reshape(a.shape)[values_of(indices)]
    values = ag.broadcast_to(as_tensor(b).astype(a.dtype), places.shape).reshape(-1)
    before = old_values(a, a.data)
    added = ag.index_add(before.reshape(-1), 0, places.reshape(-1), values if ufunc is np.add else -values)
    write(a, added.reshape(a.shape), f"np.{ufunc.__name__}.at")
    return None
