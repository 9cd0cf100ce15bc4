"""graphcli.draw: the pictures of ``viz``, for programs and notebooks."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import graphcli
import graphcli.tf1 as tf
from graphcli.errors import InvalidType, InvalidValue, NotFound

ROOT = Path(__file__).parents[3]


@pytest.fixture
def graph() -> Any:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 4], name="x")
        tf.add(tf.layers.dense(x, 2, name="head"), 1.0, name="out")
    return graph


@pytest.mark.parametrize("ending", ["svg", "png", "dot", "mmd"])
def test_a_drawing_saves_what_viz_writes(ending: str, invoke: Any, tmp_path: Path) -> None:
    spec = ROOT / "specs" / "image_filters.yaml"
    invoke("viz", str(spec), "-o", str(tmp_path / f"viz.{ending}"), "--depth", "1", "--theme", "dark")
    graphcli.draw(graphcli.load(spec), depth=1, theme="dark").save(tmp_path / f"draw.{ending}")
    assert (tmp_path / f"draw.{ending}").read_bytes() == (tmp_path / f"viz.{ending}").read_bytes()


def test_an_svg_for_both_themes_is_that_of_viz(invoke: Any, tmp_path: Path) -> None:
    spec = ROOT / "specs" / "line.yaml"
    invoke("viz", str(spec), "-o", str(tmp_path / "line.svg"))
    assert graphcli.draw(graphcli.load(spec), theme="auto").svg == (tmp_path / "line.svg").read_text(encoding="utf-8")


def test_a_notebook_shows_the_svg(graph: Any) -> None:
    drawing = graphcli.draw(graph)
    assert drawing._repr_svg_() == drawing.svg and "</svg>" in drawing.svg and "head" in drawing.svg


@pytest.mark.parametrize("fetch", ["head/kernel", "head/kernel:0", ["head/kernel"], "variable", "op", "tensor"])
def test_fetch_takes_names_tensors_variables_and_ops(graph: Any, fetch: Any) -> None:
    with graph.as_default():
        kernel = tf.trainable_variables()[0]
    thing = {"variable": kernel, "op": kernel.op, "tensor": graph.get_tensor_by_name("head/kernel:0")}
    assert repr(graphcli.draw(graph, thing.get(fetch, fetch) if isinstance(fetch, str) else fetch)) == \
        "<Drawing of 'graph': 1 box>"


def test_scope_and_focus_draw_a_part(graph: Any) -> None:
    assert "placeholder" not in graphcli.draw(graph, scope="head/").dot
    assert len(graphcli.draw(graph, focus="x", hops=1).dot) < len(graphcli.draw(graph).dot)


@pytest.mark.parametrize("choices, error, said", [
    ({"fetch": "outt"}, NotFound, "unknown value 'outt'"),
    ({"fetch": 3}, InvalidType, "3 is a Python value, not a tensor, variable or op"),
    ({"scope": "tail"}, InvalidValue, "no node is under the scope 'tail'"),
    ({"color_by": "size"}, InvalidValue, "color_by is kind, device, scope, dtype, op or memory, not 'size'"),
    ({"direction": "left"}, InvalidValue, "direction is up or right, not 'left'"),
    ({"theme": "pink"}, InvalidValue, "theme is light, dark or auto, not 'pink'"),
])
def test_a_wrong_choice_is_told(graph: Any, choices: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error) as caught:
        graphcli.draw(graph, **choices)
    assert str(caught.value).startswith(said)


def test_tensors_of_another_graph_are_refused(graph: Any) -> None:
    with tf.Graph().as_default(), pytest.raises(InvalidValue) as caught:
        graphcli.draw(graph, tf.constant(1.0, name="c"))
    assert str(caught.value) == "c is of another graph"


def test_an_unknown_ending_is_told(graph: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue) as caught:
        graphcli.draw(graph).save(tmp_path / "a.jpg")
    assert "a picture is .svg, .png, .dot, .gv or .mmd, by the file's ending" in str(caught.value)
