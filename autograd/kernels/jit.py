"""How a kernel is declared, compiled, cached and run.

A kernel is a plain function that does one *block* of the work, serially. It is declared once and serves float32 and
float64::

    from autograd.kernels.jit import Reals, block_range, count_blocks, kernel, real

    BLOCK = 16384  # elements; fixed, so that the result does not depend on the number of threads

    @kernel
    def scale_block(block: int, x: Reals, out: Reals, n: int, factor: float) -> None:
        start, stop = block_range(block, BLOCK, n)
        for i in range(start, stop):
            out[i] = factor * x[i] + real(1)

    def scale(x: np.ndarray, factor: float) -> np.ndarray:
        x = np.ascontiguousarray(x)
        out = np.empty_like(x)
        scale_block(x, out, x.size, factor, blocks=count_blocks(x.size, BLOCK))
        return out

- The first parameter is the number of the block. A second one named ``worker`` receives a number from 0 to
  ``workers - 1``, for scratch memory that is allocated once a thread (pass ``workers=worker_count(blocks)`` then).
- Every other parameter is annotated with what it is: ``Reals`` (pointer to elements of the kernel's own dtype),
  ``Doubles``, ``Singles``, ``Ints``, ``Int32s``, ``Bytes`` (pointers to float64, float32, int64, int32, uint8 or bool),
  ``int`` (int64) or ``float`` (a number of the kernel's own dtype). A pointer is indexed flat, from 0, without
  bounds or wrap-around; strides and sizes are passed as ints. ``offset(x, n)`` is the pointer ``n`` elements on.
- Inside the body, and inside functions marked ``@inline`` that it calls, the name ``real`` is ``np.float32`` or
  ``np.float64``, whichever is being compiled (``real(0.5)`` is a constant of the right width; NumPy constants and
  plain Python floats would turn float32 arithmetic into float64), and ``LANES`` is the number of reals in one vector
  register. Import both names, for readers and checkers; ``kernel.with_constants(ROWS=14)`` gives a variant of a
  kernel in which further global names are compile-time constants.
- The dtype of the first ``Reals`` argument (or ``dtype=`` at the call) chooses the variant. Arguments are checked for
  dtype, not for shape or contiguity: that is the work of the Python function around the kernel. ``None`` for a
  pointer gives a valid pointer to nothing of use; pass an int beside it to say so.
- A block writes only what no other block writes. Sums that cross blocks are written apart, and added in a fixed order
  afterwards. A block neither allocates nor raises.
- Sums keep the order in which they are written, and are therefore not vectorised; ``@inline(reassociate=True)`` lets
  LLVM reorder the sums inside that one function (a fixed order for a given machine).
- A block should hold some 20 microseconds of work; then one block is a serial call (0.5 us), and more blocks are worth
  the parallel driver (2 us).

Why this form: one `parallel=True` function costs 0.6 s to compile, and each kernel then 0.03 to 0.4 s, as a C callback
without Python wrappers. An array argument costs 20 ns (the callback reads the data pointer out of the array object;
``array.ctypes.data`` takes 900 ns), a whole launch 0.5 us.

Compile options stand here; threads and the cache folder in `threads` and `cache`.
"""

from __future__ import annotations

import ctypes
import inspect
import os
import struct
import threading
import types as python_types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import llvmlite.binding
import numba
import numpy as np
from llvmlite import ir
from numba import extending, prange, types
from numba.core import cgutils
from numba.core.ccallback import CFunc
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Flags, compile_extra
from numba.core.compiler_lock import global_compiler_lock
from numba.core.errors import NumbaWarning
from numba.core.registry import cpu_target
from numba.core.runtime.nrt import rtsys
from numba.np.ufunc import parallel as numba_parallel

from autograd.kernels.cache import CACHE, Cache, cache_folder
from autograd.kernels.threads import get_num_threads, set_num_threads, worker_count

__all__ = [
    "LANES",
    "Bytes",
    "Doubles",
    "Int32s",
    "Ints",
    "Kernel",
    "Reals",
    "Singles",
    "block_range",
    "cache_folder",
    "count_blocks",
    "get_num_threads",
    "inline",
    "kernel",
    "offset",
    "real",
    "set_num_threads",
    "stack",
    "worker_count",
]

