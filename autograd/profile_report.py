"""What a profile shows: a table, and a trace for Chrome's viewer."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .drawing import in_bytes

if TYPE_CHECKING:
    from .profiler import Row, profile


def _seconds(value: float) -> str:
    """`1.23 ms`"""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size or unit == "us":
            number = value / size
            return f"{number:.{0 if number >= 100 else 1 if number >= 10 else 2}f} {unit}"
    raise AssertionError("never reached")


def _count(value: float | None) -> str:
    """`1.05 M`; unknown, rather than 0, where it is not known."""
    if value is None:
        return "unknown"
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:g}"


_KERNELS = 5  # that are named


def table_of(one: profile, rows: Sequence[Row], count: int) -> str:
    """The rows of operations, and below them where the whole time went, and what kernels were made ready."""
    wall = max(one.seconds, 1e-12)
    heads = ["operation", "phase", "calls", "self", "share", "total", "bytes", "FLOPs", "FLOP/s"]
    heads += ["memory"] if one.watches_memory else []
    lines = [heads]
    for row in rows:
        share = f"{100 * row.self_time / wall:.1f} %"
        times = [_seconds(row.self_time), share, _seconds(row.total_time)]
        if row.phase == "user":
            rest = ["", "", ""]
        else:
            rest = [in_bytes(row.bytes), _count(row.flops), "" if not row.flops else _count(row.rate)]
        memory = [("-" if row.memory < 0 else "") + in_bytes(abs(row.memory))] if one.watches_memory else []
        lines.append([row.name, row.phase, str(row.calls), *times, *rest, *memory])
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    text = []
    for line in lines:
        words = [cell.ljust(width) for cell, width in zip(line[:2], widths[:2], strict=True)]
        numbers = [cell.rjust(width) for cell, width in zip(line[2:], widths[2:], strict=True)]
        text.append("  ".join([*words, *numbers]).rstrip())
    text.insert(1, "-" * max(map(len, text)))
    if len(rows) < count:
        text.append(f"... and {count - len(rows)} more")
    parts = {
        "in operations": one.in_operations,
        "making kernels ready": one.compiling,
        "profiling": one.profiling,
        "outside (Python, graph, optimizer)": one.outside,
    }
    text.append(
        f"{_seconds(one.seconds)} in all: "
        + ", ".join(f"{name} {_seconds(value)} ({100 * value / wall:.1f} %)" for name, value in parts.items() if value)
    )
    others = {event.thread for event in one.events} - {one.thread}
    kernels = sorted((row for row in one.rows if row.phase == "compile"), key=lambda row: -row.self_time)
    if kernels:
        made = ", ".join(f"{row.name} {_seconds(row.self_time)}" for row in kernels[:_KERNELS])
        more = f", and {len(kernels) - _KERNELS} more" if len(kernels) > _KERNELS else ""
        text.append(f"made ready, the first time only: {made}{more}")
    if others:
        busy = sum(event.self_time for event in one.events if event.thread != one.thread) / 1e9
        text.append(f"{len(others)} other thread{'s' * (len(others) > 1)}: in operations {_seconds(busy)}")
    if one.watches_memory:
        text.append(f"most memory allocated at a time: {in_bytes(one.peak)}")
    return "\n".join(text)


def chrome_trace(one: profile, names: Mapping[int, str]) -> dict[str, Any]:
    """The events in the format of Chrome's viewer: complete events ("X"), times in microseconds."""
    process = os.getpid()
    threads = {thread: i for i, thread in enumerate(dict.fromkeys([one.thread, *(e.thread for e in one.events)]), 1)}
    events: list[dict[str, Any]] = [
        {"name": "process_name", "ph": "M", "pid": process, "tid": 0, "args": {"name": "definerun"}}
    ]
    for thread, number in threads.items():
        name = names.get(thread, f"thread {number}")
        events.append({"name": "thread_name", "ph": "M", "pid": process, "tid": number, "args": {"name": name}})
    for event in sorted(one.events, key=lambda event: (event.start, event.depth)):
        args: dict[str, Any] = {}
        if event.phase in ("forward", "backward"):
            args = {"shapes": [list(shape) for shape in event.shapes], "bytes": event.bytes}
            args["FLOPs"] = "unknown" if event.flops is None else event.flops
        events.append(
            {
                "name": event.name,
                "cat": event.phase,
                "ph": "X",
                "ts": (event.start - one.start) / 1000,
                "dur": event.duration / 1000,
                "pid": process,
                "tid": threads[event.thread],
                "args": args,
            }
        )
    return {"traceEvents": events, "displayTimeUnit": "ms"}
