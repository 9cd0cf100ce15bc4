"""The picture of two graphs: what the second adds to the first, removes from it, and changes."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...analysis.changes import changes
from ...graph.graph import Node
from .draw import drawn
from .model import Picture
from .subject import Options, Subject, subject


def compared(before: Any, after: Any, name: str, options: Options) -> Picture:
    """The second graph, with the nodes that only the first has, each painted by what became of it."""
    old, new = subject(before, options), subject(after, options)
    found = changes(before.graph, after.graph)
    twins: dict[str, Node] = after.graph.nodes
    owner = dict(new.owner)
    gone: list[Node] = []
    for n in old.nodes:
        if n.name not in twins:
            gone.append(n)
    for n, stands in old.owner.items():
        at = stands if stands.name not in twins else new.owner.get(twins[stands.name])
        if at is not None:
            owner[n] = at
    status: dict[Node, str] = dict.fromkeys(gone, "removed")
    remarks: dict[Node, Sequence[str]] = {}
    for n in new.nodes:
        told: Mapping[str, Sequence[str]] = found.changed
        if n.name in found.added:
            status[n] = "added"
        elif n.name in told:
            status[n] = "changed"
            remarks[n] = told[n.name]
    for const in (*new.folded, *old.folded):
        # a constant that stands inside its reader changes its reader
        for t in const.outputs:
            for u in t.uses:
                reader = owner.get(u)
                if reader is not None and const.name in found.changed and reader not in status:
                    status[reader] = "changed"
    union = Subject([*new.nodes, *gone], owner, new.folded | old.folded, {**old.shared, **new.shared}, new.hidden,
                    status, remarks, total=new.total)
    return drawn(union, name, options, compare=True)
