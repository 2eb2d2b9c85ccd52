"""Winograd's convolution and its gradients against loop twins and against the direct kernels, and its error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd.kernels import conv, jit, winograd
from autograd.kernels.winograd_transforms import FREQUENCIES, weight_matrix
from tests.kernels import naive_gemm_conv as naive

# (images, C, O, (H, W), padding, groups)
CASES = {
    "one tile": (1, 1, 1, (4, 4), (1, 1), 1),
    "one pixel": (2, 3, 2, (1, 1), (1, 1), 1),
    "no padding": (2, 3, 5, (7, 9), (0, 0), 1),
    "full padding": (1, 4, 3, (5, 6), (2, 2), 1),
    "padding differs": (1, 4, 3, (5, 9), (2, 0), 1),
    "flat": (2, 2, 3, (1, 21), (1, 1), 1),
    "tall": (1, 2, 2, (33, 3), (1, 0), 1),
    "whole vectors": (2, 16, 32, (8, 8), (1, 1), 1),
    "more than a panel": (1, 35, 41, (6, 5), (1, 1), 1),
    "groups": (2, 6, 9, (7, 6), (1, 1), 3),
    "many images": (19, 3, 4, (3, 3), (1, 1), 1),
}
STRIDES = ((1, 1), (1, 1))


def make(case):
    images, channels, outputs, (height, width), padding, groups = CASES[case]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((images, channels, height, width), np.float32)
    w = rng.standard_normal((outputs, channels // groups, 3, 3), np.float32)
    bias = rng.standard_normal(outputs, np.float32)
    size = height + 2 * padding[0] - 2, width + 2 * padding[1] - 2
    return x, w, bias, rng.standard_normal((images, outputs, *size), np.float32), padding, groups


def close(got, expected, terms):
    tolerance = 64 * np.finfo(np.float32).eps * terms**0.5
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@pytest.fixture(params=["large units", "small units"], autouse=True)
def units(request, monkeypatch):
    if request.param == "small units":
        for name, value in {"LEAST_TILES": 1, "TILES_BYTES": 1, "PART_DEPTH": 16, "PART_PANELS": 1}.items():
            monkeypatch.setattr(winograd, name, value)
    winograd._plan.cache_clear()
    yield
    winograd._plan.cache_clear()


@pytest.mark.parametrize("case", CASES)
def test_forward_and_gradients_against_loops(case):
    x, w, bias, g, padding, groups = make(case)
    options = (1, 1), padding, (1, 1), groups
    out, by_input, by_weight = np.empty_like(g), np.empty_like(x), np.empty_like(w)
    assert winograd.winograd_conv2d(x, w, bias, out, padding, groups)
    close(out, naive.conv2d(x, w, bias, g.shape, *options), w[0].size)
    assert winograd.winograd_conv2d(x, w, bias, out, padding, groups, floor=0.0)
    close(out, np.maximum(naive.conv2d(x, w, bias, g.shape, *options), 0), w[0].size)
    turned = 2 - padding[0], 2 - padding[1]
    assert winograd.winograd_conv2d(g, w, None, by_input, turned, groups, transposed=True)
    assert winograd.winograd_weight_gradient(g, x, by_weight, padding, groups)
    expected = naive.conv2d_gradients(g, x, w, *options)
    close(by_input, expected[0], w[:, 0].size)
    close(by_weight, expected[1], g[:, 0].size)


def test_bits_do_not_depend_on_threads():
    before = jit.get_num_threads()
    rng = np.random.default_rng(4)
    x, w = rng.standard_normal((6, 40, 13, 12), np.float32), rng.standard_normal((70, 40, 3, 3), np.float32)
    results = []
    try:
        for threads in (1, 2):
            jit.set_num_threads(threads)
            out, by_input, by_weight = np.empty((6, 70, 13, 12), np.float32), np.empty_like(x), np.empty_like(w)
            winograd.winograd_conv2d(x, w, None, out, (1, 1), 1)
            winograd.winograd_conv2d(out, w, None, by_input, (1, 1), 1, transposed=True)
            winograd.winograd_weight_gradient(out, x, by_weight, (1, 1), 1)
            results.append(out.tobytes() + by_input.tobytes() + by_weight.tobytes())
    finally:
        jit.set_num_threads(before)
    assert results[0] == results[1]


@pytest.mark.parametrize("channels", [16, 128])
def test_error_is_a_few_times_that_of_the_direct_sums(channels):
    """Root mean square, against float64."""
    rng = np.random.default_rng(1)
    x, w = (rng.standard_normal(s, np.float32) for s in ((8, channels, 20, 20), (channels, channels, 3, 3)))
    g = rng.standard_normal(x.shape, np.float32)
    for operate in (
        lambda x, w, g, allowed: conv.conv2d(x, w, None, (20, 20), (1, 1), (1, 1), winograd=allowed),
        lambda x, w, g, allowed: conv.conv2d_input_gradient(g, w, x.shape, (1, 1), (1, 1), winograd=allowed),
        lambda x, w, g, allowed: conv.conv2d_weight_gradient(g, x, w.shape, (1, 1), (1, 1), winograd=allowed),
    ):
        exact = operate(*(a.astype(np.float64) for a in (x, w, g)), True)
        direct, by_winograd = (operate(x, w, g, allowed) for allowed in (False, True))
        assert not np.array_equal(direct, by_winograd)  # it was used
        error = np.sqrt(np.mean((by_winograd - exact) ** 2) / np.mean(exact**2))
        assert error < 2e-6
        assert error < 4 * np.sqrt(np.mean((direct - exact) ** 2) / np.mean(exact**2))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_reaches_what_it_would_directly(value):
    rng = np.random.default_rng(1)
    x, w = (rng.standard_normal(s, np.float32) for s in ((2, 32, 16, 16), (32, 32, 3, 3)))
    x[1, 3, 5, 6] = value
    for operate in (
        lambda allowed: conv.conv2d(x, w, None, (16, 16), (1, 1), (1, 1), winograd=allowed),
        lambda allowed: conv.conv2d_input_gradient(x, w, x.shape, (1, 1), (1, 1), winograd=allowed),
        lambda allowed: conv.conv2d_weight_gradient(x, x, w.shape, (1, 1), (1, 1), winograd=allowed),
    ):
        with np.errstate(invalid="ignore"):
            direct = operate(False)
        assert 0 < np.isfinite(direct).sum() < direct.size
        with np.errstate(invalid="ignore"):
            np.testing.assert_array_equal(operate(True), direct)


def test_pays_only_where_there_is_enough_to_do():
    assert winograd.pays(32, 1, 64, 64, (32, 32))
    assert winograd.pays(32, 1, 256, 256, (8, 8))
    assert not winograd.pays(1, 1, 256, 256, (8, 8))  # transforming the kernels takes longer
    assert not winograd.pays(32, 1, 3, 16, (32, 32))  # too few channels
    assert not winograd.pays(64, 1, 32, 1, (28, 28))  # vectors of pixels are faster
    assert not winograd.pays(32, 1, 64, 64, (2, 2))  # a tile is mostly empty


def test_matrix_of_the_weights():
    matrix = weight_matrix()
    assert matrix.shape == (FREQUENCIES, 9)
    np.testing.assert_allclose(matrix[0], [1 / (0.625 * 1.5) ** 4, *[0] * 8])  # at the point 0, only the first tap
    np.testing.assert_allclose(matrix[-1], [*[0] * 8, 1])  # at infinity, only the last


@pytest.mark.slow
@pytest.mark.skipif(not jit.IS_X86, reason="names CPUs of another architecture")
@pytest.mark.parametrize(
    ("cpu", "features"), [("haswell", "+avx,+avx2,+fma"), ("x86-64", "+sse2")], ids=["AVX2", "SSE2"]
)
def test_all_of_this_with_narrower_vectors(cpu, features):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not narrower", __file__]
    environment = {**os.environ, "NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": features}
    root = Path(__file__).parents[2]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=root, timeout=600, check=False)
    assert done.returncode == 0, done.stdout
