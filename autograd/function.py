"""`Function`: an operation whose author writes the backward by hand, as PyTorch users know it."""

from __future__ import annotations

import functools
import threading
import weakref
from typing import Any

import numpy as np

from .calls import place_outputs
from .graph import Node, Pick, clock, note
from .inplace import attach, check_writable
from .modes import ModeSetting, modes
from .op import placed
from .stand_in import stand_in_among
from .tensor import Tensor, wrap


class _Placed(threading.local):
    """What each backward that is under way finds in `saved_tensors`: several threads may go through one graph."""

    def __init__(self) -> None:
        self.by_context: weakref.WeakKeyDictionary[Context, list[Any]] = weakref.WeakKeyDictionary()


_under_way = _Placed()


class Context:
    """What `forward` leaves for `backward`: saved tensors, and any attribute that is set on it."""

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self._to_save: tuple[Tensor | None, ...] = ()
        self._saved: list[tuple[str, Any]] = []  # where what the node saved stands in the graph
        self._non_differentiable: set[int] = set()
        self._dirty: set[int] = set()
        self._materialize = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keeps inputs and outputs for `backward`, which finds them in `saved_tensors`."""
        for tensor in tensors:
            if tensor is not None and not isinstance(tensor, Tensor):
                raise TypeError(
                    f"save_for_backward: takes tensors, not {type(tensor).__name__}. Set what is none as an attribute: "
                    f"ctx.name = value."
                )
        self._to_save = tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` was given."""
        return tuple(_under_way.by_context.get(self, ()))

    def mark_dirty(self, *tensors: Tensor) -> None:
        """These inputs were written to in place, and are among the results."""
        self._dirty = {id(tensor) for tensor in tensors}

    def mark_non_differentiable(self, *outputs: Tensor) -> None:
        """These outputs have no gradient."""
        self._non_differentiable = {id(output) for output in outputs}

    def set_materialize_grads(self, value: bool) -> None:
        """Whether `backward` sees zeros (the default) or None for an output that no gradient has reached."""
        self._materialize = value


class _Applied:
    """The op of one application of a Function: pulls gradients through its `backward`."""

    sticky = False

    def __init__(self, function: type[Function], context: Context, inputs: int, tensors: list[int], several: bool):
        self.name = function.__name__
        self._function = function
        self._context = context
        self._inputs = inputs
        self._tensors = tensors
        self._several = several
        self.fills = context._materialize

    def saved_tensors(self, node: Node) -> tuple[Any, ...]:
        """Puts what was saved in its place in the graph: inputs at the parents, outputs at the node itself."""
        context = self._context
        found: list[Any] = []
        for (kind, where), array in zip(context._saved, node.saved, strict=False):
            if array is None:
                found.append(None)
            elif kind == "input":
                found.append(placed(array, where))
            elif self._several and node.dtype[where].kind in "fc":
                found.append(placed(array, Pick(node, where, array.shape, array.dtype)))
            else:
                found.append(wrap(array) if self._several else placed(array, node))
        _under_way.by_context[context] = found
        return node.saved

    def pull(self, g: Any, saved: Any, parents: Any, absorb: int) -> list[Any]:
        gradients = g if isinstance(g, tuple) else (g,)
        stand_in = stand_in_among(gradients)
        if stand_in is not None:
            placed_before = _under_way.by_context.get(self._context, [])

            def pull_one(d: Any) -> tuple[Any, ...]:
                _under_way.by_context[self._context] = placed_before
                return tuple(self.pull(d, saved, parents, absorb))

            return list(stand_in.take_call(pull_one, (g,), {}))
        as_tensors = any(isinstance(gradient, Tensor) for gradient in gradients)
        given = [None if d is None else _read_only(d) for d in gradients]
        linked = as_tensors and modes.recording
        probes = [t for t in given if t is not None and t.node is None] if linked else []
        for probe in probes:  # so that it shows whether the backward uses what it is given
            probe.requires_grad_()
        if not as_tensors:
            arrays = saved[: len(self._context._saved)]
            _under_way.by_context[self._context] = [None if array is None else wrap(array) for array in arrays]
        try:
            found = self._function.backward(self._context, *given)
        except RuntimeError:
            if not probes:
                raise
            for probe in probes:  # it takes the arrays
                probe.node = None
            found = self._function.backward(self._context, *given)
        finally:
            _under_way.by_context.pop(self._context, None)
        found = found if isinstance(found, tuple) else (found,)
        if len(found) != self._inputs:
            raise RuntimeError(
                f"{self.name}.backward: returned {len(found)} gradients for {self._inputs} inputs of forward. "
                f"Return one for each, None where there is none."
            )
        result: list[Any] = []
        for i in self._tensors:
            d = found[i]
            if d is not None and not as_tensors:
                d = d.data if isinstance(d, Tensor) else np.asarray(d)
                if any(d is other for other in result):
                    d = d.copy()  # two inputs must not share one gradient array
            elif any(d is probe for probe in probes):
                d = wrap(d.data)
            elif linked and isinstance(d, Tensor) and d.node is None and d.data.any():
                # The backward has cut off what this depends on.
                nodes = [t.node for t in given if t is not None and t.node is not None]
                nodes += [parent for parent in parents if parent is not None]
                d = placed(d.data, self._end(nodes, d.data))
            result.append(d)
        return result

    def _end(self, nodes: list[Any], array: np.ndarray) -> Node:
        """A node behind which nothing can be differentiated, in the place of what the backward has cut off."""
        node: Node = object.__new__(Node)
        node.op = _Once(self.name)  # type: ignore[assignment]
        node.parents = tuple(nodes)
        node.saved, node.shape, node.dtype = (None,), array.shape, array.dtype
        node.time, node.extra = clock.now, None
        return node


