"""Functions of the rows of a matrix: softmax, layer norm, log-sum-exp."""
from __future__ import annotations

from typing import Any

from measure import Step, Work


def data() -> dict[str, Any]:
    import numpy as np

    return {"x": np.random.default_rng(0).standard_normal((4096, 1024)).astype(np.float32)}


def graph(formula: Any) -> Any:
    def build(tf: Any, data: dict[str, Any]) -> Any:
        x = tf.placeholder(tf.float32, data["x"].shape)
        return formula(tf, x), [(x, data["x"])]

    return build


def layer_norm(tf: Any, x: Any) -> Any:
    mean, variance = tf.nn.moments(x, [-1], keepdims=True)
    return (x - mean) / tf.sqrt(variance + 1e-5)


def softmax_by_hand(data: dict[str, Any]) -> Step:
    import numpy as np

    x = data["x"]

    def step() -> Any:
        e = np.exp(x - x.max(-1, keepdims=True))
        e /= e.sum(-1, keepdims=True)
        return e

    return step


def layer_norm_by_hand(data: dict[str, Any]) -> Step:
    import numpy as np

    x = data["x"]

    def step() -> Any:
        d = x - x.mean(-1, keepdims=True)
        return d / np.sqrt(np.square(d).mean(-1, keepdims=True) + 1e-5)

    return step


def logsumexp_by_hand(data: dict[str, Any]) -> Step:
    import numpy as np

    x = data["x"]

    def step() -> Any:
        m = x.max(-1, keepdims=True)
        return np.log(np.exp(x - m).sum(-1)) + m[:, 0]

    return step


def onnx_step(nodes: list[tuple[str, list[str], dict[str, Any]]], shape: list[int]) -> Any:
    """The same in ONNX Runtime; the last node's output is the result."""
    def make(data: dict[str, Any]) -> Step:
        import onnxruntime
        from measure import THREADS
        from onnx import TensorProto, helper

        made = [helper.make_node(op, inputs, [f"y{i}"], **attrs) for i, (op, inputs, attrs) in enumerate(nodes)]
        one = helper.make_tensor("one", TensorProto.FLOAT, [1024], [1.0] * 1024)
        none = helper.make_tensor("none", TensorProto.FLOAT, [1024], [0.0] * 1024)
        graph = helper.make_graph(made, "rows", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4096, 1024])],
                                  [helper.make_tensor_value_info(f"y{len(nodes) - 1}", TensorProto.FLOAT, shape)],
                                  [one, none])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = options.inter_op_num_threads = THREADS
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        x = data["x"]
        return lambda: session.run(None, {"x": x})[0]

    return make


BARS = {"numpy": 2.0, "tensorflow": 1.0, "onnxruntime": 0.7}
FULL = [4096, 1024]

ROWS = [
    Work("softmax of [4096, 1024]", data, graph(lambda tf, x: tf.nn.softmax(x)), softmax_by_hand,
         {"onnxruntime": onnx_step([("Softmax", ["x"], {"axis": -1})], FULL)}, BARS),
    Work("layer norm of [4096, 1024]", data, graph(layer_norm), layer_norm_by_hand,
         {"onnxruntime": onnx_step([("LayerNormalization", ["x", "one", "none"],
                                     {"axis": -1, "epsilon": 1e-5})], FULL)}, BARS),
    Work("log-sum-exp of [4096, 1024]", data, graph(lambda tf, x: tf.reduce_logsumexp(x, -1)), logsumexp_by_hand,
         {"onnxruntime": onnx_step([("ReduceLogSumExp", ["x"], {"axes": [-1], "keepdims": 0})], [4096])}, BARS),
]
