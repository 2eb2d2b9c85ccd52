"""Written by `python -m autograd.stubs`; do not edit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

def add(x: Any, y: Any, **names: Any) -> Tensor:
    """The sum x + y.  x, y: (*) -> (*)"""
def matmul(x: Any, y: Any, **names: Any) -> Tensor:
    """Matrix product over the last two axes.  x: (..., M, K), y: (..., K, N) -> (..., M, N)"""
def mean(x: Any, dim: Any = ..., keepdim: bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The mean over all elements, or over the axes `dim`.  x: (*) -> () or (*) without the axes"""
def mul(x: Any, y: Any, **names: Any) -> Tensor:
    """The product x y.  x, y: (*) -> (*)"""
def multiply(x: Any, y: Any, **names: Any) -> Tensor:
    """The product x y.  x, y: (*) -> (*)"""
def sum(x: Any, dim: Any = ..., keepdim: bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The sum over all elements, or over the axes `dim`.  x: (*) -> () or (*) without the axes"""
