"""Vector code that LLVM does not find by itself: reads and writes under a mask, and rows of exponentials.

Functions for `numba.extending.intrinsic`s emit it. A mask says which lanes lie inside the array, so that the end of a
row, and rows shorter than a vector, need no loop of their own; lanes outside are neither read nor written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import VECTOR_BYTES, intrinsic

__all__ = [
    "I1",
    "I32",
    "I64",
    "below",
    "constant",
    "fetch_ahead",
    "read_some",
    "row_exp",
    "row_max",
    "splat",
    "write_some",
]

I1, I32, I64 = ir.IntType(1), ir.IntType(32), ir.IntType(64)


def constant(element: Any, values: Sequence[Any]) -> Any:
    """A constant vector."""
    return ir.Constant(ir.VectorType(element, len(values)), list(values))


def splat(builder: Any, value: Any, lanes: int) -> Any:
    """A vector with the same value in all lanes."""
    undefined = ir.Constant(ir.VectorType(value.type, lanes), ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(I32, 0))
    return builder.shuffle_vector(first, undefined, constant(I32, [0] * lanes))


def below(builder: Any, indices: Any, limit: Any) -> Any:
    """The mask of indices, a vector of int32, with 0 <= index < limit; the limit is an int64 less than 2**31.

    A mask from int64 would take twice the instructions.
    """
    return builder.icmp_unsigned("<", indices, splat(builder, builder.trunc(limit, I32), indices.type.count))


def _suffix(vector: Any) -> tuple[str, int]:
    """How LLVM's names of functions spell a vector type, and the bytes of an element."""
    if isinstance(vector.element, ir.IntType):
        return f"v{vector.count}i{vector.element.width}", vector.element.width // 8
    size = 4 if isinstance(vector.element, ir.FloatType) else 8
    return f"v{vector.count}f{8 * size}", size


def read_some(builder: Any, pointer: Any, mask: Any, rest: Any) -> Any:
    """The elements behind a pointer where the mask is set, and those of the vector ``rest`` elsewhere."""
    suffix, size = _suffix(rest.type)
    read = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(rest.type, [rest.type.as_pointer(), I32, mask.type, rest.type]),
        f"llvm.masked.load.{suffix}.p0",
    )
    return builder.call(read, [builder.bitcast(pointer, rest.type.as_pointer()), ir.Constant(I32, size), mask, rest])


def write_some(builder: Any, value: Any, pointer: Any, mask: Any) -> None:
    """Write the lanes of a vector where the mask is set."""
    suffix, size = _suffix(value.type)
    write = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(ir.VoidType(), [value.type, value.type.as_pointer(), I32, mask.type]),
        f"llvm.masked.store.{suffix}.p0",
    )
    pointer = builder.bitcast(pointer, value.type.as_pointer())
    builder.call(write, [value, pointer, ir.Constant(I32, size), mask])


FETCH_AHEAD = 1024  # bytes


def fetch_ahead(builder: Any, pointer: Any, lanes: int) -> None:
    """Ask for so many elements, some way behind a pointer.

    The processor (a Zen 5) does not foresee reads under a mask: without this, they take up to eight times as long
    where the array is not in the second-level cache.
    """
    size = 4 if isinstance(pointer.type.pointee, ir.FloatType) else 8
    byte_pointer = ir.IntType(8).as_pointer()
    fetch = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(ir.VoidType(), [byte_pointer, I32, I32, I32]), "llvm.prefetch.p0"
    )
    pointer = builder.bitcast(pointer, byte_pointer)
    for line in range(0, lanes * size, 64):
        place = builder.gep(pointer, [ir.Constant(I64, FETCH_AHEAD + line)])
        builder.call(fetch, [place, ir.Constant(I32, 0), ir.Constant(I32, 3), ir.Constant(I32, 1)])


# --- The exponential function ----------------------------------------------------------------------------------------

_LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first of so few bits that its multiples are exact (Cody and Waite); the polynomial for
# (exp(r) - 1 - r) / r**2 with |r| <= ln 2 / 2, highest power first; the range beyond which the result is 0 or infinite.
_SINGLE = (
    (0.693359375, -2.12194440e-4),
    (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1),  # Cephes
    (-104.0, 89.0),
)
_DOUBLE = (
    (6.93145751953125e-1, 1.42860682030941723212e-6),
    tuple(1 / math.factorial(k) for k in range(13, 1, -1)),  # Taylor: the next term is below 5e-18
    (-746.0, 710.0),
)


