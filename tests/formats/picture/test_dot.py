"""DOT and what is laid out from it: any name is shown as it is, SVG and PNG are whole, dark follows the reader."""
from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphcli.formats.dot.image import render, style_sheet
from graphcli.formats.dot.parts import Part, holds, parts, rows
from graphcli.formats.dot.spell import quoted
from graphcli.formats.dot.write import to_dot
from graphcli.formats.picture import Arrow, Box, Frame, Options, Picture, picture
from graphcli.formats.picture.model import Legend
from graphcli.formats.picture.themes import KINDS, PAINTS
from graphcli.formats.picture.words import clean, tip, title
from graphcli.spec import load_spec

SPECS = Path(__file__).parents[3] / "specs"
SVG = "{http://www.w3.org/2000/svg}"
TOOLTIP = "{http://www.w3.org/1999/xlink}title"
ODD = ['"quotes"', "'single'", "<b>bold</b>", "a & b &amp; c &#65;", "back\\slash \\n \\l \\G", "two\nlines",
       "😀 emoji", "] ; x -> y [label=\"", "", " ", "{a|b}", "<a.b>", "naïve Ω 漢字", "\\", "\\\"", "\\\\N two",
       "%s {} ${x}", "<!-- -->", "]]>"]


def of_label(label: str) -> Picture:
    """A picture of nothing but one label, at every place that has one."""
    return Picture(label or "x", [
        Box("n0", title(label), "math", "math", 1, (title(label).replace("\n", " "),), tip(label), label),
        Box("n1", "b", "variable", "variable", None)],
        [Arrow("n0", "n1", title(label), False, 1.0, tip(label))], [Frame(1, title(label), None, label)],
        Legend(["math", "variable"]))


def texts(svg: bytes) -> list[str]:
    return ["".join(t.itertext()) for t in ET.fromstring(svg).iter(SVG + "text")]


@pytest.mark.parametrize("label", [*ODD, "x" * 10_000, "long name " * 1000], ids=lambda s: repr(s[:20]))
def test_labels_are_shown_as_they_are(label: str) -> None:
    svg = render(to_dot(of_label(label)), "svg", follow=True)
    shown = texts(svg)
    for line in title(label).split("\n"):
        if line.strip():
            assert line.rstrip() in [s.strip() if not line.startswith(" ") else s.rstrip() for s in shown]
    if label.strip():
        tips = [a.get(TOOLTIP) for a in ET.fromstring(svg).iter(SVG + "a")]
        assert " ".join(tip(label).split()) in {" ".join((t or "").split()) for t in tips}


ANY = st.text(st.characters(codec="utf-8"), max_size=60) | st.text("\"'\\<>&;[]{}|-\n ab", max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY)
def test_no_label_breaks_the_picture(label: str) -> None:
    svg = render(to_dot(of_label(label)), "svg")
    root = ET.fromstring(svg)
    # as many boxes as there are, whatever the label looks like
    assert sum(g.get("class", "").startswith("node") for g in root.iter(SVG + "g")) == 4
    assert sum(g.get("class", "").startswith("edge") for g in root.iter(SVG + "g")) <= 3


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8")))
def test_quoting_can_be_undone(label: str) -> None:
    text = quoted(label)
    assert text[0] == text[-1] == '"' and "\n" not in text
    assert not re.search(r'(?<!\\)(?:\\\\)*"', text[1:-1])
    back = text[1:-1].replace("&amp;", "&").replace('\\"', '"')
    assert re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], back) == clean(label)


@pytest.mark.parametrize("name", sorted(p.stem for p in SPECS.glob("*.yaml") if "refused" not in p.stem))
def test_the_same_bytes_each_time(name: str) -> None:
    def dot() -> str:
        built = load_spec(SPECS / f"{name}.yaml").default
        return to_dot(picture(built, built.name))

    assert dot() == dot()
    svg = render(dot(), "svg", follow=True)
    assert svg == render(dot(), "svg", follow=True)
    ET.fromstring(svg)


def test_png() -> None:
    assert render(to_dot(of_label("x")), "png").startswith(b"\x89PNG")


def test_every_kind_and_paint_has_its_colours() -> None:
    assert PAINTS["light"].keys() == PAINTS["dark"].keys() >= set(KINDS)
    pairs = [(form, PAINTS["light"][k][0]) for k in KINDS for form in [_shape(k)]]
    assert len(set(pairs)) == len(pairs) - 1, "all but 'shaping' and 'other op' differ in form or colour"


def _shape(kind: str) -> str:
    from graphcli.formats.dot.spell import form

    return form(kind)


