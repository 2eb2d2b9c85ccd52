"""Libraries that accept any arrays of the standard run on tensors, and give what they give for arrays of NumPy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(("library", "module", "least"), [("scipy", "scipy", 19), ("sklearn", "sklearn", 15)])
def test_a_library_runs_on_tensors(library, module, least):
    pytest.importorskip(module)
    environment = {**os.environ, "SCIPY_ARRAY_API": "1", "PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-m", "tests.array_api_consumers", library]
    done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    faults = json.loads(done.stdout.splitlines()[-1])
    assert not {name: fault for name, fault in faults.items() if fault}
    assert len(faults) >= least
