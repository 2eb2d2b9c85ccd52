"""Starting values: each function writes into a tensor, outside the graph, and returns it.

`generator`: what to draw from; the one that `autograd.manual_seed` seeds unless given.

The weights of a dense layer are (out, in), those of a convolution (out, in / groups, *kernel). *Fan in* is how many
inputs one output is summed from, *fan out* how many outputs one input reaches.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd.ops.random import Generator, normal_array, randperm, uniform_array
from autograd.tensor import Tensor, get_default_dtype

from .parameter import set_values


def empty(shape: tuple[int, ...], dtype: DTypeLike | None) -> np.ndarray:
    """An array for a parameter, of the default dtype unless given."""
    return np.zeros(shape, get_default_dtype() if dtype is None else dtype)


def _fill(tensor: Tensor, values: Any, name: str) -> Tensor:
    set_values(tensor, np.broadcast_to(values, tensor.shape), name)
    return tensor


# ---------------------------------------------------------------------------------------------------------------------
# Constants
# ---------------------------------------------------------------------------------------------------------------------
def constant_(tensor: Tensor, val: float) -> Tensor:
    """Every element becomes `val`."""
    return _fill(tensor, val, "constant_")


def ones_(tensor: Tensor) -> Tensor:
    """Every element becomes 1."""
    return _fill(tensor, 1.0, "ones_")


def zeros_(tensor: Tensor) -> Tensor:
    """Every element becomes 0."""
    return _fill(tensor, 0.0, "zeros_")


def eye_(tensor: Tensor) -> Tensor:
    """The identity matrix: a dense layer passes on as many inputs as it can.  tensor: (M, N)"""
    _need_axes("eye_", tensor, 2, 2)
    return _fill(tensor, np.eye(tensor.shape[0], tensor.shape[1]), "eye_")


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """The kernels that pass on as many channels as they can.  tensor: (O, C, W), (O, C, H, W) or (O, C, D, H, W)"""
    _need_axes("dirac_", tensor, 3, 5)
    outputs = tensor.shape[0]
    if outputs % groups:
        raise ValueError(f"dirac_: {outputs} output channels can not be split into groups={groups}.")
    values = np.zeros(tensor.shape)
    middle = tuple(size // 2 for size in tensor.shape[2:])
    each = outputs // groups
    for group in range(groups):
        for channel in range(min(each, tensor.shape[1])):
            values[(group * each + channel, channel, *middle)] = 1.0
    return _fill(tensor, values, "dirac_")


# ---------------------------------------------------------------------------------------------------------------------
# Distributions
# ---------------------------------------------------------------------------------------------------------------------
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform between a and b."""
    values = uniform_array(tensor.shape, tensor.dtype, generator)
    values *= b - a
    values += a
    return _fill(tensor, values, "uniform_")


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal with this mean and standard deviation."""
    values = normal_array(tensor.shape, tensor.dtype, generator)
    values *= std
    values += mean
    return _fill(tensor, values, "normal_")


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Normal with this mean and standard deviation, of which only what lies between a and b is drawn.

    The bounds are values, not multiples of the standard deviation.
    """
    if not a < b:
        raise ValueError(f"trunc_normal_: the bounds are a={a} and b={b}. Give a below b.")
    if std == 0.0:
        return _fill(tensor, min(max(mean, a), b), "trunc_normal_")
    values = _truncated(tensor.shape, (a - mean) / std, (b - mean) / std, generator)
    return _fill(tensor, np.clip(values * std + mean, a, b), "trunc_normal_")


def _truncated(shape: tuple[int, ...], low: float, high: float, generator: Generator | None) -> np.ndarray:
    """Standard normal between low and high: the inverse of its distribution function, at uniform places."""
    from scipy.special import ndtr, ndtri

    if low > 0:  # the upper tail: the lower one has the precision
        return -_truncated(shape, -high, -low, generator)
    first, last = ndtr(low), ndtr(high)
    return np.asarray(ndtri(first + (last - first) * uniform_array(shape, np.float64, generator)))


# ---------------------------------------------------------------------------------------------------------------------
# Scaled to the size of the layer
# ---------------------------------------------------------------------------------------------------------------------
def fans(name: str, tensor: Tensor) -> tuple[int, int]:
    """Fan in and fan out of weights."""
    shape = tensor.shape
    if len(shape) < 2:
        raise ValueError(
            f"{name}: fan in and fan out need weights of two axes or more, and the tensor has shape {shape}. "
            f"Use zeros_ or uniform_ for a bias."
        )
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


