"""Reading and writing by index: NumPy's meaning, and the gradient that naming each element gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd as ag
from autograd import Tensor

FEW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


# ---------------------------------------------------------------------------------------------------------------------
# Any index
# ---------------------------------------------------------------------------------------------------------------------
@st.composite
def indexed(draw):
    """A shape and an index for it: slices, ints, None, Ellipsis, integer arrays, masks, in any mixture."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    common = draw(st.sampled_from([(), (1,), (2,), (3,), (2, 3)]))
    parts, axis = [], 0
    used_ellipsis = False
    while axis < len(shape):
        n = shape[axis]
        kind = draw(st.sampled_from(["slice", "slice", "full", "int", "array", "mask", "stop", "ellipsis"]))
        if kind == "stop":
            break
        if kind == "ellipsis":
            if not used_ellipsis:
                used_ellipsis = True
                parts.append(Ellipsis)
                axis = draw(st.integers(axis, len(shape)))
            continue
        if kind == "int" and n:
            parts.append(draw(st.integers(-n, n - 1)))
        elif kind == "array" and n:
            values = draw(hnp.arrays(np.int64, common, elements=st.integers(-n, n - 1)))
            parts.append(values.tolist() if values.ndim == 1 and draw(st.booleans()) else values)
        elif kind == "mask":
            mask = draw(hnp.arrays(bool, (n,)))
            if len(common) == 1 and mask.sum() not in (1, common[0]):
                mask[:] = False
                mask[: min(n, common[0])] = True
            parts.append(mask)
        elif kind == "full":
            parts.append(slice(None))
        else:
            parts.append(
                slice(
                    draw(st.none() | st.integers(-n - 1, n + 1)),
                    draw(st.none() | st.integers(-n - 1, n + 1)),
                    draw(st.none() | st.sampled_from([-2, -1, 1, 2, 3])),
                )
            )
        axis += 1
        if draw(st.integers(0, 9)) == 0:
            parts.append(None)
    if draw(st.integers(0, 19)) == 0:
        parts.insert(0, draw(st.booleans()))
    index = tuple(parts)
    return shape, index[0] if len(index) == 1 and draw(st.booleans()) else index


def numbered(shape):
    return np.arange(1, int(np.prod(shape)) + 1, dtype=np.float64).reshape(shape)


def as_tensors(index):
    """The same index with tensors for its arrays."""
    if isinstance(index, tuple):
        return tuple(as_tensors(part) for part in index)
    return Tensor(index) if isinstance(index, np.ndarray) else index


def naive_gradient(shape, index, g):
    """What arrives at each element, one element at a time."""
    places = np.asarray(np.arange(int(np.prod(shape))).reshape(shape)[index])
    flat = np.zeros(int(np.prod(shape)))
    for place, value in zip(places.ravel(), g.ravel(), strict=True):
        flat[place] += value
    return flat.reshape(shape)


@FEW
@given(indexed(), st.booleans())
def test_reading_means_what_it_means_in_numpy(case, with_tensors):
    shape, index = case
    values = numbered(shape)
    try:
        expected = np.asarray(values[index])
    except IndexError:
        with pytest.raises(IndexError, match="getitem: "):
            Tensor(values)[as_tensors(index) if with_tensors else index]
        return
    x = Tensor(values, requires_grad=True)
    y = x[as_tensors(index) if with_tensors else index]
    np.testing.assert_array_equal(y.data, expected)
    assert y.shape == expected.shape
    g = np.random.default_rng(0).standard_normal(expected.shape)
    y.backward(g)
    np.testing.assert_allclose(x.grad.data, naive_gradient(shape, index, g), rtol=1e-12, atol=1e-12)


def is_basic(index):
    parts = index if isinstance(index, tuple) else (index,)
    return not any(isinstance(part, (list, bool)) or np.ndim(part) for part in parts if not isinstance(part, slice))


@FEW
@given(indexed())
def test_slices_are_views_and_arrays_copy(case):
    shape, index = case
    values = numbered(shape)
    try:
        expected = values[index]
    except IndexError:
        return
    y = Tensor(values)[index]
    if np.asarray(expected).size:
        assert np.shares_memory(y.data, values) == is_basic(index)


