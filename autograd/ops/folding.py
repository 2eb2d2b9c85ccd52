"""Windows of an image as columns, and columns put back as windows.

Each is the gradient of the other, since both are linear.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np

from ..declare import primitive
from ..op import Sample
from .windows import Geometry, per_axis, windows_of


def _geometry(op: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple[tuple[int, ...], Geometry]:
    kernel = per_axis(op, "kernel_size", kernel_size, 2, 1)
    edges = per_axis(op, "padding", padding, 2, 0)
    return kernel, Geometry(
        per_axis(op, "stride", stride, 2, 1), tuple((p, p) for p in edges), per_axis(op, "dilation", dilation, 2, 1), 1
    )


def _places(op: str, size: tuple[int, ...], kernel: tuple[int, ...], geometry: Geometry) -> tuple[int, ...]:
    places = geometry.output_size(size, kernel)
    if min(places) < 1:
        reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel, geometry.dilation, strict=True))
        raise ValueError(
            f"{op}: the window reaches over {reach} elements and does not fit into {tuple(size)} with the padding "
            f"{tuple(p for p, _ in geometry.padding)}. Give a smaller window or more padding."
        )
    return places


def _unfold_reference(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> np.ndarray:
    kernel, geometry = _geometry("unfold", kernel_size, dilation, padding, stride)
    padded = np.pad(x, [*[(0, 0)] * (x.ndim - 2), *geometry.padding])
    columns = []
    height, width = geometry.output_size(x.shape[-2:], kernel)
    for i, j in product(range(height), range(width)):
        top, left = i * geometry.stride[0], j * geometry.stride[1]
        rows, cols = (np.arange(k) * d for k, d in zip(kernel, geometry.dilation, strict=True))
        window = padded[..., (top + rows)[:, None], left + cols]
        columns.append(window.reshape(*x.shape[:-3], x.shape[-3] * math.prod(kernel)))
    return np.stack(columns, -1)


@primitive(method=False, reference=_unfold_reference)
def unfold(x, kernel_size, dilation=1, padding=0, stride=1):
    """The windows of each image as columns: what a convolution multiplies its weights with.

    x: (N, C, H, W) or (C, H, W) -> (N, C KH KW, L) or (C KH KW, L), with one column for each of the L places of the
    window, row by row. kernel_size, dilation, padding, stride: one integer, or one for each axis.
    The windows of any tensor along one axis are what the method `x.unfold(dim, size, step)` gives.

    >>> import autograd as ag
    >>> ag.unfold(ag.arange(6).reshape(1, 1, 2, 3), (2, 2)).tolist()
    [[[0, 1], [1, 2], [3, 4], [4, 5]]]
    """
    if x.ndim not in (3, 4):
        raise ValueError(
            f"unfold: the input has shape {x.shape}. It must be (N, C, H, W) or (C, H, W). For windows along one axis "
            f"of any tensor, use x.unfold(dim, size, step)."
        )
    kernel, geometry = _geometry("unfold", kernel_size, dilation, padding, stride)
    places = _places("unfold", x.shape[-2:], kernel, geometry)
    seen = windows_of(x if x.ndim == 4 else x[None], kernel, geometry)  # (N, C, OH, OW, KH, KW)
    lead = x.shape[: x.ndim - 3]
    columns = seen.transpose(0, 1, 4, 5, 2, 3)
    return columns.reshape(*lead, x.shape[-3] * math.prod(kernel), math.prod(places))


def _fold_reference(x, output_size, kernel_size, dilation=1, padding=0, stride=1):
    size = per_axis("fold", "output_size", output_size, 2, 1)
    kernel, geometry = _geometry("fold", kernel_size, dilation, padding, stride)
    height, width = geometry.output_size(size, kernel)
    channels = x.shape[-2] // math.prod(kernel)
    split = x.reshape(*x.shape[:-2], channels, *kernel, height, width)
    out = np.zeros((*x.shape[:-2], channels, *size), x.dtype)
    for a, b, i, j in product(*map(range, (*kernel, height, width))):
        row = i * geometry.stride[0] + a * geometry.dilation[0] - geometry.padding[0][0]
        column = j * geometry.stride[1] + b * geometry.dilation[1] - geometry.padding[1][0]
        if 0 <= row < size[0] and 0 <= column < size[1]:
            out[..., row, column] += split[..., a, b, i, j]
    return out


@primitive(method=False, reference=_fold_reference)
def fold(x, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Adds up columns at the places of their windows: where `unfold` took them from.

    x: (N, C KH KW, L) or (C KH KW, L) -> (N, C, H, W) or (C, H, W), where (H, W) is `output_size`
    The options are those of `unfold`. What lies in several windows is the sum of all of them.
    """
    if x.ndim not in (2, 3):
        raise ValueError(f"fold: the input has shape {x.shape}. It must be (N, C KH KW, L) or (C KH KW, L).")
    size = per_axis("fold", "output_size", output_size, 2, 1)
    kernel, geometry = _geometry("fold", kernel_size, dilation, padding, stride)
    places = _places("fold", size, kernel, geometry)
    taps = math.prod(kernel)
    if x.shape[-2] % taps:
        raise ValueError(
            f"fold: the input {x.shape} has columns of {x.shape[-2]}, no multiple of the {kernel[0]} * {kernel[1]} "
            f"elements of a window."
        )
    if x.shape[-1] != math.prod(places):
        raise ValueError(
            f"fold: the input {x.shape} has {x.shape[-1]} columns, and the window has {places[0]} * {places[1]} places "
            f"in an output of {size}. They must be equal."
        )
    lead, channels = x.shape[: x.ndim - 2], x.shape[-2] // taps
    split = x.reshape(*lead, channels, *kernel, *places)
    padded = [n + before + after for n, (before, after) in zip(size, geometry.padding, strict=True)]
    out = np.zeros((*lead, channels, *padded), np.float32 if x.dtype == np.float16 else x.dtype)
    for tap in product(*map(range, kernel)):
        reached: list[Any] = [
            slice(k * d, k * d + (n - 1) * s + 1, s)
            for k, d, n, s in zip(tap, geometry.dilation, places, geometry.stride, strict=True)
        ]
        out[(..., *reached)] += split[(..., *tap, slice(None), slice(None))]
    inner: list[Any] = [slice(before, before + n) for n, (before, _) in zip(size, geometry.padding, strict=True)]
    out = out[(..., *inner)]
    return np.ascontiguousarray(out) if out.dtype == x.dtype else out.astype(x.dtype)


