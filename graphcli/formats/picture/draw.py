"""From a graph to its picture: what is shown, what shares a box, and what is written on it."""
from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...analysis.auxiliary import auxiliary
from ...analysis.counts import VARIABLES
from ...analysis.measured import Run
from ...analysis.shown import fold, kind_of, tensor_label, uses_of_variables
from ...analysis.upstream import reach, upstream
from ...graph.graph import Graph, Node, Tensor
from ...graph.types import show
from . import words
from .group import LIMIT, SERIES, Unit, arrange, tree
from .measure import notes, shape_text, value_of
from .model import Arrow, Box, Frame, Legend, Picture, Swatch
from .paint import Paints, paints
from .themes import KINDS

STATES = ("input", "variable", "shared", "constant")
"""Kinds whose boxes say the dtype and shape of their value."""
HOISTED = 12
"""Shared variables that stand outside a closed scope; with more of them they stay inside."""


@dataclass(frozen=True)
class Options:
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


@dataclass
class Subject:
    """What is drawn: nodes, each with the node whose box it stands in; constants inside their readers."""

    nodes: list[Node]
    owner: dict[Node, Node]
    folded: set[Node]
    shared: dict[Node, int]
    hidden: dict[str, int] = field(default_factory=dict)
    status: Mapping[Node, str] = field(default_factory=dict)
    remarks: Mapping[Node, Sequence[str]] = field(default_factory=dict)
    gone: Mapping[tuple[Node, Node], str] = field(default_factory=dict)
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
    owner, folded = fold(graph, options.everything, wanted)
    if options.focus and not all(owner.get(n) or n in folded for n in options.focus):
        owner, folded = fold(graph, True)
    hidden: Counter[str] = Counter()
    if not options.everything:
        hidden.update(why for n, why in auxiliary(graph).items() if n not in owner and n not in folded)
    out = Subject([], owner, folded, _shared(built), dict(hidden), total=len(graph))
    if options.fetch:
        out.owner = {n: o for n, o in owner.items() if n in wanted}
    if options.focus:
        starts = dict.fromkeys(out.owner.get(n) or _reader(n, out.owner) for n in options.focus)
        near = _within([n for n in starts if n is not None], out, options.hops)
        out.owner = {n: o for n, o in out.owner.items() if o in near}
    prefix = options.scope + "/" if options.scope else ""
    out.nodes = [n for n in graph if out.owner.get(n) is n and n.name.startswith(prefix)]
    return out


def _reader(n: Node, owner: dict[Node, Node]) -> Node | None:
    """The node in whose box a folded constant stands."""
    return next((owner[u] for t in n.outputs for u in t.uses if u in owner), None)


def _within(starts: Iterable[Node], shown: Subject, hops: int) -> set[Node]:
    near = set(starts)
    edge = list(near)
    for _ in range(hops):
        edge = list(dict.fromkeys(o for n in edge for o in shown.around(n) if o not in near))
        near.update(edge)
    return near


def _shared(built: Any) -> dict[Node, int]:
    """Shared variables: those that several statements yield; of a foreign graph, those that several scopes read."""
    if getattr(built, "declarations", None):
        return {n: count for n, count in uses_of_variables(built).items() if count > 1}
    out = {}
    for n in built.graph:
        if n.type in VARIABLES and n.origin is None and n.outputs:
            read = [r for u in n.outputs[0].uses if u.name == f"{n.name}/read" for r in u.outputs[0].uses]
            scopes = {r.name.rpartition("/")[0] for r in read if r.origin is None and not r.name.startswith("gradients")}
            if len(scopes) > 1:
                out[n] = len(scopes)
    return out


def picture(built: Any, name: str, options: Options = Options()) -> Picture:
    """The picture of a built spec."""
    return drawn(subject(built, options), name, options)


