"""Schedules made of schedules: all at once, or one after the other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from ..optimizer import Optimizer
from .plateau import ReduceLROnPlateau
from .schedule import LRScheduler, require


def _checked(owner: LRScheduler, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> Optimizer:
    """The one optimizer of all the schedules."""
    kind = type(owner).__name__
    require(owner, len(schedulers) > 0, "there are no schedules. Give at least one")
    for number, schedule in enumerate(schedulers):
        if not isinstance(schedule, LRScheduler):
            raise TypeError(f"{kind}: number {number} is {type(schedule).__name__}, and not a schedule.")
        if isinstance(schedule, ReduceLROnPlateau):
            raise ValueError(
                f"{kind}: number {number} is a ReduceLROnPlateau, whose step() needs a measure. Step it by itself."
            )
        optimizer = optimizer or schedule.optimizer
        if schedule.optimizer is not optimizer:
            raise ValueError(f"{kind}: number {number} schedules another optimizer. Make all for the same one.")
    assert optimizer is not None
    return optimizer


class ChainedScheduler(LRScheduler):
    """Steps several schedules together, each changing what those before it made of the learning rate."""

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self.optimizer = _checked(self, schedulers, optimizer)
        self._schedulers = list(schedulers)
        self._last_lr = self.current_lrs()

    def step(self) -> None:  # type: ignore[override]
        """Steps each schedule."""
        for schedule in self._schedulers:
            schedule.step()
        self._last_lr = self.current_lrs()

    def _initial_step(self) -> None:
        for schedule in self._schedulers:
            schedule._initial_step()
        self._last_lr = self.current_lrs()

    def _begin(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for schedule in self._schedulers:
            schedule.last_epoch = -1
            schedule._initial_step()
        self._last_lr = self.current_lrs()


class SequentialLR(LRScheduler):
    """One schedule after the other: at each epoch in `milestones` the next one begins, at its epoch 0.

    milestones: one fewer than there are schedules.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = _checked(self, schedulers, optimizer)
        require(
            self,
            len(milestones) == len(schedulers) - 1,
            f"{len(schedulers)} schedules need {len(schedulers) - 1} milestones between them, not {len(milestones)}",
        )
        require(self, list(milestones) == sorted(milestones), f"milestones must rise, and are {list(milestones)}")
        self._schedulers = list(schedulers)
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        # Each schedule has set the learning rate when it was made. Only that of the first is wanted.
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        _take_back_first_step(self)
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Steps the schedule whose turn it is."""
        self.last_epoch += 1
        number = bisect_right(self._milestones, self.last_epoch)
        schedule = self._schedulers[number]
        if number > 0 and self._milestones[number - 1] == self.last_epoch:
            schedule._begin()
        else:
            schedule.step()
        self._last_lr = schedule.get_last_lr()

    def _initial_step(self) -> None:
        self.last_epoch = 0
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def _begin(self) -> None:
        self.last_epoch = 0
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._begin()
        self._last_lr = first.get_last_lr()


def _take_back_first_step(schedule: LRScheduler) -> None:
    if isinstance(schedule, (SequentialLR, ChainedScheduler)):
        for part in schedule._schedulers:
            _take_back_first_step(part)
    else:
        schedule.last_epoch -= 1
