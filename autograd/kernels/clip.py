"""The norm of all gradients together, and their scaling, for clipping."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from autograd.kernels.jit import Doubles, Ints, Reals, inline, kernel, offset
from autograd.kernels.tables import BLOCK, Table, data_of, piece_of

__all__ = ["global_norm", "scale_in_place"]


@inline(reassociate=True)
def sum_of_squares(x, n):
    total = 0.0
    for i in range(n):
        total += np.float64(x[i]) * np.float64(x[i])
    return total


@kernel
def squares_block(
    block: int, like: Reals, starts: Ints, first: Ints, tensors: int, arrays: Ints, sums: Doubles
) -> None:
    """The sum of squares of a block of all arrays."""
    tensor = first[block]
    sums[block] = 0.0
    while tensor < tensors and starts[tensor] < (block + 1) * BLOCK:
        begin, n = piece_of(block, starts, tensor)
        sums[block] += sum_of_squares(offset(data_of(like, arrays[tensor]), begin), n)
        tensor += 1


@kernel
def scale_block(block: int, like: Reals, starts: Ints, first: Ints, tensors: int, arrays: Ints, factor: float) -> None:
    """Multiply a block of all arrays."""
    tensor = first[block]
    while tensor < tensors and starts[tensor] < (block + 1) * BLOCK:
        begin, n = piece_of(block, starts, tensor)
        x = offset(data_of(like, arrays[tensor]), begin)
        for i in range(n):
            x[i] *= factor
        tensor += 1


def _groups(arrays: Sequence[np.ndarray], written: bool) -> tuple[list[Table], list[np.ndarray]]:
    """Sequence[np.ndarray] that kernels reach, by dtype, and all others."""
    groups = {np.dtype(dtype): Table() for dtype in (np.float32, np.float64)}
    others: list[np.ndarray] = []
    for array in arrays:
        flags = array.flags
        ready = flags.carray if written else flags.c_contiguous and flags.aligned
        (groups[array.dtype] if ready and array.dtype in groups else others).append(array)
    return [group for group in groups.values() if group], others


def global_norm(grads: Sequence[np.ndarray], p: float = 2.0) -> float:
    """The p-norm of all elements of all arrays as one vector; p may be infinite. 0 for none.

    Sums are float64. A NaN anywhere gives NaN.
    """
    if p == math.inf:
        return float(np.max([np.abs(grad).max() for grad in grads if grad.size], initial=0.0))
    if p != 2:
        total = float(np.sum([np.sum(np.abs(grad) ** np.float64(p)) for grad in grads if grad.size]))
        return total ** (1 / p)
    groups, others = _groups(grads, written=False)
    sums = [np.sum(np.square(np.abs(grad), dtype=np.float64)) for grad in others]
    for group in groups:
        starts, first, blocks = group.plan
        partial = np.zeros(blocks)
        if blocks:
            squares_block(group[0], starts, first, len(group), group.identities, partial, blocks=blocks)
        sums.append(partial.sum())
    return math.sqrt(np.sum(sums))


def scale_in_place(grads: Sequence[np.ndarray], factor: float) -> None:
    """Multiply all arrays by a number, in place."""
    groups, others = _groups(grads, written=True)
    for grad in others:
        grad *= grad.dtype.type(factor)
    for group in groups:
        starts, first, blocks = group.plan
        if blocks:
            scale_block(group[0], starts, first, len(group), group.identities, factor, blocks=blocks)
