"""The few largest, or smallest, elements of each row, in order, with their places: one pass over the row."""

from __future__ import annotations

import numpy as np

from autograd.kernels.jit import Ints, Reals, block_range, count_blocks, inline, kernel, offset

__all__ = ["topk"]

BLOCK_WORK = 1 << 16  # elements of a block


@inline
def before(a, b, largest):
    """Whether a comes before b; a NaN counts as largest."""
    if largest:
        return a > b or (a != a and b == b)
    return a < b or (b != b and a == a)


@kernel
def topk_block(
    block: int, x: Reals, values: Reals, places: Ints, rows: int, rows_per_block: int, n: int, k: int, largest: int
) -> None:
    """Some rows. Those found so far stand in order in the result; few of a row come before the last of them."""
    first, last = block_range(block, rows_per_block, rows)
    for row in range(first, last):
        source, best, at = offset(x, row * n), offset(values, row * k), offset(places, row * k)
        for i in range(n):
            value = source[i]
            if i < k or before(value, best[k - 1], largest):
                j = min(i, k - 1)
                while j > 0 and before(value, best[j - 1], largest):
                    best[j], at[j] = best[j - 1], at[j - 1]
                    j -= 1
                best[j], at[j] = value, i


def topk(x: np.ndarray, k: int, largest: bool) -> tuple[np.ndarray, np.ndarray]:
    """x: (R, D) -> values, places: (R, k), for k from 1 to D. Of equal elements the first are taken, in their order."""
    x = np.ascontiguousarray(x)
    rows, n = x.shape
    values, places = np.empty((rows, k), x.dtype), np.empty((rows, k), np.int64)
    per_block = max(1, BLOCK_WORK // n)
    topk_block(x, values, places, rows, per_block, n, k, largest, blocks=count_blocks(rows, per_block))
    return values, places
