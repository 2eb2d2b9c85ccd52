"""What a mask does not select has no gradient: the programs of PyTorch's threads on NaN behind `where`.

Each is named by its number there. PyTorch gives NaN, or infinity, where the numbers below stand; `strict_nan()` gives
it here too, for those who look for the place where it is made.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag

Case = tuple[list[float], Callable[[Any], Any], list[float]]  # x, the function, its gradient


def _overwritten(x: Any) -> Any:
    f = ag.log(ag.exp(x) + 1)
    f[1] = 0
    f[:] = 0
    clean = ag.zeros(100)
    clean[0] = f[0]
    return f[0] + f[1] + clean[0] + clean[1]


def _filled(x: Any) -> Any:
    y = ag.tensor([math.inf, 1.0]) * x
    y[~ag.isfinite(y)] = 0.0
    return y


def _divided(x: Any) -> Any:
    y = x / ag.tensor([0.0, 1.0])
    return y[ag.tensor([False, True])]


def _without_zeros(x: Any) -> Any:
    n = ag.tensor([0.0, 2.0])
    y = x / n
    return ag.where(n == 0, ag.zeros_like(y), y)


def _pieces(x: Any) -> Any:
    return ag.where(x == 0.0, x / 2, x.sqrt() + 1)


def _late_mask(x: Any) -> Any:
    angle = ag.atan2(ag.tensor([2.0, 0.0, 0.0, 0.0]), x)
    return angle[ag.tensor([True, False, True, True])].mean()


CASES: dict[str, Case] = {
    "4132": ([1.0, 1.0], _divided, [0.0, 1.0]),
    "16317": ([0.0, 1.0], _without_zeros, [0.0, 0.5]),
    "17455": ([0.0, 100.0], _overwritten, [0.0, 0.0]),
    "18287": ([0.0, math.inf], lambda x: ag.where(x < 1.0, ag.cos(x), ag.zeros_like(x)), [0.0, 0.0]),
    "23395": ([16.0, 0.0], _pieces, [0.125, 0.5]),
    "52248": ([0.7], lambda a: ag.where(ag.tensor(False), a / 0, ag.ones(())), [0.0]),
    "68425": ([100.0], lambda a: ag.where(a <= 0, ag.exp(a), 1 + a), [1.0]),
    "108618": (
        [0.0, 2.0, 3.0],
        lambda x: ag.where(x > 2, ag.log2(x), 2 * x),
        [2.0, 2.0, 1 / (3 * math.log(2))],
    ),
    "156212": (
        [1.0, math.nan, 1e10],
        lambda x: ag.where(x <= ag.tensor(10), ag.exp(x), ag.tensor(1)),
        [math.e, 0.0, 0.0],
    ),
    "187297": ([-1.0, -4.0], lambda x: ag.where(x > 0, ag.sqrt(x), x), [1.0, 1.0]),
    # and others like them
    "10729": ([-1.0, 100.0], lambda x: ag.exp(x).clamp(max=1), [math.exp(-1), 0.0]),
    "23156": ([2.0, 3.0], _filled, [0.0, 1.0]),
    "36923": ([1.0], lambda x: ag.where(x >= 0, x, 0 * (x / 0)), [1.0]),
    "64305": ([0.0, 0.0], lambda x: ag.square(x - ag.tensor([math.nan, 1.0]))[1], [0.0, -2.0]),
    "67180": ([1.0], lambda b: ag.nansum(ag.tensor([1.0, 2.0, math.nan]) * b), [3.0]),
    "93998": ([1.0, 0.0, 2.0, 3.0], _late_mask, [-2 / 5 / 3, 0.0, 0.0, 0.0]),
}
DEFINED = {"93998"}  # atan2 has a gradient of 0 at the origin: there is nothing to report


def _gradient(name: str) -> Any:
    start, function, _ = CASES[name]
    x = ag.tensor(start, requires_grad=True)
    function(x).sum().backward()
    assert x.grad is not None
    return x.grad.data


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_is_that_of_what_was_selected(name: str) -> None:
    np.testing.assert_allclose(_gradient(name), CASES[name][2], rtol=1e-6)


@pytest.mark.parametrize("name", sorted(set(CASES) - DEFINED))
def test_strict_nan_reports_them(name: str) -> None:
    with ag.strict_nan():
        found = _gradient(name)
    assert not np.isfinite(found).all()


@pytest.mark.parametrize("name", ["108618", "187297", "68425", "23395"])
def test_so_is_the_second_derivative(name: str) -> None:
    start, function, _ = CASES[name]
    x = ag.tensor(start, requires_grad=True)
    (first,) = ag.grad(function(x).sum(), [x], create_graph=True)
    (second,) = ag.grad((first * first).sum(), [x], allow_unused=True)
    assert second is None or np.isfinite(second.data).all()
