"""`profile`: where the time of a block goes, by operation, forward and backward.

While a profile is active every operation's forward and gradient rules run inside a stopwatch; otherwise nothing of this
file is on anybody's way.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from . import flops
from .function import Function, _Applied
from .kernels import notice
from .op import Op, every
from .profile_report import chrome_trace, table_of

_now = time.perf_counter_ns


class Event(NamedTuple):
    """One run of a forward, of gradient rules, of the compiler, or of a block that the user has named."""

    name: str
    phase: str  # "forward", "backward", "compile" or "user"
    start: int  # nanoseconds on the clock of time.perf_counter_ns
    end: int
    self_time: int  # nanoseconds in it that were not in an event inside it
    depth: int  # in how many other events it stands
    thread: int
    shapes: tuple[Any, ...]
    bytes: int  # of the arrays that it read and wrote
    flops: float | None  # None: not known
    cost: int  # nanoseconds that noting it took
    memory: int  # bytes allocated and not freed again, where that is watched
    ready: int  # nanoseconds in it in which kernels were compiled or loaded

    @property
    def duration(self) -> int:
        """Nanoseconds."""
        return self.end - self.start


class _Frame:
    """An event that has not ended."""

    __slots__ = ("counted", "inner", "phase", "ready")

    def __init__(self, phase: str, counted: bool) -> None:
        self.phase = phase
        self.counted = counted  # its formula counts what is inside it too
        self.inner = 0  # nanoseconds in events inside it
        self.ready = 0


class _Stack(threading.local):
    def __init__(self) -> None:
        self.frames: list[_Frame] = []


_stack = _Stack()
_active: tuple[profile, ...] = ()
_lock = threading.RLock()
_unseen = 0  # nanoseconds that an event costs before and after what is timed: found out once
_memory: Callable[[], int]


def _open(phase: str, counted: bool) -> _Frame:
    """A frame on the stack of this thread.  An operation that a gradient rule calls is part of the backward pass."""
    frames = _stack.frames
    if frames and phase == "forward" and frames[-1].phase == "backward":
        phase = "backward"
    frame = _Frame(phase, counted or bool(frames and frames[-1].counted))
    frames.append(frame)
    return frame


def _ended(
    frame: _Frame, name: str, start: int, end: int, before: int, details: Callable[[], tuple[Any, int, Any]]
) -> None:
    """Notes an event.  details: gives its shapes, bytes and FLOPs."""
    frames = _stack.frames
    memory = _memory() - before
    try:
        shapes, size, count = details()
    except Exception:  # whatever the operation was given, a profile is no reason to fail
        shapes, size, count = (), 0, None
    if frames and frames[-1].counted:
        count = 0  # what it stands in counts it
    cost = _now() - end + _unseen
    took = end - start
    thread = threading.get_ident()
    phase = frame.phase
    ready = took if phase == "compile" else frame.ready
    own = took - frame.inner
    event = Event(name, phase, start, end, own, len(frames), thread, shapes, size, count, cost, memory, ready)
    for one in _active:
        one.events.append(event)
    if frames:
        frames[-1].inner += took + cost
        frames[-1].ready += ready


def _watch(
    name: str, phase: str, counted: bool, function: Callable[..., Any], details: Callable[..., tuple[Any, int, Any]]
) -> Callable[..., Any]:
    """The function inside a stopwatch.  details: of its arguments and its result."""

    def watched(*args: Any, **kwargs: Any) -> Any:
        frame = _open(phase, counted)
        before = _memory()
        start = _now()
        try:
            out = function(*args, **kwargs)
        finally:
            end = _now()
            _stack.frames.pop()
        if out is not NotImplemented:  # by a kernel for something else: the operations of the definition come now
            _ended(frame, name, start, end, before, lambda: details(args, out))
        return out

    return watched


def _measure_unseen() -> None:
    """Times an empty function that is watched: what its events do not show is what watching takes."""
    global _active, _unseen
    calls = 500
    trial = profile()
    watched = _watch("nothing", "forward", True, lambda x: x, lambda args, out: (*_sizes(args, (out,)), 0))
    array = np.zeros(1)
    before, _active = _active, (trial,)
    start = _now()
    for _ in range(calls):
        watched(array)
    took = _now() - start
    _active = before
    _unseen = max(1, (took - sum(event.self_time + event.cost for event in trial.events)) // calls)


def _size(values: Any, shapes: list[Any]) -> int:
    """The bytes of the arrays and tensors in nested arguments, whose shapes are added to the list."""
    total = 0
    for value in values:
        kind = type(value)
        if kind is np.ndarray:
            shapes.append(value.shape)
            total += value.nbytes
        elif kind is tuple or kind is list or isinstance(value, tuple):
            total += _size(value, shapes)
        elif kind is not float and kind is not int and hasattr(value, "nbytes"):
            shapes.append(value.shape)
            total += value.nbytes
    return total


def _sizes(first: Any, *others: Any) -> tuple[tuple[Any, ...], int]:
    """The shapes of the first, and the bytes of all."""
    shapes: list[Any] = []
    total = _size(first, shapes)
    for other in others:
        total += _size(other, [])
    return tuple(shapes), total


def _watched_forward(op: Op) -> Callable[..., Any]:
    plain = op.elementwise and not flops.is_counted_by_name(op)

    def details(args: Any, out: Any) -> tuple[Any, int, Any]:
        if plain and type(out) is np.ndarray:  # the usual case, quickly
            shapes: list[Any] = []
            size = _size(args, shapes) + out.nbytes
            return tuple(shapes), size, out.size
        out = getattr(out, "out", out) if not isinstance(out, (np.ndarray, tuple)) else out
        return *_sizes(args, (out,)), flops.forward(op, args, out)

    return _watch(op.name, "forward", flops.is_known(op), op.run, details)


def _watched_pull(op: Op) -> Callable[..., Any]:
    def details(args: Any, found: Any) -> tuple[Any, int, Any]:
        g, saved, parents = args[:3]
        return *_sizes((g,), saved, found), flops.backward(op, saved, g, parents)

    return _watch(op.name, "backward", flops.is_known(op), op.pull, details)


# ---------------------------------------------------------------------------------------------------------------------
# In and out of everybody's way
# ---------------------------------------------------------------------------------------------------------------------
_installed: list[tuple[Any, str, Any]] = []  # what has been replaced: owner, name, what was there
_compiler = contextlib.ExitStack()


def _install() -> None:
    for op in list(every):
        _replace(op, "run", _watched_forward(op))
        _replace(op, "pull", _watched_pull(op))
    _replace_functions()
    _compiler.enter_context(notice.watch(_made_ready))


def _replace(owner: Any, name: str, watched: Any) -> None:
    _installed.append((owner, name, vars(owner)[name]))
    setattr(owner, name, watched)


def _uninstall() -> None:
    _compiler.close()
    while _installed:
        setattr(*_installed.pop())


def _replace_functions() -> None:
    """The same for operations that are classes."""
    apply = Function.__dict__["apply"].__func__
    pull = _Applied.pull

    def details(args: Any, out: Any) -> tuple[Any, int, Any]:
        return *_sizes(args, (out,)), None

    def watched_apply(cls: type[Function], *args: Any) -> Any:
        return _watch(cls.__name__, "forward", False, functools.partial(apply, cls), details)(*args)

    def watched_pull(self: _Applied, *args: Any) -> Any:
        return _watch(self.name, "backward", False, functools.partial(pull, self), details)(*args)

    _replace(Function, "apply", classmethod(watched_apply))
    _replace(_Applied, "pull", watched_pull)


def _made_ready(name: str) -> Callable[[], None]:
    return _begin(name, "compile")


def _begin(name: str, phase: str) -> Callable[[], None]:
    """Opens an event that is no call; what is returned ends it."""
    frame = _open(phase, False)
    before = _memory()
    start = _now()

    def end() -> None:
        at = _now()
        _stack.frames.remove(frame)
        _ended(frame, name, start, at, before, lambda: ((), 0, 0))

    return end


# ---------------------------------------------------------------------------------------------------------------------
# For users
# ---------------------------------------------------------------------------------------------------------------------
@contextlib.contextmanager
def record_function(name: str) -> Iterator[None]:
    """Gives the block a name of its own in the profiles that are active; does nothing where none is."""
    if not _active:
        yield
        return
    end = _begin(name, "user")
    try:
        yield
    finally:
        end()


class Row(NamedTuple):
    """One operation, forward or backward, or one kernel that was compiled.  Times in seconds."""

    name: str
    phase: str
    calls: int
    self_time: float  # in it, and not in an operation inside it
    total_time: float  # with those, but without making kernels ready
    bytes: int
    flops: float | None  # None where that of any call is not known
    memory: int

    @property
    def rate(self) -> float | None:
        """FLOPs a second."""
        return None if self.flops is None or not self.total_time else self.flops / self.total_time


_ORDERS = ("self_time", "total_time", "calls", "bytes", "flops", "memory", "name")


class profile:
    """Time, calls, bytes and FLOPs of the operations of a block, forward and backward.  A context manager.

    memory: also what each allocates and does not free, and the most that was allocated at any time, in bytes: watched
    by `tracemalloc`, which makes everything slower.
    Operations of other threads are in it, under their thread. Profiles may be nested, and the outer one has all that
    the inner one has. An operation that is declared inside the block is not seen.

    >>> import autograd as ag
    >>> x = ag.ones(64, 64, requires_grad=True)
    >>> with ag.profile() as p:
    ...     (x @ x).sum().backward()
    >>> {(row.name, row.phase): row.flops for row in p.rows}[("matmul", "forward")]
    524288
    """

    def __init__(self, *, memory: bool = False) -> None:
        self.events: list[Event] = []
        self.watches_memory = memory
        self.peak = 0  # bytes, where memory is watched
        self.start = self.end = 0
        self.thread = 0
        self._names: dict[int, str] = {}
        self._starts_tracing = False

    def __enter__(self) -> profile:
        global _active, _memory
        if self.thread:
            raise RuntimeError("profile: this one has been used already. Make a new one for each block.")
        self.thread = threading.get_ident()
        with _lock:
            if self.watches_memory:
                self._starts_tracing = not tracemalloc.is_tracing()
                tracemalloc.start()
                tracemalloc.reset_peak()
                _memory = _allocated
            if not _unseen:
                _measure_unseen()
            if not _active:
                try:
                    _install()
                except BaseException:
                    _uninstall()
                    raise
            _active = (*_active, self)
        self.start = _now()
        return self

    def __exit__(self, *_: object) -> None:
        global _active, _memory
        self.end = _now()
        self._names = {thread.ident: thread.name for thread in threading.enumerate() if thread.ident is not None}
        with _lock:
            _active = tuple(one for one in _active if one is not self)
            if not _active:
                _uninstall()
            if self.watches_memory:
                self.peak = tracemalloc.get_traced_memory()[1]
                if self._starts_tracing:
                    tracemalloc.stop()
                if not any(one.watches_memory for one in _active):
                    _memory = _nothing

    @property
    def seconds(self) -> float:
        """Of the whole block, by the clock; so far, inside it."""
        return ((self.end or _now()) - self.start) / 1e9

    @property
    def rows(self) -> list[Row]:
        """One for each operation and phase, the one that took longest first."""
        groups: dict[tuple[str, str], list[Event]] = {}
        for event in self.events:
            groups.setdefault((event.name, event.phase), []).append(event)
        rows = []
        for (name, phase), events in groups.items():
            counts = [event.flops for event in events]
            rows.append(
                Row(
                    name,
                    phase,
                    len(events),
                    sum(event.self_time for event in events) / 1e9,
                    sum(event.duration - (phase != "compile") * event.ready for event in events) / 1e9,
                    sum(event.bytes for event in events),
                    None if None in counts else sum(count for count in counts if count is not None),
                    sum(event.memory for event in events),
                )
            )
        return sorted(rows, key=lambda row: -row.self_time)

    def _time(self, *phases: str) -> float:
        return sum(event.self_time for event in self.events if event.phase in phases and self._here(event)) / 1e9

    def _here(self, event: Event) -> bool:
        return event.thread == self.thread

    @property
    def in_operations(self) -> float:
        """Seconds inside operations, of the thread that the block ran in."""
        return self._time("forward", "backward")

    @property
    def compiling(self) -> float:
        """Seconds for kernels to be compiled, or loaded, in that thread."""
        return self._time("compile")

    @property
    def profiling(self) -> float:
        """Seconds that profiling itself took, in that thread."""
        return sum(event.cost for event in self.events if self._here(event)) / 1e9

    @property
    def outside(self) -> float:
        """Seconds outside all of these: Python, the graph, optimizers, data."""
        return max(0.0, self.seconds - self.in_operations - self.compiling - self.profiling)

    @property
    def flops(self) -> float:
        """Additions and multiplications, of those operations of which the number is known."""
        return sum(event.flops or 0 for event in self.events)

    def table(self, sort_by: str = "self_time", row_limit: int | None = None) -> str:
        """The rows as text.

        sort_by: "self_time", "total_time", "calls", "bytes", "flops", "memory" or "name". row_limit: how many rows.
        """
        if sort_by not in _ORDERS:
            raise ValueError(f"profile: can not sort by {sort_by!r}. Give one of {', '.join(_ORDERS)}.")
        rows = [row for row in self.rows if row.phase != "compile"]
        rows.sort(key=lambda row: row.name if sort_by == "name" else -(getattr(row, sort_by) or 0))
        return table_of(self, rows if row_limit is None else rows[:row_limit], len(rows))

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<profile of {self.seconds:.3g} s, {len(self.events)} events>"

    def export_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes all events for chrome://tracing or https://ui.perfetto.dev, in JSON."""
        Path(path).write_text(json.dumps(chrome_trace(self, self._names)), "utf8")


def _nothing() -> int:
    return 0


def _allocated() -> int:
    return tracemalloc.get_traced_memory()[0]


_memory = _nothing
