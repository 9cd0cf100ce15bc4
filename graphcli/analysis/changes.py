"""What a second graph adds to a first, removes from it, and changes, by the names of nodes."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..graph.graph import Graph, Node
from ..graph.types import show


@dataclass
class Changes:
    """Names of nodes; of a changed one, what differs in words."""

    added: dict[str, Node] = field(default_factory=dict)
    removed: dict[str, Node] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)


def changes(before: Graph, after: Graph) -> Changes:
    """The differences of two graphs."""
    out = Changes(added={n.name: n for n in after if n.name not in before.nodes},
                  removed={n.name: n for n in before if n.name not in after.nodes})
    for n in after:
        old = before.nodes.get(n.name)
        if old is not None:
            words = differences(old, n)
            if words:
                out.changed[n.name] = words
    return out


def differences(old: Node, new: Node) -> list[str]:
    """What differs between two nodes of one name."""
    out = []
    if old.type != new.type:
        out.append(f"was {old.type}")
    if old.input_names() != new.input_names():
        out.append("other inputs")
    shapes = [(a, b) for a, b in zip(old.outputs, new.outputs)
              if a.static != b.static or a.dtype.base_dtype is not b.dtype.base_dtype]
    if shapes:
        a, _ = shapes[0]
        out.append(f"was {a.dtype.base_dtype.name} {show(a.static)}")
    if old.device != new.device:
        out.append(f"device was {old.device or 'none'}")
    for key in sorted(old.attrs.keys() | new.attrs.keys()):
        if not shapes and not _same(old.attrs.get(key), new.attrs.get(key)):
            out.append(f"{key} differs")
    return out


def _same(a: Any, b: Any) -> bool:
    if hasattr(a, "tobytes") and hasattr(b, "tobytes"):
        if a.dtype.kind == "O" or b.dtype.kind == "O":
            return bool(a.shape == b.shape and a.tolist() == b.tolist())
        return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())
    return bool(a == b)
