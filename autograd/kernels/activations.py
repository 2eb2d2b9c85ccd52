"""Activation functions of neural networks and their gradients, each one pass over memory.

At a kink the gradient is that of the side that PyTorch takes. A NaN stays a NaN: comparisons are written so that it
falls to the side that computes with it. Beyond some 20 many of these functions are their argument, or constant, in
every dtype: what would overflow there is not used.
"""

from __future__ import annotations

from autograd.kernels import scalar_math
from autograd.kernels.elementwise import choose, gradient_loop, loop
from autograd.kernels.jit import inline, real
from autograd.kernels.scalar_math import expm1

_exp, _log, _erf, _erfc = scalar_math.exp, scalar_math.log, scalar_math.erf, scalar_math.erfc
_gelu, _gelu_slope = scalar_math.gelu, scalar_math.gelu_slope
_gelu_tanh, _gelu_tanh_slope = scalar_math.gelu_tanh, scalar_math.gelu_tanh_slope
_sigmoid, _softplus = scalar_math.sigmoid, scalar_math.softplus

# --- Straight lines --------------------------------------------------------------------------------------------------


@loop
def relu(x):
    """The larger of x and 0."""
    return choose(x <= real(0), real(0), x)


@gradient_loop
def relu_gradient(g, out):
    """By the result of relu."""
    return choose(out > real(0), g, real(0))


@loop
def hardtanh(x, low: float, high: float):
    """x brought between two bounds."""
    return choose(x < low, low, choose(x > high, high, x))


@gradient_loop
def hardtanh_gradient(g, x, low: float, high: float):
    """0 at the bounds."""
    return choose((x <= low) | (x >= high), real(0), g)


@loop
def leaky_relu(x, slope: float):
    """x above 0, slope x below."""
    return choose(x > real(0), x, x * slope)


@gradient_loop
def leaky_relu_gradient(g, x, slope: float):
    """g above 0, slope g below and at 0."""
    return choose(x > real(0), g, g * slope)


@loop
def prelu(x, weight):
    """x above 0, weight x below."""
    return choose(x > real(0), x, x * weight)


@gradient_loop
def prelu_gradient_by_x(g, x, weight):
    """By x alone."""
    return choose(x > real(0), g, g * weight)


@gradient_loop(outputs=2)
def prelu_gradient(g, x, weight):
    """By x and by the weight."""
    above = x > real(0)
    return choose(above, g, g * weight), choose(above, real(0), g * x)


@loop
def hardsigmoid(x):
    """(x + 3) / 6 between 0 and 1."""
    y = x + real(3)
    return choose(y < real(0), real(0), choose(y > real(6), real(6), y)) * real(1 / 6)


@gradient_loop
def hardsigmoid_gradient(g, x):
    """0 at the bounds."""
    return choose((x > real(-3)) & (x < real(3)), g * real(1 / 6), real(0))


@loop
def hardswish(x):
    """x hardsigmoid(x)."""
    y = x + real(3)
    return x * (choose(y < real(0), real(0), choose(y > real(6), real(6), y)) * real(1 / 6))


@gradient_loop
def hardswish_gradient(g, x):
    """0 up to -3, g from 3 on."""
    slope = g * (x * real(1 / 3) + real(0.5))
    return choose(x <= real(-3), real(0), choose(x >= real(3), g, slope))


@loop
def hardshrink(x, bound: float):
    """0 between the bounds, x outside."""
    return choose((x >= -bound) & (x <= bound), real(0), x)


@loop
def softshrink(x, bound: float):
    """x moved towards 0."""
    return x - choose(x < -bound, -bound, choose(x > bound, bound, x))


@gradient_loop
def shrink_gradient(g, x, bound: float):
    """0 between the bounds and on them."""
    return choose((x >= -bound) & (x <= bound), real(0), g)


@loop
def threshold(x, bound: float, value: float):
    """x above the bound, else the value."""
    return choose(x <= bound, value, x)


@gradient_loop
def threshold_gradient(g, x, bound: float):
    """g above the bound, else 0."""
    return choose(x <= bound, real(0), g)


@loop
def softsign(x):
    """x / (1 + |x|)."""
    return x / (real(1) + abs(x))


@gradient_loop
def softsign_gradient(g, x):
    """g / (1 + |x|)**2."""
    y = real(1) + abs(x)
    return g / (y * y)


