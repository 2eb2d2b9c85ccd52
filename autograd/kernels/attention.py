"""Scaled dot-product attention, forward and backward, without the matrix of queries times keys.

The scores of 64 keys for a slab of queries (see `attention_lanes`) are made, turned to probabilities and multiplied
with the values while they are in the first-level cache. The forward pass keeps one number for each query, the
logarithm of the sum of its exponentials; the backward pass makes the scores again from it. Of a causal mask, panels
above the diagonal are left out.

Scores stand with keys down and queries across: so softmax needs no sum across lanes. A panel is as much of a slab as
one tile is wide.

Dao, Fu, Ermon, Rudra, Ré: FlashAttention (2022); Milakov, Gimelshein: Online normalizer calculation for softmax (2018).
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np

from autograd.kernels.attention_lanes import (
    SLAB_BYTES,
    TILE,
    VECTORS,
    aligned,
    dots,
    hide,
    pack,
    product,
    scale_rows,
    soften,
    soften_gradient,
    turn,
)
from autograd.kernels.jit import (
    LANES,
    VECTOR_BYTES,
    Ints,
    Reals,
    count_blocks,
    inline,
    kernel,
    offset,
    real,
    worker_count,
)

__all__ = ["attention", "attention_gradient"]

KEYS = 64  # keys in a block: their scores, and what makes them, stay in the first-level cache
PANELS = SLAB_BYTES // (VECTORS * VECTOR_BYTES)  # of a slab
BLOCKS = 16  # blocks that the keys of a backward pass are cut into, where heads are few
LEAST_KEYS = 512  # in such a block
LOG2_E = math.log2(math.e)
INFINITY = math.inf


@inline
def mask_scores(scores, first_key, keys, first_query, queries, causal, mask, masked, query_stride, key_stride, turned):
    """What masks do to the scores of some keys for a panel of queries. ``mask`` begins at the first key and query."""
    width = VECTORS * LANES
    slab = PANELS * width
    if masked:
        if key_stride == 1:
            turn(mask, query_stride, turned, slab, queries, keys, real(LOG2_E))
        else:
            for key in range(keys):
                for lane in range(queries):
                    turned[key * slab + lane] = mask[lane * query_stride + key * key_stride] * real(LOG2_E)
        for key in range(keys):
            for lane in range(width):
                scores[key * slab + lane] += turned[key * slab + lane]
    if causal:
        ahead = first_key - first_query  # so far the first key lies behind the first query
        hide(scores, max(0, 1 - ahead), keys, ahead)


@kernel
def attention_block(
    block: int, worker: int, q: Reals, k: Reals, v: Reals, mask: Reals, out: Reals, largests: Reals, totals: Reals,
    scratch: Reals, q_offsets: Ints, k_offsets: Ints, v_offsets: Ints, mask_offsets: Ints, out_offsets: Ints,
    queries: int, keys: int, features: int, outputs: int, q_stride: int, k_stride: int, v_stride: int,
    mask_stride: int, mask_step: int, out_stride: int, query_blocks: int, masked: int, causal: int, size: int,
    scale: float,
) -> None:  # fmt: skip
    """Some queries of one head, over all keys."""
    width = VECTORS * LANES
    slab = PANELS * width
    area = KEYS * slab
    batch = block // query_blocks
    # The last queries first: they have the most keys to look at, if the mask is causal.
    start = (query_blocks - 1 - (block - batch * query_blocks)) * slab
    stop = min(start + slab, queries)
    scores = aligned(offset(scratch, worker * size))
    turned = offset(scores, area)
    largest = offset(turned, area)
    total = offset(largest, slab)
    factor = offset(total, slab)
    q_turned = offset(factor, slab)
    sums = offset(q_turned, features * slab)
    k_rows = offset(sums, (outputs + TILE) * slab)
    v_rows = offset(k_rows, (features + slab - 1) // slab * area)
    for lane in range(slab):
        largest[lane] = real(-INFINITY)
        total[lane] = real(0)
    turn(offset(q, q_offsets[batch] + start * q_stride), q_stride, q_turned, slab, stop - start, features, scale)
    limit = min(keys, stop) if causal else keys
    for first_key in range(0, limit, KEYS):
        count = min(KEYS, limit - first_key)
        later = 1 if first_key > 0 else 0
        source = offset(k, k_offsets[batch] + first_key * k_stride)
        pack(source, k_stride, k_rows, KEYS, count, features, real(1), False)
        source = offset(v, v_offsets[batch] + first_key * v_stride)
        pack(source, v_stride, v_rows, KEYS, count, outputs, real(1), False)
        for panel in range(0, stop - start, width):
            first = start + panel
            seen = min(count, first + width - first_key) if causal else count
            if seen > 0:
                p = offset(scores, panel)
                for at in range(0, features, slab):
                    w = offset(q_turned, at * slab + panel)
                    product(offset(k_rows, at * KEYS), w, p, seen, min(slab, features - at), at, False)
                mask_scores(
                    p, first_key, seen, first, min(width, stop - first), causal,
                    offset(mask, mask_offsets[batch] + first * mask_stride + first_key * mask_step), masked,
                    mask_stride, mask_step, turned,
                )  # fmt: skip
                soften(p, seen, offset(largest, panel), offset(total, panel), offset(factor, panel))
                if later:
                    scale_rows(offset(sums, panel), outputs, offset(factor, panel))
                for at in range(0, outputs, slab):
                    result = offset(sums, at * slab + panel)
                    product(offset(v_rows, at * KEYS), p, result, min(slab, outputs - at), seen, later, True)
    for lane in range(stop - start):
        largests[batch * queries + start + lane] = largest[lane]
        totals[batch * queries + start + lane] = total[lane]
    for lane in range(slab):  # a query that may look at nothing gets zeros
        factor[lane] = real(0) if total[lane] == real(0) else real(1) / total[lane]
    for panel in range(0, stop - start, width):
        scale_rows(offset(sums, panel), outputs, offset(factor, panel))
    place = offset(out, out_offsets[batch] + start * out_stride)
    turn(sums, slab, place, out_stride, outputs, stop - start, real(1))


@kernel
def attention_gradient_block(
    block: int, worker: int, q: Reals, k: Reals, v: Reals, g: Reals, out: Reals, mask: Reals, log_sums: Reals,
    dq: Reals, dk: Reals, dv: Reals, dmask: Reals, scratch: Reals, q_offsets: Ints, k_offsets: Ints, v_offsets: Ints,
    g_offsets: Ints, out_offsets: Ints, mask_offsets: Ints, dq_offsets: Ints, dk_offsets: Ints, dv_offsets: Ints,
    queries: int, keys: int, features: int, outputs: int, q_stride: int, k_stride: int, v_stride: int,
    g_stride: int, out_stride: int, mask_stride: int, mask_step: int, dq_stride: int, dk_stride: int, dv_stride: int,
    dq_size: int, parts: int, part_keys: int, group: int, masked: int, mask_wanted: int, causal: int, size: int,
    scale: float,
) -> None:  # fmt: skip
    """Some keys of one head of keys, over all queries of the heads that look at them."""
    width = VECTORS * LANES
    slab = PANELS * width
    area = KEYS * slab
    head = block // parts
    part = block - head * parts
    from_key = part * part_keys
    to_key = min(from_key + part_keys, keys)
    feature_slabs, output_slabs = (features + slab - 1) // slab, (outputs + slab - 1) // slab
    probabilities = aligned(offset(scratch, worker * size))
    gradients = offset(probabilities, area)
    turned = offset(gradients, area)
    log_sum = offset(turned, area)
    delta = offset(log_sum, slab)
    q_turned = offset(delta, slab)
    g_turned = offset(q_turned, features * slab)
    q_rows = offset(g_turned, outputs * slab)
    g_rows = offset(q_rows, feature_slabs * slab * slab)
    k_rows = offset(g_rows, output_slabs * slab * slab)
    v_rows = offset(k_rows, feature_slabs * area)
    dq_turned = offset(v_rows, output_slabs * area)
    dk_rows = offset(dq_turned, (features + TILE) * slab)
    dv_rows = offset(dk_rows, feature_slabs * part_keys * slab)
    for i in range((feature_slabs + output_slabs) * part_keys * slab):
        dk_rows[i] = real(0)
    for member in range(group):
        batch = head * group + member
        for start in range(from_key // slab * slab if causal else 0, queries, slab):
            count = min(slab, queries - start)
            source = offset(q, q_offsets[batch] + start * q_stride)
            turn(source, q_stride, q_turned, slab, count, features, scale * real(LOG2_E))
            pack(source, q_stride, q_rows, slab, count, features, scale, False)
            source = offset(g, g_offsets[batch] + start * g_stride)
            turn(source, g_stride, g_turned, slab, count, outputs, real(1))
            pack(source, g_stride, g_rows, slab, count, outputs, real(1), False)
            result = offset(out, out_offsets[batch] + start * out_stride)
            dots(source, g_stride, result, out_stride, count, outputs, delta)
            for lane in range(count):
                log_sum[lane] = log_sums[batch * queries + start + lane]
            limit = min(to_key, start + count) if causal else to_key
            for first_key in range(from_key, limit, KEYS):
                rows = min(KEYS, to_key - first_key)
                later = 1 if first_key > from_key else 0
                source = offset(k, k_offsets[head] + first_key * k_stride)
                pack(source, k_stride, k_rows, KEYS, rows, features, real(1), False)
                source = offset(v, v_offsets[head] + first_key * v_stride)
                pack(source, v_stride, v_rows, KEYS, rows, outputs, real(1), False)
                for panel in range(0, count, width):
                    first = start + panel
                    p, d = offset(probabilities, panel), offset(gradients, panel)
                    seen = max(0, min(rows, min(limit, first + width) - first_key)) if causal else rows
                    if seen > 0:
                        for at in range(0, features, slab):
                            w = offset(q_turned, at * slab + panel)
                            product(offset(k_rows, at * KEYS), w, p, seen, min(slab, features - at), at, False)
                        for at in range(0, outputs, slab):
                            w = offset(g_turned, at * slab + panel)
                            product(offset(v_rows, at * KEYS), w, d, seen, min(slab, outputs - at), at, False)
                        mask_scores(
                            p, first_key, seen, first, min(width, start + count - first), causal,
                            offset(mask, mask_offsets[batch] + first * mask_stride + first_key * mask_step), masked,
                            mask_stride, mask_step, turned,
                        )  # fmt: skip
                        soften_gradient(p, d, seen, offset(log_sum, panel), offset(delta, panel))
                        for at in range(0, features, slab):
                            result = offset(dq_turned, at * slab + panel)
                            product(offset(k_rows, at * KEYS), d, result, min(slab, features - at), seen, later, True)
                        if mask_wanted:
                            place = offset(dmask, (batch * queries + first) * keys + first_key)
                            turn(d, slab, place, keys, seen, min(width, start + count - first), real(1))
                    for row in range(seen, rows):  # after the products: they write some rows more than asked for
                        for lane in range(width):
                            p[row * slab + lane] = real(0)
                            d[row * slab + lane] = real(0)
                step = width if causal else KEYS
                for row in range(0, rows, step):
                    first = max(0, first_key + row - start) if causal else 0  # no query before looks at these keys
                    here = min(step, rows - row)
                    if first < count:
                        p, d = offset(probabilities, row * slab + first), offset(gradients, row * slab + first)
                        at_key = (first_key + row - from_key) * slab
                        for at in range(0, outputs, width):
                            w = offset(g_rows, at // slab * slab * slab + first * slab + at % slab)
                            place = offset(dv_rows, at // slab * slab * part_keys + at_key + at % slab)
                            product(p, w, place, here, count - first, 1, False)
                        for at in range(0, features, width):
                            w = offset(q_rows, at // slab * slab * slab + first * slab + at % slab)
                            place = offset(dk_rows, at // slab * slab * part_keys + at_key + at % slab)
                            product(d, w, place, here, count - first, 1, False)
            place = offset(dq, part * dq_size + dq_offsets[batch] + start * dq_stride)
            turn(dq_turned, slab, place, dq_stride, features, count, scale)
    place = offset(dk, dk_offsets[head] + from_key * dk_stride)
    pack(place, dk_stride, dk_rows, part_keys, to_key - from_key, features, real(1), True)
    place = offset(dv, dv_offsets[head] + from_key * dv_stride)
    pack(place, dv_stride, dv_rows, part_keys, to_key - from_key, outputs, real(1), True)


# --- What the kernels are called with --------------------------------------------------------------------------------


class _Heads(NamedTuple):
    """The axes before the last two, of queries and of keys; and the sizes of the last two."""

    batch: tuple[int, ...]  # of queries, and of the result
    shared: tuple[int, ...]  # of keys and values
    sizes: tuple[int, int, int, int]  # queries, keys, features, outputs


def _heads(q: np.ndarray, k: np.ndarray, v: np.ndarray, group: int) -> _Heads:
    own = q.shape[:-2]
    if group > 1:
        own = (*own[:-1], own[-1] // group)
    shared = own if own == k.shape[:-2] == v.shape[:-2] else np.broadcast_shapes(own, k.shape[:-2], v.shape[:-2])
    batch = (*shared[:-1], shared[-1] * group) if group > 1 else shared
    return _Heads(batch, shared, (q.shape[-2], k.shape[-2], q.shape[-1], v.shape[-1]))


def _offsets(x: np.ndarray, batch: tuple[int, ...], repeat: int = 1) -> np.ndarray:
    """Where each matrix of a batch begins, in elements; each ``repeat`` times, and batch axes broadcast."""
    return _offsets_of(x.shape[:-2], x.strides[:-2], x.itemsize, batch, repeat)


@functools.lru_cache(maxsize=1024)
def _offsets_of(
    shape: tuple[int, ...], strides: tuple[int, ...], itemsize: int, batch: tuple[int, ...], repeat: int
) -> np.ndarray:
    offsets = np.zeros(batch, np.int64)
    for axis, (size, stride) in enumerate(zip(reversed(shape), reversed(strides), strict=True)):
        if size > 1:
            offsets += (np.arange(size) * (stride // itemsize)).reshape(size, *(1,) * axis)
    return np.repeat(offsets.reshape(-1), repeat)


def _readable(x: np.ndarray) -> np.ndarray:
    """x itself, or a copy where the kernel can not read it: rows are contiguous, strides whole elements."""
    itemsize = x.itemsize
    if x.strides[-1] == itemsize and x.flags.aligned and not any(stride % itemsize for stride in x.strides):
        return x
    return x.copy()


def _empty_like(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """An array of this shape whose axes lie in memory in the order of x's, the last one last.

    Heads are often a view of (N, T, H, D): so are then the results, and merging heads again takes no copy.
    """
    strides = x.strides
    if x.ndim != 4 or 0 in strides or strides[0] >= strides[1] >= strides[2]:
        return np.empty(shape, x.dtype)
    order = [*sorted(range(3), key=lambda axis: -strides[axis]), 3]
    back = [order.index(axis) for axis in range(4)]
    return np.empty([shape[axis] for axis in order], x.dtype).transpose(back)


def _prepared_mask(
    mask: np.ndarray | None, q: np.ndarray, heads: _Heads
) -> tuple[np.ndarray | None, np.ndarray, int, int]:
    """What to add to the scores, where it begins for each head, and the strides of queries and keys, in elements."""
    if mask is None:
        return None, _offsets(q, heads.batch), 0, 0
    if mask.dtype == bool:
        mask = np.where(mask, q.dtype.type(0), q.dtype.type(-np.inf))
    elif mask.dtype != q.dtype or any(stride % mask.itemsize for stride in mask.strides) or not mask.flags.aligned:
        mask = mask.astype(q.dtype)
    view = np.broadcast_to(mask, (*heads.batch, *heads.sizes[:2]))
    query_stride, key_stride = view.strides[-2:]
    return mask, _offsets(view, heads.batch), query_stride // mask.itemsize, key_stride // mask.itemsize


def _stride(x: np.ndarray) -> int:
    return x.strides[-2] // x.itemsize


def attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None, causal: bool, scale: float, group: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """softmax(scale * q @ k.T + mask) @ v, and for each query the binary logarithm of the sum of its exponentials.

    q: (*, Tq, D), k: (*, Tk, D), v: (*, Tk, E) -> (*, Tq, E), (*, Tq); no size is 0, the axes * are broadcast, and all
    are of one dtype, float32 or float64. ``group`` heads of queries, which lie side by side in the last of the axes *,
    look at each head of keys. mask: broadcast to (*, Tq, Tk); False where a boolean one forbids, else what is added.
    causal: query i looks at keys 0 to i.

    A query that may look at no key gets zeros, and the logarithm +inf: then its probabilities are zeros too.
    """
    q, k, v = _readable(q), _readable(k), _readable(v)
    heads = _heads(q, k, v, group)
    queries, _, features, outputs = heads.sizes
    itemsize = q.itemsize
    slab = SLAB_BYTES // itemsize
    mask, mask_offsets, mask_stride, mask_step = _prepared_mask(mask, q, heads)
    out = _empty_like(q, (*heads.batch, queries, outputs))
    largest, total = np.empty((2, *heads.batch, queries), q.dtype)
    query_blocks = count_blocks(queries, slab)
    blocks = total.size // queries * query_blocks
    workers = worker_count(blocks)
    slabs = count_blocks(features, slab) + count_blocks(outputs, slab)
    size = (2 * KEYS + 3 + features + outputs + TILE + slabs * KEYS) * slab + 64 // itemsize
    attention_block(
        q, k, v, mask, out, largest, total, np.empty(workers * size, q.dtype),
        _offsets(q, heads.batch), _offsets(k, heads.shared, group), _offsets(v, heads.shared, group), mask_offsets,
        _offsets(out, heads.batch), *heads.sizes, _stride(q), _stride(k), _stride(v), mask_stride, mask_step,
        _stride(out), query_blocks, mask is not None, causal, size, scale * LOG2_E, blocks=blocks, workers=workers,
    )  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        largest += np.log2(total)
    if mask is not None:
        largest[total == 0] = math.inf
    return out, largest


def attention_gradient(
    g: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None, out: np.ndarray,
    log_sums: np.ndarray, causal: bool, scale: float, group: int = 1, mask_wanted: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:  # fmt: skip
    """The gradients of `attention` by q, k, v and, where it is wanted, the mask (which takes Tq x Tk numbers a head).

    g: that of the result. The gradients have the broadcast shapes, (*, Tq, D) and so on.
    """
    q, k, v, g, out = _readable(q), _readable(k), _readable(v), _readable(g), _readable(out)
    heads = _heads(q, k, v, group)
    queries, keys, features, outputs = heads.sizes
    itemsize = q.itemsize
    slab = SLAB_BYTES // itemsize
    mask, mask_offsets, mask_stride, mask_step = _prepared_mask(mask, q, heads)
    # Where heads are few, each is cut into parts, by its keys; then the gradient of the queries is a sum over parts.
    count = math.prod(heads.shared)
    parts = max(1, min(count_blocks(BLOCKS, count), keys // LEAST_KEYS))
    part_keys = count_blocks(keys, parts * KEYS) * KEYS
    parts = count_blocks(keys, part_keys)
    dk, dv = _empty_like(k, (*heads.shared, keys, features)), _empty_like(v, (*heads.shared, keys, outputs))
    q_shape = (*heads.batch, queries, features)
    by_part = _empty_like(q, q_shape)[None] if parts == 1 else np.zeros((parts, *q_shape), q.dtype)
    dq = by_part[0]
    dmask = np.zeros((*heads.batch, queries, keys), q.dtype) if mask_wanted else None
    slabs = count_blocks(features, slab) + count_blocks(outputs, slab)
    size = (3 * KEYS + 2 + 2 * features + TILE + outputs + slabs * (slab + KEYS + part_keys)) * slab + 64 // itemsize
    blocks = count * parts
    workers = worker_count(blocks)
    attention_gradient_block(
        q, k, v, g, out, mask, log_sums, by_part, dk, dv, dmask, np.empty(workers * size, q.dtype),
        _offsets(q, heads.batch), _offsets(k, heads.shared), _offsets(v, heads.shared), _offsets(g, heads.batch),
        _offsets(out, heads.batch), mask_offsets, _offsets(dq, heads.batch), _offsets(dk, heads.shared),
        _offsets(dv, heads.shared), *heads.sizes, _stride(q), _stride(k), _stride(v), _stride(g), _stride(out),
        mask_stride, mask_step, _stride(dq), _stride(dk), _stride(dv), dq.size, parts, part_keys, group,
        mask is not None, mask_wanted, causal, size, scale, blocks=blocks, workers=workers,
    )  # fmt: skip
    return dq if parts == 1 else np.add.reduce(by_part), dk, dv, dmask
