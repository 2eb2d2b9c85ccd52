"""Covariance and correlation of variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample
from ..tensor import Tensor
from .arithmetic import clamp
from .complex import complex, conj, imag, real
from .powers import sqrt
from .reduction import values_of
from .shape import reshape


def _weights(weights: Any, count: int, name: str, kinds: str) -> Any:
    if weights is None:
        return None
    weights = weights if isinstance(weights, (Tensor, np.ndarray)) else np.asarray(weights)
    if weights.ndim > 1 or (weights.ndim and weights.shape[0] != count):
        raise ValueError(f"cov: {name} are a vector of {count}, one for each observation, not {tuple(weights.shape)}.")
    if weights.dtype.kind not in kinds:
        raise TypeError(f"cov: {name} can not be {weights.dtype}. They are {'counts' if kinds == 'iu' else 'floats'}.")
    if (values_of(weights) < 0).any():
        raise ValueError(f"cov: {name} can not be negative.")
    return weights


def _cov_by_loop(x, correction=1, fweights=None, aweights=None):
    if not x.ndim:
        return np.cov(np.array([x, x])) * (np.nan if correction else 0)
    return np.cov(x, ddof=correction, fweights=fweights, aweights=aweights)


@composite(reference=_cov_by_loop)
def cov(x, correction=1, fweights=None, aweights=None):
    """The covariance of each two variables.  x: (variables, observations) -> (variables, variables); (N) -> ()

    correction: what is taken off the number of observations in the divisor; 1 for the unbiased estimate.
    fweights: how often each observation counts, integers. aweights: how much, floats.
    A divisor of 0 or less gives inf or NaN.

    >>> import autograd
    >>> autograd.cov(autograd.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if x.ndim > 2:
        raise ValueError(f"cov: takes a matrix (variables, observations), and shape {tuple(x.shape)} has more axes.")
    if x.dtype.kind == "b":
        raise TypeError("cov: takes numbers, not booleans. Convert them: x.float().")
    rows = x if x.ndim == 2 else reshape(x, (1, -1))
    count = rows.shape[1]
    kind = np.result_type(x.dtype, np.float32) if x.dtype.kind in "iu" else np.empty(0, x.dtype).real.dtype
    counts = _weights(fweights, count, "fweights", "iu")
    counts = None if counts is None else counts.astype(kind)
    weights = _weights(aweights, count, "aweights", "f")
    w = counts if weights is None else weights if counts is None else counts * weights
    if w is None:
        total, freedom = count, float(count - correction)
        apart = rows - rows.mean(1, keepdim=True) if count else rows * 1.0
        right = apart
    else:
        total = w.sum()
        freedom = total - correction
        if weights is not None and correction:
            freedom = total - (w * weights).sum() / total * correction
        apart = rows - (rows * w).sum(1, keepdim=True) / total
        right = apart * w
    products = apart @ conj(right).mT
    out = products / (clamp(freedom, min=0.0) if isinstance(freedom, Tensor) else np.maximum(freedom, 0.0).astype(kind))
    return reshape(out, ()) if rows.shape[0] == 1 else out


@cov.samples
def _(draw):
    yield Sample(draw(3, 5))
    yield Sample(draw(2, 6), correction=0)
    yield Sample(draw(7))
    yield Sample(draw(3, 4), fweights=np.array([1, 0, 2, 3]))
    yield Sample(draw(3, 4), aweights=draw(4, low=0.2, high=2.0))
    yield Sample(draw(2, 4), correction=2, fweights=np.array([1, 2, 2, 3]), aweights=draw(4, low=0.2, high=2.0))
    yield Sample(draw(2, 4), correction=0, fweights=np.array([1, 2, 2, 3]), aweights=draw(4, low=0.2, high=2.0))
    yield Sample(draw(1, 4))
    yield Sample(draw.complex(2, 4))


@cov.errors
def _(draw):
    yield Sample(draw(2, 3, 4)), ValueError, "shape (2, 3, 4) has more axes"
    yield Sample(draw(2, 3), fweights=np.array([1, 2])), ValueError, "a vector of 3"
    yield Sample(draw(2, 3), fweights=draw(3)), TypeError, "counts"
    yield Sample(draw(2, 3), aweights=np.array([1.0, -1.0, 1.0])), ValueError, "negative"


def _corrcoef_reference(x):
    return np.corrcoef(x) if x.ndim else np.full((), np.nan)


@composite(reference=_corrcoef_reference)
def corrcoef(x):
    """Pearson's correlation of each two variables.  x: (variables, observations) -> (variables, variables); (N) -> ()

    Its parts lie between -1 and 1, and are NaN for a variable that does not vary.

    >>> import autograd
    >>> autograd.corrcoef(autograd.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if x.ndim > 2:
        raise ValueError(f"corrcoef: takes (variables, observations), and shape {tuple(x.shape)} has more axes.")
    c = cov(x)
    if not c.ndim:
        return c / c
    deviations = sqrt(real(c.diagonal()))
    r = c / reshape(deviations, (-1, 1)) / deviations
    if r.dtype.kind == "c":
        return complex(clamp(real(r), -1, 1), clamp(imag(r), -1, 1))
    return clamp(r, -1, 1)


@corrcoef.samples
def _(draw):
    yield Sample(draw(3, 5))
    yield Sample(draw(2, 6))
    yield Sample(draw(4, 3))
    yield Sample(draw(5))
    yield Sample(draw(2, 9))
    yield Sample(draw.complex(2, 4))


@corrcoef.errors
def _(draw):
    yield Sample(draw(2, 3, 4)), ValueError, "shape (2, 3, 4) has more axes"
