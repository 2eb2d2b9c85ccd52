"""Sparse linear maps along one axis of an array: interpolation, and its gradient.

Each element of the result is a sum of a few elements of the input with weights. The map is a table: `starts` (m + 1)
says where the terms of each of the m results begin in `sources`, the places along the axis, and `weights`.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.kernels.jit import Ints, Reals, block_range, count_blocks, kernel, offset, real

__all__ = ["along"]

BLOCK_WORK = 1 << 15  # terms of a block, some 20 microseconds


@kernel
def along_last_block(
    block: int, x: Reals, out: Reals, starts: Ints, sources: Ints, weights: Reals, n: int, m: int, outer: int,
    per_block: int,
) -> None:  # fmt: skip
    """Some rows: the axis is the last one."""
    first, last = block_range(block, per_block, outer)
    for row in range(first, last):
        source, target = offset(x, row * n), offset(out, row * m)
        for i in range(m):
            begin, end = starts[i], starts[i + 1]
            if end == begin + 2:
                target[i] = weights[begin] * source[sources[begin]] + weights[begin + 1] * source[sources[begin + 1]]
            else:
                total = real(0)
                for t in range(begin, end):
                    total += weights[t] * source[sources[t]]
                target[i] = total


@kernel
def along_block(
    block: int, x: Reals, out: Reals, starts: Ints, sources: Ints, weights: Reals, n: int, m: int, inner: int,
    rows: int, per_block: int,
) -> None:  # fmt: skip
    """Some rows of the result, (outer, m) of them, each with `inner` elements."""
    first, last = block_range(block, per_block, rows)
    for row in range(first, last):
        o = row // m
        i = row - o * m
        target = offset(out, row * inner)
        begin, end = starts[i], starts[i + 1]
        if end == begin:
            for j in range(inner):
                target[j] = real(0)
        elif end == begin + 1:
            a, source = weights[begin], offset(x, (o * n + sources[begin]) * inner)
            for j in range(inner):
                target[j] = a * source[j]
        else:
            a, source = weights[begin], offset(x, (o * n + sources[begin]) * inner)
            b, other = weights[begin + 1], offset(x, (o * n + sources[begin + 1]) * inner)
            for j in range(inner):
                target[j] = a * source[j] + b * other[j]
            for t in range(begin + 2, end):
                c, further = weights[t], offset(x, (o * n + sources[t]) * inner)
                for j in range(inner):
                    target[j] += c * further[j]


def along(x: np.ndarray, axis: int, starts: np.ndarray, sources: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The map along an axis.  x: (*, n, *), starts: (m + 1), sources, weights: (terms) -> (*, m, *)

    x and the weights are float32 or float64, both the same. The sources are from 0 to n - 1, which is not checked.
    """
    x = np.ascontiguousarray(x)
    n, m = x.shape[axis], len(starts) - 1
    outer, inner = math.prod(x.shape[:axis]), math.prod(x.shape[axis + 1 :])
    out = np.empty((*x.shape[:axis], m, *x.shape[axis + 1 :]), x.dtype)
    if not out.size:
        return out
    if not len(sources):
        out.fill(0)
        return out
    terms = -(-len(sources) // m)
    if inner == 1:
        per_block = max(1, BLOCK_WORK // (terms * m))
        blocks = count_blocks(outer, per_block)
        along_last_block(x, out, starts, sources, weights, n, m, outer, per_block, blocks=blocks)
    else:
        per_block = max(1, BLOCK_WORK // (terms * inner))
        blocks = count_blocks(outer * m, per_block)
        along_block(x, out, starts, sources, weights, n, m, inner, outer * m, per_block, blocks=blocks)
    return out
