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
