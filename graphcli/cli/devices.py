"""``devices``: where each op runs, and why."""
from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from . import complete
from .choice import Choice
from .options import format_option, spec_options, verb

if TYPE_CHECKING:
    from ..graph.graph import Node
    from ..passes.place import Placed, Transfer
    from .layout import Cell


@verb("devices", "devices specs/devices.yaml")
@spec_options
@click.argument("pattern", required=False, shell_complete=complete.handles)
@click.option("--soft-placement", is_flag=True, help="What has no device goes to the default one.")
@click.option("--all", "everything", is_flag=True, help="Show constants and initializers too, and each node by itself.")
@format_option
def command(choice: Choice, pattern: str | None, soft_placement: bool, everything: bool, form: str) -> int:
    """Show the placement: what each op asked for, what it was given and why, and the transfers.

    PATTERN is a node, a handle or a shell pattern on names (layer/*): only these. On a terminal, where there are very
    many, those of a scope that go together are one row.
    """
    from ..engine import Session
    from ..passes.place import Transfer
    from . import render

    built = choice.built()
    with Session(built, soft_placement=soft_placement) as session:
        placement = session.placement()
    placed = list(placement.placed.values())
    transfers = placement.transfers()
    if pattern is not None:
        from .nodes import matching

        chosen = matching(built, pattern)
        placed = [p for p in placed if p.node in chosen]
        transfers = [t if t.tensor.op in chosen else Transfer(t.tensor, t.source, t.target, users) for t in transfers
                     if (users := tuple(u for u in t.users if u in chosen)) or t.tensor.op in chosen]
        if not placed:
            render.note(f"none of the {render.plural(len(built.graph), 'node')} of {built.name} fits")
    if form == "json":
        render.json({
            "nodes": [{"name": p.node.name, "requested": p.requested, "assigned": p.assigned, "reason": p.reason}
                      for p in placed],
            "transfers": [{"tensor": t.tensor.name, "dtype": t.tensor.dtype.base_dtype.name,
                           "shape": None if t.tensor.static is None else list(t.tensor.static),
                           "from": t.source, "to": t.target, "users": [u.name for u in t.users]} for t in transfers]})
    elif placed or pattern is None:
        _show(placed, transfers, everything or pattern is not None)
    refusal = placement.refusal(p.node for p in placed)
    if refusal is not None:
        raise refusal
    return 0


MANY = 60
"""Rows of which a terminal shows each."""
FOLLOWS = re.compile("(colocated with|updates) ")
"""How reasons begin that name another node."""


def _group(nodes: Sequence[Node]) -> str:
    """Nodes of one scope, or of none, in few words."""
    scope, inside, _ = nodes[0].name.partition("/")
    if len(nodes) == 1:
        return nodes[0].name
    return f"{scope}/ ({len(nodes)} nodes)" if inside else f"{scope} and {len(nodes) - 1} more"


def _scope(node: Node) -> str:
    scope, inside, _ = node.name.partition("/")
    return scope + inside if inside else ""


def _together(shown: list[Placed]) -> list[tuple[str, str, Placed]]:
    """The name, the reason and one node of each group: those of a scope that were placed alike, by their number."""
    groups: dict[tuple[str, str, str | None, str], dict[str, list[Placed]]] = {}
    for p in shown:
        beside = FOLLOWS.match(p.reason)
        key = (_scope(p.node), p.requested, p.assigned, beside[1] if beside else p.reason)
        groups.setdefault(key, {}).setdefault(p.reason[beside.end():] if beside else "", []).append(p)
    out = []
    for (scope, _, _, why), by_leader in groups.items():
        members = [p for group in by_leader.values() for p in group]
        leader, *more = by_leader
        count = f" and {len(more)} others" if len(more) > 1 else " and another" * len(more)
        reason = f"{why} {leader}{count}" if leader else members[0].reason
        if scope and more and all(name.startswith(scope) for name in by_leader):
            reason = f"{why} others of {scope}"
        out.append((_group([p.node for p in members]), reason, members[0]))
    return out


def _moved(transfers: list[Transfer], together: bool) -> list[list[Cell]]:
    """A row for each tensor that moves, or for those of a scope that move alike."""
    from ..analysis.counts import bytes_of
    from . import render

    if not together:
        return [[(t.tensor.name, render.NAME), render.dtype_shape(t.tensor.dtype, t.tensor.static),
                 f"{t.source} -> {t.target}", (f"for {render.listed([u.name for u in t.users])}", render.DIM)]
                for t in transfers]
    groups: dict[tuple[str, str, str], list[Transfer]] = {}
    for t in transfers:
        groups.setdefault((_scope(t.tensor.op), t.source, t.target), []).append(t)
    rows: list[list[Cell]] = []
    for (scope, source, target), members in groups.items():
        first = members[0].tensor.name
        name = f"{scope} ({len(members)} tensors)" if scope else f"{first} and {len(members) - 1} more"
        known = [size for t in members if (size := bytes_of(t.tensor)) is not None]
        what = render.size(sum(known)) if len(known) == len(members) else ""
        by_scope: dict[str, list[Node]] = {}
        for user in dict.fromkeys(u for t in members for u in t.users):
            by_scope.setdefault(_scope(user), []).append(user)
        if len(members) == 1:
            name, what = first, render.dtype_shape(members[0].tensor.dtype, members[0].tensor.static)
        rows.append([(name, render.NAME), what, f"{source} -> {target}",
                     (f"for {render.listed([_group(users) for users in by_scope.values()])}", render.DIM)])
    return rows


def _once(reasons: list[str]) -> list[str]:
    """Reasons without what a backend lacks, but for the first that say so."""
    told: set[str] = set()
    out = []
    for reason in reasons:
        head = reason.partition(": ")[0]
        out.append(head if reason in told and head.startswith("fallback") else reason)
        told.add(reason)
    return out


def _show(placed: list[Placed], transfers: list[Transfer], everything: bool) -> None:
    from . import render

    shown = placed if everything else [p for p in placed
                                       if p.node.type != "Const" and "/Initializer/" not in p.node.name]
    groups = [(p.node.name, p.reason, p) for p in shown]
    together = not everything and len(shown) > MANY and sys.stdout.isatty()
    if together:
        groups = _together(shown)
        render.note(f"{render.plural(len(shown), 'node')} in {render.plural(len(groups), 'row')}; --all lists each")
    rows = [[(name, render.NAME), (p.requested or "-", render.DIM),
             (p.assigned or "none", render.BAD if p.assigned is None else render.GOOD), why]
            for (name, _, p), why in zip(groups, _once([reason for _, reason, _ in groups]))]
    render.show(render.table(rows, ["node", "asked for", "given", "why"]))
    if transfers:
        render.show(["", (render.plural(len(transfers), "transfer"), render.HEAD),
                     *render.table(_moved(transfers, together), indent=2)])
