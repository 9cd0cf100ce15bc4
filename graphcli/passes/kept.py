"""Kept: of what shape the elements are that stacks and lists (``TensorArray``) hold in a run."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..graph.flow import PASSES
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from .effects import ALIASES

WRITTEN = {"TensorArrayWriteV3": False, "TensorArrayScatterV3": True}
"""Ops whose third input is kept, and whether it is cut into elements."""


def either(one: Static, other: Static) -> Static:
    """What holds of two shapes."""
    if one is None or other is None or len(one) != len(other):
        return None
    return tuple(a if a == b else None for a, b in zip(one, other))


def both(one: Static, other: Static) -> Static:
    """What is known if both hold."""
    if one is None or other is None or len(one) != len(other):
        return other if one is None else one
    return tuple(b if a is None else a for a, b in zip(one, other))


class Kept:
    """nodes: all that run."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._writers: dict[Any, list[Node]] = {}
        for node in nodes:
            if node.type in WRITTEN or node.type in ("StackPushV2", "TensorArraySplitV3"):
                self._writers.setdefault(_made(node.inputs[0]), []).append(node)

    def element(self, handle: Tensor, shape: Callable[[Tensor], Static]) -> Static:
        """The shape of the elements behind a handle, as far as it is known. shape: of what is put in."""
        made = _made(handle)
        if made is None or None in self._writers:
            return None
        found: Static = None
        for i, node in enumerate(self._writers.get(made, ())):
            one = _written(node, shape)
            found = either(found, one) if i else one
        return found


def _written(node: Node, shape: Callable[[Tensor], Static]) -> Static:
    if node.type == "TensorArraySplitV3":
        return None
    found = shape(node.inputs[1 if node.type == "StackPushV2" else 2])
    return found[1:] if found and WRITTEN.get(node.type) else found


def _made(handle: Tensor) -> Any:
    """What stands for all handles of one stack or list; the lists of gradients of one list by one name are one."""
    sources = []
    while True:
        node = handle.op
        if node.type in PASSES or node.type in ALIASES:
            handle = node.inputs[0]
        elif node.type == "TensorArrayGradV3":
            sources.append(node.attrs["source"])
            handle = node.inputs[0]
        elif node.type in ("TensorArrayV3", "StackV2"):
            return (node, *sources)
        else:
            return None
