"""What the gradient of a dense layer with ReLU or GELU needs beside products: that by the sums, and by the bias."""

from __future__ import annotations

import numpy as np

from autograd.kernels.elementwise import choose
from autograd.kernels.jit import Reals, block_range, count_blocks, kernel, offset, real
from autograd.kernels.lanes import clear

__all__ = ["gate_and_sum", "scale_and_sum"]

BLOCK = 1 << 15  # elements in a block
ROWS = 512  # in a block at most: so many are added one after another before the sums of blocks are


@kernel
def gate_and_sum_block(
    block: int, g: Reals, out: Reals, gated: Reals, sums: Reals, rows: int, columns: int, rows_per_block: int
) -> None:
    """gated = g where out > 0, else 0; and a row of sums, one for each column."""
    first, last = block_range(block, rows_per_block, rows)
    total = offset(sums, block * columns)
    clear(total, columns)
    for i in range(first, last):
        start = i * columns
        line, gate, target = offset(g, start), offset(out, start), offset(gated, start)
        for j in range(columns):
            value = line[j] if gate[j] > real(0) else real(0)
            target[j] = value
            total[j] += value


@kernel
def scale_and_sum_block(
    block: int, g: Reals, slopes: Reals, scaled: Reals, sums: Reals, rows: int, columns: int, rows_per_block: int,
    absorb: int,
) -> None:  # fmt: skip
    """scaled = g * slopes, 0 where g is if it absorbs; and a row of sums, one for each column."""
    first, last = block_range(block, rows_per_block, rows)
    total = offset(sums, block * columns)
    clear(total, columns)
    least = real(0) if absorb else real(-1)  # the size of g up to which the result is 0
    for i in range(first, last):
        start = i * columns
        line, slope, target = offset(g, start), offset(slopes, start), offset(scaled, start)
        for j in range(columns):
            value = line[j] * slope[j]
            target[j] = choose(abs(line[j]) <= least, real(0), value)
        for j in range(columns):
            total[j] += target[j]


def _rows_per_block(columns: int) -> int:
    return max(1, min(ROWS, BLOCK // max(1, columns)))


def gate_and_sum(g: np.ndarray, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """g where out > 0, else 0, and its sum over the rows.  g, out: (N, O), contiguous -> (N, O), (O,)"""
    rows, columns = g.shape
    rows_per_block = _rows_per_block(columns)
    blocks = max(1, count_blocks(rows, rows_per_block))
    gated = np.empty_like(g)
    sums = np.empty((blocks, columns), g.dtype)
    gate_and_sum_block(g, out, gated, sums, rows, columns, rows_per_block, blocks=blocks)
    return gated, sums[0] if blocks == 1 else np.add.reduce(sums, 0)


def scale_and_sum(g: np.ndarray, slopes: np.ndarray, *, absorb: bool) -> tuple[np.ndarray, np.ndarray]:
    """g * slopes, and its sum over the rows.  g, slopes: (N, O), contiguous -> (N, O), (O,)

    absorb: where g is 0 so is the product, even if the slope is NaN.
    """
    rows, columns = g.shape
    rows_per_block = _rows_per_block(columns)
    blocks = max(1, count_blocks(rows, rows_per_block))
    scaled = np.empty_like(g)
    sums = np.empty((blocks, columns), g.dtype)
    scale_and_sum_block(g, slopes, scaled, sums, rows, columns, rows_per_block, absorb, blocks=blocks)
    return scaled, sums[0] if blocks == 1 else np.add.reduce(sums, 0)
