"""An LSTM of 20 unrolled cells, hidden 128, batch 32: forward, and a training step."""
from __future__ import annotations

from typing import Any

import numpy as np
from measure import Step, Work
from onnx_peer import onnx_step

CELLS, HIDDEN, BATCH, INPUTS = 20, 128, 32, 64


def data() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {"x": rng.standard_normal((BATCH, CELLS, INPUTS), dtype=np.float32),
            "kernel": rng.standard_normal((INPUTS + HIDDEN, 4 * HIDDEN), dtype=np.float32) * np.float32(0.05),
            "bias": np.zeros(4 * HIDDEN, np.float32)}


def graph(trained: bool) -> Any:
    def build(tf: Any, data: dict[str, Any]) -> Any:
        x = tf.placeholder(tf.float32, [BATCH, CELLS, INPUTS])
        kernel, bias = tf.Variable(data["kernel"]), tf.Variable(data["bias"])
        h = c = tf.zeros([BATCH, HIDDEN])
        for at in tf.unstack(x, axis=1):
            i, j, f, o = tf.split(tf.nn.bias_add(tf.matmul(tf.concat([at, h], 1), kernel), bias), 4, 1)
            c = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(j)
            h = tf.sigmoid(o) * tf.tanh(c)
        if not trained:
            return h, [(x, data["x"])]
        loss = tf.reduce_mean(tf.square(h))
        return [tf.train.GradientDescentOptimizer(0.1).minimize(loss), loss], [(x, data["x"])]

    return build


def forward_by_hand(data: dict[str, Any]) -> Step:
    x, kernel, bias = data["x"], data["kernel"], data["bias"]

    def sigmoid(v: Any) -> Any:
        return 1 / (1 + np.exp(-v))

    def step() -> Any:
        h = c = np.zeros((BATCH, HIDDEN), np.float32)
        for t in range(CELLS):
            z = np.concatenate([x[:, t], h], 1) @ kernel + bias
            i, j, f, o = z[:, :HIDDEN], z[:, HIDDEN:2 * HIDDEN], z[:, 2 * HIDDEN:3 * HIDDEN], z[:, 3 * HIDDEN:]
            c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(j)
            h = sigmoid(o) * np.tanh(c)
        return h

    return step


def onnx_forward(data: dict[str, Any]) -> Step:
    """Unrolled as the others are, not ONNX's own LSTM."""
    nodes: list[Any] = [("Split", ["x"], [f"x{t}" for t in range(CELLS)], {"axis": 1})]
    h, c = "zero", "zero"
    for t in range(CELLS):
        n = str(t)
        nodes += [("Squeeze", [f"x{t}", "one_axis"], ["s" + n], {}), ("Concat", ["s" + n, h], ["k" + n], {"axis": 1}),
                  ("Gemm", ["k" + n, "kernel", "bias"], ["z" + n], {}),
                  ("Split", ["z" + n], ["i" + n, "j" + n, "f" + n, "o" + n], {"axis": 1}),
                  ("Add", ["f" + n, "one"], ["g" + n], {}), ("Sigmoid", ["g" + n], ["sf" + n], {}),
                  ("Sigmoid", ["i" + n], ["si" + n], {}), ("Tanh", ["j" + n], ["tj" + n], {}),
                  ("Mul", ["sf" + n, c], ["p" + n], {}), ("Mul", ["si" + n, "tj" + n], ["q" + n], {}),
                  ("Add", ["p" + n, "q" + n], ["c" + n], {}), ("Sigmoid", ["o" + n], ["so" + n], {}),
                  ("Tanh", ["c" + n], ["tc" + n], {}), ("Mul", ["so" + n, "tc" + n], ["h" + n], {})]
        h, c = "h" + n, "c" + n
    constants = {"kernel": data["kernel"], "bias": data["bias"], "zero": np.zeros((BATCH, HIDDEN), np.float32),
                 "one": np.float32(1).reshape(()), "one_axis": np.array([1], np.int64)}
    return onnx_step(nodes, {"x": data["x"]}, constants, h)


NAME = f"LSTM, {CELLS} unrolled cells, hidden {HIDDEN}, batch {BATCH}"
ROWS = [Work(f"{NAME}, forward", data, graph(False), forward_by_hand, {"onnxruntime": onnx_forward},
             {"numpy": 1, "tensorflow": 1.2}, calls=10),
        Work(f"{NAME}, SGD step", data, graph(True), None, {}, {"tensorflow": 1.2}, calls=5)]
