"""Floating-point warnings off around the forward of an operation, as cheaply as NumPy allows.

`log(0)` is minus infinity and `sqrt(-1)` NaN, without a warning, as users of tensors expect. `np.errstate` costs more
than a small operation itself; setting the context variable behind it costs a third.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

# A sum or a product of small arrays takes no longer than turning the warnings off would. These run with the warnings
# on, and what they warn of is filtered.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"autograd\.")

try:
    from numpy._core._multiarray_umath import _extobj_contextvar, _make_extobj  # type: ignore[import-not-found]

    _QUIET = _make_extobj(all="ignore")
    _set, _reset = _extobj_contextvar.set, _extobj_contextvar.reset

    def enter() -> Any:
        """Turns the warnings off; returns what `leave` wants."""
        return _set(_QUIET)

    leave = _reset
except ImportError:  # private names, which a release of NumPy may change

    def enter() -> Any:
        """Turns the warnings off; returns what `leave` wants."""
        return np.seterr(all="ignore")

    def leave(before: Any) -> None:
        """Restores what was set before `enter`."""
        np.seterr(**before)
