"""Dropout: while training, some elements are left out at random, and the rest made up for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from autograd.tensor import Tensor

from .. import functional as F
from ..module import Module


class _Dropout(Module):
    operation: ClassVar[Callable[..., Tensor]]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"{type(self).__name__}: p is {p}. Give a probability from 0 to 1.")
        self.p, self.inplace = p, inplace

    def forward(self, x: Tensor) -> Tensor:
        """x, with elements left out in training mode."""
        if self.inplace:
            return type(self).operation(x, self.p, self.training, inplace=True)
        return type(self).operation(x, self.p, self.training)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace=True" if self.inplace else f"p={self.p}"


class Dropout(_Dropout):
    """In training, each element becomes 0 with probability p, and the others are divided by 1 - p.  x: (*) -> (*)

    p: the probability to leave an element out.
    inplace: the result is written into the input.

    Srivastava and others: Dropout: a simple way to prevent neural networks from overfitting (2014).
    """

    operation = staticmethod(F.dropout)


class Dropout1D(_Dropout):
    """Like `Dropout`, but whole channels at once.  x: (N, C, W) or (C, W)"""

    operation = staticmethod(F.dropout1d)


class Dropout2D(_Dropout):
    """Like `Dropout`, but whole channels at once: neighbouring pixels tell much the same.  x: (N, C, H, W) or (C, H, W)

    Tompson and others: Efficient object localization using convolutional networks (2015).
    """

    operation = staticmethod(F.dropout2d)


class Dropout3D(_Dropout):
    """Like `Dropout`, but whole channels at once.  x: (N, C, D, H, W) or (C, D, H, W)"""

    operation = staticmethod(F.dropout3d)


class AlphaDropout(_Dropout):
    """Dropout that keeps mean and variance where SELU is in use.  x: (*) -> (*)

    Klambauer and others: Self-normalizing neural networks (2017).
    """

    operation = staticmethod(F.alpha_dropout)


class FeatureAlphaDropout(_Dropout):
    """Like `AlphaDropout`, but whole channels at once.  x: (N, C, *)"""

    operation = staticmethod(F.feature_alpha_dropout)


Dropout1d, Dropout2d, Dropout3d = Dropout1D, Dropout2D, Dropout3D
