"""``nodes``: which ops are there."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError, did_you_mean
from . import complete
from .choice import Choice
from .collections import check_collection
from .options import format_option, resolve, spec_options, verb
from .patterns import is_pattern

if TYPE_CHECKING:
    from ..graph.graph import Node


@verb("nodes", "nodes specs/line.yaml --upstream-of out --op MatMul")
@spec_options
@click.argument("pattern", required=False, shell_complete=complete.handles)
@click.option("--op", "ops", multiple=True, metavar="TYPE", shell_complete=complete.types,
              help="Only nodes of this op type. May be repeated.")
@click.option("--scope", metavar="SCOPE", help="Only nodes under this name scope.")
@click.option("--device", metavar="DEVICE", help="Only nodes that ask for this device; '' for none.")
@click.option("--collection", metavar="NAME", shell_complete=complete.collections,
              help="Only nodes of this collection.")
@click.option("--upstream-of", metavar="NAME", shell_complete=complete.handles, help="Only what NAME depends on.")
@click.option("--downstream-of", metavar="NAME", shell_complete=complete.handles,
              help="Only what depends on NAME.")
@format_option
def command(choice: Choice, pattern: str | None, ops: tuple[str, ...], scope: str | None, device: str | None,
            collection: str | None, upstream_of: str | None, downstream_of: str | None, form: str) -> int:
    """List the nodes of GRAPH in graph order; PATTERN is a shell pattern on names (layer/*, *w*)."""
    from ..analysis import upstream
    from ..graph.opdef import find_op, op_types
    from . import render

    built = choice.built()
    graph = built.graph
    found = list(graph)
    if pattern is not None:
        chosen = matching(built, pattern)
        found = [n for n in found if n in chosen]
    if ops:
        known = {n.type for n in graph}
        for op in ops:
            if op not in known and find_op(op) is None:
                raise UsageError(f"--op {op}: there is no such op type, and no node has it",
                                 hint=did_you_mean(op, [*known, *op_types()]))
        found = [n for n in found if n.type in ops]
    if scope is not None:
        prefix = scope.rstrip("/") + "/"
        if not any(n.name.startswith(prefix) for n in graph):
            scopes = sorted({n.name[:i] for n in graph for i, c in enumerate(n.name) if c == "/"})
            raise UsageError(f"--scope {scope}: no node stands under this scope",
                             hint=did_you_mean(scope.rstrip("/"), scopes))
        found = [n for n in found if n.name.startswith(prefix)]
    if device is not None:
        wanted = _canonical(device)
        found = [n for n in found if n.device == wanted]
    if collection is not None:
        check_collection(graph, collection, "--collection")
        members = {getattr(m, "op", m) for m in graph.get_collection(collection)}
        found = [n for n in found if n in members]
    for name, walk, flag in ((upstream_of, upstream.upstream, "--upstream-of"),
                             (downstream_of, upstream.downstream, "--downstream-of")):
        if name is not None:
            reached = walk(_nodes(resolve(built, name, flag), name, flag))
            found = [n for n in found if n in reached]
    if not found:
        render.note(f"none of the {render.plural(len(graph), 'node')} of {built.name} fits")
    if form == "json":
        render.json([as_json(n) for n in found])
        return 0
    rows = [[(n.name, render.NAME), n.type, (_outputs(n), render.KIND), (n.device, render.DIM),
             (f":{n.span.line}" if n.span else "", render.DIM)] for n in found]
    if not any(n.device for n in found):
        rows = [[*r[:3], r[4]] for r in rows]
    render.show(render.table(rows))
    return 0


def matching(built: Any, pattern: str) -> set[Node]:
    """The nodes of a shell pattern, or else of a name or a handle. Raises UsageError for a name that is not there."""
    import fnmatch

    found = {n for n in built.graph if fnmatch.fnmatchcase(n.name, pattern) or n.name == pattern}
    if found or is_pattern(pattern):
        return found
    if any(n.name.startswith(f"{pattern}/") for n in built.graph):
        raise UsageError(f"PATTERN {pattern}: this is a scope, not a node", hint=f"'{pattern}/*' fits what is under it")
    return set(_nodes(resolve(built, pattern, "PATTERN"), pattern, "PATTERN"))


def _nodes(value: Any, name: str, flag: str) -> list[Node]:
    from ..analysis.elements import nodes_in

    nodes = nodes_in(value)
    if nodes is None:
        raise UsageError(f"{flag} {name}: {name} is a Python value, not a tensor, variable or op")
    return nodes


def _canonical(device: str) -> str:
    from ..errors import GraphError
    from ..graph.devices import canonical

    try:
        return canonical(device)
    except GraphError as error:
        raise UsageError(f"--device: {error.message}", hint=error.hint) from None


def _outputs(node: Node) -> str:
    from . import render

    return ", ".join(render.dtype_shape(t.dtype, t.static) for t in node.outputs[:2]) + (
        f" and {len(node.outputs) - 2} more" if len(node.outputs) > 2 else "")


def as_json(node: Node) -> dict[str, Any]:
    """The stable keys of a node."""
    return {
        "name": node.name,
        "op": node.type,
        "inputs": node.input_names(),
        "device": node.device,
        "attrs": {k: attr_json(v) for k, v in node.attrs.items()},
        "outputs": [{"dtype": t.dtype.base_dtype.name, "shape": None if t.static is None else list(t.static)}
                    for t in node.outputs],
        "line": node.span.line if node.span else None,
    }


MOST = 1000


def attr_json(value: Any) -> Any:
    """An attr for JSON: dtypes by name, large constants by dtype and shape."""
    if hasattr(value, "base_dtype"):
        return value.name
    if isinstance(value, (list, tuple)):
        return [attr_json(v) for v in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        from .json_values import to_json

        if value.size <= MOST:
            return to_json(value)
        return {"dtype": "string" if value.dtype.kind in "SUO" else value.dtype.name, "shape": list(value.shape)}
    if isinstance(value, float):
        from .json_values import to_json

        return to_json(value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)
