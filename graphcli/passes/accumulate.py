"""Accumulate: products of matrices that are only summed, or only taken from a variable, are added where the sum lies.

``AddN`` of products begins with the first and adds the others to it; ``ApplyGradientDescent`` of a product changes
the variable by it. Neither makes the products' own arrays, which are larger than the operands. Same bits for a sum; a
variable is rounded once where ``var - alpha * product`` is rounded twice: they differ by 1.5 units in the last place
of the greatest of the variable, before and after, and its change at most. Only inner sizes that BLAS sums in one go are
taken.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..graph.blas import SHARED
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static

LONGEST = {"float32": 256, "float64": 128}
"""Terms of a sum that BLAS adds up before it adds to what is there."""
LARGEST = 1 << 20
"""Elements of a product: of what is larger no copy is to be made, to see whether the bits are the same."""
ADDERS = {"AddN": slice(None), "ApplyGradientDescent": slice(2, None)}
"""Ops, and which of their inputs are added."""


def accumulations(nodes: Sequence[Node], root: Callable[[Tensor], Tensor], shape: Callable[[Tensor], Static],
                  uses: Mapping[Tensor, int], free: Callable[[Tensor], bool], live: Mapping[Tensor, Any]
                  ) -> dict[Node, tuple[Node, ...]]:
    """For nodes that add products, the products in their order.

    nodes: what runs. root: the tensor whose array one is. uses: how often each of these is used. free: whether what
    makes a tensor may be taken into another's step. live: tensors that are a variable's memory.
    """
    out = {}
    for node in nodes:
        if node.type not in ADDERS or not free(node.outputs[0]):
            continue
        tensors = [root(t) for t in node.inputs[ADDERS[node.type]]]
        if node.type == "AddN" and len(tensors) < 2:
            continue
        if all(t.op.type == "MatMul" and uses[t] == 1 and free(t) and small(t.op, shape)
               and not any(root(o) in live for o in t.op.inputs) for t in tensors) and all(
                   shape(t) == shape(node.inputs[0]) for t in tensors):
            out[node] = tuple(t.op for t in tensors)
    return out


def small(product: Node, shape: Callable[[Tensor], Static]) -> bool:
    """Whether the operands are smaller than the product, which is worth a call of BLAS."""
    a, b, out = (shape(t) for t in (*product.inputs, product.outputs[0]))
    if a is None or b is None or out is None or None in (*a, *b, *out):
        return False
    inner = a[0 if product.attrs["transpose_a"] else 1] or 0
    rows, columns = out[0] or 0, out[1] or 0
    return (inner <= LONGEST.get(product.outputs[0].dtype.base_dtype.name, 0)
            and rows * columns <= LARGEST and rows * columns * inner >= SHARED
            and rows * inner + inner * columns <= rows * columns)
