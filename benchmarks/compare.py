"""Two runs side by side: what has become slower."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .report import best, measured, ratios

TOLERANCE = 0.15


def compare(old: dict[str, Any], new: dict[str, Any], tolerance: float = TOLERANCE) -> tuple[list[str], list[str]]:
    """(regressions, improvements), a line each; only rows that are in both runs are compared.

    A row has regressed when it takes more than `tolerance` longer: both by itself and against each peer of both runs,
    since another process on the machine slows down both. On another machine only the peers count, and where there is
    no peer, only the time itself. A row that had a result and has none now has regressed in any case.
    """
    if old.get("smoke") or new.get("smoke"):
        raise ValueError("compare: a smoke run measures nothing; give two runs without --smoke.")
    same_machine = old["machine"]["cpu"] == new["machine"]["cpu"]
    before = {(record["key"], record["threads"]): record for record in old["rows"]}
    worse, better = [], []
    for record in new["rows"]:
        earlier = before.get((record["key"], record["threads"]))
        if earlier is None or earlier["outcome"] != "ok":
            continue
        title = f"{record['key']} on {record['threads']}"
        if record["outcome"] != "ok":
            worse.append(f"{title}: {record['outcome']}: {record['why']}")
            continue
        changes = list(_changes(earlier, record, same_machine))
        if changes and min(factor for _, factor in changes) > 1 + tolerance:
            worse.append(f"{title}: " + ", ".join(f"{factor:.2f} times {what}" for what, factor in changes))
        elif changes and max(factor for _, factor in changes) < 1 / (1 + tolerance):
            better.append(f"{title}: " + ", ".join(f"{factor:.2f} times {what}" for what, factor in changes))
    return worse, better


def _changes(old: dict[str, Any], new: dict[str, Any], same_machine: bool) -> Iterator[tuple[str, float]]:
    """(of what, by which factor it has grown)"""
    was, now = ratios(old), ratios(new)
    shared = [name for name in was if name in now]
    own_then, own_now = old["entries"]["ours"], new["entries"]["ours"]
    if (same_machine or not shared) and measured(own_then) and measured(own_now):
        then = best(own_then, old["threads"])
        if then > 0:
            yield "its own value", best(own_now, new["threads"]) / then
    for name in shared:
        yield f"that relative to {name}", was[name] / now[name]
