"""Training data as files of records: the Example messages (tf.train.Example) and TFRecord files (tf.python_io)."""
from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from typing import Any

from ..errors import DataLoss, InvalidType, InvalidValue, said
from ..wire.messages import message
from ..wire.records import Fault, frame, records
from .error_names import NotFoundError

EXPORTS = """
train: BytesList FloatList Int64List Feature Features FeatureList FeatureLists Example SequenceExample
python_io: TFRecordWriter TFRecordOptions TFRecordCompressionType tf_record_iterator
io: TFRecordWriter TFRecordOptions TFRecordCompressionType tf_record_iterator
"""

BytesList, FloatList, Int64List = message("BytesList"), message("FloatList"), message("Int64List")
Feature, Features = message("Feature"), message("Features")
FeatureList, FeatureLists = message("FeatureList"), message("FeatureLists")
Example, SequenceExample = message("Example"), message("SequenceExample")


class TFRecordCompressionType:
    """How a file of records is compressed (tf.python_io.TFRecordCompressionType)."""

    NONE, ZLIB, GZIP = 0, 1, 2


_KINDS = {TFRecordCompressionType.NONE: "", TFRecordCompressionType.ZLIB: "ZLIB", TFRecordCompressionType.GZIP: "GZIP",
          "": "", "ZLIB": "ZLIB", "GZIP": "GZIP", None: ""}


class TFRecordOptions:
    """Settings of a file of records (tf.python_io.TFRecordOptions); only the compression counts.

    compression_type: a TFRecordCompressionType or '', 'ZLIB', 'GZIP'. Raises InvalidValue for another.
    """

    def __init__(self, compression_type: Any = None, **ignored: Any) -> None:
        if compression_type not in _KINDS:
            raise InvalidValue(f"compression_type is '', 'ZLIB' or 'GZIP', not {said(compression_type)}")
        self.compression_type = compression_type

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """'', 'ZLIB' or 'GZIP' of options, of a compression type, or of None."""
        given = getattr(options, "compression_type", options)
        if given not in _KINDS:
            raise InvalidValue(f"compression_type is '', 'ZLIB' or 'GZIP', not {said(given)}")
        return _KINDS[given]


class TFRecordWriter:
    """Writes bytes as records of a file, which it makes anew (tf.python_io.TFRecordWriter).

    options: TFRecordOptions or a compression type. Raises NotFoundError if the folder is not there.
    """

    def __init__(self, path: Any, options: Any = None) -> None:
        kind = TFRecordOptions.get_compression_type_string(options)
        try:
            self._file: Any = open(path, "wb")  # noqa: SIM115
        except FileNotFoundError:
            raise NotFoundError(f"{os.fspath(path)}: no such file or folder") from None
        self._press = zlib.compressobj(wbits=31 if kind == "GZIP" else 15) if kind else None

    def write(self, record: bytes | str) -> None:
        """One record: bytes, or text as UTF-8. Raises InvalidType for another, InvalidValue if the file is closed."""
        if isinstance(record, str):
            record = record.encode()
        if self._file is None:
            raise InvalidValue("the file of records is closed")
        if not isinstance(record, (bytes, bytearray, memoryview)):
            hint = "example.SerializeToString() makes bytes" if hasattr(record, "SerializeToString") else "b'...'"
            raise InvalidType(f"a record is bytes, not {type(record).__name__}", hint=hint)
        data = frame(bytes(record))
        self._file.write(data if self._press is None else self._press.compress(data))

    def flush(self) -> None:
        if self._file is not None:
            if self._press is not None:
                self._file.write(self._press.flush(zlib.Z_SYNC_FLUSH))
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            if self._press is not None:
                self._file.write(self._press.flush())
            self._file.close()
            self._file = None

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def tf_record_iterator(path: Any, options: Any = None) -> Iterator[bytes]:
    """The records of a file as bytes (tf.python_io.tf_record_iterator).

    Raises NotFoundError if there is no such file, DataLoss where its bytes are damaged or cut off.
    """
    kind = TFRecordOptions.get_compression_type_string(options)
    try:
        file: Any = open(path, "rb")  # noqa: SIM115
    except FileNotFoundError:
        raise NotFoundError(f"{os.fspath(path)}: no such file") from None
    with file:
        try:
            if kind == "ZLIB":
                file = io.BytesIO(zlib.decompress(file.read()))
            elif kind:
                file = gzip.GzipFile(fileobj=file)
            for record in records(file):
                if isinstance(record, Fault):
                    raise DataLoss(f"{os.fspath(path)}: byte {record.offset}: {record.message}")
                yield record.data
        except (zlib.error, EOFError, gzip.BadGzipFile) as error:
            raise DataLoss(f"{os.fspath(path)}: not a whole {kind} file: {error}",
                           hint="options say how the file was compressed") from error
