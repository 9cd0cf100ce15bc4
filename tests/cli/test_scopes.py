"""``scopes``: the tree, the stable JSON, --why, --same and --lint."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SPECS = Path(__file__).parents[2] / "specs"


def test_tree_at_80_columns(invoke: Any) -> None:
    result = invoke("scopes", str(SPECS / "sharing.yaml"))
    assert result.code == 0, result.err
    assert result.out.splitlines()[0] == "sharing: 3 variables, 1 shared"
    assert all(len(line) <= 80 for line in result.out.splitlines())
    var1 = next(line for line in result.out.splitlines() if " var1 " in line)
    assert "float32 [1]" in var1 and "shared by 2" in var1


def test_json_has_the_stable_keys(invoke: Any) -> None:
    result = invoke("scopes", str(SPECS / "sharing.yaml"), "--format", "json")
    variables = {v["name"]: v for v in json.loads(result.out)["variables"]}
    assert list(variables) == ["variable_scope_y/var1", "variable_scope_y/var2", "variable_scope_y/var2_1"]
    var1 = variables["variable_scope_y/var1"]
    assert {k: var1[k] for k in ("shape", "dtype", "trainable", "shared", "scope")} == {
        "shape": [1], "dtype": "float32", "trainable": True, "shared": True, "scope": "variable_scope_y"}
    assert var1["handles"] == ["variable_scope_y.var1", "variable_scope_y.var1_reuse"]
    text = (SPECS / "sharing.yaml").read_text().splitlines()
    assert "var1, shape" in text[var1["defined_at"] - 1]
    assert ["var1_reuse" in text[line - 1] for line in var1["reused_at"]] == [True]
    assert not variables["variable_scope_y/var2"]["shared"]


def test_readers(invoke: Any) -> None:
    result = invoke("scopes", str(SPECS / "image_filters.yaml"), "--format", "json")
    first = json.loads(result.out)["variables"][0]
    assert first["name"] == "image_filters/conv1/weights"
    assert first["read_by"] == ["image_filters/conv1/conv", "image_filters/conv1_1/conv"]
    assert [s["calls"][0]["function"] for s in first["statements"]] == ["my_image_filter"] * 2


def test_why(invoke: Any) -> None:
    result = invoke("scopes", str(SPECS / "sharing.yaml"), "--why", "variable_scope_y/var2_1", "--format", "json")
    parts = json.loads(result.out)["parts"]
    assert [p["text"] for p in parts] == ["variable_scope_y", "var2_1"]
    assert "variable scope 'variable_scope_y'" in parts[0]["reason"]
    assert "made unique" in parts[1]["reason"]


def test_why_ignores_the_name_scope(invoke: Any) -> None:
    result = invoke("scopes", str(SPECS / "name_scope.yaml"), "--why", "layer/w")
    assert result.code == 0, result.err
    assert "variable scope 'layer'" in result.out and "tower" not in result.out


def test_same_of_two_variables_says_whether_they_are_one(invoke: Any) -> None:
    path = str(SPECS / "sharing.yaml")
    one = invoke("scopes", path, "--same", "variable_scope_y.var1", "variable_scope_y.var1_reuse")
    assert (one.code, one.out) == (0, """\
variable_scope_y.var1 and variable_scope_y.var1_reuse are one variable
  variable_scope_y/var1  shared by 2: made :13, again :15 as var1_reuse
""")
    two = invoke("scopes", path, "--same", "variable_scope_y/var2", "variable_scope_y/var2_1")
    assert (two.code, two.out) == (1, """\
variable_scope_y/var2 and variable_scope_y/var2_1 are two variables
  variable_scope_y/var2    made :16
  variable_scope_y/var2_1  made :17, renamed from var2
""")


def test_why_of_a_variable_under_reuse_says_that_it_is_new_all_the_same(invoke: Any) -> None:
    spec = b"scopes: [{scope: s, reuse: auto, ops: [{Variable: v, initial_value: [1.0]}]}]\n"
    assert invoke("scopes", "-", "--why", "s/v", stdin=spec).out.splitlines()[-1] == (
        "  v   :1  Variable 'v', always a new one, whatever reuse says")


def test_same(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "same.yaml"
    path.write_text("""
scopes:
  - scope: a
    variables: {w: {shape: [1]}, v: {shape: [1]}}
    ops: {y: w + v}
  - scope: a
    as: again
    reuse: true
    variables: {w: {}, v: {}}
    ops: {y: w + v}
  - scope: b
    variables: {w: {shape: [1]}}
    ops: {y: w + 1.0}
""")
    assert invoke("scopes", str(path), "--same", "a", "again").code == 0
    differ = invoke("scopes", str(path), "--same", "a", "b", "--format", "json")
    assert differ.code == 1
    assert json.loads(differ.out) == {"same": False, "common": [], "only": {"a": ["a/w", "a/v"], "b": ["b/w"]}}


def lint(invoke: Any, tmp_path: Path, text: str) -> list[tuple[str, str]]:
    path = tmp_path / "lint.yaml"
    path.write_text(text)
    result = invoke("scopes", str(path), "--lint", "--format", "json")
    assert result.code == 0, result.err
    return [(f["rule"], f["name"]) for f in json.loads(result.out)["findings"]]


def test_lint_renamed(invoke: Any, tmp_path: Path) -> None:
    found = lint(invoke, tmp_path, """
