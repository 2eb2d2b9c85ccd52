"""Losses with a margin: what is right must be better than what is wrong by so much, and no more."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample
from .comparison import where
from .creation import as_tensor
from .cross_entropy import checked_classes, checked_weight, class_axis, of_label
from .loss import checked_pair, different_shapes, reduced, refuse_broadcasting
from .references import apart
from .similarity import pairwise_distance
from .smooth_activation import logsigmoid


@composite(method=False)
def hinge_embedding_loss(x, target, margin=1.0, reduction="mean"):
    """x where the target is 1, max(0, margin - x) where it is -1, averaged; x is a distance.  x, target: (*) -> ()

    reduction: "mean", "sum" or "none".
    """
    x, target = checked_pair("hinge_embedding_loss", x, target)
    losses = where(target != 1, (margin - x).clamp_min(0), 0.0) + where(target != -1, x, 0.0)
    return reduced("hinge_embedding_loss", losses, reduction)


@composite(method=False)
def soft_margin_loss(x, target, reduction="mean"):
    """log(1 + exp(-target x)) for targets 1 and -1, averaged.  x, target: (*) -> () or, without reduction, (*)"""
    x, target = checked_pair("soft_margin_loss", x, target)
    return reduced("soft_margin_loss", -logsigmoid(target * x), reduction)


@composite(method=False)
def margin_ranking_loss(input1, input2, target, margin=0.0, reduction="mean"):
    """max(0, margin - target (input1 - input2)), averaged.  input1, input2, target: (*) -> () or (*)

    target: 1 where input1 should rank higher, -1 where input2 should; a single one for all of them will do.
    """
    input1, input2, target = as_tensor(input1), as_tensor(input2), as_tensor(target)
    refuse_broadcasting("margin_ranking_loss", input1, input2, "input1", "input2")
    if target.data.size != 1:
        refuse_broadcasting("margin_ranking_loss", input1, target, "input1")
    losses = ((input2 - input1) * target.astype(input1.dtype) + margin).clamp_min(0)
    return reduced("margin_ranking_loss", losses, reduction)


@composite(method=False)
def cosine_embedding_loss(input1, input2, target, margin=0.0, reduction="mean"):
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1, averaged.

    input1, input2: (N, D) or (D,), target: (N,) or () -> () or, without reduction, the shape of the target
    cos: that of the angle between the vectors.
    """
    op = "cosine_embedding_loss"
    input1, input2, target = as_tensor(input1), as_tensor(input2), as_tensor(target)
    refuse_broadcasting(op, input1, input2, "input1", "input2")
    if input1.ndim not in (1, 2) or target.shape != input1.shape[:-1]:
        raise ValueError(
            f"{op}: the inputs have shape {input1.shape} and the target {target.shape}. They must be (N, D) and (N,), "
            f"or (D,) and ()."
        )
    squares = (input1.square().sum(-1) + 1e-12) * (input2.square().sum(-1) + 1e-12)
    cosine = (input1 * input2).sum(-1) / squares.sqrt()
    losses = where(target == 1, 1 - cosine, 0.0) + where(target == -1, (cosine - margin).clamp_min(0), 0.0)
    return reduced(op, losses, reduction)


