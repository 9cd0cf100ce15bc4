"""cond, while_loop and what is made of them, in one step and eagerly."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.eager import EagerRunner
from graphcli.engine.plan import PASSES
from graphcli.errors import GraphError, InvalidType, InvalidValue, RunError


def both(make: Any, feeds: Any = None) -> Any:
    """The value of ``make()`` by define and run; define by run must give the same."""
    graph = tf.Graph()
    with graph.as_default():
        made = make()
    session = Session(graph)
    session.initialize()
    value = session.run(made, feeds)
    again = tf.Graph()
    runner = EagerRunner(again, feeds)
    with again.as_default():
        eager = runner.statement("made", make())
    assert str(eager) == str(value)
    return value


@pytest.mark.parametrize("p", [True, False])
def test_cond_runs_one_branch(p: bool) -> None:
    def make() -> Any:
        pred, x = tf.placeholder(tf.bool, [], name="p"), tf.constant(3.0)
        return tf.cond(pred, lambda: [x + 10.0, x], lambda: [x - 10.0, tf.constant(0.0)])

    assert both(make, {"p:0": p}) == ([13.0, 3.0] if p else [-7.0, 0.0])


@pytest.mark.parametrize("p", [True, False])
def test_cond_writes_a_variable_on_one_branch(p: bool) -> None:
    def make() -> Any:
        v = tf.Variable(5.0)
        pred = tf.placeholder(tf.bool, [], name="p")
        return [tf.cond(pred, lambda: tf.assign_add(v, 1.0), lambda: tf.assign_sub(v, 1.0)), v]

    assert both(make, {"p:0": p}) == ([6.0, 6.0] if p else [4.0, 4.0])


def test_nested_loops_and_branches() -> None:
    def make() -> Any:
        x = tf.constant(3.0)

        def inner(i: Any, a: Any) -> Any:
            return [i + 1, tf.while_loop(lambda j, b: j < i, lambda j, b: [j + 1, b * x], [0, a])[1]]

        nested = tf.while_loop(lambda i, a: i < 3, inner, [0, 1.0])
        branch = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, tf.cond(a > 2.0, lambda: a + x, lambda: a * x)],
                               [0, 1.0])
        loop = tf.cond(x > 1.0, lambda: tf.while_loop(lambda i: i < 5, lambda i: i + 2, [0]), lambda: tf.constant(7))
        dead = tf.cond(x > 4.0, lambda: tf.while_loop(lambda i: i < 5, lambda i: i + 2, [0]), lambda: tf.constant(7))
        return nested, branch, loop, dead, tf.while_loop(lambda i: i < 0, lambda i: i + 1, [4])

    assert both(make) == ([3, 27.0], [3, 9.0], 6, 7, 4)


def test_a_loop_sees_what_it_writes() -> None:
    def make() -> Any:
        v = tf.Variable([0.0, 0.0])

        def body(i: Any, a: Any) -> Any:
            with tf.control_dependencies([tf.assign_add(v, [1.0, 2.0])]):
                return [i + 1, a + tf.identity(v.value())]

        return [tf.while_loop(lambda i, a: i < 3, body, [0, tf.zeros([2])])[1], v]

    values = both(make)
    assert [v.tolist() for v in values] == [[6.0, 12.0], [3.0, 6.0]]


def test_map_scan_and_folds() -> None:
    def make() -> Any:
        x = tf.constant([1.0, 2.0, 3.0])
        return (tf.map_fn(lambda e: e * e, x), tf.scan(lambda a, e: a + e, x, reverse=True),
                tf.foldl(lambda a, e: a * e, x, initializer=2.0), tf.foldr(lambda a, e: a - e, x))

    assert [v.tolist() for v in both(make)] == [[1, 4, 9], [6, 5, 3], 12, 0]


def test_many_iterations_keep_no_memory_of_the_old() -> None:
    import tracemalloc

    graph = tf.Graph()
    with graph.as_default():
        last = tf.while_loop(lambda i, a: i < 400, lambda i, a: [i + 1, a + 1.0], [0, tf.zeros([1000])])[1]
    session = Session(graph)
    session.run(last)
    tracemalloc.start()
    session.run(last)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000


def test_failures_inside_are_told_with_their_node() -> None:
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.int32, [])
        y = tf.while_loop(lambda i: i < 5, lambda i: i + tf.floordiv(6, x, name="bad"), [0])
        v = tf.Variable(1.0)
        z = tf.cond(x > 1, lambda: v + 1.0, lambda: tf.constant(0.0))
        bad = graph.get_tensor_by_name("while/bad:0")
    session = Session(graph)
    with pytest.raises(RunError, match=r"while/bad \(FloorDiv\)"):
        session.run(y, {x: 0})
    assert session.run([y, z], {x: 1}) == [6, 0.0]
    with pytest.raises(RunError, match="variable 'Variable' is not initialized"):
        session.run(z, {x: 2})
    with pytest.raises(GraphError, match="while/bad"):
        session.run(bad, {x: 1})


def test_what_the_calls_refuse() -> None:
    with tf.Graph().as_default():
        p, x = tf.constant(True), tf.constant(1.0)
        with pytest.raises(InvalidType, match="Python bool"):
            tf.cond(True, lambda: x, lambda: x)
        with pytest.raises(InvalidType, match="true_fn"):
            tf.cond(p, x, lambda: x)
        with pytest.raises(InvalidValue, match="2 values"):
            tf.cond(p, lambda: [x, x], lambda: [x, x, x])
        with pytest.raises(InvalidValue, match="returns float32 where false_fn returns int32"):
            tf.cond(p, lambda: x, lambda: tf.constant(1))
        with pytest.raises(InvalidValue, match="as many values"):
            tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1], [0, x])
        with pytest.raises(InvalidValue, match="after one iteration"):
            tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, tf.concat([a, a], 0)], [0, tf.zeros([2])])
        kept: list[Any] = []
        tf.while_loop(lambda i: i < 3, lambda i: kept.append(i + 1) or kept[0], [0])
        with pytest.raises(InvalidValue, match="inside of a while loop"):
            kept[0] + 1


def test_the_plan_runs_straight_outside_of_a_region() -> None:
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [], name="x")
        y = tf.cond(x * 2.0 > 2.0, lambda: x + 1.0, lambda: x - 1.0) * 3.0
    plan = Session(graph, passes=()).plan(y, [x])
    kinds = ["Flow" if s.region else s.node.type for s in plan.steps]
    assert kinds == ["Mul", "Greater", "Flow", "Mul"]
    assert np.float32(Session(graph).run(y, {x: 2.0})) == 9.0


def test_gradients_reach_into_loops_that_have_run() -> None:
    """Eagerly the loop has run when its gradient asks for the values of each iteration."""
    graph = tf.Graph()
    runner = EagerRunner(graph, {"x:0": [2.0, 3.0, 4.0]})
    with graph.as_default():
        x = tf.placeholder(tf.float32, [3], name="x")
        w = tf.Variable([[0.5, 0.5], [0.5, 0.5]])
        loop = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a * x], [0, x])[1]
        squares = tf.map_fn(lambda e: e * e, x)
        states = tf.scan(lambda h, e: tf.tanh(h @ w) * e, squares, initializer=tf.ones([1, 2]))
        made = [x, w, loop, squares, states]
        shown = [runner.statement(None, value) for value in made]
        for y in (loop, squares, squares * 2.0, states):
            made.append(tf.gradients(y, [x])[0])
            shown.append(runner.statement(None, made[-1]))
        made.append(tf.gradients(states, [w])[0])
        shown.append(runner.statement(None, made[-1]))
    session = Session(graph)
    session.initialize()
    wanted = session.run(made, {"x:0": [2.0, 3.0, 4.0]})
    assert [str(s) for s in shown] == [str(v) for v in wanted]
    assert [str(runner.fetch(m)) for m in made] == [str(v) for v in wanted]
    assert shown[6].tolist() == [4.0, 6.0, 8.0]


def test_a_loop_that_draws_random_numbers_is_not_run_twice() -> None:
    graph = tf.Graph()
    runner = EagerRunner(graph)
    with graph.as_default():
        x = tf.constant(2.0)
        loop = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a * tf.random_uniform([], seed=1)], [0, x])[1]
        runner.statement(None, loop)
        with pytest.raises(RunError, match=r"\(RandomUniform\) was .* does not run the same twice"):
            runner.statement(None, tf.gradients(loop, x)[0])


@pytest.mark.parametrize("passes", [(), *((p,) for p in PASSES), PASSES], ids=str)
def test_a_branch_writes_in_graph_order_though_its_gradient_comes_later(passes: Any) -> None:
    """The gradient's part of a branch runs with it, and may wait for what passes make constants."""
    with tf.Graph().as_default() as graph:
        x, taken = tf.placeholder(tf.float32, (3,)), tf.constant(True)
        v = tf.Variable(1e8, use_resource=True)

        def branch() -> Any:
            with tf.control_dependencies([tf.assign_add(v, 3.0)]):
                return tf.tanh(x) * 2.0

        y = tf.cond(taken, branch, lambda: x - 1.0)
        last = tf.assign_sub(v, 1e8)
        slope = tf.gradients(tf.reduce_sum(y * y), x)[0]
    with Session(graph, passes=passes) as session:
        session.initialize()
        session.run([slope, last.op], {x: np.ones(3)})
        # 1e8 + 3 is 1e8 in float32
        assert session.value(v) == 0.0
