"""Small tensors that require a gradient, and the gradient by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag

Unary = Callable[[ag.Tensor], ag.Tensor]


def leaf(*values: Any, dtype: Any = np.float64) -> ag.Tensor:
    return ag.Tensor(np.array(values, dtype), requires_grad=True)


def gradient(function: Unary, x: ag.Tensor) -> np.ndarray:
    (g,) = ag.grad(function(x).sum(), x)
    return g.data
