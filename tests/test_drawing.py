"""The graph behind a tensor, as text and as a picture."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
import nn

SVG = "{http://www.w3.org/2000/svg}"


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """Left, top, width and height of each box."""
    found = []
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        found.append(tuple(float(rect.attrib[key]) for key in ("x", "y", "width", "height")))
    return found


def test_the_table_says_who_feeds_whom() -> None:
    x = ag.ones(4, 3)
    model = nn.Linear(3, 2)
    drawing = ag.graph.draw((model(x).relu() * 2).mean(), params=model)
    lines = drawing.splitlines()
    assert lines[0].startswith("4 operations, 2 leaves; ")
    assert re.sub(" +", " ", "\n".join(lines[1:])) == (
        "# operation shape dtype from\n"
        "1 leaf weight (2, 3) float32\n"
        "2 leaf bias (2,) float32\n"
        "3 linear (4, 2) float32 weight=#1, bias=#2\n"
        "4 relu (4, 2) float32 x=#3\n"
        "5 mul (4, 2) float32 x=#4\n"
        "6 mean () float32 x=#5 <- result"
    )


def test_leaves_have_names_or_numbers() -> None:
    a, b, c = (ag.ones(2, requires_grad=True) for _ in range(3))
    drawing = ag.graph.draw(a * b + c, params={"beta": b})
    assert [item.name for item in drawing.items if item.is_leaf] == ["1", "beta", "2"]
    assert "leaf 1 " in drawing
    assert [name for name, _ in [("a", a)]] == [i.name for i in ag.graph.draw(a * 1, params=[("a", a)]).items][:1]


def test_a_node_that_is_used_twice_stands_once() -> None:
    x = ag.ones(2, requires_grad=True)
    y = x.exp()
    drawing = ag.graph.draw(y * y + y)
    assert [item.name for item in drawing.items] == ["1", "exp", "mul", "add"]
    assert "x=#2, y=#2" in drawing
    assert "x=#3, y=#2" in drawing


def test_several_results_and_lists_of_tensors() -> None:
    x = ag.tensor([3.0, 1.0, 2.0], requires_grad=True)
    values, _ = x.sort()
    drawing = ag.graph.draw([ag.cat([values, x]), values.sum()])
    assert re.search(r"cat .* tensors\[0\]=#2\[0\], tensors\[1\]=#1", drawing)
    assert "(3,) (3,)" in drawing
    assert drawing.count("<- result") == 2


def test_what_is_kept_and_freed() -> None:
    x = ag.ones(1000, dtype=ag.float64, requires_grad=True)
    y = (x * x).sum()
    assert "16.0 KB" not in ag.graph.draw(y)  # x twice is x once
    assert "8.0 KB are kept" in ag.graph.draw(y)
    y.backward()
    assert "freed by a backward pass" in ag.graph.draw(y)


def test_the_lines_that_made_it() -> None:
    x = ag.ones(2, requires_grad=True)
    with ag.detect_anomaly():
        y = x.exp()  # this line
    assert re.search(r"exp .*test_drawing.py:\d+: y = x.exp\(\)  # this line", ag.graph.draw(y))


def test_a_tensor_without_a_graph() -> None:
    drawing = ag.graph.draw(ag.ones(2))
    assert "no graph" in drawing
    ElementTree.fromstring(drawing.svg)
    assert "leaf" in ag.graph.draw(ag.ones(2, requires_grad=True))


def test_a_function() -> None:
    class Twice(ag.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    assert re.search(r"Twice .*#1", ag.graph.draw(Twice.apply(ag.ones(2, requires_grad=True))))


def test_the_picture_is_well_formed_and_boxes_keep_apart() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2))
    x = ag.ones(5, 4, requires_grad=True)
    out = model(x)
    drawing = ag.graph.draw((out * out + x.sum() + out.exp()).mean(), params=model)
    svg = drawing.svg
    found = boxes(svg)
    assert len(found) == len(drawing.items)
    root = ElementTree.fromstring(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for i, (x1, y1, w1, h1) in enumerate(found):
        assert x1 >= 0
        assert x1 + w1 <= width + 1
        assert y1 + h1 <= height
        for x2, y2, w2, _ in found[:i]:
            assert y1 != y2 or x1 + w1 <= x2 + 0.2 or x2 + w2 <= x1 + 0.2
    paths = [p for p in root.iter(f"{SVG}path") if "marker-end" in p.attrib]
    assert len(paths) == sum(len(item.parents) for item in drawing.items)
    for path in paths:  # every edge goes down
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.attrib["d"])]
        assert numbers[-1] > numbers[1]
    titles = [t.text or "" for t in root.iter(f"{SVG}title")]
    assert any("keeps" in t for t in titles)


def test_names_are_escaped() -> None:
    x = ag.ones(2, requires_grad=True)
    svg = ag.graph.draw(x * 2, params={"<a & b>": x}).svg
    assert "&lt;a &amp; b&gt;" in svg
    ElementTree.fromstring(svg)


def test_files(tmp_path: Path) -> None:
    y = ag.ones(2, requires_grad=True).exp()
    drawing = ag.graph.draw(y, tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text("utf8") == drawing.svg
    ag.graph.draw(y, str(tmp_path / "graph.txt"))
    assert (tmp_path / "graph.txt").read_text("utf8") == f"{drawing}\n"
    with pytest.raises(ValueError, match=r"draw: can not write .png. Use .svg or .txt"):
        ag.graph.draw(y, tmp_path / "graph.png")
    with pytest.raises(ValueError, match="a file without an ending"):
        ag.graph.draw(y, tmp_path / "graph")


def test_a_notebook_shows_the_picture() -> None:
    drawing = ag.graph.draw(ag.ones(2, requires_grad=True).exp())
    assert drawing._repr_svg_() == drawing.svg
    assert repr(drawing) == str(drawing)


def test_ten_thousand_nodes() -> None:
    x = ag.ones(2, requires_grad=True)
    y = x
    for _ in range(10_000):
        y = y * x
    assert sys.getrecursionlimit() < 10_000
    drawing = ag.graph.draw(y)
    assert len(drawing.items) == 10_001
    assert len(boxes(drawing.svg)) == 10_001


def test_a_wide_graph() -> None:
    leaves = [ag.tensor(np.ones(2), requires_grad=True) for _ in range(300)]
    total = sum((leaf.exp() for leaf in leaves[1:]), leaves[0].exp())
    assert len(boxes(ag.graph.draw(total).svg)) == 300 + 300 + 299


def test_what_is_no_tensor_can_not_be_drawn():
    with pytest.raises(TypeError, match="draw: takes a tensor, or a list of tensors, not str"):
        ag.graph.draw("x")
