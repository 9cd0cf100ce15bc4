"""A node whose op type is a function of the graph's library: what a Defun of TensorFlow 1 makes where it is called."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import OpDef, find_op
from ..graph.types import as_dtype
from ..graphdef.attrs import Func
from ._bodies import Body
from ._gradients import kept


def call_of(definition: Any) -> OpDef:
    """The op type of a call of a function (a FunctionDef)."""
    signature = definition.signature

    def side(args: Any) -> str:
        return ", ".join(f"{a.name}: {a.type_attr or as_dtype(a.type).name}" for a in args)

    def infer(n: Any, *shapes: Any) -> Any:
        return [None] * len(signature.output_arg)

    def kernel(n: Any) -> Any:
        body = Body(n, Func(signature.name, dict(n.attrs)))
        single = len(signature.output_arg) == 1
        return lambda *args: body(args)[0] if single else body(args)

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        told = [tf.zeros_like(y) if g is None else tf.convert_to_tensor(g) for y, g in zip(op.outputs, grads)]
        found = tf.apply_op("SymbolicGradient", None, [[*op.inputs, *told]], {
            "Tout": [t.dtype.base_dtype for t in op.inputs], "f": Func(signature.name, kept(op, op.attrs))})
        return list(found) if isinstance(found, (list, tuple)) else [found]

    stateful = signature.is_stateful or any(
        (found := find_op(node.op)) is not None and found.stateful for node in definition.node_def)
    return OpDef(type(signature.name, (), {
        "__doc__": f"What the function {signature.name} gives.", "__module__": __name__, "type_name": signature.name,
        "signature": f"{side(signature.input_arg)} -> {side(signature.output_arg)}", "stateful": stateful,
        "attrs": "; ".join(f"{a.name}: {a.type}" for a in signature.attr), "infer": infer, "kernel": kernel,
        "gradient": gradient}))
