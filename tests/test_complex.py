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
