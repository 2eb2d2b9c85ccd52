"""Every schedule with its options, and the optimizers it is tried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import optim
from autograd import Tensor


class Warm:
    """A callable object with something to save."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __call__(self, epoch: int) -> float:
        return min(1.0, (epoch + 1) / self.steps)


# Each makes a schedule with the schedules `s` (PyTorch's or ours) for an optimizer.
CASES: dict[str, Callable[[Any, Any], Any]] = {
    "StepLR": lambda s, o: s.StepLR(o, 7, gamma=0.5),
    "StepLR-every": lambda s, o: s.StepLR(o, step_size=1),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [3, 30, 10, 10], gamma=0.3),
    "MultiStepLR-at-0": lambda s, o: s.MultiStepLR(o, [0, 5]),
    "ConstantLR": lambda s, o: s.ConstantLR(o),
    "ConstantLR-long": lambda s, o: s.ConstantLR(o, factor=0.7, total_iters=21),
    "LinearLR": lambda s, o: s.LinearLR(o),
    "LinearLR-down": lambda s, o: s.LinearLR(o, start_factor=0.9, end_factor=0.1, total_iters=33),
    "LinearLR-to-0": lambda s, o: s.LinearLR(o, start_factor=1.0, end_factor=0.0, total_iters=9),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.93),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o),
    "PolynomialLR-cube": lambda s, o: s.PolynomialLR(o, total_iters=40, power=3.0),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, T_max=50),
    "CosineAnnealingLR-up-and-down": lambda s, o: s.CosineAnnealingLR(o, T_max=8, eta_min=0.01),
    "CosineAnnealingLR-odd": lambda s, o: s.CosineAnnealingLR(o, T_max=7, eta_min=0.001),
    "CosineAnnealingLR-1": lambda s, o: s.CosineAnnealingLR(o, T_max=1),
    "LambdaLR": lambda s, o: s.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    "LambdaLR-each": lambda s, o: s.LambdaLR(o, [lambda epoch: 0.9**epoch, Warm(5)]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, [lambda epoch: 0.95, lambda epoch: 1 - 1 / (epoch + 2)]),
    "WarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 7),
    "WarmRestarts-longer": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, T_mult=2, eta_min=0.01),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, max_lr=0.5, total_steps=51),
    "OneCycleLR-linear": lambda s, o: s.OneCycleLR(
        o, [0.5, 2.0], epochs=3, steps_per_epoch=17, pct_start=0.4, anneal_strategy="linear", div_factor=10.0
    ),
    "OneCycleLR-three": lambda s, o: s.OneCycleLR(
        o, 0.5, 60, three_phase=True, base_momentum=0.7, max_momentum=[0.9, 0.8], final_div_factor=100.0
    ),
    "OneCycleLR-no-momentum": lambda s, o: s.OneCycleLR(o, 0.5, 55, cycle_momentum=False),
    "CyclicLR": lambda s, o: s.CyclicLR(o, 0.01, 0.1, step_size_up=6),
    "CyclicLR-triangular2": lambda s, o: s.CyclicLR(
        o, [0.01, 0.02], [0.1, 0.3], step_size_up=4, step_size_down=9, mode="triangular2", base_momentum=0.5
    ),
    "CyclicLR-exp": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 5, mode="exp_range", gamma=0.97, cycle_momentum=False),
    "CyclicLR-function": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 5, scale_fn=lambda x: 1 / x, scale_mode="cycle"),
    "CyclicLR-iterations": lambda s, o: s.CyclicLR(
        o, 0.01, 0.1, 5, scale_fn=lambda x: 1 / (1 + x), scale_mode="iterations"
    ),
    "Chained": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, factor=0.1, total_iters=6), s.ExponentialLR(o, gamma=0.9), s.StepLR(o, 5, 0.7)]
    ),
    "Sequential": lambda s, o: s.SequentialLR(
        o,
        [s.LinearLR(o, 0.1, total_iters=5), s.CosineAnnealingLR(o, 20, eta_min=0.001), s.ExponentialLR(o, 0.9)],
        milestones=[5, 25],
    ),
    "Sequential-restarts": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, 3), s.CosineAnnealingWarmRestarts(o, 5, 2), s.PolynomialLR(o, 10)], milestones=[4, 30]
    ),
    "Sequential-all": lambda s, o: s.SequentialLR(
        o,
        [
            s.StepLR(o, 2),
            s.MultiStepLR(o, [1, 4]),
            s.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
            s.MultiplicativeLR(o, lambda epoch: 0.9),
        ],
        milestones=[7, 14, 30],
    ),
    "two-by-hand": lambda s, o: (s.ExponentialLR(o, 0.95), s.CosineAnnealingLR(o, 13)),
}
KINDS = ["SGD", "Adam"]
each_case = pytest.mark.parametrize("name", list(CASES))


def our_optimizer(kind: str = "SGD") -> optim.Optimizer:
    w, b = (Tensor(np.zeros(shape), requires_grad=True) for shape in (3, 2))
    options = {"momentum": 0.9} if kind == "SGD" else {}
    return getattr(optim, kind)([{"params": [w], "lr": 0.2}, {"params": [b]}], lr=0.05, **options)


def rates(optimizer: Any) -> list[Any]:
    """The learning rate of each group, and what schedules cycle beside it."""
    return [(group["lr"], group.get("momentum"), group.get("betas")) for group in optimizer.param_groups]


def flat(values: list[Any]) -> list[float]:
    found: list[float] = []
    for value in values:
        if isinstance(value, (list, tuple)):
            found += flat(list(value))
        elif value is not None:
            found.append(float(value))
    return found


def advance(optimizer: Any, schedule: Any, steps: int) -> list[list[float]]:
    found = []
    for _ in range(steps):
        optimizer.step()
        for one in schedule if isinstance(schedule, tuple) else (schedule,):
            one.step()
        found.append(flat(rates(optimizer)))
    return found
