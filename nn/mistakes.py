"""What a user reads when a module is used wrongly, and the path that an error inside a model carries.

Nothing here imports `Module`: modules are known by what they have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import describe
from autograd.tensor import Tensor

from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module


# ---------------------------------------------------------------------------------------------------------------------
# Where in a model an error happened
# ---------------------------------------------------------------------------------------------------------------------
def one_line(module: Module) -> str:
    """`Dense(784, 128)`: the module without what is in it."""
    try:
        extra = " ".join(module.extra_repr().split())
    except Exception:  # a note must not hide the error that it is about
        extra = "..."
    return f"{type(module).__name__}({extra})" if extra else type(module).__name__


class _Place:
    """Where an error happened: the innermost module, its path, and the module that the path starts in."""

    def __init__(self, module: Module, args: tuple[Any, ...]) -> None:
        self.inner = one_line(module)
        shapes = [describe(arg) for arg in args if isinstance(arg, (Tensor, np.ndarray))]
        self.given = f", given {', '.join(shapes)}" if shapes else ""
        self.path = ""
        self.top = module

    def __str__(self) -> str:
        return f"in {self.path} ({self.inner}){self.given}" if self.path else f"in {self.inner}{self.given}"


def add_path(error: Exception, module: Module, args: tuple[Any, ...]) -> None:
    """Notes on an error that leaves `module` where it happened: `in encoder.layers.3.dense (Dense(784, 128))`.

    Every module on the way out calls this; each makes the path one step longer.
    """
    place: _Place | None = getattr(error, "_module_place", None)
    notes: list[str] = getattr(error, "__notes__", [])
    if place is None:
        place = _Place(module, args)
        error._module_place = place  # type: ignore[attr-defined]
    else:
        if str(place) in notes:
            notes.remove(str(place))
        if place.top is not module:
            step = next((name for name, part in _walk(module) if part is place.top), type(place.top).__name__)
            place.path = f"{step}.{place.path}" if place.path else step
            place.top = module
    error.add_note(str(place))


def _walk(module: Module, prefix: str = "") -> Iterator[tuple[str, Module]]:
    """As named_modules(), but never raises."""
    for name, part in module.__dict__.get("_modules", {}).items():
        if part is not None:
            yield prefix + name, part
            yield from _walk(part, f"{prefix}{name}.")


# ---------------------------------------------------------------------------------------------------------------------
# Attributes
# ---------------------------------------------------------------------------------------------------------------------
def find_held(value: Any, depth: int = 3) -> str:
    """Describes the first module or parameter in nested lists, tuples, sets and dicts; empty where there is none."""
    if isinstance(value, dict):
        entries: Any = value.items()
    elif isinstance(value, (list, tuple)):
        entries = enumerate(value)
    else:
        entries = (("", member) for member in value)
    for key, member in entries:
        at = f" at {key!r}" if key != "" else ""
        if isinstance(member, Parameter):
            return f"a Parameter of shape {getattr(member, 'shape', '?')}{at}"
        if hasattr(type(member), "named_modules"):
            return f"{one_line(member)}{at}"
        if depth and isinstance(member, (list, tuple, set, dict)):
            inner = find_held(member, depth - 1)
            if inner:
                return f"{inner} inside{at}"
    return ""


def held_error(module: Module, name: str, value: Any, inner: str) -> str:
    """For a plain list of modules or parameters."""
    kind = "Parameter" if inner.startswith("a Parameter") else "Module"
    holder = f"nn.{kind}{'Dict' if isinstance(value, dict) else 'List'}"
    return (
        f"{type(module).__name__}.{name} is a {type(value).__name__} that holds {inner}. It would be missed by "
        f"parameters(), state_dict() and train(). Use {holder}: self.{name} = {holder}(...)."
    )


def no_init(module: Module) -> str:
    """For a subclass that has not called Module.__init__."""
    name = type(module).__name__
    return (
        f"{name}: Module.__init__ has not run. Call super().__init__() as the first line of {name}.__init__, before "
        f"anything is assigned."
    )


def hidden_by(module: Module, name: str) -> str:
    """For a part whose name the class has taken."""
    owner = next(cls for cls in type(module).__mro__ if name in vars(cls))
    what = "a method" if callable(getattr(owner, name)) else "an attribute"
    return (
        f"{type(module).__name__}.{name}: {name} is {what} of the class {owner.__name__}, which would hide what is "
        f"assigned. Choose another name."
    )


def stays_parameter(module: Module, name: str, value: Any) -> str:
    """For something else that is assigned where a parameter was."""
    return (
        f"{type(module).__name__}.{name} is a parameter, and can not become {type(value).__name__}. Assign "
        f"nn.Parameter(...), or write new values with `with autograd.no_grad(): p.copy_(...)`, or `del` it first."
    )


def stays_module(module: Module, name: str, value: Any) -> str:
    """For something else that is assigned where a module was."""
    return (
        f"{type(module).__name__}.{name} is a module, and can not become {type(value).__name__}. Assign a module, or "
        f"None, or `del` it first."
    )


def no_module(value: Any) -> str:
    """For something else where a module belongs."""
    if isinstance(value, type) and hasattr(value, "named_modules"):
        return f"is the class {value.__name__}, not a module. Add parentheses: {value.__name__}()."
    if isinstance(value, (list, tuple)):
        return f"is a {type(value).__name__}, not a module. Unpack it with a star: Sequential(*layers)."
    if callable(value):
        called = getattr(value, "__name__", type(value).__name__)
        return f"is the function {called}, not a module. Use the layer of that name, or call it in forward."
    return f"is {type(value).__name__}, not a module. Give layers such as nn.Dense(784, 128)."


def not_inferred(what: str, name: str, module: Module) -> str:
    """For a parameter that has no shape yet."""
    return (
        f"{what}: {name} of {one_line(module)} has no shape yet, since its input size was left out. Call the model "
        f"once on a batch before you make an optimizer or save it, or give the size to the layer."
    )


# ---------------------------------------------------------------------------------------------------------------------
# Arguments of layers
# ---------------------------------------------------------------------------------------------------------------------
def check_device(name: str, device: Any) -> None:
    """Raises unless `device` is None or the CPU."""
    if device is not None and str(device).split(":")[0] != "cpu":
        raise ValueError(f"{name}: device is {device!s}, and everything runs on the CPU. Leave it out, or give 'cpu'.")
