"""The picture of two graphs: what the second adds to the first, removes from it, and changes."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...analysis.diff import Difference, Pair, diff
from ...graph.graph import Node, Tensor
from .draw import drawn
from .model import Picture
from .subject import Options, Subject, subject


def compared(before: Any, after: Any, name: str, options: Options) -> Picture:
    """The second graph with the nodes that only the first has, each painted by what became of it."""
    old, new = subject(before, options), subject(after, options)
    found = diff(before, after)
    twins = _twins(before, after, found)
    gone = [n for n in old.nodes if n not in twins]
    owner = dict(new.owner)
    for n, stands in old.owner.items():
        twin = twins.get(stands)
        at = stands if twin is None else new.owner.get(twin)
        if at is not None:
            owner[n] = at
    status: dict[Node, str] = {**dict.fromkeys(gone, "removed"), **dict.fromkeys(found.added, "added")}
    remarks: dict[Node, Sequence[str]] = {}
    for pair in (*found.renamed, *found.changed):
        # what stands inside a box, a constant or a variable's read, changes the box
        for n in (*([new.owner[pair.new]] if pair.new in new.owner else []), *_readers(pair.new, new)):
            if status.setdefault(n, "changed") == "changed":
                if n is pair.new:
                    remarks[n] = list(dict.fromkeys([*remarks.get(n, ()), *_words(pair)]))
    union = Subject([*new.nodes, *gone], owner, new.folded | old.folded, {**old.shared, **new.shared}, new.hidden,
                    {n: s for n, s in status.items() if n in new.owner or s == "removed"}, remarks,
                    list(_links(old, owner)), total=new.total)
    return drawn(union, name, options, compare=True)


def _links(old: Subject, owner: dict[Node, Node]) -> Iterator[tuple[Node, Node, Tensor | None]]:
    """The arrows of the first graph between what is drawn; without a tensor where it is a control input."""
    for n in old.nodes:
        target = owner.get(n)
        if target is not None:
            for t in n.inputs:
                if t.op in owner:
                    yield owner[t.op], target, t
            for c in n.control_inputs:
                if c in owner:
                    yield owner[c], target, None


def _twins(before: Any, after: Any, found: Difference) -> dict[Node, Node]:
    """A node of the first graph -> the same one of the second."""
    removed = set(found.removed)
    twins = {n: after.graph.nodes[n.name] for n in before.graph if n not in removed and n.name in after.graph.nodes}
    twins.update({p.old: p.new for p in found.renamed})
    return twins


def _readers(n: Node, shown: Subject) -> list[Node]:
    if n not in shown.folded:
        return []
    return [shown.owner[u] for t in n.outputs for u in t.uses if u in shown.owner]


def _words(pair: Pair) -> list[str]:
    """What a changed node was before, in few words."""
    out = [f"was {pair.old.name}"] if pair.renamed else []
    for change in pair.changes:
        if change.what in ("op", "device") or change.what.startswith(("shape", "dtype")):
            out.append(f"was {change.old or 'on no device'}")
        elif change.what.startswith("attr ") and not any(c.what.startswith(("shape", "dtype")) for c in pair.changes):
            out.append(f"{change.what[5:]} was {change.old or 'absent'}")
        elif change.what in ("inputs", "control inputs"):
            out.append(f"other {change.what}")
    return out
