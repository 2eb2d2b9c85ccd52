"""Adagrad and RMSprop: the step of each element is divided by the size of its gradients."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from autograd import kernels

from .optimizer import FRACTION, NOT_NEGATIVE, Batch, Group, Optimizer, Params, State, descent


class Adagrad(Optimizer):
    """Adagrad: divides by the root of the sum of all squared gradients.

        g = grad + weight_decay * param
        s = s + g * g
        param -= lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)        in step t = 1, 2, ...

    params: see Optimizer.
    lr: about the first step of an element.
    lr_decay: how fast the step shrinks with the number of steps.
    weight_decay: this much of the parameter is added to its gradient (L2 regularization).
    initial_accumulator_value: what s begins with.
    eps: keeps the division finite.
    maximize: go up instead of down.

    State: sum is s.

    Duchi, Hazan and Singer: Adaptive subgradient methods for online learning and stochastic optimization (2011).

    >>> import autograd, optim
    >>> w = autograd.tensor([3.0, -1.0], requires_grad=True)
    >>> optimizer = optim.Adagrad([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 2.5000, -0.5000])
    """

    accepts: ClassVar = {
        "lr": NOT_NEGATIVE,
        "lr_decay": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
        "initial_accumulator_value": NOT_NEGATIVE,
        "eps": NOT_NEGATIVE,
        "maximize": bool,
    }

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def buffers(self, group: Group) -> tuple[str, ...]:
        return ("sum",)

    def init_state(self, param: np.ndarray, group: Group) -> State:
        state = super().init_state(param, group)
        state["sum"].fill(group["initial_accumulator_value"])
        return state

    def update(self, param: np.ndarray, grad: np.ndarray, state: State, group: Group) -> None:
        grad = descent(param, grad, group)
        total = state["sum"]
        total += grad * grad
        lr = group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"])
        param -= lr * (grad / (np.sqrt(total) + group["eps"]))

    def update_all(self, batch: Batch, group: Group) -> bool:
        kernels.update.adagrad(
            batch.params,
            batch.grads,
            batch.buffers("sum"),
            batch.steps(),
            lr=group["lr"],
            lr_decay=group["lr_decay"],
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            maximize=group["maximize"],
        )
        return True


class RMSprop(Optimizer):
    """RMSprop: divides by the root of a running mean of the squared gradients.

        g = grad + weight_decay * param
        v = alpha * v + (1 - alpha) * g * g
        a = alpha * a + (1 - alpha) * g                 (centered only)
        d = g / (sqrt(v) + eps)                         (centered: sqrt(v - a * a))
        b = momentum * b + d
        param -= lr * b                                 (without momentum: lr * d)

    params: see Optimizer.
    lr: about the step of an element.
    alpha: how much of the running means is kept; in [0, 1).
    eps: keeps the division finite.
    weight_decay: this much of the parameter is added to its gradient (L2 regularization).
    momentum: how much of the last direction is kept.
    centered: divide by the deviation from the mean gradient instead. Where rounding makes its square negative it
        counts as 0.
    maximize: go up instead of down.

    State: square_avg is v, grad_avg is a, momentum_buffer is b.

    Tieleman and Hinton: Lecture 6.5, RMSprop (2012). Centered: Graves: Generating sequences with recurrent neural
    networks (arXiv 1308.0850).

    >>> import autograd, optim
    >>> w = autograd.tensor([3.0, -1.0], requires_grad=True)
    >>> optimizer = optim.RMSprop([w], lr=0.5, alpha=0.75)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([2., 0.])
    """

    accepts: ClassVar = {
        "lr": NOT_NEGATIVE,
        "alpha": FRACTION,
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
        "momentum": NOT_NEGATIVE,
        "centered": bool,
        "maximize": bool,
    }

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def buffers(self, group: Group) -> tuple[str, ...]:
        centered = ("grad_avg",) if group["centered"] else ()
        return ("square_avg", *centered, *(("momentum_buffer",) if group["momentum"] != 0 else ()))

    def update(self, param: np.ndarray, grad: np.ndarray, state: State, group: Group) -> None:
        lr, alpha, eps, momentum = group["lr"], group["alpha"], group["eps"], group["momentum"]
        grad = descent(param, grad, group)
        square = state["square_avg"]
        square *= alpha
        square += (1 - alpha) * (grad * grad)
        if group["centered"]:
            mean = state["grad_avg"]
            mean += (1 - alpha) * (grad - mean)
            square = np.maximum(square - mean * mean, 0)
        step = grad / (np.sqrt(square) + eps)
        if momentum != 0:
            buffer = state["momentum_buffer"]
            buffer *= momentum
            buffer += step
            step = buffer
        param -= lr * step

    def update_all(self, batch: Batch, group: Group) -> bool:
        kernels.update.rmsprop(
            batch.params,
            batch.grads,
            batch.buffers("square_avg"),
            batch.buffers("momentum_buffer") if group["momentum"] != 0 else None,
            batch.buffers("grad_avg") if group["centered"] else None,
            lr=group["lr"],
            alpha=group["alpha"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            momentum=group["momentum"],
            maximize=group["maximize"],
        )
        return True
