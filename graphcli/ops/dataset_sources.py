"""Datasets of tensors, of numbers, and of the lines and records of files (tf.data)."""
from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import DataLoss, InvalidArgument, NotFound
from ..wire.records import Fault, records
from ._datasets import METADATA, OUTPUTS, Dataset, dataset_op, kept
from .checkpoint import path_of

CPU_ONLY = True
_STRINGS = "filenames: string, compression_type: string, buffer_size: int64"


def _tensor(n: Any) -> Any:
    def made(components: Any) -> Dataset:
        element = tuple(kept(n, components))
        return Dataset(lambda: iter([element]), 1)

    return made


def _slices(n: Any) -> Any:
    def made(components: Any) -> Dataset:
        sizes = {len(c) for c in components}
        if len(sizes) > 1:
            raise InvalidArgument(f"the components have {' and '.join(map(str, sorted(sizes)))} rows, and must have as "
                                  "many")
        rows = kept(n, components)
        # a row of a vector of strings is an array too
        return Dataset(lambda: (tuple([r[i, ...] for r in rows]) for i in range(len(rows[0]))), len(rows[0]))

    return made


def _sparse_slices(n: Any) -> Any:
    def made(indices: Any, values: Any, shape: Any) -> Dataset:
        if len(shape) < 1:
            raise InvalidArgument("Input tensor must have at least one axis")
        indices, values, shape = kept(n, (indices, values, shape))
        if (np.diff(indices[:, 0]) < 0).any():
            raise InvalidArgument("the indices of a sparse tensor must be in order")
        ends = np.searchsorted(indices[:, 0], np.arange(int(shape[0]) + 1))

        def rows() -> Iterator[tuple[Any, ...]]:
            for i in range(int(shape[0])):
                some = slice(ends[i], ends[i + 1])
                yield indices[some, 1:], values[some], shape[1:]

        return Dataset(rows, int(shape[0]))

    return made


def counted(numbers: range) -> int:
    """How many numbers there are, which may be more than ``len`` can tell."""
    return max(0, -((numbers.start - numbers.stop) // numbers.step))


def _range(n: Any) -> Any:
    dtype = n.attrs["output_types"][0].as_numpy_dtype

    def made(start: Any, stop: Any, step: Any) -> Dataset:
        if int(step) == 0:
            raise InvalidArgument("step must be a non-zero integer.")
        numbers = range(int(start), int(stop), int(step))
        return Dataset(lambda: ((dtype(i),) for i in numbers), counted(numbers))

    return made


def opened(n: Any, path: Any, compression: Any) -> Any:
    """A file to read. Raises InvalidArgument for a compression that there is not, NotFound for no such file."""
    kind = compression.decode() if isinstance(compression, bytes) else str(compression)
    if kind not in ("", "ZLIB", "GZIP"):
        raise InvalidArgument(f"Unsupported compression_type: {kind}.")
    name = path_of(n, path, reading=True)
    try:
        file: Any = open(name, "rb")  # noqa: SIM115
        if kind == "ZLIB":
            return io.BytesIO(zlib.decompress(file.read()))
        return gzip.GzipFile(fileobj=file) if kind else file
    except FileNotFoundError:
        raise NotFound(f"{name}; No such file or directory") from None
    except zlib.error as error:
        raise DataLoss(f"not a whole {kind} file: {error}") from error


def _files(read: Any) -> Any:
    def kernel(n: Any) -> Any:
        def made(filenames: Any, compression: Any, *sizes: Any) -> Dataset:
            paths = np.asarray(filenames, object).reshape(-1).tolist()
            kind = np.asarray(compression, object).item()

            def start() -> Iterator[tuple[Any, ...]]:
                for path in paths:
                    with opened(n, path, kind) as file:
                        for found in read(file):
                            yield (np.asarray(found, object),)

            return Dataset(start)

        return made

    kernel.__module__ = __name__
    return kernel


def _fixed(n: Any) -> Any:
    def made(filenames: Any, header: Any, record: Any, footer: Any, buffer: Any, compression: Any = b"") -> Dataset:
        before, size, after = int(header), int(record), int(footer)
        if size <= 0 or before < 0 or after < 0:
            raise InvalidArgument("record_bytes must be > 0, header_bytes and footer_bytes >= 0.")

        def read(file: Any) -> Iterator[bytes]:
            whole = file.read()
            inside = len(whole) - before - after
            if inside % size:
                raise InvalidArgument(f"Excluding the header ({before} bytes) and footer ({after} bytes), the input "
                                      f"file has body length {inside} bytes, which is not an exact multiple of the "
                                      f"record length ({size} bytes).")
            for start in range(before, len(whole) - after, size):
                yield whole[start:start + size]

        dataset: Dataset = _files(read)(n)(filenames, compression)
        return dataset

    return made


def _lines(file: Any) -> Iterator[bytes]:
    for line in file:
        line = line.removesuffix(b"\n")
        yield line.removesuffix(b"\r")


def _records(file: Any) -> Iterator[bytes]:
    for record in records(file):
        if isinstance(record, Fault):
            raise DataLoss(f"corrupted record at {record.offset}: {record.message}")
        yield record.data


dataset_op("TensorDataset", "One element (tf.data.Dataset.from_tensors).", "components: list(Toutput_types)",
           f"Toutput_types: list(type) >= 1; output_shapes: list(shape) >= 1; {METADATA}", _tensor)
dataset_op("TensorSliceDataset", "The rows of tensors (tf.data.Dataset.from_tensor_slices).",
           "components: list(Toutput_types)",
           f"Toutput_types: list(type) >= 1; output_shapes: list(shape) >= 1; is_files: bool = False; {METADATA}; "
           "replicate_on_split: bool = False", _slices)
dataset_op("SparseTensorSliceDataset", "The rows of a sparse tensor (from_sparse_tensor_slices).",
           "indices: int64, values: Tvalues, dense_shape: int64", "Tvalues: type", _sparse_slices)
dataset_op("RangeDataset", "Whole numbers one after another (tf.data.Dataset.range).",
           "start: int64, stop: int64, step: int64", f"{OUTPUTS}; {METADATA}; replicate_on_split: bool = False", _range)
dataset_op("TextLineDataset", "The lines of files (tf.data.TextLineDataset).", _STRINGS, METADATA, _files(_lines))
dataset_op("FixedLengthRecordDatasetV2", "The records of files, of one length (tf.data.FixedLengthRecordDataset).",
           "filenames: string, header_bytes: int64, record_bytes: int64, footer_bytes: int64, buffer_size: int64, "
           "compression_type: string", METADATA, _fixed)
dataset_op("TFRecordDataset", "The records of files (tf.data.TFRecordDataset).", _STRINGS, METADATA, _files(_records))
