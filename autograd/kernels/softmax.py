"""Softmax along an axis, and its logarithm, each with its gradient.

The largest element is subtracted before anything else, so that nothing overflows. Elements among which there is a NaN,
+inf or nothing but -inf give NaN, as their limit does not exist.

An array is seen as (outer, n, inner). Where inner is 1 each row is done by itself, and stays in the first-level cache
between its passes; else some columns are done together, a row after the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.kernels import transpose
from autograd.kernels.jit import Kernel, Reals, block_range, count_blocks, inline, kernel, offset, real, stack
from autograd.kernels.scalar_math import log
from autograd.kernels.softmax_sweeps import (
    DOT,
    EXP,
    EXP_KEPT,
    LOG,
    LOG_BACK,
    PEAK,
    SCALE,
    SOFT_BACK,
    TOTAL,
    convert,
    gather,
    gather_columns,
)
from autograd.kernels.sweeps import MAX, fold_columns

__all__ = ["log_softmax", "log_softmax_gradient", "logsumexp", "softmax", "softmax_gradient"]

BLOCK_WORK = 1 << 15  # elements of a block: some 10 microseconds
TILE_WORK = 1 << 16  # elements of some columns: they stay in the second-level cache
COLUMNS = 1024  # columns that are done together, at most
FEW = 8  # columns for which the axes are exchanged instead
GROUP = 8  # rows that are looked through at a time

# --- Rows ------------------------------------------------------------------------------------------------------------


# Rows are done some at a time, pass by pass: what comes last in one row, a chain of additions and a division, runs
# beside what comes first in the next.
TOGETHER = 16  # at most


@inline
def together(n, left):
    """How many rows are done at a time: fewer where they would not stay in the first-level cache."""
    return min(left, TOGETHER if n <= 256 else 4 if n <= 2048 else 1)


@kernel
def softmax_block(block: int, x: Reals, out: Reals, rows: int, rows_per_block: int, n: int) -> None:
    """Some rows."""
    numbers = stack(x, TOGETHER)
    row, last = block_range(block, rows_per_block, rows)
    while row < last:
        count = together(n, last - row)
        for i in range(count):
            source = offset(x, (row + i) * n)
            numbers[i] = gather(source, source, n, real(0), source, PEAK)
        for i in range(count):
            source = offset(x, (row + i) * n)
            numbers[i] = real(1) / gather(source, source, n, numbers[i], offset(out, (row + i) * n), EXP_KEPT)
        for i in range(count):
            result = offset(out, (row + i) * n)
            convert(result, result, n, numbers[i], numbers[i], numbers[i], result, SCALE)
        row += count


@kernel
def log_softmax_block(block: int, x: Reals, out: Reals, rows: int, rows_per_block: int, n: int) -> None:
    """Some rows."""
    numbers, sums = stack(x, TOGETHER), stack(x, TOGETHER)
    row, last = block_range(block, rows_per_block, rows)
    while row < last:
        count = together(n, last - row)
        for i in range(count):
            source = offset(x, (row + i) * n)
            numbers[i] = gather(source, source, n, real(0), source, PEAK)
        for i in range(count):
            source = offset(x, (row + i) * n)
            sums[i] = gather(source, source, n, numbers[i], source, EXP)
        for i in range(TOGETHER):  # all of them, so that it takes one vector
            sums[i] = log(sums[i])
        for i in range(count):
            source = offset(x, (row + i) * n)
            convert(source, source, n, numbers[i], sums[i], sums[i], offset(out, (row + i) * n), LOG)
        row += count


@kernel
def gradient_block(
    block: int, g: Reals, out: Reals, gx: Reals, rows: int, rows_per_block: int, n: int, of_log: int
) -> None:
    """Some rows of out * (g - sum(g * out)), or of g - exp(out) * sum(g)."""
    sums = stack(g, TOGETHER)
    row, last = block_range(block, rows_per_block, rows)
    while row < last:
        count = together(n, last - row)
        for i in range(count):
            source, values = offset(g, (row + i) * n), offset(out, (row + i) * n)
            if of_log:
                sums[i] = gather(source, values, n, real(0), source, TOTAL)
            else:
                sums[i] = gather(source, values, n, real(0), source, DOT)
        for i in range(count):
            source, values, result = offset(g, (row + i) * n), offset(out, (row + i) * n), offset(gx, (row + i) * n)
            if of_log:
                convert(source, values, n, sums[i], sums[i], sums[i], result, LOG_BACK)
            else:
                convert(source, values, n, sums[i], sums[i], sums[i], result, SOFT_BACK)
        row += count


@inline
def log_of(total, peak):
    """The logarithm of the sum of exponentials, of which each was divided by exp(peak); or what it is at infinity."""
    return peak if peak == math.inf or peak == -math.inf else log(total) + peak


@kernel
def logsumexp_block(block: int, x: Reals, out: Reals, rows: int, rows_per_block: int, n: int) -> None:
    """Some rows. x: (rows, n), out: (rows)"""
    first, last = block_range(block, rows_per_block, rows)
    for row in range(first, last):
        source = offset(x, row * n)
        peak = gather(source, source, n, real(0), source, PEAK)
        total = gather(source, source, n, peak, source, EXP)
        if peak == math.inf or peak == -math.inf:  # then total is NaN, whether there is one in the row or not
            total = real(0)
            for i in range(n):
                if source[i] != source[i]:
                    peak = source[i]
        out[row] = log_of(total, peak)


# --- Columns ---------------------------------------------------------------------------------------------------------


@inline
def peaks_of(x, n, inner, width, peaks):
    """The largest element of each column; NaN if there is one. x: (n, inner), of which ``width`` columns are read"""
    row = 0
    while row + GROUP <= n:
        fold_columns(offset(x, row * inner), inner, peaks, width, row == 0, peaks, GROUP, MAX)
        row += GROUP
    while row < n:
        fold_columns(offset(x, row * inner), inner, peaks, width, row == 0, peaks, 1, MAX)
        row += 1


@inline
def clear(x, n):
    for i in range(n):
        x[i] = real(0)


@inline
def sums_of(x, n, inner, width, peaks, totals):
    """The largest element of each column, and the sum of exp(element - largest).  x: as for `peaks_of`"""
    peaks_of(x, n, inner, width, peaks)
    clear(totals, width)
    for row in range(n):
        source = offset(x, row * inner)
        gather_columns(source, source, width, peaks, totals, source, EXP)


@inline
def tile_at(unit, tiles, tile, n, inner):
    """Where a tile of columns begins in (outer, n, inner) and in (outer, inner), and how many columns it has."""
    outer = unit // tiles
    column = (unit - outer * tiles) * tile
    return outer * n * inner + column, outer * inner + column, min(tile, inner - column)


@kernel
def softmax_columns_block(
    block: int, x: Reals, out: Reals, units: int, units_per_block: int, n: int, inner: int, tiles: int, tile: int
) -> None:
    """Some tiles of columns. x: (outer, n, inner), units = outer * tiles"""
    peaks, totals = stack(x, COLUMNS), stack(x, COLUMNS)
    first, last = block_range(block, units_per_block, units)
    for unit in range(first, last):
        begin, _, width = tile_at(unit, tiles, tile, n, inner)
        peaks_of(offset(x, begin), n, inner, width, peaks)
        clear(totals, width)
        for row in range(n):
            source, result = offset(x, begin + row * inner), offset(out, begin + row * inner)
            gather_columns(source, source, width, peaks, totals, result, EXP_KEPT)
        for i in range(width):
            totals[i] = real(1) / totals[i]
        for row in range(n):
            result = offset(out, begin + row * inner)
            convert(result, result, width, totals, totals, totals, result, SCALE)


@kernel
def log_softmax_columns_block(
    block: int, x: Reals, out: Reals, units: int, units_per_block: int, n: int, inner: int, tiles: int, tile: int
) -> None:
    """Some tiles of columns."""
    peaks, totals = stack(x, COLUMNS), stack(x, COLUMNS)
    first, last = block_range(block, units_per_block, units)
    for unit in range(first, last):
        begin, _, width = tile_at(unit, tiles, tile, n, inner)
        sums_of(offset(x, begin), n, inner, width, peaks, totals)
        for i in range(width):
            totals[i] = log(totals[i])
        for row in range(n):
            source, result = offset(x, begin + row * inner), offset(out, begin + row * inner)
            convert(source, source, width, peaks, totals, totals, result, LOG)


@kernel
def logsumexp_columns_block(
    block: int, x: Reals, out: Reals, units: int, units_per_block: int, n: int, inner: int, tiles: int, tile: int
) -> None:
    """Some tiles of columns. x: (outer, n, inner), out: (outer, inner)"""
    peaks, totals = stack(x, COLUMNS), stack(x, COLUMNS)
    first, last = block_range(block, units_per_block, units)
    for unit in range(first, last):
        begin, place, width = tile_at(unit, tiles, tile, n, inner)
        sums_of(offset(x, begin), n, inner, width, peaks, totals)
        result = offset(out, place)
        for i in range(width):
            result[i] = log_of(totals[i], peaks[i])


@kernel
def gradient_columns_block(
    block: int, g: Reals, out: Reals, gx: Reals, units: int, units_per_block: int, n: int, inner: int, tiles: int,
    tile: int, of_log: int,
) -> None:  # fmt: skip
    """Some tiles of columns: of `softmax_gradient`, or of `log_softmax_gradient`."""
    totals = stack(g, COLUMNS)
    first, last = block_range(block, units_per_block, units)
    for unit in range(first, last):
        begin, _, width = tile_at(unit, tiles, tile, n, inner)
        clear(totals, width)
        for row in range(n):
            source, values = offset(g, begin + row * inner), offset(out, begin + row * inner)
            if of_log:
                gather_columns(source, values, width, totals, totals, source, TOTAL)
            else:
                gather_columns(source, values, width, totals, totals, source, DOT)
        for row in range(n):
            source, values = offset(g, begin + row * inner), offset(out, begin + row * inner)
            result = offset(gx, begin + row * inner)
            if of_log:
                convert(source, values, width, totals, totals, totals, result, LOG_BACK)
            else:
                convert(source, values, width, totals, totals, totals, result, SOFT_BACK)


# --- Arrays ----------------------------------------------------------------------------------------------------------


def tiles_of(n: int, inner: int) -> tuple[int, int, int]:
    """Tiles of columns, columns of each, tiles in a block."""
    tile = max(64, TILE_WORK // max(1, n) // 64 * 64)
    tile = min(inner, tile, COLUMNS)
    return count_blocks(inner, tile), tile, max(1, BLOCK_WORK // max(1, n * tile))


def _run(
    by_rows: Kernel, by_columns: Kernel, again: Callable[..., np.ndarray], arrays: tuple[np.ndarray, ...], axis: int,
    *settings: Any,
) -> np.ndarray:  # fmt: skip
    """Run one of two kernels on arrays of one shape; ``again`` is the function to call with the axis last."""
    arrays = tuple(x if x.flags.c_contiguous else transpose.copy(x) for x in arrays)
    shape = arrays[0].shape
    n = shape[axis]
    inner = math.prod(shape[axis + 1 :])
    if 1 < inner < FEW:
        turned = again(*(transpose.copy(x.swapaxes(axis, -1)) for x in arrays), x_axis := len(shape) - 1)
        return transpose.copy(turned.swapaxes(axis, x_axis))
    out = np.empty(shape, arrays[0].dtype)
    if not out.size:
        return out
    outer = out.size // (n * inner)
    if inner == 1:
        per_block = max(1, BLOCK_WORK // n)
        by_rows(*arrays, out, outer, per_block, n, *settings, blocks=count_blocks(outer, per_block))
    else:
        tiles, tile, per_block = tiles_of(n, inner)
        units = outer * tiles
        blocks = count_blocks(units, per_block)
        by_columns(*arrays, out, units, per_block, n, inner, tiles, tile, *settings, blocks=blocks)
    return out


def _same_shape(function: str, g: np.ndarray, out: np.ndarray) -> None:
    if g.shape != out.shape:
        raise ValueError(f"{function}: the gradient has shape {g.shape}, but the output has {out.shape}.")


def softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """exp(x) divided by its sum along an axis, which is counted from the first.  x: (*) -> (*)"""
    return _run(softmax_block, softmax_columns_block, softmax, (x,), axis)


def logsumexp(x: np.ndarray, axis: int) -> np.ndarray:
    """The logarithm of the sum of exp(x) along an axis, which is counted from the first.  x: (*) -> (*) without it

    Infinite where the largest element is, and NaN if there is a NaN.
    """
    if not x.flags.c_contiguous:
        x = transpose.copy(x)
    n, inner = x.shape[axis], math.prod(x.shape[axis + 1 :])
    if 1 < inner < FEW:
        return logsumexp(np.moveaxis(x, axis, -1), x.ndim - 1)
    out = np.empty(x.shape[:axis] + x.shape[axis + 1 :], x.dtype)
    if not out.size:
        return out
    outer = out.size // inner
    if inner == 1:
        per_block = max(1, BLOCK_WORK // max(1, n))
        logsumexp_block(x, out, outer, per_block, n, blocks=count_blocks(outer, per_block))
    else:
        tiles, tile, per_block = tiles_of(n, inner)
        units = outer * tiles
        blocks = count_blocks(units, per_block)
        logsumexp_columns_block(x, out, units, per_block, n, inner, tiles, tile, blocks=blocks)
    return out


def softmax_gradient(g: np.ndarray, out: np.ndarray, axis: int) -> np.ndarray:
    """Gradient of `softmax` by x.  g, out: (*) -> (*)"""
    _same_shape("softmax", g, out)
    return _run(gradient_block, gradient_columns_block, softmax_gradient, (g, out), axis, 0)


def log_softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """The logarithm of `softmax`, exact also where the softmax is 0.  x: (*) -> (*)"""
    return _run(log_softmax_block, log_softmax_columns_block, log_softmax, (x,), axis)


def log_softmax_gradient(g: np.ndarray, out: np.ndarray, axis: int) -> np.ndarray:
    """Gradient of `log_softmax` by x.  g, out: (*) -> (*)"""
    _same_shape("log_softmax", g, out)
    return _run(gradient_block, gradient_columns_block, log_softmax_gradient, (g, out), axis, 1)
