"""What all optimizers share: parameter groups, the step, and state that is kept by the name of its parameter.

An optimizer states its rule once, for one parameter, in NumPy:

    class Momentum(Optimizer):
        def __init__(self, params, lr=0.1, momentum=0.9):
            super().__init__(params, {"lr": lr, "momentum": momentum})

        def buffers(self, group):
            return ("velocity",)

        def update(self, param, grad, state, group):
            state["velocity"] *= group["momentum"]
            state["velocity"] += grad
            param -= group["lr"] * state["velocity"]

A rule may have a second form, `update_all`, that one kernel call computes for many parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np

from autograd import kernels, quiet
from autograd.graph import mark_all_written, mark_written
from autograd.modes import enable_grad
from autograd.tensor import Tensor, wrap

from .state import checked, options_of

Group: TypeAlias = dict[str, Any]  # the options of some parameters, and the parameters: "params" and "param_names"
State: TypeAlias = dict[str, Any]  # of one parameter: "step", and an array for each name in `buffers`
Params: TypeAlias = Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[Mapping[str, Any]]


class Range(NamedTuple):
    """What an option that is a number may be: at least `low`, and below `high`."""

    low: float
    high: float


ANY = Range(-math.inf, math.inf)
NOT_NEGATIVE = Range(0.0, math.inf)
FRACTION = Range(0.0, 1.0)

_DTYPES = {np.dtype(np.float32), np.dtype(np.float64)}

# What a group may have besides the options of its optimizer: a label, and what schedules keep in it.
_NO_OPTIONS = {"params", "param_names", "name"}
_OF_SCHEDULES = {"initial_lr", "max_lr", "min_lr", "base_momentum", "max_momentum"}


def members(group: Group) -> Iterator[tuple[str, Tensor]]:
    """The names and parameters of a group."""
    return zip(group["param_names"], group["params"], strict=True)


def descent(param: np.ndarray, grad: np.ndarray, group: Group) -> np.ndarray:
    """The direction to step against: the gradient, or under `maximize` its opposite, with the weight decay added.

    g = grad + weight_decay * param
    """
    if group["maximize"]:
        grad = -grad
    if group["weight_decay"] != 0:
        grad = grad + group["weight_decay"] * param
    return grad


class Batch:
    """Parameters of one group that have a gradient, all of one dtype.

    contiguous: these parameters, gradients and buffers are all C-contiguous, aligned and writeable.
    """

    __slots__ = ("_buffers", "contiguous", "grads", "names", "params", "states", "tensors")

    def __init__(self, contiguous: bool) -> None:
        self.contiguous = contiguous
        self.names: list[str] = []
        self.tensors: list[Tensor] = []
        self.params: list[np.ndarray] = []
        self.grads: list[np.ndarray] = []
        self.states: list[State] = []
        self._buffers: dict[str, list[np.ndarray]] = {}

    def settle(self) -> None:
        """All are in: in tables, where a kernel may be given them."""
        if self.contiguous:
            self.params, self.grads = kernels.tables.Table(self.params), kernels.tables.Table(self.grads)

    def buffers(self, name: str) -> list[np.ndarray]:
        """The arrays of that name in the states."""
        arrays = self._buffers.get(name)
        if arrays is None:
            arrays = [state[name] for state in self.states]
            self._buffers[name] = arrays = kernels.tables.Table(arrays) if self.contiguous else arrays
        return arrays

    def steps(self) -> list[int]:
        """The number of this step for each parameter."""
        return [state["step"] for state in self.states]

    def again(self, optimizer: Optimizer, group: Group) -> bool:
        """Takes the next gradients, if nothing but these has changed since the last step; else the batch is of no use.

        As a rule nothing has, and looking at each array anew would take longer than a step of a small model.
        """
        tensors = group["params"]
        if len(tensors) != len(self.tensors):
            return False
        states = optimizer.state
        grads = []
        for tensor, was, name, param, state in zip(
            tensors, self.tensors, self.names, self.params, self.states, strict=True
        ):
            grad = tensor._grad
            if tensor is not was or grad is None or tensor._data is not param or states.get(name) is not state:
                return False
            array: np.ndarray = grad._data
            if (
                array.dtype is not param.dtype
                or array.shape != param.shape
                or not array.flags.carray
                or not param.flags.carray
            ):
                return False
            grads.append(array)
        names = optimizer.buffers(group)
        for buffer in names:
            arrays = self._buffers.get(buffer, [])
            if len(arrays) != len(self.states):
                return False
            for state, array, param in zip(self.states, arrays, self.params, strict=True):
                if state.get(buffer) is not array or array.shape != param.shape:
                    return False
        self.grads = kernels.tables.Table(grads)
        return True


class Optimizer:
    """Base class of all optimizers: moves parameters by their gradients.

    params: tensors; or pairs (name, tensor), as `model.named_parameters()` gives them; or dicts, each with such
        "params" and the options that differ for them. State is kept by name; parameters without a name are called by
        their position, "0", "1", ..., counted through all groups.
    defaults: each option of the rule, with its value for groups that do not say otherwise.

    `param_groups` is a list of dicts, whose options may be changed between steps: `group["lr"] *= 0.5`.

    Raises ValueError or TypeError for parameters that can not be optimized, and for options out of their range.
    """

    # What options may be: a Range, a tuple of them for a tuple of numbers, or bool. Others are not checked.
    accepts: ClassVar[Mapping[str, Any]] = {"lr": NOT_NEGATIVE}

    def __init__(self, params: Params, defaults: Mapping[str, Any]) -> None:
        self.defaults = dict(defaults)
        self.param_groups: list[Group] = []
        self.state: dict[str, State] = {}  # by name; a parameter that never had a gradient has none
        self._last: dict[int, Batch] = {}  # by the id of its group: what the last step has updated by a kernel
        self.steps = 0  # how often step() was called on this object, for schedules to see
        self._named: bool | None = None
        self.validated(self.defaults)
        for group in self._as_groups(params):
            self.add_param_group(group)

    # -- the rule -----------------------------------------------------------------------------------------------------
    def buffers(self, group: Group) -> tuple[str, ...]:
        """The names of the arrays, each like its parameter, that the rule keeps under these options."""
        return ()

    def init_state(self, param: np.ndarray, group: Group) -> State:
        """The state of a parameter before its first step."""
        return {"step": 0, **{name: np.zeros_like(param, order="C") for name in self.buffers(group)}}

    def update(self, param: np.ndarray, grad: np.ndarray, state: State, group: Group) -> None:
        """One step of one parameter: writes into `param` and the arrays of `state`.

        param, grad: (*), in the same dtype; grad must stay as it is.
        state: state["step"] is 1 in the first step.
        """
        raise NotImplementedError(f"{type(self).__name__} has no update(param, grad, state, group).")

    def update_all(self, batch: Batch, group: Group) -> bool:
        """Steps all parameters of a contiguous batch in one kernel call, if there is one.  Returns whether it did."""
        return False

    def check_options(self, options: Mapping[str, Any]) -> None:
        """Raises ValueError for options that do not go together.  `accepts` states what holds for each alone."""

    # -- the step -----------------------------------------------------------------------------------------------------
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Updates each parameter that has a gradient; the others, and their state, stay as they are.

        closure: computes the loss and its gradients again; called once, before the update.
        Returns what the closure returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        # All parameters are looked at before the first is written: an error leaves everything as it was.
        fresh: dict[str, State] = {}
        work = [(group, batch) for group in self.param_groups for batch in self._batches(group, fresh)]
        self.state |= fresh
        by = f"{type(self).__name__}.step"
        self._last.clear()
        warnings = quiet.enter()
        try:
            for group, batch in work:
                for state in batch.states:
                    state["step"] += 1
                if not (batch.contiguous and self.update_all(batch, group)):
                    for param, grad, state in zip(batch.params, batch.grads, batch.states, strict=True):
                        self.update(param, grad, state, group)
                elif len(batch.tensors) == len(group["params"]):
                    self._last[id(group)] = batch
                mark_all_written(batch.params, by)
        finally:
            quiet.leave(warnings)
        self.steps += 1
        return loss

    def _batches(self, group: Group, fresh: dict[str, State]) -> Iterable[Batch]:
        """The parameters of a group that have a gradient, apart by what one call can not treat alike.

        fresh: takes the states of those that had none.
        """
        last = self._last.get(id(group))
        if last is not None and last.again(self, group):
            return (last,)
        found: dict[Any, Batch] = {}
        names = self.buffers(group)
        for name, tensor in members(group):
            if tensor.grad is None:
                continue
            param, grad = tensor.data, tensor.grad.data
            flags = param.flags
            if param.dtype not in _DTYPES or not flags.writeable:
                self._check_array(name, param)
            if grad.shape != param.shape:
                raise ValueError(
                    f"{type(self).__name__}: the gradient of {name!r} has shape {grad.shape} and the parameter "
                    f"{param.shape}. Set its grad to None and run backward() again."
                )
            if grad.dtype != param.dtype:
                grad = grad.astype(param.dtype)
            state = self.state.get(name)
            if state is None:
                state = fresh[name] = self.init_state(param, group)
            else:
                self._keep_up(name, param, state, names, group)
            contiguous = flags.carray
            key = param.dtype, contiguous
            batch = found.get(key)
            if batch is None:
                batch = found[key] = Batch(contiguous)
            batch.names.append(name)
            batch.tensors.append(tensor)
            batch.params.append(param)
            batch.grads.append(grad.copy() if contiguous and not grad.flags.carray else grad)
            batch.states.append(state)
        for batch in found.values():
            batch.settle()
        return found.values()

    def _check_array(self, name: str, param: np.ndarray) -> None:
        if param.dtype not in _DTYPES:
            raise TypeError(
                f"{type(self).__name__}: {name!r} is {param.dtype}, and only float32 and float64 parameters can be "
                f"optimized. Convert it first: model.float(), or x.float() for a tensor."
            )
        if not param.flags.writeable:
            raise ValueError(
                f"{type(self).__name__}: the array under {name!r} of shape {param.shape} is read-only. "
                f"Give the tensor a copy: x.data = x.data.copy()."
            )

    def _keep_up(self, name: str, param: np.ndarray, state: State, buffers: tuple[str, ...], group: Group) -> None:
        """Brings the state up to a parameter or options that the user has changed since the last step."""
        for buffer in buffers:
            array = state.get(buffer)
            if array is None:  # as when momentum was 0 before
                state[buffer] = self.init_state(param, group)[buffer]
            elif array.shape != param.shape:
                raise ValueError(
                    f"{type(self).__name__}: {name!r} now has shape {param.shape}, and its state is from when it had "
                    f"{array.shape}. Make a new optimizer, or forget its state: optimizer.state.pop({name!r})."
                )
            elif array.dtype != param.dtype or not array.flags.carray:
                state[buffer] = np.array(array, param.dtype, order="C")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients of all parameters.

        set_to_none: False fills them with zeros instead, which a step does not skip: momentum and weight decay go on.
        """
        for group in self.param_groups:
            for tensor in group["params"]:
                if tensor.grad is None:
                    continue
                if set_to_none:
                    tensor.grad = None
                elif tensor.grad.node is None and tensor.grad.data.flags.writeable:
                    tensor.grad.data.fill(0)
                    mark_written(tensor.grad.data, "zero_grad")
                else:
                    tensor.grad = wrap(np.zeros_like(tensor.grad.data))

    # -- parameter groups ---------------------------------------------------------------------------------------------
    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Optimizes more parameters from now on, as when layers are unfrozen.

        param_group: "params", and the options that differ from the defaults.
        """
        kind = type(self).__name__
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise TypeError(f"{kind}: a parameter group is a dict with 'params': {{'params': [w, b], 'lr': 0.1}}.")
        given = dict(param_group)
        allowed = {*self.defaults, *_NO_OPTIONS, *_OF_SCHEDULES}
        unknown = [key for key in given if key not in allowed]
        if unknown:
            raise ValueError(
                f"{kind}: a parameter group gives {', '.join(map(repr, unknown))}, which is no option of {kind}. "
                f"The options are {', '.join(self.defaults)}."
            )
        params = given.pop("params")
        pairs = list(self._pairs([params] if isinstance(params, Tensor) else params))
        if "param_names" in given:
            pairs = list(zip(given.pop("param_names"), [tensor for _, tensor in pairs], strict=True))
        named = {name is not None for name, _ in pairs}
        if self._named is not None:
            named.add(self._named)
        if len(named) > 1:
            raise ValueError(
                f"{kind}: some parameters come with names and others without. Give model.named_parameters() for all, "
                f"or model.parameters() for all."
            )
        known = {id(tensor): name for group in self.param_groups for name, tensor in members(group)}
        taken = set(known.values())
        group: Group = {"params": [], "param_names": []}
        for position, (given_name, tensor) in enumerate(pairs, len(known)):
            name = str(position) if given_name is None else given_name
            self._check_parameter(name, tensor)
            if id(tensor) in known:
                raise ValueError(
                    f"{kind}: the parameter {known[id(tensor)]!r} of shape {tensor.shape} is given twice (again as "
                    f"{name!r}), and would be updated twice a step. Give each parameter to one group, once."
                )
            if name in taken:
                raise ValueError(f"{kind}: two parameters are named {name!r}. State is kept by name: rename one.")
            known[id(tensor)] = name
            taken.add(name)
            group["params"].append(tensor)
            group["param_names"].append(name)
        group |= self.validated({**self.defaults, **given})
        self.param_groups.append(group)
        self._named = named.pop() if named else self._named

    def _as_groups(self, params: Any) -> list[Mapping[str, Any]]:
        kind = type(self).__name__
        if isinstance(params, Tensor):
            raise TypeError(f"{kind}: the parameters are a list of tensors, not one tensor. Put it in a list: [x].")
        if isinstance(params, (Mapping, set, frozenset)):
            what = "a list of dicts" if isinstance(params, Mapping) else "a list, which has an order,"
            raise TypeError(f"{kind}: the parameters are {what} and not a {type(params).__name__}.")
        if not isinstance(params, Iterable) or hasattr(params, "named_parameters"):
            raise TypeError(
                f"{kind}: the parameters are a list of tensors, not {type(params).__name__}. "
                f"Of a model, give model.parameters() or model.named_parameters()."
            )
        items = list(params)
        if not items:
            raise ValueError(
                f"{kind}: there are no parameters to optimize. If they come from a generator that was used before, it "
                f"is used up: call model.parameters() again, or make a list of it."
            )
        if all(isinstance(item, Mapping) for item in items):
            return items
        return [{"params": items}]

    def _pairs(self, params: Any) -> Iterator[tuple[str | None, Tensor]]:
        kind = type(self).__name__
        if not isinstance(params, Iterable) or isinstance(params, (set, frozenset, Mapping, str)):
            raise TypeError(f"{kind}: the 'params' of a group are a list of tensors, not {type(params).__name__}.")
        for item in params:
            if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], Tensor):
                yield item
            elif isinstance(item, Tensor):
                yield None, item
            else:
                raise TypeError(
                    f"{kind}: a parameter is a Tensor, and this is {type(item).__name__}. Give tensors, pairs of a "
                    f"name and a tensor, or dicts with 'params'; not a mixture."
                )

    def _check_parameter(self, name: str, tensor: Tensor) -> None:
        if not tensor.is_leaf:
            made_by = "" if tensor.node is None else f" ({tensor.node.name})"
            raise ValueError(
                f"{type(self).__name__}: {name!r} of shape {tensor.shape} is the result of an operation{made_by}, and "
                f"only leaves can be optimized. Use x.detach().requires_grad_()."
            )
        self._check_array(name, tensor.data)

    def validated(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options with plain numbers, or an error that names the one that is wrong."""
        kind = type(self).__name__
        checked = dict(options)
        for name, accepted in self.accepts.items():
            if name not in options:
                continue
            value = options[name]
            if accepted is bool:
                if not isinstance(value, (bool, np.bool_)):
                    raise TypeError(f"{kind}: {name} is True or False, not {value!r}.")
                checked[name] = bool(value)
            elif isinstance(accepted, Range):
                checked[name] = self._in_range(name, value, accepted)
            else:
                if not isinstance(value, (tuple, list)) or len(value) != len(accepted):
                    raise TypeError(f"{kind}: {name} is a tuple of {len(accepted)} numbers, not {value!r}.")
                pairs = enumerate(zip(value, accepted, strict=True))
                checked[name] = tuple(self._in_range(f"{name}[{i}]", number, limits) for i, (number, limits) in pairs)
        self.check_options(checked)
        return checked

    def _in_range(self, name: str, value: Any, limits: Range) -> float | int:
        kind = type(self).__name__
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{kind}: {name} is a number, not {type(value).__name__}. Use .item() to get one.")
        number = int(value) if isinstance(value, Integral) else float(value)
        if not limits.low <= number < limits.high:
            upper = "" if limits.high == math.inf else f" and below {limits.high:g}"
            allowed = f"at least {limits.low:g}{upper}" if limits.low > -math.inf else "finite"
            raise ValueError(f"{kind}: {name} must be {allowed}, and is {value}.")
        return number

    # -- saving and loading -------------------------------------------------------------------------------------------
    def state_dict(self) -> dict[str, Any]:
        """All that a run needs to go on from here with the same bits: options, step counts and arrays, as copies.

        Returns {"state": {name: {"step": int, buffer: array}}, "param_groups": [{"params": names, option: value}]}.
        All but the arrays can be written as JSON.
        """
        state = {
            name: {key: value.copy() if isinstance(value, np.ndarray) else value for key, value in state.items()}
            for name, state in self.state.items()
        }
        groups = [{"params": list(group["param_names"]), **options_of(group)} for group in self.param_groups]
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over the options and the state that `state_dict()` gave.  Arrays are copied.

        Parameters are matched by name, whatever their order. Raises ValueError with a list of all that is missing,
        unexpected or of another shape; then nothing has been changed.
        """
        groups, state = checked(self, state_dict)
        for group, options in zip(self.param_groups, groups, strict=True):
            group.update(options)
        self.state = state

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {key}: {value}" for key, value in sorted(options_of(group).items())]
        return "\n".join([*lines, ")"])
