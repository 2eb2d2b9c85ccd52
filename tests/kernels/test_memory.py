"""Freed memory is kept for the next step, within its bounds, unless the user says otherwise."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PAGE_FAULTS = """
import resource
import numpy as np
import autograd.kernels.drivers

def step():
    arrays = [np.empty(1_000_000) for _ in range(8)]  # 8 MB each
    for array in arrays:
        array.fill(1.0)

step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(**variables: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", PAGE_FAULTS],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_a_second_step_pays_no_page_faults() -> None:
    kept, given_back = page_faults(), page_faults(DEFINERUN_KEEP_MEMORY="0")
    assert kept < 1000
    assert given_back > 10 * kept
