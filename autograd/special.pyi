"""Written by `python -m autograd.stubs`; do not edit."""

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

def exp2(x: Any, **names: Any) -> Tensor:
    """2 to the power of each element.  x: (*) -> (*)"""
def expit(x: Any, **names: Any) -> Tensor:
    """1 / (1 + exp(-x)) for each element, which is between 0 and 1.  x: (*) -> (*)"""
def expm1(x: Any, **names: Any) -> Tensor:
    """e**x - 1, exact also near x = 0.  x: (*) -> (*)"""
def log1p(x: Any, **names: Any) -> Tensor:
    """log(1 + x), exact also near x = 0.  x: (*) -> (*)"""
def log_softmax(x: Any, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
    """log(softmax(x, dim)), also where the softmax rounds to 0.  x: (*) -> (*)"""
def logsumexp(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The logarithm of the sum of exponentials, without overflow.  x: (*) -> (*) without the axes"""
def round(x: Any, decimals: Any = ..., **names: Any) -> Tensor:
    """The nearest number with so many decimals, for each element; halves go to the even neighbour.  x: (*) -> (*)"""
def softmax(x: Any, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
    """exp(x) divided by its sum along `dim`: positive numbers whose sum is 1.  x: (*) -> (*)"""
def xlogy(x: Any, y: Any, **names: Any) -> Tensor:
    """x log(y), and 0 where x = 0, even if y is 0 or negative.  x, y: (*) -> (*)"""
