"""The lesson on transformers learns, and writes."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def test_it_learns_to_read_and_writes(capsys, tmp_path):
    """Sixty steps: from log 96 = 4.56 nats a character to below 3.33, which is what the frequencies alone give."""
    path = Path(__file__).resolve().parents[1] / "examples" / "gpt.py"
    spec = importlib.util.spec_from_file_location("example_gpt", path)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    assert example.main(["--quick", "--seed", "3", "--out", str(tmp_path)]) < 3.33
    written = capsys.readouterr().out.partition("how it writes:\n\n")[2]
    assert written.startswith("The for statement")
    assert len(written) > 90
    assert (tmp_path / "gpt.safetensors").exists()
