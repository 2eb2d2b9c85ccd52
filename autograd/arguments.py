"""What an operation is given: its parameters by place or by name, operands of any kind, and `out=`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import describe
from .graph import mark_written
from .modes import modes
from .op import Op
from .stand_in import StandIn
from .tensor import Tensor, to_array

ALIASES = {"axis": "dim", "keepdims": "keepdim", "axes": "dims"}  # NumPy's names of PyTorch's parameters
MISSING = object()  # stands for what was not given


def bind(op: Op, args: Sequence[Any], kwargs: dict[str, Any]) -> list[Any]:
    """The value of each parameter, in order."""
    parameters = op.parameters
    if op.variadic:
        # The last parameter takes the rest, or one tuple or list in its place: x.reshape(2, 3), reshape(x, (2, 3)).
        fixed = len(parameters) - 1
        rest = args[fixed:]
        if len(rest) == 1 and isinstance(rest[0], (tuple, list)):
            rest = tuple(rest[0])
        name = parameters[-1]
        given = kwargs.pop(name, None)
        if given is not None:
            rest = tuple(given) if isinstance(given, (tuple, list)) else (given,)
        values = [*args[:fixed], *[MISSING] * (fixed - len(args)), tuple(rest)]
    else:
        if len(args) > len(parameters):
            raise TypeError(f"{op.name}: takes {len(parameters)} arguments ({', '.join(parameters)}), not {len(args)}.")
        values = [*args, *[MISSING] * (len(parameters) - len(args))]
    for key, value in kwargs.items():
        name = key
        if name not in parameters:
            name = ALIASES.get(key, key)
        if name not in parameters and key in ("input", "other"):
            name = parameters[key == "other"]
        if name not in parameters:
            raise TypeError(f"{op.name}: has no parameter {key}. Its parameters are {', '.join(parameters)}.")
        i = parameters.index(name)
        if values[i] is not MISSING and not (op.variadic and i == len(parameters) - 1):
            raise TypeError(f"{op.name}: {key} is given twice.")
        values[i] = value
    for i, value in enumerate(values):
        if value is MISSING:
            if parameters[i] not in op.defaults:
                raise TypeError(f"{op.name}: needs {parameters[i]}. Its parameters are {', '.join(parameters)}.")
            values[i] = op.defaults[parameters[i]]
    return values


def operand(op: Op, value: Any) -> Any:
    """An operand that is neither a tensor nor a plain array or number."""
    try:
        return to_array(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"{op.name}: can not work with {type(value).__name__} {describe(value)}. Give tensors, arrays or numbers."
        ) from None


def rows_of(op: Op, value: Any) -> list[Any]:
    """What was given instead of a list of tensors, as one."""
    if isinstance(value, (Tensor, np.ndarray)) and value.ndim:
        return [value[i] for i in range(len(value))]
    if isinstance(value, StandIn):
        return list(value)
    raise TypeError(f"{op.name}: takes a list or tuple of tensors, not {describe(value)}.")


def arrays_of(value: Any) -> tuple[Any, bool]:
    """The arrays of a list of tensors, and whether there is a tensor among them; or a stand-in that is."""
    arrays: list[Any] = []
    among = False
    for member in value:
        if isinstance(member, Tensor):
            arrays.append(member.data)
            among = True
        elif isinstance(member, StandIn):
            return member, True
        else:
            arrays.append(to_array(member))
    return arrays, among


def written_to(op: Op, out: Any, result: Any) -> Any:
    """The result of the operation, written to the tensors that were given as `out`."""
    if out is None:
        return result
    if isinstance(result, tuple):
        if not isinstance(out, (tuple, list)) or len(out) != len(result):
            raise TypeError(f"{op.name}: out takes a tuple of {len(result)} tensors, not {describe(out)}.")
        if any(
            isinstance(a, Tensor) and isinstance(b, Tensor) and np.shares_memory(a.data, b.data)
            for a, b in itertools.pairwise(out)
        ):
            raise ValueError(f"{op.name}: the tensors of out share their memory. Give one for each result.")
        written = [written_to(op, o, r) for o, r in zip(out, result, strict=True)]
        return type(result)(*written) if hasattr(result, "_fields") else tuple(written)
    if isinstance(out, tuple) and len(out) == 1:  # as NumPy gives it
        out = out[0]
    if not isinstance(out, Tensor) or not isinstance(result, Tensor):
        raise TypeError(f"{op.name}: out takes a tensor to write the result to, not {describe(out)}.")
    if modes.recording and (result.node is not None or out.node is not None):
        raise RuntimeError(
            f"{op.name}: a result that is written to out is not recorded, and one of the tensors requires a gradient. "
            f"Leave out= away, or call it inside no_grad()."
        )
    a, b = result._data, out._data
    if a.shape != b.shape:
        raise ValueError(f"{op.name}: out has the shape {b.shape}, and the result {a.shape}. Give one of that shape.")
    if not np.can_cast(a.dtype, b.dtype, "same_kind"):
        raise TypeError(f"{op.name}: out is {b.dtype}, and the result {a.dtype}, which it can not hold.")
    if not b.flags.writeable:
        raise ValueError(f"{op.name}: out is read-only. Give a tensor that can be written to.")
    b[...] = a
    mark_written(b, op.name)
    return out
