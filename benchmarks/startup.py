"""How soon: the import, and the first training step on an empty and on a warm kernel cache, each in a new process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_bytecode = tempfile.TemporaryDirectory()

IMPORT = """
import sys, time
start = time.perf_counter()
import autograd
print(time.perf_counter() - start, "numba" in sys.modules)
"""

FIRST_STEP = """
import time
start = time.perf_counter()
import numpy as np
import autograd as ag, nn, optim
{model}
optimizer = optim.Adam(model.parameters())
rng = np.random.default_rng(0)
x = ag.from_numpy(rng.standard_normal((64, 1, 28, 28), dtype=np.float32))
y = ag.from_numpy(rng.integers(0, 10, 64))
loss = nn.functional.cross_entropy(model(x), y)
loss.backward()
optimizer.step()
assert np.isfinite(loss.item())
print(time.perf_counter() - start)
"""
MODELS = {
    "dense network": """model = nn.Sequential(
    nn.Flatten(), nn.Dense(784, 128), nn.ReLU(), nn.Dense(128, 64), nn.ReLU(), nn.Dense(64, 10))""",
    "convolutional network": """model = nn.Sequential(
    nn.Conv2D(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2D(2), nn.Conv2D(32, 64, 3, padding=1), nn.ReLU(),
    nn.AvgPool2D(2), nn.Flatten(), nn.Dense(3136, 128), nn.ReLU(), nn.Dropout(0.5), nn.Dense(128, 10))""",
}


def _run(code: str, cache: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    environment |= {"DEFINERUN_CACHE_DIR": cache, "PYTHONPATH": str(ROOT)}
    # Python's own bytecode is written, as it is for users after the first import, but not into the checkout.
    environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": _bytecode.name}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def rows(repeats: int) -> Iterator[str]:
    """Seconds, the best of `repeats`."""
    with tempfile.TemporaryDirectory() as cache:
        found = [_run(IMPORT, cache).split() for _ in range(repeats + 1)]
        with_numba = "with" if found[0][1] == "True" else "without"
        yield f"import autograd: {min(float(seconds) for seconds, _ in found):.3f} s, {with_numba} Numba"
    for name, model in MODELS.items():
        code = FIRST_STEP.format(model=model)
        cold, warm = [], []
        for _ in range(repeats):
            with tempfile.TemporaryDirectory() as cache:
                cold.append(float(_run(code, cache)))
                warm += [float(_run(code, cache)) for _ in range(2)]
        yield f"first training step of the {name}: {min(cold):.2f} s on an empty kernel cache, {min(warm):.2f} s warm"
