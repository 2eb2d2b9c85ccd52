"""The cross entropy of classes, with its gradient, from the scores: no array of their size is written on the way.

Of each row the forward pass keeps the largest score, and the sum of exp(score - largest). From these the backward pass
makes the softmax again while it writes the gradient.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.kernels import transpose
from autograd.kernels.jit import Ints, Reals, block_range, count_blocks, kernel, offset, real, stack
from autograd.kernels.scalar_math import log
from autograd.kernels.softmax import BLOCK_WORK, COLUMNS, TOGETHER, clear, peaks_of, tiles_of, together
from autograd.kernels.softmax_sweeps import EXP, EXP_LESS, GAP, PEAK, WEIGHTED_GAP, convert, gather, gather_columns
from autograd.kernels.transpose import buffer

__all__ = ["cross_entropy", "cross_entropy_gradient"]

# --- Rows ------------------------------------------------------------------------------------------------------------


@kernel
def cross_entropy_block(
    block: int, x: Reals, targets: Ints, weight: Reals, has_weight: int, weight_sum: float, losses: Reals,
    row_weights: Reals, peaks: Reals, totals: Reals, wrong: Ints, rows: int, rows_per_block: int, n: int,
    ignore_index: int, smoothing: float,
) -> None:  # fmt: skip
    """Some rows. A row whose target is out of range goes to wrong[block], + 1."""
    logs = stack(x, TOGETHER)
    begin, last = block_range(block, rows_per_block, rows)
    wrong[block] = 0
    while begin < last:
        count = together(n, last - begin)
        for i in range(count):
            source = offset(x, (begin + i) * n)
            peaks[begin + i] = gather(source, source, n, real(0), source, PEAK)
        for i in range(count):
            source = offset(x, (begin + i) * n)
            totals[begin + i] = logs[i] = gather(source, source, n, peaks[begin + i], source, EXP)
        for i in range(TOGETHER):  # all of them, so that it takes one vector
            logs[i] = log(logs[i])
        for i in range(count):
            row = begin + i
            target = targets[row]
            losses[row] = row_weights[row] = real(0)
            if target != ignore_index:
                if target < 0 or target >= n:
                    wrong[block] = row + 1
                else:
                    source, peak = offset(x, row * n), peaks[row]
                    own = weight[target] if has_weight else real(1)
                    loss = own * (logs[i] - (source[target] - peak))
                    if smoothing > real(0):
                        # the sum of weight * (log_sum + largest - x), over all classes
                        if has_weight:
                            others = gather(source, weight, n, peak, source, WEIGHTED_GAP)
                        else:
                            others = gather(source, source, n, peak, source, GAP)
                        others += weight_sum * logs[i]
                        loss = (real(1) - smoothing) * loss + smoothing / real(n) * others
                    losses[row], row_weights[row] = loss, own
        begin += count


@kernel
def cross_entropy_gradient_block(
    block: int, g: Reals, x: Reals, targets: Ints, weight: Reals, has_weight: int, weight_sum: float, peaks: Reals,
    totals: Reals, gx: Reals, rows: int, rows_per_block: int, n: int, ignore_index: int, smoothing: float,
) -> None:  # fmt: skip
    """Some rows: weight * (softmax - one-hot), and the same for each class of the smoothing."""
    first, last = block_range(block, rows_per_block, rows)
    for row in range(first, last):
        result = offset(gx, row * n)
        target = targets[row]
        if target == ignore_index or target < 0 or target >= n or g[row] == real(0):
            for i in range(n):
                result[i] = real(0)
        else:
            own = (real(1) - smoothing) * (weight[target] if has_weight else real(1)) * g[row]
            share = smoothing / real(n) * g[row]
            factor = (own + share * weight_sum) / totals[row]
            source = offset(x, row * n)
            less = real(0) if has_weight else share
            convert(source, source, n, peaks[row], factor, less, result, EXP_LESS)
            if smoothing > real(0) and has_weight:
                for i in range(n):
                    result[i] -= share * weight[i]
            result[target] -= own


# --- Columns ---------------------------------------------------------------------------------------------------------


@kernel
def cross_entropy_columns_block(
    block: int, x: Reals, targets: Ints, weight: Reals, has_weight: int, weight_sum: float, losses: Reals,
    row_weights: Reals, peaks: Reals, totals: Reals, wrong: Ints, units: int, units_per_block: int, n: int, inner: int,
    tiles: int, tile: int, ignore_index: int, smoothing: float,
) -> None:  # fmt: skip
    """Some tiles of columns. x: (outer, n, inner), targets, losses, ...: (outer, inner)"""
    logs, gaps = buffer(x, COLUMNS), buffer(x, COLUMNS)
    first, last = block_range(block, units_per_block, units)
    wrong[block] = 0
    for unit in range(first, last):
        outer = unit // tiles
        column = (unit - outer * tiles) * tile
        width = min(tile, inner - column)
        begin = outer * n * inner + column
        place = outer * inner + column
        peak, total = offset(peaks, place), offset(totals, place)
        peaks_of(offset(x, begin), n, inner, width, peak)
        clear(total, width)
        for row in range(n):
            source = offset(x, begin + row * inner)
            gather_columns(source, source, width, peak, total, source, EXP)
        for i in range(width):
            logs[i] = log(total[i])
        if smoothing > real(0):
            clear(gaps, width)
            for row in range(n):
                source = offset(x, begin + row * inner)
                factor = weight[row] if has_weight else real(1)
                for i in range(width):
                    gaps[i] += factor * (peak[i] - source[i])
        for i in range(width):
            target = targets[place + i]
            losses[place + i] = row_weights[place + i] = real(0)
            if target != ignore_index:
                if target < 0 or target >= n:
                    wrong[block] = place + i + 1
                else:
                    own = weight[target] if has_weight else real(1)
                    loss = own * (logs[i] - (x[begin + target * inner + i] - peak[i]))
                    if smoothing > real(0):
                        others = gaps[i] + weight_sum * logs[i]
                        loss = (real(1) - smoothing) * loss + smoothing / real(n) * others
                    losses[place + i], row_weights[place + i] = loss, own


@kernel
def cross_entropy_gradient_columns_block(
    block: int, g: Reals, x: Reals, targets: Ints, weight: Reals, has_weight: int, weight_sum: float, peaks: Reals,
    totals: Reals, gx: Reals, units: int, units_per_block: int, n: int, inner: int, tiles: int, tile: int,
    ignore_index: int, smoothing: float,
) -> None:  # fmt: skip
    """Some tiles of columns."""
    factors, shares, less = buffer(x, COLUMNS), buffer(x, COLUMNS), buffer(x, COLUMNS)
    first, last = block_range(block, units_per_block, units)
    for unit in range(first, last):
        outer = unit // tiles
        column = (unit - outer * tiles) * tile
        width = min(tile, inner - column)
        begin = outer * n * inner + column
        place = outer * inner + column
        peak = offset(peaks, place)
        for i in range(width):
            target = targets[place + i]
            shares[i] = less[i] = smoothing / real(n) * g[place + i]
            factors[i] = real(0)
            if target >= 0 and target < n and target != ignore_index:
                own = (real(1) - smoothing) * (weight[target] if has_weight else real(1)) * g[place + i]
                factors[i] = (own + shares[i] * weight_sum) / totals[place + i]
        for row in range(n):
            source, result = offset(x, begin + row * inner), offset(gx, begin + row * inner)
            if has_weight:
                for i in range(width):
                    less[i] = shares[i] * weight[row]
            convert(source, source, width, peak, factors, less, result, EXP_LESS)
        for i in range(width):
            target = targets[place + i]
            if target == ignore_index or target < 0 or target >= n or g[place + i] == real(0):
                for row in range(n):
                    gx[begin + row * inner + i] = real(0)
            else:
                own = (real(1) - smoothing) * (weight[target] if has_weight else real(1)) * g[place + i]
                gx[begin + target * inner + i] -= own


# --- Arrays ----------------------------------------------------------------------------------------------------------


def _weights(x: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray | None, float]:
    """Class weights in the scores' dtype, and their sum."""
    classes = x.shape[1]
    if weight is None:
        return None, float(classes)
    if weight.shape != (classes,):
        raise ValueError(
            f"cross_entropy: weight has one element for each of the {classes} classes, got shape {weight.shape}."
        )
    weight = np.ascontiguousarray(weight, x.dtype)
    return weight, float(weight.sum(dtype=np.float64))


