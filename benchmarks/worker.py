"""Runs rows in this process: one number of threads, our candidate and the peers' interleaved.

Libraries read their number of threads when they are imported, so that each setting has a process of its own. What is
found goes to the parent, one line of JSON a row. A row that ends the process is named by the parent, which starts
another one for the rest.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUTCOMES = ("ok", "wrong", "missing", "failed")


def launch(settings: dict[str, Any], keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The records of these rows, from as many processes as it takes."""
    left = list(keys)
    while left:
        done = yield from _one_process(settings | {"keys": left})
        if len(done) >= len(left):
            return
        # The process ended in the first row that has no record.
        crashed = next(key for key in left if key not in done)
        yield {"key": crashed, "threads": settings["threads"], "outcome": "failed", "why": "the process ended"}
        left = [key for key in left if key not in done and key != crashed]


def _one_process(settings: dict[str, Any]) -> Any:
    threads = str(settings["threads"])
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    environment = os.environ | dict.fromkeys(names, threads)
    environment["PYTHONPATH"] = os.pathsep.join(map(str, [ROOT, *filter(None, sys.path)]))
    command = [sys.executable, "-m", "benchmarks.worker"]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(settings))
    process.stdin.close()
    done: set[str] = set()
    try:
        if not process.stdout.readline():
            raise SystemExit("benchmarks: the process that measures ended before the first row.")
        for line in process.stdout:
            record = json.loads(line)
            if "key" in record:
                done.add(record["key"])
            yield record
        process.wait()
    finally:
        process.kill()
        process.wait()
    return done


def main() -> None:
    settings = json.loads(sys.stdin.read())
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no record
    for record in run(settings):
        print(json.dumps(record), file=out, flush=True)


def run(settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Measures the rows that `settings` names; see `__main__` for what it holds."""
    from .machine import Machine
    from .peers import PEERS, Ours
    from .row import rows_of

    warnings.simplefilter("ignore")
    threads = settings["threads"]
    peers = [Ours(), *(PEERS[name]() for name in settings["peers"])]
    for peer in peers:
        peer.set_threads(threads)
    peers[0].set_threads(threads)  # the last word on the threads of BLAS
    machine = Machine(threads)
    machine.measure_peak(0.02 if settings["smoke"] else 0.5)
    rows = {one.key: one for one in rows_of(settings["groups"], also=settings.get("also", ()))}
    gc.collect()
    gc.freeze()  # what libraries have made is not looked at again by each of many collections
    yield {"ready": True}
    for key in settings["keys"]:
        row = rows[key]
        record = {"key": key, "group": row.group, "family": row.family, "name": row.name, "pass": row.passing}
        record["threads"] = threads
        try:
            record |= measure_row(row, peers, machine, settings)
        except Exception as error:
            record |= {"outcome": "failed", "why": f"{type(error).__name__}: {error}"}
            if settings.get("tracebacks"):
                traceback.print_exc()
        yield record
    yield {
        "peak": {
            "threads": threads,
            "fma": machine.fma_rate,
            "copy": machine.copy_rate(0.0 if settings["smoke"] else 0.2),
        }
    }


def measure_row(row: Any, peers: Sequence[Any], machine: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """The record of one row: checked, then timed."""
    from .check import Wrong, check, reference
    from .measure import interleave, peak_memory
    from .peers import NotForThisRow
    from .row import BOTH, Missing

    work = row.make(settings["smoke"])
    backward = row.passing == BOTH
    wanted = reference(work, backward)
    candidates: dict[str, Any] = {}
    entries: dict[str, dict[str, Any]] = {}
    size = 0
    for peer in peers:
        try:
            candidate = peer.candidate(work, backward)
            results = candidate.results()
            entries[peer.name] = {"error": check(work, backward, results, wanted)}
            candidates[peer.name] = candidate
            size = size or results["value"].nbytes
        except NotForThisRow:
            continue
        except Missing as missing:
            entries[peer.name] = {"why": f"there is no {missing}"}
            if peer.name == "ours":
                return {"outcome": "missing", "why": f"there is no {missing}"}
        except Wrong as wrong:
            entries[peer.name] = {"why": f"wrong: {wrong}"}
            if peer.name == "ours":
                return {"outcome": "wrong", "why": str(wrong)}
        except Exception as error:
            if peer.name == "ours":
                raise
            entries[peer.name] = {"why": f"{type(error).__name__}: {str(error).splitlines()[0][:120]}"}
    times = interleave(candidates, settings["seconds"], machine.threads)
    for name, timing in times.items():
        entries[name] |= timing.asdict() | {"peak_bytes": peak_memory(candidates[name].run)}
    best = times["ours"].best(machine.threads)
    record: dict[str, Any] = {"outcome": "ok", "entries": entries}
    if row.bound == "fma":
        machine.measure_peak(0.01)
        record |= {"of": "fma", "fraction": work.operations(backward) / best / machine.fma_rate}
    elif row.bound == "copy":
        record |= {"of": "copy", "fraction": machine.copy_seconds(work.moved_bytes(size, backward)) / best}
    return record


if __name__ == "__main__":
    main()
