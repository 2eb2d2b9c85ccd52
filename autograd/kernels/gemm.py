"""Matrix products: cache-blocked, register-tiled, batched; any strides; bias, ReLU and GELU in the tile's write-out.

One kernel computes a block of the result: of b it packs one panel at a time, into the first-level cache, right before
tiles of rows pass over it; where that pays for nothing, b is read where it is. So operands are read in any layout, and
neither a packed copy of a whole operand nor a second launch is needed.

The sum of each element runs over k in order (see `lanes`), so that a product has the same bits for every number of
threads, and a row has the same bits alone as within a batch. BLAS promises neither.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np

from autograd.kernels.crossover import choose
from autograd.kernels.gelu_tile import gelu_rows
from autograd.kernels.gemv import matrix_vectors
from autograd.kernels.jit import (
    LANES,
    VECTOR_BYTES,
    Ints,
    Kernel,
    Reals,
    block_range,
    count_blocks,
    inline,
    kernel,
    offset,
    stack,
    worker_count,
)
from autograd.kernels.lanes import (
    LINE,
    TILE_ROWS,
    TILE_SIZE,
    TILE_VECTORS,
    TURN_ROWS,
    aligned,
    clear,
    copy,
    product_tile,
    read_turned,
)

__all__ = ["finish", "matmul", "packed_gelu", "packed_matmul", "product"]

# k's between two visits of a tile: a panel of b (44 KB) just about stays in the first-level cache. Fewer would mean
# more visits, each of which reads and writes the tile.
DEPTH_BLOCK = 352
DEPTH_UNIT = 16  # of which visits are a multiple, except the last
PANEL_SIZE = DEPTH_BLOCK * TILE_VECTORS * VECTOR_BYTES // 4  # elements of a panel, enough for either dtype
ROW_BLOCK = 32  # tiles of rows in one block: they stay in the second-level cache while the panels pass by
TALL_BLOCK = (
    128  # the same where there are many panels: each is packed less often, a fifteenth of the time of 1024 cubed
)
BLOCK_WORK = 1 << 21  # multiply-adds that a block should have, some 20 microseconds
MANY_BLOCKS = 16  # from which on blocks become larger instead of more
# Rows of b are read where they are, without packing, if few tiles read them again. Rows a whole number of pages apart
# crowd each other out of the cache: these are read so only once or twice.
DIRECT_ROWS = 128
DIRECT_DEPTH = 64
PAGE = 4096
# A transposed a whose elements of one row lie so many bytes apart is copied, if at least so many panels read it again.
COPY_PANELS = 8
ROOM_GAP = 16  # elements between two copied tiles, which would else crowd each other out of the cache
HEAD = 14  # numbers before the offsets in `_Plan.table`
GELU = 0  # what is taken of the sums: a kernel of its own each, compiled when it is first used
GELU_KINDS = {"none": 1, "tanh": 2}  # by PyTorch's words
_OWN_DTYPES = (np.dtype(np.float32), np.dtype(np.float64))


@inline
def copy_tile(source, source_stride, target, target_stride, rows, columns):
    for i in range(rows):
        copy(offset(source, i * source_stride), offset(target, i * target_stride), columns)


@inline
def pack_panel(source, row_stride, column_stride, depth, used, target):
    """Copy (depth, used) to (depth, TILE_VECTORS * LANES), contiguous, the last columns filled up with zeros."""
    width = TILE_VECTORS * LANES
    turned = 0  # rows that are done
    if used < width:
        clear(target, depth * width)
    elif column_stride == 1:
        for k in range(depth):
            copy(offset(source, k * row_stride), offset(target, k * width), width)
        turned = depth
    elif row_stride == 1:  # transposed: whole squares are turned in registers
        turned = depth // TURN_ROWS * TURN_ROWS
        for k in range(0, turned, TURN_ROWS):
            read_turned(offset(source, k), column_stride, offset(target, k * width), TURN_ROWS, TILE_VECTORS)
    for k in range(turned, depth):
        for j in range(used):
            target[k * width + j] = source[k * row_stride + j * column_stride]


@kernel
def pack_block(
    block: int, b: Reals, packed: Reals, b_offsets: Ints, depth: int, columns: int, row_stride: int,
    column_stride: int, panels: int, panels_per_block: int, packs: int,
) -> None:  # fmt: skip
    """Copy b: (K, N) into panels (K, TILE_VECTORS * LANES), for kernels that go over them many times."""
    width = TILE_VECTORS * LANES
    batch = block // packs
    first, last = block_range(block - batch * packs, panels_per_block, panels)
    for panel in range(first, last):
        source = offset(b, b_offsets[batch] + panel * width * column_stride)
        target = offset(packed, (batch * panels + panel) * depth * width)
        pack_panel(source, row_stride, column_stride, depth, min(width, columns - panel * width), target)


@kernel
def product_block(
    block: int, worker: int, a: Reals, b: Reals, out: Reals, bias: Reals, rooms: Reals, plan: Ints, has_bias: int,
    relu: int, slopes: Reals, has_slopes: int,
) -> None:  # fmt: skip
    """One block of rows times one block of panels, over all k. ``plan`` is `_Plan.table`.

    With GELU (see `GELU`) that is taken of the sums; ``slopes``, like out, gets its derivatives if ``has_slopes``.
    """
    width = TILE_VECTORS * LANES
    m, n, depth, direct, copied = plan[0], plan[1], plan[2], plan[3], plan[4]
    row_stride, step, b_step, b_column = plan[5], plan[6], plan[7], plan[8]
    row_block, panels_per_block, row_blocks, column_blocks = plan[9], plan[10], plan[11], plan[12]
    batch = block // (row_blocks * column_blocks)
    within = block - batch * row_blocks * column_blocks
    first_row, last_row = block_range(within // column_blocks, row_block, m)
    first_panel, last_panel = block_range(within % column_blocks, panels_per_block, (n + width - 1) // width)
    left = offset(a, plan[HEAD + 2 * batch] + first_row * row_stride)
    right = offset(b, plan[HEAD + 2 * batch + 1])
    result = offset(out, batch * m * n)
    edge = stack(a, TILE_SIZE)
    edge_slopes = stack(a, TILE_SIZE)
    panel_room = aligned(offset(rooms, worker * plan[13]))
    begin = stack(a, TILE_SIZE)
    offsets = stack(plan, TILE_ROWS)
    last_offsets = stack(plan, TILE_ROWS)  # rows beyond the last are computed on the last one, and dropped
    a_room = offset(panel_room, PANEL_SIZE)
    x_stride, x_step, x_tile = row_stride, step, TILE_ROWS * row_stride
    if copied:
        x_stride, x_step, x_tile = 1, TILE_ROWS, DEPTH_BLOCK * TILE_ROWS + ROOM_GAP
    odd_rows = (last_row - first_row) % TILE_ROWS
    for i in range(TILE_ROWS):
        offsets[i] = i * x_stride
        last_offsets[i] = min(i, max(odd_rows - 1, 0)) * x_stride
    visits = (depth + DEPTH_BLOCK - 1) // DEPTH_BLOCK
    deep = (depth + visits * DEPTH_UNIT - 1) // (visits * DEPTH_UNIT) * DEPTH_UNIT
    for start in range(0, depth, deep):
        length = min(deep, depth - start)
        x = offset(left, start * step)
        if copied:
            tiles = (last_row - first_row) // TILE_ROWS
            for k in range(length):
                line, place = offset(x, k * step), offset(a_room, k * TILE_ROWS)
                for t in range(tiles):
                    copy(offset(line, t * TILE_ROWS), offset(place, t * x_tile), TILE_ROWS)
                copy(offset(line, tiles * TILE_ROWS), offset(place, tiles * x_tile), odd_rows)
            x = a_room
        for panel in range(first_panel, last_panel):
            column = panel * width
            columns = min(width, n - column)
            w, w_stride = offset(right, start * b_step + column * b_column), b_step
            if not direct or columns < width:
                pack_panel(w, b_step, b_column, length, columns, panel_room)
                w, w_stride = panel_room, width
            clear(begin, width)
            if has_bias:
                copy(offset(bias, column), begin, columns)
            for row in range(first_row, last_row, TILE_ROWS):
                rows = min(TILE_ROWS, last_row - row)
                target, target_stride = offset(result, row * n + column), n
                whole = rows == TILE_ROWS and columns == width
                if not whole:
                    if start > 0:
                        copy_tile(target, n, edge, width, rows, columns)
                    target, target_stride = edge, width
                product_tile(
                    offset(x, (row - first_row) // TILE_ROWS * x_tile),
                    offsets if rows == TILE_ROWS else last_offsets, x_step, w, w_stride, begin,
                    target, target_stride, length, start, relu if start + length == depth else 0,
                    TILE_ROWS, TILE_VECTORS,
                )  # fmt: skip
                if not whole:
                    copy_tile(edge, width, offset(result, row * n + column), n, rows, columns)
            if GELU > 0 and start + length == depth:
                place = first_row * n + column
                target, slope = offset(result, place), offset(slopes, (batch * m * n + place) * has_slopes)
                if columns == width:
                    gelu_rows(target, slope, n, last_row - first_row, has_slopes, TILE_VECTORS, GELU)
                else:
                    for i in range(last_row - first_row):
                        copy(offset(target, i * n), edge, columns)
                        gelu_rows(edge, edge_slopes, width, 1, has_slopes, TILE_VECTORS, GELU)
                        copy(edge, offset(target, i * n), columns)
                        copy(edge_slopes, offset(slope, i * n), columns * has_slopes)


# For few columns: tiles of twice as many rows, and of one vector.
NARROW = {"TILE_ROWS": 2 * TILE_ROWS, "TILE_VECTORS": 1}
narrow_product_block = product_block.with_constants(**NARROW)


class _Plan(NamedTuple):
    """How a product is cut into blocks: by shapes and strides alone, never by the number of threads."""

    shape: tuple[int, ...]
    table: np.ndarray  # what `product_block` reads: HEAD numbers, and where the a and the b of each matrix begin
    blocks: int
    room: int = 0  # elements of memory that a worker needs
    kernel: Kernel = product_block


@functools.lru_cache(maxsize=1024)
def _plan(
    a_shape: tuple[int, ...], b_shape: tuple[int, ...], a_strides: tuple[int, ...], b_strides: tuple[int, ...],
    itemsize: int,
) -> _Plan | None:  # fmt: skip
    """The plan of a product; None if strides are not whole elements. An empty product has blocks of no room."""
    if any(stride % itemsize for stride in (*a_strides, *b_strides)):
        return None
    batch_shape = np.broadcast_shapes(a_shape[:-2], b_shape[:-2])
    (m, depth), n = a_shape[-2:], b_shape[-1]
    shape = (*batch_shape, m, n)
    if 0 in (*shape, depth):
        return _Plan(shape, np.empty(0, np.int64), 0)
    a_strides = tuple(stride // itemsize for stride in a_strides)
    b_strides = tuple(stride // itemsize for stride in b_strides)
    if math.prod(b_shape[:-2]) == 1 and a_shape[:-2] == batch_shape and _is_one_axis(a_shape[:-1], a_strides[:-1]):
        # One b for all of the batch: one tall product.
        m, batch_shape, a_shape, b_shape = math.prod(a_shape[:-1]), (), a_shape[-2:], b_shape[-2:]
        a_strides, b_strides = a_strides[-2:], b_strides[-2:]

    narrow = n <= VECTOR_BYTES // itemsize
    tile_rows, vectors = NARROW.values() if narrow else (TILE_ROWS, TILE_VECTORS)
    width = vectors * VECTOR_BYTES // itemsize
    panels = count_blocks(n, width)
    tiles = count_blocks(m, tile_rows)
    far = a_strides[-2] == 1 and abs(a_strides[-1]) * itemsize >= PAGE and panels >= COPY_PANELS
    tall = not far and panels * count_blocks(tiles, TALL_BLOCK) >= MANY_BLOCKS
    row_block = count_blocks(tiles, count_blocks(tiles, TALL_BLOCK if tall else ROW_BLOCK)) * tile_rows
    work = max(BLOCK_WORK, math.prod(batch_shape) * m * n * depth // MANY_BLOCKS)
    panels_per_block = max(1, min(panels, work // (min(m, row_block) * width * depth)))
    direct = b_strides[-1] == 1 and (
        m <= 2 * tile_rows or (b_strides[-2] * itemsize % PAGE != 0 and (m <= DIRECT_ROWS or depth <= DIRECT_DEPTH))
    )
    copied = int(far and panels_per_block >= COPY_PANELS)
    a_offsets = _batch_offsets(a_shape, a_strides, batch_shape)
    b_offsets = _batch_offsets(b_shape, b_strides, batch_shape)
    room = min(depth, DEPTH_BLOCK) * width + LINE // itemsize
    if copied:
        room = LINE // itemsize + PANEL_SIZE + row_block // tile_rows * (DEPTH_BLOCK * tile_rows + ROOM_GAP)
    row_blocks, column_blocks = count_blocks(m, row_block), count_blocks(panels, panels_per_block)
    head = (
        m, n, depth, int(direct), int(copied), a_strides[-2], a_strides[-1], b_strides[-2], b_strides[-1], row_block,
        panels_per_block, row_blocks, column_blocks, room,
    )  # fmt: skip
    return _Plan(
        shape=shape,
        table=np.concatenate([head, np.stack([a_offsets, b_offsets], -1).ravel()]).astype(np.int64),
        blocks=a_offsets.size * row_blocks * column_blocks,
        room=room,
        kernel=narrow_product_block if narrow else product_block,
    )


def _is_one_axis(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Whether the elements of these axes lie as those of one axis do."""
    return all(strides[i] == strides[i + 1] * shape[i + 1] for i in range(len(shape) - 1))


