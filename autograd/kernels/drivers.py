"""The serial and the parallel driver: the one place where compiled code runs, and where Numba's threads are started."""

from __future__ import annotations

import ctypes
import os
import threading
import warnings
from collections.abc import Callable
from typing import Any

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import extending, prange, types
from numba.core import cgutils
from numba.np.ufunc import parallel as numba_parallel

from autograd.kernels.compile import I64, compile_callback, start_numba_threads
from autograd.kernels.memory import keep_freed_memory

# Numba's types do not describe what an intrinsic is called with.
intrinsic: Any = extending.intrinsic

_WORDS = types.CPointer(types.int64)


@intrinsic
def _call_block(typingctx, address, words, block, worker):
    """Call a block function by its address."""

    def codegen(context, builder, signature, args):
        function = ir.FunctionType(ir.VoidType(), [I64.as_pointer(), I64, I64])
        builder.call(builder.inttoptr(args[0], function.as_pointer()), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, _WORDS, types.int64, types.int64), codegen


@intrinsic
def _new_counter(typingctx):
    """A pointer to an int64 on the stack, set to 0."""

    def codegen(context, builder, signature, args):
        counter = cgutils.alloca_once(builder, I64)
        builder.store(ir.Constant(I64, 0), counter)
        return counter

    return _WORDS(), codegen


@intrinsic
def _take_next(typingctx, counter):
    """Add one to a counter that several threads share; returns what it was."""

    def codegen(context, builder, signature, args):
        return builder.atomic_rmw("add", args[0], ir.Constant(I64, 1), "monotonic")

    return types.int64(_WORDS), codegen


IS_X86 = llvmlite.binding.get_process_triple().split("-")[0] in ("x86_64", "i686", "i386")
_FLUSH_DENORMALS = 0x8040  # MXCSR: results that are denormal become 0 (bit 15), and so do operands (bit 6)


@intrinsic
def _read_mxcsr(typingctx):
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
def _write_mxcsr(typingctx, word):
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


# Both are C callbacks, called through ctypes, which releases the interpreter lock.


def _run_serial(address, words, blocks):
    saved = _read_mxcsr()
    _write_mxcsr(saved | np.int32(_FLUSH_DENORMALS))
    for block in range(blocks):
        _call_block(address, words, block, 0)
    _write_mxcsr(saved)


def _run_parallel(address, words, blocks, workers):
    counter = _new_counter()
    for worker in prange(workers):
        saved = _read_mxcsr()
        _write_mxcsr(saved | np.int32(_FLUSH_DENORMALS))
        # Whoever is free takes the next block: a core that another process slows down takes fewer.
        block = _take_next(counter)
        while block < blocks:
            _call_block(address, words, block, worker)
            block = _take_next(counter)
        _write_mxcsr(saved)


class _Drivers:
    """The serial and the parallel driver, compiled when first needed, and the rule that chooses between them."""

    def __init__(self) -> None:
        self.serial: Callable[[int, bytes, int], None] = self._first_serial
        self.parallel: Callable[[int, bytes, int, int], None] | None = self._first_parallel
        # Held while the parallel driver runs: the workqueue layer aborts the process when two Python threads enter
        # it, and on the other layers a second team of threads only gets in the way of the first.
        self.turn = threading.Lock()

    def _first_serial(self, address: int, words: bytes, blocks: int) -> None:
        size = ctypes.c_ssize_t
        address_of_driver, self._serial_library = compile_callback(_run_serial, (types.int64, _WORDS, types.int64))
        self.serial = ctypes.CFUNCTYPE(None, size, ctypes.c_char_p, size)(address_of_driver)
        self.serial(address, words, blocks)

    def _first_parallel(self, address: int, words: bytes, blocks: int, workers: int) -> None:
        size = ctypes.c_ssize_t
        try:
            start_numba_threads()
        except ValueError as error:  # "No threading layer could be loaded"
            warnings.warn(f"kernels run on one thread: {str(error).splitlines()[0]}", RuntimeWarning, stacklevel=4)
            self.parallel = None
            self.serial(address, words, blocks)
            return
        signature = (types.int64, _WORDS, types.int64, types.int64)
        address_of_driver, self._parallel_library = compile_callback(_run_parallel, signature, parallel=True)
        self.parallel = ctypes.CFUNCTYPE(None, size, ctypes.c_char_p, size, size)(address_of_driver)
        self.parallel(address, words, blocks, workers)

    def run(self, address: int, words: bytes, blocks: int, workers: int) -> None:
        if blocks > 1 and workers > 1 and self.parallel is not None and self.turn.acquire(blocking=False):
            try:
                self.parallel(address, words, blocks, min(workers, blocks))
            finally:
                self.turn.release()
        elif blocks > 0:
            self.serial(address, words, blocks)


def _after_fork_in_child() -> None:
    """GNU OpenMP does not survive a fork: Numba ends a child that enters it again. Such a child stays serial."""
    DRIVERS.turn = threading.Lock()  # the copy may be held by a thread that the child does not have
    if numba_parallel._is_initialized and numba_parallel.threading_layer() == "omp":
        DRIVERS.parallel = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


keep_freed_memory()
DRIVERS = _Drivers()
