"""Attention kernels against loops in float64, for every kind of mask, layout and number of threads."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from autograd.kernels import attention, jit

DTYPES = [np.float32, np.float64]
TOLERANCE = {np.float32: 3e-5, np.float64: 1e-12}
# batch, heads of queries, queries, keys, features, outputs, queries that share a head of keys
SIZES = [
    (1, 1, 1, 1, 1, 1, 1),
    (2, 2, 3, 5, 4, 6, 1),
    (1, 2, 50, 70, 20, 24, 2),  # no multiple of anything
    (2, 1, 64, 64, 16, 16, 1),
    (1, 1, 65, 129, 33, 65, 1),  # one more than a block
    (1, 4, 130, 40, 8, 8, 4),  # fewer keys than queries
    (1, 1, 5, 300, 256, 100, 1),  # several slabs of features
]
MASKS = ["none", "allowed", "added", "keys", "queries", "half"]


def problem(size, dtype, mask="none", seed=0):
    batch, heads, queries, keys, features, outputs, group = size
    rng = np.random.default_rng(seed)
    q = rng.standard_normal((batch, heads, queries, features))
    k = rng.standard_normal((batch, heads // group, keys, features))
    v = rng.standard_normal((batch, heads // group, keys, outputs))
    masks = {
        "none": lambda: None,
        "allowed": lambda: rng.random((batch, heads, queries, keys)) > 0.4,
        "added": lambda: rng.standard_normal((heads, queries, keys)).astype(dtype),
        "keys": lambda: rng.random((batch, 1, 1, keys)) > 0.4,  # as for padding: some rows have nothing to look at
        "queries": lambda: rng.standard_normal((queries, 1)).astype(dtype),
        "half": lambda: np.where(rng.random((queries, keys)) > 0.5, 0, -np.inf).astype(dtype),
    }
    return *(x.astype(dtype) for x in (q, k, v)), masks[mask]()


def probabilities(q, k, mask, causal, scale, group):
    """The softmax of all scores, in float64.  (*, Tq, Tk)"""
    scores = scale * q.astype(np.float64) @ np.repeat(k.astype(np.float64), group, 1).swapaxes(-1, -2)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf) if mask.dtype == bool else scores + mask
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:]) > 0, scores, -np.inf)
    out = np.zeros_like(scores)
    for place in np.ndindex(scores.shape[:-1]):
        row = scores[place]
        if (row > -np.inf).any():
            out[place] = np.exp(row - row.max())
            out[place] /= out[place].sum()
    return out


def naive(q, k, v, mask, causal, scale, group):
    return probabilities(q, k, mask, causal, scale, group) @ np.repeat(v.astype(np.float64), group, 1)


def naive_gradients(g, q, k, v, mask, causal, scale, group):
    """By q, k, v and the scores."""
    p = probabilities(q, k, mask, causal, scale, group)
    g, q = g.astype(np.float64), q.astype(np.float64)
    k, v = (np.repeat(x.astype(np.float64), group, 1) for x in (k, v))

    def of_heads(x):
        return x.reshape(x.shape[0], -1, group, *x.shape[2:]).sum(2)

    dp = g @ v.swapaxes(-1, -2)
    ds = p * (dp - (p * dp).sum(-1, keepdims=True))
    return scale * ds @ k, of_heads(scale * ds.swapaxes(-1, -2) @ q), of_heads(p.swapaxes(-1, -2) @ g), ds


def close(have, want, dtype):
    assert have.dtype == dtype
    scale = max(1.0, np.abs(want).max(initial=0))
    np.testing.assert_allclose(have, want, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype] * scale)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("size", SIZES)
def test_values_and_gradients(size, mask, dtype):
    group = size[-1]
    for causal in (False, True):
        q, k, v, m = problem(size, dtype, mask)
        out, log_sums = attention.attention(q, k, v, m, causal, 0.3, group)
        close(out, naive(q, k, v, m, causal, 0.3, group), dtype)
        g = np.random.default_rng(1).standard_normal(out.shape).astype(dtype)
        have = attention.attention_gradient(g, q, k, v, m, out, log_sums, causal, 0.3, group, mask_wanted=True)
        for gradient, want in zip(have, naive_gradients(g, q, k, v, m, causal, 0.3, group), strict=True):
            close(gradient, want, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_any_layout_of_the_same_numbers(dtype):
    q, k, v, _ = problem((2, 3, 40, 50, 12, 12, 1), dtype)
    mask = np.random.default_rng(2).standard_normal((40, 50)).astype(dtype)
    out, log_sums = attention.attention(q, k, v, mask, True, 0.3)
    g = np.random.default_rng(1).standard_normal(out.shape).astype(dtype)
    gradients = attention.attention_gradient(g, q, k, v, mask, out, log_sums, True, 0.3)

    def heads_inside(x):  # (N, H, T, D) as a view of (N, T, H, D)
        return np.ascontiguousarray(x.swapaxes(1, 2)).swapaxes(1, 2)

    def with_gaps(x):
        wide = np.full((*x.shape[:-1], 2 * x.shape[-1]), np.nan, dtype)
        wide[..., ::2] = x
        return wide[..., ::2]

    def backwards(x):
        return x[..., ::-1, :].copy()[..., ::-1, :]

    def unaligned(x):
        memory = np.zeros(x.nbytes + 1, np.uint8)
        view = memory[1:].view(dtype).reshape(x.shape)
        view[...] = x
        return view

    for lay in (heads_inside, with_gaps, np.asfortranarray, backwards, unaligned):
        m = mask if lay is heads_inside else lay(mask)
        arrays = [lay(x) for x in (q, k, v)]
        have, sums = attention.attention(*arrays, m, True, 0.3)
        np.testing.assert_array_equal(have, out)
        have_gradients = attention.attention_gradient(lay(g), *arrays, m, lay(have), sums, True, 0.3)
        for one, other in zip(have_gradients[:3], gradients[:3], strict=True):
            np.testing.assert_array_equal(one, other)
    merged = attention.attention(*(heads_inside(x) for x in (q, k, v)), None, False, 0.3)[0]
    assert merged.swapaxes(1, 2).flags.c_contiguous  # merging heads takes no copy


@pytest.mark.parametrize("dtype", DTYPES)
def test_axes_before_are_broadcast(dtype):
    rng = np.random.default_rng(0)
    q, k, v = (rng.standard_normal(s).astype(dtype) for s in ((3, 1, 6, 4), (2, 7, 4), (1, 2, 7, 5)))
    out, log_sums = attention.attention(q, k, v, None, False, 0.5)
    full = [np.ascontiguousarray(np.broadcast_to(x, (3, 2, *x.shape[-2:]))) for x in (q, k, v)]
    want, sums = attention.attention(*full, None, False, 0.5)
    np.testing.assert_array_equal(out, want)
    g = rng.standard_normal(out.shape).astype(dtype)
    have = attention.attention_gradient(g, q, k, v, None, out, log_sums, False, 0.5)
    for one, other in zip(have[:3], attention.attention_gradient(g, *full, None, want, sums, False, 0.5), strict=False):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("heads", [1, 20])
def test_the_same_bits_for_any_number_of_threads(heads, dtype):
    q, k, v, _ = problem((1, heads, 200 if heads > 1 else 1100, 1100, 16, 16, 1), dtype)
    g = np.random.default_rng(1).standard_normal(q.shape).astype(dtype)
    before = jit.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 3):
            jit.set_num_threads(threads)
            out, log_sums = attention.attention(q, k, v, None, True, 0.2)
            results.append([out, *attention.attention_gradient(g, q, k, v, None, out, log_sums, True, 0.2)[:3]])
    finally:
        jit.set_num_threads(before)
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("dtype", DTYPES)
def test_few_heads_with_many_keys_are_cut_into_parts(dtype):
    size = (1, 1, 70, 1300, 8, 8, 1)
    q, k, v, _ = problem(size, dtype)
    assert size[3] // attention.LEAST_KEYS > 1
    for causal in (False, True):
        out, log_sums = attention.attention(q, k, v, None, causal, 0.4)
        g = np.random.default_rng(1).standard_normal(out.shape).astype(dtype)
        have = attention.attention_gradient(g, q, k, v, None, out, log_sums, causal, 0.4)
        for gradient, want in zip(have[:3], naive_gradients(g, q, k, v, None, causal, 0.4, 1), strict=False):
            close(gradient, want, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_query_that_may_look_at_nothing(dtype):
    q, k, v, _ = problem((1, 2, 40, 90, 8, 8, 1), dtype)
    mask = np.ones((40, 90), bool)
    mask[[3, 39]] = False
    out, log_sums = attention.attention(q, k, v, mask, False, 0.3)
    assert (out[:, :, [3, 39]] == 0).all()
    g = np.ones_like(out)
    gradients = attention.attention_gradient(g, q, k, v, mask, out, log_sums, False, 0.3)
    assert (gradients[0][:, :, [3, 39]] == 0).all()
    for gradient, want in zip(gradients[:3], naive_gradients(g, q, k, v, mask, False, 0.3, 1), strict=False):
        close(gradient, want, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_large_scores_nan_and_infinity(dtype):
    q, k, v, _ = problem((1, 1, 40, 70, 4, 4, 1), dtype)
    close(
        attention.attention(q * 300, k * 300, v, None, True, 1.0)[0],
        naive(q * 300, k * 300, v, None, True, 1.0, 1),
        dtype,
    )
    for poison in (np.nan, np.inf):
        bad = q.copy()
        bad[0, 0, 7, 2] = poison
        out = attention.attention(bad, k, v, None, False, 1.0)[0]
        assert np.isnan(out[0, 0, 7]).all()
        others = np.arange(40) != 7
        np.testing.assert_array_equal(
            out[0, 0, others], attention.attention(q, k, v, None, False, 1.0)[0][0, 0, others]
        )
    bad = k.copy()
    bad[0, 0, 50] = np.nan
    out = attention.attention(q, bad, v, None, True, 1.0)[0]
    assert np.isfinite(out).all()  # of 40 queries none looks at key 50


def test_probabilities_below_the_normal_range_are_zero():
    q = np.array([[[[1.0]]]], np.float32)
    k = np.array([[[[0.0], [-200.0], [-88.5], [-87.0]]]], np.float32)
    v = np.eye(4, dtype=np.float32)[None, None]
    out = attention.attention(q, k, v, None, False, 1.0)[0][0, 0, 0]
    assert out[1] == out[2] == 0
    np.testing.assert_allclose(out[3], np.exp(-87.0), rtol=1e-5)


def test_long_sequences_take_no_memory_for_all_scores():
    q, k, v, _ = problem((1, 2, 8192, 8192, 16, 16, 1), np.float32)
    attention.attention(q[:, :, :64], k[:, :, :64], v[:, :, :64], None, True, 0.2)
    tracemalloc.start()
    out, log_sums = attention.attention(q, k, v, None, True, 0.2)
    gradients = attention.attention_gradient(out, q, k, v, None, out, log_sums, True, 0.2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert all(np.isfinite(gradient).all() for gradient in gradients[:3])
    assert peak < 0.2 * q.shape[1] * 8192 * 8192 * 4
    close(out[:, :, -3:], naive(q[:, :, -3:], k, v, np.tri(3, 8192, 8189) > 0, False, 0.2, 1), np.float32)
