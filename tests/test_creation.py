"""New tensors and other dtypes."""

from __future__ import annotations

import re

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

# What PyTorch makes of the same arguments, dtype included.
LIKE_TORCH = {
    "tensor of floats": lambda lib: lib.tensor([[1.0, 2.0]]),
    "tensor of ints": lambda lib: lib.tensor([1, 2]),
    "tensor of bools": lambda lib: lib.tensor([True, False]),
    "tensor of one number": lambda lib: lib.tensor(2.5),
    "tensor with dtype": lambda lib: lib.tensor([1, 2], dtype=lib.float64),
    "tensor of nothing": lambda lib: lib.tensor([]),
    "tensor of an array": lambda lib: lib.tensor(np.arange(3.0)),
    "zeros": lambda lib: lib.zeros(2, 3),
    "zeros of a tuple": lambda lib: lib.zeros((2, 3), dtype=lib.int32),
    "ones": lambda lib: lib.ones(3),
    "full": lambda lib: lib.full((2,), 3.5),
    "full of ints": lambda lib: lib.full((2,), 3),
    "full of bools": lambda lib: lib.full((2,), True),
    "arange": lambda lib: lib.arange(5),
    "arange from": lambda lib: lib.arange(2, 9, 3),
    "arange down": lambda lib: lib.arange(9, 2, -3),
    "arange of floats": lambda lib: lib.arange(0.0, 1.0, 0.1),
    "arange of dtype": lambda lib: lib.arange(3, dtype=lib.float64),
    "arange of nothing": lambda lib: lib.arange(3, 3),
    "linspace": lambda lib: lib.linspace(-1, 1, 7),
    "linspace of one": lambda lib: lib.linspace(3, 5, 1),
    "logspace": lambda lib: lib.logspace(0, 2, 5, base=2.0),
    "eye": lambda lib: lib.eye(3),
    "eye with columns": lambda lib: lib.eye(2, 4, dtype=lib.int64),
    "zeros_like": lambda lib: lib.zeros_like(lib.ones(2, dtype=lib.int32)),
    "ones_like": lambda lib: lib.ones_like(lib.zeros(2), dtype=lib.float64),
    "full_like": lambda lib: lib.full_like(lib.zeros(2), 7),
    "new_zeros": lambda lib: lib.ones(1, dtype=lib.float64).new_zeros(2, 3),
    "new_ones": lambda lib: lib.ones(1, dtype=lib.float64).new_ones((2,)),
    "new_full": lambda lib: lib.ones(1, dtype=lib.float64).new_full((2,), 3),
    "new_tensor": lambda lib: lib.ones(1, dtype=lib.float64).new_tensor([1.0, 2.0], dtype=lib.float32),
    "tril_indices": lambda lib: lib.tril_indices(3, 4, -1),
    "triu_indices": lambda lib: lib.triu_indices(3, 4, 1),
    "half": lambda lib: lib.ones(2).half(),
    "double": lambda lib: lib.ones(2).double(),
    "long": lambda lib: lib.tensor([1.7, -1.7]).long(),
    "int": lambda lib: lib.tensor([1.7, -1.7]).int(),
    "short": lambda lib: lib.arange(2).short(),
    "byte": lambda lib: lib.arange(2).byte(),
    "char": lambda lib: lib.arange(2).char(),
    "bool": lambda lib: lib.tensor([0.0, 0.5]).bool(),
    "to": lambda lib: lib.arange(2).to(lib.float32),
    "to cpu": lambda lib: lib.arange(2).to("cpu", lib.float64),
    "to like another": lambda lib: lib.arange(2).to(lib.ones(1)),
    "to by name": lambda lib: lib.arange(2).to(dtype=lib.float64, non_blocking=True),
    "type_as": lambda lib: lib.arange(2).type_as(lib.ones(1)),
    "type": lambda lib: lib.arange(2).type(lib.float64),
}


