"""Copies, parts of complex numbers, rounding, and tensors made like another."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from ..arguments import MISSING
from .adapting import adapts, as_tensor, values_of


@adapts("copy")
def _copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    return ag.clone(as_tensor(a))


@adapts("astype")
def _astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    x = as_tensor(x)
    if x.dtype == np.dtype(dtype):
        return ag.clone(x) if copy else x
    return x.astype(dtype)


def _in_dtype(a: Any, dtype: Any, copy: Any) -> Any:
    a = as_tensor(a)
    a = a if dtype is None or a.dtype == np.dtype(dtype) else a.astype(dtype)
    return ag.clone(a) if copy else a


# These find a tensor by `like=tensor`; without it NumPy asks `__array__`, which refuses what requires a gradient.
@adapts("asarray", "asanyarray")
def _asarray(
    a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: Any = None, like: Any = None
) -> Any:
    return _in_dtype(a, dtype, copy)


@adapts("array")
def _array(
    object: Any,
    dtype: Any = None,
    *,
    copy: Any = True,
    order: Any = "K",
    subok: bool = False,
    ndmin: int = 0,
    ndmax: int = 0,
    like: Any = None,
) -> Any:
    made = _in_dtype(object, dtype, copy)
    return made.reshape((1,) * (ndmin - made.ndim) + made.shape)


@adapts("ascontiguousarray", "asfortranarray")
def _contiguous(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    return _in_dtype(a, dtype, False)


@adapts("require")
def _require(a: Any, dtype: Any = None, requirements: Any = None, *, like: Any = None) -> Any:
    return _in_dtype(a, dtype, False)


@adapts("full_like")
def _full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    shape = as_tensor(a).shape if shape is None else tuple(np.atleast_1d(shape).tolist())
    value = as_tensor(fill_value).astype(as_tensor(a).dtype if dtype is None else dtype)
    return ag.clone(ag.broadcast_to(value, shape))


def _is_number(value: Any) -> bool:
    """Whether the argument is a Python number, which does not change the dtype of a tensor."""
    return type(value) in (int, float, complex, bool)


@adapts("linspace")
def _linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    kind = np.result_type(*[value if _is_number(value) else as_tensor(value).data for value in (start, stop)], 1.0)
    start, stop = ag.broadcast_tensors(as_tensor(start).astype(kind), as_tensor(stop).astype(kind))
    divisions = num - 1 if endpoint else num
    fractions = np.arange(num).reshape(-1, *(1,) * start.ndim) / max(divisions, 1)
    fractions = fractions.astype(kind)
    points = (
        ag.where(fractions < 1, start + (stop - start) * fractions, stop)
        if endpoint
        else (start + (stop - start) * fractions)
    )
    points = points.astype(kind)
    if dtype is not None:
        points = points.astype(dtype)
    points = ag.movedim(points, 0, axis)
    return (points, (stop - start) / divisions) if retstep else points


@adapts("geomspace")
def _geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    start, stop = as_tensor(start), as_tensor(stop)
    if start.is_complex() or stop.is_complex():
        return NotImplemented
    start, stop = start.astype(np.float64), stop.astype(np.float64)
    sign = np.sign(start.data)
    points = ag.exp(_linspace(ag.log(start * sign), ag.log(stop * sign), num, endpoint)) * sign
    points = ag.movedim(points, 0, axis)
    return points if dtype is None else points.astype(dtype)


@adapts("logspace")
def _logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    points = _linspace(start, stop, num, endpoint)
    points = base**points if _is_number(base) else as_tensor(base) ** points
    points = ag.movedim(points, 0, axis)
    return points if dtype is None else points.astype(dtype)


# ---------------------------------------------------------------------------------------------------------------------
# Element by element
# ---------------------------------------------------------------------------------------------------------------------
@adapts("real")
def _real(val: Any) -> Any:
    return ag.real(as_tensor(val))


@adapts("imag")
def _imag(val: Any) -> Any:
    val = as_tensor(val)
    return ag.imag(val) if val.is_complex() else ag.zeros_like(val)


@adapts("real_if_close")
def _real_if_close(a: Any, tol: float = 100) -> Any:
    a = as_tensor(a)
    return ag.real(a) if a.is_complex() and np.isrealobj(np.real_if_close(a.data, tol)) else a


@adapts("angle")
def _angle(z: Any, deg: bool = False) -> Any:
    z = as_tensor(z)
    y, x = (ag.imag(z), ag.real(z)) if z.is_complex() else (ag.zeros_like(z), z)
    angle = ag.atan2(y, x)
    return angle * (180 / np.pi) if deg else angle


@adapts("round", "around")
def _round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    a = as_tensor(a)
    if a.is_complex():
        return ag.round(ag.real(a), decimals) + ag.round(ag.imag(a), decimals) * 1j
    return ag.round(a, decimals)


@adapts("fix")
def _fix(x: Any, out: Any = None) -> Any:
    return ag.trunc(as_tensor(x))


@adapts("clip")
def _clip(
    a: Any,
    a_min: Any = MISSING,
    a_max: Any = MISSING,
    out: Any = None,
    *,
    min: Any = MISSING,
    max: Any = MISSING,
    **kwargs: Any,
) -> Any:
    if (a_min is not MISSING or a_max is not MISSING) and (min is not MISSING or max is not MISSING):
        raise ValueError("np.clip: a_min and min are the same thing, and a_max and max. Give one of them.")
    low, high = [
        None if value is MISSING else value
        for value in ((min, max) if a_min is MISSING and a_max is MISSING else (a_min, a_max))
    ]
    a = as_tensor(a)
    if kwargs:
        return NotImplemented
    # NumPy's order for bounds that cross: the upper one wins.
    if low is not None:
        a = ag.maximum(a, _bound(low))
    return a if high is None else ag.minimum(a, _bound(high))


def _bound(value: Any) -> Any:
    return value if isinstance(value, (int, float)) else as_tensor(value)


@adapts("nan_to_num")
def _nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    x = as_tensor(x)
    if not copy:
        return NotImplemented
    if x.is_complex():
        real, imag = [_nan_to_num(part, True, nan, posinf, neginf) for part in (ag.real(x), ag.imag(x))]
        return real + imag * 1j
    if all(value is None or isinstance(value, (int, float)) for value in (nan, posinf, neginf)):
        return ag.nan_to_num(x, nan, posinf, neginf)
    info = np.finfo(x.dtype)
    for mask, value in (
        (np.isnan(x.data), nan),
        (np.isposinf(x.data), info.max if posinf is None else posinf),
        (np.isneginf(x.data), info.min if neginf is None else neginf),
    ):
        x = ag.where(mask, as_tensor(value).astype(x.dtype), x)
    return x


@adapts("sinc")
def _sinc(x: Any) -> Any:
    return ag.sinc(as_tensor(x))


@adapts("unwrap")
def _unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    p = as_tensor(p)
    return p + (np.unwrap(p.data, discont, axis, period=values_of(period)) - p.data)


@adapts("apply_along_axis")
def _apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    def of_row(row: Any) -> Any:
        return as_tensor(func1d(row, *args, **kwargs))

    return ag.apply_along_axis(of_row, axis, as_tensor(arr))


@adapts("apply_over_axes")
def _apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    a = as_tensor(a)
    for axis in np.atleast_1d(axes).tolist():
        result = as_tensor(func(a, axis))
        a = result if result.ndim == a.ndim else ag.unsqueeze(result, axis % a.ndim)
    return a
