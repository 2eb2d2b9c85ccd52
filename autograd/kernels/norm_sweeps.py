"""The loops inside normalization, as LLVM: sums over the elements of a channel or a row, and their scaling.

The elements lie in ``rows`` rows of ``n``, ``stride`` apart. What belongs to them (mean, scale, ...) is one number for
all, or, where it is given by a pointer, one for each column: then the columns are channels that lie side by side, at
most `COLUMN_VECTORS` vectors of them, and sums are of columns.

With ``relu``, a constant, what is below 0 becomes 0. The gradient finds out again which elements those were: the same
instructions on the same numbers, instead of reading the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import intrinsic
from autograd.kernels.sweeps import each_vector, lanes_of, literal, read, write
from autograd.kernels.vectors import I32, I64, below, constant, splat

__all__ = [
    "COLUMN_VECTORS",
    "layer_gradient_rows",
    "layer_gradient_sums",
    "layer_row",
    "moments",
    "products",
    "scale_rows",
    "spread_rows",
]

COLUMN_VECTORS = 4
UNROLL = 4  # vectors of a row at a time

I64T = types.int64


class _Sweep:
    """Emits loops over rows and their vectors, for elements of the type behind ``pointer``."""

    def __init__(self, context: Any, builder: Any, pointer: types.CPointer) -> None:
        self.builder = builder
        self.element, self.lanes = lanes_of(context, pointer)
        self.vector = ir.VectorType(self.element, self.lanes)
        self.zeros = constant(self.element, [0.0] * self.lanes)
        size = 4 if isinstance(self.element, ir.FloatType) else 8
        self.multiply_add = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(self.vector, [self.vector] * 3), f"llvm.fmuladd.v{self.lanes}f{8 * size}"
        )

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        return self.builder.call(self.multiply_add, [a, b, c])

    def masks(self, n: Any) -> list[Any]:
        """Which lanes of each vector of columns exist."""
        lanes = self.lanes
        return [below(self.builder, constant(I32, range(v * lanes, (v + 1) * lanes)), n) for v in range(COLUMN_VECTORS)]

    def values(self, given: Any, by_column: bool, n: Any) -> Callable[[int], Any]:
        """Numbers that belong to the elements, as a function of the vector's number."""
        builder = self.builder
        if not by_column:
            same = splat(builder, given, self.lanes)
            return lambda v: same
        each = [
            read(builder, given, ir.Constant(I64, v * self.lanes), mask, self.zeros)
            for v, mask in enumerate(self.masks(n))
        ]
        return lambda v: each[v]

    def over(self, rows: Any, stride: Any, n: Any, by_column: bool, use: Callable[[Any, Any, int], None]) -> None:
        """Call ``use(index, mask, v)`` for each vector; v below `UNROLL`, or the vector's number among the columns."""
        builder = self.builder
        masks = self.masks(n) if by_column else []
        with cgutils.for_range(builder, rows) as row:
            start = builder.mul(row.index, stride)
            if by_column:
                for v, mask in enumerate(masks):
                    use(builder.add(start, ir.Constant(I64, v * self.lanes)), mask, v)
            else:
                each_vector(builder, n, self.lanes, UNROLL, lambda i, mask, v: use(builder.add(start, i), mask, v))

    def sums(self, count: int) -> list[list[Any]]:
        """Places for so many sums, as many vectors of each as `over` counts, with 0 in them."""
        return [
            [cgutils.alloca_once_value(self.builder, self.zeros) for _ in range(max(UNROLL, COLUMN_VECTORS))]
            for _ in range(count)
        ]

    def add(self, place: Any, value: Any) -> None:
        self.builder.store(self.builder.fadd(self.builder.load(place), value), place)

    def add_product(self, place: Any, a: Any, b: Any) -> None:
        self.builder.store(self.fma(a, b, self.builder.load(place)), place)

    def total(self, places: list[Any]) -> Any:
        """All lanes of all vectors in one number."""
        builder = self.builder
        vectors = [builder.load(place) for place in places]
        while len(vectors) > 1:
            vectors = [builder.fadd(a, b) for a, b in zip(vectors[::2], vectors[1::2], strict=True)]
        (vector,) = vectors
        while vector.type.count > 1:
            half = vector.type.count // 2
            undefined = ir.Constant(vector.type, ir.Undefined)
            low, high = (
                builder.shuffle_vector(vector, undefined, constant(I32, range(start, start + half)))
                for start in (0, half)
            )
            vector = builder.fadd(low, high)
        return builder.extract_element(vector, ir.Constant(I32, 0))

    def finish(self, sums: list[list[Any]], outs: list[Any], by_column: bool, n: Any) -> None:
        """Write sums: one number each, or one for each column."""
        for places, out in zip(sums, outs, strict=True):
            if not by_column:
                self.builder.store(self.total(places), out)
                continue
            for v, mask in enumerate(self.masks(n)):
                write(self.builder, self.builder.load(places[v]), out, ir.Constant(I64, v * self.lanes), mask)

    def inside(self, mask: Any, value: Any) -> Any:
        """The value, and 0 in lanes that do not exist."""
        return value if mask is None else self.builder.select(mask, value, self.zeros)

    def passing(self, g: Any, gap: Any, scale: Any, shift: Any, relu: bool) -> Any:
        """The gradient of what was scaled: 0 where relu has cut."""
        if not relu:
            return g
        return self.builder.select(
            self.builder.fcmp_ordered(">", self.fma(gap, scale, shift), self.zeros), g, self.zeros
        )


