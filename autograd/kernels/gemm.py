"""Matrix products: packed, cache-blocked and register-tiled; batched; any strides; with a fused bias.

The sum of each element runs over k in order (see `lanes`), so that a product has the same bits for every number of
threads, and a row has the same bits alone as within a batch. BLAS promises neither.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np

from autograd.kernels.jit import (
    IS_X86,
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
)
from autograd.kernels.lanes import TILE_ROWS, TILE_SIZE, TILE_VECTORS, TURN_ROWS, read_turned, tile

__all__ = ["matmul", "packed_matmul", "use_blas"]

DEPTH_BLOCK = 256  # k's between two visits of a tile: a panel of b (32 KB) stays in the first-level cache
ROW_BLOCK = 16  # tiles of rows in one block: they and the panel stay in the second-level cache
BLOCK_WORK = 1 << 21  # multiply-adds that a block should have, some 20 microseconds
PACK_BLOCK = 1 << 15  # elements that a packing block should have
PACKED_BYTES = 1 << 26  # memory for packed operands; larger batches go in several rounds
_ONLY_BLAS = IS_X86 and VECTOR_BYTES == 16  # without AVX2 there are too few registers, and no fused multiply-add
_OWN_DTYPES = (np.dtype(np.float32), np.dtype(np.float64))


@kernel
def pack_block(
    block: int, b: Reals, packed: Reals, b_offsets: Ints, depth: int, columns: int, row_stride: int,
    column_stride: int, panels: int, panels_per_block: int, packs: int,
) -> None:  # fmt: skip
    """Copy b: (K, N) into panels (K, TILE_VECTORS * LANES), the last one filled up with zeros."""
    width = TILE_VECTORS * LANES
    batch = block // packs
    first, last = block_range(block - batch * packs, panels_per_block, panels)
    for panel in range(first, last):
        source = offset(b, b_offsets[batch] + panel * width * column_stride)
        target = offset(packed, (batch * panels + panel) * depth * width)
        used = min(width, columns - panel * width)
        if used < width:
            for i in range(depth * width):
                target[i] = real(0)
        if column_stride == 1:
            for k in range(depth):
                for j in range(used):
                    target[k * width + j] = source[k * row_stride + j]
        else:
            turned = 0  # k's that are done: with b transposed, whole squares are turned in registers
            if row_stride == 1 and used == width:
                turned = depth // TURN_ROWS * TURN_ROWS
                for k in range(0, turned, TURN_ROWS):
                    read_turned(offset(source, k), column_stride, offset(target, k * width), TURN_ROWS, TILE_VECTORS)
            for k in range(turned, depth):
                for j in range(used):
                    target[k * width + j] = source[k * row_stride + j * column_stride]


@inline
def copy_tile(source, source_stride, target, target_stride, rows, columns):
    for i in range(rows):
        for j in range(columns):
            target[i * target_stride + j] = source[i * source_stride + j]


@kernel
def product_block(
    block: int, a: Reals, packed: Reals, out: Reals, bias: Reals, has_bias: int, a_offsets: Ints, b_batches: Ints,
    steps: Ints, m: int, n: int, depth: int, row_stride: int, step: int, row_blocks: int, column_blocks: int,
    row_block: int, panels_per_block: int,
) -> None:  # fmt: skip
    """One block of rows times one block of panels, over all k."""
    width = TILE_VECTORS * LANES
    panels = (n + width - 1) // width
    batch = block // (row_blocks * column_blocks)
    within = block - batch * row_blocks * column_blocks
    first_row, last_row = block_range(within // column_blocks, row_block, m)
    first_panel, last_panel = block_range(within % column_blocks, panels_per_block, panels)
    left = offset(a, a_offsets[batch])
    right = offset(packed, b_batches[batch] * panels * depth * width)
    result = offset(out, batch * m * n)
    edge = stack(a, TILE_SIZE)
    rows = stack(steps, TILE_ROWS)
    if has_bias:
        for i in range(first_row, last_row):
            for j in range(first_panel * width, min(last_panel * width, n)):
                result[i * n + j] = bias[j]
    for start in range(0, depth, DEPTH_BLOCK):
        length = min(DEPTH_BLOCK, depth - start)
        accumulate = 1 if start > 0 or has_bias else 0
        for panel in range(first_panel, last_panel):
            column = panel * width
            w = offset(right, (panel * depth + start) * width)
            for row in range(first_row, last_row, TILE_ROWS):
                for i in range(TILE_ROWS):  # rows beyond the last are computed on the last one, and dropped
                    rows[i] = min(row + i, last_row - 1) * row_stride
                x = offset(left, start * step)
                place = offset(result, row * n + column)
                if row + TILE_ROWS <= last_row and column + width <= n:
                    tile(x, rows, steps, w, place, n, length, accumulate, TILE_ROWS, TILE_VECTORS)
                else:
                    valid_rows, valid_columns = min(TILE_ROWS, last_row - row), min(width, n - column)
                    if accumulate:
                        copy_tile(place, n, edge, width, valid_rows, valid_columns)
                    tile(x, rows, steps, w, edge, width, length, accumulate, TILE_ROWS, TILE_VECTORS)
                    copy_tile(edge, width, place, n, valid_rows, valid_columns)


class _Round(NamedTuple):
    """Part of a batch whose packed b's fit into memory together."""

    first: int  # matrices of the batch, from first to before last
    last: int
    a_offsets: np.ndarray  # where each a begins
    b_offsets: np.ndarray  # where each distinct b begins
    which_b: np.ndarray  # for each matrix, which of the distinct b's is its own


