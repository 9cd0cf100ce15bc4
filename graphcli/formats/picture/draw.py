"""From a graph to its picture: what is shown, what shares a box, and what is written on it."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...graph.graph import Node
from . import words
from .arrows import arrows_of, gathered
from .boxes import closed_box, node_box
from .group import Group, Unit, arrange, tree
from .model import Frame, Legend, Picture, Swatch
from .paint import Paints, paints
from .subject import Options, Subject, reader, subject
from .themes import KINDS

HOISTED = 12
"""Shared variables that stand outside a closed scope; with more of them they stay inside."""


def picture(built: Any, name: str, options: Options = Options()) -> Picture:
    """The picture of a built spec."""
    return drawn(subject(built, options), name, options)


def drawn(shown: Subject, name: str, options: Options, compare: bool = False) -> Picture:
    """The picture of what is shown. compare: painted by what changed."""
    groups, content, at = _grouped(shown, options)
    out = Picture(name, nodes=shown.total or len(shown.nodes), hidden=shown.hidden, direction=options.direction)
    out.frames = [Frame(i, words.title(g.label), g.parent or None, g.path) for i, g in enumerate(groups) if i]
    # in graph order: what was made first is drawn first
    order = sorted(range(len(content)), key=lambda i: min((n.number for n in content[i][0].every()), default=-1))
    members = [list(content[i][0].every()) for i in order]
    ids = {i: f"n{k}" for k, i in enumerate(order)}
    colours = _status_paints(shown, members) if compare else paints(options.color_by, members, options.run)
    focus = {shown.owner.get(n) or reader(n, shown.owner) for n in options.focus}
    for i, nodes in zip(order, members):
        unit, number = content[i]
        frame = number or None
        if unit.kind == "node":
            box = node_box(nodes[0], unit.word, ids[i], frame, shown, options, colours)
        else:
            box = closed_box(unit, nodes, ids[i], frame, groups[number].path, shown, options, colours)
            out.closed += unit.kind == "scope"
        if not focus.isdisjoint(nodes):
            box = box.replace(focus=True)
        out.boxes.append(box)
    places = {n: ids[i] for n, i in at.items()}
    out.boxes, out.arrows = gathered(out.boxes, arrows_of(shown, places, out.boxes, options, _members(content)))
    out.roots = list(dict.fromkeys(places[shown.owner[n]] for n in options.fetch
                                   if shown.owner.get(n) in places))
    out.legend = _legend(out, colours)
    return out


def _grouped(shown: Subject, options: Options) -> tuple[list[Group], list[tuple[Unit, int]], dict[Node, int]]:
    """(the open scopes, the boxes with the number of their scope, the box of each node).

    Shared variables outside closed scopes are boxes too: where these are too many, fewer scopes are opened.
    """
    root, limit = tree(shown.nodes), None if options.depth is not None else options.limit
    beside = 0
    while True:
        groups = arrange(root, shown.neighbours, limit, options.depth, options.series, beside)
        at: dict[Node, int] = {}
        content: list[tuple[Unit, int]] = []
        for number, group in enumerate(groups):
            for unit in group.units:
                for n in unit.every():
                    at[n] = len(content)
                content.append((unit, number))
        _hoist(shown, content, at, [g.path for g in groups])
        beyond = len(content) - limit if limit is not None else 0
        if beyond <= 0 or len(groups) == 1:
            return groups, content, at
        beside += beyond


def _members(content: list[tuple[Unit, int]]) -> dict[Node, int]:
    """Each node of a series by the number of the scope or node that it is of."""
    out: dict[Node, int] = {}
    for unit, _ in content:
        if unit.kind == "series":
            parts = [[n] for n in unit.nodes] + [list(s.every()) for s in unit.scopes]
            out.update((n, i) for i, part in enumerate(parts) for n in part)
    return out


def _hoist(shown: Subject, content: list[tuple[Unit, int]], at: dict[Node, int], paths: list[str]) -> None:
    """Takes shared variables out of closed boxes where what is outside reads them: they are to be seen."""
    inside = [n for n in shown.nodes if n in shown.shared and content[at[n]][0].kind != "node"]
    found = [n for n in inside if any(at.get(u, at[n]) != at[n] for u in shown.neighbours(n)[1])]
    if not found or len(found) > HOISTED:
        return
    for n in found:
        number = content[at[n]][1]
        at[n] = len(content)
        content.append((Unit(n.name[len(paths[number]) + 1:] if paths[number] else n.name, "node", [n]), number))
    for i, (unit, number) in enumerate(content):
        if unit.kind != "node":
            kept = [n for n in unit.every() if at[n] == i]
            if len(kept) < unit.count:
                content[i] = (_Without(unit, kept), number)
    left = [i for i, (unit, _) in enumerate(content) if any(True for _ in unit.every())]
    place = {i: k for k, i in enumerate(left)}
    content[:] = [content[i] for i in left]
    at.update((n, place[i]) for n, i in at.items())


class _Without(Unit, frozen=False):
    """A closed unit, some of whose nodes are drawn outside it."""

    def __init__(self, unit: Unit, kept: list[Node]) -> None:
        super().__init__(unit.word, unit.kind, unit.nodes, unit.scopes, unit.alike, unit.like)
        self.kept = kept

    def every(self) -> Iterable[Node]:
        return self.kept


def _status_paints(shown: Subject, members: list[list[Node]]) -> Paints:
    def of(nodes: Sequence[Node]) -> str:
        found = {shown.status.get(n, "same") for n in nodes}
        return found.pop() if len(found) == 1 else "changed"

    used = {of(nodes) for nodes in members}
    return Paints(of, "colour: what changed",
                  [Swatch(s, s) for s in ("added", "removed", "changed", "same") if s in used])


def _legend(out: Picture, colours: Paints) -> Legend:
    present = {box.kind for box in out.boxes}
    legend = Legend([k for k in KINDS if k in present], colours.swatches, colours.title)
    if any(a.control for a in out.arrows):
        legend.remarks.append("dashed: runs after")
    if len({a.width for a in out.arrows if not a.control}) > 1:
        legend.remarks.append("thicker: larger tensor")
    return legend
