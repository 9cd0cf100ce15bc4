"""What a step costs besides its numbers: one op, and a thousand that depend on each other."""
from __future__ import annotations

from typing import Any

from measure import Step, Work

COUNT = 1000
FORMS = ("h + x", "h * 0.5", "1.0 - h", "maximum(h, 0.0)", "tanh(h)")


def data() -> dict[str, Any]:
    import numpy as np

    return {"x": np.linspace(-0.5, 0.5, 8, dtype=np.float32)}


def one(tf: Any, data: dict[str, Any]) -> Any:
    x = tf.placeholder(tf.float32, [8])
    return x + x, [(x, data["x"])]


def one_by_hand(data: dict[str, Any]) -> Step:
    import numpy as np

    x, add = data["x"], np.add
    return lambda: add(x, x)


def chain(tf: Any, data: dict[str, Any]) -> Any:
    x = tf.placeholder(tf.float32, [8])
    h = x
    calls = (lambda h: h + x, lambda h: h * 0.5, lambda h: 1.0 - h, lambda h: tf.maximum(h, 0.0), tf.tanh)
    for i in range(COUNT):
        h = calls[i % len(calls)](h)
    return h, [(x, data["x"])]


def one_in_pytensor(data: dict[str, Any]) -> Any:
    import pytensor.tensor as pt

    x = pt.vector("x", dtype="float32")
    return [x], x + x, [], [data["x"]]


def chain_by_hand(data: dict[str, Any]) -> Step:
    import numpy as np

    lines = ["def step(x):", "    h = x"]
    for i in range(COUNT):
        form = FORMS[i % len(FORMS)].replace("maximum", "np.maximum").replace("tanh", "np.tanh")
        lines.append(f"    h = {form}")
    space: dict[str, Any] = {"np": np}
    exec("\n".join([*lines, "    return h"]), space)  # straight-line code, written by this file
    step, x = space["step"], data["x"]
    return lambda: step(x)


def onnx_step(nodes: int) -> Any:
    """The same in ONNX Runtime."""
    def make(data: dict[str, Any]) -> Step:
        import onnxruntime
        from measure import THREADS
        from onnx import TensorProto, helper

        made, constants, h = [], [], "x"
        for name, value in (("half", 0.5), ("one", 1.0), ("zero", 0.0)):
            constants.append(helper.make_tensor(name, TensorProto.FLOAT, [], [value]))
        forms = [("Add", lambda h: [h, "x"]), ("Mul", lambda h: [h, "half"]), ("Sub", lambda h: ["one", h]),
                 ("Max", lambda h: [h, "zero"]), ("Tanh", lambda h: [h])]
        for i in range(nodes):
            op, inputs = forms[i % len(forms)]
            made.append(helper.make_node(op, inputs(h), [f"h{i}"]))
            h = f"h{i}"
        graph = helper.make_graph(made, "chain", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [8])],
                                  [helper.make_tensor_value_info(h, TensorProto.FLOAT, [8])], constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = options.inter_op_num_threads = THREADS
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        x = data["x"]
        return lambda: session.run(None, {"x": x})[0]

    return make


ROWS = [
    Work("1000 dependent ops on 8 floats", data, chain, chain_by_hand, {"onnxruntime": onnx_step(COUNT)},
         {"numpy": 2.5, "tensorflow": 1.4, "onnxruntime": 1.2}, calls=100),
    Work("a graph of one op, call to call", data, one, one_by_hand, {"onnxruntime": onnx_step(1)},
         {"numpy": 0.3, "tensorflow": 10, "onnxruntime": 1}, calls=2000, pytensor=one_in_pytensor),
]
