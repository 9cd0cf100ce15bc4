"""``collections``: what was collected."""
from __future__ import annotations

from typing import Any

import click

from ..errors import UsageError, did_you_mean
from ..errors import said as shown
from . import complete
from .choice import Choice
from .options import format_option, spec_options, verb


@verb("collections", "collections specs/regularizer.yaml regularization_losses --scope net/hidden")
@spec_options
@click.argument("name", required=False, shell_complete=complete.collections)
@click.option("--scope", metavar="REGEX", help="Only what has a name that this matches at its start.")
@format_option
def command(choice: Choice, name: str | None, scope: str | None, form: str) -> int:
    """Show the collections of GRAPH, or only NAME."""
    import re

    from . import render

    built = choice.built()
    keys = built.graph.get_all_collection_keys()
    if name is not None:
        check_collection(built.graph, name, "")
        keys = [name]
    try:
        found = {k: [member(m) for m in built.graph.get_collection(k, scope)] for k in keys}
    except re.error as error:
        raise UsageError(f"--scope {scope}: not a regular expression: {error}") from None
    if not any(found.values()):
        render.note(f"{built.name}: nothing was collected" + (f" in {name}" if name else "")
                    + (f" whose name {scope!r} matches" if scope else ""))
    if form == "json":
        render.json(found)
        return 0
    for key, members in found.items():
        if members or scope is None:
            render.show([[(key, render.HEAD), (f"  {len(members)}", render.DIM)],
                         *render.bullet([(m, render.NAME) for m in members])])
    return 0


def check_collection(graph: Any, name: str, flag: str) -> None:
    """Raises UsageError for a collection that the graph has not; those of TensorFlow's names may be empty."""
    from ..graph.collections import GraphKeys

    keys = graph.get_all_collection_keys()
    usual = [v for k, v in vars(GraphKeys).items() if k.isupper() and isinstance(v, str)]
    if name not in keys and name not in usual:
        some = f"there {'is' if len(keys) == 1 else 'are'} {', '.join(keys)}" if keys else "the graph has none"
        said = f"{flag} {name}: there is no such collection" if flag else f"there is no collection {name!r}"
        raise UsageError(said, hint=did_you_mean(name, [*keys, *usual]) or some)


def member(value: Any) -> str:
    """What stands for a member: the name of a tensor, variable or op, else its text, or its kind (no address); of a
    list or mapping, that of each in it."""
    if type(value) in (list, tuple):
        return f"[{', '.join(map(member, value))}]"
    if type(value) is dict:
        return f"{{{', '.join(f'{k}: {member(v)}' for k, v in value.items())}}}"
    text = str(getattr(value, "name", value))
    return shown(value) if " at 0x" in text and not isinstance(value, str) else text
