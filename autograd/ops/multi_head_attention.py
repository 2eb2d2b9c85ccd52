"""Attention by several heads, with projections: what `nn.MultiheadAttention` computes."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..declare import composite
from ..op import Sample
from ..stand_in import StandIn
from ..tensor import Tensor, wrap
from .attention import attention_weights, scaled_dot_product_attention
from .comparison import where
from .creation import as_tensor
from .joining import cat
from .linear import linear


class Projections(NamedTuple):
    """The parameters of attention by several heads; None for those that are not there."""

    in_proj_weight: Any  # (3 E, E), or None where there are weights of their own
    in_proj_bias: Any  # (3 E,)
    bias_k: Any  # (1, 1, E)
    bias_v: Any
    q_proj_weight: Any  # (E, E)
    k_proj_weight: Any  # (E, kdim)
    v_proj_weight: Any  # (E, vdim)


def attend(
    op: str, query: Any, key: Any, value: Any, heads: int, projections: Projections, layout: tuple[int, int],
    key_padding_mask: Any, attn_mask: Any, add_zero_attn: bool, dropout_p: float, is_causal: bool, need_weights: bool,
    statics: tuple[Any, Any] = (None, None),
) -> tuple[Any, Any]:  # fmt: skip
    """What each query finds, before the last projection, and the weights of each head or None.

    query: (T, N, E), key: (S, N, kdim), value: (S, N, vdim), or without N; layout: which axis is T, and which is N
    -> (T, N, E), (N, heads, T, S). statics: projected keys and values, (N heads, S, E / heads), or None.
    """
    time, batch = layout
    alone = query.ndim == 2
    same_key, same_value = key is query, value is key
    query = _batched(query, alone)
    key = query if same_key else _batched(key, alone)
    value = key if same_value else _batched(value, alone)
    steps, count, size = query.shape[time], query.shape[batch], query.shape[2]
    width = size // heads
    q, k, v = _project(query, key, value, projections)

    def split(x: Any) -> Any:
        return x.reshape(*x.shape[:2], heads, width).permute(batch, 2, time, 3)

    keys = key.shape[time] if statics[0] is None else statics[0].shape[1]
    masks = [
        mask
        for mask in (
            _padding(op, key_padding_mask, count, keys, alone),
            _attention_mask(op, attn_mask, count, heads, steps, keys),
        )
        if mask is not None
    ]
    if projections.bias_k is not None and projections.bias_v is not None:
        shape = [1, 1, size]
        shape[batch] = count
        k, v = (cat([x, b.expand(*shape)], time) for x, b in ((k, projections.bias_k), (v, projections.bias_v)))
    q, k, v = (
        split(x) if static is None else static.reshape(count, heads, keys, width)
        for x, static in ((q, None), (k, statics[0]), (v, statics[1]))
    )
    if add_zero_attn:
        nothing = wrap(np.zeros((count, heads, 1, width), k.dtype))
        k, v = cat([k, nothing], 2), cat([v, nothing], 2)
    added = k.shape[2] - keys
    if added and is_causal:  # what was added is there for all
        masks.append(wrap(np.tri(steps, keys) > 0))
        is_causal = False
    mask = _merge(masks, added, q.dtype)
    weights = None
    if need_weights:
        weights = attention_weights(q, k, mask, is_causal, 1 / math.sqrt(width), dropout_p)
        out = weights @ v
    else:
        out = scaled_dot_product_attention(q, k, v, mask, dropout_p, is_causal)
    order = (0, 2, 1, 3) if batch == 0 else (2, 0, 1, 3)
    return out.permute(*order).reshape(query.shape[0], query.shape[1], size), weights


def _project(query: Any, key: Any, value: Any, projections: Projections) -> tuple[Any, Any, Any]:
    size, bias = query.shape[2], projections.in_proj_bias
    weight = projections.in_proj_weight
    weights: Any
    if weight is None:
        weights = (projections.q_proj_weight, projections.k_proj_weight, projections.v_proj_weight)
    elif query is key and key is value:
        q, k, v = linear(query, weight, bias).chunk(3, -1)
        return q, k, v
    elif key is value:
        q = linear(query, weight[:size], None if bias is None else bias[:size])
        k, v = linear(key, weight[size:], None if bias is None else bias[size:]).chunk(2, -1)
        return q, k, v
    else:
        weights = weight.chunk(3, 0)
    biases = (None, None, None) if bias is None else bias.chunk(3, 0)
    inputs = (query, key, value)
    q, k, v = (linear(x, w, b) for x, w, b in zip(inputs, weights, biases, strict=True))
    return q, k, v


def _padding(op: str, mask: Any, count: int, keys: int, alone: bool) -> Any:
    """(N, 1, 1, S), True where a key may be looked at, or numbers."""
    if mask is None:
        return None
    mask = _as_mask(op, "key_padding_mask", mask)
    if mask.shape != ((keys,) if alone else (count, keys)):
        raise ValueError(
            f"{op}: key_padding_mask has shape {mask.shape}, and there are {keys} keys in a batch of "
            f"{count}: it must be {(keys,) if alone else (count, keys)}."
        )
    return mask.reshape(count, 1, 1, keys)


def _attention_mask(op: str, mask: Any, count: int, heads: int, steps: int, keys: int) -> Any:
    """(T, S) or (N, H, T, S), True where a query may look at a key, or numbers."""
    if mask is None:
        return None
    mask = _as_mask(op, "attn_mask", mask)
    each = (count * heads, steps, keys)
    if mask.shape not in ((steps, keys), each):
        raise ValueError(
            f"{op}: attn_mask has shape {mask.shape}, and there are {steps} queries and {keys} keys: "
            f"it must be {(steps, keys)}, or {each} with one for each sequence and head."
        )
    return mask if mask.ndim == 2 else mask.reshape(count, heads, steps, keys)


def _batched(x: Any, alone: bool) -> Tensor:
    """A tensor with an axis for the batch."""
    x = x if isinstance(x, (Tensor, StandIn)) else wrap(x)
    return x.unsqueeze(1) if alone else x


def _as_mask(op: str, name: str, mask: Any) -> Tensor:
    """A mask of PyTorch's modules as one of its functions: a boolean one turned round."""
    mask = mask if isinstance(mask, Tensor) else wrap(np.asarray(mask))
    if mask.dtype == bool:
        return wrap(~mask.data)
    if mask.dtype.kind != "f":
        raise TypeError(
            f"{op}: {name} is boolean, True where nobody looks, or floating-point, to be added to the "
            f"scores; not {mask.dtype}. Use {name}.bool()."
        )
    return mask


