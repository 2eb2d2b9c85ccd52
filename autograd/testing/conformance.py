"""Everything that an operation promises, checked on each of its samples."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..gradients import grad
from ..graph import Leaf
from ..modes import ModeSetting
from ..op import Op, Sample, functions
from ..tensor import Tensor
from .close import assert_close, float_results
from .samples import op_of, samples_of


def conformance(op: Any, samples: Iterable[Sample] | None = None) -> int:
    """Checks all that an operation promises, on each of its samples.  Returns the number of samples.

    op: what `primitive`, `composite` or `fused` made. samples: others than the declared ones.
    Raises AssertionError that lists each property that does not hold, with the sample.
    """
    op = op_of(op)
    cases = samples_of(op) if samples is None else list(samples)
    if not cases:
        raise AssertionError(f"{op.name}: has no samples. Declare some with @{op.name}.samples.")
    if not op.doc:
        raise AssertionError(f"{op.name}: has no docstring.")
    found = [f"{describe_sample(case)}: {text}" for case in cases for text in failures(op, case)]
    if found:
        raise AssertionError(f"{op.name}: {len(found)} properties do not hold\n" + "\n".join(found))
    return len(cases)


def describe_sample(sample: Sample) -> str:
    """`float64(2, 3), dim=1`"""

    def show(value: Any) -> str:
        if isinstance(value, np.ndarray):
            return f"{value.dtype}{value.shape}"
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join(show(item) for item in value) + "]"
        return repr(value)

    return ", ".join([show(v) for v in sample.args] + [f"{k}={show(v)}" for k, v in sample.kwargs.items()])


def failures(op: Any, sample: Sample) -> Iterator[str]:
    """The properties that do not hold for one sample, each as a sentence."""
    case = _Case(op_of(op), sample)
    for check in _PROPERTIES:
        try:
            check(case)
        except AssertionError as error:
            yield f"{check.__doc__} {error}"
        except Exception as error:
            yield f"{check.__doc__} {type(error).__name__}: {error}"


class _Case:
    """One operation with one sample, its arrays by position: flat, since an argument may be a list of arrays."""

    def __init__(self, op: Op, sample: Sample) -> None:
        self.op = op
        self.sample = sample
        self.values = list(sample.args) + list(sample.kwargs.values())
        self.names = list(sample.kwargs)
        self.places = [
            (i, j)
            for i, value in enumerate(self.values)
            for j, array in enumerate(value if isinstance(value, list) else [value])
            if isinstance(array, np.ndarray)
        ]
        self.arrays = [
            self.values[i][j] if isinstance(self.values[i], list) else self.values[i] for i, j in self.places
        ]
        self.floats = [k for k, array in enumerate(self.arrays) if array.dtype.kind in "fc" and self._may_differ(k)]

    def _may_differ(self, k: int) -> bool:
        """Whether there can be a gradient by array k."""
        if self.op.kind == "composite":
            return True
        return self.place(k) in self.op.inputs

    def place(self, k: int) -> int | None:
        """The number of the parameter that array k is given for, or is in the list for."""
        i = self.places[k][0]
        if i >= len(self.sample.args):
            name = self.names[i - len(self.sample.args)]
            return self.op.parameters.index(name) if name in self.op.parameters else None
        return min(i, len(self.op.parameters) - 1) if self.op.variadic else i

    def run(self, arrays: Sequence[Any], call: Callable[..., Any] | None = None) -> Any:
        """The result with other arrays or tensors in the places of the sample's arrays.  Same seed each time."""
        values = [list(value) if isinstance(value, list) else value for value in self.values]
        for (i, j), array in zip(self.places, arrays, strict=True):
            if isinstance(self.values[i], list):
                values[i][j] = array
            else:
                values[i] = array
        count = len(self.sample.args)
        if "manual_seed" in functions:
            functions["manual_seed"](0)
        return (call or self.op.call)(*values[:count], **dict(zip(self.names, values[count:], strict=True)))

    def tensors(self, arrays: Sequence[np.ndarray] | None = None, only: int | None = None) -> list[Any]:
        """Tensors around the arrays; those that may have a gradient require it."""
        arrays = [array.copy() for array in self.arrays] if arrays is None else arrays
        return [
            Tensor(array, requires_grad=k in self.floats and only in (None, k)) if k in self.floats or k == 0 else array
            for k, array in enumerate(arrays)
        ]

    def value(self, arrays: Sequence[np.ndarray] | None = None) -> list[np.ndarray]:
        """All results as arrays."""
        result = self.run([Tensor(array) for array in (self.arrays if arrays is None else arrays)])
        return [t.data for t in _results(result)]

    def gradients(
        self, tensors: list[Any], starts: Sequence[np.ndarray] | None = None, call: Callable[..., Any] | None = None
    ) -> tuple[list[np.ndarray | None], list[np.ndarray]]:
        """The gradient by each of `floats`, and those that the results start with."""
        outputs = [t for t in float_results(self.run(tensors, call)) if t.requires_grad]
        if not outputs:
            return [None] * len(self.floats), []
        if starts is None:
            rng = np.random.default_rng(1)
            starts = [_normal(rng, t.data) for t in outputs]
        wanted = [tensors[k] for k in self.floats if tensors[k].requires_grad]
        found = iter(grad(outputs, wanted, list(starts), allow_unused=True))
        by_input = [next(found) if tensors[k].requires_grad else None for k in self.floats]
        return [None if g is None else g.data for g in by_input], list(starts)


