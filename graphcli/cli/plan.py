"""``plan``: what the engine will do."""
from __future__ import annotations

import click

from . import complete
from .options import Choice, format_option, spec_options, verb


@verb("plan", "plan specs/line.yaml --fetch loss")
@spec_options
@click.option("-f", "--fetch", "fetches", multiple=True, metavar="NAME", shell_complete=complete.handles,
              help="What would be fetched. Without it: the spec's outputs.")
@click.option("--feed", "fed", multiple=True, metavar="NAME", shell_complete=complete.handles,
              help="What would be fed besides the placeholders; without a value.")
@click.option("--soft-placement", is_flag=True, help="What has no device goes to the default one.")
@format_option
def command(choice: Choice, fetches: tuple[str, ...], fed: tuple[str, ...], soft_placement: bool, form: str) -> int:
    """Show what the engine will do for a fetch: what runs, in which order, where, and what is freed when."""
    from ..analysis.feeds import needs
    from ..engine import Session
    from . import render
    from .feeds import flatten
    from .run import target, wanted
    from .values import feedable

    built = choice.built()
    names = wanted(built, fetches)
    targets = [target(built, n) for n in names]
    given = [feedable(built, n.partition("=")[0], "--feed") for n in fed]
    elements: list[object] = []
    flatten(targets, elements)
    feeds = dict.fromkeys([*given, *(n.tensor for n in needs(elements, frozenset(given)) if not n.optional)])  # type: ignore[arg-type]
    with Session(built, soft_placement=soft_placement) as session:
        found = session.plan(targets, list(feeds))
    if form == "json":
        freed: dict[int, list[str]] = {}
        for value, at in found.last_use().items():
            freed.setdefault(at, []).append(found.names.get(value, f"v{value}"))
        render.json({
            "fetches": names, "feeds": [t.name for t in found.feeds], "devices": found.devices,
            "constants": [t.name for t in found.constants.values()], "pruned": found.pruned,
            "notes": [str(n) for n in found.notes],
            "steps": [{"number": s.number, "node": s.node.name, "op": s.node.type, "device": s.device,
                       "after": list(s.after), "frees": freed.get(s.number, [])} for s in found.steps]})
        return 0
    head = f"{', '.join(names)}: {render.plural(len(found.steps), 'step')}, {found.pruned} nodes pruned"
    render.show([(head, render.HEAD), *str(found).splitlines(), *((str(n), render.DIM) for n in found.notes)])
    return 0