def naive_write(values, index, value):
    """The result of a write in which the last of several values wins, and the number of the value at each place."""
    places = np.asarray(np.arange(values.size).reshape(values.shape)[index])
    flat = values.ravel().copy()
    source = np.full(values.size, -1)
    value = value.reshape(value.shape[max(0, value.ndim - places.ndim) :])  # NumPy lets axes of length 1 pass in front
    broadcast = np.broadcast_to(value, places.shape)
    numbers = np.broadcast_to(np.arange(np.size(value)).reshape(np.shape(value)), places.shape)
    for place, number, v in zip(places.ravel(), numbers.ravel(), broadcast.ravel(), strict=True):
        flat[place] = v
        source[place] = number
    return flat.reshape(values.shape), source.reshape(values.shape)


@FEW
@given(indexed(), st.data())
def test_writing_means_what_it_means_in_numpy(case, data):
    shape, index = case
    values = numbered(shape)
    try:
        target = np.asarray(values[index]).shape
    except IndexError:
        with pytest.raises(IndexError, match="setitem: "):
            Tensor(values)[index] = 1.0
        return
    kept = tuple(data.draw(st.sampled_from([n, n, 1])) for n in target)
    kept = kept[data.draw(st.integers(0, len(kept))) :] if data.draw(st.booleans()) else (1, *kept)
    value = -numbered(kept)
    if data.draw(st.booleans()) and value.ndim:
        value = value[::-1].copy()[::-1]  # strides decide in NumPy which of several values wins
    expected, source = naive_write(values, index, value)

    x = Tensor(values.copy(), requires_grad=True)
    v = Tensor(value, requires_grad=True)
    y = x * 1.0
    y[as_tensors(index)] = v
    np.testing.assert_array_equal(y.data, expected)
    g = np.random.default_rng(0).standard_normal(shape)
    y.backward(g)
    np.testing.assert_allclose(x.grad.data, np.where(source < 0, g, 0), rtol=1e-12)
    of_value = np.zeros(np.size(value))
    np.add.at(of_value, source[source >= 0], g[source >= 0])
    np.testing.assert_allclose(v.grad.data, of_value.reshape(value.shape), rtol=1e-12, atol=1e-12)


@FEW
@given(indexed())
def test_the_second_derivative_of_reading(case):
    shape, index = case
    values = numbered(shape)
    try:
        weights = np.random.default_rng(0).standard_normal(np.asarray(values[index]).shape)
    except IndexError:
        return
    x = Tensor(values, requires_grad=True)
    y = x[index]
    (g,) = ag.grad((y * y * y * weights).sum(), x, create_graph=True)
    (h,) = ag.grad(g.sum(), x)
    np.testing.assert_allclose(
        h.data, naive_gradient(shape, index, 6 * np.asarray(values[index]) * weights), rtol=1e-10, atol=1e-12
    )


# ---------------------------------------------------------------------------------------------------------------------
# Reading: what the general tests leave out
# ---------------------------------------------------------------------------------------------------------------------
def test_one_element_is_a_view():
    x = ag.zeros(3)
    y = x[1]
    y += 5
    assert x.tolist() == [0, 5, 0]


def test_integer_tensors_without_axes_are_ints():
    x = ag.arange(6).reshape(2, 3)
    one = ag.tensor(1)
    assert x[one].tolist() == [3, 4, 5]
    assert x[one, one].item() == 4
    assert x[:, one:].tolist() == [[1, 2], [4, 5]]
    assert x[np.int64(1), np.array(2)].item() == 5


def test_lists_of_tensors_and_ranges_and_nothing():
    x = ag.arange(5)
    assert x[[ag.tensor(1), ag.tensor(3)]].tolist() == [1, 3]
    assert x[range(1, 3)].tolist() == [1, 2]
    assert x[[]].tolist() == []
    assert x[[True, False, False, True, False]].tolist() == [0, 3]
    assert x[()].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("make", [np.array, list, lambda values: Tensor(np.array(values))])
