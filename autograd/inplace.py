"""Writing in place, with the graph kept right: `x += 1`, `x.relu_()`, `x[i] = v`, also through views.

The result is computed on the side and copied over the old values, and the tensor takes the node of the result. If the
tensor is a view, the tensor it is a view of gets a node that puts the written part into the rest, and every living view
becomes a view of that: whoever is used next sees the write in its values and in its gradient. What was recorded before
the write and needs the old values raises an error in the backward pass (`walk.py`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .arguments import bind
from .calls import make_call
from .graph import Leaf, Node, extra_of, mark_written
from .modes import modes
from .op import Op, placed
from .tensor import Tensor, wrap


def base_of(tensor: Tensor) -> Tensor:
    """The tensor whose memory this one is a view of, or the tensor itself."""
    return tensor if tensor.sharing is None or tensor.sharing.base is None else tensor.sharing.base


def check_writable(tensor: Tensor, name: str, part: np.ndarray | None = None) -> None:
    """Raises where a write in place is refused: on leaves that require a gradient, and on read-only arrays.

    part: the part of the tensor that is written to, if not all.
    """
    if modes.recording:
        base = base_of(tensor)
        memory = tensor.data if part is None else part
        for leaf in (base, *([] if base.sharing is None else base.sharing.alive())):
            if type(leaf.node) is Leaf and (leaf is base or np.may_share_memory(leaf.data, memory)):
                what = "a leaf" if leaf is tensor else "a view of a leaf" if leaf is base else "in the memory of a leaf"
                raise RuntimeError(
                    f"{name}: the tensor of shape {tensor.shape} is {what} that requires a gradient, and a write in "
                    f"place would lose the values that its gradient belongs to. Write inside `with no_grad():`, or use "
                    f"the operation that is not in place."
                )
    if not tensor.data.flags.writeable:
        raise ValueError(f"{name}: the array under the tensor of shape {tensor.shape} is read-only. Use x.clone().")


def make_in_place(op: Op) -> Callable[..., Tensor]:
    """The method that writes the result of the operation into its first argument."""
    name = f"{op.name}_"

    def in_place(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        check_writable(self, name)
        values = bind(op, (self, *args), kwargs)
        if modes.recording and any(isinstance(value, Tensor) and value.node is not None for value in values):
            # The gradient rules may need what is about to be overwritten.
            values = [apart(value, self.data) for value in values]
        return write(self, op.call(*values), name)

    functools.update_wrapper(in_place, op.forward)
    in_place.__name__ = in_place.__qualname__ = name
    in_place.__doc__ = f"`{op.name}`, written into the tensor itself."
    return in_place


def apart(value: Any, memory: np.ndarray) -> Any:
    """A tensor that shares memory with `memory` as one that does not, at the same place of the graph."""
    if isinstance(value, Tensor) and np.may_share_memory(value.data, memory):
        return placed(value.data.copy(), value.node)
    return value


def write(tensor: Tensor, result: Tensor, name: str) -> Tensor:
    """Copies `result` over the values of `tensor`, which takes its place in the graph.  Returns `tensor`."""
    if not isinstance(result, Tensor):  # of a composite that made no use of the tensor, but of arrays alone
        result = wrap(np.asarray(result))
    if result.shape != tensor.shape:
        raise ValueError(
            f"{name}: the result has shape {result.shape} and can not be written into a tensor of shape "
            f"{tensor.shape}. Use the operation that is not in place."
        )
    if not np.can_cast(result.dtype, tensor.dtype, "same_kind"):
        raise TypeError(
            f"{name}: the result is {result.dtype} and can not be written into a tensor of {tensor.dtype}. "
            f"Use the operation that is not in place."
        )
    np.copyto(tensor.data, result.data, casting="same_kind")
    mark_written(tensor.data, name)
    if modes.recording:
        attach(tensor, result.node)
    return tensor


def attach(tensor: Tensor, node: Node | None) -> None:
    """The values of `tensor` are now those of `node`: so it is for it, for what it is a view of, and for its views."""
    if tensor.sharing is None:
        _move(tensor, node)
        return
    base = base_of(tensor)
    if base is tensor:
        _move(tensor, node)
    elif base.node is not None or node is not None:
        region = Region.of(tensor.data, base.data)
        _move(base, _record(_replace, (base.node, node), (base.data, tensor.data, region), base.data))
    assert base.sharing is not None
    for view in base.sharing.alive():
        if type(view.node) is Leaf:  # the user made a variable of its own of it, elsewhere in the memory
            continue
        if not np.may_share_memory(view.data, tensor.data):  # what it was before the write it still is
            continue
        if base.node is None:
            _move(view, None)
        else:
            _move(view, _record(_take, (base.node,), (base.data, Region.of(view.data, base.data)), view.data))


def _move(tensor: Tensor, node: Node | None) -> None:
    """Puts the tensor at another place of the graph; a gradient that it retains is that of its new values."""
    before = tensor.node
    tensor.node = node
    if before is node or before is None or before.extra is None or before.extra.retained is None:
        return
    if before.extra.retained() is tensor:
        retained, before.extra.retained = before.extra.retained, None
        if node is not None:
            extra_of(node).retained = retained


def become(tensor: Tensor, view: Tensor) -> Tensor:
    """`tensor` is from now on what `view`, another view of its elements, is: `x.t_()`.  Returns `tensor`."""
    tensor._data = view.data
    if modes.recording:
        _move(tensor, view.node)
    return tensor


def _record(op: Op, parents: tuple[Node | None, ...], values: tuple[Any, ...], out: np.ndarray) -> Node:
    return op.record(parents, op.needed_inputs(parents), values, out, None)


class Region(NamedTuple):
    """Where the elements of a view lie among those of the array it is a view of.  Strides and offsets in elements.

    Where one of the two holds the parts of the complex numbers of the other, they count in parts.
    """

    base_shape: tuple[int, ...]
    base_strides: tuple[int, ...]
    base_offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    parts: int = 0  # 1: the view holds parts of the complex numbers of the base; -1: the other way round

    @classmethod
    def of(cls, view: np.ndarray, base: np.ndarray) -> Region:
        parts = 0
        if view.itemsize != base.itemsize:
            if view.dtype == base.real.dtype:
                parts = 1
            elif base.dtype == view.real.dtype:
                parts = -1
            else:
                raise RuntimeError(
                    f"in place: a {view.dtype} view of a {base.dtype} tensor can not be written to while gradients are "
                    f"recorded. Write to the tensor itself."
                )
        size = min(base.itemsize, view.itemsize)
        strides = tuple(s // size for s in base.strides)
        before = -sum(min(0, (n - 1) * s) for n, s in zip(base.shape, strides, strict=True))
        offset = (view.ctypes.data - base.ctypes.data) // size + before
        return cls(base.shape, strides, before, view.shape, tuple(s // size for s in view.strides), offset, parts)

    def of_view(self, dtype: np.dtype) -> np.dtype:
        """The dtype of the view where that of the base is `dtype`."""
        return _in_parts(dtype, self.parts)

    def of_base(self, dtype: np.dtype) -> np.dtype:
        """The dtype of the base where that of the view is `dtype`."""
        return _in_parts(dtype, -self.parts)

    def lay_out(self, values: np.ndarray | None, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
        """An array laid out in memory like the base, holding `values` or zeros, and the view of it."""
        reach = [abs(s) * (n - 1) for n, s in zip(self.base_shape, self.base_strides, strict=True)]
        unit = _in_parts(dtype, 1) if self.parts == 1 else dtype
        length = sum(reach) + 1 + (self.parts == 1) if 0 not in self.base_shape else 1
        buffer = np.zeros(length, unit)

        def strided(shape: tuple[int, ...], dtype: np.dtype, strides: tuple[int, ...], offset: int) -> np.ndarray:
            if 0 in shape:
                return np.zeros(shape, dtype)
            return np.ndarray(shape, dtype, buffer, offset * unit.itemsize, [s * unit.itemsize for s in strides])

        base = strided(self.base_shape, dtype, self.base_strides, self.base_offset)
        if values is not None:
            base[...] = values
        return base, strided(self.shape, self.of_view(dtype), self.strides, self.offset)


def _in_parts(dtype: np.dtype, parts: int) -> np.dtype:
    """The dtype of the parts of complex numbers of `dtype` (1), or of complex numbers of such parts (-1)."""
    if not parts:
        return dtype
    return np.empty(0, dtype).real.dtype if parts == 1 else np.result_type(dtype, np.complex64)


# The operations of regions are linear, and each one's gradient is another of them.
def _take_forward(base: np.ndarray, region: Region) -> np.ndarray:
    return region.lay_out(base, base.dtype)[1].copy()


def _put_forward(value: np.ndarray, region: Region) -> np.ndarray:
    base, view = region.lay_out(None, region.of_base(value.dtype))
    view[...] = value
    return base


def _replace_forward(base: np.ndarray, value: np.ndarray, region: Region) -> np.ndarray:
    whole, view = region.lay_out(base, np.result_type(base, region.of_base(value.dtype)))
    view[...] = value
    return whole


_take = Op(_take_forward, name="view", conjugates=True)
_put = Op(_put_forward, name="view_gradient", conjugates=True)
_replace = Op(_replace_forward, name="write_view", conjugates=True)
for _op in (_take, _put, _replace):
    _op.call = make_call(_op)
_take.gradient(base=lambda g, region: _put.call(g, region))
_put.gradient(value=lambda g, region: _take.call(g, region))
_replace.gradient(
    base=lambda g, region: _replace.call(g, np.zeros(region.shape, region.of_view(g.dtype)), region),
    value=lambda g, region: _take.call(g, region),
)