@pytest.mark.parametrize("name", LIKE_TORCH)
def test_like_pytorch(name):
    torch = pytest.importorskip("torch")
    have, want = LIKE_TORCH[name](ag), LIKE_TORCH[name](torch)
    assert have.shape == tuple(want.shape)
    assert str(have.dtype) == str(want.dtype).removeprefix("torch.")
    np.testing.assert_allclose(have.data, want.numpy(), rtol=1e-6, atol=1e-7)


def test_one_hot_like_pytorch():
    torch = pytest.importorskip("torch")
    labels = np.array([[0, 2], [1, 0]])
    for classes in (-1, 5):
        want = torch.nn.functional.one_hot(torch.tensor(labels), classes)
        np.testing.assert_array_equal(ag.one_hot(Tensor(labels), classes).data, want.numpy())
    assert ag.one_hot(labels, 3, dtype=ag.float32).dtype == np.float32


def test_tensor_copies_and_the_others_share():
    values = np.zeros(3)
    copied = ag.tensor(values)
    shared = [ag.as_tensor(values), ag.from_numpy(values), ag.asarray(values), Tensor(values)]
    values[0] = 7
    assert copied.tolist() == [0, 0, 0]
    assert all(t.tolist() == [7, 0, 0] for t in shared)
    x = ag.ones(2, requires_grad=True)
    again = ag.tensor(x)
    assert not np.shares_memory(again.data, x.data)
    assert not again.requires_grad
    assert ag.as_tensor(x) is x
    assert not np.shares_memory(ag.asarray(values, copy=True).data, values)
    assert np.shares_memory(ag.asarray(values, copy=False).data, values)
    with pytest.raises(ValueError, match="without a copy"):
        ag.asarray([1.0], copy=False)
    with pytest.raises(TypeError, match="from_numpy: takes a NumPy array"):
        ag.from_numpy([1.0])


def test_a_strided_array_is_copied_in_order():
    values = np.arange(6.0).reshape(2, 3).T
    x = ag.tensor(values)
    assert x.is_contiguous()
    np.testing.assert_array_equal(x.data, values)


def test_as_tensor_keeps_the_graph_when_it_converts():
    x = ag.ones(2, dtype="float64", requires_grad=True)
    y = ag.as_tensor(x, dtype=ag.float32)
    (y * 3).sum().backward()
    assert x.grad.tolist() == [3, 3]
    assert x.grad.dtype == np.float64


def test_requires_grad_and_shapes():
    for make in (ag.zeros, ag.ones, ag.empty):
        x = make(2, 0, requires_grad=True)
        assert x.requires_grad
        assert x.is_leaf
        assert x.shape == (2, 0)
    assert ag.full((), 2.0, requires_grad=True).requires_grad
    assert ag.linspace(0, 1, 3, requires_grad=True).requires_grad
    assert ag.zeros(2, requires_grad=True).new_zeros(3).requires_grad is False
    assert ag.full(3, 2.0).shape == (3,)
    assert ag.empty_like(ag.zeros(2, 3)).shape == (2, 3)
    assert ag.zeros(1).new_empty((2, 2)).shape == (2, 2)
    assert ag.zeros(np.int64(2), ag.tensor(3)).shape == (2, 3)


def test_the_default_dtype():
    before = ag.get_default_dtype()
    try:
        ag.set_default_dtype("float64")
        made = [ag.zeros(1), ag.tensor([1.0]), ag.arange(1.0), ag.linspace(0, 1, 2), ag.eye(1), ag.full((1,), 1.0)]
        assert all(t.dtype == np.float64 for t in made)
    finally:
        ag.set_default_dtype(before)


def test_arange_does_not_drift():
    steps = ag.arange(0.0, 1000.0, 0.1)
    assert steps.shape == (10000,)
    np.testing.assert_array_equal(steps.data, (np.arange(10000) * 0.1).astype(np.float32))


