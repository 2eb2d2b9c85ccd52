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

Parameters annotated with ``float`` are numbers, given after the arrays; all others are arrays of one dtype, which are
broadcast against each other. Call functions of `scalar_math` in it, and `choose` for `a if c else b`:
it has no branch, however much there is to compute for a and b.

A `gradient_loop` takes the incoming gradient first, and its last argument, ``absorb``, says whether a gradient of
exactly 0 stays 0 where the derivative is infinite or NaN. A `sum_loop` adds up what the function gives for all
elements.

Blocks have a fixed size, and sums are added in a fixed order: the same bits for any number of threads.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import types

from autograd.kernels import scalar_math
from autograd.kernels.jit import (
    Doubles,
    Inline,
    Kernel,
    Reals,
    block_range,
    intrinsic,
    offset,
    real,
    stack,
    sum_of,
)

__all__ = ["Loop", "choose", "from_source", "gradient_loop", "loop", "sum_loop"]

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

    def source(self, steps: Sequence[int], rows: bool) -> str:
        """The block function; each array is read with a step of 1, or of 0 for a single element.

        rows: arrays have three axes, (outer, middle, n), and steps of their own along the first two, else one.
        """
        results = [f"out{k}" for k in range(self.outputs)]
        pointers = [f"{name}: Reals" for name in (*self.arrays, *(() if self.kind == "sum" else results))]
        numbers = [f"{name}: float" for name in self.numbers]
        if self.kind == "sum":
            pointers.append("sums: Doubles")
        if self.kind == "gradient":
            numbers.append("absorbed: float")
        sizes = ["n: int"]
        if rows:
            sizes += ["rows: int", "middle: int", "group: int", "chunk: int"]
            sizes += [f"{name}_{axis}: int" for name in self.arrays for axis in ("outer", "middle")]
        parameters = ", ".join(["block: int", *pointers, *sizes, *numbers])

        # What does not change along the loop is read before it.
        elements = {name: f"{name}[i]" if step else f"{name}_0" for name, step in zip(self.arrays, steps, strict=True)}
        call = f"scalar({', '.join([*elements.values(), *self.numbers])})"
        before = [f"{name}_0 = {name}[0]" for name, step in zip(self.arrays, steps, strict=True) if not step]
        if self.kind == "sum":
            body = [f"buffer[i - first] = {call}"]
        else:
            body = [f"{', '.join(f'value{k}' for k in range(self.outputs))} = {call}"]
            for k, result in enumerate(results):
                value, g = f"value{k}", elements[self.arrays[0]]
                absorbing = f"choose({g} == absorbed, {g}, {value})"
                body.append(f"{result}[i] = {absorbing if self.kind == 'gradient' else value}")

        lines = [f"def {self._name(steps, rows)}({parameters}) -> None:"]
        if rows:
            lines += ["    chunks = (n + chunk - 1) // chunk", "    first = block // chunks * group"]
            lines += ["    begin = block % chunks * chunk", "    size = min(chunk, n - begin)"]
            for name in (*self.arrays, *results):
                lines.append(f"    {name}_all = {name}")
            lines += [
                "    for row in range(first, min(first + group, rows)):",
                "        at = row // middle, row % middle",
            ]
            for name, step in zip(self.arrays, steps, strict=True):
                place = f"at[0] * {name}_outer + at[1] * {name}_middle" + (" + begin" if step else "")
                lines.append(f"        {name} = offset({name}_all, {place})")
            lines += [f"        {name} = offset({name}_all, row * n + begin)" for name in results]
            lines += [f"        {line}" for line in before]
            lines += ["        for i in range(size):", *(f"            {line}" for line in body)]
        elif self.kind == "sum":
            lines += [f"    start, stop = block_range(block, {BLOCK}, n)", *(f"    {line}" for line in before)]
            lines += [f"    buffer = stack({self.arrays[0]}, {CHUNK})", "    total = 0.0"]
            lines += [f"    for first in range(start, stop, {CHUNK}):", f"        last = min(first + {CHUNK}, stop)"]
            lines += ["        for i in range(first, last):", *(f"            {line}" for line in body)]
            lines += ["        total += sum_of(buffer, last - first)", "    sums[block] = total"]
        else:
            lines += [f"    start, stop = block_range(block, {BLOCK}, n)", *(f"    {line}" for line in before)]
            lines += ["    for i in range(start, stop):", *(f"        {line}" for line in body)]
        return "\n".join(lines) + "\n"

    def _name(self, steps: Sequence[int], rows: bool) -> str:
        return f"{self.__name__}_{''.join(map(str, steps))}_{'rows' if rows else 'block'}"

    def kernel(self, steps: Sequence[int], rows: bool = False) -> Kernel:
        """The compiled loop for arrays that are read with these steps."""
        key = (*steps, int(rows))
        if key not in self._kernels:
            scope = {**_SCOPE, "scalar": self.scalar}
            exec(compile(self.source(steps, rows), __file__, "exec"), scope)
            self._kernels[key] = Kernel(scope[self._name(steps, rows)])
        return self._kernels[key]

    def compile(self, dtype: Any) -> None:
        """Compile for a dtype without running: for warming up."""
        self.kernel([1] * len(self.arrays)).compile(dtype)

    def __call__(self, *args: Any, absorb: bool = True) -> Any:
        """The result for arrays, and numbers after them, as a new array, as a tuple of them, or (a sum) as a float."""
        count = len(self.arrays)
        arrays: Sequence[Any] = args[:count]
        numbers = args[count:]
        compiled, n = self._flat, -1
        out = np.empty_like(arrays[0])
        shape, strides = out.shape, out.strides
        for a in arrays:
            if type(a) is not np.ndarray or a.strides != strides or a.shape != shape:
                break
        else:
            n = out.size
            sizes: tuple[int, ...] = (n,)
            blocks = -(-n // BLOCK)
        if n < 0:
            plan = _plan([np.asarray(a) for a in arrays], self.kind != "sum")
            arrays, sizes, blocks = plan.arrays, plan.sizes, plan.blocks
            compiled = self.kernel(plan.steps, plan.rows)
            out = np.empty(plan.shape, out.dtype)
        if self.kind == "sum":
            sums = np.empty(blocks)
            compiled(*arrays, sums, *sizes, *numbers, blocks=blocks, dtype=out.dtype)
            return float(sums.sum())
        if self.kind == "gradient":
            numbers = (*numbers, 0.0 if absorb else math.nan)
        if self.outputs == 1:
            compiled(*arrays, out, *sizes, *numbers, blocks=blocks, dtype=out.dtype)
            return out
        outs = (out, *(np.empty_like(out) for _ in range(self.outputs - 1)))
        compiled(*arrays, *outs, *sizes, *numbers, blocks=blocks, dtype=out.dtype)
        return outs

    @functools.cached_property
    def _flat(self) -> Kernel:
        return self.kernel([1] * len(self.arrays))


# --- Broadcasting ----------------------------------------------------------------------------------------------------

SHORT = 64  # elements: rows shorter than this are not worth a loop of their own


class _Plan(NamedTuple):
    """How to walk over arrays of different shapes or strides."""

    arrays: list[np.ndarray]
    steps: list[int]
    sizes: tuple[int, ...]  # what the kernel is told of the shape
    rows: bool
    shape: tuple[int, ...]  # of the result
    blocks: int


def _plan(arrays: list[np.ndarray], rows: bool) -> _Plan:
    """Neighbouring axes that all arrays walk through evenly are one axis; if more than three are left, or `rows` is
    false and more than one, arrays are copied."""
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    if 0 in shape:
        return _Plan(arrays, [1] * len(arrays), (0,), False, shape, 0)
    itemsize = arrays[0].itemsize
    arrays = [a if all(not step or n == 1 or step >= itemsize for n, step in zip(a.shape, a.strides, strict=True))
              else np.ascontiguousarray(a) for a in arrays]  # fmt: skip
    for _ in range(3):
        lengths, strides = _merged(shape, [np.broadcast_to(a, shape).strides for a in arrays])
        steps = [step[-1] for step in strides]
        short = len(lengths) > 1 and lengths[-1] < SHORT
        if all(step in (0, itemsize) for step in steps) and not short and len(lengths) <= (3 if rows else 1):
            break
        # First arrays whose elements do not follow each other, then those that are stretched.
        odd = [step not in (0, itemsize) for step in steps]
        if any(odd):
            arrays = [np.array(a, order="C") if is_odd else a for a, is_odd in zip(arrays, odd, strict=True)]
        if not any(odd) or all(a.flags.c_contiguous for a in arrays):
            arrays = [a if a.size == 1 else np.ascontiguousarray(np.broadcast_to(a, shape)) for a in arrays]
    else:
        raise AssertionError("arrays in one order in memory are one axis")
    unit = [step // itemsize for step in steps]
    n = lengths[-1]
    if len(lengths) == 1:
        return _Plan(arrays, unit, (n,), False, shape, -(-n // BLOCK))
    middle = lengths[-2]
    outer = lengths[-3] if len(lengths) == 3 else 1
    group, chunk = max(1, BLOCK // n), min(n, BLOCK)
    sizes = [n, outer * middle, middle, group, chunk]
    for step in strides:
        sizes += [step[-3] // itemsize if len(lengths) == 3 else 0, step[-2] // itemsize]
    return _Plan(arrays, unit, tuple(sizes), True, shape, -(-outer * middle // group) * -(-n // chunk))


def _merged(shape: tuple[int, ...], strides: list[tuple[int, ...]]) -> tuple[list[int], list[list[int]]]:
    """The lengths of the axes, and each array's steps in bytes, after neighbouring axes have been merged."""
    lengths: list[int] = []
    merged: list[list[int]] = [[] for _ in strides]
    for axis in range(len(shape)):
        n = shape[axis]
        if n == 1:
            continue
        here = [step[axis] for step in strides]
        if lengths and all(m[-1] == step * n for m, step in zip(merged, here, strict=True)):
            lengths[-1] *= n
            for m, step in zip(merged, here, strict=True):
                m[-1] = step
        else:
            lengths.append(n)
            for m, step in zip(merged, here, strict=True):
                m.append(step)
    if not lengths:
        return [1], [[0] for _ in strides]
    return lengths, merged


_SCOPE = {
    "__name__": __name__,
    "Doubles": Doubles,
    "Reals": Reals,
    "block_range": block_range,
    "choose": choose,
    "offset": offset,
    "real": real,
    "stack": stack,
    "sum_of": sum_of,
}


def loop(function: Callable[..., Any]) -> Loop:
    """Declares a loop by the function of one element; see the head of this file."""
    return Loop(function)


def gradient_loop(function: Callable[..., Any] | None = None, *, outputs: int = 1) -> Any:
    """Declares a loop whose first array is an incoming gradient.

    outputs: how many gradients the function returns; more than one as a tuple.
    """
    if function is None:
        return functools.partial(gradient_loop, outputs=outputs)
    return Loop(function, "gradient", outputs)


def sum_loop(function: Callable[..., Any]) -> Loop:
    """Declares a loop that adds up what the function gives."""
    return Loop(function, "sum")


def from_source(name: str, source: str, kind: str, outputs: int) -> Loop:
    """A loop whose function of one element is given by its source, in which functions are called by their names."""
    scope: dict[str, Any] = {**_SCOPE, **_functions(), "__name__": __name__}
    exec(compile(source, __file__, "exec"), scope)
    return Loop(scope[name], kind, outputs)


@functools.cache
def _functions() -> dict[str, Any]:
    """What generated source can call."""
    names = ("exp", "expm1", "log", "log1p", "tanh", "sigmoid", "erf", "erfc")
    found = {name: getattr(scalar_math, name) for name in names}
    found |= {
        name: getattr(math, name) for name in ("sqrt", "sin", "cos", "tan", "sinh", "cosh", "atan", "asin", "acos")
    }
    return {**found, "abs": abs, "math": math, "negate": negate}


@intrinsic
def negate(typingctx, condition):
    """Whether the condition does not hold."""

    def codegen(context, builder, signature, args):
        return builder.not_(args[0])

    return types.boolean(types.boolean), codegen
