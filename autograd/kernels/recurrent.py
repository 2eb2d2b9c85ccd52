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
    get_num_threads,
    kernel,
    offset,
    real,
    stack,
)
from autograd.kernels.lanes import TILE_ROWS, TILE_VECTORS, TURN_ROWS, copy, read_turned
from autograd.kernels.row_tile import row_tile

__all__ = ["Saved", "Steps", "recurrent", "recurrent_gradient"]

# Rows of the batch in a block: the weights are read once for each block and step. Where threads have several of these
# blocks each, two are done together: half as much to read (LSTM 32 x 64 x 128 -> 256 and back: 28.9 to 26.6 ms).
BLOCK_ROWS = 2 * TILE_ROWS
# For batches up to this size a tile has fewer rows, and the products with the inputs are made beforehand, for all steps
# at once: each step reads all weights for a few multiplications.
FEW_ROWS = 4
DEPTH = 256  # k's between two visits of a tile: their weights (32 KB) stay in the first-level cache
SUMS = 2 * BLOCK_ROWS * 4 * TILE_VECTORS * VECTOR_BYTES // 4  # room for the sums of a group, in either dtype

# Constants of a variant: the kind of cell, its gates, how many of them depend on the input, the first that depends on
# the hidden state, and the rows of a tile.
TANH, RELU, GRU, LSTM = range(4)
KIND, SLOTS, X_SLOTS, H_FIRST, ROWS = 3, 4, 4, 0, 8


@kernel
def pack_block(
    block: int, w: Reals, packed: Reals, rows: int, columns: int, row_stride: int, column_stride: int, gate_stride: int,
    panels: int, panel_stride: int, packed_gate_stride: int,
) -> None:  # fmt: skip
    """Copy one panel of one gate, w: (rows, columns) -> (rows, width), filled up with zeros."""
    width = TILE_VECTORS * LANES
    gate = block // panels
    panel = block - gate * panels
    source = offset(w, gate * gate_stride + panel * width * column_stride)
    target = offset(packed, gate * packed_gate_stride + panel * panel_stride)
    used = min(width, columns - panel * width)
    done = 0
    if row_stride == 1 and used == width:  # whole squares are turned in registers
        done = rows // TURN_ROWS * TURN_ROWS
        for k in range(0, done, TURN_ROWS):
            read_turned(offset(source, k), column_stride, offset(target, k * width), TURN_ROWS, TILE_VECTORS)
    for k in range(done, rows):
        for j in range(width):
            target[k * width + j] = source[k * row_stride + j * column_stride] if j < used else real(0)


