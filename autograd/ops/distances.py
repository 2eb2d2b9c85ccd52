"""Distances between all pairs of rows."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite
from ..fused import fused
from ..op import Sample
from .norms import norm
from .windows import as_array, has_kernel

_COMPUTE_MODES = (
    "use_mm_for_euclid_dist_if_necessary",
    "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)


def _norm_by_loop(sizes: list[float], p: float) -> float:
    if p == 0:
        return float(sum(e != 0 for e in sizes))
    if math.isinf(p):
        return max(sizes, default=0.0)
    return math.fsum(e**p for e in sizes) ** (1 / p)


def _distances_by_loop(x, y, p=2.0, compute_mode=None):
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    x, y = np.broadcast_to(x, batch + x.shape[-2:]), np.broadcast_to(y, batch + y.shape[-2:])
    out = np.empty((*batch, x.shape[-2], y.shape[-2]))
    for i in np.ndindex(*out.shape):
        sizes = [abs(a - b) for a, b in zip(x[i[:-1]], y[(*i[:-2], i[-1])], strict=True)]
        out[i] = _norm_by_loop(sizes, p)
    return out


@fused(method=False, reference=_distances_by_loop)
def cdist(x, y, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"):
    """The p-norm distance between each row of x and each row of y.  x: (..., M, D), y: (..., N, D) -> (..., M, N)

    p: 0 or more. compute_mode: PyTorch's choice between speed and precision; accepted, and without effect: distances
    always come from the differences.

    >>> import autograd as ag
    >>> ag.cdist(ag.tensor([[0.0, 0.0], [3.0, 4.0]]), ag.tensor([[3.0, 4.0]])).tolist()
    [[5.0], [0.0]]
    """
    if x.ndim < 2 or y.ndim < 2:
        raise ValueError(f"cdist: takes rows of vectors, and the shapes are {tuple(x.shape)} and {tuple(y.shape)}.")
    if x.shape[-1] != y.shape[-1]:
        raise ValueError(
            f"cdist: the rows of {tuple(x.shape)} and {tuple(y.shape)} have {x.shape[-1]} against {y.shape[-1]} "
            f"elements. They must have as many."
        )
    if p < 0:
        raise ValueError(f"cdist: p must not be negative, and is {p}.")
    if compute_mode not in _COMPUTE_MODES:
        raise ValueError(f"cdist: compute_mode must be one of {', '.join(_COMPUTE_MODES)}, not {compute_mode!r}.")
    return norm(x[..., :, None, :] - y[..., None, :, :], p, -1)


def _batches(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Both with one batch axis, and the shape of the batch: (B, M, D), (B, N, D)."""
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    count = math.prod(batch)
    x, y = (np.broadcast_to(a, (*batch, *a.shape[-2:])).reshape(count, *a.shape[-2:]) for a in (x, y))
    return x, y, batch


@cdist.kernel
def _(x, y, p, compute_mode):
    if p not in (1, 2) or compute_mode not in _COMPUTE_MODES or x.dtype != y.dtype or not has_kernel(x.dtype):
        return NotImplemented
    if min(x.ndim, y.ndim) < 2 or x.shape[-1] != y.shape[-1]:
        return NotImplemented
    x, y, batch = _batches(x, y)
    out = kernels.distances.distances(x, y, int(p))
    return out.reshape(*batch, *out.shape[1:])


@cdist.backward("x", "y")
def _(g, x, y, out, p, needed):
    x, y, batch = _batches(x, y)
    g, out = (a.reshape(len(x), *a.shape[-2:]) for a in (g, out))
    by_x = by_y = None
    if needed[0]:
        by_x = kernels.distances.distances_gradient(g, x, y, out, int(p))
        by_x = by_x.reshape(*batch, *by_x.shape[1:])
    if needed[1]:
        by_y = kernels.distances.distances_gradient(g.transpose(0, 2, 1), y, x, out.transpose(0, 2, 1), int(p))
        by_y = by_y.reshape(*batch, *by_y.shape[1:])
    return by_x, by_y


def _pairs_by_loop(x, p=2.0):
    pairs = itertools.combinations(x.tolist(), 2)
    return np.array([_norm_by_loop([abs(a - b) for a, b in zip(*pair, strict=True)], p) for pair in pairs])


@composite(reference=_pairs_by_loop)
def pdist(x, p=2.0):
    """The p-norm of the difference of each pair of rows: 0 and 1, 0 and 2, ..., 1 and 2, ...

    x: (N, D) -> (N (N - 1) / 2,). The distances between the rows of two matrices are what `cdist` gives.

    >>> import autograd as ag
    >>> ag.pdist(ag.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
    tensor([5.0000, 1.0000, 4.2426])
    """
    x = as_array(x)
    if x.ndim != 2:
        raise ValueError(f"pdist: takes rows of vectors, (N, D), and the shape is {tuple(x.shape)}.")
    if p < 0:
        raise ValueError(f"pdist: p must not be negative, and is {p}.")
    if x.dtype.kind != "f":
        raise TypeError(f"pdist: the input must have a floating-point dtype, not {x.dtype}. Use x.float().")
    first, second = np.triu_indices(len(x), 1)
    if p in (1, 2) and has_kernel(x.dtype):  # each pair twice, and still many times faster than rows picked by pairs
        every: Any = cdist(x, x, p)
        return every.reshape(x.shape[0] ** 2)[first * len(x) + second]
    return norm(x[first] - x[second], p, -1)


@cdist.samples
def _(draw):
    yield Sample(draw(3, 4), draw(2, 4) + 5.0)
    yield Sample(draw(3, 4), draw(2, 4) + 5.0, 1.0)
    yield Sample(draw(2, 3, 4), draw(2, 4) + 5.0, p=3.0)
    yield Sample(draw.distinct(3, 4), draw(2, 4) + 5.0, p=math.inf)
    yield Sample(draw(0, 4), draw(2, 4))
    yield Sample(draw(2, 1, 3, 4), draw(5, 2, 4) + 5.0)
    yield Sample(draw(3, 4), draw(2, 3, 4) + 5.0, 1)
    yield Sample(draw(3, 1), draw(20, 1) + 5.0, 2, compute_mode="donot_use_mm_for_euclid_dist")
    yield Sample(draw(3, 0), draw(2, 0))


@cdist.errors
def _(draw):
    yield Sample(draw(3, 4), draw(3, 5)), ValueError, "4 against 5"
    yield Sample(draw(3, 4), draw(4)), ValueError, "rows of vectors"
    yield Sample(draw(3, 4), draw(3, 4), -1.0), ValueError, "negative"
    yield Sample(draw(3, 4), draw(3, 4), 2.0, "fast"), ValueError, "compute_mode"


@pdist.samples
def _(draw):
    yield Sample(draw(4, 3))
    yield Sample(draw.distinct(4, 3), 1.0)
    yield Sample(draw.distinct(5, 2), p=3.0)
    yield Sample(draw.distinct(4, 3), 1.5)
    yield Sample(np.array([[0.0, 0.3, 1.0], [1.7, 0.1, 0.2], [0.4, 2.9, 0.6]]), float("inf"))
    yield Sample(draw(4, 3), 0.0)
    yield Sample(draw(1, 3))
    yield Sample(draw(0, 3))
    yield Sample(draw(2, 1))


@pdist.errors
def _(draw):
    yield Sample(draw(3)), ValueError, "(N, D)"
    yield Sample(draw(3, 2), -1.0), ValueError, "negative"
    yield Sample(draw.integers(3, 2)), TypeError, "x.float()"
