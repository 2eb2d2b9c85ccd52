"""Loops over vectors of a row or of several rows, as LLVM: the inside of reductions, scans and softmax.

LLVM vectorises a loop of Numba's only if its sums may be reordered, never a maximum that has to keep a NaN, and runs
the end of each row element by element. Here whole vectors come first, several at a time, then the rest under a mask.
The order of each sum depends on the length of the row alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import VECTOR_BYTES, intrinsic
from autograd.kernels.vectors import I32, I64, constant, fetch_ahead, read_some, splat, write_some

__all__ = [
    "MAX",
    "MIN",
    "PRODUCT",
    "SQUARES",
    "SUM",
    "each_vector",
    "fold_columns",
    "fold_row",
    "fold_rows",
    "literal",
    "merge",
]

SUM, MAX, MIN, PRODUCT, SQUARES = range(5)  # what is made of the elements; SQUARES: the sum of (x - center)**2
_IDENTITY = {SUM: 0.0, MAX: float("-inf"), MIN: float("inf"), PRODUCT: 1.0, SQUARES: 0.0}

UNROLL = 4  # vectors at a time: additions of 3 cycles, two of them in each


def literal(*arguments: Any) -> bool:
    """Whether all are compile-time constants."""
    return all(isinstance(argument, types.IntegerLiteral) for argument in arguments)


def lanes_of(context: Any, pointer: types.CPointer) -> tuple[Any, int]:
    """The LLVM type behind a pointer, and how many of it fill a vector register."""
    element = context.get_data_type(pointer.dtype)
    return element, VECTOR_BYTES // context.get_abi_sizeof(element)


def read(builder: Any, pointer: Any, index: Any, mask: Any, rest: Any) -> Any:
    """A vector at pointer[index]; under a mask (or None), with lanes of the vector ``rest`` where it is not set."""
    place = builder.gep(pointer, [index])
    if mask is not None:
        return read_some(builder, place, mask, rest)
    size = 8 if isinstance(rest.type.element, ir.DoubleType) else 4
    return builder.load(builder.bitcast(place, rest.type.as_pointer()), align=size)


def write(builder: Any, value: Any, pointer: Any, index: Any, mask: Any) -> None:
    """Write a vector to pointer[index], under a mask or None."""
    place = builder.gep(pointer, [index])
    if mask is not None:
        write_some(builder, value, place, mask)
        return
    size = 8 if isinstance(value.type.element, ir.DoubleType) else 4
    builder.store(value, builder.bitcast(place, value.type.as_pointer()), align=size)


def each_vector(builder: Any, n: Any, lanes: int, unroll: int, use: Callable[[Any, Any, int], None]) -> None:
    """Call ``use(index, mask, u)`` for each vector of a row of n elements: first ``unroll`` whole vectors at a time,
    u from 0 on and no mask, then one by one; what is left at the end has a mask. Alone u is 0."""
    step, width = ir.Constant(I64, unroll * lanes), ir.Constant(I64, lanes)
    groups = builder.udiv(n, step)
    with cgutils.for_range(builder, groups) as group:
        start = builder.mul(group.index, step)
        for u in range(unroll):
            use(builder.add(start, ir.Constant(I64, u * lanes)), None, u)
    done = builder.mul(groups, step)
    vectors = builder.udiv(builder.sub(n, done), width)
    if unroll > 1:
        with cgutils.for_range(builder, vectors) as vector:
            use(builder.add(done, builder.mul(vector.index, width)), None, 0)
        done = builder.add(done, builder.mul(vectors, width))
    left = builder.sub(n, done)
    with builder.if_then(builder.icmp_unsigned("!=", left, ir.Constant(I64, 0))):
        room = splat(builder, builder.trunc(left, I32), lanes)
        use(done, builder.icmp_unsigned("<", constant(I32, range(lanes)), room), 0)


def emit_merge(builder: Any, kind: int, a: Any, b: Any) -> Any:
    """What two partial results, numbers or vectors, make together; NaN if one of them is."""
    if kind in (SUM, SQUARES):
        return builder.fadd(a, b)
    if kind == PRODUCT:
        return builder.fmul(a, b)
    # b where one of them is NaN (one instruction of x86), then a where a is
    better = builder.select(builder.fcmp_ordered(">" if kind == MAX else "<", a, b), a, b)
    return builder.select(builder.fcmp_unordered("uno", a, a), a, better)


def _pairs(builder: Any, first: Any, second: Any, combine: Callable[[Any, Any], Any]) -> Any:
    """Neighbouring lanes combined: those of the first vector, then those of the second."""
    lanes = first.type.count
    even, odd = (builder.shuffle_vector(first, second, constant(I32, range(start, 2 * lanes, 2))) for start in (0, 1))
    return combine(even, odd)


def across(builder: Any, vectors: list[Any], combine: Callable[[Any, Any], Any]) -> Any:
    """As many vectors as a vector has lanes, each of them folded into one lane of the result.

    Twice as many lanes in each step: a fifth of the work of folding each vector by itself.
    """
    while len(vectors) > 1:
        vectors = [_pairs(builder, a, b, combine) for a, b in zip(vectors[::2], vectors[1::2], strict=True)]
    return vectors[0]


def one_of(builder: Any, vector: Any, combine: Callable[[Any, Any], Any]) -> Any:
    """All lanes in one, in the order of `across`."""
    while vector.type.count > 1:
        undefined = ir.Constant(vector.type, ir.Undefined)
        even, odd = (
            builder.shuffle_vector(vector, undefined, constant(I32, range(start, vector.type.count, 2)))
            for start in (0, 1)
        )
        vector = combine(even, odd)
    return builder.extract_element(vector, ir.Constant(I32, 0))


@intrinsic
def merge(typingctx, a, b, kind):
    """What two partial results make together; ``kind`` is a compile-time constant."""

    def codegen(context, builder, signature, args):
        return emit_merge(builder, kind.literal_value, args[0], args[1])

    return (a(a, b, kind), codegen) if literal(kind) else None


def _emit_fold_row(builder: Any, x: Any, n: Any, center: Any, nothing: Any, how: int) -> Any:
    """One vector, whose lanes together are the fold of n elements."""
    lanes = nothing.type.count
    totals = [cgutils.alloca_once(builder, nothing.type) for _ in range(UNROLL)]
    centers = splat(builder, center, lanes) if how == SQUARES else None

    def use(index: Any, mask: Any, u: int) -> None:
        if mask is None:
            fetch_ahead(builder, builder.gep(x, [index]), lanes)
        value = read(builder, x, index, mask, nothing)
        if how == SQUARES:
            value = builder.fsub(value, centers)
            value = builder.fmul(value, value)
            if mask is not None:
                value = builder.select(mask, value, nothing)
        builder.store(emit_merge(builder, how, builder.load(totals[u]), value), totals[u])

    for total in totals:
        builder.store(nothing, total)
    each_vector(builder, n, lanes, UNROLL, use)
    parts = [builder.load(total) for total in totals]
    while len(parts) > 1:
        parts = [emit_merge(builder, how, a, b) for a, b in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


@intrinsic
def fold_row(typingctx, x, n, center, kind):
    """The sum, or what ``kind`` says, of n elements; ``center`` is subtracted from each in SQUARES.

    Vectors are added to UNROLL sums in turn: n elements cost each sum n / (UNROLL * LANES) additions.
    """

    def codegen(context, builder, signature, args):
        element, lanes = lanes_of(context, x)
        how = kind.literal_value
        nothing = constant(element, [_IDENTITY[how]] * lanes)
        total = _emit_fold_row(builder, args[0], args[1], args[2], nothing, how)
        return one_of(builder, total, lambda a, b: emit_merge(builder, how, a, b))

    return (x.dtype(x, types.int64, x.dtype, kind), codegen) if literal(kind) else None


@intrinsic
def fold_rows(typingctx, x, n, centers, out, kind):
    """out[lane] = `fold_row` of row ``lane`` of x: (LANES, n), with centers[lane]; the same bits, in less time."""

    def codegen(context, builder, signature, args):
        source, length, middle, target, _ = args
        element, lanes = lanes_of(context, x)
        how = kind.literal_value
        nothing = constant(element, [_IDENTITY[how]] * lanes)
        scratch = cgutils.alloca_once(builder, ir.ArrayType(nothing.type, lanes))
        scratch = builder.bitcast(scratch, nothing.type.as_pointer())
        with cgutils.for_range(builder, ir.Constant(I64, lanes)) as row:
            begin = builder.gep(source, [builder.mul(row.index, length)])
            center = builder.load(builder.gep(middle, [row.index])) if how == SQUARES else None
            total = _emit_fold_row(builder, begin, length, center, nothing, how)
            builder.store(total, builder.gep(scratch, [row.index]))
        totals = [builder.load(builder.gep(scratch, [ir.Constant(I64, row)])) for row in range(lanes)]
        out_of_all = across(builder, totals, lambda a, b: emit_merge(builder, how, a, b))
        write(builder, out_of_all, target, ir.Constant(I64, 0), None)
        return context.get_dummy_value()

    return (types.void(x, types.int64, x, x, kind), codegen) if literal(kind) else None


@intrinsic
def fold_columns(typingctx, x, stride, out, width, start, centers, rows, kind):
    """Fold some rows of x, ``stride`` elements apart, into one: out[i] = out[i] + sum of x[r * stride + i] over r.

    Or what ``kind`` says instead of the sum. If ``start`` is 1, out begins anew. ``rows`` and ``kind`` are compile-time
    constants; the rows are added by pairs.
    """

    def codegen(context, builder, signature, args):
        source, step, target, count, fresh, middle = args[:6]
        element, lanes = lanes_of(context, x)
        how = kind.literal_value
        nothing = constant(element, [_IDENTITY[how]] * lanes)
        lines = [builder.gep(source, [builder.mul(step, ir.Constant(I64, r))]) for r in range(rows.literal_value)]
        begin = builder.icmp_signed("!=", fresh, ir.Constant(I64, 0))

        def body(old: bool) -> None:
            def use(index: Any, mask: Any, u: int) -> None:
                parts = [read(builder, line, index, mask, nothing) for line in lines]
                if how == SQUARES:
                    around = read(builder, middle, index, mask, nothing)
                    parts = [builder.fsub(part, around) for part in parts]
                    parts = [builder.fmul(part, part) for part in parts]
                while len(parts) > 1:
                    left = parts[len(parts) // 2 * 2 :]
                    pairs = zip(parts[: len(parts) - len(left) : 2], parts[1::2], strict=True)
                    parts = [*(emit_merge(builder, how, a, b) for a, b in pairs), *left]
                if old:
                    before = read(builder, target, index, mask, nothing)
                    parts = [emit_merge(builder, how, before, parts[0])]
                write(builder, parts[0], target, index, mask)

            each_vector(builder, count, lanes, 2, use)

        with builder.if_else(begin) as (anew, onward):
            with anew:
                body(False)
            with onward:
                body(True)
        return context.get_dummy_value()

    i64 = types.int64
    signature = types.void(x, i64, x, i64, i64, x, rows, kind)
    return (signature, codegen) if literal(rows, kind) else None
