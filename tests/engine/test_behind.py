"""A value that is known before the run leaves nothing behind: writes, assertions, draws that it came after happen."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.plan import PASSES
from graphcli.errors import GraphError

from .test_passes import same

ROW = np.array([1.0, 2.0, 3.0], np.float32)


def after_a_write(x: Any) -> tuple[Any, Any]:
    """A variable, and what follows from its value after a write."""
    v = tf.Variable(ROW, name="v")
    with tf.control_dependencies([tf.assign_add(v, ROW)]):
        return v, tf.tanh(v * x) + 1.0


def of_its_shape(x: Any) -> Any:
    return tf.zeros_like(after_a_write(x)[1])


def read_after_its_shape(x: Any) -> Any:
    v, y = after_a_write(x)
    return tf.ones_like(y) + v


def waited_for_by_its_shape(x: Any) -> Any:
    v, y = after_a_write(x)
    with tf.control_dependencies([tf.shape(y)]):
        return v.read_value() * 1.0


def reshaped_to_its_shape(x: Any) -> Any:
    v, y = after_a_write(x)
    return tf.reshape(x * 2.0, tf.shape(y)) + v, tf.size(y) + tf.rank(y)


def of_a_resource(x: Any) -> Any:
    v = tf.get_variable("v", initializer=ROW, use_resource=True)
    with tf.control_dependencies([tf.assign_add(v, ROW)]):
        y = v.read_value() + x
    return tf.zeros_like(y) + v.read_value()


def of_a_loop_that_writes(x: Any) -> Any:
    v = tf.Variable(ROW)

    def body(i: Any, a: Any) -> Any:
        with tf.control_dependencies([tf.assign_add(v, a)]):
            return i + 1, tf.identity(a)

    return tf.ones_like(tf.while_loop(lambda i, a: i < 2, body, (0, x))[1] * 2.0) + v


def of_a_loop_after_a_write(x: Any) -> Any:
    v, y = after_a_write(x)
    return tf.zeros_like(tf.while_loop(lambda i, a: i < 2, lambda i, a: (i + 1, a * 2.0), (0, y))[1]) + v


def of_what_is_asserted(x: Any) -> Any:
    with tf.control_dependencies([tf.Assert(tf.reduce_all(x > 5.0), [x])]):
        y = tf.tanh(x)
    return tf.zeros_like(y * 2.0)


def of_what_is_drawn(x: Any) -> Any:
    drawn = tf.random_uniform(tf.shape(x), seed=7)
    return tf.cond(tf.reduce_sum(x) > 0.0, lambda: tf.shape(drawn * 2.0), lambda: tf.cast(drawn, tf.int32))


WAYS: list[Callable[[Any], Any]] = [
    of_its_shape, read_after_its_shape, waited_for_by_its_shape, reshaped_to_its_shape, of_a_resource,
    of_a_loop_that_writes, of_a_loop_after_a_write, of_what_is_asserted, of_what_is_drawn]


@pytest.mark.parametrize("devices", [1, 2])
@pytest.mark.parametrize("make", WAYS, ids=lambda f: f.__name__)
def test_what_a_known_value_came_after_happens(make: Callable[[Any], Any], devices: int) -> None:
    def outcome(passes: Any) -> Any:
        with tf.Graph().as_default() as graph:
            x = tf.placeholder(tf.float32, None)
            made = make(x)
            for i, node in enumerate(n for n in graph if n.type in ("Tanh", "Mul", "AddV2")):
                node.device = f"/cpu:{i % devices}"
        with Session(graph, seed=3, passes=passes) as session:
            session.initialize()
            try:
                steps = [session.run(made, {x: ROW}) for _ in range(3)]
            except GraphError as error:
                return str(error)
            return [*steps, *(session.value(v) for v in session.variables())]

    plain = outcome(())
    for passes in (*((p,) for p in PASSES), PASSES):
        assert same(outcome(passes), plain), passes


def test_what_only_computes_is_left_behind() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, None)
        y = tf.zeros_like(tf.matmul(x, x) + 1.0)
        with Session(graph) as session:
            assert not session.executable(y, {x: np.ones((3, 3), np.float32)}).plan.steps
