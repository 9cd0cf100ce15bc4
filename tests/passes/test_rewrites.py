"""What the passes find: folded, simplified, merged and skipped nodes, and the order that holds least."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.plan import PASSES
from graphcli.errors import FailedPrecondition, InvalidType, InvalidValue
from graphcli.passes.merge import frozen
from graphcli.passes.schedule import most, schedule


def notes(fetches: Any, feeds: Any, graph: Any, passes: Any = PASSES) -> list[str]:
    return [str(n) for n in Session(graph, passes=passes).plan(fetches, feeds).notes]


def test_what_follows_from_shapes_is_folded_when_they_are_fed() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (None, 3), name="x")
        y = tf.reshape(x, [tf.shape(x)[0] * 3], name="y")
    session = Session(graph)
    assert len(session.plan(y, {x: np.ones((4, 3))}).steps) == 1
    assert len(session.plan(y, [x]).steps) > 1
    assert session.run(y, {x: np.ones((4, 3))}).shape == (12,)


def test_what_follows_from_shapes_is_folded_where_it_waits_and_where_a_variable_is_written() -> None:
    """Gradients of a net with batch normalization are made under control_dependencies of its moving averages; those of
    convolutions ask for the shape of a filter that the step changes."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (None, 4, 4, 2), name="x")
        average, kernel = tf.Variable(0.0), tf.Variable(tf.ones([3, 3, 2, 2]))
        with tf.control_dependencies([tf.assign_add(average, 1.0).op]):
            loss = tf.reduce_sum(tf.nn.conv2d(tf.nn.conv2d(x, kernel, 1, "SAME") + x, kernel, 1, "SAME"))
            train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    plan = Session(graph).plan(train, {x: np.ones((3, 4, 4, 2))})
    assert not [s for s in plan.steps if s.node.type in ("Shape", "ShapeN", "BroadcastGradientArgs", "Sum", "Reshape")]
    answers = []
    for passes in ((), PASSES):
        with Session(graph, passes=passes) as session:
            session.run(average.initializer)
            with pytest.raises(FailedPrecondition, match="the variable 'Variable_1' is not initialized"):
                session.run(train, {x: np.ones((3, 4, 4, 2))})
            session.initialize()
            session.run(train, {x: np.ones((3, 4, 4, 2))})
            answers.append([session.value(average), session.value(kernel).tolist()])
    assert answers[0] == answers[1] and answers[0][0] == 1.0


def test_values_under_other_names_are_the_values_and_what_they_came_after_still_runs() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (6,), name="x")
        count = tf.Variable(0.0, use_resource=True)
        y = tf.square(tf.nn.swish(x))
        z = tf.square(tf.identity_n([x + 1.0, count.assign_add(1.0)])[0])
    given = {x: np.arange(6.0)}
    assert "simplify: IdentityN (IdentityN) is mul_1" in notes(y, given, graph)
    assert [s.node.type for s in Session(graph).plan(y, given).steps] == ["Sigmoid"]
    for passes in ((), PASSES):
        with Session(graph, passes=passes) as session:
            session.initialize()
            assert session.run(z, given).tolist() == [1.0, 4.0, 9.0, 16.0, 25.0, 36.0]
            assert session.value(count) == 1.0


def test_a_value_inside_of_the_graph_may_be_fed() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (6,), name="x")
        size = tf.constant([2, 3], name="size")
        y = tf.reshape(x, size) * tf.ones([2, 3])
    session = Session(graph)
    assert session.run(y, {x: np.ones(6)}).shape == (2, 3)
    assert session.run("Reshape:0", {x: np.ones(6), size: [3, 2]}).shape == (3, 2)


def test_only_what_keeps_the_bits_is_simplified() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (3,), name="x")
        same = [x * 1.0, 1.0 * x, x / 1.0, x - 0.0, tf.negative(-x), tf.cast(x, tf.float32), tf.reshape(x, [3]),
                tf.transpose(x, [0]), tf.reduce_sum(x, []), tf.tile(x, [1])]
        other = [x + 0.0, x * 0.0, x - (-0.0), x * tf.ones([2, 3]), 0.0 - x]
    session = Session(graph)
    given = np.array([-0.0, np.nan, np.inf], np.float32)
    plain = Session(graph, passes=()).run([same, other], {x: given})
    found = session.run([same, other], {x: given})
    for a, b in zip([*plain[0], *plain[1]], [*found[0], *found[1]]):
        assert np.array_equal(np.signbit(a), np.signbit(b)) and np.array_equal(a, b, equal_nan=True)
    assert not session.plan(same, [x]).steps and len(session.plan(other, [x]).notes) == 0


