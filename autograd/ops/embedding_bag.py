"""Rows of a table, put together in bags."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample
from .comparison import where
from .embedding import checked_index, embedding, row_number
from .gathering import gather
from .reduction import values_of
from .scattering import index_add
from .windows import as_array


def _bag_by_loop(
    x, weight, offsets=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, mode="mean", sparse=False,
    per_sample_weights=None, include_last_offset=False, padding_idx=None,
):  # fmt: skip
    table = weight.copy()
    if max_norm is not None:
        for row in np.unique(x):
            norm = np.linalg.norm(table[row], norm_type)
            table[row] *= min(1.0, max_norm / (norm + 1e-7))
    if x.ndim == 1:
        ends = offsets[1:] if include_last_offset else [*offsets[1:], len(x)]
        starts = offsets[:-1] if include_last_offset else offsets
        bags = [list(range(start, end)) for start, end in zip(starts, ends, strict=True)]
    else:
        bags = np.arange(x.size).reshape(x.shape).tolist()
    flat = x.ravel()
    factors = np.ones(x.size) if per_sample_weights is None else per_sample_weights.ravel()
    padding = None if padding_idx is None else padding_idx % len(weight)
    out = np.zeros((len(bags), weight.shape[1]))
    for bag, places in enumerate(bags):
        rows = [factors[place] * table[flat[place]] for place in places if flat[place] != padding]
        if rows:
            out[bag] = np.max(rows, 0) if mode == "max" else np.sum(rows, 0) / (len(rows) if mode == "mean" else 1)
    return out


def _bags(x: np.ndarray, offsets: Any, include_last_offset: bool) -> tuple[np.ndarray, int]:
    """The number of the bag of each index, and how many bags there are.  -> (x.size,)"""
    op = "embedding_bag"
    if x.ndim == 2:
        if offsets is not None:
            raise ValueError(f"{op}: the indices {x.shape} are one bag a row. Leave out offsets, or give indices (M,).")
        return np.arange(len(x)).repeat(x.shape[1]), len(x)
    if x.ndim != 1:
        raise ValueError(f"{op}: the indices have shape {x.shape}. They must be (N, M), or (M,) with offsets.")
    if offsets is None:
        raise ValueError(f"{op}: indices in one row, {x.shape}, need offsets: where each bag begins.")
    starts = np.asarray(values_of(as_array(offsets)))
    if starts.ndim != 1 or starts.dtype.kind not in "iu":
        raise ValueError(f"{op}: offsets must be integers in one row, not {starts.dtype} of shape {starts.shape}.")
    if include_last_offset and not starts.size:
        raise ValueError(f"{op}: with include_last_offset there must be at least one offset.")
    last = starts[-1] if include_last_offset else x.size
    if starts.size and (starts[0] != 0 or (np.diff(starts) < 0).any() or starts[-1] > x.size or last != x.size):
        raise ValueError(
            f"{op}: offsets must begin with 0, not fall, and end at most at {x.size}, the number of indices"
            f"{', with that itself behind include_last_offset' if include_last_offset else ''}: {starts.tolist()[:8]}."
        )
    bags = starts.size - include_last_offset
    return np.searchsorted(starts[:bags], np.arange(x.size), "right") - 1, bags


@composite(method=False, reference=_bag_by_loop)
def embedding_bag(
    x, weight, offsets=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, mode="mean", sparse=False,
    per_sample_weights=None, include_last_offset=False, padding_idx=None,
):  # fmt: skip
    """The sum, mean or maximum of the rows of `weight` in each bag.

    x: (N, M) of integers, one bag a row, or (M,) with offsets; weight: (rows, D) -> (N, D)
    offsets: (N,), where each bag begins in x, the first one at 0; with include_last_offset one more, where the last one
    ends. mode: "sum", "mean" or "max". per_sample_weights: of the shape of x, a factor for each row, for "sum" only.
    padding_idx: this row counts as not there, and gets no gradient. An empty bag gives zeros.
    max_norm, norm_type, scale_grad_by_freq, sparse: as for `embedding`.

    >>> import autograd as ag
    >>> ag.embedding_bag(ag.tensor([0, 2, 1]), ag.tensor([[1.0], [2.0], [4.0]]), ag.tensor([0, 2])).tolist()
    [[2.5], [2.0]]
    """
    op = "embedding_bag"
    table = as_array(weight)
    index = checked_index(op, values_of(as_array(x)), values_of(table))
    padding = row_number(op, padding_idx, len(table))
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"{op}: mode must be 'sum', 'mean' or 'max', not {mode!r}.")
    bag, count = _bags(index, offsets, bool(include_last_offset))
    factors = None
    if per_sample_weights is not None:
        factors = as_array(per_sample_weights)
        if mode != "sum":
            raise ValueError(f"{op}: per_sample_weights are for mode='sum', not for {mode!r}.")
        if factors.shape != index.shape:
            raise ValueError(f"{op}: per_sample_weights have shape {factors.shape}, and the indices {index.shape}.")
        factors = factors.reshape(index.size)
    index = index.reshape(-1)
    if padding is not None:
        kept = index != padding
        index, bag = index[kept], bag[kept]
        factors = factors if factors is None else factors[kept]
    rows = embedding(index, table, None, max_norm, norm_type, scale_grad_by_freq)
    if factors is not None:
        rows = rows * factors.reshape(index.size, 1)
    if mode == "max":
        return _largest(rows, bag, count)
    out = index_add(np.zeros((count, table.shape[1]), rows.dtype), 0, bag, rows)
    if mode == "sum":
        return out
    return out / np.maximum(np.bincount(bag, minlength=count), 1).astype(rows.dtype)[:, None]


def _largest(rows: Any, bag: np.ndarray, count: int) -> Any:
    """The largest element of each column in each bag, the first of equal ones.  rows: (M, D), bag: (M) -> (count, D)"""
    values = values_of(rows)
    nothing = np.bincount(bag, minlength=count) == 0
    if not values.size:
        return rows.sum() + np.zeros((count, values.shape[1]), values.dtype)
    starts = np.searchsorted(bag, np.flatnonzero(~nothing))
    best = np.maximum.reduceat(values, starts)
    here = (values == best.repeat(np.diff(starts, append=len(bag)), 0)) | np.isnan(values)
    place = np.zeros((count, values.shape[1]), np.int64)
    place[~nothing] = np.minimum.reduceat(np.where(here, np.arange(len(values))[:, None], len(values)), starts)
    return where(nothing[:, None], 0.0, gather(rows, 0, place))


@embedding_bag.samples
def _(draw):
    index, offsets = np.array([1, 3, 3, 0, 2, 1]), np.array([0, 2, 2, 5])
    for mode in ("sum", "mean", "max"):
        yield Sample(draw.integers(3, 4, low=0, high=5), draw.distinct(5, 3), mode=mode)
        yield Sample(index, draw.distinct(4, 3), offsets, mode=mode)
        yield Sample(index, draw.distinct(4, 3), np.array([0, 3, 6]), mode=mode, include_last_offset=True)
        yield Sample(index, draw.distinct(4, 2), offsets, mode=mode, padding_idx=3)
    yield Sample(index, draw(4, 3), offsets=offsets, mode="sum", per_sample_weights=draw(6))
    yield Sample(index.reshape(2, 3), draw(4, 3), mode="sum", per_sample_weights=draw(2, 3), padding_idx=-3)
    yield Sample(index, draw(4, 3), offsets, 100.0, 1.0)
    yield Sample(draw.integers(0, 3), draw(4, 2))
    yield Sample(draw.integers(0), draw(4, 2), np.array([0, 0]), mode="max")


@embedding_bag.errors
def _(draw):
    index, weight = np.array([1, 3, 0]), draw(4, 2)
    yield Sample(index, weight), ValueError, "need offsets"
    yield Sample(index.reshape(1, 3), weight, np.array([0])), ValueError, "Leave out offsets"
    yield Sample(index, weight, np.array([1, 2])), ValueError, "begin with 0"
    yield Sample(index, weight, np.array([0, 2]), include_last_offset=True), ValueError, "with that itself"
    yield Sample(index, weight, np.array([0]), mode="min"), ValueError, "'sum', 'mean' or 'max'"
    yield Sample(index, weight, np.array([0]), per_sample_weights=draw(3)), ValueError, "mode='sum'"
    yield Sample(index, weight, np.array([0]), mode="sum", per_sample_weights=draw(2)), ValueError, "have shape (2,)"
    yield Sample(index + 1, weight, np.array([0])), IndexError, "out of range for the 4 rows"
    yield Sample(draw(3), weight, np.array([0])), TypeError, "integers"
    yield Sample(index, weight, np.array([0]), padding_idx=7), ValueError, "no row"
