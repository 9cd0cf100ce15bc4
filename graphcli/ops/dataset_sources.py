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
        return Dataset(lambda: iter([element]))

    return made


def _slices(n: Any) -> Any:
    def made(components: Any) -> Dataset:
        sizes = {len(c) for c in components}
        if len(sizes) > 1:
            raise InvalidArgument(f"the components have {' and '.join(map(str, sorted(sizes)))} rows, and must have as "
                                  "many")
        rows = kept(n, components)
        # a row of a vector of strings is an array too
        return Dataset(lambda: (tuple([r[i, ...] for r in rows]) for i in range(len(rows[0]))))

    return made


def _range(n: Any) -> Any:
    dtype = n.attrs["output_types"][0].as_numpy_dtype

    def made(start: Any, stop: Any, step: Any) -> Dataset:
        if int(step) == 0:
            raise InvalidArgument("step must be a non-zero integer.")
        numbers = range(int(start), int(stop), int(step))
        return Dataset(lambda: ((dtype(i),) for i in numbers))

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
dataset_op("RangeDataset", "Whole numbers one after another (tf.data.Dataset.range).",
           "start: int64, stop: int64, step: int64", f"{OUTPUTS}; {METADATA}; replicate_on_split: bool = False", _range)
dataset_op("TextLineDataset", "The lines of files (tf.data.TextLineDataset).", _STRINGS, METADATA, _files(_lines))
dataset_op("TFRecordDataset", "The records of files (tf.data.TFRecordDataset).", _STRINGS, METADATA, _files(_records))
