"""Hooks, and gradients that users assign, keep and ask for: the worst uses found for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.testing import assert_close
from tests.leaves import leaf


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
