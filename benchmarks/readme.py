"""The tables of a run as Markdown, and the README's section with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .report import best, bytes_text, families, measured, own_text, ratios, shown, title_of

BEGIN, END = "<!-- benchmarks: written by `python -m benchmarks --readme` -->", "<!-- /benchmarks -->"


def write(found: dict[str, Any], peers: Sequence[str], path: Path) -> None:
    """Puts the tables between the two marks of the file."""
    text = path.read_text("utf8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{path}: needs the lines {BEGIN} and {END}, once each.")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{markdown(found, peers)}\n{END}{after}", "utf8")


def markdown(found: dict[str, Any], peers: Sequence[str]) -> str:
    """Where it was measured, a table of the families, and one of the rows."""
    machine = found["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    rates = "; ".join(
        f"{peak['fma'] / 1e9:.0f} GFLOP/s and a copy of {peak['copy'] / 1e9:.0f} GB/s with {_threads(peak['threads'])}"
        for peak in _peaks(found)
    )
    lines = [f"{machine['cpu']}, {machine['cores']} cores; Python {machine['python']}, {versions}. It reaches {rates}."]
    for peer in peers:
        summary = list(_summary(found, peer))
        if summary:
            lines += ["", *summary]
    lines += ["", "<details><summary>All rows</summary>", "", *_rows(found, peers), "", "</details>"]
    return "\n".join(lines)


def _peaks(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The best rates with each number of threads."""
    by_threads: dict[int, dict[str, Any]] = {}
    for peak in found["peaks"]:
        kept = by_threads.setdefault(peak["threads"], dict(peak))
        kept |= {name: max(kept[name], peak[name]) for name in ("fma", "copy")}
    return [by_threads[threads] for threads in sorted(by_threads)]


def _threads(count: int) -> str:
    return f"{count} thread{'s' * (count > 1)}"


def _counts(found: dict[str, Any]) -> list[int]:
    return sorted({record["threads"] for record in found["rows"] if record.get("entries")})


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|---" + "|--:" * (len(head) - 1) + "|"
    for cells in lines:
        yield "| " + " | ".join(cells) + " |"


def _summary(found: dict[str, Any], peer: str) -> Iterator[str]:
    counts = _counts(found)
    by_title: dict[str, dict[int, tuple[int, float, float]]] = {}
    for threads in counts:
        chosen = [record for record in found["rows"] if record["threads"] == threads]
        for title, rows, mean, least, _ in families(chosen, peer):
            by_title.setdefault(title, {})[threads] = (rows, mean, least)
    if not by_title:
        return
    head = [f"{peer} over ours", "rows"]
    for threads in counts:
        head += [f"mean, {_threads(threads)}", "least"]
    lines = []
    for title, entries in by_title.items():
        cells = [title, str(max(rows for rows, _, _ in entries.values()))]
        for threads in counts:
            cells += [f"{x:.2f}" for x in entries[threads][1:]] if threads in entries else ["", ""]
        lines.append(cells)
    yield from _table(head, lines)


def _rows(found: dict[str, Any], peers: Sequence[str]) -> Iterator[str]:
    counts = _counts(found)
    by_title: dict[str, dict[int, dict[str, Any]]] = {}
    for record in shown(found["rows"]):
        by_title.setdefault(title_of(record), {})[record["threads"]] = record
    head = ["row"]
    for threads in counts:
        head += [f"ours, {_threads(threads)}", *[f"{peer} / ours" for peer in peers], "of peak"]
    head += ["memory, ours"] + [f"memory, {peer}" for peer in peers[:1]]
    lines = []
    for title, records in by_title.items():
        cells = [title]
        for threads in counts:
            cells += _cells(records.get(threads), peers)
        last = records[max(records)]
        for name in ("ours", *peers[:1]):
            cells.append(bytes_text((last.get("entries") or {}).get(name, {}).get("peak_bytes")))
        lines.append(cells)
    yield from _table(head, lines)


def _cells(record: dict[str, Any] | None, peers: Sequence[str]) -> list[str]:
    if record is None:
        return [""] * (2 + len(peers))
    if record["outcome"] != "ok":
        return [record["outcome"]] + [""] * (1 + len(peers))
    found = ratios(record)
    compared = [f"{found[peer]:.2f}" if peer in found else _instead(record, peer) for peer in peers]
    return [own_text(record), *compared, f"{record['fraction']:.2f}" if "fraction" in record else ""]


def _instead(record: dict[str, Any], peer: str) -> str:
    """What stands where there is no ratio: a value, if ours is nothing to divide by."""
    entry = record["entries"].get(peer)
    return f"({best(entry, record['threads']):.3g})" if entry is not None and measured(entry) else ""
