"""What a dense layer computes: a matrix product, a bias, and ReLU or GELU."""

from __future__ import annotations

import math

import numpy as np

from .. import kernels
from ..declare import primitive
from ..fused import fused
from ..kernels.crossover import choose
from ..modes import modes
from ..op import Sample, keep
from .activation import relu_gradient
from .matmul import as_rows, conjugate, flat_product, times
from .reduction import add_up
from .smooth_activation import gelu

# Bytes of the result up to which GELU belongs into the product. One thread, forward and backward, against one after the
# other: 256 x 128 -> 512 takes 0.96 of the time, 1024 x 128 -> 512 as long, 4096 x 64 -> 256 1.04, since what falls out
# of the second-level cache is fetched as fast by a loop of its own.
_GELU_BYTES = 1 << 20
_SMALL_SUM = 2048  # elements up to which rows are just added one after another


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
    return _affine("linear", x, weight, bias, False)


def _affine(name: str, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, relu: bool) -> np.ndarray:
    if not _fits(x, weight, bias):
        raise ValueError(_misfit(name, x.shape, weight.shape, bias))
    if x.ndim != 2:
        return _affine(name, as_rows(x), weight, bias, relu).reshape(*x.shape[:-1], weight.shape[0])
    if _by_tiles(x, weight) and (bias is None or bias.dtype == x.dtype):
        return kernels.gemm.packed_matmul(x, weight.T, None, bias, relu)
    out = flat_product(x, weight.T)
    if bias is not None:
        if bias.dtype == out.dtype:
            out += bias
        else:
            out = out + bias
    return np.maximum(out, 0, out=out) if relu else out


def _fits(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> bool:
    return (
        weight.ndim == 2
        and x.shape[-1:] == weight.shape[1:]
        and (bias is None or (bias.ndim == 1 and bias.shape[0] == weight.shape[0]))
    )


def _by_tiles(x: np.ndarray, weight: np.ndarray) -> bool:
    """Whether kernels compute the products of this layer."""
    dtype = x.dtype
    if dtype.char not in "fd" or weight.dtype != dtype:
        return False
    m, k = x.shape
    return choose(1, m, k, weight.shape[0], dtype.itemsize) == "tiles"


def _misfit(name: str, x_shape: tuple[int, ...], shape: tuple[int, ...], bias: np.ndarray | None) -> str:
    """What is wrong with the shapes, and what to do."""
    if len(shape) != 2:
        return f"{name}: weight is a matrix (out, in), and its shape is {shape}."
    inputs = shape[1]
    if x_shape[-1:] == (inputs,) and bias is not None:
        return f"{name}: weight {shape} gives {shape[0]} outputs, and bias has shape {bias.shape}."
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
    if g.ndim == 2 and isinstance(g, np.ndarray):
        return flat_product(g, conjugate(weight))
    return times(as_rows(g), conjugate(weight)).reshape((*g.shape[:-1], weight.shape[1]))


def _linear_by_weight(g, x):
    g, x = as_rows(g), conjugate(as_rows(x))
    return flat_product(g.T, x) if isinstance(g, np.ndarray) else times(g.mT, x)


def _linear_by_bias(g):
    if isinstance(g, np.ndarray):
        return np.add.reduce(g) if g.ndim == 2 and g.size < _SMALL_SUM else add_up(g, tuple(range(g.ndim - 1)), False)
    return as_rows(g).sum(0)


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
    return _affine("linear_relu", x, weight, bias, True)


@linear_relu.gradients("x", "weight", "bias")
def _(g, out, x, weight, needed):
    by_x, by_weight, by_bias = needed
    if isinstance(g, np.ndarray) and g.flags.c_contiguous and g.dtype == out.dtype:
        rows, inputs = as_rows(g), as_rows(x)
        if _by_tiles(inputs, weight):
            rows, sums = kernels.linear.gate_and_sum(rows, as_rows(out))
            by_x = flat_product(rows, weight).reshape(x.shape) if by_x else None
            return by_x, flat_product(rows.T, inputs) if by_weight else None, sums
    g = relu_gradient(g, out)
    return (
        _linear_by_x(g, weight) if by_x else None,
        _linear_by_weight(g, x) if by_weight else None,
        _linear_by_bias(g) if by_bias else None,
    )


@linear_relu.samples
def _(draw):
    for x in (draw(3, 4), draw(4), draw(2, 3, 4), draw(0, 4)):
        yield Sample(x, draw(5, 4), draw(5))
    yield Sample(draw(3, 4), draw(5, 4))
    yield Sample(draw(9, 70), draw(130, 70), draw(130))  # by kernels


linear_relu.errors(linear.op.errors)


# ---------------------------------------------------------------------------------------------------------------------
# linear_gelu
# ---------------------------------------------------------------------------------------------------------------------
def _linear_gelu_by_einsum(x, weight, bias=None, approximate="none"):
    return gelu.op.reference(_linear_by_einsum(x, weight, bias), approximate)


@fused(method=False, reference=_linear_gelu_by_einsum)
def linear_gelu(x, weight, bias=None, approximate="none"):
    """gelu(linear(x, weight, bias), approximate), in one pass.  x: (..., D), weight: (O, D), bias: (O,) -> (..., O)"""
    return gelu(linear(x, weight, bias), approximate)


@linear_gelu.kernel
def _(x, weight, bias, approximate):
    if approximate not in ("none", "tanh"):
        raise ValueError(f"linear_gelu: approximate must be 'none' or 'tanh', not {approximate!r}.")
    if not _fits(x, weight, bias):
        raise ValueError(_misfit("linear_gelu", x.shape, weight.shape, bias))
    if bias is not None and bias.dtype != x.dtype:
        return NotImplemented
    rows = as_rows(x)
    if rows.shape[0] * weight.shape[0] * x.itemsize > _GELU_BYTES or not _by_tiles(rows, weight):
        return NotImplemented
    out, slopes = kernels.gemm.packed_gelu(rows, weight.T, bias, approximate, modes.recording)
    return keep(out if x.ndim == 2 else out.reshape(*x.shape[:-1], weight.shape[0]), slopes=slopes)


@linear_gelu.backward("x", "weight", "bias")
def _(g, slopes, x, weight, needed):
    by_x, by_weight, by_bias = needed
    g = np.ascontiguousarray(as_rows(g), slopes.dtype)
    g, sums = kernels.linear.scale_and_sum(g, slopes, absorb=not modes.strict_nan)
    return (
        flat_product(g, weight).reshape(x.shape) if by_x else None,
        flat_product(g.T, as_rows(x)) if by_weight else None,
        sums if by_bias else None,
    )


@linear_gelu.samples
def _(draw):
    for x in (draw(3, 4), draw(4), draw(2, 3, 4), draw(0, 4)):
        yield Sample(x, draw(5, 4), draw(5))
    yield Sample(draw(3, 4), draw(5, 4), approximate="tanh")
    yield Sample(draw(9, 70), draw(130, 70), draw(130))  # by kernels
    yield Sample(draw(2, 5, 70), draw(130, 70), None, "tanh")


@linear_gelu.errors
def _(draw):
    yield Sample(draw(3, 5), draw(6, 4)), ValueError, "takes 4 features"
    yield Sample(draw(3, 4), draw(4, 5)), ValueError, "weight.T"
    yield Sample(draw(9, 70), draw(130, 70), draw(130), "fast"), ValueError, "'none' or 'tanh'"
