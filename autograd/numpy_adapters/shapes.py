"""The same elements in another shape or order."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from ..tensor import Tensor
from .adapting import adapts, as_tensor, axes_of, flat, values_of


@adapts("reshape")
def _reshape(a: Any, /, shape: Any, order: str = "C", *, copy: Any = None) -> Any:
    a = as_tensor(a)
    shape = tuple(int(n) for n in np.atleast_1d(values_of(shape)))
    if order in ("F", "A") and (order == "F" or (a.data.flags.fnc and a.ndim > 1)):
        full = np.broadcast_to(np.zeros(()), a.shape).reshape(shape).shape
        return ag.permute(ag.reshape(_turned(a), full[::-1]), *reversed(range(len(full))))
    if copy is False:
        a.data.reshape(shape, copy=False)  # raises
    out = ag.reshape(a, shape)
    return ag.clone(out) if copy else out


def _turned(a: Tensor) -> Tensor:
    return ag.permute(a, *reversed(range(a.ndim))) if a.ndim > 1 else a


@adapts("ravel")
def _ravel(a: Any, order: str = "C") -> Any:
    a = as_tensor(a)
    if order == "F" or (order in ("A", "K") and a.data.flags.fnc and a.ndim > 1):
        return flat(_turned(a))
    return flat(a)


@adapts("transpose", "permute_dims")
def _transpose(a: Any, axes: Any = None) -> Any:
    a = as_tensor(a)
    axes = tuple(reversed(range(a.ndim))) if axes is None else tuple(np.atleast_1d(axes).tolist())
    return ag.permute(a, *axes) if a.ndim else a


@adapts("matrix_transpose", "linalg.matrix_transpose")
def _matrix_transpose(x: Any, /) -> Any:
    return ag.transpose(as_tensor(x), -1, -2)


@adapts("swapaxes")
def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    return ag.transpose(as_tensor(a), axis1, axis2)


@adapts("moveaxis")
def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    return ag.movedim(as_tensor(a), source, destination)


@adapts("rollaxis")
def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    return ag.rollaxis(as_tensor(a), axis, start)


@adapts("expand_dims")
def _expand_dims(a: Any, axis: Any) -> Any:
    a = as_tensor(a)
    axes = (axis,) if not isinstance(axis, (tuple, list)) else tuple(axis)
    axes = axes_of(axes, a.ndim + len(axes))
    for at in sorted(axes):
        a = ag.unsqueeze(a, at)
    return a


@adapts("squeeze")
def _squeeze(a: Any, axis: Any = None) -> Any:
    a = as_tensor(a)
    if axis is None:
        return ag.squeeze(a)
    axes = axes_of(axis, a.ndim)
    for at in axes:
        if a.shape[at] != 1:
            raise ValueError(f"np.squeeze: axis {at} of a tensor of shape {a.shape} is not of length 1.")
    return ag.reshape(a, [n for i, n in enumerate(a.shape) if i not in axes])


@adapts("broadcast_to")
def _broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    return ag.broadcast_to(as_tensor(array), tuple(np.atleast_1d(shape).tolist()))


@adapts("broadcast_arrays")
def _broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    return tuple(ag.broadcast_tensors(*[as_tensor(a) for a in args]))


def _at_least(operation: Any, name: str) -> None:
    @adapts(name)
    def at_least(*arys: Any) -> Any:
        results = [operation(as_tensor(a)) for a in arys]
        return results[0] if len(results) == 1 else tuple(results)


_at_least(ag.atleast_1d, "atleast_1d")
_at_least(ag.atleast_2d, "atleast_2d")
_at_least(ag.atleast_3d, "atleast_3d")


# ---------------------------------------------------------------------------------------------------------------------
# Turned, rolled, repeated
# ---------------------------------------------------------------------------------------------------------------------
@adapts("flip")
def _flip(m: Any, axis: Any = None) -> Any:
    m = as_tensor(m)
    axes = axes_of(axis, m.ndim)
    return ag.flip(m, *axes) if axes else m


@adapts("flipud")
def _flipud(m: Any) -> Any:
    return ag.flip(as_tensor(m), 0)


@adapts("fliplr")
def _fliplr(m: Any) -> Any:
    return ag.flip(as_tensor(m), 1)


@adapts("rot90")
def _rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    return ag.rot90(as_tensor(m), k, tuple(axes))


@adapts("roll")
def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    a = as_tensor(a)
    if axis is None:
        return ag.roll(a, int(np.sum(values_of(shift))))
    shifts, axes = np.broadcast_arrays(values_of(shift), axis)
    return ag.roll(a, tuple(np.ravel(shifts).tolist()), tuple(np.ravel(axes).tolist()))


@adapts("tile")
def _tile(A: Any, reps: Any) -> Any:
    return ag.tile(as_tensor(A), *np.atleast_1d(values_of(reps)).tolist())


@adapts("repeat")
def _repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    return ag.repeat_interleave(as_tensor(a), values_of(repeats), axis)


@adapts("resize")
def _resize(a: Any, new_shape: Any) -> Any:
    a = as_tensor(a)
    shape = tuple(np.atleast_1d(new_shape).tolist())
    return flat(a)[np.resize(np.arange(a.numel()), shape)] if a.numel() else ag.zeros(shape, dtype=a.dtype)


@adapts("tril")
def _tril(m: Any, k: int = 0) -> Any:
    return _triangle(ag.tril, m, k)


@adapts("triu")
def _triu(m: Any, k: int = 0) -> Any:
    return _triangle(ag.triu, m, k)


def _triangle(operation: Any, m: Any, k: int) -> Any:
    m = as_tensor(m)
    return operation(ag.broadcast_to(m, (len(m), len(m))) if m.ndim == 1 else m, k)


@adapts("diag")
def _diag(v: Any, k: int = 0) -> Any:
    return ag.diag(as_tensor(v), k)


@adapts("diagflat")
def _diagflat(v: Any, k: int = 0) -> Any:
    return ag.diagflat(as_tensor(v), k)


@adapts("diagonal")
def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return ag.diagonal(as_tensor(a), offset, axis1, axis2)


@adapts("linalg.diagonal")
def _linalg_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    return ag.diagonal(as_tensor(x), offset, -2, -1)


@adapts("vander")
def _vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    x = as_tensor(x)
    return ag.vander(x.astype(np.promote_types(x.dtype, int)), N, increasing)


@adapts("lib.stride_tricks.sliding_window_view")
def _sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    return NotImplemented if writeable else ag.sliding_window_view(as_tensor(x), window_shape, axis)


# ---------------------------------------------------------------------------------------------------------------------
# Padding
# ---------------------------------------------------------------------------------------------------------------------
@adapts("pad")
def _pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    array = as_tensor(array)
    if isinstance(pad_width, dict):
        widths = np.zeros((array.ndim, 2), int)
        for axis, width in pad_width.items():
            widths[axis] = width
        pad_width = widths.tolist()
    if mode == "constant":
        return _pad_with(array, pad_width, kwargs.pop("constant_values", 0), kwargs)
    if mode in ("edge", "wrap", "reflect", "symmetric") and kwargs.get("reflect_type", "even") == "even":
        # Which element comes to each place is found by padding their numbers.
        places = np.pad(np.arange(array.numel()).reshape(array.shape), pad_width, mode, **kwargs)
        return flat(array)[places]
    return NotImplemented


def _pad_with(array: Tensor, pad_width: Any, values: Any, rest: dict[str, Any]) -> Any:
    if rest:
        raise ValueError(f"np.pad: mode 'constant' has no {next(iter(rest))}.")
    widths = np.broadcast_to(np.asarray(pad_width, int), (array.ndim, 2))
    if np.any(widths < 0):
        raise ValueError("np.pad: widths are not negative.")
    filling = ag.broadcast_to(as_tensor(values).astype(array.dtype), (array.ndim, 2))
    for axis, (before, after) in enumerate(widths.tolist()):
        parts = [array]
        shape = list(array.shape)
        for side, width in ((0, before), (1, after)):
            if width:
                shape[axis] = width
                part = ag.broadcast_to(filling[axis, side], tuple(shape))
                parts.insert(0 if side == 0 else len(parts), part)
        array = ag.cat(parts, axis) if len(parts) > 1 else array
    return array
