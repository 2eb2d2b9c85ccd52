"""Normalization kernels against sums that are exact, and against PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd.kernels import jit, layer_norm, norm

DTYPES = [np.float32, np.float64]
TOLERANCE = {np.float32: 2e-5, np.float64: 1e-11}
# (N, C) and (N, C, L): below and above a vector, a group of columns and a piece
BATCHES = [(2, 1), (5, 3), (300, 70), (700, 3), (2, 3, 4), (3, 2, 1), (7, 33, 17), (40, 2, 900), (2, 3, 20_000)]
ROWS = [(1, 1), (3, 5), (4, 16), (130, 300), (3000, 9), (2, 20_001), (0, 4)]


def values(shape, dtype, seed=0, mean=0.0):
    return (np.random.default_rng(seed).normal(size=shape) + mean).astype(dtype)


def moments(elements):
    """Mean and biased variance of a list of floats, each sum exact."""
    mean = math.fsum(elements) / len(elements)
    return mean, math.fsum((value - mean) ** 2 for value in elements) / len(elements)


def naive_normalize(x, weight, bias, eps):
    """Normalized x: (rows, elements) by row, with its own weights; mean, var; all float64."""
    out, means, variances = np.empty(x.shape), [], []
    for i, row in enumerate(x.astype(np.float64)):
        mean, var = moments(row.tolist())
        out[i] = [(value - mean) / math.sqrt(var + eps) for value in row.tolist()]
        means.append(mean)
        variances.append(var)
    return out * weight + bias, np.array(means), np.array(variances)


def naive_gradient(g, x, weight, eps):
    """Gradient of sum(g * normalize(x)) by x: (rows, elements), by the definition's Jacobian, in float64."""
    gx = np.empty(x.shape)
    for i, row in enumerate(x.astype(np.float64)):
        mean, var = moments(row.tolist())
        rstd = 1 / math.sqrt(var + eps)
        z, scaled = (row - mean) * rstd, g[i].astype(np.float64) * (weight[i] if weight.shape[0] > 1 else weight[0])
        # dz_j / dx_k = rstd * (delta_jk - 1/n - z_j z_k / n)
        gx[i] = rstd * (scaled - math.fsum(scaled) / len(row) - z * math.fsum(scaled * z) / len(row))
    return gx


def by_channel(x):
    return np.moveaxis(x, 1, 0).reshape(x.shape[1], -1)


def like(rows, x):
    return np.moveaxis(rows.reshape(x.shape[1], x.shape[0], *x.shape[2:]), 0, 1)


