"""Reads and writes of variables that nothing orders, or that no order suits: each pass leaves them as they are."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.plan import PASSES

from .test_passes import same

WAYS = [(), *((p,) for p in PASSES), PASSES]
X = np.array([0.5, -1.0], np.float32)


def steps(graph: Any, fetches: Any, feeds: Any, **options: Any) -> list[Any]:
    """What two steps give, and the variables after them."""
    with Session(graph, **options) as session:
        session.initialize()
        found = [v for _ in range(2) for v in session.run(fetches, feeds)]
        return [*found, *(session.value(v) for v in session.variables())]


@pytest.mark.parametrize("passes", WAYS, ids=lambda p: "+".join(p) if len(p) < 2 else "all")
def test_who_is_not_computed_still_stands_between_two_writers(passes: Any) -> None:
    """A read after one writer and so before the other, whose value nobody wants, makes them change places."""
    with tf.Graph().as_default() as graph:
        v = tf.Variable(1.0)
        first = tf.assign_add(v, 1.0).op
        second = tf.assign(v, 5.0).op
        with tf.control_dependencies([second]):
            between = tf.tanh(v)
        with tf.control_dependencies([between]):
            late = tf.identity(tf.constant(3.0))
    assert steps(graph, [late, first, second], {}, passes=passes)[-1] == 6.0


@pytest.mark.parametrize("passes", WAYS, ids=lambda p: "+".join(p) if len(p) < 2 else "all")
def test_who_is_not_computed_for_its_shape_is_known_stands_there_too(passes: Any) -> None:
    with tf.Graph().as_default() as graph:
        v = tf.Variable([1.0, 1.0])
        late = tf.assign_add(v, [1.0, 1.0]).op
        first = tf.assign(v, [5.0, 5.0]).op
        with tf.control_dependencies([first]):
            between = tf.reshape(v * tf.ones([2]), tf.placeholder_with_default([2], [None]))
        shape = tf.zeros_like(between)
    assert steps(graph, [shape, late, first], {}, passes=passes)[-1].tolist() == [6.0, 6.0]


@pytest.mark.parametrize("passes", WAYS, ids=lambda p: "+".join(p) if len(p) < 2 else "all")
def test_equal_ops_are_two_where_the_constant_of_one_waits_for_a_write(passes: Any) -> None:
    with tf.Graph().as_default() as graph:
        v, x = tf.Variable([1.0, 1.0]), tf.placeholder(tf.float32, (2,))
        write = tf.assign(v, [5.0, 5.0])
        with tf.control_dependencies([write]):
            after = x * 2.0
        free = x * 2.0
        read = v + free
    fetches = [after, read, write.op]
    assert same(steps(graph, fetches, {x: X}, passes=passes)[1:2], [np.array([2.0, -1.0], np.float32)])


CHANGES: list[Callable[[Any, Any], Any]] = [tf.assign, tf.assign_add, tf.assign_sub]
READS: list[Callable[[Any], Any]] = [tf.tanh, tf.identity, lambda v: v + 1.0, lambda v: v.read_value() * 2.0]
step_of = st.tuples(st.integers(0, 9), *[st.integers(0, 40)] * 4)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(step_of, min_size=3, max_size=14), st.lists(st.integers(0, 40), min_size=1, max_size=6),
       st.sampled_from(WAYS[1:]), st.booleans(), st.booleans())
def test_each_pass_keeps_what_unordered_steps_give(program: Any, wanted: Any, passes: Any, resource: bool,
                                                   spread: bool) -> None:
    with tf.Graph().as_default() as graph:
        some = [tf.get_variable(f"v{i}", (2,), initializer=tf.constant_initializer(i + 1.0), use_resource=resource)
                for i in range(2)]
        x = tf.placeholder(tf.float32, (2,))
        values, ops = [x], []
        for kind, which, first, second, after in program:
            v, value = some[which % 2], values[first % len(values)]
            waits = [ops[a % len(ops)] for a in (after, second)[:after % 3]] if ops else []
            with tf.control_dependencies(waits), tf.device(f"/cpu:{second % 2 if spread else 0}"):
                if kind < 3:
                    made = CHANGES[kind](v, value * 0.5 + 1.0)
                elif kind < 6:
                    made = READS[second % 4](v)
                elif kind < 8:
                    made = tf.tanh(value) + values[second % len(values)]
                elif kind == 8:
                    made = tf.identity(tf.constant([3.0, float(which)]))
                else:
                    made = tf.cond(tf.reduce_sum(x) > (which % 2) * 9.0 - 4.5, lambda v=v: tf.tanh(v),
                                   lambda v=v: tf.assign_add(v, [1.0, 1.0]) * 1.0)
            ops.append(getattr(made, "op", made))
            values += [tf.convert_to_tensor(made)] if hasattr(made, "dtype") else []
    fetches = [(ops + values)[w % len(ops + values)] for w in wanted]
    assert same(steps(graph, fetches, {x: X}, passes=passes), steps(graph, fetches, {x: X}, passes=()))
