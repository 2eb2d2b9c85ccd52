"""The tape: what backward does, what it keeps, what it frees, and what it says when it is used wrongly."""

from __future__ import annotations

import copy
import gc
import pickle
import tracemalloc
import weakref

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.testing import assert_close, gradgradcheck
from tests.leaves import leaf


# -- the walk ---------------------------------------------------------------------------------------------------------
def test_a_tensor_used_many_times_gets_the_sum() -> None:
    x = leaf(3.0)
    y = x * x  # a diamond: y reaches the end along two paths of different length
    z = y + y * x
    z.backward(np.ones(1))
    assert_close(x.grad, [2 * 3 + 3 * 9.0])


def test_backward_adds_to_what_is_there() -> None:
    x = leaf(1.0, 2.0)
    (x * 2).sum().backward()
    before = x.grad
    (x * 3).sum().backward()
    assert x.grad is before
    assert_close(x.grad, [5.0, 5.0])


def test_gradients_have_the_shape_and_dtype_of_their_tensor() -> None:
    x = Tensor(np.ones((3, 1), np.float32), requires_grad=True)
    y = Tensor(np.ones((2, 1, 4), np.float64), requires_grad=True)
    (x * y + x).sum().backward()
    assert x.grad is not None
    assert y.grad is not None
    assert (x.grad.shape, x.grad.dtype) == ((3, 1), np.float32)
    assert (y.grad.shape, y.grad.dtype) == ((2, 1, 4), np.float64)
    assert_close(x.grad, np.full((3, 1), 16.0))


def test_no_two_gradients_share_memory() -> None:
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    start = np.ones(2)
    (x + y).backward(start)
    assert x.grad is not None
    assert y.grad is not None
    x.grad.data += 1
    assert_close(y.grad, [1.0, 1.0])
    assert_close(start, [1.0, 1.0])
    a, b = ag.grad((x + y).sum(), [x, y])
    assert a is not None
    assert b is not None
    assert not np.shares_memory(a.data, b.data)
    assert a.data.flags.writeable


def test_order_of_operands_and_repeated_operand() -> None:
    x = leaf(5.0)
    (x - x * 2 + x / x).backward(np.ones(1))
    assert_close(x.grad, [-1.0])


def test_several_outputs() -> None:
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    first, second = ag.split(x, 1)
    (second * 2).sum().backward()
    assert_close(x.grad, [[0, 0, 0], [2, 2, 2.0]])
    x.grad = None
    first, second = ag.split(x, 1)
    (first * second).sum().backward()
    assert_close(x.grad, [[3, 4, 5], [0, 1, 2.0]])


def test_million_node_chain() -> None:
    """Built, differentiated and freed: without recursion, whatever the depth."""
    x = leaf(1.0)
    z = x
    for _ in range(1_000_000):
        z = z + x
    z.backward(np.ones(1))
    assert_close(x.grad, [1_000_001.0])
    del z
    z = x
    for _ in range(200_000):
        z = z * 1.0  # freed without ever having been differentiated
    del z


def test_a_graph_dies_by_reference_counting() -> None:
    gc.disable()
    try:
        x = leaf(*np.linspace(0.0, 1.0, 1000))
        y = (x * x).exp().sum()
        node, value = weakref.ref(y.node), weakref.ref(y)
        del y
        assert node() is None
        assert value() is None
        y = (x * 1e-3).exp().sum()
        inner = weakref.ref(y.node.parents[0])
        y.backward()
        assert inner() is None  # freed by the pass itself, though y lives
    finally:
        gc.enable()


def test_training_steps_leave_memory_flat_without_the_collector() -> None:
    rng = np.random.default_rng(0)
    w1 = Tensor(rng.standard_normal((20, 30)) * 0.1, requires_grad=True)
    w2 = Tensor(rng.standard_normal((30, 1)) * 0.1, requires_grad=True)
    x, t = Tensor(rng.standard_normal((16, 20))), Tensor(rng.standard_normal((16, 1)))

    def step() -> None:
        error = ag.tanh(x @ w1) @ w2 - t
        loss = (error * error).mean()
        loss.backward()
        with ag.no_grad():
            for w in (w1, w2):
                assert w.grad is not None
                w -= 0.1 * w.grad
                w.grad = None

    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(300):
            step()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(1000):
            step()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        gc.enable()
    assert grown < 5_000, f"{grown} bytes more after 1,000 steps"


