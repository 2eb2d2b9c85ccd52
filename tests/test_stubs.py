"""The stubs list what is attached at run time."""

from __future__ import annotations

from pathlib import Path

import autograd
from autograd.stubs import functions_stub, methods_stub

FOLDER = Path(autograd.__file__).parent


def test_the_stubs_are_up_to_date() -> None:
    hint = "run python -m autograd.stubs"
    assert (FOLDER / "functions.pyi").read_text() == functions_stub(), hint
    assert (FOLDER / "methods.pyi").read_text() == methods_stub(), hint
