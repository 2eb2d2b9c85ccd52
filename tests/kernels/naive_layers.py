"""What the kernels for pooling, normalization, softmax and optimizer steps compute, as loops over single elements.

Sums are Python floats (float64), so that a kernel is never compared with its own rounding.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np


def pool_windows(
    size: int, out_size: int, kernel: int, stride: int, padding: int, dilation: int = 1
) -> Iterator[tuple[int, list[int]]]:
    """For each window along an axis: its number, and its places inside the input."""
    for i in range(out_size):
        places = (i * stride - padding + k * dilation for k in range(kernel))
        yield i, [place for place in places if 0 <= place < size]


def pool_size(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> int:
    """Windows that fit; with ceil_mode also those that begin inside the input or the padding before it."""
    out = 0
    while True:
        start = out * stride - padding
        fits = start + dilation * (kernel - 1) + 1 <= size + padding
        # A window that reaches over the end by less than a stride, and begins before the end.
        hangs_over = start + dilation * (kernel - 1) + 1 < size + padding + stride and start < size
        if not fits and not (ceil_mode and hangs_over):
            return out
        out += 1


def max_of(plane: np.ndarray, rows: list[int], columns: list[int]) -> tuple[float, int]:
    best, place = -math.inf, -1
    for h, w in itertools.product(rows, columns):
        value = float(plane[h, w])
        if place < 0 or value > best or math.isnan(value):
            best, place = value, h * plane.shape[1] + w
    return best, place


def max_pool2d(x, kernel, stride, padding, dilation, ceil_mode):
    sizes = [pool_size(x.shape[2 + i], kernel[i], stride[i], padding[i], dilation[i], ceil_mode) for i in range(2)]
    out, indices = np.empty((*x.shape[:2], *sizes), x.dtype), np.empty((*x.shape[:2], *sizes), np.int64)
    axes = [list(pool_windows(x.shape[2 + i], sizes[i], kernel[i], stride[i], padding[i], dilation[i])) for i in (0, 1)]
    for n, c in np.ndindex(*x.shape[:2]):
        for (i, rows), (j, columns) in itertools.product(*axes):
            out[n, c, i, j], indices[n, c, i, j] = max_of(x[n, c], rows, columns)
    return out, indices


def max_pool2d_gradient(g, indices, input_shape):
    gx = np.zeros(input_shape)
    for n, c, i, j in np.ndindex(*g.shape):
        if indices[n, c, i, j] >= 0:
            gx[n, c, indices[n, c, i, j] // input_shape[3], indices[n, c, i, j] % input_shape[3]] += g[n, c, i, j]
    return gx


def avg_windows(shape, kernel, stride, padding, ceil_mode, count_include_pad, override):
    """(i, j), the places of the window in the input, and its divisor."""
    sizes = [pool_size(shape[2 + i], kernel[i], stride[i], padding[i], 1, ceil_mode) for i in range(2)]
    axes = [list(pool_windows(shape[2 + i], sizes[i], kernel[i], stride[i], padding[i])) for i in range(2)]
    for (i, rows), (j, columns) in itertools.product(*axes):
        count = len(rows) * len(columns)
        if count_include_pad:
            ends = [
                min(k * stride[a] - padding[a] + kernel[a], shape[2 + a] + padding[a]) - (k * stride[a] - padding[a])
                for a, k in enumerate((i, j))
            ]
            count = ends[0] * ends[1]
        yield i, j, list(itertools.product(rows, columns)), override or max(count, 1), sizes


def avg_pool2d(x, *arguments):
    windows = list(avg_windows(x.shape, *arguments))
    out = np.empty((*x.shape[:2], *windows[0][4]))
    for n, c in np.ndindex(*x.shape[:2]):
        for i, j, places, divisor, _ in windows:
            out[n, c, i, j] = sum(float(x[n, c, h, w]) for h, w in places) / divisor
    return out


def avg_pool2d_gradient(g, input_shape, *arguments):
    gx = np.zeros(input_shape)
    for n, c in np.ndindex(*input_shape[:2]):
        for i, j, places, divisor, _ in avg_windows(input_shape, *arguments):
            for h, w in places:
                gx[n, c, h, w] += float(g[n, c, i, j]) / divisor
    return gx


def adaptive_windows(size: int, out_size: int) -> list[list[int]]:
    return [list(range(math.floor(i * size / out_size), math.ceil((i + 1) * size / out_size))) for i in range(out_size)]
