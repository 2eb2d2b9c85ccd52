"""Images sampled at the places of a grid, which may be learned.

A sample is a sum of a few elements with weights: trilinear in what comes in, the weights and the elements. So the
three sums that take the elements, spread a gradient over them, and match it with them are each other's gradients.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite
from ..op import Sample
from .indexing import internal
from .joining import stack
from .matmul import matmul
from .reduction import values_of
from .shape import reshape
from .windows import as_array, has_kernel

_MODES = ("bilinear", "nearest", "bicubic")
_PADDING_MODES = ("zeros", "border", "reflection")


# ---------------------------------------------------------------------------------------------------------------------
# Weighted sums of elements at places
# ---------------------------------------------------------------------------------------------------------------------
def _take_forward(x, weights, places):
    """x: (N, C, S), weights, places: (N, K, P) -> (N, C, P)"""
    return kernels.corners.take(x, weights, places)


def _spread_forward(x, weights, places, size):
    """x: (N, C, P), weights, places: (N, K, P) -> (N, C, size)"""
    return kernels.corners.spread(x, weights, places, size)


def _match_forward(x, y, places):
    """x: (N, C, P), y: (N, C, S), places: (N, K, P) -> (N, K, P)"""
    return kernels.corners.match(x, y, places)


_take = internal(_take_forward, "grid_sample")
_spread = internal(_spread_forward, "grid_sample_gradient")
_match = internal(_match_forward, "grid_sample_match")

_take.gradient(
    x=lambda g, x_shape, weights, places: _spread.call(g, weights, places, x_shape[2]),
    weights=lambda g, x, places: _match.call(g, x, places),
)
_spread.gradient(
    x=lambda g, weights, places: _take.call(g, weights, places),
    weights=lambda g, x, places: _match.call(x, g, places),
)
_match.gradient(
    x=lambda g, y, places: _take.call(y, g, places),
    y=lambda g, x, y_shape, places: _spread.call(x, g, places, y_shape[2]),
)

# What a straight line through each element of x gives, where the value at x is already known.
_line = internal(lambda x, value, slope: value, "grid_sample_place")
_line.gradient(x=lambda g, slope: g * slope)


# ---------------------------------------------------------------------------------------------------------------------
# Places
# ---------------------------------------------------------------------------------------------------------------------
def _inside(place: np.ndarray, n: int, padding_mode: str, align_corners: bool) -> tuple[np.ndarray, np.ndarray]:
    """Places brought into an axis of n elements as the padding says, and by what factor they move with what was given.

    place: (*) -> (*), (*)
    """
    slope = np.ones_like(place)
    if padding_mode == "zeros":
        return np.clip(place, -9, n + 9), slope  # what is further out is just as much outside
    if padding_mode == "reflection":
        low, span = (0.0, n - 1.0) if align_corners else (-0.5, float(n))
        if span == 0:
            return np.zeros_like(place), np.zeros_like(place)
        beyond = place - low
        turns, rest = np.floor(np.abs(beyond) / span), np.fmod(np.abs(beyond), span)
        there = turns % 2 == 0
        slope = np.where(there, 1.0, -1.0) * np.where(beyond < 0, -1.0, 1.0)
        place = np.where(there, rest, span - rest) + low
        place = np.where(np.isfinite(place), place, 0.0)
    slope = np.where((place <= 0) | (place >= n - 1), 0.0, slope)
    return np.clip(place, 0, n - 1), slope


def _along(given: np.ndarray, n: int, align_corners: bool) -> tuple[np.ndarray, float]:
    """Places along an axis of n elements, from -1 to 1, counted in elements; NaN counts as -1.  (*) -> (*), factor"""
    given = np.where(np.isnan(given), -1.0, given)
    if align_corners:
        return (given + 1) / 2 * (n - 1), (n - 1) / 2
    return ((given + 1) * n - 1) / 2, n / 2


def _cubic_weights(t: Any) -> Any:
    """Of four neighbours, for a place t between the second and the third.  t: (N, P) -> (N, 4, P)"""
    a = -0.75

    def near(d: Any) -> Any:
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d: Any) -> Any:
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

    return stack([far(t + 1), near(t), near(1 - t), far(2 - t)], 1)


def _on_axis(grid: Any, n: int, mode: str, padding_mode: str, align_corners: bool) -> tuple[np.ndarray, Any]:
    """Which elements of an axis each sample looks at, and how much of each: (N, P) -> (N, K, P), (N, K, P)"""
    with np.errstate(all="ignore"):
        return _on_axis_quietly(grid, n, mode, padding_mode, align_corners)


def _on_axis_quietly(grid: Any, n: int, mode: str, padding_mode: str, align_corners: bool) -> tuple[np.ndarray, Any]:
    place, factor = _along(values_of(grid), n, align_corners)
    if mode == "bicubic":
        place = np.clip(place, -1e9, 1e9)
        low = np.floor(place)
        t = _line.call(grid, (place - low).astype(place.dtype), np.full((), factor, place.dtype))
        taps, _ = _inside(low[:, None] + np.arange(-1, 3)[:, None], n, padding_mode, align_corners)
        weights = _cubic_weights(t)
    else:
        place, slope = _inside(place, n, padding_mode, align_corners)
        if mode == "nearest":
            taps = np.rint(place)[:, None]
            weights = _line.call(grid, np.ones_like(place), np.zeros_like(slope))
            weights = reshape(weights, taps.shape)
        else:
            low = np.floor(place)
            t = _line.call(grid, place - low, (slope * factor).astype(place.dtype))
            taps = low[:, None] + np.arange(2)[:, None]
            weights = stack([1 - t, t], 1)
    taps = taps.astype(np.int64)
    return np.where((taps >= 0) & (taps < n), taps, -1), weights


def _both(first: tuple[np.ndarray, Any], second: tuple[np.ndarray, Any], n: int) -> tuple[np.ndarray, Any]:
    """Elements along one axis and along the next, of n elements: their places, counted over both, and their weights.

    (N, K, P) and (N, L, P), for places and for weights -> (N, K L, P)
    """
    (a, v), (b, w) = first, second
    (batch, k, results), l = a.shape, b.shape[1]
    a, b = a[:, :, None], b[:, None]
    places = np.where((a < 0) | (b < 0), -1, a * n + b).reshape(batch, k * l, results)
    weights = reshape(v, (batch, k, 1, results)) * reshape(w, (batch, 1, l, results))
    return places, reshape(weights, places.shape)


def _check(x: Any, grid: Any, mode: str, padding_mode: str) -> int:
    op = "grid_sample"
    if mode not in _MODES:
        raise ValueError(f"{op}: mode must be one of {', '.join(_MODES)}, not {mode!r}.")
    if padding_mode not in _PADDING_MODES:
        raise ValueError(f"{op}: padding_mode must be one of {', '.join(_PADDING_MODES)}, not {padding_mode!r}.")
    axes = x.ndim - 2
    if axes not in (2, 3) or grid.ndim != x.ndim or grid.shape[-1] != axes:
        raise ValueError(
            f"{op}: the input has shape {x.shape} and the grid {grid.shape}. They must be (N, C, H, W) and "
            f"(N, OH, OW, 2), or (N, C, D, H, W) and (N, OD, OH, OW, 3)."
        )
    if mode == "bicubic" and axes != 2:
        raise ValueError(f"{op}: mode='bicubic' is for images (N, C, H, W), not for {x.shape}. Use 'bilinear'.")
    if len(x) != len(grid):
        raise ValueError(
            f"{op}: the input {x.shape} is a batch of {len(x)} and the grid {grid.shape} one of {len(grid)}."
        )
    if x.dtype != grid.dtype or x.dtype.kind != "f":
        raise TypeError(
            f"{op}: the input is {x.dtype} and the grid {grid.dtype}. They must have the same floating-point dtype. "
            f"Use grid.astype(x.dtype)."
        )
    if 0 in x.shape[1:]:
        raise ValueError(f"{op}: the input has shape {x.shape}. Only N may be 0.")
    return axes


def _grid_sample_reference(x, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """One sample at a time, and of each one element at a time."""
    size = x.shape[2:]
    out = np.zeros((*x.shape[:2], *grid.shape[1:-1]))

    def brought(place: float, n: int) -> float:
        if padding_mode == "reflection":
            low, high = (0.0, n - 1.0) if align_corners else (-0.5, n - 0.5)
            while low < high and not low <= place <= high:
                place = 2 * (low if place < low else high) - place
        return place if padding_mode == "zeros" else min(max(place, 0.0), n - 1.0)

    def terms(given: float, n: int) -> list[tuple[int, float]]:
        place = (given + 1) / 2 * (n - 1) if align_corners else ((given + 1) * n - 1) / 2
        if mode == "bicubic":
            first = math.floor(place)
            d = [abs(place - i) for i in range(first - 1, first + 3)]
            w = [1.25 * d**3 - 2.25 * d**2 + 1 if d <= 1 else -0.75 * (d**3 - 5 * d**2 + 8 * d - 4) for d in d]
            return [(round(brought(float(first - 1 + i), n)), w[i]) for i in range(4)]
        place = brought(place, n)
        if mode == "nearest":
            return [(round(place), 1.0)]
        return [(i, max(0.0, 1 - abs(place - i))) for i in (math.floor(place), math.floor(place) + 1)]

    for at in np.ndindex(*grid.shape[:-1]):
        found = [terms(given, n) for given, n in zip(grid[at][::-1].tolist(), size, strict=True)]
        for index in np.ndindex(*map(len, found)):
            chosen = [found[axis][i] for axis, i in enumerate(index)]
            if all(0 <= place < n for (place, _), n in zip(chosen, size, strict=True)):
                value = x[(at[0], slice(None), *(place for place, _ in chosen))]
                out[(at[0], slice(None), *at[1:])] += value * math.prod(weight for _, weight in chosen)
    return out


@composite(method=False, reference=_grid_sample_reference)
def grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """The images at the places of a grid.

    x: (N, C, H, W), grid: (N, OH, OW, 2) -> (N, C, OH, OW), or with one axis more (N, C, D, H, W), (N, OD, OH, OW, 3)
    grid: places (x, y) or (x, y, z), x along W, from -1 to 1; NaN counts as -1.
    mode: "bilinear" (also for three axes), "nearest" or, for two axes, "bicubic".
    padding_mode: what is outside: "zeros", "border" (the nearest element), "reflection" (mirrored at the edge).
    align_corners: -1 and 1 are the centres of the outermost elements, instead of their outer edges (the default).
    Has gradients by the input and by the grid.
    Source: Jaderberg et al., Spatial transformer networks, 2015.

    >>> import autograd as ag
    >>> ag.grid_sample(ag.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), ag.tensor([[[[0.0, 0.0], [-0.5, 0.5]]]])).tolist()
    [[[[2.5, 3.0]]]]
    """
    x, grid = as_array(x), as_array(grid)
    axes = _check(x, grid, mode, padding_mode)
    if not has_kernel(x.dtype):  # float16
        return grid_sample(x.astype(np.float32), grid.astype(np.float32), mode, padding_mode, align_corners).astype(
            x.dtype
        )
    count, channels, *size = x.shape
    results = math.prod(grid.shape[1:-1])
    flat = reshape(grid, (count, results, axes))
    parts = [_on_axis(flat[..., axes - 1 - i], n, mode, padding_mode, bool(align_corners)) for i, n in enumerate(size)]
    places, weights = parts[0]
    for part, n in zip(parts[1:], size[1:], strict=True):
        places, weights = _both((places, weights), part, n)
    out = _take.call(reshape(x, (count, channels, math.prod(size))), weights, places)
    return reshape(out, (count, channels, *grid.shape[1:-1]))


# ---------------------------------------------------------------------------------------------------------------------
# Grids
# ---------------------------------------------------------------------------------------------------------------------
@functools.lru_cache(maxsize=32)
def _base(size: tuple[int, ...], align_corners: bool, dtype: np.dtype) -> np.ndarray:
    """The place of each element, (x, y, 1) or (x, y, z, 1).  -> (elements, axes + 1)"""
    lines = [np.linspace(-1, 1, n) * (1 if align_corners else (n - 1) / n) if n > 1 else np.zeros(1) for n in size]
    places = np.meshgrid(*lines, indexing="ij")
    base = np.stack([*places[::-1], np.ones(size)], -1).reshape(math.prod(size), len(size) + 1).astype(dtype)
    base.flags.writeable = False
    return base


def _affine_reference(theta, size, align_corners=None):
    grid = np.zeros((theta.shape[0], *size[2:], theta.shape[1]))
    for at in np.ndindex(*grid.shape[:-1]):
        place = [
            0.0 if n == 1 else -1 + 2 * i / (n - 1) if align_corners else -1 + (2 * i + 1) / n
            for i, n in zip(at[1:], size[2:], strict=True)
        ]
        grid[at] = theta[at[0]] @ np.array([*place[::-1], 1.0])
    return grid


@composite(method=False, reference=_affine_reference)
def affine_grid(theta, size, align_corners=None):
    """The grid for `grid_sample` that turns, scales and moves images.

    theta: (N, 2, 3), size: (N, C, H, W) -> (N, H, W, 2), or theta: (N, 3, 4), size: (N, C, D, H, W) -> (N, D, H, W, 3)
    theta: matrices that give from a place (x, y, 1) of the result that of the input. align_corners: as there.

    >>> import autograd as ag
    >>> ag.affine_grid(ag.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 1, 2, 2)).tolist()
    [[[[-0.5, -0.5], [0.5, -0.5]], [[-0.5, 0.5], [0.5, 0.5]]]]
    """
    theta, size = as_array(theta), tuple(int(n) for n in size)
    axes = len(size) - 2
    if axes not in (2, 3) or theta.shape != (size[0], axes, axes + 1):
        raise ValueError(
            f"affine_grid: theta has shape {theta.shape} for size {size}. They must be (N, 2, 3) and (N, C, H, W), or "
            f"(N, 3, 4) and (N, C, D, H, W)."
        )
    if min(size[1:]) < 1:
        raise ValueError(f"affine_grid: size must be above 0, not {size}.")
    if theta.dtype.kind != "f":
        raise TypeError(f"affine_grid: theta must have a floating-point dtype, not {theta.dtype}. Use theta.float().")
    base = _base(size[2:], bool(align_corners), theta.dtype)
    return reshape(matmul(base, theta.swapaxes(1, 2)), (size[0], *size[2:], axes))


@grid_sample.samples
def _(draw):
    for mode in _MODES:
        for padding_mode in _PADDING_MODES:
            yield Sample(draw(2, 2, 4, 3), draw(2, 2, 3, 2, low=-1.6, high=1.6), mode, padding_mode)
            yield Sample(draw(1, 2, 3, 4), draw(1, 5, 1, 2, low=-3, high=3), mode, padding_mode, align_corners=True)
            if mode != "bicubic":
                grid = draw(1, 2, 1, 3, 3, low=-1.6, high=1.6)
                yield Sample(draw(1, 2, 3, 2, 3), grid, mode, padding_mode, padding_mode == "border")
    yield Sample(draw(2, 1, 4, 3), draw(2, 3, 3, 2, low=-1.2, high=1.2))
    yield Sample(draw(1, 1, 1, 1), draw(1, 3, 3, 2, low=-1.2, high=1.2), padding_mode="reflection", align_corners=True)
    yield Sample(draw(0, 1, 2, 2), draw(0, 3, 3, 2))
    yield Sample(draw(2, 1, 2, 2), draw(2, 0, 3, 2))


@affine_grid.samples
def _(draw):
    for corners in (False, True):
        yield Sample(draw(2, 2, 3), (2, 3, 4, 5), corners)
        yield Sample(draw(1, 3, 4), (1, 3, 2, 4, 3), corners)
        yield Sample(draw(1, 2, 3), (1, 1, 1, 3), align_corners=corners)
    yield Sample(draw(1, 2, 3), (1, 1, 2, 2))


@grid_sample.errors
def _(draw):
    x, grid = draw(2, 2, 4, 3), draw(2, 2, 3, 2)
    yield Sample(x, grid, "linear"), ValueError, "bilinear, nearest, bicubic"
    yield Sample(x, grid, padding_mode="wrap"), ValueError, "zeros, border, reflection"
    yield Sample(x, draw(2, 2, 3, 3)), ValueError, "(N, OH, OW, 2)"
    yield Sample(x, draw(1, 2, 3, 2)), ValueError, "a batch of 2"
    yield Sample(x, grid.astype(np.float32)), TypeError, "grid.astype(x.dtype)"
    yield Sample(draw(1, 1, 2, 2, 2), draw(1, 1, 1, 1, 3), "bicubic"), ValueError, "Use 'bilinear'"
    yield Sample(draw(2, 0, 4, 3), grid), ValueError, "Only N"


@affine_grid.errors
def _(draw):
    yield Sample(draw(1, 2, 3), (2, 3, 4, 5)), ValueError, "(N, 2, 3) and (N, C, H, W)"
    yield Sample(draw(1, 2, 3), (1, 3, 4, 0)), ValueError, "above 0"
    yield Sample(draw.integers(1, 2, 3), (1, 3, 4, 2)), TypeError, "theta.float()"
