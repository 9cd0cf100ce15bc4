"""Regions: what runs by the rules of dataflow, and nothing else."""
from __future__ import annotations

from typing import Any

import graphcli.tf1 as tf
from graphcli.graph.graph import Node
from graphcli.passes.flow import MERGE, NEXT, regions
from graphcli.passes.order import topological


def found(graph: Any) -> list[set[str]]:
    nodes: list[Node] = list(graph)
    before = {n: [o for o in dict.fromkeys([t.op for t in n.inputs] + list(n.control_inputs))
                  if not (n.type in MERGE and o.type in NEXT)] for n in nodes}
    return [{n.name for n in r.nodes} for r in regions(topological(nodes, before), before, frozenset())]


def test_each_cond_and_loop_is_a_region() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.constant(1.0, name="x")
        a = tf.cond(x > 0.0, lambda: x + 1.0, lambda: x, name="a")
        b = tf.multiply(a, 2.0, name="b")
        tf.while_loop(lambda i: i < b, lambda i: i + 1.0, [0.0], name="loop")
    one, two = found(graph)
    assert {"a/Switch", "a/add/Switch", "a/add", "a/Merge"} <= one
    assert {"loop/Enter", "loop/Merge", "loop/add", "loop/Exit"} <= two
    assert not any(n in part for part in (one, two) for n in ("x", "Greater", "b"))


def test_what_lies_between_two_parts_of_a_branch_is_in_its_region() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.constant(1.0, name="x")
        p = tf.constant(True, name="p")
        low, high = _switch(x, p)
        merged = tf.apply_op("Merge", "m", [[low, high]])[0]
        between = tf.exp(merged, name="between")
        tf.apply_op("Merge", "end", [[low, _switch(between, p)[1]]])
    (region,) = found(graph)
    assert "between" in region


def _switch(x: Any, p: Any) -> Any:
    return tf.apply_op("Switch", "s", [x, p])


def test_a_graph_without_control_flow_has_none() -> None:
    with tf.Graph().as_default() as graph:
        tf.exp(tf.constant(1.0))
    assert found(graph) == []
