"""How soon: an import, and the first training step, from the start of the process; kernels compiled or cached."""

from __future__ import annotations

import functools
import tempfile
import time

from ..processes import Processes, child
from ..row import RUN, row

startup = functools.partial(row, "startup", "startup", passes=(RUN,))

IMPORTS = {
    "ours": "import numpy as np, autograd as lib, nn, optim",
    "torch": "import numpy as np, torch as lib; from torch import nn, optim",
}
IMPORT_ONLY = {"ours": "import autograd", "torch": "import torch"}
# argv[1]: when the process was started
FINISH = "; print(time.time() - float(sys.argv[1]))"

FIRST_STEP = """
import sys, time
{imports}
model = nn.Sequential({layers})
optimizer = optim.Adam(model.parameters())
rng = np.random.default_rng(0)
x = lib.from_numpy(rng.standard_normal((64, 1, 28, 28), dtype=np.float32))
y = lib.from_numpy(rng.integers(0, 10, 64))
loss = nn.functional.cross_entropy(model(x), y)
loss.backward()
optimizer.step()
assert np.isfinite(loss.item())
print(time.time() - float(sys.argv[1]))
"""
LAYERS = {
    "dense network": """
    nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)""",
    "convolutional network": """
    nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(),
    nn.AvgPool2d(2), nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)""",
}


def _seconds(code: str, cache: str) -> float:
    return float(child(code, str(time.time()), cache=cache))


@startup({"": (5,)}, tiny=(1,), name="import")
def first_import(draw, repeats):
    """`import autograd`, from the start of Python."""

    def measure(library: str) -> float:
        code = f"import sys, time; {IMPORT_ONLY[library]}{FINISH}"
        with tempfile.TemporaryDirectory() as cache:
            return min(_seconds(code, cache) for _ in range(repeats + 1))  # the first one writes bytecode

    return Processes(measure, "s")


CASES = {f"of the {name}": (name, 3) for name in LAYERS}


@startup(CASES, tiny=("dense network", 1), name="first step, empty cache,")
def first_step_cold(draw, network, repeats):
    """PyTorch has nothing to compile, and the same time in both rows."""

    def measure(library: str) -> float:
        code = FIRST_STEP.format(imports=IMPORTS[library], layers=LAYERS[network])
        child(f"import sys, time; {IMPORTS[library]}")  # writes bytecode
        found = []
        for _ in range(repeats):
            with tempfile.TemporaryDirectory() as cache:
                found.append(_seconds(code, cache))
        return min(found)

    return Processes(measure, "s")


@startup(CASES, tiny=("dense network", 1), name="first step, warm cache,")
def first_step_warm(draw, network, repeats):
    def measure(library: str) -> float:
        code = FIRST_STEP.format(imports=IMPORTS[library], layers=LAYERS[network])
        with tempfile.TemporaryDirectory() as cache:
            _seconds(code, cache)
            return min(_seconds(code, cache) for _ in range(repeats))

    return Processes(measure, "s")
