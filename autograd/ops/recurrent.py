"""Recurrent networks: one step of a cell, and one layer in one direction over whole sequences.

Steps are counted along the first axis. Sequences of several lengths come packed, as in `nn.utils.rnn`: all first
elements, then all second ones, and so on, the longest sequence first; `batch_sizes` says how many sequences have a
first element, a second one, and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import kernels
from ..fused import fused
from ..modes import modes
from ..op import Sample, keep
from .joining import cat
from .linear import linear
from .recurrent_cells import check_biases, check_weights, draw_weights, gru_step, lstm_step, rnn_step
from .windows import as_array, has_kernel


def _check_state(op: str, x: Any, batch: int, **states: tuple[Any, int]) -> None:
    for name, (state, size) in states.items():
        if state is not None and state.shape != (batch, size):
            raise ValueError(
                f"{op}: the state {name} has shape {state.shape}, and the input {x.shape} holds {batch} sequences. "
                f"It must be (sequences, size) = {(batch, size)}."
            )


def _steps(op: str, x: Any, batch_sizes: Any, reverse: bool) -> tuple[np.ndarray, np.ndarray, int]:
    """The first row of each step, how many sequences it has, in the order of the steps; and how many there are."""
    if batch_sizes is None:
        if x.ndim != 3:
            raise ValueError(f"{op}: the input has shape {x.shape}. It must be (steps, sequences, features).")
        actives = np.full(x.shape[0], x.shape[1], np.int64)
    else:
        actives = np.asarray(batch_sizes, np.int64)
        if x.ndim != 2 or actives.ndim != 1 or (actives < 1).any() or (np.diff(actives) > 0).any():
            raise ValueError(
                f"{op}: with batch_sizes the input must be (rows, features), and batch_sizes fall from step to step "
                f"and be at least 1. The shapes are {x.shape} and {actives.shape}."
            )
        if actives.sum() != x.shape[0]:
            raise ValueError(f"{op}: the input {x.shape} has {x.shape[0]} rows, batch_sizes sum to {actives.sum()}.")
    if not len(actives):
        raise ValueError(f"{op}: the input {x.shape} has no steps (its first axis). There must be at least one.")
    starts = np.cumsum(actives) - actives
    if reverse:
        starts, actives = np.ascontiguousarray(starts[::-1]), np.ascontiguousarray(actives[::-1])
    return starts, actives, int(actives.max())


def _run(
    op: str, x: Any, states: Sequence[Any], sizes: Sequence[int], x_weights: tuple[Any, Any],
    step: Callable[..., tuple[Any, ...]], batch_sizes: Any, reverse: bool,
) -> tuple[Any, ...]:  # fmt: skip
    """The definition: step by step.  Returns the hidden states, in the layout of x, and the last states.

    step: the states behind a step, from the weighted sums of its inputs and the states before.
    """
    starts, actives, batch = _steps(op, x, batch_sizes, reverse)
    sums = linear(x, *x_weights)
    sums = sums.reshape(-1, sums.shape[-1])
    states = [np.zeros((batch, n), sums.dtype) if s is None else s for s, n in zip(states, sizes, strict=True)]
    outputs = []
    for start, active in zip(starts.tolist(), actives.tolist(), strict=True):
        new = step(sums[start : start + active], *[state[:active] for state in states])
        outputs.append(new[0])
        states = [
            first if active == batch else cat([first, state[active:]]) for first, state in zip(new, states, strict=True)
        ]
    out = cat(outputs[::-1] if reverse else outputs)
    return (out.reshape(*x.shape[:-1], out.shape[-1]), *states)


# ---------------------------------------------------------------------------------------------------------------------
# With kernels
# ---------------------------------------------------------------------------------------------------------------------
def _by_kernel(
    op: str, kind: str, x: Any, h: Any, c: Any, weights: Sequence[Any], batch_sizes: Any, reverse: bool
) -> Any:
    """(hidden states, last hidden state, last cell state, what the gradient needs); NotImplemented out of reach."""
    x = as_array(x)
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    hidden = check_weights(op, kind, x, weight_ih, weight_hh)
    starts, actives, batch = _steps(op, x, batch_sizes, reverse)
    check_biases(op, len(weight_ih), bias_ih=bias_ih, bias_hh=bias_hh)
    _check_state(op, x, batch, h=(h, hidden), c=(c, hidden))
    given = [v for v in (h, c, weight_ih, weight_hh, bias_ih, bias_hh) if v is not None]
    if not (has_kernel(x.dtype) and x.size and weight_hh.size and all(v.dtype == x.dtype for v in given)):
        return NotImplemented
    steps = kernels.recurrent.Steps(starts, actives, batch)
    out, last, cell, saved = kernels.recurrent.recurrent(
        kind, x.reshape(-1, x.shape[-1]), h, c, weight_ih, weight_hh, bias_ih, bias_hh, steps, modes.recording
    )
    return out.reshape(*x.shape[:-1], hidden), last, cell, saved


def _gradients(kind: str, g: Any, x: Any, weight_ih: Any, weight_hh: Any, saved: Any, needed: Any) -> Any:
    """By x, state, cell state, weights and biases.

    The rules name ``out`` besides, which shares its memory with what is saved: a change in place is noticed.
    """
    hidden = weight_hh.shape[1]
    first_weight = 3 if kind == "lstm" else 2
    gx, *others = kernels.recurrent.recurrent_gradient(
        kind, g[0].reshape(-1, hidden), g[1], g[2] if kind == "lstm" else None, x.reshape(-1, x.shape[-1]), weight_ih,
        weight_hh, saved, (needed[0], *needed[first_weight : first_weight + 2]),
    )  # fmt: skip
    return (None if gx is None else gx.reshape(x.shape), *others)


# ---------------------------------------------------------------------------------------------------------------------
# References: one sequence after the other, one step after the other
# ---------------------------------------------------------------------------------------------------------------------
def _logistic(x: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def _reference(x: Any, h: Any, c: Any, hidden: int, cell: Callable[..., Any], batch_sizes: Any, reverse: bool) -> Any:
    sizes = [x.shape[1]] * len(x) if batch_sizes is None else list(batch_sizes)
    starts = np.cumsum([0, *sizes])
    rows = x.reshape(sum(sizes), x.shape[-1])
    batch = sizes[0]
    h = np.zeros((batch, hidden)) if h is None else h.copy()
    c = np.zeros((batch, hidden)) if c is None else c.copy()
    out = np.zeros((len(rows), h.shape[1]))
    for n in range(batch):
        own = [start + n for start, size in zip(starts, sizes, strict=False) if n < size]
        for row in own[::-1] if reverse else own:
            h[n], c[n] = cell(rows[row], h[n], c[n])
            out[row] = h[n]
    return out.reshape(*x.shape[:-1], h.shape[1]), h, c


def _plus(bias: Any) -> Any:
    return 0.0 if bias is None else bias


def _lstm_reference(
    x, h, c, weight_ih, weight_hh, bias_ih=None, bias_hh=None, weight_hr=None, batch_sizes=None, reverse=False
):
    def cell(x, h, c):
        i, f, g, o = np.split(weight_ih @ x + weight_hh @ h + _plus(bias_ih) + _plus(bias_hh), 4)
        c = _logistic(f) * c + _logistic(i) * np.tanh(g)
        h = _logistic(o) * np.tanh(c)
        return (h if weight_hr is None else weight_hr @ h), c

    hidden = len(weight_ih) // 4
    if h is None:
        h = np.zeros((x.shape[1] if batch_sizes is None else batch_sizes[0], weight_hh.shape[1]))
    return _reference(x, h, c, hidden, cell, batch_sizes, reverse)


def _gru_reference(x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None, batch_sizes=None, reverse=False):
    def cell(x, h, c):
        of_x = np.split(weight_ih @ x + _plus(bias_ih), 3)
        of_h = np.split(weight_hh @ h + _plus(bias_hh), 3)
        r, z = _logistic(of_x[0] + of_h[0]), _logistic(of_x[1] + of_h[1])
        return (1 - z) * np.tanh(of_x[2] + r * of_h[2]) + z * h, c

    return _reference(x, h, None, len(weight_ih) // 3, cell, batch_sizes, reverse)[:2]


def _rnn_reference(
    x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None, nonlinearity="tanh", batch_sizes=None, reverse=False
):
    def cell(x, h, c):
        total = weight_ih @ x + weight_hh @ h + _plus(bias_ih) + _plus(bias_hh)
        return (np.tanh(total) if nonlinearity == "tanh" else total * (total > 0)), c

    return _reference(x, h, None, len(weight_ih), cell, batch_sizes, reverse)[:2]


# ---------------------------------------------------------------------------------------------------------------------
# LSTM
# ---------------------------------------------------------------------------------------------------------------------
@fused(method=False, reference=_lstm_reference)
def lstm(x, h, c, weight_ih, weight_hh, bias_ih=None, bias_hh=None, weight_hr=None, batch_sizes=None, reverse=False):
    """A layer of long short-term memory in one direction: its hidden states, the last one, and the last cell state.

    x: (T, N, I), or (rows, I) with batch_sizes; h: (N, P) and c: (N, H), the first states, or None for zeros;
    weight_ih: (4H, I), weight_hh: (4H, P), bias_ih, bias_hh: (4H,) or None; weight_hr: (P, H), a projection of the
    hidden states, or None, where P = H -> (T, N, P) or (rows, P), (N, P), (N, H)
    batch_sizes: of packed sequences. reverse: from the last step to the first.
    Of i, f, g, o = the four parts of x weight_ih^T + bias_ih + h weight_hh^T + bias_hh, each step makes
    c = sigmoid(f) c + sigmoid(i) tanh(g) and h = sigmoid(o) tanh(c).
    Source: Hochreiter and Schmidhuber 1997, Gers et al. 2000.

    >>> import autograd
    >>> out, h, c = autograd.lstm(autograd.ones(5, 2, 3), None, None, autograd.ones(16, 3), autograd.ones(16, 4))
    >>> out.shape, h.shape, c.shape
    ((5, 2, 4), (2, 4), (2, 4))
    """
    x = as_array(x)
    size = None if weight_hr is None else weight_hr.shape[0]
    hidden = check_weights("lstm", "lstm", x, weight_ih, weight_hh, size)
    if weight_hr is not None and weight_hr.shape[1:] != (hidden,):
        raise ValueError(f"lstm: weight_hr has shape {weight_hr.shape}. It must be (projected size, {hidden}).")
    size = hidden if size is None else size
    check_biases("lstm", 4 * hidden, bias_ih=bias_ih, bias_hh=bias_hh)
    _check_state("lstm", x, _steps("lstm", x, batch_sizes, reverse)[2], h=(h, size), c=(c, hidden))

    def step(sums, h, c):
        return lstm_step(sums, h, c, weight_hh, bias_hh, weight_hr)

    return _run("lstm", x, (h, c), (size, hidden), (weight_ih, bias_ih), step, batch_sizes, reverse)


@lstm.kernel
def _(x, h, c, weight_ih, weight_hh, bias_ih, bias_hh, weight_hr, batch_sizes, reverse):
    if weight_hr is not None:
        return NotImplemented
    weights = weight_ih, weight_hh, bias_ih, bias_hh
    result = _by_kernel("lstm", "lstm", x, h, c, weights, batch_sizes, reverse)
    return result if result is NotImplemented else keep(result[:3], saved=result[3])


@lstm.backward("x", "h", "c", "weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
def _(g, x, weight_ih, weight_hh, out, saved, needed):
    return (*_gradients("lstm", g, x, weight_ih, weight_hh, saved, needed), None)


# ---------------------------------------------------------------------------------------------------------------------
# GRU
# ---------------------------------------------------------------------------------------------------------------------
@fused(method=False, reference=_gru_reference)
def gru(x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None, batch_sizes=None, reverse=False):
    """A layer of gated recurrent units in one direction: its hidden states, and the last one.

    x: (T, N, I), or (rows, I) with batch_sizes; h: (N, H), the first state, or None for zeros; weight_ih: (3H, I),
    weight_hh: (3H, H), bias_ih, bias_hh: (3H,) or None -> (T, N, H) or (rows, H), (N, H)
    batch_sizes: of packed sequences. reverse: from the last step to the first.
    Of the three parts of x weight_ih^T + bias_ih and those of h weight_hh^T + bias_hh, each step makes
    r = sigmoid(x_r + h_r), z = sigmoid(x_z + h_z), n = tanh(x_n + r h_n) and h = (1 - z) n + z h.
    Source: Cho et al. 2014, with the reset gate behind the product, as PyTorch and cuDNN have it.

    >>> import autograd
    >>> out, h = autograd.gru(autograd.ones(5, 2, 3), None, autograd.ones(12, 3), autograd.ones(12, 4))
    >>> out.shape, h.shape
    ((5, 2, 4), (2, 4))
    """
    x = as_array(x)
    hidden = check_weights("gru", "gru", x, weight_ih, weight_hh)
    check_biases("gru", 3 * hidden, bias_ih=bias_ih, bias_hh=bias_hh)
    _check_state("gru", x, _steps("gru", x, batch_sizes, reverse)[2], h=(h, hidden))

    def step(sums, h):
        return gru_step(sums, h, weight_hh, bias_hh)

    return _run("gru", x, (h,), (hidden,), (weight_ih, bias_ih), step, batch_sizes, reverse)


@gru.kernel
def _(x, h, weight_ih, weight_hh, bias_ih, bias_hh, batch_sizes, reverse):
    weights = weight_ih, weight_hh, bias_ih, bias_hh
    result = _by_kernel("gru", "gru", x, h, None, weights, batch_sizes, reverse)
    return result if result is NotImplemented else keep(result[:2], saved=result[3])


@gru.backward("x", "h", "weight_ih", "weight_hh", "bias_ih", "bias_hh")
def _(g, x, weight_ih, weight_hh, out, saved, needed):
    gx, gh, _, *others = _gradients("gru", g, x, weight_ih, weight_hh, saved, needed)
    return gx, gh, *others


# ---------------------------------------------------------------------------------------------------------------------
# RNN
# ---------------------------------------------------------------------------------------------------------------------
def _check_nonlinearity(op: str, nonlinearity: Any) -> None:
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"{op}: nonlinearity is {nonlinearity!r}. It must be 'tanh' or 'relu'.")


@fused(method=False, reference=_rnn_reference)
def rnn(x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None, nonlinearity="tanh", batch_sizes=None, reverse=False):
    """A layer of plain recurrent units in one direction: its hidden states, and the last one.

    x: (T, N, I), or (rows, I) with batch_sizes; h: (N, H), the first state, or None for zeros; weight_ih: (H, I),
    weight_hh: (H, H), bias_ih, bias_hh: (H,) or None -> (T, N, H) or (rows, H), (N, H)
    nonlinearity: "tanh" or "relu". batch_sizes: of packed sequences. reverse: from the last step to the first.
    Each step makes h = tanh(x weight_ih^T + bias_ih + h weight_hh^T + bias_hh).
    Source: Elman 1990.

    >>> import autograd
    >>> out, h = autograd.rnn(autograd.ones(5, 2, 3), None, autograd.ones(4, 3), autograd.ones(4, 4))
    >>> out.shape, h.shape
    ((5, 2, 4), (2, 4))
    """
    x = as_array(x)
    _check_nonlinearity("rnn", nonlinearity)
    hidden = check_weights("rnn", nonlinearity, x, weight_ih, weight_hh)
    check_biases("rnn", hidden, bias_ih=bias_ih, bias_hh=bias_hh)
    _check_state("rnn", x, _steps("rnn", x, batch_sizes, reverse)[2], h=(h, hidden))

    def step(sums, h):
        return rnn_step(sums, h, weight_hh, bias_hh, nonlinearity)

    return _run("rnn", x, (h,), (hidden,), (weight_ih, bias_ih), step, batch_sizes, reverse)


@rnn.kernel
def _(x, h, weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity, batch_sizes, reverse):
    _check_nonlinearity("rnn", nonlinearity)
    weights = weight_ih, weight_hh, bias_ih, bias_hh
    result = _by_kernel("rnn", nonlinearity, x, h, None, weights, batch_sizes, reverse)
    return result if result is NotImplemented else keep(result[:2], saved=result[3])


@rnn.backward("x", "h", "weight_ih", "weight_hh", "bias_ih", "bias_hh")
def _(g, x, weight_ih, weight_hh, out, saved, needed, nonlinearity):
    gx, gh, _, *others = _gradients(nonlinearity, g, x, weight_ih, weight_hh, saved, needed)
    return gx, gh, *others


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
def _layer_samples(draw: Any, gates: int, states: int) -> Any:
    def start(batch, hidden):
        return [draw(batch, hidden) for _ in range(states)]

    nothing = [None] * states
    yield Sample(draw(4, 2, 3), *start(2, 5), *draw_weights(draw, gates, 3, 5))
    yield Sample(draw(3, 5, 2), *nothing, *draw_weights(draw, gates, 2, 3, False))
    yield Sample(draw(3, 2, 3), *start(2, 4), *draw_weights(draw, gates, 3, 4), reverse=True)
    yield Sample(draw(8, 3), *start(3, 4), *draw_weights(draw, gates, 3, 4), batch_sizes=[3, 2, 2, 1])
    yield Sample(draw(8, 3), *start(3, 4), *draw_weights(draw, gates, 3, 4), batch_sizes=(3, 2, 2, 1), reverse=True)
    yield Sample(draw(1, 1, 1), *start(1, 1), *draw_weights(draw, gates, 1, 1))
    yield Sample(draw(2, 18, 3), *start(18, 33), *draw_weights(draw, gates, 3, 33))  # two blocks, two groups of units
    yield Sample(draw(3, 0, 2), *start(0, 3), *draw_weights(draw, gates, 2, 3))
    yield Sample(draw(3, 2, 0), *start(2, 3), *draw_weights(draw, gates, 0, 3))


def _layer_errors(draw: Any, gates: int, states: int) -> Any:
    nothing = [None] * states
    weights = draw_weights(draw, gates, 3, 4)
    yield Sample(draw(5, 2, 7), *nothing, *weights), ValueError, "has 7 features"
    yield Sample(draw(5, 3), *nothing, *weights), ValueError, "(steps, sequences, features)"
    yield Sample(draw(0, 2, 3), *nothing, *weights), ValueError, "no steps"
    yield Sample(draw(5, 2, 3), draw(3, 4), *nothing[1:], *weights), ValueError, "holds 2 sequences"
    yield Sample(draw(5, 2, 3), *nothing, weights[0], draw(4, 3)), ValueError, "weight_hh has shape (4, 3)"
    yield Sample(draw(5, 2, 3), *nothing, *weights[:2], draw(3)), ValueError, "bias_ih has shape (3,)"
    yield Sample(draw(5, 3), *nothing, *weights, batch_sizes=[2, 2]), ValueError, "sum to 4"
    yield Sample(draw(5, 3), *nothing, *weights, batch_sizes=[2, 3]), ValueError, "fall from step to step"
    yield Sample(draw.integers(5, 2, 3), *nothing, *weights), TypeError, "floating-point"


@lstm.samples
def _(draw):
    yield from _layer_samples(draw, 4, 2)
    x, (weight_ih, _, *biases) = draw(3, 2, 3), draw_weights(draw, 4, 3, 4)
    yield Sample(x, draw(2, 2), draw(2, 4), weight_ih, draw(16, 2), *biases, draw(2, 4))
    yield Sample(x, None, None, weight_ih, draw(16, 2), *biases, weight_hr=draw(2, 4), reverse=True)


@lstm.errors
def _(draw):
    yield from _layer_errors(draw, 4, 2)
    yield Sample(draw(5, 2, 3), None, draw(2, 3), *draw_weights(draw, 4, 3, 4)), ValueError, "the state c"
    weight_ih = draw(16, 3)
    yield Sample(draw(5, 2, 3), None, None, weight_ih, draw(16, 2), weight_hr=draw(2, 3)), ValueError, "weight_hr"
    yield Sample(draw(5, 2, 3), None, None, draw(15, 3), draw(15, 4)), ValueError, "(4 * hidden size, input size)"


@gru.samples
def _(draw):
    yield from _layer_samples(draw, 3, 1)


@gru.errors
def _(draw):
    yield from _layer_errors(draw, 3, 1)


@rnn.samples
def _(draw):
    yield from _layer_samples(draw, 1, 1)
    yield Sample(draw(4, 2, 3), draw(2, 5), *draw_weights(draw, 1, 3, 5), nonlinearity="relu")
    yield Sample(draw(3, 9, 3), None, *draw_weights(draw, 1, 3, 40), "relu", reverse=True)


@rnn.errors
def _(draw):
    yield from _layer_errors(draw, 1, 1)
    yield Sample(draw(5, 2, 3), None, *draw_weights(draw, 1, 3, 4), "gelu"), ValueError, "'tanh' or 'relu'"
