"""How many additions and multiplications an operation takes, counted from the shapes of its arguments.

A multiplication with the addition after it counts as two. An operation on elements counts as one an element, whatever
it computes: exp(x) as much as x + y. Attention and recurrent layers count their matrix products alone. What is not
known is None, not 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .op import Op

# Each formula gets the arguments by position, of which arrays (or what stands for them) have a shape, and the shape of
# the result.
Formula = Callable[[Sequence[Any], tuple[int, ...]], float]


def _product(args: Sequence[Any], out: tuple[int, ...]) -> float:
    return 2 * math.prod(out) * args[0].shape[-1]


def _linear(args: Sequence[Any], out: tuple[int, ...]) -> float:
    return 2 * math.prod(out) * args[1].shape[-1]


def _convolution(args: Sequence[Any], out: tuple[int, ...]) -> float:
    """weight: (O, C / groups, *kernel)"""
    return 2 * math.prod(out) * math.prod(args[1].shape[1:])


def _conv_input_gradient(args: Sequence[Any], out: tuple[int, ...]) -> float:
    return 2 * math.prod(args[0].shape) * math.prod(args[1].shape[1:])


def _conv_weight_gradient(args: Sequence[Any], out: tuple[int, ...]) -> float:
    """out: (O, C / groups, *kernel); the other argument is the gradient by the result."""
    return 2 * math.prod(args[1].shape) * math.prod(out[1:])


def _attention(args: Sequence[Any], out: tuple[int, ...]) -> float:
    """query: (..., T, D), key: (..., S, D), value: (..., S, V); of a causal one only what is not masked."""
    query, key, value = args[:3]
    T, S = query.shape[-2], key.shape[-2]
    causal = len(args) > 5 and args[5] is True
    pairs = sum(min(i + 1, S) for i in range(T)) if causal else T * S
    return 2 * math.prod(out[:-2]) * pairs * (query.shape[-1] + value.shape[-1])


def _recurrent(weights: int) -> Formula:
    """The products with both weights of each step of each sequence; `weights` is the place of the first."""

    def count(args: Sequence[Any], out: tuple[int, ...]) -> float:
        rows = math.prod(args[0].shape[:-1])
        return 2 * rows * sum(math.prod(args[i].shape) for i in (weights, weights + 1))

    return count


def _einsum(args: Sequence[Any], out: tuple[int, ...]) -> float | None:
    """Of two operands: every combination of all letters once."""
    if len(args) != 3 or "." in args[0]:
        return None
    letters = args[0].replace(" ", "").split("->")[0].split(",")
    sizes: dict[str, int] = {}
    for part, operand in zip(letters, args[1:], strict=True):
        sizes.update(zip(part, operand.shape, strict=True))
    return 2 * math.prod(sizes.values())


def _of_input(args: Sequence[Any], out: tuple[int, ...]) -> float:
    return math.prod(args[0].shape)


PRODUCTS: dict[str, Any] = {  # the gradient by each input takes as much as the result
    "matmul": _product,
    "linear": _linear,
    "linear_relu": _linear,
    "linear_gelu": _linear,
    "convolution": _convolution,
    "convolution_relu": _convolution,
    "conv_input_gradient": _conv_input_gradient,
    "conv_weight_gradient": _conv_weight_gradient,
    "einsum": _einsum,
}
TWICE: dict[str, Formula] = {  # the gradients take twice as much, whichever are needed
    "scaled_dot_product_attention": _attention,
    "lstm": _recurrent(3),
    "gru": _recurrent(2),
    "rnn": _recurrent(2),
}
REDUCTIONS = {"sum", "mean", "nansum", "amax", "amin", "argmax", "argmin", "prod", "cumsum", "cumprod", "all", "any"}
MOVES = {"clone", "cat", "stack", "flip", "roll", "repeat", "surround", "tril", "triu", "astype", "gather"}
MOVES |= {"index_select", "embedding", "put_diagonal", "scatter_zeros", "unfold", "pool_gather", "conj"}
_BACK_AND_FORTH = {"clone", "cat", "stack", "flip", "roll", "surround", "tril", "triu", "astype", "conj"}


def is_counted_by_name(op: Op) -> bool:
    """Whether there is a formula for this one operation."""
    return op.name in PRODUCTS or op.name in TWICE


def is_known(op: Op) -> bool:
    """Whether it can be counted."""
    return op.elementwise or op.view or is_counted_by_name(op) or op.name in REDUCTIONS | MOVES


def forward(op: Op, args: Sequence[Any], out: Any) -> float | None:
    """Of one call; None where it is not known."""
    shape = out[0].shape if isinstance(out, tuple) else np.shape(out)
    formula = PRODUCTS.get(op.name) or TWICE.get(op.name)
    if formula is not None:
        return _tried(formula, args, shape)
    if op.elementwise:
        return math.prod(shape)
    if op.name in REDUCTIONS:
        return _tried(_of_input, args, shape)
    return 0 if op.view or op.name in MOVES else None


def backward(op: Op, saved: Sequence[Any], g: Any, parents: Sequence[Any]) -> float | None:
    """Of one pull, from what the node saved and the nodes of the inputs, which have shapes."""
    shape = next((part.shape for part in g if part is not None), ()) if isinstance(g, tuple) else g.shape
    needed = sum(parent is not None for parent in parents)
    if op.name in PRODUCTS:
        # The gradient by each factor is a product, that by a bias a sum.
        products = sum(p is not None for i, p in zip(op.inputs, parents, strict=False) if i < 2)
        once = _tried(PRODUCTS[op.name], _arguments(op, saved, parents), shape)
        return None if once is None else once * (products if op.sequence is None else needed)
    if op.name in TWICE:
        once = _tried(TWICE[op.name], _arguments(op, saved, parents), shape)
        return None if once is None else 2 * once
    if op.elementwise:
        return math.prod(shape) * needed
    if op.name == "mean":
        return _tried(_of_input, parents, shape)
    return 0 if op.view or op.name in _BACK_AND_FORTH or op.name == "sum" else None


def _arguments(op: Op, saved: Sequence[Any], parents: Sequence[Any]) -> list[Any]:
    """What has the shapes of the arguments: what was saved of them, or their nodes."""
    args: list[Any] = [*saved[: len(op.parameters)], *[None] * (len(op.parameters) - len(saved))]
    for i, parent in zip(op.inputs, parents, strict=False):
        if args[i] is None:
            args[i] = parent
    return args


def _tried(formula: Any, args: Sequence[Any], out: tuple[int, ...]) -> float | None:
    try:
        return formula(args, out)
    except (AttributeError, IndexError, TypeError, ValueError):  # of what it names nothing is known here
        return None
