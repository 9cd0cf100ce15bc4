"""Drawing: what is drawn, that the bytes are the same each time, and that the layout program takes it."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphcli.formats.dot.image import render
from graphcli.formats.dot.picture import picture
from graphcli.formats.dot.write import to_dot
from graphcli.spec import load_spec

SPECS = Path(__file__).parents[2] / "specs"


def draw(name: str, **more: Any) -> Any:
    built = load_spec(SPECS / f"{name}.yaml").default
    return picture(built, built.name, **more)


def test_a_shared_variable_is_marked() -> None:
    boxes = {b.title: b for b in draw("image_filters").boxes if b.scope[-1:] == ("conv1",)}
    assert boxes["weights"].kind == "shared" and "shared by 2" in boxes["weights"].note


def test_initializers_and_reads_are_left_out() -> None:
    titles = [b.title for b in draw("line").boxes]
    assert titles.count("w") == 1
    assert not {"read", "Assign", "zeros"} & set(titles)
    assert "Assign" in [b.title for b in draw("line", everything=True).boxes]


def test_small_constants_stand_in_their_readers() -> None:
    picture_ = draw("name_scope")
    y = next(b for b in picture_.boxes if b.scope == ("layer_1",))
    assert "y = 2.0" in y.note
    assert all(b.kind != "constant" or b.title == "a" for b in picture_.boxes)


def test_arrows_have_shapes() -> None:
    labels = {a.label for a in draw("line").arrows}
    assert "[?, 1]" in labels and "[1, 1]" in labels


def test_scopes_close_beyond_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text("ops:\n  - for: {i: range(30)}\n    ops:\n      - name_scope: part${i}\n        ops:\n"
                    "          - a${i}: constant([1.0] * 20)\n          - b${i}: relu(a${i})\n"
                    "          - c${i}: relu(b${i})\n")
    path.write_text(path.read_text().replace("constant([1.0] * 20)", "zeros([20])"))
    built = load_spec(path).default
    closed = picture(built, "many")
    assert len(closed.boxes) == 30 and closed.closed == 30 and {b.kind for b in closed.boxes} == {"scope"}
    assert len(picture(built, "many", depth=1).boxes) == 90


@pytest.mark.parametrize("name", sorted(p.stem for p in SPECS.glob("*.yaml") if "refused" not in p.stem))
def test_the_same_bytes_each_time(name: str) -> None:
    text = to_dot(draw(name))
    assert text == to_dot(draw(name)) and text.startswith("digraph")
    svg = render(text, "svg")
    assert b"<svg" in svg and svg == render(text, "svg")


def test_png() -> None:
    assert render(to_dot(draw("line")), "png").startswith(b"\x89PNG")


def test_names_are_no_dot(tmp_path: Path) -> None:
    """Names from a stranger's file may hold what DOT and HTML labels are made of."""
    path = tmp_path / "odd.yaml"
    path.write_text("graph: '<b>\"]; x -> y [label=\"'\n"
                    "ops: {'a\\b>c': 'zeros([20])'}\n")
    built = load_spec(path).default
    svg = render(to_dot(picture(built, built.name)), "svg").decode()
    assert "a\\b&gt;c" in svg and "&lt;b&gt;" in svg


def test_viz_writes_by_ending(invoke: Any, tmp_path: Path) -> None:
    for ending, start in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".dot", b"digraph"), (".gv", b"digraph")):
        path = tmp_path / f"line{ending}"
        result = invoke("viz", str(SPECS / "line.yaml"), "-o", str(path))
        assert result.code == 0, result.err
        assert path.read_bytes().startswith(start)
