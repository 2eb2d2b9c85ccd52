"""What a program can ask of the namespace."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import data_types
from .arguments import checked_device, default_complex, default_float

_NAMES = {
    "bool": ("bool",),
    "signed integer": ("int8", "int16", "int32", "int64"),
    "unsigned integer": ("uint8", "uint16", "uint32", "uint64"),
    "real floating": ("float32", "float64"),
    "complex floating": ("complex64", "complex128"),
}
_NAMES["integral"] = _NAMES["signed integer"] + _NAMES["unsigned integer"]
_NAMES["numeric"] = _NAMES["integral"] + _NAMES["real floating"] + _NAMES["complex floating"]


class Info:
    """What `__array_namespace_info__()` returns."""

    def capabilities(self) -> dict[str, Any]:
        """What depends on values, and how many axes there can be."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> str:
        """The device of arrays for which none is given."""
        return "cpu"

    def default_dtypes(self, *, device: Any = None) -> dict[str, np.dtype]:
        """The dtypes of arrays for which none is given.  `autograd.set_default_dtype` changes them."""
        checked_device(device, "default_dtypes")
        return {
            "real floating": default_float(),
            "complex floating": default_complex(),
            "integral": data_types.int64,
            "indexing": data_types.int64,
        }

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, np.dtype]:
        """The dtypes by name; those of a kind, or of several."""
        checked_device(device, "dtypes")
        kinds = ("bool", "numeric") if kind is None else kind if isinstance(kind, tuple) else (kind,)
        unknown = [one for one in kinds if one not in _NAMES]
        if unknown:
            raise ValueError(f"dtypes: no kind {unknown[0]!r}. The kinds are {', '.join(_NAMES)}.")
        return {name: np.dtype(name) for one in kinds for name in _NAMES[one]}

    def devices(self) -> list[str]:
        """The devices that there are."""
        return ["cpu"]


def __array_namespace_info__() -> Info:
    """Devices, dtypes and their defaults, and what arrays can do."""
    return Info()
