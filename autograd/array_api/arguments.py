"""How arguments of the standard's functions are read."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor, get_default_dtype, wrap

ON_CPU = (None, "cpu")


def array(x: Any, name: str) -> Tensor:
    """An argument that the standard calls an array.  NumPy's are taken for tensors."""
    if isinstance(x, Tensor):
        return x
    if isinstance(x, (np.ndarray, np.generic)):
        return wrap(np.asarray(x))
    raise TypeError(f"{name}: takes arrays of this namespace, not {type(x).__name__}. Use asarray(x).")


def operands(x1: Any, x2: Any, name: str) -> tuple[Any, Any]:
    """Two arguments of which one may be a Python number."""
    if not isinstance(x1, (bool, int, float, complex)):
        x1 = array(x1, name)
        return x1, x2 if isinstance(x2, (bool, int, float, complex)) else array(x2, name)
    return x1, array(x2, name)


def checked_device(device: Any, name: str) -> None:
    """Raises for any device but the only one."""
    if device not in ON_CPU:
        raise ValueError(f"{name}: device {device!r}: tensors live on the CPU only. Leave device out, or say 'cpu'.")


def default_float() -> np.dtype:
    """The dtype of real floating-point numbers, unless one is given."""
    return get_default_dtype()


def default_complex() -> np.dtype:
    """The dtype of complex numbers, unless one is given."""
    return np.result_type(get_default_dtype(), np.complex64)


def dtype_of_number(value: Any) -> np.dtype:
    """The dtype that a Python number gets."""
    if isinstance(value, bool):
        return np.dtype(bool)
    if isinstance(value, int):
        return np.dtype(np.int64)
    return default_complex() if isinstance(value, complex) else default_float()
