"""What PyTorch's functions offer and operations do not: the argument `inplace`, and names that end in `_`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from autograd.inplace import make_in_place
from autograd.tensor import Tensor


def with_inplace(operation: Any, idle: Callable[..., bool] | None = None) -> Callable[..., Tensor]:
    """The operation with a last argument `inplace`: True writes the result into the tensor, and returns that.

    idle: whether these arguments leave the tensor as it is; then nothing is written, and no gradient is in the way.

    >>> import autograd, nn.functional as F
    >>> x = autograd.tensor([-1.0, 2.0])
    >>> F.relu(x, inplace=True) is x
    True
    >>> x
    tensor([0., 2.])
    """
    write = written(operation)
    signature = _with_last(inspect.signature(operation), "inplace")
    most = list(signature.parameters).index("inplace")

    @functools.wraps(operation)
    def call(*args: Any, inplace: bool = False, **kwargs: Any) -> Tensor:
        if len(args) > most:
            if len(args) > most + 1 or not isinstance(args[most], bool):
                raise TypeError(f"{operation.op.name}: the argument {most + 1} is inplace, True or False: {signature}.")
            args, inplace = args[:most], args[most]
        if not inplace:
            return operation(*args, **kwargs)
        if idle is not None and idle(*args, **kwargs):
            operation(*args, **kwargs)  # checks the arguments
            return args[0] if args else next(iter(kwargs.values()))
        return write(*args, **kwargs)

    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


def keeps_all(x: Any, p: float = 0.5, training: bool = True, **_: Any) -> bool:
    """Whether dropout with these arguments leaves nothing out."""
    return not training or p == 0


def keeps_all_unless_told(x: Any, p: float = 0.5, training: bool = False, **_: Any) -> bool:
    """The same for those functions that leave nothing out unless told that this is training."""
    return not training or p == 0


def _with_last(signature: inspect.Signature, name: str) -> inspect.Signature:
    """With one more argument at the end, False unless given; a generator is given by its name."""
    kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    parameters = [p for p in signature.parameters.values() if p.name != "generator"]
    by_name = [p.replace(kind=kinds[1]) for p in signature.parameters.values() if p.name == "generator"]
    return signature.replace(parameters=[*parameters, inspect.Parameter(name, kinds[0], default=False), *by_name])


def written(operation: Any) -> Callable[..., Tensor]:
    """The operation as a function that writes its result into its first argument, and returns that."""
    write = make_in_place(operation.op)
    name = f"{operation.op.name}_"

    def call(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if not isinstance(input, Tensor):
            raise TypeError(f"{name}: writes into a tensor, and can not write into {type(input).__name__}.")
        return write(input, *args, **kwargs)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = write.__doc__
    return call
