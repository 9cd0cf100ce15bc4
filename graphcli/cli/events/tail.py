"""``events tail``: the last of what was logged, and what is logged from now on."""
from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, NoReturn

import click

from ..options import format_option, verb
from .cat import print_points, row, tag_option, wanted
from .select import as_json, chosen_logs, logdir_argument, run_option

PAUSE = 0.5


@verb("tail", "events tail runs -n 5 --tag loss")
@logdir_argument
@click.option("-n", "count", type=click.IntRange(0), default=10, show_default=True, metavar="N",
              help="How many events.")
@click.option("-f", "--follow", is_flag=True, help="Go on printing what is added, until interrupted.")
@run_option
@tag_option
@format_option
def command(logdir: str, count: int, follow: bool, runs: tuple[str, ...], tags: tuple[str, ...], form: str) -> int:
    """Print the last events of LOGDIR by time; with --follow, a JSON object to a line."""
    if follow:
        _follow(logdir, count, lambda run, tag: _fits(run, runs) and _fits(tag, tags), form)
    found = sorted(wanted(chosen_logs(logdir, runs), tags), key=lambda f: f[1].wall_time)
    print_points(found[max(0, len(found) - count):], form)
    return 0


def _follow(logdir: str, count: int, fits: Callable[[str, str], bool], form: str) -> NoReturn:
    """Prints the last events, then what is added."""
    from ...formats.events.follow import Follower

    follower = Follower(logdir)
    found = sorted(((run, p) for run, p in follower.new() if fits(run, p.tag)), key=lambda f: f[1].wall_time)
    for run, point in found[max(0, len(found) - count):]:
        _line(run, point, form)
    while True:
        for run, point in follower.new():
            if fits(run, point.tag):
                _line(run, point, form)
        time.sleep(PAUSE)


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    import fnmatch

    return not patterns or any(name == p or fnmatch.fnmatchcase(name, p) for p in patterns)


def _line(run: str, point: Any, form: str) -> None:
    import sys

    from .. import render

    if form == "json":
        render.write(json.dumps(as_json(point, run), ensure_ascii=False, allow_nan=False) + "\n")
    else:
        render.show(render.table([row(run, point)]))
    sys.stdout.flush()
