"""The register tile: vector code for this CPU, emitted as LLVM, where Numba's own loops do not reach the peak.

A tile is a small matrix product whose sums stay in vector registers: ``out[i, lane] += sum over k of x[i, k] *
w[k, lane]``, over a few rows, each broadcast, and a few vectors of ``LANES`` columns. Each k costs rows + vectors
loads and rows * vectors fused multiply-adds: so few loads that the multipliers never wait. Tables say where x[i, k] is,
so that one tile serves matrix products (any strides) and convolutions (forward and both gradients).

Each element's sum runs over k in order, one multiply-add after the other, whatever the tile's size: neither tiling,
nor blocking, nor threads change a bit of it.

On a Zen 5 server, float32: 8 rows of 2 vectors reach 200 GFLOP/s a core at depth 256. 14 rows reach 230 alone, but half
of that inside a larger function, where LLVM spills their sums; and more rows waste more at the edges.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import VECTOR_BYTES, intrinsic

__all__ = [
    "LINE",
    "TILE_ROWS",
    "TILE_SIZE",
    "TILE_VECTORS",
    "TURN_ROWS",
    "aligned",
    "clear",
    "copy",
    "product_tile",
    "read_turned",
    "tile",
    "write_turned",
]

# The sums (rows * vectors), the vectors of w and one or two broadcast rows have to fit into the vector registers: 32
# with AVX-512 and on ARM, 16 with AVX2 (and with SSE, where a few spill).
TILE_VECTORS = 2
TILE_ROWS = {64: 8, 32: 6, 16: 8}[VECTOR_BYTES]
TILE_SIZE = TILE_ROWS * TILE_VECTORS * VECTOR_BYTES // 4  # elements of a tile, enough for either dtype

LINE = 64  # bytes of a line of the cache

TURN_ROWS = VECTOR_BYTES // 8  # rows that `read_turned` turns at a time: a power of two, at most LANES of either dtype

_I32, _I64 = ir.IntType(32), ir.IntType(64)
_TABLE = types.CPointer(types.int64)


def _constant(value: int) -> Any:
    return ir.Constant(_I64, value)


def _emit_tile(
    context: Any, builder: Any, pointer: types.CPointer, rows: int, vectors: int, args: Any, *, begin: Any = None,
    w_stride: Any = None, clip: Any = None,
) -> None:  # fmt: skip
    """Emit a tile. ``steps`` is a table, or the distance from one k to the next; `product_tile` explains the others."""
    x, row_offsets, steps, w, out, out_stride, depth, accumulate = args
    real = context.get_data_type(pointer.dtype)
    size = context.get_abi_sizeof(real)
    lanes = VECTOR_BYTES // size
    vector = ir.VectorType(real, lanes)
    # fmuladd: fused where the CPU can, and never a call of the C library's fma where it cannot
    multiply_add = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(vector, [vector] * 3), f"llvm.fmuladd.v{lanes}f{8 * size}"
    )
    undefined = ir.Constant(vector, ir.Undefined)
    zero = ir.Constant(vector, [0.0] * lanes)
    splat = ir.Constant(ir.VectorType(_I32, lanes), [0] * lanes)
    tile_indices = [(i, j) for i in range(rows) for j in range(vectors)]

    def vector_at(base: Any, index: Any) -> Any:
        return builder.bitcast(builder.gep(base, [index]), vector.as_pointer())

    places = {
        (i, j): vector_at(out, builder.add(builder.mul(out_stride, _constant(i)), _constant(j * lanes)))
        for i, j in tile_indices
    }
    begins = [zero] * vectors
    if begin is not None:
        begins = [builder.load(vector_at(begin, _constant(j * lanes)), align=size) for j in range(vectors)]
    before = builder.block
    load_old = builder.append_basic_block("tile.load")
    loop = builder.append_basic_block("tile.loop")
    done = builder.append_basic_block("tile.done")
    builder.cbranch(builder.icmp_signed("!=", accumulate, _constant(0)), load_old, loop)
    builder.position_at_end(load_old)
    old = {ij: builder.load(places[ij], align=size) for ij in tile_indices}
    builder.branch(loop)

    builder.position_at_end(loop)
    k = builder.phi(_I64)
    sums = {ij: builder.phi(vector) for ij in tile_indices}
    k.add_incoming(_constant(0), before)
    k.add_incoming(_constant(0), load_old)
    for ij in tile_indices:
        sums[ij].add_incoming(begins[ij[1]], before)
        sums[ij].add_incoming(old[ij], load_old)
    step = builder.load(builder.gep(steps, [k])) if isinstance(steps.type, ir.PointerType) else builder.mul(k, steps)
    x_k = builder.gep(x, [step])
    w_k = builder.gep(w, [builder.mul(k, _constant(vectors * lanes) if w_stride is None else w_stride)])
    columns = [builder.load(vector_at(w_k, _constant(j * lanes)), align=size) for j in range(vectors)]
    # An empty instruction that is said to change memory: the row offsets are read again for each k. LLVM would rather
    # keep all of them in integer registers, and run out of those and then of vector registers: 0.4 of the speed.
    builder.asm(ir.FunctionType(ir.VoidType(), []), "", "~{memory}", [], True)
    new = {}
    for i in range(rows):
        place = builder.gep(x_k, [builder.load(builder.gep(row_offsets, [_constant(i)]))])
        scalar = builder.insert_element(undefined, builder.load(place, align=size), ir.Constant(_I32, 0))
        row = builder.shuffle_vector(scalar, undefined, splat)
        for j in range(vectors):
            new[i, j] = builder.call(multiply_add, [row, columns[j], sums[i, j]])
    following = builder.add(k, _constant(1))
    k.add_incoming(following, loop)
    for ij in tile_indices:
        sums[ij].add_incoming(new[ij], loop)
    builder.cbranch(builder.icmp_signed("<", following, depth), loop, done)

    builder.position_at_end(done)
    if clip is not None:
        # Negative becomes 0; NaN stays NaN.
        floor = builder.select(builder.icmp_signed("!=", clip, _constant(0)), ir.Constant(real, 0.0),
                               ir.Constant(real, float("-inf")))  # fmt: skip
        floor = builder.shuffle_vector(builder.insert_element(undefined, floor, ir.Constant(_I32, 0)), undefined, splat)
        new = {ij: builder.select(builder.fcmp_ordered("<", v, floor), floor, v) for ij, v in new.items()}
    for ij in tile_indices:
        builder.store(new[ij], places[ij], align=size)


@intrinsic
def tile(typingctx, x, row_offsets, steps, w, out, out_stride, depth, accumulate, rows, vectors):
    """One register tile: out[i * out_stride + lane] (+)= sum of x[row_offsets[i] + steps[k]] * w[k, lane], k < depth.

    ``x``, ``w`` and ``out`` are pointers to reals, ``row_offsets`` (rows entries) and ``steps`` (depth entries) to
    ints. w: (depth, vectors * LANES), contiguous. ``depth`` is at least 1. ``accumulate`` (0 or 1) says whether the
    sums start from what ``out`` holds or from 0. ``rows`` and ``vectors`` are compile-time constants.
    """

    def codegen(context, builder, signature, args):
        _emit_tile(context, builder, x, rows.literal_value, vectors.literal_value, args[:8])
        return context.get_dummy_value()

    if not isinstance(rows, types.IntegerLiteral) or not isinstance(vectors, types.IntegerLiteral):
        return None
    i64 = types.int64
    return types.void(x, _TABLE, _TABLE, x, x, i64, i64, i64, rows, vectors), codegen


@intrinsic
def product_tile(
    typingctx, x, row_offsets, step, w, w_stride, begin, out, out_stride, depth, accumulate, clip, rows, vectors
):
    """`tile` for a matrix product: of x's rows ``step`` elements from one k to the next, and of w's rows ``w_stride``.

    Where it does not accumulate, each row's sums start from ``begin``: (vectors * LANES). With ``clip`` (0 or 1)
    negative results become 0.
    """

    def codegen(context, builder, signature, args):
        x_value, offsets, step_value, w_value, w_step, begin_value, *rest = args
        _emit_tile(
            context, builder, x, rows.literal_value, vectors.literal_value,
            (x_value, offsets, step_value, w_value, *rest[:4]), begin=begin_value, w_stride=w_step, clip=rest[4],
        )  # fmt: skip
        return context.get_dummy_value()

    if not isinstance(rows, types.IntegerLiteral) or not isinstance(vectors, types.IntegerLiteral):
        return None
    i64 = types.int64
    return types.void(x, _TABLE, i64, x, i64, x, x, i64, i64, i64, i64, rows, vectors), codegen


@intrinsic
def aligned(typingctx, pointer):
    """The first place from a pointer on at which a line of the cache begins: up to LINE - 1 bytes further on."""

    def codegen(context, builder, signature, args):
        address = builder.add(builder.ptrtoint(args[0], _I64), _constant(LINE - 1))
        return builder.inttoptr(builder.and_(address, _constant(-LINE)), args[0].type)

    return pointer(pointer), codegen


@intrinsic
def copy(typingctx, source, target, count):
    """Copy so many elements. A loop in Python does the same, and takes LLVM longer to compile."""

    def codegen(context, builder, signature, args):
        size = context.get_abi_sizeof(context.get_data_type(source.dtype))
        cgutils.raw_memcpy(builder, args[1], args[0], args[2], size)
        return context.get_dummy_value()

    return types.void(source, source, types.int64), codegen


@intrinsic
def clear(typingctx, target, count):
    """Set so many elements to 0."""

    def codegen(context, builder, signature, args):
        size = context.get_abi_sizeof(context.get_data_type(target.dtype))
        cgutils.memset(builder, args[0], builder.mul(args[1], _constant(size)), 0)
        return context.get_dummy_value()

    return types.void(target, types.int64), codegen


def _zip(builder: Any, vectors: list[Any], lanes: int) -> list[Any]:
    """One perfect shuffle of vectors seen as one long row: its halves, element by element in turn."""
    half = len(vectors) // 2
    low = [index for lane in range(lanes // 2) for index in (lane, lanes + lane)]
    result = []
    for first, second in zip(vectors[:half], vectors[half:], strict=True):
        for start in (0, lanes // 2):
            mask = ir.Constant(ir.VectorType(_I32, lanes), [start + index for index in low])
            result.append(builder.shuffle_vector(first, second, mask))
    return result


def _unzip(builder: Any, vectors: list[Any], lanes: int) -> list[Any]:
    """The inverse of `_zip`."""
    result = []
    for start in (0, 1):
        mask = ir.Constant(ir.VectorType(_I32, lanes), list(range(start, 2 * lanes, 2)))
        pairs = zip(vectors[::2], vectors[1::2], strict=True)
        result += [builder.shuffle_vector(first, second, mask) for first, second in pairs]
    return result


def _turning(context: Any, pointer: types.CPointer, rows: int) -> tuple[Any, int, int, int]:
    """(element type, its size, lanes, rows filled up to a power of two)"""
    real = context.get_data_type(pointer.dtype)
    size = context.get_abi_sizeof(real)
    return real, size, VECTOR_BYTES // size, 1 << (rows - 1).bit_length()


@intrinsic
def write_turned(typingctx, tile, start, floor, out, stride, rows, vectors):
    """Write a tile with its axes exchanged: out[lane * stride + i] = tile[i * vectors * LANES + lane] + start[lane].

    start: (vectors * LANES). Where a result is less than ``floor``, that is written. ``rows`` and ``vectors`` are
    compile-time constants.
    """

    def codegen(context, builder, signature, args):
        tile_pointer, start_pointer, least, out_pointer, stride_value, _, _ = args
        real, size, lanes, filled = _turning(context, tile, rows.literal_value)
        vector = ir.VectorType(real, lanes)
        undefined = ir.Constant(vector, ir.Undefined)
        least = builder.insert_element(undefined, least, ir.Constant(_I32, 0))
        least = builder.shuffle_vector(least, undefined, ir.Constant(ir.VectorType(_I32, lanes), [0] * lanes))

        def at_least(value):
            return builder.select(builder.fcmp_ordered("<", value, least), least, value)  # a NaN is not, and stays

        def load(base, index):
            place = builder.gep(base, [_constant(index)])
            return builder.load(builder.bitcast(place, vector.as_pointer()), align=size)

        for j in range(vectors.literal_value):
            added = load(start_pointer, j * lanes)
            lines = [
                at_least(builder.fadd(load(tile_pointer, (i * vectors.literal_value + j) * lanes), added))
                for i in range(rows.literal_value)
            ]
            lines += [ir.Constant(vector, ir.Undefined)] * (filled - len(lines))
            for _ in range(filled.bit_length() - 1):
                lines = _zip(builder, lines, lanes)
            # Now one long row: all rows of lane 0, all rows of lane 1, ...
            width = min(filled, lanes)
            for lane in range(lanes):
                index = builder.mul(stride_value, _constant(j * lanes + lane))
                for first in range(0, rows.literal_value, width):
                    taken = min(width, rows.literal_value - first)
                    which, begin = divmod(lane * filled + first, lanes)
                    mask = ir.Constant(ir.VectorType(_I32, taken), list(range(begin, begin + taken)))
                    piece = builder.shuffle_vector(lines[which], lines[which], mask)
                    place = builder.gep(out_pointer, [builder.add(index, _constant(first))])
                    builder.store(piece, builder.bitcast(place, piece.type.as_pointer()), align=size)
        return context.get_dummy_value()

    if not isinstance(rows, types.IntegerLiteral) or not isinstance(vectors, types.IntegerLiteral):
        return None
    return types.void(tile, tile, tile.dtype, tile, types.int64, rows, vectors), codegen


@intrinsic
def read_turned(typingctx, source, stride, out, rows, vectors):
    """Read columns as rows: out[i * vectors * LANES + lane] = source[lane * stride + i], for i < rows.

    ``rows`` (a power of two, at most LANES) and ``vectors`` are compile-time constants.
    """

    def codegen(context, builder, signature, args):
        source_pointer, stride_value, out_pointer, _, _ = args
        count = rows.literal_value
        real, size, lanes, _ = _turning(context, source, count)
        vector, part = ir.VectorType(real, lanes), ir.VectorType(real, count)
        for j in range(vectors.literal_value):
            pieces = []
            for lane in range(lanes):
                index = builder.mul(stride_value, _constant(j * lanes + lane))
                place = builder.bitcast(builder.gep(source_pointer, [index]), part.as_pointer())
                pieces.append(builder.load(place, align=size))
            while len(pieces) > count:  # join pieces to whole vectors
                width = 2 * pieces[0].type.count
                mask = ir.Constant(ir.VectorType(_I32, width), list(range(width)))
                pieces = [
                    builder.shuffle_vector(first, second, mask)
                    for first, second in zip(pieces[::2], pieces[1::2], strict=True)
                ]
            for _ in range(count.bit_length() - 1):
                pieces = _unzip(builder, pieces, lanes)
            for i, line in enumerate(pieces):
                place = builder.gep(out_pointer, [_constant((i * vectors.literal_value + j) * lanes)])
                builder.store(line, builder.bitcast(place, vector.as_pointer()), align=size)
        return context.get_dummy_value()

    if not isinstance(rows, types.IntegerLiteral) or not isinstance(vectors, types.IntegerLiteral):
        return None
    return types.void(source, types.int64, source, rows, vectors), codegen
