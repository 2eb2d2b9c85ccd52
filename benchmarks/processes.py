"""Rows whose candidates are whole processes: how soon they are ready, how large they get."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .row import Row

ROOT = Path(__file__).resolve().parents[1]
_bytecode = tempfile.TemporaryDirectory()  # written and read as users' is, but not in the checkout


@dataclass
class Processes:
    """One value of each library, from new processes.

    measure: `measure(library)` gives the value of "ours" or of a peer, or None where there is none to compare with.
    unit: "s" or "bytes".
    limit: the value at most, for ours; more is wrong.
    """

    measure: Callable[[str], float | None]
    unit: str
    limit: float | None = None


def child(code: str, *arguments: str, cache: str | None = None) -> str:
    """What a new process prints that runs this code, with the threads it takes by itself."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    path = os.pathsep.join(map(str, [ROOT, *filter(None, sys.path)]))
    environment |= {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": _bytecode.name}
    if cache is not None:
        environment["DEFINERUN_CACHE_DIR"] = cache
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"the process ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout.strip()


def records(rows: Sequence[Row], peers: Sequence[str], threads: int, tiny: bool) -> Iterator[dict[str, Any]]:
    """The record of each row."""
    for row in rows:
        record = {"key": row.key, "group": row.group, "family": row.family, "name": row.name, "pass": row.passing}
        try:
            record |= _measure(row.make(tiny), peers)
        except Exception as error:
            record |= {"outcome": "failed", "why": f"{type(error).__name__}: {error}"}
        yield record | {"threads": threads}


def _measure(work: Processes, peers: Sequence[str]) -> dict[str, Any]:
    entries = {}
    for name in ("ours", *[peer for peer in peers if peer == "torch"]):
        value = work.measure(name)
        if value is not None:
            entries[name] = {"value": value}
    found = {"entries": entries, "unit": work.unit, "limit": work.limit, "outcome": "ok"}
    if work.limit is not None and entries["ours"]["value"] > work.limit:
        found |= {"outcome": "wrong", "why": f"{entries['ours']['value']:.4g} {work.unit}, more than {work.limit:.4g}"}
    return found
