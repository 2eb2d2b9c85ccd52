"""What a module holds: parameters, buffers, and those of either kind whose shape is not known yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from autograd import cat
from autograd.graph import mark_written
from autograd.tensor import Tensor, get_default_dtype, wrap


class Parameter(Tensor):
    """A tensor that is a parameter of the module it is assigned to.

    data: what a Tensor is made of; an array is shared, not copied.
    requires_grad: False for a parameter that is not to be trained.

    >>> import nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = nn.Parameter([1.0, 2.0])
    >>> [name for name, _ in Scale().named_parameters()]
    ['factor']
    """

    def __init__(self, data: Any = None, requires_grad: bool = True, dtype: DTypeLike | None = None) -> None:
        super().__init__(np.empty(0, get_default_dtype()) if data is None else data, dtype, requires_grad)


class Buffer(Tensor):
    """A tensor that belongs to the state of the module it is assigned to, and is not trained.

    persistent: whether it is part of `state_dict()`.
    """

    def __init__(self, data: Any, persistent: bool = True, dtype: DTypeLike | None = None) -> None:
        super().__init__(data, dtype)
        self.persistent = persistent


class _Unshaped:
    """What a tensor does before its shape is known: it remembers what was wished, and refuses the rest."""

    becomes: ClassVar[type[Tensor]]

    def __init__(self, requires_grad: bool = False, dtype: DTypeLike | None = None) -> None:
        self.grad: Tensor | None = None
        self.node: Any = None
        self.__dict__["_wish"] = (bool(requires_grad), np.dtype(get_default_dtype() if dtype is None else dtype))

    @property
    def _data(self) -> Any:
        raise RuntimeError(
            "This parameter has no shape yet: it is inferred from the first input. Call the model once on a batch, or "
            "give the layer its input size, as in Dense(784, 64)."
        )

    @property
    def dtype(self) -> np.dtype:
        """The dtype that it will have."""
        return self.__dict__["_wish"][1]

    @property
    def requires_grad(self) -> bool:
        """Whether it will require a gradient."""
        return self.__dict__["_wish"][0]

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Notes whether it will require a gradient.  Returns itself."""
        self.__dict__["_wish"] = (bool(requires_grad), self.dtype)
        return self

    def convert(self, dtype: DTypeLike) -> None:
        """Notes the dtype that it will have."""
        self.__dict__["_wish"] = (self.requires_grad, np.dtype(dtype))

    def materialize(self, shape: tuple[int, ...]) -> None:
        """Becomes an ordinary parameter or buffer of this shape, filled with zeros.  It stays the same object."""
        requires_grad, dtype = self.__dict__.pop("_wish")
        tensor: Any = self
        tensor.__class__ = self.becomes
        Tensor.__init__(tensor, np.zeros(shape, dtype), requires_grad=requires_grad)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(dtype={self.dtype})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.requires_grad, self.dtype)
        return memo[id(self)]

    def __reduce__(self) -> Any:
        return type(self), (self.requires_grad, self.dtype)


class UninitializedParameter(_Unshaped, Parameter):  # type: ignore[override]
    """A parameter whose shape the first input decides."""

    becomes = Parameter

    def __init__(self, requires_grad: bool = True, dtype: DTypeLike | None = None) -> None:
        _Unshaped.__init__(self, requires_grad, dtype)


class UninitializedBuffer(_Unshaped, Buffer):  # type: ignore[override]
    """A buffer whose shape the first input decides."""

    becomes = Buffer

    def __init__(self, requires_grad: bool = False, dtype: DTypeLike | None = None) -> None:
        _Unshaped.__init__(self, requires_grad, dtype)
        self.persistent = True


def has_shape(tensor: Tensor) -> bool:
    """Whether the shape of a parameter or buffer is known."""
    return not isinstance(tensor, _Unshaped)


def set_values(tensor: Tensor, values: np.ndarray, by: str) -> None:
    """Writes `values` into a parameter or buffer, outside the graph, in the dtype that it has."""
    if tensor.data.flags.writeable:
        with np.errstate(all="ignore"):
            np.copyto(tensor.data, values, casting="unsafe")
        mark_written(tensor.data, by)
    else:  # as when it was made of an array that is a read-only file in memory
        tensor.data = np.array(values, tensor.data.dtype)


def device_and_dtype(args: Iterable[Any], device: Any, dtype: Any) -> tuple[Any, Any]:
    """What the arguments of `Module.to` name, in whatever order: a device, a dtype, or a tensor that has the dtype."""
    for arg in args:
        if isinstance(arg, Tensor):
            dtype = arg.dtype
        elif isinstance(arg, bool) or arg is None:
            pass
        elif isinstance(arg, str) and arg.split(":")[0] in ("cpu", "cuda", "mps", "xpu"):
            device = arg
        else:
            dtype = arg
    return device, dtype


def convert(tensor: Tensor, dtype: np.dtype) -> None:
    """Gives a parameter or buffer, and its gradient, another dtype.  It stays the same object."""
    if isinstance(tensor, _Unshaped):
        tensor.convert(dtype)
        return
    if tensor.dtype == dtype:
        return
    tensor.data = tensor.data.astype(dtype)
    if tensor.grad is not None:
        tensor.grad = wrap(tensor.grad.data.astype(dtype, copy=False))


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All elements of all parameters, one after the other, in one tensor that gradients flow through.

    parameters: (*) each -> (D)

    >>> import autograd, nn
    >>> nn.utils.parameters_to_vector([autograd.tensor([[1.0, 2.0]]), autograd.tensor(3.0)])
    tensor([1., 2., 3.])
    """
    return cat([parameter.reshape(-1) for parameter in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Writes the elements of `vec` into the parameters, one after the other: undoes `parameters_to_vector`.

    vec: (D)

    Raises ValueError where `vec` has another number of elements than the parameters together.
    """
    targets = list(parameters)
    values = vec.data.ravel()
    total = sum(target.data.size for target in targets)
    if values.size != total:
        raise ValueError(
            f"vector_to_parameters: the vector has {values.size} elements and the parameters have {total}. "
            f"Give the parameters that the vector was made of."
        )
    start = 0
    for target in targets:
        end = start + target.data.size
        set_values(target, values[start:end].reshape(target.shape), "vector_to_parameters")
        start = end
