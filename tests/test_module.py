"""Modules: what is registered, walked over, changed as a whole and printed, and what is refused."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from tests.small_modules import Affine, Net, rows


# ---------------------------------------------------------------------------------------------------------------------
# Registering and walking
# ---------------------------------------------------------------------------------------------------------------------
def test_names_in_the_order_of_assignment():
    net = Net()
    # As in PyTorch: a module's own parameters come before those of its parts.
    assert [name for name, _ in net.named_parameters()] == [
        "scale",
        *["first.weight", "first.bias", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight", "blocks.1.bias"],
        *["heads.a.weight", "heads.a.bias", "heads.b.weight", "heads.b.bias"],
    ]
    assert [name for name, _ in net.named_modules()] == [
        *["", "first", "blocks", "blocks.0", "blocks.1", "heads", "heads.a", "heads.b"]
    ]
    assert [name for name, _ in net.named_children()] == ["first", "blocks", "heads"]
    assert [name for name, _ in net.named_buffers()] == [
        *["first.calls", "blocks.0.calls", "blocks.1.calls", "heads.a.calls", "heads.b.calls"]
    ]
    assert [name for name, _ in net.named_parameters("net", recurse=False)] == ["net.scale"]
    assert len(list(net.parameters())) == 11
    assert len(list(net.modules())) == 8


def test_shared_parts_are_given_once():
    net = nn.Sequential(Affine(4, 4), Affine(4, 4))
    net[1].weight = net[0].weight
    net.append(net[0])
    assert [name for name, _ in net.named_parameters()] == ["0.weight", "0.bias", "1.bias"]
    assert [name for name, _ in net.named_parameters(remove_duplicate=False)] == [
        *["0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias"]
    ]
    assert len(list(net.modules())) == 3
    assert list(net.state_dict()) == [f"{i}.{name}" for i in range(3) for name in ("weight", "bias", "calls")]


def test_a_shared_parameter_collects_both_gradients():
    net = nn.Sequential(Affine(4, 4, bias=False), Affine(4, 4, bias=False))
    apart = copy.deepcopy(net)
    net[1].weight = net[0].weight
    apart[1].weight = nn.Parameter(net[0].weight.data.copy())
    net(rows(5, 4)).sum().backward()
    apart(rows(5, 4)).sum().backward()
    np.testing.assert_allclose(net[0].weight.grad.data, apart[0].weight.grad.data + apart[1].weight.grad.data)


def test_parts_are_attributes():
    net = Net()
    assert net.first is net._modules["first"]
    assert "first" in dir(net)
    assert "scale" in dir(net)
    assert net.get_submodule("blocks.1") is net.blocks[1]
    assert net.get_submodule("") is net
    assert net.get_parameter("heads.b.bias") is net.heads["b"].bias
    assert net.get_buffer("first.calls") is net.first.calls
    with pytest.raises(AttributeError, match=r"blocks has no module '7'. Its modules: 0, 1"):
        net.get_submodule("blocks.7")
    with pytest.raises(AttributeError, match=r"nothing at 'first.gamma' in its parameters. There: weight, bias"):
        net.get_parameter("first.gamma")
    with pytest.raises(AttributeError, match="Net has no attribute 'frist'"):
        net.frist  # noqa: B018
    del net.first
    assert not hasattr(net, "first")
    assert next(name for name, _ in net.named_children()) == "blocks"


def test_an_error_inside_a_property_is_not_hidden():
    class WithProperty(nn.Module):
        @property
        def size(self):
            return self.no_such_thing

    with pytest.raises(AttributeError, match="no_such_thing"):
        WithProperty().size  # noqa: B018


def test_what_an_attribute_may_become():
    module = Affine(2, 3)
    with pytest.raises(TypeError, match=r"Affine.weight is a parameter, and can not become Tensor. Assign nn.Param"):
        module.weight = rows(2, 3)
    module.bias = None
    assert module.bias is None
    assert [name for name, _ in module.named_parameters()] == ["weight"]
    module.bias = nn.Parameter(np.zeros(3))
    assert len(list(module.parameters())) == 2
    module.calls = Tensor(np.array(7))
    assert module.state_dict()["calls"].item() == 7

    net = Net()
    with pytest.raises(TypeError, match=r"Net.first is a module, and can not become int"):
        net.first = 3
    net.first = nn.Parameter(np.zeros(2))  # another kind of part may take the name
    assert "first" in net._parameters
    assert "first" not in net._modules


def test_a_tensor_that_is_no_parameter_is_an_ordinary_attribute():
    module = Affine(2, 3)
    module.noise = Tensor(np.zeros(3), requires_grad=True)
    assert len(list(module.parameters())) == 2
    assert "noise" not in module.state_dict()


def test_a_plain_attribute_becomes_a_part():
    module = nn.Module()
    module.thing = 3
    module.thing = nn.Parameter(np.zeros(2))
    assert [name for name, _ in module.named_parameters()] == ["thing"]
    assert "thing" not in vars(module)


def test_buffers_that_are_not_persistent():
    module = Affine(2, 3)
    module.register_buffer("mask", Tensor(np.ones(3)), persistent=False)
    module.mean = nn.Buffer(np.zeros(3))
    module.scratch = nn.Buffer(np.zeros(3), persistent=False)
    assert [name for name, _ in module.named_buffers()] == ["calls", "mask", "mean", "scratch"]
    assert list(module.state_dict()) == ["weight", "bias", "calls", "mean"]
    module.register_buffer("mask", Tensor(np.ones(3)))
    assert "mask" in module.state_dict()
    module.register_buffer("absent", None)
    assert module.absent is None
    assert "absent" not in module.state_dict()


@pytest.mark.parametrize("name", ["", "a.b"])
def test_names_that_can_not_be_told_apart(name):
    with pytest.raises(ValueError, match="can not name a part"):
        nn.Module().register_parameter(name, nn.Parameter(np.zeros(1)))


def test_names_that_the_class_has_taken():
    module = nn.Module()
    with pytest.raises(AttributeError, match=r"train is a method of the class Module, which would hide"):
        module.train = Affine(1, 1)

    class WithDefault(nn.Module):
        layer = None

    with pytest.raises(AttributeError, match=r"layer is an attribute of the class WithDefault"):
        WithDefault().layer = Affine(1, 1)


def test_registering_something_else():
    module = nn.Module()
    with pytest.raises(TypeError, match=r"register_parameter: w is Tensor. Give nn.Parameter"):
        module.register_parameter("w", rows(2))
    with pytest.raises(TypeError, match=r"register_buffer: b is ndarray. Give autograd.tensor"):
        module.register_buffer("b", np.zeros(2))
    with pytest.raises(TypeError, match=r"m is the class Net, not a module. Add parentheses: Net\(\)"):
        module.add_module("m", Net)


def test_init_must_run_first():
    class Forgetful(nn.Module):
        def __init__(self):
            self.layer = Affine(1, 1)

    with pytest.raises(AttributeError, match=r"Call super\(\).__init__\(\) as the first line of Forgetful.__init__"):
        Forgetful()

    class Late(nn.Module):
        def __init__(self):
            self.width = 3
            super().__init__()
            self.layer = Affine(1, self.width)

    assert len(list(Late().parameters())) == 2

    class Never(nn.Module):
        def __init__(self):
            self.width = 3

    with pytest.raises(AttributeError, match=r"Call super\(\).__init__\(\)"):
        Never()(rows(2))


def test_init_of_several_bases_loses_nothing():
    class Mixed(Affine, Net):
        def __init__(self):
            Affine.__init__(self, 2, 3)
            Net.__init__(self)

    assert {"weight", "scale", "first.weight"} <= {name for name, _ in Mixed().named_parameters()}


# ---------------------------------------------------------------------------------------------------------------------
# Plain containers
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "holder"),
    [
        (lambda: [Affine(1, 2)], "nn.ModuleList"),
        (lambda: (1, Affine(1, 2)), "nn.ModuleList"),
        (lambda: {"a": Affine(1, 2)}, "nn.ModuleDict"),
        (lambda: {Affine(1, 2)}, "nn.ModuleList"),
        (lambda: [[Affine(1, 2)]], "nn.ModuleList"),
        (lambda: [nn.Parameter(np.zeros(2))], "nn.ParameterList"),
        (lambda: {"a": nn.Parameter(np.zeros(2))}, "nn.ParameterDict"),
    ],
)
def test_plain_containers_of_parts_are_refused(value, holder):
    module = nn.Module()
    with pytest.raises(TypeError, match=rf"Module.parts is a \w+ that holds .*Use {holder}"):
        module.parts = value()


def test_a_list_that_is_filled_later_is_found():
    class Later(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = []
            self.names = ["a", "b"]
            for _ in range(2):
                self.layers.append(Affine(3, 3))

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    module = Later()
    message = r"Later.layers is a list that holds Affine\(3, 3\) at 0. .*Use nn.ModuleList"
    for use in (
        lambda: list(module.parameters()),
        module.state_dict,
        module.train,
        lambda: module(rows(2, 3)),
        lambda: list(nn.Sequential(module).parameters()),
        lambda: list(module.named_parameters(recurse=False)),
    ):
        with pytest.raises(TypeError, match=message):
            use()
    module.layers = nn.ModuleList(module.layers)
    assert len(list(module.parameters())) == 4
    module.names.append("c")
    module(rows(2, 3))
    module.names.append(Affine(1, 1))
    with pytest.raises(TypeError, match=r"Later.names"):
        module(rows(2, 3))


def test_plain_containers_of_other_things_are_left_alone():
    module = Affine(1, 2)
    module.history = []
    module.options = {"a": [1, 2]}
    module.history.append(3.0)
    module(rows(2, 1))
    assert module.history == [3.0]
    assert len(list(module.parameters())) == 2


# ---------------------------------------------------------------------------------------------------------------------
# What is done to all parts
# ---------------------------------------------------------------------------------------------------------------------
def test_train_and_eval():
    net = Net()
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    net.blocks.train()
    assert [module.training for module in net.modules()] == [False, False, True, True, True, False, False, False]
    with pytest.raises(TypeError, match="train: mode is str"):
        net.train("no")


def test_gradients_are_forgotten():
    net = Net()
    net(rows(2, 3)).sum().backward()
    assert net.heads["b"].weight.grad is None
    net.zero_grad(set_to_none=False)
    assert not net.scale.grad.data.any()
    assert net.heads["b"].weight.grad is None
    net.zero_grad()
    assert net.scale.grad is None


def test_freezing():
    net = Net()
    net.first.requires_grad_(False)
    net(rows(2, 3)).sum().backward()
    assert net.first.weight.grad is None
    assert net.scale.grad is not None
    net.first.requires_grad_()
    net(rows(2, 3)).sum().backward()
    assert net.first.weight.grad is not None


def test_apply_goes_from_the_inside_out():
    seen = []
    net = Net()
    assert net.apply(seen.append) is net
    assert seen[-1] is net
    assert seen[0] is net.first
    assert len(seen) == 8


def test_dtypes():
    net = Net()
    scale = net.scale
    net(rows(2, 3)).sum().backward()
    assert net.float() is net
    assert net.scale is scale
    assert {p.dtype for p in net.parameters()} == {np.dtype(np.float32)}
    assert net.scale.grad.dtype == np.float32
    assert net.first.calls.dtype == np.int64  # counts stay counts
    out = net(Tensor(rows(2, 3).data.astype(np.float32)))
    assert out.dtype == np.float32
    out.sum().backward()
    assert net.scale.grad.dtype == np.float32
    for convert, dtype in (
        (net.double, np.float64),
        (net.half, np.float16),
        (lambda: net.to(ag.float64), np.float64),
        (lambda: net.to("float32"), np.float32),
        (lambda: net.to(dtype=np.float64), np.float64),
        (lambda: net.to(Tensor(np.zeros(1, np.float32))), np.float32),
        (lambda: net.to("cpu", np.float64), np.float64),
    ):
        convert()
        assert net.scale.dtype == dtype
    assert net.to("cpu") is net.cpu() is net
    with pytest.raises(TypeError, match="parameters can not be int64"):
        net.to(np.int64)
    with pytest.raises(ValueError, match=r"device is cuda:0, and everything runs on the CPU"):
        net.to("cuda:0")


# ---------------------------------------------------------------------------------------------------------------------
# Printing
# ---------------------------------------------------------------------------------------------------------------------
def test_repr_is_a_tree():
    assert repr(Net()) == "\n".join(
        [
            "Net(",
            "  (first): Affine(3, 4)",
            "  (blocks): ModuleList(",
            "    (0): Affine(4, 4)",
            "    (1): Affine(4, 4)",
            "  )",
            "  (heads): ModuleDict(",
            "    (a): Affine(4, 2)",
            "    (b): Affine(4, 5)",
            "  )",
            ")",
        ]
    )
    assert repr(nn.Module()) == "Module()"
