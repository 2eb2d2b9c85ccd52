"""Batch and layer normalization, forward and gradient.

Statistics are those of two passes, sum and then sum of squared deviations, over pieces that stay in cache. Pieces are
merged in float64 in a fixed order (Chan et al. 1979): a large mean costs the variance no digits.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from autograd.kernels.jit import Doubles, Reals, block_range, count_blocks, inline, kernel, offset, real, stack, sum_of

__all__ = ["batch_norm", "batch_norm_gradient", "batch_norm_inference", "layer_norm", "layer_norm_gradient"]

PIECE = 1 << 14  # elements of a channel, or of a few rows, that are summed in the kernels' own dtype
BLOCK_WORK = 1 << 15  # elements that a block should have
COLUMNS = 64  # columns of a matrix that are summed side by side
MOST_PARTIALS = 64  # partial sums of layer normalization's parameter gradients


@inline(reassociate=True)
def deviations(x, mean, n):
    """The sum of x - mean, and of its square."""
    total, squares = real(0), real(0)
    for i in range(n):
        gap = x[i] - mean
        total += gap
        squares += gap * gap
    return total, squares


@inline(reassociate=True)
def gradient_sums(g, x, mean, n):
    """The sum of g, and of g * (x - mean)."""
    total, products = real(0), real(0)
    for i in range(n):
        total += g[i]
        products += g[i] * (x[i] - mean)
    return total, products


# --- Batch normalization: sums ---------------------------------------------------------------------------------------
# A piece is some samples of one channel (L > 1), or of some channels (L = 1, where the channels lie side by side).


@kernel
def plane_statistics_block(
    block: int, x: Reals, means: Doubles, squares: Doubles, samples: int, channels: int, length: int,
    samples_per_piece: int, pieces: int, per_block: int,
) -> None:  # fmt: skip
    """Mean and sum of squared deviations of some (piece, channel).  x: (N, C, L); means, squares: (pieces, C)"""
    start, stop = block_range(block, per_block, pieces * channels)
    for unit in range(start, stop):
        piece = unit // channels
        channel = unit - piece * channels
        first, last = block_range(piece, samples_per_piece, samples)
        count = real((last - first) * length)
        total = real(0)
        for n in range(first, last):
            total += sum_of(offset(x, (n * channels + channel) * length), length)
        mean = total / count
        gaps, total = real(0), real(0)
        for n in range(first, last):
            some_gaps, some_squares = deviations(offset(x, (n * channels + channel) * length), mean, length)
            gaps, total = gaps + some_gaps, total + some_squares
        # What the first pass lost by rounding, the second one gives back.
        means[unit] = np.float64(mean) + np.float64(gaps / count)
        squares[unit] = total - gaps * gaps / count


@kernel
def plane_gradient_block(
    block: int, g: Reals, x: Reals, mean: Reals, sums: Doubles, products: Doubles, samples: int, channels: int,
    length: int, samples_per_piece: int, pieces: int, per_block: int,
) -> None:  # fmt: skip
    """The sum of g and of g * (x - mean) of some (piece, channel).  g, x: (N, C, L); sums, products: (pieces, C)"""
    start, stop = block_range(block, per_block, pieces * channels)
    for unit in range(start, stop):
        piece = unit // channels
        channel = unit - piece * channels
        first, last = block_range(piece, samples_per_piece, samples)
        total, product = real(0), real(0)
        for n in range(first, last):
            place = (n * channels + channel) * length
            some, more = gradient_sums(offset(g, place), offset(x, place), mean[channel], length)
            total, product = total + some, product + more
        sums[unit], products[unit] = total, product


@kernel
def column_statistics_block(
    block: int, x: Reals, means: Doubles, squares: Doubles, samples: int, channels: int, samples_per_piece: int,
    groups: int,
) -> None:  # fmt: skip
    """Mean and sum of squared deviations of a piece of some channels.  x: (N, C); means, squares: (pieces, C)"""
    piece = block // groups
    start, stop = block_range(block - piece * groups, COLUMNS, channels)
    first, last = block_range(piece, samples_per_piece, samples)
    mean, gaps, total = stack(x, COLUMNS), stack(x, COLUMNS), stack(x, COLUMNS)
    n = stop - start
    for i in range(n):
        mean[i] = gaps[i] = total[i] = real(0)
    for sample in range(first, last):
        row = offset(x, sample * channels + start)
        for i in range(n):
            mean[i] += row[i]
    count = real(last - first)
    for i in range(n):
        mean[i] /= count
    for sample in range(first, last):
        row = offset(x, sample * channels + start)
        for i in range(n):
            gap = row[i] - mean[i]
            gaps[i] += gap
            total[i] += gap * gap
    for i in range(n):
        means[piece * channels + start + i] = np.float64(mean[i]) + np.float64(gaps[i] / count)
        squares[piece * channels + start + i] = total[i] - gaps[i] * gaps[i] / count


@kernel
def column_gradient_block(
    block: int, g: Reals, x: Reals, mean: Reals, sums: Doubles, products: Doubles, samples: int, channels: int,
    samples_per_piece: int, groups: int,
) -> None:  # fmt: skip
    """The sum of g and of g * (x - mean) of a piece of some channels.  g, x: (N, C); sums, products: (pieces, C)"""
    piece = block // groups
    start, stop = block_range(block - piece * groups, COLUMNS, channels)
    first, last = block_range(piece, samples_per_piece, samples)
    own, total, product = stack(x, COLUMNS), stack(x, COLUMNS), stack(x, COLUMNS)
    n = stop - start
    for i in range(n):
        own[i] = mean[start + i]
        total[i] = product[i] = real(0)
    for sample in range(first, last):
        row, values = offset(g, sample * channels + start), offset(x, sample * channels + start)
        for i in range(n):
            total[i] += row[i]
            product[i] += row[i] * (values[i] - own[i])
    for i in range(n):
        sums[piece * channels + start + i] = total[i]
        products[piece * channels + start + i] = product[i]


# --- Batch normalization: elements -----------------------------------------------------------------------------------
SIDE_BY_SIDE = 0  # constant of a variant: whether the channels lie side by side (L = 1)


@kernel
def scale_block(
    block: int, x: Reals, mean: Reals, scale: Reals, shift: Reals, out: Reals, samples: int, channels: int,
    length: int, per_block: int,
) -> None:  # fmt: skip
    """(x - mean) * scale + shift, by channel. A unit is a channel of a sample, or a whole sample if L = 1."""
    if SIDE_BY_SIDE:
        first, last = block_range(block, per_block, samples)
        for unit in range(first, last):
            row, result = offset(x, unit * channels), offset(out, unit * channels)
            for c in range(channels):
                result[c] = (row[c] - mean[c]) * scale[c] + shift[c]
    else:
        first, last = block_range(block, per_block, samples * channels)
        for unit in range(first, last):
            row, result = offset(x, unit * length), offset(out, unit * length)
            c = unit % channels
            own_mean, own_scale, own_shift = mean[c], scale[c], shift[c]
            for i in range(length):
                result[i] = (row[i] - own_mean) * own_scale + own_shift


@kernel
def scale_gradient_block(
    block: int, g: Reals, x: Reals, mean: Reals, of_g: Reals, of_x: Reals, shift: Reals, gx: Reals, samples: int,
    channels: int, length: int, per_block: int,
) -> None:  # fmt: skip
    """g * of_g + (x - mean) * of_x + shift, by channel; units as in `scale_block`."""
    if SIDE_BY_SIDE:
        first, last = block_range(block, per_block, samples)
        for unit in range(first, last):
            row, values, result = offset(g, unit * channels), offset(x, unit * channels), offset(gx, unit * channels)
            for c in range(channels):
                result[c] = row[c] * of_g[c] + ((values[c] - mean[c]) * of_x[c] + shift[c])
    else:
        first, last = block_range(block, per_block, samples * channels)
        for unit in range(first, last):
            row, values, result = offset(g, unit * length), offset(x, unit * length), offset(gx, unit * length)
            c = unit % channels
            own_mean, own_g, own_x, own_shift = mean[c], of_g[c], of_x[c], shift[c]
            for i in range(length):
                result[i] = row[i] * own_g + ((values[i] - own_mean) * own_x + own_shift)


def _channels(x: np.ndarray) -> tuple[int, int, int]:
    """N, C, L of x: (N, C) or (N, C, L)."""
    if x.ndim not in (2, 3):
        raise ValueError(f"batch_norm: the kernel takes (N, C) or (N, C, L), got shape {x.shape}.")
    return x.shape[0], x.shape[1], math.prod(x.shape[2:])


def _check_channels(x: np.ndarray, **parameters: np.ndarray | None) -> None:
    for name, value in parameters.items():
        if value is not None and value.shape != (x.shape[1],):
            raise ValueError(
                f"batch_norm: {name} has one element for each of the {x.shape[1]} channels of {x.shape}, "
                f"got shape {value.shape}."
            )


@functools.lru_cache(maxsize=256)
def _pieces(samples: int, length: int) -> tuple[int, int, np.ndarray]:
    """Samples in a piece, pieces, and the elements of each channel in each piece. -> (pieces, 1)"""
    per_piece = max(1, PIECE // max(1, length)) if length > 1 else PIECE // COLUMNS
    pieces = count_blocks(samples, per_piece)
    counts = np.full((pieces, 1), float(per_piece * length))
    counts[-1:] -= (pieces * per_piece - samples) * length
    return per_piece, pieces, counts


def _plane_blocks(samples: int, channels: int, length: int) -> tuple[int, int]:
    """Units in a block of the kernels on elements, and the number of blocks."""
    units, size = (samples, channels) if length == 1 else (samples * channels, length)
    per_block = max(1, BLOCK_WORK // max(1, size))
    return per_block, count_blocks(units, per_block)


def _scale(x: np.ndarray, mean: np.ndarray, scale: np.ndarray, shift: np.ndarray) -> np.ndarray:
    n, c, length = _channels(x)
    out = np.empty(x.shape, x.dtype)
    per_block, blocks = _plane_blocks(n, c, length)
    scale_block.with_constants(SIDE_BY_SIDE=int(length == 1))(
        x, mean, scale, shift, out, n, c, length, per_block, blocks=blocks if out.size else 0
    )
    return out


def batch_norm(
    x: np.ndarray, weight: np.ndarray | None = None, bias: np.ndarray | None = None, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Each channel with mean 0 and variance 1, times weight, plus bias (Ioffe and Szegedy 2015), in training.

    x: (N, C) or (N, C, L), weight, bias: (C,) or None -> out: as x, mean: (C,), var: (C,) biased (divided by the
    count), rstd: (C,) 1 / sqrt(var + eps). ValueError if a channel has no elements.
    """
    n, c, length = _channels(x)
    _check_channels(x, weight=weight, bias=bias)
    if n * length == 0:
        raise ValueError(f"batch_norm: a channel of {x.shape} has no elements, and so no mean.")
    x = np.ascontiguousarray(x)
    per_piece, pieces, counts = _pieces(n, length)
    means, squares = np.empty((pieces, c)), np.empty((pieces, c))
    if length == 1:
        groups = count_blocks(c, COLUMNS)
        column_statistics_block(x, means, squares, n, c, per_piece, groups, blocks=pieces * groups)
    else:
        per_block = max(1, BLOCK_WORK // (per_piece * length))
        blocks = count_blocks(pieces * c, per_block)
        plane_statistics_block(x, means, squares, n, c, length, per_piece, pieces, per_block, blocks=blocks)
    if pieces == 1:
        mean64, total = means[0], squares[0]
    else:
        mean64 = (means * counts).sum(0) / (n * length)
        total = squares.sum(0) + (counts * np.square(means - mean64)).sum(0)
    var64 = total / (n * length)
    rstd64 = 1 / np.sqrt(var64 + eps)
    mean, var, rstd = (value.astype(x.dtype) for value in (mean64, var64, rstd64))
    scale = rstd if weight is None else (rstd64 * weight).astype(x.dtype)
    shift = np.zeros(c, x.dtype) if bias is None else np.ascontiguousarray(bias, x.dtype)
    return _scale(x, mean, scale, shift), mean, var, rstd


def batch_norm_inference(
    x: np.ndarray, mean: np.ndarray, var: np.ndarray, weight: np.ndarray | None = None,
    bias: np.ndarray | None = None, eps: float = 1e-5,
) -> np.ndarray:  # fmt: skip
    """(x - mean) / sqrt(var + eps) * weight + bias by channel, with given statistics; arguments as `batch_norm`."""
    _check_channels(x, mean=mean, var=var, weight=weight, bias=bias)
    scale = 1 / np.sqrt(var.astype(np.float64) + eps)
    if weight is not None:
        scale *= weight
    shift = np.zeros(x.shape[1], x.dtype) if bias is None else np.ascontiguousarray(bias, x.dtype)
    return _scale(np.ascontiguousarray(x), np.ascontiguousarray(mean, x.dtype), scale.astype(x.dtype), shift)


def batch_norm_gradient(
    g: np.ndarray,
    x: np.ndarray,
    mean: np.ndarray,
    rstd: np.ndarray,
    weight: np.ndarray | None = None,
    training: bool = True,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `batch_norm` by x, weight and bias; of `batch_norm_inference` if not ``training``.

    g, x: (N, C) or (N, C, L), mean, rstd: (C,) -> gx: as x, gweight: (C,), gbias: (C,)
    """
    if g.shape != x.shape:
        raise ValueError(f"batch_norm: the gradient has shape {g.shape}, but the output has {x.shape}.")
    n, c, length = _channels(x)
    _check_channels(x, mean=mean, rstd=rstd, weight=weight)
    g, x, mean = np.ascontiguousarray(g), np.ascontiguousarray(x), np.ascontiguousarray(mean, x.dtype)
    per_piece, pieces, _ = _pieces(n, length)
    sums, products = np.zeros((pieces, c)), np.zeros((pieces, c))
    if x.size and length == 1:
        groups = count_blocks(c, COLUMNS)
        column_gradient_block(g, x, mean, sums, products, n, c, per_piece, groups, blocks=pieces * groups)
    elif x.size:
        per_block = max(1, BLOCK_WORK // (2 * per_piece * length))
        blocks = count_blocks(pieces * c, per_block)
        plane_gradient_block(g, x, mean, sums, products, n, c, length, per_piece, pieces, per_block, blocks=blocks)
    total, product = (sums[0], products[0]) if pieces == 1 else (sums.sum(0), products.sum(0))
    rstd64 = rstd.astype(np.float64)
    of_g = rstd64 if weight is None else rstd64 * weight
    gweight, gbias = (product * rstd64).astype(x.dtype), total.astype(x.dtype)
    if not training:
        return g * of_g.astype(x.dtype).reshape(c, *[1] * (x.ndim - 2)), gweight, gbias
    gx = np.empty(x.shape, x.dtype)
    if x.size:
        mean_of = of_g / (n * length)
        of_x, shift = -mean_of * product * np.square(rstd64), -mean_of * total
        per_block, blocks = _plane_blocks(n, c, length)
        coefficients = (value.astype(x.dtype) for value in (of_g, of_x, shift))
        scale_gradient_block.with_constants(SIDE_BY_SIDE=int(length == 1))(
            g, x, mean, *coefficients, gx, n, c, length, per_block, blocks=blocks
        )
    return gx, gweight, gbias


# --- Layer normalization ---------------------------------------------------------------------------------------------


@kernel
def layer_norm_block(
    block: int, x: Reals, weight: Reals, bias: Reals, out: Reals, means: Reals, rstds: Reals, rows: int,
    rows_per_block: int, n: int, eps: float,
) -> None:  # fmt: skip
    """Some rows."""
    first, last = block_range(block, rows_per_block, rows)
    for row in range(first, last):
        source, result = offset(x, row * n), offset(out, row * n)
        mean = sum_of(source, n) / real(n)
        gaps, squares = deviations(source, mean, n)
        variance = (squares - gaps * gaps / real(n)) / real(n)
        mean += gaps / real(n)
        rstd = real(1) / math.sqrt(variance + eps)
        for i in range(n):
            result[i] = (source[i] - mean) * rstd * weight[i] + bias[i]
        means[row], rstds[row] = mean, rstd


@inline(reassociate=True)
def weighted_sums(g, x, weight, mean, n):
    """The sum of g * weight, and of g * weight * (x - mean)."""
    total, products = real(0), real(0)
    for i in range(n):
        scaled = g[i] * weight[i]
        total += scaled
        products += scaled * (x[i] - mean)
    return total, products


@kernel
def layer_norm_gradient_block(
    block: int, g: Reals, x: Reals, weight: Reals, means: Reals, rstds: Reals, gx: Reals, partial: Reals, rows: int,
    rows_per_block: int, n: int,
) -> None:  # fmt: skip
    """Some rows, and their share of the gradients of weight and bias.  partial: (blocks, 2, D)"""
    first, last = block_range(block, rows_per_block, rows)
    of_weight, of_bias = offset(partial, 2 * block * n), offset(partial, (2 * block + 1) * n)
    for i in range(n):
        of_weight[i] = of_bias[i] = real(0)
    for row in range(first, last):
        source, values, result = offset(g, row * n), offset(x, row * n), offset(gx, row * n)
        mean, rstd = means[row], rstds[row]
        total, product = weighted_sums(source, values, weight, mean, n)
        of_x, shift = product / real(n) * rstd * rstd, total / real(n)
        for i in range(n):
            gap = values[i] - mean
            result[i] = rstd * (source[i] * weight[i] - gap * of_x - shift)
            of_weight[i] += source[i] * (gap * rstd)
            of_bias[i] += source[i]


@functools.lru_cache(maxsize=64)
def _filled(n: int, value: float, dtype: np.dtype) -> np.ndarray:
    filled = np.full(n, value, dtype)
    filled.flags.writeable = False
    return filled


def _per_feature(name: str, values: np.ndarray | None, x: np.ndarray, default: float) -> np.ndarray:
    """Weight or bias in the dtype of x: (R, D)."""
    if values is None:
        return _filled(x.shape[1], default, x.dtype)
    if values.shape != x.shape[1:]:
        raise ValueError(
            f"layer_norm: {name} has one element for each of the {x.shape[1]} features of {x.shape}, "
            f"got shape {values.shape}."
        )
    return np.ascontiguousarray(values, x.dtype)


def layer_norm(
    x: np.ndarray, weight: np.ndarray | None = None, bias: np.ndarray | None = None, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each row with mean 0 and variance 1, times weight, plus bias (Ba et al. 2016).

    x: (R, D), weight, bias: (D,) or None -> out: (R, D), mean: (R,), rstd: (R,) 1 / sqrt(var + eps)
    """
    if x.ndim != 2:
        raise ValueError(f"layer_norm: the kernel takes rows, (R, D), got shape {x.shape}.")
    x = np.ascontiguousarray(x)
    rows, n = x.shape
    out, mean, rstd = np.empty_like(x), np.empty(rows, x.dtype), np.empty(rows, x.dtype)
    per_block = max(1, BLOCK_WORK // max(1, n))
    layer_norm_block(
        x, _per_feature("weight", weight, x, 1.0), _per_feature("bias", bias, x, 0.0), out, mean, rstd, rows,
        per_block, n, eps, blocks=count_blocks(rows, per_block),
    )  # fmt: skip
    return out, mean, rstd


def layer_norm_gradient(
    g: np.ndarray, x: np.ndarray, mean: np.ndarray, rstd: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `layer_norm` by x, weight and bias.  g, x: (R, D), mean, rstd: (R,) -> gx: (R, D), (D,), (D,)"""
    if g.shape != x.shape:
        raise ValueError(f"layer_norm: the gradient has shape {g.shape}, but the output has {x.shape}.")
    g, x = np.ascontiguousarray(g), np.ascontiguousarray(x)
    rows, n = x.shape
    gx = np.empty_like(x)
    per_block = max(1, BLOCK_WORK // max(1, n), count_blocks(rows, MOST_PARTIALS))
    blocks = count_blocks(rows, per_block)
    partial = np.empty((blocks, 2, n), x.dtype)
    layer_norm_gradient_block(
        g, x, _per_feature("weight", weight, x, 1.0), np.ascontiguousarray(mean, x.dtype),
        np.ascontiguousarray(rstd, x.dtype), gx, partial, rows, per_block, n, blocks=blocks,
    )  # fmt: skip
    gweight, gbias = partial[0] if blocks == 1 else partial.sum(0)
    return gx, gweight, gbias