@intrinsic
def moments(typingctx, x, rows, stride, n, shift, sums, squares):
    """The sum of x - shift to ``sums``, and of its square to ``squares``."""
    by_column = isinstance(shift, types.CPointer)

    def codegen(context, builder, signature, args):
        source, row_count, row_stride, length, given, *outs = args
        sweep = _Sweep(context, builder, x)
        shifts = sweep.values(given, by_column, length)
        totals, powers = sweep.sums(2)

        def use(index: Any, mask: Any, v: int) -> None:
            gap = sweep.inside(mask, builder.fsub(read(builder, source, index, mask, sweep.zeros), shifts(v)))
            sweep.add(totals[v], gap)
            sweep.add_product(powers[v], gap, gap)

        sweep.over(row_count, row_stride, length, by_column, use)
        sweep.finish([totals, powers], outs, by_column, length)
        return context.get_dummy_value()

    return types.void(x, I64T, I64T, I64T, shift if by_column else x.dtype, x, x), codegen


@intrinsic
def scale_rows(typingctx, x, out, rows, stride, n, mean, scale, shift, relu):
    """out = (x - mean) * scale + shift."""
    by_column = isinstance(mean, types.CPointer)

    def codegen(context, builder, signature, args):
        source, result, row_count, row_stride, length, *given, _ = args
        sweep = _Sweep(context, builder, x)
        means, scales, shifts = (sweep.values(value, by_column, length) for value in given)

        def use(index: Any, mask: Any, v: int) -> None:
            gap = builder.fsub(read(builder, source, index, mask, sweep.zeros), means(v))
            value = sweep.fma(gap, scales(v), shifts(v))
            if relu.literal_value:
                value = builder.select(builder.fcmp_ordered("<=", value, sweep.zeros), sweep.zeros, value)
            write(builder, value, result, index, mask)

        sweep.over(row_count, row_stride, length, by_column, use)
        return context.get_dummy_value()

    if not literal(relu):
        return None
    given = [x if by_column else x.dtype] * 3
    return types.void(x, x, I64T, I64T, I64T, *given, relu), codegen


@intrinsic
def products(typingctx, g, x, rows, stride, n, mean, scale, shift, sums, with_x, relu):
    """The sum of g to ``sums``, and of g * (x - mean) to ``with_x``, where g has passed relu."""
    by_column = isinstance(mean, types.CPointer)

    def codegen(context, builder, signature, args):
        source, values, row_count, row_stride, length, *given, first, second, _ = args
        sweep = _Sweep(context, builder, x)
        means, scales, shifts = (sweep.values(value, by_column, length) for value in given)
        totals, together = sweep.sums(2)

        def use(index: Any, mask: Any, v: int) -> None:
            gap = builder.fsub(read(builder, values, index, mask, sweep.zeros), means(v))
            passed = sweep.passing(read(builder, source, index, mask, sweep.zeros), gap, scales(v), shifts(v), cut)
            sweep.add(totals[v], passed)
            sweep.add_product(together[v], passed, sweep.inside(mask, gap))

        cut = bool(relu.literal_value)
        sweep.over(row_count, row_stride, length, by_column, use)
        sweep.finish([totals, together], [first, second], by_column, length)
        return context.get_dummy_value()

    if not literal(relu):
        return None
    given = [x if by_column else x.dtype] * 3
    return types.void(x, x, I64T, I64T, I64T, *given, x, x, relu), codegen


