"""Functions of single numbers as operations: values, gradients of any order, branches, and what can not be read."""

from __future__ import annotations

import math
from collections.abc import Callable
from math import exp
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Sample, elementwise
from autograd.op import registry
from autograd.testing import Draw, describe_sample, failures

SCALE = 1.5


def _gate(x, sharpness=2.0):
    return 1 / (1 + exp(-sharpness * x))


@elementwise(reference=lambda x, beta=1.0: x / (1 + np.exp(-beta * x)))
def swish(x, beta=1.0):
    """x sigmoid(beta x)."""
    return x / (1 + exp(-beta * x))


@elementwise(reference=lambda x, y: np.where(abs(x - y) < 1, (x - y) ** 2 / 2, abs(x - y) - 0.5))
def huber(x, y):
    difference = abs(x - y)
    if difference < 1:
        return 0.5 * difference**2
    return difference - 0.5


@elementwise(reference=lambda x: SCALE * x * _numpy_gate(x) + _numpy_gate(x, 0.5))
def gated(x):
    once = _gate(x)
    once *= SCALE
    return once * x + _gate(x, sharpness=0.5)


def _numpy_gate(x: Any, sharpness: float = 2.0) -> Any:
    return 1 / (1 + np.exp(-sharpness * x))


@elementwise(reference=lambda x, low, high: np.minimum(np.maximum(x, low), high) * np.tanh(x) ** 3 / np.sqrt(x * x + 1))
def clipped(x, low, high):
    y = max(min(x, high), low)
    return y * np.tanh(x) ** 3 * (x * x + 1) ** -0.5


@elementwise(
    reference=lambda x, n: np.where((x > 0) & (x < n), np.log1p(np.abs(x)), np.where(x > n, n * x, np.expm1(x)))
)
def pieces(x, n):
    if x > 0 and x < n:
        out = math.log1p(x)
    elif not x <= n:
        out = n * x
    else:
        out = np.expm1(x)
    return out


@elementwise(reference=lambda x: np.sin(x) * np.cos(2 * x) + np.arctan(x) + np.sinh(x / 3) - np.cosh(x / 4))
def waves(x):
    return math.sin(x) * math.cos(2 * x) + math.atan(x) + math.sinh(x / 3) - math.cosh(x / 4)


@elementwise(domain=(0.2, 3.0), reference=lambda x, block, i: np.log(x) * block + np.exp(-i * x) / (x + block) - x**1.5)
def named_like_the_loop(x, block, i):
    choose = math.log(x) * block
    return choose + autograd.exp(-i * x) / (x + block) - x**1.5


@elementwise(reference=lambda x, y: np.full(np.broadcast_shapes(np.shape(x), np.shape(y)), 3.0))
def constant(x, y):
    return 3.0


def _samples(draw: Draw) -> dict[Any, list[Sample]]:
    def away(*shape: int) -> np.ndarray:
        return draw.away(*shape, points=(-1.0, 0.0, 0.5, 1.0))

    return {
        swish: [Sample(draw(3, 4)), Sample(draw(5), 2.0), Sample(draw(3, 4), draw(4)), Sample(draw(2, 0), draw())],
        huber: [
            Sample(draw(3, 4), draw(3, 4) + 3),
            Sample(draw(3, 1) / 20, draw(1, 4) / 20 + 0.3),
            Sample(draw(), 9.0),
        ],
        gated: [Sample(draw(3, 4)), Sample(draw()), Sample(draw(0))],
        clipped: [Sample(away(3, 4), -1.0, 0.5), Sample(away(3, 4), np.full(4, -1.0), np.full((3, 1), 0.5))],
        pieces: [Sample(away(3, 4), 1.0), Sample(away(50), 1.0)],
        waves: [Sample(draw(3, 4)), Sample(draw(2, 3, 2))],
        named_like_the_loop: [
            Sample(draw(3, 4, low=0.2, high=3.0), draw(4, low=0.2, high=3.0), 0.5),
            Sample(draw(3, low=0.2, high=3.0), 1.0, draw(3, low=0.2, high=3.0)),
        ],
    }


CASES = [
    pytest.param(call, sample, id=f"{call.op.name}-{i}")
    for call, samples in _samples(Draw("per_element", (-2.0, 2.0))).items()
    for i, sample in enumerate(samples)
]


@pytest.mark.parametrize(("call", "sample"), CASES)
def test_conformance(call: Any, sample: Sample) -> None:
    """Value, gradient, second derivative, dtypes, broadcasting and the rest: what holds for the package's own."""
    found = list(failures(call.op, sample))
    assert not found, f"{call.op.name}({describe_sample(sample)}):\n" + "\n".join(found)


