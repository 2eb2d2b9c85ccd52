"""Activation functions of neural networks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite, primitive
from ..op import BEHIND_SELECTION, Sample
from .arithmetic import clamp
from .comparison import gate, select, where
from .elementwise import exp, sigmoid, tanh
from .loops import gradient_by_loop, large, together
from .references import SHAPES, around, each, pairs_apart
from .special import erfc

# ---------------------------------------------------------------------------------------------------------------------
# Straight lines with kinks.  At a kink the gradient is what PyTorch gives.
# ---------------------------------------------------------------------------------------------------------------------
_LARGE = 4096  # elements from which on np.clip is faster than np.maximum
_FAR = 20.0  # beyond, many functions are 0, or x, in every dtype
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
    return where(x > 0, x, x * weight)


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


# ---------------------------------------------------------------------------------------------------------------------
# Exponential ones
# ---------------------------------------------------------------------------------------------------------------------
@primitive(
    elementwise=True,
    reference=lambda x, alpha=1.0: each(lambda a: a if a > 0 else alpha * math.expm1(a))(x),
)
def elu(x, alpha=1.0):
    """x where x > 0, else alpha (exp(x) - 1).  x: (*) -> (*)   Clevert, Unterthiner and Hochreiter, 2015."""
    if large(x, alpha):
        return kernels.activations.elu(x, alpha)
    return select(np.greater(x, 0), x, alpha * np.expm1(np.minimum(x, 0)))


elu.gradient(x=lambda g, x, alpha: where(x > 0, g, g * (alpha * exp(x))))
gradient_by_loop(elu, "elu_gradient", "x", "alpha")


@primitive(
    elementwise=True,
    reference=lambda x, alpha=1.0: each(lambda a: a if a > 0 else alpha * math.expm1(a / alpha))(x),
)
def celu(x, alpha=1.0):
    """x where x > 0, else alpha (exp(x / alpha) - 1).  x: (*) -> (*)   Barron, 2017."""
    if alpha == 0:
        raise ValueError("celu: alpha is 0, and x is divided by it. Use relu.")
    if large(x, alpha):
        return kernels.activations.celu(x, alpha)
    return select(np.greater(x, 0), x, alpha * np.expm1(np.minimum(x, 0) / alpha))


celu.gradient(x=lambda g, x, alpha: where(x > 0, g, g * exp(x / alpha)))
gradient_by_loop(celu, "celu_gradient", "x", "alpha")


@celu.errors
def _(draw):
    yield Sample(draw(3), 0.0), ValueError, "alpha is 0"


def _with_alpha(draw: Any) -> Any:
    yield from around(0.0)(draw)
    yield Sample(draw.away(3, 4), 0.5)
    yield Sample(draw.away(3, 4), alpha=2)


for _op in (elu, celu):
    _op.samples(_with_alpha)

_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


@primitive(elementwise=True, reference=each(lambda a: _SELU_SCALE * (a if a > 0 else _SELU_ALPHA * math.expm1(a))))
def selu(x):
    """1.0507 elu(x, 1.6733).  x: (*) -> (*)   Klambauer et al., Self-Normalizing Neural Networks, 2017."""
    if large(x):
        return kernels.activations.selu(x, _SELU_ALPHA, _SELU_SCALE)
    return select(np.greater(x, 0), x * _SELU_SCALE, (_SELU_ALPHA * _SELU_SCALE) * np.expm1(np.minimum(x, 0)))


selu.gradient(x=lambda g, x: where(x > 0, g * _SELU_SCALE, g * ((_SELU_ALPHA * _SELU_SCALE) * exp(x))))
gradient_by_loop(selu, lambda x: (kernels.activations.selu_gradient, (x, _SELU_ALPHA, _SELU_SCALE)), "x")
selu.samples(around(0.0))


@primitive(elementwise=True, aliases=("swish",), reference=each(lambda a: a / (1 + math.exp(-a))))
def silu(x):
    """x sigmoid(x).  x: (*) -> (*)   Hendrycks and Gimpel, 2016; Ramachandran et al. as Swish, 2017."""
    if large(x):
        return kernels.activations.silu(x)
    return x * sigmoid(floating(x))


def _silu_gradient(g: Any, x: Any) -> Any:
    s = sigmoid(x)
    return g * (s * (1 + x * (1 - s)))


silu.gradient(x=_silu_gradient, absorbing=BEHIND_SELECTION)
gradient_by_loop(silu, "silu_gradient", "x")


@primitive(elementwise=True, reference=each(lambda a: -math.log1p(math.exp(-a))))
def logsigmoid(x):
    """log(sigmoid(x)), also where the sigmoid rounds to 0.  x: (*) -> (*)"""
    if large(x):
        return kernels.activations.logsigmoid(x)
    x = floating(x)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


logsigmoid.gradient(x=lambda g, x: g * sigmoid(-x), absorbing=BEHIND_SELECTION)
gradient_by_loop(logsigmoid, "logsigmoid_gradient", "x")


@primitive(
    elementwise=True,
    reference=lambda x, beta=1.0, threshold=20.0: each(
        lambda a: a if a * beta > threshold else math.log1p(math.exp(beta * a)) / beta
    )(x),
)
def softplus(x, beta=1.0, threshold=20.0):
    """log(1 + exp(beta x)) / beta, and x itself where beta x > threshold.  x: (*) -> (*)"""
    if large(x, beta, threshold):
        return kernels.activations.softplus(x, beta, threshold)
    x = floating(x)
    scaled = x if beta == 1 else x * beta
    out = np.log1p(np.exp(scaled))
    return select(np.greater(scaled, threshold), x, out if beta == 1 else out / beta)


def _softplus_gradient(g: Any, x: Any, beta: float, threshold: float) -> Any:
    scaled = x * beta
    return where(scaled > threshold, g, g * sigmoid(scaled))


softplus.gradient(x=_softplus_gradient, absorbing=BEHIND_SELECTION)
gradient_by_loop(softplus, "softplus_gradient", "x", "beta", "threshold")


@softplus.samples
def _(draw):
    for shape in SHAPES:
        yield Sample(draw(*shape))
    yield Sample(draw(3, 4, low=-30.0, high=30.0))
    yield Sample(draw(3, 4), 0.5)
    yield Sample(draw.away(3, 4, points=(0.5,)), beta=2.0, threshold=1.0)


@primitive(elementwise=True, reference=each(lambda a: a * math.tanh(math.log1p(math.exp(a)))))
def mish(x):
    """x tanh(softplus(x)).  x: (*) -> (*)   Misra, Mish: A Self Regularized Non-Monotonic Activation, 2019."""
    if large(x):
        return kernels.activations.mish(x)
    x = floating(x)
    return x * np.tanh(select(np.greater(x, 20), x, np.log1p(np.exp(x))))


def _mish_gradient(g: Any, x: Any) -> Any:
    near = where(x > _FAR, _FAR, x)  # beyond, the derivative is 1
    t = tanh(softplus(near))
    return g * (t + near * sigmoid(near) * (1 - t * t))


mish.gradient(x=_mish_gradient, absorbing=BEHIND_SELECTION)
gradient_by_loop(mish, "mish_gradient", "x")


@primitive(elementwise=True, reference=each(lambda a: a / (1 + abs(a))))
def softsign(x):
    """x / (1 + |x|).  x: (*) -> (*)"""
    if large(x):
        return kernels.activations.softsign(x)
    return x / (1 + np.abs(x))


softsign.gradient(x=lambda g, x: g / (1 + abs(x)) ** 2, absorbing=BEHIND_SELECTION)
gradient_by_loop(softsign, "softsign_gradient", "x")
softsign.samples(around(0.0))


@composite(elementwise=True, reference=each(lambda a: a - math.tanh(a)))
def tanhshrink(x):
    """x - tanh(x).  x: (*) -> (*)"""
    return x - tanh(x)


_SQRT_HALF = math.sqrt(0.5)
_GELU = math.sqrt(2 / math.pi)
_GELU_LOOP = 4096  # elements from which on a loop is worth it: SciPy's erfc takes 20 ns for each


def _gelu_reference(x: Any, approximate: str = "none") -> Any:
    if approximate == "tanh":
        return each(lambda a: 0.5 * a * (1 + math.tanh(_GELU * (a + 0.044715 * a**3))))(x)
    return each(lambda a: 0.5 * a * (1 + math.erf(a / math.sqrt(2))))(x)


@primitive(elementwise=True, reference=_gelu_reference)
def gelu(x, approximate="none"):
    """x times the probability that a standard normal variable is below x.  x: (*) -> (*)

    approximate: "tanh" takes 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), which is faster, and off by up to 0.0005.
    ValueError for another word than "none" and "tanh". Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
    """
    if large(x, size=_GELU_LOOP) and approximate in ("none", "tanh"):
        return (kernels.activations.gelu_tanh if approximate == "tanh" else kernels.activations.gelu)(x)
    x = floating(x)
    if approximate == "tanh":
        near = np.maximum(x, -_FAR)
        return near * sigmoid(_gelu_argument(np.minimum(near, _FAR)))
    if approximate != "none":
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', not {approximate!r}.")
    near = np.maximum(x, -2 * _FAR)
    return near * (erfc(near * -_SQRT_HALF) * 0.5)


def _gelu_argument(x: Any) -> Any:
    """(1 + tanh(u)) / 2 is sigmoid(2 u), which keeps its digits where it is small."""
    return x * (x * x * (2 * _GELU * 0.044715) + 2 * _GELU)


def _gelu_gradient(g: Any, x: Any, approximate: str) -> Any:
    if approximate == "tanh":
        near = clamp(x, -_FAR, _FAR)
        s = sigmoid(_gelu_argument(near))
        slope = near * near * (6 * _GELU * 0.044715) + 2 * _GELU
        return g * (s + near * (s * (1 - s)) * slope)
    near = clamp(x, -2 * _FAR, 2 * _FAR)
    return g * (erfc(near * -_SQRT_HALF) * 0.5 + near * (exp(near * near * -0.5) * (_GELU * 0.5)))


def _gelu_loop(x: Any, approximate: str) -> Any:
    return kernels.activations.gelu_tanh_gradient if approximate == "tanh" else kernels.activations.gelu_gradient, (x,)


gelu.gradient(x=_gelu_gradient, absorbing=BEHIND_SELECTION)
gradient_by_loop(gelu, _gelu_loop, "x", "approximate", size=_GELU_LOOP)


@gelu.samples
def _(draw):
    for shape in SHAPES:
        yield Sample(draw(*shape))
    yield Sample(draw(3, 4, low=-6.0, high=6.0))
    yield Sample(draw(3, 4, low=-6.0, high=6.0), approximate="tanh")
    yield Sample(draw(), "tanh")


@gelu.errors
def _(draw):
    yield Sample(draw(3), "fast"), ValueError, "'none' or 'tanh'"


@composite(in_place=False, reference=lambda x, dim=-1: _glu_reference(x, dim))
def glu(x, dim=-1):
    """a sigmoid(b), where a and b are the halves of x along `dim`.  x: (..., 2 K, ...) -> (..., K, ...)

    ValueError if the axis has an odd length. Dauphin et al., Language Modeling with Gated Convolutional Networks, 2016.
    """
    if not x.ndim:
        raise ValueError("glu: a tensor without axes can not be halved.")
    if not -x.ndim <= dim < x.ndim:
        raise IndexError(f"glu: dim {dim} is out of range for a tensor of shape {x.shape}.")
    length = x.shape[dim]
    if length % 2:
        raise ValueError(f"glu: axis {dim} of {x.shape} has the odd length {length} and can not be halved.")
    before = (slice(None),) * (dim % x.ndim)
    return x[(*before, slice(None, length // 2))] * sigmoid(x[(*before, slice(length // 2, None))])


def _glu_reference(x: Any, dim: int) -> Any:
    a, b = np.split(x, 2, dim)
    return a * (0.5 * np.tanh(b / 2) + 0.5)


@glu.samples
def _(draw):
    yield Sample(draw(4))
    yield Sample(draw(3, 4))
    yield Sample(draw(4, 3), 0)
    yield Sample(draw(2, 4, 3), dim=-2)
    yield Sample(draw(3, 0))
    yield Sample(draw(0, 2))


@glu.errors
def _(draw):
    yield Sample(draw(2, 3)), ValueError, "odd length 3"
    yield Sample(draw(2, 4), 2), IndexError, "out of range"
    yield Sample(draw()), ValueError, "without axes"
