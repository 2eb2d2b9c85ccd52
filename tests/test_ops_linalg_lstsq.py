"""Pseudo-inverses, least squares, ranks and decompositions of low rank against PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.linalg_oracle import agree, draw, hermitian, positive

MATRICES: list[Sequence[Any]] = [
    (draw(3, 3),),
    (draw(2, 4, 3, seed=1),),
    (draw(3, 5, seed=2),),
    (draw(1, 1, seed=4),),
    (draw(4, 3, complex=True),),
    (draw(2, 2, 4, seed=1, complex=True),),
    (np.zeros((0, 3)),),
    (np.zeros((2, 3, 0)),),
]
RANK_2 = [
    (draw(4, 2) @ draw(2, 4),),
    (draw(2, 3, 2) @ draw(2, 2, 5),),
    (draw(4, 2, complex=True) @ draw(2, 3, complex=True),),
    (np.zeros((3, 2)),),
]
HERMITIAN: list[Sequence[Any]] = [
    (hermitian(3, 3),),
    (hermitian(2, 4, 4),),
    (hermitian(3, 3, complex=True),),
    (np.diag([2.0, 0.0, -1.0]),),
    (np.zeros((0, 0)),),
]
SYSTEMS: list[Sequence[Any]] = [
    (draw(4, 3), draw(4, 2)),
    (draw(3, 4), draw(3, 2)),
    (draw(2, 4, 3), draw(2, 4)),
    (draw(2, 4, 3), draw(2, 4, 2)),
    (draw(4, 3, complex=True), draw(4, 2, complex=True)),
    (draw(2, 3, 4, complex=True), draw(2, 3, 2, complex=True)),
]
CASES: dict[str, tuple[Callable[..., Any], list[Sequence[Any]]]] = {
    "pinv": (lambda m, a: m.linalg.pinv(a), MATRICES + RANK_2),
    "pinv rcond": (lambda m, a: m.linalg.pinv(a, 0.3), MATRICES),
    "pinv atol": (lambda m, a: m.linalg.pinv(a, atol=0.3, rtol=0.1), MATRICES),
    "pinverse": (lambda m, a: m.pinverse(a), MATRICES),
    "pinverse rcond": (lambda m, a: a.pinverse(rcond=0.3), MATRICES),
    "matrix_rank": (lambda m, a: [m.linalg.matrix_rank(a), a * 2], MATRICES + RANK_2),
    "matrix_rank tol": (lambda m, a: [m.linalg.matrix_rank(a, 0.5), a * 2], MATRICES),
    "matrix_rank atol": (lambda m, a: [m.linalg.matrix_rank(a, atol=0.5, rtol=0.3), a * 2], MATRICES),
    "matrix_rank hermitian": (lambda m, a: [m.linalg.matrix_rank(a, hermitian=True), a * 2], HERMITIAN),
    **{
        f"lstsq {driver}": (
            lambda m, a, b, driver=driver: first_of(m.linalg.lstsq(a, b, driver=driver)),
            SYSTEMS,
        )
        for driver in (None, "gelsy", "gelsd", "gelss", "gels")
    },
    # Of the values alone: PyTorch's gradient leaves rcond out.
    "lstsq rcond": (lambda m, a, b: [m.linalg.lstsq(a, b, 0.5, driver="gelsd")[0].detach(), a * b.sum()], SYSTEMS[:3]),
    "svd_lowrank": (lambda m, a: m.svd_lowrank(a, min(a.shape[-2:]))[1], MATRICES[:6]),
    "svd_lowrank of a difference": (lambda m, a: m.svd_lowrank(a, 1, niter=40, M=a * 0.5)[1], MATRICES[:4]),
    "pca_lowrank": (lambda m, a: m.pca_lowrank(a, center=False)[1], MATRICES[:4]),
    "pca_lowrank centered": (lambda m, a: m.pca_lowrank(a, min(a.shape[-2:]) - 1, niter=40)[1], MATRICES[:2]),
}


def first_of(result: Any) -> Any:
    """The solution, and the rest without PyTorch's gradients, which it has not."""
    return [result[0], *(part.detach() for part in result[1:])]


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
    torch.manual_seed(0)
    agree(lambda *x: call(ag, *x), lambda *x: call(torch, *x), arrays)


