"""Which nodes are there for another's sake: gradients, training, initializers, savers.

A graph made here says so itself (``Node.origin``); of one that was read from a file the names that
TensorFlow gives tell it.
"""
from __future__ import annotations

import re
from collections.abc import Iterable

from ..graph.graph import Node
from .counts import VARIABLES

ALL = GRADIENTS, TRAINING, INITIALIZER, SAVER = "gradients", "training", "initializers", "savers"
_TOP = re.compile(r"(?:^|/)(gradients|save)(?:_\d+)?/")
_ASKED = re.compile(r"(?:^|/)report_uninitialized_variables(?:_\d+)?/")
_ASKS = ("IsVariableInitialized", "VarIsInitializedOp")
_APPLY = ("Apply", "SparseApply", "ResourceApply", "ResourceSparseApply")


def auxiliary(nodes: Iterable[Node]) -> dict[Node, str]:
    """Node -> what it is for, of those that are not the user's own."""
    nodes = list(nodes)
    found: dict[Node, str] = {}
    foreign = not any(n.origin is not None or n.span is not None for n in nodes)
    optimizers = _optimizers(nodes) if foreign else ()
    savers = {n.name.rpartition("/")[0] for n in nodes if n.type in ("SaveV2", "Save", "SaveSlices")}
    for n in nodes:
        if n.origin is not None:
            found[n] = GRADIENTS if n.origin == "gradients" or _TOP.search(n.name) else TRAINING
        elif is_first_assignment(n) or _comes_with_it(n) or _ASKED.search(n.name):
            found[n] = INITIALIZER
        elif savers and n.name.split("/", 1)[0] in savers or n.type == "MergeV2Checkpoints":
            found[n] = SAVER
        elif foreign:
            if n.type.startswith(_APPLY) or optimizers and n.name.startswith(optimizers):
                found[n] = TRAINING
            else:
                top = _TOP.search(n.name)
                if top and top[1] == "gradients":
                    found[n] = GRADIENTS
        if n.type == "NoOp" and n not in found and n.control_inputs and all(c in found for c in n.control_inputs):
            reasons = [found[c] for c in n.control_inputs]
            found[n] = TRAINING if TRAINING in reasons else reasons[0]
    for n in reversed(nodes) if found else ():
        if n in found:
            continue
        users = _users(n)
        whose = ALL if "/Initializer/" in n.name else (INITIALIZER, SAVER)
        if users and n.type not in VARIABLES and all(found.get(u) in whose for u in users):
            found[n] = INITIALIZER
        elif foreign and users and n.type in VARIABLES and _only_trains(n, found):
            found[n] = TRAINING
            found.update(dict.fromkeys((u for u in users if is_read(u)), TRAINING))
    found.update(dict.fromkeys(_between(nodes, found), TRAINING))
    return found


def _between(nodes: list[Node], found: dict[Node, str]) -> list[Node]:
    """What stands between gradients and updates, averages and clipping, with the constants for it."""
    after: set[Node] = set()
    fixed: set[Node] = set()
    for n in nodes if GRADIENTS in found.values() else ():
        sources = [t.op for t in n.inputs if t.op not in fixed]
        if n in found or n.type in VARIABLES:
            continue
        if n.type == "Const" or n.inputs and not sources:
            fixed.add(n)
        elif sources and all(s in after or found.get(s) == GRADIENTS for s in sources):
            after.add(n)
    kept: set[Node] = set()
    for n in reversed(nodes) if after else ():
        users = _users(n)
        if (n in after or n in fixed) and users and all(
                u in kept or n in after and found.get(u) == TRAINING for u in users):
            kept.add(n)
    return [n for n in nodes if n in kept]


def _optimizers(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The scopes in which an optimizer made its updates: ``train/`` of ``train/update_w/ApplyAdam``."""
    heads = (n.name.partition("update_")[0] for n in nodes if n.type.startswith(_APPLY) and "update_" in n.name)
    return tuple(dict.fromkeys(h for h in heads if h.endswith("/")))


def _only_trains(variable: Node, found: dict[Node, str]) -> bool:
    """Whether a variable is an optimizer's own: besides its initializer only updates touch it."""
    users = _users(variable)
    real = [u for u in users if u.name != f"{variable.name}/read" and u.type not in _ASKS
            and found.get(u) != INITIALIZER]
    reads = [r for u in users if u.name == f"{variable.name}/read" for r in _users(u)]
    return bool(real or reads) and all(found.get(u) in (TRAINING, SAVER) for u in (*real, *reads)) and any(
        found.get(u) == TRAINING for u in (*real, *reads)) and all(
        u.inputs and u.inputs[0].op is not variable for u in real if u.type.startswith(_APPLY))


def is_read(node: Node) -> bool:
    """Whether a node is the read that a variable comes with, also of one that was frozen to a constant."""
    source = node.inputs[0].op if node.inputs else None
    return (source is not None and node.type == "Identity" and source.type in (*VARIABLES, "Const")
            and node.name == f"{source.name}/read")


def is_first_assignment(node: Node) -> bool:
    """Whether a node gives a variable its initial value."""
    source = node.inputs[0].op if node.inputs else None
    return source is not None and source.type in VARIABLES and node.name == f"{source.name}/Assign"


def _comes_with_it(node: Node) -> bool:
    """Whether a node is what a resource variable is made with, and nothing has used since."""
    source = node.inputs[0].op if node.inputs else None
    return (source is not None and source.type in VARIABLES and not _users(node)
            and node.name in (f"{source.name}/IsInitialized/VarIsInitializedOp", f"{source.name}/Read/ReadVariableOp"))


def _users(node: Node) -> list[Node]:
    return [u for t in node.outputs for u in t.uses] + node.control_uses