def _batch_offsets(shape: tuple[int, ...], strides: tuple[int, ...], batch_shape: tuple[int, ...]) -> np.ndarray:
    """Where each matrix of a batch begins, in elements, when the batch axes are broadcast to batch_shape."""
    offsets = np.zeros(batch_shape, np.int64)
    for axis, (size, stride) in enumerate(zip(reversed(shape[:-2]), reversed(strides[:-2]), strict=True)):
        if size > 1:
            offsets += (np.arange(size) * stride).reshape(size, *(1,) * axis)
    return offsets.reshape(-1)


def packed_matmul(
    a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None, bias: np.ndarray | None = None, relu: bool = False
) -> np.ndarray:
    """The matrix product by this module's own kernel, whatever the size. Shapes are not checked: see `matmul`.

    a: (..., M, K), b: (..., K, N), out: (..., M, N) contiguous and apart from the others, bias: (N,) -> (..., M, N),
    all of one dtype, float32 or float64. With ``relu`` negative elements of the result become 0.
    """
    plan = _plan(a.shape, b.shape, a.strides, b.strides, a.itemsize)
    if plan is None or not (a.flags.aligned and b.flags.aligned):
        return packed_matmul(a.copy(), b.copy(), out, bias, relu)
    if out is None:
        out = np.empty(plan.shape, a.dtype)
    if not plan.room:
        return _empty_product(out, bias, relu)
    if bias is not None and not bias.flags.c_contiguous:
        bias = bias.copy()
    blocks = plan.blocks
    workers = 1 if blocks == 1 else worker_count(blocks)
    plan.kernel(
        a, b, out, bias, np.empty(workers * plan.room, a.dtype), plan.table, bias is not None, relu,
        None, 0, blocks=blocks, workers=workers,
    )  # fmt: skip
    return out


