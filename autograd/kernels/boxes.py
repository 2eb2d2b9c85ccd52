"""Pooling over boxes of any place and size: parts that cover the input evenly, large windows, and long strides.

Where each box begins and ends is given by axis, three axes (D, H, W) of which the first may have length 1.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from autograd.kernels.jit import Ints, Reals, block_range, count_blocks, kernel, offset, real, sum_of, worker_count
from autograd.kernels.three_axes import row_at, three
from autograd.kernels.window_sweeps import max_of_box

__all__ = ["Boxes", "boxes_of", "max_pool", "scatter", "spread", "sums"]

BLOCK_WORK = 1 << 16  # elements that the boxes of one block should cover, some 20 microseconds


class Boxes(NamedTuple):
    """How boxes lie in an input, as the kernels take it."""

    begins: tuple[np.ndarray, ...]  # by axis, of each box, int64
    ends: tuple[np.ndarray, ...]
    size: tuple[int, int, int]  # D, H, W
    places: tuple[int, int, int]  # OD, OH, OW
    seen: int  # elements in the boxes of one output row, at most


@functools.lru_cache(maxsize=256)
def boxes_of(size: tuple[int, ...], begins: tuple[tuple[int, ...], ...], ends: tuple[tuple[int, ...], ...]) -> Boxes:
    """The plan for boxes from ``begins`` to ``ends``, in the input, along one, two or three axes."""
    fill = 3 - len(size)
    size, places = three(size, 1), three(map(len, begins), 1)
    begins, ends = ((0,),) * fill + begins, ((1,),) * fill + ends
    spans = [max((e - b for b, e in zip(*pair, strict=True)), default=0) for pair in zip(begins, ends, strict=True)]
    first, last = (tuple(np.array(values, np.int64) for values in axes) for axes in (begins, ends))
    return Boxes(first, last, size, places, spans[0] * spans[1] * size[2] + 8 * places[2])


@kernel
def sums_block(
    block: int, worker: int, x: Reals, factors: Reals, out: Reals, rows_of_sums: Reals, plane_begin: Ints,
    line_begin: Ints, column_begin: Ints, plane_end: Ints, line_end: Ints, column_end: Ints, rows: int,
    rows_per_block: int, depth: int, height: int, width: int, out_depth: int, out_height: int, out_width: int,
) -> None:  # fmt: skip
    """Some output rows: first the sums of the columns, then those of each box.  rows_of_sums: (workers, W)"""
    first, last = block_range(block, rows_per_block, rows)
    columns = offset(rows_of_sums, worker * width)
    for unit in range(first, last):
        volume, plane, line = row_at(unit, out_depth, out_height)
        for i in range(width):
            columns[i] = real(0)
        for z in range(plane_begin[plane], plane_end[plane]):
            for y in range(line_begin[line], line_end[line]):
                source = offset(x, ((volume * depth + z) * height + y) * width)
                for i in range(width):
                    columns[i] += source[i]
        for i in range(out_width):
            begin = column_begin[i]
            total = sum_of(offset(columns, begin), column_end[i] - begin)
            out[unit * out_width + i] = total * factors[(plane * out_height + line) * out_width + i]


@kernel
def spread_block(
    block: int, worker: int, g: Reals, gx: Reals, wide_rows: Reals, plane_begin: Ints, line_begin: Ints,
    column_begin: Ints, plane_end: Ints, line_end: Ints, column_end: Ints, volumes: int, volumes_per_block: int,
    depth: int, height: int, width: int, out_depth: int, out_height: int, out_width: int,
) -> None:  # fmt: skip
    """The gradients of some volumes: each output row, made as wide as the input, is added to the rows of its boxes."""
    first, last = block_range(block, volumes_per_block, volumes)
    wide = offset(wide_rows, worker * width)
    for volume in range(first, last):
        target = offset(gx, volume * depth * height * width)
        for i in range(depth * height * width):
            target[i] = real(0)
        for row in range(out_depth * out_height):
            source = offset(g, (volume * out_depth * out_height + row) * out_width)
            plane = row // out_height
            line = row - plane * out_height
            for i in range(width):
                wide[i] = real(0)
            for i in range(out_width):
                for column in range(column_begin[i], column_end[i]):
                    wide[column] += source[i]
            for z in range(plane_begin[plane], plane_end[plane]):
                for y in range(line_begin[line], line_end[line]):
                    place = offset(target, (z * height + y) * width)
                    for i in range(width):
                        place[i] += wide[i]


@kernel
def max_block(
    block: int, x: Reals, out: Reals, indices: Ints, plane_begin: Ints, line_begin: Ints, column_begin: Ints,
    plane_end: Ints, line_end: Ints, column_end: Ints, rows: int, rows_per_block: int, depth: int, height: int,
    width: int, out_depth: int, out_height: int, out_width: int,
) -> None:  # fmt: skip
    """Some output rows, box by box."""
    first, last = block_range(block, rows_per_block, rows)
    for unit in range(first, last):
        volume, plane, line = row_at(unit, out_depth, out_height)
        source = offset(x, volume * depth * height * width)
        for box in range(out_width):
            best, where = max_of_box(
                source, plane_begin[plane], plane_end[plane], line_begin[line], line_end[line], column_begin[box],
                column_end[box], height, width,
            )  # fmt: skip
            out[unit * out_width + box] = best
            indices[unit * out_width + box] = where


@kernel
def scatter_block(
    block: int, g: Reals, indices: Ints, gx: Reals, volumes: int, volumes_per_block: int, size: int, out_size: int
) -> None:
    """Each output's gradient goes to the place of its maximum."""
    first, last = block_range(block, volumes_per_block, volumes)
    for volume in range(first, last):
        target = offset(gx, volume * size)
        source = offset(g, volume * out_size)
        where = offset(indices, volume * out_size)
        for i in range(size):
            target[i] = real(0)
        for i in range(out_size):
            if 0 <= where[i] < size:
                target[where[i]] += source[i]


