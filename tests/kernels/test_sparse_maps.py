"""Sparse maps along an axis, sums at places that differ from image to image, and alignments, against loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from autograd.kernels import corners, ctc, jit, resample

DTYPES = [np.float32, np.float64]
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}


def strided(array):
    """The same values, with gaps between them."""
    wide = np.zeros((*array.shape, 2), array.dtype)
    wide[..., 1] = array
    return wide[..., 1]


# --- Along an axis ---------------------------------------------------------------------------------------------------
def table(rng, n, m, most, dtype):
    """Terms of m results, 0 to `most` of each."""
    counts = rng.integers(0, most + 1, m)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return starts, rng.integers(0, n, starts[-1]), rng.standard_normal(starts[-1]).astype(dtype)


def along_by_loop(x, axis, starts, sources, weights):
    rows = np.moveaxis(x, axis, 0)
    out = np.zeros((len(starts) - 1, *rows.shape[1:]))
    for i in range(len(out)):
        for t in range(starts[i], starts[i + 1]):
            out[i] += float(weights[t]) * rows[sources[t]]
    return np.moveaxis(out, 0, axis)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5,), (3, 7), (2, 3, 5), (4, 6, 1), (1, 40, 33), (0, 4, 2), (300, 64), (64, 50, 40)])
def test_along(shape, dtype):
    rng = np.random.default_rng(len(shape))
    x = rng.standard_normal(shape).astype(dtype)
    for axis in range(len(shape)):
        if not shape[axis]:
            continue
        for m, most in ((0, 1), (1, 3), (9, 1), (7, 2), (2 * shape[axis], 5), (4, 0)):
            terms = table(rng, shape[axis], m, most, dtype)
            want = along_by_loop(x, axis, *terms)
            for given in (x, strided(x)):
                have = resample.along(given, axis, *terms)
                assert have.dtype == dtype
                np.testing.assert_allclose(have, want, TOLERANCE[dtype], TOLERANCE[dtype])


def test_along_has_the_same_bits_on_any_number_of_threads(keep_threads):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((50, 60, 70))
    terms = table(rng, 60, 90, 4, np.float64), table(rng, 70, 90, 4, np.float64)
    results = []
    for threads in (1, 2):
        jit.set_num_threads(threads)
        results.append([resample.along(x, axis, *one) for axis, one in zip((1, 2), terms, strict=True)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


# --- At places -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("batch", "channels", "size", "results", "terms"),
    [
        (1, 1, 1, 1, 1),
        (2, 3, 7, 5, 4),
        (3, 1, 50, 9, 8),
        (2, 5, 4, 0, 4),
        (0, 2, 3, 4, 1),
        (2, 0, 3, 4, 2),
        (2, 9, 90, 80, 16),
    ],
)
def test_corners(batch, channels, size, results, terms, dtype):
    rng = np.random.default_rng(size)
    x = rng.standard_normal((batch, channels, size)).astype(dtype)
    weights = rng.standard_normal((batch, terms, results)).astype(dtype)
    places = rng.integers(-1, size, (batch, terms, results))
    g = rng.standard_normal((batch, channels, results)).astype(dtype)
    taken, spread, matched = np.zeros(g.shape), np.zeros(x.shape), np.zeros(weights.shape)
    for n, k, p in itertools.product(range(batch), range(terms), range(results)):
        place = places[n, k, p]
        if place >= 0:
            taken[n, :, p] += float(weights[n, k, p]) * x[n, :, place]
            spread[n, :, place] += float(weights[n, k, p]) * g[n, :, p]
            matched[n, k, p] = (g[n, :, p].astype(np.float64) * x[n, :, place]).sum()
    tolerance = {"rtol": TOLERANCE[dtype], "atol": 10 * TOLERANCE[dtype]}
    for change in (lambda a: a, strided):
        np.testing.assert_allclose(corners.take(change(x), change(weights), change(places)), taken, **tolerance)
        np.testing.assert_allclose(
            corners.spread(change(g), change(weights), change(places), size), spread, **tolerance
        )
        np.testing.assert_allclose(corners.match(change(g), change(x), change(places)), matched, **tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
def test_corners_that_are_not_there_give_nothing_whatever_the_elements_are(dtype):
    x = np.array([[[np.nan, np.inf, 1.0]]], dtype)
    places, weights = np.full((1, 2, 40), -1), np.full((1, 2, 40), 0.5, dtype)
    places[0, 0, ::2] = 2
    expected = np.zeros((1, 1, 40), dtype)
    expected[..., ::2] = 0.5
    np.testing.assert_array_equal(corners.take(x, weights, places), expected)
    matched = corners.match(np.full((1, 1, 40), 0.5, dtype), x, places)
    np.testing.assert_array_equal(matched, np.concatenate([expected, np.zeros_like(expected)], 1))
    spread = corners.spread(np.full((1, 1, 40), np.nan, dtype), weights, places, 3)
    np.testing.assert_array_equal(spread, np.array([[[0, 0, np.nan]]], dtype))


# --- Alignments ------------------------------------------------------------------------------------------------------
def losses_by_loop(x, states, skip, steps, labels):
    """The sum of the probabilities of all ways through the states, in plain numbers."""
    losses = []
    for n in range(x.shape[1]):
        used = 2 * labels[n] + 1
        probabilities = np.exp(x[:, n])
        ways = np.zeros(used)
        for t in range(steps[n]):
            before, ways = ways, np.zeros(used)
            for s in range(used):
                came = float(s < 2) if t == 0 else before[s] + (before[s - 1] if s else 0)
                if t and s > 1 and skip[n, s] == 0:
                    came += before[s - 2]
                ways[s] = came * probabilities[t, states[n, s]]
        total = ways[-2:].sum() if steps[n] else float(used == 1)
        losses.append(-np.log(total) if total else np.inf)
    return np.array(losses)


@pytest.mark.parametrize(
    ("time", "batch", "classes", "most"), [(1, 2, 3, 1), (6, 3, 4, 2), (12, 5, 3, 4), (3, 2, 4, 3), (9, 4, 2, 0)]
)
def test_alignments(time, batch, classes, most):
    rng = np.random.default_rng(time)
    x = rng.standard_normal((time, batch, classes))
    labels = rng.integers(0, most + 1, batch)
    steps = rng.integers(0, time + 1, batch)
    states = np.zeros((batch, 2 * most + 1), np.int64)
    states[:, 1::2] = rng.integers(1, classes, (batch, most))
    skip = np.full((batch, 2 * most + 3), -np.inf)
    skip[:, 2:-2][(states[:, 2:] != 0) & (states[:, 2:] != states[:, :-2])] = 0
    terms = states, skip, steps, labels
    want = losses_by_loop(x, *terms)
    losses, alpha = ctc.forward(x, *terms)
    np.testing.assert_allclose(losses, want, 1e-10)
    assert (losses == np.inf).sum() == (want == np.inf).sum()
    g = rng.standard_normal(batch)
    gradient = ctc.backward(g, x, *terms, alpha, losses)
    finite = np.where(np.isfinite(want), g, 0.0)
    for at in np.ndindex(*x.shape):
        sides = []
        for step in (1e-5, -1e-5):
            moved = x.copy()
            moved[at] += step
            found = losses_by_loop(moved, *terms)
            sides.append((np.where(finite != 0, found, 0.0) * finite).sum())
        np.testing.assert_allclose(gradient[at], (sides[0] - sides[1]) / 2e-5, atol=1e-7)
