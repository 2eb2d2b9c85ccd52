"""The architecture, checked: who may import whom, what may not be written, and how long a file may get."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("autograd", "nn", "optim")

# The floors of autograd, lowest first; a module imports from its own floor or below. A new module needs a place here.
FLOORS = (
    ("kernels",),
    (
        "_version",
        "arrays",
        "drawing",
        "element_count",
        "errors",
        "gradients",
        "graph",
        "methods",
        "modes",
        "printing",
        "quiet",
        "saved_tensors",
        "stand_in",
        "svg",
        "tensor",
        "trees",
        "walk",
    ),
    ("arguments", "calls", "declare", "dlpack", "function", "fused", "inplace", "op"),
    ("ops",),
    (
        "expressions",
        "fft",
        "flops",
        "functions",
        "io",
        "linalg",
        "per_element",
        "profile_report",
        "profiler",
        "python_source",
        "special",
        "stubs",
        "testing",
    ),
    ("array_api", "array_object", "numpy_adapters", "numpy_protocol"),
    (
        "batched",
        "batched_numpy",
        "batching",
        "batching_layers",
        "batching_rules",
        "func",
        "functional",
        "module_state",
        "recompute",
        "tracing",
        "transforms",
    ),
    ("",),  # __init__.py
    ("warmup",),  # a program
)
KERNEL_LIBRARIES = {"numpy", "numba", "llvmlite", "threadpoolctl"}
LIBRARIES = {"numpy", "safetensors", "scipy", "tqdm"}  # what the rest may need
OPTIONAL = {"matplotlib", "numcodecs"}  # only inside a function: they come with an extra
OF_ONE_MODULE = {"autograd.testing.plugin": {"pytest"}}  # which pytest loads, and nothing else
MAY_USE_OPTIM = ("nn.training", "nn.keras")


@dataclass(frozen=True)
class Import:
    source: str  # module that imports
    target: str  # module that is imported: ours as far as it is a file, else the top-level name
    line: int
    late: bool  # inside a function

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))}
TREES = {name: ast.parse(path.read_text("utf8"), str(path)) for name, path in FILES.items()}


def statements(node: ast.AST, late: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """The import statements below a node that run, and whether each runs late."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, late
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            for other in child.orelse:
                yield from statements(other, late)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from statements(child, late or inside)


def ours(name: str) -> str:
    """The longest prefix of a dotted name that is a module of ours, else its first part."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in FILES:
            return ".".join(parts[:length])
    return parts[0]


def imports_of(source: str) -> Iterator[Import]:
    is_package = FILES[source].name == "__init__.py"
    for statement, late in statements(TREES[source]):
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        else:
            start = statement.module or ""
            if statement.level:
                parts = source.split(".")
                base = parts[: len(parts) - statement.level + is_package]
                start = ".".join([*base, start] if start else base)
            names = [f"{start}.{alias.name}" for alias in statement.names]
        for name in names:
            yield Import(source, ours(name), statement.lineno, late)


IMPORTS = [one for source in FILES for one in imports_of(source)]


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def floor(module: str) -> int | None:
    """The number of a module's floor in FLOORS."""
    room = [*module.split("."), ""][1]
    return next((number for number, rooms in enumerate(FLOORS) if room in rooms), None)


def say(offences: Sequence[object]) -> str:
    return "\n" + "\n".join(map(str, offences))


def test_the_check_sees_the_code():
    """A check that reads nothing passes: it must find files, and the imports that are surely there."""
    assert {"autograd.io", "autograd.tensor", "nn.data.datasets"} <= set(FILES)
    found = {(one.source, one.target) for one in IMPORTS}
    assert ("autograd.io", "autograd.tensor") in found
    assert ("autograd.io", "safetensors") in found


def test_every_module_of_autograd_has_a_floor():
    lost = [module for module in FILES if within(module, "autograd") and floor(module) is None]
    assert not lost, f"give these a place in FLOORS: {lost}"
    rooms = {[*module.split("."), ""][1] for module in FILES if within(module, "autograd")}
    gone = {room for floor in FLOORS for room in floor} - rooms
    assert not gone, f"these are in FLOORS and nowhere else: {gone}"


def test_autograd_imports_downwards():
    """Function bodies included: a late import upwards is a circle that has not been caught yet."""
    offences = []
    for one in IMPORTS:
        if within(one.source, "autograd") and within(one.target, "autograd"):
            source, target = floor(one.source), floor(one.target)
            if source is not None and target is not None and target > source:
                offences.append(one)
    assert not offences, say(offences)