# --- On arrays -------------------------------------------------------------------------------------------------------


def _per_block(work: int) -> int:
    return max(1, BLOCK_WORK // max(1, work))


def _rows(shape: tuple[int, ...], boxes: Boxes) -> int:
    """Output rows of a result of that shape."""
    rows = 1
    for n in shape[:-1]:
        rows *= n
    return rows if boxes.places[2] else 0


def sums(x: np.ndarray, factors: np.ndarray, boxes: Boxes, shape: tuple[int, ...]) -> np.ndarray:
    """The sum of each box times ``factors``: (*places), of the dtype of x.  x: (*, *size) -> (*, *places), ``shape``"""
    x = np.ascontiguousarray(x)
    out = np.empty(shape, x.dtype)
    rows, per_block = _rows(shape, boxes), _per_block(boxes.seen)
    blocks = count_blocks(rows, per_block)
    workers = worker_count(blocks)
    scratch = np.empty((workers, boxes.size[2]), x.dtype)
    sums_block(
        x, factors, out, scratch, *boxes.begins, *boxes.ends, rows, per_block, *boxes.size, *boxes.places,
        blocks=blocks, workers=workers,
    )  # fmt: skip
    return out


def spread(g: np.ndarray, boxes: Boxes, shape: tuple[int, ...]) -> np.ndarray:
    """Each element of g, added to all elements of its box: (*, *places) -> (*, *size), which is ``shape``"""
    g = np.ascontiguousarray(g)
    gx = np.empty(shape, g.dtype)
    size = boxes.size[0] * boxes.size[1] * boxes.size[2]
    volumes, per_block = gx.size // size, _per_block(2 * size)
    blocks = count_blocks(volumes, per_block)
    workers = worker_count(blocks)
    scratch = np.empty((workers, boxes.size[2]), g.dtype)
    spread_block(
        g, gx, scratch, *boxes.begins, *boxes.ends, volumes, per_block, *boxes.size, *boxes.places,
        blocks=blocks, workers=workers,
    )  # fmt: skip
    return gx


def max_pool(x: np.ndarray, boxes: Boxes, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The largest element of each box, and its place, counted over all of size.  x: (*, *size) -> ``shape``, both

    Of equal elements the first counts, of several NaNs the last.
    """
    x = np.ascontiguousarray(x)
    out, indices = np.empty(shape, x.dtype), np.empty(shape, np.int64)
    rows, per_block = _rows(shape, boxes), _per_block(boxes.seen)
    max_block(
        x, out, indices, *boxes.begins, *boxes.ends, rows, per_block, *boxes.size, *boxes.places,
        blocks=count_blocks(rows, per_block),
    )  # fmt: skip
    return out, indices


def scatter(g: np.ndarray, indices: np.ndarray, volumes: int, shape: tuple[int, ...]) -> np.ndarray:
    """Adds the elements of g to zeros, of shape ``shape``, at these places in each of so many volumes.

    What has a place outside of the volume is left out.
    """
    g, indices = np.ascontiguousarray(g), np.ascontiguousarray(indices)
    gx = np.empty(shape, g.dtype)
    size, out_size = gx.size // max(1, volumes), g.size // max(1, volumes)
    per_block = _per_block(size + 4 * out_size)
    scatter_block(g, indices, gx, volumes, per_block, size, out_size, blocks=count_blocks(volumes, per_block))
    return gx
