"""What nodes save for the backward pass, in the hands of the user: `autograd.graph.saved_tensors_hooks` and its kin.

A node calls nobody when it is recorded, unless `modes.noting` is set, which anomaly mode and the hooks here share.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .graph import GradientEdge, Leaf, Node, Packed, Pick, mark_written
from .modes import ModeSetting, modes
from .tensor import HookHandle, Tensor, wrap


# ---------------------------------------------------------------------------------------------------------------------
# Hooks
# ---------------------------------------------------------------------------------------------------------------------
class _Kept(NamedTuple):
    """What pack_hook made of an array."""

    value: Any
    shape: tuple[int, ...]
    dtype: np.dtype


class _Unpacking(Packed):
    __slots__ = ("kept", "unpack_hook")

    def __init__(self, kept: tuple[Any, ...], unpack_hook: Callable[[Any], Any]) -> None:
        self.kept = kept
        self.unpack_hook = unpack_hook

    def unpack(self, node: Node) -> tuple[Any, ...]:
        with ModeSetting(recording=False, keeper=None):
            return _each(self.kept, _Kept, lambda kept: self._array(kept, node))

    def _array(self, kept: _Kept, node: Node) -> np.ndarray:
        value = self.unpack_hook(kept.value)
        array = value.data if isinstance(value, Tensor) else value
        if not isinstance(array, np.ndarray) or array.shape != kept.shape or array.dtype != kept.dtype:
            got = f"{array.dtype}{array.shape}" if isinstance(array, np.ndarray) else type(value).__name__
            raise RuntimeError(
                f"saved_tensors_hooks: unpack_hook returned {got} for what {node.op.name} had saved as "
                f"{kept.dtype}{kept.shape}. Return a tensor of the same shape and dtype."
            )
        return array


def _each(saved: Any, kind: type, function: Callable[[Any], Any]) -> Any:
    """The same with function(item) in place of each item of the kind, in lists and tuples too."""
    if isinstance(saved, kind):
        return function(saved)
    if isinstance(saved, (list, tuple)):
        parts = [_each(item, kind, function) for item in saved]
        return type(saved)(*parts) if hasattr(saved, "_fields") else type(saved)(parts)
    return saved


class saved_tensors_hooks:
    """Calls `pack_hook(tensor)` for each tensor that an operation saves for its gradient, and keeps only what it
    returns; `unpack_hook` makes the tensor of it again in the backward pass.  A context manager, and a decorator.

    pack_hook: takes a tensor, returns anything. unpack_hook: takes that, returns a tensor of the same shape and dtype.
    Of several such blocks within each other the innermost counts. Nothing that a hook does is recorded.

    This keeps what the gradient needs on disk:

    >>> import tempfile, uuid, pathlib
    >>> import numpy as np
    >>> import autograd
    >>> folder = tempfile.TemporaryDirectory()
    >>> def to_disk(tensor):
    ...     path = pathlib.Path(folder.name) / f"{uuid.uuid4()}.npy"
    ...     np.save(path, tensor.numpy(), allow_pickle=False)
    ...     return path
    >>> def from_disk(path):
    ...     return autograd.Tensor(np.load(path))
    >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
    >>> with autograd.graph.saved_tensors_hooks(to_disk, from_disk):
    ...     y = (x * x).exp()
    >>> len(list(pathlib.Path(folder.name).iterdir()))
    3
    >>> y.sum().backward()
    >>> bool((x.grad == 2 * x * y).all())
    True
    >>> folder.cleanup()
    """

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Any]) -> None:
        self._pack_hook = pack_hook
        self._unpack_hook = unpack_hook
        self._setting = ModeSetting(noting=True, keeper=self)

    def pack(self, node: Node) -> Packed:
        """Packs what a node has saved."""

        def kept(array: np.ndarray) -> _Kept:
            return _Kept(self._pack_hook(wrap(array)), array.shape, array.dtype)

        with ModeSetting(recording=False, keeper=None):
            return _Unpacking(_each(node.saved, np.ndarray, kept), self._unpack_hook)

    def __enter__(self) -> saved_tensors_hooks:
        if isinstance(modes.keeper, _Refusing):
            raise RuntimeError(modes.keeper.message)
        self._setting.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self._setting.__exit__(*details)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return self._setting(function)


class save_on_cpu(saved_tensors_hooks):
    """Keeps what gradients need in the memory of the CPU, where it is anyway: for code that was written for a GPU.

    pin_memory: accepted and ignored.
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cpu") -> None:
        super().__init__(lambda tensor: tensor, lambda tensor: tensor)


class _Refusing:
    """A keeper that leaves everything as it is, and no hooks beside it."""

    def __init__(self, message: str) -> None:
        self.message = message

    def pack(self, node: Node) -> None:
        """Leaves what the node has saved where it is."""
        return None


