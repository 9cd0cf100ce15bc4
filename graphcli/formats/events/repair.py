"""Whether event files are whole, and how much of a broken one can be kept."""
from __future__ import annotations

import os
from dataclasses import dataclass

from ...errors import GraphError
from ...wire.records import Fault
from .reader import read, runs


@dataclass(frozen=True)
class Health:
    """One file. whole: bytes of whole records, from its beginning; version: of its format, None if it says none."""

    run: str
    path: str
    size: int
    records: int
    whole: int
    version: str | None
    fault: Fault | None

    @property
    def sound(self) -> bool:
        return self.fault is None and self.version is not None


def examine(path: str, run: str = ".") -> Health:
    """Reads a file to its end or to its first fault."""
    try:
        size = os.path.getsize(path)
    except OSError as error:
        raise GraphError(f"cannot read {path}: {error.strerror}") from None
    count, version, fault = 0, None, None
    for entry in read(path):
        if isinstance(entry, Fault):
            fault = entry
            break
        if not count and entry.event.WhichOneof("what") == "file_version":
            version = entry.event.file_version
        count += 1
    return Health(run, path, size, count, size if fault is None else fault.offset, version, fault)


def check(logdir: str) -> list[Health]:
    """Every file of a logdir. Raises NotFound where there are none."""
    return [examine(path, run.name) for run in runs(logdir) for path in run.paths]


def repaired(health: Health) -> bytes:
    """What is kept of a file: its whole records. Raises GraphError where the file is none of ours."""
    if not health.records or health.version is None:
        raise GraphError(f"{health.path} has no whole record of an event file at its beginning: nothing can be kept")
    with open(health.path, "rb") as file:
        return file.read(health.whole)
