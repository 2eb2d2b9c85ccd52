"""Layers that compute the ReLU or the GELU behind them in the same pass over memory.

`Sequential` runs a layer and the `ReLU` after it as one, or a dense layer and `GELU`, where nobody can see what lies
between: the same result, one pass over memory less in each direction, and for ReLU one array less to keep. The
gradient of a bias is summed up in another order, and may differ in its last bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from .module import Module

Layer = TypeVar("Layer", bound=type)

# By the `forward` that they stand for: a subclass with a forward of its own is not meant.
_with_relu: dict[Callable[..., Any], Callable[[Any, Any], Any]] = {}
_with_gelu: dict[Callable[..., Any], Callable[..., Any]] = {}


def takes_relu(layer: Layer) -> Layer:
    """Marks a class whose method `forward_relu(x)` gives relu(forward(x))."""
    forward: Any = layer.__dict__["forward"]
    _with_relu[forward] = layer.__dict__["forward_relu"]
    return layer


def takes_gelu(layer: Layer) -> Layer:
    """Marks a class whose method `forward_gelu(x, approximate)` gives gelu(forward(x), approximate)."""
    forward: Any = layer.__dict__["forward"]
    _with_gelu[forward] = layer.__dict__["forward_gelu"]
    return layer


def with_relu(module: Module, call: Callable[..., Any]) -> Callable[[Any, Any], Any] | None:
    """What computes relu(module(x)) as a function of the module and x, if calling the module is to run its `forward`.

    call: the `__call__` of modules that have none of their own.
    """
    kind = type(module)
    if module._hooks is not None or module._held or "forward" in module.__dict__ or kind.__call__ is not call:
        return None
    return _with_relu.get(kind.forward)


def with_gelu(module: Module, approximate: str) -> Callable[[Any, Any], Any] | None:
    """What computes gelu(module(x)) as a function of the module and x, for a module that `with_relu` has let pass."""
    run = _with_gelu.get(type(module).forward)
    return None if run is None else lambda module, x: run(module, x, approximate)
