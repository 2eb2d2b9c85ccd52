"""Which elements are among others, and where elements that are counted row by row stand."""

from __future__ import annotations

import operator

import numpy as np

from ..declare import primitive
from ..errors import describe
from ..op import Sample
from .references import each


def _isin_by_loop(elements, test_elements, assume_unique=False, invert=False):
    among = np.ravel(test_elements).tolist()
    return each(lambda a: (a in among) != invert, bool)(elements)


@primitive(method=False, numpy=(np.isin,), reference=_isin_by_loop)
def isin(elements, test_elements, assume_unique=False, invert=False):
    """Whether each element is among the test elements.  elements: (*), test_elements: (**) -> bool (*)

    assume_unique: no element stands twice in either, which saves time. invert: whether it is not among them.

    >>> import autograd
    >>> autograd.isin(autograd.tensor([[1, 2], [3, 4]]), autograd.tensor([2, 3]))
    tensor([[False,  True],
            [ True, False]])
    """
    return np.isin(elements, test_elements, assume_unique, invert).reshape(np.shape(elements))


@isin.samples
def _(draw):
    yield Sample(draw.integers(3, 4), np.array([1, 3]))
    yield Sample(draw.integers(3, 4), np.array([1, 3]), invert=True)
    yield Sample(np.array([1, 2, 3]), np.array([5, 3]), assume_unique=True)
    yield Sample(np.array([1.5, 2.0, np.nan]), np.array([[2.0, np.nan], [1.0, 0.0]]))
    yield Sample(draw.integers(5), 3)
    yield Sample(draw.integers(), draw.integers(4))
    yield Sample(draw.integers(2, 0), draw.integers(4))
    yield Sample(draw.integers(4), draw.integers(0))


def _unravel_by_loop(indices, shape):
    shape = tuple(np.atleast_1d(shape))
    places = list(np.ndindex(*shape))
    return tuple([each(lambda i, k=k: places[int(i)][k], int)(indices) for k in range(len(shape))])


@primitive(method=False, numpy=(np.unravel_index,), reference=_unravel_by_loop)
def unravel_index(indices, shape):
    """The index along each axis of elements that are counted row by row.  indices: int (*) -> a tuple of int (*)

    shape: of the tensor that the indices count in, an int or several. TypeError if the indices are no integers,
    ValueError if one is negative or too large.

    >>> import autograd
    >>> autograd.unravel_index(autograd.tensor([4, 5]), (2, 3))
    (tensor([1, 1]), tensor([1, 2]))
    """
    sizes = tuple(map(operator.index, np.atleast_1d(shape).tolist()))
    indices = np.asarray(indices)
    if indices.dtype.kind not in "iu":
        raise TypeError(f"unravel_index: indices are integers, not {describe(indices)}. Convert them: x.long().")
    size = int(np.prod(sizes, dtype=np.int64))
    for wrong in indices[(indices < 0) | (indices >= size)][:1]:
        raise ValueError(f"unravel_index: index {wrong} is out of range for shape {sizes} (0 to {size - 1}).")
    return tuple([part.astype(indices.dtype, copy=False) for part in np.unravel_index(indices, sizes)])


@unravel_index.samples
def _(draw):
    yield Sample(draw.integers(5, high=12), (3, 4))
    yield Sample(draw.integers(2, 3, high=24), (2, 3, 4))
    yield Sample(draw.integers(4, high=7), 7)
    yield Sample(np.array(5), (2, 3))
    yield Sample(draw.integers(0), (2, 3))
    yield Sample(draw.integers(4, high=6), [6, 1])


@unravel_index.errors
def _(draw):
    yield Sample(np.array([6]), (2, 3)), ValueError, "index 6 is out of range for shape (2, 3)"
    yield Sample(np.array([-1]), (2, 3)), ValueError, "index -1 is out of range"
    yield Sample(draw(2), (2, 3)), TypeError, "indices are integers"


def _nonzero_static_by_loop(x, size, fill_value=-1):
    places = [i for i in np.ndindex(*x.shape) if x[i] != 0][:size]
    rows = [list(i) for i in places] + [[fill_value] * x.ndim] * (size - len(places))
    return np.array(rows, np.int64).reshape(size, x.ndim)


@primitive(reference=_nonzero_static_by_loop)
def nonzero_static(x, size, fill_value=-1):
    """The first `size` places of elements that differ from 0, one a row.  x: (*) -> int64 (size, axes)

    What is missing is filled with fill_value. ValueError if size is negative.

    >>> import autograd
    >>> autograd.nonzero_static(autograd.tensor([0, 5, 0, 7]), size=3)
    tensor([[ 1],
            [ 3],
            [-1]])
    """
    size = operator.index(size)
    if size < 0:
        raise ValueError(f"nonzero_static: a size is 0 or more, not {size}.")
    out = np.full((size, x.ndim), fill_value, np.int64)
    places = np.argwhere(x)[:size]
    out[: len(places)] = places
    return out


@nonzero_static.samples
def _(draw):
    yield Sample(draw.integers(3, 4, low=-1, high=2), size=5)
    yield Sample(draw.integers(3, 4, low=-1, high=2), size=20, fill_value=100)
    yield Sample(draw(4), size=2)
    yield Sample(draw.booleans(2, 2, 2), size=8)
    yield Sample(np.array([0.0, 0.0]), size=1)
    yield Sample(draw(0, 2), size=2)
    yield Sample(draw(2), size=0)


@nonzero_static.errors
def _(draw):
    yield Sample(draw(3), size=-1), ValueError, "size is 0 or more"
