"""NumPy's functions inside vmap: what they give for each example, with NumPy's own parameters and defaults."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import func, vmap
from tests.numpy_cases import CASES, M, V

LEFT_OUT = {"ufunc-where-0", "ufunc-out-0", "ufunc-out-1"}  # these write into an argument,
LEFT_OUT |= {"unique-1"}  # and of this the shape depends on the values
X = np.stack([M, 2 - M, M * M])


def parts(result: Any) -> list[Any]:
    if isinstance(result, (list, tuple)):
        return [part for member in result for part in parts(member)]
    return [result]


@pytest.mark.parametrize("case", [case for case in CASES if case not in LEFT_OUT])
def test_each_example_is_as_outside(case):
    function, *arrays = CASES[case]
    batch = [np.stack([a, a * 1.25]) for a in arrays]
    with np.errstate(all="ignore"):
        want = [parts(function(*[b[i].copy() for b in batch])) for i in (0, 1)]
    have = parts(vmap(function)(*[ag.Tensor(b.copy()) for b in batch]))
    assert len(have) == len(want[0])
    for h, pair in zip(have, zip(*want, strict=True), strict=True):
        assert h.dtype == np.asarray(pair[0]).dtype
        np.testing.assert_allclose(h.data, np.stack(pair), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.var(x),
        lambda x: np.std(x, 1),
        lambda x: np.median(x, axis=0),
        lambda x: np.sum(x, axis=()),
        lambda x: np.nanmax(x, 1),
        lambda x: np.add.reduce(x, axis=1) + np.multiply.accumulate(x, 0)[0].sum(),
        lambda x: np.add(x, 1, dtype=np.float64) + np.divmod(x, 0.7)[1],
        lambda x: np.round(x, 1) + np.argmax(x) + np.argsort(x, kind="stable"),
        lambda x: np.sum(x > 0, 1) + np.mean(np.floor(x).astype(np.int32), 1),
        lambda x: np.linalg.norm(x, 2) + np.trapezoid(x, dx=0.5),
        lambda x: np.unique(x) + np.histogram(x if isinstance(x, np.ndarray) else x.detach(), 3)[0].sum(),
    ],
)
def test_values_and_gradients_of_nested_batches(function):
    want = np.stack([function(x) for x in X])
    x = ag.Tensor(X, requires_grad=True)
    have = vmap(function)(x)
    np.testing.assert_allclose(have.detach().data, want, rtol=1e-12)
    nested = vmap(vmap(function))(ag.Tensor(np.stack([X, X[::-1]])))
    np.testing.assert_allclose(nested.data, np.stack([want, want[::-1]]), rtol=1e-12)
    if have.requires_grad:
        (gradient,) = ag.grad((have * have).sum(), x)
        y = ag.Tensor(X, requires_grad=True)
        one_by_one = ag.stack([function(row) for row in y])
        np.testing.assert_allclose(gradient.data, ag.grad((one_by_one * one_by_one).sum(), y)[0].data, rtol=1e-12)


def test_the_gradient_of_each_example():
    have = vmap(func.grad(lambda row: np.var(row)))(ag.Tensor(X.reshape(3, -1)))
    rows = X.reshape(3, -1)
    np.testing.assert_allclose(have.data, 2 * (rows - rows.mean(1, keepdims=True)) / rows.shape[1])


def test_what_writes_into_an_argument_is_refused():
    same = ag.Tensor(V.copy())
    rows = ag.Tensor(np.stack([V, V]))
    for write in (
        lambda x: np.add(x, 1, out=same),
        lambda x: np.sum(x[None], 0, None, same),
        lambda x: np.copyto(same, x),
        lambda x: np.add.at(same, [0], x[:1]),
        lambda x: np.put(same, [0], x[:1]),
    ):
        with pytest.raises(RuntimeError, match="writes into one of its arguments"):
            vmap(write)(rows)
    assert same.tolist() == V.tolist()
