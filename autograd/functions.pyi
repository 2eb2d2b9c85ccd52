"""Written by `python -m autograd.stubs`; do not edit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

def add(x: Any, y: Any, **names: Any) -> Tensor:
    """The sum x + y.  x, y: (*) -> (*)"""
def all(x: Any, dim: Any = ..., keepdim: bool = ..., **names: Any) -> Tensor:
    """Whether all elements are true (not 0), over all or over the axes `dim`.  x: (*) -> (*) bool, without the axes"""
def any(x: Any, dim: Any = ..., keepdim: bool = ..., **names: Any) -> Tensor:
    """Whether any element is true (not 0), over all or over the axes `dim`.  x: (*) -> (*) bool, without the axes"""
def broadcast_tensors(*tensors: Any, **names: Any) -> tuple[Tensor, ...]:
    """All tensors stretched to their common shape.  tensors: (*) each -> a tuple of (*)"""
def broadcast_to(x: Any, shape: Any, **names: Any) -> Tensor:
    """x stretched to `shape` by the rules of broadcasting, without a copy.  x: (*) -> shape"""
def clone(x: Any, **names: Any) -> Tensor:
    """A copy with memory of its own, through which gradients pass.  x: (*) -> (*)"""
def contiguous(x: Any, **names: Any) -> Tensor:
    """The tensor itself if it lies row by row in memory without gaps, otherwise such a copy.  x: (*) -> (*)"""
def count_nonzero(x: Any, dim: Any = ..., keepdim: bool = ..., **names: Any) -> Tensor:
    """How many elements are not 0, in all or over the axes `dim`.  x: (*) -> (*) int64, without the axes"""
def expand(x: Any, *sizes: Any, **names: Any) -> Tensor:
    """Axes of length 1 stretched to `sizes` without a copy; -1 keeps a length, new axes come in front.  x: (*) -> sizes"""
def expand_as(x: Any, other: Any, **names: Any) -> Tensor:
    """x stretched to the shape of another tensor.  x: (*), other: (**) -> (**)"""
def expand_dims(x: Any, dim: Any, **names: Any) -> Tensor:
    """With one more axis, of length 1, at place `dim`.  x: (*) -> (*)"""
def flatten(x: Any, start_dim: Any = ..., end_dim: Any = ..., **names: Any) -> Tensor:
    """Joins the axes from start_dim to end_dim into one.  x: (*) -> (*)"""
def flip(x: Any, *dims: Any, **names: Any) -> Tensor:
    """The elements in reverse order along axes `dims`; without dims, along all.  A copy.  x: (*) -> (*)"""
def fliplr(x: Any, **names: Any) -> Tensor:
    """Left and right exchanged: the second axis in reverse order.  x: (M, N, *) -> (M, N, *)"""
def flipud(x: Any, **names: Any) -> Tensor:
    """Up and down exchanged: the first axis in reverse order.  x: (M, *) -> (M, *)"""
def matmul(x: Any, y: Any, **names: Any) -> Tensor:
    """Matrix product over the last two axes.  x: (..., M, K), y: (..., K, N) -> (..., M, N)"""
def mean(x: Any, dim: Any = ..., keepdim: bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The mean over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
def moveaxis(x: Any, source: Any, destination: Any, **names: Any) -> Tensor:
    """Axes `source` (an int or several) at the places `destination`, the others in their order.  x: (*) -> (*)"""
def movedim(x: Any, source: Any, destination: Any, **names: Any) -> Tensor:
    """Axes `source` (an int or several) at the places `destination`, the others in their order.  x: (*) -> (*)"""
def mul(x: Any, y: Any, **names: Any) -> Tensor:
    """The product x y.  x, y: (*) -> (*)"""
def multiply(x: Any, y: Any, **names: Any) -> Tensor:
    """The product x y.  x, y: (*) -> (*)"""
def nanmean(x: Any, dim: Any = ..., keepdim: bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The mean of what is not NaN, over all elements or over the axes `dim`.  x: (*) -> (*) without the axes"""
def nansum(x: Any, dim: Any = ..., keepdim: bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The sum of what is not NaN, over all elements or over the axes `dim`.  x: (*) -> (*) without the axes"""
def permute(x: Any, *dims: Any, **names: Any) -> Tensor:
    """The axes in the order `dims`; without dims, in reverse.  Shares memory.  x: (*) -> (*)"""
def ravel(x: Any, **names: Any) -> Tensor:
    """All elements along one axis, row by row.  x: (*) -> (elements)"""
def reshape(x: Any, *shape: Any, **names: Any) -> Tensor:
    """The elements in another shape; one length may be -1 and is worked out.  x: (*) -> shape"""
def reshape_as(x: Any, other: Any, **names: Any) -> Tensor:
    """The elements of x in the shape of another tensor.  x: (*), other: (**) -> (**)"""
def roll(x: Any, shifts: Any, dims: Any = ..., **names: Any) -> Tensor:
    """The elements shifted along `dims`; those pushed out at the end come in at the front.  x: (*) -> (*)"""
def rot90(x: Any, k: Any = ..., dims: Any = ..., **names: Any) -> Tensor:
    """Turned by k quarter turns in the plane of two axes, from the first towards the second.  x: (*) -> (*)"""
def squeeze(x: Any, dim: Any = ..., **names: Any) -> Tensor:
    """Without the axes of length 1: all of them, or those among `dim` (an int or several).  x: (*) -> (*)"""
def sum(x: Any, dim: Any = ..., keepdim: bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The sum over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
def sum_to_size(x: Any, *size: Any, **names: Any) -> Tensor:
    """Sums over the axes that broadcasting would stretch, so that `size` is left.  x: (*) -> size"""
def swapaxes(x: Any, dim0: Any, dim1: Any, **names: Any) -> Tensor:
    """Two axes in each other's place.  Shares memory.  x: (*) -> (*)"""
def swapdims(x: Any, dim0: Any, dim1: Any, **names: Any) -> Tensor:
    """Two axes in each other's place.  Shares memory.  x: (*) -> (*)"""
def t(x: Any, **names: Any) -> Tensor:
    """The transpose of a matrix; vectors stay as they are.  x: (M, N) -> (N, M)"""
def trace(x: Any, **names: Any) -> Tensor:
    """The sum of the diagonal of a matrix.  x: (M, N) -> ()"""
def transpose(x: Any, dim0: Any, dim1: Any, **names: Any) -> Tensor:
    """Two axes in each other's place.  Shares memory.  x: (*) -> (*)"""
def unflatten(x: Any, dim: Any, sizes: Any, **names: Any) -> Tensor:
    """Axis `dim` split into several axes of lengths `sizes`, one of which may be -1.  x: (*) -> (*)"""
def unsqueeze(x: Any, dim: Any, **names: Any) -> Tensor:
    """With one more axis, of length 1, at place `dim`.  x: (*) -> (*)"""
def view(x: Any, *shape: Any, **names: Any) -> Tensor:
    """The elements in another shape, always sharing memory.  x: (*) -> shape"""
def view_as(x: Any, other: Any, **names: Any) -> Tensor:
    """A view of x in the shape of another tensor.  x: (*), other: (**) -> (**)"""
