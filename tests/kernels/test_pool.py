"""Pooling kernels against loops over single elements and against PyTorch."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograd.kernels import jit, pool


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


naive = load("naive_layers")

# kernel, stride, padding, dilation, ceil_mode: strides with a vector path (1 to 4) and without (5)
WINDOWS = [
    ((2, 2), (2, 2), (0, 0), (1, 1), False),
    ((2, 2), (2, 2), (0, 0), (1, 1), True),
    ((3, 3), (2, 2), (1, 1), (1, 1), False),
    ((3, 3), (1, 1), (1, 1), (1, 1), True),
    ((3, 2), (3, 3), (1, 0), (1, 1), True),
    ((2, 3), (1, 4), (0, 1), (2, 1), False),
    ((1, 5), (2, 5), (0, 2), (1, 1), True),
    ((3, 3), (2, 1), (1, 1), (2, 2), True),
    ((4, 2), (3, 2), (2, 1), (1, 3), True),
]
SHAPES = [(2, 3, 8, 8), (1, 1, 7, 9), (1, 2, 9, 41), (3, 1, 10, 33), (0, 2, 8, 8), (2, 0, 8, 8)]
DTYPES = [np.float32, np.float64]


@pytest.fixture(params=[1, 2])
def threads(request):
    before = jit.get_num_threads()
    jit.set_num_threads(request.param)
    yield request.param
    jit.set_num_threads(before)


def values(shape, dtype, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("window", WINDOWS)
def test_max_pool_and_its_gradient(window, dtype):
    for shape in SHAPES:
        x = values(shape, dtype).round(1)  # rounded, so that some elements are equal
        out, indices = pool.max_pool2d(x, *window)
        expected, places = naive.max_pool2d(x, *window)
        assert out.dtype == dtype
        np.testing.assert_array_equal(out, expected)
        np.testing.assert_array_equal(indices, places)
        g = values(out.shape, dtype, 1)
        gx = pool.max_pool2d_gradient(g, indices, shape)
        np.testing.assert_allclose(gx, naive.max_pool2d_gradient(g, indices, shape), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("window", WINDOWS[:8])
@pytest.mark.parametrize("count_include_pad", [True, False])
def test_avg_pool_and_its_gradient(window, dtype, count_include_pad):
    kernel, stride, padding, _, ceil_mode = window
    for shape in SHAPES:
        for override in (None, 3):
            options = (kernel, stride, padding, ceil_mode, count_include_pad, override)
            x = values(shape, dtype)
            out = pool.avg_pool2d(x, *options)
            np.testing.assert_allclose(out, naive.avg_pool2d(x, *options), rtol=1e-5, atol=1e-6)
            g = values(out.shape, dtype, 1)
            gx = pool.avg_pool2d_gradient(g, shape, *options)
            np.testing.assert_allclose(gx, naive.avg_pool2d_gradient(g, shape, *options), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [(1, 1), (3, 4), (7, None), (12, 13), (0, 2)])
def test_adaptive_pools_and_their_gradients(size, dtype):
    for shape in [(2, 3, 7, 9), (1, 1, 12, 40), (0, 1, 3, 3)]:
        x = values(shape, dtype).round(1)
        mean = pool.adaptive_avg_pool2d(x, size)
        largest, indices = pool.adaptive_max_pool2d(x, size)
        g = values(mean.shape, dtype, 1)
        gx = np.zeros(shape)
        rows = naive.adaptive_windows(shape[2], mean.shape[2])
        columns = naive.adaptive_windows(shape[3], mean.shape[3])
        for n, c, i, j in np.ndindex(*mean.shape):
            places = np.ix_(rows[i], columns[j])
            np.testing.assert_allclose(mean[n, c, i, j], x[n, c][places].astype(float).mean(), rtol=1e-4, atol=1e-6)
            assert (largest[n, c, i, j], indices[n, c, i, j]) == naive.max_of(x[n, c], rows[i], columns[j])
            gx[n, c][places] += g[n, c, i, j] / (len(rows[i]) * len(columns[j]))
        np.testing.assert_allclose(pool.adaptive_avg_pool2d_gradient(g, shape), gx, rtol=1e-5, atol=1e-6)


def test_nan_and_infinity_in_windows():
    x = values((1, 1, 8, 40), np.float32)
    x[0, 0, :2, :6] = -np.inf
    x[0, 0, 2, 3:5] = np.nan
    x[0, 0, 3, 8:12] = [np.inf, np.nan, np.nan, np.inf]
    for window in WINDOWS:
        for got, expected in zip(pool.max_pool2d(x, *window), naive.max_pool2d(x, *window), strict=True):
            np.testing.assert_array_equal(got, expected)
    assert np.isnan(pool.adaptive_max_pool2d(x, 1)[0]).all()
    np.testing.assert_array_equal(
        np.isnan(pool.avg_pool2d(x, 2)), np.isnan(naive.avg_pool2d(x, (2, 2), (2, 2), (0, 0), False, True, None))
    )


def test_a_window_in_the_padding_alone_takes_no_part():
    out, indices = pool.max_pool2d(np.ones((1, 1, 1, 3), np.float32), (2, 1), 1, (1, 0), (2, 1))
    assert (out == -np.inf).all()
    assert (indices == -1).all()
    assert (pool.max_pool2d_gradient(out, indices, (1, 1, 1, 3)) == 0).all()


def test_the_result_does_not_depend_on_threads_or_layout(threads):
    x = values((4, 24, 28, 28), np.float32)
    apart = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    for function in (
        lambda x: pool.max_pool2d(x, 3, 2, 1)[0],
        lambda x: pool.avg_pool2d(x, 3, 1, 1),
        lambda x: pool.avg_pool2d_gradient(x, (4, 24, 56, 56), 2),
        lambda x: pool.max_pool2d_gradient(x, pool.max_pool2d(x, 3, 1, 1)[1], x.shape),
        lambda x: pool.adaptive_avg_pool2d(x, 5),
        lambda x: pool.adaptive_max_pool2d(x, 5)[0],
        lambda x: pool.adaptive_avg_pool2d_gradient(x, (4, 24, 41, 41)),
    ):
        before = jit.get_num_threads()
        jit.set_num_threads(1)
        alone = function(x)
        jit.set_num_threads(before)
        np.testing.assert_array_equal(function(apart), alone)


@pytest.mark.parametrize("window", WINDOWS)
def test_against_pytorch(window):
    torch = pytest.importorskip("torch")
    kernel, stride, padding, dilation, ceil_mode = window
    x = values((2, 3, 11, 19), np.float32)
    x[0, 0, 3, 4:6] = np.nan
    out, indices = pool.max_pool2d(x, *window)
    expected = torch.nn.functional.max_pool2d(
        torch.from_numpy(x), kernel, stride, padding, dilation, ceil_mode, return_indices=True
    )
    np.testing.assert_array_equal(out, expected[0].numpy())
    np.testing.assert_array_equal(indices, expected[1].numpy())
    if padding[1] * 2 <= kernel[1]:
        for include in (True, False):
            average = torch.nn.functional.avg_pool2d(torch.from_numpy(x), kernel, stride, padding, ceil_mode, include)
            got = pool.avg_pool2d(x, kernel, stride, padding, ceil_mode, include)
            np.testing.assert_allclose(got, average.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: pool.max_pool2d(x, 7), "max_pool2d: the window is larger than the input: 7 along H.* has 6"),
        (lambda x: pool.max_pool2d(x, 3, 1, 2), "max_pool2d: padding is at most half of the window"),
        (lambda x: pool.max_pool2d(x, 0), "max_pool2d: kernel_size is an int >= 1"),
        (lambda x: pool.max_pool2d(x[0], 2), r"max_pool2d: the input has axes \(N, C, H, W\), got shape \(2, 6, 6\)"),
        (lambda x: pool.avg_pool2d(x, 2, 0), "avg_pool2d: stride is an int >= 1"),
        (lambda x: pool.avg_pool2d(x, (2, 8)), "avg_pool2d: the window is larger than the input: 8 along W"),
        (lambda x: pool.avg_pool2d(x, 2, divisor_override=0), "avg_pool2d: divisor_override is not 0"),
        (lambda x: pool.avg_pool2d_gradient(x, (1, 2, 6, 6), 2), "avg_pool2d: the gradient has shape"),
        (lambda x: pool.adaptive_avg_pool2d(x, (1, -1)), "adaptive_avg_pool2d: output_size"),
        (lambda x: pool.adaptive_max_pool2d(x[:, :, :0], 1), "adaptive_max_pool2d: H and W of the input"),
    ],
)
def test_wrong_use_gets_one_clear_error(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.zeros((1, 2, 6, 6), np.float32))
