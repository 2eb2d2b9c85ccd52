"""What a tensor is made of, what it becomes in an operation, and how it prints."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.testing import assert_close


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1.5, np.float32),
        ([1.5, 2], np.float32),
        ([[1, 2], [3, 4]], np.int64),
        (3, np.int64),
        (True, np.bool_),
        ([True, False], np.bool_),
        (1 + 2j, np.complex64),
        ([], np.float32),
        (np.float64(1.5), np.float64),
        (np.array([1.5]), np.float64),
        (np.array([1], np.int16), np.int16),
        ([np.float64(1.5), 2.0], np.float64),
        (range(3), np.int64),
    ],
)
def test_dtype_of_what_is_given(data, dtype) -> None:
    assert Tensor(data).dtype == dtype
    assert ag.tensor(data).dtype == dtype


def test_sharing_and_copying() -> None:
    array = np.zeros(3)
    assert np.shares_memory(Tensor(array).data, array)
    assert np.shares_memory(ag.from_numpy(array).data, array)
    assert np.shares_memory(ag.as_tensor(array).data, array)
    assert not np.shares_memory(ag.tensor(array).data, array)
    x = Tensor(array)
    assert ag.as_tensor(x) is x
    assert np.shares_memory(x.detach().data, array)
    assert not np.shares_memory(x.clone().data, array)


def test_tensors_in_lists() -> None:
    assert_close(Tensor([Tensor(1.0), Tensor(2.0)]), [1.0, 2.0])
    assert_close(ag.tensor([Tensor([1, 2]), Tensor([3, 4])]), [[1, 2], [3, 4]])


@pytest.mark.parametrize("data", ["text", None, [[1, 2], [3]], {"a": 1}, object(), ["a"], [None]])
def test_what_is_no_tensor(data) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^tensor: "):
        Tensor(data)


@pytest.mark.parametrize(
    ("x", "y", "dtype"),
    [
        (np.float32, 2.0, np.float32),
        (np.float32, 2, np.float32),
        (np.float64, 2.0, np.float64),
        (np.float32, np.float64, np.float64),
        (np.int64, 2, np.int64),
        (np.int64, 2.0, np.float64),
        (np.int8, np.int16, np.int16),
        (np.float16, 2.0, np.float16),
        (np.bool_, np.int64, np.int64),
    ],
)
def test_promotion_is_numpys(x, y, dtype) -> None:
    left = Tensor(np.ones(2, x))
    right = y if isinstance(y, (int, float)) else Tensor(np.ones(2, y))
    assert (left + right).dtype == dtype
    assert (right + left).dtype == dtype
    assert (left * right).dtype == dtype


def test_default_dtype() -> None:
    ag.set_default_dtype(np.float64)
    try:
        assert Tensor(1.5).dtype == np.float64
        assert ag.zeros(2).dtype == np.float64
    finally:
        ag.set_default_dtype(np.float32)
    with pytest.raises(TypeError, match="not a floating-point dtype"):
        ag.set_default_dtype(np.int64)


def test_numpy_arrays_on_the_left() -> None:
    x = Tensor(np.ones(3), requires_grad=True)
    for result in (np.arange(3) * x, np.arange(3.0) - x, np.float64(2) / x, np.ones((3, 3)) @ x):
        assert isinstance(result, Tensor)
        assert result.requires_grad
    assert_close(np.exp(x), np.exp(np.ones(3)))
    assert np.exp(x).requires_grad
    with pytest.raises(TypeError, match=r"np\.spacing: has no gradient here.*\(3,\).*detach"):
        np.spacing(x)
    assert isinstance(np.spacing(x.detach()), Tensor)
    assert np.shape(x) == (3,)


def test_conversions() -> None:
    x = Tensor([[1.5, 2.5]])
    assert x.tolist() == [[1.5, 2.5]]
    assert Tensor(2.5).item() == 2.5
    assert float(Tensor(2.5)) == 2.5
    assert int(Tensor(2)) == 2
    assert [10, 20, 30][Tensor(1)] == 20
    assert complex(Tensor(1 + 2j)) == 1 + 2j
    assert f"{Tensor(2.5):.3f}" == "2.500"
    assert bool(Tensor([True]))
    assert 1.5 in x
    assert 9.0 not in x
    assert len(x) == 1
    assert [row.tolist() for row in x] == [[1.5, 2.5]]
    assert np.asarray(x).dtype == np.float32
    assert np.array(x, dtype=np.float64).dtype == np.float64
    assert hash(x) == hash(x)
    with pytest.raises(ValueError, match=r"item: a tensor of shape \(1, 2\) has 2 elements"):
        x.item()
    with pytest.raises(TypeError, match="no length"):
        len(Tensor(1.0))
    with pytest.raises(TypeError, match="only one integer can be an index"):
        [1, 2][Tensor(1.0)]


def test_attributes() -> None:
    x = Tensor(np.zeros((2, 3), np.float32))
    assert x.shape == (2, 3)
    assert x.size() == (2, 3)
    assert x.size(1) == 3
    assert (x.ndim, x.dim(), x.numel(), x.element_size(), x.nbytes) == (2, 2, 6, 4, 24)
    assert x.stride() == (3, 1)
    assert x.is_contiguous()
    assert not x.T.is_contiguous()
    assert x.is_floating_point()
    assert x.is_leaf
    assert x.grad_fn is None
    assert x.device == "cpu"
    y = Tensor(np.zeros(2), requires_grad=True) * 2.0
    assert not y.is_leaf
    assert y.grad_fn.name == "mul"
    with pytest.raises(AttributeError):
        x.shap = (3, 2)  # a typing error is not a new attribute


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (Tensor([1.0, 2.0]), "tensor([1., 2.])"),
        (Tensor([0.5, 2.25]), "tensor([0.5000, 2.2500])"),
        (Tensor(3), "tensor(3)"),
        (Tensor([True]), "tensor([True])"),
        (Tensor(np.array([1.0])), "tensor([1.], dtype=float64)"),
        (Tensor(np.array([1], np.uint8)), "tensor([1], dtype=uint8)"),
        (Tensor([1.0], requires_grad=True), "tensor([1.], requires_grad=True)"),
        (Tensor([1.0], requires_grad=True) * 2, "tensor([2.], grad_fn=<mul>)"),
        (Tensor(np.zeros((0, 3), np.float32)), "tensor([], shape=(0, 3), dtype=float32)"),
        (Tensor([[1, 2], [3, 4]]), "tensor([[1, 2],\n        [3, 4]])"),
        (Tensor([np.nan, np.inf, 1.0]), "tensor([nan, inf,  1.])"),
    ],
)
def test_repr(tensor, text) -> None:
    assert repr(tensor) == text


def test_repr_of_many_elements_is_short_and_names_shape_and_dtype() -> None:
    text = repr(ag.zeros(1000, 1000))
    assert len(text) < 1000
    assert "shape=(1000, 1000), dtype=float32" in text


def test_versions_count_writes() -> None:
    x = Tensor(np.zeros(3))
    view = x[1:]
    before = x._version
    view += 1
    x[0] = 5.0
    assert x._version == view._version == before + 2


def test_an_unused_name_is_not_left_in_the_namespace() -> None:
    code = "from autograd import Tensor, no_grad, zeros; import autograd; autograd.tensor([1.0]); print('fine')"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "fine", done.stderr
