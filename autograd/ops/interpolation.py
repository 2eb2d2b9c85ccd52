"""Images of another size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample
from .adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from .resampling import axis_map, resample
from .windows import AXES, as_array

# How many axes each mode is for.
_MODES = {
    "nearest": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
    "area": (1, 2, 3),
    "linear": (1,),
    "bilinear": (2,),
    "bicubic": (2,),
    "trilinear": (3,),
    "lanczos": (2,),
}
_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
_SMOOTH = ("bilinear", "bicubic", "lanczos")
_AREA = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}


def _per_axis(name: str, value: Any, axes: int, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes
    if len(values) != axes or not all(isinstance(v, kinds) and not isinstance(v, bool) and v > 0 for v in values):
        what = "integer" if kinds[0] is int else "number"
        raise ValueError(
            f"interpolate: {name} must be one {what} above 0, or {axes} of them for an input with {axes} axes behind "
            f"the channels, not {value!r}."
        )
    return values


def _checked(
    x: Any, size: Any, scale_factor: Any, mode: str, align_corners: Any, recompute: Any, antialias: Any
) -> int:
    axes = x.ndim - 2
    if axes not in AXES:
        raise ValueError(
            f"interpolate: the input has shape {x.shape}. It must be (N, C, W), (N, C, H, W) or (N, C, D, H, W). "
            f"A single image gets its batch with x.unsqueeze(0)."
        )
    if mode not in _MODES:
        raise ValueError(f"interpolate: mode must be one of {', '.join(_MODES)}, not {mode!r}.")
    if axes not in _MODES[mode]:
        raise ValueError(
            f"interpolate: mode={mode!r} is for {_MODES[mode][0]} axes behind the channels, and the input {x.shape} "
            f"has {axes}. Use {_LINEAR[axes]!r} or 'nearest'."
        )
    if (size is None) == (scale_factor is None):
        raise ValueError(
            f"interpolate: give either size or scale_factor, not {'both' if size is not None else 'none'}."
        )
    if align_corners is not None and mode in ("nearest", "nearest-exact", "area"):
        raise ValueError(f"interpolate: align_corners has no meaning with mode={mode!r}. Leave it out.")
    if recompute and size is not None:
        raise ValueError("interpolate: recompute_scale_factor has no meaning with a size. Leave it out.")
    if antialias and mode not in _SMOOTH:
        raise ValueError(f"interpolate: antialias is for the modes {', '.join(_SMOOTH)}, not for {mode!r}.")
    if mode == "lanczos" and not antialias:
        raise ValueError("interpolate: mode='lanczos' needs antialias=True.")
    if 0 in x.shape[1:]:
        raise ValueError(f"interpolate: the input has shape {x.shape}. Only N may be 0.")
    return axes


def _interpolate_reference(
    x: np.ndarray,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: Any = None,
    recompute_scale_factor: Any = None,
    antialias: bool = False,
) -> np.ndarray:
    """Axis by axis, each element of the output by itself."""
    axes = x.ndim - 2
    factors = [None] * axes if scale_factor is None else np.broadcast_to(scale_factor, axes).tolist()
    sizes = np.broadcast_to(size, axes) if size is not None else np.floor(np.array(x.shape[2:]) * factors).astype(int)
    for axis, (m, factor) in enumerate(zip(sizes.tolist(), factors, strict=True), 2):
        n = x.shape[axis]
        step = n / m if factor is None or recompute_scale_factor else 1 / factor
        if (m == n and mode not in ("nearest", "nearest-exact", "bicubic")) or (m == n and antialias):
            step = 1.0  # as in PyTorch, which copies there
        if mode == "nearest" and axes == 2 and m in (n, 2 * n):
            step = n / m
        rows = np.moveaxis(x, axis, 0)
        out = []
        for i in range(m):
            center = i * (n - 1) / max(1, m - 1) if align_corners else (i + 0.5) * step - 0.5
            if mode == "area":
                value = rows[i * n // m : -(-(i + 1) * n // m)].mean(0)
            elif mode.startswith("nearest"):
                value = rows[min(n - 1, math.floor(i * step if mode == "nearest" else (i + 0.5) * step))]
            else:
                value = sum(w * rows[min(max(j, 0), n - 1)] for j, w in _terms(mode, center, step, n, antialias))
            out.append(value)
        x = np.moveaxis(np.stack(out), 0, axis)
    return x


def _terms(mode: str, center: float, step: float, n: int, antialias: bool) -> list[tuple[int, float]]:
    """What an element of the output is made of."""
    if mode in ("linear", "bilinear", "trilinear") and not antialias:
        center = max(center, 0.0)
    a = -0.5 if antialias else -0.75

    def weigh(d: float) -> float:
        d = abs(d)
        if mode == "lanczos":
            return 1.0 if d == 0 else 3 * math.sin(math.pi * d) * math.sin(math.pi * d / 3) / (math.pi * d) ** 2
        if mode != "bicubic":
            return max(0.0, 1 - d)
        return (a + 2) * d**3 - (a + 3) * d**2 + 1 if d <= 1 else a * (d**3 - 5 * d**2 + 8 * d - 4) if d < 2 else 0.0

    if not antialias:
        return [(j, weigh(j - center)) for j in range(math.floor(center) - 1, math.floor(center) + 3)]
    wide = max(step, 1.0)
    reach = {"bilinear": 1, "bicubic": 2, "lanczos": 3}[mode] * wide
    terms = [(j, weigh((j - center) / wide)) for j in range(n) if abs(j - center) < reach]
    return [(j, w / sum(w for _, w in terms)) for j, w in terms]


def _settled(mode: str, n: int, antialias: bool, axes: int) -> tuple[int, ...]:
    """The numbers of places for which PyTorch takes no notice of scale_factor, but only of the sizes."""
    if antialias or mode.endswith("linear"):
        return (n,)
    return (n, 2 * n) if mode == "nearest" and axes == 2 else ()


@composite(method=False, reference=_interpolate_reference)
def interpolate(
    x, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None, antialias=False
):
    """The same images with another size.  x: (N, C, *size) -> (N, C, *places), with one, two or three axes of size

    size: how many elements along each axis, or scale_factor: how many times as many; one number, or one for each axis.
    mode: "nearest" (rounded down, as in PyTorch), "nearest-exact", "area" (means), "linear", "bilinear", "trilinear"
    (for one, two and three axes), "bicubic" or, with antialias, "lanczos" (both for two axes).
    align_corners: the outermost elements of input and output are at the same place, instead of their outer edges.
    recompute_scale_factor: distances follow from the sizes, which are whole numbers, and not from scale_factor.
    antialias: a smaller image is made of all elements of the larger one.
    Source: Keys, Cubic convolution interpolation for digital image processing, 1981 (with a = -0.75, as PyTorch).

    >>> import autograd as ag
    >>> ag.interpolate(ag.tensor([[[0.0, 2.0]]]), scale_factor=2, mode="linear").tolist()
    [[[0.0, 0.5, 1.5, 2.0]]]
    """
    x = as_array(x)
    axes = _checked(x, size, scale_factor, mode, align_corners, recompute_scale_factor, antialias)
    lengths: Sequence[int] = x.shape[2:]
    steps: Sequence[float | None] = (None,) * axes
    if size is not None:
        places = tuple(int(n) for n in _per_axis("size", size, axes, (int, np.integer)))
    else:
        factors = _per_axis("scale_factor", scale_factor, axes, (float, int, np.integer, np.floating))
        places = tuple(math.floor(n * factor) for n, factor in zip(lengths, factors, strict=True))
        if 0 in places:
            raise ValueError(f"interpolate: with scale_factor={scale_factor!r} nothing is left of the input {x.shape}.")
        if not recompute_scale_factor:
            steps = tuple(
                None if m in _settled(mode, n, antialias, axes) else 1.0 / factor
                for n, m, factor in zip(lengths, places, factors, strict=True)
            )
    if mode == "area":
        return _AREA[axes](x, places)
    if places == tuple(lengths) and mode in ("nearest", "nearest-exact") and steps == (None,) * axes:
        return x.clone() if hasattr(x, "clone") else x.copy()
    single = x.dtype != np.float64
    maps = tuple(
        axis_map(mode, n, m, step, bool(align_corners), bool(antialias), single)
        for n, m, step in zip(lengths, places, steps, strict=True)
    )
    return resample(x, maps)


@composite(method=False, reference=_interpolate_reference)
def upsample(x, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """`interpolate`, under its former name.  x: (N, C, *size) -> (N, C, *places)"""
    return interpolate(x, size, scale_factor, mode, align_corners)


@interpolate.samples
def _(draw):
    yield Sample(draw(2, 3, 5), 7)
    yield Sample(draw(2, 3, 5), scale_factor=2.5)
    yield Sample(draw(1, 2, 4, 3), (6, 2), None, "nearest-exact")
    yield Sample(draw(1, 2, 2, 3, 4), scale_factor=(2, 1.5, 0.7), mode="nearest")
    yield Sample(draw(1, 2, 3, 2, 2), 4, mode="nearest-exact")
    for size in (3, 9, 1):
        for corners in (False, True):
            yield Sample(draw(2, 2, 5), size, mode="linear", align_corners=corners)
    yield Sample(draw(2, 2, 5), scale_factor=1.7, mode="linear", recompute_scale_factor=True)
    yield Sample(draw(2, 2, 5), scale_factor=1.7, mode="linear")
    for mode in ("bilinear", "bicubic"):
        yield Sample(draw(2, 2, 3, 4), (6, 8), mode=mode)
        yield Sample(draw(2, 2, 5, 6), (7, 3), mode=mode, align_corners=True)
        yield Sample(draw(1, 2, 5, 6), scale_factor=(1.3, 0.6), mode=mode)
        yield Sample(draw(1, 2, 5, 6), scale_factor=(1.3, 0.6), mode=mode, recompute_scale_factor=True)
        yield Sample(draw(1, 2, 9, 8), (4, 3), mode=mode, antialias=True)
        yield Sample(draw(1, 2, 4, 5), (9, 2), mode=mode, align_corners=False, antialias=True)
        yield Sample(draw(1, 2, 5, 6), scale_factor=(1.1, 0.6), mode=mode)
    yield Sample(draw(1, 2, 4, 5), scale_factor=(2.2, 1.1))
    yield Sample(draw(1, 2, 9, 8), (4, 3), mode="lanczos", antialias=True)
    yield Sample(draw(1, 2, 3, 2, 4), (2, 4, 3), mode="trilinear")
    yield Sample(draw(1, 2, 3, 2, 4), scale_factor=2, mode="trilinear", align_corners=True)
    yield Sample(draw(2, 2, 5), 3, mode="area")
    yield Sample(draw(2, 2, 5, 6), scale_factor=0.5, mode="area")
    yield Sample(draw(1, 2, 3, 4, 2), (2, 3, 3), mode="area")
    yield Sample(draw(2, 3, 5), 5)
    yield Sample(draw.integers(2, 3, 4, 2), 3)
    yield Sample(draw(0, 2, 3, 4), (6, 8), mode="bilinear")


@upsample.samples
def _(draw):
    yield Sample(draw(2, 3, 5), 7)
    yield Sample(draw(2, 3, 4, 5), scale_factor=2)
    yield Sample(draw(2, 3, 4, 5), (3, 9), mode="bilinear")
    yield Sample(draw(2, 3, 4, 5), (3, 9), None, "bicubic", True)
    yield Sample(draw(1, 3, 2, 4, 5), scale_factor=1.5, mode="trilinear", align_corners=True)
    yield Sample(draw(1, 3, 5), scale_factor=1.5, mode="linear")


@interpolate.errors
def _(draw):
    yield Sample(draw(3, 4), 2), ValueError, "x.unsqueeze(0)"
    yield Sample(draw(1, 3, 4)), ValueError, "not none"
    yield Sample(draw(1, 3, 4), 2, 2), ValueError, "not both"
    yield Sample(draw(1, 3, 4), (2, 3)), ValueError, "one integer above 0"
    yield Sample(draw(1, 3, 4), -1), ValueError, "one integer above 0"
    yield Sample(draw(1, 3, 4), scale_factor=0.1), ValueError, "nothing is left"
    yield Sample(draw(1, 3, 4), 2, mode="cubic"), ValueError, "mode must be one of"
    yield Sample(draw(1, 3, 4), 2, mode="bilinear"), ValueError, "Use 'linear'"
    yield Sample(draw(1, 3, 4), 2, align_corners=True), ValueError, "Leave it out"
    yield Sample(draw(1, 3, 4), 2, recompute_scale_factor=True), ValueError, "Leave it out"
    yield Sample(draw(1, 3, 4), 2, antialias=True), ValueError, "antialias is for"
    yield Sample(draw(1, 3, 4, 4), 2, mode="lanczos"), ValueError, "antialias=True"
    yield Sample(draw(1, 0, 4), 2), ValueError, "Only N may be 0"
    yield Sample(draw.integers(1, 3, 4), 2, mode="linear"), TypeError, "x.float()"
