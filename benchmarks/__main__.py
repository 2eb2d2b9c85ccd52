"""`python -m benchmarks [chain] [startup] [memory]`: the figures of this machine, against peers that are installed."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", help="which groups to run (default: all)")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long to measure each row")
    parser.add_argument("--smoke", action="store_true", help="as short as possible, to see that everything runs")
    args = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # small arrays on one thread; before NumPy is imported

    peers = {name for name in ("torch",) if importlib.util.find_spec(name) is not None}
    seconds = 0.05 if args.smoke else args.seconds
    groups = {"chain": (peers, seconds), "startup": (1 if args.smoke else 3,), "memory": (20 if args.smoke else 1000,)}
    unknown = set(args.groups) - set(groups)
    if unknown:
        parser.error(f"no such group: {', '.join(sorted(unknown))}. There are {', '.join(groups)}.")
    for name in args.groups or groups:
        for row in importlib.import_module(f"benchmarks.{name}").rows(*groups[name]):
            print(row, flush=True)


if __name__ == "__main__":
    main()
