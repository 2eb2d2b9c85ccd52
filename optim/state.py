"""The saved state of an optimizer: looked at as a whole before any of it is taken over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.tensor import Tensor, to_array

if TYPE_CHECKING:
    from .optimizer import Group, Optimizer, State


def options_of(group: Group) -> dict[str, Any]:
    """All of a group but its parameters."""
    return {key: value for key, value in group.items() if key not in ("params", "param_names")}


def checked(optimizer: Optimizer, given: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, State]]:
    """The options of each group of the optimizer, and the states by name, as copies made to fit; or one error."""
    kind = type(optimizer).__name__
    if not isinstance(given, Mapping) or not {"state", "param_groups"} <= given.keys():
        raise TypeError(f"{kind}.load_state_dict: takes what state_dict() gave: 'state' and 'param_groups'.")
    problems: list[str] = []
    options = _match_groups(optimizer, given["param_groups"], problems)
    states: dict[str, State] = {}
    params = {
        name: (tensor.data, group | options[number])
        for number, group in enumerate(optimizer.param_groups)
        for name, tensor in zip(group["param_names"], group["params"], strict=True)
    }
    listed = {name for group in given["param_groups"] for name in group["params"]}
    for name, state in given["state"].items():
        if name in params:
            states[name] = _fit(name, state, optimizer, *params[name], problems)
        elif name not in listed:
            problems.append(f"unexpected: {name!r} has a state, and the optimizer has no such parameter")
    if problems:
        lines = "\n  ".join(dict.fromkeys(problems))
        raise ValueError(
            f"{kind}.load_state_dict: the state does not fit, and nothing was loaded.\n  {lines}\n"
            f"Make the optimizer of the same parameters, in the same groups, as the one that was saved."
        )
    return options, states


def _match_groups(optimizer: Optimizer, saved: list[Mapping[str, Any]], problems: list[str]) -> list[dict[str, Any]]:
    """The saved options for each group of the optimizer, found by the names of its parameters."""
    have = [name for group in optimizer.param_groups for name in group["param_names"]]
    given = [name for group in saved for name in group["params"]]
    for name in have:
        if name not in set(given):
            problems.append(f"missing: {name!r}, a parameter of the optimizer, is not in the state")
    for name in given:
        if name not in set(have):
            problems.append(f"unexpected: {name!r} is in the state, and the optimizer has no such parameter")
    by_names = {frozenset(group["params"]): group for group in saved}
    matched: list[dict[str, Any]] = []
    for number, group in enumerate(optimizer.param_groups):
        found = by_names.get(frozenset(group["param_names"]))
        if found is None:
            matched.append({})
            if set(given) == set(have):
                names = ", ".join(group["param_names"])
                problems.append(f"other groups: the optimizer has {names} in group {number}, the state has not")
            continue
        lacking = [key for key in optimizer.defaults if key not in found]
        if lacking:
            problems.append(f"missing: the option {', '.join(lacking)} in the group of {', '.join(found['params'])}")
            matched.append({})
            continue
        try:
            matched.append(optimizer.validated(options_of(dict(found))))
        except (TypeError, ValueError) as error:
            problems.append(f"option: {error}")
            matched.append({})
    return matched


def _fit(
    name: str, state: Mapping[str, Any], optimizer: Optimizer, param: np.ndarray, group: Group, problems: list[str]
) -> State:
    """The state of one parameter, with arrays of its dtype that are nobody else's."""
    fitted: State = {}
    expected = optimizer.init_state(param[:0] if param.ndim else param, group)
    for key in expected:
        if key not in state:
            problems.append(f"missing: {key!r} in the state of {name!r}")
    for key, value in state.items():
        array = value.data if isinstance(value, Tensor) else to_array(value)
        like = expected.get(key)
        if like is None:
            # An array of options that have been changed since: a rule leaves it alone.
            if array.shape != param.shape:
                problems.append(f"unexpected: {key!r} in the state of {name!r}")
            fitted[key] = np.array(array, param.dtype, order="C")
        elif not isinstance(like, np.ndarray):
            if array.size == 1:
                fitted[key] = type(like)(array.item())
            else:
                problems.append(f"other shape: {key!r} of {name!r} is one number, and {array.shape} in the state")
        elif array.shape != param.shape:
            problems.append(f"other shape: {name!r} is {param.shape}, and its {key!r} in the state {array.shape}")
        else:
            fitted[key] = np.array(array, param.dtype, order="C")
    return fitted
