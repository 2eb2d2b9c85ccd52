"""Sums of a few elements each, at places that differ from image to image: sampling at a grid, and its gradients.

x: (N, C, S), of which each of the P results takes K elements, at `places` (N, K, P), with weights (N, K, P). All
channels share them. The place -1 stands for an element that is not there. The results are the last axis, so that the
inner loops take one term of many results at once, in vectors.
"""

from __future__ import annotations

import numpy as np

from autograd.kernels.jit import Ints, Reals, block_range, count_blocks, kernel, offset, real

__all__ = ["match", "spread", "take"]

BLOCK_WORK = 1 << 14  # terms of a block, some 20 microseconds


@kernel
def take_block(
    block: int, x: Reals, weights: Reals, places: Ints, out: Reals, rows: int, per_block: int, channels: int,
    size: int, results: int, terms: int,
) -> None:  # fmt: skip
    """Some rows (n, c): out[n, c, p] = sum over k of weights[n, k, p] x[n, c, places[n, k, p]]"""
    first, last = block_range(block, per_block, rows)
    for row in range(first, last):
        n = row // channels
        source, target = offset(x, row * size), offset(out, row * results)
        for p in range(results):
            target[p] = real(0)
        for k in range(n * terms, n * terms + terms):
            place, weight = offset(places, k * results), offset(weights, k * results)
            for p in range(results):
                # Element 0 is read where there is none, and left out: a load without a condition has vectors.
                value = weight[p] * source[max(place[p], 0)]
                target[p] += value if place[p] >= 0 else real(0)


@kernel
def spread_block(
    block: int, g: Reals, weights: Reals, places: Ints, out: Reals, rows: int, per_block: int, channels: int,
    size: int, results: int, terms: int,
) -> None:  # fmt: skip
    """Some rows (n, c): out[n, c, places[n, k, p]] += weights[n, k, p] g[n, c, p]"""
    first, last = block_range(block, per_block, rows)
    for row in range(first, last):
        n = row // channels
        source, target = offset(g, row * results), offset(out, row * size)
        for i in range(size):
            target[i] = real(0)
        for k in range(n * terms, n * terms + terms):
            place, weight = offset(places, k * results), offset(weights, k * results)
            for p in range(results):
                if place[p] >= 0:
                    target[place[p]] += weight[p] * source[p]


@kernel
def match_block(
    block: int, g: Reals, x: Reals, places: Ints, out: Reals, rows: int, per_block: int, channels: int, size: int,
    results: int, terms: int,
) -> None:  # fmt: skip
    """Some rows (n, k): out[n, k, p] = sum over c of g[n, c, p] x[n, c, places[n, k, p]]"""
    first, last = block_range(block, per_block, rows)
    for row in range(first, last):
        n = row // terms
        place, target = offset(places, row * results), offset(out, row * results)
        for p in range(results):
            target[p] = real(0)
        for c in range(n * channels, n * channels + channels):
            values, source = offset(g, c * results), offset(x, c * size)
            for p in range(results):
                value = values[p] * source[max(place[p], 0)]
                target[p] += value if place[p] >= 0 else real(0)


def _layout(count: int, work: int) -> tuple[int, int]:
    """How many of `count` units, each with so much work, make a block, and how many blocks."""
    per_block = max(1, BLOCK_WORK // max(1, work))
    return per_block, count_blocks(count, per_block)


def take(x: np.ndarray, weights: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Weighted sums of elements.  x: (N, C, S), weights, places: (N, K, P) -> (N, C, P), all of the dtype of x"""
    x, weights, places = (np.ascontiguousarray(a) for a in (x, weights, places))
    (batch, channels, size), (terms, results) = x.shape, places.shape[1:]
    out = np.empty((batch, channels, results), x.dtype)
    if out.size:
        per_block, blocks = _layout(batch * channels, results * terms)
        sizes = batch * channels, per_block, channels, size, results, terms
        take_block(x, weights, places, out, *sizes, blocks=blocks)
    return out


def spread(g: np.ndarray, weights: np.ndarray, places: np.ndarray, size: int) -> np.ndarray:
    """Adds g with weights to zeros at the places.  g: (N, C, P), weights, places: (N, K, P) -> (N, C, size)"""
    g, weights, places = (np.ascontiguousarray(a) for a in (g, weights, places))
    (batch, channels, results), terms = g.shape, places.shape[1]
    out = np.empty((batch, channels, size), g.dtype)
    if out.size:
        per_block, blocks = _layout(batch * channels, results * terms + size)
        sizes = batch * channels, per_block, channels, size, results, terms
        spread_block(g, weights, places, out, *sizes, blocks=blocks)
    return out


def match(g: np.ndarray, x: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The products of g with the elements at the places, summed over C.

    g: (N, C, P), x: (N, C, S), places: (N, K, P) -> (N, K, P)
    """
    g, x, places = (np.ascontiguousarray(a) for a in (g, x, places))
    (batch, channels, size), (terms, results) = x.shape, places.shape[1:]
    out = np.empty(places.shape, x.dtype)
    if out.size:
        per_block, blocks = _layout(batch * terms, results * channels)
        sizes = batch * terms, per_block, channels, size, results, terms
        match_block(g, x, places, out, *sizes, blocks=blocks)
    return out
