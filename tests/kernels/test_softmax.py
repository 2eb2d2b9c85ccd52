"""Softmax and cross-entropy kernels against loops in float64, finite differences and PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd as ag
from autograd.kernels import cross_entropy, jit, softmax

DTYPES = [np.float32, np.float64]
# shorter than a vector, a vector, between, more than one block, nothing
SHAPES = [(1, 1), (3, 7), (5, 16), (4, 33), (200, 130), (2, 40_001), (0, 5), (3, 0)]
TOLERANCE = {np.float32: 3e-6, np.float64: 1e-13}


def values(shape, dtype, seed=0, scale=3.0):
    return (np.random.default_rng(seed).normal(size=shape) * scale).astype(dtype)


def naive_log_softmax(row):
    largest = max(row)
    log_sum = math.log(math.fsum(math.exp(value - largest) for value in row))
    return [value - largest - log_sum for value in row]


def naive_cross_entropy(row, target, weight, smoothing):
    logs = naive_log_softmax(row)
    others = math.fsum(-w * value for w, value in zip(weight, logs, strict=True))
    return -(1 - smoothing) * weight[target] * logs[target] + smoothing / len(row) * others


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_softmax_and_its_logarithm_and_gradients(shape, dtype):
    check_against_loops(shape, 1, dtype)


# (outer, n, inner): few columns, one tile, several, some left over, of some rows and of many
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "shape", [(2, 5, 2), (3, 9, 7), (2, 3, 8), (1, 17, 33), (2, 40, 130), (1, 700, 200), (2, 2, 2500), (2, 0, 9)]
)
def test_columns(shape, dtype):
    check_against_loops(shape, 1, dtype)


def check_against_loops(shape, axis, dtype):
    x, g = values(shape, dtype), values(shape, dtype, 1)
    rows = np.moveaxis(x, axis, -1)
    logs = np.zeros(rows.shape)
    for i in np.ndindex(*rows.shape[:-1]) if x.size else ():
        logs[i] = naive_log_softmax(rows[i].tolist())
    logs = np.moveaxis(logs, -1, axis)
    tolerance = TOLERANCE[dtype]
    for got in (softmax.softmax(x, axis), softmax.softmax(np.asfortranarray(x), axis)):
        assert got.dtype == dtype
        assert got.flags.c_contiguous
        np.testing.assert_allclose(got, np.exp(logs), rtol=20 * tolerance)
    np.testing.assert_allclose(softmax.log_softmax(x, axis), logs, rtol=tolerance, atol=tolerance)
    wide = g.astype(np.float64)
    expected = np.exp(logs) * (wide - (wide * np.exp(logs)).sum(axis, keepdims=True))
    got = softmax.softmax_gradient(g, softmax.softmax(x, axis), axis)
    np.testing.assert_allclose(got, expected, rtol=100 * tolerance, atol=10 * tolerance)
    expected = wide - np.exp(logs) * wide.sum(axis, keepdims=True)
    got = softmax.log_softmax_gradient(g, softmax.log_softmax(x, axis), axis)
    np.testing.assert_allclose(got, expected, rtol=1000 * tolerance, atol=100 * tolerance)


@pytest.mark.parametrize(("dtype", "wide", "smallest"), [("f4", "f8", -87.0), ("f8", "longdouble", -708.0)])
def test_the_exponential_is_within_two_units_in_the_last_place(dtype, wide, smallest):
    # The gradient of log-softmax by g = (-1, 0, 0, ...) is exp(out) behind the first column.
    x = np.linspace(smallest, 0, 100_003).astype(dtype)[None]
    g = np.zeros_like(x)
    g[0, 0] = -1
    got = softmax.log_softmax_gradient(g, x, 1)[0, 1:]
    exact = np.exp(x[0, 1:].astype(wide))
    assert (np.abs(got - exact) / np.spacing(exact.astype(dtype))).max() < 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_infinity_and_nan_in_rows(dtype):
    inf, nan = np.inf, np.nan
    rows = [
        [0, -inf, 0],
        [-inf, -inf, -inf],
        [inf, 0, 1],
        [nan, 0, 1],
        [-inf, nan, -inf],
        [1e30, 1, -1e30],
        [80, 90, 0],
    ]
    for width, turned in ((3, False), (50, False), (50, True)):
        x = np.zeros((len(rows), width), dtype)
        x[:, :3] = rows
        x[:, 3:] = -inf

        def by_rows(function, x=x, turned=turned):
            if not turned:
                return function(x, 1)
            columns = np.repeat(x.T[None, :, :, None], 2, 3).reshape(1, x.shape[1], -1)  # each of them twice
            return function(columns, 1)[0, :, ::2].T

        got = by_rows(softmax.softmax)
        np.testing.assert_array_equal(got[0, :3], [0.5, 0, 0.5])
        assert np.isnan(got[1:5]).all()
        np.testing.assert_array_equal(got[5, :3], [1, 0, 0])
        logs = by_rows(softmax.log_softmax)
        assert logs[0, 1] == -inf
        assert np.isnan(logs[1:5]).all()
        np.testing.assert_allclose(logs[6, :3], naive_log_softmax([80.0, 90.0, 0.0]), atol=1e-7)
        statistics, _, _ = cross_entropy.cross_entropy(x, np.array([1, 0, 0, 0, 0, 0, 2]))
        losses = statistics[2]
        np.testing.assert_array_equal(np.isnan(losses), [False, True, True, True, True, False, False])
        assert losses[0] == inf
        # A row without a gradient hands none on, not even a NaN.
        g = np.array([1, 0, 0, 0, 0, 1, 1], dtype)
        assert np.isfinite(
            cross_entropy.cross_entropy_gradient(g, x, np.array([1, 0, 0, 0, 0, 0, 2]), statistics)
        ).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(1, 1), (9, 10), (700, 37), (3, 20_000), (0, 4)])
def test_cross_entropy_and_its_gradient(shape, weighted, smoothing, dtype):
    rng = np.random.default_rng(2)
    logits = values(shape, dtype)
    targets = rng.integers(0, shape[1], shape[0])
    weight = rng.uniform(0.5, 2, shape[1]) if weighted else None
    options = {"weight": weight, "ignore_index": -1, "label_smoothing": smoothing}
    ignored = rng.random(shape[0]) < 0.2
    targets[ignored] = -1
    statistics, total, weight_total = cross_entropy.cross_entropy(logits, targets, **options)
    losses = statistics[2]
    weights = np.ones(shape[1]) if weight is None else weight
    expected = [
        0.0 if target < 0 else naive_cross_entropy(row.tolist(), target, weights.tolist(), smoothing)
        for row, target in zip(logits, targets.tolist(), strict=True)
    ]
    np.testing.assert_allclose(losses, expected, rtol=20 * TOLERANCE[dtype], atol=20 * TOLERANCE[dtype])
    np.testing.assert_allclose(total, np.sum(expected), rtol=20 * TOLERANCE[dtype])
    np.testing.assert_allclose(weight_total, np.where(ignored, 0, weights[targets]).sum(), rtol=1e-6)
    g = values(shape[:1], dtype, 3)
    got = cross_entropy.cross_entropy_gradient(g, logits, targets, statistics, **options)
    # the derivative of sum of q * (log(sum(exp(x))) - x), for the target distribution q
    q = np.broadcast_to(weights * smoothing / shape[1], shape).copy()
    q[np.arange(shape[0]), targets] += (1 - smoothing) * weights[targets]
    wide = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True, initial=-1e9))
    expected_gradient = np.where(ignored, 0, g)[:, None] * (
        q.sum(1, keepdims=True) * wide / wide.sum(1, keepdims=True) - q
    )
    np.testing.assert_allclose(got, expected_gradient, rtol=100 * TOLERANCE[dtype], atol=10 * TOLERANCE[dtype])


def test_large_logits_keep_their_precision():
    logits = np.array([[10_000.25, 10_000.0, 9_999.5]], np.float32)
    for smoothing in (0.0, 0.1):
        _, total, _ = cross_entropy.cross_entropy(logits, np.array([1]), label_smoothing=smoothing)
        np.testing.assert_allclose(total, naive_cross_entropy(logits[0].tolist(), 1, [1.0] * 3, smoothing), rtol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_against_pytorch(smoothing):
    torch = pytest.importorskip("torch")
    logits, weight = values((40, 12), np.float64), np.linspace(0.5, 2, 12)
    targets = np.random.default_rng(4).integers(0, 12, 40)
    targets[3] = 7
    x = torch.from_numpy(logits).requires_grad_()
    options = {"ignore_index": 7, "label_smoothing": smoothing}
    expected = torch.nn.functional.cross_entropy(x, torch.from_numpy(targets), torch.from_numpy(weight), **options)
    statistics, total, weight_total = cross_entropy.cross_entropy(logits, targets, weight, **options)
    np.testing.assert_allclose(total / weight_total, expected.item(), rtol=1e-12)
    (gradient,) = torch.autograd.grad(expected, x)
    got = cross_entropy.cross_entropy_gradient(
        np.array(1.0), logits, targets, statistics, weight, **options, divisor=weight_total
    )
    np.testing.assert_allclose(got, gradient.numpy(), rtol=1e-10, atol=1e-14)


def test_the_result_does_not_depend_on_threads():
    x, g = values((3000, 100), np.float32), values((3000, 100), np.float32, 1)
    targets = np.random.default_rng(0).integers(0, 100, 3000)
    before = jit.get_num_threads()
    results = []
    for threads in (1, 2):
        jit.set_num_threads(threads)
        statistics, total, _ = cross_entropy.cross_entropy(x, targets)
        results.append(
            [
                softmax.softmax(x, 1), softmax.log_softmax(x, 1), softmax.softmax_gradient(g, x, 1), statistics, total,
                softmax.softmax(x, 0), softmax.log_softmax(x, 0), softmax.softmax_gradient(g, x, 0),
                softmax.log_softmax_gradient(g, x, 1),
                cross_entropy.cross_entropy_gradient(g[:, 0], x, targets, statistics),
            ]
        )  # fmt: skip
    jit.set_num_threads(before)
    for alone, together in zip(*results, strict=True):
        np.testing.assert_array_equal(alone, together)


X = np.zeros((3, 4), np.float32)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: softmax.softmax_gradient(X[:2], X, 1), ValueError, "softmax: the gradient has shape"),
        (
            lambda: cross_entropy.cross_entropy(X, np.array([0, 4, 1])),
            IndexError,
            "target 4 of row 1 is none of the 4 class",
        ),
        (
            lambda: cross_entropy.cross_entropy(X, np.array([0, 1, -1])),
            IndexError,
            "target -1 of row 2 is none of the 4",
        ),
        (lambda: cross_entropy.cross_entropy(X, np.zeros(3)), TypeError, "targets are class numbers.*float64"),
        (
            lambda: cross_entropy.cross_entropy(X, np.zeros(4, int)),
            ValueError,
            r"need targets of shape \(3,\), got \(4,\)",
        ),
        (
            lambda: cross_entropy.cross_entropy(X, np.zeros(3, int), np.ones(3)),
            ValueError,
            "weight has one element for each",
        ),
    ],
)
def test_wrong_use_gets_one_clear_error(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(2, 3, 2), (3, 21, 33), (1, 200, 150), (2, 5, 40, 60), (4, 1, 9)])
def test_cross_entropy_of_columns_is_that_of_rows(shape, weighted, smoothing, dtype):
    rng = np.random.default_rng(5)
    x = values(shape, dtype)
    targets = rng.integers(0, shape[1], (shape[0], *shape[2:]))
    targets[rng.random(targets.shape) < 0.2] = 100
    weight = rng.uniform(0.5, 2, shape[1]) if weighted else None
    options = {"weight": weight, "ignore_index": 100, "label_smoothing": smoothing}
    statistics, total, weight_total = cross_entropy.cross_entropy(x, targets, **options)
    rows = np.ascontiguousarray(np.moveaxis(x, 1, -1).reshape(-1, shape[1]))
    expected, expected_total, expected_weights = cross_entropy.cross_entropy(rows, targets.ravel(), **options)
    tolerance = {"rtol": 20 * TOLERANCE[dtype], "atol": 20 * TOLERANCE[dtype]}
    np.testing.assert_allclose(statistics.reshape(expected.shape), expected, **tolerance)
    np.testing.assert_allclose([total, weight_total], [expected_total, expected_weights], rtol=1e-6)
    g = values(targets.shape, dtype, 3)
    g[0, 0] = 0
    x[:, 0][targets == 100] = np.nan  # where nothing is handed on, it does not matter
    got = cross_entropy.cross_entropy_gradient(g, x, targets, statistics, **options)
    by_rows = cross_entropy.cross_entropy_gradient(g.ravel(), rows, targets.ravel(), expected, **options)
    np.testing.assert_allclose(
        np.moveaxis(got, 1, -1).reshape(-1, shape[1]), by_rows, rtol=100 * TOLERANCE[dtype], atol=10 * TOLERANCE[dtype]
    )
    wrong = targets.copy()
    wrong.reshape(-1)[-1] = -3
    with pytest.raises(IndexError, match="target -3 of"):
        cross_entropy.cross_entropy(x, wrong, **options)


@pytest.mark.parametrize("function", ["softmax", "log_softmax"])
@pytest.mark.parametrize(("shape", "axis"), [((300, 40), 1), ((300, 40), 0), ((20, 30, 5, 6), 1), ((20, 30, 5, 6), -1)])
def test_operations_on_large_arrays_against_pytorch(function, shape, axis):
    torch = pytest.importorskip("torch")
    for dtype, rtol in ((np.float32, 1e-5), (np.float64, 1e-10)):
        x, g = values(shape, dtype), values(shape, dtype, 1)
        ours, theirs = ag.Tensor(x, requires_grad=True), torch.from_numpy(x).requires_grad_()
        out, expected = getattr(ag, function)(ours, axis), getattr(torch, function)(theirs, axis)
        np.testing.assert_allclose(out.detach().numpy(), expected.detach().numpy(), rtol=rtol, atol=rtol)
        out.backward(ag.tensor(g))
        expected.backward(torch.from_numpy(g))
        np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=10 * rtol, atol=10 * rtol)


@pytest.mark.parametrize("function", ["softmax", "log_softmax"])
def test_masked_rows_of_large_arrays_hand_on_no_nan(function):
    x = np.zeros((300, 50), np.float32)
    x[::3] = -np.inf
    t = ag.Tensor(x, requires_grad=True)
    out = getattr(ag, function)(t, 1)
    ag.where(ag.tensor(np.arange(300) % 3 == 0)[:, None], ag.tensor(0.0), out).sum().backward()
    assert np.isfinite(t.grad.numpy()).all()
    assert (t.grad.numpy()[::3] == 0).all()


def test_second_derivatives_of_large_arrays():
    x = values((200, 50), np.float64)
    weights = ag.tensor(values((200, 50), np.float64, 1))
    for axis in (0, 1):
        t = ag.Tensor(x, requires_grad=True)
        (g,) = ag.grad((ag.softmax(t, axis) * weights).sum(), [t], create_graph=True)
        (second,) = ag.grad((g * weights).sum(), [t])
        step = 1e-6
        moved = [ag.Tensor(x + sign * step * weights.numpy(), requires_grad=True) for sign in (1, -1)]
        first = [ag.grad((ag.softmax(m, axis) * weights).sum(), [m])[0].numpy() for m in moved]
        np.testing.assert_allclose(second.numpy(), (first[0] - first[1]) / (2 * step), atol=1e-6)