@pytest.mark.parametrize("alone", [True, False])
def test_an_index_may_change_after_it_was_used(make, alone):
    index = make([0, 1])
    x = ag.ones(3, requires_grad=True)
    y = x[index] if alone else x[None][:, index]
    index[0] = 2
    y.sum().backward()
    assert x.grad.tolist() == [1, 1, 0]


@pytest.mark.parametrize("make", [np.array, list, lambda values: Tensor(np.array(values))])
def test_an_index_may_change_after_it_was_written_to(make):
    index = make([0, 1])
    v = ag.ones(2, requires_grad=True)
    x = ag.zeros(3)
    x[index] = v
    index[0] = 2
    (x * ag.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert v.grad.tolist() == [1, 10]


@pytest.mark.parametrize("width", [1, 3, 64])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_large_gathers_add_up(width, dtype):
    rng = np.random.default_rng(0)
    index = rng.integers(-50, 50, 3000)
    x = Tensor(np.zeros((50, width), dtype), requires_grad=True)
    g = rng.integers(-3, 4, (3000, width)).astype(dtype)
    x[index].backward(g)
    expected = np.zeros((50, width))
    for i, row in zip(index, g, strict=True):
        expected[i] += row
    np.testing.assert_array_equal(x.grad.data, expected)
    assert x.grad.dtype == dtype


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (5, "index 5 is out of bounds for axis 0 with size 3"),
        (-4, "index -4 is out of bounds for axis 0 with size 3"),
        ((0, 7), "index 7 is out of bounds for axis 1 with size 2"),
        ([0, 3], "index 3 is out of bounds for axis 0 with size 3"),
        (np.array([[0], [-4]]), "index -4 is out of bounds for axis 0 with size 3"),
        ((slice(None), np.array([2])), "index 2 is out of bounds for axis 1 with size 2"),
        ((0, 0, 0), "too many indices"),
        (1.0, "can not be 1.0"),
        ("a", "can not be 'a'"),
        (np.array([0.5]), "integers or booleans, not float64"),
        (np.array([True, False]), "boolean index did not match"),
        (([0, 1], [0, 1, 0]), "could not be broadcast"),
    ],
)
def test_a_wrong_index_is_named(index, words):
    x = ag.zeros(3, 2)
    with pytest.raises(IndexError, match=words):
        x[index]
    with pytest.raises(IndexError, match=words):
        x[index] = 1.0
    assert not x.data.any()


# ---------------------------------------------------------------------------------------------------------------------
# Writing: what the general tests leave out
# ---------------------------------------------------------------------------------------------------------------------
def test_a_tensor_without_a_graph_gets_one_from_what_is_written():
    w = ag.tensor([2.0, 3.0], requires_grad=True)
    x = ag.zeros(4)
    x[1:3] = w * w
    x[3] = w[0]
    assert x.requires_grad
    (x * ag.tensor([1.0, 10.0, 100.0, 1000.0])).sum().backward()
    np.testing.assert_allclose(w.grad.data, [2 * 2 * 10 + 1000, 2 * 3 * 100])


def test_values_may_be_numbers_lists_and_arrays():
    x = ag.zeros(2, 3)
    x[0] = [1, 2, 3]
    x[1, 0] = 7
    x[1, 1:] = np.array([8.0, 9.0])
    assert x.tolist() == [[1, 2, 3], [7, 8, 9]]
    x[x > 7] = 0
    assert x.tolist() == [[1, 2, 3], [7, 0, 0]]
    x[...] = ag.tensor(5)
    assert (x.data == 5).all()
    flags = ag.zeros(3, dtype=bool)
    flags[0] = 1
    flags[1:] = ag.tensor([True, False])
    assert flags.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("dtype", "value", "words"),
    [
        ("int64", 1.5, "float64 values can not be written into a tensor of int64"),
        ("int64", np.array([1.5, 2.5], np.float32), "float32 values can not be written into a tensor of int64"),
        ("bool", 0.5, "without loss"),
        ("float32", 1j, "complex128 values can not be written into a tensor of float32"),
        ("float32", "a", "Give numbers"),
        ("float32", [None, 1.0], "Give numbers"),
    ],
)
def test_a_write_that_would_lose_something_is_refused(dtype, value, words):
    x = ag.zeros(2, dtype=dtype)
    with pytest.raises(TypeError, match=words):
        x[:] = value
    assert not x.data.any()


