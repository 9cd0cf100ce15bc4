"""What a node depends on and what depends on it, with the shortest way between two."""
from __future__ import annotations

from collections.abc import Callable, Iterable

from ..graph.graph import Node, Tensor


def parents(node: Node) -> list[Node]:
    """The nodes that a node waits for: inputs, then control inputs."""
    return [t.op for t in node.inputs] + list(node.control_inputs)


def children(node: Node) -> list[Node]:
    """The nodes that wait for a node."""
    return [u for t in node.outputs for u in t.uses] + node.control_uses


def reach(starts: Iterable[Node], step: Callable[[Node], Iterable[Node]]) -> dict[Node, Node | None]:
    """All nodes within reach, each with the node through which it was reached first."""
    came: dict[Node, Node | None] = dict.fromkeys(starts)
    level = list(came)
    while level:
        following = []
        for node in level:
            for other in step(node):
                if other not in came:
                    came[other] = node
                    following.append(other)
        level = following
    return came


def upstream(starts: Iterable[Node]) -> dict[Node, Node | None]:
    return reach(starts, parents)


def downstream(starts: Iterable[Node]) -> dict[Node, Node | None]:
    return reach(starts, children)


def way(node: Node, came: dict[Node, Node | None]) -> list[Node]:
    """From ``node`` back to the start that reached it."""
    out = [node]
    at = came[node]
    while at is not None:
        out.append(at)
        at = came[at]
    return out


def node_of(element: Tensor | Node) -> Node:
    return element.op if isinstance(element, Tensor) else element
