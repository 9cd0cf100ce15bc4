"""EventWriter: appends events to one file, so that what is flushed can be read whatever happens next.

Records are kept in memory until there are many, until ``flush_secs`` have passed since the oldest of them, or
until they are asked for; then whole records go to the system in one write. A process that is killed leaves whole
records, and at worst a part of one at the end, which every reader tells from damage.
"""
from __future__ import annotations

import os
import threading
import weakref
from typing import Any

from ...errors import GraphError, InvalidValue, UsageError, reason_of
from ...wire import events as wire
from ...wire.records import frame
from .clock import Clock, for_logs

FULL = 1 << 16
"""Bytes after which a buffer is written."""


def file_name(seconds: float, host: str, suffix: str = "") -> str:
    """The name that TensorFlow gives an event file (core/util/events_writer.cc)."""
    safe = host.replace(os.sep, "_")
    return f"events.out.tfevents.{int(seconds):010d}.{safe}{suffix}"


def create(folder: str, clock: Clock, suffix: str = "") -> tuple[str, int]:
    """Makes the folder and a new file in it; its path and descriptor. Raises UsageError if it cannot be made.

    On a real clock no file is ever replaced; on a fixed one the run is the same, and so is the file.
    """
    path = os.path.join(folder, file_name(clock.now(), clock.host, suffix))
    try:
        os.makedirs(folder, exist_ok=True)
        if not clock.real and os.path.lexists(path):
            os.unlink(path)
        number, free = 0, path
        while True:
            try:
                return free, os.open(free, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666)
            except FileExistsError:
                number += 1
                free = f"{path}.{number}"
    except OSError as error:
        reason = "it is a file" if os.path.lexists(folder) and not os.path.isdir(folder) else reason_of(error)
        raise UsageError(f"cannot write a log into {folder}: {reason}") from None


class _Buffer:
    """Framed records on their way to a file. Its own object, so that a writer nobody holds is flushed at exit."""

    def __init__(self, descriptor: int, path: str, flush_secs: float) -> None:
        self.descriptor = descriptor
        self.path = path
        self.flush_secs = flush_secs
        self.lock = threading.Lock()
        self.parts: list[bytes] = []
        self.size = 0
        self.wake: threading.Event | None = None

    def add(self, record: bytes) -> None:
        with self.lock:
            if self.descriptor < 0:
                raise InvalidValue(f"{self.path} is closed")
            self.parts.append(record)
            self.size += len(record)
            if self.size >= FULL:
                self._write()
            elif self.wake is None and self.flush_secs > 0:
                self._start()

    def flush(self) -> None:
        with self.lock:
            self._write()

    def close(self) -> None:
        with self.lock:
            if self.descriptor < 0:
                return
            try:
                self._write()
            finally:
                os.close(self.descriptor)
                self.descriptor = -1
                if self.wake is not None:
                    self.wake.set()

    def _write(self) -> None:
        if not self.parts or self.descriptor < 0:
            return
        data = memoryview(b"".join(self.parts))
        self.parts.clear()
        self.size = 0
        try:
            while data:
                data = data[os.write(self.descriptor, data):]
        except OSError as error:
            raise UsageError(f"cannot write to {self.path}: {reason_of(error)}") from None

    def _start(self) -> None:
        """The thread that flushes in time; it ends when the file is closed, and keeps no process alive."""
        self.wake = threading.Event()
        threading.Thread(target=self._flush_in_time, args=(self.wake,), name="graphcli-events", daemon=True).start()

    def _flush_in_time(self, wake: threading.Event) -> None:
        while not wake.wait(self.flush_secs):
            try:
                self.flush()
            except GraphError:
                return


class EventWriter:
    """One event file of a run.

    folder: made if it is absent. flush_secs: the longest that an event waits in memory, 0 to write each at once.
    Raises GraphError where the file cannot be made or written.
    """

    def __init__(self, folder: str, clock: Clock | None = None, flush_secs: float = 120, suffix: str = "") -> None:
        self.folder = folder
        self.clock = clock or for_logs()
        self.flush_secs = flush_secs
        self.path, descriptor = create(folder, self.clock, suffix)
        self._buffer = _Buffer(descriptor, self.path, flush_secs)
        self._finalizer = weakref.finalize(self, self._buffer.close)
        self._scalars = wire.Scalars()
        self._seen: set[str] = set()
        self.event(wire.event(self.clock.now(), 0, wire.FILE_VERSION, wire.VERSION))
        self.flush()

    def scalar(self, tag: str, value: float, step: int = 0, wall_time: float | None = None) -> None:
        """One number under a tag."""
        now = self.clock.now() if wall_time is None else wall_time
        try:
            record = self._scalars.record(tag, value, step, now)
        except OverflowError:
            record = self._scalars.record(tag, float("inf") if value > 0 else float("-inf"), step, now)
        self._buffer.add(record)
        if self.flush_secs <= 0:
            self._buffer.flush()

    def summary(self, data: bytes, step: int = 0) -> None:
        """A serialized Summary; metadata stays only with the first value of each tag, as TensorFlow keeps it.

        Raises InvalidValue if the bytes are none.
        """
        self.event(wire.event(self.clock.now(), step, wire.SUMMARY, self._stripped(data)))

    def graph(self, graph_def: bytes, step: int = 0) -> None:
        """A serialized GraphDef, with ``_output_shapes`` so that TensorBoard shows shapes."""
        self.event(wire.event(self.clock.now(), step, wire.GRAPH_DEF, graph_def))

    def meta_graph(self, meta_graph_def: bytes, step: int = 0) -> None:
        """A serialized MetaGraphDef."""
        self.event(wire.event(self.clock.now(), step, wire.META_GRAPH_DEF, meta_graph_def))

    def run_metadata(self, tag: str, data: bytes, step: int = 0) -> None:
        """A serialized RunMetadata: what each node of one step cost. A tag is for one of a file."""
        self.event(wire.event(self.clock.now(), step, wire.RUN_METADATA, wire.run_metadata(tag, data)))

    def event(self, data: bytes) -> None:
        """A serialized Event as it is."""
        self._buffer.add(frame(data))
        if self.flush_secs <= 0:
            self._buffer.flush()

    def flush(self) -> None:
        """All events so far are with the system."""
        self._buffer.flush()

    def close(self) -> None:
        """Flushes and closes; more events are refused."""
        self._finalizer.detach()
        self._buffer.close()

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def _stripped(self, data: bytes) -> bytes:
        from ...wire.messages import message

        try:
            summary = message("Summary").FromString(data)
        except Exception as error:
            raise InvalidValue("this is no serialized Summary") from error
        changed = False
        for value in summary.value:
            if value.HasField("metadata"):
                if value.tag in self._seen:
                    value.ClearField("metadata")
                    changed = True
                self._seen.add(value.tag)
        stripped: bytes = summary.SerializeToString() if changed else data
        return stripped
