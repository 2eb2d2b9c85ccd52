"""Other dtypes: `to` and its short forms.

As in PyTorch, a tensor that is already what is asked for is returned itself, not a copy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..declare import primitive
from ..op import Sample
from ..tensor import Tensor
from .creation import dtype_of, on_cpu
from .shape import clone


@primitive(sticky=True, reference=lambda x, dtype: np.array(x.tolist(), dtype).reshape(x.shape))
def astype(x, dtype):
    """A copy with elements of another dtype; the gradient goes back in the dtype of x.  x: (*) -> (*)"""
    if dtype is None:
        raise TypeError("astype: needs a dtype, and it is None.")
    return x.astype(dtype_of(dtype, "astype"))


astype.gradient(x=lambda g: g)  # the walk casts it


@astype.samples
def _(draw):
    yield Sample(draw(2, 3), dtype=np.int32)
    yield Sample(draw(3), bool)
    yield Sample(draw(), "int64")
    yield Sample(draw(0, 2), int)
    yield Sample(draw.integers(2, 3), np.float64)
    yield Sample(draw.booleans(3), "float64")


@astype.errors
def _(draw):
    yield Sample(draw(2), "vector"), TypeError, "astype: 'vector' is no dtype"
    yield Sample(draw(2), None), TypeError, "needs a dtype"


def _converted(x: Tensor, dtype: DTypeLike, copy: bool = False) -> Tensor:
    if x.data.dtype == dtype_of(dtype, "to"):
        return clone(x) if copy else x
    return astype(x, dtype)


def to(
    x: Tensor, *args: Any, dtype: DTypeLike | None = None, device: Any = None, copy: bool = False, **kwargs: Any
) -> Tensor:
    """The tensor in another dtype: x.to(dtype), x.to(other_tensor), x.to("cpu"), x.to("cpu", dtype).

    Returns the tensor itself where there is nothing to change, unless copy=True. `non_blocking` and `memory_format` are
    accepted and mean nothing here.
    """
    for value in args:
        if isinstance(value, Tensor):
            dtype = value.dtype
        elif isinstance(value, bool):
            continue  # non_blocking, by position
        elif isinstance(value, str) and value.split(":")[0] in ("cpu", "cuda", "mps", "xpu", "meta"):
            device = value
        elif value is not None:
            dtype = value
    unknown = set(kwargs) - {"non_blocking", "memory_format"}
    if unknown:
        raise TypeError(f"to: has no parameter {sorted(unknown)[0]}. It takes a dtype, a tensor or 'cpu', and copy.")
    on_cpu(device)
    return _converted(x, x.dtype if dtype is None else dtype, copy)


def type_(x: Tensor, dtype: DTypeLike | None = None) -> Any:
    """The tensor in another dtype; without one, the name of its own."""
    return str(x.dtype) if dtype is None else _converted(x, dtype)


def type_as(x: Tensor, other: Tensor) -> Tensor:
    """The tensor in the dtype of another."""
    return _converted(x, other.dtype)


def cpu(x: Tensor) -> Tensor:
    """The tensor itself: it is on the CPU."""
    return x


def contiguous(x: Tensor) -> Tensor:
    """The tensor itself if it lies row by row in memory without gaps, otherwise such a copy."""
    return x if x.data.flags.c_contiguous else clone(x)


def _short_form(name: str, dtype: str) -> Any:
    def convert(x: Tensor) -> Tensor:
        return _converted(x, dtype)

    convert.__name__ = convert.__qualname__ = name
    convert.__doc__ = f"The tensor as {dtype}."
    return convert


_SHORT = {
    "half": "float16",
    "float": "float32",
    "double": "float64",
    "bool": "bool",
    "byte": "uint8",
    "char": "int8",
    "short": "int16",
    "int": "int32",
    "long": "int64",
    "cfloat": "complex64",
    "cdouble": "complex128",
}
for _name, _method in {
    "to": to,
    "type": type_,
    "type_as": type_as,
    "cpu": cpu,
    "contiguous": contiguous,
    **{name: _short_form(name, dtype) for name, dtype in _SHORT.items()},
}.items():
    setattr(Tensor, _name, _method)
