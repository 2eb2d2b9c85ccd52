"""Shapes, joining, padding: what PyTorch gives, what shares memory, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd as ag
from autograd import Tensor

R = np.random.default_rng(3)
X = R.standard_normal((2, 3, 4))
M = R.standard_normal((4, 5))
V = R.standard_normal(5)


def _parts(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


# ---------------------------------------------------------------------------------------------------------------------
# Values and gradients like PyTorch's
# ---------------------------------------------------------------------------------------------------------------------
METHODS = {
    "reshape": ([X], lambda x: x.reshape(4, -1)),
    "reshape_as": ([X, R.standard_normal((6, 4))], lambda x, y: x.reshape_as(y)),
    "view": ([X], lambda x: x.view(6, 4)),
    "view_as": ([X, R.standard_normal((6, 4))], lambda x, y: x.view_as(y)),
    "ravel": ([X], lambda x: x.ravel()),
    "flatten": ([X], lambda x: x.flatten(1)),
    "unflatten": ([X], lambda x: x.unflatten(-1, (2, -1))),
    "squeeze": ([X[:1, :, :1]], lambda x: x.squeeze()),
    "squeeze of several": ([X[:1, :, :1]], lambda x: x.squeeze((0, 1))),
    "unsqueeze": ([X], lambda x: x.unsqueeze(-2)),
    "expand": ([X[:, :1]], lambda x: x.expand(5, -1, 3, 4)),
    "expand_as": ([X[:, :1], X], lambda x, y: x.expand_as(y)),
    "broadcast_to": ([X[0]], lambda x: x.broadcast_to((2, 3, 4))),
    "sum_to_size": ([X], lambda x: x.sum_to_size(3, 1)),
    "permute": ([X], lambda x: x.permute(2, 0, 1)),
    "transpose": ([X], lambda x: x.transpose(0, -1)),
    "swapaxes": ([X], lambda x: x.swapaxes(1, 2)),
    "movedim": ([X], lambda x: x.movedim((0, 1), (2, 0))),
    "moveaxis": ([X], lambda x: x.moveaxis(0, 1)),
    "t": ([M], lambda x: x.t()),
    "T": ([M], lambda x: x.T),
    "mT": ([X], lambda x: x.mT),
    "H": ([M], lambda x: x.H),
    "mH": ([X], lambda x: x.mH),
    "flip": ([X], lambda x: x.flip(0, 2)),
    "fliplr": ([M], lambda x: x.fliplr()),
    "flipud": ([M], lambda x: x.flipud()),
    "rot90": ([X], lambda x: x.rot90(3, (1, 2))),
    "rot90 twice": ([M], lambda x: x.rot90(2)),
    "roll": ([X], lambda x: x.roll((1, -2), (0, 2))),
    "roll of all": ([X], lambda x: x.roll(5)),
    "repeat": ([X[0]], lambda x: x.repeat(2, 1, 3)),
    "tile": ([X], lambda x: x.tile((2,))),
    "repeat_interleave": ([X], lambda x: x.repeat_interleave(3, dim=1)),
    "split": ([X], lambda x: x.split(3, dim=2)),
    "split in sections": ([X], lambda x: x.split([1, 3], -1)),
    "tensor_split": ([X], lambda x: x.tensor_split(3, dim=2)),
    "tensor_split at places": ([X], lambda x: x.tensor_split((1, 3), dim=2)),
    "chunk": ([X], lambda x: x.chunk(3, 2)),
    "unbind": ([X], lambda x: x.unbind(1)),
    "hsplit": ([M[:, :4]], lambda x: x.hsplit(2)),
    "vsplit": ([M], lambda x: x.vsplit((1, 3))),
    "dsplit": ([X], lambda x: x.dsplit(2)),
    "diagonal": ([X], lambda x: x.diagonal(-1, 2, 1)),
    "diag": ([M], lambda x: x.diag(1)),
    "diag of a vector": ([V], lambda x: x.diag(-2)),
    "diag_embed": ([M], lambda x: x.diag_embed(1, 0, 2)),
    "diagflat": ([M], lambda x: x.diagflat()),
    "tril": ([X], lambda x: x.tril(-1)),
    "triu": ([X], lambda x: x.triu(1)),
    "clone": ([X], lambda x: x.clone()),
    "contiguous": ([X], lambda x: x.mT.contiguous()),
    "double": ([X], lambda x: x.float().double()),
    "to": ([X], lambda x: x.to("cpu") * 2),
}
FUNCTIONS = {
    "cat": ([X, X[:, :1]], lambda lib, x, y: lib.cat([x, y, x], 1)),
    "cat with nothing": ([X], lambda lib, x: lib.cat([lib.zeros(0, dtype=x.dtype), x], dim=0)),
    "concatenate": ([V, V], lambda lib, x, y: lib.concatenate((x, y))),
    "stack": ([M, M], lambda lib, x, y: lib.stack((x, y), dim=-1)),
    "hstack": ([M, M], lambda lib, x, y: lib.hstack((x, y))),
    "hstack of vectors": ([V, V], lambda lib, x, y: lib.hstack((x, y))),
    "vstack": ([V, M], lambda lib, x, y: lib.vstack((x, y))),
    "dstack": ([M, M], lambda lib, x, y: lib.dstack((x, y))),
    "column_stack": ([V, M.T.copy()], lambda lib, x, y: lib.column_stack((x, y))),
    "atleast_1d": ([V[0]], lambda lib, x: lib.atleast_1d(x)),
    "atleast_2d": ([V], lambda lib, x: lib.atleast_2d(x)),
    "atleast_3d": ([M, V], lambda lib, x, y: lib.atleast_3d(x, y)),
    "broadcast_tensors": ([X, X[0, :1]], lambda lib, x, y: lib.broadcast_tensors(x, y)),
    "meshgrid": ([V, V[:2]], lambda lib, x, y: lib.meshgrid(x, y, indexing="ij")),
    "meshgrid xy": ([V, V[:2], V[:3]], lambda lib, *xs: lib.meshgrid(*xs, indexing="xy")),
    "cartesian_prod": ([V, V[:2]], lambda lib, x, y: lib.cartesian_prod(x, y)),
    "combinations": ([V], lambda lib, x: lib.combinations(x, 3)),
    "combinations with": ([V], lambda lib, x: lib.combinations(x, 2, with_replacement=True)),
    "block_diag": ([M, V, X[0]], lambda lib, *xs: lib.block_diag(*xs)),
    "repeat_interleave": ([V], lambda lib, x: lib.repeat_interleave(x, lib.tensor([0, 1, 2, 0, 3]), dim=0)),
}


def _compare(ours, theirs, y, z, torch):
    y, z = _parts(y), _parts(z)
    assert [part.shape for part in y] == [tuple(part.shape) for part in z]
    weights = [np.random.default_rng(i).standard_normal(part.shape) for i, part in enumerate(y)]
    for a, b in zip(y, z, strict=True):
        np.testing.assert_array_equal(a.data, b.detach().numpy())
    sum((a * w).sum() for a, w in zip(y, weights, strict=True)).backward()
    sum((b * torch.tensor(w)).sum() for b, w in zip(z, weights, strict=True)).backward()
    for a, b in zip(ours, theirs, strict=True):
        if b.grad is None:
            assert a.grad is None or not a.grad.data.any()
        else:
            np.testing.assert_allclose(a.grad.data, b.grad.numpy(), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", METHODS)
def test_methods_like_pytorch(name):
    torch = pytest.importorskip("torch")
    arrays, call = METHODS[name]
    ours = [Tensor(a.copy(), requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a.copy(), requires_grad=True) for a in arrays]
    _compare(ours, theirs, call(*ours), call(*theirs), torch)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_like_pytorch(name):
    torch = pytest.importorskip("torch")
    arrays, call = FUNCTIONS[name]
    ours = [Tensor(np.array(a), requires_grad=True) for a in arrays]
    theirs = [torch.tensor(np.array(a), requires_grad=True) for a in arrays]
    _compare(ours, theirs, call(ag, *ours), call(torch, *theirs), torch)


PADS = [
    ((1, 2), "constant", 1.5),
    ((1, 0, 2, 3), "constant", None),
    ((-1, 2, 1, -2), "constant", -1.0),
    ((0, 0, 0, 0, 1, 1), "constant", 0.0),
    ((2, 1), "reflect", None),
    ((3, 0, 1, 2), "reflect", None),
    ((5, 6), "replicate", None),
    ((1, 2, 3, 4), "replicate", None),
    ((4, 1), "circular", None),
    ((2, 3, 1, 3), "circular", None),
]


@pytest.mark.parametrize(("pad", "mode", "value"), PADS)
def test_pad_like_pytorch(pad, mode, value):
    torch = pytest.importorskip("torch")
    array = X[None] if mode != "constant" and len(pad) == 4 else X
    ours, theirs = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    y = ag.pad(ours, pad, mode, value)
    z = torch.nn.functional.pad(theirs, pad, mode, value)
    _compare([ours], [theirs], y, z, torch)


# ---------------------------------------------------------------------------------------------------------------------
# Broadcasting, for any shapes
# ---------------------------------------------------------------------------------------------------------------------
@settings(max_examples=150, deadline=None)
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3))
def test_broadcasting_means_what_it_means_in_numpy(shapes):
    (first, second), result = shapes.input_shapes, shapes.result_shape
    generator = np.random.default_rng(0)
    a, b = Tensor(generator.standard_normal(first), requires_grad=True), Tensor(generator.standard_normal(second))
    assert ag.broadcast_shapes(first, second) == result
    wide, other = ag.broadcast_tensors(a, b)
    np.testing.assert_array_equal(wide.data, np.broadcast_to(a.data, result))
    np.testing.assert_array_equal(other.data, np.broadcast_to(b.data, result))
    g = generator.standard_normal(result)
    (wide * other).backward(g)
    expected = np.zeros(first)
    for i in np.ndindex(*result):
        at = tuple(0 if n == 1 else k for k, n in zip(i[len(result) - len(first) :], first, strict=True))
        expected[at] += g[i] * other.data[i]
    np.testing.assert_allclose(a.grad.data, expected, atol=1e-12)


@settings(max_examples=100, deadline=None)
@given(hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4), st.data())
def test_any_reordering_is_undone_by_its_gradient(shape, data):
    order = data.draw(st.permutations(range(len(shape))))
    dims = data.draw(st.lists(st.sampled_from(range(len(shape))), unique=True, min_size=1))
    shift = data.draw(st.integers(-5, 5))
    x = Tensor(np.random.default_rng(0).standard_normal(shape), requires_grad=True)
    y = x.permute(*order).flip(*dims).roll(shift, dims[0]).reshape(-1)
    assert sorted(y.tolist()) == sorted(x.data.ravel().tolist())
    y.backward(y.detach())  # the gradient of |x|^2 / 2, since nothing is lost or doubled
    np.testing.assert_array_equal(x.grad.data, x.data)


# ---------------------------------------------------------------------------------------------------------------------
# What shares memory
# ---------------------------------------------------------------------------------------------------------------------
VIEWS = ["reshape", "view", "ravel", "flatten", "unflatten", "squeeze", "unsqueeze", "permute", "transpose", "movedim"]
VIEWS += ["t", "T", "mT", "split", "tensor_split", "chunk", "unbind", "diagonal", "expand", "atleast_2d", "meshgrid"]
COPIES = ["flip", "roll", "rot90", "repeat", "tile", "diag", "tril", "clone", "contiguous", "cat", "repeat_interleave"]


def _made(name):
    arrays, call = METHODS[name] if name in METHODS else FUNCTIONS[name]
    tensors = [Tensor(np.array(a)) for a in arrays]
    return tensors[0], _parts(call(*tensors) if name in METHODS else call(ag, *tensors))


@pytest.mark.parametrize("name", VIEWS)
def test_views_share_memory_and_see_writes(name):
    x, parts = _made(name)
    assert all(np.shares_memory(part.data, x.data) for part in parts[:1])
    if name in ("expand", "meshgrid"):
        assert not parts[0].data.flags.writeable
        return
    base = Tensor(x.data.copy(), requires_grad=True)
    y = base * 1
    arrays, call = METHODS[name] if name in METHODS else FUNCTIONS[name]
    part = _parts(call(y) if name in METHODS else call(ag, y))[0] if len(arrays) == 1 else y[0]
    part.fill_(0.0)
    y.sum().backward()
    np.testing.assert_array_equal(base.grad.data == 0, y.data == 0)
    assert (y.data == 0).any()


@pytest.mark.parametrize("name", COPIES)
def test_copies_have_memory_of_their_own(name):
    x, parts = _made(name)
    assert not any(np.shares_memory(part.data, x.data) for part in parts)
    assert all(part.data.flags.writeable for part in parts)


def test_a_view_that_would_need_a_copy_is_refused():
    x = ag.zeros(3, 4)
    with pytest.raises(ValueError, match=r"no view of shape \(12,\). Use x.reshape"):
        x.T.view(12)
    assert x.T.reshape(12).shape == (12,)
    assert x[:, 1:3].view(3, 2, 1).shape == (3, 2, 1)
    assert x[:0].T.view(0).shape == (0,)


def test_a_view_of_the_bytes():
    x = ag.tensor([1.0, -2.0])
    assert x.view(ag.int32).tolist() == [1065353216, -1073741824]
    x.view(ag.int32)[0] = 0
    assert x.tolist() == [0, -2]
    with pytest.raises(TypeError, match="differs in size"):
        x.view(ag.float64)


def test_contiguous_is_the_tensor_itself_where_nothing_is_to_be_done():
    x = ag.ones(2, 3)
    assert x.contiguous() is x
    assert x.T.contiguous().is_contiguous()


# ---------------------------------------------------------------------------------------------------------------------
# Ways to call, and what is refused
# ---------------------------------------------------------------------------------------------------------------------
def test_shapes_may_be_spelled_in_several_ways():
    x = ag.zeros(2, 3)
    assert x.reshape(3, 2).shape == x.reshape((3, 2)).shape == x.reshape([3, 2]).shape == x.reshape(shape=(3, 2)).shape
    assert ag.reshape(x, (6,)).shape == ag.reshape(x, 6).shape == ag.reshape(x, -1).shape == (6,)
    assert x.reshape(np.int64(6)).shape == x.reshape(ag.tensor(6)).shape == (6,)
    assert x.permute(dims=(1, 0)).shape == x.permute(axes=(1, 0)).shape == (3, 2)
    assert x.expand(sizes=(4, 2, 3)).shape == (4, 2, 3)
    assert x.unsqueeze(axis=0).shape == ag.expand_dims(x, 0).shape == (1, 2, 3)
    assert ag.cat([x, x], axis=1).shape == ag.cat(tensors=(x, x), dim=1).shape == (2, 6)
    assert x.flip((0, 1)).shape == x.flip([0]).shape == (2, 3)


def test_one_tensor_is_a_list_of_its_slices():
    x = Tensor(X, requires_grad=True)
    y = ag.cat(x, 1)
    np.testing.assert_array_equal(y.data, np.concatenate(list(X), 1))
    (y * y).sum().backward()
    np.testing.assert_array_equal(x.grad.data, 2 * X)
    np.testing.assert_array_equal(ag.stack(x, -1).data, np.stack(list(X), -1))


def test_numpy_functions_on_tensors():
    x = Tensor(X, requires_grad=True)
    for result, expected in [
        (np.reshape(x, (6, 4)), X.reshape(6, 4)),
        (np.transpose(x, (2, 0, 1)), X.transpose(2, 0, 1)),
        (np.concatenate([x, x], axis=1), np.concatenate([X, X], axis=1)),
        (np.stack([x, x]), np.stack([X, X])),
        (np.squeeze(x[:1]), X[0]),
        (np.expand_dims(x, 0), X[None]),
        (np.moveaxis(x, 0, -1), np.moveaxis(X, 0, -1)),
        (np.flip(x, 0), X[::-1]),
        (np.broadcast_to(x, (2, 2, 3, 4)), np.broadcast_to(X, (2, 2, 3, 4))),
    ]:
        assert isinstance(result, Tensor)
        assert result.requires_grad
        np.testing.assert_array_equal(result.data, expected)


def test_dtypes_of_what_is_joined():
    assert ag.cat([ag.zeros(2), ag.zeros(2, dtype="float64")]).dtype == np.float64
    assert ag.cat([ag.arange(2), ag.zeros(2)]).dtype == np.float64  # as NumPy promotes int64 and float32
    assert ag.stack([ag.arange(2), ag.tensor([True, False])]).dtype == np.int64
    x = ag.zeros(2, requires_grad=True)
    ag.cat([x, ag.zeros(2, dtype="float64")]).sum().backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (lambda: ag.zeros(2, 3).reshape(4, 2), ValueError, "reshape: shape (2, 3) has 6 elements"),
        (lambda: ag.zeros(2, 3).reshape(2.0, 3), TypeError, "reshape"),
        (lambda: ag.zeros(2, 3).permute(0, 0), ValueError, "permute: dims (0, 0) name an axis twice"),
        (lambda: ag.zeros(2, 3).transpose(0, 2), IndexError, "transpose: dim 2 is out of range"),
        (lambda: ag.zeros(2, 3).unflatten(1, (2, 2)), ValueError, "has 3 elements"),
        (lambda: ag.zeros(2, 3).squeeze(2), IndexError, "squeeze: dim 2 is out of range"),
        (lambda: ag.zeros(2, 3, 4).t(), ValueError, "t: takes a matrix"),
        (lambda: ag.zeros(3).mT, ValueError, "mT: needs matrices"),
        (lambda: ag.zeros(3).expand(2, 2), ValueError, "expand: shape (3,) can not become (2, 2)"),
        (lambda: ag.zeros(3).sum_to_size(2), ValueError, "sum_to_size"),
        (lambda: ag.zeros(3).movedim((0,), (0, 1)), IndexError, "out of range"),
        (lambda: ag.broadcast_tensors(ag.zeros(2), ag.zeros(3)), ValueError, "(2,) and (3,) do not broadcast"),
        (lambda: ag.broadcast_shapes((2,), (3,)), ValueError, "(2,) and (3,) do not broadcast"),
        (lambda: ag.cat(ag.tensor(1.0)), TypeError, "cat: takes a list or tuple of tensors"),
        (lambda: ag.chunk(ag.zeros(3), 0), ValueError, "1 part or more"),
        (lambda: ag.repeat_interleave(ag.zeros(3), [1, 2], 0), ValueError, "2 counts for 3 slices"),
        (lambda: ag.repeat_interleave(ag.zeros(3), -1), ValueError, "0 or more"),
        (lambda: ag.meshgrid(ag.zeros(2, 2)), ValueError, "takes vectors"),
        (lambda: ag.meshgrid(ag.zeros(2), indexing="yx"), ValueError, "'ij' or 'xy'"),
        (lambda: ag.pad(ag.arange(3), (1, 1), value=0.5), TypeError, "can not stand in a tensor of int64"),
        (lambda: ag.rot90(ag.zeros(3)), IndexError, "out of range"),
    ],
)
def test_wrong_use_is_named(wrong, kind, words):
    with pytest.raises(kind) as caught:
        wrong()
    assert words in str(caught.value)
