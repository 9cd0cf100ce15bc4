"""What a logdir holds: runs, their files in the order of time, the events in them and where they stop being whole."""
from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...errors import GraphError, InvalidValue, NotFound, did_you_mean, reason_of
from ...wire.records import Fault, records

MARK = "tfevents"
"""A file is an event file if this is in its name, as TensorBoard says."""


@dataclass(frozen=True)
class Entry:
    """One event and where it stands. event: an Event message."""

    path: str
    offset: int
    event: Any


@dataclass
class Run:
    """The event files of one folder. name: the folder below the logdir, '.' for the logdir itself."""

    name: str
    paths: list[str] = field(default_factory=list)


def runs(logdir: str) -> list[Run]:
    """The runs of a logdir by name, or the one run of a single event file.

    Raises NotFound where there is no such folder, or no event file in it, InvalidValue for another file.
    """
    if os.path.isfile(logdir):
        if MARK not in os.path.basename(logdir) and not _is_log(logdir):
            raise InvalidValue(f"{logdir} is no event file")
        return [Run(".", [logdir])]
    if os.path.exists(logdir) and not os.path.isdir(logdir):
        raise InvalidValue(f"{logdir} is neither a folder nor an event file")
    if not os.path.isdir(logdir):
        folder, name = os.path.split(logdir.rstrip("/"))
        known = os.listdir(folder or ".") if os.path.isdir(folder or ".") else []
        raise NotFound(f"there is no folder {logdir}", hint=did_you_mean(name, sorted(known)))
    found = []
    for folder, below, files in os.walk(logdir):
        below.sort()
        paths = [os.path.join(folder, f) for f in sorted(files) if MARK in f]
        if paths:
            found.append(Run(os.path.relpath(folder, logdir).replace(os.sep, "/"), paths))
    if not found:
        raise NotFound(f"there is no event file in {logdir}",
                       hint="graphcli run GRAPH --logdir DIR and export GRAPH --logdir DIR write one")
    return found


def _is_log(path: str) -> bool:
    from .graphs import is_event_file

    with open(path, "rb") as file:
        return is_event_file(file.read(256))


def read(path: str) -> Iterator[Entry | Fault]:
    """The events of one file in order; a Fault, if any, is last. Raises GraphError if it cannot be read."""
    from ...wire.messages import message

    parse = message("Event").FromString
    try:
        with open(path, "rb") as file:
            for record in records(file):
                if isinstance(record, Fault):
                    yield record
                    return
                try:
                    event = parse(record.data)
                except Exception:
                    yield Fault(record.offset, "damaged", f"a record of {len(record.data)} bytes that is no event")
                    return
                yield Entry(path, record.offset, event)
    except OSError as error:
        raise GraphError(f"cannot read {path}: {reason_of(error)}") from None
