"""How far vectors are apart and how alike they are, and what is left of them at another length."""

from __future__ import annotations

import numpy as np

from ..declare import composite
from ..op import Sample
from .axes import axes_of, axis_of
from .comparison import where
from .norms import norm
from .reduction import values_of
from .references import apart


@composite(method=False)
def normalize(x, p=2.0, dim=1, eps=1e-12):
    """x divided by its p-norm along `dim`; vectors shorter than eps are divided by eps.  x: (*) -> (*)

    dim: one axis or several.

    >>> import autograd as ag
    >>> ag.normalize(ag.tensor([[3.0, 4.0], [0.0, 0.0]]))
    tensor([[0.6000, 0.8000],
            [0.0000, 0.0000]])
    """
    if type(dim) is not int or not -x.ndim <= dim < x.ndim:
        dim = axes_of(dim, x.ndim, "normalize")
    return x / norm(x, p, dim, keepdim=True).clip(min=eps)


@composite(method=False)
def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """The cosine of the angle between vectors along `dim`.  x1, x2: (*), broadcast -> (*) without `dim`

    eps: norms below it count as eps.
    """
    axis_of(dim, max(x1.ndim, x2.ndim), "cosine_similarity")
    cosine = normalize(x1, 2.0, dim, eps) * normalize(x2, 2.0, dim, eps)
    return cosine.sum(dim)


@composite(method=False)
def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """The p-norm of x1 - x2 + eps along the last axis.  x1, x2: (*, D), broadcast -> (*) or, with keepdim, (*, 1)"""
    return norm(x1 - x2 + eps, p, -1, keepdim)


@normalize.samples
def _(draw):
    yield Sample(draw(3, 4))
    yield Sample(draw(5), dim=0)
    yield Sample(draw.away(2, 3, 4), 1.0, -1)
    yield Sample(draw.away(2, 3, 4), 3.0, (1, 2))
    yield Sample(draw.distinct(3, 4), float("inf"), 0)
    yield Sample(draw(0, 3))
    yield Sample(draw(2, 3), eps=10.0)


def _pairs(draw):
    yield draw(3, 4), draw(3, 4)
    yield draw(2, 3, 4), draw(3, 4)
    yield draw(2, 1, 4), draw(3, 4)
    yield draw(0, 4), draw(0, 4)


@cosine_similarity.samples
def _(draw):
    for x1, x2 in _pairs(draw):
        yield Sample(x1, x2, -1)
    yield Sample(draw(3, 4, 2), draw(3, 4, 2))
    yield Sample(draw(5), draw(5), dim=0)
    yield Sample(draw(2, 3), draw(2, 3), eps=10.0)


@pairwise_distance.samples
def _(draw):
    for x1, x2 in _pairs(draw):
        yield Sample(x1, x2)
    yield Sample(*apart(draw, (3, 4), (3, 4)), 1.0)
    yield Sample(*apart(draw, (3, 4), (3, 4)), 3.0, 1e-3, True)
    yield Sample(draw(5), draw(5))


def _renorm_by_loop(x, p, dim, maxnorm):
    out = np.moveaxis(x.copy(), dim, 0)
    for i in range(len(out)):
        size = np.linalg.norm(out[i].ravel(), p) if out[i].size else 0.0
        if size > maxnorm:
            out[i] = out[i] * (maxnorm / (size + 1e-7))
    return np.moveaxis(out, 0, dim)


@composite(in_place=True, reference=_renorm_by_loop)
def renorm(x, p, dim, maxnorm):
    """The slices along axis `dim`, each scaled down so that its p-norm is at most `maxnorm`.  x: (*) -> (*)

    Slices of a smaller norm stay as they are. ValueError if p is not greater than 0 or maxnorm negative, or if x has
    fewer than two axes.

    >>> import autograd
    >>> autograd.renorm(autograd.tensor([[3.0, 4.0], [0.0, 1.0]]), p=2, dim=0, maxnorm=1.0)
    tensor([[0.6000, 0.8000],
            [0.0000, 1.0000]])
    """
    if x.ndim < 2:
        raise ValueError(f"renorm: needs two axes or more, and the shape is {tuple(x.shape)}.")
    if not p > 0:
        raise ValueError(f"renorm: p is greater than 0, not {p}.")
    if maxnorm < 0:
        raise ValueError(f"renorm: maxnorm can not be negative, as {maxnorm} is.")
    axis = axis_of(dim, x.ndim, "renorm")
    size = norm(x, p, tuple(i for i in range(x.ndim) if i != axis), True)
    large = values_of(size) > maxnorm
    return x * where(large, maxnorm / (size + 1e-7), 1.0)


@renorm.samples
def _(draw):
    yield Sample(draw(3, 4), 2, 0, 1.0)
    yield Sample(draw(3, 4), p=2, dim=1, maxnorm=2.0)
    yield Sample(draw.away(3, 4), 1, -1, 1.5)
    yield Sample(draw(2, 3, 4), 2.0, 1, 0.5)
    yield Sample(draw.away(2, 3), 3.0, 0, 10.0)
    yield Sample(draw.away(2, 3), 2.5, 0, 0.0)
    yield Sample(draw(2, 0), 2, 0, 1.0)


@renorm.errors
def _(draw):
    yield Sample(draw(3), 2, 0, 1.0), ValueError, "two axes"
    yield Sample(draw(3, 2), 0, 0, 1.0), ValueError, "p is greater than 0"
    yield Sample(draw(3, 2), 2, 0, -1.0), ValueError, "can not be negative"
    yield Sample(draw(3, 2), 2, 2, 1.0), IndexError, "out of range"
