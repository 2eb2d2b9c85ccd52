"""Convolution, pooling, normalization, dropout and embedding, against PyTorch and against loops."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.ops import windows
from autograd.ops.windows import Geometry
from tests.torch_oracle import compare, normal


# --- Convolution -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    ("groups", "options"),
    [
        (1, {}),
        (1, {"stride": 2, "padding": 1}),
        (2, {"padding": 2, "dilation": 2}),
        (4, {"stride": 3, "padding": 1}),
        (2, {"padding": "same"}),
        (1, {"padding": "valid"}),
    ],
)
def test_convolution_equals_pytorch(axes: int, groups: int, options: dict[str, Any]) -> None:
    for size, kernel in itertools.product(((5, 7, 6), (9, 6, 5)), ((2, 3, 2), (3, 1, 3))):
        x, weight = normal(2, 4, *size[:axes]), normal(8, 4 // groups, *kernel[:axes], seed=1)
        compare(f"conv{axes}d", {"x": x, "weight": weight, "bias": normal(8)}, groups=groups, **options)
        compare(f"conv{axes}d", {"x": x[0], "weight": weight}, groups=groups, **options)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    ("groups", "options"),
    [
        (1, {}),
        (1, {"stride": 2, "padding": 1, "output_padding": 1}),
        (2, {"padding": 1, "dilation": 2, "output_padding": 1}),
        (4, {"stride": 3}),
    ],
)
def test_transposed_convolution_equals_pytorch(axes: int, groups: int, options: dict[str, Any]) -> None:
    x, weight = normal(2, 4, *(4, 5, 3)[:axes]), normal(4, 3, *(3, 2, 3)[:axes], seed=1)
    bias = normal(3 * groups)
    compare(f"conv_transpose{axes}d", {"x": x, "weight": weight, "bias": bias}, groups=groups, **options)
    compare(f"conv_transpose{axes}d", {"x": x[0], "weight": weight}, groups=groups, **options)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_convolution_by_numpy_equals_the_kernels(axes: int) -> None:
    # Whole numbers as complex ones: NumPy convolves them, and exactly.
    rng = np.random.default_rng(2)
    for stride, dilation, groups in itertools.product((1, 2), (1, 2), (1, 2)):
        geometry = Geometry((stride,) * axes, ((0, 1), (2, 2), (1, 0))[:axes], (dilation,) * axes, groups)
        x = rng.integers(-5, 6, (2, 4, *(6, 7, 5)[:axes])).astype(float)
        weight = rng.integers(-5, 6, (6, 4 // groups, *(3, 2, 2)[:axes])).astype(float)
        out = windows.convolve(x, weight, None, geometry)
        g = rng.integers(-5, 6, out.shape).astype(float)
        for function, *arguments in (
            (windows.convolve, x, weight, None),
            (windows.convolve_input_gradient, g, weight, x.shape),
            (windows.convolve_weight_gradient, g, x, weight.shape[2:]),
        ):
            by_kernel = function(*arguments, geometry)
            arguments[:2] = [a.astype(complex) for a in arguments[:2]]
            by_numpy = function(*arguments, geometry)
            assert by_numpy.dtype == complex
            np.testing.assert_array_equal(by_numpy.real, by_kernel)


def test_convolution_keeps_other_dtypes() -> None:
    x, weight = np.arange(32).reshape(2, 1, 4, 4), np.ones((1, 1, 2, 2), np.int64)
    out = ag.conv2d(ag.Tensor(x), ag.Tensor(weight))
    assert out.dtype == np.int64
    assert out.tolist()[0][0][0] == [0 + 1 + 4 + 5, 1 + 2 + 5 + 6, 2 + 3 + 6 + 7]
    half = ag.conv2d(ag.Tensor(x.astype(np.float16)), ag.Tensor(weight.astype(np.float16)))
    assert half.dtype == np.float16
    assert half.tolist() == out.tolist()
    assert ag.conv2d(ag.Tensor(x.astype(np.float32)), ag.Tensor(weight.astype(np.float64))).dtype == np.float64
