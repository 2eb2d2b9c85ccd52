"""Methods that change a tensor itself: its shape, its diagonal, each element by a Python function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import Leaf
from ..inplace import become, check_writable, write
from ..modes import modes
from ..op import Op
from ..tensor import Tensor, wrap
from .creation import lengths
from .indexing import setitem
from .shape import squeeze, t, transpose, unsqueeze
from .strided import as_strided


# ---------------------------------------------------------------------------------------------------------------------
# Another shape
# ---------------------------------------------------------------------------------------------------------------------
def _in_place(operation: Any, name: str) -> Callable[..., Tensor]:
    """The method that makes of a tensor the view of itself that the operation returns."""
    op: Op = operation.op

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if modes.recording and type(self.node) is Leaf:
            raise RuntimeError(
                f"{name}: the tensor of shape {self.shape} is a leaf that requires a gradient, and its gradient has to "
                f"keep its shape. Use x.{name[:-1]}(...), or write inside `with no_grad():`."
            )
        return become(self, op.call(self, *args, **kwargs))

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"`{name[:-1]}`, of the tensor itself: no element moves, and it has another shape from now on."
    return method


for _name, _operation in {
    "t_": t,
    "transpose_": transpose,
    "swapaxes_": transpose,
    "swapdims_": transpose,
    "squeeze_": squeeze,
    "unsqueeze_": unsqueeze,
    "as_strided_": as_strided,
}.items():
    setattr(Tensor, _name, _in_place(_operation, _name))


def resize_(self: Tensor, *size: Any) -> Tensor:
    """The tensor in another shape, row by row: elements that are too many go, and those that are missing are 0.

    RuntimeError if it requires a gradient, is a view or has views, or is not contiguous.
    """
    shape = lengths(size, "resize_")
    if self.node is not None:
        raise RuntimeError("resize_: a tensor that requires a gradient keeps its size. Use x.detach(), or build anew.")
    if self.sharing is not None and (self.sharing.base is not None or self.sharing.alive()):
        raise RuntimeError("resize_: the tensor is a view or has views, which would be cut off. Use x.clone() first.")
    if not self.data.flags.c_contiguous:
        raise RuntimeError("resize_: the tensor does not lie row by row in memory. Use x.contiguous() first.")
    row, count = self.data.reshape(-1), int(np.prod(shape, dtype=np.int64))
    if count > row.size:
        row = np.concatenate([row, np.zeros(count - row.size, row.dtype)])
    return become(self, wrap(row[:count].reshape(shape)))


def resize_as_(self: Tensor, other: Tensor) -> Tensor:
    """`resize_` to the shape of another tensor."""
    return resize_(self, *other.shape)


# ---------------------------------------------------------------------------------------------------------------------
# Other elements
# ---------------------------------------------------------------------------------------------------------------------
def fill_diagonal_(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Writes one value, a number or a tensor without axes, into the main diagonal.

    Of more than two axes, which must be of one length, the elements with all indices equal. wrap: the diagonal of a
    tall matrix begins anew below its end, after a row that is left out.
    """
    shape = self.shape
    if self.ndim < 2:
        raise ValueError(f"fill_diagonal_: needs two axes or more, and the shape is {shape}.")
    if self.ndim > 2 and len(set(shape)) > 1:
        raise ValueError(f"fill_diagonal_: more than two axes must have one length, which shape {shape} has not.")
    if self.ndim == 2 and wrap and shape[0] > shape[1]:
        row, column = np.divmod(np.arange(0, shape[0] * shape[1], shape[1] + 1), shape[1])
        setitem(self, (row, column), fill_value)
    else:
        setitem(self, (np.arange(min(shape)),) * self.ndim, fill_value)
    return self


def _apply(name: str, function: Callable[..., Any], self: Tensor, *others: Any) -> Tensor:
    """Writes what the function returns for each element, and for those of the others at its place."""
    if any(isinstance(x, Tensor) and x.node is not None for x in (self, *others)):
        raise RuntimeError(
            f"{name}: a Python function has no gradient, and a tensor requires one. Use x.detach(), or declare the "
            f"function with @autograd.elementwise."
        )
    check_writable(self, name)
    rows = [self.data, *[np.broadcast_to(other.data, self.shape) for other in others]]
    values = [function(*numbers) for numbers in zip(*[row.ravel().tolist() for row in rows], strict=True)]
    return write(self, wrap(np.array(values, self.dtype).reshape(self.shape)), name)


def apply_(self: Tensor, callable: Callable[[Any], Any]) -> Tensor:
    """Writes callable(a) into each element a.  Slow: it runs Python for each."""
    return _apply("apply_", callable, self)


def map_(self: Tensor, tensor: Tensor, callable: Callable[[Any, Any], Any]) -> Tensor:
    """Writes callable(a, b) into each element a, with b at the same place of another tensor, which broadcasts."""
    return _apply("map_", callable, self, tensor)


def map2_(self: Tensor, x: Tensor, y: Tensor, callable: Callable[[Any, Any, Any], Any]) -> Tensor:
    """Writes callable(a, b, c) into each element a, with b and c at the same place of two other tensors."""
    return _apply("map2_", callable, self, x, y)


for _method in (resize_, resize_as_, fill_diagonal_, apply_, map_, map2_):
    setattr(Tensor, _method.__name__, _method)
