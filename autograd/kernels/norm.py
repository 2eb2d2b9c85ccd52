"""Normalization of channels, forward and gradient: over the batch, or over groups of channels of each sample.

A *unit* is what shares a mean and a variance: a channel over the whole batch, or a group of channels of one sample. One
block does a few units from start to end: their statistics, then their elements, which are then still in cache.

Statistics take one pass. A unit is summed in pieces, each as deviations from the mean of all pieces before it, and
pieces are merged in float64 (Chan et al. 1979). The first piece takes the mean of a few elements instead, and a second
pass in the rare case that this lies far from what the mean turns out to be. Deviations from a number off the piece's
own mean by d cost the sum of squares some eps * n * d**2. But where the mean moves by d, that movement itself adds at
least n * d**2 / 2 to the variance: so what is lost stays within a few eps of the result, and a large mean costs no
digits. The mean is kept in float64 for the same reason.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from autograd.kernels.jit import (
    LANES,
    VECTOR_BYTES,
    Doubles,
    Kernel,
    Reals,
    block_range,
    count_blocks,
    inline,
    kernel,
    offset,
    real,
    stack,
)
from autograd.kernels.norm_sweeps import (
    COLUMN_VECTORS,
    moments,
    products,
    scale_rows,
    spread_rows,
)

__all__ = [
    "batch_norm",
    "batch_norm_gradient",
    "group_norm",
    "group_norm_gradient",
]

PIECE = 4096  # elements that are summed in the kernels' own dtype; they stay in the first-level cache
FAR = 1.0  # see `unit_moments`
MOST_ROWS = 64  # rows of a piece: so many numbers each lane adds up, if rows are short
BLOCK_WORK = 1 << 15  # elements that a block should have
COLUMNS = 64  # room for `COLUMN_VECTORS` vectors of either dtype
RELU = 0  # constant of a variant: whether what is below 0 becomes 0


@inline
def guess_of_mean(x, n):
    """The mean of eight of n elements: what they all are counted from, before their mean is known."""
    step, eighth = n >> 3, real(0.125)
    low = (eighth * x[0] + eighth * x[step]) + (eighth * x[2 * step] + eighth * x[3 * step])
    high = (eighth * x[4 * step] + eighth * x[5 * step]) + (eighth * x[6 * step] + eighth * x[7 * step])
    return low + high


@inline
def unit_moments(x, rows, stride, n, sums, squares):
    """Mean and sum of squared deviations of a unit, in float64.  x: ``rows`` rows of n elements, ``stride`` apart

    The first piece is summed again if the guess lies more than sqrt(`FAR`) standard deviations off the mean: below
    that, rounding grows by no more than a factor of 1 + `FAR`.
    """
    count, mean, total = 0.0, 0.0, 0.0
    rows_per_piece = max(1, min(MOST_ROWS, PIECE // n))
    for row in range(0, rows, rows_per_piece):
        some = min(rows_per_piece, rows - row)
        for first in range(0, n, PIECE):
            length = min(PIECE, n - first)
            source = offset(x, row * stride + first)
            size = float(some * length)
            shift = real(mean)
            if count == 0.0:
                shift = guess_of_mean(source, length)
            for _ in range(2):
                moments(source, some, stride, length, shift, sums, squares)
                gap = sums[0] / size
                piece_mean = shift + gap
                own = squares[0] - sums[0] * gap
                if count > 0.0 or not sums[0] * gap > FAR * own:
                    break
                shift = real(piece_mean)
            if own < 0.0:
                own = 0.0
            both = count + size
            step = piece_mean - mean
            total += own + step * step * (count * size / both)
            mean += step * (size / both)
            count = both
    return mean, total


@inline
def coefficients(mean, rstd, weight, bias):
    """(mean, scale, shift) in the kernel's dtype, so that (x - mean) * scale + shift has the digits of float64."""
    near = real(mean)
    scale = rstd * weight
    return near, real(scale), real(bias - (mean - near) * scale)


