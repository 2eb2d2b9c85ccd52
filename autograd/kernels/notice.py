"""What a user sees while kernels compile: one line on a terminal, the first time only, since the cache keeps them."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator

__all__ = ["compiled", "compiling", "listen"]

compiled: list[str] = []  # the names of what this process has compiled, in order

_listeners: list[Callable[[str], None]] = []


def _terminal() -> bool:
    """Whether somebody is there to read the line."""
    try:
        return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # a closed stream
        return False


@contextlib.contextmanager
def listen(listener: Callable[[str], None]) -> Iterator[None]:
    """Calls the listener with the name of each kernel before it is compiled, in place of the line."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextlib.contextmanager
def compiling(name: str) -> Iterator[None]:
    """Around the compilation of a kernel."""
    shown = not _listeners and _terminal()
    for listener in _listeners:
        listener(name)
    if shown:
        line = f"definerun: compiling kernels, the first time only: {len(compiled) + 1}, {name}"
        sys.stderr.write("\r\033[K" + line[: shutil.get_terminal_size().columns - 1])
        sys.stderr.flush()
    try:
        yield
        compiled.append(name)
    finally:
        if shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
