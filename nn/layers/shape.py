"""Layers that only change the shape."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.tensor import Tensor

from .. import functional as F
from ..module import Module


class Flatten(Module):
    """Joins the axes from start_dim to end_dim into one; all but the batch axis, unless given.  x: (N, *) -> (N, D)

    >>> import autograd, nn
    >>> nn.Flatten()(autograd.zeros(32, 1, 28, 28)).shape
    (32, 784)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Tensor) -> Tensor:
        """The same elements with fewer axes."""
        return F.flatten(x, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Splits the axis `dim` into axes of these sizes, of which one may be -1.

    >>> import autograd, nn
    >>> nn.Unflatten(1, (1, 28, 28))(autograd.zeros(32, 784)).shape
    (32, 1, 28, 28)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, x: Tensor) -> Tensor:
        """The same elements with more axes."""
        return F.unflatten(x, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
