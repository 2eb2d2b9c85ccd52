"""The tape: nodes, and which arrays were overwritten since a node saved them.

A `Node` is one recorded operation. It holds its parents and the arrays that its gradient rules name, never its own
output tensor, so that reference counting alone frees a graph. A `Leaf` is the end of a path: it adds what reaches it
to the gradient of its tensor. The backward pass is in `walk.py`.
"""

from __future__ import annotations

import functools
import os
import threading
import traceback
import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .modes import modes

if TYPE_CHECKING:
    from .op import Op
    from .tensor import Tensor


# ---------------------------------------------------------------------------------------------------------------------
# Overwritten arrays
# ---------------------------------------------------------------------------------------------------------------------
# A write in place is rare, recording is not. So a node stores one number, the time it was recorded, and a write stores
# the time it happened under the array that owns the memory, which all views share. A backward pass through a node that
# is older than the last write of all then looks up each array that it saved.
class _Write:
    __slots__ = ("by", "count", "owner", "time")

    def __init__(self, owner: weakref.ref[np.ndarray]) -> None:
        self.owner = owner
        self.time = 0
        self.count = 0
        self.by = ""


class _Clock:
    """`now` counts the writes in place of the whole process."""

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now = 0


clock = _Clock()
_writes: dict[int, _Write] = {}
_writes_lock = threading.Lock()


def owner_of(array: np.ndarray) -> np.ndarray:
    """The array that owns the memory of this one."""
    base = array.base
    while base is not None:
        if isinstance(base, np.ndarray):
            array = base
        base = getattr(base, "base", None)  # of what as_strided puts in between, too
    return array


def _forget(key: int, _: Any) -> None:
    _writes.pop(key, None)


def mark_written(array: np.ndarray, by: str) -> None:
    """Notes that `array`, and so every view of its memory, was overwritten by the operation named `by`."""
    mark_all_written((array,), by)


def mark_all_written(arrays: Iterable[np.ndarray], by: str) -> None:
    """The same for several arrays, which were written to at once."""
    with _writes_lock:
        clock.now += 1
        for array in arrays:
            owner = array if array.base is None else owner_of(array)
            key = id(owner)
            write = _writes.get(key)
            if write is None:
                _writes[key] = write = _Write(weakref.ref(owner, functools.partial(_forget, key)))
            write.time = clock.now
            write.count += 1
            write.by = by


def version(array: np.ndarray) -> int:
    """How often the memory of `array` was overwritten in place."""
    write = _writes.get(id(owner_of(array)))
    return 0 if write is None else write.count


def saved_by(node: Node) -> tuple[Any, ...]:
    """What the node saved, unpacked where it was packed, and not overwritten since."""
    if node.saved is PACKED:
        packed: Any = node.extra and node.extra.packed
        node.saved, node.time = packed.unpack(node), packed.time
        if node.time == clock.now:
            return node.saved
    for value in node.saved:
        for array in value if isinstance(value, (tuple, list)) else (value,):  # several results, a list of tensors
            if isinstance(array, np.ndarray) and array.size:
                write = _writes.get(id(owner_of(array)))
                if write is not None and write.time > node.time:
                    raise RuntimeError(
                        f"{node.op.name}: an array of shape {array.shape} that its gradient needs was overwritten by "
                        f"{write.by} after it was recorded{made_at(node)}. "
                        f"Use the operation that is not in place, or give {write.by} a clone()."
                    )
    return node.saved