def optional(channels, dtype, affine):
    """Weight and bias, or neither; and both as columns of float64."""
    weight, bias = (values(channels, dtype, seed) if affine else None for seed in (2, 3))
    w, b = (np.full((channels, 1), d) if v is None else v.astype(float)[:, None] for v, d in ((weight, 1), (bias, 0)))
    return weight, bias, w, b


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", BATCHES)
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("activation", [None, "relu"])
def test_batch_norm_and_its_gradient(shape, affine, activation, dtype):
    x, g, eps = values(shape, dtype, mean=2.0), values(shape, dtype, 1), 1e-3
    channels, count = shape[1], x.size // shape[1]
    weight, bias, w, b = optional(channels, dtype, affine)
    running_mean, running_var = values(channels, dtype, 4), np.square(values(channels, dtype, 5))
    close = {"rtol": TOLERANCE[dtype], "atol": TOLERANCE[dtype]}
    expected, mean, var = naive_normalize(by_channel(x), w, b, eps)
    moved = [0.75 * running_mean + 0.25 * mean, 0.75 * running_var + 0.25 * var * count / (count - 1)]
    before = running_mean.astype(float)[:, None], running_var.astype(float)[:, None]
    fixed = norm.batch_norm(x, weight, bias, eps, running_mean, running_var, False, activation=activation)
    out, *statistics = norm.batch_norm(x, weight, bias, eps, running_mean, running_var, True, 0.25, activation)
    assert out.dtype == dtype
    passing = np.ones(expected.shape) if activation is None else (by_channel(out) > 0).astype(float)
    for part, exact in zip(
        (out, *statistics), (like(expected * passing, x), mean, 1 / np.sqrt(var + eps)), strict=True
    ):
        np.testing.assert_allclose(part, exact, **close)
    np.testing.assert_allclose(running_mean, moved[0], **close)
    np.testing.assert_allclose(running_var, moved[1], **close)
    by_running = (by_channel(x) - before[0]) / np.sqrt(before[1] + eps) * w + b
    by_running = np.maximum(by_running, 0) if activation else by_running
    scale = 1 + np.abs(by_running).max()  # some of the running variances are small
    np.testing.assert_allclose(fixed[0], like(by_running, x), rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype] * scale)
    wide = by_channel(g) * passing
    z = (by_channel(x) - mean[:, None]) / np.sqrt(var + eps)[:, None]
    size = math.sqrt(wide.shape[1])  # a sum of so many elements of size 1
    sums = {"rtol": TOLERANCE[dtype], "atol": size * TOLERANCE[dtype]}
    gx, gweight, gbias = norm.batch_norm_gradient(g, x, *statistics, weight, bias, True, activation)
    np.testing.assert_allclose(gx, like(naive_gradient(wide, by_channel(x), w, eps), x), **close)
    np.testing.assert_allclose(gweight, (wide * z).sum(1), **sums)
    np.testing.assert_allclose(gbias, wide.sum(1), **sums)
    gx, *others = norm.batch_norm_gradient(g, x, *statistics, weight, bias, False, activation)
    np.testing.assert_allclose(gx, like(wide * w / np.sqrt(var + eps)[:, None], x), **close)
    np.testing.assert_allclose(others, [gweight, gbias], **sums)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "groups"), [((2, 6, 5), 3), ((3, 4, 33), 4), ((1, 8, 17), 1), ((2, 4, 5001), 2)])
