"""Which nodes of a graph a drawing shows, and what it says of them.

A variable stands for its read and first assignment; a small constant stands inside the op that
reads it; gradients, initializers and what only they need are left out unless all is asked for.
"""
from __future__ import annotations

from typing import Any

from ..graph.graph import Graph, Node, Tensor
from ..graph.types import show
from .counts import VARIABLES
from .feeds import PLACEHOLDERS
from .sharing import node_of

SMALL = 8
"""Elements up to which a constant stands inside its reader."""

FAMILIES = {"math": "math", "reduction": "math", "comparison": "math", "linalg": "math", "matmul": "math",
            "segment": "math", "bitwise": "math", "logic": "math", "nn": "nn", "conv": "nn", "pool": "nn", "loss": "nn",
            "activation": "nn", "softmax": "nn", "embedding": "nn", "array": "array", "shape": "array",
            "gather": "array", "slice": "array", "sort": "array", "state": "state", "training": "state",
            "random": "random", "sampler": "random", "control": "control", "flow": "control"}


def fold(graph: Graph, everything: bool) -> tuple[dict[Node, Node], set[Node]]:
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


def uses_of_variables(built: Any) -> dict[Node, int]:
    """How many statements of the spec yield each variable; more than one means that it is shared."""
    out: dict[Node, int] = {}
    for d in getattr(built, "declarations", ()):
        node = node_of(d.variable)
        if node is not None:
            out[node] = out.get(node, 0) + 1
    return out


def kind_of(n: Node) -> str:
    """The family a node is drawn as: input, variable, constant, math, nn, array, state, random, control, other."""
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


def argument_name(n: Node, index: int) -> str:
    """What the op calls its input ``index``; of a list, with the place in it."""
    at = 0
    for arg in n.opdef.inputs if n.opdef is not None else ():
        size = 1
        if arg.is_list:
            size = n.attrs[arg.number_attr] if arg.number_attr else len(n.attrs[arg.type_list_attr])
        if index < at + size:
            return f"{arg.name}[{index - at}]" if arg.is_list else arg.name
        at += size
    return f"input {index}"


def value_text(n: Node) -> str:
    """A Const's value in at most 30 characters."""
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
