"""Modules: hooks, and the path that an error carries."""

from __future__ import annotations

import traceback
from collections import OrderedDict

import numpy as np
import pytest

import autograd as ag
import nn
from tests.small_modules import Affine, Net, rows


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
    assert notes == [
        "x, of shape (2, 3), is the result of add.",
        "in encoder.layers.3.dense (Affine(5, 3)), given float64(2, 3)",
    ]
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
    assert notes == [
        "x, of shape (2, 3), is the result of add.",
        "in 0.Deep.encoder.layers.3.dense (Affine(5, 3)), given float64(2, 3)",
    ]


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
