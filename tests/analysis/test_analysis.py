"""Facts about small graphs that are made by hand."""
from __future__ import annotations

from typing import Any

import pytest

import graphcli.tf1 as tf
from graphcli.analysis.cost import cost
from graphcli.analysis.counts import facts
from graphcli.analysis.feeds import example, needs
from graphcli.analysis.upstream import downstream, upstream, way
from graphcli.source import Source
from graphcli.spec import load_spec


def diamond() -> Any:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        unused = tf.placeholder(tf.int32, [], name="unused")
        a = tf.square(x, name="a")
        b = tf.exp(a, name="b")
        tf.add(a, b, name="c")
        tf.identity(unused, name="other")
    return graph


def test_upstream_and_downstream() -> None:
    graph = diamond()
    came = upstream([graph.nodes["c"]])
    assert {n.name for n in came} == {"x", "a", "b", "c"}
    assert [n.name for n in way(graph.nodes["x"], came)] == ["x", "a", "c"]
    assert {n.name for n in downstream([graph.nodes["a"]])} == {"a", "b", "c"}


def test_needs_are_cut_at_what_is_fed() -> None:
    graph = diamond()
    c = graph.get_tensor_by_name("c:0")
    assert [n.tensor.name for n in needs([c])] == ["x:0"]
    assert needs([c], frozenset({graph.get_tensor_by_name("a:0")})) == []


def test_examples_fit() -> None:
    with tf.Graph().as_default():
        assert example(tf.placeholder(tf.float32, [None, 2])) == "[[0.0,0.0]]"
        assert example(tf.placeholder(tf.int64, [])) == "0"
        assert example(tf.placeholder(tf.bool, [2])) == "[false,false]"
        assert example(tf.placeholder(tf.float32, [28, 28])) == "@file.npy"
        assert example(tf.placeholder(tf.float32)) == "0.0"


def test_cost_of_known_ops() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [4, 8, 8, 3], name="x")
        w = tf.placeholder(tf.float32, [3, 3, 3, 16], name="w")
        conv = tf.nn.conv2d(x, w, strides=[1, 1, 1, 1], padding="SAME", name="conv")
        tf.reduce_sum(conv, name="sum")
        a = tf.placeholder(tf.float32, [None, 5], name="a")
        tf.matmul(a, tf.placeholder(tf.float32, [5, 7], name="b"), name="product")
    found = cost(graph)
    flops = {n.name: f for n, f in found.flops.items()}
    assert flops["conv"] == 2 * 4 * 8 * 8 * 16 * 3 * 3 * 3
    assert flops["sum"] == 4 * 8 * 8 * 16
    assert flops["product"] == 2 * 7 * 5
    assert found.open == 1 and found.unknown == 0
    touched = {n.name: b for n, b in found.bytes.items()}
    assert touched["conv"] == 4 * (4 * 8 * 8 * 3 + 3 * 3 * 3 * 16 + 4 * 8 * 8 * 16)
    assert touched["product"] == 4 * (5 + 5 * 7 + 7)
    assert found.total == sum(found.by_op().values()) and found.total_bytes == sum(found.bytes_by_op().values())


