"""Layers: sizes that are left out, what is refused, writing in place, and how they print."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import nn.functional as F
from autograd import Tensor
from tests.torch_oracle import normal


# ---------------------------------------------------------------------------------------------------------------------
# Sizes that are left out
# ---------------------------------------------------------------------------------------------------------------------
def lazy() -> nn.Sequential:
    return nn.Sequential(
        *[nn.Conv2D(8, kernel_size=3), nn.BatchNorm2D(), nn.ReLU(), nn.Conv2D(out_channels=4, kernel_size=3, groups=2)],
        *[nn.Flatten(), nn.Dense(16), nn.BatchNorm1D(affine=False), nn.Dense(out_features=3, bias=False)],
    )


def test_the_first_call_infers_sizes():
    model = lazy()
    assert repr(model[5]) == "Dense(16)"
    assert model(ag.zeros(2, 3, 8, 8)).shape == (2, 3)
    assert model[0].in_channels == 3
    assert model[3].weight.shape == (4, 4, 3, 3)
    assert model[1].num_features == 8
    assert repr(model[5]) == "Dense(64, 16)"
    assert repr(model[7]) == "Dense(16, 3, bias=False)"
    assert len(list(model.parameters())) == 9
    assert model[5].weight.data.std() > 0
    with pytest.raises(ValueError, match=r"Conv2D: the input has shape \(2, 1, 8, 8\)"):
        model(ag.zeros(2, 1, 8, 8))


def test_sizes_that_are_left_out_come_from_a_state():
    source = lazy().eval()
    x = Tensor(normal(2, 3, 8, 8).astype(np.float32))
    want = source(x).data
    model = lazy().eval()
    model.load_state_dict(source.state_dict())
    np.testing.assert_array_equal(model(x).data, want)
    state = source.state_dict()
    state["5.weight"] = ag.zeros(7, 64)
    model = lazy()
    with pytest.raises(RuntimeError, match=r"5.weight is \(7, 64\) in the state and \(16, 64\) in the model"):
        model.load_state_dict(state)
    assert model[0].in_channels is None
    assert isinstance(model[0].weight, nn.UninitializedParameter)


def test_wishes_before_the_first_call_are_kept():
    model = lazy().double()
    model[0].requires_grad_(False)
    model(Tensor(normal(2, 3, 8, 8)))
    assert {p.dtype.name for p in model.parameters()} == {"float64"}
    assert not model[0].weight.requires_grad
    assert model[3].weight.requires_grad


def test_a_lazy_layer_starts_like_one_with_sizes():
    ag.manual_seed(5)
    layer = nn.Dense(30)
    layer(ag.zeros(1, 20))
    ag.manual_seed(5)
    np.testing.assert_array_equal(layer.weight.data, nn.Dense(20, 30).weight.data)


def test_sizes_by_position_and_by_name():
    assert nn.Dense(4, 3).weight.shape == (3, 4)
    assert nn.Dense(4, out_features=3).weight.shape == (3, 4)
    assert nn.Dense(in_features=4, out_features=3).weight.shape == (3, 4)
    assert nn.Dense(4, 3, False).bias is None
    assert nn.Dense(4, 3, True, np.float64).weight.dtype == np.float64
    assert nn.Conv2d(1, 2, 3, 1, 1, 1, 1, False).bias is None
    assert nn.Conv2D(in_channels=1, out_channels=2, kernel_size=3).weight.shape == (2, 1, 3, 3)
    assert nn.Linear(4, 3, device="cpu").weight.shape == (3, 4)
    with pytest.raises(TypeError, match="Dense: out_features is missing"):
        nn.Dense(in_features=4)
    with pytest.raises(TypeError, match="Dense: in_features is given twice"):
        nn.Dense(3, 4, in_features=5)
    with pytest.raises(ValueError, match=r"Dense: out_features is 2.5"):
        nn.Dense(4, 2.5)
    with pytest.raises(TypeError, match="Conv2D: kernel_size is missing"):
        nn.Conv2D(32, 3)
    for build in (nn.Linear, nn.GroupNorm, nn.Embedding, nn.LayerNorm, nn.PReLU, nn.BatchNorm2d, nn.RMSNorm):
        args = (3, 3) if build in (nn.Linear, nn.GroupNorm, nn.Embedding) else (3,)
        assert build(*args, device="cpu", dtype=np.float64).weight.dtype == np.float64
        with pytest.raises(ValueError, match=rf"{build.__name__}: device is cuda, and everything runs on the CPU"):
            build(*args, device="cuda")


# ---------------------------------------------------------------------------------------------------------------------
# What layers refuse
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: nn.Conv2D(3, 4, 3, groups=2), "in_channels=3 can not be split into groups=2"),
        (lambda: nn.Conv2D(4, 3, 3, groups=2), "out_channels=3 can not be split into groups=2"),
        (lambda: nn.Conv2D(3, 4, (3, 3, 3)), r"kernel_size is \(3, 3, 3\). Give one whole number, or 2"),
        (lambda: nn.Conv2D(3, 4, 3, padding="full"), "padding is 'full'"),
        (lambda: nn.Conv2D(3, 4, 3, stride=2, padding="same"), r"padding='same' needs stride 1"),
        (lambda: nn.Conv2D(3, 4, 3, padding_mode="mirror"), "padding_mode is 'mirror'"),
        (lambda: nn.ConvTranspose2D(3, 4, 3, padding_mode="reflect"), "only zeros is possible"),
        (lambda: nn.GroupNorm(4, 6), "6 channels can not be split into num_groups=4"),
        (lambda: nn.GroupNorm(0, 4), "GroupNorm: num_groups is 0. Give a whole number from 1 on"),
        (lambda: nn.GroupNorm(-2, 4), "num_groups is -2"),
        (lambda: nn.GroupNorm(2.0, 4), "num_groups is 2.0"),
        (lambda: nn.GroupNorm(2, 4, affine=False)(ag.ones(2, 6, 3)), r"\(2, 6, 3\) has 6 channels, .* num_channels=4"),
        (lambda: nn.BatchNorm1D(-1), "BatchNorm1D: num_features is -1"),
        (lambda: nn.BatchNorm2D("3"), "BatchNorm2D: num_features is '3'"),
        (lambda: nn.BatchNorm1D(3, momentum=2.0), "momentum is 2.0. Give a number from 0 to 1, or None"),
        (lambda: nn.BatchNorm1D(3, momentum="none"), "momentum is 'none'"),
        (lambda: nn.BatchNorm1D(3, eps=-1e-5), "eps is -1e-05"),
        (lambda: nn.BatchNorm1D(3)(ag.ones(1, 3)), r"drop_last=True in the loader\), or eval\(\) with running"),
        (lambda: nn.BatchNorm1D(3, track_running_stats=False).eval()(ag.ones(1, 3)), "needs more than one element"),
        (lambda: nn.LayerNorm(()), r"normalized_shape is \(\). Give the sizes"),
        (lambda: nn.LayerNorm((3, -1)), "normalized_shape is -1"),
        (lambda: nn.RMSNorm(5.0), "RMSNorm: normalized_shape is 5.0"),
        (lambda: nn.LocalResponseNorm(0), "LocalResponseNorm: size is 0"),
        (lambda: nn.LPPool2D(0, 2)(ag.ones(1, 1, 4, 4)), "lp_pool2d: norm_type must be a number other than 0"),
        (lambda: nn.MaxUnpool2D(2)(ag.ones(1, 1, 2, 2), ag.zeros(1, 1, 2, 2)), "whole numbers of the shape"),
        (lambda: nn.Hardtanh(1.0, 0.0), "min_val is 1.0 and max_val 0.0"),
        (lambda: nn.MSELoss("average"), "reduction is 'average'. Give 'mean', 'sum' or 'none'"),
        (lambda: nn.ConvTranspose2D(1, 1, 3, 2)(ag.ones(1, 1, 4, 4), (12, 12)), r"from \(9, 9\) to \(10, 10\)"),
        (lambda: nn.BatchNorm1D(3)(ag.ones(2, 3, 4, 5)), r"\(2, 3, 4, 5\), and this layer takes \(N, C\) or"),
        (lambda: nn.Dense(5, 5)(ag.ones(5, 3).mT @ ag.ones(5, 4)), r"the input \(3, 4\) has 4 features"),
        (lambda: nn.Dense(5, 2)(ag.ones(5, 3)), r"did you mean x.mT"),
        (lambda: nn.Dense(784, 2)(ag.ones(28, 28)), r"pass x.reshape\(1, 784\)"),
        (lambda: nn.Dense(784, 2)(ag.tensor(1.0)), "the input is a single number"),
        (lambda: nn.Dense(100, 2)(ag.ones(8, 3, 4, 4)), r"use nn.Flatten\(\) and Dense\(48, 2\)"),
    ],
)
def test_wrong_use_is_explained(build: Callable[[], Any], message: str):
    with pytest.raises(ValueError, match=message):
        build()


def test_pooling_refuses_what_has_no_order_and_unpooling_without_places():
    with pytest.raises(TypeError, match="max_pool2d: complex numbers have no order"):
        nn.MaxPool2D(2)(ag.ones(1, 1, 4, 4, dtype=ag.complex64))
    with pytest.raises(TypeError, match="adaptive_max_pool1d: complex numbers"):
        nn.AdaptiveMaxPool1D(2)(ag.ones(1, 4, 4, dtype=ag.complex64))
    with pytest.raises(TypeError, match=r"MaxUnpool2D: takes two tensors.*unpool\(\*pool\(x\)\)"):
        nn.MaxUnpool2D(2)(ag.ones(1, 1, 2, 2))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda: nn.Dense(4, 2), (3, 4)),
        (lambda: nn.Dense(2), (3, 4)),
        (lambda: nn.Conv2D(1, 2, 3), (1, 1, 5, 5)),
        (lambda: nn.ConvTranspose1D(1, 2, 3), (1, 1, 5)),
        (lambda: nn.BatchNorm2D(1), (2, 1, 5, 5)),
        (lambda: nn.LayerNorm(4), (3, 4)),
        (lambda: nn.GroupNorm(1, 4), (3, 4)),
        (lambda: nn.PReLU(), (3, 4)),
    ],
)
def test_weights_and_input_have_one_dtype(layer: Callable[[], Any], shape: tuple[int, ...]):
    layer = layer()
    with pytest.raises(TypeError, match=r"input is float64 and the weights are float32. Pass x.float\(\), or build"):
        layer(ag.ones(shape, dtype=ag.float64))
    with pytest.raises(TypeError, match=r"the input is int64 and the weights are float32. Convert it with x.float\(\)"):
        layer(ag.ones(shape, dtype=ag.int64))
    layer(ag.ones(shape))
    with pytest.raises(TypeError, match=r"float32 and the weights are float64. Pass x.double\(\).* model.float\(\)"):
        layer.double()(ag.ones(shape))


INPLACE = ["ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "SiLU", "Mish", "Hardtanh", "Hardsigmoid", "Hardswish"]
INPLACE_ARGUMENTS = {"Threshold": (0.1, 2.0), "RReLU": (), "Dropout": (0.5,), "AlphaDropout": (0.5,)}


@pytest.mark.parametrize("name", [*INPLACE, *INPLACE_ARGUMENTS])
def test_inplace_writes_into_the_input(name):
    """Models that were trained so rely on it: what else looks at the input sees the result."""
    make, args = getattr(nn, name), INPLACE_ARGUMENTS.get(name, ())
    x = Tensor(normal(3, 4), requires_grad=True)
    ag.manual_seed(0)
    want = make(*args)(x * 2)
    (want * 3 + want).sum().backward()
    gradient, x.grad = x.grad, None
    ag.manual_seed(0)
    between = x * 2
    out = make(*args, inplace=True)(between)
    assert out is between
    np.testing.assert_array_equal(between.data, want.data)
    (between * 3 + out).sum().backward()
    np.testing.assert_allclose(x.grad.data, gradient.data, rtol=1e-12)
    assert "inplace=True" in repr(make(*args, inplace=True))
    with pytest.raises(RuntimeError, match="leaf"):
        make(*args, inplace=True)(x)


@pytest.mark.parametrize(
    "name", ["Dropout", "Dropout1D", "Dropout2D", "Dropout3D", "AlphaDropout", "FeatureAlphaDropout"]
)
def test_dropout_in_place_writes_nothing_where_it_leaves_nothing_out(name):
    """So what the operation before it has saved is whole."""
    layer = getattr(nn, name)(inplace=True).eval()
    x = Tensor(normal(2, 3, 4, 5, 6)[(0,) * {"Dropout1D": 2, "Dropout2D": 1}.get(name, 0)], requires_grad=True)
    between = x.tanh()
    for out in (layer(between), getattr(nn, name)(0.0, inplace=True)(between)):
        assert out is between
    between.sum().backward()
    np.testing.assert_allclose(x.grad.data, 1 - np.tanh(x.data) ** 2)
    assert layer(x) is x
    with pytest.raises(ValueError, match="p"):
        F.dropout(between, 2.0, False, inplace=True)


def test_functions_take_inplace_where_those_of_pytorch_do():
    torch = pytest.importorskip("torch")
    for name, function in vars(torch.nn.functional).items():
        if name[0] == "_" or not inspect.isfunction(function):
            continue
        if "inplace" not in inspect.signature(function).parameters:
            continue
        parameters = inspect.signature(function).parameters
        settings = {"threshold": (0.1, 2.0)}.get(name, tuple(p.default for p in list(parameters.values())[1:-1]))
        axes = 5 if "3d" in name else 4 if "2d" in name else 3
        x = Tensor(normal(*(2, 3, 4, 5, 6)[:axes]))
        ag.manual_seed(0)
        want = getattr(F, name)(x, *settings)
        assert want is not x
        ag.manual_seed(0)
        copy = x.clone()
        assert getattr(F, name)(copy, *settings, True) is copy
        np.testing.assert_array_equal(copy.data, want.data)
    for name in ("relu_", "leaky_relu_", "elu_", "selu_", "celu_", "hardtanh_", "rrelu_"):
        x = Tensor(normal(3, 4))
        want = getattr(F, name[:-1])(x)
        assert getattr(F, name)(x) is x
        np.testing.assert_array_equal(x.data, want.data)
    with pytest.raises(TypeError, match="argument 4 is inplace, True or False"):
        F.dropout(Tensor(normal(3, 4)), 0.5, True, ag.Generator())
    assert str(inspect.signature(F.dropout)) == "(x, p=0.5, training=True, inplace=False, *, generator=None)"
    with pytest.raises(TypeError, match="relu_: writes into a tensor"):
        F.relu(np.ones(3), inplace=True)


def test_repr_of_layers():
    reprs = [
        (nn.Conv2D(3, 8, 3, 2, padding=1), "3, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1)"),
        (nn.Conv1D(2, 4, 3, 1, 0, 2), "2, 4, kernel_size=(3,), stride=(1,), dilation=(2,)"),
        (nn.Conv1D(2, 4, 3, groups=2, bias=False), "2, 4, kernel_size=(3,), stride=(1,), groups=2, bias=False"),
        (nn.MaxPool2D(2), "kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False"),
        (nn.BatchNorm2D(3), "3, eps=1e-05, momentum=0.1"),
        (nn.Dropout(0.3), "p=0.3"),
        (nn.LeakyReLU(0.2), "negative_slope=0.2"),
        (nn.Embedding(5, 3, padding_idx=0), "5, 3, padding_idx=0"),
        (nn.CrossEntropyLoss(reduction="sum"), "reduction='sum'"),
        (nn.HuberLoss(delta=2.0), "delta=2.0"),
        (nn.Flatten(), "start_dim=1, end_dim=-1"),
    ]
    for layer, text in reprs:
        assert repr(layer) == f"{type(layer).__name__}({text})"


def test_functional_gives_the_operations_themselves():
    assert F.gelu is ag.gelu
    assert F.cross_entropy is ag.cross_entropy
