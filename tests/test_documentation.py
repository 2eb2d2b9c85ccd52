"""The code of the pages under docs/ runs as it stands, from top to bottom; their links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))


def code(page: Path) -> str:
    return "\n".join(re.findall(r"```python\n(.*?)```", page.read_text("utf8"), re.DOTALL))


@pytest.mark.parametrize("page", [p for p in PAGES if code(p)], ids=lambda p: p.stem)
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    """From a file, since the source of functions is read; with no compiler, nor anything else, on the PATH."""
    program = tmp_path / "page.py"
    program.write_text(code(page) + "\ntest = globals().get('test_diffuse')\nif test:\n    test()\n", "utf8")
    environment = {**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    for shown in re.findall(r"```text\n(.*?)```", page.read_text("utf8"), re.DOTALL):
        assert shown in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf8")):
        assert (page.parent / target).exists(), target


def test_the_page_of_operations_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "write_operations.py", "--check"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
