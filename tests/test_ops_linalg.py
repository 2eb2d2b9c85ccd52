"""Systems of equations, inverses and determinants against PyTorch, and where they are singular."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.linalg_oracle import agree, draw, regular

SQUARE: list[Sequence[Any]] = [
    (regular(3, 3),),
    (regular(2, 3, 3, seed=1),),
    (regular(1, 1, seed=2),),
    (regular(2, 1, 4, 4, seed=3),),
    (regular(3, 3, complex=True),),
    (regular(2, 4, 4, seed=4, complex=True),),
    (np.zeros((0, 0)),),
    (np.zeros((0, 3, 3)),),
]
SYSTEMS: list[Sequence[Any]] = [
    (regular(3, 3), draw(3, 2)),
    (regular(3, 3), draw(3)),
    (regular(2, 3, 3), draw(2, 3)),
    (regular(2, 3, 3), draw(3, 2)),
    (regular(2, 1, 3, 3), draw(4, 3, 2)),
    (regular(3, 3, complex=True), draw(3, 2, complex=True)),
    (regular(2, 3, 3, complex=True), draw(2, 3, complex=True)),
    (np.zeros((0, 0)), np.zeros((0, 2))),
    (np.zeros((0, 3, 3)), np.zeros((0, 3, 2))),
]
LARGE: list[Sequence[Any]] = [
    (regular(64, 64), draw(64, 2)),
    (np.asfortranarray(regular(70, 70)), draw(70, 64)),
    (regular(65, 65, complex=True), draw(65, 3, complex=True)),
]
LEFT: list[Sequence[Any]] = [
    (regular(3, 3), draw(2, 3)),
    (regular(2, 3, 3), draw(2, 2, 3)),
    (regular(2, 3, 3), draw(1, 3)),
    (regular(1, 1), draw(2, 1)),
    (regular(3, 3, complex=True), draw(2, 3, complex=True)),
]
COLUMNS: list[Sequence[Any]] = [
    (regular(3, 3), draw(3, 2)),
    (regular(2, 3, 3), draw(3, 2)),
    (regular(5, 3, 3), draw(5, 3, 2)),
    (regular(2, 1, 3, 3), draw(4, 3, 2)),
    (regular(3, 3, complex=True), draw(3, 2, complex=True)),
    (regular(6, 3, 3, complex=True), draw(6, 3, 1, complex=True)),
    (np.zeros((0, 0)), np.zeros((0, 2))),
]

CASES: dict[str, tuple[Callable[..., Any], list[Sequence[Any]]]] = {
    "solve": (lambda m, a, b: m.linalg.solve(a, b), SYSTEMS),
    "solve large": (lambda m, a, b: m.linalg.solve(a, b), LARGE),
    "solve right": (lambda m, a, b: m.linalg.solve(a, b, left=False), LEFT),
    "solve_ex": (lambda m, a, b: m.linalg.solve_ex(a, b), SYSTEMS),
    "solve_ex right": (lambda m, a, b: m.linalg.solve_ex(a, b, left=False, check_errors=True), LEFT),
    "inv": (lambda m, a: m.linalg.inv(a), SQUARE),
    "inverse": (lambda m, a: m.inverse(a), SQUARE),
    "inverse method": (lambda m, a: a.inverse(), SQUARE),
    "inv_ex": (lambda m, a: m.linalg.inv_ex(a, check_errors=True), SQUARE),
    "tensorinv": (
        lambda m, a: m.linalg.tensorinv(a.reshape(2, 3, 6)),
        [(regular(6, 6, seed=i, complex=i > 2),) for i in range(5)],
    ),
    "tensorinv of one axis": (lambda m, a: m.linalg.tensorinv(a, ind=1), [(regular(4, 4),)]),
    "tensorsolve": (
        lambda m, a, b: m.linalg.tensorsolve(a.reshape(2, 3, 6), b),
        [(regular(6, 6, seed=i, complex=i > 2), draw(2, 3, seed=i, complex=i > 2)) for i in range(5)],
    ),
    "tensorsolve with axes moved": (
        lambda m, a, b: m.linalg.tensorsolve(a.reshape(2, 3, 6).permute(2, 0, 1), b, dims=(0,)),
        [(regular(6, 6, seed=i), draw(2, 3, seed=i)) for i in range(5)],
    ),
    "solve_triangular upper": (lambda m, a, b: m.linalg.solve_triangular(a, b, upper=True), COLUMNS),
    "solve_triangular lower": (lambda m, a, b: m.linalg.solve_triangular(a, b, upper=False), COLUMNS),
    "solve_triangular unit": (
        lambda m, a, b: m.linalg.solve_triangular(a, b, upper=False, unitriangular=True),
        COLUMNS,
    ),
    "solve_triangular right": (
        lambda m, a, b: m.linalg.solve_triangular(a, b.mT, upper=True, left=False, unitriangular=False),
        COLUMNS,
    ),
    "triangular_solve": (lambda m, a, b: m.triangular_solve(b, a), COLUMNS),
    "triangular_solve lower": (lambda m, a, b: m.triangular_solve(b, a, upper=False, unitriangular=True), COLUMNS),
    "triangular_solve transposed": (lambda m, a, b: m.triangular_solve(b, a, transpose=True), COLUMNS),
    "det": (lambda m, a: m.det(a), SQUARE),
    "linalg.det": (lambda m, a: m.linalg.det(a), SQUARE[:5]),
    "det method": (lambda m, a: a.det(), SQUARE[:5]),
    "slogdet": (lambda m, a: m.slogdet(a), SQUARE),
    "linalg.slogdet": (lambda m, a: m.linalg.slogdet(a), SQUARE[:5]),
    "slogdet of negative ones": (lambda m, a: m.slogdet(-a), SQUARE),
    "logdet": (lambda m, a: m.logdet(a), SQUARE),
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


def test_the_error_for_a_singular_matrix_names_it():
    batch = np.stack([np.eye(3), np.eye(3), np.ones((3, 3)), np.ones((3, 3))])
    for call in (lambda: ag.linalg.solve(Tensor(batch), Tensor(np.ones(3))), lambda: Tensor(batch).inverse()):
        with pytest.raises(ag.linalg.LinAlgError, match=r"matrix 2 of the batch, \(3, 3\), is singular") as caught:
            call()
        assert isinstance(caught.value, ValueError)
    with pytest.raises(ValueError, match=r"linalg\.inv: the matrix, \(2, 2\), is singular\. linalg\.lstsq and"):
        ag.linalg.inv(Tensor(np.zeros((2, 2))))


def test_the_copy_of_blas_that_scipy_brings_hears_of_the_number_of_threads():
    code = (
        "import sys, numpy as np, autograd as ag\n"
        "assert 'scipy' not in sys.modules\n"
        "ag.set_num_threads(1)\n"
        "ag.linalg.lu_factor(ag.Tensor(np.eye(3)))\n"
        "from threadpoolctl import threadpool_info\n"
        "numbers = [pool['num_threads'] for pool in threadpool_info() if pool['user_api'] == 'blas']\n"
        "assert numbers and set(numbers) == {1}, numbers\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_large_systems_of_other_dtypes_and_singular_ones():
    a, b = regular(80, 80), draw(80, 3, complex=True)
    x, y = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    out = ag.linalg.solve(x, y)
    start = draw(80, 3, seed=2, complex=True)
    have = ag.grad(out, [x, y], start)
    by_b = np.linalg.solve(a.T, start)
    np.testing.assert_allclose(a @ out.data, b, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(have[1].data, by_b, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(have[0].data, -(by_b @ out.data.conj().T).real, rtol=1e-9, atol=1e-9)
    with pytest.raises(ag.linalg.LinAlgError, match=r"linalg\.solve: the matrix, \(80, 80\), is singular"):
        ag.linalg.solve(Tensor(np.zeros((80, 80))), y)
    low = ag.linalg.solve(Tensor(a.astype(np.float32), requires_grad=True), Tensor(draw(80, 2).astype(np.float32)))
    assert low.dtype == np.float32


def test_info_says_which_matrices_are_singular():
    torch = pytest.importorskip("torch")
    batch = np.stack([np.eye(3) * 2, np.ones((3, 3)), np.diag([1.0, 0.0, 3.0])])
    x = Tensor(batch, requires_grad=True)
    inverse, info = ag.linalg.inv_ex(x)
    assert info.tolist() == torch.linalg.inv_ex(torch.tensor(batch)).info.tolist() == [0, 2, 2]
    assert info.dtype == np.int32
    np.testing.assert_array_equal(inverse.data[0], np.eye(3) / 2)
    assert np.isnan(inverse.data[1:]).all()
    inverse[0].sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.data[0], np.full((3, 3), -0.25))
    for right in (np.ones(3), np.ones((3, 2))):
        result, info = ag.linalg.solve_ex(Tensor(batch), Tensor(right))
        assert info.tolist() == [0, 2, 2]
        assert (result.data[0] == 0.5).all()
        assert np.isnan(result.data[1:]).all()
    for flag in (True, False):
        call = ag.linalg.inv_ex
        if flag:
            with pytest.raises(ag.linalg.LinAlgError, match=r"linalg\.inv_ex: matrix 1 of the batch"):
                call(x, check_errors=flag)
        else:
            assert call(x, check_errors=flag).info[0] == 0


def test_triangular_systems_read_one_triangle_and_divide_by_zero_quietly():
    a = np.full((3, 3), np.nan)
    a[np.triu_indices(3)] = [2, 1, 1, 4, 1, 5]
    for number in (1, 7):  # by BLAS, and row by row for many at once
        b = np.broadcast_to(np.array([[4.0], [5.0], [5.0]]), (number, 3, 1))
        x = ag.linalg.solve_triangular(Tensor(a), Tensor(b), upper=True)
        np.testing.assert_allclose(x.data, np.broadcast_to([[1.0], [1.0], [1.0]], (number, 3, 1)))
        zero = np.array([[1.0, 0.0], [0.0, 0.0]])
        x = ag.linalg.solve_triangular(Tensor(zero), Tensor(np.ones((number, 2, 1))), upper=False)
        assert np.isinf(x.data[:, 1]).all()


@pytest.mark.parametrize("number", [1, 2, 40])
@pytest.mark.parametrize("size", [1, 5, 70])
@pytest.mark.parametrize("upper", [True, False])
def test_triangular_systems_of_all_sizes(number: int, size: int, upper: bool):
    a = draw(number, size, size) / size + np.eye(size) * 2
    b = draw(number, size, 3)
    x = ag.linalg.solve_triangular(Tensor(a), Tensor(b), upper=upper)
    np.testing.assert_allclose((np.triu(a) if upper else np.tril(a)) @ x.data, b, rtol=1e-10, atol=1e-10)


# ---------------------------------------------------------------------------------------------------------------------
# Determinants
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rank", [0, 1, 2, 3])
@pytest.mark.parametrize("complex", [False, True])
def test_the_gradient_of_a_determinant_is_right_for_every_rank(rank: int, complex: bool):
    """PyTorch's is, for singular matrices, that of a matrix nearby."""
    a = draw(4, rank, complex=complex) @ draw(rank, 4, seed=1, complex=complex)
    x = Tensor(a, requires_grad=True)
    want = np.empty_like(a)
    for i in range(4):
        for j in range(4):
            minor = np.delete(np.delete(a, i, 0), j, 1)
            want[i, j] = (-1) ** (i + j) * np.linalg.det(minor).conj()
    (g,) = ag.grad(ag.det(x).real if complex else ag.det(x), x)
    np.testing.assert_allclose(g.data, want, rtol=1e-12, atol=1e-13)
    assert ag.testing.gradcheck(ag.det, x)
    assert ag.testing.gradgradcheck(ag.det, x)


