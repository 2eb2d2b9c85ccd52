"""The backward walk: gradients carried from results back to leaves, each node once all its consumers have been there.

Nothing here knows the `Tensor` class. In the usual backward pass gradients are NumPy arrays; under `create_graph`
they are tensors, and since rules are written alike for both, one walk serves both.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import quiet
from .arrays import dense_copy, summed
from .graph import RELEASED, Leaf, Node, Pick, clock, made_at, mark_written, note_where, put_away, saved_by
from .modes import modes
from .stand_in import StandIn, stand_in_among

if TYPE_CHECKING:
    from .tensor import Tensor

_ndarray = np.ndarray


# ---------------------------------------------------------------------------------------------------------------------
# Gradients on their way
# ---------------------------------------------------------------------------------------------------------------------
def unbroadcast(gradient: Any, shape: tuple[int, ...], by: str = "backward") -> Any:
    """Sums `gradient` over the axes that broadcasting had added or stretched, so that it has `shape` again."""
    given = gradient.shape
    added = gradient.ndim - len(shape)
    if added > 0:
        axes = tuple(range(added))
        gradient = summed(gradient, axes) if isinstance(gradient, _ndarray) else gradient.sum(axes)
    stretched = tuple(i for i, (have, want) in enumerate(zip(gradient.shape, shape, strict=False)) if have != want == 1)
    if stretched:
        is_array = isinstance(gradient, _ndarray)
        gradient = summed(gradient, stretched, True) if is_array else gradient.sum(stretched, keepdims=True)
    if gradient.shape != shape:
        if [n for n in gradient.shape if n != 1] != [n for n in shape if n != 1]:
            raise RuntimeError(
                f"{by}: its gradient rule made a gradient of shape {given} for an input of shape {shape}. Return one "
                f"of the shape of the input, or of what the input is broadcast to."
            )
        gradient = gradient.reshape(shape)
    return gradient


def has_nan(array: Any) -> bool:
    """Whether there is a NaN in `array`: one pass, since the product of an array with itself is NaN only then."""
    flat = array.ravel()
    square = flat.dot(flat)
    return bool(square != square)


def absorb_zero(gradient: Any, incoming: Any) -> Any:
    """`gradient`, with each NaN replaced by 0 where the incoming gradient is exactly 0."""
    if isinstance(gradient, (np.ndarray, np.generic)):
        if has_nan(gradient):
            return np.where(incoming == 0, gradient.dtype.type(0), gradient)
    elif isinstance(gradient, StandIn):
        return gradient.without_nan(incoming)
    elif has_nan(gradient.data):
        return gradient.masked_fill(incoming.data == 0, 0)
    return gradient


def _fit(gradient: Any, node: Node, maker: Node | None = None) -> Any:
    """`gradient`, which the rule of `maker` made, in the shape and dtype of the tensor it belongs to."""
    if type(node) is Leaf:
        node.refresh()
    if gradient.shape != node.shape:
        try:
            gradient = unbroadcast(gradient, node.shape, "backward" if maker is None else maker.op.name)
        except RuntimeError as error:
            if maker is not None:
                note_where(error, maker)
            raise
    if gradient.dtype != node.dtype:
        if gradient.dtype.kind == "c" and node.dtype.kind != "c":
            gradient = gradient.real
        gradient = gradient.astype(node.dtype)
    return gradient


def _fill(parts: list[Any], node: Node) -> tuple[Any, ...] | None:
    """The gradients of several outputs, with zeros for those that no gradient has reached."""
    if all(part is None for part in parts):
        return None
    if not node.op.fills:
        return tuple(parts)
    return tuple(
        np.zeros(shape, dtype if dtype.kind in "fc" else np.float32) if part is None else part
        for part, shape, dtype in zip(parts, node.shape, node.dtype, strict=True)
    )


def _own(array: Any, owned: set[int]) -> np.ndarray:
    """`array`, or a copy where somebody else may hold it or its memory."""
    if type(array) is not _ndarray:
        array = np.asarray(array)
    if array.base is not None or id(array) in owned:
        array = dense_copy(array)
    owned.add(id(array))
    return array


def _run_hooks(node: Node, g: Any, owned: set[int], wrap: Callable[[Any], Tensor]) -> Any:
    extra = node.extra
    assert extra is not None
    if extra.hooks:
        # A hook may write to what it gets, or keep it, and other nodes may be on their way with the same array.
        is_array = isinstance(g, (np.ndarray, np.generic))
        if isinstance(g, StandIn):
            t: Any = g
        else:
            t = wrap(np.array(g if is_array else g.data))
            t.node = None if is_array else g.node
        for hook in tuple(extra.hooks.values()):
            given = hook(t)
            if given is None:
                continue
            t = given if isinstance(given, StandIn) or hasattr(given, "node") else wrap(np.asarray(given))
            if t.shape != node.shape:
                raise RuntimeError(
                    f"hook on {node.name}: returned a gradient of shape {t.shape} for a tensor of shape "
                    f"{node.shape}. Return a gradient of the same shape, or None to leave it as it is."
                )
        g = t.data if is_array else t
        if g.dtype != node.dtype:
            g = g.astype(node.dtype)
        owned.add(id(g))
    retaining = None if extra.retained is None else extra.retained()
    if retaining is not None:
        _add_to_grad(retaining, g, owned, wrap)
    return g


def _accumulate(leaf: Leaf, g: Any, owned: set[int], wrap: Callable[[Any], Tensor]) -> None:
    """Adds to the gradient of the leaf's tensor: in place where that can not change anybody's result."""
    tensor = leaf.tensor()
    if tensor is None:
        return
    if g.shape != tensor._data.shape:  # other data was given to the tensor, and broadcast to the shape it had before
        leaf.refresh()
        g = _fit(g, leaf)
    if tensor._grad is None and type(g) is _ndarray:
        tensor._grad = wrap(_own(g, owned))
    else:
        _add_to_grad(tensor, g, owned, wrap)
    if leaf.extra is not None:
        run_after(leaf, tensor)


def run_after(leaf: Node, tensor: Tensor) -> None:
    """Calls the hooks that wait for the gradient of a leaf to be accumulated."""
    if leaf.extra is not None:
        for hook in tuple(leaf.extra.after.values()):
            hook(tensor)


def _add_to_grad(tensor: Tensor, g: Any, owned: set[int], wrap: Callable[[Any], Tensor]) -> None:
    have = tensor.grad
    if have is not None and have.shape != g.shape:
        raise RuntimeError(
            f"backward: the grad of a tensor of shape {g.shape} has shape {have.shape}, to which nothing can be "
            f"added. Set x.grad to None, or to a tensor of the shape of x."
        )
    if not isinstance(g, (np.ndarray, np.generic)):
        tensor.grad = g if have is None else have + g
    elif have is None:
        tensor.grad = wrap(_own(g, owned))
    elif have.node is None and have.data.flags.writeable:
        np.add(have.data, g, out=have.data)
        mark_written(have.data, "the accumulation of a gradient")
    else:
        tensor.grad = total = wrap(np.asarray(have.data + g))
        total.node = have.node  # what is added is a constant


# ---------------------------------------------------------------------------------------------------------------------
# The backward walk
# ---------------------------------------------------------------------------------------------------------------------
class _Meeting:
    """A node where several gradients meet: how many are awaited, their sum, and whether the sum is an array made here,
    to which more can be added in place."""

    __slots__ = ("awaited", "own", "total")

    def __init__(self, awaited: int) -> None:
        self.awaited = awaited
        self.total: Any = None
        self.own = False

    def put(self, i: int, gradient: Any, count: int) -> None:
        """Adds to the gradient of one of several outputs."""
        if self.total is None:
            self.total = [None] * count
        if gradient is not None:
            self.total[i] = gradient if self.total[i] is None else self.total[i] + gradient


_NOTHING = itertools.repeat(None)  # what a node pulls that no gradient has reached


def walk(
    roots: Sequence[Node],
    gradients: Sequence[Any],
    wrap: Callable[[Any], Tensor],
    *,
    retain_graph: bool = False,
    create_graph: bool = False,
    targets: Sequence[Node] | None = None,
    start_is_whole: bool = False,
) -> list[Any]:
    """Carries the gradients of `roots` back through the graph, each node once all its consumers have been there.

    With `targets` returns the gradient of each of them, None where no path leads there, and leaves all leaves alone;
    without, adds to the gradient of every leaf. Gradients are arrays, under `create_graph` tensors; `wrap` makes a
    tensor of an array. `start_is_whole` says that no gradient to start with has a 0 in it.
    """
    shared = _count_consumers(roots)
    wanted = None if targets is None else _leading_to(targets, roots)
    found: dict[Node, Any] = dict.fromkeys(targets or ())
    release = not (retain_graph or create_graph)
    tensors = create_graph or stand_in_among(gradients) is not None  # gradients are tensors rather than arrays
    anomaly = modes.anomaly
    owned = {id(gradient) for gradient in gradients}  # arrays in somebody's hands: a leaf takes a copy of these
    # Nodes that all their consumers have been at, and beside each its gradient.
    ready: list[Node] = []
    arrived: list[Any] = []
    for root, gradient in zip(roots, gradients, strict=True):
        meeting = shared.get(root)
        if meeting is None:
            ready.append(root)
            arrived.append(gradient)
        else:
            meeting.total = gradient if meeting.total is None else meeting.total + gradient
            meeting.awaited -= 1
            if not meeting.awaited:
                ready.append(root)
                arrived.append(meeting.total)
    # How an incoming gradient of exactly 0 is treated (Op.gradient): 0, like any other; 1, it absorbs derivatives that
    # may be infinite at finite inputs; 2, all of them, since an operation that is not sticky has been passed, or the
    # caller chose where the gradient is 0. Between here and there lies at least one value that did not count.
    absorb = 0 if modes.strict_nan else 1 if start_is_whole else 2

    recording, modes.recording = modes.recording, create_graph
    ending, modes.ending = modes.ending, None
    warnings = quiet.enter()
    try:
        while ready:
            node = ready.pop()
            g = arrived.pop()
            if (node.extra is not None or found) and g is not None:
                if node.extra is not None:
                    g = _run_hooks(node, g, owned, wrap)
                if node in found:
                    found[node] = g if tensors else _own(g, owned)

            parents = needed = node.parents
            if type(node) is not Node:
                if isinstance(node, Pick):
                    parent = node.parents[0]
                    assert parent is not None
                    meeting = shared.get(parent) or shared.setdefault(parent, _Meeting(1))
                    meeting.put(node.index, g, len(parent.shape))
                    meeting.awaited -= 1
                    if not meeting.awaited:
                        ready.append(parent)
                        arrived.append(_fill(meeting.total, parent))
                elif isinstance(node, Leaf) and g is not None and targets is None:
                    _accumulate(node, g, owned, wrap)
                continue

            saved = node.saved
            pulled: Any = _NOTHING
            if wanted is not None:
                needed = tuple([p if p in wanted else None for p in parents])
                g = g if node in wanted else None
            if g is not None:
                if node.time != clock.now:
                    saved = saved_by(node)
                if tensors:
                    saved = node.op.saved_tensors(node)
                op = node.op
                try:
                    pulled = op.pull(g, saved, needed, absorb)
                except Exception as error:
                    if not tensors or stand_in_among(g) is None:
                        note_where(error, node)
                        raise
                    pulled = _pull_one_by_one(node, g, saved, needed, absorb)
                if absorb == 1 and not op.sticky:
                    absorb = 2
            if saved:
                if release:
                    node.saved = RELEASED
                    node.parents = ()
                elif node.extra is not None and node.extra.packed is not None:
                    put_away(node, node.extra.packed)

            for parent, d in zip(parents, pulled):  # noqa: B905  (_NOTHING has no end)
                if parent is None:
                    continue
                if d is not None:
                    try:
                        as_it_is = d.dtype is parent.dtype and d.shape == parent.shape
                    except AttributeError:
                        raise _no_array(d, parent, node) from None
                    if not as_it_is:
                        d = _fit(d, parent, node)
                    if anomaly:
                        _check_not_nan(node, d)
                meeting = shared.get(parent)
                if meeting is None:
                    if type(parent) is Leaf and targets is None and parent.extra is None:
                        if d is not None:  # the end of a path that nobody watches: no need to queue
                            _accumulate(parent, d, owned, wrap)
                    else:
                        ready.append(parent)
                        arrived.append(d)
                    continue
                if d is not None:
                    have = meeting.total
                    if have is None:
                        meeting.total = d
                    elif meeting.own:
                        have += d
                    else:
                        meeting.total = have + d if tensors else np.asarray(have + d)
                        meeting.own = not tensors
                meeting.awaited -= 1
                if not meeting.awaited:
                    ready.append(parent)
                    arrived.append(meeting.total)
        if modes.ending is not None:
            for end in modes.ending.values():
                end()
    finally:
        quiet.leave(warnings)
        modes.recording, modes.ending = recording, ending
    return [found[target] for target in targets or ()]


def _no_array(d: Any, parent: Node, node: Node) -> RuntimeError:
    return RuntimeError(
        f"{node.op.name}: its gradient rule returned {type(d).__name__} for an input of shape {parent.shape}. Return "
        f"an array of that shape."
    )


def _pull_one_by_one(node: Node, g: Any, saved: Any, needed: Any, absorb: int) -> Any:
    """What a rule gives that can not work on all examples of a vmap at once."""
    stand_in = stand_in_among(g)
    assert stand_in is not None
    return stand_in.take_call(lambda one: tuple(node.op.pull(one, saved, needed, absorb)), (g,), {})


def _count_consumers(roots: Sequence[Node]) -> dict[Node, _Meeting]:
    """The nodes that are reached more than once, with how often: along edges, and as roots.

    Raises where an earlier pass has released a node.
    """
    seen: set[Node] = set()
    shared: dict[Node, _Meeting] = {}
    stack: list[Node] = []
    for root in roots:
        if root in seen:
            _meet(shared, root)
        else:
            seen.add(root)
            stack.append(root)
    while stack:
        node = stack.pop()
        if node.saved is RELEASED:
            raise RuntimeError(
                f"backward: the graph was freed by an earlier backward pass (at {node.op.name}, output shape "
                f"{node.shape}{made_at(node)}). "
                f"Pass retain_graph=True to the first backward to go through the graph twice."
            )
        for parent in node.parents:
            if parent is not None:
                if parent in seen:
                    _meet(shared, parent)
                else:
                    seen.add(parent)
                    stack.append(parent)
    return shared


def _meet(shared: dict[Node, _Meeting], node: Node) -> None:
    """One more gradient will reach the node."""
    meeting = shared.get(node)
    if meeting is None:
        shared[node] = _Meeting(2)
    else:
        meeting.awaited += 1


def _leading_to(targets: Sequence[Node], roots: Sequence[Node]) -> set[Node]:
    """The nodes from which a target can be reached, the targets among them."""
    # Depth first, on a stack of our own: a node is listed once all its parents are.
    listed: dict[Node, None] = {}
    stack = list(roots)
    while stack:
        node = stack[-1]
        missing = [parent for parent in node.parents if parent is not None and parent not in listed]
        if missing and node not in listed:
            stack += missing
        else:
            stack.pop()
            listed[node] = None
    wanted = set(targets)
    for node in listed:
        if any(parent in wanted for parent in node.parents):
            wanted.add(node)
    return wanted


def _check_not_nan(node: Node, gradient: Any) -> None:
    array = gradient if isinstance(gradient, (np.ndarray, np.generic)) else gradient.data
    if array.dtype.kind in "fc" and has_nan(array):
        raise RuntimeError(
            f"detect_anomaly: the gradient of {node.op.name} (output shape {node.shape}) is NaN{made_at(node)}."
        )
