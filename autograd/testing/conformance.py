"""Everything that an operation promises, checked on each of its samples, and a report of what does not hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..op import Op, Sample
from .checking import Failure, as_sample, check, wrong_use
from .properties import PROPERTIES
from .samples import Draw, op_of, samples_of
from .shrinking import smallest, with_arrays


class ConformanceError(AssertionError):
    """What conformance raises; `report` has all that was found."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


@dataclass
class Report:
    """What `conformance` found.  True where all holds; as text it says what does not."""

    op: str
    samples: int
    properties: list[str]
    failures: list[Failure] = field(default_factory=list)  # one a property, each with its smallest sample
    complaints: list[str] = field(default_factory=list)  # what no sample is needed for

    def __bool__(self) -> bool:
        return not self.failures and not self.complaints

    @property
    def broken(self) -> list[str]:
        """The names of the properties that do not hold."""
        return [failure.name for failure in self.failures]

    def __str__(self) -> str:
        samples = f"{self.samples} sample{'s' * (self.samples != 1)}"
        if self:
            names = ", ".join(self.properties)
            return f"{self.op}: {len(self.properties)} properties hold for {samples} ({names})"
        parts = [*self.complaints, *map(str, self.failures)]
        count = len(self.failures)
        head = f"{count} of {len(self.properties)} properties {'do' if count > 1 else 'does'} not hold" if count else ""
        return (
            f"{self.op}: {head or 'is not complete'} ({self.samples} sample{'s' * (self.samples != 1)})\n\n"
            + "\n\n".join(parts)
        )


def conformance(
    op: Any,
    samples: Iterable[Sample] | None = None,
    *,
    reference: Callable[..., Any] | None = None,
    skip: Collection[str] = (),
    raise_exception: bool = True,
) -> Report:
    """Checks all that an operation promises, on each of its samples.

    op: what `primitive`, `composite`, `fused` or `elementwise` made, a subclass of `Function`, or any function of
    tensors. samples: `Sample(...)` each, or tuples of arguments; the declared ones unless given. Of an elementwise
    operation, empty arrays and arrays that broadcast are tried too.
    reference: the same computed another way, on arrays.
    skip: names of properties that the operation does not promise, as "second derivative".
    Raises ConformanceError that names each property that does not hold, with the smallest sample, both values, and the
    likely cause; or returns the report that says so.

    >>> import autograd as ag
    >>> class Square(ag.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g * ctx.saved_tensors[0]
    >>> report = ag.testing.conformance(Square, [ag.rand(3)], raise_exception=False)
    >>> print(report.failures[0].cause)
    a wrong factor: the gradient is 0.5 times what it should be.
    """
    op = op_of(op)
    if reference is not None:
        op.reference = reference
    unknown = set(skip) - {*PROPERTIES, "wrong use"}
    if unknown:
        raise ValueError(f"conformance: there is no property {unknown.pop()!r}. There are {', '.join(PROPERTIES)}.")
    cases = list(samples_of(op) if samples is None else map(as_sample, samples))
    wanted = [p for p in PROPERTIES.values() if p.name not in skip]
    errors = list(op.errors(Draw(op.name, op.domain))) if op.errors is not None and "wrong use" not in skip else []
    report = Report(op.name, len(cases), [p.name for p in wanted] + ["wrong use"] * bool(errors))
    if not cases:
        report.complaints.append(f"{op.name} has no samples. Give some, or declare them with @{op.name}.samples.")
    if not op.doc and op.kind != "function":
        report.complaints.append(f"{op.name} has no docstring.")
    found: dict[str, list[Failure]] = {}
    for case in [*cases, *_further(op, cases)]:
        for failure in check(op, case, wanted):
            found.setdefault(failure.name, []).append(failure)
    for name in report.properties:
        if name in found:
            report.failures.append(smallest(op, found[name]))
    for sample, kind, words in errors:
        misnamed = wrong_use(op, sample, kind, words)
        if misnamed is not None and "wrong use" not in report.broken:
            report.failures.append(misnamed)
    if raise_exception and not report:
        raise ConformanceError(report)
    return report


# ---------------------------------------------------------------------------------------------------------------------
# Samples made of others
# ---------------------------------------------------------------------------------------------------------------------
def _further(op: Op, samples: list[Sample]) -> Iterator[Sample]:
    """Of an elementwise operation: empty arrays, and arrays that broadcast, where no sample has them."""
    if not op.elementwise:
        return
    arrays = [[a for a in sample.args if isinstance(a, np.ndarray)] for sample in samples]
    largest = max(samples, key=lambda sample: sum(np.size(a) for a in sample.args), default=None)
    if largest is None:
        return
    if not any(a.size == 0 for some in arrays for a in some):
        yield with_arrays(largest, lambda a: a[:0] if a.ndim else a)
    if all(len({a.shape for a in some}) < 2 for some in arrays):
        seen = iter(range(len(largest.args)))
        yield with_arrays(largest, lambda a: a[:1] if a.ndim and next(seen) else a)
