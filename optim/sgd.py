"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from autograd import kernels

from .optimizer import ANY, NOT_NEGATIVE, Batch, Group, Optimizer, Params, State, descent


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum and Nesterov's momentum.

        g = grad + weight_decay * param
        b = momentum * b + (1 - dampening) * g      (in the first step b = g)
        param -= lr * b                             (nesterov: lr * (g + momentum * b); without momentum: lr * g)

    params: see Optimizer.
    lr: the step for a gradient of 1.
    momentum: how much of the last direction is kept, from 0 to below 1 as a rule.
    dampening: how much of the gradient is left out of the momentum.
    weight_decay: this much of the parameter is added to its gradient (L2 regularization).
    nesterov: look ahead along the momentum; needs momentum, and no dampening.
    maximize: go up instead of down.

    Sutskever, Martens, Dahl and Hinton: On the importance of initialization and momentum in deep learning (2013).

    >>> import autograd, optim
    >>> w = autograd.tensor([3.0, -1.0], requires_grad=True)
    >>> optimizer = optim.SGD([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 1.5000, -0.5000])
    """

    accepts: ClassVar = {
        "lr": NOT_NEGATIVE,
        "momentum": NOT_NEGATIVE,
        "dampening": ANY,
        "weight_decay": NOT_NEGATIVE,
        "nesterov": bool,
        "maximize": bool,
    }

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check_options(self, options: Mapping[str, Any]) -> None:
        if options["nesterov"] and (options["momentum"] == 0 or options["dampening"] != 0):
            raise ValueError(
                f"SGD: nesterov needs momentum above 0 and dampening 0, and they are {options['momentum']} and "
                f"{options['dampening']}. Set momentum=0.9, for example."
            )

    def buffers(self, group: Group) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] != 0 else ()

    def update(self, param: np.ndarray, grad: np.ndarray, state: State, group: Group) -> None:
        direction = descent(param, grad, group)
        momentum = group["momentum"]
        if momentum != 0:
            buffer = state["momentum_buffer"]
            buffer *= momentum
            buffer += direction if state["step"] == 1 else (1 - group["dampening"]) * direction
            direction = direction + momentum * buffer if group["nesterov"] else buffer
        param -= group["lr"] * direction

    def update_all(self, batch: Batch, group: Group) -> bool:
        with_momentum = group["momentum"] != 0
        kernels.update.sgd(
            batch.params,
            batch.grads,
            batch.buffers("momentum_buffer") if with_momentum else None,
            [step == 1 for step in batch.steps()] if with_momentum else None,
            lr=group["lr"],
            momentum=group["momentum"],
            dampening=group["dampening"],
            nesterov=group["nesterov"],
            weight_decay=group["weight_decay"],
            maximize=group["maximize"],
        )
        return True
