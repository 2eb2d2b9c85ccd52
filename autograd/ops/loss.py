"""Losses between an input and a target of the same shape.

Input and target are never broadcast against each other: (N, 1) against (N,) would give N x N differences, and a loss
that goes down while nothing is learnt.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite
from ..fused import fused
from ..modes import modes
from ..op import Sample
from ..tensor import Tensor
from .arithmetic import clamp_min
from .comparison import where
from .creation import as_tensor
from .elementwise import exp, log, log1p, sigmoid, xlogy
from .indexing import internal
from .loops import DTYPES, LARGE
from .references import apart
from .smooth_activation import logsigmoid


# ---------------------------------------------------------------------------------------------------------------------
# What all losses share
# ---------------------------------------------------------------------------------------------------------------------
def reduced(op: str, losses: Tensor, reduction: str) -> Tensor:
    """The losses as they are, their mean or their sum."""
    if reduction == "mean":
        return losses.mean()
    if reduction == "sum":
        return losses.sum()
    if reduction == "none":
        return losses
    raise wrong_reduction(op, reduction)


def wrong_reduction(op: str, reduction: object) -> ValueError:
    """The error for a reduction that there is none of."""
    return ValueError(f"{op}: reduction must be 'mean', 'sum' or 'none', not {reduction!r}.")


def refuse_broadcasting(op: str, x: Any, target: Any, first: str = "input", second: str = "target") -> None:
    """Raises unless both have the same shape."""
    a, b = x.shape, target.shape
    if a == b:
        return
    text = f"{op}: the {first} has shape {a} and the {second} {b}. They must be equal"
    for long, short, name, other in ((a, b, first, second), (b, a, second, first)):
        for axis in range(len(long)):
            if long[axis] == 1 and long[:axis] + long[axis + 1 :] == short:
                raise ValueError(f"{text}: use {name}.squeeze({axis}) or {other}.unsqueeze({axis}).")
    if sorted(a) == sorted(b) and len(a) > 1:
        raise ValueError(f"{text}: are the axes of one of them in another order?")
    raise ValueError(f"{text}.")


def checked_pair(op: str, x: Any, target: Any) -> tuple[Tensor, Tensor]:
    """Input and target as tensors of one shape, and the target with fractions like the input."""
    x, target = as_tensor(x), as_tensor(target)
    refuse_broadcasting(op, x, target)
    if x.dtype.kind not in "fc":
        raise TypeError(f"{op}: the input must have a floating-point dtype, not {x.dtype}. Use input.float().")
    if target.dtype.kind not in "fc":
        target = target.astype(x.dtype)
    return x, target


def _weighted(op: str, losses: Tensor, weight: Any, reduction: str, mean_of_weights: bool = True) -> Tensor:
    """The losses, each with its weight.  Their mean is by the sum of the weights, unless told otherwise."""
    if weight is None:
        return reduced(op, losses, reduction)
    weight = as_tensor(weight)
    refuse_broadcasting(op, losses, weight, "input", "weight")
    losses = losses * weight
    if reduction == "mean" and mean_of_weights:
        return losses.sum() / weight.sum()
    return reduced(op, losses, reduction)


# ---------------------------------------------------------------------------------------------------------------------
# In one pass: without weights, and averaged or summed
# ---------------------------------------------------------------------------------------------------------------------
def _total(loop: str, losses: Any, x: Any, target: Any, reduction: str, *numbers: float) -> Any:
    """The reduced losses of arrays, by a loop or, of small arrays, by a function; NotImplemented for what is neither.

    numbers: parameters of the loss. losses: a function of x, target and these.
    """
    if type(x) is not np.ndarray or type(target) is not np.ndarray or reduction not in ("mean", "sum"):
        return NotImplemented
    n = x.size
    if x.shape != target.shape or x.dtype != target.dtype or x.dtype not in DTYPES or not n:
        return NotImplemented
    total = getattr(kernels.losses, loop)(x, target, *numbers) if n >= LARGE else losses(x, target, *numbers).sum()
    return np.asarray(total / n if reduction == "mean" else total, x.dtype)


def _slope(loop: str, slopes: Any, g: Any, x: Any, target: Any, reduction: str, *numbers: float) -> np.ndarray:
    """The gradient by x. An incoming gradient of 0 absorbs what is infinite or NaN."""
    g = g / x.size if reduction == "mean" else g
    if x.size >= LARGE:
        run = getattr(kernels.losses, f"{loop}_gradient")
        return run(g, x, target, *numbers, absorb=not modes.strict_nan)
    if not g and not modes.strict_nan:
        return np.zeros_like(x)
    return slopes(x, target, *numbers) * g


def _difference(by_x: np.ndarray, needed: tuple[bool, ...]) -> tuple[Any, Any]:
    """The gradients by x and by the target of a loss of their difference."""
    return by_x, -by_x if needed[1] else None


# ---------------------------------------------------------------------------------------------------------------------
# Differences
# ---------------------------------------------------------------------------------------------------------------------
@fused(method=False)
def mse_loss(x, target, reduction="mean", weight=None):
    """The squared difference, averaged.  x, target: (*) -> () or, without reduction, (*)

    reduction: "mean", "sum" or "none". weight: (*), a factor for each element; the mean is by the sum of the weights.
    ValueError unless input and target have the same shape.

    >>> import autograd as ag
    >>> ag.mse_loss(ag.tensor([1.0, 2.0]), ag.tensor([1.0, 4.0]))
    tensor(2.)
    """
    x, target = checked_pair("mse_loss", x, target)
    return _weighted("mse_loss", (x - target).square(), weight, reduction)


@mse_loss.kernel
def _(x, target, reduction, weight):
    return NotImplemented if weight is not None else _total("mse", lambda x, t: (x - t) ** 2, x, target, reduction)


@mse_loss.backward("x", "target")
def _(g, x, target, reduction, needed):
    return _difference(_slope("mse", lambda x, t: 2 * (x - t), g, x, target, reduction), needed)


@fused(method=False)
def l1_loss(x, target, reduction="mean", weight=None):
    """The absolute difference, averaged.  x, target: (*) -> () or, without reduction, (*)

    reduction: "mean", "sum" or "none". weight: (*), a factor for each element; the mean is by the sum of the weights.
    """
    x, target = checked_pair("l1_loss", x, target)
    return _weighted("l1_loss", (x - target).abs(), weight, reduction)


@l1_loss.kernel
def _(x, target, reduction, weight):
    return NotImplemented if weight is not None else _total("l1", lambda x, t: np.abs(x - t), x, target, reduction)


@l1_loss.backward("x", "target")
def _(g, x, target, reduction, needed):
    return _difference(_slope("l1", lambda x, t: np.sign(x - t), g, x, target, reduction), needed)


@fused(method=False)
def smooth_l1_loss(x, target, reduction="mean", beta=1.0):
    """d ** 2 / (2 beta) for differences d below beta, |d| - beta / 2 above, averaged.  x, target: (*) -> () or (*)

    reduction: "mean", "sum" or "none". beta: 0 for the absolute difference.
    """
    if beta < 0:
        raise ValueError(f"smooth_l1_loss: beta must be at least 0, not {beta}.")
    x, target = checked_pair("smooth_l1_loss", x, target)
    difference = x - target
    if beta == 0:
        return reduced("smooth_l1_loss", difference.abs(), reduction)
    size = difference.abs()
    losses = where(size < beta, difference.square() * (0.5 / beta), size - 0.5 * beta)
    return reduced("smooth_l1_loss", losses, reduction)


def _smooth(x, target, beta):
    size = np.abs(x - target)
    return np.where(size < beta, size * size * (0.5 / beta), size - 0.5 * beta)


@smooth_l1_loss.kernel
def _(x, target, reduction, beta):
    return _total("smooth_l1", _smooth, x, target, reduction, beta) if beta > 0 else NotImplemented


@smooth_l1_loss.backward("x", "target")
def _(g, x, target, reduction, beta, needed):
    def slopes(x, target, beta):
        d = x - target
        return np.where(np.abs(d) < beta, d * (1 / beta), np.sign(d))

    return _difference(_slope("smooth_l1", slopes, g, x, target, reduction, beta), needed)


@fused(method=False)
def huber_loss(x, target, reduction="mean", delta=1.0, weight=None):
    """d ** 2 / 2 for differences d below delta, delta (|d| - delta / 2) above, averaged.  x, target: (*) -> () or (*)

    reduction: "mean", "sum" or "none". weight: (*), a factor for each element; the mean is by the number of elements.
    """
    if delta <= 0:
        raise ValueError(f"huber_loss: delta must be above 0, not {delta}.")
    x, target = checked_pair("huber_loss", x, target)
    difference = x - target
    size = difference.abs()
    losses = where(size < delta, difference.square() * 0.5, (size - 0.5 * delta) * delta)
    return _weighted("huber_loss", losses, weight, reduction, mean_of_weights=False)


def _huber(x, target, delta):
    size = np.abs(x - target)
    return np.where(size < delta, size * size * 0.5, (size - 0.5 * delta) * delta)


@huber_loss.kernel
def _(x, target, reduction, delta, weight):
    if delta <= 0 or weight is not None:
        return NotImplemented
    return _total("huber", _huber, x, target, reduction, delta)


@huber_loss.backward("x", "target")
def _(g, x, target, reduction, delta, needed):
    def slopes(x, target, delta):
        d = x - target
        return np.where(np.abs(d) < delta, d, delta * np.sign(d))

    return _difference(_slope("huber", slopes, g, x, target, reduction, delta), needed)


# ---------------------------------------------------------------------------------------------------------------------
# Probabilities
# ---------------------------------------------------------------------------------------------------------------------
def _binary_forward(x, target):
    """The cross-entropy of probabilities x.  No logarithm goes below -100, so that no loss is infinite."""
    return (target - 1) * np.maximum(np.log1p(-x), -100) - target * np.maximum(np.log(x), -100)


_binary = internal(_binary_forward, "binary_cross_entropy")
_binary.gradient(
    x=lambda g, x, target: g * (x - target) / clamp_min((1 - x) * x, _least(x.dtype)),
    target=lambda g, x: g * (clamp_min(log1p(-x), -100) - clamp_min(log(x), -100)),
)


def _least(dtype: np.dtype) -> float:
    """What x (1 - x) counts as at least, so that the gradient is finite where a probability is 0 or 1."""
    return 1e-12 if dtype.itemsize > 2 else 1e-7


@composite(method=False)
def binary_cross_entropy(x, target, weight=None, reduction="mean"):
    """-target log(x) - (1 - target) log(1 - x) for probabilities x, averaged.  x, target: (*) -> () or (*)

    Logarithms are cut off at -100. weight: a factor for each element, which broadcasts to (*).
    reduction: "mean", "sum" or "none".
    ValueError where x is not between 0 and 1. Of logits take `binary_cross_entropy_with_logits`, which does not
    saturate.
    """
    x, target = checked_pair("binary_cross_entropy", x, target)
    data = x.data
    if data.size and (data.min() < 0 or data.max() > 1):
        raise ValueError(
            f"binary_cross_entropy: the input goes from {data.min():.4g} to {data.max():.4g}, and probabilities lie "
            f"between 0 and 1. Of logits take binary_cross_entropy_with_logits."
        )
    losses = _binary.call(x, target)
    if weight is not None:
        losses = losses * _fitting("binary_cross_entropy", "weight", weight, x)
    return reduced("binary_cross_entropy", losses, reduction)


def _fitting(op: str, name: str, weight: Any, x: Tensor) -> Tensor:
    """Weights that broadcast to the shape of the input."""
    weight = as_tensor(weight)
    lengths = zip(weight.shape[::-1], x.shape[::-1], strict=False)
    if weight.ndim > x.ndim or any(n not in (1, m) for n, m in lengths):
        raise ValueError(
            f"{op}: the {name} has shape {weight.shape}, which does not broadcast to the input's {x.shape}."
        )
    return weight


@fused(method=False)
def binary_cross_entropy_with_logits(x, target, weight=None, reduction="mean", pos_weight=None):
    """`binary_cross_entropy` of sigmoid(x), computed so that nothing overflows or is cut off.  x, target: (*) -> ()

    weight: a factor for each element. pos_weight: a factor for the term of target = 1, above 1 to favour recall over
    precision. Both broadcast to (*). reduction: "mean", "sum" or "none".
    """
    op = "binary_cross_entropy_with_logits"
    x, target = checked_pair(op, x, target)
    missed = -logsigmoid(x)
    if pos_weight is not None:
        missed = missed * ((_fitting(op, "pos_weight", pos_weight, x) - 1) * target + 1)
    losses = (1 - target) * x + missed
    if weight is not None:
        losses = losses * _fitting(op, "weight", weight, x)
    return reduced(op, losses, reduction)


@binary_cross_entropy_with_logits.kernel
def _(x, target, weight, reduction, pos_weight):
    if weight is not None or pos_weight is not None:
        return NotImplemented
    return _total("bce_with_logits", _binary_of_logits, x, target, reduction)


def _binary_of_logits(x, target):
    return np.maximum(x, 0) - x * target + np.log1p(np.exp(-np.abs(x)))


@binary_cross_entropy_with_logits.backward("x", "target")
def _(g, x, target, reduction, needed):
    by_x = _slope("bce_with_logits", lambda x, t: sigmoid(x) - t, g, x, target, reduction)
    return by_x, x * (-g / x.size if reduction == "mean" else -g) if needed[1] else None


@composite(method=False)
def kl_div(x, target, reduction="mean", log_target=False):
    """The Kullback-Leibler divergence target (log(target) - x), of log-probabilities x.  x, target: (*) -> () or (*)

    reduction: "batchmean" divides the sum by the length of the first axis, which is the divergence; "mean" divides by
    the number of elements; "sum"; "none". log_target: the target, too, holds log-probabilities.
    """
    x, target = checked_pair("kl_div", x, target)
    if log_target:
        losses = exp(target) * (target - x)
    else:
        # 0 log(0 / 0) is 0.
        impossible = (target.data == 0) & np.isneginf(x.data)
        expected = target * (x.masked_fill(impossible, 0) if impossible.any() else x)
        losses = xlogy(target, target) - expected
    if reduction == "batchmean":
        return losses.sum() / (x.shape[0] if x.ndim else 1)
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"kl_div: reduction must be 'batchmean', 'mean', 'sum' or 'none', not {reduction!r}.")
    return reduced("kl_div", losses, reduction)


@composite(method=False)
def poisson_nll_loss(x, target, log_input=True, full=False, eps=1e-8, reduction="mean"):
    """The negative log-likelihood of counts `target` under a Poisson distribution.  x, target: (*) -> () or (*)

    log_input: x is the logarithm of the rate: exp(x) - target x; otherwise the rate: x - target log(x + eps).
    full: with Stirling's approximation of log(target!) for targets above 1. reduction: "mean", "sum" or "none".
    """
    x, target = checked_pair("poisson_nll_loss", x, target)
    losses = exp(x) - target * x if log_input else x - target * log(x + eps)
    if full:
        stirling = target * log(target) - target + 0.5 * log(2 * math.pi * target)
        losses = losses + where(target > 1, stirling, 0.0)
    return reduced("poisson_nll_loss", losses, reduction)


@composite(method=False)
def gaussian_nll_loss(x, target, var, full=False, eps=1e-6, reduction="mean"):
    """The negative log-likelihood of `target` under normal distributions.  x, target, var: (*) -> () or (*)

    x: their means. var: their variances, (*), or without the last axis, or 1 in its place, or a number; those below
    eps count as eps, and have a gradient as if they did not. full: with the constant log(2 pi) / 2.
    """
    x, target = checked_pair("gaussian_nll_loss", x, target)
    var = as_tensor(var)
    if var.ndim and var.shape == x.shape[:-1]:
        var = var.unsqueeze(-1)
    single = [n == m or (n == 1 and i == x.ndim - 1) for i, (n, m) in enumerate(zip(var.shape, x.shape, strict=False))]
    if var.ndim and (var.ndim != x.ndim or not all(single)):
        raise ValueError(
            f"gaussian_nll_loss: the variances have shape {var.shape} and the input {x.shape}. They must be equal, or "
            f"the last axis of the variances 1 or left out."
        )
    if (var.data < 0).any():
        raise ValueError(f"gaussian_nll_loss: a variance is negative: {var.data.min():.4g}. Use exp() or softplus().")
    raised = np.where(var.data < eps, eps - var.data, 0)
    var = var + raised if raised.any() else var
    losses = 0.5 * (log(var) + (x - target).square() / var)
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced("gaussian_nll_loss", losses, reduction)


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
def _differences(draw, **options):
    for shape in ((3, 4), (), (5,), (2, 3, 2)):
        yield Sample(*apart(draw, shape, shape))
    yield Sample(*apart(draw, (3, 4), (3, 4)), reduction="sum")
    yield Sample(*apart(draw, (3, 4), (3, 4)), "none")
    yield Sample(draw(3, 4), draw.integers(3, 4, low=3, high=6), "none")
    yield Sample(draw(0, 4), draw(0, 4), reduction="sum")
    for key, value in options.items():
        yield Sample(*apart(draw, (3, 4), (3, 4)), **{key: value})


def _weighted_differences(draw):
    yield from _differences(draw)
    yield Sample(*apart(draw, (3, 4), (3, 4)), weight=draw(3, 4, low=0.5))
    yield Sample(*apart(draw, (3, 4), (3, 4)), "none", weight=draw(3, 4, low=0.5))


mse_loss.samples(_weighted_differences)
l1_loss.samples(_weighted_differences)
huber_loss.samples(lambda draw: [*_weighted_differences(draw), *list(_differences(draw, delta=0.7))[-1:]])
smooth_l1_loss.samples(lambda draw: [*_differences(draw, beta=0.3), *list(_differences(draw, beta=0))[-1:]])


@binary_cross_entropy.samples
def _(draw):
    def both(*shape):
        return draw(*shape, low=0.05, high=0.95), draw(*shape, low=0.05, high=0.95)

    yield Sample(*both(3, 4))
    yield Sample(*both())
    yield Sample(draw(6, low=0.05, high=0.95), draw.integers(6, low=0, high=2))
    yield Sample(*both(3, 4), draw(4), "sum")
    yield Sample(*both(3, 4), reduction="none")
    yield Sample(*both(0, 4), reduction="sum")


@binary_cross_entropy_with_logits.samples
def _(draw):
    yield Sample(draw(3, 4), draw(3, 4, low=0.0, high=1.0))
    yield Sample(draw(), draw(low=0.0, high=1.0))
    yield Sample(draw(6, low=-30.0, high=30.0), draw.integers(6, low=0, high=2))
    yield Sample(draw(3, 4), draw(3, 4, low=0.0, high=1.0), draw(4), "sum", draw(3, 4))
    yield Sample(draw(3, 4), draw(3, 4, low=0.0, high=1.0), reduction="none", pos_weight=draw(4))
    yield Sample(draw(0, 4), draw(0, 4), reduction="sum")


@kl_div.samples
def _(draw):
    yield Sample(draw(3, 4), draw(3, 4, low=0.1, high=1.0))
    yield Sample(draw(3, 4), draw(3, 4), "batchmean", True)
    yield Sample(draw(3, 4), draw(3, 4, low=0.1, high=1.0), reduction="batchmean")
    yield Sample(draw(5), draw(5, low=0.1, high=1.0), reduction="none")
    yield Sample(draw(), draw(), log_target=True)
    yield Sample(draw(3), draw.integers(3, low=0, high=2), reduction="sum")


@poisson_nll_loss.samples
def _(draw):
    yield Sample(draw(3, 4), draw(3, 4, low=0.1, high=5.0))
    yield Sample(draw(3, 4, low=0.1, high=3.0), draw(3, 4, low=0.1, high=5.0), False)
    yield Sample(draw(3, 4), draw.away(3, 4, low=0.2, high=5.0, points=(1.0,)), full=True, reduction="sum")
    yield Sample(draw(4), draw.integers(4, low=0, high=5), full=True, reduction="none")


@gaussian_nll_loss.samples
def _(draw):
    yield Sample(draw(3, 4), draw(3, 4), draw(3, 4, low=0.1))
    yield Sample(draw(3, 4), draw(3, 4), draw(3, low=0.1), True)
    yield Sample(draw(3, 4), draw(3, 4), draw(3, 1, low=0.1), reduction="sum")
    yield Sample(draw(3, 4), draw(3, 4), 0.5, reduction="none")
    yield Sample(draw(), draw(), draw(low=0.1))


def different_shapes(draw):
    yield Sample(draw(32, 1), draw(32)), ValueError, "input.squeeze(1) or target.unsqueeze(1)"
    yield Sample(draw(32), draw(32, 1)), ValueError, "target.squeeze(1) or input.unsqueeze(1)"
    yield Sample(draw(3, 4), draw(4)), ValueError, "the input has shape (3, 4) and the target (4,). They must be equal."
    yield Sample(draw(3, 4), draw(4, 3)), ValueError, "another order"
    yield Sample(draw(3), draw(3), reduction="average"), ValueError, "reduction must be"
    yield Sample(draw.integers(3), draw(3)), TypeError, "input.float()"


for _loss in (mse_loss, l1_loss, smooth_l1_loss, huber_loss, kl_div):
    _loss.errors(different_shapes)


@binary_cross_entropy.errors
def _(draw):
    yield Sample(draw(32, 1, low=0.0, high=1.0), draw(32)), ValueError, "input.squeeze(1) or target.unsqueeze(1)"
    yield Sample(np.array([0.5, 1.5]), draw(2)), ValueError, "binary_cross_entropy_with_logits"
    yield Sample(draw(3, 4, low=0.1, high=1.0), draw(3, 4), draw(3)), ValueError, "does not broadcast"


@binary_cross_entropy_with_logits.errors
def _(draw):
    yield Sample(draw(32, 1), draw(32)), ValueError, "input.squeeze(1) or target.unsqueeze(1)"
    yield Sample(draw(3, 4), draw(3, 4), pos_weight=draw(3)), ValueError, "does not broadcast"


@gaussian_nll_loss.errors
def _(draw):
    yield Sample(draw(3, 4), draw(3, 4), draw(4, low=0.1)), ValueError, "must be equal"
    yield Sample(draw(3, 4), draw(3, 4), -1.0), ValueError, "negative"
