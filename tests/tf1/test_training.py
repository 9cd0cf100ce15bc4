"""Gradients and optimizers: against finite differences and rules written out in numpy."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import InvalidValue, NotSupported


@pytest.fixture(autouse=True)
def graph() -> Iterator[Any]:
    with tf.Graph().as_default() as g:
        yield g


def run(fetches: Any, feeds: Any = None) -> Any:
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feeds)


def test_gradients_add_up_and_stop() -> None:
    x = tf.constant([1.0, 2.0])
    y = x * x + x + tf.stop_gradient(x) * x
    assert run(tf.gradients(y, x)[0]).tolist() == [4.0, 7.0]
    mid = x * 3.0
    assert run(tf.gradients(mid * x, x, stop_gradients=mid)[0]).tolist() == [3.0, 6.0]
    assert run(tf.gradients([y, mid], x, grad_ys=[tf.constant([1.0, 0.0]), None])[0]).tolist() == [7.0, 3.0]
    assert tf.gradients(y, tf.constant(1.0)) == [None]
    assert run(tf.gradients(y, tf.constant([5.0]), unconnected_gradients="zero")[0]).tolist() == [0.0]


def test_second_derivatives() -> None:
    x = tf.constant([1.0, 2.0])
    first = tf.gradients(x ** 3, x)[0]
    assert run(tf.gradients(first, x)[0]).tolist() == [6.0, 12.0]
    assert run(tf.hessians(tf.reduce_sum(x) * tf.reduce_prod(x), x)[0]).tolist() == [[4.0, 6.0], [6.0, 2.0]]


def test_sparse_gradients_stay_sparse() -> None:
    w = tf.Variable(np.ones((5, 2), np.float32))
    a, b = tf.gather(w, [0, 3]), tf.gather(w, [3])
    grad = tf.gradients([a * 2.0, b], w)[0]
    assert isinstance(grad, tf.IndexedSlices)
    dense = run(tf.convert_to_tensor(grad))
    assert dense[:, 0].tolist() == [2.0, 0.0, 0.0, 3.0, 0.0]
    mixed = tf.gradients([tf.reduce_sum(a), tf.reduce_sum(w * w)], w)[0]
    assert run(mixed)[:, 0].tolist() == [3.0, 2.0, 2.0, 3.0, 2.0]


def test_nodes_of_gradients_are_told_from_the_users(graph: Any) -> None:
    x = tf.Variable(1.0)
    loss = x * x
    before = len(graph)
    tf.train.AdamOptimizer().minimize(loss)
    after = list(graph)
    assert all(n.origin is None for n in after[:before])
    assert all(n.origin for n in after[before:])


def test_an_op_without_a_gradient_is_named() -> None:
    x = tf.constant([1.0, 2.0])
    with pytest.raises(NotSupported, match=r"FakeOp\) has no gradient"):
        y = x.graph.create_node("FakeOp", [x], [tf.float32], name="y").outputs[0]
        tf.gradients(y, x)


G = np.array([[0.5, -1.0], [2.0, 0.25]], np.float32)
W = np.array([[1.0, 2.0], [3.0, -4.0]], np.float32)


def adam(w: Any, steps: int) -> Any:
    m = v = np.zeros_like(w)
    for t in range(1, steps + 1):
        m, v = 0.9 * m + 0.1 * G, 0.999 * v + 0.001 * G * G
        w = w - 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-8)
    return w


def momentum(w: Any, steps: int, nesterov: bool = False) -> Any:
    a = np.zeros_like(w)
    for _ in range(steps):
        a = 0.9 * a + G
        w = w - 0.1 * (G + 0.9 * a if nesterov else a)
    return w


def adagrad(w: Any, steps: int) -> Any:
    a = np.full_like(w, 0.1)
    for _ in range(steps):
        a = a + G * G
        w = w - 0.1 * G / np.sqrt(a)
    return w


def rmsprop(w: Any, steps: int, centered: bool = False) -> Any:
    s, g, mom = np.ones_like(w), np.zeros_like(w), np.zeros_like(w)
    for _ in range(steps):
        s, g = 0.9 * s + 0.1 * G * G, 0.9 * g + 0.1 * G
        mom = 0.5 * mom + 0.1 * G / np.sqrt(s - (g * g if centered else 0) + 1e-10)
        w = w - mom
    return w


def adadelta(w: Any, steps: int) -> Any:
    a, u = np.zeros_like(w), np.zeros_like(w)
    for _ in range(steps):
        a = 0.95 * a + 0.05 * G * G
        d = np.sqrt(u + 1e-8) / np.sqrt(a + 1e-8) * G
        u, w = 0.95 * u + 0.05 * d * d, w - 0.1 * d
    return w


def ftrl(w: Any, steps: int) -> Any:
    n, z = np.full_like(w, 0.1), np.zeros_like(w)
    for _ in range(steps):
        new = n + G * G
        z = z + G - (np.sqrt(new) - np.sqrt(n)) / 0.1 * w
        n = new
        w = np.where(np.abs(z) > 0.2, -(z - 0.2 * np.sign(z)) / (np.sqrt(n) / 0.1 + 0.2), 0)
    return w


RULES = {
    "sgd": (lambda: tf.train.GradientDescentOptimizer(0.1), lambda w, n: w - n * 0.1 * G),
    "momentum": (lambda: tf.train.MomentumOptimizer(0.1, 0.9), momentum),
    "nesterov": (lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
                 lambda w, n: momentum(w, n, True)),
    "adagrad": (lambda: tf.train.AdagradOptimizer(0.1), adagrad),
    "adadelta": (lambda: tf.train.AdadeltaOptimizer(0.1), adadelta),
    "rmsprop": (lambda: tf.train.RMSPropOptimizer(0.1, momentum=0.5), rmsprop),
    "centered": (lambda: tf.train.RMSPropOptimizer(0.1, momentum=0.5, centered=True),
                 lambda w, n: rmsprop(w, n, True)),
    "adam": (lambda: tf.train.AdamOptimizer(0.1), adam),
    "ftrl": (lambda: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=0.2, l2_regularization_strength=0.1),
             ftrl),
}


@pytest.mark.parametrize("name", RULES)
def test_rules(name: str) -> None:
    make, rule = RULES[name]
    w = tf.Variable(W)
    step = tf.train.get_or_create_global_step()
    train = make().minimize(tf.reduce_sum(w * G), global_step=step)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(train)
        assert session.run(step) == 3
        np.testing.assert_allclose(session.run(w), rule(W.astype(np.float64), 3), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name", RULES)
def test_sparse_rows_follow_the_dense_rule(name: str) -> None:
    """A gradient by rows in which every row is named gives what the dense one gives."""
    make, _ = RULES[name]
    values = []
    for sparse in (False, True):
        with tf.Graph().as_default():
            w = tf.Variable(W)
            picked = tf.gather(w, [1, 0]) if sparse else tf.stack([w[1], w[0]])
            train = make().minimize(tf.reduce_sum(picked * G[::-1]))
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                for _ in range(3):
                    session.run(train)
                values.append(session.run(w))
    np.testing.assert_allclose(values[1], values[0], rtol=1e-5)


@pytest.mark.parametrize(("make", "slots"), [
    (lambda: tf.train.AdamOptimizer(), ["beta1_power:0", "beta2_power:0", "s/w/Adam:0", "s/w/Adam_1:0"]),
    (lambda: tf.train.MomentumOptimizer(0.1, 0.9), ["s/w/Momentum:0"]),
    (lambda: tf.train.RMSPropOptimizer(0.1), ["s/w/RMSProp:0", "s/w/RMSProp_1:0"]),
])
def test_names_of_slots(make: Any, slots: list[str]) -> None:
    with tf.variable_scope("s"):
        w = tf.get_variable("w", [2])
    opt = make()
    opt.minimize(tf.reduce_sum(w))
    assert [v.name for v in tf.global_variables()[1:]] == slots
    assert tf.trainable_variables() == [w]
    assert [v.name for v in opt.variables()] == slots
    assert opt.get_slot(w, opt.get_slot_names()[0]).shape.as_list() == [2]


def test_constraint_and_apply_gradients() -> None:
    w = tf.Variable([1.0, -2.0], constraint=lambda v: tf.maximum(v, 0.0))
    opt = tf.train.GradientDescentOptimizer(1.0)
    pairs = opt.compute_gradients(tf.reduce_sum(w * w))
    train = opt.apply_gradients([(tf.clip_by_value(g, -1.0, 1.0), v) for g, v in pairs])
    assert train.name == "GradientDescent"
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(train)
        assert session.run(w).tolist() == [0.0, 0.0]


def test_refusals() -> None:
    opt = tf.train.GradientDescentOptimizer(0.1)
    with pytest.raises(InvalidValue, match="no variables"):
        opt.minimize(tf.constant(1.0))
    w = tf.Variable(1.0, name="w")
    with pytest.raises(InvalidValue, match="depends on none of the variables w"):
        opt.minimize(tf.constant(1.0))
    with pytest.raises(InvalidValue, match="no gradient for any"):
        opt.apply_gradients([(None, w)])


def test_moving_averages() -> None:
    w = tf.Variable([0.0, 10.0], name="w")
    ema = tf.train.ExponentialMovingAverage(0.9)
    with tf.control_dependencies([w.assign([1.0, 0.0])]):
        update = ema.apply([w])
    assert ema.average(w).name == "w/ExponentialMovingAverage:0"
    assert ema.average_name(w) == "w/ExponentialMovingAverage"
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(update)
        np.testing.assert_allclose(session.run(ema.average(w)), [0.1, 9.0], rtol=1e-6)


def test_decays() -> None:
    step = tf.constant(15)
    rates = [tf.train.exponential_decay(1.0, step, 10, 0.5, staircase=True),
             tf.train.inverse_time_decay(1.0, step, 10, 0.5),
             tf.train.polynomial_decay(1.0, step, 10, 0.1),
             tf.train.piecewise_constant(step, [5, 15], [1.0, 0.5, 0.1]),
             tf.train.cosine_decay(1.0, step, 30),
             tf.train.linear_cosine_decay(1.0, step, 30)]
    np.testing.assert_allclose(run(rates), [0.5, 1 / 1.75, 0.1, 0.5, 0.5, 0.251], rtol=1e-5)
