"""Schedules: learning rates against PyTorch over fifty steps, and against formulas written out."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import optim
from autograd import Tensor
from optim import lr_scheduler
from tests.schedule_cases import CASES, KINDS, advance, each_case, flat, our_optimizer, rates


# -- against PyTorch --------------------------------------------------------------------------------------------------
@each_case
@pytest.mark.parametrize("kind", KINDS)
def test_fifty_steps_equal_pytorch(name: str, kind: str) -> None:
    torch = pytest.importorskip("torch")
    w, b = (torch.zeros(shape, requires_grad=True) for shape in (3, 2))
    options = {"momentum": 0.9} if kind == "SGD" else {}
    theirs = getattr(torch.optim, kind)([{"params": [w], "lr": 0.2}, {"params": [b]}], lr=0.05, **options)
    ours = our_optimizer(kind)
    oracle = CASES[name](torch.optim.lr_scheduler, theirs)
    schedule = CASES[name](lr_scheduler, ours)
    np.testing.assert_allclose(flat(rates(ours)), flat(rates(theirs)), rtol=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns of its own deprecated argument in SequentialLR
        expected = advance(theirs, oracle, 50)
    np.testing.assert_allclose(advance(ours, schedule, 50), expected, rtol=1e-10, atol=1e-15)
    if not isinstance(schedule, tuple):
        assert schedule.get_last_lr() == pytest.approx(oracle.get_last_lr(), rel=1e-10, abs=1e-15)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"mode": "max", "patience": 2},
        {"factor": 0.5, "patience": 1, "cooldown": 3},
        {"threshold_mode": "abs", "threshold": 0.2, "patience": 0},
        {"mode": "max", "threshold_mode": "abs", "threshold": 0.2, "patience": 0, "min_lr": [0.01, 0.02]},
        {"patience": 0, "min_lr": 0.001, "eps": 0.01},
    ],
)
def test_plateau_equals_pytorch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    w, b = (torch.zeros(shape, requires_grad=True) for shape in (3, 2))
    theirs = torch.optim.SGD([{"params": [w], "lr": 0.2}, {"params": [b]}], lr=0.05, momentum=0.9)
    ours = our_optimizer()
    oracle = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, **options)
    schedule = lr_scheduler.ReduceLROnPlateau(ours, **options)
    rng = np.random.default_rng(0)
    measures = [*(2 + np.exp(-np.arange(30) / 5) + 0.1 * rng.normal(size=30)), math.nan, math.inf, *[2.0] * 20]
    for measure in measures:
        oracle.step(measure)
        schedule.step(Tensor(measure))
        assert flat(rates(ours)) == pytest.approx(flat(rates(theirs)), rel=1e-12)
        assert schedule.num_bad_epochs == oracle.num_bad_epochs
        assert schedule.in_cooldown == oracle.in_cooldown
    assert schedule.get_last_lr() == oracle.get_last_lr()


def test_going_to_an_epoch_between_two() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.optim.SGD([torch.zeros(2, requires_grad=True)], lr=0.2)
    ours = optim.SGD([Tensor(np.zeros(2), requires_grad=True)], lr=0.2)
    for options in ({"T_0": 5}, {"T_0": 3, "T_mult": 2, "eta_min": 0.01}):
        oracle = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(theirs, **options)
        schedule = lr_scheduler.CosineAnnealingWarmRestarts(ours, **options)
        theirs.step()
        ours.step()
        for epoch in np.arange(0, 40, 0.3):
            oracle.step(float(epoch))
            schedule.step(float(epoch))
            assert ours.param_groups[0]["lr"] == pytest.approx(theirs.param_groups[0]["lr"], rel=1e-9, abs=1e-12)


# -- against formulas -------------------------------------------------------------------------------------------------
def warm_up_and_cosine(t: int) -> float:
    return 0.1 + 0.9 * t / 10 if t < 10 else (1 + math.cos(math.pi * (t - 10) / 40)) / 2


def cycle(t: int) -> float:
    return 0.1 + 0.9 * (1 - abs(t % 10 / 5 - 1))


FORMULAS: list[tuple[Callable[[Any], Any], Callable[[int], float]]] = [
    (lambda o: lr_scheduler.StepLR(o, 7, 0.5), lambda t: 0.5 ** (t // 7)),
    (lambda o: lr_scheduler.MultiStepLR(o, [20, 3], 0.1), lambda t: 0.1 ** ((t >= 3) + (t >= 20))),
    (lambda o: lr_scheduler.ConstantLR(o, 0.25, 9), lambda t: 0.25 if t < 9 else 1.0),
    (lambda o: lr_scheduler.ConstantLR(o, 0.0, 9), lambda t: 0.0 if t < 9 else 1.0),
    (lambda o: lr_scheduler.LinearLR(o, 0.2, 0.6, 20), lambda t: 0.2 + 0.4 * min(t / 20, 1)),
    (lambda o: lr_scheduler.ExponentialLR(o, 0.9), lambda t: 0.9**t),
    (lambda o: lr_scheduler.PolynomialLR(o, 30, 2.0), lambda t: max(1 - t / 30, 0) ** 2),
    (lambda o: lr_scheduler.CosineAnnealingLR(o, 9, 0.0), lambda t: (1 + math.cos(math.pi * t / 9)) / 2),
    (lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 / (t + 1)), lambda t: 1 / (t + 1)),
    (lambda o: lr_scheduler.MultiplicativeLR(o, lambda t: t / (t + 1)), lambda t: 1 / (t + 1)),
    (lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 6), lambda t: (1 + math.cos(math.pi * (t % 6) / 6)) / 2),
    (lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, 5, cycle_momentum=False), cycle),
    (
        lambda o: lr_scheduler.SequentialLR(
            o, [lr_scheduler.LinearLR(o, 0.1, 1.0, 10), lr_scheduler.CosineAnnealingLR(o, 40)], [10]
        ),
        warm_up_and_cosine,
    ),
    (
        lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.StepLR(o, 4, 0.5), lr_scheduler.ExponentialLR(o, 0.9)]),
        lambda t: 0.5 ** (t // 4) * 0.9**t,
    ),
    (  # a chain that begins in the middle, after a sequence of its own
        lambda o: lr_scheduler.SequentialLR(
            o,
            [
                lr_scheduler.SequentialLR(
                    o, [lr_scheduler.ConstantLR(o, 0.5, 100), lr_scheduler.ExponentialLR(o, 0.9)], [3]
                ),
                lr_scheduler.ChainedScheduler([lr_scheduler.LinearLR(o, 0.5), lr_scheduler.ExponentialLR(o, 0.8)]),
            ],
            [8],
        ),
        lambda t: 0.5 if t < 3 else 0.9 ** (t - 3) if t < 8 else (0.5 + 0.5 * min((t - 8) / 5, 1)) * 0.8 ** (t - 8),
    ),
]


@pytest.mark.parametrize("number", range(len(FORMULAS)))
def test_fifty_steps_equal_the_formula(number: int) -> None:
    make, formula = FORMULAS[number]
    optimizer = optim.SGD([Tensor([0.0], requires_grad=True)], lr=1.0)
    schedule = make(optimizer)
    for epoch in range(50):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(formula(epoch), rel=1e-9, abs=1e-12), epoch
        assert schedule.get_last_lr() == [optimizer.param_groups[0]["lr"]]
        optimizer.step()
        schedule.step()


@pytest.mark.parametrize("strategy", ["cos", "linear"])
def test_one_cycle_written_out(strategy: str) -> None:
    optimizer = optim.Adam([Tensor([0.0], requires_grad=True)])
    schedule = lr_scheduler.OneCycleLR(optimizer, 1.0, 101, pct_start=0.5, anneal_strategy=strategy, div_factor=10)
    found = []
    for _ in range(101):
        found.append((optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["betas"]))
        optimizer.step()
        schedule.step()
    top = 49.5  # 0.5 * 101 - 1
    for step, (lr, betas) in enumerate(found):
        start, end, low, high = (0.1, 1.0, 0.95, 0.85) if step <= top else (1.0, 0.1 / 1e4, 0.85, 0.95)
        done = step / top if step <= top else (step - top) / (100 - top)
        part = done if strategy == "linear" else (1 - math.cos(math.pi * done)) / 2
        assert lr == pytest.approx(start + (end - start) * part)
        assert betas == pytest.approx((low + (high - low) * part, 0.999))
    with pytest.raises(ValueError, match="this is step 102, and the cycle was made for 101"):
        schedule.step()


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_one_cycle_whose_rise_has_no_step(share: float) -> None:
    """With ten steps, a tenth is one: the rise begins and ends at step 0."""
    optimizer = our_optimizer()
    schedule = lr_scheduler.OneCycleLR(optimizer, 1.0, 10, pct_start=share)
    found = advance(optimizer, schedule, 9)
    assert np.isfinite(found).all()
    assert max(flat(rates(optimizer) if share == 1.0 else found)) <= 1.0


def test_plateau_by_hand() -> None:
    optimizer = optim.SGD([Tensor([0.0], requires_grad=True)], lr=1.0)
    schedule = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, cooldown=1, min_lr=0.2)
    seen = []
    for measure in (1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5):
        schedule.step(measure)
        seen.append(schedule.get_last_lr()[0])
    assert seen == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2]


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("level", [-3.0, 0.0, 3.0])
def test_plateau_sees_a_constant_as_no_improvement_whatever_its_sign(mode: str, level: float) -> None:
    optimizer = optim.SGD([Tensor([0.0], requires_grad=True)], lr=1.0)
    schedule = lr_scheduler.ReduceLROnPlateau(optimizer, mode, patience=2)
    for _ in range(4):
        schedule.step(level)
    assert schedule.get_last_lr() == [0.1]
