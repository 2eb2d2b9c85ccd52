"""Schedules: their state, their order of calls, groups that come later, and what they refuse."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import optim
from autograd import Tensor
from optim import lr_scheduler
from tests.schedule_cases import CASES, KINDS, Warm, advance, each_case, flat, our_optimizer, rates


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
