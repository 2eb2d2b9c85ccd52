"""Writes docs/operations.md: which operations there are, which have gradients, and what was checked of each.

python docs/write_operations.py            # checks every sample of every operation: some minutes
python docs/write_operations.py --check    # only whether the page is up to date
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import autograd as ag
from autograd.op import Op, registry
from autograd.testing import failures, samples_of

HERE = Path(__file__).parent
PAGE = HERE / "operations.md"
KINDS = {"primitive": "gradient of its own", "composite": "composed", "fused": "kernels, and a definition"}


def expected_names() -> dict[str, list[str]]:
    """The names that users of PyTorch expect, by family."""
    families: dict[str, list[str]] = {}
    for line in (HERE / "names.txt").read_text("utf8").splitlines():
        if line.startswith("["):
            names = families.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            names += line.split()
    return families


def find(name: str) -> Any:
    """What stands under a name, or None."""
    place, _, last = name.rpartition(".")
    owner = {"": ag, "Tensor": ag.Tensor}.get(place) or getattr(ag, place, None) or importlib.import_module(place)
    return getattr(owner, last, None)


def tensors(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return ag.Tensor(value.copy(), requires_grad=value.dtype.kind in "fc")
    return [tensors(v) for v in value] if isinstance(value, list) else value


def is_differentiable(op: Op) -> bool:
    """Whether a gradient flows through it, seen on its samples."""
    for sample in samples_of(op):
        result = op.call(*map(tensors, sample.args), **{k: tensors(v) for k, v in sample.kwargs.items()})
        parts = result if isinstance(result, (tuple, list)) else (result,)
        if any(isinstance(part, ag.Tensor) and part.requires_grad for part in parts):
            return True
    return False


def table(passed: dict[str, int]) -> Iterator[str]:
    """The table of families, and what is missing."""
    yield "| family | names | present | differentiable | cases | passed |"
    yield "|---|--:|--:|--:|--:|--:|"
    total = np.zeros(5, int)
    missing = []
    for family, names in expected_names().items():
        found = {name: find(name) for name in names}
        missing += [name for name, value in found.items() if value is None]
        ops = {getattr(value, "op", None) for value in found.values()} - {None}
        counts = [
            len(names),
            sum(value is not None for value in found.values()),
            sum(value is not None and _flows(value) for value in found.values()),
            sum(len(samples_of(op)) for op in ops),
            sum(passed[op.name] for op in ops),
        ]
        total += counts
        yield f"| {family} | {' | '.join(map(str, counts))} |"
    yield f"| **all** | {' | '.join(f'**{count}**' for count in total)} |"
    yield ""
    names = ", ".join(f"`{name}`" for name in missing)
    yield f"Missing: {names}." if missing else "None of these names is missing."


def _flows(value: Any) -> bool:
    op = getattr(value, "op", None)
    return op is not None and is_differentiable(op)


def listing(passed: dict[str, int]) -> Iterator[str]:
    """Every operation, by the file that declares it."""
    by_file: dict[str, list[Op]] = {}
    for op in registry.values():
        by_file.setdefault(op.forward.__module__.rpartition(".")[2], []).append(op)
    for file, ops in sorted(by_file.items()):
        yield f"\n### {file}\n"
        yield "| operation | | gradient | cases |"
        yield "|---|---|---|--:|"
        for op in sorted(ops, key=lambda op: op.name):
            names = ", ".join(f"`{name}`" for name in (op.name, *op.aliases))
            text = re.sub(r"\s+", " ", op.doc.split("\n")[0]).replace("|", "\\|")
            gradient = KINDS[op.kind] if is_differentiable(op) else ""
            yield f"| {names} | {text} | {gradient} | {passed[op.name]} |"


def page(passed: dict[str, int]) -> str:
    cases = sum(len(samples_of(op)) for op in registry.values())
    differentiable = sum(map(is_differentiable, registry.values()))
    lines = [
        "<!-- Written by docs/write_operations.py; do not edit. -->",
        "# Operations",
        "",
        f"{len(registry)} operations, of which {differentiable} can be differentiated; {cases} conformance cases, of "
        f"which {sum(passed.values())} passed when this page was written. A case is a set of arguments that is run "
        "through all that `autograd.testing.conformance` checks: value, gradient, second derivative, dtypes, strides, "
        "and so on. [How to add your own](extending.md).",
        "",
        "## The names that users of PyTorch know",
        "",
        "*Differentiable* counts those that a gradient flows through; the others create, compare, count or print, or "
        "give whole numbers. Cases are those of the operations that the names stand for; an operation that two "
        "families name is counted in both.",
        "",
        *table(passed),
        "",
        "## All operations, by file",
        *listing(passed),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    cases = {op.name: len(samples_of(op)) for op in registry.values()}
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text("utf8") != page(cases):
            print(f"{PAGE.name} is not up to date: run python docs/{Path(__file__).name}")
            return 1
        return 0
    broken = {op.name: sum(any(failures(op, sample)) for sample in samples_of(op)) for op in registry.values()}
    PAGE.write_text(page({name: count - broken[name] for name, count in cases.items()}), "utf8")
    for name, count in broken.items():
        if count:
            print(f"{name}: {count} of {cases[name]} cases do not pass")
    return 1 if any(broken.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
