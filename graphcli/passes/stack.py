"""Stack: products of few terms that a sum adds are multiplied as one product of all their terms, some at a time.

``a1 b1 + a2 b2`` is ``[a1 a2] [b1; b2]``: the sum is then read and written once instead of once for each product, and
the operands, which are smaller, are copied. The gradients of the weights of an unrolled RNN are such sums. The terms
are added in another order: both ways are within ``n 2**-24`` (float64: ``n 2**-53``) of the sum of the n terms'
absolute values from the exact sum.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence

from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from .accumulate import LONGEST

MANY = 64
"""Terms from which a product alone is as quick: by then it computes longer than it reads and writes the sum."""


def stacked(products: Sequence[Node], shape: Callable[[Tensor], Static]) -> int:
    """How many of the products that a sum adds are multiplied as one; 1 where each is alone.

    products: as ``accumulations`` gives them, so their operands are matrices of known sizes.
    """
    first = products[0]
    turns = first.attrs["transpose_a"], first.attrs["transpose_b"]
    sizes = [shape(t) for t in first.inputs]
    if any((p.attrs["transpose_a"], p.attrs["transpose_b"]) != turns or [shape(t) for t in p.inputs] != sizes
           for p in products[1:]):
        return 1
    (a, _), (turn_a, _) = sizes, turns
    assert a is not None
    terms = a[0 if turn_a else 1] or 1
    most = LONGEST[first.outputs[0].dtype.base_dtype.name] // terms
    return max(1, min(len(products), most)) if terms < MANY else 1
