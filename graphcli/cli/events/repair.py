"""``events repair``: broken files are cut to their whole records."""
from __future__ import annotations

from typing import Any

import click

from ...errors import GraphErrors
from ..options import format_option, verb
from .select import logdir_argument


@verb("repair", "events repair runs --dry-run")
@logdir_argument
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@format_option
def command(logdir: str, dry_run: bool, form: str) -> int:
    """Cut each broken event file of LOGDIR after its last whole record; whole files are left alone.

    A file is replaced whole. A log that is being written ends in a part of a record for a moment: repair it when
    its writer has ended.
    """
    from ...errors import GraphError
    from ...formats.events import repair
    from .. import render

    done: list[dict[str, Any]] = []
    refused: list[GraphError] = []
    found = repair.check(logdir)
    for health in found:
        if health.fault is None:
            continue
        try:
            repair.check_kept(health)
        except GraphError as error:
            refused.append(error)
            continue
        if not dry_run:
            repair.repair(health)
        done.append({"path": health.path, "offset": health.fault.offset, "kind": health.fault.kind,
                     "records": health.records, "kept": health.whole, "dropped": health.size - health.whole})
    if form == "json":
        render.json({"written": not dry_run, "files": done})
    else:
        word = "would keep" if dry_run else "kept"
        render.show(f"{d['path']}: {d['kind']} at byte {d['offset']}; {word} {render.plural(d['records'], 'record')} "
                    f"({d['kept']:,} bytes), dropped {render.plural(d['dropped'], 'byte')}" for d in done)
        if not done and not refused:
            render.show([f"{render.plural(len(found), 'file')}, nothing to repair"])
    if refused:
        raise GraphErrors(refused)
    return 0
