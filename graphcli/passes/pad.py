"""Pad: zeros that are put around images for convolutions alone are their padding.

``Pad`` and a convolution without padding are one with explicit paddings, as Keras freezes strides of 2: the padded
images are never made, only the lines that a block sees. Same bits.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any

from ..graph.graph import Node, Tensor
from ..ops._windows import layout

KINDS = frozenset({"Conv2D", "DepthwiseConv2dNative"})


def padded(nodes: Sequence[Node], root: Callable[[Tensor], Tensor], value: Callable[[Tensor], Any],
           uses: Mapping[Tensor, int], free: Callable[[Tensor], bool], together: Callable[[Sequence[Node]], bool]
           ) -> dict[Node, tuple[Node, Node]]:
    """For convolutions their ``Pad``, and what stands for both.

    root: the tensor whose array it is. value: of a constant. uses: how often a tensor is taken. free: whether the op of
    a tensor may be left out. together: whether nodes may run as one, where the last of them stands."""
    takers: dict[Tensor, list[Node]] = {}
    for node in nodes:
        if node.type in KINDS and node.attrs["padding"] != "SAME" and free(node.outputs[0]):
            made = root(node.inputs[0])
            if made.op.type == "Pad" and free(made):
                takers.setdefault(made, []).append(node)
    found: dict[Node, tuple[Node, Node]] = {}
    for made, convolutions in takers.items():
        paddings = value(made.op.inputs[1])
        if paddings is None or paddings.shape != (4, 2) or (paddings < 0).any() or len(convolutions) != uses[made]:
            continue
        if all(together((made.op, n)) and not paddings[[0, layout(n).channel]].any() for n in convolutions):
            found.update((n, (made.op, _around(n, made.op, paddings.ravel().tolist()))) for n in convolutions)
    return found


def _around(node: Node, pad: Node, paddings: list[int]) -> Node:
    """A convolution of what its ``Pad`` takes; it is in no graph."""
    stand_in = copy(node)
    given = node.attrs["explicit_paddings"] or [0] * len(paddings)
    stand_in.inputs = (pad.inputs[0], *node.inputs[1:])
    stand_in.attrs = {**node.attrs, "padding": "EXPLICIT",
                      "explicit_paddings": [a + b for a, b in zip(paddings, given)]}
    return stand_in
