"""Every operation under `vmap`, on every one of its samples, gives what a loop over the examples gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.batching import vmap
from autograd.op import Op, Sample, functions, registry
from autograd.testing import describe_sample, samples_of

EXAMPLES = 3
DRAW = {"svd_lowrank", "pca_lowrank"}  # from a random start, and the signs of what they find are free

OPERATIONS = [pytest.param(op, id=op.name) for op in registry.values() if op.name not in DRAW]


class Case:
    """One operation with one sample, its arrays by position: an argument may be a list of arrays, or hold some."""

    def __init__(self, op: Op, sample: Sample) -> None:
        self.op = op
        self.sample = sample
        self.places: list[tuple[Any, ...]] = []
        self.arrays: list[np.ndarray] = []
        for i, value in enumerate([*sample.args, *sample.kwargs.values()]):
            for j, array in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(array, np.ndarray):
                    self.places.append((i, j))
                    self.arrays.append(array)

    def run(self, arrays: Sequence[Any]) -> list[Any]:
        """The results, as a list, with other arrays in the places of the sample's."""
        values = [list(v) if isinstance(v, list) else v for v in [*self.sample.args, *self.sample.kwargs.values()]]
        for (i, j), array in zip(self.places, arrays, strict=True):
            if isinstance(values[i], list):
                values[i][j] = array
            else:
                values[i] = array
        count = len(self.sample.args)
        names = dict(zip(self.sample.kwargs, values[count:], strict=True))
        result = self.op.call(*values[:count], **names)
        return [r for r in (result if isinstance(result, (tuple, list)) else [result]) if hasattr(r, "shape")]

    def variants(self, array: np.ndarray, k: int) -> np.ndarray:
        """The array for each example: scaled, which keeps what is special about it, and the last one turned."""
        if array.dtype.kind in "fc":
            rows = [array * array.real.dtype.type(1 - 0.06 * i) for i in range(EXAMPLES)]
        else:
            rows = [array.copy() for i in range(EXAMPLES)]
        if array.ndim:
            rows[-1] = np.roll(rows[-1], 1, -1)
        return np.stack(rows)

    def patterns(self) -> list[list[bool]]:
        """Which arrays differ from example to example: all, and each alone."""
        n = len(self.arrays)
        single = [[i == k for i in range(n)] for k in range(n)]
        return [[True] * n, *single] if n > 1 else single


def seeded(function: Callable[..., Any], *args: Any) -> Any:
    functions["manual_seed"](0)
    return function(*args)


def weighted(results: Sequence[Any]) -> Any:
    """A number that depends on every element of the results."""
    total: Any = None
    for result in results:
        if result.dtype.kind in "fc" and result.requires_grad:
            weights = np.random.default_rng(5).standard_normal(result.shape)
            term = (result * weights.astype(result.real.dtype)).sum()
            term = term.real if term.dtype.kind == "c" else term
            total = term if total is None else total + term
    return total


def close(have: np.ndarray, want: np.ndarray, what: str) -> None:
    assert have.shape == want.shape, f"{what}: shape {have.shape}, not {want.shape}"
    assert have.dtype == want.dtype, f"{what}: {have.dtype}, not {want.dtype}"
    finite = want[np.isfinite(want)] if want.dtype.kind in "fc" else want
    scale = float(np.max(np.abs(finite), initial=1.0)) if want.dtype.kind != "b" else 1.0
    np.testing.assert_allclose(have, want, rtol=1e-9, atol=1e-10 * scale, err_msg=what)


def tensors(arrays: Sequence[np.ndarray]) -> list[ag.Tensor]:
    return [ag.Tensor(array.copy(), requires_grad=array.dtype.kind in "fc") for array in arrays]


def check(op: Op, sample: Sample) -> None:
    case = Case(op, sample)
    for pattern in case.patterns():
        batches = [case.variants(a, k) if b else a for k, (a, b) in enumerate(zip(case.arrays, pattern, strict=True))]
        what = f"{op.name}({describe_sample(sample)}), in_dims {pattern}"

        try:
            given = tensors(batches)
            loop = [
                seeded(case.run, [t[i] if b else t for t, b in zip(given, pattern, strict=True)])
                for i in range(EXAMPLES)
            ]
        except Exception:
            continue  # what is turned is no sample of this operation any more
        dims = tuple(0 if b else None for b in pattern)
        batched = vmap(lambda *arrays: case.run(arrays), in_dims=dims, randomness="same")
        mine = tensors(batches)
        if any([r.shape for r in results] != [r.shape for r in loop[0]] for results in loop):
            with pytest.raises(RuntimeError, match="vmap"):
                seeded(batched, *mine)
            continue
        found = seeded(batched, *mine)
        assert len(found) == len(loop[0]), what
        for j, result in enumerate(found):
            close(result.data, np.stack([results[j].data for results in loop]), what)
        total = weighted([ag.stack(list(parts)) for parts in zip(*loop, strict=True)])
        if total is not None:
            total.backward()
            weighted(found).backward()
            for k, (have, want) in enumerate(zip(mine, given, strict=True)):
                assert (have.grad is None) == (want.grad is None), f"{what}: the gradient by {k} is missing"
                if have.grad is not None:
                    close(have.grad.data, want.grad.data, f"{what}: the gradient by {k}")


def check_gradients(op: Op, sample: Sample) -> None:
    """A batch of gradients through the graph of one call, against one after the other."""
    case = Case(op, sample)
    given = tensors(case.arrays)
    results = [r for r in seeded(case.run, given) if r.dtype.kind in "fc" and r.requires_grad]
    inputs = [t for t in given if t.requires_grad]
    if not results or not inputs:
        return
    rng = np.random.default_rng(4)
    starts = [rng.standard_normal((EXAMPLES, *r.shape)).astype(r.dtype) for r in results]
    starts[0][1] = 0  # where an infinite derivative is absorbed

    def pull(*rows: Any) -> Any:
        found = ag.grad(results, inputs, rows, retain_graph=True, allow_unused=True)
        return [ag.zeros(()) if g is None else g for g in found]

    loop = [pull(*[ag.Tensor(start[i]) for start in starts]) for i in range(EXAMPLES)]
    found = vmap(pull)(*map(ag.Tensor, starts))
    for k, g in enumerate(found):
        close(g.data, np.stack([row[k].data for row in loop]), f"{op.name}({describe_sample(sample)}), input {k}")


@pytest.mark.slow
@pytest.mark.parametrize("op", OPERATIONS)
def test_an_operation_under_vmap_is_the_loop(op: Op) -> None:
    for sample in samples_of(op):
        check(op, sample)


@pytest.mark.slow  # half a minute, all told
@pytest.mark.parametrize("op", OPERATIONS)
def test_a_batch_of_gradients_through_one_graph(op: Op) -> None:
    for sample in samples_of(op):
        check_gradients(op, sample)