@intrinsic
def spread_rows(typingctx, g, x, gx, rows, stride, n, mean, scale, shift, of_x, rest, relu):
    """gx = g * scale + ((x - mean) * of_x + rest), where g has passed relu."""
    by_column = isinstance(mean, types.CPointer)

    def codegen(context, builder, signature, args):
        source, values, result, row_count, row_stride, length, *given, _ = args
        sweep = _Sweep(context, builder, x)
        means, scales, shifts, slopes, rests = (sweep.values(value, by_column, length) for value in given)

        def use(index: Any, mask: Any, v: int) -> None:
            gap = builder.fsub(read(builder, values, index, mask, sweep.zeros), means(v))
            passed = sweep.passing(read(builder, source, index, mask, sweep.zeros), gap, scales(v), shifts(v), cut)
            value = sweep.fma(passed, scales(v), sweep.fma(gap, slopes(v), rests(v)))
            write(builder, value, result, index, mask)

        cut = bool(relu.literal_value)
        sweep.over(row_count, row_stride, length, by_column, use)
        return context.get_dummy_value()

    if not literal(relu):
        return None
    given = [x if by_column else x.dtype] * 5
    return types.void(x, x, x, I64T, I64T, I64T, *given, relu), codegen


# --- Rows of features, each with its own weight ----------------------------------------------------------------------


@intrinsic
def layer_row(typingctx, x, out, n, mean, rstd, start, weight, bias):
    """out = ((x - mean) * rstd + start) * weight + bias; weight, bias: (n)"""

    def codegen(context, builder, signature, args):
        source, result, length, *given, weights, biases = args
        sweep = _Sweep(context, builder, x)
        mean, rstd, start = (splat(builder, value, sweep.lanes) for value in given)

        def use(index: Any, mask: Any, v: int) -> None:
            own = [read(builder, values, index, mask, sweep.zeros) for values in (source, weights, biases)]
            normal = sweep.fma(builder.fsub(own[0], mean), rstd, start)
            write(builder, sweep.fma(normal, own[1], own[2]), result, index, mask)

        each_vector(builder, length, sweep.lanes, UNROLL, use)
        return context.get_dummy_value()

    return types.void(x, x, I64T, *[x.dtype] * 3, x, x), codegen


@intrinsic
def layer_gradient_sums(typingctx, g, x, weight, n, mean):
    """The sum of g * weight, and of g * weight * (x - mean), over n elements."""
    pair = types.UniTuple(x.dtype, 2)

    def codegen(context, builder, signature, args):
        source, values, weights, length, given = args
        sweep = _Sweep(context, builder, x)
        mean = splat(builder, given, sweep.lanes)
        totals, together = sweep.sums(2)

        def use(index: Any, mask: Any, v: int) -> None:
            own = [read(builder, pointer, index, mask, sweep.zeros) for pointer in (source, values, weights)]
            scaled = builder.fmul(own[0], own[2])
            sweep.add(totals[v], scaled)
            sweep.add_product(together[v], scaled, sweep.inside(mask, builder.fsub(own[1], mean)))

        each_vector(builder, length, sweep.lanes, UNROLL, use)
        return context.make_tuple(builder, pair, [sweep.total(totals), sweep.total(together)])

    return pair(x, x, x, I64T, x.dtype), codegen


@intrinsic
def layer_gradient_rows(typingctx, g, x, gx, weight, of_weight, of_bias, n, numbers, rows):
    """The gradients of some rows (a constant) of n elements, and what they add to those of weight and bias.

    numbers: (rows, 5), of each row its mean, rstd, start, of_x and rest, with
    gx = g * weight * rstd + ((x - mean) * of_x + rest); of_weight += g * ((x - mean) * rstd + start); of_bias += g
    """

    def codegen(context, builder, signature, args):
        source, values, result, weights, for_weight, for_bias, length, table, _ = args
        sweep = _Sweep(context, builder, x)
        own = [
            [
                splat(builder, builder.load(builder.gep(table, [ir.Constant(I64, 5 * row + i)])), sweep.lanes)
                for i in range(5)
            ]
            for row in range(rows.literal_value)
        ]
        starts = [builder.mul(length, ir.Constant(I64, row)) for row in range(rows.literal_value)]

        def use(index: Any, mask: Any, v: int) -> None:
            weight, total, bias = (
                read(builder, pointer, index, mask, sweep.zeros) for pointer in (weights, for_weight, for_bias)
            )
            for (mean, rstd, start, slope, rest), begin in zip(own, starts, strict=True):
                place = builder.add(begin, index)
                incoming = read(builder, source, place, mask, sweep.zeros)
                gap = builder.fsub(read(builder, values, place, mask, sweep.zeros), mean)
                through = builder.fmul(builder.fmul(incoming, weight), rstd)
                write(builder, builder.fadd(through, sweep.fma(gap, slope, rest)), result, place, mask)
                total = sweep.fma(incoming, sweep.fma(gap, rstd, start), total)
                bias = builder.fadd(bias, incoming)
            write(builder, total, for_weight, index, mask)
            write(builder, bias, for_bias, index, mask)

        each_vector(builder, length, sweep.lanes, 1, use)
        return context.get_dummy_value()

    if not literal(rows):
        return None
    return types.void(x, x, x, x, x, x, I64T, x, rows), codegen
