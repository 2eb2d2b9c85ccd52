"""How a convolution is laid out: which offsets its tables hold, and how it is cut into bands. No kernel is here.

`conv` says what the tables are for. Everything follows from shapes alone, so that it is made once for each.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from autograd.kernels.jit import count_blocks
from autograd.kernels.lanes import TILE_ROWS

__all__ = ["MIN_BLOCKS", "PHASE_FIELDS", "Geometry", "Pair", "forward_geometry", "input_gradient_geometry"]

Pair = tuple[int, int]

BUFFER_BYTES = 1 << 18  # of one padded image, or a band of its rows: a part of the second-level cache
MIN_BLOCKS = 16  # bands or chunks are made smaller to have this many, so that every core finds work
PHASE_FIELDS = 7  # integers that describe a phase, in the order of _Phase


class Phase(NamedTuple):
    """Result pixels that use the same taps. They form a grid; a forward convolution has but one phase."""

    rows: int
    columns: int
    depth: int  # length of its sums: taps times channels
    first_step: int  # where its taps begin in the table of taps, and in the packed weights
    first_pixel: int  # where its pixels begin in the table of pixels
    top: int  # place of the grid's first pixel in the result
    left: int


class Geometry(NamedTuple):
    """How a convolution is laid out and cut into bands of grid rows."""

    phases: np.ndarray  # (phases, PHASE_FIELDS)
    taps: tuple[np.ndarray, ...]  # of each phase: indices into KH * KW
    steps: np.ndarray  # offset of each (phase, channel, tap) in the padded image
    pixels: np.ndarray  # offset of each (phase, pixel of a band) in the padded image
    places: np.ndarray  # place of each (phase, pixel of a band) in the result
    band_rows: int
    bands: int
    grid_rows: int
    row_step: int  # rows and columns of the source for each of a grid
    column_step: int
    spread: Pair  # rows and columns of the result for each of a grid
    first_row: int  # source row and column at which the padded image begins
    first_column: int
    buffer_rows: int
    buffer_columns: int
    channel_stride: int


def _lay_out(
    grids: list[tuple[Pair, Pair, list[Pair], list[Pair]]], spread: Pair, source_step: Pair, result_columns: int,
    channels: int, kernel_columns: int, itemsize: int, parallel: int, pixel_limit: int,
) -> Geometry:  # fmt: skip
    """Make the tables of a convolution.

    Each grid is (its sizes, its first pixel's place in the result, the kernel's taps that it uses, and where each of
    these looks, as (row, column) of the source, from the grid's first pixel).
    """
    looks = [look for *_, offsets in grids for look in offsets]
    top, left = min(y for y, _ in looks), min(x for _, x in looks)
    bottom, right = max(y for y, _ in looks), max(x for _, x in looks)
    grid_rows = max(size[0] for size, *_ in grids)
    grid_columns = max(size[1] for size, *_ in grids)
    columns = (grid_columns - 1) * source_step[1] + right - left + 1

    # Bands: as many rows as fit into the buffer; fewer, if there would be too few blocks.
    limit = BUFFER_BYTES // max(1, channels * columns * itemsize)
    band_rows = max(1, min(grid_rows, (limit - (bottom - top) - 1) // source_step[0] + 1, pixel_limit // grid_columns))
    band_rows = max(1, min(band_rows, count_blocks(grid_rows, count_blocks(MIN_BLOCKS, max(1, parallel)))))
    bands = count_blocks(grid_rows, band_rows)
    band_rows = count_blocks(grid_rows, bands)
    rows = (band_rows - 1) * source_step[0] + bottom - top + 1
    # A stride between channels that is no multiple of a cache's way keeps them from crowding each other out.
    channel_stride = rows * columns + 16 + (-(rows * columns)) % 16

    phases: list[Phase] = []
    steps, pixels, places = [], [], []
    first_step = first_pixel = 0
    for size, place, _taps, offsets in grids:
        ys, xs = np.divmod(np.arange(band_rows * size[1]), max(1, size[1]))
        here = np.array([(y - top) * columns + x - left for y, x in offsets], np.int64)
        table = (np.arange(channels)[:, None] * channel_stride + here).reshape(-1)
        phases.append(Phase(*size, table.size, first_step, first_pixel, *place))
        steps.append(table)
        pixels.append(ys * source_step[0] * columns + xs * source_step[1])
        places.append((place[0] + ys * spread[0]) * result_columns + place[1] + xs * spread[1])
        first_step, first_pixel = first_step + table.size, first_pixel + ys.size
    filler = np.zeros(TILE_ROWS, np.int64)  # a last tile reads the table beyond its end
    return Geometry(
        phases=np.array(phases, np.int64).reshape(-1),
        taps=tuple(np.array([y * kernel_columns + x for y, x in taps], np.int64) for _, _, taps, _ in grids),
        steps=np.concatenate([*steps, filler]),
        pixels=np.concatenate([*pixels, filler]),
        places=np.concatenate([*places, filler]),
        band_rows=band_rows,
        bands=bands,
        grid_rows=grid_rows,
        row_step=source_step[0],
        column_step=source_step[1],
        spread=spread,
        first_row=top,
        first_column=left,
        buffer_rows=rows,
        buffer_columns=columns,
        channel_stride=channel_stride,
    )


@functools.lru_cache(maxsize=1024)
def forward_geometry(
    out_size: Pair, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair, channels: int, itemsize: int,
    parallel: int, pixel_limit: int = 1 << 30,
) -> Geometry:  # fmt: skip
    """One grid, the result itself: pixel (y, x) looks at y * stride + tap * dilation - padding."""
    taps = [(y, x) for y in range(kernel_size[0]) for x in range(kernel_size[1])]
    looks = [(y * dilation[0] - padding[0], x * dilation[1] - padding[1]) for y, x in taps]
    return _lay_out(
        [(out_size, (0, 0), taps, looks)], (1, 1), stride, out_size[1], channels, kernel_size[1], itemsize, parallel,
        pixel_limit,
    )  # fmt: skip


@functools.lru_cache(maxsize=1024)
def input_gradient_geometry(
    input_size: Pair, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair, channels: int, itemsize: int,
    parallel: int,
) -> Geometry | None:  # fmt: skip
    """Input row y got from output row (y + padding - tap * dilation) / stride, if whole; None if none is."""

    def reached(first: int, axis: int) -> list[Pair]:
        """Taps that reach the grid whose first pixel this is, and where its output then lies."""
        distances = [first + padding[axis] - tap * dilation[axis] for tap in range(kernel_size[axis])]
        return [(tap, d // stride[axis]) for tap, d in enumerate(distances) if d % stride[axis] == 0]

    grids = []
    for top in range(min(stride[0], input_size[0])):
        for left in range(min(stride[1], input_size[1])):
            size = count_blocks(input_size[0] - top, stride[0]), count_blocks(input_size[1] - left, stride[1])
            both = [(y, x) for y in reached(top, 0) for x in reached(left, 1)]
            taps, looks = [(y[0], x[0]) for y, x in both], [(y[1], x[1]) for y, x in both]
            grids.append((size, (top, left), taps, looks))
    if not any(looks for *_, looks in grids):
        return None
    return _lay_out(
        grids, stride, (1, 1), input_size[1], channels, kernel_size[1], itemsize, parallel, 1 << 30
    )  # fmt: skip
