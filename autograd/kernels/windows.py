"""Windows of pooling side by side in one output row, one in each lane of a vector.

All taps are read under a mask, which says whether the place lies in the input: so padding, the end of a row, and rows
shorter than a vector need no loop of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import intrinsic
from autograd.kernels.vectors import I1, I32, I64, below, constant, fetch_ahead, read_some, splat, write_some

__all__ = ["max_of_windows", "means_of_windows"]


def _read_windows(builder: Any, line: Any, column: Any, width: Any, step: int, rest: Any) -> tuple[Any, Any]:
    """line[column + lane * step] for all lanes, and the mask of those with 0 <= column + lane * step < width.

    ``rest`` is what the other lanes hold. Contiguous elements are read, and those between the windows dropped.
    """
    lanes = rest.type.count
    span = lanes * {1: 1, 2: 2, 3: 4, 4: 4}[step]  # whole vectors
    # Columns as int32: a mask from int64 would take twice the instructions.
    column32 = builder.trunc(column, I32)
    mask = below(builder, builder.add(splat(builder, column32, span), constant(I32, range(span))), width)
    if step == 1:
        return read_some(builder, builder.gep(line, [column]), mask, rest), mask
    wanted = constant(I1, [int(i % step == 0 and i < lanes * step) for i in range(span)])
    whole = read_some(
        builder,
        builder.gep(line, [column]),
        builder.and_(mask, wanted),
        constant(rest.type.element, [0.0] * span),
    )
    chosen = constant(I32, [lane * step for lane in range(lanes)])
    places = builder.add(splat(builder, column32, lanes), chosen)
    inside = below(builder, places, width)
    value = builder.shuffle_vector(whole, ir.Constant(whole.type, ir.Undefined), chosen)
    return builder.select(inside, value, rest), inside


def _each_tap(builder: Any, args: Any, step: int, rest: Any, use: Callable[..., None]) -> None:
    """Call ``use`` with the values, mask and place of each tap of the windows, from the last tap to the first."""
    source, top, left, height, width, rows, columns, row_step, column_step = args
    one = ir.Constant(I64, 1)
    with cgutils.for_range(builder, rows) as tap_row:
        row = builder.add(top, builder.mul(builder.sub(builder.sub(rows, one), tap_row.index), row_step))
        with builder.if_then(builder.icmp_unsigned("<", row, height)):
            start = builder.mul(row, width)
            line = builder.gep(source, [start])
            fetch_ahead(builder, builder.gep(line, [left]), lanes=rest.type.count * step)
            with cgutils.for_range(builder, columns) as tap_column:
                tap = builder.sub(builder.sub(columns, one), tap_column.index)
                column = builder.add(left, builder.mul(tap, column_step))
                value, inside = _read_windows(builder, line, column, width, step, rest)
                use(value, inside, builder.add(start, column))


@intrinsic
def max_of_windows(
    typingctx, source, top, left, height, width, rows, columns, row_step, column_step, out, indices, count, lanes, step
):
    """The maxima of ``count`` windows and their places, to ``out`` and ``indices``.

    Window ``i`` begins at row ``top``, column ``left + i * step`` of source: (height, width), and has (rows, columns)
    taps, ``row_step`` and ``column_step`` apart. At most ``lanes`` windows; lanes and step are constants.
    """

    def codegen(context, builder, signature, args):
        n, stride = lanes.literal_value, step.literal_value
        rest = constant(context.get_data_type(source.dtype), [float("-inf")] * n)
        best = cgutils.alloca_once_value(builder, rest)
        where = cgutils.alloca_once_value(builder, constant(I32, [-1] * n))

        def use(value: Any, inside: Any, place: Any) -> None:
            # From the last tap to the first, so that of equal elements the first is kept, and of NaNs the last.
            old = builder.load(best)
            better = builder.and_(builder.fcmp_unordered(">=", value, old), builder.fcmp_ordered("ord", old, old))
            better = builder.and_(better, inside)
            places = splat(builder, builder.trunc(place, I32), n)
            places = builder.add(places, constant(I32, [lane * stride for lane in range(n)]))
            builder.store(builder.select(better, value, old), best)
            builder.store(builder.select(better, places, builder.load(where)), where)

        _each_tap(builder, args[:9], stride, rest, use)
        places = builder.sext(builder.load(where), ir.VectorType(I64, n))
        used = below(builder, constant(I32, range(n)), args[11])
        write_some(builder, builder.load(best), args[9], used)
        write_some(builder, places, args[10], used)
        return context.get_dummy_value()

    if not isinstance(lanes, types.IntegerLiteral) or not isinstance(step, types.IntegerLiteral):
        return None
    i64 = types.int64
    return types.void(source, *[i64] * 8, source, types.CPointer(i64), i64, lanes, step), codegen


@intrinsic
def means_of_windows(
    typingctx, source, top, left, height, width, rows, columns, row_step, column_step, divisors, out, count, lanes, step
):
    """The sums of ``count`` windows, divided by ``divisors``, to ``out``; see `max_of_windows`."""

    def codegen(context, builder, signature, args):
        n = lanes.literal_value
        real = context.get_data_type(source.dtype)
        rest = constant(real, [0.0] * n)
        total = cgutils.alloca_once_value(builder, rest)

        def use(value: Any, inside: Any, place: Any) -> None:
            builder.store(builder.fadd(builder.load(total), value), total)

        _each_tap(builder, args[:9], step.literal_value, rest, use)
        used = below(builder, constant(I32, range(n)), args[11])
        divisor = read_some(builder, args[9], used, constant(real, [1.0] * n))
        write_some(builder, builder.fdiv(builder.load(total), divisor), args[10], used)
        return context.get_dummy_value()

    if not isinstance(lanes, types.IntegerLiteral) or not isinstance(step, types.IntegerLiteral):
        return None
    i64 = types.int64
    return types.void(source, *[i64] * 8, source, source, i64, lanes, step), codegen
