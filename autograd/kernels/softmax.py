"""Softmax over rows, its logarithm, and the cross entropy of classes, each with its gradient.

The largest element of a row is subtracted before anything else, so that nothing overflows. A row that holds a NaN, +inf
or nothing but -inf gives NaN, as its limit does not exist.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.kernels.jit import Ints, Reals, block_range, count_blocks, inline, kernel, offset, real, sum_of
from autograd.kernels.vectors import row_exp, row_max

__all__ = [
    "cross_entropy",
    "cross_entropy_gradient",
    "log_softmax",
    "log_softmax_gradient",
    "softmax",
    "softmax_gradient",
]

BLOCK_WORK = 1 << 14  # elements that a block of rows should have, some 20 microseconds


@inline(reassociate=True)
def dot(x, y, n):
    total = real(0)
    for i in range(n):
        total += x[i] * y[i]
    return total


@kernel
def softmax_block(block: int, x: Reals, out: Reals, rows: int, rows_per_block: int, n: int) -> None:
    """Some rows."""
    first, last = block_range(block, rows_per_block, rows)
    for row in range(first, last):
        result = offset(out, row * n)
        source = offset(x, row * n)
        factor = real(1) / row_exp(source, row_max(source, n), n, result, True)
        for i in range(n):
            result[i] *= factor


@kernel
def log_softmax_block(block: int, x: Reals, out: Reals, rows: int, rows_per_block: int, n: int) -> None:
    """Some rows."""
    first, last = block_range(block, rows_per_block, rows)
    for row in range(first, last):
        result = offset(out, row * n)
        source = offset(x, row * n)
        largest = row_max(source, n)
        log_sum = math.log(row_exp(source, largest, n, source, False))
        for i in range(n):
            result[i] = (source[i] - largest) - log_sum


@kernel
def softmax_gradient_block(block: int, g: Reals, out: Reals, gx: Reals, rows: int, rows_per_block: int, n: int) -> None:
    """Some rows of out * (g - sum(g * out))."""
    first, last = block_range(block, rows_per_block, rows)
    for row in range(first, last):
        source, values, result = offset(g, row * n), offset(out, row * n), offset(gx, row * n)
        mean = dot(source, values, n)
        for i in range(n):
            result[i] = values[i] * (source[i] - mean)


@kernel
def log_softmax_gradient_block(
    block: int, g: Reals, out: Reals, gx: Reals, rows: int, rows_per_block: int, n: int
) -> None:
    """Some rows of g - exp(out) * sum(g)."""
    first, last = block_range(block, rows_per_block, rows)
    for row in range(first, last):
        source, result = offset(g, row * n), offset(gx, row * n)
        total = sum_of(source, n)
        row_exp(offset(out, row * n), real(0), n, result, True)
        for i in range(n):
            result[i] = source[i] - result[i] * total


def _rows(function: str, x: np.ndarray) -> tuple[np.ndarray, int, int]:
    """x contiguous; rows in a block; blocks. ValueError if x is not a matrix."""
    if x.ndim != 2:
        raise ValueError(f"{function}: the kernel takes rows, (R, D), got shape {x.shape}.")
    per_block = max(1, BLOCK_WORK // max(1, x.shape[1]))
    return np.ascontiguousarray(x), per_block, count_blocks(x.shape[0], per_block)


def _same_shape(function: str, g: np.ndarray, out: np.ndarray) -> None:
    if g.shape != out.shape:
        raise ValueError(f"{function}: the gradient has shape {g.shape}, but the output has {out.shape}.")


def softmax(x: np.ndarray) -> np.ndarray:
    """exp(x) of each row, divided by its sum.  x: (R, D) -> (R, D)"""
    x, per_block, blocks = _rows("softmax", x)
    out = np.empty_like(x)
    softmax_block(x, out, *x.shape[:1], per_block, x.shape[1], blocks=blocks)
    return out


def softmax_gradient(g: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Gradient of `softmax` by x.  g, out: (R, D) -> (R, D)"""
    _same_shape("softmax", g, out)
    g, per_block, blocks = _rows("softmax", g)
    gx = np.empty_like(g)
    softmax_gradient_block(g, np.ascontiguousarray(out), gx, *g.shape[:1], per_block, g.shape[1], blocks=blocks)
    return gx


def log_softmax(x: np.ndarray) -> np.ndarray:
    """The logarithm of `softmax`, exact also where the softmax is 0.  x: (R, D) -> (R, D)"""
    x, per_block, blocks = _rows("log_softmax", x)
    out = np.empty_like(x)
    log_softmax_block(x, out, *x.shape[:1], per_block, x.shape[1], blocks=blocks)
    return out