_GAINS = {
    "linear": 1.0,
    **dict.fromkeys([f"conv{'_transpose' * t}{n}d" for t in (False, True) for n in (1, 2, 3)], 1.0),
    "sigmoid": 1.0,
    "tanh": 5.0 / 3.0,
    "relu": math.sqrt(2.0),
    "selu": 3.0 / 4.0,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which weights before this function are larger, so that values keep their size from layer to layer.

    nonlinearity: "linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu" (param: its slope, 0.01) or "selu".

    >>> import nn
    >>> nn.init.calculate_gain("leaky_relu", 1.0)
    1.0
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1.0 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in _GAINS:
        names = ", ".join(["leaky_relu", *_GAINS])
        raise ValueError(f"calculate_gain: {nonlinearity!r} is not known. Give one of {names}.")
    return _GAINS[nonlinearity]


def variance_scaling_(
    tensor: Tensor,
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: str = "truncated_normal",
    generator: Generator | None = None,
) -> Tensor:
    """Mean 0 and variance scale / n.

    mode: n is "fan_in", "fan_out" or the mean of both, "fan_avg".
    distribution: "normal", "uniform", or "truncated_normal": nothing beyond two standard deviations, and widened so
    that the variance is right all the same.
    """
    fan_in, fan_out = fans("variance_scaling_", tensor)
    choices = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    if mode not in choices:
        raise ValueError(f"variance_scaling_: mode is {mode!r}. Give one of {', '.join(choices)}.")
    std = math.sqrt(scale / max(choices[mode], 1))
    if distribution == "normal":
        return normal_(tensor, 0.0, std, generator)
    if distribution == "uniform":
        return uniform_(tensor, -math.sqrt(3) * std, math.sqrt(3) * std, generator)
    if distribution == "truncated_normal":
        std /= 0.87962566103423978  # the standard deviation of a standard normal that is cut off at -2 and 2
        return trunc_normal_(tensor, 0.0, std, -2 * std, 2 * std, generator)
    raise ValueError(
        f"variance_scaling_: distribution is {distribution!r}. Give one of normal, uniform, truncated_normal."
    )


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform with standard deviation gain * sqrt(2 / (fan_in + fan_out)).

    Glorot and Bengio: Understanding the difficulty of training deep feedforward neural networks (2010).
    """
    bound = gain * math.sqrt(6.0 / sum(fans("xavier_uniform_", tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal with standard deviation gain * sqrt(2 / (fan_in + fan_out)).  See `xavier_uniform_`."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(fans("xavier_normal_", tensor))), generator)


def _kaiming_std(name: str, tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{name}: mode is {mode!r}. Give fan_in or fan_out.")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans(name, tensor)[mode == "fan_out"])


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Uniform with standard deviation gain / sqrt(fan), where the gain is that of the function behind the layer.

    a: the slope of "leaky_relu".
    mode: "fan_in" keeps the size of values on the way forward, "fan_out" that of gradients on the way back.

    He, Zhang, Ren and Sun: Delving deep into rectifiers (2015).
    """
    bound = math.sqrt(3.0) * _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Normal with standard deviation gain / sqrt(fan).  See `kaiming_uniform_`."""
    return normal_(tensor, 0.0, _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity), generator)


def lecun_uniform_(tensor: Tensor, generator: Generator | None = None) -> Tensor:
    """Uniform with standard deviation 1 / sqrt(fan_in).

    LeCun, Bottou, Orr and Müller: Efficient BackProp (1998). Goes with SELU.
    """
    return variance_scaling_(tensor, 1.0, "fan_in", "uniform", generator)


def lecun_normal_(tensor: Tensor, generator: Generator | None = None) -> Tensor:
    """Normal with standard deviation 1 / sqrt(fan_in), nothing beyond two of them.  See `lecun_uniform_`."""
    return variance_scaling_(tensor, 1.0, "fan_in", "truncated_normal", generator)


def orthogonal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Orthogonal rows or columns, whichever are fewer, of length `gain`; more than two axes count as (O, rest).

    Saxe, McClelland and Ganguli: Exact solutions to the nonlinear dynamics of learning in deep linear networks (2014).
    """
    _need_axes("orthogonal_", tensor, 2)
    if not tensor.data.size:
        return tensor
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    values = normal_array((max(rows, columns), min(rows, columns)), np.float64, generator)
    q, r = np.linalg.qr(values)
    q *= np.sign(np.diagonal(r))  # makes the factorization unique, and so the distribution uniform
    return _fill(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.shape), "orthogonal_")


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Normal, with the fraction `sparsity` of each column set to zero.  tensor: (M, N)

    Martens: Deep learning via Hessian-free optimization (2010).
    """
    _need_axes("sparse_", tensor, 2, 2)
    rows, columns = tensor.shape
    values = std * normal_array((rows, columns), np.float64, generator)
    zeros = math.ceil(sparsity * rows)
    for column in range(columns):
        values[randperm(rows, generator).data[:zeros], column] = 0.0
    return _fill(tensor, values, "sparse_")


def _need_axes(name: str, tensor: Tensor, least: int, most: int | None = None) -> None:
    if tensor.ndim < least or (most is not None and tensor.ndim > most):
        wanted = f"{least}" if least == most else f"{least} to {most}" if most else f"at least {least}"
        raise ValueError(f"{name}: the tensor has shape {tensor.shape}, and {wanted} axes are needed.")
