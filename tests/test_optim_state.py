"""Optimizers: runs that are saved, loaded or copied go on with the same bits."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import optim
from autograd import Tensor
from tests.optimizer_cases import arrays, each_case, parameters, run, same_bits


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
