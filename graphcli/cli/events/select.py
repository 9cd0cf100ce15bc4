"""What the parts of ``events`` share: LOGDIR, --run and --tag, and how one logged thing is told."""
from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ...errors import UsageError, did_you_mean
from .. import complete
from ..patterns import fitting

if TYPE_CHECKING:
    from ...formats.events.series import Log, Point

Command = Callable[..., Any]
TEXT = 60
"""The most characters of a text that a line shows."""


def logdir_argument(function: Command) -> Command:
    """LOGDIR; the part gets it as a path that is there."""

    @functools.wraps(function)
    def checked(*args: Any, logdir: str, **rest: Any) -> Any:
        return function(*args, logdir=present(logdir), **rest)

    return click.argument("logdir", metavar="LOGDIR", shell_complete=complete.files)(checked)


def present(path: str) -> str:
    """Raises UsageError for what is not there."""
    if "\0" in path:
        raise UsageError("a file's name holds no NUL character")
    if os.path.islink(path) and not os.path.exists(path):
        raise UsageError(f"{path} is a link to {os.readlink(path)}, which is not there")
    if not os.path.exists(path):
        folder, name = os.path.split(path.rstrip("/"))
        known = sorted(os.listdir(folder or ".")) if os.path.isdir(folder or ".") else []
        raise UsageError(f"there is no folder {path or repr(path)}", hint=did_you_mean(name, known))
    return path


def run_option(function: Command) -> Command:
    return click.option("--run", "runs", multiple=True, metavar="PATTERN", shell_complete=complete.runs,
                        help="Only runs of this name or shell pattern. May be repeated.")(function)


def chosen(names: Iterable[str], patterns: Sequence[str], flag: str, what: str) -> list[str]:
    """The names that any of the patterns fits; all where there are none. Raises UsageError for a name that is none."""
    known = list(names)
    return fitting(patterns, known, f"no {what}", lambda name: UsageError(
        f"{flag} {name}: there is no such {what}", hint=did_you_mean(name, known)))


def chosen_logs(logdir: str, runs: Sequence[str]) -> list[Log]:
    """The runs that are asked for, read. Their faults are told on stderr."""
    from ...formats.events import reader, series

    found = reader.runs(logdir)
    names = set(chosen([r.name for r in found], runs, "--run", "run"))
    logs = [series.read_run(r) for r in found if r.name in names]
    tell_faults(logs)
    return logs


def tell_faults(logs: Iterable[Log]) -> None:
    """A note for each file that is not whole."""
    from .. import render

    for log in logs:
        for path, fault in log.faults:
            render.note(f"note: {path}: {fault.kind} at byte {fault.offset}: {fault.message}")


def moment(seconds: float) -> str:
    """A wall time in UTC."""
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return "no time"


def finite(value: float) -> Any:
    """A float for JSON."""
    return value if math.isfinite(value) else {True: "Infinity", False: "-Infinity"}[value > 0] if (
        not math.isnan(value)) else "NaN"


def short(value: float) -> str:
    return f"{value:.6g}"


def said(point: Point) -> str:
    """The value of a point in a few words."""
    from .. import render

    value = point.value
    if value is None:
        return "" if point.kind == "session" else "not readable"
    if point.kind == "scalar":
        return short(value)
    if point.kind == "histogram":
        facts = histogram_json(value)
        shown = f"{facts['count']:g} values"
        if facts["min"] is not None:
            shown += f", {facts['min']:.3g} to {facts['max']:.3g}, mean {facts['mean']:.3g}"
        return shown
    if point.kind == "image":
        return ", ".join(f"{i['width']} x {i['height']}" for i in value)
    if point.kind == "audio":
        return ", ".join(f"{a['frames']} frames at {a['rate']:g} Hz" for a in value)
    if point.kind == "text":
        text = " | ".join(value).replace("\n", " ")
        return text if len(text) <= TEXT else text[:TEXT - 1] + "…"
    if point.kind == "tensor":
        return f"{'string' if value.dtype == object else value.dtype.name} {list(value.shape)}"
    if point.kind == "run metadata":
        count = sum(len(d.node_stats) for d in value.step_stats.dev_stats)
        return f"{render.plural(count, 'node')} on {render.plural(len(value.step_stats.dev_stats), 'device')}"
    return render.plural(_nodes(point), "node")


def _nodes(point: Point) -> int:
    """How many nodes a logged graph has; 0 for bytes that are no graph."""
    from google.protobuf.message import DecodeError

    from ...wire.messages import message

    try:
        made = message("GraphDef" if point.kind == "graph" else "MetaGraphDef").FromString(point.value)
    except DecodeError:
        return 0
    return len((made if point.kind == "graph" else made.graph_def).node)


def histogram_json(value: Any) -> dict[str, Any]:
    """What a histogram says, with its buckets."""
    limits, counts, proto = value
    total = sum(counts)
    return {"count": total, "min": proto.min if proto is not None and total else None,
            "max": proto.max if proto is not None and total else None,
            "mean": proto.sum / total if proto is not None and total else None,
            "limits": limits, "counts": counts}


def as_json(point: Point, run: str) -> dict[str, Any]:
    """One point with the stable keys of ``events cat --format json``."""
    out: dict[str, Any] = {"run": run, "kind": point.kind, "tag": point.tag, "step": point.step,
                           "wall_time": finite(point.wall_time), "offset": point.offset}
    value = point.value
    if value is None:
        out["value"] = None
    elif point.kind == "scalar":
        out["value"] = finite(value)
    elif point.kind == "text":
        out["value"] = value
    elif point.kind == "histogram":
        out["value"] = {k: [finite(x) for x in v] if isinstance(v, list) else v if v is None else finite(v)
                        for k, v in histogram_json(value).items()}
    elif point.kind in ("image", "audio"):
        out["value"] = [{k: len(v) if k == "encoded" else v for k, v in item.items()} for item in value]
        for item in out["value"]:
            item["bytes"] = item.pop("encoded")
    elif point.kind == "tensor":
        from ..nodes import attr_json

        out["value"] = attr_json(value)
    else:
        out["value"] = said(point)
    return out
