"""What a step holds at most, as Python and numpy ask for it."""
from __future__ import annotations

import tracemalloc
from typing import Any

from graphcli.engine import Session


def measured(session: Session, fetch: Any, feeds: Any) -> int:
    """Bytes that a second step takes beside its feeds and variables."""
    session.run(fetch, feeds)
    return taken(session, fetch, feeds)[1]


def taken(session: Session, fetch: Any, feeds: Any) -> tuple[Any, int]:
    """What a step returns, and the bytes that it takes beside its feeds and variables."""
    keeps = session.executable(fetch, feeds).keeps
    tracemalloc.start()
    try:
        found = session.run(fetch, feeds)
        return found, tracemalloc.get_traced_memory()[1] + keeps()
    finally:
        tracemalloc.stop()
