"""Merge: nodes of one op with equal attrs and inputs run once (same bits).

Stateful ops stay apart, and so does what reads a variable that the run writes: two reads may see two values.
"""
from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from ..graph.graph import Node
from .effects import ALIASES
from .facts import silent
from .rewrite import Rewrite

LARGEST = 65536
"""Bytes of a constant beyond which it is not compared."""


def merge(run: Rewrite, device: Callable[[Node], str]) -> None:
    """Makes the first of equal nodes stand for the others. device: where a node runs."""
    first: dict[Hashable, Node] = {}
    waiting = any(map(run.known_late, run.nodes))
    for node in list(run.free()):
        opdef = node.opdef
        if opdef is None or not silent(node) or node.type in ALIASES:
            continue
        if not node.outputs or any(t in run.live for t in node.outputs):
            continue
        values = [run.values.get(t) for t in node.outputs]
        if node.type == "Const" or values[0] is not None:
            continue
        inputs = []
        for tensor in node.inputs:
            at = run.of(tensor)
            known = run.value(at) if at in run.values or at.op.type == "Const" else None
            same = None if known is None else frozen(known)
            inputs.append((at.op.number, at.value_index) if same is None else same)
        attrs = tuple((k, frozen(v)) for k, v in node.attrs.items() if k[:1] != "_")
        if any(v is None for _, v in attrs):
            continue
        controls = {*node.control_inputs, *(_of_constants(run, node) if waiting else ())}
        waits = tuple(sorted({n.number for n in map(run.runs, controls) if n is not None}))
        key = (node.type, tuple(inputs), attrs, waits, device(node))
        other = first.setdefault(key, node)
        if other is not node:
            run.replace("merge", node, other.outputs)


def _of_constants(run: Rewrite, node: Node) -> set[Node]:
    """What a node waits for because the constants do that it takes, or that were in what it takes now."""
    out: set[Node] = set()
    met: set[Node] = set()
    above = [t.op for t in node.inputs if t not in run.fed]
    while above:
        at = above.pop()
        if run.known_late(at):
            out.update(at.control_inputs)
        if at in run.instead and at not in met:
            met.add(at)
            above += [t.op for t in at.inputs if t not in run.fed]
    return out


def frozen(value: Any) -> Hashable:
    """An attr as a key: equal for equal attrs. None where it is too large to compare."""
    if isinstance(value, np.ndarray):
        if value.nbytes > LARGEST or value.dtype == object:
            return None
        return "array", value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, float):
        # 0.0 and -0.0 are equal, and are not the same attr
        return "float", value.hex()
    if isinstance(value, (list, tuple)):
        return "list", tuple(frozen(v) for v in value)
    if isinstance(value, dict):
        return "dict", tuple((k, frozen(v)) for k, v in value.items())
    return type(value).__name__, value if isinstance(value, Hashable) else repr(value)