@kernel
def forward_block(
    block: int, x: Reals, x_weights: Reals, h_weights: Reals, bias: Reals, state: Reals, cell: Reals, out: Reals,
    gates: Reals, cells: Reals, starts: Ints, actives: Ints, length: int, batch: int, inputs: int,
    hidden: int, units: int, gate_stride: int, state_size: int, save: int, block_rows: int,
) -> None:  # fmt: skip
    """Some rows of the batch through all steps.

    x: (rows, I), or with inputs = 0 what the inputs give, (rows, x slots, units); out, cells: (rows, units); gates:
    (rows, gate_stride); state: (2, blocks of rows, units), in the first half the first hidden state; cell: (blocks of
    rows, units).
    """
    width = TILE_VECTORS * LANES
    groups = units // width
    first = block * block_rows
    count = min(block_rows, batch - first)
    sums = stack(x, SUMS)
    line = SLOTS * width
    cell = offset(cell, first * units)
    for step in range(length):
        active = min(max(actives[step] - first, 0), count)
        place = starts[step] + first
        old = offset(state, (step & 1) * state_size + first * units)
        new = offset(state, (1 - (step & 1)) * state_size + first * units)
        for group in range(groups):
            column = group * width
            for part in range(2 * SLOTS):  # of each gate, what the input gives, and then what the state gives
                slot = part >> 1
                if part & 1:
                    left, stride, depth = old, units, hidden
                    weights = offset(h_weights, ((slot - H_FIRST) * groups + group) * hidden * width)
                else:
                    left, stride, depth = offset(x, place * inputs), inputs, inputs
                    weights = offset(x_weights, (slot * groups + group) * inputs * width)
                if inputs == 0 and slot < X_SLOTS and not part & 1:
                    for row in range(active):
                        given = offset(x, ((place + row) * X_SLOTS + slot) * units + column)
                        copy(given, offset(sums, row * line + slot * width), width)
                if (slot < X_SLOTS and not part & 1) or (slot >= H_FIRST and part & 1):
                    for start in range(0, depth, DEPTH):
                        accumulate = 1 if start > 0 or (part & 1 and slot < X_SLOTS) else 0
                        for row in range(0, active, ROWS):
                            row_tile(
                                offset(left, row * stride + start), stride, offset(weights, start * width),
                                offset(sums, row * line + slot * width), line, min(DEPTH, depth - start), accumulate,
                                ROWS, TILE_VECTORS,
                            )  # fmt: skip
            # What is not to be saved goes where it came from.
            kept, kept_row, kept_slot, kept_cells = sums, line, width, offset(cell, column)
            if save:
                kept, kept_row, kept_slot = offset(gates, place * gate_stride + column), gate_stride, units
                kept_cells = offset(cells, place * units + column)
            for row in range(active):
                for v in range(0, width, LANES):
                    s, b = offset(sums, row * line + v), offset(bias, column + v)
                    at = row * units + column + v
                    h, o = offset(new, at), offset(out, place * units + at)
                    keep = offset(kept, row * kept_row + v)
                    if KIND == LSTM:
                        c = offset(kept_cells, row * units + v)
                        lstm_forward(s, width, b, units, offset(cell, at), keep, kept_slot, c, h, o)
                    elif KIND == GRU:
                        gru_forward(s, width, b, units, offset(old, at), keep, kept_slot, h, o)
                    else:
                        rnn_forward(s, b, h, o, KIND)
        for i in range(active * units, count * units):  # the states of those that have ended, or have not begun
            new[i] = old[i]


