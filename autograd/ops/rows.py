"""Convolution of vectors, windows, and elements put in or taken out, under NumPy's names."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample, functions
from ..tensor import Tensor, to_array
from .axes import axis_of
from .complex import conj
from .convolution import conv1d
from .creation import as_tensor
from .gathering import with_length
from .indexing import internal
from .joining import cat, stack
from .order import flip
from .shape import movedim, reshape
from .strided import unfold_axis


def _known(value: Any) -> Any:
    return value if isinstance(value, (Tensor, np.ndarray)) else as_tensor(value)


# ---------------------------------------------------------------------------------------------------------------------
# Convolution
# ---------------------------------------------------------------------------------------------------------------------
# The two are linear in each of their operands, and their gradients are each other.
_full = internal(lambda a, v: np.convolve(a, v, "full"), "convolve")
_valid = internal(lambda a, v: np.convolve(a, v, "valid"), "convolve_gradient")  # a is not shorter than v
_full.gradient(a=lambda g, v: _valid.call(g, flip(v, 0)), v=lambda g, a: _valid.call(g, flip(a, 0)))
_valid.gradient(
    a=lambda g, v: _full.call(g, flip(v, 0)),
    v=lambda g, a: flip(_valid.call(a, flip(g, 0)), 0),
)


def _vectors(x: Any, y: Any, mode: str, name: str) -> tuple[Any, Any]:
    x, y = _known(x), _known(y)
    if x.ndim != 1 or y.ndim != 1 or not x.shape[0] or not y.shape[0]:
        raise ValueError(f"{name}: takes two vectors that are not empty, not {tuple(x.shape)} and {tuple(y.shape)}.")
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"{name}: mode is 'full', 'same' or 'valid', not {mode!r}.")
    return x, y


_LARGE = 1 << 21  # products from which on the kernel of conv1d is faster


def _whole(x: Any, y: Any) -> Any:
    """The convolution at every place where the two overlap at all."""
    n, m = x.shape[0], y.shape[0]
    dtype = np.result_type(x.dtype, y.dtype)
    if n * m < _LARGE or dtype.char not in "fd" or not (isinstance(x, Tensor) and isinstance(y, Tensor)):
        return _full.call(x, y)
    if not (np.isfinite(x.data).all() and np.isfinite(y.data).all()):
        return _full.call(x, y)  # the kernel would multiply what is not finite by the zeros of its padding
    if n < m:
        x, y, m = y, x, n
    row, weight = (reshape(part.astype(dtype), (1, 1, -1)) for part in (x, flip(y, 0)))
    return reshape(conv1d(row, weight, padding=m - 1), (-1,))


def _cut(full: Any, x: Any, y: Any, mode: str, later: bool) -> Any:
    """The middle of a full convolution; `later` is the middle on the right where there are two."""
    short, long = sorted((x.shape[0], y.shape[0]))
    if mode == "full":
        return full
    if mode == "valid":
        return full[short - 1 : long]
    start = short // 2 if later else (short - 1) // 2
    return full[start : start + long]


@composite(method=False, reference=lambda x, y, mode="full": np.convolve(x, y, mode))
def convolve(x, y, mode="full"):
    """The convolution of two vectors: out[k] is the sum of x[i] y[k - i].  x: (N), y: (M) -> (N + M - 1)

    mode: "full", or of that "same" for the middle of max(N, M) elements, "valid" for those where the two overlap
    wholly. ValueError for another mode, or an empty vector.

    >>> import autograd
    >>> autograd.convolve(autograd.tensor([1.0, 2.0, 3.0]), autograd.tensor([0.0, 1.0, 0.5]))
    tensor([0.0000, 1.0000, 2.5000, 4.0000, 1.5000])
    """
    x, y = _vectors(x, y, mode, "convolve")
    return _cut(_whole(x, y), x, y, mode, False)


@composite(method=False, reference=lambda x, y, mode="valid": np.correlate(x, y, mode))
def correlate(x, y, mode="valid"):
    """The cross-correlation of two vectors: out[k] is the sum of x[i + k] conj(y[i]).  x: (N), y: (M) -> (*)

    mode: "valid" for the places where the two overlap wholly, "same" or "full" as in `convolve`.

    >>> import autograd
    >>> autograd.correlate(autograd.tensor([1.0, 2.0, 3.0]), autograd.tensor([0.0, 1.0]))
    tensor([2., 3.])
    """
    x, y = _vectors(x, y, mode, "correlate")
    return _cut(_whole(x, flip(conj(y), 0)), x, y, mode, y.shape[0] > x.shape[0])


def _two_vectors(draw: Any) -> Any:
    yield Sample(draw(5), draw(3))
    yield Sample(draw(3), draw(5))
    for n, m in ((6, 3), (6, 4), (3, 6), (4, 7)):
        yield Sample(draw(n), draw(m), "same")
        yield Sample(draw(n), draw(m), mode="valid")
        yield Sample(draw(n), draw(m), mode="full")
    yield Sample(draw(1), draw(1), "same")
    yield Sample(draw.complex(4), draw.complex(3), "full")
    yield Sample(draw.complex(3), draw(5), "same")


def _wrong_vectors(draw: Any) -> Any:
    yield Sample(draw(2, 3), draw(3)), ValueError, "not (2, 3) and (3,)"
    yield Sample(draw(0), draw(3)), ValueError, "not empty"
    yield Sample(draw(3), draw(3), "middle"), ValueError, "not 'middle'"


for _op in (convolve, correlate):
    _op.samples(_two_vectors)
    _op.errors(_wrong_vectors)


# ---------------------------------------------------------------------------------------------------------------------
# Windows
# ---------------------------------------------------------------------------------------------------------------------
def _window_reference(x, window_shape, axis=None):
    return np.array(np.lib.stride_tricks.sliding_window_view(x, window_shape, axis))


@composite(method=False, reference=_window_reference)
def sliding_window_view(x, window_shape, axis=None):
    """All windows of a shape, one element apart, as a read-only view.  x: (*) -> (*, window_shape)

    window_shape: an int or several. axis: those that the windows lie along; all of them unless given. Windows are
    counted along their axes, and have axes of their own behind all others. ValueError if they do not fit.

    >>> import autograd
    >>> autograd.sliding_window_view(autograd.arange(4), 3)
    tensor([[0, 1, 2],
            [1, 2, 3]])
    """
    sizes = tuple(window_shape) if isinstance(window_shape, (tuple, list)) else (window_shape,)
    given = range(x.ndim) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = [axis_of(along, x.ndim, "sliding_window_view") for along in given]
    if len(axes) != len(sizes):
        raise ValueError(f"sliding_window_view: window_shape {sizes} needs a length for each of {len(axes)} axes.")
    for along, size in zip(axes, sizes, strict=True):
        if not 0 <= size <= x.shape[along]:
            raise ValueError(
                f"sliding_window_view: windows of {size} do not fit into axis {along} of shape {tuple(x.shape)}."
            )
        x = unfold_axis(x, along, size, 1)
    return x


@sliding_window_view.samples
def _(draw):
    yield Sample(draw(6), 3)
    yield Sample(draw(4, 5), (2, 3))
    yield Sample(draw(4, 5), 2, 0)
    yield Sample(draw(4, 5), (2,), axis=(-1,))
    yield Sample(draw(2, 3, 4), (3, 2), axis=(2, 1))
    yield Sample(draw(0, 4), 2, axis=1)
    yield Sample(draw(5), 5)


@sliding_window_view.errors
def _(draw):
    yield Sample(draw(4, 5), 2), ValueError, "for each of 2 axes"
    yield Sample(draw(4), 2, axis=1), IndexError, "out of range"


# ---------------------------------------------------------------------------------------------------------------------
# More elements, and fewer
# ---------------------------------------------------------------------------------------------------------------------
def _flat(x: Any) -> Any:
    return reshape(x, math.prod(x.shape))


@composite(method=False, reference=lambda x, values, axis=None: np.append(x, values, axis))
def append(x, values, axis=None):
    """x with more values behind it along an axis; without one, both as one row.  x, values: (*) -> (*)

    >>> import autograd
    >>> autograd.append(autograd.tensor([1, 2]), autograd.tensor([[3], [4]]))
    tensor([1, 2, 3, 4])
    """
    x, values = _known(x), _known(values)
    if axis is None:
        return cat([_flat(x), _flat(values)])
    axis = axis_of(axis, x.ndim, "append")
    if with_length(x.shape, axis, 1) != with_length(values.shape, axis, 1):
        raise ValueError(
            f"append: shapes {tuple(x.shape)} and {tuple(values.shape)} differ in another axis than {axis}. Leave axis "
            f"out to join all elements as one row."
        )
    return cat([x, values], axis)


@append.samples
def _(draw):
    yield Sample(draw(3), draw(2))
    yield Sample(draw(2, 3), draw(1, 3), 0)
    yield Sample(draw(2, 3), draw(2, 2), axis=-1)
    yield Sample(draw(2, 3), draw())
    yield Sample(draw(0), draw(2))
    yield Sample(draw(2, 1), draw(2, 2))


@append.errors
def _(draw):
    yield Sample(draw(2, 3), draw(2), 0), ValueError, "differ"


@composite(method=False, reference=lambda x, obj, values, axis=None: np.insert(x, obj, values, axis))
def insert(x, obj, values, axis=None):
    """x with values in front of the places `obj` along an axis; without one, of x as one row.  x: (*) -> (*)

    obj: an int, several, a slice or a mask. values: what broadcasts to the slices that are put in, in the dtype of x.
    IndexError if a place is out of range.

    >>> import autograd
    >>> autograd.insert(autograd.tensor([1, 2, 3]), 1, 9)
    tensor([1, 9, 2, 3])
    """
    x, values = _known(x), _known(values)
    if values.dtype.kind == "c" and x.dtype.kind != "c":
        raise TypeError("insert: complex values have no place among real ones. Convert x first: x.cfloat().")
    if values.dtype != x.dtype:
        values = values.astype(x.dtype)
    axis = None if axis is None else axis_of(axis, x.ndim, "insert")
    count, more = math.prod(x.shape), math.prod(values.shape)
    # Which of all elements comes to each place is found by inserting their numbers.
    own, others = np.arange(count).reshape(x.shape), np.arange(count, count + more).reshape(values.shape)
    return cat([_flat(x), _flat(values)])[_moved(np.insert, "insert", own, _places(obj), others, axis)]


@insert.samples
def _(draw):
    yield Sample(draw(4), 1, draw())
    yield Sample(draw(4), [0, 2, 4], draw(3))
    yield Sample(draw(2, 3), 1, draw(3), 0)
    yield Sample(draw(2, 3), -1, draw(2), axis=1)
    yield Sample(draw(2, 3), slice(0, 2), draw(2, 2), axis=1)
    yield Sample(draw(2, 3), 5, 1.5)
    yield Sample(draw(3), [1, 1], draw(2))


@insert.errors
def _(draw):
    yield Sample(draw(3), 5, 1.0), IndexError, "out of bounds"
    yield Sample(draw(3), 1, draw.complex(1)), TypeError, "complex values"


@composite(method=False, reference=lambda x, obj, axis=None: np.delete(x, obj, axis))
def delete(x, obj, axis=None):
    """x without the slices `obj` along an axis; without one, of x as one row.  x: (*) -> (*)

    obj: an int, several, a slice or a mask. IndexError if a place is out of range.

    >>> import autograd
    >>> autograd.delete(autograd.tensor([1, 2, 3]), 1)
    tensor([1, 3])
    """
    x = _known(x)
    if axis is None:
        x, axis = _flat(x), 0
    axis = axis_of(axis, x.ndim, "delete")
    return x[(slice(None),) * axis + (_moved(np.delete, "delete", np.arange(x.shape[axis]), _places(obj)),)]


@delete.samples
def _(draw):
    yield Sample(draw(4), 1)
    yield Sample(draw(4), [0, 2])
    yield Sample(draw(2, 3), 1, 0)
    yield Sample(draw(2, 3), -1, axis=1)
    yield Sample(draw(2, 5), slice(0, 4, 2), axis=-1)
    yield Sample(draw(2, 3), 5)
    yield Sample(draw(3), np.array([True, False, True]))


@delete.errors
def _(draw):
    yield Sample(draw(3), 5), IndexError, "out of bounds"


def _places(obj: Any) -> Any:
    return obj if isinstance(obj, (slice, int)) else to_array(obj)


def _moved(function: Any, name: str, *arguments: Any) -> np.ndarray:
    try:
        return function(*arguments)
    except (IndexError, ValueError) as error:
        raise type(error)(f"{name}: {error}.") from None


# ---------------------------------------------------------------------------------------------------------------------
# One row after another
# ---------------------------------------------------------------------------------------------------------------------
def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Tensor:
    """func1d(row, *args, **kwargs) of each row along an axis, its result in the place of the row.

    func1d takes a vector and gives a tensor of any shape, the same for each. Gradients pass through its operations. An
    operation with `dim` is faster than this, which runs Python for each row.

    >>> import autograd
    >>> x = autograd.tensor([[1.0, 5.0], [2.0, 4.0]])
    >>> autograd.apply_along_axis(lambda row: row.max() - row.min(), 1, x)
    tensor([4., 2.])
    """
    x = _known(arr)
    if not x.ndim:
        raise ValueError("apply_along_axis: needs an axis, and the tensor has none.")
    axis = axis_of(axis, x.ndim, "apply_along_axis")
    rows = movedim(x, axis, -1)
    outer = tuple(rows.shape[:-1])
    if not math.prod(outer):
        raise ValueError(
            f"apply_along_axis: shape {tuple(x.shape)} has no rows along dim {axis}, and what each gives is unknown."
        )
    results = [_known(func1d(row, *args, **kwargs)) for row in reshape(rows, (math.prod(outer), rows.shape[-1]))]
    inner = tuple(results[0].shape)
    out = reshape(stack(results), (*outer, *inner))
    return movedim(out, tuple(range(len(outer), len(outer) + len(inner))), tuple(range(axis, axis + len(inner))))


functions["apply_along_axis"] = apply_along_axis
