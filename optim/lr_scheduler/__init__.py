"""Schedules: how the learning rate changes from epoch to epoch, or from batch to batch.

A schedule is made after its optimizer and steps after it, once an epoch (or, for the cyclic ones, once a batch):

>>> import autograd, optim
>>> w = autograd.tensor([1.0], requires_grad=True)
>>> optimizer = optim.SGD([w], lr=0.8)
>>> schedule = optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
>>> for epoch in range(4):
...     optimizer.step()
...     print(schedule.get_last_lr())
...     schedule.step()
[0.8]
[0.8]
[0.4]
[0.4]

Schedules can be chained, each changing what the others made of the learning rate, and put one after the other.
A warm-up is a `LinearLR` before another schedule:

>>> optimizer = optim.SGD([w], lr=1.0)
>>> warm_up = optim.lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=3)
>>> decay = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4)
>>> schedule = optim.lr_scheduler.SequentialLR(optimizer, [warm_up, decay], milestones=[3])
>>> for epoch in range(7):
...     optimizer.step()
...     print(f"{schedule.get_last_lr()[0]:.2f}", end=" ")
...     schedule.step()
0.25 0.50 0.75 1.00 0.85 0.50 0.15

To go on with a saved run, make the optimizer, then the schedule, and load the state of both: the learning rate is part
of the optimizer's.
"""

from __future__ import annotations

from .combined import ChainedScheduler as ChainedScheduler
from .combined import SequentialLR as SequentialLR
from .cyclic import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .cyclic import CyclicLR as CyclicLR
from .cyclic import OneCycleLR as OneCycleLR
from .decay import ConstantLR as ConstantLR
from .decay import CosineAnnealingLR as CosineAnnealingLR
from .decay import ExponentialLR as ExponentialLR
from .decay import LambdaLR as LambdaLR
from .decay import LinearLR as LinearLR
from .decay import MultiplicativeLR as MultiplicativeLR
from .decay import MultiStepLR as MultiStepLR
from .decay import PolynomialLR as PolynomialLR
from .decay import StepLR as StepLR
from .plateau import ReduceLROnPlateau as ReduceLROnPlateau
from .schedule import LRScheduler as LRScheduler
