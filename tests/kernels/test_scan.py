"""Running sums and products against NumPy's in higher precision: from both ends, along any axis, many sizes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import autograd as ag
from autograd.kernels import jit, scan

DTYPES = [np.float32, np.float64]


def expected(name, x, axis, backwards):
    wide = x.astype(np.longdouble)
    wide = np.flip(wide, axis) if backwards else wide
    out = np.cumsum(wide, axis) if name == "sum" else np.cumprod(wide, axis)
    return np.flip(out, axis) if backwards else out


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["sum", "product"])
@pytest.mark.parametrize("backwards", [False, True])
def test_against_numpy(name, backwards, dtype):
    shapes = [(1,), (7,), (16,), (17,), (33,), (1000,), (70_001,), (5, 40), (0, 3), (3, 0), (2, 9, 3), (2, 30, 70)]
    for shape in [*shapes, (1, 200, 1100), (3, 4, 5, 6)]:
        x = np.exp(np.random.default_rng(0).normal(0, 0.02, shape)).astype(dtype)
        for axis in range(len(shape)):
            for given in (x, np.asfortranarray(x)):
                got = scan.scan(name, given, axis, backwards)
                assert got.dtype == dtype
                rounding = (2e-6 if name == "product" else 4e-7) if dtype == np.float32 else 1e-14
                want = expected(name, given, axis, backwards).astype(np.float64)
                np.testing.assert_allclose(got, want, rtol=rounding * (1 + x.size**0.5 / 30))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(100,), (100, 9)])
def test_nan_infinity_and_signs_of_zero(shape, dtype):
    inf = np.inf
    for special, backwards in itertools.product((np.nan, inf, -inf), (False, True)):
        x = np.ones(shape, dtype)
        x[40] = special
        for name in ("sum", "product"):
            want = expected(name, x, 0, backwards).astype(dtype)
            np.testing.assert_array_equal(scan.scan(name, x, 0, backwards), want)
    x = np.ones(shape, dtype)
    x[30], x[60] = inf, -inf
    got = scan.scan("sum", x, 0)
    assert (got[30:60] == inf).all()
    assert np.isnan(got[60:]).all()
    assert np.signbit(scan.scan("sum", np.full(shape, -0.0, dtype), 0)).all()
    x = np.ones(shape, dtype)
    x[50] = 0
    np.testing.assert_array_equal(scan.scan("product", x, 0), expected("product", x, 0, False))


def test_a_long_sum_is_as_exact_at_its_end():
    x = np.full(5_000_000, 0.1, np.float32)
    got = scan.scan("sum", x, 0)
    exact = np.cumsum(x.astype(np.float64))
    assert (np.abs(got - exact) / exact).max() < 2e-7


def test_the_same_with_two_threads():
    before = jit.get_num_threads()
    x = np.random.default_rng(1).normal(size=(300, 900)).astype(np.float32)
    found = []
    try:
        for threads in (1, 2):
            jit.set_num_threads(threads)
            found.append([scan.scan("sum", x, axis, backwards) for axis in (0, 1) for backwards in (False, True)])
    finally:
        jit.set_num_threads(before)
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
@pytest.mark.parametrize("dim", [0, 1])
def test_operations_on_large_arrays_against_pytorch(name, dim):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    x, g = np.exp(rng.normal(0, 0.1, (180, 170))), rng.normal(size=(180, 170))
    for zeros in (False, True):
        if zeros:
            x[50:60, 30:40] = 0
        ours, theirs = ag.Tensor(x, requires_grad=True), torch.from_numpy(x).requires_grad_()
        out, expected = getattr(ag, name)(ours, dim), getattr(torch, name)(theirs, dim)
        np.testing.assert_allclose(out.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
        out.backward(ag.tensor(g))
        expected.backward(torch.from_numpy(g))
        np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-9, atol=1e-9)
