"""``devices``: where each op runs, and why."""
from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from . import complete
from .choice import Choice
from .options import format_option, spec_options, verb

if TYPE_CHECKING:
    from ..passes.place import Placed, Transfer


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
        transfers = [t for t in transfers if t.tensor.op in chosen or not chosen.isdisjoint(t.users)]
        if not placed:
            render.note(f"none of the {render.plural(len(built.graph), 'node')} of {built.name} fits")
    if form == "json":
        render.json({
            "nodes": [{"name": p.node.name, "requested": p.requested, "assigned": p.assigned, "reason": p.reason}
                      for p in placed],
            "transfers": [{"tensor": t.tensor.name, "from": t.source, "to": t.target,
                           "users": [u.name for u in t.users]} for t in transfers]})
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


def _together(shown: list[Placed]) -> list[tuple[str, str, Placed]]:
    """The name, the reason and one node of each group: those of a scope that were placed alike, by their number."""
    groups: dict[tuple[object, ...], dict[str, list[Placed]]] = {}
    for p in shown:
        beside = FOLLOWS.match(p.reason)
        key = (p.node.name.partition("/")[0], p.requested, p.assigned, beside[1] if beside else p.reason)
        groups.setdefault(key, {}).setdefault(p.reason[beside.end():] if beside else "", []).append(p)
    out = []
    for (scope, _, _, why), by_leader in groups.items():
        first, *others = [p for group in by_leader.values() for p in group]
        leader, *more = by_leader
        count = f" and {len(more)} others" if len(more) > 1 else " and another" * len(more)
        reason = f"{why} {leader}{count}" if leader else first.reason
        out.append((f"{scope}/ ({len(others) + 1} nodes)" if others else first.node.name, reason, first))
    return out


def _show(placed: list[Placed], transfers: list[Transfer], everything: bool) -> None:
    from . import render

    shown = placed if everything else [p for p in placed
                                       if p.node.type != "Const" and "/Initializer/" not in p.node.name]
    groups = [(p.node.name, p.reason, p) for p in shown]
    if not everything and len(shown) > MANY and sys.stdout.isatty():
        groups = _together(shown)
        render.note(f"{render.plural(len(shown), 'node')} in {render.plural(len(groups), 'row')}; --all lists each")
    rows = [[(name, render.NAME), (p.requested or "-", render.DIM),
             (p.assigned or "none", render.BAD if p.assigned is None else render.GOOD), why] for name, why, p in groups]
    render.show(render.table(rows, ["node", "asked for", "given", "why"]))
    if transfers:
        moved = [[(t.tensor.name, render.NAME), f"{t.source} -> {t.target}",
                  (f"for {render.listed([u.name for u in t.users])}", render.DIM)] for t in transfers]
        render.show(["", (render.plural(len(transfers), "transfer"), render.HEAD), *render.table(moved, indent=2)])
