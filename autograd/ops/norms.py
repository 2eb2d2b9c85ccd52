"""Norms of vectors, and distances."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..arrays import folded
from ..declare import composite, primitive
from ..op import Sample
from .reduction import (
    absorb,
    add_up,
    by_loop,
    count,
    mean_dtype,
    reduced_axes,
    reduction_samples,
    restore,
    samples_of_nothing,
    spread,
    values_of,
    wide,
    with_ones,
    wrong_dims,
)
from .shape import axes_of


def _order(p: Any) -> float:
    """p as a number."""
    if p in (None, "fro"):
        return 2.0
    if isinstance(p, str):
        try:
            return float(p)
        except ValueError:
            known = "a number, inf, -inf, 'fro' or 'nuc'"
            raise ValueError(f"p is {p!r}: give {known}") from None
    return float(p)


def _norm_by_loop(x, p="fro", dim=None, keepdim=False, dtype=None):
    if p == "nuc":
        axes = _matrix_axes(dim, x.ndim)
        return np.linalg.norm(x, "nuc", axes, keepdims=keepdim)
    p = 2.0 if p == "fro" else p

    def norm_of(v: list[float]) -> float:
        sizes = [abs(e) for e in v]
        if p == 0:
            return float(len([e for e in sizes if e]))
        if math.isinf(p):
            return (max if p > 0 else min)(sizes, default=0.0)
        return math.fsum(e**p for e in sizes) ** (1 / p)

    return by_loop(norm_of, x, dim, keepdim)


def _matrix_axes(dim: Any, ndim: int) -> tuple[int, int]:
    """The two axes of the matrices of which singular values are summed."""
    names_two = ndim == 2 if dim is None else isinstance(dim, (tuple, list)) and len(dim) == 2
    if not names_two:
        raise ValueError(f"norm: p='nuc' sums the singular values of matrices: dim names two axes, and is {dim}.")
    rows, columns = axes_of((0, 1) if dim is None else tuple(dim), ndim)
    return rows, columns


def _nuclear(x: np.ndarray, axes: tuple[int, int], keepdim: bool) -> np.ndarray:
    values = np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), compute_uv=False).sum(-1)
    return np.expand_dims(values, tuple(sorted(axes))) if keepdim else values


def _nuclear_gradient(g: Any, x: Any, axes: tuple[int, int], keepdim: bool) -> Any:
    from .linalg_svd import polar  # which stands on what norms are used for

    order = [*[i for i in range(x.ndim) if i not in axes], *axes]
    place = tuple(order.index(i) for i in range(x.ndim))
    factor = polar(x.transpose(order) if isinstance(x, np.ndarray) else x.permute(tuple(order)))
    factor = factor.transpose(place) if isinstance(factor, np.ndarray) else factor.permute(place)
    return factor * (g if keepdim else g.reshape(with_ones(x.shape, axes)))


@primitive(reference=_norm_by_loop)
def norm(x, p="fro", dim=None, keepdim=False, dtype=None):
    """The p-norm of all elements, or over the axes `dim`: (sum of |x|^p)^(1/p).  x: (*) -> (*) without the axes

    p: a number; 2 or "fro" is the Euclidean norm, inf and -inf the largest and the smallest |x|, 0 the number of
    elements that are not 0; "nuc" the sum of the singular values of the matrices in two axes. Squares that overflow or
    underflow do no harm. Where the norm is 0 so is the gradient; equal extremes share it evenly.

    >>> import autograd
    >>> x = autograd.Tensor([3.0, 4.0], requires_grad=True)
    >>> x.norm()
    tensor(5., grad_fn=<norm>)
    >>> autograd.norm(x, p=1)
    tensor(7., grad_fn=<norm>)
    """
    want = mean_dtype(x.dtype, dtype)
    work = wide(want)
    real = np.empty(0, want).real.dtype
    if p == "nuc":
        return _nuclear(x.astype(work, copy=False), _matrix_axes(dim, x.ndim), keepdim).astype(real)
    axes = reduced_axes(dim, x.ndim)
    p = _order(p)
    x = x.astype(work, copy=False)
    if p == 0:
        return np.asarray(np.count_nonzero(x, axes, keepdims=keepdim)).astype(real)
    if math.isinf(p):
        if p < 0 and not count(x.shape, axes) and count(x.shape, [i for i in range(x.ndim) if i not in axes]):
            raise ValueError(f"norm: the smallest |x| of no elements is undefined: shape {x.shape}, dim {dim}.")
        ufunc, nothing = (np.maximum, 0) if p > 0 else (np.minimum, np.inf)
        return ufunc.reduce(np.abs(x), axes, keepdims=keepdim, initial=nothing).astype(real)
    if p == 1:
        return add_up(np.abs(x), axes, keepdim).astype(real)
    return _root_of_powers(x, p, axes, keepdim).astype(real)


def _power_sum(x: np.ndarray, p: float, axes: tuple[int, ...], keepdim: bool) -> np.ndarray:
    if p == 2:
        squares = folded("squares", x, axes, keepdim, np.zeros(with_ones(x.shape, axes), x.dtype))
        if squares is not None:
            return squares
        return add_up(x.real**2 + x.imag**2 if x.dtype.kind == "c" else x * x, axes, keepdim)
    return add_up(np.abs(x) ** p, axes, keepdim)


@functools.cache
def _limits(dtype: np.dtype) -> tuple[float, float]:
    """Between these a sum of powers has all its digits."""
    limits = np.finfo(dtype)
    return float(limits.tiny / limits.eps), float(limits.max)


def _root_of_powers(x: np.ndarray, p: float, axes: tuple[int, ...], keepdim: bool) -> np.ndarray:
    powers = _power_sum(x, p, axes, keepdim)
    least, most = _limits(powers.dtype)
    if least < powers < most if not powers.ndim else ((powers > least) & (powers < most)).all():
        return np.sqrt(powers) if p == 2 else powers ** (1 / p)
    # Some sum is out of range (or 0, or not finite): relative to the largest element nothing can be.
    sizes = np.abs(x)
    top = np.maximum.reduce(sizes, axes, keepdims=True, initial=0)
    scale = np.where((top > 0) & (top < np.inf), top, sizes.dtype.type(1))
    roots = _power_sum(sizes / scale, p, axes, True) ** (1 / p) * scale
    return roots if keepdim else roots.reshape(powers.shape)


def _norm_gradient(g, x, out, p, dim, keepdim):
    if p == "nuc":
        return _nuclear_gradient(g, x, _matrix_axes(dim, x.ndim), keepdim)
    p = _order(p)
    incoming = spread(g, x.shape, dim, keepdim)
    if p == 0:
        return incoming * np.zeros(x.shape, g.dtype)
    g, out = restore(g, x.shape, dim, keepdim), restore(out, x.shape, dim, keepdim)
    total = values_of(out)
    positive = out + (total == 0)  # where the norm is 0 so is all that is divided by it
    if p == 2:
        return absorb(x / positive * g, incoming)
    values = values_of(x)
    zero = values == 0
    # Of 0 take 1, whose power is not infinite; the sign makes it count as 0.
    if values.dtype.kind == "c":
        sizes = abs(x) + zero
        sign = x / sizes
    else:
        sign = np.sign(values)
        sizes = x * sign + zero
    if p == 1:
        return absorb(g * sign, incoming)
    if math.isinf(p):
        chosen = np.abs(values) == total
        number = np.maximum(np.add.reduce(chosen, reduced_axes(dim, x.ndim), np.int64, keepdims=True), 1)
        return absorb(g * (sign * (chosen / number).astype(g.dtype)), incoming)
    if p < 0:
        sign = sign * (total != 0)  # next to a 0 the others do not matter
    return absorb(g * sign * (sizes / positive) ** (p - 1), incoming)


norm.gradient(x=_norm_gradient)


@norm.samples
def _(draw):
    for sample in reduction_samples(draw.away):
        yield Sample(*sample.args[:1], **dict(zip(["dim"], sample.args[1:], strict=False)), **sample.kwargs)
    yield from samples_of_nothing(draw)
    for p in (1, 2, 3, 0, 0.5, -1, 2.5, math.inf, -math.inf):
        yield Sample(draw.distinct(3, 4, low=0.1, high=2.0) * np.array([1.0, -1.0, -1.0, 1.0]), p, 1)
    yield Sample(draw.away(2, 3, 2), p=1.5, dim=(0, 2), keepdim=True)
    yield Sample(draw.integers(3, 4, low=1), p=3, dim=0)
    for p in (1, 2, 3, 0, -1, math.inf, -math.inf):
        yield Sample(draw.complex(3, 4), p, 1)
    yield Sample(draw(3, 4), "nuc")
    yield Sample(2 * np.eye(3), "nuc")
    yield Sample(3 * np.eye(2, 4), "nuc")
    yield Sample(draw(3, 2, 4), "nuc", (0, -1), keepdim=True)
    yield Sample(draw(3, 2, 4), p="nuc", dim=(2, 1))
    yield Sample(draw.complex(3, 3), "nuc")


@norm.errors
def _(draw):
    yield from wrong_dims(draw)
    yield Sample(draw(3), "nuc"), ValueError, "dim names two axes"
    yield Sample(draw(3), "two"), ValueError, "a number, inf"
    yield Sample(draw(0), -math.inf), ValueError, "no elements"


@composite(reference=lambda x, y, p=2: _norm_by_loop(np.subtract(x, y), p))
def dist(x, y, p=2):
    """The p-norm of the difference x - y.  x, y: (*) -> ()"""
    return norm(x - y, p)


@dist.samples
def _(draw):
    yield Sample(draw(3, 4), draw(3, 4) + 5.0)
    yield Sample(draw(3, 4), draw(4) + 5.0, 1)
    yield Sample(draw(3), draw(3) + 5.0, p=3)
    yield Sample(draw(0), draw(0))
