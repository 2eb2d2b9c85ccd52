"""Vector code that LLVM does not find by itself: reads and writes under a mask.

Functions for `numba.extending.intrinsic`s emit it. A mask says which lanes lie inside the array, so that the end of a
row, and rows shorter than a vector, need no loop of their own; lanes outside are neither read nor written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils

__all__ = [
    "I1",
    "I32",
    "I64",
    "below",
    "constant",
    "fetch_ahead",
    "read_some",
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
    where the array is not in the second-level cache. What it foresees ends with a page of 4 KB, and where pages lie
    apart in memory a sum takes a fifth longer.
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
