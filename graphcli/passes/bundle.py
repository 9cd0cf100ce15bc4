"""Bundle: ops of a loop's turn, or of a branch, that nothing else comes between run in a row, as one.

In a region each node otherwise waits for its own inputs to come. The ops of a bundle stand in the same loops, on the
same conditions, and no path leads from one of them to another through a node that is not of it, so all can wait for
what any of them needs. Same bits: each op is called with what it would be called with.
"""
from __future__ import annotations

from ..graph.flow import FLOW
from ..graph.graph import Node, Tensor
from ..graph.types import resource
from .effects import ALIASES, FIRST, PASSES, READERS, VARIABLES, by_references
from .facts import IMPURE
from .flow import Contexts, Region

APART = FLOW | VARIABLES | READERS | FIRST | {"LoopCond", "ControlTrigger", "NoOp"}
LEAST = 3
"""Ops for which a bundle is worth its while."""
LOOKED_AT = 8
"""Bundles of one kind that an op may still join, the newest."""
Bundles = tuple[tuple[Node, ...], ...]


def bundles(region: Region) -> Bundles:
    """The ops that run in a row, each after what it needs."""
    contexts = Contexts(region.nodes, frozenset(region.outside))
    held, given = _held(region), set(region.outside)
    # a region is one step, so only what it writes itself can change between two of its ops
    still = not any(n.opdef is not None and n.opdef.writes or n.type in FIRST for n in region.nodes)
    # what lies around a loop may need what its turns hand back, which no order of the nodes tells
    around = {f[:-1] for f in contexts.frames.values() if f}
    made = _Made()
    for node in region.nodes:
        sources = [o for o in (*(t.op for t in node.inputs), *node.control_inputs) if o in made.waits]
        if (_plain(node) and given.isdisjoint((*node.inputs, *node.outputs))
                and (still and node.type not in ALIASES or held.isdisjoint((*node.inputs, *node.outputs)))
                and contexts.met[node]
                and contexts.frames[node] not in around):
            made.join(node, sources, (contexts.frames[node], contexts.conditions[node]))
        else:
            made.waits[node] = made.closed(sources)
    return tuple(tuple(nodes) for nodes in made.nodes if len(nodes) >= LEAST)


class _Made:
    """Bundles as they grow. waits: for each node the bundles that it waits for, as bits."""

    def __init__(self) -> None:
        self.nodes: list[list[Node]] = []
        self.of: dict[Node, int] = {}
        self.waits: dict[Node, int] = {}
        self.before: list[int] = []
        """for each bundle those that it waits for, with those that they wait for"""
        self.kinds: dict[object, list[int]] = {}

    def closed(self, sources: list[Node]) -> int:
        """The bundles before what comes after these."""
        out = 0
        for source in sources:
            at = self.of.get(source)
            bits = self.waits[source] if at is None else self.before[at] | 1 << at
            out |= bits
        return self._closed(out)

    def _closed(self, bits: int) -> int:
        out, rest = bits, bits
        while rest:
            at = rest.bit_length() - 1
            out |= self.before[at]
            rest &= ~(1 << at)
        return out

    def join(self, node: Node, sources: list[Node], kind: object) -> None:
        """Puts a node into the newest bundle of its kind that does not have to end before it."""
        known = self.kinds.setdefault(kind, [])
        for at in reversed(known[-LOOKED_AT:]):
            waits = self.closed([s for s in sources if self.of.get(s) != at])
            if not waits >> at & 1:
                self._add(at, node, waits)
                return
        known.append(len(self.nodes))
        self.nodes.append([])
        self.before.append(0)
        self._add(known[-1], node, self.closed(sources))

    def _add(self, at: int, node: Node, waits: int) -> None:
        self.nodes[at].append(node)
        self.of[node] = at
        self.waits[node] = 0
        if waits & ~self.before[at]:
            self.before[at] |= waits
            for other, bits in enumerate(self.before):
                if bits >> at & 1:
                    self.before[other] |= self.before[at]


def _held(region: Region) -> set[Tensor]:
    """The tensors that may be a variable itself."""
    held = {t for t in region.outside if t.dtype.is_ref or t.dtype is resource}
    for node in region.nodes:
        passes = node.type in ALIASES or node.type in PASSES or node.type == "Merge"
        if node.type in VARIABLES or passes and any(t in held for t in node.inputs):
            held.update(node.outputs)
        held.update(t for t in node.outputs if t.dtype.is_ref or t.dtype is resource)
    return held


def _plain(node: Node) -> bool:
    """Whether a node does nothing but make its outputs from values."""
    opdef = node.opdef
    if opdef is None or node.type in APART or opdef.stateful or opdef.writes or not node.outputs:
        return False
    if node.type in IMPURE and node.type not in ALIASES:
        return False
    return not any(by_references(node)) and not any(t.dtype.is_ref or t.dtype is resource for t in node.outputs)
