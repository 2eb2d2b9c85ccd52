"""GELU of a tile that has just been computed: whole vectors, while they are in the first-level cache."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels import scalar_math
from autograd.kernels.jit import VECTOR_BYTES, intrinsic

__all__ = ["gelu_rows"]

_FUNCTIONS = {
    1: (scalar_math.gelu, scalar_math.gelu_slope),
    2: (scalar_math.gelu_tanh, scalar_math.gelu_tanh_slope),
}


@intrinsic
def gelu_rows(typingctx, out, slopes, stride, rows, has_slopes, vectors, kind):
    """out = gelu(out) over so many rows of ``vectors`` vectors, and slopes = its derivative there if wanted.

    Rows of either begin ``stride`` elements apart. kind: 1 for the exact form, 2 for that of tanh. ``vectors`` and
    ``kind`` are compile-time constants.
    """

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out_pointer, slopes_pointer, stride_value, rows_value, wanted, _, _ = args
        real = context.get_data_type(out.dtype)
        size = context.get_abi_sizeof(real)
        vector = ir.VectorType(real, VECTOR_BYTES // size)
        value_of, slope_of = _FUNCTIONS[kind.literal_value]
        wanted = builder.icmp_signed("!=", wanted, ir.Constant(wanted.type, 0))

        def place(base: Any, index: Any) -> Any:
            return builder.bitcast(builder.gep(base, [index]), vector.as_pointer())

        with cgutils.for_range(builder, rows_value) as row:
            start = builder.mul(row.index, stride_value)
            for j in range(vectors.literal_value):
                index = builder.add(start, ir.Constant(start.type, j * vector.count))
                target = place(out_pointer, index)
                x = builder.load(target, align=size)
                builder.store(scalar_math.emit(value_of, builder, x), target, align=size)
                with builder.if_then(wanted):
                    slope = scalar_math.emit(slope_of, builder, x)
                    builder.store(slope, place(slopes_pointer, index), align=size)
        return context.get_dummy_value()

    if not isinstance(vectors, types.IntegerLiteral) or not isinstance(kind, types.IntegerLiteral):
        return None
    i64 = types.int64
    return types.void(out, out, i64, i64, i64, vectors, kind), codegen
