"""New tensors: from data, filled, and counted.

These functions are no operations: nothing can be differentiated by what they take. All of them take `dtype` and
`requires_grad`. Floats become the default dtype (float32) unless NumPy data brings a dtype of its own.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ..op import functions
from ..stand_in import StandIn, handing_over
from ..tensor import Tensor, get_default_dtype, to_array, wrap


def creation(function):
    """Declares a public function that makes tensors."""
    functions[function.__name__] = function
    return function


def per_example(function):
    """Declares one that, inside vmap, may have to make one for each example."""
    return creation(handing_over(function))


def on_cpu(device: Any) -> None:
    """Raises for any device but the CPU, the only one there is."""
    if device is not None and str(device).split(":")[0] != "cpu":
        raise ValueError(f"device {str(device)!r}: tensors live on the CPU only. Leave device out, or say 'cpu'.")


def dtype_of(dtype: Any, name: str = "dtype") -> np.dtype:
    """What was given as a dtype, as one; the default dtype for None."""
    if dtype is None:
        return get_default_dtype()
    try:
        return np.dtype(dtype)
    except TypeError:
        raise TypeError(f"{name}: {dtype!r} is no dtype. Use one as autograd.float32, or a name as 'int64'.") from None


def tensor_of(array: np.ndarray, requires_grad: bool = False) -> Tensor:
    """A tensor around `array`."""
    made = wrap(array)
    return made.requires_grad_() if requires_grad else made


def lengths(size: Any, name: str) -> tuple[int, ...]:
    """A shape given as one tuple or as several ints."""
    if len(size) == 1 and isinstance(size[0], (tuple, list)):
        size = size[0]
    try:
        shape = tuple([operator.index(n) for n in size])
    except TypeError:
        raise TypeError(f"{name}: a shape consists of ints, not {tuple(size)!r}.") from None
    if any(n < 0 for n in shape):
        raise ValueError(f"{name}: a shape has no negative lengths, as {shape} has.")
    return shape


# ---------------------------------------------------------------------------------------------------------------------
# From data
# ---------------------------------------------------------------------------------------------------------------------
@per_example
def tensor(data: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A tensor with a copy of `data`: numbers, nested lists, a NumPy array, a tensor.

    Python floats become the default dtype, integers int64; NumPy arrays and tensors keep theirs.

    >>> import autograd
    >>> autograd.tensor([[1.0, 2.0], [3.0, 4.0]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    on_cpu(device)
    array = to_array(data, dtype)
    if array is data or np.may_share_memory(array, getattr(data, "data", array)):
        array = np.array(array, copy=True, order="C", subok=False)
    return tensor_of(array, requires_grad)


@creation
def as_tensor(data: Any, dtype: DTypeLike | None = None, device: Any = None) -> Tensor:
    """`data` as a tensor: tensors as they are, NumPy arrays sharing their memory, all else copied."""
    on_cpu(device)
    given: Any = data
    if isinstance(data, (Tensor, StandIn)):
        return given if dtype is None or given.dtype == dtype_of(dtype) else given.astype(dtype)
    return wrap(to_array(data, dtype))


@per_example
def asarray(data: Any, dtype: DTypeLike | None = None, copy: bool | None = None, requires_grad: bool = False) -> Tensor:
    """`data` as a tensor, sharing memory where possible; copy=True always copies, copy=False never.

    The result is outside the graph of what it is made from.
    """
    array = to_array(data, dtype)
    source = data.data if isinstance(data, Tensor) else data
    shares = isinstance(source, np.ndarray) and np.may_share_memory(array, source)
    if copy is False and not shares:
        raise ValueError("asarray: the data can not become a tensor without a copy. Leave copy out.")
    return tensor_of(array.copy() if copy and shares else array, requires_grad)


@creation
def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor that shares the memory of a NumPy array: a write to one is seen in the other."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: takes a NumPy array, not {type(array).__name__}. Use tensor(data).")
    if not array.dtype.isnative:
        raise ValueError(
            f"from_numpy: an array of {array.dtype}, in the byte order of another machine, can not be shared. "
            f"Use tensor(array), which converts it."
        )
    return wrap(to_array(array))


@creation
def frombuffer(buffer: Any, dtype: DTypeLike, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Tensor:
    """A tensor of one axis on the memory of bytes, a bytearray or any other buffer, read as elements of a dtype.

    count: of elements, -1 for all. offset: the bytes to leave out in front. Of `bytes` it is read-only.
    ValueError if the buffer does not hold them.

    >>> import autograd
    >>> autograd.frombuffer(bytearray([1, 0, 2, 0]), dtype="int16")
    tensor([1, 2], dtype=int16)
    """
    kind = dtype_of(dtype, "frombuffer")
    try:
        array = np.frombuffer(buffer, kind, count, offset)
    except (ValueError, TypeError) as error:
        raise type(error)(f"frombuffer: {error}. Given {type(buffer).__name__}, {kind}, {count=}, {offset=}.") from None
    return tensor_of(to_array(array), requires_grad)


# ---------------------------------------------------------------------------------------------------------------------
# Filled
# ---------------------------------------------------------------------------------------------------------------------


@creation
def zeros(*size: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """Zeros in a shape, given as ints or as one tuple."""
    on_cpu(device)
    return tensor_of(np.zeros(lengths(size, "zeros"), dtype_of(dtype)), requires_grad)


@creation
def ones(*size: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """Ones in a shape, given as ints or as one tuple."""
    on_cpu(device)
    return tensor_of(np.ones(lengths(size, "ones"), dtype_of(dtype)), requires_grad)


@creation
def empty(*size: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """Whatever lies in memory, in a shape given as ints or as one tuple: to be written to before it is read."""
    on_cpu(device)
    return tensor_of(np.empty(lengths(size, "empty"), dtype_of(dtype)), requires_grad)


@creation
def full(
    size: Any, fill_value: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, device: Any = None
) -> Tensor:
    """One value in a shape.  Without dtype that of the value: full((2,), 1) holds int64, full((2,), 1.0) float32."""
    on_cpu(device)
    value = to_array(fill_value, dtype)
    if value.ndim:
        raise ValueError(f"full: fill_value is one number, not an array of shape {value.shape}.")
    shape = lengths(size if isinstance(size, (tuple, list)) else (size,), "full")
    return tensor_of(np.full(shape, value, value.dtype), requires_grad)


def _like(x: Any) -> np.ndarray:
    return x.data if isinstance(x, Tensor) else np.asarray(x)


@per_example
def zeros_like(input: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Zeros in the shape and dtype of another tensor."""
    like = _like(input)
    return tensor_of(np.zeros(like.shape, like.dtype if dtype is None else dtype_of(dtype)), requires_grad)


