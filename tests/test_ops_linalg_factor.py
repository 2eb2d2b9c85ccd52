"""Factorizations of matrices against PyTorch: Cholesky, LU, LDL, QR."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.linalg_oracle import agree, draw, positive, regular

POSITIVE: list[Sequence[Any]] = [
    (positive(3, 3),),
    (positive(2, 3, 3, seed=1),),
    (positive(1, 1, seed=2),),
    (positive(2, 1, 4, 4, seed=3),),
    (positive(3, 3, complex=True),),
    (positive(2, 4, 4, complex=True),),
    (np.zeros((0, 0)),),
    (np.zeros((0, 3, 3)),),
]
FACTORS: list[Sequence[Any]] = [
    (draw(3, 2), np.linalg.cholesky(positive(3, 3))),
    (draw(2, 3, 2), np.linalg.cholesky(positive(2, 3, 3))),
    (draw(3, 2), np.linalg.cholesky(positive(2, 3, 3))),
    (draw(1, 1), np.linalg.cholesky(positive(1, 1))),
    (draw(3, 2, complex=True), np.linalg.cholesky(positive(3, 3, complex=True))),
    (draw(2, 4, 1, complex=True), np.linalg.cholesky(positive(2, 4, 4, complex=True))),
]

ANY: list[Sequence[Any]] = [
    (draw(3, 3),),
    (draw(2, 4, 4),),
    (draw(3, 5),),
    (draw(2, 5, 3),),
    (draw(1, 1),),
    (draw(3, 3, complex=True),),
    (draw(2, 3, 4, complex=True),),
    (draw(4, 3, complex=True),),
    (np.zeros((0, 0)),),
    (np.zeros((2, 0, 3)),),
]
PACKED: list[Sequence[Any]] = [
    (regular(3, 3), draw(3, 2)),
    (regular(2, 3, 3), draw(2, 3, 2)),
    (regular(1, 1), draw(1, 3)),
    (regular(4, 4, complex=True), draw(4, 2, complex=True)),
    (regular(2, 3, 3, complex=True), draw(2, 3, 1, complex=True)),
    (np.zeros((0, 0)), np.zeros((0, 2))),
]


REFLECTIONS: list[Sequence[Any]] = [
    (draw(3, 3), draw(3), draw(3, 2)),
    (draw(5, 3), draw(3), draw(5, 3)),
    (draw(2, 4, 2), draw(2, 2), draw(2, 4, 2)),
    (draw(4, 3, complex=True), draw(3, complex=True), draw(4, 4, complex=True)),
    (draw(2, 3, 3, complex=True), draw(2, 3, complex=True), draw(2, 3, 3, complex=True)),
]


def is_wide(a: np.ndarray) -> bool:
    return a.shape[-1] >= a.shape[-2]


def fixed(m: Any, factors: Any) -> Any:
    """Q and R with a positive diagonal of R: its signs are up to the LAPACK at hand."""
    Q, R = factors
    k = min(R.shape[-2:])
    signs = m.sgn(R.detach()[..., :k, :k].diagonal(0, -2, -1))
    return Q[..., :k] * signs[..., None, :], R[..., :k, :] * signs.conj()[..., None]


def ints(m: Any, a: Any) -> Any:
    """Pivots for a matrix like a: some rows swapped."""
    k = min(a.shape[-2:])
    pivots = np.broadcast_to(np.minimum(np.arange(1, k + 1) + np.arange(k) % 2, k), (*a.shape[:-2], k))
    return m.asarray(np.ascontiguousarray(pivots, np.int32))


CASES: dict[str, tuple[Callable[..., Any], list[Sequence[Any]]]] = {
    "linalg.cholesky": (lambda m, a: m.linalg.cholesky(a), POSITIVE),
    "linalg.cholesky upper": (lambda m, a: m.linalg.cholesky(a, upper=True), POSITIVE),
    "cholesky": (lambda m, a: m.cholesky(a), POSITIVE[:5]),
    "cholesky upper": (lambda m, a: a.cholesky(True), POSITIVE[:5]),
    "cholesky_ex": (lambda m, a: m.linalg.cholesky_ex(a), POSITIVE),
    "cholesky_solve": (lambda m, b, l: m.cholesky_solve(b, m.tril(l)), FACTORS),
    "cholesky_solve upper": (lambda m, b, l: b.cholesky_solve(m.triu(l.mT), upper=True), FACTORS),
    "cholesky_inverse": (lambda m, b, l: m.cholesky_inverse(m.tril(l)), FACTORS),
    "cholesky_inverse upper": (lambda m, b, l: m.cholesky_inverse(m.triu(l.mT), upper=True), FACTORS),
    "linalg.lu": (lambda m, a: m.linalg.lu(a), ANY),
    "linalg.lu_factor": (lambda m, a: m.linalg.lu_factor(a), ANY),
    "linalg.lu_factor_ex": (lambda m, a: m.linalg.lu_factor_ex(a), ANY),
    "lu": (lambda m, a: m.lu(a), ANY),
    "lu with infos": (lambda m, a: a.lu(get_infos=True), ANY),
    "lu_unpack": (lambda m, a: m.lu_unpack(a, ints(m, a)), ANY),
    "lu_unpack of pivots": (lambda m, a: (m.lu_unpack(a, ints(m, a), unpack_data=False)[0], a * 2), ANY),
    "lu_unpack of data": (lambda m, a: m.lu_unpack(a, ints(m, a), unpack_pivots=False), ANY),
    **{
        f"linalg.lu_solve {left} {adjoint}": (
            lambda m, a, b, left=left, adjoint=adjoint: m.linalg.lu_solve(
                a, ints(m, a), b if left else b.mT, left=left, adjoint=adjoint
            ),
            PACKED,
        )
        for left in (True, False)
        for adjoint in (True, False)
    },
    "lu_solve": (lambda m, a, b: m.lu_solve(b, a, ints(m, a)), PACKED),
    "linalg.lu_solve after lu_factor": (lambda m, a, b: m.linalg.lu_solve(*m.linalg.lu_factor(a), b), PACKED),
    "linalg.qr": (lambda m, a: fixed(m, m.linalg.qr(a)), ANY),
    "linalg.qr complete": (lambda m, a: fixed(m, m.linalg.qr(a, mode="complete")), [a for a in ANY if is_wide(*a)]),
    "linalg.qr, R of complete": (lambda m, a: fixed(m, m.linalg.qr(a, "complete"))[1], [a for a in ANY if is_wide(*a)]),
    "linalg.qr, R": (lambda m, a: fixed(m, m.linalg.qr(a))[1], ANY),
    "linalg.qr, Q": (lambda m, a: fixed(m, m.linalg.qr(a))[0], ANY),
    "qr": (lambda m, a: fixed(m, a.qr()), ANY),
    "qr some": (lambda m, a: fixed(m, m.qr(a, some=False)), [a for a in ANY if is_wide(*a)]),
    "linalg.householder_product": (lambda m, a, t, b: m.linalg.householder_product(a, t), REFLECTIONS),
    "orgqr": (lambda m, a, t, b: m.orgqr(a, t), REFLECTIONS),
    "orgqr method": (lambda m, a, t, b: a.orgqr(t), REFLECTIONS),
    **{
        f"ormqr {left} {transpose}": (
            lambda m, a, t, b, left=left, transpose=transpose: m.ormqr(a, t, b if left else b.mT, left, transpose),
            REFLECTIONS,
        )
        for left in (True, False)
        for transpose in (True, False)
    },
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
# Cholesky
# ---------------------------------------------------------------------------------------------------------------------
def test_one_triangle_is_read():
    a = positive(3, 3)
    for upper in (False, True):
        other = np.where(np.tri(3, k=-1).T if not upper else np.tri(3, k=-1), np.nan, a)
        np.testing.assert_allclose(
            ag.linalg.cholesky(Tensor(other), upper=upper).data, np.linalg.cholesky(a, upper=upper)
        )


def test_what_is_not_positive_definite_is_named():
    torch = pytest.importorskip("torch")
    a = np.stack([np.eye(3) * 4, np.diag([1.0, 1.0, -1.0]), np.diag([1.0, 0.0, 1.0])])
    with pytest.raises(ag.linalg.LinAlgError, match=r"linalg\.cholesky: matrix 1 of the batch, \(3, 3\), is not") as e:
        ag.linalg.cholesky(Tensor(a))
    assert "leading minor of order 3" in str(e.value)
    x = Tensor(a, requires_grad=True)
    factor, info = ag.linalg.cholesky_ex(x)
    assert info.tolist() == torch.linalg.cholesky_ex(torch.tensor(a)).info.tolist() == [0, 3, 2]
    np.testing.assert_array_equal(factor.data[0], np.eye(3) * 2)
    assert np.isnan(factor.data[1:]).all()
    factor[0].sum().backward()
    assert x.grad is not None
    assert np.isfinite(x.grad.data).all()


# ---------------------------------------------------------------------------------------------------------------------
# LU
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (5, 3), (2, 3, 3)])
@pytest.mark.parametrize("pivot", [True, False])
def test_factors_multiply_to_the_matrix(shape: tuple[int, ...], pivot: bool):
    a = draw(*shape)
    P, L, U = ag.linalg.lu(Tensor(a), pivot=pivot)
    product = (L @ U).data
    np.testing.assert_allclose(P.data @ product if pivot else product, a, rtol=1e-9, atol=1e-9)
    unpacked = ag.lu_unpack(*ag.linalg.lu_factor(Tensor(a), pivot=pivot))
    np.testing.assert_allclose((unpacked.P @ unpacked.L @ unpacked.U).data, a, rtol=1e-9, atol=1e-9)
    assert pivot or P.shape == (0,)


def test_factors_of_a_singular_matrix():
    torch = pytest.importorskip("torch")
    a = np.stack([np.eye(3), np.ones((3, 3))])
    with pytest.raises(ag.linalg.LinAlgError, match=r"matrix 1 of the batch, \(3, 3\), is singular\. U has a 0 at 2"):
        ag.linalg.lu_factor(Tensor(a))
    have, want = ag.linalg.lu_factor_ex(Tensor(a)), torch.linalg.lu_factor_ex(torch.tensor(a))
    for h, w in zip(have, want, strict=True):
        np.testing.assert_array_equal(h.data, w.numpy())
    assert ag.linalg.lu_factor_ex(Tensor(a), pivot=False).info.tolist() == [0, 2]


# ---------------------------------------------------------------------------------------------------------------------
# QR
# ---------------------------------------------------------------------------------------------------------------------
def test_modes_of_qr():
    a = draw(5, 3)
    x = Tensor(a, requires_grad=True)
    for mode, q, r in (("reduced", (5, 3), (3, 3)), ("complete", (5, 5), (5, 3)), ("r", (0,), (3, 3))):
        Q, R = ag.linalg.qr(x, mode=mode)
        assert (Q.shape, R.shape) == (q, r)
        if mode != "r":
            np.testing.assert_allclose((Q @ R).data, a, rtol=1e-10, atol=1e-10)
            np.testing.assert_allclose((Q.mT @ Q).data, np.eye(q[1]), atol=1e-12)


def test_gradients_of_r_need_no_q():
    """PyTorch refuses mode="r" in the backward pass, and R of mode="complete"."""
    a, v = draw(5, 3), draw(3, 3)
    want = ag.grad((ag.linalg.qr(x := Tensor(a, requires_grad=True)).R * v).sum(), x)[0].data
    for mode in ("r", "complete"):
        x = Tensor(a, requires_grad=True)
        have = ag.grad((ag.linalg.qr(x, mode=mode).R[:3] * v).sum(), x)[0].data
        np.testing.assert_allclose(have, want, rtol=1e-12, atol=1e-12)


def test_arbitrary_columns_have_no_gradient():
    x = Tensor(draw(5, 3), requires_grad=True)
    with pytest.raises(RuntimeError, match="columns beyond 3 are arbitrary"):
        ag.linalg.qr(x, mode="complete").Q.sum().backward()


def test_reflections_make_q_and_r():
    for a in (draw(5, 3), draw(3, 3), draw(2, 4, 4), draw(4, 2, complex=True)):
        packed, tau = ag.geqrf(Tensor(a))
        Q, R = np.linalg.qr(a)
        np.testing.assert_allclose(ag.orgqr(packed, tau).data, Q, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(np.triu(packed.data[..., : a.shape[-1], :]), R, rtol=1e-12, atol=1e-12)
        product = ag.ormqr(packed, tau, Tensor(a), transpose=True).data
        np.testing.assert_allclose(product, np.linalg.qr(a, mode="complete").Q.conj().mT @ a, atol=1e-12)
        torch = pytest.importorskip("torch")
        for have, want in zip((packed, tau), torch.geqrf(torch.tensor(a)), strict=True):
            np.testing.assert_allclose(have.data, want.numpy(), rtol=1e-10, atol=1e-10)
        assert ag.geqrf(Tensor(np.diag([1.0, 2.0, 3.0]))).tau.tolist() == [0.0, 0.0, 0.0]


def test_a_matrix_that_nothing_is_asked_of_has_gradient_0():
    x = Tensor(np.stack([np.eye(3) * 2, np.zeros((3, 3))]), requires_grad=True)
    for factors in (ag.linalg.qr(x), ag.linalg.lu(x)[1:], (ag.linalg.cholesky_ex(x).L,)):
        for factor in factors:
            (g,) = ag.grad(factor[0].sum(), x, retain_graph=True)
            assert np.isfinite(g.data).all(), factor
            assert (g.data[1] == 0).all()


# ---------------------------------------------------------------------------------------------------------------------
# LDL
# ---------------------------------------------------------------------------------------------------------------------
def indefinite(*shape: int, seed: int = 0, complex: bool = False, hermitian: bool = True) -> np.ndarray:
    x = draw(*shape, seed=seed, complex=complex)
    x = x + (x.conj().mT if hermitian else x.mT)
    i = np.arange(shape[-1])
    x[..., i, i] *= 0.05
    return x


SYMMETRIC = [
    (indefinite(3, 3), False),
    (indefinite(6, 6, seed=1), False),
    (indefinite(2, 5, 5, seed=2), False),
    (indefinite(4, 4, seed=3), True),
    (indefinite(5, 5, complex=True), True),
    (indefinite(2, 4, 4, seed=5, complex=True), True),
    (indefinite(5, 5, seed=6, complex=True, hermitian=False), False),
    (positive(3, 3), False),
    (np.zeros((0, 0)), False),
]


@pytest.mark.parametrize(("a", "hermitian"), SYMMETRIC)
def test_ldl_is_pytorchs(a: np.ndarray, hermitian: bool):
    torch = pytest.importorskip("torch")
    b = draw(*a.shape[:-1], 2, complex=a.dtype.kind == "c")
    have = ag.linalg.ldl_factor(Tensor(a), hermitian=hermitian)
    want = torch.linalg.ldl_factor(torch.tensor(a), hermitian=hermitian)
    np.testing.assert_allclose(have.LD.data, want.LD.numpy(), rtol=1e-10, atol=1e-10)
    np.testing.assert_array_equal(have.pivots.data, want.pivots.numpy())
    for h, w in zip(
        ag.linalg.ldl_factor_ex(Tensor(a), hermitian=hermitian),
        torch.linalg.ldl_factor_ex(torch.tensor(a), hermitian=hermitian),
        strict=True,
    ):
        np.testing.assert_allclose(h.data, w.numpy(), rtol=1e-10, atol=1e-10)
    x = ag.linalg.ldl_solve(*have, Tensor(b), hermitian=hermitian)
    y = torch.linalg.ldl_solve(*want, torch.tensor(b), hermitian=hermitian)
    np.testing.assert_allclose(x.data, y.numpy(), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(a @ x.data, b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("a", "hermitian"), SYMMETRIC)
def test_what_is_solved_by_ldl_has_the_gradient_of_solve(a: np.ndarray, hermitian: bool):
    """PyTorch has none."""
    b = draw(*a.shape[:-1], 2, complex=a.dtype.kind == "c")
    start = draw(*b.shape, seed=1, complex=a.dtype.kind == "c")
    weight = draw(*a.shape, seed=2, complex=a.dtype.kind == "c")
    found = []
    for by_factors in (True, False):
        x, y = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
        if by_factors:
            out = ag.linalg.ldl_solve(*ag.linalg.ldl_factor(x, hermitian=hermitian), y, hermitian=hermitian)
        else:
            low = ag.tril(x, -1)
            diagonal = ag.diag_embed(x.diagonal(0, -2, -1))
            out = ag.linalg.solve(low + (low.conj().mT if hermitian else low.mT) + diagonal, y)
        by_x, by_y = ag.grad(out, [x, y], Tensor(start), create_graph=True)
        whole = by_x.data + (by_x.data.conj().mT if hermitian else by_x.data.mT)
        (second,) = ag.grad((by_y * y.detach()).sum().abs() + (by_x * 0).sum().abs(), x)
        assert second.shape == weight.shape
        second_whole = second.data + (second.data.conj().mT if hermitian else second.data.mT)
        found.append((out.data, whole, by_y.data, second_whole))
    for have, want in zip(*found, strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-8, atol=1e-8 * max(1.0, np.abs(want).max(initial=0)))


def test_infos_of_ldl():
    torch = pytest.importorskip("torch")
    a = np.stack([np.eye(3), np.diag([1.0, 0.0, 2.0])])
    have, want = ag.linalg.ldl_factor_ex(Tensor(a)), torch.linalg.ldl_factor_ex(torch.tensor(a))
    assert have.info.tolist() == want.info.tolist() == [0, 2]
    with pytest.raises(ag.linalg.LinAlgError, match="matrix 1 of the batch"):
        ag.linalg.ldl_factor(Tensor(a))
