"""Pooling by a power: the root of the sum of powers over each window."""

from __future__ import annotations

import math

import numpy as np

from ..declare import composite
from ..op import Sample
from .comparison import where
from .pool_windows import window_for
from .pooling import avg_pool, declare_samples
from .reduction import values_of
from .windows import as_array


@composite(method=False)
def lp_pool1d(x, norm_type, kernel_size, stride=None, ceil_mode=False):
    """(sum of x ** norm_type) ** (1 / norm_type) over each window along the last axis.  x: (N, C, W) -> (N, C, OW)"""
    return _lp_pool(1, x, norm_type, kernel_size, stride, ceil_mode)


@composite(method=False)
def lp_pool2d(x, norm_type, kernel_size, stride=None, ceil_mode=False):
    """(sum of x ** norm_type) ** (1 / norm_type) over each window.  x: (N, C, H, W) -> (N, C, OH, OW)

    A window whose sum is 0 gives 0, with gradient 0. A sum below 0 has no root but the first: it gives NaN.
    """
    return _lp_pool(2, x, norm_type, kernel_size, stride, ceil_mode)


@composite(method=False)
def lp_pool3d(x, norm_type, kernel_size, stride=None, ceil_mode=False):
    """(sum of x ** norm_type) ** (1 / norm_type) over each window.  x: (N, C, D, H, W) -> (N, C, OD, OH, OW)

    A window whose sum is 0 gives 0, with gradient 0. A sum below 0 has no root but the first: it gives NaN.
    """
    return _lp_pool(3, x, norm_type, kernel_size, stride, ceil_mode)


def _lp_pool(axes: int, x, norm_type, kernel_size, stride, ceil_mode):
    # A window that reaches beyond the input counts as if it were full.
    op, x = f"lp_pool{axes}d", as_array(x)
    if not isinstance(norm_type, (int, float, np.number)) or not norm_type or not math.isfinite(norm_type):
        raise ValueError(
            f"{op}: norm_type must be a number other than 0 and infinity, not {norm_type!r}. The largest element of "
            f"each window is what max_pool{axes}d gives."
        )
    more = {"ceil_mode": bool(ceil_mode), "count_include_pad": False}
    window = window_for(op, x, kernel_size, stride, 0, **more)
    size = math.prod(window.kernel)
    if norm_type == 1:
        return avg_pool(x, window) * size
    mean = avg_pool(x**norm_type, window)
    nothing = values_of(mean) == 0  # where the root has no finite derivative
    return where(nothing, 0.0, (where(nothing, 1.0, mean) * size) ** (1.0 / norm_type))


def _lp_samples(draw, size):
    yield Sample(draw(2, 3, *size, low=0.2), 2, 2)
    yield Sample(draw(3, *size, low=0.2), 3, 3, stride=2)
    yield Sample(draw(2, 3, *size, low=0.2), 1.5, 2, 3, True)
    yield Sample(draw(3, *size), 1, 2)


declare_samples((lp_pool1d, lp_pool2d, lp_pool3d), _lp_samples)


@lp_pool2d.errors
def _(draw):
    yield Sample(draw(2, 3, 4, 4), 0, 2), ValueError, "max_pool2d"
    yield Sample(draw(2, 3, 4, 4), float("inf"), 2), ValueError, "max_pool2d"
