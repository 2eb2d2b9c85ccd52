"""Schedules: against PyTorch over fifty steps, against formulas written out, and what they promise."""

from __future__ import annotations

import copy
import json
import math
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import optim
from autograd import Tensor
from optim import lr_scheduler


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


# -- what they promise ------------------------------------------------------------------------------------------------
@each_case
@pytest.mark.parametrize("kind", KINDS)
def test_a_schedule_goes_on_from_its_state(name: str, kind: str) -> None:
    whole = our_optimizer(kind)
    schedule = CASES[name](lr_scheduler, whole)
    expected = advance(whole, schedule, 40)[20:]

    first = our_optimizer(kind)
    before = CASES[name](lr_scheduler, first)
    advance(first, before, 20)
    parts = before if isinstance(before, tuple) else (before,)
    saved = json.loads(json.dumps([first.state_dict(), [part.state_dict() for part in parts]]))

    second = our_optimizer(kind)
    after = CASES[name](lr_scheduler, second)
    second.load_state_dict(saved[0])
    for part, state in zip(after if isinstance(after, tuple) else (after,), saved[1], strict=True):
        part.load_state_dict(state)
    assert advance(second, after, 20) == expected


def test_the_state_of_a_plateau_goes_through_json() -> None:
    for steps in (0, 5):
        schedule = lr_scheduler.ReduceLROnPlateau(our_optimizer(), patience=2)
        for measure in range(steps):
            schedule.step(measure)
        other = lr_scheduler.ReduceLROnPlateau(our_optimizer(), patience=9)
        other.load_state_dict(json.loads(json.dumps(schedule.state_dict())))
        assert other.state_dict() == schedule.state_dict()


def test_the_state_has_the_attributes_of_callable_objects_and_no_functions() -> None:
    schedule = lr_scheduler.LambdaLR(our_optimizer(), [Warm(9), lambda epoch: 1.0])
    state = schedule.state_dict()
    assert state["lr_lambdas"] == [{"steps": 9}, None]
    other = lr_scheduler.LambdaLR(our_optimizer(), [Warm(3), lambda epoch: 1.0])
    other.load_state_dict(state)
    assert other.lr_lambdas[0].steps == 9
    state["lr_lambdas"][0]["steps"] = 5
    assert other.lr_lambdas[0].steps == 9


def test_the_state_is_a_copy() -> None:
    optimizer = our_optimizer()
    schedule = lr_scheduler.SequentialLR(
        optimizer, [lr_scheduler.StepLR(optimizer, 2), lr_scheduler.MultiStepLR(optimizer, [3])], [3]
    )
    state = schedule.state_dict()
    before = json.dumps(state)
    advance(optimizer, schedule, 5)
    assert json.dumps(state) == before
    schedule.load_state_dict(state)
    advance(optimizer, schedule, 5)
    assert json.dumps(state) == before


@pytest.mark.parametrize("copying", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_copies_go_on_like_the_original(copying: Callable[[Any], Any]) -> None:
    optimizer = our_optimizer()
    schedule = lr_scheduler.ChainedScheduler(
        [lr_scheduler.StepLR(optimizer, 3), lr_scheduler.CosineAnnealingLR(optimizer, 9)]
    )
    advance(optimizer, schedule, 4)
    other, its_schedule = copying((optimizer, schedule))
    assert its_schedule.optimizer is other
    assert advance(other, its_schedule, 6) == advance(optimizer, schedule, 6)


def test_a_run_goes_on_by_last_epoch() -> None:
    optimizer = our_optimizer()
    schedule = lr_scheduler.ExponentialLR(optimizer, 0.9)
    advance(optimizer, schedule, 7)
    expected = advance(copy.deepcopy(optimizer), copy.deepcopy(schedule), 0)
    other = our_optimizer()
    other.load_state_dict(optimizer.state_dict())
    resumed = lr_scheduler.ExponentialLR(other, 0.9, last_epoch=6)
    assert resumed.last_epoch == 7
    expected = advance(optimizer, schedule, 5)
    np.testing.assert_allclose(advance(other, resumed, 5), expected, rtol=1e-12)
    with pytest.raises(KeyError, match="to go on after epoch 6, group 0 of the optimizer needs 'initial_lr'"):
        lr_scheduler.ExponentialLR(our_optimizer(), 0.9, last_epoch=6)


def test_going_to_an_epoch() -> None:
    for make in (
        lambda o: lr_scheduler.StepLR(o, 3, 0.5),
        lambda o: lr_scheduler.CosineAnnealingLR(o, 9, 0.01),
        lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 0.9**epoch),
    ):
        optimizer, other = our_optimizer(), our_optimizer()
        schedule, jumping = make(optimizer), make(other)
        advance(optimizer, schedule, 7)
        other.step()
        jumping.step(7)
        np.testing.assert_allclose(flat(rates(other)), flat(rates(optimizer)), rtol=1e-12)
        assert jumping.last_epoch == 7


