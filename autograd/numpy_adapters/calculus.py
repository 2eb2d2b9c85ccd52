"""Differences, slopes, interpolation and convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from ..tensor import Tensor
from .adapting import adapts, as_tensor, at_axis, axes_of, axis_of, flat, values_of

_UNSET: Any = object()


@adapts("diff")
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = _UNSET, append: Any = _UNSET) -> Any:
    a = as_tensor(a)
    if n < 0:
        raise ValueError(f"np.diff: n is the number of times to take differences, not {n}.")
    axis = axis_of(axis, a.ndim)
    if n == 0:
        return a
    parts = [a]
    for at, given in ((0, prepend), (2, append)):
        if given is not _UNSET:
            part = as_tensor(given)
            if not part.ndim:
                part = ag.broadcast_to(part, tuple(1 if i == axis else m for i, m in enumerate(a.shape)))
            parts.insert(at, part)
    a = ag.cat([part.astype(np.result_type(*[p.dtype for p in parts])) for part in parts], axis)
    for _ in range(n):
        a = a[at_axis(axis, a.ndim, slice(1, None))] - a[at_axis(axis, a.ndim, slice(None, -1))]
    return a


@adapts("ediff1d")
def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    ary = flat(as_tensor(ary))
    parts = [ary[1:] - ary[:-1]]
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
    spacings = [1.0] * len(axes) if not varargs else list(varargs) * (len(axes) if len(varargs) == 1 else 1)
    slopes = [_slope(f, along, h, edge_order) for along, h in zip(axes, spacings, strict=True)]
    return slopes[0] if len(axes) == 1 else tuple(slopes)


def _slope(f: Tensor, axis: int, spacing: Any, edge_order: int) -> Tensor:
    if edge_order not in (1, 2):
        raise ValueError(f"np.gradient: edge_order {edge_order!r}. Use 1 or 2.")
    n = f.shape[axis]
    if n < edge_order + 1:
        raise ValueError(f"np.gradient: an axis of length {n} is too short. It takes {edge_order + 1} elements.")
    f = ag.movedim(f, axis, -1)
    h = as_tensor(spacing)
    if h.ndim:
        if h.shape != (n,):
            raise ValueError(f"np.gradient: {h.shape} coordinates for an axis of length {n}.")
        h = h[1:] - h[:-1]
        before, after = h[:-1], h[1:]
        first, second, last, second_last = h[0], h[1] if n > 2 else h[0], h[-1], h[-2] if n > 2 else h[-1]
    else:
        before = after = first = second = last = second_last = h
    if not h.ndim:  # NumPy's formula, to the last bit
        inner = (f[..., 2:] - f[..., :-2]) / (2.0 * h)
    else:
        a = -after / (before * (before + after))
        b = (after - before) / (before * after)
        c = before / (after * (before + after))
        inner = a * f[..., :-2] + b * f[..., 1:-1] + c * f[..., 2:]
    if edge_order == 1:
        start, end = (f[..., 1] - f[..., 0]) / first, (f[..., -1] - f[..., -2]) / last
    else:
        start = (
            -(2.0 * first + second) / (first * (first + second)) * f[..., 0]
            + (first + second) / (first * second) * f[..., 1]
            - first / (second * (first + second)) * f[..., 2]
        )
        end = (
            last / (second_last * (second_last + last)) * f[..., -3]
            - (last + second_last) / (second_last * last) * f[..., -2]
            + (2.0 * last + second_last) / (last * (second_last + last)) * f[..., -1]
        )
    slope = ag.cat([ag.unsqueeze(start, -1), inner, ag.unsqueeze(end, -1)], -1)
    return ag.movedim(slope.astype(f.dtype) if not h.requires_grad and h.dtype != f.dtype else slope, -1, axis)


@adapts("interp")
def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    x, xp, fp = as_tensor(x), as_tensor(xp), as_tensor(fp)
    x, xp = x.astype(np.float64), xp.astype(np.float64)
    fp = fp.astype(np.complex128 if fp.is_complex() else np.float64)
    if xp.ndim != 1 or fp.shape != xp.shape or not len(xp):
        raise ValueError(f"np.interp: xp and fp are rows of equal length, not {xp.shape} and {fp.shape}.")
    if period is not None:
        if period == 0:
            raise ValueError("np.interp: the period is 0.")
        period, left, right = abs(period), None, None
        x, xp = ag.remainder(x, period), ag.remainder(xp, period)
        order = np.argsort(xp.data)
        xp, fp = xp[order], fp[order]
        xp = ag.cat([xp[-1:] - period, xp, xp[:1] + period])
        fp = ag.cat([fp[-1:], fp, fp[:1]])
    if len(xp) == 1:
        inside = ag.broadcast_to(fp[0], x.shape) + ag.zeros_like(x)
    else:
        i = np.clip(np.searchsorted(xp.data, x.data, "right") - 1, 0, len(xp) - 2)
        # A coordinate outside is replaced before the division: what is not taken must not make the gradient NaN.
        within = ag.clamp(x, float(xp.data[0]), float(xp.data[-1]))
        inside = fp[i] + (within - xp[i]) / (xp[i + 1] - xp[i]) * (fp[i + 1] - fp[i])
    low = fp[0] if left is None else as_tensor(left)
    high = fp[-1] if right is None else as_tensor(right)
    return ag.where(x.data < xp.data[0], low, ag.where(x.data > xp.data[-1], high, inside))


# ---------------------------------------------------------------------------------------------------------------------
# Convolution
# ---------------------------------------------------------------------------------------------------------------------
_SMALL = 1 << 14  # products that are written out


def _full(a: Tensor, v: Tensor) -> Tensor:
    """The convolution at every place where the two overlap at all."""
    dtype = np.result_type(a.dtype, v.dtype)
    n, m = len(a), len(v)
    if n * m <= _SMALL or not (np.isfinite(a.data).all() and np.isfinite(v.data).all()):
        # Row k of all products lies k places further to the right. What is not finite meets no padding.
        rows = ag.cat([ag.unsqueeze(v, 1) * a, np.zeros((m, m), dtype)], 1)
        return ag.sum(flat(rows)[: m * (n + m - 1)].reshape(m, n + m - 1), 0)
    if dtype.kind == "c":
        (ar, ai), (vr, vi) = [(ag.real(t), ag.imag(t)) if t.is_complex() else (t, None) for t in (a, v)]
        real = _full(ar, vr)
        imag: Any = 0.0
        if ai is not None and vi is not None:
            real = real - _full(ai, vi)
        if ai is not None:
            imag = imag + _full(ai, vr)
        if vi is not None:
            imag = imag + _full(ar, vi)
        return (real + imag * 1j).astype(dtype)
    row = ag.flip(v.astype(dtype), 0).reshape(1, 1, -1)
    return ag.conv1d(a.astype(dtype).reshape(1, 1, -1), row, padding=len(v) - 1).reshape(-1)


def _cut(full: Tensor, long: int, short: int, mode: str, name: str) -> Tensor:
    if mode == "full":
        return full
    if mode == "same":
        start = (short - 1) // 2
        return full[start : start + long]
    if mode == "valid":
        return full[short - 1 : long]
    raise ValueError(f"np.{name}: mode {mode!r}. Use 'full', 'same' or 'valid'.")


def _rows(a: Any, v: Any, name: str) -> tuple[Tensor, Tensor]:
    a, v = ag.atleast_1d(as_tensor(a)), ag.atleast_1d(as_tensor(v))
    if a.ndim > 1 or v.ndim > 1 or not len(a) or not len(v):
        raise ValueError(f"np.{name}: takes two rows that are not empty, not {a.shape} and {v.shape}.")
    return a, v


@adapts("convolve")
def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = _rows(a, v, "convolve")
    if len(v) > len(a):
        a, v = v, a
    return _cut(_full(a, v), len(a), len(v), mode, "convolve")


@adapts("correlate")
def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    a, v = _rows(a, v, "correlate")
    turned = len(v) > len(a)
    if turned:
        a, v = v, a
    v = ag.flip(v, 0)
    v = ag.conj(v) if v.is_complex() and not turned else v
    a = ag.conj(a) if a.is_complex() and turned else a
    result = _cut(_full(a, v), len(a), len(v), mode, "correlate")
    return ag.flip(result, 0) if turned else result
