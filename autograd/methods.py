"""The methods that operations give to `Tensor`.

They are attached where the operations are declared; the stub beside this file lists them for editors and type
checkers. `python -m autograd.stubs` writes it.
"""

from __future__ import annotations


class Methods:
    """What `Tensor` inherits in the eyes of a type checker."""

    __slots__ = ()
