"""An operation of one's own, three times: by `@elementwise`, with its kernels written by hand, and of PyTorch's parts.

`python -m benchmarks ops --filter own` has a row of each.
"""

from __future__ import annotations

from math import exp, log1p
from typing import Any

import numpy as np

import autograd as ag
from autograd.kernels import scalar_math
from autograd.kernels.jit import Reals, block_range, count_blocks, kernel, real

__all__ = ["by_hand", "composed", "derived"]

BLOCK = 32768
_exp, _log1p = scalar_math.exp, scalar_math.log1p


@ag.elementwise
def derived(x, beta=1.5):
    """x times its sigmoid up to 3, and a logarithm from there.  x: (*) -> (*)"""
    gate = 1 / (1 + exp(-beta * x))
    if x > 3:
        return 3 * gate + log1p(x - 3)
    return x * gate


@kernel
def knee_block(block: int, x: Reals, out: Reals, n: int, beta: float) -> None:
    start, stop = block_range(block, BLOCK, n)
    for i in range(start, stop):
        v = x[i]
        gate = real(1) / (real(1) + _exp(-beta * v))
        out[i] = real(3) * gate + _log1p(v - real(3)) if v > real(3) else v * gate


@kernel
def knee_gradient_block(block: int, g: Reals, x: Reals, out: Reals, n: int, beta: float) -> None:
    start, stop = block_range(block, BLOCK, n)
    for i in range(start, stop):
        v = x[i]
        gate = real(1) / (real(1) + _exp(-beta * v))
        slope = beta * gate * (real(1) - gate)
        out[i] = g[i] * (real(3) * slope + real(1) / (v - real(2)) if v > real(3) else gate + v * slope)


@ag.primitive
def by_hand(x, beta=1.5):
    """The same as `derived`.  x: (*), contiguous -> (*)"""
    out = np.empty_like(x)
    knee_block(x, out, x.size, beta, blocks=count_blocks(x.size, BLOCK))
    return out


@by_hand.gradients("x")
def _(g: np.ndarray, x: np.ndarray, beta: float) -> tuple[np.ndarray]:
    out = np.empty_like(x)
    knee_gradient_block(np.ascontiguousarray(g), x, out, x.size, beta, blocks=count_blocks(x.size, BLOCK))
    return (out,)


def composed(np: Any, x: Any, beta: float = 1.5) -> Any:
    """The same of the functions that NumPy, JAX and PyTorch have."""
    gate = 1 / (1 + np.exp(-beta * x))
    return np.where(x > 3, 3 * gate + np.log1p(abs(x - 3)), x * gate)
