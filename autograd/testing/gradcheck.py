"""Gradients against differences, for one function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..gradients import grad
from ..modes import ModeSetting
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
    parts = result if isinstance(result, (tuple, list)) else (result,)
    return [part for part in parts if isinstance(part, Tensor) and part.data.dtype.kind in "fc"]


def gradcheck(
    function: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Whether the gradients of `function` agree with central differences, element by element.

    Tensors among `inputs` that require a gradient are checked, in float64 whatever they are. Raises AssertionError, or
    returns False, where they differ.
    """
    arguments: list[Any] = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    checked = [i for i, x in enumerate(arguments) if isinstance(x, Tensor) and x.requires_grad]
    if not checked:
        raise ValueError("gradcheck: none of the inputs requires a gradient. Set requires_grad=True on one.")
    for i in checked:
        arguments[i] = Tensor(arguments[i].data.astype(np.float64), requires_grad=True)
    try:
        _compare_jacobians(function, arguments, checked, eps, atol, rtol)
    except AssertionError:
        if raise_exception:
            raise
        return False
    return True


def _compare_jacobians(
    function: Callable[..., Any], arguments: list[Any], checked: list[int], eps: float, atol: float, rtol: float
) -> None:
    outputs = float_results(function(*arguments))
    again = float_results(function(*arguments))
    for first, second in zip(outputs, again, strict=True):
        if not np.array_equal(first.data, second.data, equal_nan=True):
            raise AssertionError("gradcheck: the function gives other values on the second call. Seed what is random.")
    targets = [arguments[i] for i in checked]
    for k, output in enumerate(outputs):
        if output.node is None:
            continue
        numeric = _numeric_jacobian(function, arguments, checked, k, eps)
        for row in range(output.data.size):
            start = np.zeros(output.shape)
            start.reshape(-1)[row] = 1
            found = grad(output, targets, start, retain_graph=True, allow_unused=True)
            for i, target, derivative, by_difference in zip(checked, targets, found, numeric, strict=True):
                have = np.zeros(target.shape) if derivative is None else derivative.data
                want = by_difference[row].reshape(target.shape)
                if not np.allclose(have, want, rtol=rtol, atol=atol, equal_nan=True):
                    raise AssertionError(
                        f"gradcheck: output {k}, element {row}: the gradient by input {i} is\n{have}\n"
                        f"by differences it is\n{want}{_likely_reason(have, want)}"
                    )


def _numeric_jacobian(
    function: Callable[..., Any], arguments: list[Any], checked: list[int], k: int, eps: float
) -> list[np.ndarray]:
    jacobians = []
    for i in checked:
        base = arguments[i].data
        columns = []
        for j in range(base.size):
            values = []
            for step in (eps, -eps):
                moved = base.copy()
                moved.reshape(-1)[j] += step
                with ModeSetting(recording=False):
                    result = function(*arguments[:i], Tensor(moved), *arguments[i + 1 :])
                values.append(float_results(result)[k].data.reshape(-1).astype(np.float64))
            columns.append((values[0] - values[1]) / (2 * eps))
        size = len(columns[0]) if columns else 0
        jacobians.append(np.stack(columns, axis=1) if columns else np.zeros((size, 0)))
    return jacobians


def _likely_reason(have: np.ndarray, want: np.ndarray) -> str:
    """What a wrong gradient usually comes from, told from how it is wrong."""
    with np.errstate(all="ignore"):
        ratio = (have / want)[np.abs(want) > 1e-6]
    if ratio.size and np.all(have == 0):
        return "\nThe gradient is zero: has the rule lost this input?"
    if ratio.size and np.ptp(ratio) < 1e-3 * abs(ratio[0]):
        return f"\nThe gradient is {ratio[0]:.4g} times what it should be: a wrong factor."
    if np.isnan(have).any() and not np.isnan(want).any():
        return "\nThe gradient is NaN where the difference is finite."
    return "\nAt a kink (ties, a value at 0) differences mean nothing: check at other points too."


def gradgradcheck(
    function: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Whether the second derivatives of `function` agree with differences of its gradients.  See `gradcheck`."""
    arguments: list[Any] = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    checked = [i for i, x in enumerate(arguments) if isinstance(x, Tensor) and x.requires_grad]
    outputs = float_results(function(*arguments))
    rng = np.random.default_rng(0)
    starts = [Tensor(rng.standard_normal(output.shape), requires_grad=True) for output in outputs]

    def gradients(*values: Any) -> tuple[Tensor, ...]:
        given, weights = values[: len(arguments)], values[len(arguments) :]
        results = float_results(function(*given))
        # Recorded even when the difference asks for values alone.
        found = grad(
            results, [given[i] for i in checked], weights, create_graph=True, allow_unused=True, materialize_grads=True
        )
        return tuple(g for g in found if g is not None)

    def with_grad(*values: Any) -> tuple[Tensor, ...]:
        with ModeSetting(recording=True):
            values = tuple(
                Tensor(v.data, requires_grad=True) if i in checked and not v.requires_grad else v
                for i, v in enumerate(values)
            )
            return gradients(*values)

    return gradcheck(with_grad, [*arguments, *starts], eps, atol, rtol, raise_exception)