def test_packages_import_downwards():
    offences = []
    for one in IMPORTS:
        source, target = one.source.split(".")[0], one.target.split(".")[0]
        if (
            (source == "autograd" and target in ("nn", "optim"))
            or (source == "optim" and target == "nn")
            or (source == "nn" and target == "optim" and not any(within(one.source, p) for p in MAY_USE_OPTIM))
            or target in ("tests", "benchmarks", "examples")
        ):
            offences.append(one)
    assert not offences, say(offences)


def test_libraries():
    offences = []
    for one in IMPORTS:
        if one.target in FILES or one.target in sys.stdlib_module_names:
            continue
        allowed = KERNEL_LIBRARIES if within(one.source, "autograd.kernels") else LIBRARIES
        allowed = allowed | OF_ONE_MODULE.get(one.source, set())
        if one.target not in allowed and not (one.late and one.target in OPTIONAL):
            offences.append(one)
    assert not offences, say(offences)


def test_kernels_know_nothing_above_them():
    offences = [
        one
        for one in IMPORTS
        if within(one.source, "autograd.kernels") and one.target in FILES and not within(one.target, "autograd.kernels")
    ]
    assert not offences, say(offences)


def test_no_import_circle():
    """Over imports that run when a module is imported."""
    edges: dict[str, set[str]] = {name: set() for name in FILES}
    for one in IMPORTS:
        if not one.late and one.target in FILES and one.target != one.source:
            edges[one.source].add(one.target)
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        if module in path:
            pytest.fail("import circle: " + " -> ".join([*path[path.index(module) :], module]))
        if module not in done:
            for target in sorted(edges[module]):
                visit(target, [*path, module])
            done.add(module)

    for name in sorted(FILES):
        visit(name, [])


def nodes(kind: type[ast.AST], *packages: str) -> Iterator[tuple[str, ast.AST]]:
    for name, tree in TREES.items():
        if any(within(name, package) for package in packages):
            for node in ast.walk(tree):
                if isinstance(node, kind):
                    yield name, node


def test_no_blanket_fast_math():
    """fastmath=True assumes that there is no NaN: flags are named instead."""
    offences = [
        f"{name}:{node.value.lineno}"
        for name, node in nodes(ast.keyword, *PACKAGES)
        if node.arg == "fastmath" and isinstance(node.value, ast.Constant) and node.value.value is True
    ]
    assert not offences, say(offences)


def test_nothing_that_loads_can_run_code():
    """No pickle, no eval, no exec where files are read. (Numba's own cache, private to its user, is another matter.)"""
    where = ("autograd.io", "nn", "optim")
    offences: list[object] = [
        one
        for one in IMPORTS
        if any(within(one.source, package) for package in where)
        if one.target in ("cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve", "yaml")
    ]
    for name, node in nodes(ast.Call, *where):
        if isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec", "compile", "__import__"):
            offences.append(f"{name}:{node.lineno} calls {node.func.id}")
    for name, node in nodes(ast.keyword, *PACKAGES):
        if node.arg == "allow_pickle" and not (isinstance(node.value, ast.Constant) and node.value.value is False):
            offences.append(f"{name}:{node.value.lineno} allows pickle")
    assert not offences, say(offences)


def test_names_say_what_a_thing_is():
    vague = {"utils", "util", "helpers", "helper", "misc", "common", "stuff"}
    # nn.utils is an import path that users of PyTorch paste; it holds only other names of what stands elsewhere.
    pasted = ROOT / "nn" / "utils"
    offences = [path for path in FILES.values() if {path.stem, path.parent.name} & vague and path.parent != pasted]
    assert not offences, say(offences)


def test_files_stay_small():
    """About 500 lines is a file with two rooms in it; 600 is the end."""
    lengths = {name: len(path.read_text("utf8").splitlines()) for name, path in FILES.items()}
    offences = [f"{name}: {length} lines" for name, length in lengths.items() if length > 600]
    assert not offences, say(offences)


def test_no_path_of_one_machine():
    pattern = re.compile(r"(?<![\w.~)\]}>])/(?:home|root|tmp|work|opt|mnt|Users)/\w|\b[A-Z]:\\\\?(?:Users|Windows)")
    offences = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for folder in (*PACKAGES, "tests", "benchmarks", "examples")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text("utf8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert not offences, say(offences)
