"""What a build records beside the graph: declarations, scopes, spans, handles by name; what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from graphcli.errors import GraphError, NotFound
from graphcli.source import Source
from graphcli.spec import BuiltGraph, load_spec

SHARING = """\
graph: sharing
scopes:
  variable_scope_y:
    variables:
      - {get_variable: var1, shape: [1], dtype: float32}
      - reuse_variables
      - {get_variable: var1, as: var1_reuse}
      - {Variable: var2, initial_value: [2.0], dtype: float32}
      - {Variable: var2, initial_value: [2.0], dtype: float32, as: var2_reuse}
"""


def built(text: str, **options: Any) -> BuiltGraph:
    return load_spec(Source("t.yaml", text), **options).default


def test_the_notes_example() -> None:
    graph = built(SHARING)
    assert [(d.variable.name, d.handle, d.span.line, d.created, d.statement) for d in graph.declarations if d.span] == [
        ("variable_scope_y/var1:0", "variable_scope_y.var1", 5, True, "get_variable"),
        ("variable_scope_y/var1:0", "variable_scope_y.var1_reuse", 7, False, "get_variable"),
        ("variable_scope_y/var2:0", "variable_scope_y.var2", 8, True, "Variable"),
        ("variable_scope_y/var2_1:0", "variable_scope_y.var2_reuse", 9, True, "Variable"),
    ]
    (scope,) = graph.scopes
    assert (scope.kind, scope.variable_scope, scope.name_scope) == ("scope", "variable_scope_y", "variable_scope_y")
    assert all(d.scopes == (scope,) for d in graph.declarations)


def test_constants_of_pasted_code() -> None:
    graph = built("""\
variables: {w: {shape: [2]}}
ops:
  column: w[:, tf.newaxis] - w[newaxis]
  g: gradients(column, w, aggregation_method=tf.AggregationMethod.ADD_N)
  u: gradients(column, w, unconnected_gradients=UnconnectedGradients.ZERO)
  loss: losses.absolute_difference(w, w, reduction=losses.Reduction.SUM)
""")
    assert graph.resolve("column").shape.as_list() == [2, 2]
    for wrong in ("AggregationMethod.ADDN", "AggregationMethod.mro", "GraphKeys.__name__", "newaxis(1)", "nn.newaxis"):
        with pytest.raises(GraphError, match="is not part of the language|is not a function|unknown name"):
            built(f"ops: {{x: {wrong}}}")


def test_which_scope_gave_which_part() -> None:
    graph = built("""\
scopes:
  - scope: a
    ops:
      - name_scope: n
        scopes: {b: {as: inner, variables: {w: {shape: [1]}}}}
  - reopen: a.inner
    reuse: true
    as: again
    variables: [{get_variable: w, as: shared}]
""")
    assert [(s.kind, s.variable_scope, s.name_scope, s.reuse, s.span.line) for s in graph.scopes if s.span] == [
        ("scope", "a", "a", False, 2),
        ("name_scope", "a", "a/n", False, 4),
        ("scope", "a/b", "a/n/b", False, 5),
        ("reopen", "a/b", "b", True, 6),
    ]
    made, shared = graph.declarations
    assert made.variable is shared.variable and made.created and not shared.created
    assert (made.handle, shared.handle) == ("a.inner.w", "again.shared")
    assert [s.kind for s in made.scopes] == ["scope", "name_scope", "scope"]


def test_variables_of_functions_and_expressions() -> None:
    graph = built("""\
functions:
  dense:
    inputs: [x]
    variables: {w: {shape: [2, 2]}}
    returns: x @ w
inputs: {x: {dtype: float32, shape: [1, 2]}}
scopes:
  - {scope: s, reuse: auto, ops: {a: dense(x)}}
  - {scope: s, reuse: auto, ops: {b: dense(x)}}
ops:
  - v: Variable(1.0)
