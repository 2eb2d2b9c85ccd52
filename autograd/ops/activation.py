"""Activation functions made of straight lines, with kinks.  At a kink the gradient is what PyTorch gives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite, primitive
from ..op import Sample
from .comparison import gate, select, where
from .indexing import internal
from .loops import gradient_by_loop, large, together
from .references import SHAPES, around, each, pairs_apart

_LARGE = 4096  # elements from which on np.clip is faster than np.maximum
_ONE_PASS = 65536  # elements from which on a loop is faster than a single pass of NumPy


def floating(x: np.ndarray) -> np.ndarray:
    """x in floating-point numbers."""
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


@primitive(elementwise=True, reference=each(lambda a: max(a, 0.0)))
def relu(x):
    """The larger of x and 0, for each element; NaN stays NaN.  x: (*) -> (*)

    Its gradient at 0 is 0.
    """
    if large(x, size=_ONE_PASS):
        return kernels.activations.relu(x)
    if x.size > _LARGE and x.dtype.kind == "f":
        return np.clip(x, 0, np.inf)
    return np.maximum(x, 0)


@primitive(elementwise=True, method=False, in_place=False, reference=lambda g, out: g * (out > 0))
def relu_gradient(g, out):
    """g where `out`, the result of relu, is above 0, else 0.  g, out: (*) -> (*)"""
    if np.size(out) >= _ONE_PASS and together(g, out) and out.shape == g.shape:
        return kernels.activations.relu_gradient(g, out, absorb=False)
    return gate(g, out > 0)


relu_gradient.gradient(g=lambda g, out: relu_gradient(g, out), absorbing=False)
relu_gradient.samples(pairs_apart)
relu.gradient(x=lambda g, out: relu_gradient(g, out), absorbing=False)


@relu.samples
def _(draw):
    yield from around(0.0)(draw)
    yield Sample(draw.away(50, 100))
    yield Sample(draw.integers(4, low=-3))


@primitive(
    elementwise=True,
    reference=lambda x, min_val=-1.0, max_val=1.0: each(lambda a: min(max(a, min_val), max_val))(x),
)
def hardtanh(x, min_val=-1.0, max_val=1.0):
    """Each element, or the nearer bound where it lies outside.  x: (*) -> (*)

    Unlike that of `clamp`, its gradient at the bounds is 0.
    """
    if large(x, min_val, max_val, size=_ONE_PASS):
        return kernels.activations.hardtanh(x, min_val, max_val)
    return np.clip(x, min_val, max_val)


hardtanh.gradient(
    x=lambda g, x, min_val, max_val: where((x <= min_val) | (x >= max_val), 0, g),
    absorbing=False,
)
gradient_by_loop(hardtanh, "hardtanh_gradient", "x", "min_val", "max_val")


@hardtanh.samples
def _(draw):
    yield from around(-1.0, 1.0)(draw)
    yield Sample(draw.away(3, 4, points=(0.5, 1.5)), 0.5, max_val=1.5)


@composite(elementwise=True, domain=(-2.0, 8.0), reference=each(lambda a: min(max(a, 0.0), 6.0)))
def relu6(x):
    """Each element brought between 0 and 6.  x: (*) -> (*)"""
    return hardtanh(x, 0.0, 6.0)


relu6.samples(around(0.0, 6.0, low=-2.0, high=8.0))


@primitive(
    elementwise=True, reference=lambda x, negative_slope=0.01: each(lambda a: a if a > 0 else negative_slope * a)(x)
)
def leaky_relu(x, negative_slope=0.01):
    """x where x > 0, else negative_slope x.  x: (*) -> (*)"""
    if large(x, negative_slope):
        return kernels.activations.leaky_relu(x, negative_slope)
    if 0 < negative_slope <= 1:
        return np.maximum(x, x * negative_slope)
    return select(np.greater(x, 0), x, x * negative_slope)


leaky_relu.gradient(x=lambda g, x, negative_slope: where(x > 0, g, g * negative_slope), absorbing=False)
gradient_by_loop(leaky_relu, "leaky_relu_gradient", "x", "negative_slope")


@leaky_relu.samples
def _(draw):
    yield from around(0.0)(draw)
    yield Sample(draw.away(3, 4), 0.3)
    yield Sample(draw.away(3, 4), negative_slope=2.0)


def _prelu_reference(x: Any, weight: Any) -> Any:
    out = np.array(x)
    for place in np.ndindex(*x.shape):
        slope = weight.ravel()[place[1] if weight.size > 1 else 0]
        out[place] = x[place] if x[place] > 0 else slope * x[place]
    return out


@composite(in_place=False, reference=_prelu_reference)
def prelu(x, weight):
    """x where x > 0, else weight x.  x: (N, C, *), weight: (C,) or one element -> (N, C, *)"""
    if weight.ndim > 1:
        raise ValueError(f"prelu: the weight has shape {weight.shape}. It must be one number, or one for each channel.")
    if weight.ndim and weight.shape[0] != 1:
        channels = x.shape[1] if x.ndim > 1 else 1
        if weight.shape[0] != channels:
            raise ValueError(
                f"prelu: the weight {weight.shape} has {weight.shape[0]} elements, and the input {x.shape} has "
                f"{channels} channels. They must be equal, or the weight one element."
            )
        weight = weight.reshape((channels,) + (1,) * (x.ndim - 2))
    elif weight.ndim > x.ndim:
        weight = weight.reshape(())
    return _prelu.call(x, weight)


def _prelu_forward(x, weight):
    if large(x) and type(weight) is np.ndarray and weight.dtype == x.dtype:
        return kernels.activations.prelu(x, weight)
    return select(np.greater(x, 0), x, x * weight)


_prelu = internal(_prelu_forward, "prelu")
_prelu.gradient(
    x=lambda g, x, weight: where(x > 0, g, g * weight),
    weight=lambda g, x: where(x > 0, 0, g * x),
    absorbing=True,
)
_prelu_by_rule = _prelu.pull


def _prelu_pull(g, saved, parents, absorb):
    """The gradients of large arrays in one pass."""
    x, weight = saved[0], saved[1]
    if type(g) is np.ndarray and parents[0] is not None and large(g) and x.dtype == weight.dtype == g.dtype:
        if parents[1] is None:
            return kernels.activations.prelu_gradient_by_x(g, x, weight, absorb=absorb > 0), None
        return kernels.activations.prelu_gradient(g, x, weight, absorb=absorb > 0)
    return _prelu_by_rule(g, saved, parents, absorb)


_prelu.pull = _prelu_pull


@prelu.samples
def _(draw):
    yield Sample(draw.away(2, 3, 4), draw(3))
    yield Sample(draw.away(2, 3), draw(3))
    yield Sample(draw.away(2, 3, 2, 2), draw(1))
    yield Sample(draw.away(5), draw(1))
    yield Sample(draw.away(), draw(1))
    yield Sample(draw.away(2, 3), draw())
    yield Sample(draw.away(0, 3), draw(3))


@prelu.errors
def _(draw):
    yield Sample(draw(2, 3), draw(4)), ValueError, "has 3 channels"
    yield Sample(draw(2, 3), draw(2, 3)), ValueError, "one for each channel"


@primitive(elementwise=True, domain=(-5.0, 5.0), reference=each(lambda a: min(max(a + 3.0, 0.0), 6.0) / 6))
def hardsigmoid(x):
    """(x + 3) / 6 brought between 0 and 1.  x: (*) -> (*)"""
    if large(x):
        return kernels.activations.hardsigmoid(x)
    return np.clip(x + 3, 0, 6) / 6


hardsigmoid.gradient(x=lambda g, x: gate(g / 6, (x > -3) & (x < 3)), absorbing=False)
gradient_by_loop(hardsigmoid, "hardsigmoid_gradient", "x")
hardsigmoid.samples(around(-3.0, 3.0, low=-5.0, high=5.0))


@primitive(elementwise=True, domain=(-5.0, 5.0), reference=each(lambda a: a * min(max(a + 3.0, 0.0), 6.0) / 6))
def hardswish(x):
    """x hardsigmoid(x).  x: (*) -> (*)   Howard et al., Searching for MobileNetV3, 2019."""
    if large(x):
        return kernels.activations.hardswish(x)
    return x * (np.clip(x + 3, 0, 6) / 6)


hardswish.gradient(
    x=lambda g, x: where(x <= -3, 0, where(x >= 3, g, g * (x / 3 + 0.5))),
)
gradient_by_loop(hardswish, "hardswish_gradient", "x")
hardswish.samples(around(-3.0, 3.0, low=-5.0, high=5.0))


@primitive(elementwise=True, reference=lambda x, lambd=0.5: each(lambda a: a if abs(a) > lambd else 0.0)(x))
def hardshrink(x, lambd=0.5):
    """x where |x| > lambd, else 0.  x: (*) -> (*)"""
    if large(x, lambd):
        return kernels.activations.hardshrink(x, lambd)
    return select(np.less_equal(np.abs(x), lambd), 0, x)


hardshrink.gradient(x=lambda g, x, lambd: where((x >= -lambd) & (x <= lambd), 0, g), absorbing=False)


@primitive(
    elementwise=True,
    reference=lambda x, lambd=0.5: each(lambda a: math.copysign(max(abs(a) - lambd, 0.0), a))(x),
)
def softshrink(x, lambd=0.5):
    """x moved towards 0 by lambd, and 0 where |x| <= lambd.  x: (*) -> (*)"""
    if lambd < 0:
        raise ValueError(f"softshrink: lambd must not be negative, and is {lambd}.")
    if large(x, lambd):
        return kernels.activations.softshrink(x, lambd)
    return x - np.clip(x, -lambd, lambd)


softshrink.gradient(x=lambda g, x, lambd: where((x >= -lambd) & (x <= lambd), 0, g), absorbing=False)


@softshrink.errors
def _(draw):
    yield Sample(draw(3), -0.5), ValueError, "must not be negative"


def _shrink_samples(draw: Any) -> Any:
    yield from around(-0.5, 0.5)(draw)
    yield Sample(draw.away(3, 4, points=(-1.0, 1.0)), 1.0)
    yield Sample(draw.away(3, 4), lambd=0)


for _op in (hardshrink, softshrink):
    _op.samples(_shrink_samples)
    gradient_by_loop(_op, "shrink_gradient", "x", "lambd")


@primitive(elementwise=True, reference=lambda x, threshold, value: each(lambda a: a if a > threshold else value)(x))
def threshold(x, threshold, value):
    """x where x > threshold, else `value`.  x: (*) -> (*)"""
    if large(x, threshold, value):
        return kernels.activations.threshold(x, threshold, value)
    return select(np.less_equal(x, threshold), value, x)


threshold.gradient(x=lambda g, x, threshold: where(x <= threshold, 0, g), absorbing=False)
gradient_by_loop(threshold, "threshold_gradient", "x", "threshold")


@threshold.samples
def _(draw):
    for shape in SHAPES:
        yield Sample(draw.away(*shape, points=(0.5,)), 0.5, -1.0)
