"""Fourier transforms, where the conformance kit does not look: complex gradients, dtypes, threads, NumPy, PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.ops.fft import workers_for

ALONG = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
OVER = ("fft2", "ifft2", "rfft2", "irfft2", "hfft2", "ihfft2", "fftn", "ifftn", "rfftn", "irfftn", "hfftn", "ihfftn")
OF_REAL = ("rfft", "ihfft", "rfft2", "ihfft2", "rfftn", "ihfftn")

ALONG_OPTIONS: list[dict[str, Any]] = [
    {},
    {"n": 4},
    {"n": 9, "norm": "ortho"},
    {"dim": 0, "norm": "forward"},
    {"n": 7, "dim": -2, "norm": "backward"},
    {"n": 1},
    {"n": 2, "dim": 1},
]
OVER_OPTIONS: list[dict[str, Any]] = [
    {},
    {"s": (3, 4)},
    {"s": (6, 9), "norm": "ortho"},
    {"dim": (0, -1), "norm": "forward"},
    {"s": (-1, 5), "dim": (1, 0), "norm": "backward"},
    {"s": (2, 2), "dim": (-1, -2)},
    {"s": (1, 1)},
]
CASES = [(name, options) for name in ALONG for options in ALONG_OPTIONS]
CASES += [(name, options) for name in OVER for options in OVER_OPTIONS]
SHIFTS: list[tuple[str, dict[str, Any]]] = [
    (name, options) for name in ("fftshift", "ifftshift") for options in ({}, {"dim": 0}, {"dim": (-1, 1)})
]


def draw(name: str, real: bool, dtype: Any, shape: tuple[int, ...] = (3, 5, 6)) -> np.ndarray:
    rng = np.random.default_rng(len(name))
    values = rng.standard_normal(shape)
    if not (real or name in OF_REAL):
        values = values + 1j * rng.standard_normal(shape)
        dtype = np.result_type(dtype, np.complex64)
    return values.astype(dtype)


def close(have: Any, want: Any, tolerance: float, what: str) -> None:
    have, want = (
        part.data if isinstance(part, ag.Tensor) else part.detach().resolve_conj().numpy() for part in (have, want)
    )
    assert have.shape == want.shape, what
    assert have.dtype == want.dtype, what
    scale = max(1.0, float(np.abs(want).max(initial=0)))
    np.testing.assert_allclose(have, want, rtol=tolerance, atol=tolerance * scale, err_msg=what)


@pytest.mark.parametrize("real", [True, False], ids=["real", "complex"])
@pytest.mark.parametrize(("name", "options"), CASES + SHIFTS)
def test_values_and_gradients_equal_those_of_pytorch(name: str, options: dict[str, Any], real: bool) -> None:
    """The values; the gradient of a loss that is not linear; and the gradient of that gradient."""
    torch = pytest.importorskip("torch")
    for dtype, tolerance in ((np.float64, 1e-10), (np.float32, 1e-5)):
        array = draw(name, real, dtype)
        x = ag.Tensor(array.copy(), requires_grad=True)
        tx = torch.tensor(array, requires_grad=True)
        out, want = getattr(ag.fft, name)(x, **options), getattr(torch.fft, name)(tx, **options)
        close(out, want, tolerance, "value")
        loss, expected = [(abs(o) ** 4).mean() + (o.real * 0.5).sum() for o in (out, want)]
        (g,) = ag.grad(loss, x, create_graph=True)
        (tg,) = torch.autograd.grad(expected, tx, create_graph=True)
        close(g, tg, tolerance, "gradient")
        (second,) = ag.grad((abs(g) ** 2).sum(), x)
        (wanted,) = torch.autograd.grad((abs(tg) ** 2).sum(), tx)
        close(second, wanted, 10 * tolerance, "second derivative")


BY_PARTS = [(name, ALONG_OPTIONS[i]) for name in ALONG for i in (0, 2, 4)]
BY_PARTS += [(name, OVER_OPTIONS[i]) for name in OVER for i in (1, 4)]


@pytest.mark.parametrize(("name", "options"), BY_PARTS)
def test_gradients_by_both_parts_equal_differences(name: str, options: dict[str, Any]) -> None:
    """By the real and by the imaginary part of each element, without PyTorch."""
    array = draw(name, False, np.float64, (2, 3))
    weights = np.random.default_rng(0)

    def loss(x: ag.Tensor) -> ag.Tensor:
        out = getattr(ag.fft, name)(x, **options)
        w = weights.standard_normal(out.shape)
        v = weights.standard_normal(out.shape)
        return (out.real * w).sum() + (out.imag * v).sum() if out.dtype.kind == "c" else (out * w).sum()

    def of_parts(real: ag.Tensor, imag: ag.Tensor) -> ag.Tensor:
        nonlocal weights
        weights = np.random.default_rng(0)
        return loss(real + imag * 1j if array.dtype.kind == "c" else real + imag * 0)

    parts = [ag.Tensor(part.copy(), requires_grad=True) for part in (array.real, array.imag)]
    assert ag.testing.gradcheck(of_parts, parts)
    weights = np.random.default_rng(0)
    x = ag.Tensor(array.copy(), requires_grad=True)
    (whole,) = ag.grad(loss(x), x)
    by_part = ag.grad(of_parts(*parts), parts)
    np.testing.assert_allclose(whole.data.real, by_part[0].data, atol=1e-12)
    if array.dtype.kind == "c":
        np.testing.assert_allclose(whole.data.imag, by_part[1].data, atol=1e-12)


@pytest.mark.parametrize(("name", "n"), [("irfft", 6), ("irfft", 7), ("hfft", 6), ("hfft", 7)])
def test_imaginary_parts_of_what_is_real_count_nothing(name: str, n: int) -> None:
    array = draw(name, False, np.float64, (4,))
    x = ag.Tensor(array.copy(), requires_grad=True)
    out = getattr(ag.fft, name)(x, n=n)
    (g,) = ag.grad((out * np.arange(1.0, n + 1)).sum(), x)
    nothing = [0, 3] if n == 6 else [0]
    np.testing.assert_allclose(g.data.imag[nothing], 0, atol=1e-12)
    assert np.all(np.abs(np.delete(g.data.imag, nothing)) > 1e-3)
    moved = array.copy()
    moved[nothing] += 5j
    np.testing.assert_allclose(getattr(ag.fft, name)(ag.Tensor(moved), n=n).data, out.data, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 15, 97])
def test_round_trips(n: int) -> None:
    x = ag.Tensor(np.random.default_rng(n).standard_normal((2, n)))
    for norm in (None, "backward", "forward", "ortho"):
        for there, back in ((ag.fft.rfft, ag.fft.irfft), (ag.fft.ihfft, ag.fft.hfft)):
            np.testing.assert_allclose(back(there(x, norm=norm), n, norm=norm).data, x.data, atol=1e-12)
        np.testing.assert_allclose(ag.fft.ifft(ag.fft.fft(x, norm=norm), norm=norm).data, x.data, atol=1e-12)
        np.testing.assert_allclose(ag.fft.ifftn(ag.fft.fftn(x, norm=norm), norm=norm).data, x.data, atol=1e-12)
        whole = ag.fft.irfftn(ag.fft.rfftn(x, norm=norm), (2, n), norm=norm)
        np.testing.assert_allclose(whole.data, x.data, atol=1e-12)


@pytest.mark.parametrize(
    ("given", "complex_of", "real_of"),
    [
        (np.float32, np.complex64, np.float32),
        (np.float64, np.complex128, np.float64),
        (np.float16, np.complex64, np.float32),
        (np.int64, np.complex64, np.float32),
        (np.bool_, np.complex64, np.float32),
    ],
)
@pytest.mark.parametrize("name", ALONG + OVER)
def test_dtypes(name: str, given: Any, complex_of: Any, real_of: Any) -> None:
    for shape in ((2, 4), (0, 2, 4)):
        out = getattr(ag.fft, name)(
            ag.Tensor(np.ones(shape, given)), **({} if shape[0] or name in ALONG else {"dim": (1, 2)})
        )
        assert out.dtype == (real_of if name.startswith(("irfft", "hfft")) else complex_of)


def test_gradients_have_the_dtype_of_their_tensor() -> None:
    for dtype in (np.float16, np.float32, np.float64, np.complex64, np.complex128):
        x = ag.Tensor(np.ones(4, dtype), requires_grad=True)
        (g,) = ag.grad(abs(ag.fft.fft(x)).sum(), x)
        assert g.dtype == dtype


def test_a_single_number() -> None:
    """As in PyTorch: over no axes nothing happens; along one there has to be one."""
    x = ag.Tensor(np.array(3.0), requires_grad=True)
    out = ag.fft.fftn(x)
    assert (out.shape, out.dtype, out.item()) == ((), np.complex128, 3)
    assert ag.grad(out.real, x)[0].item() == 1
    with pytest.raises(IndexError, match=r"fft\.rfft: .*at least one axis"):
        ag.fft.rfft(x)
    with pytest.raises(IndexError, match=r"fft\.fft2: "):
        ag.fft.fft2(x)


@pytest.mark.parametrize("name", ["fft2", "rfft2", "irfft2", "hfftn"])
def test_the_number_of_threads_does_not_change_the_bits(name: str) -> None:
    x = draw(name, False, np.float32, (37, 191, 67))
    assert x.size >= 1 << 18
    before = ag.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 3):
            ag.set_num_threads(threads)
            assert workers_for(x) == ag.get_num_threads()
            results.append(getattr(ag.fft, name)(ag.Tensor(x)).data)
    finally:
        ag.set_num_threads(before)
    for other in results[1:]:
        np.testing.assert_array_equal(results[0].view(np.uint32), other.view(np.uint32))


@pytest.mark.parametrize("name", [*ALONG, "fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn"])
def test_functions_of_numpy(name: str) -> None:
    array = draw(name, False, np.float64)
    function = getattr(np.fft, name)
    calls: list[dict[str, Any]] = [{}, {"axis": 0}, {"n": 4, "axis": 1, "norm": "ortho"}]
    if name not in ALONG:
        calls = [{}, {"axes": (0, 1)}, {"s": (4, 5), "axes": (0, 2), "norm": "ortho"}]
    for options in calls:
        x = ag.Tensor(array.copy(), requires_grad=True)
        out = function(x, **options)
        assert isinstance(out, ag.Tensor)
        assert out.requires_grad
        np.testing.assert_allclose(out.data, function(array, **options), atol=1e-10)


def test_shifts_of_numpy() -> None:
    x = ag.Tensor(np.arange(15.0).reshape(3, 5), requires_grad=True)
    for function in (np.fft.fftshift, np.fft.ifftshift):
        for axes in (None, 1, (0, 1)):
            out = function(x, axes=axes)
            assert out.requires_grad
            np.testing.assert_array_equal(out.data, function(x.data, axes=axes))


@pytest.mark.parametrize("n", [1, 2, 5, 8])
@pytest.mark.parametrize("name", ["fftfreq", "rfftfreq"])
def test_frequencies(name: str, n: int) -> None:
    for d in (1.0, 0.1, 3):
        have = getattr(ag.fft, name)(n, d, dtype=np.float64)
        np.testing.assert_allclose(have.data, getattr(np.fft, name)(n, d), rtol=1e-15)
    assert getattr(ag.fft, name)(n).dtype == np.float32
    assert getattr(ag.fft, name)(n, requires_grad=True).requires_grad


def test_frequencies_of_nothing() -> None:
    assert ag.fft.fftfreq(0).shape == (0,)
    with pytest.raises(ValueError, match=r"fft\.rfftfreq: .*at least 1"):
        ag.fft.rfftfreq(0)
    with pytest.raises(ValueError, match=r"fft\.fftfreq: "):
        ag.fft.fftfreq(-1)


def test_a_convolution_by_transforms_trains() -> None:
    """What a user does with them: a filter is found by descent on the error of a circular convolution."""
    rng = np.random.default_rng(0)
    signal, wanted = rng.standard_normal(64), rng.standard_normal(64)
    target = np.fft.irfft(np.fft.rfft(signal) * np.fft.rfft(wanted), 64)
    weight = ag.Tensor(np.zeros(64), requires_grad=True)
    first = last = 0.0
    for step in range(300):
        loss = ((ag.fft.irfft(ag.fft.rfft(weight) * ag.fft.rfft(ag.Tensor(signal)), 64) - target) ** 2).mean()
        (g,) = ag.grad(loss, weight)
        weight.data[...] -= 0.1 * g.data
        first, last = (loss.item(), last) if step == 0 else (first, loss.item())
    assert last < 1e-2 * first
