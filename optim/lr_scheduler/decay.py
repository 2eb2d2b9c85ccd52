"""Schedules that multiply the learning rate by a factor that depends on the epoch."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from ..optimizer import Optimizer
from .schedule import LRScheduler, functions_of, require


class Scaled(LRScheduler):
    """A schedule that states one function of the epoch: how much of the initial learning rate there is then.

    Each step multiplies the learning rate by the ratio of two neighbours, so that several schedules can work on one
    optimizer, and what else changes the learning rate stays.
    """

    floor = 0.0  # what is scaled is the part of the learning rate above it

    def scale(self, epoch: int) -> float:
        """The factor by which the initial learning rate is multiplied at an epoch, 0 or later."""
        raise NotImplementedError

    def get_lr(self) -> list[float]:
        self._warn_outside_step()
        now = self.current_lrs()
        epoch, floor = self.last_epoch, self.floor
        if self._is_initial and epoch > 0:  # a run that goes on: the optimizer has the right learning rate
            return now
        before, after = 1.0 if epoch == 0 else self.scale(epoch - 1), self.scale(epoch)
        if after == before:
            return now
        if before == 0:  # nothing is left to multiply
            return [lr + (base - floor) * after for lr, base in zip(now, self.base_lrs, strict=True)]
        return [floor + (lr - floor) * (after / before) for lr in now]

    def _get_closed_form_lr(self) -> list[float]:
        scale = self.scale(self.last_epoch)
        return [self.floor + (base - self.floor) * scale for base in self.base_lrs]

    def _meet_groups(self) -> None:
        # Factors are for all groups alike, so those that came later join in with the learning rate they have.
        for group in self.optimizer.param_groups[len(self.base_lrs) :]:
            group.setdefault("initial_lr", group["lr"])
            self.base_lrs.append(group["initial_lr"])


class StepLR(Scaled):
    """Multiplies the learning rate by `gamma` every `step_size` epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        require(self, step_size > 0, f"step_size must be positive, and is {step_size}")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def scale(self, epoch: int) -> float:
        return self.gamma ** (epoch // self.step_size)


class MultiStepLR(Scaled):
    """Multiplies the learning rate by `gamma` at each epoch in `milestones`."""

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = sorted(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def scale(self, epoch: int) -> float:
        return self.gamma ** bisect_right(self.milestones, epoch)


class ConstantLR(Scaled):
    """Multiplies the learning rate by `factor` for the first `total_iters` epochs."""

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        require(self, 0 <= factor <= 1, f"factor must be between 0 and 1, and is {factor}")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def scale(self, epoch: int) -> float:
        return 1.0 if epoch >= self.total_iters else self.factor


class LinearLR(Scaled):
    """Changes the factor on the learning rate linearly from `start_factor` to `end_factor` in `total_iters` epochs.

    The usual warm-up; see `optim.lr_scheduler` for one that is followed by another schedule.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        require(self, 0 < start_factor <= 1, f"start_factor must be above 0 and at most 1, and is {start_factor}")
        require(self, 0 <= end_factor <= 1, f"end_factor must be between 0 and 1, and is {end_factor}")
        require(self, total_iters > 0, f"total_iters must be positive, and is {total_iters}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def scale(self, epoch: int) -> float:
        done = min(epoch, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * done


class ExponentialLR(Scaled):
    """Multiplies the learning rate by `gamma` every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def scale(self, epoch: int) -> float:
        return self.gamma**epoch


class PolynomialLR(Scaled):
    """Lets the learning rate go to 0 in `total_iters` epochs: times (1 - epoch / total_iters) ** power."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        require(self, total_iters > 0, f"total_iters must be positive, and is {total_iters}")
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def scale(self, epoch: int) -> float:
        return (1.0 - min(epoch, self.total_iters) / self.total_iters) ** self.power


class CosineAnnealingLR(Scaled):
    """Lets the learning rate go to `eta_min` along half a cosine in `T_max` epochs, and after that up again.

        lr = eta_min + (initial_lr - eta_min) * (1 + cos(pi * epoch / T_max)) / 2

    Loshchilov and Hutter: SGDR: Stochastic gradient descent with warm restarts (arXiv 1608.03983).
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        require(self, T_max > 0, f"T_max must be positive, and is {T_max}")
        self.T_max = T_max
        self.eta_min = eta_min
        self.floor = eta_min
        super().__init__(optimizer, last_epoch)

    def scale(self, epoch: int) -> float:
        return (1 + math.cos(math.pi * epoch / self.T_max)) / 2


Factors = Callable[[int], float] | Sequence[Callable[[int], float]]


class _ByFunction(LRScheduler):
    def __init__(self, optimizer: Optimizer, lr_lambda: Factors, last_epoch: int = -1) -> None:
        self.lr_lambdas = functions_of(self, lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)


class LambdaLR(_ByFunction):
    """Sets the learning rate to the initial one times `lr_lambda(epoch)`.

    lr_lambda: a function for all groups, or a list of one for each.
    """

    def get_lr(self) -> list[float]:
        self._warn_outside_step()
        return [base * factor(self.last_epoch) for factor, base in zip(self.lr_lambdas, self.base_lrs, strict=True)]


class MultiplicativeLR(_ByFunction):
    """Multiplies the learning rate by `lr_lambda(epoch)` every epoch from 1 on.

    lr_lambda: a function for all groups, or a list of one for each.
    """

    def get_lr(self) -> list[float]:
        self._warn_outside_step()
        now = self.current_lrs()
        if self._is_initial:
            return now
        return [lr * factor(self.last_epoch) for lr, factor in zip(now, self.lr_lambdas, strict=True)]