def packed_gelu(
    a: np.ndarray, b: np.ndarray, bias: np.ndarray | None, approximate: str, with_slopes: bool
) -> tuple[np.ndarray, np.ndarray | None]:
    """gelu(a b + bias), and its derivative by the sums if it is wanted, in one pass.

    a: (M, K), b: (K, N), bias: (N,), all of one dtype, float32 or float64; no size is 0.
    """
    plan = _plan(a.shape, b.shape, a.strides, b.strides, a.itemsize)
    if plan is None or not (a.flags.aligned and b.flags.aligned):
        return packed_gelu(a.copy(), b.copy(), bias, approximate, with_slopes)
    out = np.empty(plan.shape, a.dtype)
    slopes = np.empty(plan.shape, a.dtype) if with_slopes else None
    if bias is not None and not bias.flags.c_contiguous:
        bias = bias.copy()
    workers = 1 if plan.blocks == 1 else worker_count(plan.blocks)
    with_gelu = plan.kernel.with_constants(**plan.kernel.constants, GELU=GELU_KINDS[approximate])
    with_gelu(
        a, b, out, bias, np.empty(workers * plan.room, a.dtype), plan.table, bias is not None, 0, slopes, with_slopes,
        blocks=plan.blocks, workers=workers,
    )  # fmt: skip
    return out, slopes


