"""Large arrays go to compiled loops: one pass over memory on all cores, where NumPy takes several passes on one.

An operation keeps its forward and its gradient rule, which serve small arrays, all dtypes and higher derivatives. It
asks `large` whether its forward is worth a loop, and `gradient_by_loop` gives it a loop for the gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import kernels
from ..graph import Node

# Elements from which on a loop is faster than three passes of NumPy, and worth the time to compile it.
LARGE = 16384

DTYPES = frozenset({np.dtype(np.float32), np.dtype(np.float64)})


def large(x: np.ndarray, *numbers: Any, size: int = LARGE) -> bool:
    """Whether a loop takes this array, and these arguments of it, which have to be numbers."""
    return x.size >= size and x.dtype in DTYPES and all(isinstance(number, (int, float)) for number in numbers)


def together(g: np.ndarray, *values: Any) -> bool:
    """Whether loops take these: arrays of the shape and dtype of the first, or numbers."""
    return g.dtype in DTYPES and all(
        value.shape == g.shape and value.dtype == g.dtype
        if isinstance(value, np.ndarray)
        else isinstance(value, (int, float))
        for value in values
    )


def gradient_by_loop(call: Any, loop: str | Callable[..., Any], *names: str, size: int = LARGE) -> None:
    """Gives an operation of one input a loop for the gradients of large arrays.

    loop: one of `kernels.activations`, or a function of what is saved that returns a loop and its arguments.
    names: what the loop takes after the incoming gradient; the gradient rule has to name it too, so that it is saved.
    """
    op = call.op
    by_rule = op.pull
    places = [op.layout.index(name) for name in names]

    def pull(g: Any, saved: Any, parents: Sequence[Node | None], absorb: int) -> Sequence[Any]:
        if type(g) is np.ndarray and g.size >= size:
            values = [saved[i] for i in places]
            if isinstance(loop, str):
                run: Any = getattr(kernels.activations, loop)
            else:
                run, values = loop(*values)
            if together(g, *values):
                return [run(g, *values, absorb=absorb > 0)]
        return by_rule(g, saved, parents, absorb)

    op.pull = pull
