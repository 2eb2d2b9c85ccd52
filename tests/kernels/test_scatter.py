"""Adding rows up by index, against a loop: sizes on both sides of every limit, repeated rows, dtypes, bits."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd.kernels import jit, scatter

DTYPES = [np.float32, np.float64]
SIZES = [  # rows of the table, rows added, width
    (1, 1, 1),
    (3, 7, 2),
    (5, 0, 3),
    (4, 3, 0),
    (10, 50, 15),
    (10, 50, 17),
    (100, 300, 64),
    (20, 3000, 65),  # two stripes, the second of one column
    (7, 1000, 400),  # four stripes
    (500, 100, 33),
]


def loop(table, rows, values):
    out = table.copy()
    for i, row in enumerate(rows.tolist()):
        for j in range(table.shape[1]):
            out[row, j] += values[i, j]
    return out


def case(m, n, d, dtype, seed=0):
    rng = np.random.default_rng(seed)
    table = rng.standard_normal((m, d)).astype(dtype)
    return table, rng.integers(0, m, n), rng.standard_normal((n, d)).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("m", "n", "d"), SIZES)
def test_against_a_loop(m, n, d, dtype):
    table, rows, values = case(m, n, d, dtype)
    expected = loop(table, rows, values)
    scatter.add_rows(table, rows, values)
    np.testing.assert_array_equal(table, expected)  # the same order of sums, so the same bits


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_row_is_the_same(dtype):
    table, _, values = case(3, 2000, 130, dtype)
    rows = np.full(2000, 1)
    expected = table.copy()
    for value in values:
        expected[1] += value
    scatter.add_rows(table, rows, values)
    np.testing.assert_array_equal(table, expected)


def test_the_bits_do_not_depend_on_the_number_of_threads(keep_threads):
    results = []
    for threads in (1, 2):
        jit.set_num_threads(threads)
        table, rows, values = case(11, 4000, 200, np.float32)
        scatter.add_rows(table, rows, values)
        results.append(table)
    np.testing.assert_array_equal(results[0], results[1])


@pytest.mark.parametrize("layout", ["gaps", "backwards", "columns first", "read-only"])
def test_layouts_of_what_is_added(layout):
    table, rows, values = case(9, 700, 6, np.float64)
    expected = loop(table, rows, values)
    wide = np.zeros((2 * values.shape[0], values.shape[1]))
    wide[::2] = values
    given = {
        "gaps": wide[::2],
        "backwards": values[::-1].copy()[::-1],
        "columns first": np.asfortranarray(values),
        "read-only": np.frombuffer(values.tobytes()).reshape(values.shape),
    }[layout]
    scatter.add_rows(table, np.repeat(rows, 2)[::2].astype(np.int32), given)
    np.testing.assert_array_equal(table, expected)


def test_infinite_and_undefined_values_stay_in_their_rows():
    table = np.zeros((4, 70), np.float32)
    values = np.ones((3, 70), np.float32)
    values[0], values[1] = np.inf, np.nan
    scatter.add_rows(table, np.array([0, 1, 3]), values)
    assert np.isinf(table[0]).all()
    assert np.isnan(table[1]).all()
    np.testing.assert_array_equal(table[2:], [[0] * 70, [1] * 70])


@pytest.mark.parametrize("row", [-1, 5])
def test_a_row_that_is_not_there(row):
    table = np.zeros((5, 2))
    with pytest.raises(IndexError, match=f"row {row} is out of range for a table of 5 rows"):
        scatter.add_rows(table, np.array([0, row]), np.ones((2, 2)))
    assert not table.any()


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="do not fit"):
        scatter.add_rows(np.zeros((5, 2)), np.array([0, 1]), np.ones((2, 3)))
    with pytest.raises(ValueError, match="row by row"):
        scatter.add_rows(np.zeros((5, 4))[:, ::2], np.array([0]), np.ones((1, 2)))


SHAPES = [  # of x, axis, length of the index along it
    ((7,), 0, 20),
    ((5, 9), 1, 4),
    ((5, 9), 0, 30),
    ((40, 300), 0, 35),
    ((2000, 70), 0, 1500),  # two stripes, the second of some columns
    ((2000, 70), 0, 10),  # few of many rows
    ((3, 50, 40), 1, 60),
    ((300, 400), 1, 500),
    ((4, 3), 1, 0),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.int32, np.complex64])
@pytest.mark.parametrize(("shape", "axis", "m"), SHAPES)
def test_gather(shape, axis, m, dtype):
    rng = np.random.default_rng(0)
    x = rng.integers(-100, 100, shape).astype(dtype)
    index = rng.integers(0, shape[axis], (*shape[:axis], m, *shape[axis + 1 :]))
    expected = np.take_along_axis(x, index, axis)
    for given in (x, np.asfortranarray(x)):
        got = scatter.gather(given, axis, index)
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, expected)
    if m:
        for wrong in (-1, shape[axis]):
            outside = index.copy()
            outside.reshape(-1)[rng.integers(index.size)] = wrong
            assert scatter.gather(x, axis, outside) is None
    if axis == len(shape) - 1:
        names = rng.integers(0, shape[axis], m)
        np.testing.assert_array_equal(scatter.gather(x, axis, names), x.take(names, axis))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "axis", "m"), SHAPES)
def test_scatter_add(shape, axis, m, dtype, keep_threads):
    rng = np.random.default_rng(0)
    start = rng.integers(-100, 100, shape).astype(dtype)  # whole numbers: their sums are exact
    index = rng.integers(0, shape[axis], (*shape[:axis], m, *shape[axis + 1 :]))
    x = rng.integers(-100, 100, index.shape).astype(dtype)
    expected = start.copy()
    places = [np.arange(n).reshape([n if j == i else 1 for j in range(len(shape))]) for i, n in enumerate(index.shape)]
    np.add.at(expected, tuple(index if i == axis else place for i, place in enumerate(places)), x)
    for threads in (1, 2):
        jit.set_num_threads(threads)
        out = start.copy()
        scatter.scatter_add(out, axis, index, np.asfortranarray(x))
        np.testing.assert_array_equal(out, expected)
    if axis == len(shape) - 1:
        names = rng.integers(0, shape[axis], m)
        expected, out = start.copy(), start.copy()
        np.add.at(expected, (..., names), x)
        scatter.scatter_add(out, axis, names, x)
        np.testing.assert_array_equal(out, expected)


def test_scattered_sums_have_the_same_bits_for_any_number_of_threads(keep_threads):
    rng = np.random.default_rng(1)
    x, index = rng.normal(size=(700, 500)).astype(np.float32), rng.integers(0, 30, (700, 500))
    for axis in (0, 1):
        results = []
        for threads in (1, 2):
            jit.set_num_threads(threads)
            out = np.zeros((700, 500), np.float32)
            scatter.scatter_add(out, axis, index, x)
            results.append(out)
        np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("dim", [0, 1])
def test_operations_on_large_arrays_against_pytorch(dim):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    x, other = rng.normal(size=(150, 120)), rng.normal(size=(150, 120))
    index, names = rng.integers(0, 120, (150, 120)), rng.integers(0, 120, 140)
    for name, arguments in {
        "gather": lambda of: (dim, of(index)),
        "scatter_add": lambda of: (dim, of(index), of(other)),
        "index_select": lambda of: (dim, of(names)),
    }.items():
        ours, theirs = ag.Tensor(x, requires_grad=True), torch.from_numpy(x).requires_grad_()
        out = getattr(ag, name)(ours, *arguments(ag.tensor))
        expected = getattr(torch, name)(theirs, *arguments(torch.from_numpy))
        np.testing.assert_allclose(out.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
        g = rng.normal(size=out.shape)
        out.backward(ag.tensor(g))
        expected.backward(torch.from_numpy(g))
        np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("wrong", [-1, 120])
def test_wrong_indices_of_large_arrays_are_named(wrong):
    index = np.zeros((150, 120), np.int64)
    index[77, 5] = wrong
    x = ag.tensor(np.zeros((150, 120)))
    with pytest.raises(IndexError, match=f"gather: index {wrong} is out of range for dim 1"):
        ag.gather(x, 1, ag.tensor(index))
    with pytest.raises(IndexError, match=f"scatter_add: index {wrong} is out of range for dim 1"):
        ag.scatter_add(x, 1, ag.tensor(index), x)
    with pytest.raises(IndexError, match=f"index_select: index {wrong} is out of range"):
        ag.index_select(x, 1, ag.tensor(index[77]))
    with pytest.raises(IndexError, match=f"embedding: index {wrong}"):
        ag.embedding(ag.tensor(index), ag.tensor(np.zeros((120, 4))))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int32"])
@pytest.mark.parametrize("shape", [(10, 3), (500, 128), (3, 70000), (1, 1)])
def test_rows_of_a_table(dtype, shape):
    rng = np.random.default_rng(0)
    table = rng.integers(-99, 99, shape).astype(dtype)
    for count in ((0,), (1,), (7, 5), (1000,)):
        rows = rng.integers(0, len(table), count)
        for threads in (1, 2):
            jit.set_num_threads(threads)
            assert np.array_equal(scatter.take_rows(table, rows), table[rows])
    for wrong in (-1, len(table), -(2**63), 2**63 - 1):
        assert scatter.take_rows(table, np.array([0, wrong])) is None
