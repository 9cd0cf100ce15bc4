"""Which nodes of a graph a drawing shows, and what it says of them.

A variable stands for its read and first assignment; a small constant stands inside the op that
reads it; gradients, initializers and what only they need are left out unless all is asked for.
"""
from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from typing import Any

from ..graph.flow import FLOW, SWITCH
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static, show
from ..graph.types import DType
from .auxiliary import auxiliary, is_read
from .counts import VARIABLES
from .feeds import PLACEHOLDERS

SMALL = 8
"""Elements up to which a constant stands inside its reader."""

FAMILIES = {"math": "math", "reduction": "math", "comparison": "math", "linalg": "math", "matmul": "nn",
            "segment": "math", "counting": "math", "set_": "math", "nn": "nn", "array": "array", "sorting": "array",
            "sparse": "array", "tensor_array": "array", "state": "state", "training": "state", "random": "random",
            "control": "control", "summary": "summary"}
CONTROL = FLOW | {"NoOp", "ControlTrigger", "Assert", "Abort", "If", "While", "StatelessIf", "StatelessWhile", "Case",
                  "PartitionedCall", "StatefulPartitionedCall"}
CHANGES = ("Assign", "Scatter", "Apply", "SparseApply", "Resource", "CountUpTo")


def fold(graph: Iterable[Node], everything: bool, keep: Container[Node] = (),
         aside: Mapping[Node, str] | None = None) -> tuple[dict[Node, Node], set[Node]]:
    """(node -> the node whose box it stands in, absent where hidden; constants inside their readers).

    keep: nodes that are shown even if they are gradients or training. aside: what ``auxiliary`` says, if known.
    """
    nodes = list(graph)
    if everything:
        return {n: n for n in nodes}, set()
    found = auxiliary(nodes) if aside is None else aside
    hidden = {n for n in found if n not in keep}
    owner: dict[Node, Node] = {}
    for n in nodes:
        if n not in hidden:
            owner[n] = owner.get(n.inputs[0].op, n) if is_read(n) else n
    folded: set[Node] = set()
    for n in nodes:
        if n.type == "Const" and n in owner and hasattr(n.attrs.get("value"), "size"):
            users = [u for t in n.outputs for u in t.uses if u in owner]
            small = n.attrs["value"].size <= SMALL or all(u.type == "PlaceholderWithDefault" for u in users)
            frozen = any(map(is_read, users))
            if small and users and not frozen and not any(u in owner for u in n.control_uses):
                folded.add(n)
                del owner[n]
    _drop_pivots(nodes, owner, folded)
    return owner, folded


def _drop_pivots(nodes: list[Node], owner: dict[Node, Node], folded: set[Node]) -> None:
    """Leaves out the switch that only says which branch folded constants belong to (cond's switch_t, switch_f)."""
    for n in reversed(nodes):
        if n.flow is None and n.type not in SWITCH or n not in owner:
            continue
        if n.type not in ("Switch", "Identity"):
            continue
        users = [u for t in n.outputs for u in t.uses] + n.control_uses
        if users and all(u in folded or u not in owner for u in users):
            del owner[n]


def kind_of(n: Node) -> str:
    """What a node is drawn as: input, variable, constant, math, nn, array, random, state, control, summary, other."""
    if n.type in PLACEHOLDERS:
        return "input"
    if n.type in VARIABLES:
        return "variable"
    if n.type == "Const":
        return "constant"
    if n.type in CONTROL:
        return "control"
    if n.type.endswith(("Summary", "SummaryV2")):
        return "summary"
    if n.type.startswith(CHANGES) and n.type not in ("ScatterNd", "ScatterNdNonAliasingAdd", "ResourceGather"):
        return "state"
    if n.opdef is None:
        return "other"
    family = n.opdef.module.rpartition(".")[2]
    return next((kind for word, kind in FAMILIES.items() if family.startswith(word)), "other")


def tensor_label(tensor: Tensor, always: bool = False) -> str:
    """The shape on an arrow; the dtype where it is not float32."""
    return typed(tensor.dtype, tensor.static, always)


@lru_cache(maxsize=4096)
def typed(dtype: DType, static: Static, always: bool = True) -> str:
    """``float32 [?, 784]``; without ``always`` the dtype only where it is not float32."""
    shape = show(static) if static is not None else "[…]"
    name = dtype.base_dtype.name
    return f"{name} {shape}" if always or name != "float32" else shape


def argument_name(n: Node, index: int) -> str:
    """What the op calls its input ``index``; of a list, with the place in it."""
    if n.type == "PlaceholderWithDefault":
        return "default"
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
    """A Const's value in at most 30 characters; its dtype and shape where only files have the dtype."""
    value = n.attrs["value"]
    if not hasattr(value, "tolist"):
        return repr(value)
    many = value.size > 64
    plain = value.reshape(-1)[:64].tolist() if many else value.tolist()
    if isinstance(plain, bytes):
        plain = plain.decode("utf-8", "backslashreplace")
    if value.dtype.kind == "f":
        plain = _rounded(plain)
    text = str(plain)
    if many:
        text = "[" * max(value.ndim - 1, 0) + text
    return text if len(text) <= 30 else text[:29] + "…"


def _rounded(plain: Any) -> Any:
    return [_rounded(p) for p in plain] if isinstance(plain, list) else float(f"{plain:.6g}")