def _results(result: Any) -> list[Tensor]:
    if isinstance(result, Tensor):
        return [result]
    return [part for part in result if isinstance(part, Tensor)] if isinstance(result, (tuple, list)) else []


def _same(actual: Sequence[Any], expected: Sequence[Any], rtol: float = 1e-10, atol: float = 1e-11) -> None:
    assert len(actual) == len(expected), f"{len(actual)} results instead of {len(expected)}"
    for a, e in zip(actual, expected, strict=True):
        assert (a is None) == (e is None), "a gradient is missing"
        if a is not None:
            assert_close(a, e, rtol, atol)


def _value(case: _Case) -> None:
    """The value differs from the reference."""
    if case.op.reference is None:
        return
    expected = case.run(case.arrays, case.op.reference)
    expected = list(expected) if isinstance(expected, (tuple, list)) else [expected]
    _same(case.value(), [e for e in expected if e is not None], 1e-9, 1e-10)


def _definition(case: _Case) -> None:
    """The kernel of a fused operation, or its gradient, differs from the definition."""
    if case.op.kind != "fused":
        return
    defined = case.run([Tensor(array) for array in case.arrays], case.op.forward)
    _same(case.value(), [t.data for t in _results(defined)])
    gradients, starts = case.gradients(case.tensors())
    _same(gradients, case.gradients(case.tensors(), starts, case.op.forward)[0], 1e-8, 1e-9)


def _gradient(case: _Case) -> None:
    """The gradient differs from central differences."""
    tensors = case.tensors()
    found, starts = case.gradients(tensors)
    if starts:
        _compare_by_projection(case, found, lambda arrays: _weighted(case, arrays, starts))


def _weighted(case: _Case, arrays: Sequence[np.ndarray], starts: Sequence[np.ndarray]) -> float:
    """The results, weighted and summed: what the gradient is the gradient of."""
    tensors = case.tensors(arrays)
    outputs = [t.data for t in float_results(case.run(tensors)) if t.requires_grad]
    return sum(float((o * s.conj()).sum().real) for o, s in zip(outputs, starts, strict=True))


def _compare_by_projection(
    case: _Case, found: Sequence[Any], function: Callable[[Sequence[np.ndarray]], float], tolerance: float = 1e-5
) -> None:
    """Compares one random projection of each gradient with the derivative in that direction by differences."""
    rng = np.random.default_rng(2)
    for k, gradient in zip(case.floats, found, strict=True):
        base = case.arrays[k]
        if not base.size:
            continue
        direction = _normal(rng, base)
        if case.op.hermitian is not None and case.place(k) == case.op.hermitian:
            direction = direction + direction.conj().mT
        eps = 1e-6
        sides = []
        for step in (eps, -eps):
            arrays = [array.copy() for array in case.arrays]
            arrays[k] = base + step * direction
            sides.append(function(arrays))
        want = (sides[0] - sides[1]) / (2 * eps)
        have = 0.0 if gradient is None else float((gradient.conj() * direction).sum().real)
        scale = max(1.0, abs(want), abs(have), abs(sides[0]) * 1e-3)
        assert abs(have - want) <= tolerance * scale, (
            f"By input {k}, along a random direction: {have:.10g}, by differences {want:.10g}."
        )


