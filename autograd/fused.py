"""`fused`: a composite together with a kernel pair that takes its place on the hot path.

    @fused
    def log_softmax(x, dim):                     # the definition: operations, differentiable to any order
        \"\"\"...\"\"\"
        return x - logsumexp(x, dim, keepdim=True)

    @log_softmax.kernel
    def _(x, dim):                               # on arrays; NotImplemented for what it can not do
        ...
        return out                               # or keep(out, statistics=...)

    @log_softmax.backward("x")                   # the inputs that have a gradient; one rule for all of them
    def _(g, out, dim):                          # on arrays; names what it needs, as a gradient rule does
        return (...,)

Where the kernel returns NotImplemented (a dtype, a layout, a shape outside its reach) the definition runs instead, with
the same answer. Under `create_graph` the gradient comes from the definition, and so is differentiable in turn.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from .calls import call_of_many, variable_at
from .declare import dress, names_among, publish
from .gradients import grad
from .graph import Node
from .modes import ModeSetting, modes
from .op import Op
from .stand_in import StandIn
from .tensor import Tensor


def fused(definition: Callable[..., Any] | None = None, **facts: Any) -> Any:
    """Declares a composite with a kernel pair; see the head of this file.  The facts are those of `primitive`."""
    if definition is None:
        return functools.partial(fused, **facts)
    return _declare(definition, **facts)


def _declare(definition: Callable[..., Any], **facts: Any) -> Any:
    names = names_among(facts)
    op = Op(definition, "fused", **facts)
    kernels: list[Callable[..., Any]] = []

    def forward(*arrays: Any) -> Any:
        # Without a backward, what is recorded is the definition.
        return kernels[0](*arrays) if kernels and (op.inputs or not modes.recording) else NotImplemented

    op.run = forward
    call = call_of_many(op, definition)

    def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
        kernels.append(function)
        return function

    def backward(*inputs: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def declare(rule: Callable[..., Any]) -> Callable[..., Any]:
            op.gradients(*inputs)(rule)
            everything = tuple(range(len(op.parameters)))  # the definition needs all inputs again for higher orders
            op.needs = [(*op.needs[0], *everything)] * len(inputs)
            by_kernel = op.pull

            def pull(g: Any, saved: Any, parents: Sequence[Node | None], absorb: int) -> Sequence[Any]:
                first = g[0] if isinstance(g, tuple) else g
                if isinstance(first, (Tensor, StandIn)):
                    return _by_definition(op, definition, g, saved, parents)
                return by_kernel(g, saved, parents, absorb)

            op.pull = pull
            return rule

        return declare

    functools.update_wrapper(call, definition)
    dress(op, call)
    call.kernel = kernel  # type: ignore[attr-defined]
    call.backward = backward  # type: ignore[attr-defined]
    publish(op, **names)
    return call


def _by_definition(
    op: Op, definition: Callable[..., Any], g: Any, saved: Any, parents: Sequence[Node | None]
) -> list[Any]:
    values = list(saved[: len(op.parameters)])
    wanted = [i for i, parent in zip(op.inputs, parents, strict=True) if parent is not None]
    with ModeSetting(recording=True):
        for i in wanted:  # one input may have been computed from another
            values[i] = variable_at(values[i])
        out = definition(*values)
        outputs = list(out) if isinstance(out, tuple) else [out]
        gradients = list(g) if isinstance(g, tuple) else [g]
        pairs = [
            (o, d) for o, d in zip(outputs, gradients, strict=True) if isinstance(o, Tensor) and o.node is not None
        ]
        found = grad(
            [o for o, _ in pairs],
            [values[i] for i in wanted],
            [d for _, d in pairs],
            create_graph=True,
            allow_unused=True,
        )
    by_input = dict(zip(wanted, found, strict=True))
    return [by_input.get(i) for i in op.inputs]
