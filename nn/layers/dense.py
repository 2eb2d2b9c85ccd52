"""The layer that connects everything with everything, and the one that does nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import DTypeLike

from autograd import linear_gelu, linear_relu
from autograd.tensor import Tensor

from .. import functional as F
from .. import init
from ..module import Module
from ..pairs import takes_gelu, takes_relu
from ..parameter import Parameter
from .weighted import Weighted, check_input


class Identity(Module):
    """Gives back its input.  It takes any arguments, and does not look at them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Any) -> Any:
        """x itself."""
        return x


@takes_gelu
@takes_relu
class Dense(Weighted):
    """x @ weight.T + bias: each output is a weighted sum of all inputs.  x: (*, in_features) -> (*, out_features)

    in_features: the size of the last axis of the input. `Dense(64)` leaves it out: the first call infers it.
    out_features: the size of the last axis of the result.
    bias: whether there is one.

    Parameters: weight (out_features, in_features) and bias (out_features,), drawn uniformly between
    -1 / sqrt(in_features) and 1 / sqrt(in_features), as in PyTorch.

    >>> import autograd, nn
    >>> nn.Dense(784, 10)(autograd.zeros(32, 784)).shape
    (32, 10)
    >>> lazy = nn.Dense(10)
    >>> lazy(autograd.zeros(32, 784)).shape, lazy
    ((32, 10), Dense(784, 10))
    """

    size_attribute = "in_features"
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        first: int | None = None,
        /,
        out_features: int | None = None,
        bias: bool = True,
        dtype: DTypeLike | None = None,
        device: Any = None,
        *,
        in_features: int | None = None,
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = sizes_of("Dense", "features", first, out_features, in_features)
        self.declare({"weight": True, "bias": bias}, dtype, device)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        assert self.in_features is not None
        return {"weight": (self.out_features, self.in_features), "bias": (self.out_features,)}

    def size_in(self, shapes: Mapping[str, tuple[int, ...]]) -> int:
        return shapes["weight"][1]

    def reset_parameters(self) -> None:
        draw_as_pytorch(self.weight, self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """The weighted sums."""
        return self._run(F.linear, x)

    def forward_relu(self, x: Tensor) -> Tensor:
        """The weighted sums, or 0 where they are below."""
        return self._run(linear_relu, x)

    def forward_gelu(self, x: Tensor, approximate: str = "none") -> Tensor:
        """GELU of the weighted sums; see `GELU`."""
        return self._run(linear_gelu, x, approximate)

    def _run(self, operation: Callable[..., Tensor], x: Tensor, *settings: Any) -> Tensor:
        weight: Any
        try:
            weight, bias = self._parameters["weight"], self._parameters["bias"]  # the short way, past __getattr__
        except KeyError:  # something else stands in their place
            weight, bias = self.weight, self.bias
        if self.in_features is None:
            check_input(self, x, weight.dtype)
            if x.ndim:
                self.infer_from(x.shape[-1])
        if type(x) is not Tensor or type(weight) is not Parameter or x.data.dtype is not weight.data.dtype:
            check_input(self, x, weight.dtype)
        try:
            return operation(x, weight, bias, *settings)
        except ValueError:
            if x.shape[-1:] != (self.in_features,):
                raise ValueError(_other_features(self, x.shape)) from None
            raise

    def extra_repr(self) -> str:
        sizes = f"{self.out_features}" if self.in_features is None else f"{self.in_features}, {self.out_features}"
        return sizes if self.bias is not None else f"{sizes}, bias=False"


def sizes_of(name: str, what: str, first: int | None, out: int | None, given: int | None) -> tuple[int | None, int]:
    """Input and output size from the arguments of a layer: with one number alone, that is the output size."""
    if first is not None and given is not None:
        raise TypeError(f"{name}: in_{what} is given twice.")
    size = given if first is None else first
    if out is None and first is not None:
        size, out = None, first
    if out is None:
        raise TypeError(f"{name}: out_{what} is missing. Write {name}(64), or {name}(784, 64) with in_{what} first.")
    for key, value in ((f"in_{what}", size), (f"out_{what}", out)):
        if value is not None and (isinstance(value, bool) or not hasattr(value, "__index__") or value < 0):
            raise ValueError(f"{name}: {key} is {value!r}. Give a whole number.")
    return size, out


def draw_as_pytorch(weight: Parameter, bias: Parameter | None) -> None:
    """PyTorch's default for dense and convolution layers: uniform up to 1 / sqrt(fan in), for the bias too."""
    if weight.data.size:
        init.kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        fan_in = init.fans("reset_parameters", weight)[0]
        bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
        init.uniform_(bias, -bound, bound)


def _other_features(layer: Dense, shape: tuple[int, ...]) -> str:
    want = layer.in_features
    weight = f"the weights, (out, in), are {(layer.out_features, want)}"
    if not shape:
        return f"Dense: the input is a single number, and {weight}. Give an axis of {want} features."
    text = f"Dense: the input {shape} has {shape[-1]} features, and {weight}."
    if len(shape) > 2 and math.prod(shape[1:]) == want:
        return f"{text} Put nn.Flatten() before it, which makes the input {(shape[0], want)}."
    if len(shape) > 1 and math.prod(shape) == want:
        return f"{text} For one sample, pass x.reshape(1, {want})."
    if len(shape) > 1 and shape[-2] == want:
        return f"{text} The features must be the last axis: did you mean x.mT?"
    if len(shape) > 2:
        flat = math.prod(shape[1:])
        return f"{text} If it is to be flattened, use nn.Flatten() and Dense({flat}, {layer.out_features})."
    return f"{text} Use Dense({shape[-1]}, {layer.out_features}), or Dense({layer.out_features}) to infer it."


Linear = Dense
