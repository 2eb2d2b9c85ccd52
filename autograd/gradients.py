"""Gradients as a function of tensors: `backward` and `grad`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .graph import GradientEdge, Node
from .saved_tensors import at_edge
from .stand_in import StandIn
from .tensor import Tensor, attach_method, to_array, wrap
from .walk import run_after, walk


def _as_list(value: Any) -> list[Any]:
    """Several tensors as a list; edges of the graph as tensors that stand there."""
    if isinstance(value, Tensor):
        return [value]
    values = list(value) if isinstance(value, (list, tuple)) and type(value) is not GradientEdge else [value]
    if any(type(item) is GradientEdge for item in values):
        values = [at_edge(item) if type(item) is GradientEdge else item for item in values]
    return values


def _start(outputs: Sequence[Tensor], gradients: Sequence[Any], create_graph: bool) -> tuple[list[Node], list[Any]]:
    """The nodes where a backward pass starts, and the gradients it starts with."""
    if len(gradients) != len(outputs):
        raise ValueError(
            f"backward: {len(gradients)} gradients are given for {len(outputs)} results. Give one for each, None for "
            f"a result of one element."
        )
    nodes: list[Node] = []
    starts: list[Any] = []
    for output, gradient in zip(outputs, gradients, strict=True):
        if not isinstance(output, Tensor) or output.node is None:
            raise RuntimeError(
                "backward: the result does not require a gradient: nothing that it was computed from does, or it was "
                "computed inside no_grad(). Set requires_grad=True on the tensors to differentiate by."
            )
        if gradient is None:
            if output.data.size != 1:
                raise RuntimeError(
                    f"backward: a gradient can be left out only for a result of one element, and this one has shape "
                    f"{output.shape}. Reduce it first, as with .sum() or .mean(), or give a gradient of that shape."
                )
            if output.data.dtype.kind == "c":
                raise RuntimeError(
                    f"backward: a gradient can be left out only for a real result, and this one is {output.dtype}. "
                    f"Take its real part or abs(), or give a gradient."
                )
            start: Any = np.ones_like(output.data)
        elif isinstance(gradient, StandIn):
            start = gradient
        else:
            start = gradient.data if isinstance(gradient, Tensor) else to_array(gradient)
        if start.shape != output.shape:
            raise RuntimeError(
                f"backward: the gradient has shape {start.shape} and the result {output.shape}. They must be equal."
            )
        if start.dtype != output.dtype:
            if start.dtype.kind == "c" and output.dtype.kind != "c":
                raise RuntimeError(
                    f"backward: the gradient is {start.dtype} and the result {output.dtype}: its imaginary part would "
                    f"be lost. Give its real part."
                )
            start = start.astype(output.dtype)
        if create_graph and not isinstance(start, StandIn):
            start = gradient if isinstance(gradient, Tensor) and gradient.dtype == output.dtype else wrap(start)
        nodes.append(output.node)
        starts.append(start)
    return nodes, starts


_QUICK = 4096  # elements that are looked through in less time than the walk saves by knowing


def _are_whole(starts: Sequence[Any], given: Sequence[Any]) -> bool:
    """Whether no gradient to start with has a 0 in it; False where looking would take long."""
    for start, gradient in zip(starts, given, strict=True):
        if isinstance(gradient, StandIn):
            return False
        if gradient is not None:
            array = start.data if isinstance(start, Tensor) else start
            if array.size > _QUICK or np.count_nonzero(array) < array.size:
                return False
    return True


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Adds to the `grad` of each leaf the sum of the gradients of `tensors`, weighted by `grad_tensors`.

    inputs: a tensor or several; only their `grad` is filled, leaves or not.
    """
    outputs = _as_list(tensors)
    gradients = [None] * len(outputs) if grad_tensors is None else _as_list(grad_tensors)
    if inputs is not None:
        given = list({id(tensor): tensor for tensor in _as_list(inputs)}.values())
        found = grad(outputs, given, gradients, retain_graph, create_graph, allow_unused=True)
        for tensor, gradient in zip(given, found, strict=True):
            if gradient is not None:
                tensor.grad = gradient if tensor.grad is None else tensor.grad + gradient
                if tensor.is_leaf:
                    run_after(tensor.node, tensor)
        return
    nodes, starts = _start(outputs, gradients, create_graph)
    whole = _are_whole(starts, gradients)
    walk(nodes, starts, wrap, retain_graph=bool(retain_graph), create_graph=create_graph, start_is_whole=whole)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of `outputs` by each of `inputs`, leaving every `grad` alone.

    grad_outputs: what each output's gradient starts with; may be left out for outputs of one element.
    create_graph: the gradients can be differentiated in turn.
    allow_unused: None, rather than an error, for an input that the outputs do not depend on; `materialize_grads`
    gives zeros for it.

    >>> import autograd
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> (slope,) = autograd.grad(x ** 2, x, create_graph=True)
    >>> slope.item(), autograd.grad(slope, x)[0].item()
    (6.0, 2.0)
    """
    results = _as_list(outputs)
    wanted = _as_list(inputs)
    gradients = [None] * len(results) if grad_outputs is None else _as_list(grad_outputs)
    for i, tensor in enumerate(wanted):
        if not isinstance(tensor, Tensor):
            raise TypeError(f"grad: input {i} is no tensor but {type(tensor).__name__}. Give the tensors themselves.")
        if tensor.node is None:
            raise RuntimeError(f"grad: input {i}, of shape {tensor.shape}, does not require a gradient.")
    nodes, starts = _start(results, gradients, create_graph)
    found: list[Any] = walk(
        nodes,
        starts,
        wrap,
        retain_graph=create_graph if retain_graph is None else retain_graph,
        create_graph=create_graph,
        targets=[tensor.node for tensor in wanted],
        start_is_whole=_are_whole(starts, gradients),
    )
    for i, gradient in enumerate(found):
        if gradient is None and materialize_grads:
            found[i] = wrap(np.zeros_like(wanted[i].data))
        elif gradient is None and not allow_unused:
            raise RuntimeError(
                f"grad: the outputs do not depend on input {i}, of shape {wanted[i].shape}. Pass allow_unused=True to "
                f"get None for it."
            )
    made: list[Any] = [g if g is None or isinstance(g, (Tensor, StandIn)) else wrap(np.asarray(g)) for g in found]
    return tuple(made)


def _backward(
    self: Tensor,
    gradient: Tensor | ArrayLike | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Adds to the `grad` of every leaf that this tensor was computed from the gradient of this tensor by it.

    gradient: the gradient of the final result by this tensor, of the same shape; may be left out for one element.
    retain_graph: keep the graph for another pass (default: the value of `create_graph`).
    create_graph: record the backward pass too, so that the gradients can be differentiated in turn.
    inputs: a tensor or several; only their `grad` is filled.
    """
    backward([self], [gradient], retain_graph, create_graph, inputs)


attach_method("backward", _backward)