# ---------------------------------------------------------------------------------------------------------------------
# Nodes
# ---------------------------------------------------------------------------------------------------------------------
class Node:
    """One recorded operation: what it needs to turn the gradient of its output into those of its inputs."""

    __slots__ = ("__weakref__", "dtype", "extra", "op", "parents", "saved", "shape", "time")

    op: Op
    parents: tuple[Node | None, ...]  # one for each input that has a gradient rule; None where no gradient is needed
    saved: tuple[Any, ...]  # what the rules name, by position; None for what no rule that will run needs
    shape: Any  # of the output; a tuple of shapes where there are several
    dtype: Any
    time: int  # clock.now when it was recorded
    extra: NodeExtra | None

    @property
    def name(self) -> str:
        return self.op.name

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The parents, spelled as in PyTorch."""
        return tuple((parent, 0) for parent in self.parents)

    def __repr__(self) -> str:
        return f"<{self.op.name} node at {id(self):#x}>"


class NodeExtra:
    """What few nodes have: hooks on the gradient, tensors that retain it, the place that recorded the node, and what
    was saved in another form."""

    __slots__ = ("after", "hooks", "packed", "retained", "trace")

    def __init__(self) -> None:
        self.hooks: dict[int, Callable[[Any], Any]] = {}
        self.after: dict[int, Callable[[Any], None]] = {}  # of a leaf: run once its gradient is accumulated
        self.retained: weakref.ref[Tensor] | None = None
        self.trace: traceback.StackSummary | None = None
        self.packed: Packed | None = None


def extra_of(node: Node) -> NodeExtra:
    if node.extra is None:
        node.extra = NodeExtra()
    return node.extra


class Packed:
    """What a node saved, in another form; see `saved_tensors.py`."""

    __slots__ = ("time",)

    time: int  # when the node was recorded: its own time says "look here", which costs other nodes nothing

    def unpack(self, node: Node) -> tuple[Any, ...]:
        """What the node saved."""
        raise NotImplementedError


def put_away(node: Node, packed: Packed) -> None:
    """Leaves what the node saved to `packed`."""
    extra_of(node).packed = packed
    if node.saved is not PACKED:
        packed.time = node.time
    node.saved, node.time = PACKED, -1


def note(node: Node) -> NodeExtra | None:
    """What is noted of a node that has just been recorded, where `modes.noting`: the lines of the caller in anomaly
    mode, and what a keeper makes of the arrays that it saved."""
    node.extra = None
    if modes.anomaly:
        extra_of(node).trace = traceback.extract_stack()
    if modes.keeper is not None and node.saved:
        packed = modes.keeper.pack(node)
        if packed is not None:
            put_away(node, packed)
    return node.extra


_package = os.path.dirname(os.path.abspath(__file__))
# What is not the user's own: this package, and those that are installed with it.
_ours = tuple(os.path.join(os.path.dirname(_package), name, "") for name in (os.path.basename(_package), "nn", "optim"))


def made_at(node: Node) -> str:
    """' at file:line: code' of the user's line that recorded the node, where anomaly mode has noted it."""
    if node.extra is None or node.extra.trace is None:
        return ""
    frames = [frame for frame in node.extra.trace if not frame.filename.startswith(_ours)]
    if not frames:
        return ""
    frame = frames[-1]
    return f" at {frame.filename}:{frame.lineno}: {frame.line}"


def note_where(error: BaseException, node: Node) -> None:
    """Adds to an error of the backward pass at which operation it happened."""
    error.add_note(f"In the backward pass, at {node.op.name}, whose result has shape {node.shape}{made_at(node)}.")


def note_origins(error: BaseException, given: Iterable[tuple[str, Any]]) -> None:
    """Adds to an error which operations made the tensors that were given, by parameter."""
    for parameter, value in given:
        several = isinstance(value, (list, tuple))
        for i, tensor in enumerate(value if several else (value,)):
            node = getattr(tensor, "node", None)
            if isinstance(node, Node) and type(node) is not Leaf:
                made = node.parents[0] if isinstance(node, Pick) and node.parents else node
                assert made is not None
                name = f"{parameter}[{i}]" if several else parameter
                error.add_note(f"{name}, of shape {node.shape}, is the result of {made.op.name}{made_at(made)}.")


class Leaf(Node):
    """Where a path ends: what arrives is added to the gradient of its tensor, which it holds weakly."""

    __slots__ = ("tensor",)

    def __init__(self, tensor: Tensor) -> None:
        _place(self, _LEAF, (), tensor.data.shape, tensor.data.dtype)
        self.tensor = weakref.ref(tensor)

    def refresh(self) -> None:
        """Looks again: the user may have given the tensor other data."""
        tensor = self.tensor()
        if tensor is not None:
            self.shape, self.dtype = tensor.data.shape, tensor.data.dtype


class Pick(Node):
    """One of several outputs of its only parent."""

    __slots__ = ("index",)

    def __init__(self, parent: Node, index: int, shape: tuple[int, ...], dtype: np.dtype) -> None:
        _place(self, _PICK, (parent,), shape, dtype)
        self.index = index


class GradientEdge(NamedTuple):
    """A place in the graph: a node, and which of its outputs.  See `get_gradient_edge`."""

    node: Node
    output_nr: int


class _Structure:
    """Stands for the op of a node that only holds the graph together."""

    def __init__(self, name: str) -> None:
        self.name = name


_LEAF: Any = _Structure("accumulate")
_PICK: Any = _Structure("pick")
RELEASED: Any = ("released",)  # stands in `saved` once a backward pass has been there
PACKED: Any = ("packed",)  # and this while `extra.packed` has it


def _place(node: Node, op: Any, parents: tuple[Node | None, ...], shape: tuple[int, ...], dtype: np.dtype) -> None:
    node.op, node.parents, node.saved, node.shape, node.dtype = op, parents, (), shape, dtype
    node.time, node.extra = clock.now, None


def __getattr__(name: str) -> Any:
    # What stands above this file, and is found here under the names of `torch.autograd.graph`.
    if name in _ABOVE:
        from . import saved_tensors

        return getattr(saved_tensors, name)
    if name in ("draw", "Drawing"):
        from . import drawing

        return getattr(drawing, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_ABOVE = {
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
}
