"""Shapes and values within loops and branches, and what runs as one there."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.program import Program
from graphcli.graph.graph import Node
from graphcli.passes.rows import Item, Loop
from graphcli.passes.structured import Structured


def structured(fetches: Any, feeds: Any, passes: Any = None) -> Structured:
    """The only region of a plan."""
    graph = tf.get_default_graph()
    session = Session(graph) if passes is None else Session(graph, passes=passes)
    shapes = {t: np.zeros(s, t.dtype.as_numpy_dtype) for t, s in feeds.items()}
    (found,) = [s.structured for s in session.executable(fetches, shapes).plan.steps if s.region is not None]
    assert found is not None
    return found


def loops(items: Any) -> list[Loop]:
    out = [i.what for i in items if isinstance(i.what, Loop)]
    return out + [inner for loop in out for inner in loops((*loop.head, *loop.body))]


def types(items: Any) -> list[Any]:
    """The op of each item; a list of those of a program."""
    return [i.what.type if isinstance(i.what, Node) else [n.type for n in i.what.nodes]
            if isinstance(i.what, Program) else "loop" for i in items]


def shape_of(found: Structured, name: str) -> Any:
    return found.shape(tf.get_default_graph().get_tensor_by_name(name))


def test_shape_that_is_fed_holds_in_each_turn() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        out = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, tf.sin(a, name="sine") * 2.0], [0, x])[1]
        assert shape_of(structured(out, {x: (5, 3)}), "while/sine:0") == (5, 3)


def test_shape_that_another_turn_changes_is_not_known() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        out = tf.while_loop(
            lambda i, a: i < 3, lambda i, a: [i + 1, tf.concat([tf.sin(a, name="sine"), a], 0)], [0, x],
            shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 3])])[1]
        assert shape_of(structured(out, {x: (5, 3)}), "while/sine:0") is None


def forms(fetches: Any, feeds: Any) -> dict[str, Any]:
    """The shapes of a plan's values, by name."""
    session = Session(tf.get_default_graph())
    plan = session.executable(fetches, {t: np.zeros(s, t.dtype.as_numpy_dtype) for t, s in feeds.items()}).plan
    return {name: plan.forms[number][0] for number, name in plan.names.items()}


def test_shape_that_branches_share_is_known_after_them() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None], name="x")
        alike = tf.sin(tf.cond(x[0] > 0.0, lambda: x * 2.0, lambda: x + 1.0), name="alike")
        other = tf.sin(tf.cond(x[0] > 0.0, lambda: x, lambda: x[1:]), name="other")
        found = forms([alike, other], {x: (4,)})
        assert found["alike:0"] == (4,)
        assert found["other:0"] is None


def test_shape_of_what_a_loop_gives_is_known_after_it() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, None], name="x")
        turned = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a * 2.0], [0, x])[1]
        mapped = tf.map_fn(lambda row: row[1:] * 2.0, x)
        found = forms([tf.sin(turned, name="turned"), tf.sin(mapped, name="mapped")], {x: (5, 3)})
        assert found["turned:0"] == (5, 3)
        assert found["mapped:0"] == (5, 2)


def test_lists_and_stacks_keep_the_shape_of_what_is_put_in() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, None], name="x")
        mapped = tf.map_fn(lambda row: tf.sin(row) * row, x)
        gradient = tf.gradients(mapped, x)[0]
        plan = Session(graph).executable(gradient, {x: np.zeros((5, 3), np.float32)}).plan
        for kind in ("TensorArrayReadV3", "StackPopV2"):
            found = [s.structured.shape(t) for s in plan.steps if s.structured is not None
                     for n in s.structured.place if n.type == kind for t in n.outputs]
            assert (3,) in found
            assert set(found) <= {(3,), (1,), ()}


def test_sizes_are_constants_of_a_turn() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        out = tf.while_loop(lambda i, a: i < 3,
                            lambda i, a: [i + 1, a * tf.cast(tf.shape(a)[0] * 2, tf.float32)], [0, x])[1]
        (loop,) = loops(structured(out, {x: (5, 3)}).block)
        assert sorted(types(loop.body)) == [["AddV2"], ["Mul"]]
        assert types(loops(structured(out, {x: (5, 3)}, ("structure",)).block)[0].body) == [
            "AddV2", "Shape", "StridedSlice", "Mul", "Cast", "Mul"]


def test_elementwise_ops_of_a_turn_are_one_program_beside_its_condition() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [4, 4], name="x")
        w = tf.get_variable("w", [4, 4])
        out = tf.while_loop(lambda i, a: i < 5, lambda i, a: [i + 1, tf.tanh(tf.matmul(a, w) * 2.0) - a], [0, x])[1]
        (loop,) = loops(structured(out, {x: (4, 4)}).block)
        assert types(loop.head) == [["Less"]]
        assert types(loop.body) == [["AddV2"], "MatMul", ["Mul", "Tanh", "Sub"]]


def test_programs_are_of_one_branch() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [4], name="x")
        out = tf.cond(x[0] > 0.0, lambda: tf.sin(x) * 2.0, lambda: tf.cos(x) + 1.0)
        found = structured(out, {x: (4,)})
        computed: list[Item] = [i for i in found.block if isinstance(i.what, Program)]
        assert sorted((types([i])[0], [b for _, b in i.conditions]) for i in computed) == [
            (["Cos", "AddV2"], [0]), (["Sin", "Mul"], [1])]


def test_what_nothing_takes_is_left_out() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [4], name="x")

        def body(i: Any, a: Any, b: Any) -> Any:
            with tf.control_dependencies([tf.exp(b)]):
                return [i + 1, tf.sin(a), tf.cos(b)]

        out = tf.while_loop(lambda i, a, b: i < 5, body, [0, x, x])[1]
        (loop,) = loops(structured(out, {x: (4,)}).block)
        assert sorted(types(loop.body)) == [["AddV2"], ["Sin"]]
        assert len(loop.carried) == 2
        (whole,) = loops(structured(out, {x: (4,)}, ("structure",)).block)
        assert sorted(types(whole.body)) == ["AddV2", "Cos", "Exp", "Sin"]


def test_single_numbers_are_a_program_of_their_own() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [4], name="x")
        out = tf.while_loop(lambda i, a, b: tf.logical_and(i < 5, b < 10.0),
                            lambda i, a, b: [i + 1, tf.sin(a) * b, b * 1.5 + tf.cast(i, tf.float32)], [0, x, 1.0])[1]
        (loop,) = loops(structured(out, {x: (4,)}).block)
        assert types(loop.head) == [["Less", "Less", "LogicalAnd"]]
        assert sorted(types(loop.body)) == [["AddV2", "Mul", "Cast", "AddV2"], ["Sin", "Mul"]]
