"""Elementwise operations at extremes, and where a mask takes away what they gave."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from tests.leaves import Unary, gradient, leaf

# ---------------------------------------------------------------------------------------------------------------------
# Extremes: finite and right, with their gradients, in float32 and float64
# ---------------------------------------------------------------------------------------------------------------------
EXTREMES: list[tuple[str, Unary, float, float, float]] = [  # name, function, x, value, gradient
    ("softplus", ag.softplus, 1000, 1000, 1),
    ("softplus", ag.softplus, -1000, 0, 0),
    ("sigmoid", ag.sigmoid, 1000, 1, 0),
    ("sigmoid", ag.sigmoid, -1000, 0, 0),
    ("sigmoid", ag.sigmoid, -40, 4.248354255291589e-18, 4.248354255291589e-18),
    ("logsigmoid", ag.logsigmoid, -1000, -1000, 1),
    ("logsigmoid", ag.logsigmoid, 1000, 0, 0),
    ("logsigmoid", ag.logsigmoid, 40, -4.248354255291589e-18, 4.248354255291589e-18),
    ("silu", ag.silu, -1000, 0, 0),
    ("silu", ag.silu, 1000, 1000, 1),
    ("mish", ag.mish, -1000, 0, 0),
    ("mish", ag.mish, 1000, 1000, 1),
    ("gelu", ag.gelu, -1000, 0, 0),
    ("gelu", ag.gelu, 1000, 1000, 1),
    ("gelu", ag.gelu, -6, -5.919525870226207e-09, -3.5468709453902015e-08),
    ("gelu tanh", lambda x: ag.gelu(x, "tanh"), 1e20, 1e20, 1),
    ("gelu tanh", lambda x: ag.gelu(x, "tanh"), -1e20, 0, 0),
    ("elu", ag.elu, -1000, -1, 0),
    ("elu", ag.elu, 1000, 1000, 1),
    ("elu", ag.elu, -30, -1, 9.357622968840175e-14),
    ("selu", ag.selu, 1000, 1050.7009873554805, 1.0507009873554805),
    ("celu", ag.celu, 1000, 1000, 1),
    ("tanh", ag.tanh, 1000, 1, 0),
    ("log1p", ag.log1p, 1e-20, 1e-20, 1),
    ("expm1", ag.expm1, 1e-20, 1e-20, 1),
    ("erfc", ag.erfc, 8, 1.1224297172982928e-29, -1.8097067968559843e-28),
    ("asinh", ag.asinh, 1e25, 58.25777450541109, 1e-25),
    ("acosh", ag.acosh, 1e25, 58.25777450541109, 1e-25),
    ("logaddexp", lambda x: ag.logaddexp(x, 1e4 - 1), 1e4, 10000.313261687518, 0.7310585786300049),
    ("logaddexp", lambda x: ag.logaddexp(x, 0.0), -1e4, 0, 0),
    ("logaddexp", lambda x: ag.logaddexp(x, -np.inf), 2.0, 2.0, 1),
    ("logaddexp2", lambda x: ag.logaddexp2(x, 1e4), 1e4, 10001, 0.5),
    ("hypot", lambda x: ag.hypot(x, 4e30), 3e30, 5e30, 0.6),
    ("hypot", lambda x: ag.hypot(x, 0.0), 0.0, 0, 0),
    ("atan2", lambda x: ag.atan2(x, 1e30), 1e30, math.pi / 4, 5e-31),
    ("atan2", lambda x: ag.atan2(x, 1e-30), 1e-30, math.pi / 4, 5e29),
    ("divide", lambda x: 1e-25 / x, 1e-25, 1, -1e25),
    ("0**2", lambda x: x**2, 0, 0, 0),
    ("0**1", lambda x: x**1, 0, 0, 1),
    ("0**0", lambda x: x**0, 0, 1, 0),
    ("0**x", lambda x: 0**x, 2, 0, 0),
    ("0**y", lambda x: ag.Tensor(np.zeros(1)) ** x, 2, 0, 0),
    ("x**0", lambda x: x ** ag.Tensor(np.zeros(1)), 0, 1, 0),
    ("xlogy", lambda x: ag.xlogy(0.0, x), 0, 0, 0),
    ("xlogy", lambda x: ag.xlogy(x, 0.0), 0, 0, 0),
    ("sinc", ag.sinc, 1e-10, 1, -(math.pi**2) / 3 * 1e-10),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "function", "at", "value", "slope"), EXTREMES)
def test_extremes(name: str, function: Unary, at: float, value: float, slope: float, dtype: Any) -> None:
    x = leaf(at, dtype=dtype)
    rtol = 1e-5 if dtype == np.float32 else 1e-9
    np.testing.assert_allclose(function(x).data, [value], rtol, 1e-37)
    np.testing.assert_allclose(gradient(function, x), [slope], rtol, 1e-37)


@pytest.mark.parametrize("function", [ag.softmax, ag.log_softmax, ag.softmin])
def test_softmax_of_huge_numbers(function: Callable[..., ag.Tensor]) -> None:
    x = leaf(1e4, 1e4 - 1, -1e4)
    y = function(x, 0)
    assert np.isfinite(y.data).all()
    total = np.exp(y.data).sum() if function is ag.log_softmax else y.data.sum()
    np.testing.assert_allclose(total, 1)
    (g,) = ag.grad(y, x, np.array([1.0, 2.0, 4.0]))
    assert np.isfinite(g.data).all()
    np.testing.assert_allclose(g.data.sum(), 0, atol=1e-12)


def test_softmax_without_dim_is_refused() -> None:
    with pytest.raises(TypeError, match="softmax: needs dim"):
        ag.Tensor([[1.0, 2.0]]).softmax()


def test_softmax_in_another_dtype() -> None:
    x = leaf(1.0, 2.0, 3.0, dtype=np.float16)
    y = ag.softmax(x, dim=-1, dtype=np.float32)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.data, np.exp([1, 2, 3]) / np.exp([1, 2, 3]).sum(), 1e-6)
    (g,) = ag.grad(y[0], x)
    assert g.dtype == np.float16


# ---------------------------------------------------------------------------------------------------------------------
# Absorbing zero: what a mask takes away has no gradient, however infinite its derivative is
# ---------------------------------------------------------------------------------------------------------------------
def masked(function: Unary, keep: Callable[[ag.Tensor], ag.Tensor]) -> Unary:
    return lambda x: ag.where(keep(x), function(x), 0.0)


positive: Callable[[ag.Tensor], ag.Tensor] = lambda x: x > 0  # noqa: E731
MASKED: list[tuple[str, Unary, list[float], list[float], list[float]]] = [  # name, function, x, first, second
    ("sqrt", lambda x: ag.where(x > 0, x.sqrt(), x), [-1, 0, 4], [1, 1, 0.25], [0, 0, -1 / 32]),
    ("reciprocal", lambda x: ag.where(x != 0, 1 / x, 0.0), [0, 2], [0, -0.25], [0, 0.25]),
    ("reciprocal", masked(ag.reciprocal, lambda x: x != 0), [0, 2], [0, -0.25], [0, 0.25]),
    ("rsqrt", masked(ag.rsqrt, positive), [-1, 0, 4], [0, 0, -1 / 16], [0, 0, 3 / 128]),
    ("log", masked(ag.log, positive), [-1, 0, 2], [0, 0, 0.5], [0, 0, -0.25]),
    ("log1p", masked(ag.log1p, lambda x: x > -1), [-2, -1, 1], [0, 0, 0.5], [0, 0, -0.25]),
    ("x log x", masked(lambda x: x * x.log(), positive), [-1, 0, 1], [0, 0, 1], [0, 0, 1]),
    ("exp", masked(ag.exp, lambda x: x < 100), [1000, 0], [0, 1], [0, 1]),
    ("exp twice", masked(lambda x: x.exp().exp(), lambda x: x < 100), [1000, 0], [0, math.e], [0, 2 * math.e]),
    ("exp / exp", masked(lambda x: x.exp() / (1 + x.exp()), lambda x: x < 100), [1000, 0], [0, 0.25], [0, 0]),
    ("pow", masked(lambda x: x**1.5, positive), [-1, 0, 4], [0, 0, 3], [0, 0, 3 / 8]),
    ("pow", masked(lambda x: x**-2, positive), [-1, 0, 1], [0, 0, -2], [0, 0, 6]),
    ("x**x", masked(lambda x: x**x, positive), [-0.5, 0, 1], [0, 0, 1], [0, 0, 2]),
    ("asin", masked(ag.asin, lambda x: x < 1), [1, 2, 0], [0, 0, 1], [0, 0, 0]),
    ("acos", masked(ag.acos, lambda x: x < 1), [1, 2, 0], [0, 0, -1], [0, 0, 0]),
    ("acosh", masked(ag.acosh, lambda x: x > 1), [1, 0, 2], [0, 0, 3**-0.5], [0, 0, -2 * 3**-1.5]),
    ("atanh", masked(ag.atanh, lambda x: x < 1), [1, 2, 0], [0, 0, 1], [0, 0, 0]),
    ("atan2", masked(lambda x: ag.atan2(x, x), lambda x: x != 0), [0, 1], [0, 0], [0, 0]),
    ("hypot", masked(lambda x: ag.hypot(x, 0.0), lambda x: x != 0), [0, 2], [0, 1], [0, 0]),
    ("logit", masked(ag.logit, lambda x: (x > 0) & (x < 1)), [0, 1, 2, 0.5], [0, 0, 0, 4], [0, 0, 0, 0]),
    ("erfinv", masked(ag.erfinv, lambda x: x < 1), [1, 2, 0], [0, 0, math.pi**0.5 / 2], [0, 0, 0]),
    ("lgamma", masked(ag.lgamma, positive), [-1, 0, 1], [0, 0, -0.5772156649], [0, 0, math.pi**2 / 6]),
    ("division", masked(lambda x: x / (x - x), lambda x: x < 0), [1, 2], [0, 0], [0, 0]),
    ("by product", lambda x: (x > 0) * x.relu().sqrt(), [-1, 0, 4], [0, 0, 0.25], [0, 0, -1 / 32]),
    ("maximum", masked(lambda x: ag.maximum(x.log(), -1.0), positive), [-1, 0, 1], [0, 0, 1], [0, 0, -1]),
    ("masked_fill", lambda x: x.log().masked_fill(x <= 0, 0.0), [-1, 0, 2], [0, 0, 0.5], [0, 0, -0.25]),
]


@pytest.mark.parametrize(("name", "function", "at", "first", "second"), MASKED)
def test_a_mask_takes_the_gradient_away(
    name: str, function: Unary, at: list[float], first: list[float], second: list[float]
) -> None:
    x = leaf(*at)
    np.testing.assert_allclose(gradient(function, x), first, 1e-9, 1e-12)
    (g,) = ag.grad(function(x).sum(), x, create_graph=True)
    np.testing.assert_allclose(g.data, first, 1e-9, 1e-12)
    (gg,) = ag.grad(g.sum(), x)
    np.testing.assert_allclose(gg.data, second, 1e-9, 1e-12)


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (lambda x: ag.where(x > 0, x.sqrt(), x), [0.0, 4.0]),
        (masked(ag.log, positive), [0.0, 2.0]),
        (masked(lambda x: x**1.5, positive), [-1.0, 4.0]),
        (masked(ag.exp, lambda x: x < 100), [1000.0, 0.0]),
        (masked(ag.asin, lambda x: x < 1), [1.0, 0.0]),
        (lambda x: ag.where(x != 0, 1 / x, 0.0), [0.0, 1.0]),
    ],
)
def test_strict_nan_shows_what_a_mask_hides(function: Unary, at: list[float]) -> None:
    x = leaf(*at)
    with ag.strict_nan():
        assert np.isnan(gradient(function, x)[0])
    assert np.isfinite(gradient(function, x)).all()


@pytest.mark.parametrize("function", [ag.softmax, ag.log_softmax])
def test_a_row_that_is_masked_throughout_has_no_gradient(function: Callable[..., ag.Tensor]) -> None:
    scores = ag.Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]), requires_grad=True)
    mask = ag.Tensor([[True, False], [True, True]])

    def attend() -> ag.Tensor:
        weights = function(scores.masked_fill(~mask, -np.inf) + ag.Tensor([[-np.inf], [0.0]]), dim=1)
        assert np.isnan(weights.data[0]).all()  # as in PyTorch
        return ag.where(ag.Tensor([[False, False], [True, True]]), weights, 0.0)

    start = np.array([[5.0, 6.0], [1.0, 3.0]])
    (g,) = ag.grad(attend(), scores, start)
    np.testing.assert_array_equal(g.data[0], 0)
    assert np.isfinite(g.data[1]).all()
    assert g.data[1].any()
    (g,) = ag.grad(attend(), scores, start, create_graph=True)
    (gg,) = ag.grad((g * g).sum(), scores)
    assert np.isfinite(gg.data).all()
    with ag.strict_nan():
        (g,) = ag.grad(attend(), scores, start)
        assert np.isnan(g.data[0]).any()