class _Plan(NamedTuple):
    """How a product is cut into blocks: by shapes and strides alone, never by the number of threads."""

    shape: tuple[int, ...]
    results: tuple[int, int, int]  # (batch, M, N)
    panel_shape: tuple[int, int, int]  # panels, K, width of a panel
    a_strides: tuple[int, int]
    b_strides: tuple[int, int]
    steps: np.ndarray
    rounds: tuple[_Round, ...]
    panels_per_pack: int
    packs: int
    row_blocks: int
    column_blocks: int
    row_block: int
    panels_per_block: int


@functools.lru_cache(maxsize=1024)
def _plan(
    a_shape: tuple[int, ...], b_shape: tuple[int, ...], a_strides: tuple[int, ...], b_strides: tuple[int, ...],
    itemsize: int, c_contiguous: bool,
) -> _Plan:  # fmt: skip
    batch_shape = np.broadcast_shapes(a_shape[:-2], b_shape[:-2])
    (m, depth), n = a_shape[-2:], b_shape[-1]
    shape = (*batch_shape, m, n)
    a_strides = tuple(stride // itemsize for stride in a_strides)
    b_strides = tuple(stride // itemsize for stride in b_strides)
    if c_contiguous and math.prod(b_shape[:-2]) == 1 and a_shape[:-2] == batch_shape:
        # One b for all of the batch: one tall product.
        m, batch_shape, a_shape, b_shape = math.prod(a_shape[:-1]), (), a_shape[-2:], b_shape[-2:]
        a_strides, b_strides = a_strides[-2:], b_strides[-2:]

    width = TILE_VECTORS * VECTOR_BYTES // itemsize
    panels = count_blocks(n, width)
    tiles = count_blocks(m, TILE_ROWS)
    row_block = count_blocks(tiles, count_blocks(tiles, ROW_BLOCK)) * TILE_ROWS
    panels_per_block = max(1, min(panels, BLOCK_WORK // (min(m, row_block) * width * depth)))
    panels_per_pack = max(1, min(panels, PACK_BLOCK // (width * depth)))

    a_offsets = _batch_offsets(a_shape, a_strides, batch_shape)
    b_offsets = _batch_offsets(b_shape, b_strides, batch_shape)
    at_once = max(1, PACKED_BYTES // (panels * width * depth * itemsize))
    rounds = []
    for first in range(0, a_offsets.size, at_once):
        last = min(first + at_once, a_offsets.size)
        distinct, which = np.unique(b_offsets[first:last], return_inverse=True)
        rounds.append(_Round(first, last, a_offsets[first:last], distinct, which.astype(np.int64)))
    return _Plan(
        shape=shape,
        results=(a_offsets.size, m, n),
        panel_shape=(panels, depth, width),
        a_strides=(a_strides[-2], a_strides[-1]),
        b_strides=(b_strides[-2], b_strides[-1]),
        steps=np.arange(min(depth, DEPTH_BLOCK), dtype=np.int64) * a_strides[-1],
        rounds=tuple(rounds),
        panels_per_pack=panels_per_pack,
        packs=count_blocks(panels, panels_per_pack),
        row_blocks=count_blocks(m, row_block),
        column_blocks=count_blocks(panels, panels_per_block),
        row_block=row_block,
        panels_per_block=panels_per_block,
    )


def _batch_offsets(shape: tuple[int, ...], strides: tuple[int, ...], batch_shape: tuple[int, ...]) -> np.ndarray:
    """Where each matrix of a batch begins, in elements, when the batch axes are broadcast to batch_shape."""
    offsets = np.zeros(batch_shape, np.int64)
    for axis, (size, stride) in enumerate(zip(reversed(shape[:-2]), reversed(strides[:-2]), strict=True)):
        if size > 1:
            offsets += (np.arange(size) * stride).reshape(size, *(1,) * axis)
    return offsets.reshape(-1)


def _readable(x: np.ndarray) -> np.ndarray:
    """x itself, or a copy where its elements are unaligned or its strides are not whole elements."""
    itemsize = x.itemsize
    if x.flags.aligned and not any(stride % itemsize for stride in x.strides):
        return x
    return x.copy()


def packed_matmul(
    a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None, bias: np.ndarray | None = None
) -> np.ndarray:
    """The matrix product by this module's own kernels, whatever the size. Shapes are not checked: see `matmul`.

    a: (..., M, K), b: (..., K, N), out: (..., M, N) contiguous and apart from the others, bias: (N,) -> (..., M, N),
    all of one dtype, float32 or float64.
    """
    if a.size == 0 or b.size == 0:
        return _empty_product(a, b, out, bias)
    a, b = _readable(a), _readable(b)
    plan = _plan(a.shape, b.shape, a.strides, b.strides, a.itemsize, a.flags.c_contiguous)
    if out is None:
        out = np.empty(plan.shape, a.dtype)
    has_bias = bias is not None
    bias = np.ascontiguousarray(bias) if bias is not None else a
    results = out.reshape(plan.results)
    panels, depth, _ = plan.panel_shape
    _, m, n = plan.results
    for part in plan.rounds:
        packed = np.empty((part.b_offsets.size, *plan.panel_shape), a.dtype)
        pack_block(
            b, packed, part.b_offsets, depth, n, *plan.b_strides, panels, plan.panels_per_pack, plan.packs,
            blocks=part.b_offsets.size * plan.packs,
        )  # fmt: skip
        product_block(
            a, packed, results[part.first : part.last], bias, has_bias, part.a_offsets, part.which_b, plan.steps,
            m, n, depth, *plan.a_strides, plan.row_blocks, plan.column_blocks, plan.row_block, plan.panels_per_block,
            blocks=(part.last - part.first) * plan.row_blocks * plan.column_blocks,
        )  # fmt: skip
    return out


def _empty_product(a: np.ndarray, b: np.ndarray, out: np.ndarray | None, bias: np.ndarray | None) -> np.ndarray:
    """A product with no elements, or of sums over nothing."""
    batch_shape = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    if out is None:
        out = np.empty((*batch_shape, a.shape[-2], b.shape[-1]), a.dtype)
    out[...] = 0 if bias is None else bias
    return out


def use_blas(m: int, n: int, k: int, dtype: np.dtype) -> bool:
    """Whether a product of this size goes to NumPy and its BLAS.

    It does for other dtypes than float32 and float64; for tiny products, where launching and packing costs more than
    multiplying (up to 64 cubed, which BLAS runs on one thread, so that they too have the same bits for every number of
    threads); and for matrices times fewer than 4 vectors, where packing pays for nothing. Measured on 2 cores with
    AVX-512, float32, speed of this module over OpenBLAS, on one thread and on two: 64 cubed 0.7, 0.7; 256 cubed 1.8,
    1.6; 1024 cubed 1.9, 1.7; (32, 784) @ (784, 128) 1.3, 1.3; (128, 1024) @ (1024, 1024) 1.4, 1.5, b transposed alike;
    (4096, 64) @ (64, 64) 1.8, 1.9; (8, 1024) @ (1024, 1024) 1.1, 1.0; (1, 1024) @ (1024, 1024) 0.2, 0.2.
    """
    return _ONLY_BLAS or dtype not in _OWN_DTYPES or m * n * k <= 64**3 or (k > 4 and min(m, n) < 4)


def matmul(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None, bias: np.ndarray | None = None) -> np.ndarray:
    """Matrix product over the last two axes, with the axes before them broadcast.

    a: (..., M, K), b: (..., K, N), bias: (N,) or None -> (..., M, N), written to ``out`` if given. Operands may have
    any strides, and dtypes that NumPy promotes. ValueError if the shapes do not fit.
    """
    if a.ndim < 2 or b.ndim < 2:
        raise ValueError(f"matmul: operands have at least 2 axes, got shapes {a.shape} and {b.shape}.")
    if a.shape[-1] != b.shape[-2]:
        raise ValueError(f"matmul: inner sizes differ: {a.shape} @ {b.shape} has {a.shape[-1]} against {b.shape[-2]}.")
    m, k, n = a.shape[-2], a.shape[-1], b.shape[-1]
    try:
        batch_shape = () if a.ndim == b.ndim == 2 else np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ValueError:
        raise ValueError(f"matmul: batch axes cannot be broadcast: {a.shape} @ {b.shape}.") from None
    shape = (*batch_shape, m, n)
    if out is not None and out.shape != shape:
        raise ValueError(f"matmul: out has shape {out.shape}, but {a.shape} @ {b.shape} has shape {shape}.")
    if bias is not None and bias.shape != (n,):
        raise ValueError(f"matmul: bias has shape {bias.shape}, but {a.shape} @ {b.shape} needs shape {(n,)}.")
    if a.dtype != b.dtype or (bias is not None and bias.dtype != a.dtype) or use_blas(m, n, k, a.dtype):
        result = np.matmul(a, b)
        if bias is not None:
            result = np.add(result, bias, out=result if result.dtype == np.result_type(result, bias) else None)
        if out is None:
            return result
        np.copyto(out, result, casting="same_kind")
        return out
    if out is None:
        return packed_matmul(a, b, None, bias)
    if out.dtype == a.dtype and out.flags.carray and not any(np.may_share_memory(out, x) for x in (a, b)):
        return packed_matmul(a, b, out, bias)
    np.copyto(out, packed_matmul(a, b, None, bias), casting="same_kind")
    return out
