"""Dropout: elements, or whole channels, that are left out at random while training."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import primitive
from ..modes import modes
from ..op import Sample, keep
from .comparison import flat, gate
from .loops import DTYPES, LARGE
from .random import Generator, default_generator

_BLOCK = 32768  # elements that share a key; see kernels.dropout
_MASK = (1 << 64) - 1


def _bits(generator: Generator | None, count: int) -> np.ndarray:
    """So many numbers of 64 random bits."""
    if modes.level is not None:
        modes.level.draw()
    source = default_generator if generator is None else generator
    if not isinstance(source, Generator):
        raise TypeError(f"generator must be an autograd.Generator, not {type(source).__name__}")
    return np.asarray(source.numpy.bit_generator.random_raw(count))


def _draw(shape: tuple[int, ...], p: float, generator: Generator | None) -> tuple[int, int] | np.ndarray:
    """What is kept, with probability 1 - p, whatever the dtype of the data: a mask, or a key for `_kept`."""
    size, limit = math.prod(shape), min(round(p * 2.0**32), (1 << 32) - 1)
    if size >= LARGE:
        return int(_bits(generator, 1).view(np.int64)[0]), limit
    # two numbers of 32 bits from each one of 64
    return (_bits(generator, (size + 1) // 2).view(np.uint32)[:size] >= np.uint32(limit)).reshape(shape)


def _kept(shape: tuple[int, ...], drawn: tuple[int, int] | np.ndarray) -> np.ndarray:
    """The mask; of a key, what `kernels.dropout` draws from it, in NumPy."""
    if isinstance(drawn, np.ndarray):
        return drawn
    key, limit = drawn
    size = math.prod(shape)
    blocks = np.arange(1, -(-size // _BLOCK) + 1, dtype=np.uint64)
    z = np.uint64(key & _MASK) + blocks * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    x = np.arange(min(size, _BLOCK), dtype=np.uint32) + z.astype(np.uint32)[:, None]
    x = (x ^ (x >> np.uint32(17))) * np.uint32(0xED5AD4BB) ^ (z >> np.uint64(32)).astype(np.uint32)[:, None]
    x = (x ^ (x >> np.uint32(11))) * np.uint32(0xAC4C1B51)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x31848BAB)
    x = x ^ (x >> np.uint32(14))
    return (x.ravel()[:size] >= np.uint32(limit)).reshape(shape)


def _check(op: str, x: np.ndarray, p: Any) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"{op}: p is the probability to leave an element out, between 0 and 1, not {p!r}.")
    if x.dtype.kind not in "fc":
        raise TypeError(f"{op}: the input must have a floating-point dtype, not {x.dtype}. Use x.float().")


def _channels(op: str, x: np.ndarray, axes: int) -> tuple[int, ...]:
    """The shape of a mask with one element for each channel."""
    if x.ndim not in (axes + 1, axes + 2):
        names = {1: "(N, C, L)", 2: "(N, C, H, W)", 3: "(N, C, D, H, W)"}[axes]
        raise ValueError(f"{op}: the input has shape {x.shape}. It must be {names}, or without N.")
    return (*x.shape[: x.ndim - axes], *(1,) * axes)


def _drop(
    x: np.ndarray,
    mask_shape: tuple[int, ...],
    p: float,
    generator: Generator | None,
    scale: float,
    shift: float = 0.0,
    dropped: float = 0.0,
) -> keep:
    """scale x + shift, and `dropped` with probability p, for 0 < p < 1."""
    drawn = _draw(mask_shape, p, generator)
    if isinstance(drawn, tuple) and mask_shape == x.shape and x.dtype in DTYPES:
        out = kernels.dropout.dropout(x, *drawn, scale, shift, dropped)
    else:
        mask = _kept(mask_shape, drawn)
        out = gate(x, mask) * scale
        if dropped or shift:
            out = out + np.where(mask, shift, dropped).astype(x.dtype)
    return keep(out, drawn=drawn, mask_shape=mask_shape, scale=scale)


def _drop_gradient(g, drawn, mask_shape, scale):
    if drawn is None:
        return g if scale == 1 else flat(g)
    if isinstance(drawn, tuple) and type(g) is np.ndarray and mask_shape == g.shape and g.dtype in DTYPES:
        return kernels.dropout.dropout(g, *drawn, scale)
    return gate(g, _kept(mask_shape, drawn)) * scale


def _drop_to_zero(x: np.ndarray, mask_shape: tuple[int, ...], p: float, training: bool, generator: Any) -> keep:
    if not training or p == 0:
        return keep(x[...], drawn=None, mask_shape=None, scale=1.0)
    if p == 1:
        return keep(np.zeros_like(x), drawn=None, mask_shape=None, scale=0.0)
    return _drop(x, mask_shape, p, generator, 1 / (1 - p))


@primitive(method=False, view=True)
def dropout(x, p=0.5, training=True, generator=None):
    """Each element is 0 with probability p, and otherwise divided by 1 - p, so that the mean stays.  x: (*) -> (*)

    training: False leaves x as it is. generator: the default generator unless given.
    What is left out is 0, and has gradient 0, even where x is infinite or NaN.
    Source: Srivastava et al. 2014.
    """
    _check("dropout", x, p)
    return _drop_to_zero(x, x.shape, p, training, generator)


@primitive(method=False, view=True)
def dropout1d(x, p=0.5, training=True, generator=None):
    """`dropout` of whole channels.  x: (N, C, L) or (C, L) -> the same"""
    _check("dropout1d", x, p)
    return _drop_to_zero(x, _channels("dropout1d", x, 1), p, training, generator)


@primitive(method=False, view=True)
def dropout2d(x, p=0.5, training=True, generator=None):
    """`dropout` of whole channels.  x: (N, C, H, W) or (C, H, W) -> the same

    Neighbours in an image are alike, so that leaving out single ones hides little.
    Source: Tompson et al. 2015.
    """
    _check("dropout2d", x, p)
    return _drop_to_zero(x, _channels("dropout2d", x, 2), p, training, generator)


@primitive(method=False, view=True)
def dropout3d(x, p=0.5, training=True, generator=None):
    """`dropout` of whole channels.  x: (N, C, D, H, W) or (C, D, H, W) -> the same"""
    _check("dropout3d", x, p)
    return _drop_to_zero(x, _channels("dropout3d", x, 3), p, training, generator)


for _op in (dropout, dropout1d, dropout2d, dropout3d):
    _op.gradient(x=_drop_gradient)

# ---------------------------------------------------------------------------------------------------------------------
# For networks with SELU
# ---------------------------------------------------------------------------------------------------------------------
_LOWEST = -1.7580993408473766  # what SELU tends to: -scale * alpha


def _drop_to_lowest(x: np.ndarray, mask_shape: tuple[int, ...], p: float, training: bool, generator: Any) -> keep:
    """Sets elements to the lowest value of SELU, then scales and shifts so that mean 0 and variance 1 stay so."""
    if not training or p == 0:
        return keep(x[...], drawn=None, mask_shape=None, scale=1.0)
    if p == 1:
        return keep(np.zeros_like(x), drawn=None, mask_shape=None, scale=0.0)
    scale = ((1 - p) * (1 + p * _LOWEST**2)) ** -0.5
    shift = -scale * _LOWEST * p
    return _drop(x, mask_shape, p, generator, scale, shift, scale * _LOWEST + shift)


@primitive(method=False, view=True)
def alpha_dropout(x, p=0.5, training=False, generator=None):
    """Dropout for networks with SELU, which keeps mean 0 and variance 1.  x: (*) -> (*)

    Source: Klambauer et al. 2017, Self-normalizing neural networks.
    """
    _check("alpha_dropout", x, p)
    return _drop_to_lowest(x, x.shape, p, training, generator)


@primitive(method=False, view=True)
def feature_alpha_dropout(x, p=0.5, training=False, generator=None):
    """`alpha_dropout` of whole channels.  x: (N, C, *) -> the same"""
    _check("feature_alpha_dropout", x, p)
    if x.ndim < 2:
        raise ValueError(f"feature_alpha_dropout: the input has shape {x.shape}. It must be (N, C, *).")
    return _drop_to_lowest(x, (*x.shape[:2], *(1,) * (x.ndim - 2)), p, training, generator)


for _op in (alpha_dropout, feature_alpha_dropout):
    _op.gradient(x=_drop_gradient)


class SameAgain(Generator):
    """For samples: what is drawn is always the same, so that differences see one mask."""

    @property
    def numpy(self) -> np.random.Generator:
        """A new generator with the same seed."""
        return np.random.default_rng(0)


def _samples(draw: Any, shapes: Any) -> Any:
    for shape in shapes:
        yield Sample(draw(*shape), 0.3, True, SameAgain())
        yield Sample(draw(*shape), training=False)
    yield Sample(draw(*shapes[0]), p=0.0, training=True)
    yield Sample(draw(*shapes[0]), p=1.0, training=True)


dropout.samples(lambda draw: _samples(draw, ((3, 4), (), (5,), (2, 0), (2, 3, 5))))
alpha_dropout.samples(lambda draw: _samples(draw, ((3, 4), (), (5,), (2, 0), (2, 3, 5))))
dropout1d.samples(lambda draw: _samples(draw, ((4, 3, 2), (5, 3))))
dropout2d.samples(lambda draw: _samples(draw, ((4, 3, 2, 2), (5, 3, 2))))
dropout3d.samples(lambda draw: _samples(draw, ((4, 3, 2, 1, 2), (5, 3, 2, 2))))
feature_alpha_dropout.samples(lambda draw: _samples(draw, ((4, 3, 2), (5, 3), (2, 3, 2, 2))))


@dropout.errors
def _(draw):
    yield Sample(draw(3), 1.5), ValueError, "between 0 and 1"
    yield Sample(draw(3), generator=0), TypeError, "autograd.Generator"
    yield Sample(draw.integers(3)), TypeError, "x.float()"


@dropout2d.errors
def _(draw):
    yield Sample(draw(3, 4)), ValueError, "(N, C, H, W)"
