"""Windows of pooling: how they move over an input, and how the kernels go about it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import kernels
from .windows import check_layout, hashable, per_axis


class Window(NamedTuple):
    """A window and how it moves: one number for each axis that is pooled over, the last ones of the input."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: int | None = None

    def places(self, size: Sequence[int]) -> tuple[int, ...]:
        """How many windows there are along each axis."""
        found = []
        for n, k, s, p, d in zip(size, self.kernel, self.stride, self.padding, self.dilation, strict=True):
            room = n + 2 * p - d * (k - 1) - 1
            places = (room + (s - 1 if self.ceil_mode else 0)) // s + 1
            if self.ceil_mode and (places - 1) * s >= n + p:
                places -= 1  # the last window would begin in the padding behind the input
            found.append(places)
        return tuple(found)

    def padding_for(self, size: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """The padding on both sides that the windows reach into."""
        ends = [
            (places - 1) * s + d * (k - 1) + 1 - p - n
            for places, n, k, s, p, d in zip(
                self.places(size), size, self.kernel, self.stride, self.padding, self.dilation, strict=True
            )
        ]
        return tuple((p, max(p, end)) for p, end in zip(self.padding, ends, strict=True))

    def divisors(self, size: Sequence[int]) -> np.ndarray:
        """By what the sum over each window is divided.  -> (*places)"""
        if self.divisor_override is not None:
            return np.full(self.places(size), self.divisor_override)
        counts = np.ones(())
        for n, places, k, s, p in zip(size, self.places(size), self.kernel, self.stride, self.padding, strict=True):
            first = np.arange(places) * s - p
            last = np.minimum(first + k, n + p)
            if not self.count_include_pad:
                first, last = np.maximum(first, 0), np.minimum(last, n)
            counts = np.multiply.outer(counts, np.maximum(last - first, 1))
        return counts


def window_for(op: str, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any = 1, **more: Any) -> Window:
    """The options, checked against each other and against the input."""
    options = (hashable(option) for option in (kernel_size, stride, padding, dilation))
    return _window(op, x.shape, *options, **more)


@functools.lru_cache(maxsize=1024)
def _window(
    op: str, shape: tuple[int, ...], kernel_size: Any, stride: Any, padding: Any, dilation: Any, **more: Any
) -> Window:
    axes = int(op[-2])
    check_axes(op, shape, axes)
    kernel = per_axis(op, "kernel_size", kernel_size, axes, 1)
    empty = stride is None or stride == ()
    window = Window(
        kernel,
        kernel if empty else per_axis(op, "stride", stride, axes, 1),
        per_axis(op, "padding", padding, axes, 0),
        per_axis(op, "dilation", dilation, axes, 1),
        **more,
    )
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, window.dilation, strict=True)]
    if any(2 * p > r for p, r in zip(window.padding, reach, strict=True)):
        raise ValueError(
            f"{op}: padding={padding!r} must be at most half of what the window reaches over, {tuple(reach)}. Use "
            f"pad() before."
        )
    if min(window.places(shape[-axes:])) < 1:
        raise ValueError(
            f"{op}: the window reaches over {tuple(reach)} elements and does not fit into the input {shape} with "
            f"padding={padding!r}. Give a larger input or a smaller window."
        )
    return window


def check_axes(op: str, shape: tuple[int, ...], axes: int) -> None:
    """Raises unless `shape` is that of images with so many axes, with or without a batch."""
    check_layout(op, shape, axes)
    if 0 in shape[-axes - 1 :]:
        raise ValueError(f"{op}: the input has shape {shape}. Only N may be 0.")


@functools.lru_cache(maxsize=1024)
def plan_for(window: Window, size: tuple[int, ...]) -> tuple[tuple[int, ...], Any, Any]:
    """The number of places, and how the kernels go about it: as windows that move, or as boxes; None for neither."""
    places = window.places(size)
    plan = kernels.pool.plan_of(size, places, window.kernel, window.stride, window.padding, window.dilation)
    boxes = None
    if plan is None and max(window.dilation) == 1:
        firsts = [
            tuple(i * s - p for i in range(n)) for n, s, p in zip(places, window.stride, window.padding, strict=True)
        ]
        begins = tuple(tuple(max(first, 0) for first in axis) for axis in firsts)
        ends = tuple(
            tuple(min(first + k, n) for first in axis) for axis, k, n in zip(firsts, window.kernel, size, strict=True)
        )
        boxes = kernels.boxes.boxes_of(size, begins, ends)
    return places, plan, boxes


def shape_after(shape: tuple[int, ...], places: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of what is pooled to so many places along the last axes."""
    return (*shape[: len(shape) - len(places)], *places)
