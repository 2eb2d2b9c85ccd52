"""Differences, slopes, integrals, interpolation and convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from ..arguments import MISSING
from ..tensor import Tensor
from .adapting import adapts, as_tensor, axes_of, axis_of, flat, values_of


@adapts("diff")
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = MISSING, append: Any = MISSING) -> Any:
    a = as_tensor(a)
    axis = axis_of(axis, a.ndim)
    return ag.diff(a, n, axis, *[_slices(part, a, axis) for part in (prepend, append)])


def _slices(given: Any, a: Tensor, axis: int) -> Any:
    """What is joined to a tensor: a number stands for one slice of it."""
    if given is MISSING:
        return None
    part = as_tensor(given)
    return part if part.ndim else ag.broadcast_to(part, tuple(1 if i == axis else m for i, m in enumerate(a.shape)))


@adapts("ediff1d")
def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    ary = flat(as_tensor(ary))
    parts = [ag.diff(ary)]
    if to_begin is not None:
        parts.insert(0, flat(as_tensor(to_begin)).astype(ary.dtype))
    if to_end is not None:
        parts.append(flat(as_tensor(to_end)).astype(ary.dtype))
    return ag.cat(parts) if len(parts) > 1 else parts[0]


@adapts("gradient")
def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    f = as_tensor(f)
    axes = axes_of(axis, f.ndim)
    if len(varargs) not in (0, 1, len(axes)):
        raise TypeError(f"np.gradient: {len(varargs)} spacings for {len(axes)} axes.")
    if len(varargs) == 1 and np.ndim(values_of(varargs[0])) and len(axes) != 1:
        raise TypeError("np.gradient: give the coordinates along every axis.")
    if not axes:
        return ()
    spacings = [as_tensor(h) for h in varargs or (1.0,)] * (1 if len(varargs) == len(axes) else len(axes))
    slopes = [slope.astype(f.dtype) for slope in ag.gradient(f, spacings, axes, edge_order)]
    return slopes[0] if len(axes) == 1 else tuple(slopes)


@adapts("interp")
def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    x, xp, fp = as_tensor(x), as_tensor(xp), as_tensor(fp)
    fp = fp.astype(np.complex128 if fp.is_complex() else np.float64)  # NumPy: double precision always
    left, right = [None if end is None else as_tensor(end) for end in (left, right)]
    return ag.interp(x.astype(np.float64), xp.astype(np.float64), fp, left, right, period)


@adapts("trapezoid")
def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    return ag.trapezoid(as_tensor(y), None if x is None else as_tensor(x), dx if x is None else None, axis)


@adapts("convolve")
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    return ag.convolve(ag.atleast_1d(as_tensor(a)), ag.atleast_1d(as_tensor(v)), mode)


@adapts("correlate")
def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    return ag.correlate(as_tensor(a), as_tensor(v), mode)