def test_conversions_return_the_tensor_itself_or_pass_gradients():
    x = ag.ones(2, requires_grad=True)
    assert x.float() is x
    assert x.to("cpu") is x
    assert x.to(ag.float32) is x
    assert x.cpu() is x
    assert x.to(x) is x
    assert x.to(ag.float32, copy=True) is not x
    y = x.double().half().float().astype("float64") * 2
    y.sum().backward()
    assert x.grad.tolist() == [2, 2]
    assert x.grad.dtype == np.float32
    assert not x.long().requires_grad
    assert x.type() == "float32"


def test_the_second_derivative_through_a_conversion():
    x = ag.tensor([2.0, 3.0], requires_grad=True)
    (g,) = ag.grad((x.double() ** 3).sum(), x, create_graph=True)
    assert g.dtype == np.float32
    g.sum().backward()
    assert x.grad.tolist() == [12, 18]


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (lambda: ag.zeros(-1), ValueError, "no negative lengths"),
        (lambda: ag.zeros(1.5), TypeError, "consists of ints"),
        (lambda: ag.zeros(2, device="cuda:0"), ValueError, "CPU only"),
        (lambda: ag.zeros(2).to("cuda"), ValueError, "CPU only"),
        (lambda: ag.zeros(2).to(kind="float32"), TypeError, "no parameter kind"),
        (lambda: ag.full((2,), [1, 2]), ValueError, "one number"),
        (lambda: ag.arange(0, 1, 0), ValueError, "a step of 0"),
        (lambda: ag.linspace(0, 1, -1), ValueError, "0 or more"),
        (lambda: ag.logspace(0, 1, -1), ValueError, "0 or more"),
        (lambda: ag.tensor("text"), TypeError, "can not hold"),
        (lambda: ag.tensor([[1.0], [1.0, 2.0]]), ValueError, "rectangular"),
        (lambda: ag.tensor([1, 2], requires_grad=True), TypeError, "only floating-point tensors have gradients"),
        (lambda: ag.one_hot(np.array([0, 3]), 3), IndexError, "label 3 is out of range for 3 classes"),
        (lambda: ag.one_hot(np.array([-1])), IndexError, "label -1"),
        (lambda: ag.one_hot(np.array([0.5])), TypeError, "labels are integers"),
        (lambda: ag.one_hot(np.zeros(0, int)), ValueError, "Give num_classes"),
    ],
)
def test_wrong_use_is_named(wrong, kind, words):
    with pytest.raises(kind, match=words):
        wrong()


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: ag.ones(2).to("float99"), TypeError, "to: 'float99' is no dtype"),
        (lambda: ag.ones(2, dtype="float99"), TypeError, "dtype: 'float99' is no dtype"),
        (lambda: ag.rand(2, dtype="float99"), TypeError, "dtype: 'float99' is no dtype"),
        (lambda: ag.ones_like(ag.ones(2), dtype="float99"), TypeError, "dtype: 'float99' is no dtype"),
        (lambda: ag.eye(-2), ValueError, "eye: a number of rows or columns is an int of 0 or more, not -2"),
        (lambda: ag.eye(2, 0.5), ValueError, "not 0.5"),
        (lambda: ag.tril_indices(-1, 2), ValueError, "tril_indices: a shape has no negative lengths"),
        (lambda: ag.linspace(0, 1, 2.5), ValueError, "linspace: steps must be 0 or more, an int, not 2.5"),
        (lambda: ag.manual_seed("a"), TypeError, "manual_seed: a seed is an int, not 'a'"),
        (lambda: ag.randperm(-1), ValueError, "randperm: n is an int of 0 or more, not -1"),
        (lambda: ag.movedim(ag.ones(2), 4, 0), IndexError, "movedim: dim 4 is out of range"),
        (lambda: ag.narrow(ag.ones(2), 4, 0, 1), IndexError, "narrow: dim 4 is out of range"),
        (lambda: ag.scatter_add(ag.ones(2), 4, ag.tensor([0]), ag.ones(1)), IndexError, "scatter_add: dim 4"),
    ],
)
def test_wrong_arguments_are_named(call, kind, words):
    with pytest.raises(kind, match=re.escape(words)):
        call()


