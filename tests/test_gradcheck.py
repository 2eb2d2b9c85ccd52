"""gradcheck finds wrong gradients, says where, and says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.testing import GradcheckError, assert_close, gradcheck, gradgradcheck


def variable(*shape: int, seed: int = 0, dtype: Any = np.float64, low: float = 0.5, high: float = 2.0) -> ag.Tensor:
    values: Any = np.random.default_rng(seed).uniform(low, high, shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * np.random.default_rng(seed + 1).uniform(low, high, shape)
    return ag.Tensor(np.asarray(values, dtype), requires_grad=True)


def with_rules(forward: Callable[..., Any], **facts: Any) -> Callable[..., Any]:
    """A primitive with (wrong) gradient rules by parameter."""
    rules = {key: facts.pop(key) for key in list(facts) if callable(facts[key])}

    def forwarded(x: Any, y: Any = None) -> Any:
        return forward(x) if y is None else forward(x, y)

    if forward.__code__.co_argcount == 1:
        op = ag.primitive(lambda x: forward(x), name="planted", method=False, **facts)
    else:
        op = ag.primitive(lambda x, y: forward(x, y), name="planted", method=False, **facts)
    op.gradient(**rules)
    return op


def cause(function: Callable[..., Any], inputs: Any, check: Callable[..., bool] = gradcheck, **options: Any) -> str:
    """What the error says of the likely cause."""
    with pytest.raises(GradcheckError) as caught:
        check(function, inputs, **options)
    assert not check(function, inputs, raise_exception=False, **options)
    return str(caught.value)


# ---------------------------------------------------------------------------------------------------------------------
# What is right passes
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize(
    ("function", "inputs"),
    [
        (lambda x: x.exp() * x, [variable(3)]),
        (lambda x, y: x @ y, [variable(2, 3), variable(3, 4, seed=1)]),
        (lambda x, y: (x * y, x + y), [variable(3), variable(2, 1, seed=1)]),
        (lambda x: x.sum(), [variable(0)]),
        (lambda x: x.sum(), [variable()]),
        (lambda x, n: x**n, [variable(3), 3]),
        (lambda x: x * 2, variable(3, dtype=np.float32)),
        (lambda x: x * x.conj(), [variable(3, dtype=np.complex128)]),
        (lambda x, y: x * y, [variable(3, dtype=np.complex64), variable(3)]),
        (lambda x: x.abs(), [variable(2, 2, dtype=np.complex128)]),
        (lambda x: x.real * x.imag, [variable(3, dtype=np.complex128)]),
    ],
)
def test_what_is_right_passes(function: Callable[..., Any], inputs: Any, fast: bool) -> None:
    assert gradcheck(function, inputs, fast_mode=fast)
    assert gradgradcheck(function, inputs, fast_mode=fast)


def test_the_inputs_stay_as_they_are() -> None:
    x = variable(3, dtype=np.float32)
    before = x.data.copy()
    assert gradcheck(lambda x: x * x, x)
    assert x.dtype == np.float32
    assert x.grad is None
    assert_close(x, before, 0, 0)


def test_given_grad_outputs() -> None:
    x = variable(3)
    assert gradgradcheck(lambda x: x**3, x, variable(3, seed=5))
    assert gradgradcheck(lambda x: (x**3, x**2), x, [variable(3, seed=5), variable(3, seed=6)])


def test_an_input_that_needs_no_gradient_is_an_error() -> None:
    for check in (gradcheck, gradgradcheck):
        with pytest.raises(ValueError, match="none of the inputs requires a gradient"):
            check(lambda x: x, ag.tensor([1.0]))


# ---------------------------------------------------------------------------------------------------------------------
# What is wrong is found and explained
# ---------------------------------------------------------------------------------------------------------------------
def test_a_wrong_factor() -> None:
    square = with_rules(lambda x: x * x, x=lambda g, x: g * x)
    text = cause(square, variable(3))
    assert "a wrong factor: the gradient is 0.5 times" in text
    assert "element [0] of output 0 by input 0, of shape (3,)" in text


def test_a_wrong_sign() -> None:
    assert "a wrong sign" in cause(with_rules(lambda x: -x, x=lambda g: g), variable(2, 3))


def test_a_factor_that_is_a_count_names_it() -> None:
    mean = with_rules(lambda x: np.mean(x, axis=1), x=lambda g, x_shape: wide(g, x_shape))
    text = cause(mean, variable(2, 5))
    assert "5 times" in text
    assert "5 is the length of axis 1 of the input" in text
    total = with_rules(lambda x: np.sum(x), x=lambda g, x_shape: wide(g, x_shape) / 12)
    text = cause(total, variable(3, 4))
    assert "That is 1/12, and 12 is the number of elements of the input" in text


def wide(g: Any, shape: tuple[int, ...]) -> Any:
    return ag.broadcast_to(g.reshape(g.shape + (1,) * (len(shape) - g.ndim)), shape)


def test_a_missing_sum() -> None:
    """A bias whose rule takes the first row of the incoming gradient."""
    text = cause(with_rules(lambda x, y: x + y, x=lambda g: g, y=lambda g: g[0]), [variable(4, 3), variable(3)])
    assert "a missing sum: of axis 0 of the incoming gradient only index 0 reaches" in text
    assert "by input 1" in text


def test_a_sum_over_the_wrong_axes() -> None:
    """A bias for each channel, whose rule leaves the sum to the walk: it sums all axes but the last."""
    bias = with_rules(lambda x, y: x + y[:, None], x=lambda g: g, y=lambda g: g)
    assert "wrong places" in cause(bias, [variable(2, 3, 3), variable(3)])


def test_swapped_inputs() -> None:
    product = with_rules(lambda x, y: x * y, x=lambda g, x: g * x, y=lambda g, y: g * y)
    assert "the gradient by input 1" in cause(product, [variable(3), variable(3, seed=1)])


def test_a_transposed_gradient() -> None:
    product = with_rules(lambda x, y: x @ y, x=lambda g, y: g @ y.mT, y=lambda g, x: g.mT @ x)
    text = cause(product, [variable(3, 3), variable(3, 3, seed=1)])
    assert "the gradient is transposed: axes 0 and 1" in text
    shift = with_rules(lambda x: x * 2, x=lambda g: g.mT * 2)
    assert "transposed" in cause(shift, [variable(3, 3)])


def test_a_missing_term() -> None:
    product = with_rules(lambda x: x * np.sin(x), x=lambda g, x: g * ag.sin(x))
    assert "a term of the derivative is wrong or missing" in cause(product, variable(4))
    centred = with_rules(lambda x: x - x.mean(-1, keepdims=True), x=lambda g: g * 1.0)
    assert "sum or mean over that axis was left out" in cause(centred, variable(2, 3))


def test_a_lost_input() -> None:
    assert "has lost this input" in cause(with_rules(lambda x: x * 2, x=lambda g: g * 0), variable(3))
    assert "no path of the graph" in cause(lambda x, y: x * y.detach(), [variable(3), variable(3)])
    assert "no path of the graph" in cause(lambda x: (x * 2, x.detach()), variable(3))
    assert "no path of the graph" in cause(lambda x: ag.Tensor(x.data * 2), variable(3))


def test_a_gradient_that_is_a_number_for_all() -> None:
    square = with_rules(lambda x: x * x, x=lambda g, x: wide((g * 2 * x).sum(), x.shape))
    assert "along axis 0" in cause(square, variable(3))


def test_nan() -> None:
    root = with_rules(lambda x: np.abs(x) ** 1.5, x=lambda g, x: g * 1.5 * x / abs(x) ** 0.5)
    text = cause(root, ag.tensor([0.0, 1.0], requires_grad=True))
    assert "it is NaN where the difference is finite, as at input 0[0] = 0" in text


def test_a_kink() -> None:
    x = ag.tensor([[1.0, 0.0], [2.0, -1.0]], requires_grad=True)
    text = cause(lambda x: x.relu(), x)
    assert "a kink: at input 0[0, 1] = 0 the derivative is 0 to the left and 1 to the right" in text
    assert gradcheck(lambda x: x.relu(), ag.tensor([1.0, -0.5], requires_grad=True))
    assert "a kink" in cause(lambda x: x.max(0).values, ag.tensor([1.0, 1.0], requires_grad=True))


def test_a_jump() -> None:
    assert "jumps" in cause(lambda x: x.floor() + x, ag.tensor([1.0], requires_grad=True))


def test_a_wrong_factor_beside_a_kink() -> None:
    relu = with_rules(lambda x: np.maximum(x, 0), x=lambda g, x: g * (x > 0) * 2)
    assert "2 times" in cause(relu, ag.tensor([0.0, 1.0, 2.0], requires_grad=True))


def test_float32_in_the_middle() -> None:
    assert "cast" in cause(lambda x: (x.float() * 3).double() * x, variable(3))
    assert "float32" in cause(lambda x: (x.float() * 3).double(), variable(3))
    assert "the result is float32" in cause(lambda x: (x * 3).float(), variable(3))


def test_no_determinism() -> None:
    text = cause(lambda x: x * ag.rand(3, dtype=ag.float64), variable(3))
    assert "not deterministic" in text
    assert "manual_seed" in text
    rng = np.random.default_rng(0)
    random_rule = with_rules(lambda x: x * 2, x=lambda g: g * 2 + rng.standard_normal(3) * 1e-7)
    assert "two backward passes" in cause(random_rule, variable(3))
    assert gradcheck(random_rule, variable(3), nondet_tol=1e-5)


def test_an_input_that_is_changed() -> None:
    def change(x: ag.Tensor) -> ag.Tensor:
        x.data[0] += 1
        return x * 2

    assert "changes its input 0" in cause(change, variable(3))


def test_the_conjugate() -> None:
    square = with_rules(lambda x: x * x, x=lambda g, x: g * 2 * x, conjugates=True)
    assert "the conjugate of what it should be" in cause(square, variable(3, dtype=np.complex128))
    assert gradcheck(with_rules(lambda x: x * x, x=lambda g, x: g * 2 * x), variable(3, dtype=np.complex128))
    lost = with_rules(lambda x: x * 1j, x=lambda g: (g * -1j).real + 0j, conjugates=True)
    assert "imaginary part is lost" in cause(lost, variable(2, dtype=np.complex128))


def test_a_wrong_second_derivative() -> None:
    """The rule computes with values that are no longer part of the graph."""
    cube = with_rules(lambda x: x**3, x=lambda g, x: g * 3 * np.asarray(getattr(x, "data", x)) ** 2)
    assert gradcheck(cube, variable(3))
    assert "no path of the graph" in cause(cube, variable(3), gradgradcheck)


def test_undefined_gradients_of_several_results() -> None:
    class Both(ag.Function):
        @staticmethod
        def forward(ctx: Any, x: ag.Tensor) -> Any:
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, g: Any, h: Any) -> Any:
            return g * 2 if h is None else h * 3

    assert "together is not the sum" in cause(Both.apply, variable(2))
    assert gradcheck(Both.apply, variable(2), check_undefined_grad=False)


# ---------------------------------------------------------------------------------------------------------------------
# Fast mode
# ---------------------------------------------------------------------------------------------------------------------
def test_fast_mode_finds_the_same_and_explains_it() -> None:
    square = with_rules(lambda x: x * x, x=lambda g, x: g * x)
    assert "0.5 times" in cause(square, variable(3), fast_mode=True)
    assert "along a random direction" in cause(square, variable(200, 3), fast_mode=True)
    assert "the conjugate" in cause(
        with_rules(lambda x: x * x, x=lambda g, x: g * 2 * x, conjugates=True),
        variable(3, dtype=np.complex128),
        fast_mode=True,
    )


def test_fast_mode_is_fast() -> None:
    """Two evaluations an input and a few more, whatever the size."""
    calls = 0

    def function(x: ag.Tensor) -> ag.Tensor:
        nonlocal calls
        calls += 1
        return x.tanh()

    assert gradcheck(function, variable(100, 100), fast_mode=True)
    assert calls < 12


def test_tolerances_are_kept() -> None:
    almost = with_rules(lambda x: x * 2, x=lambda g: g * 2.001)
    assert gradcheck(almost, variable(3), rtol=1e-2)
    assert not gradcheck(almost, variable(3), rtol=1e-5, raise_exception=False)
