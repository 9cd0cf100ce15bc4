"""Convolutions, NHWC: single layers, the net of the digits, and a training step of it."""
from __future__ import annotations

from typing import Any

import numpy as np
from measure import Step, Work
from onnx_peer import onnx_step

LAYERS = {
    "conv 3x3 64→64 on 56x56": ((1, 56, 56, 64), (3, 3, 64, 64)),
    "conv 1x1 256→512 on 14x14": ((1, 14, 14, 256), (1, 1, 256, 512)),
    "conv 5x5 32→32 on 8x32x32": ((8, 32, 32, 32), (5, 5, 32, 32)),
    "depthwise conv 3x3 on 56x56x64": ((1, 56, 56, 64), (3, 3, 64, 1)),
}
BATCH = 64


def random(shape: Any, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def patches(x: Any, size: int) -> Any:
    """``[rows, taps * channels]`` of a convolution with padding SAME."""
    around = size // 2
    x = np.pad(x, ((0, 0), (around, around), (around, around), (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
    return seen.reshape(-1, size * size * x.shape[3])


def conv(x: Any, w: Any) -> Any:
    rows = x.reshape(-1, x.shape[3]) if w.shape[0] == 1 else patches(x, w.shape[0])
    return (rows @ w.reshape(-1, w.shape[3])).reshape(*x.shape[:3], w.shape[3])


def depthwise(x: Any, w: Any) -> Any:
    height, width = x.shape[1:3]
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    out = np.zeros_like(x)
    for i in range(3):
        for j in range(3):
            out += padded[:, i:i + height, j:j + width] * w[i, j, :, 0]
    return out


def layer(name: str) -> Work:
    shape, filters = LAYERS[name]
    apart = name.startswith("depthwise")

    def build(tf: Any, data: dict[str, Any]) -> Any:
        x, w = tf.placeholder(tf.float32, shape), tf.constant(data["w"])
        ones = [1, 1, 1, 1]
        y = tf.nn.depthwise_conv2d(x, w, ones, "SAME") if apart else tf.nn.conv2d(x, w, ones, "SAME")
        return y, [(x, data["x"])]

    def hand(data: dict[str, Any]) -> Step:
        return lambda: depthwise(data["x"], data["w"]) if apart else conv(data["x"], data["w"])

    def onnx(data: dict[str, Any]) -> Step:
        w = data["w"].transpose(2, 3, 0, 1) if apart else data["w"].transpose(3, 2, 0, 1)
        attributes = {"pads": [filters[0] // 2] * 4, "group": shape[3] if apart else 1}
        return onnx_step([("Conv", ["x", "w"], ["y"], attributes)],
                         {"x": np.ascontiguousarray(data["x"].transpose(0, 3, 1, 2))},
                         {"w": np.ascontiguousarray(w)}, "y")

    return Work(name, lambda: {"x": random(shape), "w": random(filters, 1)}, build, hand, {"onnxruntime": onnx},
                {"numpy": 1, "tensorflow": 1}, calls=40, check=1e-2)


def parameters() -> list[Any]:
    shapes = [(3, 3, 1, 8), (8,), (3, 3, 8, 16), (16,), (64, 10), (10,)]
    return [random(s, i) * np.float32(0.1) for i, s in enumerate(shapes)]


def digits() -> dict[str, Any]:
    return {"x": np.abs(random((BATCH, 8, 8, 1), 9)), "params": parameters(),
            "y": np.random.default_rng(3).integers(0, 10, BATCH).astype(np.int32)}


def net(trained: bool) -> Any:
    def build(tf: Any, data: dict[str, Any]) -> Any:
        x, y = tf.placeholder(tf.float32, [None, 8, 8, 1]), tf.placeholder(tf.int32, [None])
        given = [tf.Variable(p) for p in data["params"]]
        h = x
        for w, b in (given[:2], given[2:4]):
            h = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(h, w, [1, 1, 1, 1], "SAME"), b))
            h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
        logits = tf.matmul(tf.reshape(h, [-1, 64]), given[4]) + given[5]
        if not trained:
            return logits, [(x, data["x"])]
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
        return [tf.train.GradientDescentOptimizer(0.01).minimize(loss), loss], [(x, data["x"]), (y, data["y"])]

    return build


def pool(x: Any) -> Any:
    b, h, w, c = x.shape
    return x.reshape(b, h // 2, 2, w // 2, 2, c).max((2, 4))


def net_by_hand(data: dict[str, Any]) -> Step:
    x, (w1, b1, w2, b2, w3, b3) = data["x"], data["params"]

    def step() -> Any:
        h = pool(np.maximum(conv(x, w1) + b1, 0))
        h = pool(np.maximum(conv(h, w2) + b2, 0))
        return h.reshape(-1, 64) @ w3 + b3

    return step


def training_by_hand(data: dict[str, Any]) -> Step:
    x, y = data["x"], data["y"]
    params = [p.copy() for p in data["params"]]
    rows = np.arange(BATCH)

    def unpool(g: Any, before: Any, after: Any) -> Any:
        """The gradient of ``pool``: to the first of the largest."""
        b, h, w, c = after.shape
        cells = before.reshape(b, h, 2, w, 2, c).transpose(0, 1, 3, 5, 2, 4).reshape(b, h, w, c, 4)
        out = np.zeros_like(cells)
        np.put_along_axis(out, cells.argmax(-1)[..., None], g[..., None], -1)
        return out.reshape(b, h, w, c, 2, 2).transpose(0, 1, 4, 2, 5, 3).reshape(before.shape)

    def step() -> Any:
        w1, b1, w2, b2, w3, b3 = params
        p1 = patches(x, 3)
        a1 = np.maximum((p1 @ w1.reshape(-1, 8)).reshape(BATCH, 8, 8, 8) + b1, 0)
        h1 = pool(a1)
        p2 = patches(h1, 3)
        a2 = np.maximum((p2 @ w2.reshape(-1, 16)).reshape(BATCH, 4, 4, 16) + b2, 0)
        h2 = pool(a2)
        flat = h2.reshape(-1, 64)
        logits = flat @ w3 + b3
        e = np.exp(logits - logits.max(1, keepdims=True))
        p = e / e.sum(1, keepdims=True)
        loss = -np.log(p[rows, y]).mean()
        p[rows, y] -= 1
        g = p / np.float32(BATCH)
        grads = [None, None, None, None, flat.T @ g, g.sum(0)]
        g = unpool((g @ w3.T).reshape(h2.shape), a2, h2) * (a2 > 0)
        grads[2], grads[3] = (p2.T @ g.reshape(-1, 16)).reshape(w2.shape), g.sum((0, 1, 2))
        back = conv(g, w2[::-1, ::-1].transpose(0, 1, 3, 2))
        g = unpool(back, a1, h1) * (a1 > 0)
        grads[0], grads[1] = (p1.T @ g.reshape(-1, 8)).reshape(w1.shape), g.sum((0, 1, 2))
        for param, grad in zip(params, grads):
            param -= np.float32(0.01) * grad
        return loss

    return step


def onnx_net(data: dict[str, Any]) -> Step:
    w1, b1, w2, b2, w3, b3 = data["params"]
    same, two = {"pads": [1, 1, 1, 1]}, {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes = [("Conv", ["x", "w1", "b1"], ["a"], same), ("Relu", ["a"], ["b"], {}), ("MaxPool", ["b"], ["c"], two),
             ("Conv", ["c", "w2", "b2"], ["d"], same), ("Relu", ["d"], ["e"], {}), ("MaxPool", ["e"], ["f"], two),
             ("Transpose", ["f"], ["g"], {"perm": [0, 2, 3, 1]}), ("Flatten", ["g"], ["h"], {"axis": 1}),
             ("Gemm", ["h", "w3", "b3"], ["y"], {})]
    constants = {"w1": w1.transpose(3, 2, 0, 1).copy(), "b1": b1, "w2": w2.transpose(3, 2, 0, 1).copy(), "b2": b2,
                 "w3": w3, "b3": b3}
    return onnx_step(nodes, {"x": data["x"].transpose(0, 3, 1, 2).copy()}, constants, "y")


ROWS = [
    Work(f"the digits' conv net, inference, batch {BATCH}", digits, net(False), net_by_hand,
         {"onnxruntime": onnx_net}, {"numpy": 1, "tensorflow": 1}, calls=40, check=1e-3),
    *[layer(name) for name in LAYERS],
    Work(f"the digits' conv net, SGD step, batch {BATCH}", digits, net(True), training_by_hand, {},
         {"numpy": 1, "tensorflow": 1}, calls=40, check=1e-2),
]
