"""Containers of modules and of parameters: Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

import nn
from tests.small_modules import Affine, Net, rows


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
    named.update({"c": np.zeros(2)})
    named.clear()
    assert list(named.items()) == []