# ---------------------------------------------------------------------------------------------------------------------
# Questions
# ---------------------------------------------------------------------------------------------------------------------
def test_questions_like_pytorch():
    torch = pytest.importorskip("torch")
    names = ("bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128")
    for a in names:
        x, y = ag.ones(2, dtype=a), torch.ones(2, dtype=getattr(torch, a))
        for name in ("is_floating_point", "is_complex", "is_signed", "numel", "is_conj", "is_neg"):
            assert getattr(ag, name, getattr(Tensor, name))(x) == getattr(torch.Tensor, name)(y), (name, a)
            assert getattr(x, name)() == getattr(y, name)()
        for b in names:
            assert ag.can_cast(a, b) == torch.can_cast(getattr(torch, a), getattr(torch, b)), (a, b)
    for a, b in ((3, 0.5), (ag.ones(2), 2.0), (ag.ones(2, dtype="int64"), 2)):
        c, d = (torch.tensor(v.data) if isinstance(v, Tensor) else v for v in (a, b))
        assert str(ag.result_type(a, b)) == str(torch.result_type(c, d))[6:]
    assert ag.promote_types("int32", "float64") == "float64"
    for value, want in ((0.0, False), (-0.5, True), (3, True), ([[0]], False)):
        assert ag.is_nonzero(ag.tensor(value)) is want is torch.is_nonzero(torch.tensor(value))
    with pytest.raises(ValueError, match="is_nonzero: takes a tensor of one element"):
        ag.is_nonzero(ag.ones(2))


def test_questions_with_one_answer():
    x = ag.ones(2, 3, requires_grad=True)
    assert x.resolve_conj() is x is ag.resolve_neg(x)
    assert (x.is_cpu, x.is_cuda, x.is_sparse, x.get_device()) == (True, False, False, -1)
    assert (x.nelement(), x.ndimension(), x.dim_order(), x.T.dim_order()) == (6, 2, (0, 1), (1, 0))
    assert ag.detach(x).data is x.data
    assert not ag.detach(x).requires_grad
    assert x.is_same_size(ag.zeros(2, 3))
    assert x.new([1, 2]).dtype == x.dtype
    assert x.new(2, 4).shape == (2, 4)
    with pytest.raises(ValueError, match="on the CPU only"):
        x.cuda()


def test_divmod():
    for a, b in ((ag.tensor([7.5, -7.0]), 2), (ag.tensor([7, -7]), ag.tensor([3, 4])), (7, ag.tensor([3, -4]))):
        whole, rest = divmod(a, b)
        expected = divmod(*(np.asarray(v.data if isinstance(v, Tensor) else v) for v in (a, b)))
        np.testing.assert_array_equal(whole.data, expected[0])
        np.testing.assert_array_equal(rest.data, expected[1])


def test_frombuffer():
    memory = bytearray(np.arange(4, dtype=np.float32).tobytes())
    x = ag.frombuffer(memory, dtype="float32", requires_grad=True)
    np.testing.assert_array_equal(x.data, [0, 1, 2, 3])
    assert x.requires_grad
    np.testing.assert_array_equal(ag.frombuffer(memory, dtype=np.float32, count=2, offset=4).data, [1, 2])
    with ag.no_grad():
        x[0] = 5.0
    np.testing.assert_array_equal(np.frombuffer(memory, np.float32), [5, 1, 2, 3])
    with pytest.raises(ValueError, match="read-only"):
        ag.frombuffer(bytes(memory), dtype="uint8").zero_()
    for wrong in ({"dtype": "float64", "offset": 3}, {"dtype": "float32", "count": 9}):
        with pytest.raises(ValueError, match="frombuffer: "):
            ag.frombuffer(memory, **wrong)
    with pytest.raises(TypeError, match="frombuffer: 'float99' is no dtype"):
        ag.frombuffer(memory, dtype="float99")