def _merge(masks: list[Tensor], added: int, dtype: np.dtype) -> Tensor | None:
    """All masks in one, which lets everybody look at the keys that were added behind."""
    if not masks:
        return None
    if all(mask.dtype == bool for mask in masks):
        merged = wrap(np.logical_and.reduce(np.broadcast_arrays(*(mask.data for mask in masks))))
        nothing: Any = True
    else:
        numbers = [where(mask, 0.0, -math.inf).astype(dtype) if mask.dtype == bool else mask for mask in masks]
        merged = numbers[0]
        for mask in numbers[1:]:
            merged = merged + mask
        nothing = 0.0
    if added:
        more = np.full((*merged.shape[:-1], added), nothing, merged.dtype)
        merged = cat([merged, wrap(more)], -1)
    return merged


def _by_hand(
    query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, add_zero_attn,
    dropout_p, out_proj_weight, out_proj_bias, training=True, key_padding_mask=None, need_weights=True, attn_mask=None,
    use_separate_proj_weight=False, q_proj_weight=None, k_proj_weight=None, v_proj_weight=None, static_k=None,
    static_v=None, average_attn_weights=True, is_causal=False,
):  # fmt: skip
    """One head of one sequence after the other."""
    alone = query.ndim == 2
    query, key, value = (x[:, None] if alone else x for x in (query, key, value))
    size, count = embed_dim_to_check, query.shape[1]
    three = [q_proj_weight, k_proj_weight, v_proj_weight] if use_separate_proj_weight else np.split(in_proj_weight, 3)
    biases = np.zeros((3, size)) if in_proj_bias is None else np.split(in_proj_bias, 3)
    q, k, v = (x @ w.T + b for x, w, b in zip((query, key, value), three, biases, strict=True))
    width = size // num_heads
    for extra in [(bias_k, bias_v)] * (bias_k is not None) + [(np.zeros(size), np.zeros(size))] * add_zero_attn:
        k, v = (np.concatenate([x, np.broadcast_to(e, (1, count, size))]) for x, e in zip((k, v), extra, strict=True))
    out, weights = np.zeros(q.shape), np.zeros((count, num_heads, len(q), len(k)))
    for n in range(count):
        for head in range(num_heads):
            part = slice(head * width, (head + 1) * width)
            scores = q[:, n, part] @ k[:, n, part].T / math.sqrt(width)
            for mask in (attn_mask, key_padding_mask, ~np.tri(len(q), len(key), dtype=bool) if is_causal else None):
                if mask is not None:
                    mask = np.atleast_2d(mask) if alone or mask is not key_padding_mask else mask[n : n + 1]
                    mask = mask[n * num_heads + head] if mask.ndim == 3 else mask
                    scores[:, : len(key)] += np.where(mask, -np.inf, 0.0) if mask.dtype == bool else mask
            exps = np.exp(scores)
            weights[n, head] = exps / exps.sum(1, keepdims=True)
            out[:, n, part] = weights[n, head] @ v[:, n, part]
    out = out @ out_proj_weight.T + (0.0 if out_proj_bias is None else out_proj_bias)
    weights = weights.mean(1) if average_attn_weights else weights
    return out[:, 0] if alone else out, (weights[0] if alone else weights) if need_weights else None


