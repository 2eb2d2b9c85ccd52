"""Register tiles whose vectors are pixels side by side: for few output channels, and for kernels of one pixel.

`lanes.tile` has channels in its vectors, so that images have to be turned. Here nothing is turned: a vector is read
from wherever a row of pixels lies, and a number of the kernel is broadcast to it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import VECTOR_BYTES, intrinsic
from autograd.kernels.vectors import I32, I64, below, constant, fetch_ahead, read_some, splat, write_some

__all__ = ["copy_row", "pixel_products", "pixel_tile"]

_TABLE = types.CPointer(types.int64)


class _Reals:
    """Vectors of the pointer's elements."""

    def __init__(self, context: Any, builder: Any, pointer: types.CPointer) -> None:
        self.builder = builder
        self.real = context.get_data_type(pointer.dtype)
        self.size = context.get_abi_sizeof(self.real)
        self.lanes = VECTOR_BYTES // self.size
        self.type = ir.VectorType(self.real, self.lanes)
        self.zero = constant(self.real, [0.0] * self.lanes)

    def at(self, table: Any, index: int) -> Any:
        return self.builder.load(self.builder.gep(table, [ir.Constant(I64, index)]))

    def load(self, pointer: Any) -> Any:
        return self.builder.load(self.builder.bitcast(pointer, self.type.as_pointer()), align=self.size)

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        function = cgutils.get_or_insert_function(
            self.builder.module,
            ir.FunctionType(self.type, [self.type] * 3),
            f"llvm.fmuladd.v{self.lanes}f{8 * self.size}",
        )
        return self.builder.call(function, [a, b, c])

    def loop(self, count: Any, sums: dict[Any, Any], step: Any) -> dict[Any, Any]:
        """``sums`` after ``count`` (at least 1) times ``step(index, sums)``."""
        builder = self.builder
        before = builder.block
        body, done = builder.append_basic_block("pixels.loop"), builder.append_basic_block("pixels.done")
        builder.branch(body)
        builder.position_at_end(body)
        index = builder.phi(I64)
        index.add_incoming(ir.Constant(I64, 0), before)
        phis = {key: builder.phi(self.type) for key in sums}
        for key, phi in phis.items():
            phi.add_incoming(sums[key], before)
        # An empty instruction that is said to change memory: LLVM would rather read ahead for the next round, and run
        # out of vector registers: a third of the speed.
        builder.asm(ir.FunctionType(ir.VoidType(), []), "", "~{memory}", [], True)
        new = step(index, phis)
        following = builder.add(index, ir.Constant(I64, 1))
        index.add_incoming(following, builder.block)
        for key, phi in phis.items():
            phi.add_incoming(new[key], builder.block)
        builder.cbranch(builder.icmp_signed("<", following, count), body, done)
        builder.position_at_end(done)
        return new


@intrinsic
def copy_row(typingctx, source, out, count):
    """Copy ``count`` (at least 1) elements by whole vectors, the last of which overlaps with the one before."""

    def codegen(context, builder, signature, args):
        v = _Reals(context, builder, source)
        from_, to, count_value = args
        lanes = ir.Constant(I64, v.lanes)
        with builder.if_else(builder.icmp_signed("<", count_value, lanes)) as (short, long):
            with short:
                mask = below(builder, constant(I32, range(v.lanes)), count_value)
                write_some(builder, read_some(builder, from_, mask, v.zero), to, mask)
            with long:
                last = builder.sub(count_value, lanes)
                vectors = builder.udiv(builder.add(count_value, ir.Constant(I64, v.lanes - 1)), lanes)

                def step(index: Any, _: Any) -> Any:
                    start = builder.mul(index, lanes)
                    start = builder.select(builder.icmp_signed("<", start, last), start, last)
                    place = builder.bitcast(builder.gep(to, [start]), v.type.as_pointer())
                    builder.store(v.load(builder.gep(from_, [start])), place, align=v.size)
                    return {}

                v.loop(vectors, {}, step)
        return context.get_dummy_value()

    return types.void(source, out, types.int64), codegen