def test_backward_frees_what_it_has_passed() -> None:
    x = Tensor(np.ones(1000), requires_grad=True)
    y = x.exp()
    saved = weakref.ref(y.data)
    z = y.sum()
    del y
    assert saved() is not None
    z.backward()
    assert saved() is None


# -- going through twice ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("function", [lambda x: x * x, lambda x: x.exp(), lambda x: x @ x, lambda x: x / 3.0])
def test_a_second_pass_is_refused(function) -> None:
    x = leaf(1.0, 2.0)
    y = function(x)
    start = np.ones(y.shape)
    y.backward(start)
    with pytest.raises(RuntimeError, match=r"freed by an earlier backward pass.*retain_graph=True"):
        y.backward(start)
    before = x.grad.data.copy()
    assert_close(x.grad, before)


def test_a_second_pass_with_retain_graph() -> None:
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert_close(x.grad, [4.0, 8.0])


def test_a_trunk_that_saved_nothing_can_be_shared() -> None:
    x = leaf(1.0, 2.0)
    trunk = x + 1.0
    (trunk * 2.0).sum().backward()
    (trunk * 3.0).sum().backward()
    assert_close(x.grad, [5.0, 5.0])


def test_a_failed_pass_changes_no_gradient() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = (x * w).sum()
    y.backward()
    gradient = x.grad.data.copy()
    with pytest.raises(RuntimeError):
        (y + (x * 5.0).sum()).backward()
    assert_close(x.grad, gradient)


# -- grad() and higher orders -----------------------------------------------------------------------------------------
def test_grad_leaves_the_leaves_alone() -> None:
    x, y = leaf(2.0), leaf(3.0)
    (dx,) = ag.grad((x * y).sum(), x)
    assert_close(dx, [3.0])
    assert x.grad is None
    assert y.grad is None


def test_grad_by_an_inner_tensor() -> None:
    x = leaf(2.0)
    y = x * x
    z = (y * y).sum()
    dy, dx = ag.grad(z, [y, x])
    assert_close(dy, [8.0])
    assert_close(dx, [32.0])


def test_grad_of_unused_input() -> None:
    x, y = leaf(2.0), leaf(3.0)
    with pytest.raises(RuntimeError, match=r"do not depend on input 1, of shape \(1,\).*allow_unused=True"):
        ag.grad((x * x).sum(), [x, y])
    assert ag.grad((x * x).sum(), [x, y], allow_unused=True)[1] is None
    assert_close(ag.grad((x * x).sum(), [x, y], materialize_grads=True)[1], [0.0])


