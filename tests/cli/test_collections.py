"""``collections`` names its members, and tells those that have no name by their kind."""
from __future__ import annotations

from pathlib import Path

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
