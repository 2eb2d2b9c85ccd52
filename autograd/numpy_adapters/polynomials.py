"""Polynomials by their coefficients, the highest power first."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from ..tensor import Tensor
from .adapting import adapts, as_tensor
from .calculus import convolve


def _coefficients(p: Any) -> Tensor:
    return ag.atleast_1d(as_tensor(p))


@adapts("polyval")
def _polyval(p: Any, x: Any) -> Any:
    if isinstance(x, np.poly1d):
        return NotImplemented
    return ag.polyval(_coefficients(p.coeffs if isinstance(p, np.poly1d) else p), as_tensor(x))


def _padded(a: Tensor, length: int) -> Tensor:
    return ag.cat([np.zeros(length - len(a), a.dtype), a]) if len(a) < length else a


@adapts("polyadd")
def _polyadd(a1: Any, a2: Any) -> Any:
    a1, a2 = _coefficients(a1), _coefficients(a2)
    length = max(len(a1), len(a2))
    return _padded(a1, length) + _padded(a2, length)


@adapts("polysub")
def _polysub(a1: Any, a2: Any) -> Any:
    return _polyadd(a1, -_coefficients(a2))


@adapts("polymul")
def _polymul(a1: Any, a2: Any) -> Any:
    return convolve(_coefficients(a1), _coefficients(a2))


@adapts("polyder")
def _polyder(p: Any, m: int = 1) -> Any:
    p = _coefficients(p)
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


@adapts("polyint")
def _polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    p = _coefficients(p)
    constants = ag.broadcast_to(as_tensor(0.0 if k is None else k), (m,))
    for i in range(m):
        p = ag.cat([p / np.arange(len(p), 0, -1), constants[i : i + 1].astype(p.dtype)])
    return p


@adapts("poly")
def _poly(seq_of_zeros: Any) -> Any:
    zeros = _coefficients(seq_of_zeros)
    if zeros.ndim != 1 or zeros.is_complex():
        return NotImplemented
    p: Any = as_tensor(np.ones(1, zeros.dtype))
    for i in range(len(zeros)):
        p = convolve(p, ag.cat([np.ones(1, zeros.dtype), -zeros[i : i + 1]]))
    return p


@adapts("polyfit")
def _polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    if full or cov or np.ndim(deg):
        return NotImplemented
    x, y = as_tensor(x).astype(np.float64), as_tensor(y)
    y = y.astype(np.result_type(y.dtype, np.float64))
    powers = ag.unsqueeze(x, -1) ** np.arange(deg, -1, -1)
    if w is not None:
        weights = ag.unsqueeze(as_tensor(w), -1)
        powers, y = powers * weights, y * (weights if y.ndim == 2 else weights[:, 0])
    scale = ag.sqrt(ag.sum(powers * powers, 0))
    rcond = len(x) * np.finfo(np.float64).eps if rcond is None else rcond
    found = np.linalg.lstsq(powers / scale, y, rcond)[0]
    return found / (ag.unsqueeze(scale, -1) if found.ndim == 2 else scale)


@adapts("roots")
def _roots(p: Any) -> Any:
    p = _coefficients(p)
    full = np.flatnonzero(p.data)
    if not full.size:
        return as_tensor(np.zeros(0))
    zeros = len(p) - 1 - int(full[-1])
    p = p[int(full[0]) : int(full[-1]) + 1]
    if len(p) < 2:
        return as_tensor(np.zeros(zeros))
    below = np.eye(len(p) - 1, k=-1, dtype=p.dtype)
    companion = ag.cat([ag.unsqueeze(-p[1:] / p[0], 0), below[1:]])
    found = np.linalg.eigvals(companion)
    return ag.cat([found, np.zeros(zeros, found.dtype)]) if zeros else found
