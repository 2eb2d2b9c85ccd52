"""Losses of class scores: cross-entropy, negative log-likelihood, and margins between classes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite
from ..fused import fused
from ..op import Sample, keep
from ..tensor import Tensor
from .activation import logsigmoid
from .comparison import where
from .loss import as_tensor, reduced, refuse_broadcasting, wrong_reduction
from .softmax import log_softmax
from .windows import has_kernel

_REDUCTIONS = ("mean", "sum", "none")


# ---------------------------------------------------------------------------------------------------------------------
# What was given
# ---------------------------------------------------------------------------------------------------------------------
def _values(value: Any) -> np.ndarray:
    return value.data if isinstance(value, Tensor) else np.asarray(value)


def _class_axis(op: str, x: Any) -> int:
    if not x.ndim:
        raise ValueError(f"{op}: the input has no axis of classes. It must be (C,), (N, C) or (N, C, d1, d2, ...).")
    if x.dtype.kind != "f":
        raise TypeError(f"{op}: the input must have a floating-point dtype, not {x.dtype}. Use input.float().")
    return min(1, x.ndim - 1)


def _checked_classes(op: str, x: Any, target: Any, ignore_index: int) -> tuple[np.ndarray, np.ndarray | None]:
    """The class indices, those to ignore set to 0; and which ones to ignore, None if there is none to ignore."""
    labels = _values(target)
    axis = _class_axis(op, x)
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


def _checked_weight(op: str, weight: Any, x: Any, axis: int) -> np.ndarray | None:
    """The weights of the classes, which are constants."""
    if weight is None:
        return None
    if isinstance(weight, Tensor) and weight.requires_grad:
        raise ValueError(f"{op}: the weights of classes are constants and can not require a gradient. Use .detach().")
    weight = _values(weight)
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


def _of_label(x: Any, labels: np.ndarray, axis: int) -> Any:
    """The element of each label along the axis of classes."""
    if x.ndim == 1:
        return x[labels]
    places = list(np.indices(labels.shape, sparse=True))
    return x[(*places[:axis], labels, *places[axis:])]


def _along(weight: np.ndarray, ndim: int, axis: int) -> np.ndarray:
    """One number for each class, shaped to broadcast along the axis of classes."""
    return weight.reshape([-1 if i == axis else 1 for i in range(ndim)])


# ---------------------------------------------------------------------------------------------------------------------
# Negative log-likelihood
# ---------------------------------------------------------------------------------------------------------------------
@composite(method=False)
def nll_loss(x, target, weight=None, ignore_index=-100, reduction="mean"):
    """Minus the log-probability of the target class, averaged.

    x: (C,), (N, C) or (N, C, d1, d2, ...), log-probabilities; target: class indices, the shape of x without C
    -> () or, without reduction, the shape of target
    weight: (C,), a factor for each class; the mean is by the sum of the targets' weights.
    ignore_index: targets of this value count for nothing. reduction: "mean", "sum" or "none".
    IndexError for a target that is no class.
    """
    return _nll("nll_loss", as_tensor(x), target, weight, ignore_index, reduction, 0.0)


def _nll(op: str, x: Tensor, target: Any, weight: Any, ignore_index: int, reduction: str, smoothing: float) -> Tensor:
    """The loss of log-probabilities x; `smoothing` of it is that of all classes alike."""
    if reduction not in _REDUCTIONS:
        raise wrong_reduction(op, reduction)
    axis = _class_axis(op, x)
    labels, ignored = _checked_classes(op, x, target, ignore_index)
    weights = _checked_weight(op, weight, x, axis)
    losses = -_of_label(x, labels, axis)
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
    axis = _class_axis("cross_entropy", x)
    if x.dtype == np.float16:  # too coarse for sums over many classes
        found = cross_entropy(x.astype(np.float32), target, weight, ignore_index, reduction, label_smoothing)
        return found.astype(np.float16)
    if not _are_probabilities("cross_entropy", x, target):
        logs = log_softmax(x, axis)
        return _nll("cross_entropy", logs, target, weight, ignore_index, reduction, label_smoothing)
    if reduction not in _REDUCTIONS:
        raise wrong_reduction("cross_entropy", reduction)
    weights = _checked_weight("cross_entropy", weight, x, axis)
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / x.shape[axis]
    terms = log_softmax(x, axis) * target
    if weights is not None:
        terms = terms * _along(weights, x.ndim, axis)
    losses = -terms.sum(axis)
    if reduction == "mean":
        return losses.sum() / losses.data.size if losses.data.size else losses.mean()
    return reduced("cross_entropy", losses, reduction)


def _rows(x: np.ndarray) -> np.ndarray:
    """(C,), (N, C) or (N, C, d1, ...) -> (R, C), with one row for each label"""
    return x.reshape(-1, x.shape[0]) if x.ndim == 1 else np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


@cross_entropy.kernel
def _(x, target, weight, ignore_index, reduction, label_smoothing):
    """Class indices only.  Of each row the largest element and what the softmax is divided by are kept."""
    if not isinstance(target, np.ndarray) or target.dtype.kind not in "iu" or reduction not in _REDUCTIONS:
        return NotImplemented
    if not has_kernel(x.dtype) or not x.size:
        return NotImplemented
    _check_smoothing(label_smoothing)
    axis = _class_axis("cross_entropy", x)
    _check_labels("cross_entropy", x, target, axis)
    weights = _checked_weight("cross_entropy", weight, x, axis)
    rows, labels = _rows(x), target.reshape(-1)
    try:
        found = kernels.softmax.cross_entropy(rows, labels, weights, ignore_index, label_smoothing)
    except IndexError:
        _checked_classes("cross_entropy", x, target, ignore_index)  # says where it is
        raise
    losses, row_weights, statistics = found
    total = row_weights.sum() if reduction == "mean" else None
    out = losses.reshape(target.shape) if reduction == "none" else losses.sum()
    return keep(out if total is None else out / total, statistics=statistics, weights=weights, total=total)


@cross_entropy.backward("x")
def _(g, x, target, ignore_index, label_smoothing, statistics, weights, total):
    labels = target.reshape(-1)
    each = np.broadcast_to(g if total is None else g / total, target.shape).reshape(-1)
    options = weights, ignore_index, label_smoothing
    out = kernels.softmax.cross_entropy_gradient(each, _rows(x), labels, statistics, *options)
    return (out.reshape(x.shape) if x.ndim < 3 else np.moveaxis(out.reshape(*target.shape, -1), -1, 1),)


# ---------------------------------------------------------------------------------------------------------------------
# Margins between classes
# ---------------------------------------------------------------------------------------------------------------------
@composite(method=False)
def multi_margin_loss(x, target, p=1, margin=1.0, weight=None, reduction="mean"):
    """How far scores of other classes come within a margin of the target's: max(0, margin - x[target] + x[i]) ** p.

    x: (N, C) or (C,), target: class indices, (N,) or () -> () or, without reduction, (N,) or ()
    The sum over the other classes is divided by C. p: 1 or 2. weight: (C,), a factor for each target class.
    """
    op = "multi_margin_loss"
    x = as_tensor(x)
    if p not in (1, 2):
        raise ValueError(f"{op}: p must be 1 or 2, not {p}.")
    if x.ndim > 2:
        raise ValueError(f"{op}: the input has shape {x.shape}. It must be (N, C) or (C,).")
    axis = _class_axis(op, x)
    labels, _ = _checked_classes(op, x, target, -100)
    weights = _checked_weight(op, weight, x, axis)
    others = np.arange(x.shape[axis]) != labels[..., None]
    short = (margin - _of_label(x, labels, axis).unsqueeze(-1) + x).clamp_min(0)
    terms = where(others, short if p == 1 else short.square(), 0.0)
    if weights is not None:
        terms = terms * weights[labels][..., None]
    return reduced(op, terms.sum(axis) / x.shape[axis], reduction)


@composite(method=False)
def multilabel_margin_loss(x, target, reduction="mean"):
    """How far scores of classes that are no targets come within a margin of 1 of those that are.

    x: (N, C) or (C,), target: class indices, the shape of x, each row ended by -1 -> () or, without reduction, (N,)
    The sum of max(0, 1 - x[target] + x[i]) over all targets and all other classes i is divided by C.
    """
    op = "multilabel_margin_loss"
    x, labels = as_tensor(x), _values(target)
    refuse_broadcasting(op, x, labels)
    if x.ndim not in (1, 2):
        raise ValueError(f"{op}: the input has shape {x.shape}. It must be (N, C) or (C,).")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{op}: class indices are integers, and the target is {labels.dtype}. Use target.long().")
    classes = x.shape[-1]
    given = np.minimum.accumulate(labels != -1, axis=-1)  # up to the first -1
    wrong = given & ((labels < 0) | (labels >= classes))
    if wrong.any():
        raise IndexError(f"{op}: target {int(labels[wrong][0])} is out of range for {classes} classes.")
    labels = np.where(given, labels, 0)
    hit = np.zeros((*labels.shape[:-1], classes), bool)
    rows = np.indices(labels.shape, sparse=True)[:-1]
    hit[(*(np.broadcast_to(row, labels.shape)[given] for row in rows), labels[given])] = True
    chosen = x[(*rows, labels)]
    short = (1 - chosen.unsqueeze(-1) + x.unsqueeze(-2)).clamp_min(0)  # (N, target, class)
    terms = where(given[..., None] & ~hit[..., None, :], short, 0.0)
    return reduced(op, terms.sum((-2, -1)) / classes, reduction)


@composite(method=False)
def multilabel_soft_margin_loss(x, target, weight=None, reduction="mean"):
    """`binary_cross_entropy_with_logits` of each class, averaged over the classes and then over all rows.

    x, target: (*, C) -> () or, without reduction, (*). weight: (C,), a factor for each class.
    """
    op = "multilabel_soft_margin_loss"
    x, target = as_tensor(x), as_tensor(target)
    refuse_broadcasting(op, x, target)
    axis = x.ndim - 1
    if axis < 0:
        raise ValueError(f"{op}: the input has no axis of classes. It must be (*, C).")
    target = target if target.dtype.kind == "f" else target.astype(x.dtype)
    losses = -(target * logsigmoid(x) + (1 - target) * logsigmoid(-x))
    weights = _checked_weight(op, weight, x, axis)
    if weights is not None:
        losses = losses * weights
    return reduced(op, losses.sum(axis) / x.shape[axis], reduction)


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


@multi_margin_loss.samples
def _(draw):
    yield Sample(draw.distinct(4, 3), draw.integers(4, low=0, high=3), margin=5.0)
    yield Sample(draw.distinct(3), np.array(1), 2, 5.0)
    yield Sample(draw.distinct(4, 3), draw.integers(4, low=0, high=3), 1, 5.0, np.array([1, 3, 2]), "none")


@multilabel_margin_loss.samples
def _(draw):
    yield Sample(draw(3, low=0.0, high=0.9), np.array([2, 0, -1]))
    yield Sample(draw(2, 3, low=0.0, high=0.9), np.array([[1, -1, 0], [2, 1, 0]]), "sum")
    yield Sample(draw(2, 3, low=0.0, high=0.9), np.array([[-1, 1, 0], [2, 2, -1]]), "none")


@multilabel_soft_margin_loss.samples
def _(draw):
    yield Sample(draw(4, 3), draw(4, 3, low=0.0, high=1.0))
    yield Sample(draw(3, low=-30.0, high=30.0), draw.integers(3, low=0, high=2))
    yield Sample(draw(2, 4, 3), draw(2, 4, 3, low=0.0, high=1.0), np.array([1, 3, 2]), "none")


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


@multi_margin_loss.errors
def _(draw):
    yield Sample(draw(4, 3), draw.integers(4, low=0, high=3), 3), ValueError, "p must be 1 or 2"
    yield Sample(draw(4, 3), np.array([0, 1, 2, 3])), IndexError, "target 3 at index 3"


@multilabel_margin_loss.errors
def _(draw):
    yield Sample(draw(4, 3), draw.integers(4)), ValueError, "must be equal"
    yield Sample(draw(3), np.array([3, -1, 0])), IndexError, "target 3"
