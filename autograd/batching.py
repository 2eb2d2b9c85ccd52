"""`vmap`: a function of one example, run on all examples of a batch at once.  See `batched.py`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from . import batched_numpy as batched_numpy
from . import batching_layers as batching_layers
from . import batching_rules as batching_rules
from . import functions as ops
from .batched import Batched, Level, is_batched, of_all
from .modes import ModeSetting, modes
from .tensor import Tensor, wrap
from .trees import Structure, flatten, spread


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """The function of one example as a function of a batch of them: each operation runs on all examples at once.

    func: takes and returns tensors, also in tuples, lists and dicts. What Python decides by values inside (`if x > 0`)
    is refused; use `where`.
    in_dims: along which axis of each argument the examples lie, in the structure of the arguments; None for one that
    is the same for all. Keyword arguments have them along axis 0.
    out_dims: where the axis of the examples goes in each result.
    randomness: "error" forbids random numbers, "different" draws anew for each example, "same" once for all.
    chunk_size: how many examples to run at once (default: all).
    An operation without a batching rule runs on one example after the other, with the same result.

    >>> import autograd
    >>> dot = lambda a, b: (a * b).sum()
    >>> a, b = autograd.tensor([[1.0, 2.0], [3.0, 4.0]]), autograd.tensor([10.0, 1.0])
    >>> autograd.vmap(dot, in_dims=(0, None))(a, b)
    tensor([12., 34.])

    Gradients for each example: `vmap(func.grad(loss), in_dims=(None, 0, 0))(parameters, inputs, targets)`.
    """
    if randomness not in ("error", "different", "same"):
        raise ValueError(f"vmap: randomness is 'error', 'different' or 'same', not {randomness!r}.")
    if chunk_size is not None and (not isinstance(chunk_size, int) or chunk_size < 1):
        raise ValueError(f"vmap: chunk_size is an int, 1 or more, not {chunk_size!r}.")

    @functools.wraps(func)
    def batched(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten((args, kwargs))
        dims = _in_dims(in_dims, args, kwargs)
        leaves, size = _in_front(leaves, dims)
        if chunk_size is None or size <= chunk_size:
            return _run(func, structure, leaves, dims, size, out_dims, randomness)
        parts = []
        for start in range(0, size, chunk_size):
            end = min(start + chunk_size, size)
            part = [leaf if dim is None else leaf[start:end] for leaf, dim in zip(leaves, dims, strict=True)]
            parts.append(_run(func, structure, part, dims, end - start, out_dims, randomness))
        return _joined_chunks(parts, out_dims)

    return batched


def _in_dims(in_dims: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[int | None]:
    """The axis of the examples of each leaf."""
    if isinstance(in_dims, (tuple, list)) and len(in_dims) != len(args):
        raise ValueError(f"vmap: in_dims has {len(in_dims)} entries for {len(args)} arguments. Give one for each.")
    dims = spread(tuple(in_dims) if isinstance(in_dims, list) else in_dims, flatten(args)[1], "vmap: in_dims")
    for dim in dims:
        if dim is not None and type(dim) is not int:
            raise TypeError(f"vmap: in_dims holds axes, ints or None, not {dim!r}.")
    return dims + [0] * flatten(kwargs)[1].count


def _in_front(leaves: list[Any], dims: list[int | None]) -> tuple[list[Any], int]:
    """The leaves with the axis of the examples in front, and how many examples there are."""
    moved = []
    sizes = {}
    for leaf, dim in zip(leaves, dims, strict=True):
        if dim is None:
            moved.append(leaf)
            continue
        if isinstance(leaf, np.ndarray):
            leaf = wrap(leaf)
        if not isinstance(leaf, (Tensor, Batched)):
            raise TypeError(
                f"vmap: in_dims names axis {dim} of an argument that is no tensor but {type(leaf).__name__}. "
                f"Give None in in_dims for what is the same for all examples."
            )
        if not -leaf.ndim <= dim < leaf.ndim:
            raise IndexError(f"vmap: in_dims names axis {dim} of an argument of shape {leaf.shape}.")
        sizes[leaf.shape[dim]] = leaf.shape
        moved.append(leaf.movedim(dim, 0) if dim else leaf)
    if len(sizes) != 1:
        found = f"arguments of shapes {list(sizes.values())}" if sizes else "no argument that has them"
        raise ValueError(f"vmap: the number of examples must be the same in all arguments, and there are {found}.")
    return moved, next(iter(sizes))


def _run(
    func: Callable[..., Any],
    structure: Structure,
    leaves: list[Any],
    dims: list[int | None],
    size: int,
    out_dims: Any,
    randomness: str,
) -> Any:
    level = Level(size, randomness, modes.level)
    given = [leaf if dim is None else Batched(level, leaf) for leaf, dim in zip(leaves, dims, strict=True)]
    args, kwargs = structure.rebuild(given)
    try:
        with ModeSetting(level=level):
            result = func(*args, **kwargs)
            found, outer = flatten(result)
            tensors = [_result(level, leaf, func) for leaf in found]
    finally:
        level.alive = False
    places = spread(tuple(out_dims) if isinstance(out_dims, list) else out_dims, outer, "vmap: out_dims")
    return outer.rebuild([_placed(leaf, dim, level) for leaf, dim in zip(tensors, places, strict=True)])


def _result(level: Level, leaf: Any, func: Any) -> Any:
    if isinstance(leaf, (int, float, complex, np.ndarray, np.generic)):
        leaf = ops.as_tensor(leaf)
    if not isinstance(leaf, (Tensor, Batched)):
        name = getattr(func, "__name__", "the function")
        raise TypeError(f"vmap: {name} returned {type(leaf).__name__}. Return tensors, in tuples, lists or dicts.")
    return leaf


def _placed(leaf: Any, dim: int | None, level: Level) -> Any:
    """A result with the axis of the examples where it is wished."""
    if dim is None:
        if is_batched(level, leaf):
            raise ValueError("vmap: out_dims is None for a result that differs from example to example. Give an axis.")
        return leaf
    value = of_all(level, leaf)
    if not -value.ndim <= dim < value.ndim:
        raise IndexError(f"vmap: out_dims names axis {dim} of a result of shape {value.shape[1:]} for each example.")
    return value.movedim(0, dim) if dim else value


def _joined_chunks(parts: list[Any], out_dims: Any) -> Any:
    leaves, structures = zip(*(flatten(part) for part in parts), strict=True)
    places = spread(tuple(out_dims) if isinstance(out_dims, list) else out_dims, structures[0], "vmap: out_dims")
    joint = [
        pieces[0] if dim is None else ops.cat(list(pieces), dim)
        for pieces, dim in zip(zip(*leaves, strict=True), places, strict=True)
    ]
    return structures[0].rebuild(joint)
