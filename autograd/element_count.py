"""`x.size`: a number in NumPy and in the array API standard, a method in PyTorch."""

from __future__ import annotations

import math
from typing import Any


class ElementCount(int):
    """The number of elements of a tensor, which can be called to get its shape or the length of an axis.

    >>> import autograd
    >>> x = autograd.zeros(2, 3)
    >>> x.size, x.size(), x.size(1)
    (6, (2, 3), 3)
    """

    shape: tuple[int, ...]

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> ElementCount:
        """That of a tensor of that shape."""
        count = cls(math.prod(shape))
        count.shape = shape
        return count

    def __call__(self, dim: int | None = None) -> Any:
        """The shape, or the length of axis `dim`."""
        return self.shape if dim is None else self.shape[dim]

    def __reduce__(self) -> Any:
        return int, (int(self),)