def _inputs(x: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Scores and targets contiguous, the classes, and the elements behind the axis of classes."""
    if x.ndim < 2:
        raise ValueError(f"cross_entropy: the kernel takes scores (N, C, *), got shape {x.shape}.")
    if targets.dtype.kind not in "iu":
        raise TypeError(f"cross_entropy: targets are class numbers, of an integer dtype, got {targets.dtype}.")
    wanted = x.shape[:1] + x.shape[2:]
    if targets.shape != wanted:
        raise ValueError(f"cross_entropy: scores {x.shape} need targets of shape {wanted}, got {targets.shape}.")
    if not x.flags.c_contiguous:
        x = transpose.copy(x)
    if targets.dtype != np.int64 or not targets.flags.c_contiguous:
        targets = np.ascontiguousarray(targets, np.int64)
    return x, targets, x.shape[1], math.prod(x.shape[2:])


def cross_entropy(
    x: np.ndarray,
    targets: np.ndarray,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cross entropy of scores with a class: -weight[target] * log(softmax(x)[target]).

    x: (N, C, *), targets: (N, *) integers, weight: (C,) or None -> losses: (N, *), row_weights: (N, *)
    weight[target], statistics: (2, N, *) the largest score, and the sum of exp(score - largest), for the gradient.
    Where the target is ``ignore_index`` loss and weight are 0. The mean over a batch is losses.sum() /
    row_weights.sum(). With label smoothing s the loss is (1 - s) of this and s / C of the sum over all classes
    (Szegedy et al. 2015). IndexError if a target is no class.
    """
    x, targets, n, inner = _inputs(x, targets)
    weight, weight_sum = _weights(x, weight)
    shape = targets.shape
    losses, row_weights, statistics = np.empty(shape, x.dtype), np.empty(shape, x.dtype), np.empty((2, *shape), x.dtype)
    peaks, totals = statistics
    if not losses.size:
        return losses, row_weights, statistics
    options = weight is not None, weight_sum, losses, row_weights, peaks, totals
    if inner == 1:
        per_block = max(1, BLOCK_WORK // max(1, n))
        blocks = count_blocks(losses.size, per_block)
        wrong = np.empty(blocks, np.int64)
        cross_entropy_block(
            x, targets, weight, *options, wrong, losses.size, per_block, n, ignore_index, label_smoothing, blocks=blocks
        )
    else:
        tiles, tile, per_block = tiles_of(n, inner)
        units = len(x) * tiles
        blocks = count_blocks(units, per_block)
        wrong = np.empty(blocks, np.int64)
        cross_entropy_columns_block(
            x, targets, weight, *options, wrong, units, per_block, n, inner, tiles, tile, ignore_index,
            label_smoothing, blocks=blocks,
        )  # fmt: skip
    if wrong.any():
        place = np.unravel_index(int(wrong[wrong.nonzero()[0][0]]) - 1, shape)
        at = f"row {place[0]}" if len(place) == 1 else f"{tuple(map(int, place))}"
        raise IndexError(
            f"cross_entropy: target {targets[place]} of {at} is none of the {n} classes of scores {x.shape}. Targets "
            f"run from 0 to {n - 1}; those to leave out have ignore_index={ignore_index}."
        )
    return losses, row_weights, statistics


def cross_entropy_gradient(
    g: np.ndarray,
    x: np.ndarray,
    targets: np.ndarray,
    statistics: np.ndarray,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
) -> np.ndarray:
    """Gradient of the losses of `cross_entropy` by the scores; arguments as there, its statistics, and g: (N, *).

    -> (N, C, *). Where g is 0, and where the target is ignored, it is 0 whatever the scores are.
    """
    x, targets, n, inner = _inputs(x, targets)
    weight, weight_sum = _weights(x, weight)
    gx = np.empty(x.shape, x.dtype)
    if not gx.size:
        return gx
    g = np.ascontiguousarray(g, x.dtype)
    peaks, totals = statistics
    inputs = g, x, targets, weight, weight is not None, weight_sum, peaks, totals, gx
    if inner == 1:
        per_block = max(1, BLOCK_WORK // n)
        blocks = count_blocks(g.size, per_block)
        cross_entropy_gradient_block(*inputs, g.size, per_block, n, ignore_index, label_smoothing, blocks=blocks)
    else:
        tiles, tile, per_block = tiles_of(n, inner)
        units = len(x) * tiles
        cross_entropy_gradient_columns_block(
            *inputs, units, per_block, n, inner, tiles, tile, ignore_index, label_smoothing,
            blocks=count_blocks(units, per_block),
        )  # fmt: skip
    return gx
