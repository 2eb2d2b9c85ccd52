"""Optimizers: their rules against PyTorch and against the recurrences written out, and what the step loop promises."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd import Tensor
from autograd.kernels.threads import get_num_threads, set_num_threads

SHAPES = [(3, 5), (7,), (), (2, 1, 3, 3), (1, 130), (0, 4), (257,)]

# Every optimizer with its options one by one and together.
CASES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.05}),
    ("SGD", {"lr": 0.1, "maximize": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.05, "maximize": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.5, "weight_decay": 0.05, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3}),
    ("Adam", {"lr": 0.1, "betas": (0.0, 0.5)}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.05}),
    ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("Adam", {"lr": 0.1, "maximize": True}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.05, "decoupled_weight_decay": True}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.05, "amsgrad": True, "maximize": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3, "amsgrad": True, "maximize": True}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.2}),
    ("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-2}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.2, "weight_decay": 0.05, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.1, "alpha": 0.8, "eps": 1e-3}),
    ("RMSprop", {"lr": 0.1, "weight_decay": 0.05}),
    ("RMSprop", {"lr": 0.1, "momentum": 0.9}),
    ("RMSprop", {"lr": 0.1, "centered": True}),
    ("RMSprop", {"lr": 0.1, "maximize": True}),
    ("RMSprop", {"lr": 0.1, "momentum": 0.7, "centered": True, "weight_decay": 0.05, "maximize": True}),
]
IDS = [f"{name}-{'-'.join(options) or 'defaults'}" for name, options in CASES]
each_case = pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)


def values(dtype: Any, seed: int = 0, shapes: list[tuple[int, ...]] = SHAPES) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(size=shape), dtype) for shape in shapes]


def parameters(dtype: Any = np.float64, shapes: list[tuple[int, ...]] = SHAPES) -> list[Tensor]:
    return [Tensor(array, requires_grad=True) for array in values(dtype, shapes=shapes)]


def run(optimizer: optim.Optimizer, steps: int, first: int = 1) -> None:
    """Steps with the gradients that belong to each step; now and then one parameter has none."""
    tensors = [tensor for group in optimizer.param_groups for tensor in group["params"]]
    for step in range(first, first + steps):
        grads = values(tensors[0].dtype, seed=step, shapes=[tensor.shape for tensor in tensors])
        for number, (tensor, grad) in enumerate(zip(tensors, grads, strict=True)):
            tensor.grad = None if (step, number) in ((3, 1), (5, 0)) else Tensor(grad)
        optimizer.step()


def arrays(optimizer: optim.Optimizer) -> list[np.ndarray]:
    return [tensor.data.copy() for group in optimizer.param_groups for tensor in group["params"]]


def same_bits(left: list[np.ndarray], right: list[np.ndarray]) -> bool:
    return len(left) == len(right) and all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(left, right, strict=True)
    )


# -- the rules --------------------------------------------------------------------------------------------------------
@each_case
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_ten_steps_equal_pytorch(name: str, options: dict[str, Any], dtype: Any) -> None:
    torch = pytest.importorskip("torch")
    ours = parameters(dtype)
    theirs = [torch.tensor(array, requires_grad=True) for array in values(dtype)]
    optimizer = getattr(optim, name)(ours, **options)
    oracle = getattr(torch.optim, name)(theirs, **options)
    tolerance = 1e-5 if dtype == np.float32 else 1e-10
    for step in range(1, 11):
        for number, (tensor, other, grad) in enumerate(zip(ours, theirs, values(dtype, seed=step), strict=True)):
            skip = (step, number) in ((1, 4), (3, 1), (5, 0), (6, 0))
            tensor.grad = None if skip else Tensor(grad.copy())
            other.grad = None if skip else torch.tensor(grad)
        optimizer.step()
        oracle.step()
        for tensor, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(tensor.data, other.detach().numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "Adagrad", "RMSprop"])
def test_arguments_and_defaults_are_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    ours = getattr(optim, name)(parameters()).defaults
    theirs = getattr(torch.optim, name)([torch.zeros(1, requires_grad=True)]).defaults
    only_theirs = {"foreach", "fused", "capturable", "differentiable"}
    assert ours == {key: value for key, value in theirs.items() if key not in only_theirs}


# The recurrences of the docstrings, one number at a time.
def written_out(name: str, options: dict[str, Any], x: float, gradients: list[float]) -> float:
    o = {**getattr(optim, name)([Tensor([0.0], requires_grad=True)]).defaults, **options}
    sign = -1.0 if o["maximize"] else 1.0
    m = v = largest = b = a = 0.0
    s = o.get("initial_accumulator_value", 0.0)
    for t, grad in enumerate(gradients, 1):
        decoupled = o.get("decoupled_weight_decay", False)
        g = sign * grad + (0.0 if decoupled else o["weight_decay"] * x)
        if name == "SGD":
            if o["momentum"]:
                b = g if t == 1 else o["momentum"] * b + (1 - o["dampening"]) * g
                g = g + o["momentum"] * b if o["nesterov"] else b
            x = x - o["lr"] * g
        elif name in ("Adam", "AdamW"):
            beta1, beta2 = o["betas"]
            if decoupled:
                x = x * (1 - o["lr"] * o["weight_decay"])
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g * g
            largest = max(largest, v)
            root = math.sqrt((largest if o["amsgrad"] else v) / (1 - beta2**t))
            x = x - o["lr"] * (m / (1 - beta1**t)) / (root + o["eps"])
        elif name == "Adagrad":
            s = s + g * g
            x = x - o["lr"] / (1 + (t - 1) * o["lr_decay"]) * g / (math.sqrt(s) + o["eps"])
        else:
            v = o["alpha"] * v + (1 - o["alpha"]) * g * g
            a = o["alpha"] * a + (1 - o["alpha"]) * g
            d = g / (math.sqrt(v - a * a if o["centered"] else v) + o["eps"])
            b = o["momentum"] * b + d
            x = x - o["lr"] * b
    return x


@each_case
@pytest.mark.parametrize("strided", [False, True])
def test_ten_steps_equal_the_recurrence(name: str, options: dict[str, Any], strided: bool) -> None:
    start, gradients = values(np.float64, shapes=[(4, 3), (10, 4, 3)])
    data = np.asfortranarray(start) if strided else start.copy()
    tensor = Tensor(data, requires_grad=True)
    optimizer = getattr(optim, name)([tensor], **options)
    for grad in gradients:
        tensor.grad = Tensor(grad)
        optimizer.step()
    assert tensor.data is data
    for place in np.ndindex(start.shape):
        expected = written_out(name, options, start[place], [grad[place] for grad in gradients])
        assert tensor.data[place] == pytest.approx(expected, rel=1e-10, abs=1e-12)


@each_case
def test_all_at_once_equals_one_by_one(name: str, options: dict[str, Any]) -> None:
    """The kernel for all parameters against the rule in NumPy, in float32 and with blocks that are not full."""
    shapes = [*SHAPES, (70_001,), (300, 301)]
    together = getattr(optim, name)(parameters(np.float32, shapes), **options)
    apart = getattr(optim, name)(parameters(np.float32, shapes), **options)
    apart.update_all = lambda batch, group: False
    run(together, 6)
    run(apart, 6)
    for ours, oracle in zip(arrays(together), arrays(apart), strict=True):
        np.testing.assert_allclose(ours, oracle, rtol=1e-5, atol=1e-5)


def test_centered_rmsprop_stays_finite_for_a_constant_gradient() -> None:
    """The mean of squares less the square of the mean is 0 up to rounding, and may round to below 0."""
    for constant in (0.1, 0.7, 3.3, 12.7):
        tensor = Tensor(np.zeros(33, np.float32), requires_grad=True)
        optimizer = optim.RMSprop([tensor], alpha=0.5, centered=True)
        tensor.grad = Tensor(np.full(33, constant, np.float32))
        for _ in range(200):
            optimizer.step()
        assert np.isfinite(tensor.data).all()


def test_gradients_that_are_not_finite_reach_the_parameter() -> None:
    for name in ("SGD", "Adam", "Adagrad", "RMSprop"):
        tensor = Tensor(np.ones(3), requires_grad=True)
        tensor.grad = Tensor(np.array([1.0, np.nan, 2.0]))
        getattr(optim, name)([tensor]).step()
        assert np.isnan(tensor.data).tolist() == [False, True, False], name


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


# -- saving and loading -----------------------------------------------------------------------------------------------
def named(dtype: Any = np.float32) -> list[tuple[str, Tensor]]:
    return [(f"layer.{number}", tensor) for number, tensor in enumerate(parameters(dtype))]


@each_case
def test_a_run_goes_on_with_the_same_bits(name: str, options: dict[str, Any]) -> None:
    whole = getattr(optim, name)(named(), **options)
    run(whole, 7)
    first = getattr(optim, name)(named(), **options)
    run(first, 4)
    saved, data = first.state_dict(), arrays(first)
    run(first, 2, first=50)  # the state is a copy: what comes later is not in it
    hyperparameters = json.loads(json.dumps(saved["param_groups"]))  # which makes lists of tuples
    pairs = [(key, Tensor(array, requires_grad=True)) for (key, _), array in zip(named(), data, strict=True)]
    second = getattr(optim, name)(pairs)
    second.load_state_dict({"state": saved["state"], "param_groups": hyperparameters})
    run(second, 3, first=5)
    assert same_bits(arrays(whole), arrays(second))
    assert second.param_groups[0].keys() == whole.param_groups[0].keys()
    assert {k: v for k, v in second.param_groups[0].items() if k != "params"} == {
        k: v for k, v in whole.param_groups[0].items() if k != "params"
    }


def test_state_goes_by_name_in_whatever_order() -> None:
    a, b = Tensor(np.zeros(2), requires_grad=True), Tensor(np.zeros(2), requires_grad=True)
    optimizer = optim.SGD([("a", a), ("b", b)], momentum=0.5)
    a.grad, b.grad = Tensor(np.array([1.0, 1.0])), Tensor(np.array([2.0, 2.0]))
    optimizer.step()
    other = optim.SGD([("b", b), ("a", a)], momentum=0.5)
    other.load_state_dict(optimizer.state_dict())
    assert other.state["a"]["momentum_buffer"].tolist() == [1.0, 1.0]
    assert other.state["b"]["momentum_buffer"].tolist() == [2.0, 2.0]
    grouped = optim.SGD([{"params": [("a", a)], "lr": 0.5}, {"params": [("b", b)]}], momentum=0.5)
    turned = optim.SGD([{"params": [("b", b)]}, {"params": [("a", a)]}], momentum=0.5)
    turned.load_state_dict(grouped.state_dict())
    assert [group["lr"] for group in turned.param_groups] == [1e-3, 0.5]


def test_a_state_through_a_file(tmp_path: Any) -> None:
    optimizer = optim.AdamW(named())
    run(optimizer, 3)
    saved = optimizer.state_dict()
    flat = {f"{name}/{key}": value for name, state in saved["state"].items() for key, value in state.items()}
    ag.save(tmp_path / "state.safetensors", flat, {"param_groups": json.dumps(saved["param_groups"])})
    state: dict[str, dict[str, Any]] = {}
    for path, value in ag.load(tmp_path / "state.safetensors").items():
        name, key = path.rsplit("/", 1)
        state.setdefault(name, {})[key] = value
    groups = json.loads(ag.load_metadata(tmp_path / "state.safetensors")["param_groups"])
    pairs = [
        (name, Tensor(data, requires_grad=True)) for (name, _), data in zip(named(), arrays(optimizer), strict=True)
    ]
    other = optim.AdamW(pairs)
    other.load_state_dict({"state": state, "param_groups": groups})
    assert other.state["layer.0"]["step"] == 3
    assert type(other.state["layer.0"]["step"]) is int
    run(optimizer, 2, first=4)
    run(other, 2, first=4)
    assert same_bits(arrays(optimizer), arrays(other))


def test_a_state_that_does_not_fit_changes_nothing() -> None:
    def make(**shapes: tuple[int, ...]) -> optim.Optimizer:
        optimizer = optim.Adam([(name, Tensor(np.zeros(shape), requires_grad=True)) for name, shape in shapes.items()])
        run(optimizer, 1)
        return optimizer

    saved = make(a=(2,), b=(3,), c=(4,)).state_dict()
    saved["param_groups"][0]["lr"] = 0.5
    optimizer = make(a=(2,), b=(5,), d=(4,))
    before = copy.deepcopy((optimizer.state, optimizer.param_groups[0]["lr"]))
    with pytest.raises(ValueError, match="nothing was loaded") as caught:
        optimizer.load_state_dict(saved)
    message = str(caught.value)
    for part in (
        "missing: 'd', a parameter of the optimizer, is not in the state",
        "unexpected: 'c' is in the state",
        "other shape: 'b' is (5,), and its 'exp_avg' in the state (3,)",
    ):
        assert part in message
    after = (optimizer.state, optimizer.param_groups[0]["lr"])
    assert str(after) == str(before)

    other = optim.SGD([("a", Tensor(np.zeros(2), requires_grad=True))])
    with pytest.raises(ValueError, match="missing: the option momentum, dampening, nesterov"):
        other.load_state_dict(make(a=(2,)).state_dict())
    lacking = make(a=(2,)).state_dict()
    del lacking["state"]["a"]["exp_avg_sq"]
    with pytest.raises(ValueError, match="missing: 'exp_avg_sq' in the state of 'a'"):
        make(a=(2,)).load_state_dict(lacking)
    wrong = make(a=(2,)).state_dict()
    wrong["param_groups"][0]["betas"] = [0.9, 1.5]
    with pytest.raises(ValueError, match=r"option: Adam: betas\[1\] must be at least 0 and below 1, and is 1.5"):
        make(a=(2,)).load_state_dict(wrong)
    apart = optim.Adam([{"params": [("a", Tensor([0.0], requires_grad=True))]}])
    apart.add_param_group({"params": [("b", Tensor([0.0], requires_grad=True))]})
    with pytest.raises(ValueError, match="other groups: the optimizer has a in group 0"):
        apart.load_state_dict(make(a=(1,), b=(1,)).state_dict())
    with pytest.raises(TypeError, match="takes what state_dict"):
        apart.load_state_dict({"a": np.zeros(3)})


@pytest.mark.parametrize("copying", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_copies_go_on_like_the_original(copying: Callable[[Any], Any]) -> None:
    optimizer = optim.Adam(named(), amsgrad=True)
    run(optimizer, 3)
    tensors = [tensor for _, tensor in zip(named(), optimizer.param_groups[0]["params"], strict=True)]
    other, its_tensors = copying((optimizer, tensors))
    assert all(a is b for a, b in zip(other.param_groups[0]["params"], its_tensors, strict=True))
    before = arrays(optimizer)
    run(other, 3, first=4)
    assert same_bits(before, arrays(optimizer))
    run(optimizer, 3, first=4)
    assert same_bits(arrays(optimizer), arrays(other))


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


# -- real training ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"lr": 0.5}),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        ("Adam", {"lr": 0.05}),
        ("AdamW", {"lr": 0.05}),
        ("Adagrad", {"lr": 0.5}),
        ("RMSprop", {"lr": 0.02, "momentum": 0.5, "centered": True}),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_logistic_regression_finds_the_plane(name: str, options: dict[str, Any], seed: int) -> None:
    """Points on both sides of a plane in ten dimensions, one in twenty on the wrong side."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(400, 10)).astype(np.float32)
    plane = rng.normal(size=(10, 1)).astype(np.float32)
    side = np.sign(x @ plane + 0.5)
    noisy = np.where(rng.random((400, 1)) < 0.05, -side, side).astype(np.float32)
    inputs, targets = Tensor(x), Tensor(noisy)
    w, b = (Tensor(np.zeros(shape, np.float32), requires_grad=True) for shape in ((10, 1), (1,)))
    optimizer = getattr(optim, name)([("w", w), ("b", b)], **options)
    for _ in range(150):
        optimizer.zero_grad()
        margins = (inputs @ w + b) * targets
        loss = (1 + (-margins).exp()).log().mean()
        loss.backward()
        optimizer.step()
    correct = np.sign(x @ w.data + b.data) == side
    assert correct.mean() > 0.93


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
