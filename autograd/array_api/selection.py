"""Elements found, ordered and picked."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from ..numpy_adapters.selecting import UniqueAllResult, UniqueCountsResult, UniqueInverseResult
from ..tensor import Tensor, wrap
from .arguments import array, operands

_np: Any = np  # its stubs do not know tensors


def argmax(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the greatest element is."""
    return _np.argmax(array(x, "argmax"), axis=axis, keepdims=keepdims)


def argmin(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the least element is."""
    return _np.argmin(array(x, "argmin"), axis=axis, keepdims=keepdims)


def nonzero(x: Any, /) -> tuple[Tensor, ...]:
    """Where the elements are that are not zero, axis by axis."""
    x = array(x, "nonzero")
    if not x.ndim:
        raise ValueError("nonzero: an array without axes has no places.")
    return tuple(_np.nonzero(x))


def searchsorted(x1: Any, x2: Any, /, *, side: Any = "left", sorter: Any = None) -> Tensor:
    """Where the elements of x2 would have to be put into x1, so that it stays in order."""
    if isinstance(x2, (int, float)):
        x2 = wrap(np.asarray(x2, array(x1, "searchsorted").dtype))
    return _np.searchsorted(array(x1, "searchsorted"), array(x2, "searchsorted"), side=side, sorter=sorter)


def where(condition: Any, x1: Any, x2: Any, /) -> Tensor:
    """The elements of x1 where the condition is true, else those of x2."""
    condition = array(condition, "where")
    if isinstance(x1, (bool, int, float, complex)) and isinstance(x2, (bool, int, float, complex)):
        raise TypeError("where: one of x1 and x2 has to be an array.")
    x1, x2 = operands(x1, x2, "where")
    return _np.where(condition, x1, x2)


def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Tensor:
    """Whether each element of x1 is one of those of x2."""
    x1, x2 = operands(x1, x2, "isin")
    return _np.isin(x1, x2, invert=invert)


# ---------------------------------------------------------------------------------------------------------------------
# In order
# ---------------------------------------------------------------------------------------------------------------------
def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """Where the elements are, in order.  Equal ones stay in their order in both directions."""
    return ag.argsort(_rows(x, "argsort"), axis, descending, stable)


def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The elements in order."""
    return ag.sort(_rows(x, "sort"), axis, descending, stable)[0]


def _rows(x: Any, name: str) -> Tensor:
    x = array(x, name)
    if not x.ndim:
        raise ValueError(f"{name}: an array without axes has no order.")
    return x


# ---------------------------------------------------------------------------------------------------------------------
# Picked by place
# ---------------------------------------------------------------------------------------------------------------------
def take(x: Any, indices: Any, /, *, axis: int | None = None) -> Tensor:
    """The elements, or the parts along an axis, at places."""
    x, indices = array(x, "take"), array(indices, "take")
    if axis is None and x.ndim != 1:
        raise ValueError(f"take: name an axis of an array of shape {x.shape}.")
    return _np.take(x, indices, axis=0 if axis is None else axis)


def take_along_axis(x: Any, indices: Any, /, *, axis: int = -1) -> Tensor:
    """The elements at places that differ from row to row; what `argsort` returns is taken by it."""
    x, indices = array(x, "take_along_axis"), array(indices, "take_along_axis")
    return ag.take_along_dim(x, indices, axis)


# ---------------------------------------------------------------------------------------------------------------------
# Without repetitions
# ---------------------------------------------------------------------------------------------------------------------
def unique_all(x: Any, /) -> UniqueAllResult:
    """The different elements in order, where each is first found, which of them each element is, and how often."""
    return _np.unique_all(array(x, "unique_all"))


def unique_counts(x: Any, /) -> UniqueCountsResult:
    """The different elements in order, and how often each is found."""
    return _np.unique_counts(array(x, "unique_counts"))


def unique_inverse(x: Any, /) -> UniqueInverseResult:
    """The different elements in order, and which of them each element is."""
    return _np.unique_inverse(array(x, "unique_inverse"))


def unique_values(x: Any, /) -> Tensor:
    """The different elements in order."""
    return _np.unique_counts(array(x, "unique_values")).values
