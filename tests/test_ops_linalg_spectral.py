"""Eigenvalues and singular values against PyTorch, and where they are equal or 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from tests.linalg_oracle import agree, draw, hermitian

HERMITIAN: list[Sequence[Any]] = [
    (hermitian(3, 3),),
    (hermitian(2, 3, 3, seed=1),),
    (hermitian(1, 1, seed=2),),
    (hermitian(2, 1, 4, 4, seed=3),),
    (hermitian(3, 3, complex=True),),
    (hermitian(2, 4, 4, complex=True),),
    (np.zeros((0, 0)),),
    (np.zeros((0, 3, 3)),),
]
SQUARE: list[Sequence[Any]] = [
    (draw(3, 3),),
    (draw(2, 3, 3, seed=1),),
    (draw(1, 1, seed=2),),
    (draw(2, 1, 4, 4, seed=3),),
    (draw(3, 3, complex=True),),
    (draw(2, 4, 4, complex=True),),
    (np.zeros((0, 0)),),
    (np.zeros((0, 3, 3)),),
]


def powers(values: Any, vectors: Any, inverse: Any = None) -> Any:
    """What does not depend on the order and the phase of eigenvectors."""
    outer = vectors[..., :, None, :] * (vectors.conj() if inverse is None else inverse.mT)[..., None, :, :]
    return [(outer * values[..., None, None, :] ** k).sum(-1) for k in (1, 2)]


def parts(m: Any, eigen: Any) -> Any:
    return powers(*eigen, m.linalg.inv(eigen.eigenvectors))


def sizes(values: Any, vectors: Any) -> Any:
    """The absolute vectors, weighted by the values: of any order and phase the same."""
    return ((vectors.abs() ** 2) * values.abs()[..., None, :]).sum(-1)


CASES: dict[str, tuple[Callable[..., Any], list[Sequence[Any]]]] = {
    "eigh values": (lambda m, a: m.linalg.eigh(a)[0], HERMITIAN),
    "eigh": (lambda m, a: powers(*m.linalg.eigh(a)), HERMITIAN),
    "eigh upper": (lambda m, a: powers(*m.linalg.eigh(a, UPLO="U")), HERMITIAN),
    "eigh vectors": (lambda m, a: m.linalg.eigh(a).eigenvectors.abs(), HERMITIAN),
    "eigvalsh": (lambda m, a: m.linalg.eigvalsh(a), HERMITIAN),
    "eigvalsh upper": (lambda m, a: m.linalg.eigvalsh(a, UPLO="U"), HERMITIAN),
    "eigvals": (lambda m, a: [(m.linalg.eigvals(a) ** k).sum(-1) for k in (1, 2, 3)], SQUARE),
    "eigvals of powers": (lambda m, a: m.linalg.eigvals(a).abs().sum(-1), SQUARE),
    "eig": (lambda m, a: parts(m, m.linalg.eig(a)), SQUARE),
    "eig vectors": (lambda m, a: sizes(*m.linalg.eig(a)), SQUARE),
}


@pytest.mark.parametrize(
    ("call", "arrays"),
    [
        pytest.param(call, arrays, id=f"{name}-{i}")
        for name, (call, all_) in CASES.items()
        for i, arrays in enumerate(all_)
    ],
)
def test_values_gradients_and_second_derivatives_are_pytorchs(call: Callable[..., Any], arrays: Sequence[Any]):
    torch = pytest.importorskip("torch")
    agree(lambda *x: call(ag, *x), lambda *x: call(torch, *x), arrays)