def test_a_value_with_a_gradient_needs_a_tensor_that_carries_it():
    x = ag.zeros(2, dtype="int64")
    with pytest.raises(TypeError, match="requires a gradient can not be written into a tensor of int64"):
        x[0] = ag.tensor(1.0, requires_grad=True)
    with pytest.raises(TypeError, match="requires a gradient"):
        x[0] = ag.tensor(1.0, requires_grad=True) * 2
    with pytest.raises((TypeError, RuntimeError), match="gradient"):
        ag.zeros(2)[:] = [ag.tensor(1.0, requires_grad=True), 2.0]


def test_a_value_that_does_not_broadcast_is_named():
    x = ag.zeros(3, 4)
    with pytest.raises(ValueError, match=r"setitem: a value of shape \(3,\) does not broadcast to \(2, 4\)"):
        x[:2] = ag.ones(3)
    with pytest.raises(ValueError, match=r"setitem: a value of shape \(5,\) does not broadcast to \(2,\)"):
        x[[0, 0], [1, 1]] = np.ones(5)


def test_the_last_of_several_values_wins_and_has_the_gradient():
    v = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    x = ag.zeros(2)
    x[[1, 1, 0]] = v
    assert x.tolist() == [3, 2]
    (x * ag.tensor([10.0, 100.0])).sum().backward()
    assert v.grad.tolist() == [0, 100, 10]


def test_one_value_for_an_element_named_twice():
    v = ag.tensor(4.0, requires_grad=True)
    x = ag.zeros(3)
    x[[1, 1, 2]] = v
    x.sum().backward()
    assert v.grad.item() == 2


def test_rows_of_a_table_written_twice():
    v = Tensor(np.arange(12.0).reshape(2, 3, 2), requires_grad=True)
    x = ag.zeros(2, 4, 2, dtype="float64")
    x[:, [1, 3, 1]] = v
    np.testing.assert_array_equal(x.data[:, 1], v.data[:, 2])
    np.testing.assert_array_equal(x.data[:, 3], v.data[:, 1])
    (x * x).sum().backward()
    expected = 2 * v.data
    expected[:, 0] = 0
    np.testing.assert_array_equal(v.grad.data, expected)


def test_adding_at_an_index():
    x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    w = ag.tensor([5.0, 7.0], requires_grad=True)
    y = x * x
    y[1:] += w * w
    y[[0, 2]] *= w
    assert y.tolist() == [5, 29, (9 + 49) * 7]
    y.sum().backward()
    # y0 = x0^2 w0; y1 = x1^2 + w0^2; y2 = (x2^2 + w1^2) w1
    assert x.grad.tolist() == [2 * 5, 4, 6 * 7]
    assert w.grad.tolist() == [1 + 10, 9 + 3 * 49]


def test_overlapping_parts_of_one_tensor():
    x = ag.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = x * 1
    y[1:] = y[:-1]
    assert y.tolist() == [1, 1, 2, 3]
    (y * ag.tensor([1.0, 10.0, 100.0, 1000.0])).sum().backward()
    assert x.grad.tolist() == [11, 100, 1000, 0]


def test_a_tensor_written_into_itself_through_another_order():
    x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 1
    y[[2, 0, 1]] = y
    assert y.tolist() == [2, 3, 1]
    (y * ag.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [100, 1, 10]


def test_copy_fill_and_zero():
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    x = ag.ones(2, 2, dtype="float64")
    assert x.copy_(w * 2) is x
    assert x.dtype == np.float64
    x[0].fill_(w[0] * 3)
    x[:, 1].zero_()
    assert x.tolist() == [[3, 0], [2, 0]]
    x.sum().backward()
    assert w.grad.tolist() == [5, 0]
    x = ag.zeros(2, dtype="int64").copy_(ag.tensor([1.7, -1.7]))  # copy_ converts, as in PyTorch
    assert x.tolist() == [1, -1]
    with pytest.raises(ValueError, match="one value"):
        x.fill_(ag.ones(2))
    with pytest.raises(ValueError, match="expand"):
        x.copy_(ag.ones(3))


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
