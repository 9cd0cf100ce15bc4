"""``collections`` names its members, and tells those that have no name by their kind."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import graphcli
from graphcli.cli.collections import member


def test_what_has_no_name_is_told_as_written_or_by_its_kind(tmp_path: Path) -> None:
    spec = tmp_path / "odd.yaml"
    spec.write_text("""ops:
  - {add_to_collection: odd, value: relu}
  - {add_to_collection: odd, value: train.AdamOptimizer(0.1)}
  - {add_to_collection: odd, value: "'a text at 0x1'"}
  - {add_to_collection: odd, value: "[1, 2]"}
  - {add_to_collection: odd, value: zeros_initializer()}
  - {add_to_collection: odd, value: "constant(1.0)"}
""")
    graph = graphcli.load(str(spec)).graph
    assert [member(m) for m in graph.get_collection("odd")] == [
        "the function 'relu'", "an AdamOptimizer", "a text at 0x1", "[1, 2]", "zeros_initializer()", "Const:0"]


def test_of_a_list_in_a_collection_each_is_named_and_a_spec_says_it_again(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("ops:\n  - x: zeros([2])\n"
                                     "  - {add_to_collection: mine, value: [x, {b: x, 'c d': 2.5}, \"'t'\"]}\n")
    assert invoke("export", "a.yaml", "-o", "b.yaml", cwd=tmp_path).code == 0
    for name in "a.yaml", "b.yaml":
        found = json.loads(invoke("collections", name, "--format", "json", cwd=tmp_path).out)
        assert found == {"mine": ["[x:0, {b: x:0, c d: 2.5}, t]"]}
