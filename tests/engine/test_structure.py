"""Structure: loops and branches run as Python's own, and nothing but the time tells."""
from __future__ import annotations

import tracemalloc
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


def deep() -> Any:
    """A loop in a branch of a loop, and the gradient of all."""
    x = tf.placeholder(tf.float32, [3], name="x")

    def body(i: Any, a: Any) -> Any:
        def turns() -> Any:
            return tf.while_loop(lambda j, c: j < i, lambda j, c: [j + 1, tf.sin(c) + a], [0, a])[1]

        return [i + 1, tf.cond(tf.reduce_max(a) > 1.0, turns, lambda: a * 1.5)]

    out = tf.while_loop(lambda i, a: i < 5, body, [0, x])[1]
    return [out, tf.gradients(out, x)]


def by_case() -> Any:
    x = tf.placeholder(tf.float32, [3], name="x")
    total = tf.reduce_sum(x)
    out = tf.case([(total < 0.0, lambda: x * 2.0), (total < 3.0, lambda: tf.cond(x[0] > 0.1, lambda: x, lambda: -x))],
                  default=lambda: tf.exp(x))
    return [out, tf.gradients(out, x)]


def chosen_variable() -> Any:
    x = tf.placeholder(tf.float32, [3], name="x")
    v, w = (tf.get_variable(n, [3], initializer=tf.constant_initializer(c)) for n, c in (("v", 1.5), ("w", -2.0)))
    either = tf.cond(x[0] > 0.0, lambda: v, lambda: w)
    begun = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a * x], [0, v])[1]
    never = tf.while_loop(lambda i, a: i < 0, lambda i, a: [i + 1, a * x], [0, v])[1]
    return [either, begun, never, v]


def swapped() -> Any:
    x = tf.placeholder(tf.float32, [3], name="x")
    return tf.while_loop(lambda i, a, b, c: i < 5, lambda i, a, b, c: [i + 1, b, a, c + a], [0, x, x * 2.0, x])


def written_in_turns() -> Any:
    """Writes by inner turns, which nothing else puts in an order."""
    x = tf.placeholder(tf.float32, [3], name="x")
    v = tf.get_variable("v", [3], initializer=tf.ones_initializer())

    def inner(j: Any, c: Any) -> Any:
        with tf.control_dependencies([tf.assign(v, v * 0.5 + c)]):
            return [j + 1, c + 1.0]

    def body(i: Any, a: Any) -> Any:
        added = tf.assign_add(v, a)
        turned = tf.while_loop(lambda j, c: j < 2, inner, [0, a])[1]
        with tf.control_dependencies([added]):
            return [i + 1, turned * 0.5]

    out = tf.while_loop(lambda i, a: i < 3, body, [0, x])[1]
    with tf.control_dependencies([out]):
        return [out, v.read_value()]


def resource() -> Any:
    x = tf.placeholder(tf.float32, [3], name="x")
    v = tf.get_variable("v", [3], initializer=tf.ones_initializer(), use_resource=True)
    w = tf.get_variable("w", [3], initializer=tf.ones_initializer(), use_resource=True)

    def body(i: Any, a: Any) -> Any:
        with tf.control_dependencies([v.assign_add(a * w)]):
            return [i + 1, tf.cond(i > 1, lambda: v.read_value() + w, lambda: a)]

    return [tf.while_loop(lambda i, a: i < 4, body, [0, x])[1], tf.while_loop(
        lambda i, a: i < 3, lambda i, a: [i + 1, tf.gather(w, [2, 1, 0]) + a], [0, x])[1]]


