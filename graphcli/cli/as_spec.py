"""A graph as a spec, proved by building it: readable forms that do not hold are written op by op."""
from __future__ import annotations

from typing import Any

from ..errors import GraphError, NotSupported

ROUNDS = 6


def as_spec(built: Any) -> str:
    """The text of a spec that builds the same graph. Raises NotSupported, naming what differs, if there is none."""
    from ..formats.spec.write import to_spec

    plain: set[str] | None = set()
    shaped: set[str] = set()
    wanted = _lines(built.graph)
    for _ in range(ROUNDS):
        text = to_spec(built, plain, shaped)
        again = _built(text, plain is None)
        if again is not None:
            found = _lines(again)
            if found == wanted:
                return text
            wrong, opened = _differing(built.graph, again)
            if plain is None and not opened - shaped:
                raise _refused(wanted, found)
            shaped |= opened
            if plain is not None:
                plain = plain | wrong if wrong - plain else None if not opened else plain
        else:
            plain = None
    text = to_spec(built, None, shaped)
    again = _built(text, True)
    if again is None or _lines(again) != wanted:
        raise _refused(wanted, _lines(again) if again is not None else {})
    return text


def _built(text: str, last: bool) -> Any:
    """The graph of the text; None if it is refused and something else can be tried."""
    from ..source import Source
    from ..spec.spec import load_spec

    try:
        return load_spec(Source("exported.yaml", text)).default.graph
    except GraphError as error:
        if not last:
            return None
        first = error.errors()[0]
        place = f" ({first.span.source.line(first.span.line).strip()[:80]})" if first.span else ""
        raise NotSupported(f"a spec cannot say this graph: {first.message}{place}",
                           hint=".pb, .pbtxt and .meta keep it") from error


def _lines(graph: Any) -> dict[str, str]:
    """Each node and collection in one line, by name."""
    from ..graph.dump import lines

    out = {}
    for line in lines(graph):
        name = line.split(" = " if not line.startswith("collection ") else ":", 1)[0]
        if name not in ("collection cond_context", "collection while_context"):
            out[name] = line
    return out


def _differing(graph: Any, again: Any) -> tuple[set[str], set[str]]:
    """Names of nodes that are other, more or fewer; and of those whose static shapes alone differ."""
    from ..graph.dump import node_line

    wrong: set[str] = set()
    shapes: set[str] = set()
    for node in graph:
        other = again.nodes.get(node.name)
        if other is None:
            wrong.add(node.name)
        elif node_line(node) != node_line(other):
            same = node_line(node).partition(" -> ")[0] == node_line(other).partition(" -> ")[0]
            (shapes if same and [t.dtype for t in node.outputs] == [t.dtype for t in other.outputs] else wrong).add(
                node.name)
    for name in again.nodes:
        if name not in graph.nodes:
            # what a readable form made too many of stands below the name of its node
            wrong |= {name[:at] for at in range(len(name)) if name[at] == "/" and name[:at] in graph.nodes} or {name}
    if list(graph.nodes) != list(again.nodes) and not wrong:
        wrong = set(graph.nodes)
    return wrong, shapes


def _refused(wanted: dict[str, str], found: dict[str, str]) -> NotSupported:
    for name, line in wanted.items():
        if found.get(name) != line:
            other = found.get(name, "it is not there")
            return NotSupported(f"a spec cannot say this graph: {line[:200]}; built from a spec: {other[:200]}",
                                hint=".pb, .pbtxt and .meta keep it")
    more = next((n for n in found if n not in wanted), "the order of its nodes differs")
    return NotSupported(f"a spec cannot say this graph: {more}", hint=".pb, .pbtxt and .meta keep it")
