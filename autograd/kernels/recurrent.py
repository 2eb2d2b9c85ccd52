"""Recurrent layers over whole sequences: LSTM, GRU, and the plain RNN with tanh or ReLU, forward and backward.

A block takes some rows of the batch through all steps by itself: steps need no barrier, and the state stays in cache.
In each step it multiplies, for one group of hidden units after the other, the inputs and the hidden state with the
packed weights of all gates, and turns the sums into gates and states while they are in the first-level cache: neither
the products nor the sums of the whole sequence are ever written. The backward pass does the same the other way round.
Products over all steps at once (the gradients of the weights and of the input) are left to `gemm`.

Steps are given by two tables, in the order in which they are taken: the first row of each step in x, and how many
sequences are still running, as in a packed sequence. The other direction is the same with the tables reversed.

Gates are kept as (rows, slots, padded hidden size). LSTM: input, forget, cell, output. GRU: new (by the input), reset,
update, new (by the hidden state, with its bias): the first three by the input and the last three by the hidden state.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograd.kernels import gemm
from autograd.kernels.cells import gru_backward, gru_forward, lstm_backward, lstm_forward, rnn_backward, rnn_forward
from autograd.kernels.jit import (
    LANES,
    VECTOR_BYTES,
    Ints,
    Kernel,
    Reals,
    count_blocks,
    inline,
    kernel,
    offset,
    real,
    stack,
)
from autograd.kernels.lanes import TILE_ROWS, TILE_VECTORS, TURN_ROWS, read_turned
from autograd.kernels.row_tile import row_tile

__all__ = ["Saved", "Steps", "recurrent", "recurrent_gradient"]

BLOCK_ROWS = 2 * TILE_ROWS  # rows of the batch in a block: the weights are read once for each block and step
FEW_ROWS = 4  # for batches up to this size, a tile of fewer rows
DEPTH = 256  # k's between two visits of a tile: their weights (32 KB) stay in the first-level cache
SUMS = BLOCK_ROWS * 4 * TILE_VECTORS * VECTOR_BYTES // 4  # room for the sums of a group, in either dtype
EDGE = TILE_VECTORS * VECTOR_BYTES // 4

# Constants of a variant: the kind of cell, its gates, how many of them depend on the input, the first that depends on
# the hidden state, and the rows of a tile.
LSTM, GRU, TANH, RELU = range(4)
KIND, SLOTS, X_SLOTS, H_FIRST, ROWS = 0, 4, 4, 0, 8


@kernel
def pack_block(
    block: int, w: Reals, packed: Reals, rows: int, columns: int, row_stride: int, column_stride: int, gate_stride: int,
    panels: int, packed_rows: int, panel_stride: int, packed_gate_stride: int,
) -> None:  # fmt: skip
    """Copy one panel of one gate, w: (rows, columns) -> (packed_rows, width), filled up with zeros."""
    width = TILE_VECTORS * LANES
    gate = block // panels
    panel = block - gate * panels
    source = offset(w, gate * gate_stride + panel * width * column_stride)
    target = offset(packed, gate * packed_gate_stride + panel * panel_stride)
    used = min(width, columns - panel * width)
    turned = 0  # k's that are done: with w transposed, whole squares are turned in registers
    if row_stride == 1 and used == width:
        turned = rows // TURN_ROWS * TURN_ROWS
        for k in range(0, turned, TURN_ROWS):
            read_turned(offset(source, k), column_stride, offset(target, k * width), TURN_ROWS, TILE_VECTORS)
    for k in range(turned, packed_rows):
        for j in range(width):
            target[k * width + j] = source[k * row_stride + j * column_stride] if k < rows and j < used else real(0)


@inline
def copy_row(source, target, n):
    for i in range(n):
        target[i] = source[i]


@inline
def multiply(x, x_stride, weights, depth, out, out_stride, rows, accumulate):
    """out: (rows, width) (+)= x: (rows, depth) @ weights: (depth, width), in whole tiles of rows."""
    width = TILE_VECTORS * LANES
    for start in range(0, depth, DEPTH):
        length = min(DEPTH, depth - start)
        old = 1 if start > 0 or accumulate else 0
        for row in range(0, rows, ROWS):
            row_tile(
                offset(x, row * x_stride + start), x_stride, offset(weights, start * width),
                offset(out, row * out_stride), out_stride, length, old, ROWS, TILE_VECTORS,
            )  # fmt: skip


@kernel
def forward_block(
    block: int, x: Reals, x_weights: Reals, h_weights: Reals, bias: Reals, state: Reals, cell: Reals, out: Reals,
    gates: Reals, cells: Reals, starts: Ints, actives: Ints, length: int, batch: int, inputs: int, hidden: int,
    padded: int, gate_stride: int, state_size: int, save: int,
) -> None:  # fmt: skip
    """Some rows of the batch through all steps.

    x: (rows, I), out: (rows, H), gates: (rows, gate_stride), cells: (rows, padded), state: (2, blocks of rows, padded)
    with the first hidden state in both halves, cell: (blocks of rows, padded).
    """
    width = TILE_VECTORS * LANES
    groups = padded // width
    first = block * BLOCK_ROWS
    count = min(BLOCK_ROWS, batch - first)
    sums = stack(x, SUMS)
    edge = stack(x, EDGE)
    line = SLOTS * width
    for step in range(length):
        active = min(max(actives[step] - first, 0), count)
        place = starts[step] + first
        old = offset(state, (step & 1) * state_size + first * padded)
        new = offset(state, (1 - (step & 1)) * state_size + first * padded)
        for group in range(groups):
            column = group * width
            used = min(width, hidden - column)
            for slot in range(SLOTS):
                part = offset(sums, slot * width)
                if slot < X_SLOTS:
                    weights = offset(x_weights, (slot * groups + group) * inputs * width)
                    multiply(offset(x, place * inputs), inputs, weights, inputs, part, line, active, 0)
                if slot >= H_FIRST:
                    weights = offset(h_weights, ((slot - H_FIRST) * groups + group) * hidden * width)
                    multiply(old, padded, weights, hidden, part, line, active, 1 if slot < X_SLOTS else 0)
            for row in range(active):
                for v in range(column, column + width, LANES):
                    s = offset(sums, row * line + v - column)
                    b = offset(bias, v)
                    h = offset(new, row * padded + v)
                    o = offset(out, (place + row) * hidden + v)
                    if used < width:
                        o = edge
                    # What is not to be saved goes where it came from.
                    kept, kept_stride, kept_cell = s, width, offset(cell, (first + row) * padded + v)
                    if save:
                        kept, kept_stride = offset(gates, (place + row) * gate_stride + v), padded
                        kept_cell = offset(cells, (place + row) * padded + v)
                    if KIND == LSTM:
                        c = offset(cell, (first + row) * padded + v)
                        lstm_forward(s, width, b, padded, c, kept, kept_stride, kept_cell, h, o)
                    elif KIND == GRU:
                        gru_forward(s, width, b, padded, offset(old, row * padded + v), kept, kept_stride, h, o)
                    elif KIND == TANH:
                        rnn_forward(s, b, h, o, 0)
                    else:
                        rnn_forward(s, b, h, o, 1)
                if used < width:
                    copy_row(offset(new, row * padded + column), offset(out, (place + row) * hidden + column), used)
        for row in range(active, count):  # those that have ended, or have not begun
            copy_row(offset(old, row * padded), offset(new, row * padded), padded)


@kernel
def backward_block(
    block: int, g: Reals, gates: Reals, cells: Reals, out: Reals, first_cell: Reals, first_state: Reals,
    weights: Reals, dh: Reals, dc: Reals, result: Reals, bias: Reals, starts: Ints, actives: Ints, batch: int,
    length: int, hidden: int, padded: int, gate_stride: int,
) -> None:  # fmt: skip
    """The steps of `forward_block` backwards.

    g, out: (rows, H); result: (rows, gate_stride), the gradient by the sums; bias: (blocks, slots * padded), zeros;
    dh, dc: (blocks of rows, padded), the gradients by the last states, which become those by the first ones;
    weights: (groups, hidden slots * padded, width).
    """
    width = TILE_VECTORS * LANES
    groups = padded // width
    depth = (SLOTS - H_FIRST) * padded
    first = block * BLOCK_ROWS
    count = min(BLOCK_ROWS, batch - first)
    g_edge, h_edge, out_edge = stack(g, EDGE), stack(g, EDGE), stack(g, EDGE)
    for i in range(width):
        g_edge[i] = h_edge[i] = out_edge[i] = real(0)
    sums = stack(g, SUMS)
    for back in range(length):
        step = length - 1 - back
        active = min(max(actives[step] - first, 0), count)
        place = starts[step] + first
        place_before, active_before = 0, 0
        if step > 0:
            place_before = starts[step - 1] + first
            active_before = min(max(actives[step - 1] - first, 0), count)
        for group in range(groups):
            column = group * width
            used = min(width, hidden - column)
            for row in range(active):
                g_row = offset(g, (place + row) * hidden + column)
                out_row = offset(out, (place + row) * hidden + column)
                before = offset(first_state, (first + row) * hidden + column)
                cell_before = offset(first_cell, (first + row) * padded + column)
                if row < active_before:
                    before = offset(out, (place_before + row) * hidden + column)
                    cell_before = offset(cells, (place_before + row) * padded + column)
                if used < width:
                    copy_row(g_row, g_edge, used)
                    g_row = g_edge
                    if KIND == GRU:
                        copy_row(before, h_edge, used)
                        before = h_edge
                    if KIND in (TANH, RELU):
                        copy_row(out_row, out_edge, used)
                        out_row = out_edge
                for v in range(0, width, LANES):
                    g_v = offset(g_row, v)
                    dh_v = offset(dh, (first + row) * padded + column + v)
                    gates_v = offset(gates, (place + row) * gate_stride + column + v)
                    result_v = offset(result, (place + row) * gate_stride + column + v)
                    bias_v = offset(bias, block * SLOTS * padded + column + v)
                    if KIND == LSTM:
                        c_v = offset(cells, (place + row) * padded + column + v)
                        dc_v = offset(dc, (first + row) * padded + column + v)
                        lstm_backward(
                            g_v, dh_v, gates_v, padded, c_v, offset(cell_before, v), dc_v, result_v, bias_v
                        )  # fmt: skip
                    elif KIND == GRU:
                        gru_backward(g_v, dh_v, gates_v, padded, offset(before, v), result_v, bias_v)
                    elif KIND == TANH:
                        rnn_backward(g_v, dh_v, offset(out_row, v), result_v, bias_v, 0)
                    else:
                        rnn_backward(g_v, dh_v, offset(out_row, v), result_v, bias_v, 1)
        accumulate = 1 if KIND == GRU else 0
        by_sums = offset(result, place * gate_stride + H_FIRST * padded)
        for group in range(groups):
            part = offset(weights, group * depth * width)
            own = offset(dh, first * padded + group * width)
            whole = active // ROWS * ROWS
            multiply(by_sums, gate_stride, part, depth, own, padded, whole, accumulate)
            if whole < active:  # the rows behind the last one have a gradient of their own, which waits
                for row in range(whole, active):
                    copy_row(offset(own, row * padded), offset(sums, (row - whole) * width), width)
                multiply(
                    offset(by_sums, whole * gate_stride), gate_stride, part, depth, sums, width, ROWS, accumulate
                )  # fmt: skip
                for row in range(whole, active):
                    copy_row(offset(sums, (row - whole) * width), offset(own, row * padded), width)


# --- From arrays to blocks -------------------------------------------------------------------------------------------

_SLOTS = {"lstm": (LSTM, 4, 4, 0), "gru": (GRU, 4, 3, 1), "tanh": (TANH, 1, 1, 0), "relu": (RELU, 1, 1, 0)}


class Steps(NamedTuple):
    """The steps in the order in which they are taken."""

    starts: np.ndarray  # the first row of each, (T,) int64
    actives: np.ndarray  # how many sequences are running, (T,) int64
    batch: int


class Saved(NamedTuple):
    """What the backward pass needs of the forward pass, besides its arguments and results."""

    gates: np.ndarray
    cells: np.ndarray
    first_cell: np.ndarray
    first_state: np.ndarray
    before: np.ndarray | None  # the hidden state that each row was computed from, where that is a view
    steps: Steps


def _variant(block: Kernel, kind: str, batch: int) -> Kernel:
    number, slots, x_slots, h_first = _SLOTS[kind]
    rows = FEW_ROWS if batch <= FEW_ROWS else TILE_ROWS
    return block.with_constants(KIND=number, SLOTS=slots, X_SLOTS=x_slots, H_FIRST=h_first, ROWS=rows)


def _pack(weight: np.ndarray, gates: int, width: int, turned: bool) -> np.ndarray:
    """The weights, (gates * H, K), as panels.

    turned: a panel of W.T for some hidden units of one gate, (gates, groups, K, width); else a panel of W for some
    columns, (groups, gates * padded, width).
    """
    weight = np.ascontiguousarray(weight)
    hidden, depth = weight.shape[0] // gates, weight.shape[1]
    groups = count_blocks(hidden if turned else depth, width)
    if turned:
        packed = np.empty((gates, groups, depth, width), weight.dtype)
        pack_block(
            weight, packed, depth, hidden, 1, depth, hidden * depth, groups, depth, depth * width,
            groups * depth * width, blocks=gates * groups,
        )  # fmt: skip
        return packed
    padded = count_blocks(hidden, width) * width
    packed = np.empty((groups, gates, padded, width), weight.dtype)
    pack_block(
        weight, packed, hidden, depth, depth, 1, hidden * depth, groups, padded, gates * padded * width,
        padded * width, blocks=gates * groups,
    )  # fmt: skip
    return packed


def _padded(x: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """x: (N, H) -> (rows, columns), filled up with zeros."""
    out = np.zeros((rows, columns), x.dtype)
    out[: x.shape[0], : x.shape[1]] = x
    return out


def _gates(weight: np.ndarray, kind: str) -> np.ndarray:
    """Weights or biases by the input in the order of the slots: PyTorch's GRU has reset, update, new."""
    if kind != "gru":
        return weight
    third = weight.shape[0] // 3
    return np.concatenate((weight[2 * third :], weight[: 2 * third]))


