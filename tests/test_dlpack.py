"""DLPack: the same memory in two libraries, and what can not be shared is refused."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag

DTYPES = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_round_trip_through_numpy_shares_the_memory(dtype):
    ours = ag.Tensor(np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype))
    array = np.from_dlpack(ours)
    again = ag.from_dlpack(array)
    assert array.dtype == again.dtype == dtype
    assert array.ctypes.data == ours.data_ptr() == again.data_ptr()
    array[0, 0] = 1
    assert ours[0, 0].item() == again[0, 0].item() == 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_memory_is_shared_with_torch_both_ways(dtype):
    torch = pytest.importorskip("torch")
    ours = ag.Tensor(np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype))
    theirs = torch.from_dlpack(ours)
    assert theirs.data_ptr() == ours.data_ptr()
    assert str(theirs.dtype) == f"torch.{dtype}"
    theirs[1, 0] = 0
    assert ours[1, 0].item() == 0
    ours[0, 0] = 1
    assert theirs[0, 0].item() == 1

    source = torch.arange(6).reshape(2, 3).to(getattr(torch, dtype))
    taken = ag.from_dlpack(source)
    assert taken.data_ptr() == source.data_ptr()
    assert taken.dtype == dtype
    taken[0, 0] = 1
    assert source[0, 0].item() == 1
    source[1, 2] = 0
    assert taken[1, 2].item() == 0


def test_strided_tensors_empty_ones_and_those_without_axes():
    torch = pytest.importorskip("torch")
    base = ag.Tensor(np.arange(24.0).reshape(2, 3, 4))
    for view in (base.transpose(0, 2), base[:, ::2], base[1, 2, 3], base[:, :0], base[0].T):
        theirs = torch.from_dlpack(view)
        assert tuple(theirs.shape) == view.shape
        np.testing.assert_array_equal(theirs.numpy(), view.data)
        np.testing.assert_array_equal(ag.from_dlpack(theirs).data, view.data)
    torch.from_dlpack(base[:, ::2])[1, 1, 3] = -1.0
    assert base[1, 2, 3].item() == -1


def test_the_memory_outlives_its_first_owner():
    array = np.from_dlpack(ag.Tensor(np.arange(1000.0)))
    assert array[-1] == 999
    taken = ag.from_dlpack(np.arange(1000.0))
    assert taken[-1].item() == 999


def test_a_tensor_that_requires_a_gradient_is_refused():
    x = ag.Tensor(np.ones(3), requires_grad=True)
    for tensor in (x, x * 2):
        with pytest.raises(BufferError, match=r"requires a gradient.*x\.detach\(\)"):
            tensor.__dlpack__()
        with pytest.raises(BufferError, match="requires a gradient"):
            ag.from_dlpack(tensor)
    assert np.from_dlpack(x.detach()).ctypes.data == x.data_ptr()
    torch = pytest.importorskip("torch")
    with pytest.raises(BufferError, match="requires a gradient"):
        torch.from_dlpack(x)
    with pytest.raises(BufferError, match=r"from_dlpack: a Tensor can not be shared: .*detach"):
        ag.from_dlpack(torch.ones(3, requires_grad=True))


def test_what_is_taken_starts_a_graph():
    torch = pytest.importorskip("torch")
    source = torch.arange(3.0)
    x = ag.from_dlpack(source).requires_grad_()
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [0, 2, 4])
    assert ag.from_dlpack(source).requires_grad is False


def test_read_only_memory_stays_so():
    array = np.arange(3.0)
    array.flags.writeable = False
    x = ag.from_dlpack(array)
    assert not x.data.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        x += 1
    assert not np.from_dlpack(x).flags.writeable
    with pytest.raises(BufferError, match="readonly"):
        x.__dlpack__()  # a consumer of before version 1 could not know
    x.__dlpack__(max_version=(1, 0))


def test_copies_are_made_when_asked_for():
    x = ag.Tensor(np.arange(3.0))
    for copy in (None, False):
        assert np.from_dlpack(x, copy=copy).ctypes.data == x.data_ptr()
        assert ag.from_dlpack(x.data, copy=copy).data_ptr() == x.data_ptr()
    assert np.from_dlpack(x, copy=True).ctypes.data != x.data_ptr()
    copied = ag.from_dlpack(x, copy=True)
    copied += 1
    np.testing.assert_array_equal(x.data, [0, 1, 2])


def test_backward_strides_are_refused():
    x = ag.Tensor(np.arange(3.0)[::-1])
    with pytest.raises(BufferError, match=r"lies backwards in memory \(strides \(-1,\)\).*x\.clone\(\)"):
        x.__dlpack__()
    np.testing.assert_array_equal(np.from_dlpack(x.clone()), [2, 1, 0])
    np.testing.assert_array_equal(np.from_dlpack(x, copy=True), [2, 1, 0])


def test_devices_and_streams():
    x = ag.Tensor(np.arange(3.0))
    assert tuple(x.__dlpack_device__()) == (1, 0)
    x.__dlpack__(dl_device=(1, 0))
    with pytest.raises(BufferError):
        x.__dlpack__(dl_device=(2, 0))
    with pytest.raises(BufferError, match="no streams"):
        x.__dlpack__(stream=1)
    assert ag.from_dlpack(x, device="cpu").data_ptr() == x.data_ptr()
    with pytest.raises(ValueError, match="CPU only"):
        ag.from_dlpack(x, device="cuda")


def test_what_can_not_be_taken():
    with pytest.raises(TypeError, match=r"from_dlpack: takes what has __dlpack__.*not list"):
        ag.from_dlpack([1.0])
    torch = pytest.importorskip("torch")
    with pytest.raises(BufferError, match=r"from_dlpack: a Tensor can not be shared: .*dtype"):
        ag.from_dlpack(torch.ones(2, dtype=torch.bfloat16))
    with pytest.raises(BufferError, match="conjugate bit"):
        ag.from_dlpack(torch.ones(2, dtype=torch.complex64).conj())


def test_a_write_through_another_tensor_of_the_same_memory_is_seen():
    torch = pytest.importorskip("torch")
    theirs = torch.ones(3, dtype=torch.float64)
    array = np.ones(3)
    ours = ag.ones(3, dtype=ag.float64)
    pairs = [
        (ag.from_dlpack(theirs), ag.from_dlpack(theirs)),
        (ag.from_dlpack(array), ag.from_dlpack(array)),
        (ag.from_numpy(array), ag.from_dlpack(array)),
        (ours, ag.from_dlpack(ours)),
        (ours, ag.from_dlpack(torch.from_dlpack(ours))),
    ]
    for x, same in pairs:
        w = ag.ones(3, dtype=ag.float64).requires_grad_()
        y = (w * x).sum()
        same.mul_(2)
        assert x.tolist() == same.tolist()
        with pytest.raises(RuntimeError, match="overwritten by mul_"):
            y.backward()


def test_memory_that_is_used_again_is_not_taken_for_what_it_was():
    torch = pytest.importorskip("torch")
    for n in (3, 3, 5, 3):
        theirs = torch.full((n,), float(n))
        assert ag.from_dlpack(theirs).tolist() == [float(n)] * n
        assert ag.from_dlpack(theirs.view(torch.int32)).dtype == ag.int32
        assert ag.from_dlpack(theirs[::2]).shape == ((n + 1) // 2,)


def test_a_tensor_that_holds_its_negative_is_refused():
    torch = pytest.importorskip("torch")
    imaginary = torch.tensor([1 + 2j]).conj().imag
    with pytest.raises(BufferError, match="resolve_neg"):
        ag.from_dlpack(imaginary)
    assert ag.from_dlpack(imaginary.resolve_neg()).item() == -2
