"""PyTorch as an oracle of linear algebra: values, gradients and second derivatives, real and complex."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from tests.torch_oracle import close

TOLERANCE = {"d": 1e-10, "D": 1e-10, "f": 3e-4, "F": 3e-4}


def draw(*shape: int, seed: int = 0, complex: bool = False) -> np.ndarray:
    """Normal random numbers."""
    rng = np.random.default_rng(seed)
    values: Any = rng.standard_normal(shape)
    return values + 1j * rng.standard_normal(shape) if complex else values


def regular(*shape: int, seed: int = 0, complex: bool = False) -> np.ndarray:
    """Square matrices that are far from singular."""
    return draw(*shape, seed=seed, complex=complex) + 2 * np.sqrt(shape[-1]) * np.eye(shape[-1])


def hermitian(*shape: int, seed: int = 0, complex: bool = False) -> np.ndarray:
    """Hermitian matrices with eigenvalues that keep apart, some of them negative."""
    x = draw(*shape, seed=seed, complex=complex)
    return (x + x.conj().mT) / 2 + np.diag(2.0 * np.arange(shape[-1]) - shape[-1] + 1)


def positive(*shape: int, seed: int = 0, complex: bool = False) -> np.ndarray:
    """Hermitian positive-definite matrices."""
    x = draw(*shape, seed=seed, complex=complex)
    return x @ x.conj().mT + shape[-1] * np.eye(shape[-1])


def agree(
    ours: Callable[..., Any],
    theirs: Callable[..., Any],
    arrays: Sequence[Any],
    second: bool = True,
    single: bool = True,
) -> None:
    """Values, gradients by all arrays of floats, and their derivatives, equal those of PyTorch.

    In float64 and complex128 to 1e-10; values and gradients in float32 and complex64 to 3e-4.
    """
    torch = pytest.importorskip("torch")
    _agree(torch, ours, theirs, arrays, second)
    if single:
        low = {"d": np.float32, "D": np.complex64}
        lower = [
            a.astype(low[a.dtype.char]) if isinstance(a, np.ndarray) and a.dtype.char in low else a for a in arrays
        ]
        _agree(torch, ours, theirs, lower, False)


def _parts(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def _agree(torch: Any, ours: Any, theirs: Any, arrays: Sequence[Any], second: bool) -> None:
    rng = np.random.default_rng(7)

    def like(shape: Any, dtype: Any) -> np.ndarray:
        values: Any = rng.standard_normal(shape)
        if np.dtype(dtype).kind == "c":
            values = values + 1j * rng.standard_normal(shape)
        return np.asarray(values, dtype)

    def is_float(a: Any) -> bool:
        return isinstance(a, np.ndarray) and a.dtype.kind in "fc"

    places = [i for i, a in enumerate(arrays) if is_float(a)]
    xs = [ag.Tensor(a.copy(), requires_grad=is_float(a)) if isinstance(a, np.ndarray) else a for a in arrays]
    ts = [torch.tensor(a, requires_grad=is_float(a)) if isinstance(a, np.ndarray) else a for a in arrays]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        have, want = _parts(ours(*xs)), _parts(theirs(*ts))
    assert len(have) == len(want)
    pairs = []
    tolerance = max(TOLERANCE[arrays[i].dtype.char] for i in places)
    for k, (h, w) in enumerate(zip(have, want, strict=True)):
        expected = w.detach().resolve_conj().numpy()
        close(h.data, expected, tolerance, f"result {k}")
        if h.dtype.kind in "fc":
            assert h.dtype == expected.dtype
            if w.requires_grad:
                assert h.requires_grad, f"result {k} has no gradient"
                pairs.append((h, w, like(h.shape, h.dtype)))
    if not pairs:
        return
    starts = [ag.Tensor(s, requires_grad=True) for _, _, s in pairs]
    others = [torch.tensor(s, requires_grad=True) for _, _, s in pairs]
    mine = [xs[i] for i in places]
    yours = [ts[i] for i in places]
    gradients = ag.grad([h for h, _, _ in pairs], mine, starts, create_graph=second, allow_unused=True)
    expected = torch.autograd.grad([w for _, w, _ in pairs], yours, others, create_graph=second, allow_unused=True)
    total: Any = 0.0
    other: Any = 0.0
    for i, g, e in zip(places, gradients, expected, strict=True):
        assert (g is None) == (e is None), f"gradient by argument {i}"
        if g is None:
            continue
        close(g.data, e.detach().resolve_conj().numpy(force=True), tolerance, f"gradient by argument {i}")
        weight = like(g.shape, g.dtype)
        part, there = (g * weight.conj()).sum(), (e * torch.tensor(weight).conj()).sum()
        total = total + (part.real if part.is_complex() else part)
        other = other + (there.real if there.is_complex() else there)
    if not second or not other.requires_grad:
        return
    seconds = ag.grad(total, [*mine, *starts], allow_unused=True)
    wanted = torch.autograd.grad(other, [*yours, *others], allow_unused=True)
    for n, (g, e) in enumerate(zip(seconds, wanted, strict=True)):
        zero = np.zeros([*mine, *starts][n].shape)
        close(
            zero if g is None else g.data,
            zero if e is None else e.resolve_conj().numpy(force=True),
            10 * tolerance,
            f"second derivative by input {n}",
        )
