"""Bundle: ops of a loop's turn or of a branch run in a row, and nothing but the time tells."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.plan import PASSES
from graphcli.errors import RunError
from graphcli.graph.opdef import get_op


def loop() -> Any:
    x = tf.placeholder(tf.float32, [3], name="x")
    return tf.while_loop(lambda i, a, b: i < 5, lambda i, a, b: [i + 1, tf.tanh(a * 2.0 + b) - x, b * a + tf.sin(b)],
                         [0, x, x + 1.0])


def nested() -> Any:
    x = tf.placeholder(tf.float32, [3], name="x")

    def body(i: Any, a: Any) -> Any:
        inner = tf.while_loop(lambda j, c: j < i, lambda j, c: [j + 1, c * 1.5 + a - tf.square(x)], [0, a])[1]
        # an op on either side of the inner loop
        return [i + 1, tf.sin(inner) + a * 2.0 - tf.cos(a)]

    return tf.while_loop(lambda i, a: i < 4, body, [0, x])


def branches() -> Any:
    x = tf.placeholder(tf.float32, [3], name="x")

    def body(i: Any, a: Any) -> Any:
        before = tf.exp(-tf.abs(a)) + 1.0
        chosen = tf.cond(tf.reduce_sum(a) > 0.0, lambda: [before * 2.0 - a, a + 1.0], lambda: [a / before, a - 1.0])
        return [i + 1, chosen[0] * before + tf.square(chosen[1])]

    return tf.while_loop(lambda i, a: i < 4, body, [0, x])


def gradient() -> Any:
    x = tf.placeholder(tf.float32, [3], name="x")
    w = tf.get_variable("w", [3], initializer=tf.ones_initializer())
    out = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, tf.tanh(a * w + x) * 2.0], [0, x])[1]
    return [out, *tf.gradients(tf.cond(tf.reduce_sum(out) > 0.0, lambda: out * 2.0 + 1.0, lambda: out), [x, w])]


def recurrent() -> Any:
    x = tf.placeholder(tf.float32, [3], name="x")
    inputs = tf.reshape(tf.concat([x, x * 2.0, x - 1.0, x], 0), [2, 3, 2])
    outputs, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(4, initializer=tf.ones_initializer()), inputs,
                                       sequence_length=[2, 3], dtype=tf.float32)
    return [outputs, state.c, *tf.gradients(outputs, tf.trainable_variables())]


def written() -> Any:
    x = tf.placeholder(tf.float32, [3], name="x")
    v = tf.get_variable("v", [3], initializer=tf.zeros_initializer())

    def body(i: Any, a: Any) -> Any:
        change = a * 0.5 + 1.0
        with tf.control_dependencies([tf.assign_add(v, change)]):
            return [i + 1, tf.identity(a) + v.read_value() * 2.0 - change]

    return [tf.while_loop(lambda i, a: i < 4, body, [0, x])[1], v]


def texts() -> Any:
    x = tf.placeholder(tf.float32, [3], name="x")
    kept = tf.cond(tf.reduce_max(x) > 1.0, lambda: tf.unstack(tf.split(x * 3.0, 3)[0] + 1.0), lambda: [x[0]])
    return [kept, tf.cond(x[0] > 0.0, lambda: tf.as_string(x[:1] + 1.0), lambda: tf.constant(["none"]))]


MADE = [loop, nested, branches, gradient, recurrent, written, texts]
FED = [np.array(v, np.float32) for v in ([0.5, -0.25, 2.0], [-1.0, -2.0, 0.5], [3.0, 4.0, 5.0])]


@pytest.mark.parametrize("make", MADE)
def test_bundles_change_no_bit(make: Callable[[], Any]) -> None:
    with tf.Graph().as_default() as graph:
        fetches = make()
    bundled, alone = Session(graph, passes=("bundle",)), Session(graph, passes=())
    assert any(s.bundles for s in bundled.plan(fetches, ["x:0"]).steps)
    for fed in FED:
        for session in (bundled, alone):
            session.initialize()
        found, wanted = (str(s.run(fetches, {"x:0": fed})) for s in (bundled, alone))
        assert found == wanted
        assert str(Session(graph).plan(fetches, ["x:0"])) != ""


def test_turn_of_a_loop_is_one_bundle_beside_its_condition() -> None:
    with tf.Graph().as_default() as graph:
        fetches = loop()
    (step,) = [s for s in Session(graph).plan(fetches, ["x:0"]).steps if s.region is not None]
    (body,) = step.bundles
    assert {n.type for n in body} >= {"Tanh", "Sin", "Mul", "Sub"}


def test_bundle_waits_for_nothing_that_waits_for_it() -> None:
    with tf.Graph().as_default() as graph:
        fetches = branches()
    for step in Session(graph).plan(fetches, ["x:0"]).steps:
        for bundle in step.bundles:
            inside, met = set(bundle), set()
            for node in step.region.nodes:  # type: ignore[union-attr]
                sources = {*(t.op for t in node.inputs), *node.control_inputs}
                if node in inside:
                    assert not sources & met
                elif sources & (inside | met) and node.type != "NextIteration":
                    met.add(node)


def test_failing_op_of_a_bundle_is_named() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, name="x")
        out = tf.while_loop(lambda i, a: i < 3,
                            lambda i, a: [i + 1, tf.negative(tf.reshape(a * 2.0, [3], name="three"))], [0, x],
                            shape_invariants=[tf.TensorShape([]), tf.TensorShape(None)])
    session = Session(graph)
    assert any(s.bundles for s in session.plan(out, [x]).steps)
    with pytest.raises(RunError, match=r"^while/three \(Reshape\)") as caught:
        session.run(out, {x: np.ones(4, np.float32)})
    assert caught.value.op.name == "while/three"  # type: ignore[union-attr]


def test_dead_branch_computes_nothing() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.int32, [], name="x")
        out = tf.cond(x > 0, lambda: tf.negative(tf.div(10, x) + 1), lambda: x * 2 + 1 - x)
    for passes in (PASSES, ("bundle",)):
        session = Session(graph, passes=passes)
        assert [int(session.run(out, {x: v})) for v in (0, 5, -1)] == [1, -3, 0]


def test_loop_of_a_form_of_its_own_has_no_bundles() -> None:
    """What stands between an Enter and its Merge comes in the first turn alone."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [], name="x")
        out = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, tf.sin(a * 2.0) + a], [0, x])[1]
    (merge,) = [n for n in graph if n.type == "Merge" and n.outputs[0].dtype is tf.float32]
    enter = merge.inputs[0]
    graph.scopes.flow = merge.flow
    squared = graph.create_node("Mul", [enter, enter], [enter.dtype], {"T": enter.dtype}, opdef=get_op("Mul"))
    graph.replace_input(merge, 0, squared.outputs[0])
    session = Session(graph)
    assert not any(s.bundles for s in session.plan(out, [x]).steps)
    assert session.run(out, {x: np.float32(0.5)}) == Session(graph, passes=()).run(out, {x: np.float32(0.5)})
