"""The checker finds what was broken on purpose."""
from __future__ import annotations

from typing import Any

import pytest

import graphcli.tf1 as tf
from graphcli.errors import GraphError
from graphcli.graph.types import float64
from graphcli.graph.verify import verify


def graph() -> Any:
    made = tf.Graph()
    with made.as_default():
        x = tf.placeholder(tf.float32, [2], name="x")
        with tf.control_dependencies([x]):
            y = tf.add(x, x, name="y")
            tf.no_op(name="n")
        tf.identity(y, name="z")
    return made


def broken(number: int) -> Any:
    made = graph()
    x, y, z = (made.get_operation_by_name(n) for n in "xyz")
    if number == 0:
        y.inputs = y.inputs[:1]
    elif number == 1:
        x.outputs[0].uses.remove(y)
    elif number == 2:
        y.attrs = {"T": float64}
    elif number == 3:
        del made.nodes["x"]
    elif number == 4:
        x.control_uses.clear()
    elif number == 5:
        made.nodes["other"] = made.nodes.pop("z")
    elif number == 6:
        made.replace_input(y, 0, z.outputs[0])
    elif number == 7:
        x.number = 5
    elif number == 8:
        z.attrs = {}
    return made


def test_a_graph_that_was_built_holds() -> None:
    verify(graph())


@pytest.mark.parametrize("number", range(9))
def test_what_was_broken_is_found(number: int) -> None:
    with pytest.raises(GraphError):
        verify(broken(number))