@composite(method=False, reference=_by_hand)
def multi_head_attention_forward(
    query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, add_zero_attn,
    dropout_p, out_proj_weight, out_proj_bias, training=True, key_padding_mask=None, need_weights=True, attn_mask=None,
    use_separate_proj_weight=False, q_proj_weight=None, k_proj_weight=None, v_proj_weight=None, static_k=None,
    static_v=None, average_attn_weights=True, is_causal=False,
):  # fmt: skip
    """Attention by several heads: what `nn.MultiheadAttention` computes, with its parameters given.

    query: (T, N, E), key: (S, N, kdim), value: (S, N, vdim), or without N -> (T, N, E), and the weights (N, T, S) or,
    unless average_attn_weights, (N, num_heads, T, S); None without need_weights
    embed_dim_to_check: E. num_heads: divides E. in_proj_weight: (3 E, E), or with use_separate_proj_weight
    q_proj_weight, k_proj_weight, v_proj_weight: (E, E), (E, kdim), (E, vdim). in_proj_bias: (3 E,) or None.
    bias_k, bias_v: (1, 1, E), a key and value for all, or None; add_zero_attn: one of zeros.
    dropout_p: the probability to leave a weight out, in training. out_proj_weight, out_proj_bias: (E, E), (E,) or None.
    key_padding_mask: (N, S), True for keys that nobody looks at; attn_mask: (T, S) or (N num_heads, T, S), True where
    a query does not look at a key; numbers in either are added to the scores. is_causal: query i looks at keys 0 to i.
    static_k, static_v: (N num_heads, S, E / num_heads), keys and values as they are after their projection.
    """
    op = "multi_head_attention_forward"
    parameters = (in_proj_weight, in_proj_bias, bias_k, bias_v, q_proj_weight, k_proj_weight, v_proj_weight)
    if use_separate_proj_weight:
        parameters = (None, *parameters[1:])
    projections = Projections(*[p if p is None else as_tensor(p) for p in parameters])
    # One and the same tensor is projected once.
    same = {id(x): as_tensor(x) for x in (query, key, value)}
    query, key, value = same[id(query)], same[id(key)], same[id(value)]
    k, v = (x if x is None else as_tensor(x) for x in (static_k, static_v))
    size = query.shape[-1]
    if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
        raise ValueError(
            f"{op}: query {query.shape}, key {key.shape} and value {value.shape} must all be (T, N, E), or (T, E) for "
            f"one sequence."
        )
    if key.shape[:-1] != value.shape[:-1] or query.shape[1:-1] != key.shape[1:-1]:
        raise ValueError(
            f"{op}: query {query.shape}, key {key.shape} and value {value.shape} differ. There is one value for each "
            f"key, and the batch (axis 1) is the same for all."
        )
    if size != embed_dim_to_check or num_heads < 1 or size % num_heads:
        raise ValueError(
            f"{op}: the query {query.shape} has {size} features. They must be embed_dim_to_check={embed_dim_to_check}, "
            f"and a multiple of num_heads={num_heads}."
        )
    out, weights = attend(
        op, query, key, value, num_heads, projections, (0, 1), key_padding_mask, attn_mask, add_zero_attn,
        dropout_p if training else 0.0, is_causal, need_weights, (k, v),
    )  # fmt: skip
    out = linear(out, out_proj_weight, out_proj_bias)
    if weights is not None and average_attn_weights:
        weights = weights.mean(1)
    if query.ndim == 2:
        return out.squeeze(1), None if weights is None else weights.squeeze(0)
    return out, weights


