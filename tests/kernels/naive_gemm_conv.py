"""Loop twins of the matrix product and the convolutions: as plainly as the definitions read, in float64."""

from __future__ import annotations

import itertools

import numpy as np

Pair = tuple[int, int]


def matmul(a: np.ndarray, b: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """out[..., i, j] = bias[j] + sum over k of a[..., i, k] * b[..., k, j]"""
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a, b = (np.broadcast_to(x, (*batch, *x.shape[-2:])).astype(np.float64) for x in (a, b))
    out = np.zeros((*batch, a.shape[-2], b.shape[-1]))
    for index in np.ndindex(out.shape):
        *at, i, j = index
        total = 0.0 if bias is None else float(bias[j])
        for k in range(a.shape[-1]):
            total += a[(*at, i, k)] * b[(*at, k, j)]
        out[index] = total
    return out


def _connections(x_shape, w_shape, stride: Pair, padding: Pair, dilation: Pair, groups: int):
    """Every (output index, input index, weight index) that a convolution multiplies, of one image."""
    height, width = x_shape[2:]
    out_channels, group_channels, kernel_height, kernel_width = w_shape
    rows = (height + 2 * padding[0] - dilation[0] * (kernel_height - 1) - 1) // stride[0] + 1
    columns = (width + 2 * padding[1] - dilation[1] * (kernel_width - 1) - 1) // stride[1] + 1
    per_group = out_channels // groups
    for o, c, ky, kx in itertools.product(*map(range, w_shape)):
        for y, x in itertools.product(range(rows), range(columns)):
            iy = y * stride[0] + ky * dilation[0] - padding[0]
            ix = x * stride[1] + kx * dilation[1] - padding[1]
            if 0 <= iy < height and 0 <= ix < width:
                yield (o, y, x), (o // per_group * group_channels + c, iy, ix), (o, c, ky, kx)


def conv2d(x, w, bias, out_shape, stride: Pair, padding: Pair, dilation: Pair, groups: int) -> np.ndarray:
    """out[n, o, y, x] = bias[o] + sum over c, ky, kx of input[n, c, y * s + ky * d - p, ...] * w[o, c, ky, kx]"""
    out = np.zeros(out_shape)
    if bias is not None:
        out += bias.astype(np.float64)[:, None, None]
    x, w = x.astype(np.float64), w.astype(np.float64)
    for to, source, weight in _connections(x.shape, w.shape, stride, padding, dilation, groups):
        out[(slice(None), *to)] += x[(slice(None), *source)] * w[weight]
    return out


def conv2d_gradients(g, x, w, stride: Pair, padding: Pair, dilation: Pair, groups: int):
    """Gradients of `conv2d` by its input and by its weight."""
    by_input, by_weight = np.zeros(x.shape), np.zeros(w.shape)
    g, x, w = (array.astype(np.float64) for array in (g, x, w))
    for to, source, weight in _connections(x.shape, w.shape, stride, padding, dilation, groups):
        by_input[(slice(None), *source)] += g[(slice(None), *to)] * w[weight]
        by_weight[weight] += g[(slice(None), *to)] @ x[(slice(None), *source)]
    return by_input, by_weight
