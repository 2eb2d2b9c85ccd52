"""Norms, and what is built from singular values."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from .. import linalg
from ..arguments import MISSING
from .adapting import adapts, as_tensor, axes_of, values_of
from .reductions import reduce_over


@adapts("linalg.norm")
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    x = as_tensor(x)
    axes = None if axis is None else axes_of(axis, x.ndim)
    if axes is not None and len(axes) not in (1, 2):
        raise ValueError(f"np.linalg.norm: takes one axis for vectors or two for matrices, not {len(axes)}.")
    return linalg.norm(x, "fro" if ord == "f" else ord, axes, bool(keepdims))


@adapts("linalg.vector_norm")
def _vector_norm(x: Any, /, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    return reduce_over(
        lambda x, axes, keepdim=False: linalg.vector_norm(x, ord, axes, keepdim), as_tensor(x), axis, keepdims
    )


@adapts("linalg.matrix_norm")
def _matrix_norm(x: Any, /, *, keepdims: Any = False, ord: Any = "fro") -> Any:
    return linalg.matrix_norm(as_tensor(x), ord, keepdim=bool(keepdims))


@adapts("linalg.cond")
def _cond(x: Any, p: Any = None) -> Any:
    return linalg.cond(as_tensor(x), p)


@adapts("linalg.pinv")
def _pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = MISSING) -> Any:
    a = as_tensor(a)
    if rcond is None:
        rcond = 1e-15 if rtol is MISSING else rtol
    elif rtol is not MISSING:
        raise ValueError("np.linalg.pinv: rcond and rtol are the same thing. Give one of them.")
    if rcond is None:
        rcond = max(a.shape[-2:]) * np.finfo(a.dtype).eps
    return linalg.pinv(a, rtol=np.asarray(values_of(rcond)), hermitian=hermitian)


@adapts("linalg.lstsq")
def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    a, b = as_tensor(a), as_tensor(b)
    if a.ndim != 2:
        raise ValueError(f"np.linalg.lstsq: takes one matrix, not {a.shape}.")
    m, n = a.shape
    epsilon = np.finfo(np.result_type(a.dtype, b.dtype)).eps
    if rcond is None:
        rcond = epsilon * max(m, n)
    found = linalg.lstsq(a, b, epsilon if rcond < 0 else rcond, "gelsd")
    return found.solution, ag.atleast_1d(found.residuals), int(found.rank.item()), found.singular_values
