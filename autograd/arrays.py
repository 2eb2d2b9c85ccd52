"""Copies and reductions of arrays: by NumPy where they are small, by a kernel where they are large.

NumPy moves the elements of a turned array one by one, most of them past the cache, and adds along most axes without
vectors, or with the error of a plain running sum.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import kernels

# Elements below which NumPy serves. The kernels pay from half of that on, but have to be compiled first.
SMALL_COPY = 1 << 15
SMALL_FOLD = 1 << 16


def dense_copy(x: np.ndarray) -> np.ndarray:
    """A copy that lies in memory in the order of its axes."""
    if x.size < SMALL_COPY or x.flags.c_contiguous:
        return x.copy()
    return kernels.transpose.copy(x)


def reshaped(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """x in another shape of as many elements: a view where there is one, else a copy."""
    if x.size < SMALL_COPY or x.flags.c_contiguous:
        return x.reshape(shape)
    try:
        return x.reshape(shape, copy=False)
    except ValueError:
        return dense_copy(x).reshape(shape)


def folded(
    name: str, x: np.ndarray, axes: Sequence[int], keepdim: bool = False, centers: np.ndarray | None = None
) -> np.ndarray | None:
    """The reduction of a large array by a kernel (`kernels.reduce.fold`); None where NumPy serves."""
    if x.size < SMALL_FOLD or x.dtype.char not in "fd":
        return None
    out = kernels.reduce.fold(name, x, axes, centers)
    if keepdim and out is not None:
        out = out.reshape([1 if axis in axes else length for axis, length in enumerate(x.shape)])
    return out


def summed(x: np.ndarray, axes: tuple[int, ...], keepdim: bool = False) -> np.ndarray:
    """The sum over some axes."""
    out = folded("sum", x, axes, keepdim)
    return x.sum(axes, keepdims=keepdim) if out is None else out
