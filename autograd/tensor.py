"""Tensor: a NumPy array, its gradient, and its place in the graph.

Operations, operators and methods are attached where they are declared (`op.py`, `ops/`); here is what a tensor is.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np
from numpy.typing import DTypeLike

from . import graph
from .element_count import ElementCount
from .graph import Leaf, Node
from .methods import Methods
from .modes import modes
from .stand_in import StandIn

_default_dtype: np.dtype = np.dtype(np.float32)


def set_default_dtype(dtype: DTypeLike) -> None:
    """The dtype that Python floats and lists of them become.  float32 unless set."""
    global _default_dtype
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"set_default_dtype: {dtype} is not a floating-point dtype. Use float32 or float64.")
    _default_dtype = dtype


def get_default_dtype() -> np.dtype:
    """The dtype that Python floats and lists of them become."""
    return _default_dtype


def to_array(data: Any, dtype: DTypeLike | None = None) -> np.ndarray:
    """`data` as an array: arrays keep their dtype and are not copied, Python floats take the default dtype."""
    if isinstance(data, Tensor):
        data = data.data
    if type(data) is not np.ndarray and isinstance(data, np.ndarray) and hasattr(data, "mask"):
        raise TypeError("tensor: a masked array would lose its mask. Fill it first: array.filled(value).")
    if isinstance(data, (list, tuple)):
        data = _without_tensors(data)
    try:
        array = np.asarray(data, dtype)
    except (ValueError, TypeError, OverflowError) as error:
        if "inhomogeneous" in str(error):
            raise ValueError(
                "tensor: the nested lists do not form a rectangular array. Give lists of equal lengths."
            ) from None
        raise type(error)(f"tensor: {error}. Given {type(data).__name__} data for dtype {dtype}.") from None
    if not isinstance(data, (np.ndarray, np.generic)) and dtype is None:
        if array.dtype.kind == "f" and not _has_numpy_floats(data):
            array = array.astype(_default_dtype)
        elif array.dtype.kind == "c" and not _has_numpy_floats(data):
            array = array.astype(np.result_type(_default_dtype, np.complex64))
    if array.dtype.kind not in "biufc":
        raise TypeError(
            f"tensor: can not hold {type(data).__name__} data of dtype {array.dtype}. Give numbers or booleans, in "
            f"nested lists of equal lengths or in a NumPy array."
        )
    if not array.dtype.isnative:  # bytes in the order of another machine, which no kernel reads
        array = array.astype(array.dtype.newbyteorder("="))
    return array


def _without_tensors(data: Any) -> Any:
    """The tensors in nested lists as arrays."""
    if isinstance(data, (list, tuple)):
        return [_without_tensors(item) for item in data]
    if not isinstance(data, Tensor):
        return data
    if data.node is not None and modes.recording:
        raise RuntimeError(
            f"tensor: a tensor of shape {data.shape} in the list requires a gradient, which would be lost. Join them "
            f"with stack(tensors), or detach() each."
        )
    return data.data


def _has_numpy_floats(data: Any) -> bool:
    """Whether the first number in nested lists, or what converts itself to an array, brings a dtype of its own."""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return hasattr(data, "dtype") or hasattr(data, "__array__")


class Sharing:
    """How a tensor shares memory with others: the tensor it is a view of, or the views that there are of it."""

    __slots__ = ("base", "views")

    def __init__(self, base: Tensor | None) -> None:
        self.base = base
        self.views: list[weakref.ref[Tensor]] = []

    def alive(self) -> list[Tensor]:
        """The views that still exist."""
        return [view for reference in self.views if (view := reference()) is not None]


def link_view(view: Tensor, source: Tensor) -> None:
    """Notes that `view` shares the memory of `source`, so that a write in place to one reaches the graph of both."""
    base = source if source.sharing is None or source.sharing.base is None else source.sharing.base
    view.sharing = Sharing(base)
    if base.sharing is None:
        base.sharing = Sharing(None)
    views = base.sharing.views
    views.append(weakref.ref(view))
    # Dead references are swept when the list has doubled, so that a view costs the same however many there were.
    if len(views) & (len(views) - 1) == 0 and len(views) > 8:
        base.sharing.views = [reference for reference in views if reference() is not None]


class HookHandle:
    """What a registered hook is taken away with."""

    def __init__(self, hooks: dict[int, Any], key: int) -> None:
        self._hooks = hooks
        self._key = key

    def remove(self) -> None:
        """The hook no longer runs."""
        self._hooks.pop(self._key, None)

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


_hook_keys = itertools.count()  # never used twice: a handle that is removed again must not meet another hook


def add_hook(hooks: dict[int, Any], hook: Any) -> HookHandle:
    key = next(_hook_keys)
    hooks[key] = hook
    return HookHandle(hooks, key)


class Tensor(Methods):
    """An array that remembers how it was computed, so that gradients can be carried back through it.

    data: anything that NumPy makes an array of. A NumPy array is shared, not copied, and keeps its dtype; Python
    floats and lists of them become the default dtype (float32).
    requires_grad: whether operations on it are recorded, and `backward()` fills its `grad`.

    >>> import autograd
    >>> x = autograd.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4., 6.])
    """

    __slots__ = ("__weakref__", "_data", "_grad", "node", "sharing")

    _data: np.ndarray
    _grad: Tensor | None
    node: Node | None  # what made it, or the leaf of a tensor that requires a gradient
    sharing: Sharing | None

    def __init__(self, data: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> None:
        self._data = to_array(data, dtype)
        self._grad = None
        self.node = None
        self.sharing = None
        if requires_grad:
            self.requires_grad_()

    # -- what it is ---------------------------------------------------------------------------------------------------
    @property
    def data(self) -> np.ndarray:
        """The elements, as the array itself.  What is assigned to it, outside the graph, takes its place."""
        return self._data

    @data.setter
    def data(self, value: Any) -> None:
        if type(value) is not np.ndarray:
            value = to_array(value)
        elif value is self._data:  # the end of `x.data -= step`: the array has been written to
            graph.mark_written(value, "an assignment to .data")
        self._data = value

    @property
    def grad(self) -> Tensor | None:
        """What the backward passes have added up, in a tensor of the same shape; None before the first."""
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None and not isinstance(value, Tensor):
            raise TypeError(
                f"grad: takes a tensor or None, not {type(value).__name__}. Use x.grad = autograd.tensor(value)."
            )
        self._grad = value

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.data.ndim

    @property
    def dtype(self) -> np.dtype:
        """The NumPy dtype of the elements."""
        return self.data.dtype

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.data.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.data.nbytes

    @property
    def device(self) -> str:
        """Always "cpu"."""
        return "cpu"

    @property
    def size(self) -> ElementCount:
        """The number of elements, as in NumPy; called, the shape or the length of an axis, as in PyTorch."""
        return ElementCount.of(self.data.shape)

    def dim(self) -> int:
        """The number of axes."""
        return self.data.ndim

    def numel(self) -> int:
        """The number of elements."""
        return self.data.size

    def element_size(self) -> int:
        """Bytes of one element."""
        return self.data.itemsize

    def stride(self, dim: int | None = None) -> Any:
        """Steps between neighbours along each axis (or axis `dim`), in elements."""
        strides = tuple(step // self.data.itemsize for step in self.data.strides)
        return strides if dim is None else strides[dim]

    def is_contiguous(self) -> bool:
        """Whether the elements lie in memory in row-major order without gaps."""
        return self.data.flags.c_contiguous

    def data_ptr(self) -> int:
        """The address of the first element."""
        return self.data.ctypes.data

    def is_floating_point(self) -> bool:
        """Whether the dtype is a real floating-point one."""
        return self.data.dtype.kind == "f"

    def is_complex(self) -> bool:
        """Whether the dtype is complex."""
        return self.data.dtype.kind == "c"

    # -- its place in the graph ---------------------------------------------------------------------------------------
    @property
    def requires_grad(self) -> bool:
        """Whether operations on it are recorded."""
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Starts (or, for a leaf, stops) recording operations on this tensor.  Returns the tensor itself."""
        if requires_grad and self.node is None:
            if self.data.dtype.kind not in "fc":
                raise TypeError(
                    f"requires_grad: only floating-point tensors have gradients, and this one of shape {self.shape} "
                    f"is {self.dtype}. Convert it first: x.float()."
                )
            self.node = Leaf(self)
        elif not requires_grad and self.node is not None:
            if not self.is_leaf:
                raise RuntimeError(
                    f"requires_grad: the tensor is the result of {self.node.name}; only leaves can stop requiring a "
                    f"gradient. Use x.detach()."
                )
            self.node = None
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by the user rather than by a recorded operation."""
        return self.node is None or type(self.node) is Leaf

    @property
    def grad_fn(self) -> Node | None:
        """The node of the operation that made it; None for a leaf."""
        return None if self.is_leaf else self.node

    @property
    def _version(self) -> int:
        return graph.version(self.data)

    def detach(self) -> Tensor:
        """The same data outside the graph.  Shares memory."""
        return wrap(self.data)

    def detach_(self) -> Tensor:
        """Takes this tensor out of the graph: it becomes a leaf that requires no gradient."""
        if self.sharing is not None and self.sharing.base is not None:
            raise RuntimeError("detach_: the tensor is a view of another and stays in its graph. Use x.detach().")
        self.node = None
        return self

    def retain_grad(self) -> None:
        """`backward()` fills `grad` of this tensor too, though it is no leaf."""
        if self.node is None:
            raise RuntimeError("retain_grad: the tensor does not require a gradient. Call x.requires_grad_() first.")
        if not self.is_leaf:
            graph.extra_of(self.node).retained = weakref.ref(self)

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad()` was called on this non-leaf tensor."""
        extra = None if self.node is None else self.node.extra
        return extra is not None and extra.retained is not None

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> HookHandle:
        """Calls `hook(gradient)` when the gradient of this tensor is known; what it returns, if anything, replaces it.

        Returns a handle whose `remove()` takes the hook away.
        """
        if self.node is None:
            raise RuntimeError("register_hook: the tensor does not require a gradient. Call x.requires_grad_() first.")
        return add_hook(graph.extra_of(self.node).hooks, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> HookHandle:
        """Calls `hook(tensor)` each time a gradient was added to `tensor.grad`.  For leaves only."""
        if type(self.node) is not Leaf:
            raise RuntimeError(
                "register_post_accumulate_grad_hook: only leaves that require a gradient accumulate one. "
                "Use register_hook() on this tensor."
            )
        return add_hook(graph.extra_of(self.node).after, hook)

    # -- out of the tensor --------------------------------------------------------------------------------------------
    def numpy(self) -> np.ndarray:
        """The array itself, sharing memory."""
        if self.node is not None:
            raise RuntimeError(
                "numpy: the tensor requires a gradient, which an array can not carry. Use x.detach().numpy()."
            )
        return self.data

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        if copy is None:
            return np.asarray(array, dtype)
        return np.array(array, dtype, copy=copy)

    def item(self) -> Any:
        """The one element as a Python number."""
        if self.data.size != 1:
            raise ValueError(f"item: a tensor of shape {self.shape} has {self.data.size} elements. Use x.tolist().")
        return self.data.item()

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers."""
        return self.data.tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if self.data.dtype.kind not in "iub" or self.data.size != 1:
            raise TypeError(
                f"index: only one integer can be an index, not a tensor of {self.dtype}, shape {self.shape}."
            )
        return int(self.data.item())

    def __bool__(self) -> bool:
        if self.data.size != 1:
            raise ValueError(f"bool: the truth of a tensor of shape {self.shape} is ambiguous. Use x.any() or x.all().")
        return bool(self.data.item())

    def __len__(self) -> int:
        if not self.data.ndim:
            raise TypeError("len: a tensor without axes has no length.")
        return len(self.data)

    def __iter__(self) -> Iterator[Tensor]:
        if not self.data.ndim:
            raise TypeError("iter: a tensor without axes can not be iterated over.")
        return (self[i] for i in range(len(self.data)))

    def __contains__(self, value: Any) -> bool:
        return bool((self.data == (value.data if isinstance(value, Tensor) else value)).any())

    __hash__ = object.__hash__

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and self.data.size == 1 else format(str(self), spec)

    def __repr__(self) -> str:
        from .printing import tensor_repr

        return tensor_repr(self)

    # -- copies -------------------------------------------------------------------------------------------------------
    def _refuse_copy(self, what: str) -> NoReturn:
        assert self.node is not None
        raise RuntimeError(
            f"{what}: the tensor of shape {self.shape} is the result of {self.node.name}, and a copy would lose how "
            f"it was made. Use x.detach() or x.clone()."
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if id(self) in memo:
            return memo[id(self)]
        if not self.is_leaf:
            self._refuse_copy("deepcopy")
        copy = type(self).__new__(type(self))
        memo[id(self)] = copy
        _restore(copy, self.data.copy(), self.requires_grad)
        copy.grad = None if self.grad is None else wrap(self.grad.data.copy())
        self._copy_attributes_to(copy, memo)
        return copy

    def _copy_attributes_to(self, copy: Tensor, memo: dict[int, Any]) -> None:
        """A subclass without `__slots__` has attributes of its own, which a deep copy takes along."""
        if hasattr(self, "__dict__"):
            from copy import deepcopy

            copy.__dict__.update(deepcopy(self.__dict__, memo))

    def __reduce__(self) -> Any:
        if not self.is_leaf:
            self._refuse_copy("pickle")
        return _rebuild, (type(self), self.data, self.requires_grad), getattr(self, "__dict__", None) or None

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    # -- NumPy hands its operators and functions over ----------------------------------------------------------------
    __array_priority__ = 1000


def attach_method(name: str, function: Callable[..., Any] | property) -> None:
    """Gives `Tensor` a method that is declared elsewhere."""
    setattr(Tensor, name, function)


def wrap(array: np.ndarray) -> Tensor:
    """A tensor around `array`, outside the graph."""
    tensor = Tensor.__new__(Tensor)
    tensor._data = array
    tensor._grad = tensor.node = tensor.sharing = None
    return tensor


def _restore(tensor: Tensor, data: np.ndarray, requires_grad: bool) -> None:
    tensor._data = data
    tensor._grad = tensor.node = tensor.sharing = None
    if requires_grad:
        tensor.requires_grad_()


def _rebuild(cls: type[Tensor], data: np.ndarray, requires_grad: bool) -> Tensor:
    tensor = cls.__new__(cls)
    _restore(tensor, data, requires_grad)
    return tensor


def is_tensor(value: Any) -> bool:
    """Whether `value` is a Tensor, or stands in the place of one inside vmap."""
    return isinstance(value, (Tensor, StandIn))


__all__ = ["HookHandle", "Tensor", "get_default_dtype", "is_tensor", "set_default_dtype"]
