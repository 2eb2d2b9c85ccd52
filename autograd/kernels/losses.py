"""Losses between two arrays of one shape, summed in the same pass that computes them, and their gradients.

Of each: the sum of the losses of all elements, and the gradient by x for an incoming gradient, an array of one element,
which already holds the factor of the mean.
"""

from __future__ import annotations

from autograd.kernels.elementwise import choose, gradient_loop, sum_loop
from autograd.kernels.jit import inline, real
from autograd.kernels.scalar_math import sigmoid, softplus


@sum_loop
def mse(x, target):
    """(x - target)**2."""
    d = x - target
    return d * d


@gradient_loop
def mse_gradient(g, x, target):
    """2 (x - target) g."""
    return (x - target) * (g + g)


@inline
def _signed(g, d):
    """g with the sign of d: 0 where d is 0, NaN where d is."""
    return choose(d > real(0), g, choose(d < real(0), -g, g * d))


@sum_loop
def l1(x, target):
    """|x - target|."""
    return abs(x - target)


@gradient_loop
def l1_gradient(g, x, target):
    """g with the sign of the difference."""
    return _signed(g, x - target)


@sum_loop
def smooth_l1(x, target, beta: float):
    """d**2 / (2 beta) for differences d below beta, |d| - beta / 2 above."""
    size = abs(x - target)
    return choose(size < beta, size * size * (real(0.5) / beta), size - real(0.5) * beta)


@gradient_loop
def smooth_l1_gradient(g, x, target, beta: float):
    """d / beta for differences d below beta, the sign of d above."""
    d = x - target
    return choose(abs(d) < beta, d * (g / beta), _signed(g, d))


@sum_loop
def huber(x, target, delta: float):
    """d**2 / 2 for differences d below delta, delta (|d| - delta / 2) above."""
    size = abs(x - target)
    return choose(size < delta, size * size * real(0.5), (size - real(0.5) * delta) * delta)


@gradient_loop
def huber_gradient(g, x, target, delta: float):
    """d for differences d below delta, delta with the sign of d above."""
    d = x - target
    return choose(abs(d) < delta, d * g, _signed(g * delta, d))


@sum_loop
def bce_with_logits(x, target):
    """-target log(sigmoid(x)) - (1 - target) log(1 - sigmoid(x))."""
    return softplus(x) - x * target


@gradient_loop
def bce_with_logits_gradient(g, x, target):
    """sigmoid(x) - target."""
    return g * (sigmoid(x) - target)
