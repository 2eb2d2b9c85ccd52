"""Starting values: their distribution, their scale, and what seeds them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from nn import init

RANDOM = {
    "uniform_": {},
    "normal_": {},
    "trunc_normal_": {},
    "xavier_uniform_": {},
    "xavier_normal_": {},
    "kaiming_uniform_": {},
    "kaiming_normal_": {},
    "lecun_uniform_": {},
    "lecun_normal_": {},
    "variance_scaling_": {},
    "orthogonal_": {},
    "sparse_": {"sparsity": 0.2},
}


@pytest.fixture(autouse=True)
def _seeded() -> None:
    ag.manual_seed(11)


def weights(*shape: int, dtype: Any = np.float32) -> Tensor:
    return Tensor(np.full(shape, np.nan, dtype), requires_grad=True)


@pytest.mark.parametrize("name", RANDOM)
def test_fills_in_place_outside_the_graph(name: str):
    tensor = weights(20, 30)
    data = tensor.data
    fill = getattr(init, name)
    assert fill(tensor, **RANDOM[name]) is tensor
    assert tensor.data is data
    assert tensor.is_leaf
    assert tensor.requires_grad
    assert np.isfinite(data).all()
    assert np.unique(data).size > 400
    double = fill(weights(20, 30, dtype=np.float64), **RANDOM[name])
    assert double.dtype == np.float64


@pytest.mark.parametrize("name", RANDOM)
def test_is_seeded(name: str):
    fill = getattr(init, name)
    first = fill(weights(8, 9), **RANDOM[name]).data
    second = fill(weights(8, 9), **RANDOM[name]).data
    ag.manual_seed(11)
    np.testing.assert_array_equal(fill(weights(8, 9), **RANDOM[name]).data, first)
    assert not np.array_equal(first, second)
    generator = ag.Generator()
    generator.manual_seed(3)
    own = fill(weights(8, 9), **RANDOM[name], generator=generator).data
    generator.manual_seed(3)
    np.testing.assert_array_equal(fill(weights(8, 9), **RANDOM[name], generator=generator).data, own)
    # What has a generator of its own does not disturb the others.
    np.testing.assert_array_equal(fill(weights(8, 9), **RANDOM[name]).data, second)


@pytest.mark.parametrize(
    ("fill", "std"),
    [
        (lambda t: init.uniform_(t, -3.0, 3.0), math.sqrt(3)),
        (lambda t: init.normal_(t, 0.0, 2.0), 2.0),
        (lambda t: init.xavier_uniform_(t), math.sqrt(2 / 700)),
        (lambda t: init.xavier_normal_(t, gain=3.0), 3 * math.sqrt(2 / 700)),
        (lambda t: init.kaiming_uniform_(t), math.sqrt(2 / 300)),
        (lambda t: init.kaiming_uniform_(t, a=math.sqrt(5)), math.sqrt(1 / 900)),
        (lambda t: init.kaiming_normal_(t, mode="fan_out", nonlinearity="relu"), math.sqrt(2 / 400)),
        (lambda t: init.kaiming_normal_(t, nonlinearity="tanh"), 5 / 3 / math.sqrt(300)),
        (lambda t: init.lecun_uniform_(t), math.sqrt(1 / 300)),
        (lambda t: init.lecun_normal_(t), math.sqrt(1 / 300)),
        (lambda t: init.variance_scaling_(t, 2.0, "fan_avg", "normal"), math.sqrt(2 / 350)),
        (lambda t: init.variance_scaling_(t, 2.0, "fan_out", "uniform"), math.sqrt(2 / 400)),
        (lambda t: init.variance_scaling_(t, 0.5, "fan_in", "truncated_normal"), math.sqrt(0.5 / 300)),
    ],
)
def test_mean_and_deviation(fill: Callable[[Tensor], Tensor], std: float):
    for shape in ((400, 300), (400, 20, 3, 5)):  # dense, and a convolution of the same fan in; fan out differs
        tensor = fill(weights(*shape)) if len(shape) == 2 else fill(weights(400, 300))
        values = tensor.data.astype(np.float64)
        assert abs(values.mean()) < 5 * std / math.sqrt(values.size)
        assert abs(values.std() / std - 1) < 0.015


def test_kernels_count_in_the_fans():
    assert init.fans("test", weights(8, 4, 3, 5)) == (60, 120)
    values = init.kaiming_normal_(weights(100, 20, 3, 5)).data
    assert abs(values.std() / math.sqrt(2 / 300) - 1) < 0.02


def test_uniform_stays_inside():
    values = init.uniform_(weights(300, 300), -2.0, -1.0).data
    assert values.min() >= -2.0
    assert values.max() <= -1.0
    assert abs(values.mean() + 1.5) < 0.01


@pytest.mark.parametrize(("mean", "std", "a", "b"), [(0, 1, -2, 2), (1, 0.5, 0.5, 3), (0, 1, 3, 5), (0, 1, -9, -6)])
def test_truncated_normal(mean: float, std: float, a: float, b: float):
    stats = pytest.importorskip("scipy.stats")
    values = init.trunc_normal_(weights(200, 200, dtype=np.float64), mean, std, a, b).data
    assert values.min() >= a
    assert values.max() <= b
    want = stats.truncnorm((a - mean) / std, (b - mean) / std, mean, std)
    assert stats.kstest(values.ravel(), want.cdf).pvalue > 1e-4
    assert init.trunc_normal_(weights(2), 5.0, 0.0, -1.0, 1.0).data.tolist() == [1.0, 1.0]
    with pytest.raises(ValueError, match=r"trunc_normal_: the bounds are a=2 and b=1"):
        init.trunc_normal_(weights(2), a=2, b=1)


@pytest.mark.parametrize("shape", [(5, 5), (7, 4), (4, 7), (6, 2, 3), (3, 2, 3, 3)])
def test_orthogonal(shape: tuple[int, ...]):
    flat = init.orthogonal_(weights(*shape, dtype=np.float64), gain=2.0).data.reshape(shape[0], -1)
    product = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-12)
    assert init.orthogonal_(weights(0, 3)).shape == (0, 3)


def test_orthogonal_is_uniform():
    """No direction is preferred: the mean of many rotations is zero, and so is that of their determinants."""
    rotations = np.stack([init.orthogonal_(weights(3, 3, dtype=np.float64)).data for _ in range(2000)])
    assert np.abs(rotations.mean(0)).max() < 5 / math.sqrt(3 * 2000)
    assert abs(np.linalg.det(rotations).mean()) < 5 / math.sqrt(2000)


def test_sparse():
    values = init.sparse_(weights(50, 30), sparsity=0.3, std=2.0).data
    assert ((values == 0).sum(0) == 15).all()
    assert abs(values[values != 0].std() - 2.0) < 0.2
    assert (init.sparse_(weights(7, 3), sparsity=0.31).data == 0).sum() == 9  # rounded up


def test_constants():
    assert init.constant_(weights(2), 3.5).data.tolist() == [3.5, 3.5]
    assert init.ones_(weights(2)).data.tolist() == [1.0, 1.0]
    assert init.zeros_(weights(2)).data.tolist() == [0.0, 0.0]
    np.testing.assert_array_equal(init.eye_(weights(3, 4)).data, np.eye(3, 4))


@pytest.mark.parametrize(("shape", "groups"), [((4, 4, 3, 3), 1), ((6, 2, 5), 3), ((2, 4, 3, 3), 1), ((6, 3, 3), 2)])
def test_dirac_passes_channels_on(shape: tuple[int, ...], groups: int):
    torch = pytest.importorskip("torch")
    want = torch.nn.init.dirac_(torch.empty(shape), groups).numpy()
    np.testing.assert_array_equal(init.dirac_(weights(*shape), groups).data, want)


def test_dirac_in_a_convolution():
    x = np.random.default_rng(0).standard_normal((2, 3, 5, 5)).astype(np.float32)
    kernel = init.dirac_(weights(3, 3, 3, 3))
    np.testing.assert_allclose(ag.conv2d(Tensor(x), kernel, padding=1).data, x, atol=1e-6)


def test_gains():
    torch = pytest.importorskip("torch")
    for name in ("linear", "conv1d", "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-15)
    assert init.calculate_gain("leaky_relu", 0.3) == torch.nn.init.calculate_gain("leaky_relu", 0.3)
    with pytest.raises(ValueError, match=r"calculate_gain: 'swish' is not known. Give one of leaky_relu, linear"):
        init.calculate_gain("swish")


def test_signatures_are_those_of_pytorch():
    torch = pytest.importorskip("torch")
    for name in ("constant_", "ones_", "zeros_", "eye_", "dirac_", "calculate_gain", *RANDOM):
        theirs = getattr(torch.nn.init, name, None)
        if theirs is not None:
            have = {key: p.default for key, p in inspect.signature(getattr(init, name)).parameters.items()}
            want = {key: p.default for key, p in inspect.signature(theirs).parameters.items()}
            assert have == want, name


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        (lambda: init.xavier_uniform_(weights(3)), r"xavier_uniform_: fan in and fan out need .* shape \(3,\)"),
        (lambda: init.kaiming_normal_(weights(3)), r"kaiming_normal_: fan in and fan out need"),
        (lambda: init.kaiming_normal_(weights(3, 4), mode="fan"), r"kaiming_normal_: mode is 'fan'"),
        (lambda: init.variance_scaling_(weights(3, 4), mode="fan"), r"variance_scaling_: mode is 'fan'"),
        (lambda: init.variance_scaling_(weights(3, 4), distribution="beta"), r"distribution is 'beta'"),
        (lambda: init.orthogonal_(weights(3)), r"orthogonal_: the tensor has shape \(3,\), and at least 2 axes"),
        (lambda: init.eye_(weights(3)), r"eye_: the tensor has shape \(3,\), and 2 axes are needed"),
        (lambda: init.dirac_(weights(3, 4)), r"dirac_: the tensor has shape \(3, 4\), and 3 to 5 axes"),
        (lambda: init.dirac_(weights(3, 4, 5), 2), r"3 output channels can not be split into groups=2"),
    ],
)
def test_wrong_use_is_explained(fill: Callable[[], Any], message: str):
    with pytest.raises(ValueError, match=message):
        fill()