@kernel
def standardize_block(
    block: int, x: Reals, weight: Reals, bias: Reals, running_mean: Reals, running_var: Reals, out: Reals,
    means: Doubles, rstds: Doubles, units: int, per_block: int, unit_stride: int, groups: int, channels: int,
    rows: int, stride: int, n: int, learning: int, momentum: float, eps: float,
) -> None:  # fmt: skip
    """Some units of ``channels`` channels, each of ``rows`` rows; one of channels and rows is 1.

    learning: 0 takes the statistics from the running ones, (groups,); 2 moves these.
    """
    first, last = block_range(block, per_block, units)
    sums, squares = stack(x, 1), stack(x, 1)
    for unit in range(first, last):
        source, result = offset(x, unit * unit_stride), offset(out, unit * unit_stride)
        size = channels * rows * n
        if learning > 0:
            length = size if rows == 1 else n  # the channels of a group lie behind each other
            mean, total = unit_moments(source, rows, stride, length, sums, squares)
            var = total / size
            if learning > 1:
                unbiased = total / (size - 1)
                running_mean[unit] += momentum * (real(mean) - running_mean[unit])
                running_var[unit] += momentum * (real(unbiased) - running_var[unit])
        else:
            mean, var = 0.0 + running_mean[unit % groups], 0.0 + running_var[unit % groups]
        rstd = 1.0 / math.sqrt(var + eps)
        if learning > 0 or unit < groups:
            means[unit], rstds[unit] = mean, rstd
        own = (unit % groups) * channels
        for channel in range(channels):
            near, scale, shift = coefficients(mean, rstd, weight[own + channel], bias[own + channel])
            place = channel * n
            scale_rows(offset(source, place), offset(result, place), rows, stride, n, near, scale, shift, RELU)