def test_the_gradient_of_a_determinant_near_singular_ones():
    for eps in (1e-3, 1e-6, 1e-9, 1e-12, 1e-15):
        q, _ = np.linalg.qr(draw(5, 5))
        p, _ = np.linalg.qr(draw(5, 5, seed=1))
        a = q @ np.diag([3.0, 2.0, 1.0, 0.5, eps]) @ p
        x = Tensor(a, requires_grad=True)
        ag.det(x).backward()
        minors = [[np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(5)] for i in range(5)]
        want = np.array(minors) * (-1.0) ** (np.arange(5)[:, None] + np.arange(5))
        assert x.grad is not None
        np.testing.assert_allclose(x.grad.data, want, rtol=1e-9, atol=1e-9)


def test_the_gradient_of_the_determinant_of_what_is_not_finite_is_nan():
    a = np.stack([regular(3, 3), regular(3, 3, seed=1), regular(3, 3, seed=2)])
    a[0, 1, 2], a[1, 0, 0] = np.nan, np.inf
    x = Tensor(a, requires_grad=True)
    x.det().sum().backward()
    assert np.isnan(x.grad.data[:2]).all()
    np.testing.assert_allclose(x.grad.data[2], np.linalg.inv(a[2]).T * np.linalg.det(a[2]))


