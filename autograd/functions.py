"""Every operation, and every other public function of `ops/`, by name.

The stub beside this file lists them for editors and type checkers. `python -m autograd.stubs` writes it.
"""

from __future__ import annotations

from . import ops as ops
from .op import public

_named = public()
globals().update(_named)
__all__ = sorted(_named)