""")
    first, second, third = graph.declarations
    assert first.variable is second.variable and [first.created, second.created] == [True, False]
    assert first.handle is None and first.calls[0].function == "dense"
    assert [d.calls[0].span.line for d in (first, second) if d.calls[0].span] == [8, 9]
    assert third.handle == "v" and third.statement == "Variable"


def test_nodes_know_their_place() -> None:
    text = "ops:\n  x: constant(1.0)\n  y: relu(x) + x * 2\n  z: {op: Neg, inputs: [x]}\n"
    graph = built(text)

    def place(name: str) -> str:
        span = graph.graph.nodes[name].span
        return f"{span.line}: {text[span.start : span.end]}"

    assert place("x") == "2: constant(1.0)"
    assert place("y") == "3: relu(x) + x * 2"
    assert place("Relu") == "3: relu(x)"
    assert place("mul") == "3: x * 2"
    assert place("z") == "4: {op: Neg, inputs: [x]}"


def test_resolve() -> None:
    graph = built("""\
inputs: {x: {dtype: float32, shape: [2]}}
scopes:
  l: {as: layer, ops: {h: relu(x)}}
ops:
  parts: split(x, 2)
  pair: {a: exp(x)}
  step: group(x)
""")
    names = {"x": "x:0", "layer.h": "l/h:0", "l/h": "l/h:0", "l/h:0": "l/h:0", "parts:1": "parts:1", "pair.a": "Exp:0"}
    assert {n: graph.resolve(n).name for n in names} == names
    assert [t.name for t in graph.resolve("parts")] == ["parts:0", "parts:1"]
    assert graph.resolve("step").name == "step"
    for unknown in ("layer", "layer.g", "l/g", "nope:0", ""):
        with pytest.raises(NotFound):
            graph.resolve(unknown)
    with pytest.raises(NotFound) as e:
        graph.resolve("layer.hh")
    assert e.value.hint is not None and "layer.h" in e.value.hint
    assert set(graph.flat_handles()) == {"x", "layer.h", "parts", "pair", "step"}


def test_a_failure_leaves_no_scope_open() -> None:
    with pytest.raises(GraphError) as e:
        built("""\
scopes:
  - scope: a
    device: /gpu:0
    ops:
      - name_scope: n
        ops: [bad: nope]
      - x: constant(1)
      - good: matmul(x, x, transpose_c=True)
ops:
  y: constant(1.0)
  z: y + nope2
""")
    assert [x.span.line for x in e.value.errors() if x.span] == [6, 8, 11]


def test_lost_variables_are_told_once() -> None:
    with pytest.raises(GraphError) as e:
        built("""\
scopes:
  - scope: a
    variables: {w: {shape: nope}}
  - scope: a
    reuse: true
    variables: {w: {shape: [1]}}
""")
    assert [x.message for x in e.value.errors()] == ["unknown name 'nope'"]


def test_eager_hook_sees_tensors() -> None:
    seen = []
    built(
        "inputs: {x: {dtype: float32}}\nscopes: {s: {ops: {y: relu(x)}}}",
        on_statement=lambda name, value, span: seen.append((name, getattr(value, "name", None))),
    )
    assert seen == [("x", "x:0"), ("s", "s"), ("s.y", "s/y:0")]


def test_a_module_below_a_module_is_reached_as_in_tf() -> None:
    part = built("inputs: {x: {dtype: float32, shape: [2]}}\n"
                 "ops: {y: tf.math.special.dawsn(x), z: math.special.dawsn(x)}")
    assert [part.graph.nodes[n].type for n in ("y/Dawsn", "z/Dawsn")] == ["Dawsn", "Dawsn"]


def test_a_lambda_initializes_as_in_tensorflow() -> None:
    text = ("variables:\n  a: {shape: [2], initializer: 'lambda shape, dtype, partition_info: tf.ones(shape, dtype)'}\n"
            "  b: {initializer: 'lambda: tf.ones([3])'}\n")
    built = load_spec(Source("s.yaml", text)).default
    assert [(n.name, n.outputs[0].static) for n in built.graph if n.type == "VariableV2"] == [("a", (2,)), ("b", (3,))]


def test_turns_of_a_loop_count_as_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphcli.spec.build.MAX_STATEMENTS", 1000)
    with pytest.raises(GraphError, match="more than 1,000 statements"):
        load_spec(Source("s.yaml", "ops:\n  - for: {i: range(999)}\n    ops:\n      - {for: {j: range(9)}, ops: []}\n"))