def luminance(colour: str) -> float:
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read_on_every_paint(theme: str) -> None:
    from graphcli.formats.picture.themes import INK

    def contrast(a: str, b: str) -> float:
        high, low = sorted((luminance(a), luminance(b)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    ink = INK[theme]
    for name, (fill, stroke) in PAINTS[theme].items():
        assert contrast(fill, ink["text"]) >= 4.5, name
        assert contrast(stroke, ink["paper"]) >= 3, name
    for role in ("text", "label", "faint"):
        assert contrast(ink[role], ink["paper"]) >= 4.5, role


def test_an_svg_follows_its_reader() -> None:
    svg = render(to_dot(of_label("x")), "svg", follow=True).decode()
    assert "@media (prefers-color-scheme: dark)" in svg and style_sheet() in svg
    assert "prefers-color-scheme" not in render(to_dot(of_label("x")), "svg").decode()
    paper = ET.fromstring(svg).find(f"{SVG}g[@class='graph']/{SVG}g/{SVG}a/{SVG}polygon")
    assert paper is not None and ".graph > g > a > polygon { fill: #15171a; }" in svg
    dark = to_dot(of_label("x"), theme="dark")
    assert 'bgcolor="#15171a"' in dark


def test_the_legend_has_what_is_drawn_and_no_more() -> None:
    built = load_spec(SPECS / "image_filters.yaml").default
    dot = to_dot(picture(built, "g"))
    told = re.findall(r'legend\d+ \[label="([^"]*)"', dot)
    assert told == ["input", "shared variable", "arithmetic", "neural net", "shaping"]
    assert "legend" not in to_dot(picture(built, "g"), legend=False)


def test_data_flows_to_the_right_where_asked() -> None:
    built = load_spec(SPECS / "line.yaml").default
    svg = render(to_dot(picture(built, "g", Options(direction="right"))), "svg")
    assert place(svg, "x")[0] < place(svg, "matmul")[0] < place(svg, "out")[0]
    up = render(to_dot(picture(built, "g")), "svg")
    assert place(up, "x")[1] > place(up, "matmul")[1] > place(up, "out")[1]


def place(svg: bytes, word: str) -> tuple[float, float]:
    for text in ET.fromstring(svg).iter(SVG + "text"):
        if text.text == word:
            return float(text.attrib["x"]), float(text.attrib["y"])
    raise AssertionError(word)


def test_viz_writes_by_ending(invoke: Any, tmp_path: Path) -> None:
    for ending, start in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".dot", b"digraph"), (".gv", b"digraph"),
                          (".mmd", b"---\n"), (".txt", b"line: ")):
        path = tmp_path / f"line{ending}"
        result = invoke("viz", str(SPECS / "line.yaml"), "-o", str(path))
        assert result.code == 0, result.err
        assert path.read_bytes().startswith(start)


def corpus(pattern: str) -> list[Path]:
    return sorted((SPECS.parent / "tests" / "oracle" / "cases").glob(pattern))


@pytest.mark.parametrize("path", corpus("optimizer_*.yaml"), ids=lambda p: p.stem)
def test_whole_training_graphs_are_laid_out(path: Path) -> None:
    """Cycles through frames are what Graphviz fails on; then it is asked in another way."""
    built = load_spec(path).default
    assert b"</svg>" in render(to_dot(picture(built, "g", Options(everything=True))), "svg")


@pytest.mark.parametrize("name", ["math_unary", "indexing", "nn_activations", "grad_shaping"])
def test_parts_that_nothing_connects_stand_in_rows(name: str) -> None:
    built = load_spec(corpus(f"{name}.yaml")[0]).default
    svg = render(to_dot(picture(built, "g")), "svg")
    width = float(ET.fromstring(svg).attrib["width"].removesuffix("pt"))
    assert width < 2400, "side by side they would take up to 7400 points"


def test_rows_are_filled_and_hold_each_other() -> None:
    found = [Part("a", "b", 900, 9), Part("c", "d", 600, 5), Part("e", "f", 500, 4), Part("g", "g", 100, 1)]
    assert [[p.first for p in row] for row in rows(found)] == [["a"], ["c", "e", "g"]]
    assert holds(found, "legend") == [("legend", "c"), ("legend", "e"), ("legend", "g"), ("d", "a")]
    assert holds(found[:1], None) == [] and holds([], "legend") == []


def test_where_closed_scopes_feed_each_other_the_legend_stands_where_data_begins() -> None:
    boxes = [Box(name, name, "math", "math", None, (name,), name, name) for name in ("x", "a", "b", "out")]
    arrows = [Arrow(a, b, "", False, 1.0, "") for a, b in (("x", "a"), ("a", "b"), ("b", "a"), ("b", "out"))]
    (part,) = parts(Picture("p", boxes, arrows, [], Legend([])))
    assert (part.first, part.last) == ("x", "out")
