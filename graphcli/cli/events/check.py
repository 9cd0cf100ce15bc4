"""``events check``: whether the files are whole."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..options import format_option, verb
from .select import logdir_argument

if TYPE_CHECKING:
    from ...formats.events.repair import Health


@verb("check", "events check runs")
@logdir_argument
@format_option
def command(logdir: str, form: str) -> int:
    """Read every event file of LOGDIR to its end: all checksums, and where one does not hold.

    A file that ends within a record was cut off (its writer was killed, or is writing now): truncated. One whose
    checksum does not hold is damaged. Exit status 1 if any is not whole.
    """
    from ...formats.events import repair
    from .. import render

    found = repair.check(logdir)
    if form == "json":
        render.json({"files": [as_json(h) for h in found]})
    else:
        render.show(line for health in found for line in lines(health))
    return 0 if all(h.sound for h in found) else 1


def lines(health: Health) -> list[Any]:
    """One file, and what is wrong with it."""
    from .. import render

    counted = f"{render.plural(health.records, 'record')}, {render.plural(health.size, 'byte')}"
    if health.sound:
        return [[("whole      ", render.GOOD), (health.path, ""), (f"  {counted}", render.DIM)]]
    if health.fault is None:
        return [[("no events  ", render.WARN), (health.path, ""),
                 (f"  {counted}, and no version of the format in the first", render.DIM)]]
    kind = health.fault.kind
    return [[(f"{kind:<9}  ", render.BAD), (health.path, ""), (f"  {counted}", render.DIM)],
            f"           at byte {health.fault.offset}: {health.fault.message}"]


def as_json(health: Health) -> dict[str, Any]:
    fault = health.fault
    return {"run": health.run, "path": health.path, "bytes": health.size, "records": health.records,
            "whole_bytes": health.whole, "version": health.version,
            "fault": None if fault is None else {"offset": fault.offset, "kind": fault.kind,
                                                 "message": fault.message}}
