"""Products of a matrix with few vectors: each element of the matrix is read once, so memory sets the pace.

BLAS cuts such sums by the number of threads, and so do their last bits depend on it. Here a block is a number of rows
of the result, whatever the number of threads.
"""

from __future__ import annotations

import numpy as np

from autograd.kernels.jit import Reals, block_range, count_blocks, inline, kernel, offset, real

__all__ = ["matrix_vectors"]

BLOCK_ELEMENTS = 1 << 16  # of the matrix: they stay in the second-level cache while the vectors pass by
CHUNK = 512  # rows of a transposed matrix that a block has: their sums stay in the first-level cache


@inline(reassociate=True)
def inner_product(x, y, n):
    """Its order is LLVM's, the same at every call."""
    total = real(0)
    for i in range(n):
        total += x[i] * y[i]
    return total


@kernel
def dots_block(
    block: int, matrix: Reals, vectors: Reals, out: Reals, rows: int, depth: int, row_stride: int, count: int,
    rows_per_block: int, out_row: int, out_vector: int,
) -> None:  # fmt: skip
    """The inner products of a block of rows, each contiguous, with all vectors."""
    first, last = block_range(block, rows_per_block, rows)
    for v in range(count):
        vector = offset(vectors, v * depth)
        for i in range(first, last):
            out[i * out_row + v * out_vector] = inner_product(offset(matrix, i * row_stride), vector, depth)


@kernel
def columns_block(
    block: int, matrix: Reals, vectors: Reals, sums: Reals, rows: int, depth: int, column_stride: int, count: int,
) -> None:  # fmt: skip
    """Sums of contiguous columns, each times its element of the vector; sums: (count, rows), zeros to begin with."""
    first, last = block_range(block, CHUNK, rows)
    size = last - first
    for v in range(count):
        total = offset(sums, v * rows + first)
        vector = offset(vectors, v * depth)
        whole = depth // 4 * 4
        for k in range(0, whole, 4):
            a = offset(matrix, first + k * column_stride)
            b, c, d = offset(a, column_stride), offset(a, 2 * column_stride), offset(a, 3 * column_stride)
            s, t, u, w = vector[k], vector[k + 1], vector[k + 2], vector[k + 3]
            for i in range(size):
                total[i] = (((total[i] + a[i] * s) + b[i] * t) + c[i] * u) + d[i] * w
        for k in range(whole, depth):
            a = offset(matrix, first + k * column_stride)
            s = vector[k]
            for i in range(size):
                total[i] += a[i] * s


def matrix_vectors(matrix: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """matrix: (M, K), vectors: (K, N) -> (M, N), for a small N. Both float32, or both float64, of any strides."""
    itemsize = matrix.itemsize
    (rows, depth), count = matrix.shape, vectors.shape[1]
    row_stride, column_stride = matrix.strides
    turned = row_stride == itemsize and column_stride != itemsize
    far = column_stride if turned else row_stride
    if not matrix.flags.aligned or (column_stride != itemsize and not turned) or far % itemsize:
        matrix = np.ascontiguousarray(matrix)
        turned, far = False, matrix.strides[0]
    vectors = np.ascontiguousarray(vectors.T)
    if turned:
        sums = np.zeros((count, rows), matrix.dtype)
        columns_block(
            matrix, vectors, sums, rows, depth, far // itemsize, count, blocks=count_blocks(rows, CHUNK)
        )  # fmt: skip
        return np.ascontiguousarray(sums.T)
    out = np.empty((rows, count), matrix.dtype)
    rows_per_block = max(1, BLOCK_ELEMENTS // max(1, depth))
    dots_block(
        matrix, vectors, out, rows, depth, far // itemsize, count, rows_per_block, count, 1,
        blocks=count_blocks(rows, rows_per_block),
    )  # fmt: skip
    return out
