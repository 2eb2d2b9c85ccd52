"""Distinct values, and how often each occurs."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ..declare import primitive
from ..op import Sample


# ---------------------------------------------------------------------------------------------------------------------
# Distinct values
# ---------------------------------------------------------------------------------------------------------------------
def _unique_by_loop(x, sorted=True, return_inverse=False, return_counts=False, dim=None):
    rows = [tuple(row.ravel()) for row in np.moveaxis(x, dim, 0)] if dim is not None else x.ravel().tolist()
    counts = Counter(rows)
    order = list(counts)
    order.sort()
    values = np.array(order, x.dtype)
    if dim is not None:
        rest = [n for i, n in enumerate(x.shape) if i != dim % x.ndim]
        values = np.moveaxis(values.reshape(len(order), *rest), 0, dim)
    out = [values]
    if return_inverse:
        out.append(np.array([order.index(row) for row in rows], np.int64).reshape(x.shape if dim is None else -1))
    if return_counts:
        out.append(np.array([counts[value] for value in order], np.int64))
    return out


def _results(values: Any, inverse: Any, counts: Any) -> Any:
    found = [part for part in (values, inverse, counts) if part is not None]
    return found[0] if len(found) == 1 else tuple(found)


@primitive(reference=_unique_by_loop)
def unique(x, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The distinct values, in order; with `dim` the distinct slices along that axis.  x: (*) -> (K,)

    return_inverse: also the index among them of each element, (*). return_counts: also how often each occurs, (K,).
    They are in order whatever `sorted` says. Each NaN is a value of its own. Has no gradient.

    >>> import autograd
    >>> autograd.unique(autograd.Tensor([3, 1, 3, 2]), return_counts=True)
    (tensor([1, 2, 3]), tensor([1, 1, 2]))
    """
    found = np.unique(x, False, return_inverse, return_counts, axis=dim, equal_nan=False)
    if not (return_inverse or return_counts):
        return found
    rest = list(found[1:])
    inverse = rest.pop(0).reshape(x.shape if dim is None else -1) if return_inverse else None
    return _results(found[0], inverse, rest[0] if rest else None)


@unique.samples
def _(draw):
    yield Sample(draw.integers(8))
    yield Sample(draw.integers(3, 4), return_inverse=True)
    yield Sample(draw.integers(3, 4), True, True, True)
    yield Sample(draw.integers(3, 4), sorted=False, return_counts=True)
    yield Sample(draw.integers(6, 2, high=2), dim=0, return_inverse=True, return_counts=True)
    yield Sample(draw.integers(2, 6, high=2), dim=-1)
    yield Sample(draw(5))
    yield Sample(draw())
    yield Sample(draw(0))
    yield Sample(draw.booleans(5))


def _runs_by_loop(x, return_inverse=False, return_counts=False, dim=None):
    rows = [tuple(row.ravel()) for row in np.moveaxis(x, dim, 0)] if dim is not None else x.ravel().tolist()
    numbers: list[int] = []
    starts: list[int] = []
    for i, row in enumerate(rows):
        if i == 0 or row != rows[i - 1]:
            starts.append(i)
        numbers.append(len(starts) - 1)
    values = x.ravel()[starts] if dim is None else np.take(x, starts, dim)
    out = [values]
    if return_inverse:
        out.append(np.array(numbers, np.int64).reshape(x.shape if dim is None else -1))
    if return_counts:
        out.append(np.array([numbers.count(i) for i in range(len(starts))], np.int64))
    return out


@primitive(reference=_runs_by_loop)
def unique_consecutive(x, return_inverse=False, return_counts=False, dim=None):
    """One element for each run of equal elements; with `dim` one slice for each run of slices.  x: (*) -> (K,)

    return_inverse: also the number of the run of each element, (*). return_counts: also the length of each run, (K,).
    Has no gradient.
    """
    rows = x.reshape(-1) if dim is None else np.moveaxis(x, dim, 0)
    new = np.ones(len(rows), bool)
    if len(rows):
        new[1:] = (rows[1:] != rows[:-1]).any(axis=tuple(range(1, rows.ndim)))
    starts = np.nonzero(new)[0]
    values = rows[starts] if dim is None else np.moveaxis(rows[starts], 0, dim)
    inverse = (np.add.accumulate(new, dtype=np.int64) - 1).reshape(x.shape if dim is None else -1)
    counts = np.diff(starts, append=len(rows))
    return _results(values, inverse if return_inverse else None, counts if return_counts else None)


@unique_consecutive.samples
def _(draw):
    yield Sample(draw.integers(12, high=2))
    yield Sample(draw.integers(3, 4, high=2), True, True)
    yield Sample(draw.integers(8, 1, high=2), dim=0, return_inverse=True, return_counts=True)
    yield Sample(draw.integers(2, 6, high=2), dim=1)
    yield Sample(draw(0), return_counts=True)
    yield Sample(draw())


# ---------------------------------------------------------------------------------------------------------------------
# How often
# ---------------------------------------------------------------------------------------------------------------------
def _bincount_by_loop(x, weights=None, minlength=0):
    out = [0.0 if weights is not None else 0] * max([minlength, *(x + 1)])
    for i, k in enumerate(x.tolist()):
        out[k] += 1 if weights is None else weights[i]
    return np.array(out, None if out else np.int64 if weights is None else float)


@primitive(numpy=(np.bincount,), reference=_bincount_by_loop)
def bincount(x, weights=None, minlength=0):
    """How often each of 0, 1, 2, ... occurs, or the sum of the weights of its places.  x: (N,) int -> (K,)

    weights: (N,) or None. minlength: the least K. ValueError for negative elements, TypeError for floats.

    >>> import autograd
    >>> autograd.bincount(autograd.Tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """
    if x.ndim != 1:
        raise ValueError(f"bincount: takes one axis of integers, and the shape is {x.shape}. Use x.flatten().")
    if x.dtype.kind not in "biu":
        raise TypeError(f"bincount: counts integers, and the tensor is {x.dtype}. Use x.long().")
    if x.size and x.min() < 0:
        raise ValueError(f"bincount: counts integers from 0 up, and the least is {x.min()}.")
    if weights is None:
        return np.bincount(x, None, minlength)
    if weights.shape != x.shape:
        raise ValueError(f"bincount: needs a weight for each element: {weights.shape} for {x.shape}.")
    out = np.bincount(x, weights, minlength)
    return out.astype(weights.dtype, copy=False) if weights.dtype.kind == "f" else out


bincount.gradient(weights=lambda g, x: g[x.astype(np.int64)])


@bincount.samples
def _(draw):
    yield Sample(draw.integers(8))
    yield Sample(draw.integers(8), minlength=10)
    yield Sample(draw.integers(8), draw(8))
    yield Sample(draw.integers(8), draw(8), 9)
    yield Sample(draw.integers(0))
    yield Sample(np.array([3]))


@bincount.errors
def _(draw):
    yield Sample(draw.integers(2, 3)), ValueError, "one axis"
    yield Sample(draw(3)), TypeError, "counts integers"
    yield Sample(np.array([1, -2])), ValueError, "from 0 up"
    yield Sample(draw.integers(3), draw(4)), ValueError, "a weight for each"