def emit_exp(builder: Any, x: Any) -> Any:
    """exp of a vector: 1 ulp, and 0, infinity and NaN where they belong."""
    lanes, real = x.type.count, x.type.element
    single = isinstance(real, ir.FloatType)
    (high, low), coefficients, (smallest, largest) = _SINGLE if single else _DOUBLE
    integer, mantissa, bias = (I32, 23, 127) if single else (I64, 52, 1023)
    suffix, _ = _suffix(x.type)

    def number(value: float) -> Any:
        return constant(real, [value] * lanes)

    def whole(value: int) -> Any:
        return constant(integer, [value] * lanes)

    def multiply_add(a: Any, b: Any, c: Any) -> Any:
        name = f"llvm.fmuladd.{suffix}"
        return builder.call(
            cgutils.get_or_insert_function(builder.module, ir.FunctionType(x.type, [x.type] * 3), name), [a, b, c]
        )

    # Beyond the range the result overflows or underflows by itself; a NaN is neither below nor above, and stays.
    x = builder.select(builder.fcmp_ordered("<", x, number(smallest)), number(smallest), x)
    x = builder.select(builder.fcmp_ordered(">", x, number(largest)), number(largest), x)
    to_nearest = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(x.type, [x.type]), f"llvm.rint.{suffix}"
    )
    n = builder.call(to_nearest, [builder.fmul(x, number(_LOG2_E))])
    n = builder.select(builder.fcmp_ordered("ord", x, x), n, number(0.0))  # a NaN has no integer
    r = multiply_add(n, number(-low), multiply_add(n, number(-high), x))
    p = number(coefficients[0])
    for coefficient in coefficients[1:]:
        p = multiply_add(p, r, number(coefficient))
    y = builder.fadd(multiply_add(builder.fmul(p, r), r, r), number(1.0))
    # times 2**n, in two halves: 2**128 is no float32
    n = builder.fptosi(n, ir.VectorType(integer, lanes))
    half = builder.ashr(n, whole(1))
    for power in (half, builder.sub(n, half)):
        scale = builder.bitcast(builder.shl(builder.add(power, whole(bias)), whole(mantissa)), x.type)
        y = builder.fmul(y, scale)
    return y


# --- Rows ------------------------------------------------------------------------------------------------------------


def _each_vector(builder: Any, n: Any, lanes: int, use: Callable[[Any, Any], None]) -> None:
    """Call ``use`` with the first index and the mask of each vector of a row of n elements."""
    vectors = builder.sdiv(builder.add(n, ir.Constant(I64, lanes - 1)), ir.Constant(I64, lanes))
    with cgutils.for_range(builder, vectors) as vector:
        index = builder.mul(vector.index, ir.Constant(I64, lanes))
        mask = builder.icmp_signed("<", constant(I64, range(lanes)), splat(builder, builder.sub(n, index), lanes))
        use(index, mask)


def _halves(builder: Any, vector: Any, combine: Callable[[Any, Any], Any]) -> Any:
    """All lanes in one, by halves."""
    while vector.type.count > 1:
        half = vector.type.count // 2
        parts = [
            builder.shuffle_vector(
                vector, ir.Constant(vector.type, ir.Undefined), constant(I32, range(start, start + half))
            )
            for start in (0, half)
        ]
        vector = combine(*parts)
    return builder.extract_element(vector, ir.Constant(I32, 0))


@intrinsic
def row_max(typingctx, x, n):
    """The largest of n elements, without those that are NaN; -inf if there is none."""

    def codegen(context, builder, signature, args):
        real = context.get_data_type(x.dtype)
        lanes = VECTOR_BYTES // context.get_abi_sizeof(real)
        rest = constant(real, [float("-inf")] * lanes)
        best = cgutils.alloca_once_value(builder, rest)

        def larger(a: Any, b: Any) -> Any:
            return builder.select(builder.fcmp_ordered(">", a, b), a, b)

        def use(index: Any, mask: Any) -> None:
            pointer = builder.gep(args[0], [index])
            fetch_ahead(builder, pointer, lanes)
            value = read_some(builder, pointer, mask, rest)
            builder.store(larger(value, builder.load(best)), best)

        _each_vector(builder, args[1], lanes, use)
        return _halves(builder, builder.load(best), larger)

    return x.dtype(x, types.int64), codegen


@intrinsic
def row_exp(typingctx, x, shift, n, out, keep):
    """The sum of exp(x[i] - shift) over n elements, which go to ``out`` if ``keep`` (a constant) is true."""

    def codegen(context, builder, signature, args):
        real = context.get_data_type(x.dtype)
        lanes = VECTOR_BYTES // context.get_abi_sizeof(real)
        zeros = constant(real, [0.0] * lanes)
        total = cgutils.alloca_once_value(builder, zeros)
        shifts = splat(builder, args[1], lanes)

        def use(index: Any, mask: Any) -> None:
            value = read_some(builder, builder.gep(args[0], [index]), mask, zeros)
            value = emit_exp(builder, builder.fsub(value, shifts))
            if keep.literal_value:
                write_some(builder, value, builder.gep(args[3], [index]), mask)
            builder.store(builder.fadd(builder.load(total), builder.select(mask, value, zeros)), total)

        _each_vector(builder, args[2], lanes, use)
        return _halves(builder, builder.load(total), builder.fadd)

    if not isinstance(keep, types.IntegerLiteral | types.BooleanLiteral):
        return None
    return x.dtype(x, x.dtype, types.int64, x, keep), codegen
