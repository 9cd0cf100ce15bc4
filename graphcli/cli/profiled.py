"""``--profile FILE``: the times of steps as a table on stderr, and as a trace in a file."""
from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..engine import Session
    from ..engine.profile import Recorded, Row

ROWS = 15


@contextlib.contextmanager
def profiled(session: Session, path: str | None, others: Mapping[str, str | None]) -> Iterator[None]:
    """Watches the session's steps from here on; at the end, also where they failed, it writes the trace and tells the
    table. Nothing is written where none was begun. others: files by the options that name them, none of which is to be
    written over."""
    if path is None:
        yield
        return
    from ..engine.profile import Recorded
    from .files import check_apart, check_place

    check_place(path)
    check_apart("--profile", path, others)
    record = Recorded()
    session.listeners.append(record)
    try:
        yield
    finally:
        session.listeners.remove(record)
        if record.runs:
            _write(record, path)


def _write(record: Recorded, path: str) -> None:
    from . import render
    from .files import write_whole

    write_whole(path, lambda file: file.write(record.trace().encode()))
    for line in _told(record):
        render.note(line)
    few = "" if record.calls <= len(record.events) else (
        f" (the first {len(record.events):,} of {record.calls:,} calls)")
    render.note(f"wrote {path}{few}")


def _told(record: Recorded) -> Iterator[str]:
    """The tables by node and by scope, and what all took together."""
    from . import render

    for head, rows in ((("node", "op"), record.by_node()), (("scope",), record.by_scope())):
        shown = [_cells(row, len(head)) for row in (*rows[:ROWS], *_rest(rows[ROWS:]))]
        numbers = range(len(head), len(head) + 3)
        lines = render.table(shown, (*head, "calls", "ms", "share"), right=tuple(numbers))
        yield "\n".join(render.plain(line).rstrip() for line in lines)
    within = sum(row[3] for row in record.by_node())
    yield (f"{render.plural(record.runs, 'run')} of the engine took {record.wall * 1e3:.3f} ms, "
           f"the nodes {within * 1e3:.3f} of them")


def _cells(row: Row, names: int) -> tuple[str, ...]:
    name, what, calls, seconds, share = row
    return *(name or "(no scope)", what)[:names], str(calls), f"{seconds * 1e3:.3f}", f"{share:.0%}"


def _rest(rows: Sequence[Row]) -> list[Row]:
    """What the rows that are not shown add up to."""
    sums = sum(r[2] for r in rows), sum(r[3] for r in rows), sum(r[4] for r in rows)
    return [(f"({len(rows):,} more)", "", *sums)] if rows else []