@composite(method=False)
def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2.0, eps=1e-6, swap=False, reduction="mean"):
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), averaged, for distances d.

    anchor, positive, negative: (N, D) or (D,) -> () or, without reduction, (N,) or ()
    p, eps: of `pairwise_distance`. swap: takes d(positive, negative) where that is the smaller one.
    """

    def distance(a, b):
        return pairwise_distance(a, b, p, eps)

    return _triplet("triplet_margin_loss", anchor, positive, negative, distance, margin, swap, reduction)


@composite(method=False)
def triplet_margin_with_distance_loss(
    anchor, positive, negative, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    """`triplet_margin_loss` with a distance of one's own.

    anchor, positive, negative: (N, D) or (D,) -> () or, without reduction, (N,) or ()
    distance_function: of two tensors; `pairwise_distance` unless given.
    """
    op = "triplet_margin_with_distance_loss"
    distance = pairwise_distance if distance_function is None else distance_function
    return _triplet(op, anchor, positive, negative, distance, margin, swap, reduction)


def _triplet(op: str, anchor, positive, negative, distance, margin, swap, reduction):
    if margin <= 0:
        raise ValueError(f"{op}: margin must be above 0, not {margin}.")
    anchor, positive, negative = as_tensor(anchor), as_tensor(positive), as_tensor(negative)
    refuse_broadcasting(op, anchor, positive, "anchor", "positive")
    refuse_broadcasting(op, anchor, negative, "anchor", "negative")
    apart = distance(anchor, negative)
    if swap:
        apart = apart.minimum(distance(positive, negative))
    return reduced(op, (distance(anchor, positive) - apart + margin).clamp_min(0), reduction)


# ---------------------------------------------------------------------------------------------------------------------
# Of class scores
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
    axis = class_axis(op, x)
    labels, _ = checked_classes(op, x, target, -100)
    weights = checked_weight(op, weight, x, axis)
    others = np.arange(x.shape[axis]) != labels[..., None]
    short = (margin - of_label(x, labels, axis).unsqueeze(-1) + x).clamp_min(0)
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
    x, labels = as_tensor(x), as_tensor(target).data
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
    rows: tuple[Any, ...] = np.indices(labels.shape, sparse=True)[:-1]
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
    weights = checked_weight(op, weight, x, axis)
    if weights is not None:
        losses = losses * weights
    return reduced(op, losses.sum(axis) / x.shape[axis], reduction)


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
def _signs(draw, *shape):
    return draw.integers(*shape, low=0, high=2) * 2 - 1


@hinge_embedding_loss.samples
def _(draw):
    yield Sample(draw.away(3, 4, points=(1.0,)), _signs(draw, 3, 4))
    yield Sample(draw.away(5, points=(0.5,)), _signs(draw, 5), 0.5, "sum")
    yield Sample(draw.away(5, points=(1.0,)), _signs(draw, 5), reduction="none")


@soft_margin_loss.samples
def _(draw):
    yield Sample(draw(3, 4), draw(3, 4))
    yield Sample(draw(5, low=-30.0, high=30.0), _signs(draw, 5), "sum")
    yield Sample(draw(5), _signs(draw, 5), reduction="none")


@margin_ranking_loss.samples
def _(draw):
    yield Sample(*apart(draw, (3, 4), (3, 4)), _signs(draw, 3, 4))
    yield Sample(draw(5), draw(5), _signs(draw, 5), 7.0, "sum")
    yield Sample(*apart(draw, (5,), (5,)), 1, reduction="none")


@cosine_embedding_loss.samples
def _(draw):
    yield Sample(draw(4, 3), draw(4, 3), _signs(draw, 4))
    yield Sample(draw(4, 3), draw(4, 3), _signs(draw, 4), -1.5, "sum")
    yield Sample(draw(3), draw(3), np.array(1))
    yield Sample(draw(4, 3), draw(4, 3), np.array([1, -1, 1, -1]), -2.0, reduction="none")


def _triplets(draw):
    yield Sample(draw(4, 3), draw(4, 3), draw(4, 3), margin=8.0)
    yield Sample(draw(3), draw(3), draw(3), margin=8.0, reduction="sum")
    yield Sample(draw(4, 3), draw(4, 3), draw(4, 3), margin=8.0, swap=True, reduction="none")


triplet_margin_loss.samples(_triplets)
triplet_margin_with_distance_loss.samples(_triplets)


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


soft_margin_loss.errors(different_shapes)
hinge_embedding_loss.errors(different_shapes)


@margin_ranking_loss.errors
def _(draw):
    yield Sample(draw(3, 1), draw(3), draw(3)), ValueError, "input1.squeeze(1)"
    yield Sample(draw(3), draw(3), draw(3, 1)), ValueError, "target.squeeze(1)"


@cosine_embedding_loss.errors
def _(draw):
    yield Sample(draw(3, 4), draw(3, 4), draw(4)), ValueError, "(N, D) and (N,)"


@triplet_margin_loss.errors
def _(draw):
    yield Sample(draw(3, 4), draw(3, 4), draw(4)), ValueError, "anchor"
    yield Sample(draw(3, 4), draw(3, 4), draw(3, 4), margin=-1.0), ValueError, "above 0"


@multi_margin_loss.errors
def _(draw):
    yield Sample(draw(4, 3), draw.integers(4, low=0, high=3), 3), ValueError, "p must be 1 or 2"
    yield Sample(draw(4, 3), np.array([0, 1, 2, 3])), IndexError, "target 3 at index 3"


@multilabel_margin_loss.errors
def _(draw):
    yield Sample(draw(4, 3), draw.integers(4)), ValueError, "must be equal"
    yield Sample(draw(3), np.array([3, -1, 0])), IndexError, "target 3"
