"""Every operation, and every other public function of `ops/`, by name.

The stub beside this file lists them for editors and type checkers. `python -m autograd.stubs` writes it.
"""

from __future__ import annotations

from . import ops as ops
from .op import functions, registry

_named = {name: op.call for op in registry.values() for name in (op.name, *op.aliases)} | functions
globals().update(_named)
__all__ = sorted(_named)
