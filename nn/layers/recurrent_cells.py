"""One step of a recurrent layer, for loops of one's own; and what layers and cells share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from autograd import gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell
from autograd.tensor import Tensor, wrap

from .. import init
from ..parameter import Parameter
from .weighted import Weighted, check_input


def layer_sizes(name: str, first: int | None, hidden: int | None, given: int | None) -> tuple[int | None, int]:
    """Input and hidden size from the arguments of a layer: with one number alone, that is the hidden size."""
    if first is not None and given is not None:
        raise TypeError(f"{name}: input_size is given twice.")
    size = given if first is None else first
    if hidden is None and first is not None:
        size, hidden = None, first
    if hidden is None:
        raise TypeError(
            f"{name}: hidden_size is missing. Write {name}(256), or {name}(128, 256) with input_size first."
        )
    for key, value in (("input_size", size), ("hidden_size", hidden)):
        if value is not None and (isinstance(value, bool) or not hasattr(value, "__index__") or value < 1):
            raise ValueError(f"{name}: {key} is {value!r}. Give a whole number from 1 on.")
    return size, hidden


class Gated(Weighted):
    """What layers and cells share."""

    size_attribute = "input_size"
    gates: ClassVar[int]
    hidden_size: int
    input_size: int | None

    def size_in(self, shapes: Mapping[str, tuple[int, ...]]) -> int:
        return next(shape for name, shape in shapes.items() if name.startswith("weight_ih"))[1]

    def reset_parameters(self) -> None:
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def check_features(self, x: Tensor, dtype: np.dtype) -> None:
        """Raises unless x has the dtype and the features of this layer; infers the features."""
        check_input(self, x, dtype)
        name = type(self).__name__
        if not x.ndim:
            raise ValueError(f"{name}: the input is a single number. Give an axis of features.")
        if self.input_size is None:
            self.infer_from(x.shape[-1])
        elif x.shape[-1] != self.input_size:
            raise ValueError(
                f"{name}: the input {x.shape} has {x.shape[-1]} features (its last axis), and this layer takes "
                f"{self.input_size}. Use {name}({x.shape[-1]}, {self.hidden_size}), or {name}({self.hidden_size}) to "
                f"infer it."
            )


def check_nonlinearity(name: str, nonlinearity: str) -> None:
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"{name}: nonlinearity is {nonlinearity!r}. It must be 'tanh' or 'relu'.")


class _Cell(Gated):
    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        first: int | None = None,
        /,
        hidden_size: int | None = None,
        bias: bool = True,
        device: Any = None,
        dtype: DTypeLike | None = None,
        *,
        input_size: int | None = None,
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size = layer_sizes(type(self).__name__, first, hidden_size, input_size)
        self.bias = bias
        self.declare({"weight_ih": True, "weight_hh": True, "bias_ih": bias, "bias_hh": bias}, dtype, device)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        assert self.input_size is not None
        rows = self.gates * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, self.input_size),
            "weight_hh": (rows, self.hidden_size),
        }
        return shapes | ({"bias_ih": (rows,), "bias_hh": (rows,)} if self.bias else {})

    def prepared(self, x: Tensor, hx: Tensor | None) -> Any:
        """The state before, zeros unless given; both checked."""
        self.check_features(x, self.weight_ih.dtype)
        if x.ndim not in (1, 2):
            raise ValueError(f"{type(self).__name__}: the input has shape {x.shape}. It must be (N, I) or (I,).")
        want = (*x.shape[:-1], self.hidden_size)
        if hx is None:
            return wrap(np.zeros(want, x.dtype))
        check_input(self, hx, self.weight_ih.dtype)
        if hx.shape != want:
            raise ValueError(
                f"{type(self).__name__}: the state has shape {hx.shape}, and the input {x.shape}. The state must be "
                f"{want}."
            )
        return hx

    def extra_repr(self) -> str:
        sizes = f"{self.hidden_size}" if self.input_size is None else f"{self.input_size}, {self.hidden_size}"
        return sizes if self.bias else f"{sizes}, bias=False"


class LSTMCell(_Cell):
    """One step of long short-term memory: `h, c = cell(x, (h, c))`.

    x: (N, I) or (I,); h, c: (N, H) or (H,), zeros unless given -> the next h and c

    input_size: I; left out, the first call infers it. hidden_size: H. bias: whether there are biases.
    Parameters as in `LSTM`: weight_ih (4H, I), weight_hh (4H, H), bias_ih, bias_hh (4H,).

    >>> import autograd, nn
    >>> h, c = nn.LSTMCell(10, 20)(autograd.zeros(3, 10))
    >>> h.shape, c.shape
    ((3, 20), (3, 20))
    """

    gates = 4

    def forward(self, x: Tensor, hx: Any = None) -> tuple[Tensor, ...]:
        """The next states."""
        if hx is not None and (not isinstance(hx, (tuple, list)) or len(hx) != 2):
            raise TypeError(f"LSTMCell: hx must be the two states (h, c), and it is {type(hx).__name__}.")
        h, c = (None, None) if hx is None else hx
        states = self.prepared(x, h), self.prepared(x, c)
        return lstm_cell(x, states, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class GRUCell(_Cell):
    """One step of gated recurrent units: `h = cell(x, h)`.

    x: (N, I) or (I,); h: (N, H) or (H,), zeros unless given -> the next h

    input_size: I; left out, the first call infers it. hidden_size: H. bias: whether there are biases.
    Parameters as in `GRU`: weight_ih (3H, I), weight_hh (3H, H), bias_ih, bias_hh (3H,).

    >>> import autograd, nn
    >>> nn.GRUCell(10, 20)(autograd.zeros(3, 10)).shape
    (3, 20)
    """

    gates = 3

    def forward(self, x: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next state."""
        return gru_cell(x, self.prepared(x, hx), self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class RNNCell(_Cell):
    """One step of plain recurrent units: `h = cell(x, h)`.

    x: (N, I) or (I,); h: (N, H) or (H,), zeros unless given -> the next h

    input_size: I; left out, the first call infers it. hidden_size: H. bias: whether there are biases.
    nonlinearity: "tanh" or "relu".
    Parameters as in `RNN`: weight_ih (H, I), weight_hh (H, H), bias_ih, bias_hh (H,).

    >>> import autograd, nn
    >>> nn.RNNCell(10, 20)(autograd.zeros(3, 10)).shape
    (3, 20)
    """

    gates = 1

    def __init__(
        self,
        first: int | None = None,
        /,
        hidden_size: int | None = None,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: DTypeLike | None = None,
        *,
        input_size: int | None = None,
    ) -> None:
        super().__init__(first, hidden_size, bias, device, dtype, input_size=input_size)
        check_nonlinearity("RNNCell", nonlinearity)
        self.nonlinearity = nonlinearity

    def forward(self, x: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next state."""
        cell = rnn_tanh_cell if self.nonlinearity == "tanh" else rnn_relu_cell
        return cell(x, self.prepared(x, hx), self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)

    def extra_repr(self) -> str:
        text = super().extra_repr()
        return text if self.nonlinearity == "tanh" else f"{text}, nonlinearity={self.nonlinearity!r}"
