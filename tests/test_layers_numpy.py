"""Layers against small twins in NumPy, dropout, and starting values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from tests.torch_oracle import normal


# ---------------------------------------------------------------------------------------------------------------------
# Twins in NumPy, for where there is no PyTorch
# ---------------------------------------------------------------------------------------------------------------------
def test_dense_is_a_weighted_sum():
    layer = nn.Dense(5, 3).double()
    x = normal(2, 4, 5)
    want = np.zeros((2, 4, 3))
    for n, t, o in np.ndindex(want.shape):
        want[n, t, o] = sum(x[n, t, d] * layer.weight.data[o, d] for d in range(5)) + layer.bias.data[o]
    np.testing.assert_allclose(layer(Tensor(x)).data, want, rtol=1e-12)
    np.testing.assert_allclose(layer(x).data, want, rtol=1e-12)  # an array is as good as a tensor


@pytest.mark.parametrize(("stride", "padding", "dilation", "groups"), [(1, 0, 1, 1), (2, 1, 1, 2), (1, 2, 2, 4)])
def test_convolution_is_a_dense_layer_at_each_place(stride: int, padding: int, dilation: int, groups: int):
    layer = nn.Conv2D(4, 8, 3, stride, padding, dilation, groups).double()
    x = normal(2, 4, 7, 6)
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    reach = dilation * 2 + 1
    height, width = ((n + 2 * padding - reach) // stride + 1 for n in (7, 6))
    want = np.zeros((2, 8, height, width))
    for n, o, i, j in np.ndindex(want.shape):
        group = o // (8 // groups)
        channels = slice(group * 4 // groups, (group + 1) * 4 // groups)
        rows, columns = (slice(k * stride, k * stride + reach, dilation) for k in (i, j))
        want[n, o, i, j] = (padded[n, channels, rows, columns] * layer.weight.data[o]).sum() + layer.bias.data[o]
    np.testing.assert_allclose(layer(Tensor(x)).data, want, rtol=1e-10, atol=1e-12)


def test_pooling_looks_at_each_window():
    x = normal(2, 3, 7, 6)
    windows = np.stack([[x[:, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3] for j in range(2)] for i in range(3)])
    largest = windows.max((-2, -1)).transpose(2, 3, 0, 1)
    means = windows.mean((-2, -1)).transpose(2, 3, 0, 1)
    np.testing.assert_array_equal(nn.MaxPool2D(3, 2)(Tensor(x)).data, largest)
    np.testing.assert_allclose(nn.AvgPool2D(3, 2)(Tensor(x)).data, means, rtol=1e-12)


def test_global_pooling_gives_one_number_for_each_channel():
    x = normal(2, 3, 7, 6)
    np.testing.assert_allclose(nn.GlobalAvgPool2D()(Tensor(x)).data, x.mean((2, 3)), rtol=1e-12)
    np.testing.assert_array_equal(nn.GlobalMaxPool2D()(Tensor(x)).data, x.max((2, 3)))
    np.testing.assert_array_equal(nn.GlobalMaxPool2D(keepdim=True)(Tensor(x)).data, x.max((2, 3), keepdims=True))
    np.testing.assert_allclose(nn.GlobalAvgPool1D()(Tensor(x[0])).data, x[0].mean(-1), rtol=1e-12)
    np.testing.assert_array_equal(nn.GlobalMaxPool1D()(Tensor(x[0])).data, x[0].max(-1))
    with pytest.raises(ValueError, match=r"GlobalAvgPool2D: the input has shape \(3, 2\)"):
        nn.GlobalAvgPool2D()(ag.ones(3, 2))


@pytest.mark.parametrize("momentum", [0.1, None])
def test_batch_normalization_keeps_running_means(momentum: float | None):
    layer = nn.BatchNorm2D(3, momentum=momentum).double()
    layer.weight.data[...], layer.bias.data[...] = normal(3, seed=1), normal(3, seed=2)
    mean, var = np.zeros(3), np.ones(3)
    for step in range(1, 4):
        x = normal(4, 3, 5, 2, seed=step) * 3 + 1
        m, v = x.mean((0, 2, 3)), x.var((0, 2, 3))
        factor = 1 / step if momentum is None else momentum
        mean = (1 - factor) * mean + factor * m
        var = (1 - factor) * var + factor * x.var((0, 2, 3), ddof=1)
        m, v, w, b = (a[:, None, None] for a in (m, v, layer.weight.data, layer.bias.data))
        np.testing.assert_allclose(layer(Tensor(x)).data, (x - m) / np.sqrt(v + 1e-5) * w + b, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(layer.running_mean.data, mean, rtol=1e-12)
    np.testing.assert_allclose(layer.running_var.data, var, rtol=1e-12)
    assert layer.num_batches_tracked.item() == 3
    assert layer.num_batches_tracked.dtype == np.int64
    layer.eval()
    m, v, w, b = (a[:, None, None] for a in (mean, var, layer.weight.data, layer.bias.data))
    np.testing.assert_allclose(layer(Tensor(x)).data, (x - m) / np.sqrt(v + 1e-5) * w + b, rtol=1e-9, atol=1e-12)
    assert layer.num_batches_tracked.item() == 3
    layer.reset_running_stats()
    assert layer.running_var.data.tolist() == [1.0, 1.0, 1.0]
    assert layer.num_batches_tracked.item() == 0


def test_layer_normalization_looks_at_one_sample():
    x = normal(4, 5) * 3 + 1
    layer = nn.LayerNorm(5).double()
    want = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(layer(Tensor(x)).data, want, rtol=1e-9)
    want = x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-3)
    np.testing.assert_allclose(nn.RMSNorm(5, eps=1e-3).double()(Tensor(x)).data, want, rtol=1e-9)


def test_embedding_looks_up_rows():
    layer = nn.Embedding(10, 4, padding_idx=3)
    indices = np.array([[1, 3], [3, 9], [1, 1]])
    out = layer(ag.tensor(indices))
    np.testing.assert_array_equal(out.data, layer.weight.data[indices])
    assert not out.data[0, 1].any()
    out.sum().backward()
    counts = np.bincount(indices.ravel(), minlength=10).astype(np.float32)
    counts[3] = 0.0  # the padding is not trained
    np.testing.assert_array_equal(layer.weight.grad.data, np.repeat(counts[:, None], 4, 1))
    rows = normal(6, 2)
    frozen = nn.Embedding.from_pretrained(rows)
    assert not frozen.weight.requires_grad
    np.testing.assert_array_equal(frozen(np.array([5])).data, rows[5:])
    assert nn.Embedding.from_pretrained(Tensor(rows), freeze=False).weight.requires_grad
    with pytest.raises(ValueError, match=r"the rows have shape \(3,\)"):
        nn.Embedding.from_pretrained([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="padding_idx is 10, and there are 10 rows"):
        nn.Embedding(10, 4, padding_idx=10)


# ---------------------------------------------------------------------------------------------------------------------
# Dropout
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_dropout_leaves_elements_out_and_makes_up_for_it(p: float):
    ag.manual_seed(1)
    layer = nn.Dropout(p)
    x = ag.ones(200, 500, requires_grad=True)
    y = layer(x)
    kept = y.data != 0
    assert abs(kept.mean() - (1 - p)) < 5 * np.sqrt(p * (1 - p) / 100_000)
    np.testing.assert_allclose(y.data[kept], 1 / (1 - p), rtol=1e-6)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, y.data)  # the same elements are left out of the gradient
    assert not np.array_equal(layer(x).data, y.data)
    ag.manual_seed(1)
    np.testing.assert_array_equal(layer(x).data, y.data)
    layer.eval()
    np.testing.assert_array_equal(layer(x).data, x.data)


def test_dropout_of_nothing_and_of_everything():
    x = ag.ones(3, 4)
    np.testing.assert_array_equal(nn.Dropout(0.0)(x).data, x.data)
    np.testing.assert_array_equal(nn.Dropout(1.0)(x).data, np.zeros((3, 4)))
    with pytest.raises(ValueError, match=r"Dropout: p is 1.5"):
        nn.Dropout(1.5)


@pytest.mark.parametrize(("layer", "shape"), [("Dropout1D", (8, 16, 9)), ("Dropout2D", (8, 16, 3, 4))])
def test_dropout_of_channels(layer: str, shape: tuple[int, ...]):
    ag.manual_seed(1)
    y = getattr(nn, layer)(0.5)(ag.ones(shape)).data.reshape(8, 16, -1)
    assert ((y == 0).all(-1) | (y == 2).all(-1)).all()
    assert 20 < (y[..., 0] == 0).sum() < 108


def test_alpha_dropout_keeps_mean_and_variance():
    ag.manual_seed(1)
    x = Tensor(normal(300, 1000))
    y = nn.AlphaDropout(0.3)(x).data
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.03
    np.testing.assert_array_equal(nn.AlphaDropout(0.3).eval()(x).data, x.data)


# ---------------------------------------------------------------------------------------------------------------------
# Starting values
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("build", "fan_in"),
    [
        (lambda: nn.Dense(400, 300), 400),
        (lambda: nn.Conv2D(16, 200, 5), 400),
        (lambda: nn.Conv1D(32, 400, 5, groups=4), 40),
        (lambda: nn.ConvTranspose2D(40, 16, 3), 144),
    ],
)
def test_weights_start_as_in_pytorch(build: Callable[[], Any], fan_in: int):
    ag.manual_seed(3)
    layer = build()
    bound = 1 / np.sqrt(fan_in)
    weight, bias = layer.weight.data.copy(), layer.bias.data
    assert weight.dtype == bias.dtype == np.float32
    assert np.abs(weight).max() <= bound * (1 + 1e-6)
    assert np.abs(weight).max() > 0.99 * bound
    assert abs(weight.std() - bound / np.sqrt(3)) < 0.02 * bound
    assert np.abs(bias).max() <= bound * (1 + 1e-6)
    assert bias.std() > 0.3 * bound
    ag.manual_seed(3)
    np.testing.assert_array_equal(build().weight.data, weight)
    layer.reset_parameters()
    assert not np.array_equal(layer.weight.data, weight)


def test_other_layers_start_as_in_pytorch():
    ag.manual_seed(3)
    weight = nn.Embedding(500, 40).weight.data
    assert abs(weight.std() - 1) < 0.02
    assert abs(weight.mean()) < 0.03
    for layer in (nn.BatchNorm2D(3), nn.LayerNorm(3), nn.GroupNorm(1, 3)):
        assert layer.weight.data.tolist() == [1.0] * 3
        assert layer.bias.data.tolist() == [0.0] * 3
    assert nn.PReLU().weight.data.tolist() == [0.25]
    for dtype in (np.float32, np.float64):
        assert nn.Dense(3, 2, dtype=dtype).weight.dtype == dtype
        assert nn.BatchNorm1D(3, dtype=dtype).running_mean.dtype == dtype
        assert nn.LayerNorm(3, dtype=dtype).weight.dtype == dtype
