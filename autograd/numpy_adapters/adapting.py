"""How an adapter is declared, and how arguments of NumPy's functions are read."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import functions as ag
from ..numpy_protocol import deliver
from ..stand_in import StandIn
from ..tensor import Tensor, to_array, wrap

adapters: dict[Any, Callable[..., Any]] = {}  # by the NumPy function


def adapts(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares what stands for the NumPy functions of these names: `@adapts("max", "amax")`, `@adapts("linalg.inv")`.

    Its parameters are NumPy's. One that is named `out` is taken care of here. A name that this release of NumPy does
    not have is passed over.
    """

    def declare(adapter: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            function: Any = np
            for part in name.split("."):
                function = getattr(function, part, None)
            if function is not None:
                adapters[function] = _writing(adapter, name)
        return adapter

    return declare


def _writing(adapter: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The adapter with `out=`, by name or position, if it has that parameter."""
    parameters = inspect.signature(adapter).parameters
    if "out" not in parameters:
        return adapter
    by_name = parameters["out"].kind is inspect.Parameter.KEYWORD_ONLY
    at = list(parameters).index("out")

    @functools.wraps(adapter)
    def call(*args: Any, **kwargs: Any) -> Any:
        out = kwargs.pop("out", None)
        if len(args) > at and not by_name:
            out, args = args[at], (*args[:at], None, *args[at + 1 :])
        result = adapter(*args, **kwargs)
        return result if result is NotImplemented else deliver(result, out, True, name)

    return call


def as_tensor(value: Any) -> Any:
    """An argument as a tensor, in the dtype that NumPy gives it; a list of tensors is stacked."""
    if isinstance(value, (Tensor, StandIn)):
        return value
    if isinstance(value, (list, tuple)) and _holds_tensors(value):
        return ag.stack([as_tensor(member) for member in value])
    return wrap(to_array(np.asanyarray(value)))  # refuses masked arrays and objects


def _holds_tensors(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_tensors(member) for member in value)
    return isinstance(value, (Tensor, StandIn))


def as_tensors(values: Any) -> list[Tensor]:
    """A sequence of arguments, or the rows of one, as tensors."""
    return [as_tensor(value) for value in values]


def values_of(value: Any) -> Any:
    """An argument through which no gradient goes, as an array or number."""
    if isinstance(value, Tensor):
        return value.data
    if isinstance(value, (list, tuple)):
        return type(value)(values_of(member) for member in value)
    return value


def axis_of(axis: Any, ndim: int) -> int:
    """An axis counted from the first."""
    return np.lib.array_utils.normalize_axis_index(int(axis), ndim)


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes counted from the first; all of them for None."""
    if axis is None:
        return tuple(range(ndim))
    return np.lib.array_utils.normalize_axis_tuple(axis, ndim)


def flat(a: Tensor) -> Tensor:
    """All elements in one row."""
    return a.reshape(-1)


def last(a: Tensor, axis: int) -> Tensor:
    """The tensor with that axis as its last."""
    return ag.movedim(a, axis, -1)


def at_axis(axis: int, ndim: int, index: Any) -> tuple[Any, ...]:
    """An index that takes `index` along one axis, and all of the others."""
    return (*(slice(None),) * axis_of(axis, ndim), index)
