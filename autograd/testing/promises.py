"""How a promise of operations is declared, and those about values and derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..gradients import grad
from ..tensor import Tensor
from .cases import Broken, Case, normal, results_of, same
from .close import float_results
from .gradcheck import GradcheckError, gradcheck, gradgradcheck


@dataclass(frozen=True)
class Property:
    """A promise: its name, the sentence that says it is broken, and the other broken promises that it follows from."""

    name: str
    sentence: str
    check: Callable[[Case], None]
    follows_from: tuple[str, ...] = ()


PROPERTIES: dict[str, Property] = {}


def promise(name: str, *follows_from: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    """Declares the check of a property, which raises where a sample breaks it; its docstring says so in a sentence."""

    def declare(check: Callable[[Case], None]) -> Callable[[Case], None]:
        first_of = ("runs", "determinism") if name not in ("runs", "determinism") else ("runs",) * (name != "runs")
        assert check.__doc__ is not None
        PROPERTIES[name] = Property(name, check.__doc__, check, (*first_of, *follows_from))
        return check

    return declare


# ---------------------------------------------------------------------------------------------------------------------
# Values
# ---------------------------------------------------------------------------------------------------------------------
@promise("runs")
def _runs(case: Case) -> None:
    """It fails on the sample."""
    if not results_of(case.run([Tensor(array) for array in case.copies()])):
        raise Broken("It returns no tensor.")
    case.gradients(case.tensors())


@promise("determinism")
def _determinism(case: Case) -> None:
    """Called again it gives other results, or other gradients."""
    cause = "random numbers that manual_seed() does not govern, or memory that was never written (np.empty)."
    same(case.value(), case.expected, 0, 0, cause=cause)
    same(case.gradients(case.tensors(), case.starts)[0], case.usual_gradients, 0, 0, "By the gradients: ", cause)


@promise("value")
def _value(case: Case) -> None:
    """The value differs from the reference."""
    if case.op.reference is None:
        return
    expected = case.run(case.copies(), case.op.reference)
    expected = list(expected) if isinstance(expected, (tuple, list)) else [expected]
    same(case.expected, [e for e in expected if e is not None], 1e-9, 1e-10)


@promise("definition")
def _definition(case: Case) -> None:
    """The kernel of a fused operation, or its gradient, differs from the definition."""
    if case.op.kind != "fused":
        return
    defined = case.run([Tensor(array) for array in case.copies()], case.op.forward)
    same(case.expected, [t.data for t in results_of(defined)])
    by_definition = case.gradients(case.tensors(), case.starts, case.op.forward)[0]
    same(case.usual_gradients, by_definition, 1e-8, 1e-9, "By the gradients: ")


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives
# ---------------------------------------------------------------------------------------------------------------------
_FEW = 5000  # entries of Jacobians that are worth computing to find the cause


def _cause_by(check: Callable[..., bool], case: Case) -> str:
    """What gradcheck or gradgradcheck says, where the sample is small enough for it."""
    elements = sum(array.size for array in case.arrays)
    if case.op.hermitian is not None or elements * sum(array.size for array in case.expected) > _FEW:
        return ""
    try:
        check(lambda *tensors: case.run(tensors), case.tensors(), atol=1e-4)
    except GradcheckError as error:
        return error.cause
    except Exception:  # what is wrong is known already, and is told without a cause
        return ""
    return ""


@promise("gradient", "inputs unchanged", "incoming gradient unchanged")
def _gradient(case: Case) -> None:
    """The gradient differs from central differences."""
    case = case.in_double
    starts = case.starts
    if starts:
        _compare_by_projection(
            case,
            case.usual_gradients,
            lambda arrays: _weighted(case, arrays, starts),
            why=lambda: _cause_by(gradcheck, case),
        )


def _weighted(case: Case, arrays: Sequence[np.ndarray], starts: Sequence[np.ndarray]) -> float:
    """The results, weighted and summed: what the gradient is the gradient of."""
    outputs = [t.data for t in float_results(case.run(case.tensors(arrays))) if t.requires_grad]
    return sum(float((o * s.conj()).sum().real) for o, s in zip(outputs, starts, strict=True))


def _compare_by_projection(
    case: Case,
    found: Sequence[Any],
    function: Callable[[Sequence[np.ndarray]], float],
    tolerance: float = 1e-5,
    why: Callable[[], str] | None = None,
) -> None:
    """Compares one random projection of each gradient with the derivative in that direction by differences."""
    rng = np.random.default_rng(2)
    for k, gradient in zip(case.floats, found, strict=True):
        base = case.arrays[k]
        if not base.size:
            continue
        direction = normal(rng, base)
        if case.op.hermitian is not None and case.place(k) == case.op.hermitian:
            direction = direction + direction.conj().mT
        eps = 1e-6
        sides = []
        for step in (eps, -eps):
            arrays = case.copies()
            arrays[k] = base + step * direction
            sides.append(function(arrays))
        want = (sides[0] - sides[1]) / (2 * eps)
        have = 0.0 if gradient is None else float((gradient.conj() * direction).sum().real)
        scale = max(1.0, abs(want), abs(have), abs(sides[0]) * 1e-3)
        if not abs(have - want) <= tolerance * scale:
            text = (
                f"By {case.name_of(k)} (input {k}), along a random direction: {have:.10g}, by differences {want:.10g}."
            )
            raise Broken(text, have, want, why=why)


@promise("second derivative", "inputs unchanged", "incoming gradient unchanged")
def _second_derivative(case: Case) -> None:
    """The second derivative differs from differences of the gradient."""
    case = case.in_double
    rng = np.random.default_rng(3)

    def weighted_gradient(
        arrays: Sequence[np.ndarray], weights: list[Any]
    ) -> tuple[Tensor | None, list[Any], list[Any]]:
        tensors = case.tensors(arrays)
        outputs = [t for t in float_results(case.run(tensors)) if t.requires_grad]
        if not outputs:
            return None, tensors, []
        draw = np.random.default_rng(1)
        starts = [Tensor(normal(draw, t.data), requires_grad=True) for t in outputs]
        wanted = [tensors[k] for k in case.floats]
        found = grad(outputs, wanted, starts, create_graph=True, allow_unused=True)
        if not weights:
            weights += [normal(rng, t.data) for t in wanted]
        total: Any = None
        for gradient, weight in zip(found, weights, strict=True):
            if gradient is not None:
                if not isinstance(gradient, Tensor) or not gradient.requires_grad:
                    raise Broken(
                        "Under create_graph the gradient is not connected to its incoming gradient.",
                        cause="the rule computes with NumPy, .data or detach() instead of operators and operations.",
                    )
                term = (gradient * weight.conj()).sum()
                term = term.real if term.is_complex() else term
                total = term if total is None else total + term
        return total, tensors, starts

    weights: list[Any] = []
    total, tensors, starts = weighted_gradient(case.copies(), weights)
    if total is None:
        return
    wanted = [tensors[k] for k in case.floats]
    found = grad(total, [*wanted, *starts], allow_unused=True)

    def function(arrays: Sequence[np.ndarray]) -> float:
        value = weighted_gradient(arrays, weights)[0]
        return 0.0 if value is None else float(value.data)

    second = [None if g is None else g.data for g in found[: len(wanted)]]
    _compare_by_projection(case, second, function, 1e-4, lambda: _cause_by(gradgradcheck, case))