def _bias(
    kind: str, x_bias: np.ndarray | None, h_bias: np.ndarray | None, hidden: int, padded: int, dtype: np.dtype
) -> np.ndarray:
    _, slots, x_slots, h_first = _SLOTS[kind]
    bias = np.zeros((slots, padded), dtype)
    if x_bias is not None:
        bias[:x_slots, :hidden] = _gates(x_bias, kind).reshape(x_slots, hidden)
    if h_bias is not None:
        bias[h_first:, :hidden] += h_bias.reshape(slots - h_first, hidden)
    return bias


def recurrent(
    kind: str, x: np.ndarray, state: np.ndarray | None, cell: np.ndarray | None, x_weight: np.ndarray,
    h_weight: np.ndarray, x_bias: np.ndarray | None, h_bias: np.ndarray | None, steps: Steps, save: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Saved | None]:  # fmt: skip
    """One layer in one direction: the hidden states of all steps, the last hidden and cell states, and what to save.

    kind: "lstm", "gru", "tanh" or "relu". x: (rows, I), state, cell: (N, H) or None: zeros, x_weight: (gates * H, I),
    h_weight: (gates * H, H), biases: (gates * H,) or None; all of one dtype, float32 or float64, and nothing of size
    0. -> (rows, H), (N, H), (N, H)
    """
    _, slots, x_slots, h_first = _SLOTS[kind]
    (rows, inputs), hidden, batch, dtype = x.shape, h_weight.shape[1], steps.batch, x.dtype
    width = TILE_VECTORS * VECTOR_BYTES // dtype.itemsize
    padded = count_blocks(hidden, width) * width
    blocks = count_blocks(batch, BLOCK_ROWS)
    if batch % TILE_ROWS or (steps.actives != batch).any():  # tiles read whole rows, some of them behind the last one
        x = _padded(x, rows + TILE_ROWS, inputs)
    else:
        x = np.ascontiguousarray(x)
    states = np.zeros((2, blocks * BLOCK_ROWS, padded), dtype)
    cells = np.zeros((blocks * BLOCK_ROWS if kind == "lstm" else 0, padded), dtype)
    if state is not None:
        states[:, :batch, :hidden] = state
    if cell is not None:
        cells[:batch, :hidden] = cell
    first_cell = cells.copy()
    out, before = _room_for_states(rows, hidden, steps, dtype)
    if before is not None:
        first = before[steps.starts[0] : steps.starts[0] + batch]
        first[...] = 0 if state is None else state
    else:
        first = np.zeros((batch, hidden), dtype) if state is None else np.ascontiguousarray(state)
    # One vector more in each row: rows that lie a power of two apart would fall into the same places of the cache.
    gate_stride = slots * padded + VECTOR_BYTES // dtype.itemsize
    keep_gates, keep_cells = save and kind in ("lstm", "gru"), save and kind == "lstm"
    gates = np.empty((rows if keep_gates else 0, gate_stride), dtype)
    saved_cells = np.empty((rows if keep_cells else 0, padded), dtype)
    _variant(forward_block, kind, batch)(
        x, _pack(_gates(x_weight, kind), x_slots, width, True), _pack(h_weight, slots - h_first, width, True),
        _bias(kind, x_bias, h_bias, hidden, padded, dtype), states, cells, out, gates, saved_cells,
        steps.starts, steps.actives, steps.starts.size, batch, inputs, hidden, padded, gate_stride, states[0].size,
        int(save), blocks=blocks,
    )  # fmt: skip
    last = states[steps.starts.size & 1, :batch, :hidden].copy()
    if not save:
        return out, last, cells[:batch, :hidden].copy(), None
    return out, last, cells[:batch, :hidden].copy(), Saved(gates, saved_cells, first_cell, first, before, steps)


