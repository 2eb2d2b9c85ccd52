"""Convolution with kernels of 3x3 and stride 1 by Winograd's F(4x4, 3x3): a quarter of the multiplications.

An image is cut into tiles of 4x4 output pixels, which overlap in the 6x6 input pixels that they need. Tiles and kernels
are transformed to 36 *frequencies* (see `winograd_transforms`); for each frequency, a matrix product over channels is
left; and what comes out of that is transformed back. A block of work is some tiles of all channels: all three steps,
while their values are in the second-level cache. In all steps the lanes of a vector are channels.

An infinite or NaN pixel would spread over its whole tile as NaN. Results are watched for it, and where it happens the
caller is told to convolve directly.

float32 only.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np

from autograd.kernels.choices import choose, smaller
from autograd.kernels.gemm import pack_block
from autograd.kernels.jit import (
    LANES,
    VECTOR_BYTES,
    Ints,
    Reals,
    block_range,
    count_blocks,
    inline,
    kernel,
    offset,
    real,
    stack,
    sum_of,
    worker_count,
)
from autograd.kernels.lanes import TILE_ROWS, TILE_VECTORS, read_turned, tile, write_turned
from autograd.kernels.pixel_tile import copy_row
from autograd.kernels.winograd_transforms import (
    FREQUENCIES,
    OUTPUT,
    transform_gradient,
    transform_input,
    transform_output,
    weight_matrix,
)

__all__ = ["pays", "winograd_conv2d", "winograd_weight_gradient"]

Pair = tuple[int, int]

_LANES = VECTOR_BYTES // 4  # of float32
_WIDTH = TILE_VECTORS * _LANES  # channels of a panel
DEPTH_BLOCK = 256  # channels between two visits of a register tile
TILES_BYTES = 3 << 18  # of the transformed tiles of a unit, before and after the product
NO_FLOOR = -np.inf
LEAST_TILES = 32  # of a unit: each unit goes over all transformed kernels
PART_DEPTH, PART_PANELS = 64, 2  # channels of a block of a weight gradient: its sums stay in the second-level cache
GRADIENT_BLOCKS = 8  # that a weight gradient should have, so that every core finds work
BLOCK_FIELDS, UNIT_FIELDS, SIDE_FIELDS = 11, 11, 6  # integers that describe these, as `_plan` lists them
TILE_COST, KERNEL_COST = 800, 1500  # of transforming a vector, in multiply-adds: measured on a Zen 5
WEIGHT_DEPTHS = 16  # input channels in a block that transforms kernels


@inline
def read_channels(source, plane, count, valid, buffer, places, piece):
    """Turn pixels of LANES channels: source (channels, plane), of which ``valid`` are there, to buffer (..., LANES).

    ``source`` begins at the first of ``count`` pixels; the table ``places`` says where each goes.
    """
    step = choose(valid >= LANES and count >= LANES, LANES, 1)
    pixel = 0
    while pixel < count:
        pixel = smaller(pixel, count - step)  # the last ones overlap with those before
        place = places[pixel]
        together = 0
        if step == LANES:
            together = places[pixel + LANES - 1] == place + (LANES - 1) * LANES
            read_turned(offset(source, pixel), plane, choose(together, offset(buffer, place), piece), LANES, 1)
        else:
            for lane in range(valid):
                piece[lane] = source[lane * plane + pixel]
        if not together:
            for i in range(step):
                copy_row(offset(piece, i * LANES), offset(buffer, places[pixel + i]), LANES)
        pixel += step


@inline
def write_channels(buffer, out, plane, count, valid, zeros):
    """Turn pixels of LANES channels: buffer (count, LANES) to out (channels, plane), of which ``valid`` are there."""
    pixel = 0
    if valid >= LANES and count >= LANES:
        while pixel < count:
            pixel = smaller(pixel, count - LANES)
            write_turned(offset(buffer, pixel * LANES), zeros, NO_FLOOR, offset(out, pixel), plane, LANES, 1)
            pixel += LANES
    else:
        for lane in range(smaller(valid, LANES)):
            for i in range(count):
                out[lane * plane + i] = buffer[i * LANES + lane]


@kernel
def winograd_block(
    block: int, worker: int, x: Reals, y: Reals, weights: Reals, bias: Reals, zeros: Reals, watch: Reals,
    scratch: Reals, blocks_table: Ints, units_table: Ints, sides: Ints, places: Ints, rows: Ints, steps: Ints,
    backward: int, depth: int, tiles: int, scratch_size: int, buffer_size: int, buffer_row: int, left_stride: int,
    right_stride: int, weight_stride: int, weight_panel_stride: int, floor: float,
) -> None:  # fmt: skip
    """Some units of tiles, for one group and some channels of either side; the tables are those of `_Plan`.

    Forward, y is the result, and the transformed x times the transformed weights, summed over x's channels, is
    transformed back to it. Backward, y is the incoming gradient, and the transformed x times the transformed y, summed
    over tiles, goes to ``weights``, as the frequencies of this block's part of the gradient by weight.
    """
    lanes = TILE_VECTORS * LANES
    about = offset(blocks_table, block * BLOCK_FIELDS)
    group = about[0]
    buffer = offset(scratch, worker * scratch_size)
    left = offset(buffer, buffer_size)
    right = offset(left, 36 * left_stride)
    piece = stack(x, 256)
    watched = stack(x, 16)
    copy_row(zeros, watched, LANES)
    y_side = offset(sides, SIDE_FIELDS)
    for unit in range(about[1], about[2]):
        here = offset(units_table, unit * UNIT_FIELDS)
        image_tiles = here[2]
        count = here[3]

        # Pixels to frequencies: of x to the left, and of y to the right
        for side in range(1 + backward):
            lines = offset(here, 4 + 3 * side)  # first pixel, number of pixels, first place in the buffer
            shape = offset(sides, SIDE_FIELDS * side)
            for i in range(buffer_size):
                buffer[i] = real(0)
            channel = about[3 + 2 * side]
            for vector in range(about[4 + 2 * side]):
                target = offset(choose(side, right, left), vector // TILE_VECTORS * tiles * lanes)
                target = offset(target, vector % TILE_VECTORS * LANES)
                for image in range(here[0], here[1]):
                    at = (image * shape[0] + group * shape[1] + channel) * shape[2] + lines[0]
                    read_channels(
                        offset(choose(side, y, x), at), shape[2], lines[1], shape[1] - channel,
                        offset(buffer, lines[2]), offset(places, shape[4]), piece,
                    )  # fmt: skip
                    for i in range(image_tiles):
                        pixel = offset(buffer, places[i])
                        if side == 0:
                            transform_input(pixel, target, buffer_row, left_stride)
                        else:
                            transform_gradient(pixel, target, buffer_row, right_stride)
                        target = offset(target, lanes)
                channel += LANES

        # For each frequency a matrix product
        sums = choose(backward, about[8], count)
        length = choose(backward, count, depth)
        row_size = choose(backward, 36 * lanes, lanes)
        for frequency in range(36):
            for panel in range(about[7]):
                first = offset(weights, about[9] + frequency * weight_stride + panel * weight_panel_stride)
                second = offset(right, frequency * right_stride + panel * tiles * lanes)
                w, out = choose(backward, second, first), choose(backward, first, second)
                for start in range(0, length, DEPTH_BLOCK):
                    for i in range(0, sums, TILE_ROWS):
                        tile(
                            offset(left, frequency * left_stride), offset(rows, i), offset(steps, start),
                            offset(w, start * lanes), offset(out, i * row_size), row_size,
                            smaller(length - start, DEPTH_BLOCK),
                            start + backward * (unit - about[1]), TILE_ROWS, TILE_VECTORS,
                        )  # fmt: skip

        # Frequencies to pixels of y
        if not backward:
            for vector in range(about[6]):
                channel = vector * LANES
                source = offset(right, vector // TILE_VECTORS * tiles * lanes + vector % TILE_VECTORS * LANES)
                for image in range(here[0], here[1]):
                    for i in range(image_tiles):
                        spot = offset(places, y_side[5] + i * 3)
                        valid_rows = smaller(here[10] - spot[1], 4)
                        whole = valid_rows + spot[2] == 8
                        pixel = offset(buffer, spot[0])
                        transform_output(
                            source, choose(whole, pixel, piece), choose(whole, y_side[3] * LANES, 4 * LANES),
                            right_stride, offset(bias, about[10] + channel), floor, watched,
                        )  # fmt: skip
                        if not whole:
                            for j in range(valid_rows):
                                line = offset(piece, j * 4 * LANES)
                                copy_row(line, offset(pixel, j * y_side[3] * LANES), spot[2] * LANES)
                        source = offset(source, lanes)
                    at = (image * y_side[0] + group * y_side[1] + channel) * y_side[2] + here[7]
                    write_channels(buffer, offset(y, at), y_side[2], here[8], y_side[1] - channel, zeros)
    watch[block] = sum_of(watched, LANES)


@kernel
def winograd_weights_block(
    block: int, packed: Reals, matrix: Reals, transformed: Reals, rows: Ints, steps: Ints, depth: int,
    panels: int, group_stride: int, depth_stride: int, panel_stride: int, frequency_stride: int, depth_blocks: int,
    depth_block: int,
) -> None:  # fmt: skip
    """Packed taps (9, lanes) of each panel and input channel to frequencies: (36, groups, panels, depth, lanes)."""
    lanes = TILE_VECTORS * LANES
    panel = block // depth_blocks
    first_tap = panel // panels * group_stride + panel % panels * panel_stride
    first, last = block_range(block - panel * depth_blocks, depth_block, depth)
    for k in range(first, last):
        taps = offset(packed, first_tap + k * depth_stride)
        target = offset(transformed, (panel * depth + k) * lanes)
        frequency = 0
        while frequency < 36:
            frequency = smaller(frequency, 36 - TILE_ROWS)
            tile(
                offset(matrix, frequency * 9), rows, steps, taps, offset(target, frequency * frequency_stride),
                frequency_stride, 9, 0, TILE_ROWS, TILE_VECTORS,
            )  # fmt: skip
            frequency += TILE_ROWS


@kernel
def winograd_weight_gradient_block(
    block: int, partials: Reals, matrix: Reals, out: Reals, watch: Reals, rows: Ints, steps: Ints, chunks: int,
    chunk_stride: int, depth: int, filled_depth: int, channels: int, panels: int, depth_blocks: int, depth_block: int,
) -> None:  # fmt: skip
    """Sums over chunks, in order, from frequencies to taps: (groups, panels, depth, 36, lanes) to (channels, depth, 9).

    ``watch`` becomes NaN where a result is infinite or NaN.
    """
    lanes = TILE_VECTORS * LANES
    group_panel = block // depth_blocks
    panel = group_panel % panels
    first, last = block_range(block - group_panel * depth_blocks, depth_block, depth)
    valid = smaller(lanes, channels - panel * lanes)
    taps = stack(partials, 16 * 32)
    watched = real(0)
    for k in range(first, last):
        for chunk in range(chunks):
            frequencies = offset(partials, chunk * chunk_stride + (group_panel * filled_depth + k) * 36 * lanes)
            tap = 0
            while tap < 9:
                tile(
                    offset(matrix, tap), rows, steps, frequencies, offset(taps, tap * lanes), lanes, 36, chunk,
                    TILE_ROWS, TILE_VECTORS,
                )  # fmt: skip
                tap += TILE_ROWS
        target = offset(out, (group_panel // panels * channels + panel * lanes) * depth * 9 + k * 9)
        for lane in range(valid):
            for i in range(9):
                value = taps[i * lanes + lane]
                target[i] = value
                watched += value * real(0)
            target = offset(target, depth * 9)
    watch[block] = watched


class _Plan(NamedTuple):
    """How a convolution is cut into units of tiles, and these and its channels into blocks: by shapes alone."""

    tables: tuple[np.ndarray, ...]  # of blocks, units, sides, places, rows and steps
    sizes: tuple[int, ...]  # tiles, scratch_size, buffer_size, buffer_row, left_stride, right_stride
    weight_stride: int  # between frequencies, and between panels, of the transformed weights or their gradient
    weight_panel_stride: int
    panels: int
    filled_depth: int
    blocks: int
    chunks: int

    @property
    def scratch_size(self) -> int:
        return self.sizes[1]


@functools.lru_cache(maxsize=256)
def _plan(
    images: int, groups: int, depth: int, channels: int, in_size: Pair, out_size: Pair, padding: Pair, backward: bool
) -> _Plan:
    panels = count_blocks(channels, _WIDTH)
    part_panels, depth_part = panels, depth
    if backward:
        part_panels = count_blocks(panels, count_blocks(panels, PART_PANELS))
        whole = math.lcm(_WIDTH, TILE_ROWS)  # so that the last tile of a part ends with it
        depth_part = count_blocks(count_blocks(depth, count_blocks(depth, PART_DEPTH)), whole) * whole
    depth_parts, panel_parts = count_blocks(depth, depth_part), count_blocks(panels, part_panels)
    filled_part = count_blocks(depth_part, _WIDTH) * _WIDTH
    filled_depth = depth_parts * filled_part

    # Units
    (height, width), (out_height, out_width) = in_size, out_size
    tile_rows, tile_columns = count_blocks(out_height, OUTPUT), count_blocks(out_width, OUTPUT)
    wanted = max(LEAST_TILES, TILES_BYTES // (4 * FREQUENCIES * (filled_part + part_panels * _WIDTH)))
    band_rows = count_blocks(tile_rows, min(tile_rows, count_blocks(tile_rows * tile_columns, wanted)))
    bands = count_blocks(tile_rows, band_rows)
    unit_images = max(1, wanted // (tile_rows * tile_columns)) if bands == 1 else 1
    unit_images = count_blocks(images, count_blocks(images, unit_images))
    tiles = count_blocks(unit_images * band_rows * tile_columns, TILE_ROWS) * TILE_ROWS
    columns = tile_columns * OUTPUT + 2
    units = []
    for first_image in range(0, images, unit_images):
        for first_row in range(0, out_height, band_rows * OUTPUT):
            rows = min(band_rows * OUTPUT, out_height - first_row)
            top = first_row - padding[0]  # of x's rows, the first that the band needs
            begin, end = max(0, top), min(height, top + rows + 2)
            units.append(
                [
                    *(first_image, min(first_image + unit_images, images)),
                    tiles_of_image := count_blocks(rows, OUTPUT) * tile_columns,
                    tiles_of_image * (min(first_image + unit_images, images) - first_image),
                    # What is read of x: first pixel, number of pixels, and where the first goes in the buffer
                    *(begin * width, max(0, end - begin) * width, ((begin - top) * columns + padding[1]) * _LANES),
                    *(first_row * out_width, rows * out_width, 0),  # and the same of y
                    rows,
                ]
            )

    # Blocks
    chunk = count_blocks(len(units), count_blocks(GRADIENT_BLOCKS, depth_parts * panel_parts * groups))
    chunk = chunk if backward else 1
    chunks = count_blocks(len(units), chunk)
    # The transformed weights have each frequency by itself; of their gradient, the frequencies stand side by side.
    panel_stride = FREQUENCIES * filled_depth * _WIDTH if backward else depth * _WIDTH
    frequency_stride = _WIDTH if backward else groups * panels * panel_stride + 2 * _LANES
    blocks = []
    for i in range(chunks):
        for group in range(groups):
            for first_depth in range(0, depth, depth_part):
                for panel in range(0, panels, part_panels):
                    last_depth, last_panel = min(depth, first_depth + depth_part), min(panels, panel + part_panels)
                    if backward:
                        place = (i * groups + group) * panels * panel_stride + first_depth * FREQUENCIES * _WIDTH
                    else:
                        place = group * panels * panel_stride
                    vectors = count_blocks(min(last_panel * _WIDTH, channels) - panel * _WIDTH, _LANES)
                    blocks.append(
                        [
                            *(group, i * chunk, min(len(units), (i + 1) * chunk)),  # and its units
                            *(first_depth, count_blocks(last_depth - first_depth, _LANES)),  # vectors of x's channels
                            *(panel * _WIDTH, vectors),  # and of y's
                            *(last_panel - panel, last_depth - first_depth),
                            place + panel * panel_stride,  # of the weights
                            group * panels * _WIDTH,  # of the bias
                        ]
                    )

    # Where a tile's channel stands: side by side in panels.
    by_tile = np.arange(max(tiles, filled_part) + TILE_ROWS, dtype=np.int64) * _WIDTH
    index = np.arange(filled_part + TILE_ROWS, dtype=np.int64)
    by_channel = index // _WIDTH * (tiles * _WIDTH) + index % _WIDTH
    # Not a multiple of a cache's way: 36 rows are written side by side.
    left_stride = tiles * filled_part + 2 * _LANES
    right_stride = tiles * part_panels * _WIDTH + 2 * _LANES
    buffer_size = (band_rows * OUTPUT + 2) * columns * _LANES
    scratch_size = buffer_size + FREQUENCIES * (left_stride + right_stride)
    # Places in the buffer: of the tiles, of pixels of x and of y; and those of the result's tiles, with their sizes
    tile_row, tile_column = np.divmod(np.arange(band_rows * tile_columns, dtype=np.int64), tile_columns)
    places = [(tile_row * columns + tile_column) * (OUTPUT * _LANES)]
    firsts = []
    for size, line in ((band_rows * OUTPUT + 2, width), (band_rows * OUTPUT, out_width)):
        row, column = np.divmod(np.arange(size * line, dtype=np.int64), line)
        firsts.append(sum(table.size for table in places))
        places.append((row * columns + column) * _LANES)
    results = (tile_row * out_width + tile_column) * (OUTPUT * _LANES)
    ends = np.minimum(OUTPUT, out_width - tile_column * OUTPUT)
    results_first = sum(table.size for table in places)
    places.append(np.stack([results, tile_row * OUTPUT, ends], axis=1).reshape(-1))
    # Of either side: channels of all groups and of one, pixels of a channel and of a row, where its tables begin
    sides = [
        *(groups * depth, depth, height * width, width, firsts[0], 0),
        *(groups * channels, channels, out_height * out_width, out_width, firsts[1], results_first),
    ]
    return _Plan(
        tables=(
            np.array(blocks, np.int64),
            np.array(units, np.int64),
            np.array(sides, np.int64),
            np.concatenate(places),
            *((by_channel, by_tile) if backward else (by_tile, by_channel)),
        ),
        sizes=(tiles, scratch_size, buffer_size, columns * _LANES, left_stride, right_stride),
        weight_stride=frequency_stride,
        weight_panel_stride=panel_stride,
        panels=panels,
        filled_depth=filled_depth,
        blocks=len(blocks),
        chunks=chunks,
    )


@functools.lru_cache(maxsize=1024)
def pays(images: int, groups: int, depth: int, channels: int, out_size: Pair) -> bool:
    """Whether this takes less time than a direct convolution, by a count of multiply-adds on vectors.

    What a transformed tile or kernel costs, in multiply-adds, is fitted to measurements.
    """
    panels = TILE_VECTORS * count_blocks(channels, _WIDTH)
    by_pixels = (
        1.3 * (1 if channels == 1 else count_blocks(channels, 4) * 4) / _LANES
    )  # few channels: see `conv_pixels`
    direct = out_size[0] * out_size[1] * 9 * depth * min(panels, by_pixels)
    tiles = count_blocks(out_size[0], OUTPUT) * count_blocks(out_size[1], OUTPUT)
    vectors = count_blocks(depth, _LANES) + count_blocks(channels, _LANES)
    cost = tiles * (FREQUENCIES * depth * panels + TILE_COST * vectors)
    return images * cost + KERNEL_COST * depth * panels < images * direct


_ZEROS = np.zeros(_LANES, np.float32)
_LINE = np.arange(FREQUENCIES, dtype=np.int64)  # of pixels, taps or channels, one after the other
_MATRIX = weight_matrix()
_TO_FREQUENCIES = np.ascontiguousarray(_MATRIX, np.float32)
_TO_FREQUENCIES_TURNED = np.ascontiguousarray(_MATRIX[:, ::-1], np.float32)  # for kernels turned by 180 degrees
_TO_TAPS = np.zeros((FREQUENCIES, 16), np.float32)  # more taps than there are: the register tile's last rows
_TO_TAPS[:, :9] = _MATRIX


def winograd_conv2d(
    x: np.ndarray, w: np.ndarray, bias: np.ndarray | None, out: np.ndarray, padding: Pair, groups: int,
    floor: float = -np.inf, transposed: bool = False,
) -> bool:  # fmt: skip
    """The convolution of x: (N, C, H, W) with w: (O, C / groups, 3, 3), stride 1, to out, all contiguous float32.

    ``transposed`` convolves with the kernels turned by 180 degrees and their channels exchanged, x: (N, O, H, W): the
    gradient by input; ``padding`` is then 2 - that of the convolution. Results are at least ``floor``.
    False, if a result is infinite or NaN: then they are not what a convolution gives.
    """
    depth, channels = (w.shape[0] // groups, w.shape[1]) if transposed else (w.shape[1], w.shape[0] // groups)
    plan = _plan(x.shape[0], groups, depth, channels, x.shape[2:], out.shape[2:], padding, False)
    panels = plan.panels

    packed = np.empty(groups * panels * 9 * depth * _WIDTH, np.float32)
    if transposed:  # (depth, channels, 9): one matrix (9, channels) for each depth
        starts = np.arange(groups * depth, dtype=np.int64) * (9 * channels)
        pack_block(w, packed, starts, 9, channels, 1, 9, panels, panels, 1, blocks=len(starts))
        strides = depth * panels * 9 * _WIDTH, panels * 9 * _WIDTH, 9 * _WIDTH
    else:  # (channels, depth, 9): one matrix (9 * depth, channels)
        starts = np.arange(groups, dtype=np.int64) * (9 * depth * channels)
        pack_block(w, packed, starts, 9 * depth, channels, 1, 9 * depth, panels, 1, panels, blocks=groups * panels)
        strides = panels * depth * 9 * _WIDTH, 9 * _WIDTH, depth * 9 * _WIDTH
    transformed = np.empty(FREQUENCIES * plan.weight_stride, np.float32)
    blocks = count_blocks(depth, WEIGHT_DEPTHS)
    winograd_weights_block(
        packed, _TO_FREQUENCIES_TURNED if transposed else _TO_FREQUENCIES, transformed, _LINE * 9, _LINE, depth,
        panels, *strides, plan.weight_stride, blocks, WEIGHT_DEPTHS,
        blocks=groups * panels * blocks,
    )  # fmt: skip

    starts = np.zeros((groups, panels * _WIDTH), np.float32)
    if bias is not None:
        starts[:, :channels] = bias.reshape(groups, channels)
    workers = worker_count(plan.blocks)
    scratch, watch = np.empty(workers * plan.scratch_size, np.float32), np.empty(plan.blocks, np.float32)
    winograd_block(
        x, out, transformed, starts, _ZEROS, watch, scratch, *plan.tables, 0, depth, *plan.sizes,
        plan.weight_stride, plan.weight_panel_stride, floor,
        blocks=plan.blocks, workers=workers,
    )  # fmt: skip
    return not watch.any()


def winograd_weight_gradient(g: np.ndarray, x: np.ndarray, out: np.ndarray, padding: Pair, groups: int) -> bool:
    """The gradient of `winograd_conv2d` by its weights, from g: (N, O, OH, OW) and x: (N, C, H, W), to out.

    False, if a result is infinite or NaN.
    """
    depth, channels = out.shape[1], out.shape[0] // groups
    plan = _plan(x.shape[0], groups, depth, channels, x.shape[2:], g.shape[2:], padding, True)
    chunk_stride = groups * plan.panels * plan.weight_panel_stride
    partials = np.empty(plan.chunks * chunk_stride, np.float32)
    workers = worker_count(plan.blocks)
    scratch, watch = np.empty(workers * plan.scratch_size, np.float32), np.empty(plan.blocks, np.float32)
    winograd_block(
        x, g, partials, g, _ZEROS, watch, scratch, *plan.tables, 1, depth, *plan.sizes,
        plan.weight_stride, plan.weight_panel_stride, 0.0,
        blocks=plan.blocks, workers=workers,
    )  # fmt: skip
    blocks = count_blocks(depth, WEIGHT_DEPTHS)
    watch = np.empty(groups * plan.panels * blocks, np.float32)
    winograd_weight_gradient_block(
        partials, _TO_TAPS, out, watch, _LINE, _LINE * 16, plan.chunks, chunk_stride, depth,
        plan.filled_depth, channels, plan.panels, blocks, WEIGHT_DEPTHS,
        blocks=groups * plan.panels * blocks,
    )  # fmt: skip
    return not watch.any()
