"""What PyTorch's functions offer and operations do not: the argument `inplace`, and names that end in `_`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from autograd.inplace import make_in_place
from autograd.tensor import Tensor


def with_inplace(operation: Any) -> Callable[..., Tensor]:
    """The operation with a last argument `inplace`: True writes the result into the tensor, and returns that.

    >>> import autograd, nn.functional as F
    >>> x = autograd.tensor([-1.0, 2.0])
    >>> F.relu(x, inplace=True) is x
    True
    >>> x
    tensor([0., 2.])
    """
    write = written(operation)
    most = sum(name != "generator" for name in operation.op.parameters)

    @functools.wraps(operation)
    def call(*args: Any, inplace: bool = False, **kwargs: Any) -> Tensor:
        if len(args) > most:
            args, inplace = args[:most], args[most]
        return write(*args, **kwargs) if inplace else operation(*args, **kwargs)

    return call


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
