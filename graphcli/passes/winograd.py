"""Winograd: convolutions of images whose multiplications cost more than what it takes to need fewer of them.

Not the same bits: each output differs from that of the plain sum by at most 2 ** -19 of the norm of its patch times the
norm of its filter, and each element of a filter's gradient by as much of the norms of what it sums
(``ops/_winograd.py`` has the measured error). Which convolutions are taken follows from shapes, and numbers with which
something on the way might overflow are summed plainly.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence

from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from ..graph.types import float32

KINDS = frozenset({"Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"})


def winograd(nodes: Sequence[Node], shape: Callable[[Tensor], Static]) -> set[Node]:
    """The convolutions, and gradients that are convolutions, of known shapes that are quicker so."""
    found = set()
    for node in nodes:
        if node.type not in KINDS or node.opdef is None or node.outputs[0].dtype != float32:
            continue
        from ..ops.nn_conv2d import in_tiles

        shapes = [shape(t) for t in (*node.inputs, node.outputs[0])]
        known = [s for s in shapes if s is not None and None not in s]
        if len(known) == len(shapes) and in_tiles(node, [tuple(d or 0 for d in s) for s in known]):
            found.add(node)
    return found
