"""Module: a function with parameters, made of other modules.

Parameters, buffers and modules that are assigned as attributes are registered in the order of assignment. Everything
else here walks over what is registered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from autograd.tensor import HookHandle, Tensor

from . import state
from .hooks import Hooks, call_with_hooks
from .mistakes import (
    add_path,
    check_device,
    find_held,
    held_error,
    hidden_by,
    no_init,
    no_module,
    not_inferred,
    stays_module,
    stays_parameter,
)
from .parameter import Buffer, Parameter, convert, device_and_dtype, has_shape


class Module:
    """The base of all layers and models.  A subclass assigns its parts in `__init__` and computes in `forward`.

    training: whether it is in training mode (`train()`, `eval()`).

    >>> import autograd, nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.Dense(4, 8)
    ...         self.out = nn.Dense(8, 2)
    ...     def forward(self, x):
    ...         return self.out(self.hidden(x).relu())
    >>> net = Net()
    >>> net(autograd.ones(3, 4)).shape
    (3, 2)
    >>> net
    Net(
      (hidden): Dense(4, 8)
      (out): Dense(8, 2)
    )

    Modules and parameters in a plain list, tuple, set or dict would be missed by `parameters()`, so such an attribute
    is refused; `ModuleList`, `ModuleDict`, `ParameterList` and `ParameterDict` hold them.
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]
    _not_persistent: set[str]  # names of buffers that are not part of the state
    _held: dict[str, int]  # names of attributes that are lists, dicts or sets, and how long they were when last seen
    _hooks: Hooks | None

    def __init__(self) -> None:
        # Straight into __dict__, past __setattr__. A second call, as by several base classes, changes nothing.
        attributes = self.__dict__
        if "_modules" not in attributes:
            attributes["training"] = True
            attributes["_parameters"] = {}
            attributes["_buffers"] = {}
            attributes["_modules"] = {}
            attributes["_not_persistent"] = set()
            attributes["_held"] = {}
            attributes["_hooks"] = None

    # -- calling ------------------------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the hooks and `forward`.  An error on the way says in which part of the model it happened."""
        try:
            if self._held:
                self._check_held(whole=False)
            if self._hooks is None:
                return self.forward(*args, **kwargs)
            return call_with_hooks(self, self._hooks, args, kwargs)
        except Exception as error:
            add_path(error, self, args)
            raise

    def guarded(self, function: Callable[..., Any], *args: Any) -> Any:
        """A part of this module's computation.  An error on the way says in which part of the model it happened."""
        try:
            return function(*args)
        except Exception as error:
            add_path(error, self, args[1:])
            raise

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes.  Subclasses define it."""
        raise NotImplementedError(
            f"{type(self).__name__}: has no forward. Define `def forward(self, x):` in the class (at its indentation)."
        )

    # -- attributes ---------------------------------------------------------------------------------------------------
    def __getattr__(self, name: str) -> Any:
        # Python comes here only for what is not found otherwise.
        attributes = self.__dict__
        parameters = attributes.get("_parameters")
        if parameters is None:
            raise AttributeError(name if name.startswith("__") else no_init(self), name=name, obj=self)
        if name in parameters:
            return parameters[name]
        modules = attributes["_modules"]
        if name in modules:
            return modules[name]
        buffers = attributes["_buffers"]
        if name in buffers:
            return buffers[name]
        if isinstance(getattr(type(self), name, None), property):
            return object.__getattribute__(self, name)  # raises the AttributeError from inside the property again
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.", name=name, obj=self)

    def __setattr__(self, name: str, value: Any) -> None:
        attributes = self.__dict__
        if isinstance(value, (Parameter, Buffer, Module)):
            if "_modules" not in attributes:
                raise AttributeError(no_init(self))
            if isinstance(getattr(type(self), name, None), property):
                object.__setattr__(self, name, value)
            elif isinstance(value, Parameter):
                self.register_parameter(name, value)
            elif isinstance(value, Module):
                self.add_module(name, value)
            else:
                self.register_buffer(name, value, value.persistent)
            return
        if "_modules" in attributes:
            if name in attributes["_parameters"]:
                if value is not None:
                    raise TypeError(stays_parameter(self, name, value))
                attributes["_parameters"][name] = None
                return
            if name in attributes["_buffers"] and (value is None or isinstance(value, Tensor)):
                attributes["_buffers"][name] = value
                return
            if name in attributes["_modules"]:
                if value is not None:
                    raise TypeError(stays_module(self, name, value))
                attributes["_modules"][name] = None
                return
        if isinstance(value, (list, tuple, dict, set)):
            inner = find_held(value)
            if inner:
                raise TypeError(held_error(self, name, value, inner))
            if "_held" in attributes and not isinstance(value, tuple):
                attributes["_held"][name] = len(value)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        for registered in (self._parameters, self._buffers, self._modules):
            if name in registered:
                del registered[name]
                self._not_persistent.discard(name)
                return
        self._held.pop(name, None)
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._parameters, *self._buffers, *self._modules})

    def __setstate__(self, attributes: dict[str, Any]) -> None:
        self.__dict__.update(attributes)

    def _check_held(self, whole: bool) -> None:
        """Raises if a list, dict or set has come to hold a module or parameter since it was assigned.

        whole: look at all of it, not only when it has grown.
        """
        for name, length in list(self._held.items()):
            value = self.__dict__.get(name)
            if not isinstance(value, (list, dict, set)):
                del self._held[name]
            elif whole or len(value) != length:
                inner = find_held(value)
                if inner:
                    raise TypeError(held_error(self, name, value, inner))
                self._held[name] = len(value)

    # -- registering --------------------------------------------------------------------------------------------------
    def _claim(self, name: str, kind: dict[str, Any]) -> None:
        """Makes `name` free for what is about to be registered in `kind`."""
        if "_modules" not in self.__dict__:
            raise AttributeError(no_init(self))
        if not isinstance(name, str) or not name or "." in name:
            raise ValueError(f"{type(self).__name__}: {name!r} can not name a part. Give a string without dots.")
        if hasattr(type(self), name):
            raise AttributeError(hidden_by(self, name))
        for other in (self._parameters, self._buffers, self._modules):
            if other is not kind:
                other.pop(name, None)
        self.__dict__.pop(name, None)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Makes `param` the parameter `name`; None holds its place, as for a layer without bias."""
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"register_parameter: {name} is {type(param).__name__}. Give nn.Parameter(...), or None.")
        if param is not None and not param.is_leaf:
            raise ValueError(
                f"register_parameter: {name} is the result of {param.grad_fn.name if param.grad_fn else ''}, and only "
                f"leaves can be trained. Give a Parameter, and compute from it in forward."
            )
        self._claim(name, self.__dict__.get("_parameters", {}))
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Makes `tensor` the buffer `name`: state that is not trained.

        persistent: whether it is part of `state_dict()`.
        """
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"register_buffer: {name} is {type(tensor).__name__}. Give autograd.tensor(...), or None.")
        self._claim(name, self.__dict__.get("_buffers", {}))
        self._buffers[name] = tensor
        if persistent:
            self._not_persistent.discard(name)
        else:
            self._not_persistent.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Makes `module` the part `name`."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: {name} {no_module(module)}")
        self._claim(name, self.__dict__.get("_modules", {}))
        self._modules[name] = module

    register_module = add_module

    # -- walking ------------------------------------------------------------------------------------------------------
    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all modules in it, each after the one that holds it, with dotted names.

        remove_duplicate: give a module that is reached by several names only once, by the first.
        """
        seen = set() if memo is None else memo
        if remove_duplicate:
            if self in seen:
                return
            seen.add(self)
        if self._held:
            self._check_held(whole=True)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(seen, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all modules in it."""
        for _, module in self.named_modules():
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly in this one, with their names."""
        seen: set[Module] = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """The modules directly in this one."""
        for _, module in self.named_children():
            yield module

    def _named(
        self, kind: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Tensor, Module]]:
        """The registered tensors of one kind, with their dotted names and the modules they belong to."""
        if recurse:
            modules: Iterable[tuple[str, Module]] = self.named_modules(None, prefix, remove_duplicate)
        else:
            self._check_held(whole=True)
            modules = [(prefix, self)]
        seen: set[int] = set()
        for path, module in modules:
            for name, tensor in module.__dict__[kind].items():
                if tensor is None or (remove_duplicate and id(tensor) in seen):
                    continue
                seen.add(id(tensor))
                yield (f"{path}.{name}" if path else name), tensor, module

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """All parameters with dotted names, each once, in the order of assignment.

        Raises RuntimeError where a layer has not inferred its shapes yet.
        """
        for name, parameter, module in self._named("_parameters", prefix, recurse, remove_duplicate):
            if not has_shape(parameter):
                raise RuntimeError(not_inferred("parameters", name, module))
            assert isinstance(parameter, Parameter)
            yield name, parameter

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, each once.  See `named_parameters`."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """All buffers with dotted names, each once."""
        for name, buffer, module in self._named("_buffers", prefix, recurse, remove_duplicate):
            if not has_shape(buffer):
                raise RuntimeError(not_inferred("buffers", name, module))
            yield name, buffer

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers, each once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def get_submodule(self, target: str) -> Module:
        """The module at a dotted path, as `encoder.layers.3`."""
        module = self
        for i, name in enumerate(target.split(".") if target else []):
            part = module._modules.get(name)
            if part is None:
                at = ".".join(target.split(".")[:i]) or type(self).__name__
                names = ", ".join(module._modules) or "none"
                raise AttributeError(f"get_submodule: {at} has no module {name!r}. Its modules: {names}.")
            module = part
        return module

    def _get(self, kind: str, target: str) -> Any:
        path, _, name = target.rpartition(".")
        found = self.get_submodule(path).__dict__[kind]
        if found.get(name) is None:
            raise AttributeError(
                f"{type(self).__name__} has nothing at {target!r} in its {kind[1:]}. "
                f"There: {', '.join(found) or 'none'}."
            )
        return found[name]

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path, as `encoder.weight`."""
        return self._get("_parameters", target)

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a dotted path."""
        return self._get("_buffers", target)

    # -- what is done to all parts ------------------------------------------------------------------------------------
    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Calls `fn` with each module in this one, and with this one last.  Returns itself."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Training mode for this module and all in it: dropout drops, batch normalization looks at the batch."""
        if not isinstance(mode, bool):
            raise TypeError(f"train: mode is {type(mode).__name__}. Give True or False.")
        for module in self.modules():
            module.__dict__["training"] = mode
        return self

    def eval(self) -> Self:
        """Evaluation mode for this module and all in it.  The same as `train(False)`."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Whether the parameters are trained.  Returns itself."""
        for _, parameter, _ in self._named("_parameters", "", True, True):
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients of the parameters, or sets them to zero."""
        for _, parameter, _ in self._named("_parameters", "", True, True):
            if parameter.grad is not None:
                parameter.grad = None if set_to_none else Tensor(np.zeros_like(parameter.grad.data))

    def to(self, *args: Any, device: Any = None, dtype: DTypeLike | None = None, non_blocking: bool = False) -> Self:
        """Converts floating-point parameters and buffers: `model.to(autograd.float64)`.  Returns itself.

        The device can only be "cpu". The parameters stay the same objects, so an optimizer made before still trains
        them; its state keeps the dtype it had.
        """
        device, dtype = device_and_dtype(args, device, dtype)
        check_device(type(self).__name__, device)
        if dtype is not None:
            wanted = np.dtype(dtype)
            if wanted.kind not in "fc":
                raise TypeError(f"to: parameters can not be {wanted}. Give a floating-point dtype.")
            for kind in ("_parameters", "_buffers"):
                for _, tensor, _ in self._named(kind, "", True, True):
                    if tensor.dtype.kind in ("f" if wanted.kind == "f" else "fc"):
                        convert(tensor, wanted)
        return self

    def float(self) -> Self:
        """Converts floating-point parameters and buffers to float32."""
        return self.to(np.float32)

    def double(self) -> Self:
        """Converts floating-point parameters and buffers to float64."""
        return self.to(np.float64)

    def half(self) -> Self:
        """Converts floating-point parameters and buffers to float16."""
        return self.to(np.float16)

    def cpu(self) -> Self:
        """Itself: everything is on the CPU."""
        return self

    # -- state --------------------------------------------------------------------------------------------------------
    def state_dict(self, prefix: str = "", keep_vars: bool = False) -> dict[str, Tensor]:
        """All parameters and persistent buffers by dotted name.  They share memory with the module.

        prefix: put before each name.
        keep_vars: give the parameters themselves rather than detached tensors.
        """
        return state.collect(self, prefix, keep_vars)

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> state.IncompatibleKeys:
        """Copies the values of a `state_dict()` into the parameters and buffers of this module.

        Layers that have not inferred their shapes take them from the state. Arrays, and tensors of other libraries
        that convert to arrays, are as good as tensors. Each value is cast to the dtype that the module has.

        strict: names that are missing or unexpected are an error. Shapes must always agree.

        Raises RuntimeError that lists all that does not fit; then nothing was changed.
        """
        return state.load(self, state_dict, strict)

    def infer_sizes(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Takes the sizes that were left out from the shapes of its own parameters in a state.

        Layers that infer sizes define it.
        """
        raise NotImplementedError(f"{type(self).__name__}: define infer_sizes(shapes) to load a state before a call.")

    # -- hooks --------------------------------------------------------------------------------------------------------
    def _hook_table(self) -> Hooks:
        if self._hooks is None:
            self.__dict__["_hooks"] = Hooks()
        assert self._hooks is not None
        return self._hooks

    def register_forward_pre_hook(self, hook: Callable[..., Any], *, with_kwargs: bool = False) -> HookHandle:
        """Calls `hook(module, args)` before `forward`; what it returns, if anything, replaces the arguments.

        with_kwargs: call `hook(module, args, kwargs)`, which may return new `(args, kwargs)`.
        Returns a handle whose `remove()` takes the hook away.
        """
        return self._hook_table().add("before", hook, with_kwargs)

    def register_forward_hook(self, hook: Callable[..., Any], *, with_kwargs: bool = False) -> HookHandle:
        """Calls `hook(module, args, output)` after `forward`; what it returns, if anything, replaces the output.

        with_kwargs: call `hook(module, args, kwargs, output)`.
        """
        return self._hook_table().add("after", hook, with_kwargs)

    def register_full_backward_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Calls `hook(module, grad_input, grad_output)` when the gradients of the inputs are known.

        Both are tuples, one gradient for each tensor among the arguments and outputs; None where there is none. What
        the hook returns, if anything, replaces the gradients of the inputs.
        """
        return self._hook_table().add("backward", hook, False)

    # -- printing -----------------------------------------------------------------------------------------------------
    def extra_repr(self) -> str:
        """What stands between the parentheses when it prints.  Subclasses define it."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        children = [f"({name}): " + repr(module).replace("\n", "\n  ") for name, module in self._modules.items()]
        lines = [*(extra.splitlines() if children else []), *children]
        if not lines:
            return f"{type(self).__name__}({extra})"
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"