@kernel
def backward_block(
    block: int, g: Reals, gates: Reals, cells: Reals, out: Reals, first_cell: Reals, first_state: Reals,
    weights: Reals, dh: Reals, dc: Reals, result: Reals, bias: Reals, starts: Ints, actives: Ints, length: int,
    batch: int, hidden: int, units: int, gate_stride: int, state_size: int, block_rows: int,
) -> None:  # fmt: skip
    """The steps of `forward_block` backwards.

    g, out, cells: (rows, units); result: (rows, gate_stride), the gradient by the sums; bias: (blocks of BLOCK_ROWS,
    slots, units), zeros; dh: (2, blocks of rows, units), in the first half the gradient by the last states; dc: (blocks
    of rows, units), that by the last cell states, which becomes that by the first ones; weights: (groups, hidden slots,
    H, width).
    """
    width = TILE_VECTORS * LANES
    first = block * block_rows
    count = min(block_rows, batch - first)
    dc = offset(dc, first * units)
    for back in range(length):
        step = length - 1 - back
        active = min(max(actives[step] - first, 0), count)
        place = starts[step] + first
        place_before, active_before = 0, 0
        if step > 0:
            place_before = starts[step - 1] + first
            active_before = min(max(actives[step - 1] - first, 0), count)
        old = offset(dh, (back & 1) * state_size + first * units)
        new = offset(dh, (1 - (back & 1)) * state_size + first * units)
        for row in range(active):
            for v in range(0, units, LANES):
                b = offset(bias, (first + row) // BLOCK_ROWS * SLOTS * units + v)
                at = (place + row) * units + v
                known = row < active_before
                before = (place_before + row) * units + v if known else (first + row) * units + v
                gate = offset(gates, (place + row) * gate_stride + v)
                to = offset(result, (place + row) * gate_stride + v)
                d = offset(old, row * units + v)
                if KIND == LSTM:
                    c_before = offset(cells if known else first_cell, before)
                    lstm_backward(
                        offset(g, at), d, gate, units, offset(cells, at), c_before, offset(dc, row * units + v), to, b
                    )  # fmt: skip
                elif KIND == GRU:
                    h_before = offset(out if known else first_state, before)
                    gru_backward(offset(g, at), d, gate, units, h_before, offset(new, row * units + v), to, b)
                else:
                    rnn_backward(offset(g, at), d, offset(out, at), to, b, KIND)
        for column in range(0, units, width):
            for slot in range(H_FIRST, SLOTS):
                by_sums = offset(result, place * gate_stride + slot * units)
                part = offset(weights, (column * (SLOTS - H_FIRST) + (slot - H_FIRST) * width) * hidden)
                for start in range(0, hidden, DEPTH):
                    accumulate = 1 if slot > H_FIRST or start > 0 or KIND == GRU else 0
                    for row in range(0, active, ROWS):
                        row_tile(
                            offset(by_sums, row * gate_stride + start), gate_stride, offset(part, start * width),
                            offset(new, row * units + column), units, min(DEPTH, hidden - start), accumulate,
                            ROWS, TILE_VECTORS,
                        )  # fmt: skip
        for i in range(active * units, count * units):  # the gradients of those that have ended, or have not begun
            new[i] = old[i]


# --- From arrays to blocks -------------------------------------------------------------------------------------------

_SLOTS = {"lstm": (LSTM, 4, 4, 0), "gru": (GRU, 4, 3, 1), "tanh": (TANH, 1, 1, 0), "relu": (RELU, 1, 1, 0)}


class Steps(NamedTuple):
    """The steps in the order in which they are taken."""

    starts: np.ndarray  # the first row of each, (T,) int64
    actives: np.ndarray  # how many sequences are running, (T,) int64
    batch: int


class Saved(NamedTuple):
    """What the backward pass needs of the forward pass, besides its arguments."""

    gates: np.ndarray
    cells: np.ndarray
    out: np.ndarray
    before: np.ndarray | None  # the hidden state that each row was computed from, where that is a view
    first_cell: np.ndarray
    first_state: np.ndarray
    steps: Steps


class _Sizes(NamedTuple):
    """What is computed of the arguments' shapes."""

    hidden: int
    units: int  # hidden units, filled up to whole panels
    width: int  # of a panel
    blocks: int  # of BLOCK_ROWS
    gate_stride: int


def _sizes(kind: str, h_weight: np.ndarray, batch: int) -> _Sizes:
    hidden, itemsize = h_weight.shape[1], h_weight.itemsize
    width = TILE_VECTORS * VECTOR_BYTES // itemsize
    units = count_blocks(hidden, width) * width
    # One vector more in each row: rows that lie a power of two apart would fall into the same places of the cache.
    gate_stride = _SLOTS[kind][1] * units + VECTOR_BYTES // itemsize
    return _Sizes(hidden, units, width, count_blocks(batch, BLOCK_ROWS), gate_stride)


def _rows_of_a_block(batch: int) -> int:
    """What does not change the result: sums over the batch are those of BLOCK_ROWS each."""
    blocks, threads = count_blocks(batch, 2 * BLOCK_ROWS), get_num_threads()
    return 2 * BLOCK_ROWS if blocks % threads == 0 or blocks >= 4 * threads else BLOCK_ROWS


def _variant(block: Kernel, kind: str, batch: int) -> Kernel:
    number, slots, x_slots, h_first = _SLOTS[kind]
    rows = FEW_ROWS if batch <= FEW_ROWS else TILE_ROWS
    return block.with_constants(KIND=number, SLOTS=slots, X_SLOTS=x_slots, H_FIRST=h_first, ROWS=rows)


def _pack(weight: np.ndarray, gates: int, size: _Sizes, turned: bool) -> np.ndarray:
    """The weights, (gates * H, K), as panels, the last one of each gate filled up with zeros.

    turned: a panel of W.T for some hidden units of one gate, (gates, groups, K, width); else a panel of W for some
    columns, (groups, gates, H, width).
    """
    weight = np.ascontiguousarray(weight)
    hidden, columns = size.hidden, weight.shape[1]
    rows, used, strides = (columns, hidden, (1, columns)) if turned else (hidden, columns, (columns, 1))
    groups, panel = count_blocks(used, size.width), rows * size.width
    packed = np.empty(gates * groups * panel, weight.dtype)
    panel_stride, gate_stride = (panel, groups * panel) if turned else (gates * panel, panel)
    pack_block(
        weight, packed, rows, used, *strides, hidden * columns, groups, panel_stride, gate_stride,
        blocks=gates * groups,
    )  # fmt: skip
    return packed


def _padded(x: np.ndarray | None, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """x at the beginning of zeros of a larger shape."""
    out = np.zeros(shape, dtype)
    if x is not None:
        out[tuple(map(slice, x.shape))] = x
    return out


def _gates(weight: np.ndarray, kind: str) -> np.ndarray:
    """Weights or biases by the input in the order of the slots: PyTorch's GRU has reset, update, new."""
    if kind != "gru":
        return weight
    third = weight.shape[0] // 3
    return np.concatenate((weight[2 * third :], weight[: 2 * third]))


def _bias(kind: str, x_bias: np.ndarray | None, h_bias: np.ndarray | None, size: _Sizes, dtype: np.dtype) -> np.ndarray:
    _, slots, x_slots, h_first = _SLOTS[kind]
    bias = np.zeros((slots, size.units), dtype)
    if x_bias is not None:
        bias[:x_slots, : size.hidden] = _gates(x_bias, kind).reshape(x_slots, size.hidden)
    if h_bias is not None:
        bias[h_first:, : size.hidden] += h_bias.reshape(slots - h_first, size.hidden)
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
    (rows, inputs), batch, dtype, size = x.shape, steps.batch, x.dtype, _sizes(kind, h_weight, steps.batch)
    units, length, all_rows = size.units, steps.starts.size, size.blocks * BLOCK_ROWS
    whole = rows == batch * length
    x_weight, x_panels = _gates(x_weight, kind), None
    if batch <= FEW_ROWS:
        x, inputs = gemm.packed_matmul(x, _with_padding(x_weight, x_slots, units).T), 0
    else:
        x_panels = _pack(x_weight, x_slots, size, True)
        if batch % TILE_ROWS or not whole:  # tiles read whole rows, some of them behind the last one
            x = _padded(x, (rows + TILE_ROWS, inputs), dtype)
    states = np.empty((2, all_rows, units), dtype)
    states[0] = first_state = _padded(state, (all_rows, units), dtype)
    last_cell = _padded(cell, (all_rows if kind == "lstm" else 0, units), dtype)
    first_cell = last_cell.copy() if save else last_cell
    # Where all sequences are of one length, the first state stands in front of the others in memory (in the other
    # direction behind them), and what each row was computed from is a view.
    room = np.empty((rows + batch if whole else rows, units), dtype)
    forwards = not whole or steps.starts[0] == 0
    out, before = (room[len(room) - rows :], room[:rows]) if forwards else (room[:rows], room[batch:])
    if whole:
        before[steps.starts[0] : steps.starts[0] + batch] = first_state[:batch]
    gates = np.empty((rows if save and slots > 1 else 0, size.gate_stride), dtype)
    cells = np.empty((rows if save and kind == "lstm" else 0, units), dtype)
    block_rows = _rows_of_a_block(batch)
    _variant(forward_block, kind, batch)(
        np.ascontiguousarray(x), x_panels, _pack(h_weight, slots - h_first, size, True),
        _bias(kind, x_bias, h_bias, size, dtype), states, last_cell, out, gates, cells, steps.starts, steps.actives,
        length, batch, inputs, size.hidden, units, size.gate_stride, states[0].size, int(save), block_rows,
        blocks=count_blocks(batch, block_rows),
    )  # fmt: skip
    hidden = size.hidden
    results = (
        out if hidden == units else out[:, :hidden].copy(),
        states[length & 1, :batch, :hidden].copy(),
        last_cell[:batch, :hidden].copy(),
    )
    return *results, Saved(
        gates, cells, out, before if whole else None, first_cell, first_state, steps
    ) if save else None


def _states_before(saved: Saved) -> np.ndarray:
    """The hidden state that each row was computed from.  (rows, units)"""
    if saved.before is not None:
        return saved.before
    out, steps = saved.out, saved.steps
    before = np.empty_like(out)
    for step, (start, active) in enumerate(zip(steps.starts.tolist(), steps.actives.tolist(), strict=True)):
        known = min(active, int(steps.actives[step - 1])) if step else 0
        if known:
            place = int(steps.starts[step - 1])
            before[start : start + known] = out[place : place + known]
        before[start + known : start + active] = saved.first_state[known:active]
    return before


def recurrent_gradient(
    kind: str, g: np.ndarray, g_state: np.ndarray, g_cell: np.ndarray | None, x: np.ndarray, x_weight: np.ndarray,
    h_weight: np.ndarray, saved: Saved, needed: tuple[bool, bool, bool] = (True, True, True),
) -> tuple[np.ndarray | None, ...]:  # fmt: skip
    """Gradients by x, the first hidden state, the first cell state, both weights and both biases.

    g: (rows, H), by all hidden states; g_state, g_cell: (N, H), by the last ones. needed: whether those by x and by
    the two weights, which are products over all steps, are needed; else they are None.
    """
    _, slots, x_slots, h_first = _SLOTS[kind]
    steps, rows, dtype = saved.steps, len(x), x.dtype
    batch, length, size = steps.batch, steps.starts.size, _sizes(kind, h_weight, steps.batch)
    hidden, units, all_rows = size.hidden, size.units, size.blocks * BLOCK_ROWS
    g = np.ascontiguousarray(g) if hidden == units else _padded(g, (rows, units), dtype)
    dh = np.empty((2, all_rows, units), dtype)
    dh[0] = _padded(g_state, (all_rows, units), dtype)
    dc = _padded(g_cell, (all_rows if kind == "lstm" else 0, units), dtype)
    by_sums = np.empty((rows + TILE_ROWS, size.gate_stride), dtype)
    bias = np.zeros((size.blocks, slots, units), dtype)
    block_rows = _rows_of_a_block(batch)
    _variant(backward_block, kind, batch)(
        g, saved.gates, saved.cells, saved.out, saved.first_cell, saved.first_state,
        _pack(h_weight, slots - h_first, size, False), dh, dc, by_sums, bias, steps.starts, steps.actives, length,
        batch, hidden, units, size.gate_stride, dh[0].size, block_rows, blocks=count_blocks(batch, block_rows),
    )  # fmt: skip
    by_bias = bias.sum(0)[:, :hidden]
    by_x_sums = by_sums[:rows, : x_slots * units]
    by_h_sums = by_sums[:rows, h_first * units : slots * units]
    gx = gxw = ghw = None
    if needed[0]:
        gx = gemm.matmul(by_x_sums, _with_padding(_gates(x_weight, kind), x_slots, units))
    if needed[1]:
        gxw = _without_padding(gemm.matmul(by_x_sums.T, x), x_slots, hidden)
    if needed[2]:
        ghw = gemm.matmul(by_h_sums.T, _states_before(saved))
        ghw = _without_padding(ghw, slots - h_first, hidden)[:, :hidden]
    gxb = by_bias[:x_slots].reshape(-1)
    if kind == "gru":  # back to PyTorch's order of the gates
        gxb = np.concatenate((gxb[hidden:], gxb[:hidden]))
        gxw = None if gxw is None else np.concatenate((gxw[hidden:], gxw[:hidden]))
    ghb = by_bias[h_first:].reshape(-1)
    return gx, dh[length & 1, :batch, :hidden], dc[:batch, :hidden], gxw, ghw, gxb, ghb


def _with_padding(weight: np.ndarray, gates: int, units: int) -> np.ndarray:
    """(gates * H, K) -> (gates * units, K)"""
    hidden = weight.shape[0] // gates
    if hidden == units:
        return weight
    out = _padded(weight.reshape(gates, hidden, -1), (gates, units, weight.shape[1]), weight.dtype)
    return out.reshape(gates * units, -1)


def _without_padding(weight: np.ndarray, gates: int, hidden: int) -> np.ndarray:
    """(gates * units, K) -> (gates * H, K)"""
    return weight.reshape(gates, -1, weight.shape[1])[:, :hidden].reshape(gates * hidden, -1)
