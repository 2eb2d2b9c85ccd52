"""Axes, counted from either end, and what moves elements among them, as an oracle."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np

from ..errors import describe


def axis_of(dim, ndim, name=""):
    """`dim` counted from the first of `ndim` axes, or an IndexError.  A tensor without axes counts as having one.

    name: what errors begin with; of a primitive, its name is put there anyway.
    """
    try:
        dim = operator.index(dim)
    except TypeError:
        raise TypeError(f"{_head(name)}dim is an int, not {describe(dim)}. Several tensors go into one list") from None
    axes = max(ndim, 1)
    if not -axes <= dim < axes:
        raise IndexError(f"{_head(name)}dim {dim} is out of range: with {ndim} axes it goes from {-axes} to {axes - 1}")
    return dim % axes


def axes_of(dims, ndim, name=""):
    """Several of them, each at most once."""
    dims = dims if isinstance(dims, (tuple, list)) else (dims,)
    found = [axis_of(dim, ndim, name) for dim in dims]
    if len(set(found)) < len(found):
        raise ValueError(f"{_head(name)}dims {tuple(dims)} name an axis twice")
    return tuple(found)


def _head(name):
    return f"{name}: " if name else ""


def rearranged(x: np.ndarray, shape: tuple[int, ...], source: Callable[..., tuple[int, ...]]) -> np.ndarray:
    """The array whose element at index i is x[source(*i)]: an oracle, element by element, for what moves elements."""
    out = np.empty(shape, x.dtype)
    for i in np.ndindex(*shape):
        out[i] = x[source(*i)]
    return out
