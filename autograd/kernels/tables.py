"""Tables of arrays: how one kernel call reaches many arrays.

The arrays of a table count as one long row of elements, which is cut into blocks: many small arrays share a block, and
a large one spans many.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

import numpy as np
from llvmlite import ir
from numba import types

from autograd.kernels.compile import DATA_WORD
from autograd.kernels.jit import block_range, count_blocks, inline, intrinsic

__all__ = ["BLOCK", "Table", "data_of", "piece_of"]

BLOCK = 1 << 14  # elements; fixed, so that sums do not depend on the number of threads


class Table(list[np.ndarray]):
    """Arrays that a kernel reaches as they are: float32 or float64, all of one dtype, C-contiguous and aligned.

    Who makes one has seen to that, and that they are writable where they are written.
    """

    __slots__ = ("_identities", "_plan")

    def __init__(self, arrays: Iterable[np.ndarray] = ()) -> None:
        super().__init__(arrays)
        self._identities: np.ndarray | None = None
        self._plan: tuple[np.ndarray, np.ndarray, int] | None = None

    def __reduce__(self) -> tuple[type[Table], tuple[list[np.ndarray]]]:
        return Table, (list(self),)  # the arrays of a copy are at other addresses

    @property
    def identities(self) -> np.ndarray:
        """The ``id`` of each array: what `data_of` finds its elements by."""
        if self._identities is None:
            self._identities = np.array([id(array) for array in self], np.int64)
        return self._identities

    @property
    def plan(self) -> tuple[np.ndarray, np.ndarray, int]:
        """Where each array begins in the long row, and its end; the first array of each block; the number of blocks."""
        if self._plan is None:
            self._plan = _plan(tuple([array.size for array in self]))
        return self._plan


@functools.lru_cache(maxsize=64)
def _plan(sizes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, int]:
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    blocks = count_blocks(int(starts[-1]), BLOCK)
    # The last array that begins at or before the block: with empty arrays several begin at the same place.
    first = np.searchsorted(starts[:-1], np.arange(blocks) * BLOCK, side="right") - 1
    return starts, first.astype(np.int64), blocks


@intrinsic
def data_of(typingctx, like, identity):
    """The data pointer of the array with that ``id``, of the type of the pointer ``like``.

    Read out of the array object: a nanosecond, where ``array.ctypes.data`` takes 900.
    """

    def codegen(context, builder, signature, args):
        words = ir.IntType(64).as_pointer()
        place = builder.gep(builder.inttoptr(args[1], words), [ir.Constant(ir.IntType(64), DATA_WORD)])
        return builder.inttoptr(builder.load(place), context.get_value_type(like))

    return like(like, types.int64), codegen


@inline
def piece_of(block, starts, tensor):
    """The elements of a tensor that lie in a block: the first, and how many."""
    start, stop = block_range(block, BLOCK, starts[tensor + 1])
    begin = max(start - starts[tensor], 0)
    return begin, stop - starts[tensor] - begin
