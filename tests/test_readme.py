"""What the README shows runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text("utf8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: code.split("\n\n")[-1][:40])
def test_examples_run(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_network_of_the_first_example_learns() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EXAMPLES[0]], cwd=ROOT, capture_output=True, text=True, check=True, timeout=240
    )
    assert float(done.stdout.split()[-1]) < 0.1  # the target has a variance of about 0.5


def test_exactly_two_commands_stand_before_the_first_heading_of_a_section() -> None:
    first_screen = TEXT.split("\n## ")[0]
    commands = re.findall(r"```\n(.*?)```", first_screen, re.DOTALL)
    assert [command.strip().count("\n") for command in commands] == [0, 0]


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / target).exists(), target
