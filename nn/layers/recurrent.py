"""Recurrent layers: a state that is carried from step to step of a sequence."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from autograd import cat, gru, lstm, rnn, stack
from autograd.stand_in import StandIn
from autograd.tensor import Tensor, wrap

from .. import functional as F
from ..parameter import Parameter
from ..sequences import PackedSequence
from .recurrent_cells import Gated, check_nonlinearity, layer_sizes
from .weighted import check_input


class _Recurrent(Gated):
    states: ClassVar[tuple[str, ...]] = ("h",)
    proj_size = 0

    def __init__(
        self,
        first: int | None,
        hidden_size: int | None,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        device: Any,
        dtype: DTypeLike | None,
        input_size: int | None,
        proj_size: int = 0,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.input_size, self.hidden_size = layer_sizes(name, first, hidden_size, input_size)
        if isinstance(num_layers, bool) or not hasattr(num_layers, "__index__") or num_layers < 1:
            raise ValueError(f"{name}: num_layers is {num_layers!r}. Give a whole number from 1 on.")
        if not 0 <= dropout <= 1:
            raise ValueError(f"{name}: dropout is {dropout}. It is a probability, from 0 to 1.")
        if not 0 <= proj_size < self.hidden_size:
            raise ValueError(
                f"{name}: proj_size is {proj_size}, and hidden_size {self.hidden_size}. A projection makes the hidden "
                f"state smaller: give less, or 0 for none."
            )
        self.num_layers, self.bias, self.batch_first = int(num_layers), bias, batch_first
        self.dropout, self.bidirectional = float(dropout), bidirectional
        if proj_size:
            self.proj_size = proj_size
        self._names = [
            [f"{part}_l{layer}{suffix}" for part in self._parts()]
            for layer in range(self.num_layers)
            for suffix in (("", "_reverse") if bidirectional else ("",))
        ]
        self.declare({name: True for names in self._names for name in names}, dtype, device)

    def _parts(self) -> list[str]:
        biases = ["bias_ih", "bias_hh"] if self.bias else []
        return ["weight_ih", "weight_hh", *biases, *(["weight_hr"] if self.proj_size else [])]

    @property
    def directions(self) -> int:
        """2 if bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def out_size(self) -> int:
        """The size of the hidden state."""
        return self.proj_size or self.hidden_size

    def shapes(self) -> dict[str, tuple[int, ...]]:
        assert self.input_size is not None
        rows = self.gates * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {}
        for i, names in enumerate(self._names):
            inputs = self.input_size if i < self.directions else self.out_size * self.directions
            of_part = {
                "weight_ih": (rows, inputs),
                "weight_hh": (rows, self.out_size),
                "bias_ih": (rows,),
                "bias_hh": (rows,),
                "weight_hr": (self.proj_size, self.hidden_size),
            }
            shapes |= {name: of_part[part] for name, part in zip(names, self._parts(), strict=True)}
        return shapes

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._names]

    def flatten_parameters(self) -> None:
        """Does nothing: PyTorch arranges the memory of a GPU with it."""

    def one_layer(
        self, x: Tensor, states: list[Tensor | None], weights: list[Parameter], sizes: Any, reverse: bool
    ) -> tuple[Tensor, ...]:
        """The hidden states of one layer and direction, and its last states."""
        raise NotImplementedError

    def forward(self, x: Any, hx: Any = None) -> Any:
        """The hidden states of the last layer at each step, and the last state of each layer and direction."""
        if isinstance(x, PackedSequence):
            return self._forward_packed(x, hx)
        self.check_features(x, getattr(self, self._names[0][0]).dtype)
        name, axis = type(self).__name__, 0 if self.batch_first else 1
        layout = "(N, T, I)" if self.batch_first else "(T, N, I)"
        if x.ndim not in (2, 3):
            raise ValueError(f"{name}: the input has shape {x.shape}. It must be {layout}, or (T, I) for one sequence.")
        alone = x.ndim == 2
        if alone:
            x = x.unsqueeze(axis) if isinstance(x, (Tensor, StandIn)) else np.expand_dims(x, axis)
        steps, batch = (x.shape[1], x.shape[0]) if self.batch_first else x.shape[:2]
        if not steps:
            raise ValueError(f"{name}: the input {x.shape}, {layout}, has no steps. There must be at least one.")
        states = self._first_states(hx, batch, alone)
        if self.batch_first:
            x = x.transpose(0, 1) if isinstance(x, Tensor) else x.swapaxes(0, 1)
        out, last = self._all_layers(x, states, None)
        if self.batch_first:
            out = out.transpose(0, 1)
        if alone:
            return out.squeeze(axis), self._last_states([state.squeeze(1) for state in last])
        return out, self._last_states(last)

    def _forward_packed(self, x: PackedSequence, hx: Any) -> tuple[PackedSequence, Any]:
        self.check_features(x.data, getattr(self, self._names[0][0]).dtype)
        sizes = x.batch_sizes.data
        states = self._first_states(hx, int(sizes[0]), False)
        if x.sorted_indices is not None:
            order = x.sorted_indices
            states = [state if state is None else state[:, order] for state in states]
        out, last = self._all_layers(x.data, states, sizes)
        if x.unsorted_indices is not None:
            back = x.unsorted_indices
            last = [state[:, back] for state in last]
        return PackedSequence(out, *x[1:]), self._last_states(last)

    def _first_states(self, hx: Any, batch: int, alone: bool) -> list[Tensor | None]:
        """The states that were given, as (layers * directions, N, size) each; None for zeros."""
        name = type(self).__name__
        if hx is None:
            return [None] * len(self.states)
        if len(self.states) == 1:
            hx = (hx,)
        elif not isinstance(hx, (tuple, list)) or len(hx) != len(self.states):
            raise TypeError(f"{name}: hx must be the two states (h, c), and it is {type(hx).__name__}.")
        places = self.num_layers * self.directions
        checked: list[Tensor | None] = []
        for key, state, size in zip(self.states, hx, (self.out_size, self.hidden_size), strict=False):
            want = (places, size) if alone else (places, batch, size)
            check_input(self, state, getattr(self, self._names[0][0]).dtype)
            if state.shape != want:
                of = "(layers * directions, size)" if alone else "(layers * directions, sequences, size)"
                raise ValueError(f"{name}: the state {key} has shape {state.shape}. It must be {of} = {want}.")
            given: Any = state if isinstance(state, (Tensor, StandIn)) else wrap(state)
            checked.append(given.unsqueeze(1) if alone else given)
        return checked

    def _last_states(self, states: list[Tensor]) -> Any:
        return states[0] if len(self.states) == 1 else tuple(states)

    def _all_layers(self, x: Tensor, states: list[Tensor | None], sizes: Any) -> tuple[Tensor, list[Tensor]]:
        last: list[list[Tensor]] = [[] for _ in self.states]
        for layer in range(self.num_layers):
            if layer and self.dropout and self.training:
                x = F.dropout(x, self.dropout)
            outputs = []
            for direction in range(self.directions):
                place = layer * self.directions + direction
                weights = [getattr(self, name) for name in self._names[place]]
                first = [None if state is None else state[place] for state in states]
                out, *ends = self.one_layer(x, first, weights, sizes, direction == 1)
                outputs.append(out)
                for collected, end in zip(last, ends, strict=True):
                    collected.append(end)
            x = outputs[0] if len(outputs) == 1 else cat(outputs, -1)
        return x, [stack(ends) for ends in last]

    def extra_repr(self) -> str:
        sizes = f"{self.hidden_size}" if self.input_size is None else f"{self.input_size}, {self.hidden_size}"
        defaults: dict[str, Any] = {
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0.0,
            "bidirectional": False,
        }
        defaults |= {"proj_size": 0, "nonlinearity": "tanh"}
        given = [
            f"{key}={getattr(self, key)!r}" for key, value in defaults.items() if getattr(self, key, value) != value
        ]
        return ", ".join([sizes, *given])