variables:
  - {Variable: w, initial_value: [1.0]}
  - {Variable: w, initial_value: [1.0], as: w2}
ops: {y: w + w2}
""")
    assert found == [("renamed", "w_1")]


def test_lint_auto_made_a_new_one(invoke: Any, tmp_path: Path) -> None:
    found = lint(invoke, tmp_path, """
scopes:
  - scope: layer
    reuse: auto
    variables: {weights: {shape: [1]}}
    ops: {y: weights + 1.0}
  - scope: layer
    as: again
    reuse: auto
    variables: {wieghts: {shape: [1]}}
    ops: {y: wieghts + 1.0}
""")
    assert found == [("auto-made-new", "layer/wieghts")]


def test_lint_opened_twice(invoke: Any, tmp_path: Path) -> None:
    found = lint(invoke, tmp_path, """
scopes:
  - scope: layer
    variables: {w: {shape: [1]}}
    ops: {y: w + 1.0}
  - scope: layer
    as: again
    variables: {b: {shape: [1]}}
    ops: {y: b + 1.0}
""")
    assert found == [("opened-twice", "layer")]


def test_lint_unread(invoke: Any, tmp_path: Path) -> None:
    assert lint(invoke, tmp_path, "variables: {w: {shape: [1]}, v: {shape: [1]}}\nops: {y: w + 1.0}\n") == [
        ("unread", "v")]


def test_lint_of_variables_that_nothing_initializes(invoke: Any, tmp_path: Path) -> None:
    assert lint(invoke, tmp_path, """
variables:
  step: {shape: [], dtype: int64, initializer: zeros, collections: [global_step, global_variables]}
  local: {shape: [], collections: [local_variables]}
  put: {shape: [], collections: [mine]}
  begun: {shape: [], collections: [mine]}
ops:
  - y: cast(step, float32) + local + put + begun
  - set: assign(put, 1.)
  - init: variables_initializer([begun])
""") == [("uninitialized", "step")]


def test_lint_is_silent_on_good_specs(invoke: Any) -> None:
    for name in ("image_filters", "rnn", "siamese", "regularizer", "digits_mlp", "embedding", "line"):
        result = invoke("scopes", str(SPECS / f"{name}.yaml"), "--lint", "--format", "json")
        assert json.loads(result.out) == {"findings": []}, name


def test_of_a_graph_file_it_is_told_how_often_a_variable_is_used(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("""
inputs: {x: {dtype: float32, shape: [null, 2]}}
functions:
  layer: {inputs: [x], variables: {w: {shape: [2, 2]}}, returns: x @ w}
scopes:
  - {scope: net, ops: {a: layer(x)}, as: first}
  - {scope: net, reuse: true, ops: {b: layer(x)}}
  - {scope: other, ops: {c: layer(x)}}
""")
    assert invoke("export", "s.yaml", "-o", "s.meta", cwd=tmp_path).code == 0
    assert invoke("scopes", "s.meta", cwd=tmp_path).out == """\
s: 2 variables, 1 used several times

net
└── w  float32 [2, 2]  used 2 times: made by the graph; read by net/matmul,
                       net_1/matmul

other
└── w  float32 [2, 2]  made by the graph; read by other/matmul
"""
    assert invoke("scopes", "s.meta", "--why", "net_1/matmul", cwd=tmp_path).out == """\
net_1/matmul
  net_1/    a name scope, perhaps made unique: net is there too
  matmul    the op itself: MatMul
"""


def test_what_training_keeps_of_a_variable_is_one_row_beside_it(invoke: Any, tmp_path: Path) -> None:
    spec = tmp_path / "kept.yaml"
    spec.write_text("""
graph: kept
variables: {w: {shape: [2], initializer: zeros}, steps: {shape: [], dtype: int64, initializer: zeros, trainable: false}}
ops:
  loss: reduce_sum(square(w - 1))
  slow: train.AdamOptimizer(0.1).minimize(loss, global_step=steps)
  fast: train.MomentumOptimizer(0.1, 0.9).minimize(loss)
""", encoding="utf-8")
    assert invoke("scopes", str(spec)).out == """\
kept: 7 variables, 0 shared

w                         float32 [2]  made :3; read by sub
├── Adam, Adam_1          float32 [2]  made :6 by training
└── Momentum              float32 [2]  made :7 by training
steps                     int64 []     made :3, not trainable; only written, by
                                       slow
beta1_power, beta2_power  float32 []   made :6 by training
"""
    assert [v["name"] for v in json.loads(invoke("scopes", str(spec), "--format", "json").out)["variables"]] == [
        "w", "steps", "beta1_power", "beta2_power", "w/Adam", "w/Adam_1", "w/Momentum"]
