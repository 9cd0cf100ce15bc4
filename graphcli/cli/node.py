"""``node``: one node, with all that is known of it."""
from __future__ import annotations

from typing import Any

import click

from . import complete
from .choice import Choice
from .options import format_option, resolve, spec_options, verb


@verb("node", "node specs/line.yaml out")
@spec_options
@click.argument("name", shell_complete=complete.handles)
@format_option
def command(choice: Choice, name: str, form: str) -> int:
    """Show node NAME (or the node of a handle): type, attrs, inputs, consumers, shapes, device, place."""
    from ..errors import UsageError
    from . import render
    from .nodes import _nodes, as_json

    built = choice.built()
    found = _nodes(resolve(built, name, "NAME"), name, "NAME")
    if not found:
        raise UsageError(f"{name} holds no node")
    facts = [more(built, n, as_json(n)) for n in dict.fromkeys(found)]
    for fact, placed in zip(facts, places(built, list(dict.fromkeys(found)))):
        fact["assigned"], fact["reason"] = placed.assigned, placed.reason
    if form == "json":
        render.json(facts[0] if len(facts) == 1 else facts)
        return 0
    for i, (node, fact) in enumerate(zip(dict.fromkeys(found), facts)):
        if i:
            render.show([""])
        render.show(lines(node, fact))
    return 0


def more(built: Any, node: Any, fact: dict[str, Any]) -> dict[str, Any]:
    """The stable keys, and who uses the node and where it stands."""
    graph = built.graph
    fact["consumers"] = [[u.name for u in t.consumers()] for t in node.outputs]
    fact["control_consumers"] = [n.name for n in node.control_uses]
    fact["collections"] = [k for k in graph.get_all_collection_keys()
                           if any(getattr(m, "op", m) is node for m in graph.get_collection(k))]
    fact["handles"] = [k for k, v in built.flat_handles().items() if getattr(v, "op", v) is node]
    fact["origin"] = node.origin
    return fact


def places(built: Any, nodes: list[Any]) -> list[Any]:
    """Where a run would place each of these nodes."""
    from ..engine import Session

    with Session(built) as session:
        placed = session.placement().placed
    return [placed[node] for node in nodes]


def lines(node: Any, fact: dict[str, Any]) -> list[Any]:
    from ..errors import note_lines
    from . import render

    rows: list[Any] = [["type", node.type + (f" (made by {node.origin})" if node.origin else "")]]
    for i, t in enumerate(node.inputs):
        rows.append(["input" if i == 0 else "", [(t.input_name, render.NAME),
                                                 (f"  {render.dtype_shape(t.dtype, t.static)}", render.KIND)]])
    for i, n in enumerate(node.control_inputs):
        rows.append(["after" if i == 0 else "", [("^" + n.name, render.NAME)]])
    for i, t in enumerate(node.outputs):
        users = [u.name for u in t.consumers()]
        rows.append(["output" if i == 0 else "",
                     [(t.name, render.NAME), (f"  {render.dtype_shape(t.dtype, t.static)}", render.KIND),
                      (f"  read by {render.listed(users, 6)}" if users else "  read by nothing", render.DIM)]])
    if node.control_uses:
        rows.append(["before", render.listed([n.name for n in node.control_uses], 6)])
    for i, (key, value) in enumerate(fact["attrs"].items()):
        text = str(value) if value != "" else "''"
        rows.append(["attrs" if i == 0 else "", f"{key} = {text if len(text) <= 120 else text[:117] + '...'}"])
    rows.append(["device", node.device or "(none asked for)"])
    rows.append(["runs on", f"{fact['assigned'] or 'nothing'}: {fact['reason']}"])
    if fact["collections"]:
        rows.append(["collections", ", ".join(fact["collections"])])
    if fact["handles"]:
        rows.append(["handles", ", ".join(fact["handles"])])
    out: list[Any] = [(node.name, render.HEAD)]
    side = max(len(label) for label, _ in rows) + 4
    for label, cell in rows:
        # what goes on below is no item of its own
        out += render.hang([(f"  {label}".ljust(side), "")], render.line(cell), render.width() - 2,
                           [(" " * (side + 2), "")])
    if node.span is not None:
        out += [f"  {node.span}", *node.span.excerpt(), *note_lines(node.span.around)]
    return out
