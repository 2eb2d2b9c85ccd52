"""Matrices of powers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample
from .shape import unsqueeze


def _powers(x: Any, exponents: np.ndarray) -> Any:
    kind = x.dtype if x.dtype.kind in "fc" else np.dtype(np.int64)
    return unsqueeze(x, -1) ** exponents.astype(kind)


def _count(N: Any, length: int, name: str) -> int:
    if N is None:
        return length
    count = operator.index(N)
    if count < (0 if name == "vander" else 2):
        raise ValueError(f"{name}: N is the number of powers, {0 if name == 'vander' else 2} or more, not {count}.")
    return count


@composite(method=False, reference=lambda x, N=None, increasing=False: np.vander(x, N, increasing))
def vander(x, N=None, increasing=False):
    """The powers of each element, one a column: the Vandermonde matrix.  x: (M) -> (M, N)

    N: how many powers, M unless given. increasing: from 0 up to N - 1; otherwise the other way round, as NumPy has it.
    ValueError if x is no vector.

    >>> import autograd
    >>> autograd.vander(autograd.tensor([1, 2, 3]), increasing=True)
    tensor([[1, 1, 1],
            [1, 2, 4],
            [1, 3, 9]])
    """
    if x.ndim != 1:
        raise ValueError(f"vander: takes a vector, and the shape is {tuple(x.shape)}. See linalg.vander.")
    exponents = np.arange(_count(N, x.shape[0], "vander"))
    return _powers(x, exponents if increasing else exponents[::-1])


@vander.samples
def _(draw):
    yield Sample(draw(4))
    yield Sample(draw(3), 5)
    yield Sample(draw(3), N=2, increasing=True)
    yield Sample(draw(3), 4, True)
    yield Sample(np.array([0.0, 1.0, -2.0]), 3)
    yield Sample(draw.integers(3), 4)
    yield Sample(draw.complex(3))
    yield Sample(draw(0), 2)
    yield Sample(draw(2), 0)


@vander.errors
def _(draw):
    yield Sample(draw(2, 3)), ValueError, "takes a vector, and the shape is (2, 3)"
    yield Sample(draw(2), -1), ValueError, "0 or more, not -1"


def _rows_of_powers(x, N=None):
    N = x.shape[-1] if N is None else N
    return np.stack([x**k for k in range(N)], -1)


@composite(namespace="linalg", name="vander", reference=_rows_of_powers)
def linalg_vander(x, N=None):
    """The powers 0 to N - 1 of each element along a new last axis.  x: (*, M) -> (*, M, N)

    N: how many powers, M unless given. ValueError if it is less than 2, or if x has no axis.

    >>> import autograd
    >>> autograd.linalg.vander(autograd.tensor([1.0, 2.0, 3.0]))
    tensor([[1., 1., 1.],
            [1., 2., 4.],
            [1., 3., 9.]])
    """
    if not x.ndim:
        raise ValueError("linalg.vander: needs an axis, and the tensor has none.")
    return _powers(x, np.arange(_count(N, x.shape[-1], "linalg.vander")))


@linalg_vander.samples
def _(draw):
    yield Sample(draw(4))
    yield Sample(draw(3), N=5)
    yield Sample(draw(2, 3))
    yield Sample(draw(2, 1, 3), N=2)
    yield Sample(np.array([0.0, 1.0, -2.0]))
    yield Sample(draw.complex(2, 2))
    yield Sample(draw(0, 3))


@linalg_vander.errors
def _(draw):
    yield Sample(draw()), ValueError, "needs an axis"
    yield Sample(draw(3), N=1), ValueError, "2 or more, not 1"
