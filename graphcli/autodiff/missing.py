"""The error of an op on the way that has no gradient: which, where, and how the gradient got there."""
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..errors import NoGradient
from ..graph.graph import Node

if TYPE_CHECKING:
    from .walker import Walk


def missing(walk: Walk, node: Node) -> NoGradient:
    """That an op on the way has no gradient: which, where, and how the gradient got there."""
    down = _way([y.op for y in walk.ys], node, lambda n: [t.op for t in n.inputs])
    up = _way([node], {x.op for x in walk.xs}, lambda n: [t.op for t in n.inputs])
    error = NoGradient(f"{node.name} ({node.type}) has no gradient, and {down[0].name} depends on {up[-1].name} "
                         "through it", node.span, hint="tf.stop_gradient before it lets nothing through")
    way = [n.name for n in [*down, *up[1:]]]
    at = len(down) - 1
    if len(way) > 12:
        # the neighbours of the op, and the ends
        keep = sorted({0, 1, at - 2, at - 1, at, at + 1, at + 2, len(way) - 2, len(way) - 1} & set(range(len(way))))
        way = [w for i, k in enumerate(keep) for w in ([] if not i or keep[i - 1] == k - 1 else ["..."]) + [way[k]]]
    error.note(f"the way of the gradient: {' -> '.join(way)}")
    return error


def _way(starts: Sequence[Node], goal: Node | set[Node], step: Callable[[Node], Iterable[Node]]) -> list[Node]:
    """A shortest way from one of ``starts`` to a goal, both with it."""
    goals = goal if isinstance(goal, set) else {goal}
    came: dict[Node, Node | None] = dict.fromkeys(starts)
    queue = deque(starts)
    while queue:
        node = queue.popleft()
        if node in goals:
            way = [node]
            while (before := came[way[-1]]) is not None:
                way.append(before)
            return way[::-1]
        for other in step(node):
            if other not in came:
                came[other] = node
                queue.append(other)
    return [*starts[:1]]
