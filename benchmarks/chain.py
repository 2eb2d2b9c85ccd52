"""What an operation costs when the arrays are small: 100 multiplications of 16 x 16 arrays, forward and backward."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import autograd as ag

from .timing import interleave

LENGTH = 100


def _candidate(tensor: Callable[..., Any], x: np.ndarray) -> tuple[Callable[[], object], Callable[[], np.ndarray]]:
    """The chain with the tensors that `tensor` makes: a run of it, and the gradient by the factor."""
    start, factor = tensor(x, requires_grad=True), tensor(x, requires_grad=True)

    def run() -> None:
        start.grad = factor.grad = None
        z = start
        for _ in range(LENGTH):
            z = z * factor
        z.sum().backward()

    def gradient() -> np.ndarray:
        run()
        return factor.grad.numpy()

    return run, gradient


def rows(peers: set[str], seconds: float) -> Iterator[str]:
    """Microseconds an operation, and the share of each peer's time."""
    x = np.random.default_rng(0).uniform(0.9, 1.0, (16, 16)).astype(np.float32)
    want = LENGTH * x.astype(np.float64) ** LENGTH
    makers: dict[str, Callable[..., Any]] = {"ours": ag.tensor}
    if "torch" in peers:
        makers["torch"] = importlib.import_module("torch").tensor
    runs: dict[str, Callable[[], object]] = {}
    for name, make in makers.items():
        runs[name], gradient = _candidate(make, x)
        np.testing.assert_allclose(gradient(), want, rtol=1e-3)
    times = interleave(runs, seconds, threads=1)
    for name, timing in times.items():
        share = f", {times['ours'].best / timing.best:.2f} of {name}" if name != "ours" else ""
        yield (
            f"chain of {LENGTH} multiplications of 16x16, {name}: {timing.best / LENGTH * 1e6:.2f} us an operation "
            f"(median {timing.median / LENGTH * 1e6:.2f}){share}"
        )
