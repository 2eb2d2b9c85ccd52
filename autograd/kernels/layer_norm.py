"""Normalization of rows of features, forward and gradient: layer normalization, and that by the root mean square.

The mean of a row is kept in two numbers, of which the second is what the first was rounded by; so a large mean costs
no digits.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.kernels.jit import Reals, block_range, count_blocks, kernel, offset, real, stack
from autograd.kernels.norm import BLOCK_WORK, FAR, PIECE, affine, guess_of_mean
from autograd.kernels.norm_sweeps import layer_gradient_rows, layer_gradient_sums, layer_row, moments

__all__ = ["layer_norm", "layer_norm_gradient"]

ROWS = 4  # rows whose gradients by weight and bias are added at a time
NUMBERS = 5 * ROWS
MOST_PARTIALS = 64  # partial sums of those


@kernel
def layer_norm_block(
    block: int, x: Reals, weight: Reals, bias: Reals, out: Reals, statistics: Reals, rows: int, rows_per_block: int,
    n: int, centred: int, eps: float,
) -> None:  # fmt: skip
    """Some rows.  statistics: (R, 3), of each row its mean, what the mean was rounded by, and rstd"""
    first, last = block_range(block, rows_per_block, rows)
    sums, squares = stack(x, 1), stack(x, 1)
    for row in range(first, last):
        source = offset(x, row * n)
        # As `unit_moments` goes about its first piece.
        mean = guess_of_mean(source, n) if centred else real(0)
        for _ in range(2):
            gaps, total = 0.0, 0.0
            for start in range(0, n, PIECE):
                moments(offset(source, start), 1, 0, min(PIECE, n - start), mean, sums, squares)
                gaps += sums[0]
                total += squares[0]
            if not centred:
                gaps = 0.0
            gap = gaps / n
            var = real((total - gaps * gap) / n)
            near = real(mean + gap)
            rest = real(gap - (near - mean))
            mean = near
            if not gaps * gap > FAR * (total - gaps * gap):
                break
        rstd = real(1) / math.sqrt(var + eps)
        layer_row(source, offset(out, row * n), n, mean, rstd, -rest * rstd, weight, bias)
        own = offset(statistics, 3 * row)
        own[0], own[1], own[2] = mean, rest, rstd


@kernel
def layer_norm_gradient_block(
    block: int, g: Reals, x: Reals, weight: Reals, statistics: Reals, gx: Reals, partial: Reals, rows: int,
    rows_per_block: int, n: int, centred: int,
) -> None:  # fmt: skip
    """Some rows, and their share of the gradients of weight and bias.  partial: (blocks, 2, D)"""
    first, last = block_range(block, rows_per_block, rows)
    of_weight, of_bias = offset(partial, 2 * block * n), offset(partial, (2 * block + 1) * n)
    for i in range(n):
        of_weight[i] = of_bias[i] = real(0)
    numbers = stack(x, NUMBERS)
    for start in range(first, last, ROWS):
        some = min(ROWS, last - start)
        for i in range(some):
            row = start + i
            mean, rest, rstd = statistics[3 * row], statistics[3 * row + 1], statistics[3 * row + 2]
            total, product = layer_gradient_sums(offset(g, row * n), offset(x, row * n), weight, n, mean)
            of_x = -(product - rest * total) * rstd * rstd * rstd / real(n)
            own = offset(numbers, 5 * i)
            own[0], own[1], own[2], own[3] = mean, rstd, -rest * rstd, of_x
            own[4] = -total * rstd / real(n) - rest * of_x if centred else real(0)
        place = start * n
        if some == ROWS:
            layer_gradient_rows(
                offset(g, place), offset(x, place), offset(gx, place), weight, of_weight, of_bias, n, numbers, ROWS
            )
        else:
            for i in range(some):
                place = (start + i) * n
                layer_gradient_rows(
                    offset(g, place), offset(x, place), offset(gx, place), weight, of_weight, of_bias, n,
                    offset(numbers, 5 * i), 1,
                )  # fmt: skip


def layer_norm(
    x: np.ndarray,
    n: int,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
    centred: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Each row of n elements with mean 0 and variance 1, times weight, plus bias (Ba et al. 2016).

    centred: False leaves the mean where it is, and divides by the root of the mean square (Zhang and Sennrich 2019).
    x: rows of n elements, with elements; weight, bias: (n,) of the dtype of x -> out: as x, statistics: (rows, 3)
    """
    x = np.ascontiguousarray(x)
    rows = x.size // n
    weight, bias = affine(x, n, weight, bias)
    out, statistics = np.empty(x.shape, x.dtype), np.empty((rows, 3), x.dtype)
    per_block = max(1, BLOCK_WORK // n)
    layer_norm_block(
        x, weight, bias, out, statistics, rows, per_block, n, centred, eps, blocks=count_blocks(rows, per_block)
    )
    return out, statistics


def layer_norm_gradient(
    g: np.ndarray, x: np.ndarray, statistics: np.ndarray, weight: np.ndarray | None = None, centred: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `layer_norm` by x, weight and bias.  g, x: rows of n elements -> gx: as x, (n,), (n,)"""
    g, x = np.ascontiguousarray(g), np.ascontiguousarray(x)
    rows = len(statistics)
    n = x.size // rows if rows else x.shape[-1]
    weight, _ = affine(x, n, weight, None)
    gx = np.empty(x.shape, x.dtype)
    per_block = max(ROWS, BLOCK_WORK // n, count_blocks(rows, MOST_PARTIALS))
    blocks = count_blocks(rows, per_block)
    partial = np.empty((blocks, 2, n), x.dtype)
    layer_norm_gradient_block(g, x, weight, statistics, gx, partial, rows, per_block, n, centred, blocks=blocks)
    gweight, gbias = partial[0] if blocks == 1 else partial.sum(0)
    return gx, gweight, gbias
