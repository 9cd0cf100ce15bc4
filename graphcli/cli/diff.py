"""``diff``: what differs between two graphs."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from . import complete
from .choice import Choice
from .options import format_option, limit_options, seed_option, verb

if TYPE_CHECKING:
    from ..analysis.diff import Change, Difference, VariableChange
    from ..graph.graph import Node
    from .render import Line


@verb("diff", "diff specs/digits_mlp.yaml specs/digits_conv.yaml")
@click.argument("first", metavar="A", shell_complete=complete.files)
@click.argument("second", metavar="B", shell_complete=complete.files)
@click.option("--graph", "graph_a", metavar="NAME", help="Which graph of A, and of B unless --graph-b says.")
@click.option("--graph-b", metavar="NAME", help="Which graph of B.")
@click.option("--set", "sets", multiple=True, metavar="PARAM=VALUE", help="Set a param of A, and of B unless --set-b "
              "sets it; where only one has it, of that. May be repeated.")
@click.option("--set-b", "sets_b", multiple=True, metavar="PARAM=VALUE", help="Set a param of B. May be repeated.")
@seed_option
@click.option("--all", "everything", is_flag=True,
              help="List every node: of scopes that are only in one graph, and where just the shape follows.")
@limit_options
@format_option
def command(first: str, second: str, graph_a: str | None, graph_b: str | None, sets: tuple[str, ...],
            sets_b: tuple[str, ...], seed: int | None, everything: bool, max_nodes: int | None, max_bytes: int | None,
            form: str) -> int:
    """Show what differs between the graphs A and B, of any kind that graphcli reads.

    Nodes are matched by name, then by scopes that were renamed, then by what they do. Exit status 0 if the graphs
    are the same, 1 if they differ.
    """
    from ..analysis.diff import diff
    from . import render

    if first == second == "-":
        raise UsageError("standard input can be read only once")
    a = Choice(first, graph_a, sets, seed, max_nodes, max_bytes)
    b = Choice(second, graph_b or graph_a, sets, seed, max_nodes, max_bytes, sets_b)
    if sets:
        a.sets, b.sets = _meant(a, b, sets), _meant(b, a, sets)
    one, two = a.built(), b.built()
    found = diff(one, two)
    if form == "json":
        render.json(as_json(found))
    else:
        render.show(lines(found, first, second, one.graph, two.graph, everything))
    return 0 if found.same else 1


def _meant(of: Choice, other: Choice, sets: tuple[str, ...]) -> tuple[str, ...]:
    """The settings that are for a graph: all but those of params that only the other one has."""
    mine, theirs = of.param_names(), other.param_names()
    return tuple(s for s in sets if (name := s.partition("=")[0]) in mine or name not in theirs and (
        of.is_spec() or not other.is_spec()))


def as_json(found: Difference) -> dict[str, Any]:
    """The stable keys of a difference."""
    def changes(of: tuple[Change, ...]) -> list[dict[str, str]]:
        return [{"what": c.what, "old": c.old, "new": c.new} for c in of]

    return {
        "same": found.same,
        "added": [{"name": n.name, "op": n.type} for n in found.added],
        "removed": [{"name": n.name, "op": n.type} for n in found.removed],
        "renamed": [{"old": p.old.name, "new": p.new.name, "op": p.new.type} for p in found.renamed],
        "changed": [{"name": p.new.name, "op": p.new.type, "changes": changes(p.changes)} for p in found.changed],
        "variables": [{"name": v.name, "kind": _kind(v), "changes": changes(v.changes)} for v in found.variables],
        "scopes": [{"old": old, "new": new} for old, new in found.scopes],
        "functions": found.functions,
    }


def _kind(v: VariableChange) -> str:
    return "added" if v.old is None else "removed" if v.new is None else "changed"


def lines(found: Difference, first: str, second: str, one: Any, two: Any, everything: bool) -> list[Any]:
    from . import render

    if found.same:
        count = render.plural(len(one), "node")
        return [[(f"{first} and {second} are the same graph", render.GOOD), (f", {count}", "")], *_of_variables(found)]
    parts = [f"{len(nodes):,} {word}" for word, nodes in (
        ("added", found.added), ("removed", found.removed), ("renamed", found.renamed), ("changed", found.changed))
        if nodes]
    counts = f": nodes {', '.join(parts)}" if parts else ""
    out: list[Any] = render.fitted([], [(f"{first} and {second} differ{counts}", render.HEAD)])
    if found.scopes:
        out += ["", ("scopes renamed", render.HEAD),
                *render.bullet([[(old, render.NAME), (" -> ", ""), (new, render.NAME)]
                                for old, new in found.scopes])]
    out += _of_variables(found)
    for scope, rows in _by_scope(found, one, two, everything).items():
        out += ["", (scope or "(no scope)", render.HEAD), *render.table(rows, indent=2)]
    follow = 0 if everything else sum(p.follows for p in found.changed)
    if follow:
        out += ["", (f"shapes or dtypes follow in {render.plural(follow, 'node')}; --all lists them", render.DIM)]
    if found.functions:
        out += ["", ("functions", render.HEAD), *render.table(
            [[_mark(kind), (name, render.NAME)] for name, kind in found.functions.items()], indent=2)]
    return out


def _of_variables(found: Difference) -> list[Any]:
    from . import render

    return ["", ("variables", render.HEAD), *render.table(
        [[_mark(_kind(v)), (v.name, render.NAME), _variable_text(v)] for v in found.variables], indent=2)
    ] if found.variables else []


def _mark(kind: str) -> Line:
    from . import render

    sign, style = {"added": ("+", render.GOOD), "removed": ("-", render.BAD), "changed": ("~", render.WARN),
                   "renamed": (">", render.KIND)}[kind]
    return [(sign, style)]


def _variable_text(v: VariableChange) -> str:
    from . import render

    facts = v.new or v.old
    assert facts is not None
    if not v.changes:
        return render.dtype_shape(facts.dtype, facts.shape)
    return "; ".join(_shared(c) for c in v.changes)


def _shared(change: Change) -> str:
    if change.what not in ("read by", "written by"):
        return _text(change)
    what = "readers" if change.what == "read by" else "writers"
    parts = [f"{sign} {names}" for sign, names in (("-", change.old), ("+", change.new)) if names]
    return f"{what} {', '.join(parts)}"


def _text(change: Change) -> str:
    def short(text: str) -> str:
        return (text if len(text) <= 60 else text[:57] + "...") or "none"

    return f"{change.what} {short(change.old)} -> {short(change.new)}"


def _by_scope(found: Difference, one: Any, two: Any, everything: bool) -> dict[str, list[Any]]:
    """Rows by the scope that they stand in; a scope that is only in one graph is one row."""
    from . import render

    rows: dict[str, list[Any]] = {}

    def put(name: str, row: list[Any]) -> None:
        rows.setdefault(name.rstrip("/").rpartition("/")[0], []).append(row)

    for kind, nodes, other in (("removed", found.removed, two), ("added", found.added, one)):
        for name, inside in _collapsed(nodes, other, everything):
            short = name.rstrip("/").rpartition("/")[2] + ("/" if name.endswith("/") else "")
            what = inside[0].type if len(inside) == 1 and not name.endswith("/") else \
                f"{render.plural(len(inside), 'node')}: {render.listed(list(dict.fromkeys(n.type for n in inside)))}"
            put(name, [_mark(kind), (short, render.NAME), what])
    for pair in found.renamed:
        if not any(pair.old.name.startswith(f"{old}/") and pair.new.name == new + pair.old.name[len(old):]
                   for old, new in found.scopes):
            put(pair.new.name, [_mark("renamed"), (pair.new.name.rpartition("/")[2], render.NAME),
                                f"{pair.new.type}, was {pair.old.name}"])
    for pair in found.changed:
        if everything or not pair.follows:
            put(pair.new.name, [_mark("changed"), (pair.new.name.rpartition("/")[2], render.NAME),
                                "; ".join(_text(c) for c in _telling(pair.changes))])
    return dict(sorted(rows.items()))


def _telling(changes: tuple[Change, ...]) -> list[Change]:
    """Without the shape where an attr says the same."""
    said = {(c.old, c.new) for c in changes if c.what.startswith("attr ")}
    valued = any(c.what == "attr value" for c in changes)
    return [c for c in changes if not (c.what == "shape" and (valued or (c.old, c.new) in said))]


def _collapsed(nodes: list[Node], other: Any, everything: bool) -> list[tuple[str, list[Node]]]:
    """Nodes by name, those of a scope of which the other graph has nothing under the scope's name."""
    there = {name[:at] for name in other.nodes for at in range(len(name)) if name[at] == "/"} | set(other.nodes)
    out: dict[str, list[Node]] = {}
    for node in nodes:
        words = node.name.split("/")
        name = node.name
        for i in range(1, len(words)):
            prefix = "/".join(words[:i])
            if not everything and prefix not in there:
                name = prefix + "/"
                break
        out.setdefault(name, []).append(node)
    return [(n if len(g) > 1 or not n.endswith("/") else g[0].name, g) for n, g in out.items()]
