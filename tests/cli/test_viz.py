"""``viz``: what goes where, which flags go together, and what a run puts on the picture."""
from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import graphcli

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
LINE = str(SPECS / "line.yaml")


@pytest.mark.parametrize(("form", "start", "end"), [
    ("dot", "digraph", "}\n"), ("mermaid", "---\n", "\n"), ("svg", "<?xml", "</svg>\n"), ("text", "line: ", "\n")])
def test_standard_output_is_the_picture_and_nothing_else(invoke: Any, form: str, start: str, end: str) -> None:
    result = invoke("viz", LINE, "-o", "-", "--format", form)
    assert result.code == 0 and result.err == ""
    assert result.out.startswith(start) and result.out.endswith(end)


def test_without_a_file_it_is_text(invoke: Any) -> None:
    assert invoke("viz", LINE).out == invoke("viz", LINE, "--format", "text").out
    assert invoke("viz", LINE, "-o", "-").out.startswith("digraph")


def test_a_png_to_standard_output_is_whole() -> None:
    code = ("import sys; from graphcli.cli.main import main; "
            f"sys.exit(main(['viz', {LINE!r}, '-o', '-', '--format', 'png']))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.startswith(b"\x89PNG") and done.stdout.endswith(b"IEND\xaeB`\x82") and done.stderr == b""


def test_a_file_is_not_touched_when_the_layout_fails(invoke: Any, tmp_path: Path, monkeypatch: Any) -> None:
    from graphcli.formats.dot import image

    target = tmp_path / "line.svg"
    target.write_text("old")
    monkeypatch.setattr(image, "program", lambda: sys.executable)
    result = invoke("viz", LINE, "-o", str(target))
    assert result.code == 1 and "failed" in result.err and target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["line.svg"]


def test_a_handle_a_node_and_a_tensor_may_be_fetched(invoke: Any) -> None:
    texts = {invoke("viz", LINE, "--fetch", name, "--format", "mermaid").out for name in ("out", "out:0")}
    assert len(texts) == 1
    both = invoke("viz", LINE, "--fetch", "out,loss", "--format", "mermaid").out
    assert both == invoke("viz", LINE, "--fetch", "out", "--fetch", "loss", "--format", "mermaid").out


def test_a_run_says_times_bytes_and_values(invoke: Any) -> None:
    result = invoke("viz", LINE, "--run", "--fetch", "out", "--feed", "x=[[2.0], [4.5]]", "--format", "mermaid")
    assert result.code == 0, result.err
    assert "[2, 1] · 8 B" in result.out, "an arrow has the shape that its tensor had, and its bytes"
    box = next(line for line in result.out.splitlines() if '"x<br/>' in line)
    assert "8 B<br/>2 … 4.5, mean 3.25" in box
    assert "s · 8 B<br/>0" in next(line for line in result.out.splitlines() if '"out<br/>' in line)


def test_a_loop_counts_its_calls(invoke: Any) -> None:
    case = str(ROOT / "tests" / "oracle" / "cases" / "flow_while.yaml")
    result = invoke("viz", case, "--run", "--fetch", "total", "-o", "-", "--format", "mermaid")
    assert result.code == 0, result.err
    assert "4 calls" in next(line for line in result.out.splitlines() if '"next<br/>Mul' in line)


def test_a_run_that_fails_is_told_as_run_tells_it(invoke: Any) -> None:
    result = invoke("viz", LINE, "--run", "--fetch", "out")
    assert result.code == 1 and "x" in result.err and result.out == ""


def test_colours_by_time(invoke: Any) -> None:
    result = invoke("viz", LINE, "--run", "--color-by", "time", "--fetch", "loss", "-o", "-")
    assert result.code == 0 and "colour: time" in result.out and 'class="p-s4"' in result.out


def test_two_graphs_are_compared(invoke: Any, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text((SPECS / "line.yaml").read_text(encoding="utf-8").replace("square(error)", "abs(error)"),
                     encoding="utf-8")
    out = invoke("viz", LINE, str(other), "--diff").out
    assert "+ Abs" in out and "- Square" in out and "~ loss" in out


def test_a_graphdef_is_drawn_as_its_spec_is(invoke: Any, tmp_path: Path) -> None:
    spec = tmp_path / "trained.yaml"
    spec.write_text("""
inputs: {x: {dtype: float32, shape: [null, 3]}}
scopes:
  layer:
    variables: {w: {shape: [3, 2], initializer: glorot_uniform}}
    ops: {y: relu(x @ w)}
ops:
  loss: reduce_mean(square(layer.y))
  train: train.AdamOptimizer(0.1).minimize(loss)
""")
    assert invoke("export", str(spec), "-o", str(tmp_path / "trained.pb")).code == 0
    pictures = [invoke("viz", str(tmp_path / name)).out.splitlines() for name in ("trained.yaml", "trained.pb")]
    assert pictures[0] == pictures[1] and "gradients, training" in pictures[0][0]


def test_shared_variables_outside_closed_scopes_count_as_boxes(invoke: Any, tmp_path: Path) -> None:
    spec = str(SPECS / "image_filters.yaml")
    for boxes in (14, 16, 20, 24, 30):
        drawn = invoke("viz", spec, "--boxes", str(boxes), "-o", "-", "--format", "mermaid", "--no-legend").out
        assert len(re.findall(r"^ *n\d+[\[({>]", drawn, re.M)) <= boxes


def test_it_says_what_it_closed(invoke: Any, tmp_path: Path) -> None:
    result = invoke("viz", str(SPECS / "image_filters.yaml"), "--boxes", "12", "-o", str(tmp_path / "g.dot"))
    assert result.err.splitlines() == [f"wrote {tmp_path / 'g.dot'}",
                                       "note: 1 scope closed to keep the picture small; --depth N opens more"]


def test_drawing_as_text_loads_no_layout() -> None:
    code = (f"import sys; from graphcli.cli.main import main; main(['viz', {LINE!r}]); "
            "print([m for m in ('graphviz', 'google', 'rich') if m in sys.modules], file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("form", ["text", "dot", "mermaid", "svg", "html"])
def test_any_name_of_a_graph_is_drawn(invoke: Any, tmp_path: Path, form: str) -> None:
    spec = tmp_path / "odd.yaml"
    name = json.dumps("<b>\"'&amp;\\\\n 😀 " + "x" * 10_000, ensure_ascii=False)
    spec.write_text(f"graph: {name}\nops: {{a: 'zeros([20])', b: relu(a)}}\n", encoding="utf-8")
    result = invoke("viz", str(spec), "-o", "-", "--format", form)
    assert result.code == 0, result.err
    if form == "text":
        assert "b  Relu" in result.out and all(len(line) <= 80 for line in result.out.splitlines()[2:])


def test_a_run_may_start_from_a_checkpoint(invoke: Any, tmp_path: Path) -> None:
    with graphcli.Session(graphcli.load(LINE)) as session:
        session.initialize()
        session.run("train")
        session.save(str(tmp_path / "model"))
    args = ("viz", LINE, "--run", "--fetch", "out", "--feed", "x=[[1.0]]", "--format", "mermaid")

    def weight(*more: str) -> str:
        result = invoke(*args, *more)
        assert result.code == 0, result.err
        return next(line for line in result.out.splitlines() if '("w<br/>' in line)

    assert "4 B<br/>0" in weight() and "4 B<br/>0" not in weight("--restore", str(tmp_path / "model"))
