"""Adam, and AdamW, which decays weights apart from the gradient."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from autograd import kernels

from .optimizer import FRACTION, NOT_NEGATIVE, Batch, Group, Optimizer, Params, State, descent


class Adam(Optimizer):
    """Adam: steps whose size each element's own history of gradients sets.

        g = grad + weight_decay * param
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        param -= lr * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)       in step t = 1, 2, ...

    params: see Optimizer.
    lr: about the largest step of an element.
    betas: beta1 and beta2, how much of the averages m and v is kept; both in [0, 1).
    eps: keeps the division finite.
    weight_decay: this much of the parameter is added to its gradient (L2 regularization).
    amsgrad: divide by the largest v so far instead.
    maximize: go up instead of down.
    decoupled_weight_decay: as AdamW does: param *= 1 - lr * weight_decay, and nothing is added to the gradient.

    State: exp_avg is m, exp_avg_sq is v, max_exp_avg_sq the largest v.

    Kingma and Ba: Adam: A method for stochastic optimization (arXiv 1412.6980). AMSGrad: Reddi, Kale and Kumar: On the
    convergence of Adam and beyond (arXiv 1904.09237).

    >>> import autograd, optim
    >>> w = autograd.tensor([3.0, -1.0], requires_grad=True)
    >>> optimizer = optim.Adam([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 2.5000, -0.5000])
    """

    accepts: ClassVar = {
        "lr": NOT_NEGATIVE,
        "betas": (FRACTION, FRACTION),
        "eps": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
        "amsgrad": bool,
        "maximize": bool,
        "decoupled_weight_decay": bool,
    }

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def buffers(self, group: Group) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[: 3 if group["amsgrad"] else 2]

    def update(self, param: np.ndarray, grad: np.ndarray, state: State, group: Group) -> None:
        lr, (beta1, beta2), t = group["lr"], group["betas"], state["step"]
        if group["decoupled_weight_decay"]:
            param *= 1 - lr * group["weight_decay"]
            grad = -grad if group["maximize"] else grad
        else:
            grad = descent(param, grad, group)
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        mean += (1 - beta1) * (grad - mean)
        square *= beta2
        square += (1 - beta2) * (grad * grad)
        if group["amsgrad"]:
            largest = state["max_exp_avg_sq"]
            np.maximum(largest, square, out=largest)
            square = largest
        param -= lr / (1 - beta1**t) * (mean / (np.sqrt(square) / math.sqrt(1 - beta2**t) + group["eps"]))

    def update_all(self, batch: Batch, group: Group) -> bool:
        kernels.update.adam(
            batch.params,
            batch.grads,
            batch.buffers("exp_avg"),
            batch.buffers("exp_avg_sq"),
            batch.buffers("max_exp_avg_sq") if group["amsgrad"] else None,
            batch.steps(),
            lr=group["lr"],
            beta1=group["betas"][0],
            beta2=group["betas"][1],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            decoupled=group["decoupled_weight_decay"],
            maximize=group["maximize"],
        )
        return True


class AdamW(Adam):
    """Adam with decoupled weight decay: param *= 1 - lr * weight_decay before the step; see Adam for the rest.

    Loshchilov and Hutter: Decoupled weight decay regularization (arXiv 1711.05101).

    >>> import autograd, optim
    >>> w = autograd.tensor([2.0], requires_grad=True)
    >>> optimizer = optim.AdamW([w], lr=0.5, weight_decay=0.1)
    >>> w.grad = autograd.tensor([0.0])
    >>> optimizer.step()
    >>> w.detach()
    tensor([1.9000])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True
        )