@per_example
def ones_like(input: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Ones in the shape and dtype of another tensor."""
    like = _like(input)
    return tensor_of(np.ones(like.shape, like.dtype if dtype is None else dtype_of(dtype)), requires_grad)


@per_example
def empty_like(input: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Whatever lies in memory, in the shape and dtype of another tensor."""
    like = _like(input)
    return tensor_of(np.empty(like.shape, like.dtype if dtype is None else dtype_of(dtype)), requires_grad)


@per_example
def full_like(input: Any, fill_value: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """One value in the shape and dtype of another tensor."""
    like = _like(input)
    value = fill_value.data if isinstance(fill_value, Tensor) else fill_value
    return tensor_of(np.full(like.shape, value, like.dtype if dtype is None else dtype_of(dtype)), requires_grad)


# ---------------------------------------------------------------------------------------------------------------------
# Counted
# ---------------------------------------------------------------------------------------------------------------------
def _number(value: Any) -> Any:
    return value.item() if isinstance(value, (Tensor, np.generic)) else value


@creation
def arange(
    start: Any,
    end: Any = None,
    step: Any = 1,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    device: Any = None,
) -> Tensor:
    """Numbers from start up to, and without, end; arange(n) counts from 0.  Ints give int64, floats float32.

    >>> import autograd
    >>> autograd.arange(2, 10, 3)
    tensor([2, 5, 8])
    """
    on_cpu(device)
    if end is None:
        start, end = 0, start
    start, end, step = (
        value.item() if isinstance(value, (Tensor, np.generic)) else value for value in (start, end, step)
    )
    if step == 0:
        raise ValueError("arange: a step of 0 never reaches the end.")
    if dtype is None and any(isinstance(value, float) for value in (start, end, step)):
        dtype = get_default_dtype()
    count = max(0, math.ceil((end - start) / step))
    if dtype is not None and np.dtype(dtype).kind in "fc":
        # In float64 first: NumPy would step by a rounded float32.
        return tensor_of((np.arange(count) * step + start).astype(dtype), requires_grad)
    counted = start + step * np.arange(count, dtype=np.int64)
    return tensor_of(counted if dtype is None else counted.astype(dtype), requires_grad)


def _check_steps(steps: Any, name: str) -> None:
    if not hasattr(steps, "__index__") or operator.index(steps) < 0:
        raise ValueError(f"{name}: steps must be 0 or more, an int, not {steps!r}.")


@creation
def linspace(start: Any, end: Any, steps: int, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """`steps` numbers at equal distances from start to end, both among them."""
    _check_steps(steps, "linspace")
    return tensor_of(np.linspace(_number(start), _number(end), steps).astype(dtype_of(dtype)), requires_grad)


@creation
def logspace(
    start: Any, end: Any, steps: int, base: float = 10.0, dtype: DTypeLike | None = None, requires_grad: bool = False
) -> Tensor:
    """`steps` powers of `base`, with exponents at equal distances from start to end."""
    _check_steps(steps, "logspace")
    return tensor_of(np.logspace(_number(start), _number(end), steps, base=base).astype(dtype_of(dtype)), requires_grad)


@creation
def eye(n: int, m: int | None = None, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Ones on the main diagonal of an (n, m) matrix, zeros elsewhere.  Square unless m is given."""
    for count in (n, m):
        if count is not None and (not hasattr(count, "__index__") or operator.index(count) < 0):
            raise ValueError(f"eye: a number of rows or columns is an int of 0 or more, not {count!r}.")
    return tensor_of(np.eye(n, m, dtype=dtype_of(dtype)), requires_grad)


@creation
def tril_indices(row: int, col: int, offset: int = 0) -> Tensor:
    """The places on and below a diagonal of a (row, col) matrix: rows in the first line, columns in the second."""
    lengths((row, col), "tril_indices")
    return wrap(np.stack(np.tril_indices(row, offset, col)).astype(np.int64))


@creation
def triu_indices(row: int, col: int, offset: int = 0) -> Tensor:
    """The places on and above a diagonal of a (row, col) matrix: rows in the first line, columns in the second."""
    lengths((row, col), "triu_indices")
    return wrap(np.stack(np.triu_indices(row, offset, col)).astype(np.int64))


@per_example
def one_hot(labels: Any, num_classes: int = -1, dtype: DTypeLike = np.int64) -> Tensor:
    """Each label as a row of zeros with a 1 at the label.  labels: (*) of ints -> (*, num_classes)

    num_classes: -1 for one more than the greatest label.
    IndexError for a label that is negative or too large.

    >>> import autograd
    >>> autograd.one_hot(autograd.tensor([0, 2]), 3)
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    index = to_array(labels)
    if index.dtype.kind not in "iu":
        raise TypeError(f"one_hot: labels are integers, not {index.dtype}. Convert them: labels.long().")
    if num_classes == -1:
        if not index.size:
            raise ValueError("one_hot: no label to count the classes by. Give num_classes.")
        num_classes = int(index.max()) + 1
    for wrong in index[(index < 0) | (index >= num_classes)][:1]:
        raise IndexError(f"one_hot: label {wrong} is out of range for {num_classes} classes (0 to {num_classes - 1}).")
    out = np.zeros((index.size, num_classes), dtype)
    out[np.arange(index.size), index.ravel()] = 1
    return wrap(out.reshape(*index.shape, num_classes))


@creation
def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape that tensors of these shapes broadcast to."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        listed = " and ".join(str(tuple(shape) if isinstance(shape, (tuple, list)) else shape) for shape in shapes)
        raise ValueError(
            f"broadcast_shapes: shapes {listed} do not broadcast. Counted from the last, axes must be equal or 1."
        ) from None


# ---------------------------------------------------------------------------------------------------------------------
# In the dtype of a tensor that is there
# ---------------------------------------------------------------------------------------------------------------------
def new_tensor(self: Tensor, data: ArrayLike, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """A copy of `data` in the dtype of this tensor."""
    return tensor(data, self.dtype if dtype is None else dtype, requires_grad)


def new_zeros(self: Tensor, *size: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Zeros in a shape, in the dtype of this tensor."""
    return zeros(*size, dtype=self.dtype if dtype is None else dtype, requires_grad=requires_grad)


def new_ones(self: Tensor, *size: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Ones in a shape, in the dtype of this tensor."""
    return ones(*size, dtype=self.dtype if dtype is None else dtype, requires_grad=requires_grad)


def new_empty(self: Tensor, *size: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """Whatever lies in memory, in a shape, in the dtype of this tensor."""
    return empty(*size, dtype=self.dtype if dtype is None else dtype, requires_grad=requires_grad)


def new_full(
    self: Tensor, size: Any, fill_value: Any, dtype: DTypeLike | None = None, requires_grad: bool = False
) -> Tensor:
    """One value in a shape, in the dtype of this tensor."""
    return full(size, fill_value, self.dtype if dtype is None else dtype, requires_grad)


for _method in (new_tensor, new_zeros, new_ones, new_empty, new_full):
    setattr(Tensor, _method.__name__, _method)
