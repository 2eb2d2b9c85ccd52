"""Adding rows up by index, against a loop: sizes on both sides of every limit, repeated rows, dtypes, bits."""

from __future__ import annotations

import numpy as np
import pytest

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


@pytest.fixture
def keep_threads():
    before = jit.get_num_threads()
    yield
    jit.set_num_threads(before)


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
