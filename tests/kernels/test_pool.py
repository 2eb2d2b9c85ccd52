"""Pooling kernels against loops over single elements and against PyTorch."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograd.kernels import boxes, jit, pool


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


def places_after(size, window):
    kernel, stride, padding, dilation, ceil_mode = window
    return tuple(
        naive.pool_size(n, kernel[i], stride[i], padding[i], dilation[i], ceil_mode) for i, n in enumerate(size)
    )


def box_plan(size, window):
    """The windows, not dilated, as boxes."""
    kernel, stride, padding, _, _ = window
    axes = [
        list(naive.pool_windows(n, out, kernel[i], stride[i], padding[i]))
        for i, (n, out) in enumerate(zip(size, places_after(size, window), strict=True))
    ]
    begins = tuple(tuple(seen[0] for _, seen in axis) for axis in axes)
    return boxes.boxes_of(size, begins, tuple(tuple(seen[-1] + 1 for _, seen in axis) for axis in axes))


def max_pool2d(x, window, as_boxes=False):
    """Maxima, their places, and the gradient as a function of g."""
    size = x.shape[2:]
    shape = (*x.shape[:2], *places_after(size, window))
    plan = None if as_boxes else pool.plan_of(size, shape[2:], *window[:4])
    if plan is None:
        out, indices = boxes.max_pool(x, box_plan(size, window), shape)
        return out, indices, lambda g: boxes.scatter(g, indices, x.shape[0] * x.shape[1], x.shape)
    out, taps = pool.max_pool(x, plan, shape)
    return out, pool.places_of(taps, plan, shape), lambda g: pool.max_pool_gradient(g, taps, plan, x.shape)


def factors_of(shape, dtype, *options):
    windows = list(naive.avg_windows(shape, *options))
    return np.array([1 / divisor for *_, divisor, _ in windows], dtype).reshape(windows[0][4])


def avg_pool2d(x, kernel, stride, padding, ceil_mode, include, override, as_boxes=False):
    """Means, and the gradient as a function of g."""
    window = kernel, stride, padding, (1, 1), ceil_mode
    shape = (*x.shape[:2], *places_after(x.shape[2:], window))
    factors = factors_of(x.shape, x.dtype, kernel, stride, padding, ceil_mode, include, override)
    plan = None if as_boxes else pool.plan_of(x.shape[2:], shape[2:], *window[:4])
    if plan is None:
        own = box_plan(x.shape[2:], window)
        return boxes.sums(x, factors, own, shape), lambda g: boxes.spread(g * factors, own, x.shape)
    return (
        pool.avg_pool(x, factors, plan, shape),
        lambda g: pool.avg_pool_gradient(2 * g * factors, 0.5, plan, x.shape),
    )


@pytest.mark.parametrize("as_boxes", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("window", WINDOWS)
def test_max_pool_and_its_gradient(window, dtype, as_boxes):
    if as_boxes and max(window[3]) > 1:
        window = (*window[:3], (1, 1), window[4])
    for shape in SHAPES:
        if 2 * window[2][0] > window[0][0] or 2 * window[2][1] > window[0][1]:
            continue  # padding that only the dilated window may have
        x = values(shape, dtype).round(1)  # rounded, so that some elements are equal
        out, indices, gradient = max_pool2d(x, window, as_boxes)
        expected, places = naive.max_pool2d(x, *window)
        assert out.dtype == dtype
        np.testing.assert_array_equal(out, expected)
        np.testing.assert_array_equal(indices, places)
        g = values(out.shape, dtype, 1)
        np.testing.assert_allclose(gradient(g), naive.max_pool2d_gradient(g, indices, shape), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("as_boxes", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("window", WINDOWS[:8])
@pytest.mark.parametrize("count_include_pad", [True, False])
def test_avg_pool_and_its_gradient(window, dtype, count_include_pad, as_boxes):
    kernel, stride, padding, _, ceil_mode = window
    for shape in SHAPES:
        for override in (None, 3):
            options = (kernel, stride, padding, ceil_mode, count_include_pad, override)
            x = values(shape, dtype)
            out, gradient = avg_pool2d(x, *options, as_boxes)
            np.testing.assert_allclose(out, naive.avg_pool2d(x, *options), rtol=1e-5, atol=1e-6)
            g = values(out.shape, dtype, 1)
            gx = naive.avg_pool2d_gradient(g, shape, *options)
            np.testing.assert_allclose(gradient(g), gx, rtol=1e-5, atol=1e-6)


def even_boxes(size, wanted):
    axes = [naive.adaptive_windows(n, out) for n, out in zip(size, wanted, strict=True)]
    begins = tuple(tuple(places[0] for places in axis) for axis in axes)
    return boxes.boxes_of(size, begins, tuple(tuple(places[-1] + 1 for places in axis) for axis in axes))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [(1, 1), (3, 4), (7, 3), (12, 13), (0, 2)])
def test_parts_that_cover_the_input_and_their_gradients(size, dtype):
    for shape in [(2, 3, 7, 9), (1, 1, 12, 40), (0, 1, 3, 3)]:
        x = values(shape, dtype).round(1)
        own, out_shape = even_boxes(shape[2:], size), (*shape[:2], *size)
        mean = boxes.sums(x, np.ones(size, dtype), own, out_shape)
        largest, indices = boxes.max_pool(x, own, out_shape)
        g = values(mean.shape, dtype, 1)
        gx = np.zeros(shape)
        rows = naive.adaptive_windows(shape[2], size[0])
        columns = naive.adaptive_windows(shape[3], size[1])
        for n, c, i, j in np.ndindex(*mean.shape):
            places = np.ix_(rows[i], columns[j])
            np.testing.assert_allclose(mean[n, c, i, j], x[n, c][places].astype(float).sum(), rtol=1e-4, atol=1e-5)
            assert (largest[n, c, i, j], indices[n, c, i, j]) == naive.max_of(x[n, c], rows[i], columns[j])
            gx[n, c][places] += g[n, c, i, j]
        np.testing.assert_allclose(boxes.spread(g, own, shape), gx, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("as_boxes", [False, True])
def test_nan_and_infinity_in_windows(as_boxes):
    x = values((1, 1, 8, 40), np.float32)
    x[0, 0, :2, :6] = -np.inf
    x[0, 0, 2, 3:5] = np.nan
    x[0, 0, 3, 8:12] = [np.inf, np.nan, np.nan, np.inf]
    for window in [window for window in WINDOWS if not as_boxes or max(window[3]) == 1]:
        for got, expected in zip(max_pool2d(x, window, as_boxes)[:2], naive.max_pool2d(x, *window), strict=True):
            np.testing.assert_array_equal(got, expected)
    own = even_boxes((8, 40), (1, 1))
    assert np.isnan(boxes.max_pool(x, own, (1, 1, 1, 1))[0]).all()
    options = (2, 2), (2, 2), (0, 0), False, True, None
    got, _ = avg_pool2d(x, *options, as_boxes)
    # A column of sums in a box is one of the whole row, so that infinities meet no others than in the window.
    np.testing.assert_array_equal(np.isnan(got), np.isnan(naive.avg_pool2d(x, *options)))


def test_a_window_in_the_padding_alone_takes_no_part():
    window = (2, 1), (1, 1), (1, 0), (2, 1), False
    out, indices, gradient = max_pool2d(np.ones((1, 1, 1, 3), np.float32), window)
    assert (out == -np.inf).all()
    assert (indices == -1).all()
    assert (gradient(np.ones_like(out)) == 0).all()


def test_what_the_kernels_leave_to_others():
    assert pool.plan_of((40,), (8,), (5,), (5,), (0,), (1,)) is None  # a stride above 4
    assert pool.plan_of((40, 40), (25, 25), (16, 16), (1, 1), (0, 0), (1, 1)) is None  # more taps than a byte counts
    assert pool.plan_of((900,), (800,), (2,), (1,), (0,), (100,)) is not None
    assert pool.plan_of((900,), (500,), (2,), (1,), (0,), (400,)) is None  # a reach beyond the guard


def test_three_axes_equal_two_and_one():
    x = values((2, 6, 7, 9), np.float32)
    flat = max_pool2d(x, ((3, 2), (2, 2), (1, 1), (1, 1), False))
    shape = (2, 1, 6, *flat[0].shape[2:])
    plan = pool.plan_of((6, 7, 9), shape[2:], (1, 3, 2), (1, 2, 2), (0, 1, 1), (1, 1, 1))
    out, taps = pool.max_pool(x, plan, shape)
    np.testing.assert_array_equal(out[:, 0], flat[0])
    g = values(shape, np.float32, 1)
    np.testing.assert_array_equal(pool.max_pool_gradient(g, taps, plan, x.shape), flat[2](g[:, 0]))
    # Windows along the first of three axes are those along the last of the turned array.
    plan = pool.plan_of((6, 7, 9), (3, 7, 9), (3, 1, 1), (2, 1, 1), (1, 0, 0), (1, 1, 1))
    turned = pool.plan_of((6,), (3,), (3,), (2,), (1,), (1,))
    out, taps = pool.max_pool(x, plan, (2, 3, 7, 9))
    other, other_taps = pool.max_pool(np.moveaxis(x, 1, 3), turned, (2, 7, 9, 3))
    np.testing.assert_array_equal(out, np.moveaxis(other, 3, 1))
    g = values(out.shape, np.float32, 1)
    gx = pool.max_pool_gradient(np.moveaxis(g, 1, 3), other_taps, turned, (2, 7, 9, 6))
    np.testing.assert_array_equal(pool.max_pool_gradient(g, taps, plan, x.shape), np.moveaxis(gx, 3, 1))


def test_the_result_does_not_depend_on_threads_or_layout(threads):
    x = values((4, 24, 28, 28), np.float32)
    apart = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    wide = (4, 24, 56, 56)
    for function in (
        lambda x: max_pool2d(x, WINDOWS[2])[0],
        lambda x: max_pool2d(x, WINDOWS[2], True)[0],
        lambda x: avg_pool2d(x, (3, 3), (1, 1), (1, 1), False, True, None)[0],
        lambda x: avg_pool2d(np.zeros(wide, np.float32), (2, 2), (2, 2), (0, 0), False, True, None)[1](x),
        lambda x: max_pool2d(x, ((3, 3), (1, 1), (1, 1), (1, 1), False))[2](x),
        lambda x: boxes.sums(x, np.ones((5, 5), np.float32), even_boxes((28, 28), (5, 5)), (4, 24, 5, 5)),
        lambda x: boxes.spread(x, even_boxes((41, 41), (28, 28)), (4, 24, 41, 41)),
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
    out, indices, _ = max_pool2d(x, window)
    expected = torch.nn.functional.max_pool2d(
        torch.from_numpy(x), kernel, stride, padding, dilation, ceil_mode, return_indices=True
    )
    np.testing.assert_array_equal(out, expected[0].numpy())
    np.testing.assert_array_equal(indices, expected[1].numpy())
    if padding[1] * 2 <= kernel[1]:
        for include in (True, False):
            average = torch.nn.functional.avg_pool2d(torch.from_numpy(x), kernel, stride, padding, ceil_mode, include)
            got, _ = avg_pool2d(x, kernel, stride, padding, ceil_mode, include, None)
            np.testing.assert_allclose(got, average.numpy(), rtol=1e-5, atol=1e-6)
