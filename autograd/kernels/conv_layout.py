"""How a convolution is laid out: which offsets its tables hold, and how it is cut into bands. No kernel is here.

`conv` says what the tables are for. Everything follows from shapes alone, so that it is made once for each.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from autograd.kernels.jit import count_blocks

__all__ = ["FILLER", "MIN_BLOCKS", "PHASE_FIELDS", "Geometry", "Pair", "forward_geometry", "input_gradient_geometry"]

Pair = tuple[int, int]

BUFFER_BYTES = 1 << 18  # of one padded image, or a band of its rows: a part of the second-level cache
MIN_BLOCKS = 16  # bands or chunks are made smaller to have this many, so that every core finds work
FILLER = 16  # more than the rows or vectors of any tile
PHASE_FIELDS = 7  # integers that describe a phase, in the order of _Phase


class Phase(NamedTuple):
    """Result pixels that use the same taps. They form a grid; a forward convolution has but one phase."""

    rows: int
    columns: int  # pixels, or vectors of them, in a row
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
    pixels: np.ndarray  # offset of each (phase, pixel or vector of a band) in the padded image
    places: np.ndarray  # place of each (phase, pixel or vector of a band) in the result
    counts: np.ndarray  # of vectors: pixels of the result
    fresh: np.ndarray  # of vectors: pixels, at their end, that the one before does not have
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
    column_phases: int  # columns of the padded image stand in this order: each so many, from the first; from the second


def _lay_out(
    grids: list[tuple[Pair, Pair, list[Pair], list[Pair]]], spread: Pair, source_step: Pair, result_columns: int,
    channels: int, kernel_columns: int, itemsize: int, parallel: int, pixel_limit: int, lanes: int,
) -> Geometry:  # fmt: skip
    """Make the tables of a convolution: of pixels, or of vectors of ``lanes`` of them side by side.

    Each grid is (its sizes, its first pixel's place in the result, the kernel's taps that it uses, and where each of
    these looks, as (row, column) of the source, from the grid's first pixel).
    """
    looks = [look for *_, offsets in grids for look in offsets]
    top, left = min(y for y, _ in looks), min(x for _, x in looks)
    bottom, right = max(y for y, _ in looks), max(x for _, x in looks)
    grid_rows = max(size[0] for size, *_ in grids)
    grid_columns = max(size[1] for size, *_ in grids)
    columns = (grid_columns - 1) * source_step[1] + right - left + 1
    # Vectors want the pixels that they read side by side: columns are sorted by the rest when divided by the stride.
    column_phases = source_step[1] if lanes else 1
    phase_columns = count_blocks(columns, column_phases)
    columns = phase_columns * column_phases

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
    steps, pixels, places, counts, fresh = [], [], [], [], []
    first_step = first_pixel = 0
    for size, place, _taps, offsets in grids:
        if lanes:  # the last vector of a row overlaps with that before
            line = np.minimum(np.arange(0, size[1], lanes), max(0, size[1] - lanes))
            counts.append(np.full(band_rows * line.size, min(lanes, size[1])))
            fresh.append(np.tile(np.diff(line + min(lanes, size[1]), prepend=0), band_rows))
        else:
            line = np.arange(size[1])
        ys, xs = np.repeat(np.arange(band_rows), line.size), np.tile(line, band_rows)
        here = np.array(
            [(y - top) * columns + (x - left) % column_phases * phase_columns + (x - left) // column_phases
             for y, x in offsets], np.int64,
        )  # fmt: skip
        table = (np.arange(channels)[:, None] * channel_stride + here).reshape(-1)
        phases.append(Phase(size[0], line.size, table.size, first_step, first_pixel, *place))
        steps.append(table)
        pixels.append(ys * source_step[0] * columns + xs * (1 if lanes else source_step[1]))
        places.append((place[0] + ys * spread[0]) * result_columns + place[1] + xs * spread[1])
        first_step, first_pixel = first_step + table.size, first_pixel + ys.size
    filler = np.zeros(FILLER, np.int64)  # a last tile reads the table beyond its end
    return Geometry(
        phases=np.array(phases, np.int64).reshape(-1),
        taps=tuple(np.array([y * kernel_columns + x for y, x in taps], np.int64) for _, _, taps, _ in grids),
        steps=np.concatenate([*steps, filler]),
        pixels=np.concatenate([*pixels, filler]),
        places=np.concatenate([*places, filler]),
        counts=np.concatenate([*counts, filler]),
        fresh=np.concatenate([*fresh, filler]),
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
        column_phases=column_phases,
    )


@functools.lru_cache(maxsize=1024)
def forward_geometry(
    out_size: Pair, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair, channels: int, itemsize: int,
    parallel: int, pixel_limit: int = 1 << 30, lanes: int = 0,
) -> Geometry:  # fmt: skip
    """One grid, the result itself: pixel (y, x) looks at y * stride + tap * dilation - padding."""
    taps = [(y, x) for y in range(kernel_size[0]) for x in range(kernel_size[1])]
    looks = [(y * dilation[0] - padding[0], x * dilation[1] - padding[1]) for y, x in taps]
    return _lay_out(
        [(out_size, (0, 0), taps, looks)], (1, 1), stride, out_size[1], channels, kernel_size[1], itemsize, parallel,
        pixel_limit, lanes,
    )  # fmt: skip


@functools.lru_cache(maxsize=1024)
def input_gradient_geometry(
    input_size: Pair, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair, channels: int, itemsize: int,
    parallel: int, lanes: int = 0,
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
        grids, stride, (1, 1), input_size[1], channels, kernel_size[1], itemsize, parallel, 1 << 30, lanes
    )  # fmt: skip
