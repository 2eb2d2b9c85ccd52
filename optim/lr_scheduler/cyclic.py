"""Schedules that go up and down, usually stepped once a batch: cycles, one cycle, and cosines with restarts."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..optimizer import Group, Optimizer
from .schedule import LRScheduler, checked_optimizer, one_per_group, require

PerGroup = float | list[float]


def _set_momentum(group: Group, value: float) -> None:
    """Sets the momentum of a group, or the first beta of Adam."""
    if "betas" in group:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value


def _prepare_momentum(
    schedule: LRScheduler, optimizer: Optimizer, base: PerGroup, highest: PerGroup, begins: bool
) -> None:
    """Notes the bounds of the momentum in each group; a run that begins starts with the highest."""
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ValueError(
            f"{type(schedule).__name__}: {type(optimizer).__name__} has no momentum to cycle. Set cycle_momentum=False."
        )
    lows = one_per_group(schedule, "base_momentum", base, optimizer)
    highs = one_per_group(schedule, "max_momentum", highest, optimizer)
    if begins:
        for group, low, high in zip(optimizer.param_groups, lows, highs, strict=True):
            _set_momentum(group, high)
            group["max_momentum"], group["base_momentum"] = high, low


class CosineAnnealingWarmRestarts(LRScheduler):
    """Lets the learning rate fall from its initial value to `eta_min` along half a cosine, again and again.

    T_0: epochs until the first restart.
    T_mult: each period is this many times as long as the one before.

    Loshchilov and Hutter: SGDR: Stochastic gradient descent with warm restarts (arXiv 1608.03983).
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        require(self, isinstance(T_0, int) and T_0 > 0, f"T_0 must be a positive int, and is {T_0!r}")
        require(self, isinstance(T_mult, int) and T_mult > 0, f"T_mult must be a positive int, and is {T_mult!r}")
        self.T_0 = T_0
        self.T_i = T_0  # the length of this period
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch  # the epoch within it
        super().__init__(optimizer, last_epoch)

    def step(self, epoch: float | None = None) -> None:
        """Goes on by one epoch, or to `epoch`, which may lie between two: step(epoch + batch / batches)."""
        super().step(epoch)

    def _update_lr(self, epoch: float | None = None) -> None:
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        else:
            require(self, epoch >= 0, f"epoch must be at least 0, and is {epoch}")
            self.T_cur, self.T_i = epoch, self.T_0
            if self.T_mult == 1:
                self.T_cur %= self.T_0
            else:
                while self.T_cur >= self.T_i:
                    self.T_cur -= self.T_i
                    self.T_i *= self.T_mult
        super()._update_lr(epoch)

    def get_lr(self) -> list[float]:
        self._warn_outside_step()
        scale = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * scale for base in self.base_lrs]