# Numba's types describe neither its settings nor what an intrinsic is called with.
config: Any = numba.config
intrinsic: Any = extending.intrinsic

# --- What a parameter can be -----------------------------------------------------------------------------------------

Reals: TypeAlias = Annotated[Any, "reals"]
Doubles: TypeAlias = Annotated[Any, "doubles"]
Singles: TypeAlias = Annotated[Any, "singles"]
Ints: TypeAlias = Annotated[Any, "ints"]
Int32s: TypeAlias = Annotated[Any, "int32s"]
Bytes: TypeAlias = Annotated[Any, "bytes"]

# The element types of the pointers that do not follow the kernel's own dtype.
_FIXED_POINTERS: dict[str, tuple[types.Type, tuple[np.dtype, ...]]] = {
    "doubles": (types.float64, (np.dtype(np.float64),)),
    "singles": (types.float32, (np.dtype(np.float32),)),
    "ints": (types.int64, (np.dtype(np.int64),)),
    "int32s": (types.int32, (np.dtype(np.int32),)),
    "bytes": (types.uint8, (np.dtype(np.uint8), np.dtype(np.bool_), np.dtype(np.int8))),
}

# Stand-ins: inside a kernel these names mean the dtype that is being compiled, and its vector width.
real = np.float32
LANES = 1

# --- Compile options -------------------------------------------------------------------------------------------------

# Neither nnan nor ninf (NaN and infinity stay right), nor reassoc (sums keep their order).
_FASTMATH = {"contract", "nsz"}
# error_model: without it each division tests for zero, which keeps the loop scalar.
_OPTIONS: dict[str, Any] = {"nogil": True, "boundscheck": False, "error_model": "numpy", "fastmath": _FASTMATH}


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

# --- Intrinsics that every kernel can use ----------------------------------------------------------------------------


@intrinsic
def offset(typingctx, pointer, elements):
    """The pointer that many elements further on."""

    def codegen(context, builder, signature, args):
        return builder.gep(args[0], [args[1]])

    return pointer(pointer, types.int64), codegen


@intrinsic
def stack(typingctx, like, elements):
    """A pointer to a constant number of elements on the stack, of the type that the pointer ``like`` points to."""

    def codegen(context, builder, signature, args):
        element = context.get_data_type(like.dtype)
        array = cgutils.alloca_once(builder, ir.ArrayType(element, elements.literal_value))
        array.align = 64
        return builder.bitcast(array, element.as_pointer())

    if not isinstance(elements, types.IntegerLiteral):
        return None
    return like(like, elements), codegen


_I64 = ir.IntType(64)
_WORDS = types.CPointer(types.int64)


@intrinsic
def _call_block(typingctx, address, words, block, worker):
    """Call a block function by its address."""

    def codegen(context, builder, signature, args):
        function = ir.FunctionType(ir.VoidType(), [_I64.as_pointer(), _I64, _I64])
        builder.call(builder.inttoptr(args[0], function.as_pointer()), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, _WORDS, types.int64, types.int64), codegen


@intrinsic
def _new_counter(typingctx):
    """A pointer to an int64 on the stack, set to 0."""

    def codegen(context, builder, signature, args):
        counter = cgutils.alloca_once(builder, _I64)
        builder.store(ir.Constant(_I64, 0), counter)
        return counter

    return _WORDS(), codegen


@intrinsic
def _take_next(typingctx, counter):
    """Add one to a counter that several threads share; returns what it was."""

    def codegen(context, builder, signature, args):
        return builder.atomic_rmw("add", args[0], ir.Constant(_I64, 1), "monotonic")

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