@multi_head_attention_forward.samples
def _(draw):
    def some(extra=(None, None), zero=False, bias=True):
        biases = (draw(24), draw(8)) if bias else (None, None)
        return 8, 2, draw(24, 8), biases[0], *extra, zero, 0.0, draw(8, 8), biases[1]

    query, key, value = draw(3, 2, 8), draw(4, 2, 8), draw(4, 2, 8)
    yield Sample(query, key, value, *some())
    yield Sample(query, key, value, *some(bias=False), need_weights=False)
    yield Sample(query, key, value, *some((draw(1, 1, 8), draw(1, 1, 8))), False, average_attn_weights=False)
    yield Sample(query, key, value, *some(zero=True), key_padding_mask=np.array([[False] * 4, [False, True] * 2]))
    yield Sample(query, key, value, *some(), attn_mask=draw(3, 4))
    yield Sample(query, key, value, *some(), attn_mask=np.tri(3, 4, 1) == 0, need_weights=False)
    yield Sample(draw(3, 8), draw(4, 8), draw(4, 8), *some())
    yield Sample(draw(3, 2, 8), draw(3, 2, 8), draw(3, 2, 8), *some(), is_causal=True, attn_mask=np.tri(3) == 0)
    weights = {"q_proj_weight": draw(8, 8), "k_proj_weight": draw(8, 5), "v_proj_weight": draw(8, 6)}
    separate = (8, 4, None, draw(24), None, None, False, 0.0, draw(8, 8), draw(8))
    yield Sample(query, draw(4, 2, 5), draw(4, 2, 6), *separate, use_separate_proj_weight=True, **weights)


@multi_head_attention_forward.errors
def _(draw):
    rest = (draw(24, 8), draw(24), None, None, False, 0.0, draw(8, 8), draw(8))
    x = draw(3, 2, 8)
    yield Sample(x, x, draw(3, 8), 8, 2, *rest), ValueError, "(T, N, E)"
    yield Sample(x, draw(4, 2, 8), x, 8, 2, *rest), ValueError, "one value for each key"
    yield Sample(x, x, x, 8, 3, *rest), ValueError, "a multiple of num_heads=3"
    yield Sample(x, x, x, 8, 2, *rest, attn_mask=draw(2, 3) > 0), ValueError, "attn_mask has shape (2, 3)"
    yield Sample(x, x, x, 8, 2, *rest, key_padding_mask=draw(3, 2) > 0), ValueError, "key_padding_mask has shape"
