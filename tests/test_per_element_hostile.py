"""What users write under `@elementwise`: read as Python means it, or refused by name."""

from __future__ import annotations

import functools
import importlib
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import elementwise

HALF = 0.5
INF = float("inf")


def values_and_slopes(call: Any, *x: float) -> tuple[list[float], list[float]]:
    t = ag.tensor(np.array(x), requires_grad=True)
    y = call(t)
    y.sum().backward()
    assert t.grad is not None
    return y.tolist(), t.grad.tolist()


# -- Powers where a factor is 0 or infinite ---------------------------------------------------------------------------
def _root(x):
    return x**0.5


def _inverse_root(x):
    return x**-0.5


def _three_halves(x):
    return x**1.5


def _inverse_three_halves(x):
    return x**-1.5


def _inverse_square(x):
    return x**-2


def _cube(x):
    return x**3


def _by_function(x):
    return pow(x, 2) + math.pow(x, 3)


@pytest.mark.parametrize(
    ("function", "exponent"),
    [
        (_root, 0.5),
        (_inverse_root, -0.5),
        (_three_halves, 1.5),
        (_inverse_three_halves, -1.5),
        (_inverse_square, -2.0),
        (_cube, 3.0),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_powers_are_those_of_numpy(function: Callable[..., Any], exponent: float, create_graph: bool) -> None:
    x = np.array([0.0, 0.25, 1.0, 3.0, INF])
    t = ag.tensor(x, requires_grad=True)
    y = elementwise(function)(t)
    (slope,) = ag.grad(y.sum(), t, create_graph=create_graph)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(y.data, x**exponent, rtol=1e-14)
        np.testing.assert_allclose(slope.data, exponent * x ** (exponent - 1), rtol=1e-14)
    if create_graph:
        (second,) = ag.grad(slope.sum(), t)
        with np.errstate(all="ignore"):
            expected = exponent * (exponent - 1) * x ** (exponent - 2)
        np.testing.assert_allclose(second.data, expected, rtol=1e-13)


def test_powers_by_function() -> None:
    assert values_and_slopes(elementwise(_by_function), 2.0) == ([12.0], [16.0])


# -- As Python has it -------------------------------------------------------------------------------------------------
def _or_three(x):
    return x or 3.0


def _and_one(x):
    return x and 1.0


def _zero_times(x):
    return 0.0 * x + 1


def _zero_over(x):
    return 0 / x


def _of_constants(x):
    return x * (7 // 2) * (7 % 4) * (1 << 2) * max(2, 1) * abs(-3) * (1 if 1 < 2 else 0)


def _recursive(x, n):
    return x if n == 0 else _recursive(x * x, n - 1)


def _by_recursion(x):
    return _recursive(x, 3)


def _flags(x):
    big = False
    if x > 1:
        big = True
    small = x < -1
    if big:
        small = False
    return 10 * x if big or small else x


def test_or_and_and_give_one_of_the_two() -> None:
    assert values_and_slopes(elementwise(_or_three), -2.0, 0.0) == ([-2.0, 3.0], [1.0, 0.0])
    assert values_and_slopes(elementwise(_and_one), -2.0, 0.0) == ([1.0, 0.0], [0.0, 1.0])


def test_a_factor_of_zero_does_not_hide_what_is_undefined() -> None:
    for call in (elementwise(_zero_times), elementwise(_zero_over)):
        y = call(ag.tensor([math.nan, 0.0 if call.__name__ == "_zero_over" else INF]))
        assert y.isnan().all()


def test_constants_are_computed_as_python_does() -> None:
    assert values_and_slopes(elementwise(_of_constants), 1.0) == ([216.0], [216.0])
    assert values_and_slopes(elementwise(_by_recursion), 2.0) == ([256.0], [1024.0])


def test_functions_of_constants_have_the_precision_of_the_arrays() -> None:
    def scaled(x):
        return x * math.exp(1.0)

    x = ag.tensor(np.array([1.0]), requires_grad=True)
    (slope,) = ag.grad(elementwise(scaled)(x), x, create_graph=True)
    assert slope.item() == math.e
    assert ag.vmap(elementwise(scaled))(x).item() == math.e


def test_branches_assign_conditions() -> None:
    assert values_and_slopes(elementwise(_flags), -2.0, 0.5, 2.0) == ([-20.0, 0.5, 20.0], [10.0, 1.0, 10.0])


def _steps(count: int) -> str:
    steps = "".join(f"    if x > {i}:\n        y = y + {i}\n" for i in range(count))
    return f"def stairs(x):\n    y = x\n{steps}    return y\n"


def _paths(count: int) -> str:
    steps = "".join(
        f"    if x > {i}:\n        y = y + 1\n        if x > 2 * y:\n            return y\n" for i in range(count)
    )
    return f"def paths(x):\n    y = x\n{steps}    return y\n"


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a file and imports it."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(source: str) -> Any:
        (tmp_path / "hostile_source.py").write_text(source)
        importlib.invalidate_caches()
        return importlib.import_module("hostile_source")

    yield write
    sys.modules.pop("hostile_source", None)


def test_many_branches_one_after_the_other(load: Any) -> None:
    stairs = elementwise(load(_steps(30)).stairs)
    assert values_and_slopes(stairs, -1.0, 2.5) == ([-1.0, 5.5], [1.0, 1.0])


def test_too_many_paths_are_refused(load: Any) -> None:
    with pytest.raises(TypeError, match="too many paths"):
        elementwise(load(_paths(40)).paths)(ag.ones(2))


# -- The function itself, and not another -----------------------------------------------------------------------------
def tenfold(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inner(x):
        return 10 * function(x)

    return inner


@tenfold
def _doubled(x):
    return x * 2


def _of_doubled(x):
    return _doubled(x)


def test_decorators_count() -> None:
    assert values_and_slopes(elementwise(_doubled), 1.0) == ([20.0], [20.0])
    assert values_and_slopes(elementwise(_of_doubled), 1.0) == ([20.0], [20.0])


@ag.primitive
def tanh(x):
    """Three times x, under the name of a known function."""
    return 3 * x


tanh.gradient(x=lambda g: 3 * g)


def _of_a_primitive(x):
    return tanh(x)


def test_a_primitive_with_the_name_of_a_known_function_is_not_taken_for_it() -> None:
    with pytest.raises(TypeError, match="tanh"):
        elementwise(_of_a_primitive)(ag.ones(2))


def test_a_file_that_was_edited_is_not_read_for_what_was_loaded(load: Any, tmp_path: Path) -> None:
    module = load("def f(x):\n    return x * 2\n\n\ndef g(x):\n    return x * 3\n")
    (tmp_path / "hostile_source.py").write_text("def f(x):\n    return x * 200\n\n\ndef g(x):\n    return x * 3\n")
    with pytest.raises(TypeError, match="the source of f has changed"):
        elementwise(module.f)(ag.ones(2))
    assert elementwise(module.g)(ag.ones(2)).tolist() == [3.0, 3.0]


def test_names_of_parameters_are_free() -> None:
    @elementwise
    def f(_compiled, real, choose, math, axis, x_shape):
        return _compiled * real + choose * math + axis * x_shape

    x = ag.tensor([2.0], requires_grad=True)
    y = f(x, 3.0, x, 5.0, x, 7.0)
    y.backward()
    assert y.item() == 30
    assert x.grad is not None
    assert x.grad.item() == 15


# -- Refused by name --------------------------------------------------------------------------------------------------
def _inverted(x):
    return ~x


def _method(x):
    return x.exp()


def _inside(x):
    return x.args


def _no_such(x):
    return math.nothing(x)


def _truth(x):
    return x * (x > 0)


def _half_assigned(x):
    if x > 0:
        HALF = x
    return HALF


def _by_zero(x):
    return x + 1 / 0


def _logarithm_of_zero(x):
    return x + math.log(0)


def _too_large(x):
    return x * 10**400


def _starred(x):
    return max(*[x])


def _wrong_call(x):
    return _doubled(x, 2, 3)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (_inverted, "~x"),
        (_method, "x is a number"),
        (_inside, "x is a number"),
        (_no_such, "math.nothing"),
        (_truth, "1.0 if condition else 0.0"),
        (_half_assigned, "HALF, which is not assigned"),
        (_by_zero, "division by zero"),
        (_logarithm_of_zero, "math.log(0)"),
        (_too_large, "too large"),
        (_starred, "arguments that can not be read"),
        (_wrong_call, "too many positional arguments"),
    ],
)
def test_refused(function: Callable[..., Any], words: str) -> None:
    with pytest.raises(TypeError) as caught:
        elementwise(function)(ag.ones(3))
    assert words in str(caught.value)
    assert function.__name__ in str(caught.value)


@pytest.mark.parametrize("what", [5, np.exp, math.exp, functools.partial(math.exp), int, "x".upper])
def test_what_is_no_python_function(what: Any) -> None:
    with pytest.raises(TypeError, match="elementwise: takes a Python function"):
        elementwise(what)


def test_no_parameters() -> None:
    with pytest.raises(TypeError, match="no parameter"):

        @elementwise
        def nothing():
            return 1.0


def test_a_function_made_by_exec_is_refused_with_its_name() -> None:
    scope: dict[str, Any] = {}
    exec("def made(x): return x", scope)
    with pytest.raises(TypeError, match="the source of made"):
        elementwise(scope["made"])(ag.ones(2))


def test_empty_arrays_broadcast() -> None:
    @elementwise
    def product(x, y):
        return x * y

    for a, b in [((0, 3), (1, 3)), ((0,), (1,)), ((3, 1), (1, 0)), ((2, 0, 3), (3,)), ((0, 1), (1, 4))]:
        x, y = ag.ones(a).requires_grad_(), ag.ones(b).requires_grad_()
        z = product(x, y)
        assert z.shape == np.broadcast_shapes(a, b)
        z.sum().backward()
        assert x.grad is not None
        assert y.grad is not None
        assert x.grad.shape == a
        assert y.grad.tolist() == np.zeros(b).tolist()
    with pytest.raises(ValueError, match=r"product: shapes \(2, 3\) and \(4,\) do not broadcast"):
        product(ag.ones(2, 3), ag.ones(4))


@elementwise
def second(x, y):
    return y


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_result_that_is_a_parameter_has_memory_of_its_own(dtype: str) -> None:
    x = ag.ones(3).astype(dtype)
    second(0.0, x).mul_(10)
    assert x.tolist() == [1.0, 1.0, 1.0]


def test_a_parameter_that_does_not_count() -> None:
    x = ag.ones(3).requires_grad_()
    assert ag.grad(second(x, ag.ones(3)).sum(), x)[0].tolist() == [0.0, 0.0, 0.0]
    assert ag.grad(second(x, ag.ones(3)).sum(), x, create_graph=True, allow_unused=True) == (None,)


def test_numbers_of_numpy_have_their_dtype() -> None:
    x = ag.ones(3)
    assert _swish(x, np.float64(2)).dtype == (x * np.float64(2)).dtype == np.float64
    assert _swish(x, np.float32(2)).dtype == _swish(x, 2.0).dtype == np.float32


@elementwise
def _swish(x, beta):
    return x / (1 + math.exp(-beta * x))
