"""Products of vectors, matrices and tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from .. import linalg
from ..tensor import Tensor
from .adapting import adapts, as_tensor, as_tensors, flat


@adapts("dot")
def _dot(a: Any, b: Any, out: Any = None) -> Any:
    a, b = as_tensor(a), as_tensor(b)
    if not a.ndim or not b.ndim:
        return a * b
    if b.ndim <= 2 and a.shape[-1] == b.shape[0]:
        return a @ b
    return _tensordot(a, b, ([-1], [-2 if b.ndim > 1 else -1]))


@adapts("vdot")
def _vdot(a: Any, b: Any, /) -> Any:
    return ag.vdot(flat(as_tensor(a)), flat(as_tensor(b)))


@adapts("inner")
def _inner(a: Any, b: Any, /) -> Any:
    return ag.inner(as_tensor(a), as_tensor(b))


@adapts("outer")
def _outer(a: Any, b: Any, out: Any = None) -> Any:
    return ag.outer(flat(as_tensor(a)), flat(as_tensor(b)))


@adapts("linalg.outer")
def _linalg_outer(x1: Any, x2: Any, /) -> Any:
    x1, x2 = as_tensor(x1), as_tensor(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"np.linalg.outer: takes two vectors, not {x1.shape} and {x2.shape}.")
    return _outer(x1, x2)


@adapts("tensordot")
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = as_tensor(a), as_tensor(b)
    if np.ndim(axes) == 0:
        return ag.tensordot(a, b, int(axes))
    left, right = [np.atleast_1d(part).tolist() for part in axes]
    return ag.tensordot(a, b, (left, right))


@adapts("linalg.tensordot")
def _linalg_tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    return _tensordot(x1, x2, axes)


@adapts("linalg.matmul")
def _linalg_matmul(x1: Any, x2: Any, /) -> Any:
    return as_tensor(x1) @ as_tensor(x2)


@adapts("kron")
def _kron(a: Any, b: Any) -> Any:
    return ag.kron(as_tensor(a), as_tensor(b))


@adapts("cross")
def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = ag.movedim(as_tensor(a), axisa, -1), ag.movedim(as_tensor(b), axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        return NotImplemented
    return ag.movedim(ag.cross(a, b, -1), -1, axisc)


@adapts("linalg.cross")
def _linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return _cross(x1, x2, axis=axis)


@adapts("trace")
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    return ag.sum(ag.diagonal(as_tensor(a), offset, axis1, axis2), -1, dtype=dtype)


@adapts("linalg.trace")
def _linalg_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return _trace(x, offset, -2, -1, dtype)


@adapts("einsum")
def _einsum(*operands: Any, out: Any = None, optimize: Any = False, **kwargs: Any) -> Any:
    dtype = kwargs.pop("dtype", None)
    if kwargs.keys() - {"order", "casting"}:
        return NotImplemented
    if isinstance(operands[0], str):
        equation, tensors = operands[0], as_tensors(operands[1:])
    else:
        equation, tensors = _spelled(operands)
    if dtype is not None:
        tensors = [t.astype(dtype) for t in tensors]
    return ag.einsum(equation, *tensors)


def _spelled(operands: tuple[Any, ...]) -> tuple[str, list[Tensor]]:
    """einsum(a, [0, 1], b, [1, 2], [0, 2]) as letters."""

    def letters(numbers: Any) -> str:
        return "".join("..." if n is Ellipsis else chr((ord("A") if n < 26 else ord("a") - 26) + n) for n in numbers)

    pairs = len(operands) // 2
    tensors = as_tensors(operands[: 2 * pairs : 2])
    equation = ",".join(letters(numbers) for numbers in operands[1 : 2 * pairs : 2])
    return (f"{equation}->{letters(operands[-1])}" if len(operands) % 2 else equation), tensors


@adapts("linalg.vecdot", "vecdot")
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    x1, x2 = ag.movedim(as_tensor(x1), axis, -1), ag.movedim(as_tensor(x2), axis, -1)
    if x1.shape[-1] != x2.shape[-1]:
        raise ValueError(f"np.vecdot: the lengths of the vectors differ: {x1.shape} and {x2.shape} along axis {axis}.")
    return linalg.vecdot(x1, x2)


@adapts("matvec")
def _matvec(x1: Any, x2: Any, /) -> Any:
    return ag.squeeze(as_tensor(x1) @ ag.unsqueeze(as_tensor(x2), -1), -1)


@adapts("vecmat")
def _vecmat(x1: Any, x2: Any, /) -> Any:
    x1 = as_tensor(x1)
    return ag.squeeze(ag.unsqueeze(ag.conj(x1) if x1.is_complex() else x1, -2) @ as_tensor(x2), -2)


@adapts("linalg.multi_dot")
def _multi_dot(arrays: Any, *, out: Any = None) -> Any:
    return linalg.multi_dot(as_tensors(arrays))
