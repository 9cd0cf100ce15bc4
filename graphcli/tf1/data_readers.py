"""Datasets of the lines and the records of files (tf.data.TextLineDataset, tf.data.TFRecordDataset)."""
from __future__ import annotations

from typing import Any

from ..graph.shapes import TensorShape
from ..graph.types import int64, string
from .conversion import convert_to_tensor
from .data import Dataset, slices_of
from .framework import apply_op
from .modules import modules

EXPORTS = """
data: TextLineDataset TFRecordDataset FixedLengthRecordDataset
"""

tf = modules["tf"]
BUFFER = 256 * 1024
"""Bytes that TensorFlow reads at once."""


def _named(filenames: Any) -> Dataset:
    """The names of files as a dataset."""
    if isinstance(filenames, Dataset):
        return filenames
    given = convert_to_tensor(filenames, string)
    return slices_of(tf.reshape(given, [-1], name="flat_filenames"), is_files=True)


def _reader(op_type: str, filenames: Any, compression_type: Any, buffer_size: Any) -> Dataset:
    files = _named(filenames)

    def lines(filename: Any) -> Dataset:
        kind = convert_to_tensor("" if compression_type is None else compression_type, string, "compression_type")
        size = convert_to_tensor(BUFFER if buffer_size is None else buffer_size, int64, "buffer_size")
        return Dataset(apply_op(op_type, None, [filename, kind, size]), string, TensorShape([]))

    lines.__name__ = "read_one_file" if op_type != "TextLineDataset" else "lambda"
    return files.flat_map(lines)


class FixedLengthRecordDataset(Dataset):
    """The records of files, each of so many bytes, between a header and a footer (tf.data.FixedLengthRecordDataset)."""

    def __init__(self, filenames: Any, record_bytes: Any, header_bytes: Any = None, footer_bytes: Any = None,
                 buffer_size: Any = None, compression_type: Any = None, num_parallel_reads: Any = None,
                 name: str | None = None) -> None:
        sizes = [(0 if header_bytes is None else header_bytes, "header_bytes"), (record_bytes, "record_bytes"),
                 (0 if footer_bytes is None else footer_bytes, "footer_bytes"),
                 (BUFFER if buffer_size is None else buffer_size, "buffer_size")]

        def read_one_file(filename: Any) -> Dataset:
            kind = convert_to_tensor("" if compression_type is None else compression_type, string, "compression_type")
            handle = apply_op("FixedLengthRecordDatasetV2", None,
                              [filename, *(convert_to_tensor(v, int64, what) for v, what in sizes), kind])
            return Dataset(handle, string, TensorShape([]))

        made = _named(filenames).flat_map(read_one_file)
        super().__init__(made._variant_tensor, made._types, made._shapes)


class TextLineDataset(Dataset):
    """The lines of files, without their ends (tf.data.TextLineDataset). compression_type: '', 'ZLIB' or 'GZIP'."""

    def __init__(self, filenames: Any, compression_type: Any = None, buffer_size: Any = None,
                 num_parallel_reads: Any = None, name: str | None = None) -> None:
        made = _reader("TextLineDataset", filenames, compression_type, buffer_size)
        super().__init__(made._variant_tensor, made._types, made._shapes)


class TFRecordDataset(Dataset):
    """The records of files as strings (tf.data.TFRecordDataset). compression_type: '', 'ZLIB' or 'GZIP'."""

    def __init__(self, filenames: Any, compression_type: Any = None, buffer_size: Any = None,
                 num_parallel_reads: Any = None, name: str | None = None) -> None:
        made = _reader("TFRecordDataset", filenames, compression_type, buffer_size)
        super().__init__(made._variant_tensor, made._types, made._shapes)
