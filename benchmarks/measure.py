"""Candidates, measured against each other in one run.

Machines are shared and clocks drift, so that one absolute time says little. Candidates take turns of some milliseconds;
each turn begins with a call that is not counted, which brings back the candidate's own data and threads. The minimum
and the median of all samples are kept, of wall time and of CPU time.
"""

from __future__ import annotations

import ctypes
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SAMPLE = 0.0003  # seconds: shorter calls are timed several at once, since reading two clocks takes a microsecond
TURN = 0.006  # seconds of one candidate before the next has its turn
FEWEST_TURNS = 5  # unless there is no time at all


@dataclass
class Candidate:
    """What one library does for a row: `run` is timed, `results` gives arrays by name for the check."""

    run: Callable[[], object]
    results: Callable[[], dict[str, Any]]
    clock: Callable[[], float] = time.thread_time  # CPU time with one thread


@dataclass
class Timing:
    """Seconds of one call."""

    cpu_best: float
    cpu_median: float
    wall_best: float
    wall_median: float
    samples: int

    def best(self, threads: int) -> float:
        """CPU time with one thread, where another process can not be mistaken for slowness; else wall time."""
        return self.cpu_best if threads == 1 else self.wall_best

    asdict = asdict


class _Course:
    """The samples of one candidate."""

    def __init__(self, candidate: Candidate, threads: int, turn: float) -> None:
        self.run = candidate.run
        self.clock = candidate.clock if threads == 1 else time.process_time
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self.run()  # compiles, allocates
        self.run()
        start = time.perf_counter()
        self.run()
        once = max(time.perf_counter() - start, 1e-7)
        self.calls = max(1, round(SAMPLE / once))
        self.samples = max(1, round(turn / (once * self.calls)))
        self.warm = once < 10 * TURN  # longer calls bring back their data within the call

    def turn(self) -> None:
        run, clock, wall = self.run, self.clock, time.perf_counter
        if self.warm:
            run()
        calls = range(self.calls)
        for _ in range(self.samples):
            cpu_start, wall_start = clock(), wall()
            for _ in calls:
                run()
            wall_end, cpu_end = wall(), clock()
            self.wall.append((wall_end - wall_start) / self.calls)
            self.cpu.append((cpu_end - cpu_start) / self.calls)

    def timing(self) -> Timing:
        return Timing(
            min(self.cpu), statistics.median(self.cpu), min(self.wall), statistics.median(self.wall), len(self.wall)
        )


def interleave(candidates: dict[str, Candidate], seconds: float, threads: int) -> dict[str, Timing]:
    """Runs the candidates in turn for about `seconds` in all."""
    gc.collect()
    collecting = gc.isenabled()
    gc.disable()
    try:
        courses = {
            name: _Course(candidate, threads, TURN if seconds else 0.0) for name, candidate in candidates.items()
        }
        order = list(courses.values())
        end = time.perf_counter() + seconds
        turns = 0
        fewest = FEWEST_TURNS if seconds else 1
        while turns < fewest or time.perf_counter() < end:
            for course in order:
                if threads > 1:
                    time.sleep(0.001)  # threads of the last candidate that still spin would take this one's cores
                course.turn()
            order.append(order.pop(0))
            turns += 1
    finally:
        if collecting:
            gc.enable()
    return {name: course.timing() for name, course in courses.items()}


def peak_memory(run: Callable[[], object]) -> int | None:
    """Bytes of memory that a call needs at its peak, beyond what the process holds; None where that is not known.

    Linux only: the C library gives back what it keeps, and the kernel's high-water mark is set back.
    """
    try:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")
        before = _status()["VmRSS"]
        run()
        return max(0, _status()["VmHWM"] - before)
    except (OSError, AttributeError, KeyError):
        return None


def _status() -> dict[str, int]:
    lines = Path("/proc/self/status").read_text().splitlines()
    return {
        name: int(value.split()[0]) * 1024 for name, _, value in (line.partition(":") for line in lines) if "Vm" in name
    }
