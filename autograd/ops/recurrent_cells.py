"""One step of a recurrent cell, and what its weights have to look like.

The weights of all gates stand below each other, in PyTorch's order: input, forget, cell and output gate of an LSTM;
reset, update and new gate of a GRU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..declare import composite
from ..fused import fused
from ..op import Sample, keep
from .activation import relu
from .elementwise import sigmoid, tanh
from .linear import linear
from .splitting import chunk
from .windows import as_array

_GATES = {"lstm": 4, "gru": 3, "tanh": 1, "relu": 1}


# ---------------------------------------------------------------------------------------------------------------------
# From the weighted sums of the inputs and of the state to the next state
# ---------------------------------------------------------------------------------------------------------------------
def _check_gates(op: str, gates: int, x: Any, y: Any, state: Any) -> None:
    want = (*state.shape[:-1], gates * state.shape[-1]) if state.ndim else ()
    if not (x.shape == y.shape == want):
        raise ValueError(
            f"{op}: the sums have shapes {x.shape} and {y.shape}, and the state {state.shape}. The sums must both have "
            f"the shape of the state, with {gates} times as many features."
        )


def _has_kernel(*arrays: np.ndarray) -> bool:
    """Whether NumPy's loops are to be used as they are: of one dtype, float32 or float64, and not empty."""
    first = arrays[0]
    return first.dtype.char in "fd" and first.size > 0 and all(a.dtype == first.dtype for a in arrays)


def _sigmoid_in_place(x: np.ndarray) -> None:
    x *= 0.5
    np.tanh(x, out=x)
    x += 1.0
    x *= 0.5


@fused(method=False)
def lstm_gates(x, y, c):
    """The next hidden state and cell state of an LSTM, from the two sums of the gates that are to be added.

    x, y: (*, 4H), c: (*, H) -> (*, H), (*, H)
    Of i, f, g, o = the four parts of x + y: c = sigmoid(f) c + sigmoid(i) tanh(g) and h = sigmoid(o) tanh(c).
    """
    _check_gates("lstm_gates", 4, x, y, c)
    i, f, g, o = chunk(x + y, 4, -1)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


@lstm_gates.kernel
def _(x, y, c):
    _check_gates("lstm_gates", 4, x, y, c)
    if not _has_kernel(x, y, c):
        return NotImplemented
    gates = (x + y).reshape(-1, 4, c.shape[-1])
    i, f, new, o = gates[:, 0], gates[:, 1], gates[:, 2], gates[:, 3]
    _sigmoid_in_place(gates[:, :2])
    np.tanh(new, out=new)
    _sigmoid_in_place(o)
    state = f * c.reshape(f.shape)
    state += i * new
    turned = np.tanh(state)
    return keep(((o * turned).reshape(c.shape), state.reshape(c.shape)), gates=gates, turned=turned)


@lstm_gates.backward("x", "y", "c")
def _(g, c, gates, turned):
    i, f, new, o = gates[:, 0], gates[:, 1], gates[:, 2], gates[:, 3]
    by_h, by_c = g[0].reshape(turned.shape), g[1].reshape(turned.shape)
    by_c = by_c + by_h * o * (1.0 - turned * turned)
    slopes = 1.0 - gates
    slopes *= gates
    np.multiply(new, new, out=slopes[:, 2])
    np.subtract(1.0, slopes[:, 2], out=slopes[:, 2])
    slopes[:, 0] *= by_c * new
    slopes[:, 1] *= by_c * c.reshape(turned.shape)
    slopes[:, 2] *= by_c * i
    slopes[:, 3] *= by_h * turned
    by_sums = slopes.reshape(*c.shape[:-1], 4 * c.shape[-1])
    return by_sums, by_sums, (by_c * f).reshape(c.shape)


@fused(method=False)
def gru_gates(x, y, h):
    """The next hidden state of a GRU, from the sums over the inputs and over the state.

    x, y: (*, 3H), h: (*, H) -> (*, H)
    Of the three parts of both: r = sigmoid(x_r + y_r), z = sigmoid(x_z + y_z), n = tanh(x_n + r y_n), and the result is
    (1 - z) n + z h.
    """
    _check_gates("gru_gates", 3, x, y, h)
    x_reset, x_update, x_new = chunk(x, 3, -1)
    y_reset, y_update, y_new = chunk(y, 3, -1)
    new = tanh(x_new + sigmoid(x_reset + y_reset) * y_new)
    return new + sigmoid(x_update + y_update) * (h - new)


@gru_gates.kernel
def _(x, y, h):
    _check_gates("gru_gates", 3, x, y, h)
    if not _has_kernel(x, y, h):
        return NotImplemented
    size = h.shape[-1]
    gates = x[..., : 2 * size] + y[..., : 2 * size]
    _sigmoid_in_place(gates)
    new = gates[..., :size] * y[..., 2 * size :]
    new += x[..., 2 * size :]
    np.tanh(new, out=new)
    out = h - new
    out *= gates[..., size:]
    out += new
    return keep(out, gates=gates, new=new)


@gru_gates.backward("x", "y", "h")
def _(g, y, h, gates, new):
    size = h.shape[-1]
    reset, update = gates[..., :size], gates[..., size:]
    by_x = np.empty((*h.shape[:-1], 3 * size), h.dtype)
    by_new = np.multiply(g, 1.0 - update, out=by_x[..., 2 * size :])
    by_new *= 1.0 - new * new
    slopes = np.multiply(gates, 1.0 - gates, out=by_x[..., : 2 * size])
    slopes[..., :size] *= by_new * y[..., 2 * size :]
    slopes[..., size:] *= g * (h - new)
    by_y = by_x.copy()
    by_y[..., 2 * size :] *= reset
    return by_x, by_y, g * update


def lstm_step(sums: Any, h: Any, c: Any, weight_hh: Any, bias_hh: Any, weight_hr: Any = None) -> tuple[Any, Any]:
    h, c = lstm_gates(sums, linear(h, weight_hh, bias_hh), c)
    return (h if weight_hr is None else linear(h, weight_hr)), c


def gru_step(sums: Any, h: Any, weight_hh: Any, bias_hh: Any) -> tuple[Any]:
    return (gru_gates(sums, linear(h, weight_hh, bias_hh), h),)


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


def _gate_samples(draw: Any, gates: int) -> Any:
    for shape in ((3, 4), (4,), (2, 3, 1), (0, 3), (2, 0)):
        wide = (*shape[:-1], gates * shape[-1])
        yield Sample(draw(*wide), draw(*wide), draw(*shape))


@lstm_gates.samples
def _(draw):
    yield from _gate_samples(draw, 4)


@lstm_gates.errors
def _(draw):
    yield Sample(draw(2, 8), draw(2, 8), draw(2, 3)), ValueError, "4 times as many"
    yield Sample(draw(2, 8), draw(8), draw(2, 2)), ValueError, "(2, 8) and (8,)"


@gru_gates.samples
def _(draw):
    yield from _gate_samples(draw, 3)


@gru_gates.errors
def _(draw):
    yield Sample(draw(2, 8), draw(2, 8), draw(2, 3)), ValueError, "3 times as many"
    yield Sample(draw(6), draw(6), draw()), ValueError, "the state ()"
