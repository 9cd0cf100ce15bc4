"""Deadlines: how long the step of a thread may take (timeout_in_ms of tf.RunOptions, operation_timeout_in_ms)."""
from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import DeadlineExceeded

_threads = threading.local()


def current() -> float | None:
    """When the step that this thread takes must be over, in seconds of ``time.monotonic``; None for never."""
    end: float | None = getattr(_threads, "end", None)
    return end


@contextmanager
def until(end: float | None) -> Iterator[None]:
    """Within, what waits on this thread waits until ``end`` at the most."""
    before = current()
    _threads.end = end
    try:
        yield
    finally:
        _threads.end = before


@contextmanager
def within(milliseconds: int) -> Iterator[None]:
    """A step that may take so long. Raises DeadlineExceeded where it took longer, whatever came of it."""
    end = time.monotonic() + milliseconds / 1000
    with until(end):
        try:
            yield
        except DeadlineExceeded:
            raise
        except Exception as error:
            if time.monotonic() > end:
                raise DeadlineExceeded.told() from error
            raise
        if time.monotonic() > end:
            raise DeadlineExceeded.told()


def left() -> float | None:
    """Seconds that are left to the step, None where it may take any time. Raises DeadlineExceeded if none is."""
    end = current()
    if end is None:
        return None
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise DeadlineExceeded.told()
    return seconds


def wait(changed: threading.Condition) -> None:
    """Waits until ``changed`` is notified. Raises DeadlineExceeded where that takes too long."""
    if not changed.wait(left()):
        left()


@contextmanager
def held(lock: Any) -> Iterator[None]:
    """Holds a lock when it is free. Raises DeadlineExceeded where that takes too long."""
    seconds = left()
    if not lock.acquire(timeout=-1 if seconds is None else seconds):
        raise DeadlineExceeded.told()
    try:
        yield
    finally:
        lock.release()
