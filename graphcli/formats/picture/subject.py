"""What of a graph is drawn: all but bookkeeping, or what a fetch needs, or what is near a node."""
from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ...analysis.auxiliary import auxiliary
from ...analysis.measured import Run
from ...analysis.sharing import variables
from ...analysis.shown import fold
from ...analysis.upstream import upstream
from ...graph.graph import Graph, Node, Tensor
from ...record import Record, field
from .group import LIMIT, SERIES


class Options(Record):
    """What to draw of a graph.

    fetch: only what these need. focus: only what is within ``hops`` of these. scope: only what is under
    it. depth: how deep scopes are open; else so many that there are at most ``limit`` boxes. series: how
    many alike make a series, 0 for none. color_by: one of ``paint.BY``. changes: node -> added, removed
    or changed. direction: up or right.
    """

    everything: bool = False
    scope: str = ""
    depth: int | None = None
    limit: int | None = LIMIT
    fetch: Collection[Node] = ()
    focus: Collection[Node] = ()
    hops: int = 2
    series: int = SERIES
    color_by: str = "kind"
    run: Run | None = None
    direction: str = "up"


class Subject(Record, frozen=False):
    """What is drawn: nodes, each with the node whose box it stands in; constants inside their readers.

    before: where two graphs are compared, the arrows of the first.
    """

    nodes: list[Node]
    owner: dict[Node, Node]
    folded: set[Node]
    shared: dict[Node, str]
    hidden: dict[str, int] = field(factory=dict)
    status: Mapping[Node, str] = field(factory=dict)
    remarks: Mapping[Node, Sequence[str]] = field(factory=dict)
    before: Sequence[tuple[Node, Node, Tensor | None]] | None = None
    total: int = 0

    def neighbours(self, n: Node) -> tuple[list[Node], list[Node]]:
        """(nodes whose values it reads, nodes that read its values), as they are shown."""
        owner = self.owner
        sources = [owner[t.op] for t in n.inputs if t.op in owner]
        users: list[Node] = []
        for t in n.outputs:
            for u in t.uses:
                found = owner.get(u)
                if found is n:
                    users += [owner[v] for x in u.outputs for v in x.uses if v in owner]
                elif found is not None:
                    users.append(found)
        return sources, users

    def around(self, n: Node) -> list[Node]:
        """All that an arrow, dashed ones too, leads to or from."""
        sources, users = self.neighbours(n)
        return [*sources, *users, *(self.owner[c] for c in (*n.control_inputs, *n.control_uses) if c in self.owner)]


def subject(built: Any, options: Options) -> Subject:
    """Which nodes of a built spec are shown."""
    graph: Graph = built.graph
    wanted = upstream(options.fetch) if options.fetch else {}
    aside = {} if options.everything else auxiliary(graph)
    owner, folded = fold(graph, options.everything, wanted, aside)
    if options.focus and not all(owner.get(n) or n in folded for n in options.focus):
        owner, folded = fold(graph, True)
    hidden: Counter[str] = Counter()
    hidden.update(why for n, why in aside.items() if n not in owner and n not in folded)
    out = Subject([], owner, folded, _shared(built), dict(hidden), total=len(graph))
    if options.fetch:
        out.owner = {n: o for n, o in owner.items() if n in wanted}
    if options.focus:
        starts = dict.fromkeys(out.owner.get(n) or reader(n, out.owner) for n in options.focus)
        near = _within([n for n in starts if n is not None], out, options.hops)
        out.owner = {n: o for n, o in out.owner.items() if o in near}
    prefix = options.scope + "/" if options.scope else ""
    out.nodes = [n for n in graph if out.owner.get(n) is n and n.name.startswith(prefix)]
    return out


def reader(n: Node, owner: dict[Node, Node]) -> Node | None:
    """The node in whose box a folded constant stands."""
    return next((owner[u] for t in n.outputs for u in t.uses if u in owner), None)


def _within(starts: Iterable[Node], shown: Subject, hops: int) -> set[Node]:
    near = set(starts)
    edge = list(near)
    for _ in range(hops):
        if not edge:
            break
        edge = list(dict.fromkeys(o for n in edge for o in shown.around(n) if o not in near))
        near.update(edge)
    return near


def _shared(built: Any) -> dict[Node, str]:
    """Shared variables, and by how many."""
    return {v.node: v.sharing for v in variables(built) if v.shared}
