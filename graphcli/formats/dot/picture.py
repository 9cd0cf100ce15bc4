"""Which boxes and arrows a graph is drawn with: a value, so that it can be tested without drawing.

A variable is one box with its read and first assignment in it; a small constant stands inside the
op that reads it; gradients and initializers are left out unless all is asked for; and where there
would be too many boxes, scopes are closed from the inside out.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ...analysis.counts import VARIABLES
from ...analysis.feeds import PLACEHOLDERS
from ...analysis.sharing import Built, node_of
from ...graph.graph import Graph, Node, Tensor
from ...graph.types import show

LIMIT = 60
"""Boxes beyond which scopes are closed."""
SMALL = 8
"""Elements up to which a constant stands inside its reader."""

FAMILIES = {"math": "math", "reduction": "math", "comparison": "math", "linalg": "math", "matmul": "math",
            "segment": "math", "bitwise": "math", "logic": "math", "nn": "nn", "conv": "nn", "pool": "nn", "loss": "nn",
            "activation": "nn", "softmax": "nn", "embedding": "nn", "array": "array", "shape": "array",
            "gather": "array", "slice": "array", "sort": "array", "state": "state", "training": "state",
            "random": "random", "sampler": "random", "control": "control", "flow": "control"}


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
    owner, folded = _fold(graph, everything)
    uses = _uses(built)
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


def _fold(graph: Graph, everything: bool) -> tuple[dict[Node, Node], set[Node]]:
    """(node -> the node whose box it stands in, absent where hidden; constants inside their readers)."""
    owner: dict[Node, Node] = {}
    hidden: set[Node] = set()
    for n in graph:
        if not everything and n.origin is not None:
            hidden.add(n)
            continue
        source = n.inputs[0].op if n.inputs else None
        if source is not None and source.type in VARIABLES and not everything:
            if n.name == f"{source.name}/read":
                owner[n] = owner.get(source, source)
                continue
            if n.name == f"{source.name}/Assign":
                hidden.add(n)
                continue
        owner[n] = n
    folded: set[Node] = set()
    if everything:
        return owner, folded
    for n in reversed(list(graph)):
        users = [u for t in n.outputs for u in t.uses] + n.control_uses
        if users and n.type not in VARIABLES and n.type not in PLACEHOLDERS and all(u in hidden for u in users):
            hidden.add(n)
    for n in hidden:
        owner.pop(n, None)
    for n in graph:
        if n.type == "Const" and n in owner and getattr(n.attrs.get("value"), "size", SMALL + 1) <= SMALL:
            users = [u for t in n.outputs for u in t.uses if u in owner]
            if users and not n.control_uses:
                folded.add(n)
                del owner[n]
    return owner, folded


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


def _uses(built: Any) -> dict[Node, int]:
    out: dict[Node, int] = {}
    for d in getattr(built, "declarations", ()):
        node = node_of(d.variable)
        if node is not None:
            out[node] = out.get(node, 0) + 1
    return out


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
            note.append(f"{_argument(n, i)} = {_value(tensor.op)}")
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


def kind_of(n: Node) -> str:
    if n.type in PLACEHOLDERS:
        return "input"
    if n.type in VARIABLES:
        return "variable"
    if n.type == "Const":
        return "constant"
    if n.opdef is None:
        return "other"
    family = n.opdef.module.rpartition(".")[2]
    return next((kind for word, kind in FAMILIES.items() if family.startswith(word)), "other")


def tensor_label(tensor: Tensor, always: bool = False) -> str:
    """The shape on an arrow; the dtype where it is not float32."""
    dtype = tensor.dtype.base_dtype.name
    shape = show(tensor.static) if tensor.static is not None else "[…]"
    return f"{dtype} {shape}" if always or dtype != "float32" else shape


def _argument(n: Node, index: int) -> str:
    at = 0
    for arg in n.opdef.inputs if n.opdef is not None else ():
        size = 1
        if arg.is_list:
            size = n.attrs[arg.number_attr] if arg.number_attr else len(n.attrs[arg.type_list_attr])
        if index < at + size:
            return f"{arg.name}[{index - at}]" if arg.is_list else arg.name
        at += size
    return f"input {index}"


def _value(n: Node) -> str:
    value = n.attrs["value"]
    plain = value.tolist()
    if isinstance(plain, bytes):
        plain = plain.decode("utf-8", "backslashreplace")
    if value.dtype.kind == "f":
        plain = _rounded(plain)
    text = str(plain)
    return text if len(text) <= 30 else text[:29] + "…"


def _rounded(plain: Any) -> Any:
    return [_rounded(p) for p in plain] if isinstance(plain, list) else float(f"{plain:.6g}")


__all__ = ["Arrow", "Box", "Picture", "picture", "replace"]
