"""The state of a module as a flat dictionary, and the way back, where all is checked before anything is changed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd.tensor import Tensor, to_array, wrap

from .mistakes import not_inferred
from .parameter import has_shape, set_values

if TYPE_CHECKING:
    from .module import Module


class IncompatibleKeys(NamedTuple):
    """The names that only the model has, and those that only the state has."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def own_state(module: Module) -> dict[str, Tensor]:
    """The parameters and persistent buffers of this module itself."""
    parameters = {name: p for name, p in module._parameters.items() if p is not None}
    buffers = {
        name: b for name, b in module._buffers.items() if b is not None and name not in module._not_persistent
    }
    return {**parameters, **buffers}


def collect(module: Module, prefix: str, keep_vars: bool) -> dict[str, Tensor]:
    """All parameters and persistent buffers by dotted name."""
    found: dict[str, Tensor] = {}
    for path, part in module.named_modules(remove_duplicate=False):
        for name, tensor in own_state(part).items():
            full = f"{path}.{name}" if path else name
            if not has_shape(tensor):
                raise RuntimeError(not_inferred("state_dict", full, part))
            found[prefix + full] = tensor if keep_vars else wrap(tensor.data)
    return found


def load(module: Module, given: Mapping[str, Any], strict: bool) -> IncompatibleKeys:
    """Copies `given` into the module, or raises one error that lists all that does not fit."""
    if not isinstance(given, Mapping):
        raise TypeError(f"load_state_dict: takes a dict from names to tensors, not {type(given).__name__}.")
    values = {name: _as_array(name, value) for name, value in given.items()}
    targets: dict[str, Tensor] = {}
    other_shapes: list[str] = []
    to_infer: list[tuple[Module, dict[str, tuple[int, ...]]]] = []
    for path, part in module.named_modules(remove_duplicate=False):
        prefix = f"{path}." if path else ""
        expected = own_state(part)
        targets.update({prefix + name: tensor for name, tensor in expected.items()})
        if not all(map(has_shape, expected.values())):
            shapes = {name: values[prefix + name].shape for name in expected if prefix + name in values}
            if not shapes:
                continue
            # A copy takes the sizes first, so that the module itself stays as it is if something does not fit.
            trial = copy.deepcopy(part)
            try:
                trial.infer_sizes(shapes)
            except (KeyError, IndexError):
                other_shapes.append(f"{prefix}*: the sizes of {type(part).__name__} can not be told from {shapes}")
                continue
            to_infer.append((part, shapes))
            expected = own_state(trial)
        for name, tensor in expected.items():
            value = values.get(prefix + name)
            if value is not None:
                other_shapes += _compare(prefix + name, value, tensor)

    keys = IncompatibleKeys([n for n in targets if n not in values], [n for n in values if n not in targets])
    if other_shapes or (strict and (keys.missing_keys or keys.unexpected_keys)):
        raise RuntimeError(_explain(module, keys, values, other_shapes, strict))
    for part, shapes in to_infer:
        part.infer_sizes(shapes)
    for name, tensor in targets.items():
        if name in values:
            set_values(tensor, values[name], "load_state_dict")
    return keys


def _as_array(name: str, value: Any) -> np.ndarray:
    try:
        return value.data if isinstance(value, Tensor) else to_array(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"load_state_dict: {name} is {type(value).__name__}, which can not become an array ({error}). "
            f"Give tensors or arrays."
        ) from None


def _compare(name: str, value: np.ndarray, tensor: Tensor) -> list[str]:
    if value.shape != tensor.shape:
        return [f"{name} is {value.shape} in the state and {tensor.shape} in the model"]
    if value.dtype.kind == "c" and tensor.dtype.kind != "c":
        return [f"{name} is {value.dtype} in the state and {tensor.dtype} in the model"]
    return []


def _explain(
    module: Module, keys: IncompatibleKeys, values: Mapping[str, np.ndarray], other_shapes: list[str], strict: bool
) -> str:
    lines = [f"load_state_dict: the state does not fit {type(module).__name__}, and nothing was loaded."]
    if strict and keys.missing_keys:
        lines.append(f"  missing, only in the model: {', '.join(keys.missing_keys)}")
    if strict and keys.unexpected_keys:
        listed = ", ".join(f"{name} {values[name].shape}" for name in keys.unexpected_keys)
        lines.append(f"  unexpected, only in the state: {listed}")
    if other_shapes:
        lines.append(f"  other shapes: {'; '.join(other_shapes)}")
    prefix = _common_prefix(keys)
    if prefix:
        lines.append(
            f"The names in the state begin with {prefix!r}. Take it off: "
            f"{{name.removeprefix({prefix!r}): value for name, value in state.items()}}."
        )
    elif other_shapes:
        lines.append("Build the model with the sizes that it was saved with.")
    else:
        lines.append("Build the model that was saved, or pass strict=False to load the names that both have.")
    return "\n".join(lines)


def _common_prefix(keys: IncompatibleKeys) -> str:
    """What has to be taken off all unexpected names to get the missing ones; empty if that is not it."""
    if keys.missing_keys and len(keys.missing_keys) == len(keys.unexpected_keys):
        first, want = keys.unexpected_keys[0], keys.missing_keys[0]
        prefix = first.removesuffix(want)
        if first.endswith(want) and {prefix + name for name in keys.missing_keys} == set(keys.unexpected_keys):
            return prefix
    return ""
