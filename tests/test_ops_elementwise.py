"""Elementwise operations where the conformance kit does not look: operators, promotion, kinks, extremes, masks."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.ops.comparison import select
from autograd.ops.references import PAIRS
from tests.torch_oracle import close, compare, normal

Unary = Callable[[ag.Tensor], ag.Tensor]


def leaf(*values: Any, dtype: Any = np.float64) -> ag.Tensor:
    return ag.Tensor(np.array(values, dtype), requires_grad=True)


def gradient(function: Unary, x: ag.Tensor) -> np.ndarray:
    (g,) = ag.grad(function(x).sum(), x)
    return g.data


# ---------------------------------------------------------------------------------------------------------------------
# Operators
# ---------------------------------------------------------------------------------------------------------------------
BINARY = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
    operator.eq,
    operator.ne,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
]
BITWISE = [operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift]


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.__name__)
@pytest.mark.parametrize("other", [2, 2.5, np.float32(1.5), np.array([1.5, 2.0, 0.5]), [1.0, 2.0, 3.0]], ids=repr)
def test_operators_work_from_both_sides(op: Callable[..., Any], other: Any) -> None:
    x = np.array([0.5, 1.5, 2.5])
    for result, expected in ((op(ag.Tensor(x), other), op(x, other)), (op(other, ag.Tensor(x)), op(other, x))):
        assert isinstance(result, ag.Tensor)
        assert result.dtype == expected.dtype
        np.testing.assert_allclose(result.data, expected)


@pytest.mark.parametrize("op", BITWISE, ids=lambda op: op.__name__)
def test_bit_operators_work_from_both_sides(op: Callable[..., Any]) -> None:
    x = np.array([1, 2, 5])
    for other in (3, np.array([0, 1, 2])):
        np.testing.assert_array_equal(op(ag.Tensor(x), other).data, op(x, other))
        np.testing.assert_array_equal(op(other, ag.Tensor(x)).data, op(other, x))


def test_unary_operators() -> None:
    x = ag.Tensor(np.array([-1.5, 2.0]))
    np.testing.assert_array_equal((-x).data, [1.5, -2.0])
    np.testing.assert_array_equal((+x).data, [-1.5, 2.0])
    np.testing.assert_array_equal(abs(x).data, [1.5, 2.0])
    np.testing.assert_array_equal((~(x > 0)).data, [True, False])
    np.testing.assert_array_equal((~ag.Tensor([1, 2])).data, [-2, -3])


def test_gradients_pass_through_reflected_operators() -> None:
    x = leaf(2.0, 4.0)
    np.testing.assert_allclose(gradient(lambda x: 1 - x, x), [-1, -1])
    np.testing.assert_allclose(gradient(lambda x: 8 / x, x), [-2, -0.5])
    np.testing.assert_allclose(gradient(lambda x: 2**x, x), np.log(2) * 2 ** np.array([2.0, 4.0]))
    np.testing.assert_allclose(gradient(lambda x: np.array([3.0, 5.0]) * x, x), [3, 5])


@pytest.mark.parametrize("other", [None, "mean", object(), ag], ids=["None", "text", "object", "module"])
def test_comparing_with_what_is_no_number_says_no(other: Any) -> None:
    x = ag.Tensor([1.0, 2.0])
    assert (x == other) is False
    assert (x != other) is True
    assert x not in [None, "x"]


def test_tensors_are_keys_by_identity() -> None:
    x, y = ag.Tensor([1.0]), ag.Tensor([1.0])
    assert {x: 1, y: 2}[x] == 1
    assert len({x, y}) == 2


@pytest.mark.parametrize("other", [None, "two", object()], ids=["None", "text", "object"])
def test_arithmetic_with_what_is_no_number_is_named(other: Any) -> None:
    with pytest.raises(TypeError, match=r"add: can not work with .* Give tensors, arrays or numbers"):
        ag.Tensor([1.0]) + other


# ---------------------------------------------------------------------------------------------------------------------
# In place
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("op", "other"),
    [
        (operator.iadd, 2.0),
        (operator.isub, 2.0),
        (operator.imul, 3.0),
        (operator.itruediv, 2.0),
        (operator.ifloordiv, 2.0),
        (operator.imod, 2.0),
        (operator.ipow, 2),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_operators_in_place_keep_the_memory_and_the_gradient(op: Callable[..., Any], other: Any) -> None:
    start = np.array([1.5, -2.5])
    x = leaf(*start)
    y = x * 1.0
    memory = y.data
    y = op(y, other)
    assert y.data is memory
    expected = op(start.copy(), other)
    np.testing.assert_allclose(y.data, expected)
    outside = {operator.itruediv: lambda x: x / other}.get(op, lambda x: getattr(ag, _NAMES[op])(x, other))
    (g,) = ag.grad(y.sum(), x)
    np.testing.assert_allclose(g.data, gradient(outside, x))


_NAMES = {
    operator.iadd: "add",
    operator.isub: "sub",
    operator.imul: "mul",
    operator.ifloordiv: "floor_divide",
    operator.imod: "remainder",
    operator.ipow: "pow",
}


def test_bits_in_place() -> None:
    x = ag.Tensor(np.array([1, 2, 7]))
    x &= 3
    x |= 8
    x ^= 1
    x <<= 2
    x >>= 1
    np.testing.assert_array_equal(x.data, ((((np.array([1, 2, 7]) & 3) | 8) ^ 1) << 2) >> 1)


def test_in_place_refuses_a_result_that_does_not_fit() -> None:
    x = ag.Tensor(np.array([1, 2]))
    with pytest.raises(TypeError, match="the result is float64 and can not be written into a tensor of int64"):
        x /= 2
    with pytest.raises(ValueError, match="the result has shape"):
        ag.Tensor([1.0]).add_(ag.Tensor([1.0, 2.0]))
    np.testing.assert_array_equal(x.data, [1, 2])


def test_methods_in_place() -> None:
    x = ag.Tensor(np.array([-1.0, 0.5, 3.0]))
    assert x.clamp_(0, 2) is x
    np.testing.assert_array_equal(x.data, [0, 0.5, 2])
    x.masked_fill_(x > 1, -5.0).relu_().add_(1).sqrt_()
    np.testing.assert_allclose(x.data, np.sqrt([1, 1.5, 1]))


def test_masked_fill_in_place_stops_the_gradient_where_it_wrote() -> None:
    x = leaf(1.0, 2.0, 3.0)
    y = x * 2
    y.masked_fill_(ag.Tensor([True, False, True]), 0.0)
    (g,) = ag.grad(y.sum(), x)
    np.testing.assert_array_equal(g.data, [0, 2, 0])


# ---------------------------------------------------------------------------------------------------------------------
# Dtypes
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + 1.5,
        lambda x: 2 / x,
        lambda x: x**3,
        lambda x: 1.5**x,
        lambda x: ag.maximum(x, 0.3),
        lambda x: ag.where(x > 1, x, 0.0),
        lambda x: ag.where(x > 1, 2, x),
        lambda x: x.clamp(0.2, 3),
        lambda x: ag.lerp(x, 2.0, 0.7),
        lambda x: ag.xlogy(x, 0.5),
        lambda x: ag.erf(x) + ag.lgamma(x) + ag.digamma(x),
        lambda x: ag.gelu(x) + ag.softplus(x) + ag.mish(x),
        lambda x: ag.softmax(x, 0),
        lambda x: ag.sinc(x) + ag.logit(x / 10, eps=0.01),
        lambda x: ag.elu(x) + ag.leaky_relu(x) + ag.hardswish(x) + ag.threshold(x, 0.5, 0.0),
    ],
)
def test_numbers_do_not_change_the_dtype(function: Unary, dtype: Any) -> None:
    x = leaf(0.5, 1.5, 2.5, dtype=dtype)
    y = function(x)
    assert y.dtype == dtype
    assert gradient(function, x).dtype == dtype


def test_promotion_is_that_of_numpy() -> None:
    ints = ag.Tensor(np.array([1, 2, 3]))
    halves = ag.Tensor(np.array([0.5, 1.5, 2.5], np.float32))
    assert (ints + 1).dtype == np.int64
    assert (ints + 1.5).dtype == np.float64
    assert (ints / 2).dtype == np.float64
    assert (ints // 2).dtype == np.int64
    assert (ints + halves).dtype == np.float64
    assert (ints**2).dtype == np.int64
    assert ag.sqrt(ints).dtype == np.float64
    assert ag.sigmoid(ints).dtype == np.float64
    assert ag.relu(ints).dtype == np.int64
    assert ag.reciprocal(ints).dtype == np.float64
    assert (halves > 1).dtype == np.bool_
    np.testing.assert_allclose(ag.reciprocal(ints).data, [1, 1 / 2, 1 / 3])
    np.testing.assert_allclose(ag.softplus(ag.Tensor(np.array([3], np.uint8))).data, np.log1p(np.exp(3.0)))


def test_choosing_between_two_numbers_takes_the_default_dtype() -> None:
    truth = ag.Tensor([True, False])
    assert ag.where(truth, 1.0, 0.0).dtype == np.float32
    assert ag.where(truth, 1, 0.5).dtype == np.float32
    assert ag.where(truth, 1, 0).dtype == np.int64


def test_float_power_is_float64() -> None:
    x = leaf(2.0, 3.0, dtype=np.float32)
    y = x.float_power(-1)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y.data, [1 / 2, 1 / 3])
    assert gradient(lambda x: ag.float_power(x, -1), x).dtype == np.float32
    np.testing.assert_array_equal(np.float_power(ag.Tensor([2, 4]), 0.5).data, [2**0.5, 2.0])


def test_integer_division_by_zero_is_an_error() -> None:
    x, y = ag.Tensor([4, 5]), ag.Tensor([2, 0])
    for name in ("floor_divide", "remainder", "fmod"):
        with pytest.raises(ZeroDivisionError, match=f"{name}: an integer was divided by 0"):
            getattr(ag, name)(x, y)
    with pytest.raises(ZeroDivisionError, match="truncated_divide"):
        ag.div(x, y, rounding_mode="trunc")
    np.testing.assert_array_equal((x / y).data, [2, np.inf])
    np.testing.assert_array_equal((ag.Tensor([4.0, -5.0]) // 0.0).data, [np.inf, -np.inf])


def test_large_integers_divide_exactly() -> None:
    x = ag.Tensor(np.array([2**62 + 1, -(2**62) - 1]))
    np.testing.assert_array_equal(ag.div(x, 3, rounding_mode="trunc").data, [(2**62 + 1) // 3, -((2**62 + 1) // 3)])


# ---------------------------------------------------------------------------------------------------------------------
# Selection
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i4", "i8", "f2", "f4", "f8", "c8", "c16"])
def test_large_selections_equal_small_ones_bit_for_bit(dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, y = (rng.integers(0, 2**8, 80 * 70 * np.dtype(dtype).itemsize, np.uint8) for _ in range(2))
    if dtype == "?":
        x, y = x & 1, y & 1
    x, y = (bits.view(dtype).reshape(80, 70) for bits in (x, y))  # NaN of every kind among them
    mask = rng.random((80, 70)) < 0.5
    for m in (mask, mask[:, ::-1], mask.T.copy().T, mask[:, :1]):
        for a, b in ((x, y), (x, y[0]), (x[:, :1], y), (x, x.dtype.type(0)), (y[::-1], x)):
            m_, a_, b_ = np.broadcast_arrays(m, a, b)
            got = select(m, a, b)
            assert got.dtype == x.dtype
            assert got.tobytes() == np.where(m_, a_, b_).tobytes()


def test_selecting_zero_keeps_its_sign() -> None:
    mask = np.arange(5000) % 2 == 0
    for zero in (0.0, -0.0, 0):
        for got in (select(mask, np.ones(5000), zero), select(~mask, zero, np.ones(5000))):
            assert np.signbit(got[1]) == (math.copysign(1, zero) < 0)
            np.testing.assert_array_equal(got, np.where(mask, 1.0, 0.0))


def test_where_with_a_condition_alone_gives_indices() -> None:
    rows, columns = ag.where(ag.Tensor([[0.0, 2.0], [3.0, 0.0]]))
    np.testing.assert_array_equal(rows.data, [0, 1])
    np.testing.assert_array_equal(columns.data, [1, 0])


def test_where_as_a_method_keeps_the_tensor() -> None:
    x = leaf(-1.0, 2.0)
    y = x.where(x > 0, 7.0)
    np.testing.assert_array_equal(y.data, [7, 2])
    np.testing.assert_array_equal(np.where(x > 0, x, 7.0).data, [7, 2])


def test_what_is_not_selected_gets_no_gradient_even_from_infinity() -> None:
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    out = ag.where(ag.Tensor([True, False]), x, y)
    gx, gy = ag.grad(out, [x, y], np.array([np.inf, np.nan]))
    np.testing.assert_array_equal(gx.data, [np.inf, 0])
    np.testing.assert_array_equal(gy.data, [0, np.nan])
    for function in (ag.relu, lambda x: x.clamp(1, 2), lambda x: ag.maximum(x, 0.0)):
        z = leaf(-1.0, 1.5)
        (g,) = ag.grad(function(z), z, np.array([np.inf, 1.0]))
        np.testing.assert_array_equal(g.data, [0, 1])


def test_equal_and_allclose_are_truth_values() -> None:
    x = ag.Tensor([1.0, np.nan])
    assert ag.equal(ag.Tensor([1, 2]), ag.Tensor([1, 2])) is True
    assert ag.Tensor([1, 2]).equal(ag.Tensor([[1, 2]])) is False
    assert x.equal(x) is False
    assert x.allclose(x) is False
    assert ag.allclose(x, x, equal_nan=True) is True
    assert ag.allclose(ag.Tensor([1.0]), [1.1], rtol=0.2) is True


# ---------------------------------------------------------------------------------------------------------------------
# Against PyTorch, at kinks and ties and far out
# ---------------------------------------------------------------------------------------------------------------------
POINTS = [-1000, -100, -20.5, -6, -3, -2.5, -2, -1, -0.5, -0.25, -1e-3, 0, 1e-3, 0.25, 0.5, 1, 1.5, 2, 3, 6, 20.5, 1000]
TWO_INPUTS = (
    "add sub mul div remainder fmod pow maximum minimum fmax fmin logaddexp logaddexp2 copysign xlogy atan2 hypot eq "
    "ne lt le gt ge isclose"
)
ONE_INPUT = (
    "abs acos asin asinh atan ceil cos cosh deg2rad erf erfc exp exp2 expm1 floor frac lgamma log log10 log1p log2 "
    "nan_to_num neg positive rad2deg reciprocal round rsqrt sigmoid sign sin sinh sqrt square tan tanh trunc celu elu "
    "gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish relu relu6 selu silu softplus "
    "softshrink softsign tanhshrink"
)
UNARY: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in ONE_INPUT.split()] + [
    ("celu", {"alpha": 2.0}),
    ("clamp", {"min": -1.0, "max": 2.0}),
    ("clamp", {"min": 2.0, "max": -1.0}),
    ("clamp", {"min": 0.5}),
    ("clamp_max", {"max": 0.5}),
    ("clamp_min", {"min": 0.5}),
    ("elu", {"alpha": 0.5}),
    ("gelu", {"approximate": "tanh"}),
    ("hardshrink", {"lambd": 1.0}),
    ("hardtanh", {"min_val": -0.5, "max_val": 2.0}),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("round", {"decimals": 1}),
    ("softplus", {"beta": 2.0, "threshold": 3.0}),
    ("softshrink", {"lambd": 1.0}),
    ("threshold", {"threshold": 0.5, "value": 7.0}),
    *(("pow", {"exponent": e}) for e in (0, 1, 2, 3, 4, 5, -1, -2, 0.5, -0.5, 1.5, 2.5)),
]


@pytest.mark.parametrize(("name", "options"), UNARY, ids=lambda value: value if isinstance(value, str) else str(value))
def test_one_input_against_pytorch(name: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    x = np.array(POINTS, np.float64)
    theirs = torch.tensor(x, requires_grad=True)
    ours = ag.Tensor(x, requires_grad=True)
    if "exponent" in options:
        expected, result = torch.pow(theirs, options["exponent"]), ag.pow(ours, options["exponent"])
    else:
        expected = getattr(torch, name, None) or getattr(torch.nn.functional, name)
        expected, result = expected(theirs, **options), getattr(ag, name)(ours, **options)
    np.testing.assert_allclose(result.data, expected.detach().numpy(), 1e-9, 1e-13)
    weights = np.linspace(1, 2, len(x))
    (g,) = ag.grad(result, ours, weights)
    (want,) = torch.autograd.grad(expected, theirs, torch.tensor(weights))
    # PyTorch's hardsigmoid has 1/6 in float32.
    np.testing.assert_allclose(g.data, want.numpy(force=True), 1e-7 if name == "hardsigmoid" else 1e-9, 1e-13)


@pytest.mark.parametrize(
    "name",
    TWO_INPUTS.split(),
)
def test_two_inputs_against_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    values = [-np.inf, -1000.0, -2.5, -2, -1, -0.5, 0, 0.5, 1, 2, 2.5, 1000, np.inf, np.nan]
    pairs = [np.array([p, q]) for p in values for q in values]
    # hypot and xlogy have a finite gradient at 0 where PyTorch's is NaN; its copysign has NaN at infinity.
    if name in ("hypot", "xlogy"):
        pairs = [p for p in pairs if p[0] != 0]
    if name == "copysign":
        pairs = [p for p in pairs if not np.isinf(p[0])]
    x, y = np.array(pairs).T.copy()
    theirs = [torch.tensor(v, requires_grad=True) for v in (x, y)]
    ours = [ag.Tensor(v, requires_grad=True) for v in (x, y)]
    expected, result = getattr(torch, name)(*theirs), getattr(ag, name)(*ours)
    np.testing.assert_allclose(result.data, expected.detach().numpy(), 1e-9, 1e-13)
    assert result.requires_grad == expected.requires_grad
    if result.requires_grad:
        weights = np.linspace(1, 2, len(x))
        for g, want in zip(
            ag.grad(result, ours, weights), torch.autograd.grad(expected, theirs, torch.tensor(weights)), strict=True
        ):
            np.testing.assert_allclose(g.data, want.numpy(force=True), 1e-9, 1e-13)


def test_ties_share_the_gradient() -> None:
    x, y = leaf(1.0, 2.0, 3.0), leaf(2.0, 2.0, 2.0)
    for name, share_of_x in (("maximum", [0, 0.5, 1]), ("minimum", [1, 0.5, 0]), ("fmax", [0, 1, 1])):
        gx, gy = ag.grad(getattr(ag, name)(x, y).sum(), [x, y])
        np.testing.assert_array_equal(gx.data, share_of_x)
        np.testing.assert_array_equal(gy.data, 1 - np.array(share_of_x))


def test_halves_round_to_the_even_neighbour() -> None:
    np.testing.assert_array_equal(ag.round(ag.Tensor([-1.5, -0.5, 0.5, 1.5, 2.5])).data, [-2, 0, 0, 2, 2])


def test_sinc_has_every_derivative_at_zero() -> None:
    x = leaf(0.0)
    y = ag.sinc(x)
    found = [y.item()]
    for _ in range(4):
        (y,) = ag.grad(y.sum(), x, create_graph=True)
        found.append(y.item())
    np.testing.assert_allclose(found, [1, 0, -(math.pi**2) / 3, 0, math.pi**4 / 5], atol=1e-12)


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


# ---------------------------------------------------------------------------------------------------------------------
# As in PyTorch
# ---------------------------------------------------------------------------------------------------------------------
_WHOLE = np.arange(-4, 8).reshape(3, 4)

AS_IN_PYTORCH = [
    *(
        ("frexp", {"x": x})
        for x in (normal(3, 4), normal(5) * 1e6, normal(2, 0), normal(), np.array([0.0, -0.5, 1024.0]))
    ),
    *(("nextafter", {"x": normal(*a), "y": normal(*b, seed=1)}) for a, b in PAIRS),
    *(("ldexp", {"x": normal(*a), "y": normal(*b, seed=1)}) for a, b in PAIRS),
    *(("gcd", {"x": 6 * _WHOLE, "y": y}) for y in (_WHOLE, _WHOLE[0], np.array(4), _WHOLE[:, :1], _WHOLE * 0)),
    *(("lcm", {"x": 6 * _WHOLE, "y": y}) for y in (_WHOLE, _WHOLE[0], np.array(4), _WHOLE[:, :1], _WHOLE * 0)),
    *(
        ("linalg.vander", {"x": x})
        for x in (normal(4), normal(2, 3), normal(2, 1, 3), np.array([0.0, 1.0, -2.0]), normal(0, 2))
    ),
]


@pytest.mark.parametrize(("name", "arrays"), AS_IN_PYTORCH)
def test_as_in_pytorch(name: str, arrays: dict[str, np.ndarray]) -> None:
    torch = pytest.importorskip("torch")
    if name == "linalg.vander":
        x, y = ag.Tensor(arrays["x"], requires_grad=True), torch.tensor(arrays["x"], requires_grad=True)
        for count in (None, 2, 5):
            have, want = ag.linalg.vander(x, N=count), torch.linalg.vander(y, N=count)
            close(have.data, want.detach().numpy(), 1e-12, name)
            g, expected = ag.grad((have * have).sum(), x)[0], torch.autograd.grad((want * want).sum(), y)[0]
            close(g.data, expected.numpy(), 1e-10, name)
        return
    if arrays["x"].dtype.kind == "i":
        have, want = getattr(ag, name)(*arrays.values()), getattr(torch, name)(*map(torch.tensor, arrays.values()))
        np.testing.assert_array_equal(have, want.numpy())
        return
    compare(name, arrays, getattr(torch, name))


def test_ldexp_by_integers() -> None:
    x = leaf(1.5, -3.0, 0.75, dtype=np.float32)
    y = ag.ldexp(x, ag.tensor([-2, 3, -1]))
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y.data, [0.375, -24.0, 0.375])
    np.testing.assert_array_equal(ag.grad(y.sum(), x)[0].data, [0.25, 8.0, 0.5])  # PyTorch 2.13 has 0 for negative ones
    huge = ag.ldexp(ag.tensor(2.0**-140), 200)
    assert huge.item() == 2.0**60
    assert ag.ldexp(ag.tensor(1.0), 1 << 40).item() == math.inf


@pytest.mark.parametrize("name", ["eq", "ne", "lt", "le", "gt", "ge", "not_equal", "less", "less_equal", "greater"])
def test_comparisons_in_place(name: str) -> None:
    torch = pytest.importorskip("torch")
    for dtype in (np.float64, np.int64, np.bool_):
        x, y = np.array([0, 1, 1, 3]).astype(dtype), np.array([1, 1, 0, 3]).astype(dtype)
        have, want = ag.Tensor(x.copy()), torch.tensor(x)
        assert getattr(have, f"{name}_")(ag.Tensor(y)) is have
        getattr(want, f"{name}_")(torch.tensor(y))
        np.testing.assert_array_equal(have.data, want.numpy())
        assert have.dtype == dtype


def test_a_comparison_in_place_ends_the_graph() -> None:
    x = leaf(1.0, 2.0)
    y = x * 1
    y.gt_(1.5)
    (y * x).sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.data, [0.0, 1.0])


def test_float_power_in_place() -> None:
    x = leaf(2.0, 3.0, dtype=np.float32)
    y = x * 1
    assert y.float_power_(y) is y
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.data, [4.0, 27.0])
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.data, [4 * (1 + math.log(2)), 27 * (1 + math.log(3))], rtol=1e-6)


# What PyTorch has in place and has no meaning here: sparse, quantized and shared memory, and storages.
_NOT_HERE = {"resize_as_sparse_", "set_", "share_memory_", "sparse_resize_", "sparse_resize_and_clear_"}


def test_every_form_in_place_of_pytorch_is_here() -> None:
    torch = pytest.importorskip("torch")
    theirs = {name for name in dir(torch.Tensor) if name.endswith("_") and not name.startswith("_")}
    assert sorted(theirs - set(dir(ag.Tensor)) - _NOT_HERE) == []
    assert len(theirs - _NOT_HERE) > 150


def test_functions_in_place_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    kind = type(torch.abs_)
    theirs = {
        name for name in dir(torch) if name.endswith("_") and name[0] != "_" and isinstance(getattr(torch, name), kind)
    }
    missing = {name for name in theirs if not hasattr(ag, name) and hasattr(torch.Tensor, name)}
    assert sorted(missing - _NOT_HERE) == []
    x = leaf(-1.0, 2.0) * 1
    assert ag.clamp_(x, min=0.0) is x
    np.testing.assert_array_equal(ag.neg_(x).data, [0.0, -2.0])
