"""Errors say which operation made a tensor and, where anomaly mode has noted it, on which line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.calls import make_composite_call
from autograd.function import Function
from autograd.op import Op


def told(function: Callable[[], Any], kind: type[Exception] = RuntimeError) -> str:
    """All that an error says: its text, and the notes below it."""
    with pytest.raises(kind) as caught:
        function()
    return "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


def line_with(mark: str) -> str:
    """The place of the only line of this file that ends in a comment of that name, as errors give it."""
    with open(__file__, encoding="utf8") as file:
        (number,) = [i for i, line in enumerate(file, 1) if line.rstrip().endswith(f"# {mark}")]
    return f"{__file__}:{number}: "


def variable(*shape: int) -> ag.Tensor:
    return ag.ones(*shape, requires_grad=True)


def test_operands_that_do_not_fit_are_named() -> None:
    y = variable(2, 3).relu()
    text = told(lambda: y @ ag.ones(2, 3), ValueError)
    assert "matmul: inner sizes differ: (2, 3) @ (2, 3)" in text
    assert "x, of shape (2, 3), is the result of relu." in text
    assert "y, of" not in text  # a leaf, which nobody made


def test_in_anomaly_mode_with_their_lines() -> None:
    with ag.detect_anomaly():
        a = variable(2, 3).relu()  # line of a
        b = variable(4).exp()  # line of b
    text = told(lambda: a + b, ValueError)
    assert f"x, of shape (2, 3), is the result of relu at {line_with('line of a')}" in text
    assert f"y, of shape (4,), is the result of exp at {line_with('line of b')}" in text


def test_members_of_lists_and_one_of_several_results() -> None:
    with ag.detect_anomaly():
        values, _ = variable(2, 3).sort()  # line of sort
        row = values.exp()
    text = told(lambda: ag.cat([row, values, ag.ones(4)]), ValueError)
    assert "tensors[0], of shape (2, 3), is the result of exp" in text
    assert f"tensors[1], of shape (2, 3), is the result of sort at {line_with('line of sort')}" in text


def test_every_way_of_calling_says_it() -> None:
    y = variable(2, 3).exp()
    for function in (
        lambda: ag.linalg.inv(y),  # one tensor
        lambda: y.sum(dim=5),  # one tensor and a setting
        lambda: y @ y,  # two
        lambda: ag.linear(y, ag.ones(2, 2)),  # three
        lambda: nn.functional.gaussian_nll_loss(y, ag.ones(3, 4), ag.ones(2, 3)),  # a composite
    ):
        assert "is the result of exp" in told(function, Exception)


def test_lines_of_layers_are_not_the_users() -> None:
    """What a layer computes was asked for by the line that called the layer."""
    layer = nn.Linear(3, 4)
    with ag.detect_anomaly():
        out = layer(ag.ones(2, 3))  # line of the layer
    assert f"at {line_with('line of the layer')}" in told(lambda: out @ ag.ones(3), ValueError)


def test_a_second_backward_pass() -> None:
    x = variable(3)
    with ag.detect_anomaly():
        y = (x * x).sum()  # line of the sum
    y.backward()
    text = told(y.backward)
    assert "the graph was freed by an earlier backward pass (at sum, output shape ()" in text
    assert line_with("line of the sum") in text


def test_an_overwritten_array() -> None:
    x = variable(3)
    y = x * 1
    with ag.detect_anomaly():
        z = y.exp()  # line of exp
    z += 1
    text = told(lambda: z.sum().backward())
    assert "exp: an array of shape (3,) that its gradient needs was overwritten by add_" in text
    assert line_with("line of exp") in text


def test_nan() -> None:
    x = ag.tensor([0.0], requires_grad=True)
    with ag.detect_anomaly(), ag.strict_nan():
        y = x.sqrt() * 0  # line of NaN
        text = told(y.sum().backward)
    assert "the gradient of sqrt (output shape (1,)) is NaN" in text
    assert line_with("line of NaN") in text


class Wrong(Function):
    """Fails in its backward as it is told to."""

    @staticmethod
    def forward(ctx: Any, x: ag.Tensor, how: str) -> ag.Tensor:
        ctx.how = how
        return x * 2

    @staticmethod
    def backward(ctx: Any, g: ag.Tensor) -> Any:
        if ctx.how == "shape":
            return ag.ones(7), None
        if ctx.how == "count":
            return g
        raise KeyError("lost")


@pytest.mark.parametrize(
    ("how", "kind", "words"),
    [
        ("shape", RuntimeError, "made a gradient of shape (7,) for an input of shape (2, 3)"),
        ("count", RuntimeError, "returned 1 gradients for 2 inputs"),
        ("raise", KeyError, "lost"),
    ],
)
def test_a_rule_that_fails(how: str, kind: type[Exception], words: str) -> None:
    y = Wrong.apply(variable(2, 3), how)
    text = told(y.sum().backward, kind)
    assert words in text
    assert "In the backward pass, at Wrong, whose result has shape (2, 3)." in text
    with ag.detect_anomaly():
        y = Wrong.apply(variable(2, 3), how)
    text = told(y.sum().backward, kind)
    assert re.search(r"at Wrong, whose result has shape \(2, 3\) at .*test_error_places.py:\d+: y = Wrong.apply", text)


def test_a_rule_of_numpy_that_fails() -> None:
    @ag.primitive
    def doubled(x):
        """Doubled.  x: (*) -> (*)"""
        return x * 2

    doubled.gradient(x=lambda g: np.asarray(g) @ np.ones(5))
    text = told(doubled(variable(2, 3)).sum().backward, ValueError)
    assert "In the backward pass, at doubled, whose result has shape (2, 3)." in text


def test_notes_say_each_thing_once() -> None:
    y = Wrong.apply(variable(2, 3), "raise") * 2
    text = told(y.sum().backward, KeyError)
    assert text.count("In the backward pass") == 1


# ---------------------------------------------------------------------------------------------------------------------
# Composites
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (
            lambda x: x.index_put((ag.tensor([4, 0]),), x[:2], True),
            IndexError,
            r"index_put: index 4 .*x=float32\(4, 5\)",
        ),
        (lambda x: x.index_put((ag.tensor([1]), ag.tensor([[1], [0]])), x, True), ValueError, "expand: "),
        (
            lambda x: x.index_put((ag.zeros(2).long(), ag.zeros(3).long()), 1.0, True),
            IndexError,
            r"^index_put: .*indices",
        ),
        (lambda x: ag.rot90(x, None), TypeError, "rot90: "),
        (lambda x: ag.gradient(3), AttributeError, r"gradient: .*=3"),
        (lambda x: ag.take(x, "a"), TypeError, "take: "),
    ],
)
def test_what_fails_inside_a_composite_is_named(call: Callable[[Any], Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text) as caught:
        call(ag.ones(4, 5))
    assert caught.value.__cause__ is None


def test_an_error_of_a_kind_of_its_own_passes_a_composite_as_it_is() -> None:
    class Own(ValueError):
        pass

    def fails(x: Any) -> Any:
        raise Own("mine")

    with pytest.raises(Own, match=r"^mine$"):
        make_composite_call(Op(fails, "composite"))(ag.ones(2))
