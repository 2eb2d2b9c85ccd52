"""What stands in the place of a tensor while a function is transformed (`batching.py`).

Operations know three things of it: that it is one, that they hand themselves and all their arguments over to it, and
that whoever asks it for a value is handed over in the same way, by an exception.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class StandIn:
    """Has the shape, the dtype and the methods of a tensor, and no array."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError

    def take(self, op: Any, values: Sequence[Any]) -> Any:
        """What the operation gives for these values of its parameters, some of which are stand-ins."""
        raise NotImplementedError

    def take_call(self, function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """The same for any function of tensors."""
        raise NotImplementedError

    def without_nan(self, incoming: Any) -> Any:
        """This gradient, with each NaN replaced by 0 where the incoming gradient is exactly 0."""
        raise NotImplementedError


class HandOver(RuntimeError):
    """A stand-in was asked for what it does not have.  The operation that runs is to hand its arguments over to it."""

    def __init__(self, stand_in: StandIn, message: str) -> None:
        super().__init__(message)
        self.stand_in = stand_in


def stand_in_among(value: Any) -> StandIn | None:
    """The stand-in that an argument is, or that a list, tuple or slice holds."""
    if isinstance(value, StandIn):
        return value
    if isinstance(value, slice):
        value = (value.start, value.stop, value.step)
    if isinstance(value, (list, tuple)):
        for item in value:
            found = stand_in_among(item)
            if found is not None:
                return found
    return None


def handing_over(function: Function) -> Function:
    """The function, handed over with its arguments where it asks a stand-in for what it does not have."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except HandOver as handed:
            stand_in = handed.stand_in
        return stand_in.take_call(function, args, kwargs)

    return call  # type: ignore[return-value]
