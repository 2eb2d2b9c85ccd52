"""The table: on a terminal, and as Markdown for the README."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .row import RUN, geometric_mean


def seconds_text(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1 or unit == "us":
            return f"{seconds * factor:.3g} {unit}" if seconds * factor < 999.5 else f"{seconds * factor:.0f} {unit}"
    raise AssertionError


def bytes_text(size: float | None) -> str:
    if size is None:
        return ""
    return f"{size / 1e6:.1f} MB" if abs(size) >= 1e5 else f"{size / 1e3:.0f} kB"


def best(entry: dict[str, Any], threads: int) -> float:
    """What counts: of times, CPU time with one thread and else wall time, the least of many."""
    return entry["value"] if "value" in entry else entry["cpu_best" if threads == 1 else "wall_best"]


def measured(entry: dict[str, Any] | None) -> bool:
    """Whether a library has been measured in a row."""
    return entry is not None and ("value" in entry or "wall_best" in entry)


def own_text(record: dict[str, Any]) -> str:
    """Our time, or what else the row is about."""
    value = best(record["entries"]["ours"], record["threads"])
    unit = record.get("unit", "s")
    return seconds_text(value) if unit == "s" else bytes_text(value) if unit == "bytes" else f"{value:g}"


def ratios(record: dict[str, Any]) -> dict[str, float]:
    """How many times as long each peer takes."""
    entries = record.get("entries", {})
    own = best(entries["ours"], record["threads"]) if measured(entries.get("ours")) else 0.0
    if own <= 0 or record["outcome"] != "ok":
        return {}
    others = {name: entry for name, entry in entries.items() if name != "ours" and measured(entry)}
    return {name: best(entry, record["threads"]) / own for name, entry in others.items()}


def shown(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows for a page: single operations are many, and stand there only if there is nothing else."""
    return [record for record in records if record.get("group") != "ops"] or list(records)


def title_of(record: dict[str, Any]) -> str:
    """What a row is called."""
    if "name" not in record:
        return record["key"]
    return record["name"].rstrip(",") + (f", {record['pass']}" if record["pass"] != RUN else "")


def line(record: dict[str, Any], peers: Sequence[str]) -> str:
    """One row for a terminal."""
    head = f"{title_of(record):<58}"
    if record["outcome"] != "ok":
        return f"{head} {record['outcome'].upper()}: {record['why']}"
    own = record["entries"]["ours"]
    parts = [f"{head}{own_text(record):>9}"]
    found = ratios(record)
    for peer in peers:
        entry = record["entries"].get(peer)
        if peer in found:
            parts.append(f"{found[peer]:6.2f} x {peer}")
        elif entry is not None:
            parts.append(f"  ({peer}: {entry['why']})")
    if "fraction" in record:
        parts.append(f"{record['fraction']:5.2f} of {record['of']}")
    if own.get("peak_bytes") is not None:
        theirs = record["entries"].get(peers[0], {}).get("peak_bytes") if peers else None
        parts.append(bytes_text(own["peak_bytes"]) + (f" / {bytes_text(theirs)}" if theirs is not None else ""))
    return "  ".join(parts)


def families(records: Iterable[dict[str, Any]], peer: str) -> list[tuple[str, int, float, float, str]]:
    """(family and pass, rows, geometric mean of the ratios, the least ratio, the row it belongs to)."""
    grouped: dict[str, list[tuple[float, str]]] = {}
    for record in records:
        ratio = ratios(record).get(peer)
        if ratio is not None:
            entry = (ratio, title_of(record))
            for title in (f"{record['family']}, {record['pass']}", record["family"]):
                grouped.setdefault(title, []).append(entry)
    found = []
    order = list(dict.fromkeys(title.split(", ")[0] for title in grouped))
    for title, entries in sorted(grouped.items(), key=lambda item: (order.index(item[0].split(", ")[0]), item[0])):
        prefix, comma, _ = title.partition(", ")
        if comma and len(entries) in (1, len(grouped[prefix])):
            continue  # the family has one pass only, or one row of this one
        least, which = min(entries)
        found.append((title, len(entries), geometric_mean([ratio for ratio, _ in entries]), least, which))
    return found


def summary(records: Sequence[dict[str, Any]], peers: Sequence[str]) -> Iterator[str]:
    """Geometric means a family, and what is not right."""
    for threads in sorted({record["threads"] for record in records if record.get("entries")}):
        chosen = [record for record in records if record["threads"] == threads]
        for peer in peers:
            lines = families(chosen, peer)
            if lines:
                clock = "CPU time" if threads == 1 else "wall time"
                yield f"\n{peer} over ours, {clock} on {threads} thread{'s' * (threads > 1)}:"
                for title, count, mean, least, which in lines:
                    yield f"  {title:<36}{count:4} rows  geometric mean {mean:5.2f}  least {least:5.2f} ({which})"
    bad = [record for record in records if record["outcome"] != "ok"]
    if bad:
        yield f"\n{len(bad)} rows without a time:"
        for record in bad:
            yield f"  {record['key']} on {record['threads']}: {record['outcome'].upper()}: {record['why']}"
