"""``export``: what is written, to where, and what the other verbs make of it."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SPECS = Path(__file__).parents[2] / "specs"
LINE = str(SPECS / "line.yaml")


@pytest.mark.parametrize("ending", [".pb", ".pbtxt", ".meta", ".yaml"])
def test_what_is_exported_is_the_same_graph(invoke: Any, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"line{ending}"
    assert invoke("export", LINE, "-o", str(out)).code == 0
    assert invoke("diff", LINE, str(out)).code == 0
    fed = ("--fetch", "out", "--feed", "x=[[2],[4.5]]", "--format", "json")
    assert invoke("run", str(out), *fed).out == invoke("run", LINE, *fed).out
    first = out.read_bytes()
    assert invoke("export", LINE, "-o", str(out)).code == 0
    assert out.read_bytes() == first


@pytest.mark.parametrize("ending", [".dot", ".svg"])
def test_pictures_are_those_of_viz(invoke: Any, tmp_path: Path, ending: str) -> None:
    a, b = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
    assert invoke("export", LINE, "-o", str(a)).code == invoke("viz", LINE, "-o", str(b)).code == 0
    assert a.read_bytes() == b.read_bytes()


VERBS = [["info"], ["scopes"], ["feeds", "--fetch", "out"], ["nodes"], ["node", "out"], ["collections"], ["devices"],
         ["check"], ["plan", "--fetch", "out"], ["viz", "--format", "dot", "-o", "-"], ["scopes", "--lint"],
         ["scopes", "--why", "w"], ["run", "--fetch", "loss"], ["run", "--fetch", "train", "--steps", "3"]]


@pytest.mark.parametrize("ending", [".pb", ".pbtxt", ".meta"])
@pytest.mark.parametrize("call", VERBS, ids=" ".join)
def test_every_verb_works_on_a_file(invoke: Any, tmp_path: Path, call: list[str], ending: str) -> None:
    out = tmp_path / f"line{ending}"
    invoke("export", LINE, "-o", str(out))
    told = invoke(call[0], str(out), *call[1:])
    assert told.code == 0 and told.err == ""


def test_a_file_without_an_ending_that_says_what_it_is_needs_format(invoke: Any, tmp_path: Path) -> None:
    told = invoke("export", LINE, "-o", str(tmp_path / "line.model"))
    assert told.code == 2 and "by the file's ending" in told.err
    assert invoke("export", LINE, "-o", str(tmp_path / "line.model"), "--format", "pb").code == 0
    assert invoke("info", str(tmp_path / "line.model")).code == 0


TRAINED = """
graph: trained
seed: 3
inputs:
  x: {dtype: float32, shape: [null, 3]}
  y: {dtype: float32, shape: [null, 1]}
ops:
  - get_variable: w
    shape: [3, 1]
  - out: x @ w
  - loss: reduce_mean(square(out - y))
  - train: train.AdamOptimizer(0.05).minimize(loss)
"""


@pytest.mark.parametrize("kind", [".pb", ".pbtxt", ".meta", ".yaml", "folder"])
def test_what_is_exported_trains_as_the_spec_does(invoke: Any, tmp_path: Path, kind: str) -> None:
    spec, data, out = tmp_path / "a.yaml", tmp_path / "d.json", tmp_path / f"out{kind}"
    spec.write_text(TRAINED)
    data.write_text('{"x": [[1, 0, 2], [0, 1, 1], [2, 2, 0]], "y": [[1], [2], [0]]}')
    where = ("--logdir", str(out)) if kind == "folder" else ("-o", str(out))
    assert invoke("export", str(spec), *where).code == 0
    trained = [invoke("train", str(f), "--data", str(data), "--epochs", "3", "--format", "json") for f in (spec, out)]
    assert [t.code for t in trained] == [0, 0]
    losses = [[line for line in t.out.splitlines() if "loss" in line] for t in trained]
    assert losses[0] and losses[0] == losses[1]
