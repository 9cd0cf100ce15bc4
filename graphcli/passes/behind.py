"""Behind: what must run although the value for which it would is known: a node that becomes a constant by the shape of
what it takes, or that another stands for, leaves ops behind that write to variables, print, draw or refuse."""
from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from ..graph.flow import FLOW
from ..graph.graph import Node, Tensor
from .effects import READERS, VARIABLES
from .facts import IMPURE
from .prune import INPUTS

if TYPE_CHECKING:
    from .flow import Region

QUIET = FLOW | VARIABLES | READERS | {"NoOp", "ControlTrigger", *INPUTS}
"""What only hands on, waits or reads."""


def acts(node: Node) -> bool:
    """Whether a node, like all of its type, does something besides its values; a TensorArray is of one step, and gone
    with it."""
    opdef, kind = node.opdef, node.type
    if kind in QUIET or kind.startswith(("TensorArray", "Stack")):
        return False
    return opdef is None or opdef.stateful or opdef.writes or kind in IMPURE


class Behind:
    """acting: the nodes that act. writers: those of them that write to a variable. region_of: nodes that run together,
    which stand for each other."""

    def __init__(self, nodes: Sequence[Node] = (), fed: Set[Tensor] = frozenset(), writers: Set[Node] = frozenset(),
                 regions: Sequence[Region] = ()) -> None:
        self.fed = fed
        self.region_of = {n: r for r in regions for n in r.nodes}
        kinds = {kind for kind, node in {n.type: n for n in nodes}.items() if acts(node)}
        self.acting = _whole({n for n in nodes if n.type in kinds} if kinds else frozenset(), regions)
        self.writers = _whole(writers, regions)
        self._known: dict[Node, tuple[Node, ...]] = {}

    def acting_before(self, node: Node, seen: set[Node]) -> list[Node]:
        """The nearest nodes that act among those that a node came after. seen: what was looked at for others."""
        found: list[Node] = []
        if not self.acting:
            return found
        todo = self._ahead(node)
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            if at in self.acting:
                found.append(at)
            else:
                todo += self._ahead(at)
        return found

    def written_before(self, node: Node) -> tuple[Node, ...]:
        """The nearest writers that a node comes after, itself if it is one."""
        known, todo = self._known, [node]
        while todo:
            at = todo[-1]
            if at in known:
                todo.pop()
            elif at in self.writers:
                known[at] = (at,)
            else:
                ahead = self._ahead(at)
                waiting = [n for n in ahead if n not in known]
                if waiting:
                    todo += waiting
                else:
                    known[at] = tuple(dict.fromkeys(w for n in ahead for w in known[n]))
        return known[node]

    def _ahead(self, node: Node) -> list[Node]:
        """What a node waits for; of nodes that run together what all of them wait for."""
        fed, region = self.fed, self.region_of.get(node)
        if region is None:
            return [*(t.op for t in node.inputs if t not in fed), *node.control_inputs]
        inside = self.region_of
        return [*(t.op for t in region.outside if t not in fed),
                *(c for n in region.nodes for c in n.control_inputs if inside.get(c) is not region)]


def _whole(nodes: Set[Node], regions: Sequence[Region]) -> Set[Node]:
    """The nodes, and those that run together with one of them."""
    return frozenset(nodes).union(*(r.nodes for r in regions if not nodes.isdisjoint(r.nodes)))
