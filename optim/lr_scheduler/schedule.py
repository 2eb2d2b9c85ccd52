"""What all schedules share: the count of epochs, setting the learning rates, and state."""

from __future__ import annotations

import copy
import types
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..optimizer import Optimizer


class LRScheduler:
    """Base class of all schedules.  A schedule of your own defines `get_lr()`:

        class Halving(LRScheduler):
            def get_lr(self):
                return [base / 2**self.last_epoch for base in self.base_lrs]

    optimizer: whose groups to schedule.
    last_epoch: -1 to begin; another to go on where the optimizer's groups have a learning rate and "initial_lr".

    Making a schedule sets the learning rate of epoch 0.
    """

    _get_lr_called_within_step = False  # schedules written for PyTorch read it
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = checked_optimizer(self, optimizer)
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: to go on after epoch {last_epoch}, group {number} of the optimizer needs "
                    f"'initial_lr'. Load the state of the optimizer first."
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._last_lr: list[float] = []
        self._initial_step()

    def _initial_step(self) -> None:
        """Goes to the first epoch."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            del self._is_initial

    # -- the schedule -------------------------------------------------------------------------------------------------
    def get_lr(self) -> list[float]:
        """The learning rate of each group at `last_epoch`.  For `step()` to call; see get_last_lr()."""
        raise NotImplementedError(f"{type(self).__name__} has no get_lr().")

    def _get_closed_form_lr(self) -> list[float]:
        """The same from the initial learning rates alone, whatever they are now."""
        return self.get_lr()

    def get_last_lr(self) -> list[float]:
        """The learning rate of each group, as the last `step()` has set it."""
        return list(self._last_lr)

    def step(self, epoch: float | None = None) -> None:
        """Goes on by one epoch (or batch) and sets the learning rates.  To be called after `optimizer.step()`.

        epoch: go to this epoch instead.
        """
        if self._step_count == 1 and epoch is None:
            self._warn_of_order()
        self._step_count += 1
        self._update_lr(epoch)

    def _update_lr(self, epoch: float | None = None) -> None:
        self._meet_groups()
        self._get_lr_called_within_step = True
        try:
            self.last_epoch = self.last_epoch + 1 if epoch is None else int(epoch)
            values = self.get_lr() if epoch is None else self._get_closed_form_lr()
        finally:
            del self._get_lr_called_within_step
        for group, lr in zip(self.optimizer.param_groups, values, strict=True):
            group["lr"] = lr
        self._last_lr = self.current_lrs()

    def _begin(self) -> None:
        """Goes to epoch 0 in the middle of training, where the schedule before it in a sequence ends."""
        self._update_lr(0)

    def current_lrs(self) -> list[float]:
        """The learning rates of the optimizer's groups now."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def _meet_groups(self) -> None:
        """What to do about groups that were added to the optimizer since."""
        if len(self.base_lrs) != len(self.optimizer.param_groups):
            raise RuntimeError(
                f"{type(self).__name__}: the optimizer had {len(self.base_lrs)} parameter groups when the schedule was "
                f"made, and has {len(self.optimizer.param_groups)}. Add all groups before you make the schedule."
            )

    def _warn_of_order(self) -> None:
        # An optimizer with a step() of its own need not count.
        if not self.optimizer.steps and type(self.optimizer).step is Optimizer.step:
            warnings.warn(
                "The schedule's step() was called before optimizer.step(), so the first learning rate is never used. "
                "Call optimizer.step() first.",
                UserWarning,
                stacklevel=3,
            )

    def _warn_outside_step(self) -> None:
        if not self._get_lr_called_within_step:
            warnings.warn(
                "get_lr() is what step() computes the next learning rate with. Use get_last_lr() for the current one.",
                UserWarning,
                stacklevel=3,
            )

    # -- saving and loading -------------------------------------------------------------------------------------------
    def state_dict(self) -> dict[str, Any]:
        """All that the schedule needs to go on from here, as copies of numbers, strings and lists of them.

        Functions are left out. Of other callable objects their attributes are kept.
        """
        return {key: _saved(value) for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over the state that `state_dict()` gave.  Load the optimizer's too: it has the learning rates.

        Raises ValueError where the state is of another schedule or has another number of groups; then nothing has been
        changed.
        """
        kind = type(self).__name__
        own = self.state_dict()
        if not isinstance(state_dict, Mapping) or own.keys() != state_dict.keys():
            given = state_dict.keys() if isinstance(state_dict, Mapping) else {type(state_dict).__name__}
            raise ValueError(
                f"{kind}.load_state_dict: the state is not of this schedule: missing {sorted(own.keys() - given)}, "
                f"unexpected {sorted(given - own.keys())}. Make the schedule that was saved."
            )
        groups = len(self.optimizer.param_groups)
        if len(state_dict["_last_lr"]) != groups:
            raise ValueError(
                f"{kind}.load_state_dict: the state is of {len(state_dict['_last_lr'])} parameter groups, and the "
                f"optimizer has {groups}."
            )
        for key, value in state_dict.items():
            _restore(self, key, value)


def _saved(value: Any) -> Any:
    """What the state holds of an attribute."""
    if isinstance(value, list):
        return [_saved(item) for item in value]
    if isinstance(value, LRScheduler):
        return value.state_dict()
    if callable(value):
        attributes = None if isinstance(value, types.FunctionType) else getattr(value, "__dict__", None)
        return copy.deepcopy(attributes)
    return copy.copy(value)


def _restore(schedule: LRScheduler, key: str, value: Any) -> None:
    """Gives an attribute the value that `_saved` made of it; callable objects stay, and take their attributes."""
    have = schedule.__dict__[key]
    if isinstance(have, list) and have and (callable(have[0]) or isinstance(have[0], LRScheduler)):
        for one, state in zip(have, value, strict=True):
            _restore_into(one, state)
    elif callable(have) or isinstance(have, LRScheduler):
        _restore_into(have, value)
    else:
        schedule.__dict__[key] = copy.copy(value)


def _restore_into(owner: Any, state: Any) -> None:
    if isinstance(owner, LRScheduler):
        owner.load_state_dict(state)
    elif state is not None:
        owner.__dict__.update(copy.deepcopy(state))


def checked_optimizer(schedule: LRScheduler, optimizer: Any) -> Optimizer:
    """The optimizer, or an error if it is something else."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{type(schedule).__name__}: the first argument is an optimizer, not {type(optimizer).__name__}. "
            f"Make one first: optim.SGD(model.parameters(), lr=0.1)."
        )
    return optimizer


def one_per_group(schedule: LRScheduler, name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """A value for each group: the one given for all of them, or a list of as many."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(
            f"{type(schedule).__name__}: {name} has {len(value)} values, and the optimizer has {groups} parameter "
            f"groups. Give one for each, or one for all."
        )
    return list(value)


def functions_of(schedule: LRScheduler, given: Any, optimizer: Optimizer) -> list[Callable[[int], float]]:
    """A function from the epoch to a factor for each group."""
    functions: Sequence[Any] = one_per_group(schedule, "lr_lambda", given, optimizer)
    for function in functions:
        if not callable(function):
            raise TypeError(
                f"{type(schedule).__name__}: lr_lambda is a function of the epoch, not {type(function).__name__}. "
                f"As in lambda epoch: 0.9**epoch."
            )
    return list(functions)


def require(schedule: LRScheduler, holds: bool, what: str) -> None:
    """Raises ValueError that says what must hold for an argument."""
    if not holds:
        raise ValueError(f"{type(schedule).__name__}: {what}.")
