"""Copies of arrays whose axes were exchanged: each element is moved in a vector, in and out.

Read along the axis that is dense in the source and written along the one that is dense in the copy, one of the two
would go from cache line to cache line. So squares of LANES x LANES elements are read as rows, turned in registers, and
written as rows. Squares are visited by tiles of `TILE` x `TILE`, whose lines stay in the cache until they are full.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from autograd.kernels.jit import LANES, Ints, Reals, block_range, count_blocks, inline, intrinsic, kernel, offset, stack
from autograd.kernels.sweeps import each_vector, lanes_of, read, write
from autograd.kernels.vectors import I32, I64, constant

__all__ = ["copy"]

TILE = 64
PITCH = TILE + 16  # elements from row to row of a tile in a buffer: no power of two
TILE_SIZE = TILE * PITCH
NARROW = 6  # rows of which a square would mostly be empty
LINE = 64  # bytes of a line of the cache
BLOCK_WORK = 1 << 16  # elements of a block: some 20 microseconds
MOST_AXES = 8


def _turned(builder, rows):
    """As many vectors as a vector has lanes, with lanes and vectors exchanged."""
    lanes = len(rows)
    step = lanes // 2
    while step:
        # exchange the off-diagonal quarters of each square of 2 * step
        low = [lane if not lane & step else lanes + lane - step for lane in range(lanes)]
        high = [lane + step if not lane & step else lanes + lane for lane in range(lanes)]
        after = list(rows)
        for i in range(lanes):
            if not i & step:
                after[i] = builder.shuffle_vector(rows[i], rows[i + step], constant(I32, low))
                after[i + step] = builder.shuffle_vector(rows[i], rows[i + step], constant(I32, high))
        rows = after
        step //= 2
    return rows


@intrinsic
def turn_square(typingctx, x, x_stride, out, out_stride):
    """out[i * out_stride + j] = x[j * x_stride + i], for i and j < LANES."""

    def codegen(context, builder, signature, args):
        element, lanes = lanes_of(context, x)
        rest = constant(element, [0.0] * lanes)
        steps = [ir.Constant(I64, i) for i in range(lanes)]
        rows = [read(builder, args[0], builder.mul(args[1], step), None, rest) for step in steps]
        for step, row in zip(steps, _turned(builder, rows), strict=True):
            write(builder, row, args[2], builder.mul(args[3], step), None)
        return context.get_dummy_value()

    return types.void(x, types.int64, x, types.int64), codegen


@intrinsic
def copy_row(typingctx, x, out, n):
    """out[i] = x[i] for n elements."""

    def codegen(context, builder, signature, args):
        element, lanes = lanes_of(context, x)
        rest = constant(element, [0.0] * lanes)

        def use(index, mask, u):
            write(builder, read(builder, args[0], index, mask, rest), args[1], index, mask)

        each_vector(builder, args[2], lanes, 4, use)
        return context.get_dummy_value()

    return types.void(x, x, types.int64), codegen


@inline
def turn_tile(x, x_stride, out, out_stride, wide, high, clashes):
    """out[i * out_stride + j] = x[j * x_stride + i], for i < wide and j < high, at most TILE."""
    if high < NARROW:
        for j in range(high):
            for i in range(wide):
                out[i * out_stride + j] = x[j * x_stride + i]
    elif wide < NARROW:
        for i in range(wide):
            for j in range(high):
                out[i * out_stride + j] = x[j * x_stride + i]
    else:
        through = clashes or wide % LANES or high % LANES
        source, step, target, out_step = x, x_stride, out, out_stride
        if through:
            source, step, target, out_step = stack(x, TILE_SIZE), PITCH, stack(x, TILE_SIZE), PITCH
            for j in range(high):
                copy_row(offset(x, j * x_stride), offset(source, j * PITCH), wide)
        for j in range(0, high, LANES):
            for i in range(0, wide, LANES):
                turn_square(offset(source, j * step + i), step, offset(target, i * out_step + j), out_step)
        if through:
            for i in range(wide):
                copy_row(offset(target, i * PITCH), offset(out, i * out_stride), high)


@kernel
def turn_block(
    block: int, x: Reals, out: Reals, plan: Ints, axes: int, units: int, units_per_block: int, across: int, along: int,
    x_stride: int, out_stride: int, clashes: int, shift: int,
) -> None:  # fmt: skip
    """Some tiles: out[..., i * out_stride + j] = x[..., j * x_stride + i], for i < across and j < along.

    plan: length, step in x and step in out of each of the other axes, first axis first. The first tile along j is
    shorter by ``shift``.
    """
    first, last = block_range(block, units_per_block, units)
    tiles_across, tiles_along = (across + TILE - 1) // TILE, (along + shift + TILE - 1) // TILE
    for unit in range(first, last):
        rest = unit // tiles_across
        i = (unit - rest * tiles_across) * TILE
        left = rest // tiles_along
        j = (rest - left * tiles_along) * TILE - shift
        stop = j + TILE
        j = max(j, 0)
        source, target = j * x_stride + i, i * out_stride + j
        for axis in range(axes - 1, -1, -1):
            further = left // plan[3 * axis]
            number = left - further * plan[3 * axis]
            source += number * plan[3 * axis + 1]
            target += number * plan[3 * axis + 2]
            left = further
        wide, high = min(TILE, across - i), min(stop, along) - j
        turn_tile(offset(x, source), x_stride, offset(out, target), out_stride, wide, high, clashes)


@kernel
def rows_block(
    block: int, x: Reals, out: Reals, plan: Ints, axes: int, units: int, units_per_block: int, n: int, repeated: int
) -> None:
    """Some rows of n elements, dense in x and in out, or one element ``repeated``; plan as in `turn_block`."""
    first, last = block_range(block, units_per_block, units)
    counters = stack(plan, 8)
    source = 0
    left = first
    for axis in range(axes - 1, -1, -1):
        further = left // plan[3 * axis]
        counters[axis] = left - further * plan[3 * axis]
        source += counters[axis] * plan[3 * axis + 1]
        left = further
    for unit in range(first, last):
        result = offset(out, unit * n)
        if repeated:
            value = x[source]
            for i in range(n):
                result[i] = value
        else:
            copy_row(offset(x, source), result, n)
        axis = axes - 1
        while axis >= 0:
            counters[axis] += 1
            source += plan[3 * axis + 1]
            if counters[axis] < plan[3 * axis]:
                break
            source -= counters[axis] * plan[3 * axis + 1]
            counters[axis] = 0
            axis -= 1


@dataclass(frozen=True)
class _Plan:
    """How an array is copied: by rows if `across` is 0, else by tiles."""

    axes: np.ndarray  # length, step in x, step in out, of all axes but those of a row or of a tile
    count: int  # of these axes
    units: int  # rows, or matrices to be turned
    per_block: int
    across: int
    along: int  # or the elements of a row
    x_stride: int
    out_stride: int
    clashes: bool  # rows of a square would meet in the same lines of the cache, and go through a buffer


@functools.lru_cache(maxsize=256)
def _plan(shape: tuple[int, ...], strides: tuple[int, ...], size: int) -> _Plan | None:
    """strides: in bytes, of elements of that size. None where NumPy does as well."""
    merged: list[list[int]] = []  # length, step in x
    for length, stride in zip(shape, strides, strict=True):
        if length == 1:
            continue
        if stride % size:
            return None
        if merged and merged[-1][1] == stride // size * length:
            merged[-1] = [merged[-1][0] * length, stride // size]
        else:
            merged.append([length, stride // size])
    if len(merged) == 1 and merged[0][1] == 0:  # one element for all: rows that several threads can write
        length = merged[0][0]
        row = math.gcd(length, BLOCK_WORK)
        merged = [[length // row, 0], [row, 0]]
    if len(merged) < 2 or len(merged) > MOST_AXES:
        return None
    out_steps = [math.prod([length for length, _ in merged[i + 1 :]]) for i in range(len(merged))]
    axes = [[length, step, out] for (length, step), out in zip(merged, out_steps, strict=True)]
    along, x_stride, _ = axes.pop()
    if x_stride in (0, 1):
        if along < 8:
            return None
        units = math.prod([length for length, _, _ in axes])
        return _Plan(np.array(axes), len(axes), units, max(1, BLOCK_WORK // along), 0, along, x_stride, 0, False)
    dense = [i for i, (_, step, _) in enumerate(axes) if step == 1]
    if not dense:
        return None
    across, _, out_stride = axes.pop(dense[-1])
    units = math.prod([length for length, _, _ in axes])
    per_block = max(1, BLOCK_WORK // (min(across, TILE) * min(along, TILE)))
    steps = np.array(axes, np.int64).reshape(-1)
    clashes = not (x_stride * size % 2048 and out_stride * size % 2048)
    return _Plan(steps, len(axes), units, per_block, across, along, x_stride, out_stride, clashes)


_REALS: dict[int, Any] = {4: np.float32, 8: np.float64}


def copy(x: np.ndarray) -> np.ndarray:
    """x: (*), of any dtype and any strides -> a copy that lies in memory in the order of its axes"""
    plan = (
        _plan(x.shape, x.strides, x.itemsize) if x.size and x.itemsize in _REALS and x.dtype.kind in "biufc" else None
    )
    if plan is None:
        return x.copy()
    out = np.empty(x.shape, x.dtype)
    bits = _REALS[x.itemsize]  # only moved
    source, target = x.view(bits), out.view(bits)
    units, per_block = plan.units, plan.per_block
    if not plan.across:
        blocks = count_blocks(units, per_block)
        repeated = plan.x_stride == 0
        rows_block(source, target, plan.axes, plan.count, units, per_block, plan.along, repeated, blocks=blocks)
        return out
    shift = 0
    if plan.clashes:  # whole lines of the cache are written: half of one would be gone before the other half comes
        shift = target.ctypes.data % LINE // x.itemsize
    tiles = count_blocks(plan.across, TILE)
    units = units * tiles * count_blocks(plan.along + shift, TILE)
    turn_block(
        source, target, plan.axes, plan.count, units, per_block, plan.across, plan.along, plan.x_stride,
        plan.out_stride, plan.clashes, shift, blocks=count_blocks(units, per_block),
    )  # fmt: skip
    return out
