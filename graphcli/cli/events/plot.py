"""``events plot``: scalars as charts in the terminal."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...errors import GraphError
from .. import complete
from ..options import format_option, verb
from .select import chosen, chosen_logs, finite, logdir_argument, run_option

if TYPE_CHECKING:
    from ...formats.events.series import Log, Point

X_LABELS = {"step": "step", "relative": "seconds", "wall": "time (UTC)"}


@verb("plot", "events plot runs 'loss*' --log")
@logdir_argument
@click.argument("tags", nargs=-1, metavar="[TAG]...", shell_complete=complete.tags)
@run_option
@click.option("--x", type=click.Choice(list(X_LABELS)), default="step", show_default=True,
              help="What goes to the right: steps, seconds since the run's first value, or wall time.")
@click.option("--log", is_flag=True, help="A logarithmic scale of values.")
@click.option("--smooth", type=click.FloatRange(0, 1, max_open=True), default=0.0, metavar="W",
              help="Weight of what came before, 0 to 1, as TensorBoard's smoothing.")
@click.option("--width", type=click.IntRange(20, 1000), metavar="N", help="Columns; those of the terminal.")
@click.option("--height", type=click.IntRange(3, 200), default=12, show_default=True, metavar="N",
              help="Rows of each chart.")
@format_option
def command(logdir: str, tags: tuple[str, ...], runs: tuple[str, ...], x: str, log: bool, smooth: float,
            width: int | None, height: int, form: str) -> int:
    """Plot the scalars of LOGDIR, a chart for each tag with a curve for each run; TAG may be a shell pattern."""
    from .. import render
    from ..chart import chart, clock, label

    logs = chosen_logs(logdir, runs)
    known = dict.fromkeys(tag for each in logs for tag in each.tags("scalar"))
    if not known:
        raise GraphError(f"{logdir} has no scalars", hint=f"graphcli events ls {logdir} lists what it has")
    plots = [(tag, curves(logs, tag, x, smooth)) for tag in chosen(known, tags, "TAG", "scalar")]
    if form == "json":
        render.json({"x": x, "plots": [{"tag": tag, "series": [
            {"run": run, "points": [[finite(a), finite(b)] for a, b in zip(xs, ys)]} for run, xs, ys in series]}
            for tag, series in plots]})
        return 0
    lines: list[Any] = []
    for tag, series in plots:
        lines += [""] if lines else []
        last = f", last {series[0][2][-1]:.6g}" if len(series) == 1 else ""
        lines.append([(tag, render.HEAD), (f"  by {X_LABELS[x]}{last}", render.DIM)])
        lines += chart(series, min(render.width(), 100) if width is None else width, height, log,
                       clock if x == "wall" else label)
    render.show(lines)
    return 0


def curves(logs: list[Log], tag: str, x: str, smooth: float) -> list[tuple[str, list[float], list[float]]]:
    """(run, xs, ys) for the runs that have the tag."""
    out = []
    for log in logs:
        points = log.tags("scalar").get(tag)
        if points:
            out.append((log.name, [_x(p, points[0], x) for p in points], smoothed([p.value for p in points], smooth)))
    return out


def _x(point: Point, first: Point, x: str) -> float:
    if x == "step":
        return point.step
    return point.wall_time - (first.wall_time if x == "relative" else 0.0)


def smoothed(values: list[float], weight: float) -> list[float]:
    """An exponential moving average without its bias to the beginning, as TensorBoard's."""
    if not weight:
        return values
    out, last, scale = [], 0.0, 0.0
    for value in values:
        if value - value != 0:
            out.append(value)
            continue
        last = last * weight + (1 - weight) * value
        scale = scale * weight + (1 - weight)
        out.append(last / scale)
    return out