# --- The two drivers -------------------------------------------------------------------------------------------------
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
        address_of_driver, self._serial_library = _compile_callback(_run_serial, (types.int64, _WORDS, types.int64))
        self.serial = ctypes.CFUNCTYPE(None, size, ctypes.c_char_p, size)(address_of_driver)
        self.serial(address, words, blocks)

    def _first_parallel(self, address: int, words: bytes, blocks: int, workers: int) -> None:
        size = ctypes.c_ssize_t
        try:
            _start_numba_threads()
        except ValueError as error:  # "No threading layer could be loaded"
            warnings.warn(f"kernels run on one thread: {str(error).splitlines()[0]}", RuntimeWarning, stacklevel=4)
            self.parallel = None
            self.serial(address, words, blocks)
            return
        signature = (types.int64, _WORDS, types.int64, types.int64)
        address_of_driver, self._parallel_library = _compile_callback(_run_parallel, signature, parallel=True)
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
    _DRIVERS.turn = threading.Lock()  # the copy may be held by a thread that the child does not have
    Kernel._compiling = threading.RLock()
    if numba_parallel._is_initialized and numba_parallel.threading_layer() == "omp":
        _DRIVERS.parallel = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


class _Library(JITCodeLibrary):
    """The code of one kernel, optimised once; Numba's own runs the same passes twice, for reference counts."""

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        manager, builder = self._codegen._module_pass_manager()
        manager.run(self._final_module, builder)


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
    with warnings.catch_warnings():
        # About Numba's own affairs (an old TBB, a loop that was not parallelised): nothing a user can act on.
        warnings.simplefilter("ignore", NumbaWarning)
        symbol, library = compile_library()
    address = library.get_pointer_to_function(symbol)
    if cache is not None and not library.has_dynamic_globals:
        cache.save(name, (symbol, library.serialize_using_object_code()))
    return address, library


def _start_numba_threads() -> None:
    """Load Numba's runtime and threading layer, which parallel code calls by name."""
    rtsys.initialize(cpu_target.target_context)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NumbaWarning)
        numba_parallel._launch_threads()


def _compile_callback(
    function: Callable[..., None], arguments: tuple[types.Type, ...], **options: Any
) -> tuple[int, Any]:
    """Compile one of the drivers to a C callback."""

    def compile_library() -> tuple[str, Any]:
        callback = CFunc(function, (arguments, types.void), {}, {**_OPTIONS, **options})
        callback.compile()
        library: Any = callback._library  # type: ignore[attr-defined]
        return callback.native_name, library

    return _load_or_compile(f"jit.{function.__name__}", CACHE, compile_library)


def _compile_block(
    function: Callable[..., None], leading: int, parameters: tuple[types.Type, ...], cache: Cache | None
) -> tuple[int, Any]:
    """Compile a block function to a C function of (argument words, block, worker).

    ``leading`` of block and worker are handed on, and the words are turned into ``parameters``. Numba's own C callback
    would compile the function and its wrapper apart, and each of them to the end: twice the time.
    """
    name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"

    def compile_library() -> tuple[str, Any]:
        context = cpu_target.target_context
        context.refresh()
        cpu_target.typing_context.refresh()
        flags: Any = Flags()
        cpu_target.options.parse_as_flags(flags, _OPTIONS)
        flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
        library = _Library(context.codegen(), name)
        library.enable_object_caching()
        arguments = (types.int64,) * leading + parameters
        result = compile_extra(
            cpu_target.typing_context, context, function, arguments, types.none, flags, {}, library=library
        )
        symbol = f"definerun.{name}"
        library.add_ir_module(_entry_module(context, library, result.fndesc, symbol, leading, parameters))
        # Called from its entry alone, so that it is inlined there.
        library._final_module.get_function(result.fndesc.llvm_func_name).linkage = "internal"
        library.finalize()
        return symbol, library

    return _load_or_compile(name, cache, compile_library)


# A pointer's word is the address of the array object; its data pointer stands right behind the object's head.
_DATA_WORD = object.__basicsize__ // 8


