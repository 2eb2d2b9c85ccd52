"""How large: memory over 1,000 training steps with the garbage collector off."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import autograd as ag
import nn
import optim


def resident() -> int:
    """Bytes of memory that the process has now."""
    import resource

    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def rows(steps: int) -> Iterator[str]:
    """Kilobytes that the process has grown by."""
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Conv2D(1, 8, 3, padding=1), nn.BatchNorm2D(8), nn.ReLU(), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(1568, 10)
    )
    optimizer = optim.Adam(model.parameters())
    x = ag.from_numpy(rng.standard_normal((16, 1, 28, 28), dtype=np.float32))
    y = ag.from_numpy(rng.integers(0, 10, 16))

    def step() -> float:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    first = step()
    for _ in range(50):
        step()
    gc.collect()
    gc.disable()
    try:
        before = resident()
        for _ in range(steps):
            last = step()
        grown = resident() - before
    finally:
        gc.enable()
    assert last < first, "the loss did not fall"
    yield f"{steps} training steps with the garbage collector off: {grown / 1024:+.0f} KiB of resident memory"
