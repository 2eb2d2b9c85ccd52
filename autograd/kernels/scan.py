"""Running sums and products along an axis, from either end.

What has come together so far is kept in double precision, so that a long float32 sum is not worse at its end. A row is
scanned vector by vector: each vector by itself, in four steps, and then combined with what came before.
"""

from __future__ import annotations

import math

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels import transpose
from autograd.kernels.jit import (
    Kernel,
    Reals,
    block_range,
    count_blocks,
    intrinsic,
    kernel,
    offset,
    stack,
)
from autograd.kernels.sweeps import PRODUCT, SUM, lanes_of, literal, read, write
from autograd.kernels.vectors import I32, I64, constant, splat

__all__ = ["scan"]

BLOCK_WORK = 1 << 16  # elements of a block
COLUMNS = 512  # columns that are done together
ROOM = 2 * COLUMNS  # elements that hold as many numbers in double precision
FEW = 4  # columns for which the axes are exchanged instead

KIND = SUM  # compile-time constants of the kernels
BACKWARDS = 0


@intrinsic
def scan_row(typingctx, x, out, n, kind, backwards):
    """out[i] = the sum, or the product, of x[0] to x[i]; ``backwards`` of x[i] to x[n - 1]."""

    def codegen(context, builder, signature, args):
        element, lanes = lanes_of(context, x)
        from_end = bool(backwards.literal_value)
        double = ir.DoubleType()
        single = isinstance(element, ir.FloatType)
        start = 1.0 if kind.literal_value == PRODUCT else 0.0
        # -0 is what nothing adds up to: 0 would take the sign from it
        neutral = constant(element, [start if kind.literal_value == PRODUCT else -0.0] * lanes)
        carry = cgutils.alloca_once(builder, double)
        builder.store(ir.Constant(double, start if kind.literal_value == PRODUCT else -0.0), carry)
        combine = builder.fmul if kind.literal_value == PRODUCT else builder.fadd
        edge = 0 if from_end else lanes - 1

        def step(index, mask):
            value = read(builder, args[0], index, mask, neutral)
            shift = 1
            while shift < lanes:
                places = range(shift, shift + lanes) if from_end else range(lanes - shift, 2 * lanes - shift)
                pair = (value, neutral) if from_end else (neutral, value)
                value = combine(value, builder.shuffle_vector(*pair, constant(I32, places)))
                shift *= 2
            before = builder.load(carry)
            total = builder.extract_element(value, ir.Constant(I32, edge))
            builder.store(combine(before, builder.fpext(total, double) if single else total), carry)
            before = builder.fptrunc(before, element) if single else before
            write(builder, combine(value, splat(builder, before, lanes)), args[1], index, mask)

        width = ir.Constant(I64, lanes)
        whole = builder.udiv(args[2], width)
        done = builder.mul(whole, width)
        left = builder.sub(args[2], done)

        def last():
            with builder.if_then(builder.icmp_unsigned("!=", left, ir.Constant(I64, 0))):
                room = splat(builder, builder.trunc(left, I32), lanes)
                step(done, builder.icmp_unsigned("<", constant(I32, range(lanes)), room))

        if from_end:
            last()
        with cgutils.for_range(builder, whole) as vector:
            start_of = builder.mul(vector.index, width)
            step(builder.sub(builder.sub(done, width), start_of) if from_end else start_of, None)
        if not from_end:
            last()
        return context.get_dummy_value()

    if not literal(kind, backwards):
        return None
    return types.void(x, x, types.int64, kind, backwards), codegen


@kernel
def scan_rows_block(block: int, x: Reals, out: Reals, rows: int, rows_per_block: int, n: int) -> None:
    """Some rows."""
    first, last = block_range(block, rows_per_block, rows)
    for row in range(first, last):
        scan_row(offset(x, row * n), offset(out, row * n), n, KIND, BACKWARDS)


@kernel
def scan_columns_block(
    block: int, x: Reals, out: Reals, units: int, units_per_block: int, n: int, inner: int, tiles: int
) -> None:
    """Some tiles of columns. x: (outer, n, inner), units = outer * tiles"""
    totals = stack(x, ROOM)
    wide = as_doubles(totals)
    first, last = block_range(block, units_per_block, units)
    for unit in range(first, last):
        outer = unit // tiles
        column = (unit - outer * tiles) * COLUMNS
        width = min(COLUMNS, inner - column)
        begin = outer * n * inner + column
        for i in range(width):
            wide[i] = 1.0 if KIND == PRODUCT else -0.0
        for step in range(n):
            row = begin + (n - 1 - step if BACKWARDS else step) * inner
            source, result = offset(x, row), offset(out, row)
            for i in range(width):
                total = wide[i] * source[i] if KIND == PRODUCT else wide[i] + source[i]
                wide[i] = total
                result[i] = total


@intrinsic
def as_doubles(typingctx, pointer):
    """The same memory as double precision numbers."""

    def codegen(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType().as_pointer())

    return types.CPointer(types.float64)(pointer), codegen


def _variants(block: Kernel) -> dict[tuple[str, bool], Kernel]:
    return {
        (name, backwards): block.with_constants(KIND=kind, BACKWARDS=int(backwards))
        for name, kind in (("sum", SUM), ("product", PRODUCT))
        for backwards in (False, True)
    }


_ROWS, _COLUMNS = _variants(scan_rows_block), _variants(scan_columns_block)


def scan(name: str, x: np.ndarray, axis: int, backwards: bool = False) -> np.ndarray:
    """The "sum" or "product" of each element and all before it along an axis, or all behind it.

    x: (*), float32 or float64 -> (*)
    """
    if not x.flags.c_contiguous:
        x = transpose.copy(x)
    n, inner = x.shape[axis], math.prod(x.shape[axis + 1 :])
    if 1 < inner < FEW:
        last = x.ndim - 1
        return transpose.copy(scan(name, x.swapaxes(axis, last), last, backwards).swapaxes(axis, last))
    out = np.empty(x.shape, x.dtype)
    if not out.size:
        return out
    outer = out.size // (n * inner)
    if inner == 1:
        per_block = max(1, BLOCK_WORK // n)
        _ROWS[name, backwards](x, out, outer, per_block, n, blocks=count_blocks(outer, per_block))
    else:
        tiles = count_blocks(inner, COLUMNS)
        units = outer * tiles
        per_block = max(1, BLOCK_WORK // (n * min(inner, COLUMNS)))
        _COLUMNS[name, backwards](x, out, units, per_block, n, inner, tiles, blocks=count_blocks(units, per_block))
    return out
