"""Matrix products against a loop twin and NumPy: shapes, strides, batches, bits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd.kernels import activations, crossover, gemm, jit
from tests.kernels import naive_gemm_conv as naive

DTYPES = [np.float32, np.float64]
SIZES = [(1, 1, 1), (3, 5, 2), (7, 1, 33), (8, 3, 32), (9, 17, 31), (1, 20, 40), (20, 40, 1), (17, 33, 65), (40, 7, 16)]
LARGER = [(130, 300, 70), (257, 513, 129), (64, 1000, 10), (500, 20, 300), (1100, 37, 530), (30, 705, 40)]


def arrays(dtype, *shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def close(got, expected, k):
    tolerance = 4 * np.finfo(got.dtype).eps * max(k, 1) ** 0.5
    np.testing.assert_allclose(got, expected, rtol=tolerance * 4, atol=tolerance * 4)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("with_bias", [False, True])
@pytest.mark.parametrize(("m", "k", "n"), SIZES)
def test_small_products_against_loops(m, k, n, with_bias, dtype):
    a, b, bias = arrays(dtype, (m, k), (k, n), n)
    got = gemm.packed_matmul(a, b, None, bias if with_bias else None)
    assert got.dtype == dtype
    close(got, naive.matmul(a, b, bias if with_bias else None), k)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("m", "k", "n"), LARGER)
def test_larger_products_against_numpy(m, k, n, dtype):
    a, b, bias = arrays(dtype, (m, k), (k, n), n)
    expected = a.astype(np.float64) @ b.astype(np.float64) + bias
    close(gemm.matmul(a, b, bias=bias), expected, k)


LAYOUTS = {
    "transposed a": lambda a, b: (np.ascontiguousarray(a.mT).mT, b),
    "transposed b": lambda a, b: (a, np.ascontiguousarray(b.mT).mT),
    "both transposed": lambda a, b: (np.ascontiguousarray(a.mT).mT, np.ascontiguousarray(b.mT).mT),
    "every second": lambda a, b: (np.repeat(a, 2, 1)[:, ::2], np.repeat(b, 2, 0)[::2]),
    "reversed": lambda a, b: (a[::-1, ::-1].copy()[::-1, ::-1], b[:, ::-1].copy()[:, ::-1]),
    "broadcast row": lambda a, b: (np.broadcast_to(a[:1], a.shape), b),
    "read-only": lambda a, b: (np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape), b),
    "field of a record": lambda a, b: (record_field(a), record_field(b)),
}  # fmt: skip


def record_field(x):
    """A view whose strides are not whole elements."""
    records = np.zeros(x.shape, [("other", np.int8), ("value", x.dtype)])
    records["value"] = x
    return records["value"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_strides(layout, dtype):
    a, b = LAYOUTS[layout](*arrays(dtype, (65, 70), (70, 67)))
    before = a.copy(), b.copy()
    got = gemm.matmul(a, b)
    assert got.flags.c_contiguous
    assert (
        got.tobytes() == gemm.matmul(np.ascontiguousarray(a), np.ascontiguousarray(b)).tobytes()
    )  # layout changes no bit
    close(got, a.astype(np.float64) @ b.astype(np.float64), 70)
    np.testing.assert_array_equal(a, before[0])
    np.testing.assert_array_equal(b, before[1])


BATCHES = [
    ((3,), (3,)), ((3,), ()), ((), (3,)), ((2, 3), (3,)), ((3,), (2, 1)), ((2, 1), (1, 3)), ((1,), (4,)),
    ((4, 1), (1,)), ((2, 1, 3), (1, 4, 1)), ((0,), ()), ((0,), (1,)), ((2, 0), (1, 1)),
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("first", "second"), BATCHES)
def test_batches_are_broadcast(first, second, dtype):
    a, b, bias = arrays(dtype, (*first, 9, 11), (*second, 11, 35), 35)
    for bias_or_none in (None, bias):
        got = gemm.packed_matmul(a, b, None, bias_or_none)
        expected = naive.matmul(a, b, bias_or_none)
        assert got.shape == expected.shape
        close(got, expected, 11)
    turned = np.swapaxes(np.ascontiguousarray(np.swapaxes(a, 0, -1)), 0, -1)
    close(gemm.packed_matmul(turned, b), naive.matmul(a, b), 11)


@pytest.mark.parametrize("function", [gemm.matmul, gemm.packed_matmul])
@pytest.mark.parametrize(("m", "k", "n"), [(0, 3, 4), (3, 0, 4), (3, 4, 0), (0, 0, 0), (3, 0, 0)])
def test_empty_axes(m, k, n, function):
    a, b, bias = arrays(np.float32, (2, m, k), (2, k, n), n)
    assert function(a, b).tobytes() == np.zeros((2, m, n), np.float32).tobytes()
    np.testing.assert_array_equal(function(a, b, bias=bias), np.broadcast_to(bias, (2, m, n)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_bits_depend_neither_on_threads_nor_on_the_batch(dtype, keep_threads):
    a, b, bias = arrays(dtype, (300, 700), (700, 200), 200)
    results = []
    for threads in (1, 2):
        jit.set_num_threads(threads)
        results.append(gemm.packed_matmul(a, b, bias=bias))
    assert results[0].tobytes() == results[1].tobytes()
    assert gemm.packed_matmul(a[100:117], b, bias=bias).tobytes() == results[0][100:117].tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_and_infinity_stay_where_they_belong(dtype):
    a, b = arrays(dtype, (70, 80), (80, 90))
    a[3, 5], b[7, 11], a[20, 7] = np.nan, np.inf, 0
    got = gemm.packed_matmul(a, b)
    with np.errstate(invalid="ignore"):
        expected = a @ b
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    np.testing.assert_array_equal(np.isinf(got), np.isinf(expected))


@pytest.mark.parametrize(("m", "k", "n"), [(4, 5, 6), (70, 80, 90)])
def test_out(m, k, n):
    a, b, bias = arrays(np.float32, (m, k), (k, n), n)
    expected = gemm.matmul(a, b, bias=bias)
    for out in (
        np.empty((m, n), np.float32),
        np.empty((n, m), np.float32).T,
        np.empty((m, n)),
        np.empty((m, 2 * n))[:, ::2],
    ):
        assert gemm.matmul(a, b, out=out, bias=bias) is out
        np.testing.assert_array_equal(out, expected)
    square = arrays(np.float32, (80, 80))[0]
    expected = gemm.matmul(square, square)
    gemm.matmul(square, square, out=square)  # over an operand
    np.testing.assert_array_equal(square, expected)


@pytest.mark.parametrize("dtype", [np.int64, np.float16, np.complex64, np.bool_])
def test_other_dtypes_are_left_to_numpy(dtype):
    a, b = (np.round(x * 3).astype(dtype) for x in arrays(np.float64, (5, 6), (6, 7)))
    np.testing.assert_array_equal(gemm.matmul(a, b), a @ b)


def test_mixed_dtypes_are_promoted():
    a, b = arrays(np.float64, (5, 6), (6, 7))
    assert gemm.matmul(a.astype(np.float32), b).dtype == np.float64


@pytest.mark.parametrize(
    ("a", "b", "options", "message"),
    [
        ((2, 3), (4, 5), {}, r"inner sizes differ: \(2, 3\) @ \(4, 5\) has 3 against 4"),
        ((3,), (3, 4), {}, r"at least 2 axes, got shapes \(3,\) and \(3, 4\)"),
        ((2, 3, 4), (3, 4, 5), {}, r"batch axes cannot be broadcast: \(2, 3, 4\) @ \(3, 4, 5\)"),
        ((2, 3), (3, 4), {"out": np.zeros((2, 5))}, r"out has shape \(2, 5\), but .* has shape \(2, 4\)"),
        ((2, 3), (3, 4), {"bias": np.zeros(3)}, r"bias has shape \(3,\), but .* needs shape \(4,\)"),
    ],
)
def test_errors_name_both_shapes(a, b, options, message):
    with pytest.raises(ValueError, match=message):
        gemm.matmul(np.ones(a), np.ones(b), **options)


def test_what_computes_which_product():
    assert crossover.choose(1, 4, 4, 4, 4) == "blas"
    assert crossover.choose(1, 5000, 500, 1, 4) == crossover.choose(1, 1, 5000, 500, 8) == "vectors"
    assert crossover.choose(1, 256, 256, 256, 8) == crossover.choose(64, 16, 16, 16, 4) == "tiles"
    assert crossover.choose(5000, 4, 4, 4, 4) == "blas"
    assert crossover.choose(1, 500, 1, 500, 4) == "outer"
    # BLAS starts threads from here on, and its results would depend on them
    assert all(crossover.choose(1, 64, 64, 64, itemsize) == "tiles" for itemsize in (4, 8))
    assert all(crossover.choose(1, *shape, 4) == "vectors" for shape in ((9217, 1 + 1, 1), (1, 97, 96), (97, 96, 4)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("turn_a", [False, True])
@pytest.mark.parametrize("turn_b", [False, True])
@pytest.mark.parametrize(
    ("m", "k", "n"), [(1, 130, 100), (130, 100, 1), (300, 77, 3), (1030, 33, 4), (1, 40000, 2), (600, 1, 9), (5, 5, 5)]
)
@pytest.mark.parametrize("batch", [(), (2, 1)])
def test_every_way_gives_the_product(batch, m, k, n, turn_b, turn_a, dtype):
    a, b, bias = arrays(dtype, (*batch, m, k), (*batch[:1], k, n), n)
    a = np.ascontiguousarray(a.mT).mT if turn_a else a
    b = np.ascontiguousarray(b.mT).mT if turn_b else b
    expected = a.astype(np.float64) @ b.astype(np.float64)
    close(gemm.product(a, b), expected, k)
    close(gemm.product(a, b, bias), expected + bias, k)
    close(gemm.product(a, b, bias, relu=True), np.maximum(expected + bias, 0), k)
    if k > 1:
        close(gemm.product(a[..., ::2], b[..., ::2, :]), a[..., ::2].astype(float) @ b[..., ::2, :].astype(float), k)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("m", "k", "n"), [(1, 5000, 300), (300, 5000, 1), (5000, 500, 4), (70, 700, 10), (300, 300, 300), (100, 9, 200)]
)
def test_bits_do_not_depend_on_threads_whatever_computes_the_product(m, k, n, dtype, keep_threads):
    a, b = arrays(dtype, (m, k), (k, n))
    for x in (a, np.ascontiguousarray(a.T).T):
        results = []
        for threads in (1, 2):
            jit.set_num_threads(threads)
            results.append(gemm.product(x, b).tobytes())
        assert results[0] == results[1]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("m", "k", "n"), [(8, 5, 32), (9, 600, 33), (40, 20, 10), (300, 257, 7), (3, 0, 4)])
def test_relu_in_the_tail(m, k, n, dtype):
    a, b, bias = arrays(dtype, (m, k), (k, n), n)
    got = gemm.packed_matmul(a, b, None, bias, relu=True)
    np.testing.assert_array_equal(got, np.maximum(gemm.packed_matmul(a, b, None, bias), 0))
    if k:
        a[1, 0], b[0, 2] = np.nan, np.inf
        got = gemm.packed_matmul(a, b, relu=True)
        with np.errstate(invalid="ignore"):
            np.testing.assert_array_equal(got, np.maximum(gemm.packed_matmul(a, b), 0))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("forms", ["nn", "nt", "tn", "tt"])
def test_large_products_copy_what_lies_far_apart(forms, dtype):
    """Strides of whole pages, several blocks of k, rows and panels that do not come out even."""
    m, k, n = 277, 530, 1041
    a, b = arrays(dtype, (k, 4096) if forms[0] == "t" else (m, 4096), (n, 4096) if forms[1] == "t" else (k, 4096))
    a = a[:, :m].T if forms[0] == "t" else a[:, :k]
    b = b[:, :k].T if forms[1] == "t" else b[:, :n]
    got = gemm.packed_matmul(a, b)
    close(got, a.astype(np.float64) @ b.astype(np.float64), k)
    assert got.tobytes() == gemm.packed_matmul(np.ascontiguousarray(a), np.ascontiguousarray(b)).tobytes()


def test_memory_around_operands_is_neither_read_nor_written():
    """A product at the very end of a mapped page, and a result between values that stay."""
    for m, k, n in [(9, 5, 33), (8, 40, 10), (17, 300, 31), (2, 3, 64)]:
        frame = np.full((m + 2) * n, 7, np.float32)
        a, b = arrays(np.float32, (m, k), (k, n))
        gemm.packed_matmul(a, b, frame[n:-n].reshape(m, n))
        assert (frame[:n] == 7).all()
        assert (frame[-n:] == 7).all()
        close(frame[n:-n].reshape(m, n), a.astype(float) @ b.astype(float), k)


@pytest.mark.slow
@pytest.mark.skipif(not jit.IS_X86, reason="names CPUs of another architecture")
@pytest.mark.parametrize(
    ("cpu", "features"), [("haswell", "+avx,+avx2,+fma"), ("x86-64", "+sse2")], ids=["AVX2", "SSE2"]
)
def test_all_of_this_with_narrower_vectors(cpu, features):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not narrower", __file__]
    environment = {**os.environ, "NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": features}
    root = Path(__file__).parents[2]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=root, timeout=600, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize(
    ("m", "k", "n"), [(1, 5, 3), (9, 17, 31), (20, 3, 64), (17, 33, 65), (130, 300, 70), (64, 600, 10)]
)
def test_gelu_in_the_write_out(m, k, n, approximate, dtype, keep_threads):
    """Against the loops that do the same one after the other, whose values are tested on their own."""
    a, b, bias = arrays(dtype, (m, k), (k, n), n)
    b /= k**0.5
    sums = gemm.packed_matmul(a, b, None, bias)
    value, slope = {"none": ("gelu", "gelu_gradient"), "tanh": ("gelu_tanh", "gelu_tanh_gradient")}[approximate]
    expected = getattr(activations, value)(sums), getattr(activations, slope)(np.ones_like(sums), sums, absorb=False)
    tolerance = 4 * np.finfo(dtype).eps
    results = []
    for threads in (1, 2):
        jit.set_num_threads(threads)
        got = gemm.packed_gelu(a, b, bias, approximate, True)
        alone, nothing = gemm.packed_gelu(a, b, bias, approximate, False)
        assert nothing is None
        assert np.array_equal(alone, got[0])
        for one, other in zip(got, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)
        results.append([x.tobytes() for x in got])
    assert results[0] == results[1]
    transposed = gemm.packed_gelu(np.asfortranarray(a), np.repeat(b, 2, 0)[::2], None, approximate, True)
    zero_bias = gemm.packed_gelu(a, b, np.zeros_like(bias), approximate, True)
    for one, other in zip(transposed, zero_bias, strict=True):
        assert np.array_equal(one, other)
