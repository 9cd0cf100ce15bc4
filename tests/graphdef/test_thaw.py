"""A graph that was frozen with its training part opens, runs, and is written so that TensorFlow takes it."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from graphcli.formats.graphdef.read import read
from graphcli.formats.graphdef.write import to_bytes

from .corpus import everything

FROZEN = """
node { name: "mean" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "value" value { tensor { dtype: DT_FLOAT tensor_shape { } float_val: 3.0 } } } }
node { name: "training" op: "Placeholder" attr { key: "dtype" value { type: DT_BOOL } } }
node { name: "merged" op: "Merge" input: "passed" input: "moved"
  attr { key: "T" value { type: DT_FLOAT } } attr { key: "N" value { i: 2 } } }
node { name: "passed" op: "Switch" input: "mean" input: "training" attr { key: "T" value { type: DT_FLOAT } } }
node { name: "moved" op: "AssignSub" input: "held" input: "by"
  attr { key: "T" value { type: DT_FLOAT } } attr { key: "use_locking" value { b: false } } }
node { name: "by" op: "Const" input: "^held" attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "value" value { tensor { dtype: DT_FLOAT tensor_shape { } float_val: 1.0 } } } }
node { name: "held" op: "RefIdentity" input: "switched:1" attr { key: "T" value { type: DT_FLOAT } } }
node { name: "switched" op: "RefSwitch" input: "mean" input: "training"
  attr { key: "T" value { type: DT_FLOAT } } attr { key: "_class" value { list { s: "loc:@mean" } } } }
node { name: "written" op: "Assign" input: "mean" input: "by"
  attr { key: "T" value { type: DT_FLOAT } } attr { key: "validate_shape" value { b: true } } }
"""


def test_ops_that_write_to_constants_are_read_as_ops_of_values() -> None:
    opened = read(FROZEN.encode(), "frozen.pbtxt")
    kinds = {n.name: n.type for n in opened.default.graph}
    assert {n: kinds[n] for n in ("moved", "held", "switched", "written")} == {
        "moved": "Sub", "held": "Identity", "switched": "Switch", "written": "Identity"}
    assert opened.notes == [
        "written writes to what is no variable, as if the graph was frozen with its training part; TensorFlow refuses "
        "it, and here 4 ops are read as those of values (RefSwitch as Switch, Assign as Identity, RefIdentity as "
        "Identity, AssignSub as Sub), as which export writes them"]
    again = read(to_bytes(opened.default.graph, "pb"), "thawed.pb")
    assert again.notes == [] and {n.name: n.type for n in again.default.graph} == kinds


def test_a_frozen_graph_runs_and_says_how_it_is_read(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "frozen.pbtxt"
    path.write_text(FROZEN)
    for training, value in (("false", 3.0), ("true", 2.0)):
        told = invoke("run", str(path), "--fetch", "merged", "--feed", f"training={training}", "--format", "json")
        assert (told.code, told.out) == (0, f'{{"fetches": {{"merged": {value}}}}}\n')
        assert told.err.startswith(f"note: {path}: written writes to what is no variable")


def test_what_writes_to_variables_is_read_as_it_stands() -> None:
    for name, built in everything().items():
        kept = to_bytes(built.graph, "pb")
        assert read(kept, f"{name}.pb").notes == []
