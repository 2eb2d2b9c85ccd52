"""Right before fast: a row's results against a reference in float64, before anything is timed."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np

from .peers import Torch, gradient_of
from .row import Draw, Missing, Work

STEP = 1e-6  # of the numerical derivative


class Wrong(AssertionError):
    """A result that is not right: there is nothing to time."""


def reference(work: Work, backward: bool) -> dict[str, Any]:
    """Values in float64: of the twin, and the gradients of PyTorch where it is installed."""
    if work.check is not None:
        return {}
    found: dict[str, Any] = {}
    if work.twin is not None:
        found["value"] = np.asarray(work.twin(np, *_doubles(work)))
    if (backward or work.twin is None) and importlib.util.find_spec("torch") is not None:
        torch = Torch()
        run, tensors = torch.computation(work, backward, np.float64)
        try:
            results = torch.timed(work, backward, run, tensors).results()
        except Missing:
            results = {}
        found = results | found
    if not found:
        raise Wrong("there is nothing to compare with: neither a twin nor PyTorch")
    return found


def check(work: Work, backward: bool, results: dict[str, np.ndarray], wanted: dict[str, Any]) -> float:
    """Raises Wrong; returns the largest error, as a fraction of the largest value."""
    for name, have in results.items():
        if not np.isfinite(have).all():
            raise Wrong(f"{name}: not finite")
        if have.dtype.kind == "f" and have.dtype != np.float32:
            raise Wrong(f"{name}: {have.dtype}, not float32")
    if work.check is not None:
        gradients = {name.removeprefix("gradient by "): a for name, a in results.items() if name != "value"}
        try:
            work.check(work.inputs, results["value"], gradients, gradient_of(results["value"]) if backward else None)
        except AssertionError as error:
            raise Wrong(str(error)) from None
        return 0.0
    largest = 0.0
    for name, have in results.items():
        if name not in wanted:
            continue
        want = np.asarray(wanted[name])
        if have.shape != want.shape:
            raise Wrong(f"{name}: shape {have.shape}, not {want.shape}")
        if have.size == 0:
            continue
        scale = float(np.max(np.abs(want))) or 1.0
        error = float(np.max(np.abs(have - want))) / scale
        if not error <= work.tolerance:
            raise Wrong(f"{name}: off by {error:.1e} of its largest value, more than {work.tolerance:.0e}")
        largest = max(largest, error)
    unseen = [name for name in results if name not in wanted]
    if unseen:
        _check_by_differences(work, {name: results[name] for name in unseen})
    return largest


def _doubles(work: Work) -> list[np.ndarray]:
    return [a.astype(np.float64) if a.dtype == np.float32 else a for a in work.inputs.values()]


def _check_by_differences(work: Work, gradients: dict[str, np.ndarray]) -> None:
    """Each gradient against the numerical derivative of the twin along one random direction."""
    arrays = dict(zip(work.inputs, _doubles(work), strict=True))
    assert work.twin is not None
    g = gradient_of(np.asarray(work.twin(np, *arrays.values())))
    for title, gradient in gradients.items():
        name = title.removeprefix("gradient by ")
        direction = Draw(name)(*gradient.shape).astype(np.float64)
        ends = []
        for sign in (1, -1):
            moved = arrays | {name: arrays[name] + sign * STEP * direction}
            ends.append(float(np.sum(np.asarray(work.twin(np, *moved.values())) * g)))
        want = (ends[0] - ends[1]) / (2 * STEP)
        have = float(np.sum(gradient * direction))
        scale = float(np.linalg.norm(gradient)) + abs(want)
        if not abs(have - want) <= 10 * work.tolerance * scale + 1e-9:
            raise Wrong(f"{title}: {have:.6g} along a random direction, where differences of the twin give {want:.6g}")
