"""`np.linalg`, by the operations of `autograd.linalg`."""

from __future__ import annotations

from typing import Any

from .. import linalg
from .adapting import adapts, as_tensor


@adapts("linalg.solve")
def _solve(a: Any, b: Any) -> Any:
    a, b = as_tensor(a), as_tensor(b)
    if b.ndim == 1:  # NumPy: one vector, also for a stack of matrices
        return linalg.solve(a, b[:, None])[..., 0]
    return linalg.solve(a, b)


@adapts("linalg.inv")
def _inv(a: Any) -> Any:
    return linalg.inv(as_tensor(a))


@adapts("linalg.tensorinv")
def _tensorinv(a: Any, ind: int = 2) -> Any:
    return linalg.tensorinv(as_tensor(a), ind)


@adapts("linalg.tensorsolve")
def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    return linalg.tensorsolve(as_tensor(a), as_tensor(b), axes)
