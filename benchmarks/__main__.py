"""`python -m benchmarks`: how fast, how large, how soon, against the peers that are installed."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from . import picture, processes, readme, report
from .compare import TOLERANCE, compare
from .machine import describe
from .peers import PEERS, choose
from .row import GROUPS, Row, first_cases, matches, rows_of
from .worker import launch

SECONDS = {"ops": 0.1, "kernels": 1.0, "models": 3.0}
PROCESSES = ("startup", "memory")  # groups whose candidates are processes with the threads they take by themselves


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="group", help=f"of {', '.join(GROUPS)} (default: all)")
    parser.add_argument("--filter", default="", help="rows whose name contains one of these words (a,b,c)")
    parser.add_argument("--threads", default="both", choices=("1", "all", "both"))
    parser.add_argument("--seconds", type=float, help=f"how long to measure each row (default: {SECONDS})")
    parser.add_argument("--peers", default="torch", help=f"of {', '.join(PEERS)}, or all (default: torch)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured")
    parser.add_argument("--from", dest="saved", type=Path, metavar="FILE", help="take this run instead of measuring")
    parser.add_argument("--compare", type=Path, metavar="OLD", help="name what is slower than in this run, and fail")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE, help="how much slower is no regression: 0.15")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the ratios (a PNG; needs matplotlib)")
    parser.add_argument("--readme", type=Path, metavar="FILE", help="write the tables between the marks of this file")
    parser.add_argument("--also", action="append", default=[], metavar="MODULE", help="import this: it declares rows")
    parser.add_argument("--smoke", action="store_true", help="tiny and short, to see that everything runs")
    parser.add_argument("--list", action="store_true", help="name the rows and stop")
    parser.add_argument("--tracebacks", action="store_true", help="show where a row failed")
    args = parser.parse_args(arguments)
    unknown = set(args.groups) - set(GROUPS)
    if unknown:
        parser.error(f"no such group: {', '.join(sorted(unknown))}. There are {', '.join(GROUPS)}.")
    args.groups = [group for group in GROUPS if not args.groups or group in args.groups]
    try:
        args.peers, args.absent = choose(args.peers)
    except ValueError as error:
        parser.error(str(error))
    return args


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Runs the rows, prints each as it comes, and returns everything."""
    machine = describe()
    all_cores = machine["cores"]
    settings = {"1": [1], "all": [all_cores], "both": sorted({1, all_cores})}[args.threads]
    if args.smoke:
        settings = settings[-1:]
    found: dict[str, Any] = {"version": 1, "machine": machine, "peaks": [], "rows": [], "smoke": args.smoke}
    print(f"{machine['cpu']}, {machine['cores']} cores; {machine['versions']}")
    if args.absent:
        print(f"not installed, and left out: {', '.join(args.absent)}")
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 0.5 * all_cores:
        found["load"] = os.getloadavg()[0]
        print(f"others use this machine (load {found['load']:.1f}): what is measured with more threads is of no use")
    for threads in settings:
        for group in args.groups:
            rows = rows_of([group], args.filter, args.also)
            rows = first_cases(rows) if args.smoke else rows
            if not rows or (group in PROCESSES and threads != settings[-1]):
                continue
            print(f"\n{group}, {threads} thread{'s' * (threads > 1)}", flush=True)
            for record in _records(group, rows, threads, args):
                if "peak" in record:
                    found["peaks"].append(record["peak"])
                else:
                    found["rows"].append(record)
                    print(report.line(record, args.peers), flush=True)
    return found


def load(args: argparse.Namespace) -> dict[str, Any]:
    """A run that was saved, with the rows that were asked for."""
    found = json.loads(args.saved.read_text("utf8"))
    rows = found["rows"]
    found["rows"] = [
        one for one in rows if one["key"].split("/")[0] in args.groups and matches(one["key"], args.filter)
    ]
    return found


def _records(group: str, rows: Sequence[Row], threads: int, args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    if group in PROCESSES:
        return processes.records(rows, args.peers, threads, args.smoke)
    settings = {
        "threads": threads,
        "peers": args.peers,
        "groups": [group],
        "smoke": args.smoke,
        "seconds": 0.0 if args.smoke else args.seconds or SECONDS[group],
        "tracebacks": args.tracebacks,
        "also": args.also,
    }
    return launch(settings, [one.key for one in rows])


def main(arguments: Sequence[str] | None = None) -> int:
    args = parse(arguments)
    if args.list:
        print(*(one.key for one in rows_of(args.groups, args.filter, args.also)), sep="\n")
        return 0
    found = load(args) if args.saved else measure(args)
    for text in report.summary(found["rows"], args.peers):
        print(text)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1), "utf8")
    if args.picture:
        picture.draw(found, args.peers, args.picture)
    if args.readme:
        readme.write(found, args.peers, args.readme)
    failed = any(record["outcome"] != "ok" for record in found["rows"])
    if args.compare:
        worse, better = compare(json.loads(args.compare.read_text("utf8")), found, args.tolerance)
        for title, lines in (("faster", better), ("slower", worse)):
            print(f"\n{len(lines)} rows are {title} than in {args.compare} by more than {args.tolerance:.0%}:")
            print(*(f"  {text}" for text in lines), sep="\n")
        failed = failed or bool(worse)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
