"""The register tile over rows that lie evenly apart: no tables, and a third fewer loads than `lanes.tile`.

On a Zen 5 server, float32, 16 rows at a time against weights that are read from the third-level cache: 210 GFLOP/s,
where the tile with tables reaches 203; with 8 rows at a time 180, and 149.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import VECTOR_BYTES, intrinsic
from autograd.kernels.vectors import I64, constant, splat

__all__ = ["row_tile"]


def _int(value: int) -> Any:
    return ir.Constant(I64, value)


def _emit(context: Any, builder: Any, pointer: types.CPointer, rows: int, vectors: int, args: Any) -> None:
    x, x_stride, w, out, out_stride, depth, accumulate = args
    real = context.get_data_type(pointer.dtype)
    size = context.get_abi_sizeof(real)
    lanes = VECTOR_BYTES // size
    vector = ir.VectorType(real, lanes)
    multiply_add = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(vector, [vector] * 3), f"llvm.fmuladd.v{lanes}f{8 * size}"
    )
    cells = [(i, j) for i in range(rows) for j in range(vectors)]

    def vector_at(base: Any, index: Any) -> Any:
        return builder.bitcast(builder.gep(base, [index]), vector.as_pointer())

    # x86 reaches base, base + stride and base + 2 * stride by one base register: a third of the pointers, and all of
    # them stay in registers.
    strides = [None, x_stride, builder.mul(x_stride, _int(2))]
    bases = [builder.gep(x, [builder.mul(x_stride, _int(i))]) for i in range(0, rows, 3)]
    places = {(i, j): vector_at(out, builder.add(builder.mul(out_stride, _int(i)), _int(j * lanes))) for i, j in cells}
    before = builder.block
    load_old = builder.append_basic_block("rows.load")
    loop = builder.append_basic_block("rows.loop")
    done = builder.append_basic_block("rows.done")
    builder.cbranch(builder.icmp_signed("!=", accumulate, _int(0)), load_old, loop)
    builder.position_at_end(load_old)
    old = {ij: builder.load(places[ij], align=size) for ij in cells}
    builder.branch(loop)

    builder.position_at_end(loop)
    left, w_k = builder.phi(I64), builder.phi(w.type)
    moving = [builder.phi(x.type) for _ in bases]
    sums = {ij: builder.phi(vector) for ij in cells}
    zeros = constant(real, [0.0] * lanes)
    for block in (before, load_old):
        left.add_incoming(depth, block)
        w_k.add_incoming(w, block)
        for phi, base in zip(moving, bases, strict=True):
            phi.add_incoming(base, block)
        for ij in cells:
            sums[ij].add_incoming(zeros if block is before else old[ij], block)
    columns = [builder.load(vector_at(w_k, _int(j * lanes)), align=size) for j in range(vectors)]
    new = {}
    for i in range(rows):
        base, step = moving[i // 3], strides[i % 3]
        place = base if step is None else builder.gep(base, [step])
        row = splat(builder, builder.load(place, align=size), lanes)
        for j in range(vectors):
            new[i, j] = builder.call(multiply_add, [row, columns[j], sums[i, j]])
    following = builder.sub(left, _int(1))
    left.add_incoming(following, loop)
    w_k.add_incoming(builder.gep(w_k, [_int(vectors * lanes)]), loop)
    for phi in moving:
        phi.add_incoming(builder.gep(phi, [_int(1)]), loop)
    for ij in cells:
        sums[ij].add_incoming(new[ij], loop)
    builder.cbranch(builder.icmp_signed(">", following, _int(0)), loop, done)

    builder.position_at_end(done)
    for ij in cells:
        builder.store(new[ij], places[ij], align=size)


@intrinsic
def row_tile(typingctx, x, x_stride, w, out, out_stride, depth, accumulate, rows, vectors):
    """One register tile: out[i * out_stride + lane] (+)= sum of x[i * x_stride + k] * w[k, lane], k < depth.

    w: (depth, vectors * LANES), contiguous. ``depth`` is at least 1. ``accumulate`` (0 or 1) says whether the sums
    start from what ``out`` holds or from 0. ``rows`` and ``vectors`` are compile-time constants. Each sum runs over k
    in order, whatever the tile's size.
    """

    def codegen(context, builder, signature, args):
        _emit(context, builder, x, rows.literal_value, vectors.literal_value, args[:7])
        return context.get_dummy_value()

    if not isinstance(rows, types.IntegerLiteral) or not isinstance(vectors, types.IntegerLiteral):
        return None
    i64 = types.int64
    return types.void(x, i64, x, x, i64, i64, i64, rows, vectors), codegen
