"""DLPack: memory shared with PyTorch, NumPy, JAX and others, without a copy.

    theirs = torch.from_dlpack(ours)      ours = autograd.from_dlpack(theirs)

Both name the same memory: what is written through one is read through the other. What the other library writes is not
noticed by this one, though. A gradient that needs an overwritten value is computed from the new one, whereas a write
through a tensor of ours raises. Write only to what no recorded operation has read, or exchange a copy.

Read-only memory is announced as such. PyTorch does not heed that: clone what it must not write to.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from .tensor import Tensor, attach_method, wrap


def from_dlpack(x: Any, copy: bool | None = None, device: Any = None) -> Tensor:
    """A tensor that shares the memory of a tensor of another library: a write to one is seen in the other.

    x: (*) -> (*).  It has `__dlpack__`: a tensor of PyTorch, an array of NumPy or JAX, ... in the memory of the CPU.
    copy: True always copies, False never; None where the other library has to.
    Raises TypeError for what has no `__dlpack__`, BufferError for what can not be shared: memory of a GPU, a PyTorch
    tensor that requires a gradient (detach it first), a dtype that NumPy does not have.
    Source: https://dmlc.github.io/dlpack

    >>> import autograd
    >>> import numpy as np
    >>> array = np.zeros(3)
    >>> tensor = autograd.from_dlpack(array)
    >>> array[0] = 1.0
    >>> tensor
    tensor([1., 0., 0.], dtype=float64)
    """
    if not hasattr(x, "__dlpack__") or not hasattr(x, "__dlpack_device__"):
        raise TypeError(
            f"from_dlpack: takes what has __dlpack__, as tensors of PyTorch and arrays of NumPy do, not "
            f"{type(x).__name__}. Use autograd.tensor(x)."
        )
    if device is not None and str(device).split(":")[0] != "cpu":
        raise ValueError(f"from_dlpack: device {str(device)!r}: tensors live on the CPU only. Leave device out.")
    if hasattr(x, "is_neg") and x.is_neg():  # PyTorch gives the memory, and does not say so
        raise BufferError("from_dlpack: a Tensor whose memory holds its negative can not be shared. Use resolve_neg().")
    if isinstance(x, Tensor) and x.node is None and copy is not True:
        return wrap(x.data.view())  # so that writes through either are seen
    if type(x) is np.ndarray and x.dtype.kind in "fcbiu" and x.dtype.isnative and copy is not True:
        return wrap(x.view())
    try:
        return wrap(_as_known(np.from_dlpack(x, copy=copy)))
    except (AttributeError, BufferError, RuntimeError, TypeError, ValueError) as error:
        text = str(error).strip().rstrip(".") or type(error).__name__
        raise BufferError(f"from_dlpack: a {type(x).__name__} can not be shared: {text}.") from error


_known: weakref.WeakValueDictionary[int, np.ndarray] = weakref.WeakValueDictionary()  # by address: shared memory


def _as_known(array: np.ndarray) -> np.ndarray:
    """A view of what was shared before, where that is this very memory: a write through either tensor is then seen."""
    address = array.ctypes.data
    known = _known.get(address)
    if known is None or (known.shape, known.strides, known.dtype) != (array.shape, array.strides, array.dtype):
        if array.size:
            _known[address] = array
        return array
    return known.view() if known.flags.writeable == array.flags.writeable else array


def _dlpack(
    self: Tensor,
    *,
    stream: Any = None,
    max_version: tuple[int, int] | None = None,
    dl_device: tuple[int, int] | None = None,
    copy: bool | None = None,
) -> Any:
    """The capsule that `from_dlpack` of another library takes.  It shares the memory of the tensor.

    stream: None; there are no streams on a CPU. max_version: the newest version that the other library understands;
    below (1, 0) read-only memory can not be told from other memory and is refused. dl_device: the CPU, (1, 0).
    copy: True exports a copy. Raises BufferError for a tensor that requires a gradient, and for negative strides.
    """
    if self.node is not None:
        raise BufferError(
            f"__dlpack__: the tensor of shape {self.shape} requires a gradient, which other libraries would lose. "
            f"Use x.detach()."
        )
    if stream is not None:
        raise BufferError(f"__dlpack__: stream {stream!r}: tensors live on the CPU, where there are no streams.")
    array = self.data
    if copy is not True and any(step < 0 for step in array.strides):
        # PyTorch, for one, aborts the process on them.
        raise BufferError(
            f"__dlpack__: the tensor of shape {self.shape} lies backwards in memory (strides {self.stride()}), which "
            f"other libraries do not take. Use x.clone()."
        )
    if array.size and copy is not True:
        _known[array.ctypes.data] = array
    return array.__dlpack__(max_version=max_version, dl_device=dl_device, copy=copy)


def _dlpack_device(self: Tensor) -> tuple[int, int]:
    """The kind and the number of the device: (1, 0), the CPU."""
    return self.data.__dlpack_device__()


_dlpack.__name__ = "__dlpack__"
_dlpack_device.__name__ = "__dlpack_device__"
attach_method("__dlpack__", _dlpack)
attach_method("__dlpack_device__", _dlpack_device)