def _second_derivative(case: _Case) -> None:
    """The second derivative differs from differences of the gradient."""
    rng = np.random.default_rng(3)

    def weighted_gradient(
        arrays: Sequence[np.ndarray], weights: list[Any]
    ) -> tuple[Tensor | None, list[Any], list[Any]]:
        tensors = case.tensors(arrays)
        outputs = [t for t in float_results(case.run(tensors)) if t.requires_grad]
        if not outputs:
            return None, tensors, []
        draw = np.random.default_rng(1)
        starts = [Tensor(_normal(draw, t.data), requires_grad=True) for t in outputs]
        wanted = [tensors[k] for k in case.floats]
        found = grad(outputs, wanted, starts, create_graph=True, allow_unused=True)
        if not weights:
            weights += [_normal(rng, t.data) for t in wanted]
        total: Any = None
        for gradient, weight in zip(found, weights, strict=True):
            if gradient is not None:
                assert isinstance(gradient, Tensor), f"the gradient is {type(gradient).__name__}, not a Tensor"
                assert gradient.requires_grad, (
                    "under create_graph the gradient is not connected to its incoming gradient"
                )
                term = (gradient * weight.conj()).sum()
                term = term.real if term.is_complex() else term
                total = term if total is None else total + term
        return total, tensors, starts

    weights: list[Any] = []
    total, tensors, starts = weighted_gradient([array.copy() for array in case.arrays], weights)
    if total is None:
        return
    wanted = [tensors[k] for k in case.floats]
    found = grad(total, [*wanted, *starts], allow_unused=True)

    def function(arrays: Sequence[np.ndarray]) -> float:
        value = weighted_gradient(arrays, weights)[0]
        return 0.0 if value is None else float(value.data)

    _compare_by_projection(case, [None if g is None else g.data for g in found[: len(wanted)]], function, 1e-4)


def _normal(rng: np.random.Generator, like: np.ndarray) -> np.ndarray:
    """Random numbers of the shape and dtype of `like`."""
    values: Any = rng.standard_normal(like.shape)
    if like.dtype.kind == "c":
        values = values + 1j * rng.standard_normal(like.shape)
    return np.asarray(values, like.dtype)


_LOWER = str.maketrans("dD", "fF")


def _as_precise(array: np.ndarray, dtype: Any) -> np.ndarray:
    """A copy with as many digits as float32 or float64 have, real or complex as it was."""
    if array.dtype.kind not in "fc":
        return array.copy()
    return array.astype(dtype if array.dtype.kind == "f" else np.result_type(dtype, np.complex64))


def _float32(case: _Case) -> None:
    """In float32 the result, or its gradient, has another dtype or is far from that in float64."""
    low = [_as_precise(a, np.float32) for a in case.arrays]
    # What float32 rounds off the inputs is none of the operation's error.
    high = [_as_precise(a, np.float64) for a in low]
    for have, want in zip(case.value(low), case.value(high), strict=True):
        if want.dtype.kind in "fc" and want.dtype.char in "dD" and any(a.dtype.kind in "fc" for a in low):
            assert have.dtype.char == want.dtype.char.translate(_LOWER), f"the result is {have.dtype}"
            scale = float(np.max(np.abs(want[np.isfinite(want)]), initial=1.0))
            assert_close(have, want, 2e-4, 2e-5 * scale)
    gradients, starts = case.gradients(case.tensors(low))
    expected, _ = case.gradients(case.tensors(high), [_as_precise(s, np.float64) for s in starts])
    for gradient, want_gradient in zip(gradients, expected, strict=True):
        if gradient is not None and want_gradient is not None:
            assert gradient.dtype.char in "fF", f"a gradient is {gradient.dtype}"
            scale = float(np.max(np.abs(want_gradient[np.isfinite(want_gradient)]), initial=1.0))
            assert_close(gradient, want_gradient, 1e-3, 1e-4 * scale)


def _strided(array: np.ndarray) -> np.ndarray:
    """The same values, laid out with gaps and backwards."""
    wide = np.zeros((*array.shape, 2), array.dtype)
    view = wide[..., 0]
    if array.ndim:
        view = view[::-1]
    view[...] = array
    return view


def _layout(case: _Case) -> None:
    """With arrays that are not contiguous the result, or its gradient, is another."""
    strided = [_strided(array) for array in case.arrays]
    _same(case.value(strided), case.value())
    expected, starts = case.gradients(case.tensors())
    _same(case.gradients(case.tensors(strided), starts)[0], expected)
    _same(case.gradients(case.tensors(), [_strided(start) for start in starts])[0], expected)
    ones = [np.broadcast_to(start.dtype.type(1), start.shape) for start in starts]
    _same(case.gradients(case.tensors(), ones)[0], case.gradients(case.tensors(), [o.copy() for o in ones])[0])