class OneCycleLR(LRScheduler):
    """One cycle over the whole training, stepped once a batch: the learning rate rises from max_lr / div_factor to
    `max_lr`, then falls to max_lr / (div_factor * final_div_factor), while the momentum goes the other way.

    max_lr: a number, or one for each group.
    total_steps: how many batches there will be; or give `epochs` and `steps_per_epoch`.
    pct_start: the share of the steps in which the learning rate rises.
    anneal_strategy: "cos" or "linear".
    cycle_momentum: whether the momentum (Adam: the first beta) falls from `max_momentum` to `base_momentum` and rises
        again.
    three_phase: falls to max_lr / div_factor as fast as it rose, and only then further down.

    Smith and Topin: Super-convergence: Very fast training of neural networks using large learning rates
    (arXiv 1708.07120).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: PerGroup,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: PerGroup = 0.85,
        max_momentum: PerGroup = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        checked_optimizer(self, optimizer)
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR: how long is the cycle? Give total_steps, or epochs and steps_per_epoch.")
            total_steps = epochs * steps_per_epoch
        require(
            self,
            isinstance(total_steps, int) and total_steps > 0,
            f"the number of steps must be a positive int, and is {total_steps!r}",
        )
        require(self, 0 <= pct_start <= 1, f"pct_start must be between 0 and 1, and is {pct_start}")
        require(
            self,
            anneal_strategy in ("cos", "linear"),
            f"anneal_strategy is 'cos' or 'linear', not {anneal_strategy!r}",
        )
        self.total_steps = total_steps
        self.pct_start = pct_start
        self.anneal_strategy = anneal_strategy
        self.three_phase = three_phase
        self.cycle_momentum = cycle_momentum
        highest = one_per_group(self, "max_lr", max_lr, optimizer)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, highest, strict=True):
                group["initial_lr"] = lr / div_factor
                group["max_lr"] = lr
                group["min_lr"] = lr / div_factor / final_div_factor
        if cycle_momentum:
            _prepare_momentum(self, optimizer, base_momentum, max_momentum, last_epoch == -1)
        super().__init__(optimizer, last_epoch)

    def _phases(self) -> list[tuple[float, str, str, str, str]]:
        """Of each phase the last step, the learning rates it goes from and to, and the momenta."""
        rise, end = float(self.pct_start * self.total_steps), self.total_steps - 1
        up = (rise - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if self.three_phase:
            down = (2 * rise - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum")
            return [up, down, (end, "initial_lr", "min_lr", "max_momentum", "max_momentum")]
        return [up, (end, "max_lr", "min_lr", "base_momentum", "max_momentum")]

    def _between(self, start: float, end: float, done: float) -> float:
        if self.anneal_strategy == "cos":
            return end + (start - end) / 2 * (1 + math.cos(math.pi * done))
        return start + (end - start) * done

    def get_lr(self) -> list[float]:
        self._warn_outside_step()
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(
                f"OneCycleLR: this is step {step}, and the cycle was made for {self.total_steps}. "
                f"Give the right total_steps: epochs times batches per epoch."
            )
        phases = self._phases()
        number = next((i for i, phase in enumerate(phases[:-1]) if step <= phase[0]), len(phases) - 1)
        end, lr_from, lr_to, momentum_from, momentum_to = phases[number]
        start = phases[number - 1][0] if number > 0 else 0.0
        done = (step - start) / (end - start) if end != start else 1.0
        for group in self.optimizer.param_groups if self.cycle_momentum else ():
            _set_momentum(group, self._between(group[momentum_from], group[momentum_to], done))
        return [self._between(group[lr_from], group[lr_to], done) for group in self.optimizer.param_groups]


class CyclicLR(LRScheduler):
    """Up and down between two learning rates, stepped once a batch, while the momentum goes the other way.

    base_lr, max_lr: the bounds; numbers, or lists of one for each group.
    step_size_up, step_size_down: batches of the two halves of a cycle.
    mode: "triangular"; "triangular2" halves the height each cycle; "exp_range" multiplies it by `gamma` each step.
    scale_fn: a function for the height instead of a mode, of the number of the cycle, 1 and up (scale_mode "cycle"), or
        of the number of the step (scale_mode "iterations").
    cycle_momentum: whether the momentum (Adam: the first beta) falls from `max_momentum` to `base_momentum` and rises
        again.

    Smith: Cyclical learning rates for training neural networks (arXiv 1506.01186).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: PerGroup,
        max_lr: PerGroup,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: PerGroup = 0.8,
        max_momentum: PerGroup = 0.9,
        last_epoch: int = -1,
    ) -> None:
        checked_optimizer(self, optimizer)
        modes = ("triangular", "triangular2", "exp_range")
        require(self, scale_fn is not None or mode in modes, f"mode is one of {', '.join(modes)}, not {mode!r}")
        require(
            self, scale_mode in ("cycle", "iterations"), f"scale_mode is 'cycle' or 'iterations', not {scale_mode!r}"
        )
        up, down = float(step_size_up), float(step_size_up if step_size_down is None else step_size_down)
        require(self, up > 0 and down > 0, f"step_size_up and step_size_down must be positive, and are {up} and {down}")
        self.total_size = up + down
        self.step_ratio = up / self.total_size
        self.mode = mode
        self.gamma = gamma
        self.scale_mode = ("iterations" if mode == "exp_range" else "cycle") if scale_fn is None else scale_mode
        self.custom_scale = scale_fn
        self.cycle_momentum = cycle_momentum
        lows = one_per_group(self, "base_lr", base_lr, optimizer)
        self.max_lrs = one_per_group(self, "max_lr", max_lr, optimizer)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, lows, strict=True):
                group["lr"] = lr
        if cycle_momentum:
            _prepare_momentum(self, optimizer, base_momentum, max_momentum, last_epoch == -1)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = lows  # an earlier schedule may have noted another initial learning rate

    def scale_fn(self, x: float) -> float:
        """The height of a cycle or step: a share of the distance between the bounds."""
        if self.custom_scale is not None:
            return self.custom_scale(x)
        if self.mode == "triangular2":
            return 0.5 ** (x - 1)
        return self.gamma**x if self.mode == "exp_range" else 1.0

    def get_lr(self) -> list[float]:
        self._warn_outside_step()
        passed = self.last_epoch / self.total_size
        cycle = math.floor(1 + passed)
        x = 1.0 + passed - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        height *= self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        for group in self.optimizer.param_groups if self.cycle_momentum else ():
            low, high = group["base_momentum"], group["max_momentum"]
            _set_momentum(group, high - (high - low) * height)
        return [low + (high - low) * height for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]
