"""Modules as functions of their parameters, as in `torch.func`.

Nothing here imports modules: whatever has `named_modules`, and holds tensors in `_parameters` and `_buffers`, is one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import functions as ops
from .modes import ModeSetting


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Calls the module with other tensors in the place of its parameters and buffers, which stay as they are.

    parameter_and_buffer_dicts: tensors by dotted name, or several such dicts; parts that are not named are the
    module's own. args: the arguments, a tuple, or the only one. tie_weights: a tensor that the module holds under
    several names is replaced under all of them. strict: raises unless all are named.

    >>> import autograd, nn
    >>> layer = nn.Linear(2, 1)
    >>> parameters = {"weight": autograd.tensor([[1.0, 2.0]]), "bias": autograd.tensor([3.0])}
    >>> autograd.func.functional_call(layer, parameters, (autograd.tensor([10.0, 1.0]),))
    tensor([15.])
    """
    if isinstance(parameter_and_buffer_dicts, Mapping):
        tensors = dict(parameter_and_buffer_dicts)
    else:
        tensors = {}
        for one in parameter_and_buffer_dicts:
            twice = tensors.keys() & one.keys()
            if twice:
                raise ValueError(f"functional_call: {sorted(twice)[0]} is given twice.")
            tensors.update(one)
    given = () if args is None else args if isinstance(args, tuple) else (args,)
    with _replaced(module, tensors, tie_weights, strict):
        return module(*given, **(kwargs or {}))


@contextlib.contextmanager
def _replaced(module: Any, tensors: dict[str, Any], tie_weights: bool, strict: bool) -> Iterator[None]:
    homes: dict[str, tuple[dict[str, Any], str]] = {}  # the dict that holds the tensor of a dotted name, and its key
    for prefix, part in module.named_modules(remove_duplicate=False):
        for kind in (part._parameters, part._buffers):
            for key, tensor in kind.items():
                if tensor is not None:
                    homes[f"{prefix}.{key}" if prefix else key] = (kind, key)
    unknown = [name for name in tensors if name not in homes]
    if unknown:
        raise KeyError(
            f"functional_call: {type(module).__name__} has no parameter or buffer {unknown[0]!r}. It has "
            f"{', '.join(homes) or 'none'}."
        )
    before = {name: kind[key] for name, (kind, key) in homes.items()}
    replaced = dict(tensors)
    if tie_weights:
        by_tensor: dict[int, Any] = {}
        for name, value in tensors.items():
            other = by_tensor.setdefault(id(before[name]), value)
            if other is not value:
                raise ValueError(f"functional_call: {name} is tied to another name, and both are given differently.")
        replaced |= {name: by_tensor[id(tensor)] for name, tensor in before.items() if id(tensor) in by_tensor}
    if strict and len(replaced) < len(homes):
        missing = [name for name in homes if name not in replaced]
        raise KeyError(f"functional_call: strict=True, and {', '.join(missing)} is not given.")
    try:
        for name, value in replaced.items():
            kind, key = homes[name]
            kind[key] = value
        yield
    finally:
        for name in replaced:
            kind, key = homes[name]
            kind[key] = before[name]


def replace_all_batch_norm_modules_(root: Any) -> Any:
    """Takes the running statistics away from all batch norms in a module, which then always use those of the batch.

    Inside vmap there is no batch of examples that one set of them could follow. Returns the module.
    """
    for module in root.modules():
        if getattr(module, "track_running_stats", False):
            module.track_running_stats = False
            module.running_mean = module.running_var = module.num_batches_tracked = None
    return root


def stack_module_state(models: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters, and the buffers, of several modules of one kind, each stacked along a new first axis.

    With them `vmap` runs an ensemble: `vmap(lambda p, b, x: functional_call(base, (p, b), (x,)), (0, 0, None))`.
    The parameters require a gradient if those of the models do, and are leaves.

    >>> import autograd, nn
    >>> parameters, buffers = autograd.func.stack_module_state([nn.Linear(3, 2) for _ in range(5)])
    >>> {name: tensor.shape for name, tensor in parameters.items()}
    {'weight': (5, 2, 3), 'bias': (5, 2)}
    """
    if not models:
        raise ValueError("stack_module_state: there are no models. Give at least one.")
    kinds = {type(model) for model in models}
    if len(kinds) > 1:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise ValueError(f"stack_module_state: the models are of different kinds: {names}.")
    if len({model.training for model in models}) > 1:
        raise ValueError(
            "stack_module_state: some models are in training mode and some are not. Call train() or eval()."
        )
    parameters = _stacked([dict(model.named_parameters()) for model in models])
    for name, tensor in parameters.items():
        wished = {dict(model.named_parameters())[name].requires_grad for model in models}
        if len(wished) > 1:
            raise ValueError(f"stack_module_state: {name} requires a gradient in some models and not in others.")
        tensor.requires_grad_(wished.pop())
    return parameters, _stacked([dict(model.named_buffers()) for model in models])


def _stacked(states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    with ModeSetting(recording=False):
        return {name: ops.stack([state[name] for state in states]) for name in states[0]}
