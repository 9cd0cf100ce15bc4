"""What stands for a tensor that is made further below; and that the work of a large graph grows as the graph does."""
from __future__ import annotations

from typing import Any

import pytest

import graphcli.tf1 as tf
from graphcli.formats.spec import stand_in
from graphcli.formats.spec.stand_in import StandIns
from graphcli.graph.graph import Graph
from graphcli.tf1.opened import variable_by_name
from graphcli.tf1.variables import Variable


def test_the_nearest_in_kind_stands_in() -> None:
    graph = tf.Graph()
    with graph.as_default():
        a = tf.constant([1, 2])
        b = tf.constant([3, 4])
        c = tf.placeholder(tf.int32, [2])
        wanted = [tf.constant([3, 4]), tf.constant([5, 6]), tf.constant([[7]]), tf.constant(1.0)]
    found = StandIns(list(graph))
    done = {a.op, b.op, c.op}
    assert [found.find(t, done) for t in wanted] == [b, c, a, None]


def test_each_node_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = tf.Graph()
    with graph.as_default():
        order = [tf.constant(float(i)).op for i in range(40)]
    asked: list[Any] = []
    monkeypatch.setattr(stand_in, "constant_value", lambda t: asked.append(t))
    found = StandIns(order)
    for i in range(1, 40):
        found.find(order[-1].outputs[0], set(order[:i]))
    assert len(asked) == 39 + 39


def of_variables(count: int) -> Graph:
    graph = tf.Graph()
    with graph.as_default():
        for i in range(count):
            tf.get_variable(f"w{i}", [1])
    return graph


def test_a_variable_is_found_without_going_through_all(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = of_variables(60)
    reads: list[Any] = []
    op = Variable.op.fget  # type: ignore[attr-defined]
    monkeypatch.setattr(Variable, "op", property(lambda v: (reads.append(v), op(v))[1]))
    found = [variable_by_name(graph, f"w{i}") for i in range(60)]
    assert found == graph.get_collection("variables")
    assert len(reads) < 60 * 6


def test_a_variable_that_left_the_collections_is_made_anew() -> None:
    graph = of_variables(3)
    held = variable_by_name(graph, "w1")
    for key in ("variables", "trainable_variables"):
        graph.get_collection_ref(key).remove(held)
    assert variable_by_name(graph, "w1") is not held
    assert variable_by_name(graph, "w2") is graph.get_collection("variables")[1]
