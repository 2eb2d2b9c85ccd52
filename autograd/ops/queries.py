"""Questions about a tensor that need none of its elements, under PyTorch's names.

What asks about devices, storage of other kinds and lazy conjugates has one answer here, and stands for the sake of code
that asks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..op import functions
from ..tensor import Tensor, attach_method, to_array
from .creation import dtype_of, on_cpu


def _dtype(value: Any) -> np.dtype:
    """That of a tensor or array, or of what would become one."""
    return value.dtype if isinstance(value, (Tensor, np.ndarray)) else to_array(value).dtype


def is_floating_point(input: Any) -> bool:
    """Whether the dtype is a real floating-point one."""
    return _dtype(input).kind == "f"


def is_complex(input: Any) -> bool:
    """Whether the dtype is complex."""
    return _dtype(input).kind == "c"


def is_signed(input: Any) -> bool:
    """Whether the dtype has negative numbers."""
    return _dtype(input).kind in "ifc"


def is_nonzero(input: Any) -> bool:
    """Whether the one element is not 0.  ValueError if there are several, or none."""
    array = to_array(input)
    if array.size != 1:
        raise ValueError(f"is_nonzero: takes a tensor of one element, not of shape {array.shape}. Use x.any().")
    return bool(array.item())


def is_same_size(input: Any, other: Any) -> bool:
    """Whether two tensors have the same shape."""
    return np.shape(to_array(input)) == np.shape(to_array(other))


def numel(input: Any) -> int:
    """The number of elements."""
    return int(np.size(to_array(input)))


def detach(input: Tensor) -> Tensor:
    """The same data outside the graph.  Shares memory."""
    return input.detach()


def result_type(tensor1: Any, tensor2: Any) -> np.dtype:
    """The dtype that the two give together.  Python numbers take the dtype of a tensor of their kind beside them."""
    given = [x.data if isinstance(x, Tensor) else x for x in (tensor1, tensor2)]
    if all(type(x) in (bool, int, float, complex) for x in given):
        return to_array(given[0] + given[1]).dtype
    return np.result_type(*[x.dtype if isinstance(x, np.ndarray) else x for x in given])


def promote_types(type1: DTypeLike, type2: DTypeLike) -> np.dtype:
    """The smallest dtype that holds what both do, by NumPy's rules."""
    return np.promote_types(dtype_of(type1, "promote_types"), dtype_of(type2, "promote_types"))


def can_cast(from_: DTypeLike, to: DTypeLike) -> bool:
    """Whether results of one dtype may be written to the other: not complex ones to real, nor fractions to integers."""
    return _RANK[dtype_of(from_, "can_cast").kind] <= _RANK[dtype_of(to, "can_cast").kind]


_RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}


for _function in (
    is_floating_point,
    is_complex,
    is_signed,
    is_nonzero,
    is_same_size,
    numel,
    detach,
    result_type,
    promote_types,
    can_cast,
):
    functions[_function.__name__] = _function
for _method in (is_signed, is_nonzero, is_same_size):
    setattr(Tensor, _method.__name__, _method)


# ---------------------------------------------------------------------------------------------------------------------
# Questions with one answer
# ---------------------------------------------------------------------------------------------------------------------
def _itself(name: str, doc: str) -> Any:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return self

    method.__name__ = method.__qualname__ = name
    method.__doc__ = doc
    return method


def _answer(name: str, value: Any, doc: str) -> Any:
    def method(self: Tensor) -> Any:
        return value

    method.__name__ = method.__qualname__ = name
    method.__doc__ = doc
    return method


for _name, _text in {
    "resolve_conj": "The tensor itself: conjugates are computed at once.",
    "resolve_neg": "The tensor itself: negatives are computed at once.",
    "pin_memory": "The tensor itself: there is no device to copy it to.",
}.items():
    setattr(Tensor, _name, _itself(_name, _text))
    if _name != "pin_memory":
        functions[_name] = getattr(Tensor, _name)

for _name, _value, _text in (
    ("is_conj", False, "False: conjugates are computed at once."),
    ("is_neg", False, "False: negatives are computed at once."),
    ("is_pinned", False, "False: there is no device to copy from memory of this kind."),
    ("is_inference", False, "False: tensors that inference_mode made may be used like others."),
    ("get_device", -1, "-1, as for every tensor on the CPU."),
):
    setattr(Tensor, _name, _answer(_name, _value, _text))
    if _name != "is_pinned":
        functions[_name] = getattr(Tensor, _name)


def _no(self: Tensor) -> bool:
    return False


def _yes(self: Tensor) -> bool:
    return True


for _name in ("is_cuda", "is_mps", "is_xpu", "is_meta", "is_sparse", "is_quantized", "is_nested"):
    setattr(Tensor, _name, property(_no, doc="Always False: tensors are dense and on the CPU."))
attach_method("is_cpu", property(_yes, doc="Always True: tensors are on the CPU."))


def cuda(self: Tensor, device: Any = None) -> Tensor:
    """Raises a ValueError: tensors live on the CPU only."""
    on_cpu("cuda")
    return self


def nelement(self: Tensor) -> int:
    """The number of elements."""
    return self.data.size


def ndimension(self: Tensor) -> int:
    """The number of axes."""
    return self.data.ndim


def dim_order(self: Tensor) -> tuple[int, ...]:
    """The axes, from that with the largest steps in memory to that with the smallest."""
    steps = self.data.strides
    return tuple(sorted(range(self.data.ndim), key=lambda axis: -abs(steps[axis])))


def new(self: Tensor, *args: Any) -> Tensor:
    """`new_tensor` of data, or `new_empty` of a shape given as ints."""
    if args and all(isinstance(n, int) for n in args):
        return self.new_empty(*args)
    return self.new_tensor(*args) if args else self.new_empty(0)


def __divmod__(self: Tensor, other: Any) -> tuple[Tensor, Tensor]:
    """The quotient rounded down, and what is left."""
    return self // other, self % other


def __rdivmod__(self: Tensor, other: Any) -> tuple[Tensor, Tensor]:
    """The same with the operands in the other order."""
    return other // self, other % self


_methods: tuple[Any, ...] = (cuda, nelement, ndimension, dim_order, new, __divmod__, __rdivmod__)
for _own in _methods:
    setattr(Tensor, _own.__name__, _own)