@pytest.mark.parametrize("affine", [True, False])
def test_group_norm_and_its_gradient(shape, groups, affine, dtype):
    x, g, eps = values(shape, dtype, mean=2.0), values(shape, dtype, 1), 1e-3
    weight, bias, w, b = optional(shape[1], dtype, affine)
    close = {"rtol": TOLERANCE[dtype], "atol": TOLERANCE[dtype]}
    rows = x.reshape(shape[0] * groups, -1)
    z, mean, var = naive_normalize(rows, 1.0, 0.0, eps)
    out, *statistics = norm.group_norm(x, groups, weight, bias, eps)
    np.testing.assert_allclose(out, z.reshape(shape) * w + b, **close)
    for part, exact in zip(statistics, (mean, 1 / np.sqrt(var + eps)), strict=True):
        np.testing.assert_allclose(part, exact, **close)
    gx, gweight, gbias = norm.group_norm_gradient(g, x, groups, *statistics, weight)
    through = (g * w).reshape(rows.shape)
    np.testing.assert_allclose(gx, naive_gradient(through, rows, np.ones((1, 1)), eps).reshape(shape), **close)
    sums = {"rtol": TOLERANCE[dtype], "atol": math.sqrt(x.size // shape[1]) * TOLERANCE[dtype]}
    np.testing.assert_allclose(gweight, (g * z.reshape(shape)).astype(float).sum((0, 2)), **sums)
    np.testing.assert_allclose(gbias, g.astype(float).sum((0, 2)), **sums)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", ROWS)
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("centred", [True, False])
def test_layer_norm_and_its_gradient(shape, affine, centred, dtype):
    x, g, eps = values(shape, dtype, mean=2.0), values(shape, dtype, 1), 1e-3
    weight, bias, w, b = (v if v is None else v.T if v.ndim == 2 else v for v in optional(shape[1], dtype, affine))
    close = {"rtol": TOLERANCE[dtype], "atol": TOLERANCE[dtype]}
    through, wide = (g * w).astype(float), g.astype(float)
    if centred:
        z, _, _ = naive_normalize(x, 1.0, 0.0, eps)
        gradient = naive_gradient(through, x, np.ones((1, 1)), eps)
    else:
        squares = [math.fsum((row * row).tolist()) / len(row) for row in x.astype(float)]
        rstd = 1 / np.sqrt(np.array(squares).reshape(-1, 1) + eps)
        z = x * rstd
        gradient = rstd * (through - z * (through * z).mean(1, keepdims=True))
    out, statistics = layer_norm.layer_norm(x, shape[1], weight, bias, eps, centred)
    np.testing.assert_allclose(out, z * w + b, **close)
    gx, gweight, gbias = layer_norm.layer_norm_gradient(g, x, statistics, weight, centred)
    np.testing.assert_allclose(gx, gradient, **close)
    sums = {"rtol": TOLERANCE[dtype], "atol": math.sqrt(shape[0]) * TOLERANCE[dtype]}
    np.testing.assert_allclose(gweight, (wide * z).sum(0), **sums)
    np.testing.assert_allclose(gbias, wide.sum(0), **sums)


@pytest.mark.parametrize("first", [0.0, -3e4])
@pytest.mark.parametrize("shape", [(2000, 3), (20, 3, 5000), (300, 2, 7)])
def test_a_large_mean_costs_no_digits(shape, first):
    # The first element is an outlier in one case: whatever the sums are shifted by, the result keeps its digits.
    x = values(shape, np.float32, mean=10_000.0)
    x[0, :] += np.float32(first)
    expected, exact_mean, exact = naive_normalize(by_channel(x), 1.0, 0.0, 0.0)
    out, mean, rstd = norm.batch_norm(x, eps=0.0)
    np.testing.assert_allclose(rstd, 1 / np.sqrt(exact), rtol=2e-6)
    np.testing.assert_allclose(mean, exact_mean, atol=1e-6 * math.sqrt(exact.max()))
    np.testing.assert_allclose(out, like(expected, x), rtol=1e-5, atol=1e-6)
    rows = by_channel(x)
    out, statistics = layer_norm.layer_norm(rows, rows.shape[1], eps=0.0)
    np.testing.assert_allclose(statistics[:, 2], 1 / np.sqrt(exact), rtol=2e-6)
    np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-6)
    g = values(rows.shape, np.float32, 1)
    z = naive_normalize(rows, 1.0, 0.0, 0.0)[0]
    _, gweight, _ = layer_norm.layer_norm_gradient(g, rows, statistics)
    np.testing.assert_allclose(gweight, (g * z).sum(0), rtol=1e-4, atol=1e-4)
    _, gweight, _ = norm.batch_norm_gradient(like(g, x), x, mean, rstd)
    np.testing.assert_allclose(gweight, (g * z).sum(1), rtol=1e-4, atol=1e-4 * math.sqrt(g.shape[1]))


def uneven(n):
    """Rows of n elements that no sum from a fixed guess of the mean can bear."""
    rows = np.random.default_rng(0).normal(size=(2, n))
    eighths = np.arange(n) % max(1, n >> 3) == 0  # where the guess looks
    yield rows + 1e6
    yield np.where(np.arange(n) < 8, 1e4, rows)
    yield np.where(eighths, rows + 1e5, rows)
    yield rows + np.linspace(0, 1e4, n)
    yield np.where(np.arange(n) < n // 2, rows, rows + 1e5)
    yield rows * np.exp(np.linspace(-10, 10, n))
    yield np.full((2, n), 3.3)


@pytest.mark.parametrize("n", [7, 64, 5000, 20_000])
def test_one_pass_keeps_the_digits_in_whatever_order_the_elements_come(n):
    for rows in uneven(n):
        x = rows.astype(np.float32)
        expected, _, _ = naive_normalize(x, 1.0, 0.0, 1e-5)
        close = {"rtol": 0, "atol": 1e-6 * max(1.0, np.abs(expected).max())}
        np.testing.assert_allclose(layer_norm.layer_norm(x, n)[0], expected, **close)
        np.testing.assert_allclose(norm.batch_norm(x[None])[0][0], expected, **close)
        np.testing.assert_allclose(norm.batch_norm(np.ascontiguousarray(x.T))[0].T, expected, **close)
        samples = x.reshape(2, -1, 4).swapaxes(0, 1) if n % 4 == 0 else x[None]  # (N, C, L)
        out = norm.batch_norm(samples)[0].swapaxes(0, 1).reshape(2, n)
        np.testing.assert_allclose(out, expected, **close)


def test_nan_and_infinity_stay_in_their_channel_and_row():
    x = values((6, 4, 30), np.float32)
    x[2, 1, 3], x[3, 2, 4] = np.nan, np.inf
    for part in (x, np.ascontiguousarray(x[:, :, 3:5].reshape(12, 4, order="F").reshape(6, 8))):
        axes = (0, *range(2, part.ndim))
        bad = ~np.isfinite(part).all(axis=axes)
        out, mean, rstd = norm.batch_norm(part)
        np.testing.assert_array_equal(np.isnan(rstd), bad)
        np.testing.assert_array_equal(np.isfinite(mean), ~bad)
        np.testing.assert_array_equal(np.isnan(out).any(axis=axes), bad)
        out, _, _ = norm.batch_norm(part, activation="relu")
        np.testing.assert_array_equal(np.isnan(out).any(axis=axes), bad)
    rows = x[:, :3].reshape(6, 90)
    np.testing.assert_array_equal(np.isnan(layer_norm.layer_norm(rows, 90)[0]).any(1), ~np.isfinite(rows).all(1))
    bad = np.zeros((6, 4), bool)
    bad[2, :2] = bad[3, 2:] = True  # two groups of two channels
    np.testing.assert_array_equal(np.isnan(norm.group_norm(x, 2)[0]).any(2), bad)


def test_the_result_does_not_depend_on_threads_or_layout():
    x, g = values((64, 24, 600), np.float32), values((64, 24, 600), np.float32, 1)
    before = jit.get_num_threads()
    results = []
    for threads in (1, 2):
        jit.set_num_threads(threads)
        own = []
        for shape in ((64, 24, 600), (1536, 600)):
            a, b = x.reshape(shape), g.reshape(shape)
            if threads == 2:
                a, b = (np.asfortranarray(array) for array in (a, b))
            out, mean, rstd = norm.batch_norm(a, activation="relu")
            own += [out, mean, *norm.batch_norm_gradient(b, a, mean, rstd, activation="relu")]
        for centred in (True, False):
            out, statistics = layer_norm.layer_norm(a, 600, centred=centred)
            own += [out, *layer_norm.layer_norm_gradient(b, a, statistics, centred=centred)]
        a, b = x, g
        out, mean, rstd = norm.group_norm(a, 6)
        own += [out, *norm.group_norm_gradient(b, a, 6, mean, rstd)]
        results.append(own)
    jit.set_num_threads(before)
    for alone, together in zip(*results, strict=True):
        np.testing.assert_array_equal(alone, together)


@pytest.mark.parametrize("shape", [(12, 7), (12, 7, 9)])
def test_against_pytorch(shape):
    torch = pytest.importorskip("torch")
    x, g, weight, bias = values(shape, "f8"), values(shape, "f8", 1), values(7, "f8", 2), values(7, "f8", 3)
    tensors = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
    expected = torch.nn.functional.batch_norm(tensors[0], None, None, *tensors[1:], training=True, eps=1e-2)
    out, mean, rstd = norm.batch_norm(x, weight, bias, 1e-2)
    np.testing.assert_allclose(out, expected.detach().numpy(), rtol=1e-10, atol=1e-12)
    gradients = torch.autograd.grad(expected, tensors, torch.tensor(g))
    for got, gradient in zip(norm.batch_norm_gradient(g, x, mean, rstd, weight), gradients, strict=True):
        np.testing.assert_allclose(got, gradient.numpy(), rtol=1e-9, atol=1e-12)
    if len(shape) == 2:
        expected = torch.nn.functional.layer_norm(tensors[0], (7,), *tensors[1:], eps=1e-2)
        out, statistics = layer_norm.layer_norm(x, 7, weight, bias, 1e-2)
        np.testing.assert_allclose(out, expected.detach().numpy(), rtol=1e-10, atol=1e-12)
        gradients = torch.autograd.grad(expected, tensors, torch.tensor(g))
        for got, gradient in zip(layer_norm.layer_norm_gradient(g, x, statistics, weight), gradients, strict=True):
            np.testing.assert_allclose(got, gradient.numpy(), rtol=1e-9, atol=1e-12)