def log_softmax_gradient(g: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Gradient of `log_softmax` by x.  g, out: (R, D) -> (R, D)"""
    _same_shape("log_softmax", g, out)
    g, per_block, blocks = _rows("log_softmax", g)
    gx = np.empty_like(g)
    log_softmax_gradient_block(g, np.ascontiguousarray(out), gx, *g.shape[:1], per_block, g.shape[1], blocks=blocks)
    return gx


# --- Cross entropy ---------------------------------------------------------------------------------------------------


@inline(reassociate=True)
def weighted_gap(x, largest, weight, has_weight, n):
    """The sum of weight * (largest - x)."""
    total = real(0)
    if has_weight:
        for i in range(n):
            total += weight[i] * (largest - x[i])
    else:
        for i in range(n):
            total += largest - x[i]
    return total


@kernel
def cross_entropy_block(
    block: int, x: Reals, targets: Ints, weight: Reals, has_weight: int, weight_sum: float, losses: Reals,
    row_weights: Reals, statistics: Reals, wrong: Ints, rows: int, rows_per_block: int, n: int, ignore_index: int,
    smoothing: float,
) -> None:  # fmt: skip
    """Some rows. A row whose target is out of range goes to wrong[block], + 1."""
    first, last = block_range(block, rows_per_block, rows)
    wrong[block] = 0
    for row in range(first, last):
        target = targets[row]
        losses[row] = row_weights[row] = real(0)
        statistics[2 * row], statistics[2 * row + 1] = real(0), real(1)
        if target != ignore_index:
            if target < 0 or target >= n:
                wrong[block] = row + 1
            else:
                source = offset(x, row * n)
                largest = row_max(source, n)
                total = row_exp(source, largest, n, source, False)
                log_sum = math.log(total)
                own = weight[target] if has_weight else real(1)
                loss = own * (log_sum - (source[target] - largest))
                if smoothing > real(0):
                    # the sum of weight * (log_sum + largest - x), over all classes
                    others = weight_sum * log_sum + weighted_gap(source, largest, weight, has_weight, n)
                    loss = (real(1) - smoothing) * loss + smoothing / real(n) * others
                losses[row], row_weights[row] = loss, own
                statistics[2 * row], statistics[2 * row + 1] = largest, total


@kernel
def cross_entropy_gradient_block(
    block: int, g: Reals, x: Reals, targets: Ints, weight: Reals, has_weight: int, weight_sum: float,
    statistics: Reals, gx: Reals, rows: int, rows_per_block: int, n: int, ignore_index: int, smoothing: float,
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
            row_exp(offset(x, row * n), statistics[2 * row], n, result, True)
            factor = (own + share * weight_sum) / statistics[2 * row + 1]
            if smoothing > real(0) and has_weight:
                for i in range(n):
                    result[i] = result[i] * factor - share * weight[i]
            else:
                for i in range(n):
                    result[i] = result[i] * factor - share
            result[target] -= own


def _weights(logits: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray | None, float]:
    """Class weights in the logits' dtype, and their sum."""
    classes = logits.shape[1]
    if weight is None:
        return None, float(classes)
    if weight.shape != (classes,):
        raise ValueError(
            f"cross_entropy: weight has one element for each of the {classes} classes, got shape {weight.shape}."
        )
    weight = np.ascontiguousarray(weight, logits.dtype)
    return weight, float(weight.sum(dtype=np.float64))


def _targets(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Targets as contiguous int64; errors if they are not one class for each row."""
    if targets.dtype.kind not in "iu":
        raise TypeError(f"cross_entropy: targets are class numbers, of an integer dtype, got {targets.dtype}.")
    if targets.shape != logits.shape[:1]:
        raise ValueError(
            f"cross_entropy: logits {logits.shape} need targets of shape {logits.shape[:1]}, got {targets.shape}."
        )
    return np.ascontiguousarray(targets, np.int64)


def cross_entropy(
    logits: np.ndarray,
    targets: np.ndarray,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cross entropy of each row with its class: -weight[target] * log(softmax(logits)[target]).

    logits: (N, C), targets: (N,) integers, weight: (C,) or None -> losses: (N,), row_weights: (N,) weight[target],
    statistics: (N, 2) the row's largest element, and its sum of exp(logit - largest), for the gradient. A row whose
    target is ``ignore_index`` has loss and weight 0. The mean over a batch is losses.sum() / row_weights.sum().
    With label smoothing s the loss is (1 - s) of this and s / C of the sum over all classes (Szegedy et al. 2015).
    IndexError if a target is no class.
    """
    x, per_block, blocks = _rows("cross_entropy", logits)
    targets = _targets(x, targets)
    weight, weight_sum = _weights(x, weight)
    rows, classes = x.shape
    losses, row_weights, statistics = np.empty(rows, x.dtype), np.empty(rows, x.dtype), np.empty((rows, 2), x.dtype)
    wrong = np.empty(blocks, np.int64)
    cross_entropy_block(
        x, targets, weight, weight is not None, weight_sum, losses, row_weights, statistics, wrong,
        rows, per_block, classes, ignore_index, label_smoothing, blocks=blocks,
    )  # fmt: skip
    if wrong.any():
        row = int(wrong[wrong.nonzero()[0][0]]) - 1
        raise IndexError(
            f"cross_entropy: target {targets[row]} of row {row} is none of the {classes} classes of logits "
            f"{logits.shape}. Targets run from 0 to {classes - 1}; rows to leave out have ignore_index={ignore_index}."
        )
    return losses, row_weights, statistics


def cross_entropy_gradient(
    g: np.ndarray,
    logits: np.ndarray,
    targets: np.ndarray,
    statistics: np.ndarray,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
) -> np.ndarray:
    """Gradient of the losses of `cross_entropy` by the logits; arguments as there, its statistics, and g: (N,).

    -> (N, C). Rows with g = 0, and ignored ones, have gradient 0 whatever they hold.
    """
    x, per_block, blocks = _rows("cross_entropy", logits)
    weight, weight_sum = _weights(x, weight)
    gx = np.empty_like(x)
    cross_entropy_gradient_block(
        np.ascontiguousarray(g, x.dtype), x, _targets(x, targets), weight, weight is not None, weight_sum,
        np.ascontiguousarray(statistics), gx, *x.shape[:1], per_block, x.shape[1], ignore_index, label_smoothing,
        blocks=blocks,
    )  # fmt: skip
    return gx
