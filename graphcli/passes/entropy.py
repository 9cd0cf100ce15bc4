"""Entropy: the second derivative that tf.gradients adds to a softmax cross entropy is left out where it is 0.

TensorFlow's gradient of ``SoftmaxCrossEntropyWithLogits`` has a term for the gradient of the op's second output,
``(g - sum(g * softmax)) * softmax``, which in a plain training step is a softmax and a product with zeros. Same bits:
where the logits are finite the term is +0, which is still added; where they are not, their row of the first term
is NaN already.
"""
from __future__ import annotations

from collections.abc import Set

import numpy as np

from ..graph.graph import Node, Tensor
from ..graph.shapes import count
from .rewrite import Rewrite

LIMIT = 2**20
"""Elements of a term beyond which its zeros would cost more memory than they save time."""


def entropy(run: Rewrite, fetched: Set[Tensor]) -> None:
    """Makes constants of the terms that are 0. fetched: tensors whose own values are asked for."""
    for node in list(run.free()):
        if node.type != "Mul" or node.control_inputs or node.outputs[0] in fetched:
            continue
        softmax = _softmax(run, node)
        if softmax is None or not _added(run, node, softmax):
            continue
        shape = run.shape(node.outputs[0])
        if shape is None or shape != run.shape(softmax) or (count(shape) or 0) > LIMIT:
            continue
        run.fix("entropy", node, [np.zeros([d or 0 for d in shape], node.outputs[0].dtype.as_numpy_dtype)])


def _maker(run: Rewrite, tensor: Tensor, kind: str) -> Node | None:
    at = run.of(tensor)
    return at.op if at.op.type == kind and at not in run.fed and not at.op.control_inputs else None


def _softmax(run: Rewrite, node: Node) -> Tensor | None:
    """The softmax of ``(zeros - squeeze(zeros @ softmax)) * softmax``, None where it is no such product."""
    softmax = run.of(node.inputs[1])
    less = _maker(run, node.inputs[0], "Sub")
    if less is None or softmax.op.type != "Softmax" or softmax in run.fed or not _zeros(run, less.inputs[0]):
        return None
    squeezed = _maker(run, less.inputs[1], "Squeeze")
    product = None if squeezed is None else _maker(run, squeezed.inputs[0], "BatchMatMulV2")
    if product is None or not _zeros(run, product.inputs[0]):
        return None
    column = _maker(run, product.inputs[1], "ExpandDims")
    return softmax if column is not None and run.of(column.inputs[0]) is softmax else None


def _zeros(run: Rewrite, tensor: Tensor) -> bool:
    value = run.value(run.of(tensor))
    return value is not None and value.dtype.kind == "f" and not value.tobytes().strip(b"\0")


def _added(run: Rewrite, node: Node, softmax: Tensor) -> bool:
    """Whether all that uses the term adds it to ``grad * backprop`` of a cross entropy of the same logits."""
    logits = run.of(softmax.op.inputs[0])
    users = node.outputs[0].consumers()
    for user in users:
        if user.type != "AddV2" or user.inputs[1] is not node.outputs[0]:
            return False
        first = _maker(run, user.inputs[0], "Mul")
        # a product with ones may be gone already
        back = run.of(user.inputs[0] if first is None else first.inputs[1])
        if (back.op.type != "SoftmaxCrossEntropyWithLogits" or back.value_index != 1 or back in run.fed
                or run.of(back.op.inputs[0]) is not logits):
            return False
    return bool(users)
