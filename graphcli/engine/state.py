"""What outlives a step: the values of variables, and the private objects of stateful ops."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.graph import Node
from ..graph.kernel import Slot


class State:
    """The state of one session. seed: what random ops without any seed draw from, None for chance.
    max_bytes: what one op may make. memory: what one step may hold. files: the paths that ops may read and write,
    None for any; folder: one below which they may read besides."""

    def __init__(self, seed: int | None = None, max_bytes: int | None = None,
                 memory: int | None = None) -> None:
        self.seed = seed
        self.max_bytes = max_bytes
        self.memory = memory
        self.files: frozenset[str] | None = None
        self.folder: str | None = None
        self.slots: dict[Node, Slot] = {}
        self.privates: dict[Node, Any] = {}
        self.resources: dict[str, Any] = {}

    def slot(self, node: Node) -> Slot:
        """The buffer of a variable's node, made empty on first use."""
        found = self.slots.get(node)
        if found is None:
            found = self.slots[node] = Slot(node.name)
        return found

    def private(self, node: Node, make: Callable[[], Any]) -> Any:
        """What ``make()`` made for this node in this session."""
        if node not in self.privates:
            self.privates[node] = make()
        return self.privates[node]

    def resource(self, name: str, make: Callable[[], Any]) -> Any:
        """What ``make()`` made in this session for all nodes that ask for this name."""
        if name not in self.resources:
            self.resources[name] = make()
        return self.resources[name]

    def clear(self) -> None:
        for held in (*self.privates.values(), *self.resources.values()):
            for each in held if isinstance(held, tuple) else (held,):
                if hasattr(each, "cancel"):
                    # threads may wait in steps of their own
                    each.cancel()
        self.slots.clear()
        self.privates.clear()
        self.resources.clear()
