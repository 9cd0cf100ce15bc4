"""Two graphs on one page: the second, with the nodes that only the first has, and what became of each."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...analysis.diff import diff
from ...analysis.shown import fold
from ...graph.graph import Node


@dataclass
class Union:
    """gone: nodes of the first graph that the second has no more. twins: the others, as the second has them.

    status: added, removed or changed, absent where nothing differs. remarks: what differs, in words.
    owner, folded: of those that are gone, as ``fold`` tells.
    """

    gone: list[Node] = field(default_factory=list)
    twins: dict[Node, Node] = field(default_factory=dict)
    status: dict[Node, str] = field(default_factory=dict)
    remarks: dict[Node, list[str]] = field(default_factory=dict)
    owner: dict[Node, Node] = field(default_factory=dict)
    folded: set[Node] = field(default_factory=set)


def union(before: Any, after: Any) -> Union:
    """What is drawn of two graphs."""
    found = diff(before, after)
    removed = set(found.removed)
    out = Union(list(found.removed))
    out.twins = {n: after.graph.nodes[n.name] for n in before.graph
                 if n not in removed and n.name in after.graph.nodes}
    out.twins.update({p.old: p.new for p in found.renamed})
    out.status = {**dict.fromkeys(found.added, "added"), **dict.fromkeys(found.removed, "removed")}
    for pair in (*found.renamed, *found.changed):
        out.status[pair.new] = "changed"
        lines = out.remarks.setdefault(pair.new, [])
        if pair.renamed and not lines:
            lines.append(f"name: {pair.old.name} → {pair.new.name}")
        lines += [line for c in pair.changes
                  if (line := f"{c.what}: {c.old or 'none'} → {c.new or 'none'}") not in lines]
    owner, folded = fold(before.graph, False)
    out.owner = {n: out.twins.get(owner[n], owner[n]) for n in out.gone if n in owner}
    out.folded = folded & removed
    return out
