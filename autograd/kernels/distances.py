"""Distances between all pairs of rows, from the differences themselves, which are written nowhere.

x: (B, M, D), y: (B, N, D), out: (B, M, N). The product of x and y would cost less, and lose the digits of rows that
are close together and far from 0.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.kernels.jit import Reals, block_range, count_blocks, inline, kernel, offset, real

__all__ = ["distances", "distances_gradient"]

BLOCK_WORK = 1 << 17  # differences of a block, some 20 microseconds


@inline
def scaled_norm(x, y, stride, n):
    """The Euclidean norm of x - y where squares are out of range.  x: (n), y: n elements, `stride` apart"""
    largest = real(0)
    for d in range(n):
        size = abs(x[d] - y[d * stride])
        if size > largest or size != size:
            largest = size
    if not (real(0) < largest < math.inf):
        return largest
    total = real(0)
    for d in range(n):
        part = (x[d] - y[d * stride]) / largest
        total += part * part
    return math.sqrt(total) * largest


@kernel
def distances_block(
    block: int, x: Reals, columns: Reals, out: Reals, squared: int, least: float, most: float, rows: int, m: int,
    n: int, features: int, per_block: int,
) -> None:  # fmt: skip
    """Some rows (b, i) of out. columns: (B, D, N), the rows of y on end, so that vectors hold one feature of many."""
    first, last = block_range(block, per_block, rows)
    for row in range(first, last):
        source, target = offset(x, row * features), offset(out, row * n)
        batch = offset(columns, row // m * (features * n))
        for j in range(n):
            target[j] = real(0)
        for d in range(features):
            value, column = source[d], offset(batch, d * n)
            if squared:
                for j in range(n):
                    gap = value - column[j]
                    target[j] += gap * gap
            else:
                for j in range(n):
                    target[j] += abs(value - column[j])
        if squared:
            outside = 0
            for j in range(n):
                outside += 0 if least < target[j] < most else 1
            if outside:
                for j in range(n):
                    if least < target[j] < most:
                        target[j] = math.sqrt(target[j])
                    else:
                        target[j] = scaled_norm(source, offset(batch, j), n, features)
            else:
                for j in range(n):
                    target[j] = math.sqrt(target[j])


@kernel
def gradient_block(
    block: int, g: Reals, x: Reals, y: Reals, out: Reals, slopes: Reals, squared: int, most: float, rows: int, m: int,
    n: int, features: int, per_block: int,
) -> None:  # fmt: skip
    """Some rows (b, i) of the gradient by x. What has no incoming gradient, or no distance, counts as 0."""
    first, last = block_range(block, per_block, rows)
    for row in range(first, last):
        here, target = offset(x, row * features), offset(slopes, row * features)
        incoming, lengths = offset(g, row * n), offset(out, row * n)
        batch = offset(y, row // m * (n * features))
        for d in range(features):
            target[d] = real(0)
        for j in range(n):
            factor, length, there = incoming[j], lengths[j], offset(batch, j * features)
            if factor == real(0) or length == real(0):
                continue
            if not squared:
                for d in range(features):
                    gap = here[d] - there[d]
                    target[d] += factor if gap > real(0) else -factor if gap < real(0) else gap * factor
            elif abs(factor / length) < most:
                factor /= length
                for d in range(features):
                    target[d] += factor * (here[d] - there[d])
            else:  # the slope of the distance is from -1 to 1, and always in range
                for d in range(features):
                    target[d] += (here[d] - there[d]) / length * factor


def _layout(rows: int, work: int) -> tuple[int, int]:
    per_block = max(1, BLOCK_WORK // max(1, work))
    return per_block, count_blocks(rows, per_block)


def distances(x: np.ndarray, y: np.ndarray, p: int) -> np.ndarray:
    """The sums of sizes (p = 1) or Euclidean norms (p = 2) of differences.  x: (B, M, D), y: (B, N, D) -> (B, M, N)"""
    (batch, m, features), n = x.shape, y.shape[1]
    out = np.empty((batch, m, n), x.dtype)
    if out.size:
        limits = np.finfo(x.dtype)
        least, most = float(limits.tiny / limits.eps), float(limits.max)
        per_block, blocks = _layout(batch * m, n * features)
        x, columns = np.ascontiguousarray(x), np.ascontiguousarray(y.transpose(0, 2, 1))
        distances_block(
            x, columns, out, int(p == 2), least, most, batch * m, m, n, features, per_block, blocks=blocks
        )  # fmt: skip
    return out


def distances_gradient(g: np.ndarray, x: np.ndarray, y: np.ndarray, out: np.ndarray, p: int) -> np.ndarray:
    """The gradient of `distances` by x.  g, out: (B, M, N), x: (B, M, D), y: (B, N, D) -> (B, M, D)

    That by y is the gradient by x of the distances from y to x: both matrices exchanged, g and out transposed.
    """
    (batch, m, features), n = x.shape, y.shape[1]
    slopes = np.empty(x.shape, x.dtype)
    if slopes.size:
        most = float(np.finfo(x.dtype).max)
        per_block, blocks = _layout(batch * m, n * features)
        g, x, y, out = (np.ascontiguousarray(a) for a in (g, x, y, out))
        sizes = batch * m, m, n, features, per_block
        gradient_block(g, x, y, out, slopes, int(p == 2), most, *sizes, blocks=blocks)
    return slopes
