"""What a user sees while kernels compile: one line on a terminal, the first time only, since the cache keeps them."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator

__all__ = ["compiled", "compiling", "listen", "making_ready", "watch"]

compiled: list[str] = []  # the names of what this process has compiled, in order

_listeners: list[Callable[[str], None]] = []
_watchers: list[Callable[[str], Callable[[], None]]] = []


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


@contextlib.contextmanager
def making_ready(name: str) -> Iterator[None]:
    """Around what a kernel needs before it can run: an import, a file of the cache, the compiler."""
    ended = [watcher(name) for watcher in _watchers]
    try:
        yield
    finally:
        for end in reversed(ended):
            end()


@contextlib.contextmanager
def watch(watcher: Callable[[str], Callable[[], None]]) -> Iterator[None]:
    """Calls the watcher with the name of what is being made ready, and what it returns when that is done.

    Functions that users compile with Numba are watched too, if Numba is there already.
    """
    _watchers.append(watcher)
    try:
        with _watch_numba(watcher) if "numba" in sys.modules else contextlib.nullcontext():
            yield
    finally:
        _watchers.remove(watcher)


@contextlib.contextmanager
def _watch_numba(watcher: Callable[[str], Callable[[], None]]) -> Iterator[None]:
    from numba.core import event

    class Listener(event.Listener):
        def __init__(self) -> None:
            self.ends: list[Callable[[], None]] = []

        def on_start(self, started: event.Event) -> None:
            self.ends.append(watcher(started.data["dispatcher"].py_func.__name__))

        def on_end(self, _: event.Event) -> None:
            if self.ends:
                self.ends.pop()()

    with event.install_listener("numba:compile", Listener()):
        yield
