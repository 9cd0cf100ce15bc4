"""What differs between two graphs: found by name, by renamed scopes, by structure; told by scope."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphcli.analysis.diff import Difference, diff
from graphcli.cli.as_spec import as_spec
from graphcli.formats.graphdef.write import to_bytes
from graphcli.formats.open import open_bytes
from graphcli.source import Source
from graphcli.spec import load_spec

from ..graphdef.corpus import everything

SPECS = Path(__file__).parents[2] / "specs"

NET = """
inputs: {x: {dtype: float32, shape: [null, 4]}}
scopes:
  - scope: enc
    variables:
      w: {shape: [4, 3]}
      b: {shape: [3], initializer: zeros}
    ops:
      h: relu(x @ w + b)
ops:
  y: reduce_sum(enc.h, axis=1)
"""


def built(text: str) -> Any:
    return load_spec(Source("a.yaml", text)).default


def changed(*replaced: tuple[str, str]) -> Difference:
    text = NET
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    return diff(built(NET), built(text))


@pytest.mark.parametrize("name", everything())
def test_a_graph_and_its_file_are_the_same(name: str) -> None:
    one = everything()[name]
    assert diff(one, open_bytes(to_bytes(one.graph, "binary"), "a").default).same
    assert diff(one, open_bytes(to_bytes(one.graph, "meta"), "a").default).same


def test_a_scope_that_was_renamed_is_one_change() -> None:
    found = changed(("scope: enc", "scope: encoder"), ("enc.h", "encoder.h"))
    assert found.scopes == [("enc", "encoder")]
    assert not found.added and not found.removed and not found.changed
    assert ("enc/w", "encoder/w") in [(p.old.name, p.new.name) for p in found.renamed]
    assert [v.changes[0].what for v in found.variables] == ["name", "name"]


def test_a_node_that_was_renamed_is_found_by_what_it_does() -> None:
    found = changed(("  y: reduce_sum", "  total: reduce_sum"))
    pairs = [(p.old.name, p.new.name) for p in found.renamed]
    assert ("y", "total") in pairs and not found.added and not found.removed


def test_an_op_that_was_put_in_between_is_added_and_its_reader_changed() -> None:
    found = changed(("  y: reduce_sum(enc.h, axis=1)", "  t: tanh(enc.h)\n  y: reduce_sum(t, axis=1)"))
    assert [n.name for n in found.added] == ["t"] and not found.removed and not found.renamed
    assert [(p.new.name, [c.what for c in p.changes]) for p in found.changed] == [("y", ["inputs"])]


def test_attrs_ops_and_shapes() -> None:
    found = changed(("relu(x", "tanh(x"))
    assert [(c.what, c.old, c.new) for p in found.changed for c in p.changes] == [("op", "Relu", "Tanh")]
    found = changed(("shape: [null, 4]", "shape: [8, 4]"))
    by_name = {p.new.name: p for p in found.changed}
    assert [c.what for c in by_name["x"].changes] == ["attr shape", "shape"]
    assert by_name["enc/h"].follows and not by_name["x"].follows


def test_variables_their_readers_and_their_sharing() -> None:
    found = changed(("shape: [4, 3]", "shape: [4, 3], trainable: false"))
    assert [(v.name, v.changes[0].what) for v in found.variables] == [("enc/w", "trainable")]
    found = changed(("ops:\n  y", "ops:\n  z: enc.w * 2\n  y"))
    (variable,) = found.variables
    assert (variable.changes[0].what, variable.changes[0].new) == ("read by", "z")
    sharing = """
scopes:
  - scope: s
    variables: {v: {shape: [1]}}
  - scope: s
    reuse: true
    variables: {v: {shape: [1], as: again}}
"""
    found = diff(built(sharing), built(sharing.split("  - scope: s\n    reuse")[0]))
    assert [(c.what, c.old, c.new) for v in found.variables for c in v.changes] == [
        ("statements that share it", "2", "1")]
    assert found.same and diff(built(sharing), built(as_spec(built(sharing)))).same


def test_devices_and_control_inputs() -> None:
    plain = "inputs: {x: {dtype: float32, shape: []}}\nops:\n  - {tanh: x}\n"
    plain = "inputs: {x: {dtype: float32, shape: []}}\nops:\n  a: tanh(x)\n  b: sin(x)\n"
    ordered = "inputs: {x: {dtype: float32, shape: []}}\nops:\n  - a: tanh(x)\n  - device: /gpu:0\n    ops:\n" \
              "      - control_dependencies: [a]\n        ops: {b: sin(x)}\n"
    found = diff(built(plain), built(ordered))
    assert [(p.new.name, [(c.what, c.old, c.new) for c in p.changes]) for p in found.changed] == [
        ("b", [("control inputs", "", "a"), ("device", "", "/device:GPU:0")])]


def test_differences_are_the_other_way_round_when_the_graphs_are() -> None:
    a, b = load_spec(SPECS / "digits_mlp.yaml").default, load_spec(SPECS / "digits_conv.yaml").default
    there, back = diff(a, b), diff(b, a)
    assert [n.name for n in there.added] == [n.name for n in back.removed]
    assert [n.name for n in there.removed] == [n.name for n in back.added]


def test_the_verb_tells_by_scope_and_by_its_status(invoke: Any, tmp_path: Path) -> None:
    a, b = tmp_path / "a.yaml", tmp_path / "b.yaml"
    a.write_text(NET)
    b.write_text(NET.replace("relu(x", "tanh(x").replace("shape: [null, 4]", "shape: [8, 4]"))
    same = invoke("diff", str(a), str(a))
    assert same.code == 0 and "are the same graph" in same.out
    told = invoke("diff", str(a), str(b))
    assert told.code == 1
    assert told.out.splitlines()[1:] == [
        "", "(no scope)", "  ~  x  attr shape [?, 4] -> [8, 4]", "", "enc",
        "  ~  h  op Relu -> Tanh; shape [?, 3] -> [8, 3]", "",
        "shapes or dtypes follow in 3 nodes; --all lists them"]
    shared = "variables:\n  - {get_variable: v, shape: [1]}\n"
    a.write_text(shared)
    b.write_text(shared + "  - reuse_variables\n  - {get_variable: v, as: again}\n")
    told = invoke("diff", str(a), str(b))
    assert told.code == 0 and told.out.splitlines()[1:] == ["", "variables", "  ~  v  statements that share it 1 -> 2"]
    a.write_text(NET)
    b.write_text(NET.replace("relu(x", "tanh(x").replace("shape: [null, 4]", "shape: [8, 4]"))
    import json

    found = json.loads(invoke("diff", str(a), str(b), "--format", "json").out)
    assert found["same"] is False and {c["name"] for c in found["changed"]} >= {"x", "enc/h"}


def test_a_variable_that_is_made_op_by_op_shares_no_less_than_one_of_a_single_statement() -> None:
    text = ("variables:\n  w: {initializer: \"tf.constant(['a'])\"}\n"
            "  v: {shape: [2], initializer: ones, use_resource: true}\n")
    one = built(text)
    assert diff(one, built(as_spec(one))).same
    again = built(text + "ops:\n  - reuse_variables\n  - {get_variable: v, as: v2, shape: [2]}\n")
    assert [(v.name, [c.what for c in v.changes]) for v in diff(one, again).variables] == [
        ("v", ["statements that share it"])]
