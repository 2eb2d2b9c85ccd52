"""Short-time Fourier transforms and windows against PyTorch, and there and back."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import autograd as ag

WINDOWS = ("hann_window", "hamming_window", "blackman_window", "bartlett_window", "kaiser_window")


def draw(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def close(have: Any, want: Any, tolerance: float, what: str) -> None:
    have, want = have.data, want.detach().resolve_conj().numpy()
    assert have.shape == want.shape, what
    assert have.dtype == want.dtype, what
    scale = max(1.0, float(np.abs(want).max(initial=0)))
    np.testing.assert_allclose(have, want, rtol=tolerance, atol=tolerance * scale, err_msg=what)


def compare(name: str, array: np.ndarray, window: np.ndarray | None, **options: Any) -> None:
    """Value, gradients by the signal and by the window, and the gradient of the first gradient."""
    torch = pytest.importorskip("torch")
    for real, tolerance in ((np.float64, 1e-10), (np.float32, 1e-5)):
        dtype = np.result_type(real, np.complex64) if array.dtype.kind == "c" else real
        signal = array.astype(dtype)
        ours = [ag.Tensor(signal.copy(), requires_grad=True)]
        theirs = [torch.tensor(signal, requires_grad=True)]
        if window is not None:
            kind = np.result_type(real, np.complex64) if window.dtype.kind == "c" else real
            ours.append(ag.Tensor(window.astype(kind), requires_grad=True))
            theirs.append(torch.tensor(window.astype(kind), requires_grad=True))
        have = getattr(ag, name)(ours[0], window=ours[1] if window is not None else None, **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            want = getattr(torch, name)(theirs[0], window=theirs[1] if window is not None else None, **options)
        close(have, want, tolerance, f"{name} {real.__name__}")
        loss, expected = [(abs(o) ** 4).mean() + (abs(o) ** 2).sum() for o in (have, want)]
        found = ag.grad(loss, ours, create_graph=True)
        wanted = torch.autograd.grad(expected, theirs, create_graph=True)
        for g, w in zip(found, wanted, strict=True):
            close(g, w, 4 * tolerance, f"{name} {real.__name__}: gradient")
        second = ag.grad((abs(found[0]) ** 2).sum(), ours)
        seconds = torch.autograd.grad((abs(wanted[0]) ** 2).sum(), theirs)
        for g, w in zip(second, seconds, strict=True):
            close(g, w, 40 * tolerance, f"{name} {real.__name__}: second derivative")


SIGNAL, BATCH = draw(40), draw(2, 37, seed=1)
STFT: list[tuple[np.ndarray, np.ndarray | None, dict[str, Any]]] = [
    (SIGNAL, None, {"n_fft": 8}),
    (BATCH, draw(8), {"n_fft": 8}),
    (BATCH, draw(5), {"n_fft": 9, "hop_length": 4, "win_length": 5, "normalized": True}),
    (BATCH, draw(6), {"n_fft": 8, "win_length": 6, "pad_mode": "constant", "onesided": False}),
    (SIGNAL, draw(7), {"n_fft": 7, "hop_length": 9, "pad_mode": "replicate"}),
    (BATCH, draw(8), {"n_fft": 8, "hop_length": 3, "pad_mode": "circular"}),
    (SIGNAL, draw(8), {"n_fft": 8, "center": False}),
    (SIGNAL, draw(4), {"n_fft": 8, "center": False, "win_length": 4, "align_to_window": True}),
    (SIGNAL, draw(40), {"n_fft": 40, "center": False}),
    (SIGNAL + 1j * draw(40, seed=2), draw(8), {"n_fft": 8}),
    (SIGNAL, draw(8) + 1j * draw(8, seed=3), {"n_fft": 8}),
    (BATCH, draw(8), {"n_fft": 8, "return_complex": False}),
]


@pytest.mark.parametrize(("signal", "window", "options"), STFT)
def test_stft_equals_that_of_pytorch(signal: np.ndarray, window: np.ndarray | None, options: dict[str, Any]) -> None:
    compare("stft", signal, window, **{"return_complex": True, **options})


HALF = draw(5, 7) + 1j * draw(5, 7, seed=1)
WHOLE = draw(2, 8, 7) + 1j * draw(2, 8, 7, seed=1)
POSITIVE = np.abs(draw(8)) + 0.5
ISTFT: list[tuple[np.ndarray, np.ndarray | None, dict[str, Any]]] = [
    (HALF, None, {"n_fft": 8}),
    (HALF, POSITIVE, {"n_fft": 9}),
    (HALF, POSITIVE, {"n_fft": 8, "hop_length": 3, "normalized": True}),
    (HALF, POSITIVE[:6], {"n_fft": 8, "win_length": 6, "length": 10}),
    (WHOLE[0], POSITIVE, {"n_fft": 8, "center": False}),
    (WHOLE, POSITIVE, {"n_fft": 8}),
    (WHOLE, POSITIVE, {"n_fft": 8, "return_complex": True}),
    (WHOLE, POSITIVE + 0.3j, {"n_fft": 8, "return_complex": True}),
    (HALF, POSITIVE, {"n_fft": 8, "length": 30}),
]


@pytest.mark.parametrize(("spectrum", "window", "options"), ISTFT)
def test_istft_equals_that_of_pytorch(spectrum: np.ndarray, window: np.ndarray | None, options: dict[str, Any]) -> None:
    if len(options) == 1 and options["n_fft"] == 9:
        window = np.abs(draw(9)) + 0.5
    if options.get("center") is False:
        spectrum = draw(5, 7) + 1j * draw(5, 7, seed=4)
    compare("istft", spectrum, window, **options)


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("name", WINDOWS)
def test_there_and_back(name: str, normalized: bool) -> None:
    window = getattr(ag, name)(16, dtype=np.float64)
    for length in (64, 75):
        x = ag.Tensor(draw(3, length))
        options: dict[str, Any] = {"hop_length": 4, "window": window, "normalized": normalized}
        spectrum = ag.stft(x, 16, return_complex=True, **options)
        back = ag.istft(spectrum, 16, length=length, **options)
        reached = 4 * (length // 4)
        np.testing.assert_allclose(back.data[:, :reached], x.data[:, :reached], atol=1e-10)
        z = ag.Tensor(draw(length) + 1j * draw(length, seed=5))
        spectrum = ag.stft(z, 16, **options)
        back = ag.istft(spectrum, 16, length=length, return_complex=True, **options)
        np.testing.assert_allclose(back.data[:reached], z.data[:reached], atol=1e-10)


def test_as_methods() -> None:
    x, window = ag.Tensor(draw(40)), ag.hann_window(8, dtype=np.float64)
    spectrum = x.stft(8, window=window, return_complex=True)
    np.testing.assert_allclose(spectrum.istft(8, window=window).data, x.data, atol=1e-12)


def test_lists() -> None:
    spectrum = ag.stft([1.0, 2.0, 3.0, 4.0], 2, 1, window=[1.0, 1.0], return_complex=True)
    np.testing.assert_allclose(ag.istft(spectrum, 2, 1, window=[1.0, 1.0]).data, [1, 2, 3, 4], atol=1e-6)


def test_gradients_pass_there_and_back() -> None:
    x = ag.Tensor(draw(40), requires_grad=True)
    window = ag.hann_window(8, dtype=np.float64)
    back = ag.istft(ag.stft(x, 8, window=window, return_complex=True), 8, window=window)
    weights = draw(40, seed=9)
    (g,) = ag.grad((back * weights).sum(), x)
    np.testing.assert_allclose(g.data, weights, atol=1e-10)


# ---------------------------------------------------------------------------------------------------------------------
# Windows
# ---------------------------------------------------------------------------------------------------------------------
SETTINGS: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in WINDOWS]
SETTINGS += [("hamming_window", {"alpha": 0.6, "beta": 0.3}), ("kaiser_window", {"beta": 3.5})]


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize(("name", "options"), SETTINGS)
def test_windows_equal_those_of_pytorch(name: str, options: dict[str, Any], periodic: bool) -> None:
    torch = pytest.importorskip("torch")
    for length in (0, 1, 2, 3, 8, 51):
        for ours, theirs, tolerance in ((np.float64, torch.float64, 1e-12), (np.float32, torch.float32, 1e-6)):
            have = getattr(ag, name)(length, periodic, **options, dtype=ours)
            want = getattr(torch, name)(length, periodic, **options, dtype=theirs).numpy()
            assert have.dtype == want.dtype
            np.testing.assert_allclose(have.data, want, atol=tolerance)


@pytest.mark.parametrize("name", WINDOWS)
def test_windows_equal_those_of_numpy(name: str) -> None:
    function = getattr(np, {"hann_window": "hanning"}.get(name, name.removesuffix("_window")))
    for length in (1, 2, 7, 32):
        extra = (12.0,) if name == "kaiser_window" else ()
        have = getattr(ag, name)(length, periodic=False, dtype=np.float64)
        np.testing.assert_allclose(have.data, function(length, *extra), atol=1e-14)
        have = getattr(ag, name)(length, dtype=np.float64)
        np.testing.assert_allclose(have.data, function(length + 1, *extra)[:-1] if length > 1 else 1, atol=1e-14)


def test_windows_as_leaves_and_mistakes() -> None:
    window = ag.hann_window(8, requires_grad=True)
    assert window.dtype == np.float32
    (g,) = ag.grad(abs(ag.stft(ag.ones(32), 8, window=window, return_complex=True)).sum(), window)
    assert g.shape == (8,)
    assert np.isfinite(ag.kaiser_window(64, beta=5000.0).data).all()
    with pytest.raises(ValueError, match=r"hann_window: .*at least 0"):
        ag.hann_window(-1)
    with pytest.raises(TypeError, match=r"kaiser_window: .*floating-point"):
        ag.kaiser_window(3, dtype=np.int64)
