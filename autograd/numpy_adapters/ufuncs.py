"""Universal functions that no single operation stands for."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions as ag
from .adapting import adapts, as_tensor


@adapts("cbrt")
def _cbrt(x: Any, /) -> Any:
    x = as_tensor(x)
    return ag.sign(x) * ag.abs(x) ** (1 / 3)


@adapts("rint")
def _rint(x: Any, /) -> Any:
    x = as_tensor(x)
    return ag.round(ag.real(x)) + ag.round(ag.imag(x)) * 1j if x.is_complex() else ag.round(x)


@adapts("divmod")
def _divmod(x1: Any, x2: Any, /) -> Any:
    return ag.floor_divide(x1, x2), ag.remainder(x1, x2)


@adapts("modf")
def _modf(x: Any, /) -> Any:
    x = as_tensor(x)
    whole = ag.trunc(x)
    infinite = np.isinf(x.data)
    fraction = ag.where(infinite, np.zeros((), x.dtype), x - whole) if infinite.any() else x - whole
    return ag.copysign(fraction, x.detach()), whole
