"""Functions of single elements where NumPy has no loop of one pass that is vectorised and runs on all cores."""

from __future__ import annotations

import numpy as np

from autograd.kernels.jit import Reals, block_range, count_blocks, kernel, real

BLOCK = 32768  # elements: some 10 microseconds


@kernel
def relu_block(block: int, x: Reals, out: Reals, n: int) -> None:
    start, stop = block_range(block, BLOCK, n)
    for i in range(start, stop):
        out[i] = real(0) if x[i] <= real(0) else x[i]  # a NaN is not below 0, and stays


@kernel
def relu_gradient_block(block: int, g: Reals, out: Reals, result: Reals, n: int) -> None:
    start, stop = block_range(block, BLOCK, n)
    for i in range(start, stop):
        result[i] = g[i] if out[i] > real(0) else real(0)


def relu(x: np.ndarray) -> np.ndarray:
    """The larger of x and 0; NaN stays NaN.  x: (*) -> (*), float32 or float64"""
    x = np.ascontiguousarray(x)
    out = np.empty_like(x)
    relu_block(x, out, x.size, blocks=count_blocks(x.size, BLOCK))
    return out


def relu_gradient(g: np.ndarray, out: np.ndarray) -> np.ndarray:
    """g where `out`, the result of relu, is above 0, else 0.  g, out: (*) of one dtype -> (*)"""
    g, out = np.ascontiguousarray(g), np.ascontiguousarray(out)
    result = np.empty_like(out)
    relu_gradient_block(g, out, result, out.size, blocks=count_blocks(out.size, BLOCK))
    return result