unfold.gradient(
    x=lambda g, x_shape, kernel_size, dilation, padding, stride: fold(
        g, x_shape[-2:], kernel_size, dilation, padding, stride
    )
)
fold.gradient(
    x=lambda g, kernel_size, dilation, padding, stride: unfold(g, kernel_size, dilation, padding, stride),
)


@unfold.samples
def _(draw):
    yield Sample(draw(2, 3, 4, 5), 2)
    yield Sample(draw(3, 4, 5), (2, 3))
    yield Sample(draw(2, 1, 5, 4), 3, 1, 1, 2)
    yield Sample(draw(1, 2, 6, 5), (3, 2), dilation=2, padding=(2, 1), stride=(1, 2))
    yield Sample(draw(2, 2, 3, 3), 1, stride=2)
    yield Sample(draw(0, 3, 4, 4), 2)


@fold.samples
def _(draw):
    yield Sample(draw(2, 12, 12), (4, 5), 2)
    yield Sample(draw(12, 4), (3, 3), 2)
    yield Sample(draw(2, 9, 6), (5, 4), 3, 1, 1, 2)
    yield Sample(draw(1, 12, 18), (6, 5), (3, 2), dilation=(2, 1), padding=(2, 1), stride=(2, 1))
    yield Sample(draw(2, 3, 4), 3, 1, stride=2)
    yield Sample(draw(0, 8, 4), 3, 2)


@unfold.errors
def _(draw):
    yield Sample(draw(4, 4), 2), ValueError, "x.unfold(dim, size, step)"
    yield Sample(draw(1, 1, 2, 2), 3), ValueError, "does not fit"
    yield Sample(draw(1, 1, 2, 2), (1, 2, 3)), ValueError, "2 integers"


@fold.errors
def _(draw):
    yield Sample(draw(1, 2, 3, 4), 4, 2), ValueError, "(N, C KH KW, L)"
    yield Sample(draw(1, 6, 9), 4, 2), ValueError, "no multiple of the 2 * 2"
    yield Sample(draw(1, 8, 8), 4, 2), ValueError, "8 columns"
    yield Sample(draw(1, 8, 8), 1, 2), ValueError, "does not fit"
