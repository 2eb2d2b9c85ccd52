"""`elementwise`: a function of single numbers as a differentiable operation, compiled forward and backward.

    @elementwise
    def swish(x, beta=1.0):
        \"\"\"x sigmoid(beta x).\"\"\"
        return x / (1 + exp(-beta * x))

    y = swish(x)                       # tensors, arrays and numbers, broadcast against each other
    y.backward(g)                      # by each argument that needs a gradient, in one pass

The source is read once, when the function is first called (`python_source`), and its derivatives are found. Arrays of
float32 or float64 run through one vectorised loop over all cores, forward, and one for all gradients together. For
other dtypes, and for derivatives of higher order, the same source runs as operations: the same answer.

`if`, conditional expressions, `max` and `min` may be used: the gradient follows the branch that was taken, and what was
not taken has no part in it, even where it is NaN.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import math
import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import kernels
from .errors import describe
from .expressions import FUNCTIONS, PREFIX, Term, derivative, statements
from .fused import fused
from .modes import modes
from .op import registry
from .python_source import ScalarFunction, read
from .tensor import Tensor, to_array

_DTYPES = frozenset({np.dtype(np.float32), np.dtype(np.float64)})


def elementwise(function: Callable[..., Any] | None = None, **facts: Any) -> Any:
    """Declares an operation by a function of numbers; see the head of this file.

    The facts are those of `primitive`: domain, reference, name, method and so on.
    TypeError, at the first call, where the source does something that has no derivative.

    >>> import autograd
    >>> @autograd.elementwise
    ... def softclip(x, limit):
    ...     return x / (1 + abs(x) / limit)
    """
    if function is None:
        return functools.partial(elementwise, **facts)
    if not isinstance(function, types.FunctionType):
        raise TypeError(f"elementwise: takes a Python function, not {describe(function)}.")
    code = function.__code__
    parameters = code.co_varnames[: code.co_argcount]
    taken = {"g", "out", "needed"} & set(parameters)
    if code.co_kwonlyargcount or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS) or taken:
        what = f"a parameter can not be named {taken.pop()}" if taken else "it takes positional parameters only"
        raise TypeError(f"elementwise: {function.__name__}: {what}.")
    if not parameters:
        raise TypeError(f"elementwise: {function.__name__} has no parameter. Give it one, or call it without this.")
    compiled = _Compiled(function)

    # The rest of the package looks at the names of parameters: functions with those of this one.
    names = ", ".join(parameters)
    me = "_" * max(map(len, parameters)) + "_"  # not the name of a parameter
    scope: dict[str, Any] = {me: compiled}
    exec(
        f"def definition({names}):\n    return {me}.by_operations(({names},))\n"
        f"def backward(g, {names}, needed):\n    return {me}.gradients(g, ({names},), needed)\n",
        scope,
    )
    definition: Any = functools.wraps(function)(scope["definition"])
    del definition.__wrapped__
    definition.__defaults__ = function.__defaults__
    call = fused(definition, **{"elementwise": True, "method": False, "in_place": False, **facts})
    call.kernel(compiled.forward)
    call.backward(*parameters)(scope["backward"])
    call.__wrapped__ = function
    return call


class _Compiled:
    """What is made of the source, each part when it is first needed."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self._loops: dict[tuple[tuple[bool, ...], tuple[bool, ...] | None], Any] = {}

    @functools.cached_property
    def read(self) -> ScalarFunction:
        return read(self.function)

    @functools.cached_property
    def by_operations(self) -> Callable[[Sequence[Any]], Any]:
        """The definition: the same as operations on tensors."""
        lines, (result,) = statements([self.read.result], _literal)
        scope: dict[str, Any] = {name: registry[name].call for name in FUNCTIONS}
        scope |= {"choose": registry["where"].call, "negate": registry["logical_not"].call, "math": math}
        body = "".join(f"    {line}\n" for line in lines)
        parameters = ", ".join(f"{PREFIX}{name}" for name in self.read.parameters)
        exec(f"def compute({parameters}):\n{body}    return {result}\n", scope)
        compute = scope["compute"]

        def definition(values: Sequence[Any]) -> Any:
            # Numbers stay numbers, and leave the dtype to the tensors and arrays, unless there is nothing else.
            values = [v if isinstance(v, (Tensor, np.ndarray, int, float)) else to_array(v) for v in values]
            sized = [v for v in values if isinstance(v, (Tensor, np.ndarray))]
            if not sized:
                values = sized = [Tensor(to_array(v)) for v in values]
            out = compute(*values)
            shape = np.broadcast_shapes(*(v.shape for v in sized))
            if getattr(out, "shape", None) != shape:  # constant along an axis
                zeros = np.zeros(shape, sized[0].dtype)
                out = out + zeros
            if any(out is v for v in values):  # a result has memory of its own
                out = out.clone() if isinstance(out, Tensor) else out.copy()
            if not isinstance(out, Tensor) and any(isinstance(v, Tensor) for v in values):
                out = Tensor(out)
            return out

        return definition

    def loop(self, arrays: tuple[bool, ...], needed: tuple[bool, ...] | None) -> Any:
        """The loop over these parameters, of which the others are numbers: forward, or for the needed gradients."""
        key = arrays, needed
        if key not in self._loops:
            self._loops[key] = self._make_loop(arrays, needed)
        return self._loops[key]

    def _make_loop(self, arrays: tuple[bool, ...], needed: tuple[bool, ...] | None) -> Any:
        function = self.read
        results = [function.result]
        kind = "plain"
        if needed is not None:
            kind = "gradient"
            wanted = [p for p, want in zip(function.parameters, needed, strict=True) if want]
            g = Term.of("parameter", "")
            results = [Term.of("multiply", g, derivative(function.result, name)) for name in wanted]
        lines, names = statements(results, lambda value: f"real({_literal(value)})", products=True)
        every = [f"{PREFIX}{name}" for name in function.parameters]
        parameters = [p for p, is_array in zip(every, arrays, strict=True) if is_array]
        numbers = [f"{p}: float" for p, is_array in zip(every, arrays, strict=True) if not is_array]
        if kind == "gradient":
            parameters.insert(0, PREFIX)
        body = "".join(f"    {line}\n" for line in lines) + f"    return {', '.join(names)}\n"
        source = f"({', '.join([*parameters, *numbers])}):\n{body}"
        # Its code is part of its name, by which it is cached.
        name = f"{function.name}_{hashlib.sha256(source.encode()).hexdigest()[:16]}"
        return kernels.elementwise.from_source(name, f"def {name}{source}", kind, len(results))

    def forward(self, *values: Any) -> Any:
        """By a loop, or NotImplemented."""
        arrays = [value for value in values if isinstance(value, np.ndarray)]
        if not _together(values, arrays):
            return NotImplemented
        is_array = tuple(isinstance(value, np.ndarray) for value in values)
        numbers = [value for value in values if not isinstance(value, np.ndarray)]
        return self.loop(is_array, None)(*arrays, *numbers)

    def gradients(self, g: np.ndarray, values: Sequence[Any], needed: tuple[bool, ...]) -> list[Any]:
        """By each parameter that needs one."""
        arrays = [value for value in values if isinstance(value, np.ndarray)]
        is_array = tuple(isinstance(value, np.ndarray) for value in values)
        numbers = [value for value in values if not isinstance(value, np.ndarray)]
        found = self.loop(is_array, needed)(g, *arrays, *numbers, absorb=not modes.strict_nan)
        parts = iter(found if isinstance(found, tuple) else (found,))
        return [next(parts) if want else None for want in needed]


def _literal(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "math.nan" if math.isnan(value) else "math.inf" if value > 0 else "-math.inf"


def _together(values: Sequence[Any], arrays: Sequence[np.ndarray]) -> bool:
    """Whether a loop takes these: arrays of one dtype, float32 or float64, and numbers."""
    if not arrays or arrays[0].dtype not in _DTYPES:
        return False
    dtype = arrays[0].dtype
    return all(
        value.dtype == dtype if isinstance(value, np.ndarray) else type(value) in (int, float, bool) for value in values
    )
