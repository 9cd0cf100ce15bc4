"""Which boxes and arrows a graph is drawn with: a value, so that it can be tested without drawing.

A variable is one box with its read and first assignment in it; a small constant stands inside the
op that reads it; gradients and initializers are left out unless all is asked for; and where there
would be too many boxes, scopes are closed from the inside out.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace

from ...analysis.counts import VARIABLES
from ...analysis.sharing import Built
from ...analysis.shown import argument_name, fold, kind_of, tensor_label, uses_of_variables, value_text
from ...graph.graph import Graph, Node

LIMIT = 60
"""Boxes beyond which scopes are closed."""


@dataclass(frozen=True)
class Box:
    """kind: input, variable, shared, constant, scope, or a family of ops. note: below the title."""

    id: str
    title: str
    kind: str
    scope: tuple[str, ...]
    note: tuple[str, ...] = ()
    tooltip: str = ""


@dataclass(frozen=True)
class Arrow:
    source: str
    target: str
    label: str = ""
    control: bool = False


@dataclass
class Picture:
    """boxes in graph order, arrows between them; ``closed``: how many scopes were closed."""

    name: str
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    closed: int = 0
    hidden: int = 0


def picture(built: Built, name: str, everything: bool = False, scope: str | None = None, depth: int | None = None,
            limit: int = LIMIT) -> Picture:
    """What to draw of a graph. scope: only what is under it; depth: scopes deeper than this are closed."""
    graph: Graph = built.graph
    owner, folded = fold(graph, everything)
    uses = uses_of_variables(built)
    nodes = [n for n in graph if owner.get(n) is n]
    prefix = scope.rstrip("/") + "/" if scope else ""
    inside = [n for n in nodes if n.name.startswith(prefix)]
    level = depth if depth is not None else _depth(inside, limit)
    place = {n: _box_of(n, level) for n in inside}
    closed: dict[str, list[Node]] = {}
    for n, (key, whole) in place.items():
        if not whole:
            closed.setdefault(key, []).append(n)
    ids: dict[str, str] = {}
    out = Picture(name, closed=len(closed), hidden=len(graph) - len(owner))
    for n in inside:
        key, whole = place[n]
        if key in ids:
            continue
        ids[key] = f"n{len(ids)}"
        if whole:
            out.boxes.append(_box(n, ids[key], folded, uses))
        else:
            out.boxes.append(_closed_box(key, ids[key], closed[key]))
    labels: dict[tuple[str, str, bool], list[str]] = {}
    for n in inside:
        target = ids[place[n][0]]
        for tensor in n.inputs:
            source = owner.get(tensor.op)
            if source is None or source not in place or tensor.op in folded and not everything:
                continue
            at = ids[place[source][0]]
            if at != target:
                labels.setdefault((at, target, False), []).append(tensor_label(tensor))
        for other in n.control_inputs:
            source = owner.get(other)
            if source is not None and source in place and ids[place[source][0]] != target:
                labels.setdefault((ids[place[source][0]], target, True), [])
    for (a, b, control), texts in labels.items():
        if control and (a, b, False) in labels:
            continue
        shown = list(dict.fromkeys(texts))
        text = "\n".join(shown[:2]) + ("\n…" if len(shown) > 2 else "")
        out.arrows.append(Arrow(a, b, text, control))
    return out


def _depth(nodes: list[Node], limit: int) -> int:
    """The greatest depth of open scopes with which there are not too many boxes."""
    deepest = max((n.name.count("/") for n in nodes), default=0)
    for level in range(deepest, 0, -1):
        if len({_box_of(n, level)[0] for n in nodes}) <= limit:
            return level
    return 0 if len(nodes) > limit else deepest


def _box_of(node: Node, level: int) -> tuple[str, bool]:
    """(what its box is called, whether the box is the node's own)."""
    words = node.name.split("/")
    if len(words) - 1 <= level:
        return node.name, True
    return "/".join(words[:level + 1]) + "/", False


def _box(n: Node, identity: str, folded: set[Node], uses: dict[Node, int]) -> Box:
    words = n.name.split("/")
    kind = kind_of(n)
    note: list[str] = []
    if kind in ("input", "variable", "constant"):
        note.append(tensor_label(n.outputs[0], always=True))
        if uses.get(n, 1) > 1:
            kind = "shared"
            note.append(f"shared by {uses[n]}")
    elif n.type.lower() != words[-1].lower():
        note.append(n.type)
    for i, tensor in enumerate(n.inputs):
        if tensor.op in folded:
            note.append(f"{argument_name(n, i)} = {value_text(tensor.op)}")
    if n.device:
        note.append(n.device)
    at = f" · line {n.span.line}" if n.span else ""
    return Box(identity, words[-1], kind, tuple(words[:-1]), tuple(note), f"{n.name} · {n.type}{at}")


def _closed_box(key: str, identity: str, nodes: list[Node]) -> Box:
    words = key.rstrip("/").split("/")
    variables = sum(n.type in VARIABLES for n in nodes)
    ops = len(nodes) - variables
    note = [f"{ops} op{'' if ops == 1 else 's'}"] if ops else []
    if variables:
        note.append(f"{variables} variable{'' if variables == 1 else 's'}")
    return Box(identity, words[-1] + "/", "scope", tuple(words[:-1]), (", ".join(note),), key)


__all__ = ["Arrow", "Box", "Picture", "picture", "replace"]
