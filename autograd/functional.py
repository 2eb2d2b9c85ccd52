"""Jacobians, Hessians and products with them, at a point: the functions of `torch.autograd.functional`.

They take the function and its inputs, a tensor or a tuple of them, and return values; `autograd.func` has the same as
functions of functions. `strict` raises where a result does not depend on an input; without, there are zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from . import functions as ops
from .batched import lowered
from .modes import ModeSetting, modes
from .tensor import Tensor
from .tracing import Trace
from .transforms import Linearized, jacobian_columns, jacobian_rows, matched
from .trees import flatten


def _several(inputs: Any, name: str) -> tuple[Any, ...]:
    given = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    for one in given:
        if not isinstance(one, Tensor) and not hasattr(one, "shape"):
            raise TypeError(f"{name}: inputs are a tensor or a tuple of tensors, not {type(one).__name__}.")
    return given


def _traced(func: Callable[..., Any], inputs: Any, name: str, strict: bool) -> Trace:
    trace = Trace(func, _several(inputs, name), name)
    leaves, structure = trace.results, trace.result_structure
    if structure.kind not in (None, tuple, list) or any(part.kind is not None for part in structure.parts):
        raise TypeError(f"{name}: the function must return a tensor or a tuple of tensors, not {structure!r}.")
    if strict and not all(trace.depends()):
        raise RuntimeError(f"{name}: a result does not depend on the inputs, and strict=True forbids it.")
    if not leaves:
        raise TypeError(f"{name}: the function returned no tensor. Return one, or a tuple of them.")
    return trace


def _scalar(trace: Trace, name: str) -> None:
    if len(trace.results) != 1 or trace.results[0].numel() != 1:
        raise RuntimeError(
            f"{name}: the function must return one element, and it returned {[r.shape for r in trace.results]}. "
            f"Reduce it, as with .sum()."
        )


def _check_reached(trace: Trace, reached: Sequence[bool], name: str, strict: bool) -> None:
    if strict and not all(reached):
        raise RuntimeError(
            f"{name}: the results do not depend on input {list(reached).index(False)}, and strict=True forbids it."
        )


def _out(values: Sequence[Any], like: Any, create_graph: bool) -> Any:
    """A tensor for a tensor, a tuple for several; outside the graph unless asked for."""
    found = tuple(value if create_graph else value.detach() for value in values)
    return found if isinstance(like, (tuple, list)) else found[0]


def _result(trace: Trace, create_graph: bool) -> Any:
    value = trace.value()
    leaves, structure = flatten(value)
    return value if create_graph else structure.rebuild([leaf.detach() for leaf in leaves])


def _recording(create_graph: bool) -> ModeSetting:
    """Without create_graph nothing outside is looked for."""
    return ModeSetting(recording=create_graph and modes.recording)


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = True,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian of func(*inputs): for a result of shape S and an input of shape T, a tensor of shape S + T.

    For several inputs a tuple of them; for several results a tuple of those.
    create_graph: the Jacobian can be differentiated by the inputs. strategy: "reverse-mode" computes rows,
    "forward-mode" columns. vectorize: False computes them one by one, with less memory.

    >>> import autograd
    >>> autograd.functional.jacobian(lambda x: x * x, autograd.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if strategy not in ("reverse-mode", "forward-mode"):
        raise ValueError(f"jacobian: strategy is 'reverse-mode' or 'forward-mode', not {strategy!r}.")
    with _recording(create_graph):
        trace = _traced(func, inputs, "jacobian", strict)
        make = jacobian_rows if strategy == "reverse-mode" else jacobian_columns
        rows = make(trace, None if vectorize else 1, create_graph)
        if strict:
            _check_reached(trace, trace.reached(), "jacobian", strict)
        found = [_out(row, inputs, create_graph) for row in rows]
    return found[0] if trace.result_structure.kind is None else tuple(found)


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = True,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of func(*inputs), one element: for inputs of shapes S and T, a tensor of shape S + T.

    For several inputs a tuple of tuples.

    >>> import autograd
    >>> autograd.functional.hessian(lambda x: (x**3).sum(), autograd.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """

    def slope(*given: Any) -> Any:
        trace = _traced(func, given, "hessian", strict)
        _scalar(trace, "hessian")
        if strict:
            _check_reached(trace, trace.reached(), "hessian", strict)
        return tuple(trace.shown(trace.pull([ops.ones_like(trace.outputs[0])], create_graph=True)))

    several = _several(inputs, "hessian")
    found = jacobian(slope, several, create_graph, strict, vectorize, outer_jacobian_strategy)
    return found if isinstance(inputs, (tuple, list)) else found[0][0]


