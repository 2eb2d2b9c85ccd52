"""Layers that compute the ReLU behind them in the same pass over memory.

`Sequential` runs a layer and the `ReLU` after it as one where nobody can see what lies between: the same result, one
pass over memory less in each direction, and one array less to keep. The gradient of a bias is summed up in another
order, and may differ in its last bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from .module import Module

Layer = TypeVar("Layer", bound=type)

# By the `forward` that it stands for: a subclass with a forward of its own is not meant.
_with_relu: dict[Callable[..., Any], Callable[[Any, Any], Any]] = {}


def takes_relu(layer: Layer) -> Layer:
    """Marks a class whose method `forward_relu(x)` gives relu(forward(x))."""
    forward: Any = layer.__dict__["forward"]
    _with_relu[forward] = layer.__dict__["forward_relu"]
    return layer


def with_relu(module: Module, call: Callable[..., Any]) -> Callable[[Any, Any], Any] | None:
    """What computes relu(module(x)) as a function of the module and x, if calling the module is to run its `forward`.

    call: the `__call__` of modules that have none of their own.
    """
    kind = type(module)
    if module._hooks is not None or module._held or "forward" in module.__dict__ or kind.__call__ is not call:
        return None
    return _with_relu.get(kind.forward)
