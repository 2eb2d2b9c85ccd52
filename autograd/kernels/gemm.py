"""Matrix products: packed, cache-blocked and register-tiled; batched; any strides; with a fused bias.

The sum of each element runs over k in order (see `lanes`), so that a product has the same bits for every number of
threads, and a row has the same bits alone as within a batch. BLAS promises neither.
"""

from __future__ import annotations

import functools

import numpy as np

from autograd.kernels.jit import VECTOR_BYTES, LANES, Ints, Reals, block_range, count_blocks, inline, kernel, offset, real, stack
from autograd.kernels.lanes import TILE_ROWS, TILE_VECTORS, tile

__all__ = ["matmul", "packed_matmul", "use_blas"]

ROWS = TILE_ROWS
EDGE = TILE_ROWS * TILE_VECTORS * VECTOR_BYTES // 4  # elements of a tile, enough for either dtype
DEPTH_BLOCK = 256  # k's between two visits of a tile: a panel of b (32 KB) stays in the first-level cache
ROW_BLOCK = 8  # tiles of rows in one block: they and the panel stay in the second-level cache
BLOCK_WORK = 1 << 21  # multiply-adds that a block should have, some 20 microseconds
PACK_BLOCK = 1 << 15  # elements that a packing block should have
PACKED_BYTES = 1 << 26  # memory for packed operands; larger batches go in several rounds


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
        if column_stride == 1:
            for k in range(depth):
                for j in range(used):
                    target[k * width + j] = source[k * row_stride + j]
                for j in range(used, width):
                    target[k * width + j] = real(0)
        else:
            for start in range(0, depth, 16):  # 16 k's of all columns at a time: both sides stay in cache
                stop = min(start + 16, depth)
                for j in range(used):
                    for k in range(start, stop):
                        target[k * width + j] = source[k * row_stride + j * column_stride]
                for j in range(used, width):
                    for k in range(start, stop):
                        target[k * width + j] = real(0)


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
    edge = stack(a, EDGE)
    rows = stack(steps, ROWS)
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
            for row in range(first_row, last_row, ROWS):
                for i in range(ROWS):  # rows beyond the last are computed on the last one, and dropped
                    rows[i] = min(row + i, last_row - 1) * row_stride
                x = offset(left, start * step)
                place = offset(result, row * n + column)
                if row + ROWS <= last_row and column + width <= n:
                    tile(x, rows, steps, w, place, n, length, accumulate, ROWS, TILE_VECTORS)
                else:
                    valid_rows, valid_columns = min(ROWS, last_row - row), min(width, n - column)
                    if accumulate:
                        copy_tile(place, n, edge, width, valid_rows, valid_columns)
                    tile(x, rows, steps, w, edge, width, length, accumulate, ROWS, TILE_VECTORS)
                    copy_tile(edge, width, place, n, valid_rows, valid_columns)


@functools.lru_cache(maxsize=256)
def _steps(depth: int, stride: int) -> np.ndarray:
    """Offsets of the k's of one depth block."""
    return np.arange(depth, dtype=np.int64) * stride


