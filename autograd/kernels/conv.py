"""Two-dimensional convolution and its two gradients, directly on images: no matrix of patches is ever made.

All three are register tiles (see `lanes`) over one copy of an image with zeros around it, and two tables of offsets
into that copy: where each *pixel* of the result looks, and where each *tap* (channel, row and column of the kernel)
lies from there.

- Forward: vectors of output channels, rows of pixels, sums over taps.
- Gradient by input: the same kernel on the incoming gradient. With a stride, the input's pixels fall into
  ``stride * stride`` *phases*, each with the taps that reach it, so that no zero is ever multiplied.
- Gradient by weight: vectors of output channels, rows of taps, sums over pixels.

Where a group has few output channels, as in a depthwise convolution, and where the kernel is one pixel, vectors of
pixels are better: see `conv_pixels`. For 3x3 with stride 1 there is `winograd`.

Work is cut into blocks by shapes alone, and sums over images are added in a fixed order: the number of threads changes
no bit of a result.

Axes: x: (N, C, H, W), w: (O, C / groups, KH, KW), out: (N, O, OH, OW). Pairs are (vertical, horizontal).
"""

from __future__ import annotations

import numpy as np

from autograd.kernels.choices import choose, smaller
from autograd.kernels.conv_layout import (
    FILLER,
    MIN_BLOCKS,
    PHASE_FIELDS,
    Geometry,
    Pair,
    forward_geometry,
    input_gradient_geometry,
)
from autograd.kernels.conv_pixels import (
    copy_band,
    gather_pixels,
    is_product,
    lanes_for,
    sum_in_order,
    weight_gradient_pixels,
)
from autograd.kernels.gemm import pack_block
from autograd.kernels.jit import (
    LANES,
    VECTOR_BYTES,
    Ints,
    Reals,
    block_range,
    count_blocks,
    kernel,
    offset,
    real,
    stack,
    worker_count,
)
from autograd.kernels.lanes import TILE_ROWS, TILE_SIZE, TILE_VECTORS, TURN_ROWS, read_turned, tile, write_turned
from autograd.kernels.transpose import copy
from autograd.kernels.winograd import pays, winograd_conv2d, winograd_weight_gradient

__all__ = ["conv2d", "conv2d_input_gradient", "conv2d_weight_gradient"]

PANEL_BYTES = 1 << 15  # of the gradient's pixels that a weight gradient goes over at a time: first-level cache
LARGE_KERNELS = 1 << 16  # elements from which it pays to turn them by a kernel
PARTIAL_BYTES = 1 << 24  # of partial sums of a weight gradient


# --- Kernels ---------------------------------------------------------------------------------------------------------


@kernel
def gather_block(
    block: int, worker: int, source: Reals, weights: Reals, starts: Reals, out: Reals, buffers: Reals, phases: Ints,
    steps: Ints, pixels: Ints, places: Ints, phase_count: int, groups: int, bands: int, band_rows: int,
    source_channels: int, height: int, width: int, row_step: int, first_row: int, first_column: int,
    buffer_rows: int, buffer_columns: int, channel_stride: int, out_channels: int, plane: int, band_places: int,
    depth: int, contiguous: int, floor: float,
) -> None:  # fmt: skip
    """One band of one image and group: every phase, panel of output channels and tile of pixels of it."""
    lanes = TILE_VECTORS * LANES
    image = block // bands  # of images times groups
    band = block - image * bands
    group = image % groups
    buffer = offset(buffers, worker * source_channels * channel_stride)
    copy_band(
        offset(source, image * source_channels * height * width), buffer, source_channels, height, width,
        channel_stride, buffer_rows, buffer_columns, first_row + band * band_rows * row_step, first_column,
    )  # fmt: skip
    panels = (out_channels + lanes - 1) // lanes
    edge = stack(source, TILE_SIZE)
    for phase in range(phase_count):
        about = offset(phases, phase * PHASE_FIELDS)
        phase_depth, first_step, first_pixel = about[2], about[3], about[4]
        count = smaller(band_rows, about[0] - band * band_rows) * about[1]
        for panel in range(panels):
            w = offset(weights, ((group * panels + panel) * depth + first_step) * lanes)
            channel = panel * lanes
            result = offset(out, (image * out_channels + channel) * plane + band * band_places)
            valid = smaller(lanes, out_channels - channel)
            start = offset(starts, (group * panels + panel) * lanes)
            for pixel in range(0, count, TILE_ROWS):
                if phase_depth > 0:
                    tile(
                        buffer, offset(pixels, first_pixel + pixel), offset(steps, first_step), w, edge, lanes,
                        phase_depth, 0, TILE_ROWS, TILE_VECTORS,
                    )  # fmt: skip
                else:
                    for i in range(TILE_SIZE):
                        edge[i] = real(0)
                place = offset(places, first_pixel + pixel)
                if contiguous and valid == lanes and pixel + TILE_ROWS <= count:
                    write_turned(edge, start, floor, offset(result, place[0]), plane, TILE_ROWS, TILE_VECTORS)
                else:
                    for j in range(valid):
                        for i in range(smaller(TILE_ROWS, count - pixel)):
                            value = edge[i * lanes + j] + start[j]
                            result[j * plane + place[i]] = choose(value < floor, floor, value)