def test_flops_of_each_kind_are_those_by_hand() -> None:
    g, f32 = tf.Graph(), tf.float32
    with g.as_default():
        x, w = tf.placeholder(f32, [2, 9, 9, 6]), tf.placeholder(f32, [3, 3, 6, 5])
        conv = tf.nn.conv2d(x, w, [1, 2, 2, 1], "SAME")
        tf.gradients(conv, [x, w])
        depth = tf.nn.depthwise_conv2d(x, tf.placeholder(f32, [3, 3, 6, 2]), [1, 1, 1, 1], "VALID")
        tf.gradients(depth, [x])
        a, b = tf.placeholder(f32, [7, 4, 3]), tf.placeholder(f32, [7, 3, 8])
        made = {"bmm": tf.matmul(a, b), "ein": tf.einsum("bij,bjk->ik", a, b), "inv": tf.matrix_inverse(a[:, :3]),
                "solve": tf.matrix_solve(a[:, :3], tf.ones([7, 3, 2])), "mean": tf.reduce_mean(a, 1),
                "add": tf.add_n([a, a, a]), "turned": tf.transpose(a), "seg": tf.segment_sum(a, [0, 0, 1, 1, 2, 2, 2]),
                "pool": tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")}
    flops = {n.name: f for n, f in cost(g).flops.items()}
    by_type = cost(g).by_op()
    outputs = 2 * 5 * 5 * 5
    assert by_type["Conv2D"] == by_type["Conv2DBackpropInput"] == by_type["Conv2DBackpropFilter"] == (
        2 * outputs * 3 * 3 * 6)
    assert by_type["DepthwiseConv2dNative"] == by_type["DepthwiseConv2dNativeBackpropInput"] == 2 * 2 * 7 * 7 * 12 * 9
    want = {"bmm": 2 * 7 * 4 * 3 * 8, "ein": 2 * 7 * 4 * 3 * 8, "inv": 7 * 2 * 27, "solve": 7 * (18 + 2 * 9 * 2),
            "mean": 84, "add": 168, "turned": 0, "seg": 84, "pool": 2 * 4 * 4 * 6 * 4}
    assert {k: flops[t.op.name] for k, t in made.items()} == want


def test_probable_inputs_and_outputs() -> None:
    found = facts(diamond())
    assert [g.node.name for g in found.inputs] == ["x", "unused"]
    assert [g.node.name for g in found.outputs] == ["c", "other"]


def test_lint_of_inputs_that_nothing_reads() -> None:
    from graphcli.analysis.lint import lint

    built = load_spec(Source("t.yaml", "inputs: {x: {dtype: float32}}\nops: {y: constant(1.0)}\n")).default
    assert [(f.rule, f.name) for f in lint(built)] == [("unread-input", "x")]


def test_lint_of_functions_that_nothing_calls() -> None:
    from graphcli.analysis.lint import lint

    text = ("functions:\n  used: {inputs: [a], returns: a + inner(a)}\n  inner: {inputs: [a], returns: a}\n"
            "  forgotten: {inputs: [a], returns: a + nothing}\nops: {y: used(constant(1.0))}\n")
    built = load_spec(Source("t.yaml", text)).default
    assert [(f.rule, f.name, f.span.line if f.span else 0) for f in lint(built)] == [("uncalled", "forgotten", 4)]


@pytest.mark.parametrize(("fields", "becomes"), [
    ("int32, default: [1.5]", "[1]"), ("float16, default: 1e6", "inf"), ("bool, default: [2]", "[True]"),
    ("bool, default: \"'False'\"", "True"), ("int32, default: 2.0", None), ("bool, default: [1, 0]", None),
    ("int64, default: 1e18", None), ("float32, default: [0.1, .inf]", None), ("string, default: \"'a'\"", None),
    ("int32, default: []", None), ("complex64, default: 1.5", None)])
def test_a_default_that_its_dtype_does_not_hold_is_told(fields: str, becomes: str | None) -> None:
    from graphcli.analysis.lint import lint

    text = f"inputs: {{x: {{dtype: {fields}}}}}\nops: {{y: identity(x)}}\n"
    found = lint(load_spec(Source("a.yaml", text)).default)
    assert [(f.rule, f.name, f.message.rpartition(" becomes ")[2]) for f in found] == (
        [] if becomes is None else [("changed", "x", becomes)])


def test_used_in_counts_what_the_ops_of_a_scope_read() -> None:
    from graphcli.analysis.sharing import used_in

    built = load_spec(Source("t.yaml", """
variables: {outer: {initializer: [1.0]}}
scopes:
  a: {ops: {y: outer * 2.0}}
  b: {variables: {own: {initializer: [1.0]}}, ops: {y: own * outer}}
""")).default
    assert list(used_in(built, "a")) == ["outer"]
    assert list(used_in(built, "b")) == ["outer", "b/own"]
