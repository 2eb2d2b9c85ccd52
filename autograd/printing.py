"""How a tensor prints: its values, shortened when there are many, and what else one needs to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .tensor import Tensor

_options = {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 100}


def set_printoptions(
    precision: int | None = None,
    threshold: int | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
) -> None:
    """How tensors print: digits after the point, from how many elements on to shorten, how many to show at an edge."""
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    _options.update({name: value for name, value in given.items() if value is not None})


def tensor_repr(tensor: Tensor) -> str:
    """`tensor([1., 2.], requires_grad=True)`; with shape where the values are shortened, with dtype where it is not
    the one that the values alone would have."""
    from .tensor import get_default_dtype

    array = tensor.data
    name = type(tensor).__name__
    prefix = "tensor(" if name == "Tensor" else f"{name}("
    text = np.array2string(
        array,
        separator=", ",
        prefix=prefix,
        precision=_options["precision"],
        threshold=_options["threshold"],
        edgeitems=_options["edgeitems"],
        max_line_width=_options["linewidth"],
        suppress_small=False,
        floatmode="maxprec" if _whole(array) else "fixed",
        formatter={"bool": lambda value: "True" if value else "False"} if array.dtype == bool and array.all() else None,
    )
    notes = []
    hidden = array.size > _options["threshold"] or array.size == 0
    if hidden:
        notes.append(f"shape={array.shape}")
    if hidden or array.dtype not in (get_default_dtype(), np.dtype(np.int64), np.dtype(np.bool_)):
        notes.append(f"dtype={array.dtype}")
    if tensor.grad_fn is not None:
        notes.append(f"grad_fn=<{tensor.grad_fn.name}>")
    elif tensor.requires_grad:
        notes.append("requires_grad=True")
    return prefix + ", ".join([text, *notes]) + ")"


def _whole(array: np.ndarray) -> bool:
    """Whether the floats are whole numbers, which print as `1.` and not `1.0000`."""
    if array.dtype.kind != "f" or array.size > _options["threshold"]:
        return False
    finite = array[np.isfinite(array)]
    return bool((finite == np.round(finite)).all())
