"""Eigenvalues and singular values against PyTorch, and where they are equal or 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
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
MATRICES: list[Sequence[Any]] = [
    (draw(3, 3),),
    (draw(2, 4, 3, seed=1),),
    (draw(3, 5, seed=2),),
    (draw(2, 1, 2, 2, seed=3),),
    (draw(1, 1, seed=4),),
    (draw(3, 3, complex=True),),
    (draw(2, 4, 2, complex=True),),
    (draw(2, 4, seed=1, complex=True),),
    (np.zeros((0, 0)),),
    (np.zeros((0, 3, 2)),),
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


def ranks(factors: Any) -> Any:
    """The matrices of rank 1 that a matrix is the sum of, with other weights: any phase will do."""
    U, S, Vh = factors
    k = S.shape[-1]
    outer = U[..., :, None, :k] * Vh[..., :k, :].mT[..., None, :, :]
    return (outer * (S**2)[..., None, None, :]).sum(-1)


def polar(factors: Any) -> Any:
    """The unitary matrix nearby."""
    return factors[0] @ factors[2]


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
    "svd": (lambda m, a: ranks(m.linalg.svd(a, full_matrices=False)), MATRICES),
    "svd full": (lambda m, a: ranks(m.linalg.svd(a)), MATRICES),
    "svd vectors": (lambda m, a: [v.abs() for v in m.linalg.svd(a, full_matrices=False)], MATRICES),
    "svd left": (lambda m, a: m.linalg.svd(a, full_matrices=False).U.abs(), MATRICES),
    "svd right": (lambda m, a: m.linalg.svd(a, full_matrices=False).Vh.abs(), MATRICES),
    "svd values": (lambda m, a: m.linalg.svd(a, full_matrices=False).S, MATRICES),
    "svd polar": (lambda m, a: polar(m.linalg.svd(a, full_matrices=False)), MATRICES),
    "svdvals": (lambda m, a: m.linalg.svdvals(a), MATRICES),
    "older svd": (lambda m, a: [v.abs() for v in a.svd()], MATRICES),
    "older svd full": (lambda m, a: m.svd(a, some=False).S, MATRICES),
    "older svd without vectors": (lambda m, a: m.svd(a, compute_uv=False), MATRICES),
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


# ---------------------------------------------------------------------------------------------------------------------
# Equal values, and 0
# ---------------------------------------------------------------------------------------------------------------------
def equal(*values: float, complex: bool = False) -> np.ndarray:
    """A Hermitian matrix with these eigenvalues."""
    q, _ = np.linalg.qr(draw(len(values), len(values), complex=complex))
    return (q * np.array(values)) @ q.conj().mT


@pytest.mark.parametrize("complex", [False, True])
def test_equal_values_have_finite_gradients(complex: bool):
    """What treats equal values alike has the gradient that the function of the matrix has: here 3 A^2."""
    for a in (np.eye(4), np.zeros((3, 3)), equal(1, 1, 2, 2, complex=complex), equal(-1, -1, -1, complex=complex)):
        want = 3 * a @ a
        for call in (
            lambda x: ag.linalg.eigvalsh(x),
            lambda x: ag.linalg.eigh(x)[0],
        ):
            x = Tensor(a, requires_grad=True)
            (g,) = ag.grad((call(x) ** 3).sum(), x)
            np.testing.assert_allclose(g.data, want, rtol=1e-12, atol=1e-12)
        for call in (lambda x: ag.linalg.svdvals(x), lambda x: ag.linalg.svd(x)[1]):
            x = Tensor(a, requires_grad=True)
            (g,) = ag.grad((call(x) ** 2).sum(), x)
            np.testing.assert_allclose(g.data, 2 * a, rtol=1e-12, atol=1e-12)


def test_vectors_of_other_values_may_be_asked_for():
    """PyTorch gives NaN: the vector of a single value does not need the gap between two others."""
    a = equal(1, 1, 5)
    x = Tensor(a, requires_grad=True)
    vector = ag.linalg.eigh(x)[1][:, 2]
    weight = draw(3, 3)
    (g,) = ag.grad((weight * vector[:, None] * vector).sum(), x)
    apart = equal(1, 1 + 1e-7, 5)
    y = Tensor(apart, requires_grad=True)
    vector = ag.linalg.eigh(y)[1][:, 2]
    (want,) = ag.grad((weight * vector[:, None] * vector).sum(), y)
    assert np.isfinite(g.data).all()
    np.testing.assert_allclose(g.data, want.data, atol=1e-6)


def test_vectors_of_equal_values_are_not_silently_wrong():
    x = Tensor(np.eye(3), requires_grad=True)
    (g,) = ag.grad(ag.linalg.eigh(x)[1].sum(), x)
    assert not np.isfinite(g.data).all()
    (g,) = ag.grad(ag.linalg.svd(x)[0].sum(), x)
    assert not np.isfinite(g.data).all()
    batch = Tensor(np.stack([np.eye(3), equal(1, 2, 3)]), requires_grad=True)
    (g,) = ag.grad(ag.linalg.eigh(batch)[1][1].sum(), batch)
    assert np.isfinite(g.data).all()
    (g,) = ag.grad(ag.linalg.svd(batch)[0][1].sum(), batch)
    assert np.isfinite(g.data).all()
    (g,) = ag.grad(
        ag.linalg.svd(Tensor(np.zeros((3, 2)), requires_grad=True), False)[1].sum(), batch, allow_unused=True
    )
    assert g is None


@pytest.mark.parametrize("name", ["eigh", "eig", "svd"])
def test_the_phase_of_vectors_has_no_gradient(name: str):
    torch = pytest.importorskip("torch")
    a = hermitian(3, 3, complex=True)
    t = torch.tensor(a, requires_grad=True)
    with pytest.raises(RuntimeError, match="ill-defined"):
        getattr(torch.linalg, name)(t)[-1].real.sum().backward()
    x = Tensor(a, requires_grad=True)
    with pytest.raises(RuntimeError, match=rf"linalg\.{name}: the gradient depends on the phase"):
        getattr(ag.linalg, name)(x)[-1].real.sum().backward()


def test_nothing_is_found_in_nan():
    bad = Tensor(np.stack([np.eye(2), np.full((2, 2), np.nan)]))
    for name in ("eigh", "eigvalsh", "eig", "eigvals", "svd", "svdvals"):
        with pytest.raises(ag.linalg.LinAlgError, match=rf"linalg\.{name}: matrix 1 of the batch.*holds NaN"):
            getattr(ag.linalg, name)(bad)


def test_one_triangle_is_read():
    a = hermitian(3, 3)
    low, high = np.tril(a), np.triu(a)
    for values in (ag.linalg.eigvalsh(Tensor(low)), ag.linalg.eigh(Tensor(high), "U")[0]):
        np.testing.assert_allclose(values.data, np.linalg.eigvalsh(a), rtol=1e-12, atol=1e-12)


def test_results_have_names():
    x = Tensor(np.eye(3))
    assert ag.linalg.svd(x)._fields == ("U", "S", "Vh")
    assert ag.svd(x)._fields == ("U", "S", "V")
    assert ag.linalg.eig(x)._fields == ag.linalg.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert ag.linalg.eig(Tensor(np.eye(3, dtype=np.float32)))[0].dtype == np.complex64
