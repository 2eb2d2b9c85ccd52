"""Volumes of three axes, of which the first ones may have length 1, and the rows that they are made of."""

from __future__ import annotations

from collections.abc import Iterable

from autograd.kernels.jit import inline

__all__ = ["next_row", "row_at", "three"]


def three(values: Iterable[int], before: int) -> tuple[int, int, int]:
    """One to three numbers, one for each of the last axes, with ``before`` for the axes that are not there."""
    given = tuple(values)
    first, second, third = (before,) * (3 - len(given)) + given
    return first, second, third


@inline
def row_at(row, planes, lines):
    """The volume, the plane and the line of a row, counted over volumes of so many planes of so many lines."""
    volume = row // (planes * lines)
    row -= volume * (planes * lines)
    plane = row // lines
    return volume, plane, row - plane * lines


@inline
def next_row(volume, plane, line, planes, lines):
    """The row behind a row, without a division."""
    line += 1
    if line == lines:
        line = 0
        plane += 1
        if plane == planes:
            plane = 0
            volume += 1
    return volume, plane, line
