"""Gradients of cond, case, while_loop and what is made of them: TensorFlow 2.21's values (reference variables)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session

CASES: dict[str, Callable[[], Any]] = {}


def case(function: Callable[[], Any]) -> Callable[[], Any]:
    CASES[function.__name__] = function
    return function


@case
def nested() -> Any:
    x = tf.constant(1.5)
    r = tf.while_loop(
        lambda i, a: i < 3,
        lambda i, a: [i + 1, tf.while_loop(lambda j, b: j < i, lambda j, b: [j + 1, b * x], [0, a])[1] * x],
        [0, 1.0],
    )
    return [r[1]] + tf.gradients(r[1], x)


@case
def cond_in_while() -> Any:
    x = tf.constant(1.5)
    r = tf.while_loop(
        lambda i, a: i < 5, lambda i, a: [i + 1, tf.cond(a > 3.0, lambda: a + x * x, lambda: a * x)], [0, 1.0]
    )
    return [r[1]] + tf.gradients(r[1], x)


@case
def while_in_cond() -> Any:
    x = tf.constant(1.5)
    p = tf.placeholder_with_default(True, [])
    r = tf.cond(p, lambda: tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a * x], [0, 1.0])[1], lambda: x * 7.0)
    return [r] + tf.gradients(r, x)


@case
def while_in_cond_false() -> Any:
    x = tf.constant(1.5)
    p = tf.placeholder_with_default(False, [])
    r = tf.cond(p, lambda: tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a * x], [0, 1.0])[1], lambda: x * 7.0)
    return [r] + tf.gradients(r, x)


@case
def unused_exit() -> Any:
    x = tf.constant(2.0)
    y = tf.constant(3.0)
    r = tf.while_loop(lambda i, a, b: i < 3, lambda i, a, b: [i + 1, a * b, b * x], [0, 1.0, y])
    return [r[1]] + tf.gradients(r[1], [x, y])


@case
def independent() -> Any:
    x = tf.constant(2.0)
    r = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, x * 2.0], [0, x])
    return [r[1]] + tf.gradients(r[1], [x])


@case
def dynamic_shape() -> Any:
    x = tf.placeholder_with_default([1.0, 2.0], [None])
    r = tf.while_loop(
        lambda i, a: i < 3,
        lambda i, a: [i + 1, a * x + tf.reduce_sum(x)],
        [0, x],
    )
    return [r[1]] + tf.gradients(r[1], [x])


@case
def grow() -> Any:
    x = tf.constant([1.0, 2.0])
    r = tf.while_loop(
        lambda i, a: i < 3,
        lambda i, a: [i + 1, tf.concat([a, a * x[0]], 0)],
        [0, x],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
    )
    return [r[1]] + tf.gradients(r[1], [x])


@case
def sparse() -> Any:
    t = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    r = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a + tf.gather(t, [i % 2, 2])], [0, tf.zeros([2, 2])])
    g = tf.gradients(r[1], [t])[0]
    return [r[1], tf.convert_to_tensor(g)]


@case
def maps() -> Any:
    x = tf.constant([1.0, 2.0, 3.0])
    w = tf.constant(2.0)
    m = tf.map_fn(lambda e: e * e * w, x)
    return [m] + tf.gradients(m, [x, w])


@case
def scans() -> Any:
    x = tf.constant([1.0, 2.0, 3.0])
    w = tf.constant(2.0)
    m = tf.scan(lambda a, e: a * w + e, x)
    m2 = tf.scan(lambda a, e: a * w + e, x, initializer=w, reverse=True)
    return [m, m2] + tf.gradients(m, [x, w]) + tf.gradients(m2, [x, w])


@case
def folds() -> Any:
    x = tf.constant([1.0, 2.0, 3.0])
    w = tf.constant(2.0)
    m = tf.foldl(lambda a, e: a * w + e * e, x)
    return [m] + tf.gradients(m, [x, w])


@case
def map_tuple() -> Any:
    x = tf.constant([1.0, 2.0, 3.0])
    y = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    m = tf.map_fn(lambda t: (t[0] * t[1], t[0] + 1.0), (x, y))
    m = (m[0], m[1]) if isinstance(m, (list, tuple)) else m
    return [m[0]] + tf.gradients(m[0], [x, y])


@case
def cond_matmul() -> Any:
    x = tf.constant([[1.0, 2.0]])
    w = tf.constant([[1.0], [2.0]])
    p = tf.placeholder_with_default(True, [])
    r = tf.cond(p, lambda: [tf.matmul(x, w), w], lambda: [tf.reduce_sum(x, 1, keepdims=True), w * 2.0])
    return list(r) + tf.gradients(r, [x, w])


@case
def cond_gather() -> Any:
    t = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    p = tf.placeholder_with_default(True, [])
    r = tf.cond(p, lambda: tf.gather(t, [0, 2]), lambda: t[:2] * 3.0)
    g = tf.gradients(r, [t])[0]
    return [r, tf.convert_to_tensor(g)]


@case
def cond_nested() -> Any:
    x = tf.constant(2.0)
    r = tf.cond(x > 1.0, lambda: tf.cond(x > 3.0, lambda: x * x, lambda: x * x * x), lambda: x)
    return [r] + tf.gradients(r, [x])


@case
def case_grad() -> Any:
    x = tf.constant(2.0)
    r = tf.case([(x < 0.0, lambda: -x), (x < 5.0, lambda: x * x)], default=lambda: x)
    return [r] + tf.gradients(r, [x])


@case
def case_exclusive() -> Any:
    x = tf.constant(2.0)
    return [tf.case([(x < 0.0, lambda: -x), (x < 5.0, lambda: x * x)], default=lambda: x, exclusive=True)]


@case
def case_nodefault() -> Any:
    x = tf.constant(2.0)
    return [tf.case([(x < 0.0, lambda: -x), (x < 5.0, lambda: x * x)])]


@case
def second_order_cond() -> Any:
    x = tf.constant(2.0)
    r = tf.cond(x > 1.0, lambda: x * x * x, lambda: x)
    g = tf.gradients(r, x)[0]
    return [g] + tf.gradients(g, x)


@case
def var_loop() -> Any:
    v = tf.get_variable("v", initializer=[1.0, 2.0])
    r = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a * v], [0, tf.ones([2])])
    return [r[1]] + tf.gradients(r[1], [v])


@case
def max_iter() -> Any:
    x = tf.constant(2.0)
    r = tf.while_loop(lambda a: a < 100.0, lambda a: a * x, [x], maximum_iterations=3)
    return [r] + tf.gradients(r, [x])


@case
def hess() -> Any:
    x = tf.constant([1.0, 2.0])
    return tf.hessians(tf.reduce_sum(x * x * x), [x])


@case
def grad_in_loop() -> Any:
    x = tf.constant(2.0)
    r = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a - 0.1 * tf.gradients(a * a, a)[0]], [0, x])
    return [r[1]]


@case
def nested_cond_while_map() -> Any:
    x = tf.constant([1.0, 2.0, 3.0])
    m = tf.map_fn(
        lambda e: tf.while_loop(lambda i, a: i < tf.cast(e, tf.int32), lambda i, a: [i + 1, a * e], [0, 1.0])[1], x
    )
    return [m] + tf.gradients(m, x)


TENSORFLOW = {
    "nested": "[11.39062, 45.5625]",
    "cond_in_while": "[7.875, 12.75]",
    "while_in_cond": "[3.375, 6.75]",
    "while_in_cond_false": "[10.5, 7.0]",
    "unused_exit": "[216.0, 324.0, 216.0]",
    "independent": "[4.0, 2.0]",
    "dynamic_shape": "[[10.0, 37.0], [23.0, 57.0]]",
    "grow": "[[1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0], [44.0, 8.0]]",
    "sparse": "[[[5.0, 8.0], [15.0, 18.0]], [[2.0, 2.0], [1.0, 1.0], [3.0, 3.0]]]",
    "maps": "[[2.0, 8.0, 18.0], [4.0, 8.0, 12.0], 14.0]",
    "scans": "[[1.0, 4.0, 11.0], [33.0, 16.0, 7.0], [7.0, 3.0, 1.0], 7.0, [1.0, 3.0, 7.0], 65.0]",
    "folds": "[21.0, [4.0, 8.0, 6.0], 8.0]",
    "map_tuple": "[[[1.0, 2.0], [6.0, 8.0], [15.0, 18.0]], [3.0, 7.0, 11.0], [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]]",
    "cond_matmul": "[[[5.0]], [[1.0], [2.0]], [[1.0, 2.0]], [[2.0], [3.0]]]",
    "cond_gather": "[[[1.0, 2.0], [5.0, 6.0]], [[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]]",
    "cond_nested": "[8.0, 12.0]",
    "case_grad": "[4.0, 4.0]",
    "case_exclusive": "[4.0]",
    "case_nodefault": "[4.0]",
    "second_order_cond": "[12.0, 12.0]",
    "var_loop": "[[1.0, 8.0], [3.0, 12.0]]",
    "max_iter": "[16.0, 32.0]",
    "hess": "[[[6.0, 0.0], [0.0, 12.0]]]",
    "grad_in_loop": "[1.024]",
    "nested_cond_while_map": "[[1.0, 4.0, 27.0], [1.0, 4.0, 27.0]]",
}


@pytest.mark.parametrize("name", CASES)
def test_values_are_tensorflows(name: str) -> None:
    graph = tf.Graph()
    with graph.as_default():
        fetches = CASES[name]()
    with Session(graph) as session:
        session.initialize()
        values = session.run(fetches)
    wanted = ast.literal_eval(TENSORFLOW[name])
    assert len(values) == len(wanted)
    for value, want in zip(values, wanted):
        np.testing.assert_allclose(value, want, rtol=1e-5, atol=1e-5)


def test_an_update_that_tensorflow_leaves_out_is_told() -> None:
    with tf.Graph().as_default():
        w = tf.Variable(2.0)
        _, r = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * w + 1.0), [0, w])
        outside = tf.cond(tf.placeholder_with_default(True, []), lambda: w + 1.0, lambda: w)
        with tf.control_dependencies([outside]):
            train = tf.train.GradientDescentOptimizer(0.1).minimize(r, var_list=[w])
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            with pytest.raises(tf.errors.InvalidArgumentError, match="TensorFlow leaves such an update out") as info:
                session.run(train)
    assert "opt.compute_gradients outside" in info.value.hint