class LSTM(_Recurrent):
    """Long short-term memory over sequences.

    x: (T, N, I), (N, T, I) with batch_first, (T, I) for one sequence, or a `PackedSequence` of several lengths
    -> out: (T, N, directions * H) in the layout of x, the hidden states of the last layer; and the last states (h, c),
    (layers * directions, N, H) each

    input_size: I. `LSTM(256)` leaves it out: the first call infers it.
    hidden_size: H.
    num_layers: how many stand on top of each other. dropout: the probability with which an element between two of
    them becomes 0 in training.
    bias: whether there are biases.
    bidirectional: a second direction runs from the end, and both results stand beside each other.
    proj_size: P; the hidden states are projected to this size, which takes the place of H everywhere but in c.

    Called as `lstm(x)` or `lstm(x, (h, c))`, with first states of the shape of the last ones.

    Parameters: weight_ih_l0 (4H, I), weight_hh_l0 (4H, H), bias_ih_l0 and bias_hh_l0 (4H,), with weight_hr_l0 (P, H),
    for each layer; those of the second direction end in _reverse. The gates are in the order input, forget, cell,
    output. All are drawn uniformly between -1 / sqrt(H) and 1 / sqrt(H), as in PyTorch.
    Source: Hochreiter and Schmidhuber 1997; `autograd.lstm` has the formulas.

    >>> import autograd, nn
    >>> out, (h, c) = nn.LSTM(10, 20, num_layers=2)(autograd.zeros(5, 3, 10))
    >>> out.shape, h.shape, c.shape
    ((5, 3, 20), (2, 3, 20), (2, 3, 20))
    """

    gates = 4
    states = ("h", "c")

    def __init__(
        self,
        first: int | None = None,
        /,
        hidden_size: int | None = None,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: DTypeLike | None = None,
        *,
        input_size: int | None = None,
    ) -> None:
        super().__init__(
            first, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype, input_size,
            proj_size,
        )  # fmt: skip

    def one_layer(self, x: Any, states: Any, weights: Any, sizes: Any, reverse: bool) -> tuple[Tensor, ...]:
        projection = weights[-1] if self.proj_size else None
        biases = weights[2:4] if self.bias else (None, None)
        (h, c), (bias_ih, bias_hh) = states, biases
        return lstm(x, h, c, weights[0], weights[1], bias_ih, bias_hh, projection, sizes, reverse)


