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
