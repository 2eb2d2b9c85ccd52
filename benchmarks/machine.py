"""What this machine can do: its name, the rate of its multipliers, and how fast it copies."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np

ROUNDS = 20_000  # of a block of the peak kernel: some 50 microseconds


def describe() -> dict[str, Any]:
    """Name and versions, for the table's caption."""
    cpuinfo = Path("/proc/cpuinfo")
    name = platform.processor() or platform.machine()
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
        name = facts.get("model name", name)
        if "cpu family" in facts:
            name += f" (family {facts['cpu family']}, model {facts.get('model')})"
    versions = {}
    for package in ("numpy", "numba", "torch", "jax"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "cpu": name,
        "cores": cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": versions,
    }


def cores() -> int:
    """CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Machine:
    """Measured rates with a number of threads; each is the best that was seen so far."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.fma_rate = 0.0  # floating-point operations a second, float32
        self._copies: dict[int, float] = {}
        self.clock = time.thread_time if threads == 1 else time.perf_counter

    def measure_peak(self, seconds: float = 0.05) -> float:
        """Operations a second of independent multiply-adds on all threads; more calls make it surer."""
        from .rates import CHAINS, LANES, multiply_add_block  # late: they import Numba

        lanes, blocks = LANES, 4 * self.threads
        x, out = np.full(lanes, 0.5, np.float32), np.empty(blocks * lanes, np.float32)
        work = blocks * ROUNDS * CHAINS * 2 * lanes
        best = self._best(lambda: multiply_add_block(x, out, lanes, ROUNDS, blocks=blocks), seconds)
        self.fma_rate = max(self.fma_rate, work / best)
        return self.fma_rate

    def copy_seconds(self, moved: float, seconds: float = 0.05) -> float:
        """The time of a copy that reads and writes so many bytes in all: the floor of a row that moves as many."""
        from .rates import COPY_BLOCK, copy_block

        power = max(12, round(float(np.log2(max(moved, 1.0)))))  # to the nearest power of two
        if power not in self._copies:
            n = (1 << power) // 8
            x, out = np.ones(n, np.float32), np.empty(n, np.float32)
            blocks = -(-n // COPY_BLOCK)
            best = min(
                self._best(lambda: copy_block(x, out, n, blocks=blocks), seconds),
                self._best(lambda: np.copyto(out, x), seconds),
            )
            self._copies[power] = 2 * x.nbytes / best
        return moved / self._copies[power]

    def _best(self, run: Any, seconds: float) -> float:
        clock = self.clock
        run()
        best, end = float("inf"), time.perf_counter() + seconds
        while best == float("inf") or time.perf_counter() < end:
            start = clock()
            for _ in range(4):
                run()
            best = min(best, (clock() - start) / 4)
        return best

    def copy_rate(self, seconds: float) -> float:
        """Bytes a second, read and written, of a copy that no cache holds."""
        size = 1 << 28
        return size / self.copy_seconds(size, seconds)
