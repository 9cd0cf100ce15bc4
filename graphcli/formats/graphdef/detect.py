"""Which message a file holds, by its content: the ending of its name says nothing for sure."""
from __future__ import annotations

import re

from .scan import BYTES, VARINT, Field, fields
from .text import GRAPH, META, SAVED

_OP = re.compile(rb"[A-Za-z_][A-Za-z0-9_.>]*\Z")
ENOUGH = 20
"""Fields of a kind that are looked at."""


def binary_kind(data: bytes) -> str | None:
    """The kind of a binary file, None if it is none of them; the beginning of one is enough.

    Fields that follow a fault are not looked at.
    """
    seen: dict[int, list[Field]] = {}
    for item in fields(data):
        if not isinstance(item, Field):
            if item.cut is not None:
                seen.setdefault(item.cut.number, []).append(item.cut)
            break
        seen.setdefault(item.number, []).append(item)
        if len(seen) > 20 or len(seen[item.number]) > ENOUGH and item.number == 1:
            break
    if not seen:
        return None
    first = seen.get(1, [])
    if first and first[0].wire == VARINT:
        return SAVED if 2 in seen and _is_meta(data, seen[2][0]) else None
    if any(f.wire != BYTES for f in first) or any(n > 10 for n in seen):
        return None
    if first and all(_is_node(data, f) for f in first):
        return GRAPH
    graph = seen.get(2, [])
    if len(first) <= 1 and graph and any(_holds_nodes(data, f) for f in graph[:1]):
        return META
    if first or not set(seen) <= {2, 3, 4}:
        return None
    return GRAPH if 4 in seen and seen[4][0].wire == BYTES and _is_versions(data, seen[4][0]) else None


def _inner(data: bytes, outer: Field, most: int = ENOUGH) -> list[Field] | None:
    """The fields of a field, None if it is no message."""
    if outer.wire != BYTES:
        return None
    out = []
    for item in fields(data, outer.start, outer.end):
        if not isinstance(item, Field):
            if item.cut is None or outer.end < len(data):
                return None
            item = item.cut
        out.append(item)
        if len(out) >= most:
            break
    return out


def _is_meta(data: bytes, outer: Field) -> bool:
    """Whether a field is a MetaGraphDef; at this place an ONNX model has a name."""
    found = _inner(data, outer)
    return found is not None and all(f.wire == BYTES and f.number < 8 for f in found)


def _is_node(data: bytes, outer: Field) -> bool:
    """Whether a field is a NodeDef: a name, and an op type that is a word."""
    found = _inner(data, outer)
    if not found:
        return False
    if outer.end == len(data) and outer.at and all(f.number == 1 for f in found):
        # the last of several is cut off before its type
        return True
    op = [f for f in found if f.number == 2]
    return len(op) == 1 and op[0].wire == BYTES and bool(_OP.match(data[op[0].start:op[0].end]))


def _holds_nodes(data: bytes, outer: Field) -> bool:
    found = _inner(data, outer)
    if found is None:
        return False
    nodes = [f for f in found if f.number == 1]
    return all(_is_node(data, f) for f in nodes) if nodes else all(f.number in (2, 3, 4) for f in found)


def _is_versions(data: bytes, outer: Field) -> bool:
    found = _inner(data, outer)
    return found is not None and all(f.number in (1, 2, 3) for f in found)