def test_grad_runs_only_what_leads_to_the_inputs() -> None:
    ran = []

    class Loud(ag.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1.0

        @staticmethod
        def backward(ctx, g):
            ran.append(True)
            return g

    x, y = leaf(2.0), leaf(3.0)
    ag.grad((x * 2.0 + Loud.apply(y)).sum(), x)
    assert not ran


@pytest.mark.parametrize("order", [2, 3, 4])
def test_derivatives_of_any_order(order: int) -> None:
    x = leaf(0.7)
    y = x.exp() * x * x
    for _ in range(order):
        (y,) = ag.grad(y.sum(), x, create_graph=True)
    e, v = np.exp(0.7), 0.7
    assert_close(y, [e * (v * v + 2 * order * v + order * (order - 1))])


def test_create_graph_through_backward() -> None:
    x = leaf(3.0)
    (x * x * x).sum().backward(create_graph=True)
    assert x.grad.requires_grad
    first = x.grad
    x.grad = None
    first.sum().backward()
    assert_close(x.grad, [18.0])


def test_second_derivative_by_the_incoming_gradient() -> None:
    assert gradgradcheck(lambda a, b: a * b.exp() / (a * a + 1.0), [leaf(0.5, -1.0), leaf(0.2, 0.3)])


def test_backward_with_inputs() -> None:
    x, y = leaf(2.0), leaf(3.0)
    (x * y).sum().backward(inputs=[x])
    assert_close(x.grad, [3.0])
    assert y.grad is None


# -- anomalies --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["sqrt", "log", "rsqrt", "reciprocal"])
def test_detect_anomaly_names_operation_and_line(name: str) -> None:
    x = leaf(0.0)
    with ag.detect_anomaly(), ag.strict_nan():
        y = getattr(ag, name)(x) * 0.0  # the line to be named
        with pytest.raises(RuntimeError, match=rf"gradient of {name} .* is NaN at .*test_graph.*the line to be named"):
            y.sum().backward()


def test_zero_absorbs() -> None:
    x = leaf(0.0, 4.0)
    ag.where(x > 0, x.sqrt(), x).sum().backward()
    assert_close(x.grad, [1.0, 0.25])
    x.grad = None
    with ag.strict_nan():
        ag.where(x > 0, x.sqrt(), x).sum().backward()
    assert np.isnan(x.grad.data[0])


def test_a_product_behind_a_selection_absorbs() -> None:
    p = leaf(0.0, 0.5, -1.0)
    entropy = -ag.where(p > 0, p * p.log(), 0.0).sum()
    entropy.backward()
    assert_close(p.grad, [0.0, -np.log(0.5) - 1, 0.0])


# -- copies -----------------------------------------------------------------------------------------------------------
def test_deepcopy_and_pickle_of_leaves() -> None:
    x = leaf(1.0, 2.0)
    (x * x).sum().backward()
    for other in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert other.requires_grad
        assert_close(other, [1.0, 2.0])
        other.data[0] = 9.0
        assert x.data[0] == 1.0
    assert_close(copy.deepcopy(x).grad, x.grad)
    for attempt in (copy.deepcopy, pickle.dumps):
        with pytest.raises(RuntimeError, match=r"result of mul.*detach\(\)"):
            attempt(x * 2.0)


# -- use after other data ---------------------------------------------------------------------------------------------
def test_a_leaf_that_was_given_other_data() -> None:
    x = leaf(1.0, 2.0)
    x.data = np.ones((3, 1), np.float32)
    (x * np.ones((3, 4), np.float32)).sum().backward()
    assert x.grad.shape == (3, 1)
    assert x.grad.dtype == np.float32


# -- messages ---------------------------------------------------------------------------------------------------------
def test_messages() -> None:
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=r"only for a result of one element.*\(2,\).*\.sum\(\)"):
        (x * 2.0).backward()
    with pytest.raises(RuntimeError, match="does not require a gradient"):
        Tensor([1.0]).backward()
    with pytest.raises(RuntimeError, match=r"shape \(3,\) and the result \(2,\)"):
        (x * 2.0).backward(np.ones(3))
    with pytest.raises(TypeError, match=r"only floating-point.*int64.*x\.float\(\)"):
        Tensor([1, 2], requires_grad=True)
    with pytest.raises(RuntimeError, match="can stop requiring"):
        (x * 2.0).requires_grad_(False)
    with pytest.raises(RuntimeError, match=r"x\.detach\(\)\.numpy\(\)"):
        x.numpy()
    with pytest.raises(ValueError, match=r"ambiguous.*x\.any\(\)"):
        bool(x > 0)


def test_a_fused_operation_whose_inputs_depend_on_each_other() -> None:
    """Under create_graph its gradient comes from its definition, and each path is counted once."""
    rng = np.random.default_rng(0)
    x, w, h = [ag.Tensor(rng.standard_normal(shape), requires_grad=True) for shape in ((2, 12), (12, 4), (2, 4))]
    out = ag.gru_cell(x, h, ag.eye(12, dtype=ag.float64), w).sum()
    (plain,) = ag.grad(out, h, retain_graph=True)
    (linked,) = ag.grad(out, h, create_graph=True)
    np.testing.assert_allclose(linked.data, plain.data)
    target = ag.Tensor(rng.standard_normal((2, 3)), requires_grad=True)
    (plain,) = ag.grad(ag.mse_loss(target.exp(), target), target)
    (linked,) = ag.grad(ag.mse_loss(target.exp(), target), target, create_graph=True)
    np.testing.assert_allclose(linked.data, plain.data)
