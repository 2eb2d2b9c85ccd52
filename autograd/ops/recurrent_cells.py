"""One step of a recurrent cell, and what its weights have to look like.

The weights of all gates stand below each other, in PyTorch's order: input, forget, cell and output gate of an LSTM;
reset, update and new gate of a GRU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..declare import composite
from ..op import Sample
from .activation import relu
from .elementwise import sigmoid, tanh
from .joining import chunk
from .linear import linear
from .windows import as_array

_GATES = {"lstm": 4, "gru": 3, "tanh": 1, "relu": 1}


# ---------------------------------------------------------------------------------------------------------------------
# One step, from the weighted sums of the inputs
# ---------------------------------------------------------------------------------------------------------------------
def lstm_step(sums: Any, h: Any, c: Any, weight_hh: Any, bias_hh: Any, weight_hr: Any = None) -> tuple[Any, Any]:
    i, f, g, o = chunk(sums + linear(h, weight_hh, bias_hh), 4, -1)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h = sigmoid(o) * tanh(c)
    return (h if weight_hr is None else linear(h, weight_hr)), c


def gru_step(sums: Any, h: Any, weight_hh: Any, bias_hh: Any) -> tuple[Any]:
    x_reset, x_update, x_new = chunk(sums, 3, -1)
    h_reset, h_update, h_new = chunk(linear(h, weight_hh, bias_hh), 3, -1)
    new = tanh(x_new + sigmoid(x_reset + h_reset) * h_new)
    return (new + sigmoid(x_update + h_update) * (h - new),)


def rnn_step(sums: Any, h: Any, weight_hh: Any, bias_hh: Any, nonlinearity: str) -> tuple[Any]:
    total = sums + linear(h, weight_hh, bias_hh)
    return (tanh(total) if nonlinearity == "tanh" else relu(total),)


# ---------------------------------------------------------------------------------------------------------------------
# What fits together
# ---------------------------------------------------------------------------------------------------------------------
def check_weights(op: str, kind: str, x: Any, weight_ih: Any, weight_hh: Any, size: int | None = None) -> int:
    """The hidden size.  Raises unless the weights fit each other, and the features of x.

    size: that of the hidden state, where it differs.
    """
    gates = _GATES[kind]
    if x.dtype.kind != "f":
        raise TypeError(f"{op}: the input must have a floating-point dtype, not {x.dtype}. Use x.float().")
    of_gates = "hidden size" if gates == 1 else f"{gates} * hidden size"
    if weight_ih.ndim != 2 or weight_ih.shape[0] % gates:
        raise ValueError(f"{op}: weight_ih has shape {weight_ih.shape}. It must be ({of_gates}, input size).")
    hidden = weight_ih.shape[0] // gates
    want = (gates * hidden, hidden if size is None else size)
    if weight_hh.shape != want:
        raise ValueError(
            f"{op}: weight_hh has shape {weight_hh.shape}, and weight_ih {weight_ih.shape}. weight_hh must be {want}."
        )
    if x.shape[-1] != weight_ih.shape[1]:
        raise ValueError(
            f"{op}: the input {x.shape} has {x.shape[-1]} features (its last axis), and weight_ih {weight_ih.shape}, "
            f"({of_gates}, input size), takes {weight_ih.shape[1]}."
        )
    return hidden


def check_biases(op: str, length: int, **biases: Any) -> None:
    for name, bias in biases.items():
        if bias is not None and bias.shape != (length,):
            raise ValueError(f"{op}: {name} has shape {bias.shape}. It must be ({length},), one number for each sum.")


# ---------------------------------------------------------------------------------------------------------------------
# Cells
# ---------------------------------------------------------------------------------------------------------------------
def _check_cell(op: str, kind: str, x: Any, h: Any, weights: Sequence[Any], c: Any = None) -> None:
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    hidden = check_weights(op, kind, x, weight_ih, weight_hh)
    check_biases(op, len(weight_ih), bias_ih=bias_ih, bias_hh=bias_hh)
    for name, state in (("h", h), ("c", c)):
        if state is not None and state.shape != (*x.shape[:-1], hidden):
            raise ValueError(
                f"{op}: the state {name} has shape {state.shape}, and the input {x.shape}. "
                f"The state must be {(*x.shape[:-1], hidden)}."
            )


@composite(method=False)
def lstm_cell(x, hx, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """One step of long short-term memory: the next hidden state and cell state.  See `lstm`.

    x: (N, I) or (I,), hx: the two states before, (N, H) or (H,) each, weight_ih: (4H, I), weight_hh: (4H, H),
    bias_ih, bias_hh: (4H,) or None -> (N, H), (N, H)
    """
    x, (h, c) = as_array(x), map(as_array, hx)
    _check_cell("lstm_cell", "lstm", x, h, (weight_ih, weight_hh, bias_ih, bias_hh), c)
    return lstm_step(linear(x, weight_ih, bias_ih), h, c, weight_hh, bias_hh)


@composite(method=False)
def gru_cell(x, hx, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """One step of gated recurrent units: the next hidden state.  See `gru`.

    x: (N, I) or (I,), hx: the state before, (N, H) or (H,), weight_ih: (3H, I), weight_hh: (3H, H),
    bias_ih, bias_hh: (3H,) or None -> (N, H)
    """
    x, hx = as_array(x), as_array(hx)
    _check_cell("gru_cell", "gru", x, hx, (weight_ih, weight_hh, bias_ih, bias_hh))
    return gru_step(linear(x, weight_ih, bias_ih), hx, weight_hh, bias_hh)[0]


@composite(method=False)
def rnn_tanh_cell(x, hx, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """One step of plain recurrent units: tanh of the sum.  See `rnn`.

    x: (N, I) or (I,), hx: the state before, (N, H) or (H,), weight_ih: (H, I), weight_hh: (H, H),
    bias_ih, bias_hh: (H,) or None -> (N, H)
    """
    x, hx = as_array(x), as_array(hx)
    _check_cell("rnn_tanh_cell", "tanh", x, hx, (weight_ih, weight_hh, bias_ih, bias_hh))
    return rnn_step(linear(x, weight_ih, bias_ih), hx, weight_hh, bias_hh, "tanh")[0]


@composite(method=False)
def rnn_relu_cell(x, hx, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """One step of plain recurrent units: what of the sum is above 0.  See `rnn`.

    x: (N, I) or (I,), hx: the state before, (N, H) or (H,), weight_ih: (H, I), weight_hh: (H, H),
    bias_ih, bias_hh: (H,) or None -> (N, H)
    """
    x, hx = as_array(x), as_array(hx)
    _check_cell("rnn_relu_cell", "relu", x, hx, (weight_ih, weight_hh, bias_ih, bias_hh))
    return rnn_step(linear(x, weight_ih, bias_ih), hx, weight_hh, bias_hh, "relu")[0]


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
def draw_weights(draw: Any, gates: int, inputs: int, hidden: int, biases: bool = True) -> tuple[Any, ...]:
    shapes = [(gates * hidden, inputs), (gates * hidden, hidden), *([(gates * hidden,)] * 2 if biases else [])]
    return tuple(draw(*shape, low=-1, high=1) for shape in shapes)


def _cell_samples(draw: Any, gates: int, state: Callable[..., Any]) -> Any:
    yield Sample(draw(2, 3), state(2, 4), *draw_weights(draw, gates, 3, 4))
    yield Sample(draw(2, 3), state(2, 4), *draw_weights(draw, gates, 3, 4, False))
    yield Sample(draw(3), state(4), *draw_weights(draw, gates, 3, 4))
    yield Sample(draw(0, 3), state(0, 4), *draw_weights(draw, gates, 3, 4))
    yield Sample(draw(1, 1), state(1, 1), *draw_weights(draw, gates, 1, 1))


def _cell_errors(draw: Any, gates: int, state: Callable[..., Any]) -> Any:
    weights = draw_weights(draw, gates, 3, 4)
    yield Sample(draw(2, 5), state(2, 4), *weights), ValueError, "has 5 features"
    yield Sample(draw(2, 3), state(3, 4), *weights), ValueError, "The state must be (2, 4)"


@lstm_cell.samples
def _(draw):
    yield from _cell_samples(draw, 4, lambda *shape: [draw(*shape), draw(*shape)])


@lstm_cell.errors
def _(draw):
    yield from _cell_errors(draw, 4, lambda *shape: [draw(*shape), draw(*shape)])


@gru_cell.samples
def _(draw):
    yield from _cell_samples(draw, 3, draw)


@gru_cell.errors
def _(draw):
    yield from _cell_errors(draw, 3, draw)


@rnn_tanh_cell.samples
def _(draw):
    yield from _cell_samples(draw, 1, draw)


@rnn_tanh_cell.errors
def _(draw):
    yield from _cell_errors(draw, 1, draw)


@rnn_relu_cell.samples
def _(draw):
    yield from _cell_samples(draw, 1, draw)


@rnn_relu_cell.errors
def _(draw):
    yield from _cell_errors(draw, 1, draw)
