"""The schedule that follows a measure instead of a plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, SupportsFloat

from ..optimizer import Optimizer
from .schedule import LRScheduler, checked_optimizer, one_per_group, require


class ReduceLROnPlateau(LRScheduler):
    """Multiplies the learning rate by `factor` when a measure has not improved for more than `patience` epochs.

    mode: "min" for a measure that should fall, "max" for one that should rise.
    factor: below 1.
    threshold, threshold_mode: what counts as better: by more than `threshold` ("abs"), or by more than this share of
        the best so far ("rel"), whatever its sign.
    cooldown: epochs after a reduction in which none counts as bad.
    min_lr: the learning rate does not fall below; a number, or one for each group.
    eps: a reduction by no more than this is left out.

    >>> import autograd, optim
    >>> optimizer = optim.SGD([autograd.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for validation_loss in (3.0, 2.0, 2.0, 2.0):
    ...     schedule.step(validation_loss)
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        self.optimizer = checked_optimizer(self, optimizer)
        require(self, 0 <= factor < 1, f"factor must be at least 0 and below 1, and is {factor}")
        require(self, mode in ("min", "max"), f"mode is 'min' or 'max', not {mode!r}")
        require(self, threshold_mode in ("rel", "abs"), f"threshold_mode is 'rel' or 'abs', not {threshold_mode!r}")
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.default_min_lr = None if isinstance(min_lr, (list, tuple)) else min_lr
        self.min_lrs = one_per_group(self, "min_lr", min_lr, optimizer)
        self.eps = eps
        self.last_epoch = 0
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self._last_lr = self.current_lrs()

    def step(self, metrics: SupportsFloat, epoch: int | None = None) -> None:  # type: ignore[override]
        """Takes note of the measure after an epoch, and reduces the learning rates if it is time to."""
        current = float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(current):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = self.current_lrs()

    @property
    def in_cooldown(self) -> bool:
        """Whether a reduction is so recent that no epoch counts as bad."""
        return self.cooldown_counter > 0

    def _is_better(self, current: float) -> bool:
        if math.isinf(self.best):
            return current < self.best if self.mode == "min" else current > self.best
        margin = self.threshold * (abs(self.best) if self.threshold_mode == "rel" else 1.0)
        return current < self.best - margin if self.mode == "min" else current > self.best + margin

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if len(self.min_lrs) != len(groups):
            if self.default_min_lr is None:
                raise RuntimeError(
                    f"ReduceLROnPlateau: min_lr has {len(self.min_lrs)} values, and the optimizer now has "
                    f"{len(groups)} parameter groups. Set schedule.min_lrs to a list with one for each."
                )
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, lowest in zip(groups, self.min_lrs, strict=True):
            reduced = max(group["lr"] * self.factor, lowest)
            if group["lr"] - reduced > self.eps:
                group["lr"] = reduced

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        super().load_state_dict(state_dict)
        self.best = float(self.best)
