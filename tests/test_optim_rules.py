"""Optimizers: their rules against PyTorch and against the recurrences written out, and training by each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import optim
from autograd import Tensor
from tests.optimizer_cases import SHAPES, arrays, each_case, parameters, run, values


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