def _empty_product(out: np.ndarray, bias: np.ndarray | None, relu: bool) -> np.ndarray:
    """A product with no elements, or of sums over nothing."""
    out[...] = 0 if bias is None else bias
    return np.maximum(out, 0, out=out) if relu else out


def _one_by_one(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Products with few vectors, one matrix of the batch after the other."""
    batch_shape = out.shape[:-2]
    a, b = (np.broadcast_to(x, (*batch_shape, *x.shape[-2:])) for x in (a, b))
    for index in np.ndindex(batch_shape):
        out[index] = _by_vectors(a[index], b[index])


def _by_vectors(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return matrix_vectors(b.T, a.T).T if a.shape[0] == 1 else matrix_vectors(a, b)


def product(a: np.ndarray, b: np.ndarray, bias: np.ndarray | None = None, relu: bool = False) -> np.ndarray:
    """The matrix product by whatever serves it best. Shapes are not checked: see `matmul`.

    a: (..., M, K), b: (..., K, N), bias: (N,) -> (..., M, N). With ``relu`` negative elements become 0.
    """
    m, k, n = a.shape[-2], a.shape[-1], b.shape[-1]
    if a.dtype == b.dtype and a.dtype in _OWN_DTYPES and (bias is None or bias.dtype == a.dtype):
        batch = 1
        if a.ndim > 2 or b.ndim > 2:
            shape = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
            batch = math.prod(shape)
        way = choose(batch, m, k, n, a.itemsize)
        if way == "tiles":
            return packed_matmul(a, b, None, bias, relu)
        if way == "vectors" and batch:
            if a.ndim == b.ndim == 2:
                out = _by_vectors(a, b)
            else:
                out = np.empty((*shape, m, n), a.dtype)
                _one_by_one(a, b, out)
            return finish(out, bias, relu)
        if way == "outer":
            return finish(np.multiply(a, b), bias, relu)
    return finish(np.matmul(a, b), bias, relu)


def finish(out: np.ndarray, bias: np.ndarray | None, relu: bool) -> np.ndarray:
    """Add the bias and cut off what is negative, in place where the dtype allows it."""
    if bias is not None:
        out = np.add(out, bias, out=out if out.dtype == np.result_type(out, bias) else None)
    return np.maximum(out, 0, out=out) if relu else out


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
    if out is None:
        return product(a, b, bias)
    if (
        out.dtype == a.dtype == b.dtype and out.dtype in _OWN_DTYPES and out.flags.carray
        and (bias is None or bias.dtype == a.dtype)
        and choose(math.prod(batch_shape), m, k, n, a.itemsize) == "tiles"
        and not any(np.may_share_memory(out, x) for x in (a, b))
    ):  # fmt: skip
        return packed_matmul(a, b, out, bias)
    np.copyto(out, product(a, b, bias), casting="same_kind")
    return out