def drawn(shown: Subject, name: str, options: Options, compare: bool = False) -> Picture:
    """The picture of what is shown. compare: painted by what changed."""
    root = tree(shown.nodes)
    groups = arrange(root, shown.neighbours, None if options.depth is not None else options.limit, options.depth,
                     options.series)
    out = Picture(name, nodes=shown.total or len(shown.nodes), hidden=shown.hidden, direction=options.direction)
    out.frames = [Frame(i, words.title(g.label), g.parent or None, g.path) for i, g in enumerate(groups) if i]
    at: dict[Node, int] = {}
    content: list[tuple[Unit, int]] = []
    for number, group in enumerate(groups):
        for unit in group.units:
            for n in unit.every():
                at[n] = len(content)
            content.append((unit, number))
    _hoist(shown, content, at)
    # in graph order: what was made first is drawn first
    order = sorted(range(len(content)), key=lambda i: min((n.number for n in content[i][0].every()), default=-1))
    members = [list(content[i][0].every()) for i in order]
    ids = {i: f"n{k}" for k, i in enumerate(order)}
    colours = _status_paints(shown, members) if compare else paints(options.color_by, members, options.run)
    focus = {shown.owner.get(n) or _reader(n, shown.owner) for n in options.focus}
    for i, nodes in zip(order, members):
        unit, number = content[i]
        frame = number or None
        if unit.kind == "node":
            box = _node_box(nodes[0], ids[i], frame, shown, options, colours)
        else:
            box = _closed_box(unit, nodes, ids[i], frame, groups[number].path, shown, options, colours)
            out.closed += unit.kind == "scope"
        if not focus.isdisjoint(nodes):
            box = replace(box, focus=True)
        out.boxes.append(box)
    places = {n: ids[i] for n, i in at.items()}
    out.arrows = _arrows(shown, places, out.boxes, options)
    out.roots = list(dict.fromkeys(places[shown.owner[n]] for n in options.fetch
                                   if shown.owner.get(n) in places))
    out.legend = _legend(out, colours)
    return out


def _hoist(shown: Subject, content: list[tuple[Unit, int]], at: dict[Node, int]) -> None:
    """Takes shared variables out of closed boxes where what is outside reads them: they are to be seen."""
    inside = [n for n in shown.nodes if n in shown.shared and content[at[n]][0].kind != "node"]
    found = [n for n in inside if any(at.get(u, at[n]) != at[n] for u in shown.neighbours(n)[1])]
    if len(found) > HOISTED:
        return
    for n in found:
        number = content[at[n]][1]
        at[n] = len(content)
        content.append((Unit(n.name.rpartition("/")[2], "node", [n]), number))
    for i, (unit, number) in enumerate(content):
        if unit.kind != "node" and found:
            kept = [n for n in unit.every() if at[n] == i]
            if len(kept) < unit.count:
                content[i] = (_Without(unit, kept), number)


class _Without(Unit):
    """A closed unit, some of whose nodes are drawn outside it."""

    def __init__(self, unit: Unit, kept: list[Node]) -> None:
        super().__init__(unit.word, unit.kind, unit.nodes, unit.scopes, unit.alike)
        self.kept = kept

    def every(self) -> Iterable[Node]:
        return self.kept


def _node_box(n: Node, identity: str, frame: int | None, shown: Subject, options: Options, colours: Paints) -> Box:
    word = n.name.rpartition("/")[2]
    kind = kind_of(n)
    lines: list[str] = []
    shape = tensor_label(n.outputs[0], kind in STATES) if n.outputs else ""
    if kind in STATES:
        lines.append(shape or n.type)
        if n in shown.shared:
            kind = "shared"
            lines.append(f"shared by {shown.shared[n]}")
    elif n.type.lower() != _plain(word):
        lines.append(n.type)
    lines += words.arguments(n, shown.folded)
    if n.device and options.color_by != "device":
        lines.append(n.device)
    lines += shown.remarks.get(n, ())
    at = f" · line {n.span.line}" if n.span else ""
    facts = "".join(f"\n{line}" for line in words.arguments(n, shown.folded))
    outputs = "".join(f"\n→ {t.dtype.base_dtype.name} {show(t.static)}" for t in n.outputs[:6])
    paint = colours.of([n]) or kind
    return Box(identity, words.title(word), kind, paint, frame, tuple(words.note(line) for line in lines),
               words.tip(f"{n.name} · {n.type}{at}{facts}{outputs}"), n.name, n.type, shape,
               tuple(notes(options.run, [n.name])), 1, shown.status.get(n, ""))


def _plain(word: str) -> str:
    """A name without its number: ``relu_1`` says no more than ``Relu`` does."""
    head, _, tail = word.rpartition("_")
    return (head if head and tail.isdigit() else word).lower()