class disable_saved_tensors_hooks(ModeSetting):
    """Inside, `saved_tensors_hooks` raises RuntimeError with this message."""

    def __init__(self, error_message: str) -> None:
        super().__init__(keeper=_Refusing(error_message))


# ---------------------------------------------------------------------------------------------------------------------
# Writing over what is saved
# ---------------------------------------------------------------------------------------------------------------------
class _Copying:
    """A keeper that copies what operations save: who writes to an array does not ask who holds it."""

    def pack(self, node: Node) -> Packed:
        """Copies what a node has saved."""
        return _Unpacking(
            _each(node.saved, np.ndarray, lambda array: _Kept(array.copy(), array.shape, array.dtype)),
            lambda array: array,
        )


@contextlib.contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[None]:
    """Inside, what a gradient needs may be overwritten in place: each operation keeps a copy of what it saves.

    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
    >>> with autograd.graph.allow_mutation_on_saved_tensors():
    ...     y = x.exp()
    ...     z = y.sin()
    ...     _ = y.zero_()
    >>> z.sum().backward()
    >>> bool(autograd.allclose(x.grad, x.exp().cos() * x.exp()))
    True
    """
    with ModeSetting(noting=True, keeper=_Copying()):
        yield


def increment_version(tensor: Tensor | Sequence[Tensor]) -> None:
    """Says that the memory of a tensor, or of several, was written to by other means than an operation in place.

    A backward pass that needs the old values then raises, rather than taking the new ones for them.
    """
    for one in [tensor] if isinstance(tensor, Tensor) else tensor:
        mark_written(one.data, "increment_version")


# ---------------------------------------------------------------------------------------------------------------------
# Edges, and hooks on several gradients
# ---------------------------------------------------------------------------------------------------------------------
def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Where in the graph a tensor stands.  `autograd.grad` takes it in place of the tensor, which may be freed.

    >>> import autograd
    >>> x = autograd.tensor(3.0, requires_grad=True)
    >>> y = x * x
    >>> edge = autograd.graph.get_gradient_edge(y)
    >>> z = y.exp()
    >>> del y
    >>> autograd.grad(z, edge)[0].item() == z.item()
    True
    """
    if tensor.node is None:
        raise RuntimeError("get_gradient_edge: the tensor does not require a gradient, and stands nowhere in a graph.")
    return GradientEdge(tensor.node, tensor.node.index if isinstance(tensor.node, Pick) else 0)


def at_edge(edge: GradientEdge) -> Tensor:
    """A tensor without data of its own that stands at an edge."""
    node = edge.node
    if type(node) is Leaf:
        tensor = node.tensor()
        if tensor is not None:
            return tensor
    placed = wrap(np.broadcast_to(np.zeros((), node.dtype), node.shape))
    placed.node = node
    return placed


def register_multi_grad_hook(tensors: Sequence[Tensor], fn: Callable[[Any], None], *, mode: str = "all") -> HookHandle:
    """Calls `fn` once in a backward pass, when the gradients of all these tensors are known, or the first of them.

    mode: "all", then fn gets a list of the gradients, None for tensors that the pass does not reach; or "any", then it
    gets the first gradient that is known. Returns a handle whose `remove()` takes the hook away.

    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
    >>> y = autograd.tensor([3.0, 4.0], requires_grad=True)
    >>> handle = autograd.graph.register_multi_grad_hook((x, y), print)
    >>> (x * y).sum().backward()
    [tensor([3., 4.]), tensor([1., 2.])]
    >>> handle.remove()
    """
    if mode not in ("all", "any"):
        raise ValueError(f"register_multi_grad_hook: mode is 'all' or 'any', not {mode!r}.")
    for tensor in tensors:
        if tensor.node is None:
            raise RuntimeError(
                f"register_multi_grad_hook: a tensor of shape {tensor.shape} does not require a gradient."
            )
    count = len(tensors)
    gradients: list[Tensor | None] = []  # those of the pass that is under way
    called = False

    def begin() -> None:
        nonlocal called
        gradients[:] = [None] * count
        called = False

    def end() -> None:
        nonlocal called
        if not called:
            called = True
            fn(list(gradients))

    def arrived(i: int, gradient: Tensor) -> None:
        nonlocal called
        if modes.ending is None:
            modes.ending = {}
        if handle not in modes.ending:
            modes.ending[handle] = end
            begin()
        gradients[i] = gradient
        if mode == "any" and not called:
            called = True
            fn(gradient)
        elif mode == "all" and not called and None not in gradients:
            end()

    handle = _Handles([tensor.register_hook(functools.partial(arrived, i)) for i, tensor in enumerate(tensors)])
    return handle


class _Handles(HookHandle):
    """Takes several hooks away at once."""

    def __init__(self, handles: Sequence[HookHandle]) -> None:
        self._handles = handles

    def remove(self) -> None:
        """The hooks no longer run."""
        for handle in self._handles:
            handle.remove()