@pytest.mark.parametrize("arrays", HERMITIAN)
def test_pseudo_inverses_of_hermitian_matrices(arrays: Sequence[Any]):
    """Not to second order: PyTorch takes the whole matrix to be read, where one triangle is."""
    torch = pytest.importorskip("torch")
    agree(
        lambda a: ag.linalg.pinv(a, hermitian=True),
        lambda a: torch.linalg.pinv(a, hermitian=True),
        arrays,
        second=False,
    )


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("with_b", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_lobpcg_finds_what_pytorch_approaches(largest: bool, with_b: bool, seed: int):
    torch = pytest.importorskip("torch")
    a, b = hermitian(7, 7, seed=seed), positive(7, 7, seed=seed + 10) if with_b else None
    x, t = Tensor(a, requires_grad=True), torch.tensor(a, requires_grad=True)
    have = ag.lobpcg((x + x.mT) / 2, 2, None if b is None else Tensor(b), largest=largest)
    torch.manual_seed(0)
    want = torch.lobpcg(
        (t + t.mT) / 2, 2, None if b is None else torch.tensor(b), largest=largest, niter=200, tol=1e-12
    )
    np.testing.assert_allclose(have[0].data, want[0].detach().numpy(), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(have[1].abs().data, want[1].abs().detach().numpy(), rtol=1e-4, atol=1e-4)
    if b is None:  # PyTorch has no gradient of the other
        weight = draw(7, 2)
        (have[0].sum() + (have[1].abs() * weight).sum()).backward()
        (want[0].sum() + (want[1].abs() * torch.tensor(weight)).sum()).backward()
        assert x.grad is not None
        np.testing.assert_allclose(x.grad.data, t.grad.numpy(), rtol=1e-3, atol=1e-3)


def test_vectors_of_lobpcg_are_orthonormal_by_b():
    a, b = hermitian(5, 5), positive(5, 5, seed=1)
    values, vectors = ag.lobpcg(Tensor(a), 3, Tensor(b), largest=False)
    np.testing.assert_allclose(a @ vectors.data, b @ vectors.data * values.data, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(vectors.data.T @ b @ vectors.data, np.eye(3), atol=1e-12)


@pytest.mark.parametrize("driver", ["gels", "gelsd"])
def test_residuals_have_a_gradient(driver: str):
    """PyTorch's are silently constant."""
    a, b = Tensor(draw(5, 3), requires_grad=True), Tensor(draw(5, 2), requires_grad=True)
    assert ag.testing.gradcheck(lambda a, b: ag.linalg.lstsq(a, b, driver=driver).residuals, (a, b))
    assert ag.testing.gradgradcheck(lambda a, b: ag.linalg.lstsq(a, b, driver=driver).residuals, (a, b))
    for_a = ag.grad(ag.linalg.lstsq(a, b, driver="gelsd").singular_values.sum(), a)[0]
    np.testing.assert_allclose(for_a.data, ag.grad(ag.linalg.svdvals(a).sum(), a)[0].data)


def test_batches_broadcast_in_least_squares():
    a, b = draw(2, 1, 4, 3), draw(3, 4, 2)
    x = ag.linalg.lstsq(Tensor(a), Tensor(b)).solution
    assert x.shape == (2, 3, 3, 2)
    np.testing.assert_allclose(x.data[1, 2], np.linalg.lstsq(a[1, 0], b[2])[0], rtol=1e-10)


def test_pseudo_inverse_at_0_is_0_and_so_is_its_gradient():
    x = Tensor(np.zeros((2, 3)), requires_grad=True)
    P = ag.linalg.pinv(x)
    (g,) = ag.grad(P.sum(), x)
    assert (P.data == 0).all()
    assert (g.data == 0).all()


def test_low_rank_decompositions_rebuild_the_matrix():
    for shape in ((8, 5), (5, 8), (2, 6, 6)):
        a = draw(*shape[:-1], 2) @ draw(*shape[:-2], 2, shape[-1], seed=1)
        for U, S, V in (ag.svd_lowrank(Tensor(a), 3), ag.pca_lowrank(Tensor(a), 3, center=False)):
            np.testing.assert_allclose((U * S[..., None, :] @ V.mT).data, a, rtol=1e-9, atol=1e-9)
        U, S, V = ag.pca_lowrank(Tensor(a))
        centered = a - a.mean(-2, keepdims=True)
        np.testing.assert_allclose((U * S[..., None, :] @ V.mT).data, centered, rtol=1e-9, atol=1e-9)
