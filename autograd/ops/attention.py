"""Attention: each query gets the mean of the values, weighted by how well their keys fit it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..fused import fused
from ..op import Sample, keep
from .comparison import where
from .creation import as_tensor
from .dropout import dropout
from .softmax import softmax
from .tiling import repeat_interleave

_NAME = "scaled_dot_product_attention"


def _fit(x: tuple[int, ...], y: tuple[int, ...]) -> bool:
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(x), reversed(y), strict=False))


def _check(query: Any, key: Any, value: Any, mask: Any, dropout_p: float, grouped: bool) -> int:
    """Raises where shapes or dtypes do not fit.  Returns how many heads of queries share a head of keys."""
    for name, x in (("query", query), ("key", key), ("value", value)):
        if x.ndim < 2:
            raise ValueError(f"{_NAME}: the {name} has shape {x.shape}. It must be (..., T, D): add axes before.")
        if x.dtype.kind != "f":
            raise TypeError(f"{_NAME}: the {name} must have a floating-point dtype, not {x.dtype}. Use {name}.float().")
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"{_NAME}: queries and keys differ in their number of features: {query.shape} has {query.shape[-1]} and "
            f"{key.shape} has {key.shape[-1]}. The last axes must be equal."
        )
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(
            f"{_NAME}: keys {key.shape} are {key.shape[-2]} and values {value.shape} are {value.shape[-2]}. There is "
            f"one value for each key: the last axes but one must be equal."
        )
    batch, key_batch, value_batch = query.shape[:-2], key.shape[:-2], value.shape[:-2]
    group = 1
    if grouped:
        if not batch or not key_batch or key_batch[-1:] != value_batch[-1:] or batch[-1] % max(1, key_batch[-1]):
            raise ValueError(
                f"{_NAME}: with enable_gqa the heads of the query {query.shape} are a multiple of those of key "
                f"{key.shape} and value {value.shape}, which are equal. Heads are the last axis but two."
            )
        group = batch[-1] // key_batch[-1] if key_batch[-1] else 1
        batch = (*batch[:-1], key_batch[-1])
    if not (_fit(batch, key_batch) and _fit(batch, value_batch) and _fit(key_batch, value_batch)):
        hint = ""
        if min(map(len, (batch, key_batch, value_batch))) and batch[-1] % max(1, key_batch[-1]) == 0:
            hint = " Where several heads of queries share one of keys, give enable_gqa=True."
        raise ValueError(
            f"{_NAME}: the axes before the last two do not broadcast: query {query.shape}, key {key.shape}, value "
            f"{value.shape}. Make them equal or 1.{hint}"
        )
    if not 0 <= dropout_p <= 1:
        raise ValueError(f"{_NAME}: dropout_p is a probability, between 0 and 1, not {dropout_p!r}.")
    if mask is not None:
        _check_mask(query, key, value, mask)
    return group


def _check_mask(query: Any, key: Any, value: Any, mask: Any) -> None:
    if mask.dtype.kind not in "bf":
        raise TypeError(
            f"{_NAME}: attn_mask is boolean, True where a query may look at a key, or floating-point, to be added to "
            f"the scores; not {mask.dtype}. Use attn_mask.bool()."
        )
    queries, keys = query.shape[-2], key.shape[-2]
    batch = (*query.shape[:-2], queries, keys)
    room = max(len(batch), key.ndim, value.ndim)
    sizes = [1] * (room - mask.ndim) + list(mask.shape)
    wanted = [1] * (room - len(batch)) + list(batch)
    for axis in range(room):
        others = [x.shape[axis - room] for x in (key, value) if axis < room - 2 and room - axis <= x.ndim]
        if mask.ndim > room or (sizes[axis] != 1 and sizes[axis] not in (wanted[axis], *others)):
            raise ValueError(
                f"{_NAME}: attn_mask has shape {mask.shape}, and query {query.shape} with key {key.shape} has scores "
                f"of shape {batch}. The mask must have that shape, or 1 in its place."
            )


@fused(method=False, reference=lambda *args, **kwargs: _by_loops(*args, **kwargs))
def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
):
    """softmax(scale * query @ key.mT + attn_mask) @ value: what each query finds among the values.

    query: (*, Tq, D), key: (*, Tk, D), value: (*, Tk, E) -> (*, Tq, E); the axes before are broadcast
    attn_mask: broadcast to (*, Tq, Tk); boolean, True where a query may look at a key, or numbers to add to the scores.
    dropout_p: the probability to leave a weight out; this function does so whenever it is not 0.
    is_causal: query i looks at keys 0 to i; together with a mask, both hold.
    scale: 1 / sqrt(D) unless given.
    enable_gqa: each head of keys and values, the axis before Tk, serves so many heads of queries, side by side.

    A query that may look at no key gets zeros, and gives no gradient. Without dropout the matrix of scores, Tq x Tk, is
    never held in memory. Source: Vaswani et al. 2017; Dao et al. 2022.

    >>> import autograd as ag
    >>> x = ag.ones(2, 4, 10, 8)  # batch, heads, time, features
    >>> ag.scaled_dot_product_attention(x, x, x, is_causal=True).shape
    (2, 4, 10, 8)
    """
    query, key, value = as_tensor(query), as_tensor(key), as_tensor(value)
    mask = None if attn_mask is None else as_tensor(attn_mask)
    group = _check(query, key, value, mask, dropout_p, enable_gqa)
    scale = _scale(query) if scale is None else scale
    if query.dtype == np.float16:  # too coarse for sums
        single = [x.astype(np.float32) if x.dtype == np.float16 else x for x in (query, key, value)]
        found = scaled_dot_product_attention(*single, mask, dropout_p, is_causal, scale, enable_gqa)
        return found.astype(np.result_type(query.dtype, key.dtype, value.dtype))
    if group > 1:
        key, value = repeat_interleave(key, group, -3), repeat_interleave(value, group, -3)
    return attention_weights(query, key, mask, is_causal, scale, dropout_p) @ value


def attention_weights(query: Any, key: Any, mask: Any, is_causal: bool, scale: float, dropout_p: float = 0.0) -> Any:
    """How much of each value a query gets: rows whose sum is 1, or 0 if it may look at nothing.

    query: (*, Tq, D), key: (*, Tk, D), mask: as that of `scaled_dot_product_attention` -> (*, Tq, Tk)
    """
    scores = (query * scale) @ key.mT
    if mask is not None:
        scores = where(mask, scores, -math.inf) if mask.dtype == bool else scores + mask.astype(scores.dtype)
    if is_causal:
        scores = where(np.tri(*scores.shape[-2:]) > 0, scores, -math.inf)
    weights = softmax(scores, -1)
    if mask is not None and scores.data.size:
        weights = where(np.all(scores.data == -math.inf, -1, keepdims=True), 0.0, weights)
    return dropout(weights, dropout_p)


def _scale(query: Any) -> float:
    return 1 / math.sqrt(query.shape[-1]) if query.shape[-1] else 1.0


@scaled_dot_product_attention.kernel
def _(query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa):
    arrays = (query, key, value)
    if not all(isinstance(x, np.ndarray) for x in arrays) or not isinstance(attn_mask, np.ndarray | None):
        return NotImplemented
    group = _check(query, key, value, attn_mask, dropout_p, enable_gqa)
    dtype = query.dtype
    if dropout_p or dtype.char not in "fd" or key.dtype != dtype or value.dtype != dtype:
        return NotImplemented
    if not (query.size and key.size and value.size):
        return NotImplemented
    scale = _scale(query) if scale is None else scale
    out, log_sums = kernels.attention.attention(query, key, value, attn_mask, bool(is_causal), scale, group)
    return keep(out, log_sums=log_sums, settings=(bool(is_causal), scale, group))


@scaled_dot_product_attention.backward("query", "key", "value", "attn_mask")
def _(g, query, key, value, attn_mask, out, log_sums, settings, needed):
    return kernels.attention.attention_gradient(
        g, query, key, value, attn_mask, out, log_sums, *settings, mask_wanted=needed[3]
    )


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
def _by_loops(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    """One query after the other."""
    if enable_gqa:
        key, value = (np.repeat(x, query.shape[-3] // x.shape[-3], -3) for x in (key, value))
    batch = np.broadcast_shapes(query.shape[:-2], key.shape[:-2], value.shape[:-2])
    queries, keys = query.shape[-2], key.shape[-2]
    q, k, v = (np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in (query, key, value))
    mask = np.broadcast_to(True if attn_mask is None else attn_mask, (*batch, queries, keys))
    out = np.zeros((*batch, queries, value.shape[-1]))
    for place in np.ndindex(*batch, queries):
        head, i = place[:-1], place[-1]
        total = 0.0
        for j in range(min(keys, i + 1) if is_causal else keys):
            if mask.dtype == bool and not mask[(*place, j)]:
                continue
            score = sum(float(a) * float(b) for a, b in zip(q[place], k[(*head, j)], strict=True))
            score *= _scale(q) if scale is None else scale
            weight = math.exp(score + (0.0 if mask.dtype == bool else mask[(*place, j)]))
            out[place] += weight * v[(*head, j)]
            total += weight
        out[place] /= total or 1.0
    return out


@scaled_dot_product_attention.samples
def _(draw):
    yield Sample(draw(3, 4), draw(5, 4), draw(5, 2))
    yield Sample(draw(2, 3, 4), draw(2, 5, 4), draw(2, 5, 4), is_causal=True)
    yield Sample(draw(1, 2, 6, 3), draw(1, 2, 4, 3), draw(1, 2, 4, 3), is_causal=True, scale=0.7)
    yield Sample(draw(2, 2, 3, 4), draw(2, 2, 5, 4), draw(2, 2, 5, 4), draw.booleans(3, 5))
    yield Sample(draw(2, 2, 3, 4), draw(2, 2, 5, 4), draw(2, 2, 5, 4), draw(2, 1, 3, 5))
    yield Sample(draw(2, 2, 3, 4), draw(2, 2, 3, 4), draw(2, 2, 3, 4), draw(3), is_causal=True)
    yield Sample(
        draw(2, 3, 4), draw(5, 4), draw(2, 5, 4), np.array([[True] * 5, [False] * 5, [True, False] * 2 + [True]])
    )
    yield Sample(draw(2, 4, 3, 4), draw(2, 2, 5, 4), draw(2, 2, 5, 3), enable_gqa=True)
    yield Sample(draw(4, 70, 4), draw(2, 70, 4), draw(2, 70, 3), is_causal=True, enable_gqa=True)
    yield Sample(draw(1, 3, 4), draw(2, 5, 4), draw(2, 5, 2))
    yield Sample(draw(3, 4), draw(0, 4), draw(0, 2))
    yield Sample(draw(2, 0, 4), draw(2, 5, 4), draw(2, 5, 2), is_causal=True)
    yield Sample(draw(3, 0), draw(5, 0), draw(5, 2))


@scaled_dot_product_attention.errors
def _(draw):
    yield Sample(draw(4), draw(5, 4), draw(5, 4)), ValueError, "must be (..., T, D)"
    yield Sample(draw(3, 4), draw(5, 3), draw(5, 4)), ValueError, "(3, 4) has 4 and (5, 3) has 3"
    yield Sample(draw(3, 4), draw(5, 4), draw(6, 4)), ValueError, "one value for each key"
    yield Sample(draw(2, 3, 4), draw(3, 5, 4), draw(3, 5, 4)), ValueError, "do not broadcast"
    yield Sample(draw(4, 3, 4), draw(2, 5, 4), draw(2, 5, 4)), ValueError, "give enable_gqa=True"
    yield Sample(draw(3, 3, 4), draw(2, 5, 4), draw(2, 5, 4), enable_gqa=True), ValueError, "a multiple of those of key"
    yield Sample(draw(3, 4), draw(5, 4), draw(5, 4), draw.booleans(5, 3)), ValueError, "has scores of shape (3, 5)"
    yield Sample(draw(3, 4), draw(5, 4), draw(5, 4), draw.integers(3, 5)), TypeError, "attn_mask.bool()"
    yield Sample(draw(3, 4), draw(5, 4), draw(5, 4), dropout_p=2), ValueError, "between 0 and 1"
    yield Sample(draw.integers(3, 4), draw(5, 4), draw(5, 4)), TypeError, "query.float()"