def test_equal_nodes_run_once_and_random_ones_do_not() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (3,), name="x")
        y = [tf.exp(x, name="first"), tf.exp(x, name="second")]
        z = [tf.random_uniform([3], seed=1), tf.random_uniform([3], seed=1)]
    assert notes(y, [x], graph, ["merge"]) == ["merge: second (Exp) is first"]
    assert notes(z, [], graph, ["merge"]) == []
    first, second = Session(graph).run(y, {x: np.ones(3)})
    assert not np.may_share_memory(first, second) or first is second


def test_two_reads_around_a_write_stay_two() -> None:
    with tf.Graph().as_default() as graph:
        v = tf.Variable([1.0, 2.0])
        before = v * 2.0
        with tf.control_dependencies([before]):
            write = tf.assign_add(v, [10.0, 10.0])
        with tf.control_dependencies([write]):
            after = v * 2.0
    session = Session(graph)
    session.initialize()
    assert [a.tolist() for a in session.run([before, after])] == [[2.0, 4.0], [22.0, 24.0]]


def test_a_gradient_that_nothing_uses_is_not_computed() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (5, 4), name="x")
        w = tf.Variable(np.ones((4, 3), np.float32))
        train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(tf.square(tf.matmul(x, w))))
    products = [n for n in graph if n.type == "MatMul"]
    plan = Session(graph).plan(train, [x])
    assert len(products) == 3 and sum(n.type == "MatMul" for s in plan.steps for n in [s.node]) == 2
    assert any("does not run, nothing uses its value" in str(n) for n in plan.notes)
    waiting = tf.Graph()
    with waiting.as_default():
        a = tf.Variable(1.0)
        grown = tf.assign_add(a, 1.0)
        with tf.control_dependencies([tf.identity(grown) * 3.0]):
            read = a.read_value() + 0.0
    session = Session(waiting)
    session.initialize()
    assert session.run(read) == 2.0, "what a skipped node waited for still runs first"


def test_the_zero_part_of_a_cross_entropy_s_gradient_is_left_out() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (4, 3), name="x")
        loss = tf.nn.softmax_cross_entropy_with_logits_v2(labels=tf.constant(np.eye(4, 3, dtype=np.float32)), logits=x)
        slope = tf.gradients(loss, x)[0]
    plan = Session(graph).plan(slope, [x])
    assert not any(n.type in ("Softmax", "BatchMatMulV2") for s in plan.steps for n in [s.node])
    for row in ([1.0, 2.0, 3.0], [np.inf, 0.0, 1.0], [np.nan, 0.0, 1.0], [-np.inf, 0.0, 1.0]):
        given = np.array([row, [1, 1, 1], [0, 0, 9], [-1, 50, 0]], np.float32)
        assert np.array_equal(Session(graph).run(slope, {x: given}), Session(graph, passes=()).run(slope, {x: given}),
                              equal_nan=True)


def test_steps_take_the_order_that_holds_least() -> None:
    # a, b and c make 10 each; a2, b2 and c2 use them up
    earlier: list[set[int]] = [set(), set(), set(), {0}, {1}, {2}]
    makes: list[dict[object, int]] = [{"a": 10}, {"b": 10}, {"c": 10}, {"a2": 1}, {"b2": 1}, {"c2": 1}]
    uses: list[list[object]] = [[], [], [], ["a"], ["b"], ["c"]]
    kept = ("a2", "b2", "c2")
    found = schedule(6, earlier, makes, uses, kept)
    assert found == [0, 3, 1, 4, 2, 5]
    assert most(found, makes, uses, kept) == 13 and most(range(6), makes, uses, kept) == 31


def test_an_unknown_pass_is_refused() -> None:
    with pytest.raises(InvalidValue, match="no pass 'fuze'") as info:
        Session(tf.Graph(), passes=["fuze"])
    assert info.value.hint == "did you mean 'fuse'?"


