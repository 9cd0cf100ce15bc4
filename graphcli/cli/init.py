"""``init``: a commented spec to start from."""
from __future__ import annotations

import os
import shlex

import click

from ..errors import UsageError
from .options import verb

TEMPLATES = {"line": "fit a line: inputs, variables, a loss, an update",
             "mlp": "a small classifier: functions, scopes, params, a seed",
             "sharing": "one set of weights used twice: scopes, reuse, names",
             "blank": "every section, empty"}


@verb("init", "init mlp -o mlp.yaml")
@click.argument("template", required=False, type=click.Choice(list(TEMPLATES)), default="line")
@click.option("-o", "--out", metavar="FILE", help="Where to. Without it: standard output.")
@click.option("--list", "listing", is_flag=True, help="Say which templates there are.")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def command(template: str, out: str | None, listing: bool, force: bool) -> int:
    """Write a commented starter spec: line, mlp, sharing or blank."""
    from . import render

    if listing and (out is not None or force):
        raise UsageError("--list writes no file", hint="leave out --list, or -o and --force")
    if listing:
        render.show(render.table([[(n, render.NAME), d] for n, d in TEMPLATES.items()]))
        return 0
    path = os.path.join(os.path.dirname(__file__), "templates", f"{template}.yaml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if out is None:
        render.write(text)
        return 0
    if os.path.lexists(out) and not force:
        raise UsageError(f"{out} is there already", hint="--force replaces it")
    from .files import write_whole

    write_whole(out, lambda target: target.write(text.encode("utf-8")))
    # the first command in its comment, of the file as it is called here
    first = next(line[1:].strip() for line in text.splitlines() if line.startswith("#   graphcli "))
    render.note(f"wrote {out}; now: {first.partition('  #')[0].rstrip().replace(f'{template}.yaml', shlex.quote(out))}")
    return 0
