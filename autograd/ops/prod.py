"""The product over axes.

Its gradient is that of the sum times the product of all the other elements. That is the whole product divided by the
element only as long as this product is in range and not 0: else 0/0, or digits lost, would be the result.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import folded
from ..declare import primitive
from ..op import Sample
from .joining import cat
from .reduction import (
    absorb,
    by_loop,
    count,
    reduced_axes,
    reduction_samples,
    restore,
    samples_of_nothing,
    spread,
    total_dtype,
    values_of,
    wide,
    wrong_dims,
)
from .shape import permute


def _prod_by_loop(x, dim=None, keepdim=False, dtype=None):
    return by_loop(math.prod, x, dim, keepdim)


@primitive(reference=_prod_by_loop)
def prod(x, dim=None, keepdim=False, dtype=None):
    """The product over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes

    dim, keepdim: as in `sum`. dtype: that of the product; by default integers and booleans are multiplied in int64.
    The gradient is right with zeros among the elements.

    >>> import autograd
    >>> x = autograd.Tensor([2.0, 0.0, 3.0], requires_grad=True)
    >>> autograd.prod(x).backward()
    >>> x.grad
    tensor([0., 6., 0.])
    """
    want = total_dtype(x.dtype) if dtype is None else np.dtype(dtype)
    axes = reduced_axes(dim, x.ndim)
    out = folded("product", x, axes, keepdim) if want == x.dtype else None
    if out is None:
        out = np.multiply.reduce(x, axes, wide(want), keepdims=keepdim)
    return out if wide(want) == want else out.astype(want)


def in_range(products: np.ndarray) -> bool:
    """Whether all are finite and large enough to have all their digits."""
    sizes = np.abs(products)
    limits = np.finfo(sizes.dtype)
    return bool(((sizes >= limits.tiny) & (sizes <= limits.max)).all())


def _prod_gradient(g, x, out, dim, keepdim):
    if out.dtype.kind in "fc" and in_range(values_of(out)):
        return restore(g * out, x.shape, dim, keepdim) / x
    axes = reduced_axes(dim, x.ndim)
    rest = tuple([i for i in range(x.ndim) if i not in axes])
    order = (*rest, *axes)
    lengths = [x.shape[i] for i in order]
    rows = permute(x, order).reshape((*lengths[: len(rest)], count(x.shape, axes)))
    others = permute(others_product(rows).reshape(tuple(lengths)), tuple(np.argsort(order).tolist()))
    incoming = spread(g, x.shape, dim, keepdim)
    return absorb(incoming * others, incoming)


prod.gradient(x=_prod_gradient)


def others_product(x: Any) -> Any:
    """For each element the product of all the others along the last axis.  x: (*, K) -> (*, K)

    By a tree: neighbours are multiplied pair by pair until two are left; on the way back each takes its sibling along.
    """
    *rest, length = x.shape
    if length < 2:
        return np.ones(x.shape, x.dtype)
    width = 1 << (length - 1).bit_length()
    if width > length:
        x = cat([x, np.ones((*rest, width - length), x.dtype)], -1)
    levels = [x]
    while levels[-1].shape[-1] > 2:
        levels.append(levels[-1][..., 0::2] * levels[-1][..., 1::2])
    others = levels.pop()[..., ::-1]
    while levels:
        level = levels.pop()
        siblings = level.reshape((*rest, level.shape[-1] // 2, 2))[..., ::-1]
        others = (others[..., None] * siblings).reshape(level.shape)
    return others[..., :length]


@prod.samples
def _(draw):
    yield from reduction_samples(draw)
    yield from samples_of_nothing(draw)
    yield Sample(draw.integers(3, 4), dim=0)
    yield Sample(np.array([[2.0, 0.0, 3.0], [0.0, 0.0, 1.5], [1.0, -2.0, 0.5]]), dim=1)
    yield Sample(np.array([[2.0, 0.0, 3.0], [0.5, 1.0, 1.5]]))
    yield Sample(draw(7, 2), dim=0)


prod.errors(wrong_dims)
