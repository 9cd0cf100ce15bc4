"""What time it is, for a log: the only way in which a clock or a host's name gets into a file.

A log of a run says when things happened, so its clock is the real one. Where the environment has
SOURCE_DATE_EPOCH (reproducible-builds.org), all events have that time, and the same run gives the same bytes.
An export is no event in time: it is written as of then, or of 1970.
"""
from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from ...errors import UsageError

ANYWHERE = "graphcli"
"""The host's name where there is to be none."""


@dataclass(frozen=True)
class Clock:
    """now: seconds since 1970. host: the machine's name. real: whether two runs differ."""

    now: Callable[[], float]
    host: str
    real: bool


def fixed(seconds: float) -> Clock:
    """A clock that stands."""
    return Clock(lambda: seconds, ANYWHERE, False)


def epoch() -> int | None:
    """SOURCE_DATE_EPOCH, None where it is not set. Raises UsageError if it is no whole number."""
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise UsageError(f"SOURCE_DATE_EPOCH is {text!r}, not a number of seconds since 1970")
    return int(text)


def for_logs() -> Clock:
    """The clock of what happens now."""
    seconds = epoch()
    if seconds is not None:
        return fixed(float(seconds))
    import socket

    return Clock(time.time, socket.gethostname() or ANYWHERE, True)


def for_exports() -> Clock:
    """The clock of what has no time of its own."""
    return fixed(float(epoch() or 0))
