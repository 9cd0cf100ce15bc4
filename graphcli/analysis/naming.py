"""How a node came by its name: what gave each part of it."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import NotFound
from ..graph.graph import Graph, Node
from ..record import Record
from ..source import Span
from .counts import VARIABLES
from .sharing import Built, Use, is_auto, near_part, node_of, variables


class Part(Record):
    """One part of a name, and what gave it."""

    text: str
    reason: str
    span: Span | None = None


def why(built: Built, name: str) -> list[Part]:
    """Which scope gave each part of a node's name. Raises NotFound with the nearest names."""
    graph: Graph = built.graph
    node = graph.nodes.get(name.partition(":")[0])
    if node is None:
        value = built.flat_handles().get(name)
        node = node_of(value) if value is not None else None
    if node is None:
        raise NotFound(f"there is no variable or node {name!r}",
                       hint=near_part(name, [*built.flat_handles(), *graph.nodes]))
    facts = next((v for v in variables(built) if v.node is node), None)
    use = facts.uses[0] if facts and facts.uses else None
    by_variable_scope = use is not None and use.statement == "get_variable"
    openings: Sequence[Any] = use.scopes if use else built.scopes
    words = node.name.split("/")
    parts: list[Part] = []
    for i in range(len(words) - 1):
        prefix = "/".join(words[:i + 1])
        parts.append(_scope_part(built, words[i], prefix, openings, by_variable_scope, node))
    parts.append(_last_part(graph, node, words[-1], use))
    return parts


def _scope_part(built: Built, word: str, prefix: str, openings: Sequence[Any], by_variable_scope: bool,
                node: Node) -> Part:
    for opened in openings:
        full = opened.variable_scope if by_variable_scope else opened.name_scope.rstrip("/")
        if full == prefix and (opened.kind != "name_scope" or not by_variable_scope):
            what = {"scope": "variable scope", "reopen": "variable scope reopened as",
                    "name_scope": "name scope"}[opened.kind]
            reason = f"{what} {opened.name!r}" if opened.name else what
            wanted = str(opened.name or "").rstrip("/").rpartition("/")[2]
            if wanted and wanted != word and opened.kind != "reopen":
                reason += f", made unique: {prefix.rpartition('/')[0] + '/' if '/' in prefix else ''}{wanted} was taken"
            if opened.reuse:
                reason += f", reuse: {'auto' if is_auto(opened.reuse) else 'true'}"
            return Part(word, reason, opened.span)
    owner = built.graph.nodes.get(prefix)
    if owner is not None:
        return Part(word, f"the {'variable' if owner.type in VARIABLES else owner.type + ' op'} {prefix!r}", owner.span)
    if node.span is not None:
        return Part(word, "a name scope that the call opened", node.span)
    base, _, number = prefix.rpartition("_")
    beside = base and number.isdigit() and any(n.startswith(f"{base}/") for n in built.graph.nodes)
    return Part(word, "a name scope" + f", perhaps made unique: {base} is there too" * bool(beside), None)


def _last_part(graph: Graph, node: Node, word: str, use: Use | None) -> Part:
    base, _, number = word.rpartition("_")
    full = node.name[:len(node.name) - len(word)] + base
    kind = use.statement if use else node.type
    if base and number.isdigit() and any(n.lower() == full.lower() for n in graph.nodes):
        taken = graph.nodes.get(full)
        at = f" at line {taken.span.line}" if taken is not None and taken.span else ""
        return Part(word, f"{kind} {base!r}, made unique: {full} was taken{at}", use.span if use else node.span)
    reason = f"{kind} {word!r}" if use else f"the op itself: {kind}"
    if use is not None and use.statement == "Variable" and any(s.reuse for s in use.scopes):
        reason += ", always a new one, whatever reuse says"
    return Part(word, reason, use.span if use else node.span)
