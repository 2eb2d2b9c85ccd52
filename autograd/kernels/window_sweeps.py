"""Windows of pooling side by side in one output row, one in each lane of a vector; and their gradients.

Elements are read and written under a mask, which says what lies in the input: so padding, the end of a row, and rows
shorter than a vector need no loop of their own.

``step``, a constant, is the distance of windows along a row: whole vectors are read, and split into the elements that
each tap of the windows sees. ``columns`` is the number of taps along a row if that is a constant and they lie side by
side; then what neighbouring taps share is read once. 0 stands for any number at any distance, tap by tap. ``lines`` is
the number of rows of taps if that is a constant and they lie in one plane; 0 stands for any number of rows and planes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import intrinsic
from autograd.kernels.sweeps import lanes_of, literal
from autograd.kernels.vectors import I32, I64, below, constant, fetch_ahead, read_some, splat, write_some

__all__ = ["NO_TAP", "gradients_of_windows", "max_of_box", "max_of_windows", "sums_of_windows"]

NO_TAP = 255  # the number of a tap that no window has

I8 = ir.IntType(8)
I64T = types.int64
_BYTES = types.CPointer(types.uint8)
_TABLE = types.CPointer(types.int64)


def _number(value: int) -> Any:
    return ir.Constant(I64, value)


def _picked(builder: Any, vector: Any, lanes: int, first: int, step: int) -> Any:
    """Every ``step``-th element of a vector, from ``first`` on."""
    if vector.type.count == lanes and step == 1:
        return vector
    chosen = constant(I32, [lane * step + first for lane in range(lanes)])
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), chosen)


def _span(lanes: int, step: int) -> int:
    """Elements that the windows in ``lanes`` lanes begin in, filled up to a power of two of vectors."""
    return lanes * {1: 1, 2: 2, 3: 4, 4: 4}[step]


def _read(builder: Any, line: Any, column: Any, width: Any, span: int, rest: float) -> Any:
    """line[column : column + span], with ``rest`` where that lies outside of 0 to width."""
    # Columns as int32: a mask from int64 would take twice the instructions.
    places = builder.add(splat(builder, builder.trunc(column, I32), span), constant(I32, range(span)))
    return read_some(
        builder,
        builder.gep(line, [column]),
        below(builder, places, width),
        constant(line.type.pointee, [rest] * span),
    )


def _each_tap(
    builder: Any, args: Any, lanes: int, lines: int, columns: int, step: int, rest: float,
    use: Callable[[Any, Any], None],
) -> None:  # fmt: skip
    """Call ``use`` with the values and the number of each tap of the windows, from the first tap to the last.

    args: source, then by axis (depth, rows, columns): the first place of the windows, the size of the input, the
    number of taps, their distance.
    """
    source, front, top, left, depth, height, width, planes, rows, taps, plane_step, row_step, column_step = args
    span = _span(lanes, step)

    def over_line(plane_row: Any, z: Any, row: Any) -> None:
        y = builder.add(top, builder.mul(row, row_step))
        with builder.if_then(builder.icmp_unsigned("<", y, height)):
            start = builder.mul(y if z is None else builder.add(builder.mul(z, height), y), width)
            line = builder.gep(source, [start])
            fetch_ahead(builder, builder.gep(line, [left]), lanes=lanes * step)
            first = builder.mul(builder.add(plane_row, row), _number(columns) if columns else taps)
            for tap in range(columns):
                if tap % step == 0:
                    seen = _read(builder, line, builder.add(left, _number(tap)), width, span, rest)
                use(_picked(builder, seen, lanes, tap % step, step), builder.add(first, _number(tap)))
            if not columns:
                with cgutils.for_range(builder, taps) as tap:
                    column = builder.add(left, builder.mul(tap.index, column_step))
                    seen = _read(builder, line, column, width, span, rest)
                    use(_picked(builder, seen, lanes, 0, step), builder.add(first, tap.index))

    for row in range(lines):
        over_line(_number(0), None, _number(row))
    if not lines:
        with cgutils.for_range(builder, planes) as plane:
            z = builder.add(front, builder.mul(plane.index, plane_step))
            with builder.if_then(builder.icmp_unsigned("<", z, depth)), cgutils.for_range(builder, rows) as row:
                over_line(builder.mul(plane.index, rows), z, row.index)


@intrinsic
def max_of_windows(
    typingctx, source, front, top, left, depth, height, width, planes, rows, taps, plane_step, row_step, column_step,
    row_start, column_starts, out, places, count, lines, columns, step,
):  # fmt: skip
    """The maxima of ``count`` windows, at most as many as fit a vector, and by number the tap where each lies.

    What wins if all elements are -inf is the first tap inside the input: row_start + column_starts[i], or none if
    either is `NO_TAP`. ``places`` gets as many bytes as a vector has lanes of float32, whatever the count.
    """

    def codegen(context, builder, signature, args):
        element, lanes = lanes_of(context, source)
        least = float("-inf")
        none = constant(I32, [NO_TAP] * lanes)
        window, (row_first, firsts, result, numbers, limit) = args[:13], args[13:18]
        bytes_ = ir.VectorType(I8, lanes)
        own = builder.load(builder.bitcast(firsts, bytes_.as_pointer()), align=1)
        own = builder.zext(own, none.type)
        same = splat(builder, builder.trunc(row_first, I32), lanes)
        nothing = builder.or_(builder.icmp_signed("==", own, none), builder.icmp_signed("==", same, none))
        best = cgutils.alloca_once_value(builder, constant(element, [least] * lanes))
        where = cgutils.alloca_once_value(builder, builder.select(nothing, none, builder.add(own, same)))

        def use(value: Any, tap: Any) -> None:
            # Of equal elements the first is kept, of NaNs the last.
            old = builder.load(best)
            better = builder.or_(builder.fcmp_ordered(">", value, old), builder.fcmp_unordered("uno", value, value))
            builder.store(builder.select(better, value, old), best)
            tap = splat(builder, builder.trunc(tap, I32), lanes)
            builder.store(builder.select(better, tap, builder.load(where)), where)

        _each_tap(builder, window, lanes, lines.literal_value, columns.literal_value, step.literal_value, least, use)
        write_some(builder, builder.load(best), result, below(builder, constant(I32, range(lanes)), limit))
        narrow = builder.trunc(builder.load(where), bytes_)
        builder.store(narrow, builder.bitcast(numbers, bytes_.as_pointer()), align=1)
        return context.get_dummy_value()

    if not literal(lines, columns, step):
        return None
    return types.void(source, *[I64T] * 12, I64T, _BYTES, source, _BYTES, I64T, lines, columns, step), codegen


@intrinsic
def sums_of_windows(
    typingctx, source, front, top, left, depth, height, width, planes, rows, taps, plane_step, row_step, column_step,
    factors, out, count, lines, columns, step,
):  # fmt: skip
    """The sums of ``count`` windows, times ``factors``, to ``out``; see `max_of_windows`."""

    def codegen(context, builder, signature, args):
        element, lanes = lanes_of(context, source)
        zeros = constant(element, [0.0] * lanes)
        total = cgutils.alloca_once_value(builder, zeros)
        window, (shares, result, limit) = args[:13], args[13:16]

        def use(value: Any, tap: Any) -> None:
            builder.store(builder.fadd(builder.load(total), value), total)

        _each_tap(builder, window, lanes, lines.literal_value, columns.literal_value, step.literal_value, 0.0, use)
        used = below(builder, constant(I32, range(lanes)), limit)
        write_some(builder, builder.fmul(builder.load(total), read_some(builder, shares, used, zeros)), result, used)
        return context.get_dummy_value()

    if not literal(lines, columns, step):
        return None
    return types.void(source, *[I64T] * 12, source, source, I64T, lines, columns, step), codegen


def _interleaved(builder: Any, vectors: list[Any]) -> Any:
    """One vector with the elements of several in turn, filled up to a power of two of vectors."""
    lanes, step = vectors[0].type.count, len(vectors)
    span = _span(lanes, step)
    while len(vectors) * lanes < span:
        vectors = [*vectors, ir.Constant(vectors[0].type, ir.Undefined)]
    order = [min(i, lanes * step - 1) for i in range(span)]
    while len(vectors) > 1:
        count = 2 * vectors[0].type.count
        both = constant(I32, range(count))
        vectors = [builder.shuffle_vector(a, b, both) for a, b in zip(vectors[::2], vectors[1::2], strict=True)]
    (whole,) = vectors
    chosen = constant(I32, [i % step * lanes + i // step for i in order])
    return builder.shuffle_vector(whole, ir.Constant(whole.type, ir.Undefined), chosen)


@intrinsic
def gradients_of_windows(
    typingctx, g, places, out_height, out_width, pitch, plane_table, row_table, planes, rows, taps, column_step, index,
    column, width, factor, out, largest, lines, columns, step,
):  # fmt: skip
    """The gradients of as many elements of one row as ``step`` vectors hold, from ``column`` on, to ``out``, the row.

    plane_table: (planes), row_table: (rows): which output plane and row sees this row with each tap, or -1. Output
    column ``index`` + lane - k sees the elements at lane * step + j with tap k * step + j. g: (OD, OH, OW); places:
    (OD, OH, pitch), the winning taps. With ``largest`` (a constant) an output's gradient goes to its winning tap, else
    to all taps, times ``factor``.
    """

    def codegen(context, builder, signature, args):
        element, lanes = lanes_of(context, g)
        (source, numbers, line_count, line_width, line_pitch, plane_at, row_at, plane_count, row_count, tap_count,
         tap_step, first_index, first_column, length, share, target) = args[:16]  # fmt: skip
        wide, stride = columns.literal_value, step.literal_value
        zeros = constant(element, [0.0] * lanes)
        totals = [cgutils.alloca_once_value(builder, zeros) for _ in range(stride)]

        def add(line: Any, marks: Any, back: Any, tap: Any, j: int) -> None:
            place = builder.sub(first_index, back)
            value = _read(builder, line, place, line_width, lanes, 0.0)
            if largest.literal_value:
                bytes_ = ir.VectorType(I8, lanes)
                won = builder.load(builder.bitcast(builder.gep(marks, [place]), bytes_.as_pointer()), align=1)
                wanted = splat(builder, builder.trunc(tap, I8), lanes)
                value = builder.select(builder.icmp_unsigned("==", won, wanted), value, zeros)
            builder.store(builder.fadd(builder.load(totals[j]), value), totals[j])

        def over_line(plane_row: Any, z: Any, row: Any) -> None:
            y = builder.load(builder.gep(row_at, [row]))
            with builder.if_then(builder.icmp_signed(">=", y, _number(0))):
                number = y if z is None else builder.add(builder.mul(z, line_count), y)
                line = builder.gep(source, [builder.mul(number, line_width)])
                marks = builder.gep(numbers, [builder.mul(number, line_pitch)])
                first = builder.mul(builder.add(plane_row, row), _number(wide) if wide else tap_count)
                fetch_ahead(builder, builder.gep(line, [first_index]), lanes=lanes)
                for tap in range(wide):
                    add(line, marks, _number(tap // stride), builder.add(first, _number(tap)), tap % stride)
                if not wide:
                    with cgutils.for_range(builder, tap_count) as tap:
                        reach = builder.mul(tap.index, tap_step)
                        for j in range(stride):
                            rest = builder.urem(reach, _number(stride))
                            with builder.if_then(builder.icmp_unsigned("==", rest, _number(j))):
                                back = builder.udiv(reach, _number(stride))
                                add(line, marks, back, builder.add(first, tap.index), j)

        fetch_ahead(builder, builder.gep(target, [first_column]), lanes=lanes * stride)
        for row in range(lines.literal_value):
            over_line(_number(0), None, _number(row))
        if not lines.literal_value:
            with cgutils.for_range(builder, plane_count) as plane:
                z = builder.load(builder.gep(plane_at, [plane.index]))
                with (
                    builder.if_then(builder.icmp_signed(">=", z, _number(0))),
                    cgutils.for_range(builder, row_count) as row,
                ):
                    over_line(builder.mul(plane.index, row_count), z, row.index)
        result = _interleaved(builder, [builder.load(total) for total in totals])
        if not largest.literal_value:
            result = builder.fmul(result, splat(builder, share, result.type.count))
        span = result.type.count
        at = builder.add(splat(builder, builder.trunc(first_column, I32), span), constant(I32, range(span)))
        inside = below(builder, at, length)
        if span > lanes * stride:
            inside = builder.and_(inside, constant(ir.IntType(1), [int(i < lanes * stride) for i in range(span)]))
        write_some(builder, result, builder.gep(target, [first_column]), inside)
        return context.get_dummy_value()

    if not literal(largest, lines, columns, step):
        return None
    return (
        types.void(g, _BYTES, *[I64T] * 3, _TABLE, _TABLE, *[I64T] * 7, g.dtype, g, largest, lines, columns, step),
        codegen,
    )


@intrinsic
def max_of_box(typingctx, source, front, back, top, bottom, left, right, height, width):
    """The largest element of source[front:back, top:bottom, left:right], and its place in source: (D, H, W).

    Each lane looks after some columns. Of equal elements the first counts, of NaNs the last; -1 if the box is empty.
    """
    pair = types.Tuple((source.dtype, I64T))

    def codegen(context, builder, signature, args):
        elements, front, back, top, bottom, left, right, height, width = args
        element, lanes = lanes_of(context, source)
        least = constant(element, [float("-inf")] * lanes)
        beyond = constant(I32, [(1 << 31) - 1] * lanes)
        best = cgutils.alloca_once_value(builder, least)
        where = cgutils.alloca_once_value(builder, beyond)
        count = builder.sub(right, left)
        vectors = builder.sdiv(builder.add(count, _number(lanes - 1)), _number(lanes))
        with (
            cgutils.for_range_slice(builder, front, back, _number(1)) as (z, _),
            cgutils.for_range_slice(builder, top, bottom, _number(1)) as (y, _),
            cgutils.for_range(builder, vectors) as vector,
        ):
            start = builder.add(builder.mul(builder.add(builder.mul(z, height), y), width), left)
            first = builder.mul(vector.index, _number(lanes))
            places = builder.add(splat(builder, builder.trunc(first, I32), lanes), constant(I32, range(lanes)))
            inside = below(builder, places, count)
            pointer = builder.gep(elements, [builder.add(start, first)])
            fetch_ahead(builder, pointer, lanes)
            value = read_some(builder, pointer, inside, least)
            places = builder.add(places, splat(builder, builder.trunc(start, I32), lanes))
            old, old_where = builder.load(best), builder.load(where)
            better = builder.or_(builder.fcmp_ordered(">", value, old), builder.fcmp_unordered("uno", value, value))
            untouched = builder.and_(inside, builder.icmp_signed("==", old_where, beyond))  # if all are -inf
            better = builder.or_(better, untouched)
            builder.store(builder.select(better, value, old), best)
            builder.store(builder.select(better, places, old_where), where)

        def reduce(kind: str, vector: Any) -> Any:
            name = f"llvm.vector.reduce.{kind}.v{lanes}" + ("i32" if kind[0] == "s" else f"f{8 * _size(element)}")
            function = ir.FunctionType(vector.type.element, [vector.type])
            return builder.call(cgutils.get_or_insert_function(builder.module, function, name), [vector])

        largest, at = builder.load(best), builder.load(where)
        nan = builder.fcmp_unordered("uno", largest, largest)
        last_nan = reduce("smax", builder.select(nan, at, constant(I32, [-1] * lanes)))
        top_value = reduce("fmax", largest)
        has_it = builder.fcmp_ordered("==", largest, splat(builder, top_value, lanes))
        place = reduce("smin", builder.select(has_it, at, beyond))
        place = builder.select(
            builder.icmp_signed("==", place, ir.Constant(I32, (1 << 31) - 1)), ir.Constant(I32, -1), place
        )
        is_nan = builder.icmp_signed(">=", last_nan, ir.Constant(I32, 0))
        result = builder.select(is_nan, ir.Constant(element, float("nan")), top_value)
        place = builder.sext(builder.select(is_nan, last_nan, place), I64)
        return context.make_tuple(builder, pair, [result, place])

    return pair(source, *[I64T] * 8), codegen


def _size(element: Any) -> int:
    return 4 if isinstance(element, ir.FloatType) else 8
