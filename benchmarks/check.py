"""Right before fast: a row's results against a reference in float64, before anything is timed."""

from __future__ import annotations

from typing import Any

import numpy as np

from .peers import Ours, Torch, gradient_of
from .row import Draw, Missing, Work
from .training import Training, weights

STEP = 1e-6  # of the numerical derivative
MOVED = 1000  # elements at most: of a million some would pass a kink


class Wrong(AssertionError):
    """A result that is not right: there is nothing to time."""


def reference(work: Work | Training, backward: bool) -> dict[str, Any]:
    """Values in float64: of the twin; where there is none, and for gradients, of PyTorch where it is installed."""
    if work.check is not None:
        return {}
    found: dict[str, Any] = {}
    if isinstance(work, Work) and (work.twin is not None or not Torch.installed()):
        value = work.value(list(_doubles(work.inputs).values()))
        if value is not None:
            found["value"] = value
            if not backward:
                return found
    if Torch.installed():
        try:
            return Torch().results(work, backward, np.float64) | found
        except (Missing, RuntimeError, TypeError, NotImplementedError):
            pass  # it has no such function, or no gradient of it
    if isinstance(work, Training):
        found["value"] = Ours().results(work, backward, np.float64)["value"]
    if not found and isinstance(work, Work):
        value = work.value(list(_doubles(work.inputs).values()))  # PyTorch is there, but has no such function
        if value is not None:
            found["value"] = value
    if not found:
        raise Wrong("there is nothing to compare with: neither a twin nor PyTorch")
    return found


def check(work: Work | Training, backward: bool, results: dict[str, np.ndarray], wanted: dict[str, Any]) -> float:
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
            raise Wrong(str(error).strip().splitlines()[0]) from None
        return 0.0
    largest = 0.0
    for name in [name for name in results if name in wanted]:
        have, want = results[name], np.asarray(wanted[name], np.float64)
        if have.shape != want.shape:
            raise Wrong(f"{name}: shape {have.shape}, not {want.shape}")
        if have.size == 0:
            continue
        off = float(np.max(np.abs(have - want))) / (float(np.max(np.abs(want))) or 1.0)
        if not off <= work.tolerance:
            raise Wrong(f"{name}: off by {off:.1e} of its largest value, more than {work.tolerance:.0e}")
        largest = max(largest, off)
    unseen = {name.removeprefix("gradient by "): array for name, array in results.items() if name not in wanted}
    if unseen:
        _check_by_differences(work, unseen)
    return largest


def _doubles(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: a.astype(np.float64) if a.dtype == np.float32 else a for name, a in arrays.items()}


def _direction(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Random, and 0 for all but MOVED elements."""
    draw = Draw(name)
    direction = draw(*shape).astype(np.float64)
    if direction.size > MOVED:
        direction *= draw.rng.random(shape) < MOVED / direction.size
    return direction


def _check_by_differences(work: Work | Training, gradients: dict[str, np.ndarray]) -> None:
    """Gradients against numerical derivatives along random directions: of the twin, or of the loss in float64."""
    if isinstance(work, Training):
        named = {name: weights(name, gradient.shape).astype(np.float64) for name, gradient in gradients.items()}
        value = Ours().loss_of(work)
        together = [list(gradients)]  # one direction for all parameters: each costs two passes
    else:
        named = _doubles(work.inputs)
        first = work.value(list(named.values()))
        assert first is not None
        g = gradient_of(first)
        together = [[name] for name in gradients]

        def value(arrays: dict[str, np.ndarray]) -> float:
            return float(np.sum(work.value(list(arrays.values())) * g))

    for names in together:
        directions = {name: _direction(name, gradients[name].shape) for name in names}
        forth, back = (
            value(named | {name: named[name] + sign * STEP * directions[name] for name in names}) for sign in (1, -1)
        )
        want = (forth - back) / (2 * STEP)
        have = sum(float(np.sum(gradients[name] * directions[name])) for name in names)
        along = [gradients[name][directions[name] != 0] for name in names]
        size = sum(float(np.linalg.norm(part)) ** 2 for part in along) ** 0.5 + abs(want)
        if not abs(have - want) <= 10 * work.tolerance * size + 1e-9:
            what = ", ".join(names)
            raise Wrong(f"gradient by {what}: {have:.6g} along a random direction, but differences give {want:.6g}")
