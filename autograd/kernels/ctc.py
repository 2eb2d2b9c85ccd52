"""Connectionist temporal classification: the sum over all alignments of labels with time, forwards and backwards.

Of each sequence the labels stand between blanks: W = 2 S + 1 states, of which 2 L + 1 are used for L labels. All of it
is computed in logarithms, and in double precision: what single precision loses at each step of time would add up.
"""

from __future__ import annotations

import numpy as np

from autograd.kernels.jit import Ints, Reals, inline, kernel, offset, real, worker_count
from autograd.kernels.scalar_math import exp, log

__all__ = ["backward", "forward"]


@inline
def log_sum(a, b, c):
    """log(exp(a) + exp(b) + exp(c)), for numbers that may all be minus infinity."""
    largest = a if a > b else b
    largest = largest if largest > c else c
    largest = largest if largest > real(-np.inf) else real(0)
    return largest + log(exp(a - largest) + exp(b - largest) + exp(c - largest))


@kernel
def forward_block(
    block: int, worker: int, x: Reals, states: Ints, skip: Reals, steps: Ints, labels: Ints, alpha: Reals,
    losses: Reals, scratch: Reals, time: int, batch: int, classes: int, width: int,
) -> None:  # fmt: skip
    """One sequence.  alpha: (N, T, 2 + W), where the first two of each row stand for states before the first."""
    row = width + 2
    used = 2 * labels[block] + 1
    state, jump, seen = offset(states, block * width), offset(skip, block * row), offset(scratch, worker * width)
    table = offset(alpha, block * time * row)
    count = steps[block]
    for t in range(count):
        source, target = offset(x, (t * batch + block) * classes), offset(table, t * row)
        for s in range(used):
            seen[s] = source[state[s]]
        target[0] = target[1] = real(-np.inf)
        if t == 0:
            for s in range(used):
                target[s + 2] = seen[s] if s < 2 else real(-np.inf)
        else:
            before = offset(target, -row)
            for s in range(used):
                target[s + 2] = log_sum(before[s + 2], before[s + 1], before[s] + jump[s]) + seen[s]
    if count == 0:
        losses[block] = real(0) if used == 1 else real(np.inf)
    else:
        last = offset(table, (count - 1) * row + used)
        losses[block] = -log_sum(last[1], last[0] if used > 1 else real(-np.inf), real(-np.inf))


@kernel
def backward_block(
    block: int, worker: int, g: Reals, x: Reals, states: Ints, skip: Reals, steps: Ints, labels: Ints, alpha: Reals,
    losses: Reals, gx: Reals, scratch: Reals, time: int, batch: int, classes: int, width: int,
) -> None:  # fmt: skip
    """One sequence: less g times the probability of each state at each time.  gx is zeros."""
    row = width + 2
    used = 2 * labels[block] + 1
    state, jump = offset(states, block * width), offset(skip, block * row)
    beta = offset(scratch, worker * 2 * row)
    after = offset(beta, row)
    count, loss, incoming = steps[block], losses[block], g[block]
    if incoming != real(0) and loss != real(np.inf):
        for s in range(row):
            after[s] = real(-np.inf)
        for back in range(count):
            t = count - 1 - back
            source, target = offset(x, (t * batch + block) * classes), offset(gx, (t * batch + block) * classes)
            before = offset(alpha, (block * time + t) * row + 2)
            if back == 0:
                for s in range(used):
                    beta[s] = real(0) if s >= used - 2 else real(-np.inf)
            else:
                for s in range(used):
                    beta[s] = log_sum(after[s], after[s + 1], after[s + 2] + jump[s + 2])
            for s in range(used):
                after[s] = exp(before[s] + beta[s] + loss)
            for s in range(used):
                target[state[s]] -= incoming * after[s]
            for s in range(used):
                after[s] = beta[s] + source[state[s]]


def _layout(x: np.ndarray, states: np.ndarray) -> tuple[int, int, int, int]:
    return *x.shape, states.shape[1]


def forward(
    x: np.ndarray, states: np.ndarray, skip: np.ndarray, steps: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The loss of each sequence, and what `backward` takes.  -> (N), (N, T, W + 2)

    x: logarithms of probabilities, (T, N, C) float64; states: the class of each, (N, W); skip: (N, W + 2), 0 for a
    state that may come right after the one before the last, else minus infinity; steps, labels: how many, (N).
    """
    time, batch, _, width = layout = _layout(x, states)
    x, states, skip, steps, labels = (np.ascontiguousarray(a) for a in (x, states, skip, steps, labels))
    alpha = np.empty((batch, time, width + 2))
    losses = np.empty(batch)
    workers = worker_count(batch)
    scratch = np.empty((workers, width))
    forward_block(x, states, skip, steps, labels, alpha, losses, scratch, *layout, blocks=batch, workers=workers)
    return losses, alpha


def backward(
    g: np.ndarray, x: np.ndarray, states: np.ndarray, skip: np.ndarray, steps: np.ndarray, labels: np.ndarray,
    alpha: np.ndarray, losses: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The gradient by x, from that of the losses, (N), and from what `forward` took and gave.  -> (T, N, C)"""
    batch, width = states.shape
    g, x, states, skip, steps, labels = (np.ascontiguousarray(a) for a in (g, x, states, skip, steps, labels))
    gx = np.zeros(x.shape)
    workers = worker_count(batch)
    scratch = np.empty((workers, 2, width + 2))
    backward_block(
        g, x, states, skip, steps, labels, alpha, losses, gx, scratch, *_layout(x, states), blocks=batch,
        workers=workers,
    )  # fmt: skip
    return gx
