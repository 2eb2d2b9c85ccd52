"""Hooks of a module: functions that are called around its forward and its backward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd.function import Function
from autograd.tensor import HookHandle, Tensor, add_hook, wrap

if TYPE_CHECKING:
    from .module import Module


class Hooks:
    """The hooks of one module, by the handle that takes them away.  Each with whether it wants the keywords."""

    __slots__ = ("after", "backward", "before")

    def __init__(self) -> None:
        self.before: dict[int, Any] = {}
        self.after: dict[int, Any] = {}
        self.backward: dict[int, Any] = {}

    def add(self, when: str, hook: Callable[..., Any], with_kwargs: bool) -> HookHandle:
        """Adds a hook "before" or "after" forward, or in the "backward" pass."""
        return add_hook(getattr(self, when), (hook, with_kwargs))


def call_with_hooks(module: Module, hooks: Hooks, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`forward` with everything around it."""
    for hook, with_kwargs in tuple(hooks.before.values()):
        given = hook(module, args, kwargs) if with_kwargs else hook(module, args)
        if given is None:
            continue
        if with_kwargs:
            if not (isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], dict)):
                raise TypeError("forward pre-hook: with_kwargs=True wants None or new (args, kwargs) returned.")
            args, kwargs = given
        else:
            args = given if isinstance(given, tuple) else (given,)
    crossing = _Crossing(module, hooks) if hooks.backward else None
    if crossing is not None:
        args = crossing.enter(args)
    out = module.forward(*args, **kwargs)
    if crossing is not None:
        out = crossing.leave(out)
    for hook, with_kwargs in tuple(hooks.after.values()):
        given = hook(module, args, kwargs, out) if with_kwargs else hook(module, args, out)
        if given is not None:
            out = given
    return out


class _Crossing:
    """One call of a module with backward hooks: what passes its border in the backward pass is seen by them.

    Inputs and outputs pass through functions that change nothing. The backward pass comes first to that of the
    outputs, which notes their gradients, and at last to that of the inputs, which calls the hooks.
    """

    def __init__(self, module: Module, hooks: Hooks) -> None:
        self.module = module
        self.hooks = hooks
        self.inputs = 0
        self.input_needs_gradient = False
        self.grad_output: tuple[Any, ...] = ()

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        tensors = [arg for arg in args if isinstance(arg, Tensor)]
        self.inputs = len(tensors)
        self.input_needs_gradient = any(tensor.requires_grad for tensor in tensors)
        if not self.input_needs_gradient:
            return args
        passed = iter(_Inputs.apply(self, *tensors))
        return tuple(next(passed) if isinstance(arg, Tensor) else arg for arg in args)

    def leave(self, out: Any) -> Any:
        if isinstance(out, Tensor):
            return _Outputs.apply(self, out)[0]
        if isinstance(out, (tuple, list)):
            passed = iter(_Outputs.apply(self, *[part for part in out if isinstance(part, Tensor)]))
            parts = [next(passed) if isinstance(part, Tensor) else part for part in out]
            return type(out)(*parts) if hasattr(out, "_fields") else type(out)(parts)
        return out

    def run(self, grad_input: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook, _ in tuple(self.hooks.backward.values()):
            given = hook(self.module, grad_input, self.grad_output)
            if given is not None:
                grad_input = given if isinstance(given, tuple) else (given,)
        self.grad_output = ()
        return grad_input


class _Border(Function):
    """Changes nothing on the way forward."""

    @staticmethod
    def forward(ctx: Any, crossing: _Crossing, *tensors: Tensor) -> tuple[Tensor, ...]:
        ctx.crossing = crossing
        return tuple(wrap(tensor.data) for tensor in tensors)


class _Inputs(_Border):
    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Any, ...]:
        return None, *ctx.crossing.run(grads)


class _Outputs(_Border):
    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Any, ...]:
        crossing = ctx.crossing
        crossing.grad_output = grads
        if not crossing.input_needs_gradient:
            crossing.run((None,) * crossing.inputs)
        return None, *grads