class GRU(_Recurrent):
    """Gated recurrent units over sequences.

    x: (T, N, I), (N, T, I) with batch_first, (T, I) for one sequence, or a `PackedSequence` of several lengths
    -> out: (T, N, directions * H) in the layout of x, the hidden states of the last layer; and the last state h,
    (layers * directions, N, H)

    The arguments are those of `LSTM`. Called as `gru(x)` or `gru(x, h)`.

    Parameters: weight_ih_l0 (3H, I), weight_hh_l0 (3H, H), bias_ih_l0 and bias_hh_l0 (3H,) for each layer; those of
    the second direction end in _reverse. The gates are in the order reset, update, new. All are drawn uniformly
    between -1 / sqrt(H) and 1 / sqrt(H), as in PyTorch.
    Source: Cho et al. 2014; `autograd.gru` has the formulas.

    >>> import autograd, nn
    >>> out, h = nn.GRU(10, 20, bidirectional=True)(autograd.zeros(5, 3, 10))
    >>> out.shape, h.shape
    ((5, 3, 40), (2, 3, 20))
    """

    gates = 3

    def __init__(
        self,
        first: int | None = None,
        /,
        hidden_size: int | None = None,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: DTypeLike | None = None,
        *,
        input_size: int | None = None,
    ) -> None:
        super().__init__(
            first, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype, input_size
        )

    def one_layer(self, x: Any, states: Any, weights: Any, sizes: Any, reverse: bool) -> tuple[Tensor, ...]:
        bias_ih, bias_hh = weights[2:] if self.bias else (None, None)
        return gru(x, states[0], weights[0], weights[1], bias_ih, bias_hh, sizes, reverse)


class RNN(_Recurrent):
    """Plain recurrent units over sequences: h = tanh(W_ih x + b_ih + W_hh h + b_hh) at each step.

    x: (T, N, I), (N, T, I) with batch_first, (T, I) for one sequence, or a `PackedSequence` of several lengths
    -> out: (T, N, directions * H) in the layout of x, the hidden states of the last layer; and the last state h,
    (layers * directions, N, H)

    nonlinearity: "tanh" or "relu". The other arguments are those of `LSTM`. Called as `rnn(x)` or `rnn(x, h)`.

    Parameters: weight_ih_l0 (H, I), weight_hh_l0 (H, H), bias_ih_l0 and bias_hh_l0 (H,) for each layer; those of the
    second direction end in _reverse. All are drawn uniformly between -1 / sqrt(H) and 1 / sqrt(H), as in PyTorch.
    Source: Elman 1990.

    >>> import autograd, nn
    >>> out, h = nn.RNN(10, 20, batch_first=True)(autograd.zeros(3, 5, 10))
    >>> out.shape, h.shape
    ((3, 5, 20), (1, 3, 20))
    """

    gates = 1

    def __init__(
        self,
        first: int | None = None,
        /,
        hidden_size: int | None = None,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: DTypeLike | None = None,
        *,
        input_size: int | None = None,
    ) -> None:
        super().__init__(
            first, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype, input_size
        )
        check_nonlinearity("RNN", nonlinearity)
        self.nonlinearity = nonlinearity

    def one_layer(self, x: Any, states: Any, weights: Any, sizes: Any, reverse: bool) -> tuple[Tensor, ...]:
        bias_ih, bias_hh = weights[2:] if self.bias else (None, None)
        return rnn(x, states[0], weights[0], weights[1], bias_ih, bias_hh, self.nonlinearity, sizes, reverse)
