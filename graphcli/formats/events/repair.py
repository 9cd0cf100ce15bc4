"""Whether event files are whole, and how much of a broken one can be kept."""
from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

from ...errors import GraphError, reason_of
from ...wire.files import write_whole
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
        raise GraphError(f"cannot read {path}: {reason_of(error)}") from None
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


def repair(health: Health) -> None:
    """Cuts a file after its whole records; it is replaced whole. Raises what ``check_kept`` raises."""
    check_kept(health)
    with open(health.path, "rb") as source:
        write_whole(health.path, lambda file: copy(source, file, health.whole))


def check_kept(health: Health) -> None:
    """Raises GraphError where nothing of a file can be kept: it is none of ours."""
    if not health.records or health.version is None:
        raise GraphError(f"{health.path} has no whole record of an event file at its beginning: nothing can be kept")


def copy(source: BinaryIO, target: BinaryIO, count: int) -> None:
    """The next ``count`` bytes."""
    while count > 0 and (part := source.read(min(count, 1 << 20))):
        target.write(part)
        count -= len(part)
