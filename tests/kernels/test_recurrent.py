"""Recurrent kernels against loops over single sequences: odd sizes, tables of steps, bits, the ends of the range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd.kernels import recurrent as kernels
from autograd.kernels.jit import get_num_threads, set_num_threads

GATES = {"lstm": 4, "gru": 3, "tanh": 1, "relu": 1}


def logistic(x: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def steps_of(lengths: list[int], reverse: bool = False) -> kernels.Steps:
    """Of sequences of these (falling) lengths."""
    actives = np.array([sum(length > t for length in lengths) for t in range(max(lengths))])
    starts = np.cumsum(actives) - actives
    if reverse:
        starts, actives = starts[::-1].copy(), actives[::-1].copy()
    return kernels.Steps(starts, actives, len(lengths))


def cell_of(kind: str, x: np.ndarray, h: np.ndarray, c: np.ndarray, weights: list[np.ndarray]) -> Any:
    x_weight, h_weight, x_bias, h_bias = weights
    of_x, of_h = x_weight @ x + x_bias, h_weight @ h + h_bias
    if kind == "lstm":
        i, f, g, o = np.split(of_x + of_h, 4)
        c = logistic(f) * c + logistic(i) * np.tanh(g)
        return logistic(o) * np.tanh(c), c
    if kind == "gru":
        (xr, xz, xn), (hr, hz, hn) = np.split(of_x, 3), np.split(of_h, 3)
        z = logistic(xz + hz)
        return (1 - z) * np.tanh(xn + logistic(xr + hr) * hn) + z * h, c
    total = of_x + of_h
    return (np.tanh(total) if kind == "tanh" else np.maximum(total, 0)), c


def naive(kind: str, x: np.ndarray, h: np.ndarray, c: np.ndarray, weights: list[np.ndarray], steps: Any) -> Any:
    out, h, c = np.zeros((len(x), h.shape[1])), h.copy(), c.copy()
    for start, active in zip(steps.starts, steps.actives, strict=True):
        for n in range(active):
            h[n], c[n] = cell_of(kind, x[start + n], h[n], c[n], weights)
            out[start + n] = h[n]
    return out, h, c


def problem(kind: str, lengths: list[int], inputs: int, hidden: int, dtype: Any, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    rows = GATES[kind] * hidden

    def draw(*shape: int) -> np.ndarray:
        return rng.uniform(-1, 1, shape).astype(dtype)

    weights = [draw(rows, inputs), draw(rows, hidden), draw(rows), draw(rows)]
    return draw(sum(lengths), inputs), draw(len(lengths), hidden), draw(len(lengths), hidden), weights


def run(kind: str, x: Any, h: Any, c: Any, weights: Any, steps: Any, save: bool = False) -> Any:
    return kernels.recurrent(kind, x, h, c if kind == "lstm" else None, *weights, steps, save)


CASES = [
    ([4] * 3, 5, 6),
    ([1], 1, 1),
    ([2] * 4, 3, 33),
    ([3] * 5, 300, 4),
    ([2] * 33, 2, 8),
    ([2] * 17, 3, 300),
    ([3] * 16, 4, 64),
    ([5, 4, 4, 1], 3, 7),
    ([6] * 9 + [3] * 9 + [1] * 2, 3, 40),
]


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("lengths", "inputs", "hidden"), CASES)
def test_forward_is_that_of_a_loop(kind, reverse, lengths, inputs, hidden):
    steps = steps_of(lengths, reverse)
    for dtype, tolerance in ((np.float32, 2e-5), (np.float64, 1e-12)):
        x, h, c, weights = problem(kind, lengths, inputs, hidden, dtype)
        want = naive(kind, x.astype(float), h.astype(float), c.astype(float), [w.astype(float) for w in weights], steps)
        for save in (False, True):
            out, last, cell, _ = run(kind, x, h, c, weights, steps, save)
            scale = max(1.0, np.abs(want[0]).max())
            np.testing.assert_allclose(out, want[0], atol=tolerance * scale)
            np.testing.assert_allclose(last, want[1], atol=tolerance * scale)
            if kind == "lstm":
                np.testing.assert_allclose(cell, want[2], atol=tolerance * scale)
            assert out.dtype == last.dtype == dtype


def numeric(f: Callable[[], float], array: np.ndarray, direction: np.ndarray) -> float:
    eps, base, sides = 1e-6, array.copy(), []
    for sign in (1, -1):
        array[...] = base + sign * eps * direction
        sides.append(f())
    array[...] = base
    return (sides[0] - sides[1]) / (2 * eps)


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("lengths", "inputs", "hidden"), CASES[:2] + CASES[4:5] + CASES[7:])
def test_gradients_are_those_of_differences(kind, reverse, lengths, inputs, hidden):
    steps = steps_of(lengths, reverse)
    x, h, c, weights = problem(kind, lengths, inputs, hidden, np.float64)
    rng = np.random.default_rng(1)
    starts = [rng.standard_normal(v.shape) for v in (np.empty((len(x), hidden)), h, c)]
    if kind != "lstm":
        starts[2][...] = 0

    def total() -> float:
        results = naive(kind, x, h, c, weights, steps)
        return sum(float((s * r).sum()) for s, r in zip(starts, results, strict=True))

    *_, saved = run(kind, x, h, c, weights, steps, True)
    g_cell = starts[2] if kind == "lstm" else None
    found = kernels.recurrent_gradient(kind, starts[0], starts[1], g_cell, x, *weights[:2], saved)
    arrays = [x, h, c, *weights]
    for i, (array, gradient) in enumerate(zip(arrays, found, strict=True)):
        if kind != "lstm" and array is c:
            continue
        assert gradient.shape == array.shape
        direction = rng.standard_normal(array.shape)
        want = numeric(total, array, direction)
        have = float((gradient * direction).sum())
        assert abs(have - want) <= 1e-6 * max(1.0, abs(want)), f"array {i}: {have}, by differences {want}"
    for i, place in enumerate((0, 3, 4)):  # x and the weights
        needed = tuple(j != i for j in range(3))
        without = kernels.recurrent_gradient(kind, starts[0], starts[1], g_cell, x, *weights[:2], saved, needed)
        assert without[place] is None
        for j, (a, b) in enumerate(zip(found, without, strict=True)):
            if j != place:
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", ["lstm", "gru", "tanh"])
@pytest.mark.parametrize("lengths", [[5] * 40, [6] * 20 + [2] * 20, [4] * 30])
def test_the_same_bits_for_any_number_of_threads(kind, lengths):
    x, h, c, weights = problem(kind, lengths, 20, 50, np.float32)
    steps = steps_of(lengths)
    g = np.random.default_rng(2).standard_normal((len(x), 50)).astype(np.float32)
    before, results = get_num_threads(), []
    try:
        for threads in (1, 2):
            set_num_threads(threads)
            *values, saved = run(kind, x, h, c, weights, steps, True)
            gradients = kernels.recurrent_gradient(
                kind, g, h, c if kind == "lstm" else None, x, *weights[:2], saved
            )  # fmt: skip
            results.append([*values, *gradients])
    finally:
        set_num_threads(before)
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", GATES)
def test_a_sequence_has_the_same_bits_alone_as_in_a_batch(kind):
    x, h, c, weights = problem(kind, [7] * 21, 5, 40, np.float32)
    out, last, *_ = run(kind, x, h, c, weights, steps_of([7] * 21))
    own = x.reshape(7, 21, 5)[:, 19].copy()
    alone, end, *_ = run(kind, own, h[19:20], c[19:20], weights, steps_of([7]))
    np.testing.assert_array_equal(out.reshape(7, 21, 40)[:, 19], alone)
    np.testing.assert_array_equal(last[19:20], end)


def test_nothing_is_changed_and_strides_do_not_matter():
    x, h, c, weights = problem("lstm", [4] * 3, 5, 6, np.float64)
    copies = [v.copy() for v in (x, h, c, *weights)]
    steps = steps_of([4] * 3)
    want = run("lstm", x, h, c, weights, steps)
    for have, copy in zip((x, h, c, *weights), copies, strict=True):
        np.testing.assert_array_equal(have, copy)
    strided = [np.asfortranarray(np.repeat(v, 2, -1))[..., ::2] for v in (x, h, c, *weights)]
    for v in strided:
        v.flags.writeable = False
    for a, b in zip(run("lstm", *strided[:3], strided[3:], steps)[:3], want[:3], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("dtype", "ulps"), [(np.float32, 3), (np.float64, 4)])
def test_gates_over_the_whole_range(dtype, ulps):
    """tanh through a plain unit, and sigmoid through the output gate of an LSTM whose cell state is full."""
    span = np.geomspace(1e-30, 600, 5000)
    values = np.concatenate([-span, span, [0.0, np.inf, -np.inf, np.nan]]).astype(dtype)
    eye, zeros, none = np.ones((1, 1), dtype), np.zeros((1, 1), dtype), np.zeros(1, dtype)
    steps = kernels.Steps(np.zeros(1, np.int64), np.array([len(values)]), len(values))
    with np.errstate(all="ignore"):
        exact = values.astype(np.longdouble)
        want_tanh, want_sigmoid = np.tanh(exact), 1 / (1 + np.exp(-exact))
    out = kernels.recurrent("tanh", values[:, None], None, None, eye, zeros, none, none, steps, False)[0][:, 0]
    check_ulps(out, want_tanh, ulps)
    x_weight = np.array([[0], [0], [0], [1]], dtype)
    bias = np.array([-1000, 1000, 0, 0], dtype)
    full = np.full((len(values), 1), 100, dtype)
    out = kernels.recurrent(
        "lstm", values[:, None], None, full, x_weight, np.zeros((4, 1), dtype), bias, None, steps, False
    )[0][:, 0]  # fmt: skip
    # An input of infinity times a weight of 0 is no number, for the other gates.
    finite = np.isfinite(values)
    check_ulps(out[finite], want_sigmoid[finite], ulps)


def check_ulps(have: np.ndarray, want: np.ndarray, ulps: int) -> None:
    np.testing.assert_array_equal(np.isnan(have), np.isnan(want))
    known = ~np.isnan(want)
    have, want = have[known], want[known]
    smallest = 2 * np.exp(-87.0 if have.dtype == np.float32 else -708.0)  # below this a sigmoid is cut off
    tiny = np.abs(want) < smallest
    assert np.abs(have[tiny]).max(initial=0) < smallest
    error = (np.abs(have - want) / np.spacing(np.abs(want).astype(have.dtype)))[~tiny]
    assert error.max() <= ulps, f"{error.max()} ulp at {want[error.argmax()]}"


def test_relu_units_pass_on_no_number():
    steps = kernels.Steps(np.zeros(1, np.int64), np.array([4]), 4)
    x = np.array([[-1.0], [2.0], [np.nan], [np.inf]])
    eye, zeros = np.ones((1, 1)), np.zeros((1, 1))
    out = kernels.recurrent("relu", x, None, None, eye, zeros, None, None, steps, False)[0]
    np.testing.assert_array_equal(out[:, 0], [0.0, 2.0, np.nan, np.inf])
