"""Every optimizer with its options, and the parameters it is tried on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import optim
from autograd import Tensor

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
