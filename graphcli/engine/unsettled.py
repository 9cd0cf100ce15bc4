"""Unsettled: what runs before it is in an order, node by node or with each region as one."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..graph.graph import Node
from ..passes.flow import Region
from ..passes.order import topological


class Unsettled:
    """Nodes or items that are not in an order yet: what each waits for, which variables it reads and writes."""

    def __init__(self, nodes: Sequence[Any], before: dict[Any, list[Any]], reads: dict[Any, list[Node]],
                 writes: dict[Any, list[Node]], regions: Sequence[Region]) -> None:
        self.nodes, self.before, self.reads, self.writes, self.regions = nodes, before, reads, writes, regions
        self._free: set[Any] = set()
        """Nodes before which nothing writes."""

    def writes_before(self, node: Any) -> bool:
        """Whether what a node waits for writes to a variable."""
        met: set[Any] = set()
        above = list(self.before[node])
        while above:
            at = above.pop()
            if at in self.writes:
                return True
            if at not in met and at not in self._free:
                met.add(at)
                above += self.before[at]
        self._free |= met
        return False

    def by_item(self) -> Unsettled:
        """The same of items: a region is one."""
        if not self.regions:
            return self
        item_of: dict[Any, Any] = {n: r for r in self.regions for n in r.nodes}
        items = list(dict.fromkeys(item_of.get(n, n) for n in self.nodes))
        before: dict[Any, dict[Any, None]] = {}
        reads: dict[Any, dict[Node, None]] = {}
        writes: dict[Any, dict[Node, None]] = {}
        for node in self.nodes:
            item = item_of.get(node, node)
            earlier = (item_of.get(b, b) for b in self.before[node])
            before.setdefault(item, {}).update((e, None) for e in earlier if e is not item)
            for table, given in ((reads, self.reads), (writes, self.writes)):
                if node in given:
                    table.setdefault(item, {}).update(dict.fromkeys(given[node]))
        waits = {i: list(b) for i, b in before.items()}
        return Unsettled(topological(items, waits), waits, {i: list(r) for i, r in reads.items()},
                         {i: list(w) for i, w in writes.items()}, ())


def places_of(writes: Mapping[Any, Any]) -> dict[Any, int]:
    """Where in the graph what writes begins."""
    return {i: min(n.number for n in ([i] if isinstance(i, Node) else i.nodes)) for i in writes}