def vjp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The result of func(*inputs), and v times its Jacobian.

    v: in the shapes of the results; may be left out for one element.

    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0])
    >>> autograd.functional.vjp(lambda x: x * x, x, autograd.tensor([1.0, 10.0]))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    with _recording(create_graph):
        trace = _traced(func, inputs, "vjp", strict)
        if v is None:
            _scalar(trace, "vjp, without v,")
            v = trace.result_structure.rebuild([ops.ones_like(trace.results[0])])
        vectors = matched(_like(v, trace.result_structure.kind), trace.results, trace.result_structure, "vjp", "v")
        if strict:
            _check_reached(trace, trace.reached(), "vjp", strict)
        found = trace.shown(trace.pull(_base(trace, vectors), create_graph=create_graph))
        return _result(trace, create_graph), _out(found, inputs, create_graph)


def jvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The result of func(*inputs), and its Jacobian times v.

    v: in the shapes of the inputs; may be left out for one element.

    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0])
    >>> autograd.functional.jvp(lambda x: x * x, x, autograd.tensor([1.0, 10.0]))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    with _recording(create_graph):
        trace = _traced(func, inputs, "jvp", strict)
        if strict:
            _check_reached(trace, trace.reached(), "jvp", strict)
        vectors = _inputs_like(v, trace, "jvp")
        found = trace.shown(Linearized(trace).push(_base(trace, vectors), create_graph))
        several = trace.result_structure.kind is not None
        return _result(trace, create_graph), _out(found, found if several else None, create_graph)


def vhp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The result of func(*inputs), one element, and v times its matrix of second derivatives.

    v: in the shapes of the inputs; may be left out for one element. As that matrix is symmetric, this is what `hvp`
    gives, by two backward passes.

    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0])
    >>> autograd.functional.vhp(lambda x: (x**3).sum(), x, autograd.tensor([1.0, 10.0]))
    (tensor(9.), tensor([  6., 120.]))
    """
    return _second(func, inputs, v, create_graph, strict, "vhp")


def hvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The result of func(*inputs), one element, and its matrix of second derivatives times v; see `vhp`.

    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0])
    >>> autograd.functional.hvp(lambda x: (x**3).sum(), x, autograd.tensor([1.0, 10.0]))
    (tensor(9.), tensor([  6., 120.]))
    """
    return _second(func, inputs, v, create_graph, strict, "hvp")


def _second(func: Callable[..., Any], inputs: Any, v: Any, create_graph: bool, strict: bool, name: str) -> Any:
    with _recording(create_graph):
        trace = _traced(func, inputs, name, strict)
        _scalar(trace, name)
        if strict:
            _check_reached(trace, trace.reached(), name, strict)
        vectors = _base(trace, _inputs_like(v, trace, name))
        slopes = trace.pull([ops.ones_like(trace.outputs[0])], create_graph=True)
        if strict and not any(slope.requires_grad for slope in slopes):
            raise RuntimeError(f"{name}: the gradient does not depend on the inputs, and strict=True forbids it.")
        found = trace.shown(trace.pull(vectors, slopes, None, create_graph))
        return _result(trace, create_graph), _out(found, inputs, create_graph)


def _like(v: Any, kind: Any) -> Any:
    return kind(v) if kind in (tuple, list) and isinstance(v, (tuple, list)) else v


def _inputs_like(v: Any, trace: Trace, name: str) -> list[Any]:
    shapes = trace.shown(trace.variables)
    if v is None:
        if len(shapes) != 1 or shapes[0].numel() != 1:
            raise RuntimeError(f"{name}: v can be left out only for one input of one element. Give one in its shape.")
        v = (ops.ones_like(shapes[0]),)
    given = tuple(v) if isinstance(v, (tuple, list)) else (v,)
    return matched(given, shapes, trace.structure, name, "v")


def _base(trace: Trace, vectors: Sequence[Any]) -> list[Any]:
    return [lowered(vector, trace.level) for vector in vectors]
