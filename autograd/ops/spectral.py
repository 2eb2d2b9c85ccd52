"""Short-time Fourier transforms, and the windows that they look through."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..declare import composite
from ..errors import describe
from ..op import Sample
from ..tensor import Tensor, get_default_dtype
from .complex import view_as_real
from .creation import as_tensor, creation, on_cpu, tensor_of
from .fft import fft, ifft
from .fft_real import irfft, rfft
from .indexing import internal
from .tiling import pad


# ---------------------------------------------------------------------------------------------------------------------
# Frames of a signal, and frames added up: each is the gradient of the other
# ---------------------------------------------------------------------------------------------------------------------
def _frames_forward(x, size, step):
    """The frames of `size` elements that begin every `step` elements.  x: (*, T) -> (*, F, size)"""
    return np.lib.stride_tricks.sliding_window_view(x, size, -1)[..., ::step, :].copy()


def _overlapped_forward(x, step, length):
    """Frames that begin every `step` elements, added up in a signal of `length` elements.  x: (*, F, size) -> (*, T)"""
    *batch, count, size = x.shape
    parts = -(-size // step)
    out = np.zeros((*batch, max(count + parts - 1, -(-length // step)), step), x.dtype)
    for k in range(parts):
        part = x[..., k * step : (k + 1) * step]
        out[..., k : k + count, : part.shape[-1]] += part
    return out.reshape(*batch, -1)[..., :length]


_frames = internal(_frames_forward, "stft.frames")
_overlapped = internal(_overlapped_forward, "istft.overlapped")
_frames.conjugates = _overlapped.conjugates = True
_frames.gradient(x=lambda g, x_shape, step: _overlapped.call(g, step, x_shape[-1]))
_overlapped.gradient(x=lambda g, x_shape, step: _frames.call(g, x_shape[-1], step))


# ---------------------------------------------------------------------------------------------------------------------
# What both transforms share
# ---------------------------------------------------------------------------------------------------------------------
def _lengths(name: str, n_fft: Any, hop_length: Any, win_length: Any) -> tuple[int, int, int]:
    """The lengths, checked, with their defaults."""
    n_fft = operator.index(n_fft)
    hop = n_fft // 4 if hop_length is None else operator.index(hop_length)
    window = n_fft if win_length is None else operator.index(win_length)
    if n_fft < 1:
        raise ValueError(f"{name}: n_fft is {n_fft} and must be at least 1.")
    if hop < 1:
        raise ValueError(f"{name}: hop_length is {hop} and must be at least 1. By default it is n_fft // 4.")
    if not 0 < window <= n_fft:
        raise ValueError(f"{name}: win_length is {window} and must be between 1 and n_fft, which is {n_fft}.")
    return n_fft, hop, window


def _whole_window(name: str, window: Any, win_length: int, n_fft: int, like: Any) -> Any:
    """The window with zeros on both sides up to n_fft elements."""
    if window is None:
        window = np.ones(win_length, like.real.dtype)
    if window.shape != (win_length,):
        raise ValueError(
            f"{name}: the window has shape {tuple(window.shape)} and needs ({win_length},). Give win_length, or "
            f"another window."
        )
    before = (n_fft - win_length) // 2
    return pad(window, (before, n_fft - win_length - before)) if win_length < n_fft else window


def _array(value: Any) -> Any:
    """A list as a tensor; None, arrays and tensors as they are."""
    return value if value is None or hasattr(value, "dtype") else as_tensor(value)


def _is_complex(*values: Any) -> bool:
    return any(value is not None and value.dtype.kind == "c" for value in values)


# ---------------------------------------------------------------------------------------------------------------------
# The transforms
# ---------------------------------------------------------------------------------------------------------------------
def _stft_reference(
    x: Any,
    n_fft: int,
    hop_length: Any = None,
    win_length: Any = None,
    window: Any = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: Any = None,
    return_complex: Any = None,
    align_to_window: Any = None,
) -> Any:
    """Frame by frame."""
    hop = n_fft // 4 if hop_length is None else hop_length
    size = n_fft if win_length is None else win_length
    whole = np.zeros(n_fft, float if window is None else window.dtype)
    start = (n_fft - size) // 2
    whole[start : start + size] = 1.0 if window is None else window
    half = n_fft // 2 if center else start if align_to_window else 0
    mode = pad_mode if center else "constant"
    numpy_mode: Any = {"replicate": "edge", "circular": "wrap"}.get(mode, mode)
    x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(half, half)], numpy_mode)
    columns = [np.fft.fft(x[..., t : t + n_fft] * whole) for t in range(0, x.shape[-1] - n_fft + 1, hop)]
    out = np.stack(columns, -1) * (n_fft**-0.5 if normalized else 1)
    if onesided or (onesided is None and not _is_complex(x, window)):
        out = out[..., : n_fft // 2 + 1, :]
    return out if return_complex or _is_complex(x, window) else np.stack([out.real, out.imag], -1)


@composite(reference=_stft_reference)
def stft(
    x,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    pad_mode="reflect",
    normalized=False,
    onesided=None,
    return_complex=None,
    align_to_window=None,
):
    """The short-time Fourier transform: the spectrum of one stretch of a signal after the other, through a window.

    x: (T) or (B, T) -> complex (N, F) or (B, N, F) with N frequencies and F frames

    n_fft: the length of a frame. hop_length: from the start of one to the start of the next, by default n_fft // 4.
    window: (win_length), by default ones; zeros continue it on both sides to n_fft. win_length: by default n_fft.
    center: frame t is centered at element t * hop_length of the signal, which is continued on both sides as `pad_mode`
    says, in the way of `pad`. Without it frame t begins there; with `align_to_window` it is its window that does.
    normalized: divides by sqrt(n_fft). onesided: n_fft // 2 + 1 frequencies instead of n_fft; the default where x and
    the window are real. return_complex: has to be given where they are; False gives real and imaginary parts along a
    last axis of length 2.
    """
    n_fft, hop, win_length = _lengths("stft", n_fft, hop_length, win_length)
    x, window = _array(x), _array(window)
    if x.ndim not in (1, 2) or x.dtype.kind not in "fc":
        raise ValueError(f"stft: takes floating-point or complex numbers of shape (T) or (B, T), not {describe(x)}.")
    if center and align_to_window is not None:
        raise ValueError("stft: align_to_window is for center=False. Leave it out, or give center=False.")
    if return_complex is None and not _is_complex(x, window):
        raise ValueError("stft: give return_complex=True, or False for real and imaginary parts along a last axis.")
    onesided = not _is_complex(x, window) if onesided is None else onesided
    if onesided and _is_complex(x, window):
        raise ValueError("stft: the spectrum of complex numbers has no half that says it all. Give onesided=False.")
    whole = _whole_window("stft", window, win_length, n_fft, x)
    around = n_fft // 2 if center else (n_fft - win_length) // 2 if align_to_window else 0
    if around:
        mode = pad_mode if center else "constant"
        if mode == "reflect" and around >= x.shape[-1]:
            raise ValueError(
                f"stft: {around} elements mirrored at each end need a signal of at least {around + 1}, not "
                f"{x.shape[-1]}. Give a smaller n_fft, or pad_mode='constant'."
            )
        x = pad(x, (around, around), mode)
    if n_fft > x.shape[-1]:
        raise ValueError(f"stft: a frame of n_fft = {n_fft} elements does not fit into a signal of {x.shape[-1]}.")
    transform = rfft if onesided else fft
    spectrum = transform(_frames.call(x, n_fft, hop) * whole, norm="ortho" if normalized else None)
    spectrum = spectrum.swapaxes(-1, -2)
    if return_complex or return_complex is None:
        return spectrum
    return view_as_real(spectrum)


def _istft_reference(
    x: Any,
    n_fft: int,
    hop_length: Any = None,
    win_length: Any = None,
    window: Any = None,
    center: bool = True,
    normalized: bool = False,
    onesided: Any = None,
    length: Any = None,
    return_complex: bool = False,
) -> Any:
    """Frame by frame."""
    hop = n_fft // 4 if hop_length is None else hop_length
    size = n_fft if win_length is None else win_length
    whole = np.zeros(n_fft, float if window is None else window.dtype)
    start = (n_fft - size) // 2
    whole[start : start + size] = 1.0 if window is None else window
    count = x.shape[-1]
    total = np.zeros((*x.shape[:-2], n_fft + hop * (count - 1)), complex)
    weight = np.zeros(total.shape[-1], whole.dtype)
    for t in range(count):
        column = x[..., t] * (n_fft**0.5 if normalized else 1)
        frame = np.fft.ifft(column) if return_complex else np.fft.irfft(column[..., : n_fft // 2 + 1], n_fft)
        total[..., t * hop : t * hop + n_fft] += frame * whole
        weight[t * hop : t * hop + n_fft] += whole**2
    first = n_fft // 2 if center else 0
    last = total.shape[-1] - first if length is None else first + length
    out = total[..., first:last] / weight[first:last]
    out = np.pad(out, [(0, 0)] * (out.ndim - 1) + [(0, max(0, last - total.shape[-1]))])
    return out if return_complex else out.real


@composite(reference=_istft_reference)
def istft(
    x,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    normalized=False,
    onesided=None,
    length=None,
    return_complex=False,
):
    """The signal whose short-time Fourier transform is nearest to x, in the sense of least squares.

    x: complex (N, F) or (B, N, F), as `stft` gives it -> (T) or (B, T)

    n_fft, hop_length, win_length, window, center, normalized, onesided: as they were given to `stft`; the squares of
    the windows must not add up to 0 anywhere. length: of the signal; by default as far as the frames reach, without
    what `center` had put on; what is beyond them is 0. return_complex: of a signal that was complex, from all n_fft
    frequencies. (Griffin and Lim, 1984.)
    """
    n_fft, hop, win_length = _lengths("istft", n_fft, hop_length, win_length)
    x, window = _array(x), _array(window)
    if hop > win_length:
        raise ValueError(
            f"istft: hop_length is {hop}, and windows of {win_length} elements leave gaps. Make it smaller."
        )
    if x.ndim not in (2, 3) or x.dtype.kind != "c":
        raise ValueError(
            f"istft: takes complex numbers of shape (N, F) or (B, N, F), not {describe(x)}. Give stft "
            f"return_complex=True."
        )
    frequencies, count = x.shape[-2:]
    onesided = frequencies != n_fft if onesided is None else onesided
    if frequencies != (n_fft // 2 + 1 if onesided else n_fft) or not count:
        raise ValueError(
            f"istft: x has {frequencies} frequencies and {count} frames; n_fft = {n_fft} needs "
            f"{n_fft // 2 + 1 if onesided else n_fft} frequencies and at least one frame."
        )
    if onesided and (return_complex or _is_complex(window)):
        raise ValueError("istft: half a spectrum says what a real signal is, not a complex one. Give onesided=False.")
    if _is_complex(window) and not return_complex:
        raise ValueError("istft: through a complex window the signal is complex. Give return_complex=True.")
    whole = _whole_window("istft", window, win_length, n_fft, x)
    norm = "ortho" if normalized else None
    if return_complex:
        frames = ifft(x.swapaxes(-1, -2), norm=norm)
    else:
        frames = irfft(x[..., : n_fft // 2 + 1, :].swapaxes(-1, -2), n_fft, norm=norm)
    reach = n_fft + hop * (count - 1)
    first = n_fft // 2 if center else 0
    last = reach - first if length is None else first + operator.index(length)
    if last <= first:
        raise ValueError(f"istft: there is nothing left between elements {first} and {last}. Give a longer length.")
    squares = whole * whole + np.zeros((count, 1), whole.real.dtype)
    weight = _overlapped.call(squares, hop, reach)[first:last]
    values = weight.data if isinstance(weight, Tensor) else weight
    if np.abs(values).min() <= 1e-11:
        raise ValueError(
            "istft: the squares of the windows add up to 0 somewhere, where nothing is known of the signal. Give a "
            "smaller hop_length, a window without zeros at its ends, or center=True."
        )
    out = _overlapped.call(frames * whole, hop, reach)[..., first:last] / weight
    return pad(out, (0, last - reach)) if last > reach else out


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
@stft.samples
def _(draw):
    yield Sample(draw(12), 4, return_complex=True)
    yield Sample(draw(2, 15), 5, 2, window=draw(5), return_complex=True)
    yield Sample(draw(2, 12), 8, 3, 5, draw(5), pad_mode="constant", normalized=True, return_complex=True)
    yield Sample(draw(12), 6, 2, 4, center=False, onesided=False, return_complex=True)
    yield Sample(draw(12), 6, 2, 4, draw(4), center=False, align_to_window=True, return_complex=False)
    yield Sample(draw.complex(10), 4, window=draw(4))
    yield Sample(draw(2, 9), 4, 4, pad_mode="circular", return_complex=True)
    yield Sample(draw(9), 4, 1, pad_mode="replicate", return_complex=False)


@stft.errors
def _(draw):
    yield Sample(draw(12), 4), ValueError, "return_complex=True"
    yield Sample(draw(12), 0, return_complex=True), ValueError, "n_fft is 0"
    yield Sample(draw(12), 4, 0, return_complex=True), ValueError, "hop_length is 0"
    yield Sample(draw(12), 4, win_length=5, return_complex=True), ValueError, "win_length is 5"
    yield Sample(draw(12), 4, window=draw(3), return_complex=True), ValueError, "has shape (3,) and needs (4,)"
    yield Sample(draw(3), 4, center=False, return_complex=True), ValueError, "does not fit"
    yield Sample(draw(3), 8, return_complex=True), ValueError, "mirrored"
    yield Sample(draw(2, 2, 9), 4, return_complex=True), ValueError, "shape (T) or (B, T)"
    yield Sample(draw.integers(9), 4, return_complex=True), ValueError, "floating-point"
    yield Sample(draw.complex(9), 4, onesided=True), ValueError, "onesided=False"
    yield Sample(draw(9), 4, align_to_window=True, return_complex=True), ValueError, "center=False"


@istft.samples
def _(draw):
    yield Sample(draw.complex(3, 5), 4)
    yield Sample(draw.complex(2, 3, 5), 5, 2, window=draw(5, low=0.5, high=1.0))
    yield Sample(draw.complex(2, 5, 4), 8, 3, 5, draw(5, low=0.5, high=1.0), normalized=True)
    yield Sample(draw.complex(4, 3), 6, 2, center=False, length=7)
    yield Sample(draw.complex(4, 3), 4, 2, window=draw(4, low=0.5, high=1.0), return_complex=True)
    yield Sample(draw.complex(3, 4), 4, 2, length=12)
    yield Sample(draw.complex(4, 4), 4, onesided=False)


@istft.errors
def _(draw):
    yield Sample(draw(3, 5), 4), ValueError, "takes complex numbers"
    yield Sample(draw.complex(3, 5), 7), ValueError, "needs 4 frequencies"
    yield Sample(draw.complex(3, 0), 4), ValueError, "at least one frame"
    yield Sample(draw.complex(3, 5), 4, 5), ValueError, "leave gaps"
    yield Sample(draw.complex(3, 5), 4, return_complex=True), ValueError, "onesided=False"
    yield Sample(draw.complex(3, 5), 4, window=np.zeros(4)), ValueError, "add up to 0"
    yield Sample(draw.complex(3, 5), 4, length=0), ValueError, "nothing left"


# ---------------------------------------------------------------------------------------------------------------------
# Windows
# ---------------------------------------------------------------------------------------------------------------------
def _window(name: str, length: Any, periodic: bool, shape: Any, dtype: Any, requires_grad: bool, device: Any) -> Tensor:
    """A window as a function of places from 0 to 1."""
    on_cpu(device)
    length = operator.index(length)
    if length < 0:
        raise ValueError(f"{name}: a window has no {length} elements. Give window_length of at least 0.")
    dtype = get_default_dtype() if dtype is None else np.dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"{name}: a window is not of {dtype}. Give a floating-point dtype.")
    # A periodic window is the beginning of a symmetric one that is longer by one element.
    last = length if periodic else length - 1
    values = shape(np.arange(length) / last) if length > 1 else np.ones(length)
    return tensor_of(np.asarray(values).astype(dtype), requires_grad)


@creation
def hann_window(
    window_length: int,
    periodic: bool = True,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    device: Any = None,
) -> Tensor:
    """The window (1 - cos(2 pi t)) / 2 for t from 0 to 1.  -> (window_length,)

    periodic: without the last element of a symmetric window that is longer by one, as Fourier transforms want it.

    >>> import autograd
    >>> autograd.hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """

    def shape(t: np.ndarray) -> np.ndarray:
        return 0.5 - 0.5 * np.cos(2 * math.pi * t)

    return _window("hann_window", window_length, periodic, shape, dtype, requires_grad, device)


@creation
def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    device: Any = None,
) -> Tensor:
    """The window alpha - beta cos(2 pi t) for t from 0 to 1.  -> (window_length,)

    periodic: as in `hann_window`.
    """

    def shape(t: np.ndarray) -> np.ndarray:
        return alpha - beta * np.cos(2 * math.pi * t)

    return _window("hamming_window", window_length, periodic, shape, dtype, requires_grad, device)


@creation
def blackman_window(
    window_length: int,
    periodic: bool = True,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    device: Any = None,
) -> Tensor:
    """The window 0.42 - 0.5 cos(2 pi t) + 0.08 cos(4 pi t) for t from 0 to 1.  -> (window_length,)

    periodic: as in `hann_window`.
    """

    def shape(t: np.ndarray) -> np.ndarray:
        return 0.42 - 0.5 * np.cos(2 * math.pi * t) + 0.08 * np.cos(4 * math.pi * t)

    return _window("blackman_window", window_length, periodic, shape, dtype, requires_grad, device)


@creation
def bartlett_window(
    window_length: int,
    periodic: bool = True,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    device: Any = None,
) -> Tensor:
    """The triangle 1 - |2 t - 1| for t from 0 to 1.  -> (window_length,)

    periodic: as in `hann_window`.
    """

    def shape(t: np.ndarray) -> np.ndarray:
        return 1 - np.abs(2 * t - 1)

    return _window("bartlett_window", window_length, periodic, shape, dtype, requires_grad, device)


@creation
def kaiser_window(
    window_length: int,
    periodic: bool = True,
    beta: float = 12.0,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    device: Any = None,
) -> Tensor:
    """The window i0(beta sqrt(1 - (2 t - 1)^2)) / i0(beta) for t from 0 to 1.  -> (window_length,)

    periodic: as in `hann_window`. beta: the larger, the narrower the window and the lower its side lobes.
    """

    def shape(t: np.ndarray) -> np.ndarray:
        from scipy import special

        # Scaled, since i0 itself is infinite from 714 on.
        root = np.sqrt(np.maximum(0, 1 - (2 * t - 1) ** 2))
        return special.i0e(beta * root) / special.i0e(beta) * np.exp(abs(beta) * (root - 1))

    return _window("kaiser_window", window_length, periodic, shape, dtype, requires_grad, device)
