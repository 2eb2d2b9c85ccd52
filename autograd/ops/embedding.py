"""Rows of a table by their number."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import kernels
from ..declare import primitive
from ..graph import mark_written
from ..op import Sample, keep
from .comparison import where
from .indexing import add_rows

_MANY = 1 << 17  # elements from which on several threads copy them in less time than NumPy


def checked_index(op: str, index: Any, weight: np.ndarray, in_range: bool = True) -> np.ndarray:
    """Row numbers as int64; all of them in range, if `in_range` is to be checked."""
    index = np.asarray(index)
    if index.dtype.kind not in "iu":
        if index.size:
            raise TypeError(f"{op}: indices are integers, not {index.dtype}. Use x.long().")
        index = index.astype(np.int64)
    if index.dtype != np.int64:
        index = index.astype(np.int64)
    if weight.ndim != 2:
        raise ValueError(f"{op}: the weights have shape {weight.shape}. They must be (rows, D).")
    # A negative one is very large as an unsigned number.
    if in_range and index.size and np.maximum.reduce(index.view(np.uint64), None) >= len(weight):
        place = tuple(int(i[0]) for i in np.nonzero((index < 0) | (index >= len(weight))))
        at = f" at {place if len(place) > 1 else place[0]}" if place else ""
        raise IndexError(
            f"{op}: index {int(index[place])}{at} is out of range for the {len(weight)} rows of weights of shape "
            f"{weight.shape}."
        )
    return index


def row_number(op: str, padding_idx: int | None, rows: int) -> int | None:
    """The number of the padding row, counted from the front."""
    if padding_idx is None or 0 <= padding_idx < rows:
        return padding_idx
    if not -rows <= padding_idx < 0:
        raise ValueError(f"{op}: padding_idx={padding_idx} is no row of weights with {rows} rows.")
    return padding_idx + rows


def _shorten(weight: np.ndarray, rows: np.ndarray, max_norm: float, norm_type: float) -> None:
    """Scales those of the rows that are longer than max_norm down to it, in place."""
    rows = np.unique(rows)
    norms = np.linalg.norm(weight[rows], norm_type, axis=-1)
    long = norms > max_norm
    if long.any():
        if not weight.flags.writeable:
            raise ValueError("embedding: max_norm writes to the weights, and they are read-only. Use weight.clone().")
        weight[rows[long]] *= (max_norm / (norms[long] + 1e-7)).astype(weight.dtype)[:, None]
        mark_written(weight, "embedding with max_norm")


@primitive(method=False, reference=lambda x, weight, *_, **__: np.stack([*weight])[x] if len(weight) else weight[x])
def embedding(x, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    """The rows of `weight` whose numbers are in x.  x: (*) of integers, weight: (rows, D) -> (*, D)

    padding_idx: this row gets no gradient. max_norm: rows whose `norm_type` norm is above it are first scaled down to
    it, in the weights themselves. scale_grad_by_freq: the gradient of each row is divided by how often x names it.
    sparse: accepted, and without effect.
    IndexError for a number that is negative or no row.

    >>> import autograd as ag
    >>> ag.embedding(ag.tensor([1, 1, 0]), ag.tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[3.0, 4.0], [3.0, 4.0], [1.0, 2.0]]
    """
    x = np.asarray(x)
    large = weight.ndim == 2 and x.size * weight.shape[1] >= _MANY and weight.itemsize in (4, 8)
    plain = max_norm is None and not scale_grad_by_freq
    by_kernel = large and plain and kernels.threads.get_num_threads() > 1
    index = checked_index("embedding", x, weight, in_range=not by_kernel)  # the kernel looks at them itself
    padding = row_number("embedding", padding_idx, len(weight))
    if max_norm is not None:
        _shorten(weight, index, max_norm, norm_type)
    factors = None
    if scale_grad_by_freq:
        counts = np.bincount(index.ravel(), minlength=len(weight))
        factors = (1 / counts[index]).astype(weight.dtype)
    if by_kernel:
        out = kernels.scatter.take_rows(np.ascontiguousarray(weight), index)
        if out is None:
            checked_index("embedding", x, weight)  # raises
        return keep(out, index=index, factors=factors, padding=padding)
    out = np.empty((*index.shape, weight.shape[1]), weight.dtype)
    if out.size:  # what is in range is not clipped, but without an order to raise NumPy writes right into `out`
        weight.take(index, 0, out, "clip")
    return keep(out, index=index, factors=factors, padding=padding)


@primitive(method=False)
def embedding_gradient(x, index, rows, factors, padding=None):
    """The gradient of `embedding` by its weights, from x, the gradient of its result.

    x: (*, D), index: (*), factors: (*), for each row, or None; padding: a row that has none -> (rows, D)
    """
    out = np.zeros((rows, x.shape[-1]), x.dtype)
    if factors is not None:
        x = x * factors[..., None].astype(x.dtype, copy=False)
    add_rows(out, index.reshape(-1), x.reshape(index.size, x.shape[-1]))
    if padding is not None:
        out[padding] = 0
    return out


def _gather_back(g, index, factors, padding):
    picked = embedding(index, g)
    if factors is not None:
        picked = picked * factors[..., None].astype(g.dtype, copy=False)
    return picked if padding is None else where((index == padding)[..., None], 0, picked)


def _embedding_gradient(g, weight_shape, index, factors, padding):
    return embedding_gradient(g, index, weight_shape[0], factors, padding)


embedding.gradient(weight=_embedding_gradient)
embedding_gradient.gradient(x=_gather_back)


@embedding.samples
def _(draw):
    yield Sample(draw.integers(6, low=0, high=4), draw(4, 3))
    yield Sample(draw.integers(2, 3, low=0, high=4), draw(4, 3))
    yield Sample(np.array(2), draw(4, 3))
    yield Sample(np.array([[3, 1], [1, 1]]), draw(4, 3), max_norm=100.0)
    yield Sample(np.array([3, 1]), draw(4, 3), 0)  # the padding is not among them: it would get no gradient
    yield Sample(np.array([3, 1]), draw(4, 3), padding_idx=-2, scale_grad_by_freq=True)
    yield Sample(draw.integers(0, 3), draw(4, 3))
    yield Sample(draw.integers(3), draw(5, 0))


@embedding_gradient.samples
def _(draw):
    yield Sample(draw(5, 3), draw.integers(5, low=0, high=4), 4, None)
    yield Sample(draw(2, 3, 2), draw.integers(2, 3, low=0, high=4), 4, draw.integers(2, 3, low=0, high=2))
    yield Sample(draw(0, 3), draw.integers(0), 4, None)
    yield Sample(draw(5, 3), np.array([2, 0, 3, 2, 1]), 4, None, 2)


@embedding.errors
def _(draw):
    yield Sample(np.array([0, 7, 1]), draw(4, 3)), IndexError, "index 7 at 1 is out of range for the 4 rows"
    yield Sample(np.array([[0, 1], [-1, 1]]), draw(4, 3)), IndexError, "index -1 at (1, 0)"
    yield Sample(draw(2), draw(4, 3)), TypeError, "x.long()"
    yield Sample(np.array([0, 1]), draw(4)), ValueError, "(rows, D)"
    yield Sample(np.array([0, 1]), draw(4, 3), padding_idx=4), ValueError, "no row"
