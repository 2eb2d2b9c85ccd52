"""Loops over functions of single elements, against loops in Python."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd.kernels import activations, arithmetic
from autograd.kernels.elementwise import BLOCK, CHUNK, Loop, choose, gradient_loop, loop, sum_loop
from autograd.kernels.jit import IS_X86, VECTOR_BYTES, real
from autograd.kernels.threads import get_num_threads, set_num_threads

SHAPES = [(), (0,), (7,), (3, 0, 2), (5, 33), (BLOCK,), (BLOCK + 1,), (3, 40000)]


@loop
def blend(x, y, weight: float):
    return choose(x > y, x * weight, x + y * weight)


@gradient_loop
def blend_gradient(g, x):
    return g / x


@sum_loop
def squares(x, y, factor: float):
    return factor * (x - y) * (x - y)


def _pair(x, y):
    return x + y, x - y


both = Loop(_pair, outputs=2)


def draw(shape: tuple[int, ...], dtype: str, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], dtype)
    flat = values.reshape(-1)
    flat[: len(special)] = special[: flat.size]
    return values


def naive_blend(x: np.ndarray, y: np.ndarray, weight: float) -> np.ndarray:
    out = [a * weight if a > b else a + b * weight for a, b in zip(x.ravel().tolist(), y.ravel().tolist(), strict=True)]
    return np.array(out, x.dtype).reshape(x.shape)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_against_loops(shape: tuple[int, ...], dtype: str) -> None:
    x, y = draw(shape, dtype), draw(shape, dtype, 1)[..., ::-1] if shape else draw(shape, dtype, 1)
    out = blend(x, y, 0.5)
    assert out.dtype == x.dtype
    assert out.shape == shape
    np.testing.assert_allclose(out, naive_blend(x, y, 0.5), rtol=4 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)
    total, difference = both(x, y)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(total, x + y)
        np.testing.assert_array_equal(difference, x - y)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [0, 1, 17, CHUNK, CHUNK + 1, BLOCK - 1, 2 * BLOCK + 5])
def test_sums(n: int, dtype: str) -> None:
    x, y = (np.random.default_rng(seed).standard_normal(n).astype(dtype) for seed in (0, 1))
    expected = math.fsum(0.5 * (a - b) ** 2 for a, b in zip(x.tolist(), y.tolist(), strict=True))
    assert squares(x, y, 0.5) == pytest.approx(expected, rel=1e-6 if dtype == "float32" else 1e-13)


def test_strides_and_read_only() -> None:
    x = draw((300, 400), "float32")
    x.flags.writeable = False
    for view in (x.T, x[::2, ::-1], np.broadcast_to(x[0], (200, 400)), x[:, None, ::3], np.asfortranarray(x)):
        other = np.random.default_rng(1).standard_normal(view.shape).astype("float32")
        np.testing.assert_array_equal(activations.relu(view), activations.relu(view.copy()))
        np.testing.assert_array_equal(blend(view, other, 2.0), blend(view.copy(), other, 2.0))
        np.testing.assert_array_equal(blend(view, view, 2.0), blend(view.copy(), view.copy(), 2.0))
        numbers = np.nan_to_num(view, posinf=0, neginf=0)
        assert squares(numbers.T, other.T, 1.0) == pytest.approx(squares(numbers, other, 1.0), rel=1e-6)


def test_the_order_of_dense_arrays_in_memory_is_kept() -> None:
    x = np.random.default_rng(0).standard_normal((20, 30, 40)).transpose(2, 0, 1)
    assert activations.relu(x).strides == x.strides
    assert blend(x, x, 2.0).strides == x.strides


def test_a_single_element_is_taken_for_all() -> None:
    x = draw((100, 300), "float32")
    one = np.full((1, 1), 0.5, np.float32)
    for y in (one, one[0, 0].reshape(()), np.broadcast_to(one, x.shape)):
        np.testing.assert_array_equal(blend(x, y, 2.0), blend(x, np.full_like(x, 0.5), 2.0))
        np.testing.assert_array_equal(blend(y, x, 2.0), blend(np.full_like(x, 0.5), x, 2.0))


BROADCAST = [
    ((4, 100), (100,)),
    ((4, 100), (4, 1)),
    ((3, 5, 700), (5, 1)),
    ((3, 5, 700), (3, 1, 700)),
    ((2, 3, 4, 5, 6), (3, 1, 5, 1)),
    ((2, 3, 2, 70), (2, 1, 2, 1)),
    ((2, 1, 70), (3, 1)),
    ((5, 1), (1, 7)),
    ((2, 100_000), (2, 1)),
    ((3, 0), (1,)),
    ((1, 1), (1,)),
    ((50_000, 3), (3,)),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shapes", BROADCAST)
def test_broadcasting(shapes: tuple[tuple[int, ...], ...], dtype: str) -> None:
    rng = np.random.default_rng(0)
    for a, b in (shapes, shapes[::-1]):
        x, y = rng.standard_normal(a).astype(dtype), rng.standard_normal(b).astype(dtype)
        expected = naive_blend(*map(np.ascontiguousarray, np.broadcast_arrays(x, y)), 0.5)
        tolerance = 4 * np.finfo(dtype).eps
        for first, second in ((x, y), (x.copy("F"), y), (np.stack([x, x])[1, ...], y.copy("F")), (x[::-1][::-1], y)):
            out = blend(first, second, 0.5)
            assert out.shape == expected.shape
            np.testing.assert_allclose(out, expected, rtol=tolerance, atol=tolerance)
        total, difference = both(x, y)
        np.testing.assert_array_equal(total, x + y)
        np.testing.assert_array_equal(difference, x - y)
        expected_sum = ((x.astype("d") - y) ** 2).sum()
        assert squares(x, y, 1.0) == pytest.approx(expected_sum, rel=1e-5 if dtype == "float32" else 1e-12)
        reversed_ = blend(x[..., ::-1], y, 0.5)
        np.testing.assert_array_equal(reversed_, blend(x[..., ::-1].copy(), y, 0.5))


def test_shapes_that_do_not_broadcast() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        blend(np.zeros(3), np.zeros(4), 2.0)


def test_a_gradient_of_zero_stays_zero() -> None:
    g, x = np.zeros(20, np.float32), np.zeros(20, np.float32)
    np.testing.assert_array_equal(blend_gradient(g, x), 0)
    assert np.isnan(blend_gradient(g, x, absorb=False)).all()
    g[3], x[4] = 1, np.nan
    expected = np.zeros(20)
    expected[3] = np.inf
    np.testing.assert_array_equal(blend_gradient(g, x), expected)


def test_the_same_bits_for_any_number_of_threads() -> None:
    x, y = draw((400_000,), "float32"), draw((400_000,), "float32", 1)
    before = get_num_threads()
    try:
        results = []
        for threads in (1, 2, 3):
            set_num_threads(threads)
            results.append((blend(x, y, 0.3).tobytes(), squares(x[5:], y[5:], 0.3)))
    finally:
        set_num_threads(before)
    assert results[0] == results[1] == results[2]


LOOPS = {
    name: value for room in (activations, arithmetic) for name, value in vars(room).items() if isinstance(value, Loop)
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_become_vector_code(name: str) -> None:
    """Of the widest registers; and neither the C library nor Numba's runtime is called."""
    one = LOOPS[name]
    compiled = Loop(one.scalar.function, one.kind, one.outputs).kernel([1] * len(one.arrays))
    compiled.cache = None  # what is loaded has no assembly
    compiled.compile("float32")
    code = compiled._variants[np.dtype("float32")]._library.get_asm_str()
    called = {line.split()[-1] for line in code.splitlines() if line.strip().startswith(("call", "bl\t", "blr"))}
    assert not called
    assert not IS_X86 or {64: "%zmm", 32: "%ymm", 16: "%xmm"}[VECTOR_BYTES] in code


def test_real_means_the_dtype_of_the_arrays() -> None:
    @loop
    def third(x):
        return x + real(1) / real(3)

    for dtype in ("float32", "float64"):
        out = third(np.zeros(3, dtype))
        assert out.dtype == dtype
        np.testing.assert_array_equal(out, np.array(1, dtype) / np.array(3, dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arithmetic_as_numpy(dtype: str) -> None:
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -2.5], dtype)
    x, y = (a.ravel() for a in np.meshgrid(special, special))
    numbers = np.random.default_rng(0).standard_normal((2, BLOCK)).astype(dtype)
    x, y = np.append(x, numbers[0]), np.append(y, numbers[1])
    with np.errstate(all="ignore"):
        for name in ("add", "subtract", "multiply", "divide", "maximum", "minimum"):
            np.testing.assert_array_equal(getattr(arithmetic, name)(x, y), getattr(np, name)(x, y))
        for name in ("square", "sqrt", "absolute"):
            np.testing.assert_array_equal(getattr(arithmetic, name)(x), getattr(np, name)(x))
