"""Convolution and its gradients with vectors of pixels, for groups of few output channels and for kernels of 1x1.

The tables are those of `conv_layout`, of vectors instead of pixels. A convolution with a kernel of 1x1 is a matrix
product for each image, weights times pixels: it reads the image where it lies, and no other needs a copy of it.
"""

from __future__ import annotations

import numpy as np

from autograd.kernels.choices import choose, larger, smaller
from autograd.kernels.conv_layout import FILLER, MIN_BLOCKS, PHASE_FIELDS, Geometry, Pair
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
    worker_count,
)
from autograd.kernels.pixel_tile import copy_row, pixel_products, pixel_tile

__all__ = ["copy_band", "gather_pixels", "is_product", "lanes_for", "sum_in_order", "weight_gradient_pixels"]

# Rows and vectors of a tile, and rows and taps of a product: for several output channels, and for one.
ROWS, VECTORS = 4, 4
PRODUCT_ROWS, PRODUCT_TAPS = 4, 4
if VECTOR_BYTES < 64:  # half as many registers
    ROWS, VECTORS, PRODUCT_ROWS, PRODUCT_TAPS = 3, 3, 3, 3
_SEVERAL = {"ROWS": ROWS, "VECTORS": VECTORS}
_ONE = {"ROWS": 1, "VECTORS": 8}
_PRODUCTS = {"PRODUCT_ROWS": PRODUCT_ROWS, "PRODUCT_TAPS": PRODUCT_TAPS}
_ONE_PRODUCT = {"PRODUCT_ROWS": 1, "PRODUCT_TAPS": 9}
EDGE_SIZE = 4 * 6 * 16  # elements of the largest tile, of either dtype
SHORT_DEPTH = 96  # of sums
LEAST_PIXELS = 900  # of an image, for a gradient by weight as a product
CHANNEL_LANES = 2 * VECTOR_BYTES  # bytes of output channels in the vectors of the other tile


@inline
def copy_band(
    source, buffer, channels, height, width, channel_stride, rows, columns, first_row, first_column
):  # fmt: skip
    """Copy rows of all channels, with zeros wherever that is outside of the image."""
    left, right = larger(0, -first_column), smaller(columns, width - first_column)
    top, bottom = larger(0, -first_row), smaller(rows, height - first_row)
    if left + top > 0 or right < columns or bottom < rows:
        for i in range(channels * channel_stride):
            buffer[i] = real(0)
    if left < right:
        for channel in range(channels):
            for row in range(top, bottom):
                line = offset(source, (channel * height + row + first_row) * width + first_column + left)
                copy_row(line, offset(buffer, channel * channel_stride + row * columns + left), right - left)


