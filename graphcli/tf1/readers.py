"""Readers of the files whose names a queue gives (tf.TFRecordReader, tf.TextLineReader and their kin)."""
from __future__ import annotations

from collections import namedtuple
from typing import Any

from ..graph.graph import Node, Tensor
from ..graph.types import int64
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope

EXPORTS = """
tf: ReaderBase WholeFileReader TextLineReader TFRecordReader FixedLengthRecordReader IdentityReader
"""

ReaderRead = namedtuple("ReaderRead", ["key", "value"])
ReaderReadUpTo = namedtuple("ReaderReadUpTo", ["keys", "values"])


class ReaderBase:
    """Records one by one (tf.ReaderBase)."""

    def __init__(self, reader_ref: Tensor, supports_serialize: bool = False) -> None:
        self._reader_ref, self._supports_serialize = reader_ref, supports_serialize

    @property
    def reader_ref(self) -> Tensor:
        return self._reader_ref

    @property
    def supports_serialize(self) -> bool:
        return self._supports_serialize

    def read(self, queue: Any, name: str | None = None) -> Any:
        """(key, value) of the next record, of the next file of the queue where one is at its end."""
        return ReaderRead(*apply_op("ReaderReadV2", name, [self._reader_ref, getattr(queue, "queue_ref", queue)]))

    def read_up_to(self, queue: Any, num_records: Any, name: str | None = None) -> Any:
        """(keys, values) of at most so many records of one file."""
        with name_scope(name, "ReaderReadUpToV2") as scope:
            many = convert_to_tensor(num_records, int64, "num_records")
            return ReaderReadUpTo(*apply_op("ReaderReadUpToV2", scope, [
                self._reader_ref, getattr(queue, "queue_ref", queue), many]))

    def num_records_produced(self, name: str | None = None) -> Tensor:
        made: Tensor = apply_op("ReaderNumRecordsProducedV2", name, [self._reader_ref])
        return made

    def num_work_units_completed(self, name: str | None = None) -> Tensor:
        made: Tensor = apply_op("ReaderNumWorkUnitsCompletedV2", name, [self._reader_ref])
        return made

    def reset(self, name: str | None = None) -> Node:
        made: Node = apply_op("ReaderResetV2", name, [self._reader_ref])
        return made


class WholeFileReader(ReaderBase):
    """Whole files (tf.WholeFileReader)."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(apply_op("WholeFileReaderV2", name, []), True)


class TextLineReader(ReaderBase):
    """Lines (tf.TextLineReader)."""

    def __init__(self, skip_header_lines: int | None = None, name: str | None = None) -> None:
        super().__init__(apply_op("TextLineReaderV2", name, [], {"skip_header_lines": skip_header_lines or 0}))


class TFRecordReader(ReaderBase):
    """The records of TFRecord files (tf.TFRecordReader)."""

    def __init__(self, name: str | None = None, options: Any = None) -> None:
        from .examples import TFRecordOptions

        kind = TFRecordOptions.get_compression_type_string(options) if options is not None else ""
        super().__init__(apply_op("TFRecordReaderV2", name, [], {"compression_type": kind}))


class FixedLengthRecordReader(ReaderBase):
    """Records of one length, between a header and a footer (tf.FixedLengthRecordReader)."""

    def __init__(self, record_bytes: int, header_bytes: int | None = None, footer_bytes: int | None = None,
                 hop_bytes: int | None = None, name: str | None = None, encoding: str | None = None) -> None:
        super().__init__(apply_op("FixedLengthRecordReaderV2", name, [], {
            "record_bytes": record_bytes, "header_bytes": header_bytes or 0, "footer_bytes": footer_bytes or 0,
            "hop_bytes": hop_bytes or 0, "encoding": encoding or ""}))


class IdentityReader(ReaderBase):
    """The names themselves (tf.IdentityReader)."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(apply_op("IdentityReaderV2", name, []), True)
