"""Loops and branches of the graph: a small net in ``while_loop``, a recurrent net and its gradient, ``map_fn`` with a
branch, and a loop that only counts."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from measure import Step, Work

TURNS, WIDE = 50, 32
COUNTED = 300


def of_net() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {"x": rng.standard_normal((16, WIDE), dtype=np.float32), "bias": np.zeros(WIDE, np.float32),
            "kernel": rng.standard_normal((WIDE, WIDE), dtype=np.float32) * np.float32(0.05)}


def net(tf: Any, data: dict[str, Any]) -> Any:
    x = tf.placeholder(tf.float32, [16, WIDE])
    kernel, bias = tf.Variable(data["kernel"]), tf.Variable(data["bias"])
    out = tf.while_loop(lambda i, a: i < TURNS,
                        lambda i, a: [i + 1, tf.tanh(tf.matmul(a, kernel) + bias) * 0.5 + a], [0, x])[1]
    return out, [(x, data["x"])]


def net_by_hand(data: dict[str, Any]) -> Step:
    x, kernel, bias = data["x"], data["kernel"], data["bias"]

    def step() -> Any:
        a = x
        for _ in range(TURNS):
            a = np.tanh(a @ kernel + bias) * np.float32(0.5) + a
        return a

    return step


def sequences(batch: int, length: int, hidden: int) -> Callable[[], dict[str, Any]]:
    def data() -> dict[str, Any]:
        rng = np.random.default_rng(0)
        return {"x": rng.standard_normal((length, batch, hidden), dtype=np.float32),
                "kernel": rng.standard_normal((2 * hidden, 4 * hidden), dtype=np.float32) * np.float32(0.05),
                "bias": np.zeros(4 * hidden, np.float32)}

    return data


def recurrent(batch: int, length: int, hidden: int) -> Callable[[Any, dict[str, Any]], Any]:
    """What ``dynamic_rnn`` makes of an LSTM cell, and a step of gradient descent."""
    def build(tf: Any, data: dict[str, Any]) -> Any:
        x = tf.placeholder(tf.float32, [length, batch, hidden])
        kernel, bias = tf.Variable(data["kernel"]), tf.Variable(data["bias"])
        inputs = tf.TensorArray(tf.float32, length, element_shape=[batch, hidden]).unstack(x)
        outputs = tf.TensorArray(tf.float32, length, element_shape=[batch, hidden])

        def turn(t: Any, c: Any, h: Any, outputs: Any) -> Any:
            i, j, f, o = tf.split(tf.nn.bias_add(tf.matmul(tf.concat([inputs.read(t), h], 1), kernel), bias), 4, 1)
            c = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(j)
            h = tf.sigmoid(o) * tf.tanh(c)
            return [t + 1, c, h, outputs.write(t, h)]

        zero = tf.zeros([batch, hidden])
        outputs = tf.while_loop(lambda t, *rest: t < length, turn, [0, zero, zero, outputs])[3]
        loss = tf.reduce_mean(tf.square(outputs.stack()))
        return [tf.train.GradientDescentOptimizer(0.1).minimize(loss), loss], [(x, data["x"])]

    return build


def of_rows() -> dict[str, Any]:
    return {"x": np.random.default_rng(0).standard_normal((20, 8), dtype=np.float32)}


def mapped(tf: Any, data: dict[str, Any]) -> Any:
    x = tf.placeholder(tf.float32, [20, 8])
    rows = tf.map_fn(lambda row: tf.cond(tf.reduce_sum(row) > 0.0, lambda: tf.sin(row), lambda: tf.cos(row) * 2.0), x)
    return tf.gradients(tf.reduce_sum(rows), x), [(x, data["x"])]


def of_count() -> dict[str, Any]:
    return {"n": np.int32(COUNTED)}


def counted(tf: Any, data: dict[str, Any]) -> Any:
    n = tf.placeholder(tf.int32, [])
    out = tf.while_loop(lambda i, a: i < n, lambda i, a: [i + 1, a * 0.5 + tf.cast(i, tf.float32)], [0, 1.0])[1]
    return out, [(n, data["n"])]


SMALL, LARGE = (4, 10, 8), (32, 20, 128)
ROWS = [
    Work(f"loop of {TURNS} turns, tanh([16, {WIDE}] x [{WIDE}, {WIDE}] + b)", of_net, net, net_by_hand, {},
         {"numpy": 1, "tensorflow": 1}, calls=20),
    *(Work("loop of {1} LSTM cells, hidden {2}, batch {0}, SGD step".format(*sizes), sequences(*sizes),
           recurrent(*sizes), None, {}, {"tensorflow": 1}, calls=calls) for sizes, calls in ((SMALL, 20), (LARGE, 4))),
    Work("map_fn with a branch, 20 rows, gradient", of_rows, mapped, None, {}, {"tensorflow": 1}, calls=20),
    Work(f"loop that counts to {COUNTED}", of_count, counted, None, {}, {"tensorflow": 1}, calls=10)]
