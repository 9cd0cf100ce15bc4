"""Long lists of scopes and ops in the order in which data meets them, and where to cut them.

A frozen graph lists what it computes by the constants that it reads, and these come first, sorted by name: the order of
its nodes says little. What depends on nothing that is fed says nothing here.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..graph.graph import Node
from .feeds import PLACEHOLDERS

SLACK = 3
"""The part of a piece by which its end may be moved to where names change: a third."""


def flow_places(nodes: Iterable[Node]) -> dict[Node, int]:
    """For nodes that depend on what is fed, or on what is not among them, their place in the order of the graph."""
    given: set[Node] = set()
    out: dict[Node, int] = {}
    for i, node in enumerate(nodes):
        if node.type not in PLACEHOLDERS and all(t.op in given for t in node.inputs):
            given.add(node)
        else:
            out[node] = i
    return out


def cuts(words: Sequence[str], pieces: int) -> list[int]:
    """Where a list of names is cut into so many pieces, its ends included: about evenly, and where names have the least
    in common with the next."""
    size = len(words) / pieces
    reach = int(size / SLACK)
    out = [0]
    for i in range(1, pieces):
        even = round(size * i)
        near = range(max(out[-1] + 1, even - reach), min(len(words) - 1, even + reach) + 1)
        out.append(min(near, key=lambda at: (_shared(words[at - 1], words[at]), abs(at - even))))
    return [*out, len(words)]


def from_to(first: str, last: str) -> str:
    """``conv2_block1_1_conv … out`` for what ends in conv2_block1_out."""
    return f"{first} … {'_'.join(last.split('_')[_shared(first, last):]) or last}"


def _shared(a: str, b: str) -> int:
    """How many words two names begin with alike: conv2_block1_1_conv and conv2_block1_out two."""
    first, second = a.split("_"), b.split("_")
    return next((i for i, (p, q) in enumerate(zip(first, second)) if p != q), min(len(first), len(second)))
