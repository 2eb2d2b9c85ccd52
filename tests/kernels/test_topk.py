"""The few largest of rows, and orders found by packed keys, against stable sorts of Python."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd.kernels import jit, topk

SPECIAL = [np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-42, -1e-42, 3.4e38, -3.4e38, 1.0, -1.0]


def order(row, largest):
    """Places in order; NaN counts as largest, and equal elements keep their order."""
    keyed = [(1, 0.0) if value != value else (0, value) for value in row.tolist()]
    return sorted(range(len(keyed)), key=keyed.__getitem__, reverse=largest)


def rows(shape, dtype, seed=0):
    x = np.random.default_rng(seed).integers(-20, 20, shape).astype(dtype)  # many equal ones
    if x.dtype.kind == "f" and x.size > 50:
        flat = x.reshape(-1)
        flat[np.random.default_rng(1).permutation(flat.size)[:36]] = np.array(SPECIAL * 3).clip(
            *((-6e4, 6e4) if dtype == np.float16 else (None, None))
        )
    return x


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize(("shape", "k"), [((1, 1), 1), ((5, 9), 1), ((5, 9), 9), ((300, 40), 7), ((2, 5000), 32)])
def test_kernel(shape, k, largest, dtype):
    x = rows(shape, dtype)
    x[np.abs(x) < 1e-40] = 0  # denormal numbers count as 0 in kernels
    values, places = topk.topk(x, k, largest)
    expected = np.array([order(row, largest)[:k] for row in x])
    np.testing.assert_array_equal(places, expected)
    np.testing.assert_array_equal(values, np.take_along_axis(x, expected, 1))


def test_the_same_with_two_threads():
    before = jit.get_num_threads()
    x = np.random.default_rng(3).normal(size=(500, 700)).astype(np.float32)
    found = []
    try:
        for threads in (1, 2):
            jit.set_num_threads(threads)
            found.append(topk.topk(x, 5, True)[1])
    finally:
        jit.set_num_threads(before)
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize(
    "dtype", [np.float32, np.float64, np.float16, np.int32, np.int64, np.int8, np.uint8, np.uint32]
)
@pytest.mark.parametrize("descending", [False, True])
def test_sort_keeps_the_order_of_equal_elements(descending, dtype):
    x = (
        rows((20, 60), np.float16 if dtype == np.float16 else dtype)
        if dtype not in (np.uint8, np.uint32)
        else rows((20, 60), np.int64).astype(dtype)
    )
    for given, dim in ((x, 1), (x.T.copy(), 0)):
        values, places = ag.sort(ag.tensor(given), dim, descending)
        by_rows = places.numpy() if dim else places.numpy().T
        np.testing.assert_array_equal(by_rows, [order(row, descending) for row in x])
        np.testing.assert_array_equal(values.numpy(), np.take_along_axis(given, places.numpy(), dim))
        np.testing.assert_array_equal(ag.argsort(ag.tensor(given), dim, descending).numpy(), places.numpy())


def test_the_sign_of_zero_stays():
    x = np.zeros((1, 300), np.float32)
    x[0, ::3] = -0.0
    values, places = ag.sort(ag.tensor(x))
    np.testing.assert_array_equal(places.numpy()[0], np.arange(300))
    np.testing.assert_array_equal(np.signbit(values.numpy()), np.signbit(x))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("largest", [True, False])
def test_operation_on_large_arrays_with_gradient(axis, largest):
    x = np.random.default_rng(4).permutation(24_000).reshape(20, 30, 40).astype(np.float32)
    t = ag.Tensor(x, requires_grad=True)
    values, places = ag.topk(t, 6, axis, largest)
    expected = np.argsort(-x if largest else x, axis, kind="stable").take(np.arange(6), axis)
    np.testing.assert_array_equal(places.numpy(), expected)
    np.testing.assert_array_equal(values.detach().numpy(), np.take_along_axis(x, expected, axis))
    g = np.random.default_rng(5).normal(size=values.shape).astype(np.float32)
    values.backward(ag.tensor(g))
    want = np.zeros_like(x)
    np.put_along_axis(want, expected, g, axis)
    np.testing.assert_array_equal(t.grad.numpy(), want)
