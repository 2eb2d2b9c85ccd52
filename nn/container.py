"""Modules that hold modules or parameters: one after the other, by position, or by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, overload

from autograd.tensor import Tensor

from .layers.activation import GELU, ReLU
from .mistakes import no_module
from .module import Module
from .pairs import with_gelu, with_relu
from .parameter import Parameter


def _position(name: str, index: Any, length: int) -> int:
    """`index` counted from the first."""
    i = index.__index__()
    if not -length <= i < length:
        raise IndexError(f"{name}: index {i} is out of range for {length} entries.")
    return i % length


class _Row(Module):
    """What `Sequential` and `ModuleList` share: modules by position.  The positions are the names, unless given."""

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __contains__(self, module: Any) -> bool:
        return any(module is part for part in self._modules.values())

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Any: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self._like(dict(list(self._modules.items())[index]))
        return self._modules[self._name_at(index)]

    def __setitem__(self, index: int, module: Module) -> None:
        name = self._name_at(index)
        self._check(name, module)
        self._modules[name] = module

    def __delitem__(self, index: int | slice) -> None:
        names = list(self._modules)
        gone = set(names[index]) if isinstance(index, slice) else {self._name_at(index)}
        self._renumber([(name, part) for name, part in self._modules.items() if name not in gone])

    def _name_at(self, index: Any) -> str:
        return list(self._modules)[_position(type(self).__name__, index, len(self._modules))]

    def _like(self, modules: dict[str, Any]) -> _Row:
        raise NotImplementedError

    def _check(self, name: str, module: Any) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: argument {name} {no_module(module)}")

    def _renumber(self, parts: list[tuple[str, Any]]) -> None:
        """Holds these parts.  Names that are numbers become the positions again."""
        numbered = all(name.isdigit() for name, _ in parts)
        self._modules.clear()
        for i, (name, part) in enumerate(parts):
            self._modules[str(i) if numbered else name] = part

    def append(self, module: Module) -> Any:
        """Adds a module at the end.  Returns itself."""
        name = str(len(self._modules))
        self._check(name, module)
        self.add_module(name, module)
        return self

    def extend(self, modules: Iterable[Module]) -> Any:
        """Adds modules at the end.  Returns itself."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Adds a module before the one at `index`.  Returns itself."""
        self._check(str(index), module)
        parts = list(self._modules.items())
        parts.insert(index, (str(len(parts)), module))
        self._renumber(parts)
        return self

    def pop(self, index: int = -1) -> Module:
        """Takes out the module at `index` and returns it."""
        module = self[index]
        del self[index]
        return module


class Sequential(_Row):
    """Modules one after the other: each gets the result of the one before.

    args: modules, or one dict of modules by name.

    >>> import autograd, nn
    >>> model = nn.Sequential(nn.Dense(4, 8), nn.ReLU(), nn.Dense(8, 2))
    >>> model(autograd.ones(3, 4)).shape, len(model), model[-1]
    ((3, 2), 3, Dense(8, 2))
    >>> [name for name, _ in model.named_parameters()]
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = args[0] if len(args) == 1 and isinstance(args[0], dict) else None
        for name, module in enumerate(args) if named is None else named.items():
            self._check(str(name), module)
            self.add_module(str(name), module)

    def forward(self, x: Any) -> Any:
        """The result of the last module."""
        waiting = None  # a layer that computes the activation behind it, if there is one
        run: Any = None
        module: Any
        for module in self._modules.values():
            if waiting is not None:
                kind = type(module)
                if kind is GELU:
                    run = with_gelu(waiting, module.approximate)
                elif kind is not ReLU:
                    run = None
                if run is not None and module._hooks is None and "forward" not in module.__dict__:
                    x = waiting.guarded(run, waiting, x)
                    waiting = None
                    continue
                x, waiting = waiting(x), None
            run = with_relu(module, Module.__call__)
            if run is None:
                x = module(x)
            else:
                waiting = module
        return x if waiting is None else waiting(x)

    def _like(self, modules: dict[str, Any]) -> Sequential:
        return Sequential(modules)

    def __add__(self, other: Iterable[Module]) -> Sequential:
        return Sequential(*self, *other)


class ModuleList(_Row):
    """A list of modules, each registered.  It computes nothing itself.

    >>> import nn
    >>> layers = nn.ModuleList(nn.Dense(8, 8) for _ in range(3))
    >>> len(layers), sum(p.numel() for p in layers.parameters())
    (3, 216)
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def _like(self, modules: dict[str, Any]) -> ModuleList:
        return ModuleList(modules.values())

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __iadd__(self, other: Iterable[Module]) -> ModuleList:
        return self.extend(other)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(
            "ModuleList: only holds modules. Loop over it: `for layer in self.layers: x = layer(x)`, or use Sequential."
        )


