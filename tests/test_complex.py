"""Gradients through complex numbers are PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.testing import assert_close

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "mul": lambda m, x, y: x * y,
    "div": lambda m, x, y: x / y,
    "sub": lambda m, x, y: x - y * 2j,
    "square": lambda m, x, y: m.square(x) * y,
    "exp": lambda m, x, y: m.exp(x) * y,
    "log": lambda m, x, y: m.log(x) + y,
    "sqrt": lambda m, x, y: m.sqrt(x * y),
    "sin": lambda m, x, y: m.sin(x) * m.cosh(y),
    "tanh": lambda m, x, y: m.tanh(x) * y,
    "reciprocal": lambda m, x, y: m.reciprocal(x) * y,
    "abs": lambda m, x, y: m.abs(x * y),
    "conj": lambda m, x, y: m.conj(x) * y,
    "real": lambda m, x, y: m.real(x * y),
    "imag": lambda m, x, y: m.imag(x * y),
    "matmul": lambda m, x, y: x @ y,
    "mean": lambda m, x, y: (x * y).mean(0),
    "prod": lambda m, x, y: m.prod(x * y, 1),
    "cumsum": lambda m, x, y: m.cumsum(x * y, 0),
    "index": lambda m, x, y: (x * y)[1:, [0, 0, 2]],
    "einsum": lambda m, x, y: m.einsum("ij,jk->ki", x, y),
    "where": lambda m, x, y: m.where(m.real(x) > 0, x * y, y),
    "power": lambda m, x, y: x**3 * y,
    "several": lambda m, x, y: sum(part * (i + 1j) for i, part in enumerate(m.unbind(x * y))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("kinds", ["cc", "cr", "rc"])
def test_gradients_are_pytorchs(name: str, kinds: str) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)

    def draw(kind: str) -> np.ndarray:
        return rng.standard_normal((3, 3)) + (1j * rng.standard_normal((3, 3)) if kind == "c" else 1.5)

    arrays = [draw(kind) for kind in kinds]
    ours = [ag.Tensor(array, requires_grad=True) for array in arrays]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    # PyTorch does not promote in these; its gradient comes back through the conversion.
    alike = [t.to(torch.complex128) for t in theirs] if name in ("matmul", "einsum", "where") else theirs
    result, expected = FUNCTIONS[name](ag, *ours), FUNCTIONS[name](torch, *alike)
    assert_close(result.detach(), expected.detach().resolve_conj().numpy())
    start = rng.standard_normal(result.shape) + (1j * rng.standard_normal(result.shape) if result.is_complex() else 0)
    result.backward(start)
    expected.backward(torch.tensor(start))
    for mine, other in zip(ours, theirs, strict=True):
        if other.grad is None:
            assert mine.grad is None
        else:
            assert mine.grad.dtype == mine.dtype
            assert_close(mine.grad, other.grad.resolve_conj().numpy())


def test_second_derivative() -> None:
    torch = pytest.importorskip("torch")
    z = np.random.default_rng(0).standard_normal(3) + 0.5j
    x, y = ag.Tensor(z, requires_grad=True), torch.tensor(z, requires_grad=True)
    (g,) = ag.grad(ag.abs(x * x * x).sum(), x, create_graph=True)
    (h,) = torch.autograd.grad(torch.abs(y * y * y).sum(), y, create_graph=True)
    assert_close(g.detach(), h.detach().numpy())
    ag.abs(g).sum().backward()
    torch.abs(h).sum().backward()
    assert_close(x.grad, y.grad.numpy())


# ---------------------------------------------------------------------------------------------------------------------
# Parts that share memory
# ---------------------------------------------------------------------------------------------------------------------
def _write_to_parts(m: Any, z: Any, y: Any, pairs: Any) -> Any:
    w = z * 2
    w.real.mul_(3)
    w.imag[...] = y * y
    return (w * w.conj()).real.sum() + (w.real * y).sum()


def _write_to_pairs(m: Any, z: Any, y: Any, pairs: Any) -> Any:
    w = z * z
    v = m.view_as_real(w)
    v[:, 1, 0] *= y[:, 0]
    v.mul_(2)
    return (w * w * w).imag.sum()


def _write_to_numbers(m: Any, z: Any, y: Any, pairs: Any) -> Any:
    q = pairs * pairs
    c = m.view_as_complex(q)
    c *= 1j
    c[1] = z[0, 0]
    return (q * q * q).sum()


def _write_to_one_part_and_read_the_other(m: Any, z: Any, y: Any, pairs: Any) -> Any:
    w = z * z
    a, b = w.real, w.imag
    a.mul_(y)
    return (w.conj() * z).real.sum() + (a * b).sum()


def _write_to_the_whole(m: Any, z: Any, y: Any, pairs: Any) -> Any:
    w = (z * z).T
    a = w.imag
    w *= 2
    return (a * a * a).sum()


@pytest.mark.parametrize(
    "function",
    [
        _write_to_parts,
        _write_to_pairs,
        _write_to_numbers,
        _write_to_one_part_and_read_the_other,
        _write_to_the_whole,
    ],
)
def test_writes_pass_through_parts(function: Callable[..., Any]) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    arrays = [
        rng.standard_normal((2, 3)) + 1j * rng.standard_normal((2, 3)),
        *map(rng.standard_normal, ((2, 3), (3, 2))),
    ]
    ours = [ag.Tensor(array.copy(), requires_grad=True) for array in arrays]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    first = ag.grad(function(ag, *ours), ours, create_graph=True, allow_unused=True)
    want = torch.autograd.grad(function(torch, *theirs), theirs, create_graph=True, allow_unused=True)
    total: Any = 0.0
    expected: Any = 0.0
    for g, w in zip(first, want, strict=True):
        assert (g is None) == (w is None)
        if g is not None:
            assert_close(g.data, w.detach().resolve_conj().numpy(), 1e-12, 1e-12)
            total, expected = total + (g * g.conj()).real.sum(), expected + (w * w.conj()).real.sum()
    total.backward()
    expected.backward()
    for x, w in zip(ours, theirs, strict=True):
        if w.grad is not None:
            assert x.grad is not None
            assert_close(x.grad.data, w.grad.numpy(), 1e-12, 1e-12)


def test_parts_share_memory() -> None:
    z = ag.tensor([1 + 2j, 3 - 1j])
    z.real[0] = 5.0
    z.imag.zero_()
    np.testing.assert_array_equal(z.data, [5, 3])
    ag.view_as_real(z)[1, 1] = -4.0
    np.testing.assert_array_equal(z.data, [5, 3 - 4j])
    pairs = ag.zeros(2, 2)
    ag.view_as_complex(pairs)[1] = 1 + 2j
    np.testing.assert_array_equal(pairs.data, [[0, 0], [1, 2]])


def test_pairs_of_one_number() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    (ag.view_as_complex(x) * (3 - 1j)).abs().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.data, np.array([1, 2]) * 10**0.5 / 5**0.5, rtol=1e-6)


def test_a_write_to_a_part_is_noticed() -> None:
    z = ag.tensor([1 + 2j], requires_grad=True) * 1
    square = z * z
    z.real.mul_(2)
    with pytest.raises(RuntimeError, match="overwritten"):
        square.abs().sum().backward()


@pytest.mark.parametrize("name", ["angle", "adjoint", "isreal", "polar", "complex", "view_as_real"])
def test_complex_functions_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    for shape in ((2, 3), (1, 1), (4, 2, 3), (2, 0), (3, 3)):
        x = rng.uniform(0.2, 2.0, shape)
        given = (
            [x, rng.standard_normal(shape)]
            if name in ("polar", "complex")
            else [x - 1 + 1j * rng.standard_normal(shape)]
        )
        ours, theirs = (
            [ag.Tensor(a, requires_grad=True) for a in given],
            [torch.tensor(a, requires_grad=True) for a in given],
        )
        have, want = getattr(ag, name)(*ours), getattr(torch, name)(*theirs)
        assert_close(have.data, want.detach().resolve_conj().numpy(), 1e-12, 1e-12)
        if have.dtype.kind == "b":
            continue
        weight = rng.standard_normal(have.shape) + (
            1j * rng.standard_normal(have.shape) if have.dtype.kind == "c" else 0
        )
        (have * weight).sum().abs().backward()
        (want * torch.tensor(weight)).sum().abs().backward()
        for a, b in zip(ours, theirs, strict=True):
            assert a.grad is not None
            assert_close(a.grad.data, b.grad.resolve_conj().numpy(), 1e-10, 1e-12)


UNARY = [
    "abs",
    "acos",
    "acosh",
    "angle",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "conj",
    "cos",
    "cosh",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "reciprocal",
    "rsqrt",
    "sgn",
    "sigmoid",
    "sin",
    "sinc",
    "sinh",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "prod",
    "var",
    "std",
    "corrcoef",
    "cov",
]
WITH_SETTINGS: dict[str, dict[str, Any]] = {
    "cumprod": {"dim": 1},
    "logcumsumexp": {"dim": 0},
    "logsumexp": {"dim": 1},
    "norm": {"p": 3, "dim": 1},
    "renorm": {"p": 2, "dim": 0, "maxnorm": 1.0},
}
BINARY = ["mul", "div", "pow", "ldexp", "addcmul", "dist", "logaddexp", "float_power"]


@pytest.mark.parametrize("name", [*UNARY, *WITH_SETTINGS, *BINARY])
def test_second_derivatives_by_complex_numbers_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    count = 3 if name == "addcmul" else 2 if name in BINARY else 1
    given = [0.7 * (rng.standard_normal((3, 4)) + 1j * rng.standard_normal((3, 4))) for _ in range(count)]
    ours, theirs = (
        [ag.Tensor(a, requires_grad=True) for a in given],
        [torch.tensor(a, requires_grad=True) for a in given],
    )
    settings = WITH_SETTINGS.get(name, {})
    have, want = getattr(ag, name)(*ours, **settings), getattr(torch, name)(*theirs, **settings)
    assert_close(have.data, want.detach().resolve_conj().numpy(), 1e-10, 1e-12)
    start = rng.standard_normal(have.shape).astype(have.dtype)
    first = ag.grad(have, ours, start, create_graph=True)
    expected = torch.autograd.grad(want, theirs, torch.tensor(start), create_graph=True)
    for g, w in zip(first, expected, strict=True):
        assert g is not None
        assert_close(g.data, w.detach().resolve_conj().numpy(), 1e-8, 1e-10)
    if name in ("conj", "sgn", "angle", "abs", "addcmul"):
        return  # of which some have no second derivative
    sum((g * g.conj()).real.sum() for g in first if g is not None).backward()
    sum((w * w.conj()).real.sum() for w in expected).backward()
    for x, w in zip(ours, theirs, strict=True):
        if w.grad is not None:
            assert x.grad is not None
            assert_close(x.grad.data, w.grad.resolve_conj().numpy(), 1e-7, 1e-9)


def test_what_a_gradient_of_complex_numbers_would_lose_is_refused() -> None:
    """PyTorch refuses the same: 1 for a complex result gives the gradient of its real part alone."""
    z = ag.tensor(1 + 2j, requires_grad=True)
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="only for a real result, and this one is complex"):
        (z * z).backward()
    with pytest.raises(RuntimeError, match=r"the gradient is complex64 and the result float32: its imaginary part"):
        (x * 2).backward(ag.tensor([1j, 2j]))
    (z * z).backward(ag.tensor(1.0))
    assert z.grad.item() == 2 - 4j
    assert x.grad is None
