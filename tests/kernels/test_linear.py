"""Gates with sums, and products of a matrix with few vectors, against loop twins."""

from __future__ import annotations

import numpy as np
import pytest

from autograd.kernels import gemv, jit, linear
from tests.kernels import naive_gemm_conv as naive

DTYPES = [np.float32, np.float64]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (33, 17), (1, 70), (1100, 3), (700, 129), (0, 4), (4, 0)])
def test_gate_and_sum_against_loops(shape, dtype):
    rng = np.random.default_rng(0)
    g, out = (rng.standard_normal(shape).astype(dtype) for _ in range(2))
    out[::2] *= 0  # at 0 the gate is shut
    if g.size > 4:
        g.flat[1], g.flat[3] = np.inf, np.nan
        out.flat[1], out.flat[3] = -1, -2
    before = g.copy(), out.copy()
    gated, sums = linear.gate_and_sum(g, out)
    expected = np.zeros(shape)
    for i, j in np.ndindex(*shape):
        expected[i, j] = g[i, j] if out[i, j] > 0 else 0.0
    np.testing.assert_array_equal(gated, expected.astype(dtype))
    np.testing.assert_allclose(sums, expected.sum(0), rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-4)
    assert gated.dtype == sums.dtype == dtype
    assert sums.shape == shape[1:]
    np.testing.assert_array_equal(g, before[0])
    np.testing.assert_array_equal(out, before[1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_long_sum_keeps_its_digits_and_its_bits(dtype, keep_threads):
    g = np.full((200_000, 3), 0.1, dtype)
    results = []
    for threads in (1, 2):
        jit.set_num_threads(threads)
        results.append(linear.gate_and_sum(g, g)[1])
    np.testing.assert_allclose(results[0], 200_000 * np.float64(dtype(0.1)), rtol=1e-5)
    assert results[0].tobytes() == results[1].tobytes()


LAYOUTS = {
    "rows": lambda a: a,
    "columns": lambda a: np.ascontiguousarray(a.T).T,
    "every second": lambda a: np.repeat(a, 2, 1)[:, ::2],
    "rows apart": lambda a: np.repeat(a, 2, 0)[::2],
    "columns apart": lambda a: np.repeat(np.ascontiguousarray(a.T), 2, 0)[::2].T,
    "reversed": lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
    "one row again and again": lambda a: np.broadcast_to(a[:1], a.shape),
    "unaligned": lambda a: np.frombuffer(b"\0" + a.tobytes(), a.dtype, offset=1).reshape(a.shape),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("m", "k", "n"), [(1, 1, 1), (5, 7, 1), (33, 70, 3), (520, 9, 2), (3, 0, 2), (0, 3, 1)])
def test_matrix_vectors_against_loops(m, k, n, layout, dtype):
    rng = np.random.default_rng(0)
    a = LAYOUTS[layout](rng.standard_normal((m, k)).astype(dtype)) if m and k else np.zeros((m, k), dtype)
    b = rng.standard_normal((k, n)).astype(dtype)
    got = gemv.matrix_vectors(a, b)
    assert got.dtype == dtype
    assert got.flags.c_contiguous
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    np.testing.assert_allclose(got, naive.matmul(a, b), rtol=tolerance, atol=10 * tolerance)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 17), (0, 4), (600, 5), (1100, 40)])
def test_scale_and_sum(rows, columns, dtype):
    rng = np.random.default_rng(0)
    g, slopes = rng.standard_normal((2, rows, columns)).astype(dtype)
    g[::2] = 0
    scaled, sums = linear.scale_and_sum(g, slopes, absorb=False)
    assert np.array_equal(scaled, g * slopes)
    tolerance = 1e-4 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(sums, scaled.astype(np.float64).sum(0), rtol=tolerance, atol=tolerance)
    slopes[...] = np.nan
    scaled, sums = linear.scale_and_sum(g, slopes, absorb=True)
    assert np.array_equal(scaled, np.where(g == 0, 0, np.nan), equal_nan=True)
    assert np.isnan(linear.scale_and_sum(g, slopes, absorb=False)[0]).all()
