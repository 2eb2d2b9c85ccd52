"""Pooling over windows of the last two axes: maximum and average, with a fixed window or a fixed output size.

Sizes follow PyTorch: with ``ceil_mode`` a last window that reaches over the edge counts, as long as it begins inside
the input or its left padding. In maximum pooling padding counts as -inf, and a NaN anywhere in a window is its maximum.
"""

from __future__ import annotations

import functools

import numpy as np

from autograd.kernels.jit import (
    VECTOR_BYTES,
    Ints,
    Kernel,
    Reals,
    block_range,
    count_blocks,
    inline,
    kernel,
    offset,
    real,
    sum_of,
)
from autograd.kernels.vectors import row_max
from autograd.kernels.windows import max_of_windows, means_of_windows

__all__ = [
    "adaptive_avg_pool2d",
    "adaptive_avg_pool2d_gradient",
    "adaptive_max_pool2d",
    "avg_pool2d",
    "avg_pool2d_gradient",
    "max_pool2d",
    "max_pool2d_gradient",
]

BLOCK_WORK = 1 << 16  # elements that the windows of one block should cover, some 20 microseconds
# Constants of a variant: how many windows side by side make a vector, their distance, and the stride along a row where
# it is 1 or 2 (those loops are vectorised; otherwise 0).
WINDOWS, STEP, STRIDE = 1, 1, 0


