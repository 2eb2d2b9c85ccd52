"""Normalization kernels against loops in float64 and against PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd.kernels import jit, norm

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


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", BATCHES)
@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm_and_its_gradient(shape, affine, dtype):
    x, g, eps = values(shape, dtype, mean=2.0), values(shape, dtype, 1), 1e-3
    channels = shape[1]
    weight = values(channels, dtype, 2) if affine else None
    bias = values(channels, dtype, 3) if affine else None
    w = np.ones((channels, 1)) if weight is None else weight.astype(np.float64)[:, None]
    b = np.zeros((channels, 1)) if bias is None else bias.astype(np.float64)[:, None]
    close = {"rtol": TOLERANCE[dtype], "atol": TOLERANCE[dtype]}
    expected, mean, var = naive_normalize(by_channel(x), w, b, eps)
    got = norm.batch_norm(x, weight, bias, eps)
    assert all(part.dtype == dtype for part in got)
    for part, exact in zip(got, (like(expected, x), mean, var, 1 / np.sqrt(var + eps)), strict=True):
        np.testing.assert_allclose(part, exact, **close)
    np.testing.assert_allclose(norm.batch_norm_inference(x, got[1], got[2], weight, bias, eps), got[0], **close)
    gx, gweight, gbias = norm.batch_norm_gradient(g, x, got[1], got[3], weight)
    wide = by_channel(g).astype(np.float64)
    z = (by_channel(x) - mean[:, None]) / np.sqrt(var + eps)[:, None]
    size = math.sqrt(wide.shape[1])  # a sum of so many elements of size 1
    np.testing.assert_allclose(gx, like(naive_gradient(by_channel(g), by_channel(x), w, eps), x), **close)
    np.testing.assert_allclose(gweight, (wide * z).sum(1), rtol=TOLERANCE[dtype], atol=size * TOLERANCE[dtype])
    np.testing.assert_allclose(gbias, wide.sum(1), rtol=TOLERANCE[dtype], atol=size * TOLERANCE[dtype])
    fixed = norm.batch_norm_gradient(g, x, got[1], got[3], weight, training=False)
    np.testing.assert_allclose(fixed[0], like(wide * w / np.sqrt(var + eps)[:, None], x), **close)
    np.testing.assert_array_equal(fixed[1], gweight)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", ROWS)
@pytest.mark.parametrize("affine", [True, False])
def test_layer_norm_and_its_gradient(shape, affine, dtype):
    x, g, eps = values(shape, dtype, mean=2.0), values(shape, dtype, 1), 1e-3
    weight = values(shape[1], dtype, 2) if affine else None
    bias = values(shape[1], dtype, 3) if affine else None
    w = np.ones((1, shape[1])) if weight is None else weight.astype(np.float64)[None]
    b = np.zeros((1, shape[1])) if bias is None else bias.astype(np.float64)[None]
    close = {"rtol": TOLERANCE[dtype], "atol": TOLERANCE[dtype]}
    expected, mean, var = naive_normalize(x, w, b, eps)
    out, got_mean, rstd = norm.layer_norm(x, weight, bias, eps)
    np.testing.assert_allclose(out, expected, **close)
    np.testing.assert_allclose(got_mean, mean, **close)
    np.testing.assert_allclose(rstd, 1 / np.sqrt(var + eps), **close)
    gx, gweight, gbias = norm.layer_norm_gradient(g, x, got_mean, rstd, weight)
    np.testing.assert_allclose(gx, naive_gradient(g, x, w, eps), **close)
    wide, z = g.astype(np.float64), (x - mean[:, None]) / np.sqrt(var + eps)[:, None]
    size = math.sqrt(max(1, shape[0]))
    np.testing.assert_allclose(gweight, (wide * z).sum(0), rtol=TOLERANCE[dtype], atol=size * TOLERANCE[dtype])
    np.testing.assert_allclose(gbias, wide.sum(0), rtol=TOLERANCE[dtype], atol=size * TOLERANCE[dtype])


@pytest.mark.parametrize("shape", [(2000, 3), (20, 3, 5000)])
def test_a_large_mean_costs_the_variance_no_digits(shape):
    x = values(shape, np.float32, mean=10_000.0)
    _, exact_mean, exact = naive_normalize(by_channel(x), 1.0, 0.0, 0.0)
    _, mean, var, _ = norm.batch_norm(x, eps=0.0)
    np.testing.assert_allclose(var, exact, rtol=1e-5)
    np.testing.assert_allclose(mean, exact_mean, rtol=1e-7)
    rows = by_channel(x)
    _, _, rstd = norm.layer_norm(rows, eps=0.0)
    np.testing.assert_allclose(rstd, 1 / np.sqrt(exact), rtol=1e-5)


def test_nan_and_infinity_stay_in_their_channel_and_row():
    x = values((6, 4, 30), np.float32)
    x[2, 1, 3], x[3, 2, 4] = np.nan, np.inf
    for part in (x, np.ascontiguousarray(x[:, :, 3:5].reshape(12, 4, order="F").reshape(6, 8))):
        out, mean, var, _ = norm.batch_norm(part)
        bad = ~np.isfinite(part).all(axis=(0, *range(2, part.ndim)))
        np.testing.assert_array_equal(np.isnan(var), bad)
        np.testing.assert_array_equal(np.isfinite(mean), ~bad)
        np.testing.assert_array_equal(np.isnan(out).any(axis=(0, *range(2, part.ndim))), bad)
    rows = x[:, :3].reshape(6, 90)
    np.testing.assert_array_equal(np.isnan(norm.layer_norm(rows)[0]).any(1), ~np.isfinite(rows).all(1))


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
            out, mean, var, rstd = norm.batch_norm(a)
            own += [out, mean, var, *norm.batch_norm_gradient(b, a, mean, rstd)]
        out, mean, rstd = norm.layer_norm(a)
        own += [out, *norm.layer_norm_gradient(b, a, mean, rstd)]
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
    out, mean, _, rstd = norm.batch_norm(x, weight, bias, 1e-2)
    np.testing.assert_allclose(out, expected.detach().numpy(), rtol=1e-10, atol=1e-12)
    gradients = torch.autograd.grad(expected, tensors, torch.tensor(g))
    for got, gradient in zip(norm.batch_norm_gradient(g, x, mean, rstd, weight), gradients, strict=True):
        np.testing.assert_allclose(got, gradient.numpy(), rtol=1e-9, atol=1e-12)
    if len(shape) == 2:
        expected = torch.nn.functional.layer_norm(tensors[0], (7,), *tensors[1:], eps=1e-2)
        out, mean, rstd = norm.layer_norm(x, weight, bias, 1e-2)
        np.testing.assert_allclose(out, expected.detach().numpy(), rtol=1e-10, atol=1e-12)
        gradients = torch.autograd.grad(expected, tensors, torch.tensor(g))
        for got, gradient in zip(norm.layer_norm_gradient(g, x, mean, rstd, weight), gradients, strict=True):
            np.testing.assert_allclose(got, gradient.numpy(), rtol=1e-9, atol=1e-12)


def test_empty_arrays():
    nothing = np.zeros((0, 3, 4), np.float32)
    ones = np.ones(3, np.float32)
    assert norm.batch_norm_inference(nothing, ones, ones).shape == (0, 3, 4)
    gx, gweight, gbias = norm.batch_norm_gradient(nothing, nothing, ones, ones)
    assert gx.shape == (0, 3, 4)
    assert not gweight.any()
    assert not gbias.any()
    assert norm.batch_norm(np.zeros((4, 0), np.float32))[0].shape == (4, 0)


X = np.zeros((3, 4), np.float32)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: norm.batch_norm(X[None, None]), r"batch_norm: the kernel takes \(N, C\) or \(N, C, L\), got shape"),
        (lambda: norm.batch_norm(X[:0]), r"batch_norm: a channel of \(0, 4\) has no elements"),
        (lambda: norm.batch_norm(X, X[0, :2]), r"batch_norm: weight has one element for each of the 4 channels"),
        (lambda: norm.batch_norm_gradient(X[:2], X, X[0], X[0]), "batch_norm: the gradient has shape"),
        (lambda: norm.layer_norm(X[0]), r"layer_norm: the kernel takes rows, \(R, D\), got shape \(4,\)"),
        (lambda: norm.layer_norm(X, X[0], X[0, :3]), "layer_norm: bias has one element for each of the 4 features"),
        (lambda: norm.layer_norm_gradient(X[:2], X, X[:, 0], X[:, 0]), "layer_norm: the gradient has shape"),
    ],
)
def test_wrong_use_gets_one_clear_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
