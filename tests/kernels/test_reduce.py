"""Reductions by kernels against exact sums: sizes on both sides of every limit, any axes, any order in memory."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from autograd.kernels import jit, reduce

DTYPES = [np.float32, np.float64]
NAMES = ["sum", "max", "min", "product", "squares"]
ROUNDING = {np.float32: 6e-7, np.float64: 1e-15}


def values(shape, dtype, seed=0):
    return np.random.default_rng(seed).normal(1.0, 0.3, shape).astype(dtype)


def factors(x):
    """Numbers around 1 whose product is neither very large nor very small."""
    return np.exp((x - 1) / 30).astype(x.dtype)


def expected(name, x, axes, centers=None):
    wide = x.astype(np.longdouble)
    if name == "squares":
        return ((wide - centers) ** 2).sum(axes)
    return {"sum": np.sum, "max": np.max, "min": np.min, "product": np.prod}[name](wide, axes)


def check(name, x, axes):
    centers = None
    if name == "product":
        x = factors(x)
    if name == "squares":
        centers = np.ascontiguousarray(x.mean(axes, keepdims=True), x.dtype)
    got = reduce.fold(name, x, axes, centers)
    want = expected(name, x, axes, centers)
    assert got.dtype == x.dtype
    assert got.shape == want.shape
    if name in ("max", "min"):
        np.testing.assert_array_equal(got, want.astype(x.dtype))
        return
    rounding = ROUNDING[x.dtype.type]
    if name == "product":
        rounding *= 30 + math.prod(x.shape[axis] for axis in axes) ** 0.5
    np.testing.assert_allclose(got, want.astype(np.float64), rtol=4 * rounding)


# rows shorter than a vector, of some vectors, of one leaf, of several, of more than one piece
LENGTHS = [2, 3, 15, 16, 17, 31, 64, 65, 100, 1024, 1025, 3 * 1024 + 7]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_rows(name, dtype):
    for n in LENGTHS:
        for rows in (1, 5, 16, 37):
            check(name, values((rows, n), dtype, n), (1,))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_columns(name, dtype):
    for n, inner, outer in itertools.product((2, 7, 8, 9, 300, 1300), (1, 2, 5, 16, 63, 64, 65, 130), (1, 3)):
        check(name, values((outer, n, inner), dtype, n), (1,))
    check(name, values((700, 5000), dtype), (0,))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [65_535, 65_536, 65_537, 200_001, 1_500_000])
def test_rows_of_several_pieces(n, dtype):
    for name in NAMES:
        check(name, values((n,), dtype), (0,))
    check("sum", values((2, n), dtype), (1,))


@pytest.mark.parametrize("name", NAMES)
def test_any_axes_in_any_order_of_memory(name):
    x = values((3, 1, 4, 5, 2), np.float64)
    for order in ((0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 1, 3)):
        turned = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
        for count in range(6):
            for axes in itertools.combinations(range(5), count):
                check(name, turned, axes)


def test_what_has_gaps_is_left_to_others():
    x = np.zeros((6, 8))
    assert reduce.fold("sum", x[:, :4], (0,)) is None
    assert reduce.fold("sum", x[:, ::2], (0,)) is None
    assert reduce.fold("sum", np.broadcast_to(np.zeros(3), (4, 3)), (0,)) is None
    assert reduce.fold("sum", x[::-1], (0,)) is None
    assert reduce.fold("sum", x[2:4], (0,)).shape == (8,)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(40,), (3, 40), (2000,), (200, 40), (20, 3, 7), (50, 70_000)])
def test_nan_and_infinity(shape, dtype):
    rng = np.random.default_rng(1)
    for axes in itertools.chain.from_iterable(itertools.combinations(range(len(shape)), k + 1) for k in range(2)):
        for special in (np.nan, np.inf, -np.inf):
            x = values(shape, dtype)
            x.reshape(-1)[rng.integers(x.size)] = special
            np.testing.assert_array_equal(reduce.fold("max", x, axes), x.max(axes))
            np.testing.assert_array_equal(reduce.fold("min", x, axes), x.min(axes))
            with np.errstate(all="ignore"):
                np.testing.assert_allclose(reduce.fold("sum", x, axes), x.sum(axes, np.float64), rtol=1e-5)
    x = np.full(shape, -np.inf, dtype)
    assert reduce.fold("max", x, (0,)).max() == -np.inf
    assert reduce.fold("min", -x, (0,)).min() == np.inf
    x.reshape(-1)[0] = np.inf
    assert np.isnan(reduce.fold("sum", x, tuple(range(len(shape)))))


@pytest.mark.parametrize("shape", [(1 << 20,), (16, 1 << 16), (1 << 20, 1), (1 << 18, 4), (1 << 13, 128)])
def test_sums_are_as_exact_as_numpys_best(shape):
    errors, theirs = [], []
    for seed in range(10):
        x = np.random.default_rng(seed).random(shape).astype(np.float32)
        axis = len(shape) - 1 if shape[0] == 16 else 0
        exact = x.astype(np.float64).sum(axis)
        pairwise = np.ascontiguousarray(np.moveaxis(x, axis, -1)).sum(-1)  # along rows NumPy adds by pairs
        errors.append(np.abs(reduce.fold("sum", x, (axis,)) - exact).max() / exact.max())
        theirs.append(np.abs(pairwise - exact).max() / exact.max())
    assert np.mean(errors) <= 1.5 * np.mean(theirs)
    assert np.mean(errors) < 2e-7


def test_the_sum_of_many_ones_is_their_number():
    assert reduce.fold("sum", np.ones(20_000_001, np.float32), (0,)) == 20_000_000  # the nearest float32
    np.testing.assert_array_equal(reduce.fold("sum", np.ones((300_000, 70), np.float32), (0,)), 300_000)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_same_bits_for_any_number_of_threads(dtype):
    before = jit.get_num_threads()
    x = np.random.default_rng(3).normal(size=(130, 70, 129)).astype(dtype)
    try:
        found = []
        for threads in (1, 2):
            jit.set_num_threads(threads)
            found.append([reduce.fold("sum", x, axes) for axes in ((0,), (1,), (2,), (0, 1, 2), (0, 2))])
    finally:
        jit.set_num_threads(before)
    for one, two in zip(*found, strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_row_has_the_same_bits_wherever_it_stands():
    x = np.random.default_rng(4).normal(size=(50, 77)).astype(np.float32)
    all_rows = reduce.fold("sum", x, (1,))
    for row in (0, 15, 16, 47, 49):
        assert reduce.fold("sum", x[row : row + 1], (1,)) == all_rows[row]
