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

Compile options stand in `compile`, threads and the cache folder in `threads` and `cache`, and what runs the blocks in
`drivers`.
"""

from __future__ import annotations

import ctypes
import inspect
import os
import struct
import threading
import types as python_types
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numba
import numpy as np
from llvmlite import ir
from numba import types

from autograd.kernels.cache import CACHE, cache_folder
from autograd.kernels.compile import DATA_WORD, FASTMATH, OPTIONS, VECTOR_BYTES, compile_block
from autograd.kernels.drivers import DRIVERS
from autograd.kernels.machine import IS_X86, intrinsic
from autograd.kernels.threads import get_num_threads, set_num_threads, worker_count

__all__ = [
    "IS_X86",
    "LANES",
    "VECTOR_BYTES",
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
    "intrinsic",
    "kernel",
    "offset",
    "real",
    "set_num_threads",
    "stack",
    "sum_of",
    "worker_count",
]

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

# --- Intrinsics that every kernel can use ----------------------------------------------------------------------------


@intrinsic
def offset(typingctx, pointer, elements):
    """The pointer that many elements further on."""

    def codegen(context, builder, signature, args):
        return builder.gep(args[0], [args[1]])

    return pointer(pointer, types.int64), codegen


@intrinsic
def stack(typingctx, like, elements):
    """A pointer to a constant number of elements on the stack, of the type that the pointer ``like`` points to.

    Nothing is written there. (Storing zeros to a large array takes LLVM seconds to compile.)
    """

    def codegen(context, builder, signature, args):
        element = context.get_data_type(like.dtype)
        with builder.goto_entry_block():
            array = builder.alloca(ir.ArrayType(element, elements.literal_value))
            array.align = 64
        return builder.bitcast(array, element.as_pointer())

    if not isinstance(elements, types.IntegerLiteral):
        return None
    return like(like, elements), codegen


# --- Kernels ---------------------------------------------------------------------------------------------------------


class Inline:
    """A function for use inside kernels; see `inline`."""

    def __init__(self, function: Callable[..., Any], reassociate: bool) -> None:
        self.function = function
        self.reassociate = reassociate
        self.fastmath = FASTMATH | {"reassoc"} if reassociate else FASTMATH
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
            options = {**OPTIONS, "fastmath": self.fastmath, "inline": "never" if self.reassociate else "always"}
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
        self.address, self._library = compile_block(function, 1 + owner.takes_worker, parameters, owner.cache)


_NOTHING = np.zeros(8)  # what a pointer points to for which None was given
_NOTHING_ID = id(_NOTHING)
if ctypes.c_void_p.from_address(_NOTHING_ID + 8 * DATA_WORD).value != _NOTHING.ctypes.data:
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
            elif isinstance(array, np.ndarray) and array.dtype in dtypes:
                words[i] = id(array)
            else:
                given = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
                raise TypeError(f"kernel {self.__name__}: {self.names[i]} takes {dtypes[0]} elements, got {given}")
        DRIVERS.run(
            variant.address, self._pack(*words or (0,)), blocks, get_num_threads() if workers is None else workers
        )


def _after_fork_in_child() -> None:
    """The copy of the lock may be held by a thread that the child does not have."""
    Kernel._compiling = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


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


@inline(reassociate=True)
def sum_of(x, n):
    """The sum of n elements. Its order is LLVM's, the same at every call."""
    total = real(0)
    for i in range(n):
        total += x[i]
    return total
