"""What users do to a library that its author did not think of: each promise under the worst use found for it."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.testing import assert_close

INF = float("inf")


def leaf(*values: float) -> Tensor:
    return Tensor(np.array(values), requires_grad=True)


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


# -- Data and gradients that users assign -----------------------------------------------------------------------------
def test_a_tensor_assigned_to_data_becomes_its_array() -> None:
    x = leaf(1.0, 2.0)
    (x * x).sum().backward()
    assert x.grad is not None
    x.data = x.data - 0.5 * x.grad
    assert type(x.data) is np.ndarray
    assert_close(x, [0.0, 0.0])
    assert x.is_leaf
    x.data = [3.0, 4.0]
    assert type(x.data) is np.ndarray


def test_a_gradient_that_does_not_fit_is_refused_where_it_is_assigned() -> None:
    x = leaf(1.0, 2.0)
    with pytest.raises(TypeError, match="not ndarray"):
        x.grad = np.zeros(2)  # type: ignore[assignment]
    x.grad = ag.zeros(2)
    (x * x).sum().backward()
    assert_close(x.grad, [2.0, 4.0])


# -- Hooks ------------------------------------------------------------------------------------------------------------
def test_a_hook_that_writes_to_its_gradient_changes_that_path_alone() -> None:
    x, y = leaf(1.0, 2.0), leaf(1.0, 2.0)
    a, b = x * 1.0, y * 1.0
    a.register_hook(_scaled)
    start = np.ones(2)
    (a + b).backward(start)
    assert_close(x.grad, [10.0, 10.0])
    assert_close(y.grad, [1.0, 1.0])
    assert_close(start, [1.0, 1.0])


def _scaled(g: Tensor) -> None:
    g *= 10.0


def test_a_hook_that_writes_while_the_pass_is_recorded() -> None:
    x, y = leaf(1.0, 2.0), leaf(1.0, 2.0)
    a, b = x * x, y * y
    a.register_hook(_scaled)
    gx, gy = ag.grad((a + b).sum(), [x, y], create_graph=True)
    assert gx is not None
    assert gy is not None
    assert_close(gx, [20.0, 40.0])
    assert_close(gy, [2.0, 4.0])
    assert_close(ag.grad(gx.sum(), x)[0], [20.0, 20.0])


def test_a_gradient_that_a_hook_kept_stays_as_it_was() -> None:
    x = leaf(1.0, 2.0)
    kept: list[Tensor] = []
    x.register_hook(kept.append)
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    assert_close(x.grad, [4.0, 4.0])
    for g in kept:
        assert_close(g, [2.0, 2.0])
        g *= 100
    assert_close(x.grad, [4.0, 4.0])


def test_what_a_hook_returns_takes_the_dtype_of_the_tensor() -> None:
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    x.register_hook(lambda g: Tensor(np.array([2.0, 3.0])))
    y = x * 1
    y.register_hook(lambda g: np.array([5.0, 5.0]))
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32
    assert_close(x.grad.data, [2.0, 3.0])


def test_a_retained_gradient_is_that_of_the_values_after_a_write() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    y.retain_grad()
    y.mul_(2)
    assert y.retains_grad
    (y * y).sum().backward()
    assert_close(y.grad, [12.0, 24.0])
    assert_close(x.grad, [72.0, 144.0])


def test_a_view_retains_its_gradient_through_a_write_elsewhere() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    v = y[:1]
    v.retain_grad()
    y.retain_grad()
    y[1] = 5.0
    (v * v).sum().backward()
    assert_close(v.grad, [6.0])
    assert_close(x.grad, [18.0, 0.0])


# -- Functions --------------------------------------------------------------------------------------------------------
class ExpAndDouble(ag.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> tuple[Tensor, Tensor]:
        e = x.exp()
        ctx.save_for_backward(e)
        return e, x * 2

    @staticmethod
    def backward(ctx: Any, ge: Tensor, gd: Tensor) -> Tensor:
        (e,) = ctx.saved_tensors
        return ge * e + gd * 2


def test_a_saved_output_of_several_is_differentiated_again() -> None:
    x = leaf(0.5, 1.0)
    e, _ = ExpAndDouble.apply(x)
    (g,) = ag.grad((e * x).sum(), x, create_graph=True)  # (1 + x) e^x
    assert g is not None
    (second,) = ag.grad(g.sum(), x)
    assert_close(second, (2 + x.data) * np.exp(x.data))


class FailsOnce(ag.Function):
    fail = True

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (y,) = ctx.saved_tensors
        if FailsOnce.fail:
            raise KeyError("in the backward of a user")
        return g * y


def test_an_error_in_a_backward_leaves_no_cycle_and_no_mode() -> None:
    FailsOnce.fail = True
    gc.collect()
    gc.disable()
    try:
        x = leaf(0.5)
        y = FailsOnce.apply(x)
        dead = weakref.ref(y.node)
        with pytest.raises(KeyError):
            ag.grad(y.sum(), x, create_graph=True)
        assert ag.is_grad_enabled()
        FailsOnce.fail = False
        assert_close(ag.grad(y.sum(), x)[0], np.exp([0.5]))
        del y
        assert dead() is None
    finally:
        gc.enable()


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


# -- More of gradients that users assign, keep and ask for ------------------------------------------------------------
def test_a_grad_of_another_shape_is_named() -> None:
    x = leaf(1.0, 2.0)
    x.grad = ag.tensor(0.0)
    with pytest.raises(RuntimeError, match=r"grad of a tensor of shape \(2,\) has shape \(\)"):
        (x * x).sum().backward()


def test_a_retained_gradient_adds_up() -> None:
    x = leaf(1.0, 2.0)
    y = x * 2
    y.retain_grad()
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    assert_close(y.grad, [2.0, 2.0])


def test_a_recorded_gradient_stays_recorded_when_more_is_added() -> None:
    x = leaf(1.0, 2.0)
    y = (x**3).sum()
    y.backward(create_graph=True)
    y.backward()
    assert x.grad is not None
    assert_close(x.grad.detach(), [6.0, 24.0])
    assert_close(ag.grad(x.grad.sum(), x)[0], [6.0, 12.0])  # of the first of the two


def test_backward_with_inputs_counts_each_once_and_runs_their_hooks() -> None:
    x = leaf(1.0, 2.0)
    seen: list[Any] = []
    x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad))
    (x * 2).sum().backward(inputs=[x, x])
    assert_close(x.grad, [2.0, 2.0])
    assert len(seen) == 1


# -- More of functions ------------------------------------------------------------------------------------------------
def function(
    forward: Callable[..., Any], backward: Callable[..., Any], setup: Callable[..., None] | None = None
) -> Callable[..., Any]:
    members: dict[str, Any] = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    if setup is not None:
        members["setup_context"] = staticmethod(setup)
    return type("Mine", (ag.Function,), members).apply  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "make", [lambda g: g.sum(), lambda g: g.reshape(3, 2), lambda g: g[:1, :1], lambda g: g[0], lambda g: 1.0]
)
def test_a_backward_that_returns_another_shape_is_named(make: Callable[[Tensor], Any]) -> None:
    apply = function(lambda ctx, x: x * 2, lambda ctx, g: make(g))
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(RuntimeError, match=r"Mine: .* for an input of shape \(2, 3\)"):
        apply(x).sum().backward()


def test_a_backward_that_writes_to_what_it_is_given_is_refused() -> None:
    apply = function(lambda ctx, x: x * 2, lambda ctx, g: g.mul_(5))
    x, start = leaf(1.0, 2.0), np.ones(2)
    y = x * 1
    with pytest.raises(ValueError, match=r"mul_: .* read-only. Use x.clone"):
        (apply(y) + y).backward(start)
    assert_close(start, [1.0, 1.0])


def test_a_function_that_writes_to_its_input() -> None:
    def forward(ctx: Any, x: Tensor) -> Tensor:
        x *= 2
        ctx.mark_dirty(x)
        return x

    apply = function(forward, lambda ctx, g: g * 2)
    x = leaf(1.0, 2.0)
    y = x * 3
    v = y[:1]
    z = apply(y)
    assert z is y
    (z * v).sum().backward()  # 36 x_i x_0
    assert_close(x.grad, [36.0 * (2 * 1 + 2), 36.0])
    with pytest.raises(RuntimeError, match=r"Mine: the tensor of shape .* is a leaf"):
        apply(leaf(1.0))


def test_a_function_that_returns_its_input_or_a_view_of_it() -> None:
    x = leaf(1.0, 2.0)
    whole = function(lambda ctx, x: x, lambda ctx, g: g * 7)
    y = whole(x)
    assert y is not x
    assert x.is_leaf
    (y * y).sum().backward()
    assert_close(x.grad, [14.0, 28.0])
    x.grad = None
    part = function(lambda ctx, x: x[:1], lambda ctx, g: ag.cat([g * 7, g * 0]))
    b = x * 1
    y = part(b)
    y *= 3
    assert_close(b.detach(), [1.0, 2.0])
    (b.sum() + y.sum()).backward()
    assert_close(x.grad, [22.0, 1.0])


def test_a_function_may_ask_for_none_in_place_of_zeros() -> None:
    seen = []

    def forward(ctx: Any, x: Tensor) -> tuple[Tensor, Tensor]:
        ctx.set_materialize_grads(False)
        return x * 1, x * 2

    def backward(ctx: Any, g: Tensor | None, h: Tensor | None) -> Tensor | None:
        seen.append((g is None, h is None))
        return None if h is None else h * 2

    x = leaf(1.0, 2.0)
    function(forward, backward)(x)[1].sum().backward()
    assert seen == [(True, False)]
    assert_close(x.grad, [2.0, 2.0])


def test_a_function_in_two_parts() -> None:
    def setup(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.k = inputs[1]
        ctx.save_for_backward(output)

    apply = function(lambda x, k: x.exp() * k, lambda ctx, g: (g * ctx.saved_tensors[0], None), setup)
    x = leaf(0.0, 1.0)
    (first,) = ag.grad(apply(x, 3.0).sum(), x, create_graph=True)
    assert first is not None
    assert_close(first, 3 * np.exp(x.data))
    assert_close(ag.grad(first.sum(), x)[0], 3 * np.exp(x.data))


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
