"""exp, log, tanh, erf and their kin against functions of higher precision, over the whole range of the numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from llvmlite import ir
from numba import types
from scipy import special

from autograd.kernels import scalar_math
from autograd.kernels.jit import VECTOR_BYTES, Kernel, Reals, intrinsic, kernel
from autograd.kernels.scalar_math import (
    emit,
    erf,
    erfc,
    exp,
    expm1,
    log,
    log1p,
    normal_cdf,
    normal_pdf,
    sigmoid,
    softplus,
    tanh,
)


@kernel
def exp_block(block: int, x: Reals, out: Reals, n: int) -> None:
    for i in range(n):
        out[i] = exp(x[i])


@kernel
def expm1_block(block: int, x: Reals, out: Reals, n: int) -> None:
    for i in range(n):
        out[i] = expm1(x[i])


@kernel
def log_block(block: int, x: Reals, out: Reals, n: int) -> None:
    for i in range(n):
        out[i] = log(x[i])


@kernel
def log1p_block(block: int, x: Reals, out: Reals, n: int) -> None:
    for i in range(n):
        out[i] = log1p(x[i])


@kernel
def tanh_block(block: int, x: Reals, out: Reals, n: int) -> None:
    for i in range(n):
        out[i] = tanh(x[i])


@kernel
def sigmoid_block(block: int, x: Reals, out: Reals, n: int) -> None:
    for i in range(n):
        out[i] = sigmoid(x[i])


@kernel
def softplus_block(block: int, x: Reals, out: Reals, n: int) -> None:
    for i in range(n):
        out[i] = softplus(x[i])


@kernel
def erf_block(block: int, x: Reals, out: Reals, n: int) -> None:
    for i in range(n):
        out[i] = erf(x[i])


@kernel
def erfc_block(block: int, x: Reals, out: Reals, n: int) -> None:
    for i in range(n):
        out[i] = erfc(x[i])


@kernel
def normal_cdf_block(block: int, x: Reals, out: Reals, n: int) -> None:
    for i in range(n):
        out[i] = normal_cdf(x[i])


@kernel
def normal_pdf_block(block: int, x: Reals, out: Reals, n: int) -> None:
    for i in range(n):
        out[i] = normal_pdf(x[i])


def _pdf(x: Any) -> Any:
    return np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


# Each with the same in float64 (for float32), in the C library (for float64, itself off by up to 1 unit), and the units
# in the last place by which ours may be off.
CASES: dict[str, tuple[Kernel, Callable[..., Any], Callable[[float], float], float]] = {
    "exp": (exp_block, np.exp, math.exp, 1.0),
    "expm1": (expm1_block, np.expm1, math.expm1, 2.0),
    "log": (log_block, np.log, math.log, 1.0),
    "log1p": (log1p_block, np.log1p, math.log1p, 1.0),
    "tanh": (tanh_block, np.tanh, math.tanh, 2.0),
    "sigmoid": (sigmoid_block, special.expit, lambda a: special.expit(a), 2.0),
    "softplus": (
        softplus_block,
        lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
        lambda a: max(a, 0.0) + math.log1p(math.exp(-abs(a))) if a == a else a,
        3.0,
    ),
    "erf": (erf_block, special.erf, math.erf, 2.0),
    "erfc": (erfc_block, special.erfc, math.erfc, 7.0),
    "normal_cdf": (normal_cdf_block, special.ndtr, lambda a: special.ndtr(a), 7.0),
    "normal_pdf": (normal_pdf_block, _pdf, _pdf, 4.0),
}
BITS = {"float32": np.uint32, "float64": np.uint64}


def run(name: str, x: np.ndarray) -> np.ndarray:
    out = np.empty_like(x)
    CASES[name][0](x, out, x.size, blocks=1)
    return out


def units_off(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The distance in units in the last place of the expected, where that is a normal number of the dtype."""
    rounded = expected.astype(got.dtype)
    normal = np.isfinite(rounded) & (np.abs(rounded) > np.finfo(got.dtype).tiny)
    difference = np.abs(got[normal].astype(np.float64) - expected[normal])
    return difference / np.spacing(np.abs(rounded[normal])).astype(np.float64)