@kernel
def standardize_gradient_block(
    block: int, g: Reals, x: Reals, weight: Reals, bias: Reals, means: Doubles, rstds: Doubles, gx: Reals,
    gweight: Reals, gbias: Reals, units: int, per_block: int, unit_stride: int, groups: int, channels: int,
    rows: int, stride: int, n: int, learning: int,
) -> None:  # fmt: skip
    """The gradients of some units.  gweight, gbias: (units, channels)"""
    first, last = block_range(block, per_block, units)
    sums, with_x = stack(x, 1), stack(x, 1)
    rows_per_piece = max(1, min(MOST_ROWS, PIECE // n))
    for unit in range(first, last):
        source, values, result = (
            offset(g, unit * unit_stride),
            offset(x, unit * unit_stride),
            offset(gx, unit * unit_stride),
        )
        statistic = unit if learning > 0 else unit % groups
        mean, rstd = means[statistic], rstds[statistic]
        own = (unit % groups) * channels
        all_sums, all_products = 0.0, 0.0
        for channel in range(channels):
            near, scale, shift = coefficients(mean, rstd, weight[own + channel], bias[own + channel])
            total, product = 0.0, 0.0
            for row in range(0, rows, rows_per_piece):
                some = min(rows_per_piece, rows - row)
                for start in range(0, n, PIECE):
                    place = channel * n + row * stride + start
                    products(
                        offset(source, place), offset(values, place), some, stride, min(PIECE, n - start), near, scale,
                        shift, sums, with_x, RELU,
                    )  # fmt: skip
                    total += sums[0]
                    product += with_x[0]
            product -= (mean - near) * total
            gweight[unit * channels + channel] = real(product * rstd)
            gbias[unit * channels + channel] = real(total)
            all_sums += total * weight[own + channel]
            all_products += product * weight[own + channel]
        of_x, rest = 0.0, 0.0
        if learning > 0:
            size = channels * rows * n
            of_x = -all_products * rstd * rstd * rstd / size
            rest = -all_sums * rstd / size - (mean - real(mean)) * of_x
        for channel in range(channels):
            near, scale, shift = coefficients(mean, rstd, weight[own + channel], bias[own + channel])
            place = channel * n
            spread_rows(
                offset(source, place), offset(values, place), offset(result, place), rows, stride, n, near, scale,
                shift, real(of_x), real(rest), RELU,
            )  # fmt: skip


# --- Channels side by side -------------------------------------------------------------------------------------------


@kernel
def standardize_columns_block(
    block: int, x: Reals, weight: Reals, bias: Reals, running_mean: Reals, running_var: Reals, out: Reals,
    means: Doubles, rstds: Doubles, samples: int, channels: int, per_block: int, learning: int, momentum: float,
    eps: float,
) -> None:  # fmt: skip
    """Some channels.  x: (N, C); as `standardize_block` otherwise."""
    first, last = block_range(block, per_block, channels)
    shift, sums, squares, scale = stack(x, COLUMNS), stack(x, COLUMNS), stack(x, COLUMNS), stack(x, COLUMNS)
    total = stack(means, COLUMNS)
    for start in range(first, last, COLUMN_VECTORS * LANES):
        n = min(COLUMN_VECTORS * LANES, last - start)
        source = offset(x, start)
        mean, rstd = offset(means, start), offset(rstds, start)
        if learning > 0:
            for i in range(n):
                shift[i] = source[i]
                mean[i] = total[i] = 0.0
            for row in range(0, samples, MOST_ROWS):
                some = min(MOST_ROWS, samples - row)
                count, both, size = float(row), float(row + some), float(some)
                for again in range(2 if row == 0 else 1):
                    moments(offset(source, row * channels), some, channels, n, shift, sums, squares)
                    for i in range(n):
                        gap = sums[i] / size
                        step = shift[i] + gap - mean[i]
                        own = squares[i] - sums[i] * gap
                        if again == 0 and row == 0:
                            shift[i] += real(gap)
                        else:
                            total[i] += (0.0 if own < 0.0 else own) + step * step * (count * size / both)
                            mean[i] += step * (size / both)
                            shift[i] = real(mean[i])
            for i in range(n):
                rstd[i] = 1.0 / math.sqrt(total[i] / samples + eps)
            if learning > 1:
                for i in range(n):
                    unbiased = total[i] / (samples - 1)
                    running_mean[start + i] += momentum * (real(mean[i]) - running_mean[start + i])
                    running_var[start + i] += momentum * (real(unbiased) - running_var[start + i])
        else:
            for i in range(n):
                mean[i] = running_mean[start + i]
                rstd[i] = 1.0 / math.sqrt(0.0 + running_var[start + i] + eps)
        for i in range(n):
            sums[i], scale[i], shift[i] = coefficients(mean[i], rstd[i], weight[start + i], bias[start + i])
        scale_rows(source, offset(out, start), samples, channels, n, sums, scale, shift, RELU)


@kernel
def standardize_columns_gradient_block(
    block: int, g: Reals, x: Reals, weight: Reals, bias: Reals, means: Doubles, rstds: Doubles, gx: Reals,
    gweight: Reals, gbias: Reals, samples: int, channels: int, per_block: int, learning: int,
) -> None:  # fmt: skip
    """The gradients of some channels."""
    first, last = block_range(block, per_block, channels)
    near, scale, shift = stack(x, COLUMNS), stack(x, COLUMNS), stack(x, COLUMNS)
    sums, with_x = stack(x, COLUMNS), stack(x, COLUMNS)
    total, product = stack(means, COLUMNS), stack(means, COLUMNS)
    for start in range(first, last, COLUMN_VECTORS * LANES):
        n = min(COLUMN_VECTORS * LANES, last - start)
        source, values = offset(g, start), offset(x, start)
        mean, rstd = offset(means, start), offset(rstds, start)
        for i in range(n):
            near[i], scale[i], shift[i] = coefficients(mean[i], rstd[i], weight[start + i], bias[start + i])
            total[i] = product[i] = 0.0
        for row in range(0, samples, MOST_ROWS):
            place = row * channels
            products(
                offset(source, place), offset(values, place), min(MOST_ROWS, samples - row), channels, n, near,
                scale, shift, sums, with_x, RELU,
            )  # fmt: skip
            for i in range(n):
                total[i] += sums[i]
                product[i] += with_x[i]
        for i in range(n):
            rounding = mean[i] - near[i]
            product[i] -= rounding * total[i]
            gweight[start + i], gbias[start + i] = real(product[i] * rstd[i]), real(total[i])
            of_x, rest = 0.0, 0.0
            if learning > 0:
                by_weight = rstd[i] * weight[start + i] / samples
                of_x = -product[i] * rstd[i] * rstd[i] * by_weight
                rest = -total[i] * by_weight - rounding * of_x
            sums[i], with_x[i] = real(of_x), real(rest)
        spread_rows(
            source, values, offset(gx, start), samples, channels, n, near, scale, shift, sums, with_x, RELU
        )  # fmt: skip


# --- On arrays -------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def filled(n: int, value: float, dtype: np.dtype) -> np.ndarray:
    filled = np.full(n, value, dtype)
    filled.flags.writeable = False
    return filled


def affine(x: np.ndarray, n: int, weight: np.ndarray | None, bias: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias of n elements, ones and zeros where there are none."""
    return (
        filled(n, 1.0, x.dtype) if weight is None else np.ascontiguousarray(weight),
        filled(n, 0.0, x.dtype) if bias is None else np.ascontiguousarray(bias),
    )


def _variant(block_kernel: Kernel, activation: str | None) -> Kernel:
    return block_kernel if activation is None else block_kernel.with_constants(RELU=1)


# The shape of a unit, as `standardize_block` takes it: unit_stride, groups, channels, rows, stride, n
@functools.lru_cache(maxsize=256)
def _batch_units(shape: tuple[int, ...]) -> tuple[int, tuple[int, ...], int]:
    """Units in a block, their shape, and the number of blocks: a channel over the whole batch."""
    n, c, length = shape[0], shape[1], math.prod(shape[2:])
    per_block = max(1, BLOCK_WORK // max(1, n * length))
    return per_block, (length, c, 1, n, c * length, length), count_blocks(c, per_block)


@functools.lru_cache(maxsize=256)
def _group_units(shape: tuple[int, ...], groups: int) -> tuple[int, tuple[int, ...], int]:
    """The same for a group of channels of one sample."""
    n, c, length = shape[0], shape[1], math.prod(shape[2:])
    size = c // groups * length
    per_block = max(1, BLOCK_WORK // max(1, size))
    return per_block, (size, groups, c // groups, 1, 0, length), count_blocks(n * groups, per_block)


@functools.lru_cache(maxsize=256)
def _columns(samples: int, channels: int, dtype: np.dtype) -> tuple[int, int]:
    """Channels in a block, whole vectors of them, and the number of blocks."""
    least = COLUMN_VECTORS * VECTOR_BYTES // dtype.itemsize
    per_block = least * max(1, BLOCK_WORK // max(1, samples * least))
    return per_block, count_blocks(channels, per_block)


def batch_norm(
    x: np.ndarray, weight: np.ndarray | None = None, bias: np.ndarray | None = None, eps: float = 1e-5,
    running_mean: np.ndarray | None = None, running_var: np.ndarray | None = None, training: bool = True,
    momentum: float = 0.1, activation: str | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Each channel with mean 0 and variance 1, times weight, plus bias (Ioffe and Szegedy 2015).

    x: (N, C, *) with elements; weight, bias, running_mean, running_var: (C,) of the dtype of x, the running ones both
    or neither, C-contiguous -> out: as x, mean: (C,), rstd: (C,) 1 / sqrt(var + eps), both float64.
    training: with the statistics of x, towards which the running ones are moved; else with those. activation: "relu".
    """
    x = np.ascontiguousarray(x)
    shape = x.shape
    channels = shape[1]
    weight, bias = affine(x, channels, weight, bias)
    out, mean, rstd = np.empty(shape, x.dtype), np.empty(channels), np.empty(channels)
    learning = (1 if running_mean is None else 2) if training else 0
    arrays = (x, weight, bias, running_mean, running_var, out, mean, rstd)
    if x.size == shape[0] * channels:
        per_block, blocks = _columns(shape[0], channels, x.dtype)
        _variant(standardize_columns_block, activation)(
            *arrays, shape[0], channels, per_block, learning, momentum, eps, blocks=blocks
        )
    else:
        # Where the statistics are known, each channel of each sample is for itself: memory is read as it lies.
        per_block, unit, blocks = _batch_units(shape) if training else _group_units(shape, channels)
        units = channels if training else channels * shape[0]
        _variant(standardize_block, activation)(
            *arrays, units, per_block, *unit, learning, momentum, eps, blocks=blocks
        )
    return out, mean, rstd


def batch_norm_gradient(
    g: np.ndarray, x: np.ndarray, mean: np.ndarray, rstd: np.ndarray, weight: np.ndarray | None = None,
    bias: np.ndarray | None = None, training: bool = True, activation: str | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Gradients of `batch_norm` by x, weight and bias.  g, x: (N, C, *) -> gx: as x, gweight: (C,), gbias: (C,)"""
    g, x = np.ascontiguousarray(g), np.ascontiguousarray(x)
    shape = x.shape
    channels = shape[1]
    weight, bias = affine(x, channels, weight, bias)
    gx = np.empty(shape, x.dtype)
    by_column = x.size == shape[0] * channels
    each = np.empty((2, 1 if training or by_column else shape[0], channels), x.dtype)
    arrays = (g, x, weight, bias, mean, rstd, gx, each[0], each[1])
    if by_column:
        per_block, blocks = _columns(shape[0], channels, x.dtype)
        _variant(standardize_columns_gradient_block, activation)(
            *arrays, shape[0], channels, per_block, training, blocks=blocks
        )
    else:
        per_block, unit, blocks = _batch_units(shape) if training else _group_units(shape, channels)
        units = each[0].size
        _variant(standardize_gradient_block, activation)(*arrays, units, per_block, *unit, training, blocks=blocks)
    gweight, gbias = each[:, 0] if each.shape[1] == 1 else each.sum(1)
    return gx, gweight, gbias


def group_norm(
    x: np.ndarray, groups: int, weight: np.ndarray | None = None, bias: np.ndarray | None = None, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each group of channels of each sample with mean 0 and variance 1, times weight, plus bias (Wu and He 2018).

    x: (N, C, *) with elements, weight, bias: (C,) of the dtype of x -> out: as x, mean, rstd: (N * groups,) float64
    """
    x = np.ascontiguousarray(x)
    weight, bias = affine(x, x.shape[1], weight, bias)
    units = x.shape[0] * groups
    out, mean, rstd = np.empty(x.shape, x.dtype), np.empty(units), np.empty(units)
    per_block, unit, blocks = _group_units(x.shape, groups)
    standardize_block(x, weight, bias, None, None, out, mean, rstd, units, per_block, *unit, 1, 0.0, eps, blocks=blocks)
    return out, mean, rstd


def group_norm_gradient(
    g: np.ndarray, x: np.ndarray, groups: int, mean: np.ndarray, rstd: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `group_norm` by x, weight and bias.  g, x: (N, C, *) -> gx: as x, gweight: (C,), gbias: (C,)"""
    g, x = np.ascontiguousarray(g), np.ascontiguousarray(x)
    weight, bias = affine(x, x.shape[1], weight, None)
    gx, each = np.empty(x.shape, x.dtype), np.empty((2, *x.shape[:2]), x.dtype)
    per_block, unit, blocks = _group_units(x.shape, groups)
    standardize_gradient_block(
        g, x, weight, bias, mean, rstd, gx, each[0], each[1], len(mean), per_block, *unit, 1, blocks=blocks
    )
    gweight, gbias = each.sum(1)
    return gx, gweight, gbias
