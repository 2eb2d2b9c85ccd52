"""`autograd.graph.draw`: the graph behind a tensor, as a table of text and as a picture (SVG)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .graph import RELEASED, Leaf, Node, Pick, made_at


@dataclass
class Item:
    """A node as it is drawn."""

    number: int
    name: str  # of the operation, or of the leaf
    is_leaf: bool
    is_result: bool
    shape: str
    dtype: str
    parents: list[tuple[str, int, str]]  # parameter, number of the item, which of its results: "" or "[1]"
    kept: int  # bytes that it saves for the backward pass
    note: str  # where it was made, or that it was freed
    layer: int = 0
    children: list[int] = field(default_factory=list)


class Drawing(str):
    """The graph as text.  `svg` is the same as a picture, which a notebook shows by itself."""

    items: list[Item]

    @property
    def svg(self) -> str:
        """The picture."""
        from .svg import picture

        return picture(self.items)

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return str(self)


def draw(tensors: Any, path: str | os.PathLike[str] | None = None, *, params: Any = None) -> Drawing:
    """The graph that leads to a tensor, or to several: every recorded operation, and who feeds whom.

    path: a file to write, .svg or .txt. params: names of leaves: a module, a dict of tensors by name, or what
    `named_parameters()` gives.
    Returns the text, with the picture as its `svg`. ValueError for a path that ends in something else, TypeError for
    what is no tensor.

    >>> import autograd as ag
    >>> w = ag.ones(3, requires_grad=True)
    >>> print(ag.graph.draw((w * 2).sum(), params={"w": w}))
    2 operations, 1 leaf; 0 bytes are kept for the backward pass
    #  operation  shape  dtype    from
    1  leaf w     (3,)   float32
    2  mul        (3,)   float32  x=#1
    3  sum        ()     float32  x=#2  <- result
    """
    given = tensors if isinstance(tensors, (list, tuple)) else [tensors]
    for one in given:
        if not hasattr(one, "node"):
            raise TypeError(f"draw: takes a tensor, or a list of tensors, not {type(one).__name__}.")
    roots = [one.node for one in given]
    items = _items([root for root in roots if root is not None], _names(params))
    drawing = Drawing(_text(items))
    drawing.items = items
    if path is not None:
        file = Path(path)
        if file.suffix not in (".svg", ".txt"):
            raise ValueError(f"draw: can not write {file.suffix or 'a file without an ending'}. Use .svg or .txt.")
        file.write_text(drawing.svg if file.suffix == ".svg" else f"{drawing}\n", "utf8")
    return drawing


def _names(params: Any) -> dict[int, str]:
    """The names of leaves, by the identity of their node."""
    if params is None:
        return {}
    if hasattr(params, "named_parameters"):
        params = params.named_parameters()
    pairs: Iterable[tuple[str, Any]] = params.items() if isinstance(params, Mapping) else params
    return {id(tensor.node): name for name, tensor in pairs if getattr(tensor, "node", None) is not None}


def _in_order(roots: Sequence[Node]) -> list[Node]:
    """All nodes, each after its parents.  On a stack of our own: a graph may be deeper than Python's."""
    listed: dict[Node, None] = {}
    stack: list[tuple[Node, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        node, done = stack.pop()
        if done:
            listed.setdefault(node)
        elif node not in listed:
            stack.append((node, True))
            stack += [(parent, False) for parent in reversed(node.parents) if parent is not None]
    return list(listed)


def _items(roots: Sequence[Node], names: Mapping[int, str]) -> list[Item]:
    items: list[Item] = []
    numbers: dict[Node, int] = {}
    results = {_source(root)[0] for root in roots}
    unnamed = 0
    for node in _in_order(roots):
        if isinstance(node, Pick):  # drawn as "#3[1]" where it is used
            continue
        is_leaf = type(node) is Leaf
        name = node.name
        if is_leaf:
            unnamed += id(node) not in names
            name = names.get(id(node), f"{unnamed}")
        parents = []
        for parameter, parent in zip(_parameters(node), node.parents, strict=False):
            if parent is not None:
                source, which = _source(parent)
                parents.append((parameter, numbers[source], which))
        item = Item(
            number=len(items) + 1,
            name=name,
            is_leaf=is_leaf,
            is_result=node in results,
            shape=_joined(node.shape),
            dtype=_joined(node.dtype),
            parents=parents,
            kept=_kept(node),
            note="freed by a backward pass" if node.saved is RELEASED else made_at(node).strip(),
        )
        numbers[node] = item.number
        items.append(item)
        for _, number, _ in parents:
            items[number - 1].children.append(item.number)
    return items


def _source(node: Node) -> tuple[Node, str]:
    """The node of the operation, and which of its results this is."""
    if isinstance(node, Pick):
        parent = node.parents[0]
        assert parent is not None
        return parent, f"[{node.index}]"
    return node, ""


def _parameters(node: Node) -> list[str]:
    """The names of the parameters that the parents were given for."""
    op = node.op
    parameters: list[str] | None = getattr(op, "parameters", None)
    if not parameters:
        return [""] * len(node.parents)
    names: list[str] = []
    for i in op.inputs:
        if i == op.sequence:
            count = len(node.parents) - len(op.inputs) + 1
            names += [f"{parameters[i]}[{k}]" for k in range(count)]
        else:
            names.append(parameters[i])
    return names


def _joined(value: Any) -> str:
    """One shape or dtype, or those of several results."""
    several = isinstance(value, tuple) and any(not isinstance(part, int) for part in value)
    return " ".join(str(part) for part in value) if several else str(value)


def _kept(node: Node) -> int:
    arrays: dict[int, int] = {}
    for value in node.saved:
        for array in value if isinstance(value, (tuple, list)) else (value,):
            if isinstance(array, np.ndarray):
                arrays[id(array)] = array.nbytes
    return sum(arrays.values())


def in_bytes(count: float) -> str:
    """`1.2 MB`"""
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "bytes" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError("never reached")


def _text(items: Sequence[Item]) -> str:
    if not items:
        return "no graph: the tensor is not the result of a recorded operation"
    leaves = sum(item.is_leaf for item in items)
    operations = len(items) - leaves
    kept = in_bytes(sum(item.kept for item in items))
    head = (
        f"{operations} operation{'s' * (operations != 1)}, {leaves} {'leaf' if leaves == 1 else 'leaves'}; "
        f"{kept} are kept for the backward pass"
    )
    rows = [("#", "operation", "shape", "dtype", "from")]
    for item in items:
        fed = ", ".join(f"{parameter}{'=' * bool(parameter)}#{n}{which}" for parameter, n, which in item.parents)
        marks = [fed, "<- result" if item.is_result else "", f"({item.note})" if item.note else ""]
        name = f"leaf {item.name}" if item.is_leaf else item.name
        rows.append((str(item.number), name, item.shape, item.dtype, "  ".join(mark for mark in marks if mark)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [head]
    for row in rows:
        cells = [row[0].rjust(widths[0]), *(row[i].ljust(widths[i]) for i in (1, 2, 3)), row[4]]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