class _Once:
    """The op of a gradient that can not be differentiated."""

    sticky = True

    def __init__(self, name: str) -> None:
        self.name = name

    def saved_tensors(self, node: Node) -> tuple[Any, ...]:
        """Nothing."""
        return node.saved

    def pull(self, g: Any, saved: Any, parents: Any, absorb: int) -> list[Any]:
        """Raises."""
        raise RuntimeError(
            f"{self.name}.backward: can not be differentiated, as it works on arrays, or on what it has detached. For "
            f"higher derivatives, and for forward mode, write it with operations on the tensors it is given."
        )


def once_differentiable(backward: Any) -> Any:
    """A decorator of the `backward` of a `Function` that works on arrays: what it returns is differentiated no further.

    Under it the gradients it is given require none, so that `grad.numpy()` is allowed. Higher derivatives raise.
    """

    @functools.wraps(backward)
    def once(ctx: Any, *grads: Any) -> Any:
        with ModeSetting(recording=False):
            return backward(ctx, *[g.detach() if isinstance(g, Tensor) else g for g in grads])

    return once


def _read_only(gradient: Any) -> Tensor:
    """A gradient that other nodes may be on their way with, so that nobody writes to it."""
    array = (gradient.data if isinstance(gradient, Tensor) else np.asarray(gradient)).view()
    array.flags.writeable = False
    tensor = wrap(array)
    tensor.node = gradient.node if isinstance(gradient, Tensor) else None
    return tensor


class Function:
    """An operation with a hand-written backward.

    `forward(ctx, ...)` may also be split in two, as PyTorch has it: `forward(...)`, and `setup_context(ctx, inputs,
    output)` that saves what `backward` needs.

    >>> import autograd
    >>> class Exp(autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         y = x.exp()
    ...         ctx.save_for_backward(y)
    ...         return y
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         (y,) = ctx.saved_tensors
    ...         return grad * y
    >>> x = autograd.tensor([0.0], requires_grad=True)
    >>> Exp.apply(x).backward()
    >>> x.grad
    tensor([1.])
    """

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        """The result, a tensor or a tuple, from the arguments of `apply`."""
        raise TypeError("Function: define a static method forward(ctx, ...).")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """A gradient for each argument of `forward` from those of its results; None for what has none."""
        raise TypeError("Function: define a static method backward(ctx, *grads).")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Saves what `backward` needs, where `forward` takes no ctx."""

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Runs `forward` and records it."""
        stand_in = stand_in_among(args)
        if stand_in is not None:
            return stand_in.take_call(cls.apply, args, {})
        tensors = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
        context = Context(tuple(isinstance(arg, Tensor) and arg.node is not None for arg in args))
        with ModeSetting(recording=False):
            if cls.setup_context is Function.setup_context:
                result = cls.forward(context, *args)
            else:
                result = cls.forward(*args)
                cls.setup_context(context, args, result)
        several = isinstance(result, tuple)
        outputs = list(result) if several else [result]
        if not all(isinstance(output, Tensor) for output in outputs):
            raise TypeError(f"{cls.__name__}.forward: must return a tensor or a tuple of tensors.")
        recording = modes.recording and any(context.needs_input_grad)
        saved = _keep_saved(context, outputs) if recording else ()
        context._to_save = ()
        if not recording:
            return result
        arrays = tuple([o.data if id(o) in context._dirty else _apart(o.data, args) for o in outputs])
        node: Node = object.__new__(Node)
        node.op = _Applied(cls, context, len(args), tensors, several)  # type: ignore[assignment]
        node.parents = tuple(args[i].node for i in tensors)
        node.saved = saved or (None,)
        node.shape = tuple(a.shape for a in arrays) if several else arrays[0].shape
        node.dtype = tuple(a.dtype for a in arrays) if several else arrays[0].dtype
        node.time = clock.now
        node.extra = note(node) if modes.noting else None
        made = place_outputs(arrays if several else arrays[0], node)
        results = list(made) if several else [made]
        for i, output in enumerate(outputs):
            if id(output) in context._non_differentiable:
                results[i].node = None
            if id(output) in context._dirty:
                check_writable(output, cls.__name__)
                attach(output, results[i].node)
                results[i] = output
        return tuple(results) if several else results[0]


def _apart(array: np.ndarray, args: tuple[Any, ...]) -> np.ndarray:
    """The array of a result, or a copy where an argument has the same memory: the result has a gradient of its own."""
    shared = any(isinstance(arg, Tensor) and np.may_share_memory(array, arg.data) for arg in args)
    return array.copy() if shared else array


def _keep_saved(context: Context, outputs: list[Tensor]) -> tuple[np.ndarray | None, ...]:
    """Saves arrays and nodes rather than tensors: a node that held its own output would never be freed."""
    for tensor in context._to_save:
        if tensor is None:
            context._saved.append(("none", None))
        elif (place := next((i for i, output in enumerate(outputs) if tensor is output), None)) is not None:
            context._saved.append(("output", place))
        else:
            context._saved.append(("input", tensor.node))
    return tuple(None if tensor is None else tensor.data for tensor in context._to_save)
