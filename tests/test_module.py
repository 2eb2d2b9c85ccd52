"""Modules: what is registered, walked over, saved, loaded, copied, hooked and printed, and what is refused."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections import OrderedDict

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor


class Affine(nn.Module):
    """x @ weight + bias, with a buffer that counts the calls."""

    def __init__(self, features: int, out: int, bias: bool = True) -> None:
        super().__init__()
        rng = np.random.default_rng(features * 100 + out)
        self.weight = nn.Parameter(rng.standard_normal((features, out)))
        self.bias = nn.Parameter(rng.standard_normal(out)) if bias else None
        self.register_buffer("calls", Tensor(np.zeros((), np.int64)))
        self.sizes = (features, out)

    def forward(self, x):
        self.calls.data[...] += 1
        y = x @ self.weight
        return y if self.bias is None else y + self.bias

    def extra_repr(self) -> str:
        return f"{self.sizes[0]}, {self.sizes[1]}"


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Affine(3, 4)
        self.blocks = nn.ModuleList([Affine(4, 4), Affine(4, 4)])
        self.scale = nn.Parameter(np.full(4, 2.0))
        self.heads = nn.ModuleDict({"a": Affine(4, 2), "b": Affine(4, 5)})

    def forward(self, x, head="a"):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.heads[head](x * self.scale)


def rows(*shape: int) -> Tensor:
    return Tensor(np.random.default_rng(0).standard_normal(shape))


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
# Hooks
# ---------------------------------------------------------------------------------------------------------------------
def test_forward_hooks():
    module = Affine(3, 2)
    seen = []
    x = rows(4, 3)
    plain = module(x).data
    before = module.register_forward_pre_hook(lambda m, args: seen.append((m, args[0].shape)))
    after = module.register_forward_hook(lambda m, args, out: seen.append((m, out.shape)))
    assert (module(x).data == plain).all()
    assert seen == [(module, (4, 3)), (module, (4, 2))]
    before.remove()
    after.remove()
    module(x)
    assert len(seen) == 2
    with module.register_forward_pre_hook(lambda m, args: args[0] * 2):
        np.testing.assert_allclose(module(x).data - module.bias.data, 2 * (plain - module.bias.data))
    with module.register_forward_hook(lambda m, args, out: out * 3):
        np.testing.assert_allclose(module(x).data, 3 * plain)
    np.testing.assert_array_equal(module(x).data, plain)


def test_forward_hooks_with_keywords():
    net = Net()
    x = rows(2, 3)
    with net.register_forward_pre_hook(lambda m, args, kwargs: (args, {"head": "b"}), with_kwargs=True):
        assert net(x, head="a").shape == (2, 5)
    with net.register_forward_hook(lambda m, args, kwargs, out: kwargs["head"], with_kwargs=True):
        assert net(x, head="b") == "b"
    with (
        net.register_forward_pre_hook(lambda m, args, kwargs: args, with_kwargs=True),
        pytest.raises(TypeError, match="wants None or new"),
    ):
        net(x)


def test_hooks_run_in_order_and_may_remove_themselves():
    module = Affine(3, 2)
    order = []
    handles = [module.register_forward_hook(lambda m, a, o, i=i: order.append(i)) for i in range(3)]
    once = module.register_forward_hook(lambda m, a, o: once.remove())
    module(rows(1, 3))
    module(rows(1, 3))
    assert order == [0, 1, 2, 0, 1, 2]
    handles[1].remove()
    module(rows(1, 3))
    assert order[6:] == [0, 2]


def test_backward_hooks():
    module = Affine(3, 2)
    seen = []

    def hook(m, grad_input, grad_output):
        seen.append((m, [g.data.copy() for g in grad_input], [g.data.copy() for g in grad_output]))

    handle = module.register_full_backward_hook(hook)
    x = rows(4, 3)
    x.requires_grad_()
    weights = rows(4, 2)
    (module(x) * weights).sum().backward()
    assert len(seen) == 1
    assert seen[0][0] is module
    np.testing.assert_allclose(seen[0][2][0], weights.data)
    np.testing.assert_allclose(seen[0][1][0], weights.data @ module.weight.data.T)
    np.testing.assert_allclose(x.grad.data, weights.data @ module.weight.data.T)
    np.testing.assert_allclose(module.weight.grad.data, x.data.T @ weights.data)
    handle.remove()
    module(x).sum().backward()
    assert len(seen) == 1


def test_backward_hooks_may_replace_the_gradient():
    module = Affine(3, 2)
    x = rows(4, 3)
    x.requires_grad_()
    with module.register_full_backward_hook(lambda m, grad_input, grad_output: (grad_input[0] * 0,)):
        module(x).sum().backward()
    assert not x.grad.data.any()
    assert module.weight.grad.data.any()


def test_backward_hooks_where_no_input_needs_a_gradient():
    module = Affine(3, 2)
    seen = []
    module.register_full_backward_hook(lambda m, grad_input, grad_output: seen.append((grad_input, grad_output)))
    module(rows(4, 3)).sum().backward()
    assert seen[0][0] == (None,)
    np.testing.assert_array_equal(seen[0][1][0].data, np.ones((4, 2)))
    with ag.no_grad():
        module(rows(4, 3))
    assert len(seen) == 1


# ---------------------------------------------------------------------------------------------------------------------
# Errors carry the path
# ---------------------------------------------------------------------------------------------------------------------
def notes_of(call) -> tuple[list[str], str]:
    with pytest.raises((ValueError, ZeroDivisionError)) as info:
        call()
    return info.value.__notes__, "".join(traceback.format_exception(info.value))


class Deep(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layers = [nn.Sequential(OrderedDict(norm=nn.Sequential(), dense=Affine(3, size))) for size in (3, 3, 3, 3)]
        layers[3].dense = Affine(5, 3)
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(layers)

    def forward(self, x):
        for layer in self.encoder.layers:
            x = layer(x)
        return x


def test_an_error_names_the_module_it_happened_in():
    notes, text = notes_of(lambda: Deep()(rows(2, 3)))
    assert notes == ["in encoder.layers.3.dense (Affine(5, 3)), given float64(2, 3)"]
    assert text.count("in encoder.layers.3.dense (Affine(5, 3))") == 1
    assert "(2, 3) @ (5, 3)" in text


def test_an_error_in_the_outermost_module():
    notes, _ = notes_of(lambda: Affine(5, 3)(rows(2, 3)))
    assert notes == ["in Affine(5, 3), given float64(2, 3)"]

    class Broken(nn.Module):
        def forward(self, x):
            raise ZeroDivisionError("here")

    notes, _ = notes_of(lambda: Broken()(1))
    assert notes == ["in Broken"]


def test_an_error_in_a_module_that_is_not_registered():
    hidden = Deep()

    class Outer(nn.Module):
        def forward(self, x):
            return hidden(x)

    notes, _ = notes_of(lambda: nn.Sequential(Outer())(rows(2, 3)))
    assert notes == ["in 0.Deep.encoder.layers.3.dense (Affine(5, 3)), given float64(2, 3)"]


def test_an_error_that_is_caught_inside_leaves_no_trace():
    class Trying(nn.Module):
        def __init__(self):
            super().__init__()
            self.bad, self.good = Affine(5, 3), Affine(3, 3)

        def forward(self, x):
            try:
                return self.bad(x)
            except ValueError:
                return self.good(x)

    assert Trying()(rows(2, 3)).shape == (2, 3)


def test_a_module_without_forward():
    class Empty(nn.Module):
        def foward(self, x):
            return x

    with pytest.raises(NotImplementedError, match=r"Empty: has no forward. Define `def forward"):
        Empty()(1)


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


# ---------------------------------------------------------------------------------------------------------------------
# Containers
# ---------------------------------------------------------------------------------------------------------------------
def test_sequential_as_a_list():
    parts = [Affine(3, 3) for _ in range(5)]
    net = nn.Sequential(*parts)
    x = rows(2, 3)
    expected = x
    for part in parts:
        expected = part(expected)
    np.testing.assert_array_equal(net(x).data, expected.data)
    assert net[0] is parts[0]
    assert net[-1] is parts[4]
    assert list(net[1:3]) == parts[1:3]
    assert isinstance(net[1:3], nn.Sequential)
    assert parts[2] in net
    assert list(net[:2] + net[3:]) == [parts[0], parts[1], parts[3], parts[4]]
    with pytest.raises(IndexError, match="Sequential: index 5 is out of range for 5 entries"):
        net[5]
    extra = Affine(3, 3)
    net[1] = extra
    assert net[1] is extra
    del net[0]
    assert list(net._modules) == ["0", "1", "2", "3"]
    assert net[0] is extra
    net.insert(0, parts[0])
    assert net[0] is parts[0]
    assert net.pop() is parts[4]
    assert len(net.extend([Affine(3, 3), Affine(3, 3)]).append(Affine(3, 3))) == 7
    assert list(net._modules) == [str(i) for i in range(7)]
    assert len(nn.Sequential()) == 0
    assert nn.Sequential()(x) is x


def test_sequential_with_names():
    net = nn.Sequential(OrderedDict(first=Affine(3, 4), second=Affine(4, 2)))
    assert net.first is net[0]
    assert list(net.state_dict()) == [f"{a}.{b}" for a in ("first", "second") for b in ("weight", "bias", "calls")]
    assert nn.Sequential({"only": Affine(3, 4)}).only is not None
    assert [name for name, _ in net[1:].named_children()] == ["second"]
    del net[0]
    assert list(net._modules) == ["second"]


def test_sequential_of_other_things():
    with pytest.raises(TypeError, match=r"Sequential: argument 0 is the class Net, not a module. Add parentheses"):
        nn.Sequential(Net)
    with pytest.raises(TypeError, match=r"argument 1 is the function tanh, not a module"):
        nn.Sequential(Affine(1, 1), np.tanh)
    with pytest.raises(TypeError, match=r"is a list, not a module. Unpack it with a star"):
        nn.Sequential([Affine(1, 1)])
    with pytest.raises(TypeError, match=r"argument 1 is int, not a module"):
        nn.Sequential(Affine(1, 1)).append(3)


def test_module_list():
    layers = nn.ModuleList([Affine(2, 2)])
    layers += [Affine(2, 2)]
    layers.insert(1, Affine(2, 3))
    assert [layer.sizes for layer in layers] == [(2, 2), (2, 3), (2, 2)]
    assert isinstance(layers[:2], nn.ModuleList)
    assert len(layers + nn.ModuleList([Affine(1, 1)])) == 4
    assert layers.pop(1).sizes == (2, 3)
    del layers[:]
    assert len(layers) == 0
    with pytest.raises(NotImplementedError, match="Loop over it"):
        layers(rows(2))


def test_module_dict():
    heads = nn.ModuleDict({"a": Affine(1, 2)})
    heads["b"] = Affine(1, 3)
    heads.update([("pop", Affine(1, 4))])  # a method's name is a name like any other here
    assert list(heads) == list(heads.keys()) == ["a", "b", "pop"]
    assert heads["pop"].sizes == (1, 4)
    assert [layer.sizes for layer in heads.values()] == [(1, 2), (1, 3), (1, 4)]
    assert len(dict(heads.items())) == len(heads) == 3
    assert "a" in heads
    del heads["a"]
    assert "a" not in heads
    with pytest.raises(KeyError, match=r"has no 'a'\. It has: b, pop"):
        heads["a"]
    with pytest.raises(TypeError, match="ModuleDict: 'c' is int"):
        heads["c"] = 3
    with pytest.raises(ValueError, match="can not name a module"):
        heads["c.d"] = Affine(1, 1)
    with pytest.raises(NotImplementedError, match="only holds modules"):
        heads(rows(2))
    heads.clear()
    assert len(heads) == 0


def test_parameter_containers():
    row = nn.ParameterList([rows(2), nn.Parameter(np.zeros(3))])
    row.append(np.zeros(4))
    row += [np.zeros(5)]
    assert [p.shape for p in row] == [(2,), (3,), (4,), (5,)]
    assert all(isinstance(p, nn.Parameter) for p in row)
    row[1] = np.zeros(6)
    assert row[1].shape == (6,)
    assert len(row[1:3]) == 2
    assert list(row.state_dict()) == ["0", "1", "2", "3"]
    assert "(0): Parameter of float64(2,)" in repr(row)
    with pytest.raises(IndexError, match="ParameterList: index 4 is out of range for 4"):
        row[4]

    named = nn.ParameterDict({"a": rows(2)})
    named["b"] = np.zeros(3)
    assert [name for name, _ in named.named_parameters()] == ["a", "b"]
    assert list(named) == ["a", "b"]
    assert "a" in named
    assert named.pop("a").shape == (2,)
    del named["b"]
    assert len(named) == 0
    with pytest.raises(KeyError, match=r"has no 'a'\. It has: nothing"):
        named["a"]


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


# ---------------------------------------------------------------------------------------------------------------------
# All parameters at once
# ---------------------------------------------------------------------------------------------------------------------
def with_gradients(*gradients: np.ndarray | None) -> list[nn.Parameter]:
    parameters = []
    for gradient in gradients:
        parameter = nn.Parameter(np.zeros(3 if gradient is None else gradient.shape))
        parameter.grad = None if gradient is None else Tensor(gradient.copy())
        parameters.append(parameter)
    return parameters


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, float("inf")])
def test_clipping_by_norm(norm_type):
    a, b = np.array([[1.0, -2.0]]), np.array([3.0])
    flat = np.array([1.0, -2.0, 3.0])
    norm = np.linalg.norm(flat, norm_type)
    parameters = with_gradients(a, None, b)
    total = nn.utils.clip_grad_norm_(parameters, 0.5, norm_type)
    assert total.item() == pytest.approx(norm)
    np.testing.assert_allclose(parameters[0].grad.data, a * 0.5 / norm, rtol=1e-5)
    np.testing.assert_allclose(parameters[2].grad.data, b * 0.5 / norm, rtol=1e-5)
    parameters = with_gradients(a, b)
    nn.utils.clip_grad_norm_(iter(parameters), 100.0, norm_type)
    np.testing.assert_array_equal(parameters[0].grad.data, a)
    assert nn.utils.get_total_norm([p.grad for p in parameters], norm_type).item() == pytest.approx(norm)


def test_clipping_a_norm_that_is_not_finite():
    parameters = with_gradients(np.array([np.inf, 1.0]))
    with pytest.raises(RuntimeError, match="get_total_norm: the norm is inf"):
        nn.utils.clip_grad_norm_(parameters, 1.0, error_if_nonfinite=True)
    assert nn.utils.clip_grad_norm_([], 1.0).item() == 0.0
    assert nn.utils.clip_grad_norm_(parameters[0], 1.0).item() == np.inf


def test_clipping_by_value():
    parameters = with_gradients(np.array([-3.0, 0.5, 2.0]), None)
    nn.utils.clip_grad_value_(parameters, 1.0)
    np.testing.assert_array_equal(parameters[0].grad.data, [-1.0, 0.5, 1.0])


def test_parameters_as_one_vector():
    net = Net()
    vector = nn.utils.parameters_to_vector(net.parameters())
    assert vector.shape == (sum(p.numel() for p in net.parameters()),)
    vector.sum().backward()
    assert (net.scale.grad.data == 1).all()
    other = Net()
    nn.utils.vector_to_parameters(vector * 2, other.parameters())
    np.testing.assert_array_equal(other.first.weight.data, 2 * net.first.weight.data)
    with pytest.raises(ValueError, match=r"the vector has 3 elements and the parameters have \d+"):
        nn.utils.vector_to_parameters(vector[:3], net.parameters())


def test_the_largest_gradient_is_nan_where_one_is():
    parameters = [nn.Parameter(ag.ones(2)) for _ in range(3)]
    for parameter, value in zip(parameters, (1.0, float("nan"), 2.0), strict=True):
        parameter.grad = ag.tensor([value, 0.0])
    for norm_type in (2.0, 1.0, float("inf")):
        assert np.isnan(nn.utils.clip_grad_norm_(parameters, 1.0, norm_type).item())
        for parameter, value in zip(parameters, (1.0, float("nan"), 2.0), strict=True):
            parameter.grad = ag.tensor([value, 0.0])
