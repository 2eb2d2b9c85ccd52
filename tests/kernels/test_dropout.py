"""Dropout's generator against the same in Python's integers, and against what chance would do."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from autograd.kernels.dropout import BLOCK, dropout
from autograd.kernels.threads import get_num_threads, set_num_threads

HALF = 1 << 31


def naive(i: int, key: int, limit: int) -> bool:
    """Whether element i stays."""
    full, half = (1 << 64) - 1, (1 << 32) - 1
    z = (key + (i // BLOCK + 1) * 0x9E3779B97F4A7C15) & full
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & full
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & full
    z ^= z >> 31
    x = (i % BLOCK + z) & half
    x = ((x ^ x >> 17) * 0xED5AD4BB) & half ^ z >> 32
    x = ((x ^ x >> 11) * 0xAC4C1B51) & half
    x = ((x ^ x >> 15) * 0x31848BAB) & half
    return (x ^ x >> 14) >= limit


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("key", [0, 1, -1, 0x123456789ABCDEF, -(1 << 63)])
def test_against_loops(key: int, dtype: str) -> None:
    n = BLOCK + 77
    x = np.random.default_rng(0).standard_normal(n).astype(dtype)
    for limit in (0, 1 << 30, HALF, 0xFFFFFFFF):
        stays = np.array([naive(i, key, limit) for i in [*range(300), *range(BLOCK - 50, n)]])
        part = np.concatenate([x[:300], x[BLOCK - 50 :]])
        out = dropout(x, key, limit, 2.0, 0.5, -3.0)
        got = np.concatenate([out[:300], out[BLOCK - 50 :]])
        np.testing.assert_allclose(got, np.where(stays, part * 2 + 0.5, -3.0).astype(dtype), rtol=1e-6)


def test_shapes_strides_and_what_is_no_number() -> None:
    for shape in ((), (0,), (3, 0), (1,), (5, 7)):
        assert dropout(np.ones(shape, np.float32), 5, 0, 2.0).shape == shape
    x = np.random.default_rng(0).standard_normal((60, 50)).astype("float32")
    for view in (x.T, x[::2, ::-1], np.broadcast_to(x[0], (9, 50))):
        np.testing.assert_array_equal(dropout(view, 5, HALF, 2.0), dropout(view.copy(), 5, HALF, 2.0))
    ones = dropout(np.ones(1000, np.float32), 5, HALF, 1.0)
    for value in (np.nan, np.inf):
        out = dropout(np.full(1000, value, np.float32), 5, HALF, 1.0)
        np.testing.assert_array_equal(out, np.where(ones == 1, np.float32(value), 0))


def test_the_same_for_any_number_of_threads_and_dtype() -> None:
    x = np.ones(300_001, np.float32)
    before = get_num_threads()
    try:
        masks = []
        for threads in (1, 2, 3):
            set_num_threads(threads)
            masks.append(dropout(x, 99, HALF, 1.0))
    finally:
        set_num_threads(before)
    masks.append(dropout(x.astype("d"), 99, HALF, 1.0))
    for mask in masks[1:]:
        np.testing.assert_array_equal(masks[0], mask)


# --- As random as chance: each test is fixed, and would fail for a generator that is off by what is said --------------

N = 1 << 20


def mask(key: int, limit: int = HALF, n: int = N) -> np.ndarray:
    return dropout(np.ones(n, np.float32), key, limit, 1.0) != 0


@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.9])
def test_shares(p: float) -> None:
    """Of a mask, of each of its blocks, and of each place modulo 64: as far from 1 - p as chance has it."""
    kept = mask(42, round(p * 2**32))
    assert stats.binomtest(int(kept.sum()), N, 1 - p).pvalue > 1e-3
    for table in (kept.reshape(-1, BLOCK).sum(1), kept.reshape(-1, 64).sum(0)):
        expected = N / len(table) * (1 - p)
        chi2 = float(((table - expected) ** 2 / (expected * p)).sum())
        assert 1e-3 < stats.chi2.sf(chi2, len(table)) < 1 - 1e-3


@pytest.mark.parametrize("key", [0, 1, 7, 1 << 40, -5])
def test_neighbours_are_independent(key: int) -> None:
    """Correlations at many distances, those of rows and blocks among them, and all patterns of eight neighbours."""
    kept = mask(key)
    signs = np.where(kept, 1.0, -1.0)
    scores = [
        (signs[:-lag] * signs[lag:]).sum() / np.sqrt(N - lag)
        for lag in [*range(1, 130), 256, 784, 1000, 1024, 4096, 16384, 32768, 65536]
    ]
    assert stats.kstest(scores, "norm").pvalue > 1e-3
    assert np.abs(scores).max() < 4.5
    patterns = np.bincount(np.packbits(kept), minlength=256)
    assert 1e-3 < stats.chisquare(patterns).pvalue < 1 - 1e-3


def test_masks_of_different_keys_are_independent() -> None:
    """Also of keys that are neighbours, or differ in one bit; and at all small shifts against each other."""
    keys = [0, 1, 2, 3, *(1 << bit for bit in range(2, 63, 4)), -1]
    signs = [np.where(mask(key, n=1 << 17), 1.0, -1.0) for key in keys]
    scores = []
    for i, a in enumerate(signs):
        for b in signs[:i]:
            for shift in (0, 1, 16):
                scores.append((a[shift:] * b[: len(b) - shift]).sum() / np.sqrt(len(a) - shift))
    assert stats.kstest(scores, "norm").pvalue > 1e-3
    assert np.abs(scores).max() < 5


def test_runs_have_the_lengths_of_chance() -> None:
    kept = mask(3)
    edges = np.flatnonzero(np.diff(kept.view(np.int8))) + 1
    lengths = np.minimum(np.diff(edges), 12)
    counts = np.bincount(lengths, minlength=13)[1:]
    shares = np.array([*(0.5**k for k in range(1, 12)), 0.5**11])
    assert 1e-3 < stats.chisquare(counts, shares * counts.sum()).pvalue < 1 - 1e-3
