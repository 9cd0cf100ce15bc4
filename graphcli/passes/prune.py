"""Prune: the nodes that some fetches need, given what is fed."""
from __future__ import annotations

from collections.abc import Iterable, Set

from ..graph.graph import Node, Tensor
from ..record import Record

INPUTS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")


class Needed(Record):
    """nodes: what must run, in graph order. wanted_by: the node that first asked for each."""

    nodes: tuple[Node, ...]
    wanted_by: dict[Node, Node | None]

    def missing(self) -> list[Node]:
        """The placeholders that must be fed and are not."""
        return [n for n in self.nodes if n.type in ("Placeholder", "PlaceholderV2")]

    def path(self, node: Node) -> list[Node]:
        """From ``node`` to the fetch that needs it."""
        out = [node]
        at = self.wanted_by[node]
        while at is not None:
            out.append(at)
            at = self.wanted_by[at]
        return out


def needed(targets: Iterable[Tensor | Node], fed: Set[Tensor], done: Set[Node] = frozenset()) -> Needed:
    """What runs for ``targets``: their ancestors, cut at the tensors that are fed. done: what nothing waits for."""
    wanted_by: dict[Node, Node | None] = {}
    level: list[Node] = []
    for target in targets:
        if isinstance(target, Tensor):
            if target in fed:
                continue
            target = target.op
        if target not in wanted_by:
            wanted_by[target] = None
            level.append(target)
    while level:
        following: list[Node] = []
        for node in level:
            for tensor in node.inputs:
                other = tensor.op
                if other not in wanted_by and tensor not in fed:
                    wanted_by[other] = node
                    following.append(other)
            for other in node.control_inputs:
                if other in wanted_by or other in done or other.type in INPUTS and other.outputs[0] in fed:
                    continue
                wanted_by[other] = node
                following.append(other)
        level = following
    return Needed(tuple(sorted(wanted_by, key=lambda n: n.number)), wanted_by)
