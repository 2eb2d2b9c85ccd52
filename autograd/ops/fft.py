"""Discrete Fourier transforms between complex numbers, and what all transforms share.

SciPy does the work: it keeps single precision, and takes 0.1 to 0.9 of the time of NumPy. The transforms are linear, so
that the gradient of each is the transform back, without the factor that makes it an inverse.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .. import kernels
from ..declare import primitive
from ..errors import describe
from ..op import Sample, functions
from ..tensor import Tensor, get_default_dtype
from .creation import on_cpu, tensor_of
from .indexing import internal
from .shape import axes_of, axis_of

# What a transform is multiplied by is `norm`: this is that of the transform back which is its transpose.
TRANSPOSED = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


# ---------------------------------------------------------------------------------------------------------------------
# What all transforms share
# ---------------------------------------------------------------------------------------------------------------------
def transformed_axes(s: Any, dim: Any, ndim: int) -> tuple[int, ...]:
    """The axes that are transformed: those of `dim`, else as many of the last as `s` has sizes, else all."""
    if dim is not None:
        if not ndim and dim in (-1, (-1,)):
            raise IndexError("dim -1 is out of range: a single number has no axes. Give an array")
        return axes_of(dim, ndim)
    if s is None:
        return tuple(range(ndim))
    count = len(_listed(s))
    if count > ndim:
        raise ValueError(f"s has {count} sizes, and the input only {ndim} axes. Give one size for each axis")
    return tuple(range(ndim - count, ndim))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (tuple, list)) else [value]


def sizes_of(s: Any, shape: Sequence[int], axes: Sequence[int], halved: bool = False) -> tuple[int, ...]:
    """The size of the signal along each axis: as `s` says, and as it is where that has None or -1.

    halved: the input has only the first half of the spectrum along the last axis.
    """
    sizes = [shape[axis] for axis in axes]
    if halved and sizes:
        sizes[-1] = 2 * (sizes[-1] - 1)
    if s is not None:
        given = _listed(s)
        if len(given) != len(axes):
            raise ValueError(f"s has {len(given)} sizes for {len(axes)} axes. Give one size for each axis")
        wanted = [-1 if n is None else _whole(n) for n in given]
        sizes = [have if want == -1 else want for have, want in zip(sizes, wanted, strict=True)]
    for size in sizes:
        if size < 1:
            raise ValueError(f"a signal of {size} elements has no transform. Give a size of at least 1")
    return tuple(sizes)


def _whole(n: Any) -> int:
    try:
        return operator.index(n)
    except TypeError:
        raise TypeError(f"a size is an int, not {describe(n)}") from None


def checked_norm(norm: Any) -> str:
    if norm not in TRANSPOSED:
        raise ValueError(f"norm is 'backward', 'forward' or 'ortho', not {norm!r}")
    return norm or "backward"


def spectral(x: np.ndarray) -> np.ndarray:
    """x in a dtype that there are transforms of: integers become the default dtype, float16 becomes float32."""
    if x.dtype.kind in "biu":
        return x.astype(get_default_dtype())
    return x.astype(np.float32) if x.dtype == np.float16 else x


def real_only(x: np.ndarray) -> np.ndarray:
    if x.dtype.kind == "c":
        raise TypeError(f"takes real numbers, not {x.dtype}. Give x.real, or transform with fft")
    return spectral(x)


_LARGE = 1 << 18  # elements from which on threads are worth their start


def workers_for(x: np.ndarray) -> int:
    """The number of threads.  They share out whole signals, so that it does not change the bits."""
    return kernels.threads.get_num_threads() if x.size >= _LARGE else 1


@functools.cache
def _function(name: str) -> Callable[..., Any]:
    from scipy import fft as by_scipy

    return getattr(by_scipy, name)


def by_scipy(name: str, x: np.ndarray, sizes: tuple[int, ...], axes: tuple[int, ...], norm: str) -> np.ndarray:
    """A transform of SciPy over several axes, "fftn" and the like; that over one axis has less to look at."""
    if len(axes) == 1:
        return _function(name[:-1])(x, sizes[0], axes[0], norm, workers=workers_for(x))
    return _function(name)(x, sizes, axes, norm, workers=workers_for(x))


def transformed(name: str, x: np.ndarray, s: Any, dim: Any, norm: Any) -> np.ndarray:
    """The transform of complex numbers, "fftn" or "ifftn", over several axes."""
    x = spectral(x)
    axes = transformed_axes(s, dim, x.ndim)
    sizes = sizes_of(s, x.shape, axes)
    norm = checked_norm(norm)
    if not axes or not x.size:
        shape = [dict(zip(axes, sizes, strict=True)).get(i, n) for i, n in enumerate(x.shape)]
        return np.array(_resized_forward(x, tuple(shape)), np.result_type(x, np.complex64))
    return by_scipy(name, x, sizes, axes, norm)


def _resized_forward(x, shape):
    """x, cut off or continued by zeros at the end of each axis."""
    kept = x[tuple(slice(n) for n in shape)]
    if kept.shape == shape:
        return kept.copy()
    out = np.zeros(shape, x.dtype)
    out[tuple(slice(n) for n in kept.shape)] = kept
    return out


_resized = internal(_resized_forward, "fft.resized")
_resized.conjugates = True
_resized.gradient(x=lambda g, x_shape: resized(g, x_shape))


def resized(x: Any, shape: tuple[int, ...]) -> Any:
    """x, cut off or continued by zeros at the end of each axis, as a tensor if it is one."""
    return x if x.shape == shape else _resized.call(x, shape)


def norm_reference(name: str, count: int, norm: str | None) -> float:
    """What the transform is multiplied by; the size of the signal is `count`."""
    if norm == "ortho":
        return 1 / math.sqrt(count)
    divides = (norm or "backward") == "backward"
    return 1 / count if divides is (name in ("ifft", "irfft", "ihfft")) else 1.0


def by_matrix(x: Any, axis: int, n: int, sign: int) -> np.ndarray:
    """An oracle: the sum of x[j] exp(sign 2 pi i j k / n) over j, for each k, with x of n elements along the axis."""
    k = np.arange(n)
    matrix = np.exp(sign * 2j * np.pi * np.outer(k, k) / n)
    shape = list(x.shape)
    shape[axis] = n
    return np.moveaxis(np.tensordot(matrix, _resized_forward(np.asarray(x), tuple(shape)), (1, axis)), 0, axis)


def _reference(name: str, dims: Any = None) -> Callable[..., Any]:
    def reference(x: Any, s: Any = None, dim: Any = dims, norm: Any = None, n: Any = None) -> Any:
        s = s if n is None else n
        axes = transformed_axes(s, dim, x.ndim)
        out = x + 0j
        for axis, n in zip(axes, sizes_of(s, x.shape, axes), strict=True):
            out = by_matrix(out, axis, n, 1 if name == "ifft" else -1) * norm_reference(name, n, norm)
        return out

    return reference


# ---------------------------------------------------------------------------------------------------------------------
# The transforms
# ---------------------------------------------------------------------------------------------------------------------
_FACTS: dict[str, Any] = {"namespace": "fft", "conjugates": True}


@primitive(**_FACTS, reference=_reference("fft", -1))
def fft(x, n=None, dim=-1, norm=None):
    """The discrete Fourier transform along an axis, X[k] = sum of x[j] exp(-2 pi i j k / n).  x: (*) -> complex (*)

    n: the signal is cut off or continued by zeros to this length. norm: "backward" (the default) is the sum as it
    stands, "forward" divides it by n, "ortho" by sqrt(n). The gradient is that of PyTorch, which is by the real part
    plus i times that by the imaginary part.

    >>> import autograd
    >>> autograd.fft.fft(autograd.tensor([1.0, 0.0, 0.0, 0.0])).real
    tensor([1., 1., 1., 1.])
    """
    return transformed("fftn", x, n, axis_one(dim, x.ndim), norm)


@primitive(**_FACTS, reference=_reference("ifft", -1))
def ifft(x, n=None, dim=-1, norm=None):
    """The inverse of `fft`, x[j] = 1/n times the sum of X[k] exp(2 pi i j k / n).  x: (*) -> complex (*)

    norm: "backward" (the default) divides by n, "forward" does not, "ortho" divides by sqrt(n).
    """
    return transformed("ifftn", x, n, axis_one(dim, x.ndim), norm)


@primitive(**_FACTS, reference=_reference("fft", (-2, -1)))
def fft2(x, s=None, dim=(-2, -1), norm=None):
    """The discrete Fourier transform over two axes.  x: (..., H, W) -> complex (..., H, W)

    s: two sizes to which the signal is cut off or continued by zeros; -1 leaves one as it is. norm: as in `fft.fft`.
    """
    return transformed("fftn", x, s, dim, norm)


@primitive(**_FACTS, reference=_reference("ifft", (-2, -1)))
def ifft2(x, s=None, dim=(-2, -1), norm=None):
    """The inverse of `fft2`.  x: (..., H, W) -> complex (..., H, W)"""
    return transformed("ifftn", x, s, dim, norm)


@primitive(**_FACTS, reference=_reference("fft"))
def fftn(x, s=None, dim=None, norm=None):
    """The discrete Fourier transform over several axes, by default all.  x: (*) -> complex (*)

    s: a size for each axis, to which the signal is cut off or continued by zeros; -1 leaves one as it is. Without dim
    it is for the last axes. norm: as in `fft.fft`.
    """
    return transformed("fftn", x, s, dim, norm)


@primitive(**_FACTS, reference=_reference("ifft"))
def ifftn(x, s=None, dim=None, norm=None):
    """The inverse of `fftn`.  x: (*) -> complex (*)"""
    return transformed("ifftn", x, s, dim, norm)


def axis_one(dim: Any, ndim: int) -> tuple[int, ...]:
    """The axis of a transform over one, as a tuple."""
    if not ndim:
        raise IndexError("takes at least one axis, and a single number has none. Give an array")
    return (axis_of(dim, ndim),)


def _along(inverse: Any) -> Callable[..., Any]:
    def rule(g: Any, x_shape: Any, dim: Any, norm: Any) -> Any:
        return resized(inverse(g, None, dim, TRANSPOSED[norm]), x_shape)

    return rule


def _over(inverse: Any) -> Callable[..., Any]:
    def rule(g: Any, x_shape: Any, s: Any, dim: Any, norm: Any) -> Any:
        return resized(inverse(g, None, transformed_axes(s, dim, len(x_shape)), TRANSPOSED[norm]), x_shape)

    return rule


fft.gradient(x=_along(ifft))
ifft.gradient(x=_along(fft))
for _op in (fft2, fftn):
    _op.gradient(x=_over(ifftn))
for _op in (ifft2, ifftn):
    _op.gradient(x=_over(fftn))


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
def _along_samples(draw):
    yield Sample(draw(5))
    yield Sample(draw(3, 4))
    yield Sample(draw.complex(3, 4), dim=0)
    yield Sample(draw(2, 5), n=3, norm="ortho")
    yield Sample(draw.complex(2, 3), 6, -2, "forward")
    yield Sample(draw(0, 3), norm="backward")
    yield Sample(draw(1))
    yield Sample(draw(2, 3, 4), 7, 1)


def _over_samples(draw):
    yield Sample(draw(3, 4))
    yield Sample(draw.complex(2, 3, 4))
    yield Sample(draw(2, 3, 4), dim=(0, -1), norm="ortho")
    yield Sample(draw(3, 4), s=(2, 6), norm="forward")
    yield Sample(draw(2, 3, 4), (5, -1), (1, 0), "backward")
    yield Sample(draw(2, 0, 3, 4), dim=(-1, -2))
    yield Sample(draw(2, 3, 4), s=(2, 2))


def wrong_along(draw):
    yield Sample(draw(3), n=0), ValueError, "at least 1"
    yield Sample(draw(2, 0)), ValueError, "at least 1"
    yield Sample(draw(3), n=2.5), TypeError, "a size is an int"
    yield Sample(draw(3), dim=1), IndexError, "out of range"
    yield Sample(draw()), IndexError, "at least one axis"
    yield Sample(draw(3), norm="unitary"), ValueError, "'ortho'"


def wrong_over(draw):
    yield Sample(draw(3, 4), s=(0, 2)), ValueError, "at least 1"
    yield Sample(draw(3, 4), s=(2,), dim=(0, 1)), ValueError, "one size for each axis"
    yield Sample(draw(3, 4), dim=(0, 0)), ValueError, "twice"
    yield Sample(draw(3, 4), dim=(0, 2)), IndexError, "out of range"
    yield Sample(draw(3, 4), norm="unitary"), ValueError, "'ortho'"


for _op in (fft, ifft):
    _op.samples(_along_samples)
    _op.errors(wrong_along)
for _op in (fft2, ifft2, fftn, ifftn):
    _op.samples(_over_samples)
    _op.errors(wrong_over)


@fftn.samples
def _(draw):
    yield from _over_samples(draw)
    yield Sample(draw())
    yield Sample(draw(3), dim=())
    yield Sample(draw(3, 4), s=2, dim=1)


# ---------------------------------------------------------------------------------------------------------------------
# Frequencies, and zero frequency in the middle
# ---------------------------------------------------------------------------------------------------------------------
def _frequencies(name: str, n: Any, d: float, dtype: Any, requires_grad: bool, device: Any, count: Any) -> Tensor:
    on_cpu(device)
    n = operator.index(n)
    if n < 0 or (n == 0 and name == "rfftfreq"):
        raise ValueError(f"fft.{name}: a signal has no {n} elements. Give n of at least {int(name == 'rfftfreq')}.")
    dtype = get_default_dtype() if dtype is None else np.dtype(dtype)
    return tensor_of((count(n) / (n * d) if n else np.zeros(0)).astype(dtype), requires_grad)


def fftfreq(
    n: int, d: float = 1.0, dtype: DTypeLike | None = None, requires_grad: bool = False, device: Any = None
) -> Tensor:
    """The frequencies of the results of `fft`, in cycles per unit of time.  -> (n,)

    n: the length of the signal. d: the time between two of its elements.

    >>> import autograd
    >>> autograd.fft.fftfreq(4, d=0.5)
    tensor([ 0.0000,  0.5000, -1.0000, -0.5000])
    """
    return _frequencies(
        "fftfreq", n, d, dtype, requires_grad, device, lambda n: (np.arange(n) + n // 2) % n - float(n // 2)
    )


def rfftfreq(
    n: int, d: float = 1.0, dtype: DTypeLike | None = None, requires_grad: bool = False, device: Any = None
) -> Tensor:
    """The frequencies of the results of `rfft`, in cycles per unit of time.  -> (n // 2 + 1,)

    n: the length of the signal. d: the time between two of its elements.

    >>> import autograd
    >>> autograd.fft.rfftfreq(4, d=0.5)
    tensor([0.0000, 0.5000, 1.0000])
    """
    return _frequencies("rfftfreq", n, d, dtype, requires_grad, device, lambda n: np.arange(n // 2 + 1.0))


functions["fft.fftfreq"] = fftfreq
functions["fft.rfftfreq"] = rfftfreq


def _shift_facts(back: bool) -> dict[str, Any]:
    return {"namespace": "fft", "sticky": True, "reference": _by_halves(back)}


def _by_halves(back: bool) -> Callable[..., Any]:
    """An oracle: one axis after another, cut in two and put together the other way round."""

    def reference(x: Any, dim: Any = None) -> Any:
        for axis in range(x.ndim) if dim is None else _listed(dim):
            n = x.shape[axis]
            first, last = np.split(x, [n // 2 if back else n - n // 2], axis)
            x = np.concatenate([last, first], axis)
        return x

    return reference


def _shifted(x: np.ndarray, dim: Any, sign: int) -> np.ndarray:
    dims = tuple(range(x.ndim)) if dim is None else tuple([axis_of(d, x.ndim) for d in _listed(dim)])
    return np.roll(x, [sign * (x.shape[d] // 2) for d in dims], dims) if dims else x.copy()


@primitive(**_shift_facts(back=False))
def fftshift(x, dim=None):
    """Moves the zero frequency, which is the first, to the middle of each axis.  x: (*) -> (*)

    dim: the axes, by default all.

    >>> import autograd
    >>> autograd.fft.fftshift(autograd.fft.fftfreq(4))
    tensor([-0.5000, -0.2500,  0.0000,  0.2500])
    """
    return _shifted(x, dim, 1)


@primitive(**_shift_facts(back=True))
def ifftshift(x, dim=None):
    """The inverse of `fftshift`: moves what is in the middle of each axis to its start.  x: (*) -> (*)"""
    return _shifted(x, dim, -1)


fftshift.gradient(x=lambda g, dim: ifftshift(g, dim))
ifftshift.gradient(x=lambda g, dim: fftshift(g, dim))


def _shift_samples(draw):
    yield Sample(draw(5))
    yield Sample(draw(4))
    yield Sample(draw(3, 4))
    yield Sample(draw(3, 4), dim=1)
    yield Sample(draw.complex(3, 5), dim=(-2,))
    yield Sample(draw(2, 3, 5), (0, -1))
    yield Sample(draw(2, 0))
    yield Sample(draw())


def _wrong_shift(draw):
    yield Sample(draw(3, 4), dim=2), IndexError, "out of range"


for _op in (fftshift, ifftshift):
    _op.samples(_shift_samples)
    _op.errors(_wrong_shift)
