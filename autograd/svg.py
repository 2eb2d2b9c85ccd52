"""A graph as a picture: nodes in layers, each below all that feed it, and SVG written by hand."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from .drawing import Item

_HEIGHT, _ROW, _GAP, _MARGIN = 38, 74, 18, 16  # pixels
_CHARACTER = 6.8  # width of a letter
_BEND = 8  # width of the place that an edge takes where it passes a layer
_LONG = 12  # an edge over more layers than this goes straight, behind what is in its way

_STYLE = """
text { font: 12px ui-monospace, Menlo, Consolas, monospace; text-anchor: middle; fill: #1f2328; }
text.small { font-size: 10px; fill: #59636e; }
rect { stroke: #8c959f; fill: #f6f8fa; rx: 6px; }
rect.leaf { stroke: #0969da; fill: #ddf4ff; }
rect.result { stroke: #1a7f37; fill: #dafbe1; }
rect.page { stroke: none; fill: #ffffff; rx: 0; }
path { fill: none; stroke: #8c959f; }
marker path { fill: #8c959f; stroke: none; }
"""


class _Place:
    """A box, or the bend of a long edge, in its layer."""

    __slots__ = ("above", "below", "item", "layer", "width", "x")

    def __init__(self, layer: int, width: float, item: Item | None = None) -> None:
        self.layer, self.width, self.item = layer, width, item
        self.x = 0.0  # of its middle
        self.above: list[_Place] = []
        self.below: list[_Place] = []


def picture(items: Sequence[Item]) -> str:
    """The SVG."""
    layers, edges = _places(items)
    for downwards in (True, False, True, False, True):
        _arrange(layers if downwards else layers[::-1], downwards)
    left = min((p.x - p.width / 2 for layer in layers for p in layer), default=0.0)
    right = max((p.x + p.width / 2 for layer in layers for p in layer), default=0.0)
    for layer in layers:
        for place in layer:
            place.x += _MARGIN - left
    width, height = right - left + 2 * _MARGIN, max(1, len(layers)) * _ROW - (_ROW - _HEIGHT) + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">',
        f"<style>{_STYLE}</style>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0,0 L8,4 L0,8 z"/></marker></defs>',
        f'<rect class="page" width="{width:.0f}" height="{height:.0f}"/>',
        *(_edge(*edge) for edge in edges),
        *(_box(place) for layer in layers for place in layer if place.item is not None),
        "</svg>",
    ]
    return "\n".join(parts)


def _places(items: Sequence[Item]) -> tuple[list[list[_Place]], list[tuple[list[_Place], str]]]:
    """The places of each layer, and each edge with the places that it goes through and what it says."""
    for item in items:
        item.layer = 1 + max((items[n - 1].layer for _, n, _ in item.parents), default=-1)
    for item in items:
        if not item.parents and item.children:  # a leaf stands right above the first that uses it
            item.layer = min(items[n - 1].layer for n in item.children) - 1
    depth = 1 + max((item.layer for item in items), default=-1)
    layers: list[list[_Place]] = [[] for _ in range(depth)]
    boxes = []
    for item in items:
        letters = max(len(item.name), (len(item.shape) + len(item.dtype)) * 0.85 + 1)
        place = _Place(item.layer, letters * _CHARACTER + 16, item)
        boxes.append(place)
        layers[item.layer].append(place)
    edges = []
    for item, box in zip(items, boxes, strict=True):
        for parameter, number, which in item.parents:
            start = boxes[number - 1]
            way = [start]
            if 1 < item.layer - start.layer <= _LONG:
                for layer in range(start.layer + 1, item.layer):
                    way.append(_Place(layer, _BEND))
                    layers[layer].append(way[-1])
            way.append(box)
            edges.append((way, f"{items[number - 1].name}{which} to {item.name}{f', {parameter}' * bool(parameter)}"))
            for upper, lower in itertools.pairwise(way):
                if lower.layer == upper.layer + 1:
                    upper.below.append(lower)
                    lower.above.append(upper)
    return layers, edges


def _arrange(layers: Sequence[list[_Place]], downwards: bool) -> None:
    """Puts each place near the middle of its neighbours in the layer before, in order and without overlap."""
    for layer in layers:
        wishes = {}
        for place in layer:
            neighbours = place.above if downwards else place.below
            wishes[place] = sum(n.x for n in neighbours) / len(neighbours) if neighbours else place.x
        layer.sort(key=wishes.__getitem__)
        edge = float("-inf")
        moved = 0.0
        for place in layer:
            place.x = max(wishes[place], edge + place.width / 2)
            edge = place.x + place.width / 2 + _GAP
            moved += place.x - wishes[place]
        for place in layer:
            place.x -= moved / len(layer)


def _top(place: _Place) -> float:
    return place.layer * _ROW + _MARGIN


def _edge(way: Sequence[_Place], title: str) -> str:
    x, y = way[0].x, _top(way[0]) + _HEIGHT
    parts = [f"M{x:.1f},{y:.1f}"]
    for place in way[1:]:
        end = _top(place) + (_HEIGHT / 2 if place.item is None else 0)
        bend = (end - y) / 2
        parts.append(f"C{x:.1f},{y + bend:.1f} {place.x:.1f},{end - bend:.1f} {place.x:.1f},{end:.1f}")
        x, y = place.x, end
    return f'<path d="{" ".join(parts)}" marker-end="url(#arrow)"><title>{escape(title)}</title></path>'


def _box(place: _Place) -> str:
    item = place.item
    assert item is not None
    kind = ' class="leaf"' if item.is_leaf else ' class="result"' if item.is_result else ""
    x, y = place.x - place.width / 2, _top(place)
    lines = [f"#{item.number} {item.name}", f"{item.dtype} {item.shape}", f"keeps {item.kept} bytes", item.note]
    return (
        f"<g><title>{escape(chr(10).join(line for line in lines if line))}</title>"
        f'<rect{kind} x="{x:.1f}" y="{y:.1f}" width="{place.width:.1f}" height="{_HEIGHT}"/>'
        f'<text x="{place.x:.1f}" y="{y + 16:.1f}">{escape(item.name)}</text>'
        f'<text class="small" x="{place.x:.1f}" y="{y + 31:.1f}">{escape(f"{item.shape} {item.dtype}")}</text></g>'
    )
