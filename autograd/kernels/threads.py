"""How many threads kernels and BLAS run on: one knob, with a default that respects CPU affinity and containers."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numba

MOST_THREADS: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]

__all__ = ["get_num_threads", "set_num_threads", "tell_blas", "worker_count"]


def _container_limit() -> float:
    """CPUs that the control group (v2, then v1) allows, or infinity."""
    try:
        group = Path("/proc/self/cgroup").read_text().split("0::", 1)[1].splitlines()[0].strip("/")
    except (OSError, IndexError):
        group = ""
    limit = math.inf
    for folder in [group, *(str(parent) for parent in Path(group).parents)] if group else [""]:
        try:
            quota, period = (Path("/sys/fs/cgroup") / folder / "cpu.max").read_text().split()
            limit = min(limit, int(quota) / int(period))
        except (OSError, ValueError, ZeroDivisionError):
            continue
    try:
        quota, period = (Path("/sys/fs/cgroup/cpu", f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        if int(quota) > 0:
            limit = min(limit, int(quota) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        pass
    return limit


def _default_threads() -> int:
    """CPUs that this process may use: its affinity, the container's limit, and Numba's own NUMBA_NUM_THREADS."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = _container_limit()
    if limit < cpus:
        cpus = math.ceil(limit)
    return max(1, min(cpus, MOST_THREADS))


_threads = _default_threads()
_asked: int | None = None  # what BLAS was told


def get_num_threads() -> int:
    """Number of threads that kernels run on."""
    return _threads


def set_num_threads(n: int) -> None:
    """Let kernels and BLAS run on ``n`` threads; kernels on no more than Numba starts (NUMBA_NUM_THREADS, or all CPUs).

    Results of kernels do not depend on it; results of BLAS may, in their last bits.
    """
    global _asked, _threads
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"set_num_threads: the number of threads is a positive int, got {n!r}")
    _threads = min(n, MOST_THREADS)
    _asked = n
    tell_blas()


def tell_blas() -> None:
    """Lets every copy of BLAS that is loaded by now have the number of threads that was asked for, if one was."""
    from threadpoolctl import threadpool_limits

    if _asked is not None:
        threadpool_limits(limits=_asked, user_api="blas")


def worker_count(blocks: int) -> int:
    """Threads that a call over that many blocks may use: the number of scratch areas it needs."""
    return max(1, min(_threads, blocks))
