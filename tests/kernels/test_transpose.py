"""Copies of turned arrays, bit for bit: every order of the axes, sizes around every limit, gaps, any dtype."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import autograd as ag
from autograd.kernels import jit, transpose

DTYPES = [np.float32, np.float64, np.int32, np.int64, np.uint32, np.complex64]


def numbered(shape, dtype=np.float32):
    return np.arange(np.prod(shape), dtype=np.float64).reshape(shape).astype(dtype)


def check(x):
    before = x.copy()
    got = transpose.copy(x)
    assert got.flags.c_contiguous
    assert got.flags.owndata
    assert got.dtype == x.dtype
    np.testing.assert_array_equal(got, before)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rows", [1, 2, 5, 6, 7, 8, 15, 16, 17, 63, 64, 65, 130])
def test_matrices(rows, dtype):
    for columns in (1, 3, 5, 6, 7, 8, 16, 31, 64, 65, 200):
        check(numbered((rows, columns), dtype).T)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(512, 1024), (1024, 512), (2048, 70), (70, 2048), (1025, 512), (3, 4096), (4096, 5)])
def test_rows_that_meet_in_the_cache(shape, dtype):
    x = numbered(shape, dtype)
    check(x.T)
    check(x[3:, 1:].T)
    check(x[:, ::-1].T)


@pytest.mark.parametrize("shape", [(5, 17, 4, 9), (2, 16, 8, 32), (3, 1, 70, 6), (16, 2, 2, 16)])
def test_every_order_of_the_axes(shape):
    x = numbered(shape)
    for order in itertools.permutations(range(4)):
        check(x.transpose(order))
        check(x[:, :, 1:, :-1].transpose(order))
        check(x[::-1, ::2].transpose(order))


def test_many_axes_repeated_axes_and_nothing():
    check(numbered((2, 3, 2, 3, 2, 3, 2, 3)).transpose(7, 5, 3, 1, 6, 4, 2, 0))
    check(numbered((2,) * 10).transpose(*range(9, -1, -1)))
    check(np.broadcast_to(numbered((7, 1, 20)), (7, 9, 20)).transpose(2, 1, 0))
    check(np.broadcast_to(numbered((20,)), (30, 20)))
    check(np.broadcast_to(numbered((30, 1)), (30, 20)))
    check(np.broadcast_to(numbered((30, 1)), (30, 3)))
    check(np.broadcast_to(numbered((5, 7, 1)).transpose(1, 0, 2), (7, 5, 33)))
    check(np.broadcast_to(numbered((5, 1, 6)), (5, 40, 6)).transpose(0, 2, 1))
    check(np.zeros((0, 4)).T)
    check(np.zeros(()))
    check(numbered((40, 30), np.int8).T)
    check(numbered((40, 30), np.complex128).T)
    check(np.lib.stride_tricks.as_strided(numbered((100,)), (40, 50), (4, 4)).T)  # rows that overlap


def test_bits_are_moved_not_computed():
    bits = np.random.default_rng(0).integers(0, 1 << 32, (300, 200), dtype=np.uint64).astype(np.uint32)
    x = bits.view(np.float32)  # NaNs of all kinds, infinities, denormals
    np.testing.assert_array_equal(transpose.copy(x.T).view(np.uint32), bits.T)
    np.testing.assert_array_equal(transpose.copy(bits.T), bits.T)


def test_the_same_with_two_threads():
    before = jit.get_num_threads()
    x = numbered((4, 300, 500))
    try:
        for threads in (1, 2):
            jit.set_num_threads(threads)
            check(x.transpose(2, 0, 1))
            check(x.transpose(1, 0, 2))
    finally:
        jit.set_num_threads(before)


def test_operations_that_copy_turned_tensors():
    x = numbered((64, 32, 28))
    for turn in ((0, 2, 1), (2, 1, 0), (1, 0, 2)):
        t = ag.Tensor(x, requires_grad=True)
        turned = t.permute(turn)
        expected = x.transpose(turn)
        for copied in (turned.contiguous(), turned.clone(), turned.reshape(-1).reshape(expected.shape)):
            assert copied.is_contiguous()
            np.testing.assert_array_equal(copied.detach().numpy(), expected)
        weights = numbered(expected.shape)
        (turned.contiguous() * ag.tensor(weights)).sum().backward()
        np.testing.assert_array_equal(t.grad.numpy(), weights.transpose(np.argsort(turn)))
        assert t.grad.is_contiguous()
        (g,) = ag.grad((t.permute(turn).reshape(-1) * ag.tensor(weights.reshape(-1))).sum(), [t])
        np.testing.assert_array_equal(g.numpy(), weights.transpose(np.argsort(turn)))


def test_reshape_of_a_large_view_that_needs_no_copy_shares_memory():
    x = ag.tensor(numbered((64, 32, 32)))
    part = x[:, :20].reshape(64, 4, 5, 32)
    part.fill_(-1.0)
    assert (x[:, :20] == -1).all()


@pytest.mark.parametrize("shape", [(300, 300), (300, 1), (1, 300), (300,), ()])
def test_the_gradient_of_what_was_broadcast_over_many_elements(shape):
    rng = np.random.default_rng(1)
    bias, g = rng.normal(size=shape).astype(np.float32), rng.normal(size=(5, 300, 300)).astype(np.float32)
    t = ag.Tensor(bias, requires_grad=True)
    (t + ag.tensor(np.zeros_like(g))).backward(ag.tensor(g))
    axes = tuple(range(3 - len(shape))) + tuple(i + 3 - len(shape) for i, n in enumerate(shape) if n == 1)
    expected = g.astype(np.float64).sum(axes).reshape(shape)
    np.testing.assert_allclose(t.grad.numpy(), expected, rtol=1e-5, atol=1e-4)