def test_declaring_adds_nothing_to_the_package() -> None:
    assert "swish" not in {name for name, op in registry.items() if op is swish.op}
    assert swish.__doc__ == "x sigmoid(beta x)."
    assert swish.__name__ == "swish"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_arrays(dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, y, g = (rng.standard_normal((300, 401)).astype(dtype) for _ in range(3))
    a, b = autograd.tensor(x, requires_grad=True), autograd.tensor(y[:, :1], requires_grad=True)
    out = huber(a, b)
    out.backward(autograd.tensor(g))
    d = x.astype("d") - y[:, :1]
    tolerance = 1e-5 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(
        out.detach().numpy(), np.where(abs(d) < 1, d * d / 2, abs(d) - 0.5), rtol=tolerance, atol=1e-6
    )
    slope = np.where(abs(d) < 1, d, np.sign(d)) * g
    np.testing.assert_allclose(a.grad.numpy(), slope, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(b.grad.numpy(), -slope.sum(1, keepdims=True), rtol=tolerance, atol=1e-4)
    assert out.dtype == a.grad.dtype == np.dtype(dtype)


def test_the_same_bits_for_any_number_of_threads() -> None:
    x = np.random.default_rng(0).standard_normal(300_000).astype("float32")
    before = autograd.get_num_threads()
    found = []
    try:
        for threads in (1, 2):
            autograd.set_num_threads(threads)
            t = autograd.tensor(x, requires_grad=True)
            out = gated(t)
            out.backward(autograd.tensor(x))
            found.append((out.detach().numpy().tobytes(), t.grad.numpy().tobytes()))
    finally:
        autograd.set_num_threads(before)
    assert found[0] == found[1]


@elementwise
def root_above(x):
    return math.sqrt(x) if x > 0 else x


@elementwise
def inverse_where(x):
    if x != 0:
        return 1 / x
    return 0.0


def test_what_was_not_taken_has_no_part() -> None:
    for n in (5, 50_000):
        x = np.linspace(-1, 1, n, dtype=np.float32)
        for call, slope in (
            (root_above, lambda v: 0.5 / np.sqrt(v) if v > 0 else 1.0),
            (inverse_where, lambda v: -1 / v / v if v else 0.0),
        ):
            t = autograd.tensor(x, requires_grad=True)
            out = call(t)
            out.sum().backward()
            expected = np.array([slope(v) for v in x.astype("d")])
            np.testing.assert_allclose(t.grad.numpy(), expected, rtol=1e-4)
            assert np.isfinite(out.detach().numpy()).all()
            (recorded,) = autograd.grad(call(t).sum(), [t], create_graph=True)
            np.testing.assert_allclose(recorded.detach().numpy(), expected, rtol=1e-4)


def test_a_gradient_of_zero_absorbs_and_strict_nan_reports() -> None:
    x = autograd.tensor([0.0, 1.0], requires_grad=True)
    half = elementwise(_root)
    autograd.where(x > 0, half(x), 0.0).sum().backward()
    assert x.grad.tolist() == [0.0, 0.5]
    x.grad = None
    with autograd.strict_nan():
        autograd.where(x > 0, half(x), 0.0).sum().backward()
    assert np.isnan(x.grad.numpy()[0])


def _root(x):
    return x**0.5


def test_numbers_are_not_compiled_in() -> None:
    compiled = swish.op.call.__wrapped__
    assert compiled.__name__ == "swish"
    x = autograd.tensor([1.0, 2.0])
    for beta in (0.5, 1, 3.0, np.float64(0.25)):
        np.testing.assert_allclose(
            swish(x, beta).numpy(), x.numpy() / (1 + np.exp(-float(beta) * x.numpy())), rtol=1e-6
        )
    np.testing.assert_allclose(swish(x, beta=autograd.tensor(2.0)).numpy(), swish(x, 2.0).numpy())


def test_what_no_loop_takes() -> None:
    x = np.array([0.5, -1.0, 2.0])
    assert swish(autograd.tensor(x.astype("float16"))).dtype == np.dtype("float16")
    np.testing.assert_allclose(swish(autograd.tensor([1, -2])).numpy(), swish(np.array([1.0, -2.0])), rtol=1e-6)
    assert swish(x).dtype == np.dtype("float64")
    assert isinstance(swish(x), np.ndarray)
    assert float(swish(2.0)) == pytest.approx(2 / (1 + math.exp(-2)))
    mixed = swish(autograd.tensor(x.astype("f")), autograd.tensor(x))
    assert mixed.dtype == np.dtype("float64")


def test_results_that_depend_on_nothing() -> None:
    a, b = autograd.tensor(np.ones((2, 1)), requires_grad=True), autograd.tensor(np.ones(3), requires_grad=True)
    out = constant(a, b)
    assert out.tolist() == [[3.0] * 3] * 2
    out.sum().backward()
    assert a.grad.tolist() == [[0.0], [0.0]]
    (recorded,) = autograd.grad(constant(a, b).sum(), [b], create_graph=True, allow_unused=True)
    assert recorded is None or not recorded.detach().numpy().any()


def _loops(x):
    for _ in range(3):
        x = x * x
    return x


def _unknown(x):
    return undefined(x)  # noqa: F821


def _other_power(x):
    return x**0.3


def _variable_power(x, y):
    return x**y


def _no_return(x):
    if x > 0:
        return x


def _strange_call(x):
    return np.linalg.norm(x)


def _modulo(x):
    return x % 2


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (_loops, "statement that can not be read"),
        (_unknown, "undefined"),
        (_other_power, "exp(0.3 * log(x))"),
        (_variable_power, "power that is not constant"),
        (_no_return, "returns nothing"),
        (_strange_call, "np.linalg.norm"),
        (_modulo, "operator"),
    ],
)
def test_what_can_not_be_read_is_named(function: Callable[..., Any], words: str) -> None:
    call = elementwise(function)
    with pytest.raises(TypeError) as caught:
        call(*[autograd.ones(3)] * function.__code__.co_argcount)
    assert words in str(caught.value)
    assert function.__name__ in str(caught.value)


def test_parameters_that_can_not_be() -> None:
    def takes_g(x, g):
        return x * g

    def takes_any(*x):
        return x[0]

    for function in (takes_g, takes_any):
        with pytest.raises(TypeError, match="elementwise: takes_"):
            elementwise(function)
    with pytest.raises(TypeError, match="def"):
        elementwise(lambda x: x * 2)(autograd.ones(2))
