"""What the page knows of a graph: tables of numbers and texts, as JSON.

One list per fact with an entry per node, and each text once, so that ten thousand nodes are about a
megabyte and are read in a few milliseconds. Where a node stands for another one it is that one's number.
"""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from ...analysis import shown
from ...analysis.measured import Measured, Run
from ...analysis.sharing import variables
from ...analysis.tree import SERIES, Group, tree
from ...graph.graph import Graph, Node, Tensor
from ...graph.shapes import show
from ..picture import words
from ..picture.themes import KINDS, WORDS
from .union import Union, union

HIDDEN, FOLDED = -1, -2
"""In place of the node that another stands in: not drawn, or drawn as text in its readers."""
ELEMENTS, CHARACTERS = 64, 20000


class Table:
    """Values by number, each once."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._numbers: dict[str, int] = {}

    def number(self, value: Any) -> int:
        key = value if isinstance(value, str) else repr(value)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.rows)
            self.rows.append(value)
        return found


@dataclass(frozen=True)
class Look:
    """How the page is at first.

    everything: also gradients and their like; depth: scopes deeper than this are closed, else so many that
    there are no more than ``boxes`` boxes; color_by: kind, device, scope, dtype, op, time or memory; direction:
    up or right, empty for what is read better; theme: auto, light or dark.
    """

    everything: bool = False
    depth: int | None = None
    boxes: int = 60
    color_by: str = "kind"
    direction: str = ""
    theme: str = "auto"
    legend: bool = True


def page_data(built: Any, nodes: Collection[Node] | None = None, look: Look = Look(),
              command: tuple[str, str] = ("", ""), run: Run | None = None, series: int = SERIES,
              before: Any = None) -> dict[str, Any]:
    """The tables of a graph, or of some of its nodes.

    command: what stands before and after a node's name in the command that prints it; run: what one step has
    measured; series: how many alike are folded; before: an earlier graph, to tell what has changed since.
    """
    graph: Graph = built.graph
    both = Union() if before is None else union(before, built)
    drawn = [*graph, *both.gone] if nodes is None else [n for n in graph if n in nodes]
    number = {n: i for i, n in enumerate(drawn)}
    number.update({old: number[new] for old, new in both.twins.items() if new in number})
    owner, folded = shown.fold(graph, False)
    owner, folded = {**owner, **both.owner}, folded | both.folded
    ops, kinds, devices, origins, attrs, tensors, places, args = (Table() for _ in range(8))
    spans = {}

    def place(span: Any) -> int:
        if span is None:
            return -1
        key = (id(span.source), span.start)
        if key not in spans:
            spans[key] = places.number([str(span), span.source.line(span.line)[:CHARACTERS]])
        return spans[key]

    def stands_in(n: Node) -> int:
        if n in folded:
            return FOLDED
        return number.get(owner[n], HIDDEN) if n in owner else HIDDEN

    def source(t: Tensor) -> Any:
        at = number.get(t.op)
        if at is None:
            return t.input_name
        return at if t.value_index == 0 else [at, t.value_index]

    out: dict[str, Any] = {
        "name": [n.name for n in drawn],
        "op": [ops.number(n.type) for n in drawn],
        "kind": [kinds.number(shown.kind_of(n)) for n in drawn],
        "device": [devices.number(n.device or "") for n in drawn],
        "origin": [origins.number(n.origin or "") for n in drawn],
        "owner": [stands_in(n) for n in drawn],
        "place": [place(n.span) for n in drawn],
        "attrs": [attrs.number([[k, attr_text(v)] for k, v in n.attrs.items()]) for n in drawn],
        "args": [args.number([shown.argument_name(n, i) for i in range(len(n.inputs))]) for n in drawn],
        "in": [[source(t) for t in n.inputs] for n in drawn],
        "after": [[number.get(c, c.name) for c in n.control_inputs] for n in drawn],
        "out": [[tensors.number(_tensor(t)) for t in n.outputs] for n in drawn],
    }
    return {
        "graph": built.name,
        "look": asdict(look),
        "command": list(command),
        "ops": ops.rows, "kinds": kinds.rows, "devices": devices.rows, "origins": origins.rows,
        "attrs": attrs.rows, "tensors": tensors.rows, "args": args.rows,
        "groups": _groups(tree(drawn, series), number),
        "constants": {number[n]: shown.value_text(n) for n in drawn if n in folded},
        "inside": {number[n]: lines for n in drawn if (lines := words.arguments(n, folded))},
        "changes": None if before is None else [[both.status.get(n, "same"), both.remarks.get(n, [])] for n in drawn],
        "words": {kind: WORDS[kind] for kind in KINDS},
        "run": None if run is None else {number[n]: _measured(run[n.name]) for n in drawn if n.name in run},
        "variables": _variables(built, number, place),
        "handles": _handles(built, number),
        "collections": _collections(graph, number),
        "places": places.rows,
        "nodes": out,
    }


def _tensor(t: Tensor) -> list[Any]:
    """dtype, shape and bytes as far as they are known: an unknown size counts as 1."""
    size = t.dtype.size
    for axis in t.static or ():
        size *= 1 if axis is None else axis
    return [t.dtype.base_dtype.name, "[…]" if t.static is None else show(t.static), size]


def _measured(facts: Measured) -> list[Any]:
    """[seconds, bytes of each output, time and calls as text, each output's value as text]."""
    time = "" if facts.seconds is None else words.seconds(facts.seconds)
    calls = f" in {facts.calls} calls" if time and facts.calls > 1 else ""
    texts = []
    for value in facts.values:
        if value is None:
            texts.append("")
            continue
        text = f"{value.dtype} {show(value.shape)}, {words.size(value.bytes)}"
        if value.least is not None and value.mean is not None and value.most is not None:
            text += f", {words.number(value.least)} to {words.number(value.most)}, mean {words.number(value.mean)}"
        texts.append(text + (f", {value.odd} not finite" if value.odd else ""))
    return [facts.seconds or 0, [0 if v is None else v.bytes for v in facts.values], time + calls, texts]


def _groups(root: Group, number: dict[Node, int]) -> list[list[Any]]:
    """[name, label, kind, members] per group, the root first; a member group is its number, negative."""
    order = [root]
    at = {id(root): 0}
    for group in order:
        for member in group.members:
            if isinstance(member, Group):
                at[id(member)] = len(order)
                order.append(member)
    return [[g.name, g.label, g.kind,
             [-at[id(m)] if isinstance(m, Group) else number[m] for m in g.members]] for g in order]


def _variables(built: Any, number: dict[Node, int], place: Any) -> dict[int, dict[str, Any]]:
    out = {}
    for facts in variables(built):
        if facts.node in number:
            out[number[facts.node]] = {
                "trainable": facts.trainable,
                "sharedBy": facts.shared_by if facts.shared else 0,
                "uses": [[u.handle or "", place(u.span), u.created, u.statement,
                          [[c.function, place(c.span)] for c in u.calls]] for u in facts.uses],
                "read": [number[n] for n in facts.read_by if n in number],
                "written": [number[n] for n in facts.written_by if n in number],
            }
    return out


def _handles(built: Any, number: dict[Node, int]) -> dict[int, list[str]]:
    out: dict[int, list[str]] = {}
    for name, value in built.flat_handles().items():
        node = getattr(value, "op", value)
        at = number.get(node) if isinstance(node, Node) else None
        if at is not None:
            out.setdefault(at, []).append(name)
    return out


def _collections(graph: Graph, number: dict[Node, int]) -> dict[str, list[int]]:
    out = {}
    for key in graph.get_all_collection_keys():
        members = []
        for member in graph.get_collection(key):
            node = getattr(member, "op", member)
            if isinstance(node, Node) and node in number:
                members.append(number[node])
        out[str(key)] = list(dict.fromkeys(members))
    return out


def attr_text(value: Any) -> str:
    """An attr as a person reads it; a long array by its first elements."""
    if hasattr(value, "base_dtype"):
        return str(value.name)
    if isinstance(value, bytes):
        return _cut(value.decode("utf-8", "backslashreplace"))
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        flat = value.reshape(-1)[:ELEMENTS].tolist() if value.size > ELEMENTS else value.tolist()
        text = _cut(str(_plain(flat)))
        dtype = "string" if value.dtype.kind in "SUO" else value.dtype.name
        return text if value.size <= ELEMENTS else f"{dtype} {show(value.shape)}: {text[:-1]}, …]"
    if isinstance(value, (list, tuple)):
        texts = [attr_text(v) for v in value[:ELEMENTS]]
        return _cut(f"[{', '.join(texts)}{', …' if len(value) > ELEMENTS else ''}]")
    return _cut(str(value))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def _cut(text: str) -> str:
    return text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}… ({len(text)} characters)"
