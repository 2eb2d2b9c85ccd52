"""Functions with a backward of their author: the worst uses found for them."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.testing import assert_close
from tests.leaves import leaf


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


@pytest.mark.parametrize("value", [5, np.ones(2), [1.0]])
def test_only_tensors_are_saved_for_backward(value: Any) -> None:
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x, None, value)
        return x * 2

    with pytest.raises(TypeError, match="save_for_backward: takes tensors, not"):
        function(forward, lambda ctx, g: g)(ag.ones(2))
