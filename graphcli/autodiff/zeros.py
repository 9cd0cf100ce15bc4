"""Zeros: the gradient of an output that nothing used."""
from __future__ import annotations

from typing import Any

from ..graph.flow import SWITCH, variable_behind
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import count
from ..graph.types import float32, resource


def zeros_outside(tf: Any, graph: Graph, node: Node, index: int) -> Any:
    """Zeros like an output of a node that is in no loop. tf: the vocabulary that makes nodes."""
    value, flow = node.outputs[index], node.flow
    if node.type in SWITCH and flow is not None and not getattr(flow, "is_while", False):
        # zeros of the branch that is taken, made only when it is
        other = tf.apply_op("Switch", None, [node.inputs[0], flow.pred])[1 - flow.branch]
        taken = tf.identity(other)
        if value.dtype is resource:
            with graph.control_dependencies([taken]):
                return zeros_of_variable(tf, other)
        sizes = tf.apply_op("Shape", None, [other])
        with graph.control_dependencies([taken]):
            return tf.zeros(sizes, dtype=value.dtype.base_dtype)
    return zeros_of_variable(tf, value) if value.dtype is resource else tf.zeros_like(value, optimize=False)


def zeros_of_variable(tf: Any, handle: Tensor, known: bool = False) -> Any:
    """Zeros like the variable behind a handle. known: of its static shape, if it has one."""
    variable = variable_behind(handle)
    dtype, shape = (float32, None) if variable is None else (variable.attrs["dtype"], variable.attrs["shape"])
    sizes = tf.constant(shape, "int32") if known and count(shape) is not None else tf.apply_op(
        "VariableShape", None, [handle])
    return tf.zeros(sizes, dtype=dtype)
