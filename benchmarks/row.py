"""What a row of the suite is, and how one is declared.

A row is a function that makes a `Work`: the inputs, what to run on them, and the same in NumPy's functions::

    @row("kernels", "matmul", {"64x64x64": (64, 64, 64), "32x784x128": (32, 784, 128)}, tiny=(5, 7, 3))
    def matmul(draw, M, K, N):
        return Work(
            {"a": draw(M, K), "b": draw(K, N)},
            run=lambda lib, a, b: lib.matmul(a, b),
            twin=lambda np, a, b: np.matmul(a, b),
            flops=2 * M * K * N,
        )

`lib` is ours or PyTorch: `lib.name` is a function of `autograd` or `torch`, `lib.F` is `nn.functional`, `lib.nn` and
`lib.optim` are the modules. One function serves both, since the names are the same. `np` in the twin is NumPy, or
`jax.numpy` for that peer. In float64 the twin is the reference of the row's result, so it is written plainly.

The first table of `row` gives each case its sizes. `tiny` are the sizes of tests and of `--smoke`.
"""

from __future__ import annotations

import importlib
import math
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

GROUPS = ("ops", "kernels", "models", "startup", "memory")
FORWARD, BOTH, STEP, RUN = "forward", "forward+backward", "step", "run"


def AS_TWIN(np: Any, *arrays: Any) -> Any:
    """Stands for the twin itself in `Work.jax`."""
    raise AssertionError("the twin runs in its place")


class Missing(Exception):
    """A library does not have what a row needs."""


class Draw:
    """Random inputs of a row, always the same: none of them is zero, and nothing is special about any."""

    def __init__(self, name: str) -> None:
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))

    def __call__(self, *shape: int, scale: float = 1.0) -> np.ndarray:
        """float32 from a normal distribution."""
        return self.rng.standard_normal(shape, dtype=np.float32) * np.float32(scale)

    def between(self, low: float, high: float, *shape: int) -> np.ndarray:
        """float32, each as likely as another."""
        return self.rng.uniform(low, high, shape).astype(np.float32)

    def distinct(self, *shape: int) -> np.ndarray:
        """float32 between -1 and 1, in random order; no two are equal (up to 16 million)."""
        size = math.prod(shape)
        return (self.rng.permutation(size) * (2 / size) - (1 - 1 / size)).astype(np.float32).reshape(shape)

    def integers(self, high: int, *shape: int) -> np.ndarray:
        """int64 from 0 up to, and without, `high`."""
        return self.rng.integers(0, high, shape)


