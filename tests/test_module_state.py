"""Modules: their state, saved, loaded and copied, also before shapes are known."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.small_modules import Affine, Net, rows


# ---------------------------------------------------------------------------------------------------------------------
# State
# ---------------------------------------------------------------------------------------------------------------------
def test_state_shares_memory_and_needs_no_gradient():
    net = Net()
    state = net.state_dict()
    assert not any(tensor.requires_grad for tensor in state.values())
    assert state["first.weight"].data is net.first.weight.data
    assert net.state_dict(keep_vars=True)["scale"] is net.scale
    assert next(iter(net.state_dict(prefix="net."))) == "net.scale"


def test_state_goes_and_comes_back():
    net, other = Net(), Net()
    for parameter in other.parameters():
        parameter.data += 1.0
    net(rows(2, 3))
    before = {name: id(parameter) for name, parameter in other.named_parameters()}
    keys = other.load_state_dict(net.state_dict())
    assert keys == ([], [])
    assert keys.missing_keys == []
    assert {name: id(parameter) for name, parameter in other.named_parameters()} == before
    for name, tensor in net.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[name].data, tensor.data)
        assert other.state_dict()[name].data is not tensor.data
    assert other.first.calls.item() == 1


def test_state_of_arrays_and_of_another_dtype():
    module = Affine(2, 3).float()
    state = {"weight": np.arange(6.0).reshape(2, 3), "bias": [1.0, 2.0, 3.0], "calls": 4}
    module.load_state_dict(state)
    assert module.weight.dtype == np.float32
    np.testing.assert_array_equal(module.weight.data, state["weight"])
    assert module.calls.item() == 4


def test_one_error_lists_all_that_does_not_fit_and_nothing_is_lost():
    net = Net()
    state = {name: tensor.clone() * 0 for name, tensor in net.state_dict().items()}
    del state["first.bias"], state["blocks.1.calls"]
    state["extra"] = rows(2)
    state["first.weight"] = rows(4, 3)
    state["heads.a.weight"] = rows(4, 3)
    values = {name: tensor.data.copy() for name, tensor in net.state_dict().items()}
    with pytest.raises(RuntimeError) as info:
        net.load_state_dict(state)
    text = str(info.value)
    assert "the state does not fit Net, and nothing was loaded" in text
    assert "missing, only in the model: first.bias, blocks.1.calls" in text
    assert "unexpected, only in the state: extra (2,)" in text
    assert "first.weight is (4, 3) in the state and (3, 4) in the model" in text
    assert "heads.a.weight is (4, 3) in the state and (4, 2) in the model" in text
    for name, tensor in net.state_dict().items():
        np.testing.assert_array_equal(tensor.data, values[name])
    with pytest.raises(RuntimeError, match=r"first\.weight is"):  # shapes must agree even so
        net.load_state_dict(state, strict=False)
    del state["first.weight"], state["heads.a.weight"]
    keys = net.load_state_dict(state, strict=False)
    assert keys.missing_keys == ["first.weight", "first.bias", "blocks.1.calls", "heads.a.weight"]
    assert keys.unexpected_keys == ["extra"]
    assert not net.scale.data.any()
    np.testing.assert_array_equal(net.first.weight.data, values["first.weight"])


def test_a_prefix_is_recognized():
    net = Net()
    state = {f"module.{name}": tensor for name, tensor in net.state_dict().items()}
    with pytest.raises(RuntimeError, match=r"begin with 'module.'. Take it off: "):
        net.load_state_dict(state)


def test_values_that_are_no_arrays():
    with pytest.raises(TypeError, match="load_state_dict: weight is str"):
        Affine(1, 1).load_state_dict({"weight": "abc"})
    with pytest.raises(TypeError, match="takes a dict"):
        Affine(1, 1).load_state_dict([1])


def test_a_complex_state_is_not_cut_to_its_real_part():
    state = Affine(1, 1).state_dict()
    state["weight"] = Tensor(np.ones((1, 1), complex))
    with pytest.raises(RuntimeError, match="weight is complex128 in the state and float64 in the model"):
        Affine(1, 1).load_state_dict(state)


def test_loading_between_forward_and_backward_is_noticed():
    module = Affine(2, 2)
    y = module(Tensor(np.ones((1, 2)), requires_grad=True)).sum()
    module.load_state_dict(Affine(2, 2).state_dict())
    with pytest.raises(RuntimeError, match="overwritten by load_state_dict"):
        y.backward()


def test_read_only_memory_is_replaced():
    module = nn.Module()
    values = np.zeros(3)
    values.flags.writeable = False
    module.w = nn.Parameter(values)
    module.load_state_dict({"w": np.ones(3)})
    np.testing.assert_array_equal(module.w.data, np.ones(3))
    np.testing.assert_array_equal(values, np.zeros(3))


def test_copies():
    net = Net()
    net(rows(2, 3)).sum().backward()
    twin = copy.deepcopy(net)
    np.testing.assert_array_equal(twin(rows(2, 3)).data, net(rows(2, 3)).data)
    assert twin.scale is not net.scale
    assert not np.shares_memory(twin.scale.data, net.scale.data)
    np.testing.assert_array_equal(twin.scale.grad.data, net.scale.grad.data)
    twin.scale.data += 1
    assert net.scale.data[0] == 2.0

    tied = nn.Sequential(Affine(2, 2), Affine(2, 2))
    tied[1].weight = tied[0].weight
    again = copy.deepcopy(tied)
    assert again[1].weight is again[0].weight


def test_pickle():
    net = nn.Sequential(Affine(2, 2), Affine(2, 2)).eval()
    net[1].weight = net[0].weight
    net[0].bias.requires_grad_(False)
    again = pickle.loads(pickle.dumps(net))
    assert again[1].weight is again[0].weight
    assert isinstance(again[0].weight, nn.Parameter)
    assert not again[0].bias.requires_grad
    assert not again.training
    np.testing.assert_array_equal(again(rows(3, 2)).data, net(rows(3, 2)).data)


# ---------------------------------------------------------------------------------------------------------------------
# Parameters of unknown shape
# ---------------------------------------------------------------------------------------------------------------------
class Inferring(nn.Module):
    """x @ weight, with as many rows as x has columns."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.UninitializedParameter(dtype=np.float64)
        self.mean = nn.UninitializedBuffer()
        self.known = False

    def infer_sizes(self, shapes):
        self.weight.materialize((shapes["weight"][0], 2))
        self.mean.materialize((shapes["weight"][0],))
        self.known = True

    def forward(self, x):
        if not self.known:
            self.infer_sizes({"weight": (x.shape[-1],)})
            self.weight.data += 1.0
        return x @ self.weight


