"""Less memory for more time: `checkpoint` keeps the inputs of a function, and runs it again for the backward pass.

The graph is recorded as ever; only what its nodes save for their gradients is let go, and comes back by running the
function again when the first of them is needed. So everything works as without: gradients by what the function found
outside of it, `autograd.grad`, `create_graph`, checkpoints within each other.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .graph import Node, Packed, version
from .modes import ModeSetting, modes
from .op import functions
from .stand_in import stand_in_among
from .tensor import Tensor, wrap
from .trees import flatten


class CheckpointError(RuntimeError):
    """A function that was checkpointed did something else when it ran again."""


class _Kept:
    """Tensors that a checkpoint keeps, in the form in which a node keeps what it saves."""

    __slots__ = ("dtype", "saved", "shape")

    name = "checkpoint"

    @property
    def op(self) -> _Kept:
        """What a node has there is asked for its name."""
        return self

    def __init__(self, arrays: tuple[np.ndarray, ...]) -> None:
        self.saved: Any = arrays
        self.shape = tuple(array.shape for array in arrays)
        self.dtype = tuple(array.dtype for array in arrays)


class _Later(Packed):
    """What a node saved, to be computed again."""

    __slots__ = ("call", "index")

    def __init__(self, call: _Call, index: int) -> None:
        self.call = call
        self.index = index
        self.time = 0

    def unpack(self, node: Any) -> tuple[Any, ...]:
        return self.call.fetch(self.index)


class _Call:
    """One call of a checkpointed function: the keeper of all nodes that are recorded in it."""

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        preserve_rng_state: bool,
        check: bool,
        contexts: tuple[Any, Any],
    ) -> None:
        self.function = function
        self.check = check
        self.contexts = contexts
        self.rng = functions["get_rng_state"]() if preserve_rng_state else None
        leaves, self.structure = flatten((args, kwargs))
        self.tensors = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
        self.needed = [leaves[i].node is not None for i in self.tensors]
        kept: Any = _Kept(tuple(leaves[i].data for i in self.tensors))
        self.versions = [version(array) for array in kept.saved]
        for i in self.tensors:
            leaves[i] = None
        self.leaves = leaves
        # Within another checkpoint, or within hooks, the inputs are their business like all else that is saved.
        self.packed = modes.keeper.pack(kept) if modes.keeper is not None and self.tensors else None
        if self.packed is not None:
            kept.saved = ()
        self.kept = kept
        self.kinds: list[tuple[str, Any, Any]] = []  # of each node, what it has to be the next time
        self.saved: dict[int, tuple[Any, ...]] = {}  # what was computed again and is not used yet

    def pack(self, node: Node) -> Packed:
        """Lets go what a node has saved."""
        self.kinds.append((node.op.name, node.shape, node.dtype))
        return _Later(self, len(self.kinds) - 1)

    def fetch(self, index: int) -> tuple[Any, ...]:
        """What the node of this number had saved."""
        if index not in self.saved:
            self._run_again()
        return self.saved.pop(index)

    def _run_again(self) -> None:
        arrays = self.kept.saved if self.packed is None else self.packed.unpack(self.kept)
        leaves = list(self.leaves)
        for i, array, needed, before in zip(self.tensors, arrays, self.needed, self.versions, strict=True):
            if self.packed is None and version(array) != before:
                raise RuntimeError(
                    f"checkpoint: an input of shape {array.shape} was overwritten in place since the function ran on "
                    f"it, and it is needed to run it again. Give the function a clone()."
                )
            leaves[i] = wrap(array)
            if needed:
                leaves[i].requires_grad_()
        args, kwargs = self.structure.rebuild(leaves)
        again = _Again(self)
        rng = functions["get_rng_state"]() if self.rng is not None else None
        try:
            if self.rng is not None:
                functions["set_rng_state"](self.rng)
            with self.contexts[1], ModeSetting(recording=True, noting=True, keeper=again, repeating=True):
                self.function(*args, **kwargs)
        finally:
            if rng is not None:
                functions["set_rng_state"](rng)
        if again.count < len(self.kinds):
            raise CheckpointError(
                f"checkpoint: the function recorded {len(self.kinds)} operations that save something, and "
                f"{again.count} when it ran again. It must do the same each time."
            )


class _Again:
    """The keeper of the second run: takes what each node saves."""

    def __init__(self, call: _Call) -> None:
        self.call = call
        self.count = 0

    def pack(self, node: Node) -> None:
        """Hands what a node has saved to the node of the first run."""
        kinds = self.call.kinds
        if self.count < len(kinds):
            have = (node.op.name, node.shape, node.dtype)
            want = kinds[self.count]
            if have[0] != want[0] or (self.call.check and have != want):
                raise CheckpointError(
                    f"checkpoint: operation {self.count} was {want[0]} with a result of {want[2]}, shape {want[1]}, "
                    f"and is {have[0]} of {have[2]}, shape {have[1]} when the function runs again. It must do the "
                    f"same each time."
                )
            self.call.saved[self.count] = node.saved
        self.count += 1


def checkpoint(
    function: Any = None,
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    determinism_check: str = "default",
    context_fn: Callable[[], tuple[Any, Any]] | None = None,
    debug: bool = False,
    **kwargs: Any,
) -> Any:
    """function(*args, **kwargs), without the memory for its gradient: the function runs again in the backward pass.

    Without arguments for it, this is a decorator: of a function, or of a module, whose `forward` it changes; the module
    stays the same object with the same parameters and state.
    preserve_rng_state: the second run draws the same random numbers, so that dropout leaves out the same elements.
    determinism_check: "default" compares the shapes of the second run, "none" only what is computed.
    context_fn: gives two context managers, one for each run.
    use_reentrant, debug: accepted and ignored.
    CheckpointError where the second run differs from the first. Inside vmap the function runs as it is.
    Source: Chen et al. 2016, Training deep nets with sublinear memory cost.

    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
    >>> y = autograd.checkpoint(lambda x: x.exp().sin(), x)
    >>> @autograd.checkpoint
    ... def same(x):
    ...     return x.exp().sin()
    >>> bool((autograd.grad(y.sum(), x)[0] == autograd.grad(same(x).sum(), x)[0]).all())
    True
    """
    if determinism_check not in ("default", "none"):
        raise ValueError(f"checkpoint: determinism_check is 'default' or 'none', not {determinism_check!r}.")
    options: dict[str, Any] = {
        "preserve_rng_state": preserve_rng_state,
        "determinism_check": determinism_check,
        "context_fn": context_fn,
    }
    if function is None:
        return functools.partial(checkpoint, **options)
    if not args and not kwargs:
        return _decorated(function, options)
    return _run(function, args, kwargs, **options)


def _run(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    preserve_rng_state: bool,
    determinism_check: str,
    context_fn: Callable[[], tuple[Any, Any]] | None,
) -> Any:
    contexts = (contextlib.nullcontext(), contextlib.nullcontext()) if context_fn is None else context_fn()
    if not modes.recording or modes.level is not None or stand_in_among((args, tuple(kwargs.values()))) is not None:
        with contexts[0]:
            return function(*args, **kwargs)
    call = _Call(function, args, kwargs, preserve_rng_state, determinism_check == "default", contexts)
    with contexts[0], ModeSetting(noting=True, keeper=call):
        return function(*args, **kwargs)


def _decorated(function: Any, options: dict[str, Any]) -> Any:
    if hasattr(function, "forward") and hasattr(function, "_modules"):
        kind: Any = type(function)
        function.__class__ = _repeating(kind)
        function.checkpoint_options = options
        return function

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return _run(function, args, kwargs, **options)

    return call


@functools.cache
def _repeating(kind: type) -> type:
    """The class of modules of this kind whose forward runs again in the backward pass."""
    if issubclass(kind, _Repeating):
        return kind
    return type(kind.__name__, (_Repeating, kind), {"__module__": kind.__module__, "__doc__": kind.__doc__})


class _Repeating:
    checkpoint_options: dict[str, Any]

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes."""
        return _run(super().forward, args, kwargs, **self.checkpoint_options)  # type: ignore[misc]


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **options: Any
) -> Any:
    """Runs one function or module after the other, in `segments` parts that are checkpointed, all but the last.

    functions: an `nn.Sequential`, or a list of functions. With the square root of their number as segments, memory
    grows with that root.

    >>> import autograd
    >>> x = autograd.ones(3, requires_grad=True)
    >>> layers = [autograd.sin, autograd.exp, autograd.cos, autograd.tanh]
    >>> bool((autograd.checkpoint_sequential(layers, 2, x) == x.sin().exp().cos().tanh()).all())
    True
    """
    layers = list(functions.children()) if hasattr(functions, "children") else list(functions)
    if not 1 <= segments <= len(layers):
        raise ValueError(f"checkpoint_sequential: {len(layers)} functions can not make {segments} segments.")
    size = len(layers) // segments

    def through(part: Sequence[Callable[..., Any]]) -> Callable[[Any], Any]:
        def run(x: Any) -> Any:
            for layer in part:
                x = layer(x)
            return x

        return run

    last = size * (segments - 1)
    for start in range(0, last, size):
        input = checkpoint(through(layers[start : start + size]), input, use_reentrant=use_reentrant, **options)
    return through(layers[last:])(input)
