"""Whether two results are the same, up to rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor


def assert_close(actual: Any, expected: Any, rtol: float | None = None, atol: float | None = None) -> None:
    """Raises AssertionError unless both have the same shape and nearly equal elements; NaN equals NaN.

    rtol, atol: relative and absolute tolerance. Default: 1e-7 and 1e-9 in float64, 1e-5 and 1e-6 otherwise, by the less
    precise of the two dtypes.
    """
    a = actual.data if isinstance(actual, Tensor) else np.asarray(actual)
    e = expected.data if isinstance(expected, Tensor) else np.asarray(expected)
    if a.shape != e.shape:
        raise AssertionError(f"shapes differ: {a.shape} and {e.shape}")
    precise = all(x.dtype.itemsize == 8 * (1 + (x.dtype.kind == "c")) or x.dtype.kind in "biu" for x in (a, e))
    rtol = (1e-7 if precise else 1e-5) if rtol is None else rtol
    atol = (1e-9 if precise else 1e-6) if atol is None else atol
    np.testing.assert_allclose(a, e, rtol=rtol, atol=atol, equal_nan=True)


def float_results(result: Any) -> list[Tensor]:
    """The tensors among the results that can have a gradient."""
    parts = result if isinstance(result, (tuple, list)) else (result,)
    return [part for part in parts if isinstance(part, Tensor) and part.data.dtype.kind in "fc"]


def show(array: Any) -> str:
    """The numbers of an array on few lines: ten digits, and the middle left out where they are many."""
    with np.printoptions(precision=10, threshold=20, edgeitems=3, linewidth=100):
        return str(np.asarray(array))
