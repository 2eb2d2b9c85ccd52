"""One operation with one sample: what the properties are checked on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..gradients import grad
from ..op import Op, Sample, functions
from ..tensor import Tensor
from .close import assert_close, float_results


class Broken(AssertionError):
    """A property that does not hold: what is wrong, both values where there are two, and what may be the cause.

    why: finds the cause, where that takes time.
    """

    def __init__(
        self, text: str, have: Any = None, want: Any = None, cause: str = "", why: Callable[[], str] | None = None
    ) -> None:
        super().__init__(text)
        self.text, self.have, self.want = text, have, want
        self._cause, self._why = cause, why

    @property
    def cause(self) -> str:
        """The likely cause, or an empty string."""
        if not self._cause and self._why is not None:
            self._cause = self._why()
        return self._cause


class Case:
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
        if self.op.kind in ("composite", "function"):
            return True
        return self.place(k) in self.op.inputs

    def place(self, k: int) -> int | None:
        """The number of the parameter that array k is given for, or is in the list for."""
        i = self.places[k][0]
        if i >= len(self.sample.args):
            name = self.names[i - len(self.sample.args)]
            return self.op.parameters.index(name) if name in self.op.parameters else None
        return min(i, len(self.op.parameters) - 1) if self.op.variadic else i

    def name_of(self, k: int) -> str:
        """The parameter that array k is given for."""
        place = self.place(k)
        if place is None or place >= len(self.op.parameters):
            return f"input {k}"
        name = self.op.parameters[place]
        return f"{name}[{self.places[k][1]}]" if isinstance(self.values[self.places[k][0]], list) else name

    @functools.cached_property
    def in_double(self) -> Case:
        """The same in double precision, in which differences mean something."""
        if not any(array.dtype.char in "efF" for array in self.arrays):
            return self

        def raised(value: Any) -> Any:
            if isinstance(value, np.ndarray) and value.dtype.char in "efF":
                return value.astype(np.complex128 if value.dtype.kind == "c" else np.float64)
            return [raised(item) for item in value] if isinstance(value, list) else value

        sample = Sample(*map(raised, self.sample.args), **{k: raised(v) for k, v in self.sample.kwargs.items()})
        return Case(self.op, sample)

    def copies(self) -> list[np.ndarray]:
        """The arrays, for somebody who may write to them."""
        return [array.copy() for array in self.arrays]

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
        arrays = self.copies() if arrays is None else arrays
        every = self.op.kind == "function"
        return [
            Tensor(array, requires_grad=k in self.floats and only in (None, k))
            if k in self.floats or k == 0 or every
            else array
            for k, array in enumerate(arrays)
        ]

    def value(self, arrays: Sequence[np.ndarray] | None = None) -> list[np.ndarray]:
        """All results as arrays."""
        result = self.run([Tensor(array) for array in (self.copies() if arrays is None else arrays)])
        return [t.data for t in results_of(result)]

    def gradients(
        self, tensors: list[Any], starts: Sequence[np.ndarray] | None = None, call: Callable[..., Any] | None = None
    ) -> tuple[list[np.ndarray | None], list[np.ndarray]]:
        """The gradient by each of `floats`, and those that the results start with."""
        outputs = [t for t in float_results(self.run(tensors, call)) if t.requires_grad]
        if not outputs:
            return [None] * len(self.floats), []
        if starts is None:
            rng = np.random.default_rng(1)
            starts = [normal(rng, t.data) for t in outputs]
        wanted = [tensors[k] for k in self.floats if tensors[k].requires_grad]
        found = iter(grad(outputs, wanted, list(starts), allow_unused=True))
        by_input = [next(found) if tensors[k].requires_grad else None for k in self.floats]
        return [None if g is None else g.data for g in by_input], list(starts)

    @functools.cached_property
    def expected(self) -> list[np.ndarray]:
        """The results for the sample as it stands: what other ways are compared with."""
        return [array.copy() for array in self.value()]

    @functools.cached_property
    def _usual(self) -> tuple[list[np.ndarray | None], list[np.ndarray]]:
        outputs = [t for t in float_results(self.run(self.tensors())) if t.requires_grad]
        rng = np.random.default_rng(1)
        starts = [normal(rng, t.data) for t in outputs]
        found, _ = self.gradients(self.tensors(), [start.copy() for start in starts])
        return [None if g is None else g.copy() for g in found], starts

    @property
    def usual_gradients(self) -> list[np.ndarray | None]:
        """The gradients for the sample as it stands."""
        return self._usual[0]

    @property
    def starts(self) -> list[np.ndarray]:
        """The gradients of the results that the gradients start with, each time new copies."""
        return [start.copy() for start in self._usual[1]]


def results_of(result: Any) -> list[Tensor]:
    """The tensors among the results."""
    if isinstance(result, Tensor):
        return [result]
    return [part for part in result if isinstance(part, Tensor)] if isinstance(result, (tuple, list)) else []


def normal(rng: np.random.Generator, like: np.ndarray) -> np.ndarray:
    """Random numbers of the shape and dtype of `like`."""
    values: Any = rng.standard_normal(like.shape)
    if like.dtype.kind == "c":
        values = values + 1j * rng.standard_normal(like.shape)
    return np.asarray(values, like.dtype)


def same(
    actual: Sequence[Any],
    expected: Sequence[Any],
    rtol: float = 1e-10,
    atol: float = 1e-11,
    text: str = "",
    cause: str = "",
) -> None:
    """Raises Broken unless both hold the same arrays; `text` says what is compared."""
    if len(actual) != len(expected):
        raise Broken(f"{text}{len(actual)} results instead of {len(expected)}.", cause=cause)
    for a, e in zip(actual, expected, strict=True):
        if (a is None) != (e is None):
            raise Broken(f"{text}A gradient is missing.", a, e, cause)
        if a is None:
            continue
        try:
            assert_close(a, e, rtol, atol)
        except AssertionError as error:
            words = [line.strip() for line in str(error).splitlines() if line.strip()]
            kept = [words[0]] if words[0].startswith("shapes") else words[1:4]
            raise Broken(f"{text}{'; '.join(kept)}.", a, e, cause) from None
