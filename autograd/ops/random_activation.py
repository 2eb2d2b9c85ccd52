"""Activations that draw: a random slope, and a choice among classes that still has a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare import composite, primitive
from ..op import Sample, keep
from .axes import axis_of
from .dropout import SameAgain
from .random import Generator, draws_of
from .reduction import values_of
from .softmax import softmax
from .windows import as_array


def _rrelu_reference(x: Any, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, generator: Any = None):
    slope = (lower + upper) / 2
    if training:
        slope = np.random.default_rng(0).random(x.shape) * (upper - lower) + lower
    return np.maximum(x, 0) + slope * np.minimum(x, 0)


@primitive(in_place=True, reference=_rrelu_reference)
def rrelu(x, lower=1.0 / 8, upper=1.0 / 3, training=False, generator=None):
    """x where x > 0, else x times a slope, drawn for each element between `lower` and `upper`.  x: (*) -> (*)

    training: False takes the mean of both as the slope. generator: the default generator unless given.
    Source: Xu et al., Empirical evaluation of rectified activations in convolution network, 2015.
    """
    if x.dtype.kind != "f":
        raise TypeError(f"rrelu: the input must have a floating-point dtype, not {x.dtype}. Use x.float().")
    if not lower <= upper:
        raise ValueError(f"rrelu: lower={lower} must not be above upper={upper}.")
    if training:
        drawn = draws_of(generator).random(x.shape)
        slope = (drawn * (upper - lower) + lower).astype(x.dtype)
    else:
        slope = x.dtype.type((lower + upper) / 2)
    factor = np.where(x > 0, x.dtype.type(1), slope)
    return keep(x * factor, factor=factor)


rrelu.gradient(x=lambda g, factor: g * factor)


@rrelu.samples
def _(draw):
    for shape in ((), (5,), (3, 4), (2, 0)):
        yield Sample(draw.away(*shape))
        yield Sample(draw.away(*shape), training=True, generator=SameAgain())
    yield Sample(draw.away(3, 4), 0.2, 0.6)
    yield Sample(draw.away(3, 4), 0.2, 0.2, True, SameAgain())


@rrelu.errors
def _(draw):
    yield Sample(draw(3), 0.5, 0.2), ValueError, "must not be above"
    yield Sample(draw.integers(3)), TypeError, "x.float()"
    yield Sample(draw(3), training=True, generator=1), TypeError, "autograd.Generator"


def _gumbel_reference(logits, tau=1.0, hard=False, eps=1e-10, dim=-1, generator=None):
    noise = -np.log(np.random.default_rng(0).standard_exponential(logits.shape))
    scores = np.exp((logits + noise) / tau)
    soft = scores / scores.sum(dim, keepdims=True)
    return np.where(soft == soft.max(dim, keepdims=True), 1.0, 0.0) if hard else soft


@composite(method=False)
def gumbel_softmax(logits, tau=1.0, hard=False, eps=1e-10, dim=-1, generator=None):
    """Softmax of the logits with Gumbel noise: a random choice of a class, softened.  logits: (*) -> (*)

    tau: the lower, the nearer to a choice. hard: the choice itself, 1 for one class and 0 for the others, with the
    gradient of the soft one. dim: along which the classes lie. eps: without effect, as in PyTorch. generator: the
    default generator unless given.
    Source: Jang, Gu and Poole, Categorical reparameterization with Gumbel-softmax, 2017.
    """
    x = as_array(logits)
    if x.dtype.kind != "f":
        raise TypeError(f"gumbel_softmax: logits must have a floating-point dtype, not {x.dtype}. Use logits.float().")
    if not tau > 0:
        raise ValueError(f"gumbel_softmax: tau must be above 0, not {tau!r}.")
    if generator is not None and not isinstance(generator, Generator):
        raise TypeError(f"gumbel_softmax: generator must be an autograd.Generator, not {type(generator).__name__}.")
    dim = axis_of(dim, x.ndim, "gumbel_softmax")
    noise = -np.log(np.maximum(draws_of(generator).standard_exponential(x.shape), np.finfo(np.float64).tiny))
    soft = softmax((x + noise.astype(x.dtype)) / tau, dim)
    if not hard:
        return soft
    values = values_of(soft)
    choice = np.zeros_like(values)
    if values.size:
        np.put_along_axis(choice, values.argmax(dim, keepdims=True), 1, dim)
    return soft + (choice - values)


gumbel_softmax.op.reference = _gumbel_reference


@gumbel_softmax.samples
def _(draw):
    yield Sample(draw(3, 4), generator=SameAgain())
    yield Sample(draw(3, 4), 0.5, dim=0, generator=SameAgain())
    yield Sample(draw(5), 2.0, False, 1e-10, -1, SameAgain())
    yield Sample(draw(2, 3, 4), tau=0.7, dim=1, generator=SameAgain())
    yield Sample(draw(0, 4), generator=SameAgain())
    yield Sample(draw(2, 1), generator=SameAgain())


@gumbel_softmax.errors
def _(draw):
    yield Sample(draw(3), 0.0), ValueError, "above 0"
    yield Sample(draw.integers(3)), TypeError, "logits.float()"
    yield Sample(draw(3), generator=1), TypeError, "autograd.Generator"
