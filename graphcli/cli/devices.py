"""``devices``: where each op runs, and why."""
from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .choice import Choice
from .options import format_option, spec_options, verb

if TYPE_CHECKING:
    from ..passes.place import Placed, Transfer


@verb("devices", "devices specs/devices.yaml")
@spec_options
@click.option("--soft-placement", is_flag=True, help="What has no device goes to the default one.")
@click.option("--all", "everything", is_flag=True, help="Show constants and initializers too.")
@format_option
def command(choice: Choice, soft_placement: bool, everything: bool, form: str) -> int:
    """Show the placement: what each op asked for, what it was given and why, and the transfers."""
    from ..engine import Session
    from . import render

    built = choice.built()
    with Session(built, soft_placement=soft_placement) as session:
        placement = session.placement()
    placed = list(placement.placed.values())
    transfers = placement.transfers()
    if form == "json":
        render.json({
            "nodes": [{"name": p.node.name, "requested": p.requested, "assigned": p.assigned, "reason": p.reason}
                      for p in placed],
            "transfers": [{"tensor": t.tensor.name, "from": t.source, "to": t.target,
                           "users": [u.name for u in t.users]} for t in transfers]})
    else:
        _show(placed, transfers, everything)
    refusal = placement.refusal(placement.placed)
    if refusal is not None:
        raise refusal
    return 0


def _show(placed: list[Placed], transfers: list[Transfer], everything: bool) -> None:
    from . import render

    shown = placed if everything else [p for p in placed
                                       if p.node.type != "Const" and "/Initializer/" not in p.node.name]
    rows = [[(p.node.name, render.NAME), (p.requested or "-", render.DIM),
             (p.assigned or "none", render.BAD if p.assigned is None else render.GOOD), p.reason] for p in shown]
    render.show(render.table(rows, ["node", "asked for", "given", "why"]))
    if transfers:
        moved = [[(t.tensor.name, render.NAME), f"{t.source} -> {t.target}",
                  (f"for {render.listed([u.name for u in t.users])}", render.DIM)] for t in transfers]
        render.show(["", (render.plural(len(transfers), "transfer"), render.HEAD), *render.table(moved, indent=2)])
