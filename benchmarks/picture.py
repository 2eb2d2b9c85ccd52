"""A picture of the ratios: a dot for each row, right of the line where we are faster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .report import ratios, shown, title_of

COLOURS = ("#4477aa", "#ee6677", "#228833", "#aa3377", "#ccbb44", "#66ccee", "#777777")


def draw(found: dict[str, Any], peers: Sequence[str], path: Path) -> None:
    """Writes a PNG (or what else the name ends with); a column for each peer and number of threads."""
    import matplotlib  # late: an extra

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    records = shown(found["rows"])
    columns = [
        (peer, threads)
        for threads in sorted({record["threads"] for record in records})
        for peer in peers
        if any(record["threads"] == threads and peer in ratios(record) for record in records)
    ]
    if not columns:
        raise ValueError("picture: no row has been compared with a peer.")
    titles = list(dict.fromkeys(title_of(record) for record in records if ratios(record)))
    places = {title: len(titles) - i for i, title in enumerate(titles)}
    families = list(dict.fromkeys(record["family"] for record in records))
    size = (4 + 3.5 * len(columns), 1.2 + 0.17 * len(titles))
    figure, axes = plt.subplots(1, len(columns), figsize=size, sharey=True, squeeze=False, layout="constrained")
    for axis, (peer, threads) in zip(axes[0], columns, strict=True):
        for number, family in enumerate(families):
            points = [
                (ratios(record)[peer], places[title_of(record)])
                for record in records
                if record["family"] == family and record["threads"] == threads and peer in ratios(record)
            ]
            if points:
                colour = COLOURS[number % len(COLOURS)]
                xs, ys = zip(*points, strict=True)
                axis.hlines(ys, 1, xs, color=colour, linewidth=1)
                axis.plot(xs, ys, "o", color=colour, markersize=4, label=family)
        axis.axvline(1, color="black", linewidth=0.8)
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.grid(axis="x", which="major", linewidth=0.3)
        axis.set_title(f"{peer} over ours\n{threads} thread{'s' * (threads > 1)}", fontsize=10)
        axis.set_ylim(0, len(titles) + 1)
    axes[0][0].set_yticks(list(places.values()), list(places), fontsize=7)
    axes[0][-1].legend(fontsize=7, loc="lower right")
    figure.suptitle(f"Above 1: ours is faster.  {found['machine']['cpu']}", fontsize=10)
    figure.savefig(path, dpi=110)
    plt.close(figure)
