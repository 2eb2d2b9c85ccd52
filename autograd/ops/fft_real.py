"""Discrete Fourier transforms between real signals and the half of their spectrum that says it all.

The spectrum of a real signal of n elements is Hermitian, X[n - k] = conj(X[k]), so that n // 2 + 1 of its elements are
enough. Those in between stand for two each: the weight that gradients carry. The first one, and for even n the last,
are real, so that a gradient by their imaginary parts is 0.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..declare import primitive
from ..op import Sample
from .fft import (
    TRANSPOSED,
    axis_one,
    by_matrix,
    by_scipy,
    checked_norm,
    norm_reference,
    real_only,
    resized,
    sizes_of,
    spectral,
    transformed_axes,
    wrong_along,
    wrong_over,
)


def _run(name: str, x: np.ndarray, s: Any, dim: Any, norm: Any) -> np.ndarray:
    """One of the transforms of SciPy over several axes: "rfftn", "ihfftn", "irfftn" or "hfftn"."""
    to_half = name in ("rfftn", "ihfftn")
    x = real_only(x) if to_half else spectral(x)
    axes = transformed_axes(s, dim, x.ndim)
    if not axes:
        raise ValueError("transforms at least one axis, and dim names none. Name one, or use fft.fftn")
    sizes = sizes_of(s, x.shape, axes, halved=not to_half)
    norm = checked_norm(norm)
    if not x.size:
        lengths = dict(zip(axes, sizes, strict=True))
        if to_half:
            lengths[axes[-1]] = lengths[axes[-1]] // 2 + 1
        dtype = np.result_type(x, np.complex64)
        return np.zeros([lengths.get(i, n) for i, n in enumerate(x.shape)], dtype if to_half else dtype.char.lower())
    if name == "hfftn" and x.dtype.kind != "c":
        x = x + np.zeros((), np.result_type(x, np.complex64))
    return by_scipy(name, x, sizes, axes, norm)


# ---------------------------------------------------------------------------------------------------------------------
# Oracles: the whole spectrum, by matrices
# ---------------------------------------------------------------------------------------------------------------------
def _to_half_reference(name: str, dims: Any = None) -> Callable[..., Any]:
    def reference(x: Any, s: Any = None, dim: Any = dims, norm: Any = None, n: Any = None) -> Any:
        s = s if n is None else n
        axes = transformed_axes(s, dim, x.ndim)
        out = x + 0j
        for axis, size in zip(axes, sizes_of(s, x.shape, axes), strict=True):
            out = by_matrix(out, axis, size, 1 if name == "ihfft" else -1) * norm_reference(name, size, norm)
        return np.take(out, range(out.shape[axes[-1]] // 2 + 1), axes[-1])

    return reference


def _from_half_reference(name: str, dims: Any = None) -> Callable[..., Any]:
    def reference(x: Any, s: Any = None, dim: Any = dims, norm: Any = None, n: Any = None) -> Any:
        s = s if n is None else n
        axes = transformed_axes(s, dim, x.ndim)
        sizes = sizes_of(s, x.shape, axes, halved=True)
        sign = 1 if name == "irfft" else -1
        out = x + 0j
        for axis, size in zip(axes[:-1], sizes[:-1], strict=True):
            out = by_matrix(out, axis, size, sign) * norm_reference(name, size, norm)
        # Along the last axis the second half is the conjugate of the first, and what is real counts as real.
        rows, size = np.moveaxis(out, axes[-1], 0), sizes[-1]
        whole = np.zeros((size, *rows.shape[1:]), complex)
        for k in range(size):
            source = min(k, size - k)
            if source < len(rows):
                row = rows[source].real if k == 0 or 2 * k == size else rows[source]
                whole[k] = np.conj(row) if 2 * k > size else row
        whole = np.moveaxis(whole, 0, axes[-1])
        return (by_matrix(whole, axes[-1], size, sign) * norm_reference(name, size, norm)).real

    return reference


# ---------------------------------------------------------------------------------------------------------------------
# Gradients
# ---------------------------------------------------------------------------------------------------------------------
@functools.lru_cache(maxsize=64)
def _weights(n: int, weight: float, dtype: np.dtype, after: int) -> np.ndarray:
    """1 for what stands for itself, else `weight`, along an axis with `after` more behind it."""
    weights = np.full((n // 2 + 1,) + (1,) * after, weight, dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return weights


def _weighted(g: Any, axis: int, n: int, weight: float) -> Any:
    """g with the elements of the half spectrum that stand for two multiplied by `weight`; n: size of the signal."""
    single = g.dtype in (np.complex64, np.float32)
    return g * _weights(n, weight, np.dtype(np.float32 if single else np.float64), g.ndim - 1 - axis)


def _to_half(back: Any) -> Callable[..., Any]:
    """The gradient of a transform into half spectra; `back` is the transform from them."""

    def rule(g: Any, x_shape: Any, s: Any, dim: Any, norm: Any) -> Any:
        axes = transformed_axes(s, dim, len(x_shape))
        sizes = sizes_of(s, x_shape, axes)
        return resized(back(_weighted(g, axes[-1], sizes[-1], 0.5), sizes, axes, TRANSPOSED[norm]), x_shape)

    return rule


def _from_half(back: Any) -> Callable[..., Any]:
    """The gradient of a transform from half spectra; `back` is the transform into them."""

    def rule(g: Any, x_shape: Any, s: Any, dim: Any, norm: Any) -> Any:
        axes = transformed_axes(s, dim, len(x_shape))
        spectrum = back(g, None, axes, TRANSPOSED[norm])
        return resized(_weighted(spectrum, axes[-1], g.shape[axes[-1]], 2.0), x_shape)

    return rule


def _along(rule: Callable[..., Any]) -> Callable[..., Any]:
    """The rule for a transform along one axis."""
    return lambda g, x_shape, n, dim, norm: rule(g, x_shape, n, dim, norm)


# ---------------------------------------------------------------------------------------------------------------------
# The transforms
# ---------------------------------------------------------------------------------------------------------------------
_FACTS: dict[str, Any] = {"namespace": "fft", "conjugates": True}


@primitive(**_FACTS, reference=_to_half_reference("rfft", -1))
def rfft(x, n=None, dim=-1, norm=None):
    """The first half of the `fft` of a real signal.  x: (*, n) -> complex (*, n // 2 + 1)

    n: the signal is cut off or continued by zeros to this length. norm: as in `fft.fft`.

    >>> import autograd
    >>> autograd.fft.rfft(autograd.tensor([1.0, 0.0, 0.0, 0.0])).real
    tensor([1., 1., 1.])
    """
    return _run("rfftn", x, n, axis_one(dim, x.ndim), norm)


@primitive(**_FACTS, reference=_from_half_reference("irfft", -1))
def irfft(x, n=None, dim=-1, norm=None):
    """The inverse of `rfft`: a real signal from the first half of its spectrum.  x: (*, n // 2 + 1) -> (*, n)

    n: the length of the signal, by default 2 (m - 1) for m elements of the spectrum: give it where the signal had an
    odd one. The imaginary part of the first element, and for even n of the last, counts nothing. norm: as in
    `fft.ifft`.

    >>> import autograd
    >>> autograd.fft.irfft(autograd.fft.rfft(autograd.tensor([1.0, 2.0, 3.0])), n=3)
    tensor([1., 2., 3.])
    """
    return _run("irfftn", x, n, axis_one(dim, x.ndim), norm)


@primitive(**_FACTS, reference=_from_half_reference("hfft", -1))
def hfft(x, n=None, dim=-1, norm=None):
    """The real `fft` of a signal that is Hermitian, of which x is the first half.  x: (*, n // 2 + 1) -> (*, n)

    n: the length of the result, by default 2 (m - 1) for m elements. norm: as in `fft.fft`.
    """
    return _run("hfftn", x, n, axis_one(dim, x.ndim), norm)


@primitive(**_FACTS, reference=_to_half_reference("ihfft", -1))
def ihfft(x, n=None, dim=-1, norm=None):
    """The inverse of `hfft`: the first half of the `ifft` of a real spectrum.  x: (*, n) -> complex (*, n // 2 + 1)"""
    return _run("ihfftn", x, n, axis_one(dim, x.ndim), norm)


@primitive(**_FACTS, reference=_to_half_reference("rfft", (-2, -1)))
def rfft2(x, s=None, dim=(-2, -1), norm=None):
    """The half of the `fft2` of a real signal: that of the last axis.  x: (..., H, W) -> complex (..., H, W // 2 + 1)

    s: two sizes to which the signal is cut off or continued by zeros; -1 leaves one as it is. norm: as in `fft.fft`.
    """
    return _run("rfftn", x, s, dim, norm)


@primitive(**_FACTS, reference=_from_half_reference("irfft", (-2, -1)))
def irfft2(x, s=None, dim=(-2, -1), norm=None):
    """The inverse of `rfft2`.  x: (..., H, W // 2 + 1) -> (..., H, W)

    s: the sizes of the signal; by default the last is even.
    """
    return _run("irfftn", x, s, dim, norm)


@primitive(**_FACTS, reference=_from_half_reference("hfft", (-2, -1)))
def hfft2(x, s=None, dim=(-2, -1), norm=None):
    """The real `fft2` of a signal that is Hermitian, of which x is half.  x: (..., H, W // 2 + 1) -> (..., H, W)

    s: the sizes of the result; by default the last is even. norm: as in `fft.fft`.
    """
    return _run("hfftn", x, s, dim, norm)


@primitive(**_FACTS, reference=_to_half_reference("ihfft", (-2, -1)))
def ihfft2(x, s=None, dim=(-2, -1), norm=None):
    """The inverse of `hfft2`.  x: (..., H, W) -> complex (..., H, W // 2 + 1)"""
    return _run("ihfftn", x, s, dim, norm)


@primitive(**_FACTS, reference=_to_half_reference("rfft"))
def rfftn(x, s=None, dim=None, norm=None):
    """The half of the `fftn` of a real signal: that of the last of the axes.  x: (*) -> complex (*)

    s: a size for each axis, to which the signal is cut off or continued by zeros; -1 leaves one as it is. Without dim
    it is for the last axes. norm: as in `fft.fft`.
    """
    return _run("rfftn", x, s, dim, norm)


@primitive(**_FACTS, reference=_from_half_reference("irfft"))
def irfftn(x, s=None, dim=None, norm=None):
    """The inverse of `rfftn`: a real signal from half of its spectrum.  x: (*) -> (*)

    s: the sizes of the signal; by default the last is even.
    """
    return _run("irfftn", x, s, dim, norm)


@primitive(**_FACTS, reference=_from_half_reference("hfft"))
def hfftn(x, s=None, dim=None, norm=None):
    """The real `fftn` of a signal that is Hermitian, of which x is half.  x: (*) -> (*)

    s: the sizes of the result; by default the last is even. norm: as in `fft.fft`.
    """
    return _run("hfftn", x, s, dim, norm)


@primitive(**_FACTS, reference=_to_half_reference("ihfft"))
def ihfftn(x, s=None, dim=None, norm=None):
    """The inverse of `hfftn`.  x: (*) -> complex (*)"""
    return _run("ihfftn", x, s, dim, norm)


rfft.gradient(x=_along(_to_half(irfftn)))
ihfft.gradient(x=_along(_to_half(hfftn)))
irfft.gradient(x=_along(_from_half(rfftn)))
hfft.gradient(x=_along(_from_half(ihfftn)))
for _op in (rfft2, rfftn):
    _op.gradient(x=_to_half(irfftn))
for _op in (ihfft2, ihfftn):
    _op.gradient(x=_to_half(hfftn))
for _op in (irfft2, irfftn):
    _op.gradient(x=_from_half(rfftn))
for _op in (hfft2, hfftn):
    _op.gradient(x=_from_half(ihfftn))


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
def _to_half_along(draw):
    yield Sample(draw(5))
    yield Sample(draw(3, 4))
    yield Sample(draw(3, 4), dim=0)
    yield Sample(draw(2, 5), n=4, norm="ortho")
    yield Sample(draw(2, 3), 7, -2, "forward")
    yield Sample(draw(0, 3), norm="backward")
    yield Sample(draw(1))
    yield Sample(draw(2))


def _from_half_along(draw):
    yield Sample(draw(4))
    yield Sample(draw.complex(3, 4))
    yield Sample(draw.complex(3, 4), n=7)
    yield Sample(draw(3, 4), dim=0, norm="ortho")
    yield Sample(draw.complex(2, 5), n=4, norm="forward")
    yield Sample(draw(2, 3), 9, -2, "backward")
    yield Sample(draw(0, 3))
    yield Sample(draw(3), n=1)
    yield Sample(draw(2), n=2)
    yield Sample(draw.complex(1), n=4)


def _to_half_over(draw):
    yield Sample(draw(3, 4))
    yield Sample(draw(2, 3, 5))
    yield Sample(draw(2, 3, 4), dim=(-1, 0), norm="ortho")
    yield Sample(draw(3, 4), s=(2, 7), norm="forward")
    yield Sample(draw(2, 3, 4), (5, -1), (1, 0), "backward")
    yield Sample(draw(2, 0, 3, 4), dim=(-1, -2))
    yield Sample(draw(2, 3, 4), s=(2, 2))


def _from_half_over(draw):
    yield Sample(draw(3, 4))
    yield Sample(draw.complex(2, 3, 3))
    yield Sample(draw.complex(2, 3, 4), dim=(-1, 0), norm="ortho")
    yield Sample(draw(3, 4), s=(2, 7), norm="forward")
    yield Sample(draw(2, 3, 4), (5, -1), (1, 0), "backward")
    yield Sample(draw(2, 0, 3, 4), dim=(-1, -2))
    yield Sample(draw.complex(2, 3, 4), s=(2, 3))


def _wrong_real(draw):
    yield Sample(draw.complex(3, 4)), TypeError, "takes real numbers"


for _op in (rfft, ihfft):
    _op.samples(_to_half_along)
    _op.errors(lambda draw: [*wrong_along(draw), *_wrong_real(draw)])
for _op in (irfft, hfft):
    _op.samples(_from_half_along)
    _op.errors(lambda draw: [*wrong_along(draw), (Sample(draw(1)), ValueError, "at least 1")])
for _op in (rfft2, ihfft2, rfftn, ihfftn):
    _op.samples(_to_half_over)
    _op.errors(lambda draw: [*wrong_over(draw), *_wrong_real(draw), (Sample(draw(3), dim=()), ValueError, "one axis")])
for _op in (irfft2, hfft2, irfftn, hfftn):
    _op.samples(_from_half_over)
    _op.errors(lambda draw: [*wrong_over(draw), (Sample(draw(3), dim=()), ValueError, "one axis")])