@kernel
def weight_gradient_block(
    block: int, worker: int, source: Reals, gradient: Reals, partials: Reals, buffers: Reals, turned: Reals,
    taps: Ints, pixels: Ints, groups: int, panels: int, chunk: int, units: int, bands: int, band_rows: int,
    source_channels: int, height: int, width: int, row_step: int, first_row: int, first_column: int,
    buffer_rows: int, buffer_columns: int, channel_stride: int, out_channels: int, out_rows: int, out_columns: int,
    padded_taps: int,
) -> None:  # fmt: skip
    """Sums over one chunk of all bands of all images, for one group and panel of output channels."""
    lanes = TILE_VECTORS * LANES
    first, last = block_range(block // (groups * panels), chunk, units)
    within = block % (groups * panels)
    group, channel = within // panels, (within % panels) * lanes
    valid = smaller(lanes, out_channels - channel)
    buffer = offset(buffers, worker * source_channels * channel_stride)
    columns = offset(turned, worker * band_rows * out_columns * lanes)
    sums = offset(partials, block * padded_taps * lanes)
    for unit in range(first, last):
        image = (unit // bands) * groups + group
        row = (unit % bands) * band_rows
        count = smaller(band_rows, out_rows - row) * out_columns
        copy_band(
            offset(source, image * source_channels * height * width), buffer, source_channels, height, width,
            channel_stride, buffer_rows, buffer_columns, first_row + row * row_step, first_column,
        )  # fmt: skip
        # The gradient with its pixels and channels exchanged: (pixels, lanes).
        g = offset(gradient, ((image * out_channels + channel) * out_rows + row) * out_columns)
        done = 0
        if valid == lanes:
            while done + TURN_ROWS <= count:
                read_turned(
                    offset(g, done), out_rows * out_columns, offset(columns, done * lanes), TURN_ROWS, TILE_VECTORS
                )
                done += TURN_ROWS
        for i in range(done, count):
            for j in range(lanes):
                columns[i * lanes + j] = g[j * out_rows * out_columns + i] if j < valid else real(0)
        for tap in range(0, padded_taps, TILE_ROWS):
            tile(
                buffer, offset(taps, tap), pixels, columns, offset(sums, tap * lanes), lanes, count,
                unit - first, TILE_ROWS, TILE_VECTORS,
            )  # fmt: skip


# --- Running ---------------------------------------------------------------------------------------------------------


def _gather(
    source: np.ndarray, weights: np.ndarray, bias: np.ndarray | None, out: np.ndarray, groups: int, geometry: Geometry,
    floor: float = -np.inf,
) -> None:  # fmt: skip
    """out (N, G * D, ...) from source (N, G * S, ...) and weights (G, D, S, taps)."""
    dtype, images = source.dtype, source.shape[0] * groups
    out_channels, channels = weights.shape[1:3]
    if len(geometry.taps) == 1 and geometry.taps[0].size == weights.shape[-1]:
        rows = weights.reshape(groups, out_channels, -1)
    else:
        parts = [weights[..., taps].reshape(groups, out_channels, -1) for taps in geometry.taps]
        rows = np.concatenate(parts, axis=-1)
    depth = rows.shape[-1]
    if geometry.counts.size > FILLER:
        gather_pixels(source, np.ascontiguousarray(rows), bias, out, groups, geometry, floor)
        return
    blocks = images * geometry.bands
    workers = worker_count(blocks)
    buffers = np.empty(workers * channels * geometry.channel_stride, dtype)
    lanes = TILE_VECTORS * VECTOR_BYTES // dtype.itemsize
    panels = count_blocks(out_channels, lanes)
    packed = np.empty((groups, panels, depth, lanes), dtype)
    if any(stride % dtype.itemsize for stride in rows.strides):
        rows = np.ascontiguousarray(rows)
    group_stride, channel_stride, depth_stride = (stride // dtype.itemsize for stride in rows.strides)
    group_starts = np.arange(groups, dtype=np.int64) * group_stride
    pack_block(
        rows, packed, group_starts, depth, out_channels, depth_stride, channel_stride, panels, 1, panels,
        blocks=groups * panels,
    )  # fmt: skip
    starts = np.zeros((groups, panels * lanes), dtype)
    if bias is not None:
        starts[:, :out_channels] = bias.reshape(groups, out_channels)
    plane = out.shape[2] * out.shape[3]
    gather_block(
        source, packed, starts, out, buffers, geometry.phases, geometry.steps,
        geometry.pixels, geometry.places, len(geometry.taps), groups, geometry.bands, geometry.band_rows,
        channels, source.shape[2], source.shape[3], geometry.row_step, geometry.first_row, geometry.first_column,
        geometry.buffer_rows, geometry.buffer_columns, geometry.channel_stride, out_channels, plane,
        geometry.band_rows * geometry.spread[0] * out.shape[3], depth, geometry.spread == (1, 1), floor,
        blocks=blocks, workers=workers,
    )  # fmt: skip


def conv2d(
    x: np.ndarray,
    w: np.ndarray,
    bias: np.ndarray | None,
    out_size: Pair,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
    winograd: bool = True,
    floor: float = -np.inf,
) -> np.ndarray:
    """Convolution (cross-correlation) of images with kernels.

    x: (N, C, H, W), w: (O, C / groups, KH, KW), bias: (O,) or None -> (N, O, *out_size), where
    OH = (H + 2 * padding - dilation * (KH - 1) - 1) // stride + 1. float32 or float64, one for all, any strides.
    ``winograd`` allows for Winograd's algorithm where it is faster; see `winograd`. ``floor`` is put where a result is
    less: 0 for a ReLU. Shapes are not checked.
    """
    out_channels, channels = w.shape[:2]
    out = np.empty((x.shape[0], out_channels, *out_size), x.dtype)
    if out.size == 0:
        return out
    if channels == 0:
        out[...] = np.maximum(floor, 0 if bias is None else bias[:, None, None])
        return out
    x = np.ascontiguousarray(x)
    if (
        winograd
        and _can_use_winograd(x, w.shape, stride, padding, dilation)
        and pays(x.shape[0], groups, channels, out_channels // groups, out_size)
        and winograd_conv2d(x, np.ascontiguousarray(w), bias, out, padding, groups, floor)
    ):
        return out
    weights = w.reshape(groups, out_channels // groups, channels, -1)
    result, lanes = out, lanes_for(out_channels // groups, out_size[1], w[0].size, x.itemsize)
    if is_product(w.shape, stride, padding, out_size, x.shape[0], x.itemsize, channels):
        lanes, out_size = VECTOR_BYTES // x.itemsize, (1, out_size[0] * out_size[1])
        x, out = (array.reshape(*array.shape[:2], *out_size) for array in (x, out))
    geometry = forward_geometry(
        out_size, (w.shape[2], w.shape[3]), stride, padding, dilation, channels, x.itemsize, x.shape[0] * groups,
        lanes=lanes,
    )  # fmt: skip
    _gather(x, weights, bias, out, groups, geometry, floor)
    return result


def _can_use_winograd(
    x: np.ndarray, weight_shape: tuple[int, ...], stride: Pair, padding: Pair, dilation: Pair
) -> bool:
    one_by_one = stride == dilation == (1, 1)
    return one_by_one and weight_shape[2:] == (3, 3) and x.dtype == np.float32 and max(padding) <= 2


def conv2d_input_gradient(
    g: np.ndarray,
    w: np.ndarray,
    input_shape: tuple[int, ...],
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
    winograd: bool = True,
) -> np.ndarray:
    """Gradient of `conv2d` by its input.

    g: (N, O, OH, OW), w: (O, C / groups, KH, KW), input_shape: (N, C, H, W) -> (N, C, H, W).
    """
    result = np.empty(input_shape, g.dtype)
    if result.size == 0:
        return result
    if g.size == 0:
        result[...] = 0
        return result
    out_channels, channels = w.shape[0] // groups, w.shape[1]
    g, size = np.ascontiguousarray(g), (input_shape[2], input_shape[3])
    turned = 2 - padding[0], 2 - padding[1]
    if (
        winograd
        and _can_use_winograd(g, w.shape, stride, padding, dilation)
        and pays(g.shape[0], groups, out_channels, channels, size)
        and winograd_conv2d(g, np.ascontiguousarray(w), None, result, turned, groups, transposed=True)
    ):
        return result
    out, lanes = result, lanes_for(channels, count_blocks(size[1], stride[1]), w[:, 0].size // groups, g.itemsize)
    if is_product(w.shape, stride, padding, size, g.shape[0], g.itemsize, out_channels):
        lanes, size = VECTOR_BYTES // g.itemsize, (1, size[0] * size[1])
        g, out = (array.reshape(*array.shape[:2], *size) for array in (g, result))
    geometry = input_gradient_geometry(
        size, (w.shape[2], w.shape[3]), stride, padding, dilation, out_channels, g.itemsize, g.shape[0] * groups,
        lanes=lanes,
    )  # fmt: skip
    if geometry is None:  # a stride so long that no tap reaches any pixel
        result[...] = 0
        return result
    weights = w.reshape(groups, out_channels, channels, -1).transpose(0, 2, 1, 3)
    _gather(g, weights, None, out, groups, geometry)
    return result


def conv2d_weight_gradient(
    g: np.ndarray,
    x: np.ndarray,
    weight_shape: tuple[int, ...],
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
    winograd: bool = True,
) -> np.ndarray:
    """Gradient of `conv2d` by its weight.

    g: (N, O, OH, OW), x: (N, C, H, W), weight_shape: (O, C / groups, KH, KW) -> (O, C / groups, KH, KW).
    Sums over pixels and images are added in an order that the shapes fix.
    """
    result = np.zeros(weight_shape, g.dtype)
    if g.size == 0 or x.size == 0:
        return result
    x, g, out_size = np.ascontiguousarray(x), np.ascontiguousarray(g), (g.shape[2], g.shape[3])
    out_channels, channels = weight_shape[0] // groups, weight_shape[1]
    if (
        winograd
        and _can_use_winograd(x, weight_shape, stride, padding, dilation)
        and pays(x.shape[0], groups, channels, out_channels, out_size)
        and winograd_weight_gradient(g, x, result, padding, groups)
    ):
        return result
    lanes = lanes_for(out_channels, out_size[1], result[0].size, x.itemsize)
    if is_product(weight_shape, stride, padding, out_size, x.shape[0], x.itemsize):
        lanes, out_size = VECTOR_BYTES // x.itemsize, (1, out_size[0] * out_size[1])
        x, g = (array.reshape(*array.shape[:2], *out_size) for array in (x, g))
    if lanes:
        geometry = forward_geometry(
            out_size, (weight_shape[2], weight_shape[3]), stride, padding, dilation, channels, x.itemsize,
            x.shape[0] * groups, lanes=lanes,
        )  # fmt: skip
        return weight_gradient_pixels(g, x, groups, out_channels, geometry).reshape(weight_shape)
    lanes = TILE_VECTORS * VECTOR_BYTES // g.itemsize
    panels = count_blocks(out_channels, lanes)
    geometry = forward_geometry(
        out_size, (weight_shape[2], weight_shape[3]), stride, padding, dilation, channels, g.itemsize,
        x.shape[0] * groups * panels, PANEL_BYTES // (lanes * g.itemsize),
    )  # fmt: skip
    depth = geometry.steps.size - FILLER  # taps times channels
    padded_taps = count_blocks(depth, TILE_ROWS) * TILE_ROWS

    # Chunks of bands, each with sums of its own: enough of them for every core, as long as the sums stay small.
    units = x.shape[0] * geometry.bands
    chunks = count_blocks(2 * MIN_BLOCKS, groups * panels)
    chunks = min(chunks, units, max(1, PARTIAL_BYTES // (groups * panels * padded_taps * lanes * g.itemsize)))
    chunk = count_blocks(units, chunks)
    chunks = count_blocks(units, chunk)
    blocks = chunks * groups * panels
    workers = worker_count(blocks)
    partials = np.empty((chunks, groups, panels, padded_taps, lanes), g.dtype)
    buffers = np.empty(workers * channels * geometry.channel_stride, g.dtype)
    turned = np.empty(workers * geometry.band_rows * out_size[1] * lanes, g.dtype)
    weight_gradient_block(
        x, g, partials, buffers, turned, geometry.steps, geometry.pixels, groups, panels, chunk, units,
        geometry.bands, geometry.band_rows, channels, x.shape[2], x.shape[3], geometry.row_step, geometry.first_row,
        geometry.first_column, geometry.buffer_rows, geometry.buffer_columns, geometry.channel_stride, out_channels,
        *out_size, padded_taps,
        blocks=blocks, workers=workers,
    )  # fmt: skip
    # (groups, panels, taps, lanes) to (groups, output channels, taps)
    by_tap = sum_in_order(partials)[:, :, :depth]
    turned_back = by_tap.transpose(0, 1, 3, 2)
    turned_back = copy(turned_back) if by_tap.size >= LARGE_KERNELS else turned_back
    by_channel = turned_back.reshape(groups, panels * lanes, depth)[:, :out_channels]
    return np.ascontiguousarray(by_channel).reshape(weight_shape)
