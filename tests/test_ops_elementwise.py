"""Elementwise operations where the conformance kit does not look: operators, in place, dtypes, selection."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.ops.comparison import select
from tests.leaves import Unary, gradient, leaf

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
