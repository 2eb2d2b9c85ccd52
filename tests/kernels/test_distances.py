"""Distances of all pairs of rows, and their gradients, against loops."""

from __future__ import annotations

import numpy as np
import pytest

from autograd.kernels import distances, jit

DTYPES = [np.float32, np.float64]
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}
SIZES = [
    (1, 1, 1, 1),
    (2, 3, 5, 7),
    (1, 4, 17, 3),
    (3, 9, 1, 33),
    (0, 2, 3, 4),
    (2, 0, 3, 4),
    (2, 3, 0, 4),
    (1, 2, 3, 0),
]


def by_loop(x, y, p):
    out = np.zeros((*x.shape[:2], y.shape[1]))
    for b, i, j in np.ndindex(*out.shape):
        sizes = [abs(float(s) - float(t)) for s, t in zip(x[b, i], y[b, j], strict=True)]
        out[b, i, j] = sum(sizes) if p == 1 else sum(e * e for e in sizes) ** 0.5
    return out


def gradient_by_loop(g, x, y, p):
    slopes, out = np.zeros(x.shape), by_loop(x, y, p)
    for b, i, j in np.ndindex(*out.shape):
        gap = x[b, i].astype(np.float64) - y[b, j]
        if out[b, i, j]:
            slopes[b, i] += g[b, i, j] * (np.sign(gap) if p == 1 else gap / out[b, i, j])
    return slopes


def drawn(batch, m, n, features, dtype):
    rng = np.random.default_rng(m + n)
    x, y, g = (
        rng.standard_normal(s).astype(dtype) for s in ((batch, m, features), (batch, n, features), (batch, m, n))
    )
    if m and n:
        y[:, 0] = x[:, -1]  # a distance of 0
    return x, y, g


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("size", SIZES)
def test_distances(size, p, dtype):
    x, y, g = drawn(*size, dtype)
    tolerance = {"rtol": TOLERANCE[dtype], "atol": 10 * TOLERANCE[dtype]}
    out = distances.distances(x, y, p)
    assert out.dtype == dtype
    np.testing.assert_allclose(out, by_loop(x, y, p), **tolerance)
    wide = [np.asfortranarray(a) for a in (g, x, y, out)]
    slopes = distances.distances_gradient(*wide, p)
    assert slopes.dtype == dtype
    np.testing.assert_allclose(slopes, gradient_by_loop(g, x, y, p), **tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
def test_squares_out_of_range_do_no_harm(dtype):
    limits = np.finfo(dtype)
    least, most = limits.tiny * 4, limits.max / 8
    x = np.array([[[0, 0], [3 * least, 4 * least], [3 * most / 5, 4 * most / 5], [np.inf, 1], [np.nan, np.inf]]], dtype)
    out = distances.distances(x, np.zeros((1, 1, 2), dtype), 2)
    expected = np.array([0, 5 * least, most, np.inf, np.nan], dtype)
    np.testing.assert_allclose(out[0, :, 0], expected, rtol=1e-6)


@pytest.mark.parametrize("p", [1, 2])
def test_the_number_of_threads_changes_no_bit(p):
    x, y, g = drawn(2, 90, 110, 40, np.float32)
    results = []
    for threads in (1, 2):
        jit.set_num_threads(threads)
        out = distances.distances(x, y, p)
        results.append((out, distances.distances_gradient(g, x, y, out, p)))
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)