def _closed_box(unit: Unit, nodes: list[Node], identity: str, frame: int | None, path: str, shown: Subject,
                options: Options, colours: Paints) -> Box:
    variables = sum(n.type in VARIABLES for n in nodes)
    ops = len(nodes) - variables
    counts = [words.plural(ops, "op")] if ops or not variables else []
    if variables:
        counts.append(words.plural(variables, "variable"))
    whole = f"{path}/{unit.word}" if path else unit.word
    lines: list[str] = []
    if unit.kind == "series":
        amount = len(unit.nodes) + len(unit.scopes)
        if unit.alike and unit.scopes:
            lines.append(f"{amount} alike, {words.plural(max(len(nodes) // amount, 1), 'op')} each")
        elif unit.alike and unit.nodes:
            lines.append(f"{amount} × {unit.nodes[0].type}" if "×" not in unit.word else "")
        else:
            lines.append(", ".join(counts))
    else:
        lines.append(", ".join(counts))
    types = Counter(n.type for n in nodes if n.type not in VARIABLES)
    listed = ", ".join(f"{c} {t}" if c > 1 else t for t, c in types.most_common(12))
    shared = sum(n in shown.shared for n in nodes)
    if shared:
        lines.append(f"{shared} shared")
    if shown.status:
        changes = Counter(shown.status[n] for n in nodes if n in shown.status)
        lines += [f"{c} {s}" for s, c in sorted(changes.items())]
    statuses = {shown.status.get(n, "") for n in nodes}
    status = statuses.pop() if len(statuses) == 1 else "changed" if statuses else ""
    title = words.title(unit.word) + ("/" if unit.kind == "scope" else "")
    return Box(identity, title, unit.kind, colours.of(nodes) or unit.kind, frame,
               tuple(words.note(line) for line in lines if line),
               words.tip(f"{whole}: {', '.join(counts)}\n{listed}"), whole, "", "",
               tuple(notes(options.run, [n.name for n in nodes])), len(nodes), status)


def _arrows(shown: Subject, places: dict[Node, str], boxes: list[Box], options: Options) -> list[Arrow]:
    data: dict[tuple[str, str], list[Tensor]] = {}
    after: dict[tuple[str, str], None] = {}
    back: set[tuple[str, str]] = set()
    owner, run = shown.owner, options.run
    loops = {box.id for box in boxes if box.kind == "series"}
    for n in shown.nodes:
        target = places[n]
        for tensor in n.inputs:
            origin = owner.get(tensor.op)
            if origin is None or origin not in places:
                continue
            key = places[origin], target
            if key[0] == target and (target not in loops or origin is n):
                continue
            data.setdefault(key, []).append(tensor)
            if tensor.op.type in ("NextIteration", "RefNextIteration"):
                back.add(key)
        for other in n.control_inputs:
            origin = owner.get(other)
            if origin is not None and origin in places and places[origin] != target:
                after.setdefault((places[origin], target))
    known = {box.id: box for box in boxes}
    fans = Counter(source for source, _ in data)
    out = []
    for (a, b), tensors in data.items():
        tensors = list(dict.fromkeys(tensors))
        values = [v for t in tensors if (v := value_of(run, t.op.name, t.value_index)
                                         or value_of(run, owner[t.op].name, 0)) is not None]
        size = sum(words.elements(t) for t in tensors)
        label = words.arrow_label(tensors)
        if run is not None and len(values) == len(tensors) <= 2:
            label = "\n".join(dict.fromkeys(shape_text(v) for v in values))
        if fans[a] > 3 and known[a].kind in STATES:
            label = ""  # its box says it, and many arrows with the same words hide the picture
        if a == b:
            label = "each feeds the next"
        out.append(Arrow(a, b, label, False, round(words.width(size), 2), words.arrow_tip(tensors),
                         _arrow_status(known[a], known[b], shown, (a, b)), (a, b) in back))
    for a, b in after:
        if (a, b) not in data:
            out.append(Arrow(a, b, "", True, 1.0, words.tip(f"{known[b].name} runs after {known[a].name}"),
                             _arrow_status(known[a], known[b], shown, (a, b))))
    return out


def _arrow_status(a: Box, b: Box, shown: Subject, key: tuple[str, str]) -> str:
    for status in ("removed", "added"):
        if status in (a.status, b.status):
            return status
    return ""


def _status_paints(shown: Subject, members: list[list[Node]]) -> Paints:
    def of(nodes: Sequence[Node]) -> str:
        found = {shown.status.get(n, "same") for n in nodes}
        return found.pop() if len(found) == 1 else "changed"

    used = {of(nodes) for nodes in members}
    return Paints(of, "colour: what changed", [Swatch(s, s) for s in ("added", "removed", "changed", "same") if s in used])


def _legend(out: Picture, colours: Paints) -> Legend:
    present = {box.kind for box in out.boxes}
    legend = Legend([k for k in KINDS if k in present], colours.swatches, colours.title)
    if any(a.control for a in out.arrows):
        legend.remarks.append("dashed: runs after")
    if len({a.width for a in out.arrows if not a.control}) > 1:
        legend.remarks.append("thicker: larger tensor")
    return legend
