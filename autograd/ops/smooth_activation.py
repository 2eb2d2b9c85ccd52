"""Activation functions made of exponentials and their kin, and the gated linear unit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite, primitive
from ..op import BEHIND_SELECTION, Sample
from .activation import floating
from .arithmetic import clamp
from .axes import axis_of
from .comparison import select, where
from .elementwise import exp, sigmoid, tanh
from .error_functions import erfc
from .loops import gradient_by_loop, large
from .references import SHAPES, around, each

_FAR = 20.0  # beyond, many functions are 0, or x, in every dtype


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
_GELU_LOOP = 2048  # elements from which on a loop is worth it: SciPy's erfc takes 20 ns for each


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
    dim = axis_of(dim, x.ndim, "glu")
    length = x.shape[dim]
    if length % 2:
        raise ValueError(f"glu: axis {dim} of {x.shape} has the odd length {length} and can not be halved.")
    before = (slice(None),) * dim
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
