"""How large: the peak of a training run, what a long one grows by, and that threads do not change a bit of it."""

from __future__ import annotations

import functools
import gc
import hashlib
import importlib
from pathlib import Path
from typing import Any

from ..processes import Processes, child
from ..row import RUN, Draw, row

memory = functools.partial(row, "memory", "memory", passes=(RUN,))
GROWTH = 4e6  # bytes: less than one batch's activations


def _status(field: str) -> int:
    """Bytes that the process has now (VmRSS), or had at most (VmHWM)."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = [line for line in status.read_text().splitlines() if line.startswith(field)]
        return int(lines[0].split()[1]) * 1024
    import resource  # macOS: bytes, and the largest only

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class _Run:
    """Training of the MNIST convolutional network, in a process of its own."""

    def __init__(self, library: str, batch: int, threads: int | None = None) -> None:
        from ..peers import PEERS, Ours
        from ..training import CHECKED_RATE
        from .models import mnist_conv

        if library == "ours":
            importlib.import_module("autograd.kernels.jit")  # Numba is part of the imports, though it comes later
        peer: Any = Ours() if library == "ours" else PEERS[library]()
        if threads is not None:
            peer.set_threads(threads)
        peer.lib.manual_seed(0)
        self.imported = _status("VmRSS")
        work = mnist_conv(Draw("mnist conv"), batch, 28, 32, 64, 128)
        self.step, self.model = peer.training(work, CHECKED_RATE, dropout=0.5)
        self.peer = peer


def peak(library: str, batch: int, steps: int) -> None:
    """Prints the peak, and what of it came after the imports."""
    run = _Run(library, batch)
    for _ in range(steps):
        run.step()
    print(_status("VmHWM"), _status("VmHWM") - run.imported)


def growth(library: str, batch: int, steps: int) -> None:
    """Prints what so many steps add, with the garbage collector off."""
    run = _Run(library, batch, threads=1)
    for _ in range(50):
        run.step()
    gc.collect()
    gc.disable()
    before = _status("VmRSS")
    for _ in range(steps):
        run.step()
    print(_status("VmRSS") - before)


def digest(batch: int, steps: int, threads: int) -> None:
    """Prints a hash of all weights after so many steps."""
    run = _Run("ours", batch, threads)
    for _ in range(steps):
        run.step()
    sha = hashlib.sha256()
    for _, parameter in run.model.named_parameters():
        sha.update(run.peer.array(parameter).tobytes())
    print(sha.hexdigest())


def _child(function: str, *arguments: Any) -> str:
    given = ", ".join(map(repr, arguments))
    return child(f"from benchmarks.groups import memory; memory.{function}({given})")


@memory(
    {"absolute": (0, 128, 10), "beyond imports": (1, 128, 10)}, tiny=(0, 2, 1), name="peak of mnist conv batch 128,"
)
def training_peak(draw, which, batch, steps):
    """In a process of its own for each library."""
    return Processes(lambda library: float(_child("peak", library, batch, steps).split()[which]), "bytes")


@memory({"": (16, 1000)}, tiny=(2, 20), name="growth over 1000 steps")
def training_growth(draw, batch, steps):
    """With the garbage collector off. Ours alone: of next to nothing there is no ratio."""
    return Processes(
        lambda library: float(_child("growth", library, batch, steps)) if library == "ours" else None,
        "bytes",
        limit=GROWTH,
    )


@memory({"": (128, 50)}, tiny=(2, 3), name="weights that differ after 50 steps on 1 and 2 threads")
def same_bits(draw, batch, steps):
    def measure(library: str) -> float | None:
        if library != "ours":
            return None
        return float(_child("digest", batch, steps, 1) != _child("digest", batch, steps, 2))

    return Processes(measure, "", limit=0)
