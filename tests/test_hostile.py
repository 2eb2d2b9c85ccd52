"""What users do to a library that its author did not think of: each promise under the worst use found for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.testing import assert_close
from tests.leaves import leaf

INF = float("inf")


# -- No NaN from what was not taken -----------------------------------------------------------------------------------
SELECTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "index": lambda y: y[1],
    "slice": lambda y: y[1:],
    "mask": lambda y: y[np.array([False, True])],
    "array": lambda y: y[[1, 1]],
    "iteration": lambda y: list(y)[1],
    "split": lambda y: y.split(1)[1],
    "chunk": lambda y: y.chunk(2)[1],
    "tensor_split": lambda y: y.tensor_split(2)[1],
    "unbind": lambda y: y.unbind()[1],
    "narrow": lambda y: y.narrow(0, 1, 1),
    "select": lambda y: y.select(0, 1),
    "index_select": lambda y: y.index_select(0, ag.tensor([1])),
    "gather": lambda y: y.gather(0, ag.tensor([1])),
    "masked_select": lambda y: y.masked_select(ag.tensor([False, True])),
    "take": lambda y: y.take(ag.tensor([1])),
    "diagonal": lambda y: ag.stack([y.flip(0), y.flip(0)]).diagonal()[:1],
    "trace": lambda y: ag.stack([y[[1, 0]], y[[0, 1]]]).trace(),
    "roll": lambda y: y.roll(1)[0],
    "max": lambda y: -((-y).max()),
    "sort": lambda y: y.sort().values[0],
    "topk": lambda y: -((-y).topk(1).values),
}


@pytest.mark.parametrize("select", SELECTIONS.values(), ids=SELECTIONS)
@pytest.mark.parametrize("make", [lambda x: 1 / x, lambda x: (x + 1) * ag.tensor([INF, 1.0]), lambda x: x**-0.5])
def test_an_infinite_value_that_is_not_selected_has_no_gradient(
    make: Callable[[Tensor], Tensor], select: Callable[[Tensor], Tensor]
) -> None:
    x = leaf(0.0, 2.0)
    select(make(x)).sum().backward()
    assert x.grad is not None
    assert x.grad.data[0] == 0
    assert np.isfinite(x.grad.data).all()


def test_masked_logarithm_by_index() -> None:
    x = leaf(-1.0, 0.0, 1.0, 2.0)
    x.log()[x > 0].sum().backward()
    assert_close(x.grad, [0.0, 0.0, 1.0, 0.5])


# -- No stale value ---------------------------------------------------------------------------------------------------
def overwritten(name: str) -> Any:
    return pytest.raises(RuntimeError, match=f"{name}: an array .* was overwritten")


@pytest.mark.parametrize(
    "choose",
    [
        lambda x: x.max(1),
        lambda x: x.sort(1),
        lambda x: x.topk(2, 1),
        lambda x: x.median(1),
        lambda x: x.cummax(1),
        lambda x: x.kthvalue(1, 1),
    ],
)
def test_indices_that_were_given_out_are_guarded(choose: Callable[[Tensor], Any]) -> None:
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    values, indices = choose(x)
    indices.zero_()
    with pytest.raises(RuntimeError, match="was overwritten by zero_"):
        values.sum().backward()


def test_operands_in_a_list_are_guarded() -> None:
    a, b = (Tensor(np.ones((2, 2)), requires_grad=True) for _ in range(2))
    y = a * 1.0
    z = ag.einsum("ij,jk->ik", y, b)
    y += 1
    with overwritten("einsum"):
        z.sum().backward()


def test_an_index_tensor_is_guarded() -> None:
    x, index = leaf(1.0, 2.0, 3.0), ag.tensor([0, 1])
    y = x.index_select(0, index)
    index += 1
    with pytest.raises(RuntimeError, match="was overwritten by add_"):
        y.sum().backward()


@pytest.mark.parametrize(
    "overwrite",
    [
        lambda d: np.add(d, 1, out=d),
        lambda d: np.add(d, 1, d),
        lambda d: np.add.at(d, [0], 1.0),
        lambda d: np.copyto(d, 7.0),
        lambda d: np.put(d, [0], 7.0),
        lambda d: np.putmask(d, [True, False], 7.0),
        lambda d: np.clip(d, 0.0, 0.5, out=d),
        lambda d: np.cumsum(d, out=d),
    ],
)
def test_numpy_functions_that_write_are_seen(overwrite: Callable[[Any], object]) -> None:
    x = leaf(1.0, 2.0)
    y = x * x
    overwrite(x.detach())
    with overwritten("mul"):
        y.sum().backward()


def test_an_augmented_assignment_to_data_is_seen() -> None:
    x = leaf(1.0, 2.0)
    y = x * x
    x.data += 1.0
    with overwritten("mul"):
        y.sum().backward()


def test_what_a_division_made_can_be_written_to() -> None:
    x, s = leaf(1.0, 2.0), leaf(2.0, 4.0)
    y = x / s
    y += 1
    y *= 3
    y.sum().backward()
    assert_close(x.grad, [1.5, 0.75])
    assert_close(s.grad, [-0.75, -0.375])


# -- Modes ------------------------------------------------------------------------------------------------------------
def test_a_generator_runs_in_its_mode_and_its_caller_in_its_own() -> None:
    x = leaf(1.0)
    states: list[bool] = []

    @ag.no_grad()
    def batches(n: int) -> Iterator[bool]:
        try:
            for _ in range(n):
                got = yield (x * 2).requires_grad
                states.append(bool(got))
        finally:
            states.append(ag.is_grad_enabled())

    seen = []
    for recorded in batches(2):
        assert ag.is_grad_enabled()
        seen.append(recorded)
    assert seen == [False, False]
    generator: Any = batches(5)
    next(generator)
    assert generator.send(True) is False
    generator.close()
    assert states == [False, False, False, True, False]
    assert ag.is_grad_enabled()


def test_one_context_shared_by_threads_restores_each_its_own_mode() -> None:
    shared = ag.no_grad()
    inside, outside = threading.Event(), threading.Event()
    result: list[bool] = []

    def other() -> None:
        with ag.no_grad(), shared:
            inside.set()
            outside.wait(10)
        result.append(ag.is_grad_enabled())

    thread = threading.Thread(target=other)
    with shared:
        thread.start()
        inside.wait(10)
    assert ag.is_grad_enabled()
    outside.set()
    thread.join()
    assert result == [True]
    assert ag.is_grad_enabled()


# -- Arrays of all kinds ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", [">f4", ">f8"])
def test_the_byte_order_of_another_machine(dtype: str) -> None:
    array = np.arange(16.0).reshape(1, 1, 4, 4).astype(dtype)
    x = ag.tensor(array, requires_grad=True)
    assert x.dtype.isnative
    ag.max_pool2d(x, 2).sum().backward()
    assert x.grad is not None
    assert x.grad.data.sum() == 4
    assert_close(x.data, array.astype(x.dtype))
    with pytest.raises(ValueError, match="byte order"):
        ag.from_numpy(array)


# -- One clear error --------------------------------------------------------------------------------------------------
X = ag.tensor(np.ones((3, 4)), requires_grad=True)
ones: Any = np.ones(2)
MISTAKES: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "tensors of a list": (lambda: ag.tensor([X.sum(), X.sum()]), RuntimeError, "would be lost. Join them with stack"),
    "tensors of a list operand": (lambda: ag.ones(2) * [X.sum(), X.sum()], RuntimeError, "would be lost"),
    "masked array": (lambda: ag.tensor(np.ma.array([1.0, 2.0], mask=[False, True])), TypeError, "lose its mask"),
    "ragged": (lambda: ag.tensor([[1, 2], [3]]), ValueError, "rectangular array. Give lists of equal lengths"),
    "ragged with dtype": (lambda: ag.tensor([[1, 2], [3]], dtype="f4"), ValueError, "rectangular array"),
    "text with dtype": (lambda: ag.tensor("abc", dtype="f4"), ValueError, "tensor: could not convert"),
    "negative byte": (lambda: ag.tensor([-1], dtype="u1"), OverflowError, "tensor: Python integer -1"),
    "cat without a list": (
        lambda: ag.cat(X, X),
        TypeError,
        r"cat: dim is an int, not float64\(3, 4\)",
    ),
    "dim by name": (lambda: X.sum("rows"), TypeError, "sum: dim is an int, not 'rows'"),
    "exp of None": (lambda: ag.exp(None), TypeError, "exp: can not work with NoneType None. Give tensors"),
    "grad by an array": (lambda: ag.grad(X.sum(), ones), TypeError, "grad: input 0 is no tensor but ndarray"),
    "too few gradients": (
        lambda: ag.grad([X.sum(), X.sum()], X, [ag.tensor(1.0)]),
        ValueError,
        "1 gradients are given for 2 results",
    ),
}


@pytest.mark.parametrize(("make", "error", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistake(make: Callable[[], object], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)
    assert "ufunc" not in str(caught.value)


def test_floating_point_errors_that_the_user_made_fatal_stay_inside() -> None:
    with np.errstate(all="raise"):
        var = Tensor(np.array([INF, 1.0]), requires_grad=True)
        ag.gaussian_nll_loss(leaf(1.0, INF), ag.tensor([1.0, 2.0]), var, reduction="sum").backward()
        x = leaf(0.0, INF, 1e300)
        (ag.log(x) * x + x / x - x).sum().backward()
        assert np.geterr()["divide"] == "raise"


# -- The third derivative ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("axis", [0, 1])
def test_third_derivatives_of_normalization_are_those_of_the_formula(axis: int) -> None:
    """PyTorch 2.13 gives other values than those of its own elementary operations here."""
    rng = np.random.default_rng(0)
    values = rng.random((3, 4))
    weights = [ag.tensor(rng.random((3, 4))) for _ in range(3)]

    def formula(x: Tensor) -> Tensor:
        d = x - x.mean(axis, keepdim=True)
        return d / ((d * d).mean(axis, keepdim=True) + 1e-5) ** 0.5

    def kernel(x: Tensor) -> Tensor:
        return ag.layer_norm(x, (4,)) if axis == 1 else ag.batch_norm(x, None, None, training=True)

    def third(function: Callable[[Tensor], Tensor]) -> np.ndarray:
        x = Tensor(values.copy(), requires_grad=True)
        y: Any = function(x)
        for weight in weights:
            (y,) = ag.grad((y * y * weight).sum(), x, create_graph=True)
        return np.asarray(y.data)

    expected = third(formula)
    np.testing.assert_allclose(third(kernel), expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())
