"""``events ls``: the runs of a logdir and what each has logged."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..options import format_option, verb
from .select import chosen_logs, finite, logdir_argument, run_option, said

if TYPE_CHECKING:
    from ...formats.events.series import Log, Point


@verb("ls", "events ls runs --run 'digits*'")
@logdir_argument
@run_option
@format_option
def command(logdir: str, runs: tuple[str, ...], form: str) -> int:
    """List the runs of LOGDIR: kinds, tags, how many values, which steps, the last value."""
    from .. import render

    logs = chosen_logs(logdir, runs)
    if form == "json":
        render.json({"logdir": logdir, "runs": [_json(log) for log in logs]})
        return 0
    lines: list[Any] = []
    for log in logs:
        lines += [""] if lines else []
        lines.append([(log.name, render.HEAD), ("  " + ", ".join(_facts(log)), render.DIM)])
        rows = []
        for kind, tag, points in ordered(log):
            rows.append([("  " + kind, render.KIND), (tag, render.NAME), render.plural(len(points), "value"),
                         (steps(points), render.DIM), said(points[-1])])
        lines += render.table(rows, right=(2,))
    render.show(lines)
    return 0


def ordered(log: Log) -> list[tuple[str, str, list[Point]]]:
    """(kind, tag, points), kinds in a fixed order and tags in that of their names."""
    from ...formats.events.series import KINDS

    return [(kind, tag, log.points[kind, tag]) for kind, tag in sorted(
        log.points, key=lambda k: (KINDS.index(k[0]), k[1]))]


def steps(points: list[Point]) -> str:
    first, last = min(p.step for p in points), max(p.step for p in points)
    return f"step {first}" if first == last else f"steps {first} to {last}"


def _facts(log: Log) -> list[str]:
    from .. import render

    out = [render.plural(len(log.paths), "file"), render.plural(log.events, "event")]
    return out + [f"{fault.kind} at byte {fault.offset}" for _, fault in log.faults]


def _json(log: Log) -> dict[str, Any]:
    return {
        "run": log.name,
        "files": log.paths,
        "events": log.events,
        "faults": [{"path": p, "offset": f.offset, "kind": f.kind, "message": f.message} for p, f in log.faults],
        "tags": [{"kind": kind, "tag": tag, "values": len(points), "first_step": min(p.step for p in points),
                  "last_step": max(p.step for p in points),
                  "last": finite(points[-1].value) if kind == "scalar" else said(points[-1])}
                 for kind, tag, points in ordered(log)],
    }
