"""Join: what is padded with zeros along one axis only to be added up, no two over each other, is put side by side.

So are the gradients of the parts into which an array was cut by slices. Same bits: to each number a zero is added,
which makes a negative zero positive and changes no other.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..graph.graph import Node, Tensor
from ..graph.shapes import Static

KINDS = frozenset({"float32", "float64", "int32", "int64"})
Side = tuple[int, int, int]
"""The axis along which one is padded, and from where to where it lies there."""


def joints(nodes: Sequence[Node], root: Callable[[Tensor], Tensor], shape: Callable[[Tensor], Static],
           value: Callable[[Tensor], Any], uses: Mapping[Tensor, int], free: Callable[[Tensor], bool],
           live: Mapping[Tensor, Any]) -> dict[Node, tuple[Node, ...]]:
    """For nodes that add what is padded, the paddings in their order. The arguments are those of ``narrowed`` and
    ``accumulations``."""
    out = {}
    for node in nodes:
        if node.type != "AddN" or len(node.inputs) < 2 or not free(node.outputs[0]):
            continue
        tensors = [root(t) for t in node.inputs]
        if node.outputs[0].dtype.base_dtype.name not in KINDS or not all(
                t.op.type == "Pad" and uses[t] == 1 and free(t) and shape(t) == shape(node.inputs[0])
                and root(t.op.inputs[0]) not in live for t in tensors):
            continue
        sides = [side_of(shape(t.op.inputs[0]), value(t.op.inputs[1])) for t in tensors]
        places = sorted(s for s in sides if s is not None)
        if len(places) == len(sides) and all(a[0] == b[0] and a[2] <= b[1] for a, b in zip(places, places[1:])):
            out[node] = tuple(t.op for t in tensors)
    return out


def side_of(shape: Static, paddings: Any) -> Side | None:
    """Where an array lies in what it is padded to; None where it is padded along no or several axes, or not known."""
    if shape is None or None in shape or paddings is None or (paddings < 0).any():
        return None
    axes = [i for i, pair in enumerate(paddings.tolist()) if any(pair)]
    if len(axes) != 1:
        return None
    start = int(paddings[axes[0], 0])
    return axes[0], start, start + (shape[axes[0]] or 0)
