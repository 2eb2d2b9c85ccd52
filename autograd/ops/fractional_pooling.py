"""Pooling to any smaller size, over windows whose steps are random: now one element longer, now shorter."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample
from ..tensor import Tensor, wrap
from .pool_places import pool_gather
from .pool_windows import check_axes
from .pooling import check_ordered
from .random import uniform_array
from .reduction import values_of
from .windows import as_array, per_axis


def _begins(samples: np.ndarray, n: int, places: int, kernel: int) -> np.ndarray:
    """Where the windows along an axis of n elements begin.  samples: (*) of 0 to 1 -> (*, places)"""
    if places == 1:
        return np.full((*samples.shape, 1), n - kernel)
    step = samples.dtype.type(n - kernel) / samples.dtype.type(places - 1)
    at = np.arange(places).astype(samples.dtype)
    begins = ((at + samples[..., None]) * step).astype(np.int64) - (samples * step).astype(np.int64)[..., None]
    begins[..., -1] = n - kernel
    return begins


def _sizes(op: str, x: Any, kernel: tuple[int, ...], output_size: Any, output_ratio: Any) -> tuple[int, ...]:
    axes = len(kernel)
    size = x.shape[-axes:]
    if (output_size is None) == (output_ratio is None):
        given = "none" if output_size is None else "both"
        raise ValueError(f"{op}: give either output_size or output_ratio, not {given}.")
    if output_size is not None:
        places = per_axis(op, "output_size", output_size, axes, 1)
    else:
        ratios = tuple(output_ratio) if isinstance(output_ratio, (tuple, list)) else (output_ratio,) * axes
        if len(ratios) != axes or not all(0 < ratio < 1 for ratio in ratios):
            raise ValueError(
                f"{op}: output_ratio must be between 0 and 1, or {axes} such numbers, not {output_ratio!r}."
            )
        places = tuple(int(n * ratio) for n, ratio in zip(size, ratios, strict=True))
    if any(p < 1 or p + k - 1 > n for p, k, n in zip(places, kernel, size, strict=True)):
        raise ValueError(
            f"{op}: {places} windows of {kernel} do not fit into {tuple(size)}. Along each axis there must be at least "
            f"output_size + kernel_size - 1 elements."
        )
    return places


def _pool(op: str, x: Any, kernel_size: Any, output_size: Any, output_ratio: Any, return_indices: bool, given: Any):
    x, axes = as_array(x), int(op[-2])
    check_axes(op, x.shape, axes)
    check_ordered(op, x)
    kernel = per_axis(op, "kernel_size", kernel_size, axes, 1)
    places = _sizes(op, x, kernel, output_size, output_ratio)
    *lead, channels = x.shape[:-axes]
    size = x.shape[-axes:]
    shape = (*(lead or (1,)), channels, axes)
    samples = uniform_array(shape, np.float32) if given is None else values_of(as_array(given))
    if samples.shape != shape or samples.dtype.kind != "f":
        raise ValueError(
            f"{op}: _random_samples must be floating-point numbers of shape {shape} for the input {x.shape}, not "
            f"{samples.dtype} of {samples.shape}."
        )
    samples = samples.reshape(*lead, channels, axes)
    if axes == 2:
        samples = samples[..., ::-1]  # PyTorch takes the first for W
    begins = []
    for axis, (n, p, k) in enumerate(zip(size, places, kernel, strict=True)):
        layout = [*lead, channels, *(1,) * axes]
        layout[len(lead) + 1 + axis] = p
        begins.append(_begins(samples[..., axis], n, p, k).reshape(layout))
    values = values_of(x).ravel()
    images = math.prod(lead) * channels
    image = (np.arange(images) * math.prod(size)).reshape(*lead, channels, *(1,) * axes)  # where each one begins
    best: Any = None
    for tap in product(*map(range, kernel)):  # one element of all windows at a time
        at: Any = 0
        for begin, k, n in zip(begins, tap, size, strict=True):
            at = at * n + begin + k
        seen = values.take(at + image)
        if best is None:
            best, indices = seen, at
        else:
            larger = (seen > best) | (seen != seen)
            # A choice at random costs more than this arithmetic: no branch foresees it.
            best, indices = np.maximum(best, seen), indices + (at - indices) * larger
    out = pool_gather(x, indices, axes)
    if not return_indices:
        return out
    return out, wrap(indices) if isinstance(out, Tensor) else indices


@composite(method=False)
def fractional_max_pool2d(
    x, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """The largest element of each of output_size windows, whose steps differ by one element at random.

    x: (N, C, H, W) or (C, H, W) -> (N, C, OH, OW) or (C, OH, OW)
    output_size, or output_ratio, a number below 1: of the output, one for both axes or one for each.
    return_indices: also the places of the largest elements, counted over H W.
    _random_samples: (N, C, 2), what decides about the steps, from 0 to 1; else it is drawn.
    Source: Graham, Fractional max-pooling, 2014.
    """
    op = "fractional_max_pool2d"
    return _pool(op, x, kernel_size, output_size, output_ratio, return_indices, _random_samples)


@composite(method=False)
def fractional_max_pool3d(
    x, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """The largest element of each of output_size windows, whose steps differ by one element at random.

    x: (N, C, D, H, W) or (C, D, H, W) -> (N, C, OD, OH, OW) or (C, OD, OH, OW). The options are those of
    `fractional_max_pool2d`, with _random_samples: (N, C, 3).
    """
    op = "fractional_max_pool3d"
    return _pool(op, x, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def _reference(x, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
    """One window after the other."""
    axes = np.asarray(_random_samples).shape[-1]
    kernel = np.broadcast_to(kernel_size, axes)
    size = x.shape[-axes:]
    places = (
        np.broadcast_to(output_size, axes)
        if output_size is not None
        else [int(n * r) for n, r in zip(size, np.broadcast_to(output_ratio, axes), strict=True)]
    )
    out = np.zeros((*x.shape[:-axes], *places), x.dtype)
    chosen = np.zeros(out.shape, int)
    for at in np.ndindex(*out.shape):
        lead, place = at[:-axes], at[-axes:]
        drawn = _random_samples[lead if len(lead) == 2 else (0, *lead)]
        drawn = drawn[::-1] if axes == 2 else drawn
        begins = []
        for n, p, k, i, u in zip(size, places, kernel, place, drawn, strict=True):
            step = (n - k) / max(1, p - 1)
            begins.append(n - k if i == p - 1 else math.floor((i + u) * step) - math.floor(u * step))
        window = x[(*lead, *(slice(b, b + k) for b, k in zip(begins, kernel, strict=True)))]
        out[at] = window.max()
        inner = np.unravel_index(window.argmax(), window.shape)
        chosen[at] = np.ravel_multi_index([b + i for b, i in zip(begins, inner, strict=True)], size)
    return (out, chosen) if return_indices else out


for _op, _size in ((fractional_max_pool2d, (7, 6)), (fractional_max_pool3d, (5, 4, 6))):
    _op.op.reference = _reference

    def _samples(draw, size=_size):
        def drawn(*lead):
            return draw(*lead, len(size), low=0.0, high=0.999)

        places = (4, 3, 2)[: len(size)]
        yield Sample(draw.distinct(2, 3, *size), 2, 3, None, False, drawn(2, 3))
        yield Sample(draw.distinct(3, *size), 2, places, _random_samples=drawn(1, 3))
        yield Sample(draw.distinct(2, 1, *size), (2, 3, 2)[: len(size)], None, 0.5, True, drawn(2, 1))
        yield Sample(
            draw.distinct(1, 2, *size), 1, output_ratio=(0.7, 0.6, 0.4)[: len(size)], _random_samples=drawn(1, 2)
        )
        yield Sample(draw.distinct(1, 2, *size), 3, 1, return_indices=True, _random_samples=drawn(1, 2))
        yield Sample(draw.distinct(0, 2, *size), 2, 2, _random_samples=drawn(0, 2))

    _op.samples(_samples)


@fractional_max_pool2d.errors
def _(draw):
    x = draw(2, 3, 5, 5)
    yield Sample(x, 2), ValueError, "not none"
    yield Sample(x, 2, 3, 0.5), ValueError, "not both"
    yield Sample(x, 2, 5), ValueError, "do not fit"
    yield Sample(x, 2, output_ratio=1.5), ValueError, "between 0 and 1"
    yield Sample(x, 2, 3, _random_samples=draw(2, 2, 2)), ValueError, "of shape (2, 3, 2)"
    yield Sample(draw(5, 5), 2, 3), ValueError, "(N, C, H, W)"


@fractional_max_pool3d.errors
def _(draw):
    yield Sample(draw(2, 3, 5, 5, 5), 2, (1, 2)), ValueError, "3 integers"
    yield Sample(draw.complex(2, 3, 5, 5, 5), 2, 3), TypeError, "no order"
