"""Convolutions as users call them: the switch for Winograd's algorithm, and a ReLU in the same pass."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import autograd as ag
from autograd.ops.convolution import convolve_and_relu


@pytest.fixture
def keep_switch():
    before = ag.is_winograd_allowed()
    yield
    ag.set_winograd(before)


def gradients(operate, *arrays):
    tensors = [ag.Tensor(a, requires_grad=True) for a in arrays]
    out = operate(*tensors)
    out.backward(ag.Tensor(np.cos(np.arange(out.data.size)).reshape(out.shape).astype(out.dtype)))
    return [out.data, *(t.grad.data for t in tensors)]


def test_winograd_can_be_forbidden(keep_switch):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((4, 32, 16, 16), np.float32), rng.standard_normal((32, 32, 3, 3), np.float32)
    results = []
    for allowed in (True, False, True):
        ag.set_winograd(allowed)
        assert ag.is_winograd_allowed() is allowed
        results.append(gradients(lambda x, w: ag.conv2d(x, w, padding=1), x, w))
    exact = gradients(lambda x, w: ag.conv2d(x, w, padding=1), x.astype(np.float64), w.astype(np.float64))
    for fast, direct, again, true in zip(*results, exact, strict=True):
        assert not np.array_equal(fast, direct)
        np.testing.assert_array_equal(fast, again)
        scale = np.abs(true).max()
        np.testing.assert_allclose(fast / scale, true / scale, atol=2e-6)
        np.testing.assert_allclose(direct / scale, true / scale, atol=2e-6)


@pytest.mark.parametrize(("value", "allowed"), [("0", "False"), ("1", "True")])
def test_winograd_can_be_forbidden_from_outside(value, allowed):
    code = "import autograd; print(autograd.is_winograd_allowed())"
    environment = {**os.environ, "DEFINERUN_WINOGRAD": value}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == allowed


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("x_shape", "w_shape", "options"),
    [
        ((2, 3, 19), (4, 3, 3), (1, 1, 1, 1)),
        ((2, 3, 9, 8), (5, 3, 3, 3), (2, 1, 1, 1)),
        ((2, 16, 12, 12), (24, 16, 3, 3), (1, 1, 1, 1)),  # Winograd
        ((2, 4, 20, 20), (4, 1, 3, 3), (1, 1, 1, 4)),  # depthwise
        ((9, 4, 6, 6), (5, 4, 1, 1), (1, 0, 1, 1)),  # a product
        ((3, 12, 12), (4, 3, 3, 3), (1, 1, 1, 1)),  # no batch
        ((1, 2, 5, 6, 7), (3, 2, 2, 2, 2), (1, 1, 1, 1)),
    ],
)
def test_relu_in_the_same_pass_is_relu_after_it(x_shape, w_shape, options, dtype):
    rng = np.random.default_rng(1)
    x, w, b = (rng.standard_normal(s).astype(dtype) for s in (x_shape, w_shape, w_shape[:1]))
    conv = {3: ag.conv1d, 4: ag.conv2d, 5: ag.conv3d}[len(w_shape)]
    together = gradients(lambda x, w, b: convolve_and_relu(x, w, b, *options), x, w, b)
    apart = gradients(lambda x, w, b: ag.relu(conv(x, w, b, *options)), x, w, b)
    assert (together[0] == 0).any()
    for got, expected in zip(together, apart, strict=True):
        assert got.dtype == dtype
        np.testing.assert_allclose(got, expected, rtol=100 * np.finfo(dtype).eps, atol=1000 * np.finfo(dtype).eps)


def test_only_what_is_wanted_gets_a_gradient():
    rng = np.random.default_rng(1)
    x, w, b = (ag.Tensor(rng.standard_normal(s, np.float32)) for s in ((2, 3, 8, 8), (4, 3, 3, 3), (4,)))
    w.requires_grad = True
    convolve_and_relu(x, w, b, 1, 1, 1, 1).sum().backward()
    assert x.grad is None
    assert b.grad is None
    assert w.grad.shape == w.shape
    convolve_and_relu(x, w, None, 1, 1, 1, 1).sum().backward()


def test_second_derivative_through_the_relu():
    rng = np.random.default_rng(1)
    x, w = (ag.Tensor(rng.standard_normal(s), requires_grad=True) for s in ((1, 2, 5, 5), (3, 2, 3, 3)))
    found = []
    for operate in (
        lambda: convolve_and_relu(x, w, None, 1, 1, 1, 1),
        lambda: ag.relu(ag.conv2d(x, w, padding=1)),
    ):
        (by_x,) = ag.grad([(operate() ** 2).sum()], [x], create_graph=True)
        (second,) = ag.grad([(by_x**2).sum()], [w])
        found.append(second.data)
    np.testing.assert_allclose(*found, rtol=1e-10)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding"),
    [
        ((1, 1), 3, 2, 1), ((1, 1), 5, 3, 2), ((1, 1), 2, 4, 1), ((1, 6), 3, (2, 1), 1), ((6, 1), 3, (1, 2), 1),
        ((1, 1), 3, 1, 1), ((1, 2), 3, 2, 1), ((1, 1), 1, 2, 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("channels", [1, 8, 64])
def test_gradient_by_an_input_of_fewer_pixels_than_the_stride(channels, size, kernel, stride, padding, dtype):
    """Without a bias y is linear in x: the product of x and its gradient is that of y and its gradient."""
    rng = np.random.default_rng(0)
    x = ag.from_numpy(rng.standard_normal((2, channels, *size)).astype(dtype)).requires_grad_()
    weight = ag.from_numpy(rng.standard_normal((4, channels, kernel, kernel)).astype(dtype))
    y = ag.conv2d(x, weight, None, stride, padding)
    g = ag.from_numpy(rng.standard_normal(y.shape).astype(dtype))
    y.backward(g)
    expected = (y.detach().numpy().astype(np.float64) * g.numpy()).sum()
    found = (x.grad.numpy().astype(np.float64) * x.detach().numpy()).sum()
    assert found == pytest.approx(expected, rel=1e-4 if dtype == "float32" else 1e-10)
    more = tuple(n - m for n, m in zip(size, _back(y, kernel, stride, padding), strict=True))
    back = ag.conv_transpose2d(g, weight, None, stride, padding, more)
    np.testing.assert_allclose(back.numpy(), x.grad.numpy(), rtol=1e-4, atol=1e-5)


def _back(y, kernel, stride, padding):
    """The size that a transposed convolution gives without more padding of its output."""
    strides = stride if isinstance(stride, tuple) else (stride, stride)
    return [(n - 1) * s - 2 * padding + kernel for n, s in zip(y.shape[2:], strides, strict=True)]
