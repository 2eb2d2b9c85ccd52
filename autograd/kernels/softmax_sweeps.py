"""One pass over a row, or over all columns of a row: what softmax, its logarithm and cross entropy are made of.

A *recipe* says what becomes of each element. `gather` adds the results of a row up, `gather_columns` adds them to one
sum for each column, and `convert` writes them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import types
from numba.core import cgutils

from autograd.kernels.jit import intrinsic
from autograd.kernels.scalar_math import emit, exp_below_zero
from autograd.kernels.sweeps import each_vector, lanes_of, literal, one_of, read, write
from autograd.kernels.vectors import constant, splat

__all__ = [
    "DOT",
    "EXP",
    "EXP_KEPT",
    "EXP_LESS",
    "GAP",
    "LOG",
    "LOG_BACK",
    "PEAK",
    "SCALE",
    "SOFT_BACK",
    "TOTAL",
    "WEIGHTED_GAP",
    "convert",
    "gather",
    "gather_columns",
]

# Of the elements x and y of two rows, and a number a; the results are added up, those of PEAK compared
PEAK, TOTAL, DOT, EXP, EXP_KEPT, GAP, WEIGHTED_GAP = range(7)
_GATHERED: dict[int, Callable[..., Any]] = {
    PEAK: lambda builder, x, y, a: x,
    TOTAL: lambda builder, x, y, a: x,
    DOT: lambda builder, x, y, a: builder.fmul(x, y),
    EXP: lambda builder, x, y, a: emit(exp_below_zero, builder, builder.fsub(x, a)),
    EXP_KEPT: lambda builder, x, y, a: emit(exp_below_zero, builder, builder.fsub(x, a)),  # which is written, too
    GAP: lambda builder, x, y, a: builder.fsub(a, x),
    WEIGHTED_GAP: lambda builder, x, y, a: builder.fmul(builder.fsub(a, x), y),
}
_NEEDS_Y = (DOT, WEIGHTED_GAP)

# Of x, y, and the numbers a, b and c
SCALE, LOG, SOFT_BACK, LOG_BACK, EXP_LESS = range(5)
_CONVERTED: dict[int, tuple[str, Callable[..., Any]]] = {  # with the names of those that it needs
    SCALE: ("xa", lambda builder, x, y, a, b, c: builder.fmul(x, a)),
    LOG: ("xab", lambda builder, x, y, a, b, c: builder.fsub(builder.fsub(x, a), b)),
    SOFT_BACK: ("xya", lambda builder, x, y, a, b, c: builder.fmul(y, builder.fsub(x, a))),
    LOG_BACK: (
        "xya",
        lambda builder, x, y, a, b, c: builder.fsub(x, builder.fmul(emit(exp_below_zero, builder, y), a)),
    ),
    EXP_LESS: (
        "xabc",
        lambda builder, x, y, a, b, c: builder.fsub(
            builder.fmul(emit(exp_below_zero, builder, builder.fsub(x, a)), b), c
        ),
    ),
}


def _larger(builder: Any, a: Any, b: Any) -> Any:
    """The larger one; b if one of them is NaN."""
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


@intrinsic
def gather(typingctx, x, y, n, a, out, recipe):
    """The sum of what the recipe makes of n elements; for PEAK the largest, without those that are NaN."""

    def codegen(context, builder, signature, args):
        element, lanes = lanes_of(context, x)
        what = recipe.literal_value
        zeros = constant(element, [0.0] * lanes)
        nothing = constant(element, [float("-inf")] * lanes) if what == PEAK else zeros
        numbers = splat(builder, args[3], lanes)
        totals = [cgutils.alloca_once(builder, nothing.type) for _ in range(2)]
        for total in totals:
            builder.store(nothing, total)

        def combine(a: Any, b: Any) -> Any:
            return _larger(builder, a, b) if what == PEAK else builder.fadd(a, b)

        def use(index: Any, mask: Any, u: int) -> None:
            first = read(builder, args[0], index, mask, nothing)
            second = read(builder, args[1], index, mask, zeros) if what in _NEEDS_Y else None
            value = _GATHERED[what](builder, first, second, numbers)
            if what == EXP_KEPT:
                write(builder, value, args[4], index, mask)
            if mask is not None and what in (EXP, EXP_KEPT, GAP, WEIGHTED_GAP):
                value = builder.select(mask, value, zeros)
            builder.store(combine(value, builder.load(totals[u])), totals[u])

        each_vector(builder, args[2], lanes, len(totals), use)
        parts = [builder.load(total) for total in totals]
        while len(parts) > 1:
            parts = [combine(a, b) for a, b in zip(parts[::2], parts[1::2], strict=True)]
        return one_of(builder, parts[0], combine)

    return (x.dtype(x, x, types.int64, x.dtype, x, recipe), codegen) if literal(recipe) else None


@intrinsic
def gather_columns(typingctx, x, y, n, a, total, out, recipe):
    """total[i] += what the recipe makes of x[i] and y[i] and a[i], for n columns."""

    def codegen(context, builder, signature, args):
        element, lanes = lanes_of(context, x)
        what = recipe.literal_value
        zeros = constant(element, [0.0] * lanes)

        def use(index: Any, mask: Any, u: int) -> None:
            first = read(builder, args[0], index, mask, zeros)
            second = read(builder, args[1], index, mask, zeros) if what in _NEEDS_Y else None
            number = read(builder, args[3], index, mask, zeros) if what in (EXP, EXP_KEPT) else None
            value = _GATHERED[what](builder, first, second, number)
            if what == EXP_KEPT:
                write(builder, value, args[5], index, mask)
            before = read(builder, args[4], index, mask, zeros)
            write(builder, builder.fadd(before, value), args[4], index, mask)

        each_vector(builder, args[2], lanes, 2, use)
        return context.get_dummy_value()

    return (types.void(x, x, types.int64, x, x, x, recipe), codegen) if literal(recipe) else None


@intrinsic
def convert(typingctx, x, y, n, a, b, c, out, recipe):
    """out[i] = what the recipe makes of x[i], y[i], a, b and c, for n elements.

    a, b and c are numbers, or pointers to one number for each column.
    """

    def codegen(context, builder, signature, args):
        element, lanes = lanes_of(context, x)
        needs, code = _CONVERTED[recipe.literal_value]
        zeros = constant(element, [0.0] * lanes)
        places = {"x": args[0], "y": args[1], "a": args[3], "b": args[4], "c": args[5]}
        columns = isinstance(a, types.CPointer)
        numbers = {} if columns else {name: splat(builder, places[name], lanes) for name in needs if name in "abc"}

        def use(index: Any, mask: Any, u: int) -> None:
            values = [
                None if name not in needs
                else numbers[name] if name in numbers
                else read(builder, places[name], index, mask, zeros)
                for name in "xyabc"
            ]  # fmt: skip
            write(builder, code(builder, *values), args[6], index, mask)

        each_vector(builder, args[2], lanes, 2, use)
        return context.get_dummy_value()

    number = x if isinstance(a, types.CPointer) else x.dtype
    return (types.void(x, x, types.int64, number, number, number, x, recipe), codegen) if literal(recipe) else None
