"""Sums of a few elements each, at places that differ from image to image: sampling at a grid, and its gradients.

x: (N, C, S), of which each of the P results takes K elements, at `places` (N, P, K), with weights (N, P, K). All
channels share them. The place -1 stands for an element that is not there.
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
    """Some rows (n, c): out[n, c, p] = sum over k of weights[n, p, k] x[n, c, places[n, p, k]]"""
    first, last = block_range(block, per_block, rows)
    for row in range(first, last):
        n = row // channels
        source, target = offset(x, row * size), offset(out, row * results)
        place, weight = offset(places, n * results * terms), offset(weights, n * results * terms)
        for p in range(results):
            total = real(0)
            for k in range(p * terms, p * terms + terms):
                if place[k] >= 0:
                    total += weight[k] * source[place[k]]
            target[p] = total


@kernel
def spread_block(
    block: int, g: Reals, weights: Reals, places: Ints, out: Reals, rows: int, per_block: int, channels: int,
    size: int, results: int, terms: int,
) -> None:  # fmt: skip
    """Some rows (n, c): out[n, c, places[n, p, k]] += weights[n, p, k] g[n, c, p]"""
    first, last = block_range(block, per_block, rows)
    for row in range(first, last):
        n = row // channels
        source, target = offset(g, row * results), offset(out, row * size)
        place, weight = offset(places, n * results * terms), offset(weights, n * results * terms)
        for i in range(size):
            target[i] = real(0)
        for p in range(results):
            value = source[p]
            for k in range(p * terms, p * terms + terms):
                if place[k] >= 0:
                    target[place[k]] += weight[k] * value


@kernel
def match_block(
    block: int, g: Reals, x: Reals, places: Ints, out: Reals, count: int, per_block: int, channels: int, size: int,
    results: int, terms: int,
) -> None:  # fmt: skip
    """Some results (n, p): out[n, p, k] = sum over c of g[n, c, p] x[n, c, places[n, p, k]]"""
    first, last = block_range(block, per_block, count)
    for unit in range(first, last):
        n = unit // results
        p = unit - n * results
        source, values = offset(x, n * channels * size), offset(g, n * channels * results + p)
        for k in range(unit * terms, unit * terms + terms):
            total = real(0)
            if places[k] >= 0:
                for c in range(channels):
                    total += values[c * results] * source[c * size + places[k]]
            out[k] = total


def _layout(count: int, work: int) -> tuple[int, int]:
    """How many of `count` units, each with so much work, make a block, and how many blocks."""
    per_block = max(1, BLOCK_WORK // max(1, work))
    return per_block, count_blocks(count, per_block)


def take(x: np.ndarray, weights: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Weighted sums of elements.  x: (N, C, S), weights, places: (N, P, K) -> (N, C, P), all of the dtype of x"""
    x, weights, places = (np.ascontiguousarray(a) for a in (x, weights, places))
    (batch, channels, size), (results, terms) = x.shape, places.shape[1:]
    out = np.empty((batch, channels, results), x.dtype)
    if out.size:
        per_block, blocks = _layout(batch * channels, results * terms)
        sizes = batch * channels, per_block, channels, size, results, terms
        take_block(x, weights, places, out, *sizes, blocks=blocks)
    return out


def spread(g: np.ndarray, weights: np.ndarray, places: np.ndarray, size: int) -> np.ndarray:
    """Adds g with weights to zeros at the places.  g: (N, C, P), weights, places: (N, P, K) -> (N, C, size)"""
    g, weights, places = (np.ascontiguousarray(a) for a in (g, weights, places))
    (batch, channels, results), terms = g.shape, places.shape[2]
    out = np.empty((batch, channels, size), g.dtype)
    if out.size:
        per_block, blocks = _layout(batch * channels, results * terms + size)
        sizes = batch * channels, per_block, channels, size, results, terms
        spread_block(g, weights, places, out, *sizes, blocks=blocks)
    return out


def match(g: np.ndarray, x: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The products of g with the elements at the places, summed over C.

    g: (N, C, P), x: (N, C, S), places: (N, P, K) -> (N, P, K)
    """
    g, x, places = (np.ascontiguousarray(a) for a in (g, x, places))
    (batch, channels, size), (results, terms) = x.shape, places.shape[1:]
    out = np.empty(places.shape, x.dtype)
    if out.size:
        per_block, blocks = _layout(batch * results, channels * terms)
        sizes = batch * results, per_block, channels, size, results, terms
        match_block(g, x, places, out, *sizes, blocks=blocks)
    return out
