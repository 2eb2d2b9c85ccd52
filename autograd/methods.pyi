"""Written by `python -m autograd.stubs`; do not edit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

class Methods:
    def __add__(self, y: Any, **names: Any) -> Tensor:
        """The sum x + y.  x, y: (*) -> (*)"""
    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any, **names: Any) -> Tensor: ...
    def __array_ufunc__(self, ufunc: Any, method: Any, *inputs: Any, **names: Any) -> Tensor: ...
    def __iadd__(self, y: Any, **names: Any) -> Tensor:
        """The sum x + y.  x, y: (*) -> (*)"""
    def __imul__(self, y: Any, **names: Any) -> Tensor:
        """The product x y.  x, y: (*) -> (*)"""
    def __matmul__(self, y: Any, **names: Any) -> Tensor:
        """Matrix product over the last two axes.  x: (..., M, K), y: (..., K, N) -> (..., M, N)"""
    def __mul__(self, y: Any, **names: Any) -> Tensor:
        """The product x y.  x, y: (*) -> (*)"""
    def __radd__(self, other: Any, **names: Any) -> Tensor: ...
    def __rmatmul__(self, other: Any, **names: Any) -> Tensor: ...
    def __rmul__(self, other: Any, **names: Any) -> Tensor: ...
    def add(self, y: Any, **names: Any) -> Tensor:
        """The sum x + y.  x, y: (*) -> (*)"""
    def add_(self, y: Any, **names: Any) -> Tensor:
        """The sum x + y.  x, y: (*) -> (*)"""
    def backward(self, gradient: Any = ..., retain_graph: Any = ..., create_graph: bool = ..., inputs: Any = ..., **names: Any) -> None:
        """Adds to the `grad` of every leaf that this tensor was computed from the gradient of this tensor by it."""
    def matmul(self, y: Any, **names: Any) -> Tensor:
        """Matrix product over the last two axes.  x: (..., M, K), y: (..., K, N) -> (..., M, N)"""
    def mean(self, dim: Any = ..., keepdim: bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
        """The mean over all elements, or over the axes `dim`.  x: (*) -> () or (*) without the axes"""
    def mul(self, y: Any, **names: Any) -> Tensor:
        """The product x y.  x, y: (*) -> (*)"""
    def mul_(self, y: Any, **names: Any) -> Tensor:
        """The product x y.  x, y: (*) -> (*)"""
    def multiply(self, y: Any, **names: Any) -> Tensor:
        """The product x y.  x, y: (*) -> (*)"""
    def multiply_(self, y: Any, **names: Any) -> Tensor:
        """The product x y.  x, y: (*) -> (*)"""
    def sum(self, dim: Any = ..., keepdim: bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
        """The sum over all elements, or over the axes `dim`.  x: (*) -> () or (*) without the axes"""
