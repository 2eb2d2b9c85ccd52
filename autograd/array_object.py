"""What the Python array API standard asks of an array, beside what a tensor has anyhow.

    xp = x.__array_namespace__()      xp.linalg.vector_norm(x, axis=-1, keepdims=True)

The namespace (`array_api/`) is loaded when a tensor is first asked for it.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from .tensor import Tensor, attach_method

_RELEASES = (None, "2021.12", "2022.12", "2023.12", "2024.12")


def _array_namespace(self: Tensor, *, api_version: str | None = None) -> ModuleType:
    """The module with the functions of the array API standard.  api_version: a release of it, up to 2024.12."""
    if api_version not in _RELEASES:
        raise ValueError(f"__array_namespace__: no release {api_version!r} of the standard. The last one is 2024.12.")
    return importlib.import_module("autograd.array_api")


def _to_device(self: Tensor, device: Any, /, *, stream: Any = None) -> Tensor:
    """The tensor itself, which is on the CPU, the only device."""
    if device != "cpu" or stream is not None:
        raise ValueError(f"to_device: device {device!r}, stream {stream!r}: tensors live on the CPU only. Say 'cpu'.")
    return self


_array_namespace.__name__ = "__array_namespace__"
_to_device.__name__ = "to_device"
attach_method("__array_namespace__", _array_namespace)
attach_method("to_device", _to_device)
