"""Two kernels that do nothing else than what a machine is measured by: multiply and add, and copy."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import VECTOR_BYTES, Reals, block_range, intrinsic, kernel, offset

CHAINS = 16  # independent sums: two multipliers of four to five cycles want ten, and all fit into the registers
COPY_BLOCK = 1 << 16  # elements
LANES = VECTOR_BYTES // 4  # of float32


@intrinsic
def _multiply_add(typingctx, x, out, rounds):
    """CHAINS vectors, each multiplied and added to `rounds` times in registers; their sum is written to `out`."""

    def codegen(context, builder, signature, args):
        real = context.get_data_type(x.dtype)
        vector = ir.VectorType(real, LANES)
        i64 = ir.IntType(64)
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector] * 3), f"llvm.fmuladd.v{LANES}f32"
        )
        before, loop = builder.block, builder.append_basic_block("loop")
        done = builder.append_basic_block("done")
        factor = builder.load(builder.bitcast(args[0], vector.as_pointer()), align=4)
        builder.branch(loop)
        builder.position_at_end(loop)
        k, sums = builder.phi(i64), [builder.phi(vector) for _ in range(CHAINS)]
        following = builder.add(k, ir.Constant(i64, 1))
        k.add_incoming(ir.Constant(i64, 0), before)
        k.add_incoming(following, loop)
        new = [builder.call(function, [one, factor, factor]) for one in sums]
        for i, (one, other) in enumerate(zip(sums, new, strict=True)):
            one.add_incoming(ir.Constant(vector, [1.0 + i] * LANES), before)
            one.add_incoming(other, loop)
        builder.cbranch(builder.icmp_signed("<", following, args[2]), loop, done)
        builder.position_at_end(done)
        total = new[0]
        for one in new[1:]:
            total = builder.fadd(total, one)
        builder.store(total, builder.bitcast(args[1], vector.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(x, x, types.int64), codegen


@kernel
def multiply_add_block(block: int, x: Reals, out: Reals, lanes: int, rounds: int) -> None:
    """`rounds` times CHAINS * LANES multiplications and as many additions, in float32."""
    _multiply_add(x, offset(out, block * lanes), rounds)


@kernel
def copy_block(block: int, x: Reals, out: Reals, n: int) -> None:
    """out = x"""
    start, stop = block_range(block, COPY_BLOCK, n)
    for i in range(start, stop):
        out[i] = x[i]
