"""The cross entropy of classes, with its gradient, from the scores: no array of their size is written on the way.

Of each row the forward pass keeps the largest score, and the sum of exp(score - largest). From these the backward pass
makes the softmax again while it writes the gradient.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.kernels import transpose
from autograd.kernels.jit import Doubles, Ints, Reals, block_range, count_blocks, kernel, offset, real, stack
from autograd.kernels.scalar_math import log
from autograd.kernels.softmax import BLOCK_WORK, COLUMNS, TOGETHER, clear, sums_of, tile_at, tiles_of, together
from autograd.kernels.softmax_sweeps import EXP, EXP_LESS, GAP, PEAK, WEIGHTED_GAP, convert, gather

__all__ = ["cross_entropy", "cross_entropy_gradient"]

# --- Rows ------------------------------------------------------------------------------------------------------------


@kernel
def cross_entropy_block(
    block: int, x: Reals, targets: Ints, weight: Reals, has_weight: int, weight_sum: float, statistics: Reals,
    tally: Doubles, rows: int, rows_per_block: int, n: int, ignore_index: int, smoothing: float,
) -> None:  # fmt: skip
    """Some rows. statistics: (3, rows), largest scores, sums, losses; tally: (blocks, 3), sum of losses, sum of
    weights, and a row whose target is out of range, + 1."""
    logs = stack(x, TOGETHER)
    peaks, totals, losses = statistics, offset(statistics, rows), offset(statistics, 2 * rows)
    begin, last = block_range(block, rows_per_block, rows)
    loss_sum, target_weight, wrong = 0.0, 0.0, 0
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
            losses[row] = real(0)
            if target != ignore_index:
                if target < 0 or target >= n:
                    wrong = row + 1
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
                    losses[row] = loss
                    loss_sum += float(loss)
                    target_weight += float(own)
        begin += count
    tally[3 * block], tally[3 * block + 1], tally[3 * block + 2] = loss_sum, target_weight, wrong


@kernel
def cross_entropy_gradient_block(
    block: int, g: Reals, g_step: int, divisor: float, x: Reals, targets: Ints, weight: Reals, has_weight: int,
    weight_sum: float, statistics: Reals, gx: Reals, rows: int, rows_per_block: int, n: int, ignore_index: int,
    smoothing: float,
) -> None:  # fmt: skip
    """Some rows: weight * (softmax - one-hot), and the same for each class of the smoothing.

    g: one number for each row, g_step apart, to be divided by ``divisor``.
    """
    peaks, totals = statistics, offset(statistics, rows)
    first, last = block_range(block, rows_per_block, rows)
    for row in range(first, last):
        result = offset(gx, row * n)
        target = targets[row]
        incoming = g[row * g_step] / divisor
        if target == ignore_index or target < 0 or target >= n or incoming == real(0):
            for i in range(n):
                result[i] = real(0)
        else:
            own = (real(1) - smoothing) * (weight[target] if has_weight else real(1)) * incoming
            share = smoothing / real(n) * incoming
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
    block: int, x: Reals, targets: Ints, weight: Reals, has_weight: int, weight_sum: float, statistics: Reals,
    tally: Doubles, rows: int, units: int, units_per_block: int, n: int, inner: int, tiles: int, tile: int,
    ignore_index: int, smoothing: float,
) -> None:  # fmt: skip
    """Some tiles of columns. x: (outer, n, inner), targets: (outer, inner), rows = outer * inner"""
    logs, gaps = stack(x, COLUMNS), stack(x, COLUMNS)
    peaks, totals, losses = statistics, offset(statistics, rows), offset(statistics, 2 * rows)
    first, last = block_range(block, units_per_block, units)
    loss_sum, target_weight, wrong = 0.0, 0.0, 0
    for unit in range(first, last):
        begin, place, width = tile_at(unit, tiles, tile, n, inner)
        peak, total = offset(peaks, place), offset(totals, place)
        sums_of(offset(x, begin), n, inner, width, peak, total)
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
            losses[place + i] = real(0)
            if target != ignore_index:
                if target < 0 or target >= n:
                    wrong = place + i + 1
                else:
                    own = weight[target] if has_weight else real(1)
                    loss = own * (logs[i] - (x[begin + target * inner + i] - peak[i]))
                    if smoothing > real(0):
                        others = gaps[i] + weight_sum * logs[i]
                        loss = (real(1) - smoothing) * loss + smoothing / real(n) * others
                    losses[place + i] = loss
                    loss_sum += float(loss)
                    target_weight += float(own)
    tally[3 * block], tally[3 * block + 1], tally[3 * block + 2] = loss_sum, target_weight, wrong


@kernel
def cross_entropy_gradient_columns_block(
    block: int, g: Reals, g_step: int, divisor: float, x: Reals, targets: Ints, weight: Reals, has_weight: int,
    weight_sum: float, statistics: Reals, gx: Reals, rows: int, units: int, units_per_block: int, n: int, inner: int,
    tiles: int, tile: int, ignore_index: int, smoothing: float,
) -> None:  # fmt: skip
    """Some tiles of columns."""
    peaks, totals = statistics, offset(statistics, rows)
    factors, shares, less = stack(x, COLUMNS), stack(x, COLUMNS), stack(x, COLUMNS)
    first, last = block_range(block, units_per_block, units)
    for unit in range(first, last):
        begin, place, width = tile_at(unit, tiles, tile, n, inner)
        peak = offset(peaks, place)
        for i in range(width):
            target = targets[place + i]
            incoming = g[(place + i) * g_step] / divisor
            shares[i] = less[i] = smoothing / real(n) * incoming
            factors[i] = real(0)
            if target >= 0 and target < n and target != ignore_index:
                own = (real(1) - smoothing) * (weight[target] if has_weight else real(1)) * incoming
                factors[i] = (own + shares[i] * weight_sum) / totals[place + i]
        for row in range(n):
            source, result = offset(x, begin + row * inner), offset(gx, begin + row * inner)
            if has_weight:
                for i in range(width):
                    less[i] = shares[i] * weight[row]
            convert(source, source, width, peak, factors, less, result, EXP_LESS)
        for i in range(width):
            target = targets[place + i]
            incoming = g[(place + i) * g_step] / divisor
            if target == ignore_index or target < 0 or target >= n or incoming == real(0):
                for row in range(n):
                    gx[begin + row * inner + i] = real(0)
            else:
                own = (real(1) - smoothing) * (weight[target] if has_weight else real(1)) * incoming
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
) -> tuple[np.ndarray, float, float]:
    """The cross entropy of scores with a class: -weight[target] * log(softmax(x)[target]).

    x: (N, C, *), targets: (N, *) integers, weight: (C,) or None -> statistics: (3, N, *), the largest score, the sum
    of exp(score - largest), and the loss; the sum of the losses; the sum of weight[target]. Where the target is
    ``ignore_index`` loss and weight are 0. With label smoothing s the loss is (1 - s) of this and s / C of the sum over
    all classes (Szegedy et al. 2015). IndexError if a target is no class.
    """
    x, targets, n, inner = _inputs(x, targets)
    weight, weight_sum = _weights(x, weight)
    rows = targets.size
    statistics = np.empty((3, *targets.shape), x.dtype)
    if not rows:
        return statistics, 0.0, 0.0
    inputs = x, targets, weight, weight is not None, weight_sum, statistics
    if inner == 1:
        per_block = max(1, BLOCK_WORK // max(1, n))
        blocks = count_blocks(rows, per_block)
        tally = np.empty((blocks, 3))
        cross_entropy_block(*inputs, tally, rows, per_block, n, ignore_index, label_smoothing, blocks=blocks)
    else:
        tiles, tile, per_block = tiles_of(n, inner)
        units = len(x) * tiles
        blocks = count_blocks(units, per_block)
        tally = np.empty((blocks, 3))
        cross_entropy_columns_block(
            *inputs, tally, rows, units, per_block, n, inner, tiles, tile, ignore_index, label_smoothing, blocks=blocks
        )
    loss_sum, weight_sum, wrong = (tally[0] if blocks == 1 else tally.sum(0)).tolist()
    if wrong:
        found = tally[:, 2]
        place = np.unravel_index(int(found[found.nonzero()[0][0]]) - 1, targets.shape)
        at = f"row {place[0]}" if len(place) == 1 else f"{tuple(map(int, place))}"
        raise IndexError(
            f"cross_entropy: target {targets[place]} of {at} is none of the {n} classes of scores {x.shape}. Targets "
            f"run from 0 to {n - 1}; those to leave out have ignore_index={ignore_index}."
        )
    return statistics, loss_sum, weight_sum


def cross_entropy_gradient(
    g: np.ndarray,
    x: np.ndarray,
    targets: np.ndarray,
    statistics: np.ndarray,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    divisor: float = 1.0,
) -> np.ndarray:
    """Gradient of the losses of `cross_entropy` by the scores; arguments as there, and its statistics.

    g: (N, *), or () for all of them, is divided by ``divisor`` first -> (N, C, *). Where g is 0, and where the target
    is ignored, the gradient is 0 whatever the scores are.
    """
    x, targets, n, inner = _inputs(x, targets)
    weight, weight_sum = _weights(x, weight)
    gx = np.empty(x.shape, x.dtype)
    if not gx.size:
        return gx
    if not g.flags.c_contiguous or g.dtype != x.dtype:
        g = np.ascontiguousarray(g, x.dtype)
    rows = targets.size
    inputs = g, int(g.ndim > 0), divisor, x, targets, weight, weight is not None, weight_sum, statistics, gx, rows
    if inner == 1:
        per_block = max(1, BLOCK_WORK // n)
        blocks = count_blocks(rows, per_block)
        cross_entropy_gradient_block(*inputs, per_block, n, ignore_index, label_smoothing, blocks=blocks)
    else:
        tiles, tile, per_block = tiles_of(n, inner)
        units = len(x) * tiles
        cross_entropy_gradient_columns_block(
            *inputs, units, per_block, n, inner, tiles, tile, ignore_index, label_smoothing,
            blocks=count_blocks(units, per_block),
        )  # fmt: skip
    return gx
