"""What the declarations of several families need to be tested: oracles, and arguments that keep away from kinks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..op import Sample

SHAPES = ((), (5,), (3, 4), (0,), (2, 0, 3), (2, 1, 3, 2))
PAIRS = (((3, 4), (3, 4)), ((), ()), ((3, 4), (4,)), ((3, 1), (1, 4)), ((), (2, 3)), ((2, 3), ()), ((2, 0), (1,)))


def each(function: Callable[..., Any], dtype: Any = float) -> Callable[..., np.ndarray]:
    """A function of Python numbers, as one that loops over the elements of arrays."""
    loop = np.vectorize(function, otypes=[dtype])

    def reference(*arguments: Any) -> np.ndarray:
        with np.errstate(all="ignore"):
            return loop(*arguments)

    return reference


def around(*points: float, low: float | None = None, high: float | None = None) -> Callable[[Any], Iterator[Sample]]:
    """Samples of one array whose elements keep away from `points`."""

    def samples(draw: Any) -> Iterator[Sample]:
        for shape in SHAPES:
            yield Sample(draw.away(*shape, points=points, low=low, high=high))

    return samples


def apart(draw: Any, *shapes: Sequence[int], low: float | None = None, high: float | None = None) -> list[np.ndarray]:
    """An array of each shape, and no two elements of any of them are near each other."""
    sizes = [math.prod(shape) for shape in shapes]
    parts = np.split(draw.distinct(sum(sizes), low=low, high=high), np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def pairs_apart(draw: Any) -> Iterator[Sample]:
    """Samples of two arrays, broadcast in every way, that are nowhere near each other."""
    for shapes in PAIRS:
        yield Sample(*apart(draw, *shapes))
    yield Sample(draw.away(4, points=(0.5,)), 0.5)
    yield Sample(0.5, draw.away(4, points=(0.5,)))
