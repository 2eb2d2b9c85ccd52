"""Discrete Fourier transforms, under the names of `torch.fft`.

The operations are declared under `ops/`. The stub beside this file lists them for editors and type checkers.
`python -m autograd.stubs` writes it.
"""

from __future__ import annotations

from . import ops as ops
from .op import public

_named = public("fft")
globals().update(_named)
__all__ = sorted(_named)
