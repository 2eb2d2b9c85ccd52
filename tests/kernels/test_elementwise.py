"""Kernels of single elements against loops over them."""

from __future__ import annotations

import numpy as np
import pytest

from autograd.kernels import elementwise
from autograd.kernels.threads import get_num_threads, set_num_threads

SHAPES = [(), (0,), (7,), (3, 0, 2), (5, 33), (32768,), (32769,), (3, 40000)]


def naive(function, *arrays: np.ndarray) -> np.ndarray:
    values = [function(*elements) for elements in zip(*(a.ravel().tolist() for a in arrays), strict=True)]
    return np.array(values, arrays[0].dtype).reshape(arrays[0].shape)


def draw(shape: tuple[int, ...], dtype: str, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], dtype)
    flat = values.reshape(-1)
    flat[: len(special)] = special[: flat.size]
    return values


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_against_loops(shape: tuple[int, ...], dtype: str) -> None:
    x, g = draw(shape, dtype), np.random.default_rng(1).standard_normal(shape).astype(dtype)
    out = elementwise.relu(x)
    assert out.dtype == x.dtype
    np.testing.assert_array_equal(out, naive(lambda a: a if a > 0 or a != a else 0.0, x))
    np.testing.assert_array_equal(elementwise.relu_gradient(g, out), naive(lambda d, a: d if a > 0 else 0.0, g, out))


def test_strides_and_read_only() -> None:
    x = draw((300, 400), "float32")
    x.flags.writeable = False
    for view in (x.T, x[::2, ::-1], np.broadcast_to(x[0], (200, 400))):
        np.testing.assert_array_equal(elementwise.relu(view), elementwise.relu(view.copy()))
        expected = elementwise.relu_gradient(view.copy(), view.copy())
        np.testing.assert_array_equal(elementwise.relu_gradient(view, view), expected)


def test_the_same_bits_for_any_number_of_threads() -> None:
    x = draw((400_000,), "float32")
    before = get_num_threads()
    try:
        results = []
        for threads in (1, 2):
            set_num_threads(threads)
            results.append((elementwise.relu(x).tobytes(), elementwise.relu_gradient(x, x).tobytes()))
    finally:
        set_num_threads(before)
    assert results[0] == results[1]