def _entry_module(
    context: Any, library: Any, descriptor: Any, symbol: str, leading: int, parameters: tuple[types.Type, ...]
) -> ir.Module:
    """LLVM for the function that turns argument words into the arguments of a block function, and calls it."""
    module = library.create_ir_module(symbol)
    block_type = context.call_conv.get_function_type(descriptor.restype, descriptor.argtypes)
    block_function = ir.Function(module, block_type, descriptor.llvm_func_name)
    entry = ir.Function(module, ir.FunctionType(ir.VoidType(), [_I64.as_pointer(), _I64, _I64]), symbol)
    builder = ir.IRBuilder(entry.append_basic_block())
    words, *values = entry.args[: leading + 1]
    for i, parameter in enumerate(parameters):
        word = builder.load(builder.gep(words, [ir.Constant(_I64, i)]))
        if isinstance(parameter, types.CPointer):
            array = builder.inttoptr(word, _I64.as_pointer())
            data = builder.load(builder.gep(array, [ir.Constant(_I64, _DATA_WORD)]))
            values.append(builder.inttoptr(data, context.get_value_type(parameter)))
        elif parameter is types.int64:
            values.append(word)
        else:
            number = builder.bitcast(word, ir.DoubleType())
            values.append(builder.fptrunc(number, ir.FloatType()) if parameter is types.float32 else number)
    context.call_conv.call_function(builder, block_function, descriptor.restype, descriptor.argtypes, values)
    builder.ret_void()
    return module


_DRIVERS = _Drivers()

# --- Kernels ---------------------------------------------------------------------------------------------------------


class Inline:
    """A function for use inside kernels; see `inline`."""

    def __init__(self, function: Callable[..., Any], reassociate: bool) -> None:
        self.function = function
        self.reassociate = reassociate
        self.fastmath = _FASTMATH | {"reassoc"} if reassociate else _FASTMATH
        self._specialised: dict[str, Any] = {}
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any) -> Any:
        """Run as plain Python, for tests."""
        return self.function(*args)

    def specialise(self, suffix: str, constants: dict[str, Any]) -> Any:
        """The function with these global names as constants, ready for Numba."""
        if suffix not in self._specialised:
            function = _with_constants(self.function, suffix, constants)
            # Inlined before types are inferred, and so compiled but once; but flags of its own need a function.
            options = {**_OPTIONS, "fastmath": self.fastmath, "inline": "never" if self.reassociate else "always"}
            self._specialised[suffix] = numba.njit(**options)(function)
        return self._specialised[suffix]


def inline(function: Callable[..., Any] | None = None, *, reassociate: bool = False) -> Any:
    """Mark a function that kernels call: `real` and `LANES` mean the same in it as in the kernel that calls it.

    ``reassociate`` lets LLVM reorder sums inside it, and so vectorise them.
    """
    if function is None:
        return lambda function: Inline(function, reassociate)
    return Inline(function, reassociate)


def _with_constants(function: Callable[..., Any], suffix: str, constants: dict[str, Any]) -> Callable[..., Any]:
    """A copy of a function in which global names have these values, and inline functions have them too."""
    scope = {**function.__globals__, **constants}
    for name in function.__code__.co_names:
        if isinstance(scope.get(name), Inline):
            scope[name] = scope[name].specialise(suffix, constants)
    name = f"{function.__name__}_{suffix}"
    copy = python_types.FunctionType(function.__code__, scope, name, function.__defaults__, function.__closure__)
    copy.__qualname__, copy.__module__ = name, function.__module__
    return copy


