"""What a row of whole training steps is: zero the gradients, forward, loss, backward, one step of Adam."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .row import Draw

CHECKED_STEPS = 3
# Small, so that thousands of steps on one batch leave the model as it is. One that has learnt its batch by heart has
# gradients that are next to nothing, down to denormal numbers, and those have a speed of their own.
TIMED_RATE = 1e-6
CHECKED_RATE = 1e-3


@dataclass
class Training:
    """Steps of training a model on one batch.

    model: `model(lib, dropout)` builds it with the names that PyTorch and we share.
    loss: `loss(lib, model, *batch)`, a tensor with one element.
    batch: arrays by name, in the order in which `loss` takes them.
    flops: additions and multiplications of a step.
    tolerance: largest error that is right, as a fraction of the largest value: of losses and gradients.
    """

    model: Callable[[Any, float], Any]
    loss: Callable[..., Any]
    batch: dict[str, np.ndarray]
    flops: float = 0.0
    tolerance: float = 1e-3
    check: None = None

    def operations(self, backward: bool) -> float:
        return self.flops

    def moved_bytes(self, result: int, backward: bool) -> float:
        return sum(array.nbytes for array in self.batch.values())


def weights(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """First values of a parameter: the same for every library, and about as large as those of real networks."""
    draw = Draw(name)
    if len(shape) < 2:
        return draw.between(0.5, 1.5, *shape) if name.endswith("weight") else draw(*shape, scale=0.02)
    inputs = float(np.prod(shape[1:]))
    return draw.between(-(inputs**-0.5), inputs**-0.5, *shape)