def _room_for_states(rows: int, hidden: int, steps: Steps, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray | None]:
    """An array for the hidden states; and as a view beside it the states before, if all sequences are of one length.

    The first state is part of the same memory, in front of the others, or behind them in the other direction.
    """
    if rows != steps.batch * steps.starts.size:
        return np.empty((rows, hidden), dtype), None
    room = np.empty((rows + steps.batch, hidden), dtype)
    early, late = room[:rows], room[steps.batch :]
    return (late, early) if steps.starts[0] == 0 else (early, late)


def states_before(out: np.ndarray, first: np.ndarray, steps: Steps) -> np.ndarray:
    """The hidden state from which each row of ``out`` was computed.  (rows, H)"""
    before = np.empty_like(out)
    for step, (start, active) in enumerate(zip(steps.starts.tolist(), steps.actives.tolist(), strict=True)):
        known = min(active, int(steps.actives[step - 1])) if step else 0
        if known:
            place = int(steps.starts[step - 1])
            before[start : start + known] = out[place : place + known]
        before[start + known : start + active] = first[known:active]
    return before


def recurrent_gradient(
    kind: str, g: np.ndarray, g_state: np.ndarray, g_cell: np.ndarray | None, x: np.ndarray, x_weight: np.ndarray,
    h_weight: np.ndarray, out: np.ndarray, saved: Saved, by_x: bool = True,
) -> tuple[np.ndarray | None, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Gradients by x, the first hidden state, the first cell state, both weights and both biases.

    g: (rows, H), by all hidden states; g_state, g_cell: (N, H), by the last ones.
    """
    _, slots, x_slots, h_first = _SLOTS[kind]
    steps = saved.steps
    rows, hidden, batch, dtype = len(x), h_weight.shape[1], steps.batch, x.dtype
    width = TILE_VECTORS * VECTOR_BYTES // dtype.itemsize
    padded = count_blocks(hidden, width) * width
    blocks = count_blocks(batch, BLOCK_ROWS)
    gate_stride = slots * padded + VECTOR_BYTES // dtype.itemsize
    dh = _padded(g_state, blocks * BLOCK_ROWS, padded)
    dc = _padded(g_cell, blocks * BLOCK_ROWS, padded) if g_cell is not None else np.zeros((0, padded), dtype)
    by_sums = np.empty((rows + TILE_ROWS, gate_stride), dtype)
    bias = np.zeros((blocks, slots, padded), dtype)
    _variant(backward_block, kind, batch)(
        np.ascontiguousarray(g), saved.gates, saved.cells, out, saved.first_cell, saved.first_state,
        _pack(h_weight, slots - h_first, width, False), dh, dc, by_sums, bias, steps.starts, steps.actives, batch,
        steps.starts.size, hidden, padded, gate_stride, blocks=blocks,
    )  # fmt: skip
    by_bias = bias.sum(0)[:, :hidden]
    by_x_sums = by_sums[:rows, : x_slots * padded]
    by_h_sums = by_sums[:rows, h_first * padded : slots * padded]
    gx = gemm.matmul(by_x_sums, _with_padding(_gates(x_weight, kind), x_slots, padded)) if by_x else None
    before = states_before(out, saved.first_state, steps) if saved.before is None else saved.before
    gxw = _without_padding(gemm.matmul(by_x_sums.T, x), x_slots, hidden)
    ghw = _without_padding(gemm.matmul(by_h_sums.T, before), slots - h_first, hidden)
    gxb = by_bias[:x_slots].reshape(-1)
    if kind == "gru":
        gxw, gxb = (np.concatenate((part[hidden:], part[:hidden])) for part in (gxw, gxb))
    return (
        gx, dh[:batch, :hidden], dc[:batch, :hidden], gxw, ghw, gxb, by_bias[h_first:].reshape(-1),
    )  # fmt: skip


def _with_padding(weight: np.ndarray, gates: int, padded: int) -> np.ndarray:
    """(gates * H, K) -> (gates * padded, K)"""
    hidden = weight.shape[0] // gates
    if hidden == padded:
        return weight
    out = np.zeros((gates, padded, weight.shape[1]), weight.dtype)
    out[:, :hidden] = weight.reshape(gates, hidden, -1)
    return out.reshape(gates * padded, -1)


def _without_padding(weight: np.ndarray, gates: int, hidden: int) -> np.ndarray:
    """(gates * padded, K) -> (gates * H, K)"""
    return weight.reshape(gates, -1, weight.shape[1])[:, :hidden].reshape(gates * hidden, -1)