@dataclass
class Work:
    """One computation on inputs of certain sizes.

    inputs: arrays by name, in the order in which `run` and `twin` take them. float32 arrays get gradients.
    run: `run(lib, *tensors)` gives the result. With `prepare`, `run(prepared, *tensors)`.
    twin: `twin(np, *arrays)` gives the same: the reference, and what the peers NumPy and JAX run.
    reference: `reference(*arrays)`, where that would be no fair way to run it.
    prepare: `prepare(lib, *tensors)`, what is made once: a layer, an optimizer.
    jax: instead of the twin for that peer, where NumPy's functions are no fair way to write it; None leaves it out.
    flops: additions and multiplications of the forward pass; a backward pass is counted as twice as many.
    moved: bytes that a forward pass must at least read and write, and bytes of forward and backward pass together.
        By default: inputs read and result written; in the backward pass inputs and the result's gradient read, and
        the inputs' gradients written.
    fixed: names of float inputs that get no gradient.
    parameters: names of inputs that are made `nn.Parameter`s, to be assigned to a module in `prepare`.
    check: `check(inputs, value, gradients, g)` raises AssertionError, for results that are random.
    tolerance: largest error that is right, as a fraction of the largest value.
    """

    inputs: dict[str, np.ndarray]
    run: Callable[..., Any]
    twin: Callable[..., Any] | None = None
    prepare: Callable[..., Any] | None = None
    jax: Callable[..., Any] | None = AS_TWIN
    flops: float = 0.0
    moved: tuple[float, float] | None = None
    reference: Callable[..., Any] | None = None
    fixed: Sequence[str] = ()
    parameters: Sequence[str] = ()
    check: Callable[..., None] | None = None
    tolerance: float = 1e-4

    def __post_init__(self) -> None:
        for name, array in self.inputs.items():
            if array.size > 8 and array.dtype.kind == "f" and np.ptp(array) == 0:
                raise ValueError(f"input {name} is the same number everywhere: kernels may be faster than on real data")

    def value(self, arrays: Sequence[np.ndarray]) -> np.ndarray | None:
        """The reference's result, where there is one."""
        if self.twin is not None:
            return np.asarray(self.twin(np, *arrays))
        return None if self.reference is None else np.asarray(self.reference(*arrays))

    def differentiable(self) -> list[str]:
        """Names of the inputs that get gradients."""
        return [name for name, a in self.inputs.items() if a.dtype.kind == "f" and name not in self.fixed]

    def moved_bytes(self, result: int, backward: bool) -> float:
        """Bytes that must be moved, given the size of the result in bytes."""
        if self.moved is not None:
            return self.moved[backward]
        read = sum(array.nbytes for array in self.inputs.values())
        if not backward:
            return read + result
        return 2 * read + 2 * result + sum(self.inputs[name].nbytes for name in self.differentiable())

    def operations(self, backward: bool) -> float:
        """Floating-point operations."""
        return self.flops * (3 if backward else 1)


@dataclass(frozen=True)
class Row:
    """One line of the table: a case of a declared function, in one pass."""

    group: str
    family: str
    name: str
    passing: str
    make: Callable[[bool], Any] = field(compare=False)  # make(tiny) -> Work, Training or Processes
    title: str = ""  # the name without the case
    bound: str | None = None  # what limits it: "fma", "copy", or nothing that is measured

    @property
    def key(self) -> str:
        """What `--filter` looks into, and what identifies the row from one run to the next."""
        return f"{self.group}/{self.name}/{self.passing}"


_declared: list[Row] = []


def row(
    group: str,
    family: str,
    cases: Mapping[str, Sequence[Any]],
    *,
    tiny: Sequence[Any],
    bound: str | None = None,
    passes: Iterable[str] = (FORWARD, BOTH),
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares a row for each case and pass; see the head of this file.

    family: rows of a family share a geometric mean.
    bound: "fma" where the multipliers limit it, "copy" where memory does: what its time is compared with.
    name: what the row is called; by default the function's name.
    """

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        title = name or function.__name__
        for case, sizes in cases.items():
            full = f"{title} {case}".strip()

            def make(small: bool, full: str = full, sizes: Sequence[Any] = sizes) -> Any:
                return function(Draw(full), *(tiny if small else sizes))

            for passing in passes:
                _declared.append(Row(group, family, full, passing, make, title, bound))
        return function

    return declare


def rows_of(groups: Iterable[str], pattern: str = "", also: Iterable[str] = ()) -> list[Row]:
    """The declared rows of these groups whose key contains one of the words of the pattern (separated by commas).

    also: modules of users, which declare rows or operations.
    """
    groups = tuple(groups)
    for module in also:
        importlib.import_module(module)
    for group in groups:
        importlib.import_module(f"benchmarks.groups.{group}")
    return [one for one in _declared if one.group in groups and matches(one.key, pattern)]


def matches(key: str, pattern: str) -> bool:
    """Whether a row's key contains one of the words of the pattern; an empty one has all."""
    words = [word.strip() for word in pattern.lower().split(",") if word.strip()]
    return not words or any(word in key.lower() for word in words)


def first_cases(rows: Iterable[Row]) -> list[Row]:
    """One case of each declared function and pass: tiny ones are all the same."""
    found: dict[tuple[str, ...], Row] = {}
    for one in rows:
        found.setdefault((one.group, one.title, one.passing), one)
    return list(found.values())


def geometric_mean(values: Sequence[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))
