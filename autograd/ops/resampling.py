"""Sparse linear maps along axes: what interpolation is, whatever its mode.

Along each axis an element of the result is a sum of few elements of the input, with weights that depend on the place
alone. The gradient is the transposed map, and the gradient of that is the map again.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import kernels
from ..declare import primitive
from ..op import Sample
from .windows import has_kernel


class AxisMap:
    """A sparse linear map from an axis of length n to one of length m, as a table of terms.

    starts: (m + 1), where the terms of each result begin in the two others; sources: places along the axis of length
    n; weights: float64.
    """

    def __init__(self, n: int, m: int, targets: np.ndarray, sources: np.ndarray, weights: np.ndarray) -> None:
        """One term for each of the three; those of the same target and source are added, those of weight 0 left out."""
        keys, places = np.unique(targets * n + sources, return_inverse=True)
        total = np.zeros(len(keys))
        np.add.at(total, places, weights)
        keys, total = keys[total != 0], total[total != 0]
        self.n, self.m = n, m
        self.targets, self.sources, self.weights = keys // n, keys % n, total
        self.starts = np.searchsorted(self.targets, np.arange(m + 1))
        self._by_dtype: dict[np.dtype, np.ndarray] = {}

    @functools.cached_property
    def transposed(self) -> AxisMap:
        """The map back, which the gradient is."""
        return AxisMap(self.m, self.n, self.sources, self.targets, self.weights)

    def weights_as(self, dtype: np.dtype) -> np.ndarray:
        """The weights in that dtype."""
        if dtype not in self._by_dtype:
            self._by_dtype[dtype] = self.weights.astype(dtype)
        return self._by_dtype[dtype]

    def picks(self) -> np.ndarray | None:
        """If each result is one element of the input, their places.  -> (m)"""
        return self.sources if len(self.sources) == self.m and (self.weights == 1).all() else None

    def matrix(self) -> np.ndarray:
        """The map as a matrix.  -> (m, n)"""
        dense = np.zeros((self.m, self.n))
        dense[self.targets, self.sources] = self.weights
        return dense

    def __repr__(self) -> str:
        return f"AxisMap({self.n} -> {self.m})"


def _reference(x: np.ndarray, maps: tuple[AxisMap, ...]) -> np.ndarray:
    for axis, one in enumerate(maps, x.ndim - len(maps)):
        x = np.moveaxis(np.tensordot(x, one.matrix(), (axis, 1)), -1, axis)
    return x


@primitive(method=False, reference=_reference)
def resample(x, maps):
    """A sparse linear map along each of the last axes: what `interpolate` calls.

    x: (*, *size), maps: an `AxisMap` for each axis of size -> (*, *places)
    """
    if x.dtype.kind == "c":
        parts = resample(x.real, maps), resample(x.imag, maps)
        return (parts[0] + 1j * parts[1]).astype(x.dtype)
    if not has_kernel(x.dtype):
        if x.dtype == np.float16:
            return resample(x.astype(np.float32), maps).astype(np.float16)
        return _pick(x, maps)
    axes = range(x.ndim - len(maps), x.ndim)
    # Those that make fewer elements come first; else the last one, since along the others whole rows are added.
    for one, axis in sorted(zip(maps, axes, strict=True), key=lambda pair: (pair[0].m / max(1, pair[0].n), -pair[1])):
        x = kernels.resample.along(x, axis, one.starts, one.sources, one.weights_as(x.dtype))
    return x


def _pick(x: np.ndarray, maps: tuple[AxisMap, ...]) -> np.ndarray:
    """The same for maps that only pick elements, of any dtype."""
    for axis, one in enumerate(maps, x.ndim - len(maps)):
        places = one.picks()
        if places is None:
            raise TypeError(
                f"interpolate: the mean of {x.dtype} elements is no {x.dtype}. Use x.float(), or 'nearest'."
            )
        x = x.take(places, axis)
    return x


resample.gradient(x=lambda g, maps: resample(g, tuple([one.transposed for one in maps])))


@resample.samples
def _(draw):
    def some(n, m, terms=2):
        count = m * terms
        return AxisMap(
            n, m, draw.integers(count, low=0, high=m), draw.integers(count, low=0, high=n), draw(count, low=0.1)
        )

    yield Sample(draw(5), (some(5, 7),))
    yield Sample(draw(2, 3, 4, 5), (some(4, 6), some(5, 3)))
    yield Sample(draw(2, 4, 5), (some(4, 2, 4), some(5, 9, 1)))
    yield Sample(draw(0, 4, 5), (some(4, 2), some(5, 9)))
    yield Sample(draw(1, 2, 3, 4, 2), (some(3, 5), some(4, 4), some(2, 6, 3)))
    yield Sample(draw(3, 4), (some(4, 0),))


# ---------------------------------------------------------------------------------------------------------------------
# Which elements, and how much of each
# ---------------------------------------------------------------------------------------------------------------------
def cubic(distance: Any, a: float) -> Any:
    """The cubic convolution kernel of Keys, 1981.  distance: (*) of 0 or more -> (*)"""
    near = ((a + 2) * distance - (a + 3)) * distance * distance + 1
    far = ((distance - 5) * distance + 8) * distance * a - 4 * a
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))


def _triangle(distance: Any) -> Any:
    return np.maximum(0, 1 - distance)


def _lanczos(distance: Any) -> Any:
    return np.where(distance < 3, np.sinc(distance) * np.sinc(distance / 3), 0.0)


# What weighs elements by their distance when a smaller image is made smoothly, and how far it reaches.
_FILTERS: dict[str, tuple[Callable[[Any], Any], float]] = {
    "bilinear": (_triangle, 1.0),
    "bicubic": (functools.partial(cubic, a=-0.5), 2.0),
    "lanczos": (_lanczos, 3.0),
}


@functools.lru_cache(maxsize=256)
def axis_map(
    mode: str, n: int, m: int, scale: float | None, align_corners: bool, antialias: bool, single: bool = False
) -> AxisMap:
    """How an axis of n elements is interpolated at m places.

    scale: the places of the input that lie between two of the output, unless that follows from n and m.
    single: the precision of what is interpolated, on which it depends which of two elements is the nearest.
    """
    out = np.arange(m)
    if mode in ("nearest", "nearest-exact"):
        return AxisMap(n, m, out, np.minimum(_nearest(mode, n, m, scale, single), n - 1), np.ones(m))
    step = n / m if scale is None else scale
    if align_corners:
        step = (n - 1) / (m - 1) if m > 1 else 0.0
    if antialias:
        return _smooth(mode, n, m, float(step))
    place = step * out if align_corners else step * (out + 0.5) - 0.5
    if mode == "bicubic":
        first = np.floor(place).astype(np.int64)[:, None] + np.arange(-1, 3)
        weights = cubic(np.abs(place[:, None] - first), -0.75)
    else:
        place = np.maximum(place, 0)
        first = np.floor(place).astype(np.int64)[:, None] + np.arange(2)
        part = np.clip(place - first[:, 0], 0, 1)
        weights = np.stack([1 - part, part], 1)
    return AxisMap(n, m, out.repeat(first.shape[1]), np.clip(first, 0, n - 1).ravel(), weights.ravel())


def _nearest(mode: str, n: int, m: int, scale: float | None, single: bool) -> np.ndarray:
    """The places of the nearest elements, rounded as PyTorch rounds them.  -> (m)"""
    real: Any = np.float32 if single else np.float64
    step = real(n) / real(m) if scale is None else real(scale)
    out = np.arange(m).astype(real)
    if mode == "nearest":
        place = step * out
    else:
        place = np.maximum(step * (out + real(0.5)) - real(0.5), 0).astype(np.float64) + 0.5
    return np.floor(place.astype(np.float32)).astype(np.int64)


def _smooth(mode: str, n: int, m: int, step: float) -> AxisMap:
    """With a filter as wide as the output's elements, where these are larger than those of the input."""
    weigh, reach = _FILTERS[mode]
    wide = max(step, 1.0)
    targets, sources, weights = [], [], []
    for i in range(m):
        center = step * (i + 0.5)
        first = max(int(center - reach * wide + 0.5), 0)
        last = min(int(center + reach * wide + 0.5), n)
        seen = np.arange(first, last)
        part = weigh(np.abs(seen - center + 0.5) / wide)
        targets.append(np.full(len(seen), i))
        sources.append(seen)
        weights.append(part / math.fsum(part) if math.fsum(part) else part)
    return AxisMap(n, m, *(np.concatenate(parts) for parts in (targets, sources, weights)))
