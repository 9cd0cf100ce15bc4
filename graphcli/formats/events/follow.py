"""A logdir that grows: what was added since the last look, without reading files again from their beginning."""
from __future__ import annotations

from collections.abc import Iterator

from ...errors import NotFound
from ...wire.records import Fault, records
from .reader import Entry, runs
from .series import Point, points_of


class Follower:
    """Remembers how far each file has been read. A record that is not whole yet is read at the next look."""

    def __init__(self, logdir: str) -> None:
        self.logdir = logdir
        self.read: dict[str, int] = {}
        self.plugins: dict[str, dict[str, str]] = {}

    def new(self) -> Iterator[tuple[str, Point]]:
        """(run, point) of the events that are new."""
        from google.protobuf.message import DecodeError

        from ...wire.messages import message

        parse = message("Event").FromString
        try:
            found = runs(self.logdir)
        except NotFound:
            return
        for run in found:
            plugins = self.plugins.setdefault(run.name, {})
            for path in run.paths:
                start = self.read.get(path, 0)
                try:
                    file = open(path, "rb")
                except OSError:
                    continue
                with file:
                    file.seek(start)
                    for record in records(file):
                        if isinstance(record, Fault):
                            break
                        self.read[path] = file.tell()
                        try:
                            event = parse(record.data)
                        except DecodeError:
                            continue
                        for point in points_of(Entry(path, record.offset, event), plugins):
                            yield run.name, point