def test_other_changes_of_the_learning_rate_stay() -> None:
    optimizer = our_optimizer()
    schedule = lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
    advance(optimizer, schedule, 1)
    optimizer.param_groups[0]["lr"] = 8.0
    advance(optimizer, schedule, 1)
    assert optimizer.param_groups[0]["lr"] == 4.0


def test_groups_that_come_later() -> None:
    optimizer = our_optimizer()
    schedule = lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
    fixed = lr_scheduler.LambdaLR(our_optimizer(), lambda epoch: 1.0)
    advance(optimizer, schedule, 2)
    optimizer.add_param_group({"params": [Tensor([0.0], requires_grad=True)], "lr": 1.0})
    advance(optimizer, schedule, 2)
    assert schedule.get_last_lr() == pytest.approx([0.05, 0.0125, 0.5])
    fixed.optimizer.add_param_group({"params": [Tensor([0.0], requires_grad=True)]})
    fixed.optimizer.step()
    with pytest.raises(RuntimeError, match="had 2 parameter groups when the schedule was made, and has 3"):
        fixed.step()


def test_the_wrong_order_warns_once() -> None:
    optimizer = our_optimizer()
    schedule = lr_scheduler.StepLR(optimizer, 2)
    with pytest.warns(UserWarning, match=r"before optimizer\.step\(\)"):
        schedule.step()
    schedule.step()  # warnings are errors here
    optimizer.step()
    schedule.step()


def test_asking_for_the_next_learning_rate_warns() -> None:
    schedule = lr_scheduler.StepLR(our_optimizer(), 2)
    with pytest.warns(UserWarning, match=r"Use get_last_lr\(\)"):
        schedule.get_lr()


def test_a_schedule_of_your_own() -> None:
    class Halving(lr_scheduler.LRScheduler):
        def get_lr(self) -> list[float]:
            if not self._get_lr_called_within_step:
                raise AssertionError("schedules written for PyTorch look at this")
            return [base / 2**self.last_epoch for base in self.base_lrs]

    optimizer = our_optimizer()
    schedule = Halving(optimizer)
    advance(optimizer, schedule, 3)
    assert schedule.get_last_lr() == [0.2 / 8, 0.05 / 8]
    sequence = lr_scheduler.SequentialLR(optimizer, [lr_scheduler.ConstantLR(optimizer), Halving(optimizer)], [2])
    advance(optimizer, sequence, 4)
    assert sequence.get_last_lr() == [0.05, 0.0125]


