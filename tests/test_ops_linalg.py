"""Systems of equations, inverses and determinants against PyTorch, and where they are singular."""

from __future__ import annotations

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
