"""Adding rows up by index: the gradient of an embedding table, and of every read that names an element several times.

Each element of the table receives its addends in the order of `rows`, whatever the number of threads: blocks are
stripes of columns, so that no two write to the same place.
"""

from __future__ import annotations

import numpy as np

from autograd.kernels.jit import Ints, Reals, count_blocks, kernel

__all__ = ["add_rows"]

STRIPE = 64  # columns that a stripe has at least: short pieces of rows cost one thread up to three times as much
STRIPES = 4  # at most so many
BLOCK_WORK = 1 << 17  # elements from which on a second block pays


@kernel
def add_rows_block(
    block: int, table: Reals, rows: Ints, values: Reals, row_stride: int, n: int, width: int, stripe: int
) -> None:
    first = block * stripe
    count = min(stripe, width - first)
    for i in range(n):
        to = rows[i] * width + first
        source = i * row_stride + first
        for j in range(count):
            table[to + j] += values[source + j]


def add_rows(table: np.ndarray, rows: np.ndarray, values: np.ndarray) -> None:
    """table[rows[i]] += values[i], for i from 0 on.  table: (M, D), rows: (N) from 0 to M - 1, values: (N, D)

    The table is written in place and must lie in memory row by row. IndexError if a row is out of range.
    """
    (length, width), n = table.shape, rows.size
    if values.shape != (n, width):
        raise ValueError(f"add_rows: values {values.shape} do not fit {n} rows of width {width}.")
    if not (table.flags.c_contiguous and table.flags.writeable):
        raise ValueError("add_rows: the table must be writable and lie in memory row by row.")
    if not n or not width:
        return
    rows = np.ascontiguousarray(rows, np.int64)
    if rows.min() < 0 or rows.max() >= length:
        wrong = rows[(rows < 0) | (rows >= length)][0]
        raise IndexError(f"add_rows: row {wrong} is out of range for a table of {length} rows.")
    values = np.ascontiguousarray(values, table.dtype)
    stripe = width
    if n * width > BLOCK_WORK:
        stripe = max(STRIPE, count_blocks(width, STRIPES))
    add_rows_block(table, rows, values, width, n, width, stripe, blocks=count_blocks(width, stripe))