# --- Exponentials ----------------------------------------------------------------------------------------------------


@loop
def elu(x, alpha: float):
    """x above 0, alpha (exp(x) - 1) below."""
    return choose(x > real(0), x, alpha * expm1(x))


@gradient_loop
def elu_gradient(g, x, alpha: float):
    """By x."""
    return choose(x > real(0), g, g * (alpha * _exp(x)))


@loop
def celu(x, alpha: float):
    """x above 0, alpha (exp(x / alpha) - 1) below."""
    return choose(x > real(0), x, alpha * expm1(x / alpha))


@gradient_loop
def celu_gradient(g, x, alpha: float):
    """By x."""
    return choose(x > real(0), g, g * _exp(x / alpha))


@loop
def selu(x, alpha: float, scale: float):
    """scale x above 0, scale alpha (exp(x) - 1) below."""
    return scale * choose(x > real(0), x, alpha * expm1(x))


@gradient_loop
def selu_gradient(g, x, alpha: float, scale: float):
    """By x."""
    return g * scale * choose(x > real(0), real(1), alpha * _exp(x))


@loop
def sigmoid(x):
    """1 / (1 + exp(-x))."""
    return _sigmoid(x)


@gradient_loop
def sigmoid_gradient(g, out):
    """By the result of sigmoid."""
    return g * (out * (real(1) - out))


@gradient_loop
def tanh_gradient(g, out):
    """By the result of tanh."""
    return g * (real(1) - out * out)


@loop
def silu(x):
    """x sigmoid(x)."""
    return x * _sigmoid(x)


@gradient_loop
def silu_gradient(g, x):
    """By x."""
    s = _sigmoid(x)
    return g * (s * (real(1) + x * (real(1) - s)))


@loop
def logsigmoid(x):
    """log(sigmoid(x))."""
    return -_softplus(-x)


@gradient_loop
def logsigmoid_gradient(g, x):
    """By x."""
    return g * _sigmoid(-x)


@loop
def softplus(x, beta: float, threshold: float):
    """log(1 + exp(beta x)) / beta, and x where beta x is above the threshold."""
    scaled = x * beta
    return choose(scaled > threshold, x, _softplus(scaled) / beta)


@gradient_loop
def softplus_gradient(g, x, beta: float, threshold: float):
    """By x."""
    scaled = x * beta
    return choose(scaled > threshold, g, g * _sigmoid(scaled))


@inline
def _tanh_softplus(x):
    """With e = exp(x) and n = e (e + 2), tanh(log(1 + e)) is n / (n + 2): n and e."""
    e = _exp(choose(x > real(20), real(20), x))
    return e * (e + real(2)), e


@loop
def mish(x):
    """x tanh(softplus(x))."""
    n, _ = _tanh_softplus(x)
    return choose(x > real(20), x, x * (n / (n + real(2))))


@gradient_loop
def mish_gradient(g, x):
    """By x: t + x sigmoid(x) (1 - t**2), with t = tanh(softplus(x))."""
    n, e = _tanh_softplus(x)
    inverse = real(1) / (n + real(2))
    slope = (n + real(4) * x * e * (e + real(1)) * inverse) * inverse
    return choose(x > real(20), g, g * slope)


# --- The normal distribution -----------------------------------------------------------------------------------------


@loop
def gelu(x):
    """x times the probability that a standard normal variable is below x."""
    return _gelu(x)


@gradient_loop
def gelu_gradient(g, x):
    """By x."""
    return g * _gelu_slope(x)


@loop
def gelu_tanh(x):
    """x (1 + tanh(u)) / 2 with u = sqrt(2 / pi) (x + 0.044715 x**3)."""
    return _gelu_tanh(x)


@gradient_loop
def gelu_tanh_gradient(g, x):
    """By x."""
    return g * _gelu_tanh_slope(x)


@loop
def erf(x):
    """The error function."""
    return _erf(x)


@loop
def erfc(x):
    """1 - erf(x)."""
    return _erfc(x)


@gradient_loop
def erf_gradient(g, x, factor: float):
    """factor exp(-x**2) g."""
    return g * (_exp(-(x * x)) * factor)


@loop
def exp(x):
    """e to the power of x."""
    return _exp(x)


@loop
def log(x):
    """The natural logarithm."""
    return _log(x)
