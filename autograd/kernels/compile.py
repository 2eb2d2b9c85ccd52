"""Compiling: the options, what the CPU offers, and the way from a Python function to the address of a C function."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import llvmlite.binding
import numba
from llvmlite import ir
from numba import types
from numba.core import typed_passes, untyped_passes
from numba.core.ccallback import CFunc
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, Flags, compile_extra
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import PassManager
from numba.core.errors import NumbaWarning
from numba.core.registry import cpu_target
from numba.np import linalg

from autograd.kernels.cache import CACHE, Cache
from autograd.kernels.notice import compiling, making_ready

# Numba's types do not describe its settings.
config: Any = numba.config

I64 = ir.IntType(64)

# Neither nnan nor ninf (NaN and infinity stay right), nor reassoc (sums keep their order).
FASTMATH = {"contract", "nsz"}
# error_model: without it each division tests for zero, which keeps the loop scalar.
OPTIONS: dict[str, Any] = {"nogil": True, "boundscheck": False, "error_model": "numpy", "fastmath": FASTMATH}


def vector_bytes() -> int:
    """Size in bytes of the widest vector registers of the CPU that Numba compiles for: 64, 32 or 16."""
    if config.CPU_NAME or config.CPU_FEATURES:  # NUMBA_CPU_NAME, NUMBA_CPU_FEATURES: not the CPU we are on
        features = {name[1:] for name in (config.CPU_FEATURES or "").split(",") if name.startswith("+")}
    else:
        features = {name for name, present in llvmlite.binding.get_host_cpu_features().items() if present}
    if "avx512f" in features:
        return 64
    return 32 if {"avx2", "fma"} <= features else 16


VECTOR_BYTES = vector_bytes()


class _Pipeline(CompilerBase):
    """The passes that a kernel needs: it has no closures, no lists, no objects and no loops to be made parallel."""

    def define_pipelines(self) -> list[PassManager]:
        manager = PassManager("kernel")
        for step in (
            untyped_passes.TranslateByteCode,
            untyped_passes.FixupArgs,
            untyped_passes.IRProcessing,
            untyped_passes.RewriteSemanticConstants,
            untyped_passes.DeadBranchPrune,
            untyped_passes.InlineInlinables,
            untyped_passes.DeadBranchPrune,
            untyped_passes.GenericRewrites,
            untyped_passes.ReconstructSSA,
            typed_passes.NopythonTypeInference,
            typed_passes.PreLowerStripPhis,
            typed_passes.IRLegalization,
            typed_passes.NativeLowering,
            typed_passes.NoPythonBackend,
        ):
            manager.add_pass(step, step.__name__)
        manager.finalize()
        return [manager]


def _load_numba() -> None:
    """Loads the rest of Numba, without the BLAS that it looks for: `scipy.linalg`, a quarter of a second for nothing.

    Where compiled code of the user's calls BLAS, Numba looks for it again.
    """
    look = linalg.ensure_blas
    if importlib.util.find_spec("scipy") is not None:
        linalg.ensure_blas = lambda: None
    try:
        cpu_target.target_context.refresh()
        cpu_target.typing_context.refresh()
    finally:
        linalg.ensure_blas = look


class _Library(JITCodeLibrary):
    """The code of one kernel, optimised once; Numba's own runs the same passes twice, for reference counts."""

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        # Level 3 takes a tenth longer, and makes few kernels faster (softmax, by a tenth).
        manager, builder = self._codegen._module_pass_manager(opt=2)
        manager.run(self._final_module, builder)


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """The compiler makes a million objects that live on; looking for garbage among them took a fifth of its time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@global_compiler_lock
def _load_or_compile(name: str, cache: Cache | None, compile_library: Callable[[], tuple[str, Any]]) -> tuple[int, Any]:
    """Address of a C function, and the library that has to live as long: from the cache, or compiled and saved."""
    context = cpu_target.target_context
    if cache is not None:
        try:
            stored = cache.load(name)
            if stored is not None:
                symbol, state = stored
                library = context.codegen().unserialize_library(state)
                return library.get_pointer_to_function(symbol), library
        except Exception:  # whatever is wrong with a cached file, compiling anew is the cure
            pass
    with compiling(name), _no_garbage_collection(), warnings.catch_warnings():
        # About Numba's own affairs: nothing a user can act on.
        warnings.simplefilter("ignore", NumbaWarning)
        symbol, library = compile_library()
    address = library.get_pointer_to_function(symbol)
    if cache is not None and not library.has_dynamic_globals:
        cache.save(name, (symbol, library.serialize_using_object_code()))
    return address, library


def compile_callback(function: Callable[..., None], arguments: tuple[types.Type, ...]) -> tuple[int, Any]:
    """Compile one of the drivers to a C callback."""

    def compile_library() -> tuple[str, Any]:
        callback = CFunc(function, (arguments, types.void), {}, OPTIONS)
        callback.compile()
        library: Any = callback._library  # type: ignore[attr-defined]
        return callback.native_name, library

    with making_ready(f"jit.{function.__name__}"):
        return _load_or_compile(f"jit.{function.__name__}", CACHE, compile_library)


def compile_block(
    function: Callable[..., None], leading: int, parameters: tuple[types.Type, ...], cache: Cache | None
) -> tuple[int, Any]:
    """Compile a block function to a C function of (argument words, block, worker).

    ``leading`` of block and worker are handed on, and the words are turned into ``parameters``. Numba's own C callback
    would compile the function and its wrapper apart, and each of them to the end: twice the time.
    """
    name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"

    def compile_library() -> tuple[str, Any]:
        context = cpu_target.target_context
        _load_numba()
        flags: Any = Flags()
        cpu_target.options.parse_as_flags(flags, OPTIONS)
        flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
        library = _Library(context.codegen(), name)
        library.enable_object_caching()
        arguments = (types.int64,) * leading + parameters
        result = compile_extra(
            cpu_target.typing_context, context, function, arguments, types.none, flags, {}, library, _Pipeline
        )
        symbol = f"definerun.{name}"
        library.add_ir_module(_entry_module(context, library, result.fndesc, symbol, leading, parameters))
        # Called from its entry alone, so that it is inlined there.
        library._final_module.get_function(result.fndesc.llvm_func_name).linkage = "internal"
        library.finalize()
        return symbol, library

    with making_ready(name):
        return _load_or_compile(name, cache, compile_library)


# A pointer's word is the address of the array object; its data pointer stands right behind the object's head.
DATA_WORD = object.__basicsize__ // 8


def _entry_module(
    context: Any, library: Any, descriptor: Any, symbol: str, leading: int, parameters: tuple[types.Type, ...]
) -> ir.Module:
    """LLVM for the function that turns argument words into the arguments of a block function, and calls it."""
    module = library.create_ir_module(symbol)
    block_type = context.call_conv.get_function_type(descriptor.restype, descriptor.argtypes)
    block_function = ir.Function(module, block_type, descriptor.llvm_func_name)
    entry = ir.Function(module, ir.FunctionType(ir.VoidType(), [I64.as_pointer(), I64, I64]), symbol)
    builder = ir.IRBuilder(entry.append_basic_block())
    words, *values = entry.args[: leading + 1]
    for i, parameter in enumerate(parameters):
        word = builder.load(builder.gep(words, [ir.Constant(I64, i)]))
        if isinstance(parameter, types.CPointer):
            array = builder.inttoptr(word, I64.as_pointer())
            data = builder.load(builder.gep(array, [ir.Constant(I64, DATA_WORD)]))
            values.append(builder.inttoptr(data, context.get_value_type(parameter)))
        elif parameter is types.int64:
            values.append(word)
        else:
            number = builder.bitcast(word, ir.DoubleType())
            values.append(builder.fptrunc(number, ir.FloatType()) if parameter is types.float32 else number)
    context.call_conv.call_function(builder, block_function, descriptor.restype, descriptor.argtypes, values)
    builder.ret_void()
    return module
