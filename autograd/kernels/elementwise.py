"""Loops over functions of single elements: one pass over memory, vectorised, on all cores.

A loop is declared by the function of one element, written for Numba::

    @loop
    def silu(x):
        return x * sigmoid(x)

    @gradient_loop
    def silu_gradient(g, x):
        s = sigmoid(x)
        return g * (s * (real(1) + x * (real(1) - s)))

    out = silu(x)                    # arrays of float32 or float64, of any strides
    gx = silu_gradient(g, x)

Parameters annotated with ``float`` are numbers, given after the arrays; all others are arrays of one shape and dtype,
or of a single element, which is taken for all. Call functions of `scalar_math` in it, and `choose` for `a if c else b`:
it has no branch, however much there is to compute for a and b.

A `gradient_loop` takes the incoming gradient first, and its last argument, ``absorb``, says whether a gradient of
exactly 0 stays 0 where the derivative is infinite or NaN. A `sum_loop` adds up what the function gives for all
elements.

Blocks have a fixed size, and sums are added in a fixed order: the same bits for any number of threads.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba import types

from autograd.kernels.jit import (
    Doubles,
    Inline,
    Kernel,
    Reals,
    block_range,
    intrinsic,
    real,
    stack,
    sum_of,
)

__all__ = ["Loop", "choose", "gradient_loop", "loop", "sum_loop"]

BLOCK = 32768  # elements: some 10 microseconds
CHUNK = 2048  # elements whose sum is taken at a time: a buffer in the first-level cache


@intrinsic
def choose(typingctx, condition, x, y):
    """x where the condition holds, else y; both are computed, and there is no branch."""

    def codegen(context, builder, signature, args):
        return builder.select(*args)

    return x(types.boolean, x, x), codegen


class Loop:
    """A function of single elements as a loop over arrays, compiled when first called."""

    def __init__(self, function: Callable[..., Any], kind: str = "plain", outputs: int = 1) -> None:
        """
        function: of one element; see the head of this file.
        kind: "plain", "gradient" or "sum".
        outputs: how many numbers the function returns; more than one as a tuple.
        """
        self.__name__ = self.__qualname__ = function.__name__
        self.__doc__ = function.__doc__
        self.kind = kind
        self.outputs = outputs
        parameters = inspect.signature(function).parameters
        self.numbers = [name for name, p in parameters.items() if p.annotation in (float, "float")]
        self.arrays = [name for name in parameters if name not in self.numbers]
        self.scalar = Inline(function, reassociate=False)
        self._kernels: dict[tuple[int, ...], Kernel] = {}

    def source(self, steps: Sequence[int]) -> str:
        """The block function; each array is read with a step of 1, or of 0 for a single element."""
        results = [f"out{k}" for k in range(self.outputs)]
        pointers = [f"{name}: Reals" for name in self.arrays]
        numbers = [f"{name}: float" for name in self.numbers]
        at = "first + i" if self.kind == "sum" else "i"
        elements = [f"{name}[{at if step else 0}]" for name, step in zip(self.arrays, steps, strict=True)]
        call = f"scalar({', '.join(elements + self.numbers)})"
        head = f"def {self.__name__}_{''.join(map(str, steps))}_block("
        if self.kind == "sum":
            return (
                f"{head}block: int, {', '.join(pointers)}, sums: Doubles, n: int, {', '.join(numbers)}) -> None:\n"
                f"    start, stop = block_range(block, {BLOCK}, n)\n"
                f"    buffer = stack({self.arrays[0]}, {CHUNK})\n"
                f"    total = 0.0\n"
                f"    for first in range(start, stop, {CHUNK}):\n"
                f"        size = min({CHUNK}, stop - first)\n"
                f"        for i in range(size):\n"
                f"            buffer[i] = {call}\n"
                f"        total += sum_of(buffer, size)\n"
                f"    sums[block] = total\n"
            )
        if self.kind == "gradient":
            numbers.append("absorbed: float")
        lines = [f"            {', '.join(f'value{k}' for k in range(self.outputs))} = {call}"]
        for k, result in enumerate(results):
            value = f"value{k}"
            if self.kind == "gradient":
                value = f"choose({elements[0]} == absorbed, {elements[0]}, {value})"
            lines.append(f"            {result}[i] = {value}")
        return (
            f"{head}block: int, {', '.join([*pointers, *(f'{r}: Reals' for r in results)])}, n: int, "
            f"{', '.join(numbers)}) -> None:\n"
            f"    start, stop = block_range(block, {BLOCK}, n)\n"
            f"    for i in range(start, stop):\n" + "\n".join(line[4:] for line in lines) + "\n"
        )

    def kernel(self, steps: Sequence[int]) -> Kernel:
        """The compiled loop for arrays that are read with these steps."""
        key = tuple(steps)
        if key not in self._kernels:
            scope = {**_SCOPE, "scalar": self.scalar}
            exec(compile(self.source(key), __file__, "exec"), scope)
            self._kernels[key] = Kernel(scope[f"{self.__name__}_{''.join(map(str, key))}_block"])
        return self._kernels[key]

    def compile(self, dtype: Any) -> None:
        """Compile for a dtype without running: for warming up."""
        self.kernel([1] * len(self.arrays)).compile(dtype)

    def __call__(self, *args: Any, absorb: bool = True) -> Any:
        """The result for arrays, and numbers after them, as a new array, as a tuple of them, or (a sum) as a float."""
        count = len(self.arrays)
        given, numbers = [np.asarray(array) for array in args[:count]], args[count:]
        x = given[0]
        if count == 1 and self.kind != "sum":
            out = np.empty_like(x)
            if x.strides != out.strides:
                x, out = np.ascontiguousarray(x), np.empty(x.shape, x.dtype)
            arrays, steps = [x], [1]
        else:
            arrays, steps, out = _aligned(given)
        n = out.size
        blocks = -(-n // BLOCK)
        if self.kind == "sum":
            sums = np.empty(blocks)
            self.kernel(steps)(*arrays, sums, n, *numbers, blocks=blocks, dtype=out.dtype)
            return float(sums.sum())
        if self.kind == "gradient":
            numbers = (*numbers, 0.0 if absorb else math.nan)
        outs = (out,) if self.outputs == 1 else (out, *(np.empty_like(out) for _ in range(self.outputs - 1)))
        self.kernel(steps)(*arrays, *outs, n, *numbers, blocks=blocks, dtype=out.dtype)
        return out if self.outputs == 1 else outs


def _aligned(arrays: Sequence[np.ndarray]) -> tuple[list[np.ndarray], list[int], np.ndarray]:
    """The arrays with their elements in one order in memory, the step of each, and an empty array for the result."""
    x = max(arrays, key=lambda a: (a.size, a.ndim, any(a.strides)))
    out = np.empty_like(x)
    if any(a.strides != out.strides and a.size != 1 for a in arrays):
        out = np.empty(x.shape, x.dtype)
    steps, ready = [], []
    for a in arrays:
        if a.shape == out.shape and (a.size == 1 or any(a.strides)):
            steps.append(1)
            ready.append(a if a.strides == out.strides else np.ascontiguousarray(a))
        elif a.size == 1 or not any(a.strides):
            steps.append(0)
            ready.append(a)
        else:
            raise ValueError(f"elementwise loop: arrays of shapes {[a.shape for a in arrays]} do not go together")
    return ready, steps, out


_SCOPE = {
    "__name__": __name__,
    "Doubles": Doubles,
    "Reals": Reals,
    "block_range": block_range,
    "choose": choose,
    "real": real,
    "stack": stack,
    "sum_of": sum_of,
}


def loop(function: Callable[..., Any]) -> Loop:
    """Declares a loop by the function of one element; see the head of this file."""
    return Loop(function)


def gradient_loop(function: Callable[..., Any]) -> Loop:
    """Declares a loop whose first array is an incoming gradient."""
    return Loop(function, "gradient")


def sum_loop(function: Callable[..., Any]) -> Loop:
    """Declares a loop that adds up what the function gives."""
    return Loop(function, "sum")
