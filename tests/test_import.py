"""What an import costs: little time, and no library that is not needed yet."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("llvmlite", "matplotlib", "numba", "scipy", "tqdm", "zarr")
# Seconds; a slow or busy machine may multiply the limit.
LIMIT = 0.25 * float(os.environ.get("DEFINERUN_TIME_FACTOR", "1"))


def run(code: str, **variables: str) -> str:
    """What a fresh interpreter prints for ``code``, with every warning an error."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    command = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize("names", ["autograd", "autograd, nn, optim"])
def test_import_loads_nothing_heavy(names):
    loaded = run(f"import sys, {names}; print(*[name for name in {HEAVY} if name in sys.modules])")
    assert loaded == "", f"import {names} also imports {loaded}"


def test_import_is_quick(tmp_path):
    """The best of some, once Python has written its bytecode, in CPU time of the thread, which others change least."""
    code = "import time; start = time.thread_time(); import autograd; print(time.thread_time() - start)"
    bytecode = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    best = min(float(run(code, **bytecode)) for _ in range(6))
    assert best < LIMIT, f"import autograd takes {best:.2f} s"


def test_version_is_the_one_that_is_installed():
    from importlib.metadata import PackageNotFoundError, version

    import autograd

    try:
        installed = version("definerun")
    except PackageNotFoundError:
        pytest.skip("run from a checkout that is not installed")
    assert autograd.__version__ == installed


def test_core_dependencies_are_few_and_unbounded_above():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    names = {line.split(">=")[0] for line in project["dependencies"]}
    assert names == {"numba", "numpy", "safetensors", "scipy", "threadpoolctl", "tqdm"}
    assert all(line.count(">=") == 1 and "<" not in line for line in project["dependencies"])
