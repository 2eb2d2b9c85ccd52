"""The same elements in other places."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from .arguments import array

_np: Any = np  # its stubs do not know tensors


def broadcast_arrays(*arrays: Any) -> tuple[Tensor, ...]:
    """The arrays in the one shape that they broadcast to."""
    return tuple(_np.broadcast_arrays(*[array(x, "broadcast_arrays") for x in arrays])) if arrays else ()


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that shapes broadcast to."""
    return np.broadcast_shapes(*shapes)


def broadcast_to(x: Any, /, shape: Any) -> Tensor:
    """The array repeated to a shape."""
    return _np.broadcast_to(array(x, "broadcast_to"), shape)


def concat(arrays: Any, /, *, axis: int | None = 0) -> Tensor:
    """Arrays behind one another along an axis; all in one row for None."""
    return _np.concatenate([array(x, "concat") for x in arrays], axis=axis)


def expand_dims(x: Any, /, axis: int) -> Tensor:
    """The array with a new axis of length 1."""
    x = array(x, "expand_dims")
    if not -x.ndim - 1 <= axis <= x.ndim:
        raise IndexError(f"expand_dims: axis {axis} is out of range for a new axis of {x.shape}.")
    return _np.expand_dims(x, axis)


def flip(x: Any, /, *, axis: Any = None) -> Tensor:
    """The elements in reverse order along axes; along all for None."""
    return _np.flip(array(x, "flip"), axis)


def moveaxis(x: Any, source: Any, destination: Any, /) -> Tensor:
    """The array with axes at other places."""
    return _np.moveaxis(array(x, "moveaxis"), source, destination)


def permute_dims(x: Any, /, axes: tuple[int, ...]) -> Tensor:
    """The axes in another order."""
    return _np.transpose(array(x, "permute_dims"), axes)


def repeat(x: Any, repeats: Any, /, *, axis: int | None = None) -> Tensor:
    """Each element several times."""
    return _np.repeat(array(x, "repeat"), repeats, axis)


def reshape(x: Any, /, shape: tuple[int, ...], *, copy: Any = None) -> Tensor:
    """The elements, in order, in another shape.  copy=False raises where there is no view of it."""
    return _np.reshape(array(x, "reshape"), shape, copy=copy)


def roll(x: Any, /, shift: Any, *, axis: Any = None) -> Tensor:
    """The elements moved along axes, those pushed out at one end in again at the other."""
    return _np.roll(array(x, "roll"), shift, axis)


def squeeze(x: Any, /, axis: Any) -> Tensor:
    """The array without axes of length 1."""
    return _np.squeeze(array(x, "squeeze"), axis)


def stack(arrays: Any, /, *, axis: int = 0) -> Tensor:
    """Arrays of one shape along a new axis."""
    return _np.stack([array(x, "stack") for x in arrays], axis=axis)


def tile(x: Any, repetitions: tuple[int, ...], /) -> Tensor:
    """The array several times along each axis."""
    return _np.tile(array(x, "tile"), repetitions)


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The parts along an axis."""
    x = array(x, "unstack")
    if not x.ndim:
        raise ValueError("unstack: an array without axes has no parts.")
    return tuple(_np.unstack(x, axis=axis))
