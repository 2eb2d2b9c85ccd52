"""What an operation promises, one function a promise: it raises where the promise is not kept for a sample."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..gradients import grad
from ..graph import Leaf, Node, Pick
from ..modes import ModeSetting
from ..op import Op
from ..tensor import Tensor
from .cases import Broken, Case, results_of, same
from .close import float_results
from .promises import PROPERTIES as PROPERTIES
from .promises import Property as Property
from .promises import promise

# ---------------------------------------------------------------------------------------------------------------------
# Dtypes and layouts
# ---------------------------------------------------------------------------------------------------------------------
_LOWER = str.maketrans("dD", "fF")


def _as_precise(array: np.ndarray, dtype: Any) -> np.ndarray:
    """A copy with as many digits as float32 or float64 have, real or complex as it was."""
    if array.dtype.kind not in "fc":
        return array.copy()
    return array.astype(dtype if array.dtype.kind == "f" else np.result_type(dtype, np.complex64))


def _has_numbers(case: Case) -> bool:
    """Whether an argument is a Python number, which has the default dtype where nothing else decides."""
    return any(type(value) in (float, complex) for value in case.values)


@promise("dtype")
def _dtype(case: Case) -> None:
    """The result of float32 inputs, or a gradient, has another dtype than that of float64 inputs leads to expect."""
    low = [_as_precise(a, np.float32) for a in case.arrays]
    if all(a.dtype == b.dtype for a, b in zip(low, case.arrays, strict=True)):
        return
    for have, want in zip(case.value(low), case.expected, strict=True):
        if want.dtype.char in "dD":
            wanted = want.dtype.char.translate(_LOWER)
            if have.dtype.char != wanted:
                raise Broken(
                    f"The result of float32 inputs is {have.dtype}.",
                    have.dtype,
                    np.dtype(wanted),
                    "an array made without dtype=x.dtype, or a NumPy number of float64, has decided the dtype.",
                )
        elif want.dtype.char in "fF" and all(a.dtype.char in "dD" for a in case.arrays) and not _has_numbers(case):
            raise Broken(
                f"The result of float64 inputs is {want.dtype}.", cause="a cast, or a kernel for float32 only."
            )


@promise("float32", "dtype", "inputs unchanged", "incoming gradient unchanged")
def _float32(case: Case) -> None:
    """In float32 the result, or its gradient, is far from that in float64."""
    low = [_as_precise(a, np.float32) for a in case.arrays]
    # What float32 rounds off the inputs is none of the operation's error.
    high = [_as_precise(a, np.float64) for a in low]
    for have, want in zip(case.value(low), case.value(high), strict=True):
        if want.dtype.char in "dD" and any(a.dtype.kind in "fc" for a in low):
            scale = float(np.max(np.abs(want[np.isfinite(want)]), initial=1.0))
            same([have], [want], 2e-4, 2e-5 * scale)
    gradients, starts = case.gradients(case.tensors(low))
    expected, _ = case.gradients(case.tensors(high), [_as_precise(s, np.float64) for s in starts])
    for gradient, want_gradient in zip(gradients, expected, strict=True):
        if gradient is not None and want_gradient is not None:
            if gradient.dtype.char not in "fF":
                raise Broken(f"A gradient of float32 inputs is {gradient.dtype}.")
            scale = float(np.max(np.abs(want_gradient[np.isfinite(want_gradient)]), initial=1.0))
            same([gradient], [want_gradient], 1e-3, 1e-4 * scale, "By the gradients: ")


class _Watched:
    """An op as it stands in one node, which hands on what its rules return."""

    def __init__(self, op: Any, see: Callable[[Any], None]) -> None:
        self._op, self._see = op, see

    def __getattr__(self, name: str) -> Any:
        return getattr(self._op, name)

    def pull(self, *arguments: Any) -> Any:
        """The gradients, as the rules made them."""
        found = self._op.pull(*arguments)
        for gradient in found:
            self._see(gradient)
        return found


@promise("dtype of the gradient", "dtype", "gradient")
def _dtype_of_the_gradient(case: Case) -> None:
    """A gradient rule makes another dtype than that of its inputs: digits are lost, or time."""
    if case.op.kind == "composite":
        return
    for dtype in (np.float64, np.float32):
        arrays = [_as_precise(a, dtype) for a in case.arrays]
        if len({a.dtype.char.translate(_LOWER) for a in arrays if a.dtype.kind in "fc"}) > 1:
            continue  # real and complex: the walk casts
        made: list[Any] = []
        tensors = case.tensors(arrays)
        outputs = [t for t in float_results(case.run(tensors)) if t.requires_grad]
        if not outputs or any(o.dtype.char.lower() != np.dtype(dtype).char for o in outputs):
            continue
        for node in {id(node): node for node in map(_node_of, outputs)}.values():
            if isinstance(node.op, Op) and node.op.name != case.op.name:
                return
            node.op = _Watched(node.op, made.append)  # type: ignore[assignment]
        grad(outputs, [tensors[k] for k in case.floats], [np.ones_like(t.data) for t in outputs], allow_unused=True)
        for gradient in made:
            if gradient is not None and gradient.dtype.char.lower() != np.dtype(dtype).char:
                raise Broken(
                    f"Of {np.dtype(dtype)} inputs a rule makes a gradient of {gradient.dtype}.",
                    gradient.dtype,
                    np.dtype(dtype),
                    "the rule makes an array without dtype=g.dtype, or casts.",
                )


def _node_of(output: Tensor) -> Node:
    node = output.node
    assert node is not None
    parent = node.parents[0] if isinstance(node, Pick) else node
    assert parent is not None
    return parent


def _strided(array: np.ndarray) -> np.ndarray:
    """The same values, laid out with gaps, backwards, and the first axis innermost."""
    wide = np.zeros((*array.shape[::-1], 2), array.dtype)
    view = wide[..., 0].T
    if array.ndim:
        view = view[::-1]
    view[...] = array
    return view


@promise("layout", "inputs unchanged", "incoming gradient unchanged")
def _layout(case: Case) -> None:
    """With arrays that are not contiguous the result, or its gradient, is another."""
    if case.op.layout_matters:
        return
    cause = (
        "code that goes through memory in order, and does not look at strides: a kernel, ravel(order='K'), .ctypes or "
        "np.frombuffer. Copy first: np.ascontiguousarray(x)."
    )
    strided = [_strided(array) for array in case.arrays]
    same(case.value(strided), case.expected, cause=cause)
    expected, starts = case.usual_gradients, case.starts
    same(case.gradients(case.tensors(strided), starts)[0], expected, text="By the gradients: ", cause=cause)
    backwards = [_strided(start) for start in case.starts]
    text = "Where the incoming gradient is not contiguous: "
    same(case.gradients(case.tensors(), backwards)[0], expected, text=text, cause=cause)
    ones = [np.broadcast_to(start.dtype.type(1), start.shape) for start in starts]
    expected = case.gradients(case.tensors(), [o.copy() for o in ones])[0]
    text = "Where the incoming gradient is broadcast from one number: "
    same(case.gradients(case.tensors(), ones)[0], expected, text=text, cause=cause)


# ---------------------------------------------------------------------------------------------------------------------
# Whose memory it is
# ---------------------------------------------------------------------------------------------------------------------
@promise("inputs unchanged")
def _inputs_unchanged(case: Case) -> None:
    """Its inputs are changed."""
    arrays = case.copies()
    cause = "an operator in place (+=, *=), out=x, or x.sort(), on an array that belongs to the caller. Copy it first."
    case.run([Tensor(array) for array in arrays])
    same(arrays, case.arrays, 0, 0, "After the forward: ", cause)
    case.gradients(case.tensors(arrays))
    same(arrays, case.arrays, 0, 0, "After the backward: ", cause)


@promise("incoming gradient unchanged")
def _incoming_gradient_unchanged(case: Case) -> None:
    """The gradient that comes in is changed: others may be on their way with the same array."""
    starts = case.starts
    tensors = case.tensors()
    outputs = [t for t in float_results(case.run(tensors)) if t.requires_grad]
    if outputs:
        grad(outputs, [tensors[k] for k in case.floats], starts, allow_unused=True)
        same(starts, case.starts, 0, 0, cause="an operator in place, or out=g, in a gradient rule.")


@promise("read-only", "inputs unchanged", "incoming gradient unchanged")
def _read_only(case: Case) -> None:
    """Its inputs, or the incoming gradient, can not be read-only."""
    arrays = case.copies()
    starts = case.starts
    for array in (*arrays, *starts):
        array.flags.writeable = False
    same(case.value(arrays), case.expected)
    same(case.gradients(case.tensors(arrays), starts)[0], case.usual_gradients, text="By the gradients: ")


@promise("memory")
def _memory(case: Case) -> None:
    """The result, or a gradient, shares the memory of an input without saying so."""
    tensors = [Tensor(array) for array in case.copies()]
    for result in results_of(case.run(tensors)):
        for k, tensor in enumerate(tensors):
            shared = result is not tensor and result.sharing is None and np.shares_memory(result.data, tensor.data)
            if shared and result.data.size:
                raise Broken(
                    f"A write in place to the result would change {case.name_of(k)}.",
                    cause="the forward returns its argument or a view of it. Copy it, or declare view=True.",
                )
    tensors = case.tensors()
    arrays = [t.data if isinstance(t, Tensor) else t for t in tensors]
    outputs = [t for t in float_results(case.run(tensors)) if t.requires_grad]
    if not outputs:
        return
    found = grad(outputs, [tensors[k] for k in case.floats], case.starts, allow_unused=True)
    for k, gradient in zip(case.floats, found, strict=True):
        for array in (*arrays, *(t.data for t in outputs)):
            if gradient is not None and gradient.data.size and np.shares_memory(gradient.data, array):
                raise Broken(
                    f"The gradient by {case.name_of(k)} has the memory of an input or of the result: what is added to "
                    f"the gradient would be added there.",
                    cause="the rule returns what was saved. Return a copy.",
                )


# ---------------------------------------------------------------------------------------------------------------------
# Names
# ---------------------------------------------------------------------------------------------------------------------
@promise("method")
def _method(case: Case) -> None:
    """The method, or the operator, gives another result than the function."""
    if not case.values or not isinstance(case.values[0], np.ndarray):
        return
    names = [name for name in (case.op.name, *case.op.aliases) if "." not in name] if case.op.method else []
    if not case.sample.kwargs:
        names += [name for name in case.op.operators if not name.startswith("__r")]
    for name in names:
        result = case.run([Tensor(a) for a in case.copies()], _by_name(name))
        same([t.data for t in results_of(result)], case.expected, text=f"By {name}: ")


def _by_name(name: str) -> Callable[..., Any]:
    return lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs)


@promise("in place")
def _in_place(case: Case) -> None:
    """The form in place gives another result, or another gradient."""
    first: Any = case.values[0] if case.values else None
    in_place = getattr(Tensor, f"{case.op.name}_", None) if case.op.in_place and case.op.method else None
    expected = case.expected
    fits = isinstance(first, np.ndarray) and len(expected) == 1 and expected[0].shape == first.shape
    if in_place is None or not fits or not np.can_cast(expected[0].dtype, first.dtype, "same_kind"):
        return
    tensors = [Tensor(a) for a in case.copies()]
    result = case.run(tensors, in_place)
    if result is not tensors[0]:
        raise Broken("It does not return the tensor itself.")
    same([result.data], [expected[0].astype(first.dtype)])
    if 0 in case.floats:

        def on_copy(x: Any, *args: Any, **kwargs: Any) -> Any:
            return in_place(x * 1.0, *args, **kwargs)

        found = case.gradients(case.tensors(), case.starts, on_copy)[0]
        same(found, case.usual_gradients, text="By the gradients: ")


# ---------------------------------------------------------------------------------------------------------------------
# Its place in a graph
# ---------------------------------------------------------------------------------------------------------------------
@promise("what is asked for", "inputs unchanged", "incoming gradient unchanged")
def _what_is_asked_for(case: Case) -> None:
    """A gradient depends on which others are asked for."""
    for n, k in enumerate(case.floats):
        tensors = case.tensors(only=k)
        outputs = [t for t in float_results(case.run(tensors)) if t.requires_grad]
        starts = case.starts
        if len(outputs) == len(starts):
            found = case.gradients(tensors, starts)[0][n]
            text = f"By {case.name_of(k)} alone: "
            cause = "a rule that uses what another input's rule computes, or asks `needed` of the wrong input."
            same([found], [case.usual_gradients[n]], text=text, cause=cause)


@promise("recording")
def _recording(case: Case) -> None:
    """It records where nothing needs a gradient, or inside no_grad()."""
    for result in results_of(case.run([Tensor(array) for array in case.copies()])):
        if result.requires_grad and not (case.op.kind == "function" and _has_parameters(result)):
            raise Broken("It records where no input requires a gradient.")
    with ModeSetting(recording=False):
        for result in results_of(case.run(case.tensors())):
            if result.requires_grad and type(result.node) is not Leaf:
                raise Broken("It records inside no_grad().")


def _has_parameters(result: Tensor) -> bool:
    """Whether the graph leads to tensors that somebody holds: the parameters of a module."""
    seen: set[Node] = set()
    stack = [result.node]
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        if isinstance(node, Leaf) and node.tensor() is not None:
            return True
        seen.add(node)
        stack += node.parents
    return False


@promise("reuse", "incoming gradient unchanged", "inputs unchanged")
def _reuse(case: Case) -> None:
    """Used twice, its gradient is not twice what it is."""
    tensors = case.tensors()
    outputs = [t for t in float_results(case.run(tensors)) + float_results(case.run(tensors)) if t.requires_grad]
    if case.starts:
        found = grad(outputs, [tensors[k] for k in case.floats], case.starts * 2, allow_unused=True)
        twice = [None if g is None else g + g for g in case.usual_gradients]
        same([None if g is None else g.data for g in found], twice)


def _recorded(case: Case) -> list[tuple[str, weakref.ref[Any]]]:
    """References to what one call records, all of which is let go."""
    tensors = case.tensors()
    kept: list[tuple[str, weakref.ref[Any]]] = []
    for output in float_results(case.run(tensors)):
        if output.node is None or type(output.node) is Leaf:
            continue
        node = _node_of(output)
        kept += [("its node", weakref.ref(node)), ("its result", weakref.ref(output))]
        if not isinstance(node.op, Op):  # that of one application of a Function
            kept.append(("its context", weakref.ref(getattr(node.op, "_context", node))))
        if case.op.kind == "function" and isinstance(node.op, Op):  # what is saved there may be somebody's parameters
            continue
        kept += [
            ("an array that it saved", weakref.ref(saved))
            for saved in node.saved
            if type(saved) is np.ndarray and not any(saved is array for array in case.arrays)
        ]
    return kept


@promise("freed")
def _freed(case: Case) -> None:
    """What was recorded is not freed by reference counting alone."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        alive = [what for what, reference in _recorded(case) if reference() is not None]
        if alive:
            raise Broken(
                f"{alive[0]} outlives it.".capitalize(),
                cause="a cycle, such as ctx.self = ctx or a closure over the result, or a cache that keeps arrays.",
            )
    finally:
        if enabled:
            gc.enable()


