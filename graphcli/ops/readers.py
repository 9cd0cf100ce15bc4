"""Readers: records of the files whose names a queue gives, one after another (tf.TFRecordReader and its kin)."""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np

from ..errors import DataLoss, GraphError, InvalidArgument, Unimplemented
from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient
from ..wire.encode import integer, text
from ..wire.messages import message
from ..wire.records import Fault, records
from .dataset_sources import opened

CPU_ONLY = True
Pair = tuple[bytes, bytes]
_NAMED = "container: string = ''; shared_name: string = ''"


class Reader:
    """Where a session stands in the files of a reader. pieces: (key, value) pairs of a name; alone: each has one."""

    def __init__(self, pieces: Callable[[bytes], Iterator[Pair]], alone: bool) -> None:
        self.pieces = pieces
        self.alone = alone
        self.lock = threading.Lock()
        self.begin()

    def begin(self) -> None:
        self.left: Iterator[Pair] | None = None
        self.produced = self.started = self.completed = 0
        self.name = b""

    def read(self, queue: Any) -> Pair:
        """The next pair; of the next name in the queue where a file is at its end."""
        with self.lock:
            while True:
                if self.left is None:
                    self.name = np.asarray(queue.take(1)[0][0], object).item()
                    self.left = self.pieces(self.name)
                    self.started += 1
                pair = self._next()
                if pair is not None:
                    return pair

    def read_up_to(self, queue: Any, many: int) -> list[Pair]:
        """As many as there are in the file that is open, at most so many."""
        found = [self.read(queue)]
        with self.lock:
            while len(found) < many and (pair := self._next()) is not None:
                found.append(pair)
        return found

    def _next(self) -> Pair | None:
        """The next pair of the file that is open; None at its end, and where none is."""
        try:
            pair = None if self.left is None else next(self.left, None)
        except GraphError as error:
            # what cannot be read now cannot be read again
            self.left = iter(partial(_again, error), None)
            raise
        if pair is not None:
            self.produced += 1
        if self.left is not None and (pair is None or self.alone):
            self.left = None
            self.completed += 1
        return pair

    def state(self) -> bytes:
        """Where it stands, as bytes. Raises Unimplemented for readers of files of several records."""
        if not self.alone:
            raise Unimplemented("Reader SerializeState")
        with self.lock:
            numbers = self.started, self.completed, self.produced
            return b"".join(integer(i, n) for i, n in enumerate(numbers, 1)) + text(4, self.name)

    def restore(self, data: bytes) -> None:
        """Stands where another stood. Raises InvalidArgument for what is no state."""
        if not self.alone:
            raise Unimplemented("Reader RestoreState")
        try:
            state = message("ReaderBaseState").FromString(data)
        except Exception as error:
            raise InvalidArgument("Could not parse state of a reader") from error
        if state.work_started > state.work_finished or min(state.work_started, state.num_records_produced) < 0:
            raise InvalidArgument(f"Inconsistent work started vs. finished when restoring: {state.work_started} and "
                                  f"{state.work_finished}")
        with self.lock:
            self.left, self.name = None, state.current_work
            self.started, self.completed = state.work_started, state.work_finished
            self.produced = state.num_records_produced


def _again(error: GraphError) -> Pair:
    raise error


def _of_file(n: Any, compression: str, read: Callable[[Any, bytes], Iterator[Pair]]
             ) -> Callable[[bytes], Iterator[Pair]]:
    def pieces(name: bytes) -> Iterator[Pair]:
        with ExitStack() as stack:
            yield from read(stack.enter_context(opened(n, name, compression)), name)

    return pieces


def _whole(n: Any) -> Any:
    def read(file: Any, name: bytes) -> Iterator[Pair]:
        yield name, file.read()

    return _of_file(n, "", read)


def _lines(n: Any) -> Any:
    skipped = n.attrs["skip_header_lines"]

    def read(file: Any, name: bytes) -> Iterator[Pair]:
        for number, line in enumerate(file, 1):
            if number > skipped:
                yield name + b":%d" % number, line.removesuffix(b"\n").removesuffix(b"\r")

    return _of_file(n, "", read)


def _records(n: Any) -> Any:
    def read(file: Any, name: bytes) -> Iterator[Pair]:
        for record in records(file):
            if isinstance(record, Fault):
                raise DataLoss(f"corrupted record at {record.offset}: {record.message}")
            yield name + b":%d" % record.offset, record.data

    return _of_file(n, n.attrs["compression_type"], read)


