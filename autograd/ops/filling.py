"""Tensors filled with random numbers in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..inplace import check_writable, write
from ..tensor import Tensor, to_array, wrap
from .random import (
    DIRECT,
    Generator,
    bernoulli,
    checked_probabilities,
    draws_of,
    integers_array,
    multinomial,
    normal_array,
    uniform_array,
)


def _fill(self: Tensor, values: np.ndarray, name: str) -> Tensor:
    return write(self, wrap(np.asarray(values).astype(self.dtype, copy=False)), name)


def _check_float(self: Tensor, name: str) -> None:
    check_writable(self, name)
    if self.dtype.kind != "f":
        raise TypeError(f"{name}: draws floats and can not fill a tensor of {self.dtype}.")


def uniform_(
    self: Tensor, from_: float = 0.0, to: float = 1.0, generator: Generator | None = None, **names: float
) -> Tensor:
    """Fills the tensor with uniform numbers from `from` up to `to`."""
    _check_float(self, "uniform_")
    from_ = _from(names, from_, "uniform_")
    if from_ > to:
        raise ValueError(f"uniform_: there is no number from {from_} to {to}.")
    return _fill(self, uniform_array(self.shape, self.dtype, generator) * (to - from_) + from_, "uniform_")


def _from(names: dict[str, Any], default: Any, name: str) -> Any:
    """PyTorch calls the lower end `from`, which Python does not allow as the name of a parameter."""
    value = names.pop("from", default)
    value = names.pop("a", value)
    if names:
        raise TypeError(f"{name}: has no parameter {next(iter(names))}.")
    return value


def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fills the tensor with normal numbers."""
    _check_float(self, "normal_")
    if std < 0:
        raise ValueError(f"normal_: a standard deviation is 0 or more, not {std}.")
    return _fill(self, normal_array(self.shape, self.dtype, generator) * std + mean, "normal_")


def log_normal_(self: Tensor, mean: float = 1.0, std: float = 2.0, generator: Generator | None = None) -> Tensor:
    """Fills the tensor with numbers whose logarithms are normal."""
    _check_float(self, "log_normal_")
    return _fill(self, np.exp(normal_array(self.shape, self.dtype, generator) * std + mean), "log_normal_")


def exponential_(self: Tensor, lambd: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fills the tensor with exponential numbers of rate `lambd`."""
    _check_float(self, "exponential_")
    if lambd <= 0:
        raise ValueError(f"exponential_: a rate is greater than 0, not {lambd}.")
    dtype = self.dtype if self.dtype in DIRECT else np.dtype(np.float32)
    return _fill(self, draws_of(generator).standard_exponential(self.shape, dtype.type) / lambd, "exponential_")


def cauchy_(self: Tensor, median: float = 0.0, sigma: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fills the tensor with Cauchy numbers."""
    _check_float(self, "cauchy_")
    return _fill(self, median + sigma * draws_of(generator).standard_cauchy(self.shape), "cauchy_")


def geometric_(self: Tensor, p: float, generator: Generator | None = None) -> Tensor:
    """Fills the tensor with the number of trials until the first success of probability p."""
    check_writable(self, "geometric_")
    if not 0 < p < 1:
        raise ValueError(f"geometric_: p lies between 0 and 1, not {p}.")
    return _fill(self, draws_of(generator).geometric(p, self.shape), "geometric_")


def bernoulli_(self: Tensor, p: Any = 0.5, generator: Generator | None = None) -> Tensor:
    """Fills the tensor with ones of probability p, a number or a tensor, and zeros."""
    check_writable(self, "bernoulli_")
    probability = checked_probabilities(to_array(p), "bernoulli_")
    np.broadcast_to(probability, self.shape)
    return _fill(self, draws_of(generator).random(self.shape) < probability, "bernoulli_")


def random_(
    self: Tensor, from_: int | None = None, to: int | None = None, generator: Generator | None = None, **names: int
) -> Tensor:
    """Fills the tensor with integers: random_(to), random_(from, to), or all that the dtype can hold exactly."""
    check_writable(self, "random_")
    if "from" in names or to is not None:
        low, high = _from(names, from_ or 0, "random_"), to
    else:
        low, high = 0, from_
    if high is None:
        if self.dtype.kind == "f":
            high = (1 << (np.finfo(self.dtype).nmant + 1)) + 1
        else:
            high = 2 if self.dtype.kind == "b" else int(np.iinfo(self.dtype).max)
    return _fill(self, integers_array(low, high, self.shape, generator), "random_")


for _method in (
    uniform_,
    normal_,
    log_normal_,
    exponential_,
    cauchy_,
    geometric_,
    bernoulli_,
    random_,
):
    setattr(Tensor, _method.__name__, _method)
for _name, _draw in {"bernoulli": bernoulli, "multinomial": multinomial}.items():
    setattr(Tensor, _name, _draw)
