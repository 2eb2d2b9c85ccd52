"""`primitive` and `composite`: from a function to an operation with all its names.

See `op.py` for what a declaration looks like.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from .calls import make_call, make_composite_call
from .inplace import make_in_place
from .op import Op, Sample, registry, ufuncs
from .tensor import Tensor


def primitive(forward: Callable[..., Any] | None = None, **facts: Any) -> Any:
    """Declares an operation by its forward on arrays.

    method: whether tensors have it as a method (default: for operations of this package).
    operators: the operators that it stands for, as ("__mul__", "__rmul__").
    aliases: other names for it; one with a dot stands in that namespace, as "linalg.det".
    numpy: the NumPy functions that do the same on arrays.
    The other facts are those of `Op`.
    """
    if forward is None:
        return functools.partial(primitive, **facts)
    return _declare(forward, "primitive", make_call, **facts)


def composite(definition: Callable[..., Any] | None = None, **facts: Any) -> Any:
    """Declares a plain function of operations, to have the names, tests and documentation of an operation.

    The facts are those of `primitive`.
    """
    if definition is None:
        return functools.partial(composite, **facts)
    return _declare(definition, "composite", make_composite_call, **facts)


def _declare(
    function: Callable[..., Any],
    kind: str,
    make: Callable[[Op], Callable[..., Any]],
    **facts: Any,
) -> Any:
    names = names_among(facts)
    op = Op(function, kind, **facts)
    call = make(op)
    if call is function:  # a composite that needs nothing around it still gets attributes of its own
        call = functools.partial(function)
    functools.update_wrapper(call, function)
    call.__name__ = op.name.rpartition(".")[2]
    dress(op, call)
    publish(op, **names)
    return call


def names_among(facts: dict[str, Any]) -> dict[str, Any]:
    """Takes out of `facts` those that say where the operation is to be found."""
    return {key: facts.pop(key) for key in ("method", "operators", "aliases", "numpy") if key in facts}


def dress(op: Op, call: Any) -> None:
    """Gives the callable what else can be declared of the operation."""
    op.call = call
    call.op = op
    call.gradient = op.gradient
    call.gradients = op.gradients

    def samples(make: Callable[[Any], Iterable[Sample]]) -> Callable[[Any], Iterable[Sample]]:
        op.samples = make
        return make

    def errors(make: Callable[[Any], Iterable[tuple[Sample, type[Exception], str]]]) -> Any:
        op.errors = make
        return make

    call.samples = samples
    call.errors = errors


def publish(
    op: Op,
    method: bool | None = None,
    operators: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    numpy: tuple[Any, ...] = (),
) -> None:
    """Puts the operation where it is to be found: registry, methods, operators, NumPy's dispatch."""
    built_in = (op.forward.__module__ or "").startswith("autograd.")  # None where it was made by exec
    method = built_in if method is None else method
    op.method, op.operators, op.aliases = method, operators, aliases
    if not built_in and op.kind == "primitive" and op.parameters:
        op.expect_gradient()
    if built_in:
        if op.name in registry:
            raise TypeError(f"{op.name}: declared twice.")
        registry[op.name] = op
    for function in numpy:
        ufuncs[function] = op.call
    twin = make_in_place(op) if op.in_place else None
    for name in (op.name, *aliases) if method else ():
        if "." in name:
            continue
        setattr(Tensor, name, _as_method(op.call))
        if twin is not None:
            setattr(Tensor, f"{name}_", twin)
    for name in operators:
        if name.startswith("__r") and f"__{name[3:]}" in operators:
            setattr(Tensor, name, _reflected(op.operator or op.call))
        else:
            setattr(Tensor, name, op.operator or _as_method(op.call))
            if twin is not None and method and name not in _NO_IN_PLACE:
                setattr(Tensor, f"__i{name[2:]}", twin)


_NO_IN_PLACE = {f"__{name}__" for name in ("neg", "pos", "abs", "invert", "eq", "ne", "lt", "le", "gt", "ge")}


def _as_method(call: Callable[..., Any]) -> Callable[..., Any]:
    """Functions bind to an instance; other callables need one around them."""
    if not isinstance(call, functools.partial):
        return call

    @functools.wraps(call)
    def method(*args: Any, **kwargs: Any) -> Any:
        return call(*args, **kwargs)

    return method


def _reflected(call: Callable[..., Any]) -> Callable[..., Any]:
    def reflected(self: Tensor, other: Any) -> Any:
        return call(other, self)

    return reflected
