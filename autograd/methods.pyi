"""Written by `python -m autograd.stubs`; do not edit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

class Methods:
    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any, **names: Any) -> Tensor: ...
    def __array_ufunc__(self, ufunc: Any, method: Any, *inputs: Any, **names: Any) -> Tensor: ...
    def backward(self, gradient: Any = ..., retain_graph: Any = ..., create_graph: bool = ..., inputs: Any = ..., **names: Any) -> None:
        """Adds to the `grad` of every leaf that this tensor was computed from the gradient of this tensor by it."""
