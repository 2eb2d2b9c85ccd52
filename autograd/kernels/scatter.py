"""Reading by index, and adding up by index: rows of a table, and single elements along an axis.

The latter is the gradient of the former, and of every read that names an element several times.

Each element of the table receives its addends in the order of `rows`, whatever the number of threads: blocks are
stripes of columns, so that no two write to the same place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.kernels.jit import Ints, Reals, block_range, count_blocks, inline, kernel, offset, worker_count
from autograd.kernels.transpose import copy_row

__all__ = ["add_rows", "gather", "scatter_add", "take_rows"]

STRIPE = 64  # columns that a stripe has at least: short pieces of rows cost one thread up to three times as much
STRIPES = 4  # at most so many
BLOCK_WORK = 1 << 17  # elements from which on a second block pays
ROWS_WORK = 1 << 16  # elements of a block of rows that are only read


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


# --- Reading by index ------------------------------------------------------------------------------------------------

STRIPE_WORK = 1 << 16  # elements of a stripe, and of a block


@inline
def within(index, count, n):
    """Whether all indices are from 0 to n - 1."""
    signs = 0  # the sign bit of a number that is negative, or of one that is left when it is taken from n - 1
    for i in range(count):
        signs |= index[i] | (n - 1 - index[i])
    return signs >= 0


@kernel
def take_rows_block(
    block: int, table: Reals, rows: Ints, out: Reals, wrong: Ints, n: int, count: int, width: int, per_block: int
) -> None:
    """Some of the rows.  wrong[block]: whether one of them is not from 0 to n - 1."""
    first, last = block_range(block, per_block, count)
    wrong[block] = 1
    if within(offset(rows, first), last - first, n):
        wrong[block] = 0
        for i in range(first, last):
            copy_row(offset(table, rows[i] * width), offset(out, i * width), width)


def take_rows(table: np.ndarray, rows: np.ndarray) -> np.ndarray | None:
    """out[i] = table[rows[i]].  table: (M, D), contiguous, of elements of 4 or 8 bytes, rows: (*) int64 -> (*, D)

    None if a row is not from 0 to M - 1.
    """
    rows = np.ascontiguousarray(rows)
    width = table.shape[1]
    out = np.empty((*rows.shape, width), table.dtype)
    per_block = max(1, ROWS_WORK // width)
    blocks = count_blocks(rows.size, per_block)
    wrong = np.empty(blocks, np.int64)
    bits = _BITS[table.itemsize]  # only moved
    sizes = len(table), rows.size, width, per_block
    take_rows_block(table.view(bits), rows, out.view(bits), wrong, *sizes, blocks=blocks)
    return None if wrong.any() else out


# Along an axis, with an index for each element. An array is seen as (outer, n, inner), the index as (outer, m, inner).
# Where inner is more than 1, columns are done by stripes, so narrow that those of x stay in the second-level cache.


@kernel
def gather_block(
    block: int, x: Reals, index: Ints, shared: int, out: Reals, wrong: Ints, outer: int, n: int, m: int, inner: int,
    stripes: int, stripe: int, per_block: int,
) -> None:  # fmt: skip
    """Some stripes: out[o, j, i] = x[o, index[o, j, i], i]

    shared: inner is 1 and the index (m). wrong[block]: whether some index is out of range.
    """
    first, last = block_range(block, per_block, outer * stripes)
    outside = False
    for unit in range(first, last):
        o = unit // stripes
        column = (unit - o * stripes) * stripe
        count = min(stripe, inner - column)
        source, place = offset(x, o * n * inner + column), o * m * inner + column
        if inner == 1:
            begin = offset(index, 0 if shared else place)
            if within(begin, m, n):
                for j in range(m):
                    out[place + j] = source[begin[j]]
            else:
                outside = True
        else:
            for j in range(m):
                begin = offset(index, place + j * inner)
                if within(begin, count, n):
                    for i in range(count):
                        out[place + j * inner + i] = source[begin[i] * inner + i]
                else:
                    outside = True
    wrong[block] = outside


@kernel
def scatter_add_block(
    block: int, worker: int, x: Reals, index: Ints, shared: int, out: Reals, scratch: Reals, outer: int, n: int,
    m: int, inner: int, stripes: int, stripe: int, per_block: int, through: int,
) -> None:  # fmt: skip
    """Some stripes: out[o, index[o, j, i], i] += x[o, j, i], for j from 0 on

    ``through`` the scratch, (workers, n, stripe): the rows of a stripe of out may meet in the same lines of the cache.
    """
    sums = offset(scratch, worker * n * stripe)
    first, last = block_range(block, per_block, outer * stripes)
    for unit in range(first, last):
        o = unit // stripes
        column = (unit - o * stripes) * stripe
        count = min(stripe, inner - column)
        target, place = offset(out, o * n * inner + column), o * m * inner + column
        if inner == 1:
            begin = offset(index, 0 if shared else place)
            for j in range(m):
                target[begin[j]] += x[place + j]
        elif through:
            for row in range(n):
                copy_row(offset(target, row * inner), offset(sums, row * stripe), count)
            for j in range(m):
                for i in range(count):
                    sums[index[place + j * inner + i] * stripe + i] += x[place + j * inner + i]
            for row in range(n):
                copy_row(offset(sums, row * stripe), offset(target, row * inner), count)
        else:
            for j in range(m):
                for i in range(count):
                    target[index[place + j * inner + i] * inner + i] += x[place + j * inner + i]


def _layout(shape: tuple[int, ...], m: int, axis: int) -> tuple[int, ...]:
    """outer, n, m, inner, stripes, columns of each, stripes in a block"""
    n = shape[axis]
    outer, inner = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
    stripe = min(inner, max(16, STRIPE_WORK // max(1, n) // 16 * 16))
    per_block = max(1, STRIPE_WORK // max(1, m * stripe))
    return outer, n, m, inner, count_blocks(inner, stripe), stripe, per_block


_BITS: dict[int, Any] = {4: np.float32, 8: np.float64}


def gather(x: np.ndarray, axis: int, index: np.ndarray) -> np.ndarray | None:
    """out[o, j, i] = x[o, index[o, j, i], i] for an axis with any number of others before and behind it.

    x: (*, n, *), of elements of 4 or 8 bytes; index: (*, m, *) int64, of x's shape but for the axis, or (m) if the axis
    is the last -> (*, m, *); None if an index is not from 0 to n - 1
    """
    x, index = np.ascontiguousarray(x), np.ascontiguousarray(index)
    m = index.shape[axis if index.ndim == x.ndim else 0]
    out = np.empty((*x.shape[:axis], m, *x.shape[axis + 1 :]), x.dtype)
    layout = _layout(x.shape, m, axis)
    bits = _BITS[x.itemsize]  # only moved
    blocks = count_blocks(layout[0] * layout[4], layout[6])
    wrong = np.zeros(blocks, np.int64)
    gather_block(x.view(bits), index, index.ndim < x.ndim, out.view(bits), wrong, *layout, blocks=blocks)
    return None if wrong.any() else out


def scatter_add(out: np.ndarray, axis: int, index: np.ndarray, x: np.ndarray) -> None:
    """out[o, index[o, j, i], i] += x[o, j, i], in place, for j from 0 on.

    out: (*, n, *), contiguous, float32 or float64; index as in `gather`, each from 0 to n - 1, which is not checked;
    x: (*, m, *). Each element receives its addends in the order of j, for any number of threads.
    """
    index, x = np.ascontiguousarray(index), np.ascontiguousarray(x, out.dtype)
    layout = _layout(out.shape, x.shape[axis], axis)
    _, n, m, _, stripes, stripe, per_block = layout
    blocks = count_blocks(layout[0] * stripes, per_block)
    through = stripe > 1 and 2 * m >= n
    workers = worker_count(blocks)
    scratch = np.empty((workers, n, stripe), out.dtype) if through else None
    shared = index.ndim < out.ndim
    scatter_add_block(x, index, shared, out, scratch, *layout, through, blocks=blocks, workers=workers)
