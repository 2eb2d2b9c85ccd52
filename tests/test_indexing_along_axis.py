"""Reading and writing along one axis: gather, scatter and their kin against PyTorch, segments, and membership."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor


# ---------------------------------------------------------------------------------------------------------------------
# Along one axis, against PyTorch
# ---------------------------------------------------------------------------------------------------------------------
def _both(name, arrays, call, torch):
    """Values and gradients of a call in both libraries."""
    ours = [Tensor(a.copy(), requires_grad=a.dtype.kind == "f") for a in arrays]
    theirs = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
    y, z = call(*ours), call(*theirs)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-12, atol=1e-12)
    weights = np.random.default_rng(1).standard_normal(y.shape)
    y.backward(weights)
    z.backward(torch.tensor(weights))
    for a, b in zip(ours, theirs, strict=True):
        if a.requires_grad:
            zeros = np.zeros(a.shape)
            have = zeros if a.grad is None else a.grad.data
            want = zeros if b.grad is None else b.grad.numpy()
            np.testing.assert_allclose(have, want, rtol=1e-12, atol=1e-12, err_msg=name)


R = np.random.default_rng(7)
X, SRC = R.standard_normal((4, 5)), R.standard_normal((3, 5))
INDEX = R.integers(0, 4, (3, 5))
UNIQUE = np.stack([R.permutation(4)[:3] for _ in range(5)], 1)  # PyTorch leaves open which of several values wins
ROWS = np.array([3, 0, 3])
AGAINST_TORCH = {
    "gather": ([X, INDEX], lambda x, i: x.gather(0, i)),
    "gather 1": ([X, INDEX[:, :2]], lambda x, i: x.gather(1, i)),
    "scatter": ([X, UNIQUE, SRC], lambda x, i, s: x.scatter(0, i, s)),
    "scatter number": ([X, UNIQUE], lambda x, i: x.scatter(0, i, 2.5)),
    "scatter_add": ([X, INDEX, SRC], lambda x, i, s: x.scatter_add(0, i, s)),
    "scatter_reduce sum": ([X, INDEX, SRC], lambda x, i, s: x.scatter_reduce(0, i, s, "sum")),
    "scatter_reduce mean": ([X, INDEX, SRC], lambda x, i, s: x.scatter_reduce(0, i, s, "mean")),
    "scatter_reduce mean of src": (
        [X, INDEX, SRC],
        lambda x, i, s: x.scatter_reduce(0, i, s, "mean", include_self=False),
    ),
    "scatter_reduce amax": ([X, INDEX, SRC], lambda x, i, s: x.scatter_reduce(0, i, s, "amax")),
    "scatter_reduce amin": ([X, INDEX, SRC], lambda x, i, s: x.scatter_reduce(0, i, s, "amin", include_self=False)),
    "scatter_reduce amax of ties": (
        [np.round(X), INDEX, np.round(SRC)],
        lambda x, i, s: x.scatter_reduce(0, i, s, "amax"),
    ),
    "scatter_reduce prod": ([X, INDEX, SRC], lambda x, i, s: x.scatter_reduce(0, i, s, "prod")),
    "scatter_reduce prod of zeros": (
        [np.where(X > 0, X, 0), INDEX, np.where(SRC > 0, SRC, 0)],
        lambda x, i, s: x.scatter_reduce(0, i, s, "prod"),
    ),
    "index_select": ([X, ROWS], lambda x, i: x.index_select(0, i)),
    "index_select 1": ([X, ROWS], lambda x, i: x.index_select(1, i)),
    "index_add": ([X, ROWS, SRC], lambda x, i, s: x.index_add(0, i, s, alpha=2)),
    "index_copy": ([X, np.array([3, 0, 1]), SRC], lambda x, i, s: x.index_copy(0, i, s)),
    "index_fill": ([X, ROWS], lambda x, i: x.index_fill(0, i, 1.5)),
    "index_put": ([X, ROWS, SRC[:, 0]], lambda x, i, s: x.index_put((i, i * 0 + 1), s, accumulate=True)),
    "take": ([X, INDEX], lambda x, i: x.take(i)),
    "put": ([X, ROWS, SRC[:, 0]], lambda x, i, s: x.put(i, s, accumulate=True)),
    "take_along_dim": ([X, INDEX[:1]], lambda x, i: x.take_along_dim(i, 0)),
    "masked_select": ([X], lambda x: x.masked_select(x > 0)),
    "masked_scatter": ([X, np.abs(R.standard_normal(20))], lambda x, s: x.masked_scatter(x > 0, s)),
    "narrow": ([X], lambda x: x.narrow(1, 1, 3)),
    "select": ([X], lambda x: x.select(1, -1)),
    "select_scatter": ([X, SRC[0]], lambda x, s: x.select_scatter(s, 0, 2)),
    "slice_scatter": ([X, SRC[:2]], lambda x, s: x.slice_scatter(s, 0, 1, 3)),
    "diagonal_scatter": ([X, SRC[0, :4]], lambda x, s: x.diagonal_scatter(s, 1)),
    "in place": ([X, INDEX, SRC], lambda x, i, s: (x * 1).scatter_add_(0, i, s)),
    "index_add_": ([X, ROWS, SRC], lambda x, i, s: (x * x).index_add_(0, i, s)),
    "index_fill_": ([X, ROWS], lambda x, i: (x * x).index_fill_(0, i, 0.0)),
    "index_put_": ([X, ROWS, SRC], lambda x, i, s: (x * x).index_put_((i,), s * 2, accumulate=True)),
}


@pytest.mark.filterwarnings("ignore:index_reduce")
@pytest.mark.parametrize("reduce", ["prod", "mean", "amax", "amin"])
def test_index_reduce_like_pytorch(reduce):
    torch = pytest.importorskip("torch")
    _both(reduce, [X, ROWS, SRC], lambda x, i, s: x.index_reduce(0, i, s, reduce), torch)


@pytest.mark.parametrize("name", AGAINST_TORCH)
def test_like_pytorch(name):
    torch = pytest.importorskip("torch")
    arrays, call = AGAINST_TORCH[name]
    _both(name, arrays, call, torch)


def test_nonzero_like_numpy():
    x = Tensor(np.array([[0.0, 1.0], [2.0, 0.0]]))
    assert x.nonzero().tolist() == [[0, 1], [1, 0]]
    rows, columns = x.nonzero(as_tuple=True)
    assert (rows.tolist(), columns.tolist()) == ([0, 1], [1, 0])
    assert x[rows, columns].tolist() == [1, 2]
    assert ag.tensor(3.0).nonzero().shape == (1, 0)
    assert ag.argwhere(x).dtype == np.int64


def test_the_mean_of_an_empty_segment_is_nan():
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = ag.segment_reduce(x, "mean", lengths=ag.tensor([0, 3]))
    np.testing.assert_array_equal(out.data, [np.nan, 2.0])
    out[1].backward()
    np.testing.assert_allclose(x.grad.data, [1 / 3] * 3, rtol=1e-6)
    np.testing.assert_array_equal(ag.segment_reduce(x, "max", lengths=ag.tensor([0, 3])).data, [-np.inf, 3])


# ---------------------------------------------------------------------------------------------------------------------
# As in PyTorch
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("reduce", ["sum", "mean", "max", "min", "prod"])
@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((7,), {"lengths": np.array([2, 4, 1])}),
        ((7, 3), {"lengths": np.array([3, 0, 4]), "initial": 0.5}),
        ((2, 5, 2), {"lengths": np.array([[2, 3], [1, 4]]), "axis": 1}),
        ((6,), {"offsets": np.array([0, 1, 4, 6])}),
        ((6, 2), {"lengths": np.array([6]), "unsafe": True}),
    ],
)
def test_segments_are_pytorchs(reduce, shape, options):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-5)):
        values = rng.permutation(np.prod(shape)).reshape(shape).astype(dtype) / 4 - 1
        x, y = Tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
        have = ag.segment_reduce(x, reduce, **options)
        others = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
        want = torch.segment_reduce(y, reduce, **others)
        np.testing.assert_allclose(have.data, want.detach().numpy(), rtol=tolerance)
        (have * have).sum().backward()
        (want * want).sum().backward()
        np.testing.assert_allclose(x.grad.data, y.grad.numpy(), rtol=tolerance)


def test_membership_is_pytorchs():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    for shape, other in (((3, 4), (2,)), ((), (3,)), ((5,), ()), ((2, 0), (3,)), ((4, 2), (2, 2))):
        x, among = rng.integers(0, 5, shape), rng.integers(0, 5, other)
        for invert in (False, True):
            have = ag.isin(Tensor(x), Tensor(among), invert=invert)
            want = torch.isin(torch.tensor(x), torch.tensor(among), invert=invert)
            np.testing.assert_array_equal(have.data, want.numpy())
        for size in (0, 2, 30):
            have = ag.nonzero_static(Tensor(x), size=size, fill_value=9)
            want = torch.nonzero_static(torch.tensor(x), size=size, fill_value=9)
            np.testing.assert_array_equal(have.data, want.numpy())
        for shape_of in ((5,), (3, 2), (1, 5, 2)):
            have = ag.unravel_index(Tensor(x), shape_of)
            want = torch.unravel_index(torch.tensor(x), shape_of)
            for a, b in zip(have, want, strict=True):
                np.testing.assert_array_equal(a.data, b.numpy())


def test_numpys_names():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 4))
    for axis in (0, 1, -1):
        for function in (np.sort, lambda row: row[:2] * row[-1], lambda row: np.outer(row, row)):
            ours = {np.sort: lambda row: row.sort()[0]}.get(function)
            have = ag.apply_along_axis(ours or (lambda row, f=function: f(row)), axis, Tensor(x))
            np.testing.assert_allclose(have.data, np.apply_along_axis(function, axis, x))
    leaf = Tensor(x, requires_grad=True)
    ag.apply_along_axis(lambda row, power: (row**power).sum(), 1, leaf, 3).sum().backward()
    np.testing.assert_allclose(leaf.grad.data, 3 * x**2)
    for wrong in (Tensor(1.0), Tensor(np.zeros((0, 2)))):
        with pytest.raises(ValueError, match="apply_along_axis"):
            ag.apply_along_axis(lambda row: row, -1, wrong)
    np.testing.assert_array_equal(ag.interp([0.5, 1.5], [0, 1, 2], [0.0, 4.0, 2.0]).data, [2, 3])
    assert ag.interp([0.5], [0, 1], [0.0, 4.0]).dtype == np.float32