def everywhere(dtype: str, n: int) -> np.ndarray:
    """Numbers of every size and sign, evenly over their bits, and more of them where functions bend."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, np.iinfo(BITS[dtype]).max, n, BITS[dtype], endpoint=True).view(dtype)
    x = x[np.isfinite(x) & (np.abs(x) >= np.finfo(dtype).tiny)]
    widths = (0.01, 0.5, 1, 2, 4, 10, 40, 110) if dtype == "float32" else (0.01, 0.5, 1, 2, 4, 10, 40, 750)
    return np.concatenate([x, *(rng.uniform(-width, width, n).astype(dtype) for width in widths)])


@pytest.mark.parametrize("name", CASES)
def test_single_precision_everywhere(name: str) -> None:
    x = everywhere("float32", 100_000)
    with np.errstate(all="ignore"):
        expected = CASES[name][1](x.astype(np.float64))
        off = units_off(run(name, x), expected)
    assert off.size > 100_000
    assert off.max() <= CASES[name][3]


@pytest.mark.parametrize("name", CASES)
def test_double_precision_everywhere(name: str) -> None:
    def oracle(a: float) -> float:
        try:
            return CASES[name][2](a)
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan

    x = everywhere("float64", 5_000)
    with np.errstate(all="ignore"):
        expected = np.array([oracle(a) for a in x.tolist()])
        got = run(name, x)
    # The oracle is itself rounded, and that of the normal distribution loses digits of x * x.
    allowed = CASES[name][3] + 1
    if name.startswith("normal"):
        allowed = allowed + 2 * np.minimum(np.abs(x), 40)[np.abs(expected) > np.finfo("d").tiny] ** 2
    assert (units_off(got, expected) <= allowed).all()


@pytest.mark.parametrize("dtype", BITS)
@pytest.mark.parametrize("name", CASES)
def test_special_values(name: str, dtype: str) -> None:
    largest = np.finfo(dtype).max
    x = np.array([np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, largest, -largest, -1.0, 120.0, -120.0], dtype)
    if dtype == "float64":
        x = np.append(x, [800.0, -800.0])
    with np.errstate(all="ignore"):
        expected = CASES[name][1](x.astype(np.float64)).astype(dtype)
    expected[np.abs(expected) < np.finfo(dtype).tiny] *= 0  # denormals are flushed
    got = run(name, x)
    np.testing.assert_allclose(got, expected, rtol=8 * np.finfo(dtype).eps, atol=0)
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(got[number]), np.signbit(expected[number]))


@pytest.mark.parametrize("dtype", BITS)
@pytest.mark.parametrize("name", CASES)
def test_denormals_are_zero_or_right(name: str, dtype: str) -> None:
    tiny = np.finfo(dtype).smallest_subnormal
    x = np.array([tiny, -tiny, 1000 * tiny, -1000 * tiny], dtype)
    with np.errstate(all="ignore"):
        right, at_zero = (CASES[name][1](a.astype(np.float64)).astype(dtype) for a in (x, x * 0))
    got = run(name, x)
    close = np.isclose(got, right, rtol=8 * np.finfo(dtype).eps, atol=0)
    assert (close | (got == at_zero)).all(), got


def test_exponentials_meet_their_limits() -> None:
    """The last number before overflow, the first after it, and the same where the result leaves the normal numbers."""
    for dtype in BITS:
        info = np.finfo(dtype)
        edge = np.array(np.log(np.float64(info.max)), dtype)
        around = np.array([edge, np.nextafter(edge, np.array(0, dtype))], dtype)
        around = around[around.astype("g") < np.log(np.longdouble(info.max))]
        assert np.isfinite(run("exp", around)).all()
        assert np.isinf(run("exp", np.array([edge + 1], dtype))).all()
        assert np.isinf(run("expm1", np.array([edge + 1, np.inf], dtype))).all()
        low = np.array(np.log(np.float64(info.tiny)), dtype)
        np.testing.assert_array_equal(run("exp", np.array([low - 1, low - 50], dtype)), [0, 0])
        assert (run("exp", np.array([low + 1e-3], dtype)) > 0).all()


@pytest.mark.parametrize("dtype", BITS)
@pytest.mark.parametrize("name", CASES)
def test_loops_become_vector_code(name: str, dtype: str) -> None:
    """A width below that of the registers, or a call of the C library, would take several times as long."""
    compiled = CASES[name][0]
    compiled.compile(dtype)
    code = compiled._variants[np.dtype(dtype)]._library.get_asm_str()
    lanes = VECTOR_BYTES // np.dtype(dtype).itemsize
    if VECTOR_BYTES >= 32:
        register = {64: "%zmm", 32: "%ymm"}[VECTOR_BYTES]
        packed = "ps" if dtype == "float32" else "pd"
        assert any(f"mul{packed}" in line and register in line for line in code.splitlines())
    assert lanes > 1
    for called in ("expf", "logf", "tanhf", "erff", "fmaf", "fma@", "rint", "floor"):
        assert called not in code


def test_vectors_of_llvm() -> None:
    """`emit` serves intrinsics that hold whole vectors: the same bits as in a loop over numbers."""

    @intrinsic
    def tanh_of_four(typingctx, x, out):
        def codegen(context, builder, signature, args):
            vector = ir.VectorType(context.get_data_type(x.dtype), 4)
            values = builder.load(builder.bitcast(args[0], vector.as_pointer()), align=4)
            result = emit(scalar_math.tanh, builder, values)
            builder.store(result, builder.bitcast(args[1], vector.as_pointer()), align=4)
            return context.get_dummy_value()

        return types.void(x, out), codegen

    def block(block, x, out):
        tanh_of_four(x, out)

    block.__annotations__ = {"block": int, "x": Reals, "out": Reals}
    for dtype in BITS:
        x = np.array([-3.0, 0.1, np.nan, 30.0], dtype)
        out = np.empty_like(x)
        kernel(block)(x, out, blocks=1)
        np.testing.assert_array_equal(out, run("tanh", x))
