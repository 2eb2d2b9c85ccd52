"""The derivatives of a function twice: by its backward pass, and by differences of its values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..gradients import grad
from ..modes import ModeSetting
from ..tensor import Tensor
from .close import float_results


@dataclass
class Block:
    """The derivatives of one output by one input.

    A row is one real number of the output (a complex element has two rows, its real and its imaginary part), a column
    one element of the input. By a complex input a derivative is complex, as in PyTorch: that by the real part plus i
    times that by the imaginary part.
    """

    output: int
    input: int  # its place among the arguments
    out_shape: tuple[int, ...]
    in_shape: tuple[int, ...]
    out_dtype: np.dtype
    connected: bool  # whether a path leads from the output back to the input
    have: np.ndarray  # (rows, columns), by the backward pass
    right: np.ndarray  # by a step to the right
    left: np.ndarray  # by a step to the left

    @property
    def want(self) -> np.ndarray:
        """By a step to either side."""
        return (self.right + self.left) / 2

    def wrong(self, atol: float, rtol: float) -> np.ndarray:
        """Which entries differ."""
        with np.errstate(all="ignore"):
            return ~np.isclose(self.have, self.want, rtol=rtol, atol=atol, equal_nan=True)

    def element(self, row: int) -> tuple[int, ...]:
        """The element of the output that a row belongs to."""
        return tuple(int(i) for i in np.unravel_index(row // (1 + (self.out_dtype.kind == "c")), self.out_shape))


Function = Callable[..., Any]


def upcast(value: Any, requires_grad: bool | None = None) -> Any:
    """A tensor in double precision; what is no tensor of floating-point or complex numbers as it is."""
    if not isinstance(value, Tensor) or value.dtype.kind not in "fc":
        return value
    double = np.float64 if value.dtype.kind == "f" else np.complex128
    return Tensor(
        value.data.astype(double), requires_grad=value.requires_grad if requires_grad is None else requires_grad
    )


def reals(array: np.ndarray) -> np.ndarray:
    """The real numbers that an array consists of, in one row."""
    flat = np.ascontiguousarray(array).reshape(-1)
    flat = flat.astype(np.result_type(flat.dtype, np.float64))
    return flat.view(np.float64) if flat.dtype.kind == "c" else flat


def evaluate(function: Function, arguments: Sequence[Any]) -> list[np.ndarray]:
    """The values of the function, nothing recorded."""
    with ModeSetting(recording=False):
        return [reals(t.data) for t in float_results(function(*arguments))]


def blocks(function: Function, arguments: Sequence[Any], checked: Sequence[int], eps: float) -> list[Block]:
    """A block for each output and each checked argument."""
    outputs = float_results(function(*arguments))
    targets = [arguments[i] for i in checked]
    at = [reals(output.data) for output in outputs]
    found = []
    sides = [_by_differences(function, arguments, i, at, eps) for i in checked]
    for k, output in enumerate(outputs):
        analytic, connected = _by_backward(output, targets, at[k].size)
        for n, i in enumerate(checked):
            right, left = sides[n][k]
            shapes = output.shape, targets[n].shape
            found.append(Block(k, i, *shapes, output.dtype, connected[n], analytic[n], right, left))
    return found


def _by_differences(
    function: Function, arguments: Sequence[Any], i: int, at: Sequence[np.ndarray], eps: float
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The derivatives by argument i of each output, by steps to the right and to the left."""
    base = arguments[i].data
    tables = [tuple(np.zeros((values.size, base.size), base.dtype) for _ in range(2)) for values in at]
    for j in range(base.size):
        for unit in (1, 1j) if base.dtype.kind == "c" else (1,):
            for side, step in enumerate((eps, -eps)):
                moved = base.copy()
                moved.reshape(-1)[j] += unit * step
                values = evaluate(function, [*arguments[:i], Tensor(moved), *arguments[i + 1 :]])
                for table, value, middle in zip(tables, values, at, strict=True):
                    with np.errstate(all="ignore"):
                        table[side][:, j] += unit * ((value - middle) / step)
    return [(right, left) for right, left in tables]


def _by_backward(output: Tensor, targets: Sequence[Tensor], rows: int) -> tuple[list[np.ndarray], list[bool]]:
    """The derivatives of one output by each target, and whether there is a path to it."""
    tables = [np.zeros((rows, target.data.size), target.dtype) for target in targets]
    connected = [False] * len(targets)
    if output.node is None:
        return tables, connected
    parts = (1, 1j) if output.dtype.kind == "c" else (1,)
    for row in range(rows):
        start = np.zeros(output.shape, output.dtype)
        start.reshape(-1)[row // len(parts)] = parts[row % len(parts)]
        found = grad(output, targets, start, retain_graph=True, allow_unused=True)
        for n, derivative in enumerate(found):
            if derivative is not None:
                connected[n] = True
                tables[n][row] = derivative.data.reshape(-1)
    return tables, [c or not rows for c in connected]


def by_projection(
    function: Function, arguments: Sequence[Any], checked: Sequence[int], eps: float, rng: np.random.Generator
) -> list[tuple[int, float, float, float]]:
    """For each checked argument: its place, the derivative of a random sum of all outputs along a random direction by
    the backward pass and by differences, and how much an error of 1 in each entry can add to either."""
    outputs = [t for t in float_results(function(*arguments)) if t.data.size]
    starts = [_unit(rng, output.data) for output in outputs]
    targets = [arguments[i] for i in checked]
    recorded = [(o, s) for o, s in zip(outputs, starts, strict=True) if o.node is not None]
    found: Sequence[Any] = [None] * len(targets)
    if recorded:
        found = grad([o for o, _ in recorded], targets, [s for _, s in recorded], allow_unused=True)

    def weighted(i: int, moved: np.ndarray) -> float:
        with ModeSetting(recording=False):
            results = float_results(function(*arguments[:i], Tensor(moved), *arguments[i + 1 :]))
        values = [t.data for t in results if t.data.size]
        return sum(float((v * s.conj()).sum().real) for v, s in zip(values, starts, strict=True))

    reach = sum(float(np.abs(s).sum()) for s in starts)
    results = []
    for i, target, gradient in zip(checked, targets, found, strict=True):
        direction = _unit(rng, target.data)
        base = target.data
        want = (weighted(i, base + eps * direction) - weighted(i, base - eps * direction)) / (2 * eps)
        have = 0.0 if gradient is None else float((gradient.data.conj() * direction).sum().real)
        results.append((i, have, want, reach * float(np.abs(direction).sum())))
    return results


def _unit(rng: np.random.Generator, like: np.ndarray) -> np.ndarray:
    """A random direction of length 1."""
    vector: Any = rng.standard_normal(like.shape)
    if like.dtype.kind == "c":
        vector = vector + 1j * rng.standard_normal(like.shape)
    length = math.sqrt(float((np.abs(vector) ** 2).sum()))
    return np.asarray(vector / max(length, 1e-300), like.dtype)