def _fixed(n: Any) -> Any:
    before, size, after, hop = (n.attrs[f"{k}_bytes"] for k in ("header", "record", "footer", "hop"))
    step = hop or size

    def read(file: Any, name: bytes) -> Iterator[Pair]:
        whole = file.read()
        for i, start in enumerate(range(before, len(whole) - after - size + 1, step)):
            yield name + b":%d" % i, whole[start:start + size]

    if size <= 0:
        raise InvalidArgument(f"record_bytes must be > 0, not {size}")
    return _of_file(n, n.attrs.get("encoding", ""), read)


def _identity(n: Any) -> Any:
    return lambda name: iter([(name, name)])


def _reader(name: str, doc: str, attrs: str, pieces: Any, alone: bool = False) -> None:
    def kernel(n: Any) -> Any:
        reader = n.state.private(n.node, lambda: Reader(pieces(n), alone))
        return lambda: reader

    op(type(name, (), {"__doc__": doc, "__module__": __name__, "signature": " -> reader_handle: resource",
                       "attrs": attrs + _NAMED, "stateful": True, "infer": scalar_shape, "kernel": kernel,
                       "gradient": undefined_gradient}))


_reader("WholeFileReaderV2", "A reader of whole files.", "", _whole, True)
_reader("TextLineReaderV2", "A reader of lines.", "skip_header_lines: int = 0; ", _lines)
_reader("TFRecordReaderV2", "A reader of TFRecord files.", "compression_type: string = ''; ", _records)
_reader("FixedLengthRecordReaderV2", "A reader of records of one length.",
        "header_bytes: int = 0; record_bytes: int; footer_bytes: int = 0; hop_bytes: int = 0; encoding: string = ''; ",
        _fixed)
_reader("IdentityReaderV2", "A reader that gives the names.", "", _identity, True)


@op
class ReaderReadV2:
    """The next record: its key and its value."""

    signature = "reader_handle: resource, queue_handle: resource -> key: string, value: string"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, reader: Any, queue: Any) -> Any:
        return [(), ()]

    def kernel(n: Any) -> Any:
        return lambda reader, queue: [np.asarray(text, object) for text in reader.read(queue)]


@op
class ReaderReadUpToV2:
    """The next records, at most so many, of one file."""

    signature = "reader_handle: resource, queue_handle: resource, num_records: int64 -> keys: string, values: string"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, reader: Any, queue: Any, many: Any) -> Any:
        return [(None,), (None,)]

    def kernel(n: Any) -> Any:
        def read(reader: Any, queue: Any, many: Any) -> Any:
            pairs = reader.read_up_to(queue, int(many))
            out = np.empty((2, len(pairs)), object)
            for i, pair in enumerate(pairs):
                out[:, i] = pair
            return out[0], out[1]

        return read


def _told(name: str, doc: str, output: str, value: Callable[[Reader], int]) -> None:
    def kernel(n: Any) -> Any:
        return lambda reader: np.asarray(value(reader), np.int64)

    op(type(name, (), {"__doc__": doc, "__module__": __name__,
                       "signature": f"reader_handle: resource -> {output}: int64", "stateful": True,
                       "infer": scalar_shape, "kernel": kernel, "gradient": undefined_gradient}))


_told("ReaderNumRecordsProducedV2", "How many records a reader gave.", "records_produced", lambda r: r.produced)
_told("ReaderNumWorkUnitsCompletedV2", "How many files a reader has read.", "units_completed", lambda r: r.completed)


@op
class ReaderResetV2:
    """Lets a reader begin anew."""

    signature = "reader_handle: resource -> "
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda reader: reader.begin()


@op
class ReaderSerializeStateV2:
    """Where a reader stands, of those whose files are one record each."""

    signature = "reader_handle: resource -> state: string"
    stateful = True
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda reader: np.asarray(reader.state(), object)


@op
class ReaderRestoreStateV2:
    """Lets a reader stand where it, or another, stood."""

    signature = "reader_handle: resource, state: string -> "
    takes = "state: []"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, reader: Any, state: Any) -> Any:
        return None

    def kernel(n: Any) -> Any:
        return lambda reader, state: reader.restore(np.asarray(state, object).item())
