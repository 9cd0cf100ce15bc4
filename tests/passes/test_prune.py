"""What runs for a fetch."""
from __future__ import annotations

import graphcli.tf1 as tf
from graphcli.passes.prune import needed


def test_ancestors_by_data_and_control_cut_at_what_is_fed() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [], name="x")
        a = tf.exp(x, name="a")
        tf.exp(x, name="other")
        with tf.control_dependencies([a]):
            b = tf.constant(1.0, name="b")
        y = tf.exp(b, name="y")
    need = needed([y], frozenset())
    assert [n.name for n in need.nodes] == ["x", "a", "b", "y"]
    assert [n.name for n in need.missing()] == ["x"]
    assert [n.name for n in need.path(x.op)] == ["x", "a", "b", "y"]
    assert [n.name for n in needed([y], frozenset([b])).nodes] == ["y"]
    assert [n.name for n in needed([y.op], frozenset([x])).nodes] == ["a", "b", "y"]


def test_a_control_input_on_a_fed_placeholder_asks_for_nothing() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [], name="x")
        with tf.control_dependencies([x]):
            y = tf.constant(1.0, name="y")
    assert [n.name for n in needed([y], frozenset([x])).nodes] == ["y"]