@inline
def copy_phases(
    source, buffer, channels, height, width, channel_stride, rows, columns, first_row, first_column, phases
):  # fmt: skip
    """As `copy_band`, with columns sorted by the rest when divided by ``phases``."""
    for i in range(channels * channel_stride):
        buffer[i] = real(0)
    for channel in range(channels):
        for row in range(larger(0, -first_row), smaller(rows, height - first_row)):
            line = offset(source, (channel * height + row + first_row) * width + first_column)
            for phase in range(phases):
                target = offset(buffer, channel * channel_stride + row * columns + phase * (columns // phases))
                first = (larger(0, -first_column) - phase + phases - 1) // phases
                last = (smaller(columns, width - first_column) - phase + phases - 1) // phases
                for j in range(larger(first, 0), last):
                    target[j] = line[j * phases + phase]


@inline
def copy_rows(
    source, buffer, channels, height, width, channel_stride, rows, columns, first_row, first_column, phases
):  # fmt: skip
    """`copy_band`, or `copy_phases` where there are several phases."""
    if phases == 1:
        copy_band(source, buffer, channels, height, width, channel_stride, rows, columns, first_row, first_column)
    else:
        copy_phases(
            source, buffer, channels, height, width, channel_stride, rows, columns, first_row, first_column, phases
        )


@kernel
def gather_pixels_block(
    block: int, worker: int, source: Reals, weights: Reals, starts: Reals, out: Reals, buffers: Reals, phases: Ints,
    steps: Ints, pixels: Ints, places: Ints, counts: Ints, phase_count: int, groups: int, bands: int, band_rows: int,
    source_channels: int, height: int, width: int, row_step: int, first_row: int, first_column: int,
    buffer_rows: int, buffer_columns: int, channel_stride: int, column_phases: int, out_channels: int,
    filled_channels: int, plane: int, band_places: int, depth: int, column_spread: int, buffer_size: int, floor: float,
) -> None:  # fmt: skip
    """One band of one image and group: every phase, some rows of output channels and some vectors of pixels of it."""
    image = block // bands  # of images times groups
    band = block - image * bands
    group = image % groups
    look = offset(source, image * source_channels * height * width)
    if buffer_size > 0:
        buffer = offset(buffers, worker * buffer_size)
        row = first_row + band * band_rows * row_step
        copy_rows(
            look, buffer, source_channels, height, width, channel_stride, buffer_rows, buffer_columns, row,
            first_column, column_phases,
        )  # fmt: skip
        look = buffer
    edge = stack(source, EDGE_SIZE)
    last_ahead = stack(steps, FILLER)
    last_spots = stack(steps, FILLER)
    last_sizes = stack(steps, FILLER)
    for phase in range(phase_count):
        about = offset(phases, phase * PHASE_FIELDS)
        phase_depth, first_step, first_pixel = about[2], about[3], about[4]
        count = smaller(band_rows, about[0] - band * band_rows) * about[1]
        for vector in range(0, count, VECTORS):
            ahead, spots, sizes = (
                offset(pixels, first_pixel + vector), offset(places, first_pixel + vector),
                offset(counts, first_pixel + vector),
            )  # fmt: skip
            if column_spread > 1 or vector + VECTORS > count:
                ahead, spots, sizes = last_ahead, last_spots, last_sizes
                for v in range(VECTORS):  # those beyond the last are computed on the last one, and dropped
                    index = first_pixel + smaller(vector + v, count - 1)
                    ahead[v] = pixels[index]
                    spots[v] = places[index] if column_spread == 1 else v * LANES
                    sizes[v] = counts[index] if vector + v < count else 0
            for channel in range(0, out_channels, ROWS):
                row = group * filled_channels + channel
                result = offset(out, (image * out_channels + channel) * plane + band * band_places)
                valid = smaller(ROWS, out_channels - channel)
                w = offset(weights, row * depth + first_step)
                if phase_depth > 0:
                    pixel_tile(
                        look, ahead, offset(steps, first_step), phase_depth, w, depth, offset(starts, row), floor,
                        result if column_spread == 1 else edge, plane if column_spread == 1 else VECTORS * LANES,
                        spots, sizes, valid, ROWS, VECTORS,
                    )  # fmt: skip
                if phase_depth == 0 or column_spread > 1:
                    for i in range(valid):
                        for v in range(VECTORS):
                            place = offset(result, i * plane + places[first_pixel + smaller(vector + v, count - 1)])
                            for j in range(sizes[v]):
                                value = choose(starts[row + i] < floor, floor, starts[row + i])
                                place[j * column_spread] = edge[(i * VECTORS + v) * LANES + j] if phase_depth else value


@kernel
def weight_gradient_pixels_block(
    block: int, worker: int, source: Reals, gradient: Reals, partials: Reals, buffers: Reals, turned: Reals,
    steps: Ints, pixels: Ints, places: Ints, fresh: Ints, groups: int, chunk: int, units: int, bands: int,
    band_rows: int, source_channels: int, height: int, width: int, row_step: int, first_row: int, first_column: int,
    buffer_rows: int, buffer_columns: int, channel_stride: int, column_phases: int, out_channels: int, out_rows: int,
    out_columns: int, row_vectors: int, depth: int, buffer_size: int, turned_size: int,
) -> None:  # fmt: skip
    """Sums over one chunk of all bands of all images, for one group."""
    first, last = block_range(block // groups, chunk, units)
    group = block % groups
    sums = offset(partials, block * out_channels * depth)
    for i in range(out_channels * depth):
        sums[i] = real(0)
    buffer = offset(buffers, worker * buffer_size)
    for i in range(buffer_size):
        buffer[i] = real(0)
    rows = offset(turned, worker * turned_size)
    for unit in range(first, last):
        image = (unit // bands) * groups + group
        first_y = (unit % bands) * band_rows
        count = smaller(band_rows, out_rows - first_y)
        look = offset(source, image * source_channels * height * width)
        if buffer_size > 0:
            row = first_row + first_y * row_step
            copy_rows(
                look, buffer, source_channels, height, width, channel_stride, buffer_rows, buffer_columns, row,
                first_column, column_phases,
            )  # fmt: skip
            look = buffer
        g = offset(gradient, (image * out_channels * out_rows + first_y) * out_columns)
        stride = out_rows * out_columns
        if turned_size > 0:  # rows shorter than a vector: copied, with zeros behind
            for channel in range(out_channels):
                for y in range(count):
                    line = offset(rows, (channel * band_rows + y) * LANES)
                    for j in range(LANES):
                        line[j] = g[channel * stride + y * out_columns + j] if j < out_columns else real(0)
            g = rows
            stride = band_rows * LANES
        for channel in range(0, out_channels, PRODUCT_ROWS):
            for tap in range(0, depth, PRODUCT_TAPS):
                pixel_products(
                    offset(g, channel * stride), stride, places, fresh, look, pixels, offset(steps, tap),
                    count * row_vectors, offset(sums, channel * depth + tap), depth,
                    smaller(PRODUCT_ROWS, out_channels - channel), smaller(PRODUCT_TAPS, depth - tap), PRODUCT_ROWS,
                    PRODUCT_TAPS,
                )  # fmt: skip


# --- Running ---------------------------------------------------------------------------------------------------------


def lanes_for(out_channels: int, columns: int, depth: int, itemsize: int) -> int:
    """Pixels in a vector, if they are better than vectors of output channels; else 0.

    They are if they leave fewer lanes empty; and if they leave as many, where sums are so short (``depth``) that
    turning the results takes as long.
    """
    lanes, wide = VECTOR_BYTES // itemsize, CHANNEL_LANES // itemsize

    def used(n: int, size: int) -> float:
        return n / (count_blocks(n, size) * size)

    by_pixels = used(out_channels, 1 if out_channels == 1 else ROWS) * used(columns, lanes)
    by_channels = used(out_channels, wide)
    return lanes if by_pixels > (0.95 if depth <= SHORT_DEPTH else 1.3) * by_channels else 0


def is_product(
    weight_shape: tuple[int, ...], stride: Pair, padding: Pair, size: Pair, images: int, itemsize: int, depth: int = 0
) -> bool:
    """Whether to take a convolution as the product of weights and pixels: of 1x1, with enough images to share out.

    ``depth`` is the length of its sums; 0 for the gradient by weight, whose sums are over pixels. Where the pixels of
    an image are few for that, vectors of channels are faster, by measurement.
    """
    pixels = size[0] * size[1]
    plain = weight_shape[2:] == stride == (1, 1) and padding == (0, 0)
    least = 2 * depth if depth else LEAST_PIXELS
    return plain and images >= MIN_BLOCKS // 2 and pixels >= least and pixels * itemsize >= VECTOR_BYTES


def _is_in_place(geometry: Geometry, source: np.ndarray) -> bool:
    """Whether a band is the whole image, as it lies, in rows of at least a vector."""
    return (
        geometry.bands == len(geometry.taps) == geometry.taps[0].size == 1
        and (geometry.buffer_rows, geometry.buffer_columns) == source.shape[2:]
        and geometry.first_row == geometry.first_column == 0
        and source.shape[3] * source.itemsize >= VECTOR_BYTES
    )


def gather_pixels(
    source: np.ndarray, weights: np.ndarray, bias: np.ndarray | None, out: np.ndarray, groups: int, geometry: Geometry,
    floor: float,
) -> None:  # fmt: skip
    """out (N, G * D, ...) from source (N, G * S, ...) and weights (G, D, depth)."""
    dtype, channels = source.dtype, source.shape[1] // groups
    _, out_channels, depth = weights.shape
    constants = _ONE if out_channels == 1 else _SEVERAL
    filled = count_blocks(out_channels, constants["ROWS"]) * constants["ROWS"]
    if filled > out_channels:
        padded = np.zeros((groups, filled, depth), dtype)
        padded[:, :out_channels] = weights
        weights = padded
    starts = np.zeros((groups, filled), dtype)
    if bias is not None:
        starts[:, :out_channels] = bias.reshape(groups, out_channels)
    blocks = source.shape[0] * groups * geometry.bands
    workers = worker_count(blocks)
    steps, size = geometry.steps, channels * geometry.channel_stride + VECTOR_BYTES
    if _is_in_place(geometry, source):
        steps, size = np.arange(channels, dtype=np.int64) * (source.shape[2] * source.shape[3]), 0
    plane = out.shape[2] * out.shape[3]
    gather_pixels_block.with_constants(**constants)(
        source, weights, starts, out, np.empty(workers * size, dtype), geometry.phases, steps, geometry.pixels,
        geometry.places, geometry.counts, len(geometry.taps), groups, geometry.bands, geometry.band_rows, channels,
        source.shape[2], source.shape[3], geometry.row_step, geometry.first_row, geometry.first_column,
        geometry.buffer_rows, geometry.buffer_columns, geometry.channel_stride, geometry.column_phases, out_channels,
        filled, plane, geometry.band_rows * geometry.spread[0] * out.shape[3], depth, geometry.spread[1], size,
        floor,
        blocks=blocks, workers=workers,
    )  # fmt: skip


def weight_gradient_pixels(
    g: np.ndarray, x: np.ndarray, groups: int, out_channels: int, geometry: Geometry
) -> np.ndarray:
    """(G * D * S * taps,) from g (N, G * D, ...) and x (N, G * S, ...)."""
    dtype, channels = x.dtype, x.shape[1] // groups
    lanes = VECTOR_BYTES // g.itemsize
    depth = geometry.steps.size - FILLER  # taps times channels
    units = x.shape[0] * geometry.bands
    chunk = count_blocks(units, min(units, count_blocks(2 * MIN_BLOCKS, groups)))
    chunks = count_blocks(units, chunk)
    blocks = chunks * groups
    workers = worker_count(blocks)
    partials = np.empty((chunks, groups * out_channels * depth), dtype)
    constants = _ONE_PRODUCT if out_channels == 1 else _PRODUCTS
    steps, size = geometry.steps, channels * geometry.channel_stride + VECTOR_BYTES
    if _is_in_place(geometry, x):
        steps = np.concatenate([np.arange(channels) * (x.shape[2] * x.shape[3]), np.zeros(FILLER)]).astype(np.int64)
        size = 0
    places, fresh, turned_size = geometry.places, geometry.fresh, 0
    if g.shape[3] < lanes:
        places, fresh = np.arange(geometry.band_rows, dtype=np.int64) * lanes, np.full_like(fresh, lanes)
        turned_size = out_channels * geometry.band_rows * lanes
    weight_gradient_pixels_block.with_constants(**constants)(
        x, g, partials, np.empty(workers * size, dtype), np.empty(workers * turned_size, dtype), steps,
        geometry.pixels, places, fresh, groups, chunk, units, geometry.bands, geometry.band_rows, channels,
        x.shape[2], x.shape[3], geometry.row_step, geometry.first_row, geometry.first_column, geometry.buffer_rows,
        geometry.buffer_columns, geometry.channel_stride, geometry.column_phases, out_channels, g.shape[2],
        g.shape[3], int(geometry.phases[1]), depth, size, turned_size,
        blocks=blocks, workers=workers,
    )  # fmt: skip
    return sum_in_order(partials)


def sum_in_order(partials: np.ndarray) -> np.ndarray:
    """Sum over the first axis, from first to last, in place."""
    total = partials[0]
    for partial in partials[1:]:
        total += partial
    return total
