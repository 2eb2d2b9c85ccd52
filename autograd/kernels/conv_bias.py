"""What the gradient of a convolution's result gives without its kernel: that by the bias, and that through a ReLU."""

from __future__ import annotations

import numpy as np

from autograd.kernels.jit import Reals, block_range, count_blocks, inline, kernel, offset, real, sum_of

__all__ = ["channel_sums", "relu_gradient_and_sums"]

BLOCK = 16384  # elements


@inline(reassociate=True)
def keep_where_positive(g, out, kept, n):
    """g where out is above 0, else 0, and its sum."""
    total = real(0)
    for i in range(n):
        value = g[i] if out[i] > real(0) else real(0)
        kept[i] = value
        total += value
    return total


@kernel
def plane_sums_block(
    block: int, g: Reals, out: Reals, kept: Reals, sums: Reals, through_relu: int, planes: int, size: int,
    planes_per_block: int,
) -> None:  # fmt: skip
    """The sums of some planes, one for each image and channel."""
    first, last = block_range(block, planes_per_block, planes)
    for plane in range(first, last):
        at = plane * size
        if through_relu:
            sums[plane] = keep_where_positive(offset(g, at), offset(out, at), offset(kept, at), size)
        else:
            sums[plane] = sum_of(offset(g, at), size)


def _plane_sums(g: np.ndarray, out: np.ndarray | None, kept: np.ndarray | None) -> np.ndarray:
    images, channels = g.shape[:2]
    sums = np.zeros((images, channels), g.dtype)
    if g.size:
        size = g.size // sums.size
        planes_per_block = max(1, BLOCK // size)
        plane_sums_block(
            g, out, kept, sums, out is not None, sums.size, size, planes_per_block,
            blocks=count_blocks(sums.size, planes_per_block),
        )  # fmt: skip
    return sums.sum(0)


def channel_sums(g: np.ndarray) -> np.ndarray:
    """(N, O, *) -> (O,), float32 or float64."""
    return _plane_sums(np.ascontiguousarray(g), None, None)


def relu_gradient_and_sums(g: np.ndarray, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """g where out is above 0, else 0, and the sums of that over all but the channels.  (N, O, *) -> (N, O, *), (O,)"""
    g = np.ascontiguousarray(g)
    kept = np.empty_like(g)
    return kept, _plane_sums(g, np.ascontiguousarray(out), kept)