def _read_only(case: _Case) -> None:
    """Its inputs, or the incoming gradient, are changed, or can not be read-only."""
    arrays = [array.copy() for array in case.arrays]
    for array in arrays:
        array.flags.writeable = False
    tensors = case.tensors(arrays)
    gradients, starts = case.gradients(tensors)
    for start in starts:
        start.flags.writeable = False
    _same(case.gradients(case.tensors(arrays), starts)[0], gradients)
    _same(arrays, case.arrays, 0, 0)


def _names(case: _Case) -> None:
    """The method, the operator or the form in place gives another result."""
    expected, first = case.value(), case.values[0]
    if not isinstance(first, np.ndarray):
        return
    calls = []
    if case.op.method:
        calls += [_by_name(name) for name in (case.op.name, *case.op.aliases) if "." not in name]
    if not case.sample.kwargs:
        calls += [_by_name(name) for name in case.op.operators if not name.startswith("__r")]
    for call in calls:
        _same([t.data for t in _results(case.run([Tensor(a) for a in case.arrays], call))], expected)
    in_place = getattr(Tensor, f"{case.op.name}_", None) if case.op.in_place and case.op.method else None
    fits = len(expected) == 1 and expected[0].shape == first.shape
    if in_place is None or not fits or not np.can_cast(expected[0].dtype, first.dtype, "same_kind"):
        return
    tensors = [Tensor(a.copy()) for a in case.arrays]
    result = case.run(tensors, in_place)
    assert result is tensors[0], "in place it does not return the tensor itself"
    _same([result.data], [expected[0].astype(first.dtype)])
    if 0 in case.floats:

        def on_copy(x: Any, *args: Any, **kwargs: Any) -> Any:
            return in_place(x * 1.0, *args, **kwargs)

        gradients, starts = case.gradients(case.tensors())
        _same(case.gradients(case.tensors(), starts, on_copy)[0], gradients)


def _by_name(name: str) -> Callable[..., Any]:
    return lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs)


def _only_what_is_needed(case: _Case) -> None:
    """A gradient depends on which others are asked for, or is recorded where none is."""
    expected, starts = case.gradients(case.tensors())
    for n, k in enumerate(case.floats):
        tensors = case.tensors(only=k)
        outputs = [t for t in float_results(case.run(tensors)) if t.requires_grad]
        if len(outputs) == len(starts):
            _same([case.gradients(tensors, starts)[0][n]], [expected[n]])
    for result in _results(case.run([Tensor(array) for array in case.arrays])):
        assert not result.requires_grad, "it records where no input requires a gradient"
    with ModeSetting(recording=False):
        for result in _results(case.run(case.tensors())):
            assert not result.requires_grad, "it records inside no_grad()"


def _reuse(case: _Case) -> None:
    """Used twice, its gradient is not twice what it is."""
    tensors = case.tensors()
    outputs = [t for t in float_results(case.run(tensors)) + float_results(case.run(tensors)) if t.requires_grad]
    once, starts = case.gradients(case.tensors())
    if starts:
        found = grad(outputs, [tensors[k] for k in case.floats], starts * 2, allow_unused=True)
        _same([None if g is None else g.data for g in found], [None if g is None else g + g for g in once])


def _freed(case: _Case) -> None:
    """A graph is not freed by reference counting alone."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        tensors = case.tensors()
        outputs = [t for t in float_results(case.run(tensors)) if t.requires_grad and type(t.node) is not Leaf]
        references = [weakref.ref(t.node) for t in outputs] + [weakref.ref(t) for t in outputs]
        outputs.clear()
        assert all(reference() is None for reference in references), "its node outlives its result"
    finally:
        if enabled:
            gc.enable()


def _absorbs_zero(case: _Case) -> None:
    """An incoming gradient of 0 gives NaN where an input is 0, infinite or NaN."""
    if not case.op.elementwise:
        return
    for special in (np.nan, np.inf, -np.inf, 0.0, 1.0, -1.0, 1e30):
        arrays = [np.full_like(a, special) if k in case.floats else a.copy() for k, a in enumerate(case.arrays)]
        outputs = [t for t in float_results(case.run(case.tensors(arrays))) if t.requires_grad]
        gradients, _ = case.gradients(case.tensors(arrays), [np.zeros(t.shape) for t in outputs])
        for gradient in gradients:
            assert gradient is None or not np.isnan(gradient).any(), f"At {special}."


_PROPERTIES = (
    _value,
    _definition,
    _gradient,
    _second_derivative,
    _float32,
    _layout,
    _read_only,
    _names,
    _only_what_is_needed,
    _reuse,
    _freed,
    _absorbs_zero,
)
