"""Two candidates, measured against each other in one run.

Machines are shared and clocks drift, so that one absolute time says little. Candidates take turns, and the minimum and
the median of many turns are kept: of the thread's CPU time with one thread, of wall time otherwise.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds that a candidate took."""

    best: float
    median: float


def interleave(candidates: dict[str, Callable[[], object]], seconds: float, threads: int) -> dict[str, Timing]:
    """Runs the candidates in turn for about `seconds` in all."""
    clock = time.thread_time if threads == 1 else time.perf_counter
    taken: dict[str, list[float]] = {name: [] for name in candidates}
    for run in candidates.values():
        for _ in range(3):
            run()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(next(iter(taken.values()))) < 5:
        for name, run in candidates.items():
            start = clock()
            run()
            taken[name].append(clock() - start)
    return {name: Timing(min(times), statistics.median(times)) for name, times in taken.items()}