@intrinsic
def pixel_tile(
    typingctx, x, places, steps, depth, w, w_stride, starts, floor, out, out_stride, out_places, counts, valid, rows,
    vectors,
):  # fmt: skip
    """out[i * out_stride + out_places[v] + lane] = starts[i] + sum over k of w[i * w_stride + k] * x[places[v] +
    steps[k] + lane], and at least ``floor``, for i < valid and lane < counts[v].

    ``depth``, the number of k's, is at least 1. ``rows`` (i) and ``vectors`` (v) are compile-time constants; w and
    starts are read for all rows, and x for all lanes.
    """

    def codegen(context, builder, signature, args):
        v = _Reals(context, builder, x)
        source, place_table, step_table, depth_value, weights, stride, first, least = args[:8]
        target, target_stride, target_places, count_table, valid_rows = args[8:13]
        row_range, vector_range = range(rows.literal_value), range(vectors.literal_value)
        looks = [builder.gep(source, [v.at(place_table, j)]) for j in vector_range]
        lines = [builder.gep(weights, [builder.mul(stride, ir.Constant(I64, i))]) for i in row_range]

        def step(k: Any, sums: Any) -> Any:
            shift = builder.load(builder.gep(step_table, [k]))
            pixels = [v.load(builder.gep(look, [shift])) for look in looks]
            new = {}
            for i in row_range:
                factor = splat(builder, builder.load(builder.gep(lines[i], [k])), v.lanes)
                for j in vector_range:
                    new[i, j] = v.multiply_add(factor, pixels[j], sums[i, j])
            return new

        begin = [splat(builder, v.at(first, i), v.lanes) for i in row_range]
        sums = v.loop(depth_value, {(i, j): begin[i] for i in row_range for j in vector_range}, step)
        bound = splat(builder, least, v.lanes)
        results = [v.at(target_places, j) for j in vector_range]
        masks = [below(builder, constant(I32, range(v.lanes)), v.at(count_table, j)) for j in vector_range]
        for i in row_range:
            with builder.if_then(builder.icmp_signed("<", ir.Constant(I64, i), valid_rows)):
                line = builder.gep(target, [builder.mul(target_stride, ir.Constant(I64, i))])
                for j in vector_range:
                    too_small = builder.fcmp_ordered("<", sums[i, j], bound)  # a NaN is not, and stays
                    value = builder.select(too_small, bound, sums[i, j])
                    write_some(builder, value, builder.gep(line, [results[j]]), masks[j])
        return context.get_dummy_value()

    if not isinstance(rows, types.IntegerLiteral) or not isinstance(vectors, types.IntegerLiteral):
        return None
    i64 = types.int64
    return types.void(
        x, _TABLE, _TABLE, i64, x, i64, x, x.dtype, x, i64, _TABLE, _TABLE, i64, rows, vectors
    ), codegen  # fmt: skip


@intrinsic
def pixel_products(
    typingctx, g, g_stride, g_places, counts, x, places, steps, length, sums, sums_stride, valid_rows, valid_taps, rows,
    taps,
):  # fmt: skip
    """sums[i * sums_stride + t] += sum over v < length and lanes of g[i * g_stride + g_places[v] + lane] *
    x[places[v] + steps[t] + lane], for i < valid_rows and t < valid_taps.

    Of each vector of g, only the last counts[v] lanes are added. ``rows`` (i) and ``taps`` (t) are compile-time
    constants; g is read for rows up to the last valid one, x for all taps.
    """

    def codegen(context, builder, signature, args):
        v = _Reals(context, builder, x)
        gradient, gradient_stride, gradient_places, count_table, source, place_table, step_table, count = args[:8]
        out, out_stride, row_limit, tap_limit = args[8:12]
        row_range, tap_range = range(rows.literal_value), range(taps.literal_value)
        last = builder.sub(row_limit, ir.Constant(I64, 1))
        lines = []
        for i in row_range:
            row = ir.Constant(I64, i)
            row = builder.select(builder.icmp_signed("<", row, last), row, last)
            lines.append(builder.gep(gradient, [builder.mul(gradient_stride, row)]))
        looks = [builder.gep(source, [v.at(step_table, t)]) for t in tap_range]
        backwards = constant(I32, range(v.lanes - 1, -1, -1))

        def step(index: Any, sums: Any) -> Any:
            mask = below(builder, backwards, builder.load(builder.gep(count_table, [index])))
            place = builder.load(builder.gep(gradient_places, [index]))
            shift = builder.load(builder.gep(place_table, [index]))
            places = [builder.gep(line, [place]) for line in lines]
            for pointer in places:  # LLVM makes of this a read under a mask
                fetch_ahead(builder, pointer, v.lanes)
            gradients = [builder.select(mask, v.load(pointer), v.zero) for pointer in places]
            new = {}
            for t in tap_range:
                pixels = v.load(builder.gep(looks[t], [shift]))
                for i in row_range:
                    new[i, t] = v.multiply_add(gradients[i], pixels, sums[i, t])
            return new

        totals = v.loop(count, {(i, t): v.zero for i in row_range for t in tap_range}, step)
        add_up = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(v.real, [v.real, v.type]),
            f"llvm.vector.reduce.fadd.v{v.lanes}f{8 * v.size}",
        )
        for i in row_range:
            for t in tap_range:
                inside = builder.and_(
                    builder.icmp_signed("<", ir.Constant(I64, i), row_limit),
                    builder.icmp_signed("<", ir.Constant(I64, t), tap_limit),
                )
                with builder.if_then(inside):
                    index = builder.add(builder.mul(out_stride, ir.Constant(I64, i)), ir.Constant(I64, t))
                    place = builder.gep(out, [index])
                    total = builder.call(add_up, [ir.Constant(v.real, 0.0), totals[i, t]], fastmath=("reassoc",))
                    builder.store(builder.fadd(builder.load(place), total), place)
        return context.get_dummy_value()

    if not isinstance(rows, types.IntegerLiteral) or not isinstance(taps, types.IntegerLiteral):
        return None
    i64 = types.int64
    return types.void(
        g, i64, _TABLE, _TABLE, x, _TABLE, _TABLE, i64, g, i64, i64, i64, rows, taps
    ), codegen  # fmt: skip
