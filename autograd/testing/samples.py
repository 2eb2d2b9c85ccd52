"""The arguments that operations are tested with."""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..function import Function
from ..op import Op, Sample


class Draw:
    """Makes the arrays of samples: always the same ones for the same operation."""

    def __init__(self, name: str, domain: tuple[float, float] = (-2.0, 2.0)) -> None:
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))
        self.domain = domain

    def __call__(self, *shape: int, low: float | None = None, high: float | None = None) -> np.ndarray:
        """Floats between `low` and `high`, by default those of the operation's domain."""
        low = self.domain[0] if low is None else low
        high = self.domain[1] if high is None else high
        return np.asarray(self.rng.uniform(low, high, shape))

    def distinct(self, *shape: int, low: float | None = None, high: float | None = None) -> np.ndarray:
        """Floats of which no two are near each other, in random order."""
        low = self.domain[0] if low is None else low
        high = self.domain[1] if high is None else high
        size = int(np.prod(shape))
        return self.rng.permutation(np.linspace(low, high, size + 2)[1:-1]).reshape(shape)

    def away(
        self, *shape: int, points: Sequence[float] = (0.0,), low: float | None = None, high: float | None = None
    ) -> np.ndarray:
        """Floats that keep a distance of 0.1 from each of `points`."""
        values = self(*shape, low=low, high=high)
        for point in points:
            near = np.abs(values - point) < 0.1
            values = np.where(near, point + np.where(values < point, -1, 1) * (0.1 + np.abs(values - point)), values)
        return values

    def integers(self, *shape: int, low: int = 0, high: int = 5) -> np.ndarray:
        """int64 from `low` up to, and without, `high`."""
        return np.asarray(self.rng.integers(low, high, shape))

    def booleans(self, *shape: int) -> np.ndarray:
        """True or False."""
        return np.asarray(self.rng.random(shape) < 0.5)

    def complex(self, *shape: int) -> np.ndarray:
        """complex128 with both parts in the operation's domain."""
        return np.asarray(self(*shape) + 1j * self(*shape))


_SHAPES: dict[int, list[tuple[tuple[int, ...], ...]]] = {
    1: [((),), ((5,),), ((3, 4),), ((0,),), ((2, 0, 3),), ((2, 1, 3, 2),)],
    2: [
        ((3, 4), (3, 4)),
        ((), ()),
        ((3, 4), (4,)),
        ((4,), (3, 4)),
        ((3, 1), (1, 4)),
        ((), (2, 3)),
        ((2, 3), ()),
        ((0,), (0,)),
        ((2, 0), (1,)),
        ((2, 1, 3), (4, 1)),
    ],
}


def samples_of(op: Any) -> list[Sample]:
    """The samples of an operation: those declared, else the standard ones of elementwise operations."""
    op = op_of(op)
    draw = Draw(op.name, op.domain)
    if op.samples is not None:
        return list(op.samples(draw))
    if not op.elementwise:
        return []
    count = len([name for name in op.parameters if name not in op.defaults])
    shapes = _SHAPES.get(count) or [((2, 3),) * count, ((),) * count, ((2, 3), *[(3,)] * (count - 1)), ((0,),) * count]
    samples = [Sample(*(draw(*shape) for shape in arguments)) for arguments in shapes]
    if count == 2:
        samples += [Sample(draw(3), float(draw())), Sample(float(draw()), draw(3))]
    return samples


def op_of(op: Any) -> Op:
    """What is known of an operation: of what was declared, of a `Function`, or of any function of tensors."""
    if isinstance(op, Op):
        return op
    if isinstance(getattr(op, "op", None), Op):
        return op.op
    if isinstance(op, type) and issubclass(op, Function):
        return _undeclared(op.forward, op.__name__, op.apply, inspect.getdoc(op) or "", op)
    if not callable(op):
        raise TypeError(f"conformance: {op!r} is no operation. Give what primitive() returned, or a function.")
    return _undeclared(op, getattr(op, "__name__", type(op).__name__), op, inspect.getdoc(op) or "", op)


def _undeclared(forward: Any, name: str, call: Any, doc: str, source: Any) -> Op:
    try:
        op = Op(forward, "function", name=name)
    except (TypeError, ValueError):  # its parameters are not to be seen
        op = Op(lambda *inputs: forward(*inputs), "function", name=name)
    if op.parameters[:1] == ["ctx"]:
        op.parameters = op.parameters[1:]
    op.inputs = list(range(len(op.parameters)))
    op.call = call
    op.method, op.operators, op.aliases = False, (), ()
    op.doc = doc
    for what in ("samples", "errors", "reference"):  # of a class, as static methods
        if hasattr(source, what):
            setattr(op, what, getattr(source, what))
    return op