@inline
def columns_inside(shift, stride, width, out_width):
    """First and last + 1 of the output columns ow with 0 <= ow * stride + shift < width."""
    first = max(0, (stride - 1 - shift) // stride)
    return first, min(out_width, (width - 1 - shift) // stride + 1)


# --- Maximum ---------------------------------------------------------------------------------------------------------


@kernel
def max_pool_block(
    block: int, x: Reals, out: Reals, indices: Ints, rows: int, rows_per_block: int, height: int, width: int,
    out_height: int, out_width: int, kernel_height: int, kernel_width: int, stride_height: int, stride_width: int,
    padding_height: int, padding_width: int, dilation_height: int, dilation_width: int,
) -> None:  # fmt: skip
    """Some output rows."""
    first, last = block_range(block, rows_per_block, rows)
    for unit in range(first, last):
        plane = unit // out_height
        top = (unit - plane * out_height) * stride_height - padding_height
        source = offset(x, plane * height * width)
        for ow in range(0, out_width, WINDOWS):
            max_of_windows(
                source, top, ow * stride_width - padding_width, height, width, kernel_height, kernel_width,
                dilation_height, dilation_width, offset(out, unit * out_width + ow),
                offset(indices, unit * out_width + ow), out_width - ow, WINDOWS, STEP,
            )  # fmt: skip


@kernel
def max_gradient_block(
    block: int, g: Reals, indices: Ints, gx: Reals, planes: int, planes_per_block: int, size: int, out_size: int
) -> None:
    """Each output's gradient goes to the place of its maximum."""
    first, last = block_range(block, planes_per_block, planes)
    for plane in range(first, last):
        target = offset(gx, plane * size)
        source = offset(g, plane * out_size)
        where = offset(indices, plane * out_size)
        for i in range(size):
            target[i] = real(0)
        for i in range(out_size):
            if 0 <= where[i] < size:
                target[where[i]] += source[i]


def _pair(function: str, name: str, value: int | tuple[int, ...], least: int) -> tuple[int, int]:
    """An int for both axes, or one for each; ValueError if one is too small."""
    pair = (value, value) if isinstance(value, int | np.integer) else tuple(value)
    if len(pair) == 1:
        pair = pair * 2
    if len(pair) != 2 or min(pair) < least:
        raise ValueError(f"{function}: {name} is an int >= {least} or a pair of them, got {value!r}.")
    return int(pair[0]), int(pair[1])


def _check_4d(function: str, x: np.ndarray) -> None:
    if x.ndim != 4:
        raise ValueError(f"{function}: the input has axes (N, C, H, W), got shape {x.shape}.")
    if x.shape[2] * x.shape[3] >= 1 << 31:
        raise ValueError(f"{function}: H * W is below 2**31, got shape {x.shape}. Pool it in parts.")


def _out_size(
    function: str, size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool, axis: str
) -> int:
    """Number of windows along an axis, by PyTorch's rule."""
    reach = dilation * (kernel - 1) + 1
    if 2 * padding > reach:
        raise ValueError(
            f"{function}: padding is at most half of the window, got padding {padding} "
            f"for a window of {reach} along {axis}. Pad the input apart."
        )
    if size < 1 or (size + 2 * padding < reach and not ceil_mode):
        raise ValueError(
            f"{function}: the window is larger than the input: {reach} along {axis}, "
            f"where the input has {size} and padding adds {2 * padding}. Use a smaller window, or more padding."
        )
    out = (size + 2 * padding - reach + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode and (out - 1) * stride >= size + padding:
        out -= 1  # the last window would begin in the padding behind the input
    if out < 1:
        raise ValueError(
            f"{function}: the window is larger than the input: {reach} along {axis}, "
            f"where the input has {size} and padding adds {2 * padding}. Use a smaller window, or more padding."
        )
    return out


def _per_block(unit_work: int) -> int:
    return max(1, BLOCK_WORK // max(1, unit_work))


def _for_stride(kernel: Kernel, stride: int, dtype: np.dtype) -> Kernel:
    """The kernel for a stride along rows: vectors of windows up to a stride of 4, single windows above."""
    if stride > 4:
        return kernel.with_constants(WINDOWS=1, STEP=1)
    return kernel.with_constants(WINDOWS=VECTOR_BYTES // dtype.itemsize, STEP=stride)


def max_pool2d(
    x: np.ndarray,
    kernel: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    ceil_mode: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """The largest element of each window, and its place.

    x: (N, C, H, W) -> out: (N, C, OH, OW), indices: (N, C, OH, OW) int64, flat within H * W. Of equal elements the
    first counts; of several NaNs the last. A window that lies in the padding alone gives -inf and index -1.
    """
    _check_4d("max_pool2d", x)
    kh, kw = _pair("max_pool2d", "kernel_size", kernel, 1)
    sh, sw = (kh, kw) if stride is None else _pair("max_pool2d", "stride", stride, 1)
    ph, pw = _pair("max_pool2d", "padding", padding, 0)
    dh, dw = _pair("max_pool2d", "dilation", dilation, 1)
    n, c, height, width = x.shape
    oh = _out_size("max_pool2d", height, kh, sh, ph, dh, ceil_mode, "H")
    ow = _out_size("max_pool2d", width, kw, sw, pw, dw, ceil_mode, "W")
    x = np.ascontiguousarray(x)
    out = np.empty((n, c, oh, ow), x.dtype)
    indices = np.empty((n, c, oh, ow), np.int64)
    rows = n * c * oh
    per_block = _per_block(ow * kh * kw)
    _for_stride(max_pool_block, sw, x.dtype)(
        x, out, indices, rows, per_block, height, width, oh, ow, kh, kw, sh, sw, ph, pw, dh, dw,
        blocks=count_blocks(rows, per_block),
    )  # fmt: skip
    return out, indices


def max_pool2d_gradient(g: np.ndarray, indices: np.ndarray, input_shape: tuple[int, ...]) -> np.ndarray:
    """Gradient of `max_pool2d` and `adaptive_max_pool2d` by x: (N, C, H, W), of shape ``input_shape``.

    g: (N, C, OH, OW), indices: what the forward returned. Overlapping windows add up.
    """
    g, indices = np.ascontiguousarray(g), np.ascontiguousarray(indices)
    gx = np.empty(input_shape, g.dtype)
    planes = input_shape[0] * input_shape[1]
    size, out_size = input_shape[2] * input_shape[3], g.shape[2] * g.shape[3]
    per_block = _per_block(size + 4 * out_size)
    max_gradient_block(g, indices, gx, planes, per_block, size, out_size, blocks=count_blocks(planes, per_block))
    return gx


# --- Average ---------------------------------------------------------------------------------------------------------


@kernel
def avg_pool_block(
    block: int, x: Reals, divisors: Reals, out: Reals, rows: int, rows_per_block: int, height: int, width: int,
    out_height: int, out_width: int, kernel_height: int, kernel_width: int, stride_height: int, stride_width: int,
    padding_height: int, padding_width: int,
) -> None:  # fmt: skip
    """Some output rows. divisors: (OH, OW)."""
    first, last = block_range(block, rows_per_block, rows)
    for unit in range(first, last):
        plane = unit // out_height
        out_row = unit - plane * out_height
        for ow in range(0, out_width, WINDOWS):
            means_of_windows(
                offset(x, plane * height * width), out_row * stride_height - padding_height,
                ow * stride_width - padding_width, height, width, kernel_height, kernel_width, 1, 1,
                offset(divisors, out_row * out_width + ow), offset(out, unit * out_width + ow), out_width - ow,
                WINDOWS, STEP,
            )  # fmt: skip


@kernel
def avg_gradient_block(
    block: int, g: Reals, divisors: Reals, gx: Reals, planes: int, planes_per_block: int, height: int, width: int,
    out_height: int, out_width: int, kernel_height: int, kernel_width: int, stride_height: int, stride_width: int,
    padding_height: int, padding_width: int,
) -> None:  # fmt: skip
    """Each output's gradient, divided, goes to all places of its window."""
    step = STRIDE if STRIDE > 0 else stride_width
    first, last = block_range(block, planes_per_block, planes)
    for plane in range(first, last):
        target = offset(gx, plane * height * width)
        for i in range(height * width):
            target[i] = real(0)
        for out_row in range(out_height):
            source = offset(g, (plane * out_height + out_row) * out_width)
            divisor = offset(divisors, out_row * out_width)
            for tap_row in range(kernel_height):
                row = out_row * stride_height - padding_height + tap_row
                if 0 <= row < height:
                    for tap_column in range(kernel_width):
                        shift = tap_column - padding_width
                        start, stop = columns_inside(shift, step, width, out_width)
                        taps = offset(target, row * width + shift)
                        for ow in range(start, stop):
                            taps[ow * step] += source[ow] / divisor[ow]


@functools.lru_cache(maxsize=64)
def _divisors(
    sizes: tuple[int, int], outs: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int],
    padding: tuple[int, int], count_include_pad: bool, override: int | None, dtype: np.dtype,
) -> np.ndarray:  # fmt: skip
    """What each window's sum is divided by. -> (OH, OW)"""
    if override is not None:
        return np.full(outs, override, dtype)
    counts = []
    for size, out, k, s, p in zip(sizes, outs, kernel, stride, padding, strict=True):
        start = np.arange(out) * s - p
        stop = np.minimum(start + k, size + p)
        if not count_include_pad:
            start, stop = np.maximum(start, 0), np.minimum(stop, size)
        counts.append(np.maximum(stop - start, 0))
    return np.maximum(np.multiply.outer(*counts), 1).astype(dtype)  # no window is empty: 0 / 1


def _avg_arguments(
    x_shape: tuple[int, ...], kernel: int | tuple[int, int], stride: int | tuple[int, int] | None,
    padding: int | tuple[int, int], ceil_mode: bool, count_include_pad: bool, divisor_override: int | None,
    dtype: np.dtype,
) -> tuple[tuple[int, int], tuple[int, ...], np.ndarray]:  # fmt: skip
    """Output size; kernel, stride and padding by axis, as the kernels take them; divisors."""
    kernel = _pair("avg_pool2d", "kernel_size", kernel, 1)
    stride = kernel if stride is None else _pair("avg_pool2d", "stride", stride, 1)
    padding = _pair("avg_pool2d", "padding", padding, 0)
    if divisor_override is not None and divisor_override == 0:
        raise ValueError("avg_pool2d: divisor_override is not 0.")
    sizes = (x_shape[2], x_shape[3])
    oh, ow = (
        _out_size("avg_pool2d", size, k, s, p, 1, ceil_mode, axis)
        for size, k, s, p, axis in zip(sizes, kernel, stride, padding, "HW", strict=True)
    )
    divisors = _divisors(sizes, (oh, ow), kernel, stride, padding, count_include_pad, divisor_override, dtype)
    return (oh, ow), (*kernel, *stride, *padding), divisors


def avg_pool2d(
    x: np.ndarray,
    kernel: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> np.ndarray:
    """The mean of each window.  x: (N, C, H, W) -> (N, C, OH, OW)

    Padding counts as zeros, or not at all if not ``count_include_pad``; ``divisor_override`` replaces the count.
    """
    _check_4d("avg_pool2d", x)
    (oh, ow), window, divisors = _avg_arguments(
        x.shape, kernel, stride, padding, ceil_mode, count_include_pad, divisor_override, x.dtype
    )
    x = np.ascontiguousarray(x)
    n, c, height, width = x.shape
    out = np.empty((n, c, oh, ow), x.dtype)
    rows, per_block = n * c * oh, _per_block(ow * window[0] * window[1])
    _for_stride(avg_pool_block, window[3], x.dtype)(
        x, divisors, out, rows, per_block, height, width, oh, ow, *window, blocks=count_blocks(rows, per_block)
    )
    return out


def avg_pool2d_gradient(
    g: np.ndarray,
    input_shape: tuple[int, ...],
    kernel: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> np.ndarray:
    """Gradient of `avg_pool2d` by x.  g: (N, C, OH, OW) -> ``input_shape``, (N, C, H, W)"""
    (oh, ow), window, divisors = _avg_arguments(
        input_shape, kernel, stride, padding, ceil_mode, count_include_pad, divisor_override, g.dtype
    )
    n, c, height, width = input_shape
    if g.shape != (n, c, oh, ow):
        raise ValueError(f"avg_pool2d: the gradient has shape {g.shape}, but the output has {(n, c, oh, ow)}.")
    g = np.ascontiguousarray(g)
    gx = np.empty(input_shape, g.dtype)
    planes, per_block = n * c, _per_block(height * width + oh * ow * window[0] * window[1])
    avg_gradient_block.with_constants(STRIDE=window[3] if window[3] <= 2 else 0)(
        g, divisors, gx, planes, per_block, height, width, oh, ow, *window, blocks=count_blocks(planes, per_block)
    )
    return gx


# --- A fixed output size ---------------------------------------------------------------------------------------------


@inline
def window_bounds(i, size, out_size):
    """Window i of out_size windows that cover ``size``: its first place, and the one after its last."""
    return i * size // out_size, ((i + 1) * size + out_size - 1) // out_size


@kernel
def adaptive_avg_block(
    block: int, x: Reals, out: Reals, rows: int, rows_per_block: int, height: int, width: int, out_height: int,
    out_width: int,
) -> None:  # fmt: skip
    """Some output rows. Windows of a whole row's width are summed in one go."""
    first, last = block_range(block, rows_per_block, rows)
    for unit in range(first, last):
        plane = unit // out_height
        top, bottom = window_bounds(unit - plane * out_height, height, out_height)
        source = offset(x, (plane * height + top) * width)
        for ow in range(out_width):
            left, right = window_bounds(ow, width, out_width)
            lines, length = bottom - top, right - left
            if length == width:
                lines, length = 1, lines * length
            total = real(0)
            for line in range(lines):
                total += sum_of(offset(source, line * width + left), length)
            out[unit * out_width + ow] = total / real(lines * length)


@kernel
def adaptive_avg_gradient_block(
    block: int, g: Reals, gx: Reals, planes: int, planes_per_block: int, height: int, width: int, out_height: int,
    out_width: int,
) -> None:  # fmt: skip
    """Each output's gradient, divided, goes to all places of its window."""
    first, last = block_range(block, planes_per_block, planes)
    for plane in range(first, last):
        target = offset(gx, plane * height * width)
        for i in range(height * width):
            target[i] = real(0)
        for oh in range(out_height):
            top, bottom = window_bounds(oh, height, out_height)
            for ow in range(out_width):
                left, right = window_bounds(ow, width, out_width)
                share = g[(plane * out_height + oh) * out_width + ow] / real((bottom - top) * (right - left))
                for row in range(top, bottom):
                    for i in range(row * width + left, row * width + right):
                        target[i] += share


@inline
def count_nans(x, n):
    count = 0
    for i in range(n):
        count += x[i] != x[i]
    return count


@kernel
def adaptive_max_block(
    block: int, x: Reals, out: Reals, indices: Ints, rows: int, rows_per_block: int, height: int, width: int,
    out_height: int, out_width: int,
) -> None:  # fmt: skip
    """Some output rows, window by window."""
    first, last = block_range(block, rows_per_block, rows)
    for unit in range(first, last):
        plane = unit // out_height
        top, bottom = window_bounds(unit - plane * out_height, height, out_height)
        source = offset(x, plane * height * width)
        for ow in range(out_width):
            left, right = window_bounds(ow, width, out_width)
            # One tap after the other would wait for its comparison: first the largest value, then its place.
            best = real(-np.inf)
            nans = 0
            for row in range(top, bottom):
                line = offset(source, row * width + left)
                best = max(best, row_max(line, right - left))
                nans += count_nans(line, right - left)
            place = -1
            if nans > 0:
                for row in range(top, bottom):
                    for i in range(row * width + left, row * width + right):
                        if source[i] != source[i]:
                            best, place = source[i], i
            else:
                row = top
                while place < 0:
                    i = row * width + left
                    while i < row * width + right and source[i] != best:
                        i += 1
                    if i < row * width + right:
                        place = i
                    row += 1
            out[unit * out_width + ow] = best
            indices[unit * out_width + ow] = place


def _adaptive_sizes(
    function: str, x_shape: tuple[int, ...], output_size: int | tuple[int | None, int | None]
) -> tuple[int, int]:
    """The output size, with None as the input's; ValueError if there is nothing to pool."""
    pair = (output_size, output_size) if isinstance(output_size, int | np.integer) else tuple(output_size)
    if len(pair) != 2 or any(size is not None and size < 0 for size in pair):
        raise ValueError(f"{function}: output_size is an int >= 0 or a pair of them or None, got {output_size!r}.")
    if min(x_shape[2:]) < 1:
        raise ValueError(f"{function}: H and W of the input are at least 1, got shape {x_shape}.")
    oh, ow = (size if out is None else int(out) for size, out in zip(x_shape[2:], pair, strict=True))
    return oh, ow


def adaptive_avg_pool2d(x: np.ndarray, output_size: int | tuple[int | None, int | None]) -> np.ndarray:
    """The means of OH x OW windows that cover the input evenly.  x: (N, C, H, W) -> (N, C, OH, OW)"""
    _check_4d("adaptive_avg_pool2d", x)
    oh, ow = _adaptive_sizes("adaptive_avg_pool2d", x.shape, output_size)
    x = np.ascontiguousarray(x)
    n, c, height, width = x.shape
    out = np.empty((n, c, oh, ow), x.dtype)
    rows, per_block = n * c * oh, _per_block(height * width // max(1, oh) + 8 * ow)
    adaptive_avg_block(x, out, rows, per_block, height, width, oh, ow, blocks=count_blocks(rows, per_block))
    return out


def adaptive_avg_pool2d_gradient(g: np.ndarray, input_shape: tuple[int, ...]) -> np.ndarray:
    """Gradient of `adaptive_avg_pool2d` by x.  g: (N, C, OH, OW) -> ``input_shape``, (N, C, H, W)"""
    g = np.ascontiguousarray(g)
    n, c, height, width = input_shape
    oh, ow = g.shape[2:]
    gx = np.empty(input_shape, g.dtype)
    per_block = _per_block(2 * height * width + 8 * oh * ow)
    adaptive_avg_gradient_block(g, gx, n * c, per_block, height, width, oh, ow, blocks=count_blocks(n * c, per_block))
    return gx


def adaptive_max_pool2d(
    x: np.ndarray, output_size: int | tuple[int | None, int | None]
) -> tuple[np.ndarray, np.ndarray]:
    """The largest elements of OH x OW windows that cover the input evenly, and their places.

    x: (N, C, H, W) -> out, indices: as `max_pool2d`, which also has the gradient.
    """
    _check_4d("adaptive_max_pool2d", x)
    oh, ow = _adaptive_sizes("adaptive_max_pool2d", x.shape, output_size)
    x = np.ascontiguousarray(x)
    n, c, height, width = x.shape
    out = np.empty((n, c, oh, ow), x.dtype)
    indices = np.empty((n, c, oh, ow), np.int64)
    rows, per_block = n * c * oh, _per_block(height * width // max(1, oh) + 8 * ow)
    adaptive_max_block(x, out, indices, rows, per_block, height, width, oh, ow, blocks=count_blocks(rows, per_block))
    return out, indices
