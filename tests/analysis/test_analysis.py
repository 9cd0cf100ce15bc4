"""Facts about small graphs that are made by hand."""
from __future__ import annotations

from typing import Any

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


def test_probable_inputs_and_outputs() -> None:
    found = facts(diamond())
    assert [g.node.name for g in found.inputs] == ["x", "unused"]
    assert [g.node.name for g in found.outputs] == ["c", "other"]


def test_lint_of_inputs_that_nothing_reads() -> None:
    from graphcli.analysis.lint import lint

    built = load_spec(Source("t.yaml", "inputs: {x: {dtype: float32}}\nops: {y: constant(1.0)}\n")).default
    assert [(f.rule, f.name) for f in lint(built)] == [("unread-input", "x")]


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
