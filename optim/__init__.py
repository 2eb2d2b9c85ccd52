"""Optimizers, which move parameters by their gradients, and schedules for their learning rates.

>>> import autograd, optim
>>> w = autograd.tensor([1.0, 2.0], requires_grad=True)
>>> optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
>>> for _ in range(100):
...     optimizer.zero_grad()
...     loss = ((w - 5.0) ** 2).sum()
...     loss.backward()
...     optimizer.step()
>>> bool(loss < 0.01)
True

Gradients are clipped by `nn.utils.clip_grad_norm_` and `clip_grad_value_`, between `backward()` and `step()`.
"""

from __future__ import annotations

from . import lr_scheduler as lr_scheduler
from .adam import Adam as Adam
from .adam import AdamW as AdamW
from .adaptive import Adagrad as Adagrad
from .adaptive import RMSprop as RMSprop
from .optimizer import Optimizer as Optimizer
from .sgd import SGD as SGD

AdaGrad = Adagrad
RMSProp = RMSprop
