"""``--profile FILE``: the times of steps as a table on stderr, and as a trace in a file."""
from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..engine import Session

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
        for title, rows in (("node", record.by_node()), ("scope", record.by_scope())):
            cells = [(name or "(no scope)", what, str(calls), f"{seconds * 1e3:.3f}", f"{share:.0%}")
                     for name, what, calls, seconds, share in rows[:ROWS]]
            lines = render.table(cells, (title, "op", "calls", "ms", "share"), right=(2, 3, 4))
            render.note("\n".join(render.plain(line).rstrip() for line in lines))
        few = "" if record.calls <= len(record.events) else (
            f" (the first {len(record.events):,} of {record.calls:,} calls)")
        render.note(f"wrote {path}{few}")
