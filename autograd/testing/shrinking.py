"""The smallest sample for which a property does not hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..op import Op, Sample
from .checking import Failure, check
from .properties import PROPERTIES


def with_arrays(sample: Sample, change: Callable[[np.ndarray], np.ndarray]) -> Sample:
    """The sample with other arrays."""

    def changed(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return np.array(change(value))
        return [changed(item) for item in value] if isinstance(value, list) else value

    return Sample(*map(changed, sample.args), **{key: changed(value) for key, value in sample.kwargs.items()})


def _arrays(sample: Sample) -> list[np.ndarray]:
    values = [*sample.args, *sample.kwargs.values()]
    return [a for value in values for a in (value if isinstance(value, list) else [value]) if isinstance(a, np.ndarray)]


def _size(sample: Sample) -> int:
    return sum(a.size for a in _arrays(sample))


_PATIENCE = 5.0  # seconds


def smallest(op: Op, found: list[Failure]) -> Failure:
    """The failure of the smallest sample, made smaller as long as it fails in the same way."""
    best = min(found, key=lambda failure: (failure.kind != found[0].kind, _size(failure.sample)))
    promise = PROPERTIES[best.name]
    end = time.monotonic() + _PATIENCE
    smaller: Failure | None = best
    while smaller is not None and time.monotonic() < end:
        best = smaller
        smaller = next(
            (
                failure
                for sample in _smaller(best.sample)
                for failure in check(op, sample, [promise])
                if failure.kind == best.kind
            ),
            None,
        )
    best.also = len(found) - 1
    return best


def _smaller(sample: Sample) -> Iterator[Sample]:
    """Samples with shorter axes: all of one length at once, so that they still fit each other, or one alone."""
    arrays = _arrays(sample)
    lengths = sorted({n for a in arrays for n in a.shape if n > 1}, reverse=True)
    for n in lengths:
        for m in sorted({1, 2, n // 2, n - 1} & set(range(1, n))):
            yield with_arrays(sample, lambda a, n=n, m=m: a[tuple(slice(m if k == n else k) for k in a.shape)])  # type: ignore[misc]
    for number, array in enumerate(arrays):
        for axis, n in enumerate(array.shape):
            if n > 1:
                index = (slice(None),) * axis + (slice(1),)
                place = iter(range(len(arrays)))
                yield with_arrays(
                    sample,
                    lambda a, index=index, place=place, number=number: a[index] if next(place) == number else a,  # type: ignore[misc]
                )
    deepest = max((a.ndim for a in arrays), default=0)
    if deepest and all(a.shape[0] == 1 for a in arrays if a.ndim == deepest):
        yield with_arrays(sample, lambda a: a[0] if a.ndim == deepest else a)
