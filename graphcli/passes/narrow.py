"""Narrow: of a product of matrices of which only some columns are used, only these are computed.

So is the gradient of what an RNN cell puts beside its state. Same bits: the engine asks once for each shape whether the
columns alone are those of the whole, and takes them from the whole where they are not.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..graph.blas import PROBED, SHARED
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static


def narrowed(nodes: Sequence[Node], root: Callable[[Tensor], Tensor], shape: Callable[[Tensor], Static],
             value: Callable[[Tensor], Any], uses: Mapping[Tensor, int], free: Callable[[Tensor], bool]
             ) -> dict[Node, tuple[Node, tuple[int, int]]]:
    """For slices of products, the product and its columns, from and to. The arguments are those of ``accumulations``;
    value: of a tensor, None where it is not known."""
    out = {}
    for node in nodes:
        if node.type != "Slice" or not free(node.outputs[0]):
            continue
        whole = root(node.inputs[0])
        product = whole.op
        if product.type != "MatMul" or uses[whole] != 1 or not free(whole):
            continue
        sizes, part = shape(whole), shape(node.outputs[0])
        begin = value(node.inputs[1])
        first = shape(product.inputs[0])
        if begin is None or sizes is None or part is None or first is None or None in (*sizes, *part, *first):
            continue
        rows, columns, kept, width = (d or 0 for d in (*sizes, *part))
        start, terms = int(begin[1]), first[0 if product.attrs["transpose_a"] else 1] or 0
        if kept == rows and 0 < width < columns and rows * width * terms >= SHARED and (
                rows + columns) * terms <= PROBED:
            out[node] = product, (start, start + width)
    return out
