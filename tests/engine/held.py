"""What a step holds at most, as Python and numpy ask for it."""
from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np

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


def shrinking_counts_twice() -> bool:
    """Whether numpy (2.5 does) tells tracemalloc of what an array becomes before it takes back what it was."""
    tracemalloc.start()
    array = np.empty(1 << 20, np.uint8)
    array.resize(1 << 19, refcheck=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak > 1.25 * (1 << 20)
