"""Ctrl-C in a run that has something to save."""
from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def interrupts() -> Iterator[list[int]]:
    """Ctrl-C and SIGTERM end the run after the step that is being taken; a second one ends it at once.

    The list gets the number of the signal.
    """
    import signal
    import threading

    seen: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield seen
        return

    def handler(number: int, frame: Any) -> None:
        seen.append(number)
        put_back()
        print("\nstopping after this step; once more stops at once", file=sys.stderr, flush=True)

    old = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}

    def put_back() -> None:
        for number, handled in old.items():
            signal.signal(number, handled)

    try:
        yield seen
    finally:
        put_back()
