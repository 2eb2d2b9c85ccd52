"""Norms, and what is built from singular values."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from .. import linalg
from ..tensor import Tensor
from .adapting import adapts, as_tensor, axes_of, values_of
from .reductions import reduce_over


def _vector_norm(x: Tensor, order: Any, axis: Any, keepdims: Any) -> Tensor:
    if isinstance(order, str):
        raise ValueError(f"np.linalg.norm: order {order!r} is one of matrices, and {axis} names no pair of axes.")
    order = 2 if order is None else order
    return reduce_over(lambda x, axes, keepdim=False: linalg.vector_norm(x, order, axes, keepdim), x, axis, keepdims)


def _matrix_norm(x: Tensor, order: Any, axes: tuple[int, int], keepdims: Any) -> Tensor:
    return linalg.matrix_norm(x, "fro" if order in (None, "f") else order, axes, bool(keepdims))


@adapts("linalg.norm")
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    x = as_tensor(x)
    if axis is None and (ord is None or (ord in ("f", "fro") and x.ndim == 2) or (ord == 2 and x.ndim == 1)):
        return _vector_norm(x, 2, None, keepdims)
    axes = axes_of(axis, x.ndim)
    if len(axes) == 1:
        return _vector_norm(x, ord, axes, keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, (axes[0], axes[1]), keepdims)
    raise ValueError(f"np.linalg.norm: order {ord!r} is one of vectors or matrices, and {len(axes)} axes are neither.")


@adapts("linalg.vector_norm")
def _norm_of_vectors(x: Any, /, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    return _vector_norm(as_tensor(x), ord, axis, keepdims)


@adapts("linalg.matrix_norm")
def _norm_of_matrices(x: Any, /, *, keepdims: Any = False, ord: Any = "fro") -> Any:
    x = as_tensor(x)
    return _matrix_norm(x, ord, (x.ndim - 2, x.ndim - 1), keepdims)


@adapts("linalg.cond")
def _cond(x: Any, p: Any = None) -> Any:
    return linalg.cond(as_tensor(x), p)


_UNSET: Any = object()


@adapts("linalg.pinv")
def _pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = _UNSET) -> Any:
    a = as_tensor(a)
    if rcond is None:
        rcond = 1e-15 if rtol is _UNSET else rtol
    elif rtol is not _UNSET:
        raise ValueError("np.linalg.pinv: rcond and rtol are the same thing. Give one of them.")
    if rcond is None:
        rcond = max(a.shape[-2:]) * np.finfo(a.dtype).eps
    return linalg.pinv(a, rtol=np.asarray(values_of(rcond)), hermitian=hermitian)


@adapts("linalg.lstsq")
def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    a, b = as_tensor(a), as_tensor(b)
    m, n = a.shape
    if rcond is None:
        rcond = np.finfo(np.result_type(a.dtype, b.dtype)).eps * max(m, n)
    s = linalg.svdvals(a)
    rank = int(np.sum(s.data > max(rcond, 0) * np.max(s.data, initial=0)))
    columns = ag.unsqueeze(b, 1) if b.ndim == 1 else b
    x = linalg.pinv(a, rtol=np.asarray(max(rcond, 0.0))) @ columns
    rest = columns - a @ x
    residuals = ag.sum(ag.abs(rest) ** 2, 0) if rank == n and m > n else ag.real(rest)[0, :0]
    return ag.squeeze(x, 1) if b.ndim == 1 else x, residuals, rank, s
