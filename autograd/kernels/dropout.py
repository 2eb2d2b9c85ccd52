"""Dropout: what is left out is drawn in the loop that leaves it out, and drawn again for the gradient.

Nothing is stored but a key of 64 bits. Each block has a key of its own, by splitmix64 (Steele, Lea and Flood, 2014) of
the key and the number of the block; an element is the permutation triple32 (C. Wellons' search for hashes without bias,
2018) of its place in the block and the block's key. So the elements are the same for any dtype and number of threads.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types

from autograd.kernels.elementwise import choose
from autograd.kernels.jit import Reals, block_range, count_blocks, intrinsic, kernel
from autograd.kernels.scalar_math import Number

__all__ = ["dropout"]

BLOCK = 32768  # elements that share a key; to change it changes what is drawn

_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_TRIPLE = ((17, 0xED5AD4BB), (11, 0xAC4C1B51), (15, 0x31848BAB))
_LAST = 14


@intrinsic
def block_key(typingctx, key, block):
    """The key of a block: 64 bits."""

    def codegen(context, builder, signature, args):
        z, count = Number(builder, args[0]), Number(builder, args[1])
        z = z + (count + 1) * _GOLDEN
        z = (z ^ z.unsigned_shift(30)) * _FIRST
        z = (z ^ z.unsigned_shift(27)) * _SECOND
        return (z ^ z.unsigned_shift(31)).value

    return types.int64(types.int64, types.int64), codegen


@intrinsic
def stays(typingctx, place, key, limit):
    """Whether the number drawn for a place in a block is not below the limit; both have 32 bits."""

    def codegen(context, builder, signature, args):
        def low(value):
            return Number(builder, builder.trunc(value, ir.IntType(32)))

        x = low(args[0]) + low(args[1])
        for step, (shift, factor) in enumerate(_TRIPLE):
            x = (x ^ x.unsigned_shift(shift)) * factor
            if step == 0:
                x = x ^ low(Number(builder, args[1]).unsigned_shift(32).value)
        x = x ^ x.unsigned_shift(_LAST)
        return builder.icmp_unsigned(">=", x.value, low(args[2]).value)

    return types.boolean(types.int64, types.int64, types.int64), codegen


@kernel
def dropout_block(
    block: int, x: Reals, out: Reals, n: int, key: int, limit: int, scale: float, shift: float, dropped: float
) -> None:
    start, stop = block_range(block, BLOCK, n)
    own = block_key(key, block)
    for i in range(start, stop):
        out[i] = choose(stays(i - start, own, limit), x[i] * scale + shift, dropped)


def dropout(x: np.ndarray, key: int, limit: int, scale: float, shift: float = 0.0, dropped: float = 0.0) -> np.ndarray:
    """scale x + shift, and ``dropped`` with a probability of limit / 2**32.  x: (*), float32 or float64 -> (*)

    key: any int64.
    """
    x = np.asarray(x, order="C")
    out = np.empty_like(x)
    dropout_block(x, out, x.size, key, limit, scale, shift, dropped, blocks=count_blocks(x.size, BLOCK))
    return out
