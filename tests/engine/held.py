"""What a step holds at most, as Python and numpy ask for it."""
from __future__ import annotations

import tracemalloc
from typing import Any

from graphcli.engine import Session


def measured(session: Session, fetch: Any, feeds: Any) -> int:
    """Bytes that a second step takes beside its feeds and variables."""
    session.run(fetch, feeds)
    tracemalloc.start()
    try:
        held = session.run(fetch, feeds)
        peak = tracemalloc.get_traced_memory()[1]
        del held
    finally:
        tracemalloc.stop()
    return peak + session.executable(fetch, feeds).keeps()
