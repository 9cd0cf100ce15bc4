"""Training steps of an MLP 784-256-128-10."""
from __future__ import annotations

from typing import Any

from measure import Step, Work

SIZES = (784, 256, 128, 10)


def batch(size: int) -> Any:
    def data() -> dict[str, Any]:
        import numpy as np

        random = np.random.default_rng(0)
        labels = np.zeros((size, 10), np.float32)
        labels[np.arange(size), random.integers(0, 10, size)] = 1
        out = {"x": random.random((size, 784), dtype=np.float32), "y": labels}
        for i, (a, b) in enumerate(zip(SIZES, SIZES[1:])):
            out[f"w{i}"] = (random.standard_normal((a, b)) * 0.05).astype(np.float32)
            out[f"b{i}"] = np.zeros(b, np.float32)
        return out

    return data


def graph(adam: bool) -> Any:
    def build(tf: Any, data: dict[str, Any]) -> Any:
        x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
        h = x
        for i in range(3):
            h = tf.nn.bias_add(tf.matmul(h, tf.Variable(data[f"w{i}"])), tf.Variable(data[f"b{i}"]))
            h = tf.nn.relu(h) if i < 2 else h
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=h))
        optimizer = tf.train.AdamOptimizer(1e-3) if adam else tf.train.GradientDescentOptimizer(0.1)
        return [optimizer.minimize(loss), loss], [(x, data["x"]), (y, data["y"])]

    return build


def by_hand(adam: bool) -> Any:
    def make(data: dict[str, Any]) -> Step:
        import numpy as np

        x, y = data["x"], data["y"]
        weights = [data[f"w{i}"].copy() for i in range(3)]
        biases = [data[f"b{i}"].copy() for i in range(3)]
        params = weights + biases
        first, second = ([np.zeros_like(p) for p in params] for _ in range(2))
        count = 0

        def step() -> Any:
            nonlocal count
            kept, h = [x], x
            for i in range(3):
                h = h @ weights[i] + biases[i]
                if i < 2:
                    h = np.maximum(h, 0)
                    kept.append(h)
            z = h - h.max(1, keepdims=True)
            e = np.exp(z)
            total = e.sum(1, keepdims=True)
            loss = (np.log(total[:, 0]) - (z * y).sum(1)).mean()
            d = (e / total - y) / len(x)
            grads: list[Any] = [None] * 6
            for i in (2, 1, 0):
                grads[i], grads[3 + i] = kept[i].T @ d, d.sum(0)
                if i:
                    d = (d @ weights[i].T) * (kept[i] > 0)
            if not adam:
                for p, g in zip(params, grads):
                    p -= 0.1 * g
                return loss
            count += 1
            rate = float(1e-3 * np.sqrt(1 - 0.999**count) / (1 - 0.9**count))
            for p, g, m, v in zip(params, grads, first, second):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                p -= rate * m / (np.sqrt(v) + 1e-8)
            return loss

        return step

    return make


def in_pytensor(data: dict[str, Any]) -> Any:
    """The step of gradient descent."""
    import pytensor
    import pytensor.tensor as pt

    x, y = pt.matrix("x", dtype="float32"), pt.matrix("y", dtype="float32")
    weights = [pytensor.shared(data[f"w{i}"]) for i in range(3)]
    biases = [pytensor.shared(data[f"b{i}"]) for i in range(3)]
    h = x
    for i, (w, b) in enumerate(zip(weights, biases)):
        h = pt.dot(h, w) + b
        h = pt.maximum(h, 0) if i < 2 else h
    z = h - pt.max(h, axis=1, keepdims=True)
    loss = (pt.log(pt.exp(z).sum(1)) - (z * y).sum(1)).mean()
    rate = data["x"].dtype.type(0.1)
    updates = [(p, p - rate * g) for p, g in zip(weights + biases, pytensor.grad(loss, weights + biases))]
    return [x, y], loss, updates, [data["x"], data["y"]]


ROWS = [Work(f"{'Adam' if adam else 'SGD'} step, MLP 784-256-128-10, batch {size}", batch(size), graph(adam),
             by_hand(adam), {}, {"numpy": 1.1 if size == 64 else 1.0, "tensorflow": 1.8 if size == 64 else 1.0},
             calls=40 if size == 64 else 5, check=1e-2,
             pytensor=None if adam else in_pytensor) for size in (64, 1024) for adam in (False, True)]