def wrong_uses() -> list[tuple[Callable[[], Any], type[Exception], str]]:
    s, o, other = lr_scheduler, our_optimizer(), our_optimizer()
    plain = optim.Adagrad([Tensor([0.0], requires_grad=True)])
    one = optim.SGD([Tensor([0.0], requires_grad=True)])
    return [
        (lambda: s.StepLR(0.1, 3), TypeError, "the first argument is an optimizer, not float"),
        (lambda: s.ReduceLROnPlateau([], 3), TypeError, "the first argument is an optimizer, not list"),
        (lambda: s.StepLR(o, 0), ValueError, "StepLR: step_size must be positive, and is 0"),
        (lambda: s.ConstantLR(o, 1.5), ValueError, "factor must be between 0 and 1"),
        (lambda: s.LinearLR(o, 0.0), ValueError, "start_factor must be above 0"),
        (lambda: s.LinearLR(o, 0.5, 2.0), ValueError, "end_factor must be between 0 and 1"),
        (lambda: s.LinearLR(o, total_iters=0), ValueError, "total_iters must be positive"),
        (lambda: s.PolynomialLR(o, 0), ValueError, "total_iters must be positive"),
        (lambda: s.CosineAnnealingLR(o, 0), ValueError, "T_max must be positive"),
        (lambda: s.CosineAnnealingWarmRestarts(o, 0), ValueError, "T_0 must be a positive int"),
        (lambda: s.CosineAnnealingWarmRestarts(o, 3, 1.5), ValueError, "T_mult must be a positive int"),
        (lambda: s.CosineAnnealingWarmRestarts(o, 3).step(-1), ValueError, "epoch must be at least 0"),
        (lambda: s.LambdaLR(o, [lambda t: 1.0]), ValueError, "lr_lambda has 1 values, and the optimizer has 2"),
        (lambda: s.MultiplicativeLR(o, 0.9), TypeError, "lr_lambda is a function of the epoch, not float"),
        (lambda: s.OneCycleLR(o, 0.1), ValueError, "Give total_steps, or epochs and steps_per_epoch"),
        (lambda: s.OneCycleLR(o, 0.1, 0), ValueError, "the number of steps must be a positive int"),
        (lambda: s.OneCycleLR(o, 0.1, 10, pct_start=3), ValueError, "pct_start must be between 0 and 1"),
        (lambda: s.OneCycleLR(o, 0.1, 10, anneal_strategy="sin"), ValueError, "anneal_strategy is 'cos' or 'linear'"),
        (lambda: s.OneCycleLR(o, [0.1], 10), ValueError, "max_lr has 1 values"),
        (lambda: s.OneCycleLR(plain, 0.1, 10), ValueError, "Adagrad has no momentum to cycle"),
        (lambda: s.CyclicLR(o, 0.1, 0.2, mode="square"), ValueError, "mode is one of triangular"),
        (lambda: s.CyclicLR(o, 0.1, 0.2, 0), ValueError, "step_size_up and step_size_down must be positive"),
        (lambda: s.CyclicLR(o, 0.1, 0.2, scale_mode="epoch"), ValueError, "scale_mode is 'cycle' or 'iterations'"),
        (lambda: s.ReduceLROnPlateau(o, "best"), ValueError, "mode is 'min' or 'max', not 'best'"),
        (lambda: s.ReduceLROnPlateau(o, factor=1.0), ValueError, "factor must be at least 0 and below 1"),
        (lambda: s.ReduceLROnPlateau(o, threshold_mode="x"), ValueError, "threshold_mode is 'rel' or 'abs'"),
        (lambda: s.ReduceLROnPlateau(o, min_lr=[0.1]), ValueError, "min_lr has 1 values"),
        (lambda: s.ChainedScheduler([]), ValueError, "there are no schedules"),
        (lambda: s.ChainedScheduler([o]), TypeError, "number 0 is SGD, and not a schedule"),
        (lambda: s.ChainedScheduler([s.ReduceLROnPlateau(o)]), ValueError, r"whose step\(\) needs a measure"),
        (lambda: s.ChainedScheduler([s.StepLR(o, 1), s.StepLR(other, 1)]), ValueError, "number 1 schedules another"),
        (lambda: s.SequentialLR(other, [s.StepLR(o, 1)], []), ValueError, "number 0 schedules another"),
        (lambda: s.SequentialLR(o, [s.StepLR(o, 1)], [3]), ValueError, "1 schedules need 0 milestones"),
        (
            lambda: s.SequentialLR(o, [s.StepLR(o, 1), s.StepLR(o, 1), s.StepLR(o, 1)], [5, 3]),
            ValueError,
            r"milestones must rise, and are \[5, 3\]",
        ),
        (
            lambda: s.StepLR(o, 1).load_state_dict(s.ExponentialLR(o, 0.9).state_dict()),
            ValueError,
            r"the state is not of this schedule: missing \['step_size'\], unexpected \[\]",
        ),
        (
            lambda: s.StepLR(one, 1).load_state_dict(s.StepLR(o, 1).state_dict()),
            ValueError,
            "the state is of 2 parameter groups, and the optimizer has 1",
        ),
    ]


@pytest.mark.parametrize("number", range(len(wrong_uses())))
def test_wrong_use(number: int) -> None:
    use, error, message = wrong_uses()[number]
    with pytest.raises(error, match=message):
        use()


def test_a_reduction_with_too_few_lowest_rates() -> None:
    optimizer = our_optimizer()
    schedule = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, min_lr=[0.1, 0.1])
    single = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    optimizer.add_param_group({"params": [Tensor([0.0], requires_grad=True)], "lr": 1.0})
    schedule.step(1.0)
    single.step(1.0)
    with pytest.raises(RuntimeError, match="min_lr has 2 values, and the optimizer now has 3"):
        schedule.step(1.0)
    single.step(1.0)
    assert single.get_last_lr() == pytest.approx([0.02, 0.005, 0.1])