@pytest.mark.parametrize("complex", [False, True])
def test_third_derivative_of_a_determinant(complex: bool):
    torch = pytest.importorskip("torch")
    a, v, w = regular(3, 3, complex=complex), draw(3, 3, seed=1), draw(3, 3, seed=2)

    def third(x: Any, v: Any, w: Any, det: Any, grad: Any) -> Any:
        (g,) = grad(abs(det(x)) ** 2, x, create_graph=True)
        (h,) = grad((abs(g) ** 2 * v).sum(), x, create_graph=True)
        (k,) = grad((abs(h) ** 2 * w).sum(), x)
        return k

    have = third(Tensor(a, requires_grad=True), Tensor(v), Tensor(w), ag.det, ag.grad)
    theirs = torch.tensor(a, requires_grad=True)
    want = third(theirs, torch.tensor(v), torch.tensor(w), torch.det, torch.autograd.grad).numpy()
    np.testing.assert_allclose(have.data, want, rtol=1e-8, atol=1e-8 * np.abs(want).max())


def test_a_masked_logarithm_of_a_determinant_has_a_finite_gradient():
    x = Tensor(np.stack([np.eye(3) * 2, np.zeros((3, 3)), np.ones((3, 3))]), requires_grad=True)
    d = ag.det(x)
    out = ag.where(d > 0, ag.logdet(x), 0.0)
    (g,) = ag.grad(out.sum(), x, create_graph=True)
    np.testing.assert_allclose(g.data, np.stack([np.eye(3) / 2, np.zeros((3, 3)), np.zeros((3, 3))]))
    (h,) = ag.grad((g * g).sum(), x)
    np.testing.assert_allclose(h.data, np.stack([-np.eye(3) / 4, np.zeros((3, 3)), np.zeros((3, 3))]))
    with ag.strict_nan():
        (g,) = ag.grad(ag.where(ag.det(x) > 0, ag.logdet(x), 0.0).sum(), x)
    assert np.isnan(g.data).any()


def test_logdet_of_negative_and_zero_determinants():
    torch = pytest.importorskip("torch")
    a = np.stack([np.eye(2), np.array([[0.0, 1.0], [1.0, 0.0]]), np.zeros((2, 2))])
    have = ag.logdet(Tensor(a)).data
    np.testing.assert_array_equal(have, torch.logdet(torch.tensor(a)).numpy())
    np.testing.assert_array_equal(have, [0.0, np.nan, -np.inf])
