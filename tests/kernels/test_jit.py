"""The kernel machinery: declaring and compiling, threads in this process, and what arguments may be."""

from __future__ import annotations

import numpy as np
import pytest

from autograd.kernels import jit, threads
from autograd.kernels.jit import (
    LANES,
    Bytes,
    Doubles,
    Int32s,
    Ints,
    Reals,
    block_range,
    count_blocks,
    inline,
    kernel,
    offset,
    real,
    stack,
)

BLOCK = 64


@inline
def doubled(value):
    return value * real(2)


@inline(reassociate=True)
def sum_of(x, n):
    total = real(0)
    for i in range(n):
        total += x[i]
    return total


@kernel
def scale_block(block: int, x: Reals, out: Reals, n: int, factor: float) -> None:
    start, stop = block_range(block, BLOCK, n)
    for i in range(start, stop):
        out[i] = doubled(x[i]) * factor


@kernel
def mixed_block(
    block: int, worker: int, x: Reals, out: Doubles, index: Ints, small: Int32s, mask: Bytes, workers: Ints, n: int
) -> None:
    start, stop = block_range(block, BLOCK, n)
    for i in range(start, stop):
        if mask[i]:
            out[i] = x[index[i]] + small[i]
    workers[block] = worker


@kernel
def constants_block(block: int, x: Reals, out: Reals) -> None:
    local = stack(x, 8)
    for i in range(8):
        local[i] = x[i]
    out[0] = LANES
    out[1] = sum_of(offset(local, 2), ROWS)


ROWS = 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [0, 1, 63, 64, 65, 1000])
def test_one_body_serves_both_dtypes(dtype, n):
    x = np.random.default_rng(0).standard_normal(n).astype(dtype)
    out = np.full_like(x, np.nan)
    scale_block(x, out, n, 1.5, blocks=count_blocks(n, BLOCK))
    np.testing.assert_array_equal(out, x * dtype(2) * dtype(1.5))


def test_every_kind_of_argument_arrives(keep_threads):
    jit.set_num_threads(2)
    n, rng = 1000, np.random.default_rng(1)
    x, index = rng.standard_normal(n), rng.permutation(n)
    small, mask = rng.integers(-5, 5, n, dtype=np.int32), rng.random(n) < 0.5
    blocks = count_blocks(n, BLOCK)
    workers = np.full(blocks, -1)
    out = np.zeros(n)
    mixed_block(x, out, index, small, mask, workers, n, blocks=blocks)
    np.testing.assert_array_equal(out, np.where(mask, x[index] + small, 0))
    assert set(workers) <= {0, 1}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_constants_are_part_of_the_variant(dtype):
    x, out = np.arange(8, dtype=dtype), np.zeros(2, dtype)
    constants_block.with_constants(ROWS=3)(x, out, blocks=1)
    assert out.tolist() == [jit.VECTOR_BYTES / x.itemsize, 2 + 3 + 4]
    constants_block.with_constants(ROWS=2)(x, out, blocks=1)
    assert out[1] == 2 + 3
    assert constants_block.with_constants(ROWS=2) is constants_block.with_constants(ROWS=2)


def test_wrong_dtypes_are_named():
    x = np.ones(4, np.float32)
    with pytest.raises(TypeError, match="scale_block: out takes float32 elements, got float64"):
        scale_block(x, np.ones(4), 4, 1.0, blocks=1)
    with pytest.raises(TypeError, match="takes float32 or float64, got int64"):
        scale_block(np.ones(4, int), np.ones(4, int), 4, 1.0, blocks=1)


def test_a_parameter_without_annotation_is_refused():
    with pytest.raises(TypeError, match="parameter x needs an annotation"):

        @kernel
        def bad_block(block: int, x) -> None: ...


def test_infinity_and_nan_stay_and_denormals_become_zero():
    x = np.array([np.inf, -np.inf, np.nan, 1e-40, 1.0], np.float32)
    out = np.empty_like(x)
    scale_block(x, out, 5, 1.0, blocks=1)
    np.testing.assert_array_equal(out[:3], x[:3])
    assert out[4] == 2
    if jit.IS_X86:
        assert out[3] == 0
    assert np.float32(1e-40) * np.float32(2) != 0  # the caller's own arithmetic is as before


def test_results_do_not_depend_on_threads(keep_threads):
    x = np.random.default_rng(2).standard_normal(10_000)
    results = []
    for n in (1, 2):
        jit.set_num_threads(n)
        out = np.empty_like(x)
        scale_block(x, out, x.size, 0.3, blocks=count_blocks(x.size, BLOCK))
        results.append(out)
    assert results[0].tobytes() == results[1].tobytes()


def test_set_num_threads(keep_threads):
    jit.set_num_threads(1)
    assert jit.get_num_threads() == 1
    jit.set_num_threads(10_000)
    assert 1 <= jit.get_num_threads() < 10_000
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="positive int"):
            jit.set_num_threads(wrong)


def test_container_limits_bound_the_default(monkeypatch):
    monkeypatch.setattr(threads, "_container_limit", lambda: 0.5)
    assert threads._default_threads() == 1
    monkeypatch.setattr(threads, "_container_limit", lambda: float("inf"))
    assert threads._default_threads() >= 1


def test_a_numpy_scalar_is_no_array():
    """It has a dtype, and no pointer where an array has one."""
    from autograd.kernels import clip

    one = np.ones(1, np.float32)
    with pytest.raises(TypeError, match="like takes float32 elements, got float32"):
        clip.scale_block(one[0], one, one, 1, one, 1.0, blocks=1, dtype=np.dtype(np.float32))
