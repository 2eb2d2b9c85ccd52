"""Convolution and both gradients against loop twins, and against each other."""

from __future__ import annotations

import functools
import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd.kernels import conv, conv_bias, conv_layout, conv_pixels, jit
from tests.kernels import naive_gemm_conv as naive

DTYPES = [np.float32, np.float64]

# (input, weight, stride, padding, dilation, groups)
CASES = {
    "one pixel": ((1, 1, 1, 1), (1, 1, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    "three by three": ((2, 3, 7, 9), (5, 3, 3, 3), (1, 1), (1, 1), (1, 1), 1),
    "no padding": ((3, 2, 8, 6), (4, 2, 3, 2), (1, 1), (0, 0), (1, 1), 1),
    "padding beyond the kernel": ((1, 2, 4, 5), (3, 2, 2, 2), (1, 1), (3, 4), (1, 1), 1),
    "many channels": ((1, 40, 3, 4), (35, 40, 2, 2), (1, 1), (1, 1), (1, 1), 1),
    "exact vectors": ((1, 4, 4, 8), (32, 4, 3, 3), (1, 1), (1, 1), (1, 1), 1),
    "one by one": ((2, 5, 6, 7), (6, 5, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    "one by one, stride 2": ((2, 5, 6, 7), (6, 5, 1, 1), (2, 2), (0, 0), (1, 1), 1),
    "stride 2": ((2, 3, 9, 8), (4, 3, 3, 3), (2, 2), (1, 1), (1, 1), 1),
    "stride beyond the kernel": ((2, 2, 11, 10), (3, 2, 2, 2), (4, 3), (1, 0), (1, 1), 1),
    "stride beyond the input": ((2, 2, 3, 3), (3, 2, 2, 2), (5, 5), (0, 0), (1, 1), 1),
    "kernel as large as the input": ((2, 3, 4, 5), (6, 3, 4, 5), (1, 1), (0, 0), (1, 1), 1),
    "dilation": ((1, 2, 11, 9), (3, 2, 3, 3), (1, 1), (2, 1), (3, 2), 1),
    "dilation and stride": ((1, 2, 12, 13), (3, 2, 3, 2), (2, 3), (2, 1), (3, 2), 1),
    "dilation even, stride even": ((1, 2, 12, 13), (3, 2, 3, 3), (2, 2), (2, 2), (2, 4), 1),
    "two groups": ((2, 6, 7, 6), (8, 3, 3, 3), (1, 1), (1, 1), (1, 1), 2),
    "groups, stride, dilation": ((2, 6, 9, 10), (9, 2, 2, 3), (2, 1), (1, 2), (1, 2), 3),
    "depthwise": ((2, 5, 6, 7), (5, 1, 3, 3), (1, 1), (1, 1), (1, 1), 5),
    "depthwise, two each": ((1, 3, 8, 7), (6, 1, 3, 3), (2, 2), (1, 1), (1, 1), 3),
    "few channels both ways": ((2, 2, 9, 21), (3, 2, 3, 3), (1, 1), (1, 1), (1, 2), 1),
    "five channels, stride 2": ((2, 5, 9, 8), (5, 5, 3, 3), (2, 2), (1, 1), (1, 1), 1),
    "five channels each way, two groups, stride 2": ((1, 10, 7, 8), (10, 5, 2, 3), (1, 2), (1, 1), (1, 1), 2),
    "product for each image": ((9, 5, 5, 7), (6, 5, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    "product, two groups": ((8, 6, 4, 4), (10, 3, 1, 1), (1, 1), (0, 0), (1, 1), 2),
    "product of one channel": ((8, 1, 4, 5), (1, 1, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    "wide, depthwise": ((1, 3, 7, 37), (3, 1, 3, 3), (1, 1), (1, 1), (1, 1), 3),
    "wide, depthwise, stride, dilation": ((2, 3, 9, 61), (3, 1, 3, 3), (2, 3), (1, 2), (1, 2), 3),
    "wide, three channels, stride 2": ((1, 3, 9, 41), (7, 3, 5, 5), (2, 2), (2, 2), (1, 1), 1),
    "wide, stride beyond the kernel": ((1, 2, 8, 70), (3, 2, 2, 1), (3, 3), (1, 1), (1, 1), 1),
    "flat image": ((2, 3, 1, 20), (4, 3, 1, 5), (1, 1), (0, 2), (1, 1), 1),
    "tall image": ((1, 2, 50, 3), (3, 2, 5, 3), (1, 1), (2, 1), (1, 1), 1),
    "only padding is seen": ((1, 1, 1, 1), (1, 1, 2, 2), (5, 5), (2, 2), (1, 1), 1),
}


def make(case, dtype):
    """Operands whose values float32 holds exactly, so that both dtypes have one expected result."""
    x_shape, w_shape, *rest = CASES[case]
    rng = np.random.default_rng(0)
    x, w, bias = (rng.standard_normal(shape, np.float32).astype(dtype) for shape in (x_shape, w_shape, w_shape[:1]))
    return x, w, bias, tuple(rest)


@functools.cache
def expected_of(case, out_shape):
    """Output with bias, incoming gradient, and both gradients, by loops."""
    x, w, bias, options = make(case, np.float64)
    g = np.random.default_rng(1).standard_normal(out_shape, np.float32).astype(np.float64)
    return naive.conv2d(x, w, bias, out_shape, *options), g, *naive.conv2d_gradients(g, x, w, *options)


def size_of(x, w, options):
    stride, padding, dilation, _ = options
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(x.shape[2:], w.shape[2:], stride, padding, dilation, strict=True)
    )


def close(got, expected, terms):
    assert got.shape == expected.shape
    tolerance = 16 * np.finfo(got.dtype).eps * max(terms, 1) ** 0.5
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@pytest.fixture(params=["one band", "many bands"])
def bands(request, monkeypatch):
    """Small images as one band of rows, and cut into the smallest bands."""
    if request.param == "many bands":
        monkeypatch.setattr(conv_layout, "BUFFER_BYTES", 64)
        monkeypatch.setattr(conv_pixels, "LEAST_PIXELS", 1)
    else:
        monkeypatch.setattr(conv_layout, "MIN_BLOCKS", 1)
    conv_layout.forward_geometry.cache_clear()
    conv_layout.input_gradient_geometry.cache_clear()
    yield
    conv_layout.forward_geometry.cache_clear()
    conv_layout.input_gradient_geometry.cache_clear()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES)
def test_forward_and_gradients_against_loops(case, dtype, bands):
    x, w, bias, options = make(case, dtype)
    out = conv.conv2d(x, w, bias, size_of(x, w, options), *options, False)
    assert out.dtype == dtype
    expected, g, by_input, by_weight = expected_of(case, out.shape)
    g = g.astype(dtype)
    close(out, expected, w[0].size)
    close(conv.conv2d(x, w, None, out.shape[2:], *options, False) + bias[:, None, None], expected, w[0].size)
    close(conv.conv2d(x, w, bias, out.shape[2:], *options, False, floor=0.25), np.maximum(expected, 0.25), w[0].size)
    close(conv.conv2d_input_gradient(g, w, x.shape, *options, False), by_input, w[:, 0].size)
    close(conv.conv2d_weight_gradient(g, x, w.shape, *options, False), by_weight, g[:, 0].size)


@pytest.mark.parametrize("dtype", DTYPES)
def test_gradients_are_the_transposes_of_the_forward(dtype):
    """<g, conv(x, w)> = <gradient by x, x> = <gradient by w, w>, at a size that loops cannot check."""
    rng = np.random.default_rng(3)
    for stride, dilation, groups in itertools.product([(1, 1), (2, 1)], [(1, 1), (1, 2)], [1, 4]):
        x, w = (rng.standard_normal(shape).astype(dtype) for shape in ((5, 32, 28, 30), (48, 32 // groups, 3, 3)))
        options = (stride, (1, 1), dilation, groups)
        out = conv.conv2d(x, w, None, size_of(x, w, options), *options)
        g = rng.standard_normal(out.shape).astype(dtype)
        expected = np.vdot(g.astype(np.float64), out)
        scale = np.linalg.norm(g) * np.linalg.norm(out) * np.finfo(dtype).eps * 8
        assert (
            abs(np.vdot(conv.conv2d_input_gradient(g, w, x.shape, *options).astype(np.float64), x) - expected) < scale
        )
        assert (
            abs(np.vdot(conv.conv2d_weight_gradient(g, x, w.shape, *options).astype(np.float64), w) - expected) < scale
        )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("images", [1, 9])
def test_bits_do_not_depend_on_threads(dtype, images, keep_threads):
    rng = np.random.default_rng(4)
    x = rng.standard_normal((images, 6, 28, 28)).astype(dtype)
    w = rng.standard_normal((20, 6, 3, 3)).astype(dtype)
    results = []
    for threads in (1, 2):
        jit.set_num_threads(threads)
        out = conv.conv2d(x, w, None, (14, 28), (2, 1), (1, 1))
        by_input = conv.conv2d_input_gradient(out, w, x.shape, (2, 1), (1, 1))
        by_weight = conv.conv2d_weight_gradient(out, x, w.shape, (2, 1), (1, 1))
        results.append(out.tobytes() + by_input.tobytes() + by_weight.tobytes())
    assert results[0] == results[1]


def test_any_strides():
    x, w, bias, options = make("three by three", np.float32)
    g = np.random.default_rng(1).standard_normal((2, 5, 7, 9)).astype(np.float32)
    loose_x, loose_w, loose_g = (np.asfortranarray(array) for array in (x, w, g))
    assert (
        conv.conv2d(loose_x, loose_w, bias[::-1][::-1], (7, 9), *options).tobytes()
        == conv.conv2d(x, w, bias, (7, 9), *options).tobytes()
    )
    got = conv.conv2d_input_gradient(loose_g, loose_w, x.shape, *options)
    assert got.tobytes() == conv.conv2d_input_gradient(g, w, x.shape, *options).tobytes()
    got = conv.conv2d_weight_gradient(loose_g, loose_x, w.shape, *options)
    assert got.tobytes() == conv.conv2d_weight_gradient(g, x, w.shape, *options).tobytes()


def test_a_nan_stays_within_its_window():
    x, w = np.ones((1, 2, 9, 9), np.float32), np.ones((3, 2, 3, 3), np.float32)
    x[0, 1, 4, 4] = np.nan
    seen = np.isnan(conv.conv2d(x, w, None, (9, 9), (1, 1), (1, 1)))
    expected = np.zeros_like(seen)
    expected[:, :, 3:6, 3:6] = True
    np.testing.assert_array_equal(seen, expected)


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "groups"),
    [((0, 3, 5, 5), (4, 3, 3, 3), 1), ((2, 3, 5, 5), (0, 3, 3, 3), 1), ((2, 0, 5, 5), (4, 0, 3, 3), 1)],
)
def test_empty_axes(x_shape, w_shape, groups):
    x, w = np.ones(x_shape, np.float32), np.ones(w_shape, np.float32)
    bias = np.arange(w_shape[0], dtype=np.float32)
    out = conv.conv2d(x, w, bias, (3, 3), groups=groups)
    np.testing.assert_array_equal(out, np.broadcast_to(bias[:, None, None], (x_shape[0], w_shape[0], 3, 3)))
    np.testing.assert_array_equal(conv.conv2d_input_gradient(out, w, x_shape), np.zeros(x_shape, np.float32))
    np.testing.assert_array_equal(conv.conv2d_weight_gradient(out, x, w_shape), np.zeros(w_shape, np.float32))


def test_a_nan_is_not_less_than_the_floor():
    for shape in ((40, 2, 3, 3), (3, 2, 3, 3), (1, 2, 3, 3)):  # either kind of vectors
        x, w = np.ones((1, 2, 20, 20), np.float32), -np.ones(shape, np.float32)
        x[0, 1, 4, 4] = np.nan
        out = conv.conv2d(x, w, None, (18, 18), floor=0.0)
        assert np.isnan(out).sum() == 9 * shape[0]
        assert (out[~np.isnan(out)] == 0).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (5, 1, 1, 1), (3, 4, 70), (1, 2, 3, 40, 41), (0, 3, 4, 4), (2, 3, 0)])
def test_gradients_by_the_bias_and_through_a_relu(shape, dtype):
    rng = np.random.default_rng(5)
    g, out = rng.standard_normal(shape).astype(dtype), np.maximum(rng.standard_normal(shape), 0).astype(dtype)
    axes = (0, *range(2, len(shape)))
    close(conv_bias.channel_sums(g), g.astype(np.float64).sum(axes), g.size)
    kept, sums = conv_bias.relu_gradient_and_sums(g, out)
    expected = np.where(out > 0, g, 0)
    np.testing.assert_array_equal(kept, expected)
    close(sums, expected.astype(np.float64).sum(axes), g.size)
    loose, sums = conv_bias.relu_gradient_and_sums(np.asfortranarray(g), out)
    np.testing.assert_array_equal(loose, kept)


def test_what_a_relu_held_back_is_gone_even_if_it_is_nan():
    g, out = np.array([[[np.nan, np.inf, 2.0]]], np.float32), np.array([[[0.0, 0.0, 1.0]]], np.float32)
    kept, sums = conv_bias.relu_gradient_and_sums(g, out)
    np.testing.assert_array_equal(kept, [[[0.0, 0.0, 2.0]]])
    np.testing.assert_array_equal(sums, [2.0])


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
