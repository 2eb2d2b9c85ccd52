"""Losses of class scores: cross-entropy and negative log-likelihood."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..fused import fused
from ..op import Sample, keep
from ..tensor import Tensor
from .comparison import where
from .creation import as_tensor
from .loss import reduced, wrong_reduction
from .softmax import log_softmax

_REDUCTIONS = ("mean", "sum", "none")


# ---------------------------------------------------------------------------------------------------------------------
# What was given
# ---------------------------------------------------------------------------------------------------------------------
def class_axis(op: str, x: Any) -> int:
    if not x.ndim:
        raise ValueError(f"{op}: the input has no axis of classes. It must be (C,), (N, C) or (N, C, d1, d2, ...).")
    if x.dtype.kind != "f":
        raise TypeError(f"{op}: the input must have a floating-point dtype, not {x.dtype}. Use input.float().")
    return min(1, x.ndim - 1)


def checked_classes(op: str, x: Any, target: Any, ignore_index: int) -> tuple[np.ndarray, np.ndarray | None]:
    """The class indices, those to ignore set to 0; and which ones to ignore, None if there is none to ignore."""
    labels = as_tensor(target).data
    axis = class_axis(op, x)
    classes = x.shape[axis]
    _check_labels(op, x, labels, axis)
    if not labels.size:
        return labels, None
    low, high = int(labels.min()), int(labels.max())
    if low >= 0 and high < classes and not low <= ignore_index <= high:
        return labels, None
    ignored = labels == ignore_index
    wrong = ((labels < 0) | (labels >= classes)) & ~ignored
    if wrong.any():
        place = tuple(int(i[0]) for i in np.nonzero(wrong))
        named = place[0] if len(place) == 1 else place
        where_it_is = f" at index {named}" if place else ""
        raise IndexError(
            f"{op}: target {int(labels[place])}{where_it_is} is out of range for {classes} classes "
            f"(0 to {classes - 1}), the input having shape {x.shape}."
        )
    return (np.where(ignored, 0, labels), ignored) if ignored.any() else (labels, None)


def _check_labels(op: str, x: Any, labels: np.ndarray, axis: int) -> None:
    """Raises unless they are integers, one for each row of classes."""
    wanted = x.shape[:axis] + x.shape[axis + 1 :]
    if labels.dtype.kind not in "iu":
        raise TypeError(
            f"{op}: class indices are integers, and the target is {labels.dtype} of shape {labels.shape}. "
            f"Use target.long()."
        )
    if labels.shape != wanted:
        text = f"{op}: the input has shape {x.shape}, so the target must have shape {wanted}, not {labels.shape}"
        if labels.size == math.prod(wanted) and 1 in labels.shape:
            raise ValueError(f"{text}: use target.reshape{wanted}.")
        if labels.shape == x.shape:
            raise ValueError(
                f"{text}. Of one-hot rows take target.argmax({axis}), or make them probabilities: .float()."
            )
        raise ValueError(f"{text}.")


def checked_weight(op: str, weight: Any, x: Any, axis: int) -> np.ndarray | None:
    """The weights of the classes, which are constants."""
    if weight is None:
        return None
    if isinstance(weight, Tensor) and weight.requires_grad:
        raise ValueError(f"{op}: the weights of classes are constants and can not require a gradient. Use .detach().")
    weight = as_tensor(weight).data
    if weight.shape != (x.shape[axis],):
        raise ValueError(
            f"{op}: the weights have shape {weight.shape}, and the input {x.shape} has {x.shape[axis]} classes. Give "
            f"one weight for each class."
        )
    return weight.astype(x.dtype, copy=False)


def _are_probabilities(op: str, x: Any, target: Any) -> bool:
    """Whether the target holds a probability for each class, rather than one class index."""
    if target.dtype.kind != "f":
        return False
    if target.shape != x.shape:
        if target.ndim == x.ndim - 1:
            raise TypeError(
                f"{op}: class indices are integers, and the target is {target.dtype} of shape {target.shape}. Use "
                f"target.long()."
            )
        raise ValueError(
            f"{op}: the input has shape {x.shape} and the target {target.shape}. Class probabilities must have the "
            f"shape of the input, and class indices be integers."
        )
    return True


def of_label(x: Any, labels: np.ndarray, axis: int) -> Any:
    """The element of each label along the axis of classes."""
    if x.ndim == 1:
        return x[labels]
    places: list[Any] = list(np.indices(labels.shape, sparse=True))
    return x[(*places[:axis], labels, *places[axis:])]


def _along(weight: np.ndarray, ndim: int, axis: int) -> np.ndarray:
    """One number for each class, shaped to broadcast along the axis of classes."""
    return weight.reshape([-1 if i == axis else 1 for i in range(ndim)])


# ---------------------------------------------------------------------------------------------------------------------
# Negative log-likelihood
# ---------------------------------------------------------------------------------------------------------------------
@fused(method=False)
def nll_loss(x, target, weight=None, ignore_index=-100, reduction="mean"):
    """Minus the log-probability of the target class, averaged.

    x: (C,), (N, C) or (N, C, d1, d2, ...), log-probabilities; target: class indices, the shape of x without C
    -> () or, without reduction, the shape of target
    weight: (C,), a factor for each class; the mean is by the sum of the targets' weights.
    ignore_index: targets of this value count for nothing. reduction: "mean", "sum" or "none".
    IndexError for a target that is no class.
    """
    return _nll("nll_loss", as_tensor(x), target, weight, ignore_index, reduction, 0.0)


@nll_loss.kernel
def _(x, target, weight, ignore_index, reduction):
    """Rows of classes, as they come out of log_softmax: one element of each is read, and one of each written."""
    if x.ndim != 2 or not isinstance(target, np.ndarray) or target.dtype.kind not in "iu" or not target.size:
        return NotImplemented
    if x.dtype.char not in "fd" or reduction not in _REDUCTIONS:
        return NotImplemented
    labels, ignored = checked_classes("nll_loss", x, target, ignore_index)
    weights = checked_weight("nll_loss", weight, x, 1)
    rows = np.arange(labels.size)
    losses = x[rows, labels]
    factors = None if weights is None else weights[labels]
    if ignored is not None:
        losses[ignored] = 0
        factors = (~ignored).astype(x.dtype) if factors is None else np.where(ignored, x.dtype.type(0), factors)
    if factors is not None:
        losses *= factors
    np.negative(losses, out=losses)
    if reduction == "none":
        return keep(losses, places=(rows, labels), factors=factors, total=None)
    total = None
    if reduction == "mean":
        total = x.dtype.type(labels.size) if factors is None else factors.sum()
    out = losses.sum()
    return keep(out if total is None else out / total, places=(rows, labels), factors=factors, total=total)


@nll_loss.backward("x")
def _(g, x_shape, places, factors, total):
    out = np.zeros(x_shape, g.dtype)
    g = -g if total is None else -g / total
    if factors is not None:  # where nothing counts, nothing is handed on, not even a NaN
        g = np.where(factors == 0, g.dtype.type(0), g * factors)
    out[places] = g
    return (out,)


def _nll(op: str, x: Tensor, target: Any, weight: Any, ignore_index: int, reduction: str, smoothing: float) -> Tensor:
    """The loss of log-probabilities x; `smoothing` of it is that of all classes alike."""
    if reduction not in _REDUCTIONS:
        raise wrong_reduction(op, reduction)
    axis = class_axis(op, x)
    labels, ignored = checked_classes(op, x, target, ignore_index)
    weights = checked_weight(op, weight, x, axis)
    losses = -of_label(x, labels, axis)
    if weights is not None:
        losses = losses * weights[labels]
    if smoothing:
        every = x if weights is None else x * _along(weights, x.ndim, axis)
        losses = losses * (1 - smoothing) - every.sum(axis) * (smoothing / x.shape[axis])
    if ignored is not None:
        losses = where(ignored, 0.0, losses)
    if reduction == "mean":
        return losses.sum() / _total_weight(labels, ignored, weights, x.dtype)
    return reduced(op, losses, reduction)


def _total_weight(labels: np.ndarray, ignored: np.ndarray | None, weights: np.ndarray | None, dtype: np.dtype) -> Any:
    """What a mean over the targets is divided by."""
    if weights is None:
        return dtype.type(labels.size if ignored is None else labels.size - np.count_nonzero(ignored))
    chosen = weights[labels]
    return dtype.type(np.sum(chosen if ignored is None else chosen[~ignored]))


# ---------------------------------------------------------------------------------------------------------------------
# Cross-entropy
# ---------------------------------------------------------------------------------------------------------------------
def _check_smoothing(smoothing: float) -> None:
    if not 0 <= smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing must be between 0 and 1, not {smoothing}.")


@fused(method=False)
def cross_entropy(x, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """Minus the logarithm of the target class' share in the softmax of x, averaged.

    x: (C,), (N, C) or (N, C, d1, d2, ...), scores of any size ("logits", not probabilities)
    target: class indices, the shape of x without C; or class probabilities, the shape of x
    -> () or, without reduction, the shape of x without C
    weight: (C,), a factor for each class; with class indices the mean is by the sum of the targets' weights.
    ignore_index: class indices of this value count for nothing. reduction: "mean", "sum" or "none".
    label_smoothing: this share of the target's probability goes to all classes alike.
    IndexError for a class index that is no class.

    >>> import autograd as ag
    >>> ag.cross_entropy(ag.tensor([[0.0, 0.0]]), ag.tensor([1]))
    tensor(0.6931)
    """
    _check_smoothing(label_smoothing)
    x, target = as_tensor(x), as_tensor(target)
    axis = class_axis("cross_entropy", x)
    if x.dtype == np.float16:  # too coarse for sums over many classes
        found = cross_entropy(x.astype(np.float32), target, weight, ignore_index, reduction, label_smoothing)
        return found.astype(np.float16)
    if not _are_probabilities("cross_entropy", x, target):
        logs = log_softmax(x, axis)
        return _nll("cross_entropy", logs, target, weight, ignore_index, reduction, label_smoothing)
    if reduction not in _REDUCTIONS:
        raise wrong_reduction("cross_entropy", reduction)
    weights = checked_weight("cross_entropy", weight, x, axis)
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / x.shape[axis]
    terms = log_softmax(x, axis) * target
    if weights is not None:
        terms = terms * _along(weights, x.ndim, axis)
    losses = -terms.sum(axis)
    if reduction == "mean":
        return losses.sum() / losses.data.size if losses.data.size else losses.mean()
    return reduced("cross_entropy", losses, reduction)


@cross_entropy.kernel
def _(x, target, weight, ignore_index, reduction, label_smoothing):
    """Class indices only.  Of each row the largest element and what the softmax is divided by are kept."""
    if not isinstance(target, np.ndarray) or target.dtype.kind not in "iu" or reduction not in _REDUCTIONS:
        return NotImplemented
    if x.dtype.char not in "fd" or not x.size:
        return NotImplemented
    _check_smoothing(label_smoothing)
    axis = class_axis("cross_entropy", x)
    _check_labels("cross_entropy", x, target, axis)
    weights = checked_weight("cross_entropy", weight, x, axis)
    scores, labels = (x, target) if axis else (x[None], target[None])
    try:
        found = kernels.cross_entropy.cross_entropy(scores, labels, weights, ignore_index, label_smoothing)
    except IndexError:
        checked_classes("cross_entropy", x, target, ignore_index)  # says where it is
        raise
    statistics, total, divisor = found
    if reduction == "none":
        return keep(statistics[2].reshape(target.shape), statistics=statistics, weights=weights, divisor=1.0)
    if reduction == "sum":
        divisor = 1.0
    mean = total / divisor if divisor else np.float64(total) / divisor
    return keep(np.array(mean, x.dtype), statistics=statistics, weights=weights, divisor=divisor)


@cross_entropy.backward("x")
def _(g, x, target, ignore_index, label_smoothing, statistics, weights, divisor):
    scores, labels = (x, target) if x.ndim > 1 else (x[None], target[None])
    if g.ndim and g.shape != labels.shape:
        g = g.reshape(labels.shape)
    options = weights, ignore_index, label_smoothing, divisor
    out = kernels.cross_entropy.cross_entropy_gradient(np.asarray(g), scores, labels, statistics, *options)
    return (out if x.ndim > 1 else out[0],)


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
def _labels(draw):
    yield draw(4, 3), draw.integers(4, low=0, high=3)
    yield draw(3), np.array(2)
    yield draw(2, 3, 4), draw.integers(2, 4, low=0, high=3)
    yield draw(2, 3, 2, 2), draw.integers(2, 2, 2, low=0, high=3)


def _ignoring(labels):
    labels = labels.copy()
    labels[..., ::2] = -100
    return labels


@nll_loss.samples
def _(draw):
    for x, labels in _labels(draw):
        yield Sample(x, labels)
        yield Sample(x, labels, np.array([1, 3, 2]), 1, reduction="none")
    yield Sample(x, _ignoring(labels))
    yield Sample(x, _ignoring(labels), np.array([1, 3, 2]))
    yield Sample(draw(0, 3), draw.integers(0), reduction="sum")


@cross_entropy.samples
def _(draw):
    weights = np.array([1, 3, 2])
    for x, labels in _labels(draw):
        yield Sample(x, labels)
        yield Sample(x, labels, weights, 1, "none", 0.2)
    yield Sample(x, _ignoring(labels))
    yield Sample(x, _ignoring(labels), weights, label_smoothing=0.1)
    yield Sample(x, labels, reduction="sum", label_smoothing=0.1)
    yield Sample(draw(0, 3), draw.integers(0), reduction="sum")
    yield Sample(draw(4, 3, low=-300.0, high=300.0), draw.integers(4, low=0, high=3), reduction="none")
    for shape in ((4, 3), (3,), (2, 3, 4)):
        yield Sample(draw(*shape), draw(*shape, low=0.0, high=1.0))
        yield Sample(draw(*shape), draw(*shape, low=0.0, high=1.0), weights, reduction="sum", label_smoothing=0.1)


def _wrong_targets(draw):
    yield Sample(draw(4, 3), np.array([0, 3, 1, 2])), IndexError, "target 3 at index 1 is out of range for 3 classes"
    yield Sample(draw(4, 3), np.array([0, 1, 1, -1])), IndexError, "target -1 at index 3"
    yield Sample(draw(2, 3, 2), np.array([[0, 1], [1, 7]])), IndexError, "target 7 at index (1, 1)"
    yield Sample(draw(4, 3), draw(4)), TypeError, "target.long()"
    yield Sample(draw(4, 3), draw.integers(5, low=0, high=3)), ValueError, "must have shape (4,), not (5,)"
    yield Sample(draw(4, 3), draw.integers(4, 1, low=0, high=3)), ValueError, "target.reshape(4,)"
    yield Sample(draw(4, 3), draw.integers(4, low=0, high=3), np.ones(4)), ValueError, "one weight for each class"
    yield Sample(draw(4, 3), draw.integers(4, low=0, high=3), reduction="average"), ValueError, "reduction must be"
    yield Sample(draw.integers(4, 3), draw.integers(4)), TypeError, "floating-point"


nll_loss.errors(_wrong_targets)


@cross_entropy.errors
def _(draw):
    yield from _wrong_targets(draw)
    yield Sample(draw(4, 3), draw.integers(4, 3)), ValueError, "target.argmax(1)"
    yield Sample(draw(4, 3), draw(4, 2)), ValueError, "Class probabilities must have the shape of the input"
    yield Sample(draw(4, 3), draw.integers(4, low=0, high=3), label_smoothing=2.0), ValueError, "between 0 and 1"
    yield Sample(draw(), np.array(0)), ValueError, "no axis of classes"
