"""What a dense layer computes: a matrix product, a bias, and ReLU."""

from __future__ import annotations

import math

import numpy as np

from .. import kernels
from ..declare import primitive
from ..kernels.crossover import choose
from ..op import Sample
from .activation import relu_gradient
from .matmul import as_rows, conjugate, product, times
from .reduction import add_up


# ---------------------------------------------------------------------------------------------------------------------
# linear
# ---------------------------------------------------------------------------------------------------------------------
def _linear_by_einsum(x, weight, bias=None):
    return np.einsum("...d,od->...o", x, weight) + (0.0 if bias is None else bias)


@primitive(conjugates=True, method=False, reference=_linear_by_einsum)
def linear(x, weight, bias=None):
    """x weight^T + bias: what a dense layer computes.  x: (..., D), weight: (O, D), bias: (O,) or None -> (..., O)

    ValueError if the sizes do not fit.

    >>> import autograd
    >>> x, weight = autograd.Tensor([[1.0, 2.0]]), autograd.Tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> autograd.linear(x, weight, autograd.Tensor([0.0, 0.0, 10.0]))
    tensor([[ 1.,  2., 13.]])
    """
    _check("linear", x, weight, bias)
    return _affine(x, weight, bias, False)


def _check(name: str, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> None:
    """Raises where the shapes do not fit."""
    if weight.ndim != 2 or x.shape[-1:] != weight.shape[1:]:
        raise ValueError(_misfit(name, x.shape, weight.shape))
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(
            f"{name}: weight {weight.shape} gives {weight.shape[0]} outputs, and bias has shape {bias.shape}."
        )


def _affine(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, relu: bool) -> np.ndarray:
    if x.ndim != 2:
        return _affine(as_rows(x), weight, bias, relu).reshape(*x.shape[:-1], weight.shape[0])
    if _by_tiles(x, weight) and (bias is None or bias.dtype == x.dtype):
        return kernels.gemm.by_tiles(x, weight.T, bias, relu)
    out = product(x, weight.T)
    if bias is not None:
        out = np.add(out, bias, out=out) if bias.dtype == out.dtype else out + bias
    return np.maximum(out, 0, out=out) if relu else out


def _by_tiles(x: np.ndarray, weight: np.ndarray) -> bool:
    """Whether kernels compute the products of this layer."""
    if x.dtype.char not in "fd" or x.dtype != weight.dtype:
        return False
    n, k = weight.shape
    return choose(1, x.shape[0], k, n, x.itemsize) == "tiles"


def _misfit(name: str, x_shape: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """What is wrong with the shapes of linear, and what to do."""
    if len(shape) != 2:
        return f"{name}: weight is a matrix (out, in), and its shape is {shape}."
    inputs = shape[1]
    if not x_shape:
        return f"{name}: weight {shape} takes {inputs} features, and x has no axis. Give it shape (..., {inputs})."
    text = f"{name}: weight {shape} takes {inputs} features, and the last axis of x {x_shape} has {x_shape[-1]}. "
    for start in range(len(x_shape) - 1):
        if math.prod(x_shape[start:]) == inputs:
            flat = f"x.flatten({start})" if start else "x.flatten()"
            return f"{text}Flatten it first: {flat}, or a Flatten layer before."
    if x_shape[-1] == shape[0]:
        return f"{text}Weights are (out, in): did you mean weight.T?"
    return f"{text}They must be equal."


def _linear_by_x(g, weight):
    weight = conjugate(weight)
    if g.ndim == 2:
        return times(g, weight)
    return times(as_rows(g), weight).reshape((*g.shape[:-1], weight.shape[1]))


def _linear_by_bias(g):
    if isinstance(g, np.ndarray):
        return add_up(g, tuple(range(g.ndim - 1)), False)
    return as_rows(g).sum(0)


def _linear_by_weight(g, x):
    return times(as_rows(g).mT, conjugate(as_rows(x)))


linear.gradient(x=_linear_by_x, weight=_linear_by_weight, bias=_linear_by_bias)


@linear.samples
def _(draw):
    yield Sample(draw(3, 4), draw(5, 4), draw(5))
    yield Sample(draw(3, 4), draw(5, 4))
    yield Sample(draw(4), draw(5, 4), draw(5))
    yield Sample(draw(2, 3, 4), draw(5, 4), draw(5))
    yield Sample(draw(2, 3, 4), draw(1, 4), bias=None)
    yield Sample(draw(0, 4), draw(5, 4), draw(5))
    yield Sample(draw(3, 0), draw(5, 0), draw(5))
    yield Sample(draw(2, 0, 4), draw(5, 4), draw(5))


@linear.errors
def _(draw):
    yield Sample(draw(3, 5), draw(6, 4)), ValueError, "takes 4 features"
    yield Sample(draw(2, 1, 28, 28), draw(10, 784)), ValueError, "x.flatten(1)"
    yield Sample(draw(2, 28, 28), draw(10, 784)), ValueError, "x.flatten(1)"
    yield Sample(draw(3, 4), draw(4, 5)), ValueError, "weight.T"
    yield Sample(draw(3, 4), draw(5, 4), draw(4)), ValueError, "bias has shape (4,)"
    yield Sample(draw(), draw(5, 4)), ValueError, "no axis"


# ---------------------------------------------------------------------------------------------------------------------
# linear_relu
# ---------------------------------------------------------------------------------------------------------------------
@primitive(method=False, reference=lambda x, weight, bias=None: np.maximum(_linear_by_einsum(x, weight, bias), 0))
def linear_relu(x, weight, bias=None):
    """relu(linear(x, weight, bias)), in one pass.  x: (..., D), weight: (O, D), bias: (O,) or None -> (..., O)"""
    _check("linear_relu", x, weight, bias)
    return _affine(x, weight, bias, True)


@linear_relu.gradients("x", "weight", "bias")
def _(g, out, x, weight, needed):
    if isinstance(g, np.ndarray) and g.dtype == out.dtype and g.flags.c_contiguous and g.size:
        rows, inputs = as_rows(g), as_rows(x)
        if _by_tiles(inputs, weight):
            rows, by_bias = kernels.linear.gate_and_sum(rows, as_rows(out))
            by_x = product(rows, weight).reshape(x.shape) if needed[0] else None
            return by_x, product(rows.T, inputs) if needed[1] else None, by_bias
    g = relu_gradient(g, out)
    return (
        _linear_by_x(g, weight) if needed[0] else None,
        _linear_by_weight(g, x) if needed[1] else None,
        _linear_by_bias(g) if needed[2] else None,
    )


@linear_relu.samples
def _(draw):
    for x in (draw(3, 4), draw(4), draw(2, 3, 4), draw(0, 4)):
        yield Sample(x, draw(5, 4), draw(5))
    yield Sample(draw(3, 4), draw(5, 4))
    yield Sample(draw(9, 70), draw(130, 70), draw(130))  # by kernels


linear_relu.errors(linear.op.errors)