def test_parameters_of_unknown_shape_are_refused_until_the_first_call():
    net = nn.Sequential(Inferring())
    weight = net[0].weight
    for use in (lambda: list(net.parameters()), lambda: list(net.buffers()), net.state_dict):
        with pytest.raises(RuntimeError, match=r"0\.(weight|mean) of Inferring has no shape yet.*Call the model once"):
            use()
    with pytest.raises(RuntimeError, match="no shape yet"):
        weight * 2
    net.train()
    net.zero_grad()
    net.apply(lambda module: None)
    assert "Inferring" in repr(net)
    twin = pickle.loads(pickle.dumps(copy.deepcopy(net)))
    net(rows(4, 3))
    assert net[0].weight is weight
    assert type(weight) is nn.Parameter
    assert type(net[0].mean) is nn.Buffer
    assert weight.shape == (3, 2)
    assert twin(rows(4, 5)).shape == (4, 2)


def test_what_is_wished_before_the_shape_is_known():
    net = Inferring()
    net.requires_grad_(False).float()
    net(Tensor(np.ones((1, 3), np.float32)))
    assert not net.weight.requires_grad
    assert net.weight.dtype == np.float32


def test_a_state_decides_unknown_shapes():
    source = nn.Sequential(Inferring(), Inferring())
    source(rows(4, 3))
    net = nn.Sequential(Inferring(), Inferring())
    net.load_state_dict(source.state_dict())
    np.testing.assert_array_equal(net(rows(4, 3)).data, source(rows(4, 3)).data)

    net = nn.Sequential(Inferring(), Inferring())
    state = source.state_dict()
    state["1.weight"] = rows(3, 5)
    with pytest.raises(RuntimeError, match=r"1.weight is \(3, 5\) in the state and \(3, 2\) in the model"):
        net.load_state_dict(state)
    assert not net[0].known  # nothing has happened to it
    assert isinstance(net[0].weight, nn.UninitializedParameter)
