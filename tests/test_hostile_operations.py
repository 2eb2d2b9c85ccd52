"""What goes wrong in operations that users declare: named, with the operation, where it is seen first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.fused import fused


def double(x):
    return x * 2


def declared(forward: Callable[..., Any], rule: Callable[..., Any] | None = None, **facts: Any) -> Any:
    call = ag.primitive(forward, **facts)
    if rule is not None:
        call.gradient(x=rule)
    return call


def run(call: Any, *more: Any) -> Any:
    x = ag.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    out = call(x, *more)
    sum(part.sum() for part in (out if isinstance(out, tuple) else (out,))).backward()
    return x.grad


@pytest.mark.parametrize("made", [2.0, 2, [[1.0, 2.0], [3.0, 4.0]], (np.ones((2, 2)),), "no array"])
def test_a_rule_that_makes_no_array(made: Any) -> None:
    with pytest.raises(RuntimeError, match=rf"double: its gradient rule returned {type(made).__name__}"):
        run(declared(double, lambda g: made))


def test_a_rule_of_several_results_that_takes_them_for_one() -> None:
    with pytest.raises(RuntimeError, match="two: its gradient rule returned tuple"):
        run(declared(lambda x: (x * 2, x * 3), lambda g: g, name="two"))


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        (lambda g, x, y: (g * y,), "1 gradients"),
        (lambda g, x, y: (g * y, g * x, g), "3 gradients"),
        (lambda g, x, y: None, "NoneType"),
        (lambda g, x, y: g * y, "ndarray"),
    ],
)
def test_a_joint_rule_that_does_not_give_one_gradient_for_each(rule: Callable[..., Any], what: str) -> None:
    call = declared(lambda x, y: x * y, name="product")
    call.gradients("x", "y")(rule)
    with pytest.raises(RuntimeError, match=f"product: its gradient rule returned {what} for x, y"):
        run(call, ag.ones(2, 2).requires_grad_())


@pytest.mark.parametrize("made", [None, "text", {"a": 1}, (np.ones(2), None), NotImplemented])
@pytest.mark.parametrize("more", [0, 1, 2])
def test_a_forward_that_returns_no_array(made: Any, more: int) -> None:
    forward = [lambda x: made, lambda x, y: made, lambda x, y, z: made][more]
    with pytest.raises(TypeError, match="strange: its forward returned"):
        run(declared(forward, name="strange"), *[1.0] * more)


def test_what_is_kept_under_the_name_of_a_parameter() -> None:
    call = declared(lambda x: ag.keep(x * 2, x=2.0), lambda g, x: g * x, name="hidden")
    with pytest.raises(TypeError, match="hidden: its forward keeps x, which is a parameter"):
        run(call)


def test_declarations_that_can_not_be() -> None:
    def with_keyword(x, *, k=2):
        return x * k

    def with_keywords(x, **k):
        return x

    for function in (with_keyword, with_keywords):
        with pytest.raises(TypeError, match=f"{function.__name__}: a primitive has no keyword-only"):
            ag.primitive(function)
    with pytest.raises(TypeError, match="double: a gradient rule has no keyword-only"):
        declared(double, lambda g, *, x: g * x)
    with pytest.raises(TypeError, match="primitive: takes a function, not 5"):
        ag.primitive(5)
    with pytest.raises(TypeError, match="double: a gradient by y"):
        ag.primitive(double).gradients("y")


# -- Arrays that hold no numbers --------------------------------------------------------------------------------------
STRANGE = {
    "object": np.array([1.0, 2.0], object),
    "text": np.array(["a", "b"]),
    "time": np.array([1, 2], "m8[s]"),
    "record": np.zeros(2, "f4,f4"),
    "masked": np.ma.masked_array([1.0, 2.0], mask=[True, False]),
}
TAKERS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, a: x + a,
    "mul": lambda x, a: ag.mul(a, x),
    "lt": lambda x, a: ag.lt(x, a),
    "exp": lambda x, a: ag.exp(a),
    "sum": lambda x, a: ag.sum(a),
    "where": lambda x, a: ag.where(x > 0, x, a),
    "cat": lambda x, a: ag.cat([x, a]),
    "np.add": lambda x, a: np.add(x, a),
    "np.concatenate": lambda x, a: np.concatenate([a, x]),
    "np.where": lambda x, a: np.where(np.array([True, False]), a, x),
}


@pytest.mark.parametrize("take", TAKERS.values(), ids=TAKERS)
@pytest.mark.parametrize("array", STRANGE.values(), ids=STRANGE)
def test_arrays_of_no_numbers_are_refused(array: Any, take: Callable[[Any, Any], Any]) -> None:
    for requires_grad in (False, True):
        with pytest.raises(TypeError, match=r"can not (work with|hold)|lose its mask"):
            take(ag.ones(2).requires_grad_(requires_grad), array)


def test_a_kernel_without_a_backward_loses_no_gradient() -> None:
    call = fused(lambda x: ag.exp(x), name="half_declared")
    call.kernel(np.exp)
    x = ag.ones(2).requires_grad_()
    (call(x) + x).sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.data, np.exp(1.0) + 1, rtol=1e-6)


def test_one_tensor_does_not_take_two_results() -> None:
    out = ag.zeros(2)
    with pytest.raises(ValueError, match="sort: the tensors of out share their memory"):
        ag.sort(ag.ones(2), out=(out, out))
    assert out.tolist() == [0.0, 0.0]
    columns = ag.zeros(2, 2), ag.zeros(2, 2, dtype=ag.int64)
    ag.sort(ag.ones(2), out=(columns[0][:, 0], columns[1][:, 1]))


def test_a_primitive_without_a_rule_does_not_lose_its_gradient() -> None:
    """Where a backward pass arrives at it, it raises, unless it was said that there is none."""
    op = ag.primitive(lambda x: x * x, name="squared")
    x = ag.ones(2, requires_grad=True)
    y = (op(x) + x).sum()
    with pytest.raises(RuntimeError, match="squared: has no gradient"):
        y.backward()
    two = ag.primitive(lambda x, y: x * y, name="times")
    with pytest.raises(RuntimeError, match="times: has no gradient"):
        two(x, 3.0).sum().backward()
    op.gradient()
    (op(x) + x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 1.0]
    assert not op(x).requires_grad
    op.gradient(x=lambda g, x: 2 * g * x)
    assert ag.grad(op(x).sum(), [x])[0].tolist() == [2.0, 2.0]