class _Variant:
    """A kernel compiled for one dtype: its address, and how its arguments become words."""

    def __init__(self, owner: Kernel, dtype: np.dtype | None) -> None:
        self.checks = tuple(
            (i, (dtype,) if kind == "reals" else _FIXED_POINTERS[kind][1])
            for i, kind in enumerate(owner.kinds)
            if kind in _FIXED_POINTERS or kind == "reals"
        )
        scalar = numba.from_dtype(dtype) if dtype is not None else types.float64
        parameters = tuple(
            types.int64 if kind == "int"
            else scalar if kind == "float"
            else types.CPointer(scalar if kind == "reals" else _FIXED_POINTERS[kind][0])
            for kind in owner.kinds
        )  # fmt: skip
        constants: dict[str, Any] = dict(owner.constants)
        if dtype is not None:
            constants |= {"real": dtype.type, "LANES": VECTOR_BYTES // dtype.itemsize}
        name = "any" if dtype is None else dtype.name
        suffix = "_".join([name, *(f"{constant}{value}" for constant, value in owner.constants.items())])
        function = _with_constants(owner.function, suffix, constants)
        self.address, self._library = _compile_block(function, 1 + owner.takes_worker, parameters, owner.cache)


_NOTHING = np.zeros(8)  # what a pointer points to for which None was given
_NOTHING_ID = id(_NOTHING)
if ctypes.c_void_p.from_address(_NOTHING_ID + 8 * _DATA_WORD).value != _NOTHING.ctypes.data:
    raise ImportError("kernels: this Python lays out its objects in a way that compiled kernels do not know.")


class Kernel:
    """A block function, compiled per dtype at its first call, and run over blocks. Made by `kernel`."""

    _compiling = threading.RLock()

    def __init__(self, function: Callable[..., None], constants: dict[str, int] | None = None) -> None:
        self.function = function
        self.constants = constants or {}
        self.__name__, self.__doc__ = function.__name__, function.__doc__
        hints = inspect.get_annotations(function, eval_str=True)
        hints.pop("return", None)
        names = list(inspect.signature(function).parameters)
        self.takes_worker = names[1:2] == ["worker"]
        self.names = names[2:] if self.takes_worker else names[1:]
        self.kinds = [self._kind(name, hints.get(name)) for name in self.names]
        self._lead = self.kinds.index("reals") if "reals" in self.kinds else None
        self._pack = struct.Struct("".join("d" if kind == "float" else "q" for kind in self.kinds) or "q").pack
        self._variants: dict[np.dtype | None, _Variant] = {}
        self._with: dict[tuple[tuple[str, int], ...], Kernel] = {}
        # Only this package's sources are part of the cache folder's name.
        inside = Path(function.__code__.co_filename).parent == Path(__file__).parent
        self.cache = CACHE if inside else None

    def _kind(self, name: str, hint: Any) -> str:
        if hint is int or hint is float:
            return hint.__name__
        for kind in getattr(hint, "__metadata__", ()):
            if kind == "reals" or kind in _FIXED_POINTERS:
                return kind
        raise TypeError(f"kernel {self.function.__name__}: parameter {name} needs an annotation from kernels.jit")

    def with_constants(self, **constants: int) -> Kernel:
        """The variant of this kernel in which these global names are compile-time constants."""
        key = tuple(constants.items())
        if key not in self._with:
            self._with[key] = Kernel(self.function, constants)
        return self._with[key]

    def compile(self, dtype: Any = None) -> None:
        """Compile for a dtype (or load from the cache) without running: for measuring, and for warming up."""
        self._variant(None if dtype is None else np.dtype(dtype))

    def _variant(self, dtype: np.dtype | None) -> _Variant:
        with Kernel._compiling:
            if dtype not in self._variants:
                if dtype is not None and dtype not in (np.float32, np.float64):
                    raise TypeError(f"kernel {self.__name__}: takes float32 or float64, got {dtype}")
                self._variants[dtype] = _Variant(self, dtype)
            return self._variants[dtype]

    def __call__(self, *args: Any, blocks: int, workers: int | None = None, dtype: np.dtype | None = None) -> None:
        """Run blocks 0 to ``blocks - 1``, on at most ``workers`` threads (by default `get_num_threads()`)."""
        if dtype is None and self._lead is not None:
            dtype = args[self._lead].dtype
        variant = self._variants.get(dtype) or self._variant(dtype)
        words = list(args)
        for i, dtypes in variant.checks:
            array = args[i]
            if array is None:
                words[i] = _NOTHING_ID
            elif array.dtype in dtypes:
                words[i] = id(array)
            else:
                raise TypeError(
                    f"kernel {self.__name__}: {self.names[i]} takes {dtypes[0]} elements, got {array.dtype}"
                )
        _DRIVERS.run(
            variant.address, self._pack(*words or (0,)), blocks, get_num_threads() if workers is None else workers
        )


def kernel(function: Callable[..., None]) -> Kernel:
    """Declare a kernel by its block function. The docstring of this module shows how."""
    return Kernel(function)


# --- Small things that kernels share ---------------------------------------------------------------------------------


def count_blocks(n: int, size: int) -> int:
    """Blocks of ``size`` that cover ``n``."""
    return -(-n // size)


@inline
def block_range(block, size, n):
    """First index of a block, and the index after its last."""
    start = block * size
    return start, min(start + size, n)