@pytest.mark.parametrize(("setting", "why"), [
    ({"threads": 0}, "threads is at least 1, not 0"), ({"threads": "2"}, "threads is a whole number, not '2'"),
    ({"block": 0}, "block is at least 1, not 0"), ({"memory": "2G"}, "memory is a whole number, not '2G'"),
    ({"memory": -1}, "memory is at least 0, not -1"), ({"passes": "fuse"}, "passes are a list of names, not 'fuse'")])
def test_settings_that_are_none_are_refused(setting: dict[str, object], why: str) -> None:
    with pytest.raises((InvalidValue, InvalidType), match=why):
        Session(tf.Graph(), **setting)  # type: ignore[arg-type]


WAITING = {
    "folded": lambda x: tf.constant(2.0) * 3.0,
    "simplified": lambda x: x * 1.0,
    "simplified by a constant of its own": lambda x: tf.reshape(x, []),
    "merged": lambda x: [x * 3.0][0],
    "a chain of them": lambda x: (tf.constant(2.0) * 3.0 + 1.0) * 1.0,
    "a shape": lambda x: tf.cast(tf.shape(tf.stack([x, x]))[0], tf.float32),
    "a shape that is asked for": lambda x: tf.reshape(x, tf.shape(x)),
}


@pytest.mark.parametrize("how", ["fetched", "waited for", "written"])
@pytest.mark.parametrize("what", WAITING)
def test_what_is_left_out_still_comes_after_what_its_constants_came_after(what: str, how: str) -> None:
    """Under control_dependencies it is the 3 of ``x * 3`` that waits, for the product has an input that does."""
    answers = []
    for passes in ((), *((p,) for p in PASSES), PASSES):
        with tf.Graph().as_default() as graph:
            x = tf.placeholder(tf.float32, ())
            v, w = tf.Variable(1.0), tf.Variable(0.0)
            early = x * 3.0
            with tf.control_dependencies([tf.assign_add(v, 10.0).op]):
                late: Any = WAITING[what](x)
            if how == "waited for":
                with tf.control_dependencies([late]):
                    late = v.read_value()
            elif how == "written":
                late = tf.assign(w, late)
                with tf.control_dependencies([late]):
                    late = v * 1.0 + late
        with Session(graph, passes=passes) as session:
            session.initialize()
            answers.append([*map(float, session.run([early, late], {x: 5.0})), float(session.value(v))])
    assert all(a == answers[0] for a in answers) and answers[0][2] == 11.0


@pytest.mark.parametrize("passes", [(), *((p,) for p in PASSES), PASSES], ids=str)
def test_what_is_fed_stays_though_its_op_runs_for_who_waits_for_it(passes: Any) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (3,))
        y, c = x * 2.0, tf.ones(3) * 2.0
        z = [y + 1.0, c + 1.0]
        with tf.control_dependencies([y, c]):
            write = tf.assign_add(tf.Variable(1.0), 1.0)
    with Session(graph, passes=passes) as session:
        session.initialize()
        found = session.run([y, c, z, write.op], {x: np.zeros(3), y: np.full(3, 7.0), c: np.full(3, 6.0)})
    assert [f[0] for f in (*found[:2], *found[2])] == [7.0, 6.0, 8.0, 7.0]


@pytest.mark.parametrize("passes", [("merge",), PASSES], ids=["merge", "all"])
def test_equal_views_of_a_variable_are_each_fetched(passes: Any) -> None:
    with tf.Graph().as_default() as graph:
        v = tf.Variable(np.arange(4.0).reshape(4, 1))
        views = [tf.reshape(v, [-1]), tf.reshape(v, [-1])]
        used = views[0] + 1.0
    with Session(graph, passes=passes) as session:
        session.initialize()
        assert [a.tolist() for a in session.run([views[1], used, v.read_value()])][0] == [0.0, 1.0, 2.0, 3.0]
        assert [a.tolist() for a in session.run(views)] == [[0.0, 1.0, 2.0, 3.0]] * 2


def test_attrs_that_differ_in_the_sign_of_zero_are_not_the_same() -> None:
    assert frozen(0.0) != frozen(-0.0) and frozen([0.0]) != frozen([-0.0]) and frozen(0.5) == frozen(0.5)