def unknown() -> Any:
    """Of a size that only what is fed tells: stacks and lists keep it."""
    x = tf.placeholder(tf.float32, [None], name="x")
    rows = tf.stack([tf.stack([x, x * 2.0, x - 1.0, x]), tf.stack([x + 0.5, x, x, -x])], 1)
    rows = tf.transpose(rows, [1, 0, 2])
    outputs, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(4, kernel_initializer=tf.ones_initializer()),
                                       tf.reshape(rows, [tf.shape(rows)[0], -1, 3]), dtype=tf.float32)
    mapped = tf.map_fn(lambda r: tf.reduce_sum(r, keepdims=True) + tf.expand_dims(r[:1], 0)[:, 0], rows)
    return [outputs, state, mapped, *tf.gradients([outputs, mapped], [x, *tf.trainable_variables()])]


def growing() -> Any:
    """Of another size in each turn."""
    x = tf.placeholder(tf.float32, [3], name="x")
    out = tf.while_loop(lambda i, a: i < 4, lambda i, a: [i + 1, tf.concat([a, a[-1:] * 2.0 + a[0]], 0)], [0, x],
                        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])])[1]
    return [out, tf.nn.softmax(tf.stack([out, out * 2.0])), tf.gradients(out, x)]


def unneeded() -> Any:
    """What nothing takes, and constants of a turn."""
    x = tf.placeholder(tf.float32, [3], name="x")

    def body(i: Any, a: Any, b: Any) -> Any:
        unused = tf.exp(a) + tf.cast(i, tf.float32)
        with tf.control_dependencies([unused]):
            return [i + 1, a * tf.cast(tf.shape(a)[0], tf.float32) + tf.zeros_like(a), b + 1.0]

    return tf.while_loop(lambda i, a, b: i < 3, body, [0, x, x])[1]


def numbers() -> Any:
    """Single numbers of several types, that overflow, and what is made of them."""
    x = tf.placeholder(tf.float32, [3], name="x")

    def body(i: Any, a: Any, small: Any, half: Any, wide: Any) -> Any:
        return [i + 1, a + tf.cast(small, tf.float32) * tf.cast(half, tf.float32), small * tf.constant(7, tf.int8) - 3,
                half * half + tf.constant(0.1, tf.float16), wide * 3.0 - tf.cast(tf.not_equal(i, 2), tf.float64)]

    return tf.while_loop(lambda i, *rest: tf.logical_and(i < 6, tf.logical_not(tf.equal(i, 5))), body,
                         [0, x, tf.constant(5, tf.int8), tf.constant(1.3, tf.float16), tf.constant(0.1, tf.float64)])


MADE = [loop, nested, branches, gradient, recurrent, written, texts, deep, by_case, chosen_variable, swapped,
        written_in_turns, resource, unknown, growing, unneeded, numbers]
PASSED = [("structure",), ("structure", "fold"), ("structure", "skip"), ("structure", "fuse"),
          ("structure", "fold", "skip", "fuse", "reuse")]
FED = [np.array(v, np.float32) for v in ([0.5, -0.25, 2.0], [-1.0, -2.0, 0.5], [3.0, 4.0, 5.0])]


def regions(session: Session, fetches: Any, feeds: Any) -> list[Any]:
    return [s for s in session.plan(fetches, feeds).steps if s.region is not None]


@pytest.mark.parametrize("passes", PASSED, ids="+".join)
@pytest.mark.parametrize("make", MADE)
def test_structure_changes_no_bit(make: Callable[[], Any], passes: tuple[str, ...]) -> None:
    with tf.Graph().as_default() as graph:
        fetches = make()
    structured, alone = Session(graph, passes=passes), Session(graph, passes=())
    found = regions(structured, fetches, ["x:0"])
    assert found and all(s.structured is not None for s in found)
    for fed in FED:
        for session in (structured, alone):
            session.initialize()
        one, other = (str(s.run(fetches, {"x:0": fed})) for s in (structured, alone))
        assert one == other


