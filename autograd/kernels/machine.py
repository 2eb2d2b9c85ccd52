"""What drivers need of the machine: calls by address, memory that threads share, and the floating-point unit's mode."""

from __future__ import annotations

from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import extending, types
from numba.core import cgutils

from autograd.kernels.compile import I64

# Numba's types do not describe what an intrinsic is called with.
intrinsic: Any = extending.intrinsic

WORDS = types.CPointer(types.int64)

_MACHINE = llvmlite.binding.get_process_triple().split("-")[0]
IS_X86 = _MACHINE in ("x86_64", "i686", "i386")
_IS_ARM = _MACHINE in ("aarch64", "arm64")

# ---------------------------------------------------------------------------------------------------------------------
# Calls by address
# ---------------------------------------------------------------------------------------------------------------------


@intrinsic
def call_block(typingctx, address, words, block, worker):
    """Call the block function at an address with the address of its words."""

    def codegen(context, builder, signature, args):
        words_type = I64.as_pointer()
        function = ir.FunctionType(ir.VoidType(), [words_type, I64, I64])
        words = builder.inttoptr(args[1], words_type)
        builder.call(builder.inttoptr(args[0], function.as_pointer()), [words, *args[2:]])
        return context.get_dummy_value()

    i64 = types.int64
    return types.void(i64, i64, i64, i64), codegen


@intrinsic
def call_c(typingctx, address, argument, flag):
    """Call a function of C that takes a pointer and an int, or less."""

    def codegen(context, builder, signature, args):
        function = ir.FunctionType(ir.IntType(32), [I64, ir.IntType(32)])
        flag = builder.trunc(args[2], ir.IntType(32))
        builder.call(builder.inttoptr(args[0], function.as_pointer()), [args[1], flag])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen


# ---------------------------------------------------------------------------------------------------------------------
# Memory that threads share: all that one thread wrote before, others see after
# ---------------------------------------------------------------------------------------------------------------------


def _place(builder: Any, args: Any) -> Any:
    return builder.gep(args[0], [args[1]])


@intrinsic
def read_shared(typingctx, words, i):
    """words[i], as the last thread has left it."""

    def codegen(context, builder, signature, args):
        return builder.load_atomic(_place(builder, args), "seq_cst", 8)

    return types.int64(WORDS, types.int64), codegen


@intrinsic
def write_shared(typingctx, words, i, value):
    """words[i] = value."""

    def codegen(context, builder, signature, args):
        builder.store_atomic(args[2], _place(builder, args), "seq_cst", 8)
        return context.get_dummy_value()

    return types.void(WORDS, types.int64, types.int64), codegen


def _exchange(operation: str) -> Any:
    @intrinsic
    def exchange(typingctx, words, i, value):
        """Change words[i] in one go; returns what it was."""

        def codegen(context, builder, signature, args):
            return builder.atomic_rmw(operation, _place(builder, args), args[2], "seq_cst")

        return types.int64(WORDS, types.int64, types.int64), codegen

    return exchange


add_shared, swap_shared, and_shared = _exchange("add"), _exchange("xchg"), _exchange("and")


@intrinsic
def change_shared(typingctx, words, i, old, new):
    """words[i] = new if it is ``old``; returns whether it was."""

    def codegen(context, builder, signature, args):
        result = builder.cmpxchg(_place(builder, args), args[2], args[3], "seq_cst", "seq_cst")
        return builder.extract_value(result, 1)

    return types.boolean(WORDS, types.int64, types.int64, types.int64), codegen


@intrinsic
def pause(typingctx):
    """A moment in which the core's other thread has it for itself."""

    def codegen(context, builder, signature, args):
        i32 = ir.IntType(32)
        if IS_X86:
            function = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, function, "llvm.x86.sse2.pause"), [])
        elif _IS_ARM:
            function = ir.FunctionType(ir.VoidType(), [i32])
            hint = cgutils.get_or_insert_function(builder.module, function, "llvm.aarch64.hint")
            builder.call(hint, [ir.Constant(i32, 1)])
        return context.get_dummy_value()

    return types.void(), codegen


# ---------------------------------------------------------------------------------------------------------------------
# The floating-point unit
# ---------------------------------------------------------------------------------------------------------------------
FLUSH_DENORMALS = 0x8040  # MXCSR: results that are denormal become 0 (bit 15), and so do operands (bit 6)


@intrinsic
def read_mxcsr(typingctx):
    """The control word of the floating-point unit (x86; elsewhere 0)."""

    def codegen(context, builder, signature, args):
        i32, i8p = ir.IntType(32), ir.IntType(8).as_pointer()
        if not IS_X86:
            return ir.Constant(i32, 0)
        slot = cgutils.alloca_once(builder, i32)
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), [i8p]), "llvm.x86.sse.stmxcsr"
        )
        builder.call(function, [builder.bitcast(slot, i8p)])
        return builder.load(slot)

    return types.int32(), codegen


@intrinsic
def write_mxcsr(typingctx, word):
    """Set the control word of the floating-point unit (x86; elsewhere nothing)."""

    def codegen(context, builder, signature, args):
        i32, i8p = ir.IntType(32), ir.IntType(8).as_pointer()
        if IS_X86:
            slot = cgutils.alloca_once(builder, i32)
            builder.store(args[0], slot)
            function = cgutils.get_or_insert_function(
                builder.module, ir.FunctionType(ir.VoidType(), [i8p]), "llvm.x86.sse.ldmxcsr"
            )
            builder.call(function, [builder.bitcast(slot, i8p)])
        return context.get_dummy_value()

    return types.void(types.int32), codegen
