"""PyTorch as an oracle: the same call there and here, values and gradients, in both precisions."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag


def compare(
    name: str | Callable[..., Any], arrays: dict[str, Any], theirs: Callable[..., Any] | None = None, **options: Any
) -> None:
    """The value and all gradients of `ag.name` equal those of PyTorch: to 1e-10 in float64, to 1e-5 in float32.

    name: or what to call here, with `theirs` for there.
    """
    torch = pytest.importorskip("torch")
    for dtype, tolerance in ((np.float64, 1e-10), (np.float32, 1e-5)):
        given = {
            key: array.astype(dtype) if isinstance(array, np.ndarray) and array.dtype.kind == "f" else array
            for key, array in arrays.items()
        }
        floats = [key for key, array in given.items() if isinstance(array, np.ndarray) and array.dtype.kind == "f"]
        ours = {
            key: ag.Tensor(a.copy(), requires_grad=key in floats) if isinstance(a, np.ndarray) else a
            for key, a in given.items()
        }
        other = {
            key: torch.tensor(a, requires_grad=key in floats) if isinstance(a, np.ndarray) else a
            for key, a in given.items()
        }
        have = (getattr(ag, name) if isinstance(name, str) else name)(*ours.values(), **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            want = (theirs or getattr(torch.nn.functional, str(name)))(*other.values(), **options)
        have, want = [list(r) if isinstance(r, tuple) else [r] for r in (have, want)]
        total: Any = 0.0
        expected: Any = 0.0
        rng = np.random.default_rng(0)
        for h, w in zip(have, want, strict=True):
            close(h.data, w.detach().numpy(), tolerance, f"{name} {dtype.__name__}")
            if h.dtype.kind == "f":
                assert h.dtype == dtype
                start = rng.standard_normal(h.shape).astype(dtype)
                total = (h * start).sum() + total
                expected = (w * torch.tensor(start)).sum() + expected
        total.backward()
        expected.backward()
        for key in floats:
            if other[key].grad is not None:
                close(ours[key].grad.data, other[key].grad.numpy(), tolerance, f"{name} {dtype.__name__}: d{key}")


def close(have: np.ndarray, want: np.ndarray, tolerance: float, what: str) -> None:
    assert have.shape == tuple(want.shape), f"{what}: {have.shape}, not {tuple(want.shape)}"
    scale = max(1.0, float(np.max(np.abs(want[np.isfinite(want)]), initial=0)))
    np.testing.assert_allclose(have, want, rtol=tolerance, atol=tolerance * scale, err_msg=what)


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)
