"""ONNX Runtime as a peer: a model from a list of nodes."""
from __future__ import annotations

from typing import Any

from measure import THREADS, Step


def onnx_step(nodes: list[Any], inputs: dict[str, Any], constants: dict[str, Any], output: str) -> Step:
    """A step of it. nodes: (op, inputs, outputs, attributes); inputs and constants: arrays by name."""
    import onnxruntime as ort
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        [helper.make_node(op, i, o, **a) for op, i, o, a in nodes], "row",
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, v.shape) for k, v in inputs.items()],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(v, k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda: session.run([output], inputs)[0]
