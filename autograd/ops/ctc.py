"""The loss of sequences that are not aligned with their labels."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite
from ..fused import fused
from ..op import Sample, keep
from .comparison import where
from .elementwise import exp, log
from .indexing import getitem
from .joining import cat
from .loss import reduced
from .reduction import values_of
from .shape import squeeze, unsqueeze
from .windows import as_array


def _states(labels: np.ndarray, target_lengths: np.ndarray, blank: int) -> tuple[np.ndarray, np.ndarray]:
    """The classes of the states, and which may be reached past a blank.  labels: (N, S) -> (N, 2 S + 1), (N, 2 S + 3)

    A blank stands between all labels, and may be left out between two that differ.
    """
    batch, most = labels.shape
    states = np.full((batch, 2 * most + 1), blank)
    states[:, 1::2] = np.where(np.arange(most) < target_lengths[:, None], labels, blank)
    skip = np.full((batch, 2 * most + 3), -np.inf)
    skip[:, 2:-2][(states[:, 2:] != blank) & (states[:, 2:] != states[:, :-2])] = 0
    return states, skip


def _log_sum(terms: list[Any]) -> Any:
    """The logarithm of a sum of exponentials, element by element; minus infinity, with gradient 0, of nothing else."""
    largest = np.maximum.reduce([values_of(term) for term in terms])
    nothing = largest == -np.inf
    largest = np.where(nothing, 0.0, largest)
    total = sum((exp(term - largest) for term in terms[1:]), exp(terms[0] - largest))
    return where(nothing, -np.inf, log(where(nothing, 1.0, total)) + largest)


@fused(method=False)
def ctc_losses(x, labels, input_lengths, target_lengths, blank):
    """The loss of each sequence: what `ctc_loss` calls.

    x: (T, N, C), labels: (N, S), input_lengths, target_lengths: (N) -> (N)
    """
    x = as_array(x)
    labels, steps, counts = (np.asarray(values_of(as_array(a))) for a in (labels, input_lengths, target_lengths))
    states, skip = _states(labels, counts, blank)
    batch, width = states.shape
    rows = np.arange(batch)
    seen = getitem(x, (slice(None), rows[:, None], states))  # (T, N, W)
    start = np.arange(width) < 2
    alpha = where(start, seen[0], -np.inf) if len(x) else None
    for t in range(1, len(x)):
        before = cat([np.full((batch, 2), -np.inf, x.dtype), alpha], 1)
        jump = where(skip[:, :width] == 0, before[:, :width], -np.inf)
        after = _log_sum([alpha, before[:, 1:-1], jump]) + seen[t]
        alpha = where((t < steps)[:, None], after, alpha)
    if alpha is None:
        return where(counts == 0, 0.0, np.inf) + x.sum((0, 2))
    last = getitem(alpha, (rows, 2 * counts))
    other = where(counts > 0, getitem(alpha, (rows, np.maximum(2 * counts - 1, 0))), -np.inf)
    loss = -_log_sum([last, other])
    return where(steps == 0, np.where(counts == 0, 0.0, np.inf), loss).astype(x.dtype)


@ctc_losses.kernel
def _(x, labels, input_lengths, target_lengths, blank):
    states, skip = _states(labels, target_lengths, blank)
    double = x.astype(np.float64, copy=False)
    losses, alpha = kernels.ctc.forward(double, states, skip, input_lengths, target_lengths)
    return keep(losses.astype(x.dtype), states=states, skip=skip, alpha=alpha, losses=losses)


@ctc_losses.backward("x")
def _(g, x, input_lengths, target_lengths, states, skip, alpha, losses):
    double = x.astype(np.float64, copy=False)
    incoming = g.astype(np.float64, copy=False)
    gx = kernels.ctc.backward(incoming, double, states, skip, input_lengths, target_lengths, alpha, losses)
    return (gx.astype(x.dtype, copy=False),)


def _lengths(op: str, name: str, lengths: Any, batch: int, most: int) -> np.ndarray:
    found = np.asarray(values_of(as_array(lengths)))
    if found.dtype.kind not in "iu":
        raise TypeError(f"{op}: {name} are integers, not {found.dtype}. Use {name}.long().")
    found = found.reshape(-1).astype(np.int64)
    if found.shape != (batch,):
        raise ValueError(f"{op}: {name} has {found.size} elements for a batch of {batch}. Give one for each sequence.")
    if found.size and not 0 <= found.min() <= found.max() <= most:
        wrong = int(found[(found < 0) | (found > most)][0])
        raise ValueError(f"{op}: {name} holds {wrong}. They must be from 0 to {most}.")
    return found


def _labels(op: str, targets: np.ndarray, target_lengths: Any, batch: int, classes: int, blank: int) -> tuple[Any, Any]:
    """The targets of each sequence in a row, and how many they are.  -> (N, S), (N)"""
    if targets.dtype.kind not in "iu":
        raise TypeError(f"{op}: targets are class indices, integers, not {targets.dtype}. Use targets.long().")
    if targets.ndim == 2:
        if len(targets) != batch:
            raise ValueError(f"{op}: the targets {targets.shape} are {len(targets)} sequences in a batch of {batch}.")
        labels = targets.astype(np.int64)
        counts = _lengths(op, "target_lengths", target_lengths, batch, targets.shape[1])
    else:
        counts = _lengths(op, "target_lengths", target_lengths, batch, targets.size)
        if counts.sum() != targets.size:
            raise ValueError(
                f"{op}: the targets are {targets.size} in a row, and target_lengths add up to {counts.sum()}. They "
                f"must be equal; padded targets are (N, S)."
            )
        labels = np.full((batch, int(counts.max(initial=0))), blank, np.int64)
        labels[np.arange(labels.shape[1]) < counts[:, None]] = targets
    used = labels[np.arange(labels.shape[1]) < counts[:, None]]
    if used.size and not 0 <= used.min() <= used.max() < classes:
        wrong = int(used[(used < 0) | (used >= classes)][0])
        raise IndexError(f"{op}: target {wrong} is out of range for {classes} classes.")
    if (used == blank).any():
        raise ValueError(f"{op}: the blank, {blank}, is among the targets. Give it a class of its own.")
    return labels, counts


def _ctc_reference(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    """The sum over every sequence of classes that reads as the labels, one after the other."""
    alone = log_probs.ndim == 2
    x = log_probs[:, None] if alone else log_probs
    inputs, counts = np.reshape(input_lengths, -1), np.reshape(target_lengths, -1)
    ends = np.cumsum(counts)
    losses = []
    for n in range(x.shape[1]):
        own = targets[n, : counts[n]] if targets.ndim == 2 else targets.reshape(-1)[ends[n] - counts[n] : ends[n]]
        total = 0.0
        for path in itertools.product(range(x.shape[2]), repeat=int(inputs[n])):
            read = [c for i, c in enumerate(path) if c != blank and (i == 0 or path[i - 1] != c)]
            if read == own.tolist():
                total += np.exp(sum(x[t, n, c] for t, c in enumerate(path)))
        losses.append(-np.log(total) if total else 0.0 if zero_infinity else np.inf)
    out = np.array(losses)
    if reduction == "mean":
        return (out / np.maximum(counts, 1)).mean()
    return out.sum() if reduction == "sum" else out[0] if alone else out


@composite(method=False, reference=_ctc_reference)
def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    """Connectionist temporal classification: how unlikely it is that a sequence reads as its labels.

    log_probs: (T, N, C) or (T, C), logarithms of probabilities, as of `log_softmax`; targets: (N, S), padded, or
    (sum of target_lengths,), one sequence behind the other -> () or, without reduction, (N,) or ()
    input_lengths, target_lengths: (N,) or (), how much of each sequence counts. blank: the class that stands for no
    label, which is never a target. reduction: "mean" (of the losses divided by their target lengths), "sum" or "none".
    zero_infinity: a sequence too short for its labels has loss 0 instead of infinity. Its gradient is 0 either way.
    The gradient is that by log_probs as they are. PyTorch's is already the one before the softmax; behind a
    `log_softmax` both come to the same. Second derivatives exist, and take a step for each of T.
    Source: Graves et al., Connectionist temporal classification, 2006.

    >>> import autograd as ag
    >>> ag.ctc_loss(ag.tensor([[0.5, 0.5], [0.5, 0.5]]).log(), ag.tensor([1]), 2, 1).exp()
    tensor(1.3333)
    """
    op = "ctc_loss"
    log_probs = as_array(log_probs)
    if log_probs.ndim not in (2, 3):
        raise ValueError(f"{op}: log_probs have shape {log_probs.shape}. They must be (T, N, C) or (T, C).")
    if log_probs.dtype.kind != "f":
        raise TypeError(f"{op}: log_probs must have a floating-point dtype, not {log_probs.dtype}. Use x.float().")
    alone = log_probs.ndim == 2
    x = unsqueeze(log_probs, 1) if alone else log_probs
    time, batch, classes = x.shape
    if not isinstance(blank, (int, np.integer)) or not 0 <= blank < classes:
        raise ValueError(f"{op}: blank must be a class from 0 to {classes - 1}, not {blank!r}.")
    given = np.asarray(values_of(as_array(targets)))
    if given.ndim not in (1, 2):
        raise ValueError(f"{op}: the targets have shape {given.shape}. They must be (N, S), or all in one row.")
    steps = _lengths(op, "input_lengths", input_lengths, batch, time)
    labels, counts = _labels(op, given, target_lengths, batch, classes, int(blank))
    losses = ctc_losses(x, labels, steps, counts, int(blank))
    if zero_infinity:
        losses = where(values_of(losses) == np.inf, 0.0, losses)
    if reduction == "mean":
        return reduced(op, losses / np.maximum(counts, 1).astype(losses.dtype), reduction)
    return reduced(op, squeeze(losses, 0) if alone and reduction == "none" else losses, reduction)


def _log_probabilities(draw, *shape):
    x = draw(*shape)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


@ctc_losses.samples
def _(draw):
    def some(time, batch, classes, most, blank=0, short=0):
        labels = draw.integers(batch, most, low=1, high=classes)
        labels = np.where(labels <= blank, labels - 1, labels) if blank else labels
        inputs = draw.integers(batch, low=time - short, high=time + 1)
        counts = draw.integers(batch, low=max(0, most - 2), high=most + 1)
        return Sample(_log_probabilities(draw, time, batch, classes), labels, inputs, counts, blank)

    yield some(7, 3, 4, 3)
    yield some(6, 2, 3, 2, 2, short=2)
    yield some(5, 4, 3, 2, 1, short=1)
    yield some(1, 3, 3, 1)
    yield some(4, 1, 5, 0)
    yield some(9, 2, 2, 4)


@ctc_loss.samples
def _(draw):
    labels = np.array([[1, 2, 2], [3, 1, 0], [2, 0, 0]])
    x = _log_probabilities(draw, 5, 3, 4)
    counts = np.array([3, 2, 1])
    for reduction in ("mean", "sum", "none"):
        yield Sample(x, labels, np.array([5, 4, 5]), counts, reduction=reduction)
    yield Sample(x, np.array([1, 2, 2, 3, 1, 2]), np.array([5, 5, 3]), counts)
    yield Sample(x, labels, (5, 3, 4), (3, 2, 0), 0, "sum")
    yield Sample(x, np.array([[0, 1], [2, 2], [1, 0]]), np.array([5, 4, 5]), np.array([2, 2, 1]), blank=3)
    yield Sample(x, labels, np.array([3, 2, 1]), counts, zero_infinity=True, reduction="none")
    yield Sample(_log_probabilities(draw, 5, 3), np.array([1, 2]), np.array(5), np.array(2))
    yield Sample(_log_probabilities(draw, 4, 3), np.array([1, 1]), np.array(4), np.array(2), reduction="none")


@ctc_loss.errors
def _(draw):
    x, labels = draw(5, 2, 4), np.array([[1, 2], [3, 1]])
    yield Sample(draw(5), labels, (5, 5), (2, 2)), ValueError, "(T, N, C)"
    yield Sample(draw.integers(5, 2, 4), labels, (5, 5), (2, 2)), TypeError, "x.float()"
    yield Sample(x, labels, (6, 5), (2, 2)), ValueError, "from 0 to 5"
    yield Sample(x, labels, (5, 5), (3, 2)), ValueError, "from 0 to 2"
    yield Sample(x, labels, (5,), (2, 2)), ValueError, "a batch of 2"
    yield Sample(x, labels, (5, 5), (2, 2), 4), ValueError, "from 0 to 3"
    yield Sample(x, labels, (5, 5), (2, 2), 1), ValueError, "among the targets"
    yield Sample(x, labels + 3, (5, 5), (2, 2)), IndexError, "out of range for 4 classes"
    yield Sample(x, labels[:1], (5, 5), (2, 2)), ValueError, "1 sequences in a batch of 2"
    yield Sample(x, labels[0], (5, 5), (2, 2)), ValueError, "add up to 4"
    yield Sample(x, draw(2, 2), (5, 5), (2, 2)), TypeError, "targets.long()"
    yield Sample(x, labels, (5, 5), (2, 2), reduction="max"), ValueError, "reduction"
