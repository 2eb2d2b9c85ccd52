"""Nested structures: tuples, lists, dicts and namedtuples of tensors, taken apart and put together again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any


class Structure:
    """The shape of a nested structure: what remains of it once its leaves are taken out."""

    __slots__ = ("count", "factory", "keys", "kind", "parts")

    def __init__(self, kind: Any, keys: tuple[Any, ...], parts: tuple[Structure, ...], factory: Any = None) -> None:
        self.kind = kind  # tuple, list, dict, ... or None for a leaf
        self.keys = keys  # of a dict
        self.parts = parts
        self.factory = factory  # of a defaultdict
        self.count: int = 1 if kind is None else sum(part.count for part in parts)  # leaves

    def rebuild(self, leaves: Sequence[Any]) -> Any:
        """The structure with other leaves."""
        return self._take(iter(leaves))

    def _take(self, leaves: Iterator[Any]) -> Any:
        if self.kind is None:
            return next(leaves)
        values = [part._take(leaves) for part in self.parts]
        if self.kind is defaultdict:
            return defaultdict(self.factory, zip(self.keys, values, strict=True))
        if self.keys:
            return self.kind(zip(self.keys, values, strict=True))
        if hasattr(self.kind, "_fields"):
            return self.kind(*values)
        return self.kind(values)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Structure)
            and (self.kind, self.keys) == (other.kind, other.keys)
            and self.parts == other.parts
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self.rebuild([_STAR] * self.count))


class _Star:
    def __repr__(self) -> str:
        return "*"


_STAR = _Star()
_LEAF = Structure(None, (), ())


def is_leaf(value: Any) -> bool:
    """Whether `value` is no structure but something in one: a tensor, a number, None."""
    return not isinstance(value, (tuple, list, dict))


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves in order, and the structure that they were taken out of.  Dicts keep their order."""
    leaves: list[Any] = []
    return leaves, _flatten(tree, leaves)


def _flatten(tree: Any, leaves: list[Any]) -> Structure:
    if is_leaf(tree):
        leaves.append(tree)
        return _LEAF
    keys: tuple[Any, ...] = ()
    values = tree
    if isinstance(tree, dict):
        keys, values = tuple(tree), tree.values()
    factory = tree.default_factory if isinstance(tree, defaultdict) else None
    return Structure(type(tree), keys, tuple(_flatten(value, leaves) for value in values), factory)


def mapped(function: Callable[..., Any], tree: Any) -> Any:
    """The same structure with function(leaf) in place of each leaf."""
    leaves, structure = flatten(tree)
    return structure.rebuild([function(leaf) for leaf in leaves])


def spread(tree: Any, structure: Structure, what: str) -> list[Any]:
    """A leaf of `tree` for each leaf of `structure`; one that stands where there is a structure is for all of it.

    what: the name of `tree` in an error.
    """
    if is_leaf(tree):
        return [tree] * structure.count
    values = tree
    if isinstance(tree, dict) and structure.keys and set(tree) == set(structure.keys):
        values = [tree[key] for key in structure.keys]
    elif isinstance(tree, dict) or structure.kind is None or structure.keys or len(tree) != len(structure.parts):
        raise ValueError(f"{what}: {tree!r} does not have the structure of what it is for, {structure!r}.")
    return [leaf for value, part in zip(values, structure.parts, strict=True) for leaf in spread(value, part, what)]
