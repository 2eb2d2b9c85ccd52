"""Vector code of attention: products of slabs, exponentials down their columns, and turning into and out of them.

A slab is a matrix with rows of ``SLAB`` elements, one behind the other: of scores, one row for each key and one lane
for each query. Largest score, sum and scaling of a query then run down its own lane, without a sum across lanes.
``LANES`` of each routine are ``WIDTH`` of them, side by side.

Each routine is a function of its own in the machine code of a kernel, emitted once however often it is called: that
keeps compiling short, and the sums of a product in registers.

Scores are in units of log 2, as 2**x takes fewer steps than exp(x): the factor log2(e) is part of the scale of the
queries. A masked score is -inf, and its exponential exactly 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import VECTOR_BYTES, intrinsic
from autograd.kernels.vectors import I32, I64, constant, read_some, splat, write_some

__all__ = [
    "SLAB_BYTES",
    "TILE",
    "VECTORS",
    "aligned",
    "dots",
    "hide",
    "pack",
    "product",
    "scale_rows",
    "soften",
    "soften_gradient",
    "turn",
]

SLAB_BYTES = 256  # of one row of a slab
VECTORS = 2  # registers across a tile
TILE = 8 if VECTOR_BYTES == 64 else 4  # rows of a tile, whose sums fit into the vector registers; divides SLAB

# Coefficients of a polynomial for 2**r, |r| <= 1/2, highest power first.
_SINGLE = (  # minimax (relative error 2e-9)
    1.546144469856913e-4, 1.3400428177615838e-3, 9.618056678524637e-3, 5.550327226670302e-2, 2.4022650922288757e-1,
    6.931472067028326e-1, 1.0,
)  # fmt: skip
_DOUBLE = tuple(math.log(2) ** k / math.factorial(k) for k in range(13, -1, -1))  # Taylor: the next term is below 5e-18


class _Emitter:
    """Writes vector code for one element type."""

    def __init__(self, builder: Any, pointer: Any) -> None:
        self.builder = builder
        self.real = pointer.type.pointee
        self.single = isinstance(self.real, ir.FloatType)
        self.size = 4 if self.single else 8
        self.lanes = VECTOR_BYTES // self.size
        self.slab = SLAB_BYTES // self.size
        self.vector = ir.VectorType(self.real, self.lanes)

    def number(self, value: float) -> Any:
        return constant(self.real, [value] * self.lanes)

    def at(self, base: Any, index: Any) -> Any:
        """The pointer some elements on, a number or a value."""
        return self.builder.gep(base, [ir.Constant(I64, index) if isinstance(index, int) else index])

    def row(self, base: Any, index: Any) -> Any:
        """The pointer to a row of a slab."""
        return self.at(base, self.builder.mul(index, ir.Constant(I64, self.slab)))

    def load(self, pointer: Any, j: int = 0) -> Any:
        """The vector j behind a pointer."""
        pointer = self.builder.bitcast(self.at(pointer, j * self.lanes), self.vector.as_pointer())
        return self.builder.load(pointer, align=self.size)

    def store(self, value: Any, pointer: Any, j: int = 0) -> None:
        pointer = self.builder.bitcast(self.at(pointer, j * self.lanes), self.vector.as_pointer())
        self.builder.store(value, pointer, align=self.size)

    def call(self, name: str, *args: Any) -> Any:
        """An LLVM intrinsic function of vectors."""
        name = f"llvm.{name}.v{self.lanes}f{8 * self.size}"
        kind = ir.FunctionType(self.vector, [arg.type for arg in args])
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, kind, name), args)

    def below(self, start: Any, limit: Any) -> Any:
        """The mask of lanes for which start + lane < limit."""
        left = splat(self.builder, self.builder.trunc(self.builder.sub(limit, start), I32), self.lanes)
        return self.builder.icmp_signed("<", constant(I32, list(range(self.lanes))), left)

    def fold(self, rows: Any, start: list[Any], step: Callable[[Any, list[Any]], list[Any]]) -> list[Any]:
        """What ``step`` makes of its own last results, row after row."""
        slots = [cgutils.alloca_once_value(self.builder, value) for value in start]
        with cgutils.for_range(self.builder, rows) as loop:
            for slot, value in zip(slots, step(loop.index, [self.builder.load(slot) for slot in slots]), strict=True):
                self.builder.store(value, slot)
        return [self.builder.load(slot) for slot in slots]

    def exp2(self, x: Any) -> Any:
        """2**x of numbers that are not large: 1 ulp; 0 below the normal range; NaN for NaN and infinity."""
        builder = self.builder
        integer, mantissa, bias = (I32, 23, 127) if self.single else (I64, 52, 1023)
        # At the lowest exponent the power of two below has only zero bits, and is 0. A NaN is not less, and stays.
        lowest = self.number(-bias)
        x = builder.select(builder.fcmp_ordered(">", lowest, x), lowest, x)
        # Adding 1.5 * 2**mantissa rounds to an integer, which then stands, with the bias, in the lowest bits.
        shift = self.number(1.5 * 2**mantissa + bias)
        shifted = builder.fadd(x, shift)
        r = builder.fsub(x, builder.fsub(shifted, shift))
        bits = builder.bitcast(shifted, ir.VectorType(integer, self.lanes))
        power = builder.shl(bits, constant(integer, [mantissa] * self.lanes))
        coefficients = _SINGLE if self.single else _DOUBLE
        p = self.number(coefficients[0])
        for coefficient in coefficients[1:]:
            p = self.call("fmuladd", p, r, self.number(coefficient))
        return builder.fmul(p, builder.bitcast(power, self.vector))


def _step_range(builder: Any, stop: Any, step: int) -> Any:
    """A loop over 0, step, 2 * step, ... below stop."""
    return cgutils.for_range_slice(builder, ir.Constant(I64, 0), stop, ir.Constant(I64, step), I64)


def _call_routine(context: Any, builder: Any, emit: Callable[..., None], args: Any, *constants: Any) -> Any:
    """Call the function that ``emit(emitter, *args, *constants)`` writes, and write it if this module has none yet."""
    name = ".".join(["attention", emit.__name__.strip("_"), str(args[0].type.pointee), *map(str, constants)])
    function = builder.module.globals.get(name)
    if function is None:
        kind = ir.FunctionType(ir.VoidType(), [arg.type for arg in args])
        function = ir.Function(builder.module, kind, name)
        function.linkage = "internal"
        function.attributes.add("noinline")
        inside = ir.IRBuilder(function.append_basic_block())
        emit(_Emitter(inside, function.args[0]), *function.args, *constants)
        inside.ret_void()
    builder.call(function, args)
    return context.get_dummy_value()


@intrinsic
def aligned(typingctx, pointer):
    """The first place at or behind a pointer that a whole vector register starts at (some 64 bytes on, at most)."""

    def codegen(context, builder, signature, args):
        number = builder.add(builder.ptrtoint(args[0], I64), ir.Constant(I64, 63))
        return builder.inttoptr(builder.and_(number, ir.Constant(I64, -64)), args[0].type)

    return pointer(pointer), codegen


# --- Products --------------------------------------------------------------------------------------------------------


def _product(emit: _Emitter, x: Any, w: Any, out: Any, rows: Any, depth: Any, accumulate: Any, down: bool) -> None:
    builder, slab = emit.builder, emit.slab
    x_row, x_step = (1, slab) if down else (slab, 1)
    sums_at = [(i, j) for i in range(TILE) for j in range(VECTORS)]
    old_wanted = builder.icmp_signed("!=", accumulate, ir.Constant(I64, 0))
    with _step_range(builder, rows, TILE) as (row, _):
        x_first = emit.at(x, builder.mul(row, ir.Constant(I64, x_row)))
        target = emit.row(out, row)
        before = builder.block
        load_old, loop, done = (builder.append_basic_block(f"product.{part}") for part in ("old", "loop", "done"))
        builder.cbranch(old_wanted, load_old, loop)
        builder.position_at_end(load_old)
        old = {(i, j): emit.load(emit.at(target, i * slab), j) for i, j in sums_at}
        builder.branch(loop)

        builder.position_at_end(loop)
        left, x_k, w_k = builder.phi(I64), builder.phi(x.type), builder.phi(w.type)
        sums = {ij: builder.phi(emit.vector) for ij in sums_at}
        for block in (before, load_old):
            left.add_incoming(depth, block)
            x_k.add_incoming(x_first, block)
            w_k.add_incoming(w, block)
            for ij in sums_at:
                sums[ij].add_incoming(old[ij] if block is load_old else emit.number(0), block)
        columns = [emit.load(w_k, j) for j in range(VECTORS)]
        new = {}
        for i in range(TILE):
            value = splat(builder, builder.load(emit.at(x_k, i * x_row), align=emit.size), emit.lanes)
            for j in range(VECTORS):
                new[i, j] = emit.call("fmuladd", value, columns[j], sums[i, j])
        following = builder.sub(left, ir.Constant(I64, 1))
        left.add_incoming(following, loop)
        x_k.add_incoming(emit.at(x_k, x_step), loop)
        w_k.add_incoming(emit.at(w_k, slab), loop)
        for ij in sums_at:
            sums[ij].add_incoming(new[ij], loop)
        builder.cbranch(builder.icmp_signed(">", following, ir.Constant(I64, 0)), loop, done)

        builder.position_at_end(done)
        for i, j in sums_at:
            emit.store(new[i, j], emit.at(target, i * slab), j)


@intrinsic
def product(typingctx, x, w, out, rows, depth, accumulate, down):
    """out[row, lane] (+)= the sum over k < depth of x[row, k] * w[k, lane]; of x[k, row] if ``down`` (a constant).

    x, w, out: slabs; out has room for a multiple of TILE rows, and what is written behind the last is of no use.
    depth is at least 1. Each sum runs over k in order, one multiply-add after the other.
    """

    def codegen(context, builder, signature, args):
        return _call_routine(context, builder, _product, args[:6], down.literal_value)

    if not isinstance(down, types.IntegerLiteral | types.BooleanLiteral):
        return None
    return types.void(x, x, x, types.int64, types.int64, types.int64, down), codegen


# --- Into and out of slabs -------------------------------------------------------------------------------------------


def _zip(builder: Any, lines: list[Any], lanes: int) -> list[Any]:
    """Vectors i and i + half, for each i, with their lanes one from each in turn."""
    half = len(lines) // 2
    mixed = []
    for first, second in zip(lines[:half], lines[half:], strict=True):
        for start in (0, lanes // 2):
            order = [start + place // 2 + (lanes if place % 2 else 0) for place in range(lanes)]
            mixed.append(builder.shuffle_vector(first, second, constant(I32, order)))
    return mixed


def _turn(
    emit: _Emitter, x: Any, x_stride: Any, out: Any, out_stride: Any, rows: Any, columns: Any, factor: Any
) -> None:
    builder, lanes = emit.builder, emit.lanes
    factors = splat(builder, factor, lanes)
    with _step_range(builder, rows, lanes) as (row, _), _step_range(builder, columns, lanes) as (column, _):
        across, down = emit.below(column, columns), emit.below(row, rows)
        none = ir.Constant(across.type, [False] * lanes)
        lines = []
        for i in range(lanes):
            place = emit.at(x, builder.add(builder.mul(builder.add(row, ir.Constant(I64, i)), x_stride), column))
            mask = builder.select(builder.extract_element(down, ir.Constant(I32, i)), across, none)
            lines.append(builder.fmul(read_some(builder, place, mask, emit.number(0)), factors))
        for _ in range(lanes.bit_length() - 1):
            lines = _zip(builder, lines, lanes)
        for i in range(lanes):
            place = emit.at(out, builder.add(builder.mul(builder.add(column, ir.Constant(I64, i)), out_stride), row))
            mask = builder.select(builder.extract_element(across, ir.Constant(I32, i)), down, none)
            write_some(builder, lines[i], place, mask)


@intrinsic
def turn(typingctx, x, x_stride, out, out_stride, rows, columns, factor):
    """out[column, row] = factor * x[row, column].  x: (rows, columns), out: (columns, rows), with any row strides"""

    def codegen(context, builder, signature, args):
        return _call_routine(context, builder, _turn, args)

    i64 = types.int64
    return types.void(x, i64, x, i64, i64, i64, x.dtype), codegen


def _pack(
    emit: _Emitter, x: Any, x_stride: Any, slabs: Any, height: Any, rows: Any, columns: Any, factor: Any, back: bool
) -> None:
    builder = emit.builder
    factors = splat(builder, factor, emit.lanes)
    slab = ir.Constant(I64, emit.slab)
    with cgutils.for_range(builder, rows) as loop, _step_range(builder, columns, emit.lanes) as (column, _):
        mask = emit.below(column, columns)
        within = builder.urem(column, slab)
        first = builder.mul(builder.sub(column, within), height)
        packed = emit.at(emit.row(emit.at(slabs, first), loop.index), within)
        plain = emit.at(x, builder.add(builder.mul(loop.index, x_stride), column))
        source, target = (packed, plain) if back else (plain, packed)
        write_some(builder, builder.fmul(read_some(builder, source, mask, emit.number(0)), factors), target, mask)


@intrinsic
def pack(typingctx, x, x_stride, slabs, height, rows, columns, factor, back):
    """Copy x, times a factor, into as many slabs of ``height`` rows as its columns fill; ``back`` (a constant): out of.

    x: (rows, columns), with any stride of rows
    """

    def codegen(context, builder, signature, args):
        return _call_routine(context, builder, _pack, args[:7], back.literal_value)

    if not isinstance(back, types.IntegerLiteral | types.BooleanLiteral):
        return None
    i64 = types.int64
    return types.void(x, i64, x, i64, i64, i64, x.dtype, back), codegen


def _dots(emit: _Emitter, x: Any, x_stride: Any, y: Any, y_stride: Any, rows: Any, columns: Any, out: Any) -> None:
    builder = emit.builder
    kind = ir.FunctionType(emit.real, [emit.real, emit.vector])
    name = f"llvm.vector.reduce.fadd.v{emit.lanes}f{8 * emit.size}"
    add_up = cgutils.get_or_insert_function(builder.module, kind, name)
    with cgutils.for_range(builder, rows) as loop:
        total = cgutils.alloca_once(builder, emit.vector)
        builder.store(emit.number(0), total)
        with _step_range(builder, columns, emit.lanes) as (column, _):
            mask = emit.below(column, columns)
            left, right = (
                read_some(
                    builder, emit.at(base, builder.add(builder.mul(loop.index, stride), column)), mask, emit.number(0)
                )
                for base, stride in ((x, x_stride), (y, y_stride))
            )
            builder.store(emit.call("fmuladd", left, right, builder.load(total)), total)
        start = ir.Constant(emit.real, 0.0)
        builder.store(
            builder.call(add_up, [start, builder.load(total)], fastmath=("reassoc",)), emit.at(out, loop.index)
        )


@intrinsic
def dots(typingctx, x, x_stride, y, y_stride, rows, columns, out):
    """out[row] = the sum of x[row, column] * y[row, column].  x, y: (rows, columns), with any row strides"""

    def codegen(context, builder, signature, args):
        return _call_routine(context, builder, _dots, args)

    i64 = types.int64
    return types.void(x, i64, x, i64, i64, i64, x), codegen


# --- Softmax, down the columns of a slab -----------------------------------------------------------------------------


def _scale_rows(emit: _Emitter, slab: Any, rows: Any, factors: Any) -> None:
    lanes = [emit.load(factors, j) for j in range(VECTORS)]
    with cgutils.for_range(emit.builder, rows) as loop:
        row = emit.row(slab, loop.index)
        for j in range(VECTORS):
            emit.store(emit.builder.fmul(emit.load(row, j), lanes[j]), row, j)


@intrinsic
def scale_rows(typingctx, slab, rows, factors):
    """slab[row, lane] *= factors[lane]"""

    def codegen(context, builder, signature, args):
        return _call_routine(context, builder, _scale_rows, args)

    return types.void(slab, types.int64, slab), codegen


def _hide(emit: _Emitter, scores: Any, first: Any, rows: Any, ahead: Any) -> None:
    builder = emit.builder
    with cgutils.for_range(builder, builder.sub(rows, first)) as loop:
        row = builder.add(first, loop.index)
        place, limit = emit.row(scores, row), builder.add(row, ahead)
        for j in range(VECTORS):
            hidden = emit.below(ir.Constant(I64, j * emit.lanes), limit)
            emit.store(builder.select(hidden, emit.number(-math.inf), emit.load(place, j)), place, j)


@intrinsic
def hide(typingctx, scores, first, rows, ahead):
    """scores[row, lane] = -inf for first <= row < rows and lane < row + ahead"""

    def codegen(context, builder, signature, args):
        return _call_routine(context, builder, _hide, args)

    return types.void(scores, types.int64, types.int64, types.int64), codegen


def _soften(emit: _Emitter, scores: Any, rows: Any, largest: Any, total: Any, factor: Any) -> None:
    builder = emit.builder

    def larger(row: Any, best: list[Any]) -> list[Any]:  # without NaN, which shows in the total
        place = emit.row(scores, row)
        values = [emit.load(place, j) for j in range(VECTORS)]
        return [
            builder.select(builder.fcmp_ordered(">", value, most), value, most)
            for value, most in zip(values, best, strict=True)
        ]

    old = [emit.load(largest, j) for j in range(VECTORS)]
    new = emit.fold(rows, old, larger)
    lowest = emit.number(-math.inf)
    shifts = [builder.select(builder.fcmp_ordered("==", most, lowest), emit.number(0), most) for most in new]

    def exponentials(row: Any, sums: list[Any]) -> list[Any]:
        place = emit.row(scores, row)
        values = [emit.exp2(builder.fsub(emit.load(place, j), shifts[j])) for j in range(VECTORS)]
        for j, value in enumerate(values):
            emit.store(value, place, j)
        return [builder.fadd(sum_so_far, value) for sum_so_far, value in zip(sums, values, strict=True)]

    sums = emit.fold(rows, [emit.number(0)] * VECTORS, exponentials)
    for j in range(VECTORS):
        change = emit.exp2(builder.fsub(old[j], shifts[j]))
        emit.store(new[j], largest, j)
        emit.store(emit.call("fmuladd", emit.load(total, j), change, sums[j]), total, j)
        emit.store(change, factor, j)


@intrinsic
def soften(typingctx, scores, rows, largest, total, factor):
    """One step of the running softmax: the scores become 2**(score - largest), with the largest so far.

    scores: a slab, one row for each key. largest, total, factor: (lanes): the largest score so far and the sum of all
    exponentials so far, which are brought up to date; and what the sums so far were multiplied with for that.
    A query that has seen nothing but masked scores has the largest score -inf and the total 0.
    """

    def codegen(context, builder, signature, args):
        return _call_routine(context, builder, _soften, args)

    return types.void(scores, types.int64, scores, scores, scores), codegen


def _soften_gradient(emit: _Emitter, scores: Any, gradients: Any, rows: Any, log_sum: Any, delta: Any) -> None:
    builder = emit.builder
    shifts = [emit.load(log_sum, j) for j in range(VECTORS)]
    deltas = [emit.load(delta, j) for j in range(VECTORS)]
    with cgutils.for_range(builder, rows) as loop:
        place, other = emit.row(scores, loop.index), emit.row(gradients, loop.index)
        for j in range(VECTORS):
            p = emit.exp2(builder.fsub(emit.load(place, j), shifts[j]))
            g = builder.fsub(emit.load(other, j), deltas[j])
            emit.store(p, place, j)
            emit.store(builder.fmul(p, g), other, j)


@intrinsic
def soften_gradient(typingctx, scores, gradients, rows, log_sum, delta):
    """Scores become probabilities p = 2**(score - log_sum), and their gradients those of scores: p * (g - delta).

    scores, gradients: slabs, one row for each key; log_sum, delta: (lanes).
    """

    def codegen(context, builder, signature, args):
        return _call_routine(context, builder, _soften_gradient, args)

    return types.void(scores, scores, types.int64, scores, scores), codegen
