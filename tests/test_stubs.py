"""The stubs list what is attached at run time."""

from __future__ import annotations

from pathlib import Path

import autograd
from autograd.stubs import stubs

FOLDER = Path(autograd.__file__).parent


def test_the_stubs_are_up_to_date() -> None:
    for name, text in stubs().items():
        assert (FOLDER / name).read_text() == text, f"{name}: run python -m autograd.stubs"
