"""`out=`: the result is written to a tensor that is given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag


def test_the_result_is_written_to_out_which_is_returned() -> None:
    x = ag.tensor([1.0, 4.0, 9.0])
    out = ag.zeros(3)
    assert ag.sqrt(x, out=out) is out
    assert out.tolist() == [1.0, 2.0, 3.0]
    assert ag.add(x, 1, out=out) is out
    assert out.tolist() == [2.0, 5.0, 10.0]
    assert ag.clamp(x, 2, 5, out=out) is out
    assert out.tolist() == [2.0, 4.0, 5.0]
    assert x.mul(2.0, out=out) is out
    assert out.tolist() == [2.0, 8.0, 18.0]


def test_views_and_other_dtypes_can_be_written_to() -> None:
    table = ag.zeros(2, 3, dtype=np.float64)
    ag.exp(ag.zeros(3), out=table[1])
    assert table.tolist() == [[0.0] * 3, [1.0] * 3]


def test_several_results_go_to_several_tensors() -> None:
    values, indices = ag.zeros(2), ag.zeros(2, dtype=np.int64)
    found = ag.max(ag.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=1, out=(values, indices))
    assert found.values is values
    assert found.indices is indices
    assert (values.tolist(), indices.tolist()) == ([5.0, 7.0], [1, 0])


def test_a_reduction_and_a_product_take_out() -> None:
    x = ag.ones(2, 3)
    out = ag.zeros(3)
    assert ag.sum(x, dim=0, out=out) is out
    assert out.tolist() == [2.0] * 3
    square = ag.zeros(2, 2)
    assert ag.matmul(x, x.T, out=square) is square
    assert square.tolist() == [[3.0, 3.0], [3.0, 3.0]]


def test_what_needs_the_old_values_notices() -> None:
    x = ag.ones(3, requires_grad=True)
    old = ag.full((3,), 2.0)
    y = x * old
    ag.exp(ag.zeros(3), out=old)
    with pytest.raises(RuntimeError, match="overwritten by exp"):
        y.sum().backward()


@pytest.mark.parametrize(
    ("out", "kind", "words"),
    [
        (lambda: ag.zeros(4), ValueError, "out has the shape (4,), and the result (3,)"),
        (lambda: ag.zeros(3, dtype=np.int64), TypeError, "out is int64"),
        (lambda: [0.0, 0.0, 0.0], TypeError, "out takes a tensor"),
        (lambda: ag.zeros(3, requires_grad=True), RuntimeError, "no_grad"),
    ],
)
def test_wrong_use_is_named(out: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        ag.exp(ag.zeros(3), out=out())
    assert words in str(caught.value)
    assert "exp" in str(caught.value)


def test_what_requires_a_gradient_is_not_written_without_saying_so() -> None:
    x = ag.zeros(3, requires_grad=True)
    out = ag.zeros(3)
    with pytest.raises(RuntimeError, match="not recorded"):
        ag.exp(x, out=out)
    assert out.tolist() == [0.0] * 3
    with ag.no_grad():
        assert ag.exp(x, out=out).tolist() == [1.0] * 3
