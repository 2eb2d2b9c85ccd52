"""Rules for `vmap`: indexing, and the operations of layers and losses.  See `batching_rules.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import functions as ops
from .batched import Level, has_batched, is_batched, of_all
from .batching_rules import from_end, only_first, padded, rule
from .stand_in import StandIn
from .tensor import Tensor


# ---------------------------------------------------------------------------------------------------------------------
# Indexing
# ---------------------------------------------------------------------------------------------------------------------
def _parts_of(index: Any) -> tuple[Any, ...]:
    return index if isinstance(index, tuple) else (index,)


def _is_array(part: Any) -> bool:
    return isinstance(part, (np.ndarray, Tensor, StandIn, list, range, bool, np.bool_))


@rule("getitem")
def _getitem(level: Level, op: Any, values: list[Any]) -> Any:
    x, index = values
    parts = _parts_of(index)
    if not any(map(_is_array, parts)):
        return NotImplemented if has_batched(level, parts) else x.value[(slice(None), *parts)]
    spelled = _spelled_out(level, parts, x.ndim)
    return NotImplemented if spelled is None else _by_arrays(level, x, spelled)


def _spelled_out(level: Level, parts: tuple[Any, ...], ndim: int) -> list[Any] | None:
    """The index with slices for the Ellipsis, and arrays for lists and masks; None where there are flags."""
    found: list[Any] = []
    for part in parts:
        if isinstance(part, (list, range)):
            part = np.asarray(part, np.intp if len(part) == 0 else None)
        if isinstance(part, (bool, np.bool_)) or (_is_array(part) and part.dtype.kind not in "biu"):
            return None
        if _is_array(part) and part.dtype.kind == "b":
            if isinstance(part, StandIn) or not part.ndim:
                return None
            found += np.nonzero(part.data if isinstance(part, Tensor) else part)
        else:
            found.append(part)
    whole = [slice(None)] * (ndim - sum(part is not None and part is not Ellipsis for part in found))
    for i, part in enumerate(found):
        if part is Ellipsis:
            return [*found[:i], *whole, *found[i + 1 :]]
    return [*found, *whole]


def _by_arrays(level: Level, x: Any, parts: list[Any]) -> Any:
    """x at an index with arrays in it, that of each example at its own."""
    places = [i for i, part in enumerate(parts) if _is_array(part) or isinstance(part, (int, np.integer))]
    together = places[-1] - places[0] == len(places) - 1
    joint = max(getattr(parts[i], "ndim", 0) for i in places)  # axes that the arrays have together
    for i in places:
        if is_batched(level, parts[i]):
            parts[i] = padded(parts[i].value, joint)
    if is_batched(level, x):
        examples = ops.arange(level.size).reshape(level.size, *(1,) * joint)
        found = x.value[(examples, *parts)]
        front = together and places[0] > 0
    else:
        found = x[tuple(parts)]
        front = False
        if together and places[0]:  # the examples came where the arrays stood
            return found.movedim(places[0], 0)
    # NumPy puts the axes of arrays that stand apart, as those of the examples do, in front.
    if front and joint:
        axes = range(1, 1 + joint)
        found = found.movedim(tuple(axes), tuple(axis + places[0] for axis in axes))
    return found


@rule("x[index] = value")
def _setitem(level: Level, op: Any, values: list[Any]) -> Any:
    x, index, value = values
    parts = _parts_of(index)
    if any(_is_array(part) for part in parts) or has_batched(level, parts):
        return NotImplemented
    part = x.value[(slice(None), *parts)]
    if is_batched(level, value):
        if value.ndim > part.ndim - 1:
            return NotImplemented
        value = padded(value.value, part.ndim - 1)
    x.value[(slice(None), *parts)] = value
    return None


@rule("gather")
def _gather(level: Level, op: Any, values: list[Any]) -> Any:
    x, dim, index = values
    if not x.ndim or not index.ndim:
        return NotImplemented
    return op.call(of_all(level, x), from_end(dim, x.ndim), of_all(level, index))


@rule("index_select")
def _index_select(level: Level, op: Any, values: list[Any]) -> Any:
    x, dim, index = values
    return op.call(x.value, from_end(dim, x.ndim), index) if only_first(level, values) and x.ndim else NotImplemented


@rule("getitem_gradient(g, key, shape)")
def _put_back(level: Level, op: Any, values: list[Any]) -> Any:
    g, key, shape = values
    if not only_first(level, values) or any(isinstance(part, np.ndarray) for part in key):
        return NotImplemented
    return op.call(g.value, (slice(None), *key), (level.size, *shape))


@rule("put_diagonal")
def _put_diagonal(level: Level, op: Any, values: list[Any]) -> Any:
    x, shape, offset, dim1, dim2 = values
    dims = [from_end(dim, len(shape)) for dim in (dim1, dim2)]
    return op.call(x.value, (level.size, *shape), offset, *dims)


@rule("embedding")
def _embedding(level: Level, op: Any, values: list[Any]) -> Any:
    index, weight, padding, *rest = values
    if not has_batched(level, values[1:]):
        return op.call(index.value, *values[1:]) if rest[0] is None and not rest[2] else NotImplemented
    if padding is not None or rest[0] is not None or rest[2]:
        return NotImplemented
    # one table of all tables, one after the other
    rows, width = weight.shape
    table = weight.value.reshape(level.size * rows, width)
    ndim = index.ndim
    starts = ops.arange(level.size).reshape(level.size, *(1,) * ndim) * rows
    numbers = of_all(level, index)
    if numbers.dtype.kind not in "iu" or bool((_plain(numbers) < 0).any()):
        return NotImplemented
    return ops.embedding(numbers + starts, table)


def _plain(value: Any) -> np.ndarray:
    return value.data


# ---------------------------------------------------------------------------------------------------------------------
# Layers: examples are more of what the layer takes a batch of
# ---------------------------------------------------------------------------------------------------------------------
def _together(value: Any) -> Any:
    """(B, N, *) as (B N, *)"""
    return value.reshape(value.shape[0] * value.shape[1], *value.shape[2:])


def _apart(value: Any, size: int) -> Any:
    """(B N, *) as (B, N, *)"""
    return value.reshape(size, value.shape[0] // size, *value.shape[1:])


@rule("convolution", "convolution_relu")
def _convolution(level: Level, op: Any, values: list[Any]) -> Any:
    x, weight, bias, geometry = values
    if not level.size or 0 in x.shape:
        return NotImplemented
    inputs = of_all(level, x) if is_batched(level, x) or is_batched(level, weight) else x.unsqueeze(0)
    alone = x.ndim == weight.ndim - 1
    if alone:  # (C, *): a batch of one
        inputs = inputs.unsqueeze(1)
    if not has_batched(level, [weight, bias]):
        out = _apart(op.call(_together(inputs), weight, bias, geometry), level.size)
    else:
        out = _convolved(level, inputs, weight, geometry)
        if bias is not None:
            out = out + of_all(level, bias).reshape(level.size, 1, *bias.shape, *(1,) * (weight.ndim - 2))
        if op.name == "convolution_relu":
            out = out.relu()
    return out.squeeze(1) if alone else out


def _convolved(level: Level, inputs: Any, weight: Any, geometry: Any) -> Any:
    """(B or 1, N, C, *) -> (B or 1, N, O, *), without a bias."""
    if not is_batched(level, weight):
        return _apart(ops.convolution(_together(inputs), weight, None, geometry), inputs.shape[0])
    # each example's weights are a group of their own: (N, B C, *) with (B O, C / groups, *)
    inputs = inputs.movedim(0, 1)
    inputs = inputs.reshape(inputs.shape[0], level.size * inputs.shape[2], *inputs.shape[3:])
    wide = geometry._replace(groups=geometry.groups * level.size)
    out = ops.convolution(inputs, _together(weight.value), None, wide)
    return out.reshape(out.shape[0], level.size, weight.shape[0], *out.shape[2:]).movedim(1, 0)


@rule("max_pool", "avg_pool", "adaptive_max_pool", "adaptive_avg_pool", "max_pool_with_indices")
def _pool(level: Level, op: Any, values: list[Any]) -> Any:
    x = values[0]
    if not only_first(level, values) or not level.size or 0 in x.shape or x.ndim < 3:
        return NotImplemented
    found = op.call(_together(x.value), *values[1:])
    if isinstance(found, tuple):
        parts = [_apart(part, level.size) for part in found]
        return type(found)(*parts) if hasattr(found, "_fields") else tuple(parts)
    return _apart(found, level.size)


@rule("resample")
def _resample(level: Level, op: Any, values: list[Any]) -> Any:
    x, maps = values
    if not only_first(level, values) or not level.size or 0 in x.shape or x.ndim < 3:
        return NotImplemented
    return _apart(op.call(_together(x.value), maps), level.size)


@rule("scatter_zeros")
def _scatter_zeros(level: Level, op: Any, values: list[Any]) -> Any:
    x, dim, index, shape = values
    if not shape or x.ndim != len(shape):
        return NotImplemented
    return op.call(of_all(level, x), from_end(dim, len(shape)), of_all(level, index), (level.size, *shape))


@rule("unfold", "fold")
def _windows(level: Level, op: Any, values: list[Any]) -> Any:
    x = values[0]
    usual = 4 if op.name == "unfold" else 3
    if not only_first(level, values) or not level.size or 0 in x.shape or x.ndim != usual:
        return NotImplemented
    return _apart(op.call(_together(x.value), *values[1:]), level.size)


@rule("layer_norm", "rms_norm")
def _norm(level: Level, op: Any, values: list[Any]) -> Any:
    x, shape, *affine, eps = values
    plain = op.call(x.value, shape, *[None] * len(affine), eps) if is_batched(level, x) else None
    if plain is None:
        return NotImplemented
    if only_first(level, values):
        return op.call(x.value, shape, *affine, eps)
    weight, bias = (*affine, None)[:2]
    if weight is not None:
        plain = plain * (padded(weight.value, x.ndim) if is_batched(level, weight) else weight)
    if bias is not None:
        plain = plain + (padded(bias.value, x.ndim) if is_batched(level, bias) else bias)
    return plain


@rule("dropout", "alpha_dropout")
def _dropout(level: Level, op: Any, values: list[Any]) -> Any:
    x, p, training, generator = values
    if not training or p == 0 or (level.randomness == "different" and generator is None):
        return op.call(x.value, p, training, generator)
    return NotImplemented


# ---------------------------------------------------------------------------------------------------------------------
# Losses
# ---------------------------------------------------------------------------------------------------------------------
@rule("cross_entropy", "nll_loss")
def _cross_entropy(level: Level, op: Any, values: list[Any]) -> Any:
    x, target, weight, ignore_index, reduction, *smoothing = values
    if weight is not None or not level.size or 0 in x.shape or reduction not in ("mean", "sum", "none"):
        return NotImplemented
    lone = x.ndim == 1
    scores, labels = of_all(level, x), of_all(level, target)
    if not lone:
        scores, labels = _together(scores), _together(labels)
    losses = op.call(scores, labels, None, ignore_index, "none", *smoothing)
    if not lone:
        losses = _apart(losses, level.size)
    if reduction == "none" or (lone and reduction == "sum"):
        return losses
    total = losses if lone else losses.sum(tuple(range(1, losses.ndim)))
    if reduction == "sum":
        return total
    if labels.dtype.kind == "f":  # probabilities
        return total / (losses.numel() // level.size)
    counted = (labels != ignore_index).reshape(level.size, -1).sum(-1)
    return total / counted.to(total.dtype)


# ---------------------------------------------------------------------------------------------------------------------
# Gradients of layers, as where a batch of gradients goes through one graph
# ---------------------------------------------------------------------------------------------------------------------
@rule("conv_input_gradient")
def _conv_input_gradient(level: Level, op: Any, values: list[Any]) -> Any:
    x, weight, shape, geometry = values
    if not only_first(level, values) or not level.size:
        return NotImplemented
    if x.ndim == weight.ndim - 1:  # (O, *): the examples are the batch
        return op.call(x.value, weight, (level.size, *shape), geometry)
    whole = (level.size * shape[0], *shape[1:])
    return _apart(op.call(_together(x.value), weight, whole, geometry), level.size)


@rule("conv_weight_gradient")
def _conv_weight_gradient(level: Level, op: Any, values: list[Any]) -> Any:
    x, y, kernel, geometry = values
    if not level.size or 0 in x.shape or 0 in y.shape:
        return NotImplemented
    # as in the convolution, each example's weights are a group of their own
    inputs, gradients = of_all(level, x), of_all(level, y)
    if x.ndim == len(kernel) + 1:
        inputs, gradients = inputs.unsqueeze(1), gradients.unsqueeze(1)
    inputs, gradients = (
        t.movedim(0, 1).reshape(t.shape[1], level.size * t.shape[2], *t.shape[3:]) for t in (inputs, gradients)
    )
    wide = geometry._replace(groups=geometry.groups * level.size)
    return _apart(op.call(inputs, gradients, kernel, wide), level.size)


@rule("avg_pool_gradient")
def _pool_gradient(level: Level, op: Any, values: list[Any]) -> Any:
    x, shape, window = values
    if not level.size or 0 in shape or x.ndim < 3:
        return NotImplemented
    return _apart(op.call(_together(x.value), (level.size * shape[0], *shape[1:]), window), level.size)


@rule("adaptive_avg_pool_gradient", "pool_scatter", "pool_put")
def _to_shape(level: Level, op: Any, values: list[Any]) -> Any:
    *tensors, shape, axes = values
    return op.call(*(of_all(level, tensor) for tensor in tensors), (level.size, *shape), axes)


@rule("pool_gather")
def _pool_gather(level: Level, op: Any, values: list[Any]) -> Any:
    x, indices, axes = values
    return op.call(of_all(level, x), of_all(level, indices), axes)
