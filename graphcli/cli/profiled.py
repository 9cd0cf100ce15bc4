"""``--profile FILE``: the times of steps as a table on stderr, and as a trace in a file."""
from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..engine import Session
    from ..engine.profile import Recorded, Row

ROWS = 15


@contextlib.contextmanager
def profiled(session: Session, path: str | None) -> Iterator[None]:
    """Watches the session's steps from here on; at the end it writes the trace and tells the table."""
    if path is None:
        yield
        return
    from ..engine.profile import Recorded
    from . import render
    from .files import check_place, write_whole

    check_place(path)
    record = Recorded()
    session.listeners.append(record)
    try:
        yield
    finally:
        session.listeners.remove(record)
        write_whole(path, lambda file: file.write(record.trace().encode()))
        for line in _told(record):
            render.note(line)
        few = "" if record.calls <= len(record.events) else (
            f" (the first {len(record.events):,} of {record.calls:,} calls)")
        render.note(f"wrote {path}{few}")


def _told(record: Recorded) -> Iterator[str]:
    """The tables by node and by scope, and what all took together."""
    from . import render

    for title, rows in (("node", record.by_node()), ("scope", record.by_scope())):
        shown = [_cells(row) for row in rows[:ROWS]]
        if len(rows) > ROWS:
            shown.append(_cells(_rest(rows[ROWS:])))
        lines = render.table(shown, (title, "op", "calls", "ms", "share"), right=(2, 3, 4))
        yield "\n".join(render.plain(line).rstrip() for line in lines)
    within = sum(row[3] for row in record.by_node())
    yield (f"{render.plural(record.runs, 'run')} of the engine, initialization with them, took {record.wall * 1e3:.3f} "
           f"ms, their nodes {within * 1e3:.3f} ms")


def _cells(row: Row) -> tuple[str, ...]:
    name, what, calls, seconds, share = row
    return name or "(no scope)", what, str(calls), f"{seconds * 1e3:.3f}", f"{share:.0%}"


def _rest(rows: Sequence[Row]) -> Row:
    return f"({len(rows):,} more)", "", sum(r[2] for r in rows), sum(r[3] for r in rows), sum(r[4] for r in rows)