def test_failing_op_of_a_turn_is_named() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, name="x")
        out = tf.while_loop(lambda i, a: i < 3,
                            lambda i, a: [i + 1, tf.negative(tf.reshape(a * 2.0, [3], name="three"))], [0, x],
                            shape_invariants=[tf.TensorShape([]), tf.TensorShape(None)])
    session = Session(graph)
    with pytest.raises(RunError, match=r"^while/three \(Reshape\)") as caught:
        session.run(out, {x: np.ones(4, np.float32)})
    assert caught.value.op.name == "while/three"  # type: ignore[union-attr]
    assert any("is float32 [4]" in note for note, _ in caught.value.notes)


def test_dead_branch_computes_nothing() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.int32, [], name="x")
        out = tf.cond(x > 0, lambda: tf.negative(tf.div(10, x) + 1), lambda: x * 2 + 1 - x)
    for passes in (PASSES, ("structure",)):
        session = Session(graph, passes=passes)
        assert [int(session.run(out, {x: v})) for v in (0, 5, -1)] == [1, -3, 0]


def test_variable_without_a_value_is_missed_only_where_it_is_read() -> None:
    with tf.Graph().as_default() as graph:
        p = tf.placeholder(tf.bool, [], name="p")
        v = tf.get_variable("v", [2])
        out = tf.cond(p, lambda: v * 2.0, lambda: tf.zeros([2]))
    session = Session(graph)
    assert session.run(out, {p: False}).tolist() == [0.0, 0.0]
    with pytest.raises(RunError, match="the variable 'v' is not initialized"):
        session.run(out, {p: True})


def test_value_of_a_branch_that_was_not_taken_is_an_error() -> None:
    with tf.Graph().as_default() as graph:
        p = tf.placeholder(tf.bool, [], name="p")
        held = []
        tf.cond(p, lambda: held.append(tf.sin(1.0)) or held[0], lambda: tf.cos(1.0))
    session = Session(graph)
    assert session.run(held[0], {p: True}) == np.sin(np.float32(1))
    with pytest.raises(RunError, match="has no value in this step"):
        session.run(held[0], {p: False})


def test_what_a_branch_lets_go_is_let_go_where_it_is_not_taken() -> None:
    """A large value that only one branch takes is not held while what follows runs."""
    with tf.Graph().as_default() as graph:
        p = tf.placeholder(tf.bool, [], name="p")
        x = tf.placeholder(tf.float32, [1 << 20], name="x")
        large = tf.cond(p, lambda: x * 2.0, lambda: x + 1.0)
        small = tf.cond(p, lambda: tf.reduce_sum(large), lambda: tf.constant(0.0))
        out = tf.cond(small > 1e9, lambda: x, lambda: tf.fill([1 << 20], small) * 2.0)
    session = Session(graph, passes=("structure",))
    held = {}
    for taken in (False, True):
        feeds = {p: taken, x: np.ones(1 << 20, np.float32)}
        session.run(out, feeds)
        tracemalloc.start()
        session.run(out, feeds)
        held[taken] = tracemalloc.get_traced_memory()[1] / (4 << 20)
        tracemalloc.stop()
    assert max(held.values()) < 3.1


def within_each_other(x: Any, depth: int) -> Any:
    return tf.cond(tf.reduce_sum(x) > 0.0, lambda: within_each_other(x - 1.0, depth - 1), lambda: x) if depth else x


@pytest.mark.parametrize(("depth", "kept"), [(70, True), (100, False)])
def test_branches_within_branches_are_pythons_as_far_as_it_has_them(depth: int, kept: bool) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [2], name="x")
        out = within_each_other(x, depth)
    session = Session(graph)
    assert [s.structured is not None for s in regions(session, out, [x])] == [kept]
    assert session.run(out, {x: np.float32([20.0, 30.5])}).tolist() == [-6.0, 4.5]


def test_region_of_a_form_of_its_own_runs_by_the_rules_of_dataflow() -> None:
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
    assert [s.structured for s in regions(session, out, [x])] == [None]
    assert session.run(out, {x: np.float32(0.5)}) == Session(graph, passes=()).run(out, {x: np.float32(0.5)})