def _batch_offsets(x: np.ndarray, batch_shape: tuple[int, ...]) -> np.ndarray:
    """Where each matrix of a batch begins, in elements, when the batch axes of x are broadcast to batch_shape."""
    offsets = np.zeros((1,) * len(batch_shape), np.int64)
    missing = len(batch_shape) - (x.ndim - 2)
    for axis in range(x.ndim - 2):
        if x.shape[axis] > 1:
            shape = [1] * len(batch_shape)
            shape[missing + axis] = x.shape[axis]
            offsets = offsets + (np.arange(x.shape[axis]) * (x.strides[axis] // x.itemsize)).reshape(shape)
    return np.ascontiguousarray(np.broadcast_to(offsets, batch_shape)).reshape(-1)


def _readable(x: np.ndarray) -> np.ndarray:
    """x itself, or a copy where its strides are not whole elements (a field of a structured array) or unaligned."""
    if x.flags.aligned and all(stride % x.itemsize == 0 for stride in x.strides):
        return x
    return x.copy()


def packed_matmul(
    a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None, bias: np.ndarray | None = None
) -> np.ndarray:
    """The matrix product by this module's own kernels, whatever the size. Shapes are not checked: see `matmul`.

    a: (..., M, K), b: (..., K, N), out: (..., M, N) contiguous and apart from the others, bias: (N,) -> (..., M, N),
    all of one dtype, float32 or float64.
    """
    batch_shape = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    (m, depth), n = a.shape[-2:], b.shape[-1]
    if out is None:
        out = np.empty((*batch_shape, m, n), a.dtype)
    if out.size == 0:
        return out
    if depth == 0:
        out[...] = 0 if bias is None else bias
        return out
    a, b = _readable(a), _readable(b)
    if len(batch_shape) and b.size == depth * n and a.flags.c_contiguous and a.shape[:-2] == batch_shape:
        # One b for all of the batch: one tall product.
        a, b, m, batch_shape = a.reshape(-1, depth), b.reshape(depth, n), a.size // depth, ()
    has_bias = bias is not None
    bias = np.ascontiguousarray(bias) if bias is not None else a

    width = TILE_VECTORS * VECTOR_BYTES // a.itemsize
    panels = count_blocks(n, width)
    a_offsets = _batch_offsets(a, batch_shape)
    b_offsets = _batch_offsets(b, batch_shape)
    results = out.reshape(a_offsets.size, m, n)
    a_strides, b_strides = (tuple(stride // x.itemsize for stride in x.strides[-2:]) for x in (a, b))
    steps = _steps(min(depth, DEPTH_BLOCK), a_strides[1])

    # Blocks by the shape alone: about BLOCK_WORK each, with rows spread evenly.
    row_blocks = count_blocks(m, ROW_BLOCK * ROWS)
    row_block = count_blocks(count_blocks(m, row_blocks), ROWS) * ROWS
    row_blocks = count_blocks(m, row_block)
    panels_per_block = max(1, min(panels, BLOCK_WORK // (min(m, row_block) * width * depth)))
    column_blocks = count_blocks(panels, panels_per_block)
    panels_per_pack = max(1, min(panels, PACK_BLOCK // (width * depth)))
    packs = count_blocks(panels, panels_per_pack)

    at_once = max(1, PACKED_BYTES // (panels * width * depth * a.itemsize))
    for start in range(0, a_offsets.size, at_once):
        stop = min(start + at_once, a_offsets.size)
        distinct, which = np.unique(b_offsets[start:stop], return_inverse=True)
        packed = np.empty((distinct.size, panels, depth, width), a.dtype)
        pack_block(
            b, packed, distinct, depth, n, *b_strides, panels, panels_per_pack, packs, blocks=distinct.size * packs
        )
        product_block(
            a, packed, results[start:stop], bias, has_bias, a_offsets[start:stop], which, steps,
            m, n, depth, *a_strides, row_blocks, column_blocks, row_block, panels_per_block,
            blocks=(stop - start) * row_blocks * column_blocks,
        )  # fmt: skip
    return out


def use_blas(m: int, n: int, k: int, dtype: np.dtype) -> bool:
    """Whether a product of this size goes to NumPy and its BLAS."""
    if dtype not in _OWN_DTYPES:
        return True
    return m * n * k <= SMALL


SMALL = 32**3
_OWN_DTYPES = (np.dtype(np.float32), np.dtype(np.float64))


def matmul(
    a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None, bias: np.ndarray | None = None
) -> np.ndarray:
    """Matrix product over the last two axes, with the axes before them broadcast.

    a: (..., M, K), b: (..., K, N), bias: (N,) or None -> (..., M, N), written to ``out`` if given. Operands may have
    any strides, and dtypes that NumPy promotes. ValueError if the shapes do not fit.
    """
    if a.ndim < 2 or b.ndim < 2:
        raise ValueError(f"matmul: operands have at least 2 axes, got shapes {a.shape} and {b.shape}.")
    if a.shape[-1] != b.shape[-2]:
        raise ValueError(
            f"matmul: inner sizes differ: {a.shape} @ {b.shape} has {a.shape[-1]} against {b.shape[-2]}."
        )
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
        result = np.matmul(a, b, out=out)
        return result if bias is None else np.add(result, bias, out=out)
    if out is None:
        return packed_matmul(a, b, None, bias)
    if out.dtype == a.dtype and out.flags.carray and not any(np.may_share_memory(out, x) for x in (a, b)):
        return packed_matmul(a, b, out, bias)
    np.copyto(out, packed_matmul(a, b, None, bias), casting="same_kind")
    return out