class _ByName(Module):
    """What `ModuleDict` and `ParameterDict` share: a dict of parts, each registered."""

    _kind: ClassVar[str]  # where parts of this kind are registered
    _noun: ClassVar[str]

    def __init__(self, parts: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        super().__init__()
        self.update(parts)

    def _parts(self) -> dict[str, Any]:
        return self.__dict__[self._kind]

    def _as_part(self, name: str, value: Any) -> Any:
        """`value` as what is registered.  Raises where it can not be that."""
        raise NotImplementedError

    def __getitem__(self, name: str) -> Any:
        parts = self._parts()
        if name not in parts:
            raise KeyError(f"{type(self).__name__}: has no {name!r}. It has: {', '.join(parts) or 'nothing'}.")
        return parts[name]

    def __setitem__(self, name: str, value: Any) -> None:
        part = self._as_part(name, value)
        if not isinstance(name, str) or "." in name or not name:
            raise ValueError(
                f"{type(self).__name__}: {name!r} can not name a {self._noun}. Give a string without dots."
            )
        self._parts()[name] = part  # "pop" and "keys" too: reached by [], nothing hides them

    def __delitem__(self, name: str) -> None:
        self.pop(name)

    def __len__(self) -> int:
        return len(self._parts())

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts())

    def __contains__(self, name: Any) -> bool:
        return name in self._parts()

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._parts().keys()

    def values(self) -> Iterable[Any]:
        """What has the names."""
        return self._parts().values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Names and what has them."""
        return self._parts().items()

    def update(self, parts: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Adds or replaces by name."""
        for name, value in parts.items() if isinstance(parts, (Mapping, _ByName)) else parts:
            self[name] = value

    def pop(self, name: str) -> Any:
        """Takes one out and returns it."""
        part = self[name]
        del self._parts()[name]
        return part

    def clear(self) -> None:
        """Takes out all."""
        self._parts().clear()


class ModuleDict(_ByName):
    """A dict of modules by name, each registered.  It computes nothing itself.

    >>> import nn
    >>> heads = nn.ModuleDict({"digit": nn.Dense(8, 10), "parity": nn.Dense(8, 2)})
    >>> heads["parity"], list(heads)
    (Dense(8, 2), ['digit', 'parity'])
    """

    _kind, _noun = "_modules", "module"

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        super().__init__(modules)

    def _as_part(self, name: str, value: Any) -> Module:
        if not isinstance(value, Module):
            raise TypeError(f"{type(self).__name__}: {name!r} {no_module(value)}")
        return value

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError('ModuleDict: only holds modules. Call one of them: self.heads["digit"](x).')


def _as_parameter(value: Any) -> Parameter:
    """Tensors and arrays become parameters, as in PyTorch."""
    return value if isinstance(value, Parameter) else Parameter(value)


class ParameterList(Module):
    """A list of parameters, each registered.  Tensors and arrays in it become parameters.

    >>> import autograd, nn
    >>> scales = nn.ParameterList([autograd.ones(3), autograd.ones(5)])
    >>> [p.shape for p in scales.parameters()]
    [(3,), (5,)]
    """

    def __init__(self, values: Iterable[Any] = ()) -> None:
        super().__init__()
        self.extend(values)

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parameters.values())

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return ParameterList(list(self)[index])
        return self._parameters[str(_position("ParameterList", index, len(self)))]

    def __setitem__(self, index: int, value: Any) -> None:
        self._parameters[str(_position("ParameterList", index, len(self)))] = _as_parameter(value)

    def append(self, value: Any) -> ParameterList:
        """Adds a parameter at the end.  Returns itself."""
        self.register_parameter(str(len(self)), _as_parameter(value))
        return self

    def extend(self, values: Iterable[Any]) -> ParameterList:
        """Adds parameters at the end.  Returns itself."""
        for value in list(values):
            self.append(value)
        return self

    def __iadd__(self, values: Iterable[Any]) -> ParameterList:
        return self.extend(values)

    def __repr__(self) -> str:
        return _parameters_repr(self)


class ParameterDict(_ByName):
    """A dict of parameters by name, each registered.  Tensors and arrays in it become parameters.

    >>> import autograd, nn
    >>> scales = nn.ParameterDict({"left": autograd.ones(3)})
    >>> scales["left"].requires_grad
    True
    """

    _kind, _noun = "_parameters", "parameter"

    def __init__(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__(parameters)

    def _as_part(self, name: str, value: Any) -> Parameter:
        return _as_parameter(value)

    def __repr__(self) -> str:
        return _parameters_repr(self)


def _parameters_repr(module: Module) -> str:
    lines = [
        f"  ({name}): Parameter of {value.dtype}{value.shape}"
        for name, value in module._parameters.items()
        if isinstance(value, Tensor)
    ]
    return "\n".join([f"{type(module).__name__}(", *lines, ")"]) if lines else f"{type(module).__name__}()"
