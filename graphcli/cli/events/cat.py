"""``events cat``: what was logged, event by event."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import complete
from ..options import format_option, verb
from .select import as_json, chosen, chosen_logs, logdir_argument, moment, run_option, said

if TYPE_CHECKING:
    from ...formats.events.series import Log, Point


def tag_option(function: Any) -> Any:
    return click.option("--tag", "tags", multiple=True, metavar="PATTERN", shell_complete=complete.tags,
                        help="Only tags of this name or shell pattern. May be repeated.")(function)


@verb("cat", "events cat runs --tag loss --format json")
@logdir_argument
@run_option
@tag_option
@format_option
def command(logdir: str, runs: tuple[str, ...], tags: tuple[str, ...], form: str) -> int:
    """Print the events of LOGDIR in the order of the files: run, step, time, kind, tag, value."""
    logs = chosen_logs(logdir, runs)
    print_points(wanted(logs, tags), form)
    return 0


def wanted(logs: list[Log], tags: tuple[str, ...]) -> list[tuple[str, Point]]:
    """(run, point) for the tags that are asked for, run by run, as they were written."""
    known = dict.fromkeys(tag for log in logs for _, tag in log.points if tag)
    kept = set(chosen(known, tags, "--tag", "tag"))
    out = []
    for log in logs:
        points = [p for points in log.points.values() for p in points if not tags or p.tag in kept]
        order = {path: i for i, path in enumerate(log.paths)}
        points.sort(key=lambda p: (order[p.path], p.offset))
        out += [(log.name, p) for p in points]
    return out


def print_points(found: list[tuple[str, Point]], form: str) -> None:
    from .. import render

    if form == "json":
        render.json({"events": [as_json(point, run) for run, point in found]})
        return
    render.show(render.table([row(run, point) for run, point in found], right=(1,)))


def row(run: str, point: Point) -> list[Any]:
    from .. import render

    return [(run, render.HEAD), str(point.step), (moment(point.wall_time), render.DIM), (point.kind, render.KIND),
            (point.tag, render.NAME), said(point)]
