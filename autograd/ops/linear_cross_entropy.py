"""The cross entropy of what a dense layer makes of its input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample
from .cross_entropy import cross_entropy
from .linear import linear
from .shape import reshape
from .windows import as_array


def _by_hand(
    x, linear_weight, target, linear_bias=None, weight=None, reduction="mean", ignore_index=None, label_smoothing=0.0,
    options=None,
):  # fmt: skip
    rows = np.atleast_2d(x)
    scores = np.moveaxis(np.tensordot(rows, linear_weight, (1, -1)), 1, -1)  # (N, *out_features, C)
    if linear_bias is not None:
        scores = scores + np.moveaxis(linear_bias, 0, -1)
    logs = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    classes = scores.shape[-1]
    factors = np.ones(classes) if weight is None else np.asarray(weight)
    if target.dtype.kind == "f":
        shares = np.moveaxis(target.reshape(len(rows), classes, *scores.shape[1:-1]), 1, -1)
        counted = np.ones(scores.shape[:-1])
        total = len(rows) * math.prod(scores.shape[1:-1])
    else:
        labels = target.reshape(scores.shape[:-1])
        counted = (labels != (-100 if ignore_index is None else ignore_index)) * 1.0
        shares = np.eye(classes)[np.where(counted > 0, labels, 0)]
        total = (factors[np.where(counted > 0, labels, 0)] * counted).sum()
    shares = (1 - label_smoothing) * shares + label_smoothing / classes
    losses = -(shares * factors * logs).sum(-1) * counted
    if reduction == "none":
        return losses[0] if x.ndim == 1 else losses
    return losses.sum() if reduction == "sum" else losses.sum() / total


@composite(method=False, reference=_by_hand)
def linear_cross_entropy(
    x, linear_weight, target, linear_bias=None, weight=None, reduction="mean", ignore_index=None, label_smoothing=0.0,
    options=None,
):  # fmt: skip
    """`cross_entropy` of `linear`: the loss behind the last layer of a classifier, from what comes before that layer.

    x: (N, D) or (D,), linear_weight: (C, D) or (C, *, D), linear_bias: (C,) or (C, *), target: class indices, (N, *),
    or probabilities, (N, C, *) -> () or, without reduction, (N, *)
    weight, reduction, label_smoothing: those of `cross_entropy`. ignore_index: a target that does not count, -100
    unless given. options: how PyTorch cuts the batch into pieces; accepted, and without effect.
    """
    op = "linear_cross_entropy"
    x, linear_weight, target = as_array(x), as_array(linear_weight), as_array(target)
    if linear_weight.ndim < 2 or x.ndim not in (1, 2) or x.shape[-1] != linear_weight.shape[-1]:
        raise ValueError(
            f"{op}: the input has shape {x.shape} and the weights of the layer {linear_weight.shape}. They must be "
            f"(N, D) or (D,), and (C, D) or (C, *, D)."
        )
    classes, *places, features = linear_weight.shape
    if places and x.ndim == 1:
        raise ValueError(f"{op}: weights (C, *, D), here {linear_weight.shape}, take a batch (N, D), not {x.shape}.")
    bias = linear_bias if linear_bias is None else as_array(linear_bias)
    if bias is not None and bias.shape != (classes, *places):
        raise ValueError(f"{op}: the bias has shape {bias.shape}. It must be {(classes, *places)}.")
    shape = (*x.shape[:-1], classes, *places)
    if target.shape == shape and target.dtype.kind == "f" and ignore_index is not None:
        raise ValueError(f"{op}: ignore_index has no meaning with probabilities as targets. Leave it out.")
    flat: Any = reshape(linear_weight, (classes * math.prod(places), features))
    logits = linear(x, flat, bias if bias is None else reshape(bias, (flat.shape[0],)))
    ignored = -100 if ignore_index is None else ignore_index
    return cross_entropy(
        reshape(logits, shape),
        target,
        weight=weight,
        ignore_index=ignored,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


@linear_cross_entropy.samples
def _(draw):
    labels = np.array([2, 0, 4, 1])
    for reduction in ("mean", "sum", "none"):
        yield Sample(draw(4, 3), draw(5, 3), labels, linear_bias=draw(5), reduction=reduction)
        yield Sample(draw(4, 3), draw(5, 2, 3), draw.integers(4, 2, low=0, high=5), reduction=reduction)
    yield Sample(draw(4, 3), draw(5, 3), labels, weight=[0.5, 1.0, 1.5, 0.1, 2.0], label_smoothing=0.2)
    yield Sample(draw(4, 3), draw(5, 3), labels, ignore_index=4)
    yield Sample(draw(3), draw(5, 3), np.array(2), linear_bias=draw(5))
    yield Sample(draw(4, 3), draw(5, 3), draw(4, 5, low=0.1, high=1.0))
    yield Sample(draw(4, 3), draw(5, 1, 2, 3), draw.integers(4, 1, 2, low=0, high=5), linear_bias=draw(5, 1, 2))


@linear_cross_entropy.errors
def _(draw):
    labels = np.array([2, 0, 4, 1])
    yield Sample(draw(4, 3), draw(5, 2), labels), ValueError, "(C, *, D)"
    yield Sample(draw(3), draw(5, 2, 3), labels), ValueError, "take a batch"
    yield Sample(draw(4, 3), draw(5, 3), labels, linear_bias=draw(4)), ValueError, "must be (5,)"
    yield Sample(draw(4, 3), draw(5, 3), draw(4, 5), ignore_index=2), ValueError, "Leave it out"
