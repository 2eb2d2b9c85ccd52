"""Reductions over any axes: sums, products, the largest and the smallest, sums of squares.

An array is seen as (outer, n, inner), and n is folded. Where inner is 1 each row is folded by itself; else rows of
``inner`` elements are folded into one, eight at a time.

Sums are as exact as pairwise ones: a row is cut into leaves of `LEAF` elements, whose sums are added by pairs; columns
are cut into pieces of `PIECE_ROWS` rows. Everything is cut by its shape alone, so that the result is the same for any
number of threads.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograd.kernels.jit import (
    LANES,
    Kernel,
    Reals,
    block_range,
    count_blocks,
    inline,
    kernel,
    offset,
    real,
    stack,
)
from autograd.kernels.sweeps import MAX, MIN, PRODUCT, SQUARES, SUM, fold_columns, fold_row, fold_rows, merge

__all__ = ["fold"]

BLOCK_WORK = 1 << 17  # elements of a block: some 10 microseconds
LEAF = 4096  # elements that are added to the lanes of four vectors: 64 to each, in float32 with 16 lanes
PIECE = 1 << 15  # elements of a row that go to one thread
PIECE_ROWS = 256  # rows that go to one thread
GROUP = 8  # rows that are folded at a time; a compile-time constant of the kernel
CHUNK = 2048  # columns at a time: out stays in the first-level cache
NARROW = 64  # columns below which several rows are seen as one

KIND = SUM  # a compile-time constant of the kernels


@inline
def fold_piece(x, n, center):
    """n elements, leaf by leaf; the sums of leaves are added by pairs."""
    waiting = stack(x, 48)  # sums of 1, 2, 4, ... leaves that wait for as many more
    top = 0
    for leaf in range((n + LEAF - 1) // LEAF):
        start = leaf * LEAF
        total = fold_row(offset(x, start), min(LEAF, n - start), center, KIND)
        seen = leaf
        while seen & 1:
            top -= 1
            total = merge(waiting[top], total, KIND)
            seen >>= 1
        waiting[top] = total
        top += 1
    top -= 1
    total = waiting[top]
    while top > 0:
        top -= 1
        total = merge(waiting[top], total, KIND)
    return total


@kernel
def fold_rows_block(
    block: int, x: Reals, centers: Reals, out: Reals, units: int, units_per_block: int, n: int, pieces: int, piece: int
) -> None:
    """Some pieces of rows. x: (rows, n), centers: (rows), out: (rows, pieces), units = rows * pieces"""
    first, last = block_range(block, units_per_block, units)
    if n <= LEAF:
        while first + LANES <= last:
            center = offset(centers, first if KIND == SQUARES else 0)
            fold_rows(offset(x, first * n), n, center, offset(out, first), KIND)
            first += LANES
    row, part = first // pieces, first % pieces
    for unit in range(first, last):
        start = part * piece
        center = centers[row] if KIND == SQUARES else real(0)
        out[unit] = fold_piece(offset(x, row * n + start), min(piece, n - start), center)
        part += 1
        if part == pieces:
            part = 0
            row += 1


@kernel
def fold_columns_block(
    block: int, x: Reals, centers: Reals, out: Reals, units: int, units_per_block: int, n: int, pieces: int, piece: int,
    inner: int, chunks: int, chunk: int,
) -> None:  # fmt: skip
    """Some pieces of columns. x: (outer, n, inner), centers: (outer, inner), out: (outer, pieces, inner)"""
    first, last = block_range(block, units_per_block, units)
    for unit in range(first, last):
        column = unit % chunks * chunk
        part = unit // chunks
        outer = part // pieces
        row, stop = block_range(part - outer * pieces, piece, n)
        width = min(chunk, inner - column)
        target = offset(out, part * inner + column)
        center = offset(centers, outer * inner + column if KIND == SQUARES else 0)
        source = offset(x, (outer * n + row) * inner + column)
        fresh = 1
        while row + GROUP <= stop:
            fold_columns(source, inner, target, width, fresh, center, GROUP, KIND)
            source = offset(source, GROUP * inner)
            row += GROUP
            fresh = 0
        while row < stop:
            fold_columns(source, inner, target, width, fresh, center, 1, KIND)
            source = offset(source, inner)
            row += 1
            fresh = 0


_ROWS: list[Kernel] = [fold_rows_block.with_constants(KIND=kind) for kind in range(5)]
_COLUMNS: list[Kernel] = [fold_columns_block.with_constants(KIND=kind) for kind in range(5)]


def _fold_rows(kind: int, x: np.ndarray, rows: int, n: int, centers: np.ndarray | None) -> np.ndarray:
    """x: (rows, n), contiguous -> (rows)"""
    pieces = 1 if n < 2 * PIECE else count_blocks(n, PIECE)
    piece = min(n, PIECE) if pieces > 1 else n
    out = np.empty((rows, pieces), x.dtype)
    per_block = max(1, BLOCK_WORK // piece)
    blocks = count_blocks(rows * pieces, per_block)
    _ROWS[kind](x, centers, out, rows * pieces, per_block, n, pieces, piece, blocks=blocks)
    return out.reshape(rows) if pieces == 1 else _COMBINE[kind](out, 1)


def _fold_columns(kind: int, x: np.ndarray, outer: int, n: int, inner: int, centers: np.ndarray | None) -> np.ndarray:
    """x: (outer, n, inner), contiguous -> (outer, inner)"""
    pieces = 1 if n <= 2 * PIECE_ROWS else count_blocks(n, PIECE_ROWS)
    piece = PIECE_ROWS if pieces > 1 else n
    chunks = 1 if inner < 2 * CHUNK else count_blocks(inner, CHUNK)
    chunk = CHUNK if chunks > 1 else inner
    out = np.empty((outer, pieces, inner), x.dtype)
    units = outer * pieces * chunks
    per_block = max(1, BLOCK_WORK // (piece * chunk))
    _COLUMNS[kind](
        x, centers, out, units, per_block, n, pieces, piece, inner, chunks, chunk, blocks=count_blocks(units, per_block)
    )
    if pieces == 1:
        return out.reshape(outer, inner)
    return _fold_middle(SUM if kind == SQUARES else kind, out, outer, pieces, inner, None)


def _fold_narrow(kind: int, x: np.ndarray, outer: int, n: int, inner: int, centers: np.ndarray | None) -> np.ndarray:
    """The same where a row is shorter than some vectors: several rows are one, and what is left over is added."""
    joined = count_blocks(NARROW, inner)
    rows = n // joined
    if outer == 1:
        heads, rest = x.reshape(n, inner)[: rows * joined], x.reshape(n, inner)[rows * joined :][None]
    elif n == rows * joined:
        heads, rest = x, x[:0]
    else:
        return _fold_columns(kind, x, outer, n, inner, centers)
    if kind == SQUARES:
        assert centers is not None
        centers = np.tile(centers.reshape(outer, inner), (1, joined))
    out = _fold_columns(kind, heads, outer, rows, joined * inner, centers).reshape(outer, joined, inner)
    if rest.size:
        if kind == SQUARES:
            assert centers is not None
            rest = (rest - centers[:, None, :inner]) ** 2
        out = np.concatenate([out, rest], 1)
    return _COMBINE[kind](out, 1)


def _fold_middle(kind: int, x: np.ndarray, outer: int, n: int, inner: int, centers: np.ndarray | None) -> np.ndarray:
    """x: (outer, n, inner), contiguous -> (outer, inner)"""
    if inner == 1:
        return _fold_rows(kind, x, outer, n, centers).reshape(outer, 1)
    if inner < NARROW and n >= 4 * count_blocks(NARROW, inner):
        return _fold_narrow(kind, x, outer, n, inner, centers)
    return _fold_columns(kind, x, outer, n, inner, centers)


_KINDS = {"sum": SUM, "max": MAX, "min": MIN, "product": PRODUCT, "squares": SQUARES}
_COMBINE = {
    SUM: np.add.reduce,
    MAX: np.maximum.reduce,
    MIN: np.minimum.reduce,
    PRODUCT: np.multiply.reduce,
    SQUARES: np.add.reduce,
}


def dense_order(x: np.ndarray) -> tuple[int, ...] | None:
    """The axes in the order in which the array lies in memory without gaps, or None if it does not."""
    if x.flags.c_contiguous:
        return tuple(range(x.ndim))
    order = tuple(sorted(range(x.ndim), key=lambda axis: -x.strides[axis]))
    return order if x.transpose(order).flags.c_contiguous else None


@dataclass(frozen=True)
class _Plan:
    """How an array is folded: one run of axes after the other, each as (outer, n, inner)."""

    stages: tuple[tuple[int, int, int], ...]
    centers: tuple[int, ...]  # the shape of what is subtracted, one axis for each run
    wide: tuple[int, ...]  # and broadcast to one number for each sum of the first stage
    shape: tuple[int, ...]  # of the result, in the order of memory
    back: tuple[int, ...] | None  # from there to the order of the axes


@functools.lru_cache(maxsize=256)
def _plan(shape: tuple[int, ...], axes: tuple[int, ...], order: tuple[int, ...]) -> _Plan:
    runs: list[tuple[int, bool]] = []  # neighbours in memory that share their fate: (length, whether it is folded)
    for axis in order:
        length, folded = shape[axis], axis in axes
        if length > 1 and runs and runs[-1][1] == folded:
            runs[-1] = runs[-1][0] * length, folded
        elif length > 1:
            runs.append((length, folded))
    stages: list[tuple[int, int, int]] = []
    runs_of_centers = tuple(1 if folded else length for length, folded in runs)
    wide: tuple[int, ...] = ()
    while any(folded for _, folded in runs):
        i = len(runs) - (1 if runs[-1][1] else 2)
        if not stages:  # the first stage has a center for each of its results
            wide = tuple(1 if j == i else length for j, (length, _) in enumerate(runs))
        inner = runs[i + 1][0] if i + 1 < len(runs) else 1
        stages.append((math.prod([length for length, _ in runs[:i]]), runs[i][0], inner))
        runs = runs[:i] + runs[i + 1 :]
        if len(runs) > i > 0:  # what was before and behind the axis are now neighbours
            runs[i - 1 : i + 1] = [(runs[i - 1][0] * runs[i][0], False)]
    kept = [axis for axis in order if axis not in axes]
    back = tuple(sorted(range(len(kept)), key=kept.__getitem__))
    return _Plan(
        tuple(stages),
        runs_of_centers,
        wide,
        tuple(shape[axis] for axis in kept),
        None if back == tuple(range(len(kept))) else back,
    )


def fold(name: str, x: np.ndarray, axes: Sequence[int], centers: np.ndarray | None = None) -> np.ndarray | None:
    """x folded over some of its axes; None if x does not lie in memory without gaps, in some order of its axes.

    name: "sum", "max", "min", "product", or "squares", the sum of (x - center)**2. A NaN makes each of them NaN.
    x: float32 or float64, not empty. centers, for squares: of x's dtype, and shape, but the axes with length 1.
    -> as x, without the axes
    """
    kind = _KINDS[name]
    if len(axes) == x.ndim and centers is None and x.flags.c_contiguous:  # all of them: no plan is needed
        return _fold_rows(kind, x, 1, x.size, None).reshape(())
    order = dense_order(x)
    if order is None:
        return None
    plan = _plan(x.shape, tuple(axes), order)
    if not plan.stages:  # all folded axes have length 1
        out = x.copy() if centers is None else np.square(x - centers)
        return out.reshape([length for axis, length in enumerate(x.shape) if axis not in axes])
    if centers is not None:
        centers = np.ascontiguousarray(np.broadcast_to(centers.transpose(order).reshape(plan.centers), plan.wide))
    out = x
    for outer, n, inner in plan.stages:
        out = _fold_middle(kind, out, outer, n, inner, centers)
        kind, centers = SUM if kind == SQUARES else kind, None
    out = out.reshape(plan.shape)
    return out if plan.back is None else out.transpose(plan.back)
