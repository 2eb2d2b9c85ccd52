"""Optimizers: what the step loop and parameter groups promise, and what they refuse."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd import Tensor
from autograd.kernels.threads import get_num_threads, set_num_threads
from tests.optimizer_cases import CASES, SHAPES, arrays, each_case, parameters, run, same_bits


# -- the step ---------------------------------------------------------------------------------------------------------
def test_parameters_without_a_gradient_stay_and_so_does_their_state() -> None:
    x, y = parameters(shapes=[(3,), (2,)])
    optimizer = optim.Adam([x, y], lr=0.1)
    x.grad = Tensor(np.ones(3))
    before = y.data.copy()
    optimizer.step()
    assert (y.data == before).all()
    assert list(optimizer.state) == ["0"]
    y.grad = Tensor(np.ones(2))
    x.grad = None
    state = copy.deepcopy(optimizer.state["0"])
    optimizer.step()
    assert optimizer.state["0"]["step"] == 1
    assert optimizer.state["1"]["step"] == 1
    assert (optimizer.state["0"]["exp_avg"] == state["exp_avg"]).all()


def test_zero_grad() -> None:
    x, y = parameters(shapes=[(3,), (2,)])
    optimizer = optim.SGD([x, y])
    x.grad = Tensor(np.ones(3))
    held = x.grad
    optimizer.zero_grad(set_to_none=False)
    assert x.grad is held
    assert (held.data == 0).all()
    assert y.grad is None
    optimizer.zero_grad()
    assert x.grad is None


def test_the_closure_runs_once_with_recording_on_and_its_result_is_returned() -> None:
    x = Tensor([2.0], requires_grad=True)
    optimizer = optim.SGD([x], lr=0.25)
    calls = []

    def closure() -> Tensor:
        calls.append(ag.is_grad_enabled())
        optimizer.zero_grad()
        loss = (x * x).sum()
        loss.backward()
        return loss

    with ag.no_grad():
        loss = optimizer.step(closure)
    assert calls == [True]
    assert loss.item() == 4.0
    assert x.item() == 1.0


def test_the_gradient_is_left_as_it_is() -> None:
    for name, options in CASES:
        (x,) = parameters(shapes=[(5,)])
        grad = np.arange(5.0)
        x.grad = Tensor(grad)
        getattr(optim, name)([x], **options).step()
        assert (grad == np.arange(5.0)).all(), name


def test_a_graph_from_before_the_step_raises() -> None:
    x = Tensor([2.0], requires_grad=True)
    y = (x * x).sum()
    x.grad = Tensor([1.0])
    optim.SGD([x]).step()
    with pytest.raises(RuntimeError, match=r"overwritten by SGD\.step"):
        y.backward()


def test_the_gradients_dtype_and_order_may_differ() -> None:
    x, y = (Tensor(np.ones((3, 4), np.float32), requires_grad=True) for _ in range(2))
    grad = np.arange(12.0).reshape(4, 3)
    x.grad, y.grad = Tensor(grad.T), Tensor(np.ascontiguousarray(grad.T).astype(np.float32))
    optim.Adam([x, y]).step()
    assert x.dtype == np.float32
    assert (x.data == y.data).all()


def test_an_error_in_one_parameter_leaves_all_as_they_were() -> None:
    x, y = parameters(shapes=[(3,), (2,)])
    optimizer = optim.Adam([x, y])
    x.grad, y.grad = Tensor(np.ones(3)), Tensor(np.ones(3))
    before = x.data.copy()
    with pytest.raises(ValueError, match=r"gradient of '1' has shape \(3,\) and the parameter \(2,\)"):
        optimizer.step()
    assert (x.data == before).all()
    assert not optimizer.state
    y.data.flags.writeable = False
    y.grad = Tensor(np.ones(2))
    with pytest.raises(ValueError, match="read-only"):
        optimizer.step()
    assert (x.data == before).all()


def test_state_follows_a_parameter_that_changes() -> None:
    (x,) = parameters(np.float32, shapes=[(3,)])
    optimizer = optim.SGD([x], momentum=0.9)
    x.grad = Tensor(np.ones(3, np.float32))
    optimizer.step()
    x.data, x.grad = x.data.astype(np.float64), Tensor(np.ones(3))
    optimizer.step()
    assert optimizer.state["0"]["momentum_buffer"].dtype == np.float64
    x.data, x.grad = np.zeros(4), Tensor(np.ones(4))
    with pytest.raises(ValueError, match=r"now has shape \(4,\), and its state is from when it had \(3,\)"):
        optimizer.step()
    optimizer.state.pop("0")
    optimizer.step()
    x.data, x.grad = np.zeros(4, np.float16), Tensor(np.ones(4, np.float16))
    with pytest.raises(TypeError, match="'0' is float16"):
        optimizer.step()


def test_a_state_of_the_users_own_may_lie_in_any_order() -> None:
    x, y = (Tensor(np.ones((3, 4)), requires_grad=True) for _ in range(2))
    buffer = np.arange(12.0).reshape(3, 4)
    for tensor, own in ((x, buffer), (y, np.asfortranarray(buffer))):
        optimizer = optim.SGD([tensor], momentum=0.9)
        run(optimizer, 1)
        optimizer.state["0"]["momentum_buffer"] = own
        run(optimizer, 1, first=2)
    assert (x.data == y.data).all()


def test_options_can_be_changed_between_steps() -> None:
    x, y = parameters(shapes=[(3,), (3,)])
    y.data[...] = x.data
    changed, constant = optim.SGD([x], lr=0.5), optim.SGD([y], lr=0.1, momentum=0.9)
    changed.param_groups[0].update(lr=0.1, momentum=0.9)
    run(changed, 2)
    run(constant, 2)
    assert (x.data == y.data).all()
    changed.param_groups[0]["momentum"] = 0.0
    optimizer = optim.RMSprop([x])
    run(optimizer, 2)
    optimizer.param_groups[0].update(momentum=0.5, centered=True)
    run(optimizer, 1)
    assert set(optimizer.state["0"]) == {"step", "square_avg", "grad_avg", "momentum_buffer"}
    assert np.isfinite(x.data).all()


@each_case
def test_one_and_two_threads_give_the_same_bits(name: str, options: dict[str, Any]) -> None:
    shapes = [*SHAPES, (400, 513)]
    before = get_num_threads()
    results = []
    try:
        for threads in (1, 2):
            set_num_threads(threads)
            optimizer = getattr(optim, name)(parameters(np.float32, shapes), **options)
            run(optimizer, 3)
            results.append(arrays(optimizer))
    finally:
        set_num_threads(before)
    assert same_bits(*results)


# -- parameter groups -------------------------------------------------------------------------------------------------
def test_groups_have_the_defaults_and_their_own_options() -> None:
    w, b, late = parameters(shapes=[(3,), (2,), (4,)])
    optimizer = optim.SGD([{"params": [w]}, {"params": b, "lr": 0.5}], lr=0.1, momentum=0.9)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5]
    assert [group["momentum"] for group in optimizer.param_groups] == [0.9, 0.9]
    optimizer.add_param_group({"params": [late], "weight_decay": 0.1})
    assert [group["param_names"] for group in optimizer.param_groups] == [["0"], ["1"], ["2"]]
    before = arrays(optimizer)
    for tensor in (w, b, late):
        tensor.grad = Tensor(np.ones(tensor.shape))
    optimizer.step()
    moved = [old - new for old, new in zip(before, arrays(optimizer), strict=True)]
    np.testing.assert_allclose(moved[0], 0.1)
    np.testing.assert_allclose(moved[1], 0.5)
    np.testing.assert_allclose(moved[2], 0.1 * (1 + 0.1 * before[2]))


def test_names() -> None:
    w, b = parameters(shapes=[(3,), (2,)])
    optimizer = optim.Adam(iter([("w", w), ("b", b)]))
    assert optimizer.param_groups[0]["param_names"] == ["w", "b"]
    run(optimizer, 1)
    assert list(optimizer.state) == ["w", "b"]
    grouped = optim.Adam([{"params": [("w", w)], "lr": 1.0}, {"params": [("b", b)]}])
    assert [group["param_names"] for group in grouped.param_groups] == [["w"], ["b"]]


def test_second_names() -> None:
    assert optim.AdaGrad is optim.Adagrad
    assert optim.RMSProp is optim.RMSprop


def test_repr_lists_the_options() -> None:
    text = repr(optim.SGD(parameters(), lr=0.25))
    assert text.startswith("SGD (\nParameter Group 0\n")
    assert "    lr: 0.25\n" in text


class NotOptimizable:
    def named_parameters(self) -> list[Any]:
        return []


def wrong_uses() -> list[tuple[Callable[[], Any], type[Exception], str]]:
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = Tensor([3.0], requires_grad=True)
    used_up = iter([x])
    list(used_up)
    sgd, adam = optim.SGD, optim.Adam
    return [
        (lambda: sgd([]), ValueError, "there are no parameters to optimize"),
        (lambda: sgd(used_up), ValueError, "it is used up: call"),
        (lambda: sgd(x), TypeError, "not one tensor. Put it in a list"),
        (lambda: sgd({x}), TypeError, "a list, which has an order, and not a set"),
        (lambda: sgd({"w": x}), TypeError, "a list of dicts and not a dict"),
        (lambda: sgd(NotOptimizable()), TypeError, "give model.parameters"),
        (lambda: sgd(3), TypeError, "not int"),
        (lambda: sgd([x, 3.0]), TypeError, "a parameter is a Tensor, and this is float"),
        (lambda: sgd([{"lr": 0.1}]), TypeError, "a parameter group is a dict with 'params'"),
        (lambda: sgd([{"params": {x}}]), TypeError, "not set"),
        (lambda: sgd([{"params": [x], "decay": 0.1}]), ValueError, "gives 'decay', which is no option of SGD"),
        (lambda: sgd([x * 2]), ValueError, r"is the result of an operation \(mul\)"),
        (lambda: sgd([x, x]), ValueError, "'0' of shape .* is given twice"),
        (lambda: sgd([{"params": [x]}, {"params": [x]}]), ValueError, "is given twice"),
        (lambda: sgd([("w", x), ("w", y)]), ValueError, "two parameters are named 'w'"),
        (lambda: sgd([("w", x), y]), ValueError, "some parameters come with names"),
        (lambda: sgd([("w", x)]).add_param_group({"params": [y]}), ValueError, "some parameters come with names"),
        (lambda: sgd([Tensor(np.ones(2, np.float16))]), TypeError, "'0' is float16"),
        (lambda: sgd([Tensor(np.ones(2, np.int64))]), TypeError, "'0' is int64"),
        (lambda: sgd([x], lr=-0.1), ValueError, "SGD: lr must be at least 0, and is -0.1"),
        (lambda: sgd([x], lr=math.nan), ValueError, "lr must be at least 0, and is nan"),
        (lambda: sgd([x], lr=math.inf), ValueError, "lr must be at least 0, and is inf"),
        (lambda: sgd([x], lr=Tensor(0.1)), TypeError, "lr is a number, not Tensor"),
        (lambda: sgd([x], lr="0.1"), TypeError, "lr is a number, not str"),
        (lambda: sgd([x], lr=True), TypeError, "lr is a number, not bool"),
        (lambda: sgd([{"params": [x], "lr": -1}]), ValueError, "lr must be at least 0, and is -1"),
        (lambda: sgd([x], nesterov=True), ValueError, "nesterov needs momentum above 0 and dampening 0"),
        (lambda: sgd([x], momentum=0.9, dampening=0.1, nesterov=True), ValueError, "they are 0.9 and 0.1"),
        (lambda: sgd([x], maximize=1), TypeError, "maximize is True or False, not 1"),
        (lambda: adam([x], betas=(0.9, 1.0)), ValueError, r"betas\[1\] must be at least 0 and below 1, and is 1.0"),
        (lambda: adam([x], betas=0.9), TypeError, "betas is a tuple of 2 numbers, not 0.9"),
        (lambda: adam([x], eps=-1e-8), ValueError, "eps must be at least 0"),
        (lambda: adam([x], weight_decay=-1.0), ValueError, "weight_decay must be at least 0"),
        (lambda: optim.RMSprop([x], alpha=1.5), ValueError, "alpha must be at least 0 and below 1"),
        (lambda: optim.Adagrad([x], lr_decay=-1), ValueError, "lr_decay must be at least 0"),
    ]


@pytest.mark.parametrize("number", range(len(wrong_uses())))
def test_wrong_use(number: int) -> None:
    use, error, message = wrong_uses()[number]
    with pytest.raises(error, match=message):
        use()


def test_numbers_of_numpy_become_numbers_of_python() -> None:
    optimizer = optim.Adam(parameters(), lr=np.float32(0.5), betas=[np.float64(0.5), 0.5])
    assert type(optimizer.param_groups[0]["lr"]) is float
    assert optimizer.param_groups[0]["betas"] == (0.5, 0.5)
    assert optimizer.param_groups[0]["betas"] == tuple(map(float, (0.5, 0.5)))


def test_a_rule_of_your_own() -> None:
    class Lion(optim.Optimizer):
        def __init__(self, params: Any, lr: float = 0.1, beta: float = 0.9) -> None:
            super().__init__(params, {"lr": lr, "beta": beta})

        def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
            return ("average",)

        def update(self, param: np.ndarray, grad: np.ndarray, state: dict[str, Any], group: dict[str, Any]) -> None:
            param -= group["lr"] * np.sign(group["beta"] * state["average"] + (1 - group["beta"]) * grad)
            state["average"] += (1 - group["beta"]) * (grad - state["average"])

    x = Tensor([1.0, -1.0], requires_grad=True)
    optimizer = Lion([x])
    x.grad = Tensor([2.0, -3.0])
    optimizer.step()
    np.testing.assert_allclose(x.data, [0.9, -0.9], rtol=1e-6)
    unruly = optim.Optimizer([x], {"rate": 0.1})
    with pytest.raises(NotImplementedError, match="Optimizer has no update"):
        unruly.step()


def test_a_copied_optimizer_moves_the_copied_parameters_alone():
    model = nn.Dense(3, 2)
    model.weight.grad, model.bias.grad = ag.ones(2, 3), ag.ones(2)
    optimizer = optim.Adam(model.named_parameters())
    optimizer.step()
    optimizer.step()
    before = model.weight.data.copy()
    copied, other = copy.deepcopy((optimizer, model))
    copied.step()
    assert np.array_equal(model.weight.data, before)
    assert not np.array_equal(other.weight.data, before)


def test_a_step_sees_what_was_replaced_since_the_last():
    def prepared():
        w = ag.tensor([1.0, 2.0], requires_grad=True)
        w.grad = ag.tensor([1.0, -1.0])
        optimizer = optim.Adam([w], lr=0.1)
        optimizer.step()
        return w, optimizer

    w, optimizer = prepared()
    w.data = np.array([5.0, 5.0], np.float32)
    optimizer.step()
    np.testing.assert_allclose(w.data, [4.9, 5.1], rtol=1e-6)
    w, optimizer = prepared()
    optimizer.state["0"]["exp_avg"] = np.zeros(2, np.float32)
    optimizer.step()
    assert optimizer.state["0"]["exp_avg"][0] == np.float32(0.1)
    w, optimizer = prepared()
    w.grad = None
    before = w.data.copy()
    optimizer.step()
    assert np.array_equal(w.data, before)
    assert optimizer.state["0"]["step"] == 1
