"""Pooling over windows that move over the last one, two or three axes: maxima and means, and their gradients.

All are seen as three axes, (D, H, W), of which the first may have length 1. The maximum of each window is kept with the
number of the tap that it lies at, one byte: its gradient reads those, and writes each element of the input once, from
the windows that see it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from autograd.kernels.jit import LANES, Bytes, Ints, Kernel, Reals, block_range, count_blocks, kernel, offset
from autograd.kernels.three_axes import next_row, row_at, three
from autograd.kernels.window_sweeps import NO_TAP, gradients_of_windows, max_of_windows, sums_of_windows

__all__ = ["Plan", "avg_pool", "avg_pool_gradient", "max_pool", "max_pool_gradient", "places_of", "plan_of"]

BLOCK_WORK = 1 << 16  # elements that the windows of one block should cover, some 20 microseconds
MOST_STEPS = 4  # the largest stride along a row that the kernels know
LONGEST = 256  # elements that a window may reach over along a row
GUARD = 512  # bytes before and behind the taps that may be read, whatever is in them
PITCH = 16  # each row of taps takes a multiple of so many bytes
LINES, COLUMNS, STEP, LARGEST = 0, 0, 1, 1  # constants of a variant: see `window_sweeps`


class Plan(NamedTuple):
    """How windows lie in an input, as the kernels take it; made once for a shape."""

    size: tuple[int, int, int]  # D, H, W
    places: tuple[int, int, int]  # OD, OH, OW
    taps: tuple[int, int, int]
    forward: tuple[int, ...]  # arguments of the kernels
    backward: tuple[int, ...]
    pitch: int
    column_starts: np.ndarray  # (pitch,): the first tap of each window that lies in the input, along a row
    row_starts: np.ndarray  # (OD, OH): the number of the first tap, along the other axes
    tables: tuple[np.ndarray, np.ndarray]  # (D, taps), (H, taps): which output sees this place with each tap, or -1
    origins: tuple[np.ndarray, ...]  # by axis, where each window begins
    dilation: tuple[int, int, int]
    kernels: tuple[Kernel, ...]  # of maxima, of means, of the gradients of these two
    work: int  # elements in the windows of an output row


@functools.lru_cache(maxsize=256)
def plan_of(
    size: tuple[int, ...], places: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...],
    padding: tuple[int, ...], dilation: tuple[int, ...],
) -> Plan | None:  # fmt: skip
    """The plan for windows over the last axes, or None where the kernels can not do them."""
    size, places, kernel, stride, dilation = (three(value, 1) for value in (size, places, kernel, stride, dilation))
    padding = three(padding, 0)
    reach = dilation[2] * (kernel[2] - 1) + 1
    if stride[2] > MOST_STEPS or math.prod(kernel) >= NO_TAP or reach > LONGEST or math.prod(size) >= 1 << 31:
        return None
    starts, tables = [], []
    for n, out, k, s, p, d in zip(size, places, kernel, stride, padding, dilation, strict=True):
        at = np.arange(out)[:, None] * s - p + np.arange(k) * d  # (out, taps): where each tap lies
        inside = (at >= 0) & (at < n)
        starts.append(np.where(inside.any(1), inside.argmax(1), NO_TAP))
        table = np.full((n, k), -1)
        windows, taps = np.nonzero(inside)
        table[at[windows, taps], taps] = windows
        tables.append(table)
    pitch = -(-places[2] // PITCH) * PITCH
    column_starts = np.full(pitch, NO_TAP, np.uint8)
    column_starts[: places[2]] = starts[2]
    z, y = np.meshgrid(starts[0], starts[1], indexing="ij")
    row_starts = np.where((z == NO_TAP) | (y == NO_TAP), NO_TAP, (z * kernel[1] + y) * kernel[2])
    columns = kernel[2] if kernel[2] <= 3 and dilation[2] == 1 else 0
    lines = kernel[1] if size[0] == kernel[0] == 1 and kernel[1] <= 3 and columns else 0
    variant = {"LINES": lines, "COLUMNS": columns, "STEP": stride[2]}
    kernels = (
        max_pool_block.with_constants(**variant),
        avg_pool_block.with_constants(**variant),
        pool_gradient_block.with_constants(**variant, LARGEST=1),
        pool_gradient_block.with_constants(**variant, LARGEST=0),
    )
    return Plan(
        size, places, kernel, (*size, *places, pitch, *kernel, *stride[:2], *padding, *dilation),
        (*size, *places, pitch, *kernel, padding[2], dilation[2]), pitch, column_starts, row_starts,
        (tables[0], tables[1]), tuple(np.arange(n) * s - p for n, s, p in zip(places, stride, padding, strict=True)),
        dilation, kernels, places[2] * math.prod(kernel),
    )  # fmt: skip


def _per_block(work: int) -> int:
    return max(1, BLOCK_WORK // max(1, work))


# --- Forward ---------------------------------------------------------------------------------------------------------


@kernel
def max_pool_block(
    block: int, x: Reals, column_starts: Bytes, row_starts: Ints, out: Reals, taps: Bytes, rows: int,
    rows_per_block: int, depth: int, height: int, width: int, out_depth: int, out_height: int, out_width: int,
    pitch: int, planes: int, lines: int, columns: int, plane_stride: int, row_stride: int, front: int, top: int,
    left: int, plane_step: int, row_step: int, column_step: int,
) -> None:  # fmt: skip
    """Some output rows.  taps: rows of ``pitch`` bytes, behind `GUARD` more."""
    first, last = block_range(block, rows_per_block, rows)
    volume, plane, line = row_at(first, out_depth, out_height)
    for unit in range(first, last):
        source = offset(x, volume * depth * height * width)
        for ow in range(0, out_width, LANES):
            max_of_windows(
                source, plane * plane_stride - front, line * row_stride - top, ow * STEP - left, depth, height, width,
                planes, lines, columns, plane_step, row_step, column_step, row_starts[plane * out_height + line],
                offset(column_starts, ow), offset(out, unit * out_width + ow), offset(taps, GUARD + unit * pitch + ow),
                out_width - ow, LINES, COLUMNS, STEP,
            )  # fmt: skip
        volume, plane, line = next_row(volume, plane, line, out_depth, out_height)


@kernel
def avg_pool_block(
    block: int, x: Reals, factors: Reals, out: Reals, rows: int, rows_per_block: int, depth: int, height: int,
    width: int, out_depth: int, out_height: int, out_width: int, pitch: int, planes: int, lines: int, columns: int,
    plane_stride: int, row_stride: int, front: int, top: int, left: int, plane_step: int, row_step: int,
    column_step: int,
) -> None:  # fmt: skip
    """Some output rows.  factors: (OD, OH, OW), 1 / what each sum is divided by"""
    first, last = block_range(block, rows_per_block, rows)
    volume, plane, line = row_at(first, out_depth, out_height)
    for unit in range(first, last):
        source = offset(x, volume * depth * height * width)
        for ow in range(0, out_width, LANES):
            sums_of_windows(
                source, plane * plane_stride - front, line * row_stride - top, ow * STEP - left, depth, height, width,
                planes, lines, columns, plane_step, row_step, column_step,
                offset(factors, (plane * out_height + line) * out_width + ow), offset(out, unit * out_width + ow),
                out_width - ow, LINES, COLUMNS, STEP,
            )  # fmt: skip
        volume, plane, line = next_row(volume, plane, line, out_depth, out_height)


# --- Backward --------------------------------------------------------------------------------------------------------


@kernel
def pool_gradient_block(
    block: int, g: Reals, taps: Bytes, plane_table: Ints, row_table: Ints, gx: Reals, rows: int, rows_per_block: int,
    factor: float, depth: int, height: int, width: int, out_depth: int, out_height: int, out_width: int, pitch: int,
    planes: int, lines: int, columns: int, left: int, column_step: int,
) -> None:  # fmt: skip
    """Some rows of the input's gradient, each from the outputs whose windows see it."""
    first, last = block_range(block, rows_per_block, rows)
    volume, plane, line = row_at(first, depth, height)
    for unit in range(first, last):
        outputs = volume * (out_depth * out_height)
        for index in range(left // STEP, (width - 1 + left) // STEP + 1, LANES):
            gradients_of_windows(
                offset(g, outputs * out_width), offset(taps, GUARD + outputs * pitch), out_height, out_width, pitch,
                offset(plane_table, plane * planes), offset(row_table, line * lines), planes, lines, columns,
                column_step, index, index * STEP - left, width, factor, offset(gx, unit * width), LARGEST, LINES,
                COLUMNS, STEP,
            )  # fmt: skip
        volume, plane, line = next_row(volume, plane, line, depth, height)


# --- On arrays -------------------------------------------------------------------------------------------------------


def max_pool(x: np.ndarray, plan: Plan, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The largest element of each window, of shape ``shape``, and the taps where these lie.

    x: (*, *size) -> (*, *places). Of equal elements the first counts, of several NaNs the last. A window that lies in
    the padding alone gives -inf. The taps are for `max_pool_gradient` and `places_of`.
    """
    x = np.ascontiguousarray(x)
    out = np.empty(shape, x.dtype)
    rows = out.size // plan.places[2]
    taps = np.empty(rows * plan.pitch + 2 * GUARD, np.uint8)
    per_block = _per_block(plan.work)
    plan.kernels[0](
        x, plan.column_starts, plan.row_starts, out, taps, rows, per_block, *plan.forward,
        blocks=count_blocks(rows, per_block),
    )  # fmt: skip
    return out, taps


def places_of(taps: np.ndarray, plan: Plan, shape: tuple[int, ...]) -> np.ndarray:
    """Where the maxima lie, counted over all of size, or -1 for none.  -> ``shape``, int64"""
    numbers = taps[GUARD:-GUARD].reshape(-1, *plan.places[:2], plan.pitch)[..., : plan.places[2]]
    where = np.zeros(numbers.shape, np.int64)
    tap = np.unravel_index(np.minimum(numbers, math.prod(plan.taps) - 1), plan.taps)
    for axis, (origin, along) in enumerate(zip(plan.origins, tap, strict=True)):
        place = origin.reshape(-1, *(1,) * (2 - axis)) + along * plan.dilation[axis]
        where = where * plan.size[axis] + place
    where[numbers == NO_TAP] = -1
    return where.reshape(shape)


def _gradient(g: np.ndarray, taps: np.ndarray | None, plan: Plan, shape: Sequence[int], factor: float) -> np.ndarray:
    g = np.ascontiguousarray(g)
    gx = np.empty(shape, g.dtype)
    rows = gx.size // plan.size[2]
    per_block = _per_block(4 * plan.size[2])
    plan.kernels[3 if taps is None else 2](
        g, taps, *plan.tables, gx, rows, per_block, factor, *plan.backward, blocks=count_blocks(rows, per_block)
    )
    return gx


def max_pool_gradient(g: np.ndarray, taps: np.ndarray, plan: Plan, shape: tuple[int, ...]) -> np.ndarray:
    """Gradient of `max_pool` by x, which has shape ``shape``.  g: (*, *places)"""
    return _gradient(g, taps, plan, shape, 1.0)


def avg_pool(x: np.ndarray, factors: np.ndarray, plan: Plan, shape: tuple[int, ...]) -> np.ndarray:
    """The sum of each window times ``factors``: (*places), of the dtype of x.  x: (*, *size) -> (*, *places)"""
    x = np.ascontiguousarray(x)
    out = np.empty(shape, x.dtype)
    rows = out.size // plan.places[2]
    per_block = _per_block(plan.work)
    plan.kernels[1](x, factors, out, rows, per_block, *plan.forward, blocks=count_blocks(rows, per_block))
    return out


def avg_pool_gradient(g: np.ndarray, factor: float, plan: Plan, shape: tuple[int, ...]) -> np.ndarray:
    """Each element of g, times ``factor``, added up over its window: (*, *places) -> (*, *size), which is ``shape``"""
    return _gradient(g, None, plan, shape, factor)