_SPECIAL = (0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 1e30)


@promise("absorbing zero")
def _absorbing_zero(case: Case) -> None:
    """An incoming gradient of 0 gives NaN, where an input is 0 or infinite."""
    for special in _SPECIAL if case.op.elementwise else _SPECIAL[:2]:
        arrays = [np.full_like(a, special) if k in case.floats else a.copy() for k, a in enumerate(case.arrays)]
        try:
            outputs = [t for t in float_results(case.run(case.tensors(arrays))) if t.requires_grad]
            gradients, _ = case.gradients(case.tensors(arrays), [np.zeros(t.shape) for t in outputs])
        except (ValueError, ArithmeticError):
            if case.op.elementwise:
                raise
            continue  # of a singular matrix, say
        if not case.op.elementwise and not all(np.isfinite(t.data).all() for t in outputs):
            continue
        for k, gradient in zip(case.floats, gradients, strict=True):
            if gradient is not None and np.isnan(gradient).any():
                raise Broken(
                    f"At {special}, by {case.name_of(k)}.",
                    gradient,
                    np.zeros_like(gradient),
                    "0 * inf or 0 / 0 in the rule. Of an elementwise operation leave `absorbing` as it is by default; "
                    "elsewhere let the rule give 0 where g is 0, by where(g == 0, 0, ...).",
                )
